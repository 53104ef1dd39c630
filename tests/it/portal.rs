//! `portal check`: what is said of portal files.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    crawl::Sites,
    support::{Data, Run, gongbao, run},
};

const BROKEN: &str = "\
id = \"other\"
region = \"4304\"
seeds = [\"ftp://www.a.gov.cn/\", \"https://www.a.gov.cn/\"]
famly = \"trs\"
genres = [\"work-reports\"]
[limits]
delay = \"soon\"
[extract]
content = \"#[\"
";

#[test]
fn a_broken_file_is_told_in_full_with_lines_and_what_to_write() {
    let data = Data::empty();
    let file = data.file("portals/broken.toml", BROKEN.as_bytes());
    let told = run(gongbao(&data.dir()).args(["portal", "check"]).arg(&file));
    assert_eq!(told.code, Some(1), "{told:?}");
    let words_of = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = words_of(&told.stdout);
    for words in [
        "broken.toml: 7 errors",
        "line 1: `id`",
        "write \"broken\"",
        "line 2: `region`",
        "line 3: `seeds`",
        "did you mean \"family\"?",
        "did you mean \"work-report\"?",
        "line 7: `limits.delay`",
        "line 9: `extract.content`",
    ] {
        assert!(said.contains(words), "{words}: {}", told.stdout);
    }
    assert!(
        told.stdout.lines().skip(1).all(|line| line.chars().count() <= 80),
        "{}",
        told.stdout
    );

    let json = run(gongbao(&data.dir())
        .args(["portal", "check", "--json"])
        .arg(&file));
    assert_eq!(json.code, Some(1));
    let json = json.json();
    assert_eq!(
        (&json["id"], &json["ok"]),
        (&Value::from("broken"), &Value::from(false))
    );
    let lines: Vec<_> = json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["line"])
        .collect();
    assert_eq!(lines, [1, 2, 3, 4, 5, 7, 9]);
}

#[test]
fn the_manual_has_every_key_family_and_genre() {
    let manual = include_str!("../../docs/portals.md");
    for key in crawler::Portal::keys() {
        assert!(manual.contains(&format!("| `{key}` |")), "{key}");
    }
    for family in crawler::Family::ALL {
        assert!(manual.contains(&format!("`{}`", family.code())), "{family:?}");
    }
    for genre in report::Genre::ALL {
        assert!(manual.contains(&format!("`{}`", genre.code())), "{genre:?}");
    }
}

#[test]
fn folders_are_checked_file_by_file_and_warnings_are_no_errors() {
    let data = Data::empty();
    data.file(
        "portals/one.toml",
        b"seeds = [\"https://www.a.gov.cn/\"]\nregion = \"510132\"\n",
    );
    data.file("portals/two.toml", b"seeds = []\n");
    data.file("portals/readme.txt", b"");
    let folder = data.dir().with_file_name("portals");
    let told = run(gongbao(&data.dir())
        .args(["portal", "check", "--json"])
        .arg(&folder));
    assert_eq!(told.code, Some(1), "{told:?}");
    let files: Vec<Value> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(files.len(), 2);
    assert_eq!(
        (&files[0]["ok"], &files[1]["ok"]),
        (&Value::from(true), &Value::from(false))
    );
    assert_eq!(files[0]["warnings"][0]["key"], "region");

    let right = run(gongbao(&data.dir())
        .args(["portal", "check"])
        .arg(folder.join("one.toml")));
    assert_eq!(right.code, Some(0), "{right:?}");
    let absent = run(gongbao(&data.dir())
        .args(["portal", "check"])
        .arg(folder.join("three.toml")));
    assert_eq!((absent.code, absent.stdout.as_str()), (Some(2), ""), "{absent:?}");
    assert!(!data.dir().exists(), "nothing is written");
}

/// What was said without line breaks and other white space.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A site on loopback: what it answers by path, and when it was asked for what.
struct Site {
    host: String,
    asked: Arc<Mutex<Vec<(String, Instant)>>>,
}

impl Site {
    /// Whole answers by path, without the length of their body.
    fn start(pages: impl Fn(&str) -> BTreeMap<&'static str, (u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (pages, seen) = (pages(&host), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                while lines
                    .next()
                    .and_then(Result::ok)
                    .is_some_and(|line| !line.is_empty())
                {}
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push((path.clone(), Instant::now()));
                let missing = (404, String::new());
                let (status, body) = pages.get(path.as_str()).unwrap_or(&missing);
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream
                    .write_all(head.as_bytes())
                    .and_then(|()| stream.write_all(body.as_bytes()));
            }
        });
        Self { host, asked }
    }

    /// Checks a portal file for the site, with its first seed at `path`.
    fn check(&self, data: &Data, path: &str, more: &str, args: &[&str]) -> Run {
        let toml = format!(
            "region = \"341823\"\nseeds = [\"http://{}{path}\"]\n{more}\n",
            self.host
        );
        let config = format!(
            "[crawl]\nallow_private = [\"{}\"]\ndelay = \"300ms\"\n",
            self.host
        );
        let file = data.file("portals/p.toml", toml.as_bytes());
        let config = data.file("gongbao.toml", config.as_bytes());
        let mut command = gongbao(&data.dir());
        command
            .arg("--config")
            .arg(config)
            .args(["portal", "check", "--live"])
            .args(args)
            .arg(file);
        run(&mut command)
    }
}

