//! The sample portals: texts that differ enough, pages that can be reached, answers that do not change.

use std::collections::{BTreeSet, HashSet};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

use super::{site::Page, texts::Text, *};

fn sites() -> Vec<Site> {
    vec![
        jingxian::build(9).unwrap(),
        yushe::build(9).unwrap(),
        longsheng::build(9).unwrap(),
    ]
}

fn texts(sites: &[Site]) -> Vec<&Text> {
    sites
        .iter()
        .flat_map(|site| &site.articles)
        .map(|article| &article.text)
        .collect()
}

fn html(page: &Page) -> Option<String> {
    if !page.content_type.starts_with("text/html") {
        return None;
    }
    let utf8 = String::from_utf8(page.body.to_vec());
    Some(utf8.unwrap_or_else(|error| {
        let (text, _, damaged) = encoding_rs::GBK.decode(error.as_bytes());
        assert!(!damaged);
        text.into_owned()
    }))
}

#[test]
fn there_are_enough_reports_and_each_is_long_enough() {
    let sites = sites();
    let texts = texts(&sites);
    let is_report = |text: &&&Text| !matches!(text.genre, Genre::News | Genre::Interpretation);
    assert!(texts.iter().filter(is_report).count() >= 60);
    for text in &texts {
        let han = text
            .paragraphs
            .concat()
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .count();
        assert!(
            han >= if is_report(&text) { 800 } else { 300 },
            "{}: {han} Han characters",
            text.title
        );
        assert!(
            text.signed.is_none_or(|day| day <= text.published.date()),
            "{}",
            text.title
        );
    }
    let genres: BTreeSet<_> = texts.iter().map(|text| text.genre).collect();
    let years: BTreeSet<_> = texts.iter().filter_map(|text| text.year).collect();
    assert!(genres.len() >= 8, "{genres:?}");
    assert!((2018..=2024).all(|year| years.contains(&year)), "{years:?}");
}

/// What a crawl is expected to say must be on the page: nobody can tell the year of a plan that names none.
#[test]
fn expected_years_are_told_by_the_text() {
    for text in texts(&sites()) {
        let opening = text.paragraphs.first().copied().unwrap_or_default();
        match text.year {
            Some(year) => assert!(
                format!("{}{opening}", text.title).contains(&year.to_string()),
                "{}",
                text.title
            ),
            None => assert!(matches!(
                text.genre,
                Genre::Notice | Genre::Plan | Genre::News | Genre::Interpretation
            )),
        }
    }
}

/// One text with the numbers changed would make a poor sample of search.
#[test]
fn no_two_texts_share_more_than_a_fifth_of_their_eight_character_strings() {
    let sites = sites();
    let shingles: Vec<(&str, HashSet<String>)> = texts(&sites)
        .into_iter()
        .map(|text| {
            let characters: Vec<char> = text
                .paragraphs
                .concat()
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect();
            (text.title, characters.windows(8).map(String::from_iter).collect())
        })
        .collect();
    for (at, (title, ours)) in shingles.iter().enumerate() {
        for (other, theirs) in &shingles[..at] {
            let shared = ours.intersection(theirs).count();
            assert!(
                shared * 5 <= ours.len().min(theirs.len()),
                "{title} and {other} share {shared}"
            );
        }
    }
}

#[test]
fn the_gbk_portal_loses_no_character() {
    let site = yushe::build(9).unwrap();
    for Text {
        title,
        source,
        issuer,
        paragraphs,
        ..
    } in site.articles.iter().map(|article| &article.text)
    {
        for line in [title, source, issuer].into_iter().chain(paragraphs) {
            assert!(!encoding_rs::GBK.encode(line).2, "{line}");
        }
    }
    let declared: BTreeSet<_> = site
        .articles
        .iter()
        .map(|article| site.page(&article.path).unwrap().content_type)
        .collect();
    assert_eq!(declared.len(), 3, "{declared:?}");
    for (path, page) in site
        .pages()
        .filter(|(_, page)| page.content_type.starts_with("text/html"))
    {
        assert!(String::from_utf8(page.body.to_vec()).is_err(), "{path} is UTF-8");
    }
}

#[test]
fn every_page_says_that_it_is_a_sample() {
    for site in sites() {
        for (path, page) in site.pages() {
            if let Some(html) = html(page) {
                assert!(html.contains("示例页面，内容与数字均为虚构"), "{}{path}", site.id);
            }
        }
    }
}

/// Follows links, pagers and sitemaps as far as `allow` goes, and says what was asked for, robots.txt included.
fn walk(site: &Site) -> BTreeSet<String> {
    let base = url::Url::parse(&site.base_url()).unwrap();
    let mut queue: Vec<url::Url> = site
        .plan
        .seeds
        .iter()
        .map(|seed| base.join(seed).unwrap())
        .collect();
    let mut seen = BTreeSet::from(["/robots.txt".to_owned()]);
    while let Some(url) = queue.pop() {
        let path = url.path().replace("/index.html", "/");
        if !site.plan.allow.iter().any(|prefix| path.starts_with(prefix)) || !seen.insert(path.clone()) {
            continue;
        }
        let page = site
            .page(&path)
            .unwrap_or_else(|| panic!("{} links to {path}, which is not there", site.id));
        let text = html(page).unwrap_or_else(|| {
            let mut text = String::new();
            if path.ends_with(".gz") {
                std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&page.body[..]), &mut text)
                    .unwrap();
            } else {
                text = String::from_utf8(page.body.to_vec()).unwrap();
            }
            text
        });
        let quoted = text
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let located = text
            .split("<loc>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next());
        queue.extend(
            quoted
                .chain(located)
                .filter_map(|link| url.join(link).ok())
                .filter(|link| link.scheme() == "http"),
        );
        if let Some((_, call)) = text.split_once("createPageHTML(") {
            let total: usize = call.split(',').next().unwrap().parse().unwrap();
            queue.extend((1..total).map(|page| url.join(&format!("index_{page}.html")).unwrap()));
        }
    }
    seen
}

