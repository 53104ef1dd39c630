//! `robots.txt` of each origin, fetched once a run and not kept longer than a day.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    Clock, Shared, now_ms,
    pace::{Denied, InPlace, PATIENCE},
    signature::signature,
    terms::Terms,
    to_ms,
    visit::{MAX_REDIRECTS, redirect_of, retry_after},
};
use crate::{
    archive::{Capture, CaptureBody, CaptureKind, Truncated},
    extract::Hints,
    fetch::{Answer, FetchError, Request},
    frontier::StoredRobots,
    robots::{HostRules, MAX_FETCHED_BYTES, ROBOTS_LIFETIME},
    store::Ingest,
};

/// The rules of all origins met so far.
pub(super) struct RulesCache {
    agent: String,
    origins: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Option<Known>>>>>,
}

#[derive(Clone)]
struct Known {
    rules: Arc<HostRules>,
    fetched_at: i64,
}

/// For whom rules are asked.
pub(super) struct Asker<'a> {
    pub(super) portal: &'a str,
    pub(super) terms: &'a Terms,
    /// When its run began: older rules are not used.
    pub(super) since: i64,
    /// Ends the waiting for a further try.
    pub(super) stop: &'a CancellationToken,
    /// How long the turn of the first request is waited for in place; `None` for as long as it takes.
    pub(super) in_place: Option<&'a InPlace>,
    /// Called when something is to be waited for.
    pub(super) waits: &'a (dyn Fn() + Send + Sync),
}

impl RulesCache {
    pub(super) fn new(agent: &str) -> Self {
        Self {
            agent: agent.to_owned(),
            origins: Mutex::default(),
        }
    }

    /// Lets go of the rules for a host (`host:port`), which are in the catalog, unless somebody is using them.
    pub(super) fn forget(&self, host: &str) {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        for (scheme, port) in [("http", ":80"), ("https", ":443")] {
            let origin = format!("{scheme}://{}", host.strip_suffix(port).unwrap_or(host));
            if origins
                .get(&origin)
                .is_some_and(|known| Arc::strong_count(known) == 1)
            {
                origins.remove(&origin);
            }
        }
    }
}

/// The rules for the origin of `url`.
pub(super) async fn rules_for(
    shared: &Shared,
    url: &Url,
    asker: &Asker<'_>,
) -> Result<Arc<HostRules>, Denied> {
    let origin = url.origin().ascii_serialization();
    let entry = {
        let mut origins = shared
            .rules
            .origins
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(origins.entry(origin.clone()).or_default())
    };
    let mut known = entry.lock().await;
    let is_fresh = |fetched_at: i64| {
        fetched_at >= asker.since
            && (0..to_ms(ROBOTS_LIFETIME)).contains(&shared.steady.now_ms().saturating_sub(fetched_at))
    };
    if let Some(known) = known.as_ref().filter(|known| is_fresh(known.fetched_at)) {
        return Ok(Arc::clone(&known.rules));
    }
    let stored = shared
        .recorder
        .load_robots(&origin)
        .await?
        .filter(|stored| is_fresh(stored.fetched_at));
    let stored = match stored {
        Some(stored) => stored,
        // In a box, which is there only when it is needed.
        None => Box::pin(fetch(shared, &origin, url, asker)).await?,
    };
    let rules = Arc::new(match stored.status {
        Some(status) => HostRules::from_answer(status, &stored.body, &shared.rules.agent),
        None => HostRules::Unreachable {
            reason: stored.fault.clone().unwrap_or_else(|| "no_answer".to_owned()),
        },
    });
    *known = Some(Known {
        rules: Arc::clone(&rules),
        fetched_at: stored.fetched_at,
    });
    Ok(rules)
}