#[test]
fn every_sample_portal_is_understood_and_nothing_is_kept() {
    let sites = Sites::start();
    let data = sites.path("data");
    let expected = sites.sites.expected();
    for (id, family) in [("jingxian", "trs"), ("yushe", "static"), ("longsheng", "sitemap")] {
        let file = sites.path(&format!("portals/{id}.toml"));
        let mut command = gongbao(&data);
        command.arg("--config").arg(sites.path("gongbao.toml"));
        let told = run(command.args(["portal", "check", "--live", "--json"]).arg(&file));
        assert_eq!(told.code, Some(0), "{id}: {told:?}");
        let json = told.json();
        let live = &json["live"];
        assert_eq!(json["ok"], true, "{json}");
        assert_eq!(live["robots"][0]["allows"], true, "{live}");
        let steps = live["steps"].as_array().unwrap();
        assert!(steps.len() <= 8, "{live}");
        let lists = steps
            .iter()
            .filter_map(|step| step["list"]["family"]["code"].as_str());
        assert!(lists.clone().any(|code| code == family), "{id}: {live}");
        let report = &live["report"];
        let want = expected.iter().find(|want| report["url"] == want.url);
        let want = want.unwrap_or_else(|| panic!("{id}: {report} is no report of the portal"));
        assert_eq!(report["title"], want.title);
        assert_eq!(report["genre"], want.genre.code());
        assert_eq!(report["region"]["code"], want.region_code);
        assert_eq!(report["published"], want.published.to_string());
        assert!(
            report["container"].is_string() && !report["region"]["evidence"].as_array().unwrap().is_empty()
        );

        let mut command = gongbao(&data);
        command.arg("--config").arg(sites.path("gongbao.toml"));
        let text = run(command.args(["portal", "check", "--live"]).arg(&file));
        assert_eq!(text.code, Some(0), "{text:?}");
        assert!(
            squeezed(&text.stdout).contains(&squeezed(want.title)) && text.stdout.contains(family),
            "{}",
            text.stdout
        );
    }
    assert!(!data.exists(), "nothing is written to the data directory");
    sites.runtime.block_on(sites.sites.stop());
}

fn list_of(rows: &str, more: &str) -> String {
    format!("<html><head><title>法治政府建设-某某县</title></head><body><ul>{rows}</ul>{more}</body></html>")
}

