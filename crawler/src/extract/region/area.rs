//! Functional areas (开发区, 高新区, 保税区, 风景区 …) and the divisions of the Corps of Xinjiang (兵团): they publish
//! reports, have no code of their own, and lie in a division that they are named after.

use std::sync::LazyLock;

use regex::Regex;
use report::{Level, RegionCode, divisions};

use super::{
    super::boilerplate::patterns,
    places::{self, Place},
};

/// Areas that are not called after the divisions they lie in.
const NAMED: &[(&str, &str)] = &[
    ("雄安新区", "130600"),
    ("西咸新区", "610100"),
    ("贵安新区", "520100 520400"),
    ("天府新区", "510100 511400"),
    ("赣江新区", "360100 360400"),
    ("湘江新区", "430100"),
    ("滇中新区", "530100"),
    ("江北新区", "320100"),
    ("金普新区", "210213"),
    ("西海岸新区", "370211"),
    ("舟山群岛新区", "330900"),
    ("横琴", "440402"),
    ("前海", "440305"),
    ("洋浦", "460400"),
    ("武汉东湖", "420100"),
    ("杨凌", "610403"),
];

/// An area named at the beginning of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Area {
    /// Its name as written, with that of its place.
    pub(super) name: String,
    /// The divisions it can lie in, unless a full name says so.
    pub(super) codes: Vec<RegionCode>,
    /// How far that is to be trusted.
    pub(super) weight: f64,
}

patterns! {
    /// Kinds of areas whose names say enough.
    PLAIN = r"^(?:中共)?(\p{Han}{1,18}?(?:经济技术开发区|高新技术产业开发区|高新技术产业园区|高新技术开发区|经济开发区|产业开发区|旅游开发区|经济合作区|经济技术开发示范区|航空港经济综合实验区"
            r"|综合保税区|保税港区|保税物流园区|保税区|出口加工区|自由贸易试验区|自贸试验区|旅游度假区|产城融合示范区|城乡一体化示范区|产业集聚区|工业集中区|经济区|开发区|高新区|经开区|新区"
            r"|产业园区|工业园区|科技园区))";
    /// Kinds that are areas only with an authority of their own.
    RUN = r"^(?:中共)?(\p{Han}{1,24}?(?:区|园|城|港|岛|垦区|景区|林场|农场))(?:党工委|工委|工作委员会|管委会|管理委员会|管理局)";
    CORPS = r"^(?:中共)?((?:新疆生产建设)?兵团)";
    /// 第八师石河子市, 第一师一团.
    DIVISION = r"^(?:中共)?((?:新疆生产建设)?(?:兵团)?第([一二三四五六七八九十]{1,3})师)(\p{Han}{2,5}市)?";
}

/// Words that no name of an area contains.
const STOPS: &[&str] = &[
    "政府",
    "关于",
    "办公",
    "委员会",
    "印发",
    "的",
    "和",
    "与",
    "及",
    "在",
    "年",
    "推进",
    "建设",
    "推动",
    "促进",
    "支持",
    "加快",
    "进一步",
    "各",
    "国家级",
    "全区",
    "法治",
    "条例",
    "管理办法",
    "《",
    "同意",
    "设立",
    "全国",
    "县级以上",
    "厅",
    "局",
    "中国",
];

/// Seats of the Corps' divisions: each is a city directly below the region, or lies in another.
const CORPS_SEATS: &[(&str, &str)] = &[
    ("一", "659002"),
    ("二", "659006"),
    ("三", "659003"),
    ("四", "659008"),
    ("五", "659007"),
    ("六", "659004"),
    ("七", "659010"),
    ("八", "659001"),
    ("九", "659012"),
    ("十", "659005"),
    ("十一", "650100"),
    ("十二", "650100"),
    ("十三", "659011"),
    ("十四", "659009"),
];

/// The area that a text, in compact form, begins with.
pub(super) fn leading(text: &str) -> Option<Area> {
    corps(text).or_else(|| named(text))
}

fn corps(text: &str) -> Option<Area> {
    let Some(found) = DIVISION.captures(text) else {
        let found = CORPS.captures(text)?;
        return Some(Area {
            name: found[1].to_owned(),
            codes: code("650000"),
            weight: 0.8,
        });
    };
    let seat = CORPS_SEATS.iter().find(|(number, _)| *number == &found[2])?;
    Some(Area {
        name: found[1].to_owned(),
        codes: code(seat.1),
        weight: 0.8,
    })
}

