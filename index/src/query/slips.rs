//! Suggestions: places of a query that are right, and were perhaps meant otherwise.
//!
//! Nothing of what is suggested is done. A query that cannot be read is an error, with a hint of its own. Every suggestion
//! is worded twice, in English for programs and the terminal and in Chinese for the pages.

#[cfg(test)]
mod tests;

use report::{Level, fold};

use super::{
    field::{FieldName, FieldTest},
    lexer::{self, Kind, Token},
};
use crate::{
    Mode,
    loose::{Meaning, is_told_alone, listed, meaning},
    response::{Suggestion, Wording},
    words,
};

/// Most suggestions for a query.
const MAX_SUGGESTIONS: usize = 16;

/// What fields are called by those who do not know their names.
const FIELDS_IN_CHINESE: &[(&str, FieldName)] = &[
    ("标题", FieldName::Title),
    ("题目", FieldName::Title),
    ("发文机关", FieldName::Issuer),
    ("发布机构", FieldName::Issuer),
    ("文号", FieldName::Docno),
    ("发文字号", FieldName::Docno),
    ("引用", FieldName::Cites),
    ("网站", FieldName::Site),
    ("地区", FieldName::Region),
    ("省", FieldName::Province),
    ("省份", FieldName::Province),
    ("市", FieldName::City),
    ("城市", FieldName::City),
    ("县", FieldName::County),
    ("文种", FieldName::Genre),
    ("年份", FieldName::Year),
    ("年度", FieldName::Year),
    ("发布日期", FieldName::Published),
    ("章节", FieldName::Section),
];

/// What may have been meant otherwise in a query that can be read.
pub(super) fn suggestions(q: &str, mode: Mode) -> Vec<Suggestion> {
    if mode == Mode::Exact {
        return quotes_in_exact(q).into_iter().collect();
    }
    let tokens = lexer::tokens(q).unwrap_or_default();
    let chars: Vec<char> = q.chars().collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_first = at == 0;
        let next = tokens.get(at + 1);
        let told = match &token.kind {
            Kind::Bare(raw) => bare(raw, is_first, next).or_else(|| match mode {
                Mode::Loose => which_division(raw),
                _ => None,
            }),
            Kind::Field { name, value, .. } => {
                bracket_in_value(*name, next, &chars).or_else(|| which_region(*name, value, mode))
            }
            _ => None,
        };
        if let Some(told) = told
            && found.len() < MAX_SUGGESTIONS
        {
            found.push(told.at(token.position));
        }
    }
    found
}

/// How something was read, and what to write instead.
struct Told {
    english: Wording,
    chinese: Wording,
}

impl Told {
    fn at(self, position: usize) -> Suggestion {
        Suggestion {
            position,
            message: self.english.message,
            hint: self.english.hint,
            chinese: self.chinese,
        }
    }
}

fn english(message: impl Into<String>, hint: impl Into<String>) -> Wording {
    Wording {
        message: message.into(),
        hint: hint.into(),
    }
}

/// The wording of [`english`] for pages.
fn chinese(message: impl Into<String>, hint: impl Into<String>) -> Wording {
    english(message, hint)
}

fn told(english: Wording, chinese: Wording) -> Option<Told> {
    Some(Told { english, chinese })
}

fn quotes_in_exact(q: &str) -> Option<Suggestion> {
    let q = q.trim();
    let is_quoted = |(open, close)| q.starts_with(open) && q.ends_with(close) && q.chars().nth(2).is_some();
    let told = told(
        english(
            "with mode=exact the quotes are searched too",
            "leave them out, or use mode=words",
        ),
        chinese("逐字匹配时引号也按原样检索", "去掉引号，或改用“全部词语”"),
    );
    told.filter(|_| lexer::QUOTES.into_iter().any(is_quoted))
        .map(|told| told.at(0))
}

fn bare(raw: &str, is_first: bool, next: Option<&Token>) -> Option<Told> {
    let folded = fold(raw);
    word_for_operator(raw, &folded, !is_first, next.is_some())
        .or_else(|| sign(raw))
        .or_else(|| field_as_word(raw))
        .or_else(|| range_as_word(raw, &folded))
        .or_else(|| wildcard(&folded))
}

