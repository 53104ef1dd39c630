//! What a user can rely on when captures come, come again, and are interrupted.

mod recovery;

use std::{collections::BTreeMap, path::Path};

use report::{Report, ReportId, Status};

use super::*;
use crate::{
    archive::{CaptureBody, CaptureKind, Found},
    catalog::{Op, block_portal, mark, unblock_portal},
    extract::Hints,
    reading::read_capture,
    url::canonical,
};

pub(crate) fn no_portals() -> PortalLookup {
    Arc::new(|_| None)
}

pub(crate) fn open(data_dir: &Path) -> Store {
    Store::open(data_dir, no_portals(), LockWait::Fail, "test").unwrap()
}

/// When everything is recorded that no test gives another moment.
pub(crate) const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

/// Something fetched at a time, whose text is given so that no rule of the extractor matters here.
fn fetched(url: &str, text: &str, second: i64) -> Ingest {
    let json = serde_json::json!({ "title": "工作报告", "text": text }).to_string();
    let capture = Capture {
        url: url.to_owned(),
        portal: "changning".to_owned(),
        at: jiff::Timestamp::from_second(1_700_000_000 + second)
            .unwrap()
            .into(),
        recorded_at: None,
        kind: CaptureKind::Line,
        body: CaptureBody::Resource {
            media_type: "application/json".to_owned(),
            bytes: json.into_bytes(),
        },
        truncated: None,
        hints: Hints::default(),
        genres: Vec::new(),
        via: None,
        files: Vec::new(),
    };
    let reading = read_capture(&capture, None, &crate::FileWorker::in_process()).unwrap();
    Ingest::fetched(capture, Some(reading.content))
}

fn list(url: &str) -> Ingest {
    let Ingest { mut capture, .. } = fetched(url, "list", 0);
    capture.kind = CaptureKind::List;
    Ingest::fetched(capture, None)
}

fn ingest(store: &mut Store, batch: Vec<Ingest>) -> Vec<Ingested> {
    store.ingest(batch, NOW, |_| Ok(())).unwrap()
}

/// Everything a reader sees: the reports, each with all its versions.
pub(crate) fn state(catalog: &Catalog) -> BTreeMap<ReportId, Vec<Report>> {
    let mut all = BTreeMap::new();
    let mut take = |report: Report| {
        let versions = catalog
            .versions(&report.id)?
            .into_iter()
            .map(|info| catalog.version(&report.id, info.version));
        let versions = versions
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        assert_eq!(versions.last(), Some(&report), "the current version is the last");
        all.insert(report.id.clone(), versions);
        Ok::<_, CatalogError>(())
    };
    catalog.for_each_report(&mut take).unwrap();
    all
}

fn id(url: &str) -> ReportId {
    ReportId::derive("changning", &canonical(url))
}

fn captures(store: &Store) -> usize {
    let scan = store.archive().scan(Position::default()).unwrap();
    scan.filter(|found| matches!(found, Ok(Found::Capture(..))))
        .count()
}

const A: &str = "https://a.example/1.html";
const B: &str = "https://a.example/2.html";

