//! What each line of a page is: text, furniture by its words, or furniture by the element it lies in.

use std::{cmp::Reverse, ops::Range};

use ego_tree::NodeId;
use scraper::Html;

use super::{
    boilerplate::{self, Furniture, compact},
    containers,
    labels::{self, Card},
    lines::{Line, Lines},
};

mod enclosed;
mod feeds;
mod insets;

/// What was found out about a line.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    /// Furniture by its words.
    pub(crate) furniture: Option<Furniture>,
    /// It lies in an element that its name declares furniture: a sidebar, comments, a footer …
    pub(crate) aside: bool,
    /// That element; `None` also for what stands below the records of the site.
    pub(crate) aside_element: Option<NodeId>,
    /// It interrupts the text, which goes on below: a box of further reading, a bar of buttons.
    pub(crate) inset: bool,
    /// It stands between sentences of one element: names and links there are text.
    pub(crate) enclosed: bool,
    /// It recurs on the portal's pages; said by [`recurrence::mark`](super::recurrence::mark).
    pub(crate) recurring: bool,
    /// How much it speaks for main text; below zero against.
    pub(crate) weight: f32,
}

impl Judged {
    /// It is no text of the document.
    pub(crate) fn is_foreign(&self) -> bool {
        self.aside || self.furniture.is_some()
    }

    /// It is no text of the document, or other pages of the portal say it as well.
    pub(crate) fn is_of_the_site(&self) -> bool {
        self.is_foreign() || self.recurring
    }
}

/// Judges the lines of a page; `page` is `None` for plain text.
pub(crate) fn judge(page: Option<&Html>, lines: &Lines) -> Vec<Judged> {
    let all = &lines.lines;
    let by_words = |line: &Line| {
        let shape = labels::shape(&line.text);
        let furniture = boilerplate::furniture(&compact(&line.text));
        let furniture = furniture.or(shape.is_bar.then_some(Furniture::Meta));
        (furniture, shape.card)
    };
    let (mut furniture, cards): (Vec<_>, Vec<_>) = all.iter().map(by_words).unzip();
    find_cards(all, cards, &mut furniture);
    confirm_imprints(all, &mut furniture);
    let asides = page.map_or_else(|| vec![None; all.len()], |page| asides(page, lines));
    let foot = foot(all).unwrap_or(all.len());
    let both = all.iter().zip(furniture).zip(asides).enumerate();
    let mut judged: Vec<_> = both
        .map(|(at, ((line, furniture), aside_element))| {
            let aside = aside_element.is_some() || at >= foot;
            Judged {
                furniture,
                aside,
                aside_element,
                inset: false,
                enclosed: false,
                recurring: false,
                weight: weight(line, furniture, aside),
            }
        })
        .collect();
    if let Some(page) = page {
        feeds::mark(page, lines, &mut judged);
        insets::mark(lines, &mut judged);
        enclosed::mark(lines, &mut judged);
    }
    judged
}

pub(crate) fn is_link_line(line: &Line) -> bool {
    line.linked * 2 > line.chars
}

/// Where the records of the site (备案) begin, below which nothing else stands.
fn foot(lines: &[Line]) -> Option<usize> {
    const REACH: usize = 15;
    let first = lines.len().saturating_sub(REACH);
    (first..lines.len()).find(|at| boilerplate::is_record(&compact(&lines[*at].text)))
}

/// Leaves as imprint only what stands near the records of the site.
fn confirm_imprints(lines: &[Line], furniture: &mut [Option<Furniture>]) {
    const REACH: usize = 6;
    for (at, kind) in furniture
        .iter_mut()
        .enumerate()
        .filter(|(_, kind)| **kind == Some(Furniture::Imprint))
    {
        let near = &lines[at.saturating_sub(REACH)..(at + REACH + 1).min(lines.len())];
        if !near
            .iter()
            .any(|line| boilerplate::is_record(&compact(&line.text)))
        {
            *kind = None;
        }
    }
}

/// Finds the document's card: lines that are sure, and from there outwards those that may be.
fn find_cards(lines: &[Line], mut cards: Vec<Card>, furniture: &mut [Option<Furniture>]) {
    let near = |cards: &[Card], at: usize, other: usize| {
        let bare = |at: usize| labels::lone_label(&compact(&lines[at].text)).is_some();
        // The value of a label that has a line to itself.
        cards[at] == Card::Maybe || at > other && bare(other) && lines[at].chars <= 60
    };
    for at in 1..lines.len() {
        if cards[at - 1] == Card::Sure && cards[at] != Card::Sure && near(&cards, at, at - 1) {
            cards[at] = Card::Sure;
        }
    }
    for at in (1..lines.len()).rev() {
        if cards[at] == Card::Sure && cards[at - 1] == Card::Maybe {
            cards[at - 1] = Card::Sure;
        }
    }
    for (furniture, card) in furniture.iter_mut().zip(&cards) {
        if *card == Card::Sure {
            *furniture = Some(Furniture::Meta);
        }
    }
}

