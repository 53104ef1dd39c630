//! What counts how much in a ranking. `docs/relevance.md` tells how the figures were found.

use tantivy::Score;

/// Weights of a ranking. Nobody but a measurement needs others than the default ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// How strongly the length of a report tempers how often it has a term, 0 to 1: `b` of BM25.
    pub length: Score,
    /// What single characters count for against pairs of characters.
    pub chars: Score,
    /// What words count for against pairs of characters.
    pub words: Score,
    /// How much of what its two characters say already is taken off a pair, 0 to 1.
    pub overlap: Score,
    /// What pairs with a function character count for, 0 to 1.
    pub function: Score,
    /// What the best sentence counts for.
    pub sentence: Score,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            length: 0.875,
            chars: 0.75,
            words: 0.5,
            overlap: 0.5,
            function: 0.7,
            sentence: 0.6,
        }
    }
}
