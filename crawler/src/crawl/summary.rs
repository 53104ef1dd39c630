//! What a crawl of a portal came to, in the form in which programs read it.

use serde::Serialize;
use utoipa::ToSchema;

/// How a crawl of a portal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PortalStatus {
    /// Everything was visited.
    Ok,
    /// Some pages could not be had, or the crawl was stopped before its end.
    Partial,
    /// Nothing could be had.
    Failed,
    /// The portal shut us out.
    Blocked,
}

impl PortalStatus {
    /// The word used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Blocked => "blocked",
        }
    }

    /// The status of a word.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Ok, Self::Partial, Self::Failed, Self::Blocked]
            .into_iter()
            .find(|status| status.code() == code)
    }
}

/// One crawl of one portal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PortalSummary {
    /// The portal.
    pub id: String,
    /// How it ended.
    pub status: PortalStatus,
    /// Why it did not end well.
    pub reason: Option<String>,
    /// Pages, lists included, that were answered with a body.
    pub fetched: u64,
    /// Pages that were answered as being what they were.
    pub not_modified: u64,
    /// Reports.
    pub reports: ReportCounts,
    /// Attachments that were fetched.
    pub attachments: u64,
    /// Pages that could not be had.
    pub failed: Vec<Visited>,
    /// Endless spaces of pages that were met, the first address of each kind.
    pub traps: Vec<Visited>,
    /// Time spent on it, in seconds.
    pub seconds: f64,
}

impl PortalSummary {
    /// Whether the crawl stopped where a limit of the day, or the hours of the portal, made it stop: it goes on from there
    /// another day.
    pub fn is_paused(&self) -> bool {
        let words = ["daily_budget:", "outside_hours:"];
        self.status == PortalStatus::Partial
            && self
                .reason
                .as_ref()
                .is_some_and(|reason| words.iter().any(|word| reason.starts_with(word)))
    }
}

/// What a crawl did to reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportCounts {
    /// At an address that had none.
    pub new: u64,
    /// With a new version.
    pub changed: u64,
    /// Seen again as they were.
    pub unchanged: u64,
    /// Gone for good.
    pub removed: u64,
}

/// An address, and what is the matter with it as one stable word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Visited {
    /// The address.
    pub url: String,
    /// What is the matter.
    pub reason: String,
}
