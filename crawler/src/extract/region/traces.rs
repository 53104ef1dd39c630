//! Traces of regions on a page, each with a weight.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;
use report::{Content, Level, RegionCode, divisions};

use super::super::{
    boilerplate::{Furniture, compact, patterns},
    document::Document,
    labels::Label,
};

/// What a trace speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// What the document is about.
    Subject,
    /// Whose site it is.
    Publisher,
}

/// A hint for one division, or for all that bear a name.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) side: Side,
    pub(super) signal: &'static str,
    pub(super) value: String,
    /// Today's codes, where there are any.
    pub(super) codes: Vec<RegionCode>,
    pub(super) weight: f64,
}

patterns! {
    /// 640522001/2023-00346: division, unit.
    INDEX = r"^(\d{6})\d{3,4}/";
    /// Characters 3 to 8 of a unified social credit code.
    CREDIT = r"^1[1-9](\d{6})[0-9A-Za-z]";
    SITE = r"^([1-9]\d{5})\d{4}$";
    POLICE = r"\p{Han}公网安备:?(\d{6})\d{8}";
    ICP = r"([京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕甘青宁新])ICP备";
    /// What follows the name of a superior: 在衡阳市委、市政府的正确领导下.
    SUPERIOR = r"^(委|人民政府|政府|司法局)?[、，,和及]?.{0,24}(领导|支持|指导|关心|部署|要求|统一安排)";
}

/// Collects every trace.
pub(super) fn collect(content: &Content, document: &Document<'_>) -> Vec<Trace> {
    let mut out = Traces(Vec::new());
    if let Some(title) = &content.title {
        out.title(title);
    }
    if let Some(issuer) = &content.issuer {
        out.names(Side::Subject, "issuer", issuer, 0.85);
    }
    if let Some(source) = &content.source {
        out.names(Side::Subject, "source", source, 0.4);
    }
    for label in [Label::Keeper, Label::Issuer] {
        for field in document.fields.iter().filter(|field| field.label == label) {
            out.names(Side::Subject, "issuer", &field.value, 0.5);
        }
    }
    if let Some(index) = &content.index_number {
        let digits = [&*INDEX, &*CREDIT]
            .into_iter()
            .find_map(|pattern| Some(pattern.captures(index)?[1].to_owned()));
        if let Some(digits) = digits {
            out.code(Side::Subject, "index_number", index, &digits, 0.8);
        }
    }
    out.body(&content.text);
    out.site(content, document);
    out.0
}

struct Traces(Vec<Trace>);

impl Traces {
    fn push(&mut self, side: Side, signal: &'static str, value: &str, codes: &[RegionCode], weight: f64) {
        let codes = today(codes);
        if !codes.is_empty() {
            let value = value.chars().take(80).collect();
            self.0.push(Trace {
                side,
                signal,
                value,
                codes,
                weight,
            });
        }
    }

    fn code(&mut self, side: Side, signal: &'static str, value: &str, digits: &str, weight: f64) {
        let code: Option<RegionCode> = digits.parse().ok();
        if let Some(code) = code.filter(|code| divisions().get(*code).is_some()) {
            self.push(side, signal, value, &[code], weight);
        }
    }

    /// The first name in a text that is itself a name, with the names that stand right behind it.
    fn names(&mut self, side: Side, signal: &'static str, text: &str, weight: f64) {
        if let Some(first) = places(text).into_iter().next() {
            self.push(side, signal, text, &first.codes, weight);
        }
    }

    /// A name that begins the title says more than one inside it.
    fn title(&mut self, title: &str) {
        let title = compact(title);
        for (at, place) in places(&title).into_iter().enumerate() {
            let quoted =
                title[..place.start].matches('《').count() > title[..place.start].matches('》').count();
            let weight = match (at, place.start, quoted) {
                (0, 0, _) => 0.9,
                (0, _, false) => 0.75,
                (0, _, true) => 0.45,
                _ => 0.25,
            };
            self.push(Side::Subject, "title", &title, &place.codes, weight);
        }
    }

    /// The opening, and the name that the text uses most; superiors thanked for their guidance left out.
    fn body(&mut self, text: &str) {
        const OPENING: usize = 400;
        const READ: usize = 20_000;
        let text: String = text.chars().take(READ).collect();
        let opening = text.char_indices().nth(OPENING).map_or(text.len(), |(at, _)| at);
        let mut counts: BTreeMap<Vec<RegionCode>, (usize, bool, String)> = BTreeMap::new();
        for place in places(&text) {
            let behind: String = text[place.end..].chars().take(40).collect();
            if SUPERIOR.is_match(&behind) && place.start < opening {
                continue;
            }
            let name = text[place.start..place.end].to_owned();
            let entry = counts.entry(today(&place.codes)).or_insert((0, false, name));
            entry.0 += 1;
            entry.1 |= place.start < opening;
        }
        let level = super::self_reference(&text);
        let mut ranked: Vec<_> = counts
            .into_iter()
            .filter(|(codes, _)| !codes.is_empty())
            .collect();
        ranked.sort_by_key(|(_, (count, early, _))| std::cmp::Reverse((*count, *early)));
        for (rank, (codes, (count, early, name))) in ranked.into_iter().take(4).enumerate() {
            let mut weight = if rank == 0 { 0.3 } else { 0.1 };
            weight += 0.06 * (count.min(5) as f64) + if early { 0.15 } else { 0.0 };
            // 我县 is not said of a city or province, and 我市 not of a county.
            let speaks = level.is_none_or(|level| codes.iter().any(|code| agrees(*code, level)));
            if !speaks {
                weight *= 0.5;
            }
            self.push(Side::Subject, "body", &format!("{name} ×{count}"), &codes, weight);
        }
    }

