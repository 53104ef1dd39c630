//! Shingles: every run of five letters of a text, as a set.
//!
//! Letters are what is alphanumeric after folding, line ends left out: a copy whose paragraphs were joined, or whose
//! punctuation became half as wide, is still a copy. What the shingles of two texts have in common, measured against
//! all that either has, is their similarity (Jaccard's coefficient).

use std::cmp::Ordering;

use report::{fold, paragraphs};

/// Letters in a shingle. Four would find much of one text in any other of its field; with six, a changed word costs
/// more than it says.
pub(super) const LENGTH: usize = 5;
/// Bits of a character.
const CHAR_BITS: u32 = 21;

/// Whether a folded character is a letter here.
pub(super) fn is_letter(c: char) -> bool {
    match c {
        // Nearly all there is, without asking the tables.
        '\u{4e00}'..='\u{9fff}' | '0'..='9' | 'a'..='z' => true,
        '\0'..='\u{7f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        c => c.is_alphanumeric(),
    }
}

/// The letters of a folded text.
pub(super) fn letters(folded: &str) -> impl Iterator<Item = char> {
    folded.chars().filter(|c| is_letter(*c))
}

/// Hands over the hash of every shingle in order, repeated ones too.
pub(super) fn for_each(letters: impl Iterator<Item = char>, mut take: impl FnMut(u64)) {
    const MASK: u128 = (1 << (CHAR_BITS * LENGTH as u32)) - 1;
    let mut window = 0_u128;
    for (nth, letter) in letters.enumerate() {
        window = (window << CHAR_BITS | u128::from(u32::from(letter))) & MASK;
        if nth + 1 >= LENGTH {
            take(hash(window));
        }
    }
}

/// Spreads a shingle over all bits. The constants are those of splitmix64 and of the golden ratio.
fn hash(window: u128) -> u64 {
    let (low, high) = (window as u64, (window >> 64) as u64);
    let product = u128::from(low ^ 0x9e37_79b9_7f4a_7c15) * u128::from(high ^ 0xbf58_476d_1ce4_e5b9);
    let folded = (product as u64) ^ ((product >> 64) as u64);
    let mixed = (folded ^ (folded >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 29)
}

/// The different shingles of a text.
pub(super) struct Shingles(Vec<u64>);

impl Shingles {
    /// Of a text as it is stored.
    pub(super) fn of(text: &str) -> Self {
        let folded: Vec<String> = paragraphs(text).map(|paragraph| fold(paragraph.text)).collect();
        let mut all = Vec::new();
        for_each(folded.iter().flat_map(|folded| letters(folded)), |shingle| {
            all.push(shingle);
        });
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// What two texts have in common, 0 to 1. Two texts without shingles have nothing in common.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = 0_usize;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                Ordering::Less => left.next(),
                Ordering::Greater => right.next(),
                Ordering::Equal => {
                    common += 1;
                    left.next();
                    right.next()
                }
            };
        }
        let all = self.0.len() + other.0.len() - common;
        if all == 0 { 0.0 } else { common as f64 / all as f64 }
    }
}
