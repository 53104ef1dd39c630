//! What a document itself says of the region it is about: its title, its issuer, its numbers, its text.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;
use report::{Content, Level, RegionCode, divisions};

use super::{
    super::{
        boilerplate::{beginning, compact, patterns},
        document::Document,
        issuer,
        labels::Label,
    },
    area, national,
    places::{self, Place, meant, places},
};

/// What a trace speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// What the document is about.
    Subject,
    /// Whose site it is.
    Publisher,
    /// What lies around: superiors, upper plans. It tells bearers of one name apart and does nothing else.
    Context,
}

/// A hint for one division, or for all that bear a name.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) side: Side,
    pub(super) signal: &'static str,
    pub(super) value: String,
    /// Today's codes, or [`national::nation`].
    pub(super) codes: Vec<RegionCode>,
    pub(super) weight: f64,
}

patterns! {
    /// 640522001/2023-00346: division, unit.
    INDEX = r"^(\d{6})\d{3,4}/";
    /// Characters 3 to 8 of a unified social credit code.
    CREDIT = r"^1[1-9](\d{6})[0-9A-Za-z]";
    /// What follows the name of a superior: 在衡阳市委、市政府的正确领导下. The words in between are looked at.
    SUPERIOR = r"^(委|人民政府|政府|司法局)?[、，,和及]?(.{0,24}?)(领导|支持|指导|关心|部署|要求|统一安排)";
    /// Words of one who acts: 海原县坚持以…为指导, 海原县人民政府在自治区党委、政府的领导下 speak of no superior.
    ACTING = r"坚持|思想|认真|深入|始终|紧紧|贯彻|落实|围绕|为指导|在|按照|主动|积极|[。；;\n]|以.{0,16}为$";
    /// What follows the name of the one who reports: 常宁市委、市政府坚持…, 常宁市深入….
    REPORTS = r"^(委|人民政府|政府|司法局|坚持|认真|深入|全面|积极|始终|以|紧紧|紧扣|紧盯|围绕|不断|持续|扎实|严格|大力|按照|在|高度|把|将|统筹|推进|推动|加强|强化|聚焦|贯彻|落实|牢固|坚决|锚定|立足|切实|健全|完善)";
    /// What may stand before the name that a title begins with.
    LEAD = r"^(?:【[^】]{0,20}】|\[[^\]]{0,20}\]|[《“\x22(（]|中共|中国共产党|原|(?:19|20)\d{2}年度?(?:的)?)*";
    /// A title that hands on what somebody else issued, without saying who does.
    FORWARDS = r"^(转发|批转|关于转发|关于批转)";
    /// An office that leaves out its place, and so speaks of one below: 市政府办公厅关于…区….
    OFFICE_ABOVE = r"^[省市州](人民)?(政府|委|\p{Han}{1,10}[局厅委办])[^《》]{0,16}?关于";
    /// A superior acts upon the division that is named behind.
    ACTS = r"(同意|批准|核准|准予|撤销|设立|授予|命名|认定|表彰|表扬|给予|奖励|嘉奖|支持|调整|批复|确定|确认|公布|列入|退出|任免|任命)$";
    /// The title of a reply to the division it names.
    REPLY = r"(批复|复函|答复|决定|嘉奖令)([(（][^)）]*[)）])?$";
    /// Words that say that what is named behind is handed on, obeyed or visited.
    OBEYS = r"(贯彻|落实|执行|学习|宣传|根据|依据|转发|批转|对照|实施|赴|前往|走访|考察|慰问|援助|对口支援|对口帮扶)《?$";
}

/// The traces on a page, as they are collected.
pub(super) struct Traces {
    pub(super) traces: Vec<Trace>,
    /// The year that tells old bearers of a name from new ones.
    pub(super) year: Option<i32>,
    /// Name of a functional area.
    pub(super) area: Option<String>,
    /// What the whole text says of itself; see [`self_reference`].
    pub(super) level: Option<Level>,
}

impl Traces {
    pub(super) fn push(
        &mut self,
        side: Side,
        signal: &'static str,
        value: &str,
        codes: Vec<RegionCode>,
        weight: f64,
    ) {
        if !codes.is_empty() {
            let value = value.chars().take(80).collect();
            self.traces.push(Trace {
                side,
                signal,
                value,
                codes,
                weight,
            });
        }
    }

    pub(super) fn nation(&mut self, side: Side, signal: &'static str, value: &str, weight: f64) {
        self.push(
            side,
            signal,
            value,
            national::nation().into_iter().collect(),
            weight,
        );
    }

    /// A code of six digits, current or old.
    pub(super) fn digits(
        &mut self,
        side: Side,
        signal: &'static str,
        value: &str,
        digits: &str,
        weight: f64,
    ) {
        let code: Option<RegionCode> = digits.parse().ok();
        if let Some(code) = code.filter(|code| divisions().get(*code).is_some()) {
            self.push(side, signal, value, places::today(code), weight);
        }
    }

