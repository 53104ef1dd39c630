//! A report's page: text with anchors, outline, metadata with its evidence.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::Response,
};
use crawler::VersionInfo;
use index::Similar;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use report::{Report, ReportId, Section};

use crate::{
    api::{
        self,
        params::{Params, segment},
        problem::Problem,
        search::read_as_of,
        versions::versions,
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
    /// Newest first; empty when there is but one.
    versions: Vec<VersionLine>,
    duplicates: Vec<LikeLine>,
    related: Vec<LikeLine>,
}

/// A report like this one.
struct LikeLine {
    title: String,
    link: String,
    /// How similar the texts are.
    share: String,
}

/// Reports of each kind that are listed.
const MAX_LIKE: usize = 8;

/// One version in a list of them.
pub(super) struct VersionLine {
    pub(super) version: u32,
    pub(super) about: String,
    /// The page that compares it with the one before.
    pub(super) diff: Option<String>,
}

/// Versions as they are listed, newest first.
pub(super) fn version_lines(id_in_path: &str, versions: &[VersionInfo]) -> Vec<VersionLine> {
    let line = |info: &VersionInfo| VersionLine {
        version: info.version,
        about: format!("{} 采集，{} 个汉字", info.retrieved_at.date(), info.chars),
        diff: (info.version > 1).then(|| {
            let (from, to) = (info.version - 1, info.version);
            format!("/reports/{id_in_path}/diff?from={from}&to={to}")
        }),
    };
    versions.iter().rev().map(line).collect()
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
    let mut params = Params::parse(query.as_deref())?;
    let as_of = read_as_of(&mut params)?;
    params.finish()?;
    let report = api::report::find(&app, segment(path)?, as_of).await?;
    let mut page = ReportPage::new(&report);
    if report.version > 1 || as_of.is_some() {
        let id = report.id.clone();
        let versions = app.with_catalog(move |catalog, _| versions(catalog, &id)).await?;
        page.versions = version_lines(&page.id_in_path, &versions);
    }
    // A page without these is better than none.
    if let Ok(similar) = api::similar::find(&app, report.id.clone(), MAX_LIKE).await {
        page.list_similar(&similar);
    }
    super::page(&page)
}

/// Whether an address found on a page may become a link of ours.
pub(crate) fn is_web_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// An id as one segment of a path.
pub(crate) fn id_in_path(id: &report::ReportId) -> String {
    utf8_percent_encode(id.as_str(), NON_ALPHANUMERIC).to_string()
}

/// The path of the page of a report.
pub(crate) fn page_path(id: &str) -> String {
    format!("/reports/{}", utf8_percent_encode(id, NON_ALPHANUMERIC))
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
            outline: entries(&content.text, &content.outline),
            url: report.url.clone(),
            link: is_web_address(&report.url),
            id_in_path: id_in_path(&report.id),
            versions: Vec::new(),
            duplicates: Vec::new(),
            related: Vec::new(),
        }
    }

    fn list_similar(&mut self, similar: &Similar) {
        let line = |id: &ReportId, title: Option<&str>, share: String| LikeLine {
            title: title.unwrap_or("（无标题）").to_owned(),
            link: format!("/reports/{}", id_in_path(id)),
            share,
        };
        let duplicates = similar.duplicates.iter().map(|like| {
            let share = format!("{:.0} %", like.similarity * 100.0);
            line(&like.id, like.title.as_deref(), share)
        });
        self.duplicates = duplicates.collect();
        let related = similar.related.iter();
        let related = related.map(|like| line(&like.id, like.title.as_deref(), String::new()));
        self.related = related.collect();
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
        "host" => "网址",
        "document_number" => "发文字号",
        "cited_title" => "引用文件",
        "superior" => "上级机关",
        "given" => "导入给定",
        _ => "其他",
    }
}

fn anchor(section: &Section) -> String {
    format!("s{}", section.start)
}

/// The anchor on a report's page of a section, or of the heading that it stands below; `None` when there is none.
pub(crate) fn anchor_of(outline: &[Section], section: &Section) -> Option<String> {
    let holds = |other: &&Section| other.start <= section.start && other.end >= section.end;
    let above = outline.iter().filter(holds).rfind(|other| !other.is_inline());
    above.map(anchor)
}

/// The headings as a table of contents.
fn entries(text: &str, outline: &[Section]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let (mut rest, mut at) = (text, 0);
    for section in outline.iter().filter(|section| !section.is_inline()) {
        let skipped = section.start.saturating_sub(at);
        let begins = rest
            .char_indices()
            .nth(skipped)
            .map_or(rest.len(), |(byte, _)| byte);
        (rest, at) = (&rest[begins..], at + skipped);
        entries.push(Entry {
            level: section.level,
            id: anchor(section),
            text: shown(section, rest),
        });
    }
    entries
}

/// A heading with its number as the text writes it: 一、 （一） 第三章 ①. `rest` begins with both.
fn shown(section: &Section, rest: &str) -> String {
    const LONGEST: usize = 40;
    /// Characters by which a heading is found behind its number.
    const BEGINS: usize = 6;
    let heading: String = section.heading.chars().take(LONGEST).collect();
    let line = rest.lines().next().unwrap_or_default();
    let begins: String = heading.chars().take(BEGINS).collect();
    match line.find(&begins) {
        _ if heading.is_empty() => section.number.clone(),
        Some(at) => format!("{}{heading}", line[..at].trim_start()),
        None => format!("{} {heading}", section.number),
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
    fn the_table_of_contents_has_numbers_as_they_are_written() {
        for (text, expected) in [
            (
                "一、总体\n甲。\n（一）健全制度。乙。\n1.完善机制\n丙。",
                ["一、总体", "（一）健全制度", "1.完善机制"].as_slice(),
            ),
            (
                "第一章 总则\n第一条 为了治理，制定本办法。\n第二条 本办法适用于全县。\n第二章 附则\n第三条 本办法由县政府解释。\n第四条 本办法自公布之日起施行。",
                &[
                    "第一章 总则",
                    "第一条",
                    "第二条",
                    "第二章 附则",
                    "第三条",
                    "第四条",
                ],
            ),
            (
                "第一部分 概况\n一、职责\n甲。\n第二部分 收支\n二、决算\n乙。",
                &["第一部分 概况", "一、职责", "第二部分 收支", "二、决算"],
            ),
        ] {
            let entries = entries(text, &report::outline::outline(text));
            let shown: Vec<_> = entries.iter().map(|entry| entry.text.as_str()).collect();
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn rows_of_a_table_stay_together() {
        let blocks = blocks("a\n1\t2\n3\t4\nb", &[]);
        assert!(
            matches!(&blocks[..], [Block::Paragraph(_), Block::Table(rows), Block::Paragraph(_)] if rows.len() == 2)
        );
    }
}
