//! What is wrong with a dictionary, or may not be meant, in Chinese.

/// Sentences of the readers of dictionaries; the more particular ones first.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "there is no concept; name one with its terms",
        "没有概念；请至少写一个概念和它的词",
    ),
    ("{} concepts are more than {}", "有 {} 个概念，超过 {} 个"),
    (
        "the name of a concept has 1 to {} characters, none of them a control character",
        "概念名称须有 1 至 {} 个字符，且不含控制字符",
    ),
    ("the concept {} stands twice", "概念 {} 出现了两次"),
    ("the concept {} has no terms", "概念 {} 没有词"),
    (
        "there are more than {} terms and excluded strings",
        "词和排除字串合计超过 {} 个",
    ),
    (
        "term {} of {}, {}, is nothing but spaces and invisible characters",
        "第 {} 个词（概念 {}）{} 只有空格和不可见字符",
    ),
    (
        "excluded string {} of {}, {}, is nothing but spaces and invisible characters",
        "第 {} 个排除字串（概念 {}）{} 只有空格和不可见字符",
    ),
    (
        "excluded string {}, {}, is nothing but spaces and invisible characters",
        "第 {} 个排除字串 {} 只有空格和不可见字符",
    ),
    (
        "term {} of {}, {}, is too long; the longest has {} characters",
        "第 {} 个词（概念 {}）{} 过长，最长 {} 个字符",
    ),
    (
        "excluded string {} of {}, {}, is too long; the longest has {} characters",
        "第 {} 个排除字串（概念 {}）{} 过长，最长 {} 个字符",
    ),
    (
        "excluded string {}, {}, is too long; the longest has {} characters",
        "第 {} 个排除字串 {} 过长，最长 {} 个字符",
    ),
    (
        "{} of {}: number {}, {}, is {}; write it in quotes",
        "{}（概念 {}）的第 {} 项（{}）是{}；请加引号",
    ),
    (
        "{}: number {}, {}, is {}; write it in quotes",
        "{} 的第 {} 项（{}）是{}；请加引号",
    ),
    (
        "{} of {}: number {} is {}; write texts in a list",
        "{}（概念 {}）的第 {} 项是{}；请写成文字的列表",
    ),
    (
        "{}: number {} is {}; write texts in a list",
        "{} 的第 {} 项是{}；请写成文字的列表",
    ),
    (
        "this is {}; write concepts with their terms, as in {}",
        "这里是{}；请写概念和它的词，如 {}",
    ),
    (
        "concepts are {}; write an object of names and lists of terms, as in {}",
        "concepts 是{}；请写概念名称和词的列表，如 {}",
    ),
    (
        "unknown column {}; did you mean {}? The first line names the columns: {} and, if need be, {}",
        "没有名为 {} 的列，是否想写 {}？首行写列名：{}，需要时加 {}",
    ),
    (
        "{}: unknown key {}; did you mean {}?",
        "{}：不能有 {}，是否想写 {}？",
    ),
    ("unknown key {}; did you mean {}?", "不能有 {}，是否想写 {}？"),
    ("{}: unknown key {}; known are {}", "{}：不能有 {}；可用的有 {}"),
    ("unknown key {}; known are {}", "不能有 {}；可用的有 {}"),
    (
        "\"exclude\" stands beside the names of concepts; to exclude from all, put these below \"concepts:\", to exclude from one, write it below its name",
        "exclude 与概念名称并列；要对所有概念排除，请把概念写在 concepts: 之下；要对一个概念排除，请写在它的名称之下",
    ),
    (
        "{} is no part of a dictionary; on the command line write it as an option, in a request beside the dictionary",
        "{} 不属于词典；在命令行请写成选项，在请求中请写在词典旁边",
    ),
    (
        "{}: {} stands twice; write one list",
        "{}：{} 出现了两次；请合成一个列表",
    ),
    ("the column {} stands twice", "列 {} 出现了两次"),
    (
        "unknown column {}; its parts are parted by {}; write commas",
        "没有名为 {} 的列；各栏以 {} 分隔，请改用逗号",
    ),
    (
        "unknown column {}; the first line names the columns: {} and, if need be, {}",
        "没有名为 {} 的列；首行写列名：{}，需要时加 {}",
    ),
    (
        "unknown column {}; did you mean {}?",
        "没有名为 {} 的列，是否想写 {}？",
    ),
    (
        "a cell goes on in the next line; close its quotation mark",
        "一个单元格延续到了下一行；请闭合引号",
    ),
    (
        "{} stands in no column; write one term on each line, and one with a comma in quotes",
        "{} 不在任何一列；请每行写一个词，含逗号的词加引号",
    ),
    (
        "the name {} is true or false to YAML; write it in quotes",
        "名称 {} 在 YAML 中是真假值；请加引号",
    ),
    ("{} stands twice", "{} 出现了两次"),
    (
        "a column is missing; the first line is: {} or {}",
        "缺少一列；首行应为 {} 或 {}",
    ),
    (
        "the term has no concept; name it in the column `concept`",
        "这个词没有概念；请在 concept 一列写明",
    ),
    (
        "there is no term; write one for {}, or leave the line out",
        "概念 {} 这一行没有词；请补上，或删去此行",
    ),
    (
        "this is no YAML: {}",
        "YAML 写法有误，请检查冒号、括号、引号和缩进（{}）",
    ),
    (
        "this is no JSON: {}",
        "JSON 写法有误，请检查括号、引号和逗号（{}）",
    ),
    ("this is no CSV: {}", "CSV 写法有误，请检查引号和逗号（{}）"),
    (
        "* and & of YAML have no place here; write the text out",
        "此处不能用 YAML 的 * 和 &；请把文字写全",
    ),
    (
        "& and ! of YAML have no place here; put the text in quotes",
        "此处不能用 YAML 的 & 和 !；请给文字加引号",
    ),
    (
        "a second document begins here; a dictionary is one",
        "这里开始了第二个 YAML 文档；一部词典只能有一个",
    ),
    (
        "lists and names lie too deep inside each other",
        "列表和名称的嵌套过深",
    ),
    ("a name is missing; write it before the colon", "冒号前缺少名称"),
    (
        "this is not UTF-8; save the file as UTF-8 (in Excel: \"CSV UTF-8\")",
        "文件不是 UTF-8 编码；请另存为 UTF-8（在 Excel 中选“CSV UTF-8”）",
    ),
    // Not wrong, but perhaps not meant.
    (
        "{}: {} is excluded too, so that it never counts",
        "{}：{} 同时在排除之列，因此从不计数",
    ),
    (
        "{}: {} stands twice, and counts once",
        "{}：{} 出现了两次，只计一次",
    ),
];

