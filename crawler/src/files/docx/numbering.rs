//! Numbers that Word counts by itself: 一、 (一) 1. before headings are often not in the text.
//!
//! A paragraph, or a style it has, names a list and a level; `numbering.xml` says how the levels of lists are written.
//! Counting goes by list definition; a paragraph at a level begins all deeper ones anew.

use std::collections::HashMap;

use super::{Element, Node, walk};

/// Deepest level.
const LEVELS: usize = 9;

/// Longest chain of styles that build on each other.
const MAX_CHAIN: usize = 20;

/// Most numbers and definitions that are kept.
const MAX_LISTS: usize = 20_000;

/// How a level is written.
#[derive(Clone, Debug, Default)]
struct Level {
    format: String,
    /// With `%1` where the number of the first level goes.
    text: String,
    start: u32,
}

/// A list and a level in it, as far as they are named.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) list: Option<String>,
    pub(super) level: Option<usize>,
}

impl Place {
    /// Takes in an element of the properties of a paragraph.
    pub(super) fn take(&mut self, element: &Element<'_>) {
        match element.name() {
            "numId" => self.list = element.attribute("val"),
            "ilvl" => self.level = element.attribute("val").and_then(|level| level.parse().ok()),
            _ => {}
        }
    }
}

#[derive(Default)]
pub(super) struct Numbering {
    /// Levels by definition.
    definitions: HashMap<String, Vec<Level>>,
    /// Definition by list.
    lists: HashMap<String, String>,
    /// Place and base by style.
    styles: HashMap<String, (Place, Option<String>)>,
    /// Numbers so far by definition.
    counts: HashMap<String, [u32; LEVELS]>,
}

impl Numbering {
    /// Reads `numbering.xml` and `styles.xml`.
    pub(super) fn new(numbering: &str, styles: &str) -> Self {
        let mut out = Self::default();
        out.read_numbering(numbering);
        out.read_styles(styles);
        out
    }

    fn read_numbering(&mut self, xml: &str) {
        let (mut definition, mut list, mut level) = (None::<String>, None::<String>, None::<usize>);
        walk(xml, |node| match node {
            Node::Open(element) => {
                let value = || element.attribute("val");
                match element.name() {
                    "abstractNum" => definition = element.attribute("abstractNumId"),
                    "num" => list = element.attribute("numId"),
                    "abstractNumId" => {
                        if let (Some(list), Some(definition)) = (list.take(), value()) {
                            self.lists.insert(list, definition);
                        }
                    }
                    "lvl" => {
                        level = element.attribute("ilvl").and_then(|level| level.parse().ok());
                        level = level.filter(|level| *level < LEVELS && self.definitions.len() < MAX_LISTS);
                    }
                    name => {
                        if let (Some(definition), Some(level)) = (&definition, level) {
                            let levels = self.definitions.entry(definition.clone()).or_default();
                            levels.resize(
                                levels.len().max(level + 1),
                                Level {
                                    start: 1,
                                    ..Level::default()
                                },
                            );
                            let level = &mut levels[level];
                            match name {
                                "numFmt" => level.format = value().unwrap_or_default(),
                                "lvlText" => level.text = value().unwrap_or_default(),
                                "start" => {
                                    level.start = value().and_then(|start| start.parse().ok()).unwrap_or(1)
                                }
                                _ => {}
                            }
                        }
                    }
                }
            }
            Node::Close("lvl") => level = None,
            Node::Close("abstractNum") => definition = None,
            _ => {}
        });
    }

    fn read_styles(&mut self, xml: &str) {
        let mut style = None::<String>;
        walk(xml, |node| match node {
            Node::Open(element) if element.name() == "style" => {
                style = element
                    .attribute("styleId")
                    .filter(|_| self.styles.len() < MAX_LISTS);
                if let Some(style) = &style {
                    self.styles.insert(style.clone(), (Place::default(), None));
                }
            }
            Node::Open(element) => {
                if let Some((place, base)) = style.as_ref().and_then(|style| self.styles.get_mut(style)) {
                    place.take(&element);
                    if element.name() == "basedOn" {
                        *base = element.attribute("val");
                    }
                }
            }
            Node::Close("style") => style = None,
            _ => {}
        });
    }

    /// Counts a paragraph; the number that stands before it, empty when it has none.
    pub(super) fn next(&mut self, own: &Place, style: Option<&str>) -> String {
        let mut place = own.clone();
        let mut style = style.map(str::to_owned);
        for _ in 0..MAX_CHAIN {
            let Some((of_style, base)) = style.as_ref().and_then(|style| self.styles.get(style)) else {
                break;
            };
            place.list = place.list.or_else(|| of_style.list.clone());
            place.level = place.level.or(of_style.level);
            style.clone_from(base);
        }
        let definition = place.list.and_then(|list| self.lists.get(&list));
        let Some(levels) = definition.and_then(|definition| self.definitions.get(definition)) else {
            return String::new();
        };
        let at = place.level.unwrap_or(0);
        let Some(level) = levels.get(at) else {
            return String::new();
        };
        let counts = self
            .counts
            .entry(definition.cloned().unwrap_or_default())
            .or_default();
        let start = |level: usize| levels.get(level).map_or(1, |level| level.start);
        counts[at] = if counts[at] == 0 {
            start(at)
        } else {
            counts[at].saturating_add(1)
        };
        counts[at + 1..].fill(0);
        let mut text = level.text.clone();
        for (index, count) in counts.iter().enumerate().take(at + 1) {
            let sign = format!("%{}", index + 1);
            if text.contains(&sign) {
                let format = levels.get(index).map_or("decimal", |level| &level.format);
                let count = if *count == 0 { start(index) } else { *count };
                let Some(number) = write(count, format) else {
                    return String::new();
                };
                text = text.replace(&sign, &number);
            }
        }
        // Signs before points of a list are no numbers.
        if level.format == "bullet" {
            String::new()
        } else {
            text
        }
    }
}

