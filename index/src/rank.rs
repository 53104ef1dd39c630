//! Ranking: BM25 over pairs of characters, single characters and words, and the best sentence of the foremost.
//!
//! On questions with judged answers, pairs rank better than words, single characters beside them help on short texts,
//! and words add a little. A pair of frequent characters that happen to meet says less than a word does, so what the
//! characters say by themselves is taken off it in part ([`Weights::overlap`]), and pairs with a function character,
//! such as those of 怎么 or 是否, count for less. Title and text share each field, with the title written twice, since
//! adding the score of a short title field to that of the text ranks worse.
//!
//! The best [`RAISED`] by that are read, and gain by how much of the query stands together in one sentence or in the
//! title. They only gain, so they stay before all others. Scores are sums in a fixed order over what can be
//! shown and nothing else, so the same reports give the same scores again, to the last bit, however the engine keeps
//! them: cursors and answers as of a moment depend on it.

mod sentences;
mod shown;
mod terms;
mod weights;

use std::{collections::HashMap, rc::Rc};

use tantivy::{
    DocId, DocSet, Score, Searcher, TERMINATED, Term,
    fieldnorm::FieldNormReader,
    postings::{Postings, SegmentPostings},
    schema::{Field, IndexRecordOption},
};

use crate::{
    deadline::Deadline,
    matching::Segment,
    query::Node,
    schema::Fields,
    texts::{Located, Needle, Texts},
    words,
};
use sentences::Sentences;
pub(crate) use shown::Shown;
use terms::Terms;
pub use weights::Weights;

const K1: Score = 1.2;
/// What strings count for that were added to a query.
const ALTERNATIVES: Score = 0.3;
/// Reports of which the sentences are read.
const RAISED: usize = 100;

/// What a query ranks by.
pub(crate) struct Ranking {
    clauses: Vec<Clause>,
    sentences: Sentences,
    weights: Weights,
}

/// One term.
struct Clause {
    /// Where its lengths are, and its postings unless it is a pair.
    field: Field,
    term: Term,
    /// Pairs are looked up in the texts: where they are in those of each segment.
    pair: Option<(Needle, Vec<Located>)>,
    /// Weight of the term × how often the query has it × (k1 + 1).
    weight: Score,
    /// k1 × (1 − b + b × length ÷ mean length) by stored length.
    norms: Rc<[Score; 256]>,
}

/// Hits of one segment, ascending, with their scores.
pub(crate) struct Scored {
    pub(crate) segment: usize,
    pub(crate) docs: Vec<DocId>,
    /// Empty when hits are not ranked.
    pub(crate) scores: Vec<Score>,
}

impl Ranking {
    /// Takes the terms of what hits can match.
    pub(crate) fn new(
        searcher: &Searcher,
        shown: &Shown,
        fields: &Fields,
        texts: &[Texts],
        root: &Node,
        weights: Weights,
    ) -> tantivy::Result<Self> {
        let terms = Terms::new(root);
        let mut ranking = Self {
            clauses: Vec::new(),
            sentences: Sentences::default(),
            weights,
        };
        let mut char_idf: HashMap<&str, Score> = HashMap::new();
        let chars = Statistics::new(searcher, shown, fields, fields.chars, &weights);
        for (c, count) in terms.chars.iter() {
            let idf = chars.idf(c)?;
            char_idf.insert(c, idf);
            ranking.add(&chars, c, None, weights.chars * idf, count);
        }
        for (pair, count) in terms.pairs.iter() {
            let needle = Needle::new(pair);
            let located: Vec<_> = texts.iter().map(|texts| texts.locate(&needle)).collect();
            let idf = chars.idf_of(shown.n_with_string(texts, &needle, &located));
            let function = if pair.chars().any(words::is_function_char) {
                weights.function
            } else {
                1.0
            };
            ranking.sentences.add(pair, idf * function);
            let halves = pair.char_indices().map(|(at, c)| &pair[at..at + c.len_utf8()]);
            let said: Score = halves.filter_map(|half| char_idf.get(half)).sum();
            let left = (idf - weights.overlap * said / 2.0).max(0.0);
            // A text has as many pairs as characters.
            ranking.add(&chars, pair, Some((needle, located)), left * function, count);
        }
        let words = Statistics::new(searcher, shown, fields, fields.words, &weights);
        for (word, count) in terms.words.iter() {
            ranking.add(&words, word, None, weights.words * words.idf(word)?, count);
        }
        Ok(ranking)
    }

