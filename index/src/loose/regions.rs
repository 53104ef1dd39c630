//! Names of divisions: which divisions somebody means who writes 湘, 常宁, 朝阳 or 新津县, and what else they are called.
//!
//! A name is a full name of today or of the past, a short form, or the one character of a province. It means divisions
//! of today; 新津县 is 新津区. Whether it means one or several is told, never guessed.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use report::{Level, Region, RegionCode, divisions, fold};

/// The characters that stand for provinces.
const PROVINCES: &str = "京11 津12 冀13 晋14 蒙15 辽21 吉22 黑23 沪31 申31 苏32 浙33 皖34 闽35 赣36 鲁37 豫41 鄂42 湘43 粤44 \
     桂45 琼46 渝50 川51 蜀51 贵52 黔52 云53 滇53 藏54 陕61 秦61 甘62 陇62 青63 宁64 新65 台71 港81 澳82";

/// Those of them that are hardly anything else where they stand alone in a text or a query.
const ALONE: &str = "京津冀晋辽沪浙皖闽赣鲁豫鄂湘粤桂琼渝黔滇陇陕";

/// No name has more bytes.
pub(super) const LONGEST: usize = 60;

/// Most divisions that one of the past became, for their names to be added.
const MAX_SUCCESSORS: usize = 4;

/// Divisions listed when it is asked which is meant.
const MAX_LISTED: usize = 8;

/// Divisions of the past that became one of today, by the one that they became.
static ABSORBED: LazyLock<HashMap<RegionCode, Vec<&'static Region>>> = LazyLock::new(|| {
    let mut absorbed: HashMap<RegionCode, Vec<&'static Region>> = HashMap::new();
    for region in divisions().iter().filter(|region| !region.current) {
        if let [successor] = region.successors[..] {
            absorbed.entry(successor).or_default().push(region);
        }
    }
    absorbed
});

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It is no name of a division.
    Nothing,
    /// One division, or those that one of the past was split into.
    One(Vec<RegionCode>),
    /// One of several.
    Several(Vec<RegionCode>),
}

/// What a folded name means; only divisions of `level` where one is given.
pub(crate) fn meaning(name: &str, level: Option<Level>) -> Meaning {
    let is_wanted = |code: &RegionCode| level.is_none_or(|level| code.level() == level);
    let keep = |codes: &[RegionCode]| codes.iter().copied().filter(is_wanted).collect::<Vec<_>>();
    let named = [divisions().named(name), divisions().stem(name)];
    let mut borne = named.into_iter().map(keep).find(|codes| !codes.is_empty());
    if borne.is_none() {
        borne = province(name).filter(is_wanted).map(|code| vec![code]);
    }
    let Some(borne) = borne else {
        return Meaning::Nothing;
    };
    let mut today: Vec<RegionCode> = Vec::new();
    let is_current = |code: &RegionCode| divisions().get(*code).is_some_and(|region| region.current);
    let has_current = borne.iter().any(is_current);
    for code in &borne {
        let became = divisions().today(*code);
        // Who writes 衡阳 means today's city, not what the prefecture of that name was split into.
        if !(has_current && became.len() > 1) {
            today.extend(became);
        }
    }
    let mut seen = HashSet::new();
    today.retain(|code| seen.insert(*code));
    match (borne.len(), today.len()) {
        (_, 0) => Meaning::Nothing,
        (1, _) | (_, 1) => Meaning::One(today),
        _ => Meaning::Several(today),
    }
}

/// The divisions of today that somebody may mean who writes a name: a full one of today or of the past, a short form, or
/// the one character of a province. None when it is no name, several when it has to be asked which.
pub fn divisions_called(name: &str) -> Vec<RegionCode> {
    match meaning(&fold(name), None) {
        Meaning::Nothing => Vec::new(),
        Meaning::One(codes) | Meaning::Several(codes) => codes,
    }
}

/// The province of a character.
fn province(name: &str) -> Option<RegionCode> {
    let known = PROVINCES.split(' ').find_map(|pair| pair.strip_prefix(name));
    let digits = known.filter(|rest| rest.len() == 2)?;
    format!("{digits}0000").parse().ok()
}

/// Whether a character is hardly anything else than the name of a province where it stands alone.
pub(crate) fn is_told_alone(character: &str) -> bool {
    ALONE.contains(character)
}

/// Whether a folded text is a name that [`other_names`] may know others of; not the character of a province.
pub(super) fn is_name(text: &str) -> bool {
    // Short forms are words too often, save those that tell the kind: 恩施州.
    text.chars().nth(2).is_some() && !divisions().bearers(text).is_empty()
}

