//! A page taken apart once: its lines, what they are, and what its head says about it.

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::{Html, Node, Selector};

use super::{
    Selectors, below_head,
    body::{self, Body, Layer},
    dom, embedded,
    judge::{self, Judged},
    lines::{self, Line, Lines, Skip},
    recurrence::{self, Profile},
};

/// Longest value of a `<meta>` element that is looked at, in characters.
const MAX_META: usize = 500;

/// With less text than this, the text is looked for elsewhere.
const FEW_CHARS: usize = 80;

/// Everything the readers of metadata look at.
#[derive(Debug)]
pub(crate) struct Page {
    /// The tree; empty for plain text.
    pub(crate) html: Html,
    /// Lines of the whole page.
    pub(crate) lines: Lines,
    /// What each line is.
    pub(crate) judged: Vec<Judged>,
    /// Where the main text is.
    pub(crate) body: Option<Body>,
    /// `<meta>` elements by name or property, lower case; the first that says something.
    pub(crate) metas: HashMap<String, String>,
    /// Text of `<title>`.
    pub(crate) title: Option<String>,
    /// Source between the comments by which some systems mark it.
    pub(crate) marked_source: Option<String>,
    /// Text of the element that the portal file says holds the title.
    pub(crate) chosen_title: Option<String>,
    /// Elements that style hides were read, since hardly anything else is there.
    pub(crate) hidden_read: bool,
}

impl Page {
    /// Takes a page apart.
    pub(crate) fn read(text: &str, selectors: &Selectors, profile: Option<&Profile>) -> Self {
        let page = Self::of_source(text, selectors, profile);
        if page.chars() >= FEW_CHARS {
            return page;
        }
        match embedded::find(&page.html) {
            Some(document) => {
                let filled = embedded::put_in(text, &document);
                let mut other = Self::of_source(&filled, selectors, profile);
                if other.chars() < page.chars() {
                    return page;
                }
                if let Some(body) = &mut other.body {
                    body.layer = Layer::EmbeddedJson;
                }
                other
            }
            None => page,
        }
    }

    fn of_source(source: &str, selectors: &Selectors, profile: Option<&Profile>) -> Self {
        let html = dom::parse(source);
        let dropped = dropped(&html, selectors);
        let chosen = selectors.content.as_deref().and_then(|css| select(&html, css));
        let read = |hidden| {
            let lines = lines::read(
                html.tree.root(),
                Skip {
                    hidden,
                    nodes: &|node| dropped.contains(&node),
                },
            );
            let mut judged = judge::judge(Some(&html), &lines);
            recurrence::mark(profile, &lines.lines, &mut judged);
            let body = body::find(&html, &lines, &judged, chosen);
            (lines, judged, body)
        };
        let mut hidden_read = false;
        let mut seen = read(true);
        if chars(&seen.0, &seen.2) < FEW_CHARS {
            // Some pages show their text by script only.
            let all = read(false);
            if chars(&all.0, &all.2) > 2 * chars(&seen.0, &seen.2) {
                seen = all;
                hidden_read = true;
            }
        }
        let (mut lines, judged, body) = seen;
        lines.cut |= source.len() > dom::MAX_BYTES;
        let (metas, title) = head(&html);
        let mut page = Self {
            lines,
            judged,
            body: None,
            metas,
            title,
            marked_source: marked_source(&html),
            chosen_title: selectors
                .title
                .as_deref()
                .and_then(|css| words(&html, select(&html, css)?)),
            hidden_read,
            html,
        };
        page.body = body.map(|body| Body {
            range: recurrence::peel_page(&page, body.range),
            ..body
        });
        if let Some(body) = below_head::find(&page) {
            page.body = Some(body);
        }
        page
    }

    /// Characters of the main text.
    fn chars(&self) -> usize {
        chars(&self.lines, &self.body)
    }

