//! Highlights: the passages of a hit that show why it is one, made from the stored text.
//!
//! Every paragraph is searched for all strings of the query at once ([`strings`]), in the folded form that the index
//! holds: what matches is what the search found. Stretches with the most matches are chosen ([`windows`]), only their
//! paragraphs are folded again with the places of their characters ([`mod@line`]), and a passage is cut around the matches
//! ([`passage`]). Offsets count Unicode characters of the original text, so a reader can find the place again.

mod cuts;
mod line;
mod passage;
mod strings;
mod windows;

use std::ops::Range;

use report::{Folded, Report, Role, Section, fold, paragraphs};

use self::{
    line::Line,
    strings::{Found, Strings, Wanted},
    windows::{APART, take_best, windows_of},
};
use crate::{
    Highlight, HighlightField, Marks,
    deadline::Deadline,
    matching::words,
    query::{FieldName, FieldTest, Node},
};

/// Longest title shown whole, in characters.
const TITLE_CHARS: usize = 300;
/// Places marked in one text.
const MAX_MARKS: usize = 10_000;

/// Makes the highlights of one search.
pub(crate) struct Highlighter {
    body: Strings,
    title: Strings,
    /// Roles of the sections from which passages are preferred.
    roles: Vec<Role>,
    /// Most passages of the text shown for one hit.
    max_passages: usize,
}

impl Highlighter {
    pub(crate) fn new(root: &Node, roles: &[Role], max_passages: usize) -> Self {
        let mut body = Wanted::default();
        let mut titles: Vec<&str> = Vec::new();
        root.for_each_positive(true, &mut |node, _| match node {
            Node::Bare(terms) => body.strings.extend(words(terms)),
            Node::Exact(text) => body.strings.push(&text.folded),
            Node::Near {
                left,
                right,
                distance,
            } => body
                .pairs
                .push(([left, right].map(|side| side.folded.as_str()), *distance)),
            Node::Field(field) if field.name == FieldName::Title => {
                if let FieldTest::Contains(folded) = &field.test {
                    titles.push(folded);
                }
            }
            _ => {}
        });
        let mut title = body.clone();
        title.strings.extend(titles);
        Self {
            body: Strings::new(&body),
            title: Strings::new(&title),
            roles: roles.to_vec(),
            max_passages,
        }
    }

    /// The highlights of a hit: the title when it matches, then the best passages of the text. `folded` begins with the
    /// folded paragraphs of the text, one a line, in units of UTF-16.
    ///
    /// # Errors
    /// When the time is over.
    pub(crate) fn highlights(
        &self,
        report: &Report,
        folded: &[u8],
        deadline: &Deadline,
    ) -> tantivy::Result<Vec<Highlight>> {
        let content = &report.content;
        let title = content.title.as_deref().unwrap_or_default();
        let mut highlights = Vec::from_iter(self.title_highlight(title));
        let mut lines = Vec::new();
        let mut nth_paragraph = 0;
        let mut paragraphs = paragraphs(&content.text);
        for (nth, folded) in self.body.paragraphs_with(folded) {
            // Behind the paragraphs stand copies of headings and the title.
            let Some(paragraph) = paragraphs.nth(nth - nth_paragraph) else {
                break;
            };
            nth_paragraph = nth + 1;
            let matches = self.body.find(&folded);
            if !matches.is_empty() {
                deadline.check()?;
                lines.push(Line::new(paragraph, matches));
            }
        }
        self.prefer(&mut lines, &content.outline);
        highlights.extend(self.text_highlights(&mut lines, &content.outline, deadline)?);
        Ok(highlights)
    }

    /// Every place of a report that matches, those that touch joined.
    pub(crate) fn marks(&self, report: &Report) -> Marks {
        let folded = Folded::new(report.content.title.as_deref().unwrap_or_default());
        let title = original(&folded, &self.title.find(folded.as_str()));
        let mut text = Vec::new();
        for paragraph in paragraphs(&report.content.text) {
            // Folding takes longer than looking at what was folded.
            let matches = self.body.find(&fold(paragraph.text));
            if matches.is_empty() {
                continue;
            }
            let places = original(&Folded::new(paragraph.text), &matches).into_iter();
            text.extend(places.map(|place| paragraph.char + place.start..paragraph.char + place.end));
            if text.len() >= MAX_MARKS {
                text.truncate(MAX_MARKS);
                break;
            }
        }
        Marks { title, text }
    }

    /// Keeps what lies in sections from which passages are preferred, if anything does.
    fn prefer(&self, lines: &mut Vec<Line<'_>>, outline: &[Section]) {
        let sections = outline.iter();
        let sections: Vec<_> = sections
            .filter(|section| self.roles.contains(&section.role))
            .collect();
        if sections.is_empty() {
            return;
        }
        let mut is_any = false;
        for line in lines.iter_mut() {
            is_any |= line.prefer(&sections);
        }
        if is_any {
            lines.retain(Line::is_wanted);
        } else {
            lines.iter_mut().for_each(Line::prefer_all);
        }
    }

    /// The best passages: first such that lie apart, then what else matches, as long as fewer are shown than were asked
    /// for.
    fn text_highlights(
        &self,
        lines: &mut [Line<'_>],
        outline: &[Section],
        deadline: &Deadline,
    ) -> tantivy::Result<Vec<Highlight>> {
        let worths = &self.body.worths;
        let mut shown = vec![false; worths.len()];
        let mut highlights: Vec<Highlight> = Vec::new();
        for apart in std::iter::once(APART).chain(std::iter::repeat(0)) {
            let n_before = highlights.len();
            let n_missing = self.max_passages - n_before;
            let windows = lines
                .iter()
                .enumerate()
                .flat_map(|(nth, line)| windows_of(nth, line.left(), worths, n_missing, apart));
            let mut windows: Vec<_> = windows.collect();
            while highlights.len() < self.max_passages
                && let Some(window) = take_best(&mut windows, &shown, worths)
            {
                deadline.check()?;
                if let Some(highlight) = lines[window.paragraph].show(&window.matches, outline) {
                    window.matches.iter().for_each(|found| shown[found.string] = true);
                    highlights.push(highlight);
                }
            }
            if highlights.len() == n_before || highlights.len() >= self.max_passages {
                break;
            }
        }
        Ok(highlights)
    }

    fn title_highlight(&self, title: &str) -> Option<Highlight> {
        let folded = Folded::new(title);
        let matches = self.title.find(folded.as_str());
        if matches.is_empty() {
            return None;
        }
        let marks = original(&folded, &matches);
        let n_chars = title.chars().count();
        let range = if n_chars <= TITLE_CHARS {
            0..n_chars
        } else {
            passage::around(title, &marks, 0..n_chars)
        };
        Some(Highlight {
            field: HighlightField::Title,
            path: None,
            heading: None,
            role: None,
            html: passage::html(title, range.clone(), &marks),
            start: range.start,
            end: range.end,
            paragraph: None,
        })
    }
}

/// Places of matches in the original paragraph, in characters, those that touch joined.
fn original(folded: &Folded, matches: &[Found]) -> Vec<Range<usize>> {
    let mut marks: Vec<Range<usize>> = Vec::new();
    for found in matches {
        let range = folded.original_chars(found.bytes.clone());
        match marks.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => marks.push(range),
        }
    }
    marks
}

/// The innermost section around a character of the text.
pub(crate) fn section_at(outline: &[Section], at: usize) -> Option<&Section> {
    let around = outline
        .iter()
        .filter(|section| section.start <= at && at < section.end);
    around.max_by_key(|section| (section.start, section.level))
}
