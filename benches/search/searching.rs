//! How long searches take, by stratum, beside the peer's term query.

use std::{
    error::Error,
    fmt::Write,
    time::{Duration, Instant},
};

use index::{Facet, Mode, Reader, SearchRequest, Sort};

use crate::{
    Bench,
    cost::{self, Times, thread_time},
    queries::{self, Asked, LENGTHS, SHARES, WORDS},
};

/// Times each query is asked; the first time is not counted.
const ROUNDS: usize = 3;

/// Time by the clock, and of the processor.
type Took = (Duration, Duration);

/// Asks a request and gives the time of the answer, which must have so many hits.
fn ask(reader: &Reader, request: &SearchRequest, total: u64) -> Result<Took, Box<dyn Error>> {
    let (begin, processor) = (Instant::now(), thread_time());
    let answer = reader.search(request, begin)?;
    let took = (begin.elapsed(), thread_time() - processor);
    if answer.total.value != total {
        return Err(format!("{:?} has {} hits, not {total}", request.q, answer.total.value).into());
    }
    Ok(took)
}

/// Times of all queries, the first round left out.
fn times<'a>(
    reader: &Reader,
    asked: impl Iterator<Item = &'a Asked> + Clone,
    base: &SearchRequest,
) -> Result<[Times; 2], Box<dyn Error>> {
    let mut times = Vec::new();
    for round in 0..=ROUNDS {
        for query in asked.clone() {
            let request = SearchRequest {
                q: query.q.clone(),
                ..base.clone()
            };
            let took = ask(reader, &request, query.total)?;
            if round > 0 {
                times.push(took);
            }
        }
    }
    Ok(both(times))
}

fn both(times: Vec<Took>) -> [Times; 2] {
    let (wall, processor) = times.into_iter().unzip();
    [Times::of(wall), Times::of(processor)]
}

fn row(out: &mut String, name: &str, [wall, processor]: &[Times; 2]) -> std::fmt::Result {
    writeln!(
        out,
        "| {name} | {} | {:.2} | {:.2} | {:.2} | {:.2} |",
        wall.len() / ROUNDS,
        wall.percentile(50),
        wall.percentile(99),
        processor.percentile(50),
        processor.percentile(99),
    )
}

const HEAD: &str =
    "| queries | number | p50 ms | p99 ms | processor p50 ms | processor p99 ms |\n|---|---|---|---|---|---|";

fn share_name(share: f64) -> String {
    format!("{} % of reports", share * 100.0)
}

/// The words among the queries that the peer has as terms, in the same strata.
fn peer(out: &mut String, bench: &Bench, words: &[Asked]) -> Result<(), Box<dyn Error>> {
    let bare = bench.bare()?;
    let mut took = vec![Vec::new(); SHARES.len()];
    for round in 0..=ROUNDS {
        for query in words {
            let (time, total) = bare.term(&query.q)?;
            let part = total as f64 / bench.n_reports as f64;
            let share = SHARES
                .iter()
                .position(|share| (0.5..3.0).contains(&(part / share)));
            if let Some(share) = share.filter(|_| round > 0) {
                took[share].push(time);
            }
        }
    }
    for (share, took) in SHARES.iter().zip(took) {
        row(out, &format!("bare term, {}", share_name(*share)), &both(took))?;
    }
    Ok(())
}

/// Strings of 2 to 12 characters.
pub(crate) fn exact(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let reader = bench.ours()?;
    let asked = queries::strings(&bench.reports, &reader, bench.n_reports, bench.n_queries);
    let base = SearchRequest {
        mode: Mode::Exact,
        ..SearchRequest::default()
    };
    let mut out = format!(
        "### Exact strings, {} reports (load {})\n\n{HEAD}\n",
        bench.n_reports,
        cost::load()
    );
    for (class, (least, most)) in LENGTHS.iter().enumerate() {
        for (share, part) in SHARES.iter().enumerate() {
            let of = asked
                .iter()
                .filter(|query| query.class == class && query.share == share);
            let name = format!("{least}–{most} characters, {}", share_name(*part));
            row(&mut out, &name, &times(&reader, of, &base)?)?;
        }
    }
    row(&mut out, "**all**", &times(&reader, asked.iter(), &base)?)?;
    let by_year = SearchRequest {
        sort: Some(Sort::YearDescending),
        ..base.clone()
    };
    row(
        &mut out,
        "all, by year: not ranked",
        &times(&reader, asked.iter(), &by_year)?,
    )?;
    let one = SearchRequest { limit: 1, ..by_year };
    row(
        &mut out,
        "all, by year, a page of one hit",
        &times(&reader, asked.iter(), &one)?,
    )?;
    Ok(out)
}

