//! Trends: how much queries are used by year, division or kind of report, as a picture and a table of all that it is made of.
//!
//! The picture is the API's, at an address of its own; the table (`trends/table.rs`) says the same in numbers, each of
//! which leads to the reports that it counts.

mod table;

use std::time::Instant;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use index::{By, Measure, SearchError, SearchRequest, Trends, TrendsRequest};

use self::table::Table;
use super::{
    filters::{self, Choice, Cut, Modes, Offered},
    problems::{QueryProblem, explain},
    search::facets::Facets,
    state::PageState,
    view::{Asked, View},
    words::{Lang, put},
};
use crate::{
    api::{
        params::{Params, invalid},
        problem::Problem,
        search::{SEARCH_BUDGET, problem_of},
        trends::{read_picture, read_request},
    },
    charts::{Kind, Look, Scale, suits},
    http::App,
};

const PATH: &str = "/trends";
const DATA: &str = "/api/v1/trends";
/// Boxes for queries that are shown at least.
const BOXES: usize = 3;
const EXAMPLES: [&[&str]; 3] = [
    &["数字政府", "双随机"],
    &["\"放管服\"", "\"营商环境\""],
    &["行政复议"],
];

/// Code, name, whether it is the one that is used.
type Coded = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "trends.html")]
struct TrendsPage {
    view: View,
    title: String,
    /// What the boxes hold.
    queries: Vec<String>,
    bys: Vec<Coded>,
    measures: Vec<Coded>,
    scales: Vec<Coded>,
    years: (String, String),
    /// What the form sends along.
    kept: Vec<(String, String)>,
    modes: Modes,
    examples: Vec<(String, String)>,
    active: Vec<(String, String)>,
    clear: String,
    facets: Facets,
    problem: Option<QueryProblem>,
    shown: Option<Shown>,
}