    fn add(
        &mut self,
        statistics: &Statistics<'_>,
        term: &str,
        pair: Option<(Needle, Vec<Located>)>,
        weight: Score,
        count: u16,
    ) {
        if weight > 0.0 {
            self.clauses.push(Clause {
                field: statistics.field,
                term: Term::from_field_text(statistics.field, term),
                pair,
                weight: weight * Score::from(count) * (K1 + 1.0),
                norms: statistics.norms.clone(),
            });
        }
    }

    /// Takes strings that were added to the query too, each with a weight up to 1. They count for less than what was
    /// asked for.
    pub(crate) fn add_alternatives(
        &mut self,
        searcher: &Searcher,
        shown: &Shown,
        fields: &Fields,
        texts: &[Texts],
        alternatives: impl Iterator<Item = (Node, f32)>,
    ) -> tantivy::Result<()> {
        for (node, weight) in alternatives {
            let clauses = Self::new(searcher, shown, fields, texts, &node, self.weights)?
                .clauses
                .into_iter();
            self.clauses.extend(clauses.map(|clause| Clause {
                weight: clause.weight * weight * ALTERNATIVES,
                ..clause
            }));
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

    /// Raises the foremost hits by their best sentences.
    pub(crate) fn raise(
        &self,
        found: &mut [Scored],
        texts: &[Texts],
        deadline: &Deadline,
    ) -> tantivy::Result<()> {
        if self.sentences.is_empty() || self.weights.sentence == 0.0 {
            return Ok(());
        }
        // Of hits that are alike to the last bit, all are raised or none: which of them come first here is chance.
        let mut all: Vec<Score> = found.iter().flat_map(|hits| &hits.scores).copied().collect();
        let above = if all.len() > RAISED {
            *all.select_nth_unstable_by(RAISED, |a, b| b.total_cmp(a)).1
        } else {
            -1.0
        };
        for hits in found {
            for (doc, score) in hits.docs.iter().zip(&mut hits.scores) {
                if *score > above {
                    deadline.check()?;
                    if let Some(texts) = texts.get(hits.segment) {
                        *score += self.weights.sentence * self.sentences.best(texts.bytes(*doc));
                    }
                }
            }
        }
        Ok(())
    }
}

/// What is known about one field of all that can be shown.
struct Statistics<'a> {
    searcher: &'a Searcher,
    shown: &'a Shown,
    field: Field,
    norms: Rc<[Score; 256]>,
}

impl<'a> Statistics<'a> {
    fn new(
        searcher: &'a Searcher,
        shown: &'a Shown,
        fields: &Fields,
        field: Field,
        weights: &Weights,
    ) -> Self {
        let mean = shown.mean_length(field, fields);
        let norms = std::array::from_fn(|id| {
            let length = FieldNormReader::id_to_fieldnorm(id as u8) as Score;
            K1 * (1.0 - weights.length + weights.length * length / mean)
        });
        Self {
            searcher,
            shown,
            field,
            norms: Rc::new(norms),
        }
    }

    /// Inverse document frequency; 0 for a term that no report has.
    fn idf(&self, term: &str) -> tantivy::Result<Score> {
        let term = Term::from_field_text(self.field, term);
        Ok(self.idf_of(self.shown.n_with(self.searcher, &term)?))
    }

    /// Inverse document frequency of what so many reports have.
    fn idf_of(&self, n_with: u64) -> Score {
        if n_with == 0 {
            return 0.0;
        }
        let rest = self.shown.n_docs.saturating_sub(n_with) as Score;
        (1.0 + (rest + 0.5) / (n_with as Score + 0.5)).ln()
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
