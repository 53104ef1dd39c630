//! How folded text becomes index terms.
//!
//! | analyzer | terms of `ab\n` | for |
//! |---|---|---|
//! | `chars` | `a`, `b` | single characters, ranking |
//! | `words` | the words | ranking |
//! | `strings` | `a`, `ab`, `b`, with positions | short fields: title, issuer … |
//!
//! No term holds a line end. Longer strings, and places, are looked up in the texts themselves (`texts`).
//!
//! Of `chars` and `words` the index knows only how often a report has each. So they are given term by term and not place
//! by place: the table of terms, which fits no cache, is asked anew once for each different term of a report.

use std::{ops::Range, str::Chars};

use rustc_hash::FxHashMap;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::words;

/// Names of the analyzers, stored in the schema of an index.
pub(crate) const CHARS: &str = "chars";
pub(crate) const WORDS: &str = "words";
pub(crate) const STRINGS: &str = "strings";

/// Makes the analyzers known to an index.
pub(crate) fn register(manager: &TokenizerManager) {
    manager.register(CHARS, Characters::default());
    manager.register(STRINGS, Grams);
    manager.register(WORDS, Words);
}

/// Every term of a text as often as the text has it, in the order in which terms come first.
struct Repeated<'a> {
    text: &'a str,
    /// Where each term stands first, at which position, and how often it occurs.
    terms: std::vec::IntoIter<Term>,
    /// How often the token is still to be given.
    left: u32,
    token: Token,
}

struct Term {
    bytes: Range<usize>,
    position: usize,
    count: u32,
}

impl<'a> Repeated<'a> {
    fn new(text: &'a str, terms: Vec<Term>) -> Self {
        Self {
            text,
            terms: terms.into_iter(),
            left: 0,
            token: Token::default(),
        }
    }
}

impl TokenStream for Repeated<'_> {
    fn advance(&mut self) -> bool {
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            return true;
        }
        let Some(term) = self.terms.next() else {
            return false;
        };
        self.left = term.count - 1;
        self.token.position = term.position;
        self.token.offset_from = term.bytes.start;
        self.token.offset_to = term.bytes.end;
        self.token.text.clear();
        self.token.text.push_str(&self.text[term.bytes]);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Single characters.
#[derive(Clone, Default)]
struct Characters {
    /// For each character below U+10000 its number among the terms of the text, plus one; zeros between texts.
    numbers: Vec<u32>,
}

impl Tokenizer for Characters {
    type TokenStream<'a> = Repeated<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Repeated<'a> {
        self.numbers.resize(0x1_0000, 0);
        let mut terms: Vec<Term> = Vec::new();
        for (position, (byte, c)) in text.char_indices().enumerate() {
            if c == '\n' {
                continue;
            }
            let number = self.numbers.get_mut(c as usize);
            let known = number.as_deref().and_then(|number| number.checked_sub(1));
            if let Some(term) = known.and_then(|number| terms.get_mut(number as usize)) {
                term.count += 1;
                continue;
            }
            terms.push(Term {
                bytes: byte..byte + c.len_utf8(),
                position,
                count: 1,
            });
            // Rarer characters are terms of their own each time.
            if let Some(number) = number {
                *number = terms.len() as u32;
            }
        }
        for term in &terms {
            let c = text[term.bytes.clone()].chars().next();
            if let Some(number) = c.and_then(|c| self.numbers.get_mut(c as usize)) {
                *number = 0;
            }
        }
        Repeated::new(text, terms)
    }
}

/// Single characters, and pairs of neighbours beside them, place by place.
#[derive(Clone, Copy)]
struct Grams;

impl Tokenizer for Grams {
    type TokenStream<'a> = GramStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream<'a> {
        let mut rest = text.chars();
        GramStream {
            next: rest.next(),
            rest,
            byte: 0,
            position: 0,
            pair_is_due: None,
            token: Token::default(),
        }
    }
}

/// Walks over a text character by character.
struct GramStream<'a> {
    next: Option<char>,
    /// What follows the next character.
    rest: Chars<'a>,
    /// Byte and number of the next character.
    byte: usize,
    position: usize,
    /// Set when a single character was given and its pair is still to come.
    pair_is_due: Option<char>,
    token: Token,
}

impl GramStream<'_> {
    /// Sets the token to the pair that begins with `c`, the character before the next. Whether there is one.
    fn pair(&mut self, c: char) -> bool {
        match self.next {
            Some(next) if next != '\n' && c != '\n' => {
                self.token.text.clear();
                self.token.text.extend([c, next]);
                true
            }
            _ => false,
        }
    }
}

impl TokenStream for GramStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some(c) = self.pair_is_due.take()
            && self.pair(c)
        {
            return true;
        }
        while let Some(c) = self.next {
            self.next = self.rest.next();
            self.token.position = self.position;
            self.token.offset_from = self.byte;
            self.byte += c.len_utf8();
            self.token.offset_to = self.byte;
            self.position += 1;
            if c != '\n' {
                self.token.text.clear();
                self.token.text.push(c);
                self.pair_is_due = Some(c);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// jieba's words, the shorter ones inside long ones included.
#[derive(Clone, Copy)]
struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = Repeated<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Repeated<'a> {
        let mut terms: Vec<Term> = Vec::new();
        let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
        numbers.reserve(text.len() / 8);
        for (position, bytes) in words::cut_fine(text).enumerate() {
            let number = *numbers.entry(&text[bytes.clone()]).or_insert(terms.len());
            match terms.get_mut(number) {
                Some(term) => term.count += 1,
                None => terms.push(Term {
                    bytes,
                    position,
                    count: 1,
                }),
            }
        }
        Repeated::new(text, terms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(name: &str, text: &str) -> Vec<(usize, String)> {
        let manager = TokenizerManager::default();
        register(&manager);
        let mut analyzer = manager.get(name).unwrap();
        let mut found = Vec::new();
        analyzer
            .token_stream(text)
            .process(&mut |token| found.push((token.position, token.text.clone())));
        found
    }

    fn pairs(found: &[(usize, &str)]) -> Vec<(usize, String)> {
        found
            .iter()
            .map(|(position, text)| (*position, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn short_fields_have_characters_and_pairs() {
        let expected = pairs(&[(0, "常"), (0, "常宁"), (1, "宁"), (3, "法")]);
        assert_eq!(tokens(STRINGS, "常宁\n法"), expected);
        assert_eq!(
            tokens(CHARS, "常宁\n法"),
            pairs(&[(0, "常"), (1, "宁"), (3, "法")])
        );
        assert_eq!(tokens(STRINGS, ""), []);
    }

    #[test]
    fn a_report_has_each_term_as_often_as_before() {
        let terms = |name: &str| {
            let found = tokens(name, "法治政府，法治\u{20000}社会\u{20000}\n法");
            found
                .into_iter()
                .map(|(_, term)| term)
                .collect::<Vec<_>>()
                .join(" ")
        };
        for _ in 0..2 {
            assert_eq!(
                terms(CHARS),
                "法 法 法 治 治 政 府 ， \u{20000} 社 会 \u{20000}",
                "also the second text"
            );
            assert_eq!(
                terms(WORDS),
                "法治 法治 政府 法治政府 \u{20000} \u{20000} 社会 法"
            );
        }
    }

    #[test]
    fn words_do_not_run_over_paragraphs() {
        let words: Vec<_> = tokens(WORDS, "营商环境。法治\n政府\n")
            .into_iter()
            .map(|(_, word)| word)
            .collect();
        assert_eq!(words, ["营商", "环境", "营商环境", "法治", "政府"]);
    }
}
