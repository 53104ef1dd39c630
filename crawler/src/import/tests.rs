//! Files as users have them: what is taken, what is told, and that nothing happens twice.

mod lines;
mod warc;

use std::{fs, io::Write, path::PathBuf, sync::Arc};

use flate2::{Compression, write::GzEncoder};
use report::{AttachmentStatus, Genre, QualityFlag, Report, ReportId, Status, YearBasis};
use serde_json::json;

use super::*;
use crate::{
    archive::PortalView,
    archive::Position,
    catalog::CatalogError,
    extract::Hints,
    lock::LockWait,
    reading::samples::docx,
    rebuild::rebuild,
    store::{
        PortalLookup,
        tests::{no_portals, open, state},
    },
};

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn lines(&self, name: &str, lines: &[serde_json::Value]) -> PathBuf {
        let text: Vec<_> = lines.iter().map(|line| format!("{line}\n")).collect();
        self.file(name, text.concat())
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn open(&self) -> Store {
        open(&self.data())
    }

    fn import(&self, paths: &[PathBuf]) -> ImportSummary {
        run(&mut self.open(), paths, None)
    }

    fn reports(&self) -> Vec<Report> {
        state(self.open().catalog())
            .into_values()
            .filter_map(|mut versions| versions.pop())
            .collect()
    }

    fn report(&self, url: &str) -> Report {
        let reports = self.reports();
        let urls: Vec<_> = reports.iter().map(|report| report.url.clone()).collect();
        reports
            .into_iter()
            .find(|report| report.url == url)
            .unwrap_or_else(|| panic!("{url} is not in {urls:?}"))
    }
}

fn run(store: &mut Store, paths: &[PathBuf], portal: Option<&str>) -> ImportSummary {
    let now = "2026-11-22T03:00:00Z".parse().unwrap();
    let mut told = (0, 0);
    let mut at_end = (0, 0);
    let mut progress = |progress| match progress {
        Progress::Advanced {
            bytes_done,
            bytes_total,
            ..
        } => at_end = (bytes_done, bytes_total),
        Progress::Changed { .. } => (),
        Progress::Failed(_) => told.0 += 1,
        Progress::Skipped(_) => told.1 += 1,
    };
    let summary = import(paths, portal, store, now, &mut progress, &AtomicBool::new(false)).unwrap();
    assert_eq!(
        told,
        (summary.n_failed, summary.skipped),
        "each is told as it happens"
    );
    assert_eq!(at_end.0, at_end.1);
    summary
}

fn counts(summary: &ImportSummary) -> [u64; 5] {
    [
        summary.new,
        summary.changed,
        summary.unchanged,
        summary.skipped,
        summary.n_failed,
    ]
}

fn reasons(summary: &ImportSummary) -> Vec<(Option<u64>, &str)> {
    summary
        .failed
        .iter()
        .map(|failure| (failure.line, failure.reason.as_str()))
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A page that is plainly a report, made up.
fn html(title: &str) -> String {
    let paragraph = "一年来，全县各级各部门认真落实上级部署，持续推进依法行政，健全重大行政决策程序，规范行政执法行为，\
                     法治政府建设取得新的成效，群众满意度稳步提高。";
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>\
         <div class=\"content\">{}</div></body></html>",
        format!("<p>{paragraph}</p>").repeat(8)
    )
}

#[test]
fn importing_twice_changes_nothing() {
    let desk = Desk::new();
    let url = "https://a.example/1";
    let paths = [
        // Real collections hold several versions of one address.
        desk.lines(
            "a.jsonl",
            &[
                json!({"url": url, "text": "甲"}),
                json!({"url": url, "text": "乙"}),
                json!({"url": url, "text": "甲"}),
                json!({"url": url, "text": "丙"}),
            ],
        ),
        desk.lines(
            "b.jsonl",
            &[
                json!({"id": "b", "text": "丁"}),
                json!({"id": "b", "text": "丁", "year": 2020}),
            ],
        ),
        desk.file("c.html", html("某县2020年法治政府建设年度报告")),
        desk.file(
            "d.txt",
            "某县2021年工作总结\n一、全年工作情况。\n二、下一步打算。\n",
        ),
    ];
    let first = desk.import(&paths);
    assert_eq!((first.new, first.changed, first.n_failed), (4, 4, 0), "{first:?}");
    let everything = || {
        let store = desk.open();
        let n_bytes = store.archive().scan(Position::default()).unwrap().progress().1;
        (
            state(store.catalog()),
            n_bytes,
            store.catalog().outbox_end().unwrap(),
        )
    };
    let before = everything();
    for _ in 0..2 {
        assert_eq!(counts(&desk.import(&paths)), [0, 0, 8, 0, 0]);
        assert_eq!(everything(), before);
    }
    assert_eq!(desk.report(url).version, 4);
}

