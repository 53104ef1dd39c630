//! The strings of a query, and where a folded paragraph or title has them.
//!
//! All strings are looked for at once. Those that stand in the query only beside `NEAR` count where both sides of it do.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::texts::Needle;

/// Matches of one string kept in one paragraph.
const MAX_MATCHES: usize = 2_000;
/// Matches of all strings looked at in one paragraph.
const MAX_LOOKED_AT: usize = 200_000;
/// Bytes of all strings up to which the fastest search is prepared.
const MAX_FAST_BYTES: usize = 400;
/// Strings up to which each is looked for by itself to tell which paragraphs have any.
const MAX_NEEDLES: usize = 8;

/// What paragraphs end with.
const LINE_END: [u8; 2] = [b'\n', 0];

/// What to look for, folded.
#[derive(Clone, Default)]
pub(super) struct Wanted<'a> {
    /// Strings that count wherever they stand.
    pub(super) strings: Vec<&'a str>,
    /// Strings that count near each other, and how many characters may stand between them.
    pub(super) pairs: Vec<([&'a str; 2], u32)>,
}

/// Strings to look for.
pub(super) struct Strings {
    /// `None` when there is nothing to look for.
    automaton: Option<AhoCorasick>,
    /// The strings one by one, unless they are many.
    needles: Option<Vec<Needle>>,
    /// What finding each is worth: long strings say more than short ones.
    pub(super) worths: Vec<usize>,
    /// Characters of each.
    lengths: Vec<usize>,
    /// Whether each counts wherever it stands.
    counts_alone: Vec<bool>,
    /// Numbers of the strings of each `NEAR`, and its distance.
    pairs: Vec<([usize; 2], usize)>,
}

/// A string found in a folded paragraph: its number and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) string: usize,
    pub(super) bytes: Range<usize>,
}

impl Strings {
    pub(super) fn new(wanted: &Wanted<'_>) -> Self {
        let sides = wanted.pairs.iter().flat_map(|(sides, _)| sides);
        let mut strings: Vec<&str> = wanted.strings.iter().chain(sides).copied().collect();
        strings.sort_unstable();
        strings.dedup();
        let number = |string: &str| strings.binary_search(&string).ok();
        let mut counts_alone = vec![false; strings.len()];
        for at in wanted.strings.iter().filter_map(|string| number(string)) {
            counts_alone[at] = true;
        }
        let pairs = wanted.pairs.iter().filter_map(|([left, right], distance)| {
            let distance = usize::try_from(*distance).ok()?;
            Some(([number(left)?, number(right)?], distance))
        });
        let pairs = pairs.collect();
        let n_bytes: usize = strings.iter().map(|string| string.len()).sum();
        // The fastest kind takes long to build for long strings. Building fails only on sizes far beyond the limits
        // of a query.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind((n_bytes > MAX_FAST_BYTES).then_some(AhoCorasickKind::ContiguousNFA))
            .build(&strings)
            .ok();
        let lengths: Vec<usize> = strings.iter().map(|string| string.chars().count()).collect();
        let needles = (strings.len() <= MAX_NEEDLES)
            .then(|| strings.iter().map(|string| Needle::new(string)).collect());
        Self {
            needles,
            automaton: automaton.filter(|_| !strings.is_empty()),
            worths: lengths.iter().map(|length| (*length).min(8)).collect(),
            lengths,
            counts_alone,
            pairs,
        }
    }

    /// The paragraphs of a folded text that may have some of the strings, with their numbers. The text comes as units of
    /// UTF-16, two bytes each. Most paragraphs of most texts have none, which reading the units tells several times as fast
    /// as [`Self::find`] does.
    pub(super) fn paragraphs_with(&self, text: &[u8]) -> Vec<(usize, String)> {
        let mut places: Option<Vec<usize>> = self.needles.as_ref().map(|needles| {
            let each = needles.iter().flat_map(|needle| needle.places(text));
            each.collect()
        });
        if let Some(places) = &mut places {
            places.sort_unstable();
        }
        let (units, _) = text.as_chunks::<2>();
        let mut found = Vec::new();
        let (mut begin, mut next) = (0, 0);
        for (nth, paragraph) in units.split(|unit| *unit == LINE_END).enumerate() {
            let end = begin + paragraph.len();
            let has_any = match &places {
                None => true,
                Some(places) => {
                    let before = next;
                    next += places[next..].iter().take_while(|place| **place < end).count();
                    next > before
                }
            };
            if has_any {
                let units = paragraph.iter().map(|unit| u16::from_le_bytes(*unit));
                let chars = char::decode_utf16(units);
                found.push((
                    nth,
                    chars.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
                ));
            }
            begin = end + 1;
        }
        found
    }

