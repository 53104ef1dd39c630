//! Whole commands: what they print, what they exit with, and that bad input loses nothing.

use std::{
    fs,
    io::{BufRead, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Data, Service, gongbao, run};

#[test]
fn missing_files_and_wrong_values_exit_2_and_say_which() {
    let data = Data::empty();
    let page = data.file("a.txt", "标题\n正文。".as_bytes());
    let page = page.to_str().unwrap();
    let cases: [(&[&str], &str); 9] = [
        (&["search", "--with-text"], "--with-text"),
        (&["import", page, "nowhere.html"], "nowhere.html"),
        (&["import"], "PATH"),
        (&["extract", "nowhere.html"], "nowhere.html"),
        (&["search", "法治"], "no data directory"),
        (&["crawl"], "init"),
        (&["index", "stats"], "no data directory"),
        (&["frobnicate"], "frobnicate"),
        (&["--config", "nowhere.toml", "search", "x"], "nowhere.toml"),
    ];
    for (arguments, word) in cases {
        let run = run(gongbao(&data.dir()).args(arguments));
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
        assert!(
            run.stderr.contains(word) && run.stdout.is_empty(),
            "{arguments:?}: {run:?}"
        );
    }
    assert!(!data.dir().exists(), "a wrong call writes nothing");
}

#[test]
fn a_wrong_query_exits_2_and_points_at_its_place() {
    let data = Data::with_lines(&[
        json!({"url": "https://a.example.gov.cn/1", "title": "甲", "text": "法治政府建设。"}),
    ]);
    for arguments in [
        &["search", "(法治"][..],
        &["search", "x", "--region", "999999"],
        &["search", "x", "--mode", "fuzzy"],
    ] {
        let run = run(gongbao(&data.dir()).args(arguments));
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
    }
    let pointed = run(gongbao(&data.dir()).args(["search", "法治 AND )"]));
    assert!(pointed.stderr.contains("         ^"), "{pointed:?}");
    let found = run(gongbao(&data.dir()).args(["search", "\"法治政府\"", "--json"]));
    assert_eq!(
        (found.code, &found.json()["total"]["value"]),
        (Some(0), &json!(1))
    );
    let shown = run(gongbao(&data.dir()).args(["search", "法治"]));
    assert!(
        shown.stdout.contains("甲") && shown.stdout.contains("1 reports"),
        "{shown:?}"
    );
}

#[test]
fn reports_like_another_are_shown_with_what_they_share() {
    let shared =
        "一年来，县政府持续推进法治政府建设，严格规范公正文明执法，优化营商环境，办理行政复议案件四十二件。"
            .repeat(3);
    let line = |id: &str, title: &str, text: &str| json!({"id": id, "url": format!("https://a.example.gov.cn/{id}"), "title": title, "text": text});
    let data = Data::with_lines(&[
        line("a", "甲报告", &format!("{shared}甲。")),
        line("b", "乙报告", &format!("{shared}乙。")),
        line("c", "丙公告", "停水通知。"),
    ]);
    let similar = |arguments: &[&str]| run(gongbao(&data.dir()).arg("similar").args(arguments));
    let shown = similar(&["a"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for part in [
        "Near-duplicates: 1",
        "乙报告",
        "in both",
        "一年来，县政府持续推进",
        "About the same thing: 0",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {shown:?}");
    }
    assert!(!shown.stdout.contains("丙公告"), "{shown:?}");
    let json = similar(&["a", "--json", "--limit", "1"]).json();
    assert_eq!(json["duplicates"][0]["id"], "b", "{json}");
    for (arguments, word) in [(&["nobody"][..], "nobody"), (&["a", "--limit", "101"], "1..=100")] {
        let wrong = similar(arguments);
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
        assert!(
            wrong.stderr.contains(word) && wrong.stdout.is_empty(),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_search_shows_what_the_api_tells() {
    let lines: Vec<_> = (0..130)
        .map(|n| {
            let text = if n == 0 {
                "推进生态建设。"
            } else {
                "推进环保工作。"
            };
            json!({"url": format!("https://a.example.gov.cn/{n}"), "title": format!("报告{n}"), "text": text,
                   "year": 2020 + n % 2, "genre": "notice"})
        })
        .collect();
    let data = Data::with_lines(&lines);
    let search = |arguments: &[&str]| run(gongbao(&data.dir()).arg("search").args(arguments));
    let all = search(&[
        "环保",
        "--limit",
        "1000",
        "--json",
        "--fields",
        "id,year",
        "--year-from",
        "2021",
    ])
    .json();
    let hits = all["hits"].as_array().unwrap();
    assert_eq!((hits.len(), &all["total"]["value"]), (65, &json!(65)));
    assert_eq!(hits[0].as_object().unwrap().len(), 2);
    let many = search(&["环保", "--limit", "120", "--json"]).json();
    let ids: std::collections::BTreeSet<_> = many["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["id"].to_string())
        .collect();
    assert_eq!((ids.len(), &many["next_cursor"]), (120, &json!(null)));
    let counted = search(&["环保", "--limit", "0", "--facets", "year,genre"]);
    assert!(
        counted.stdout.contains("129 reports, 0 shown") && counted.stdout.contains("65  2021"),
        "{counted:?}"
    );
    assert!(!counted.stdout.contains('\u{1b}'), "no colours into a pipe");

    // Synonyms of the operator, found beside the configuration; and a mistake in them.
    data.file("synonyms.txt", "环保, 生态\n".as_bytes());
    let config = data.file("gongbao.toml", b"[search]\nsynonyms = \"synonyms.txt\"\n");
    let loose = || {
        run(gongbao(&data.dir()).arg("--config").arg(&config).args([
            "search",
            "环保 or 推进",
            "--mode",
            "loose",
            "--limit",
            "1",
        ]))
    };
    let found = loose();
    assert!(found.stdout.contains("0 reports"), "or is a word: {found:?}");
    assert!(
        found.stderr.contains("also for 环保: 生态") && found.stderr.contains("write OR"),
        "{found:?}"
    );
    data.file("synonyms.txt", "环保, 生态\n绿色\n".as_bytes());
    let wrong = loose();
    assert!(
        wrong.code == Some(2) && wrong.stderr.contains("synonyms.txt: line 2: "),
        "{wrong:?}"
    );
}

#[test]
fn broken_configuration_names_line_and_key() {
    let data = Data::empty();
    let config = data.file("gongbao.toml", b"[crawl]\ndelay = \"2s\"\nmin_dealy = \"1s\"\n");
    let wrong = run(gongbao(&data.dir())
        .arg("--config")
        .arg(&config)
        .args(["search", "x"]));
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.stderr.contains("gongbao.toml:3") && wrong.stderr.contains("min_delay"),
        "{wrong:?}"
    );

    let config = data.file("ok/gongbao.toml", b"");
    for (text, words) in [
        (
            "id = \"bad\"\nname = \"坏\"\nseeds = [\"https://www.example.gov.cn/\"\n",
            ["bad.toml", ":"],
        ),
        (
            "id = \"bad\"\nseeds = [\"https://www.example.gov.cn/\"]\nseedz = 1\n",
            ["bad.toml:3", "seeds"],
        ),
        (
            "id = \"bad\"\nseeds = [\"https://www.example.gov.cn/\"]\nregion = \"999999\"\n",
            ["bad.toml:3", "999999"],
        ),
    ] {
        data.file("ok/portals/bad.toml", text.as_bytes());
        let wrong = run(gongbao(&data.dir()).arg("--config").arg(&config).arg("crawl"));
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
        assert!(
            words.iter().all(|word| wrong.stderr.contains(word)),
            "{words:?}: {wrong:?}"
        );
    }
}

#[test]
fn bad_lines_are_told_and_the_rest_is_imported() {
    let data = Data::empty();
    let lines = "{\"url\": \"https://a.example.gov.cn/1\", \"title\": \"甲\", \"text\": \"法治政府建设。\"}\n\
                 {\"url\": \n\
                 {\"url\": \"https://a.example.gov.cn/3\", \"title\": \"没有正文\"}\n\
                 {\"id\": \"x\", \"txt\": \"写错的字段\"}\n\
                 {\"id\": \"y\", \"text\": \"地区写错。\", \"region_code\": \"999999\"}\n\
                 {\"url\": \"https://a.example.gov.cn/2\", \"title\": \"乙\", \"text\": \"法治社会建设。\"}\n";
    let file = data.file("lines.jsonl", lines.as_bytes());
    let first = run(gongbao(&data.dir()).args(["import", "--json"]).arg(&file));
    assert_eq!(first.code, Some(1), "{first:?}");
    let summary = first.json();
    let mut bad: Vec<u64> = summary["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["line"].as_u64().unwrap())
        .collect();
    bad.sort_unstable();
    assert_eq!(bad, [2, 3, 4, 5], "{summary}");
    assert_eq!(summary["new"], 2);
    for line in [":2:", ":3:", ":4:", ":5:"] {
        assert!(first.stderr.contains(line), "{first:?}");
    }
    let archived = || {
        fs::read_dir(data.dir().join("archive"))
            .unwrap()
            .map(|e| e.unwrap().metadata().unwrap().len())
            .sum::<u64>()
    };
    let size = archived();
    let again = run(gongbao(&data.dir()).args(["import", "--json"]).arg(&file)).json();
    assert_eq!(
        (again["new"].as_u64(), again["unchanged"].as_u64()),
        (Some(0), Some(2)),
        "{again}"
    );
    assert_eq!(archived(), size, "the same import twice changes nothing");
}

#[test]
fn a_page_in_a_lying_charset_is_read_right() {
    let data = Data::empty();
    let body = "为深入推进依法行政，我县认真履行职责，全面完成年度目标任务，现将有关情况报告如下。".repeat(4);
    let html = format!(
        "<html><head><meta charset=\"utf-8\"><title>示例</title></head><body><h1>示例县2021年度法治政府建设情况报告</h1><div class=\"TRS_Editor\"><p>{body}</p></div></body></html>"
    );
    let (gbk, _, _) = encoding_rs::GBK.encode(&html);
    let file = data.file("page.html", &gbk);
    let run = run(gongbao(&data.dir()).arg("extract").arg(&file));
    assert_eq!(run.code, Some(0), "{run:?}");
    let report = run.json();
    assert!(
        report["text"].as_str().unwrap().contains("认真履行职责"),
        "{report}"
    );
    assert_eq!(report["quality"]["flags"], json!([]));
    assert_eq!(report["year"], 2021);
}

#[test]
fn a_taken_port_exits_1_and_says_so() {
    let data = Data::empty();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let run = run(gongbao(&data.dir()).args(["serve", "--bind", &addr]));
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stderr.contains(&addr) && run.stderr.contains("--bind"),
        "{run:?}"
    );
}

#[test]
fn a_second_writer_fails_or_waits_and_says_for_whom() {
    let data = Data::with_lines(&[json!({"url": "https://a.example.gov.cn/1", "text": "一。"})]);
    let file = data.file(
        "more.jsonl",
        b"{\"url\": \"https://a.example.gov.cn/2\", \"text\": \"two\"}\n",
    );
    let no_portals: crawler::PortalLookup = Arc::new(|_| None);
    let lock =
        crawler::Store::open(&data.dir(), no_portals, crawler::LockWait::Fail, "a long crawl").unwrap();
    let started = Instant::now();
    let refused = run(gongbao(&data.dir()).args(["import", "--no-wait"]).arg(&file));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.stderr.contains("a long crawl"),
        "names who holds it: {refused:?}"
    );
    assert!(started.elapsed() < Duration::from_secs(5));
    // Readers do not wait.
    assert_eq!(run(gongbao(&data.dir()).args(["search", ""])).code, Some(0));
    let mut waiting = gongbao(&data.dir())
        .arg("import")
        .arg(&file)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("waiting for `a long crawl`"), "{line}");
    drop(lock);
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
}

#[test]
fn readers_see_a_commit_of_another_process() {
    let data = Data::empty();
    let service = Service::start(gongbao(&data.dir()).args(["serve", "--bind", "127.0.0.1:0"]));
    assert!(ask(&service, "/api/v1/search").contains("\"value\":0"));
    data.import(&[json!({"url": "https://a.example.gov.cn/1", "title": "甲", "text": "法治政府建设。"})]);
    let deadline = Instant::now() + Duration::from_secs(5);
    while !ask(&service, "/api/v1/search").contains("\"value\":1") {
        assert!(Instant::now() < deadline, "the commit is not seen");
        std::thread::sleep(Duration::from_millis(50));
    }
    let rebuilt = run(gongbao(&data.dir()).args(["index", "rebuild"]));
    assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    assert!(
        ask(&service, "/api/v1/search").contains("\"value\":1"),
        "a rebuild does not interrupt searches"
    );
    assert_eq!(run(gongbao(&data.dir()).args(["index", "verify"])).code, Some(0));
}

fn ask(service: &Service, target: &str) -> String {
    send(
        service,
        format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes(),
    )
}

fn send(service: &Service, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.authority()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn an_endless_address_is_answered_in_words() {
    let data = Data::empty();
    let service = Service::start(gongbao(&data.dir()).args(["serve", "--bind", "127.0.0.1:0"]));
    for size in [40 << 10, 80 << 10, 3 << 20] {
        let target = format!("/api/v1/search?q={}", "a".repeat(size));
        let answer = ask(&service, &target);
        assert!(
            answer.starts_with("HTTP/1.1 414"),
            "{size}: {}",
            &answer[..answer.len().min(200)]
        );
        assert!(answer.contains("\"code\":\"uri_too_long\""), "{size}: {answer}");
    }
    // The service lives on.
    assert!(ask(&service, "/healthz").contains("\"ok\""));
}

#[test]
fn manual_and_completions_need_nothing() {
    let data = Data::empty();
    let man = run(gongbao(&data.dir()).arg("man"));
    assert!(man.stdout.contains(".TH") && man.code == Some(0));
    let bash = run(gongbao(&data.dir()).args(["completions", "bash"]));
    assert!(bash.stdout.contains("_gongbao"));
}
