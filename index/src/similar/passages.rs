//! Passages that two texts share: stretches of the same letters, however long.
//!
//! Every stretch of [`LEAST`] letters holds a run of [`SEED`] that begins at one of the places of the first text whose
//! number [`STEP`] divides. These runs are looked up at every place of the second text, and grown as far as the texts
//! agree, so the time taken grows with the lengths of the texts and not with their product.

use std::{collections::HashMap, ops::Range};

use report::{Folded, paragraphs};

use super::shingles;

/// Letters from which on a stretch is worth showing: set phrases are shorter.
const LEAST: usize = 50;
/// Letters of a run that is looked up.
const SEED: usize = 20;
/// From one run to the next.
const STEP: usize = LEAST - SEED + 1;
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
pub(super) struct Seeds(HashMap<u64, Vec<usize>>);

/// A stretch of two texts.
pub(super) struct Shared {
    /// Characters of the one.
    pub(super) here: Range<usize>,
    /// Characters of the other.
    pub(super) there: Range<usize>,
    pub(super) letters: usize,
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
        let mut seeds: HashMap<u64, Vec<usize>> = HashMap::new();
        for (start, hash) in self.runs().filter(|(start, _)| start % STEP == 0) {
            let places = seeds.entry(hash).or_default();
            if places.len() < MAX_PLACES {
                places.push(start);
            }
        }
        Seeds(seeds)
    }

    /// Every run: where it begins, and its hash.
    fn runs(&self) -> impl Iterator<Item = (usize, u64)> {
        let outgoing = (0..SEED).fold(1_u64, |power, _| power.wrapping_mul(BASE));
        let mut hash = 0_u64;
        self.letters.iter().enumerate().filter_map(move |(at, letter)| {
            hash = hash
                .wrapping_mul(BASE)
                .wrapping_add(u64::from(u32::from(*letter)));
            if at >= SEED {
                let gone = u64::from(u32::from(self.letters[at - SEED]));
                hash = hash.wrapping_sub(gone.wrapping_mul(outgoing));
            }
            (at + 1 >= SEED).then(|| (at + 1 - SEED, hash))
        })
    }

    /// The longest passages that this text, of which `seeds` are, shares with another; in the order of this text.
    pub(super) fn shared(&self, seeds: &Seeds, other: &Self) -> Vec<Shared> {
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        let mut from = 0;
        for (there, hash) in other.runs() {
            let Some(places) = seeds.0.get(&hash).filter(|_| there >= from) else {
                continue;
            };
            let grown = places.iter().map(|here| self.grown(*here, other, there, from));
            let longest = grown.max_by_key(|(_, _, len)| *len);
            if let Some((here, there, len)) = longest.filter(|(_, _, len)| *len >= LEAST) {
                found.push((here, there, len));
                from = there + len;
            }
        }
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
