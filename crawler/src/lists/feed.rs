//! RSS of all versions and Atom: entries with a link, a title and a date.
//!
//! Read as far as a feed is sound. Relative links are resolved against `xml:base` and the address of the feed. A web
//! page is read for the feeds it announces, when the portal file says that the portal is read by its feeds.

use std::sync::LazyLock;

use jiff::civil::Date;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use scraper::Selector;
use url::Url;

use super::{Found, ListLink, Listing, Mechanism, Source, rows::Rows};
use crate::portal::Family;

/// Most entries of one feed.
const MAX_ENTRIES: usize = 20_000;

/// Most feeds of one page.
const MAX_FEEDS: usize = 50;

/// Longest text of a part of an entry, in bytes.
const MAX_TEXT: usize = 4096;

/// An entry as it is read.
#[derive(Default)]
struct Entry {
    link: Option<String>,
    /// An id that may be an address.
    id: Option<String>,
    title: Option<String>,
    published: Option<Date>,
    updated: Option<Date>,
}

/// Reads a feed, or a page that announces feeds.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    if let Some(found) = parse(listing) {
        return Some(found);
    }
    // That a page announces a feed does not mean that the feed has all of its list.
    listing.is_named.then(|| announced(listing)).flatten()
}

fn announced(listing: &Listing<'_>) -> Option<Found> {
    let lists: Vec<_> = feeds(listing).into_iter().map(ListLink::column).collect();
    let why = format!("a page that announces {} feeds", lists.len());
    (!lists.is_empty()).then(|| Found {
        lists,
        source: Source::Feed,
        mechanism: Mechanism::new(Family::Feed, why),
        ..Found::default()
    })
}

/// The feeds that a page announces.
pub(super) fn feeds(listing: &Listing<'_>) -> Vec<Url> {
    // Few pages do.
    if !["rss+xml", "atom+xml", "rdf+xml"]
        .iter()
        .any(|kind| listing.text.contains(kind))
    {
        return Vec::new();
    }
    static LINKS: LazyLock<Selector> = LazyLock::new(|| {
        Selector::parse("link[rel~=alternate][href][type], a[href][type]")
            .expect("a selector of this file is valid CSS")
    });
    let links = listing.tree().select(&LINKS).filter(|link| {
        let kind = link.value().attr("type").unwrap_or_default().to_ascii_lowercase();
        [
            "application/rss+xml",
            "application/atom+xml",
            "application/rdf+xml",
        ]
        .contains(&kind.trim())
    });
    let urls = links.filter_map(|link| listing.url.join(link.value().attr("href")?.trim()).ok());
    urls.filter(|url| (listing.in_scope)(url))
        .take(MAX_FEEDS)
        .collect()
}

