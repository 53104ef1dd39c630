//! Which files of a page belong to the portal.

use super::*;

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
    assert_eq!(statuses(&found(dir.path(), &site.url("/1001.html"))), [failed; 5]);
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
        statuses(&found(dir.path(), &site.url("/1001.html"))),
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
    let (summary, _dir) = once_beside(&[&files], &site, "/zwgk/list/", "allow = [\"/zwgk/\"]").await;
    assert_eq!((summary.reports.new, summary.attachments), (1, 1), "{summary:?}");
    assert_eq!(
        files.hits()[0].path,
        "/robots.txt",
        "the rules come first there too"
    );
}

#[tokio::test]
async fn files_may_lie_on_other_hosts_of_the_same_domain() {
    let files = TestSite::start(|hit| match hit.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ => file(&report_file("2023年")),
    })
    .await;
    let port = files.address.port();
    let links = format!(
        "<a href='http://file.qinghe.example:{port}/a.docx'>一.docx</a> <a href='http://www.other.example:{port}/b.docx'>二.docx</a>"
    );
    let site = site(move || with_files(&links), |_| None).await;
    let seed = format!("http://www.qinghe.example:{}/list/", site.address.port());
    let mut config = config(&[]);
    config.allow_private = vec![
        format!("www.qinghe.example:{}", site.address.port()),
        format!("file.qinghe.example:{port}"),
        format!("www.other.example:{port}"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let summary = crawl_told(dir.path(), vec![portal("p", &seed, "")], &config)
        .await
        .remove(0);
    assert_eq!((summary.reports.new, summary.attachments), (1, 1), "{summary:?}");
    let page = Url::parse(&seed).unwrap().join("/1001.html").unwrap();
    assert_eq!(
        statuses(&found(dir.path(), &page)),
        [Some(AttachmentStatus::Indexed), Some(AttachmentStatus::Failed)]
    );
    assert_eq!(files.count("/b.docx"), 0);
}
