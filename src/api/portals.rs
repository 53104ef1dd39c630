//! `/portals`: what is known of portals, and what is wrong with them.

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
};
use crawler::{
    ListRecord, PortalStatus, ReportCounts,
    health::{Alarm, AlarmKind, Pages, RunRecord},
};
use jiff::{SignedDuration, Timestamp};
use report::{ChinaTime, RegionCode};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    openapi::describe,
    params::{Params, invalid, segment},
    problem::{Code, Problem},
    search::number_to,
};
use crate::{
    http::App,
    overview::{self, FileState, PortalState, Sources, Standing},
};

/// Crawls that are shown of one portal.
pub(crate) const MAX_RUNS: usize = 50;

/// Most portals of an answer, when somebody asks for fewer than all.
const MAX_LIMIT: usize = 10_000;

/// All portals, or those that were asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Portals)]
pub(crate) struct PortalsAnswer {
    portals: Vec<PortalAnswer>,
    /// Portals that the filters keep, on this page or another.
    total: usize,
    /// How many portals are how, whatever was asked for.
    #[schema(value_type = BTreeMap<String, u64>)]
    counts: Map<String, Value>,
    /// `after` of the next page.
    next: Option<String>,
}

/// One portal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Portal)]
pub(crate) struct PortalAnswer {
    id: String,
    name: String,
    region_code: Option<RegionCode>,
    reports: u64,
    last_success: Option<ChinaTime>,
    last_new_report: Option<ChinaTime>,
    next_run: Option<ChinaTime>,
    alarms: Vec<AlarmKind>,
    /// `alarmed`, `quiet`, `never_run`, `unfinished` or `healthy`.
    state: &'static str,
    alarm_details: Vec<AlarmAnswer>,
    next_run_code: Option<&'static str>,
    next_run_reason: Option<String>,
    /// The list whose changes were weighed.
    next_run_list: Option<LiveliestAnswer>,
    schedule: Option<String>,
    /// `good`, `bad` or `none`.
    file: &'static str,
    file_error: Option<String>,
    /// Days between two crawls with new reports, as far as that was learned.
    cadence_days: Option<i64>,
    last_run: Option<RunAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<Vec<RunAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lists: Option<Vec<ListAnswer>>,
}

/// The list of a portal that has something new most often.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveliestList)]
struct LiveliestAnswer {
    url: String,
    interval_days: f64,
}

/// A list of a portal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = List)]
struct ListAnswer {
    url: String,
    /// Estimated days between two changes that bring something new; null before that can be told.
    interval_days: Option<f64>,
    /// Crawls that visited it, and those that found a document in it that was not known before.
    visits: u64,
    visits_with_news: u64,
    first_visit: ChinaTime,
    last_visit: ChinaTime,
    last_news: Option<ChinaTime>,
}

impl From<&ListRecord> for ListAnswer {
    fn from(list: &ListRecord) -> Self {
        Self {
            url: list.url.clone(),
            interval_days: list.interval.map(days),
            visits: list.visits,
            visits_with_news: list.visits_with_news,
            first_visit: list.first_visit.into(),
            last_visit: list.last_visit.into(),
            last_news: list.last_news.map(ChinaTime::from),
        }
    }
}

/// A length of time in days, to the tenth.
pub(crate) fn days(time: SignedDuration) -> f64 {
    (time.as_secs_f64() / 8_640.0).round() / 10.0
}

/// An alarm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alarm)]
struct AlarmAnswer {
    alarm: AlarmKind,
    since: ChinaTime,
    evidence: Vec<String>,
    url: Option<String>,
    action: &'static str,
}

/// A crawl that is over. What an older program did not write down is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Run)]
struct RunAnswer {
    started_at: ChinaTime,
    finished_at: ChinaTime,
    status: PortalStatus,
    reason: Option<String>,
    reports: Option<ReportCounts>,
    /// Documents that its lists named.
    rows: Option<u64>,
    lists: Option<u64>,
    lists_lost: Option<u64>,
    lists_short: Option<u64>,
    /// Pages on which a report was seen, and pages of known reports without a text.
    seen: Option<u64>,
    text_lost: Option<u64>,
    /// Median of the Han characters of the reports that were seen.
    median_chars: Option<u64>,
    /// Part of them that has a flag of quality.
    flagged_share: Option<f64>,
    failed: Option<u64>,
    robots_changed: Option<bool>,
}

impl From<&Alarm> for AlarmAnswer {
    fn from(alarm: &Alarm) -> Self {
        Self {
            alarm: alarm.kind,
            since: alarm.since.into(),
            evidence: alarm.evidence.iter().map(ToString::to_string).collect(),
            url: alarm.url.clone(),
            action: alarm.kind.action(),
        }
    }
}

