//! Exactness on a whole corpus, and what indexing and searching it cost.
//!
//! ```text
//! cargo run --release --example exactness -p gongbao-index -- reports.jsonl.gz [copies]
//! ```
//!
//! Takes thousands of strings out of the texts, at any place and of any length, some across a line end or with spaces
//! and widths changed, and compares what the index finds with plain containment in the folded texts: recall and
//! precision must be 1. Then it measures searches of all kinds. `copies` writes every report so many times.

#![allow(clippy::print_stdout, reason = "an example reports on the terminal")]

#[path = "shared/reports.rs"]
mod reports;

use std::{
    error::Error,
    time::{Duration, Instant},
};

use index::{Facet, Filters, Mode, Reader, SearchRequest, Writer, WriterOptions};
use report::{Content, Genre, Report, Role, Section, fold, paragraphs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let default = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/search/reports.jsonl.gz"
    )
    .to_owned();
    let path = args.next().unwrap_or(default);
    let copies: usize = args.next().map_or(Ok(1), |text| text.parse())?;
    let reports = read(&path)?;
    let n_bytes: usize = reports.iter().map(|report| report.content.text.len()).sum();
    println!(
        "{} reports, {:.1} MB of text, {copies} times",
        reports.len(),
        n_bytes as f64 / 1e6
    );

    let dir = tempfile::tempdir()?;
    let begin = Instant::now();
    let mut writer = Writer::open(dir.path(), WriterOptions::default())?;
    for copy in 0..copies {
        for report in &reports {
            let mut report = report.clone();
            if copy > 0 {
                report.id = format!("{}-{copy}", report.id).parse()?;
            }
            writer.upsert(&report)?;
        }
    }
    writer.commit(1)?;
    writer.close()?;
    let took = begin.elapsed();
    let n_bytes = n_bytes * copies;
    println!(
        "indexed in {took:.1?}, {:.2} MB of text a second",
        n_bytes as f64 / 1e6 / took.as_secs_f64()
    );
    let reader = Reader::open(dir.path())?;
    let stats = reader.stats()?;
    println!(
        "index is {:.2} of the text in {} segments",
        stats.bytes as f64 / n_bytes as f64,
        stats.segments
    );
    for (part, bytes) in &stats.bytes_by_part {
        println!("  {part:<10} {:.3}", *bytes as f64 / n_bytes as f64);
    }
    if copies == 1 {
        check(&reader, &reports)?;
    }
    measure(&reader, &reports)
}

fn read(path: &str) -> Result<Vec<Report>, Box<dyn Error>> {
    let mut all = Vec::new();
    for row in reports::rows(path)? {
        let text = row.field("text");
        let content = Content {
            title: row.given("title"),
            year: (1980..2030).find(|year| row.field("title").contains(&year.to_string())),
            genre: if row.field("id").starts_with("law") {
                Genre::Other
            } else {
                Genre::WorkReport
            },
            outline: quarters(&text),
            chars: report::han_chars(&text),
            text,
            ..Content::default()
        };
        all.push(reports::report(&row.field("id"), row.field("url"), content)?);
    }
    Ok(all)
}

/// Four sections of different roles, so that the condition on sections has something to do.
fn quarters(text: &str) -> Vec<Section> {
    let starts: Vec<usize> = paragraphs(text).map(|paragraph| paragraph.char).collect();
    let bound = |nth: usize| {
        starts
            .get(nth * starts.len() / 4)
            .copied()
            .unwrap_or(text.chars().count())
    };
    let roles = [Role::Achievements, Role::Problems, Role::Plans, Role::Other];
    let sections = roles.into_iter().enumerate().map(|(nth, role)| Section {
        level: 1,
        number: nth.to_string(),
        heading: String::new(),
        role,
        path: nth.to_string(),
        start: bound(nth),
        end: bound(nth + 1),
    });
    sections.collect()
}

