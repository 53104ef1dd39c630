//! Pages that are no document: errors served with status 200, lists, pages with nothing on them.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    ExtractError,
    boilerplate::{compact, patterns},
    document::Document,
};

/// Error pages are short.
const MAX_CHARS: usize = 2000;

patterns! {
    /// Sure by itself, in a title or on a line.
    ERROR = r"(?i)页面(不存在|未找到|找不到|已删除|已失效|走丢)|找不到(该|此|您|你)?.{0,6}(页面|网页|文件|信息)|无法找到.{0,6}(页|文件|资源)|(访问|请求)的?(页面|网页|资源|文件|内容|信息|地址).{0,6}(不存在|找不到|已删除|已失效)"
            r"|错误页面|404notfound|notfound404|^404$|404错误|404页面|errorpage|pagenotfound|httpstatus404|http错误404|(信息|文章|内容|稿件)(已失效|已被?删除|不存在|已过期|未发布)|系统提示.{0,12}(登录|错误|权限)"
            r"|服务器(内部)?错误|网站(正在)?(维护|升级)中|403forbidden|nosuchfile";
}

/// Why the page is no document, if it is none.
pub(crate) fn reason(document: &Document<'_>, url: &str) -> Option<ExtractError> {
    let page = document.page;
    let chars: usize = page.lines.lines.iter().map(|line| line.chars).sum();
    let text: usize = document.lines().map(|(line, _)| line.chars).sum();
    if chars < MAX_CHARS && text < 300 {
        let title = page.title.as_deref().map(compact);
        let lines = page.lines.lines.iter().take(40).map(|line| compact(&line.text));
        let sign = title.into_iter().chain(lines).find_map(|line| {
            // A document may speak of such things in a sentence.
            let short = line.chars().count() <= 60;
            short
                .then(|| Some(ERROR.find(&line)?.as_str().to_owned()))
                .flatten()
        });
        if let Some(sign) = sign {
            return Some(ExtractError::SoftError {
                url: url.to_owned(),
                sign,
            });
        }
    }
    let linked: usize = page.lines.lines.iter().map(|line| line.linked).sum();
    let links: usize = page.lines.lines.iter().map(|line| line.links).sum();
    if text < 120 && links >= 20 && linked * 10 > chars * 7 {
        return Some(ExtractError::NotAReport {
            url: url.to_owned(),
            kind: "a list of links",
        });
    }
    None
}
