//! The states of cells, from reports and crawls of the tests' own.

use jiff::Timestamp;
use report::Status;
use serde_json::json;

use super::*;
use crate::{
    archive::{Capture, CaptureBody, CaptureKind},
    extract::Hints,
    reading::read_capture,
    store::{
        Ingest, Store,
        tests::{NOW, open},
    },
};

const LAW: Genre = Genre::RuleOfLawReport;

fn code(text: &str) -> RegionCode {
    text.parse().unwrap()
}

/// When crawls begin to end, in seconds since 1970: 2026 in China.
const BEGUN: i64 = 1_767_196_800;

/// A store with reports: portal, id, region, genre, year, and whether it is a file only.
struct Desk {
    _dir: tempfile::TempDir,
    store: Store,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        Self { _dir: dir, store }
    }

    fn report(&mut self, portal: &str, id: &str, region: &str, genre: Genre, year: i32) {
        self.line(portal, id, region, genre, json!(year), json!([]));
    }

    fn line(
        &mut self,
        portal: &str,
        id: &str,
        region: &str,
        genre: Genre,
        year: serde_json::Value,
        flags: serde_json::Value,
    ) {
        let line = json!({
            "title": format!("报告{id}"), "text": format!("正文{id}"), "region_code": region, "genre": genre.code(), "year": year,
            "quality": {"flags": flags, "score": 1.0},
        });
        let capture = Capture {
            url: format!("https://{portal}.example/{id}.html"),
            portal: portal.to_owned(),
            at: "2024-01-01T00:00:00Z".parse().unwrap(),
            recorded_at: None,
            kind: CaptureKind::Line,
            body: CaptureBody::Resource {
                media_type: "application/json".to_owned(),
                bytes: line.to_string().into_bytes(),
            },
            truncated: None,
            hints: Hints::default(),
            genres: Vec::new(),
            via: None,
            files: Vec::new(),
        };
        let reading = read_capture(&capture, None, &crate::FileWorker::in_process()).unwrap();
        let ingest = Ingest::fetched(capture, Some(reading.content));
        self.store.ingest(vec![ingest], NOW, |_| Ok(())).unwrap();
    }

    fn mark(&mut self, portal: &str, id: &str, status: Status) {
        let url = format!("https://{portal}.example/{id}.html");
        let marked = self.store.ingest(vec![], NOW, |db| {
            crate::mark(db, portal, &url, status, NOW).map(|found| assert!(found.is_some()))
        });
        marked.unwrap();
    }

    /// A crawl that ended so many seconds after [`BEGUN`].
    fn run(&self, portal: &str, status: &str, reason: Option<&str>, at: i64) {
        self.store
            .catalog()
            .connection()
            .execute(
                "INSERT INTO crawl_runs (portal, started_at, finished_at, is_full, last_version, status, reason)
                 VALUES (?1, 0, ?2, 0, 0, ?3, ?4)",
                params![portal, (BEGUN + at) * 1000, status, reason],
            )
            .unwrap();
    }

    fn all(&self, portals: &[PortalScope], query: &CoverageQuery) -> Vec<Cell> {
        let catalog = self.store.catalog();
        let ledger = catalog.ledger(portals, query).unwrap();
        let cells: Vec<Cell> = ledger
            .regions()
            .flat_map(|region| catalog.cells(&ledger, region).unwrap())
            .collect();
        assert_eq!(cells.len(), ledger.len());
        cells
    }

    /// The only cell there is.
    fn one(&self, portals: &[PortalScope], query: &CoverageQuery) -> Cell {
        let [cell] = <[Cell; 1]>::try_from(self.all(portals, query)).unwrap();
        cell
    }
}

fn portal(id: &str, region: &str) -> PortalScope {
    PortalScope {
        id: id.to_owned(),
        region: Some(code(region)),
        genres: Vec::new(),
    }
}

fn law(year: i32) -> CoverageQuery {
    CoverageQuery {
        genres: vec![LAW],
        years: vec![year],
        ..CoverageQuery::default()
    }
}

fn at(second: i64) -> Option<ChinaTime> {
    Some(Timestamp::from_second(BEGUN + second).unwrap().into())
}

