//! Document numbers (发文字号), e.g. `海政办发〔2023〕34号`.
//!
//! GB/T 9704-2012 §7.2.5: abbreviation of the issuing body, year in six-cornered brackets, number without leading
//! zeros, 号. Pages write all kinds of brackets, blanks and a 第; reading accepts these and writing gives the
//! standard's form. In running text the hard part is where the abbreviation begins, since no blank stands before
//! it: `document_number/prefix.rs`. A cell of a page's card, and a line of its own, may also hold a label or a damaged
//! number: `document_number/cell.rs`.

use std::{fmt, ops::Range};

use serde::{Deserialize, Serialize};

use crate::fold::is_han;

mod cell;
mod prefix;

/// A document number in canonical form: issuer's abbreviation, year in 〔〕, number, 号.
///
/// As text and in JSON it is that form. Abbreviations are not unique in the country: 西政办 is the office of several
/// governments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentNumber {
    prefix: String,
    year: u16,
    number: u32,
}

/// The text is not a document number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a document number looks like 国发〔2023〕1号, got {0:?}")]
pub struct InvalidDocumentNumber(String);

/// Han characters looked at before a bracket; more than any abbreviation has, enough to see where it begins.
const LOOK_BACK: usize = 32;

impl DocumentNumber {
    /// Reads a string that is one document number and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let bare: String = text.chars().filter(|&c| !is_blank(c)).collect();
        let open = bare.find(is_open)?;
        let (year, number, used) = read_year_and_number(&bare[open..])?;
        let prefix = &bare[..open];
        let whole = open + used == bare.len() && prefix::is_plausible(prefix);
        whole.then(|| Self {
            prefix: prefix.to_owned(),
            year,
            number,
        })
    }

    /// Finds all document numbers in running text, with their byte ranges, from left to right.
    ///
    /// What stands before a number (根据, 《…》的通知, the name of the body) is not part of it. Where it cannot be
    /// told apart the number is left out.
    pub fn find_all(text: &str) -> Vec<(Range<usize>, Self)> {
        let mut found: Vec<(Range<usize>, Self)> = Vec::new();
        for (open, _) in text.match_indices(is_open) {
            let free_from = found.last().map_or(0, |(range, _)| range.end);
            if open < free_from {
                continue;
            }
            let Some((year, number, used)) = read_year_and_number(&text[open..]) else {
                continue;
            };
            let run = han_before(&text[free_from..open]);
            let chars: Vec<char> = run.iter().map(|&(_, c)| c).collect();
            let after_digit = run.first().is_some_and(|&(at, _)| {
                text[..free_from + at]
                    .chars()
                    .next_back()
                    .is_some_and(|c| digit(c).is_some())
            });
            if let Some(skip) = prefix::begin(&chars, after_digit) {
                let start = free_from + run[skip].0;
                let prefix = chars[skip..].iter().collect();
                found.push((start..open + used, Self { prefix, year, number }));
            }
        }
        found
    }

    /// Abbreviation of the issuing body and kind of document (机关代字), e.g. `海政办发`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The year in brackets.
    pub fn year(&self) -> u16 {
        self.year
    }

    /// The running number.
    pub fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}〔{}〕{}号", self.prefix, self.year, self.number)
    }
}

impl std::str::FromStr for DocumentNumber {
    type Err = InvalidDocumentNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| InvalidDocumentNumber(text.chars().take(64).collect()))
    }
}

impl TryFrom<String> for DocumentNumber {
    type Error = InvalidDocumentNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DocumentNumber> for String {
    fn from(number: DocumentNumber) -> Self {
        number.to_string()
    }
}

fn is_open(c: char) -> bool {
    matches!(
        c,
        '〔' | '﹝' | '[' | '［' | '【' | '〖' | '{' | '｛' | '(' | '（' | '<' | '〈' | '﹙'
    )
}

fn is_close(c: char) -> bool {
    matches!(
        c,
        '〕' | '﹞' | ']' | '］' | '】' | '〗' | '}' | '｝' | ')' | '）' | '>' | '〉' | '﹚'
    )
}

/// Blanks within a line and characters that are not seen.
fn is_blank(c: char) -> bool {
    c == ' '
        || matches!(
            c,
            '\u{a0}' | '\u{2000}'..='\u{200d}' | '\u{202f}' | '\u{2060}' | '\u{3000}' | '\u{feff}' | '\u{ad}'
        )
}

fn digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        '０'..='９' => u8::try_from(c as u32 - '０' as u32).ok(),
        _ => None,
    }
}

