//! Words, operators, fields and `NEAR` against an evaluation report by report.

use index::{Mode, SearchRequest};
use report::{Report, divisions, fold};

use crate::support::{Dice, HOSTILE, contains, folded_parts, near, query};

/// A query and what it means.
#[derive(Clone, Debug)]
pub(crate) enum Q {
    Bare(String),
    Exact(String),
    Near(String, u32, String),
    Title(String),
    Issuer(String),
    Docno(String),
    Cites(String),
    Years(Option<i32>, Option<i32>),
    Genre(&'static str),
    Region(&'static str),
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
}

const STRINGS: &[&str] = &[
    "甲",
    "乙",
    "甲乙",
    "法治",
    "政府",
    "法治政府",
    "人民",
    "〔2023〕",
    "34",
    "放管服",
    "，",
    "a",
    "的",
    "😀",
    "2.5",
    "一",
];
const WORDS: &[&str] = &[
    "甲",
    "乙",
    "法治",
    "政府",
    "法治政府",
    "建设",
    "人民政府",
    "放管服",
    "a",
    "😀",
    "pm2.5",
];

pub(crate) fn throw(dice: &mut Dice, depth: usize) -> Q {
    let string = |dice: &mut Dice| dice.pick(STRINGS).to_owned();
    if depth == 0 || dice.chance(35) {
        return match dice.roll(10) {
            0..=1 => Q::Bare(dice.pick(WORDS).into()),
            2..=3 => Q::Exact(string(dice)),
            4 => Q::Near(string(dice), dice.roll(8) as u32, string(dice)),
            5 => Q::Title(string(dice)),
            6 => Q::Issuer(string(dice)),
            7 => Q::Years(
                dice.chance(70).then(|| 2016 + dice.roll(4) as i32),
                Some(2020 + dice.roll(4) as i32),
            ),
            8 => match dice.roll(2) {
                0 => Q::Docno(format!("[2023]{}", dice.roll(4))),
                _ => Q::Cites(format!("〔2021〕{}号", dice.roll(20))),
            },
            _ => match dice.roll(2) {
                0 => Q::Genre(dice.pick(&["work-report", "budget-report", "report"])),
                _ => Q::Region(dice.pick(&["430000", "43", "510132", "510118", "430482", "110000"])),
            },
        };
    }
    let parts = |dice: &mut Dice| (0..2 + dice.roll(2)).map(|_| throw(dice, depth - 1)).collect();
    match dice.roll(5) {
        0..=1 => Q::And(parts(dice)),
        2..=3 => Q::Or(parts(dice)),
        _ => Q::Not(Box::new(throw(dice, depth - 1))),
    }
}

impl Q {
    pub(crate) fn write(&self) -> String {
        let join = |parts: &[Self], by: &str| parts.iter().map(Self::write).collect::<Vec<_>>().join(by);
        match self {
            Self::Bare(word) => word.clone(),
            Self::Exact(text) => format!("\"{text}\""),
            Self::Near(left, n, right) => format!("“{left}” NEAR/{n} 「{right}」"),
            Self::Title(text) => format!("title:\"{text}\""),
            Self::Issuer(text) => format!("issuer:\"{text}\""),
            Self::Docno(text) => format!("docno:{text}"),
            Self::Cites(text) => format!("cites:{text}"),
            Self::Years(from, to) => {
                let year = |year: &Option<i32>| year.map(|year| year.to_string()).unwrap_or_default();
                format!("year:{}..{}", year(from), year(to))
            }
            Self::Genre(code) => format!("genre:{code}"),
            Self::Region(code) => format!("region:{code}"),
            Self::And(parts) => format!("({})", join(parts, " AND ")),
            Self::Or(parts) => format!("({})", join(parts, " OR ")),
            Self::Not(part) => format!("NOT {}", part.write()),
        }
    }

    pub(crate) fn holds(&self, report: &Report) -> bool {
        self.holds_in(report, &folded_parts(report))
    }

    /// Whether it holds of some folded paragraphs of a report.
    pub(crate) fn holds_in(&self, report: &Report, parts: &[String]) -> bool {
        let contains = |text: &str| parts.iter().any(|part| part.contains(text));
        let content = &report.content;
        let within = |value: &Option<String>, text: &str| {
            value
                .as_deref()
                .is_some_and(|value| fold(value).contains(&fold(text)))
        };
        match self {
            // Every word of the list is one word, save those that jieba cuts in known places.
            Self::Bare(word) if word == "pm2.5" => contains("pm2") && contains("5"),
            Self::Bare(word) | Self::Exact(word) => contains(&fold(word)),
            Self::Near(left, n, right) => near(parts, &fold(left), &fold(right), *n as usize),
            Self::Title(text) => within(&content.title, text),
            Self::Issuer(text) => within(&content.issuer, text),
            Self::Docno(text) => within(&content.document_number, text),
            Self::Cites(text) => content.cites.iter().any(|cite| fold(cite).contains(&fold(text))),
            Self::Years(from, to) => content
                .year
                .is_some_and(|year| from.is_none_or(|from| from <= year) && to.is_none_or(|to| year <= to)),
            Self::Genre(code) => content.genre.code().contains(code),
            Self::Region(code) => {
                let code = index::parse_region(code).unwrap();
                let wanted = divisions().today(code);
                let own = content
                    .region_code
                    .into_iter()
                    .flat_map(|own| divisions().today(own));
                own.flat_map(|own| divisions().ancestors(own))
                    .any(|code| wanted.contains(&code))
            }
            Self::And(all) => all.iter().all(|part| part.holds_in(report, parts)),
            Self::Or(any) => any.iter().any(|part| part.holds_in(report, parts)),
            Self::Not(part) => !part.holds_in(report, parts),
        }
    }
}

#[test]
fn combinations_match_what_they_say() {
    let mut dice = Dice(11);
    for _ in 0..500 {
        let q = throw(&mut dice, 3);
        HOSTILE.expect(&query(&q.write()), |report| q.holds(report));
    }
}

#[test]
fn near_counts_folded_characters() {
    let mut dice = Dice(23);
    for _ in 0..300 {
        let (left, right) = (dice.pick(STRINGS), dice.pick(STRINGS));
        let n = dice.roll(12) as u32;
        let q = Q::Near(left.into(), n, right.into());
        HOSTILE.expect(&query(&q.write()), |report| q.holds(report));
    }
}

#[test]
fn words_are_the_terms_and_any_needs_one() {
    let mut dice = Dice(31);
    for _ in 0..200 {
        let q: Vec<_> = (0..1 + dice.roll(3)).map(|_| dice.pick(WORDS)).collect();
        let q = q.join(dice.pick(&[" ", "", "的", "，"]));
        for mode in [Mode::Words, Mode::Any] {
            let request = SearchRequest { mode, ..query(&q) };
            let terms = HOSTILE.search(&request).query.terms;
            HOSTILE.expect(&request, |report| match mode {
                Mode::Any => terms.iter().any(|term| contains(report, term)),
                _ => terms.iter().all(|term| contains(report, term)),
            });
        }
    }
}

#[test]
fn any_keeps_operators_binding() {
    let any = |q: &str| SearchRequest {
        mode: Mode::Any,
        ..query(q)
    };
    HOSTILE.expect(&any("甲 乙 NOT 政府"), |report| {
        (contains(report, "甲") || contains(report, "乙")) && !contains(report, "政府")
    });
    HOSTILE.expect(&any("甲 \"政府\" 乙"), |report| {
        (contains(report, "甲") || contains(report, "乙")) && contains(report, "政府")
    });
    HOSTILE.expect(&any("NOT (甲 乙)"), |report| {
        !(contains(report, "甲") || contains(report, "乙"))
    });
    HOSTILE.expect(&any("甲 AND 乙"), |report| {
        contains(report, "甲") && contains(report, "乙")
    });
}

#[test]
fn sites_are_codes_and_hosts() {
    HOSTILE.expect(&query("site:www.example.gov.cn -site:example.com"), |_| true);
    HOSTILE.expect(&query("portal:chang"), |report| report.portal == "changning");
    HOSTILE.expect(&query("published:2021-06..2022"), |report| {
        report.content.published.is_some_and(|day| {
            let text = day.to_string();
            "2021-06" <= text.as_str() && text.as_str() <= "2022-12-31"
        })
    });
}

#[test]
fn the_query_as_it_was_understood_finds_the_same() {
    let mut dice = Dice(57);
    for _ in 0..120 {
        let q = throw(&mut dice, 3).write();
        for mode in [Mode::Words, Mode::Any, Mode::Loose] {
            let asked = SearchRequest {
                mode,
                limit: 1,
                ..query(&q)
            };
            let answer = HOSTILE.search(&asked);
            let again = SearchRequest {
                q: answer.query.parsed.clone(),
                ..asked.clone()
            };
            let told = HOSTILE.search(&again);
            assert_eq!(told.query.parsed, answer.query.parsed, "{q}");
            assert_eq!(HOSTILE.all(&again), HOSTILE.all(&asked), "{q} in {mode}");
        }
    }
}