    /// A place in a text.
    pub(super) fn place(&mut self, side: Side, signal: &'static str, text: &str, place: &Place, weight: f64) {
        let codes = meant(&text[place.start..place.end], &place.codes, self.year);
        self.push(side, signal, text, codes, weight);
    }

    /// The name of a body or site: the division, or central body, that it begins with, else the first in it.
    pub(super) fn name(&mut self, side: Side, signal: &'static str, text: &str, weight: f64) {
        self.name_in(side, signal, text, &compact(text), weight);
    }

    /// The same for a text that was taken apart, with what is to be shown of it.
    pub(super) fn name_in(&mut self, side: Side, signal: &'static str, shown: &str, text: &str, weight: f64) {
        let lead = lead(text);
        if national::leading(&text[lead..], begins_with_place).is_some() {
            return self.nation(side, signal, shown, weight);
        }
        if side == Side::Subject && self.area(signal, &text[lead..], weight) {
            return;
        }
        if let Some((codes, _)) = places::joint(&text[lead..], self.year) {
            return self.push(side, signal, shown, codes, weight);
        }
        if let Some(place) = places::leading(&text[lead..]).filter(|place| place.short) {
            let codes = meant(&text[lead..lead + place.end], &place.codes, self.year);
            return self.push(side, signal, shown, codes, weight * 0.7);
        }
        if let Some(first) = places(text).into_iter().next() {
            let codes = meant(&text[first.start..first.end], &first.codes, self.year);
            self.push(side, signal, shown, codes, weight);
        }
    }

    /// Whether a text begins with a functional area, whose short form then stands for the division it lies in.
    fn area(&mut self, signal: &'static str, text: &str, weight: f64) -> bool {
        let Some(area) = area::leading(text) else {
            return false;
        };
        let known = !area.codes.is_empty();
        if known {
            self.push(Side::Subject, signal, text, area.codes, area.weight.min(weight));
        }
        self.area.get_or_insert(area.name);
        known
    }

    /// Everything that the document says.
    pub(super) fn document(&mut self, content: &Content, document: &Document<'_>) {
        let title = content.title.as_deref().map(compact);
        if let Some(title) = &title {
            self.title(title);
        }
        self.issuer(content, document, title.as_deref());
        if let Some(source) = content
            .source
            .as_deref()
            .filter(|source| !issuer::is_medium(source))
        {
            self.name(Side::Subject, "source", source, 0.4);
        }
        if let Some(index) = &content.index_number {
            let digits = [&*INDEX, &*CREDIT]
                .into_iter()
                .find_map(|pattern| Some(pattern.captures(index)?[1].to_owned()));
            if let Some(digits) = digits {
                self.digits(Side::Subject, "index_number", index, &digits, 0.8);
            }
        }
        if let Some(number) = content
            .document_number
            .as_deref()
            .filter(|number| national::has_number(number))
        {
            self.nation(Side::Subject, "document_number", number, 0.8);
        }
        for cited in content.titles_cited.iter().take(12) {
            let cited = compact(cited);
            if let Some(place) = places(&cited).first().filter(|place| place.start == 0) {
                self.place(Side::Context, "cited_title", &cited, place, 0.2);
            }
        }
        self.body(&content.text);
    }

    /// A name that begins the title says more than one inside it.
    fn title(&mut self, title: &str) {
        let lead = lead(title);
        let rest = &title[lead..];
        let forwards = FORWARDS.is_match(rest);
        let national = national::leading(rest, begins_with_place);
        if let Some(end) = national {
            self.nation(Side::Subject, "title", &rest[..end], 0.9);
        }
        self.area("title", rest, 0.8);
        let found = places(title);
        let begin = lead + national::of_branch(rest, begins_with_place);
        let branch = &title[begin..];
        if let Some(short) = places::leading(branch).filter(|place| place.short) {
            let codes = meant(&branch[..short.end], &short.codes, self.year);
            self.push(Side::Subject, "title", title, codes, 0.65);
        }
        let joint = places::joint(branch, self.year);
        let together = joint.as_ref().map_or(0, |(_, count)| *count);
        if let Some((codes, _)) = joint {
            self.push(Side::Subject, "title", title, codes, 0.9);
        }
        let above = OFFICE_ABOVE.is_match(rest);
        for (at, place) in found.into_iter().enumerate().take(8).skip(together) {
            let before = &title[..place.start];
            let quoted = before.matches('《').count() > before.matches('》').count();
            let weight = if at > 0 || forwards || national.is_some() {
                0.2
            } else if place.start <= begin {
                0.9
            } else if above || ACTS.is_match(before.trim_end_matches('《')) || REPLY.is_match(title) {
                0.3
            } else if OBEYS.is_match(before) {
                0.25
            } else if quoted && !before.contains("印发") && !before.contains("公布") {
                0.6
            } else {
                0.75
            };
            self.place(Side::Subject, "title", title, &place, weight);
        }
    }

