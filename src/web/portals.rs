//! The pages about portals: what is wrong and what to do first, then all the others; for each its runs and jobs.
//!
//! `portals/one.rs` is the page of a portal, `start.rs` the form that starts a run, `words.rs` the texts of all three.

mod one;
mod start;
mod words;

use askama::Template;
use axum::{extract::State, response::Response};
use crawler::health::Alarm;
use jiff::Timestamp;
use report::{ChinaTime, divisions};

use self::{one::JobLine, words::PortalWords};
pub(crate) use self::{one::page as one, start::start};
use super::{
    report::is_web_address,
    view::{Asked, View},
    words::{put, thousands},
};
use crate::{
    api::{self, params::invalid, portals::with_sources, problem::Problem},
    http::App,
    operations::{JobFilter, JobState},
    overview::{self, FileState, PortalState, Standing},
    permalink::escape,
};

/// Portals on a page.
const PER_PAGE: usize = 100;
/// Jobs on a page.
const MAX_JOBS: usize = 10;

#[derive(Template)]
#[template(path = "portals.html")]
struct PortalsPage {
    view: View,
    p: &'static PortalWords,
    /// Label, count, link, and whether it is the one that is shown.
    counts: Vec<(&'static str, usize, String, bool)>,
    jobs: Vec<JobLine>,
    alarmed: Vec<PortalBox>,
    others: Vec<PortalBox>,
    is_empty: bool,
    range: String,
    previous: Option<String>,
    next: Option<String>,
}

/// A portal as it is shown.
struct PortalBox {
    name: String,
    id: String,
    link: String,
    /// Code and name.
    state: (&'static str, &'static str),
    region: String,
    reports: String,
    alarms: Vec<AlarmBox>,
    last_success: String,
    last_new_report: String,
    next_run: String,
}

struct AlarmBox {
    label: &'static str,
    since: String,
    evidence: Vec<String>,
    action: &'static str,
    url: Option<String>,
}

/// `/portals`
pub(crate) async fn list(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let Asked { view, mut params } = asked;
    let state = params.one("state")?.filter(|state| !state.is_empty());
    let state = state.map(|state| api::portals::standing(&state)).transpose()?;
    let page = params.parsed::<usize>("page")?.pop().unwrap_or(1);
    params.finish()?;
    if !(1..=100_000).contains(&page) {
        return Err(invalid("page", "it is 1 or more"));
    }
    let jobs = app
        .with_operations(|operations| {
            let mut jobs = Vec::new();
            for state in [JobState::Running, JobState::Queued] {
                jobs.extend(operations.jobs(&JobFilter {
                    state: Some(state),
                    limit: MAX_JOBS,
                    ..JobFilter::default()
                })?);
            }
            Ok(jobs)
        })
        .await?;
    let page = with_sources(&app, move |sources| {
        let portals = overview::all(sources, Timestamp::now())?;
        let jobs = jobs.iter().map(|job| JobLine::new(&view, job)).collect();
        Ok(PortalsPage::new(view, portals, jobs, state, page))
    });
    let page = page.await?;
    super::page(&page.view, &page)
}

/// The path of the page of a portal.
fn page_path(id: &str) -> String {
    format!("/portals/{}", escape(id))
}

impl PortalsPage {
    fn new(
        view: View,
        mut portals: Vec<PortalState>,
        jobs: Vec<JobLine>,
        wanted: Option<Standing>,
        page: usize,
    ) -> Self {
        let (p, lang) = (PortalWords::of(view.lang()), view.lang());
        let link = |state: Option<Standing>, page: usize| {
            let page = page.to_string();
            let state = state.map(|state| ("state", state.code()));
            let page = (page != "1").then_some(("page", page.as_str()));
            let pairs: Vec<_> = state.into_iter().chain(page).collect();
            view.link("/portals", &pairs)
        };
        let all = (p.all, portals.len(), link(None, 1), wanted.is_none());
        let of_each = overview::count(&portals).into_iter().map(|(state, n)| {
            let is_shown = wanted == Some(state);
            (words::standing(lang, state), n, link(Some(state), 1), is_shown)
        });
        let counts = std::iter::once(all).chain(of_each).collect();
        portals.retain(|portal| wanted.is_none_or(|wanted| portal.standing() == wanted));
        portals.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        let total = portals.len();
        let from = ((page - 1) * PER_PAGE).min(total);
        let to = (from + PER_PAGE).min(total);
        let shown = portals.get(from..to).unwrap_or_default();
        let (alarmed, others): (Vec<_>, Vec<_>) = shown
            .iter()
            .map(|portal| PortalBox::new(&view, portal))
            .partition(|portal| !portal.alarms.is_empty());
        Self {
            p,
            counts,
            jobs,
            alarmed,
            others,
            is_empty: total == 0,
            range: put(p.n_portals, &[&(from + 1), &to, &total]),
            previous: (page > 1).then(|| link(wanted, page - 1)),
            next: (to < total).then(|| link(wanted, page + 1)),
            view,
        }
    }
}

impl PortalBox {
    fn new(view: &View, portal: &PortalState) -> Self {
        let (p, lang) = (PortalWords::of(view.lang()), view.lang());
        let region = portal.region.and_then(|code| divisions().get(code));
        let alarms = portal.health.alarms.iter();
        let mut alarms: Vec<AlarmBox> = alarms.map(|alarm| AlarmBox::new(view, alarm)).collect();
        if let FileState::Bad(error) = &portal.file {
            alarms.insert(0, AlarmBox::of_file(p, error));
        }
        let never = || p.never.to_owned();
        Self {
            name: portal.name.clone(),
            id: portal.id.clone(),
            link: view.to(&page_path(&portal.id)),
            state: (portal.standing().code(), words::standing(lang, portal.standing())),
            region: region.map_or_else(String::new, |region| region.name.to_owned()),
            reports: thousands(portal.reports),
            alarms,
            last_success: portal
                .history
                .last_success
                .map_or_else(never, |at| time(at.into())),
            last_new_report: portal.last_new_report.map_or_else(never, time),
            next_run: match &portal.next {
                Some(next) => match next.at {
                    Some(at) => time(at.into()),
                    None => words::next_run(lang, next.code).to_owned(),
                },
                None => p.no_file.to_owned(),
            },
        }
    }
}

impl AlarmBox {
    fn new(view: &View, alarm: &Alarm) -> Self {
        let lang = view.lang();
        let url = alarm.url.clone().filter(|url| is_web_address(url));
        let evidence = alarm.evidence.iter();
        Self {
            label: words::alarm(lang, alarm.kind),
            since: put(PortalWords::of(lang).since, &[&time(alarm.since.into())]),
            evidence: evidence.map(|sign| words::evidence(lang, sign)).collect(),
            action: words::action(lang, alarm.kind),
            url,
        }
    }

    fn of_file(p: &'static PortalWords, error: &str) -> Self {
        Self {
            label: p.bad_file,
            since: String::new(),
            evidence: vec![error.to_owned()],
            action: p.mend_file,
            url: None,
        }
    }
}

/// To the minute, in China time.
fn time(at: ChinaTime) -> String {
    at.to_string()
        .chars()
        .take(16)
        .collect::<String>()
        .replace('T', " ")
}