/// Fetches the file, and again after a fault that may pass; keeps what came.
async fn fetch(shared: &Shared, origin: &str, url: &Url, asker: &Asker<'_>) -> Result<StoredRobots, Denied> {
    let mut attempt = 0;
    let followed = loop {
        let in_place = asker.in_place.filter(|_| attempt == 0);
        let followed = follow(shared, url, asker, in_place).await?;
        let may_pass = match &followed {
            Followed::Answer(answer, _) => answer.status >= 500 && signature(answer).is_none(),
            Followed::TooFar | Followed::Held(_) => false,
            Followed::Fault(error) => error.may_pass(),
        };
        if !may_pass || attempt >= shared.config.retries || asker.stop.is_cancelled() {
            break followed;
        }
        attempt += 1;
        let pause = super::host::backoff(asker.terms.delay, attempt);
        (asker.waits)();
        tokio::select! {
            () = asker.stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    };
    let (status, fault, body, ingest) = match followed {
        Followed::Answer(answer, url) => {
            // Who shuts us out here has said nothing about what robots may do.
            let blocked = signature(&answer)
                .map(|way| format!("blocked:{}: http {} at {url}", way.code(), answer.status));
            let status = Some(answer.status).filter(|_| blocked.is_none());
            let body = answer.body.clone();
            let capture = capture(asker.portal, &url, *answer, &shared.config.clock);
            (status, blocked, body, Some(Ingest::fetched(capture, None)))
        }
        Followed::TooFar => (Some(404), None, Vec::new(), None),
        Followed::Held(status) => (None, Some(format!("http_{status}")), Vec::new(), None),
        Followed::Fault(error) => (None, Some(error.code().to_owned()), Vec::new(), None),
    };
    let stored = StoredRobots {
        fetched_at: shared.steady.now_ms(),
        status,
        fault,
        body,
    };
    shared
        .recorder
        .save_robots(origin, stored.clone(), ingest)
        .await?;
    Ok(stored)
}

/// Where a request for `robots.txt` led.
enum Followed {
    Answer(Box<Answer>, Url),
    /// Through more redirects than the standard asks to follow: as if there were no file.
    TooFar,
    /// To a host that asks, with this status, to be left alone for longer than we wait.
    Held(u16),
    /// There was no answer, or none may be asked for.
    Fault(FetchError),
}

/// One try, with its redirects: each hop passes the gate and keeps the pace of its host.
async fn follow(
    shared: &Shared,
    url: &Url,
    asker: &Asker<'_>,
    in_place: Option<&InPlace>,
) -> Result<Followed, Denied> {
    let Ok(mut url) = url.join("/robots.txt") else {
        return Ok(Followed::Fault(FetchError::Scheme));
    };
    for hop in 0..=MAX_REDIRECTS {
        let lane = match shared.fetcher.open(&url).await {
            Ok(lane) => lane,
            Err(error) => {
                tracing::debug!(%url, %error, "robots.txt cannot be fetched");
                return Ok(Followed::Fault(error));
            }
        };
        let in_place = in_place.filter(|_| hop == 0);
        let (pace, recorder) = (&shared.pace, &shared.recorder);
        if !pace
            .look_ahead(&lane, None, asker.terms, recorder, in_place)
            .await?
        {
            (asker.waits)();
        }
        let pass = pace.enter(&lane, None, asker.terms, recorder).await?;
        let request = Request {
            url: url.clone(),
            form: None,
            referer: None,
            etag: None,
            last_modified: None,
            max_bytes: MAX_FETCHED_BYTES,
            cut: true,
        };
        let answer = shared.fetcher.get(&lane, &request).await;
        pass.sent(&lane);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(%url, %error, "robots.txt gives no answer");
                return Ok(Followed::Fault(error));
            }
        };
        if matches!(answer.status, 429 | 503) && signature(&answer).is_none() {
            let wish = retry_after(&answer, now_ms());
            let pause = pass.hold(wish, &shared.recorder).await?;
            if answer.status == 503 && pause > PATIENCE {
                return Ok(Followed::Held(answer.status));
            }
        }
        match redirect_of(&answer, &url) {
            Some(next) if signature(&answer).is_none() => url = next,
            _ => return Ok(Followed::Answer(Box::new(answer), url)),
        }
    }
    Ok(Followed::TooFar)
}

fn capture(portal: &str, url: &Url, answer: Answer, clock: &Clock) -> Capture {
    Capture {
        url: url.to_string(),
        portal: portal.to_owned(),
        at: clock.now().into(),
        recorded_at: None,
        kind: CaptureKind::Robots,
        truncated: answer.is_cut.then_some(Truncated::Length),
        body: CaptureBody::Http {
            request: answer.request,
            response: answer.response,
            ip: answer.ip,
        },
        hints: Hints::default(),
        genres: Vec::new(),
        via: None,
        files: Vec::new(),
    }
}