/// Reads a feed as far as it is sound; `None` when the text is none.
pub(super) fn parse(listing: &Listing<'_>) -> Option<Found> {
    let text = sound(listing.text);
    let mut reader = Reader::from_str(&text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut kind = None;
    let mut rows = Rows::new(listing, listing.url);
    let mut lists = Vec::new();
    // Bases of the open elements: one for each that sets its own, with its depth.
    let mut bases = vec![(0_usize, listing.url.clone())];
    let mut depth = 0_usize;
    let mut entry: Option<Entry> = None;
    // The part of an entry that is read: its name and its text.
    let mut part: Option<(String, String)> = None;
    let mut n_entries = 0;
    // What follows a fault cannot be trusted; what came before it can.
    while let Ok(event) = reader.read_event() {
        let (start, is_empty) = match &event {
            Event::Start(start) => (Some(start), false),
            Event::Empty(start) => (Some(start), true),
            _ => (None, false),
        };
        if let Some(start) = start {
            depth += 1;
            let name = start.local_name().as_ref().to_ascii_lowercase();
            let root = match name.as_str() {
                "rss" => "RSS",
                "rdf" => "RSS 1.0",
                "feed" => "Atom",
                // The root of something else: a web page, a site map.
                _ if kind.is_none() => return None,
                _ => "",
            };
            if !root.is_empty() {
                kind.get_or_insert(root);
            }
            if let Some(base) =
                attribute(start, "xml:base").and_then(|base| bases.last()?.1.join(base.trim()).ok())
            {
                bases.push((depth, base));
            }
            match name.as_str() {
                "item" | "entry" => {
                    let id = attribute(start, "rdf:about");
                    entry = Some(Entry {
                        id,
                        ..Entry::default()
                    });
                    part = None;
                }
                "link" => {
                    let href = attribute(start, "href");
                    let rel = attribute(start, "rel").unwrap_or_else(|| "alternate".to_owned());
                    match (&mut entry, href) {
                        (Some(entry), Some(href)) if rel == "alternate" => {
                            entry.link = entry.link.take().or_else(|| resolved(&bases, &href));
                        }
                        (None, Some(href)) if rel == "next" => {
                            let url = resolved(&bases, &href).and_then(|url| Url::parse(&url).ok());
                            lists.extend(url.filter(|url| (listing.in_scope)(url)).map(ListLink::pager));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
            let is_entry = matches!(name.as_str(), "item" | "entry");
            if entry.is_some() && part.is_none() && !is_entry && !is_empty {
                part = Some((name, String::new()));
            }
        }
        match &event {
            Event::Eof => break,
            Event::Text(text) => push(&mut part, &text.xml10_content()),
            Event::CData(text) => push(&mut part, &text.xml10_content()),
            Event::GeneralRef(name) => push(&mut part, &entity(&name.xml10_content())),
            _ => {}
        }
        if let Event::End(end) = &event {
            let name = end.local_name().as_ref().to_ascii_lowercase();
            if let (Some((of, text)), Some(entry)) = (&part, &mut entry)
                && *of == name
            {
                entry.take(&name, text.trim(), &bases);
                part = None;
            }
            if matches!(name.as_str(), "item" | "entry")
                && let Some(done) = entry.take()
            {
                part = None;
                done.add(&mut rows);
                n_entries += 1;
                if n_entries >= MAX_ENTRIES {
                    break;
                }
            }
        }
        if is_empty || matches!(event, Event::End(_)) {
            bases.pop_if(|(at, _)| *at == depth && depth > 0);
            depth = depth.saturating_sub(1);
        }
    }
    let kind = kind?;
    Some(Found {
        lists,
        source: Source::Feed,
        mechanism: Mechanism::new(Family::Feed, format!("a feed in {kind} with {n_entries} entries")),
        ..rows.into_found()
    })
}

/// The text with every `&` that begins no reference written as one: many feeds forget it.
fn sound(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 100);
    let mut rest = text;
    let mut in_cdata = false;
    while let Some(at) = rest.find(['&', '<', ']']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if !in_cdata && rest.starts_with('&') {
            let near = &rest[1..rest.floor_char_boundary(12)];
            let name = near.split(';').next().unwrap_or_default();
            let is_name = name.len() < near.len()
                && !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
            out.push_str(if is_name { "&" } else { "&amp;" });
        } else {
            in_cdata = match () {
                () if rest.starts_with("<![CDATA[") => true,
                () if rest.starts_with("]]>") => false,
                () => in_cdata,
            };
            out.push_str(&rest[..1]);
        }
        rest = &rest[1..];
    }
    out.push_str(rest);
    out
}

fn push(part: &mut Option<(String, String)>, more: &str) {
    if let Some((_, text)) = part
        && text.len() + more.len() <= MAX_TEXT
    {
        text.push_str(more);
    }
}

/// The character of a reference; one that XML does not know stays as it is, for HTML may.
fn entity(name: &str) -> String {
    let code = match name.strip_prefix('#') {
        Some(code) => match code.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => code.parse().ok(),
        },
        None => None,
    };
    if let Some(c) = code.and_then(char::from_u32) {
        return c.to_string();
    }
    match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        _ => format!("&{name};"),
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let named = attributes.with_checks(false).flatten();
    let mut named = named.filter(|attribute| attribute.key.as_ref().eq_ignore_ascii_case(name));
    let value = named.next()?.value;
    Some(unescaped(&value))
}

/// An attribute's value with its references replaced.
fn unescaped(value: &str) -> String {
    let mut parts = value.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(';') {
            Some((name, rest)) => {
                out.push_str(&entity(name));
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    out
}

fn resolved(bases: &[(usize, Url)], href: &str) -> Option<String> {
    let href = href.trim();
    let (_, base) = bases.last().filter(|_| !href.is_empty())?;
    base.join(href).ok().map(String::from)
}

impl Entry {
    /// Takes a part of the entry.
    fn take(&mut self, name: &str, text: &str, bases: &[(usize, Url)]) {
        if text.is_empty() {
            return;
        }
        match name {
            "link" => self.link = self.link.take().or_else(|| resolved(bases, text)),
            "guid" | "id" => self.id = Some(text.to_owned()),
            "title" => self.title = self.title.take().or_else(|| Some(text.to_owned())),
            "pubdate" | "published" | "issued" | "created" => {
                self.published = self.published.or_else(|| date(text))
            }
            // `dc:date` in RSS 1.0.
            "date" => self.published = self.published.or_else(|| date(text)),
            "updated" | "modified" => self.updated = self.updated.or_else(|| date(text)),
            _ => {}
        }
    }

    fn add(self, rows: &mut Rows<'_, '_>) {
        let id = self
            .id
            .filter(|id| id.starts_with("http://") || id.starts_with("https://"));
        if let Some(link) = self.link.or(id) {
            rows.add(&link, self.title.as_deref(), self.published.or(self.updated));
        }
    }
}

/// The day in China of a moment as feeds write it. CST is the time of China here.
fn date(text: &str) -> Option<Date> {
    const CHINA: jiff::tz::Offset = jiff::tz::Offset::constant(8);
    let zoned = text.parse::<jiff::Timestamp>().ok();
    if let Some(moment) = zoned {
        return Some(CHINA.to_datetime(moment).date());
    }
    let (day, zone) = text.rsplit_once(' ').unwrap_or((text, ""));
    let rfc = match zone {
        "CST" => jiff::fmt::rfc2822::parse(&format!("{day} +0800")),
        _ => jiff::fmt::rfc2822::parse(text),
    };
    match rfc {
        Ok(moment) => Some(CHINA.to_datetime(moment.timestamp()).date()),
        Err(_) => report::dates::parse(text)
            .or_else(|| report::dates::first(text))
            .or_else(|| written(text)),
    }
}

/// A day as in `Tue, 27 Feb 2024 …` and `Tue Feb 27 10:00:00 CST 2024`.
fn written(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let words: Vec<_> = text
        .split([' ', ',', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let month = |word: &str| {
        MONTHS
            .iter()
            .position(|month| word.to_ascii_lowercase().starts_with(month))
    };
    let (at, month) = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| Some((at, month(word)?)))?;
    let day = |at: Option<usize>| words.get(at?)?.parse::<i8>().ok();
    let day = day(at.checked_sub(1)).or_else(|| day(at.checked_add(1)))?;
    let mut years = words.iter().filter_map(|word| word.parse::<i16>().ok());
    let year = years.find(|year| *year > 1900)?;
    Date::new(year, i8::try_from(month).ok()? + 1, day).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lists::tests::{asked, read};

    fn rows(family: Family, xml: &str) -> Vec<(String, String, String)> {
        let found = read("http://a.gov.cn/zwgk/rss.xml", family, xml);
        assert_eq!(found.source, Source::Feed, "{xml}");
        let text = |text: Option<String>| text.unwrap_or_default();
        let rows = found.reports.into_iter();
        rows.map(|row| {
            (
                row.url.path().to_owned(),
                text(row.title),
                text(row.date.map(|date| date.to_string())),
            )
        })
        .collect()
    }

    #[test]
    fn every_kind_of_feed_is_read() {
        let expected = [(
            "/x/1.html".to_owned(),
            "某某县年度报告&“法治”".to_owned(),
            "2024-02-28".to_owned(),
        )];
        for xml in [
            "<?xml version='1.0'?><!-- x --><rss version='2.0'><channel><title>站</title><link>http://a.gov.cn/</link><item><title>某某县年度报告&amp;“法治”</title>
             <link>http://a.gov.cn/x/1.html</link><pubDate>Wed, 28 Feb 2024 02:00:00 +0800</pubDate><guid isPermaLink='false'>77</guid></item></channel></rss>",
            "<rss version='0.91'><channel><item><title><![CDATA[某某县<b>年度</b>报告&“法治”]]></title><link><![CDATA[ /x/1.html ]]></link><pubDate>Tue, 27 Feb 2024 16:30:00 GMT</pubDate></item></channel></rss>",
            "<rdf:RDF xmlns:rdf='x' xmlns:dc='y'><channel rdf:about='z'><items/></channel><item rdf:about='http://a.gov.cn/x/1.html'><title>某某县年度报告&“法治”</title><dc:date>2024-02-28T02:00:00+08:00</dc:date></item></rdf:RDF>",
            "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://a.gov.cn/x/'><title>站</title><link rel='self' href='/feed'/><entry><title type='html'>某某县&lt;em&gt;年度&lt;/em&gt;报告&amp;amp;“法治”</title>
             <link rel='enclosure' href='a.pdf'/><link href='1.html'/><id>urn:1</id><published>2024-02-27T17:00:00Z</published><updated>2025-01-01T00:00:00Z</updated></entry></feed>",
            "<rss><channel><item><title>某某县年度报告&“法治”</title><guid>http://a.gov.cn/x/1.html</guid><pubDate>2024-02-28 10:00:00</pubDate></item></channel></rss>",
            "<rss><channel><item><title>某某县年度报告&amp;“法治”</title><link>../x/1.html?a=1&b=2</link><pubDate>Wed Feb 28 10:00:00 CST 2024</pubDate><br></item></channel></rss>",
            "<rss><channel><item><title>某某县年度报告&amp;“法治”</title><link>/x/1.html</link><pubDate>Tue, 28 Feb 2024 01:00:00 CST</pubDate></item><item><title>torn",
        ] {
            for family in [Family::Auto, Family::Feed] {
                let rows = rows(family, xml);
                assert_eq!(rows.len(), 1, "{xml}");
                assert_eq!((&rows[0].0, &rows[0].1), (&expected[0].0, &expected[0].1), "{xml}");
                assert_eq!(rows[0].2, expected[0].2, "{xml}");
            }
        }
    }

    #[test]
    fn further_parts_and_announced_feeds_are_followed() {
        let atom = "<feed><link rel='next' href='/feed?page=2'/><entry><link href='/x/1.html'/><title>某某县年度报告</title></entry></feed>";
        assert_eq!(
            asked(&read("http://a.gov.cn/feed", Family::Auto, atom)),
            ["/feed?page=2"]
        );
        let html = "<html><head><link rel='alternate' type='application/rss+xml' href='/rss.xml'><link rel='alternate' type='text/html' href='/m'></head>
            <a href='/zwgk/'>政务公开</a></html>";
        assert_eq!(asked(&read("http://a.gov.cn/", Family::Feed, html)), ["/rss.xml"]);
        assert_eq!(asked(&read("http://a.gov.cn/", Family::Auto, html)), ["/zwgk/"]);
        let other = read(
            "http://a.gov.cn/",
            Family::Feed,
            "<html><a href='/zwgk/'>政务公开</a></html>",
        );
        assert_eq!(other, Found::default());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "(<rss>|<feed>)?(<item>|</item>|<link>|<title>|</title>|<!\\[CDATA\\[|\\]\\]>|[<>&;a-z/ '=\"#]){0,60}") {
            let _ = read("http://a.gov.cn/feed", Family::Feed, &text);
        }
    }
}
