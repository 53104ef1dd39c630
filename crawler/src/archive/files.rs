//! The files of an archive: their names, and their order.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Folder of the archive in a data directory.
const FOLDER: &str = "archive";

/// The folder of the archive in `data_dir`.
pub(crate) fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join(FOLDER)
}

/// Name of the file with a serial number.
pub(crate) fn name(serial: u32) -> String {
    format!("gongbao-{serial:06}.warc.gz")
}

/// Serial numbers of the files that are there, from the first. Files with other names are not ours: what they hold
/// comes in by an import.
pub(crate) fn serials(folder: &Path) -> io::Result<Vec<u32>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut serials = Vec::new();
    for entry in entries {
        let entry = entry?.file_name();
        let serial = entry.to_str().and_then(|entry| {
            let serial = entry
                .strip_prefix("gongbao-")?
                .strip_suffix(".warc.gz")?
                .parse()
                .ok()?;
            (name(serial) == entry).then_some(serial)
        });
        serials.extend(serial);
    }
    serials.sort_unstable();
    Ok(serials)
}

/// Makes a new entry of a folder last. Only Unix knows how.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
