//! Portals whose hosts wait for long are not in memory meanwhile, and miss nothing by it.

use super::*;
use crate::crawl::terms::Terms;

/// Waits are shorter in tests than in life, and so is what is waited for in place.
const IN_PLACE: Duration = Duration::from_millis(100);

/// Requests arrive a little later than they start, one more than another.
const ARRIVAL: Duration = Duration::from_millis(5);

/// Remembers what it was told last.
#[derive(Default)]
struct Told(Mutex<Vec<SoFar>>);

impl Observer for Told {
    fn fetched(&self, _: &str, so_far: SoFar) {
        self.0.lock().unwrap().push(so_far);
    }
    fn committed(&self) {}
    fn finished(&self, _: &PortalSummary) {}
}

async fn engine_told(dir: &Path, config: &CrawlConfig, told: Arc<Told>) -> Engine {
    let fetcher = Fetcher::new(fetch_config(config, dir)).unwrap();
    Engine::start_with(fetcher, config, open(dir), told, IN_PLACE).await
}

async fn engine(dir: &Path, sites: &[&TestSite]) -> Engine {
    engine_told(dir, &config(sites), Arc::default()).await
}

/// Waits until nothing of the portals but their own small tasks is there.
async fn parked(engine: &Engine, n_portals: usize) {
    while Arc::strong_count(&engine.shared) > 1 + n_portals {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn asked(site: &TestSite, n: usize) {
    while site.hits().len() < n {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn start(engine: &Engine, id: &str, site: &TestSite, delay: &str) -> (PortalCrawl, CancellationToken) {
    let limits = format!("limits = {{ delay = \"{delay}\" }}");
    let portal = portal(id, site.url("/list/").as_str(), &limits);
    let cancel = CancellationToken::new();
    let crawl = engine
        .crawl(portal, CrawlOptions::default(), cancel.clone())
        .unwrap();
    (crawl, cancel)
}

fn gaps(site: &TestSite) -> Vec<Duration> {
    let hits = site.hits();
    hits.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

#[tokio::test]
async fn a_portal_that_waits_is_let_go_and_goes_on() {
    let delay = Duration::from_millis(1000);
    let site = site(|hit| {
        (hit.path == "/robots.txt")
            .then(|| Reply::status(200).body(b"User-agent: *\nCrawl-delay: 1\nDisallow: /1002.html\n"))
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let told = Arc::new(Told::default());
    let engine = engine_told(dir.path(), &config(&[&site]), Arc::clone(&told)).await;
    let (crawl, _cancel) = start(&engine, "p", &site, "1ms");
    for n in 1..4 {
        asked(&site, n).await;
        parked(&engine, 1).await;
        assert_eq!(site.hits().len(), n, "it waits, and nothing of it is there");
    }
    let summary = crawl.summary().await.unwrap();
    assert_eq!(
        (summary.status, summary.fetched),
        (PortalStatus::Ok, 3),
        "{summary:?}"
    );
    assert!(summary.seconds >= 3.0, "its waits count: {}", summary.seconds);
    engine.finish().await.unwrap();
    let gaps = gaps(&site);
    assert_eq!(gaps.len(), 3);
    assert!(gaps.iter().all(|gap| *gap >= delay - ARRIVAL), "{gaps:?}");
    // After the list: two pages, and one that is forbidden.
    let after_list = told.0.lock().unwrap()[0];
    assert!(after_list.left >= delay * 2, "{after_list:?}");
}

#[tokio::test]
async fn a_portal_is_stopped_while_it_waits() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    // A delay is no wish of the host's, however long.
    let (crawl, cancel) = start(&engine, "p", &site, "3600s");
    asked(&site, 1).await;
    parked(&engine, 1).await;
    cancel.cancel();
    let summary = tokio::time::timeout(Duration::from_secs(20), crawl.summary())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (summary.status, summary.reason.as_deref()),
        (
            PortalStatus::Partial,
            Some("stopped: the next crawl goes on from here")
        )
    );
    engine.finish().await.unwrap();
    assert_eq!(site.hits().len(), 1);
}

#[tokio::test]
async fn a_kill_while_a_portal_waits_keeps_the_gap() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let killed = engine(dir.path(), &[&site]).await;
    let _crawl = start(&killed, "p", &site, "1500ms");
    asked(&site, 2).await;
    parked(&killed, 1).await;
    // As a kill would have it; the store is let go when its thread notices.
    drop(killed);
    let store = tokio::task::spawn_blocking({
        let dir = dir.path().to_owned();
        move || drop(open(&dir))
    });
    store.await.unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    let (crawl, cancel) = start(&engine, "p", &site, "1500ms");
    asked(&site, 3).await;
    cancel.cancel();
    crawl.summary().await.unwrap();
    engine.finish().await.unwrap();
    assert_eq!(site.count("/robots.txt"), 1);
    let gaps = gaps(&site);
    assert!(
        gaps.iter()
            .all(|gap| *gap >= Duration::from_millis(1500) - ARRIVAL),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn one_host_of_a_portal_waits_and_another_goes_on() {
    let slow = site(|hit| {
        (hit.path == "/robots.txt").then(|| Reply::status(200).body(b"User-agent: *\nCrawl-delay: 600\n"))
    })
    .await;
    let quick = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&slow, &quick]).await;
    let seeds = format!(
        "region = \"430482\"\nseeds = [\"{}\", \"{}\"]\nlimits = {{ delay = \"20ms\" }}",
        slow.url("/list/"),
        quick.url("/list/")
    );
    let both = Portal::parse("p", &seeds).unwrap();
    let cancel = CancellationToken::new();
    let crawl = engine
        .crawl(both, CrawlOptions::default(), cancel.clone())
        .unwrap();
    asked(&quick, 5).await;
    parked(&engine, 1).await;
    assert_eq!(slow.hits().len(), 1, "it was asked for its rules");
    cancel.cancel();
    let summary = crawl.summary().await.unwrap();
    assert_eq!(
        (summary.status, counts(&summary)),
        (PortalStatus::Partial, (4, 0, 3, 0, 0)),
        "{summary:?}"
    );
    engine.finish().await.unwrap();
}

#[tokio::test]
async fn portals_that_wait_for_one_host_take_turns() {
    let delay = Duration::from_millis(300);
    let site = site(|hit| hit.path.starts_with("/10").then(|| Reply::status(404))).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    let crawls: Vec<_> = ["p", "q", "r"]
        .iter()
        .map(|id| start(&engine, id, &site, "300ms"))
        .collect();
    for (crawl, _cancel) in crawls {
        crawl.summary().await.unwrap();
    }
    engine.finish().await.unwrap();
    let gaps = gaps(&site);
    assert!(gaps.iter().all(|gap| *gap >= delay - ARRIVAL), "{gaps:?}");
    // The list and its three rows, for each of them, and no turn that was kept for nobody.
    let n = gaps.len();
    assert!(n >= 12, "{n}");
    let all: Duration = gaps.iter().sum();
    assert!(all < delay * u32::try_from(n).unwrap() * 3 / 2, "{gaps:?}");
}

#[tokio::test]
async fn a_host_that_keeps_asking_for_time_is_left_alone() {
    let site =
        site(|hit| (hit.path == "/list/").then(|| Reply::status(429).header("Retry-After", "1"))).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    let (crawl, _cancel) = start(&engine, "p", &site, "1ms");
    let summary = crawl.summary().await.unwrap();
    assert_eq!(summary.status, PortalStatus::Failed);
    assert_eq!(summary.failed.len(), 1, "{summary:?}");
    engine.finish().await.unwrap();
    // The first try and one more, as the configuration says.
    assert_eq!(site.count("/list/"), 2);
}

#[tokio::test]
async fn portals_that_wait_for_their_hosts_keep_no_other_from_beginning() {
    let delay = Duration::from_millis(300);
    let mut sites = Vec::new();
    for _ in 0..6 {
        sites.push(site(|_| None).await);
    }
    let dir = tempfile::tempdir().unwrap();
    let config = CrawlConfig {
        concurrency: 1,
        delay,
        ..config(&sites.iter().collect::<Vec<_>>())
    };
    let portals = sites.iter().enumerate();
    let portals = portals.map(|(n, site)| portal(&format!("p{n}"), site.url("/list/").as_str(), ""));
    let begun = std::time::Instant::now();
    let summaries = run(dir.path(), portals.collect(), &config, false).await;
    let took = begun.elapsed();
    assert!(summaries.iter().all(|summary| summary.reports.new == 3));
    // Robots, the list and three pages: four waits. One after the other they would take six times as long.
    assert!(took < delay * 4 * 3, "{took:?}");
}

#[tokio::test]
async fn who_is_killed_while_it_waits_leaves_the_turn_where_it_was() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let engine = engine(dir.path(), &[&site]).await;
    let Shared {
        fetcher,
        pace,
        recorder,
        config,
        ..
    } = &*engine.shared;
    let portal = portal("p", site.url("/").as_str(), "limits = { delay = \"60s\" }");
    let terms = Terms::new(&portal.limits, config);
    let lane = fetcher.open(&site.url("/")).await.unwrap();
    let keys: Vec<_> = lane.target().keys().iter().map(|key| key.text()).collect();
    let written = || async { recorder.load_limits(keys.clone(), &site.host()).await.unwrap().0 };
    let Ok(first) = pace.enter(&lane, None, &terms, recorder).await else {
        panic!("the first request may start at once");
    };
    drop(first);
    let before = written().await;
    assert!(before.iter().all(Option::is_some), "{before:?}");
    let waiting = pace.enter(&lane, None, &terms, recorder);
    let waited = tokio::time::timeout(Duration::from_millis(300), waiting).await;
    assert!(waited.is_err(), "its turn is in a minute");
    assert_eq!(written().await, before);
}
