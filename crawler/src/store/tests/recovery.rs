//! After a kill, after a loss, after a rebuild: the same reports.

use std::fs;

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{catalog::Recorded, rebuild::rebuild};

/// Puts the catalog back to what it was, as a kill between the archive and the transaction leaves it.
fn forget(data_dir: &Path, catalog: &[u8]) {
    for name in ["catalog.db-wal", "catalog.db-shm"] {
        let _ = fs::remove_file(data_dir.join(name));
    }
    fs::write(data_dir.join("catalog.db"), catalog).unwrap();
}

#[test]
fn what_was_archived_and_not_recorded_is_recorded_on_opening() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    ingest(&mut store, vec![fetched(A, "甲", 1)]);
    drop(store);
    let catalog = fs::read(dir.path().join("catalog.db")).unwrap();
    let mut store = open(dir.path());
    ingest(
        &mut store,
        vec![
            fetched(A, "乙", 2),
            list("https://a.example/"),
            fetched(B, "丙", 2),
        ],
    );
    let before = state(store.catalog());
    drop(store);
    forget(dir.path(), &catalog);

    let mut store = open(dir.path());
    assert_eq!(state(store.catalog()), before);
    assert_eq!(
        store.catalog().outbox_after(0, 9).unwrap().len(),
        3,
        "and the index hears of it"
    );
    // The crawl does not know that it has them, and fetches again.
    let again = ingest(&mut store, vec![fetched(A, "乙", 3), fetched(B, "丙", 3)]);
    assert_eq!(again, [Ingested::Unchanged(id(A)), Ingested::Unchanged(id(B))]);
    assert_eq!(
        state(store.catalog()).values().map(Vec::len).collect::<Vec<_>>(),
        before.values().map(Vec::len).collect::<Vec<_>>()
    );
}

#[test]
fn a_lost_catalog_comes_back_from_the_archive() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open_with(dir.path(), no_portals(), LockWait::Fail, "test", true, 3000).unwrap();
    for n in 0..20 {
        ingest(
            &mut store,
            vec![fetched(
                &format!("https://a.example/{}", n % 7),
                &format!("正文{}", n % 3),
                n,
            )],
        );
    }
    assert!(store.archive_end().file > 1);
    let before = state(store.catalog());
    drop(store);
    forget(dir.path(), b"");
    let store = open(dir.path());
    assert_eq!(state(store.catalog()), before);
    // An index that outlived the catalog sees that news are missing, and cannot take these for those it knows.
    assert!(store.catalog().outbox_after(0, 1).unwrap()[0].0 > 1000);
}

#[test]
fn a_damaged_catalog_is_put_aside_by_a_rebuild() {
    for damage in [0, 5000] {
        let dir = tempfile::tempdir().unwrap();
        let mut store = open(dir.path());
        for n in 0..30 {
            ingest(
                &mut store,
                vec![fetched(&format!("https://a.example/{n}"), "正文", n)],
            );
        }
        let before = state(store.catalog());
        drop(store);
        let mut bytes = fs::read(dir.path().join("catalog.db")).unwrap();
        bytes[damage..].fill(0x55);
        forget(dir.path(), &bytes);
        if damage == 0 {
            let Err(error) = Catalog::open(dir.path()) else {
                panic!("opened")
            };
            assert!(error.to_string().contains("index rebuild"), "{error}");
        }
        let mut store = Store::open_for_rebuild(dir.path(), no_portals(), LockWait::Fail, "rebuild").unwrap();
        rebuild(&mut store, &mut |_| true).unwrap().commit().unwrap();
        assert_eq!(state(store.catalog()), before);
        assert_eq!(fs::read(dir.path().join("catalog.damaged-1.db")).unwrap(), bytes);
    }
}