#[test]
fn a_report_fills_its_cell_with_what_the_last_visit_found() {
    let mut desk = Desk::new();
    let portals = [portal("changning", "430482")];
    desk.report("changning", "a", "430482", LAW, 2020);
    let cell = desk.one(&portals, &law(2020));
    assert_eq!((cell.state, cell.region), (CellState::Published, code("430482")));
    assert_eq!(cell.url.as_deref(), Some("https://changning.example/a.html"));
    assert_eq!(
        (cell.portal.as_deref(), cell.checked_at),
        (Some("changning"), Some(Timestamp::UNIX_EPOCH.into()))
    );

    desk.mark("changning", "a", Status::Removed);
    assert_eq!(desk.one(&portals, &law(2020)).state, CellState::Removed);
    desk.mark("changning", "a", Status::Blocked);
    desk.run("changning", "blocked", Some("blocked:waf"), 77);
    let cell = desk.one(&portals, &law(2020));
    assert_eq!((cell.state, cell.checked_at), (CellState::Blocked, at(77)));

    desk.line(
        "changning",
        "b",
        "430482",
        LAW,
        json!(2020),
        json!(["attachment_only"]),
    );
    assert_eq!(desk.one(&portals, &law(2020)).state, CellState::AttachmentOnly);
    // Also when another portal carries it.
    desk.report("hengyang", "c", "430482", LAW, 2020);
    let cell = desk.one(&portals, &law(2020));
    assert_eq!(
        (cell.state, cell.portal.as_deref()),
        (CellState::Published, Some("hengyang"))
    );
}

#[test]
fn nothing_is_claimed_to_be_missing_without_a_complete_crawl() {
    let desk = Desk::new();
    let portals = [portal("changning", "430482")];
    let state = || {
        let cell = desk.one(&portals, &law(2020));
        assert!(cell.report.is_none() && cell.url.is_none());
        (cell.state, cell.checked_at)
    };
    assert_eq!(state(), (CellState::Unknown, None));
    desk.run("changning", "partial", Some("pages_failed"), 1);
    assert_eq!(state(), (CellState::Unknown, at(1)));
    desk.run(
        "changning",
        "ok",
        Some("max_pages: 7 pages that are known were not asked for"),
        2,
    );
    desk.run(
        "changning",
        "ok",
        Some("no_reports: 3 pages were read and none is a report"),
        3,
    );
    assert_eq!(state(), (CellState::Unknown, at(3)));
    desk.run("changning", "blocked", Some("blocked:captcha"), 4);
    assert_eq!(state(), (CellState::Blocked, at(4)));
    desk.run("changning", "ok", None, 5);
    assert_eq!(state(), (CellState::NotFound, at(5)));
    // What was looked for well enough once stays looked for.
    desk.run("changning", "failed", Some("connect"), 6);
    assert_eq!(state(), (CellState::NotFound, at(5)));
    desk.run("changning", "blocked", Some("blocked:captcha"), 7);
    assert_eq!(state(), (CellState::Blocked, at(7)));
}

#[test]
fn nobody_has_looked_in_vain_before_there_can_be_a_report() {
    let desk = Desk::new();
    let portals = [portal("changning", "430482")];
    // 2024-07-01 in China.
    desk.run("changning", "ok", None, 1_719_763_200 - BEGUN);
    // What comes later is only half had.
    desk.run("changning", "partial", Some("pages_failed"), 10);
    let state = |genre: Genre, year: i32| {
        let query = CoverageQuery {
            genres: vec![genre],
            ..law(year)
        };
        desk.one(&portals, &query).state
    };
    assert_eq!(state(LAW, 2023), CellState::NotFound);
    assert_eq!(state(LAW, 2024), CellState::Unknown, "it is written in 2025");
    assert_eq!(state(Genre::WorkReport, 2024), CellState::NotFound);
    assert_eq!(state(Genre::WorkReport, 2025), CellState::Unknown);
    assert_eq!(state(Genre::Plan, 2040), CellState::Unknown);
}

#[test]
fn a_crawl_with_a_list_that_came_empty_is_not_complete() {
    let desk = Desk::new();
    let portals = [portal("changning", "430482")];
    desk.run("changning", "ok", None, 1);
    assert_eq!(desk.one(&portals, &law(2020)).state, CellState::NotFound);
    let empty = "INSERT INTO crawl_yields (run, portal, n_rows, n_lists, n_lists_lost, n_lists_short, n_new, n_changed,
                     n_unchanged, n_removed, n_seen, n_flagged, n_text_lost, n_failed, robots_changed)
                 SELECT id, portal, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM crawl_runs";
    desk.store.catalog().connection().execute(empty, ()).unwrap();
    assert_eq!(desk.one(&portals, &law(2020)).state, CellState::Unknown);
}

