//! A string matches just where it is: in the folded title, or in one folded paragraph.

use index::{Mode, SearchError, SearchRequest};
use proptest::prelude::*;
use report::fold;

use crate::support::{Dice, HOSTILE, PIECES, TestIndex, contains, query, report, text};

fn exact(q: &str) -> SearchRequest {
    SearchRequest {
        mode: Mode::Exact,
        ..query(q)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn strings_cut_from_the_texts_are_found_exactly() {
    let mut dice = Dice(7);
    let index = &*HOSTILE;
    let mut tried = 0;
    while tried < 600 {
        let report = &index.reports[dice.roll(index.reports.len())];
        let source = format!(
            "{}\n{}",
            report.content.title.as_deref().unwrap_or_default(),
            report.content.text
        );
        let chars: Vec<char> = source.chars().collect();
        let start = dice.roll(chars.len());
        let needle: String = chars[start..].iter().take(1 + dice.roll(12)).collect();
        // Line ends fold to nothing inside a string, so some of these run over paragraphs and must not match there.
        let folded = fold(&needle);
        if !folded.is_empty() {
            index.expect(&exact(&needle), |report| contains(report, &folded));
            index.expect(&query(&quoted(&needle)), |report| contains(report, &folded));
            tried += 1;
        }
    }
}

#[test]
fn every_single_character_is_found() {
    let mut chars: Vec<char> = PIECES.concat().chars().collect();
    chars.extend("丙☃㍿ﷺ\u{10ffff}".chars());
    for c in chars {
        let folded = fold(&c.to_string());
        let request = exact(&c.to_string());
        match folded.is_empty() {
            true => assert!(matches!(
                HOSTILE.reader.search(&request, std::time::Instant::now()),
                Err(SearchError::InvalidQuery { .. })
            )),
            false => HOSTILE.expect(&request, |report| contains(report, &folded)),
        }
    }
}

#[test]
fn a_match_never_leaves_its_paragraph() {
    let index = TestIndex::new(vec![
        report("a", "法治", "政府\n建设\n\n工作"),
        report("b", "法", "治政府建设\r工作"),
        report("c", "", "法治政府 建设"),
        report("d", "法治政府", ""),
        report("e", "甲甲甲", "甲甲\n甲"),
    ]);
    for (q, ids) in [
        ("法治政府", &["c", "d"][..]),
        ("政府建设", &["b", "c"]),
        ("建设工作", &["b"]),
        ("法", &["a", "b", "c", "d"]),
        ("甲甲", &["e"]),
        ("甲甲甲", &["e"]),
        ("甲甲甲甲", &[]),
        ("法治政府建设工作", &[]),
    ] {
        assert_eq!(index.all(&exact(q)), ids, "{q}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn thrown_together_strings_match_where_they_are(seed in any::<u64>(), n in 1usize..5) {
        let needle = text(&mut Dice(seed | 1), n);
        let folded = fold(&needle);
        prop_assume!(!folded.is_empty());
        HOSTILE.expect(&exact(&needle), |report| contains(report, &folded));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn texts_of_few_characters_overlap_rightly(
        texts in prop::collection::vec("[甲乙]{0,12}(\n[甲乙]{0,12}){0,3}", 1..8),
        needles in prop::collection::vec("[甲乙]{1,9}", 30),
    ) {
        let reports = texts.iter().enumerate().map(|(nth, text)| report(&format!("r{nth}"), "", text)).collect();
        let index = TestIndex::new(reports);
        for needle in needles {
            index.expect(&exact(&needle), |report| contains(report, &needle));
        }
    }
}
