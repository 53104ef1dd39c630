//! The state of a page that shows what a search finds: all of it stands in the address, from which the addresses of its
//! links are made. The search, the trends and the concordance lead to each other with the same query and filters.

use report::{ChinaMoment, RegionCode, divisions};

use super::view::{LANG, query_of, readable};

/// Parameters of the page that a search knows nothing of: which page of the result this is, and the cursors of the
/// pages before, the latest last. The first page has none.
pub(super) const PAGE: &str = "page";
pub(super) const BACK: &str = "back";
/// Sections are to be counted however many hits there are.
pub(super) const SECTIONS: &str = "sections";
const CURSOR: &str = "cursor";
const AS_OF: &str = "as_of";
const GROUP: &str = "group";

/// Pages that can be gone back one by one; a cursor has some two hundred characters.
const MAX_BACK: usize = 20;

/// Parameters that say how hits are shown, not which there are.
const NOT_ASKED: [&str; 17] = [
    "sort", "limit", "cursor", "facets", GROUP, "fields", "passages", PAGE, BACK, SECTIONS, "by", "measure",
    "scale", "chart", "width", "sample", "seed",
];

/// The parameters of the page, without those that are empty, and where the page is.
#[derive(Clone, Debug)]
pub(super) struct PageState {
    path: &'static str,
    pairs: Vec<(String, String)>,
}

impl PageState {
    pub(super) fn new(path: &'static str, mut pairs: Vec<(String, String)>) -> Self {
        pairs.retain(|(_, value)| !value.is_empty());
        Self { path, pairs }
    }

    /// The same queries, mode and filters on another page.
    pub(super) fn on(&self, path: &'static str) -> Self {
        let is_how = |name: &str| name != GROUP && NOT_ASKED.contains(&name);
        Self {
            path,
            pairs: self
                .pairs
                .iter()
                .filter(|(name, _)| !is_how(name))
                .cloned()
                .collect(),
        }
    }

