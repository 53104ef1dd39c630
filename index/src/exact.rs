//! Exact containment in title and text: which reports contain a string, and where.
//!
//! Single characters are terms of the index with their reports. Longer strings are looked up among the sorted
//! suffixes of the texts ([`Texts`]), or, where few reports are left and the string has many more occurrences than
//! those could, in the texts of these reports themselves. Places are always those of the texts.

use tantivy::{DocId, DocSet, TERMINATED, Term, postings::SegmentPostings, schema::IndexRecordOption};

use crate::{
    deadline::Deadline,
    matching::Segment,
    texts::{Located, Needle, Texts},
};

/// Places of a report, on average, up to which they are listed and held in memory instead of looked for in its text.
const PLACES_A_TEXT: usize = 100;
/// Units of the longest string whose places are looked for by reading texts: a match of a longer one takes long to see.
const MAX_SCANNED: usize = 4;

/// A string looked up in one segment.
pub(crate) struct Exact<'a> {
    texts: &'a Texts,
    n_docs: DocId,
    source: Source,
}

enum Source {
    /// A term, when there is any report with it.
    Term(Option<Box<SegmentPostings>>),
    Suffixes(Needle, Located),
}

impl<'a> Exact<'a> {
    /// Looks the folded string up.
    pub(crate) fn open(segment: Segment<'a>, folded: &str) -> tantivy::Result<Self> {
        let Segment {
            reader,
            fields,
            texts,
            ..
        } = segment;
        let source = if folded.chars().nth(1).is_none() {
            let term = Term::from_field_text(fields.chars, folded);
            let inverted = reader.inverted_index(fields.chars)?;
            Source::Term(
                inverted
                    .read_postings(&term, IndexRecordOption::Basic)?
                    .map(Box::new),
            )
        } else {
            let needle = Needle::new(folded);
            let located = texts.locate(&needle);
            Source::Suffixes(needle, located)
        };
        Ok(Self {
            texts,
            n_docs: reader.max_doc(),
            source,
        })
    }

    /// Number of reports that contain the string, at most.
    pub(crate) fn estimate(&self) -> u64 {
        match &self.source {
            Source::Term(None) => 0,
            Source::Term(Some(postings)) => postings.doc_freq().into(),
            Source::Suffixes(_, located) => located.count.min(self.n_docs as usize) as u64,
        }
    }

    /// Reports that contain the string, among `within` when given; both ascend.
    pub(crate) fn docs(self, within: Option<&[DocId]>, deadline: &Deadline) -> tantivy::Result<Vec<DocId>> {
        deadline.check()?;
        match (self.source, within) {
            (Source::Term(None), _) => Ok(Vec::new()),
            (Source::Term(Some(postings)), _) => Ok(postings_docs(*postings, within)),
            (Source::Suffixes(needle, located), Some(within))
                if self.texts.is_better_read(&needle, &located, within.len()) =>
            {
                let mut docs = Vec::new();
                for within in within.chunks(1024) {
                    deadline.check()?;
                    let found = within.iter().filter(|doc| self.texts.contains(**doc, &needle));
                    docs.extend(found);
                }
                Ok(docs)
            }
            (Source::Suffixes(needle, located), within) => {
                let mut docs = self.texts.docs(&needle, &located, deadline)?;
                if let Some(within) = within {
                    keep(&mut docs, within);
                }
                Ok(docs)
            }
        }
    }
}

/// The reports of a list, among `within` when given; both ascend.
fn postings_docs(mut postings: SegmentPostings, within: Option<&[DocId]>) -> Vec<DocId> {
    let mut docs = Vec::new();
    let Some(within) = within else {
        docs.reserve(postings.doc_freq() as usize);
        let mut doc = postings.doc();
        while doc != TERMINATED {
            docs.push(doc);
            doc = postings.advance();
        }
        return docs;
    };
    // Few reports in a long list: leap.
    let leaps = postings.doc_freq() as usize / 8 > within.len();
    let mut doc = postings.doc();
    for wanted in within {
        if leaps && doc < *wanted {
            doc = postings.seek(*wanted);
        }
        while doc < *wanted {
            doc = postings.advance();
        }
        if doc == *wanted {
            docs.push(doc);
        }
        if doc == TERMINATED {
            break;
        }
    }
    docs
}

/// Keeps what is in `others`; both lists ascend.
pub(crate) fn keep(docs: &mut Vec<DocId>, others: &[DocId]) {
    let mut others = others.iter().peekable();
    docs.retain(|doc| {
        while others.next_if(|other| *other < doc).is_some() {}
        others.peek() == Some(&doc)
    });
}

/// The places of a string in some reports of one segment.
pub(crate) struct Occurrences<'a> {
    texts: &'a Texts,
    needle: Needle,
    /// All places by report, when they are fewer than it would take to read the texts.
    listed: Option<Vec<(DocId, u32)>>,
    /// Characters of the string.
    pub(crate) n_chars: u32,
}

impl<'a> Occurrences<'a> {
    /// Prepares to look the folded string up in `docs`, which ascend.
    pub(crate) fn open(segment: Segment<'a>, folded: &str, docs: &[DocId]) -> Self {
        let texts = segment.texts;
        let needle = Needle::new(folded);
        let located = texts.locate(&needle);
        let is_listed = needle.len() > MAX_SCANNED || located.count / PLACES_A_TEXT <= docs.len();
        Self {
            texts,
            needle,
            listed: is_listed.then(|| texts.places(&located)),
            n_chars: u32::try_from(folded.chars().count()).unwrap_or(u32::MAX),
        }
    }

    /// Prepares to look up where paragraphs end.
    pub(crate) fn paragraph_ends(segment: Segment<'a>) -> Self {
        Self {
            texts: segment.texts,
            needle: Needle::new("\n"),
            listed: None,
            n_chars: 1,
        }
    }

    /// Where the string begins in `doc`, ascending, as numbers of characters of the body.
    pub(crate) fn starts(&self, doc: DocId, found: &mut Vec<u32>) {
        found.clear();
        match &self.listed {
            None => self.texts.scan(doc, &self.needle, found),
            Some(places) => {
                let first = places.partition_point(|(other, _)| *other < doc);
                let here = places[first..].iter().take_while(|(other, _)| *other == doc);
                found.extend(here.map(|(_, unit)| unit));
            }
        }
        self.texts.to_chars(doc, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_kept() {
        let mut docs = vec![1, 3, 5, 7];
        keep(&mut docs, &[0, 3, 4, 7, 9]);
        assert_eq!(docs, [3, 7]);
    }
}
