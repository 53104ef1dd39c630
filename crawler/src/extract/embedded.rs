//! Documents that a page carries and shows by running a script, or shows where frames and scripts are missing.
//!
//! Nothing is run. When a page has next to no text, the places where content systems put it are looked through: the
//! object of the disclosure platform of Guangdong (gkmlpt), strings in scripts (`embedded/script.rs`), fields of
//! forms, and what stands for a frame or a script that a browser cannot show. The longest one that holds
//! sentences is the document; it is read as if it stood where it was found.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{Html, Node};

use super::{boilerplate::patterns, lines::is_wide};

mod script;

/// Han characters that make a text.
const MIN_HAN: usize = 60;
/// Longest text that is looked at, in bytes.
const MAX_BYTES: usize = 4 << 20;

patterns! {
    TAG = r"(?s)<[^<>]{0,2000}>";
}

/// A document found in a page.
pub(crate) struct Embedded {
    /// The document as HTML, in an element that says it is a main text.
    pub(crate) html: String,
    /// A piece of the page's source near which it was found; maybe empty.
    pub(crate) near: String,
}

/// The document that a page carries without showing it.
pub(crate) fn find(page: &Html) -> Option<Embedded> {
    let scripts = || {
        page.tree.nodes().filter_map(|node| match node.value() {
            Node::Element(element) if element.name() == "script" => {
                Some(&**node.first_child()?.value().as_text()?)
            }
            _ => None,
        })
    };
    let detail = scripts()
        .filter(|script| script.contains("_CONFIG"))
        .find_map(script::detail);
    if detail.is_some() {
        return detail;
    }
    let mut best: Option<(usize, Embedded)> = None;
    let mut offer = |html: String, near: &str| {
        let han = han_outside_tags(&html);
        if han >= MIN_HAN && html.contains('。') && best.as_ref().is_none_or(|(most, _)| han > *most) {
            let near = near.to_owned();
            best = Some((han, Embedded { html, near }));
        }
    };
    for script in scripts().filter(|script| script.len() <= MAX_BYTES) {
        for (html, near) in script::strings(script) {
            offer(html, near);
        }
    }
    for node in page.tree.nodes() {
        let Node::Element(element) = node.value() else {
            continue;
        };
        match element.name() {
            "textarea" | "noscript" | "iframe" | "noembed" | "xmp" => {
                let text: String = node
                    .children()
                    .filter_map(|child| Some(&**child.value().as_text()?))
                    .collect();
                let near = run_of_han(&text).to_owned();
                offer(in_element(&text), &near);
            }
            "script" if element.attr("type").is_some_and(is_markup) => {
                if let Some(text) = node.first_child().and_then(|child| child.value().as_text()) {
                    offer(in_element(text), run_of_han(text));
                }
            }
            "input" => {
                if let Some(value) = element.attr("value") {
                    offer(in_element(value), run_of_han(value));
                }
            }
            _ => {}
        }
    }
    best.map(|(_, found)| found)
}

/// A script that holds markup for another script: `text/html`, `text/template`, `text/x-handlebars` …
fn is_markup(kind: &str) -> bool {
    let kind = kind.trim().to_ascii_lowercase();
    ["html", "template", "tmpl", "plain", "x-"]
        .iter()
        .any(|word| kind.contains(word))
        && !kind.contains("javascript")
}

/// Markup, escaped or not, or plain text, as an element that holds a main text.
fn in_element(text: &str) -> String {
    let text = if text.contains("&lt;") && !text.contains('<') {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    } else if text.contains('<') {
        text.to_owned()
    } else {
        text.trim().replace(['\n', '\r'], "<br>")
    };
    format!("<div class=\"xxgk_content\">{text}</div>")
}

fn han_outside_tags(html: &str) -> usize {
    if html.len() > MAX_BYTES {
        return 0;
    }
    let text = TAG.replace_all(html, "");
    report::han_chars(&text)
}

/// The first Han characters of a text that follow each other: they are written the same in any source.
fn run_of_han(text: &str) -> &str {
    const ENOUGH: usize = 10;
    let is_han = |c: char| is_wide(c) && c.is_alphabetic();
    let mut rest = text;
    while let Some(from) = rest.find(is_han) {
        let run = &rest[from..];
        let length = run.find(|c| !is_han(c)).unwrap_or(run.len());
        if run[..length].chars().count() >= ENOUGH {
            return &run[..length];
        }
        rest = &run[length..];
    }
    ""
}

