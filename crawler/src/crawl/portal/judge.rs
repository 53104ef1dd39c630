//! How a crawl of a portal ended.

use std::collections::BTreeSet;

use super::{PortalRun, lock};
use crate::{
    crawl::{PortalStatus, PortalSummary, ReportCounts},
    frontier::Lacks,
};

/// How a run ended, from what was done and what stopped it.
pub(super) fn judge(
    portal: &PortalRun,
    so_far: &PortalSummary,
    lacks: &Lacks,
) -> (PortalStatus, Option<String>) {
    if let Some(reason) = lock(&portal.blocked).clone() {
        return (PortalStatus::Blocked, Some(reason));
    }
    if portal.cancel.is_cancelled() {
        return (
            PortalStatus::Partial,
            Some("stopped: the next crawl goes on from here".to_owned()),
        );
    }
    let has_something = so_far.fetched + so_far.not_modified > 0;
    let stopped = lock(&portal.memory.stopped);
    let shut = stopped
        .iter()
        .find(|(host, stop)| stop.is_blocked && portal.is_seeds(host));
    if let Some((_, stop)) = shut {
        return (PortalStatus::Blocked, Some(stop.reason.clone()));
    }
    if let Some(pause) = stopped.values().find(|stop| stop.is_pause) {
        return (PortalStatus::Partial, Some(pause.reason.clone()));
    }
    let stop = stopped.values().max_by(|a, b| a.reason.cmp(&b.reason));
    match (stop, &lacks.page) {
        (Some(stop), _) if has_something => (PortalStatus::Partial, Some(stop.reason.clone())),
        (Some(stop), _) => (PortalStatus::Failed, Some(stop.reason.clone())),
        (None, Some(_)) if has_something => (PortalStatus::Partial, Some("pages_failed".to_owned())),
        (None, Some(first)) => match first.as_str() {
            reason @ ("http_401" | "http_403" | "http_406" | "http_412") => {
                (PortalStatus::Blocked, Some(format!("blocked:refused: {reason}")))
            }
            reason => (PortalStatus::Failed, Some(reason.to_owned())),
        },
        (None, None) if has_something && lacks.files => {
            (PortalStatus::Partial, Some("attachments_failed".to_owned()))
        }
        // The portal file, or the command, wanted no more.
        (None, None) if has_something && lacks.pending > 0 && !portal.has_budget() => {
            let reason = format!(
                "max_pages: {} pages that are known were not asked for",
                lacks.pending
            );
            (PortalStatus::Ok, Some(reason))
        }
        (None, None) if has_something && lacks.forbidden > 0 => {
            let reason = format!(
                "robots: {} pages of lists or in them are forbidden by robots.txt",
                lacks.forbidden
            );
            (PortalStatus::Ok, Some(reason))
        }
        (None, None) if has_something => (PortalStatus::Ok, no_reports(so_far)),
        (None, None) => nothing_asked_for(&lock(&portal.memory.left_out)),
    }
}

/// Says so when a portal has no report, new or known.
fn no_reports(so_far: &PortalSummary) -> Option<String> {
    let ReportCounts {
        new,
        changed,
        unchanged,
        ..
    } = so_far.reports;
    let n_pages = so_far.fetched + so_far.not_modified;
    (new + changed + unchanged == 0)
        .then(|| format!("no_reports: {n_pages} pages were read and none is a report or a list of reports"))
}

/// No page was had, and none failed: robots.txt, the scope or a limit left all of them out.
fn nothing_asked_for(left_out: &BTreeSet<&'static str>) -> (PortalStatus, Option<String>) {
    let is_robots = |reason: &&str| *reason == "robots";
    if !left_out.is_empty() && left_out.iter().all(is_robots) {
        let reason = "blocked:robots: all seeds are forbidden by robots.txt";
        return (PortalStatus::Blocked, Some(reason.to_owned()));
    }
    let reason = match left_out.iter().find(|reason| !is_robots(reason)) {
        Some(&"another_host") => "another_host: the seeds lead to another host; has the portal moved?",
        Some(&"not_allowed") => "not_allowed: the seeds lead to where `allow` and `deny` keep us out",
        _ => "nothing_visited: no page of the seeds could be asked for",
    };
    (PortalStatus::Failed, Some(reason.to_owned()))
}
