//! Site maps and feeds.

use super::*;

#[tokio::test]
async fn feeds() {
    all_is_found("feed", "/rss.xml", &FIVE, &[], |hit| {
        let item = |n: u32| {
            format!(
                "<item><title><![CDATA[{}]]></title><link>report-{n}.html</link><pubDate>Tue, 27 Feb 2024 10:00:00 +0800</pubDate></item>",
                title("x")
            )
        };
        let items: String = (1..=5).map(item).collect();
        (hit.path == "/rss.xml").then(|| text("text/xml", &format!("<rss version='2.0'><channel><link>/</link>{items}</channel></rss>")))?
    })
    .await;
}

#[tokio::test]
async fn a_portal_read_by_its_feeds_has_one() {
    let site = site(|hit| {
        Some(match hit.path.as_str() {
            "/home.html" => Reply::html("<link rel='alternate' type='application/atom+xml' href='/atom.xml'><a href='/zwgk/'>政务公开</a>"),
            "/atom.xml" => Reply::status(200).body(
                "<feed><entry><link href='/1001.html'/><title>某某县2023年度报告</title></entry><entry><link href='/1002.html'/></entry></feed>".as_bytes(),
            ),
            "/none.html" => Reply::html("<a href='/zwgk/'>政务公开</a>"),
            _ => return None,
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/home.html", "family = \"feed\"").await;
    assert_eq!(
        (summary.status, summary.reports.new, site.count("/zwgk/")),
        (PortalStatus::Ok, 2, 0),
        "{summary:?}"
    );
    let (summary, _dir) = once(&site, "/none.html", "family = \"feed\"").await;
    assert_eq!(summary.failed[0].reason, "not_a_feed");
}

#[tokio::test]
async fn packed_and_plain_site_maps() {
    use std::io::Write;
    let lists = ["/sitemap.xml", "/one.xml.gz", "/two.txt"];
    all_is_found("sitemap", "/sitemap.xml", &FIVE, &lists[1..], |hit| {
        let host = hit.header("host").unwrap_or_default();
        let loc = |path: &str| format!("<url><loc>http://{host}{path}</loc><lastmod>2024-02-27</lastmod></url>");
        match hit.path.as_str() {
            "/sitemap.xml" => text(
                "application/xml",
                &format!("<sitemapindex><sitemap><loc>http://{host}/one.xml.gz</loc></sitemap><sitemap><loc>http://{host}/two.txt</loc></sitemap></sitemapindex>"),
            ),
            "/one.xml.gz" => {
                let xml = format!("<urlset>{}</urlset>", FIVE[..3].iter().map(|path| loc(path)).collect::<String>());
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(xml.as_bytes()).unwrap();
                Some(Reply::status(200).header("Content-Type", "application/x-gzip").body(&encoder.finish().unwrap()))
            }
            "/two.txt" => text("text/plain", &format!("http://{host}{}\n\nhttp://{host}{}\n", FIVE[3], FIVE[4])),
            _ => None,
        }
    })
    .await;
}