/// What was counted.
struct Shown {
    caption: String,
    /// The pictures that suit it.
    kinds: Vec<Choice>,
    picture: String,
    /// It is a map of tiles.
    has_tiles: bool,
    /// Something was found.
    has_hits: bool,
    alt: String,
    /// What queries were cut into.
    cuts: Vec<Cut>,
    table: Table,
    exports: [(&'static str, String); 4],
    /// The places of each query.
    places: Vec<(String, String)>,
    /// The state of the corpus, and the address that gives the same answer later.
    state: Option<(String, String)>,
}

/// How the counts are drawn.
#[derive(Clone, Copy)]
struct Drawn {
    kind: Option<Kind>,
    scale: Scale,
}

pub(crate) async fn page(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let started = Instant::now();
    let Asked { view, params } = asked;
    let state = PageState::new(PATH, view.all_pairs(PATH).unwrap_or_default());
    // Boxes that are left empty ask for nothing.
    let mut params = Params::from_pairs(PageState::new(PATH, params.into_pairs()).without(&[]));
    let Look { kind, scale, .. } = read_picture(&mut params)?;
    let mut request = read_request(&mut params)?;
    params.finish()?;
    if let Some(kind) = kind {
        suits(kind, request.by, request.queries.len()).map_err(|why| invalid("chart", why))?;
    }
    let drawn = Drawn {
        kind,
        // Of all reports, all are reports.
        scale: scale.unwrap_or(match is_open(&request) {
            true => Scale::Count,
            false => Scale::Share,
        }),
    };
    request.search.deadline = Some(started + SEARCH_BUDGET);
    let (lang, beside) = (view.lang(), state.clone());
    let mut page = TrendsPage::new(view, &request, &state, drawn);
    let (offered, outcome) = {
        let request = request.clone();
        app.with_index(move |reader| {
            let everything = SearchRequest {
                q: String::new(),
                mode: index::Mode::Words,
                ..request.search.clone()
            };
            let offered =
                filters::offered(lang, &beside, reader, &everything, started).map_err(problem_of)?;
            Ok((offered, reader.trends(&request, started)))
        })
        .await?
    };
    let Offered {
        facets,
        state: moment,
    } = offered;
    page.facets = facets;
    let mut status = StatusCode::OK;
    match outcome {
        Ok(trends) => page.shown = Some(Shown::new(&page.view, &state, &trends, drawn, moment)),
        Err(error) => {
            page.problem = Some(explain_one(&page.view, &request, error)?);
            status = StatusCode::BAD_REQUEST;
        }
    }
    let mut rendered = super::page(&page.view, &page)?;
    *rendered.status_mut() = status;
    let headers = rendered.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(rendered)
}

/// Whether nothing is asked but how many reports there are.
fn is_open(request: &TrendsRequest) -> bool {
    request.queries.iter().all(String::is_empty)
}

/// What is wrong, and with which query.
fn explain_one(view: &View, request: &TrendsRequest, error: SearchError) -> Result<QueryProblem, Problem> {
    let (nth, error) = match error {
        SearchError::InvalidQueryOf {
            nth,
            position,
            message,
            hint,
            ..
        } => (
            Some(nth),
            SearchError::InvalidQuery {
                position,
                message,
                hint,
            },
        ),
        error => (None, error),
    };
    let q = request.queries.get(nth.unwrap_or(1) - 1);
    let problem = explain(view, q.map_or("", String::as_str), problem_of(error))?;
    Ok(QueryProblem {
        of: nth.map_or_else(String::new, |nth| view.say(view.w.query_n, nth)),
        ..problem
    })
}

impl TrendsPage {
    fn new(view: View, request: &TrendsRequest, state: &PageState, drawn: Drawn) -> Self {
        let (w, lang) = (view.w, view.lang());
        let mut queries: Vec<String> = state.values("q").map(str::to_owned).collect();
        let boxes = (queries.len() + 1).clamp(BOXES, TrendsRequest::MAX_QUERIES);
        queries.resize(boxes.max(queries.len()), String::new());
        let range = |name| state.values(name).next().unwrap_or_default().to_owned();
        let asked: Vec<&str> = state.values("q").collect();
        let title = match asked.is_empty() {
            true => w.trends.to_owned(),
            false => format!("{} · {}", asked.join("、"), w.trends),
        };
        let example = |queries: &&[&str]| {
            let pairs: Vec<(&str, &str)> = queries.iter().map(|q| ("q", *q)).collect();
            (queries.join("、"), view.link(PATH, &pairs))
        };
        Self {
            title,
            queries,
            bys: By::ALL
                .iter()
                .map(|by| (by.code(), by_name(lang, *by), *by == request.by))
                .collect(),
            measures: Measure::ALL
                .iter()
                .map(|measure| {
                    (
                        measure.code(),
                        measure_name(lang, *measure),
                        *measure == request.measure,
                    )
                })
                .collect(),
            scales: [Scale::Share, Scale::Count]
                .into_iter()
                .map(|scale| (scale.code(), scale_name(lang, scale), scale == drawn.scale))
                .collect(),
            years: (range("year_from"), range("year_to")),
            kept: state.without(&[
                "q",
                "mode",
                "by",
                "measure",
                "scale",
                "chart",
                "year_from",
                "year_to",
            ]),
            modes: Modes::new(lang, request.search.mode),
            examples: match is_open(request) {
                true => EXAMPLES.iter().map(example).collect(),
                false => Vec::new(),
            },
            active: filters::active(lang, state),
            clear: state.cleared(),
            facets: Facets::default(),
            problem: None,
            shown: None,
            view,
        }
    }
}

impl Shown {
    fn new(
        view: &View,
        state: &PageState,
        trends: &Trends,
        drawn: Drawn,
        moment: Option<report::ChinaMoment>,
    ) -> Self {
        let (w, lang) = (view.w, view.lang());
        let n_series = trends.series.len();
        let usual = Kind::usual(trends.by, n_series);
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| suits(*kind, trends.by, n_series).is_ok());
        let kinds = kinds.map(|kind| {
            let code = if kind == usual { "" } else { kind.code() };
            let is_on = kind == drawn.kind.unwrap_or(usual);
            (kind_name(lang, kind).to_owned(), state.with("chart", code), is_on)
        });
        let named = trends.series.iter().map(|series| match series.q.as_str() {
            "" => w.every_report,
            q => q,
        });
        let named = named.collect::<Vec<_>>().join("、");
        let caption = put(
            lang.pick("{}：{}", "{}, {}"),
            &[
                &unit_name(lang, trends.measure, drawn.scale),
                &by_phrase(lang, trends.by),
            ],
        );
        // What belongs to a picture is refused elsewhere.
        let plain = state.set("scale", "").set("chart", "");
        let picture = state.data(
            DATA,
            &[
                ("scale", drawn.scale.code()),
                ("lang", lang.code()),
                ("format", "svg"),
            ],
        );
        let places = trends.series.iter().filter(|series| !series.q.is_empty());
        Self {
            alt: put(w.chart_alt, &[&caption, &named]),
            caption,
            kinds: kinds.collect(),
            exports: [
                ("CSV", plain.data(DATA, &[("format", "csv")])),
                (
                    view.w.csv_excel,
                    plain.data(DATA, &[("format", "csv"), ("bom", "true")]),
                ),
                ("JSON", plain.data(DATA, &[("format", "json")])),
                ("SVG", picture.clone()),
            ],
            picture,
            has_hits: trends
                .series
                .iter()
                .flat_map(|series| &series.rows)
                .any(|row| row.counts.reports_with_hit > 0),
            has_tiles: drawn.kind.unwrap_or(usual) == Kind::Tiles,
            cuts: trends
                .series
                .iter()
                .filter_map(|series| {
                    Cut::new(&series.query, |q| {
                        state.set("mode", "").replaced("q", &series.q, q)
                    })
                })
                .collect(),
            table: Table::new(view, state, trends, drawn.scale),
            places: places
                .map(|series| {
                    let link = state.on("/concordance").with("q", &series.q);
                    (series.q.clone(), link)
                })
                .collect(),
            state: moment.map(|moment| (moment.to_string(), state.as_of(moment))),
        }
    }
}

fn by_name(lang: Lang, by: By) -> &'static str {
    match by {
        By::Year => lang.pick("报告年度", "report year"),
        By::Province => lang.pick("省级地区", "province"),
        By::City => lang.pick("地级地区", "city"),
        By::County => lang.pick("县级地区", "county"),
        By::Genre => lang.pick("文种", "genre"),
    }
}

