//! What a page says of the site that carries it: its codes, its name, its address, its records.

use std::sync::LazyLock;

use regex::Regex;
use report::{Content, RegionCode, divisions};

use super::{
    super::{
        boilerplate::{Furniture, compact, patterns},
        document::Document,
        site,
    },
    host,
    places::{self, meant},
    traces::{Side, Traces},
};

patterns! {
    SITE = r"^([1-9]\d{5})\d{4}$";
    POLICE = r"\p{Han}公网安备:?(\d{6})\d{8}";
    ICP = r"([京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕甘青宁新])ICP备";
    /// What stands between the steps of a breadcrumb.
    STEP = r"[>»›:]+|-+|/";
    /// What separates the title of a page from the name of its site.
    BAR = r"[_|-]+";
    /// What names of sites put around the place: 中国·常宁, 魅力海原.
    AROUND = r"^(中国|魅力|美丽|欢迎(访问|光临|来到)?|[·•.\-])+";
}

impl Traces {
    /// Everything that the site says.
    pub(super) fn site(&mut self, content: &Content, document: &Document<'_>) {
        if let Some(code) = document.hints.region {
            self.push(
                Side::Publisher,
                "portal",
                &code.to_string(),
                places::today(code),
                0.95,
            );
        }
        if let Some(id) = &content.site_id {
            // A head can be copied from another site.
            let weight = if site::is_in_footer(document, id) {
                0.9
            } else {
                0.7
            };
            if id.starts_with("bm") {
                self.nation(Side::Publisher, "site_id", id, weight);
            } else if let Some(digits) = SITE.captures(id) {
                self.digits(Side::Publisher, "site_id", id, &digits[1], weight);
            }
        }
        if let Some(url) = &document.url {
            for trace in host::traces(url) {
                self.push(
                    Side::Publisher,
                    trace.signal,
                    &trace.value,
                    trace.codes,
                    trace.weight,
                );
            }
        }
        self.site_names(document);
        self.lines(document);
    }

    fn site_names(&mut self, document: &Document<'_>) {
        let hint = document.hints.site_name.as_deref();
        for name in hint.into_iter().chain(document.page.meta(&["sitename"])) {
            self.site_name(name, 0.75);
        }
        // 标题_海原县人民政府
        if let Some(title) = &document.page.title {
            let title = compact(title);
            let parts: Vec<&str> = BAR.split(&title).collect();
            if let [_, .., last] = parts[..]
                && ["政府", "门户", "网"].iter().any(|word| last.contains(word))
                && !document.title().is_some_and(|own| compact(own).contains(last))
            {
                self.site_name(last, 0.5);
            }
        }
    }

    fn site_name(&mut self, shown: &str, weight: f64) {
        let name = compact(shown);
        let bare = AROUND.replace(&name, "");
        self.name_in(Side::Publisher, "site_name", shown, &bare, weight);
        // 中国·海原
        if let Some((end, codes)) = places::short_at(&bare)
            && (end == bare.len() || bare[end..].starts_with("政府网") || bare[end..].starts_with("门户"))
            && !places::is_word(&bare[..end])
        {
            self.push(Side::Publisher, "site_name", shown, codes, weight * 0.7);
        }
    }

    fn lines(&mut self, document: &Document<'_>) {
        for (at, line) in document.page.lines.lines.iter().enumerate() {
            if document.range.contains(&at) {
                continue;
            }
            let judged = &document.page.judged[at];
            match judged.furniture {
                Some(Furniture::Navigation) if line.text.starts_with("欢迎") => {
                    self.site_name(&line.text, 0.6);
                }
                Some(Furniture::Breadcrumb) if at < document.range.start => self.breadcrumb(&line.text),
                // A footer need not hold a record to be known as one.
                kind if at >= document.range.end
                    && (judged.aside || matches!(kind, Some(Furniture::Imprint | Furniture::Tail))) =>
                {
                    self.record(&compact(&line.text));
                }
                _ => {}
            }
        }
    }

    /// 首页 > 衡阳市 > 常宁市 > 政府信息公开: each step is narrowed by those before it, and the lowest counts. It says
    /// both whose pages these are and what they are about.
    fn breadcrumb(&mut self, shown: &str) {
        let line = compact(shown);
        let mut lowest: Option<(Vec<RegionCode>, String, f64)> = None;
        for step in STEP.split(&line).filter(|step| !step.is_empty()).take(12) {
            // The last step can be the title; what it says is known.
            if step.chars().count() > 24 {
                continue;
            }
            let Some((mut codes, name, weight)) = place_of_step(step) else {
                continue;
            };
            if let Some((above, ..)) = &lowest {
                codes = places::below(&codes, above);
            }
            if !codes.is_empty() {
                lowest = Some((codes, name.to_owned(), weight));
            }
        }
        if let Some((codes, name, weight)) = lowest {
            let codes = meant(&name, &codes, self.year);
            self.push(Side::Publisher, "breadcrumb", shown, codes.clone(), 0.4);
            self.push(Side::Subject, "breadcrumb", shown, codes, weight);
        }
    }

    /// A line of the imprint.
    fn record(&mut self, line: &str) {
        if line.contains("公网安备")
            && let Some(digits) = POLICE.captures(line)
        {
            self.digits(Side::Publisher, "police_record", line, &digits[1], 0.6);
        }
        if ["主办", "承办", "版权所有"]
            .iter()
            .any(|word| line.contains(word))
        {
            let first = places::places(line).into_iter().next();
            if let Some(place) = first {
                self.place(Side::Publisher, "imprint", line, &place, 0.6);
            }
        }
        if line.contains("ICP备")
            && let Some(sign) = ICP.captures(line)
        {
            self.push(Side::Publisher, "icp", line, province_of(&sign[1]), 0.2);
        }
    }
}

/// The divisions that a step of a breadcrumb names, the name, and how far that is to be trusted.
fn place_of_step(step: &str) -> Option<(Vec<RegionCode>, &str, f64)> {
    const IN_FULL: f64 = 0.6;
    const IN_SHORT: f64 = 0.45;
    // 城区 alone is a step of its own, not a word of a sentence.
    let named = divisions().bearers(step);
    if !named.is_empty() {
        return Some((named.into_owned(), step, IN_FULL));
    }
    if let Some(place) = places::places(step).into_iter().next() {
        return Some((place.codes, &step[place.start..place.end], IN_FULL));
    }
    // 首页 > 恩施 > …
    let (end, codes) = places::short_at(step)?;
    (end == step.len() && !places::is_word(step)).then_some((codes, step, IN_SHORT))
}

/// The province whose records begin with this character.
fn province_of(sign: &str) -> Vec<RegionCode> {
    const SIGNS: &str = "京11津12冀13晋14蒙15辽21吉22黑23沪31苏32浙33皖34闽35赣36鲁37豫41鄂42湘43粤44桂45琼46渝50川51蜀51贵52黔52云53滇53藏54陕61甘62青63宁64新65";
    let digits = SIGNS.split_once(sign).and_then(|(_, rest)| rest.get(..2));
    let code: Option<RegionCode> = digits.and_then(|digits| format!("{digits}0000").parse().ok());
    code.filter(|code| divisions().get(*code).is_some())
        .into_iter()
        .collect()
}