    /// The page.
    pub(super) fn path(&self) -> &'static str {
        self.path
    }

    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.values(name).any(|known| known == value)
    }

    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_name = self.pairs.iter().filter(move |(n, _)| n == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// What a form sends along that has fields of these names itself. Paging starts anew.
    pub(super) fn without(&self, names: &[&str]) -> Vec<(String, String)> {
        let is_kept = |name: &str| !is_paging(name) && !names.contains(&name);
        let kept = self.pairs.iter().filter(|(name, _)| is_kept(name));
        kept.cloned().collect()
    }

    /// The filters: what is neither the query nor the way hits are shown.
    pub(super) fn filters(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_filter = |name: &str| !NOT_ASKED.contains(&name) && !["q", "mode", LANG].contains(&name);
        let pairs = self
            .pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(move |(name, _)| is_filter(name))
    }

    /// The address of this page with a filter value added or taken away; paging starts anew.
    pub(super) fn toggled(&self, name: &str, value: &str) -> String {
        let mut pairs = self.without(&[]);
        let before = pairs.len();
        pairs.retain(|(n, v)| !(n == name && v == value));
        if pairs.len() == before {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        self.address(&pairs)
    }

    /// The address with a division chosen or not. It takes the place of those above and below it.
    pub(super) fn with_region(&self, code: RegionCode) -> String {
        let mut pairs = self.without(&[]);
        let chosen = |value: &str| index::parse_region(value).ok();
        let was_chosen = pairs
            .iter()
            .any(|(name, value)| name == "region" && chosen(value) == Some(code));
        pairs.retain(|(name, value)| {
            let other = (name == "region").then(|| chosen(value)).flatten();
            other.is_none_or(|other| {
                !divisions().is_within(other, code) && !divisions().is_within(code, other)
            })
        });
        if !was_chosen {
            pairs.push(("region".to_owned(), code.to_string()));
        }
        self.address(&pairs)
    }

    /// The address with one value of a parameter instead of those it has; with none where `value` is empty.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        self.set(name, value).first()
    }

    /// The address with another value of a parameter in the place of one that it has.
    pub(super) fn replaced(&self, name: &str, value: &str, other: &str) -> String {
        let mut pairs = self.without(&[]);
        let known = pairs.iter_mut().filter(|(n, v)| n == name && v == value);
        known.for_each(|(_, value)| other.clone_into(value));
        self.address(&pairs)
    }

    /// The same with one value of a parameter instead of those it has; with none where `value` is empty. Paging starts anew.
    pub(super) fn set(&self, name: &str, value: &str) -> Self {
        let mut pairs = self.without(&[name]);
        if !value.is_empty() {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        Self {
            path: self.path,
            pairs,
        }
    }

    /// The same with what lies in one division: of the chosen ones those within it, or else the division itself.
    pub(super) fn narrowed_to(&self, code: RegionCode) -> Self {
        let mut pairs = self.without(&[]);
        pairs.retain(|(name, value)| {
            name != "region"
                || index::parse_region(value).is_ok_and(|chosen| divisions().is_within(chosen, code))
        });
        if pairs.iter().all(|(name, _)| name != "region") {
            pairs.push(("region".to_owned(), code.to_string()));
        }
        Self {
            path: self.path,
            pairs,
        }
    }

    /// The address without any filter.
    pub(super) fn cleared(&self) -> String {
        let filters: Vec<&str> = self.filters().map(|(name, _)| name).collect();
        self.address(&self.without(&filters))
    }

    /// The address of the feed that has the same query and filters.
    pub(super) fn feed(&self) -> String {
        let left_out: Vec<&str> = NOT_ASKED.into_iter().chain([AS_OF]).collect();
        format!("/api/v1/changes.atom?{}", self.asked(&left_out))
    }

    /// The address of an export of all that is found.
    pub(super) fn export(&self, format: &str) -> String {
        let asked = self.asked(&[
            "limit", "cursor", "facets", "passages", "fields", PAGE, BACK, SECTIONS,
        ]);
        match asked.is_empty() {
            true => format!("/api/v1/export?format={format}"),
            false => format!("/api/v1/export?{asked}&format={format}"),
        }
    }

    /// The address of the first page, which is that of the search.
    pub(super) fn first(&self) -> String {
        self.address(&self.without(&[]))
    }

    /// The address that gives the same answer later.
    pub(super) fn as_of(&self, state: ChinaMoment) -> String {
        self.with(AS_OF, &state.to_string())
    }

    /// The address of the same as data. What `more` names stands in it once, as there.
    pub(super) fn data(&self, path: &str, more: &[(&str, &str)]) -> String {
        let named: Vec<&str> = more.iter().map(|(name, _)| *name).collect();
        let kept = self.without(&named);
        let kept = kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| *name != LANG);
        format!("{path}?{}", query_of(kept.chain(more.iter().copied())))
    }

    /// For pages, which have many of them.
    fn address(&self, pairs: &[(String, String)]) -> String {
        match query_of(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
            query if query.is_empty() => self.path.to_owned(),
            query => format!("{}?{}", self.path, readable(&query)),
        }
    }

    fn asked(&self, left_out: &[&str]) -> String {
        let asked = self.pairs.iter();
        let asked = asked.filter(|(name, _)| name != LANG && !left_out.contains(&name.as_str()));
        readable(&query_of(
            asked.map(|(name, value)| (name.as_str(), value.as_str())),
        ))
    }

    /// Which page this is.
    pub(super) fn page(&self) -> usize {
        let page = self.values(PAGE).next().and_then(|page| page.parse().ok());
        page.unwrap_or(1).max(1)
    }

    /// The address of the next page.
    pub(super) fn next(&self, cursor: &str) -> String {
        let mut pairs = self.without(&[]);
        let back: Vec<&str> = self.values(BACK).chain(self.values(CURSOR)).collect();
        let kept = back.len().saturating_sub(MAX_BACK);
        let mut push = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
        back[kept..].iter().for_each(|cursor| push(BACK, cursor));
        push(CURSOR, cursor);
        push(PAGE, &(self.page() + 1).to_string());
        self.address(&pairs)
    }

    /// The address of the page before, where it is known.
    pub(super) fn previous(&self) -> Option<String> {
        self.values(CURSOR).next()?;
        let mut back: Vec<&str> = self.values(BACK).collect();
        let Some(cursor) = back.pop() else {
            return (self.page() == 2).then(|| self.first());
        };
        let mut pairs = self.without(&[]);
        let mut push = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
        back.iter().for_each(|cursor| push(BACK, cursor));
        push(CURSOR, cursor);
        push(PAGE, &self.page().saturating_sub(1).to_string());
        Some(self.address(&pairs))
    }
}

