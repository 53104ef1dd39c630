//! Feeds as their readers see them.

use std::collections::{BTreeMap, BTreeSet};

/// An element of a feed: name, attributes, text, what is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) text: String,
    pub(crate) inner: Vec<Element>,
}

impl Element {
    /// Reads XML; panics where it is not well-formed.
    pub(crate) fn parse(xml: &str) -> Self {
        use quick_xml::{Reader, XmlVersion, events::Event};
        let mut reader = Reader::from_str(xml);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                event @ (Event::Start(_) | Event::Empty(_)) => {
                    let (Event::Start(tag) | Event::Empty(tag)) = &event else {
                        unreachable!()
                    };
                    let attribute = |found: Result<quick_xml::events::attributes::Attribute<'_>, _>| {
                        let found = found.unwrap();
                        let name = found.key.as_ref().to_owned();
                        let value = found.normalized_value(XmlVersion::Explicit1_0).unwrap();
                        (name, value.into_owned())
                    };
                    open.push(Self {
                        name: tag.name().as_ref().to_owned(),
                        attributes: tag.attributes().map(attribute).collect(),
                        ..Self::default()
                    });
                    if matches!(event, Event::Empty(_)) {
                        let done = open.pop().unwrap();
                        open.last_mut().unwrap().inner.push(done);
                    }
                }
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().inner.push(done);
                }
                Event::Text(text) => open.last_mut().unwrap().text += &text.xml10_content(),
                Event::GeneralRef(entity) => {
                    let name = entity.xml10_content();
                    let c = match entity.resolve_char_ref().unwrap() {
                        Some(c) => c.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&name)
                            .unwrap()
                            .to_owned(),
                    };
                    open.last_mut().unwrap().text += &c;
                }
                Event::Eof => break,
                _ => (),
            }
        }
        let [mut document] = <[Self; 1]>::try_from(open).unwrap();
        assert_eq!(document.inner.len(), 1);
        document.inner.remove(0)
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&Self> {
        self.inner.iter().filter(|inner| inner.name == name).collect()
    }

    /// The text of the only element of a name.
    pub(crate) fn one(&self, name: &str) -> &str {
        let [one] = self.all(name)[..] else {
            panic!("not one {name} in {self:?}")
        };
        &one.text
    }

    /// Where the only link of a relation leads.
    pub(crate) fn link(&self, relation: &str) -> &str {
        let links = self.all("link").into_iter();
        let of_relation: Vec<_> = links.filter(|link| link.attributes["rel"] == relation).collect();
        let [one] = of_relation[..] else {
            panic!("not one link {relation} in {self:?}")
        };
        &one.attributes["href"]
    }

    /// The term of the only category of a scheme.
    pub(crate) fn category(&self, scheme: &str) -> &str {
        let mut categories = self.all("category").into_iter();
        let found = categories.find(|category| category.attributes["scheme"] == scheme);
        &found.unwrap().attributes["term"]
    }
}

/// Asserts what RFC 4287 asks of every feed, and gives its entries.
pub(crate) fn entries(xml: &str) -> Vec<Element> {
    let feed = Element::parse(xml);
    assert_eq!(feed.name, "feed");
    assert_eq!(feed.attributes["xmlns"], "http://www.w3.org/2005/Atom");
    let check = |element: &Element| {
        assert!(url::Url::parse(element.one("id")).is_ok(), "{element:?}");
        assert!(!element.one("title").is_empty());
        let updated: jiff::Timestamp = element.one("updated").parse().unwrap();
        for author in element.all("author") {
            assert!(!author.one("name").is_empty());
        }
        for link in element.all("link") {
            assert!(!link.attributes["href"].is_empty() && !link.attributes["rel"].is_empty());
        }
        updated
    };
    let of_feed = check(&feed);
    assert_eq!(feed.all("author").len(), 1);
    assert!(!feed.link("self").is_empty());
    let mut ids = BTreeSet::from([feed.one("id").to_owned()]);
    let is_entry = |inner: &Element| inner.name == "entry";
    let entries: Vec<Element> = feed.inner.into_iter().filter(is_entry).collect();
    let updated: Vec<_> = entries.iter().map(check).collect();
    assert!(updated.is_sorted_by(|a, b| a >= b), "newest first: {updated:?}");
    assert!(updated.first().is_none_or(|newest| *newest == of_feed));
    for entry in &entries {
        assert!(entry.link("alternate").contains("/reports/"), "{entry:?}");
        assert!(!entry.one("summary").is_empty());
        assert!(ids.insert(entry.one("id").to_owned()), "twice: {entry:?}");
    }
    entries
}
