//! The title of a document.
//!
//! A title is believed when two places agree: a line above the text, and what the head of the page says
//! (`ArticleTitle`, `<title>`, the row of the list). Without that, a line that its element calls a title, a line
//! where a title stands, or the opening of the text will do, if it has the shape of one. A document without a title
//! stays without.

use std::ops::Range;

use report::DocumentNumber;

use super::{boilerplate::compact, judge::is_link_line, lines::Line, page::Page};

mod declared;
pub(crate) mod enclosed;
mod pieces;
mod shape;

pub(crate) use self::{
    declared::all as declared,
    pieces::repeated,
    shape::{has_shape, is_letterhead, is_note, is_office_holder, is_subtitle, names_a_document},
};
use self::{
    declared::is_site,
    pieces::{join, tidy},
    shape::{continues, is_byline},
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

/// Lines that a headline is broken into at most.
const MAX_HEADLINES: usize = 4;

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

/// Lines that their element calls a heading or title: the nearest above the text, or the first of the text itself.
/// Headings count more, since classes call many things a title.
fn named(page: &Page, region: &Range<usize>, start: usize) -> Option<Range<usize>> {
    const NEARER: usize = 6;
    let fits = |at: usize| {
        let line = &page.lines.lines[at];
        let own = !is_site(page, &line.text) && !is_letterhead(&line.text);
        !page.judged[at].is_of_the_site() && line.chars <= MAX_CHARS && has_shape(&line.text) && own
    };
    let heading = |at: usize| page.lines.lines[at].heading && fits(at);
    let titled = |at: usize| page.lines.lines[at].titled && fits(at);
    let linked = |at: usize| is_link_line(&page.lines.lines[at]);
    // A heading that is a link may be the name of the site.
    let nearest = |named: &dyn Fn(usize) -> bool| {
        let above = || (region.start..start.min(region.end)).rev();
        let first = (start..region.end.min(start + 1)).find(|at| named(*at));
        above()
            .find(|at| named(*at) && !linked(*at))
            .or(first)
            .or_else(|| above().find(|at| named(*at)))
    };
    let last = match (nearest(&heading), nearest(&titled)) {
        (Some(heading), Some(titled)) if titled > heading + NEARER && titled < start => titled,
        (heading, titled) => heading.or(titled)?,
    };
    let alike = |at: usize| if heading(last) { heading(at) } else { titled(at) };
    let mut first = last;
    while first > region.start && last - first + 1 < MAX_LINES && alike(first - 1) {
        first -= 1;
    }
    let mut end = last + 1;
    // A title that is itself the first line of the text may go on below.
    while first >= start && end < region.end && end - first < MAX_LINES && !heading(last) && alike(end) {
        end += 1;
    }
    // The last piece of a broken title may be short: 实施方案.
    let block = line_breaks_around(page, last).unwrap_or(last..last + 1);
    let goes_on = |at: usize| {
        let text = &page.lines.lines[at].text;
        !page.judged[at].is_of_the_site() && continues(text) && !is_subtitle(text)
    };
    while end < block.end && end - first < MAX_LINES && goes_on(end) {
        end += 1;
    }
    // Its first may be the body alone, which by itself would be the name of a site.
    while first > block.start && end - first < MAX_LINES && goes_on(first - 1) {
        first -= 1;
    }
    Some(first..end)
}

/// The line right above the text, or above the bar of date and source that stands there.
fn above(page: &Page, region: &Range<usize>, start: usize) -> Option<Range<usize>> {
    const REACH: usize = 8;
    for at in (region.start..start).rev().take(REACH) {
        let line = &page.lines.lines[at];
        if page.judged[at].is_of_the_site() {
            continue;
        }
        let text = &line.text;
        if is_site(page, text) || is_letterhead(text) || is_subtitle(text) || is_number(text) {
            continue;
        }
        let fits = |at: usize| {
            let line = &page.lines.lines[at];
            !page.judged[at].is_of_the_site() && !is_link_line(line) && continues(&line.text)
        };
        let run = line_breaks_around(page, at).filter(|run| run.end <= start && run.clone().all(fits));
        let run = run.unwrap_or(at..at + 1);
        return (!is_link_line(line) && has_shape(&page.lines.lines[run.start].text)).then_some(run);
    }
    None
}

/// The lines around one that only `<br>` parts from it, if there are a few.
fn line_breaks_around(page: &Page, at: usize) -> Option<Range<usize>> {
    let spans = page.lines.spans.values().filter(|span| span.contains(&at));
    let block = spans.min_by_key(|span| span.len())?;
    (2..=MAX_LINES).contains(&block.len()).then(|| block.clone())
}

/// A document number on a line of its own.
fn is_number(line: &str) -> bool {
    line.chars().take(41).count() <= 40 && DocumentNumber::parse(&compact(line)).is_some()
}

/// The first lines of the text, if they have the shape of a title and text follows.
fn opening(page: &Page) -> Option<Range<usize>> {
    let body = page.body.as_ref()?;
    let lines = &page.lines.lines;
    // The head of a letter and its number stand above the title.
    let head = |at: &usize| is_letterhead(&lines[*at].text) || is_number(&lines[*at].text);
    let headed = body.range.clone().take(2).take_while(head).count();
    let first = body.range.start + headed;
    let fits = |at: &usize| {
        let text = &lines[*at].text;
        let shaped = has_shape(text) || *at > first && continues(text);
        !page.judged[*at].is_of_the_site() && shaped && !is_byline(text) && !is_subtitle(text)
    };
    let reach = body.range.end.min(first + MAX_LINES);
    let end = (first..reach).find(|at| !fits(at)).unwrap_or(reach);
    // The text may begin with its own title again.
    let again = |at: &usize| compact(&lines[*at].text) == compact(&lines[first].text);
    let end = (first + 1..end).find(again).unwrap_or(end);
    if end == first {
        return None;
    }
    // Whatever the document is called by itself ends its title; a subtitle may follow on the next line.
    let named = (first..end)
        .find(|at| names_a_document(&lines[*at].text))
        .map(|at| at + 1);
    let noted = named
        .filter(|at| *at < end && is_note(&lines[*at].text))
        .map(|at| at + 1);
    // Without such a word few lines are a headline.
    let end = noted.or(named).unwrap_or(end.min(first + MAX_HEADLINES));
    let longest = lines[first..end]
        .iter()
        .map(|line| line.chars)
        .max()
        .unwrap_or_default();
    let sentence =
        |line: &Line| line.chars >= 25 && line.chars > longest && line.text.contains(['，', ',', '。']);
    let follows = lines[end..body.range.end].iter().take(6).any(sentence);
    (follows || named.is_some() && end < body.range.end).then_some(first..end)
}

#[cfg(test)]
mod tests;
