//! Exact containment in a short field (title, issuer …): pairs of neighbours with their positions.
//!
//! A string of two and more characters is covered by pairs, each character by one pair at least. Pairs stand at the
//! position of their first character, and positions run through without a break inside a value only, so pairs at the
//! right distances are the string itself, in one value. Nothing has to be checked afterwards.

use std::collections::HashMap;

use tantivy::{
    DocId, DocSet, SegmentReader, TERMINATED, Term,
    postings::{Postings, SegmentPostings},
    schema::{Field, IndexRecordOption},
};

/// A string looked up in one segment: the postings of its terms.
pub(crate) struct Phrase {
    parts: Vec<Part>,
    buffer: Vec<u32>,
}

/// A pair, which may stand in several places of the string.
struct Part {
    /// What has to be added to a position of the pair to get the same number for all pairs of a match.
    shifts: Vec<u32>,
    postings: SegmentPostings,
}

impl Phrase {
    /// Looks the folded string up; `None` when some part of it is nowhere in the segment.
    pub(crate) fn open(reader: &SegmentReader, field: Field, folded: &str) -> tantivy::Result<Option<Self>> {
        let terms = terms(field, folded);
        let last = terms.last().map_or(0, |(offset, _)| *offset);
        let option = match terms.len() > 1 {
            true => IndexRecordOption::WithFreqsAndPositions,
            false => IndexRecordOption::Basic,
        };
        let mut by_term: HashMap<Term, Vec<u32>> = HashMap::new();
        for (offset, term) in terms {
            by_term.entry(term).or_default().push(last - offset);
        }
        let mut parts = Vec::with_capacity(by_term.len());
        let inverted = reader.inverted_index(field)?;
        for (term, shifts) in by_term {
            let Some(postings) = inverted.read_postings(&term, option)? else {
                return Ok(None);
            };
            parts.push(Part { shifts, postings });
        }
        // The rarest part leads.
        parts.sort_by_key(|part| part.postings.doc_freq());
        Ok((!parts.is_empty()).then_some(Self {
            parts,
            buffer: Vec::new(),
        }))
    }

    /// Goes to the first report from `target` on that has all pairs, wherever they stand.
    fn seek(&mut self, mut target: DocId) -> DocId {
        'candidates: while target != TERMINATED {
            for part in &mut self.parts {
                let found = seek(&mut part.postings, target);
                if found > target {
                    target = found;
                    continue 'candidates;
                }
            }
            break;
        }
        target
    }

    /// Places that the pairs of the report at hand agree on, ascending: where the string ends, less its last pair.
    fn agreed(&mut self, found: &mut Vec<u32>) {
        let Self { parts, buffer } = self;
        found.clear();
        let mut is_first = true;
        for Part { shifts, postings } in parts {
            postings.positions(buffer);
            for shift in shifts {
                if is_first {
                    found.extend(buffer.iter().map(|position| position + *shift));
                    is_first = false;
                } else {
                    keep_common(found, buffer, *shift);
                }
                if found.is_empty() {
                    return;
                }
            }
        }
    }

    /// Whether the pairs have to be compared: there are several, or one in several places.
    fn has_to_agree(&self) -> bool {
        self.parts.len() > 1 || self.parts.iter().any(|part| part.shifts.len() > 1)
    }

    /// Reports that contain the string, among `within` when given; both ascend.
    pub(crate) fn docs(mut self, within: Option<&[DocId]>) -> Vec<DocId> {
        let has_to_agree = self.has_to_agree();
        let mut docs = Vec::new();
        let mut places = Vec::new();
        let mut target = 0;
        let mut rest = within;
        loop {
            if let Some(list) = &mut rest {
                *list = &list[list.partition_point(|doc| *doc < target)..];
                match list.first() {
                    Some(doc) => target = *doc,
                    None => return docs,
                }
            }
            let doc = self.seek(target);
            if doc == TERMINATED {
                return docs;
            }
            if within.is_none() || doc == target {
                if has_to_agree {
                    self.agreed(&mut places);
                }
                if !has_to_agree || !places.is_empty() {
                    docs.push(doc);
                }
                target = doc + 1;
            } else {
                target = doc;
            }
        }
    }

    /// Number of reports that contain the string, at most.
    pub(crate) fn estimate(reader: &SegmentReader, field: Field, folded: &str) -> tantivy::Result<u64> {
        let mut least = u64::MAX;
        let inverted = reader.inverted_index(field)?;
        for (_, term) in terms(field, folded) {
            least = least.min(inverted.doc_freq(&term)?.into());
        }
        Ok(least)
    }
}

/// Goes to the first report from `target` on; the postings may be there already.
fn seek(postings: &mut SegmentPostings, target: DocId) -> DocId {
    if postings.doc() < target {
        postings.seek(target)
    } else {
        postings.doc()
    }
}

/// The terms of a string with their distances from its beginning.
fn terms(field: Field, folded: &str) -> Vec<(u32, Term)> {
    match folded.chars().count() {
        0 => Vec::new(),
        1 => vec![(0, Term::from_field_text(field, folded))],
        _ => {
            let cover = cover(folded).into_iter();
            cover
                .map(|(offset, pair)| (offset, Term::from_field_text(field, &pair)))
                .collect()
        }
    }
}

/// Pairs that cover a string of two characters or more, with their distances from its beginning.
fn cover(folded: &str) -> Vec<(u32, String)> {
    let chars: Vec<char> = folded.chars().collect();
    let last = chars.len().saturating_sub(2);
    let starts = (0..last).step_by(2).chain([last]);
    starts
        .map(|start| (start as u32, chars[start..].iter().take(2).collect()))
        .collect()
}

/// Keeps the numbers that are `shift` more than one of `others`; both lists ascend.
fn keep_common(numbers: &mut Vec<u32>, others: &[u32], shift: u32) {
    let mut others = others.iter().map(|other| other + shift).peekable();
    numbers.retain(|number| {
        while others.next_if(|other| other < number).is_some() {}
        others.peek() == Some(number)
    });
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
    fn common_numbers_are_kept() {
        let mut numbers = vec![0, 4, 7, 9];
        keep_common(&mut numbers, &[0, 3, 5, 8], 4);
        assert_eq!(numbers, [4, 7, 9]);
    }
}
