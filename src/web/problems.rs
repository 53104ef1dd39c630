//! What is wrong with a query, as the pages show it, in Chinese too.
//!
//! The query language tells it in English, for programs as for persons. Here stand its sentences with theirs beside them; `{}`
//! is whatever the sentence names. One that is not here is shown as it is, marked as English. What dictionaries and parameters
//! may be wrong in is told the same way, in `problems/dictionary.rs` and `parameters.rs`.

mod dictionary;
mod parameters;

use axum::http::StatusCode;

use super::{
    view::View,
    words::{Lang, put},
};
use crate::api::problem::{self, Code, Problem};

/// Sentences of the query language, and the same in Chinese.
const SENTENCES: &[(&str, &str)] = &[
    // What is wrong.
    ("the query has more than {} characters", "检索式超过 {} 个字符"),
    ("the query has more than {} terms", "检索式超过 {} 个词"),
    ("more than {} brackets inside each other", "括号嵌套超过 {} 层"),
    (
        "the words of the query have more than {} synonyms and other forms",
        "检索词的同义词和其他写法超过 {} 个",
    ),
    (
        "the string is empty, or nothing but spaces and invisible characters",
        "引号内为空，或只有空格和不可见字符",
    ),
    (
        "nothing is left to search: punctuation and words such as 的 are not searched as words",
        "没有可检索的词：标点以及“的”一类的词不作为词检索",
    ),
    (
        "the closing quote {} has no opening one",
        "右引号 {} 没有对应的左引号",
    ),
    ("the quote {} is not closed", "引号 {} 没有闭合"),
    (
        "the control character {} is part of no word",
        "控制字符 {} 不能出现在词中",
    ),
    ("{} is punctuation, no wildcard", "{} 是标点，不是通配符"),
    ("there is no field {}", "没有名为 {} 的字段"),
    ("{}: has no value", "{}: 后面没有值"),
    ("the value of {} is empty", "{} 的值为空"),
    (
        "no genre is called {}; there are {}",
        "没有名为 {} 的文种；可用的有 {}",
    ),
    (
        "no section role is called {}; there are {}",
        "没有名为 {} 的部分；可用的有 {}",
    ),
    ("cannot read {}", "无法识别 {}"),
    (
        "nothing in the query is a string that can stand in a text",
        "检索式中没有可在正文中出现的字串",
    ),
    ("a range needs one end at least", "范围至少要有一端"),
    ("the range ends before it begins", "范围的终点早于起点"),
    (
        "{} is no division code; write the code of one of {}",
        "{} 不是行政区划代码；请从中选择一个代码：{}",
    ),
    (
        "{} is no division code; write the code of {}",
        "{} 不是行政区划代码；其代码为 {}",
    ),
    (
        "{} is no division code; write six digits, or the first two or four of a province or city",
        "{} 不是行政区划代码；请写六位代码，或省、市代码的前两位、前四位",
    ),
    ("NEAR needs a distance", "NEAR 需要写明距离"),
    ("the distance of NEAR/{} is more than {}", "NEAR/{} 的距离超过 {}"),
    (
        "NEAR stands between two strings, not three",
        "NEAR 只能连接两个字串，不能连接三个",
    ),
    (
        "NEAR stands between two strings in quotes",
        "NEAR 两边须是带引号的字串",
    ),
    ("this ) closes nothing", "这个 ) 没有对应的 ("),
    ("this ( is not closed", "这个 ( 没有闭合"),
    ("there is nothing before this )", "这个 ) 前面没有内容"),
    (
        "a term is missing before this operator",
        "这个运算符前面缺少检索词",
    ),
    ("the query ends where a term is missing", "检索式结尾缺少检索词"),
    // What to write.
    ("shorten it, or ask several times", "请缩短，或分几次检索"),
    (
        "ask for fewer words, or put what belongs together in quotes",
        "请减少词数，或把相连的部分放进引号",
    ),
    (
        "ask for fewer words, put some of them in quotes, or use mode=words",
        "请减少词数，把部分词放进引号，或改用“全部词语”",
    ),
    ("leave out brackets that are not needed", "请去掉不必要的括号"),
    ("write at least one visible character", "请至少写一个可见字符"),
    (
        "put the characters in quotes to find them as they stand",
        "把这些字符放进引号即可逐字检索",
    ),
    (
        "leave it out, or put it in quotes to find it as it stands",
        "请去掉，或放进引号逐字检索",
    ),
    (
        "leave it out: what is searched is found inside longer words too; in quotes it is the character itself",
        "请去掉：较长词语中含有的也能检出；要检索这个字符本身，请加引号",
    ),
    (
        "write {} where the string begins, or \"…\" around it",
        "请在字串开头写 {}，或用 \"…\" 括起来",
    ),
    (
        "{} does not close {}: write {} at the end of the string",
        "{} 不能闭合 {}：请在字串末尾写 {}",
    ),
    (
        "write {} at the end of the string, or leave {} out",
        "请在字串末尾写 {}，或去掉 {}",
    ),
    (
        "did you mean {}:? fields are {}; write \"{}:…\" in quotes to search the characters as they are",
        "是否想写 {}:？可用的字段有 {}；如要检索这些字符本身，请写成 \"{}:…\"",
    ),
    (
        "fields are {}; write \"{}:…\" in quotes to search the characters as they are",
        "可用的字段有 {}；如要检索这些字符本身，请写成 \"{}:…\"",
    ),
    ("write it right behind the colon, {}", "请紧接冒号写，如 {}"),
    (
        "write NEAR/20 for at most 20 characters between the strings, {} at most; \"NEAR\" in quotes is the word",
        "如 NEAR/20 表示相距不超过 20 字，最多 {}；要检索 NEAR 这个词请加引号",
    ),
    ("leave it out, or write ( before", "请去掉，或在前面补 ("),
    ("write ) where the group ends", "请在分组末尾补 )"),
    (
        "write a term, or leave the brackets out",
        "请写检索词，或去掉括号",
    ),
    (
        "write one, or put the operator in quotes to search the word",
        "请补上检索词，或把运算符放进引号当作词检索",
    ),
    (
        "write a term, or leave out the operator before it",
        "请补上检索词，或去掉前面的运算符",
    ),
    (
        "write the words or the \"string\" whose places you want; fields only narrow them down",
        "请写要找的词或带引号的字串；字段条件只能缩小范围",
    ),
    ("write {}", "请写 {}"),
];

