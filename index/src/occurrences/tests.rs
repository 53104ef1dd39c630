//! Counts are what a naive reader counts, paragraph by paragraph, whichever way places are come by.

use proptest::prelude::*;
use report::{ChinaTime, Content, Report, Role, Section, Status, fold, paragraphs};

use super::*;
use crate::{Writer, WriterOptions, schema::role_number, state::State};

fn report(nth: usize, text: &str, outline: Vec<Section>) -> Report {
    let url = format!("https://www.example.gov.cn/{nth}.html");
    let content = Content {
        title: Some("甲乙丙😀".into()),
        text: text.into(),
        outline,
        ..Content::default()
    };
    Report {
        id: format!("r{nth}").parse().unwrap(),
        urls: vec![url.clone()],
        url,
        portal: "test".into(),
        retrieved_at: "2024-01-01T00:00:00Z".parse::<ChinaTime>().unwrap(),
        changed_at: "2024-01-01T00:00:00Z".parse().unwrap(),
        version: 1,
        content_hash: content.hash(),
        status: Status::Live,
        content,
    }
}

/// A section over whole paragraphs, whose heading is copied behind the text.
fn section(text: &str, role: Role, first: usize, last: usize) -> Section {
    let places: Vec<_> = paragraphs(text).collect();
    Section {
        level: 1,
        number: "一".into(),
        heading: String::new(),
        role,
        path: "一".into(),
        start: places[first].char,
        end: places[last].char + places[last].chars,
    }
}

/// Occurrences of one group, as characters of the folded paragraphs with a line end behind each, and what they are.
fn naive(text: &str, group: &Group) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut before = 0;
    for paragraph in paragraphs(text) {
        let chars: Vec<char> = fold(paragraph.text).chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let here: String = chars[at..].iter().collect();
            let all = group.counted.iter().map(|s| (s, true));
            let fits = all.chain(group.excluded.iter().map(|s| (s, false)));
            // The longest; of equal ones the excluded.
            let best = fits
                .filter(|(string, _)| here.starts_with(string.as_str()))
                .max_by_key(|(string, counts)| (string.chars().count(), !counts));
            match best {
                Some((string, counts)) => {
                    let n_chars = string.chars().count();
                    if counts {
                        found.push((before + at, before + at + n_chars));
                    }
                    at += n_chars;
                }
                None => at += 1,
            }
        }
        before += chars.len() + 1;
    }
    found
}

/// Of a report: group, first character in the body and the one behind, by id.
type Found = (String, Vec<(u32, usize, usize)>);

/// What a counter finds.
fn counted(state: &State, counter: &Counter) -> Vec<Found> {
    let mut found = Vec::new();
    for segment in state.segments() {
        let docs: Vec<DocId> = segment.reader.doc_ids_alive().collect();
        let mut last = None;
        let take = |doc: DocId, matches: &[Match]| {
            assert!(last.is_none_or(|last| last < doc));
            last = Some(doc);
            let id = segment.columns.id(segment.columns.id_rank(doc)).unwrap();
            let body = segment.texts.bytes(doc).chunks_exact(2);
            let body: Vec<u16> = body.map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
            let char = |unit: u32| {
                String::from_utf16(&body[..unit as usize])
                    .unwrap()
                    .chars()
                    .count()
            };
            let matches = matches.iter().map(|m| (m.group, char(m.start), char(m.end)));
            found.push((id, matches.collect()));
        };
        counter.visit(segment, &docs, &Deadline::default(), take).unwrap();
    }
    found.sort();
    found
}

fn index(reports: &[Report]) -> (tempfile::TempDir, State) {
    let dir = tempfile::tempdir().unwrap();
    let options = WriterOptions {
        heap_bytes: 16 << 20,
        threads: 1,
    };
    let mut writer = Writer::open(dir.path(), options).unwrap();
    for (nth, report) in reports.iter().enumerate() {
        writer.upsert(report).unwrap();
        // Some are replaced, so that there are deleted ones.
        if nth % 3 == 0 {
            writer.commit(1).unwrap();
            writer.upsert(report).unwrap();
        }
    }
    writer.commit(2).unwrap();
    writer.close().unwrap();
    let state = State::load(dir.path(), None).unwrap();
    (dir, state)
}

