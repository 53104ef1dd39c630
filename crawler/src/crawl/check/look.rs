//! The steps of a look: from the first seed through columns to a list, and to a report.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use rusqlite::Connection;
use url::Url;

use super::{
    advice,
    seen::{Answered, Failure, FamilySeen, ListSeen, LiveCheck, ReportSeen, RobotsSeen, Step},
    ways::{Way, job, rows_of, ways_of},
};
use crate::{
    archive::CaptureKind,
    crawl::{
        Shared, clock, kinds,
        portal::PortalRun,
        read::{self, Fetched},
        recorder::Ended,
        visit::{Visit, visit_page},
    },
    extract::ExtractError,
    fetch::host_port,
    frontier::{self, Job, Kind},
    lists::{Found, Shape, is_home as is_home_page, shape},
    politeness::Written,
    portal::Family,
    reading::explain_capture,
    robots::product_token,
};

/// Most pages that are asked for on the way to a list with reports.
const MAX_LISTS: usize = 6;

/// Most rows of a list that are tried as a report.
const MAX_REPORTS: usize = 4;

/// Fewest rows of a page that is a list and not a hub with a few pieces of news.
const MIN_ROWS: usize = 3;

/// Longest time that a host may want to be left alone for this look to wait.
const PATIENCE: Duration = Duration::from_secs(120);

/// A look that is under way.
pub(super) struct Look<'a> {
    pub(super) shared: &'a Shared,
    pub(super) run: PortalRun,
    pub(super) catalog: Option<Connection>,
    pub(super) check: LiveCheck,
}

/// What a visit came to.
enum Came {
    Page(Box<Fetched>),
    /// The last step says why not.
    Not,
}

