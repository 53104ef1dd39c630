//! The text of a page as lines, each with what is needed to tell text from furniture.
//!
//! Only block elements and `<br>` end a line, and inline elements never add anything between their neighbours:
//! pages pasted from a word processor wrap single characters in elements of their own. A row of a data table is one
//! line, its cells joined by tabs; tables that only lay out the page are read like any block. A cell that spans rows
//! or columns is said once, where it begins: no empty cells are made up for the others, since pages state spans that
//! their rows do not keep to.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use ego_tree::{NodeId, NodeRef};
use regex::Regex;
use scraper::{Node, node::Element};

use super::dom::{BREAK, attr};

mod names;

use self::names::{is_block, is_data_row, is_hidden, is_link, is_titled, is_unread};

/// Links, and pictures, of one page that are looked at.
const MAX_LINKS: usize = 20_000;
/// Lines of one page that are read: ten times those of the longest documents.
const MAX_LINES: usize = 200_000;

/// A line of text as a reader sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Without white space at its ends; cells of a table row are joined by tabs.
    pub(crate) text: String,
    /// Characters that are not white space.
    pub(crate) chars: usize,
    /// Of these, how many lie in links.
    pub(crate) linked: usize,
    /// Links that end in this line.
    pub(crate) links: usize,
    /// It stands in a heading element.
    pub(crate) heading: bool,
    /// It is a row of a data table.
    pub(crate) row: bool,
    /// It stands in an element that is named after titles.
    pub(crate) titled: bool,
    /// The innermost element that holds it and other lines: neighbours of one text share it.
    pub(crate) group: Option<NodeId>,
}

impl Line {
    /// A line of plain text.
    pub(crate) fn plain(text: &str) -> Self {
        let chars = text.chars().filter(|c| !c.is_whitespace()).count();
        Self {
            text: text.to_owned(),
            chars,
            ..Self::default()
        }
    }
}

/// The lines below one node.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// In reading order, none of them empty.
    pub(crate) lines: Vec<Line>,
    /// Which of them each block element holds, and each element with blocks in it.
    pub(crate) spans: HashMap<NodeId, Range<usize>>,
    /// Links and embedded files, each with the line it stands in.
    pub(crate) links: Vec<(NodeId, usize)>,
    /// Pictures, each with the line it stands in or above.
    pub(crate) pictures: Vec<(NodeId, usize)>,
    /// Which of them lie between the comments that mark the main text, if the page has such.
    pub(crate) marked: Option<Range<usize>>,
    /// The page is longer, or has more lines, than is read.
    pub(crate) cut: bool,
}

/// What is not read.
#[derive(Clone, Copy)]
pub(crate) struct Skip<'a> {
    /// Elements that style says are hidden.
    pub(crate) hidden: bool,
    /// Elements to leave out with all that is in them.
    pub(crate) nodes: &'a dyn Fn(NodeId) -> bool,
}

/// Reads the lines below `root`.
pub(crate) fn read(root: NodeRef<'_, Node>, skip: Skip<'_>) -> Lines {
    let mut lines = walk(root, skip);
    let Lines {
        lines: all, spans, ..
    } = &mut lines;
    for line in all {
        line.group = line.group.and_then(|home| group(root, home, spans));
    }
    lines
}

/// The innermost element around `home` that holds more than one line and is no paragraph with breaks.
fn group(root: NodeRef<'_, Node>, home: NodeId, spans: &HashMap<NodeId, Range<usize>>) -> Option<NodeId> {
    /// Elements that wrap a single line; bounds the climb.
    const MAX_WRAPPERS: usize = 8;
    let node = root.tree().get(home)?;
    let around = std::iter::once(node).chain(node.ancestors().take(MAX_WRAPPERS));
    let mut last = home;
    for node in around {
        last = node.id();
        let paragraph = node
            .value()
            .as_element()
            .is_some_and(|element| element.name() == "p");
        if !paragraph && spans.get(&last).is_some_and(|span| span.len() > 1) {
            break;
        }
    }
    Some(last)
}

