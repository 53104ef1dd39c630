//! Which words of a run belong together: terms of the synonyms, names of divisions, and words that jieba cut to pieces
//! because they are in traditional characters. The longest counts, from the left.

use std::collections::HashSet;

use super::{Synonyms, regions, scripts, synonyms};
use crate::{
    query::BareTerm,
    words::{self, Piece},
};

/// Words that are looked up together.
pub(super) struct Span<'a> {
    /// Those that count, one at least.
    pub(super) words: Vec<&'a str>,
    /// What they are looked up by: simplified characters, no punctuation.
    pub(super) key: String,
}

/// The spans of a run's words, each once.
pub(super) fn spans<'a>(terms: &'a [BareTerm], synonyms: &Synonyms) -> Vec<Span<'a>> {
    let pieces: Vec<&Piece> = terms.iter().flat_map(|term| &term.pieces).collect();
    let keys: Vec<String> = pieces.iter().map(|piece| synonyms::key(&piece.text)).collect();
    let word_ends = word_ends(terms);
    let mut spans = Vec::new();
    let mut seen: HashSet<Vec<&str>> = HashSet::new();
    let mut at = 0;
    while at < pieces.len() {
        let (end, key) = longest(synonyms, &keys, at, word_ends[at]);
        let words = pieces[at..end].iter().filter(|piece| !piece.ignored);
        let words: Vec<&str> = words.map(|piece| piece.text.as_str()).collect();
        at = end;
        if !words.is_empty() && seen.insert(words.clone()) {
            spans.push(Span { words, key });
        }
    }
    spans
}

/// Where the longest span ends that begins at a piece, and what it is looked up by. `word_end` is where the word ends that
/// begins there.
fn longest(synonyms: &Synonyms, keys: &[String], at: usize, word_end: usize) -> (usize, String) {
    let mut joined = String::new();
    let mut best = (word_end, keys[at..word_end].concat());
    for (nth, key) in keys.iter().enumerate().skip(at) {
        joined.push_str(key);
        if joined.len() > synonyms.longest().max(regions::LONGEST) {
            break;
        }
        // Punctuation at the end belongs to nothing.
        let is_known = || synonyms.of(&joined).is_some() || nth > at && regions::is_name(&joined);
        if !key.is_empty() && nth + 1 >= best.0 && is_known() {
            best = (nth + 1, joined.clone());
        }
    }
    best
}

/// Where the word ends that begins at each piece of some terms: behind the piece, or, where a term is in traditional
/// characters and jieba finds a longer word in its simplified form, behind the last piece of that.
fn word_ends(terms: &[BareTerm]) -> Vec<usize> {
    let mut ends: Vec<usize> = Vec::new();
    for term in terms {
        let first = ends.len();
        ends.extend((first..first + term.pieces.len()).map(|at| at + 1));
        let simplified = scripts::simplified(&term.folded);
        if simplified == term.folded {
            continue;
        }
        // Both scripts have as many characters, so pieces and words can be laid over each other.
        let places = |pieces: &[Piece]| {
            let mut place = 0;
            let places = pieces.iter().map(|piece| {
                place += piece.text.chars().count();
                place
            });
            std::iter::once(0)
                .chain(places.collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        let words = words::cut(&simplified);
        let (pieces, words) = (places(&term.pieces), places(&words));
        for word in words.windows(2) {
            if let [Ok(start), Ok(end)] = [word[0], word[1]].map(|place| pieces.binary_search(&place)) {
                ends[first + start] = first + end;
            }
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, file: &str) -> Vec<String> {
        let terms: Vec<_> = text
            .split(' ')
            .map(|term| BareTerm::new(term.to_owned()))
            .collect();
        let synonyms = Synonyms::parse(file).unwrap();
        let spans = spans(&terms, &synonyms);
        spans.into_iter().map(|span| span.key).collect()
    }

    #[test]
    fn the_longest_term_counts() {
        let file = "放管服 => 甲\n放管服改革 => 乙\n改革办公室 => 丙";
        assert_eq!(
            keys("深化放管服改革办公室", file),
            ["深化", "放管服改革", "办公室"]
        );
        assert_eq!(keys("放管服、改革 放管服", file), ["放管服改革", "放管服"]);
        assert_eq!(keys("，放管服。的", file), ["放管服"]);
    }

    #[test]
    fn words_in_traditional_characters_are_whole() {
        assert_eq!(keys("優化營商環境", ""), ["优化", "营商环境"]);
        assert_eq!(keys("新津縣 法治", ""), ["新津县", "法治"]);
        assert_eq!(
            keys("簡政放權，優化服務", "简政放权，优化服务"),
            ["简政放权", "优化服务"]
        );
    }
}
