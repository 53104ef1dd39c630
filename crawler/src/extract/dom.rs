//! A page as a tree, in time linear in its length.
//!
//! The usual tree builder needs time quadratic in the nesting depth and in the number of attributes of a tag, which
//! any page may choose. This one takes the tokens of the WHATWG grammar and nests them by the rules of the standard
//! that matter for the flow of text: implied end tags, void elements, scopes of tables and cells. It differs where
//! that is better for reading broken pages: what stands between table rows stays where it was written, `</body>` and
//! `</html>` end nothing, and below [`MAX_DEPTH`] levels or after [`MAX_NODES`] nodes tags are read as line breaks
//! and their text is kept, save that of links in the second case.

use std::{borrow::Cow, convert::Infallible};

use ego_tree::NodeId;
use html5ever::{Attribute, LocalName, QualName, ns, tendril::StrTendril};
use html5gum::{
    Emitter, ForwardingEmitter, Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};
use scraper::{
    Html, Node,
    node::{Comment, Element, Text},
};

mod tag;

use self::tag::Tag;

/// Deepest nesting; browsers stop at the same depth.
const MAX_DEPTH: usize = 512;
/// Elements, texts and comments of one page.
const MAX_NODES: usize = 400_000;
/// Attributes of one element; further ones are ignored.
const MAX_ATTRIBUTES: usize = 64;
/// Bytes of a page that are read.
pub(crate) const MAX_BYTES: usize = 8 << 20;

/// Stands for a tag that has no node of its own.
pub(crate) const BREAK: char = '\u{2029}';

/// Parses a page; what lies behind 8 MiB is not read.
pub fn parse(html: &str) -> Html {
    let html = &html[..html.floor_char_boundary(MAX_BYTES)];
    let mut builder = Builder::new();
    let handle = |event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        builder.handle(event);
        None
    };
    let mut emitter = CallbackEmitter::new(handle);
    emitter.naively_switch_states(true);
    // No token is ever handed out: one step reads the whole page.
    Tokenizer::new_with_emitter(html, Unchecked(emitter)).for_each(drop);
    builder.page
}

/// The value of an attribute, of several of one name the last.
///
/// `Element::attr` says the same, but interns the name that it is asked for at every call.
pub(crate) fn attr<'e>(element: &'e Element, name: &str) -> Option<&'e str> {
    let mut attributes = element.attrs.iter().rev();
    let (_, value) = attributes.find(|(known, _)| &*known.local == name)?;
    Some(value)
}

/// Does not ask where a page breaks the grammar, for which every byte would be looked at.
struct Unchecked<E>(E);

impl<E: Emitter> ForwardingEmitter for Unchecked<E> {
    type Token = E::Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = E::Token> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }
}

/// What the tokenizer read, which comes from a string.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

struct Builder {
    page: Html,
    /// Open elements from the root; the tags again, apart, because they are searched for every tag.
    stack: Vec<(NodeId, LocalName)>,
    tags: Vec<Tag>,
    /// How many of them are open, by tag: most searches are for what is not there.
    open: [u16; Tag::COUNT],
    head: Option<NodeId>,
    body: Option<NodeId>,
    nodes: usize,
    /// Open elements without a node, by tag.
    flattened: [u32; Tag::COUNT],
    /// In a link that has no node: its text would pass for text outside links.
    in_lost_link: bool,
    name: String,
    attributes: Vec<Attribute>,
}

impl Builder {
    fn new() -> Self {
        let mut page = Html::new_document();
        let html = QualName::new(None, ns!(html), LocalName::from("html"));
        let root = page
            .tree
            .root_mut()
            .append(Node::Element(Element::new(html, Vec::new())))
            .id();
        Self {
            page,
            stack: vec![(root, LocalName::from("html"))],
            tags: vec![Tag::Html],
            open: [0; Tag::COUNT],
            head: None,
            body: None,
            nodes: 0,
            flattened: [0; Tag::COUNT],
            in_lost_link: false,
            name: String::new(),
            attributes: Vec::new(),
        }
    }

    fn current(&self) -> NodeId {
        self.stack.last().expect("the root element is never popped").0
    }

    fn append(&mut self, node: Node) -> NodeId {
        self.nodes += 1;
        let parent = self.current();
        let mut parent = self
            .page
            .tree
            .get_mut(parent)
            .expect("open elements are in the tree");
        parent.append(node).id()
    }

    fn append_element(&mut self, name: LocalName, attributes: Vec<Attribute>) -> NodeId {
        let name = QualName::new(None, ns!(html), name);
        self.append(Node::Element(Element::new(name, attributes)))
    }