/// One to five words, with facets.
pub(crate) fn words(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let reader = bench.ours()?;
    let asked = queries::words(&bench.reports, &reader, bench.n_reports, bench.n_queries);
    let plain = SearchRequest::default();
    let facets = vec![Facet::Province, Facet::Year, Facet::Genre, Facet::IssuerType];
    let base = SearchRequest {
        facets,
        ..plain.clone()
    };
    let mut out = format!(
        "### Words, with facets and highlights, {} reports (load {})\n\n{HEAD}\n",
        bench.n_reports,
        cost::load()
    );
    for (class, (least, most)) in WORDS.iter().enumerate() {
        for (share, part) in SHARES.iter().enumerate() {
            let of = asked
                .iter()
                .filter(|query| query.class == class && query.share == share);
            let name = format!("{least}–{most} terms, {}", share_name(*part));
            row(&mut out, &name, &times(&reader, of, &base)?)?;
        }
    }
    row(&mut out, "**all**", &times(&reader, asked.iter(), &base)?)?;
    row(&mut out, "all, no facets", &times(&reader, asked.iter(), &plain)?)?;
    let by_year = SearchRequest {
        sort: Some(Sort::YearDescending),
        ..plain
    };
    row(
        &mut out,
        "all, no facets, by year: not ranked",
        &times(&reader, asked.iter(), &by_year)?,
    )?;
    let one = SearchRequest { limit: 1, ..by_year };
    row(
        &mut out,
        "all, no facets, by year, a page of one hit",
        &times(&reader, asked.iter(), &one)?,
    )?;
    peer(&mut out, bench, &asked)?;
    Ok(out)
}

/// A page far down a result.
pub(crate) fn cursor(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let reader = bench.ours()?;
    let mut out = format!(
        "### Paging, {} reports (load {})\n\n",
        bench.n_reports,
        cost::load()
    );
    writeln!(
        out,
        "| query | order | hits | first page, processor ms | page at depth, processor ms | depth |\n|---|---|---|---|---|---|"
    )?;
    for (q, sort) in [("", None), ("的", None), ("的", Some(Sort::YearDescending))] {
        let base = SearchRequest {
            q: q.into(),
            limit: 100,
            sort,
            mode: if q.is_empty() { Mode::Words } else { Mode::Exact },
            ..SearchRequest::default()
        };
        let median = |request: &SearchRequest| -> Result<f64, Box<dyn Error>> {
            let mut took = Vec::new();
            for _ in 0..15 {
                let processor = thread_time();
                reader.search(request, Instant::now())?;
                took.push(thread_time() - processor);
            }
            Ok(Times::of(took).percentile(50))
        };
        let total = reader.search(&base, Instant::now())?.total.value;
        let first = median(&base)?;
        let wanted = 100_000.min(total as usize / 2);
        let mut request = base;
        let mut depth = 0;
        while depth + request.limit <= wanted {
            let answer = reader.search(&request, Instant::now())?;
            depth += answer.hits.len();
            request.cursor = answer.next_cursor;
        }
        let name = if q.is_empty() { "everything" } else { q };
        let order = sort.map_or("as usual", |_| "by year");
        writeln!(
            out,
            "| {name} | {order} | {total} | {first:.2} | {:.2} | {depth} |",
            median(&request)?
        )?;
    }
    Ok(out)
}