impl Look<'_> {
    /// Goes all the way.
    pub(super) async fn all(&mut self) -> Result<(), Ended> {
        let portal = Arc::clone(&self.run.portal);
        let Some(seed) = portal.seeds.first() else {
            return Ok(());
        };
        let mut ways = vec![Way {
            job: job(seed.clone(), Kind::Seed, None),
            why: "the first seed".to_owned(),
            score: u32::MAX,
            is_named: true,
        }];
        let mut known: Vec<_> = ways.iter().map(Way::key).collect();
        let mut rows = Vec::new();
        for _ in 0..MAX_LISTS {
            let Some(best) = (0..ways.len()).max_by_key(|at| (ways[*at].score, std::cmp::Reverse(*at)))
            else {
                break;
            };
            let Way { job, why, .. } = ways.swap_remove(best);
            let is_seed = job.kind == Kind::Seed;
            let Came::Page(fetched) = self.visit(job, "list", why).await? else {
                if is_seed {
                    return self.settle().await;
                }
                continue;
            };
            let (found, _) = read::links_as(&self.run, &fetched, portal.family);
            self.note_list(&fetched, &found);
            if self.is_report_in_place_of_a_list(&fetched, &found) {
                return self.settle().await;
            }
            let is_home = is_home_page(&fetched.url);
            let (mut has_ways, mut has_named) = (false, false);
            for way in ways_of(&fetched, &found) {
                if !known.contains(&way.key()) {
                    known.push(way.key());
                    has_ways = true;
                    has_named |= way.is_named;
                    ways.push(way);
                }
            }
            // The news of a home page, or the newest documents of a hub, are no list to judge a portal by; nor are the
            // addresses of a site map that may be columns.
            let sound = found
                .reports
                .iter()
                .filter(|row| row.date.is_some() || shape(&row.url) == Shape::Document);
            let is_sound = sound.count() * 2 > found.reports.len();
            if is_sound && !is_home || rows.is_empty() {
                rows = rows_of(&fetched, &found);
            }
            let has_pager = found.lists.iter().any(|list| list.is_pager);
            let is_hub = has_named && !has_pager || has_ways && found.reports.len() < MIN_ROWS;
            if is_sound && !is_home && !is_hub {
                break;
            }
        }
        for row in rows.into_iter().take(MAX_REPORTS) {
            let why = "a row of the list".to_owned();
            let Came::Page(fetched) = self.visit(row, "report", why).await? else {
                continue;
            };
            if self.is_report_itself(&fetched) {
                break;
            }
        }
        self.settle().await
    }

    /// Waits until the hosts may be asked again, by whoever comes next.
    async fn settle(&mut self) -> Result<(), Ended> {
        let mut hosts: Vec<_> = self
            .check
            .steps
            .iter()
            .filter_map(|step| Url::parse(&step.url).ok())
            .collect();
        hosts.dedup_by_key(|url| host_port(url));
        for host in hosts.iter().map(host_port) {
            let (limits, _) = self
                .shared
                .recorder
                .load_limits(vec![host.clone()], &host)
                .await?;
            let wait = longest(&limits);
            if wait <= PATIENCE {
                self.sleep(wait).await;
            }
        }
        Ok(())
    }

    async fn sleep(&self, wait: Duration) {
        tokio::select! {
            () = self.run.cancel.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Visits a page as a crawl does, and notes the step.
    async fn visit(&mut self, job: Job, asked_as: &'static str, why: String) -> Result<Came, Ended> {
        let mut step = Step {
            url: job.url.clone(),
            form: job.form.clone(),
            asked_as,
            why,
            answered: None,
            failure: None,
            list: None,
        };
        tracing::info!("asking for {}", job.url);
        if let Some(failure) = self.honour(&job.url).await {
            step.failure = Some(failure);
            self.check.steps.push(step);
            return Ok(Came::Not);
        }
        let visited = visit_page(self.shared, &self.run, &job, None).await?;
        self.note_robots(&job.url).await?;
        let came = match visited {
            Visit::Answer(answer, url) => {
                step.answered = Some(Answered::of(&answer, &url, &job.url));
                if matches!(answer.status, 200 | 203) {
                    Came::Page(Box::new(Fetched {
                        job,
                        answer: *answer,
                        url,
                        at: Timestamp::now().into(),
                    }))
                } else {
                    step.failure = Some(advice::status(answer.status));
                    Came::Not
                }
            }
            Visit::Blocked(signature, answer, url) => {
                step.answered = Some(Answered::of(&answer, &url, &job.url));
                step.failure = Some(advice::blocked(signature.code(), answer.status));
                Came::Not
            }
            other => {
                step.failure = Some(advice::not_visited(other));
                Came::Not
            }
        };
        self.check.steps.push(step);
        Ok(came)
    }

    /// Waits for what the catalog of a crawl says about the host; a failure when that is too long.
    async fn honour(&self, url: &str) -> Option<Failure> {
        let url = Url::parse(url).ok()?;
        let lane = self.shared.fetcher.open(&url).await.ok()?;
        let keys: Vec<_> = lane.target().keys().iter().map(|key| key.text()).collect();
        loop {
            let wait = longest(&frontier::load_limits(self.catalog.as_ref()?, &keys).ok()?);
            if wait.is_zero() || self.run.cancel.is_cancelled() {
                return None;
            }
            if wait > PATIENCE {
                return Some(advice::asked_to_wait(wait));
            }
            self.sleep(wait).await;
        }
    }

    async fn note_robots(&mut self, url: &str) -> Result<(), Ended> {
        let Ok(url) = Url::parse(url) else { return Ok(()) };
        let origin = url.origin().ascii_serialization();
        if self.check.robots.iter().any(|robots| robots.origin == origin) {
            return Ok(());
        }
        if let Some(stored) = self.shared.recorder.load_robots(&origin).await? {
            let agent = product_token(&self.shared.config.user_agent);
            let robots = RobotsSeen::of(origin, &stored, agent, &url);
            self.check.robots.push(robots);
        }
        Ok(())
    }

    fn note_list(&mut self, fetched: &Fetched, found: &Found) {
        let mut list = ListSeen::of(found);
        if self.run.portal.family != Family::Auto {
            let (auto, _) = read::links_as(&self.run, fetched, Family::Auto);
            list.auto = auto.mechanism.map(|mechanism| FamilySeen::of(&mechanism));
        }
        // A page without rows may say itself why.
        if list.rows == 0 && !is_home_page(&fetched.url) {
            let capture = read::capture(&self.run, fetched, CaptureKind::Page);
            if let Some((Err(ExtractError::SoftError { sign, .. }), _)) =
                explain_capture(&capture, &self.run.view)
            {
                list.error_page = Some(sign);
            }
        }
        if let Some(step) = self.check.steps.last_mut() {
            step.list = Some(list);
        }
    }

    /// Whether a page that was asked for as a list is a report, as a crawl would judge.
    fn is_report_in_place_of_a_list(&mut self, fetched: &Fetched, found: &Found) -> bool {
        let capture = read::capture(&self.run, fetched, CaptureKind::Page);
        let is_document = kinds::may_be_document(&fetched.url, found)
            && explain_capture(&capture, &self.run.view).is_some_and(|(read, _)| {
                read.is_ok_and(|content| kinds::is_document(&fetched.job, &fetched.url, found, &content))
            });
        is_document && self.is_report_itself(fetched)
    }

    /// Reads a page as a report; notes it when it is one, else why it is none.
    fn is_report_itself(&mut self, fetched: &Fetched) -> bool {
        let capture = read::capture(&self.run, fetched, CaptureKind::Page);
        let read = explain_capture(&capture, &self.run.view);
        let refusal = match read {
            Some((Ok(content), explanation)) => {
                let genres = &self.run.portal.genres;
                let is_kept = genres.is_empty() || genres.contains(&content.genre);
                self.check.report = Some(ReportSeen::of(&fetched.url, &content, &explanation, is_kept));
                return true;
            }
            Some((Err(error), _)) => advice::no_report(&error),
            None => advice::no_page(),
        };
        if let Some(step) = self.check.steps.last_mut()
            && step.asked_as == "report"
        {
            step.failure = Some(refusal);
        }
        false
    }
}

/// What is left of the longest of these pauses.
fn longest(limits: &[Option<Written>]) -> Duration {
    let now = clock::now();
    let left = limits.iter().flatten().map(|limit| limit.left(&now));
    left.max().unwrap_or_default()
}
