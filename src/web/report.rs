//! A report's page: text with anchors, outline, metadata with its evidence.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::Response,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use report::{Report, Section};

use crate::{
    api::{
        self,
        params::{Params, segment},
        problem::Problem,
    },
    http::App,
};

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    title: String,
    region_path: String,
    flags: Vec<&'static str>,
    blocks: Vec<Block>,
    facts: Vec<(&'static str, String)>,
    evidence: Vec<(&'static str, String)>,
    attachments: Vec<(String, String, bool)>,
    outline: Vec<Entry>,
    url: String,
    link: bool,
    id_in_path: String,
}

/// A piece of the text as it is shown.
enum Block {
    Heading { id: String, level: u8, text: String },
    Paragraph(String),
    Table(Vec<Vec<String>>),
}

struct Entry {
    level: u8,
    id: String,
    text: String,
}

pub(crate) async fn page(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let report = api::report::find(&app, segment(path)?).await?;
    super::page(&ReportPage::new(&report))
}

/// Whether an address found on a page may become a link of ours.
pub(crate) fn is_web_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// An id as one segment of a path.
pub(crate) fn id_in_path(id: &report::ReportId) -> String {
    utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC).to_string()
}

/// Names from the province down, joined.
pub(crate) fn region_path(report: &Report) -> String {
    let content = &report.content;
    let names = [&content.province, &content.city, &content.county];
    names
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" › ")
}

impl ReportPage {
    fn new(report: &Report) -> Self {
        let content = &report.content;
        let mut facts: Vec<(&'static str, String)> = Vec::new();
        let mut fact = |name, value: Option<String>| {
            if let Some(value) = value {
                facts.push((name, value));
            }
        };
        fact("文种", Some(content.genre.label().to_owned()));
        let basis = content
            .year_basis
            .map(|basis| format!("（依据：{}）", basis.label()))
            .unwrap_or_default();
        fact("报告年度", content.year.map(|year| format!("{year}{basis}")));
        fact("发文机关", content.issuer.clone());
        fact(
            "机关类别",
            content.issuer_type.map(|kind| kind.label().to_owned()),
        );
        fact("信息来源", content.source.clone());
        fact("发文字号", content.document_number.clone());
        fact("索引号", content.index_number.clone());
        fact("发布日期", content.published.map(|date| date.to_string()));
        fact("成文日期", content.signed.map(|date| date.to_string()));
        fact("采集时间", Some(report.retrieved_at.to_string()));
        fact("汉字数", Some(content.chars.to_string()));
        fact("门户", Some(report.portal.clone()));
        fact(
            "状态",
            Some(format!("{}（第 {} 版）", report.status.label(), report.version)),
        );
        let evidence = content
            .region_evidence
            .iter()
            .map(|e| (signal_label(&e.signal), format!("{}（{}）", e.value, e.code)));
        let attachments = content.attachments.iter().map(|a| {
            let name = if a.name.is_empty() {
                a.url.clone()
            } else {
                a.name.clone()
            };
            (name, a.url.clone(), is_web_address(&a.url))
        });
        Self {
            title: content.title.clone().unwrap_or_else(|| "（无标题）".to_owned()),
            region_path: region_path(report),
            flags: content.quality.flags.iter().map(|flag| flag.label()).collect(),
            blocks: blocks(&content.text, &content.outline),
            facts,
            evidence: evidence.collect(),
            attachments: attachments.collect(),
            outline: content
                .outline
                .iter()
                .filter(|section| !section.is_inline())
                .map(|s| Entry {
                    level: s.level,
                    id: anchor(s),
                    text: shown(s),
                })
                .collect(),
            url: report.url.clone(),
            link: is_web_address(&report.url),
            id_in_path: id_in_path(&report.id),
        }
    }
}

fn signal_label(signal: &str) -> &'static str {
    match signal {
        "site_id" => "网站标识码",
        "source" => "信息来源",
        "imprint" => "主办单位",
        "icp" => "ICP备案",
        "police_record" => "公安备案",
        "index_number" => "索引号",
        "issuer" => "发文机关",
        "title" => "标题",
        "breadcrumb" => "页面位置",
        "site_name" => "网站名称",
        "body" => "正文",
        "portal" => "门户文件",
        _ => "其他",
    }
}

fn anchor(section: &Section) -> String {
    format!("s{}", section.start)
}

fn shown(section: &Section) -> String {
    let heading: String = section.heading.chars().take(40).collect();
    match (section.number.as_str(), section.level) {
        ("", _) => heading,
        (number, 1) => format!("{number}、{heading}"),
        (number, 2) => format!("（{number}）{heading}"),
        (number, 4) => format!("（{number}）{heading}"),
        (number, _) => format!("{number}. {heading}"),
    }
}

/// Splits the text into headings, paragraphs and runs of table rows.
fn blocks(text: &str, outline: &[Section]) -> Vec<Block> {
    let headings: BTreeMap<usize, &Section> = outline
        .iter()
        .filter(|section| !section.is_inline())
        .map(|section| (section.start, section))
        .collect();
    let mut blocks = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let chars = line.chars().count();
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let heading = headings.get(&start).or_else(|| headings.get(&(start + indent)));
        start += chars + 1;
        if line.trim().is_empty() {
            continue;
        }
        if line.contains('\t') {
            let row = line.split('\t').map(str::to_owned).collect();
            match blocks.last_mut() {
                Some(Block::Table(rows)) => rows.push(row),
                _ => blocks.push(Block::Table(vec![row])),
            }
            continue;
        }
        blocks.push(match heading {
            Some(section) => Block::Heading {
                id: anchor(section),
                level: section.level.saturating_add(1).min(6),
                text: line.trim().to_owned(),
            },
            None => Block::Paragraph(line.trim().to_owned()),
        });
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_web_address("https://www.example.gov.cn/a.html"));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "import:seeds/a.txt",
            "//x",
            "",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }

    #[test]
    fn points_of_a_paragraph_are_no_headings() {
        let text = "一、问题\n一是甲乙。二是丙丁。";
        let outline = report::outline::outline(text);
        assert_eq!(outline.len(), 3);
        assert!(matches!(
            &blocks(text, &outline)[..],
            [Block::Heading { .. }, Block::Paragraph(text)] if text.starts_with("一是")
        ));
    }

    #[test]
    fn rows_of_a_table_stay_together() {
        let blocks = blocks("a\n1\t2\n3\t4\nb", &[]);
        assert!(
            matches!(&blocks[..], [Block::Paragraph(_), Block::Table(rows), Block::Paragraph(_)] if rows.len() == 2)
        );
    }
}
