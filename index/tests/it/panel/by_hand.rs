//! What a panel has to be: counted report by report, paragraph by paragraph.

use std::collections::BTreeMap;

use index::{Concept, Layout, Panel, PanelBy, PanelRequest};
use report::{Level, RegionCode, Report, Role, Section, divisions, fold, han_chars, paragraphs};

use crate::support::TestIndex;

/// Non-overlapping occurrences in a paragraph, as characters of it: leftmost, then longest; what is excluded counts for
/// nothing.
fn occurrences(paragraph: &str, terms: &[String], excluded: &[String]) -> Vec<(usize, usize)> {
    let chars: Vec<char> = paragraph.chars().collect();
    let fits = |at: usize, string: &str| {
        let string: Vec<char> = string.chars().collect();
        chars[at..].starts_with(&string).then_some(string.len())
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let longest = |strings: &[String]| strings.iter().filter_map(|s| fits(at, s)).max().unwrap_or(0);
        let (term, other) = (longest(terms), longest(excluded));
        if term > other {
            found.push((at, at + term));
        }
        at += term.max(other).max(1);
    }
    found
}

/// Occurrences in a report; with roles only those inside one section of such a role.
fn count(report: &Report, concept: &Concept, general: &[String], roles: Option<&[Role]>) -> u64 {
    let folded = |strings: &[String]| strings.iter().map(|s| fold(s)).collect::<Vec<_>>();
    let excluded = folded(&[&concept.exclude[..], general].concat());
    let terms = folded(&concept.terms);
    let mut n = 0;
    for paragraph in paragraphs(&report.content.text) {
        let found = occurrences(&fold(paragraph.text), &terms, &excluded);
        // The sections of these tests are made of whole paragraphs.
        let is_in = |section: &&Section| {
            section.start <= paragraph.char && paragraph.char + paragraph.chars <= section.end
        };
        let inside = roles.is_none_or(|roles| {
            let mut around = report.content.outline.iter().filter(is_in);
            around.any(|section| roles.contains(&section.role))
        });
        n += if inside { found.len() as u64 } else { 0 };
    }
    n
}

fn chars(report: &Report, roles: Option<&[Role]>) -> u64 {
    let Some(roles) = roles else {
        return report.content.chars as u64;
    };
    let is_in = |at: usize| {
        let mut around = report.content.outline.iter().filter(|s| roles.contains(&s.role));
        around.any(|section| (section.start..section.end).contains(&at))
    };
    let text = report.content.text.chars().enumerate();
    text.filter(|(at, c)| is_in(*at) && han_chars(&c.to_string()) == 1)
        .count() as u64
}

/// Divisions that a report counts for.
fn regions(report: &Report, level: Option<Level>) -> Vec<RegionCode> {
    let Some(code) = report.content.region_code else {
        return Vec::new();
    };
    let mut own = divisions().today(code);
    if own.is_empty() {
        own.push(code);
    }
    let Some(level) = level else { return own };
    let mut found: Vec<RegionCode> = own
        .iter()
        .flat_map(|code| match divisions().get(*code) {
            Some(_) => divisions().ancestors(*code),
            None => vec![*code],
        })
        .filter(|code| code.level() == level)
        .collect();
    found.sort();
    found.dedup();
    found
}

type Key = (
    usize,
    Option<RegionCode>,
    Option<i32>,
    Option<&'static str>,
    Option<&'static str>,
);
type Numbers = (u64, u64, Option<u64>, u64);

pub(super) fn counted(panel: &Panel) -> BTreeMap<Key, Numbers> {
    let mut rows = BTreeMap::new();
    let mut before: Option<(usize, usize)> = None;
    for (nth, row) in panel.rows().enumerate() {
        let concept = panel.names.iter().position(|name| name == row.concept).unwrap();
        assert!(
            before.is_none_or(|(_, last)| last <= concept),
            "concepts are in order"
        );
        before = Some((nth, concept));
        let key = (
            concept,
            row.region,
            row.year,
            row.genre.map(|genre| genre.code()),
            row.section.map(|role| role.code()),
        );
        let numbers = (row.reports, row.reports_with_hit, row.occurrences, row.chars);
        assert!(rows.insert(key, numbers).is_none(), "{row:?} stands twice");
    }
    assert_eq!(rows.len(), panel.n_rows());
    rows
}

/// The rows that are not empty, counted report by report.
fn expected(request: &PanelRequest, reports: &[&Report]) -> BTreeMap<Key, Numbers> {
    let Layout { by, level, .. } = &request.layout;
    let mut rows: BTreeMap<Key, Numbers> = BTreeMap::new();
    let asked = &request.search.filters.section;
    for report in reports {
        let regions: Vec<_> = match by.contains(&PanelBy::Region) {
            true => regions(report, *level).into_iter().map(Some).collect(),
            false => vec![None],
        };
        let years: Vec<_> = match by.contains(&PanelBy::Year) {
            true => report.content.year.into_iter().map(Some).collect(),
            false => vec![None],
        };
        let genre = by.contains(&PanelBy::Genre).then(|| report.content.genre.code());
        let roles: Vec<Option<Role>> = match by.contains(&PanelBy::Section) {
            true => {
                let has = |role: &&Role| {
                    let mut sections = report.content.outline.iter();
                    (asked.is_empty() || asked.contains(role))
                        && sections.any(|section| section.role == **role)
                };
                Role::ALL.iter().filter(has).copied().map(Some).collect()
            }
            false => vec![None],
        };
        for (nth, concept) in request.dictionary.concepts.iter().enumerate() {
            for role in &roles {
                let only = role
                    .map(|role| vec![role])
                    .or((!asked.is_empty()).then(|| asked.clone()));
                let n = count(report, concept, &request.dictionary.exclude, only.as_deref());
                let chars = chars(report, only.as_deref());
                for region in &regions {
                    for year in &years {
                        let key = (nth, *region, *year, genre, role.map(Role::code));
                        let row = rows.entry(key).or_insert((0, 0, Some(0), 0));
                        row.0 += 1;
                        row.1 += u64::from(n > 0);
                        row.2 = row.2.map(|sum| sum + n);
                        row.3 += chars;
                    }
                }
            }
        }
    }
    rows
}

pub(super) fn make(index: &TestIndex, request: &PanelRequest) -> Panel {
    let panel = index.reader.panel(request, &|_, _| {});
    panel.unwrap_or_else(|error| panic!("{request:?}: {error}"))
}

/// Checks a panel against the reports that a search with the same request finds.
pub(super) fn expect(index: &TestIndex, request: &PanelRequest) -> Panel {
    let panel = make(index, request);
    let found = index.reader.find_all(&request.search).unwrap();
    let found: Vec<Report> = found.map(Result::unwrap).collect();
    let expected = expected(request, &found.iter().collect::<Vec<_>>());
    let mut rows = counted(&panel);
    for (key, numbers) in &rows {
        assert_eq!(numbers.2.is_none(), numbers.0 == 0, "{key:?}");
    }
    rows.retain(|_, numbers| numbers.0 > 0);
    assert_eq!(rows, expected, "{request:?}");
    panel
}