#[test]
fn a_rebuild_gives_the_same_reports() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    for n in 0..40 {
        let ingested = ingest(
            &mut store,
            vec![fetched(
                &format!("https://a.example/{}", n % 9),
                &format!("正文{}", n % 4),
                n,
            )],
        );
        assert_ne!(ingested, [Ingested::NotAReport]);
    }
    store
        .ingest(vec![], NOW, |db| {
            mark(db, "changning", "https://a.example/3", Status::Removed, NOW).map(drop)
        })
        .unwrap();
    let before = state(store.catalog());
    let end = store.catalog().outbox_end().unwrap();
    drop(store);

    let mut store =
        Store::open_for_rebuild(dir.path(), no_portals(), LockWait::Fail, "index rebuild").unwrap();
    let mut last = None;
    let rebuilt = rebuild(&mut store, &mut |progress| {
        last = Some(progress);
        true
    })
    .unwrap();
    // One beyond: an index that was never replaced is known to lack something.
    let watermark = rebuilt.watermark;
    assert_eq!(watermark, end + 1);
    assert_eq!((rebuilt.summary.reports, rebuilt.summary.captures), (9, 40));
    assert_eq!(last.unwrap().bytes_done, last.unwrap().bytes_total);
    let mut handed = Vec::new();
    rebuilt
        .for_each_version(|Recorded { report, .. }| {
            handed.push(report);
            Ok::<_, CatalogError>(())
        })
        .unwrap();
    assert_eq!(handed, before.values().flatten().cloned().collect::<Vec<_>>());
    rebuilt.commit().unwrap();
    assert_eq!(store.catalog().outbox_end().unwrap(), watermark);
    assert_eq!(state(store.catalog()), before);
    assert_eq!(store.catalog().outbox_after(0, 9).unwrap(), []);
    ingest(&mut store, vec![fetched(A, "新", 99)]);
    assert_eq!(
        store.catalog().outbox_after(end, 9).unwrap().len(),
        1,
        "news go on behind the watermark"
    );
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        !names.iter().any(|name| name.to_string_lossy().contains("fresh")),
        "{names:?}"
    );
}

#[test]
fn a_rebuild_that_is_stopped_or_dropped_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    ingest(&mut store, vec![fetched(A, "甲", 1), fetched(B, "乙", 1)]);
    let before = state(store.catalog());
    assert!(rebuild(&mut store, &mut |_| false).is_err());
    drop(rebuild(&mut store, &mut |_| true).unwrap());
    assert_eq!(state(store.catalog()), before);
    assert!(!dir.path().join("catalog.fresh.db").exists());
}

/// One step of a life of a data directory.
#[derive(Clone, Debug)]
enum Step {
    /// A page is fetched: which, and with what text.
    Visit(u8, u8),
    /// A kill: the catalog is what it was so many steps ago, the archive is as it is.
    Forget(usize),
    /// The tail of the archive is torn, by so many bytes, within what the catalog does not know.
    Tear(u8),
    /// The catalog is derived anew.
    Rebuild,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3u8, 0..3u8).prop_map(|(page, text)| Step::Visit(page, text)),
        1 => (1..4usize).prop_map(Step::Forget),
        1 => (0..200u8).prop_map(Step::Tear),
        1 => Just(Step::Rebuild),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_happens_the_catalog_tells_what_the_archive_holds(steps in vec(step(), 1..16)) {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let file = dir.path().join("archive/gongbao-000001.warc.gz");
        let catalog = || fs::read(dir.path().join("catalog.db")).unwrap();
        let mut catalogs = vec![catalog()];
        // What was visited, in order: the texts of each page, without repeats.
        let mut visits: Vec<(u8, u8)> = Vec::new();
        for (second, step) in steps.into_iter().enumerate() {
            match step {
                Step::Visit(page, text) => {
                    let url = format!("https://a.example/{page}.html");
                    ingest(&mut open(dir.path()), vec![fetched(&url, &format!("正文{text}"), second as i64)]);
                    visits.push((page, text));
                }
                Step::Forget(n_steps) => forget(dir.path(), &catalogs[catalogs.len().saturating_sub(n_steps)]),
                Step::Tear(n_bytes) => {
                    // As a kill in the middle of a batch: the records of one more capture, torn.
                    if let Ok(before) = fs::read(&file) {
                        let known = catalog();
                        ingest(&mut open(dir.path()), vec![fetched("https://a.example/torn.html", "残", second as i64)]);
                        let whole = fs::read(&file).unwrap();
                        let length = (before.len() + usize::from(n_bytes)).min(whole.len() - 1);
                        fs::write(&file, &whole[..length]).unwrap();
                        forget(dir.path(), &known);
                    }
                }
                Step::Rebuild => {
                    let mut store =
                        Store::open_for_rebuild(dir.path(), no_portals(), LockWait::Fail, "rebuild").unwrap();
                    rebuild(&mut store, &mut |_| true).unwrap().commit().unwrap();
                }
            }
            catalogs.push(catalog());
        }
        let store = open(dir.path());
        let mut expected: BTreeMap<ReportId, Vec<String>> = BTreeMap::new();
        for (page, text) in visits {
            let texts = expected.entry(id(&format!("https://a.example/{page}.html"))).or_default();
            let text = format!("正文{text}");
            if texts.last() != Some(&text) {
                texts.push(text);
            }
        }
        let told: BTreeMap<_, Vec<_>> = state(store.catalog())
            .into_iter()
            .map(|(id, versions)| (id, versions.into_iter().map(|report| report.content.text).collect()))
            .collect();
        prop_assert_eq!(told, expected);
    }
}
