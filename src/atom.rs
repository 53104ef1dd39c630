//! Atom feeds (RFC 4287), element by element.

use std::{borrow::Cow, io};

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

/// What a feed is in a link.
pub(crate) const MEDIA_TYPE: &str = "application/atom+xml";

/// What a feed is in an answer.
pub(crate) const CONTENT_TYPE: &str = "application/atom+xml; charset=utf-8";

/// A document that is being written.
pub(crate) type Xml = Writer<Vec<u8>>;

/// A feed with what `write` puts into it.
pub(crate) fn document(write: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    xml.create_element("feed")
        .with_attributes([("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", "zh-CN")])
        .write_inner_content(write)?;
    Ok(xml.into_inner())
}

/// Who wrote it.
pub(crate) fn author(xml: &mut Xml, name: &str) -> io::Result<()> {
    xml.create_element("author")
        .write_inner_content(|xml| text(xml, "name", name))
        .map(drop)
}

/// An element with a text in it.
pub(crate) fn text(xml: &mut Xml, name: &str, value: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(&fit(value)))
        .map(drop)
}

/// A link. A relative `href` is seen from the address of the feed.
pub(crate) fn link(xml: &mut Xml, rel: &str, kind: &str, href: &str) -> io::Result<()> {
    let href = fit(href);
    xml.create_element("link")
        .with_attributes([("rel", rel), ("type", kind), ("href", &href)])
        .write_empty()
        .map(drop)
}

/// A text without the characters that XML 1.0 has no way to write.
fn fit(text: &str) -> Cow<'_, str> {
    let is_fit = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(is_fit) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_fit(*c)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_break_a_document() {
        assert_eq!(fit("法\u{1}治\u{fffe}\t\u{1f600}"), "法治\t\u{1f600}");
        let feed = document(|xml| {
            text(xml, "title", "]]><&>\u{0}")?;
            link(xml, "self", MEDIA_TYPE, "/?a=\"&b='<")
        });
        let feed = String::from_utf8(feed.unwrap()).unwrap();
        assert!(feed.contains("<title>]]&gt;&lt;&amp;&gt;</title>"), "{feed}");
        assert!(feed.contains("href=\"/?a=&quot;&amp;b=&apos;&lt;\""), "{feed}");
    }
}
