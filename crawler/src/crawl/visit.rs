//! One visit: from an address, through its redirects, to an answer.
//!
//! Each hop passes the same gate: scheme, port and address (by the fetcher), the portal's scope, `robots.txt`, and
//! the pace of the host it goes to.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::{
    Shared, now_ms,
    pace::{Denied, GRACE, InPlace},
    portal::{PortalRun, Stop},
    recorder::Ended,
    rules::{Asker, rules_for},
    signature::{Signature, signature},
    terms::NotNow,
};
use crate::{
    archive::MAX_BODY,
    extract::leads_to_file,
    fetch::{self, Answer, FetchError, Request, host_port},
    frontier::{Job, Kind},
    portal::{OutOfScope, Scope},
    robots::RobotsRefusal,
    url::category,
};

/// Most redirects that are followed.
pub(super) const MAX_REDIRECTS: usize = 5;

/// How a visit ended.
pub(super) enum Visit {
    /// With an answer that is no redirect, at this address.
    Answer(Box<Answer>, Url),
    /// `robots.txt` forbids it.
    Robots(RobotsRefusal),
    /// It, or what it redirects to, does not belong to the portal.
    OutOfScope(OutOfScope),
    /// The redirects lead nowhere; why, as one word.
    Redirects(&'static str),
    /// There was no answer.
    Fault(FetchError),
    /// The host asks for fewer requests, and will be left alone for this long.
    Throttled(u16, Duration),
    /// A host may not be asked now, nor soon.
    NotNow(NotNow),
    /// The host at this address shuts us out.
    Blocked(Signature, Box<Answer>, Url),
    /// It, or what it redirects to, is on a host that is left alone.
    LeftAlone,
    /// The crawl was stopped before there was an answer.
    Stopped,
    /// Its turn is kept for this moment, and nothing of it was asked for.
    NotYet(Instant),
}

/// What is to be fetched, and as what.
#[derive(Clone, Copy)]
pub(super) struct Errand<'a> {
    pub(super) url: &'a Url,
    /// Body of a POST; `None` is a GET.
    pub(super) form: Option<&'a str>,
    pub(super) referer: Option<&'a str>,
    pub(super) etag: Option<&'a str>,
    pub(super) last_modified: Option<&'a str>,
    /// Most bytes of the answer.
    pub(super) max_bytes: u64,
    /// Whether an address on the way belongs to the portal.
    pub(super) check: fn(&Scope, &Url) -> Result<(), OutOfScope>,
    /// How long the turn of its first request is waited for in place; `None` for as long as it takes.
    pub(super) in_place: Option<&'a InPlace>,
}

/// Visits the page of `job`. A seed whose host cannot be connected to is tried once more by the other of http and
/// https: portals change over, and their old certificates stay.
pub(super) async fn visit_page(
    shared: &Shared,
    portal: &PortalRun,
    job: &Job,
    in_place: Option<&InPlace>,
) -> Result<Visit, Ended> {
    let Ok(url) = Url::parse(&job.url) else {
        return Ok(Visit::Fault(FetchError::Scheme));
    };
    let config = &shared.config;
    let is_file = job.kind == Kind::Page && leads_to_file(&url);
    let errand = Errand {
        url: &url,
        form: job.form.as_deref(),
        referer: job.via.as_deref(),
        etag: job.etag.as_deref(),
        last_modified: job.last_modified.as_deref(),
        max_bytes: match is_file {
            true => config.max_attachment.min(MAX_BODY as u64),
            false => config.max_html,
        },
        check: match is_file {
            true => Scope::check_file,
            false => Scope::check,
        },
        in_place,
    };
    let visited = visit(shared, portal, &errand).await?;
    let Some((reason, other)) = other_scheme(job, &url, &visited) else {
        return Ok(visited);
    };
    tracing::warn!(
        portal.id = portal.portal.id,
        %url,
        reason,
        "portal {}: no connection to seed {url} ({reason}); trying {other}",
        portal.portal.id
    );
    let errand = Errand {
        url: &other,
        in_place: None,
        ..errand
    };
    match visit(shared, portal, &errand).await? {
        Visit::Fault(_) | Visit::Robots(_) => Ok(visited),
        better => Ok(better),
    }
}

/// The address of a seed by the other scheme, when there was no connection by its own, and why not.
fn other_scheme(job: &Job, url: &Url, visited: &Visit) -> Option<(String, Url)> {
    let reason = match visited {
        Visit::Fault(error) => error.code(),
        Visit::Robots(RobotsRefusal::Unreachable { reason }) => reason,
        _ => return None,
    };
    let is_tls = reason.starts_with("tls");
    let is_unconnected =
        is_tls || matches!(reason, "connection_refused" | "connect_timeout" | "no_connection");
    // A port of its own speaks one scheme; only a failed handshake says that it is the other one.
    if job.kind != Kind::Seed || !is_unconnected || (url.port().is_some() && !is_tls) {
        return None;
    }
    let mut other = url.clone();
    let scheme = if url.scheme() == "https" { "http" } else { "https" };
    other.set_scheme(scheme).ok()?;
    Some((reason.to_owned(), other))
}

