//! Portals that are handed over while others are crawled, and stopped by themselves.

use super::*;

/// Time enough to do something between two pages.
const SLOW: &str = "limits = { delay = \"300ms\" }";

async fn engine(dir: &Path, sites: &[&TestSite]) -> Engine {
    Engine::start(&config(sites), open(dir), Arc::new(Quiet::default()))
        .await
        .unwrap()
}

/// Waits until a site was asked for so much.
async fn asked(site: &TestSite, n: usize) {
    while site.hits().len() < n {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn start(engine: &Engine, id: &str, site: &TestSite, more: &str) -> Result<PortalCrawl, AlreadyCrawled> {
    let portal = portal(id, site.url("/list/").as_str(), more);
    engine.crawl(portal, CrawlOptions::default(), CancellationToken::new())
}

#[tokio::test]
async fn a_portal_is_handed_over_while_another_is_crawled() {
    let (one, two) = (site(|_| None).await, site(|_| None).await);
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&one, &two]).await;
    let first = start(&engine, "p", &one, SLOW).unwrap();
    asked(&one, 2).await;
    let options = CrawlOptions {
        max_pages: Some(2),
        ..CrawlOptions::default()
    };
    let second = portal("q", two.url("/list/").as_str(), "");
    let second = engine.crawl(second, options, CancellationToken::new()).unwrap();
    let second = second.summary().await.unwrap();
    assert_eq!((second.id.as_str(), second.fetched), ("q", 2));
    assert!(one.hits().len() < 5, "the first is still under way");
    // Its options were its own.
    let first = first.summary().await.unwrap();
    assert_eq!((first.status, first.fetched), (PortalStatus::Ok, 4), "{first:?}");
    let store = engine.finish().await.unwrap();
    assert!(
        store
            .catalog()
            .find("p", one.url("/1003.html").as_str())
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn portals_of_one_host_keep_its_pace_whenever_they_come() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    start(&engine, "p", &site, SLOW).unwrap();
    asked(&site, 2).await;
    start(&engine, "q", &site, SLOW).unwrap();
    engine.finish().await.unwrap();
    let hits = site.hits();
    // Rules are asked for once a run.
    assert_eq!((hits.len(), site.count("/list/")), (10, 2));
    let gaps: Vec<_> = hits.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(
        gaps.iter().all(|gap| *gap >= Duration::from_millis(295)),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn one_of_two_portals_is_stopped_and_goes_on_later() {
    let (one, two) = (site(|_| None).await, site(|_| None).await);
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&one, &two]).await;
    let cancel = CancellationToken::new();
    let stopped = portal("p", one.url("/list/").as_str(), SLOW);
    let stopped = engine
        .crawl(stopped, CrawlOptions::default(), cancel.clone())
        .unwrap();
    let other = start(&engine, "q", &two, SLOW).unwrap();
    asked(&one, 3).await;
    cancel.cancel();
    let stopped = stopped.summary().await.unwrap();
    assert_eq!(stopped.status, PortalStatus::Partial);
    assert_eq!(
        stopped.reason.as_deref(),
        Some("stopped: the next crawl goes on from here")
    );
    let other = other.summary().await.unwrap();
    assert_eq!((other.status, other.fetched), (PortalStatus::Ok, 4), "{other:?}");
    // The same engine takes it again, once it is over.
    let whole = start(&engine, "p", &one, SLOW).unwrap().summary().await.unwrap();
    assert_eq!((whole.status, whole.fetched), (PortalStatus::Ok, 4), "{whole:?}");
    engine.finish().await.unwrap();
    for path in ["/robots.txt", "/list/"] {
        assert_eq!(one.count(path), 1, "{path}");
    }
}

#[tokio::test]
async fn a_portal_is_not_crawled_twice_at_once() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    let first = start(&engine, "p", &site, SLOW).unwrap();
    let refused = start(&engine, "p", &site, "").unwrap_err();
    assert_eq!(refused.to_string(), "portal p is being crawled already");
    assert_eq!(first.summary().await.unwrap().reports.new, 3);
    let again = start(&engine, "p", &site, "").unwrap();
    let again = again.summary().await.unwrap();
    assert_eq!(again.reports.unchanged, 3, "{again:?}");
    engine.finish().await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_ends_all_portals() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    let crawl = start(&engine, "p", &site, SLOW).unwrap();
    asked(&site, 2).await;
    let db = rusqlite::Connection::open(dir.path().join(crate::catalog::FILE)).unwrap();
    db.execute_batch("DROP TABLE frontier").unwrap();
    assert!(matches!(crawl.summary().await, Err(CrawlError::Recorder)));
    let later = start(&engine, "q", &site, "").unwrap();
    assert!(matches!(later.summary().await, Err(CrawlError::Recorder)));
    assert!(matches!(engine.finish().await, Err(CrawlError::Store(_))));
}

#[tokio::test]
async fn crawls_of_long_ago_are_forgotten_while_others_go_on() {
    const WEEK: i64 = 7 * 86_400_000;
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    let store = open(dir.path());
    for weeks in (1..=104).rev() {
        let sql = "INSERT INTO crawl_runs (portal, started_at, finished_at, is_full, last_version, status)
                   VALUES ('old', ?1, ?1, 0, 0, 'ok')";
        let begun = now - WEEK * weeks;
        store.catalog().connection().execute(sql, [begun]).unwrap();
    }
    drop(store);
    let engine = engine(dir.path(), &[&site]).await;
    let crawl = start(&engine, "p", &site, SLOW).unwrap();
    asked(&site, 2).await;
    let year = Duration::from_secs(365 * 86_400);
    assert_eq!(engine.forget_runs(year).await.unwrap(), 52);
    assert_eq!(engine.forget_runs(year).await.unwrap(), 0);
    assert_eq!(
        engine.forget_runs(year / 20).await.unwrap(),
        39,
        "twelve are left, and the last before them that reached the portal"
    );
    assert_eq!(crawl.summary().await.unwrap().fetched, 4);
    engine.finish().await.unwrap();
}
