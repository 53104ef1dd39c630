//! Occurrences, one by one: found, ordered, paged and drawn as counting by hand says.

mod by_hand;

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use index::{
    ConcordanceRequest, ConcordanceRow, Filters, Mode, Reader, RowSort, SearchError, SearchRequest, Writer,
};
use report::{Role, fold};

use self::by_hand::Naive;
pub(crate) use self::by_hand::naive;
use crate::support::{Dice, HOSTILE, PIECES, SMALL, TestIndex, query, report, section};

fn request(search: SearchRequest) -> ConcordanceRequest {
    ConcordanceRequest {
        search,
        limit: 1000,
        ..ConcordanceRequest::default()
    }
}

/// All rows, page by page, and the total that each page gave.
fn walk(
    reader: &Reader,
    request: &ConcordanceRequest,
    mut between: impl FnMut(usize),
) -> (Vec<ConcordanceRow>, u64) {
    let begin = Instant::now();
    let mut request = request.clone();
    let (mut rows, mut totals) = (Vec::new(), HashSet::new());
    for page in 0.. {
        let answer = reader.concordance(&request, begin + Duration::from_secs(page as u64));
        let answer = answer.unwrap_or_else(|error| panic!("{request:?}: {error:?}"));
        totals.insert(answer.total.value);
        let n_rows = answer.rows.len();
        rows.extend(answer.rows);
        match answer.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => break,
        }
        assert_eq!(n_rows, request.limit);
        between(page);
    }
    assert_eq!(totals.len(), 1, "the total is the same on every page");
    (rows, totals.into_iter().next().unwrap_or_default())
}

fn places(rows: &[ConcordanceRow]) -> Vec<(String, usize, usize)> {
    rows.iter()
        .map(|row| (row.report_id.to_string(), row.start, row.end))
        .collect()
}

/// What a walk has to give.
fn expected(
    index: &TestIndex,
    search: &SearchRequest,
    strings: &[&str],
    sort: Option<RowSort>,
) -> Vec<(String, usize, usize)> {
    let ids: HashSet<String> = index.all(search).into_iter().collect();
    let found = index
        .reports
        .iter()
        .filter(|report| ids.contains(report.id.as_str()));
    let mut found: Vec<Naive> = found
        .flat_map(|report| naive(report, strings, &search.filters.section))
        .collect();
    found.sort_by(|a, b| {
        let order = match sort {
            None => std::cmp::Ordering::Equal,
            Some(RowSort::Left) => a.left.iter().rev().cmp(b.left.iter().rev()),
            Some(RowSort::LeftOutwards) => a.left.cmp(&b.left),
            Some(RowSort::Right) => a.right.cmp(&b.right),
            Some(RowSort::Region) => (a.region.is_none(), &a.region).cmp(&(b.region.is_none(), &b.region)),
            Some(RowSort::Year) => (a.year.is_none(), a.year).cmp(&(b.year.is_none(), b.year)),
        };
        order
            .then_with(|| a.id.cmp(&b.id))
            .then_with(|| a.start.cmp(&b.start))
    });
    found
        .into_iter()
        .map(|row| (row.id, row.start, row.end))
        .collect()
}

/// A row shows what stands in the report around its place.
fn check_row(index: &TestIndex, row: &ConcordanceRow, strings: &[&str]) {
    let report = index
        .reports
        .iter()
        .find(|report| report.id == row.report_id)
        .unwrap();
    let content = &report.content;
    let chars: Vec<char> = content.text.chars().collect();
    let around = [&row.left, &row.matched, &row.right].map(|part| part.chars().collect::<Vec<_>>());
    let from = row.start - around[0].len();
    assert_eq!(
        chars[from..from + around.concat().len()],
        around.concat(),
        "{row:?}"
    );
    assert_eq!(row.end, row.start + around[1].len());
    assert!(!around.concat().contains(&'\n'), "{row:?}");
    let matched = fold(&row.matched);
    assert!(
        strings.iter().any(|string| matched.contains(&fold(string))),
        "{row:?}"
    );
    assert!(row.paragraph == 0 || chars[row.paragraph - 1] == '\n');
    assert_eq!(
        (row.year, row.region_code, &row.title),
        (content.year, content.region_code, &content.title)
    );
    let around = content
        .outline
        .iter()
        .filter(|section| section.start <= row.start && row.start < section.end);
    assert_eq!(row.path.is_some(), around.count() > 0);
}

