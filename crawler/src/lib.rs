//! From a portal file to archived pages to reports.

mod archive;
mod catalog;
mod crawl;
mod extract;
mod fetch;
mod files;
mod frontier;
pub mod health;
mod import;
mod links;
mod lists;
mod lock;
mod pack;
mod politeness;
mod portal;
mod private;
mod profiles;
mod reading;
mod rebuild;
mod retention;
mod robots;
mod space;
mod store;
mod url;

pub use crate::archive::{
    Archive, ArchiveError, ArchiveFile, Capture, CaptureBody, CaptureKind, FileRef, Found, Location, Payload,
    PayloadError, PortalView, Position, Scan, Truncated,
};
pub use crate::catalog::{
    Catalog, CatalogCopy, CatalogError, Cell, CellState, CoverageQuery, Ledger, Op, PortalFigures,
    PortalScope, Recorded, VersionInfo, block_portal, mark, unblock_portal,
};
pub use crate::crawl::{
    AlreadyCrawled, Answered, CheckFailure, Clock, ColumnSeen, CrawlConfig, CrawlError, CrawlOptions, Engine,
    FamilySeen, ListSeen, LiveCheck, Observer, PortalCrawl, PortalStatus, PortalSummary, RegionSeen,
    ReportCounts, ReportSeen, RequestSeen, RobotsSeen, RowSeen, SoFar, Step, Visited, check_live, crawl,
};
pub use crate::extract::{
    Attached, Decoded, EncodingBasis, ExtractError, Hints, InvalidSelector, Media, Profile, Selectors,
    Source, decode, describe, explain, extract, extract_explained, parse_html, refresh_derived,
};
pub use crate::fetch::{Courier, CourierError, Letter, Receipt};
pub use crate::files::{
    FileLimits, FileOutcome, FileReading, FileWorker, file_name, read as read_file, serve_file,
};
pub use crate::frontier::{KnownPortal, ListRecord, LiveliestList, known_portals};
pub use crate::import::{Failure, IMPORT_PORTAL, ImportSummary, LineError, Progress, import};
pub use crate::lock::{Announce, Holder, LockError, LockWait, who_waits};
pub use crate::portal::{
    Family, FileCheck, Hours, Limits, Portal, PortalError, Portals, Schedule, check_portal_file,
    is_portal_id, load_portal, load_portals,
};
pub use crate::private::make_private;
pub use crate::reading::{ReadError, Readers, Reading, read_capture};
pub use crate::rebuild::{RebuildError, RebuildProgress, RebuildSummary, Rebuilt, rebuild};
pub use crate::retention::Ages;
pub use crate::space::{DiskFull, MinFree, Space};
pub use crate::store::{Given, Ingest, Ingested, PortalLookup, Store, StoreError};
pub use crate::url::canonical;
