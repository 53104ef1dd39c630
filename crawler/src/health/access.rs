//! Portals that cannot be visited: they shut us out, cannot be reached, or show a certificate that is not good.
//!
//! The reasons are those that a crawl gives (`crawl/portal.rs`).

use super::{Alarm, AlarmKind, Evidence, RunRecord};
use crate::crawl::PortalStatus;

/// Faults of certificates begin so; a bare `tls` is a connection that failed.
const CERTIFICATE: &str = "tls_";

/// Reasons of a failed run for which the portal was reached.
const GONE: [&str; 10] = [
    "http_404",
    "http_410",
    "http_550",
    "soft_404",
    "not_a_list",
    "rows_lost",
    "not_a_sitemap",
    "not_a_feed",
    "needs_browser",
    "no_text",
];

/// How it shows, and an address to look at.
type Sign = (Evidence, Option<String>);

pub(super) fn alarms(oldest_first: &[&RunRecord]) -> Vec<Alarm> {
    let alarm = |kind, is_it: fn(&RunRecord) -> Option<Sign>| {
        let mut standing: Option<Alarm> = None;
        for run in oldest_first {
            if let Some((evidence, url)) = is_it(run) {
                let since = standing.map_or(run.finished_at, |alarm: Alarm| alarm.since);
                standing = Some(Alarm {
                    kind,
                    since,
                    evidence: vec![evidence],
                    url,
                });
            } else if run.is_good() || kind != AlarmKind::Blocked {
                // Who shut us out and is not to be reached now has not let us in again.
                standing = None;
            }
        }
        standing
    };
    [
        alarm(AlarmKind::Blocked, blocked),
        alarm(AlarmKind::Certificate, certificate),
        alarm(AlarmKind::Unreachable, unreachable),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn ended(run: &RunRecord) -> Sign {
    let reason = run.reason.clone().unwrap_or_default();
    let url = reason.rsplit(' ').next().filter(|word| word.starts_with("http"));
    let url = url.map(str::to_owned);
    (Evidence::Ended { reason }, url)
}

fn blocked(run: &RunRecord) -> Option<Sign> {
    (run.status == PortalStatus::Blocked).then(|| ended(run))
}

fn unreachable(run: &RunRecord) -> Option<Sign> {
    let is_failed = run.status == PortalStatus::Failed;
    (is_failed && certificate(run).is_none() && !lists_are_gone(run)).then(|| ended(run))
}

fn certificate(run: &RunRecord) -> Option<Sign> {
    let found = run.yields.as_ref().and_then(|yields| yields.certificate.clone());
    if let Some((fault, url)) = found {
        return Some((Evidence::Certificate { fault }, Some(url)));
    }
    let reason = run.reason.as_deref()?;
    let from = reason.find(CERTIFICATE)?;
    let is_of_word = |c: char| c.is_ascii_lowercase() || c == '_';
    let fault = reason[from..].chars().take_while(|c| is_of_word(*c)).collect();
    Some((Evidence::Certificate { fault }, None))
}

/// Whether a run failed because its lists are not there, although the portal answers.
pub(super) fn lists_are_gone(run: &RunRecord) -> bool {
    run.status == PortalStatus::Failed && run.reason.as_deref().is_some_and(|reason| GONE.contains(&reason))
}
