//! The search page: a GET form, facets as links, every state in the address.
//!
//! `search/facets.rs` and `hits.rs` say what is shown beside and in the list.

pub(super) mod facets;
mod hits;

use std::time::Instant;

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::Response,
};
use index::{Facet, Group, Mode, QualityFilter, SearchRequest, SearchResponse, Sort, divisions_called};
use report::{RegionCode, divisions};

use self::{facets::Facets, hits::HitBox};
use super::{
    filters::{self, Choice, Cut, Modes},
    problems::{QueryProblem, explain},
    state::{self, PageState},
    view::{Asked, View},
    words::{Lang, put, thousands},
};
use crate::{
    api::{
        params::{Params, invalid},
        problem::Problem,
        search::{SEARCH_BUDGET, problem_of, read_request},
    },
    http::App,
};

/// Facets beside the hits.
const FACETS: [Facet; 4] = [Facet::Region, Facet::Year, Facet::Genre, Facet::IssuerType];
/// Orders that are offered.
const SORTS: [Option<Sort>; 5] = [
    None,
    Some(Sort::PublishedDescending),
    Some(Sort::Published),
    Some(Sort::YearDescending),
    Some(Sort::ChangedDescending),
];
const EXAMPLES: [&str; 4] = [
    "\"双随机、一公开\"",
    "数字政府 NOT 示范",
    "行政复议 year:2021..2023",
    "\"存在的问题\" OR \"不足\"",
];
/// Hits up to which their sections are counted unasked: to find the sections of very many takes longer than all else.
const MAX_SECTIONED: u64 = 40_000;
/// Words of a query up to which it is asked whether one of them is a division.
const MAX_WORDS_ASKED: usize = 6;
/// Divisions that are offered for one word.
const MAX_DIVISIONS: usize = 10;