impl From<&RunRecord> for RunAnswer {
    fn from(run: &RunRecord) -> Self {
        let yields = run.yields.as_ref();
        let count = |pages: &Pages| pages.count;
        Self {
            started_at: run.started_at.into(),
            finished_at: run.finished_at.into(),
            status: run.status,
            reason: run.reason.clone(),
            reports: yields.map(|yields| yields.reports),
            rows: yields.map(|yields| yields.rows),
            lists: yields.map(|yields| yields.lists),
            lists_lost: yields.map(|yields| count(&yields.lists_lost)),
            lists_short: yields.map(|yields| count(&yields.lists_short)),
            seen: yields.map(|yields| yields.seen),
            text_lost: yields.map(|yields| count(&yields.text_lost)),
            median_chars: yields.and_then(|yields| yields.median_chars),
            flagged_share: yields.and_then(|yields| share(yields.flagged, yields.seen)),
            failed: yields.map(|yields| yields.failed),
            robots_changed: yields.map(|yields| yields.robots_changed),
        }
    }
}

/// A part of a whole, to the thousandth; `None` of nothing.
pub(crate) fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| (part as f64 / of as f64 * 1_000.0).round() / 1_000.0)
}

impl PortalAnswer {
    /// As it stands in a list.
    fn brief(portal: &PortalState) -> Self {
        Self {
            id: portal.id.clone(),
            name: portal.name.clone(),
            region_code: portal.region,
            reports: portal.reports,
            last_success: portal.history.last_success.map(ChinaTime::from),
            last_new_report: portal.last_new_report,
            next_run: portal.next.as_ref().and_then(|next| next.at).map(ChinaTime::from),
            alarms: portal.health.alarms.iter().map(|alarm| alarm.kind).collect(),
            state: portal.standing().code(),
            alarm_details: portal.health.alarms.iter().map(AlarmAnswer::from).collect(),
            next_run_code: portal.next.as_ref().map(|next| next.code),
            next_run_reason: portal.next.as_ref().map(|next| next.reason.clone()),
            next_run_list: portal
                .next
                .as_ref()
                .and_then(|next| next.list.as_ref())
                .map(|list| LiveliestAnswer {
                    url: list.url.clone(),
                    interval_days: days(list.interval),
                }),
            schedule: portal.schedule.clone(),
            file: match portal.file {
                FileState::Good => "good",
                FileState::Bad(_) => "bad",
                FileState::None => "none",
            },
            file_error: match &portal.file {
                FileState::Bad(error) => Some(error.clone()),
                FileState::Good | FileState::None => None,
            },
            cadence_days: portal.health.cadence.map(|cadence| cadence.days),
            last_run: portal.last_run().map(RunAnswer::from),
            runs: None,
            lists: None,
        }
    }

    /// With its last crawls and its lists.
    fn whole(portal: &PortalState) -> Self {
        Self {
            runs: Some(portal.history.runs.iter().map(RunAnswer::from).collect()),
            lists: Some(portal.lists.iter().map(ListAnswer::from).collect()),
            ..Self::brief(portal)
        }
    }
}

/// Which portals are wanted.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// With one of these alarms; empty for all.
    alarms: Vec<AlarmKind>,
    /// With one of these states; empty for all.
    states: Vec<Standing>,
    limit: Option<usize>,
    after: Option<String>,
}

impl Wanted {
    /// Those with an alarm or a file that is wrong.
    pub(crate) fn alarmed() -> Self {
        Self {
            states: vec![Standing::Alarmed, Standing::Quiet],
            ..Self::default()
        }
    }

    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut params = Params::parse(query)?;
        let mut wanted = Self::default();
        let filled = |values: Vec<String>| values.into_iter().filter(|value| !value.is_empty());
        for code in filled(params.many("alarm")) {
            let kind = AlarmKind::ALL.into_iter().find(|kind| kind.code() == code);
            wanted.alarms.push(kind.ok_or_else(|| {
                let codes = AlarmKind::ALL.map(AlarmKind::code).join(", ");
                invalid("alarm", format!("it is one of {codes}"))
            })?);
        }
        for code in filled(params.many("state")) {
            wanted.states.push(standing(&code)?);
        }
        wanted.limit = number_to(&mut params, "limit", MAX_LIMIT)?;
        wanted.after = params.one("after")?.filter(|id| !id.is_empty());
        params.finish()?;
        Ok(wanted)
    }

    fn keeps(&self, portal: &PortalState) -> bool {
        let has = |kind: &AlarmKind| portal.health.alarms.iter().any(|alarm| alarm.kind == *kind);
        (self.alarms.is_empty() || self.alarms.iter().any(has))
            && (self.states.is_empty() || self.states.contains(&portal.standing()))
    }
}

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        use describe::{choice, codes, many, number, query, text};
        vec![
            many(
                "alarm",
                "With this alarm",
                choice(codes(&AlarmKind::ALL, AlarmKind::code)),
            ),
            many(
                "state",
                "In this state",
                choice(codes(&Standing::ALL, Standing::code)),
            ),
            query("limit", "Portals on a page; all when absent", number(MAX_LIMIT)).build(),
            query("after", "`next` of the page before", text()).build(),
        ]
    }
}

