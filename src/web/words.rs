//! Every text of the pages in both languages, side by side.
//!
//! A text that is missing in one of them does not compile. `{}` stands for a value that [`put`] fills in. Names of genres,
//! roles, states and the like are in [`super::labels`], what belongs to portals in `portals/words.rs`.

use std::fmt::Display;

pub(crate) use crate::language::Lang;

impl Lang {
    pub(crate) fn words(self) -> &'static Words {
        self.pick(&ZH, &EN)
    }
}

macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)+) => {
        /// The texts of the pages in one language.
        #[derive(Debug)]
        pub(crate) struct Words {
            pub(crate) lang: Lang,
            $(pub(crate) $name: &'static str,)+
        }

        static ZH: Words = Words { lang: Lang::Zh, $($name: $zh,)+ };
        static EN: Words = Words { lang: Lang::En, $($name: $en,)+ };

        #[cfg(test)]
        const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($name), $zh, $en),)+];
    };
}

words! {
    // Around every page.
    site: "公报", "Gongbao";
    tagline: "政府报告全文检索", "Full-text search over Chinese government reports";
    skip: "跳到正文", "Skip to content";
    to_hits: "跳到检索结果", "Skip to the results";
    sections: "栏目", "Sections";
    search: "检索", "Search";
    coverage: "覆盖情况", "Coverage";
    portals: "门户状况", "Portals";
    panel: "概念面板", "Concept panel";
    compare: "报告比较", "Compare";
    footer: "检索结果来自各政府门户公开发布的页面，以原网站为准。", "Results come from pages that government portals published; the original site prevails.";
    json: "本页数据（JSON）", "This page as data (JSON)";
    keys: "单键快捷键：/ 检索，n、p 前后命中", "Single-key shortcuts: / search, n and p next and previous hit";
    untitled: "（无标题）", "(untitled)";
    untitled_as: "（无标题）{}", "(untitled) {}";
    previous: "上一页", "Previous page";
    next: "下一页", "Next page";
    to_first: "回到第一页", "Back to the first page";
    pages: "翻页", "Pages";
    page_n: "第 {} 页", "Page {}";

    // Problems.
    go_home: "回到首页", "Back to the start";
    request_id: "请求编号 {}", "Request {}";

    // Search.
    query: "检索词", "Query";
    placeholder: "例如：法治政府建设", "e.g. 法治政府建设";
    submit: "检索", "Search";
    try_these: "试试", "Try";
    syntax: "检索语法", "How to write a query";
    you_write: "写法", "Write";
    it_finds: "含义", "Finds";
    syntax_words: "标题或正文中两个词都出现", "both words, in title or text";
    syntax_exact: "逐字匹配，标点也算；不受分词影响", "exactly these characters, punctuation included, whatever a segmenter makes of them";
    syntax_or: "任一即可", "either of them";
    syntax_not: "含前者而不含后者；也可写作 -示范", "the first without the second; a minus before a word does the same";
    syntax_group: "括号组合", "brackets group";
    syntax_near: "同一段内相距不超过 20 字", "at most 20 characters apart in one paragraph";
    syntax_title: "标题中含此字串", "title contains the string";
    syntax_docno: "发文字号含此字串", "document number contains the string";
    syntax_region: "所属地区的名称中含有这些字；写代码（region:43）则包括其全部下辖地区", "the name of its division has these characters; by code (region:43), all below it too";
    syntax_year: "报告年度的范围", "a range of report years";
    syntax_section: "全部条件在“存在的问题”一节内匹配", "everything matches inside a section on problems";
    syntax_more: "快捷键：/ 聚焦检索框；报告页 n 下一处、p 上一处。", "Keys: / goes to the box; in a report n is the next hit, p the one before.";
    mode: "匹配方式", "Match";
    sort: "排序", "Sort";
    filters: "筛选", "Filters";
    chosen: "已选条件", "Chosen";
    remove: "取消 {}", "Remove {}";
    clear: "全部清除", "Clear all";
    results: "检索结果", "Results";
    total_reports: "共 {} 篇报告", "{} reports";
    total_report: "共 {} 篇报告", "{} report";
    total_groups: "共 {} 组报告", "{} groups of reports";
    fold: "合并重复", "Fold duplicates";
    clean: "仅无疑点文本", "Only texts without doubts";
    searched: "检索词", "Searched";
    as_written: "逐字检索", "Only as written:";
    ignored: "未计入", "Left out";
    expanded: "同时检索", "Also searched";
    parsed: "读作", "Read as";
    which_region: "按地区限定“{}”：", "Limit to the division {}:";
    take_away: "导出全部结果", "Export all results";
    feed: "订阅变动", "Feed of changes";
    permalink: "本次结果的固定链接", "Permanent link to these results";
    corpus_state: "语料状态 {}", "state of the corpus {}";
    nothing: "没有符合条件的报告。可减少检索词或取消筛选；引号内须与原文逐字一致。", "No report matches. Use fewer words or remove filters; what is in quotes must be as in the text, character by character.";
    duplicates_of: "另有 {} 篇重复", "{} more like it";
    pick: "比较", "compare";
    pick_this: "比较：{}", "compare: {}";
    pick_about: "勾选两至四篇报告，", "Tick two to four reports and";
    compare_picked: "并排比较", "compare them";
    compare_with: "比较：{}", "compare with {}";
    wrong_query: "检索式有误，请修改后重试", "This query cannot be read; change it and try again";
    region: "地区", "Division";
    year: "报告年度", "Report year";
    genre: "文种", "Genre";
    issuer_type: "机关类别", "Kind of issuer";
    section: "所在部分", "Section";
    count_sections: "按所在部分统计", "Count by section";
    more: "其余 {} 项", "{} more";
    years_reversed: "起始年度 {} 晚于截止年度 {}，没有报告在其间", "the first year, {}, is after the last, {}: no report is between them";
    from_year: "起始年度", "From year";
    to_year: "截止年度", "To year";
    from_short: "起", "from";
    to_short: "止", "to";
    limit_years: "限定", "Apply";
    suggested: "检索建议", "Suggestions";

    // Trends and concordance.
    trends: "趋势", "Trends";
    trends_about: "检索词在各年度、各地区出现的多少，连同作为分母的报告总数或汉字总数。", "How often words are used, by year or division, with the reports or Han characters that they are counted against.";
    queries: "检索词（每框一个，各成一列）", "Queries, one a box, each a series";
    query_n: "检索词 {}", "Query {}";
    count_by: "分组", "By";
    measure: "统计", "Count";
    scale: "显示", "Show";
    chart: "图形", "Picture";
    chart_alt: "{}：{}。数字见下表。", "{}: {}. The numbers are in the table below.";
    numbers: "数据表", "Table";
    n_hit: "含检索词的报告", "Reports with it";
    n_reports: "报告总数", "Reports";
    per_reports: "占比", "Share";
    n_places: "出现次数", "Occurrences";
    n_chars: "汉字总数", "Han characters";
    per_chars: "每万字", "Per 10,000";
    no_key: "（无此项）", "(none)";
    every_report: "全部报告", "All reports";
    rows_left_out: "只列出数值最大的 {} 行，其余 {} 行见 CSV。", "The {} rows with the greatest values; the other {} are in the CSV.";
    rows_empty: "另有 {} 个地区没有报告，未列出。", "{} more divisions have no report and no row.";
    zoom_in: "其下辖地区", "its divisions";
    take_data: "导出数据", "Take the data";
    csv_excel: "CSV（Excel）", "CSV for Excel";
    see_trends: "这些结果的趋势", "Trends of these";
    see_places: "逐处语境", "Every place in context";
    see_reports: "看报告", "The reports";
    concordance: "语境", "Concordance";
    concordance_about: "检索词在正文中出现的每一处及其前后文。点击一行即到报告原处。", "Every place in the texts where a query occurs, with what stands around it. A line opens the report there.";
    total_places: "共 {} 处", "{} places";
    drawn: "其中随机抽取 {} 处（种子 {}）", "of which {} were drawn at random (seed {})";
    sample: "随机抽取", "Draw at random";
    seed: "种子", "Seed";
    draw: "抽取", "Draw";
    redraw: "另抽一份", "Draw others";
    all_places: "列出全部", "List all";
    no_places: "正文中没有这样的地方。标题中的检索词不在此列。", "No text has it. Words in titles are not listed here.";
    first_rows: "CSV（前 {} 处）", "CSV (the first {})";
    permanent: "固定链接", "Permanent link";

    // A report.
    search_all: "检索全部报告", "Search all reports";
    contents: "目录", "Contents";
    about: "基本信息", "About this report";
    hits_of: "“{}”", "Hits of {}";
    n_hits: "正文中 {} 处", "{} places in the text";
    no_hits: "正文中没有标出之处", "nothing to mark in the text";
    first_hit: "第一处", "First";
    last_hit: "最后一处", "Last";
    next_hit: "下一处", "Next hit";
    previous_hit: "上一处", "Previous hit";
    back_to_hits: "返回检索结果", "Back to the results";
    bad_marks: "检索式有误，未能标出。", "The query cannot be read, so nothing is marked.";
    section_link: "本节链接：{}", "Link to this section: {}";
    issuer: "发文机关", "Issuer";
    source: "信息来源", "Source";
    document_number: "发文字号", "Document number";
    index_number: "索引号", "Index number";
    published: "发布日期", "Published";
    signed: "成文日期", "Signed";
    retrieved: "采集时间", "Retrieved";
    chars: "汉字数", "Han characters";
    portal: "门户", "Portal";
    status: "状态", "Status";
    version_n: "第 {} 版", "version {}";
    original: "原文", "Original";
    archived: "存档", "Archived copy";
    page_source: "采集时的网页源码", "Source of the page as it was fetched";
    as_json: "JSON", "JSON";
    basis: "依据：{}", "read from: {}";
    confidence: "置信度 {}", "confidence {}";
    title_inferred: "标题由其他线索推断", "The title was inferred from other evidence";
    region_evidence: "归属地依据", "Evidence for the division";
    candidates: "归属地未定，可能是：{}", "Which division is undecided; perhaps {}";
    quality: "文本疑点", "Doubts about the text";
    attachments: "附件", "Attachments";
    versions: "历次版本", "Versions";
    version_about: "第 {} 版（{} 采集，{} 个汉字）", "Version {} (retrieved {}, {} Han characters)";
    compare_before: "与上一版比较", "compare with the one before";
    near_duplicates: "重复报告", "Near-duplicates";
    related: "相关报告", "Related reports";
    cites: "引用的文件", "Documents it cites";
    table: "表格", "Table";
    print: "打印", "Print";
    in_brackets: "（{}）", "({})";
    cite: "引用本报告", "Cite this report";
    copy: "复制", "Copy";
    download: "下载", "Download";

    // Differences.
    both_whole: "并排显示两版全文", "Both versions whole, side by side";
    back_to_report: "返回报告", "Back to the report";
    diff_title: "第 {} 版与第 {} 版", "Versions {} and {}";
    diff_counts: "第 {} 版（{}）与第 {} 版（{}）：增加 {} 段，删去 {} 段，改写 {} 段。", "Version {} ({}) and version {} ({}): {} paragraphs added, {} removed, {} rewritten.";
    came: "新增", "added";
    went: "删去", "removed";
    coarse: "两版差异过大，比较提前结束：结果正确，但标为改动的部分可能多于实际。", "The versions differ so much that the comparison ended early: it is right, but may mark more than what changed.";
    fields: "著录项", "Fields";
    field: "字段", "Field";
    text: "正文", "Text";
    same_text: "两版正文相同。", "The texts are the same.";
    one_version: "这篇报告只有一个版本，没有可比较的改动。", "This report has one version only; there is nothing to compare.";
    unchanged: "未改动 {} 段", "{} paragraphs unchanged";
    yes: "是", "yes";
    no: "否", "no";

    // Coverage.
    coverage_about: "每行一个地区，每列一个报告年度。“未见”只在完整采集后仍未发现时使用，含义见文末图例。", "One row a division, one column a report year. “Not found” is said only after a complete crawl; the legend is below.";
    province: "省份", "Province";
    all_provinces: "全部省份", "All provinces";
    show: "查看", "Show";
    legend: "图例", "Legend";
    no_coverage: "没有可列出的地区：这里只列有门户的地区，且至少要有一篇年度报告。", "Nothing to list: only divisions with a portal have a row, and there must be a report of a year.";
    earlier_years: "{} 年以前，本页各地区均无报告，故未列出。", "Before {} there is no report of the divisions on this page.";
    show_years: "列出全部年度", "Show all years";
    n_regions: "第 {}–{} 个地区，共 {} 个", "Divisions {}–{} of {}";
    checked: "核查于 {}", "checked {}";
    not_checked: "尚未核查", "not checked yet";
    counts_here: "本页合计", "On this page";
    meaning: "含义", "Meaning";
}

/// A text with its `{}` filled in, in order.
pub(crate) fn put(pattern: &str, values: &[&dyn Display]) -> String {
    let mut pieces = pattern.split("{}");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for (at, piece) in pieces.enumerate() {
        if let Some(value) = values.get(at) {
            text.push_str(&value.to_string());
        }
        text.push_str(piece);
    }
    text
}

/// A number with its thousands set apart: 1,234,567.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_something_about_the_same_values() {
        for (name, zh, en) in PAIRS {
            assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{name}");
            assert_eq!(zh.matches("{}").count(), en.matches("{}").count(), "{name}");
        }
    }

    #[test]
    fn values_are_filled_in_and_thousands_set_apart() {
        assert_eq!(put("{} 至 {} 年", &[&2019, &"2023"]), "2019 至 2023 年");
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }
}
