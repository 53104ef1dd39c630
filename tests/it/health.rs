//! Portals as an operator sees them: a portal is crawled, redesigned and crawled again; then API, page and command tell.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
};

use axum::{Router, http::StatusCode};
use gongbao::portals::{PortalSet, SharedPortals};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    sample_portals::server::{Reply, Site},
    support::{Run, get, gongbao, router_with, run},
};

/// A portal with a list of reports, beside one that was never crawled and a file that is wrong.
struct World {
    site: Site,
    pages: Arc<Mutex<BTreeMap<String, Reply>>>,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let pages: Arc<Mutex<BTreeMap<String, Reply>>> = Arc::default();
        let served = Arc::clone(&pages);
        let site = Site::start(move |hit| {
            let pages = served.lock().unwrap();
            let everywhere = pages.get("*").cloned();
            everywhere
                .or_else(|| pages.get(hit.path()).cloned())
                .unwrap_or_else(|| Reply::status(404))
        });
        let world = Self {
            site,
            pages,
            folder: tempfile::tempdir().unwrap(),
        };
        world.set("/zwgk/", list(5));
        for n in 1..=5 {
            world.set(&format!("/zwgk/{n}.html"), report(n));
        }
        let host = world.site.host();
        let portal = |name: &str, path: &str, more: &str| {
            format!(
                "name = \"{name}\"\nregion = \"430482\"\nseeds = [\"http://{host}{path}\"]\n{more}\n[limits]\ndelay = \"10ms\"\n"
            )
        };
        world.write(
            "portals/changning.toml",
            &portal("常宁市人民政府<b>", "/zwgk/", "schedule = \"0 3 * * 1\""),
        );
        world.write("portals/later.toml", &portal("以后再说", "/later/", ""));
        world.write(
            "gongbao.toml",
            &format!("[crawl]\nallow_private = [{host:?}]\nretries = 0\n"),
        );
        world
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn set(&self, path: &str, reply: Reply) {
        self.pages.lock().unwrap().insert(path.to_owned(), reply);
    }

    fn command(&self, args: &[&str]) -> Run {
        run(gongbao(&self.folder.path().join("data"))
            .arg("--config")
            .arg(self.folder.path().join("gongbao.toml"))
            .args(args))
    }

    fn crawl(&self) {
        let crawl = self.command(&["crawl", "changning", "--json"]);
        assert!(crawl.stdout.contains("\"changning\""), "{crawl:?}");
    }

    fn router(&self) -> Router {
        let portals = PortalSet::read(&self.folder.path().join("portals")).unwrap();
        router_with(&self.folder.path().join("data"), SharedPortals::new(portals))
    }

    async fn one(&self, id: &str) -> Value {
        get(&self.router(), &format!("/api/v1/portals/{id}")).await.json()
    }

