//! Files that belong to a document.
//!
//! They are linked from its text, from a list below it, or the page is a frame around one. What leads to a file is
//! told by the ending of the address or by the paths that content systems serve files from; the name shown is the
//! text of the link, unless that only says 点击下载.

use std::sync::LazyLock;

use regex::Regex;
use report::Attachment;
use scraper::{Html, Node, node::Element};
use url::Url;

use super::{
    boilerplate::{Furniture, patterns},
    document::Document,
    lines::Lines,
};

/// Most attachments of one document.
const MAX_ATTACHMENTS: usize = 200;
/// Lines below the text in which attachments are listed.
const REACH_BELOW: usize = 30;

patterns! {
    ENDING = r"(?i)\.(pdf|docx?|wps|rtf|xlsx?|et|pptx?|ofd|ceb|zip|rar|7z)$";
    /// Paths of Hanweb, VSB, gkmlpt and others that serve files.
    SERVED = r"(?i)(downfile|downloadfile|download|downloadattach|attachdown|filedown)\w*\.(jsp|do|action|aspx|ashx|php)|/attachment/\d|downloadattachurl|[?&](filename|file|path)=[^&]+\.(pdf|docx?|xlsx?|wps|et|ofd|ceb|zip|rar)";
    /// down('/files/2023.pdf')
    IN_SCRIPT = r#"(?i)['"]([^'"\s]{1,500}\.(?:pdf|docx?|wps|xlsx?|et|ofd|ceb|zip|rar))['"]"#;
    EMPTY_NAME = r"^(点击(此处)?(下载|查看)?|下载|附件|附件下载|查看|预览|打开|下载附件|详情|\d+)$";
}

/// Finds the files of a document.
pub(crate) fn find(document: &Document<'_>) -> Vec<Attachment> {
    let page = document.page;
    let frame = page.body.as_ref().map_or(0..0, |body| body.frame.clone());
    let lines = page.lines.lines.len();
    // Without a text the whole page is what is left to look at.
    let all = document.range.is_empty();
    let reach = if all {
        0..lines + 1
    } else {
        frame.start.min(document.range.start)
            ..(document.range.end.max(frame.end) + REACH_BELOW).min(lines + 1)
    };
    let base = base(document);
    let mut out: Vec<Attachment> = Vec::new();
    for (node, line) in page.lines.links.iter().filter(|(_, line)| reach.contains(line)) {
        let judged = page.judged.get(*line);
        let imprint = judged.is_some_and(|judged| {
            matches!(
                judged.furniture,
                Some(Furniture::Imprint | Furniture::Tail | Furniture::Further | Furniture::Navigation)
            )
        });
        let named = page
            .lines
            .lines
            .get(*line)
            .is_some_and(|line| line.text.contains("附件"));
        let aside = judged.is_some_and(|judged| judged.aside) && !all && !document.range.contains(line);
        if aside || imprint && !named {
            continue;
        }
        let Some(node) = page.html.tree.get(*node) else {
            continue;
        };
        let Node::Element(element) = node.value() else {
            continue;
        };
        let Some(url) = target(element, base.as_ref()) else {
            continue;
        };
        if out.len() < MAX_ATTACHMENTS && !out.iter().any(|known| known.url == url) {
            let text: String = node
                .descendants()
                .filter_map(|node| Some(&**node.value().as_text()?))
                .take(50)
                .collect();
            let name = name(element, &text, &url);
            out.push(Attachment {
                url,
                name,
                media_type: None,
                bytes: None,
                status: None,
            });
        }
    }
    out
}

/// Whether the page says no more than that the document is in a file.
pub(crate) fn is_all(text: &str, attachments: &[Attachment]) -> bool {
    const LITTLE: usize = 40;
    const LONG: usize = 60;
    let points = |line: &&str| {
        ["附件", "点击", "下载", "详见", "见下"]
            .iter()
            .any(|word| line.contains(word))
            || attachments.iter().any(|file| line.contains(file.name.as_str()))
    };
    let chars = |line: &str| line.chars().filter(|c| !c.is_whitespace()).count();
    // Who writes more than a sentence about a file says something.
    let says = text.lines().filter(|line| !points(line) || chars(line) > LONG);
    let says: usize = says.map(chars).sum();
    !attachments.is_empty() && says < LITTLE
}

