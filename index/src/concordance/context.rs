//! What stands before and behind a match, in the folded text of its paragraph.

use crate::{RowSort, occurrences::Match};

/// Characters that a context may be longer than asked for, so that it cuts no number and no Latin word.
const MAX_EXTENSION: usize = 20;

/// What rows are ordered by: a side of the match, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    order: Order,
    width: usize,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Before,
    BeforeOutwards,
    Behind,
}

impl Side {
    pub(super) fn of(sort: Option<RowSort>, width: usize) -> Self {
        let order = match sort {
            Some(RowSort::Left) => Order::Before,
            Some(RowSort::LeftOutwards) => Order::BeforeOutwards,
            _ => Order::Behind,
        };
        Self { order, width }
    }

    /// What [`key`] makes of the context of a match.
    ///
    /// Every occurrence is asked for it, from a place that is in no cache. Four characters of one unit each are taken as they
    /// stand, in so few steps that the processor goes on to the next occurrences while it waits for this one.
    pub(super) fn key(self, text: &[u8], place: &Match) -> u64 {
        let (start, end) = (place.start as usize * 2, place.end as usize * 2);
        let plain = match self.order {
            _ if self.width < 4 => None,
            Order::Before => plain_start(text, start, self.width)
                .filter(|from| from + 8 <= start)
                .and_then(|from| four_units(text, from)),
            Order::BeforeOutwards => start.checked_sub(8).and_then(|from| {
                let [a, b, c, d] = four_units(text, from)?;
                Some([d, c, b, a])
            }),
            Order::Behind => four_units(text, end),
        };
        match plain {
            Some(units) => units.iter().fold(0, |key, unit| key << 16 | u64::from(*unit)),
            None => key(self.context(text, place)),
        }
    }

    /// The context of a match, read in the order that is asked for.
    pub(super) fn context<'a>(self, text: &'a [u8], place: &Match) -> Context<'a> {
        match self.order {
            Order::Before => Context::before(text, place.start, self.width),
            Order::BeforeOutwards => Context::left(text, place.start, self.width),
            Order::Behind => Context::right(text, place.end, self.width),
        }
    }
}

/// The characters beside a match, read outwards from it (but see [`Context::before`]), up to the end of the paragraph.
#[derive(Clone, Debug)]
pub(super) struct Context<'a> {
    /// What is left of the text on that side: units of two bytes.
    text: &'a [u8],
    is_left: bool,
    /// Characters still to come, and how many more if they belong to a word that would be cut.
    width: usize,
    extension: usize,
    last: char,
}

impl<'a> Context<'a> {
    /// Before the unit `start`.
    pub(super) fn left(text: &'a [u8], start: u32, width: usize) -> Self {
        Self::new(text.get(..start as usize * 2), true, width)
    }

    /// From the unit `end` on.
    pub(super) fn right(text: &'a [u8], end: u32, width: usize) -> Self {
        Self::new(text.get(end as usize * 2..), false, width)
    }

    /// What [`Self::left`] gives, read from its first character to the match.
    fn before(text: &'a [u8], start: u32, width: usize) -> Self {
        let end = start as usize * 2;
        let from = plain_start(text, end, width).unwrap_or_else(|| {
            let units: usize = Self::left(text, start, width).map(char::len_utf16).sum();
            end - units * 2
        });
        Self {
            text: text.get(from..end).unwrap_or_default(),
            is_left: false,
            // It has been cut already.
            width: usize::MAX,
            extension: 0,
            last: '\n',
        }
    }

    fn new(text: Option<&'a [u8]>, is_left: bool, width: usize) -> Self {
        Self {
            text: text.unwrap_or_default(),
            is_left,
            width,
            extension: MAX_EXTENSION,
            last: '\n',
        }
    }

    /// The next unit outwards.
    fn unit(&mut self) -> Option<u16> {
        let unit;
        if self.is_left {
            (self.text, unit) = self.text.split_last_chunk::<2>()?;
        } else {
            (unit, self.text) = self.text.split_first_chunk::<2>()?;
        }
        Some(u16::from_le_bytes(*unit))
    }

    /// The next character outwards.
    fn char(&mut self) -> Option<char> {
        let unit = self.unit()?;
        if let Some(c) = char::from_u32(unit.into()) {
            return Some(c);
        }
        let other = self.unit()?;
        let pair = if self.is_left {
            [other, unit]
        } else {
            [unit, other]
        };
        char::decode_utf16(pair).next()?.ok()
    }
}

impl Iterator for Context<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let c = self.char().filter(|c| *c != '\n');
        let is_shown = match c {
            None => false,
            Some(_) if self.width > 0 => {
                self.width -= 1;
                true
            }
            Some(c) if self.extension > 0 => {
                self.extension -= 1;
                is_in_word(c) && is_in_word(self.last)
            }
            Some(_) => false,
        };
        if !is_shown {
            (self.text, self.width, self.extension) = (&[], 0, 0);
            return None;
        }
        self.last = c?;
        c
    }
}

