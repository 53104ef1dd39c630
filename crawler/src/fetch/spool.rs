//! A body on its way in: in memory while it is short, beyond that in a file without a name.
//!
//! An answer without an end is cut at the limit of its kind, which for files is tens of megabytes. Until it is known
//! to have an end, it need not be held in memory.

use std::{io, path::Path};

use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};

/// Bytes of a body that are held in memory.
const IN_MEMORY: usize = 8 << 20;

/// What has come of a body.
pub(super) struct Spool<'a> {
    /// Where the file is made.
    folder: &'a Path,
    /// What goes before the body, then the body, as far as it is in memory.
    memory: &'a mut Vec<u8>,
    /// Bytes of `memory` that are not the body's.
    head: usize,
    file: Option<File>,
    /// Bytes of the body, all told.
    length: usize,
}

impl<'a> Spool<'a> {
    /// A body that follows what `memory` holds.
    pub(super) fn new(folder: &'a Path, memory: &'a mut Vec<u8>) -> Self {
        Self {
            folder,
            head: memory.len(),
            memory,
            file: None,
            length: 0,
        }
    }

    /// Bytes of the body so far.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// When the file cannot be made or written.
    pub(super) async fn push(&mut self, part: &[u8]) -> io::Result<()> {
        self.length += part.len();
        if let Some(file) = &mut self.file {
            return file.write_all(part).await;
        }
        if self.memory.len() - self.head + part.len() <= IN_MEMORY {
            append(self.memory, part);
            return Ok(());
        }
        let mut file = File::from_std(tempfile::tempfile_in(self.folder)?);
        file.write_all(&self.memory[self.head..]).await?;
        file.write_all(part).await?;
        self.memory.truncate(self.head);
        self.memory.shrink_to_fit();
        self.file = Some(file);
        Ok(())
    }

    /// The body has come to its end: all of it is in memory when this returns.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) async fn end(self) -> io::Result<()> {
        let Some(mut file) = self.file else {
            return Ok(());
        };
        file.rewind().await?;
        self.memory.reserve_exact(self.length);
        file.read_to_end(self.memory).await.map(drop)
    }
}

/// Appends without ever holding much more than there is: doubling would cost as much again as the longest body.
pub(super) fn append(whole: &mut Vec<u8>, part: &[u8]) {
    const STEP: usize = 256 << 10;
    if whole.capacity() - whole.len() < part.len() {
        whole.reserve_exact(part.len().max(STEP).max(whole.len() / 8));
    }
    whole.extend_from_slice(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_the_same_however_long() {
        let folder = tempfile::tempdir().unwrap();
        for parts in [0, 1, 7, 9, 30] {
            let part: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
            let mut memory = b"head".to_vec();
            let mut spool = Spool::new(folder.path(), &mut memory);
            for _ in 0..parts {
                spool.push(&part).await.unwrap();
            }
            assert_eq!(spool.len(), parts * part.len());
            assert_eq!(spool.file.is_some(), parts > 8, "{parts}");
            assert!(spool.memory.len() <= 4 + IN_MEMORY);
            spool.end().await.unwrap();
            assert!(
                memory.starts_with(b"head") && memory[4..] == part.repeat(parts),
                "{parts}"
            );
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_is_an_error() {
        let mut memory = Vec::new();
        let mut spool = Spool::new(Path::new("/nowhere/at/all"), &mut memory);
        assert!(spool.push(&vec![0; IN_MEMORY]).await.is_ok());
        assert!(spool.push(&[0]).await.is_err());
    }
}
