//! Pages that are no document: errors served with status 200, lists, pages with nothing on them.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    ExtractError,
    boilerplate::{Furniture, compact, patterns},
    document::Document,
    judge::{Judged, is_link_line},
    lines::Line,
    signature,
    title::names_a_document,
};

/// Error pages are short.
const MAX_CHARS: usize = 2000;

/// Characters of text below which a page says one thing only.
const NOTHING_ELSE: usize = 80;

/// Letters and digits without any Han character below which a page says nothing.
const FOREIGN: usize = 400;

/// Characters of text below which links are what a page is there for.
const LITTLE: usize = 120;

patterns! {
    ABOUT_THE_SITE = r"^(联系我们|联系方式|网站地图|站点地图|关于我们|关于本站|版权声明|免责声明|隐私声明|网站声明|使用帮助|网站导航|友情链接|用户登录|登录|注册|搜索结果|站内搜索|全文检索|网上调查|领导信箱)$";
    /// A day in the row of a list.
    DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|[\[(]\d{1,2}[-/]\d{1,2}[\])]";
    /// Sure by itself, in a title or on a line.
    ERROR = r"(?i)页面(不存在|未找到|找不到|已删除|已失效|走丢)|找不到(该|此|您|你)?.{0,6}(页面|网页|文件|信息)|无法找到.{0,6}(页|文件|资源)|(访问|请求)的?(页面|网页|资源|文件|内容|信息|地址).{0,6}(不存在|找不到|已删除|已失效)"
            r"|错误页面|404notfound|notfound404|^404$|404错误|404页面|errorpage|pagenotfound|httpstatus404|http错误404|(信息|文章|内容|稿件|页面|文件)(已失效|已被?(删除|撤销|撤下|移除)|不存在|已过期|已下线|已下架|未发布|未审核)|系统提示.{0,12}(登录|错误|权限)|(没有|无)权(限)?.{0,4}(浏览|访问|查看|阅读).{0,20}登录"
            r"|服务器(内部)?错误|(页面|栏目)(正在)?建设中|页面(出错|发生错误|加载失败)|(您|你)(还没有|还未|尚未|没有)登录|请先登录|网站(正在)?(维护|升级)中|403forbidden|nosuchfile";
    /// Sure as the whole of a line, but telling less.
    NOTICE = r"(?i)^((系统|错误|操作|温馨)提示|提示信息|notfound)[:!]?$";
    /// Sure as a title, or where the page says nothing else.
    MISSING = r"(?i)^.{0,24}(找不到|找不着|无法(找到|访问|显示|打开|浏览)|(未|没|没有|未能|不能)找到|不存在|不可用|已被?(删除|移除|撤下)|notfound|cannotbefound"
              r"|(系统|服务器|网络)(繁忙|异常)|temporarilyunavailable|serviceunavailable|数据库.{0,6}(失败|错误)|(没有|无)权限.{0,10}|(维护|升级|审核)中)"
              r"(了|啦|该页|(您|你)?.{0,6}(的|该|此)(页面|网页|内容|信息|文章|资源|地址))?([。.!,;].{0,40})?$";
}