/// Other names that a word of a query finds: today's and earlier ones of the division that it is the full name of, or a
/// short form that tells its kind, and the name of the province that it is the character of. Names that hold the word are
/// found without, and names that other divisions bear too are not added.
pub(super) fn other_names(word: &str) -> Vec<&'static str> {
    let codes = match word.chars().count() {
        1 if is_told_alone(word) => province(word).into_iter().collect(),
        _ if is_name(word) => match meaning(word, None) {
            Meaning::One(codes) if codes.len() <= MAX_SUCCESSORS => codes,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let mut names: Vec<&'static str> = Vec::new();
    for region in codes.iter().filter_map(|code| divisions().get(*code)) {
        let earlier = ABSORBED.get(&region.code).into_iter().flatten();
        let earlier = earlier.flat_map(|region| names_of(region));
        names.extend(names_of(region).chain(earlier));
    }
    // 东兴区 was once called 内江市, which is another one today.
    let is_the_same = |name: &&str| match meaning(name, None) {
        Meaning::One(found) => found.iter().all(|code| codes.contains(code)),
        Meaning::Nothing | Meaning::Several(_) => false,
    };
    names.retain(is_the_same);
    if word.chars().count() == 1 {
        // 湘 finds 湖南, not 湖南省 alone.
        names = names.iter().filter_map(|name| short(name)).collect();
    }
    names.retain(|name| !name.contains(word) && name.chars().nth(1).is_some());
    names.sort_unstable();
    names.dedup();
    names
}

fn names_of(region: &'static Region) -> impl Iterator<Item = &'static str> {
    std::iter::once(region.name).chain(region.former_names.iter().copied())
}

/// The name of a province without its kind.
fn short(name: &'static str) -> Option<&'static str> {
    let mut ends: Vec<usize> = name.char_indices().map(|(at, _)| at).skip(2).collect();
    ends.push(name.len());
    let stems = ends.into_iter().map(|end| &name[..end]);
    stems.into_iter().find(|stem| !divisions().stem(stem).is_empty())
}

/// Divisions with their codes, for somebody who has to choose: `北京市朝阳区 110105、辽宁省朝阳市 211300`.
pub(crate) fn listed(codes: &[RegionCode]) -> String {
    let described = codes.iter().take(MAX_LISTED).map(|code| {
        let path = divisions().path(*code);
        let names = [path.province, path.city, path.county];
        format!("{} {code}", names.into_iter().flatten().collect::<String>())
    });
    let mut text = described.collect::<Vec<_>>().join("、");
    if codes.len() > MAX_LISTED {
        text.push_str(&format!("… ({} in all)", codes.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(meaning: Meaning) -> (usize, Vec<String>) {
        let (kind, codes) = match meaning {
            Meaning::Nothing => (0, Vec::new()),
            Meaning::One(codes) => (1, codes),
            Meaning::Several(codes) => (2, codes),
        };
        (kind, codes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn names_of_all_kinds_lead_to_codes_of_today() {
        for (name, code) in [
            ("湘", "430000"),
            ("湖南", "430000"),
            ("衡阳市", "430400"),
            ("常宁", "430482"),
            ("新津县", "510118"),
            ("崇文区", "110101"),
            ("襄樊市", "420600"),
            ("海原县", "640522"),
            ("恩施州", "422800"),
        ] {
            assert_eq!(codes(meaning(name, None)), (1, vec![code.to_owned()]), "{name}");
        }
        assert_eq!(meaning("法治", None), Meaning::Nothing);
        assert_eq!(meaning("", None), Meaning::Nothing);
    }

    #[test]
    fn what_may_be_several_asks_which() {
        let (kind, found) = codes(meaning("朝阳", None));
        assert_eq!(kind, 2);
        for code in ["110105", "211300", "220104"] {
            assert!(found.iter().any(|found| found == code), "{found:?}");
        }
        assert_eq!(
            codes(meaning("朝阳", Some(Level::City))),
            (1, vec!["211300".into()])
        );
        assert_eq!(codes(meaning("鼓楼区", None)).0, 2);
        let (_, found) = codes(meaning("衡阳", None));
        assert_eq!(found, ["430400", "430421"]);
        let Meaning::Several(several) = meaning("朝阳", None) else {
            panic!()
        };
        assert!(
            listed(&several).contains("北京市朝阳区 110105"),
            "{}",
            listed(&several)
        );
    }

    #[test]
    fn renamed_divisions_are_found_under_both_names() {
        assert_eq!(other_names("新津县"), ["新津区"]);
        assert_eq!(other_names("新津区"), ["新津县"]);
        assert!(other_names("崇文区").contains(&"东城区"));
        assert!(other_names("襄阳市").contains(&"襄樊市"));
        assert!(other_names("襄樊市").contains(&"襄阳市"));
        assert_eq!(other_names("常宁市"), ["常宁县"]);
        assert_eq!(
            other_names("恩施州"),
            ["恩施土家族苗族自治州", "恩施地区", "鄂西土家族苗族自治州"]
        );
        assert_eq!(other_names("湘"), ["湖南"]);
        assert!(!other_names("东兴区").contains(&"内江市"));
        for none in [
            "湖南",
            "朝阳",
            "鼓楼区",
            "常宁",
            "法治",
            "云",
            "市中区",
            "城区",
            "下关区",
        ] {
            assert_eq!(other_names(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn no_division_has_unreasonably_many_names() {
        for region in divisions().iter() {
            assert!(region.name.len() <= LONGEST, "{}", region.name);
            assert!(
                other_names(region.name).len() < 20,
                "{}: {:?}",
                region.name,
                other_names(region.name)
            );
        }
    }
}
