//! A copy of the catalog beside whoever writes to it.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{Catalog, CatalogError};
use crate::archive::Position;

/// Pages copied in one go: 4 MiB.
const STEP: i32 = 1024;

/// What a copy of the catalog holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogCopy {
    /// How far it reflects the archive: all it speaks of stands before.
    pub archive_end: Position,
    /// Reports in it.
    pub reports: u64,
    /// Number of its last news for the index.
    pub outbox_end: u64,
}

impl Catalog {
    /// Copies everything in the file, the tables of others included, as it stands at one moment, to a new file at
    /// `to`. Durable on return. `told` hears of the pages copied and in all, and ends it by `false`.
    ///
    /// The one snapshot is held from the first page to the last, so that writers go on and the copy is never begun
    /// again.
    ///
    /// # Errors
    /// When the catalog cannot be read, or is damaged, or the copy cannot be written. `None` when it was ended.
    pub fn copy_to(
        &self,
        to: &Path,
        told: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Option<CatalogCopy>, CatalogError> {
        let snapshot = self.connection.unchecked_transaction()?;
        let copied = CatalogCopy {
            archive_end: self.archive_end()?,
            reports: self.count()?,
            outbox_end: self.outbox_end()?,
        };
        let failed = |source| CatalogError::opening(to, source);
        let mut target = Connection::open(to).map_err(failed)?;
        // Nobody sees the file before it is whole and synced.
        target.pragma_update(None, "synchronous", "off").map_err(failed)?;
        {
            let backup = Backup::new(&self.connection, &mut target)?;
            loop {
                match backup.step(STEP)? {
                    StepResult::Done => break,
                    StepResult::Busy | StepResult::Locked => std::thread::sleep(Duration::from_millis(50)),
                    _ => (),
                }
                let at = backup.progress();
                let total = u64::try_from(at.pagecount).unwrap_or(0);
                let left = u64::try_from(at.remaining).unwrap_or(0);
                if !told(total.saturating_sub(left), total) {
                    return Ok(None);
                }
            }
        }
        drop(snapshot);
        // As one file, without a second one beside it for what was written last.
        target
            .pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))
            .map_err(failed)?;
        let check = target.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))?;
        if check != "ok" {
            return Err(CatalogError::Unsound(check));
        }
        drop(target);
        File::open(to)
            .and_then(|file| file.sync_all())
            .map_err(|source| CatalogError::Unsynced {
                path: to.to_owned(),
                source,
            })?;
        Ok(Some(copied))
    }
}