#[test]
fn visits_make_reports_versions_and_news() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    assert_eq!(
        ingest(&mut store, vec![fetched(A, "甲", 1), list(B)]),
        [Ingested::New(id(A)), Ingested::NotAReport]
    );
    assert_eq!(
        ingest(&mut store, vec![fetched(A, "甲", 2)]),
        [Ingested::Unchanged(id(A))]
    );
    assert_eq!(
        ingest(&mut store, vec![fetched(A, "乙", 3)]),
        [Ingested::Changed(id(A), 2)]
    );
    assert_eq!(
        ingest(&mut store, vec![fetched(A, "甲", 4)]),
        [Ingested::Changed(id(A), 3)]
    );

    let catalog = store.catalog();
    let report = catalog.report(&id(A)).unwrap().unwrap();
    assert_eq!(
        (report.version, report.status, report.content.text.as_str()),
        (3, Status::Changed, "甲")
    );
    assert_eq!(report.urls, [A]);
    let old = catalog.version(&id(A), 1).unwrap().unwrap();
    assert_eq!(
        old.retrieved_at.to_string(),
        "2023-11-15T06:13:21+08:00",
        "of the first capture with this text"
    );
    assert_eq!(catalog.version(&id(A), 4).unwrap(), None);
    assert_eq!(
        catalog.find("changning", "http://www.a.example/1.html").unwrap(),
        Some(id(A))
    );
    let second = store
        .archive()
        .read(&catalog.location(&id(A), Some(2)).unwrap().unwrap())
        .unwrap();
    assert!(
        String::from_utf8(second.body_bytes().to_vec())
            .unwrap()
            .contains('乙')
    );

    let news = catalog.outbox_after(0, 100).unwrap();
    let told: Vec<_> = news
        .iter()
        .map(|(seq, op)| match op {
            Op::Upsert(report) => (*seq, report.version, report.content.text.as_str(), report.status),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, 1, "甲", Status::Live),
            (2, 2, "乙", Status::Changed),
            (3, 3, "甲", Status::Changed)
        ]
    );
    assert_eq!(catalog.outbox_after(2, 100).unwrap().len(), 1);
    catalog.prune_outbox(2).unwrap();
    assert_eq!(catalog.outbox_after(0, 100).unwrap()[0].0, 3);
    catalog.prune_outbox(3).unwrap();
    assert_eq!(catalog.outbox_end().unwrap(), 3, "numbers are never used again");
    let portals = catalog.portals().unwrap();
    assert_eq!((portals[0].id.as_str(), portals[0].reports), ("changning", 1));
    assert_eq!(portals[0].last_new_report, Some(old.retrieved_at));
}

#[test]
fn a_second_visit_that_finds_the_new_version_again_makes_it_live() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    ingest(
        &mut store,
        vec![fetched(A, "甲", 1), fetched(A, "乙", 2), fetched(A, "乙", 3)],
    );
    assert_eq!(
        store.catalog().report(&id(A)).unwrap().unwrap().status,
        Status::Live
    );
    let (_, Op::Upsert(last)) = store.catalog().outbox_after(0, 9).unwrap().pop().unwrap() else {
        panic!()
    };
    assert_eq!(
        (last.version, last.status),
        (2, Status::Live),
        "the index hears of it"
    );
}

#[test]
fn other_spellings_of_an_address_are_kept_with_the_report() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let spelling = "http://www.a.example/1.html";
    let ingested = ingest(
        &mut store,
        vec![
            fetched(A, "甲", 1),
            fetched(spelling, "甲", 2),
            fetched(spelling, "甲", 3),
        ],
    );
    assert_eq!(
        ingested,
        [
            Ingested::New(id(A)),
            Ingested::Updated(id(A)),
            Ingested::Unchanged(id(A))
        ]
    );
    let report = store.catalog().report(&id(A)).unwrap().unwrap();
    assert_eq!((report.url.as_str(), report.version), (A, 1));
    assert_eq!(report.urls, [A, spelling]);
}

#[test]
fn other_particulars_are_taken_without_a_version() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut corrected = fetched(A, "甲", 2);
    if let Some(content) = &mut corrected.content {
        content.year = Some(2023);
    }
    ingest(&mut store, vec![fetched(A, "甲", 1)]);
    assert_eq!(ingest(&mut store, vec![corrected]), [Ingested::Updated(id(A))]);
    let report = store.catalog().report(&id(A)).unwrap().unwrap();
    assert_eq!(
        (report.version, report.content.year, report.status),
        (1, Some(2023), Status::Live)
    );
    assert_eq!(store.catalog().outbox_after(0, 9).unwrap().len(), 2);
}

#[test]
fn given_ids_are_kept_and_belong_to_one_address() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let given = |url, text, id: &str| Ingest {
        given: Given {
            id: Some(id.parse().unwrap()),
            ..Given::default()
        },
        ..fetched(url, text, 1)
    };
    let refused = |ingested: &[Ingested]| match ingested {
        [Ingested::Refused { reason }] => reason.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        ingest(&mut store, vec![given(A, "甲", "gwr-1")]),
        [Ingested::New("gwr-1".parse().unwrap())]
    );
    let reason = refused(&ingest(&mut store, vec![given(B, "乙", "gwr-1")]));
    assert!(reason.contains("gwr-1") && reason.contains(A), "{reason}");
    let reason = refused(&ingest(&mut store, vec![given(A, "乙", "gwr-2")]));
    assert!(reason.contains("gwr-2") && reason.contains("gwr-1"), "{reason}");
    assert_eq!(
        ingest(&mut store, vec![fetched(A, "丙", 2)]),
        [Ingested::Changed("gwr-1".parse().unwrap(), 2)]
    );
    assert!(
        !refused(&ingest(
            &mut store,
            vec![fetched("https://a.example/\n", "丁", 3)]
        ))
        .is_empty()
    );
    assert_eq!(
        (store.catalog().count().unwrap(), captures(&store)),
        (1, 2),
        "what is refused is not archived"
    );
}

