//! Portal files that change while `serve` runs.
//!
//! Once a second the folder is listed, and names, lengths and times are compared with those of the set in force. When
//! they differ, and have not changed since the second before, all files are read and the new set takes the place of the
//! old one ([`SharedPortals`]). A file that went bad is told, and the portal stays as it last was good; one that is gone
//! takes its portal out of the schedules, its reports stay.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::portals::{PortalSet, SharedPortals};

/// How often the folder is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Portals that a line of the log names.
const MAX_NAMED: usize = 20;

/// A file as its folder shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Another one when it was replaced by a rename.
    file: u64,
}

impl Stamp {
    /// The file at a path; `None` when there is none.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&file);
        #[cfg(not(unix))]
        let number = 0;
        Some(Self {
            length: file.len(),
            modified: file.modified().ok(),
            file: number,
        })
    }
}

/// The portal files of a folder, by their paths.
type Stamps = BTreeMap<PathBuf, Stamp>;

/// Keeps a set of portals up to its folder.
#[derive(Debug)]
pub(crate) struct Reload {
    folder: PathBuf,
    portals: SharedPortals,
    /// What the set in force was read from.
    read: Stamps,
    /// What was seen the last time.
    seen: Stamps,
    /// The folder could not be read the last time.
    is_lost: bool,
}

/// What became of the files since they were read the last time, by ids of portals.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: Vec<String>,
    pub(crate) changed: Vec<String>,
    pub(crate) removed: Vec<String>,
}

impl Reload {
    /// Reads the portal files of a folder. One that is not there has none.
    pub(crate) fn begin(folder: PathBuf) -> io::Result<Self> {
        // First: what changes while the files are read differs from it.
        let read = stamps(&folder).unwrap_or_default();
        let portals = SharedPortals::new(PortalSet::read(&folder)?);
        Ok(Self {
            seen: read.clone(),
            read,
            folder,
            portals,
            is_lost: false,
        })
    }

    /// The set that is kept up.
    pub(crate) fn portals(&self) -> &SharedPortals {
        &self.portals
    }

    /// Looks at the folder until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => (),
            }
            block_in_place(|| self.look());
        }
    }

    /// Takes over what has changed and come to rest; tells the log.
    pub(crate) fn look(&mut self) -> Option<Changes> {
        let now = match stamps(&self.folder) {
            Ok(now) => now,
            Err(error) => {
                // Perhaps a disk that comes back: that is no reason to schedule nothing.
                if !self.is_lost && !self.read.is_empty() {
                    let folder = self.folder.display();
                    tracing::warn!(
                        "portal files cannot be read, those known stay in force: {folder}: {error}"
                    );
                }
                self.is_lost = true;
                return None;
            }
        };
        self.is_lost = false;
        let is_at_rest = now == self.seen;
        self.seen = now;
        if self.seen == self.read || !is_at_rest {
            return None;
        }
        let mut set = match PortalSet::read(&self.folder) {
            Ok(set) => set,
            Err(error) => {
                tracing::warn!("portal files cannot be read, those known stay in force: {error}");
                return None;
            }
        };
        let before = self.portals.get();
        keep_last_good(&mut set, &before);
        let changes = compare(&self.read, &self.seen);
        self.portals.replace(set);
        tell(&changes, &self.portals.get(), &before);
        self.read.clone_from(&self.seen);
        Some(changes)
    }
}

/// A portal whose file went bad stays as it was. One whose file is gone does not.
fn keep_last_good(set: &mut PortalSet, before: &PortalSet) {
    for (path, _) in &set.bad {
        let id = id_of(path);
        if let Some(portal) = before.good.get(&id) {
            set.good.entry(id).or_insert_with(|| portal.clone());
        }
    }
}

