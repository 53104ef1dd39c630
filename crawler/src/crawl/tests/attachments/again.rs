//! When a file is asked for: once in a run, and again as far as it may have changed.

use super::*;

#[tokio::test]
async fn a_file_is_asked_for_again_only_as_far_as_it_may_have_changed() {
    let edition = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&edition);
    let site = site(
        || stub("<a href='/a.docx'>年度报告.docx</a>"),
        move |hit| {
            let edition = seen.load(std::sync::atomic::Ordering::Acquire);
            let etag = format!("\"{edition}\"");
            match hit.path.as_str() {
                "/a.docx" if edition == 2 => Some(Reply::status(404)),
                "/a.docx" if hit.header("if-none-match") == Some(&etag) => Some(Reply::status(304)),
                "/a.docx" => {
                    let text = format!("{}年", 2023 + edition);
                    Some(file(&report_file(&text)).header("ETag", &etag))
                }
                _ => None,
            }
        },
    )
    .await;
    let (first, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (first.status, first.attachments),
        (PortalStatus::Ok, 1),
        "{first:?}"
    );
    // The page comes as it was, and so does its file.
    let second = again(dir.path(), &site, false).await;
    assert_eq!(
        (counts(&second), second.attachments),
        ((2, 0, 0, 0, 1), 0),
        "{second:?}"
    );
    // Another file makes another report.
    edition.store(1, std::sync::atomic::Ordering::Release);
    let third = again(dir.path(), &site, false).await;
    assert_eq!(
        (counts(&third), third.attachments),
        ((2, 0, 0, 1, 0), 1),
        "{third:?}"
    );
    let url = site.url("/1001.html");
    assert!(found(dir.path(), &url).content.text.contains("2024年，"));
    // What is gone now was there once.
    edition.store(2, std::sync::atomic::Ordering::Release);
    let fourth = again(dir.path(), &site, false).await;
    assert_eq!(
        (counts(&fourth), fourth.attachments),
        ((2, 0, 0, 0, 1), 0),
        "{fourth:?}"
    );
    assert_eq!(failed(&fourth), [("/a.docx".to_owned(), "http_404")]);
    let report = found(dir.path(), &url);
    assert!(report.content.text.contains("2024年，"));
    assert_eq!(report.version, 2);
    // Everything anew: as it is served, without asking whether it changed.
    edition.store(1, std::sync::atomic::Ordering::Release);
    let n_before = site.hits().len();
    let full = again(dir.path(), &site, true).await;
    assert_eq!(
        (counts(&full), full.attachments),
        ((2, 0, 0, 0, 1), 1),
        "{full:?}"
    );
    let hits = site.hits();
    let mut asked = hits[n_before..].iter().filter(|hit| hit.path == "/a.docx");
    assert!(asked.all(|hit| hit.header("if-none-match").is_none()));
    assert_rebuilt(dir.path());
    // With nothing but the archive left, it is the same.
    let report = found(dir.path(), &url);
    std::fs::remove_file(dir.path().join("catalog.db")).unwrap();
    assert_eq!(found(dir.path(), &url), report);
}

#[tokio::test]
async fn a_page_that_is_as_it_was_keeps_its_files() {
    let site = site(
        || panic!("it has an answer of its own"),
        |hit| match hit.path.as_str() {
            "/1001.html" if hit.header("if-none-match").is_some() => Some(Reply::status(304)),
            "/1001.html" => {
                let page = with_files("<a href='/a.docx'>表.docx</a>");
                Some(Reply::html(&page).header("ETag", "\"1\""))
            }
            "/a.docx" => Some(file(&report_file("2023年"))),
            _ => None,
        },
    )
    .await;
    let (first, dir) = once(&site, "/list/", "").await;
    assert_eq!(first.attachments, 1, "{first:?}");
    let second = again(dir.path(), &site, false).await;
    assert_eq!(
        (counts(&second), second.attachments),
        ((1, 1, 0, 0, 1), 0),
        "{second:?}"
    );
    assert_eq!(site.count("/a.docx"), 1);
    let report = found(dir.path(), &site.url("/1001.html"));
    assert_eq!(statuses(&report), [Some(AttachmentStatus::Indexed)]);
    assert!(
        !report.content.text.contains("基层执法力量不足"),
        "the page has a text of its own"
    );
}

