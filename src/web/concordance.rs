//! Concordance: every place of a query's strings with what stands around it, a line each, the matches below each other.
//!
//! A line is a link to its paragraph in the report, where the hits of the query are marked. On narrow screens lines wrap.

use std::time::Instant;

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use index::{Concordance, ConcordanceRequest, ConcordanceRow, Mode, RowSort, SearchRequest};
use report::{ChinaMoment, divisions};

use super::{
    filters::{self, Choice, Cut, Modes},
    problems::{QueryProblem, explain},
    report::{line_id, page_path},
    search::{check_paging, facets::Facets},
    state::PageState,
    view::{Asked, View},
    words::{Lang, put, thousands},
};
use crate::{
    api::{
        concordance::read_request,
        params::Params,
        problem::Problem,
        search::{SEARCH_BUDGET, problem_of},
    },
    http::App,
};

pub(super) const PATH: &str = "/concordance";
const DATA: &str = "/api/v1/concordance";
/// Lines on a page unless the address says otherwise.
const USUAL_ROWS: usize = 50;
/// Characters on a side up to which a line fits a wide screen.
const FITTING: usize = 36;
/// Rows of a sample that the form offers.
const USUAL_SAMPLE: usize = 100;
/// Characters of a heading below a line.
const HEADING_CHARS: usize = 24;
const EXAMPLES: [&str; 3] = ["\"双随机、一公开\"", "行政复议", "\"营商环境\" section:problems"];

