//! The file of synonyms and abbreviations, in the format of Solr:
//!
//! ```text
//! a, b, c        # each of them finds the others too
//! a => b, c      # a finds b and c too; b and c do not find a
//! ```
//!
//! Commas may be of full width; `\,` is a comma inside a term. A term is looked up without its punctuation, in simplified
//! characters, so that 双随机、一公开 and “双随机”“一公开” are one; what is added is found as it is written in the file.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

use data_encoding::HEXLOWER;
use report::fold;
use sha2::{Digest, Sha256};

use super::scripts;
use crate::words::is_punctuation;

const BUILT_IN: &str = include_str!("../../data/synonyms.txt");

/// Most bytes of a file.
const MAX_BYTES: usize = 1 << 20;
/// Most terms in a line.
const MAX_IN_LINE: usize = 100;
/// Most characters of a term.
const MAX_CHARS: usize = 64;

/// Synonyms and abbreviations for [`Mode::Loose`](crate::Mode::Loose).
#[derive(Clone, PartialEq, Eq)]
pub struct Synonyms {
    version: String,
    by_key: HashMap<String, Entry>,
    /// Bytes of the longest key.
    longest: usize,
}

/// What a key adds, folded, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// How the file writes the term itself.
    pub(super) own: Vec<String>,
    pub(super) synonyms: Vec<String>,
}

/// A line of a file of synonyms cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct SynonymsError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Debug for Synonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Synonyms")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Synonyms {
    /// Reads a file.
    ///
    /// # Errors
    /// When a line is not of the format, or over a limit; names the first such line.
    pub fn parse(text: &str) -> Result<Self, SynonymsError> {
        let at = |line: usize| move |message: String| SynonymsError { line, message };
        if text.len() > MAX_BYTES {
            return Err(at(1)(format!(
                "the file has more than {MAX_BYTES} bytes; leave terms out"
            )));
        }
        let mut synonyms = Self {
            version: HEXLOWER.encode(&Sha256::digest(text)[..8]),
            by_key: HashMap::new(),
            longest: 0,
        };
        for (nth, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = without_comment(line).trim();
            if !line.is_empty() {
                synonyms.read_line(line).map_err(at(nth + 1))?;
            }
        }
        Ok(synonyms)
    }

    /// Those that come with the program.
    pub fn built_in() -> Arc<Self> {
        static SYNONYMS: LazyLock<Arc<Synonyms>> = LazyLock::new(|| {
            // A test reads the file; without synonyms, loose is words in both scripts.
            let none = |error| {
                tracing::error!(%error, "the built-in synonyms cannot be read");
                Synonyms {
                    version: String::new(),
                    by_key: HashMap::new(),
                    longest: 0,
                }
            };
            Arc::new(Synonyms::parse(BUILT_IN).unwrap_or_else(none))
        });
        SYNONYMS.clone()
    }

    /// The built-in file, to begin an own one with.
    pub fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// The first 16 digits of the SHA-256 of the file: the same version adds the same terms.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What a key (see [`key`]) adds.
    pub(super) fn of(&self, key: &str) -> Option<&Entry> {
        self.by_key.get(key)
    }

    /// No key has more bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    fn read_line(&mut self, line: &str) -> Result<(), String> {
        let (from, to) = match line.split_once("=>") {
            Some((_, to)) if to.contains("=>") => {
                return Err("=> stands twice; write one line for each".into());
            }
            Some((from, to)) => (terms(from)?, Some(terms(to)?)),
            None => (terms(line)?, None),
        };
        if to.is_none() && from.len() < 2 {
            return Err("one term alone has no synonyms; write a, b or a => b".into());
        }
        let to = to.as_ref().unwrap_or(&from);
        for term in &from {
            let key = key(term);
            if key.is_empty() {
                return Err(format!("{term} is nothing but punctuation; write a word"));
            }
            self.longest = self.longest.max(key.len());
            let known = self.by_key.entry(key).or_default();
            if !known.own.contains(term) {
                known.own.push(term.clone());
            }
            for added in to {
                if added != term && !known.synonyms.contains(added) {
                    known.synonyms.push(added.clone());
                }
            }
        }
        Ok(())
    }
}

