//! Chooses weights: one after the other is moved as long as the sets get better, starting from plain BM25.
//!
//! The figure that is raised is the mean of the nDCG@10 of the sets. Because the weights are chosen on the questions that
//! they are measured on, the choice is made five times more, each time without a fifth of the questions, and measured
//! on that fifth: what comes out is what to expect of questions never seen.

use std::{collections::HashMap, error::Error, thread};

use index::{Mode, SearchRequest, Weights};

use crate::{
    measure::{Mean, ndcg},
    set::Set,
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
    known: HashMap<Choice, Vec<Vec<f64>>>,
}

/// Chooses weights and prints what they bring.
pub(crate) fn tune(sets: &[Set]) -> Result<(), Box<dyn Error>> {
    let mut measured = Measured {
        sets,
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
            let all: Result<Vec<_>, _> = self.sets.iter().map(|set| all(set, weights)).collect();
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

/// nDCG@10 of every question of a set.
fn all(set: &Set, weights: Weights) -> Result<Vec<f64>, Box<dyn Error>> {
    let part = set.questions.len().div_ceil(2).max(1);
    let parts: Vec<Result<Vec<f64>, String>> = thread::scope(|scope| {
        let work = set.questions.chunks(part).map(|questions| {
            scope.spawn(move || {
                let measured = questions.iter().map(|question| {
                    let request = SearchRequest {
                        q: question.text.clone(),
                        mode: Mode::Any,
                        limit: 10,
                        ..SearchRequest::default()
                    };
                    let found = set.reader.find_first(&request, weights);
                    let found = found.map_err(|error| error.to_string())?;
                    Ok(ndcg(&set.gains(question, &found), &question.right))
                });
                measured.collect()
            })
        });
        let work: Vec<_> = work.collect();
        let done = work.into_iter().map(|work| work.join());
        done.map(|done| done.unwrap_or_else(|_| Err("a search panicked".into())))
            .collect()
    });
    let mut measured = Vec::new();
    for part in parts {
        measured.extend(part?);
    }
    Ok(measured)
}