/// Fetches something, through its redirects.
pub(super) async fn visit(shared: &Shared, portal: &PortalRun, errand: &Errand<'_>) -> Result<Visit, Ended> {
    let mut url = errand.url.clone();
    let mut form = errand.form.map(str::to_owned);
    // Addresses asked for since the last new cookie.
    let mut seen: Vec<Url> = Vec::new();
    for hop in 0..=MAX_REDIRECTS {
        let errand = &Errand {
            in_place: errand.in_place.filter(|_| hop == 0),
            ..*errand
        };
        let asked = match ask(shared, portal, errand, &url, form.clone()).await {
            Ok(asked) => asked,
            Err(Denied::Ended(ended)) => return Err(ended),
            Err(Denied::NotNow(not_now)) => return Ok(Visit::NotNow(not_now)),
            Err(Denied::NotYet(turn)) => return Ok(Visit::NotYet(turn)),
        };
        let answer = match asked {
            Asked::Answer(answer) => answer,
            Asked::Done(visit) => return Ok(visit),
        };
        let Some(next) = redirect_of(&answer, &url) else {
            return Ok(if is_redirect(answer.status) {
                Visit::Redirects("bad_redirect")
            } else {
                Visit::Answer(answer, url)
            });
        };
        if answer.has_new_cookie {
            // Some gates let in whoever sends their cookie back.
            seen.clear();
        } else if form.is_none() {
            seen.push(url);
        }
        // Only these two repeat the request as it was (RFC 9110 §15.4).
        form = form.filter(|_| matches!(answer.status, 307 | 308));
        if seen.contains(&next) {
            return Ok(Visit::Redirects("redirect_loop"));
        }
        url = next;
    }
    Ok(Visit::Redirects("too_many_redirects"))
}

/// What one hop came to.
enum Asked {
    /// An answer, which may be a redirect.
    Answer(Box<Answer>),
    /// The end of the visit.
    Done(Visit),
}

