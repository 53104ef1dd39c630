//! Folding: which strings count as the same.
//!
//! The rule, in this order: NFKC; lower case character by character; drop every character of White_Space or of
//! category Cf; one form of each bracket, quote, dash and zero. It holds for one paragraph or title at a time: NFKC
//! may join the last character of one string with the first of the next, so folds must not be glued together. Lower
//! case and dropping come after NFKC, so folding twice may differ from folding once where a combining mark stood
//! behind a dropped character; nothing here relies on it.
//!
//! The text is cut into *clusters* that normalise independently of each other (`clusters`). Nearly all are single
//! characters, for which no buffer is needed. [`Folded`] remembers for each cluster where it came from.

use std::ops::Range;

use unicode_normalization::{
    IsNormalized, UnicodeNormalization,
    char::{canonical_combining_class, decompose_compatible},
    is_nfc_quick,
};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

mod origin;

pub use origin::Folded;

/// Folds `text` by the rule of an exact match: NFKC, lower case, no white space or format characters, one form of
/// each bracket, quote, dash and zero.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    clusters(text, |_, piece| match piece {
        Piece::Char(c) => folded.push(c),
        Piece::Text(s) => folded.push_str(s),
    });
    folded
}

/// What one cluster folds to.
enum Piece<'a> {
    /// The cluster is one character and so is its fold.
    Char(char),
    /// Anything else, the empty string included.
    Text(&'a str),
}

/// Hands over the clusters of `text` from left to right: bytes of the cluster and what it folds to.
fn clusters(text: &str, mut emit: impl FnMut(Range<usize>, Piece<'_>)) {
    let mut buffer = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        match chars.peek() {
            Some(&(_, next)) if !starts_cluster(next) => {
                let mut end = start;
                while let Some((at, next)) = chars.next_if(|&(_, next)| !starts_cluster(next)) {
                    end = at + next.len_utf8();
                }
                fold_into(&text[start..end], &mut buffer);
                emit(start..end, Piece::Text(&buffer));
            }
            _ => {
                let range = start..start + c.len_utf8();
                match fold_common(c) {
                    Common::Char(c) => emit(range, Piece::Char(c)),
                    Common::Dropped => emit(range, Piece::Text("")),
                    Common::Other => {
                        fold_into(&text[range.clone()], &mut buffer);
                        emit(range, Piece::Text(&buffer));
                    }
                }
            }
        }
    }
}

/// The rule itself, on one cluster.
fn fold_into(cluster: &str, buffer: &mut String) {
    buffer.clear();
    let lower = cluster.nfkc().flat_map(char::to_lowercase);
    buffer.extend(lower.filter(|&c| !is_dropped(c)).map(unify));
}

fn is_dropped(c: char) -> bool {
    c.is_whitespace() || (!c.is_ascii() && c.general_category() == GeneralCategory::Format)
}

/// One form of each bracket, quote, dash and zero.
fn unify(c: char) -> char {
    match c {
        '〔' | '【' | '〖' | '{' => '[',
        '〕' | '】' | '〗' | '}' => ']',
        '“' | '”' | '„' | '「' | '」' | '『' | '』' => '"',
        '‘' | '’' => '\'',
        '—' | '–' | '―' | '‒' | '−' => '-',
        '○' => '〇',
        _ => c,
    }
}

enum Common {
    Char(char),
    Dropped,
    Other,
}

/// Folds the characters that official texts consist of without asking the Unicode tables.
fn fold_common(c: char) -> Common {
    match c {
        '\u{4e00}'..='\u{9fff}' | '、' | '。' | '〈'..='》' | '\u{3400}'..='\u{4dbf}' => Common::Char(c),
        '\0'..='\x7f' => fold_ascii(c),
        // The full-width forms of `!` to `~`.
        '\u{ff01}'..='\u{ff5e}' => {
            fold_ascii(char::from_u32(c as u32 - 0xfee0).expect("full-width forms map onto ASCII"))
        }
        '\u{3000}' | '\u{2002}'..='\u{2009}' | '\u{a0}' | '\u{200b}' | '\u{feff}' => Common::Dropped,
        '“' | '”' | '‘' | '’' | '—' | '–' | '〔' | '〕' | '【' | '】' => {
            Common::Char(unify(c))
        }
        _ => Common::Other,
    }
}

fn fold_ascii(c: char) -> Common {
    match c {
        c if c.is_whitespace() => Common::Dropped,
        c => Common::Char(unify(c.to_ascii_lowercase())),
    }
}

/// Whether normalisation can cut before `c`: it begins with a starter that never composes with what precedes it.
fn starts_cluster(c: char) -> bool {
    match c {
        // Blocks without combining marks. The rest of this function says the same of them, slowly.
        '\0'..='\u{2ff}' | '\u{2000}'..='\u{20cf}' | '\u{3000}'..='\u{3029}' => true,
        '\u{3400}'..='\u{9fff}' | '\u{ff01}'..='\u{ff60}' => true,
        _ => starts_cluster_by_table(c),
    }
}

