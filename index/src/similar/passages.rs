//! Passages that two texts share: stretches of the same letters, however long.
//!
//! Every stretch of [`Grain::least`] letters holds a run of [`Grain::seed`] that begins at one of the places of the first text whose
//! number [`Grain::step`] divides. These runs are looked up at every place of the second text, and grown as far as the texts
//! agree, so the time taken grows with the lengths of the texts and not with their product.

use std::{collections::HashMap, ops::Range};

use report::{Folded, paragraphs};

use super::shingles;

/// Which stretches are found.
#[derive(Clone, Copy)]
struct Grain {
    /// Letters of the shortest.
    least: usize,
    /// Letters of a run that is looked up.
    seed: usize,
}

impl Grain {
    /// What is worth showing of reports that are alike: set phrases are shorter.
    const COARSE: Self = Self { least: 50, seed: 20 };
    /// What is worth marking where texts stand beside each other: about half a sentence.
    const FINE: Self = Self { least: 14, seed: 7 };

    /// From one run to the next.
    fn step(self) -> usize {
        self.least - self.seed + 1
    }
}

/// Places tried for a run that stands in the first text several times.
const MAX_PLACES: usize = 8;
/// Passages of two texts that are shown, the longest.
const MAX_PASSAGES: usize = 5;
/// Base of the rolling hash, odd and without a pattern.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The letters of a text, and the character each came from.
pub(super) struct Letters {
    letters: Vec<char>,
    /// Characters of the text, by letter.
    sources: Vec<Range<u32>>,
}

/// Runs of a text by their hashes: where they begin.
pub(super) struct Seeds {
    grain: Grain,
    places: HashMap<u64, Vec<usize>>,
}

/// A stretch of two texts.
pub(super) struct Shared {
    /// Characters of the one.
    pub(super) here: Range<usize>,
    /// Characters of the other.
    pub(super) there: Range<usize>,
    pub(super) letters: usize,
}

