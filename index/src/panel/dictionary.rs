//! Dictionaries: concepts, the terms of each, and what its terms do not count in.

use report::fold;
use rustc_hash::FxHashSet;

use crate::{SearchError, occurrences::Group};

/// Most concepts of a dictionary.
const MAX_CONCEPTS: usize = 500;
/// Most terms and excluded strings, all together.
const MAX_STRINGS: usize = 10_000;
/// Most characters of one, folded, and of the name of a concept.
const MAX_CHARS: usize = 200;

/// What is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    /// The concepts, in order.
    pub concepts: Vec<Concept>,
    /// Strings in which no term of any concept counts.
    pub exclude: Vec<String>,
}

/// A concept: any of its terms counts for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concept {
    /// Its name.
    pub name: String,
    /// The strings that count. Where several can be found, the leftmost does, and of these the longest.
    pub terms: Vec<String>,
    /// Strings in which none of them counts.
    pub exclude: Vec<String>,
}

/// A list of a concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConceptList {
    /// Its terms.
    Terms,
    /// What it excludes.
    Exclude,
}

/// What is wrong with a dictionary, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DictionaryError {
    /// Number of the concept, from 0; `None` for the dictionary as a whole and its own list.
    pub concept: Option<usize>,
    /// The list, and the number of the string in it, from 0.
    pub string: Option<(ConceptList, usize)>,
    /// What is wrong.
    pub message: String,
}

impl From<DictionaryError> for SearchError {
    fn from(error: DictionaryError) -> Self {
        Self::InvalidParameter {
            name: match error.concept {
                None if error.string.is_some() => "exclude",
                _ => "concepts",
            },
            message: error.message,
        }
    }
}

impl Dictionary {
    /// Looks for what is wrong.
    ///
    /// # Errors
    /// When there is no concept, when two have one name, when one has no terms, when a string is empty or too long, and
    /// when there are too many.
    pub fn check(&self) -> Result<(), DictionaryError> {
        let wrong = |concept, message: String| DictionaryError {
            concept,
            string: None,
            message,
        };
        if self.concepts.is_empty() {
            return Err(wrong(None, "there is no concept; name one with its terms".into()));
        }
        if self.concepts.len() > MAX_CONCEPTS {
            return Err(wrong(
                Some(MAX_CONCEPTS),
                format!("{} concepts are more than {MAX_CONCEPTS}", self.concepts.len()),
            ));
        }
        let mut names = FxHashSet::default();
        let mut n_strings = self.exclude.len();
        self.check_strings(None, ConceptList::Exclude)?;
        for (nth, concept) in self.concepts.iter().enumerate() {
            let name = concept.name.trim();
            if name.is_empty() || name.chars().count() > MAX_CHARS || name.chars().any(char::is_control) {
                let message = format!(
                    "the name of a concept has 1 to {MAX_CHARS} characters, none of them a control character"
                );
                return Err(wrong(Some(nth), message));
            }
            if !names.insert(name) {
                return Err(wrong(Some(nth), format!("the concept {name:?} stands twice")));
            }
            if concept.terms.is_empty() {
                return Err(wrong(Some(nth), format!("the concept {name:?} has no terms")));
            }
            n_strings += concept.terms.len() + concept.exclude.len();
            if n_strings > MAX_STRINGS {
                let message = format!("there are more than {MAX_STRINGS} terms and excluded strings");
                return Err(wrong(Some(nth), message));
            }
            self.check_strings(Some(nth), ConceptList::Terms)?;
            self.check_strings(Some(nth), ConceptList::Exclude)?;
        }
        Ok(())
    }

