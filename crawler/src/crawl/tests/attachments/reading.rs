//! What a report says that has files or is nothing else, and what is said of files that cannot be had.

use super::*;

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

    let content = found(dir.path(), &site.url("/1001.html")).content;
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
    let report = found(dir.path(), &site.url("/1001.html"));
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
    let report = found(dir.path(), &site.url("/1001.html"));
    assert_eq!(
        report.content.quality.flags,
        [QualityFlag::NeedsOcr, QualityFlag::AttachmentOnly]
    );
    assert_eq!(report.content.title.as_deref(), Some(TITLE));
    assert!(report.content.text.contains("详见附件"));
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
    let report = found(dir.path(), &site.url("/1001.html"));
    assert_eq!(report.content.attachments[0].name, "2023年度报告.docx");
    assert!(report.content.text.contains("基层执法力量不足"));
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
    let content = found(dir.path(), &url).content;
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

    let scan = found(dir.path(), &site.url("/files/2021.pdf")).content;
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
