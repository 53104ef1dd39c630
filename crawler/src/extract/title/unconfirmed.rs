//! Titles that nothing in the head of the page confirms: known by their element, by where they stand, or by how the text
//! opens.

use std::ops::Range;

use report::DocumentNumber;

use super::{
    super::{boilerplate::compact, judge::is_link_line, lines::Line, page::Page},
    MAX_CHARS, MAX_LINES,
    declared::is_site,
    shape::{continues, has_shape, is_byline, is_letterhead, is_note, is_subtitle, names_a_document},
};

/// Lines that a headline is broken into at most.
const MAX_HEADLINES: usize = 4;

/// Lines that their element calls a heading or title: the nearest above the text, or the first of the text itself.
/// Headings count more, since classes call many things a title.
pub(super) fn named(page: &Page, region: &Range<usize>, start: usize) -> Option<Range<usize>> {
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
pub(super) fn above(page: &Page, region: &Range<usize>, start: usize) -> Option<Range<usize>> {
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
pub(super) fn opening(page: &Page) -> Option<Range<usize>> {
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
