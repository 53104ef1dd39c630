//! Numbers at the beginning of a line.

use std::borrow::Cow;

use super::is_blank;

/// The number a line begins with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Marker<'a> {
    pub(super) level: u8,
    pub(super) number: Cow<'a, str>,
    /// What follows the number and its stop, to the end of the line.
    pub(super) rest: &'a str,
    pub(super) kind: Kind,
    /// Whether the number stands in brackets.
    brackets: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// 一、 (一) 1. (1) ①
    Plain,
    /// 第一编, 第一篇, 第一部分
    Part,
    /// 第一分编
    SubPart,
    /// 第一章
    Chapter,
    /// 第一节
    Subdivision,
    /// 第一条
    Article,
    /// A heading without a number.
    None,
}

impl<'a> Marker<'a> {
    /// A number of 一、 (一) 1. (1) or ①.
    pub(super) fn plain(level: u8, number: impl Into<Cow<'a, str>>, rest: &'a str) -> Self {
        Self {
            level,
            number: number.into(),
            rest,
            kind: Kind::Plain,
            brackets: matches!(level, 2 | 4),
        }
    }

    /// A heading without a number.
    pub(super) fn unnumbered(level: u8, line: &'a str) -> Self {
        Self {
            level,
            number: "".into(),
            rest: line,
            kind: Kind::None,
            brackets: false,
        }
    }

    pub(super) fn is_article(&self) -> bool {
        self.kind == Kind::Article
    }

    pub(super) fn is_plain(&self) -> bool {
        self.kind == Kind::Plain
    }

    /// The value of a number in Han numerals: `十二` is 12.
    pub(super) fn value(&self) -> Option<u32> {
        value(&self.number)
    }

    /// The number as a part of a path; `None` without a number.
    pub(super) fn label(&self) -> Option<String> {
        match (self.kind, self.brackets) {
            (Kind::None, _) => None,
            (_, true) => Some(format!("({})", self.number)),
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

/// Up to 九十九.
pub(super) fn value(number: &str) -> Option<u32> {
    let unit = |part: &str| match part {
        "" => None,
        part => DIGITS
            .iter()
            .position(|digit| *digit == part)
            .map(|at| at as u32 + 1),
    };
    match number.split_once('十') {
        None => unit(number),
        Some(("", "")) => Some(10),
        Some(("", ones)) => Some(10 + unit(ones)?),
        Some((tens, "")) => Some(10 * unit(tens)?),
        Some((tens, ones)) => Some(10 * unit(tens)? + unit(ones)?),
    }
}

const DIGITS: [&str; 9] = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];

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
    (!listed).then(|| Marker::plain(1, number, rest))
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
    let rest = strip_any(rest, "、.．").unwrap_or(rest);
    // (一)、(二)项的规定, (三)至(五)项: items that are spoken of.
    let spoken_of = rest
        .trim_start_matches(is_blank)
        .starts_with(['(', '（', '至', '项', '款', '或']);
    (!spoken_of).then(|| Marker::plain(level, number, rest))
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
    (!rest.starts_with(is_arabic)).then(|| Marker::plain(3, arabic_number(number), rest))
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
            Marker::plain(2, number.to_string(), rest)
        }
        '⒈'..='⒛' => Marker::plain(3, nth('⒈').to_string(), rest),
        '⑴'..='⒇' => Marker::plain(4, nth('⑴').to_string(), rest),
        '①'..='⑳' | '㉑'..='㉟' | '❶'..='➓' => Marker::plain(5, c.to_string(), rest),
        _ => return None,
    })
}

/// `第三章 监督`, `第一部分 概况`, `第十二条 …`, `第十二条之一 …`.
fn legal(line: &str) -> Option<Marker<'_>> {
    let inner = line.strip_prefix('第')?.trim_start_matches(is_blank);
    let (_, rest) = split_while(inner, 6, |c| is_han_numeral(c) || is_arabic(c))?;
    let (kind, unit) = UNITS.iter().find(|(_, unit)| rest.starts_with(unit))?;
    let rest = &rest[unit.len()..];
    let rest = match rest.strip_prefix('之') {
        Some(inserted) if *kind == Kind::Article => split_while(inserted, 2, is_han_numeral)?.1,
        _ => rest,
    };
    // 第一条的规定, 第一章以下, 第三部分是: running text.
    let opens = rest.is_empty() || rest.starts_with(is_blank);
    if !opens && (rest.starts_with(RUNNING) || matches!(*unit, "节" | "编")) {
        return None;
    }
    let number: String = line[..line.len() - rest.len()]
        .chars()
        .filter(|&c| !is_blank(c))
        .collect();
    Some(Marker {
        level: 1,
        number: number.into(),
        rest: strip_any(rest, "、:：").unwrap_or(rest),
        kind: *kind,
        brackets: false,
    })
}

/// What a document is cut into, and how it is written.
const UNITS: [(Kind, &str); 7] = [
    (Kind::Part, "部分"),
    (Kind::Part, "编"),
    (Kind::Part, "篇"),
    (Kind::SubPart, "分编"),
    (Kind::Chapter, "章"),
    (Kind::Subdivision, "节"),
    (Kind::Article, "条"),
];

/// What follows 第一条 and the like where it is spoken of, not numbered.
const RUNNING: &[char] = &[
    '的', '规', '至', ',', '，', '。', ';', '；', '和', '或', '及', '与', '款', '项', '第', '所', '中', '修',
    '按', '之', '以', '是', '为', '(', '（', '》',
];

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
            ("第一部分：概况", 1, "第一部分", "概况"),
            ("第二篇发展基础", 1, "第二篇", "发展基础"),
            ("第十二条 本办法", 1, "第十二条", " 本办法"),
            ("第十二条本办法", 1, "第十二条", "本办法"),
            ("第 十二 条之一 本办法", 1, "第十二条之一", "本办法"),
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
            "第三部分是关于",
            "第一节课",
            "第二编辑部",
            "(一)至(三)项",
            "（一）、（二）项规定的情形",
            "(一)项",
            "2023、",
            "2023.5",
            "(2023)",
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
