//! Whether there is room for more on the disk of the data directory, for those who answer while others write.

use std::path::PathBuf;

use crawler::{MinFree, Space};

/// Looks at the disk of a data directory.
#[derive(Clone, Debug)]
pub struct Disk {
    data: PathBuf,
    min_free: MinFree,
}

impl Disk {
    /// The disk of a data directory, of which `min_free` is to be left.
    pub fn new(data: PathBuf, min_free: MinFree) -> Self {
        Self { data, min_free }
    }

    /// How much room is to be left.
    pub fn min_free(&self) -> MinFree {
        self.min_free
    }

    /// Bytes that are free, and bytes that are to be left free; `None` when the system does not say.
    pub fn room(&self) -> Option<(u64, u64)> {
        let Space { free, total } = Space::of(&self.data).ok()?;
        Some((free, self.min_free.of(total)))
    }

    /// Why nothing more is crawled or imported now, beginning with `disk_full`.
    pub fn trouble(&self) -> Option<String> {
        let full = self.min_free.refuses(&self.data, 0)?;
        Some(full.to_string())
    }
}
