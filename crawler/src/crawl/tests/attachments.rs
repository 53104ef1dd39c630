//! Reports whose text, or more of it, is in files.

use report::{Attachment, AttachmentStatus, QualityFlag, Report};
use url::Url;

use super::*;
use crate::reading::samples::docx;

/// A picture, under whatever name.
const SCAN: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

const TITLE: &str = "某某县人民政府2023年法治政府建设年度报告";

fn paragraphs(edition: &str) -> Vec<String> {
    [
        TITLE.to_owned(),
        "一、工作开展情况".to_owned(),
        format!(
            "{edition}，某某县认真贯彻落实法治政府建设实施纲要，依法全面履行政府职能，各项工作取得新的成效。"
        ),
        "二、存在的问题".to_owned(),
        "基层执法力量不足，普法宣传的方式还不够多样，需要在今后的工作中加以改进。".to_owned(),
    ]
    .into()
}

fn report_file(edition: &str) -> Vec<u8> {
    let paragraphs = paragraphs(edition);
    docx(&paragraphs.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A page that says no more than that the document is in a file.
fn stub(link: &str) -> String {
    format!(
        "<html><head><title>{TITLE}</title><meta name=\"ArticleTitle\" content=\"{TITLE}\"><meta name=\"PubDate\" \
         content=\"2024-01-12 09:00\"></head><body><h1>{TITLE}</h1><div>发布时间：2024-01-12 来源：县司法局</div>\
         <div id=\"zoom\"><p>详见附件。</p><p>附件：{link}</p></div></body></html>"
    )
}

/// A report with files below its text.
fn with_files(links: &str) -> String {
    report(TITLE).replace("</div></body>", &format!("<p>附件：{links}</p></div></body>"))
}

/// A site with a list of one page, 1001, that says this; and whatever `other` says.
async fn site(
    page: impl Fn() -> String + Send + Sync + 'static,
    other: impl Fn(&Hit) -> Option<Reply> + Send + Sync + 'static,
) -> TestSite {
    TestSite::start(move |hit| {
        other(hit).unwrap_or_else(|| match hit.path.as_str() {
            "/list/" => list(&["/1001.html"], ""),
            "/1001.html" => Reply::html(&page()),
            _ => Reply::status(404),
        })
    })
    .await
}

fn file(bytes: &[u8]) -> Reply {
    Reply::status(200)
        .header("Content-Type", "application/octet-stream")
        .body(bytes)
}

fn find(dir: &Path, url: &Url) -> Report {
    let store = open(dir);
    let id = store.catalog().find("p", url.as_str()).unwrap().unwrap();
    store.catalog().report(&id).unwrap().unwrap()
}

fn statuses(report: &Report) -> Vec<Option<AttachmentStatus>> {
    report
        .content
        .attachments
        .iter()
        .map(|file| file.status)
        .collect()
}

/// What a rebuild makes of the archive is what the crawl made.
fn assert_rebuilt(dir: &Path) {
    let all = |store: &Store| {
        let mut all = Vec::new();
        let each = |report: Report| -> Result<(), crate::CatalogError> {
            all.push(serde_json::to_string(&report).unwrap());
            Ok(())
        };
        store.catalog().for_each_report(each).unwrap();
        all
    };
    let table = |store: &Store| {
        let sql = "SELECT portal || address || version || status || coalesce(name, '') || coalesce(etag, '')
                   || coalesce(length(text), 0) || file || ' ' || offset FROM attachments ORDER BY 1";
        let db = store.catalog().connection();
        let mut statement = db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap()
    };
    let mut store = open(dir);
    let before = (all(&store), table(&store));
    crate::rebuild(&mut store, &mut |_| true)
        .unwrap()
        .commit()
        .unwrap();
    assert_eq!((all(&store), table(&store)), before);
}

#[tokio::test]
async fn a_page_that_only_points_to_a_file_has_the_text_of_the_file() {
    let link = "<a href='/files/P0202401.docx' title='年度报告.docx'>点击下载</a>";
    let site = site(
        move || stub(link),
        |hit| (hit.path == "/files/P0202401.docx").then(|| file(&report_file("2023年"))),
    )
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.attachments),
        (PortalStatus::Ok, 1),
        "{summary:?}"
    );
    assert_eq!(counts(&summary), (2, 0, 1, 0, 0));
    let hits = site.hits();
    let asked = hits.iter().find(|hit| hit.path.starts_with("/files/")).unwrap();
    assert_eq!(asked.header("referer"), Some(site.url("/1001.html").as_str()));

    let content = find(dir.path(), &site.url("/1001.html")).content;
    assert_eq!(content.text, paragraphs("2023年").join("\n"));
    assert_eq!(content.title.as_deref(), Some(TITLE));
    assert_eq!(content.quality.flags, [QualityFlag::AttachmentOnly]);
    assert_eq!(content.published.unwrap().to_string(), "2024-01-12");
    assert_eq!(content.source.as_deref(), Some("县司法局"));
    assert_eq!(content.year, Some(2023));
    assert_eq!(content.outline.len(), 2);
    let Attachment {
        name,
        media_type,
        bytes,
        status,
        ..
    } = &content.attachments[0];
    assert_eq!(
        (name.as_str(), *status),
        ("年度报告.docx", Some(AttachmentStatus::Indexed))
    );
    assert_eq!(*bytes, Some(report_file("2023年").len() as u64));
    assert!(media_type.as_ref().unwrap().contains("wordprocessingml"));
    assert_rebuilt(dir.path());
}