#[test]
fn other_content_is_a_new_version_also_when_it_goes_back() {
    let desk = Desk::new();
    let line = |text: &str| desk.lines("a.jsonl", &[json!({"id": "x", "text": text})]);
    assert_eq!(counts(&desk.import(&[line("甲")])), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&desk.import(&[line("乙")])), [0, 1, 0, 0, 0]);
    assert_eq!(counts(&desk.import(&[line("甲")])), [0, 1, 0, 0, 0]);
    let report = &desk.reports()[0];
    assert_eq!(
        (report.version, report.content.text.as_str(), report.status),
        (3, "甲", Status::Changed)
    );
}

#[test]
fn a_file_that_holds_a_document_is_a_report() {
    let desk = Desk::new();
    let title = "清河县2023年法治政府建设年度报告";
    let text = "一、工作开展情况\n全县依法行政，各项工作取得新的成效。";
    let mut lines = vec![title];
    lines.extend(text.lines());
    desk.file("a.docx", docx(&lines));
    desk.file(
        "清河县2022年度部门决算公开.docx",
        docx(&["收入\t支出", "1,024\t1,024"]),
    );
    desk.file(
        "scan/清河县2021年度工作总结.pdf",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    );
    desk.file("broken.pdf", "no file at all");
    let folder = desk.dir.path().join("in");
    let summary = desk.import(std::slice::from_ref(&folder));
    assert_eq!(counts(&summary), [2, 0, 0, 2, 0], "{:?}", summary.failed);
    assert_eq!(counts(&desk.import(&[folder])), [0, 0, 2, 2, 0]);
    let mut reports = desk.reports();
    reports.sort_by(|a, b| a.url.cmp(&b.url));
    let [report, budget] = &reports[..] else {
        panic!("{reports:?}")
    };
    let content = &report.content;
    assert_eq!(report.url, "import:in/a.docx");
    assert_eq!(
        (content.title.as_deref(), content.title_inferred),
        (Some(title), false)
    );
    assert_eq!(content.text, format!("{title}\n{text}"));
    assert_eq!(content.quality.flags, [QualityFlag::AttachmentOnly]);
    assert_eq!(content.attachments[0].url, report.url);
    assert_eq!(content.attachments[0].status, Some(AttachmentStatus::Indexed));
    let content = &budget.content;
    assert_eq!(content.title.as_deref(), Some("清河县2022年度部门决算公开"));
    assert!(content.title_inferred);
}

