//! The manifest of a backup: what belongs to it, and by what to tell that it is whole.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use index::Receiving;
use jiff::Timestamp;
use report::ChinaTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ARCHIVE, CATALOG, INCOMPLETE, INDEX};
use crate::failure::wrong_call;

/// Name of the manifest.
const FILE: &str = "backup.json";
/// Format of manifest and folder.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// See [`FORMAT`].
    pub(crate) format: u32,
    /// Program that made it.
    pub(crate) program: String,
    /// When it was begun, in China time. A text, so that the seal holds however an older program wrote it.
    pub(crate) created_at: String,
    /// Counts the backups in this folder.
    pub(crate) serial: u32,
    /// Reports in the catalog.
    pub(crate) reports: u64,
    /// How far the copy of the index goes; `None` when there is none, and it is derived.
    pub(crate) index_watermark: Option<u64>,
    /// Every file.
    pub(crate) files: Vec<Entry>,
    /// SHA-256 of this manifest with an empty text in this place.
    seal: String,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Where it is in the backup.
    pub(crate) path: String,
    /// Where it belongs: `archive/NAME`, `catalog.db` or `index/NAME`.
    pub(crate) to: String,
    /// Its length. The file may be longer, when a later backup was interrupted.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes, in hexadecimal digits.
    pub(crate) sha256: String,
}

/// Where a file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Archive(&'a str),
    Catalog,
    Index(&'a str),
}

impl Entry {
    /// Where it belongs; an error when that is no place in a data directory.
    pub(super) fn place(&self) -> anyhow::Result<Place<'_>> {
        let place = match self.to.split_once('/') {
            None if self.to == CATALOG => Some(Place::Catalog),
            Some((ARCHIVE, name)) if Receiving::is_name(name) && name.ends_with(".warc.gz") => {
                Some(Place::Archive(name))
            }
            Some((INDEX, name)) if Receiving::is_name(name) => Some(Place::Index(name)),
            _ => None,
        };
        let inside = Path::new(&self.path)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        match place {
            Some(place) if inside && !self.path.is_empty() => Ok(place),
            _ => bail!(
                "the manifest names {:?} for {:?}, which is nothing a backup holds",
                self.path,
                self.to
            ),
        }
    }
}

impl Manifest {
    pub(super) fn new(created_at: Timestamp, serial: u32) -> Self {
        Self {
            format: FORMAT,
            program: concat!("gongbao ", env!("CARGO_PKG_VERSION")).to_owned(),
            created_at: ChinaTime::from(created_at).to_string(),
            serial,
            reports: 0,
            index_watermark: None,
            files: Vec::new(),
            seal: String::new(),
        }
    }

    /// The manifest as text, with its seal.
    fn sealed(&self) -> anyhow::Result<String> {
        let text = |seal: String| {
            let manifest = Self { seal, ..self.clone() };
            serde_json::to_string_pretty(&manifest)
        };
        let seal = Sha256::digest(text(String::new())?);
        Ok(text(HEXLOWER.encode(&seal))? + "\n")
    }

    /// Reads the manifest of the backup in `dir`; `None` when there is none.
    pub(super) fn read(dir: &Path) -> anyhow::Result<Option<Self>> {
        let path = dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let damaged = || format!("{} is damaged", path.display());
        let value: serde_json::Value = serde_json::from_str(&text).with_context(damaged)?;
        match value["format"].as_u64() {
            Some(format) if format == u64::from(FORMAT) => (),
            Some(format) => bail!(
                "{} has format {format}, this program knows {FORMAT}; use the one that wrote it ({})",
                path.display(),
                value["program"]
            ),
            None => bail!("{} is no manifest of a backup", path.display()),
        }
        let manifest: Self = serde_json::from_value(value).with_context(damaged)?;
        if manifest.sealed()? != text {
            bail!("{} was altered", path.display());
        }
        for entry in &manifest.files {
            entry.place().with_context(damaged)?;
        }
        Ok(Some(manifest))
    }

    /// Reads the manifest of the backup in `dir`; without one, an error that says what is there instead.
    pub(super) fn of_backup(dir: &Path) -> anyhow::Result<Self> {
        if let Some(manifest) = Self::read(dir)? {
            return Ok(manifest);
        }
        Err(wrong_call(if !dir.is_dir() {
            format!("no backup at {}", dir.display())
        } else if dir.join(INCOMPLETE).exists() {
            format!(
                "the backup in {} was interrupted before it was whole; `gongbao backup {0}` goes on with it",
                dir.display()
            )
        } else {
            format!("{} is no backup: it has no {FILE}", dir.display())
        }))
    }

    /// Puts this manifest in the place of the one in `dir`, at once and durably.
    pub(super) fn write(&self, dir: &Path) -> anyhow::Result<()> {
        let next = dir.join(format!("{FILE}.new"));
        let write = || -> anyhow::Result<()> {
            let mut file = File::create(&next)?;
            file.write_all(self.sealed()?.as_bytes())?;
            file.sync_all()?;
            fs::rename(&next, dir.join(FILE))?;
            sync_folder(dir)?;
            Ok(())
        };
        write().with_context(|| format!("cannot write {}", next.display()))
    }

    /// The entry of what belongs at `to`.
    pub(super) fn of(&self, to: &str) -> Option<&Entry> {
        self.files.iter().find(|entry| entry.to == to)
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|entry| entry.bytes).sum()
    }

    /// Folder of what is made anew in every backup.
    pub(super) fn state_folder(serial: u32) -> PathBuf {
        format!("state-{serial:06}").into()
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_entry_leads_out_of_a_folder() {
        let entry = |path: &str, to: &str| Entry {
            path: path.to_owned(),
            to: to.to_owned(),
            bytes: 1,
            sha256: String::new(),
        };
        let good = [
            ("state-000001/catalog.db", "catalog.db"),
            ("archive/gongbao-000001.warc.gz", "archive/gongbao-000001.warc.gz"),
            ("index/0a.store", "index/0a.store"),
            ("state-000001/.managed.json", "index/.managed.json"),
        ];
        for (path, to) in good {
            entry(path, to).place().unwrap();
        }
        let bad = [
            ("/etc/passwd", "catalog.db"),
            ("../catalog.db", "catalog.db"),
            ("", "catalog.db"),
            ("a", "../catalog.db"),
            ("a", "archive/../x.warc.gz"),
            ("a", "archive/a/b.warc.gz"),
            ("a", "index/.."),
            ("a", "index/"),
            ("a", "lock"),
            ("a", "/catalog.db"),
        ];
        for (path, to) in bad {
            assert!(entry(path, to).place().is_err(), "{path} {to}");
        }
    }
}
