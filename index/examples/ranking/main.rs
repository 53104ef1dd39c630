//! How well questions with judged answers are ranked, and which weights rank them best.
//!
//! ```text
//! cargo run --release --example ranking -p gongbao-index -- score  SET…
//! cargo run --release --example ranking -p gongbao-index -- tune   SET…
//! cargo run --release --example ranking -p gongbao-index -- titles CORPUS…
//! ```
//!
//! A SET is three files, `corpus.jsonl.gz,queries.jsonl,qrels.tsv`: reports as they are imported (`id`, `title`, `text`),
//! questions (`id`, `text`) and judgments as in TREC. Every question is asked in the mode `any`, without what the query
//! language would read. Options: `--apart` keeps rows of one id apart instead of taking the later for a new version,
//! and counts each of them as right; `--every N` takes every Nth question only; `--set name=value` changes a weight.
//!
//! `score` prints nDCG@10, MRR@10 and Recall@100, means over all questions with a judgment. `tune` chooses the weights
//! ([`tune`]). `titles` asks for reports by their titles with a word dropped ([`titles`]).

#![allow(clippy::print_stdout, reason = "an example reports on the terminal")]

mod measure;
#[path = "../shared/reports.rs"]
mod reports;
mod set;
mod titles;
mod tune;

use std::{error::Error, time::Instant};

use index::{Mode, SearchRequest, Weights};
use measure::Mean;
use set::Set;

/// What may be asked for beside the files.
#[derive(Default)]
struct Options {
    apart: bool,
    every: usize,
    weights: Weights,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let action = args.next().unwrap_or_default();
    let (mut options, mut files) = (Options::default(), Vec::new());
    options.every = 1;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--apart" => options.apart = true,
            "--every" => options.every = args.next().ok_or("--every needs a number")?.parse()?,
            "--set" => {
                let given = args.next().unwrap_or_default();
                let (name, value) = given.split_once('=').ok_or("--set needs name=value")?;
                *tune::weight(&mut options.weights, name).ok_or("no such weight")? = value.parse()?;
            }
            _ => files.push(arg),
        }
    }
    match action.as_str() {
        "score" => {
            for set in &sets(&files, &options)? {
                score(set, options.weights)?;
            }
            Ok(())
        }
        "tune" => tune::tune(&sets(&files, &options)?),
        "titles" => {
            for corpus in &files {
                titles::ask(&Set::read(corpus, options.apart)?, options.every, options.weights)?;
            }
            Ok(())
        }
        _ => Err("say score, tune or titles; the head of this file tells the rest".into()),
    }
}

fn sets(files: &[String], options: &Options) -> Result<Vec<Set>, Box<dyn Error>> {
    let sets = files.iter().map(|files| {
        let [corpus, questions, judgments] = files.split(',').collect::<Vec<_>>()[..] else {
            return Err(format!("{files}: a set is corpus,questions,judgments").into());
        };
        let mut set = Set::read(corpus, options.apart)?;
        set.read_questions(questions, judgments)?;
        let mut nth = 0;
        set.questions.retain(|_| {
            nth += 1;
            nth % options.every == 0
        });
        Ok(set)
    });
    sets.collect()
}

/// Prints the figures of one set.
fn score(set: &Set, weights: Weights) -> Result<(), Box<dyn Error>> {
    let (mut ndcg, mut mrr, mut recall) = (Mean::default(), Mean::default(), Mean::default());
    let mut times = Vec::new();
    for question in &set.questions {
        let begin = Instant::now();
        let request = SearchRequest {
            q: question.text.clone(),
            mode: Mode::Any,
            limit: 100,
            ..SearchRequest::default()
        };
        let found = set.reader.find_first(&request, weights)?;
        times.push(begin.elapsed());
        let gains = set.gains(question, &found);
        ndcg.add(measure::ndcg(&gains, &question.right));
        mrr.add(measure::reciprocal_rank(&gains));
        recall.add(measure::recall(&gains, &question.right));
    }
    times.sort_unstable();
    let Some(last) = times.len().checked_sub(1) else {
        return Err("no question has a judgment".into());
    };
    println!(
        "{}: {} questions  nDCG@10 {:.4}  MRR@10 {:.4}  Recall@100 {:.4}  p50 {:.1?}  p99 {:.1?}",
        set.name,
        times.len(),
        ndcg.get(),
        mrr.get(),
        recall.get(),
        times[last / 2],
        times[last * 99 / 100],
    );
    Ok(())
}
