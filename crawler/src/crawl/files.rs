//! The files of a page: fetched before the page is finished, each as a capture of its own.
//!
//! A file is asked for once in a run, however many pages link to it, and the answer is durable before the next request
//! leaves; a kill in the middle leaves the page pending, and what its files came to is known when it is visited again.
//! A file that does not come makes nothing of its page fail. What was had of it in an earlier run is kept then, and as
//! long as another try may fare better, the page is read anew at the next crawl instead of being asked whether it
//! changed.

use std::{collections::HashMap, sync::Arc};

use report::Attachment;
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::{
    Shared,
    host::{GONE_FOR_GOOD, backoff},
    portal::{PortalRun, Stop},
    recorder::Ended,
    signature::Signature,
    terms::NotNow,
    visit::{Errand, Visit, visit},
};
use crate::{
    archive::{Capture, CaptureBody, CaptureKind, FileRef, MAX_BODY, Truncated},
    catalog,
    extract::Hints,
    fetch::{Answer, host_port},
    files::reason,
    frontier::AskedFile,
    politeness::MAX_HOLD,
    portal::Scope,
    reading::files::{FileFacts, read_file},
    robots::RobotsRefusal,
    store::Ingest,
};

/// Files in a row that another host than the page's did not give, after which it is asked for no more.
const MAX_FAULTS: u32 = 5;

/// What the files of a page came to.
#[derive(Debug, Default)]
pub(super) struct FetchedFiles {
    /// The captures that stand for them.
    pub(super) refs: Vec<FileRef>,
    /// Some of them may come another time.
    pub(super) is_lacking: bool,
}

/// Why the files of a page were not fetched to the end.
pub(super) enum Break {
    /// The host of the page is to be left alone.
    Stop(Stop),
    /// The crawl is being stopped.
    Stopped,
}

/// What is remembered between the pages of a host.
#[derive(Debug, Default)]
pub(super) struct FileHosts {
    /// Files in a row that each host did not give.
    faults: HashMap<String, u32>,
}