#[derive(Template)]
#[template(path = "concordance.html")]
struct ConcordancePage {
    view: View,
    q: String,
    /// What the form of the query sends along.
    kept: Vec<(String, String)>,
    /// What the form of the sample sends along.
    kept_by_draw: Vec<(String, String)>,
    sample: usize,
    seed: String,
    /// Where there is a sample: the address of another, and of all places.
    redraw: Option<(String, String)>,
    modes: Modes,
    sorts: Vec<Choice>,
    examples: Vec<(&'static str, String)>,
    active: Vec<(String, String)>,
    clear: String,
    facets: Facets,
    problem: Option<QueryProblem>,
    found: Option<Found>,
    /// Whether lines are longer than a screen is wide.
    is_long: bool,
    page: usize,
    previous: Option<String>,
    /// The same from the first page on.
    first: String,
    /// The reports that the places stand in, and how many there are by year.
    reports: String,
    trends: String,
}

/// The places of a page.
struct Found {
    /// How many, with markup of ours.
    total: String,
    /// Of which a sample was drawn.
    drawn: Option<String>,
    /// What the query was cut into.
    cut: Option<Cut>,
    /// What was searched too.
    expanded: String,
    rows: Vec<Line>,
    next: Option<String>,
    exports: Vec<(String, String)>,
    /// The state of the corpus, and the address that gives the same answer later.
    state: Option<(String, String)>,
}

/// A place.
struct Line {
    link: String,
    left: String,
    matched: String,
    right: String,
    region: String,
    year: Option<i32>,
    title: String,
    has_title: bool,
    /// The section that it stands in.
    place: String,
}

pub(crate) async fn page(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let started = Instant::now();
    let Asked { view, params } = asked;
    let state = PageState::new(PATH, view.all_pairs(PATH).unwrap_or_default());
    check_paging(&state)?;
    // A form whose sample is left empty draws none, by whatever seed.
    let given = PageState::new(PATH, params.into_pairs());
    let has_sample = given.values("sample").next().is_some();
    let given = if has_sample { given } else { given.set("seed", "") };
    let mut params = Params::from_pairs(given.without(&[]));
    let mut request = read_request(&mut params, SearchRequest::MAX_LIMIT)?;
    params.finish()?;
    if state.values("limit").next().is_none() {
        request.limit = USUAL_ROWS;
    }
    request.cursor = state.values("cursor").next().map(str::to_owned);
    request.search.deadline = Some(started + SEARCH_BUDGET);
    let mut page = ConcordancePage::new(view, &request, &state);
    let mut status = StatusCode::OK;
    if !request.search.q.trim().is_empty() {
        let (lang, beside, asked) = (page.view.lang(), state.clone(), request.clone());
        let job = move |reader: &index::Reader| {
            let found = match reader.concordance(&asked, started) {
                Ok(found) => found,
                Err(error) => return Ok(Err(problem_of(error))),
            };
            let offered = filters::offered(lang, &beside, reader, &asked.search, started);
            Ok(Ok((found, offered.map_err(problem_of)?)))
        };
        match app.with_index(job).await? {
            Ok((found, offered)) => {
                page.facets = offered.facets;
                page.found = Some(Found::new(&page.view, &state, &request, &found, offered.state));
            }
            Err(problem) => {
                page.problem = Some(explain(&page.view, &request.search.q, problem)?);
                status = StatusCode::BAD_REQUEST;
            }
        }
    }
    let mut rendered = super::page(&page.view, &page)?;
    *rendered.status_mut() = status;
    let headers = rendered.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(rendered)
}

impl ConcordancePage {
    fn new(view: View, request: &ConcordanceRequest, state: &PageState) -> Self {
        let lang = view.lang();
        let q = request.search.q.trim();
        let sorts = std::iter::once(None).chain(RowSort::ALL.iter().copied().map(Some));
        let redraw = request.sample.map(|_| {
            let seed = request.seed.wrapping_add(1).to_string();
            let all = state.set("sample", "").with("seed", "");
            (state.with("seed", &seed), all)
        });
        Self {
            q: request.search.q.clone(),
            kept: state.without(&["q", "mode"]),
            kept_by_draw: state.without(&["sample", "seed"]),
            sample: request.sample.unwrap_or(USUAL_SAMPLE),
            seed: request.seed.to_string(),
            redraw,
            modes: Modes::new(lang, request.search.mode),
            sorts: sorts
                .map(|sort| {
                    let link = state.with("sort", sort.map_or("", RowSort::code));
                    (sort_name(lang, sort).to_owned(), link, sort == request.sort)
                })
                .collect(),
            examples: match q.is_empty() {
                true => EXAMPLES.into_iter().map(|q| (q, state.with("q", q))).collect(),
                false => Vec::new(),
            },
            active: filters::active(lang, state),
            clear: state.cleared(),
            facets: Facets::default(),
            problem: None,
            found: None,
            is_long: request.width > FITTING,
            page: state.page(),
            previous: state.previous(),
            first: state.first(),
            reports: state.on("/").first(),
            trends: state.on("/trends").first(),
            view,
        }
    }
}

impl Found {
    fn new(
        view: &View,
        state: &PageState,
        request: &ConcordanceRequest,
        found: &Concordance,
        moment: Option<ChinaMoment>,
    ) -> Self {
        let w = view.w;
        let number = format!("<strong>{}</strong>", thousands(found.total.value));
        let sample = found.sample;
        let most = ConcordanceRequest::MAX_LIMIT as u64;
        let rows = sample.map_or(found.total.value, |sample| sample.size);
        let csv = match rows > most {
            true => view.say(w.first_rows, thousands(most)),
            false => "CSV".to_owned(),
        };
        let (many, few) = (ConcordanceRequest::MAX_LIMIT, SearchRequest::MAX_LIMIT);
        let data = |format: &[(&str, &str)], limit: usize| {
            let limit = limit.to_string();
            state.data(DATA, &[format, &[("limit", limit.as_str())]].concat())
        };
        let (table, marked) = ([("format", "csv")], [("format", "csv"), ("bom", "true")]);
        let expanded = found.query.expanded.iter();
        let expanded: Vec<String> = expanded
            .map(|addition| format!("{} → {}", addition.term, addition.added))
            .collect();
        Self {
            total: view.say(w.total_places, number),
            drawn: sample.map(|sample| put(w.drawn, &[&thousands(sample.size), &sample.seed])),
            cut: Cut::new(&found.query, |q| state.set("mode", "").with("q", q)),
            expanded: expanded.join("；"),
            rows: found
                .rows
                .iter()
                .map(|row| Line::new(view, &request.search, row))
                .collect(),
            next: found.next_cursor.as_deref().map(|cursor| state.next(cursor)),
            exports: vec![
                (csv, data(&table, many)),
                (w.csv_excel.to_owned(), data(&marked, many)),
                ("JSON".to_owned(), data(&[("format", "json")], few)),
            ],
            state: moment.map(|moment| (moment.to_string(), state.as_of(moment))),
        }
    }
}

impl Line {
    fn new(view: &View, request: &SearchRequest, row: &ConcordanceRow) -> Self {
        let path = row.region_code.map(|code| divisions().path(code));
        let names = path.map(|path| [path.province, path.city, path.county]);
        let names: Vec<&str> = names.into_iter().flatten().flatten().collect();
        let heading = row.heading.as_deref().unwrap_or_default();
        let numbers = row.path.as_deref().unwrap_or_default();
        let numbers = numbers
            .strip_suffix(heading)
            .map_or(numbers, |above| above.trim_end_matches('/'));
        let heading: String = heading.chars().take(HEADING_CHARS).collect();
        Self {
            link: link(view, request, row),
            left: row.left.clone(),
            matched: row.matched.clone(),
            right: row.right.clone(),
            region: match names.is_empty() {
                true => row.region_name.clone().unwrap_or_default(),
                false => names.join(" › "),
            },
            year: row.year,
            title: row.title.clone().unwrap_or_else(|| view.w.untitled.to_owned()),
            has_title: row.title.is_some(),
            place: format!("{numbers} {heading}").trim().to_owned(),
        }
    }
}

/// The paragraph in its report, with what the query matches marked, as it was when that is asked for.
fn link(view: &View, request: &SearchRequest, row: &ConcordanceRow) -> String {
    let as_of = request.filters.as_of.map(|as_of| as_of.to_string());
    let mut pairs = vec![("q", request.q.as_str())];
    pairs.extend((request.mode != Mode::Words).then_some(("mode", request.mode.code())));
    pairs.extend(as_of.as_deref().map(|as_of| ("as_of", as_of)));
    let page = view.link(&page_path(row.report_id.as_str()), &pairs);
    format!("{page}#{}", line_id(row.paragraph))
}

fn sort_name(lang: Lang, sort: Option<RowSort>) -> &'static str {
    match sort {
        None => lang.pick("按报告", "by report"),
        Some(RowSort::Left) => lang.pick("前文", "text before"),
        Some(RowSort::LeftOutwards) => lang.pick("前文（由近及远）", "text before, from the match outwards"),
        Some(RowSort::Right) => lang.pick("后文", "text behind"),
        Some(RowSort::Region) => lang.pick("地区", "division"),
        Some(RowSort::Year) => lang.pick("年度", "year"),
    }
}
