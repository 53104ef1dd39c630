//! Numbers at the beginning of a line.

use std::borrow::Cow;

use super::is_blank;

/// The number a line begins with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marker<'a> {
    pub(super) level: u8,
    pub(super) number: Cow<'a, str>,
    /// What follows the number and its stop.
    pub(super) rest: &'a str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// 一、 (一) 1. (1) ①
    Plain,
    /// 第一章, 第一节
    Chapter,
    /// 第一条
    Article,
    /// A heading without a number.
    None,
}

impl<'a> Marker<'a> {
    fn new(level: u8, number: impl Into<Cow<'a, str>>, rest: &'a str) -> Self {
        Self {
            level,
            number: number.into(),
            rest,
            kind: Kind::Plain,
        }
    }

    /// A heading without a number.
    pub(super) fn unnumbered(level: u8, line: &'a str) -> Self {
        Self {
            level,
            number: "".into(),
            rest: line,
            kind: Kind::None,
        }
    }

    pub(super) fn is_article(&self) -> bool {
        self.kind == Kind::Article
    }

    /// 第…章, 第…节, 第…条.
    pub(super) fn is_legal(&self) -> bool {
        matches!(self.kind, Kind::Chapter | Kind::Article)
    }

    /// The number as a part of a path; `None` without a number.
    pub(super) fn label(&self) -> Option<String> {
        match (self.kind, self.level) {
            (Kind::None, _) => None,
            (Kind::Plain, 2 | 4) => Some(format!("({})", self.number)),
            _ => Some(self.number.to_string()),
        }
    }
}

/// Reads the number that `line` begins with. Lines of a table (with a tab) have none.
pub(super) fn read(line: &str) -> Option<Marker<'_>> {
    if line.contains('\t') {
        return None;
    }
    let line = line.trim_start_matches(is_blank);
    han(line)
        .or_else(|| bracketed(line))
        .or_else(|| arabic(line))
        .or_else(|| single(line))
        .or_else(|| legal(line))
}

fn is_han_numeral(c: char) -> bool {
    "一二三四五六七八九十百〇零".contains(c)
}

/// Splits off what `wanted` accepts, between one and `most` characters, and the blanks behind it.
fn split_while(text: &str, most: usize, wanted: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let end = text.find(|c| !wanted(c)).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    (!head.is_empty() && head.chars().nth(most).is_none()).then(|| (head, rest.trim_start_matches(is_blank)))
}

fn strip_any<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    text.strip_prefix(|c| wanted.contains(c))
}

/// `一、总体要求`.
fn han(line: &str) -> Option<Marker<'_>> {
    let (number, rest) = split_while(line, 4, is_han_numeral)?;
    let rest = strip_any(rest, "、.．")?;
    // `一、二产业` and `一、二、三等奖` are no headings.
    let mut next = rest.chars();
    let listed = next.next().is_some_and(is_han_numeral)
        && next.next().is_some_and(|c| "、，,产次等线类级年季".contains(c));
    (!listed).then(|| Marker::new(1, number, rest))
}

/// `(一)总体要求`, also when the first bracket was lost; `(1)`, `1)`.
fn bracketed(line: &str) -> Option<Marker<'_>> {
    let inner = strip_any(line, "(（﹙〔[")
        .unwrap_or(line)
        .trim_start_matches(is_blank);
    let (level, (number, rest)) = match split_while(inner, 4, is_han_numeral) {
        Some(found) => (2, found),
        None => (4, split_while(inner, 2, is_arabic)?),
    };
    let rest = strip_any(rest, ")）﹚〕]")?;
    let number = if level == 4 {
        arabic_number(number)
    } else {
        number.into()
    };
    Some(Marker::new(
        level,
        number,
        strip_any(rest, "、.．").unwrap_or(rest),
    ))
}

fn is_arabic(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９')
}

/// Full-width digits as plain ones.
fn arabic_number(number: &str) -> Cow<'_, str> {
    if number.is_ascii() {
        return number.into();
    }
    crate::fold(number).into()
}

/// `1.积极争创`, `1、积极争创`; not `1.5亿元`.
fn arabic(line: &str) -> Option<Marker<'_>> {
    let (number, rest) = split_while(line, 3, is_arabic)?;
    let rest = strip_any(rest, ".．、")?;
    (!rest.starts_with(is_arabic)).then(|| Marker::new(3, arabic_number(number), rest))
}

