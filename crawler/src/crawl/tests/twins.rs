//! One article at several addresses: in several columns, in the edition for phones, behind a gate.

use std::sync::atomic::{AtomicU8, Ordering};

use report::{Report, Status};
use url::Url;

use super::*;

const ONE: &str = "/art/2024/2/27/art_11_507.html";
const OTHER: &str = "/art/2024/2/27/art_12_507.html";

fn article(column: &str, words: &str) -> String {
    report(&title("507"))
        .replace(
            "首页</a>",
            &format!("首页</a> &gt; <a href=\"/col/\">{column}</a>"),
        )
        .replace("各项工作取得新的成效", words)
}

fn reports(dir: &Path) -> Vec<Report> {
    let state = crate::store::tests::state(open(dir).catalog());
    let mut reports: Vec<_> = state.into_values().map(|mut all| all.pop().unwrap()).collect();
    reports.sort_by(|a, b| a.url.cmp(&b.url));
    reports
}

fn paths(report: &Report) -> Vec<String> {
    let path = |url: &String| Url::parse(url).unwrap().path().to_owned();
    report.urls.iter().map(path).collect()
}

fn rebuilt_is_the_same(dir: &Path) {
    let mut store = open(dir);
    let before = crate::store::tests::state(store.catalog());
    crate::rebuild::rebuild(&mut store, &mut |_| true)
        .unwrap()
        .commit()
        .unwrap();
    assert!(crate::store::tests::state(store.catalog()) == before);
}

/// The pages of a site whose state is a number.
async fn columns(state: &'static AtomicU8) -> TestSite {
    const WORDS: &str = "各项工作取得新的成效";
    TestSite::start(move |hit| {
        let state = state.load(Ordering::Acquire);
        match (hit.path.as_str(), state) {
            ("/list/", _) => list(&[ONE, OTHER], ""),
            (ONE, 0 | 1) => Reply::html(&article("法治政府", WORDS)),
            (ONE, 2) => Reply::html(&article("法治政府", "各项工作取得可喜的成效")),
            (OTHER, 0 | 2 | 3) => Reply::html(&article("通知公告", WORDS)),
            (OTHER, 1) => Reply::html(&article("通知公告", "各项工作取得更大的成效")),
            _ => Reply::status(404),
        }
    })
    .await
}

#[tokio::test]
async fn an_article_in_two_columns_is_one_report_until_they_differ() {
    static STATE: AtomicU8 = AtomicU8::new(0);
    let site = columns(&STATE).await;
    let dir = tempfile::tempdir().unwrap();
    let first = again(dir.path(), &site, false).await;
    assert_eq!(
        (first.status, counts(&first)),
        (PortalStatus::Ok, (3, 0, 1, 0, 0))
    );
    let second = again(dir.path(), &site, false).await;
    assert_eq!(counts(&second), (3, 0, 0, 0, 1));
    let all = reports(dir.path());
    assert_eq!(
        (all.len(), paths(&all[0]), all[0].version),
        (1, vec![ONE.to_owned(), OTHER.to_owned()], 1)
    );
    rebuilt_is_the_same(dir.path());

    STATE.store(1, Ordering::Release);
    let parted = again(dir.path(), &site, false).await;
    assert_eq!(counts(&parted), (3, 0, 1, 0, 1));
    let all = reports(dir.path());
    let each: Vec<_> = all.iter().map(|report| (paths(report), report.version)).collect();
    assert_eq!(each, [(vec![ONE.to_owned()], 1), (vec![OTHER.to_owned()], 1)]);
    rebuilt_is_the_same(dir.path());
}

#[tokio::test]
async fn a_new_version_at_the_address_it_is_known_by_is_not_taken_back_by_the_other() {
    static STATE: AtomicU8 = AtomicU8::new(0);
    let site = columns(&STATE).await;
    let dir = tempfile::tempdir().unwrap();
    again(dir.path(), &site, false).await;
    STATE.store(2, Ordering::Release);
    for _ in 0..2 {
        again(dir.path(), &site, false).await;
        let all = reports(dir.path());
        let each: Vec<_> = all.iter().map(|report| (paths(report), report.version)).collect();
        assert_eq!(each, [(vec![ONE.to_owned()], 2), (vec![OTHER.to_owned()], 1)]);
    }
}

#[tokio::test]
async fn a_report_is_gone_when_it_is_gone_everywhere() {
    static STATE: AtomicU8 = AtomicU8::new(0);
    let site = columns(&STATE).await;
    let dir = tempfile::tempdir().unwrap();
    again(dir.path(), &site, false).await;
    STATE.store(3, Ordering::Release);
    for _ in 0..3 {
        again(dir.path(), &site, false).await;
    }
    assert_eq!(reports(dir.path())[0].status, Status::Live);
    STATE.store(4, Ordering::Release);
    for _ in 0..3 {
        again(dir.path(), &site, false).await;
    }
    let all = reports(dir.path());
    assert_eq!((all.len(), all[0].status), (1, Status::Removed));
}

#[tokio::test]
async fn a_page_behind_a_gate_is_asked_for_itself() {
    let site = TestSite::start(move |hit| match hit.path.as_str() {
        "/list/" => {
            let host = hit.header("host").unwrap().to_owned();
            list(
                &[
                    &format!("/gate/big5/{host}/1001.html"),
                    "/1002.html",
                    "/1001.html",
                ],
                "",
            )
        }
        path if path.len() == 10 => Reply::html(&report(&title(path))),
        _ => Reply::status(404),
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!((summary.status, summary.reports.new), (PortalStatus::Ok, 2));
    assert!(site.hits().iter().all(|hit| !hit.path.contains("gate")));
    assert_eq!(site.count("/1001.html"), 1);
}

/// Three pages in several spellings, the same in any order; what is asked for, and what a report is known by.
#[tokio::test]
async fn a_page_is_shown_in_the_fittest_spelling_in_whatever_order_they_came() {
    let spellings = [
        "/x/1001.html;jsessionid=0123456789ABCDEF",
        "/x//1001.html?spm=1.2",
        "/x/1001.html",
        "/x/1002.html?v=2",
        "/x/1002.html?from=timeline&isappinstalled=0",
        "/1003.html;jsessionid=0123456789ABCDEF",
    ];
    let mut reversed = spellings;
    reversed.reverse();
    for spellings in [spellings, reversed] {
        let site = TestSite::start(move |hit| match hit.path.as_str() {
            "/list/" => {
                let row = |path: &&str| format!("<li><a href=\"{path}\">{}</a></li>", title(&path[..4]));
                let rows = spellings.iter().map(row).collect::<String>();
                Reply::html(&format!("<ul>{rows}</ul>"))
            }
            path if path.contains("100") => Reply::html(&report(&title(path))),
            _ => Reply::status(404),
        })
        .await;
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let summary = again(dir.path(), &site, false).await;
            assert_eq!(summary.status, PortalStatus::Ok, "{summary:?}");
            let all = reports(dir.path());
            let shown: Vec<_> = all.iter().map(|report| report.url.as_str()).collect();
            let expected =
                ["/1003.html", "/x/1001.html", "/x/1002.html"].map(|path| site.url(path).to_string());
            assert_eq!(shown, expected);
            assert!(
                all.iter().all(|report| report.urls == [report.url.clone()]),
                "{all:?}"
            );
        }
        // As it was linked: the server may need it.
        assert_eq!(site.count("/1003.html;jsessionid=0123456789ABCDEF"), 2);
        assert_eq!(site.count("/x/1001.html"), 2);
        rebuilt_is_the_same(dir.path());
    }
}
