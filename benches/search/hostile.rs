//! Queries that mean harm: each is to be refused at once, with the place that is wrong, whatever its size.

use std::{error::Error, fmt::Write, time::Instant};

use index::{Mode, SearchError, SearchRequest};

use crate::{
    Bench,
    cost::{Times, thread_time},
};

/// How often each is asked.
const ROUNDS: usize = 50;

/// What is asked. None is cut before it reaches the reader; the server refuses addresses above 32 KiB before that.
fn queries() -> Vec<(&'static str, String)> {
    let clauses = |n: usize, sign: &str| {
        let clauses = (0..n).map(|nth| format!("\"第{nth}条\""));
        clauses.collect::<Vec<_>>().join(sign)
    };
    vec![
        ("1 MB of words", "法治政府 ".repeat(80_000)),
        ("10,000 clauses with OR", clauses(10_000, " OR ")),
        (
            "257 clauses with OR, in the limit of characters",
            clauses(257, "OR"),
        ),
        ("1,000,000 opening brackets", "(".repeat(1_000_000)),
        ("2,000 opening brackets", "(".repeat(2000)),
        (
            "1,000,000 pairs of brackets",
            "(".repeat(500_000) + &")".repeat(500_000),
        ),
        ("a NUL", "法治\0政府".into()),
        ("a word of 100,000 characters", "治".repeat(100_000)),
        (
            "a word of 2,048 characters of a surrogate pair each",
            "\u{20000}".repeat(2048),
        ),
        ("500 NOT in a chain", "NOT ".repeat(500) + "法治"),
        ("100,000 NOT in a chain", "NOT ".repeat(100_000) + "法治"),
        (
            "180 NEAR in a chain",
            "\"法\"".to_owned() + &" NEAR/9 \"治\"".repeat(180),
        ),
        ("2,000 quotes", "\"".repeat(2001)),
        ("2,000 colons", "title:".repeat(340)),
    ]
}

/// How long each takes, and what is answered.
pub(crate) fn refused(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let reader = bench.ours()?;
    let mut out = format!(
        "### Queries that mean harm, {} reports\n\nEach asked {ROUNDS} times in all modes, warm; processor time of the dearest mode. What is within all limits is answered.\n\n\
         | query | bytes | answer | p50 ms | most ms |\n|---|--:|---|--:|--:|\n",
        bench.n_reports
    );
    for (name, q) in queries() {
        let mut worst: Option<(Times, String)> = None;
        for mode in [Mode::Words, Mode::Any, Mode::Exact, Mode::Loose] {
            let request = SearchRequest {
                q: q.clone(),
                mode,
                ..SearchRequest::default()
            };
            // Warm, as all that is measured here: some are no error but queries, and read the index.
            let _ = reader.search(&request, Instant::now());
            let mut took = Vec::with_capacity(ROUNDS);
            let mut told = String::new();
            for _ in 0..ROUNDS {
                let begin = thread_time();
                let answer = reader.search(&request, Instant::now());
                took.push(thread_time() - begin);
                told = match answer {
                    Ok(answer) => format!("{} hits", answer.total.value),
                    Err(SearchError::InvalidQuery { position, .. }) => format!("refused at {position}"),
                    Err(error) => return Err(format!("{name}: {error}").into()),
                };
            }
            let times = Times::of(took);
            let most = worst.as_ref().map_or(0.0, |(times, _)| times.percentile(100));
            if times.percentile(100) >= most {
                worst = Some((times, format!("{told} ({mode})")));
            }
        }
        if let Some((times, told)) = worst {
            writeln!(
                out,
                "| {name} | {} | {told} | {:.3} | {:.3} |",
                q.len(),
                times.percentile(50),
                times.percentile(100)
            )?;
        }
    }
    Ok(out)
}