/// Kinds of values.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("nothing", "空值"),
    ("true or false", "真假值"),
    ("a number", "数字"),
    ("a text", "文字"),
    ("a list", "列表"),
    ("an object", "一组名称和值"),
];

#[cfg(test)]
mod tests {
    use super::super::in_chinese;
    use crate::dictionary::{Format, read, to_text};

    #[test]
    fn whatever_is_wrong_with_a_dictionary_is_told_in_chinese() {
        let long = "甲".repeat(201);
        let many: String = (0..501).map(|nth| format!("c{nth}: [甲]\n")).collect();
        let crowded = format!("甲: [{}]\n", "乙, ".repeat(10_001));
        let deep = format!("a: {}{}", "[".repeat(20), "]".repeat(20));
        let mut told: Vec<String> = [
            ("", Format::Yaml),
            ("环保: []\n", Format::Yaml),
            ("环保: [a]\n环保: [b]\n", Format::Yaml),
            ("'': [a]\n", Format::Yaml),
            ("环保: [a, ' ']\n", Format::Yaml),
            ("环保: {terms: [a], exclude: [' ']}\n", Format::Yaml),
            ("concepts: {环保: [a]}\nexclude: [' ']\n", Format::Yaml),
            (&format!("环保: [{long}]\n"), Format::Yaml),
            (
                &format!("环保: {{terms: [a], exclude: [{long}]}}\n"),
                Format::Yaml,
            ),
            (
                &format!("concepts: {{环保: [a]}}\nexclude: [{long}]\n"),
                Format::Yaml,
            ),
            ("环保:\n  term: [a]\n", Format::Yaml),
            ("concepts: {环保: [a]}\nexcludes: [b]\n", Format::Yaml),
            ("环保: [a\n生态: [b]\n", Format::Yaml),
            ("- a\n", Format::Yaml),
            ("环保: [&x a]\n", Format::Yaml),
            ("环保: *x\n", Format::Yaml),
            ("a: {terms: {b: [c]}}\n", Format::Yaml),
            ("a: [b]\n---\nc: [d]\n", Format::Yaml),
            ("[a]: [b]\n", Format::Yaml),
            (&many, Format::Yaml),
            (&crowded, Format::Yaml),
            (&deep, Format::Yaml),
            ("{\"环保\": [\"a\",\n]}", Format::Json),
            ("{\"环保\": [5]}", Format::Json),
            ("{\"环保\": [true]}", Format::Json),
            (
                "{\"concepts\": {\"环保\": [\"a\"]}, \"exclude\": [5]}",
                Format::Json,
            ),
            (
                "{\"concepts\": {\"环保\": [\"a\"]}, \"exclude\": [[]]}",
                Format::Json,
            ),
            ("[]", Format::Json),
            ("concept,word\na,b\n", Format::Csv),
            ("concept,concept\na,b\n", Format::Csv),
            ("concept,exclude\na,b\n", Format::Csv),
            ("concept,term\n环保,\n", Format::Csv),
            ("concept,term\n,环保\n", Format::Csv),
        ]
        .into_iter()
        .map(|(text, format)| read(text, format).expect_err(text).message)
        .collect();
        told.push(to_text(vec![0xbb, 0xb7]).unwrap_err().message);
        let doubtful = read("环保: {terms: [a, a, b], exclude: [b]}\n", Format::Yaml).unwrap();
        told.extend(doubtful.notes());
        for text in told {
            let chinese = in_chinese(&text).unwrap_or_else(|| panic!("{text}"));
            let is_kind = |(kind, _): &(&str, &str)| chinese.contains(&format!("是{kind}"));
            assert!(!super::KINDS.iter().any(is_kind), "{chinese}");
        }
        let number = read("{\"环保\": [\"a\", 5]}", Format::Json).unwrap_err().message;
        assert_eq!(
            in_chinese(&number).as_deref(),
            Some("terms（概念 \"环保\"）的第 2 项（5）是数字；请加引号")
        );
    }
}
