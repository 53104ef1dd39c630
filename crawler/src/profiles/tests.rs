//! Lines of a portal's template go from all its reports, and the archive alone says the same.

use std::{fs, path::Path};

use report::Report;

use super::*;
use crate::reading::read_capture;
use crate::{
    archive::{Found, Position},
    rebuild::rebuild,
    store::{
        Ingested,
        tests::{NOW, no_portals, open, state},
    },
};

const SLOGAN: &str = "清正廉洁向前走　清河大地展新颜";
const ABOVE: &str = "清河县政务公开数字服务窗口";

/// A page of a template that no general rule knows: a line above the title, one behind the last paragraph.
fn page(n: usize, text: &str) -> String {
    let title = format!("清河县第{n}号河段治理情况的报告");
    format!(
        "<html><head><title>{title}</title></head><body><div id='zoom'><p>{ABOVE}</p><h1>{title}</h1>\
         <p>第{n}号河段治理工作按期完成，沿线群众反映良好，水质稳定达标，投诉量下降{n}件。{text}</p>\
         <p>下一步，将围绕第{n}号河段继续完善制度，强化监督检查，确保各项措施落到实处、见到成效。</p>\
         <p>{SLOGAN}</p></div></body></html>"
    )
}

/// Fetches a page and reads it as a crawl does.
fn fetch(store: &mut Store, portal: &str, n: usize, text: &str) -> Ingested {
    let html = page(n, text);
    let mut capture = Capture {
        url: format!("https://www.{portal}.example/{n}.html"),
        portal: portal.to_owned(),
        at: jiff::Timestamp::from_second(1_700_000_000 + n as i64)
            .unwrap()
            .into(),
        recorded_at: None,
        kind: CaptureKind::Page,
        body: CaptureBody::Http {
            request: Vec::new(),
            response: format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{html}").into_bytes(),
            ip: None,
        },
        truncated: None,
        hints: Hints::default(),
        genres: Vec::new(),
        via: None,
        files: Vec::new(),
    };
    InForce::new(store.catalog().connection())
        .give(&mut capture)
        .unwrap();
    let reading = read_capture(&capture, None, &crate::FileWorker::in_process()).unwrap();
    let ingest = Ingest::fetched(capture, Some(reading.content));
    store.ingest(vec![ingest], NOW, |_| Ok(())).unwrap().remove(0)
}

fn learn(store: &mut Store, portal: &str) -> bool {
    store.learn(portal, NOW, &mut || true).unwrap()
}

fn reports(store: &Store) -> Vec<Report> {
    state(store.catalog()).into_values().flatten().collect()
}

fn with_slogan(store: &Store, portal: &str) -> usize {
    let of_portal = |report: &&Report| report.portal == portal && report.content.text.contains(SLOGAN);
    reports(store).iter().filter(of_portal).count()
}

fn profiles_archived(store: &Store) -> usize {
    let scan = store.archive().scan(Position::default()).unwrap();
    let is_profile = |found: &Result<Found, _>| matches!(found, Ok(Found::Capture(capture, _)) if capture.kind == CaptureKind::Profile);
    scan.filter(is_profile).count()
}

fn rebuilt(store: &mut Store) {
    rebuild(store, &mut |_| true).unwrap().commit().unwrap();
}

fn put_back(data_dir: &Path, catalog: &[u8]) {
    for name in ["catalog.db-wal", "catalog.db-shm"] {
        let _ = fs::remove_file(data_dir.join(name));
    }
    fs::write(data_dir.join("catalog.db"), catalog).unwrap();
}

#[test]
fn a_learned_line_goes_from_all_reports_of_its_portal() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    for n in 0..19 {
        fetch(&mut store, "qinghe", n, "");
        fetch(&mut store, "pingchuan", n, "");
    }
    // Two versions, both read before there is a profile.
    fetch(&mut store, "qinghe", 3, "另有两处新增排口完成整治。");
    let before = reports(&store);
    assert_eq!(with_slogan(&store, "qinghe"), 20);
    assert!(!learn(&mut store, "qinghe"), "from 19 pages");

    for n in 19..25 {
        fetch(&mut store, "qinghe", n, "");
    }
    let news = store.catalog().outbox_end().unwrap();
    assert!(learn(&mut store, "qinghe"));
    assert_eq!(with_slogan(&store, "qinghe"), 0);
    assert_eq!(with_slogan(&store, "pingchuan"), 19);
    let after = reports(&store);
    for report in &after {
        assert_eq!(report.content_hash, report.content.hash());
        assert!(!report.content.text.contains(ABOVE));
        if let Some(old) = before
            .iter()
            .find(|old| (&old.id, old.version) == (&report.id, report.version))
        {
            assert_eq!(
                (old.retrieved_at, old.status, &old.urls),
                (report.retrieved_at, report.status, &report.urls)
            );
            assert!(
                old.content.text.starts_with(&report.content.text),
                "nothing else is lost"
            );
        }
    }
    assert_eq!(after.iter().filter(|report| report.version == 2).count(), 1);
    assert_eq!(
        store.catalog().outbox_end().unwrap() - news,
        26,
        "the index hears of each version once"
    );

    // The pages say nothing new.
    assert!(matches!(
        fetch(&mut store, "qinghe", 1, ""),
        Ingested::Unchanged(_)
    ));
    assert!(matches!(fetch(&mut store, "qinghe", 77, ""), Ingested::New(_)));
    assert_eq!(with_slogan(&store, "qinghe"), 0);

    let before = state(store.catalog());
    rebuilt(&mut store);
    assert_eq!(state(store.catalog()), before);
    drop(store);
    put_back(dir.path(), b"");
    assert_eq!(state(open(dir.path()).catalog()), before, "with the catalog lost");
}