#[test]
fn files_of_other_kinds_are_told() {
    let desk = Desk::new();
    desk.file("a.jsonl", r#"{"text": "甲"}"#);
    desk.file("b.jpg", "%PDF-1.4");
    desk.file("c.html", "%PDF-1.4 under a wrong name");
    let folder = desk.dir.path().join("in");
    assert_eq!(
        counts(&desk.import(std::slice::from_ref(&folder))),
        [1, 0, 0, 2, 0]
    );
    let summary = desk.import(&[folder.join("b.jpg"), folder.join("none")]);
    assert_eq!(counts(&summary), [0, 0, 0, 0, 2]);
    assert!(
        summary.failed[0]
            .to_string()
            .contains("b.jpg: cannot be imported"),
        "{}",
        summary.failed[0]
    );
}

#[test]
fn a_portal_can_be_named_and_lines_may_name_their_own() {
    let desk = Desk::new();
    let path = desk.lines(
        "a.jsonl",
        &[
            json!({"id": "x", "text": "甲"}),
            json!({"id": "y", "text": "乙", "portal": "own"}),
        ],
    );
    run(&mut desk.open(), &[path], Some("changning"));
    let portals: Vec<_> = desk
        .reports()
        .into_iter()
        .map(|report| (report.id.to_string(), report.portal))
        .collect();
    assert_eq!(
        portals,
        [("x".into(), "changning".into()), ("y".into(), "own".into())]
    );
}

#[test]
fn a_report_that_was_exported_comes_back_the_same() {
    let desk = Desk::new();
    desk.import(&[
        desk.file("p.html", html("湖南省常宁市2020年法治政府建设年度报告")),
        desk.lines(
            "a.jsonl",
            &[json!({"id": "y", "text": "一、成效。\n二、存在的问题。", "title": "题", "year": 2020})],
        ),
    ]);
    let reports = desk.reports();
    let lines: Vec<_> = reports
        .iter()
        .map(|report| serde_json::to_value(report).unwrap())
        .collect();
    let other = Desk::new();
    let end = json!({"complete": true, "count": 2});
    let summary = other.import(&[other.lines("export.jsonl", &[lines, vec![end]].concat())]);
    assert_eq!(counts(&summary), [2, 0, 0, 1, 0], "{summary:?}");
    assert_eq!(said(&other), said(&desk));
}

/// All reports, save when they came into the catalog, which is different for each.
fn said(desk: &Desk) -> Vec<Report> {
    let mut reports = desk.reports();
    for report in &mut reports {
        report.changed_at = report.retrieved_at.into();
    }
    reports
}

#[test]
fn a_rebuild_keeps_what_was_given() {
    let desk = Desk::new();
    desk.import(&[
        desk.lines(
            "a.jsonl",
            &[
                json!({"id": "x", "text": "甲", "year": 2020, "genre": "plan"}),
                json!({"text": "乙"}),
            ],
        ),
        desk.lines(
            "a2.jsonl",
            &[json!({"id": "z", "html": html("某县2020年法治政府建设年度报告"), "region_code": "430482"})],
        ),
        desk.file("p.html", html("某县2020年法治政府建设年度报告")),
        desk.file("t.txt", "某县2021年工作总结\n一、全年工作情况。\n"),
    ]);
    desk.import(&[desk.lines(
        "a.jsonl",
        &[json!({"id": "x", "url": "import:a.jsonl#x", "text": "丙"})],
    )]);
    let before = state(desk.open().catalog());
    assert_eq!(before.len(), 5);
    let mut store =
        Store::open_for_rebuild(&desk.data(), no_portals(), LockWait::Fail, "index rebuild").unwrap();
    let rebuilt = rebuild(&mut store, &mut |_| true).unwrap();
    let mut n_handed = 0;
    rebuilt
        .for_each_version(|version| {
            n_handed += u64::from(version.until.is_none());
            Ok::<_, CatalogError>(())
        })
        .unwrap();
    assert_eq!(n_handed, 5);
    rebuilt.commit().unwrap();
    assert_eq!(state(store.catalog()), before);
}

#[test]
fn a_rebuild_follows_the_portal_file_or_what_was_archived_of_it() {
    let desk = Desk::new();
    let portal = |region: &str| -> PortalLookup {
        let hints = Hints {
            region: Some(region.parse().unwrap()),
            ..Hints::default()
        };
        Arc::new(move |id| {
            (id == "changning").then(|| PortalView {
                hints: hints.clone(),
                genres: vec![Genre::RuleOfLawReport],
            })
        })
    };
    let mut store = Store::open(&desk.data(), portal("430482"), LockWait::Fail, "import").unwrap();
    let kept = desk.file("p.html", html("2020年法治政府建设年度报告"));
    let other_genre = desk.file("q.html", html("2020年政府工作报告"));
    let line = desk.lines(
        "a.jsonl",
        &[json!({"id": "x", "text": "一年来的工作。", "title": "政府工作报告"})],
    );
    let summary = run(&mut store, &[kept, other_genre, line], Some("changning"));
    assert_eq!(
        counts(&summary),
        [2, 0, 0, 1, 0],
        "the genre is asked of pages, not of what was given: {summary:?}"
    );
    drop(store);

    for (today, publisher) in [
        (no_portals(), "430482"),
        (portal("430481"), "430481"),
        (no_portals(), "430482"),
    ] {
        let mut store =
            Store::open_for_rebuild(&desk.data(), today, LockWait::Fail, "index rebuild").unwrap();
        rebuild(&mut store, &mut |_| true).unwrap().commit().unwrap();
        drop(store);
        let reports = desk.reports();
        assert_eq!(reports.len(), 2);
        for report in reports {
            let code = report.content.publisher_region_code.map(|code| code.to_string());
            assert_eq!(code.as_deref(), Some(publisher), "{}", report.url);
            assert_eq!(report.version, 1);
        }
    }
}

#[test]
fn an_import_can_be_stopped_and_taken_up_again() {
    let desk = Desk::new();
    let lines: Vec<_> = (0..600)
        .map(|n| json!({"id": format!("r{n}"), "text": format!("正文{n}")}))
        .collect();
    let path = desk.lines("a.jsonl", &lines);
    let cancel = AtomicBool::new(false);
    let mut progress = |progress| {
        if let Progress::Advanced { bytes_done, .. } = progress
            && bytes_done > 0
        {
            cancel.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    };
    let now = "2026-11-22T03:00:00Z".parse().unwrap();
    let summary = import(
        std::slice::from_ref(&path),
        None,
        &mut desk.open(),
        now,
        &mut progress,
        &cancel,
    )
    .unwrap();
    assert!(summary.cancelled);
    let again = desk.import(&[path]);
    assert_eq!(again.new + again.unchanged, 600);
    assert_eq!(desk.reports().len(), 600);
}