fn tell(changes: &Changes, set: &PortalSet, before: &PortalSet) {
    for (path, error) in &set.bad {
        let is_told = before
            .bad
            .iter()
            .any(|known| known.0 == *path && known.1 == *error);
        if is_told {
            continue;
        }
        let what = match set.good.contains_key(&id_of(path)) {
            true => "is wrong, its last good version stays in force",
            false => "is left out",
        };
        tracing::warn!("{} {what}: {error}", path.display());
    }
    let Changes {
        added,
        changed,
        removed,
    } = changes;
    tracing::info!(
        "portal files were read again; added: {}; changed: {}; removed: {}",
        names(added),
        names(changed),
        names(removed)
    );
}

fn names(ids: &[String]) -> String {
    match ids.len() {
        0 => "none".to_owned(),
        n if n > MAX_NAMED => format!("{} and {} more", ids[..MAX_NAMED].join(", "), n - MAX_NAMED),
        _ => ids.join(", "),
    }
}

fn compare(before: &Stamps, now: &Stamps) -> Changes {
    let mut changes = Changes::default();
    for (path, stamp) in now {
        match before.get(path) {
            None => changes.added.push(id_of(path)),
            Some(known) if known != stamp => changes.changed.push(id_of(path)),
            Some(_) => (),
        }
    }
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    changes.removed = gone.map(|path| id_of(path)).collect();
    changes
}

/// The portal that a file is of.
fn id_of(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn stamps(folder: &Path) -> io::Result<Stamps> {
    let mut found = Stamps::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        // One that goes away in between is not there.
        let Some(stamp) = Stamp::of(&path) else { continue };
        found.insert(path, stamp);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "seeds = [\"https://www.example.gov.cn/\"]\n";

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn write(&self, id: &str, text: &str) {
            // By a rename, as most editors do; a coarse clock then shows the change all the same.
            let next = self.0.path().join("next");
            fs::write(&next, text).unwrap();
            fs::rename(next, self.0.path().join(format!("{id}.toml"))).unwrap();
        }
    }

    /// The next change that is taken over.
    fn settle(reload: &mut Reload) -> Changes {
        assert_eq!(reload.look(), None, "not before it is at rest");
        let changes = reload.look().unwrap();
        assert_eq!(reload.look(), None);
        changes
    }

    #[test]
    fn what_went_bad_stays_and_what_is_gone_goes() {
        let folder = Folder::new();
        folder.write("a", GOOD);
        folder.write("b", GOOD);
        let mut reload = Reload::begin(folder.0.path().to_owned()).unwrap();
        let portals = reload.portals().clone();
        assert_eq!(reload.look(), None);

        folder.write("a", &format!("{GOOD}name = 7\n"));
        folder.write("c", GOOD);
        folder.write("d", "seeds = 1\n");
        let changes = settle(&mut reload);
        assert_eq!(
            (&changes.added[..], &changes.changed[..]),
            (&["c".to_owned(), "d".to_owned()][..], &["a".to_owned()][..])
        );
        let set = portals.get();
        assert_eq!(set.good.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(set.fault("a").is_some() && set.fault("d").is_some());

        // Bad once more, in another way: still the version that was good.
        folder.write("a", "seeds = []\n");
        fs::remove_file(folder.0.path().join("b.toml")).unwrap();
        assert_eq!(settle(&mut reload).removed, ["b"]);
        let set = portals.get();
        assert_eq!(set.good.keys().collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(set.good["a"].seeds[0].as_str(), "https://www.example.gov.cn/");

        folder.write("a", &format!("{GOOD}name = \"甲县\"\n"));
        settle(&mut reload);
        assert!(portals.get().fault("a").is_none());
        assert_eq!(portals.get().good["a"].name, "甲县");
    }

    #[test]
    fn a_folder_that_is_away_for_a_while_takes_nothing_with_it() {
        let folder = Folder::new();
        folder.write("a", GOOD);
        let mut reload = Reload::begin(folder.0.path().to_owned()).unwrap();
        let away = folder.0.path().with_extension("away");
        fs::rename(folder.0.path(), &away).unwrap();
        assert_eq!((reload.look(), reload.look()), (None, None));
        assert!(reload.portals().get().good.contains_key("a"));
        fs::rename(&away, folder.0.path()).unwrap();
        assert_eq!((reload.look(), reload.look()), (None, None));
    }
}
