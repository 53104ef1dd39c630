//! Whatever a portal links, redirects or sends its visitors to: no connection is made to an address that is not
//! public and was not opened.

use super::*;
use crate::fetch::test_site::Canary;

/// Ways to write the address of the canary; `{port}` is its port.
const TARGETS: &[&str] = &[
    "http://127.0.0.1:{port}/",
    "http://127.0.0.2:{port}/",
    "http://[::1]:{port}/",
    "http://localhost:{port}/",
    "http://inside.example:{port}/",
    "http://0x7f.1:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "https://127.0.0.1:{port}/",
];

/// A site whose every answer holds `{target}` in its own way.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    /// The crawl goes there when the configuration opens it.
    is_followed: bool,
    /// Path of the seed.
    seed: &'static str,
    more: &'static str,
    answer: fn(&Hit, &str) -> Option<Reply>,
}

/// A way that the seed `/list/` has, and that is followed.
const WAY: Way = Way {
    name: "",
    is_followed: true,
    seed: "/list/",
    more: "",
    answer: |_, _| None,
};

const WAYS: &[Way] = &[
    Way {
        name: "a row of a list",
        answer: |hit, target| {
            (hit.path == "/list/").then(|| list(&[&format!("{target}1001.html"), "/1001.html"], ""))
        },
        ..WAY
    },
    Way {
        name: "columns, pagers, frames and refreshes",
        answer: |hit, target| {
            (hit.path == "/list/").then(|| {
                list(
                    &["/1001.html"],
                    &format!(
                        "<base href='{target}'><a href='{target}zwgk/'>法治政府建设年度报告</a>\
                         <a href='{target}list/index_1.html'>下一页</a><link rel='next' href='{target}index_2.html'>\
                         <iframe src='{target}list.html'></iframe><meta http-equiv='refresh' content='0;url={target}'>\
                         <select><option value='{target}index_3.html'>3</option></select>\
                         <a href='#' onclick=\"window.open('{target}1002.html')\">{}</a>\
                         <form action='{target}search' method='post'><input name='q'></form>",
                        title("/1002.html")
                    ),
                )
            })
        },
        ..WAY
    },
    Way {
        name: "a page that is nothing but a refresh",
        seed: "/",
        answer: |hit, target| {
            (hit.path == "/")
                .then(|| Reply::html(&format!("<meta http-equiv='refresh' content='0;url={target}'>")))
        },
        ..WAY
    },
    Way {
        name: "a page that is nothing but a script",
        seed: "/",
        answer: |hit, target| {
            (hit.path == "/").then(|| Reply::html(&format!("<script>location.href='{target}'</script>")))
        },
        ..WAY
    },
    Way {
        name: "a Refresh header",
        seed: "/",
        answer: |hit, target| {
            (hit.path == "/").then(|| Reply::html("").header("Refresh", &format!("0; url={target}")))
        },
        ..WAY
    },
    Way {
        name: "a redirect of the seed",
        answer: |hit, target| (hit.path == "/list/").then(|| Reply::redirect(target)),
        ..WAY
    },
    Way {
        name: "redirects of pages",
        answer: |hit, target| {
            let status = match hit.path.as_str() {
                "/1001.html" => 301,
                "/1002.html" => 307,
                "/1003.html" => 308,
                _ => return None,
            };
            Some(Reply::status(status).header("Location", target))
        },
        ..WAY
    },
    Way {
        name: "a redirect behind a redirect",
        answer: |hit, target| match hit.path.as_str() {
            "/1001.html" => Some(Reply::redirect("/moved/")),
            "/moved/" => Some(Reply::redirect(target)),
            _ => None,
        },
        ..WAY
    },
    Way {
        name: "a redirect without a scheme",
        answer: |hit, target| {
            (hit.path == "/1001.html")
                .then(|| Reply::redirect(target.trim_start_matches("http:").trim_start_matches("https:")))
        },
        ..WAY
    },
    Way {
        name: "robots.txt",
        answer: |hit, target| {
            (hit.path == "/robots.txt").then(|| Reply::redirect(&format!("{target}robots.txt")))
        },
        ..WAY
    },
    Way {
        // Site maps are seeds of portal files, and asked for by no other sign.
        name: "a line of robots.txt",
        is_followed: false,
        answer: |hit, target| {
            let rules = format!("User-agent: *\nDisallow:\nSitemap: {target}sitemap.xml\n");
            (hit.path == "/robots.txt").then(|| Reply::status(200).body(rules.as_bytes()))
        },
        ..WAY
    },
    Way {
        name: "a site map",
        seed: "/sitemap.xml",
        more: "family = \"sitemap\"",
        answer: |hit, target| {
            let map = format!("<urlset><url><loc>{target}1001.html</loc></url></urlset>");
            (hit.path == "/sitemap.xml").then(|| Reply::status(200).body(map.as_bytes()))
        },
        ..WAY
    },
    Way {
        name: "an index of site maps",
        seed: "/sitemap.xml",
        more: "family = \"sitemap\"",
        answer: |hit, target| {
            let map = format!("<sitemapindex><sitemap><loc>{target}one.xml</loc></sitemap></sitemapindex>");
            (hit.path == "/sitemap.xml").then(|| Reply::status(200).body(map.as_bytes()))
        },
        ..WAY
    },
    Way {
        name: "a feed",
        seed: "/rss.xml",
        answer: |hit, target| {
            let feed = format!(
                "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><item><title>{}</title>\
                 <link>{target}1001.html</link></item></channel></rss>",
                title("/1001.html")
            );
            (hit.path == "/rss.xml").then(|| Reply::status(200).body(feed.as_bytes()))
        },
        ..WAY
    },
    Way {
        name: "files and pictures of a report",
        answer: |hit, target| {
            let files = format!(
                "<a href='{target}P020240101.pdf'>附件：报告全文.pdf</a><a href='{target}down.jsp?id=1'>附件下载</a>\
                 <img src='{target}P020240102.jpg'><iframe src='{target}P020240103.pdf'></iframe></body>"
            );
            (hit.path == "/1001.html")
                .then(|| Reply::html(&report(&title("/1001.html")).replace("</body>", &files)))
        },
        ..WAY
    },
    Way {
        name: "a list that is fetched by script",
        answer: |hit, target| {
            (hit.path == "/list/").then(|| {
                list(
                    &["/1001.html"],
                    &format!(
                        "<div querydata=\"{{'webId':'1','pageId':'2'}}\" url=\"{target}api-gateway/jpaas-publish-server/front/page/build/unit\"></div>\
                         <script>var url='{target}module/web/jpage/dataproxy.jsp?columnid=1&unitid=2';\
                         $.post('{target}queryList', {{}})</script>"
                    ),
                )
            })
        },
        ..WAY
    },
];

