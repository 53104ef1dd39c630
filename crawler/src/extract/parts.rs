//! Whether a document goes on at addresses of its own.
//!
//! Content systems break a long article into `t20240305_70.html`, `t20240305_70_1.html` and so on. Only a name that is
//! the page's own with a number behind it tells: `下一页` alone may lead to the next article, or turn the pages of a list.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{Html, Selector};
use url::Url;

/// The file name of another part of the document.
pub(super) fn another(page: &Html, url: &Url) -> Option<String> {
    static LINKS: LazyLock<Selector> =
        LazyLock::new(|| Selector::parse("a[href]").expect("the selector is valid CSS"));
    let file = url.path().rsplit('/').next()?;
    let (stem, extension) = file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
    if is_counted(page, stem) {
        return Some(format!("{stem}_1.{extension}"));
    }
    let mut links = page.select(&LINKS).filter_map(|link| link.value().attr("href"));
    links.find_map(|href| {
        let file = href.trim().rsplit('/').next()?;
        let number = file.strip_prefix(stem)?.strip_prefix('_')?;
        let number = number.strip_suffix(extension)?.strip_suffix('.')?;
        // A longer number is that of another article.
        let is_part = (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let is_beside = is_part && folder(&url.join(href.trim()).ok()?) == folder(url);
        is_beside.then(|| file.to_owned())
    })
}

/// Whether a script draws links to several parts with the page's own name: `createPageHTML(3, 0, "t20240305_70", "html")`.
fn is_counted(page: &Html, stem: &str) -> bool {
    static SCRIPTS: LazyLock<Selector> =
        LazyLock::new(|| Selector::parse("script:not([src])").expect("the selector is valid CSS"));
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"createPage(?:HTML)?\s*\(([^()]{1,200})\)").expect("a pattern of this file is valid")
    });
    let mut scripts = page.select(&SCRIPTS).flat_map(|script| script.text());
    scripts.any(|script| {
        script.contains("createPage")
            && CALL.captures_iter(script).any(|call| {
                let arguments = call.get(1).map_or("", |arguments| arguments.as_str());
                let mut arguments = arguments
                    .split(',')
                    .map(|argument| argument.trim().trim_matches(['"', '\'']));
                let total: Option<u32> = arguments.clone().find_map(|argument| argument.parse().ok());
                total.is_some_and(|total| total > 1) && arguments.any(|argument| argument == stem)
            })
    })
}

fn folder(url: &Url) -> (Option<&str>, Option<&str>) {
    (
        url.host_str(),
        url.path().rsplit_once('/').map(|(folder, _)| folder),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::dom;

    fn another(html: &str) -> Option<String> {
        let url = Url::parse("http://a.gov.cn/fzzf/202403/t20240305_70.html").unwrap();
        super::another(&dom::parse(html), &url)
    }

    #[test]
    fn parts_have_the_name_of_the_page_and_a_number() {
        for html in [
            "<script>createPageHTML(3,0,\"t20240305_70\",\"html\");</script>",
            "<script>createPageHTML('page_div', 3, 1, 't20240305_70', 'html', 1);</script>",
            "<p>正文</p><a href='./t20240305_70_1.html'>下一页</a>",
            "<a href='/fzzf/202403/t20240305_70_1.html'>2</a>",
        ] {
            assert_eq!(another(html).as_deref(), Some("t20240305_70_1.html"), "{html}");
        }
        for html in [
            "<script>createPageHTML(1,0,\"t20240305_70\",\"html\");</script>",
            "<script>createPageHTML(3,0,\"index\",\"html\");</script>",
            "<a href='t20240305_71.html'>下一页</a>",
            "<a href='t20240305_70.html'>1</a>",
            "<a href='t20240305_70_5567.html'>相关</a>",
            "<a href='/other/t20240305_70_1.html'>2</a>",
        ] {
            assert_eq!(another(html), None, "{html}");
        }
    }
}