    fn site(&mut self, content: &Content, document: &Document<'_>) {
        if let Some(code) = document.hints.region {
            self.push(Side::Publisher, "portal", &code.to_string(), &[code], 0.95);
        }
        if let Some(id) = &content.site_id
            && let Some(digits) = SITE.captures(id)
        {
            self.code(Side::Publisher, "site_id", id, &digits[1], 0.9);
        }
        let names = document
            .hints
            .site_name
            .iter()
            .map(String::as_str)
            .chain(document.page.meta(&["sitename"]));
        for name in names {
            self.names(Side::Publisher, "site_name", name, 0.75);
        }
        for (at, line) in document.page.lines.lines.iter().enumerate() {
            if document.range.contains(&at) {
                continue;
            }
            match document.page.judged[at].furniture {
                Some(Furniture::Navigation) if line.text.starts_with("欢迎") => {
                    self.names(Side::Publisher, "site_name", &line.text, 0.6);
                }
                Some(Furniture::Breadcrumb) if at < document.range.start => {
                    self.names(Side::Publisher, "breadcrumb", &line.text, 0.4);
                }
                Some(Furniture::Imprint | Furniture::Tail) if at >= document.range.end => {
                    let text = compact(&line.text);
                    if let Some(digits) = POLICE.captures(&text) {
                        self.code(Side::Publisher, "police_record", &text, &digits[1], 0.6);
                    }
                    if ["主办", "承办", "版权所有"]
                        .iter()
                        .any(|word| text.contains(word))
                    {
                        self.names(Side::Publisher, "imprint", &text, 0.6);
                    }
                    if let Some(sign) = ICP.captures(&text) {
                        self.push(Side::Publisher, "icp", &text, &province_of(&sign[1]), 0.2);
                    }
                }
                _ => {}
            }
        }
    }
}

/// A name in a text with the divisions it can mean.
struct Place {
    start: usize,
    end: usize,
    codes: Vec<RegionCode>,
}

/// Names in a text; a name right behind that of its superior (巴中市巴州区) is one place.
fn places(text: &str) -> Vec<Place> {
    let table = divisions();
    let mut out: Vec<Place> = Vec::new();
    for found in table.find_names(text) {
        let (start, end) = (found.range.start, found.range.end);
        if let Some(last) = out.last_mut().filter(|last| last.end == start) {
            let below = |code: &RegionCode| {
                table
                    .ancestors(*code)
                    .iter()
                    .skip(1)
                    .any(|above| last.codes.contains(above) || today(&last.codes).contains(above))
            };
            let narrowed: Vec<RegionCode> = found.codes.iter().copied().filter(below).collect();
            if !narrowed.is_empty() {
                (last.end, last.codes) = (end, narrowed);
                continue;
            }
        }
        out.push(Place {
            start,
            end,
            codes: found.codes,
        });
    }
    out
}

/// The codes in use among these; of old ones what became of them, if that is one division.
fn today(codes: &[RegionCode]) -> Vec<RegionCode> {
    let table = divisions();
    let current: Vec<RegionCode> = codes
        .iter()
        .copied()
        .filter(|code| table.get(*code).is_some_and(|region| region.current))
        .collect();
    if !current.is_empty() {
        return current;
    }
    let mut out: Vec<RegionCode> = Vec::new();
    for code in codes {
        let successors = table.today(*code);
        let known = if let [only] = successors[..] { only } else { *code };
        if !out.contains(&known) {
            out.push(known);
        }
    }
    out
}

fn agrees(code: RegionCode, level: Level) -> bool {
    let Some(region) = divisions().get(code) else {
        return false;
    };
    match level {
        // A county-level city says 我市 too.
        Level::City => region.level == Level::City || region.name.ends_with('市'),
        other => region.level == other,
    }
}

/// The province whose records begin with this character.
fn province_of(sign: &str) -> Vec<RegionCode> {
    const SIGNS: &str = "京11津12冀13晋14蒙15辽21吉22黑23沪31苏32浙33皖34闽35赣36鲁37豫41鄂42湘43粤44桂45琼46渝50川51蜀51贵52黔52云53滇53藏54陕61甘62青63宁64新65";
    let digits = SIGNS.split_once(sign).and_then(|(_, rest)| rest.get(..2));
    digits
        .and_then(|digits| format!("{digits}0000").parse().ok())
        .into_iter()
        .collect()
}
