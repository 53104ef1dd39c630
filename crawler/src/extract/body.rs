//! Where the main text of a page is.
//!
//! Three layers, each narrowing what the one before left. First every line gets a weight: sentences count for, links
//! and furniture against, and the contiguous run with the greatest sum is the core of the text. Then the element
//! that holds the core gives the frame: one of the containers that content systems are known for, or the deepest
//! element around the core. Last, lines of the frame beyond the core are kept up to the first that is furniture.
//! What other pages of the portal say as well is taken off both ends afterwards, by `recurrence`.

use std::ops::Range;

use ego_tree::NodeId;
use report::dates;
use scraper::Html;
use serde::Serialize;

use super::{
    attachments,
    boilerplate::{Furniture, compact, is_bare_day},
    containers,
    issuer::is_body_name,
    judge::{Judged, is_link_line},
    lines::{Line, Lines},
    signature,
};

/// What found the main text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Layer {
    /// The portal file's own selector.
    PortalSelector,
    /// Comments by which the content system marks it.
    Marked,
    /// An element that content systems are known to put main texts in.
    KnownContainer,
    /// The heaviest run of lines: sentences count for, links and furniture against.
    Density,
    /// A known container that is nearly empty, on a page without any other text.
    LoneContainer,
    /// Right below the title and the bar of date and source: pictures or files, on a page without any text.
    BelowHead,
    /// A script holds the document as data.
    EmbeddedJson,
    /// There is no markup: all lines that are not furniture.
    PlainText,
}

/// Where the main text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// The lines of the main text.
    pub(crate) range: Range<usize>,
    /// The lines of the element they were taken from.
    pub(crate) frame: Range<usize>,
    /// That element; `None` for the whole page and between comments.
    pub(crate) node: Option<NodeId>,
    /// What found it.
    pub(crate) layer: Layer,
}

/// Weight of text that makes a text; below it, what looks like the end of one is part of the head of the page.
const ENOUGH: f32 = 150.0;

/// Weight of a sentence or two.
const SENTENCE: f32 = 30.0;

/// Finds the main text; `None` when no line says anything.
pub(crate) fn find(page: &Html, lines: &Lines, judged: &[Judged], chosen: Option<NodeId>) -> Option<Body> {
    let all = &lines.lines;
    let chosen = chosen.and_then(|node| Some((node, lines.spans.get(&node)?.clone())));
    if let Some((node, frame)) = chosen.filter(|(_, frame)| !frame.is_empty()) {
        return Some(Body {
            range: trim(judged, frame.clone()),
            frame,
            node: Some(node),
            layer: Layer::PortalSelector,
        });
    }
    let weights = discounted(all, judged);
    let core = heaviest(&weights).unwrap_or(0..0);
    let core = core.start..first_tail(all, judged, &core).unwrap_or(core.end);
    let known = containers::find(page, lines, &core, &weights);
    if known.is_none()
        && positive(&weights, &core) < ENOUGH
        && let Some((node, frame)) = containers::lone(page, lines)
    {
        return Some(Body {
            range: trim_links(page, lines, judged, trim(judged, frame.clone())),
            frame,
            node: Some(node),
            layer: Layer::LoneContainer,
        });
    }
    if core.is_empty() {
        return None;
    }
    let links_too = match &known {
        Some((Some(node), _)) => containers::is_specific(page, *node),
        Some((None, _)) => true,
        None => false,
    };
    let layer = match known {
        Some((Some(_), _)) => Layer::KnownContainer,
        Some((None, _)) => Layer::Marked,
        None => Layer::Density,
    };
    let (node, frame) = known.unwrap_or_else(|| deepest_around(page, lines, &core, &weights));
    // What the frame leaves out of the core is a stray: it holds next to none of the weight.
    let core = overlap(&core, &frame);
    let range = grow(page, lines, judged, &core, &frame, links_too);
    let range = trim_links(page, lines, judged, range);
    let range = trim_heading(lines, range);
    let range = with_signature(all, judged, range);
    Some(Body {
        range,
        frame,
        node,
        layer,
    })
}