/// Reads `〔2023〕第34号` at the start of `text`: year, number, and the bytes used.
fn read_year_and_number(text: &str) -> Option<(u16, u32, usize)> {
    let mut rest = Cursor { text, at: 0 };
    rest.take(is_open)?;
    let year = rest.digits(4)?;
    rest.take(is_close)?;
    let _ = rest.take(|c| c == '第');
    let number = rest.digits(5)?;
    rest.take(|c| c == '号')?;
    let year = u16::try_from(year)
        .ok()
        .filter(|year| (1949..=2100).contains(year))?;
    (number > 0).then_some((year, number, rest.at))
}

/// Walks over a text, passing over blanks before each thing taken.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let mut at = self.at;
        for c in self.text[at..].chars() {
            at += c.len_utf8();
            if wanted(c) {
                self.at = at;
                return Some(c);
            }
            if !is_blank(c) {
                return None;
            }
        }
        None
    }

    /// A number of at most `most` digits; a longer one is none.
    fn digits(&mut self, most: usize) -> Option<u32> {
        let mut value = digit(self.take(|c| digit(c).is_some())?).map(u32::from)?;
        for _ in 1..=most {
            let next = self.text[self.at..].chars().next();
            let Some((c, d)) = next.and_then(|c| Some((c, digit(c)?))) else {
                return Some(value);
            };
            value = value * 10 + u32::from(d);
            self.at += c.len_utf8();
        }
        None
    }
}

