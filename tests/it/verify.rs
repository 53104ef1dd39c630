//! `index verify`: quiet on a sound data directory, and by name about whatever was done to it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::support::{Data, gongbao, run};

fn data() -> Data {
    let line = |n: usize| {
        json!({
            "url": format!("https://a.example.gov.cn/{n}"), "title": format!("甲县{}年法治政府建设年度报告", 2015 + n % 10),
            "text": format!("第{n}号。法治政府建设取得新的成效。\n下一步打算：继续推进。"),
        })
    };
    Data::with_lines(&(0..60).map(line).collect::<Vec<_>>())
}

/// The findings, whose exit code has to fit.
fn verify(data: &Path, more: &[&str]) -> Value {
    let checked = run(gongbao(data).args(["index", "verify", "--json"]).args(more));
    let found: Value =
        serde_json::from_str(&checked.stdout).unwrap_or_else(|error| panic!("{error}: {checked:?}"));
    let ok = found["problems"].as_array().unwrap().is_empty();
    assert_eq!(checked.code, Some(i32::from(!ok)), "{checked:?}");
    assert_eq!(found["ok"], ok);
    found
}

/// Asserts that something is wrong with this part, in these words.
fn assert_told(found: &Value, part: &str, words: &str) {
    let problems = found["problems"].as_array().unwrap();
    let is_it = |problem: &&Value| {
        problem["part"] == part
            && problem["problem"].as_str().unwrap().contains(words)
            && !problem["advice"].as_str().unwrap().is_empty()
    };
    assert!(
        problems.iter().any(|problem| is_it(&problem)),
        "{part} {words:?}: {found}"
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_sound_directory_has_no_problem_also_while_it_is_written() {
    let data = data();
    for more in [&[][..], &["--quick"]] {
        let found = verify(&data.dir(), more);
        assert_eq!(
            (&found["ok"], &found["reports"]),
            (&json!(true), &json!(60)),
            "{found}"
        );
        assert_eq!(found["captures"], 60);
    }
    let shown = run(gongbao(&data.dir()).args(["index", "verify"]));
    assert!(
        shown.stdout.contains("60 reports") && shown.stdout.contains("0 problems"),
        "{shown:?}"
    );

    // Somebody holds the lock, and has recorded what is not indexed yet.
    let no_portals: crawler::PortalLookup = std::sync::Arc::new(|_| None);
    let mut store = crawler::Store::open(&data.dir(), no_portals, crawler::LockWait::Fail, "crawl").unwrap();
    let file = data.file("x.jsonl", "{\"url\": \"https://a.example.gov.cn/x\", \"text\": \"新\"}\n{\"url\": \"https://a.example.gov.cn/7\", \"text\": \"改\"}\n".as_bytes());
    let never = std::sync::atomic::AtomicBool::new(false);
    let now = jiff::Timestamp::now();
    crawler::import(&[file], None, &mut store, now, &mut |_| (), &never).unwrap();
    let found = verify(&data.dir(), &[]);
    assert_eq!(
        (&found["ok"], &found["captures"]),
        (&json!(true), &json!(62)),
        "{found}"
    );
    assert!(
        found["notes"][0].as_str().unwrap().contains("2 changes wait"),
        "{found}"
    );
}

#[test]
fn a_flipped_bit_in_any_file_of_the_index_is_found() {
    let data = data();
    let generation = data.dir().join("index/gen-000001");
    let mut n_flipped = 0;
    for file in files(&generation) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".lock") || name == ".managed.json" {
            continue;
        }
        let whole = fs::read(&file).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            flip(&file, at);
            let found = verify(&data.dir(), &[]);
            if name != "meta.json" {
                assert_told(&found, "index", "");
                n_flipped += 1;
            }
            fs::write(&file, &whole).unwrap();
        }
        fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        assert_told(&verify(&data.dir(), &[]), "index", "");
        fs::write(&file, &whole).unwrap();
    }
    assert!(n_flipped >= 15, "{n_flipped}");
    assert_eq!(verify(&data.dir(), &[])["ok"], true);
}

