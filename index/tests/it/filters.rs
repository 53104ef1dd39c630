//! Filters, facets and orders against an evaluation report by report.

use std::{cmp::Reverse, collections::BTreeMap};

use index::{Facet, Filters, QualityFilter, SearchError, SearchRequest, Sort};
use jiff::civil::date;
use report::{Genre, IssuerType, RegionCode, Report, divisions};

use crate::support::{Dice, HOSTILE, contains, moment, query};

/// Divisions that a report is filed under.
fn regions(report: &Report) -> Vec<RegionCode> {
    let Some(code) = report.content.region_code else {
        return Vec::new();
    };
    let today = divisions().today(code);
    let mut all: Vec<_> = today
        .into_iter()
        .flat_map(|code| divisions().ancestors(code))
        .collect();
    if all.is_empty() {
        all.push(code);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether a report meets all filters but those that narrow `except`.
pub(crate) fn meets(report: &Report, filters: &Filters, except: Option<Facet>) -> bool {
    let content = &report.content;
    let any = |empty: bool, holds: bool| empty || holds;
    let region = any(
        filters.region.is_empty(),
        filters.region.iter().any(|code| {
            divisions()
                .today(*code)
                .iter()
                .any(|code| regions(report).contains(code))
        }),
    );
    let year = {
        let listed = any(
            filters.year.is_empty(),
            content.year.is_some_and(|year| filters.year.contains(&year)),
        );
        let from = any(
            filters.year_from.is_empty(),
            content
                .year
                .is_some_and(|year| filters.year_from.iter().any(|from| *from <= year)),
        );
        let to = any(
            filters.year_to.is_empty(),
            content
                .year
                .is_some_and(|year| filters.year_to.iter().any(|to| year <= *to)),
        );
        listed && from && to
    };
    let published = any(
        filters.published_from.is_empty(),
        content
            .published
            .is_some_and(|day| filters.published_from.iter().any(|from| *from <= day)),
    ) && any(
        filters.published_to.is_empty(),
        content
            .published
            .is_some_and(|day| filters.published_to.iter().any(|to| day <= *to)),
    );
    let genre = any(filters.genre.is_empty(), filters.genre.contains(&content.genre));
    let kind = any(
        filters.issuer_type.is_empty(),
        content
            .issuer_type
            .is_some_and(|kind| filters.issuer_type.contains(&kind)),
    );
    let portal = any(filters.portal.is_empty(), filters.portal.contains(&report.portal));
    let clean = filters.quality.is_empty()
        || filters.quality.contains(&QualityFilter::Any)
        || content.quality.flags.is_empty();
    let changed = any(
        filters.changed_since.is_empty(),
        filters
            .changed_since
            .iter()
            .any(|since| *since <= report.changed_at),
    );
    (region || matches!(except, Some(Facet::Region | Facet::Province)))
        && (year || except == Some(Facet::Year))
        && (genre || except == Some(Facet::Genre))
        && (kind || except == Some(Facet::IssuerType))
        && published
        && portal
        && clean
        && changed
}

pub(crate) fn throw(dice: &mut Dice) -> Filters {
    let mut filters = Filters::default();
    let codes = [
        "430000", "430482", "510132", "510118", "110000", "429004", "420000", "320100",
    ];
    if dice.chance(40) {
        filters.region = (0..1 + dice.roll(2))
            .map(|_| dice.pick(&codes).parse().unwrap())
            .collect();
    }
    if dice.chance(30) {
        filters.genre = (0..1 + dice.roll(2)).map(|_| Genre::ALL[dice.roll(4)]).collect();
    }
    match dice.roll(5) {
        0 => filters.year = vec![2015 + dice.roll(10) as i32, 2018],
        1 => filters.year_from = vec![2019, 2015 + dice.roll(10) as i32],
        2 => filters.year_to = vec![2015 + dice.roll(10) as i32],
        _ => {}
    }
    if dice.chance(20) {
        filters.published_from = vec![date(2021, 1 + dice.roll(12) as i8, 15)];
    }
    if dice.chance(20) {
        filters.published_to = vec![date(2022, 1 + dice.roll(12) as i8, 14)];
    }
    if dice.chance(25) {
        filters.issuer_type = vec![IssuerType::ALL[dice.roll(3)]];
    }
    if dice.chance(25) {
        filters.portal = vec![dice.pick(&["changning", "haiyuan", "nowhere"]).to_owned()];
    }
    if dice.chance(25) {
        filters.quality = vec![QualityFilter::Clean];
    }
    if dice.chance(25) {
        filters.changed_since = (0..1 + dice.roll(2)).map(|_| moment(dice.roll(40))).collect();
    }
    filters
}

pub(crate) fn values(report: &Report, facet: Facet) -> Vec<String> {
    let content = &report.content;
    match facet {
        Facet::Region => regions(report).iter().map(RegionCode::to_string).collect(),
        Facet::Province => {
            let all = regions(report)
                .into_iter()
                .filter(|code| code.number() % 10_000 == 0);
            all.map(|code| code.to_string()).collect()
        }
        Facet::Year => content.year.into_iter().map(|year| year.to_string()).collect(),
        Facet::Genre => vec![content.genre.code().into()],
        Facet::IssuerType => content
            .issuer_type
            .into_iter()
            .map(|kind| kind.code().into())
            .collect(),
        Facet::Section => Vec::new(),
    }
}

#[test]
fn filters_and_facets_are_exact() {
    let mut dice = Dice(5);
    let facets = [
        Facet::Region,
        Facet::Province,
        Facet::Year,
        Facet::Genre,
        Facet::IssuerType,
    ];
    for _ in 0..150 {
        let filters = throw(&mut dice);
        let q = dice.pick(&["", "甲", "\"法治\"", "NOT 乙", "甲 OR 政府"]);
        let matches = |report: &Report| match q {
            "" => true,
            "甲" => contains(report, "甲"),
            "\"法治\"" => contains(report, "法治"),
            "NOT 乙" => !contains(report, "乙"),
            _ => contains(report, "甲") || contains(report, "政府"),
        };
        let request = SearchRequest {
            filters: filters.clone(),
            facets: facets.to_vec(),
            ..query(q)
        };
        HOSTILE.expect(&request, |report| {
            matches(report) && meets(report, &filters, None)
        });
        let answer = HOSTILE.search(&request);
        for facet in facets {
            let mut expected: BTreeMap<String, u64> = BTreeMap::new();
            let hits = HOSTILE
                .reports
                .iter()
                .filter(|r| matches(r) && meets(r, &filters, Some(facet)));
            for value in hits.flat_map(|report| values(report, facet)) {
                *expected.entry(value).or_default() += 1;
            }
            let mut expected: Vec<_> = expected.into_iter().collect();
            expected.sort_by_key(|(value, count)| (Reverse(*count), value.clone()));
            let found: Vec<_> = answer.facets[&facet]
                .iter()
                .map(|count| (count.value.clone(), count.count))
                .collect();
            assert_eq!(found, expected, "{facet} of {request:?}");
        }
    }
}

#[test]
fn facets_are_labelled_for_readers() {
    let facets = vec![Facet::Region, Facet::Genre, Facet::IssuerType, Facet::Year];
    let answer = HOSTILE.search(&SearchRequest { facets, ..query("") });
    let label = |facet: Facet, value: &str| {
        let count = answer.facets[&facet]
            .iter()
            .find(|count| count.value == value)
            .unwrap();
        count.label.clone()
    };
    assert_eq!(label(Facet::Region, "430482"), "常宁市");
    assert_eq!(label(Facet::Region, "999999"), "999999");
    assert_eq!(label(Facet::Genre, "work-report"), "政府工作报告");
    assert_eq!(label(Facet::IssuerType, "department"), "部门");
    assert_eq!(label(Facet::Year, "2020"), "2020");
}

#[test]
fn orders_put_nulls_last_and_break_ties_by_id() {
    for sort in Sort::ALL.iter().filter(|sort| **sort != Sort::Relevance) {
        let mut expected: Vec<_> = HOSTILE.reports.iter().collect();
        expected.sort_by_key(|report| {
            let content = &report.content;
            let day = content
                .published
                .map(|day| day.to_string().replace('-', "").parse::<i64>().unwrap());
            let year = content.year.map(i64::from);
            let changed = Some(report.changed_at.as_millisecond());
            let key = match sort {
                Sort::Published => day,
                Sort::PublishedDescending => day.map(|day| -day),
                Sort::Changed => changed,
                Sort::ChangedDescending => changed.map(|at| -at),
                Sort::Year => year,
                _ => year.map(|year| -year),
            };
            (key.is_none(), key, report.id.to_string())
        });
        let expected: Vec<_> = expected.iter().map(|report| report.id.to_string()).collect();
        assert_eq!(
            HOSTILE.all(&SearchRequest {
                sort: Some(*sort),
                ..query("")
            }),
            expected,
            "{sort}"
        );
        let page = HOSTILE.search(&SearchRequest {
            sort: Some(*sort),
            ..query("")
        });
        let page: Vec<_> = page.hits.iter().map(|hit| hit.report.id.to_string()).collect();
        assert_eq!(page, expected[..100]);
    }
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    let refused = |request: SearchRequest| match HOSTILE.reader.search(&request, std::time::Instant::now()) {
        Err(SearchError::InvalidParameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let unknown = Filters {
        region: vec!["999999".parse().unwrap()],
        ..Filters::default()
    };
    assert_eq!(
        refused(SearchRequest {
            filters: unknown,
            ..query("")
        }),
        "region"
    );
    assert_eq!(
        refused(SearchRequest {
            limit: 0,
            ..query("")
        }),
        "limit"
    );
    assert_eq!(
        refused(SearchRequest {
            limit: 101,
            ..query("")
        }),
        "limit"
    );
    assert!(index::parse_region("43").is_ok() && index::parse_region("4304").is_ok());
    assert!(index::parse_region("4").is_err() && index::parse_region("999999").is_err());
}

#[test]
fn regions_are_counted_for_every_ancestor() {
    let counts = HOSTILE.reader.region_counts().unwrap();
    let code = |text: &str| text.parse::<RegionCode>().unwrap();
    let expected = HOSTILE
        .reports
        .iter()
        .filter(|report| regions(report).contains(&code("430000")))
        .count();
    assert_eq!(counts[&code("430000")], expected as u64);
    assert!(counts.contains_key(&code("510118")) && !counts.contains_key(&code("510132")));
}