/// A query that cannot be read, cut at the place that is wrong.
pub(super) struct QueryProblem {
    /// Which of several queries it is; empty where there is one.
    pub(super) of: String,
    pub(super) before: String,
    pub(super) after: String,
    /// What is wrong, and what to write, each with its language.
    pub(super) sentences: Vec<(String, &'static str)>,
}

/// A problem of what the form asks for is shown on the page, any other as a page of its own: of a cursor the form knows nothing.
///
/// # Errors
/// The problem, when it is none of the form.
pub(super) fn explain(view: &View, q: &str, problem: Problem) -> Result<QueryProblem, Problem> {
    if problem.status() != StatusCode::BAD_REQUEST || problem.is(Code::CursorInvalid) {
        return Err(problem);
    }
    let problem::Body {
        detail,
        hint,
        position,
        ..
    } = problem.body();
    let (before, after) = match position {
        Some(at) => (q.chars().take(at).collect(), q.chars().skip(at).collect()),
        None => (String::new(), String::new()),
    };
    let sentences = std::iter::once(detail).chain(hint);
    Ok(QueryProblem {
        of: String::new(),
        before,
        after,
        sentences: sentences.map(|text| in_words_of(view, text)).collect(),
    })
}

/// What the API says is wrong, in the language of the page where that is known, and which language it is.
pub(super) fn in_words_of(view: &View, text: String) -> (String, &'static str) {
    let chinese = (view.lang() == Lang::Zh).then(|| in_chinese(&text)).flatten();
    match chinese {
        Some(chinese) => (chinese, Lang::Zh.tag()),
        None => (text, Lang::En.tag()),
    }
}

/// A sentence in Chinese, and the parameter that it is about, where it is; `None` when it is not known.
fn in_chinese(text: &str) -> Option<String> {
    if let Some((name, why)) = text
        .strip_prefix("parameter \"")
        .and_then(|text| text.split_once("\": "))
    {
        let known = parameters::NAMES.iter().find(|(known, _)| *known == name);
        let shown = known.map_or(name, |(_, chinese)| chinese);
        return Some(format!("{shown}：{}", in_chinese(why)?));
    }
    let mut known = [SENTENCES, dictionary::SENTENCES, parameters::SENTENCES]
        .into_iter()
        .flatten();
    known.find_map(|(english, chinese)| {
        let named = named(english, text)?;
        let named: Vec<&dyn std::fmt::Display> = named.iter().map(|name| kind(name) as _).collect();
        Some(put(chinese, &named))
    })
}

/// What a sentence names, in Chinese where it is a kind of value.
fn kind<'a>(name: &'a &'a str) -> &'a &'a str {
    let known = dictionary::KINDS.iter().find(|(english, _)| english == name);
    known.map_or(name, |(_, chinese)| chinese)
}

