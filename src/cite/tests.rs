//! Citations as other programs read them.

use biblatex::{Bibliography, ChunksExt};
use report::{ChinaTime, Content, ReportId, Status, outline};
use serde_json::Value;

use super::*;

fn report() -> Report {
    let text = "开头。\n一、主要成效\n甲。\n二、存在的问题\n（一）力量不足\n乙。一是丙；二是丁。";
    Report {
        id: "a/1".parse::<ReportId>().unwrap(),
        url: "https://a.example.gov.cn/1_2.html?x=%E5%B8%B8&y={z}".to_owned(),
        urls: Vec::new(),
        portal: "a".to_owned(),
        retrieved_at: "2024-03-01T17:00:00Z".parse::<ChinaTime>().unwrap(),
        changed_at: "2024-01-01T00:00:00Z".parse().unwrap(),
        version: 2,
        content_hash: String::new(),
        status: Status::Live,
        content: Content {
            title: Some("常宁市2020年度\n法治政府建设情况报告".to_owned()),
            text: text.to_owned(),
            outline: outline::outline(text),
            issuer: Some("常宁市人民政府".to_owned()),
            genre: Genre::RuleOfLawReport,
            document_number: Some("常政发〔2021〕3号".to_owned()),
            published: Some("2021-02-03".parse().unwrap()),
            ..Content::default()
        },
    }
}

fn cite(report: &Report, style: Style) -> String {
    style.document(&Citation::new(report, None, "https://search.example.org"))
}

const HOSTILE: &str =
    "a}\n@misc{b, title={c}} \\input{/etc/passwd} 50% & #1_2^3~$x$ \"q\" ER  - \r\nTY  - BOOK {{";

#[test]
fn gbt7714_has_the_form_of_the_standard() {
    assert_eq!(
        cite(&report(), Style::Gbt7714),
        "常宁市人民政府. 常宁市2020年度 法治政府建设情况报告: 常政发〔2021〕3号[R/OL]. (2021-02-03)[2024-03-02]. \
         https://a.example.gov.cn/1_2.html?x=%E5%B8%B8&y=%7Bz%7D. \
         存档: https://search.example.org/api/v1/reports/a%2F1/snapshot?version=2.\n"
    );
    let mut news = report();
    news.url = "import:a.txt".to_owned();
    news.content = Content {
        title: Some("全县推进".to_owned()),
        genre: Genre::News,
        ..Content::default()
    };
    assert_eq!(
        cite(&news, Style::Gbt7714),
        "全县推进[EB/OL]. [2024-03-02]. 存档: https://search.example.org/api/v1/reports/a%2F1/snapshot?version=2.\n"
    );
}

#[test]
fn a_section_is_named_and_linked() {
    let report = report();
    let section = |path: &str| {
        report
            .content
            .outline
            .iter()
            .find(|section| section.path == path)
            .unwrap()
    };
    // The path of the section, which text that is added before it does not change.
    let anchor = "#s.%E4%BA%8C%2F%28%E4%B8%80%29";
    for path in ["二/(一)", "二/(一)/一是"] {
        let citation = Citation::new(&report, Some(section(path)), "");
        for (style, _) in Style::ALL {
            let cited = style.document(&citation);
            assert!(
                cited.contains(&format!("/reports/a%2F1{anchor}"))
                    || cited.contains(&format!("a\\%2F1\\{}", anchor.replace('%', "\\%"))),
                "{cited}"
            );
            assert!(cited.contains(path), "{cited}");
        }
    }
    let line = Style::Gbt7714.one(&Citation::new(&report, Some(section("二/(一)")), ""));
    assert!(
        line.contains("[R/OL]. 2021: 二/(一) 力量不足(2021-02-03)[2024-03-02]. "),
        "{line}"
    );
}

#[test]
fn bibtex_is_read_back_whatever_a_title_holds() {
    let mut report = report();
    for title in ["常宁市报告", HOSTILE] {
        report.content.title = Some(title.to_owned());
        report.content.issuer = Some(title.to_owned());
        let text = cite(&report, Style::Bibtex);
        let read = Bibliography::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read.len(), 1, "{text}");
        let entry = read.iter().next().unwrap();
        assert_eq!(entry.key, "gongbao-a_2f1");
        let field = |name: &str| {
            entry
                .get(name)
                .unwrap_or_else(|| panic!("{name}: {text}"))
                .format_verbatim()
        };
        assert_eq!(
            (field("date").as_str(), field("urldate").as_str()),
            ("2021-02-03", "2024-03-02")
        );
        assert_eq!(field("number"), "常政发〔2021〕3号");
        assert_eq!(
            field("url"),
            "https://a.example.gov.cn/1_2.html?x=%E5%B8%B8&y=%7Bz%7D"
        );
        assert_eq!(entry.author().unwrap().len(), 1, "{text}");
        assert!(
            field("title").starts_with(title.chars().next().unwrap()),
            "{text}"
        );
    }
}

#[test]
fn ris_has_one_line_a_tag() {
    let mut report = report();
    report.content.title = Some(HOSTILE.to_owned());
    let text = cite(&report, Style::Ris);
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("TY  - RPRT", "ER  - "));
    for line in &lines {
        let (tag, rest) = line.split_at(2);
        assert!(
            tag.bytes().all(|b| b.is_ascii_alphanumeric()) && rest.starts_with("  - "),
            "{line:?}"
        );
    }
    for tag in ["TY", "TI", "ER"] {
        let of = |line: &&&str| line.starts_with(tag);
        assert_eq!(lines.iter().filter(of).count(), 1, "{text}");
    }
    assert!(
        lines.contains(&"DA  - 2021/02/03/") && lines.contains(&"Y2  - 2024/03/02/"),
        "{text}"
    );
}

#[test]
fn csl_says_the_same_as_the_others() {
    let mut report = report();
    report.content.title = Some(HOSTILE.to_owned());
    let items: Value = serde_json::from_str(&cite(&report, Style::Csl)).unwrap();
    let item = &items[0];
    assert_eq!(item["type"], "report");
    assert_eq!(item["author"][0]["literal"], "常宁市人民政府");
    assert_eq!(item["issued"]["date-parts"], serde_json::json!([[2021, 2, 3]]));
    assert_eq!(item["accessed"]["date-parts"], serde_json::json!([[2024, 3, 2]]));
    assert_eq!(item["URL"], report.url);
    assert_eq!(item["number"], "常政发〔2021〕3号");
    assert!(
        item["archive_location"]
            .as_str()
            .unwrap()
            .ends_with("/snapshot?version=2")
    );
}

#[test]
fn keys_are_plain_and_told_apart() {
    let mut report = report();
    let mut key = |id: &str| {
        report.id = id.parse().unwrap();
        Citation::new(&report, None, "").key()
    };
    assert_ne!(key("a_2f"), key("a/"));
    assert!(
        key("报告{1},")
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    );
}
