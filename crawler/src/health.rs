//! Whether a portal is well: what its last crawls left behind goes in, alarms come out.
//!
//! ```text
//! last runs (newest first) ─┐              ┌─ yields   lists name fewer reports, or one of them none
//! runs that brought news ───┼─▶ assess ─▶ ─┼─ layout   reports are there and say less
//! schedule, now ────────────┘              ├─ access   shut out, not to be reached, bad certificate
//!                                          ├─ robots   other rules than the last time
//!                                          └─ quiet    nothing new for longer than usual
//! ```
//!
//! A function: no clock, no database. The runs are played again from the oldest on, so that an alarm knows since when it
//! stands, and only a good run ends it. Of runs further back than [`RUNS`] those are played that this takes: the last good
//! ones, and the one with which it began ([`Verdict`]). An alarm says what was seen and what to do; it changes nothing.

mod access;
mod alarm;
pub(crate) mod baseline;
mod layout;
mod quiet;
mod robots;
mod yields;

use jiff::{SignedDuration, Timestamp};

pub use self::{
    alarm::{Alarm, AlarmKind, Evidence},
    quiet::{Cadence, is_in_season},
};
use crate::crawl::{PortalStatus, ReportCounts};

/// Runs that are looked at.
pub const RUNS: usize = 12;

/// Runs with new reports from which a portal's cadence is learned.
pub const NEWS: usize = 16;

/// What is known of a portal's crawls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The last runs that are over, the newest first; [`RUNS`] are enough.
    pub runs: Vec<RunRecord>,
    /// Runs before those, the newest first, when all is not well: the last that were good, and the first that were not.
    pub older: Vec<RunRecord>,
    /// When the last runs ended that brought new reports, the newest first; [`NEWS`] are enough. The first crawl of a
    /// portal is not among them: what it brought is not new.
    pub news: Vec<Timestamp>,
    /// When a run last ended that reached the portal.
    pub last_success: Option<Timestamp>,
}

/// A run that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How it ended.
    pub status: PortalStatus,
    /// Why it did not end well.
    pub reason: Option<String>,
    /// What it brought; `None` of a run of an older program.
    pub yields: Option<Yields>,
    /// What was found of it when it ended; `None` when nothing could be told then.
    pub verdict: Option<Verdict>,
}

/// What a run showed when it ended, held against those before it. Kept with the run, since those are not looked at for
/// ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// It had signs of [`AlarmKind::YieldsDropped`].
    pub has_dropped: bool,
    /// It had signs of [`AlarmKind::LayoutChanged`].
    pub is_rebuilt: bool,
}

/// What a run brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Yields {
    /// Documents that its lists named.
    pub rows: u64,
    /// Lists that named some.
    pub lists: u64,
    /// Lists that named some before, and none now.
    pub lists_lost: Pages,
    /// Lists that are shorter than they say.
    pub lists_short: Pages,
    /// What became of reports.
    pub reports: ReportCounts,
    /// Pages on which a report was seen.
    pub seen: u64,
    /// Of those: something of the report may be lost.
    pub flagged: u64,
    /// Pages of known reports on which no text was found.
    pub text_lost: Pages,
    /// Median of the Han characters of the reports that were seen.
    pub median_chars: Option<u64>,
    /// Pages that could not be had.
    pub failed: u64,
    /// What is wrong with the certificate of a seed or a list, and its address.
    pub certificate: Option<(String, String)>,
    /// `robots.txt` of the seeds has other rules than the last time.
    pub robots_changed: bool,
}

/// Pages that something is the matter with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// How many.
    pub count: u64,
    /// Address of the first.
    pub first: Option<String>,
}

/// How a portal is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// What is wrong, the worst first; at most one of a kind.
    pub alarms: Vec<Alarm>,
    /// How often it brings something new, as far as that was learned.
    pub cadence: Option<Cadence>,
}

impl RunRecord {
    /// Whether the portal let us in and was visited as far as it was wanted.
    pub fn is_good(&self) -> bool {
        matches!(self.status, PortalStatus::Ok | PortalStatus::Partial) && !self.is_superseded()
    }

    /// Whether it was left for a run that fetches everything anew.
    fn is_superseded(&self) -> bool {
        self.reason.as_deref() == Some("superseded")
    }

    /// Whether a limit ended it before all was visited.
    fn is_limited(&self) -> bool {
        self.reason
            .as_deref()
            .is_some_and(|reason| reason.starts_with("max_pages"))
    }
}

impl Verdict {
    /// Whether the run had no sign of an alarm, of the two that are told by what is usual.
    fn is_good(self, kind: AlarmKind) -> bool {
        match kind {
            AlarmKind::LayoutChanged => !self.is_rebuilt,
            _ => !self.has_dropped,
        }
    }
}

impl History {
    fn oldest_first(&self) -> Vec<&RunRecord> {
        let runs = self.older.iter().rev().chain(self.runs.iter().rev());
        runs.filter(|run| !run.is_superseded()).collect()
    }
}

/// What the newest run shows; `None` when nothing can be told of it.
pub(crate) fn judge(history: &History) -> Option<Verdict> {
    let last = history.runs.first()?;
    last.yields.as_ref().filter(|_| last.is_good())?;
    let oldest_first = history.oldest_first();
    Some(Verdict {
        has_dropped: yields::replay(&oldest_first).is_some(),
        is_rebuilt: layout::alarm(&oldest_first).is_some(),
    })
}

/// Looks at a portal's history. `turn` is the time between two visits by its schedule.
pub fn assess(history: &History, turn: Option<SignedDuration>, now: Timestamp) -> Health {
    let oldest_first = history.oldest_first();
    let cadence = Cadence::learn(&history.news, now);
    let mut alarms = Vec::new();
    alarms.extend(access::alarms(&oldest_first));
    alarms.extend(yields::alarm(&oldest_first));
    alarms.extend(layout::alarm(&oldest_first));
    alarms.extend(robots::alarm(&oldest_first));
    alarms.extend(quiet::alarm(&oldest_first, history, cadence, turn, now));
    alarms.sort_by_key(|alarm| alarm.kind);
    Health { alarms, cadence }
}

#[cfg(test)]
mod tests;
