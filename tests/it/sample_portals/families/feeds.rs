//! Site maps and feeds.

use super::{
    super::{
        papers::Paper,
        samples::Sample,
        server::{Reply, Site},
    },
    Stock, ZOOM,
};

pub(super) fn sitemap(family: &str) -> Sample {
    use std::io::Write as _;
    let stock = Stock::new(140, 30, ZOOM, |n, paper| {
        format!("/{}/content_{}.html", paper.day(), 700_001 + n)
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let host = hit.header("host").unwrap_or_default().to_owned();
        let set = |slice: &[(String, Paper)]| {
            let urls: String = slice
                .iter()
                .map(|(path, paper)| {
                    format!(
                        "<url><loc>http://{host}{path}</loc><lastmod>{}</lastmod></url>",
                        paper.date
                    )
                })
                .collect();
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">{urls}</urlset>"
            )
        };
        match hit.path() {
            "/sitemap.xml" => Reply::of(
                "application/xml",
                format!(
                    "<?xml version=\"1.0\"?><sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>http://{host}/map1.xml</loc></sitemap>\
                     <sitemap><loc>http://{host}/map2.xml.gz</loc></sitemap></sitemapindex>"
                ),
            ),
            "/map1.xml" => Reply::of("text/xml", set(stock.slice(0, 18))),
            "/map2.xml.gz" => {
                let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                packed.write_all(set(stock.slice(18, 99)).as_bytes()).unwrap();
                Reply::of("application/gzip", packed.finish().unwrap())
            }
            _ => stock.reply(hit),
        }
    });
    Sample::of(family, "sitemap", site, "/sitemap.xml", expected)
}

pub(super) fn feed(family: &str, is_atom: bool) -> Sample {
    let stock = Stock::new(110, 21, ZOOM, |n, paper| {
        format!("/gkxx/{}/{}.html", paper.month(), 91_001 + n)
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| match hit.path() {
        "/rss.xml" if is_atom => {
            let entries: String = stock.papers.iter().map(|(path, paper)| {
                format!("<entry><title>{}</title><link rel=\"alternate\" href=\"{path}\"/><id>urn:{path}</id><updated>{}T09:00:00+08:00</updated></entry>", paper.title, paper.date)
            }).collect();
            Reply::of(
                "application/atom+xml",
                format!(
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>清河</title>{entries}</feed>"
                ),
            )
        }
        "/rss.xml" => {
            let items: String = stock.papers.iter().map(|(path, paper)| {
                format!("<item><title><![CDATA[{}]]></title><link>{path}</link><pubDate>{} 09:00:00</pubDate></item>", paper.title, paper.date)
            }).collect();
            Reply::of(
                "text/xml; charset=utf-8",
                format!(
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>清河</title><link>/</link>{items}</channel></rss>"
                ),
            )
        }
        _ => stock.reply(hit),
    });
    Sample::of(
        family,
        if is_atom { "atom" } else { "rss" },
        site,
        "/rss.xml",
        expected,
    )
}