#[test]
fn a_profile_changes_only_when_a_line_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    for n in 0..120 {
        // Half of the pages are of another template.
        let text = if n % 2 == 0 {
            ""
        } else {
            "</p><p>清河县水利局</p><p>2024年1月20日</p><p>"
        };
        fetch(&mut store, "qinghe", n, text);
        assert_eq!(learn(&mut store, "qinghe"), n == 19, "at page {n}");
    }
    rebuilt(&mut store);
    assert!(!learn(&mut store, "qinghe"));
    assert_eq!(profiles_archived(&store), 1);
}

#[test]
fn a_kill_at_any_moment_is_taken_up_by_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let mut catalogs = Vec::new();
    let mut keep = |store: Store| {
        drop(store);
        catalogs.push(fs::read(dir.path().join("catalog.db")).unwrap());
        // Without what opening would go on with.
        Store::open_with(
            dir.path(),
            no_portals(),
            crate::lock::LockWait::Fail,
            "test",
            true,
            u64::MAX,
        )
        .unwrap()
    };
    let mut store = keep(open(dir.path()));
    for n in 0..30 {
        fetch(&mut store, "qinghe", n, "");
        if n % 10 == 9 {
            store = keep(store);
        }
    }
    // Stopped after the first reports that are read again, then killed.
    let mut left = 2;
    let mut go_on = || {
        left -= 1;
        left > 0
    };
    assert!(store.learn("qinghe", NOW, &mut go_on).unwrap());
    assert!((1..30).contains(&with_slogan(&store, "qinghe")));
    drop(keep(store));
    let mut store = open(dir.path());
    assert_eq!(with_slogan(&store, "qinghe"), 0);
    fetch(&mut store, "qinghe", 30, "");
    let expected = state(store.catalog());
    drop(store);

    for catalog in catalogs {
        put_back(dir.path(), &catalog);
        assert_eq!(state(open(dir.path()).catalog()), expected);
    }
    assert_eq!(profiles_archived(&open(dir.path())), 1);
}

#[test]
fn pages_without_a_portal_and_given_texts_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    for n in 0..40 {
        fetch(&mut store, IMPORT_PORTAL, n, "");
    }
    assert!(!learn(&mut store, IMPORT_PORTAL));

    let files = tempfile::tempdir().unwrap();
    let line = |n: usize| serde_json::json!({ "id": format!("r{n}"), "title": "河段治理情况", "text": format!("{ABOVE}\n第{n}号河段治理完成。\n{SLOGAN}") });
    let lines: Vec<_> = (0..40).map(|n| format!("{}\n", line(n))).collect();
    let lines_path = files.path().join("a.jsonl");
    fs::write(&lines_path, lines.concat()).unwrap();
    let pages_path = files.path().join("pages");
    fs::create_dir(&pages_path).unwrap();
    for n in 0..25 {
        fs::write(pages_path.join(format!("{n}.html")), page(n, "")).unwrap();
    }
    for round in 0..2 {
        let summary = crate::import::import(
            &[&lines_path, &pages_path],
            Some("qinghe"),
            &mut store,
            "2026-11-22T03:00:00Z".parse().unwrap(),
            &mut |_| {},
            &std::sync::atomic::AtomicBool::new(false),
        )
        .unwrap();
        assert_eq!((summary.new, summary.unchanged), [(65, 0), (0, 65)][round]);
        assert_eq!(with_slogan(&store, "qinghe"), 40, "the lines, byte for byte");
        assert_eq!(profiles_archived(&store), 1);
    }
    let before = state(store.catalog());
    rebuilt(&mut store);
    assert_eq!(state(store.catalog()), before);
}

#[test]
fn an_archive_from_elsewhere_cannot_make_a_profile_of_anything() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let db = store.catalog().connection();
    let mut lines = vec![
        "一、总体情况".to_owned(),
        "清".repeat(1000),
        SLOGAN.replace('\u{3000}', ""),
    ];
    lines.extend((0..1000).map(|n| format!("清河县便民服务窗口乙{n}")));
    let version = u32::MAX;
    Archived { version, lines }.record(db, "qinghe").unwrap();
    let kept: String = db
        .query_row("SELECT lines FROM profiles", [], |row| row.get(0))
        .unwrap();
    let kept: Vec<String> = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept.len(), 300);
    assert!(kept.contains(&SLOGAN.replace('\u{3000}', "")));
    assert!(
        kept.iter()
            .all(|line| line.chars().count() <= 200 && !line.contains('、'))
    );
}
