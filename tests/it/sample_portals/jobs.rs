//! Jobs of a running service: asked for, cancelled, scheduled, and gone on with after a stop or a kill.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    papers::{Paper, list_page, report_page},
    server::{Reply, Site},
};
use crate::support::{Run, Service, gongbao, run};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A portal with reports, and a data directory to crawl it into.
struct World {
    folder: TempDir,
    site: Site,
    n_reports: usize,
    /// How long an answer takes, in milliseconds.
    slow: Arc<AtomicU64>,
    key: String,
}

impl World {
    fn new(n_reports: usize, keys_of_portal: &str) -> Self {
        let slow = Arc::new(AtomicU64::new(0));
        let wait = Arc::clone(&slow);
        let site = Site::start(move |hit| {
            thread::sleep(Duration::from_millis(wait.load(Ordering::Relaxed)));
            if hit.path() == "/zwgk/fzzf/" {
                let rows: String = (0..n_reports)
                    .map(|n| Paper::new(n).row(&format!("{n}.html")))
                    .collect();
                return Reply::html(list_page(&rows, ""));
            }
            let number = hit
                .path()
                .strip_prefix("/zwgk/fzzf/")
                .and_then(|rest| rest.strip_suffix(".html"));
            match number.and_then(|number| number.parse().ok()) {
                Some(n) if n < n_reports => {
                    Reply::html(report_page(&Paper::new(n), "<div id=\"zoom\">", "</div>"))
                }
                _ => Reply::status(404),
            }
        });
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("portals")).unwrap();
        let portal = format!(
            "seeds = [\"http://{}/zwgk/fzzf/\"]\n{keys_of_portal}\n[limits]\ndelay = \"20ms\"\n",
            site.host()
        );
        fs::write(folder.path().join("portals/qinghe.toml"), portal).unwrap();
        let toml = format!("[crawl]\nallow_private = [{:?}]\n", site.host());
        fs::write(folder.path().join("gongbao.toml"), toml).unwrap();
        let mut world = Self {
            folder,
            site,
            n_reports,
            slow,
            key: String::new(),
        };
        let key = world.run(&["keys", "create", "--scope", "crawl"]);
        world.key = key.stdout.trim_end().to_owned();
        world
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = gongbao(&self.data());
        command
            .arg("--config")
            .arg(self.folder.path().join("gongbao.toml"))
            .args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        run(&mut self.command(args))
    }

    fn serve(&self) -> Service {
        Service::start(&mut self.command(&["serve", "--bind", "127.0.0.1:0"]))
    }

    fn call(&self, service: &Service, method: &str, target: &str, body: &str) -> (u16, Value) {
        let (status, _, body) = service.call(method, target, Some(&self.key), body);
        (status, body)
    }

    fn ask_for_job(&self, service: &Service) -> Value {
        let (status, job) = self.call(service, "POST", "/api/v1/jobs", r#"{"portals": ["qinghe"]}"#);
        assert_eq!(status, 202, "{job}");
        job
    }

    /// Waits until the job is over, or in another state that is wanted.
    fn job(&self, service: &Service, id: &Value, wanted: &str) -> Value {
        let target = format!("/api/v1/jobs/{}", id.as_str().unwrap());
        until(&format!("the job is {wanted}"), || {
            let (_, job) = self.call(service, "GET", &target, "");
            // By schedule, it may not be there yet.
            let state = job["state"].as_str().unwrap_or("queued").to_owned();
            assert!(
                state == wanted || matches!(state.as_str(), "queued" | "running"),
                "{job}"
            );
            (state == wanted).then_some(job)
        })
    }

    /// How often each page was asked for.
    fn hits(&self) -> BTreeMap<String, usize> {
        let mut hits = BTreeMap::new();
        for hit in self.site.hits() {
            *hits.entry(hit.target).or_default() += 1;
        }
        hits
    }

    fn wait_for_hits(&self, n: usize) {
        until("the crawl goes on", || {
            (self.site.hits().len() >= n).then_some(())
        });
    }

    fn found(&self, service: &Service) -> u64 {
        let (_, answer) = self.call(service, "GET", "/api/v1/search?limit=1", "");
        answer["total"]["value"].as_u64().unwrap()
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Sets back what was done about the schedule by so many days.
fn go_back(data: &Path, days: i64) {
    let db = rusqlite::Connection::open(data.join("catalog.db")).unwrap();
    db.busy_timeout(PATIENCE).unwrap();
    db.execute(
        "UPDATE schedules SET handled_at = handled_at - ?1",
        [days * 86_400_000],
    )
    .unwrap();
}

#[test]
fn a_job_that_was_asked_for_is_done_and_its_reports_are_found() {
    let world = World::new(8, "");
    let service = world.serve();
    for (body, code) in [
        (r#"{"portals": ["nowhere"]}"#, "invalid_parameter"),
        (r#"{"portals": []}"#, "invalid_parameter"),
        (r#"{"portals": ["qinghe"], "fully": true}"#, "unknown_parameter"),
        (r#"[["qinghe"], false]"#, "invalid_parameter"),
        (
            r#"{"portals": ["qinghe"], "full": true, "full": false}"#,
            "invalid_parameter",
        ),
        ("", "invalid_parameter"),
    ] {
        let (status, answer) = world.call(&service, "POST", "/api/v1/jobs", body);
        assert_eq!((status, &answer["code"]), (400, &json!(code)), "{body}");
    }
    let asked = world.ask_for_job(&service);
    assert_eq!(
        (&asked["portals"], &asked["source"], &asked["finished_at"]),
        (&json!(["qinghe"]), &json!("request"), &Value::Null)
    );
    let same = world.ask_for_job(&service);
    assert_eq!(same["id"], asked["id"], "{same}");
    let done = world.job(&service, &asked["id"], "done");
    assert_eq!(done["results"][0]["reports"]["new"], world.n_reports);
    assert_eq!(done["progress"]["fetched"], done["progress"]["known"]);
    assert!(done["progress"]["fetched"].as_u64().unwrap() > 8, "{done}");
    assert!(done["log"].as_array().unwrap().len() >= 3, "{done}");
    until("the reports are found", || {
        (world.found(&service) == 8).then_some(())
    });

    let (_, listed) = world.call(&service, "GET", "/api/v1/jobs?state=done&portal=qinghe", "");
    assert_eq!(listed["jobs"][0]["id"], asked["id"]);
    assert!(listed["jobs"][0].get("log").is_none() && listed["next_cursor"].is_null());
    assert!(listed["jobs"][0].get("results").is_none(), "{listed}");
    assert_eq!(listed["jobs"][0]["portals"], json!(["qinghe"]));
    let target = format!("/api/v1/jobs/{}", asked["id"].as_str().unwrap());
    assert_eq!(world.call(&service, "DELETE", &target, "").1["state"], "done");
    for nothing in ["/api/v1/jobs/99", "/api/v1/jobs/x", "/api/v1/jobs/01"] {
        assert_eq!(world.call(&service, "GET", nothing, "").0, 404);
    }
    assert_eq!(world.call(&service, "GET", "/api/v1/jobs?stat=done", "").0, 400);

    let verified = world.run(&["index", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    // The lock is free again, for others who write.
    let crawled = world.run(&["crawl", "--json"]);
    assert_eq!(crawled.json()["reports"]["unchanged"], 8, "{crawled:?}");
    let waited = world.run(&["jobs", "run", "qinghe", "--wait", "--full", "--json"]);
    assert_eq!(
        (waited.code, waited.json()["state"].as_str()),
        (Some(0), Some("done"))
    );
    assert_eq!(world.run(&["jobs", "run", "nowhere"]).code, Some(2));
}

#[test]
fn a_job_that_is_cancelled_ends_soon_and_keeps_what_was_fetched() {
    let world = World::new(60, "");
    world.slow.store(150, Ordering::Relaxed);
    let service = world.serve();
    let asked = world.ask_for_job(&service);
    world.wait_for_hits(8);
    let target = format!("/api/v1/jobs/{}", asked["id"].as_str().unwrap());
    let (status, answer) = world.call(&service, "DELETE", &target, "");
    assert_eq!((status, &answer["cancelling"]), (202, &json!(true)), "{answer}");
    let over = world.job(&service, &asked["id"], "cancelled");
    assert!(over["finished_at"].is_string(), "{over}");
    let (_, portal) = world.call(&service, "GET", "/api/v1/portals/qinghe", "");
    assert_eq!(
        portal["state"], "unfinished",
        "it was crawled, though not to its end: {portal}"
    );
    let asked_for = world.site.hits().len();
    assert!(asked_for < 40, "{asked_for}");
    until("what was fetched is found", || {
        (world.found(&service) > 0).then_some(())
    });
    // Another job goes on where this one was.
    world.slow.store(0, Ordering::Relaxed);
    let again = world.ask_for_job(&service);
    world.job(&service, &again["id"], "done");
    until("all is found", || (world.found(&service) == 60).then_some(()));
    assert!(
        world
            .hits()
            .iter()
            .all(|(target, n)| *n <= 2 || !target.ends_with("html"))
    );
}

#[test]
fn a_job_goes_on_after_a_stop_and_after_a_kill_and_nothing_runs_twice() {
    let world = World::new(40, "");
    world.slow.store(100, Ordering::Relaxed);
    let service = world.serve();
    let asked = world.ask_for_job(&service);
    world.wait_for_hits(6);
    let begun = Instant::now();
    assert_eq!(service.terminate(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(25));
    let listed = world.run(&["jobs", "list", "--json"]).json();
    assert_eq!(listed["jobs"][0]["state"], "queued", "{listed}");

    let service = world.serve();
    let hits = world.site.hits().len();
    world.wait_for_hits(hits + 6);
    // Dropped, it is killed as by `kill -9`.
    drop(service);
    let listed = world.run(&["jobs", "list", "--json"]).json();
    assert_eq!(listed["jobs"][0]["state"], "running", "{listed}");
    let told = world.run(&["jobs", "list"]);
    assert!(told.stderr.contains("no `gongbao serve` is running"), "{told:?}");

    world.slow.store(0, Ordering::Relaxed);
    let service = world.serve();
    let beside = world.serve();
    let done = world.job(&service, &asked["id"], "done");
    assert_eq!(done["results"].as_array().unwrap().len(), 1, "{done}");
    assert_eq!(world.job(&beside, &asked["id"], "done")["log"], done["log"]);
    until("all is found", || (world.found(&beside) == 40).then_some(()));
    assert_eq!(world.site.most_parallel(), 1);
    let reports = world
        .hits()
        .into_iter()
        .filter(|(target, _)| target.ends_with("html"));
    let more_than_once: Vec<_> = reports.filter(|(_, n)| *n > 1).collect();
    // What was under way at the kill.
    assert!(more_than_once.len() <= 3, "{more_than_once:?}");
}

#[test]
fn a_job_and_a_crawl_take_turns_and_say_for_whom_they_wait() {
    let world = World::new(30, "");
    world.slow.store(100, Ordering::Relaxed);
    let mut crawl = world
        .command(&["crawl", "--json"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    world.wait_for_hits(3);
    let service = world.serve();
    let asked = world.ask_for_job(&service);
    let target = format!("/api/v1/jobs/{}", asked["id"].as_str().unwrap());
    until("the job says what it waits for", || {
        let (_, job) = world.call(&service, "GET", &target, "");
        let reason = job["reason"].as_str().unwrap_or_default().to_owned();
        (job["state"] == "queued" && reason.contains("waiting for `crawl`")).then_some(())
    });
    assert_eq!(crawl.wait().unwrap().code(), Some(0));
    until("the job has its turn", || {
        let (_, job) = world.call(&service, "GET", &target, "");
        (job["state"] == "running").then_some(())
    });
    let refused = world.run(&["crawl", "--no-wait"]);
    assert!(
        refused.code == Some(1) && refused.stderr.contains("is written by `serve`"),
        "{refused:?}"
    );
    world.slow.store(0, Ordering::Relaxed);
    let done = world.job(&service, &asked["id"], "done");
    assert_eq!(
        (&done["reason"], &done["results"][0]["reports"]["new"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(world.site.most_parallel(), 1);
}

#[test]
fn the_job_of_a_killed_service_can_be_cancelled_without_one() {
    let world = World::new(40, "");
    world.slow.store(100, Ordering::Relaxed);
    let service = world.serve();
    let asked = world.ask_for_job(&service);
    world.wait_for_hits(4);
    drop(service);
    let id = asked["id"].as_str().unwrap();
    let cancelled = world.run(&["jobs", "cancel", id]);
    assert!(cancelled.stderr.contains("is cancelled"), "{cancelled:?}");
    let service = world.serve();
    world.job(&service, &asked["id"], "cancelled");
}

#[test]
fn without_a_service_a_job_waits_for_the_next_one() {
    let world = World::new(3, "");
    let asked = world.run(&["jobs", "run", "qinghe", "--wait"]);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(
        asked.stderr.contains("no `gongbao serve` is running"),
        "{asked:?}"
    );
    let id = Value::from(asked.stdout.trim());
    let service = world.serve();
    world.job(&service, &id, "done");
    // One in the queue is cancelled at once.
    drop(service);
    let id = world.run(&["jobs", "run", "qinghe"]).stdout;
    let cancelled = world.run(&["jobs", "cancel", id.trim()]);
    assert!(cancelled.stderr.contains("is cancelled"), "{cancelled:?}");
    assert_eq!(world.run(&["jobs", "cancel", "99"]).code, Some(2));
}

#[test]
fn what_was_missed_is_made_up_for_once_by_serve_and_by_a_timer() {
    let world = World::new(3, "schedule = \"0 3 * * *\"");
    let first = world.run(&["crawl", "--due"]);
    assert!(
        first.code == Some(0) && first.stderr.contains("nothing is due") && world.hits().is_empty(),
        "{first:?}"
    );
    go_back(&world.data(), 9);
    let due = world.run(&["crawl", "--due", "--json"]);
    assert_eq!(due.json()["reports"]["new"], 3, "{due:?}");
    let asked_for = world.site.hits().len();
    let again = world.run(&["crawl", "--due"]);
    assert!(again.stderr.contains("nothing is due"), "{again:?}");

    go_back(&world.data(), 9);
    let service = world.serve();
    let done = world.job(&service, &Value::from("1"), "done");
    assert_eq!(done["source"], "schedule");
    assert!(
        done["scheduled_for"]
            .as_str()
            .unwrap()
            .contains("T03:00:00+08:00")
    );
    assert!(world.site.hits().len() > asked_for);
    let timer = world.run(&["crawl", "--due"]);
    assert!(timer.stderr.contains("a running serve"), "{timer:?}");
    let (_, listed) = world.call(&service, "GET", "/api/v1/jobs", "");
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 1, "{listed}");
}

#[test]
fn a_job_that_takes_long_lets_others_write_in_between() {
    let world = World::new(120, "");
    world.slow.store(400, Ordering::Relaxed);
    let service = world.serve();
    let asked = world.ask_for_job(&service);
    world.wait_for_hits(4);
    let line = world.folder.path().join("line.jsonl");
    fs::write(
        &line,
        "{\"url\": \"https://a.example.gov.cn/1\", \"text\": \"one\"}\n",
    )
    .unwrap();
    let imported = world.run(&["import", line.to_str().unwrap()]);
    assert!(
        imported.code == Some(0) && imported.stderr.contains("waiting for `serve`"),
        "{imported:?}"
    );
    assert!(
        world.site.hits().len() < 100,
        "the import came after the job, not in between"
    );
    world.slow.store(0, Ordering::Relaxed);
    let done = world.job(&service, &asked["id"], "done");
    let log = done["log"].to_string();
    assert!(
        log.contains("`import` (process ") && log.contains("goes on afterwards"),
        "{log}"
    );
    until("all is found", || (world.found(&service) == 121).then_some(()));
    let twice = world
        .hits()
        .into_iter()
        .filter(|(target, n)| target.ends_with("html") && *n > 1);
    assert_eq!(
        twice.count(),
        0,
        "what was crawled before the pause is not asked for again"
    );
}
