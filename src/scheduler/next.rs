//! When a portal is visited next, and why then, as it is shown to whoever asks.

use crawler::{LiveliestList, Portal};
use jiff::Timestamp;

use super::{Facts, next_visit};

/// The next visit of a portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextRun {
    /// When it begins; `None` when no visit is planned, or one waits or goes on.
    pub at: Option<Timestamp>,
    /// Why then, as one stable word: `schedule`, `catch_up`, `season`, `quiet`, `goes_on`, `on_request`, `queued`, `running`.
    pub code: &'static str,
    /// The same for a reader.
    pub reason: String,
    /// The list whose changes were weighed.
    pub list: Option<LiveliestList>,
}

/// The job that a portal is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenJob {
    /// Its number.
    pub id: i64,
    /// It is being crawled, not only waiting.
    pub is_running: bool,
}

/// When a portal is visited next.
pub fn next_run(portal: &Portal, facts: Option<&Facts>, open: Option<OpenJob>, now: Timestamp) -> NextRun {
    if let Some(OpenJob { id, is_running }) = open {
        let (code, what) = match is_running {
            true => ("running", "crawls it now"),
            false => ("queued", "is in the queue"),
        };
        return NextRun {
            at: None,
            code,
            reason: format!("job {id} {what}"),
            list: None,
        };
    }
    let new = Facts::default();
    let visit = portal
        .schedule
        .as_ref()
        .and_then(|schedule| next_visit(&portal.id, schedule, facts.unwrap_or(&new), now));
    match visit {
        Some(visit) => NextRun {
            at: Some(visit.at.max(now)),
            code: visit.why.code(),
            reason: visit.reason(),
            list: visit.list,
        },
        None => NextRun {
            at: None,
            code: "on_request",
            reason: "its portal file has no schedule: it is crawled on request only".to_owned(),
            list: None,
        },
    }
}
