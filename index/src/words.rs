//! Words: jieba with one dictionary for the whole program, and what of its cut counts as a term.
//!
//! Words decide which terms a bare query has and take part in the ranking. They never decide whether a report
//! contains a string: that is read off its characters, wherever the segmenter would cut.

use std::sync::LazyLock;

use jieba_rs::Jieba;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Terms of the field that the general dictionary lacks, one a line; `#` begins a comment.
const DICTIONARY: &str = include_str!("words/dictionary.txt");

/// Words that are left out of bare terms. `docs/query.md` lists them for users; a test keeps the two together.
pub(crate) const STOP_WORDS: &[&str] = &[
    "的", "了", "和", "与", "及", "或", "在", "是", "也", "都", "就", "而", "着", "之", "吗", "呢", "吧",
    "啊",
];

/// The general dictionary, the terms of the field, and the names of all divisions of today and of the past.
static JIEBA: LazyLock<Jieba> = LazyLock::new(|| {
    let mut jieba = Jieba::new();
    let terms = DICTIONARY
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names = report::divisions().iter();
    let names =
        names.flat_map(|region| std::iter::once(region.name).chain(region.former_names.iter().copied()));
    // Names of two characters (范县, 城区) are parts of common phrases; the general dictionary knows the usual ones.
    for word in terms.chain(names.filter(|name| name.chars().nth(2).is_some())) {
        jieba.add_word(&report::fold(word), None, None);
    }
    jieba
});

/// Loads the dictionary, which takes some tenths of a second; otherwise the first query or report does.
pub fn warm_up() {
    LazyLock::force(&JIEBA);
    crate::loose::warm_up();
}

/// A piece of a folded bare term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Punctuation, or a stop word.
    pub(crate) ignored: bool,
}

/// jieba's plain cut of a folded text, without guessing at unknown words. The pieces in order give the text back.
pub(crate) fn cut(folded: &str) -> Vec<Piece> {
    let pieces = JIEBA.cut(folded, false).into_iter().map(|token| Piece {
        text: token.word.to_owned(),
        ignored: is_punctuation(token.word) || STOP_WORDS.contains(&token.word),
    });
    pieces.collect()
}

/// Words of a folded text for ranking, the shorter words inside long ones included: bytes of each in the text.
pub(crate) fn cut_fine(folded: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let tokens = JIEBA.cut_for_search(folded, false).into_iter();
    tokens
        .filter(|token| !is_punctuation(token.word))
        .map(|token| token.byte_start..token.byte_end)
}

/// Whether a piece is nothing but punctuation (Unicode category P) and line ends. Signs such as % are part of
/// category P too; symbols such as + or an emoji are not.
pub(crate) fn is_punctuation(word: &str) -> bool {
    word.chars().all(|c| match c {
        // Nearly all there is, without asking the tables.
        '\u{4e00}'..='\u{9fff}' | '0'..='9' | 'a'..='z' => false,
        '\n' => true,
        c => c.general_category_group() == GeneralCategoryGroup::Punctuation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (Vec<String>, Vec<String>) {
        let (ignored, terms) = cut(text)
            .into_iter()
            .partition::<Vec<_>, _>(|piece| piece.ignored);
        let texts = |pieces: Vec<Piece>| pieces.into_iter().map(|piece| piece.text).collect();
        (texts(terms), texts(ignored))
    }

    #[test]
    fn terms_of_the_field_and_divisions_stay_whole() {
        for word in ["放管服", "双随机", "一网通办", "常宁市", "新津县", "内蒙古自治区"]
        {
            assert_eq!(split(word).0, [word], "{word}");
        }
        let (terms, ignored) = split("常宁市的优化营商环境,和放管服。");
        assert_eq!(terms, ["常宁市", "优化", "营商环境", "放管服"]);
        assert_eq!(ignored, ["的", ",", "和", "。"]);
    }

    #[test]
    fn users_are_told_what_is_left_out() {
        let page = include_str!("../../docs/query.md");
        let listed = page.lines().find_map(|line| line.strip_prefix("> ")).unwrap();
        assert_eq!(listed.split(' ').collect::<Vec<_>>(), STOP_WORDS);
    }

    #[test]
    fn nothing_is_lost_in_a_cut() {
        for text in [
            "",
            "pm2.5与5g",
            "😀a+b=c%",
            "〇二三年",
            "\u{20000}\u{1f468}x",
            "12345热线(试行)",
        ] {
            let again: String = cut(text).into_iter().map(|piece| piece.text).collect();
            assert_eq!(again, text);
        }
        assert_eq!(split("😀").0, ["😀"], "a symbol is a term");
    }
}
