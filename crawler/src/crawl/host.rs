//! One host of one portal: its pages, one after the other.
//!
//! While a page is being read ([`reading`]) and recorded ([`records`]), the next ones are asked for already.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use url::Url;

mod reading;
mod records;

use self::{reading::Reading, records::Records};
use super::{
    Shared, clock,
    files::FileHosts,
    pace::{InPlace, PATIENCE},
    portal::{PortalRun, Stop},
    recorder::{Ended, Finish, NOT_THERE},
    terms::NotNow,
    to_ms,
    visit::{Visit, visit_page},
};
use crate::{
    fetch::{Answer, FetchError, host_port},
    frontier::{Ending, Job, Kind, Next, Yield},
    politeness::{MAX_HOLD, Written, is_refusal},
    robots::RobotsRefusal,
};

/// Pages in a row that could not be had, after which a host is left alone.
const MAX_FAULTS: u32 = 20;

/// Answers in a row that ask for fewer requests, beyond the tries of one page, after which a host is left alone.
const MORE_THROTTLES: u32 = 3;

/// An answer of some portals for what is not there; it is not asked for again.
pub(super) const GONE_FOR_GOOD: u16 = 550;

/// Shortest pause before a further try.
const MIN_BACKOFF: Duration = Duration::from_millis(500);

/// The pause before try number `attempt` (from 1) after the first: it doubles with each.
pub(super) fn backoff(delay: Duration, attempt: u32) -> Duration {
    let first = delay.max(MIN_BACKOFF);
    first
        .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1).min(12)))
        .min(MAX_HOLD)
}

/// Pages in a row that went wrong.
#[derive(Default)]
struct Streaks {
    faults: u32,
    throttles: u32,
    /// Of files, by host.
    files: FileHosts,
}

/// What a visit came to.
enum Outcome {
    /// A page, which is being read.
    Page(Box<Reading>),
    /// To be recorded.
    Finish(Box<Finish>),
    /// The host is left alone for the rest of the run; its pages stay pending.
    StopHost(Stop),
    /// The portal shuts us out; so does all of it.
    Blocked(String),
    /// The crawl is being stopped.
    Stopped,
}

/// A host of which nothing is under way: its next page has its turn later.
pub(super) struct Waiting {
    pub(super) until: Instant,
    /// When the visit of that page began, if it did.
    begun: Option<Instant>,
    /// Nothing, as long as all goes well.
    streaks: Option<Box<Streaks>>,
}

