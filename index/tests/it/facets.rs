//! Queries of every form with every filter at once: hits, totals, counts and pages against an evaluation report by
//! report.

use std::{cmp::Reverse, collections::BTreeMap, time::Instant};

use index::{Facet, Filters, SearchRequest, Sort};
use report::{Report, Role};

use crate::{
    filters,
    language::{self, Q},
    sections::sections,
    support::{Dice, HOSTILE, query},
};

/// Roles of the sections in which a query matches.
fn roles(q: &Q, report: &Report) -> Vec<Role> {
    let matches = |role: &Role| {
        sections(report, *role)
            .iter()
            .any(|parts| q.holds_in(report, parts))
    };
    Role::ALL.iter().copied().filter(matches).collect()
}

/// Whether a report is a hit, or would be one without the filter on the field of a facet. With a condition on sections
/// one of them decides alone: what `NOT` forbids may stand elsewhere.
fn is_hit(q: &Q, report: &Report, filters: &Filters, except: Option<Facet>) -> bool {
    let matches = match except {
        Some(Facet::Section) => !roles(q, report).is_empty(),
        _ if filters.section.is_empty() => q.holds(report),
        _ => roles(q, report).iter().any(|role| filters.section.contains(role)),
    };
    matches && filters::meets(report, filters, except)
}

/// Values of a facet by count, then value.
fn counts(q: &Q, filters: &Filters, facet: Facet) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for report in HOSTILE
        .reports
        .iter()
        .filter(|report| is_hit(q, report, filters, Some(facet)))
    {
        let values = match facet {
            Facet::Section => roles(q, report)
                .iter()
                .map(|role| role.code().to_owned())
                .collect(),
            _ => filters::values(report, facet),
        };
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(value, count)| (Reverse(*count), value.clone()));
    counts
}

#[test]
fn queries_filters_facets_and_pages_agree() {
    let mut dice = Dice(0x5eed);
    for nth in 0..160 {
        let mut q = language::throw(&mut dice, nth % 3);
        if dice.chance(40) {
            q = Q::And(vec![q, Q::Not(Box::new(Q::Bare("甲".into())))]);
        }
        let mut filters = filters::throw(&mut dice);
        if dice.chance(40) {
            filters.section = (0..1 + dice.roll(2))
                .map(|_| Role::ALL[dice.roll(Role::ALL.len())])
                .collect();
        }
        let facets: Vec<_> = Facet::ALL.iter().copied().filter(|_| dice.chance(60)).collect();
        let mut request = SearchRequest {
            filters: filters.clone(),
            facets: facets.clone(),
            sort: Some(Sort::ALL[dice.roll(Sort::ALL.len())]),
            limit: 1 + dice.roll(30),
            ..query(&q.write())
        };
        HOSTILE.expect(&request, |report| is_hit(&q, report, &filters, None));
        let all = HOSTILE.all(&request);
        let mut walked: Vec<String> = Vec::new();
        loop {
            let answer = HOSTILE.reader.search(&request, Instant::now()).unwrap();
            assert_eq!(answer.total.value, all.len() as u64, "{request:?}");
            assert_eq!(answer.facets.len(), facets.len());
            for facet in &facets {
                let found = answer.facets[facet]
                    .iter()
                    .map(|count| (count.value.clone(), count.count));
                let found: Vec<_> = found.collect();
                assert_eq!(found, counts(&q, &filters, *facet), "{facet} of {request:?}");
            }
            walked.extend(answer.hits.iter().map(|hit| hit.report.id.to_string()));
            request.cursor = answer.next_cursor;
            // Counts are the same on every page; a few pages are enough of one walk.
            if request.cursor.is_none() || walked.len() >= 60 {
                break;
            }
        }
        assert_eq!(walked[..], all[..walked.len()], "{request:?}");
        assert!(walked.len() == all.len() || walked.len() >= 60);
    }
}
