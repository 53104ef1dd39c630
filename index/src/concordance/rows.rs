//! Rows as they are shown: places of the folded text found again in the stored one.

use std::collections::HashMap;

use report::{Folded, Report, paragraphs};
use tantivy::DocAddress;

use super::{ConcordanceRow, Occurrence, context::Context};
use crate::{IndexError, highlight::section_at, state::State};

/// A stored report, and where its paragraphs lie among the units of its folded text.
struct Opened {
    report: Report,
    paragraphs: Vec<Lines>,
}

/// A paragraph.
struct Lines {
    /// First unit of the folded text.
    unit: usize,
    /// First byte and character of the stored text, and number of bytes.
    byte: usize,
    char: usize,
    n_bytes: usize,
}

/// Reads the rows of some occurrences.
pub(super) fn read(
    state: &State,
    found: &[Occurrence],
    width: usize,
) -> Result<Vec<ConcordanceRow>, IndexError> {
    let mut opened: HashMap<DocAddress, Opened> = HashMap::new();
    let mut rows = Vec::with_capacity(found.len());
    for place in found {
        let report = match opened.entry(place.address) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(Opened::new(state.report(place.address)?))
            }
        };
        let texts = state.texts.get(place.address.segment_ord as usize);
        let text = texts.map_or(&[][..], |texts| texts.bytes(place.address.doc_id));
        let row = report.row(text, place, width);
        rows.push(row.ok_or_else(|| state.damaged("a stored text is not the one that was indexed"))?);
    }
    Ok(rows)
}

impl Opened {
    fn new(report: Report) -> Self {
        let mut unit = 0;
        let lines = paragraphs(&report.content.text).map(|paragraph| {
            let lines = Lines {
                unit,
                byte: paragraph.byte,
                char: paragraph.char,
                n_bytes: paragraph.text.len(),
            };
            unit += report::fold(paragraph.text).encode_utf16().count() + 1;
            lines
        });
        Self {
            paragraphs: lines.collect(),
            report,
        }
    }

    /// The row of an occurrence; `text` is the folded text.
    fn row(&self, text: &[u8], place: &Occurrence, width: usize) -> Option<ConcordanceRow> {
        let (start, end) = (place.start as usize, place.end as usize);
        let lines =
            &self.paragraphs[..self.paragraphs.partition_point(|lines| lines.unit <= start)].last()?;
        let stored = self
            .report
            .content
            .text
            .get(lines.byte..lines.byte + lines.n_bytes)?;
        let folded = Folded::new(stored);
        let units = |context: Context<'_>| context.map(char::len_utf16).sum::<usize>();
        let from = start - units(Context::left(text, place.start, width));
        let to = end + units(Context::right(text, place.end, width));
        let [from, start, end, to] =
            bytes_at(folded.as_str(), [from, start, end, to].map(|at| at - lines.unit))?;
        let shown = folded.original_bytes(from..to);
        let (bytes, chars) = (
            folded.original_bytes(start..end),
            folded.original_chars(start..end),
        );
        let content = &self.report.content;
        let section = section_at(&content.outline, lines.char + chars.start);
        Some(ConcordanceRow {
            report_id: self.report.id.clone(),
            title: content.title.clone(),
            region_code: content.region_code,
            region_name: content.region_name.clone(),
            year: content.year,
            published: content.published,
            left: stored.get(shown.start..bytes.start)?.to_owned(),
            matched: stored.get(bytes.clone())?.to_owned(),
            right: stored.get(bytes.end..shown.end)?.to_owned(),
            path: section.map(|section| section.path.clone()),
            heading: section.map(|section| section.heading.clone()),
            role: section.map(|section| section.role),
            start: lines.char + chars.start,
            end: lines.char + chars.end,
            paragraph: lines.char,
        })
    }
}

/// The bytes at which units of a text begin; they ascend.
fn bytes_at(text: &str, units: [usize; 4]) -> Option<[usize; 4]> {
    let mut found = [text.len(); 4];
    let mut n_found = 0;
    let mut at = 0;
    for (byte, c) in text.char_indices() {
        while n_found < 4 && units[n_found] <= at {
            found[n_found] = byte;
            n_found += 1;
        }
        at += c.len_utf16();
    }
    // What was not reached has to be the end.
    units[n_found..].iter().all(|unit| *unit == at).then_some(found)
}
