//! How robots.txt is come by: its redirects, faults and age.

use super::*;

/// A crawl of the site when `/robots.txt` is answered as told; whether pages were asked for.
async fn with_robots(
    reply: impl Fn(&Hit) -> Option<Reply> + Send + Sync + 'static,
) -> (PortalSummary, TestSite) {
    let site = site(move |hit| {
        if hit.path.contains("robots") {
            reply(hit)
        } else {
            None
        }
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "").await;
    (summary, site)
}

const CLOSED: &[u8] = b"User-agent: *\nDisallow: /\n";

#[tokio::test]
async fn five_redirects_are_followed_and_six_are_no_file() {
    let hops = |last: usize| {
        move |hit: &Hit| {
            let n: usize = hit
                .path
                .strip_prefix("/robots")
                .and_then(|path| path.strip_suffix(".txt"))?
                .parse()
                .unwrap_or(0);
            Some(if n < last {
                Reply::redirect(&format!("/robots{}.txt", n + 1))
            } else {
                Reply::status(200).body(CLOSED)
            })
        }
    };
    let (summary, site) = with_robots(hops(5)).await;
    assert_eq!(
        (summary.status, site.hits().len()),
        (PortalStatus::Blocked, 6),
        "{summary:?}"
    );
    let (summary, site) = with_robots(hops(6)).await;
    assert_eq!(
        (summary.status, site.count("/robots6.txt")),
        (PortalStatus::Ok, 0),
        "{summary:?}"
    );
}

#[tokio::test]
async fn a_redirect_to_another_host_passes_the_gate() {
    let other = TestSite::start(|_| Reply::status(200).body(CLOSED)).await;
    let there = other.url("/rules.txt").to_string();
    let location = there.clone();
    let site = site(move |hit| (hit.path == "/robots.txt").then(|| Reply::redirect(&location))).await;
    let portals = || vec![portal("p", site.url("/list/").as_str(), "")];
    let dir = tempfile::tempdir().unwrap();
    let summary = run(dir.path(), portals(), &config(&[&site, &other]), false)
        .await
        .remove(0);
    assert_eq!(
        summary.status,
        PortalStatus::Blocked,
        "the other host's file counts: {summary:?}"
    );
    assert_eq!(other.hits().len(), 1);
    let dir = tempfile::tempdir().unwrap();
    let summary = run(dir.path(), portals(), &config(&[&site]), false)
        .await
        .remove(0);
    assert_eq!(summary.status, PortalStatus::Failed, "{summary:?}");
    assert_eq!(
        other.hits().len(),
        1,
        "a private host that is not opened gets nothing"
    );
    assert_eq!(site.count("/list/"), 0);
}

#[tokio::test]
async fn what_stands_for_no_file_forbids_nothing() {
    let page = |hit: &Hit| {
        (hit.path == "/robots.txt").then(|| Reply::html("<html>User-agent: *\nDisallow: /</html>"))
    };
    assert_eq!(with_robots(page).await.0.status, PortalStatus::Ok);
    let plain = |hit: &Hit| {
        let page = b"\r\n<!DOCTYPE html>\nUser-agent: *\nDisallow: /\n";
        (hit.path == "/robots.txt")
            .then(|| Reply::status(200).header("Content-Type", "text/plain").body(page))
    };
    assert_eq!(with_robots(plain).await.0.status, PortalStatus::Ok);
    let empty = |_: &Hit| Some(Reply::status(200));
    assert_eq!(with_robots(empty).await.0.status, PortalStatus::Ok);
    for status in [400, 404, 410, 451] {
        let missing = move |_: &Hit| Some(Reply::status(status).body(CLOSED));
        assert_eq!(with_robots(missing).await.0.status, PortalStatus::Ok, "{status}");
    }
}

#[tokio::test]
async fn a_file_of_another_type_or_packed_or_endless_is_read() {
    for kind in ["text/html", "application/octet-stream", "image/png"] {
        let typed = move |_: &Hit| Some(Reply::status(200).header("Content-Type", kind).body(CLOSED));
        assert_eq!(with_robots(typed).await.0.status, PortalStatus::Blocked, "{kind}");
    }
    let packed = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(CLOSED).unwrap();
        for _ in 0..100 {
            encoder.write_all(&[b'#'; 100_000]).unwrap();
        }
        encoder.finish().unwrap()
    };
    let gzip = move |_: &Hit| {
        Some(
            Reply::status(200)
                .header("Content-Encoding", "gzip")
                .body(&packed),
        )
    };
    assert_eq!(with_robots(gzip).await.0.status, PortalStatus::Blocked);
    let endless = move |_: &Hit| {
        let mut body = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".to_vec();
        body.extend_from_slice(CLOSED);
        body.extend(std::iter::repeat_n(b'\n', 2 << 20));
        Some(Reply::raw(body))
    };
    assert_eq!(with_robots(endless).await.0.status, PortalStatus::Blocked);
}