/// Marks that end sentences or part them.
fn marks(text: &str) -> usize {
    let is_mark = |c: &char| {
        matches!(
            c,
            '，' | '。' | '；' | '：' | '！' | '？' | '、' | '…' | ',' | ';' | '!' | '?' | '」'
        )
    };
    text.chars().filter(is_mark).count()
}

/// Weight of a line of furniture.
pub(super) const FURNITURE: f32 = -15.0;

/// Weight of a line in a sidebar, a footer, a feed …
const ASIDE: f32 = -12.0;

fn weight(line: &Line, furniture: Option<Furniture>, aside: bool) -> f32 {
    let plain = (line.chars - line.linked) as f32;
    if aside {
        return ASIDE;
    }
    if is_link_line(line) {
        return -(8.0 + 3.0 * line.links as f32).min(40.0);
    }
    if furniture.is_some() {
        return FURNITURE;
    }
    match (line.chars - line.linked, marks(&line.text)) {
        (20.., 1..) => plain.min(120.0),
        (30.., 0) => plain.min(80.0) / 2.0,
        (_, 1..) => plain / 2.0,
        _ if line.row => plain / 4.0,
        (8.., 0) => 0.5,
        _ => -2.0,
    }
}

/// Headings that `<title>` repeats, each with the first sentence below it.
fn heads(page: &Html, lines: &[Line]) -> Vec<(usize, usize)> {
    const MIN_CHARS: usize = 8;
    const SENTENCE: usize = 30;
    const REACH: usize = 20;
    const MANY: usize = 20;
    let title = page.tree.nodes().find_map(|node| {
        let element = node.value().as_element()?;
        let text = node.first_child()?.value().as_text()?;
        (element.name() == "title").then(|| compact(text))
    });
    let Some(title) = title.filter(|title| title.chars().count() >= MIN_CHARS) else {
        return Vec::new();
    };
    let is_head = |at: &usize| {
        let line = &lines[*at];
        let called = line.heading || line.titled;
        called && line.links == 0 && line.chars >= MIN_CHARS && title.contains(&compact(&line.text))
    };
    let is_sentence = |at: &usize| {
        let line = &lines[*at];
        line.links == 0 && line.chars >= SENTENCE && line.text.contains(['，', '。'])
    };
    let all = (0..lines.len()).filter(is_head).take(MANY);
    let with_sentence = all.filter_map(|head| {
        let mut below = head + 1..lines.len().min(head + REACH);
        Some((head, below.find(is_sentence)?))
    });
    with_sentence.collect()
}

/// The innermost element that calls itself furniture around each line.
fn asides(page: &Html, lines: &Lines) -> Vec<Option<NodeId>> {
    let plain = |span: &Range<usize>| -> usize {
        lines.lines[span.clone()]
            .iter()
            .map(|line| line.chars - line.linked)
            .sum()
    };
    let total = plain(&(0..lines.lines.len()));
    let texts = containers::of_texts(page, lines);
    let heads = heads(page, &lines.lines);
    let mut spans: Vec<(Range<usize>, NodeId)> = Vec::new();
    for (node, span) in &lines.spans {
        let Some(element) = page.tree.get(*node).and_then(|node| node.value().as_element()) else {
            continue;
        };
        if span.is_empty() || !containers::is_aside(element) {
            continue;
        }
        // What holds two fifths of the page's text, a container of texts, or the title with a sentence below it, is not
        // furniture, however it is called.
        let holds_text = texts
            .iter()
            .any(|text| span.start <= text.start && text.end <= span.end);
        let holds_head = heads
            .iter()
            .any(|(head, sentence)| span.start <= *head && *sentence < span.end);
        if plain(span) * 5 < total * 2 && !holds_text && !holds_head {
            spans.push((span.clone(), *node));
        }
    }
    // The smallest first: it is the innermost.
    spans.sort_unstable_by_key(|(span, node)| (span.len(), span.start, Reverse(*node)));
    spans.dedup_by(|(a, _), (b, _)| a == b);
    let mut aside = vec![None; lines.lines.len()];
    for (span, node) in spans {
        for line in &mut aside[span] {
            line.get_or_insert(node);
        }
    }
    aside
}
