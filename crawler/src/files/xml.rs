//! Walking over the XML of office files.
//!
//! Elements are known by their local names: prefixes are chosen by whoever writes. Entities are never expanded, but the
//! five of XML and those that stand for a character; a fault ends the walk, and what came before it stays.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

/// One step of the walk. An element without content is opened and closed.
pub(super) enum Node<'a> {
    Open(Element<'a>),
    /// Local name.
    Close(&'a str),
    Text(&'a str),
}

/// A start tag.
pub(super) struct Element<'a>(&'a BytesStart<'a>);

impl Element<'_> {
    /// Local name.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// Value of an attribute by its local name.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let found = attributes.find(|attribute| attribute.key.local_name().into_inner() == name)?;
        Some(match found.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => found.value.into_owned(),
        })
    }
}

/// Calls `visit` for every step in order.
pub(super) fn walk(xml: &str, mut visit: impl FnMut(Node<'_>)) {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) => visit(Node::Open(Element(&start))),
            Event::Empty(start) => {
                visit(Node::Open(Element(&start)));
                visit(Node::Close(start.local_name().into_inner()));
            }
            Event::End(end) => visit(Node::Close(end.local_name().into_inner())),
            Event::Text(text) => visit(Node::Text(&text.xml10_content())),
            Event::CData(text) => visit(Node::Text(&text.xml10_content())),
            Event::GeneralRef(entity) => {
                let mut buffer = [0; 4];
                visit(Node::Text(
                    character(&entity).map_or("", |c| c.encode_utf8(&mut buffer)),
                ));
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The character that an entity stands for.
fn character(entity: &BytesRef<'_>) -> Option<char> {
    match &**entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => entity.resolve_char_ref().ok().flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(xml: &str) -> String {
        let mut out = String::new();
        walk(xml, |node| match node {
            Node::Text(text) => out.push_str(text),
            Node::Open(element) => out.push_str(&element.attribute("val").unwrap_or_default()),
            Node::Close(_) => out.push('|'),
        });
        out
    }

    #[test]
    fn text_and_attributes_come_in_order() {
        assert_eq!(
            text("<w:p w:val='一&amp;二'><w:t>三&#22235;&lt;</w:t><x/></w:p>"),
            "一&二三四<|||"
        );
    }

    #[test]
    fn entities_are_not_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><a>&c;&b;x</a>";
        assert_eq!(text(bomb), "x|");
    }

    #[test]
    fn faults_end_the_walk() {
        assert_eq!(text("<a>一</b>二</a></a>三<c"), "一|二||三");
    }
}
