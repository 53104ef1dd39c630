//! `portal check`: what is said of portal files.

use serde_json::Value;

use crate::support::{Data, gongbao, run};

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