/// The source of a page with the document put where it was found.
pub(crate) fn put_in(source: &str, document: &Embedded) -> String {
    let near = source
        .find(document.near.as_str())
        .filter(|_| !document.near.is_empty());
    let opening = near.and_then(|at| {
        let before = &source[..at];
        let tags = [
            "<script",
            "<textarea",
            "<noscript",
            "<iframe",
            "<noembed",
            "<xmp",
            "<input",
        ];
        let upper = |tag: &str| before.rfind(&tag.to_ascii_uppercase());
        tags.iter()
            .filter_map(|tag| before.rfind(tag).max(upper(tag)))
            .max()
    });
    // Below the end of a page its own end is not seen: the imprint would follow directly.
    let at = opening.unwrap_or_else(|| behind_body_tag(source));
    format!("{}{}{}", &source[..at], document.html, &source[at..])
}

fn behind_body_tag(source: &str) -> usize {
    let tag = source.find("<body").or_else(|| source.find("<BODY"));
    tag.and_then(|at| Some(at + source[at..].find('>')? + 1))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::extract::{Hints, Media, Source, extract};
    use report::Content;

    fn read(html: &str) -> Content {
        let source = Source {
            url: "https://www.qinghe.example/a.html",
            media: Media::Html,
            bytes: html.as_bytes(),
            charset: None,
        };
        extract(&source, &Hints::default()).unwrap()
    }

    const OPENING: &str = "2022年，四会市扎实推进依法行政，各项工作取得新的成效。现将有关情况报告如下。";
    const REST: &str = "健全重大行政决策程序，全年开展合法性审查“应审尽审”，办理行政复议案件18件。";

    #[test]
    fn the_object_of_the_disclosure_platform_is_read() {
        let html = r#"<html><head><title>政府信息公开目录</title></head><body><div id="app"></div><script>
            window._CONFIG = {SID: '123', TREE: [{"title": "栏目"}], DETAIL: {"id": 1, "title": "四会市2022年度法治政府建设情况报告", "identifier": "007123456/2023-00017",
            "publisher": "四会市司法局", "document_number": "", "created_at": "2023-03-01 10:11:12", "display_publish_time": 1678064400,
            "content": "<p>2022年，四会市扎实推进依法行政，各项工作取得新的成效。现将有关情况报告如下。<\/p><p>一、主要做法\u3002<\/p><p>健全重大行政决策程序，全年开展合法性审查\u201c应审尽审\u201d，办理行政复议案件18件。<\/p>"}};
            </script><div class="footer">网站标识码：4412840001</div></body></html>"#;
        let content = read(html);
        assert_eq!(
            content.title.as_deref(),
            Some("四会市2022年度法治政府建设情况报告")
        );
        assert_eq!(content.text, format!("{OPENING}\n一、主要做法。\n{REST}"));
        assert_eq!(content.index_number.as_deref(), Some("007123456/2023-00017"));
        assert_eq!(content.issuer.as_deref(), Some("四会市司法局"));
        // 2023-03-06 01:00 UTC, nine in the morning in China.
        assert_eq!(content.published, Some(jiff::civil::date(2023, 3, 6)));
    }

    #[test]
    fn texts_are_found_wherever_systems_hide_them() {
        let body = format!("<p>{OPENING}</p><p>{REST}</p>");
        let escaped = body.replace('<', "&lt;").replace('>', "&gt;");
        let json = serde_json::to_string(&body).unwrap();
        let ascii: String = json
            .chars()
            .map(|c| {
                if c.is_ascii() {
                    c.to_string()
                } else {
                    format!("\\u{:04x}", u32::from(c))
                }
            })
            .collect();
        for hidden in [
            format!("<noscript>{body}</noscript>"),
            format!("<noframes>{body}</noframes>"),
            format!("<iframe src=\"/a\">{body}</iframe>"),
            format!("<textarea style=\"display:none\">{escaped}</textarea>"),
            format!("<template>{body}</template>"),
            format!("<input type=\"hidden\" id=\"c\" value=\"{escaped}\">"),
            format!("<script type=\"text/html\">{body}</script>"),
            format!("<script>var content = {json};</script>"),
            format!("<script>show({{title: 'x', content: {ascii}}})</script>"),
            format!(
                "<script>document.write(\"<p>{OPENING}<\\/p>\");\ndocument.write('<p>{REST}</p>');</script>"
            ),
            format!("<script>$('#c').html(`{body}`)</script>"),
        ] {
            let html = format!(
                "<html><body><h1>四会市2022年度法治政府建设情况报告</h1>{hidden}<p>网站标识码：4412840001</p></body></html>"
            );
            let content = read(&html);
            assert_eq!(content.text, format!("{OPENING}\n{REST}"), "{hidden}");
            assert_eq!(
                content.title.as_deref(),
                Some("四会市2022年度法治政府建设情况报告"),
                "{hidden}"
            );
        }
    }
}