/// Compares what is found with what is there.
fn check(reader: &Reader, reports: &[Report]) -> Result<(), Box<dyn Error>> {
    let parts: Vec<(&str, Vec<String>)> = reports
        .iter()
        .map(|report| (report.id.as_str(), folded(report)))
        .collect();
    let mut dice = 88_172_645_463_325_252_u64;
    let (mut tried, mut missed, mut wrong, mut right) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    let begin = Instant::now();
    while tried < 10_000 {
        let chars: Vec<char> = reports[roll(&mut dice, reports.len())]
            .content
            .text
            .chars()
            .collect();
        let start = roll(&mut dice, chars.len().max(1));
        let len = [1, 2, 3, 4, 6, 9, 20, 60][roll(&mut dice, 8)];
        let mut needle: String = chars.iter().skip(start).take(len).collect();
        match roll(&mut dice, 6) {
            0 => needle = needle.chars().flat_map(|c| [c, '\u{200b}']).collect(),
            1 => needle = needle.replace('（', "(").replace('，', ",").to_uppercase(),
            _ => {}
        }
        let folded = fold(&needle);
        if folded.is_empty() {
            continue;
        }
        tried += 1;
        let request = SearchRequest {
            q: needle.clone(),
            mode: Mode::Exact,
            ..SearchRequest::default()
        };
        let mut found = Vec::new();
        for report in reader.find_all(&request)? {
            found.push(report?.id.to_string());
        }
        let is_there = |parts: &[String]| parts.iter().any(|part| part.contains(&folded));
        let mut expected: Vec<_> = parts
            .iter()
            .filter(|(_, parts)| is_there(parts))
            .map(|(id, _)| (*id).to_owned())
            .collect();
        expected.sort();
        right += expected
            .iter()
            .filter(|id| found.binary_search(id).is_ok())
            .count();
        missed += expected
            .iter()
            .filter(|id| found.binary_search(id).is_err())
            .count();
        wrong += found
            .iter()
            .filter(|id| expected.binary_search(id).is_err())
            .count();
        if found != expected {
            failures.push(needle);
        }
    }
    println!(
        "{tried} strings in {:.1?}: {right} reports found, {missed} missed, {wrong} wrong",
        begin.elapsed()
    );
    failures
        .iter()
        .take(10)
        .for_each(|needle| println!("  {needle:?}"));
    if failures.is_empty() {
        Ok(())
    } else {
        Err("some strings were not matched exactly".into())
    }
}

fn folded(report: &Report) -> Vec<String> {
    let title = report.content.title.as_deref().map(fold);
    title
        .into_iter()
        .chain(paragraphs(&report.content.text).map(|paragraph| fold(paragraph.text)))
        .collect()
}

/// Times of searches with the first page made up in full.
fn measure(reader: &Reader, reports: &[Report]) -> Result<(), Box<dyn Error>> {
    let mut dice = 3_141_592_653_589_793_u64;
    let mut cut = |len: usize| -> String {
        loop {
            let chars: Vec<char> = reports[roll(&mut dice, reports.len())]
                .content
                .text
                .chars()
                .collect();
            let start = roll(&mut dice, chars.len().max(1));
            let text: String = chars.iter().skip(start).take(len).collect();
            if text.chars().count() == len && text.chars().all(char::is_alphanumeric) {
                return text;
            }
        }
    };
    let base = SearchRequest::default();
    let facets = vec![Facet::Region, Facet::Year, Facet::Genre];
    let problems = Filters {
        section: vec![Role::Problems],
        ..Filters::default()
    };
    let mut kinds: Vec<(&str, Vec<SearchRequest>)> = Vec::new();
    let mut kind = |name, n: usize, make: &mut dyn FnMut() -> SearchRequest| {
        kinds.push((name, (0..n).map(|_| make()).collect()));
    };
    kind("exact, 1 character", 200, &mut || SearchRequest {
        q: cut(1),
        mode: Mode::Exact,
        ..base.clone()
    });
    kind("exact, 2 characters", 200, &mut || SearchRequest {
        q: cut(2),
        mode: Mode::Exact,
        ..base.clone()
    });
    kind("exact, 4 to 9", 200, &mut || SearchRequest {
        q: cut(6),
        mode: Mode::Exact,
        ..base.clone()
    });
    kind("two words", 200, &mut || SearchRequest {
        q: format!("{} {}", cut(2), cut(2)),
        ..base.clone()
    });
    kind("two words, facets", 200, &mut || SearchRequest {
        q: format!("{} {}", cut(2), cut(2)),
        facets: facets.clone(),
        ..base.clone()
    });
    kind("one word in problems", 200, &mut || SearchRequest {
        q: cut(2),
        filters: problems.clone(),
        ..base.clone()
    });
    kind("near", 200, &mut || SearchRequest {
        q: format!("\"{}\" NEAR/20 \"{}\"", cut(2), cut(2)),
        ..base.clone()
    });
    kind("any, 12 characters", 200, &mut || SearchRequest {
        q: cut(12),
        mode: Mode::Any,
        ..base.clone()
    });
    kind("everything", 50, &mut || SearchRequest {
        facets: facets.clone(),
        ..base.clone()
    });
    for (name, requests) in kinds {
        let mut times = Vec::new();
        let mut hits = 0;
        for request in &requests {
            let begin = Instant::now();
            // A string of one ignored word is refused; that is no search.
            if let Ok(answer) = reader.search(request, begin) {
                times.push(begin.elapsed());
                hits += answer.total.value;
            }
        }
        times.sort_unstable();
        let at = |percent: usize| {
            times
                .get(times.len() * percent / 100)
                .copied()
                .unwrap_or(Duration::ZERO)
        };
        let mean = hits / times.len().max(1) as u64;
        println!(
            "{name:<22} {mean:>7} hits  p50 {:>9.2?}  p99 {:>9.2?}",
            at(50),
            at(99)
        );
    }
    Ok(())
}

fn roll(dice: &mut u64, sides: usize) -> usize {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    (*dice % sides as u64) as usize
}