#[test]
fn what_is_wrong_with_the_archive_is_told_by_file_and_place() {
    let data = data();
    let file = data.dir().join("archive/gongbao-000001.warc.gz");
    let whole = fs::read(&file).unwrap();
    flip(&file, whole.len() / 2);
    assert_told(&verify(&data.dir(), &[]), "archive", "gongbao-000001.warc.gz");
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    for more in [&[][..], &["--quick"]] {
        assert_told(&verify(&data.dir(), more), "archive", "captures are cut off");
    }
    fs::remove_file(&file).unwrap();
    for more in [&[][..], &["--quick"]] {
        let found = verify(&data.dir(), more);
        assert_told(&found, "archive", "the catalog has 60 captures there");
        assert_eq!(found["problems"].as_array().unwrap().len(), 1, "{found}");
    }
    let shown = run(gongbao(&data.dir()).args(["index", "verify"]));
    assert!(shown.stderr.contains("backup"), "says what to do: {shown:?}");
}

#[test]
fn a_hole_in_the_catalog_is_found_by_itself_or_by_the_index() {
    let holes = [
        ("DELETE FROM versions WHERE rowid = 7", "catalog", "no version"),
        (
            "DELETE FROM captures WHERE id = 7",
            "catalog",
            "a capture that is not listed",
        ),
        (
            "DELETE FROM reports WHERE rowid_of(id)",
            "index",
            "is not in the catalog",
        ),
        (
            "UPDATE captures SET offset = offset + 1 WHERE id = 7",
            "archive",
            "no whole capture",
        ),
        (
            "UPDATE reports SET status = 'removed' WHERE rowid_of(id)",
            "index",
            "is otherwise in the catalog",
        ),
    ];
    for (hole, part, words) in holes {
        let data = data();
        let catalog = crawler::Catalog::open(&data.dir()).unwrap();
        let sql = hole.replace("rowid_of(id)", "id = (SELECT min(id) FROM reports)");
        catalog.connection().execute_batch(&sql).unwrap();
        drop(catalog);
        let found = verify(&data.dir(), &[]);
        assert_told(&found, part, words);
    }
}

