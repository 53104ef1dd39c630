//! How much of a query stands together in one sentence.
//!
//! Each different pair of characters of the query that a sentence has counts once, long sentences somewhat less. So words
//! of the query side by side beat the same words far apart, and one passage that answers beats many that mention.

use rustc_hash::FxHashMap;
use tantivy::Score;

/// Characters of a sentence of which the length neither helps nor hurts.
const USUAL_CHARS: Score = 40.0;
/// How strongly length tempers, 0 to 1.
const LENGTH: Score = 0.4;

/// The pairs of a query.
pub(super) struct Sentences {
    pairs: Vec<Pair>,
    /// Numbers of the pairs that begin with the same two units of UTF-16: one, nearly always.
    places: FxHashMap<[u16; 2], Vec<usize>>,
    /// One bit for each unit that has to be looked at: what pairs begin with, what ends a sentence, and second halves of
    /// characters. Nearly all units of a text are none of these.
    marked: Box<[u64; 0x1_0000 / 64]>,
}

/// Two characters.
struct Pair {
    /// What of them stands behind their first two units.
    rest: Vec<u16>,
    weight: Score,
}

impl Default for Sentences {
    fn default() -> Self {
        let mut sentences = Self {
            pairs: Vec::new(),
            places: FxHashMap::default(),
            marked: Box::new([0; 0x1_0000 / 64]),
        };
        ENDS.into_iter()
            .chain(SECOND_HALVES)
            .for_each(|unit| sentences.mark(unit));
        sentences
    }
}

/// What ends a sentence.
const ENDS: [u16; 5] = ['。' as u16, b';' as u16, b'!' as u16, b'?' as u16, b'\n' as u16];
/// Second halves of characters of two units.
const SECOND_HALVES: std::ops::RangeInclusive<u16> = 0xdc00..=0xdfff;

impl Sentences {
    /// Takes a pair of characters; the first weight of a pair stays.
    pub(super) fn add(&mut self, pair: &str, weight: Score) {
        let mut units = pair
            .chars()
            .take(2)
            .collect::<String>()
            .encode_utf16()
            .collect::<Vec<_>>();
        if units.len() < 2 {
            return;
        }
        let rest = units.split_off(2);
        self.mark(units[0]);
        let same = self.places.entry([units[0], units[1]]).or_default();
        if same.iter().all(|number| self.pairs[*number].rest != rest) {
            same.push(self.pairs.len());
            self.pairs.push(Pair { rest, weight });
        }
    }

    fn mark(&mut self, unit: u16) {
        self.marked[usize::from(unit / 64)] |= 1 << (unit % 64);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// What the best sentence of a folded text has of the query. The text comes as units of UTF-16, two bytes each.
    pub(super) fn best(&self, text: &[u8]) -> Score {
        let (text, _) = text.as_chunks::<2>();
        let unit = |at: usize| text.get(at).map(|unit| u16::from_le_bytes(*unit));
        let (mut best, mut sum): (Score, Score) = (0.0, 0.0);
        // Where the sentence begins, and how many of its characters take two units.
        let (mut begin, mut n_long) = (0, 0);
        // In which sentence each pair was seen last.
        let mut seen = vec![0_u32; self.pairs.len()];
        let mut sentence = 1;
        let tempered = |sum: Score, n_chars: usize| match sum > 0.0 {
            true => sum / (1.0 - LENGTH + LENGTH * n_chars as Score / USUAL_CHARS),
            false => 0.0,
        };
        for (at, here) in text.iter().enumerate() {
            let here = u16::from_le_bytes(*here);
            if self.marked[usize::from(here / 64)] & 1 << (here % 64) == 0 {
                continue;
            }
            if ENDS.contains(&here) {
                best = best.max(tempered(sum, at + 1 - begin - n_long));
                (sum, begin, n_long) = (0.0, at + 1, 0);
                sentence += 1;
            } else if SECOND_HALVES.contains(&here) {
                n_long += 1;
            } else if let Some(next) = unit(at + 1)
                && let Some(numbers) = self.places.get(&[here, next])
            {
                for number in numbers {
                    let Pair { rest, weight } = &self.pairs[*number];
                    let mut others = rest.iter().zip(at + 2..);
                    if seen[*number] != sentence && others.all(|(other, at)| unit(at) == Some(*other)) {
                        seen[*number] = sentence;
                        sum += weight;
                    }
                }
            }
        }
        best.max(tempered(sum, text.len() - begin - n_long))
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

    fn best(sentences: &Sentences, text: &str) -> Score {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        sentences.best(&bytes)
    }

    #[test]
    fn what_stands_together_counts_more() {
        let query = sentences(&["营商", "商环", "环境", "优化"]);
        let together = best(&query, "持续推进。优化营商环境工作。");
        assert!(together > best(&query, "营商环境持续推进。工作优化。"));
        assert!(together > best(&query, "优化。营商。环境。"));
        assert_eq!(
            best(&query, "优化优化优化营商环境"),
            best(&query, "营商环境优化优化优化")
        );
        assert_eq!(best(&query, ""), 0.0);
    }

    #[test]
    fn rare_characters_and_line_ends_are_no_trouble() {
        let query = sentences(&["\u{20000}\u{20001}", "ab"]);
        assert!(best(&query, "x\u{20000}\u{20001}y") > 0.0);
        assert_eq!(best(&query, "x\u{20000}\n\u{20001}a\nb"), 0.0);
        assert_eq!(best(&sentences(&[]), "营商"), 0.0);
    }
}
