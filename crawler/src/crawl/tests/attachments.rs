//! Reports whose text, or more of it, is in files.

mod again;
mod reading;
mod scope;

use report::{Attachment, AttachmentStatus, QualityFlag};

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

/// The report at an address.
fn found(dir: &Path, url: &Url) -> Report {
    find(dir, url).unwrap()
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