/// What one file came to.
enum Came {
    /// An answer, or the word that there will be none.
    Capture(Box<Capture>, Outcome),
    /// It is as it was.
    NotModified,
    /// It may not be asked for; why, as one word.
    LeftOut(&'static str),
    /// It cannot be asked for now.
    Later,
    Break(Break),
}

/// What an answer is, as far as that shows before the file is read.
#[derive(Clone, Debug)]
struct Outcome {
    /// What went wrong, as one word.
    fault: Option<String>,
    may_pass: bool,
}

/// Fetches the files of a page that belong to the portal, and says of the others that they do not.
pub(super) async fn fetch_files(
    shared: &Arc<Shared>,
    portal: &PortalRun,
    page: &Url,
    attachments: &[Attachment],
    hosts: &mut FileHosts,
) -> Result<Result<FetchedFiles, Break>, Ended> {
    let mut fetched = FetchedFiles::default();
    for attachment in attachments.iter().filter(|file| file.status.is_none()) {
        let Ok(url) = Url::parse(&attachment.url) else {
            continue;
        };
        let key = catalog::address(&attachment.url);
        let (asked, known) = shared.recorder.file_state(&portal.run, &key).await?;
        let asked = match asked {
            Some(asked) => asked,
            None => {
                let came = if let Err(why) = portal.scope.check_file(&url) {
                    Came::LeftOut(why.code())
                } else if hosts.gave_up(&url) || !portal.take_budget() {
                    Came::Later
                } else if let Some(stop) = shared.room.is_short() {
                    Came::Break(Break::Stop(stop))
                } else {
                    let came = fetch(shared, portal, page, &url, known.as_ref()).await?;
                    if !matches!(came, Came::Capture(..) | Came::NotModified) {
                        portal.give_budget();
                    }
                    came
                };
                hosts.note(&came, &url, page);
                match record(shared, portal, page, (&key, &url), known, came).await? {
                    Taken::Asked(asked) => asked,
                    Taken::Later => {
                        fetched.is_lacking = true;
                        continue;
                    }
                    Taken::Break(why) => return Ok(Err(why)),
                }
            }
        };
        fetched.is_lacking |= asked.may_pass;
        if let Some(version) = asked.version {
            fetched.refs.push(FileRef {
                url: attachment.url.clone(),
                version,
            });
        }
    }
    Ok(Ok(fetched))
}

/// What is to be done with what came.
enum Taken {
    Asked(AskedFile),
    Later,
    Break(Break),
}

/// Records what came of a file.
async fn record(
    shared: &Arc<Shared>,
    portal: &PortalRun,
    page: &Url,
    (key, url): (&str, &Url),
    known: Option<FileFacts>,
    came: Came,
) -> Result<Taken, Ended> {
    let came = match came {
        Came::LeftOut(reason) => {
            let fault = Some(reason.to_owned());
            let capture = capture(portal, page, url, None, fault.as_deref());
            let outcome = Outcome {
                fault,
                may_pass: false,
            };
            Came::Capture(Box::new(capture), outcome)
        }
        came => came,
    };
    let (asked, ingest) = match came {
        Came::NotModified => {
            let asked = AskedFile {
                version: known.map(|facts| facts.version),
                outcome: "not_modified".to_owned(),
                is_file: true,
                may_pass: false,
            };
            (asked, None)
        }
        Came::Capture(capture, outcome) => {
            if let Some(stop) = shared.room.is_short_for(capture.body.len() as u64) {
                return Ok(Taken::Break(Break::Stop(stop)));
            }
            let (facts, capture) = read(shared, *capture).await?;
            let had = known.filter(FileFacts::is_file);
            let fault = outcome.fault.or_else(|| facts.reason.clone());
            // Once a file was had, what went wrong later takes nothing away.
            let stands = match had {
                Some(had) if !facts.is_file() => had.version,
                _ => facts.version.clone(),
            };
            let asked = AskedFile {
                version: Some(stands),
                outcome: fault.unwrap_or_else(|| "fetched".to_owned()),
                is_file: facts.is_file(),
                may_pass: outcome.may_pass,
            };
            (asked, Some(Ingest::attachment(capture, facts)))
        }
        Came::LeftOut(_) | Came::Later => return Ok(Taken::Later),
        Came::Break(why) => return Ok(Taken::Break(why)),
    };
    shared
        .recorder
        .finish_file(&portal.run, key, url.as_str(), asked.clone(), ingest)
        .await?;
    Ok(Taken::Asked(asked))
}

/// Reads a file on a blocking thread; few at once, since they are large.
async fn read(shared: &Arc<Shared>, capture: Capture) -> Result<(FileFacts, Capture), Ended> {
    let permit = Arc::clone(&shared.file_readers)
        .acquire_owned()
        .await
        .map_err(|_| Ended)?;
    let files = shared.files.clone();
    let read = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        (read_file(&capture, &files), capture)
    });
    read.await.map_err(|_| Ended)
}