/// Visits the pending pages of a host until there are none, or the run is over, or the next one has its turn so late
/// that the host is better forgotten until then.
pub(super) async fn run(
    shared: Arc<Shared>,
    portal: Arc<PortalRun>,
    host: &str,
    waited: Option<Waiting>,
) -> Result<Option<Waiting>, Ended> {
    let mut waited = waited;
    let streaks = waited.as_mut().and_then(|waited| waited.streaks.take());
    let mut streaks = streaks.map_or_else(Streaks::default, |streaks| *streaks);
    let mut has_begun = waited.and_then(|waited| waited.begun);
    let mut records = Records::new(&shared, &portal, host);
    // Until when the next page waits, and since when.
    let mut waits = None;
    let mut reading: Option<Box<Reading>> = None;
    while !portal.stop.is_cancelled() && !portal.is_stopped(host) {
        if let Some(stop) = shared.room.is_short() {
            portal.stop_host(host, stop);
            break;
        }
        let has_budget = portal.take_budget();
        // What is being read may bring the page that is next, or give its right to be visited back.
        if reading.is_some() && !(has_budget && records.knows_next()) {
            if has_budget {
                portal.give_budget();
            }
            match end_reading(reading.take(), &mut records, &mut streaks.files).await? {
                true => continue,
                false => break,
            }
        }
        if !has_budget {
            break;
        }
        let job = match records.next().await? {
            Next::Job(job) => *job,
            Next::NotBefore(moment) => {
                portal.give_budget();
                let now = shared.steady.now_ms();
                let wait = Duration::from_millis(moment.saturating_sub(now).max(1).unsigned_abs());
                if wait > shared.in_place {
                    waits = Some((Instant::now() + wait, None));
                    break;
                }
                portal.has_begun();
                tokio::select! {
                    () = portal.stop.cancelled() => {}
                    () = tokio::time::sleep_until(Instant::now() + wait) => {}
                }
                continue;
            }
            Next::Empty => {
                portal.give_budget();
                break;
            }
        };
        let in_place = InPlace::new(shared.in_place, has_begun.is_some());
        let begun = has_begun.take().unwrap_or_else(Instant::now);
        let (visited, goes_on) = tokio::join!(
            Box::pin(visit_page(&shared, &portal, &job, Some(&in_place))),
            end_reading(reading.take(), &mut records, &mut streaks.files),
        );
        let visited = visited?;
        if !goes_on? {
            portal.give_budget();
            break;
        }
        records.in_hand = None;
        if let Visit::NotYet(turn) = visited {
            portal.give_budget();
            waits = Some((turn, Some(begun)));
            break;
        }
        portal.has_begun();
        let outcome = match Box::pin(judge(&shared, &portal, host, job, visited, &mut streaks)).await? {
            Outcome::Page(mut page) => {
                page.took = begun.elapsed();
                if page.may_wait() {
                    reading = Some(page);
                    continue;
                }
                Box::pin(page.end(&shared, &portal, &mut streaks.files)).await?
            }
            outcome => outcome,
        };
        if !Box::pin(conclude(outcome, &mut records, begun.elapsed())).await? {
            break;
        }
        if let Some(stop) = streaks.over() {
            portal.stop_host(host, stop);
            break;
        }
    }
    end_reading(reading, &mut records, &mut streaks.files).await?;
    records.settle().await?;
    Ok(waits.map(|(until, begun)| {
        shared.rules.forget(host);
        shared
            .fetcher
            .forget(host, until.saturating_duration_since(Instant::now()));
        Waiting {
            until,
            begun,
            streaks: (!streaks.is_none()).then(|| Box::new(streaks)),
        }
    }))
}

/// Ends the reading of a page, if there is one; false when the host's run is over.
async fn end_reading(
    reading: Option<Box<Reading>>,
    records: &mut Records<'_>,
    hosts: &mut FileHosts,
) -> Result<bool, Ended> {
    let Some(reading) = reading else {
        return Ok(true);
    };
    let (took, begun) = (reading.took, Instant::now());
    let outcome = Box::pin(reading.end(records.shared, records.portal, hosts)).await?;
    Box::pin(conclude(outcome, records, took + begun.elapsed())).await
}

/// Takes account of what a visit came to that took so long; false when the host's run is over.
async fn conclude(outcome: Outcome, records: &mut Records<'_>, took: Duration) -> Result<bool, Ended> {
    let (shared, portal, host) = (records.shared, records.portal, records.host);
    match outcome {
        Outcome::Finish(finish) => {
            if let Ending::LeftOut { reason } = finish.ending {
                portal.leave_out(reason);
            }
            records.finish(*finish, took).await?;
            let resting = shared
                .pace
                .rests
                .check(host, shared.fetcher.is_private(host))
                .err();
            let goes_on = resting.is_none();
            if let Some(resting) = resting {
                portal.stop_host(host, Stop::from(resting));
            }
            return Ok(goes_on);
        }
        // Its end is one of the others.
        Outcome::Page(_) => return Ok(true),
        Outcome::StopHost(stop) => {
            portal.give_budget();
            portal.stop_host(host, stop);
        }
        Outcome::Blocked(reason) => portal.block(reason),
        Outcome::Stopped => portal.give_budget(),
    }
    Ok(false)
}

impl Streaks {
    /// The host gave a good answer.
    fn over_and_done(&mut self, shared: &Shared, host: &str) {
        *self = Self {
            files: std::mem::take(&mut self.files),
            ..Self::default()
        };
        shared.pace.rests.clear(host);
    }

    /// Whether nothing goes wrong.
    fn is_none(&self) -> bool {
        self.faults == 0 && self.throttles == 0 && self.files.is_empty()
    }

    fn over(&self) -> Option<Stop> {
        (self.faults >= MAX_FAULTS).then(|| Stop::because("too_many_faults".to_owned()))
    }
}