    async fn statuses(&self) -> Vec<String> {
        let found = get(&self.router(), "/api/v1/search?limit=20&fields=status")
            .await
            .json();
        let hits = found["hits"].as_array().unwrap().iter();
        hits.map(|hit| hit["status"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn list(n: u32) -> Reply {
    let rows: String = (1..=n)
        .map(|n| format!("<li><a href=\"/zwgk/{n}.html\">常宁市第{n}期法治政府建设情况报告</a><span>2024-01-18</span></li>"))
        .collect();
    Reply::html(format!(
        "<html><head><title>法治政府建设</title></head><body><ul>{rows}</ul></body></html>"
    ))
}

fn report(n: u32) -> Reply {
    Reply::html(format!(
        "<html><head><title>常宁市第{n}期法治政府建设情况报告</title></head><body>\
         <h1>常宁市第{n}期法治政府建设情况报告</h1><div id=\"zoom\"><p>一、工作开展情况</p><p>全市各级各部门认真贯彻落实法治政府建设实施纲要，\
         依法全面履行政府职能，第{n}期各项工作取得新的成效，行政复议案件按期办结。</p><p>二、存在的问题</p><p>部分单位执法不够规范，\
         执法人员培训不够经常，需要在下一步工作中切实加以改进和提高。</p></div></body></html>"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_is_redesigned_is_alarmed_everywhere_and_clears_again() {
    let world = World::new();
    world.crawl();
    let well = world.one("changning").await;
    for (key, expected) in [
        ("id", json!("changning")),
        ("name", json!("常宁市人民政府<b>")),
        ("region_code", json!("430482")),
        ("reports", json!(5)),
        ("alarms", json!([])),
        ("state", json!("healthy")),
        ("schedule", json!("0 3 * * 1")),
        ("file", json!("good")),
    ] {
        assert_eq!(well[key], expected, "{key}: {well}");
    }
    // In its first season it is visited between the Mondays, too.
    let code = well["next_run_code"].as_str().unwrap();
    assert!(["schedule", "season"].contains(&code), "{well}");
    let lists = well["lists"].as_array().unwrap();
    assert_eq!(lists.len(), 1, "{well}");
    assert_eq!(
        (
            &lists[0]["visits"],
            &lists[0]["visits_with_news"],
            &lists[0]["interval_days"]
        ),
        (&json!(1), &json!(0), &json!(null)),
        "what the first visit finds is not new"
    );
    for time in ["last_success", "last_new_report", "next_run"] {
        assert!(
            well[time].as_str().is_some_and(|time| time.ends_with("+08:00")),
            "{time}: {well}"
        );
    }
    assert_eq!(
        well["last_run"]["reports"],
        json!({"new": 5, "changed": 0, "unchanged": 0, "removed": 0})
    );
    assert_eq!(
        (&well["last_run"]["rows"], &well["last_run"]["seen"]),
        (&json!(5), &json!(5))
    );
    assert!(
        well["last_run"]["median_chars"]
            .as_u64()
            .is_some_and(|chars| chars > 50),
        "{well}"
    );

    world.set(
        "/zwgk/",
        Reply::html("<html><head><title>新版门户</title></head><body><div id=\"app\"></div></body></html>"),
    );
    world.crawl();
    let alarmed = world.one("changning").await;
    assert_eq!(alarmed["alarms"], json!(["yields_dropped"]), "{alarmed}");
    assert_eq!(alarmed["reports"], 5);
    assert_eq!(alarmed["runs"].as_array().unwrap().len(), 2);
    let detail = &alarmed["alarm_details"][0];
    assert_eq!(
        detail["url"],
        json!(format!("http://{}/zwgk/", world.site.host()))
    );
    assert!(
        !detail["evidence"].as_array().unwrap().is_empty() && detail["since"].is_string(),
        "{detail}"
    );
    let page = get(&world.router(), "/portals").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("列表条目骤减") && page.body.contains("以后再说"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("常宁市人民政府&#60;b&#62;") && !page.body.contains("<b>"),
        "{}",
        page.body
    );
    let page = get(&world.router(), "/portals/changning").await;
    assert!(
        page.body.contains("列表条目骤减") && page.body.contains("最近的采集"),
        "{}",
        page.body
    );
    let table = world.command(&["portals", "--alarms"]);
    assert!(
        table.stdout.contains("yields_dropped since") && !table.stdout.contains("later "),
        "{table:?}"
    );

    world.set("/zwgk/", list(5));
    world.crawl();
    assert_eq!(world.one("changning").await["alarms"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_often_each_list_changes_is_learned_and_shown_with_the_next_visit() {
    let world = World::new();
    world.crawl();
    world.crawl();
    world.set("/zwgk/", list(6));
    world.set("/zwgk/6.html", report(6));
    world.crawl();
    let portal = world.one("changning").await;
    let url = format!("http://{}/zwgk/", world.site.host());
    let list = &portal["lists"][0];
    assert_eq!(
        (&list["url"], &list["visits"], &list["visits_with_news"]),
        (&json!(url), &json!(3), &json!(1))
    );
    assert!(
        list["interval_days"].is_number() && list["last_news"].is_string(),
        "{list}"
    );
    assert_eq!(portal["next_run_list"]["url"], json!(url));
    let reason = portal["next_run_reason"].as_str().unwrap();
    assert!(
        reason.contains(&url) && reason.contains("something new about every hour"),
        "{reason}"
    );
    let page = get(&world.router(), "/portals/changning").await.body;
    assert!(page.contains("最活跃的列表") && page.contains("1 / 3"), "{page}");

    let table = world.command(&["portals", "changning"]);
    assert!(
        table.stdout.contains("next visit: ")
            && table.stdout.contains(&format!("list {url}: new about every")),
        "{table:?}"
    );
    assert_eq!(
        world.command(&["portals", "--json", "changning"]).json()["portals"][0]["lists"],
        portal["lists"]
    );
    let unknown = world.command(&["portals", "nobody"]);
    assert!(
        unknown.code == Some(2) && unknown.stderr.contains("\"nobody\""),
        "{unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_of_a_portal_that_shuts_us_out_are_blocked_until_it_lets_us_in() {
    let world = World::new();
    world.crawl();
    world.set("*", Reply::status(403));
    world.crawl();
    assert_eq!(world.one("changning").await["alarms"], json!(["blocked"]));
    assert_eq!(world.statuses().await, ["blocked"; 5]);
    world.pages.lock().unwrap().remove("*");
    world.crawl();
    assert_eq!(world.one("changning").await["alarms"], json!([]));
    assert_eq!(world.statuses().await, ["live"; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn portals_are_listed_whatever_is_known_of_them() {
    let world = World::new();
    let before = world.command(&["portals"]);
    assert!(
        before
            .stdout
            .starts_with("0 alarmed, 0 quiet, 2 never_run, 0 unfinished, 0 healthy"),
        "{before:?}"
    );
    assert!(!world.folder.path().join("data").exists(), "asking makes nothing");
    world.crawl();
    world.write("portals/broken.toml", "seeds = 1");
    world.write(
        "lines.jsonl",
        "{\"id\":\"a\",\"text\":\"常宁市法治政府建设情况报告\"}\n",
    );
    let lines = world.folder.path().join("lines.jsonl");
    assert_eq!(world.command(&["import", lines.to_str().unwrap()]).code, Some(0));
    fs::remove_file(world.folder.path().join("portals/changning.toml")).unwrap();

    let router = world.router();
    let all = get(&router, "/api/v1/portals").await.json();
    let of = |key: &str| -> Vec<Value> {
        let portals = all["portals"].as_array().unwrap().iter();
        portals.map(|portal| portal[key].clone()).collect()
    };
    assert_eq!(
        of("id"),
        [
            json!("broken"),
            json!("changning"),
            json!("import"),
            json!("later")
        ]
    );
    assert_eq!(
        of("file"),
        [json!("bad"), json!("none"), json!("none"), json!("good")]
    );
    assert_eq!(of("reports"), [json!(0), json!(5), json!(1), json!(0)]);
    // What the file said that is gone.
    assert_eq!(of("name")[1], json!("常宁市人民政府<b>"));
    assert_eq!(of("region_code")[1], json!("430482"));
    let one = get(&router, "/api/v1/portals/changning").await.json();
    assert_eq!(
        (&one["name"], &one["region_code"]),
        (&of("name")[1], &json!("430482"))
    );
    assert!(
        of("file_error")[0]
            .as_str()
            .is_some_and(|error| error.contains("seeds")),
        "{all}"
    );
    assert_eq!(
        all["counts"],
        json!({"alarmed": 1, "quiet": 0, "never_run": 2, "unfinished": 0, "healthy": 1})
    );
    assert_eq!(
        world.command(&["portals", "--json"]).json()["portals"][1]["id"],
        json!("changning")
    );

    let page = get(
        &router,
        "/api/v1/portals?limit=1&after=broken&state=healthy&state=never_run",
    )
    .await
    .json();
    assert_eq!(
        (&page["portals"][0]["id"], &page["total"], &page["next"]),
        (&json!("changning"), &json!(3), &json!("changning"))
    );
    for (target, code) in [
        ("/api/v1/portals?stat=healthy", "unknown_parameter"),
        ("/api/v1/portals?state=well", "invalid_parameter"),
        ("/api/v1/portals?alarm=fire", "invalid_parameter"),
        ("/api/v1/portals?limit=0", "invalid_parameter"),
        ("/api/v1/portals/none", "not_found"),
        ("/portals?page=0", "invalid_parameter"),
    ] {
        assert_eq!(get(&router, target).await.json()["code"], code, "{target}");
    }
    assert_eq!(
        get(&router, "/api/v1/portals?alarm=blocked").await.json()["total"],
        0
    );
    let page = get(&router, "/portals").await.body;
    assert!(page.contains("门户文件有误"), "{page}");
}
