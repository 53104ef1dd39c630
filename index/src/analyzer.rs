//! How folded text becomes index terms.
//!
//! | analyzer | terms of `ab\n` | for |
//! |---|---|---|
//! | `chars` | `a`, `b` | single characters, ranking |
//! | `words` | the words | ranking |
//! | `strings` | `a`, `ab`, `b`, with positions | short fields: title, issuer … |
//!
//! No term holds a line end. Longer strings, and places, are looked up in the texts themselves (`texts`).

use std::{ops::Range, str::Chars};

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::words;

/// Names of the analyzers, stored in the schema of an index.
pub(crate) const CHARS: &str = "chars";
pub(crate) const WORDS: &str = "words";
pub(crate) const STRINGS: &str = "strings";

/// Makes the analyzers known to an index.
pub(crate) fn register(manager: &TokenizerManager) {
    manager.register(CHARS, Grams { pairs: false });
    manager.register(STRINGS, Grams { pairs: true });
    manager.register(WORDS, Words);
}

/// Single characters, and pairs of neighbours beside them.
#[derive(Clone, Copy)]
struct Grams {
    pairs: bool,
}

impl Tokenizer for Grams {
    type TokenStream<'a> = GramStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream<'a> {
        let mut rest = text.chars();
        GramStream {
            grams: *self,
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
    grams: Grams,
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
                self.pair_is_due = self.grams.pairs.then_some(c);
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
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        let words: Vec<_> = words::cut_fine(text).collect();
        WordStream {
            text,
            words: words.into_iter(),
            token: Token::default(),
        }
    }
}

struct WordStream<'a> {
    text: &'a str,
    words: std::vec::IntoIter<Range<usize>>,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.words.next() else {
            return false;
        };
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = range.start;
        self.token.offset_to = range.end;
        self.token.text.clear();
        self.token.text.push_str(&self.text[range]);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
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
    fn words_do_not_run_over_paragraphs() {
        let words: Vec<_> = tokens(WORDS, "营商环境。法治\n政府\n")
            .into_iter()
            .map(|(_, word)| word)
            .collect();
        assert_eq!(words, ["营商", "环境", "营商环境", "法治", "政府"]);
    }
}
