//! Backups: a consistent copy of a data directory, and a data directory out of one.
//!
//! ```text
//! DIR/backup.json            the manifest: every file with its length and SHA-256; a backup is whole when it is there
//! DIR/archive/*.warc.gz      the archive; it only grows, so later backups append to the copies
//! DIR/index/*                segments of the index; they never change, so later backups keep them
//! DIR/state-000001/          the catalog, and what the index says of its segments: anew in every backup
//! DIR/incomplete             there while a backup is being made
//! DIR/lock                   held by whoever makes one
//! ```
//!
//! A backup is taken in the order index, catalog, archive ([`mod@take`]): each is a state at one moment, and each may be older
//! than the next, never newer. The catalog names the place in the archive up to which it speaks, and the copy of the
//! archive ends there. What the index lacks is in the catalog's outbox, or is derived when the backup is restored
//! ([`mod@restore`]).
//!
//! The manifest is replaced last, by a rename. Until then that of the last backup holds, and all it names is still
//! there.

mod copying;
mod manifest;
mod restore;
mod take;

pub(crate) use self::{
    restore::{is_unfinished, restore},
    take::take,
};

/// Folder of the archive's files, as in a data directory.
const ARCHIVE: &str = "archive";
/// Folder of the index's segments.
const INDEX: &str = "index";
/// Name of the catalog, as in a data directory.
const CATALOG: &str = "catalog.db";
/// There while a backup is being made.
const INCOMPLETE: &str = "incomplete";