    fn append_text(&mut self, text: &str) {
        let parent = self.current();
        let mut parent = self
            .page
            .tree
            .get_mut(parent)
            .expect("open elements are in the tree");
        if let Some(mut last) = parent.last_child()
            && let Node::Text(before) = last.value()
        {
            before.text.push_slice(text);
            return;
        }
        self.nodes += 1;
        parent.append(Node::Text(Text {
            text: StrTendril::from(text),
        }));
    }

    fn push(&mut self, tag: Tag, id: NodeId, name: LocalName) {
        self.stack.push((id, name));
        self.tags.push(tag);
        self.open[tag as usize] += 1;
    }

    /// Closes the open elements from `depth` upwards; the root stays.
    fn pop_to(&mut self, depth: usize) {
        let depth = depth.max(1);
        self.stack.truncate(depth);
        for tag in self.tags.drain(depth..) {
            self.open[tag as usize] -= 1;
        }
    }

    fn is_open(&self, tag: Tag) -> bool {
        self.open[tag as usize] > 0
    }

    /// Position of the innermost open element of a kind, unless a `barrier` lies above it.
    fn find(&self, tag: Tag, barrier: impl Fn(Tag) -> bool) -> Option<usize> {
        if !self.is_open(tag) {
            return None;
        }
        let above = self
            .tags
            .iter()
            .rposition(|open| *open == tag || barrier(*open))?;
        (self.tags[above] == tag).then_some(above)
    }

    fn close(&mut self, tag: Tag, barrier: impl Fn(Tag) -> bool) -> bool {
        let found = self.find(tag, barrier);
        if let Some(depth) = found {
            self.pop_to(depth);
        }
        found.is_some()
    }

    fn close_paragraph(&mut self) -> bool {
        self.close(Tag::P, |open| open.is_scope() || open == Tag::Button)
    }

    /// Closes what a start tag closes although nothing says so.
    fn close_implied(&mut self, tag: Tag) {
        if tag.closes_paragraph() {
            self.close_paragraph();
        }
        if tag.is_block() {
            self.close(Tag::Select, Tag::is_scope);
        }
        match tag {
            Tag::Li | Tag::Dd => {
                self.close(tag, |open| open.is_scope() || open == Tag::List);
            }
            Tag::Heading if self.tags.last() == Some(&Tag::Heading) => self.pop_to(self.stack.len() - 1),
            // A table directly in a table, outside any cell, ends the outer one.
            Tag::Table => {
                self.close(Tag::Table, Tag::is_scope);
            }
            Tag::Cell => {
                self.close(Tag::Caption, |open| open == Tag::Table);
                self.close(Tag::Cell, |open| open == Tag::Row || open == Tag::Table);
            }
            Tag::Row => {
                self.close(Tag::Caption, |open| open == Tag::Table);
                self.close(Tag::Row, |open| open == Tag::Table || open == Tag::RowGroup);
            }
            Tag::RowGroup | Tag::Caption => {
                if let Some(table) = self.find(Tag::Table, |_| false) {
                    self.pop_to(table + 1);
                }
            }
            Tag::Anchor => {
                self.close(Tag::Anchor, |open| open.is_block() || open.is_scope());
            }
            Tag::Option => {
                self.close(Tag::Option, |open| open == Tag::Select || open.is_scope());
            }
            _ => {}
        }
    }

    /// Opens the body when something comes that has no place in the head.
    fn ensure_body(&mut self) {
        if self.body.is_none() {
            self.pop_to(1);
            let name = LocalName::from("body");
            let id = self.append_element(name.clone(), Vec::new());
            self.body = Some(id);
            self.push(Tag::Body, id, name);
        }
    }

    fn start(&mut self, self_closing: bool) {
        let tag = Tag::of(&self.name);
        match tag {
            Tag::Html => return,
            Tag::Head if self.head.is_some() || self.body.is_some() => return,
            Tag::Body if self.body.is_some() => return,
            Tag::Body => self.pop_to(1),
            Tag::Head | Tag::Metadata | Tag::Raw => {}
            _ => self.ensure_body(),
        }
        self.close_implied(tag);
        if matches!(tag, Tag::Cell | Tag::Row | Tag::RowGroup | Tag::Caption) && !self.is_open(Tag::Table) {
            // The cells of a table that was cut away still end a line.
            return self.break_line();
        }
        let void = tag == Tag::Metadata
            || tag == Tag::Void
            || tag == Tag::Break
            || self_closing && tag == Tag::Other;
        let full = self.nodes >= MAX_NODES;
        if full && (tag == Tag::Anchor || tag == Tag::Break || tag.is_block()) {
            self.in_lost_link = tag == Tag::Anchor;
        }
        if full || self.stack.len() >= MAX_DEPTH && tag != Tag::Raw && !void {
            if tag.is_block() || tag == Tag::Break {
                self.break_line();
            }
            if !void && !full {
                self.flattened[tag as usize] += 1;
            }
            // A script must not turn into text even here.
            if tag != Tag::Raw {
                return;
            }
        }
        let name = LocalName::from(self.name.as_str());
        if full {
            return self.push(tag, self.current(), name);
        }
        let attributes = std::mem::take(&mut self.attributes);
        let id = self.append_element(name.clone(), attributes);
        match tag {
            Tag::Head => self.head = Some(id),
            Tag::Body => self.body = Some(id),
            _ => {}
        }
        if !void {
            self.push(tag, id, name);
        }
    }