/// The Han characters that end `text`, blanks between them and the end left out, with their bytes in `text`.
fn han_before(text: &str) -> Vec<(usize, char)> {
    let seen = text.char_indices().rev().filter(|&(_, c)| !is_blank(c));
    let mut run: Vec<_> = seen.take_while(|&(_, c)| is_han(c)).take(LOOK_BACK).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<String> {
        DocumentNumber::find_all(text)
            .into_iter()
            .map(|(_, number)| number.to_string())
            .collect()
    }

    #[test]
    fn all_brackets_and_blanks_give_the_canonical_form() {
        for text in [
            "海政办发〔2023〕34号",
            "海政办发﹝2023﹞34号",
            "海政办发[2023]34号",
            "海政办发［2023］34号",
            "海政办发【2023】34号",
            "海政办发（2023）34号",
            "海政办发(2023〕34号",
            "海政办发 〔 2023 〕 第 34 号",
            "\u{200b}海政办发〔２０２３〕３４号\u{3000}",
            "海政办发〔2023〕034号",
        ] {
            let number = DocumentNumber::parse(text).expect(text);
            assert_eq!(number.to_string(), "海政办发〔2023〕34号");
            assert_eq!(
                (number.prefix(), number.year(), number.number()),
                ("海政办发", 2023, 34)
            );
        }
        for bad in [
            "",
            "〔2023〕34号",
            "海政办发〔2023〕34",
            "海政办发〔2023〕号",
            "海政办发〔2023〕0号",
            "海政办发〔1923〕34号",
            "海政办发〔20233〕4号",
            "海政办发〔2023〕123456号",
            "海政办发〔2023〕34号文",
            "按照海政办发〔2023〕34号",
            "第34号",
            "附件(2023)1号",
            "其他〔2023〕158号",
        ] {
            assert_eq!(DocumentNumber::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn running_text_before_a_number_is_not_part_of_it() {
        for (text, expected) in [
            (
                "根据《法治政府建设与责任落实督察工作规定》(中办发〔2016〕71号)要求",
                vec!["中办发〔2016〕71号"],
            ),
            (
                "按照国办发〔2019〕5号和宁政办规发〔2020〕2号文件精神",
                vec!["国办发〔2019〕5号", "宁政办规发〔2020〕2号"],
            ),
            (
                "国发〔2012〕24号、国办函〔1991〕68号以及财税〔2016〕36号",
                vec!["国发〔2012〕24号", "国办函〔1991〕68号", "财税〔2016〕36号"],
            ),
            (
                "现将有关意见的通知沪府发〔2008〕5号印发给你们",
                vec!["沪府发〔2008〕5号"],
            ),
            ("国务院办公厅国办发〔2015〕79号", vec!["国办发〔2015〕79号"]),
            ("各部门应认真按照财预〔2016〕45号执行", vec!["财预〔2016〕45号"]),
            (
                "按照天津市卫健委津卫医政〔2020〕12号",
                vec!["津卫医政〔2020〕12号"],
            ),
            ("见工信部联企业〔2020〕10号", vec!["工信部联企业〔2020〕10号"]),
            (
                "国中医药办法监发〔2017〕30号",
                vec!["国中医药办法监发〔2017〕30号"],
            ),
            ("暂行办法国发〔2017〕3号", vec!["国发〔2017〕3号"]),
            ("2020年国发〔2020〕1号", vec!["国发〔2020〕1号"]),
            (
                "依据和政办发〔2021〕3号、即政办发〔2021〕4号",
                vec!["和政办发〔2021〕3号", "即政办发〔2021〕4号"],
            ),
            ("国家税务总局公告〔2020〕4号", vec![]),
            ("国家税务总局还发布了〔2020〕4号", vec![]),
            ("为我省〔2020〕4号", vec![]),
            ("常宁市〔2020〕4号", vec![]),
            (
                "辽住建市〔2015〕20号、沪规划资源规〔2022〕4号",
                vec!["辽住建市〔2015〕20号", "沪规划资源规〔2022〕4号"],
            ),
            ("(2020)京01民初123号", vec![]),
            ("海政办发\n〔2023〕34号", vec![]),
            ("一个没有断句也看不出从哪里开始才算机关代字发〔2023〕34号", vec![]),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn ranges_cover_the_number_as_written() {
        let text = "根据中办发 [2016] 71 号文件";
        let all = DocumentNumber::find_all(text);
        assert_eq!(&text[all[0].0.clone()], "中办发 [2016] 71 号");
    }

    #[test]
    fn is_a_string_in_json() {
        let number = DocumentNumber::parse("国发[2012]24号").unwrap();
        let json = serde_json::to_string(&number).unwrap();
        assert_eq!(json, "\"国发〔2012〕24号\"");
        assert_eq!(serde_json::from_str::<DocumentNumber>(&json).unwrap(), number);
        assert!(serde_json::from_str::<DocumentNumber>("\"国发\"").is_err());
    }

    proptest! {
        #[test]
        fn written_numbers_read_back(prefix in "[国川海粤][政府办委]{1,3}[发函规字]", year in 1949u16..=2100, number in 1u32..=99_999) {
            let number = DocumentNumber { prefix, year, number };
            let text = number.to_string();
            prop_assert_eq!(DocumentNumber::parse(&text), Some(number.clone()));
            prop_assert_eq!(DocumentNumber::find_all(&format!("根据《办法》({text})，")), vec![(19..19 + text.len(), number)]);
        }

        #[test]
        fn a_cell_gives_the_number_it_holds(
            prefix in "[国川海粤][政府办委]{1,3}[发函规字]",
            year in 1949u16..=2100,
            number in 1u32..=99_999,
            label in "(发文字号：|文 号: |的通知)?",
            brackets in proptest::sample::select(vec![('〔', '〕'), ('[', ']'), ('（', '）'), ('【', '】'), ('﹝', '﹞'), ('(', '〕')]),
            blank in "[ \u{3000}\u{200b}\u{a0}]?",
        ) {
            let (open, close) = brackets;
            let cell = format!("{label}{prefix}{blank}{open}{blank}{year}{close}{blank}{number:03}{blank}号");
            prop_assert_eq!(DocumentNumber::of_cell(&cell), Some(DocumentNumber { prefix, year, number }));
        }

        #[test]
        fn strange_text_is_read_without_harm(text in "\\PC{0,60}") {
            let _ = (DocumentNumber::find_all(&text), DocumentNumber::of_cell(&text));
        }

        #[test]
        fn any_text_is_read_without_harm(text in "[国办发〔〕\\[\\](2016)第7号和按照 \u{200b}a\n]{0,40}") {
            let mut end = 0;
            for (range, number) in DocumentNumber::find_all(&text) {
                prop_assert!(range.start >= end);
                end = range.end;
                prop_assert_eq!(DocumentNumber::parse(&text[range]), Some(number));
            }
            let _ = (DocumentNumber::repair(&text), DocumentNumber::of_cell(&text));
        }
    }
}
