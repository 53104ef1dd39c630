//! Ranking: BM25 over pairs of characters, single characters and words.
//!
//! On questions with judged answers, pairs rank better than words, single characters beside them help on short texts,
//! and words add a little; title and text share each field, with the title written twice, since adding the
//! score of a short title field to that of the text ranks worse. Scores are sums in a fixed order, so the same state
//! of the index gives the same scores again, to the last bit: cursors depend on it.

use std::{collections::HashMap, rc::Rc};

use tantivy::{
    DocId, DocSet, Score, Searcher, TERMINATED, Term,
    fieldnorm::FieldNormReader,
    postings::{Postings, SegmentPostings},
    schema::{Field, IndexRecordOption},
};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::{
    deadline::Deadline,
    matching::Segment,
    query::{FieldName, FieldTest, Node},
    schema::Fields,
    texts::{Located, Needle, Texts},
    words,
};

const K1: Score = 1.2;
const B: Score = 0.75;
/// What the fields count for.
const PAIRS: Score = 1.0;
const CHARS: Score = 1.0;
const WORDS: Score = 0.5;

/// What terms are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pairs,
    Chars,
    Words,
}

/// What a query ranks by.
pub(crate) struct Ranking {
    clauses: Vec<Clause>,
}

/// One term.
struct Clause {
    /// Where its lengths are, and its postings unless it is a pair.
    field: Field,
    term: Term,
    /// Pairs are looked up in the texts: where they are in those of each segment.
    pair: Option<(Needle, Vec<Located>)>,
    /// Weight of the field × how often the query has it × inverse document frequency × (k1 + 1).
    weight: Score,
    /// k1 × (1 − b + b × length ÷ mean length) by stored length.
    norms: Rc<[Score; 256]>,
}

impl Ranking {
    /// Takes the terms of what hits can match.
    pub(crate) fn new(
        searcher: &Searcher,
        fields: &Fields,
        kept: &[Texts],
        root: &Node,
    ) -> tantivy::Result<Self> {
        let mut texts: Vec<&str> = Vec::new();
        root.for_each_positive(true, &mut |node, _| match node {
            Node::Bare(terms) => texts.extend(terms.iter().map(|term| term.folded.as_str())),
            Node::Exact(text) => texts.push(&text.folded),
            Node::Near { left, right, .. } => texts.extend([left.folded.as_str(), right.folded.as_str()]),
            Node::Field(field) if field.name == FieldName::Title => {
                if let FieldTest::Contains(folded) = &field.test {
                    texts.push(folded);
                }
            }
            _ => {}
        });
        let mut ranking = Self { clauses: Vec::new() };
        let is_text = |c: char| c.general_category_group() != GeneralCategoryGroup::Punctuation;
        for (kind, weight) in [(Kind::Pairs, PAIRS), (Kind::Chars, CHARS), (Kind::Words, WORDS)] {
            let mut terms: Vec<(&str, u16)> = Vec::new();
            let mut places: HashMap<&str, usize> = HashMap::new();
            let mut add = |term| {
                let place = *places.entry(term).or_insert(terms.len());
                match terms.get_mut(place) {
                    Some((_, count)) => *count = count.saturating_add(1),
                    None => terms.push((term, 1)),
                }
            };
            for text in &texts {
                let starts: Vec<_> = text.char_indices().collect();
                let ends = starts.iter().map(|(start, c)| start + c.len_utf8());
                if kind == Kind::Chars {
                    let chars = starts.iter().zip(ends).filter(|((_, c), _)| is_text(*c));
                    chars.for_each(|((start, _), end)| add(&text[*start..end]));
                } else if kind == Kind::Pairs {
                    let pairs = starts
                        .windows(2)
                        .filter(|pair| is_text(pair[0].1) && is_text(pair[1].1));
                    pairs.for_each(|pair| add(&text[pair[0].0..pair[1].0 + pair[1].1.len_utf8()]));
                } else {
                    words::cut_fine(text).for_each(|range| add(&text[range]));
                }
            }
            match kind {
                Kind::Pairs => ranking.add_terms(searcher, fields.chars, Some(kept), weight, &terms)?,
                Kind::Chars => ranking.add_terms(searcher, fields.chars, None, weight, &terms)?,
                Kind::Words => ranking.add_terms(searcher, fields.words, None, weight, &terms)?,
            }
        }
        Ok(ranking)
    }

