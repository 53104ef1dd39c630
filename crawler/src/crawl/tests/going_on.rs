//! Pace, stopping, dying and going on.

use super::*;

#[tokio::test]
async fn requests_to_a_host_keep_the_delay() {
    let site = site(|_| None).await;
    let (summary, _dir) = once(&site, "/list/", "limits = { delay = \"60ms\" }").await;
    assert_eq!(summary.reports.new, 3);
    let hits = site.hits();
    let gaps: Vec<_> = hits.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    // A request is on its way for a moment before the site sees it.
    assert!(
        gaps.iter().all(|gap| *gap >= Duration::from_millis(55)),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn one_request_at_a_time_goes_to_a_host_without_delay() {
    const ANSWER: Duration = Duration::from_millis(25);
    let site = site(|hit| match hit.path.as_str() {
        path if path.len() == 10 => Some(Reply::html(&report(&title(path))).after(ANSWER)),
        _ => None,
    })
    .await;
    let (summary, _dir) = once(&site, "/list/", "limits = { delay = \"0s\" }").await;
    assert_eq!(summary.reports.new, 3);
    let hits = site.hits();
    let reports: Vec<_> = hits.iter().filter(|hit| hit.path.len() == 10).collect();
    assert_eq!(reports.len(), 3, "each is asked for once");
    assert!(reports.windows(2).all(|pair| pair[1].at - pair[0].at >= ANSWER));
}

/// Remembers how far a crawl was after each page.
#[derive(Default)]
struct HowFar(Mutex<Vec<SoFar>>, Option<CancellationToken>);

impl Observer for HowFar {
    fn fetched(&self, _: &str, so_far: SoFar) {
        let mut all = self.0.lock().unwrap();
        all.push(so_far);
        if let (2.., Some(cancel)) = (all.len(), &self.1) {
            cancel.cancel();
        }
    }
    fn committed(&self) {}
    fn finished(&self, _: &PortalSummary) {}
}

#[tokio::test]
async fn the_progress_of_a_crawl_that_is_taken_up_goes_on_where_it_was() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let crawl_with = async |observer: Arc<HowFar>, cancel: CancellationToken| {
        let portals = vec![portal(
            "p",
            site.url("/list/").as_str(),
            "limits = { delay = \"100ms\" }",
        )];
        let store = open(dir.path());
        let options = CrawlOptions::default();
        crawl(portals, options, &config(&[&site]), store, observer, cancel)
            .await
            .unwrap();
    };
    let cancel = CancellationToken::new();
    let first = Arc::new(HowFar(Mutex::default(), Some(cancel.clone())));
    crawl_with(Arc::clone(&first), cancel).await;
    let n_before = first.0.lock().unwrap().last().unwrap().visited;
    let second = Arc::new(HowFar::default());
    crawl_with(Arc::clone(&second), CancellationToken::new()).await;
    let all = second.0.lock().unwrap();
    let visited: Vec<u64> = all.iter().map(|so_far| so_far.visited).collect();
    assert_eq!(visited, (n_before + 1..=4).collect::<Vec<_>>());
    assert_eq!(all.last().unwrap().visited_here(), 4 - n_before);
}

#[tokio::test]
async fn a_crawl_that_was_stopped_goes_on_where_it_was() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    // With time enough to record a page before the next one is asked for.
    let limits = "limits = { delay = \"500ms\" }";
    let portals = || vec![portal("p", site.url("/list/").as_str(), limits)];
    let cancel = CancellationToken::new();
    let observer = Arc::new(Quiet {
        stop_after: Some((2, cancel.clone())),
        ..Quiet::default()
    });
    let options = CrawlOptions::default();
    let (stopped, store) = crawl(
        portals(),
        options,
        &config(&[&site]),
        open(dir.path()),
        observer,
        cancel,
    )
    .await
    .unwrap();
    assert_eq!(
        (stopped[0].status, stopped[0].reports.new),
        (PortalStatus::Partial, 1),
        "{stopped:?}"
    );
    drop(store);
    let whole = run(dir.path(), portals(), &config(&[&site]), false)
        .await
        .remove(0);
    assert_eq!(
        (whole.status, counts(&whole)),
        (PortalStatus::Ok, (4, 0, 3, 0, 0)),
        "{whole:?}"
    );
    for path in ["/robots.txt", "/list/", "/1001.html", "/1002.html", "/1003.html"] {
        assert_eq!(site.count(path), 1, "{path}");
    }
}

