//! Room on a file system, and how much of it is to be left.

use std::{fmt, io, path::Path};

/// Room on the file system that a path is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this user may still write.
    pub free: u64,
    /// Bytes of the whole file system.
    pub total: u64,
}

impl Space {
    /// Asks the file system of `path`.
    ///
    /// # Errors
    /// When there is no such path, or the file system does not say.
    pub fn of(path: &Path) -> io::Result<Self> {
        let at = rustix::fs::statvfs(path)?;
        Ok(Self {
            free: at.f_bavail.saturating_mul(at.f_frsize),
            total: at.f_blocks.saturating_mul(at.f_frsize),
        })
    }
}

/// How much room writers leave: a number of bytes, a share of the file system, or whichever of both is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinFree {
    /// Bytes.
    pub bytes: Option<u64>,
    /// Hundredths of the file system.
    pub percent: Option<u8>,
}

impl Default for MinFree {
    /// 2 GiB or 5 %, whichever is less.
    fn default() -> Self {
        Self {
            bytes: Some(2 << 30),
            percent: Some(5),
        }
    }
}

impl MinFree {
    /// No room needs to be left.
    pub const NONE: Self = Self {
        bytes: Some(0),
        percent: None,
    };

    /// Bytes to be left of a file system with `total` bytes.
    pub fn of(self, total: u64) -> u64 {
        let share = self.percent.map(|percent| total / 100 * u64::from(percent));
        self.bytes.into_iter().chain(share).min().unwrap_or(0)
    }

    /// Why `coming` more bytes must not be written to where `path` is, in the words of a summary; `None` when they may.
    /// A file system that does not say how much room there is stops nobody.
    pub fn refuses(self, path: &Path, coming: u64) -> Option<DiskFull> {
        let Space { free, total } = Space::of(path).ok()?;
        let needed = self.of(total);
        (free.saturating_sub(coming) < needed).then_some(DiskFull { free, needed })
    }
}

/// There is too little room to write on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct DiskFull {
    /// Bytes that are free.
    pub free: u64,
    /// Bytes that are to be left free.
    pub needed: u64,
}

impl fmt::Display for DiskFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        write!(
            f,
            "disk_full: {} MiB are free where the data is, {} MiB are to be left ([data] min_free); make room, and the \
             next run goes on",
            self.free >> 20,
            mib(self.needed)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lesser_of_both_is_left() {
        let usual = MinFree::default();
        assert_eq!(usual.of(1_000 << 30), 2 << 30);
        assert_eq!(usual.of(10 << 30), (10 << 30) / 100 * 5);
        assert_eq!(MinFree::NONE.of(1 << 40), 0);
    }

    #[test]
    fn what_is_coming_counts() {
        let here = Path::new(".");
        let Space { free, total } = Space::of(here).unwrap();
        assert!(free <= total && total > 0);
        let plenty = MinFree {
            bytes: Some(1),
            percent: None,
        };
        assert_eq!(plenty.refuses(here, 0), None);
        let told = plenty.refuses(here, u64::MAX).unwrap().to_string();
        assert!(told.starts_with("disk_full: "), "{told}");
        assert_eq!(plenty.refuses(Path::new("/no/such/place"), u64::MAX), None);
    }
}
