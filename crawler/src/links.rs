//! The links of a page, each with the words around it.
//!
//! Pure: a parsed page and its address go in. Links are resolved against `<base>` and the address that answered.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use scraper::{ElementRef, Html, Selector, node::Element};
use url::Url;

use crate::url::category;

/// Most links of one page that are read.
const MAX_LINKS: usize = 5000;

/// Most frames and refreshes of one page that are read.
const MAX_FRAMES: usize = 20;

/// Longest text of a list row, in characters; what is longer is no row.
const MAX_ROW_CHARS: usize = 300;

/// Most nodes of a row that are looked at.
const MAX_ROW_NODES: usize = 500;

/// How far above a link its row is looked for.
const MAX_ROW_LEVELS: usize = 5;

/// One link.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    /// Where it leads, without a fragment.
    pub(crate) url: Url,
    /// What it says: its text, or its `title` when that is the longer form of the text.
    pub(crate) text: String,
    /// `rel="next"`.
    pub(crate) is_next: bool,
    /// The date that stands beside it in its row.
    pub(crate) date: Option<Date>,
    /// What the page shows stands there: a frame, or where it sends every visitor at once.
    pub(crate) is_frame: bool,
}

/// All links of a page in the order they stand there.
pub(crate) fn links(page: &Html, page_url: &Url) -> Vec<Link> {
    static ANCHORS: LazyLock<Selector> = LazyLock::new(|| css("a, area, link[rel=next]"));
    static OPTIONS: LazyLock<Selector> = LazyLock::new(|| css("select option[value]"));
    static FRAMES: LazyLock<Selector> = LazyLock::new(|| css("frame[src], iframe[src]"));
    static REFRESH: LazyLock<Selector> = LazyLock::new(|| css("meta[http-equiv][content]"));
    let base = base(page, page_url);
    let mut links: Vec<_> = page
        .select(&ANCHORS)
        .filter_map(|element| link(element, &base))
        .take(MAX_LINKS)
        .collect();
    // Some pagers are a drop-down list of addresses. Any other value of an option is no file name.
    let options = page.select(&OPTIONS).take(MAX_LINKS);
    links.extend(options.filter_map(|option| {
        let value = option
            .value()
            .attr("value")
            .filter(|value| value.contains(".htm") || value.contains(".shtm"))?;
        let url = resolve(&base, value)?;
        Some(Link {
            url,
            text: squeeze(&text_of(option, 40).0),
            is_next: false,
            date: None,
            is_frame: false,
        })
    }));
    let frames = page.select(&FRAMES).filter_map(|frame| frame.value().attr("src"));
    let refresh = page.select(&REFRESH).filter_map(|meta| refresh(meta.value()));
    let frames = frames
        .chain(refresh)
        .take(MAX_FRAMES)
        .filter_map(|target| resolve(&base, target.trim()));
    links.extend(frames.map(|url| Link {
        url,
        text: String::new(),
        is_next: false,
        date: None,
        is_frame: true,
    }));
    links
}

/// The address in `<meta http-equiv="refresh" content="0; url=…">`.
fn refresh(meta: &Element) -> Option<&str> {
    let is_refresh = meta
        .attr("http-equiv")
        .is_some_and(|name| name.trim().eq_ignore_ascii_case("refresh"));
    let content = meta.attr("content").filter(|_| is_refresh)?;
    let at = content.to_ascii_lowercase().find("url=")?;
    content
        .get(at + 4..)
        .map(|target| target.trim_matches(['"', '\'', ' ']))
}

/// The address of a page's first link, as it is written.
pub(crate) fn first_href(page: &Html) -> Option<String> {
    static HREF: LazyLock<Selector> = LazyLock::new(|| css("[href]"));
    let element = page.select(&HREF).next()?;
    Some(element.value().attr("href")?.trim().to_owned())
}

/// Where a page without links of its own sends its visitors by script.
pub(crate) fn scripted_target(html: &str, page_url: &Url) -> Option<Url> {
    resolve(page_url, scripted(html)?)
}

fn css(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector of this file is valid CSS")
}

/// What the links of a page are resolved against.
pub(crate) fn base(page: &Html, page_url: &Url) -> Url {
    static BASE: LazyLock<Selector> = LazyLock::new(|| css("base[href]"));
    let href = page
        .select(&BASE)
        .next()
        .and_then(|element| element.value().attr("href"));
    href.and_then(|href| page_url.join(href.trim()).ok())
        .filter(|base| matches!(base.scheme(), "http" | "https"))
        .unwrap_or_else(|| page_url.clone())
}