/// Why the page is no document, if it is none. The document may be `elsewhere`: in pictures or in files.
pub(crate) fn reason(document: &Document<'_>, elsewhere: bool, url: &str) -> Option<ExtractError> {
    let page = document.page;
    let chars: usize = page.lines.lines.iter().map(|line| line.chars).sum();
    let text: usize = document.lines().map(|(line, _)| line.chars).sum();
    if chars < MAX_CHARS && text < 300 {
        let is_short = |line: &String| line.chars().count() <= 60;
        let title = page.title.as_deref().map(compact).filter(is_short);
        let n_titles = usize::from(title.is_some());
        let lines = page.lines.lines.iter().take(40).map(|line| compact(&line.text));
        // A document may speak of such things in a sentence.
        let short: Vec<_> = title.into_iter().chain(lines.filter(is_short)).collect();
        let n_sure = if text < NOTHING_ELSE {
            short.len()
        } else {
            n_titles
        };
        let signs = [(&ERROR, short.len()), (&NOTICE, short.len()), (&MISSING, n_sure)];
        let sign = signs.into_iter().find_map(|(signs, n)| {
            let mut lines = short[..n].iter();
            lines.find_map(|line| Some(signs.find(line)?.as_str().to_owned()))
        });
        let sign = sign.or_else(|| is_data(&page.lines.lines).then(|| "data".to_owned()));
        if let Some(sign) = sign {
            return Some(ExtractError::SoftError {
                url: url.to_owned(),
                sign,
            });
        }
    }
    let refuse = |kind| {
        Some(ExtractError::NotAReport {
            url: url.to_owned(),
            kind,
        })
    };
    let lines = || page.lines.lines.iter().zip(&page.judged);
    let about = |title: &str| ABOUT_THE_SITE.is_match(&compact(title));
    let headed = lines().any(|(line, judged)| line.heading && !judged.aside && about(&line.text));
    if document.title().is_some_and(about) || text < LITTLE && headed {
        return refuse("a page about the site");
    }
    let linked: usize = lines().map(|(line, _)| line.linked).sum();
    let links: usize = lines().map(|(line, _)| line.links).sum();
    // A few words above a list are the head of the page.
    let end = if text < 30 {
        page.lines.lines.len()
    } else {
        document.range.start
    };
    let is_row = |(line, judged): &(&Line, &Judged)| {
        !judged.is_foreign() && is_link_line(line) && line.linked >= 8 && DAY.is_match(&compact(&line.text))
    };
    let rows = lines().take(end).filter(is_row).count();
    let dated_list = is_dated_list(document);
    if dated_list
        || text < LITTLE
            && !is_headed(document, elsewhere)
            && (links >= 20 && linked * 2 > chars || rows >= 3)
    {
        return refuse("a list of links");
    }
    None
}

/// Whether a text is none: not a Han character, and not enough of another script to be a document in another language.
pub(crate) fn says_nothing(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.by_ref().take(FOREIGN).count() < FOREIGN && report::han_chars(text) == 0
}

/// Whether a page is an answer to a program: one object, such as `{"code":404,"msg":"not found"}`.
fn is_data(lines: &[Line]) -> bool {
    let [line] = lines else { return false };
    let text = compact(&line.text);
    text.starts_with("{\"") && text.contains("\":") && line.text.trim_end().ends_with('}')
}

/// Whether a text, short as it is, stands as a document: a sentence below the bar of date and source, or below the
/// line that the head of the page calls its title, or above a signature. What stands between title, bar and text
/// without any link needs no sentence, nor do pictures and files below a bar.
fn is_headed(document: &Document<'_>, elsewhere: bool) -> bool {
    const SENTENCE: usize = 20;
    /// Names of columns are shorter.
    const TITLE: usize = 10;
    let sentence = |(line, _): (&Line, &Judged)| {
        line.chars >= SENTENCE && !is_link_line(line) && line.text.ends_with(['。', '！', '；', '：'])
    };
    let below_bar = is_below_bar(document);
    let title = document
        .title
        .as_ref()
        .filter(|title| title.basis == "line_and_head" && title.text.chars().count() >= TITLE);
    let right_below = title.is_some_and(|title| {
        let between = title.lines.end..document.range.start;
        document.page.judged[between]
            .iter()
            .all(|judged| judged.furniture == Some(Furniture::Meta))
    });
    let plain = || document.lines().all(|(line, _)| line.links == 0);
    let named = || title.is_some_and(|title| names_a_document(&title.text));
    let signed = || signature::find(document).is_some_and(|signature| signature.body.is_some());
    let bare = elsewhere || right_below && plain();
    below_bar && bare || document.lines().any(sentence) && (below_bar || right_below && named() || signed())
}

fn is_below_bar(document: &Document<'_>) -> bool {
    const REACH: usize = 6;
    let bar = |(_, judged): (&Line, &Judged)| judged.furniture == Some(Furniture::Meta) && !judged.aside;
    document.above().take(REACH).any(bar)
}

/// Whether next to every line of a text is a link with a day, and nothing says when the whole was published.
fn is_dated_list(document: &Document<'_>) -> bool {
    const ROWS: usize = 5;
    let dated = |line: &Line| line.links > 0 && line.chars <= 120 && DAY.is_match(&compact(&line.text));
    let (mut rows, mut lines) = (0, 0);
    for (line, _) in document.lines() {
        lines += 1;
        rows += usize::from(dated(line));
    }
    rows >= ROWS && rows * 10 >= lines * 9 && !is_below_bar(document)
}
