//! What every command that writes does first: take the data directory's lock, or say whom it waits for.

use std::{collections::HashMap, path::Path, sync::Arc};

use anyhow::Context;
use crawler::{FileWorker, Holder, LockError, LockWait, Portal, PortalLookup, Readers, Store, StoreError};

use super::Settings;
use crate::shutdown::Stop;

/// Opens the store of the data directory for `command`.
pub(super) fn open_store(
    settings: &Settings,
    no_wait: bool,
    command: &str,
    stop: &Stop,
) -> anyhow::Result<Store> {
    open_store_for(settings, no_wait, command, &known_portals(settings), stop)
}

/// The same, with portals that were read already.
pub(super) fn open_store_for(
    settings: &Settings,
    no_wait: bool,
    command: &str,
    portals: &[Portal],
    stop: &Stop,
) -> anyhow::Result<Store> {
    opened(settings, no_wait, stop, |dir, wait| {
        Store::open(dir, readers(portals), wait, command)
    })
}

/// Opens the store even when its catalog is gone or damaged.
pub(super) fn open_store_for_rebuild(
    settings: &Settings,
    no_wait: bool,
    stop: &Stop,
) -> anyhow::Result<Store> {
    let portals = known_portals(settings);
    opened(settings, no_wait, stop, |dir, wait| {
        Store::open_for_rebuild(dir, readers(&portals), wait, "index rebuild")
    })
}

fn opened(
    settings: &Settings,
    no_wait: bool,
    stop: &Stop,
    open: impl FnOnce(&Path, LockWait<'_>) -> Result<Store, StoreError>,
) -> anyhow::Result<Store> {
    let dir = settings.data_to_write()?;
    let announce = |holder: Option<&Holder>| match holder {
        Some(holder) => tracing::warn!("waiting for {holder}, which is writing to {}", dir.display()),
        None => tracing::warn!(
            "waiting for another process, which is writing to {}",
            dir.display()
        ),
    };
    let wait = if no_wait {
        LockWait::Fail
    } else {
        LockWait::Wait {
            announce: Box::new(announce),
            cancel: &stop.flag,
        }
    };
    let mut store =
        open(dir, wait).with_context(|| format!("cannot write to data directory {}", dir.display()))?;
    store.set_min_free(settings.config.data.min_free);
    Ok(store)
}

/// Whether opening failed only because another process writes.
pub(super) fn is_held(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref::<StoreError>(),
        Some(StoreError::Lock(LockError::Held { .. }))
    )
}

/// Portal files as they are today, and files read by this program in processes of their own.
pub(super) fn readers(portals: &[Portal]) -> Readers {
    readers_by(lookup(portals))
}

/// The same, with portal files that are looked up as they are at the moment.
pub(crate) fn readers_by(portals: PortalLookup) -> Readers {
    // Without the program's own path no file is read, and each says so.
    let program = std::env::current_exe().unwrap_or_default();
    Readers {
        portals,
        files: FileWorker::new(program, vec!["read-file".into()]),
    }
}

fn lookup(portals: &[Portal]) -> PortalLookup {
    let views: HashMap<String, _> = portals
        .iter()
        .map(|portal| (portal.id.clone(), portal.view()))
        .collect();
    Arc::new(move |id| views.get(id).cloned())
}

/// The portal files that can be read; bad ones are the crawl's business, not an import's.
fn known_portals(settings: &Settings) -> Vec<Portal> {
    let folder = &settings.config.crawl.portals;
    if !folder.is_dir() {
        return Vec::new();
    }
    crawler::load_portals(folder)
        .map(|portals| portals.good)
        .unwrap_or_default()
}