/// A word that stands where an operator may be meant: something is before or behind it.
fn word_for_operator(raw: &str, folded: &str, is_behind: bool, is_before: bool) -> Option<Told> {
    let (capitals, in_chinese) = match raw.is_ascii() {
        true => ("in capitals", "大写"),
        false => ("in capitals of half width", "半角大写"),
    };
    let meant = |operator: &str| {
        told(
            english(
                format!("{raw} is read as a word"),
                format!("write {operator} {capitals} if the operator is meant"),
            ),
            chinese(
                format!("{raw} 按普通词语检索"),
                format!("如作运算符，请写{in_chinese} {operator}"),
            ),
        )
    };
    let no_operator = |hint: &str, in_chinese: &str| {
        told(
            english(format!("{raw} is no operator"), hint),
            chinese(format!("{raw} 不是运算符"), in_chinese),
        )
    };
    match folded {
        "not" if is_before => meant("NOT"),
        "非" | "不含" | "不包含" | "除了" | "!" if is_before => no_operator(
            "write NOT before the term that must not occur",
            "要排除某词，请在该词前写 NOT",
        ),
        _ if !(is_behind && is_before) => None,
        "and" => meant("AND"),
        "or" => meant("OR"),
        near if is_near(near) => told(
            english(
                format!("{raw} is read as a word"),
                format!("write {} between two strings in quotes", near.to_uppercase()),
            ),
            chinese(
                format!("{raw} 按普通词语检索"),
                format!("请在两个加引号的词之间写大写 {}", near.to_uppercase()),
            ),
        ),
        "或" | "或者" | "|" | "||" => no_operator(
            "write OR between the terms to find either",
            "要检索其中任一词，请在两词之间写 OR",
        ),
        "和" | "与" | "及" | "以及" | "且" | "并且" | "&" | "&&" => no_operator(
            "leave it out: terms side by side are all required; AND is the operator in mode=any",
            "可直接去掉：并列的词语均须出现；“任一词语”方式下请写 AND",
        ),
        _ => None,
    }
}

/// Signs that other search engines know, and signs of full width.
fn sign(raw: &str) -> Option<Told> {
    let before_word = |prefixes: &[char]| {
        let rest = raw.strip_prefix(prefixes)?;
        rest.starts_with(char::is_alphanumeric).then_some(rest)
    };
    if let Some(rest) = before_word(&['－', '−', '–', '—', '!', '！']) {
        let sign: String = raw.chars().take(1).collect();
        return told(
            english(
                format!("{sign} is punctuation, no operator"),
                format!("write -{rest} or NOT {rest} for what must not occur"),
            ),
            chinese(
                format!("{sign} 是标点，不是运算符"),
                format!("要排除该词，请写 -{rest} 或 NOT {rest}"),
            ),
        );
    }
    if let Some(rest) = before_word(&['+', '＋']) {
        return told(
            english(
                "+ is searched as a character",
                format!("write {rest}: terms side by side are all required"),
            ),
            chinese("+ 按字符检索", format!("请写 {rest}：并列的词语均须出现")),
        );
    }
    let (opens, closes) = (raw.contains('（'), raw.contains('）'));
    if raw.starts_with('（') && !closes || raw.ends_with('）') && !opens {
        return told(
            english("（ and ） are punctuation", "write ( and ) around a group"),
            chinese("全角括号（ ）按标点处理", "分组请用半角括号 ( )"),
        );
    }
    if raw.starts_with(['＂', '『', '‘', '\'', '＇']) && raw.chars().nth(1).is_some() {
        return told(
            english(
                "these quotes are punctuation",
                "write \"…\", “…” or 「…」 to find the characters as they stand",
            ),
            chinese("这种引号按标点处理", "要逐字匹配，请用 \"…\"、“…” 或「…」"),
        );
    }
    None
}

/// `title：法治`, `标题:法治`
fn field_as_word(raw: &str) -> Option<Told> {
    let (name, value) = raw.split_once([':', '：'])?;
    let mut known = FIELDS_IN_CHINESE.iter();
    let known = known.find(|(chinese, _)| *chinese == name);
    let field = FieldName::find(&fold(name)).or(known.map(|(_, field)| *field))?;
    let value = if value.is_empty() { "…" } else { value };
    told(
        english(
            format!("{name}: is read as a word"),
            format!("write {field}:{value} to ask for the field"),
        ),
        chinese(
            format!("{name}： 按普通词语检索"),
            format!("要限定字段，请写 {field}:{value}"),
        ),
    )
}

/// `2019..2023`
fn range_as_word(raw: &str, folded: &str) -> Option<Told> {
    let (from, to) = folded.split_once("..")?;
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_end = |text: &str| text.is_empty() || is_year(text);
    if !(is_end(from) && is_end(to) && folded.len() > 2) {
        return None;
    }
    told(
        english(
            format!("{raw} is read as words"),
            format!("write year:{folded} for reports about these years"),
        ),
        chinese(
            format!("{raw} 按普通词语检索"),
            format!("要限定年度，请写 year:{folded}"),
        ),
    )
}

