//! ZIP containers, within bounds.
//!
//! A container may claim any number of parts of any size; a few KiB can unpack to GiB. So parts are counted, and each
//! byte that is unpacked is taken from a budget for the whole container.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::reason;

/// Most bytes that are unpacked of one container, all parts together.
pub(super) const MAX_UNPACKED: u64 = 192 << 20;

/// Most parts of a container.
const MAX_PARTS: usize = 20_000;

/// An open container.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<'a> Package<'a> {
    /// # Errors
    /// When there is no table of contents, or it is too long.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| reason::DAMAGED)?;
        if archive.len() > MAX_PARTS {
            return Err(reason::TOO_COMPLEX);
        }
        Ok(Self {
            archive,
            left: MAX_UNPACKED,
        })
    }

    /// Whether there is such a part. Case and kind of slash do not matter, as some programs write them at will.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Whether there is a part below a folder; `folder` ends with a slash.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let folder = folder.as_bytes();
        let mut names = self.archive.file_names_raw();
        names.any(|name| name.get(..folder.len()).is_some_and(|begin| same(begin, folder)))
    }

    /// Whether its parts say themselves that they unpack to more than is read.
    pub(super) fn claims_too_much(&self) -> bool {
        self.archive
            .decompressed_size()
            .is_some_and(|size| size > u128::from(MAX_UNPACKED))
    }

    fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim_start_matches('/').as_bytes();
        let mut names = self.archive.file_names_raw();
        names.position(|other| same(other.strip_prefix(b"/").unwrap_or(other), name))
    }

    /// The part of that name, unpacked; `None` when there is none.
    ///
    /// # Errors
    /// When it is damaged, needs a password, or unpacks to more than is left.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, &'static str> {
        self.find(name).map(|index| self.unpack(index)).transpose()
    }

    /// The part of that name as text; `None` when it is not there or cannot be unpacked.
    ///
    /// # Errors
    /// When it unpacks to more than is left.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, &'static str> {
        match self.part(name) {
            Ok(part) => Ok(part.map(|bytes| crate::extract::decode(&bytes, None).text)),
            Err(reason::DAMAGED) => Ok(None),
            Err(reason) => Err(reason),
        }
    }

    /// Indices of its parts, without folders.
    pub(super) fn files(&self) -> Vec<usize> {
        let names = self.archive.file_names_raw().enumerate();
        names
            .filter(|(_, name)| !name.ends_with(b"/") && !name.ends_with(b"\\"))
            .map(|(index, _)| index)
            .collect()
    }

    /// Name of a part as it is written; empty when there is none.
    pub(super) fn name(&self, index: usize) -> &[u8] {
        self.archive.file_names_raw().nth(index).unwrap_or_default()
    }

    /// A part by its index.
    ///
    /// # Errors
    /// When it is damaged, needs a password, or unpacks to more than is left.
    pub(super) fn unpack(&mut self, index: usize) -> Result<Vec<u8>, &'static str> {
        let part = match self.archive.by_index(index) {
            Ok(part) => part,
            Err(zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED)) => {
                return Err(reason::ENCRYPTED);
            }
            Err(zip::result::ZipError::UnsupportedArchive(_)) => return Err(reason::UNSUPPORTED),
            Err(_) => return Err(reason::DAMAGED),
        };
        let mut bytes = Vec::new();
        let mut part = part.take(self.left.saturating_add(1));
        let read = part.read_to_end(&mut bytes);
        if bytes.len() as u64 > self.left {
            return Err(reason::TOO_COMPLEX);
        }
        self.left -= bytes.len() as u64;
        // What was unpacked before the damage is of no use: its end is missing.
        read.map_err(|_| reason::DAMAGED)?;
        Ok(bytes)
    }
}

fn same(one: &[u8], other: &[u8]) -> bool {
    let plain = |b: &u8| if *b == b'\\' { b'/' } else { b.to_ascii_lowercase() };
    one.len() == other.len() && one.iter().map(plain).eq(other.iter().map(plain))
}