fn walk(root: NodeRef<'_, Node>, skip: Skip<'_>) -> Lines {
    let mut reader = Reader::default();
    let mut node = root;
    loop {
        let entered = reader.enter(node, skip);
        if entered && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        if entered {
            reader.leave(node);
        }
        loop {
            if node == root {
                reader.end_line();
                return reader.out;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else {
                reader.end_line();
                return reader.out;
            };
            node = parent;
            reader.leave(node);
        }
    }
}

#[derive(Default)]
struct Reader {
    out: Lines,
    line: Line,
    /// White space was read since the last character; `true` when a line of the source ended in it.
    gap: Option<bool>,
    starts: Vec<usize>,
    links: usize,
    headings: usize,
    /// Open elements that are named after titles.
    titles: Vec<NodeId>,
    /// Open block elements.
    blocks: Vec<NodeId>,
    preformatted: usize,
    rows: usize,
}

impl Reader {
    /// Whether the children of the node are to be read.
    fn enter(&mut self, node: NodeRef<'_, Node>, skip: Skip<'_>) -> bool {
        match node.value() {
            Node::Text(text) => {
                self.text(text);
                false
            }
            Node::Element(element) => {
                // Anything can be made to lead to a file by a script.
                let leads = matches!(element.name(), "a" | "iframe" | "embed" | "object")
                    || ["onclick", "data-url", "data-file"]
                        .iter()
                        .any(|name| attr(element, name).is_some());
                if leads && self.out.links.len() < MAX_LINKS {
                    self.out.links.push((node.id(), self.out.lines.len()));
                }
                if element.name() == "img" && self.out.pictures.len() < MAX_LINKS {
                    self.out.pictures.push((node.id(), self.out.lines.len()));
                }
                if element.name() == "script" {
                    self.text(&written(node));
                }
                if is_unread(element.name()) || skip.hidden && is_hidden(element) || (skip.nodes)(node.id()) {
                    return false;
                }
                self.open(node, element);
                true
            }
            Node::Comment(comment) => {
                self.comment(comment);
                false
            }
            Node::Doctype(_) | Node::ProcessingInstruction(_) => false,
            Node::Document | Node::Fragment => true,
        }
    }

    /// Hanweb marks the main text with `ZJEG_RSS.content.begin` and `ZJEG_RSS.content.end`.
    fn comment(&mut self, comment: &str) {
        let Some(side) = comment.trim().strip_prefix("ZJEG_RSS.content.") else {
            return;
        };
        self.end_line();
        let at = self.out.lines.len();
        match (side, &mut self.out.marked) {
            ("begin", marked) => *marked = Some(at..at),
            ("end", Some(marked)) => marked.end = at,
            _ => {}
        }
    }

    fn open(&mut self, node: NodeRef<'_, Node>, element: &Element) {
        let name = element.name();
        if is_titled(element) {
            self.titles.push(node.id());
        }
        if name == "br" || name == "hr" {
            self.break_line();
        } else if is_block(name) {
            if name == "tr" && self.rows == 0 && is_data_row(node) {
                self.end_line();
                self.rows = 1;
                self.line.row = true;
            } else if self.rows > 0 {
                self.rows += 1;
                match name {
                    _ if names::is_cell(name)
                        && node.prev_siblings().any(|before| before.value().is_element()) =>
                    {
                        self.trim_end();
                        self.line.text.push('\t');
                    }
                    _ => self.break_line(),
                }
            } else {
                self.end_line();
            }
            self.blocks.push(node.id());
            match name {
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.headings += 1,
                "pre" | "listing" => self.preformatted += 1,
                _ => {}
            }
        } else if is_link(element) {
            self.links += 1;
        }
        self.starts.push(self.out.lines.len());
    }

    fn leave(&mut self, node: NodeRef<'_, Node>) {
        let Node::Element(element) = node.value() else {
            return;
        };
        let name = element.name();
        if self.titles.last() == Some(&node.id()) {
            self.titles.pop();
        }
        if is_block(name) {
            self.blocks.pop();
            self.rows = self.rows.saturating_sub(1);
            if self.rows == 0 {
                self.end_line();
            } else if !names::is_cell(name) {
                self.break_line();
            }
            match name {
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.headings -= 1,
                "pre" | "listing" => self.preformatted -= 1,
                _ => {}
            }
        } else if is_link(element) {
            self.links -= 1;
            self.line.links += 1;
        }
        let start = self.starts.pop().unwrap_or_default();
        let end = self.out.lines.len();
        // An inline element holds lines only when blocks are nested in it.
        if start < end || is_block(name) {
            self.out.spans.insert(node.id(), start..end);
        }
    }

    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let run = rest.find(|c| !is_printed(c)).unwrap_or(rest.len());
            let (printed, more) = rest.split_at(run.max(c.len_utf8()));
            rest = more;
            match c {
                _ if run > 0 => self.push(c, printed),
                '\n' | '\r' if self.preformatted > 0 => {
                    if c == '\n' {
                        self.break_line();
                    }
                }
                BREAK => self.break_line(),
                '\n' | '\r' => self.gap = Some(true),
                ' ' | '\t' | '\u{c}' => self.gap = self.gap.or(Some(false)),
                // Invisible, and in the way of every comparison.
                '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
                _ => self.push(c, printed),
            }
        }
    }

    /// Adds a character and what is printed behind it.
    fn push(&mut self, c: char, printed: &str) {
        if let Some(wrapped) = self.gap.take() {
            // A line of the source that ends between two Han characters is no blank to the reader.
            let last = self.line.text.chars().next_back();
            let glue = wrapped && is_wide(c) && last.is_some_and(is_wide);
            if !glue && last.is_some_and(|last| last != '\t') {
                self.line.text.push(' ');
            }
        }
        self.line.text.push_str(printed);
        if !c.is_whitespace() {
            let chars = printed.chars().count();
            if self.line.group.is_none() {
                self.line.group = self.blocks.last().copied();
            }
            self.line.chars += chars;
            self.line.titled |= !self.titles.is_empty();
            if self.links > 0 {
                self.line.linked += chars;
            }
        }
    }

    /// Ends a line, or in a table row only separates words.
    fn break_line(&mut self) {
        if self.rows > 0 {
            self.gap = Some(false);
        } else {
            self.end_line();
        }
    }

    fn trim_end(&mut self) {
        self.gap = None;
        let kept = self
            .line
            .text
            .trim_end_matches(|c: char| c.is_whitespace() && c != '\t')
            .len();
        self.line.text.truncate(kept);
    }

    fn end_line(&mut self) {
        self.gap = None;
        let mut line = std::mem::take(&mut self.line);
        line.heading |= self.headings > 0;
        if line.chars == 0 {
            return;
        }
        if self.out.lines.len() >= MAX_LINES {
            self.out.cut = true;
            return;
        }
        // Empty cells at the ends of a row are cells.
        let text = line
            .text
            .trim_matches(|c: char| c.is_whitespace() && !(line.row && c == '\t'));
        if text.len() != line.text.len() {
            line.text = text.to_owned();
        }
        self.out.lines.push(line);
    }
}

