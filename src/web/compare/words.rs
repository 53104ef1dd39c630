//! The texts of the page that compares reports in both languages.

use crate::web::words::Lang;

macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)+) => {
        /// The texts in one language.
        #[derive(Debug)]
        pub(super) struct CompareWords {
            $(pub(super) $name: &'static str,)+
        }

        static ZH: CompareWords = CompareWords { $($name: $zh,)+ };
        static EN: CompareWords = CompareWords { $($name: $en,)+ };
    };
}

words! {
    heading: "比较 {} 篇报告", "{} reports side by side";
    about: "两至四篇报告按部分并排显示。在检索结果中勾选报告，或在此填写报告编号（报告页的网址也可以）；编号后加 @2 指第 2 版，可比较同一篇的不同版本。", "Two to four reports side by side, section by section. Tick reports among the results of a search, or write their ids here; addresses of their pages do as well. An id followed by @2 is its version 2, so that versions of one report can be compared.";
    which: "要比较的报告", "Reports to compare";
    others: "更换报告", "Other reports";
    nth: "报告{}", "Report {}";
    submit: "比较", "Compare";
    cannot: "无法比较", "These cannot be compared";
    too_few: "至少要两篇报告。", "It takes two reports at least.";
    too_many: "最多四篇报告，这里有 {} 篇。", "There may be four reports, here are {}.";
    twice: "报告 {} 的同一版本出现了两次；编号后加 @1、@2 可比较不同版本。", "The report {} is named twice in one version; write @1 and @2 behind its id to compare versions.";
    unknown: "没有编号为 {} 的报告。", "No report has the id {}.";
    unknown_version: "没有编号为 {} 的报告，或它没有第 {} 版。", "No report has the id {}, or it has no version {}.";
    legend: "图例：", "Marked:";
    in_all: "各篇都有", "stands in all";
    in_other: "另一篇也有", "stands in the other";
    in_some: "部分篇有", "stands in some";
    legend_end: "（14 字以上相同，不计标点与空白）；未标的是各篇不同之处。", "(14 characters or more alike, but for punctuation and white space). What is not marked is what differs.";
    facts: "基本信息", "About the reports";
    shared: "与他篇相同", "Shared with another";
    opening: "开头", "Opening";
    whole: "全文", "Whole text";
    none: "没有对应的部分", "no such section";
    cut: "太长，只比较前 {} 字", "long: the first {} characters are compared";
}

impl CompareWords {
    pub(super) fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

/// What stands for the reports, from the first to the last.
pub(super) fn letter(lang: Lang, nth: usize) -> &'static str {
    let letters = lang.pick(["甲", "乙", "丙", "丁"], ["A", "B", "C", "D"]);
    letters.get(nth).copied().unwrap_or_default()
}
