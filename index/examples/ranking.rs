//! How well questions with judged answers are ranked.
//!
//! ```text
//! cargo run --release --example ranking -p gongbao-index -- corpus.jsonl.gz queries.jsonl qrels.tsv
//! ```
//!
//! Every question is asked in the mode `any`; printed are nDCG@10, MRR@10 and Recall@100, means over all questions.

#![allow(clippy::print_stdout, reason = "an example reports on the terminal")]

use std::{
    collections::HashMap,
    error::Error,
    fs::{self, File},
    io::{BufRead, BufReader},
    time::Instant,
};

use flate2::read::MultiGzDecoder;
use index::{Mode, Reader, SearchRequest, Writer, WriterOptions};
use report::{Content, Report, Status};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, queries, judgments] = args.as_slice() else {
        return Err("needs corpus, queries and judgments".into());
    };
    let dir = tempfile::tempdir()?;
    let mut writer = Writer::open(dir.path(), WriterOptions::default())?;
    for line in BufReader::new(MultiGzDecoder::new(File::open(corpus)?)).lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let field = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let title = Some(field("title")).filter(|title| !title.is_empty());
        let content = Content {
            title,
            text: field("text"),
            ..Content::default()
        };
        writer.upsert(&Report {
            id: field("id").parse()?,
            url: field("url"),
            urls: Vec::new(),
            portal: "import".into(),
            retrieved_at: "2024-01-01T00:00:00Z".parse()?,
            changed_at: "2024-01-01T00:00:00Z".parse()?,
            version: 1,
            content_hash: content.hash(),
            status: Status::Live,
            content,
        })?;
    }
    writer.commit(1)?;
    writer.close()?;
    let reader = Reader::open(dir.path())?;

    let mut judged: HashMap<String, HashMap<String, f64>> = HashMap::new();
    for line in fs::read_to_string(judgments)?.lines() {
        let parts: Vec<_> = line.split_whitespace().collect();
        if let [question, _, report, grade] = parts.as_slice()
            && *grade != "0"
        {
            judged
                .entry((*question).into())
                .or_default()
                .insert((*report).into(), grade.parse()?);
        }
    }
    let (mut ndcg, mut mrr, mut recall) = (0.0, 0.0, 0.0);
    let mut times = Vec::new();
    for line in fs::read_to_string(queries)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        let Some(right) = judged.get(row["id"].as_str().unwrap_or_default()) else {
            continue;
        };
        let q = plain(row["text"].as_str().unwrap_or_default());
        let begin = Instant::now();
        let request = SearchRequest {
            q,
            mode: Mode::Any,
            limit: 100,
            ..SearchRequest::default()
        };
        let hits = reader.search(&request, begin)?.hits;
        times.push(begin.elapsed());
        let gains: Vec<f64> = hits
            .iter()
            .map(|hit| right.get(hit.report.id.as_str()).copied().unwrap_or(0.0))
            .collect();
        let discounted = |gains: &[f64]| {
            gains
                .iter()
                .zip(2..)
                .take(10)
                .map(|(gain, at)| gain / f64::from(at).log2())
                .sum::<f64>()
        };
        let mut best: Vec<f64> = right.values().copied().collect();
        best.sort_by(|a, b| b.total_cmp(a));
        ndcg += discounted(&gains) / discounted(&best);
        mrr += gains
            .iter()
            .take(10)
            .position(|gain| *gain > 0.0)
            .map_or(0.0, |at| 1.0 / (at + 1) as f64);
        recall += gains.iter().filter(|gain| **gain > 0.0).count() as f64 / right.len() as f64;
    }
    let n = times.len().max(1) as f64;
    times.sort_unstable();
    println!(
        "{} questions: nDCG@10 {:.4}  MRR@10 {:.4}  Recall@100 {:.4}",
        times.len(),
        ndcg / n,
        mrr / n,
        recall / n
    );
    println!(
        "p50 {:.2?}  p99 {:.2?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
    Ok(())
}

/// The question without anything that the query language would read.
fn plain(text: &str) -> String {
    let kept = text.chars().map(|c| {
        if c.is_alphanumeric() || matches!(c, '.' | '%') {
            c
        } else {
            ' '
        }
    });
    kept.collect::<String>()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join(" ")
}
