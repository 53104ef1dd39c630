//! Crawls while the clock of the wall stands still or is set: they end, ask for no more, and keep their pace.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

use super::{
    polite::{ARRIVAL, assert_polite, with_delay},
    *,
};

const HOUR: i64 = 3600;
const YEAR: i64 = 365 * 24 * HOUR;

/// Far longer than any of these crawls takes.
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_page_is_tried_again_whatever_the_clock_does_meanwhile() {
    // By how many seconds it is set after the first try; `None`: it stands still from the beginning.
    for set_by in [None, Some(-HOUR), Some(-YEAR), Some(HOUR), Some(YEAR)] {
        let ahead = Arc::new(AtomicI64::new(0));
        let (set, n_tries) = (Arc::clone(&ahead), AtomicUsize::new(0));
        let site = site(move |hit| {
            if hit.path != "/1002.html" || n_tries.fetch_add(1, Ordering::AcqRel) > 0 {
                return None;
            }
            set.store(set_by.unwrap_or_default(), Ordering::Release);
            Some(Reply::status(500))
        })
        .await;
        let start = Timestamp::now();
        let clock = Clock::new(move || match set_by {
            None => start,
            Some(_) => Timestamp::now() + SignedDuration::from_secs(ahead.load(Ordering::Acquire)),
        });
        let config = CrawlConfig {
            clock,
            ..config(&[&site])
        };
        let dir = tempfile::tempdir().unwrap();
        let portals = vec![portal("p", site.url("/list/").as_str(), &with_delay("80ms"))];
        let crawl = tokio::time::timeout(LONG, run(dir.path(), portals, &config, false));
        let summary = crawl.await.expect("the crawl ends").remove(0);
        assert_eq!(
            (summary.status, summary.reports.new),
            (PortalStatus::Ok, 3),
            "{set_by:?}: {summary:?}"
        );
        assert_polite(&site, Duration::from_millis(80));
        assert_eq!(site.count("/robots.txt"), 1, "{set_by:?}");
        let hits = site.hits();
        let tries: Vec<_> = hits.iter().filter(|hit| hit.path == "/1002.html").collect();
        assert_eq!(tries.len(), 2, "{set_by:?}");
        let pause = tries[1].at - tries[0].at;
        assert!(
            pause + ARRIVAL >= Duration::from_millis(500),
            "{set_by:?}: {pause:?}"
        );
    }
}

#[tokio::test]
async fn a_run_is_taken_up_by_a_process_whose_clock_is_another() {
    for ahead in [HOUR, YEAR, -YEAR] {
        let site = site(|_| None).await;
        let (_, dir) = once(&site, "/list/", "").await;
        // As if the crawl had been killed while all its pages waited for a further try, on a clock so far ahead.
        let store = open(dir.path());
        let db = store.catalog().connection();
        for killed in [
            "UPDATE crawl_runs SET finished_at = NULL, started_at = started_at + ?1",
            "UPDATE crawl_robots SET fetched_at = fetched_at + ?1",
            "UPDATE frontier SET state = 0, attempts = 1, not_before = visited_at + 500 + ?1 WHERE kind = 2",
        ] {
            assert!(db.execute(killed, [ahead * 1000]).unwrap() > 0, "{killed}");
        }
        drop(store);
        let summary = tokio::time::timeout(LONG, again(dir.path(), &site, false))
            .await
            .expect("the crawl ends");
        assert_eq!(summary.status, PortalStatus::Ok, "{ahead}: {summary:?}");
        for path in ["/robots.txt", "/1001.html", "/1002.html", "/1003.html"] {
            assert_eq!(site.count(path), 2, "{ahead}: {path}");
        }
    }
}
