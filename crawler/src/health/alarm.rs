//! What is wrong with a portal, since when, by what signs, and what to do about it.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Kinds of alarms, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The portal shuts us out.
    Blocked,
    /// A certificate is not good.
    Certificate,
    /// The portal cannot be reached, or nothing of it could be had.
    Unreachable,
    /// Its lists name fewer reports, or one of them none.
    YieldsDropped,
    /// Reports are there and say less than they did.
    LayoutChanged,
    /// Nothing new for longer than is usual.
    NoNewReports,
    /// `robots.txt` has other rules.
    RobotsChanged,
}

impl AlarmKind {
    /// Every kind, the worst first.
    pub const ALL: [Self; 7] = [
        Self::Blocked,
        Self::Certificate,
        Self::Unreachable,
        Self::YieldsDropped,
        Self::LayoutChanged,
        Self::NoNewReports,
        Self::RobotsChanged,
    ];

    /// One stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Certificate => "certificate",
            Self::Unreachable => "unreachable",
            Self::YieldsDropped => "yields_dropped",
            Self::LayoutChanged => "layout_changed",
            Self::NoNewReports => "no_new_reports",
            Self::RobotsChanged => "robots_changed",
        }
    }

    /// What to do about it.
    pub fn action(self) -> &'static str {
        match self {
            Self::Blocked => {
                "open the portal in a browser; ask less often (delay, daily, hours in the portal file), or write to \
                 its operator. The reports stay searchable as `blocked` until a visit succeeds."
            }
            Self::Certificate => {
                "open the address in a browser; if the portal moved to another name, change the seeds. Otherwise \
                 wait: it ends by itself when the certificate was renewed."
            }
            Self::Unreachable => {
                "open the seeds in a browser; if the portal has moved, change the seeds in the portal file. \
                 Otherwise wait for the next visit."
            }
            Self::YieldsDropped => {
                "run `gongbao portal check FILE --live` and open the list in a browser; if it was redesigned or has \
                 moved, change seeds, family or allow in the portal file. Nothing that was found is lost."
            }
            Self::LayoutChanged => {
                "compare a report with its page; run `gongbao extract --url`, and set [extract] content or title in \
                 the portal file. Earlier versions of the reports are kept."
            }
            Self::NoNewReports => {
                "open the portal in a browser; if it has newer reports, look for the column they are in now and add \
                 it to the seeds. Otherwise it is quiet, and the next new report ends this."
            }
            Self::RobotsChanged => {
                "read robots.txt: what it forbids now is not visited any more. This ends with the next visit."
            }
        }
    }
}

impl fmt::Display for AlarmKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Something is wrong with a portal.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// What.
    pub kind: AlarmKind,
    /// When the first run ended that showed it; of [`AlarmKind::NoNewReports`], since when it has been too long.
    pub since: Timestamp,
    /// How it shows. Never empty.
    pub evidence: Vec<Evidence>,
    /// An address to look at.
    pub url: Option<String>,
}

/// A sign that something is wrong. Shown in words by `Display`.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// How the last crawl ended.
    Ended {
        /// Why, as the crawl says.
        reason: String,
    },
    /// The lists name so many documents.
    Rows {
        /// In the last run.
        now: u64,
        /// Median of the runs before.
        usual: u64,
    },
    /// So many lists name documents.
    Lists {
        /// In the last run.
        now: u64,
        /// Median of the runs before.
        usual: u64,
    },
    /// Lists that named documents before name none now.
    ListsLost {
        /// How many.
        count: u64,
    },
    /// Lists are shorter than they say.
    ListsShort {
        /// How many.
        count: u64,
    },
    /// The pages of known reports have no text any more.
    TextLost {
        /// How many.
        count: u64,
        /// Pages of known reports that were seen.
        of: u64,
    },
    /// The texts are shorter.
    Median {
        /// Han characters, in the last run.
        now: u64,
        /// Median of the runs before.
        usual: u64,
    },
    /// More of the reports may lack something.
    Flagged {
        /// Of a hundred, in the last run.
        now: u64,
        /// Median of the runs before.
        usual: u64,
    },
    /// There was nothing new.
    Quiet {
        /// Days since the last new report, as far as they count.
        days: i64,
        /// Usual days between two runs with news.
        usual: i64,
    },
    /// `robots.txt` has other rules than at the visit before.
    Robots,
    /// A certificate is not good.
    Certificate {
        /// What is wrong with it, as one word.
        fault: String,
    },
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended { reason } => write!(f, "the last crawl ended with: {reason}"),
            Self::Rows { now, usual } => write!(f, "the lists name {now} documents, usually {usual}"),
            Self::Lists { now, usual } => write!(f, "{now} lists name documents, usually {usual}"),
            Self::ListsLost { count } => {
                write!(f, "lists that named documents before and name none now: {count}")
            }
            Self::ListsShort { count } => write!(f, "lists that are shorter than they say: {count}"),
            Self::TextLost { count, of } => {
                write!(f, "{count} of {of} pages of known reports have no text any more")
            }
            Self::Median { now, usual } => {
                write!(
                    f,
                    "half of the reports have at most {now} Han characters, usually {usual}"
                )
            }
            Self::Flagged { now, usual } => {
                write!(f, "{now} % of the reports may lack something, usually {usual} %")
            }
            Self::Quiet { days, usual } => {
                write!(
                    f,
                    "nothing new for {days} days, usually something every {usual} days"
                )
            }
            Self::Robots => f.write_str("robots.txt has other rules than at the visit before"),
            Self::Certificate { fault } => write!(f, "the certificate is not good: {fault}"),
        }
    }
}