/// Takes lists of links to other pages off both ends, when most of what is left is text.
fn trim_links(page: &Html, lines: &Lines, judged: &[Judged], range: Range<usize>) -> Range<usize> {
    /// Links that make a list.
    const LIST: usize = 3;
    /// A date or a heading among them.
    const SHORT: usize = 12;
    let all = &lines.lines;
    let to_page = |at: usize| {
        is_link_line(&all[at]) && !judged[at].enclosed && !attachments::names_file(page, lines, at)
    };
    let foreign = |at: &usize| {
        to_page(*at) || judged[*at].is_foreign() || all[*at].chars <= SHORT && judged[*at].weight <= 0.5
    };
    let links = |run: Range<usize>| run.filter(|at| to_page(*at)).count();
    let mut inner = range.clone();
    let below = range
        .clone()
        .rev()
        .take_while(foreign)
        .last()
        .unwrap_or(range.end);
    if links(below..range.end) >= LIST {
        // What stands between the text and the list is its heading, or the signature.
        let first = (below..range.end).find(|at| to_page(*at)).unwrap_or(below);
        inner.end = first;
    }
    let above = range
        .clone()
        .take_while(foreign)
        .last()
        .map_or(range.start, |at| at + 1);
    if links(range.start..above) >= LIST {
        inner.start = (range.start..above)
            .rev()
            .find(|at| to_page(*at))
            .map_or(above, |at| at + 1);
    }
    let text: f32 = judged[inner.start.min(inner.end)..inner.end]
        .iter()
        .map(|judged| judged.weight.max(0.0))
        .sum();
    // What is signed is whole, however short.
    let last = all[range.start..inner.end].last();
    let signed = last.is_some_and(|line| signature::is_day(&compact(&line.text)));
    if text >= ENOUGH || signed && text >= SENTENCE {
        trim(judged, inner)
    } else {
        range
    }
}

/// Characters of the main text.
pub(crate) fn chars(lines: &Lines, body: &Body) -> usize {
    lines.lines[body.range.clone()]
        .iter()
        .map(|line| line.chars)
        .sum()
}

/// Text below the heading of comments or of further reading counts little.
fn discounted(lines: &[Line], judged: &[Judged]) -> Vec<f32> {
    let (mut factor, mut before) = (1.0, 0.0);
    let mut out = Vec::with_capacity(lines.len());
    for (at, judged_line) in judged.iter().enumerate() {
        before += judged_line.weight.max(0.0);
        if factor == 1.0 && before >= ENOUGH && ends_text(lines, judged, at, lines.len()) {
            factor = 0.08;
        }
        out.push(if judged_line.weight > 0.0 {
            judged_line.weight * factor
        } else {
            judged_line.weight
        });
    }
    out
}

/// The contiguous run with the greatest sum.
fn heaviest(weights: &[f32]) -> Option<Range<usize>> {
    let (mut best, mut best_sum) = (None, 0.0);
    let (mut start, mut sum) = (0, 0.0);
    for (at, weight) in weights.iter().enumerate() {
        if sum <= 0.0 {
            (start, sum) = (at, 0.0);
        }
        sum += weight;
        if sum > best_sum {
            (best, best_sum) = (Some(start..at + 1), sum);
        }
    }
    best
}

/// Where the core runs on into comments or further reading, if it does.
fn first_tail(lines: &[Line], judged: &[Judged], core: &Range<usize>) -> Option<usize> {
    let mut before = 0.0;
    core.clone().find(|at| {
        before += judged[*at].weight.max(0.0);
        before >= ENOUGH && ends_text(lines, judged, *at, core.end)
    })
}

