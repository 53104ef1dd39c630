//! Sketches: 256 bytes that tell how similar two texts are without the texts.
//!
//! Every shingle falls, by the first bits of its hash, into one of [`BINS`] bins, and the smallest hash of each bin is
//! kept, of that one byte (one permutation hashing with b-bit minima). Two texts agree in a bin as often as they have
//! shingles in common. A bin that stays empty, as in short texts, borrows from one that the number of the bin
//! decides, the same for every text (optimal densification).

use super::shingles;

/// Bins of a sketch, one byte each.
pub(crate) const BINS: usize = 256;
/// Numbers that a sketch is stored as.
pub(crate) const WORDS: usize = BINS / 8;
/// Letters below which a text has no sketch: 详见附件 is no copy of any other 详见附件.
const MIN_LETTERS: usize = 40;
/// Bits that name the bin.
const BIN_BITS: u32 = BINS.trailing_zeros();

/// The sketch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Sketch(pub(crate) [u64; WORDS]);

impl Sketch {
    /// Of folded paragraphs; `None` when there is too little text.
    pub(crate) fn of(folded: &str) -> Option<Self> {
        let mut least = [u64::MAX; BINS];
        let mut n_shingles = 0_usize;
        shingles::for_each(shingles::letters(folded), |shingle| {
            let bin = &mut least[(shingle >> (u64::BITS - BIN_BITS)) as usize];
            *bin = shingle.min(*bin);
            n_shingles += 1;
        });
        if n_shingles + shingles::LENGTH - 1 < MIN_LETTERS {
            return None;
        }
        let mut bytes = [0; BINS];
        for (nth, byte) in bytes.iter_mut().enumerate() {
            *byte = lender(&least, nth) as u8;
        }
        let (words, _) = bytes.as_chunks::<8>();
        let mut sketch = [0; WORDS];
        for (word, bytes) in sketch.iter_mut().zip(words) {
            *word = u64::from_le_bytes(*bytes);
        }
        Some(Self(sketch))
    }

    /// In how many bins two sketches differ.
    pub(super) fn distance(&self, other: &Self) -> u16 {
        let pairs = self.0.iter().zip(&other.0);
        let agreeing: u32 = pairs.map(|(a, b)| zero_bytes(a ^ b)).sum();
        BINS as u16 - agreeing as u16
    }

    /// About how similar the texts of two sketches are, 0 to 1. The standard error is 0.025 at most.
    pub(super) fn similarity(&self, other: &Self) -> f64 {
        // Bytes of different minima agree by chance once in 256.
        let different = f64::from(self.distance(other)) * 256.0 / 255.0;
        (1.0 - different / BINS as f64).max(0.0)
    }

    /// Whether two sketches are less similar than `threshold`. Most that are show it in their first half.
    pub(super) fn similarity_is_below(&self, other: &Self, threshold: f64) -> bool {
        const HALF: usize = WORDS / 2;
        let first = self.0[..HALF].iter().zip(&other.0[..HALF]);
        let agreeing: u32 = first.map(|(a, b)| zero_bytes(a ^ b)).sum();
        // All bins of the other half may agree.
        let at_most = f64::from(agreeing) + (BINS / 2) as f64;
        at_most < threshold * BINS as f64 || self.similarity(other) < threshold
    }
}

/// The minimum of a bin, or that of the bin it borrows from. There is at least one that is not empty.
fn lender(least: &[u64; BINS], bin: usize) -> u64 {
    let mut at = bin;
    let mut draw = bin as u64;
    // Each draw hits a filled bin with the share of filled ones as its chance.
    while least[at] == u64::MAX {
        draw = draw
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        at = (draw >> (u64::BITS - BIN_BITS)) as usize;
    }
    least[at]
}

/// How many of the eight bytes of a number are zero.
fn zero_bytes(number: u64) -> u32 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let is_filled = ((number & LOW) + LOW) | number | LOW;
    (!is_filled).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters that look like chance.
    fn text(seed: u64, n: usize) -> String {
        let mut state = seed;
        let mut letter = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            char::from_u32(0x4e00 + (state >> 40) as u32 % 3000).unwrap_or('一')
        };
        (0..n).map(|_| letter()).collect()
    }

    #[test]
    fn similarity_is_estimated_well() {
        for n_own in [0, 50, 200, 500, 1500, 4000] {
            let common = text(1, 4000);
            let (a, b) = (
                format!("{common}{}", text(2, n_own)),
                format!("{common}{}", text(3, n_own)),
            );
            let exact = shingles::Shingles::of(&a).similarity(&shingles::Shingles::of(&b));
            let (a, b) = (Sketch::of(&a).unwrap(), Sketch::of(&b).unwrap());
            assert!(
                (a.similarity(&b) - exact).abs() < 0.08,
                "{} {exact}",
                a.similarity(&b)
            );
            for threshold in [0.3, 0.5, 0.75, 0.9] {
                assert_eq!(a.similarity_is_below(&b, threshold), a.similarity(&b) < threshold);
            }
        }
    }

    #[test]
    fn short_texts_are_compared_too_but_not_the_shortest() {
        let (a, b) = (text(1, 45), text(2, 45));
        let sketch = |text: &str| Sketch::of(text).unwrap();
        assert_eq!(sketch(&a), sketch(&format!("（{a}）\n")));
        assert!(sketch(&a).similarity(&sketch(&b)) < 0.3);
        assert!(sketch(&a).similarity(&sketch(&format!("{a}。2024"))) > 0.6);
        assert_eq!(Sketch::of(&text(1, MIN_LETTERS - 1)), None);
        assert!(Sketch::of(&text(1, MIN_LETTERS)).is_some());
        assert_eq!(Sketch::of(&"，。".repeat(100)), None);
    }

    #[test]
    fn agreeing_bytes_are_counted() {
        assert_eq!(zero_bytes(0), 8);
        assert_eq!(zero_bytes(u64::MAX), 0);
        assert_eq!(zero_bytes(0x0001_8000_ff00_7f00), 4);
    }
}