#[test]
fn statuses_follow_visits_without_captures() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    ingest(&mut store, vec![fetched(A, "甲", 1), fetched(B, "乙", 1)]);
    let statuses =
        |store: &Store| [A, B].map(|url| store.catalog().report(&id(url)).unwrap().unwrap().status);
    let end = store.catalog().outbox_end().unwrap();
    store
        .ingest(vec![], NOW, |db| {
            mark(db, "changning", A, Status::Removed, NOW).map(|found| assert_eq!(found, Some(id(A))))
        })
        .unwrap();
    store
        .ingest(vec![], NOW, |db| {
            block_portal(db, "changning").map(|n| assert_eq!(n, 1))
        })
        .unwrap();
    assert_eq!(statuses(&store), [Status::Removed, Status::Blocked]);
    store
        .ingest(vec![], NOW, |db| {
            unblock_portal(db, "changning").map(|n| assert_eq!(n, 1))
        })
        .unwrap();
    store
        .ingest(vec![], NOW, |db| {
            mark(db, "changning", B, Status::Live, NOW).map(drop)
        })
        .unwrap();
    assert_eq!(statuses(&store), [Status::Removed, Status::Live]);
    assert_eq!(
        store.catalog().outbox_after(end, 9).unwrap().len(),
        3,
        "the index hears of each change, once"
    );
    assert_eq!(
        ingest(&mut store, vec![fetched(A, "甲", 2)]),
        [Ingested::Unchanged(id(A))]
    );
    assert_eq!(
        statuses(&store),
        [Status::Live, Status::Live],
        "a good visit brings it back"
    );
}

#[test]
fn a_failed_batch_leaves_nothing_and_the_store_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    ingest(&mut store, vec![fetched(A, "甲", 1)]);
    let before = (state(store.catalog()), store.archive_end());
    let error = store.ingest(vec![fetched(A, "乙", 2), fetched(B, "丙", 2)], NOW, |db| {
        db.execute_batch("nonsense")
    });
    assert!(error.is_err());
    assert_eq!((state(store.catalog()), store.archive_end()), before);
    assert_eq!(captures(&store), 1);
    ingest(&mut store, vec![fetched(B, "丙", 3)]);
    drop(store);
    assert_eq!(state(open(dir.path()).catalog()).len(), 2);
}

#[test]
fn there_is_one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let second = Store::open(dir.path(), no_portals(), LockWait::Fail, "second");
    let Err(StoreError::Lock(error)) = second else {
        panic!("two writers")
    };
    assert!(error.to_string().contains("`test`"), "{error}");
    // Readers don't wait.
    assert_eq!(Catalog::open(dir.path()).unwrap().count().unwrap(), 0);
    drop(store);
    open(dir.path());
}

#[test]
fn when_something_changed_is_known_to_the_millisecond_and_survives() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let at = |ms| jiff::Timestamp::from_millisecond(1_700_000_009_000 + ms).unwrap();
    let changed = |store: &Store| {
        let report = store.catalog().report(&id(A)).unwrap().unwrap();
        report.changed_at.as_millisecond() - 1_700_000_009_000
    };
    for (ms, text, expected) in [(1, "甲", 1), (22, "甲", 1), (333, "乙", 333)] {
        let ingest = fetched(A, text, ms);
        store.ingest(vec![ingest], at(ms), |_| Ok(())).unwrap();
        assert_eq!(changed(&store), expected, "{text} at {ms}");
    }
    let versions = store.catalog().versions(&id(A)).unwrap();
    assert_eq!(
        versions
            .iter()
            .map(|info| info.recorded_at.timestamp())
            .collect::<Vec<_>>(),
        [at(1), at(333)]
    );

    // The archive alone says the same.
    drop(store);
    for name in ["catalog.db", "catalog.db-wal", "catalog.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(name));
    }
    let mut store = open(dir.path());
    assert_eq!(changed(&store), 333);

    // Gone for good is a change, as long as it lasts.
    let mut visit = |status, ms| {
        let mark = |db: &Transaction<'_>| mark(db, "changning", A, status, at(ms)).map(drop);
        store.ingest(vec![], at(ms), mark).unwrap();
        changed(&store)
    };
    assert_eq!(visit(Status::Removed, 4_444), 4_444);
    assert_eq!(visit(Status::Removed, 5_555), 4_444);
    let rebuilt = crate::rebuild::rebuild(&mut store, &mut |_| true).unwrap();
    rebuilt.commit().unwrap();
    assert_eq!(
        changed(&store),
        4_444,
        "a rebuild keeps what was found without a capture"
    );
    let back = fetched(A, "乙", 6);
    store.ingest(vec![back], at(6_666), |_| Ok(())).unwrap();
    assert_eq!(changed(&store), 333);
}

