//! What of a query is ranked by: its characters, pairs of characters and words.

use std::collections::HashMap;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::{
    query::{BareTerm, FieldName, FieldTest, Node},
    words,
};

/// The different terms of a query, each with how often it has them.
#[derive(Default)]
pub(super) struct Terms {
    pub(super) chars: Counted,
    pub(super) pairs: Counted,
    pub(super) words: Counted,
}

impl Terms {
    pub(super) fn new(root: &Node) -> Self {
        let mut terms = Self::default();
        root.for_each_positive(true, &mut |node, _| match node {
            // Bare terms stand side by side, and best do so in a report.
            Node::Bare(bare) => {
                terms.add_grams(&bare.iter().map(|term| term.folded.as_str()).collect::<String>());
                bare.iter()
                    .flat_map(BareTerm::words)
                    .for_each(|word| terms.words.add(word));
            }
            Node::Exact(text) => terms.add_string(&text.folded),
            Node::Near { left, right, .. } => {
                terms.add_string(&left.folded);
                terms.add_string(&right.folded);
            }
            Node::Field(field) if field.name == FieldName::Title => {
                if let FieldTest::Contains(folded) = &field.test {
                    terms.add_string(folded);
                }
            }
            _ => {}
        });
        terms
    }

    fn add_string(&mut self, folded: &str) {
        self.add_grams(folded);
        let pieces = words::cut(folded).into_iter().filter(|piece| !piece.ignored);
        pieces.for_each(|piece| self.words.add(&piece.text));
    }

    fn add_grams(&mut self, folded: &str) {
        let mut before: Option<usize> = None;
        for (at, c) in folded.char_indices() {
            if c.general_category_group() == GeneralCategoryGroup::Punctuation {
                before = None;
                continue;
            }
            let end = at + c.len_utf8();
            self.chars.add(&folded[at..end]);
            if let Some(start) = before {
                self.pairs.add(&folded[start..end]);
            }
            before = Some(at);
        }
    }
}

/// Terms in the order in which they came, with their numbers.
#[derive(Default)]
pub(super) struct Counted {
    list: Vec<(String, u16)>,
    places: HashMap<String, usize>,
}

impl Counted {
    fn add(&mut self, term: &str) {
        if let Some((_, count)) = self.places.get(term).and_then(|at| self.list.get_mut(*at)) {
            *count = count.saturating_add(1);
        } else {
            self.places.insert(term.to_owned(), self.list.len());
            self.list.push((term.to_owned(), 1));
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u16)> {
        self.list.iter().map(|(term, count)| (term.as_str(), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, Synonyms, query};

    fn terms(q: &str) -> Terms {
        Terms::new(&query::read(q, Mode::Any, &Synonyms::built_in()).unwrap().root)
    }

    fn texts(counted: &Counted) -> Vec<(&str, u16)> {
        counted.iter().collect()
    }

    #[test]
    fn bare_terms_stand_side_by_side_and_punctuation_parts() {
        let terms = terms("优化 环境,优化 -法治 \"双随机\"");
        assert_eq!(
            texts(&terms.pairs),
            [("优化", 2), ("化环", 1), ("环境", 1), ("双随", 1), ("随机", 1)]
        );
        assert_eq!(texts(&terms.words), [("优化", 2), ("环境", 1), ("双随机", 1)]);
        assert!(terms.chars.iter().all(|(c, _)| c != "法" && c != ","));
    }
}