#[test]
fn rows_are_all_occurrences_in_every_order() {
    let filters = |roles: &[Role]| Filters {
        section: roles.to_vec(),
        ..Filters::default()
    };
    let asked: &[(&str, Mode, &[&str])] = &[
        ("甲", Mode::Exact, &["甲"]),
        ("甲甲", Mode::Exact, &["甲甲"]),
        (
            "\"甲\" OR \"甲甲\" OR \"甲乙\"",
            Mode::Words,
            &["甲", "甲甲", "甲乙"],
        ),
        ("\"法治\" -\"乙\"", Mode::Words, &["法治"]),
        ("\"甲\" NEAR/5 \"乙\"", Mode::Words, &["甲", "乙"]),
        ("\"a\" year:2016..2020", Mode::Words, &["a"]),
        ("m2", Mode::Exact, &["m2"]),
        ("👩", Mode::Exact, &["👩"]),
        ("1", Mode::Exact, &["1"]),
        ("没有这个", Mode::Exact, &["没有这个"]),
    ];
    for (q, mode, strings) in asked {
        for roles in [&[][..], &[Role::Problems], &[Role::Plans, Role::Other]] {
            let search = SearchRequest {
                mode: *mode,
                filters: filters(roles),
                ..query(q)
            };
            for sort in std::iter::once(None).chain(RowSort::ALL.iter().copied().map(Some)) {
                let request = ConcordanceRequest {
                    sort,
                    ..request(search.clone())
                };
                let (rows, total) = walk(&HOSTILE.reader, &request, |_| ());
                assert_eq!(
                    places(&rows),
                    expected(&HOSTILE, &search, strings, sort),
                    "{q} {sort:?} {roles:?}"
                );
                assert_eq!(total, rows.len() as u64);
                rows.iter().for_each(|row| check_row(&HOSTILE, row, strings));
                // A mark that belongs to the last character of a match is shown with it.
                let whole = rows
                    .iter()
                    .filter(|row| strings.contains(&fold(&row.matched).as_str()));
                let side = |row: &ConcordanceRow| match sort {
                    Some(RowSort::Left) => Some(fold(&row.left)),
                    Some(RowSort::LeftOutwards) => Some(fold(&row.left).chars().rev().collect()),
                    Some(RowSort::Right) => Some(fold(&row.right)),
                    _ => None,
                };
                let sides: Vec<String> = whole.filter_map(side).collect();
                assert!(sides.is_sorted(), "{q} {sort:?}: {sides:?}");
            }
        }
    }
}

#[test]
fn random_strings_are_found_as_by_hand() {
    let mut dice = Dice(77);
    let mut tried = 0;
    while tried < 150 {
        let n = 1 + dice.roll(3);
        let strings: Vec<&str> = (0..n).map(|_| dice.pick(PIECES)).collect();
        if strings
            .iter()
            .any(|string| fold(string).is_empty() || string.contains(['"', '\\', '“', '「']))
        {
            continue;
        }
        let quoted: Vec<String> = strings.iter().map(|string| format!("\"{string}\"")).collect();
        let search = query(&quoted.join(" OR "));
        let sort = [None, Some(RowSort::Left), Some(RowSort::Right)][dice.roll(3)];
        let request = ConcordanceRequest {
            sort,
            limit: 1 + dice.roll(90),
            ..request(search.clone())
        };
        let (rows, _) = walk(&HOSTILE.reader, &request, |_| ());
        let (walked, expected) = (places(&rows), expected(&HOSTILE, &search, &strings, sort));
        if let Some(at) = (0..expected.len()).find(|at| walked.get(*at) != expected.get(*at)) {
            let limit = request.limit;
            let near = at.saturating_sub(2)..(at + 3).min(expected.len());
            panic!(
                "{strings:?} {sort:?}, page of {limit}: row {at} is {:?}, not one of {:?}",
                rows.get(at),
                &expected[near]
            );
        }
        assert_eq!(walked.len(), expected.len());
        tried += 1;
    }
}

#[test]
fn commits_do_not_disturb_a_walk() {
    let reports: Vec<_> = (0..40)
        .map(|nth| {
            report(
                &format!("r{nth:02}"),
                "报告",
                &format!("甲营商环境{nth}\n").repeat(nth % 5 + 1),
            )
        })
        .collect();
    let index = TestIndex::new(reports);
    let mut writer = Writer::open(index.dir.path(), SMALL).unwrap();
    for sort in [None, Some(RowSort::Right)] {
        let request = ConcordanceRequest {
            sort,
            limit: 7,
            ..request(query("营商环境"))
        };
        let before = walk(&index.reader, &request, |_| ()).0;
        let walked = walk(&index.reader, &request, |page| {
            let new = report(&format!("new{page}"), "报告", "营商环境0营商环境");
            writer.upsert(&new).unwrap();
            writer.remove(&before[page].report_id).unwrap();
            writer.commit(page as u64).unwrap();
        });
        assert_eq!(walked.0, before);
        assert_ne!(walk(&index.reader, &request, |_| ()).0, before);
    }
}