async fn again(dir: &Path, site: &TestSite, full: bool) -> PortalSummary {
    let portals = vec![portal("p", site.url("/list/").as_str(), "")];
    run(dir, portals, &config(&[site]), full).await.remove(0)
}

fn failed(summary: &PortalSummary) -> Vec<(String, &str)> {
    let failed = summary.failed.iter();
    let path = |url: &str| Url::parse(url).unwrap().path().to_owned();
    failed
        .map(|what| (path(&what.url), what.reason.as_str()))
        .collect()
}

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
    assert!(find(dir.path(), &url).content.text.contains("2024年，"));
    // What is gone now was there once.
    edition.store(2, std::sync::atomic::Ordering::Release);
    let fourth = again(dir.path(), &site, false).await;
    assert_eq!(
        (counts(&fourth), fourth.attachments),
        ((2, 0, 0, 0, 1), 0),
        "{fourth:?}"
    );
    assert_eq!(failed(&fourth), [("/a.docx".to_owned(), "http_404")]);
    let report = find(dir.path(), &url);
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
    let report = find(dir.path(), &url);
    std::fs::remove_file(dir.path().join("catalog.db")).unwrap();
    assert_eq!(find(dir.path(), &url), report);
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
    let report = find(dir.path(), &site.url("/1001.html"));
    assert_eq!(statuses(&report), [Some(AttachmentStatus::Indexed)]);
    assert!(
        !report.content.text.contains("基层执法力量不足"),
        "the page has a text of its own"
    );
}

