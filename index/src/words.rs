//! Words: jieba with one dictionary for the whole program, and what of its cut counts as a term.
//!
//! Words decide which terms a bare query has and take part in the ranking. They never decide whether a report
//! contains a string: that is read off its characters, wherever the segmenter would cut.

use std::{collections::HashSet, sync::LazyLock};

use jieba_rs::Jieba;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Number of the dictionary: rises with every change of what a text is cut into, because an index holds what its texts
/// were cut into. A test knows the digest of the files it stands for.
pub(crate) const DICTIONARY_VERSION: u32 = 3;

/// Terms of the field and names of organs that the general dictionary lacks, one a line; `#` begins a comment.
const TERMS: [&str; 2] = [include_str!("words/terms.txt"), include_str!("words/organs.txt")];

/// Short forms of divisions that stand in other words and across words too often to be words, one a line.
const NO_STEMS: &str = include_str!("words/no-stems.txt");

/// Words that are left out of bare terms. `docs/query.md` lists them for users; a test keeps the two together.
pub(crate) const STOP_WORDS: &[&str] = &[
    "的", "了", "和", "与", "及", "或", "在", "是", "也", "都", "就", "而", "着", "之", "吗", "呢", "吧",
    "啊",
];

/// Characters of words that ask or join: they hardly ever tell what a question is about.
const FUNCTION_CHARS: &str = include_str!("words/function-characters.txt");

/// The general dictionary, the terms of the field, and the names of all divisions of today and of the past with their
/// short forms.
static JIEBA: LazyLock<Jieba> = LazyLock::new(|| {
    let mut jieba = Jieba::new();
    for word in added(&jieba) {
        jieba.add_word(&word, None, None);
    }
    jieba
});

/// The words that are added to a general dictionary, folded.
fn added(general: &Jieba) -> Vec<String> {
    let names: Vec<&str> = report::divisions()
        .iter()
        .flat_map(|region| std::iter::once(region.name).chain(region.former_names.iter().copied()))
        .collect();
    // What the general dictionary knows (朝阳, 城区, 合作) has its frequency there.
    let kept_out: HashSet<&str> = lines(NO_STEMS).collect();
    let stems = names
        .iter()
        .filter_map(|name| stem(name))
        .filter(|stem| !kept_out.contains(stem) && !general.has_word(stem));
    // Names of two characters (范县, 城区) are parts of common phrases; the general dictionary knows the usual ones.
    let whole = names.iter().copied().filter(|name| name.chars().nth(2).is_some());
    let terms = TERMS.into_iter().flat_map(lines);
    terms.chain(whole).chain(stems).map(report::fold).collect()
}

static FUNCTION: LazyLock<HashSet<char>> =
    LazyLock::new(|| lines(FUNCTION_CHARS).flat_map(str::chars).collect());

/// Lines of a file of words.
fn lines(file: &str) -> impl Iterator<Item = &str> {
    file.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The short form of a division's name: 常宁 of 常宁市; `None` when it has less than two characters.
fn stem(name: &str) -> Option<&str> {
    let suffixes = [
        "自治区",
        "自治州",
        "自治县",
        "自治旗",
        "地区",
        "林区",
        "特区",
        "矿区",
        "省",
        "市",
        "州",
        "盟",
        "县",
        "区",
        "旗",
    ];
    let stem = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix))?;
    stem.chars().nth(1).map(|_| stem)
}

/// Whether a character belongs to words that ask or join.
pub(crate) fn is_function_char(c: char) -> bool {
    FUNCTION.contains(&c)
}

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
        '\n' | ',' | '。' | '、' | ';' | ':' | '(' | ')' | '"' | '.' | '%' => true,
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
        for word in [
            "放管服",
            "双随机",
            "一网通办",
            "常宁市",
            "新津县",
            "内蒙古自治区",
            "容缺",
            "1+x",
            "依法治县委员会办公室",
            "依法治省委员会办公室",
            "全面依法治市委员会办公室",
            "法治建设议事协调机构",
            "法治政府建设示范创建",
            "全国法治政府建设示范地区",
        ] {
            assert_eq!(split(word).0, [word], "{word}");
        }
        let (terms, ignored) = split("常宁市的优化营商环境,和放管服。");
        assert_eq!(terms, ["常宁市", "优化", "营商环境", "放管服"]);
        assert_eq!(ignored, ["的", ",", "和", "。"]);
    }

    #[test]
    fn short_forms_of_divisions_are_words_unless_they_are_parts_of_others() {
        assert_eq!(split("闵行法治").0, ["闵行", "法治"]);
        assert_eq!(split("机构改革和政社分开").1, ["和"], "和政 is a county");
        assert_eq!(stem("内蒙古自治区"), Some("内蒙古"));
        assert_eq!(stem("范县"), None);
    }

    /// An index holds what its texts were cut into: whoever changes the words has to say so.
    #[test]
    fn the_version_tells_of_the_words() {
        let words = added(&Jieba::new()).join("\n");
        let digest = words.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        assert_eq!(
            (DICTIONARY_VERSION, digest),
            (3, 10_721_795_583_692_393_550),
            "other words: raise DICTIONARY_VERSION and put both numbers here"
        );
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