#[test]
fn cursors_belong_to_their_request() {
    let first = ConcordanceRequest {
        limit: 5,
        ..request(query("甲"))
    };
    let now = Instant::now();
    let cursor = HOSTILE.reader.concordance(&first, now).unwrap().next_cursor;
    let again = |request: &ConcordanceRequest, now: Instant| {
        let request = ConcordanceRequest {
            cursor: cursor.clone(),
            ..request.clone()
        };
        HOSTILE.reader.concordance(&request, now).map(|_| ())
    };
    assert!(again(&first, now).is_ok());
    let hour = now + Duration::from_secs(3600);
    assert!(matches!(again(&first, hour), Err(SearchError::CursorExpired)));
    for other in [
        ConcordanceRequest {
            limit: 6,
            ..first.clone()
        },
        ConcordanceRequest {
            width: 31,
            ..first.clone()
        },
        ConcordanceRequest {
            sample: Some(9),
            ..first.clone()
        },
        ConcordanceRequest {
            seed: 1,
            ..first.clone()
        },
        ConcordanceRequest {
            sort: Some(RowSort::Year),
            ..first.clone()
        },
        ConcordanceRequest {
            search: query("乙"),
            ..first.clone()
        },
    ] {
        assert!(
            matches!(again(&other, now), Err(SearchError::CursorInvalid)),
            "{other:?}"
        );
    }
    let of_search = SearchRequest {
        cursor,
        limit: 5,
        ..query("甲")
    };
    assert!(matches!(
        HOSTILE.reader.search(&of_search, now),
        Err(SearchError::CursorInvalid)
    ));
}

#[test]
fn a_sample_is_the_same_whatever_the_segments() {
    let sampled = |reader: &Reader, n: usize, seed: u64| {
        let request = ConcordanceRequest {
            sample: Some(n),
            seed,
            limit: 9,
            ..request(query("甲 OR 乙"))
        };
        let (rows, total) = walk(reader, &request, |_| ());
        (places(&rows), total)
    };
    let mut shuffled = HOSTILE.reports.clone();
    shuffled.reverse();
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), SMALL).unwrap();
    for report in &shuffled {
        writer.upsert(report).unwrap();
    }
    writer.commit(1).unwrap();
    writer.close().unwrap();
    let other = Reader::open(dir.path()).unwrap();

    let (of_forty, total) = sampled(&HOSTILE.reader, 40, 1);
    assert_eq!(of_forty.len(), 40);
    assert_eq!(sampled(&other, 40, 1), (of_forty.clone(), total));
    let all: HashSet<_> = sampled(&HOSTILE.reader, 10_000, 1).0.into_iter().collect();
    assert_eq!(
        all.len() as u64,
        total,
        "a sample of everything is everything, each once"
    );
    let of_ten = sampled(&HOSTILE.reader, 10, 1).0;
    assert!(
        of_ten.iter().all(|row| of_forty.contains(row)),
        "a smaller one lies in a larger one"
    );
    assert_ne!(sampled(&HOSTILE.reader, 40, 2).0, of_forty);
    // Every occurrence is drawn about as often as any other.
    let mut drawn = std::collections::HashMap::new();
    for seed in 0..200 {
        for row in sampled(&HOSTILE.reader, 20, seed).0 {
            *drawn.entry(row).or_insert(0_u32) += 1;
        }
    }
    let mean = 200.0 * 20.0 / total as f64;
    let square: f64 = all
        .iter()
        .map(|row| (f64::from(*drawn.get(row).unwrap_or(&0)) - mean).powi(2) / mean)
        .sum();
    let degrees = total as f64 - 1.0;
    assert!(
        (square - degrees).abs() < 5.0 * (2.0 * degrees).sqrt(),
        "{square} of {degrees}"
    );
}

#[test]
fn what_cannot_be_shown_is_told() {
    let ask = |request: &ConcordanceRequest| HOSTILE.reader.concordance(request, Instant::now());
    for q in ["", "year:2020", "-甲", "title:甲"] {
        assert!(
            matches!(ask(&request(query(q))), Err(SearchError::InvalidQuery { .. })),
            "{q}"
        );
    }
    let usual = request(query("甲"));
    for wrong in [
        ConcordanceRequest {
            limit: 0,
            ..usual.clone()
        },
        ConcordanceRequest {
            limit: 1001,
            ..usual.clone()
        },
        ConcordanceRequest {
            width: 0,
            ..usual.clone()
        },
        ConcordanceRequest {
            sample: Some(0),
            ..usual.clone()
        },
        ConcordanceRequest {
            sample: Some(10_001),
            ..usual.clone()
        },
    ] {
        assert!(
            matches!(ask(&wrong), Err(SearchError::InvalidParameter { .. })),
            "{wrong:?}"
        );
    }
    let mut late = usual;
    late.search.deadline = Some(Instant::now());
    assert!(matches!(ask(&late), Err(SearchError::Timeout)));
}

#[test]
fn a_row_tells_where_in_the_outline_it_stands() {
    let mut one = report("a", "报告", "一、问题\n（一）法治\n法治不足，共 12 处。");
    one.content.outline = vec![
        section(Role::Problems, 1, "一", 0, 22),
        section(Role::Problems, 2, "一/(一)", 5, 22),
    ];
    let index = TestIndex::new(vec![one]);
    let (rows, _) = walk(&index.reader, &request(query("法治")), |_| ());
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.left.as_str(),
                row.matched.as_str(),
                row.right.as_str(),
                row.path.as_deref(),
                row.start,
                row.paragraph,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("（一）", "法治", "", Some("一/(一)"), 8, 5),
            ("", "法治", "不足，共 12 处。", Some("一/(一)"), 11, 11),
        ]
    );
}
