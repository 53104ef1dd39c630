//! What titles look like.

use std::sync::LazyLock;

use regex::Regex;

use super::super::boilerplate::{compact, patterns};

patterns! {
    /// Kinds of documents that titles end with; a note in brackets may follow.
    KIND = r"(报告|报告书|通知|意见|决定|通告|公告|公报|批复|函|方案|细则|办法|规定|规划|纲要|总结|计划|要点|预案|规则|制度|条例|章程|决议"
           r"|通报|请示|纪要|命令|说明|总体情况|情况|安排|清单|目录|指南|标准|解读|简章|须知|倡议书|公示|名单|年报|讲话|致辞)([(（][^()（）]{1,20}[)）])?$";
    /// Begins like a heading of an outline, a date, an address, a label, a page number.
    NOT_A_TITLE = r"^([一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\)|第[一二三四五六七八九十百\d]{1,4}[章节条]|\d{1,3}[、.]|[①-⑳]|[-–—·•●*#]"
                  r"|附件?\d*:|抄送|主题词|索引号|(19|20)\d{2}年\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|https?:|\S{0,40}www\.|\S{0,40}\.(com|cn|net|org)$|关键词|摘要|编者按|【?本[报网刊])"
                  r"|^\S{2,30}[〔\[(（](19|20)\d{2}[〕\])）]?\d+号?$|^\S{2,20}〔\d{5,8}$";
    /// Nothing but the name of a site.
    SITE = r"^(欢迎(访问|光临|来到))?.{0,24}(人民政府|政府办公室|政府网|门户网|门户网站|政务网|政务信息网|政府网站|官方网站|官网|信息公开(平台|专栏|专网|目录|网|系统)?|政务公开(平台|专栏|网)?|公开平台)(网站|网)?(首页)?$";
    /// What templates append to titles: a site, a body, a column, a kind of page.
    PLACE = r"(网|网站|门户|频道|平台|首页|主页|系统|政府|局|委|委员会|办公室|办公厅|办|厅|院|中心|镇|乡|街道|办事处|公开|目录|专栏|专题|文件|动态|要闻|公告|栏目|正文|详情|详细信息|内容页?|文章页?|浏览文章|阅读)$";
    /// The head of a letter (GB/T 9704-2012, 7.2.4): 清河县人民政府文件.
    LETTERHEAD = r"^[\p{Han}()]{2,40}(人民政府|政府|办公室|办公厅|委员会|局|厅|委|党组|指挥部|领导小组)文件$";
    /// The line below a title that says when and where it was given, who gave it, or who adopted it.
    SUBTITLE = r"^(—|–|-|─|－){1,4}.{4,80}$|^\((19|20)\d{2}年\d{1,2}月\d{1,2}日.{0,80}\)$|^(19|20)\d{2}年\d{1,2}月\d{1,2}日在.{4,60}(会议上|大会上|会上)$";
    /// Who speaks: 县长 张三.
    SPEAKER = r"^(\p{Han}{2,20}(人民政府|政府|局|委员会))?代?(省长|市长|县长|区长|州长|旗长|盟长|镇长|乡长|主席|局长|主任)\p{Han}{2,4}$";
    BYLINE = r"^(作者|文|图|撰文|记者|通讯员|特约|本[报刊网])[:/\p{Han}]|(记者|通讯员|实习生|报道|供稿|摄影|[报网社]讯)\S{0,14}$|(记者|通讯员)[\s:]";
}

/// Whether a line could be a title, or a part of one.
pub(crate) fn has_shape(line: &str) -> bool {
    let compacted = compact(line);
    let chars = compacted.chars().count();
    // Rows of tables and of links are none.
    let rows = line.contains('\t') || compacted.matches(['|', '┊', '│']).count() >= 2;
    (6..=100).contains(&chars)
        && !rows
        && !compacted.ends_with(['。', ':', ';', ',', '、'])
        && !compacted.contains(['。', ';'])
        && compacted
            .chars()
            .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c) || c.is_alphabetic())
        && !NOT_A_TITLE.is_match(&compacted)
}

/// Whether a line can go on with a title that the line before began: 实施方案, （试行）.
pub(crate) fn continues(line: &str) -> bool {
    let compacted = compact(line);
    let short = (2..=40).contains(&compacted.chars().count());
    has_shape(line) || short && (is_note(line) || KIND.is_match(&compacted))
}

/// Whether a line is a note in brackets: （试行）, （2021—2025年）.
pub(crate) fn is_note(line: &str) -> bool {
    let line = compact(line);
    line.starts_with('(') && line.ends_with(')')
}

/// Whether a line is nothing but the name of a site.
pub(crate) fn is_site_name(line: &str) -> bool {
    SITE.is_match(&compact(line))
}

/// Whether a part of a declared title is the name of a site, a body, a column or a kind of page.
pub(crate) fn names_a_place_of_the_site(part: &str) -> bool {
    const MAX_CHARS: usize = 24;
    let part = compact(part);
    part.chars().count() <= MAX_CHARS && PLACE.is_match(&part)
}

/// Whether a line is the head of a letter: 清河县人民政府文件.
pub(crate) fn is_letterhead(line: &str) -> bool {
    LETTERHEAD.is_match(&compact(line))
}

/// Whether a line below a title says when, where and by whom the document was given.
pub(crate) fn is_subtitle(line: &str) -> bool {
    SUBTITLE.is_match(&compact(line)) || is_office_holder(line)
}

/// Whether a line is an office and the name of who holds it: 县长 张三.
pub(crate) fn is_office_holder(line: &str) -> bool {
    line.chars().take(41).count() <= 40 && SPEAKER.is_match(&compact(line))
}

/// Whether a title names its kind of document: 报告, 通知, 方案 …
pub(crate) fn names_a_document(title: &str) -> bool {
    KIND.is_match(&compact(title))
}

/// Whether a line names who wrote the text.
pub(crate) fn is_byline(line: &str) -> bool {
    line.chars().take(61).count() <= 60 && BYLINE.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_other_short_lines() {
        for title in [
            "清河市2020年度法治政府建设工作情况报告",
            "关于印发《清河县推进法治政府建设实施方案》的通知",
            "清河区持续加强法治政府建设",
            "政府信息公开工作年度报告（2023年）",
        ] {
            assert!(has_shape(title), "{title}");
        }
        for line in [
            "一、工作开展情况",
            "（二）强化组织领导",
            "1.积极争创示范地区",
            "各乡镇人民政府，县政府各部门：",
            "2021年2月22日",
            "清政办发〔2023〕34号",
            "2023年以来，清河区在市委市政府的坚强领导下，坚持依法行政。",
            "第一章　总则",
        ] {
            assert!(!has_shape(line), "{line}");
        }
        assert!(names_a_document("清河县2023年法治政府建设年度报告"));
        assert!(names_a_document("清河县突发事件应急预案（修订稿）"));
        assert!(!names_a_document("清河区持续加强法治政府建设"));
        assert!(is_byline("许明 清河日报全媒体记者 牟海"));
        assert!(!is_byline("提高行政机关依法行政水平"));
    }
}
