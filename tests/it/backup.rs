//! Backups: beside a running crawl, on top of an earlier one, interrupted, damaged; and data directories out of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    crawl::Sites,
    support::{Data, Run, Service, gongbao, run},
};

fn backup(data: &Path, dir: &Path) -> Run {
    run(gongbao(data).args(["backup", "--json"]).arg(dir))
}

fn restore(data: &Path, dir: &Path) -> Run {
    run(gongbao(data).args(["restore", "--json"]).arg(dir))
}

/// Answers to searches, as a program reads them, without the time they took.
fn answers(data: &Path) -> Vec<Value> {
    let queries = ["", "法治", "\"政府\"", "年度 报告", "year:2019..2024", "NOT 法治"];
    let answer = |query: &&str| {
        let searched = run(gongbao(data).args(["search", query, "--json", "--limit", "100"]));
        assert_eq!(searched.code, Some(0), "{searched:?}");
        let mut answer = searched.json();
        let hits = answer["hits"].as_array().unwrap().iter();
        let ids: Vec<Value> = hits
            .map(|hit| json!([hit["id"], hit["version"], hit["content_hash"]]))
            .collect();
        answer["hits"] = ids.into();
        answer["took_ms"] = Value::Null;
        answer["next_cursor"] = Value::Null;
        answer
    };
    queries.iter().map(answer).collect()
}

/// Every report by id.
fn reports(data: &Path) -> BTreeMap<String, Value> {
    let reader = index::Reader::open(&data.join("index")).unwrap();
    let found = reader.find_all(&index::SearchRequest::default()).unwrap();
    found
        .map(|report| serde_json::to_value(report.unwrap()).unwrap())
        .map(|report| (report["id"].as_str().unwrap().to_owned(), report))
        .collect()
}

fn lines(n: usize) -> Vec<Value> {
    let line = |n: usize| {
        json!({
            "url": format!("https://a.example.gov.cn/{n}"), "title": format!("甲县{}年法治政府建设年度报告", 2015 + n % 10),
            "text": format!("第{n}号。法治政府建设取得新的成效。\n下一步打算：继续推进。"),
        })
    };
    (0..n).map(line).collect()
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path.strip_prefix(folder).unwrap().to_owned()),
            }
        }
    }
    found.sort();
    found
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
}

