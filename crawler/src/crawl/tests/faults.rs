//! What goes wrong on the way, and what becomes of it.

use super::*;

#[tokio::test]
async fn faults_that_may_pass_are_tried_again_and_others_are_not() {
    let tries = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let site = site(move |hit| {
        let n = {
            let mut tries = tries.lock().unwrap();
            let n = tries.entry(hit.path.clone()).or_default();
            *n += 1;
            *n
        };
        match hit.path.as_str() {
            "/1001.html" if n == 1 => Some(Reply::raw("")),
            "/1002.html" => Some(Reply::status(500)),
            "/1003.html" => Some(Reply::status(404)),
            _ => None,
        }
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Partial, 1),
        "{summary:?}"
    );
    let expected = [("/1002.html", "http_500"), ("/1003.html", "http_404")];
    assert_eq!(
        failed(&summary),
        expected.map(|(path, why)| (path.to_owned(), why))
    );
    assert_eq!(
        (
            site.count("/1001.html"),
            site.count("/1002.html"),
            site.count("/1003.html")
        ),
        (2, 2, 1)
    );
}

#[tokio::test]
async fn every_hop_of_a_redirect_passes_the_gate() {
    let canary = TestSite::start(|_| Reply::html("secret")).await;
    let elsewhere = canary.url("/x").to_string();
    let site = site(move |hit| {
        Some(match hit.path.as_str() {
            "/list/" => list(
                &[
                    "/1001.html",
                    "/1002.html",
                    "/1003.html",
                    "/1004.html",
                    "/1005.html",
                    "/1006.html",
                ],
                "",
            ),
            "/1001.html" => Reply::redirect("/moved/1011.html"),
            "/moved/1011.html" => Reply::html(&report(&title("/moved"))),
            "/1002.html" => Reply::redirect(&elsewhere),
            "/1003.html" => Reply::redirect("file:///etc/passwd"),
            "/1004.html" => Reply::redirect("/1004.html"),
            "/1005.html" => Reply::redirect("/moved/1011.html"),
            "/1006.html" => match hit.header("cookie") {
                None => Reply::redirect("/1006.html").header("Set-Cookie", "CT6T=1; path=/"),
                Some(_) => Reply::html(&report(&title("/1006.html"))),
            },
            _ => return None,
        })
    })
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(summary.reports.new, 2, "{summary:?}");
    let reasons: Vec<_> = failed(&summary).into_iter().map(|(_, why)| why).collect();
    assert_eq!(
        reasons,
        ["private_address", "scheme", "redirect_loop"],
        "{summary:?}"
    );
    assert_eq!(canary.hits().len(), 0);
    assert!(
        find(dir.path(), &site.url("/moved/1011.html")).is_some(),
        "the report is known by its new address"
    );
}

#[tokio::test]
async fn robots_decide_what_is_asked_for() {
    let rules = |answer: Reply| site(move |hit| (hit.path == "/robots.txt").then(|| answer.clone()));
    let some = rules(Reply::status(200).body(b"User-agent: gongbao\nDisallow: /1002\n")).await;
    let (summary, _dir) = once(&some, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new, some.count("/1002.html")),
        (PortalStatus::Ok, 2, 0)
    );

    for (status, expected, reason) in [
        (403, PortalStatus::Blocked, "blocked:robots: "),
        (503, PortalStatus::Failed, "robots_unreachable: "),
    ] {
        let closed = rules(Reply::status(status).header("Retry-After", "0")).await;
        let (summary, _dir) = once(&closed, "/list/", "").await;
        assert_eq!(summary.status, expected, "{summary:?}");
        assert!(summary.reason.unwrap().starts_with(reason));
        assert!(closed.hits().iter().all(|hit| hit.path == "/robots.txt"));
    }
}

#[tokio::test]
async fn a_host_that_asks_for_time_gets_it() {
    let asked = AtomicUsize::new(0);
    let site = site(move |hit| {
        let is_first =
            hit.path == "/1002.html" && asked.fetch_add(1, std::sync::atomic::Ordering::AcqRel) == 0;
        is_first.then(|| Reply::status(429).header("Retry-After", "1"))
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
    let hits = site.hits();
    let asked = hits.iter().position(|hit| hit.path == "/1002.html").unwrap();
    assert!(
        hits[asked + 1].at - hits[asked].at >= Duration::from_millis(990),
        "the whole host is left alone"
    );
}

#[tokio::test]
async fn a_portal_that_shuts_us_out_is_left_alone() {
    let site = site(|hit| {
        (hit.path == "/1002.html")
            .then(|| Reply::status(521).body(b"<script>document.cookie='__jsl_clearance_s'</script>"))
    })
    .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(summary.status, PortalStatus::Blocked);
    assert!(summary.reason.unwrap().starts_with("blocked:jsl: "));
    assert_eq!(site.count("/1003.html"), 0);
    let report = find(dir.path(), &site.url("/1001.html")).unwrap();
    assert_eq!(report.status, report::Status::Blocked);
}

#[tokio::test]
async fn a_report_that_is_gone_twice_is_removed_and_lives_again() {
    let is_gone = Arc::new(AtomicUsize::new(0));
    let gone = Arc::clone(&is_gone);
    let site = site(move |hit| {
        let is_gone = gone.load(std::sync::atomic::Ordering::Acquire) > 0;
        (hit.path == "/1002.html" && is_gone).then(|| Reply::status(410))
    })
    .await;
    let (_, dir) = once(&site, "/list/", "").await;
    let crawl = || again(dir.path(), &site, false);
    let status = || find(dir.path(), &site.url("/1002.html")).unwrap().status;
    is_gone.store(1, std::sync::atomic::Ordering::Release);
    let once = crawl().await;
    assert_eq!(
        (once.status, once.reports.removed, status()),
        (PortalStatus::Ok, 0, report::Status::Live),
        "{once:?}"
    );
    let twice = crawl().await;
    assert_eq!(
        (twice.reports.removed, status()),
        (1, report::Status::Removed),
        "{twice:?}"
    );
    is_gone.store(0, std::sync::atomic::Ordering::Release);
    crawl().await;
    assert_eq!(status(), report::Status::Live);
}