fn by_phrase(lang: Lang, by: By) -> &'static str {
    match by {
        By::Year => lang.pick("按报告年度", "by report year"),
        By::Province => lang.pick("按省级地区", "by province"),
        By::City => lang.pick("按地级地区", "by city"),
        By::County => lang.pick("按县级地区", "by county"),
        By::Genre => lang.pick("按文种", "by genre"),
    }
}

fn measure_name(lang: Lang, measure: Measure) -> &'static str {
    match measure {
        Measure::Reports => lang.pick("含检索词的报告", "reports with it"),
        Measure::Occurrences => lang.pick("出现次数", "occurrences"),
    }
}

fn scale_name(lang: Lang, scale: Scale) -> &'static str {
    match scale {
        Scale::Share => lang.pick("比率", "share"),
        Scale::Count => lang.pick("数目", "number"),
    }
}

fn unit_name(lang: Lang, measure: Measure, scale: Scale) -> &'static str {
    match (measure, scale) {
        (Measure::Reports, Scale::Share) => lang.pick(
            "含检索词的报告占报告总数的百分比",
            "Share of the reports that have it",
        ),
        (Measure::Reports, Scale::Count) => lang.pick("报告数", "Number of reports"),
        (Measure::Occurrences, Scale::Share) => {
            lang.pick("每万汉字出现次数", "Occurrences per 10,000 Han characters")
        }
        (Measure::Occurrences, Scale::Count) => lang.pick("出现次数", "Number of occurrences"),
    }
}

fn kind_name(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::Line => lang.pick("折线", "lines"),
        Kind::Bars => lang.pick("条形", "bars"),
        Kind::Tiles => lang.pick("方格图", "tiles"),
    }
}
