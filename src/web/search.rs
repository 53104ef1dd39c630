//! The search page: a GET form, facets as links, every state in the address.

use std::time::Instant;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use index::{
    Facet, FacetCount, Group, Highlight, HighlightField, Hit, Mode, SearchRequest, SearchResponse, Sort,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use report::{ChinaMoment, Level, RegionCode};

use super::report::{id_in_path, region_path};
use crate::{
    api::{
        params::Params,
        problem::{self, Problem},
        search::{SEARCH_BUDGET, problem_of, read_request},
    },
    http::App,
};

/// Facets beside the hits, with their titles; the name is also the filter's.
const FACETS: [(Facet, &str); 4] = [
    (Facet::Region, "地区"),
    (Facet::Year, "报告年度"),
    (Facet::Genre, "文种"),
    (Facet::IssuerType, "机关类别"),
];
const MODES: [(Mode, &str); 4] = [
    (Mode::Words, "全部词语"),
    (Mode::Any, "任一词语"),
    (Mode::Exact, "逐字匹配"),
    (Mode::Loose, "近义与繁简"),
];
const SORTS: [(&str, &str); 5] = [
    ("", "默认排序"),
    ("-published", "发布日期新到旧"),
    ("published", "发布日期旧到新"),
    ("-year", "年度新到旧"),
    ("-changed", "最近变动"),
];
const EXAMPLES: [&str; 4] = [
    "\"双随机、一公开\"",
    "数字政府 NOT 示范",
    "行政复议 year:2021..2023",
    "\"存在的问题\" OR \"不足\"",
];

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    q: String,
    modes: Vec<(&'static str, &'static str, bool)>,
    sorts: Vec<(&'static str, &'static str, bool)>,
    /// Filters that the form sends along.
    kept: Vec<(String, String)>,
    /// Whether near-duplicates are folded.
    folds: bool,
    /// Address of the feed of what changes among these hits.
    feed: String,
    examples: Vec<(&'static str, String)>,
    problem: Option<QueryProblem>,
    active: Vec<(String, String)>,
    facets: Vec<FacetBox>,
    total: u64,
    terms: String,
    ignored: String,
    /// Terms, and what was searched in their place too.
    expanded: Vec<(String, String)>,
    /// What may have been meant otherwise, and what to write.
    suggestions: Vec<(String, String)>,
    hits: Vec<HitBox>,
    next: Option<String>,
    /// The state of the corpus, and the address that gives the same answer later.
    state: Option<(String, String)>,
}

/// A query that cannot be read, cut at the place that is wrong.
struct QueryProblem {
    detail: String,
    before: String,
    after: String,
    hint: Option<String>,
}

struct FacetBox {
    title: &'static str,
    values: Vec<FacetValue>,
}

struct FacetValue {
    label: String,
    count: u64,
    link: String,
    on: bool,
    class: &'static str,
}

struct HitBox {
    /// Escaped, perhaps with marks.
    title: String,
    link: String,
    meta: String,
    flags: Vec<&'static str>,
    /// Near-duplicates folded into this hit.
    duplicates: u64,
    /// Where these are listed.
    similar: String,
    passages: Vec<Passage>,
}

struct Passage {
    path: String,
    /// Escaped, with marks.
    html: String,
}

pub(crate) async fn page(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let started = Instant::now();
    let state = PageState::read(query.as_deref())?;
    let mut params = Params::from_pairs(state.0.clone());
    let mut request = read_request(&mut params)?;
    params.finish()?;
    request.deadline = Some(started + SEARCH_BUDGET);
    request.facets = FACETS.iter().map(|(facet, _)| *facet).collect();
    let outcome = {
        let request = request.clone();
        app.with_index(move |reader| Ok(reader.search(&request, started)))
            .await?
    };
    let mut page = SearchPage::empty(&request, &state);
    match outcome {
        Ok(response) => page.fill(&state, &response),
        Err(error) => page.problem = Some(explain(&request.q, problem_of(error))?),
    }
    let mut rendered = super::page(&page)?;
    if page.problem.is_some() {
        *rendered.status_mut() = axum::http::StatusCode::BAD_REQUEST;
    }
    Ok(rendered)
}

/// A problem of the query is shown on the page, any other as a page of its own.
fn explain(q: &str, problem: Problem) -> Result<QueryProblem, Problem> {
    if problem.status() != axum::http::StatusCode::BAD_REQUEST {
        return Err(problem);
    }
    let problem::Body {
        detail,
        hint,
        position,
        ..
    } = problem.body();
    let (before, after) = match position {
        Some(at) => (q.chars().take(at).collect(), q.chars().skip(at).collect()),
        None => (String::new(), String::new()),
    };
    Ok(QueryProblem {
        detail,
        before,
        after,
        hint,
    })
}

/// The parameters of the page, from which the addresses of its links are made.
struct PageState(Vec<(String, String)>);

impl PageState {
    fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut pairs = Params::parse(query)?.into_pairs();
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Self(pairs))
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(n, v)| n == name && v == value)
    }

    /// The address of this page with a filter value added or taken away; paging starts anew.
    fn toggled(&self, name: &str, value: &str) -> String {
        let mut pairs: Vec<_> = self
            .0
            .iter()
            .filter(|(n, v)| n != "cursor" && !(n == name && v == value))
            .cloned()
            .collect();
        if pairs.len() == self.0.iter().filter(|(n, _)| n != "cursor").count() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        address(&pairs)
    }

    /// The address of the feed that has the same query and filters.
    fn feed(&self) -> String {
        let no_filters = [
            "sort", "limit", "cursor", "facets", "group", "fields", "passages", "as_of",
        ];
        let asked = |(name, _): &&(String, String)| !no_filters.contains(&name.as_str());
        let pairs: Vec<_> = self.0.iter().filter(asked).cloned().collect();
        format!("/api/v1/changes.atom?{}", query_of(&pairs))
    }

    /// The address that gives the same answer later.
    fn as_of(&self, state: ChinaMoment) -> String {
        let kept = |(name, _): &&(String, String)| name != "cursor" && name != "as_of";
        let mut pairs: Vec<_> = self.0.iter().filter(kept).cloned().collect();
        pairs.push(("as_of".to_owned(), state.to_string()));
        address(&pairs)
    }

    fn with_cursor(&self, cursor: &str) -> String {
        let mut pairs: Vec<_> = self
            .0
            .iter()
            .filter(|(name, _)| name != "cursor")
            .cloned()
            .collect();
        pairs.push(("cursor".to_owned(), cursor.to_owned()));
        address(&pairs)
    }
}