    /// Issuers; one that the title only hands on from is none.
    fn issuer(&mut self, content: &Content, document: &Document<'_>, title: Option<&str>) {
        let handed_on = |issuer: &str| {
            title.is_some_and(|title| FORWARDS.is_match(title) && title.contains(&compact(issuer)))
        };
        if let Some(issuer) = content.issuer.as_deref().filter(|issuer| !handed_on(issuer)) {
            self.name(Side::Subject, "issuer", issuer, 0.85);
        }
        for label in [Label::Keeper, Label::Publisher, Label::Issuer] {
            for field in document.fields.iter().filter(|field| field.label == label) {
                if content.issuer.as_deref() != Some(field.value.as_str()) && !handed_on(&field.value) {
                    self.name(Side::Subject, "issuer", &field.value, 0.5);
                }
            }
        }
    }

    /// The opening, and the name that the text uses most; superiors thanked for their guidance left out.
    fn body(&mut self, whole: &str) {
        const OPENING: usize = 400;
        const READ: usize = 20_000;
        let text = beginning(whole, READ);
        let opening = beginning(text, OPENING).len();
        let level = if text.len() < whole.len() {
            self_reference(text)
        } else {
            self.level
        };
        let mut counts: BTreeMap<Vec<RegionCode>, Mentions> = BTreeMap::new();
        for place in places(text) {
            let name = &text[place.start..place.end];
            let codes = meant(name, &place.codes, self.year);
            if place.start < opening {
                let thanked = SUPERIOR.captures(beginning(&text[place.end..], 40));
                let thanked = thanked.is_some_and(|parts| !ACTING.is_match(&parts[2]));
                // The government of 我县 is thanked by its own departments.
                let own =
                    level == Some(Level::County) && codes.iter().all(|code| agrees(*code, Level::County));
                if thanked && !own {
                    self.push(Side::Context, "superior", name, codes, 0.3);
                    continue;
                }
            }
            let mentions = counts.entry(codes).or_insert_with(|| Mentions {
                name: name.to_owned(),
                ..Mentions::default()
            });
            mentions.count += 1;
            mentions.early |= place.start < opening;
            mentions.reports |= place.start < opening && REPORTS.is_match(&text[place.end..]);
        }
        let mut ranked: Vec<_> = counts
            .into_iter()
            .filter(|(codes, _)| !codes.is_empty())
            .collect();
        ranked.sort_by_key(|(_, mentions)| std::cmp::Reverse((mentions.count, mentions.early)));
        for (rank, (codes, mentions)) in ranked.into_iter().take(4).enumerate() {
            let Mentions {
                name,
                count,
                early,
                reports,
            } = mentions;
            // To be named once is not enough to be what a text is about, unless it is as the one who reports.
            let mut weight = if rank == 0 { 0.24 } else { 0.08 };
            weight += 0.06 * (count.min(5) as f64);
            weight += if early { 0.15 } else { 0.0 } + if reports { 0.12 } else { 0.0 };
            // 我县 is not said of a city or province, and 我市 not of a county.
            match level.map(|level| codes.iter().any(|code| agrees(*code, level))) {
                Some(true) => weight += 0.1,
                Some(false) => weight *= 0.5,
                None => {}
            }
            self.push(Side::Subject, "body", &format!("{name} ×{count}"), codes, weight);
        }
    }
}

/// How a text speaks of a place.
#[derive(Debug, Default)]
struct Mentions {
    name: String,
    count: usize,
    /// In the opening.
    early: bool,
    /// In the opening, as the one who reports.
    reports: bool,
}

fn lead(text: &str) -> usize {
    LEAD.find(text).map_or(0, |found| found.end())
}

/// Whether a text begins with a division, in full or by its short form before a word for a body: 海原县税务局, 北京海关.
fn begins_with_place(text: &str) -> bool {
    places::leading(text).is_some()
}

/// The level that words of self-reference speak of: 我县 and 全县 of a county, 我省 of a province.
pub(super) fn self_reference(text: &str) -> Option<Level> {
    let (mut county, mut city, mut province) = (0, 0, 0);
    let mut begun = false;
    for c in text.chars() {
        match c {
            '县' | '区' | '旗' if begun => county += 1,
            '市' | '州' if begun => city += 1,
            '省' if begun => province += 1,
            _ => {}
        }
        begun = matches!(c, '我' | '全');
    }
    match (county, city, province) {
        (2.., _, _) if county > city && county > province => Some(Level::County),
        (_, 2.., _) if city > county && city > province => Some(Level::City),
        (_, _, 2..) if province > county && province > city => Some(Level::Province),
        _ => None,
    }
}

/// Whether what is said at this level can be said of a division.
pub(super) fn agrees(code: RegionCode, level: Level) -> bool {
    let Some(region) = divisions().get(code) else {
        return false;
    };
    match level {
        // A county-level city says 我市 too.
        Level::City => region.level == Level::City || region.name.ends_with('市'),
        other => region.level == other,
    }
}