#[test]
fn a_catalog_of_a_newer_program_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let catalog = Catalog::open(dir.path()).unwrap();
    catalog
        .connection()
        .pragma_update(None, "user_version", 999)
        .unwrap();
    drop(catalog);
    let Err(error) = Catalog::open(dir.path()) else {
        panic!("opened")
    };
    assert!(error.to_string().contains("format 999"), "{error}");
}

#[test]
fn a_catalog_of_an_older_program_is_taken_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    // Recorded when it was fetched: so much is known of it without the column that says so.
    let at = jiff::Timestamp::from_second(1_700_000_001).unwrap();
    store.ingest(vec![fetched(A, "甲", 1)], at, |_| Ok(())).unwrap();
    let before = state(store.catalog());
    let filed = |catalog: &Catalog| {
        let sql = "SELECT concat_ws('|', region, genre, year, is_attachment) FROM reports";
        let filed = catalog
            .connection()
            .query_row(sql, [], |row| row.get::<_, String>(0));
        filed.unwrap()
    };
    let filed_before = filed(store.catalog());
    assert_eq!(filed_before, "other|0");
    drop(store);
    let catalog = Catalog::open(dir.path()).unwrap();
    // As format 1 was.
    let older = "DROP INDEX reports_by_cell; DROP INDEX reports_by_year; DROP INDEX reports_by_region;
                 ALTER TABLE reports DROP COLUMN region; ALTER TABLE reports DROP COLUMN genre;
                 ALTER TABLE reports DROP COLUMN year; ALTER TABLE reports DROP COLUMN is_attachment;
                 ALTER TABLE reports DROP COLUMN checked_at; ALTER TABLE reports DROP COLUMN removed_at; ALTER TABLE versions DROP COLUMN recorded_at;
                 DROP TABLE profiles; DROP TABLE attachments; DROP TABLE crawl_files;
                 ALTER TABLE frontier DROP COLUMN form; DROP INDEX versions_by_hash;
                 DROP INDEX addresses_by_report; DROP TABLE crawl_days; DROP TABLE crawl_rests;
                 ALTER TABLE crawl_limits DROP COLUMN pause; ALTER TABLE crawl_limits DROP COLUMN boot;
                 ALTER TABLE crawl_limits DROP COLUMN next_up;
                 ALTER TABLE frontier DROP COLUMN chars; ALTER TABLE frontier DROP COLUMN is_flagged;
                 ALTER TABLE frontier DROP COLUMN rows_run; DROP TABLE crawl_yields;
                 ALTER TABLE frontier DROP COLUMN found_run; DROP TABLE crawl_lists; DROP TABLE crawl_portals;
                 DROP TABLE crawl_unread;
                 ALTER TABLE portals DROP COLUMN n_reports; ALTER TABLE portals DROP COLUMN newest;
                 PRAGMA user_version = 1";
    catalog.connection().execute_batch(older).unwrap();
    drop(catalog);
    let mut store = open(dir.path());
    assert_eq!(state(store.catalog()), before);
    assert_eq!(filed(store.catalog()), filed_before);
    let figures = store.catalog().portals().unwrap();
    assert_eq!(
        (figures[0].reports, figures[0].last_new_report.is_some()),
        (1, true)
    );
    assert!(!store.learn("changning", NOW, &mut || true).unwrap());
    ingest(&mut store, vec![fetched(B, "乙", 2)]);
    assert_eq!(state(store.catalog()).len(), 2);
}