#[tokio::test]
async fn what_becomes_of_each_file_is_told_and_no_page_fails_for_it() {
    let links: String = [
        "good.docx",
        "gone.pdf",
        "error.pdf",
        "scan.pdf",
        "large.pdf",
        "longer.pdf",
        "late.docx",
    ]
    .iter()
    .map(|name| format!("<a href='/{name}'>{name}</a> "))
    .collect();
    let n_late = AtomicUsize::new(0);
    let site = site(
        move || with_files(&links),
        move |hit| {
            Some(match hit.path.as_str() {
                "/good.docx" => file(&report_file("2023年")),
                "/gone.pdf" => Reply::status(404).body(b"<h1>404</h1>"),
                "/error.pdf" => Reply::html("<html><body>您访问的文件不存在</body></html>"),
                "/scan.pdf" => file(SCAN),
                "/large.pdf" => Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 68157440\r\n\r\n%PDF-1.4"),
                "/longer.pdf" => {
                    let body = vec![b' '; (1 << 20) + 1];
                    Reply::raw([b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4".to_vec(), body].concat())
                }
                "/late.docx" if n_late.fetch_add(1, std::sync::atomic::Ordering::AcqRel) == 0 => {
                    Reply::status(500)
                }
                "/late.docx" => file(&report_file("2022年")),
                _ => return None,
            })
        },
    )
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reason.as_deref()),
        (PortalStatus::Partial, Some("attachments_failed")),
        "{summary:?}"
    );
    assert_eq!(
        (counts(&summary), summary.attachments),
        ((2, 0, 1, 0, 0), 3),
        "{summary:?}"
    );
    let expected = [
        ("/gone.pdf", "http_404"),
        ("/error.pdf", "html_error"),
        ("/large.pdf", "too_large"),
        ("/longer.pdf", "too_large"),
    ];
    assert_eq!(
        failed(&summary),
        expected.map(|(path, why)| (path.to_owned(), why))
    );
    use AttachmentStatus::{Failed, Indexed, NeedsOcr, TooLarge};
    let report = find(dir.path(), &site.url("/1001.html"));
    let expected = [Indexed, Failed, Failed, NeedsOcr, TooLarge, TooLarge, Indexed];
    assert_eq!(statuses(&report), expected.map(Some));
    assert_eq!(report.content.quality.flags, []);
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn a_document_that_is_a_scan_is_one_to_be_read_by_eye() {
    let site = site(
        || stub("<a href='/a.pdf'>年度报告.pdf</a>"),
        |hit| (hit.path == "/a.pdf").then(|| file(SCAN)),
    )
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.attachments),
        (PortalStatus::Ok, 1),
        "{summary:?}"
    );
    let report = find(dir.path(), &site.url("/1001.html"));
    assert_eq!(
        report.content.quality.flags,
        [QualityFlag::NeedsOcr, QualityFlag::AttachmentOnly]
    );
    assert_eq!(report.content.title.as_deref(), Some(TITLE));
    assert!(report.content.text.contains("详见附件"));
    assert_rebuilt(dir.path());
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
            statuses(&find(dir.path(), &site.url(path))),
            [Some(AttachmentStatus::Indexed)]
        );
    }
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn files_that_may_not_be_had_are_not_asked_for() {
    let stranger = TestSite::start(|_| panic!("it is not of the portal")).await;
    let there = stranger.url("/a.pdf");
    let links = format!(
        "<a href='/kept/a.pdf'>一.pdf</a> <a href='/denied/b.pdf'>二.pdf</a> <a href='/away.pdf'>三.pdf</a> \
         <a href='http://files.example.org/c.pdf'>四.pdf</a> <a href='{there}'>五.pdf</a>"
    );
    let location = there.to_string();
    let site = site(
        move || with_files(&links),
        move |hit| match hit.path.as_str() {
            "/robots.txt" => Some(Reply::status(200).body(b"User-agent: *\nDisallow: /kept/\n")),
            "/away.pdf" => Some(Reply::redirect(&location)),
            _ => None,
        },
    )
    .await;
    let (summary, dir) = once(&site, "/list/", "deny = [\"/denied/\"]").await;
    assert_eq!((summary.reports.new, summary.attachments), (1, 0), "{summary:?}");
    assert_eq!(site.count("/kept/a.pdf") + site.count("/denied/b.pdf"), 0);
    assert_eq!(stranger.hits().len(), 0);
    let expected = [
        ("/kept/a.pdf", "robots"),
        ("/denied/b.pdf", "not_allowed"),
        ("/away.pdf", "private_address"),
        ("/c.pdf", "another_host"),
        ("/a.pdf", "private_address"),
    ];
    assert_eq!(
        failed(&summary),
        expected.map(|(path, why)| (path.to_owned(), why))
    );
    let failed = Some(AttachmentStatus::Failed);
    assert_eq!(statuses(&find(dir.path(), &site.url("/1001.html"))), [failed; 5]);
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn files_of_others_are_named_and_do_not_make_a_crawl_partial() {
    let site = site(
        || with_files("<a href='http://files.example.org/c.pdf'>四.pdf</a>"),
        |_| None,
    )
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(summary.status, PortalStatus::Ok, "{summary:?}");
    assert_eq!(failed(&summary), [("/c.pdf".to_owned(), "another_host")]);
}

#[tokio::test]
async fn files_that_only_words_tell_of_are_asked_for_and_known_by_what_comes() {
    let links = "<a href='/download?id=55'>年度报告全文</a> <a href='/scan.jpg'>签发件</a>";
    let site = site(
        move || with_files(links),
        |hit| match hit.path.as_str() {
            "/download?id=55" => {
                let name = "attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.docx";
                Some(file(&report_file("2023年")).header("Content-Disposition", name))
            }
            "/scan.jpg" => Some(file(SCAN)),
            _ => None,
        },
    )
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.attachments),
        (PortalStatus::Ok, 2),
        "{summary:?}"
    );
    assert_eq!(
        statuses(&find(dir.path(), &site.url("/1001.html"))),
        [Some(AttachmentStatus::Indexed), Some(AttachmentStatus::NeedsOcr)]
    );
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn files_may_lie_on_another_port_and_where_allow_does_not_reach() {
    let files = TestSite::start(|hit| match hit.path.as_str() {
        "/a.docx" => file(&report_file("2023年")),
        _ => Reply::status(404),
    })
    .await;
    let there = files.url("/a.docx");
    let link = format!("<a href='{there}'>年度报告.docx</a>");
    let site = TestSite::start(move |hit| match hit.path.as_str() {
        "/zwgk/list/" => list(&["/zwgk/1001.html"], ""),
        "/zwgk/1001.html" => Reply::html(&stub(&link)),
        _ => Reply::status(404),
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let portals = vec![portal(
        "p",
        site.url("/zwgk/list/").as_str(),
        "allow = [\"/zwgk/\"]",
    )];
    let summary = run(dir.path(), portals, &config(&[&site, &files]), false)
        .await
        .remove(0);
    assert_eq!((summary.reports.new, summary.attachments), (1, 1), "{summary:?}");
    assert_eq!(
        files.hits()[0].path,
        "/robots.txt",
        "the rules come first there too"
    );
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
async fn the_genre_of_a_document_in_a_file_is_that_of_the_file() {
    let site = site(
        || {
            "<div id='zoom'><p>详见附件。</p><p>附件：<a href='/a.docx'>年度报告.docx</a></p></div>"
                .to_owned()
        },
        |hit| match hit.path.as_str() {
            "/list/" => Some(Reply::html(
                "<li><a href='/1001.html'>公开内容</a> 2024-02-27</li>",
            )),
            "/a.docx" => Some(file(&report_file("2023年"))),
            _ => None,
        },
    )
    .await;
    let (kept, dir) = once(&site, "/list/", "genres = [\"rule-of-law-report\"]").await;
    let (other, _dir) = once(&site, "/list/", "genres = [\"budget-report\"]").await;
    assert_eq!(
        (kept.reports.new, other.reports.new),
        (1, 0),
        "{kept:?} {other:?}"
    );
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn a_file_has_the_name_that_people_call_it_by() {
    let (name, _, _) = encoding_rs::GBK.encode("2023年度报告.docx");
    let head = b"HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"".to_vec();
    let answer = [
        head,
        name.into_owned(),
        b"\"\r\n\r\n".to_vec(),
        report_file("2023年"),
    ]
    .concat();
    let path = "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=12";
    let site = site(
        move || stub(&format!("<a href='{path}'>点击下载</a>")),
        move |hit| {
            let has_referer = hit
                .header("referer")
                .is_some_and(|page| page.ends_with("/1001.html"));
            (hit.path == path).then(|| match has_referer {
                true => Reply::raw(answer.clone()),
                false => Reply::html("<html>系统提示</html>"),
            })
        },
    )
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(summary.attachments, 1, "{summary:?}");
    let report = find(dir.path(), &site.url("/1001.html"));
    assert_eq!(report.content.attachments[0].name, "2023年度报告.docx");
    assert!(report.content.text.contains("基层执法力量不足"));
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
    assert_eq!(statuses(&find(dir.path(), &url)), [indexed, None]);
    let rest = again(dir.path(), &site, false).await;
    assert_eq!(rest.status, PortalStatus::Ok, "{rest:?}");
    assert_eq!(statuses(&find(dir.path(), &url)), [indexed, indexed]);
    assert_rebuilt(dir.path());
}

#[tokio::test]
async fn a_row_that_leads_straight_to_a_file_is_a_report() {
    let site = TestSite::start(|hit| match hit.path.as_str() {
        "/zwgk/list/" => Reply::html(
            "<ul><li><a href='/files/2022.docx'>某某县2022年法治政府建设年度报告</a><span>2023-01-20</span></li>
             <li><a href='/files/2021.pdf'>某某县2021年法治政府建设年度报告.pdf</a><span>2022-01-20</span></li>
             <li><a href='/files/form.doc'>某某县政府信息公开申请表</a><span>2022-01-20</span></li>
             <li><a href='/zwgk/1001.html'>某某县2023年法治政府建设年度报告</a> <a href='/files/2023.docx'
             title='某某县2023年法治政府建设年度报告'>某某县2023年法治政府建设年度报告</a></li></ul>",
        ),
        "/zwgk/1001.html" => Reply::html(&stub("<a href='/files/2023.docx'>附件.docx</a>")),
        "/files/2022.docx" => {
            let only_new = hit.header("if-none-match").is_some();
            let answer = if only_new { Reply::status(304) } else { file(&report_file("2022年")) };
            answer.header("ETag", "\"1\"")
        }
        "/files/2021.pdf" => file(SCAN),
        "/files/2023.docx" => file(&report_file("2023年")),
        _ => Reply::status(404),
    })
    .await;
    let (summary, dir) = once(&site, "/zwgk/list/", "allow = [\"/zwgk/\"]").await;
    assert_eq!(
        (summary.status, counts(&summary)),
        (PortalStatus::Ok, (4, 0, 3, 0, 0)),
        "{summary:?}"
    );
    assert_eq!(summary.attachments, 1);
    assert_eq!(site.count("/files/form.doc"), 0);
    assert_eq!(site.count("/files/2023.docx"), 1);

    let url = site.url("/files/2022.docx");
    let content = find(dir.path(), &url).content;
    assert_eq!(content.title.as_deref(), Some("某某县2022年法治政府建设年度报告"));
    assert_eq!(content.text, paragraphs("2022年").join("\n"));
    assert_eq!(content.published.unwrap().to_string(), "2023-01-20");
    assert_eq!((content.year, content.outline.len()), (Some(2022), 2));
    assert_eq!(content.quality.flags, [QualityFlag::AttachmentOnly]);
    let [
        Attachment {
            url: own,
            name,
            status,
            ..
        },
    ] = &content.attachments[..]
    else {
        panic!("{:?}", content.attachments)
    };
    assert_eq!((own.as_str(), name.as_str()), (url.as_str(), "2022.docx"));
    assert_eq!(*status, Some(AttachmentStatus::Indexed));

    let scan = find(dir.path(), &site.url("/files/2021.pdf")).content;
    assert_eq!(scan.title.as_deref(), Some("某某县2021年法治政府建设年度报告"));
    assert_eq!(scan.published.unwrap().to_string(), "2022-01-20");
    let flags = [QualityFlag::NeedsOcr, QualityFlag::AttachmentOnly];
    assert_eq!((scan.text.as_str(), &scan.quality.flags[..]), ("", &flags[..]));
    assert_rebuilt(dir.path());

    let portals = vec![portal(
        "p",
        site.url("/zwgk/list/").as_str(),
        "allow = [\"/zwgk/\"]",
    )];
    let second = run(dir.path(), portals, &config(&[&site]), false).await.remove(0);
    assert_eq!(counts(&second), (3, 1, 0, 0, 3), "{second:?}");
}