    /// Takes a plain text apart: one paragraph a line.
    pub(crate) fn plain(text: &str) -> Self {
        // Some files end their lines with a carriage return alone.
        let lines = text
            .split(['\n', '\r'])
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let lines: Vec<Line> = lines.map(Line::plain).collect();
        let lines = Lines {
            lines,
            ..Lines::default()
        };
        let judged = judge::judge(None, &lines);
        let whole = 0..lines.lines.len();
        let start = body::after_navigation(&judged, &whole);
        let range = body::cut_tail(&lines.lines, &judged, body::trim(&judged, start..whole.end));
        let body = (!range.is_empty()).then_some(Body {
            range,
            frame: whole,
            node: None,
            layer: Layer::PlainText,
        });
        Self {
            html: Html::new_document(),
            lines,
            judged,
            body,
            metas: HashMap::new(),
            title: None,
            marked_source: None,
            chosen_title: None,
            hidden_read: false,
        }
    }

    /// The first `<meta>` of these names (lower case) that says something.
    pub(crate) fn meta(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.metas.get(*name))
            .map(String::as_str)
    }
}

/// `<!--<$[信息来源]>begin-->清河县政府办<!--<$[信息来源]>end-->`
fn marked_source(html: &Html) -> Option<String> {
    let begin = html.tree.nodes().find(|node| {
        let comment = node.value().as_comment();
        comment.is_some_and(|comment| comment.trim().starts_with("<$[信息来源]>begin"))
    })?;
    let between = begin
        .next_siblings()
        .take_while(|node| !node.value().is_comment());
    let text: String = between
        .flat_map(|node| node.descendants())
        .filter_map(|node| Some(&**node.value().as_text()?))
        .collect();
    let text = plain(&text);
    (!text.is_empty()).then_some(text)
}

fn chars(lines: &Lines, body: &Option<Body>) -> usize {
    body.as_ref().map_or(0, |body| body::chars(lines, body))
}

/// The text of one element on one line.
fn words(html: &Html, node: NodeId) -> Option<String> {
    let read = lines::read(
        html.tree.get(node)?,
        Skip {
            hidden: false,
            nodes: &|_| false,
        },
    );
    let lines: Vec<_> = read.lines.iter().map(|line| line.text.as_str()).collect();
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn select(html: &Html, css: &str) -> Option<NodeId> {
    let selector = Selector::parse(css).ok()?;
    html.select(&selector).next().map(|element| element.id())
}

fn dropped(html: &Html, selectors: &Selectors) -> HashSet<NodeId> {
    let selectors = selectors.drop.iter().filter_map(|css| Selector::parse(css).ok());
    selectors
        .flat_map(|selector| {
            html.select(&selector)
                .map(|element| element.id())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Reads `<meta>` and `<title>` wherever they stand.
fn head(html: &Html) -> (HashMap<String, String>, Option<String>) {
    let mut metas = HashMap::new();
    let mut title = None;
    for node in html.tree.nodes() {
        let Node::Element(element) = node.value() else {
            continue;
        };
        match element.name() {
            "meta" if metas.len() < 200 => {
                let Some(name) = element.attr("name").or_else(|| element.attr("property")) else {
                    continue;
                };
                let Some(content) = element.attr("content") else {
                    continue;
                };
                let content = plain(content);
                if !content.is_empty() {
                    metas.entry(name.trim().to_lowercase()).or_insert(content);
                }
            }
            "title" if title.is_none() => {
                let text: String = node
                    .children()
                    .filter_map(|child| Some(&**child.value().as_text()?))
                    .collect();
                let text = plain(&text);
                title = (!text.is_empty()).then_some(text);
            }
            _ => {}
        }
    }
    (metas, title)
}

/// One line without markup: templates put whole elements into attributes.
pub(super) fn plain(value: &str) -> String {
    let mut out = String::new();
    let mut in_tag = false;
    for c in value.chars().take(4 * MAX_META) {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            c if c.is_whitespace() || c.is_control() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    let end = out.char_indices().nth(MAX_META).map_or(out.len(), |(at, _)| at);
    out.truncate(end);
    out.truncate(out.trim_end().len());
    out
}
