//! A folded text that knows where it came from.
//!
//! Stretches in which each character came from one character, all of one width before and one width after, are kept
//! as one run: official texts are such stretches, so the map is small and a look-up is a division. Everything else
//! (ligatures, composed marks) is a run of its own that stands for the whole cluster it came from.

use std::ops::Range;

use super::{Piece, clusters};

/// A folded text that knows where each of its characters came from.
#[derive(Clone, Debug)]
pub struct Folded {
    text: String,
    runs: Vec<Run>,
    /// Size of the original.
    end: Place,
}

/// A place in the original.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    byte: usize,
    char: usize,
}

#[derive(Clone, Debug)]
struct Run {
    /// First byte in the folded text.
    folded: usize,
    from: Place,
    to: Place,
    /// Bytes of each character before and after folding; `None` when the run is one cluster.
    widths: Option<(usize, usize)>,
}

impl Folded {
    /// Folds `text`, one paragraph or title.
    pub fn new(text: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            runs: Vec::new(),
            end: Place::default(),
        };
        clusters(text, |source, piece| match piece {
            Piece::Char(c) => folded.push_char(source.len(), c),
            Piece::Text(piece) => folded.push_cluster(&text[source], piece),
        });
        folded
    }

    fn push_char(&mut self, width: usize, c: char) {
        let from = self.end;
        self.end = Place {
            byte: from.byte + width,
            char: from.char + 1,
        };
        let widths = Some((width, c.len_utf8()));
        match self.runs.last_mut() {
            Some(run) if run.widths == widths && run.to == from => run.to = self.end,
            _ => self.runs.push(Run {
                folded: self.text.len(),
                from,
                to: self.end,
                widths,
            }),
        }
        self.text.push(c);
    }

    fn push_cluster(&mut self, source: &str, piece: &str) {
        let from = self.end;
        self.end = Place {
            byte: from.byte + source.len(),
            char: from.char + source.chars().count(),
        };
        if !piece.is_empty() {
            self.runs.push(Run {
                folded: self.text.len(),
                from,
                to: self.end,
                widths: None,
            });
            self.text.push_str(piece);
        }
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Character range of the original text that a byte range of the folded text came from.
    ///
    /// The smallest range that covers all of it. A character that was joined from several, or split into several,
    /// counts as a whole, and so does one that the range cuts through; what lies beyond the end is ignored. An
    /// empty range gives an empty range.
    pub fn original_chars(&self, bytes: Range<usize>) -> Range<usize> {
        let (from, to) = self.original(bytes);
        from.char..to.char
    }

    /// Like [`Self::original_chars`], as a byte range of the original text.
    pub fn original_bytes(&self, bytes: Range<usize>) -> Range<usize> {
        let (from, to) = self.original(bytes);
        from.byte..to.byte
    }

    fn original(&self, bytes: Range<usize>) -> (Place, Place) {
        let from = self.source_of(bytes.start).map_or(self.end, |(from, _)| from);
        let last = bytes.end.min(self.text.len());
        match last
            .checked_sub(1)
            .filter(|&last| last >= bytes.start)
            .and_then(|last| self.source_of(last))
        {
            Some((_, to)) => (from, to),
            None => (from, from),
        }
    }

    /// Begin and end of what the folded character at this byte came from; `None` at the end of the folded text.
    fn source_of(&self, byte: usize) -> Option<(Place, Place)> {
        if byte >= self.text.len() {
            return None;
        }
        let run = &self.runs[self
            .runs
            .partition_point(|run| run.folded <= byte)
            .checked_sub(1)?];
        Some(match run.widths {
            None => (run.from, run.to),
            Some((before, after)) => {
                let nth = (byte - run.folded) / after;
                let place = |n: usize| Place {
                    byte: run.from.byte + n * before,
                    char: run.from.char + n,
                };
                (place(nth), place(nth + 1))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::{fold, tests::awkward};

    fn slice(text: &str, chars: Range<usize>) -> String {
        text.chars().skip(chars.start).take(chars.len()).collect()
    }

    /// What the folded form of `needle` came from in `text`.
    fn source(text: &str, needle: &str) -> String {
        let folded = Folded::new(text);
        let needle = fold(needle);
        let at = folded.as_str().find(&needle).expect("the needle occurs");
        let range = at..at + needle.len();
        assert_eq!(
            text[folded.original_bytes(range.clone())],
            slice(text, folded.original_chars(range.clone()))
        );
        slice(text, folded.original_chars(range))
    }

    #[test]
    fn finds_the_original_spelling() {
        let text = "\u{3000}根据《海政办发【 2023 】34号》\u{200b}，面积３㎡，cafe\u{301} 见①";
        assert_eq!(source(text, "海政办发〔2023〕34号"), "海政办发【 2023 】34号");
        assert_eq!(source(text, "根据"), "根据");
        assert_eq!(
            source(text, "》,面积3m"),
            "》\u{200b}，面积３㎡",
            "a split character counts as a whole"
        );
        assert_eq!(source(text, "2"), "2");
        assert_eq!(source(text, "f\u{e9}见"), "fe\u{301} 见");
        assert_eq!(source(text, "1"), "①");
    }

    #[test]
    fn odd_ranges_give_something_sensible() {
        let folded = Folded::new(" 县 长 ");
        assert_eq!(folded.as_str(), "县长");
        assert_eq!(folded.original_chars(0..6), 1..4);
        assert_eq!(folded.original_chars(1..2), 1..2);
        assert_eq!(folded.original_chars(3..3), 3..3);
        assert_eq!(folded.original_chars(6..6), 5..5);
        assert_eq!(folded.original_chars(4..usize::MAX), 3..4);
        assert_eq!(folded.original_chars(usize::MAX..usize::MAX), 5..5);
        #[expect(clippy::reversed_empty_ranges, reason = "a caller's slip must not be a panic")]
        let reversed = folded.original_chars(5..2);
        assert!(reversed.is_empty());
        assert_eq!(Folded::new("").original_chars(0..0), 0..0);
    }

    proptest! {
        #[test]
        fn folded_text_and_origins_agree(text in awkward()) {
            let folded = Folded::new(&text);
            prop_assert_eq!(folded.as_str(), fold(&text));
            let n_chars = text.chars().count();
            let mut last = 0..0;
            for (byte, c) in folded.as_str().char_indices() {
                let range = folded.original_chars(byte..byte + c.len_utf8());
                prop_assert!(!range.is_empty() && range.end <= n_chars);
                prop_assert!(range == last || range.start >= last.end);
                // The piece of the original gives the character again, whatever else it gives.
                prop_assert!(fold(&slice(&text, range.clone())).contains(c));
                prop_assert_eq!(&text[folded.original_bytes(byte..byte + 1)], slice(&text, range.clone()));
                last = range;
            }
            if !folded.as_str().is_empty() {
                prop_assert_eq!(folded.original_chars(0..folded.as_str().len()).end, last.end);
            }
        }
    }
}
