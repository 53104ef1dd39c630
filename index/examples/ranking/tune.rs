//! Chooses weights: one after the other is moved as long as the sets get better, starting from plain BM25.
//!
//! Of every question the reports that plain BM25 and the weights in use rank first are found once ([`CANDIDATES`] of each);
//! every try ranks these anew. The weights that are chosen are measured by whole searches too.
//!
//! The figure that is raised is the mean of the nDCG@10 of the sets. Because the weights are chosen on the questions that
//! they are measured on, the choice is made five times more, each time without a fifth of the questions, and measured
//! on that fifth: what comes out is what to expect of questions never seen.

use std::{collections::HashMap, error::Error, thread};

use index::{Mode, SearchRequest, Weights};
use report::ReportId;

use crate::{
    measure::{Mean, ndcg},
    set::{Question, Set},
};

/// Weights and the values that are tried, the first of which means that it has no part in the ranking.
const GRID: [(&str, &[f32]); 6] = [
    ("length", &[0.75, 0.875, 1.0]),
    ("chars", &[1.0, 0.5, 0.75, 1.5]),
    ("words", &[0.0, 0.15, 0.3, 0.5]),
    ("overlap", &[0.0, 0.25, 0.5, 0.75]),
    ("function", &[1.0, 0.85, 0.7, 0.5, 0.3]),
    ("sentence", &[0.0, 0.3, 0.6, 0.9]),
];
/// Differences below are noise.
const STEP: f64 = 0.0003;
/// Reports of a question that are ranked with all weights. Only a hundred are raised by their sentences.
const CANDIDATES: usize = 150;
/// How often all weights are gone through.
const ROUNDS: usize = 2;

/// The weight of this name.
pub(crate) fn weight<'a>(weights: &'a mut Weights, name: &str) -> Option<&'a mut f32> {
    Some(match name {
        "length" => &mut weights.length,
        "chars" => &mut weights.chars,
        "words" => &mut weights.words,
        "overlap" => &mut weights.overlap,
        "function" => &mut weights.function,
        "sentence" => &mut weights.sentence,
        _ => return None,
    })
}

/// A choice of values, by number in the grid.
type Choice = [usize; GRID.len()];

/// What was measured: nDCG@10 by set and question.
struct Measured<'a> {
    sets: &'a [Set],
    /// By set and question.
    candidates: Vec<Vec<Vec<ReportId>>>,
    known: HashMap<Choice, Vec<Vec<f64>>>,
}

/// Chooses weights and prints what they bring.
pub(crate) fn tune(sets: &[Set]) -> Result<(), Box<dyn Error>> {
    let mut measured = Measured {
        sets,
        candidates: sets.iter().map(candidates).collect::<Result<_, _>>()?,
        known: HashMap::new(),
    };
    let plain = measured.means(Choice::default(), &|_| true)?;
    println!("plain BM25: {}", shown(&plain));
    let best = measured.choose(&|_| true)?;
    let means = measured.means(best, &|_| true)?;
    println!(
        "chosen on all questions: {} {:?}",
        shown(&means),
        weights_of(best)
    );
    let searched: Result<Vec<f64>, _> = sets.iter().map(|set| searched(set, weights_of(best))).collect();
    println!("the same by whole searches: {}", shown(&searched?));
    for (nth, (name, _)) in GRID.iter().enumerate() {
        let mut without = best;
        without[nth] = 0;
        println!(
            "  without {name}: {}",
            shown(&measured.means(without, &|_| true)?)
        );
    }
    let mut unseen: Vec<Mean> = vec![Mean::default(); sets.len()];
    for fold in 0..5 {
        let best = measured.choose(&|other| other != fold)?;
        let means = measured.means(best, &|other| other == fold)?;
        println!("part {fold}, not seen: {} {:?}", shown(&means), weights_of(best));
        for (set, (sum, measured)) in sets.iter().zip(unseen.iter_mut().zip(&measured.known[&best])) {
            let questions = set.questions.iter().zip(measured);
            questions
                .filter(|(question, _)| question.fold == fold)
                .for_each(|(_, ndcg)| sum.add(*ndcg));
        }
    }
    let unseen: Vec<f64> = unseen.into_iter().map(Mean::get).collect();
    println!("on questions not seen: {}", shown(&unseen));
    println!("{} rankings of all questions", measured.known.len());
    Ok(())
}

fn shown(means: &[f64]) -> String {
    let means: Vec<_> = means.iter().map(|mean| format!("{mean:.4}")).collect();
    means.join("  ")
}

