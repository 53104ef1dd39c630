//! The title of a document.
//!
//! A title is believed when two places agree: a line above the text, and what the head of the page says
//! (`ArticleTitle`, `<title>`, the row of the list). Without that, a line that its element calls a title, a line
//! where a title stands, or the opening of the text will do, if it has the shape of one. A document without a title
//! stays without.

use std::ops::Range;

use super::{boilerplate::compact, page::Page};

mod declared;
pub(crate) mod enclosed;
mod pieces;
mod shape;
mod unconfirmed;

pub(crate) use self::{
    declared::all as declared,
    pieces::repeated,
    shape::{has_shape, is_letterhead, is_note, is_office_holder, is_subtitle, names_a_document},
};
use self::{
    declared::is_site,
    pieces::{join, tidy},
    unconfirmed::{above, named, opening},
};

/// A title and where on the page it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Title {
    /// The title, on one line.
    pub(crate) text: String,
    /// Its lines; empty when no line repeats it.
    pub(crate) lines: Range<usize>,
    /// It was taken from the head of the page or from a list, and no line of the page says it.
    pub(crate) inferred: bool,
    /// Why these words, as a code.
    pub(crate) basis: &'static str,
}

/// How far above the text a title may stand, in lines.
const REACH_ABOVE: usize = 30;
/// How far into what was taken for the text it may stand.
const REACH_INTO: usize = 6;
/// Longest title, in characters.
const MAX_CHARS: usize = 160;
/// Lines that a title is broken into at most.
const MAX_LINES: usize = 6;

/// Finds the title of a page.
pub(crate) fn find(page: &Page, list_title: Option<&str>) -> Option<Title> {
    let (start, end) = page
        .body
        .as_ref()
        .map_or((0, 0), |body| (body.range.start, body.range.end));
    let region = start.saturating_sub(REACH_ABOVE)..(start + REACH_INTO).min(end);
    let nowhere = start..start;
    if let Some(chosen) = &page.chosen_title {
        let lines = matching(page, &region, &compact(chosen)).unwrap_or(nowhere);
        return Some(Title {
            text: chosen.clone(),
            lines,
            inferred: false,
            basis: "portal_selector",
        });
    }
    let wanted = declared::wanted(page, list_title);
    let agreed = wanted.iter().find_map(|title| {
        let lines = matching(page, &region, &compact(title))?;
        let called = |at: usize| page.lines.lines[at].heading || page.lines.lines[at].titled;
        if declared::is_weak(page, list_title, title) && !lines.clone().any(called) {
            return None;
        }
        // Where the head of the page writes broken lines as one, so do we.
        let text = if lines.len() > 1 {
            title.clone()
        } else {
            joined(page, &lines)
        };
        Some(Title {
            text,
            lines,
            inferred: false,
            basis: "line_and_head",
        })
    });
    let found = |basis| {
        move |lines: Range<usize>| Title {
            text: joined(page, &lines),
            lines,
            inferred: false,
            basis,
        }
    };
    agreed
        .or_else(|| beginning_of_head(page, &region, list_title).map(found("beginning_of_head")))
        .or_else(|| named(page, &region, start).map(found("heading_element")))
        .or_else(|| above(page, &region, start).map(found("above_text")))
        .or_else(|| {
            opening(page)
                .filter(|lines| names_a_document(&joined(page, lines)))
                .map(found("opening"))
        })
        .or_else(|| {
            Some(Title {
                text: declared::alone(page, list_title)?,
                lines: nowhere,
                inferred: true,
                basis: "head",
            })
        })
        .or_else(|| opening(page).map(found("opening")))
        .map(|title| Title {
            text: tidy(&title.text),
            ..title
        })
}

/// Lines in the region that together are the wanted text.
fn matching(page: &Page, region: &Range<usize>, wanted: &str) -> Option<Range<usize>> {
    let lines = &page.lines.lines;
    let mut best: Option<Range<usize>> = None;
    for from in region.clone() {
        let mut text = String::new();
        for to in from..(from + MAX_LINES).min(region.end) {
            text.push_str(&compact(&lines[to].text));
            // The nearest to the text, unless an earlier one is a heading and this one is not.
            let better = best
                .as_ref()
                .is_none_or(|best| !lines[best.start].heading || lines[from].heading);
            if text == wanted && better {
                best = Some(from..to + 1);
            }
            if !wanted.starts_with(text.as_str()) {
                break;
            }
        }
    }
    best
}

/// The longest line, or run of lines, that `<title>` or `ArticleTitle` begins with.
fn beginning_of_head(page: &Page, region: &Range<usize>, list_title: Option<&str>) -> Option<Range<usize>> {
    let lines = &page.lines.lines;
    let heads: Vec<(usize, bool, String)> = declared::beginnings(page, list_title)
        .into_iter()
        .map(|(head, cut)| (head.chars().count(), cut, head))
        .collect();
    let mut best: Option<(usize, Range<usize>)> = None;
    for from in region.clone() {
        let mut text = String::new();
        for (to, line) in lines
            .iter()
            .enumerate()
            .take(region.end)
            .skip(from)
            .take(MAX_LINES)
        {
            text.push_str(&compact(&line.text));
            let chars = text.chars().count();
            if chars > MAX_CHARS {
                break;
            }
            let begins = |(length, _, head): &(usize, bool, String)| {
                head.starts_with(text.as_str()) && chars * 5 >= *length
            };
            // Some systems cut `ArticleTitle` at a hundred characters, so the line may be the longer one.
            let goes_on = |(length, cut, head): &(usize, bool, String)| {
                (*length >= 20 || *cut && *length >= 8) && text.starts_with(head.as_str())
            };
            let covered = heads.iter().any(goes_on);
            let agrees = covered || heads.iter().any(begins);
            let better = best.as_ref().is_none_or(|(most, _)| chars >= *most);
            if agrees && better && chars >= 6 && !is_site(page, &line.text) {
                best = Some((chars, from..to + 1));
            }
            if covered {
                break;
            }
        }
    }
    best.map(|(_, range)| range)
}

fn joined(page: &Page, lines: &Range<usize>) -> String {
    let texts = page.lines.lines[lines.clone()]
        .iter()
        .map(|line| line.text.as_str());
    join(&texts.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