/// A number in a format of ECMA-376 §17.18.59; `None` for bullets and formats that are not known.
fn write(number: u32, format: &str) -> Option<String> {
    let letter = |first: u8| char::from_u32(u32::from(first) + (number.max(1) - 1) % 26).map(String::from);
    let nth = |signs: &str| {
        signs
            .chars()
            .nth(number.checked_sub(1)? as usize)
            .map(String::from)
    };
    match format {
        "decimal" | "decimalHalfWidth" | "" => Some(number.to_string()),
        "decimalZero" => Some(format!("{number:02}")),
        "decimalFullWidth" | "decimalFullWidth2" => {
            let digits = number.to_string();
            Some(
                digits
                    .chars()
                    .filter_map(|c| char::from_u32(u32::from(c) + 0xfee0))
                    .collect(),
            )
        }
        "chineseCounting"
        | "chineseCountingThousand"
        | "japaneseCounting"
        | "ideographDigital"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "japaneseDigitalTenThousand" => chinese(number),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => (1..=20)
            .contains(&number)
            .then(|| char::from_u32(0x245f + number))
            .flatten()
            .map(String::from),
        "ideographTraditional" => nth("甲乙丙丁戊己庚辛壬癸"),
        "ideographZodiac" => nth("子丑寅卯辰巳午未申酉戌亥"),
        "lowerLetter" => letter(b'a'),
        "upperLetter" => letter(b'A'),
        "upperRoman" => nth("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"),
        "lowerRoman" => nth("ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻ"),
        _ => None,
    }
}

/// 十、十一、二十、一百零五
fn chinese(number: u32) -> Option<String> {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |value: u32| DIGITS[(value % 10) as usize];
    let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
    if !(1..1000).contains(&number) {
        return None;
    }
    let mut out = String::new();
    if hundreds > 0 {
        out.push_str(digit(hundreds));
        out.push('百');
        if tens == 0 && ones > 0 {
            out.push('零');
        }
    }
    if tens > 0 {
        if tens > 1 || hundreds > 0 {
            out.push_str(digit(tens));
        }
        out.push('十');
    }
    if ones > 0 {
        out.push_str(digit(ones));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERING: &str = "<w:numbering><w:abstractNum w:abstractNumId='7'>\
        <w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='chineseCounting'/><w:lvlText w:val='%1、'/></w:lvl>\
        <w:lvl w:ilvl='1'><w:numFmt w:val='decimal'/><w:lvlText w:val='%1.%2'/></w:lvl>\
        <w:lvl w:ilvl='2'><w:numFmt w:val='bullet'/><w:lvlText w:val='·'/></w:lvl></w:abstractNum>\
        <w:num w:numId='3'><w:abstractNumId w:val='7'/></w:num></w:numbering>";
    const STYLES: &str = "<w:styles><w:style w:styleId='a'><w:pPr><w:numPr><w:numId w:val='3'/></w:numPr></w:pPr></w:style>\
        <w:style w:styleId='b'><w:basedOn w:val='a'/></w:style><w:style w:styleId='c'><w:basedOn w:val='c'/></w:style></w:styles>";

    #[test]
    fn lists_count_by_themselves() {
        let mut numbering = Numbering::new(NUMBERING, STYLES);
        let none = Place::default();
        let level = |level| Place {
            list: Some("3".to_owned()),
            level: Some(level),
        };
        assert_eq!(numbering.next(&none, Some("b")), "一、");
        assert_eq!(numbering.next(&level(1), None), "一.1");
        assert_eq!(numbering.next(&level(2), None), "");
        assert_eq!(numbering.next(&level(1), None), "一.2");
        assert_eq!(numbering.next(&none, Some("a")), "二、");
        assert_eq!(numbering.next(&level(1), None), "二.1");
        let off = Place {
            list: Some("0".to_owned()),
            level: None,
        };
        assert_eq!(numbering.next(&off, Some("a")), "");
        assert_eq!(numbering.next(&none, Some("c")), "");
        assert_eq!(numbering.next(&level(99), None), "");
    }

    #[test]
    fn numbers_are_written_in_chinese() {
        for (number, text) in [
            (1, "一"),
            (10, "十"),
            (11, "十一"),
            (20, "二十"),
            (101, "一百零一"),
            (115, "一百一十五"),
        ] {
            assert_eq!(chinese(number).as_deref(), Some(text));
        }
        assert_eq!(write(3, "decimalEnclosedCircle").as_deref(), Some("③"));
        assert_eq!(write(3, "bullet"), None);
    }
}
