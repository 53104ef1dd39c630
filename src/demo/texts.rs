//! The texts of the sample portals, one file a portal and column.
//!
//! Reports are separated by a line `=====`. A report is `key: value` lines, an empty line, then one paragraph a line;
//! neighbouring lines with tabs are the rows of a table. `genre` and `year` say what a crawl should find out.

use jiff::civil::{Date, DateTime};
use report::Genre;

/// A column (栏目) of a portal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Part of the path, the initials of the pinyin.
    pub(super) id: &'static str,
    /// Name in navigation and breadcrumb.
    pub(super) name: &'static str,
    file: &'static str,
}

/// One report as it was written, before a portal dresses it.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) title: &'static str,
    pub(super) published: DateTime,
    pub(super) source: &'static str,
    pub(super) issuer: &'static str,
    pub(super) document_number: Option<&'static str>,
    pub(super) signed: Option<Date>,
    pub(super) index_number: Option<&'static str>,
    pub(super) genre: Genre,
    pub(super) year: Option<i32>,
    pub(super) paragraphs: Vec<&'static str>,
}

/// A text file of the samples is not in the format.
#[derive(Debug, thiserror::Error)]
#[error("sample text {title:?} of column {column}: {problem}")]
pub(crate) struct TextError {
    column: &'static str,
    title: String,
    problem: String,
}

macro_rules! columns {
    ($portal:literal: $($id:literal $name:literal),+ $(,)?) => {
        &[$(Column { id: $id, name: $name, file: include_str!(concat!("texts/", $portal, "/", $id, ".txt")) }),+]
    };
}

/// Columns of 泾县.
pub(super) const JINGXIAN: &[Column] = columns! { "jingxian":
    "fzzf" "法治政府建设", "xxgk" "政府信息公开年报", "gzbg" "政府工作报告", "czyjs" "财政预决算",
    "tjgb" "统计公报", "ghjh" "规划计划与政府文件", "zcjd" "政策解读", "xwzx" "泾县要闻",
};

/// Columns of 榆社县.
pub(super) const YUSHE: &[Column] = columns! { "yushe":
    "fzzf" "法治政府建设", "xxgk" "政府信息公开年报", "gzbg" "政府工作报告", "czyjs" "财政预决算",
    "tjgb" "统计公报", "ghjh" "规划与文件", "zcjd" "政策解读", "xwzx" "榆社要闻",
};

/// Columns of 龙胜各族自治县.
pub(super) const LONGSHENG: &[Column] = columns! { "longsheng":
    "fzzf" "法治政府建设年度报告", "xxgk" "政府信息公开年报", "gzbg" "政府工作报告", "czyjs" "财政预决算",
    "tjgb" "统计信息", "ghjh" "规划信息", "zcjd" "政策解读", "xwzx" "龙胜要闻",
};

impl Column {
    /// The reports of the column, newest first.
    pub(super) fn texts(&self) -> Result<Vec<Text>, TextError> {
        let mut texts: Vec<_> = self
            .file
            .split("\n=====\n")
            .map(|part| self.text(part))
            .collect::<Result<_, _>>()?;
        texts.sort_by(|a, b| b.published.cmp(&a.published).then(a.title.cmp(b.title)));
        Ok(texts)
    }

    fn text(&self, part: &'static str) -> Result<Text, TextError> {
        let (head, body) = part.trim().split_once("\n\n").unwrap_or((part, ""));
        let get = |key: &str| {
            let value = head
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
            value.map(str::trim).filter(|value| !value.is_empty())
        };
        let fail = |problem: String| TextError {
            column: self.id,
            title: get("title").unwrap_or_default().to_owned(),
            problem,
        };
        let need = |key: &str| get(key).ok_or_else(|| fail(format!("no {key}")));
        let time = |text| DateTime::strptime("%Y-%m-%d %H:%M", text).map_err(|error| fail(error.to_string()));
        let day = |text: &str| text.parse::<Date>().map_err(|error| fail(error.to_string()));
        let number = |text: &str| {
            text.parse::<i32>()
                .map_err(|error| fail(format!("{text:?}: {error}")))
        };
        let paragraphs: Vec<_> = body
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        if paragraphs.is_empty() {
            return Err(fail("no paragraphs".to_owned()));
        }
        Ok(Text {
            title: need("title")?,
            published: time(need("published")?)?,
            source: need("source")?,
            issuer: need("issuer")?,
            document_number: get("docno"),
            signed: get("signed").map(day).transpose()?,
            index_number: get("index"),
            genre: need("genre")?.parse().map_err(fail)?,
            year: Some(need("year")?)
                .filter(|year| *year != "none")
                .map(number)
                .transpose()?,
            paragraphs,
        })
    }
}