async fn judge(
    shared: &Arc<Shared>,
    portal: &Arc<PortalRun>,
    host: &str,
    job: Job,
    visited: Visit,
    streaks: &mut Streaks,
) -> Result<Outcome, Ended> {
    let ending = match visited {
        Visit::Stopped | Visit::NotYet(_) => return Ok(Outcome::Stopped),
        Visit::Answer(answer, url) => {
            return answered(shared, portal, host, job, *answer, url, streaks).await;
        }
        // One link to a resting host is no reason to leave this one.
        Visit::NotNow(NotNow::Resting { host: other, .. }) if other != host => Ending::Failed {
            reason: "host_resting".to_owned(),
        },
        Visit::NotNow(not_now) => return Ok(Outcome::StopHost(Stop::from(not_now))),
        Visit::Robots(RobotsRefusal::Disallowed) => Ending::LeftOut { reason: "robots" },
        Visit::Robots(refusal) => {
            let reason = match refusal {
                RobotsRefusal::Unreachable { reason } if reason.starts_with("blocked:") => reason,
                RobotsRefusal::Closed { .. } => format!("blocked:robots: {refusal}"),
                refusal => format!("robots_unreachable: {refusal}"),
            };
            return Ok(Outcome::StopHost(Stop {
                is_blocked: reason.starts_with("blocked:"),
                reason,
                is_pause: false,
            }));
        }
        Visit::Blocked(signature, answer, url) => {
            let stop = Stop::blocked(signature, &answer, &url);
            let blocked = host_port(&url);
            if portal.is_seeds(&blocked) {
                return Ok(Outcome::Blocked(stop.reason));
            }
            if host_of(&job).as_ref() == Some(&blocked) {
                return Ok(Outcome::StopHost(stop));
            }
            portal.stop_host(&blocked, stop);
            Ending::Failed {
                reason: format!("blocked:{}", signature.code()),
            }
        }
        Visit::LeftAlone => Ending::Failed {
            reason: "host_left_alone".to_owned(),
        },
        Visit::OutOfScope(why) => {
            let reason = why.code();
            // A row that is the portal's own by its address and leads elsewhere is one that could not be had.
            match Url::parse(&job.url) {
                Ok(url) if job.is_row() && portal.scope.check(&url).is_ok() => Ending::Failed {
                    reason: reason.to_owned(),
                },
                _ => Ending::LeftOut { reason },
            }
        }
        Visit::Redirects(reason) => Ending::Failed {
            reason: reason.to_owned(),
        },
        Visit::Throttled(status, pause) if pause > PATIENCE => {
            let minutes = pause.as_secs() / 60;
            let reason =
                format!("http_{status}: the host asks to be left alone for {minutes} minutes or more");
            return Ok(Outcome::StopHost(Stop::because(reason)));
        }
        Visit::Throttled(status, _) => {
            streaks.throttles += 1;
            if streaks.throttles > shared.config.retries.saturating_add(MORE_THROTTLES) {
                let reason = format!("http_{status}: the host keeps asking for fewer requests");
                return Ok(Outcome::StopHost(Stop::because(reason)));
            }
            again_or_failed(shared, portal, &job, format!("http_{status}"), streaks)
        }
        Visit::Fault(error) => fault(shared, portal, &job, &error, streaks),
    };
    Ok(Outcome::Finish(Box::new(bare(portal, job, ending))))
}

fn fault(
    shared: &Shared,
    portal: &PortalRun,
    job: &Job,
    error: &FetchError,
    streaks: &mut Streaks,
) -> Ending {
    tracing::debug!(
        url = job.url,
        error = error as &dyn std::error::Error,
        "failed to fetch {}",
        job.url
    );
    if error.may_pass() {
        again_or_failed(shared, portal, job, error.code().to_owned(), streaks)
    } else {
        Ending::Failed {
            reason: error.code().to_owned(),
        }
    }
}

fn again_or_failed(
    shared: &Shared,
    portal: &PortalRun,
    job: &Job,
    reason: String,
    streaks: &mut Streaks,
) -> Ending {
    if job.attempts < shared.config.retries {
        let pause = backoff(portal.terms.delay, job.attempts + 1);
        return Ending::Again {
            not_before: shared.steady.now_ms().saturating_add(to_ms(pause)),
        };
    }
    streaks.faults += 1;
    Ending::Failed { reason }
}

