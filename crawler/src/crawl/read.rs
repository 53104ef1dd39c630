//! What a page brought: the report in it, or the links of a list.
//!
//! Runs on a blocking thread: parsing and extraction take long. Otherwise pure.

use std::cell::RefCell;

use report::{ChinaTime, Content};
use url::Url;

use super::{
    files::FetchedFiles,
    kinds,
    portal::PortalRun,
    recorder::{NOT_A_LIST, RowKey},
};
use crate::{
    archive::{Capture, CaptureBody, CaptureKind},
    extract::ExtractError,
    fetch::Answer,
    frontier::{Ending, Job, Kind, NewLink, Yield},
    lists::{self, ColumnSign, Found, List, MAX_PAGES, Said, Shape, Source, is_index_above, shape, trap},
    portal::Family,
    reading::{ReadError, Reading, files::Files, read_alone, with_files},
    store::Ingest,
    url::{behind_gate, is_fitter, page_key},
};

/// Most columns between a seed and a list.
const MAX_HOPS: u32 = 5;

/// Most columns between a seed and a page without reports whose columns are followed for their place alone.
const MAX_UNNAMED_HOPS: u32 = 3;

/// Most traps of one page that are remembered.
const MAX_TRAPS: usize = 10;

/// A page that was fetched.
pub(super) struct Fetched {
    pub(super) job: Job,
    pub(super) answer: Answer,
    /// Address that answered.
    pub(super) url: Url,
    pub(super) at: ChinaTime,
}

