//! A sample of occurrences: the same for the same reports, query and seed, on every machine, whatever the segments are.
//!
//! Every occurrence has a number: `mix(mix(mix(seed) ^ fnv(id)) ^ n)`, where `fnv` is the 64-bit FNV-1a hash of the report's id
//! and `n` tells that it is the `n`th occurrence of its report, counted from 0. The `N` smallest are the sample. As the numbers
//! are as good as drawn by lot, so is the sample: uniform, without an occurrence twice; and a larger one by the same seed
//! contains a smaller one.

use tantivy::DocId;

use crate::state::State;

/// What was drawn: segment, report and number of the occurrence in it, in order.
pub(super) struct Picked {
    drawn: Vec<(usize, DocId, u32)>,
    n_segments: usize,
}

impl Picked {
    /// Draws `n` of the occurrences; `counted` has, by segment, the reports that have any, with how many.
    pub(super) fn draw(
        state: &State,
        counted: &[Vec<(DocId, u32)>],
        n: usize,
        seed: u64,
    ) -> tantivy::Result<Self> {
        let seed = mix(seed);
        let mut best: Vec<(u64, usize, DocId, u32)> = Vec::new();
        let mut bound = u64::MAX;
        for (segment, (columns, counts)) in state.columns.iter().zip(counted).enumerate() {
            let mut ranks: Vec<(u64, usize)> = counts
                .iter()
                .map(|(doc, _)| columns.id_rank(*doc))
                .zip(0..)
                .collect();
            ranks.sort_unstable();
            let mut ids = vec![String::new(); counts.len()];
            columns.ids(&ranks, &mut ids)?;
            for ((doc, count), id) in counts.iter().zip(&ids) {
                let of_report = mix(seed ^ fnv(id));
                for nth in 0..*count {
                    let hash = mix(of_report ^ u64::from(nth));
                    if hash <= bound {
                        best.push((hash, segment, *doc, nth));
                    }
                }
                if best.len() >= 4 * n.max(1024) {
                    bound = least(&mut best, n);
                }
            }
        }
        least(&mut best, n);
        let mut drawn: Vec<_> = best
            .into_iter()
            .map(|(_, segment, doc, nth)| (segment, doc, nth))
            .collect();
        drawn.sort_unstable();
        Ok(Self {
            drawn,
            n_segments: counted.len(),
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.drawn.len()
    }

    /// By segment: the reports that something was drawn from, ascending.
    pub(super) fn docs(&self) -> Vec<Vec<DocId>> {
        let mut docs: Vec<Vec<DocId>> = vec![Vec::new(); self.n_segments];
        for (segment, doc, _) in &self.drawn {
            if docs[*segment].last() != Some(doc) {
                docs[*segment].push(*doc);
            }
        }
        docs
    }

    /// Numbers of the occurrences that were drawn from a report, ascending.
    pub(super) fn of(&self, segment: usize, doc: DocId) -> impl Iterator<Item = u32> {
        let first = self
            .drawn
            .partition_point(|drawn| (drawn.0, drawn.1) < (segment, doc));
        let here = self.drawn[first..].iter();
        here.take_while(move |drawn| (drawn.0, drawn.1) == (segment, doc))
            .map(|(_, _, nth)| *nth)
    }
}

/// Keeps the `n` smallest, and gives the greatest of them.
fn least<T: Copy + Ord>(best: &mut Vec<(u64, usize, DocId, T)>, n: usize) -> u64 {
    if best.len() <= n {
        return u64::MAX;
    }
    best.select_nth_unstable(n - 1);
    best.truncate(n);
    best.iter().map(|(hash, ..)| *hash).max().unwrap_or(u64::MAX)
}

/// FNV-1a.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A step of SplitMix64.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_the_published_ones() {
        assert_eq!(fnv(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv("foobar"), 0x8594_4171_f739_67e8);
        // The first numbers of the generator that begins with 0.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }
}
