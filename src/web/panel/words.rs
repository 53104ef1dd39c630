//! The texts of the page of panels in both languages.

use crate::web::words::Lang;

macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)+) => {
        /// The texts in one language.
        #[derive(Debug)]
        pub(super) struct PanelWords {
            $(pub(super) $name: &'static str,)+
        }

        static ZH: PanelWords = PanelWords { $($name: $zh,)+ };
        static EN: PanelWords = PanelWords { $($name: $en,)+ };
    };
}

words! {
    about: "给出一部词典，统计各地区、各年度的报告提到每个概念多少次，并列出报告数与汉字数作分母。", "A dictionary in, a table out: how often reports of each division and year speak of each concept, with reports and Han characters to set it against.";
    ways: "词典来源", "Where the dictionary comes from";
    ready: "现成词典", "Ready dictionary";
    own: "自备词典", "Dictionary of your own";
    dictionary: "词典", "Dictionary";
    choose: "请选择", "Choose one";
    edit: "以此为底本修改", "Change a copy of it";
    file: "词典文件（YAML、JSON 或 CSV）", "File (YAML, JSON or CSV)";
    file_about: "选了文件就用文件，不用上面的文字。连同表单最多 64 KiB；词典只用于本次统计，不会保存。", "A file takes the place of the text above. With the form it may have 64 KiB. The dictionary is used for this table and kept nowhere.";
    how: "词典写法", "How a dictionary is written";
    how_yaml: "每行一个概念和它的词；exclude 中的字串不计：", "A concept and its terms on each line; what is in exclude does not count:";
    how_csv: "也可以用 CSV，每行一个词：", "Or as CSV, a line for each term:";
    by: "分组", "Rows by";
    level: "地区层级", "Level of divisions";
    own_level: "报告自身的地区，不汇总", "each its own, nothing rolled up";
    by_region: "地区", "division";
    by_year: "年度", "year";
    by_genre: "文种", "genre";
    by_section: "所在部分", "section";
    province: "省级", "provinces";
    city: "地级", "cities";
    county: "县级", "counties";
    region_hint: "名称或代码", "name or code";
    all_genres: "全部文种", "All genres";
    query: "只统计符合检索式的报告", "Only reports that a query finds";
    as_of: "语料截至", "Corpus as of";
    as_of_hint: "如 2024-06-30", "e.g. 2024-06-30";
    count: "统计", "Count";
    csv: "下载 CSV", "CSV";
    excel: "下载 CSV（Excel）", "CSV for Excel";
    wrong: "无法统计，请修改后重试", "This cannot be counted; change it and try again";
    wrong_dictionary: "词典有误，请修改后重试", "The dictionary is wrong; change it and try again";
    line: "第 {} 行", "Line {}";
    result: "统计结果", "Result";
    n_rows: "全表 {} 行", "{} rows in the whole table";
    cell: "每格上为出现次数，下为“提到的报告数/报告总数 · 汉字数”。空格表示没有报告，0 表示有报告而未提到。", "A cell has the occurrences, and below them “reports that speak of it / all reports · Han characters”. Blank: there is no report. 0: there are reports, and none speaks of it.";
    concept: "概念", "Concept";
    occurrences: "次数", "Occurrences";
    blank_left: "没有任何报告的 {} 行此处略去，CSV 中有。", "{} rows without any report are left out here; the CSV has them.";
    rows_left: "此处列出前 {} 行，其余 {} 行见 CSV。", "The first {} rows are here, {} more in the CSV.";
    years_left: "此处列出最后 {} 个年度，其余见 CSV。", "The last {} years are here, the others in the CSV.";
    left_out: "有 {} 篇报告不在任何一行：", "{} reports are in no row:";
    without_region: "归属地不明 {} 篇", "{} about no known division";
    without_level: "不属于任何一个此层级的地区 {} 篇", "{} about a division that lies in none of this level";
    without_year: "年度不明 {} 篇", "{} about no known year";
    without_section: "没有分节 {} 篇", "{} without a section";
    notes: "词典提示", "Notes on the dictionary";
    nothing: "没有可列出的行：没有符合条件的报告。", "There is no row to list: no report meets the conditions.";
    hash: "词典指纹 {}", "dictionary {}";
}

impl PanelWords {
    pub(super) fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }

    /// What a ready dictionary is about.
    pub(super) fn example(lang: Lang, name: &'static str) -> &'static str {
        match name {
            "digital" => lang.pick("数字政府", "Digital government"),
            "environment" => lang.pick("环境注意力", "Attention to the environment"),
            "rule-of-law" => lang.pick("法治政府", "Rule of law"),
            other => other,
        }
    }
}
