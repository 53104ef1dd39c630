//! The catalog: what is known of portals, addresses, reports and their versions, in SQLite.

use report::{Report, ReportId};

/// The catalog of a data directory.
#[derive(Debug)]
pub struct Catalog {
    connection: rusqlite::Connection,
}

/// One change for the index.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Add the report, or put it in the place of the one with its id.
    Upsert(Box<Report>),
    /// Take the report out.
    Remove(ReportId),
}