/// What a script writes into the page as plain words: `document.write("清河县司法局")`, also as a sum of words.
fn written(script: NodeRef<'_, Node>) -> String {
    const MAX_SCRIPT: usize = 2000;
    const MAX_WORDS: usize = 60;
    static WRITE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"document\.write(?:ln)?\s*\(\s*((?:"[^"\n]{0,300}"|'[^'\n]{0,300}')(?:\s*\+\s*(?:"[^"\n]{0,300}"|'[^'\n]{0,300}')){0,5})\s*\)"#,
        )
        .expect("valid")
    });
    static WORDS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#""([^"\n]*)"|'([^'\n]*)'"#).expect("valid"));
    let Some(source) = script.first_child().and_then(|child| child.value().as_text()) else {
        return String::new();
    };
    if source.len() > MAX_SCRIPT || !source.contains("document.write") {
        return String::new();
    }
    let literal = |words: regex::Captures<'_>| {
        let words = words.get(1).or_else(|| words.get(2))?;
        Some(words.as_str().to_owned())
    };
    let arguments = WRITE.captures_iter(source).map(|call| {
        WORDS
            .captures_iter(&call[1])
            .filter_map(literal)
            .collect::<String>()
    });
    let words = arguments.map(|argument| {
        static BLOCK: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"(?i)<\\?/?(p|br|div|li|tr)\b").expect("valid"));
        let end = if BLOCK.is_match(argument.as_str()) {
            "\u{2029}"
        } else {
            ""
        };
        let mut in_tag = false;
        let outside = argument.chars().filter(|c| match c {
            '<' => {
                in_tag = true;
                false
            }
            '>' if in_tag => {
                in_tag = false;
                false
            }
            _ => !in_tag,
        });
        outside.collect::<String>() + end
    });
    words
        .filter(|words| words.chars().count() <= MAX_WORDS && !words.contains("\\"))
        .collect()
}

/// Characters that nearly every text is made of: none of them is white space, or unseen.
fn is_printed(c: char) -> bool {
    matches!(c, '!'..='~' | '\u{3001}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff60}' | '“' | '”')
}

/// Han characters and what is printed as wide as them: no blank belongs between two of them.
pub(crate) fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{20000}'..='\u{3ffff}' | '“' | '”' | '‘' | '’' | '—' | '…')
}

#[cfg(test)]
mod tests;