/// All ways of counting.
fn counters(groups: &[Group]) -> [Counter; 3] {
    let new = || Counter::new(groups).unwrap();
    let with = |places_a_text, max_places| Counter {
        places_a_text,
        max_places,
        ..new()
    };
    [new(), with(0, MAX_PLACES), with(0, 3)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn counts_are_those_of_a_naive_reader(
        texts in prop::collection::vec("[甲乙丙aＡ😀\u{20000} ]{0,14}(\n[甲乙丙a①😀\u{20000} ]{0,14}){0,4}", 1..9),
        groups in prop::collection::vec(
            (prop::collection::vec("[甲乙丙a1😀\u{20000}]{1,3}", 0..5), prop::collection::vec("[甲乙丙a😀]{1,4}", 0..3)),
            1..5,
        ),
        headed in any::<bool>(),
    ) {
        let reports: Vec<Report> = texts
            .iter()
            .enumerate()
            .map(|(nth, text)| {
                let n = paragraphs(text).count();
                let whole = (headed && n > 0).then(|| section(text, Role::Plans, 0, n - 1));
                report(nth, text, whole.into_iter().collect())
            })
            .collect();
        let (_dir, state) = index(&reports);
        let groups: Vec<Group> = groups
            .into_iter()
            .map(|(counted, excluded)| Group { counted, excluded })
            .collect();
        for counter in counters(&groups) {
            let mut expected = Vec::new();
            for report in &reports {
                let mut all = Vec::new();
                for (group, nth) in groups.iter().zip(0_u32..) {
                    let found = naive(&report.content.text, group);
                    all.extend(found.into_iter().map(|(start, end)| (nth, start, end)));
                }
                if !all.is_empty() {
                    expected.push((report.id.to_string(), all));
                }
            }
            expected.sort();
            let mut found = counted(&state, &counter);
            for (_, matches) in &mut found {
                prop_assert!(matches.is_sorted_by_key(|(_, start, _)| *start));
                matches.sort_unstable();
            }
            prop_assert_eq!(found, expected);
        }
    }

    // 乎 is twice the same byte, so that halves of neighbours look like it.
    #[test]
    fn a_string_alone_is_counted_as_among_others(
        texts in prop::collection::vec("[乎一甲a\u{20000}]{0,24}(\n[乎一甲a]{0,9}){0,2}", 1..6),
        string in "[乎一甲a\u{20000}]{1,4}",
    ) {
        let reports: Vec<Report> =
            texts.iter().enumerate().map(|(nth, text)| report(nth, text, Vec::new())).collect();
        let (_dir, state) = index(&reports);
        let group = Group { counted: vec![string], excluded: Vec::new() };
        let mut expected = Vec::new();
        for report in &reports {
            let found = naive(&report.content.text, &group);
            let found: Vec<_> = found.into_iter().map(|(start, end)| (0, start, end)).collect();
            if !found.is_empty() {
                expected.push((report.id.to_string(), found));
            }
        }
        expected.sort();
        for counter in counters(std::slice::from_ref(&group)) {
            prop_assert_eq!(&counted(&state, &counter), &expected);
            let mut only_counted = Vec::new();
            for segment in state.segments() {
                let docs: Vec<DocId> = segment.reader.doc_ids_alive().collect();
                let take = |doc, n| {
                    let id = segment.columns.id(segment.columns.id_rank(doc)).unwrap();
                    only_counted.push((id, n as usize));
                };
                counter.count(segment, &docs, &Deadline::default(), take).unwrap();
            }
            only_counted.sort();
            let numbers: Vec<_> = expected.iter().map(|(id, found)| (id.clone(), found.len())).collect();
            prop_assert_eq!(only_counted, numbers);
        }
    }

    #[test]
    fn occurrences_lie_in_sections_as_a_whole(
        text in "[甲乙😀]{0,6}(\n[甲乙😀]{0,6}){1,5}",
        sections in prop::collection::vec((0..Role::ALL.len(), any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..6),
    ) {
        let n = paragraphs(&text).count();
        prop_assume!(n > 0);
        let outline: Vec<Section> = sections
            .iter()
            .map(|(role, a, b)| {
                let (a, b) = (a.index(n), b.index(n));
                section(&text, Role::ALL[*role], a.min(b), a.max(b))
            })
            .collect();
        let (_dir, state) = index(&[report(1, &text, outline.clone())]);
        let group = Group { counted: vec!["甲".into(), "乙😀".into()], excluded: Vec::new() };
        // These texts fold to themselves, so that places in them are places in the body.
        let mut expected = Vec::new();
        for (start, end) in naive(&text, &group) {
            let around = outline.iter().filter(|section| section.start <= start && end <= section.end);
            expected.push(around.fold(0, |bits, section| bits | 1 << role_number(section.role)));
        }
        let mut found = Vec::new();
        let mut roles = Roles::default();
        for segment in state.segments() {
            let docs: Vec<DocId> = segment.reader.doc_ids_alive().collect();
            for counter in counters(std::slice::from_ref(&group)) {
                found.clear();
                let take = |doc, matches: &[Match]| {
                    roles.load(segment.columns, segment.texts, doc);
                    found.extend(matches.iter().map(|found| roles.of(found)));
                };
                counter.visit(segment, &docs, &Deadline::default(), take).unwrap();
                if !docs.is_empty() {
                    prop_assert_eq!(&found, &expected);
                }
            }
        }
    }
}

#[test]
fn titles_and_copies_of_headings_do_not_count() {
    let text = "一、甲乙\n甲乙。\n";
    let outline = vec![section(text, Role::Problems, 0, 1)];
    let (_dir, state) = index(&[report(1, text, outline)]);
    let group = Group {
        counted: vec!["甲乙".into(), "丙".into()],
        excluded: Vec::new(),
    };
    for counter in counters(&[group]) {
        let found = counted(&state, &counter);
        assert_eq!(found, [("r1".to_owned(), vec![(0, 2, 4), (0, 5, 7)])]);
    }
}

#[test]
fn what_is_excluded_takes_the_place_and_counts_for_nothing() {
    let text = "营商生态和生态，生态环境，良好生态环境\n数字生态生态";
    let (_dir, state) = index(&[report(1, text, Vec::new())]);
    let group = |counted: &[&str], excluded: &[&str]| Group {
        counted: counted.iter().map(|s| (*s).to_owned()).collect(),
        excluded: excluded.iter().map(|s| (*s).to_owned()).collect(),
    };
    let groups = [
        group(&["生态"], &["营商生态", "数字生态"]),
        // The term is the longer one at its place.
        group(&["生态", "生态环境"], &["生态环"]),
        group(&["生态"], &["生态"]),
        group(&["生态环境"], &["环境"]),
    ];
    for counter in counters(&groups) {
        let found = counted(&state, &counter);
        let of_group = |nth: u32| found[0].1.iter().filter(|(group, ..)| *group == nth).count();
        assert_eq!([0, 1, 2, 3].map(of_group), [4, 6, 0, 2]);
    }
}

#[test]
fn many_places_of_one_report_are_counted_bit_by_bit() {
    let dots = "…".repeat(3000);
    let (_dir, state) = index(&[report(1, &dots, Vec::new())]);
    let strings: Vec<String> = (1..200).map(|n| ".".repeat(n)).collect();
    let group = Group {
        counted: strings,
        excluded: Vec::new(),
    };
    for max_places in [MAX_PLACES, 1 << 16] {
        let counter = Counter {
            max_places,
            ..Counter::new(std::slice::from_ref(&group)).unwrap()
        };
        let found = counted(&state, &counter);
        // 9000 full stops: 45 times 199, and 45 are left.
        assert_eq!(found[0].1.len(), 46);
    }
}