#[tokio::test]
async fn silence_and_faults_of_the_host_forbid_for_now() {
    for reply in [Reply::status(500), Reply::status(503), Reply::raw("")] {
        let (summary, site) = with_robots(move |_| Some(reply.clone())).await;
        assert_eq!(summary.status, PortalStatus::Failed, "{summary:?}");
        assert!(summary.reason.unwrap().starts_with("robots_unreachable"));
        assert_eq!(
            (site.count("/robots.txt"), site.count("/list/")),
            (2, 0),
            "it is tried again"
        );
    }
}

#[tokio::test]
async fn too_many_requests_for_the_file_forbids_nothing_but_takes_its_time() {
    let (summary, site) = with_robots(|_| Some(Reply::status(429).header("Retry-After", "7200"))).await;
    assert_eq!(
        (summary.status, site.hits().len()),
        (PortalStatus::Failed, 1),
        "{summary:?}"
    );
    let (summary, site) =
        with_robots(|_| Some(Reply::status(429).header("Retry-After", "1").body(CLOSED))).await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
    let hits = site.hits();
    assert!(hits[1].at - hits[0].at >= Duration::from_millis(990), "{hits:?}");
    assert_eq!(site.count("/robots.txt"), 1, "an answer, though not a good one");
}

#[tokio::test]
async fn rules_are_fetched_anew_by_the_next_crawl_and_after_a_day() {
    let is_closed = Arc::new(AtomicUsize::new(0));
    let closed = Arc::clone(&is_closed);
    let site = site(move |hit| {
        let is_closed = closed.load(std::sync::atomic::Ordering::Acquire) > 0;
        (is_closed && hit.path == "/robots.txt").then(|| Reply::status(200).body(CLOSED))
    })
    .await;
    let (_, dir) = once(&site, "/list/", "").await;
    let crawl = || {
        let portals = vec![portal("p", site.url("/list/").as_str(), "")];
        let config = config(&[&site]);
        let dir = dir.path().to_owned();
        async move { run(&dir, portals, &config, false).await.remove(0).status }
    };
    is_closed.store(1, std::sync::atomic::Ordering::Release);
    let n = site.hits().len();
    assert_eq!(crawl().await, PortalStatus::Blocked);
    assert_eq!(site.hits().len(), n + 1, "nothing but the rules");
    is_closed.store(0, std::sync::atomic::Ordering::Release);
    assert_eq!(crawl().await, PortalStatus::Ok);

    // A run that is taken up again after more than a day reads the rules again.
    let store = open(dir.path());
    let day = 25 * 3_600_000_i64;
    let db = store.catalog().connection();
    let older = format!(
        "UPDATE crawl_runs SET finished_at = NULL, started_at = started_at - {day};
         UPDATE crawl_robots SET fetched_at = fetched_at - {day};
         UPDATE frontier SET state = 0;"
    );
    db.execute_batch(&older).unwrap();
    db.execute(
        "DELETE FROM crawl_runs WHERE id < (SELECT max(id) FROM crawl_runs)",
        [],
    )
    .unwrap();
    drop(store);
    let n = site.count("/robots.txt");
    assert_eq!(crawl().await, PortalStatus::Ok);
    assert_eq!(site.count("/robots.txt"), n + 1);
}