fn starts_cluster_by_table(c: char) -> bool {
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) == 0 && is_nfc_quick(std::iter::once(first)) != IsNormalized::Maybe
}

/// Number of Han characters (Unicode script Han) in `text`.
pub fn han_chars(text: &str) -> usize {
    text.chars().filter(|&c| is_han(c)).count()
}

/// Whether `c` is of the Unicode script Han, as of Unicode 17 (`Scripts.txt`); 々 and 〇 are.
pub(crate) fn is_han(c: char) -> bool {
    match c {
        '\u{4e00}'..='\u{9fff}' => true,
        '\0'..='\u{2e7f}' => false,
        _ => matches!(c,
            '\u{2e80}'..='\u{2e99}' | '\u{2e9b}'..='\u{2ef3}' | '\u{2f00}'..='\u{2fd5}'
            | '\u{3005}' | '\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303b}'
            | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{fa6d}' | '\u{fa70}'..='\u{fad9}'
            | '\u{16fe2}' | '\u{16fe3}' | '\u{16ff0}'..='\u{16ff6}'
            | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b81d}' | '\u{2b820}'..='\u{2cead}'
            | '\u{2ceb0}'..='\u{2ebe0}' | '\u{2ebf0}'..='\u{2ee5d}' | '\u{2f800}'..='\u{2fa1d}'
            | '\u{30000}'..='\u{3134a}' | '\u{31350}'..='\u{33479}'),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule as it is written down, on the whole string.
    fn by_the_book(text: &str) -> String {
        text.nfkc()
            .flat_map(char::to_lowercase)
            .filter(|&c| !is_dropped(c))
            .map(unify)
            .collect()
    }

    fn all_chars() -> impl Iterator<Item = char> {
        (0..=0x10_ffff).filter_map(char::from_u32)
    }

    #[test]
    fn spellings_of_one_thing_fold_to_one_string() {
        let same = |spellings: &[&str]| {
            for other in spellings {
                assert_eq!(fold(other), fold(spellings[0]), "{other}");
            }
        };
        same(&[
            "海政办发〔2023〕34号",
            "海政办发【2023】34号",
            "海政办发[2023] 34 号",
            "海政办发〖２０２３〗34号",
        ]);
        same(&[
            "“放管服”改革",
            "\"放管服\"改革",
            "「放管服」 改革",
            "『放\u{200b}管服』改革",
            "＂放管服＂改革",
        ]);
        same(&[
            "2016—2020年",
            "2016–2020年",
            "2016-2020年",
            "2016−２０２０年",
            "2016 － 2020年",
        ]);
        same(&["二〇二一年", "二○二一年"]);
        same(&["PM2.5", "pm２．５", "Ｐm 2.5"]);
        same(&["①㈠㎡", "1(一)m2"]);
        assert_eq!(fold("、。《〈》〉·•…!"), "、。《〈》〉·•...!");
        assert_eq!(fold("ΟΔΟΣ"), "οδοσ", "no final sigma");
        assert_eq!(fold(" \u{3000}\u{feff}\u{ad}\t\n"), "");
    }

    #[test]
    fn single_characters_fold_by_the_rule() {
        for c in all_chars() {
            let s = c.to_string();
            assert_eq!(fold(&s), by_the_book(&s), "U+{:04X}", c as u32);
            assert_eq!(
                starts_cluster(c),
                starts_cluster_by_table(c),
                "U+{:04X}",
                c as u32
            );
        }
    }

    #[test]
    fn han_is_the_unicode_script() {
        let han = regex::Regex::new(r"^\p{Han}$").unwrap();
        let unassigned = regex::Regex::new(r"^\p{Cn}$").unwrap();
        for c in all_chars() {
            let s = c.to_string();
            // The tables of the regex crate may be a version older or newer than ours.
            let known = han.is_match(&s);
            assert!(
                known == is_han(c) || unassigned.is_match(&s),
                "U+{:04X} {known}",
                c as u32
            );
        }
        assert_eq!(han_chars("二〇二一年, 2021年 ok々、。“"), 7);
    }

    /// Characters that interact: marks, jamo, Indic vowels, characters that are dropped or mapped.
    pub(super) fn awkward() -> impl Strategy<Value = String> {
        let pool: Vec<char> = "ab İΣſé가ㄱ각각县○〇〔{“— \u{200b}\u{ad}\u{301}\u{307}\u{323}\u{345}\u{9be}\u{9c7}\
            \u{dcf}\u{dd9}\u{1161}\u{11a8}\u{3099}か①㎡ﷺ\u{2f800}\u{1d15f}\u{ff9e}ｶ\u{a8}\u{b4}\u{f71}\u{f73}\n"
            .chars()
            .collect();
        let one = prop_oneof![4 => proptest::sample::select(pool), 1 => any::<char>()];
        proptest::collection::vec(one, 0..24).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn folding_by_clusters_is_folding_the_whole(text in awkward()) {
            prop_assert_eq!(fold(&text), by_the_book(&text));
        }

        #[test]
        fn folding_ordinary_text_twice_changes_nothing(text in "[一-龥A-Za-z０-９（）〔〕“”—、。 \u{3000}○㎡①]{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
