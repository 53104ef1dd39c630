//! Measures of a ranking, from the grades of what was found, best first.

use std::collections::HashMap;

/// A mean that is being taken.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mean {
    sum: f64,
    n: usize,
}

impl Mean {
    pub(crate) fn add(&mut self, value: f64) {
        self.sum += value;
        self.n += 1;
    }

    pub(crate) fn get(self) -> f64 {
        self.sum / self.n.max(1) as f64
    }
}

/// Normalised discounted cumulative gain of the first ten.
pub(crate) fn ndcg(gains: &[f64], right: &HashMap<String, f64>) -> f64 {
    let mut best: Vec<f64> = right.values().copied().collect();
    best.sort_by(|a, b| b.total_cmp(a));
    discounted(gains) / discounted(&best)
}

fn discounted(gains: &[f64]) -> f64 {
    let ten = gains.iter().zip(2..).take(10);
    ten.map(|(gain, at)| gain / f64::from(at).log2()).sum()
}

/// One by the rank of the first right one among the first ten.
pub(crate) fn reciprocal_rank(gains: &[f64]) -> f64 {
    let first = gains.iter().take(10).position(|gain| *gain > 0.0);
    first.map_or(0.0, |at| 1.0 / (at + 1) as f64)
}

/// Share of what is right that was found.
pub(crate) fn recall(gains: &[f64], right: &HashMap<String, f64>) -> f64 {
    gains.iter().filter(|gain| **gain > 0.0).count() as f64 / right.len().max(1) as f64
}