fn report_of(title: &str) -> String {
    let paragraph =
        "全县各级各部门认真贯彻落实法治政府建设实施纲要，依法全面履行政府职能，自觉接受各方面监督。"
            .repeat(4);
    format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1><div>发布日期：2024-02-27 来源：县司法局</div>\
         <div id=\"zoom\"><p>一、工作开展情况</p><p>{paragraph}</p><p>二、存在的问题</p><p>{paragraph}</p></div></body></html>"
    )
}

#[test]
fn a_home_page_is_followed_to_a_list_and_a_report_at_the_pace_of_a_crawl() {
    let title = "某某县人民政府2023年度法治政府建设情况的报告";
    let site = Site::start(|_| {
        let rows: String = (1..6)
            .map(|n| format!("<li><a href=\"t2024022{n}_1.html\">{title}</a><span>2024-02-2{n}</span></li>"))
            .collect();
        BTreeMap::from([
            ("/robots.txt", (200, "User-agent: *\nDisallow: /admin/\n".to_owned())),
            ("/", (200, "<a href=\"/zwgk/\">政务公开</a><a href=\"/xw/\">新闻中心</a><a href=\"/t/20240101001.html\">县政府召开常务会议</a>".to_owned())),
            ("/zwgk/", (200, "<a href=\"rsxx/\">人事信息</a><a href=\"fz/\">法治政府建设</a><a href=\"tz/\">通知公告</a>".to_owned())),
            ("/zwgk/fz/", (200, list_of(&rows, "<script>createPageHTML(3,0,'index','html')</script>"))),
            ("/zwgk/fz/t20240221_1.html", (200, report_of(title))),
        ])
    });
    let data = Data::empty();
    let told = site.check(&data, "/", "family = \"static\"", &["--json"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let live = &told.json()["live"];
    let paths: Vec<String> = site
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|(path, _)| path.clone())
        .collect();
    assert_eq!(
        paths,
        [
            "/robots.txt",
            "/",
            "/zwgk/",
            "/zwgk/fz/",
            "/zwgk/fz/t20240221_1.html"
        ]
    );
    assert_eq!(
        live["steps"][1]["list"]["columns"][0]["name"], "法治政府建设",
        "the best comes first: {live}"
    );
    assert_eq!(live["report"]["title"], title);
    let advice = live["advice"].to_string();
    assert!(
        advice.contains("trs") && advice.contains("family = \\\"auto\\\""),
        "{advice}"
    );
    let asked = site.asked.lock().unwrap();
    for pair in asked.windows(2) {
        let gap = pair[1].1.duration_since(pair[0].1);
        assert!(gap >= Duration::from_millis(290), "{gap:?} before {}", pair[1].0);
    }
}

#[test]
fn a_portal_that_keeps_us_out_is_said_to_with_what_is_left_to_do() {
    let data = Data::empty();
    let challenge = "<script>document.cookie='__jsl_clearance=1';location.href='/'</script>";
    let blocked = Site::start(|_| BTreeMap::from([("/", (521, challenge.to_owned()))]));
    let told = blocked.check(&data, "/", "", &[]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.stdout.contains("blocked:jsl") && squeezed(&told.stdout).contains("gongbaoimport"),
        "{}",
        told.stdout
    );

    let closed = Site::start(|_| BTreeMap::from([("/robots.txt", (403, String::new()))]));
    let told = closed.check(&data, "/zwgk/", "", &["--json"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert_eq!(
        told.json()["live"]["steps"][0]["failure"]["code"],
        "robots_forbidden",
        "{told:?}"
    );
    assert_eq!(
        closed.asked.lock().unwrap().len(),
        1,
        "only robots.txt is asked for"
    );

    let soft = Site::start(|_| {
        BTreeMap::from([(
            "/zwgk/",
            (200, "<title>错误</title><h1>您访问的页面不存在</h1>".to_owned()),
        )])
    });
    let told = soft.check(&data, "/zwgk/", "", &[]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(squeezed(&told.stdout).contains("errorpage"), "{}", told.stdout);

    let gone = Site::start(|_| BTreeMap::new());
    let told = gone.check(&data, "/zwgk/", "", &[]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("http_404"), "{}", told.stdout);
}