/// The id of a portal, in the path.
struct PortalPath;

impl IntoParams for PortalPath {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![describe::path(
            "id",
            "Id of the portal",
            describe::text().min_length(Some(1)),
            "jingxian",
        )]
    }
}

/// The state of a word.
pub(crate) fn standing(code: &str) -> Result<Standing, Problem> {
    let found = Standing::ALL.into_iter().find(|state| state.code() == code);
    found.ok_or_else(|| {
        let codes = Standing::ALL.map(Standing::code).join(", ");
        invalid("state", format!("it is one of {codes}"))
    })
}

impl PortalsAnswer {
    /// Those of `portals`, which are in the order of their ids, that are wanted.
    pub(crate) fn new(portals: &[PortalState], wanted: &Wanted) -> Self {
        let counts = overview::count(portals).into_iter();
        let kept: Vec<&PortalState> = portals.iter().filter(|portal| wanted.keeps(portal)).collect();
        let is_after = |portal: &&&PortalState| wanted.after.as_ref().is_none_or(|after| portal.id > *after);
        let limit = wanted.limit.unwrap_or(usize::MAX);
        let page: Vec<_> = kept.iter().filter(is_after).take(limit).collect();
        let last = page.last().map(|portal| portal.id.clone());
        let has_more = |last: &String| kept.last().is_some_and(|portal| portal.id > *last);
        Self {
            total: kept.len(),
            counts: counts
                .map(|(state, n)| (state.code().to_owned(), n.into()))
                .collect(),
            next: last.filter(has_more),
            portals: page
                .into_iter()
                .map(|portal| PortalAnswer::brief(portal))
                .collect(),
        }
    }
}

impl PortalsAnswer {
    /// These portals, each with its last crawls and its lists.
    pub(crate) fn whole(portals: &[PortalState]) -> Self {
        Self {
            portals: portals.iter().map(PortalAnswer::whole).collect(),
            ..Self::new(portals, &Wanted::default())
        }
    }
}

/// Portals, and what is wrong with them
#[utoipa::path(
    get, path = "/api/v1/portals", tag = "coverage", operation_id = "portals",
    extensions(("x-zh" = json!("各门户的状况"))),
    params(Wanted),
    responses((status = 200, description = "Portals by id", body = PortalsAnswer, example = json!({"portals": [], "total": 0,
        "counts": {"alarmed": 0, "quiet": 0, "never_run": 0, "unfinished": 0, "healthy": 0}, "next": null}))),
)]
pub(crate) async fn list(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<PortalsAnswer>, Problem> {
    let wanted = Wanted::read(query.as_deref())?;
    let answer = with_sources(&app, move |sources| {
        let portals = overview::all(sources, Timestamp::now())?;
        Ok(PortalsAnswer::new(&portals, &wanted))
    });
    answer.await.map(Json)
}

/// One portal, with its last crawls and its lists
#[utoipa::path(
    get, path = "/api/v1/portals/{id}", tag = "coverage", operation_id = "portal",
    extensions(("x-zh" = json!("一个门户"))),
    params(PortalPath),
    responses((status = 200, description = "The portal", body = PortalAnswer, example = json!({"id": "jingxian", "name": "泾县人民政府", "region_code": "341823", "reports": 120,
        "last_success": "2024-02-28T01:30:00+08:00", "last_new_report": null, "next_run": null, "alarms": [], "state": "healthy", "alarm_details": [],
        "next_run_code": null, "next_run_reason": null, "next_run_list": null, "schedule": null, "file": "good", "file_error": null, "cadence_days": null,
        "last_run": null, "runs": [], "lists": []}))),
)]
pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<PortalAnswer>, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let portal = find(&app, segment(path)?).await?;
    Ok(Json(PortalAnswer::whole(&portal)))
}

/// A portal with its last crawls.
pub(crate) async fn find(app: &App, id: String) -> Result<PortalState, Problem> {
    let shown: String = id.chars().take(64).collect();
    let found = with_sources(app, move |sources| {
        overview::one(sources, &id, MAX_RUNS, Timestamp::now())
    });
    found.await?.ok_or_else(|| {
        let detail = format!("no portal has the id {shown:?}; /api/v1/portals lists them");
        Problem::new(Code::NotFound, detail)
    })
}

/// Runs `job` over what is known of portals.
pub(crate) async fn with_sources<T: Send + 'static>(
    app: &App,
    job: impl FnOnce(Sources<'_>) -> anyhow::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let portals = app.service().portals.get();
    let operations = app.service().operations.clone();
    let histories = app.service().histories.clone();
    app.with_catalog(move |catalog, _| {
        let sources = Sources {
            portals: &portals,
            stored: Some((catalog, &operations)),
            histories: &histories,
        };
        job(sources).map_err(|error| Problem::internal(&error))
    })
    .await
}
