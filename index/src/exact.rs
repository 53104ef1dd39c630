//! Exact containment: which terms a string becomes, and where it occurs.
//!
//! A string of two and more characters is covered by pairs of neighbours, each character by one pair at least. Pairs
//! stand at the position of their first character, and positions run through without a break inside a paragraph only,
//! so pairs at the right distances are the string itself, in one paragraph. Nothing has to be checked afterwards.

use tantivy::{
    DocId, DocSet, SegmentReader, TERMINATED, Term,
    postings::{Postings, SegmentPostings},
    query::{PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use crate::schema::Fields;

/// Pairs that cover a string of two characters or more, with their distances from its beginning.
fn cover(folded: &str) -> Vec<(usize, String)> {
    let chars: Vec<char> = folded.chars().collect();
    let last = chars.len().saturating_sub(2);
    let starts = (0..last).step_by(2).chain([last]);
    starts
        .map(|start| (start, chars[start..].iter().take(2).collect()))
        .collect()
}

/// Reports whose title or one paragraph of whose text contains the folded string.
pub(crate) fn in_body(fields: &Fields, folded: &str) -> Box<dyn Query> {
    if is_single(folded) {
        term(fields.chars, folded)
    } else {
        pairs(fields.pairs, folded)
    }
}

/// Reports with a value in this short field that contains the folded string.
pub(crate) fn in_field(field: Field, folded: &str) -> Box<dyn Query> {
    if is_single(folded) {
        term(field, folded)
    } else {
        pairs(field, folded)
    }
}

fn is_single(folded: &str) -> bool {
    folded.chars().nth(1).is_none()
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(
        Term::from_field_text(field, text),
        IndexRecordOption::Basic,
    ))
}

fn pairs(field: Field, folded: &str) -> Box<dyn Query> {
    let mut terms: Vec<_> = cover(folded)
        .into_iter()
        .map(|(offset, pair)| (offset, Term::from_field_text(field, &pair)))
        .collect();
    match terms.pop() {
        Some((_, only)) if terms.is_empty() => Box::new(TermQuery::new(only, IndexRecordOption::Basic)),
        Some(last) => {
            terms.push(last);
            Box::new(PhraseQuery::new_with_offset(terms))
        }
        None => Box::new(tantivy::query::EmptyQuery),
    }
}

/// The places of a string in the bodies of the reports of one segment.
pub(crate) struct Occurrences {
    places: Places,
    /// Characters of the string.
    pub(crate) n_chars: u32,
    buffer: Vec<u32>,
}

enum Places {
    /// Postings of the covering pairs and their distances from the beginning.
    Pairs(Vec<(u32, SegmentPostings)>),
    /// Places by report, in the order of the reports asked for.
    Listed {
        docs: Vec<DocId>,
        places: Vec<Vec<u32>>,
    },
    Nowhere,
}

impl Occurrences {
    /// Prepares to look the folded string up in `docs`, which ascend.
    pub(crate) fn open(
        reader: &SegmentReader,
        fields: &Fields,
        folded: &str,
        docs: &[DocId],
    ) -> tantivy::Result<Self> {
        let n_chars = u32::try_from(folded.chars().count()).unwrap_or(u32::MAX);
        let places = match folded.chars().next() {
            None => Places::Nowhere,
            Some(c) if is_single(folded) => single(reader, fields, c, docs)?,
            Some(_) => {
                let mut parts = Vec::new();
                for (offset, pair) in cover(folded) {
                    match postings(reader, fields, &pair)? {
                        Some(postings) => parts.push((u32::try_from(offset).unwrap_or(u32::MAX), postings)),
                        None => {
                            return Ok(Self {
                                places: Places::Nowhere,
                                n_chars,
                                buffer: Vec::new(),
                            });
                        }
                    }
                }
                Places::Pairs(parts)
            }
        };
        Ok(Self {
            places,
            n_chars,
            buffer: Vec::new(),
        })
    }

    /// Prepares to look up where paragraphs end.
    pub(crate) fn paragraph_ends(reader: &SegmentReader, fields: &Fields) -> tantivy::Result<Self> {
        let places = match postings(reader, fields, "\n")? {
            Some(postings) => Places::Pairs(vec![(0, postings)]),
            None => Places::Nowhere,
        };
        Ok(Self {
            places,
            n_chars: 1,
            buffer: Vec::new(),
        })
    }

    /// Where the string begins in `doc`, ascending, as numbers of characters of the body. Calls must be made for
    /// ascending reports, all of them among those announced.
    pub(crate) fn starts(&mut self, doc: DocId, found: &mut Vec<u32>) {
        found.clear();
        match &mut self.places {
            Places::Nowhere => {}
            Places::Listed { docs, places } => {
                if let Ok(at) = docs.binary_search(&doc) {
                    found.extend_from_slice(&places[at]);
                }
            }
            Places::Pairs(parts) => {
                for (nth, (offset, postings)) in parts.iter_mut().enumerate() {
                    let here = postings.doc();
                    if here < doc && postings.seek(doc) != doc || here > doc {
                        found.clear();
                        return;
                    }
                    if nth == 0 {
                        postings.positions(found);
                        continue;
                    }
                    postings.positions(&mut self.buffer);
                    keep_followed(found, &self.buffer, *offset);
                    if found.is_empty() {
                        return;
                    }
                }
            }
        }
    }
}

/// Keeps the places with one of `others` exactly `distance` behind them. Both ascend.
fn keep_followed(places: &mut Vec<u32>, others: &[u32], distance: u32) {
    let mut others = others.iter().copied().peekable();
    places.retain(|place| {
        let wanted = place.saturating_add(distance);
        while others.next_if(|other| *other < wanted).is_some() {}
        others.peek() == Some(&wanted)
    });
}

fn postings(reader: &SegmentReader, fields: &Fields, pair: &str) -> tantivy::Result<Option<SegmentPostings>> {
    let term = Term::from_field_text(fields.pairs, pair);
    let inverted = reader.inverted_index(fields.pairs)?;
    Ok(inverted.read_postings(&term, IndexRecordOption::WithFreqsAndPositions)?)
}

/// The places of a single character: of all pairs that begin with it.
fn single(reader: &SegmentReader, fields: &Fields, c: char, docs: &[DocId]) -> tantivy::Result<Places> {
    let prefix = c.to_string();
    let mut places = vec![Vec::new(); docs.len()];
    let inverted = reader.inverted_index(fields.pairs)?;
    let mut pairs = inverted.terms().range().ge(&prefix).into_stream()?;
    while pairs.advance() && pairs.key().starts_with(prefix.as_bytes()) {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut postings = inverted.read_postings_from_terminfo(pairs.value(), option)?;
        for (doc, places) in docs.iter().zip(&mut places) {
            if postings.doc() < *doc && postings.seek(*doc) == TERMINATED {
                break;
            }
            if postings.doc() == *doc {
                postings.append_positions_with_offset(0, places);
            }
        }
    }
    places.iter_mut().for_each(|places| places.sort_unstable());
    Ok(Places::Listed {
        docs: docs.to_vec(),
        places,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_covered() {
        let show = |text: &str| {
            let parts = cover(text)
                .into_iter()
                .map(|(offset, pair)| format!("{offset}{pair}"));
            parts.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(show("ab"), "0ab");
        assert_eq!(show("abc"), "0ab 1bc");
        assert_eq!(show("abcd"), "0ab 2cd");
        assert_eq!(show("常宁市法治"), "0常宁 2市法 3法治");
    }

    #[test]
    fn places_are_kept_when_followed() {
        let mut places = vec![0, 4, 7, 9];
        keep_followed(&mut places, &[2, 3, 9, 10, 11], 2);
        assert_eq!(places, [0, 7, 9]);
    }
}
