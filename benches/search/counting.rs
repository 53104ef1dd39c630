//! How long a page of a concordance and a table of trends take, by how often their string occurs.

use std::{error::Error, fmt::Write, time::Instant};

use index::{
    By, ConcordanceRequest, Filters, Measure, Mode, Reader, RowSort, SearchError, SearchRequest,
    TrendsRequest,
};
use report::Role;

use crate::{
    Bench,
    cost::{self, Times, thread_time},
};

/// Times each request is asked after the first.
const ROUNDS: usize = 9;
/// Numbers of occurrences, for 200,000 reports, that strings are looked for near.
const WANTED: [u64; 4] = [1_000, 30_000, 300_000, 1_000_000];

/// A string as a query.
fn exactly(q: &str) -> SearchRequest {
    SearchRequest {
        q: q.to_owned(),
        mode: Mode::Exact,
        ..SearchRequest::default()
    }
}

/// Strings that occur about as often as wanted, with how often they do; and the most frequent there is.
fn strings(bench: &Bench, reader: &Reader) -> Result<Vec<(String, u64)>, SearchError> {
    let mut counted: Vec<(u64, String)> = Vec::new();
    for nth in 0..12 {
        let text: Vec<char> = bench.reports.report(nth * 37).content.text.chars().collect();
        for start in (0..text.len().saturating_sub(2)).step_by(97) {
            let q: String = text[start..start + 2].iter().collect();
            if q.chars().any(|c| !c.is_alphabetic()) {
                continue;
            }
            let request = ConcordanceRequest {
                search: exactly(&q),
                limit: 1,
                ..ConcordanceRequest::default()
            };
            counted.push((reader.concordance(&request, Instant::now())?.total.value, q));
        }
    }
    counted.push((total(reader, "的")?, "的".to_owned()));
    counted.sort();
    let scale = bench.n_reports as f64 / 200_000.0;
    let mut found: Vec<(String, u64)> = Vec::new();
    for wanted in WANTED {
        let wanted = wanted as f64 * scale;
        let far = |(n, _): &&(u64, String)| ((*n as f64 + 1.0).ln() - wanted.ln()).abs();
        found.extend(
            counted
                .iter()
                .min_by(|a, b| far(a).total_cmp(&far(b)))
                .map(|(n, q)| (q.clone(), *n)),
        );
    }
    found.extend(counted.last().map(|(n, q)| (q.clone(), *n)));
    found.dedup();
    Ok(found)
}

fn total(reader: &Reader, q: &str) -> Result<u64, SearchError> {
    let request = ConcordanceRequest {
        search: exactly(q),
        limit: 1,
        ..ConcordanceRequest::default()
    };
    Ok(reader.concordance(&request, Instant::now())?.total.value)
}

/// Time by the clock, and of the processor; the first time is not counted.
fn times(mut ask: impl FnMut() -> Result<(), SearchError>) -> Result<[Times; 2], SearchError> {
    let (mut wall, mut processor) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (begin, thread) = (Instant::now(), thread_time());
        ask()?;
        if round > 0 {
            wall.push(begin.elapsed());
            processor.push(thread_time() - thread);
        }
    }
    Ok([Times::of(wall), Times::of(processor)])
}

fn row(out: &mut String, q: &str, n: u64, what: &str, [wall, processor]: &[Times; 2]) -> std::fmt::Result {
    writeln!(
        out,
        "| {q} | {n} | {what} | {:.1} | {:.1} |",
        wall.percentile(50),
        processor.percentile(50)
    )
}

const HEAD: &str = "| string | occurrences | what | p50 ms | processor p50 ms |\n|---|---|---|---|---|";

/// The first page of twenty rows, with an exact total.
pub(crate) fn concordance(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let reader = bench.ours()?;
    let mut out = format!(
        "### Concordance, {} reports (load {})\n\n{HEAD}\n",
        bench.n_reports,
        cost::load()
    );
    for (q, n) in strings(bench, &reader)? {
        let usual = ConcordanceRequest {
            search: exactly(&q),
            ..ConcordanceRequest::default()
        };
        let requests = [
            ("by report", usual.clone()),
            (
                "by year",
                ConcordanceRequest {
                    sort: Some(RowSort::Year),
                    ..usual.clone()
                },
            ),
            (
                "by what follows",
                ConcordanceRequest {
                    sort: Some(RowSort::Right),
                    ..usual.clone()
                },
            ),
            (
                "by what stands before",
                ConcordanceRequest {
                    sort: Some(RowSort::Left),
                    ..usual.clone()
                },
            ),
            (
                "by what stands before, read outwards",
                ConcordanceRequest {
                    sort: Some(RowSort::LeftOutwards),
                    ..usual.clone()
                },
            ),
            (
                "a sample of 100",
                ConcordanceRequest {
                    sample: Some(100),
                    ..usual
                },
            ),
        ];
        for (what, request) in requests {
            let took = times(|| reader.concordance(&request, Instant::now()).map(|_| ()))?;
            row(&mut out, &q, n, what, &took)?;
        }
    }
    Ok(out)
}

/// Both counts for every year and county.
pub(crate) fn trends(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let reader = bench.ours()?;
    let mut out = format!(
        "### Trends, {} reports (load {})\n\n{HEAD}\n",
        bench.n_reports,
        cost::load()
    );
    for (q, n) in strings(bench, &reader)? {
        let request = |by: By, filters: Filters| TrendsRequest {
            queries: vec![q.clone()],
            search: SearchRequest {
                filters,
                ..exactly("")
            },
            by,
            measure: Measure::Reports,
        };
        let problems = Filters {
            section: vec![Role::Problems],
            ..Filters::default()
        };
        for (what, request) in [
            ("by year", request(By::Year, Filters::default())),
            ("by county", request(By::County, Filters::default())),
            ("by year, in sections on problems", request(By::Year, problems)),
        ] {
            let took = times(|| reader.trends(&request, Instant::now()).map(|_| ()))?;
            row(&mut out, &q, n, what, &took)?;
        }
    }
    Ok(out)
}
