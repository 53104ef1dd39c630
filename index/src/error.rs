//! What can go wrong, by operation.

use std::{io, path::PathBuf};

/// The index could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// There is no index yet.
    #[error("no index at {0}; import or crawl something, or run `gongbao index rebuild`")]
    Missing(PathBuf),
    /// It was written by another version of the program.
    #[error(
        "the index at {path} has schema version {found}, this program needs {expected}; the next `gongbao crawl`, `import` \
         or `serve` makes it anew, `gongbao index rebuild` does at once"
    )]
    SchemaVersion {
        /// Directory of the index.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What this program writes and reads.
        expected: u32,
    },
    /// Another process or another writer of this process is writing.
    #[error("the index at {0} is being written by another process")]
    Locked(PathBuf),
    /// What is on disk does not hold together.
    #[error("the index at {path} is damaged ({detail}); run `gongbao index rebuild`")]
    Damaged {
        /// Directory of the index.
        path: PathBuf,
        /// What was noticed.
        detail: String,
    },
    /// A file could not be read or written.
    #[error("failed to {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The engine refused.
    #[error("the search engine failed at {path}")]
    Engine {
        /// Directory of the index.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A search was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The query cannot be read, or is over a limit.
    #[error("{message}")]
    InvalidQuery {
        /// Unicode characters of the query before the place that is wrong.
        position: usize,
        /// What is wrong.
        message: String,
        /// What to write instead.
        hint: String,
    },
    /// One of several queries cannot be read.
    #[error("query {nth}, {q:?}: {message}")]
    InvalidQueryOf {
        /// Which, from 1.
        nth: usize,
        /// The query, or its beginning.
        q: String,
        /// Unicode characters of it before the place that is wrong.
        position: usize,
        /// What is wrong.
        message: String,
        /// What to write instead.
        hint: String,
    },
    /// A parameter other than the query cannot be used.
    #[error("{name}: {message}")]
    InvalidParameter {
        /// Name of the parameter, as in the API.
        name: &'static str,
        /// What is wrong, and what to write instead.
        message: String,
    },
    /// The cursor was not made by us, or was made with other parameters.
    #[error("the cursor does not belong to this request; start again without it")]
    CursorInvalid,
    /// The state that the cursor reads is gone.
    #[error("the cursor has expired; start again without it")]
    CursorExpired,
    /// The search was not done by its deadline.
    #[error("the search took too long; ask for fewer or rarer terms")]
    Timeout,
    /// The index itself failed.
    #[error(transparent)]
    Index(#[from] IndexError),
}