/// What texts have in common: for each of them, and each of them again, the stretches of the first that stand in the second too, as
/// ranges of its Unicode characters, in order and apart. They are as long as half a sentence or longer; punctuation and white space do not
/// count. Of a text and itself there are none. Takes time that grows with the lengths of the texts, times their number.
pub fn shared_stretches(texts: &[&str]) -> Vec<Vec<Vec<Range<usize>>>> {
    let texts: Vec<Letters> = texts.iter().map(|text| Letters::of(text)).collect();
    let seeds: Vec<Seeds> = texts.iter().map(|text| text.seeds_of(Grain::FINE)).collect();
    let of = |(nth, text): (usize, &Letters)| {
        let others = texts.iter().zip(&seeds).enumerate();
        let shared = others.map(|(other_nth, (other, seeds))| match nth == other_nth {
            true => Vec::new(),
            false => {
                let found = other.stretches(seeds, text).into_iter();
                found.map(|(_, there, len)| text.chars(there, len)).collect()
            }
        });
        shared.collect()
    };
    texts.iter().enumerate().map(of).collect()
}

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        let mut found = Self {
            letters: Vec::new(),
            sources: Vec::new(),
        };
        for paragraph in paragraphs(text) {
            let folded = Folded::new(paragraph.text);
            let mut byte = 0;
            for c in folded.as_str().chars() {
                let bytes = byte..byte + c.len_utf8();
                byte = bytes.end;
                if shingles::is_letter(c) {
                    let source = folded.original_chars(bytes);
                    let place = |char: usize| u32::try_from(paragraph.char + char).unwrap_or(u32::MAX);
                    found.letters.push(c);
                    found.sources.push(place(source.start)..place(source.end));
                }
            }
        }
        found
    }

    /// The runs by which stretches are found.
    pub(super) fn seeds(&self) -> Seeds {
        self.seeds_of(Grain::COARSE)
    }

    fn seeds_of(&self, grain: Grain) -> Seeds {
        let mut found: HashMap<u64, Vec<usize>> = HashMap::new();
        let runs = self.runs(grain.seed);
        for (start, hash) in runs.filter(|(start, _)| start % grain.step() == 0) {
            let places = found.entry(hash).or_default();
            if places.len() < MAX_PLACES {
                places.push(start);
            }
        }
        Seeds { grain, places: found }
    }

    /// Every run of so many letters: where it begins, and its hash.
    fn runs(&self, seed: usize) -> impl Iterator<Item = (usize, u64)> {
        let outgoing = (0..seed).fold(1_u64, |power, _| power.wrapping_mul(BASE));
        let mut hash = 0_u64;
        self.letters.iter().enumerate().filter_map(move |(at, letter)| {
            hash = hash
                .wrapping_mul(BASE)
                .wrapping_add(u64::from(u32::from(*letter)));
            if at >= seed {
                let gone = u64::from(u32::from(self.letters[at - seed]));
                hash = hash.wrapping_sub(gone.wrapping_mul(outgoing));
            }
            (at + 1 >= seed).then(|| (at + 1 - seed, hash))
        })
    }

    /// The longest passages that this text, of which `seeds` are, shares with another; in the order of this text.
    pub(super) fn shared(&self, seeds: &Seeds, other: &Self) -> Vec<Shared> {
        let mut found = self.stretches(seeds, other);
        found.sort_unstable_by_key(|(here, there, len)| (std::cmp::Reverse(*len), *here, *there));
        found.truncate(MAX_PASSAGES);
        found.sort_unstable();
        let shared = found.into_iter().map(|(here, there, len)| Shared {
            here: self.chars(here, len),
            there: other.chars(there, len),
            letters: len,
        });
        shared.collect()
    }

    /// All stretches: where each begins in this text and in the other, and its letters. In the other they are in order and apart.
    fn stretches(&self, seeds: &Seeds, other: &Self) -> Vec<(usize, usize, usize)> {
        let Seeds { grain, places } = seeds;
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        let mut from = 0;
        for (there, hash) in other.runs(grain.seed) {
            let Some(places) = places.get(&hash).filter(|_| there >= from) else {
                continue;
            };
            let grown = places.iter().map(|here| self.grown(*here, other, there, from));
            let longest = grown.max_by_key(|(_, _, len)| *len);
            if let Some((here, there, len)) = longest.filter(|(_, _, len)| *len >= grain.least) {
                found.push((here, there, len));
                from = there + len;
            }
        }
        found
    }

    /// The stretch around two places in which the texts agree, but none of the other before `from`: where it begins in
    /// both, and its letters.
    fn grown(&self, here: usize, other: &Self, there: usize, from: usize) -> (usize, usize, usize) {
        let before = self.letters[..here].iter().rev();
        let before = before.zip(other.letters[from..there].iter().rev());
        let before = before.take_while(|(a, b)| a == b).count();
        let behind = self.letters[here..].iter().zip(&other.letters[there..]);
        let behind = behind.take_while(|(a, b)| a == b).count();
        (here - before, there - before, before + behind)
    }

    /// Characters of the text that some letters, at least one, came from.
    fn chars(&self, first: usize, len: usize) -> Range<usize> {
        self.sources[first].start as usize..self.sources[first + len - 1].end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(texts: &[&str]) -> Vec<Vec<Vec<String>>> {
        let stretches = shared_stretches(texts).into_iter().zip(texts);
        let of = |(others, text): (Vec<Vec<Range<usize>>>, &&str)| {
            let cut = |at: Range<usize>| text.chars().skip(at.start).take(at.len()).collect();
            let cut_all = |ranges: Vec<Range<usize>>| ranges.into_iter().map(cut).collect();
            others.into_iter().map(cut_all).collect()
        };
        stretches.map(of).collect()
    }

    #[test]
    fn half_a_sentence_in_common_is_found_whatever_stands_between() {
        let found = shared(&[
            "全年办理行政复议案件12件，严格规范公正文明执法，推进政务公开。",
            "一、概况\n全年办理行政复议案件305件。严格规范公正文明执法， 推进政务公开。",
            "没有相同之处。",
        ]);
        assert_eq!(found[0][1], ["件，严格规范公正文明执法，推进政务公开"]);
        assert_eq!(found[1][0], ["件。严格规范公正文明执法， 推进政务公开"]);
        assert!(found[0][0].is_empty() && found[2].iter().all(Vec::is_empty));
    }
}