/// What may be meant for a wildcard, and is none of those that are refused.
fn wildcard(folded: &str) -> Option<Told> {
    let is_inside = |at: usize| at > 0 && at + 1 < folded.len();
    if !folded.contains('*') && !folded.find('?').is_some_and(is_inside) {
        return None;
    }
    told(
        english(
            "* and ? are punctuation, no wildcards",
            "leave them out: what is searched is found inside longer words too",
        ),
        chinese("* 和 ? 是标点，不是通配符", "请去掉：较长词语中含有的也能检出"),
    )
}

/// `near` or `near/5`, folded.
fn is_near(text: &str) -> bool {
    let rest = text.strip_prefix("near");
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('/').is_some_and(|n| n.parse::<u32>().is_ok())
    })
}

/// `docno:国发(2023)1号` ends before the bracket.
fn bracket_in_value(name: FieldName, next: Option<&Token>, chars: &[char]) -> Option<Told> {
    let next = next.filter(|next| next.kind == Kind::Open)?;
    let before = chars.get(next.position.checked_sub(1)?)?;
    if before.is_whitespace() {
        return None;
    }
    told(
        english(
            format!("the value of {name} ends before ("),
            format!("put it in quotes if ( belongs to it: {name}:\"…(…)…\""),
        ),
        chinese(
            format!("{name} 的值到 ( 之前为止"),
            format!("如 ( 是值的一部分，请加引号：{name}:\"…(…)…\""),
        ),
    )
}

/// A word of the query that is the name of a division, or may be that of several.
fn which_division(raw: &str) -> Option<Told> {
    let folded = fold(raw);
    let [word] = &words::cut(&folded)[..] else {
        return None;
    };
    // 城区, 郊区 and the like are words, and so are most characters of provinces (云, 新).
    let is_word = match word.text.chars().count() {
        1 => !is_told_alone(&word.text),
        2 => word.text.ends_with('区'),
        _ => false,
    };
    if is_word {
        return None;
    }
    match meaning(&word.text, None) {
        Meaning::Several(codes) => told(
            english(
                format!("{raw} may be one of several divisions"),
                format!(
                    "to keep the reports of one, filter by its code: {}",
                    listed(&codes)
                ),
            ),
            chinese(
                format!("{raw} 可指多个行政区划"),
                format!("如只要其中之一，请按代码筛选：{}", listed(&codes)),
            ),
        ),
        Meaning::One(codes) => told(
            english(
                format!("{raw} may be the name of a division"),
                format!(
                    "to keep the reports that are about it, filter by its code: {}",
                    listed(&codes)
                ),
            ),
            chinese(
                format!("{raw} 可能是行政区划名称"),
                format!("如只要有关它的报告，请按代码筛选：{}", listed(&codes)),
            ),
        ),
        Meaning::Nothing => None,
    }
}

/// The name of a division that is another one today, or may be several.
fn which_region(name: FieldName, value: &str, mode: Mode) -> Option<Told> {
    let level = match name {
        FieldName::Region => None,
        FieldName::Province => Some(Level::Province),
        FieldName::City => Some(Level::City),
        FieldName::County => Some(Level::County),
        _ => return None,
    };
    let Ok(FieldTest::Contains(folded)) = FieldTest::read(name, value, 0) else {
        return None;
    };
    match meaning(&folded, level) {
        Meaning::Several(codes) => told(
            english(
                format!("{name}:{value} finds every division whose name contains {value}"),
                format!("write the code of the one that is meant: {}", listed(&codes)),
            ),
            chinese(
                format!("{name}:{value} 会检出名称含有 {value} 的所有行政区划"),
                format!("请写所指之地的代码：{}", listed(&codes)),
            ),
        ),
        // Loose searches for it too.
        Meaning::One(codes) if mode != Mode::Loose => {
            let divisions = report::divisions();
            let mut today = codes.iter().filter_map(|code| divisions.get(*code));
            if !today.all(|region| !region.name.contains(&folded)) {
                return None;
            }
            told(
                english(
                    format!("{name}:{value} is read as part of a name of today"),
                    format!("write {name}: and the code to find them: {}", listed(&codes)),
                ),
                chinese(
                    format!("{name}:{value} 按现行名称检索"),
                    format!("要检出改名前后的报告，请写 {name}: 加代码：{}", listed(&codes)),
                ),
            )
        }
        Meaning::One(_) | Meaning::Nothing => None,
    }
}
