//! Finds full division names in running text, and short forms that say as much: 恩施州, 景宁县.
//!
//! The longest name at the leftmost place wins, so that 和县 is not seen inside 泰和县. That is not enough for the
//! short ones: 示范县, 清单县级, 建成县 hold 范县, 单县 and 成县, and 城区 or 老城区 are words of their own. These
//! count only with a sign that the division is meant: see [`Guard`].

use std::{cmp::Reverse, collections::HashMap, fmt, ops::Range};

use super::{Divisions, NameMatch, RegionCode};
use crate::fold::is_han;

/// What a name needs beside itself to count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    Nothing,
    /// Names of two characters (范县), and those that words run into (上海城市, 皖南山区): not in the middle of a word or
    /// number. Before them stands no Han character,
    /// or the name or short form of a division above, or a word that ends there (of current ones).
    Short,
    /// Names that are words (城区, 老城区): the name or short form of a division above before them, an organ behind
    /// them, or a title that says whose report of a year it is.
    Word,
}

/// Particles after which a new word begins. 和 and 与 are missing: they are what 和县 would be mistaken for.
const PARTICLES: [char; 14] = [
    '在', '于', '对', '由', '到', '从', '向', '及', '赴', '至', '是', '为', '的', '原',
];

/// Words of titles behind which a name begins: 中共范县委员会, 关于印发范县….
const OPENERS: [&str; 8] = ["中共", "印发", "转发", "批转", "公布", "发布", "下发", "同意"];

/// What stands behind the name of a division when its organs are spoken of.
const ORGANS: [&str; 27] = [
    "人民政府",
    "政府",
    "委",
    "人大",
    "政协",
    "人民法院",
    "人民检察院",
    "司法局",
    "财政局",
    "教育局",
    "公安局",
    "公安分局",
    "民政局",
    "审计局",
    "统计局",
    "商务局",
    "信访局",
    "科技局",
    "水利局",
    "交通运输局",
    "农业农村局",
    "应急管理局",
    "医疗保障局",
    "市场监督管理局",
    "城市管理局",
    "住房和城乡建设局",
    "人力资源和社会保障局",
];

/// How the year's report of a government goes on behind its name and the year.
const REPORTS: [&str; 7] = ["法治政府", "依法行政", "政府", "政务", "国民经济", "财政", "预算"];

const WORDS: [&str; 4] = ["老城区", "新城区", "新市区", "市郊区"];

/// Names that are found across the border of two words: 上海城市, 皖南山区, 沿海港区.
const ACROSS: [&str; 8] = [
    "海城市",
    "南山区",
    "西山区",
    "东山区",
    "海港区",
    "新建区",
    "平房区",
    "工农区",
];

pub(super) struct NameFinder {
    /// By their first two characters, of each pair the longest first.
    names: HashMap<[char; 2], Vec<(String, Guard)>>,
    /// A bit for the [`slot`] of every such pair: nearly every place of a text is done with by looking here.
    pairs: Vec<u64>,
}

/// Number of slots; one in twenty is taken, and all of them fit the fastest cache.
const SLOTS: usize = 1 << 16;

fn slot([first, second]: [char; 2]) -> usize {
    let mixed = (first as usize).wrapping_mul(31).wrapping_add(second as usize);
    mixed % SLOTS
}

impl fmt::Debug for NameFinder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NameFinder")
            .field("names", &self.names.len())
            .finish_non_exhaustive()
    }
}

impl NameFinder {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let (mut by_pair, mut pairs) = (HashMap::<_, Vec<_>>::new(), vec![0; SLOTS / 64]);
        for name in names {
            let mut chars = name.chars();
            // All have two characters or more.
            if let (Some(first), Some(second)) = (chars.next(), chars.next()) {
                let slot = slot([first, second]);
                pairs[slot / 64] |= 1_u64 << (slot % 64);
                let alike = by_pair.entry([first, second]).or_default();
                alike.push((name.to_owned(), guard(name)));
            }
        }
        for alike in by_pair.values_mut() {
            alike.sort_by_key(|(name, _)| Reverse(name.len()));
        }
        Self {
            names: by_pair,
            pairs,
        }
    }

    /// The first name in a text, and of those that begin there the longest.
    fn first(&self, text: &str) -> Option<(Range<usize>, &(String, Guard))> {
        let begins = text.char_indices();
        let mut pairs = begins.zip(text.chars().skip(1));
        pairs.find_map(|((at, first), second)| {
            let slot = slot([first, second]);
            if self.pairs[slot / 64] & 1 << (slot % 64) == 0 {
                return None;
            }
            let mut alike = self.names.get(&[first, second])?.iter();
            let known = alike.find(|(name, _)| text[at..].starts_with(name))?;
            Some((at..at + known.0.len(), known))
        })
    }

    pub(super) fn find(&self, divisions: &Divisions, text: &str) -> Vec<NameMatch> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some((hit, (name, guard))) = self.first(&text[from..]) {
            let hit = from + hit.start..from + hit.end;
            let codes = divisions.bearers(name);
            let (before, behind) = (&text[..hit.start], &text[hit.end..]);
            if let Some(start) = shared_character(divisions, text, hit.clone(), &codes) {
                from = start;
                continue;
            }
            let counts = match guard {
                // 新建县域医疗次中心, 公园区域内.
                _ if behind.starts_with('域') => false,
                // 河南县级平台 is not about 河南蒙古族自治县.
                Guard::Nothing if behind.starts_with('级') => !divisions.named(name).is_empty(),
                Guard::Nothing => true,
                Guard::Short => begins_word(divisions, before, name, &codes),
                Guard::Word => {
                    ends_with_ancestor(divisions, before, &codes)
                        || ORGANS.iter().any(|organ| behind.starts_with(organ))
                        || before.is_empty() && is_report_of_a_year(behind)
                }
            };
            if counts {
                from = hit.end;
                found.push(NameMatch {
                    range: hit,
                    codes: codes.into_owned(),
                });
            } else {
                from = hit.start + name.chars().next().map_or(1, char::len_utf8);
            }
        }
        found
    }
}