/// A comment begins at the first `#` of a line, or at one behind white space.
fn without_comment(line: &str) -> &str {
    let begins = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    let mut signs = line.match_indices('#').map(|(at, _)| at);
    signs.find(begins).map_or(line, |at| &line[..at])
}

/// What a folded text is looked up by: without punctuation, in simplified characters.
pub(super) fn key(folded: &str) -> String {
    let mut buffer = [0; 4];
    let bones: String = folded
        .chars()
        .filter(|c| !is_punctuation(c.encode_utf8(&mut buffer)))
        .collect();
    scripts::simplified(&bones)
}

/// Folded terms between commas.
fn terms(text: &str) -> Result<Vec<String>, String> {
    let mut raw = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let last = raw.len() - 1;
        match c {
            ',' | '，' => raw.push(String::new()),
            '\\' => raw[last].extend(chars.next()),
            c => raw[last].push(c),
        }
    }
    if raw.len() > MAX_IN_LINE {
        return Err(format!("more than {MAX_IN_LINE} terms; write several lines"));
    }
    let folded = raw.iter().map(|term| match fold(term) {
        folded if folded.is_empty() => Err("a term is empty; write a, b, c or a => b, c".to_owned()),
        folded if folded.chars().nth(MAX_CHARS).is_some() => {
            let begin: String = folded.chars().take(16).collect();
            Err(format!(
                "the term {begin}… has more than {MAX_CHARS} characters; shorten it"
            ))
        }
        folded => Ok(folded),
    });
    folded.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(file: &str, term: &str) -> Vec<String> {
        let synonyms = Synonyms::parse(file).unwrap();
        let entry = synonyms.of(&key(&fold(term)));
        entry.map(|entry| entry.synonyms.clone()).unwrap_or_default()
    }

    #[test]
    fn lines_go_both_ways_or_one() {
        let file =
            "\u{feff}# 注释\n环保, 环境保护，生态\r\n\n三项制度 => 执法公示, 审核 # 两项\n环保 => 绿色\n";
        assert_eq!(of(file, "环保"), ["环境保护", "生态", "绿色"]);
        assert_eq!(of(file, "生态"), ["环保", "环境保护"]);
        assert_eq!(of(file, "三项制度"), ["执法公示", "审核"]);
        assert_eq!(of(file, "审核"), [""; 0]);
        assert_eq!(of("a\\,b, Ｃ", "c"), ["a,b"]);
        assert_eq!(of("c#, d", "d"), ["c#"]);
    }

    #[test]
    fn terms_are_looked_up_without_punctuation_and_script() {
        let file = "双随机、一公开, 抽查\n营商环境, 投资环境";
        assert_eq!(of(file, "“双随机”“一公开”"), ["抽查"]);
        assert_eq!(of(file, "抽查"), ["双随机、一公开"]);
        assert_eq!(of(file, "營商環境"), ["投资环境"]);
    }

    #[test]
    fn errors_name_line_and_remedy() {
        for (file, line, says) in [
            ("a, b\nc\n", 2, "a => b"),
            ("a, , b", 1, "empty"),
            ("a =>", 1, "empty"),
            ("\n\na => b => c", 3, "twice"),
            ("，、, a", 1, "empty"),
            ("、, a", 1, "punctuation"),
            (&format!("a, {}", "长".repeat(65)), 1, "64 characters"),
            (&"a,".repeat(101), 1, "100 terms"),
            (&" ".repeat(MAX_BYTES + 1), 1, "bytes"),
        ] {
            let error = Synonyms::parse(file).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_refused_at_a_line(text in "([a甲、,，=>#\\\\\n ]{0,40}|.{0,40})") {
            match Synonyms::parse(&text) {
                Ok(synonyms) => prop_assert!(synonyms.by_key.keys().all(|key| !key.is_empty())),
                Err(error) => prop_assert!((1..=text.lines().count()).contains(&error.line)),
            }
        }
    }

    #[test]
    fn the_built_in_file_is_right_and_has_a_version() {
        let parsed = Synonyms::parse(BUILT_IN).unwrap();
        assert_eq!(parsed, *Synonyms::built_in());
        assert_eq!(parsed.version().len(), 16);
        assert_ne!(parsed.version(), Synonyms::parse("a, b").unwrap().version());
        assert!(parsed.of("放管服").is_some());
    }
}
