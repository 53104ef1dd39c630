//! What became of each line of a page: kept as text, or dropped and why.

use ego_tree::NodeId;
use scraper::{Html, node::Element};
use serde::Serialize;

use super::{
    super::{
        boilerplate::Furniture,
        document::Document,
        judge::{Judged, is_link_line},
    },
    shortened,
};

/// How much of a line is shown, in characters.
const SHOWN: usize = 80;

/// Neighbouring lines of which the same became, for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Block {
    /// They are part of the main text.
    pub kept: bool,
    /// Why, as a code: `text`, `title`, `breadcrumb`, `meta_bar`, `sidebar`, `tail` …
    pub reason: &'static str,
    /// What the reason rests on, where the code does not say it all: the element, the line that cut these off.
    pub detail: Option<String>,
    /// The first line, counted from 1 over the lines of the page.
    pub start: usize,
    /// How many lines.
    pub lines: usize,
    /// The first line, up to eighty characters.
    pub text: String,
}

/// The lines of a page in runs.
pub(super) fn of(document: &Document<'_>) -> Vec<Block> {
    let lines = &document.page.lines.lines;
    let cuts = Cuts::of(document);
    let mut out: Vec<Block> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let (kept, reason, detail) = judge(document, &cuts, at);
        match out.last_mut() {
            Some(last) if (last.kept, last.reason) == (kept, reason) && last.detail == detail => {
                last.lines += 1
            }
            _ => out.push(Block {
                kept,
                reason,
                detail,
                start: at + 1,
                lines: 1,
                text: shortened(&line.text, SHOWN),
            }),
        }
    }
    out
}

/// The lines that end the text on both sides.
struct Cuts {
    above: Option<String>,
    below: Option<String>,
}

impl Cuts {
    fn of(document: &Document<'_>) -> Self {
        let page = document.page;
        let frame = page.body.as_ref().map_or(0..0, |body| body.frame.clone());
        let ends = |at: &usize| page.judged[*at].is_of_the_site() || is_link_line(&page.lines.lines[*at]);
        let name = |at: usize| {
            let line = &page.lines.lines[at].text;
            format!("{}: {}", of_the_site(&page.judged[at]), shortened(line, 40))
        };
        let (start, end) = (document.range.start, document.range.end);
        Self {
            above: (frame.start.min(start)..start).rev().find(ends).map(name),
            below: (end..frame.end.max(end)).find(ends).map(name),
        }
    }
}

/// Whether a line was kept, why, and what that rests on.
fn judge(document: &Document<'_>, cuts: &Cuts, at: usize) -> (bool, &'static str, Option<String>) {
    let page = document.page;
    let (line, judged) = (&page.lines.lines[at], &page.judged[at]);
    let frame = page.body.as_ref().map_or(0..0, |body| body.frame.clone());
    let subtitle = document.subtitle.contains(&at);
    let inside = document.range.contains(&at) || subtitle;
    if document
        .title
        .as_ref()
        .is_some_and(|title| title.lines.contains(&at))
    {
        (false, "title", None)
    } else if judged.aside {
        match judged.aside_element {
            Some(node) => (false, "sidebar", css_path(&page.html, node)),
            None => (false, "site_records", None),
        }
    } else if inside && judged.inset {
        (false, "inset", None)
    } else if inside {
        (true, if subtitle { "subtitle" } else { "text" }, None)
    } else if judged.is_of_the_site() {
        (false, of_the_site(judged), None)
    } else if is_link_line(line) {
        (false, "link", None)
    } else if !frame.contains(&at) {
        (false, "outside_container", None)
    } else if at < document.range.start {
        (false, "above_text", cuts.above.clone())
    } else {
        (false, "below_text", cuts.below.clone())
    }
}

/// What a line is that belongs to the site.
fn of_the_site(judged: &Judged) -> &'static str {
    match judged.furniture {
        Some(Furniture::Breadcrumb) => "breadcrumb",
        Some(Furniture::Navigation) => "navigation",
        Some(Furniture::Meta) => "meta_bar",
        Some(Furniture::Credit) => "credit",
        Some(Furniture::Tail) => "tail",
        Some(Furniture::Further) => "further_reading",
        Some(Furniture::Imprint) => "imprint",
        None if judged.aside => "sidebar",
        None if judged.recurring => "recurring",
        None => "link",
    }
}

/// A short CSS path: up to the next element with an id, at most five elements.
pub(super) fn css_path(page: &Html, node: NodeId) -> Option<String> {
    const MAX_ELEMENTS: usize = 5;
    let node = page.tree.get(node)?;
    let above = std::iter::once(node).chain(node.ancestors());
    let mut names = Vec::new();
    for element in above.filter_map(|node| node.value().as_element()) {
        names.push(name(element));
        if element.attr("id").is_some_and(is_name) || names.len() == MAX_ELEMENTS {
            break;
        }
    }
    names.reverse();
    (!names.is_empty()).then(|| names.join(" > "))
}

/// An element as CSS names it: `div#zoom`, `td.content`.
fn name(element: &Element) -> String {
    let id = element.attr("id").filter(|id| is_name(id));
    let class = element
        .attr("class")
        .and_then(|class| class.split_whitespace().find(|class| is_name(class)));
    match (id, class) {
        (Some(id), _) => format!("{}#{id}", element.name()),
        (None, Some(class)) => format!("{}.{class}", element.name()),
        (None, None) => element.name().to_owned(),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 60
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}
