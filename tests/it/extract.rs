//! `extract`: one page with its explanation, and folders of pages with whatever may lie in them.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Data, Run, gongbao, run};

const BODY: &str = "<p>全县上下认真贯彻落实，各项任务按期完成，群众满意度进一步提高，工作取得新的成效。</p>\
                    <p>下一步，将继续完善制度，强化监督检查，确保各项措施落到实处、见到成效，不断提升治理水平。</p>";

/// A page with a clock in its head, a bar, a text and a foot.
fn page(title: &str) -> String {
    format!(
        "<title>{title}-清河县人民政府</title><div>2019年12月3日 星期二</div><h1>{title}</h1>\
         <div>来源：县政府办　浏览次数：35</div><div id=zoom>{BODY}</div><div>扫一扫在手机打开当前页</div>"
    )
}

fn extract(data: &Data, arguments: &[&str], file: &Path) -> Run {
    run(gongbao(&data.dir()).arg("extract").args(arguments).arg(file))
}

/// Runs a batch; its lines, and what it said.
fn batch(data: &Data, folder: &Path) -> (Vec<Value>, Run) {
    let run = extract(data, &["--batch"], folder);
    let lines = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    (lines.collect(), run)
}

fn files(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["file"].as_str().unwrap()).collect()
}

#[test]
fn an_explanation_stands_beside_the_report() {
    let data = Data::empty();
    let file = data.file("1.html", page("清河县2022年度法治政府建设情况报告").as_bytes());
    let plain = extract(&data, &[], &file).json();
    let mut explained = extract(&data, &["--explain"], &file).json();
    let explain = explained["explain"].take();
    assert_eq!(explain["encoding"]["basis"], "utf8");
    assert_eq!(explain["layer"], "known_container");
    assert_eq!(explain["container"], "div#zoom");
    let blocks = explain["blocks"].as_array().unwrap();
    let reasons: Vec<&str> = blocks
        .iter()
        .map(|block| block["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["navigation", "title", "credit", "text", "tail"]);
    let fields = &explain["fields"];
    assert_eq!(
        fields["source"],
        json!({"value": "县政府办", "basis": "label", "from": "来源:县政府办", "rejected": []})
    );
    assert_eq!(fields["year"]["basis"], "title");
    // The clock in the head of the page was seen, and is named as what it is.
    assert_eq!(fields["published"]["value"], Value::Null);
    let clock = &fields["published"]["rejected"][0];
    assert_eq!(clock["from"], "2019年12月3日 星期二");
    assert!(clock["why"].as_str().unwrap().contains("clock"), "{clock}");
    // The report itself is the same with and without.
    for (name, value) in plain.as_object().unwrap() {
        if !["retrieved_at", "changed_at"].contains(&name.as_str()) {
            assert_eq!(&explained[name], value, "{name}");
        }
    }
    let text = extract(&data, &["--explain", "--format", "text"], &file);
    assert_eq!(text.code, Some(0), "{text:?}");
    for words in ["div#zoom", "credit", "来源:县政府办", "clock", "score 1.00"] {
        assert!(text.stdout.contains(words), "{words}: {}", text.stdout);
    }
}

#[test]
fn a_refusal_is_explained_too() {
    let data = Data::empty();
    let file = data.file(
        "1.html",
        "<title>404</title><h1>您访问的页面不存在</h1>".as_bytes(),
    );
    for format in ["json", "text"] {
        let refused = extract(&data, &["--explain", "--format", format], &file);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.stderr.contains("error page"), "{refused:?}");
        assert!(refused.stdout.contains("error page"), "{refused:?}");
        assert!(refused.stdout.contains("您访问的页面不存在"), "{refused:?}");
    }
    let refused = extract(&data, &["--explain"], &file).json();
    assert_eq!(refused["error"], refused["explain"]["refusal"]);
    assert_eq!(refused.get("title"), None);
}

#[test]
fn explanations_are_of_one_page_as_json_or_text() {
    let data = Data::empty();
    let file = data.file("1.html", page("清河县防汛工作方案").as_bytes());
    let folder = file.parent().unwrap().to_str().unwrap();
    let both = run(gongbao(&data.dir()).args(["extract", "--explain", "--batch", folder]));
    assert_eq!(both.code, Some(2), "{both:?}");
    assert!(
        both.stderr.contains("--explain") && both.stderr.contains("--batch"),
        "{both:?}"
    );
    let marked = extract(&data, &["--explain", "--format", "markdown"], &file);
    assert_eq!(marked.code, Some(2), "{marked:?}");
    assert!(
        marked.stdout.is_empty() && marked.stderr.contains("--format json or text"),
        "{marked:?}"
    );
    let help = run(gongbao(&data.dir()).args(["extract", "--help"]));
    assert!(help.stdout.contains("--explain --format text"), "{help:?}");
    assert!(
        help.stdout.contains("A batch that got through exits with 0"),
        "{help:?}"
    );
}

#[test]
fn a_batch_keeps_the_order_and_counts_what_had_no_report() {
    let data = Data::empty();
    // More than are read at once.
    for n in 0..150 {
        let title = format!("清河县第{n}号防汛工作方案");
        data.file(&format!("pages/{n:03}.html"), page(&title).as_bytes());
    }
    data.file("pages/050.html", b"<title></title>");
    data.file("pages/sub/a.HTM", page("清河县防火工作方案").as_bytes());
    data.file("pages/notes.pdf", b"%PDF-");
    let folder = data.file(
        "pages/z.txt",
        "清河县抗旱工作方案\n全县认真贯彻落实，各项任务按期完成。".as_bytes(),
    );
    let (lines, run) = batch(&data, folder.parent().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut names: Vec<String> = (0..150).map(|n| format!("{n:03}.html")).collect();
    names.extend(["sub/a.HTM".to_owned(), "z.txt".to_owned()]);
    assert_eq!(files(&lines), names);
    assert_eq!(lines[149]["title"], "清河县第149号防汛工作方案");
    assert_eq!(lines[149]["url"], "import:149.html");
    let bare = lines[50].as_object().unwrap();
    assert_eq!(bare.keys().collect::<Vec<_>>(), ["error", "file"]);
    let summary = run.stderr.lines().last().unwrap();
    assert!(
        summary.starts_with("152 pages, 1 of them without a report; "),
        "{summary}"
    );
    assert!(summary.ends_with(" MB/s"), "{summary}");
}

#[test]
fn odd_things_in_a_folder_do_no_harm() {
    let data = Data::empty();
    let file = data.file("pages/1.html", page("清河县防汛工作方案").as_bytes());
    let folder = file.parent().unwrap();
    fs::create_dir(folder.join("2.html")).unwrap();
    data.file("pages/2.html/inner.html", page("清河县防火工作方案").as_bytes());
    assert!(
        Command::new("mkfifo")
            .arg(folder.join("3.html"))
            .status()
            .unwrap()
            .success()
    );
    std::os::unix::fs::symlink(folder, folder.join("4.html")).unwrap();
    let latin = OsStr::from_bytes(b"caf\xe9.html");
    fs::write(folder.join(latin), page("清河县抗旱工作方案")).unwrap();
    // Longer than any page, and next to nothing on the disk.
    fs::File::create(folder.join("5.txt"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let (lines, run) = batch(&data, folder);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        files(&lines),
        ["1.html", "2.html/inner.html", "5.txt", "caf\u{fffd}.html"]
    );
    assert_eq!(lines[2]["error"], "it is longer than 64 MiB");
    assert_eq!(lines[3]["title"], "清河县抗旱工作方案");
    assert!(run.stderr.contains("2 left out as no plain files"), "{run:?}");
}

#[test]
fn addresses_come_from_a_list_whose_faults_are_named() {
    let data = Data::empty();
    data.file("pages/1.html", page("清河县防汛工作方案").as_bytes());
    let folder = data.file("pages/2.html", page("清河县防火工作方案").as_bytes());
    let folder = folder.parent().unwrap();
    let with = |tsv: &str| {
        let tsv = data.file("urls.tsv", tsv.as_bytes());
        run(gongbao(&data.dir())
            .args(["extract", "--batch"])
            .arg(folder)
            .arg("--urls")
            .arg(tsv))
    };
    let good = with(
        "\u{feff}1.html\thttps://www.qinghe.example/t20230704_1.html\r\n\r\nother.html\thttps://www.qinghe.example/2\r\n",
    );
    assert_eq!(good.code, Some(0), "{good:?}");
    let first: Value = serde_json::from_str(good.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["url"], "https://www.qinghe.example/t20230704_1.html");
    assert!(
        good.stderr.contains("1 of 2 URLs") && good.stderr.contains("other.html"),
        "{good:?}"
    );
    let bad = with(
        "1.html https://a.example/\n2.html\t/zwgk/2.html\n3.html\thttps://a.example/\n3.html\thttps://b.example/\n",
    );
    assert_eq!(bad.code, Some(2), "{bad:?}");
    assert!(bad.stdout.is_empty(), "{bad:?}");
    for place in [
        "urls.tsv:1: no tab",
        "urls.tsv:2: no absolute URL",
        "urls.tsv:4: the file has another URL",
    ] {
        assert!(bad.stderr.contains(place), "{place}: {bad:?}");
    }
}

#[test]
fn a_batch_whose_reader_has_gone_ends_quietly() {
    let data = Data::empty();
    let mut last = None;
    for n in 0..200 {
        last = Some(data.file(&format!("pages/{n}.html"), page("清河县防汛工作方案").as_bytes()));
    }
    let mut command = gongbao(&data.dir());
    command
        .args(["extract", "--batch"])
        .arg(last.unwrap().parent().unwrap());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}
