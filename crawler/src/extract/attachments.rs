//! Files that belong to a document.
//!
//! They are linked from its text, from a list below it, or the page is a frame around one. What leads to a file is
//! told by the ending of the address or by the paths that content systems serve files from; the name shown is the
//! text of the link, unless that only says 点击下载. Files that only the words around a link tell of are in [`unnamed`].

mod unnamed;

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
/// Most files that the scripts of one page show.
const MAX_SCRIPTED: usize = 5;
/// A page that says less than this, in characters, says nothing.
const LITTLE: usize = 40;
/// Attributes that scripts read the address of a file from.
const DATA: [&str; 5] = ["data-url", "data-href", "data-file", "data-src", "data-path"];
/// Lines below the text in which attachments are listed.
const REACH_BELOW: usize = 30;

patterns! {
    ENDING = r"(?i)\.(pdf|docx?|wps|rtf|xlsx?|et|pptx?|ofd|ceb|zip|rar|7z)$";
    /// Scans and plain texts; pages link others too, that belong to no document.
    WEAK_ENDING = r"(?i)\.(jpe?g|png|tiff?|bmp|txt)$";
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
    let mut n_unnamed = 0;
    for (node, line) in page.lines.links.iter().filter(|(_, line)| reach.contains(line)) {
        let Some(node) = page.html.tree.get(*node) else {
            continue;
        };
        let Node::Element(element) = node.value() else {
            continue;
        };
        let judged = page.judged.get(*line).filter(|judged| {
            // What has no words of its own stands above the line it was found at, and may have nothing to do with it.
            let around = |aside| node.ancestors().any(|above| above.id() == aside);
            !is_shown(element) || judged.aside_element.is_some_and(around)
        });
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
        let text = || -> String {
            let texts = node.descendants().filter_map(|node| node.value().as_text());
            texts.take(50).map(|text| &**text).collect()
        };
        let weak =
            || weak_target(element, base.as_ref()).filter(|_| named || WEAK_ENDING.is_match(text().trim()));
        let by_words = || {
            let is_told = n_unnamed < unnamed::MAX && unnamed::is_labelled(&page.lines.lines, *line);
            is_told.then(|| unnamed::target(element, base.as_ref()))?
        };
        let by_name = target(element, base.as_ref()).or_else(weak);
        let is_named = by_name.is_some();
        let Some(url) = by_name.or_else(by_words) else {
            continue;
        };
        if out.len() < MAX_ATTACHMENTS && !out.iter().any(|known| known.url == url) {
            n_unnamed += usize::from(!is_named);
            let text = text();
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
    if out.is_empty() && document.text().chars().count() < LITTLE {
        let shown = in_scripts(&page.html, base.as_ref());
        out.extend(shown.into_iter().map(|url| Attachment {
            name: name_in_address(&url),
            url,
            media_type: None,
            bytes: None,
            status: None,
        }));
    }
    out
}

/// Whether the page says no more than that the document is in a file.
pub(crate) fn is_all(text: &str, attachments: &[Attachment]) -> bool {
    const LONG: usize = 60;
    if attachments.is_empty() {
        return false;
    }
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
    says < LITTLE
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

/// Whether an element shows a file in the page.
fn is_shown(element: &Element) -> bool {
    !matches!(element.name(), "a" | "span" | "button" | "p" | "li" | "td")
}

/// The file an element leads to, if it is one.
fn target(element: &Element, base: Option<&Url>) -> Option<String> {
    let own = match element.name() {
        "a" => element.attr("href"),
        "object" => element.attr("data"),
        _ => element.attr("src"),
    };
    let data = DATA.iter().filter_map(|name| element.attr(name));
    let named = own
        .into_iter()
        .chain(data)
        .map(str::trim)
        .find(|href| is_file(href));
    let in_script = |script| Some(IN_SCRIPT.captures(script)?.get(1)?.as_str());
    let script = || {
        let href = own.filter(|href| href.trim_start().starts_with("javascript:"));
        element
            .attr("onclick")
            .and_then(in_script)
            .or_else(|| href.and_then(in_script))
    };
    resolved(named.or_else(script)?, base)
}

/// The scan or plain text that a link leads to.
fn weak_target(element: &Element, base: Option<&Url>) -> Option<String> {
    let href = element.attr("href").filter(|_| element.name() == "a")?.trim();
    let path = href.split(['?', '#']).next().unwrap_or_default();
    (href.len() <= 2048 && WEAK_ENDING.is_match(path)).then(|| resolved(href, base))?
}

/// The address of a file that is named like this on the page.
fn resolved(named: &str, base: Option<&Url>) -> Option<String> {
    let absolute = base.map_or_else(|| Url::parse(named).ok(), |base| base.join(named).ok());
    match absolute {
        Some(mut url) if matches!(url.scheme(), "http" | "https") => {
            url.set_fragment(None);
            Some(in_viewer(&url).unwrap_or(url).to_string())
        }
        Some(_) => None,
        // Of an imported page only the link as written is known.
        None => Some(named.to_owned()),
    }
}

/// The file that a page is there to show: `/pdfjs/web/viewer.html?file=/files/2023.pdf`.
fn in_viewer(url: &Url) -> Option<Url> {
    let path = url.path().to_ascii_lowercase();
    if !path.ends_with(".html") && !path.ends_with(".htm") && !path.ends_with('/') {
        return None;
    }
    let file = url.query_pairs().find(|(name, value)| {
        matches!(&**name, "file" | "url" | "path" | "src" | "pdf") && ENDING.is_match(value)
    })?;
    let file = url.join(&file.1).ok()?;
    matches!(file.scheme(), "http" | "https").then_some(file)
}

/// Files that are named in the scripts of a page, for pages that show them by script only.
fn in_scripts(page: &Html, base: Option<&Url>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let scripts = page.tree.nodes().filter(|node| {
        let element = node.value().as_element();
        element.is_some_and(|element| element.name() == "script" && element.attr("src").is_none())
    });
    let texts = scripts.flat_map(|script| script.children());
    for text in texts.filter_map(|node| node.value().as_text().map(|text| &**text)) {
        for found in IN_SCRIPT.captures_iter(text) {
            let url = found.get(1).and_then(|named| resolved(named.as_str(), base));
            match url {
                Some(url) if out.len() < MAX_SCRIPTED && !out.contains(&url) => out.push(url),
                _ => (),
            }
        }
    }
    out
}

/// Whether an address is one that a file is served at.
pub(crate) fn leads_to_file(url: &Url) -> bool {
    is_file(url.as_str()) || WEAK_ENDING.is_match(url.path())
}

/// Whether a link or an embedded element leads to a file.
fn links_to_file(element: &Element) -> bool {
    target(element, None).is_some()
}

/// Whether a line is a link to a file, or says that it names one.
pub(crate) fn names_file(page: &Html, lines: &Lines, at: usize) -> bool {
    let first = lines.links.partition_point(|(_, line)| *line < at);
    let mut links = lines.links[first..].iter().take_while(|(_, line)| *line == at);
    let element = |node| page.tree.get(node)?.value().as_element();
    lines.lines[at].text.contains("附件") || links.any(|(node, _)| element(*node).is_some_and(links_to_file))
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

    /// Address and name of each file of a page with this below its text.
    fn found(inside: &str, below: &str) -> Vec<(String, String)> {
        let paragraph = "全县各级各部门认真贯彻落实，依法全面履行政府职能，健全重大行政决策程序，严格规范公正文明执法，各项工作取得新的成效。";
        let html = format!(
            "<html><head><title>清河县2023年防汛工作方案</title></head><body><h1>清河县2023年防汛工作方案</h1>\
             <div id=zoom><p>{paragraph}</p><p>{paragraph}</p><p>{paragraph}</p>{inside}</div>{below}\
             <div class=footer><a href='/help.doc'>网站帮助</a></div></body></html>"
        );
        let source = crate::extract::Source {
            url: "https://www.qinghe.example/zwgk/202403/t20240328_1.html",
            media: crate::extract::Media::Html,
            bytes: html.as_bytes(),
            charset: None,
        };
        let content = crate::extract::extract(&source, &crate::extract::Hints::default()).unwrap();
        let files = content.attachments.into_iter();
        let path = |url: String| {
            url.strip_prefix("https://www.qinghe.example")
                .map_or(url.clone(), str::to_owned)
        };
        files.map(|file| (path(file.url), file.name)).collect()
    }

    #[test]
    fn files_are_found_wherever_portals_link_them() {
        const HEX: &str = "0123456789abcdef0123456789abcdef";
        let hanweb = format!("/module/download/downfile.jsp?classid=0&filename={HEX}.pdf");
        let vsb = "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1234&wbfileid=AB12";
        for (html, address, name) in [
            (
                "<p><a href='./P020260601322559475097.pdf' title='任务表.pdf' OLDSRC='/protect/P0202.pdf'>点击下载</a></p>",
                "/zwgk/202403/P020260601322559475097.pdf",
                "任务表.pdf",
            ),
            (
                "<p>附件：<a href='./P020260601322559475097.docx' download='任务表.docx'><img src=/icon.gif></a></p>",
                "/zwgk/202403/P020260601322559475097.docx",
                "任务表.docx",
            ),
            (
                "<p>附件下载:</p><p><a onclick=\"down('/f/2.PDF')\" href='#'>统计表</a></p>",
                "/f/2.PDF",
                "统计表",
            ),
            (
                "<p><span onclick='open(\"/f/3.xls\")'>统计表</span></p>",
                "/f/3.xls",
                "统计表",
            ),
            (
                "<p><a href=\"javascript:down('/f/4.ofd')\">统计表</a></p>",
                "/f/4.ofd",
                "统计表",
            ),
            (
                &format!("<p>相关附件 <a href='{hanweb}'>统计表.pdf</a></p>"),
                &*hanweb,
                "统计表.pdf",
            ),
            (
                &format!("<ul><li>附件【<a href='{vsb}'>统计表.xlsx</a>】</li></ul>"),
                vsb,
                "统计表.xlsx",
            ),
            (
                "<p><a class='nfw-cms-attachment' href='/attachment/0/88/88389/963149.pdf'>统计表</a></p>",
                "/attachment/0/88/88389/963149.pdf",
                "统计表",
            ),
            (
                "<p><a href='/cms/pub/interact/downloadfile.jsp?filepath=12'>统计表</a></p>",
                "/cms/pub/interact/downloadfile.jsp?filepath=12",
                "统计表",
            ),
            (
                "<iframe src='/pdfjs/web/viewer.html?file=%2Ff%2F5.pdf#page=1'></iframe>",
                "/f/5.pdf",
                "5.pdf",
            ),
            (
                "<embed src='/f/6.pdf' type='application/pdf'>",
                "/f/6.pdf",
                "6.pdf",
            ),
            ("<object data='/f/7.pdf'></object>", "/f/7.pdf", "7.pdf"),
            (
                "<p><a href='javascript:;' data-url='/f/8.pdf'>统计表</a></p>",
                "/f/8.pdf",
                "统计表",
            ),
            ("<div class='pdf' data-url='/f/9.pdf'></div>", "/f/9.pdf", "9.pdf"),
            (
                "<p>附件：<a href='/f/10.jpg'>统计表</a></p>",
                "/f/10.jpg",
                "统计表",
            ),
            (
                "<p><a href='/f/11.txt'>统计表.txt</a></p>",
                "/f/11.txt",
                "统计表.txt",
            ),
            (
                "<p>附件：<a href='/download?id=55'>统计表</a></p>",
                "/download?id=55",
                "统计表",
            ),
            (
                "<p>附件下载：</p><ul><li><a href='/fj/getFile.do?id=7'>统计表</a></li></ul>",
                "/fj/getFile.do?id=7",
                "统计表",
            ),
        ] {
            let expected = [(address.to_owned(), name.to_owned())];
            assert_eq!(found(html, ""), expected, "inside: {html}");
            let list = format!("<div class='fujian'>附件：{html}</div>");
            assert_eq!(found("", &list), expected, "below: {html}");
        }
    }

    #[test]
    fn a_heading_of_files_without_any_is_no_file() {
        for html in [
            "<p>附件下载:</p>",
            "<p>附件：<a href='#'>点击下载</a></p>",
            "<p>附件</p><ul></ul>",
            "<p><a href='/f/1.jpg'><img src='/f/s.jpg'></a><a href='/f/2.jpg'>现场照片</a></p>",
        ] {
            assert_eq!(found(html, ""), [], "{html}");
            assert_eq!(found("", html), [], "{html}");
        }
    }

    #[test]
    fn what_no_word_calls_a_file_is_none() {
        for html in [
            "<p>附件：<a href='/zwgk/tzgg/'>通知公告</a> <a href='/zwgk/1.html'>原文</a> <a href='/show.jsp?id=2'>原文</a> <a href='/login.jspx'>登录后下载</a></p>",
            "<p>详见<a href='/download?id=55'>这里</a>。</p>",
            "<p><a href='/f/big.jpg'><img src='/f/small.jpg'></a></p>",
            "<p>附件：</p><p>本方案自印发之日起施行，由县应急管理局负责解释。</p><p><a href='/download?id=55'>相关</a></p>",
        ] {
            assert_eq!(found(html, ""), [], "{html}");
        }
    }

    #[test]
    fn a_page_that_shows_a_file_by_script_has_that_file() {
        let html = "<html><head><title>清河县2023年政府工作报告</title></head><body><h1>清河县2023年政府工作报告</h1>\
             <div>发布时间：2024-01-12 来源：县政府办</div><div id=zoom><div id=pdf></div>\
             <script>PDFObject.embed('/f/2023.pdf', '#pdf');</script></div></body></html>";
        let source = crate::extract::Source {
            url: "https://www.qinghe.example/1.html",
            media: crate::extract::Media::Html,
            bytes: html.as_bytes(),
            charset: None,
        };
        let content = crate::extract::extract(&source, &crate::extract::Hints::default()).unwrap();
        assert_eq!(
            content.attachments[0].url,
            "https://www.qinghe.example/f/2023.pdf"
        );
        assert_eq!(content.quality.flags, [report::QualityFlag::AttachmentOnly]);
    }

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