fn is_paging(name: &str) -> bool {
    [CURSOR, PAGE, BACK].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::params::Params;

    fn state(query: &str) -> PageState {
        PageState::new("/", Params::parse(Some(query)).unwrap().into_pairs())
    }

    #[test]
    fn a_filter_is_added_once_and_taken_away_again() {
        let state = state("q=%E6%B3%95&year=2020&cursor=x");
        assert_eq!(state.toggled("year", "2021"), "/?q=法&year=2020&year=2021");
        assert_eq!(state.toggled("year", "2020"), "/?q=法");
        assert!(state.has("year", "2020"));
    }

    #[test]
    fn a_division_takes_the_place_of_those_around_it() {
        let hunan = state("region=43&region=110105");
        assert_eq!(
            hunan.with_region("430482".parse().unwrap()),
            "/?region=110105&region=430482"
        );
        assert_eq!(hunan.with_region("430000".parse().unwrap()), "/?region=110105");
        let county = state("region=430482&lang=en");
        assert_eq!(
            county.with_region("430400".parse().unwrap()),
            "/?lang=en&region=430400"
        );
    }

    #[test]
    fn what_lies_in_a_division_is_kept_as_it_was_chosen() {
        let hunan: RegionCode = "430000".parse().unwrap();
        let within = |query: &str| state(query).narrowed_to(hunan).first();
        assert_eq!(within("q=a&region=110105"), "/?q=a&region=430000");
        assert_eq!(within("region=430482&region=110105"), "/?region=430482");
        assert_eq!(within("region=43"), "/?region=43");
    }

    #[test]
    fn pages_lead_forth_and_back() {
        let first = state("q=a");
        assert_eq!(first.previous(), None);
        let second = state(first.next("C2").strip_prefix("/?").unwrap());
        assert_eq!((second.page(), second.previous().unwrap().as_str()), (2, "/?q=a"));
        let third = state(second.next("C3").strip_prefix("/?").unwrap());
        assert_eq!(third.page(), 3);
        assert_eq!(third.previous().unwrap(), "/?q=a&cursor=C2&page=2");
        let mut far = third;
        for n in 4..60 {
            far = state(far.next(&format!("C{n}")).strip_prefix("/?").unwrap());
        }
        assert_eq!(far.values(BACK).count(), MAX_BACK);
        for _ in 0..MAX_BACK {
            far = state(far.previous().unwrap().strip_prefix("/?").unwrap());
        }
        assert_eq!((far.page(), far.previous()), (39, None));
    }

    #[test]
    fn other_pages_are_asked_for_the_same() {
        let state =
            state("q=a&year=2020&as_of=2024-01-01&sort=-year&cursor=x&page=2&group=duplicates&lang=en");
        let trends = state.on("/trends");
        assert_eq!(
            trends.first(),
            "/trends?q=a&year=2020&as_of=2024-01-01&group=duplicates&lang=en"
        );
        assert_eq!(
            trends.data("/api/v1/trends", &[("q", "b"), ("format", "csv")]),
            "/api/v1/trends?year=2020&as_of=2024-01-01&group=duplicates&q=b&format=csv"
        );
    }

    #[test]
    fn exports_and_feeds_ask_for_the_same() {
        let state = state("q=a&year=2020&sort=-year&cursor=x&page=2&limit=5&lang=en&group=duplicates");
        assert_eq!(state.feed(), "/api/v1/changes.atom?q=a&year=2020");
        assert_eq!(
            state.export("csv"),
            "/api/v1/export?q=a&year=2020&sort=-year&group=duplicates&format=csv"
        );
    }
}