async fn answered(
    shared: &Arc<Shared>,
    portal: &Arc<PortalRun>,
    host: &str,
    job: Job,
    answer: Answer,
    url: Url,
    streaks: &mut Streaks,
) -> Result<Outcome, Ended> {
    streaks.throttles = 0;
    let status = answer.status;
    let target = (!job.is_at(&url)).then(|| url.clone());
    let ending = match status {
        // Many portals send visitors of what is not there to their home page.
        200 | 203 if target.as_ref().is_some_and(is_home) && job.kind != Kind::Seed => {
            streaks.over_and_done(shared, host);
            not_there(&job, "redirected_home")
        }
        200 | 203 => {
            streaks.over_and_done(shared, host);
            return Reading::begin(shared, portal, job, answer, (url, target)).await;
        }
        304 if job.etag.is_some() || job.last_modified.is_some() => {
            streaks.over_and_done(shared, host);
            let finish = Finish {
                target,
                ..bare(portal, job, Ending::NotModified)
            };
            return Ok(Outcome::Finish(Box::new(finish)));
        }
        // Servers that are not meant to be asked say 550 for what they do not have.
        404 | 410 | GONE_FOR_GOOD => {
            streaks.over_and_done(shared, host);
            match &job {
                job if job.is_guess => Ending::LeftOut { reason: NOT_THERE },
                job if job.is_report && status != GONE_FOR_GOOD => Ending::Gone {
                    reason: format!("http_{status}"),
                    is_removed: false,
                },
                _ => Ending::Failed {
                    reason: format!("http_{status}"),
                },
            }
        }
        _ if is_refusal(status) => {
            note_bad(shared, host, &job, status).await?;
            Ending::Failed {
                reason: format!("http_{status}"),
            }
        }
        408 | 425 => again_or_failed(shared, portal, &job, format!("http_{status}"), streaks),
        500..=599 => {
            note_bad(shared, host, &job, status).await?;
            again_or_failed(shared, portal, &job, format!("http_{status}"), streaks)
        }
        _ => Ending::Failed {
            reason: format!("http_{status}"),
        },
    };
    Ok(Outcome::Finish(Box::new(bare(portal, job, ending))))
}

/// Counts a refusal or a fault of the host's. The rest that may begin with it is durable, save that of a host in
/// `allow_private`.
async fn note_bad(shared: &Shared, host: &str, job: &Job, status: u16) -> Result<(), Ended> {
    match shared.pace.rests.add(host, job.id, status) {
        Some(rest) if !shared.fetcher.is_private(host) => {
            let written = Written::new(clock::now(), rest.pause);
            shared.recorder.save_rest(host, rest, written).await
        }
        _ => Ok(()),
    }
}

/// How the visit of a page ends in whose place something else is shown.
fn not_there(job: &Job, outcome: &'static str) -> Ending {
    if job.is_guess {
        return Ending::LeftOut { reason: NOT_THERE };
    }
    if job.is_report {
        return Ending::Gone {
            reason: "soft_404".to_owned(),
            is_removed: false,
        };
    }
    Ending::Done {
        outcome,
        is_report: false,
        identity: None,
        etag: None,
        last_modified: None,
    }
}

/// Whether an address is a host's first page.
fn is_home(url: &Url) -> bool {
    let file = url.path().trim_start_matches('/').to_ascii_lowercase();
    let name = file.split_once('.').map_or(file.as_str(), |(name, _)| name);
    url.query().is_none() && matches!(name, "" | "index" | "default" | "main" | "home")
}

fn host_of(job: &Job) -> Option<String> {
    Url::parse(&job.url).ok().map(|url| host_port(&url))
}

/// A visit that brought nothing but its ending.
fn bare(portal: &PortalRun, job: Job, ending: Ending) -> Finish {
    Finish {
        run: portal.run.clone(),
        job,
        ending,
        ingest: None,
        target: None,
        links: Vec::new(),
        rows: Vec::new(),
        said: None,
        traps: Vec::new(),
        brought: Yield::Nothing,
    }
}
