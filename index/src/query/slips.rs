//! Suggestions: places of a query that are right, and were perhaps meant otherwise.
//!
//! Nothing of what is suggested is done. A query that cannot be read is an error, with a hint of its own.

use report::{Level, fold};

use super::{
    field::{FieldName, FieldTest},
    lexer::{self, Kind, Token},
};
use crate::{
    Mode,
    loose::{Meaning, is_told_alone, listed, meaning},
    response::Suggestion,
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
        if let Some((message, hint)) = told
            && found.len() < MAX_SUGGESTIONS
        {
            found.push(Suggestion {
                position: token.position,
                message,
                hint,
            });
        }
    }
    found
}

/// How something was read, and what to write instead.
type Told = Option<(String, String)>;

fn told(message: impl Into<String>, hint: impl Into<String>) -> Told {
    Some((message.into(), hint.into()))
}

fn quotes_in_exact(q: &str) -> Option<Suggestion> {
    let q = q.trim();
    let is_quoted = |(open, close)| q.starts_with(open) && q.ends_with(close) && q.chars().nth(2).is_some();
    lexer::QUOTES.into_iter().any(is_quoted).then(|| Suggestion {
        position: 0,
        message: "with mode=exact the quotes are searched too".into(),
        hint: "leave them out, or use mode=words".into(),
    })
}

fn bare(raw: &str, is_first: bool, next: Option<&Token>) -> Told {
    let folded = fold(raw);
    word_for_operator(raw, &folded, !is_first, next.is_some())
        .or_else(|| sign(raw))
        .or_else(|| field_as_word(raw))
        .or_else(|| range_as_word(raw, &folded))
        .or_else(|| wildcard(&folded))
}

/// A word that stands where an operator may be meant: something is before or behind it.
fn word_for_operator(raw: &str, folded: &str, is_behind: bool, is_before: bool) -> Told {
    let capitals = if raw.is_ascii() {
        "in capitals"
    } else {
        "in capitals of half width"
    };
    let meant = |operator: &str| {
        told(
            format!("{raw} is read as a word"),
            format!("write {operator} {capitals} if the operator is meant"),
        )
    };
    let no_operator = |hint: &str| told(format!("{raw} is no operator"), hint);
    match folded {
        "not" if is_before => meant("NOT"),
        "非" | "不含" | "不包含" | "除了" | "!" if is_before => {
            no_operator("write NOT before the term that must not occur")
        }
        _ if !(is_behind && is_before) => None,
        "and" => meant("AND"),
        "or" => meant("OR"),
        near if is_near(near) => told(
            format!("{raw} is read as a word"),
            format!("write {} between two strings in quotes", near.to_uppercase()),
        ),
        "或" | "或者" | "|" | "||" => no_operator("write OR between the terms to find either"),
        "和" | "与" | "及" | "以及" | "且" | "并且" | "&" | "&&" => {
            no_operator("leave it out: terms side by side are all required; AND is the operator in mode=any")
        }
        _ => None,
    }
}

/// Signs that other search engines know, and signs of full width.
fn sign(raw: &str) -> Told {
    let before_word = |prefixes: &[char]| {
        let rest = raw.strip_prefix(prefixes)?;
        rest.starts_with(char::is_alphanumeric).then_some(rest)
    };
    if let Some(rest) = before_word(&['－', '−', '–', '—', '!', '！']) {
        let sign: String = raw.chars().take(1).collect();
        return told(
            format!("{sign} is punctuation, no operator"),
            format!("write -{rest} or NOT {rest} for what must not occur"),
        );
    }
    if let Some(rest) = before_word(&['+', '＋']) {
        return told(
            "+ is searched as a character",
            format!("write {rest}: terms side by side are all required"),
        );
    }
    let (opens, closes) = (raw.contains('（'), raw.contains('）'));
    if raw.starts_with('（') && !closes || raw.ends_with('）') && !opens {
        return told("（ and ） are punctuation", "write ( and ) around a group");
    }
    if raw.starts_with(['＂', '『', '‘', '\'', '＇']) && raw.chars().nth(1).is_some() {
        return told(
            "these quotes are punctuation",
            "write \"…\", “…” or 「…」 to find the characters as they stand",
        );
    }
    None
}

/// `title：法治`, `标题:法治`
fn field_as_word(raw: &str) -> Told {
    let (name, value) = raw.split_once([':', '：'])?;
    let mut chinese = FIELDS_IN_CHINESE.iter();
    let chinese = chinese.find(|(chinese, _)| *chinese == name);
    let field = FieldName::find(&fold(name)).or(chinese.map(|(_, field)| *field))?;
    let value = if value.is_empty() { "…" } else { value };
    told(
        format!("{name}: is read as a word"),
        format!("write {field}:{value} to ask for the field"),
    )
}

/// `2019..2023`
fn range_as_word(raw: &str, folded: &str) -> Told {
    let (from, to) = folded.split_once("..")?;
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_end = |text: &str| text.is_empty() || is_year(text);
    if !(is_end(from) && is_end(to) && folded.len() > 2) {
        return None;
    }
    told(
        format!("{raw} is read as words"),
        format!("write year:{folded} for reports about these years"),
    )
}