    /// Every place in a folded text that shows why it matches, overlapping ones too, by beginning.
    pub(super) fn find(&self, text: &str) -> Vec<Found> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let mut numbers: Vec<usize> = Vec::new();
        let mut found = Vec::new();
        for place in automaton.find_overlapping_iter(text).take(MAX_LOOKED_AT) {
            // Most paragraphs have none.
            if numbers.is_empty() {
                numbers.resize(self.worths.len(), 0);
            }
            let string = place.pattern().as_usize();
            // A string that stands everywhere hides no other.
            if numbers[string] < MAX_MATCHES {
                numbers[string] += 1;
                let bytes = place.range();
                found.push(Found { string, bytes });
            }
        }
        found.sort_unstable_by_key(|found| (found.bytes.start, found.bytes.end));
        if !self.pairs.is_empty() && !found.is_empty() {
            self.keep_near(text, &mut found);
        }
        found
    }

    /// Drops strings that count near others only, and stand alone.
    fn keep_near(&self, text: &str, found: &mut Vec<Found>) {
        let (mut byte, mut char) = (0, 0);
        let starts: Vec<usize> = found
            .iter()
            .map(|found| {
                char += text[byte..found.bytes.start].chars().count();
                byte = found.bytes.start;
                char
            })
            .collect();
        let mut is_kept: Vec<bool> = found
            .iter()
            .map(|found| self.counts_alone[found.string])
            .collect();
        for (sides, distance) in &self.pairs {
            let [left, right] = sides.map(|side| Side {
                length: self.lengths[side],
                places: (0..found.len())
                    .filter(|at| found[*at].string == side)
                    .map(|at| (starts[at], at))
                    .collect(),
            });
            for (first, second) in [(&left, &right), (&right, &left)] {
                for at in near(first, second, *distance) {
                    is_kept[at] = true;
                }
            }
        }
        let mut kept = is_kept.into_iter();
        found.retain(|_| kept.next().unwrap_or(false));
    }
}

/// One side of a `NEAR` in one paragraph.
struct Side {
    /// Characters of the string.
    length: usize,
    /// First character and number of each match, ascending.
    places: Vec<(usize, usize)>,
}

/// Numbers of the matches of `first` that a `second` follows closely enough, and of these.
fn near(first: &Side, second: &Side, distance: usize) -> Vec<usize> {
    let mut near = Vec::new();
    // The nearest on the other side decides.
    for (start, at) in &first.places {
        let end = start + first.length;
        let next = second.places.partition_point(|(other, _)| *other < end);
        if second
            .places
            .get(next)
            .is_some_and(|(other, _)| other - end <= distance)
        {
            near.push(*at);
        }
    }
    for (start, at) in &second.places {
        let behind = first
            .places
            .partition_point(|(other, _)| other + first.length <= *start);
        let last = first.places[..behind].last();
        if last.is_some_and(|(other, _)| start - (other + first.length) <= distance) {
            near.push(*at);
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(strings: &Strings, text: &'t str) -> Vec<(usize, &'t str)> {
        let found = strings.find(text).into_iter();
        found
            .map(|found| (found.bytes.start, &text[found.bytes]))
            .collect()
    }

    #[test]
    fn strings_beside_near_count_where_both_are_near() {
        let mut wanted = Wanted {
            strings: vec!["x"],
            pairs: vec![(["ab", "cd"], 3)],
        };
        let strings = Strings::new(&wanted);
        assert_eq!(found(&strings, "ab....cd"), []);
        assert_eq!(found(&strings, "ab...cd"), [(0, "ab"), (5, "cd")]);
        assert_eq!(
            found(&strings, "cd甲乙丙ab甲cd....x..ab"),
            [(0, "cd"), (11, "ab"), (16, "cd"), (22, "x")]
        );
        wanted.strings.push("ab");
        assert_eq!(found(&Strings::new(&wanted), "ab....cd"), [(0, "ab")]);
        let twice = Strings::new(&Wanted {
            strings: vec![],
            pairs: vec![(["aa", "aa"], 0)],
        });
        assert_eq!(found(&twice, "aaa"), [], "they overlap");
        assert_eq!(found(&twice, "aaaa"), [(0, "aa"), (2, "aa")]);
    }

    #[test]
    fn no_string_hides_another() {
        let strings = Strings::new(&Wanted {
            strings: vec!["的", "法治"],
            pairs: vec![],
        });
        let text = format!("{}法治", "的".repeat(MAX_MATCHES + 10));
        let found = strings.find(&text);
        assert_eq!(found.len(), MAX_MATCHES + 1);
        assert_eq!(&text[found[MAX_MATCHES].bytes.clone()], "法治");
    }
}
