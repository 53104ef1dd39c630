//! Portals that shut us out: which part of a crawl ends, what is said of it, and that nothing more is asked.

use super::*;

fn jsl() -> Reply {
    Reply::status(521)
        .header(
            "Set-Cookie",
            "__jsluid_s=0a1b; max-age=31536000; path=/; HttpOnly",
        )
        .body(b"<script>document.cookie=('_')+('_')+('jsl_clearance_s=')</script>")
}

fn js() -> Reply {
    Reply::status(412)
        .header("Set-Cookie", "FSSBBIl1UgzbN7N80S=abc; Path=/")
        .body(b"<html><script>$_ts=window['$_ts'];</script></html>")
}

/// How a site answers, and the first word of the reason.
fn ways() -> Vec<(Reply, &'static str)> {
    vec![
        (jsl(), "jsl"),
        (js(), "js"),
        (Reply::status(202).body(b"<script>$_ts={}</script>"), "js"),
        (Reply::html("<script src='/_ws_sbu/sbu_hc.js'></script>"), "js"),
        (Reply::status(403).body(b"<p>WZWS reason:GeoBL</p>"), "geo"),
        (Reply::redirect("/WZWSREL3p3Z2su?wzwschallenge=V1"), "geo"),
        (Reply::status(403).header("Server", "TencentEdgeOne"), "waf"),
        (Reply::status(405).body("您的访问被云盾拦截".as_bytes()), "waf"),
        (Reply::redirect("/captcha/?from=/list/"), "captcha"),
        (
            Reply::html("<p>您的访问过于频繁，请输入验证码后继续访问</p><input>"),
            "captcha",
        ),
    ]
}

#[tokio::test]
async fn each_way_ends_the_run_at_once_and_has_its_word() {
    for (reply, why) in ways() {
        let answer = reply.clone();
        let at_page = site(move |hit| (hit.path == "/1002.html").then(|| answer.clone())).await;
        let (summary, dir) = once(&at_page, "/list/", "").await;
        let prefix = format!("blocked:{why}: ");
        assert_eq!(summary.status, PortalStatus::Blocked, "{summary:?}");
        assert!(
            summary.reason.as_ref().unwrap().starts_with(&prefix),
            "{summary:?}"
        );
        let paths: Vec<_> = at_page.hits().into_iter().map(|hit| hit.path).collect();
        assert_eq!(
            paths,
            ["/robots.txt", "/list/", "/1001.html", "/1002.html"],
            "{why}"
        );
        assert!(find(dir.path(), &at_page.url("/1001.html")).is_some());

        // A robots.txt that is no robots.txt has said nothing, not even that crawling is fine.
        let answer = reply.clone();
        let at_robots = site(move |hit| (hit.path == "/robots.txt").then(|| answer.clone())).await;
        let (summary, _dir) = once(&at_robots, "/list/", "").await;
        assert_eq!(summary.status, PortalStatus::Blocked, "{summary:?}");
        assert!(summary.reason.unwrap().starts_with(&prefix));
        assert_eq!(at_robots.hits().len(), 1);
    }
}

#[tokio::test]
async fn a_visit_that_is_let_in_again_restores_the_reports() {
    let is_shut = Arc::new(AtomicUsize::new(0));
    let shut = Arc::clone(&is_shut);
    let site = site(move |hit| {
        let is_shut = shut.load(std::sync::atomic::Ordering::Acquire) > 0;
        (hit.path != "/robots.txt" && is_shut).then(js)
    })
    .await;
    let (_, dir) = once(&site, "/list/", "").await;
    let crawl = || again(dir.path(), &site, false);
    let status = || find(dir.path(), &site.url("/1002.html")).unwrap().status;
    assert_eq!(status(), report::Status::Live);
    is_shut.store(1, std::sync::atomic::Ordering::Release);
    let n_before = site.hits().len();
    assert_eq!(crawl().await.status, PortalStatus::Blocked);
    assert_eq!(
        site.hits().len() - n_before,
        2,
        "robots.txt and the page that told"
    );
    assert_eq!(status(), report::Status::Blocked);
    is_shut.store(0, std::sync::atomic::Ordering::Release);
    assert_eq!(crawl().await.status, PortalStatus::Ok);
    assert_eq!(status(), report::Status::Live);
}

#[tokio::test]
async fn a_host_beside_the_portal_is_left_alone_by_itself() {
    let other = site(|hit| (hit.path != "/robots.txt").then(js)).await;
    let there: Vec<_> = (1..=3)
        .map(|n| other.url(&format!("/900{n}.html")).to_string())
        .collect();
    let moved = other.url("/9009.html").to_string();
    let rows = there.clone();
    let site = site(move |hit| {
        Some(match hit.path.as_str() {
            "/list/" => list(
                &[
                    &rows[0],
                    "/1001.html",
                    &rows[1],
                    "/1002.html",
                    &rows[2],
                    "/1003.html",
                ],
                "",
            ),
            "/1002.html" => Reply::redirect(&moved),
            _ => return None,
        })
    })
    .await;
    let more = format!("allow = [\"http://{}/\"]", other.host());
    let (summary, dir) = once_beside(&[&other], &site, "/list/", &more).await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Partial, 2),
        "{summary:?}"
    );
    assert!(
        summary.reason.as_ref().unwrap().starts_with("blocked:js: "),
        "{summary:?}"
    );
    assert_eq!(
        other.hits().len(),
        2,
        "robots.txt and the one page that told: {:?}",
        other.hits()
    );
    let report = find(dir.path(), &site.url("/1001.html")).unwrap();
    assert_eq!(report.status, report::Status::Live);
}

#[tokio::test]
async fn refusals_in_a_row_are_a_block_and_a_report_that_speaks_of_one_is_not() {
    let refusing =
        site(|hit| (hit.path != "/robots.txt").then(|| Reply::status(403).body(b"Forbidden"))).await;
    let (summary, _dir) = once(&refusing, "/list/", "").await;
    assert_eq!(summary.status, PortalStatus::Blocked);
    assert!(summary.reason.unwrap().starts_with("blocked:refused: "));

    let speaking = site(|hit| {
        (hit.path == "/1002.html").then(|| {
            let words = "完善云盾、WAF等安全防护，启用人机验证，请输入验证码后登录。<script>var captcha='$_ts'</script></p></div>";
            Reply::html(&report(&title("/1002.html")).replace("</p></div>", words))
        })
    })
    .await;
    let (summary, _dir) = once(&speaking, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
}