fn wildcard(folded: &str) -> Told {
    let is_inside = |at: usize| at > 0 && at + 1 < folded.len();
    if !folded.contains('*') && !folded.find('?').is_some_and(is_inside) {
        return None;
    }
    told(
        "* and ? are punctuation, no wildcards",
        "leave them out: what is searched is found inside longer words too",
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
fn bracket_in_value(name: FieldName, next: Option<&Token>, chars: &[char]) -> Told {
    let next = next.filter(|next| next.kind == Kind::Open)?;
    let before = chars.get(next.position.checked_sub(1)?)?;
    if before.is_whitespace() {
        return None;
    }
    told(
        format!("the value of {name} ends before ("),
        format!("put it in quotes if ( belongs to it: {name}:\"…(…)…\""),
    )
}

/// A word of the query that is the name of a division, or may be that of several.
fn which_division(raw: &str) -> Told {
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
            format!("{raw} may be one of several divisions"),
            format!(
                "to keep the reports of one, filter by its code: {}",
                listed(&codes)
            ),
        ),
        Meaning::One(codes) => told(
            format!("{raw} may be the name of a division"),
            format!(
                "to keep the reports that are about it, filter by its code: {}",
                listed(&codes)
            ),
        ),
        Meaning::Nothing => None,
    }
}

/// The name of a division that is another one today, or may be several.
fn which_region(name: FieldName, value: &str, mode: Mode) -> Told {
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
            format!("{name}:{value} finds every division whose name contains {value}"),
            format!("write the code of the one that is meant: {}", listed(&codes)),
        ),
        // Loose searches for it too.
        Meaning::One(codes) if mode != Mode::Loose => {
            let divisions = report::divisions();
            let mut today = codes.iter().filter_map(|code| divisions.get(*code));
            let hint = format!("write {name}: and the code to find them: {}", listed(&codes));
            today
                .all(|region| !region.name.contains(&folded))
                .then(|| (format!("{name}:{value} is read as part of a name of today"), hint))
        }
        Meaning::One(_) | Meaning::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(q: &str, mode: Mode) -> Vec<(usize, String)> {
        let suggestions = suggestions(q, mode).into_iter();
        suggestions.map(|found| (found.position, found.hint)).collect()
    }

    #[test]
    fn slips_are_told_with_their_place_and_what_to_write() {
        for (q, position, hint) in [
            ("法治 or 依法", 3, "write OR in capitals"),
            ("法治 ＯＲ 依法", 3, "of half width"),
            ("法治 And 依法", 3, "AND"),
            ("not 转发", 0, "NOT"),
            ("法治 或 依法", 3, "OR"),
            ("法治 || 依法", 3, "OR"),
            ("法治 和 依法", 3, "leave it out"),
            ("法治 && 依法", 3, "leave it out"),
            ("法治 非 转发", 3, "NOT"),
            ("法治 －转发", 3, "-转发"),
            ("法治 !转发", 3, "NOT 转发"),
            ("+法治 依法", 0, "write 法治"),
            ("（法治 OR 依法） 建设", 0, "( and )"),
            ("＂法治 政府＂", 0, "“…”"),
            ("『法治 政府』", 0, "「…」"),
            ("title：法治", 0, "title:法治"),
            ("标题:法治", 0, "title:法治"),
            ("法治 年份：2023", 3, "year:2023"),
            ("法治 2019..2023", 3, "year:2019..2023"),
            ("\"甲\" near/5 \"乙\"", 4, "NEAR/5"),
            ("法治*", 0, "longer words"),
            ("a?b", 0, "longer words"),
            ("docno:国发(2023)1号", 0, "docno:\"…(…)…\""),
            ("region:朝阳", 0, "北京市朝阳区 110105"),
            ("法治 county:新津县", 3, "510118"),
            ("province:湘", 0, "湖南省 430000"),
        ] {
            let found = hints(q, Mode::Words);
            assert!(
                matches!(&found[..], [(at, said), ..] if *at == position && said.contains(hint)),
                "{q}: {found:?}"
            );
        }
        assert!(hints("“法治”", Mode::Exact)[0].1.contains("leave them out"));
        assert!(hints("法治 朝阳", Mode::Loose)[0].1.contains("211300"));
        for (name, code) in [
            ("襄樊", "湖北省襄阳市 420600"),
            ("新津", "510118"),
            ("新津县", "510118"),
            ("崇文", "110101"),
            ("常宁", "湖南省衡阳市常宁市 430482"),
            ("沪", "上海市 310000"),
        ] {
            let found = hints(&format!("法治 {name}"), Mode::Loose);
            assert!(
                matches!(&found[..], [(3, said)] if said.contains(code)),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_usual_is_left_alone() {
        for q in [
            "法治 OR 依法",
            "\"法治\" NEAR/5 \"依法\" -转发",
            "国发〔2023〕1号（试行）",
            "（试行）",
            "12:30 PM2.5 1+X 互联网+",
            "title:法治政府 year:2019..2023 region:430482 county:常宁市",
            "营商环境有哪些问题？",
            "是什么?",
            "或者",
            "和平",
            "《条例》",
            "——加强领导",
            "a-b",
            "region:海原县",
        ] {
            assert_eq!(hints(q, Mode::Words), [], "{q}");
        }
        assert_eq!(hints("a OR b", Mode::Exact), []);
        assert_eq!(hints("和平发展 城区 云 法治", Mode::Loose), []);
    }

    #[test]
    fn suggestions_are_few() {
        assert_eq!(
            suggestions(&"or ".repeat(500), Mode::Words).len(),
            MAX_SUGGESTIONS
        );
    }
}
