//! How queries are matched and what narrows them, as the pages of searches, trends and concordances show it: the ways to
//! match, the chosen filters, each with the link that takes it away, and the values that can be chosen.

use std::time::Instant;

use index::{Facet, Mode, QualityFilter, QueryEcho, Reader, SearchError, SearchRequest, Sort};
use report::{ChinaMoment, divisions};

use super::{
    labels,
    search::facets::Facets,
    state::PageState,
    words::{Lang, put},
};

/// Facets that are offered beside a picture or a list.
const FACETS: [Facet; 4] = [Facet::Region, Facet::Year, Facet::Genre, Facet::IssuerType];

/// Name, address, and whether it is where one is.
pub(super) type Choice = (String, String, bool);

/// The filters of a request as boxes to choose from.
pub(super) struct Offered {
    pub(super) facets: Facets,
    /// The state of the corpus that was read.
    pub(super) state: Option<ChinaMoment>,
}

/// What a request can be narrowed by.
///
/// # Errors
/// As a search.
pub(super) fn offered(
    lang: Lang,
    state: &PageState,
    reader: &Reader,
    request: &SearchRequest,
    started: Instant,
) -> Result<Offered, SearchError> {
    let request = SearchRequest {
        facets: FACETS.to_vec(),
        cursor: None,
        limit: 1,
        // Nothing is shown of the hits, and years are ordered by more quickly than by relevance.
        sort: Some(Sort::Year),
        ..request.clone()
    };
    let response = reader.search(&request, started)?;
    Ok(Offered {
        facets: Facets::new(lang.words(), state, &response.facets),
        state: response.state,
    })
}

/// Every way to match, as buttons of the form of the query: what has been typed is sent along.
pub(super) struct Modes {
    /// Code, name, whether it is the one that is used.
    pub(super) all: Vec<(&'static str, &'static str, bool)>,
    /// What the used one does.
    pub(super) about: &'static str,
    /// The code of the used one, if it is not the usual one: the form sends it too.
    pub(super) unusual: Option<&'static str>,
}

impl Modes {
    pub(super) fn new(lang: Lang, used: Mode) -> Self {
        let all = [Mode::Words, Mode::Exact, Mode::Any, Mode::Loose].into_iter();
        Self {
            all: all
                .map(|mode| (mode.code(), mode_name(lang, mode).0, mode == used))
                .collect(),
            about: mode_name(lang, used).1,
            unusual: (used != Mode::default()).then(|| used.code()),
        }
    }
}

/// A query that was cut into words, and how to ask for it as it is written: who does not know that it is cut takes the places of
/// its parts for places of the whole.
pub(super) struct Cut {
    pub(super) q: String,
    pub(super) terms: Vec<String>,
    /// Where it is asked for as one string; `None` where it says more than one string could.
    pub(super) as_written: Option<String>,
}

impl Cut {
    /// `None` where nothing was cut. `link` makes the address that asks for another query in its place.
    pub(super) fn new(query: &QueryEcho, link: impl FnOnce(&str) -> String) -> Option<Self> {
        let q = query.q.trim();
        if query.terms.is_empty() || query.terms.iter().all(|term| term == q) {
            return None;
        }
        let is_one = q.chars().all(char::is_alphanumeric);
        Some(Self {
            q: q.to_owned(),
            terms: query.terms.clone(),
            as_written: is_one.then(|| link(&format!("\"{q}\""))),
        })
    }
}

/// The chosen filters in words, each with the address without it.
pub(super) fn active(lang: Lang, state: &PageState) -> Vec<(String, String)> {
    let filters = state.filters();
    let filters = filters.map(|(name, value)| (filter_label(lang, name, value), state.toggled(name, value)));
    filters.collect()
}

/// What a mode is called, and what it does.
fn mode_name(lang: Lang, mode: Mode) -> (&'static str, &'static str) {
    let (zh, en) = match mode {
        Mode::Words => (
            ("全部词语", "每个词都须出现；引号内逐字匹配"),
            ("All words", "every word has to occur; what is in quotes, exactly"),
        ),
        Mode::Exact => (
            ("逐字匹配", "整个检索式作为一个字串，不解释任何符号"),
            (
                "Exact",
                "the whole query is one string, no sign is read as an operator",
            ),
        ),
        Mode::Any => (
            ("任一词语", "有一个词即可，按相关度排序；适合整句提问"),
            (
                "Any word",
                "one word is enough, best first; for questions in whole sentences",
            ),
        ),
        Mode::Loose => (
            ("近义与繁简", "另加同义词、简称与繁简写法，所加内容列在下面"),
            (
                "Loose",
                "with synonyms, abbreviations and the other script; what is added is listed below",
            ),
        ),
    };
    lang.pick(zh, en)
}

/// A filter in words.
fn filter_label(lang: Lang, name: &str, value: &str) -> String {
    let say = |zh, en| Some(put(lang.pick(zh, en), &[&value]));
    let named = match name {
        "region" => index::parse_region(value)
            .ok()
            .and_then(|code| divisions().get(code))
            .map(|region| region.name.to_owned()),
        "genre" => value
            .parse()
            .ok()
            .map(|genre| labels::genre(lang, genre).to_owned()),
        "issuer_type" => value
            .parse()
            .ok()
            .map(|kind| labels::issuer_type(lang, kind).to_owned()),
        "section" => value.parse().ok().map(|role| labels::role(lang, role).to_owned()),
        "year" => say("{} 年度", "report year {}"),
        "year_from" => say("{} 年度起", "report year from {}"),
        "year_to" => say("至 {} 年度", "report year to {}"),
        "published_from" => say("{} 起发布", "published from {}"),
        "published_to" => say("{} 前发布", "published to {}"),
        "quality" if value == QualityFilter::Clean.code() => Some(lang.words().clean.to_owned()),
        "changed_since" => say("{} 以来有变动", "changed since {}"),
        "portal" => say("门户 {}", "portal {}"),
        "as_of" => say("截至 {} 的语料", "the corpus as of {}"),
        _ => None,
    };
    named.unwrap_or_else(|| format!("{name}={value}"))
}