fn guard(name: &str) -> Guard {
    let short = name.chars().count() <= 2;
    match name {
        _ if short && name.ends_with('区') || WORDS.contains(&name) => Guard::Word,
        _ if short || ACROSS.contains(&name) => Guard::Short,
        _ => Guard::Nothing,
    }
}

fn begins_word(divisions: &Divisions, before: &str, name: &str, codes: &[RegionCode]) -> bool {
    match before.chars().next_back() {
        None => true,
        // 人口超50万县; 县(区)和县级市.
        Some(c) if c.is_numeric() => false,
        Some(')' | '）' | '】' | '”' | '"' | '》') if name == "和县" => false,
        Some(c) if !is_han(c) => true,
        Some(c) if PARTICLES.contains(&c) && is_current(divisions, codes) => true,
        Some(_) if OPENERS.iter().any(|opener| before.ends_with(opener)) => true,
        Some(_) => ends_with_ancestor(divisions, before, codes),
    }
}

/// Where a name begins that has its first character in common with the last one of its city: 济南市中区 is 市中区 of
/// 济南, 青岛市南区 is 市南区 of 青岛.
fn shared_character(
    divisions: &Divisions,
    text: &str,
    city: Range<usize>,
    codes: &[RegionCode],
) -> Option<usize> {
    let start = city.end - '市'.len_utf8();
    let rest = text.get(start..)?.strip_prefix('市')?;
    // 中区, 南区, 北区, 郊区; not 城市中区域.
    let mut chars = rest.chars();
    let (Some(_), Some('区')) = (chars.next(), chars.next()) else {
        return None;
    };
    // What stands between may be shorter than a Han character.
    let name = text.get(start..start + 3 * '市'.len_utf8())?;
    let within = |code: &RegionCode| codes.iter().any(|city| divisions.is_within(*code, *city));
    let known = divisions.named(name).iter().any(within);
    (known && chars.next() != Some('域')).then_some(start)
}

/// 2023年度法治政府建设情况报告
fn is_report_of_a_year(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix('年').filter(|_| text.len() - rest.len() == 4);
    rest.map(|rest| rest.trim_start_matches('度'))
        .is_some_and(|rest| REPORTS.iter().any(|report| rest.starts_with(report)))
}

fn is_current(divisions: &Divisions, codes: &[RegionCode]) -> bool {
    codes
        .first()
        .and_then(|code| divisions.get(*code))
        .is_some_and(|region| region.current)
}