/// Asks for a file, as often as a page is asked for.
async fn fetch(
    shared: &Shared,
    portal: &PortalRun,
    page: &Url,
    url: &Url,
    known: Option<&FileFacts>,
) -> Result<Came, Ended> {
    let known = known.filter(|facts| facts.is_file());
    let mut attempts = 0;
    loop {
        let errand = Errand {
            url,
            form: None,
            referer: Some(page.as_str()),
            etag: known.and_then(|facts| facts.etag.as_deref()),
            last_modified: known.and_then(|facts| facts.last_modified.as_deref()),
            max_bytes: shared.config.max_attachment.min(MAX_BODY as u64),
            check: Scope::check_file,
            // Its page waits with it.
            in_place: None,
        };
        let visited = visit(shared, portal, &errand).await?;
        let is_own_host = host_port(url) == host_port(page);
        let (body, fault, may_pass) = match visited {
            Visit::Stopped | Visit::NotYet(_) => return Ok(Came::Break(Break::Stopped)),
            Visit::Answer(answer, _) if answer.status == 304 && known.is_some() => {
                return Ok(Came::NotModified);
            }
            Visit::Answer(answer, _) => {
                let may_pass =
                    matches!(answer.status, 408 | 425 | 500..=599) && answer.status != GONE_FOR_GOOD;
                let fault = match answer.status {
                    200 | 203 => None,
                    status => Some(format!("http_{status}")),
                };
                (Some(*answer), fault, may_pass)
            }
            // Some portals ask for a captcha before each download, and for none before a page.
            Visit::Blocked(Signature::Captcha, answer, _) => {
                (Some(*answer), Some(reason::HTML_ERROR.to_owned()), false)
            }
            Visit::Blocked(signature, answer, at) => {
                let stop = Stop::blocked(signature, &answer, &at);
                if host_port(&at) == host_port(page) {
                    return Ok(Came::Break(Break::Stop(stop)));
                }
                portal.stop_host(&host_port(&at), stop);
                return Ok(Came::Later);
            }
            Visit::LeftAlone => return Ok(Came::Later),
            Visit::Robots(RobotsRefusal::Disallowed) => return Ok(Came::LeftOut("robots")),
            Visit::OutOfScope(why) => return Ok(Came::LeftOut(why.code())),
            Visit::Robots(_) => return Ok(Came::Later),
            // The host of the page is left for today, and the page with it; a file elsewhere waits for a later crawl.
            Visit::NotNow(not_now) if is_own_host || matches!(not_now, NotNow::Hours(_)) => {
                return Ok(Came::Break(Break::Stop(Stop::from(not_now))));
            }
            Visit::NotNow(_) => return Ok(Came::Later),
            Visit::Redirects(reason) => (None, Some(reason.to_owned()), false),
            Visit::Throttled(status, pause) => {
                let is_long = pause >= MAX_HOLD || attempts > shared.config.retries;
                if is_long && is_own_host {
                    let reason = format!("http_{status}: the host keeps asking for fewer requests");
                    return Ok(Came::Break(Break::Stop(Stop::because(reason))));
                }
                if is_long {
                    return Ok(Came::Later);
                }
                attempts += 1;
                continue;
            }
            Visit::Fault(error) => (None, Some(error.code().to_owned()), error.may_pass()),
        };
        if may_pass && attempts < shared.config.retries {
            attempts += 1;
            let pause = Instant::now() + backoff(portal.terms.delay, attempts);
            tokio::select! {
                () = portal.stop.cancelled() => return Ok(Came::Break(Break::Stopped)),
                () = sleep_until(pause) => continue,
            }
        }
        tracing::debug!(%url, fault, "asked for the file {url}");
        let capture = capture(portal, page, url, body, fault.as_deref());
        let outcome = Outcome { fault, may_pass };
        return Ok(Came::Capture(Box::new(capture), outcome));
    }
}

/// The exchange as it is archived, under the address of the link. Without an answer the capture is empty, and says so.
fn capture(
    portal: &PortalRun,
    page: &Url,
    url: &Url,
    answer: Option<Answer>,
    fault: Option<&str>,
) -> Capture {
    let (body, truncated) = match answer {
        Some(answer) => {
            let body = CaptureBody::Http {
                request: answer.request,
                response: answer.response,
                ip: answer.ip,
            };
            (body, None)
        }
        None => {
            let body = CaptureBody::Resource {
                media_type: "application/octet-stream".to_owned(),
                bytes: Vec::new(),
            };
            let truncated = match fault {
                Some("too_large" | "bomb") => Truncated::Length,
                Some("timeout" | "first_byte_timeout" | "idle_timeout" | "connect_timeout") => {
                    Truncated::Time
                }
                _ => Truncated::Disconnect,
            };
            (body, Some(truncated))
        }
    };
    Capture {
        url: url.to_string(),
        portal: portal.portal.id.clone(),
        at: portal.clock.now().into(),
        recorded_at: None,
        kind: CaptureKind::Attachment,
        body,
        truncated,
        hints: Hints::default(),
        genres: Vec::new(),
        via: Some(page.to_string()),
        files: Vec::new(),
    }
}

impl FileHosts {
    /// Whether no host keeps files from us.
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    fn gave_up(&self, url: &Url) -> bool {
        self.faults.get(&host_port(url)).is_some_and(|n| *n >= MAX_FAULTS)
    }

    fn note(&mut self, came: &Came, url: &Url, page: &Url) {
        let host = host_port(url);
        if host == host_port(page) {
            return;
        }
        match came {
            Came::Capture(_, outcome) if outcome.may_pass => *self.faults.entry(host).or_default() += 1,
            Came::Later => (),
            _ => drop(self.faults.remove(&host)),
        }
    }
}
