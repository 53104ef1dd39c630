//! Documents that a page carries in a script and shows by running it.
//!
//! The disclosure platform of Guangdong (gkmlpt) serves `window._CONFIG = {… DETAIL: {…, "content": "<p>…"}}`: an object
//! with the document as HTML in a JSON string. Nothing is run; the string is looked for and unescaped.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{Html, Node};

use super::boilerplate::patterns;

/// Shortest content that is a document, in bytes.
const MIN_BYTES: usize = 200;

patterns! {
    CONTENT = r#"["']?content["']?\s*:\s*("(?:[^"\\]|\\.)*")"#;
    TITLE = r#"["']?title["']?\s*:\s*("(?:[^"\\]|\\.)*")"#;
}

/// The document in a script of the page, as HTML with its title in front.
pub(crate) fn find(page: &Html) -> Option<String> {
    let scripts = page.tree.nodes().filter_map(|node| match node.value() {
        Node::Element(element) if element.name() == "script" => node.first_child()?.value().as_text(),
        _ => None,
    });
    scripts
        .filter(|script| script.contains("_CONFIG"))
        .find_map(|script| {
            // What belongs to the document stands behind this word; before it are the columns.
            let detail = &script[script.find("DETAIL")?..];
            let unescape = |text: &str| serde_json::from_str::<String>(text).ok();
            let mut contents = CONTENT
                .captures_iter(detail)
                .filter_map(|found| unescape(&found[1]));
            let content = contents.find(|content| content.len() >= MIN_BYTES)?;
            let title = TITLE
                .captures(detail)
                .and_then(|found| unescape(&found[1]))
                .unwrap_or_default();
            let title = title.replace('<', "&lt;");
            Some(format!(
                "<h1>{title}</h1><div class=\"xxgk_content\">{content}</div>"
            ))
        })
}

#[cfg(test)]
mod tests {
    use crate::extract::{Hints, Media, Source, extract};

    #[test]
    fn a_document_in_a_script_is_read() {
        let html = r#"<html><head><title>政府信息公开目录</title></head><body><div id="app"></div><script>
            window._CONFIG = {SID: '123', TREE: [{"title": "栏目"}], DETAIL: {"id": 1, "title": "四会市2022年度法治政府建设情况报告",
            "content": "<p>2022年，四会市扎实推进依法行政，各项工作取得新的成效。现将有关情况报告如下。<\/p><p>一、主要做法\u3002<\/p><p>健全重大行政决策程序，全年开展合法性审查\u201c应审尽审\u201d，办理行政复议案件18件。<\/p>"}};
            </script></body></html>"#;
        let url = "https://www.sihui.example/gkmlpt/content/2/27/post_2710000.html";
        let source = Source {
            url,
            media: Media::Html,
            bytes: html.as_bytes(),
            charset: None,
        };
        let content = extract(&source, &Hints::default()).unwrap();
        assert_eq!(
            content.title.as_deref(),
            Some("四会市2022年度法治政府建设情况报告")
        );
        assert_eq!(content.text.lines().count(), 3);
        assert!(
            content
                .text
                .ends_with("合法性审查“应审尽审”，办理行政复议案件18件。")
        );
    }
}