#[test]
fn what_was_altered_in_the_tables_of_crawls_and_of_the_service_is_found() {
    let data = data();
    let made = run(gongbao(&data.dir()).args(["keys", "create", "--scope", "read"]));
    assert_eq!(made.code, Some(0), "{made:?}");
    let file = data.dir().join("catalog.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch(
        "INSERT INTO crawl_runs (id, portal, started_at, finished_at, is_full, last_version, status)
             VALUES (1, 'changning', 1, 2, 0, 0, 'ok');
         INSERT INTO crawl_yields (run, portal, n_rows, n_lists, n_lists_lost, n_lists_short, n_new, n_changed, n_unchanged,
                 n_removed, n_seen, n_flagged, n_text_lost, n_failed, robots_changed)
             VALUES (1, 'changning', 4, 1, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 0);
         INSERT INTO frontier (portal, key, url, host, kind, priority, hops, run, seen_run, state)
             VALUES ('changning', 'a', 'https://a.example.gov.cn/1', 'a.example.gov.cn:443', 2, 0, 1, 1, 1, 1);
         INSERT INTO schedules (portal, expression, handled_at) VALUES ('changning', '0 3 * * 1', 1);
         INSERT INTO alerts (token, token_hash, key_id, name, query, created_at, looked_to)
             VALUES ('t', x'e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8', 'k', '题', '{}', 1, 1);
         INSERT INTO alert_entries (alert, report, version, title, source, author, summary, at, added_at)
             VALUES (1, 'r', 1, '常宁', 'https://a.example.gov.cn/1', 'a', '', 1, 1);",
    )
    .unwrap();
    let found = verify(&data.dir(), &[]);
    assert_eq!(found["ok"], true, "{found}");
    for (flip, words) in [
        (
            "UPDATE alert_entries SET title = CAST(x'e5b8f8' AS TEXT)",
            "`title` of table alert_entries",
        ),
        (
            "UPDATE alert_entries SET at = at - 4611686018427387904",
            "entry of an alert 1",
        ),
        ("UPDATE alert_entries SET alert = 3", "entry of an alert 1"),
        ("UPDATE alerts SET token = 'u'", "alert 1 "),
        ("UPDATE alerts SET query = '{;'", "alert 1 "),
        (
            "UPDATE schedules SET expression = '0 3 * * q'",
            "schedule of changning",
        ),
        ("UPDATE keys SET scope = 'reae'", "key "),
        (
            "UPDATE frontier SET url = 'https://c.example.gov.cn/1'",
            "page 1 ",
        ),
        ("UPDATE frontier SET state = 65", "page 1 "),
        (
            "UPDATE crawl_yields SET n_new = n_new - 4611686018427387904",
            "crawl 1 ",
        ),
        ("UPDATE crawl_yields SET portal = 'chaogning'", "crawl 1 "),
    ] {
        db.execute_batch(&format!("SAVEPOINT whole; {flip}; RELEASE whole"))
            .unwrap();
        assert_told(&verify(&data.dir(), &[]), "catalog", words);
        db.execute_batch(
            "UPDATE alert_entries SET title = '常宁', at = 1, alert = 1;
             UPDATE alerts SET token = 't', query = '{}';
             UPDATE schedules SET expression = '0 3 * * 1';
             UPDATE keys SET scope = 'read';
             UPDATE frontier SET url = 'https://a.example.gov.cn/1', state = 1;
             UPDATE crawl_yields SET n_new = 4, portal = 'changning';",
        )
        .unwrap();
    }
}

#[test]
fn a_report_that_the_index_lost_is_found() {
    let data = data();
    let index = data.dir().join("index");
    let reader = index::Reader::open(&index).unwrap();
    let first = reader
        .find_all(&index::SearchRequest::default())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let mut writer = index::Writer::open(&index, index::WriterOptions::default()).unwrap();
    writer.remove(&first.id).unwrap();
    let watermark = writer.watermark();
    writer.commit(watermark).unwrap();
    writer.close().unwrap();
    assert_told(
        &verify(&data.dir(), &[]),
        "index",
        &format!("report {} is missing", first.id),
    );
    assert_told(
        &verify(&data.dir(), &["--quick"]),
        "index",
        "59 reports, the catalog has 60",
    );
    // What it says to do, helps.
    assert_eq!(run(gongbao(&data.dir()).args(["index", "rebuild"])).code, Some(0));
    assert_eq!(verify(&data.dir(), &[])["ok"], true);
}

#[test]
fn damage_to_the_catalog_hides_nothing_of_the_others() {
    let data = data();
    let file = data.dir().join("catalog.db");
    let whole = fs::read(&file).unwrap();
    let mut n_found = 0;
    for n in 1..12 {
        let mut bytes = whole.clone();
        let at = whole.len() / 4096 * n / 12 * 4096;
        let end = (at + 4096).min(bytes.len());
        bytes[at..end].fill(0x5A);
        fs::write(&file, bytes).unwrap();
        n_found += usize::from(verify(&data.dir(), &[])["ok"] == false);
        fs::write(&file, &whole).unwrap();
    }
    // Pages that hold nothing may be anything.
    assert!(n_found >= 8, "{n_found} of 11");
    fs::remove_file(&file).unwrap();
    flip(&data.dir().join("archive/gongbao-000001.warc.gz"), 3_000);
    let found = verify(&data.dir(), &[]);
    assert_told(&found, "catalog", "missing");
    assert_told(&found, "archive", "damaged bytes");
}