fn code(digits: &str) -> Vec<RegionCode> {
    digits.parse().into_iter().collect()
}

fn named(text: &str) -> Option<Area> {
    let run = RUN.captures(text).filter(|found| is_name(own_name(&found[1])));
    let name = match (&run, PLAIN.captures(text)) {
        (Some(run), _) => run.get(1)?.as_str(),
        (None, Some(plain)) => plain.get(1)?.as_str(),
        (None, None) => return None,
    };
    // 浦东新区 is a division, and so is 两江新区.
    let places = places::places(name);
    if places.iter().any(|place| place.end == name.len()) {
        return None;
    }
    let first: Option<&Place> = places.first().filter(|place| place.start == 0);
    let own = &name[first.map_or(0, |place| place.end)..];
    if !is_name(own) {
        return None;
    }
    // 四川省开发区 is all of them, 常宁市开发区 is one.
    let all = |code: &RegionCode| code.level() == Level::Province && !is_municipality(*code);
    let general = first.is_some_and(|place| place.codes.iter().all(all))
        && [
            "开发区",
            "高新区",
            "经开区",
            "经济开发区",
            "经济技术开发区",
            "高新技术产业开发区",
            "新区",
            "工业园区",
            "产业园区",
            "经济区",
        ]
        .contains(&own);
    if run.is_none() && general {
        return None;
    }
    let (codes, weight) = match first {
        Some(_) => (Vec::new(), 0.0),
        None => known(name).or_else(|| short(name)).unwrap_or_default(),
    };
    // A kind of area and no name of its own (高新区) is an area only with an authority.
    let bare = first.is_none() && codes.is_empty() && run.is_none();
    (!bare).then(|| Area {
        name: name.to_owned(),
        codes,
        weight,
    })
}

fn known(name: &str) -> Option<(Vec<RegionCode>, f64)> {
    let (_, codes) = NAMED.iter().find(|(area, _)| name.contains(area))?;
    let codes = codes.split(' ').filter_map(|code| code.parse().ok());
    Some((codes.collect(), 0.7))
}

/// The division whose short form the name of an area begins with: 长沙 in 长沙高新区.
fn short(name: &str) -> Option<(Vec<RegionCode>, f64)> {
    let (end, codes) = places::short_at(name)?;
    Some((codes, if places::is_word(&name[..end]) { 0.4 } else { 0.7 }))
}

/// What stands behind the division that a name begins with: 民和 is no pair of words.
fn own_name(name: &str) -> &str {
    let first = places::places(name).into_iter().next();
    let end = first
        .filter(|place| place.start == 0)
        .map_or(0, |place| place.end);
    &name[end..]
}

fn is_name(name: &str) -> bool {
    !STOPS.iter().any(|stop| name.contains(stop))
}

fn is_municipality(code: RegionCode) -> bool {
    divisions()
        .get(code)
        .is_some_and(|region| region.name.ends_with('市'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_by_their_names() {
        for (text, name) in [
            (
                "长沙高新技术产业开发区管理委员会2023年度法治政府建设情况报告",
                "长沙高新技术产业开发区",
            ),
            ("常宁市水口山经济开发区2022年工作总结", "常宁市水口山经济开发区"),
            ("郑州航空港经济综合实验区管委会", "郑州航空港经济综合实验区"),
            ("九寨沟风景名胜区管理局2023年度报告", "九寨沟风景名胜区"),
            ("新疆生产建设兵团第八师石河子市2023年", "新疆生产建设兵团第八师"),
            ("第一师一团2023年", "第一师"),
            ("雄安新区管理委员会", "雄安新区"),
            ("高新区管委会2023年", "高新区"),
            (
                "民和回族土族自治县经济开发区管理委员会2023年度报告",
                "民和回族土族自治县经济开发区",
            ),
        ] {
            assert_eq!(
                leading(text).map(|area| area.name).as_deref(),
                Some(name),
                "{text}"
            );
        }
        for text in [
            "上海市浦东新区人民政府",
            "重庆市两江新区2025年度报告",
            "四川省开发区管理条例",
            "海南省自然保护区管理条例",
            "清河县人民政府关于印发清河经济开发区规划的通知",
            "清河县城关镇人民政府",
            "法治政府建设示范区",
        ] {
            assert_eq!(leading(text), None, "{text}");
        }
    }
}
