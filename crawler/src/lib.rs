//! From a portal file to archived pages to reports.

mod archive;
mod catalog;
mod extract;
mod import;
mod lock;
mod store;

pub use crate::archive::{Capture, CaptureBody, CaptureKind, Location, PortalView, Truncated};
pub use crate::catalog::{Catalog, Op};
pub use crate::extract::{
    Decoded, ExtractError, Hints, InvalidSelector, Media, Selectors, Source, decode, describe, extract,
    refresh_derived,
};

mod politeness;
mod portal;
mod robots;
mod url;

pub use crate::portal::{Family, Limits, Portal, PortalError, Portals, load_portal, load_portals};
pub use crate::url::canonical;
pub use crate::import::{Failure, ImportSummary, Progress, import};
pub use crate::lock::{Holder, LockWait};
pub use crate::store::{Given, Ingest, Ingested, PortalLookup, Store, StoreError};