    fn check_strings(&self, concept: Option<usize>, list: ConceptList) -> Result<(), DictionaryError> {
        let strings = match (concept.and_then(|nth| self.concepts.get(nth)), list) {
            (Some(concept), ConceptList::Terms) => &concept.terms,
            (Some(concept), ConceptList::Exclude) => &concept.exclude,
            (None, _) => &self.exclude,
        };
        for (nth, string) in strings.iter().enumerate() {
            let folded = fold(string);
            let what = match list {
                ConceptList::Terms => "term",
                ConceptList::Exclude => "excluded string",
            };
            let of = concept.and_then(|nth| self.concepts.get(nth));
            let of = of
                .map(|concept| format!(" of {:?}", concept.name.trim()))
                .unwrap_or_default();
            let shown: String = string.chars().take(40).collect();
            let why = match folded.chars().count() {
                0 => "is nothing but spaces and invisible characters",
                1..=MAX_CHARS => continue,
                _ => "is too long; the longest has 200 characters",
            };
            return Err(DictionaryError {
                concept,
                string: Some((list, nth)),
                message: format!("{what} {}{of}, {shown:?}, {why}", nth + 1),
            });
        }
        Ok(())
    }

    /// What is not wrong but may not be meant.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for concept in &self.concepts {
            let mut known = FxHashSet::default();
            let name = concept.name.trim();
            let excluded: FxHashSet<String> = concept
                .exclude
                .iter()
                .chain(&self.exclude)
                .map(|string| fold(string))
                .collect();
            for term in &concept.terms {
                let folded = fold(term);
                if excluded.contains(&folded) {
                    notes.push(format!(
                        "{name}: {term:?} is excluded too, so that it never counts"
                    ));
                }
                if !known.insert(folded) {
                    notes.push(format!("{name}: {term:?} stands twice, and counts once"));
                }
            }
        }
        notes
    }

    /// Groups of strings to be counted, one a concept.
    pub(super) fn groups(&self) -> Result<Vec<Group>, DictionaryError> {
        self.check()?;
        let folded = |strings: &[String]| strings.iter().map(|string| fold(string)).collect::<Vec<_>>();
        let general = folded(&self.exclude);
        let groups = self.concepts.iter().map(|concept| {
            let mut excluded = folded(&concept.exclude);
            excluded.extend_from_slice(&general);
            Group {
                counted: folded(&concept.terms),
                excluded,
            }
        });
        Ok(groups.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary(concepts: &[(&str, &[&str], &[&str])]) -> Dictionary {
        let owned = |strings: &[&str]| strings.iter().map(|s| (*s).to_owned()).collect();
        let concepts = concepts.iter().map(|(name, terms, exclude)| Concept {
            name: (*name).to_owned(),
            terms: owned(terms),
            exclude: owned(exclude),
        });
        Dictionary {
            concepts: concepts.collect(),
            exclude: Vec::new(),
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let long = "甲".repeat(201);
        for (concepts, place, word) in [
            (&[][..], (None, None), "no concept"),
            (&[("环保", &[][..], &[][..])], (Some(0), None), "no terms"),
            (&[("", &["a"], &[])], (Some(0), None), "name"),
            (
                &[("a", &["a"], &[]), (" a", &["b"], &[])],
                (Some(1), None),
                "twice",
            ),
            (
                &[("a", &["甲", "\u{3000}\u{200b}"], &[])],
                (Some(0), Some((ConceptList::Terms, 1))),
                "spaces",
            ),
            (
                &[("a", &["甲"], &[long.as_str()])],
                (Some(0), Some((ConceptList::Exclude, 0))),
                "too long",
            ),
        ] {
            let error = dictionary(concepts).check().unwrap_err();
            assert_eq!((error.concept, error.string), place, "{error}");
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn slips_are_told() {
        let mut doubtful = dictionary(&[("环境", &["环保", "环 保", "生态", "绿色"], &["生态"])]);
        doubtful.exclude.push("绿色".into());
        assert_eq!(doubtful.check(), Ok(()));
        let notes = doubtful.notes();
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert_eq!(doubtful.groups().unwrap()[0].excluded, ["生态", "绿色"]);
    }
}
