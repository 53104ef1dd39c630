//! Files that hold secrets: nobody but their owner reads them.

use std::{
    fs::File,
    io::{self, ErrorKind},
    path::Path,
};

/// Makes an empty file that only its owner reads, where there is none; one that is there keeps the rights that its owner
/// gave it.
///
/// # Errors
/// When it cannot be made.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}
