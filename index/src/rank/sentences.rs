//! How much of a query stands together in one sentence.
//!
//! Each different pair of characters of the query that a sentence has counts once, long sentences somewhat less. So words
//! of the query side by side beat the same words far apart, and one passage that answers beats many that mention.

use std::collections::HashMap;

use tantivy::Score;

/// Characters of a sentence of which the length neither helps nor hurts.
const USUAL_CHARS: Score = 40.0;
/// How strongly length tempers, 0 to 1.
const LENGTH: Score = 0.4;

/// The pairs of a query.
#[derive(Default)]
pub(super) struct Sentences {
    /// Number and weight of each pair.
    pairs: HashMap<(char, char), (usize, Score)>,
    /// One bit for each first character of a pair, below U+10000: nearly all characters of a text are none.
    firsts: Vec<u64>,
}

impl Sentences {
    /// Takes a pair of characters; the first weight of a pair stays.
    pub(super) fn add(&mut self, pair: &str, weight: Score) {
        let mut chars = pair.chars();
        if let (Some(first), Some(second)) = (chars.next(), chars.next()) {
            let number = self.pairs.len();
            self.pairs.entry((first, second)).or_insert((number, weight));
            if self.firsts.is_empty() {
                self.firsts = vec![0; 0x1_0000 / 64];
            }
            if let Some(word) = self.firsts.get_mut(first as usize / 64) {
                *word |= 1 << (first as usize % 64);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn begins(&self, c: char) -> bool {
        // Characters beyond the table are rare enough to be looked up.
        let word = self.firsts.get(c as usize / 64);
        word.is_none_or(|word| word & 1 << (c as usize % 64) != 0)
    }

    /// What the best sentence of a folded text has of the query.
    pub(super) fn best(&self, text: &str) -> Score {
        let mut best: Score = 0.0;
        let (mut sum, mut length) = (0.0, 0_u32);
        // In which sentence each pair was seen last.
        let mut seen = vec![0_u32; self.pairs.len()];
        let mut sentence = 1;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            length += 1;
            let ends = matches!(c, '。' | ';' | '!' | '?' | '\n');
            if !ends
                && self.begins(c)
                && let Some(next) = chars.peek()
                && let Some((number, weight)) = self.pairs.get(&(c, *next))
                && seen[*number] != sentence
            {
                seen[*number] = sentence;
                sum += weight;
            }
            if ends || chars.peek().is_none() {
                let length_norm = 1.0 - LENGTH + LENGTH * length as Score / USUAL_CHARS;
                best = best.max(sum / length_norm);
                (sum, length) = (0.0, 0);
                sentence += 1;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(pairs: &[&str]) -> Sentences {
        let mut sentences = Sentences::default();
        pairs.iter().for_each(|pair| sentences.add(pair, 1.0));
        sentences
    }

    #[test]
    fn what_stands_together_counts_more() {
        let query = sentences(&["营商", "商环", "环境", "优化"]);
        let together = query.best("持续推进。优化营商环境工作。");
        assert!(together > query.best("营商环境持续推进。工作优化。"));
        assert!(together > query.best("优化。营商。环境。"));
        assert_eq!(
            query.best("优化优化优化营商环境"),
            query.best("营商环境优化优化优化")
        );
        assert_eq!(query.best(""), 0.0);
    }

    #[test]
    fn rare_characters_and_line_ends_are_no_trouble() {
        let query = sentences(&["\u{20000}\u{20001}", "ab"]);
        assert!(query.best("x\u{20000}\u{20001}y") > 0.0);
        assert_eq!(query.best("x\u{20000}\n\u{20001}a\nb"), 0.0);
        assert_eq!(sentences(&[]).best("营商"), 0.0);
    }
}