/// One character that is a number with its bracket: ㈠ ⒈ ⑴ ①.
fn single(line: &str) -> Option<Marker<'_>> {
    let c = line.chars().next()?;
    let rest = &line[c.len_utf8()..];
    let rest = strip_any(rest, "、.．").unwrap_or(rest);
    let nth = |first: char| c as u32 - first as u32 + 1;
    Some(match c {
        '㈠'..='㈩' => {
            let number = "一二三四五六七八九十".chars().nth(nth('㈠') as usize - 1)?;
            Marker::new(2, number.to_string(), rest)
        }
        '⒈'..='⒛' => Marker::new(3, nth('⒈').to_string(), rest),
        '⑴'..='⒇' => Marker::new(4, nth('⑴').to_string(), rest),
        '①'..='⑳' => Marker::new(5, c.to_string(), rest),
        _ => return None,
    })
}

/// `第三章 监督`, `第十二条 …`, `第十二条之一 …`.
fn legal(line: &str) -> Option<Marker<'_>> {
    let inner = line.strip_prefix('第')?.trim_start_matches(is_blank);
    let (_, rest) = split_while(inner, 6, |c| is_han_numeral(c) || is_arabic(c))?;
    let unit = rest.chars().next()?;
    let rest = &rest[unit.len_utf8()..];
    let (level, kind) = match unit {
        '编' | '章' => (1, Kind::Chapter),
        '节' => (2, Kind::Chapter),
        '条' => (3, Kind::Article),
        _ => return None,
    };
    let rest = match rest.strip_prefix('之') {
        Some(inserted) if unit == '条' => split_while(inserted, 2, is_han_numeral)?.1,
        // 第一条的规定, 第一章以下: running text.
        _ if !rest.is_empty() && !rest.starts_with(is_blank) => return None,
        _ => rest,
    };
    let number: String = line[..line.len() - rest.len()]
        .chars()
        .filter(|&c| !is_blank(c))
        .collect();
    Some(Marker {
        level,
        number: number.into(),
        rest,
        kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(u8, String, &str)> {
        read(line).map(|marker| (marker.level, marker.label().unwrap_or_default(), marker.rest))
    }

    #[test]
    fn numbers_of_all_kinds() {
        for (line, level, label, rest) in [
            ("一、总体要求", 1, "一", "总体要求"),
            ("　　十二、附则", 1, "十二", "附则"),
            ("二 、存在的问题", 1, "二", "存在的问题"),
            ("三.工作要求", 1, "三", "工作要求"),
            ("(一)高度重视", 2, "(一)", "高度重视"),
            ("（十一）高度重视", 2, "(十一)", "高度重视"),
            ("( 二 ) 高度重视", 2, "(二)", " 高度重视"),
            ("二)实施行动", 2, "(二)", "实施行动"),
            ("㈢实施行动", 2, "(三)", "实施行动"),
            ("1.积极争创", 3, "1", "积极争创"),
            ("１．积极争创", 3, "1", "积极争创"),
            ("50、积极争创", 3, "50", "积极争创"),
            ("⒉积极争创", 3, "2", "积极争创"),
            ("(1)积极争创", 4, "(1)", "积极争创"),
            ("2)积极争创", 4, "(2)", "积极争创"),
            ("⑵积极争创", 4, "(2)", "积极争创"),
            ("①积极争创", 5, "①", "积极争创"),
            ("第三章　监督", 1, "第三章", "　监督"),
            ("第十二条 本办法", 3, "第十二条", " 本办法"),
            ("第 十二 条之一 本办法", 3, "第十二条之一", "本办法"),
        ] {
            assert_eq!(of(line), Some((level, label.to_owned(), rest)), "{line}");
        }
        for line in [
            "",
            "一是健全机制",
            "一、二产业融合",
            "一、二、三等奖",
            "1.5亿元",
            "3、4月份",
            "2021.2.22",
            "2023年",
            "百分之五",
            "1.\t2\t3",
            "第一条的规定",
            "第一责任人",
            "十五五规划",
            "(2020)京01号",
            "1234.项",
            "附件1.",
            "(此件公开发布)",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
