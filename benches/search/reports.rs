//! Invented reports: regions, years and genres, an outline with roles, and text of the words and phrases of
//! [`Vocabulary`], with numbers and punctuation as such reports have them. Report `n` is always the same.

use report::{Content, Genre, IssuerType, Region, Report, Role, Section, Status, divisions};

use crate::{dice::Dice, vocabulary::Vocabulary};

/// What reports can be about, and the words of each.
const N_TOPICS: usize = 300;
const TOPIC_WORDS: usize = 40;
/// Han characters of a report: most have some more than the least, few very many.
const LEAST_CHARS: f64 = 900.0;
const MEAN_EXCESS: f64 = 2600.0;

const GENRES: [Genre; 6] = [
    Genre::RuleOfLawReport,
    Genre::OpenGovernmentReport,
    Genre::WorkReport,
    Genre::BudgetReport,
    Genre::Plan,
    Genre::Notice,
];
const NUMERALS: [&str; 8] = ["一", "二", "三", "四", "五", "六", "七", "八"];
const HEADINGS: [(&str, Role); 7] = [
    ("主要举措和成效", Role::Achievements),
    ("党政主要负责人履行职责的情况", Role::Duties),
    ("重点任务落实情况", Role::Achievements),
    ("存在的不足和原因", Role::Problems),
    ("面临的困难", Role::Problems),
    ("下一年度主要安排", Role::Plans),
    ("其他需要报告的事项", Role::Other),
];
/// Little words between others.
const PARTICLES: [&str; 14] = [
    "的", "的", "的", "的", "的", "和", "和", "了", "在", "对", "与", "等", "及", "为",
];

pub(crate) struct Reports {
    vocabulary: Vocabulary,
    regions: Vec<&'static Region>,
}

impl Reports {
    pub(crate) fn new() -> Self {
        let regions = divisions().iter().filter(|region| region.current).collect();
        Self {
            vocabulary: Vocabulary::new(),
            regions,
        }
    }

    /// Something that many reports share.
    pub(crate) fn phrase(&self, dice: &mut Dice) -> &str {
        self.vocabulary.phrase(dice)
    }

    /// A word of the dictionary.
    pub(crate) fn word(&self, dice: &mut Dice) -> &str {
        self.vocabulary.word(dice)
    }

    /// Report `nth`.
    pub(crate) fn report(&self, nth: usize) -> Report {
        let mut dice = Dice::new(nth as u64 + 1000);
        let region = *dice.pick(&self.regions);
        let year = 2000 + (dice.unit().sqrt() * 25.0) as i32;
        let genre = *dice.pick(&GENRES);
        let mut topic_dice = Dice::new(dice.roll(N_TOPICS) as u64);
        let topic = self.vocabulary.topic(&mut topic_dice, TOPIC_WORDS);
        let mut writer = Text {
            vocabulary: &self.vocabulary,
            topic,
            region: region.name,
            text: String::new(),
            n_chars: 0,
        };
        let n_chars = (LEAST_CHARS - MEAN_EXCESS * (1.0 - dice.unit()).ln()) as usize;
        let outline = writer.write(&mut dice, n_chars);
        let text = writer.text;
        let published = jiff::civil::date(year as i16 + 1, 1 + dice.roll(12) as i8, 1 + dice.roll(28) as i8);
        let content = Content {
            title: Some(format!(
                "{}{year}年{}",
                region.name,
                genre.label().trim_end_matches("年度报告")
            )),
            chars: report::han_chars(&text),
            text,
            outline,
            region_code: Some(region.code),
            region_name: Some(region.name.to_owned()),
            issuer: Some(format!("{}人民政府", region.name)),
            issuer_type: Some(*dice.pick(IssuerType::ALL)),
            genre,
            year: Some(year),
            published: Some(published),
            ..Content::default()
        };
        let at: jiff::Timestamp = "2025-01-01T00:00:00Z".parse().expect("a moment");
        let url = format!(
            "https://www.example.gov.cn/{:06}/{nth}.html",
            region.code.number()
        );
        Report {
            // As ids are made: letters in no order.
            id: format!("{:016x}", (nth as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
                .parse()
                .expect("an id"),
            urls: vec![url.clone()],
            url,
            portal: format!("portal-{}", nth % 300),
            retrieved_at: "2025-01-01T00:00:00Z".parse().expect("a moment"),
            changed_at: at.into(),
            version: 1,
            content_hash: content.hash(),
            status: Status::Live,
            content,
        }
    }
}

/// A text as it is written.
struct Text<'a> {
    vocabulary: &'a Vocabulary,
    topic: Vec<&'a str>,
    region: &'a str,
    text: String,
    /// Characters written so far.
    n_chars: usize,
}

impl Text<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.n_chars += text.chars().count();
    }

    /// Writes about so many characters in sections.
    fn write(&mut self, dice: &mut Dice, n_chars: usize) -> Vec<Section> {
        let mut outline: Vec<Section> = Vec::new();
        let n_sections = 4 + dice.roll(4);
        for nth in 0..n_sections {
            let start = self.n_chars;
            let (heading, role) = HEADINGS[nth % HEADINGS.len()];
            self.push(NUMERALS[nth]);
            self.push("、");
            self.push(heading);
            self.push("\n");
            while self.n_chars < n_chars * (nth + 1) / n_sections {
                self.paragraph(dice);
            }
            outline.push(Section {
                level: 1,
                number: NUMERALS[nth].into(),
                heading: heading.into(),
                role,
                path: NUMERALS[nth].into(),
                start,
                end: self.n_chars,
            });
        }
        outline
    }

    fn paragraph(&mut self, dice: &mut Dice) {
        for _ in 0..2 + dice.roll(4) {
            let n_clauses = 1 + dice.roll(4);
            for nth in 0..n_clauses {
                self.clause(dice);
                self.push(if nth + 1 < n_clauses { "，" } else { "。" });
            }
        }
        self.push("\n");
    }

    fn clause(&mut self, dice: &mut Dice) {
        if dice.percent(30) {
            self.push(self.vocabulary.phrase(dice));
            return;
        }
        if dice.percent(4) {
            self.push(self.region);
        }
        for _ in 0..2 + dice.roll(5) {
            let word = match dice.percent(15) {
                true => *dice.pick(&self.topic),
                false => self.vocabulary.word(dice),
            };
            self.push(word);
            if dice.percent(25) {
                self.push(PARTICLES[dice.roll(PARTICLES.len())]);
            }
        }
        if dice.percent(12) {
            let number = match dice.roll(4) {
                0 => format!("{}项", 1 + dice.roll(400)),
                1 => format!("{}%", dice.roll(1000) as f64 / 10.0),
                2 => format!("{}年", 2000 + dice.roll(26)),
                _ => format!("{}万元", dice.roll(100_000) as f64 / 10.0),
            };
            self.push(&number);
        }
    }
}