/// The query part of an address.
fn query_of(pairs: &[(String, String)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

fn address(pairs: &[(String, String)]) -> String {
    match query_of(pairs) {
        query if query.is_empty() => "/".to_owned(),
        query => format!("/?{query}"),
    }
}

impl SearchPage {
    fn empty(request: &SearchRequest, state: &PageState) -> Self {
        let in_form = ["q", "mode", "sort", "group", "cursor"];
        let sort = request.sort.map_or("", Sort::code);
        Self {
            q: request.q.clone(),
            modes: MODES
                .iter()
                .map(|(mode, label)| (mode.code(), *label, *mode == request.mode))
                .collect(),
            sorts: SORTS
                .iter()
                .map(|(code, label)| (*code, *label, *code == sort))
                .collect(),
            kept: state
                .0
                .iter()
                .filter(|(name, _)| !in_form.contains(&name.as_str()))
                .cloned()
                .collect(),
            folds: request.group == Group::Duplicates,
            feed: state.feed(),
            examples: EXAMPLES
                .iter()
                .map(|q| (*q, address(&[("q".to_owned(), (*q).to_owned())])))
                .collect(),
            problem: None,
            active: Vec::new(),
            facets: Vec::new(),
            total: 0,
            terms: String::new(),
            ignored: String::new(),
            expanded: Vec::new(),
            suggestions: Vec::new(),
            hits: Vec::new(),
            next: None,
            state: None,
        }
    }

    fn fill(&mut self, state: &PageState, response: &SearchResponse) {
        self.active = self
            .kept
            .iter()
            .map(|(name, value)| (filter_label(name, value), state.toggled(name, value)))
            .collect();
        self.facets = FACETS
            .iter()
            .map(|(facet, title)| {
                let counts = response.facets.get(facet).map(Vec::as_slice).unwrap_or_default();
                FacetBox {
                    title,
                    values: facet_values(*facet, counts, state),
                }
            })
            .collect();
        self.total = response.total.value;
        self.terms = response.query.terms.join(" ");
        self.ignored = response
            .query
            .ignored
            .iter()
            .map(|s| s.trim())
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        for addition in &response.query.expanded {
            match self.expanded.iter_mut().find(|(term, _)| *term == addition.term) {
                Some((_, added)) => {
                    added.push(' ');
                    added.push_str(&addition.added);
                }
                None => self
                    .expanded
                    .push((addition.term.clone(), addition.added.clone())),
            }
        }
        let suggestions = response.query.suggestions.iter();
        self.suggestions = suggestions
            .map(|suggestion| {
                (
                    suggestion.chinese.message.clone(),
                    suggestion.chinese.hint.clone(),
                )
            })
            .collect();
        let as_of = self.kept.iter().find(|(name, _)| name == "as_of");
        let as_of = as_of.map(|(_, value)| value.as_str());
        self.hits = response.hits.iter().map(|hit| hit_box(hit, as_of)).collect();
        self.state = response
            .state
            .map(|moment| (moment.to_string(), state.as_of(moment)));
        self.next = response
            .next_cursor
            .as_deref()
            .map(|cursor| state.with_cursor(cursor));
    }
}

/// Regions as a tree in the order of their codes, years newest first, the rest as counted.
fn facet_values(facet: Facet, counts: &[FacetCount], state: &PageState) -> Vec<FacetValue> {
    let name = facet.code();
    let mut values: Vec<(&FacetCount, &'static str)> = counts.iter().map(|count| (count, "")).collect();
    match facet {
        Facet::Region => {
            values.sort_by(|a, b| a.0.value.cmp(&b.0.value));
            for (count, class) in &mut values {
                *class = match count.value.parse::<RegionCode>().map(RegionCode::level) {
                    Ok(Level::City) => "level-city",
                    Ok(Level::County) => "level-county",
                    _ => "",
                };
            }
        }
        Facet::Year => values.sort_by(|a, b| b.0.value.cmp(&a.0.value)),
        _ => (),
    }
    values
        .into_iter()
        .map(|(count, class)| FacetValue {
            label: count.label.clone(),
            count: count.count,
            link: state.toggled(name, &count.value),
            on: state.has(name, &count.value),
            class,
        })
        .collect()
}

/// A filter in words.
fn filter_label(name: &str, value: &str) -> String {
    let named = match name {
        "region" => index::parse_region(value)
            .ok()
            .and_then(|code| report::divisions().get(code))
            .map(|region| region.name.to_owned()),
        "genre" => value
            .parse::<report::Genre>()
            .ok()
            .map(|genre| genre.label().to_owned()),
        "issuer_type" => value
            .parse::<report::IssuerType>()
            .ok()
            .map(|kind| kind.label().to_owned()),
        "section" => value
            .parse::<report::Role>()
            .ok()
            .map(|role| role.label().to_owned()),
        "year" => Some(format!("{value} 年度")),
        "year_from" => Some(format!("{value} 年度起")),
        "year_to" => Some(format!("至 {value} 年度")),
        "published_from" => Some(format!("{value} 起发布")),
        "published_to" => Some(format!("{value} 前发布")),
        "quality" => Some("仅无疑点文本".to_owned()),
        "changed_since" => Some(format!("{value} 以来有变动")),
        "as_of" => Some(format!("截至 {value} 的语料")),
        "limit" => Some(format!("每页 {value} 篇")),
        "passages" => Some(format!("每篇 {value} 段")),
        _ => None,
    };
    named.unwrap_or_else(|| format!("{name}={value}"))
}

/// A hit, with its report as it was as of a moment.
fn hit_box(hit: &Hit, as_of: Option<&str>) -> HitBox {
    let as_of = as_of.map(|as_of| format!("?{}", query_of(&[("as_of".to_owned(), as_of.to_owned())])));
    let content = &hit.report.content;
    let marked = hit
        .highlights
        .iter()
        .find(|h| h.field == HighlightField::Title)
        .map(|h| h.html.clone());
    let plain = || escape(content.title.as_deref().unwrap_or("（无标题）"));
    let meta = [
        Some(region_path(&hit.report)).filter(|path| !path.is_empty()),
        content.year.map(|year| format!("{year} 年度")),
        Some(content.genre.label().to_owned()),
        content.issuer.clone(),
        content.document_number.clone(),
        content.published.map(|day| format!("{day} 发布")),
    ];
    let passages = hit.highlights.iter().filter(|h| h.field == HighlightField::Text);
    HitBox {
        title: marked.unwrap_or_else(plain),
        duplicates: hit.duplicates.as_ref().map_or(0, |folded| folded.count),
        similar: format!("/reports/{}#similar", id_in_path(&hit.report.id)),
        link: format!(
            "/reports/{}{}",
            id_in_path(&hit.report.id),
            as_of.unwrap_or_default()
        ),
        meta: meta.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        flags: content.quality.flags.iter().map(|flag| flag.label()).collect(),
        passages: passages
            .map(|highlight| Passage {
                path: place(highlight),
                html: highlight.html.clone(),
            })
            .collect(),
    }
}

/// Where a passage stands: numbers of its sections, then the heading; a heading without a number stands once.
fn place(highlight: &Highlight) -> String {
    let heading = highlight.heading.as_deref().unwrap_or_default();
    let path = highlight.path.as_deref().unwrap_or_default();
    let numbers = path
        .strip_suffix(heading)
        .map_or(path, |above| above.trim_end_matches('/'));
    let heading: String = heading.chars().take(24).collect();
    [numbers, &heading]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_added_once_and_taken_away_again() {
        let state = PageState::read(Some("q=%E6%B3%95&year=2020&cursor=x")).unwrap();
        assert_eq!(state.toggled("year", "2021"), "/?q=%E6%B3%95&year=2020&year=2021");
        assert_eq!(state.toggled("year", "2020"), "/?q=%E6%B3%95");
        assert!(state.has("year", "2020"));
    }
}