/// The byte that `width` characters before another begin at, or their paragraph. `None` where that takes a closer look: for
/// characters of two units, and where a word would be cut. Every occurrence is asked this when rows are ordered by it.
fn plain_start(text: &[u8], end: usize, width: usize) -> Option<usize> {
    let (units, _) = text.get(..end)?.as_chunks::<2>();
    let at = units.len().saturating_sub(width);
    let is_odd = |unit: &[u8; 2]| matches!(u16::from_le_bytes(*unit), 0x0a | 0xd800..=0xdfff);
    // Most contexts have none, which all units at once tell sooner than one after the other.
    if units[at..].iter().fold(false, |any, unit| any | is_odd(unit)) {
        let last = at + units[at..].iter().rposition(is_odd)?;
        let is_line_end = units[last] == [b'\n', 0];
        return is_line_end.then_some((last + 1) * 2);
    }
    let is_cut = |unit: &[u8; 2]| char::from_u32(u16::from_le_bytes(*unit).into()).is_none_or(is_in_word);
    match at > 0 && is_cut(&units[at - 1]) {
        true => None,
        false => Some(at * 2),
    }
}

/// Four units in a row, if each is a character that [`key`] takes as it is.
fn four_units(text: &[u8], from: usize) -> Option<[u16; 4]> {
    let (units, _) = text.get(from..from + 8)?.as_chunks::<2>();
    let units = [units[0], units[1], units[2], units[3]].map(u16::from_le_bytes);
    let is_odd = |unit: u16| matches!(unit, 0x0a | 0xd800..=0xdfff | 0xffff);
    let is_any_odd = units.iter().fold(false, |any, unit| any | is_odd(*unit));
    (!is_any_odd).then_some(units)
}

/// Whether a character belongs to a number or a Latin word.
fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '%')
}

/// A number that contexts are compared by before anything else: no context with a smaller one comes later.
pub(super) fn key(mut context: impl Iterator<Item = char>) -> u64 {
    (0..4).fold(0, |key, nth| {
        // Behind a character beyond the basic plane, which two bytes do not tell from others, nothing is compared.
        let next = match context.next().map_or(0, u64::from) {
            _ if nth > 0 && key & LAST == LAST => LAST,
            next => next.min(LAST),
        };
        key << 16 | next
    })
}

/// What stands for all characters beyond the basic plane.
const LAST: u64 = 0xffff;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn sides(text: &str, matched: &str, width: usize) -> (String, String) {
        let at = text.find(matched).unwrap();
        let units = |part: &str| part.encode_utf16().count() as u32;
        let (start, end) = (units(&text[..at]), units(&text[..at + matched.len()]));
        let bytes = bytes(text);
        let left: Vec<char> = Context::left(&bytes, start, width).collect();
        (
            left.into_iter().rev().collect(),
            Context::right(&bytes, end, width).collect(),
        )
    }

    #[test]
    fn contexts_end_with_the_paragraph_and_cut_no_number() {
        let of = |text: &str, width| {
            let (left, right) = sides(text, "法治", width);
            format!("{left}|{right}")
        };
        assert_eq!(of("前段\n推进法治政府\n后段", 30), "推进|政府");
        assert_eq!(of("甲乙丙法治丁戊己", 2), "乙丙|丁戊");
        assert_eq!(of("增2023法治98.38%以上", 1), "2023|98.38%");
        assert_eq!(of("a😀𠀀法治𠀀😀b", 2), "😀𠀀|𠀀😀");
        assert_eq!(of("法治", 5), "|");
        let digits = "1".repeat(100);
        assert_eq!(
            of(&format!("法治{digits}"), 3).chars().count(),
            1 + 3 + MAX_EXTENSION
        );
    }

    proptest! {
        #[test]
        fn what_stands_before_is_read_both_ways(text in "[甲乙a1.\n😀]{0,40}", width in 1usize..12) {
            let bytes = bytes(&text);
            let start = (bytes.len() / 2) as u32;
            let mut outwards: Vec<char> = Context::left(&bytes, start, width).collect();
            outwards.reverse();
            prop_assert_eq!(Context::before(&bytes, start, width).collect::<Vec<_>>(), outwards);
        }

        #[test]
        fn keys_are_those_of_the_contexts(text in "[甲乙a1.\n😀\u{ffff}]{0,40}", place in 0.0..1.0, width in 1usize..12) {
            let bytes = bytes(&text);
            let start = ((bytes.len() / 2) as f64 * place) as u32;
            let place = Match { start, end: start, group: 0 };
            for order in [Order::Before, Order::BeforeOutwards, Order::Behind] {
                let side = Side { order, width };
                prop_assert_eq!(side.key(&bytes, &place), key(side.context(&bytes, &place)), "{:?}", order);
            }
        }

        #[test]
        fn keys_are_in_the_order_of_contexts(a in "[甲a\u{ffff}\u{10000}😀]{0,6}", b in "[甲a\u{ffff}\u{10000}😀]{0,6}") {
            if key(a.chars()) < key(b.chars()) {
                prop_assert!(a < b);
            }
        }
    }
}