#[test]
fn beside_a_crawl_a_backup_is_a_state_of_the_past_and_one_after_it_all_of_it() {
    let sites = Sites::start();
    let (data, dir) = (sites.data("data"), sites.data("backup"));
    let mut crawl = sites
        .crawl(&data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !data.join("index/CURRENT").exists() {
        assert!(
            crawl.try_wait().unwrap().is_none(),
            "the crawl ended without an index"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    let serve = Service::start(gongbao(&data).args(["serve", "--bind", "127.0.0.1:0"]));
    let mut past = Vec::new();
    let mut n_beside = 0;
    for n in 0..4 {
        let taken = backup(&data, &dir);
        assert_eq!(taken.code, Some(0), "{taken:?}");
        n_beside += usize::from(crawl.try_wait().unwrap().is_none());
        let elsewhere = sites.data(&format!("past-{n}"));
        let restored = restore(&elsewhere, &dir);
        assert_eq!(restored.code, Some(0), "{restored:?}");
        assert_eq!(restored.json()["reports"], taken.json()["reports"]);
        past.push(elsewhere);
    }
    assert!(n_beside > 0, "the crawl was over before a backup was made");
    assert!(crawl.wait().unwrap().success());
    let whole = reports(&data);
    for elsewhere in &past {
        let sound = run(gongbao(elsewhere).args(["index", "verify"]));
        assert_eq!(sound.code, Some(0), "{sound:?}");
        for (id, report) in reports(elsewhere) {
            assert_eq!(whole[&id]["url"], report["url"], "a report that never was");
        }
        for file in files(&elsewhere.join("archive")) {
            let copy = fs::read(elsewhere.join("archive").join(&file)).unwrap();
            let original = fs::read(data.join("archive").join(&file)).unwrap();
            assert!(original.starts_with(&copy), "{} is no beginning", file.display());
        }
    }
    let taken = backup(&data, &dir);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let elsewhere = sites.data("elsewhere");
    assert_eq!(restore(&elsewhere, &dir).code, Some(0));
    assert_eq!(reports(&elsewhere), whole);
    assert_eq!(answers(&elsewhere), answers(&data));
    assert!(serve.first_line.starts_with("http://"));
    sites.runtime.block_on(sites.sites.stop());
}

#[test]
fn a_second_backup_writes_what_is_new_and_all_tables_come_along() {
    let data = Data::with_lines(&lines(300));
    let dir = data.dir().with_file_name("backup");
    let catalog = crawler::Catalog::open(&data.dir()).unwrap();
    let table = "CREATE TABLE guests (name TEXT); INSERT INTO guests VALUES ('甲')";
    catalog.connection().execute_batch(table).unwrap();
    let key = run(gongbao(&data.dir()).args(["keys", "create", "--scope", "read", "--name", "甲"]));
    assert_eq!(key.code, Some(0), "{key:?}");
    let keys = |data: &Path| run(gongbao(data).args(["keys", "list", "--json"])).stdout;
    let first = backup(&data.dir(), &dir).json();
    assert!(first["written"].as_u64().unwrap() >= first["bytes"].as_u64().unwrap());
    assert!(!dir.join("incomplete").exists());

    data.import(&lines(310));
    let again = backup(&data.dir(), &dir);
    assert_eq!(again.code, Some(0), "{again:?}");
    let again = again.json();
    let archived = files(&dir.join("archive"))
        .into_iter()
        .map(|file| dir.join("archive").join(file));
    let archived: u64 = archived.map(|path| path.metadata().unwrap().len()).sum();
    let catalog = data.dir().join("catalog.db").metadata().unwrap().len();
    let (bytes, written) = (
        again["bytes"].as_u64().unwrap(),
        again["written"].as_u64().unwrap(),
    );
    assert!(
        written < bytes && written < catalog + archived,
        "{again} {archived} {catalog}"
    );
    assert_eq!(again["reports"], 310);
    let states = fs::read_dir(&dir).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("state-")
    });
    assert_eq!(states.count(), 1, "what only the first needed is gone");

    let elsewhere = data.dir().with_file_name("elsewhere");
    assert_eq!(restore(&elsewhere, &dir).code, Some(0));
    assert_eq!(answers(&elsewhere), answers(&data.dir()));
    let copied = crawler::Catalog::open(&elsewhere).unwrap();
    let name: String = copied
        .connection()
        .query_row("SELECT name FROM guests", [], |row| row.get(0))
        .unwrap();
    assert_eq!(name, "甲");
    assert!(keys(&elsewhere).contains('甲'));
    assert_eq!(keys(&elsewhere), keys(&data.dir()));
    // The restored directory is one to go on with.
    let file = data.file(
        "more.jsonl",
        b"{\"url\": \"https://a.example.gov.cn/new\", \"text\": \"\xe6\x96\xb0\"}\n",
    );
    let more = run(gongbao(&elsewhere).args(["import", "--json"]).arg(file));
    assert_eq!((more.code, &more.json()["new"]), (Some(0), &json!(1)));
    let sound = run(gongbao(&elsewhere).args(["index", "verify"]));
    assert_eq!(sound.code, Some(0), "{sound:?}");
    // It has gone another way since: its backup belongs in a folder of its own.
    data.import(&lines(320));
    assert_eq!(backup(&data.dir(), &dir).code, Some(0));
    let other = backup(&elsewhere, &dir);
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stderr.contains("gongbao-000001.warc.gz"), "{other:?}");
    let still = data.dir().with_file_name("still");
    assert_eq!(restore(&still, &dir).code, Some(0));
    assert_eq!(answers(&still), answers(&data.dir()));
}

#[test]
fn an_index_that_is_not_in_the_backup_is_derived() {
    let data = Data::with_lines(&lines(50));
    let dir = data.dir().with_file_name("backup");
    let wanted = answers(&data.dir());
    fs::remove_dir_all(data.dir().join("index")).unwrap();
    let taken = backup(&data.dir(), &dir);
    assert_eq!(
        (taken.code, &taken.json()["index"]),
        (Some(0), &json!(false)),
        "{taken:?}"
    );
    let elsewhere = data.dir().with_file_name("elsewhere");
    let restored = restore(&elsewhere, &dir);
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert_eq!(answers(&elsewhere), wanted);
    for told in [taken, restored] {
        let at = told.json()["created_at"].as_str().unwrap().to_owned();
        assert!(at.ends_with("+08:00"), "{at}");
    }
    // Whoever else has an account on the machine reads no secret in them.
    #[cfg(unix)]
    for catalog in [data.dir().join("catalog.db"), elsewhere.join("catalog.db")] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&catalog).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", catalog.display());
    }
}

#[test]
fn a_damaged_backup_is_refused_by_name_and_nothing_is_written() {
    let data = Data::with_lines(&lines(40));
    let dir = data.dir().with_file_name("backup");
    assert_eq!(backup(&data.dir(), &dir).code, Some(0));
    let mut n_refused = 0;
    for file in files(&dir) {
        let name = file.to_string_lossy().into_owned();
        if name == "lock" {
            continue;
        }
        for (n, damage) in [truncate as fn(&Path), flip, remove].into_iter().enumerate() {
            let bad = data.dir().with_file_name("bad");
            let _ = fs::remove_dir_all(&bad);
            copy_folder(&dir, &bad);
            damage(&bad.join(&file));
            let elsewhere = data.dir().with_file_name(format!("elsewhere-{n_refused}"));
            let refused = restore(&elsewhere, &bad);
            let shown = format!("{name} {n}: {refused:?}");
            assert!(matches!(refused.code, Some(1 | 2)), "{shown}");
            assert!(refused.stderr.contains(&*name), "{shown}");
            assert!(refused.stdout.is_empty(), "{shown}");
            assert!(!elsewhere.exists(), "{shown}");
            n_refused += 1;
        }
    }
    assert!(n_refused >= 15, "{n_refused}");
}