fn link(element: ElementRef<'_>, base: &Url) -> Option<Link> {
    let attr = |name| element.value().attr(name);
    let href = attr("href").map(str::trim).unwrap_or_default();
    let is_script = href.is_empty() || href == "#" || href.to_ascii_lowercase().starts_with("javascript:");
    let url = if is_script {
        let named = || {
            ["data-url", "data-href", "data-link"]
                .iter()
                .find_map(|name| attr(name))
        };
        let target = scripted(attr("onclick").unwrap_or(href)).or_else(named)?;
        resolve(base, target.trim())?
    } else {
        resolve(base, href)?
    };
    let (raw, _) = text_of(element, MAX_ROW_CHARS);
    let text = squeeze(&raw);
    let title = squeeze(attr("title").unwrap_or_default());
    let is_next = attr("rel").is_some_and(|rel| {
        rel.split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("next"))
    });
    let date = row_text(element).and_then(|row| date_beside(&row, &raw));
    Some(Link {
        url,
        text: longer_form(text, title),
        is_next,
        date,
        is_frame: false,
    })
}

fn resolve(base: &Url, href: &str) -> Option<Url> {
    let mut url = base.join(href).ok()?;
    if category(&url).is_none() {
        url.set_fragment(None);
    }
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// The address in `location.href='…'` or `window.open('…')`.
fn scripted(script: &str) -> Option<&str> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\(|window\.open\()\s*(?:encodeURI\(\s*)?['"]([^'"<>\s]{1,500})['"]"#)
            .expect("a pattern of this file is valid")
    });
    CALL.captures(script)
        .and_then(|found| found.get(1))
        .map(|found| found.as_str())
}

/// The `title` when it is the whole of a text that was cut for the list (`…`), else the text.
fn longer_form(text: String, title: String) -> String {
    let stem = text.trim_end_matches(['.', '…', '⋯']).trim_end();
    let is_cut = stem.len() < text.len();
    if text.is_empty()
        || (is_cut && title.starts_with(stem))
        || (title.len() > text.len() && title.starts_with(&text))
    {
        if title.is_empty() { text } else { title }
    } else {
        text
    }
}

/// The text of the row that an anchor stands in: the largest element around it that holds no other link and is not
/// long. `None` when the anchor stands alone in running text.
fn row_text(anchor: ElementRef<'_>) -> Option<String> {
    let mut row = None;
    for ancestor in anchor
        .ancestors()
        .filter_map(ElementRef::wrap)
        .take(MAX_ROW_LEVELS)
    {
        if matches!(
            ancestor.value().name(),
            "body" | "html" | "ul" | "ol" | "table" | "tbody"
        ) {
            break;
        }
        let (text, anchors) = text_of(ancestor, MAX_ROW_CHARS + 1);
        if anchors > 2 || text.chars().count() > MAX_ROW_CHARS {
            break;
        }
        row = Some(text);
    }
    row
}

/// The text below an element up to a length, with a space where another element begins, and the anchors passed.
fn text_of(element: ElementRef<'_>, max_chars: usize) -> (String, usize) {
    let (mut text, mut anchors, mut chars) = (String::new(), 0, 0);
    for node in element.descendants().take(MAX_ROW_NODES) {
        if let Some(part) = node.value().as_text() {
            let is_code = node
                .parent()
                .and_then(ElementRef::wrap)
                .is_some_and(|parent| matches!(parent.value().name(), "script" | "style"));
            if is_code {
                continue;
            }
            chars += part.chars().count() + 1;
            text.push_str(part);
        } else if let Some(inner) = node.value().as_element() {
            if inner.name() == "a" {
                anchors += 1;
            }
            text.push(' ');
        }
        if chars > max_chars {
            break;
        }
    }
    (text, anchors)
}

fn date_beside(row: &str, anchor: &str) -> Option<Date> {
    let beside = row.replacen(anchor, " ", 1);
    report::dates::first(&squeeze(&beside)).or_else(|| split_date(&beside))
}

/// A date whose day is drawn large above year and month: `28 2024-03`.
fn split_date(text: &str) -> Option<Date> {
    static SPLIT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|\s)(\d{1,2})\s+(20\d\d)\s*[-/.年]\s*(\d{1,2})(?:\s*月)?(?:\s|$)")
            .expect("a pattern of this file is valid")
    });
    let found = SPLIT.captures(text)?;
    let number = |at: usize| found.get(at)?.as_str().parse::<i16>().ok();
    Date::new(
        number(2)?,
        i8::try_from(number(3)?).ok()?,
        i8::try_from(number(1)?).ok()?,
    )
    .ok()
}