#[test]
fn a_portal_speaks_only_of_the_genres_it_keeps() {
    let desk = Desk::new();
    let plans = PortalScope {
        genres: vec![Genre::Plan],
        ..portal("plans", "430482")
    };
    desk.run("plans", "ok", None, 1);
    assert_eq!(
        desk.one(std::slice::from_ref(&plans), &law(2020)).state,
        CellState::Unknown
    );
    desk.run("all", "ok", None, 2);
    let cell = desk.one(&[plans, portal("all", "430482")], &law(2020));
    assert_eq!(
        (cell.state, cell.portal.as_deref()),
        (CellState::NotFound, Some("all"))
    );
}

#[test]
fn regions_years_and_genres_of_a_ledger() {
    let mut desk = Desk::new();
    desk.report("inferred", "a", "430482", LAW, 2018);
    desk.report("inferred", "b", "430482", Genre::Notice, 2031);
    desk.report("inferred", "c", "110105", Genre::WorkReport, 2021);
    // As many about one region as about another.
    desk.report("torn", "d", "440100", LAW, 2019);
    desk.report("torn", "e", "440300", LAW, 2019);
    // A folder of files stands for no region; nor does what a portal says of others.
    desk.report("import", "f", "330106", LAW, 1066);

    let usual = desk.all(&[], &CoverageQuery::default());
    assert!(usual.iter().all(|cell| cell.region == code("430482")));
    let years: Vec<_> = usual.iter().map(|cell| cell.year).collect();
    assert_eq!((years.first(), years.last()), (Some(&2018), Some(&2021)));
    assert_eq!(usual.len(), 4 * 6);
    let filled: Vec<_> = usual.iter().filter(|cell| cell.report.is_some()).collect();
    assert_eq!(filled.len(), 1, "{filled:?}");

    // The genre asked for has a say in the years, and a year that is named is shown.
    let notices = CoverageQuery {
        genres: vec![Genre::Notice],
        ..CoverageQuery::default()
    };
    assert_eq!(desk.all(&[], &notices).last().unwrap().year, 2031);
    let portals = [
        portal("hunan", "430000"),
        portal("gz", "440100"),
        portal("none", "440300"),
    ];
    let asked = CoverageQuery {
        regions: vec![code("430000"), code("440100")],
        genres: vec![LAW, LAW],
        years: vec![2040, 1066, 2040],
    };
    let cells = desk.all(&portals, &asked);
    let places: Vec<_> = cells
        .iter()
        .map(|cell| (cell.region.number(), cell.year))
        .collect();
    let regions = [430_000, 430_482, 440_100];
    let expected: Vec<_> = regions
        .into_iter()
        .flat_map(|region| [(region, 1066), (region, 2040)])
        .collect();
    assert_eq!(places, expected);
    assert!(
        Desk::new().all(&portals, &CoverageQuery::default()).is_empty(),
        "no year was seen"
    );
}

#[test]
fn reports_of_a_division_count_for_what_became_of_it() {
    let mut desk = Desk::new();
    // 新津县 became 新津区.
    desk.report("xinjin", "a", "510132", LAW, 2018);
    let cell = desk.one(&[portal("xinjin", "510132")], &law(2018));
    assert_eq!((cell.region, cell.state), (code("510118"), CellState::Published));
    let old = CoverageQuery {
        regions: vec![code("510132")],
        ..law(2018)
    };
    assert_eq!(desk.one(&[], &old).region, code("510118"));
}

#[test]
fn a_rebuild_says_the_same() {
    let mut desk = Desk::new();
    desk.report("changning", "a", "430482", LAW, 2020);
    desk.report("changning", "b", "430482", LAW, 2021);
    desk.mark("changning", "b", Status::Removed);
    let query = CoverageQuery::default();
    let before = desk.all(&[], &query);
    assert_eq!(before.len(), 12);
    let rebuilt = crate::rebuild(&mut desk.store, &mut |_| true).unwrap();
    rebuilt.commit().unwrap();
    assert_eq!(desk.all(&[], &query), before);
}