#[test]
fn the_next_backup_mends_a_damaged_one() {
    let data = Data::with_lines(&lines(40));
    let dir = data.dir().with_file_name("backup");
    assert_eq!(backup(&data.dir(), &dir).code, Some(0));
    for file in files(&dir).into_iter().filter(|file| !file.ends_with("lock")) {
        let name = file.to_string_lossy().into_owned();
        if name == "backup.json" || name.starts_with("state-") {
            continue;
        }
        for (n, damage) in [truncate as fn(&Path), flip, remove].into_iter().enumerate() {
            damage(&dir.join(&file));
            let again = backup(&data.dir(), &dir);
            assert_eq!(again.code, Some(0), "{name} {n}: {again:?}");
            let elsewhere = data.dir().with_file_name("elsewhere");
            let _ = fs::remove_dir_all(&elsewhere);
            let restored = restore(&elsewhere, &dir);
            assert_eq!(restored.code, Some(0), "{name} {n}: {restored:?}");
        }
    }
}

fn truncate(path: &Path) {
    let length = path.metadata().unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length.saturating_sub(10).min(length / 2)).unwrap();
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    // In the manifest, a digit of a hash.
    let at = match path.ends_with("backup.json") {
        true => String::from_utf8_lossy(&bytes).find("\"sha256\": \"").unwrap() + 12,
        false => bytes.len() / 2,
    };
    bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    fs::write(path, bytes).unwrap();
}

fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

#[test]
fn what_is_not_empty_is_left_alone() {
    let data = Data::with_lines(&lines(3));
    let dir = data.dir().with_file_name("backup");
    assert_eq!(backup(&data.dir(), &dir).code, Some(0));
    let refused = [
        restore(&data.dir(), &dir),
        restore(&data.dir().with_file_name("new"), &data.dir()),
        restore(
            &data.dir().with_file_name("new"),
            &data.dir().with_file_name("nowhere"),
        ),
        backup(&data.dir(), data.dir().parent().unwrap()),
        backup(&data.dir(), &data.dir().join("backup")),
        backup(&dir, &data.dir().with_file_name("third")),
    ];
    for run in refused {
        assert_eq!(run.code, Some(2), "{run:?}");
    }
    assert_eq!(reports(&data.dir()).len(), 3);
}

#[test]
fn an_interrupted_backup_takes_nothing_from_the_last_one() {
    let data = Data::with_lines(&lines(400));
    let dir = data.dir().with_file_name("backup");
    let mut wanted = None;
    let mut n_killed = 0;
    for n in 0..24_u64 {
        let mut child = gongbao(&data.dir())
            .arg("backup")
            .arg(&dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(3 * n));
        n_killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let elsewhere = data.dir().with_file_name(format!("elsewhere-{n}"));
        let restored = restore(&elsewhere, &dir);
        match &wanted {
            None if restored.code == Some(0) => wanted = Some(answers(&data.dir())),
            None => assert_eq!(restored.code, Some(2), "{restored:?}"),
            Some(_) => assert_eq!(restored.code, Some(0), "{restored:?}"),
        }
        if n == 8 {
            assert_eq!(backup(&data.dir(), &dir).code, Some(0));
            data.import(&lines(500));
            wanted = Some(Vec::new());
        }
        fs::remove_dir_all(elsewhere).ok();
    }
    assert!(
        n_killed >= 6,
        "the backup was made before it could be killed: {n_killed}"
    );
    assert_eq!(backup(&data.dir(), &dir).code, Some(0));
    let elsewhere = data.dir().with_file_name("last");
    assert_eq!(restore(&elsewhere, &dir).code, Some(0));
    assert_eq!(answers(&elsewhere), answers(&data.dir()));
}

#[test]
fn an_interrupted_restore_is_not_taken_for_data() {
    let data = Data::with_lines(&lines(400));
    let dir = data.dir().with_file_name("backup");
    assert_eq!(backup(&data.dir(), &dir).code, Some(0));
    let half = data.dir().with_file_name("half");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("restore-unfinished"), "").unwrap();
    copy_folder(&dir.join("archive"), &half.join("archive"));
    for arguments in [
        &["search", "x"][..],
        &["serve", "--bind", "127.0.0.1:0"],
        &["import", "x.html"],
    ] {
        let refused = run(gongbao(&half).args(arguments));
        assert!(matches!(refused.code, Some(1 | 2)), "{refused:?}");
        assert!(!half.join("catalog.db").exists());
    }
    let refused = restore(&half, &dir);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("interrupted"), "{refused:?}");
}
