//! Disks that fill up: crawls and imports stop in time and go on later; where there is no room at all, nothing breaks.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    admin::Serve,
    crawl::Sites,
    support::{Data, Run, gongbao, run},
};

/// More room than any disk has.
const TOO_MUCH: &str = "9000000GiB";

/// A file system of its own in memory; where it may not be mounted, there is none.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    fn mount(mib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { folder });
        }
        eprintln!("skipped: a tmpfs cannot be mounted here; root may");
        None
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn free(&self) -> u64 {
        crawler::Space::of(self.folder.path()).unwrap().free
    }

    /// Leaves so many bytes; gives what takes the rest.
    fn leave(&self, bytes: u64) -> PathBuf {
        let path = self.path("filler");
        let mut file = File::create(&path).unwrap();
        let chunk = vec![1; 4096];
        while self.free() >= bytes + 4096 {
            file.write_all(&chunk).unwrap();
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

fn summaries(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn assert_no_panic(run: &Run) {
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
}

/// Every report by its address, without what depends on the moment.
fn reports(data: &Path) -> BTreeMap<String, Value> {
    let reader = index::Reader::open(&data.join("index")).unwrap();
    let found = reader.find_all(&index::SearchRequest::default()).unwrap();
    found
        .map(|report| {
            let mut report = serde_json::to_value(report.unwrap()).unwrap();
            for moment in ["retrieved_at", "changed_at"] {
                report.as_object_mut().unwrap().remove(moment);
            }
            (report["url"].as_str().unwrap().to_owned(), report)
        })
        .collect()
}

#[test]
fn without_room_nothing_is_asked_for_and_nothing_taken_in() {
    let sites = Sites::start();
    let data = sites.data("data");
    let short = run(sites.crawl(&data).env("GONGBAO_DATA__MIN_FREE", TOO_MUCH));
    assert_eq!(short.code, Some(1), "{short:?}");
    assert_eq!(summaries(&short).len(), 3);
    for summary in summaries(&short) {
        assert_eq!(
            (&summary["status"], &summary["fetched"]),
            (&json!("partial"), &json!(0))
        );
        assert!(
            summary["reason"].as_str().unwrap().starts_with("disk_full: "),
            "{summary}"
        );
    }
    let after = run(&mut sites.crawl(&data));
    assert_eq!(after.code, Some(0), "{after:?}");
    assert_eq!(reports(&data).len(), sites.sites.expected().len());
    sites.runtime.block_on(sites.sites.stop());

    let data = Data::empty();
    let file = data.file(
        "a.jsonl",
        "{\"url\": \"https://a.example.gov.cn/1\", \"text\": \"一\"}\n".as_bytes(),
    );
    let short = run(gongbao(&data.dir())
        .env("GONGBAO_DATA__MIN_FREE", TOO_MUCH)
        .arg("import")
        .arg(&file));
    assert_eq!(short.code, Some(1), "{short:?}");
    assert!(
        short.stderr.contains("disk_full: ") && short.stderr.contains("min_free"),
        "{short:?}"
    );
    let after = run(gongbao(&data.dir()).args(["import", "--json"]).arg(&file));
    assert_eq!((after.code, &after.json()["new"]), (Some(0), &json!(1)));
}

#[test]
fn a_disk_that_fills_up_stops_a_crawl_in_time_and_searches_go_on() {
    let Some(disk) = SmallDisk::mount(96) else { return };
    let sites = Sites::start();
    let undisturbed = sites.data("undisturbed");
    assert_eq!(run(&mut sites.crawl(&undisturbed)).code, Some(0));
    let data = disk.path("data");
    let crawling = sites
        .crawl(&data)
        .env("GONGBAO_DATA__MIN_FREE", "16MiB")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let some =
        |data: &Path| fs::metadata(data.join("archive/gongbao-000001.warc.gz")).map_or(0, |file| file.len());
    while some(&data) < 20_000 {
        assert!(Instant::now() < deadline, "nothing is archived");
        std::thread::sleep(Duration::from_millis(5));
    }
    let filler = disk.leave(15 << 20);
    let stopped = Run::from(crawling.wait_with_output().unwrap());
    assert_no_panic(&stopped);
    assert_eq!(stopped.code, Some(1), "{stopped:?}");
    let reasons = summaries(&stopped);
    let full = |summary: &&Value| {
        summary["reason"]
            .as_str()
            .is_some_and(|reason| reason.starts_with("disk_full: "))
    };
    assert!(reasons.iter().any(|summary| full(&summary)), "{stopped:?}");
    let n_before = reports(&data).len();
    assert!(n_before < reports(&undisturbed).len());

    let serve = Serve::start(gongbao(&data).env("GONGBAO_DATA__MIN_FREE", "16MiB"));
    assert_eq!(serve.ready()["status"], "degraded");
    assert_eq!(serve.ready()["reports"], n_before);
    fs::remove_file(filler).unwrap();
    assert_eq!(serve.ready()["status"], "ok");
    let after = run(sites.crawl(&data).env("GONGBAO_DATA__MIN_FREE", "16MiB"));
    assert_eq!(after.code, Some(0), "{after:?}");
    assert_eq!(reports(&data), reports(&undisturbed));
    sites.runtime.block_on(sites.sites.stop());
}

#[test]
fn no_room_at_all_breaks_nothing() {
    let Some(disk) = SmallDisk::mount(64) else { return };
    let sites = Sites::start();
    let undisturbed = sites.data("undisturbed");
    assert_eq!(run(&mut sites.crawl(&undisturbed)).code, Some(0));
    let wanted = reports(&undisturbed);
    let mut n_failed = 0;
    // From none to nearly enough: archive, catalog and index run out of it in turn.
    for kib in [0, 200, 450, 800, 1_300] {
        let data = disk.path("data");
        let filler = disk.leave(kib << 10);
        let short = run(sites.crawl(&data).env("GONGBAO_DATA__MIN_FREE", "0"));
        assert_no_panic(&short);
        n_failed += usize::from(short.code == Some(1));
        if data.join("index/CURRENT").exists() {
            let found = run(gongbao(&data).args(["search", "法治", "--json"]));
            assert_no_panic(&found);
        }
        fs::remove_file(filler).unwrap();
        let after = run(sites.crawl(&data).env("GONGBAO_DATA__MIN_FREE", "0"));
        assert_eq!(after.code, Some(0), "{kib} KiB: {short:?} {after:?}");
        assert_eq!(reports(&data), wanted, "{kib} KiB");
        let sound = run(gongbao(&data).args(["index", "verify"]));
        assert_eq!(sound.code, Some(0), "{kib} KiB: {sound:?}");
        fs::remove_dir_all(data).unwrap();
    }
    assert!(n_failed >= 3, "there was room: {n_failed}");
    sites.runtime.block_on(sites.sites.stop());
}

#[test]
fn a_backup_without_room_is_refused_before_it_begins() {
    let Some(disk) = SmallDisk::mount(4) else { return };
    let line = |n: usize| json!({"url": format!("https://a.example.gov.cn/{n}"), "text": format!("第{n}号。法治政府建设。").repeat(20)});
    let data = Data::with_lines(&(0..300).map(line).collect::<Vec<_>>());
    disk.leave(100 << 10);
    let refused = run(gongbao(&data.dir()).arg("backup").arg(disk.path("backup")));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("are needed"), "{refused:?}");
    fs::remove_file(disk.path("filler")).unwrap();
    let made = run(gongbao(&data.dir()).arg("backup").arg(disk.path("backup")));
    assert_eq!(made.code, Some(0), "{made:?}");
}

#[test]
fn a_job_waits_for_room() {
    let sites = Sites::start();
    let data = sites.data("data");
    let with_config = || {
        let mut command = gongbao(&data);
        command.arg("--config").arg(sites.path("gongbao.toml"));
        command
    };
    let _serve = Serve::start(with_config().env("GONGBAO_DATA__MIN_FREE", TOO_MUCH));
    let asked = run(with_config().args(["jobs", "run", "jingxian"]));
    assert_eq!(asked.code, Some(0), "{asked:?}");
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let listed = run(with_config().args(["jobs", "list", "--json"]));
        assert_eq!(listed.code, Some(0), "{listed:?}");
        assert!(!listed.stdout.contains("\"done\""), "{listed:?}");
        if listed.stdout.contains("disk_full") && listed.stdout.contains("\"queued\"") {
            break;
        }
        assert!(Instant::now() < deadline, "{listed:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    sites.runtime.block_on(sites.sites.stop());
}