/// Whether a line ends the text: what comes after texts, or the heading of links with links below it.
fn ends_text(lines: &[Line], judged: &[Judged], at: usize, end: usize) -> bool {
    const SAMPLE: usize = 5;
    if is_link_line(&lines[at]) {
        return false;
    }
    match judged[at].furniture {
        Some(Furniture::Tail) => true,
        Some(Furniture::Further) => {
            let below = at + 1..(at + 1 + SAMPLE).min(end);
            let links = below
                .clone()
                .filter(|at| is_link_line(&lines[*at]) || judged[*at].is_foreign())
                .count();
            links * 2 >= below.len()
        }
        _ => false,
    }
}

/// Takes the heading of a list off the end: it stands in one element with the links below it.
fn trim_heading(lines: &Lines, range: Range<usize>) -> Range<usize> {
    const MAX_CHARS: usize = 20;
    let Some(last) = range.end.checked_sub(1).filter(|last| *last > range.start) else {
        return range;
    };
    let all = &lines.lines;
    let span = all[last].group.and_then(|group| lines.spans.get(&group));
    let heads = span.is_some_and(|span| span.start == last && span.end > last + 1);
    let heading = all[last].chars <= MAX_CHARS && heads && is_link_line(&all[last + 1]);
    range.start..if heading { last } else { range.end }
}

/// Elements whose neighbours are of the same text.
const PARAGRAPHS: [&str; 4] = ["p", "li", "dd", "dt"];

/// The deepest element that holds nearly all of the core, and its span; no element for the whole page.
fn deepest_around(
    page: &Html,
    lines: &Lines,
    core: &Range<usize>,
    weights: &[f32],
) -> (Option<NodeId>, Range<usize>) {
    let total = positive(weights, core);
    // Not a sentence is left outside, however long the text.
    let stray = (0.03 * total).min(20.0);
    let mut best = (None, 0..lines.lines.len());
    let mut node = page.tree.root();
    loop {
        let inner = node.children().find_map(|child| {
            let span = lines.spans.get(&child.id())?.clone();
            (positive(weights, &overlap(&span, core)) >= total - stray).then_some((child, span))
        });
        let Some((child, span)) = inner else { return best };
        // A text of one sentence is more than its paragraph.
        if child
            .value()
            .as_element()
            .is_some_and(|element| PARAGRAPHS.contains(&element.name()))
        {
            return best;
        }
        best = (Some(child.id()), span);
        node = child;
    }
}

pub(super) fn overlap(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    let start = a.start.max(b.start);
    start..a.end.min(b.end).max(start)
}

pub(super) fn positive(weights: &[f32], range: &Range<usize>) -> f32 {
    weights[range.clone()]
        .iter()
        .filter(|weight| **weight > 0.0)
        .sum()
}

/// Keeps lines of the frame around the core, in both directions up to the first that is no text. Links are text in
/// a frame that is known to hold nothing else, and in the note on files.
fn grow(
    page: &Html,
    lines: &Lines,
    judged: &[Judged],
    core: &Range<usize>,
    frame: &Range<usize>,
    links_too: bool,
) -> Range<usize> {
    let all = &lines.lines;
    let group = all.get(core.start).and_then(|line| line.group);
    let file = |at: usize| all[at].group == group && is_note_of_files(page, lines, at);
    let link = |at: usize| {
        !links_too && !judged[at].inset && !judged[at].enclosed && is_link_line(&all[at]) && !file(at)
    };
    let foreign = |at: &usize| judged[*at].is_foreign() || link(*at);
    let start = (frame.start.min(core.start)..core.start)
        .rev()
        .find(foreign)
        .map_or(frame.start, |at| at + 1);
    let end = (core.end..frame.end.max(core.end))
        .find(foreign)
        .unwrap_or(frame.end);
    trim(judged, start.min(core.start)..end.max(core.end))
}