#[tokio::test]
async fn no_way_leads_to_a_private_address() {
    let canary = Canary::start().await;
    for target in TARGETS {
        let target = target.replace("{port}", &canary.port().to_string());
        for (way, site, summary) in crawl_all(&target, None).await {
            assert!(
                site.count(way.seed) > 0 || way.name == "robots.txt",
                "{}",
                way.name
            );
            assert_eq!(canary.accepted(), 0, "{}: {target}: {summary:?}", way.name);
        }
        let dir = tempfile::tempdir().unwrap();
        let seed = portal("p", &target, "");
        let summary = crawl_told(dir.path(), vec![seed], &config(&[])).await.remove(0);
        assert_eq!(
            (summary.status, summary.reason.as_deref()),
            (PortalStatus::Failed, Some("private_address")),
            "{target}"
        );
    }
    assert_eq!(canary.accepted(), 0);
}

#[tokio::test]
async fn the_same_ways_lead_there_when_the_configuration_opens_it() {
    let inside = TestSite::start(|_| Reply::status(404)).await;
    let crawled = crawl_all(inside.url("/").as_str(), Some(&inside)).await;
    for (number, (way, _, summary)) in crawled.into_iter().enumerate() {
        let own = format!("/w{number}/");
        let was_there = inside.hits().iter().any(|hit| hit.path.starts_with(&own));
        assert_eq!(was_there, way.is_followed, "{}: {summary:?}", way.name);
    }
}

/// Crawls a site for each way to `target`, side by side, with a name server that says that all names are loopback.
/// The portal files say that `target` belongs to the portal: only the configuration opens an address.
async fn crawl_all(target: &str, opened: Option<&TestSite>) -> Vec<(&'static Way, TestSite, PortalSummary)> {
    let (mut sites, mut portals) = (Vec::new(), Vec::new());
    for (number, way) in WAYS.iter().enumerate() {
        let goal = opened.map_or(target.to_owned(), |_| format!("{target}w{number}/"));
        let site = site(move |hit| (way.answer)(hit, &goal)).await;
        let more = format!("{}\nallow = [\"{target}\"]", way.more);
        portals.push(portal(&format!("p{number}"), site.url(way.seed).as_str(), &more));
        sites.push(site);
    }
    let config = config(&sites.iter().chain(opened).collect::<Vec<_>>());
    let dir = tempfile::tempdir().unwrap();
    let summaries = crawl_told(dir.path(), portals, &config).await;
    WAYS.iter()
        .zip(sites)
        .zip(summaries)
        .map(|((way, site), summary)| (way, site, summary))
        .collect()
}
