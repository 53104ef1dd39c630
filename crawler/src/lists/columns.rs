//! Names by which portals call the columns that reports lie in.
//!
//! The names come from the structure that the rules on the disclosure of government information prescribe; the paths
//! are their usual abbreviations in pinyin.

use url::Url;

/// Parts of link texts that lead to reports.
const NAMES: &[&str] = &[
    "政务公开",
    "信息公开",
    "主动公开",
    "公开目录",
    "年报",
    "年度报告",
    "法治政府",
    "法治建设",
    "依法行政",
    "工作报告",
    "预决算",
    "预算",
    "决算",
    "财政信息",
    "财政资金",
    "统计信息",
    "统计数据",
    "规划",
    "政府文件",
    "规范性文件",
    "政策文件",
    "公文",
    "公报",
    "通知公告",
    "公示公告",
    "政策解读",
];

/// The same as whole folder names; a number behind them doesn't matter.
const FOLDERS: &[&str] = &[
    "zwgk",
    "xxgk",
    "zfxxgk",
    "zfxxgkml",
    "xxgkml",
    "fdzdgk",
    "fdzdgknr",
    "zdgk",
    "zfxxgknb",
    "xxgknb",
    "gknb",
    "fzzf",
    "fzzfjs",
    "fzzfgzbg",
    "fzzfjsndbg",
    "fzzfnb",
    "yfxz",
    "gzbg",
    "zfgzbg",
    "czyjs",
    "czyjsgk",
    "yjsgk",
    "xczyjs",
    "czxx",
    "tjgb",
    "tjxx",
    "tjsj",
    "ghjh",
    "ghxx",
    "fzgh",
    "gfxwj",
    "xzgfxwj",
    "zcwj",
    "zfwj",
    "zfgb",
    "gb",
    "tzgg",
    "gsgg",
    "zcjd",
];

/// Longest text of a link to a column, in characters.
const MAX_NAME_CHARS: usize = 16;

/// Whether a link leads to a column that may hold reports.
pub(super) fn is_report_column(text: &str, url: &Url) -> bool {
    let is_short = text.chars().count() <= MAX_NAME_CHARS;
    if is_short && NAMES.iter().any(|name| text.contains(name)) {
        return true;
    }
    // The column itself tells; that of a folder above only says that its columns may.
    let folder = url
        .path()
        .rsplit('/')
        .find(|segment| !segment.is_empty() && !segment.contains('.'));
    let folder = folder.unwrap_or_default().to_ascii_lowercase();
    is_short && FOLDERS.contains(&folder.trim_end_matches(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_name_or_folder() {
        let is_column = |text: &str, url: &str| is_report_column(text, &Url::parse(url).unwrap());
        assert!(is_column("法治政府建设年度报告", "http://a.gov.cn/x/y/"));
        assert!(is_column("政务公开", "http://a.gov.cn/12/"));
        assert!(is_column("更多", "http://a.gov.cn/zwgk/fzzf2/index.html"));
        assert!(!is_column("走进榆社", "http://a.gov.cn/zjys/"));
        assert!(!is_column("领导信箱", "http://a.gov.cn/zwgk/ldxx/"));
        assert!(!is_column(
            "县长在县十八届人大三次会议上作政府工作报告侧记",
            "http://a.gov.cn/gzbg/1.html"
        ));
    }
}