    /// Adds terms of a field, or pairs, which are found in the texts; a text has as many of these as characters.
    fn add_terms(
        &mut self,
        searcher: &Searcher,
        field: Field,
        texts: Option<&[Texts]>,
        weight: Score,
        terms: &[(&str, u16)],
    ) -> tantivy::Result<()> {
        let (mut n_docs, mut n_tokens) = (0_u64, 0_u64);
        for reader in searcher.segment_readers() {
            n_docs += u64::from(reader.max_doc());
            n_tokens += reader.inverted_index(field)?.total_num_tokens();
        }
        let mean = n_tokens.max(1) as Score / n_docs.max(1) as Score;
        let norms = std::array::from_fn(|id| {
            let length = FieldNormReader::id_to_fieldnorm(id as u8) as Score;
            K1 * (1.0 - B + B * length / mean)
        });
        let norms = Rc::new(norms);
        for (text, count) in terms {
            let term = Term::from_field_text(field, text);
            let (pair, n_with) = match texts {
                Some(texts) => {
                    let pair = Needle::new(text);
                    let located: Vec<_> = texts.iter().map(|texts| texts.locate(&pair)).collect();
                    let found = texts.iter().zip(&located);
                    let n_with = found.map(|(texts, located)| texts.n_docs(&pair, located)).sum();
                    (Some((pair, located)), n_with)
                }
                None => (None, searcher.doc_freq(&term)?),
            };
            if n_with > 0 {
                let rest = n_docs.saturating_sub(n_with) as Score;
                let idf = (1.0 + (rest + 0.5) / (n_with as Score + 0.5)).ln();
                let weight = weight * Score::from(*count) * idf * (K1 + 1.0);
                self.clauses.push(Clause {
                    field,
                    term,
                    pair,
                    weight,
                    norms: norms.clone(),
                });
            }
        }
        Ok(())
    }

    /// Scores of reports of the nth segment, which ascend.
    pub(crate) fn scores(
        &self,
        nth: usize,
        Segment { reader, texts, .. }: Segment<'_>,
        docs: &[DocId],
        deadline: &Deadline,
    ) -> tantivy::Result<Vec<Score>> {
        let mut scores = vec![0.0; docs.len()];
        for clause in &self.clauses {
            deadline.check()?;
            let inverted = reader.inverted_index(clause.field)?;
            let norms = reader.get_fieldnorms_reader(clause.field)?;
            if let Some((pair, located)) = &clause.pair {
                if let Some(located) = located.get(nth) {
                    texts.frequencies(pair, located, docs, |at, count| {
                        scores[at] += clause.score(count, &norms, docs[at]);
                    });
                }
            } else if let Some(postings) =
                inverted.read_postings(&clause.term, IndexRecordOption::WithFreqs)?
            {
                clause.add(postings, &norms, docs, &mut scores);
            }
        }
        Ok(scores)
    }
}

impl Clause {
    /// What a report gets that has the term so often.
    fn score(&self, count: u32, norms: &FieldNormReader, doc: DocId) -> Score {
        let frequency = count as Score;
        let norm = self.norms[usize::from(norms.fieldnorm_id(doc))];
        self.weight * frequency / (frequency + norm)
    }

    fn add(
        &self,
        mut postings: SegmentPostings,
        norms: &FieldNormReader,
        docs: &[DocId],
        scores: &mut [Score],
    ) {
        // Many reports with the term and few to score: leap in the postings. The other way round: in the list.
        let leaps = postings.doc_freq() as usize > docs.len() * 8;
        let skips = docs.len() > postings.doc_freq() as usize * 8;
        let mut at = 0;
        let mut doc = postings.doc();
        while at < docs.len() && doc != TERMINATED {
            let wanted = docs[at];
            if doc == wanted {
                scores[at] += self.score(postings.term_freq(), norms, doc);
                at += 1;
                doc = postings.advance();
            } else if doc < wanted {
                doc = if leaps {
                    postings.seek(wanted)
                } else {
                    postings.advance()
                };
            } else if skips {
                at += docs[at..].partition_point(|other| *other < doc);
            } else {
                at += 1;
            }
        }
    }
}
