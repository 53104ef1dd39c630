//! The condition on sections: the whole query matches inside one section of the role.

use index::{Facet, Filters, SearchRequest};
use report::{Report, Role, fold};

use crate::support::{Dice, HOSTILE, TestIndex, near, query, report, section};

/// Folded paragraphs of each section of a role.
pub(crate) fn sections(report: &Report, role: Role) -> Vec<Vec<String>> {
    let chars: Vec<char> = report.content.text.chars().collect();
    let sections = report
        .content
        .outline
        .iter()
        .filter(|section| section.role == role);
    sections
        .map(|section| {
            let text: String = chars[section.start..section.end].iter().collect();
            text.split('\n').map(fold).collect()
        })
        .collect()
}

type Test = fn(&[String]) -> bool;

/// Queries and what they mean for the paragraphs of one section.
const QUERIES: &[(&str, Test)] = &[
    ("", |_| true),
    ("甲", |s| has(s, "甲")),
    ("\"法治政府\"", |s| has(s, "法治政府")),
    ("甲 乙", |s| has(s, "甲") && has(s, "乙")),
    ("甲 OR \"政府\"", |s| has(s, "甲") || has(s, "政府")),
    ("甲 NOT 乙", |s| has(s, "甲") && !has(s, "乙")),
    ("NOT 甲", |s| !has(s, "甲")),
    ("(法治 OR 甲) -\"的\"", |s| {
        (has(s, "法治") || has(s, "甲")) && !has(s, "的")
    }),
    ("\"甲\" NEAR/3 \"乙\"", |s| near(s, "甲", "乙", 3)),
    ("\"法治\" NEAR/6 \"甲\"", |s| near(s, "法治", "甲", 6)),
    ("NOT \"甲\" NEAR/3 \"乙\"", |s| !near(s, "甲", "乙", 3)),
    ("\"。\"", |s| has(s, "。")),
];

fn has(paragraphs: &[String], folded: &str) -> bool {
    paragraphs.iter().any(|paragraph| paragraph.contains(folded))
}

#[test]
fn the_whole_query_matches_inside_one_section() {
    for (q, test) in QUERIES {
        let mut counts = Vec::new();
        for role in Role::ALL {
            let matches = |report: &Report| sections(report, *role).iter().any(|section| test(section));
            let filters = Filters {
                section: vec![*role],
                ..Filters::default()
            };
            HOSTILE.expect(&SearchRequest { filters, ..query(q) }, matches);
            counts.push((
                role.code(),
                HOSTILE.reports.iter().filter(|report| matches(report)).count() as u64,
            ));
        }
        counts.retain(|(_, count)| *count > 0);
        counts.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
        // The facet counts what the filter would give, whether or not there is one already.
        for section in [vec![], vec![Role::Problems]] {
            let filters = Filters {
                section,
                ..Filters::default()
            };
            let answer = HOSTILE.search(&SearchRequest {
                filters,
                facets: vec![Facet::Section],
                ..query(q)
            });
            let found: Vec<_> = answer.facets[&Facet::Section]
                .iter()
                .map(|count| (count.value.as_str(), count.count))
                .collect();
            assert_eq!(found, counts, "{q}");
        }
    }
}

#[test]
fn roles_can_be_repeated_and_combined_with_fields() {
    let roles = [Role::Problems, Role::Plans];
    let filters = Filters {
        section: roles.to_vec(),
        ..Filters::default()
    };
    let matches = |report: &Report| {
        roles
            .iter()
            .any(|role| sections(report, *role).iter().any(|section| has(section, "甲")))
    };
    HOSTILE.expect(
        &SearchRequest {
            filters: filters.clone(),
            ..query("甲")
        },
        matches,
    );
    HOSTILE.expect(
        &SearchRequest {
            filters,
            ..query("甲 year:2018..")
        },
        |report| matches(report) && report.content.year.is_some_and(|year| year >= 2018),
    );
    let role_of = |report: &Report| {
        report
            .content
            .outline
            .iter()
            .any(|section| section.role == Role::Duties)
    };
    HOSTILE.expect(&query("section:第一责任人"), role_of);
}

#[test]
fn sections_may_begin_inside_a_paragraph() {
    let text = "一是成效 好。二是问题\u{200b}多。三是打算";
    let at = |needle: &str| text[..text.find(needle).unwrap()].chars().count();
    let mut one = report("a", "问题", text);
    one.content.outline = vec![
        section(Role::Achievements, 4, "一", 0, at("二是")),
        section(Role::Problems, 4, "二", at("二是"), at("三是")),
        section(Role::Plans, 4, "三", at("三是"), text.chars().count()),
    ];
    let index = TestIndex::new(vec![one]);
    let found = |q: &str, role: Role| {
        let filters = Filters {
            section: vec![role],
            ..Filters::default()
        };
        index.search(&SearchRequest { filters, ..query(q) }).total.value == 1
    };
    assert!(found("\"问题多。\"", Role::Problems));
    assert!(!found("\"多。三\"", Role::Problems) && !found("\"多。三\"", Role::Plans));
    assert!(!found("问题", Role::Achievements), "a title lies in no section");
    assert!(found("\"成效好\" -问题", Role::Achievements));
    let mut dice = Dice(3);
    assert!(found(dice.pick(&["打算"]), Role::Plans));
}