/// Without marks before and white space around and between.
fn squeeze(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words
        .join(" ")
        .trim_start_matches(['·', '•', '●', '■', '◆', '►', '>', '-', ' '])
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<Link> {
        links(
            &Html::parse_document(html),
            &Url::parse("http://a.gov.cn/zwgk/fzzf/index_1.html").unwrap(),
        )
    }

    #[test]
    fn rows_give_title_and_date() {
        let found = read(
            r#"<ul><li><span>[2024-02-27]</span><a href="./t20240227_1.html#top" title="常宁市2023年度法治政府建设工作情况报告">· 常宁市2023年度法治…</a></li>
            <li><a href="../gzbg/t1.html">2023年1月5日政府工作报告</a> 2023-01-09</li></ul>
            <table><tr><td>1</td><td><a href='/x.html'>名称</a></td><td>海政办发〔2023〕34号</td><td>2023年7月4日</td></tr></table>
            <dl><dt><a href="y.html">公报</a></dt><dd>2022/3/1</dd></dl>"#,
        );
        let rows: Vec<_> = found
            .iter()
            .map(|link| {
                (
                    link.url.as_str(),
                    link.text.as_str(),
                    link.date.map(|d| d.to_string()),
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                (
                    "http://a.gov.cn/zwgk/fzzf/t20240227_1.html",
                    "常宁市2023年度法治政府建设工作情况报告",
                    Some("2024-02-27".to_owned())
                ),
                (
                    "http://a.gov.cn/zwgk/gzbg/t1.html",
                    "2023年1月5日政府工作报告",
                    Some("2023-01-09".to_owned())
                ),
                ("http://a.gov.cn/x.html", "名称", Some("2023-07-04".to_owned())),
                (
                    "http://a.gov.cn/zwgk/fzzf/y.html",
                    "公报",
                    Some("2022-03-01".to_owned())
                ),
            ]
        );
    }

    #[test]
    fn a_neighbours_date_is_not_ours() {
        let found = read(
            r#"<div><a href="a.html">甲</a><a href="b.html">乙</a><a href="c.html">丙</a> 2024-01-01</div>"#,
        );
        assert!(found.iter().all(|link| link.date.is_none()));
    }

    #[test]
    fn base_scripts_and_odd_schemes() {
        let found = read(
            r#"<base href="/other/"><a href="a.html">a</a><a href="javascript:void(0)" onclick="window.open('b.html')">b</a>
            <a href="javascript:location.href=encodeURI('c.html');">c</a><a href="mailto:x@y">d</a><a href="javascript:void(0)">e</a>
            <a href="//m.a.gov.cn/f.html">f</a><link rel="next" href="index_2.html"><a>no href</a><a href="javascript:;" data-url="h.html">h</a>
            <select><option value="g.html">2</option><option value="7">x</option></select>"#,
        );
        let urls: Vec<_> = found.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(
            urls,
            [
                "http://a.gov.cn/other/a.html",
                "http://a.gov.cn/other/b.html",
                "http://a.gov.cn/other/c.html",
                "http://m.a.gov.cn/f.html",
                "http://a.gov.cn/other/index_2.html",
                "http://a.gov.cn/other/h.html",
                "http://a.gov.cn/other/g.html",
            ]
        );
        assert!(found[4].is_next);
    }

    #[test]
    fn a_page_made_to_be_slow_is_read_all_the_same() {
        let links = "<a href=\"x.html\">x</a>".repeat(5_000);
        let html = format!(
            "<div><p>{}</p>{links}{}</div>",
            "<span></span>".repeat(100_000),
            "<b>".repeat(2_000)
        );
        let page = crate::extract::dom::parse(&html);
        let url = Url::parse("http://a.gov.cn/").unwrap();
        assert_eq!(super::links(&page, &url).len(), 5_000);
    }

    #[test]
    fn frames_and_refreshes_are_links() {
        let found = read(
            r#"<meta http-equiv="Refresh" content="0; URL='/zwgk/index.html'"><iframe src="list.html"></iframe>
            <meta http-equiv="content-type" content="text/html; url=no">"#,
        );
        let urls: Vec<_> = found
            .iter()
            .map(|link| (link.url.path(), link.is_frame))
            .collect();
        assert_eq!(urls, [("/zwgk/fzzf/list.html", true), ("/zwgk/index.html", true)]);
        let url = Url::parse("http://a.gov.cn/").unwrap();
        let target =
            scripted_target("<script>window.location.href = '/cms/home.html';</script>", &url).unwrap();
        assert_eq!(target.path(), "/cms/home.html");
    }

    #[test]
    fn a_day_drawn_apart_is_read() {
        let found = read(r#"<li><a href="a.html">标题</a><p><b>28</b><i>2024-03</i></p></li>"#);
        assert_eq!(
            found[0].date.map(|date| date.to_string()),
            Some("2024-03-28".to_owned())
        );
    }
}
