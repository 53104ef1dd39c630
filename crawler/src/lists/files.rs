//! Rows of lists that lead straight to a file: which of these are reports.
//!
//! Next to reports stand forms to fill in, programs to install and the files of reports that have a page of their own.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use url::Url;

use super::page::han_chars;

/// Endings of files that hold documents, whether they can be read or not: of what cannot, it is known that it is there.
const DOCUMENTS: &[&str] = &[
    "pdf", "doc", "docx", "wps", "rtf", "ofd", "ceb", "xls", "xlsx", "et", "ppt", "pptx", "zip", "rar", "7z",
];

/// Endings of photographs. Most show an event; one with the title of a report is a scan of it.
const SCANS: &[&str] = &["jpg", "jpeg", "tif", "tiff"];

/// Fewest Han characters of a title beside a date.
const MIN_TITLE_HAN: usize = 6;

/// What is there to be filled in, used or installed.
const FORMS: &[&str] = &[
    "申请表",
    "登记表",
    "审批表",
    "报名表",
    "申报表",
    "推荐表",
    "样表",
    "样本",
    "范本",
    "模板",
    "格式文本",
    "表格下载",
    "承诺书",
    "委托书",
    "申请书",
    "客户端",
    "安装包",
    "控件",
    "驱动",
    "浏览器",
    "操作手册",
    "使用手册",
    "用户手册",
    "软件",
    "APP",
];

/// Titles that need no date beside them: a year, and what kind of report it is.
static REPORTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:19|20)\d{2}.*(?:报告|年报|公报|预算|决算|规划|纲要|要点|总结|计划)")
        .expect("a pattern of this file is valid")
});

/// Whether a row that leads to a file is a report: by its title, and a date beside it.
pub(super) fn is_report(url: &Url, title: &str, date: Option<Date>) -> bool {
    let file = url.path().rsplit('/').next().unwrap_or_default();
    let ending = file
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    let is_of = |endings: &[&str]| ending.as_deref().is_some_and(|ending| endings.contains(&ending));
    let (is_document, is_scan) = (is_of(DOCUMENTS), is_of(SCANS));
    let is_form = FORMS.iter().any(|form| title.contains(form));
    let is_title = han_chars(title) >= MIN_TITLE_HAN && !is_form;
    let is_named = is_title && REPORTS.is_match(title);
    is_document && is_title && date.is_some() || (is_document || is_scan) && is_named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_told_from_forms_and_programs() {
        let is_report = |path: &str, title: &str, date: Option<Date>| {
            let url = Url::parse(&format!("http://a.gov.cn{path}")).unwrap();
            super::is_report(&url, title, date)
        };
        let day = Some(jiff::civil::date(2024, 2, 27));
        for (path, title, date) in [
            ("/files/P0202401.PDF", "清河县民政局部门预算公开说明", day),
            ("/2023.docx", "清河县2023年法治政府建设年度报告", None),
            ("/a.zip", "清河县2022年度部门决算公开.zip", None),
            ("/a.rar", "清河县部门决算公开资料", day),
            ("/a.JPG", "清河县2023年法治政府建设年度报告", None),
        ] {
            assert!(is_report(path, title, date), "{title}");
        }
        for (path, title, date) in [
            ("/a.pdf", "清河县民政局部门预算公开说明", None),
            ("/a.doc", "清河县政府信息公开申请表", day),
            ("/a.apk", "清河县政务服务平台安卓版下载", day),
            ("/a.zip", "国家政务服务平台2023年报告客户端", day),
            ("/a.pdf", "PDF下载", day),
            ("/a.jpg", "县领导调研春耕备耕工作", day),
            ("/a.mp4", "清河县2023年政府工作报告解读", day),
        ] {
            assert!(!is_report(path, title, date), "{title}");
        }
    }
}