    fn break_line(&mut self) {
        self.append_text(BREAK.encode_utf8(&mut [0; 4]));
    }

    fn end(&mut self, name: &str) {
        let tag = Tag::of(name);
        if tag == Tag::Anchor || tag.is_block() {
            self.in_lost_link = false;
        }
        let flattened = &mut self.flattened[tag as usize];
        if *flattened > 0 {
            *flattened -= 1;
            if tag.is_block() {
                self.break_line();
            }
            return;
        }
        match tag {
            Tag::Html | Tag::Body | Tag::Void | Tag::Metadata => {}
            Tag::Break => self.break_line(),
            Tag::P => {
                if !self.close_paragraph() {
                    self.break_line();
                }
            }
            Tag::Head | Tag::Raw | Tag::Table => {
                self.close(tag, |_| false);
            }
            Tag::Cell | Tag::Row | Tag::RowGroup | Tag::Caption => {
                self.close(tag, |open| open == Tag::Table);
            }
            Tag::Li => {
                self.close(tag, |open| open.is_scope() || open == Tag::List);
            }
            // A heading ends any heading.
            Tag::Heading => {
                self.close(tag, Tag::is_scope);
            }
            Tag::Block | Tag::List | Tag::Dd | Tag::Select | Tag::Button => {
                if let Some(depth) = self.find_named(tag, name) {
                    self.pop_to(depth);
                }
            }
            Tag::Form | Tag::Anchor | Tag::Other | Tag::Option => {
                if let Some(depth) = self.find_named(tag, name) {
                    self.end_inline(depth);
                }
            }
        }
    }

    /// Position of the innermost open element of this very name.
    fn find_named(&self, tag: Tag, name: &str) -> Option<usize> {
        if !self.is_open(tag) {
            return None;
        }
        let above = (1..self.stack.len()).rev().find(|depth| {
            self.tags[*depth] == tag && &*self.stack[*depth].1 == name || self.tags[*depth].is_scope()
        })?;
        (self.tags[above] == tag).then_some(above)
    }

    /// An inline element may end inside a block that was opened within it: the block stays open.
    fn end_inline(&mut self, depth: usize) {
        if self.tags[depth + 1..]
            .iter()
            .all(|above| !above.is_block() && !above.is_scope())
        {
            return self.pop_to(depth);
        }
        self.stack.remove(depth);
        let tag = self.tags.remove(depth);
        self.open[tag as usize] -= 1;
    }

    fn text(&mut self, text: &str) {
        let raw = self.tags.last() == Some(&Tag::Raw);
        if !raw {
            let blank = text.bytes().all(|byte| byte.is_ascii_whitespace());
            if blank && self.body.is_none() {
                return;
            }
            if !blank {
                self.ensure_body();
            }
        }
        if self.nodes < MAX_NODES || !raw && !self.in_lost_link {
            self.append_text(text);
        }
    }

    fn handle(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.attributes.clear();
                self.name.clear();
                self.name.push_str(&text_of(name));
            }
            CallbackEvent::AttributeName { name } => {
                if self.attributes.len() < MAX_ATTRIBUTES {
                    let name = LocalName::from(&*text_of(name));
                    let name = QualName::new(None, ns!(), name);
                    self.attributes.push(Attribute {
                        name,
                        value: StrTendril::new(),
                    });
                }
            }
            CallbackEvent::AttributeValue { value } => {
                // Values of attributes over the limit fall on the last one, which has its own already.
                if let Some(last) = self.attributes.last_mut()
                    && last.value.is_empty()
                {
                    last.value.push_slice(&text_of(value));
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => self.start(self_closing),
            CallbackEvent::EndTag { name } => self.end(&text_of(name)),
            CallbackEvent::String { value } => self.text(&text_of(value)),
            CallbackEvent::Comment { value } => {
                if self.nodes < MAX_NODES {
                    let comment = StrTendril::from(&*text_of(value));
                    self.append(Node::Comment(Comment { comment }));
                }
            }
            CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