/// Address that relative links start from.
fn base(document: &Document<'_>) -> Option<Url> {
    let url = document.url.clone();
    let element = document.page.html.tree.nodes().find_map(|node| {
        let element = node.value().as_element()?;
        (element.name() == "base").then(|| element.attr("href")).flatten()
    });
    match (url, element) {
        (Some(url), Some(href)) => url.join(href.trim()).ok().or(Some(url)),
        (None, Some(href)) => Url::parse(href.trim()).ok(),
        (url, None) => url,
    }
}

/// The file an element leads to, if it is one.
fn target(element: &Element, base: Option<&Url>) -> Option<String> {
    let named = match element.name() {
        "a" => element.attr("href"),
        "object" => element.attr("data"),
        _ => element.attr("src"),
    };
    let script = || Some(IN_SCRIPT.captures(element.attr("onclick")?)?.get(1)?.as_str());
    let named = named
        .map(str::trim)
        .filter(|href| is_file(href))
        .or_else(script)?;
    // A viewer page with the file in its query: viewer.html?file=/files/2023.pdf
    let absolute = base.map_or_else(|| Url::parse(named).ok(), |base| base.join(named).ok());
    match absolute {
        Some(url) if matches!(url.scheme(), "http" | "https") => Some(url.to_string()),
        Some(_) => None,
        // Of an imported page only the link as written is known.
        None => Some(named.to_owned()),
    }
}

/// Whether a link or an embedded element leads to a file.
pub(crate) fn leads_to_file(element: &Element) -> bool {
    target(element, None).is_some()
}

/// Whether a line is a link to a file, or says that it names one.
pub(crate) fn names_file(page: &Html, lines: &Lines, at: usize) -> bool {
    let first = lines.links.partition_point(|(_, line)| *line < at);
    let mut links = lines.links[first..].iter().take_while(|(_, line)| *line == at);
    let element = |node| page.tree.get(node)?.value().as_element();
    lines.lines[at].text.contains("附件") || links.any(|(node, _)| element(*node).is_some_and(leads_to_file))
}

fn is_file(href: &str) -> bool {
    let lower = href.get(..11).unwrap_or_default().to_ascii_lowercase();
    if href.is_empty()
        || href.len() > 2048
        || lower == "javascript:"
        || lower.starts_with("mailto:")
        || lower.starts_with("data:")
    {
        return false;
    }
    let path = href.split(['?', '#']).next().unwrap_or_default();
    ENDING.is_match(path) || SERVED.is_match(href)
}

/// The name as shown: text, title or download attribute; at worst that of the file in the address. Never empty.
fn name(element: &Element, text: &str, url: &str) -> String {
    const MAX_CHARS: usize = 200;
    let tidy = |name: &str| -> String {
        let words: Vec<&str> = name.split_whitespace().collect();
        words.join(" ").chars().take(MAX_CHARS).collect()
    };
    let shown = [Some(text), element.attr("title"), element.attr("download")];
    let mut shown = shown.into_iter().flatten().map(tidy);
    shown
        .find(|name| !name.is_empty() && !EMPTY_NAME.is_match(name))
        .unwrap_or_else(|| tidy(&name_in_address(url)))
}

/// The part of an address that ends as files do, in its path or its query; else the last part of its path.
fn name_in_address(url: &str) -> String {
    let decoded = |part: &str| {
        let bytes = percent_encoding::percent_decode_str(part);
        bytes.decode_utf8_lossy().into_owned()
    };
    let whole = decoded(url);
    let file = whole
        .rsplit(['/', '?', '&', '=', '#'])
        .find(|part| ENDING.is_match(part));
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = || path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(url);
    file.map_or_else(|| decoded(last()), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_name_is_called_as_its_address_says() {
        for (url, name) in [
            ("https://a.example/files/%E6%8A%A5%E5%91%8A.pdf?v=1", "报告.pdf"),
            ("https://a.example/viewer/?file=%2Ffiles%2F2023.pdf", "2023.pdf"),
            ("https://a.example/downfile.jsp?id=1&filename=a.doc", "a.doc"),
            ("https://a.example/attachment/12", "12"),
            ("https://a.example/attachment/12/", "12"),
            ("/?file=", "/?file="),
        ] {
            assert_eq!(name_in_address(url), name, "{url}");
        }
    }
}
