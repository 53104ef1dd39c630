//! Exactness on real texts, where they are at hand: the corpus beside the repository.

use std::io::{BufRead, BufReader};

use flate2::read::MultiGzDecoder;
use index::{Mode, SearchRequest};
use report::{Report, fold};

use crate::support::{Dice, TestIndex, folded_parts, query, report};

/// The corpus; `None` where it is not at hand.
pub(crate) fn corpus() -> Option<Vec<Report>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/search/reports.jsonl.gz"
    );
    let Ok(file) = std::fs::File::open(path) else {
        println!("skipped: there is no corpus at {path}");
        return None;
    };
    let lines = BufReader::new(MultiGzDecoder::new(file)).lines();
    let reports = lines.map(|line| {
        let row: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        report(&field("id"), &field("title"), &field("text"))
    });
    Some(reports.collect())
}

#[test]
fn quoted_strings_of_real_paragraphs_are_found_exactly() {
    let Some(mut reports) = corpus() else { return };
    // All that is made up to be hard, and a part of the rest: unoptimised code takes its time.
    let step = if cfg!(debug_assertions) { 6 } else { 1 };
    let mut nth = 0;
    reports.retain(|report| {
        nth += 1;
        report.id.as_str().starts_with("edge-") || nth % step == 0
    });
    let parts: Vec<(String, Vec<String>)> = reports
        .iter()
        .map(|report| (report.id.to_string(), folded_parts(report)))
        .collect();
    let index = TestIndex::new(reports);
    let mut dice = Dice(2025);
    let mut tried = 0;
    while tried < 1000 {
        let content = &index.reports[dice.roll(index.reports.len())].content;
        let paragraphs: Vec<_> = content.text.split('\n').collect();
        let chars: Vec<char> = paragraphs[dice.roll(paragraphs.len())].chars().collect();
        if chars.is_empty() {
            continue;
        }
        let start = dice.roll(chars.len());
        let needle: String = chars[start..].iter().take(1 + dice.roll(14)).collect();
        let folded = fold(&needle);
        if folded.is_empty() {
            continue;
        }
        let mut expected: Vec<_> = parts
            .iter()
            .filter(|(_, parts)| parts.iter().any(|part| part.contains(&folded)))
            .map(|(id, _)| id.clone())
            .collect();
        expected.sort();
        let request = SearchRequest {
            mode: Mode::Exact,
            ..query(&needle)
        };
        let mut found = index.all(&request);
        found.sort();
        assert_eq!(found, expected, "{needle:?}");
        tried += 1;
    }
}