/// One hop, through the gate.
async fn ask(
    shared: &Shared,
    portal: &PortalRun,
    errand: &Errand<'_>,
    url: &Url,
    form: Option<String>,
) -> Result<Asked, Denied> {
    let done = |visit| Ok(Asked::Done(visit));
    if let Err(error) = shared.fetcher.check(url) {
        return done(Visit::Fault(error));
    }
    if let Err(reason) = (errand.check)(&portal.scope, url) {
        return done(Visit::OutOfScope(reason));
    }
    if portal.is_stopped(&host_port(url)) {
        return done(Visit::LeftAlone);
    }
    let host = host_port(url);
    let is_private = shared.fetcher.is_private(&host);
    shared
        .pace
        .rests
        .check(&host, is_private)
        .map_err(Denied::NotNow)?;
    let lane = match shared.fetcher.open(url).await {
        Ok(lane) => lane,
        Err(error) => return done(Visit::Fault(error)),
    };
    let asker = Asker {
        portal: &portal.portal.id,
        terms: &portal.terms,
        since: portal.run.begun_at,
        stop: &portal.stop,
        in_place: errand.in_place,
        waits: &|| portal.has_begun(),
    };
    let rules = tokio::select! {
        () = portal.stop.cancelled() => return done(Visit::Stopped),
        rules = rules_for(shared, url, &asker) => rules?,
    };
    if let Err(refusal) = rules.check(url) {
        return done(Visit::Robots(refusal));
    }
    let (pace, delay) = (&shared.pace, rules.crawl_delay());
    let is_free = pace.look_ahead(&lane, delay, &portal.terms, &shared.recorder, errand.in_place);
    if !is_free.await? {
        portal.has_begun();
    }
    let pass = tokio::select! {
        () = portal.stop.cancelled() => return done(Visit::Stopped),
        pass = pace.enter(&lane, delay, &portal.terms, &shared.recorder) => pass?,
    };
    // While its turn was waited for, the host may have shut us out.
    if portal.is_stopped(&host_port(url)) {
        return done(Visit::LeftAlone);
    }
    let is_conditional = !portal.run.is_full;
    let request = Request {
        url: url.clone(),
        form,
        referer: errand.referer.map(str::to_owned),
        etag: errand.etag.filter(|_| is_conditional).map(str::to_owned),
        last_modified: errand.last_modified.filter(|_| is_conditional).map(str::to_owned),
        max_bytes: errand.max_bytes,
        cut: false,
    };
    let out_of_time = async {
        portal.stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let answer = tokio::select! {
        () = out_of_time => return done(Visit::Stopped),
        // In a box, which whoever waits for a turn doesn't have.
        answer = Box::pin(shared.fetcher.get(&lane, &request)) => answer,
    };
    pass.sent(&lane);
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return done(Visit::Fault(error)),
    };
    tracing::debug!(%url, status = answer.status, "fetched {url}");
    if let Some(signature) = signature(&answer) {
        // At once, for whoever waits to ask the same host. Some portals ask for a captcha before each file only.
        if signature != Signature::Captcha && !portal.is_seeds(&host_port(url)) {
            portal.stop_host(&host_port(url), Stop::blocked(signature, &answer, url));
        }
        return done(Visit::Blocked(signature, Box::new(answer), url.clone()));
    }
    if matches!(answer.status, 429 | 503) {
        let wish = retry_after(&answer, now_ms());
        let pause = pass.hold(wish, &shared.recorder).await?;
        return done(Visit::Throttled(answer.status, pause));
    }
    pass.relax();
    Ok(Asked::Answer(Box::new(answer)))
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Where an answer redirects to, by its status or a `Refresh` header; `None` when it does not.
pub(super) fn redirect_of(answer: &Answer, url: &Url) -> Option<Url> {
    let is_fine = matches!(answer.status, 200 | 203);
    let target = match answer.header("location") {
        Some(location) if is_redirect(answer.status) => location.trim(),
        _ if is_fine => refresh_target(answer.header("refresh")?)?,
        _ => return None,
    };
    let mut next = url.join(target).ok()?;
    // A redirect keeps the fragment (RFC 9110 §10.2.2), where one matters.
    next.set_fragment(url.fragment());
    if category(&next).is_none() {
        next.set_fragment(None);
    }
    // A page that shows itself anew from time to time is no redirect.
    (!is_fine || next != *url).then_some(next)
}

/// The address in `0; url=…`, when visitors are sent there before they can have read the page.
fn refresh_target(value: &str) -> Option<&str> {
    const MAX_SECONDS: u32 = 10;
    let (seconds, target) = value.split_once([';', ','])?;
    let whole = seconds.trim().split('.').next()?;
    let (name, target) = target.split_once('=')?;
    let is_soon = whole.parse::<u32>().is_ok_and(|seconds| seconds <= MAX_SECONDS);
    (is_soon && name.trim().eq_ignore_ascii_case("url")).then(|| target.trim().trim_matches(['"', '\'']))
}

/// How long the host wants to be left alone: seconds, or a moment.
pub(super) fn retry_after(answer: &Answer, now: i64) -> Option<Duration> {
    fetch::retry_after(answer.header("retry-after")?, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, name: &str, value: &str) -> Answer {
        Answer {
            status,
            headers: vec![(name.to_owned(), value.to_owned())],
            body: Vec::new(),
            request: Vec::new(),
            response: Vec::new(),
            ip: None,
            has_new_cookie: false,
            is_cut: false,
        }
    }

    #[test]
    fn redirects_are_resolved_against_the_page() {
        let url = Url::parse("http://a.gov.cn/x/y.html").unwrap();
        let next =
            |status, location| redirect_of(&answer(status, "location", location), &url).map(String::from);
        assert_eq!(
            next(302, " ../z.html#top").as_deref(),
            Some("http://a.gov.cn/z.html")
        );
        assert_eq!(next(301, "//b.gov.cn/").as_deref(), Some("http://b.gov.cn/"));
        assert_eq!(next(200, "/z"), None);
        assert_eq!(next(302, "http://["), None);
        assert_eq!(
            next(302, "/a b/报告.html").as_deref(),
            Some("http://a.gov.cn/a%20b/%E6%8A%A5%E5%91%8A.html")
        );
        assert_eq!(next(302, "").as_deref(), Some("http://a.gov.cn/x/y.html"));
        let refresh = |value| redirect_of(&answer(200, "refresh", value), &url).map(String::from);
        assert_eq!(
            refresh("0; URL='/z.html'").as_deref(),
            Some("http://a.gov.cn/z.html")
        );
        assert_eq!(
            refresh("0.5;url=z.html").as_deref(),
            Some("http://a.gov.cn/x/z.html")
        );
        for value in [
            "300; url=/z.html",
            "5",
            "5; url=/x/y.html",
            "soon; url=/z",
            "0; /z",
        ] {
            assert_eq!(refresh(value), None, "{value}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_moment() {
        let wait = |value| retry_after(&answer(503, "retry-after", value), 1_709_000_000_000);
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(
            wait("Tue, 27 Feb 2024 02:13:30 GMT"),
            Some(Duration::from_secs(10))
        );
        assert_eq!(wait("Tue, 27 Feb 2001 02:13:30 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
    }
}