/// What it brought.
pub(super) struct Brought {
    pub(super) ending: Ending,
    pub(super) ingest: Ingest,
    pub(super) links: Vec<NewLink>,
    /// The rows of a list.
    pub(super) rows: Vec<RowKey>,
    /// How long the list says that it is.
    pub(super) said: Option<Said>,
    pub(super) traps: Vec<(&'static str, String)>,
    pub(super) brought: Yield,
}

impl Brought {
    /// The report with what its files say.
    pub(super) fn with_files(self, portal: &PortalRun, fetched: FetchedFiles, files: &Files) -> Self {
        let Ingest {
            mut capture,
            content,
            given,
            ..
        } = self.ingest;
        capture.files = fetched.refs;
        let read = content.map(|content| {
            let reading = Reading { content, given };
            with_files(&capture, Some(&portal.view), reading, files)
        });
        let ending = match (read.as_ref(), self.ending) {
            // What is still lacking comes when the page is read anew.
            (
                Some(Ok(_)),
                Ending::Done {
                    outcome,
                    is_report,
                    identity,
                    ..
                },
            ) if fetched.is_lacking => Ending::Done {
                outcome,
                is_report,
                identity,
                etag: None,
                last_modified: None,
            },
            (
                Some(Err(_)),
                Ending::Done {
                    etag, last_modified, ..
                },
            ) => Ending::Done {
                outcome: "other_genre",
                is_report: false,
                identity: None,
                etag,
                last_modified,
            },
            (_, ending) => ending,
        };
        let content = read.and_then(Result::ok).map(|reading| reading.content);
        Self {
            ending,
            ingest: Ingest::fetched(capture, content),
            ..self
        }
    }
}

/// Reads a page whose status is 200.
pub(super) fn read(portal: &PortalRun, fetched: Fetched) -> Brought {
    match fetched.job.kind {
        Kind::Page => read_page(portal, fetched),
        Kind::Seed | Kind::List => read_list(portal, fetched),
    }
}

fn read_list(portal: &PortalRun, fetched: Fetched) -> Brought {
    let (mut found, mut traps) = links_of(portal, &fetched);
    let is_stub = is_stub(&fetched.job, &found);
    if leads_nowhere(&fetched, &found) {
        // A page behind the end that shows the way to the next.
        let next = found.lists.iter().find(|list| list.is_pager && !list.is_guess);
        if let Some(next) = next.filter(|_| !fetched.job.is_guess) {
            traps.push(("endless_list", next.url.to_string()));
        }
        found.reports.clear();
        found.lists.clear();
        found.elsewhere.clear();
    }
    portal.announce(std::mem::take(&mut found.feeds));
    // What the portal file promises, and what else it is called when it is not that.
    let promised = match portal.portal.family {
        Family::Sitemap => Some((Source::Sitemap, "not_a_sitemap")),
        Family::Feed => Some((Source::Feed, "not_a_feed")),
        _ => None,
    };
    let fault = match promised {
        Some((source, fault)) if found.source != source => Some(fault),
        _ if found.needs_browser => Some("needs_browser"),
        _ => is_stub.then_some(NOT_A_LIST),
    };
    // A seed may be a report itself, and what looked like a column may turn out to be one: a page with a name of its
    // own and hardly a link to others.
    let may_be_report =
        fault.is_none() && found.source == Source::Page && kinds::may_be_document(&fetched.url, &found);
    let may_be_error = found.source == Source::Page && found.reports.is_empty();
    if may_be_report || may_be_error {
        match read_as_page(portal, &fetched, &found) {
            Ok(Some(brought)) if may_be_report => return brought,
            Err(ReadError::Extract(ExtractError::SoftError { .. })) if may_be_error => {
                return soft_error(portal, &fetched);
            }
            _ => {}
        }
    }
    list(portal, fetched, found, traps, fault)
}

/// A page that was read for its links.
fn list(
    portal: &PortalRun,
    fetched: Fetched,
    found: Found,
    traps: Traps,
    fault: Option<&'static str>,
) -> Brought {
    let kind = if found.source == Source::Sitemap {
        CaptureKind::Sitemap
    } else {
        CaptureKind::List
    };
    let rows = rows(&found);
    let said = found.said;
    let (links, more_traps) = new_links(&fetched, found);
    let ending = match fault {
        Some(fault) => Ending::Failed {
            reason: fault.to_owned(),
        },
        None if links.is_empty() && rows.is_empty() => done("empty", &fetched.job),
        None => done("list", &fetched.job),
    };
    Brought {
        ending,
        ingest: Ingest::fetched(capture(portal, &fetched, kind), None),
        links,
        rows,
        said,
        traps: traps.into_iter().chain(more_traps).collect(),
        brought: Yield::Nothing,
    }
}

/// The report on a page that was not asked for as one, if there is one.
fn read_as_page(portal: &PortalRun, fetched: &Fetched, found: &Found) -> Result<Option<Brought>, ReadError> {
    let capture = capture(portal, fetched, CaptureKind::Page);
    let reading = read_alone(&capture, Some(&portal.view), &portal.files)?;
    let is_document = kinds::is_document(&fetched.job, &fetched.url, found, &reading.content);
    Ok(is_document.then(|| report(portal, fetched, capture, reading.content)))
}

/// An error page in the place of a list, served as if nothing were the matter.
fn soft_error(portal: &PortalRun, fetched: &Fetched) -> Brought {
    let job = &fetched.job;
    let failed = |reason: &str| Ending::Failed {
        reason: reason.to_owned(),
    };
    let ending = match job.kind {
        Kind::Seed => failed("soft_404"),
        _ if is_sure_list(job) => failed(NOT_A_LIST),
        Kind::List | Kind::Page => done("soft_error", job),
    };
    Brought {
        ending,
        ingest: Ingest::fetched(capture(portal, fetched, CaptureKind::List), None),
        links: Vec::new(),
        rows: Vec::new(),
        said: None,
        traps: Vec::new(),
        brought: Yield::Nothing,
    }
}

fn report(portal: &PortalRun, fetched: &Fetched, capture: Capture, content: Content) -> Brought {
    Brought {
        ending: Ending::Done {
            outcome: "report",
            is_report: true,
            identity: Some(capture.url.clone()),
            etag: fetched.answer.header("etag").map(str::to_owned),
            last_modified: fetched.answer.header("last-modified").map(str::to_owned),
        },
        brought: portal.meet((&content.title, &content.text)),
        ingest: Ingest::fetched(capture, Some(content)),
        links: Vec::new(),
        rows: Vec::new(),
        said: None,
        traps: Vec::new(),
    }
}

/// The ending of a page that was read and has no report; what was known of its report stays known.
fn done(outcome: &'static str, job: &Job) -> Ending {
    Ending::Done {
        outcome,
        is_report: job.is_report,
        identity: None,
        etag: None,
        last_modified: None,
    }
}

fn read_page(portal: &PortalRun, fetched: Fetched) -> Brought {
    let capture = capture(portal, &fetched, CaptureKind::Page);
    let job = &fetched.job;
    let (mut ending, is_list) = match read_alone(&capture, Some(&portal.view), &portal.files) {
        Ok(reading) => {
            if kinds::may_be_list(job, &fetched.url, &reading.content) {
                let (found, traps) = links_of(portal, &fetched);
                if kinds::is_list(&found) {
                    return list(portal, fetched, found, traps, None);
                }
            }
            return report(portal, &fetched, capture, reading.content);
        }
        Err(ReadError::Extract(ExtractError::NotAReport { .. })) => (done("not_a_report", job), true),
        // A report that has become an error page is as good as gone.
        Err(ReadError::Extract(ExtractError::SoftError { .. })) if job.is_report => (
            Ending::Gone {
                reason: "soft_404".to_owned(),
                is_removed: false,
            },
            false,
        ),
        Err(ReadError::Extract(ExtractError::SoftError { .. })) => (done("soft_error", job), false),
        Err(ReadError::Extract(_)) => (done("no_text", job), true),
        Err(ReadError::Genre(_)) => (done("other_genre", job), false),
        Err(ReadError::Media(_)) => (done("other_media", job), false),
        Err(error) => {
            tracing::warn!(url = %fetched.url, %error, "{} could not be read", fetched.url);
            (
                Ending::Failed {
                    reason: "unreadable".to_owned(),
                },
                false,
            )
        }
    };
    // Of a document that is not wanted only the bytes are at hand.
    let is_document = matches!(
        &ending,
        Ending::Done {
            outcome: "other_genre" | "other_media",
            ..
        }
    );
    let brought = if is_document {
        portal.meet(&fetched.answer.body)
    } else {
        Yield::Nothing
    };
    let is_redirected = !job.is_at(&fetched.url);
    let is_followed = is_list
        && !is_redirected
        && job.hops < MAX_HOPS
        && !matches!(portal.portal.family, Family::Sitemap | Family::Feed);
    let (mut links, mut shown, mut traps) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_shell = false;
    if is_followed {
        let (found, met) = links_of(portal, &fetched);
        shown = rows(&found);
        is_shell = found.lists.iter().any(|link| link.sign == ColumnSign::Shown);
        (links, traps) = new_links(&fetched, found);
        traps.extend(met);
    }
    // A page without a text of its own is a column when it has rows, or the shell of what it shows or sends on to.
    if (!shown.is_empty() || is_shell)
        && matches!(
            &ending,
            Ending::Done {
                outcome: "no_text",
                ..
            }
        )
    {
        ending = done("list", &fetched.job);
    }
    Brought {
        ending,
        ingest: Ingest::fetched(capture, None),
        links,
        rows: shown,
        said: None,
        traps,
        brought,
    }
}

/// Whether a further page of a list is none: it has no rows, or the portal sent us back to the list or its home page.
fn leads_nowhere(fetched: &Fetched, found: &Found) -> bool {
    let job = &fetched.job;
    let asked = Url::parse(&job.url).ok().filter(|_| job.listing.is_some());
    asked.is_some_and(|asked| {
        let is_sent_back = !job.is_at(&fetched.url) && is_index_above(&fetched.url, &asked);
        let is_empty = found.reports.is_empty() && found.elsewhere.is_empty();
        (is_empty && !found.lists.iter().any(|list| list.begins)) || is_sent_back
    })
}

/// Whether something else was answered in the place of a list page that there must be: a list that ends here has a
/// page, or an answer, without rows.
fn is_stub(job: &Job, found: &Found) -> bool {
    let has_rows = !found.reports.is_empty() || !found.elsewhere.is_empty() || !found.lists.is_empty();
    is_sure_list(job) && found.source == Source::Page && found.is_bare && !has_rows
}

/// Whether a job is a page of a list, or a request that a list makes, and no try.
fn is_sure_list(job: &Job) -> bool {
    job.kind == Kind::List && (job.listing.is_some() || job.form.is_some()) && !job.is_guess
}

/// What a list is remembered by.
fn rows(found: &Found) -> Vec<RowKey> {
    let rows = found.reports.iter().map(|link| &link.url).chain(&found.elsewhere);
    // An answer may be nothing but the lists that it names.
    let lists = found
        .lists
        .iter()
        .filter(|list| list.begins)
        .map(|list| &list.url);
    rows.chain(lists).map(RowKey::of).collect()
}

pub(super) type Traps = Vec<(&'static str, String)>;

fn links_of(portal: &PortalRun, fetched: &Fetched) -> (Found, Traps) {
    links_as(portal, fetched, portal.portal.family)
}

/// The links of a list that is read as one of `family`.
pub(super) fn links_as(portal: &PortalRun, fetched: &Fetched, family: Family) -> (Found, Traps) {
    let traps = RefCell::new(Vec::new());
    let in_scope = |url: &Url| {
        let checked = match shape(url) {
            Shape::File => portal.scope.check_file(url),
            _ => portal.scope.check(url),
        };
        if checked.is_err() {
            return false;
        }
        let Some(trap) = trap(url) else { return true };
        let mut traps = traps.borrow_mut();
        if traps.len() < MAX_TRAPS {
            traps.push((trap.code(), url.to_string()));
        }
        false
    };
    let via = fetched.job.via.as_deref().and_then(|via| Url::parse(via).ok());
    let found = lists::read(&List {
        url: &fetched.url,
        form: fetched.job.form.as_deref(),
        via: via.as_ref(),
        is_further: fetched.job.listing.is_some(),
        body: &fetched.answer.body,
        charset: fetched.answer.charset(),
        family,
        is_whole_site: portal.is_whole_site,
        in_scope: &in_scope,
    });
    (found, traps.into_inner())
}

fn new_links(fetched: &Fetched, found: Found) -> (Vec<NewLink>, Traps) {
    let job = &fetched.job;
    // A browser asks an API on behalf of the page that shows the answer, so that page leads to its rows and further pages.
    let via = match found.source {
        Source::Answer if job.via.is_some() => job.via.clone(),
        _ => Some(fetched.url[..url::Position::AfterQuery].to_owned()),
    };
    let mut traps = Vec::new();
    if found.is_cut {
        traps.push(("too_many_links", fetched.url.to_string()));
    }
    let has_rows = !found.reports.is_empty();
    let reports = found.reports.into_iter().map(|link| NewLink {
        url: behind_gate(&link.url).unwrap_or(link.url),
        form: None,
        kind: Kind::Page,
        via: via.clone(),
        title: link.title,
        date: link.date,
        hops: job.hops + 1,
        listing: None,
        number: 0,
        is_guess: false,
    });
    let mut links: Vec<_> = reports.collect();
    for link in found.lists {
        let number = match (link.is_pager, link.number) {
            (false, _) => 0,
            (true, Some(number)) => number,
            (true, None) => job.number + 1,
        };
        if number > MAX_PAGES {
            traps.push(("endless_list", link.url.to_string()));
            continue;
        }
        // The years of a list are parts of it.
        let is_part = link.is_pager || link.sign == ColumnSign::Year && has_rows;
        let is_far = job.hops >= MAX_UNNAMED_HOPS && !has_rows && link.sign == ColumnSign::Below;
        if !link.is_pager && is_far || !is_part && job.hops >= MAX_HOPS {
            continue;
        }
        links.push(NewLink {
            kind: Kind::List,
            via: via.clone(),
            title: None,
            date: None,
            hops: job.hops + u32::from(!is_part),
            listing: match (link.is_pager, link.begins) {
                (false, _) => None,
                (true, false) => Some(listing_of(job, link.unit)),
                (true, true) => Some(page_key(&link.url) + link.form.as_deref().unwrap_or_default()),
            },
            number,
            is_guess: link.is_guess,
            form: link.form,
            url: behind_gate(&link.url).unwrap_or(link.url),
        });
    }
    (links, traps)
}

/// The key of the list that a further page belongs to. A page may have several.
fn listing_of(job: &Job, unit: u32) -> String {
    match (&job.listing, unit) {
        (Some(listing), _) => listing.clone(),
        (None, 0) => job.key.clone(),
        (None, unit) => format!("{}#{unit}", job.key),
    }
}

/// The exchange as it is archived, under the address that the report is known by.
pub(super) fn capture(portal: &PortalRun, fetched: &Fetched, kind: CaptureKind) -> Capture {
    let Fetched { job, answer, url, at } = fetched;
    // What was linked in a fitter spelling since is known by that.
    let is_fitter = |known: &String| Url::parse(known).is_ok_and(|known| is_fitter(url, &known));
    let identity = job
        .identity
        .clone()
        .filter(|known| job.is_at(url) && !is_fitter(known));
    let mut hints = portal.view.hints.clone();
    hints.list_title = job.list_title.clone();
    hints.list_date = job.list_date;
    Capture {
        url: identity.unwrap_or_else(|| url[..url::Position::AfterQuery].to_owned()),
        portal: portal.portal.id.clone(),
        at: *at,
        recorded_at: None,
        kind,
        body: CaptureBody::Http {
            request: answer.request.clone(),
            response: answer.response.clone(),
            ip: answer.ip,
        },
        truncated: None,
        hints,
        genres: portal.view.genres.clone(),
        via: job.via.clone(),
        files: Vec::new(),
    }
}
