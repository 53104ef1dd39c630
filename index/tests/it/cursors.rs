//! A cursor walks a whole result without a gap or a repeat, whatever is written meanwhile.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use index::{Facet, Filters, Reader, SearchError, SearchRequest, Sort, Writer};
use report::Role;

use crate::support::{HOSTILE, SMALL, TestIndex, query, report, section};

fn walk(reader: &Reader, request: &SearchRequest, mut between: impl FnMut(usize)) -> Vec<String> {
    let mut ids = Vec::new();
    let mut request = request.clone();
    let begin = Instant::now();
    for page in 0.. {
        let answer = reader
            .search(&request, begin + Duration::from_secs(page as u64))
            .unwrap();
        ids.extend(answer.hits.iter().map(|hit| hit.report.id.to_string()));
        match answer.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => {
                assert!(answer.hits.len() <= request.limit);
                break;
            }
        }
        assert_eq!(answer.hits.len(), request.limit);
        between(page);
    }
    ids
}

#[test]
fn a_walk_is_the_whole_list() {
    for sort in Sort::ALL {
        for (q, limit) in [
            ("", 7),
            ("", 100),
            ("甲", 1),
            ("甲 OR 乙", 13),
            ("NOT 甲", 60),
            ("\"没有这个\"", 5),
        ] {
            let request = SearchRequest {
                sort: Some(*sort),
                limit,
                ..query(q)
            };
            let walked = walk(&HOSTILE.reader, &request, |_| ());
            assert_eq!(walked, HOSTILE.all(&request), "{q} {sort} {limit}");
            assert_eq!(walked.len() as u64, HOSTILE.search(&request).total.value);
            let unique: HashSet<_> = walked.iter().collect();
            assert_eq!(unique.len(), walked.len());
        }
    }
}

#[test]
fn commits_do_not_disturb_a_walk() {
    let reports: Vec<_> = (0..60)
        .map(|nth| report(&format!("r{nth:02}"), "报告", &"营商环境\n".repeat(nth % 7 + 1)))
        .collect();
    let index = TestIndex::new(reports);
    let mut writer = Writer::open(index.dir.path(), SMALL).unwrap();
    for sort in [Sort::Relevance, Sort::Year] {
        let request = SearchRequest {
            sort: Some(sort),
            limit: 4,
            ..query("营商环境")
        };
        let before = index.all(&request);
        let walked = walk(&index.reader, &request, |page| {
            writer
                .upsert(&report(&format!("new{page}{sort}"), "报告", "营商环境营商环境"))
                .unwrap();
            writer
                .remove(&before[(page * 3) % before.len()].parse().unwrap())
                .unwrap();
            writer.commit(page as u64).unwrap();
        });
        assert_eq!(walked, before);
        assert_ne!(index.all(&request), before, "a new search sees the commits");
    }
}

#[test]
fn cursors_belong_to_their_request_and_their_reader() {
    let request = SearchRequest {
        limit: 5,
        ..query("甲")
    };
    let now = Instant::now();
    let cursor = HOSTILE.reader.search(&request, now).unwrap().next_cursor.unwrap();
    let again = |request: &SearchRequest, cursor: &str| {
        HOSTILE
            .reader
            .search(
                &SearchRequest {
                    cursor: Some(cursor.into()),
                    ..request.clone()
                },
                now,
            )
            .map(|_| ())
    };
    assert!(again(&request, &cursor).is_ok());
    let year = Filters {
        year: vec![2020],
        ..Filters::default()
    };
    for other in [
        SearchRequest {
            q: "乙".into(),
            ..request.clone()
        },
        SearchRequest {
            limit: 6,
            ..request.clone()
        },
        SearchRequest {
            sort: Some(Sort::Year),
            ..request.clone()
        },
        SearchRequest {
            filters: year,
            ..request.clone()
        },
        SearchRequest {
            facets: vec![Facet::Year],
            ..request.clone()
        },
        SearchRequest {
            fields: vec!["title".into()],
            ..request.clone()
        },
    ] {
        assert!(
            matches!(again(&other, &cursor), Err(SearchError::CursorInvalid)),
            "{other:?}"
        );
    }
    for at in 0..cursor.len() {
        let mut forged = cursor.clone();
        let other = if forged.as_bytes()[at] == b'A' { "B" } else { "A" };
        forged.replace_range(at..=at, other);
        let answer = again(&request, &forged);
        assert!(matches!(answer, Err(SearchError::CursorInvalid)), "{at}");
    }
    for end in 0..cursor.len() {
        assert!(matches!(
            again(&request, &cursor[..end]),
            Err(SearchError::CursorInvalid)
        ));
    }
    for nonsense in ["", "x", "AAAAAAAAAAAAAAAA", "……", &"A".repeat(100_000)] {
        assert!(matches!(
            again(&request, nonsense),
            Err(SearchError::CursorInvalid)
        ));
    }
    // After a restart the state is gone.
    let restarted = Reader::open(HOSTILE.dir.path()).unwrap();
    let answer = restarted.search(
        &SearchRequest {
            cursor: Some(cursor),
            ..request
        },
        now,
    );
    assert!(matches!(answer, Err(SearchError::CursorExpired)));
}

