//! A paragraph with matches, of which passages are shown.

use std::ops::Range;

use report::{Folded, Paragraph, Section};

use super::{Found, original, passage, section_at};
use crate::{Highlight, HighlightField};

/// A paragraph with matches.
pub(super) struct Line<'a> {
    paragraph: Paragraph<'a>,
    /// All there are in it.
    matches: Vec<Found>,
    /// Those that are to be shown, when not all are.
    preferred: Option<Vec<Found>>,
    /// The paragraph with the places of its characters, once they are needed.
    folded: Option<Folded>,
    /// Characters of the passages shown so far.
    shown: Vec<Range<usize>>,
}

impl<'a> Line<'a> {
    pub(super) fn new(paragraph: Paragraph<'a>, matches: Vec<Found>) -> Self {
        Self {
            paragraph,
            matches,
            preferred: None,
            folded: None,
            shown: Vec::new(),
        }
    }

    /// Prefers what lies in one of these sections, and tells whether there is any.
    pub(super) fn prefer(&mut self, sections: &[&Section]) -> bool {
        let Paragraph { char, chars, .. } = self.paragraph;
        let mut preferred = self.matches.clone();
        if !sections
            .iter()
            .any(|section| section.start <= char && char + chars <= section.end)
        {
            // Sections can begin inside a paragraph.
            let touches = |section: &&&Section| section.start < char + chars && char < section.end;
            let sections: Vec<_> = sections.iter().filter(touches).collect();
            if sections.is_empty() {
                preferred.clear();
            } else {
                let folded = self
                    .folded
                    .get_or_insert_with(|| Folded::new(self.paragraph.text));
                preferred.retain(|found| {
                    let place = folded.original_chars(found.bytes.clone());
                    let (start, end) = (char + place.start, char + place.end);
                    sections
                        .iter()
                        .any(|section| section.start <= start && end <= section.end)
                });
            }
        }
        !self.preferred.insert(preferred).is_empty()
    }

    /// Forgets what was preferred.
    pub(super) fn prefer_all(&mut self) {
        self.preferred = None;
    }

    /// Whether something of it is to be shown.
    pub(super) fn is_wanted(&self) -> bool {
        self.preferred
            .as_ref()
            .is_none_or(|preferred| !preferred.is_empty())
    }

    /// The matches that are to be shown and that no passage shows yet.
    pub(super) fn left(&self) -> Vec<Found> {
        let mut left = self.preferred.as_ref().unwrap_or(&self.matches).clone();
        if let Some(folded) = self.folded.as_ref().filter(|_| !self.shown.is_empty()) {
            left.retain(|found| !self.is_shown(&folded.original_chars(found.bytes.clone())));
        }
        left
    }

    /// Whether a passage shows some of these characters.
    fn is_shown(&self, place: &Range<usize>) -> bool {
        self.shown
            .iter()
            .any(|shown| place.start < shown.end && shown.start < place.end)
    }

    /// The passage around some of its matches; it meets no earlier one. `None` when they are shown already.
    pub(super) fn show(&mut self, matches: &[Found], outline: &[Section]) -> Option<Highlight> {
        let paragraph = self.paragraph;
        let folded = self.folded.get_or_insert_with(|| Folded::new(paragraph.text));
        let mut marks = original(folded, matches);
        let first = marks.first()?.clone();
        if self.is_shown(&first) {
            return None;
        }
        let before = self.shown.iter().map(|shown| shown.end);
        let behind = self.shown.iter().map(|shown| shown.start);
        let free = Range {
            start: before.filter(|end| *end <= first.start).max().unwrap_or(0),
            end: behind
                .filter(|start| *start >= first.end)
                .min()
                .unwrap_or(paragraph.chars),
        };
        marks.retain(|mark| mark.end <= free.end);
        let range = passage::around(paragraph.text, &marks, free);
        self.shown.push(range.clone());
        let section = section_at(outline, paragraph.char + first.start);
        // What else matches in the passage is marked too.
        let folded = self.folded.as_ref()?;
        let mut inside = self.matches.clone();
        inside.retain(|found| {
            let place = folded.original_chars(found.bytes.clone());
            range.start <= place.start && place.end <= range.end
        });
        Some(Highlight {
            field: HighlightField::Text,
            path: section.map(|section| section.path.clone()),
            heading: section.map(|section| section.heading.clone()),
            role: section.map(|section| section.role),
            html: passage::html(paragraph.text, range.clone(), &original(folded, &inside)),
            start: paragraph.char + range.start,
            end: paragraph.char + range.end,
            paragraph: Some(paragraph.char),
        })
    }
}
