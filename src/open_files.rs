//! How many files and connections the process may have open.
//!
//! A crawl has a connection to every host it asks, and the usual limit of 1,024 is a caution for programs of another
//! age: a process may raise it up to the limit that its administrator set.

/// What a crawl needs besides its connections: archive, catalog, the segments of the index.
const OTHERS: u64 = 512;

/// Raises the limit as far as it may be, and warns when that is not enough for `connections` at once.
pub(crate) fn allow(connections: usize) {
    let needed = OTHERS + connections as u64;
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < needed => tracing::warn!(
            limit,
            needed,
            "only {limit} files may be open at once, and {connections} hosts need up to {needed}; raise it with `ulimit -n`"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "how many files may be open at once cannot be changed"),
    }
}
