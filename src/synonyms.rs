//! The file of synonyms that `[search] synonyms` names, read at the start and again when it changes.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use index::{Reader, Synonyms};
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::{failure::wrong_call, reload::Stamp};

/// How often the file is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Reads a file of synonyms.
///
/// # Errors
/// When it cannot be read, or a line of it is wrong.
pub(crate) fn read(path: &Path) -> anyhow::Result<Arc<Synonyms>> {
    let text = fs::read_to_string(path)
        .map_err(|error| wrong_call(format!("cannot read the synonyms in {}: {error}", path.display())))?;
    let synonyms =
        Synonyms::parse(&text).map_err(|error| wrong_call(format!("{}: {error}", path.display())))?;
    Ok(Arc::new(synonyms))
}

/// Keeps the synonyms of a reader up to their file.
#[derive(Debug)]
pub(crate) struct Watch {
    path: PathBuf,
    /// What was read last.
    read: Option<Stamp>,
    /// What was seen last.
    seen: Option<Stamp>,
}

impl Watch {
    /// Reads the file for a reader.
    ///
    /// # Errors
    /// As [`read`].
    pub(crate) fn begin(path: PathBuf, reader: &Reader) -> anyhow::Result<Self> {
        // First: a change while the file is read is noticed.
        let stamp = Stamp::of(&path);
        reader.use_synonyms(read(&path)?);
        Ok(Self {
            path,
            read: stamp,
            seen: stamp,
        })
    }

    /// Looks at the file until `stop`.
    pub(crate) async fn run(mut self, reader: Reader, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => (),
            }
            if let Some(synonyms) = block_in_place(|| self.look()) {
                reader.use_synonyms(synonyms);
            }
        }
    }

    /// The synonyms, when the file has changed and come to rest. What went bad is told, and stays as it was.
    fn look(&mut self) -> Option<Arc<Synonyms>> {
        let now = Stamp::of(&self.path);
        let is_at_rest = now == self.seen;
        self.seen = now;
        if now == self.read || !is_at_rest {
            return None;
        }
        self.read = now;
        match read(&self.path) {
            Ok(synonyms) => {
                tracing::info!(version = synonyms.version(), "synonyms were read again");
                Some(synonyms)
            }
            Err(error) => {
                tracing::warn!("{error:#}; the synonyms known stay in force");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_taken_over_and_a_mistake_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("synonyms.txt");
        // By a rename, as most editors do; a coarse clock then shows the change all the same.
        let write = |text: &str| {
            let next = folder.path().join("next");
            fs::write(&next, text).unwrap();
            fs::rename(next, &path).unwrap();
        };
        write("a, b\n");
        let stamp = Stamp::of(&path);
        let mut watch = Watch {
            path: path.clone(),
            read: stamp,
            seen: stamp,
        };
        assert_eq!(watch.look(), None);
        write("a, c\n");
        assert_eq!(watch.look(), None, "not before it is at rest");
        assert_eq!(watch.look(), Some(Arc::new(Synonyms::parse("a, c\n").unwrap())));
        write("a\n");
        assert_eq!((watch.look(), watch.look(), watch.look()), (None, None, None));
        fs::remove_file(&path).unwrap();
        assert_eq!((watch.look(), watch.look()), (None, None));
        write("a, d\n");
        watch.look();
        assert!(watch.look().is_some());
    }

    #[test]
    fn errors_name_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("synonyms.txt");
        assert!(read(&path).unwrap_err().to_string().contains("synonyms.txt"));
        fs::write(&path, "a, b\nc\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("synonyms.txt: line 2: "), "{error}");
    }
}