/// With 0.1 s between requests a first crawl takes about five seconds.
#[test]
fn every_report_is_reachable_and_a_crawl_needs_few_requests() {
    for site in sites() {
        let walked = walk(&site);
        for path in site.articles.iter().map(|article| &article.path) {
            assert!(walked.contains(path), "{}: {path} is not linked", site.id);
        }
        for path in &site.look_alikes {
            assert!(
                walked.contains(&path.replace("/index.html", "/")),
                "{}: {path} is not linked",
                site.id
            );
        }
        assert!(walked.len() <= 48, "{}: {} requests", site.id, walked.len());
        let lists = walked
            .iter()
            .filter(|path| path.starts_with("/zwgk/fzzf/") && path.contains("index_"))
            .count();
        assert!(
            site.id == "longsheng" || lists == 2,
            "{}: {lists} further list pages",
            site.id
        );
    }
}

#[test]
fn a_site_is_the_same_on_every_start() {
    for (one, two) in sites().iter().zip(sites()) {
        let bodies = |site: &Site| {
            site.pages()
                .map(|(path, page)| (path.clone(), page.body.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(bodies(one), bodies(&two));
        assert_eq!(one.expected(), two.expected());
    }
}

#[test]
fn a_title_and_its_paragraphs_stand_on_the_page() {
    for site in sites() {
        for article in &site.articles {
            let html = html(site.page(&article.path).unwrap()).unwrap();
            // Without markup, a paragraph cut into many runs is whole again.
            let shown: String = html
                .split('<')
                .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
                .collect();
            assert!(shown.contains(article.text.title), "{}", article.path);
            for line in article.text.paragraphs.iter().filter(|line| !line.contains('\t')) {
                assert!(shown.contains(&html_escaped(line)), "{}: {line}", article.path);
            }
        }
    }
}

fn html_escaped(line: &str) -> String {
    line.replace('&', "&#38;")
        .replace('<', "&#60;")
        .replace('>', "&#62;")
        .replace('"', "&#34;")
        .replace('\'', "&#39;")
}

async fn ask(site: &Arc<Site>, request: axum::http::request::Builder) -> axum::response::Response {
    site::router(Arc::clone(site))
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn known_versions_are_answered_with_304() {
    let site = Arc::new(longsheng::build(9).unwrap());
    let path = &site.articles[0].path;
    let first = ask(&site, Request::get(path)).await;
    assert_eq!(first.status(), StatusCode::OK);
    let etag = first.headers()[header::ETAG].clone();
    let modified = first.headers()[header::LAST_MODIFIED].clone();
    assert_eq!(modified, "Mon, 24 Feb 2025 02:41:00 GMT");

    let known = ask(&site, Request::get(path).header(header::IF_NONE_MATCH, &etag)).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(known.headers()[header::ETAG], etag);
    let since = ask(
        &site,
        Request::get(path).header(header::IF_MODIFIED_SINCE, &modified),
    )
    .await;
    assert_eq!(since.status(), StatusCode::NOT_MODIFIED);
    let tag_wins = Request::get(path)
        .header(header::IF_NONE_MATCH, "\"x\"")
        .header(header::IF_MODIFIED_SINCE, &modified);
    assert_eq!(ask(&site, tag_wins).await.status(), StatusCode::OK);

    assert_eq!(
        ask(&site, Request::get("/zwgk/none.html")).await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        ask(&site, Request::get(site.look_alikes[2])).await.status(),
        StatusCode::OK
    );
    assert_eq!(
        ask(&site, Request::post(path)).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn the_portals_serve_until_they_are_stopped() {
    let running = SampleSites::start(Ports::default()).await.unwrap();
    assert_eq!(running.expected().len(), texts(&sites()).len());
    assert_eq!(running.not_reports().len(), 9);
    let portals = running.portals();
    assert_eq!(
        portals.iter().map(|portal| portal.id).collect::<Vec<_>>(),
        ["jingxian", "yushe", "longsheng"]
    );
    for (portal, host) in portals.iter().zip(running.allow_private()) {
        assert_eq!(portal.base_url, format!("http://{host}"));
        let file = crawler::Portal::parse(portal.id, &portal.portal_toml).unwrap();
        assert_eq!(
            file.region.map(|code| code.to_string()).as_deref(),
            Some(region_of(portal.id))
        );
        assert!(
            file.seeds
                .iter()
                .all(|seed| seed.as_str().starts_with(&portal.base_url))
        );
        let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
        let request = format!("GET /robots.txt HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("User-agent: *"),
            "{answer}"
        );
    }
    let taken: u16 = portals[0].base_url.rsplit(':').next().unwrap().parse().unwrap();
    let again = SampleSites::start(Ports {
        jingxian: taken,
        ..Ports::default()
    })
    .await
    .unwrap_err();
    assert!(again.to_string().contains(&taken.to_string()), "{again}");
    running.stop().await;
    SampleSites::start(Ports {
        jingxian: taken,
        ..Ports::default()
    })
    .await
    .unwrap()
    .stop()
    .await;
}

fn region_of(portal: &str) -> &'static str {
    sites().iter().find(|site| site.id == portal).unwrap().region_code
}