#[test]
fn a_thousand_walks_over_many_states_go_on() {
    let reports: Vec<_> = (0..40)
        .map(|nth| report(&format!("r{nth:02}"), "报告", &"营商环境\n".repeat(nth % 5 + 1)))
        .collect();
    let index = TestIndex::new(reports);
    let mut writer = Writer::open(index.dir.path(), SMALL).unwrap();
    let mut walks = Vec::new();
    for commit in 0..25_u64 {
        for nth in 0..40 {
            let request = SearchRequest {
                sort: Some(Sort::ALL[nth % Sort::ALL.len()]),
                limit: 1 + nth,
                ..query("营商环境")
            };
            let answer = index.search(&request);
            let first: Vec<_> = answer.hits.iter().map(|hit| hit.report.id.to_string()).collect();
            walks.extend(
                answer
                    .next_cursor
                    .map(|cursor| (request.clone(), cursor, first, index.all(&request))),
            );
        }
        writer
            .remove(&format!("r{:02}", commit).parse().unwrap())
            .unwrap();
        let added = report(&format!("n{commit}"), "报告", "营商环境好，营商环境");
        writer.upsert(&added).unwrap();
        writer.commit(commit).unwrap();
    }
    assert!(walks.len() > 900, "{}", walks.len());
    for (request, cursor, first, whole) in walks {
        let request = SearchRequest {
            cursor: Some(cursor),
            ..request
        };
        let answer = index.search(&request);
        assert_eq!(answer.total.value, whole.len() as u64);
        let second = answer.hits.iter().map(|hit| hit.report.id.to_string());
        let shown: Vec<_> = first.into_iter().chain(second).collect();
        assert_eq!(shown, whole[..shown.len()]);
        assert_eq!(shown.len(), (request.limit * 2).min(whole.len()));
    }
}

#[test]
fn a_search_gives_up_at_its_deadline() {
    let begin = Instant::now();
    let late = SearchRequest {
        deadline: Some(begin),
        ..query("甲 OR \"甲\" NEAR/3 \"乙\"")
    };
    assert!(matches!(
        HOSTILE.reader.search(&late, begin),
        Err(SearchError::Timeout)
    ));
    assert!(matches!(
        HOSTILE.reader.find_all(&late),
        Err(SearchError::Timeout)
    ));
    let in_time = SearchRequest {
        deadline: Some(begin + Duration::from_secs(3600)),
        ..late
    };
    assert!(HOSTILE.reader.search(&in_time, begin).is_ok());
}

#[test]
fn a_walk_may_take_a_quarter_of_an_hour() {
    let request = SearchRequest {
        limit: 5,
        ..query("甲")
    };
    let begin = Instant::now();
    let minutes = |n: u64| begin + Duration::from_secs(n * 60);
    let reader = Reader::open(HOSTILE.dir.path()).unwrap();
    let first = reader.search(&request, begin).unwrap().next_cursor;
    let second = SearchRequest {
        cursor: first,
        ..request
    };
    let third = SearchRequest {
        cursor: reader.search(&second, minutes(14)).unwrap().next_cursor,
        ..second.clone()
    };
    assert!(reader.search(&third, minutes(15)).is_ok());
    for request in [second, third] {
        let late = reader.search(&request, minutes(15) + Duration::from_secs(1));
        assert!(
            matches!(late, Err(SearchError::CursorExpired)),
            "the first page decides"
        );
    }
}

#[test]
fn few_long_reports_do_not_hold_a_search_up() {
    // Every section is tried with all strings, of which it has none.
    let strings: Vec<_> = (0..200).map(|nth| format!("s{nth:03}")).collect();
    let text = format!("{}\n{}", strings.concat(), "一、工作。".repeat(2_000));
    let n_before = text.find('\n').unwrap_or(0) + 1;
    // All in one go, so that they lie side by side.
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), SMALL).unwrap();
    for nth in 0..30 {
        let mut report = report(&format!("r{nth}"), "", &text);
        report.content.outline = (0..2_000)
            .map(|at| section(Role::Plans, 4, "一", n_before + at * 5, n_before + at * 5 + 5))
            .collect();
        writer.upsert(&report).unwrap();
    }
    writer.commit(1).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let quoted: Vec<_> = strings.iter().map(|string| format!("\"{string}\"")).collect();
    let request = SearchRequest {
        filters: Filters {
            section: vec![Role::Plans],
            ..Filters::default()
        },
        ..query(&quoted.join(" OR "))
    };
    assert_eq!(reader.search(&request, Instant::now()).unwrap().total.value, 0);
    let begin = Instant::now();
    reader.search(&request, begin).unwrap();
    let whole = begin.elapsed();
    let begin = Instant::now();
    let late = SearchRequest {
        deadline: Some(begin + whole / 10),
        ..request
    };
    assert!(matches!(reader.search(&late, begin), Err(SearchError::Timeout)));
    assert!(begin.elapsed() < whole / 2, "{:?} of {whole:?}", begin.elapsed());
}
