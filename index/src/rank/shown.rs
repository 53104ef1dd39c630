//! What is counted for the weights of terms: the documents that a search can show, and no others.
//!
//! The engine's own numbers count documents that were deleted and wait to be merged away, and versions of the past. An
//! order by those would change whenever the engine merges, and an answer as of a moment would not come in the order in
//! which it came then. So what is hidden is taken off, exactly: its documents are few beside the others, and are leapt to
//! in the list of a term.

use tantivy::{
    DocId, DocSet, Searcher, TERMINATED, Term,
    postings::SegmentPostings,
    schema::{Field, IndexRecordOption},
};

use crate::{
    columns::Columns,
    schema::Fields,
    texts::{Located, Needle, Texts},
};

/// The documents of a state that a search as of a moment can show, in numbers.
pub(crate) struct Shown {
    pub(super) n_docs: u64,
    /// Terms of theirs: characters, and words.
    n_chars: u64,
    n_words: u64,
    /// By segment: what cannot be shown, ascending.
    hidden: Vec<Vec<DocId>>,
}

impl Shown {
    /// Counts them. `as_of` is in milliseconds since 1970; `None` for now.
    pub(crate) fn new(
        searcher: &Searcher,
        columns: &[Columns],
        fields: &Fields,
        as_of: Option<i64>,
    ) -> tantivy::Result<Self> {
        let mut shown = Self {
            n_docs: 0,
            n_chars: 0,
            n_words: 0,
            hidden: Vec::with_capacity(columns.len()),
        };
        for (reader, columns) in searcher.segment_readers().iter().zip(columns) {
            let all = 0..reader.max_doc();
            let hidden: Vec<DocId> = if !reader.has_deletes() && columns.shows_all(as_of) {
                Vec::new()
            } else {
                let is_hidden = |doc: &DocId| reader.is_deleted(*doc) || !columns.is_shown(*doc, as_of);
                all.clone().filter(is_hidden).collect()
            };
            shown.n_docs += (all.len() - hidden.len()) as u64;
            for (field, sum) in [
                (fields.chars, &mut shown.n_chars),
                (fields.words, &mut shown.n_words),
            ] {
                let lengths = reader.get_fieldnorms_reader(field)?;
                let length = |doc: DocId| u64::from(lengths.fieldnorm(doc));
                let taken_off: u64 = hidden.iter().copied().map(length).sum();
                *sum += all.clone().map(length).sum::<u64>() - taken_off;
            }
            shown.hidden.push(hidden);
        }
        Ok(shown)
    }

    /// Mean number of terms of a document in one of the two fields that are ranked by.
    pub(super) fn mean_length(&self, field: Field, fields: &Fields) -> f32 {
        let n_terms = if field == fields.words {
            self.n_words
        } else {
            self.n_chars
        };
        n_terms.max(1) as f32 / self.n_docs.max(1) as f32
    }

    /// How many documents have a term.
    pub(super) fn n_with(&self, searcher: &Searcher, term: &Term) -> tantivy::Result<u64> {
        let mut n_with = 0;
        for (reader, hidden) in searcher.segment_readers().iter().zip(&self.hidden) {
            let inverted = reader.inverted_index(term.field())?;
            n_with += u64::from(inverted.doc_freq(term)?);
            if hidden.is_empty() {
                continue;
            }
            if let Some(postings) = inverted.read_postings(term, IndexRecordOption::Basic)? {
                n_with = n_with.saturating_sub(n_among(postings, hidden));
            }
        }
        Ok(n_with)
    }

    /// How many documents have a string that was looked up in the texts of every segment.
    pub(super) fn n_with_string(&self, texts: &[Texts], needle: &Needle, located: &[Located]) -> u64 {
        let segments = texts.iter().zip(located).zip(&self.hidden);
        let n_with = segments.map(|((texts, located), hidden)| {
            let mut n_with = texts.n_docs(needle, located);
            if n_with > 0 && !hidden.is_empty() {
                texts.frequencies(needle, located, hidden, |_, _| n_with = n_with.saturating_sub(1));
            }
            n_with
        });
        n_with.sum()
    }
}

/// How many documents of a list are among others, which ascend.
fn n_among(mut postings: SegmentPostings, docs: &[DocId]) -> u64 {
    let leaps = postings.doc_freq() as usize > docs.len() * 8;
    let mut n = 0;
    let mut doc = postings.doc();
    for wanted in docs {
        if leaps && doc < *wanted {
            doc = postings.seek(*wanted);
        }
        while doc < *wanted {
            doc = postings.advance();
        }
        n += u64::from(doc == *wanted);
        if doc == TERMINATED {
            break;
        }
    }
    n
}
