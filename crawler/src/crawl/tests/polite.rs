//! What hosts can rely on: gaps, one request at a time, days, hours and rests, as their own logs show it.

use super::*;
use crate::{crawl::clock, politeness::Written, portal::Hours};

/// Requests arrive a little later than they start, one more than another.
pub(super) const ARRIVAL: Duration = Duration::from_millis(5);

/// Asserts that a site never had two requests at once, nor two within `delay`.
pub(super) fn assert_polite(site: &TestSite, delay: Duration) {
    let hits = site.hits();
    for pair in hits.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        assert!(
            after.at - before.at >= delay - ARRIVAL,
            "{} came {:?} after {}",
            after.path,
            after.at - before.at,
            before.path
        );
        let answered = before.answered.get();
        assert!(
            answered.is_some_and(|answered| after.at >= *answered),
            "{} came before {} was answered",
            after.path,
            before.path
        );
    }
}

pub(super) fn with_delay(delay: &str) -> String {
    format!("limits = {{ delay = \"{delay}\" }}")
}

#[tokio::test]
async fn several_portals_on_one_host_share_its_pace() {
    let delay = Duration::from_millis(80);
    let slow = Duration::from_millis(120);
    let site = site(move |hit| match hit.path.as_str() {
        "/robots.txt" => Some(Reply::redirect("/rules.txt")),
        "/rules.txt" => Some(Reply::status(200).body(b"User-agent: *\nDisallow: /none\n")),
        "/1001.html" => Some(Reply::redirect("/1002.html")),
        // Slower than the delay, so that a second request would find the first still open.
        "/1002.html" => Some(Reply::html(&report(&title("/1002.html"))).after(slow)),
        "/1003.html" => Some(Reply::status(500)),
        _ => None,
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let portals = ["one", "two", "three"]
        .map(|id| portal(id, site.url("/list/").as_str(), &with_delay("80ms")))
        .to_vec();
    let summaries = run(dir.path(), portals, &config(&[&site]), false).await;
    assert!(
        summaries.iter().all(|summary| summary.reports.new == 1),
        "{summaries:?}"
    );
    assert_eq!(site.count("/robots.txt"), 1, "rules are fetched once for all");
    assert!(site.count("/1003.html") >= 6, "each tries again");
    assert_polite(&site, delay);
}

#[tokio::test]
async fn each_host_of_a_redirect_has_its_own_pace() {
    let delay = Duration::from_millis(60);
    let other = site(|_| None).await;
    let there = other.host();
    let site = site(move |hit| match hit.path.as_str() {
        "/robots.txt" | "/list/" => None,
        path => Some(Reply::redirect(&format!("http://{there}{path}"))),
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let more = format!("allow = [\"http://{}/\"]\n{}", other.host(), with_delay("60ms"));
    let portal = portal("p", site.url("/list/").as_str(), &more);
    let summary = run(dir.path(), vec![portal], &config(&[&site, &other]), false)
        .await
        .remove(0);
    assert_eq!(summary.reports.new, 3, "{summary:?}");
    assert_eq!(other.hits()[0].path, "/robots.txt");
    assert_polite(&site, delay);
    assert_polite(&other, delay);
}

#[tokio::test]
async fn a_delay_that_the_host_asks_for_holds_from_its_robots_txt_on() {
    let site = site(|hit| {
        (hit.path == "/robots.txt").then(|| {
            Reply::status(200)
                .body(b"User-agent: gongbao\nCrawl-delay: 0.3\nUser-agent: *\nCrawl-delay: 99\n")
        })
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", &with_delay("10ms")).await;
    assert_eq!(summary.reports.new, 3, "{summary:?}");
    assert_polite(&site, Duration::from_millis(300));
}

#[tokio::test]
async fn waiting_for_a_permit_shortens_no_gap() {
    let delay = Duration::from_millis(100);
    let slow = |_: &Hit| None::<Reply>;
    let mut sites = Vec::new();
    for _ in 0..4 {
        sites.push(site(slow).await);
    }
    let dir = tempfile::tempdir().unwrap();
    let portals = sites.iter().enumerate().map(|(n, site)| {
        portal(
            &format!("p{n}"),
            site.url("/list/").as_str(),
            &with_delay("100ms"),
        )
    });
    let config = CrawlConfig {
        concurrency: 1,
        ..config(&sites.iter().collect::<Vec<_>>())
    };
    let summaries = run(dir.path(), portals.collect(), &config, false).await;
    assert!(
        summaries.iter().all(|summary| summary.reports.new == 3),
        "{summaries:?}"
    );
    sites.iter().for_each(|site| assert_polite(site, delay));
}

#[tokio::test]
async fn five_pages_in_a_row_that_go_wrong_are_enough() {
    for (status, expected, word) in [
        (403, PortalStatus::Blocked, "refused"),
        (412, PortalStatus::Blocked, "refused"),
        (500, PortalStatus::Partial, "host_fails"),
    ] {
        let is_bad = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let bad = Arc::clone(&is_bad);
        let paths: Vec<String> = (1001..1021).map(|n| format!("/{n}.html")).collect();
        let rows = paths.clone();
        let site = site(move |hit| match hit.path.as_str() {
            "/list/" => Some(list(&rows.iter().map(String::as_str).collect::<Vec<_>>(), "")),
            "/robots.txt" => None,
            _ => bad
                .load(std::sync::atomic::Ordering::Acquire)
                .then(|| Reply::status(status)),
        })
        .await;
        let (summary, dir) = once(&site, "/list/", "").await;
        assert_eq!(summary.status, expected, "{summary:?}");
        let reason = summary.reason.unwrap();
        assert!(
            reason.contains(word) && reason.contains("resting until"),
            "{reason}"
        );
        // The next crawl asks it again at once, and nobody is told otherwise.
        assert!(reason.contains("`allow_private`"), "{reason}");
        // On a slow machine a page may have its further try before the fifth has its first.
        let hits = site.hits();
        let pages = hits
            .iter()
            .map(|hit| hit.path.as_str())
            .filter(|path| path.ends_with(".html"));
        assert_eq!(
            pages.collect::<std::collections::BTreeSet<_>>().len(),
            5,
            "{status}"
        );
        // The rest of a host in allow_private lasts for the run.
        is_bad.store(false, std::sync::atomic::Ordering::Release);
        let portals = vec![portal("p", site.url("/list/").as_str(), "")];
        let again = run(dir.path(), portals, &config(&[&site]), false).await.remove(0);
        assert_eq!(
            (again.status, again.reports.new),
            (PortalStatus::Ok, 20),
            "{again:?}"
        );
    }
}

#[tokio::test]
async fn a_resting_host_is_not_asked_and_the_reason_tells() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let rest = |is_refusal| crate::politeness::Rest {
        pause: Duration::from_secs(3600),
        is_refusal,
        reason: "refused: so often".to_owned(),
    };
    for (is_refusal, expected) in [(true, PortalStatus::Blocked), (false, PortalStatus::Failed)] {
        let store = open(dir.path());
        let written = Written::new(clock::now(), Duration::from_secs(3600));
        let db = store.catalog().connection();
        crate::frontier::save_rest(db, &site.host(), &rest(is_refusal), &written).unwrap();
        drop(store);
        for full in [false, true] {
            let portals = vec![portal("p", site.url("/list/").as_str(), "")];
            let summary = run(dir.path(), portals, &config(&[&site]), full).await.remove(0);
            assert_eq!(summary.status, expected, "{summary:?}");
            let reason = summary.reason.unwrap();
            assert!(
                reason.contains("refused: so often") && reason.contains("China time"),
                "{reason}"
            );
        }
    }
    assert_eq!(site.hits().len(), 0);
    // Over: written down long ago.
    let store = open(dir.path());
    let mut long_ago = clock::now();
    long_ago.wall -= 7_200_000;
    long_ago.up = None;
    let written = Written::new(long_ago, Duration::from_secs(3600));
    crate::frontier::save_rest(store.catalog().connection(), &site.host(), &rest(true), &written).unwrap();
    drop(store);
    let portals = vec![portal("p", site.url("/list/").as_str(), "")];
    let summary = run(dir.path(), portals, &config(&[&site]), false).await.remove(0);
    assert_eq!(summary.status, PortalStatus::Ok, "{summary:?}");
}

#[tokio::test]
async fn a_day_has_so_many_requests_and_the_next_goes_on() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let crawl = || {
        let portals = vec![portal("p", site.url("/list/").as_str(), "limits = { daily = 3 }")];
        let dir = dir.path().to_owned();
        let config = config(&[&site]);
        async move { run(&dir, portals, &config, false).await.remove(0) }
    };
    let first = crawl().await;
    assert_eq!(
        (first.status, first.reports.new),
        (PortalStatus::Partial, 1),
        "{first:?}"
    );
    assert!(first.is_paused());
    assert!(first.reason.unwrap().starts_with("daily_budget: "));
    assert_eq!(site.hits().len(), 3, "robots.txt counts");
    let same_day = crawl().await;
    assert_eq!(
        (same_day.status, same_day.reports.new),
        (PortalStatus::Partial, 1),
        "{same_day:?}"
    );
    assert_eq!(site.hits().len(), 3);
    // A day later, as far as the catalog knows.
    let store = open(dir.path());
    let db = store.catalog().connection();
    db.execute("UPDATE crawl_days SET day = day - 1", []).unwrap();
    drop(store);
    let next_day = crawl().await;
    assert_eq!(
        (next_day.status, next_day.reports.new),
        (PortalStatus::Ok, 3),
        "{next_day:?}"
    );
    assert_eq!(site.count("/list/"), 1, "the run goes on where it was");
    assert_eq!(site.hits().len(), 5);
}

#[tokio::test]
async fn outside_of_its_hours_nothing_is_asked() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    // A window of an hour that begins in two.
    let minute = (clock::now_ms() / 60_000 + 8 * 60).rem_euclid(24 * 60);
    let clock_time = |minute: i64| format!("{:02}:{:02}", minute / 60 % 24, minute % 60);
    let closed = format!("{}-{}", clock_time(minute + 120), clock_time(minute + 180));
    let open_hours = format!("{}-{}", clock_time(minute + 180), clock_time(minute + 120));
    let run_with = |hours: String, of_file: bool| {
        let limits = format!("limits = {{ hours = \"{hours}\" }}");
        let portals = vec![portal(
            "p",
            site.url("/list/").as_str(),
            if of_file { &limits } else { "" },
        )];
        let config = CrawlConfig {
            hours: (!of_file).then(|| Hours::parse(&hours).unwrap()),
            ..config(&[&site])
        };
        let dir = dir.path().to_owned();
        async move { run(&dir, portals, &config, false).await.remove(0) }
    };
    for of_file in [true, false] {
        let summary = run_with(closed.clone(), of_file).await;
        assert_eq!(summary.status, PortalStatus::Partial, "{summary:?}");
        assert!(summary.is_paused());
        assert!(summary.reason.unwrap().starts_with("outside_hours: "));
    }
    assert_eq!(site.hits().len(), 0);
    let summary = run_with(open_hours, true).await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
}

#[tokio::test]
async fn a_host_that_asks_for_more_time_than_we_wait_is_left_to_the_next_crawl() {
    let site =
        site(|hit| (hit.path == "/1002.html").then(|| Reply::status(503).header("Retry-After", "1800")))
            .await;
    let (summary, dir) = once(&site, "/list/", "").await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Partial, 1),
        "{summary:?}"
    );
    let n = site.hits().len();
    let portals = vec![portal("p", site.url("/list/").as_str(), "")];
    let again = run(dir.path(), portals, &config(&[&site]), false).await.remove(0);
    assert!(
        again.reason.unwrap().starts_with("held_off: "),
        "it is not waited for either"
    );
    assert_eq!(site.hits().len(), n);
}

#[tokio::test]
async fn clocks_that_were_set_neither_shorten_a_gap_nor_stop_a_crawl() {
    let site = site(|_| None).await;
    for set_by in [-400 * 86_400_000_i64, 400 * 86_400_000] {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        let written_at = std::time::Instant::now();
        let mut then = clock::now();
        let has_uptime = then.up.is_some();
        then.wall += set_by;
        let written = Written::new(then, Duration::from_millis(1500));
        let db = store.catalog().connection();
        crate::frontier::save_limits(db, &[site.host()], &written).unwrap();
        drop(store);
        let portals = vec![portal("p", site.url("/list/").as_str(), "")];
        let n = site.hits().len();
        let summary = run(dir.path(), portals, &config(&[&site]), false).await.remove(0);
        assert_eq!(summary.reports.new, 3, "{summary:?}");
        // By the clock of the wall alone, one that was set forward cannot be told from time that passed.
        if has_uptime || set_by > 0 {
            assert!(
                site.hits()[n].at - written_at >= Duration::from_millis(1490),
                "{set_by}"
            );
        }
    }
}

#[tokio::test]
async fn a_seed_is_tried_by_the_other_scheme_when_the_first_does_not_connect() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let seed = site.url("/list/").as_str().replacen("http:", "https:", 1);
    let summary = run(dir.path(), vec![portal("p", &seed, "")], &config(&[&site]), false)
        .await
        .remove(0);
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
}