/// What a text names where a sentence has its `{}`; `None` when it is another sentence.
fn named<'a>(sentence: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let (first, rest) = match sentence.split_once("{}") {
        None => return (sentence == text).then(Vec::new),
        Some(parts) => parts,
    };
    let mut text = text.strip_prefix(first)?;
    let mut named = Vec::new();
    let mut pieces = rest.split("{}").peekable();
    while let Some(piece) = pieces.next() {
        let at = match pieces.peek() {
            None => text.strip_suffix(piece)?.len(),
            Some(_) => text.find(piece)?,
        };
        named.push(&text[..at]);
        text = &text[at + piece.len()..];
    }
    Some(named)
}

#[cfg(test)]
mod tests {
    use index::{Mode, Reader, SearchError, SearchRequest, Writer, WriterOptions};
    use std::time::Instant;

    use super::*;

    #[test]
    fn whatever_is_wrong_with_a_query_is_told_in_chinese() {
        let folder = tempfile::tempdir().unwrap();
        drop(Writer::open(folder.path(), WriterOptions::default()).unwrap());
        let reader = Reader::open(folder.path()).unwrap();
        let many = "甲 ".repeat(300);
        let long = "长".repeat(2100);
        let deep = "(".repeat(40);
        for q in [
            "\"",
            "\"甲",
            "“甲\"",
            "甲”",
            "\"\"",
            "的",
            "(甲",
            "甲)",
            "()",
            "甲 OR",
            "OR 甲",
            "甲 NEAR/3 乙",
            "\"甲\" NEAR \"乙\"",
            "\"甲\" NEAR/3 \"乙\" NEAR/3 \"丙\"",
            "\"甲\" NEAR/3",
            "titel:甲",
            "xyzzy:甲",
            "title:",
            "title:\"\"",
            "genre:无此",
            "section:无此",
            "year:x",
            "year:..",
            "year:2023..2020",
            "region:999999",
            "region:1",
            "甲\u{1}乙",
            "法治*",
            "\"甲\" NEAR/999999 \"乙\"",
            &many,
            &long,
            &deep,
        ] {
            let request = SearchRequest {
                q: q.to_owned(),
                mode: Mode::Words,
                ..SearchRequest::default()
            };
            match reader.search(&request, Instant::now()) {
                Err(SearchError::InvalidQuery { message, hint, .. }) => {
                    for text in [message, hint] {
                        assert!(in_chinese(&text).is_some(), "{text}");
                    }
                }
                other => panic!("{q}: {other:?}"),
            }
        }
        assert_eq!(in_chinese("something else"), None);
    }
}
