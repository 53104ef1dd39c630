//! A look at a portal before it is crawled.

use super::*;
use crate::{
    crawl::{check::check_live, clock},
    frontier,
    politeness::Written,
};

#[tokio::test]
async fn a_look_waits_as_long_as_the_crawl_of_another_process_was_asked_to() {
    let site = site(|_| None).await;
    let (dir, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open(dir.path()));
    let db = rusqlite::Connection::open(dir.path().join(crate::catalog::FILE)).unwrap();
    let wait = Duration::from_millis(900);
    let begun = std::time::Instant::now();
    frontier::save_limits(&db, &[site.host()], &Written::new(clock::now(), wait)).unwrap();
    let seed = site.url("/list/");
    let look = check_live(
        &portal("p", seed.as_str(), ""),
        &config(&[&site]),
        open(scratch.path()),
        dir.path(),
        CancellationToken::new(),
    )
    .await
    .unwrap();
    let waited = site.hits()[0].at.duration_since(begun);
    assert!(waited >= wait - Duration::from_millis(25), "{waited:?}");
    assert!(look.report.is_some(), "{look:?}");
    assert_eq!(site.hits().len(), 3, "robots.txt, the list, a report");
    assert_eq!(open(dir.path()).catalog().count().unwrap(), 0, "nothing is kept");
}

#[tokio::test]
async fn a_look_gives_up_where_an_hour_was_asked_for() {
    let site = site(|_| None).await;
    let (dir, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open(dir.path()));
    let db = rusqlite::Connection::open(dir.path().join(crate::catalog::FILE)).unwrap();
    let hour = Duration::from_secs(3600);
    frontier::save_limits(&db, &[site.host()], &Written::new(clock::now(), hour)).unwrap();
    let look = check_live(
        &portal("p", site.url("/list/").as_str(), ""),
        &config(&[&site]),
        open(scratch.path()),
        dir.path(),
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert_eq!(site.hits().len(), 0);
    assert_eq!(look.steps[0].failure.as_ref().unwrap().code, "asked_to_wait");
    assert!(!look.advice.is_empty());
}