fn weights_of(choice: Choice) -> Weights {
    let mut weights = Weights::default();
    for ((name, values), at) in GRID.iter().zip(choice) {
        if let Some(weight) = weight(&mut weights, name) {
            *weight = values[at];
        }
    }
    weights
}

impl Measured<'_> {
    /// The best choice for the questions in these parts.
    fn choose(&mut self, takes: &dyn Fn(usize) -> bool) -> Result<Choice, Box<dyn Error>> {
        let mut best = Choice::default();
        let mut best_figure = self.figure(best, takes)?;
        for _ in 0..ROUNDS {
            let before = best;
            for (nth, (_, values)) in GRID.iter().enumerate() {
                for at in 0..values.len() {
                    let mut choice = best;
                    choice[nth] = at;
                    let figure = self.figure(choice, takes)?;
                    if figure > best_figure + STEP {
                        (best, best_figure) = (choice, figure);
                    }
                }
            }
            if best == before {
                break;
            }
        }
        Ok(best)
    }

    fn figure(&mut self, choice: Choice, takes: &dyn Fn(usize) -> bool) -> Result<f64, Box<dyn Error>> {
        let means = self.means(choice, takes)?;
        Ok(means.iter().sum::<f64>() / means.len().max(1) as f64)
    }

    /// Mean nDCG@10 of each set over the questions in these parts.
    fn means(&mut self, choice: Choice, takes: &dyn Fn(usize) -> bool) -> Result<Vec<f64>, Box<dyn Error>> {
        if !self.known.contains_key(&choice) {
            let weights = weights_of(choice);
            let sets = self.sets.iter().zip(&self.candidates);
            let all: Result<Vec<_>, _> = sets
                .map(|(set, candidates)| {
                    each(set, |nth, question| {
                        let found =
                            set.reader
                                .rank_again(&request(question, 10), &candidates[nth], weights)?;
                        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
                        Ok(ndcg(&set.gains(question, &found), &question.right))
                    })
                })
                .collect();
            self.known.insert(choice, all?);
        }
        let means = self.sets.iter().zip(&self.known[&choice]).map(|(set, measured)| {
            let mut mean = Mean::default();
            let questions = set.questions.iter().zip(measured);
            questions
                .filter(|(question, _)| takes(question.fold))
                .for_each(|(_, ndcg)| mean.add(*ndcg));
            mean.get()
        });
        Ok(means.collect())
    }
}

fn request(question: &Question, limit: usize) -> SearchRequest {
    SearchRequest {
        q: question.text.clone(),
        mode: Mode::Any,
        limit,
        ..SearchRequest::default()
    }
}

/// The reports that are ranked, by question.
fn candidates(set: &Set) -> Result<Vec<Vec<ReportId>>, Box<dyn Error>> {
    each(set, |_, question| {
        let mut ids = Vec::new();
        for weights in [weights_of(Choice::default()), Weights::default()] {
            let found = set.reader.find_first(&request(question, CANDIDATES), weights)?;
            for id in found {
                ids.push(id.parse()?);
            }
        }
        Ok(ids)
    })
}

/// Mean nDCG@10 of a set.
fn searched(set: &Set, weights: Weights) -> Result<f64, Box<dyn Error>> {
    let mut mean = Mean::default();
    let all = each(set, |_, question| {
        let found = set.reader.find_first(&request(question, 10), weights)?;
        Ok(ndcg(&set.gains(question, &found), &question.right))
    })?;
    all.into_iter().for_each(|ndcg| mean.add(ndcg));
    Ok(mean.get())
}

/// Something of every question of a set, worked out by two threads.
fn each<T: Send>(
    set: &Set,
    work: impl Fn(usize, &Question) -> Result<T, Box<dyn Error>> + Sync,
) -> Result<Vec<T>, Box<dyn Error>> {
    let questions: Vec<_> = set.questions.iter().enumerate().collect();
    let part = questions.len().div_ceil(2).max(1);
    let work = &work;
    let parts: Vec<Result<Vec<T>, String>> = thread::scope(|scope| {
        let threads = questions.chunks(part).map(|questions| {
            scope.spawn(move || {
                let done = questions.iter().map(|(nth, question)| work(*nth, question));
                done.collect::<Result<_, _>>().map_err(|error| error.to_string())
            })
        });
        let threads: Vec<_> = threads.collect();
        let done = threads.into_iter().map(|thread| thread.join());
        done.map(|done| done.unwrap_or_else(|_| Err("a search panicked".into())))
            .collect()
    });
    let mut all = Vec::new();
    for part in parts {
        all.extend(part?);
    }
    Ok(all)
}