/// Whether `before` ends in the name of something above one of the divisions, with or without its last character
/// (`安徽省`, `马鞍山`), at the time of the name or today.
fn ends_with_ancestor(divisions: &Divisions, before: &str, codes: &[RegionCode]) -> bool {
    let today = codes.iter().flat_map(|code| divisions.today(*code));
    codes.iter().copied().chain(today).any(|code| {
        let above = divisions
            .ancestors(code)
            .into_iter()
            .skip(1)
            .filter_map(|code| divisions.get(code));
        above.into_iter().any(|region| {
            let stem = region.name.trim_end_matches(['省', '市', '州', '盟']);
            before.ends_with(region.name) || before.ends_with(stem)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::divisions;
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<&str> {
        divisions()
            .find_names(text)
            .into_iter()
            .map(|found| &text[found.range])
            .collect()
    }

    #[test]
    fn the_longest_name_wins() {
        for (text, expected) in [
            ("江西省吉安市泰和县人民政府", vec!["江西省", "吉安市", "泰和县"]),
            ("安徽省马鞍山市和县人民政府", vec!["安徽省", "马鞍山市", "和县"]),
            ("四川省峨眉山市", vec!["四川省", "峨眉山市"]),
            ("湖南省汉寿县", vec!["湖南省", "汉寿县"]),
            ("浙江省丽水市缙云县", vec!["浙江省", "丽水市", "缙云县"]),
            ("巴中市巴州区人民政府关于2023年度", vec!["巴中市", "巴州区"]),
            (
                "广西壮族自治区龙胜各族自治县",
                vec!["广西壮族自治区", "龙胜各族自治县"],
            ),
            ("原新津县和襄樊市", vec!["新津县", "襄樊市"]),
            ("济南市中区与青岛市南区", vec!["市中区", "市南区"]),
            ("济南市市中区、枣庄市中医院", vec!["济南市", "市中区", "枣庄市"]),
            ("没有地名", vec![]),
        ] {
            assert_eq!(names(text), expected);
        }
    }

    #[test]
    fn short_names_inside_other_words_do_not_count() {
        for text in [
            "创建全国法治政府建设示范县",
            "权责清单县级全覆盖",
            "建成县乡村三级平台",
            "省市和县三级",
            "提高县域治理水平",
            "现任县长召开县政府常务会议",
            "推进中心城区、老城区改造和城区绿化",
            "信息县级平台，收费县级标准",
            "各乡镇(街道)和县直各单位",
            "城区人口超50万县，新建县域医疗次中心，国家公园区域内，本市郊区用人单位",
        ] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
        assert_eq!(names("河南省濮阳市范县"), ["河南省", "濮阳市", "范县"]);
        assert_eq!(names("展示上海城市形象，支持皖南山区、沿海港区发展"), [""; 0]);
        assert_eq!(names("鞍山海城市与深圳南山区"), ["海城市", "南山区"]);
        assert_eq!(names("濮阳范县、和县以及在单县召开"), ["范县", "和县", "单县"]);
        assert_eq!(names("范县人民政府"), ["范县"]);
        assert_eq!(names("中共范县委员会关于印发和县规划的通知"), ["范县", "和县"]);
        assert_eq!(names("矿区2023年度法治政府建设情况报告"), ["矿区"]);
        assert_eq!(names("老城区2023年改造工作方案"), [""; 0]);
        assert_eq!(names("晋城市城区"), ["晋城市", "城区"]);
        assert_eq!(names("城区人民政府关于"), ["城区"]);
        assert_eq!(names("洛阳市老城区人民政府"), ["洛阳市", "老城区"]);
    }

    #[test]
    fn short_forms_that_tell_their_kind_are_names() {
        for (text, expected) in [
            ("恩施州司法局和黔东南州人民政府", vec!["恩施州", "黔东南州"]),
            ("丽水市景宁县、喀左县", vec!["丽水市", "景宁县", "喀左县"]),
            ("西双版纳州与科左中旗", vec!["西双版纳州", "科左中旗"]),
            // An old name of another division, too.
            ("东乡县人民政府", vec!["东乡县"]),
            ("推进河南县级融媒体中心建设", vec![]),
            ("巴州和前郭", vec![]),
        ] {
            assert_eq!(names(text), expected);
        }
        let codes = &divisions().find_names("东乡县")[0].codes;
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        assert_eq!(codes[..2], ["622926", "361029"], "today's first");
    }

    #[test]
    fn every_current_division_is_found_below_its_parents() {
        for region in divisions().iter().filter(|region| region.current) {
            let path = divisions().path(region.code);
            let text: String = [path.province, path.city, path.county]
                .into_iter()
                .flatten()
                .collect();
            let found = divisions().find_names(&text);
            let last = found.last().expect("at least the province is found");
            assert_eq!(&text[last.range.clone()], region.name, "{text}");
            assert!(last.codes.contains(&region.code), "{text}");
        }
    }

    #[test]
    fn every_longer_name_keeps_the_shorter_out() {
        for region in divisions().iter().filter(|region| region.current) {
            let organ = format!("{}人民政府", region.name);
            assert_eq!(names(&organ), [region.name]);
        }
    }

    #[test]
    fn a_blank_after_a_city_is_no_name() {
        assert_eq!(names("清江市 区"), ["清江市"]);
        assert_eq!(names("清江市 区范围"), ["清江市"]);
    }

    proptest! {
        #[test]
        fn matches_are_in_order_and_bear_their_name(text in "[和泰县单清范示城区市州省南江 a北京朝阳]{0,40}") {
            let mut end = 0;
            for found in divisions().find_names(&text) {
                prop_assert!(found.range.start >= end);
                end = found.range.end;
                prop_assert_eq!(divisions().bearers(&text[found.range]).into_owned(), found.codes);
            }
        }
    }
}