#[tokio::test]
async fn a_crawl_that_died_goes_on_and_keeps_the_delay() {
    let site = site(|_| None).await;
    let dir = tempfile::tempdir().unwrap();
    let portals = || {
        vec![portal(
            "p",
            site.url("/list/").as_str(),
            "limits = { delay = \"400ms\" }",
        )]
    };
    let config = config(&[&site]);
    // Dropped in the middle, as a kill would have it; the store is let go when its thread notices.
    let first = crawl(
        portals(),
        CrawlOptions::default(),
        &config,
        open(dir.path()),
        Arc::new(Quiet::default()),
        CancellationToken::new(),
    );
    assert!(
        tokio::time::timeout(Duration::from_millis(1000), first)
            .await
            .is_err()
    );
    let store = tokio::task::spawn_blocking({
        let dir = dir.path().to_owned();
        move || open(&dir)
    });
    let observer = Arc::new(Quiet::default());
    let (whole, _) = crawl(
        portals(),
        CrawlOptions::default(),
        &config,
        store.await.unwrap(),
        observer,
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert_eq!(
        (whole[0].status, whole[0].reports.new),
        (PortalStatus::Ok, 3),
        "{whole:?}"
    );
    let hits = site.hits();
    assert_eq!(site.count("/robots.txt"), 1);
    let gaps: Vec<_> = hits.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(
        gaps.iter().all(|gap| *gap >= Duration::from_millis(395)),
        "{gaps:?}"
    );
}

#[tokio::test]
async fn after_a_crawl_no_more_is_written_down_than_there_was() {
    let site = site(|_| None).await;
    let (_, dir) = once(&site, "/list/", "limits = { delay = \"40ms\" }").await;
    let store = open(dir.path());
    let db = store.catalog().connection();
    let one = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    // Up to 2 % of jitter.
    assert!(one("SELECT max(pause) FROM crawl_limits") <= 41);
    let hits = i64::try_from(site.hits().len()).unwrap();
    assert_eq!(one("SELECT sum(requests) FROM crawl_days"), hits);
}

#[tokio::test]
async fn what_recurs_on_the_pages_goes_at_the_end_of_a_crawl() {
    const SLOGAN: &str = "清正廉洁向前走　清河大地展新颜";
    let paths: Vec<String> = (1001..1026).map(|n| format!("/{n}.html")).collect();
    let rows = paths.clone();
    let site = TestSite::start(move |hit| match hit.path.as_str() {
        "/list/" => list(&rows.iter().map(String::as_str).collect::<Vec<_>>(), ""),
        path if path.len() == 10 => {
            let own = format!(
                "<p>{}各项任务按期完成，群众满意。</p><p>{SLOGAN}</p></div>",
                title(path)
            );
            Reply::html(&report(&title(path)).replacen("</div></body>", &format!("{own}</body>"), 1))
        }
        _ => Reply::status(404),
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let state = || crate::store::tests::state(open(dir.path()).catalog());
    let mut states = Vec::new();
    for full in [false, false, true] {
        let portal = portal("p", site.url("/list/").as_str(), "");
        let summary = run(dir.path(), vec![portal], &config(&[&site]), full)
            .await
            .remove(0);
        let n_new = if states.is_empty() { 25 } else { 0 };
        assert_eq!((summary.reports.new, summary.reports.changed), (n_new, 0));
        states.push(state());
    }
    for versions in states[0].values() {
        assert_eq!(versions.len(), 1);
        assert!(
            versions[0].content.text.ends_with("各项任务按期完成，群众满意。"),
            "{}",
            versions[0].content.text
        );
        assert!(versions[0].content.text.starts_with("一、工作开展情况\n"));
    }
    assert!(states[1] == states[0] && states[2] == states[0]);
    let mut store = open(dir.path());
    crate::rebuild::rebuild(&mut store, &mut |_| true)
        .unwrap()
        .commit()
        .unwrap();
    drop(store);
    assert!(state() == states[0]);
}
