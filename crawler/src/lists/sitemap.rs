//! Site maps of the sitemaps.org protocol: a set of pages, or an index of further site maps.

use quick_xml::{Reader, events::Event};
use url::Url;

use super::{Found, ListLink, Listing, Mechanism, ReportLink, Shape, Source, feed, shape};
use crate::portal::Family;

/// Most addresses of one file, as the protocol has it.
const MAX_URLS: usize = 50_000;

/// Longest address that is read, in bytes.
const MAX_LOC_BYTES: usize = 4096;

/// A site map that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sitemap {
    pages: Vec<Url>,
    sitemaps: Vec<Url>,
}

/// The pages and site maps that a site map names.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let text = listing.text.trim_start();
    // The protocol also takes a feed for a site map, and a text with an address a line.
    if let Some(feed) = listing.is_named.then(|| feed::parse(listing)).flatten() {
        let source = Source::Sitemap;
        return Some(Found { source, ..feed });
    }
    let is_text = listing.is_named || listing.url.path().to_ascii_lowercase().ends_with(".txt");
    let map = parse(text).or_else(|| is_text.then(|| lines(text)).flatten())?;
    let is_page = |url: &Url| (listing.in_scope)(url) && !matches!(shape(url), Shape::File | Shape::Asset);
    let reports = map.pages.into_iter().filter(is_page);
    let lists = map.sitemaps.into_iter().filter(|url| (listing.in_scope)(url));
    Some(Found {
        reports: reports
            .map(|url| ReportLink {
                url,
                title: None,
                date: None,
            })
            .collect(),
        lists: lists.map(ListLink::column).collect(),
        source: Source::Sitemap,
        mechanism: Mechanism::new(Family::Sitemap, "a site map by the protocol of sitemaps.org"),
        ..Found::default()
    })
}

/// A site map that is a text: each line is an address.
fn lines(text: &str) -> Option<Sitemap> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && line.len() <= MAX_LOC_BYTES);
    let urls = lines.take(MAX_URLS).map(|line| {
        let url = Url::parse(line).ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https"))
    });
    let pages: Vec<_> = urls.collect::<Option<_>>()?;
    (!pages.is_empty()).then(|| Sitemap {
        pages,
        ..Sitemap::default()
    })
}

/// Reads a site map as far as it is sound; `None` when the text is none.
fn parse(text: &str) -> Option<Sitemap> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut found: Option<Sitemap> = None;
    let mut is_index = false;
    let (mut in_entry, mut loc) = (false, None::<String>);
    // What follows a fault cannot be trusted; what came before it can.
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Eof => break,
            Event::Start(start) => match start.local_name().as_ref() {
                "urlset" if found.is_none() => found = Some(Sitemap::default()),
                "sitemapindex" if found.is_none() => {
                    found = Some(Sitemap::default());
                    is_index = true;
                }
                // The root of something else: a web page, a feed.
                _ if found.is_none() => return None,
                "url" | "sitemap" => in_entry = true,
                "loc" if in_entry => loc = Some(String::new()),
                _ => {}
            },
            Event::Text(part) => push(&mut loc, &part.xml10_content()),
            Event::CData(part) => push(&mut loc, &part.xml10_content()),
            Event::GeneralRef(name) => push(&mut loc, entity(&name.xml10_content())),
            Event::End(end) => match end.local_name().as_ref() {
                "loc" => {
                    let url = loc.take().and_then(|loc| Url::parse(loc.trim()).ok());
                    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
                    if let (Some(url), Some(map)) = (url, &mut found) {
                        if map.pages.len() + map.sitemaps.len() >= MAX_URLS {
                            break;
                        }
                        if is_index {
                            map.sitemaps.push(url)
                        } else {
                            map.pages.push(url)
                        }
                    }
                }
                "url" | "sitemap" => in_entry = false,
                _ => {}
            },
            _ => {}
        }
    }
    found
}

fn push(loc: &mut Option<String>, part: &str) {
    if let Some(loc) = loc
        && loc.len() + part.len() <= MAX_LOC_BYTES
    {
        loc.push_str(part);
    }
}

/// The predefined entities of XML; an address has no use for others.
fn entity(name: &str) -> &'static str {
    match name {
        "amp" | "#38" | "#x26" => "&",
        "apos" | "#39" => "'",
        "quot" | "#34" => "\"",
        "lt" => "<",
        "gt" => ">",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sets_and_indexes_are_parse() {
        let map = parse(
            r#"<?xml version="1.0" encoding="UTF-8"?>
            <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://x">
            <url><loc> http://a.gov.cn/x.jsp?a=1&amp;b=2 </loc><lastmod>2024-01-01</lastmod>
              <image:image><image:loc>ftp://a.gov.cn/x.jpg</image:loc></image:image></url>
            <url><loc><![CDATA[http://a.gov.cn/y.html]]></loc></url><url><loc>ftp://no</loc></url></urlset>"#,
        )
        .unwrap();
        let pages: Vec<_> = map.pages.iter().map(Url::as_str).collect();
        assert_eq!(pages, ["http://a.gov.cn/x.jsp?a=1&b=2", "http://a.gov.cn/y.html"]);
        let index =
            parse("<sitemapindex><sitemap><loc>http://a.gov.cn/s1.xml.gz</loc></sitemap></sitemapindex>")
                .unwrap();
        assert_eq!((index.pages.len(), index.sitemaps.len()), (0, 1));
    }

    #[test]
    fn a_text_with_an_address_a_line_is_one() {
        let map = lines("http://a.gov.cn/x.html\r\n\n https://a.gov.cn/y.html \n").unwrap();
        assert_eq!(map.pages.len(), 2);
        assert_eq!(lines("http://a.gov.cn/x.html\nsome text"), None);
        assert_eq!(lines(""), None);
    }

    #[test]
    fn other_documents_are_not_site_maps_and_a_torn_one_gives_what_it_has() {
        assert_eq!(
            parse("<!DOCTYPE html><html><body><loc>http://a/</loc></body></html>"),
            None
        );
        assert_eq!(parse("<rss><channel/></rss>"), None);
        assert_eq!(parse("just text"), None);
        let torn = parse("<urlset><url><loc>http://a.gov.cn/x</loc></url><url><loc>http://a.gov").unwrap();
        assert_eq!(torn.pages.len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(text in "(<urlset>)?[<>&;a-z/!\\[\\]\"' -]{0,200}") {
            let _ = parse(&text);
        }
    }
}
