//! GB/T 7714-2015, 文后参考文献著录规则: the form for electronic resources (4.6).
//!
//! 主要责任者. 题名: 其他题名信息[文献类型标识/文献载体标识]. 出版年: 引文页码(更新日期)[引用日期]. 获取和访问路径.
//!
//! Reports and official documents are `[R/OL]`, other pages `[EB/OL]`. The document number stands as further information
//! of the title. Where a section is cited, its path and heading stand where pages do, behind the year. The copy that is
//! kept here is a second path.

use std::fmt::Write;

use super::{Citation, bare_url};

/// The citation as one line, which ends with a full stop.
pub(super) fn line(citation: &Citation<'_>) -> String {
    let mut line = String::new();
    if let Some(issuer) = citation.issuer() {
        sentence(&mut line, &issuer);
    }
    let mut title = citation.title().into_owned();
    if let Some(number) = citation.number() {
        title.push_str(": ");
        title.push_str(&number);
    }
    title.push_str(if citation.is_report() { "[R/OL]" } else { "[EB/OL]" });
    sentence(&mut line, &title);
    let published = citation.published();
    let mut when = match (published, citation.place()) {
        (Some(day), Some(place)) => format!("{:04}: {place}", day.year()),
        (None, Some(place)) => place,
        (_, None) => String::new(),
    };
    // Writing to a string cannot fail.
    if let Some(day) = published {
        let _ = write!(when, "({day})");
    }
    let _ = write!(when, "[{}]", citation.retrieved());
    sentence(&mut line, &when);
    if let Some(url) = citation.url() {
        sentence(&mut line, &bare_url(url));
    }
    let mut kept = format!("存档: {}", citation.copy());
    if let Some(page) = citation.section_page() {
        kept.push_str("; 章节: ");
        kept.push_str(&page);
    }
    sentence(&mut line, &kept);
    line.truncate(line.trim_end().len());
    line
}

/// Puts a part behind the others, with its full stop.
fn sentence(line: &mut String, part: &str) {
    line.push_str(part);
    if !part.ends_with(['.', '。']) {
        line.push('.');
    }
    line.push(' ');
}