#[tokio::test]
async fn a_file_that_many_pages_link_to_is_fetched_once() {
    let site = TestSite::start(|hit| match hit.path.as_str() {
        "/list/" => list(&["/1001.html", "/1002.html", "/1003.html"], ""),
        "/a.docx" => file(&report_file("2023年")),
        path if path.len() == 10 => {
            let page = with_files("<a href='/a.docx'>表.docx</a>");
            Reply::html(&page.replace(TITLE, &title(path)))
        }
        _ => Reply::status(404),
    })
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!((summary.reports.new, summary.attachments), (3, 1), "{summary:?}");
    assert_eq!(site.count("/a.docx"), 1);
    for path in ["/1001.html", "/1002.html", "/1003.html"] {
        assert_eq!(
            statuses(&found(dir.path(), &site.url(path))),
            [Some(AttachmentStatus::Indexed)]
        );
    }
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn a_crawl_that_was_stopped_does_not_ask_again_for_what_came() {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let site = site(
        || with_files("<a href='/a.docx'>一.docx</a> <a href='/b.docx'>二.docx</a>"),
        move |hit| match hit.path.as_str() {
            "/a.docx" => Some(file(&report_file("2023年"))),
            // The first time, the crawl is stopped while this file is under way.
            "/b.docx" if !stop.is_cancelled() => {
                stop.cancel();
                Some(Reply::raw("HTTP/1.1 500 X\r\n\r\n"))
            }
            "/b.docx" => Some(file(&report_file("2022年"))),
            _ => None,
        },
    )
    .await;
    let dir = tempfile::tempdir().unwrap();
    let portals = || vec![portal("p", site.url("/list/").as_str(), "")];
    let (options, config) = (CrawlOptions::default(), config(&[&site]));
    let observer = Arc::new(Quiet::default());
    let stopped = crawl(portals(), options, &config, open(dir.path()), observer, cancel).await;
    let stopped = stopped.unwrap().0.remove(0);
    assert_eq!(
        (stopped.status, stopped.reports.new),
        (PortalStatus::Partial, 0),
        "{stopped:?}"
    );
    assert_eq!(site.count("/a.docx"), 1);
    let resumed = again(dir.path(), &site, false).await;
    assert_eq!(
        (resumed.status, resumed.reports.new, resumed.attachments),
        (PortalStatus::Ok, 1, 2),
        "{resumed:?}"
    );
    assert_eq!(site.count("/a.docx"), 1);
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn what_may_come_another_time_is_asked_for_another_time() {
    let is_up = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&is_up);
    let site = site(
        || panic!("it has an answer of its own"),
        move |hit| match hit.path.as_str() {
            "/1001.html" if hit.header("if-none-match").is_some() => Some(Reply::status(304)),
            "/1001.html" => {
                let page = stub("<a href='/a.docx'>年度报告.docx</a>");
                Some(Reply::html(&page).header("ETag", "\"1\""))
            }
            "/a.docx" if seen.load(std::sync::atomic::Ordering::Acquire) == 0 => Some(Reply::status(500)),
            "/a.docx" => Some(file(&report_file("2023年"))),
            _ => None,
        },
    )
    .await;
    let (first, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (first.status, first.attachments),
        (PortalStatus::Partial, 0),
        "{first:?}"
    );
    assert_eq!(failed(&first), [("/a.docx".to_owned(), "http_500")]);
    is_up.store(1, std::sync::atomic::Ordering::Release);
    let second = again(dir.path(), &site, false).await;
    assert_eq!(
        (second.status, second.attachments, second.reports.changed),
        (PortalStatus::Ok, 1, 1),
        "{second:?}"
    );
    let third = again(dir.path(), &site, false).await;
    assert_eq!((third.not_modified, third.attachments), (1, 0), "{third:?}");
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn files_count_as_pages_where_these_are_limited() {
    let site = site(
        || with_files("<a href='/a.docx'>一.docx</a> <a href='/b.docx'>二.docx</a>"),
        |hit| hit.path.ends_with(".docx").then(|| file(&report_file("2023年"))),
    )
    .await;
    let (summary, dir) = once(&site, "/list/", "limits = { max_pages = 3 }").await;
    assert_eq!((summary.reports.new, summary.attachments), (1, 1), "{summary:?}");
    let indexed = Some(AttachmentStatus::Indexed);
    let url = site.url("/1001.html");
    assert_eq!(statuses(&found(dir.path(), &url)), [indexed, None]);
    let rest = again(dir.path(), &site, false).await;
    assert_eq!(rest.status, PortalStatus::Ok, "{rest:?}");
    assert_eq!(statuses(&found(dir.path(), &url)), [indexed, indexed]);
    assert_rebuilt(dir.path());
}
