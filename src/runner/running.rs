//! One job that is under way: its portals, its log, and what it came to.

use std::collections::{HashSet, VecDeque};

use crawler::PortalSummary;
use jiff::Timestamp;
use report::ChinaTime;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::watcher::Watcher;
use crate::operations::{Job, JobState, Progress};

/// Lines of a job's log that are kept, and characters of each.
const MAX_LINES: usize = 50;
const MAX_LINE: usize = 300;

/// Failures of a portal that the log names.
const MAX_FAILURES: usize = 5;

/// A job that is under way.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) job: Job,
    /// Portals that are being crawled.
    pub(super) open: HashSet<String>,
    /// Stops its crawls.
    pub(super) cancel: CancellationToken,
    /// Somebody asked for its end.
    pub(super) is_stopped: bool,
    log: VecDeque<String>,
    /// Pages of portals that are done, and those that were counted before this process took it up.
    done: u64,
    noted: Option<(Progress, usize)>,
    n_lines: usize,
}

impl Running {
    pub(super) fn new(job: Job, cancel: CancellationToken) -> Self {
        Self {
            open: HashSet::new(),
            cancel,
            is_stopped: false,
            log: job.log.clone().unwrap_or_default().into(),
            done: job.progress.fetched,
            noted: None,
            n_lines: 0,
            job,
        }
    }

    /// Ids of its portals that are not crawled yet.
    pub(super) fn lacking(&self) -> Vec<String> {
        let has_result = |id: &String| {
            let mut results = self.job.results.iter().flatten();
            results.any(|result| result.get("id").and_then(Value::as_str) == Some(id))
        };
        let portals = self.job.portals.iter();
        portals.filter(|id| !has_result(id)).cloned().collect()
    }

    pub(super) fn say(&mut self, now: Timestamp, line: &str) {
        let line: String = line.chars().filter(|c| !c.is_control()).take(MAX_LINE).collect();
        self.log.push_back(format!("{} {line}", ChinaTime::from(now)));
        self.n_lines += 1;
        while self.log.len() > MAX_LINES {
            self.log.pop_front();
        }
    }

    /// Says what the crawl of a portal came to.
    pub(super) fn say_summary(&mut self, now: Timestamp, summary: &PortalSummary) {
        let reports = &summary.reports;
        let reason = summary
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(" ({reason})"));
        self.say(
            now,
            &format!(
                "{}: {}{reason}: {} fetched, {} not modified; reports: {} new, {} changed, {} unchanged, {} removed; {} failed",
                summary.id,
                summary.status.code(),
                summary.fetched,
                summary.not_modified,
                reports.new,
                reports.changed,
                reports.unchanged,
                reports.removed,
                summary.failed.len(),
            ),
        );
        for failure in summary.failed.iter().take(MAX_FAILURES) {
            self.say(
                now,
                &format!("{}: {}: {}", summary.id, failure.url, failure.reason),
            );
        }
    }

    /// The crawl of a portal is over.
    pub(super) fn close(&mut self, portal: &str, watcher: &Watcher) {
        self.open.remove(portal);
        self.done += watcher.so_far(portal).visited_here();
        watcher.forget(portal);
    }

    /// How far it is, with its log, when that is not what was noted last.
    pub(super) fn news(&mut self, watcher: &Watcher) -> Option<(i64, Progress, Vec<String>)> {
        let mut progress = Progress {
            fetched: self.done,
            known: self.done,
        };
        for portal in &self.open {
            let so_far = watcher.so_far(portal);
            // Those before were counted when they were visited.
            progress.fetched += so_far.visited_here();
            progress.known += so_far.visited_here() + so_far.pending;
        }
        let state = (progress, self.n_lines);
        if self.noted == Some(state) {
            return None;
        }
        self.noted = Some(state);
        Some((self.job.id, progress, self.log.iter().cloned().collect()))
    }
}

/// What a job came to, from what the crawls of its portals came to: `failed` when one failed, `blocked` when all of them
/// shut us out, else `done`. The reason is that of the first portal that has one.
pub(super) fn verdict(results: &[Value]) -> (JobState, Option<String>) {
    let status = |result: &Value| result.get("status").and_then(Value::as_str).map(str::to_owned);
    let is = |result: &&Value, word: &str| status(result).as_deref() == Some(word);
    let failed = results.iter().find(|result| is(result, "failed"));
    let state = if failed.is_some() {
        JobState::Failed
    } else if !results.is_empty() && results.iter().all(|result| is(&result, "blocked")) {
        JobState::Blocked
    } else {
        JobState::Done
    };
    let not_well = failed.or_else(|| results.iter().find(|result| !is(result, "ok")));
    let reason = not_well.map(|result| {
        let text = |key| result.get(key).and_then(Value::as_str);
        let what = text("reason").or(text("status")).unwrap_or_default();
        format!("{}: {what}", text("id").unwrap_or_default())
    });
    (state, reason)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_job_is_as_well_as_its_portals() {
        let result = |id: &str, status: &str, reason: Option<&str>| json!({"id": id, "status": status, "reason": reason});
        let (ok, partial) = (
            result("a", "ok", None),
            result("b", "partial", Some("pages_failed")),
        );
        let (failed, blocked) = (
            result("c", "failed", None),
            result("d", "blocked", Some("blocked: waf")),
        );
        let of = |results: &[&Value]| {
            let results: Vec<_> = results.iter().map(|result| (*result).clone()).collect();
            verdict(&results)
        };
        assert_eq!(of(&[&ok]), (JobState::Done, None));
        assert_eq!(
            of(&[&ok, &partial, &blocked]),
            (JobState::Done, Some("b: pages_failed".to_owned()))
        );
        assert_eq!(
            of(&[&blocked]),
            (JobState::Blocked, Some("d: blocked: waf".to_owned()))
        );
        assert_eq!(
            of(&[&partial, &failed]),
            (JobState::Failed, Some("c: failed".to_owned()))
        );
    }
}