/// Whether a line is of the note on files that ends a document (GB/T 9704-2012, 7.3.4): 附件：1.任务表 2.统计表
fn is_note_of_files(page: &Html, lines: &Lines, at: usize) -> bool {
    const MAX_LINES: usize = 10;
    let begins = |at: &usize| {
        let rest = lines.lines[*at].text.trim_start().strip_prefix("附件");
        rest.is_some_and(|rest| rest.starts_with(|c: char| "：:0123456789一二三四五六七八九十".contains(c)))
    };
    (at.saturating_sub(MAX_LINES)..=at)
        .rev()
        .take_while(|at| attachments::names_file(page, lines, *at))
        .any(|at| begins(&at))
}

/// Takes in the signature and its day where they stand right below the text, outside of the element that holds it.
fn with_signature(lines: &[Line], judged: &[Judged], mut range: Range<usize>) -> Range<usize> {
    const REACH: usize = 3;
    let below = range.end..(range.end + REACH).min(lines.len());
    let signs = |at: &usize| {
        let line = compact(&lines[*at].text);
        !judged[*at].is_foreign() && (is_body_name(&line) || signature::is_day(&line))
    };
    let signed = below.take_while(signs).last();
    let day = signed.filter(|at| signature::is_day(&compact(&lines[*at].text)));
    range.end = day.map_or(range.end, |at| at + 1);
    range
}

/// Takes furniture off both ends.
pub(crate) fn trim(judged: &[Judged], mut range: Range<usize>) -> Range<usize> {
    while !range.is_empty() && judged[range.start].is_foreign() {
        range.start += 1;
    }
    while !range.is_empty() && judged[range.end - 1].is_foreign() {
        range.end -= 1;
    }
    range
}

/// Where a plain text starts: behind the breadcrumb and the navigation in its first lines.
pub(crate) fn after_navigation(judged: &[Judged], range: &Range<usize>) -> usize {
    const REACH: usize = 15;
    let navigation = |at: &usize| {
        matches!(
            judged[*at].furniture,
            Some(Furniture::Breadcrumb | Furniture::Navigation)
        )
    };
    let found = (range.start..range.end.min(range.start + REACH))
        .rev()
        .find(navigation);
    found.map_or(range.start, |at| at + 1)
}

/// Moves the start past the bar of date and source that stands within the first lines, above the first sentence.
pub(crate) fn cut_head(lines: &[Line], judged: &[Judged], mut range: Range<usize>) -> Range<usize> {
    const REACH: usize = 10;
    for at in range.start..range.end.min(range.start + REACH) {
        let line = &lines[at];
        let stamp = range.len() > 1 && at == range.start && is_stamp(&line.text);
        if judged[at].is_foreign() || stamp || is_bare_day(&compact(&line.text)) {
            range.start = at + 1;
        } else if line.chars >= 60 || line.text.ends_with(['。', '；', '！']) {
            break;
        }
    }
    range
}

/// Whether a line is a day as content systems stamp it, 2024-03-28 10:20, and nothing else.
fn is_stamp(line: &str) -> bool {
    const MAX_BYTES: usize = 32;
    let day = dates::parse(line).filter(|_| line.len() <= MAX_BYTES);
    day.is_some() && line.starts_with(|c: char| c.is_ascii_digit()) && !line.contains(['年', '日'])
}

/// Cuts at the first heading of a tail within the last lines that no sentence follows.
pub(crate) fn cut_tail(lines: &[Line], judged: &[Judged], mut range: Range<usize>) -> Range<usize> {
    const REACH: usize = 40;
    let first = range.start.max(range.end.saturating_sub(REACH));
    for at in (first..range.end).rev() {
        let line = &lines[at];
        if matches!(judged[at].furniture, Some(Furniture::Tail | Furniture::Further)) {
            range.end = at;
        } else if judged[at].furniture.is_none()
            && (line.chars >= 60 && line.linked * 2 < line.chars || line.text.ends_with('。'))
        {
            break;
        }
    }
    trim(judged, range)
}
