//! The page of a portal: its alarms, figures, lists, runs and jobs, and the form that starts a run.

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderValue, header},
    response::Response,
};
use crawler::{ListRecord, health::RunRecord};

use super::{
    MAX_JOBS, PortalBox, page_path, time,
    words::{self, PortalWords},
};
use crate::{
    api::{
        params::segment,
        portals::{find, share},
        problem::Problem,
    },
    http::App,
    operations::{Job, JobFilter},
    overview::{FileState, PortalState},
    web::{
        report::is_web_address,
        view::{Asked, View},
        words::{put, thousands},
    },
};

#[derive(Template)]
#[template(path = "portal.html")]
struct PortalPage {
    view: View,
    p: &'static PortalWords,
    portal: PortalBox,
    facts: Vec<(&'static str, String)>,
    lists: Vec<ListLine>,
    runs: Vec<RunLine>,
    jobs: Vec<JobLine>,
    /// The job that was just asked for, in words.
    asked_for: Option<String>,
    /// Why the form was not followed.
    refused: Option<&'static str>,
    /// Whether a run can be started: its file is good.
    can_run: bool,
    all: String,
    action: String,
    json: String,
}

/// A list of a portal as a row of a table.
struct ListLine {
    url: String,
    /// Whether the address may become a link.
    is_link: bool,
    interval: String,
    /// Visits with news, of how many.
    visits: String,
    last_news: String,
    last_visit: String,
}

/// A crawl as a row of a table.
struct RunLine {
    finished: String,
    status: &'static str,
    reason: String,
    figures: [String; 8],
}

/// A job as a row of a table: how far it is, not who asked for it.
pub(super) struct JobLine {
    pub(super) id: i64,
    /// Each with the path of its page.
    pub(super) portals: Vec<(String, String)>,
    pub(super) state: &'static str,
    pub(super) asked: String,
    pub(super) started: String,
    pub(super) progress: String,
    /// Done and known, where there is something to show.
    pub(super) share: Option<(u64, u64)>,
}

/// Portals of a job that are named.
const MAX_NAMED: usize = 5;

/// `/portals/{id}`
pub(crate) async fn page(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Result<Response, Problem> {
    let Asked { view, mut params } = asked;
    let asked_for = params.parsed::<i64>("job")?.pop();
    params.finish()?;
    show(&app, view, segment(path)?, asked_for, None).await
}

/// The page, with the job that was just asked for, or why none was.
pub(super) async fn show(
    app: &App,
    view: View,
    id: String,
    asked_for: Option<i64>,
    refused: Option<&'static str>,
) -> Result<Response, Problem> {
    let portal = find(app, id).await?;
    let filter = JobFilter {
        portal: Some(portal.id.clone()),
        limit: MAX_JOBS,
        ..JobFilter::default()
    };
    let jobs = app
        .with_operations(move |operations| operations.jobs(&filter))
        .await?;
    let mut page = PortalPage::new(view, &portal, &jobs, asked_for);
    page.refused = refused;
    let mut response = super::super::page(&page.view, &page)?;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

impl PortalPage {
    fn new(view: View, portal: &PortalState, jobs: &[Job], asked_for: Option<i64>) -> Self {
        let (p, lang) = (PortalWords::of(view.lang()), view.lang());
        let shown = PortalBox::new(&view, portal);
        let mut facts = vec![
            (p.state, shown.state.1.to_owned()),
            (p.reports, shown.reports.clone()),
            (p.last_success, shown.last_success.clone()),
            (p.last_new_report, shown.last_new_report.clone()),
            (p.next_run, shown.next_run.clone()),
        ];
        let why = portal.next.as_ref().map(|next| words::next_run(lang, next.code));
        if let Some(why) = why.filter(|why| *why != shown.next_run) {
            facts.push((p.why, why.to_owned()));
        }
        if let Some(list) = portal.next.as_ref().and_then(|next| next.list.as_ref()) {
            let interval = words::interval(p, list.interval);
            facts.push((p.liveliest, format!("{} · {interval}", list.url)));
        }
        if let Some(schedule) = &portal.schedule {
            facts.push((p.schedule, put(p.china_time, &[schedule])));
        }
        if let Some(cadence) = portal.health.cadence {
            let season = if cadence.is_seasonal { p.in_season } else { "" };
            facts.push((p.cadence, put(p.every_days, &[&cadence.days]) + season));
        }
        if let Some(region) = portal.region {
            facts.push((p.region, format!("{} {region}", shown.region)));
        }
        let path = page_path(&portal.id);
        // Only a job of this portal is told of: the address may be anybody's.
        let known = asked_for.filter(|id| jobs.iter().any(|job| job.id == *id));
        Self {
            p,
            facts,
            lists: portal.lists.iter().map(|list| ListLine::new(p, list)).collect(),
            runs: portal
                .history
                .runs
                .iter()
                .map(|run| RunLine::new(&view, run))
                .collect(),
            jobs: jobs.iter().map(|job| JobLine::new(&view, job)).collect(),
            asked_for: known.map(|id| put(p.asked_for, &[&id])),
            refused: None,
            can_run: portal.file == FileState::Good,
            all: view.to("/portals"),
            action: view.to(&format!("{path}/run")),
            json: format!("/api/v1{path}"),
            portal: shown,
            view,
        }
    }
}

impl ListLine {
    fn new(p: &PortalWords, list: &ListRecord) -> Self {
        let interval = list.interval.map(|interval| words::interval(p, interval));
        let news = list.last_news.map(|at| time(at.into()));
        Self {
            is_link: is_web_address(&list.url),
            url: list.url.clone(),
            interval: interval.unwrap_or_else(|| p.unclear.to_owned()),
            visits: format!("{} / {}", list.visits_with_news, list.visits),
            last_news: news.unwrap_or_else(|| p.never.to_owned()),
            last_visit: time(list.last_visit.into()),
        }
    }
}

impl RunLine {
    fn new(view: &View, run: &RunRecord) -> Self {
        let dash = || "–".to_owned();
        let figures = match &run.yields {
            None => std::array::from_fn(|_| dash()),
            Some(yields) => {
                let reports = &yields.reports;
                let flagged = share(yields.flagged, yields.seen);
                [
                    thousands(yields.rows),
                    thousands(reports.new),
                    thousands(reports.changed),
                    thousands(reports.unchanged),
                    thousands(reports.removed),
                    yields.median_chars.map_or_else(dash, thousands),
                    flagged.map_or_else(dash, |share| format!("{:.0}%", share * 100.0)),
                    thousands(yields.failed),
                ]
            }
        };
        Self {
            finished: time(run.finished_at.into()),
            status: words::run_status(view.lang(), run.status),
            reason: run.reason.clone().unwrap_or_default(),
            figures,
        }
    }
}

impl JobLine {
    pub(super) fn new(view: &View, job: &Job) -> Self {
        let p = PortalWords::of(view.lang());
        let (fetched, known) = (job.progress.fetched, job.progress.known);
        let named = job.portals.iter().take(MAX_NAMED);
        Self {
            id: job.id,
            portals: named.map(|id| (id.clone(), view.to(&page_path(id)))).collect(),
            state: words::job_state(view.lang(), job.state),
            asked: time(job.created_at),
            started: job.started_at.map_or_else(|| "–".to_owned(), time),
            progress: put(p.pages_of, &[&thousands(fetched), &thousands(known)]),
            share: (known > 0).then_some((fetched, known)),
        }
    }
}