/// Passages of a hit unless more are asked for: a page that is read on a phone is not to be long.
const PASSAGES: usize = 2;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    view: View,
    q: String,
    modes: Modes,
    sorts: Vec<Choice>,
    /// What the form sends along.
    kept: Vec<(String, String)>,
    /// What the form of years sends along.
    kept_by_years: Vec<(String, String)>,
    years: (String, String),
    folds: bool,
    fold_link: String,
    clean: bool,
    clean_link: String,
    /// Address of the feed of what changes among these hits.
    feed: String,
    exports: [(&'static str, String); 3],
    permalink: String,
    /// The same query and filters on the pages that count and list places.
    trends: String,
    concordance: String,
    /// Something of the query stands in the texts: a condition on a field has no places to list.
    has_places: bool,
    examples: Vec<(&'static str, String)>,
    /// A query, and what it finds.
    syntax: Vec<(&'static str, &'static str, String)>,
    problem: Option<QueryProblem>,
    active: Vec<(String, String)>,
    clear: String,
    facets: Facets,
    /// Where sections are counted that are not.
    count_sections: Option<String>,
    /// How many, with markup of ours.
    total: String,
    terms: Vec<String>,
    /// What the query was cut into, if it was.
    cut: Option<Cut>,
    ignored: String,
    parsed: String,
    /// Terms, and what was searched in their place too.
    expanded: Vec<(String, String)>,
    /// What may have been meant otherwise, and what to write.
    suggestions: Vec<String>,
    /// Words that are names of divisions: with these, each by name and address.
    which: Vec<(String, Vec<(String, String)>)>,
    hits: Vec<HitBox>,
    /// The state of the corpus that was asked for.
    as_of: Option<String>,
    page: usize,
    previous: Option<String>,
    next: Option<String>,
    /// The state of the corpus, and the address that gives the same answer later.
    state: Option<(String, String)>,
}

pub(crate) async fn page(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let started = Instant::now();
    let Asked { view, params } = asked;
    let state = PageState::new("/", view.all_pairs("/").unwrap_or_default());
    let mut params = Params::from_pairs(PageState::new("/", params.into_pairs()).without(&[state::SECTIONS]));
    let mut request = read_request(&mut params)?;
    params.finish()?;
    request.cursor = state.values("cursor").next().map(str::to_owned);
    check_paging(&state)?;
    if state.values("passages").next().is_none() {
        request.passages = PASSAGES;
    }
    request.deadline = Some(started + SEARCH_BUDGET);
    request.facets = FACETS.to_vec();
    let outcome = {
        let request = request.clone();
        let always = state.has(state::SECTIONS, "1") || !request.filters.section.is_empty();
        app.with_index(move |reader| Ok(search(reader, &request, always, started)))
            .await?
    };
    let mut page = SearchPage::empty(view, &request, &state);
    match outcome {
        Ok(response) => page.fill(&request, &state, &response),
        Err(error) => page.problem = Some(explain(&page.view, &request.q, problem_of(error))?),
    }
    let mut rendered = super::page(&page.view, &page)?;
    if page.problem.is_some() {
        *rendered.status_mut() = StatusCode::BAD_REQUEST;
    }
    // The newest state, also when a reader comes back to a page.
    let headers = rendered.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-cache"),
    );
    Ok(rendered)
}

/// A search, with its sections counted where there is a query and they are not too many, or `always`.
fn search(
    reader: &index::Reader,
    request: &SearchRequest,
    always: bool,
    started: Instant,
) -> Result<SearchResponse, index::SearchError> {
    let mut response = reader.search(request, started)?;
    let is_asked = always || !request.q.trim().is_empty() && response.total.value <= MAX_SECTIONED;
    if is_asked {
        let sections = SearchRequest {
            facets: vec![Facet::Section],
            cursor: None,
            limit: 1,
            sort: Some(Sort::Year),
            ..request.clone()
        };
        response.facets.extend(reader.search(&sections, started)?.facets);
    }
    Ok(response)
}

/// A parameter that stands at most once, and a number of a page.
pub(super) fn check_paging(state: &PageState) -> Result<(), Problem> {
    if state.values("cursor").count() > 1 {
        return Err(invalid("cursor", "it stands more than once"));
    }
    if state.values(state::SECTIONS).any(|value| value != "1") {
        return Err(invalid(state::SECTIONS, "it is 1, or left out"));
    }
    let page = state.values(state::PAGE).last();
    match page.is_none_or(|page| page.parse::<u32>().is_ok_and(|page| page > 0)) {
        true => Ok(()),
        false => Err(invalid(state::PAGE, "it is 1 or more")),
    }
}

impl SearchPage {
    fn empty(view: View, request: &SearchRequest, state: &PageState) -> Self {
        let (w, lang) = (view.w, view.lang());
        let ask = |q: &str| view.link("/", &[("q", q)]);
        let range = |name| state.values(name).next().unwrap_or_default().to_owned();
        Self {
            q: request.q.clone(),
            modes: Modes::new(lang, request.mode),
            sorts: SORTS
                .into_iter()
                // Without a query there is nothing to be relevant to, and the newest come first.
                .filter(|sort| !request.q.is_empty() || sort.is_some())
                .map(|sort| {
                    let link = state.with("sort", sort.map_or("", Sort::code));
                    let is_usual = request.sort.is_none() && request.q.is_empty();
                    let is_on = sort == request.sort || is_usual && sort == Some(Sort::PublishedDescending);
                    (sort_name(lang, sort).to_owned(), link, is_on)
                })
                .collect(),
            kept: state.without(&["q", "mode"]),
            kept_by_years: state.without(&["year_from", "year_to"]),
            years: (range("year_from"), range("year_to")),
            folds: request.group == Group::Duplicates,
            fold_link: state.toggled("group", Group::Duplicates.code()),
            clean: request.filters.quality.contains(&QualityFilter::Clean),
            clean_link: state.toggled("quality", QualityFilter::Clean.code()),
            feed: state.feed(),
            exports: [
                ("CSV", state.export("csv")),
                ("Excel", state.export("xlsx")),
                ("JSON Lines", state.export("jsonl")),
            ],
            permalink: state.first(),
            trends: state.on("/trends").first(),
            concordance: state.on("/concordance").first(),
            has_places: false,
            examples: EXAMPLES.into_iter().map(|q| (q, ask(q))).collect(),
            syntax: [
                ("数字政府 便民", w.syntax_words),
                ("\"双随机、一公开\"", w.syntax_exact),
                ("行政复议 OR 行政诉讼", w.syntax_or),
                ("数字政府 NOT 示范", w.syntax_not),
                ("(复议 OR 诉讼) 应诉", w.syntax_group),
                ("\"营商环境\" NEAR/20 \"优化\"", w.syntax_near),
                ("title:法治政府", w.syntax_title),
                ("docno:〔2023〕", w.syntax_docno),
                ("region:湖南", w.syntax_region),
                ("year:2021..2023", w.syntax_year),
                ("不到位 section:problems", w.syntax_section),
            ]
            .into_iter()
            .map(|(q, about)| (q, about, ask(q)))
            .collect(),
            problem: None,
            active: filters::active(lang, state),
            clear: state.cleared(),
            facets: Facets::default(),
            count_sections: None,
            total: String::new(),
            terms: Vec::new(),
            cut: None,
            ignored: String::new(),
            parsed: String::new(),
            expanded: Vec::new(),
            suggestions: Vec::new(),
            which: Vec::new(),
            hits: Vec::new(),
            as_of: request.filters.as_of.map(|as_of| as_of.to_string()),
            page: state.page(),
            previous: state.previous(),
            next: None,
            state: None,
            view,
        }
    }

    fn fill(&mut self, request: &SearchRequest, state: &PageState, response: &SearchResponse) {
        let w = self.view.w;
        self.facets = Facets::new(w, state, &response.facets);
        let is_counted = response.facets.contains_key(&Facet::Section);
        self.count_sections = (!is_counted).then(|| state.toggled(state::SECTIONS, "1"));
        let total = if self.folds {
            w.total_groups
        } else if response.total.value == 1 {
            w.total_report
        } else {
            w.total_reports
        };
        let number = format!("<strong>{}</strong>", thousands(response.total.value));
        self.total = self.view.say(total, number);
        let query = &response.query;
        self.terms.clone_from(&query.terms);
        self.cut = Cut::new(query, |q| state.set("mode", "").with("q", q));
        let ignored = query.ignored.iter().map(|piece| piece.trim());
        let ignored: Vec<&str> = ignored.filter(|piece| !piece.is_empty()).collect();
        self.ignored = ignored.join(" ");
        // Terms side by side are shown as such already.
        if query.parsed != query.q.trim() {
            self.parsed.clone_from(&query.parsed);
        }
        for addition in &query.expanded {
            match self.expanded.iter_mut().find(|(term, _)| *term == addition.term) {
                Some((_, added)) => {
                    added.push('、');
                    added.push_str(&addition.added);
                }
                None => self
                    .expanded
                    .push((addition.term.clone(), addition.added.clone())),
            }
        }
        let suggestions = query.suggestions.iter();
        self.suggestions = suggestions
            .map(|suggestion| match self.view.lang() {
                Lang::Zh => format!("{}：{}", suggestion.chinese.message, suggestion.chinese.hint),
                Lang::En => format!("{}: {}", suggestion.message, suggestion.hint),
            })
            .collect();
        let [from, to] = [&self.years.0, &self.years.1].map(|year| year.parse::<i32>());
        if let (Ok(from), Ok(to)) = (from, to)
            && from > to
        {
            self.suggestions.push(put(w.years_reversed, &[&from, &to]));
        }
        if request.filters.region.is_empty() && query.terms.len() <= MAX_WORDS_ASKED {
            self.which = which(state, &query.terms);
        }
        if request.mode != Mode::Exact {
            self.which.extend(which_in_query(state, &request.q));
        }
        let hits = response.hits.iter();
        self.hits = hits.map(|hit| HitBox::new(&self.view, state, hit)).collect();
        self.has_places = self.hits.iter().any(HitBox::has_marks);
        self.state = response
            .state
            .map(|moment| (moment.to_string(), state.as_of(moment)));
        self.next = response.next_cursor.as_deref().map(|cursor| state.next(cursor));
    }
}

/// Words that are names of divisions, each with the divisions that may be meant.
fn which(state: &PageState, terms: &[String]) -> Vec<(String, Vec<(String, String)>)> {
    let asked = terms.iter().filter(|term| term.chars().nth(1).is_some());
    let found = asked.map(|term| {
        let codes = divisions_called(term).into_iter().take(MAX_DIVISIONS);
        let named = codes.map(|code| {
            let path = divisions().path(code);
            let names = [path.province, path.city, path.county];
            (names.into_iter().flatten().collect(), state.with_region(code))
        });
        (term.clone(), named.collect::<Vec<_>>())
    });
    found.filter(|(_, named)| !named.is_empty()).collect()
}

/// Conditions of a query on divisions by a name that several bear, each with the queries that name one of them.
fn which_in_query(state: &PageState, q: &str) -> Vec<(String, Vec<(String, String)>)> {
    const FIELD: &str = "region:";
    let found = q.match_indices(FIELD).filter_map(|(at, _)| {
        let value = &q[at + FIELD.len()..];
        let end = value.find(|c: char| !c.is_alphanumeric()).unwrap_or(value.len());
        let (name, rest) = value.split_at(end);
        let codes: Vec<RegionCode> = divisions_called(name).into_iter().take(MAX_DIVISIONS).collect();
        let named = codes.iter().map(|code| {
            let path = divisions().path(*code);
            let names = [path.province, path.city, path.county];
            let other = format!("{}{FIELD}{code}{rest}", &q[..at]);
            (names.into_iter().flatten().collect(), state.with("q", &other))
        });
        (codes.len() > 1).then(|| (name.to_owned(), named.collect()))
    });
    found.collect()
}

fn sort_name(lang: Lang, sort: Option<Sort>) -> &'static str {
    match sort {
        None | Some(Sort::Relevance) => lang.pick("相关度", "relevance"),
        Some(Sort::PublishedDescending) => lang.pick("发布新到旧", "newest"),
        Some(Sort::Published) => lang.pick("发布旧到新", "oldest"),
        Some(Sort::YearDescending) => lang.pick("年度新到旧", "latest report year"),
        Some(Sort::Year) => lang.pick("年度旧到新", "earliest report year"),
        Some(Sort::ChangedDescending) => lang.pick("最近变动", "last changed"),
        Some(Sort::Changed) => lang.pick("最早变动", "first changed"),
    }
}

/// The first page of the list that a page further on belongs to; `None` for other pages.
pub(super) fn first_page(view: &View) -> Option<String> {
    let mut lists = ["/", super::concordance::PATH].into_iter();
    lists.find_map(|path| {
        let state = PageState::new(path, view.all_pairs(path)?);
        state.values("cursor").next()?;
        Some(state.first())
    })
}
