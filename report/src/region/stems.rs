//! Short forms of division names: 常宁 for 常宁市, 恩施州 for 恩施土家族苗族自治州, 喀左 for 喀喇沁左翼蒙古族自治县.
//!
//! Most follow from the full name by rule: without its last word, and without the nationalities in the names of
//! autonomous divisions. The customary ones that follow no rule stand in a list.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{Region, RegionCode};

#[derive(Debug)]
pub(super) struct Stems {
    by_stem: HashMap<String, Vec<RegionCode>>,
    /// Divisions in use whose short form is not just the name without its last word: autonomous ones and banners.
    autonomous: HashSet<RegionCode>,
}

/// Last words of division names, the longest first.
static LAST_WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "特别行政区 自治区 自治州 自治县 自治旗 地区 林区 矿区 新区 特区 省 市 县 区 旗 \
     盟 州"
        .split_whitespace()
        .collect()
});

/// Nationalities as they stand in names of autonomous divisions, with and without 族.
static NATIONALITIES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "各族 蒙古族 蒙古 回族 藏族 维吾尔族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 \
     侗族 瑶族 白族 土家族 哈尼族 哈萨克族 哈萨克 傣族 黎族 傈僳族 佤族 畲族 拉祜族 \
     水族 东乡族 纳西族 景颇族 柯尔克孜族 柯尔克孜 土族 达斡尔族 达斡尔 仫佬族 羌族 \
     布朗族 撒拉族 毛南族 仡佬族 锡伯族 锡伯 阿昌族 普米族 塔吉克族 塔吉克 怒族 \
     鄂温克族 德昂族 保安族 裕固族 京族 独龙族 门巴族 珞巴族 基诺族 各民族"
        .split_whitespace()
        .collect()
});

/// Customary short forms that follow no rule, with the full name.
static CUSTOMARY: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    "巴州=巴音郭楞蒙古自治州 博州=博尔塔拉蒙古自治州 克州=克孜勒苏柯尔克孜自治州 \
     版纳=西双版纳傣族自治州 版纳州=西双版纳傣族自治州 喀左=喀喇沁左翼蒙古族自治县 \
     喀左县=喀喇沁左翼蒙古族自治县 阜蒙县=阜新蒙古族自治县 前郭=前郭尔罗斯蒙古族自治县 \
     前郭县=前郭尔罗斯蒙古族自治县 杜蒙县=杜尔伯特蒙古族自治县 察县=察布查尔锡伯自治县 \
     木垒县=木垒哈萨克自治县 塔县=塔什库尔干塔吉克自治县 科左中旗=科尔沁左翼中旗 \
     科左后旗=科尔沁左翼后旗 科右前旗=科尔沁右翼前旗 科右中旗=科尔沁右翼中旗 \
     察右前旗=察哈尔右翼前旗 察右中旗=察哈尔右翼中旗 察右后旗=察哈尔右翼后旗 土左旗=土默特左旗 \
     土右旗=土默特右旗 达茂旗=达尔罕茂明安联合旗 阿左旗=阿拉善左旗 阿右旗=阿拉善右旗 \
     新左旗=新巴尔虎左旗 新右旗=新巴尔虎右旗 陈旗=陈巴尔虎旗 莫旗=莫力达瓦达斡尔族自治旗 \
     东乌旗=东乌珠穆沁旗 西乌旗=西乌珠穆沁旗 苏左旗=苏尼特左旗 苏右旗=苏尼特右旗 \
     阿旗=阿鲁科尔沁旗 克旗=克什克腾旗"
        .split_whitespace()
        .filter_map(|pair| pair.split_once('='))
        .collect()
});

impl Stems {
    pub(super) fn new(regions: &[Region]) -> Self {
        let mut by_stem: HashMap<String, Vec<RegionCode>> = HashMap::new();
        let mut ordered: Vec<_> = regions
            .iter()
            .flat_map(|region| {
                let names = std::iter::once(region.name).chain(region.former_names.iter().copied());
                names
                    .enumerate()
                    .map(move |(nth, name)| (!region.current, nth > 0, region.level, region.code, name))
            })
            .collect();
        ordered.sort();
        for (_, _, _, code, name) in ordered {
            for short in short_forms(name) {
                let codes = by_stem.entry(short).or_default();
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
        }
        let autonomous = regions.iter().filter(|region| {
            let customary = CUSTOMARY.iter().any(|(_, full)| *full == region.name);
            region.current && (customary || region.name.contains("自治"))
        });
        Self {
            autonomous: autonomous.map(|region| region.code).collect(),
            by_stem,
        }
    }

    pub(super) fn get(&self, stem: &str) -> &[RegionCode] {
        self.by_stem.get(stem).map_or(&[], Vec::as_slice)
    }

    /// Short forms that still say what kind of division is meant, and are long enough to be found in running text:
    /// 恩施州, 景宁县, 科左中旗; not 巴州, 前郭.
    pub(super) fn telling(&self) -> impl Iterator<Item = &str> {
        self.by_stem
            .keys()
            .map(String::as_str)
            .filter(|stem| self.tells(stem))
    }

    pub(super) fn tells(&self, stem: &str) -> bool {
        stem.ends_with(['州', '县', '旗'])
            && stem.chars().count() >= 3
            && self.get(stem).iter().any(|code| self.autonomous.contains(code))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[RegionCode])> {
        self.by_stem
            .iter()
            .map(|(stem, codes)| (stem.as_str(), codes.as_slice()))
    }
}

/// Short forms of a full name, of two characters or more.
pub(super) fn short_forms(name: &str) -> Vec<String> {
    let mut forms = Vec::new();
    let long = |stem: &&str| stem.chars().count() >= 2;
    if let Some(word) = LAST_WORDS.iter().find(|word| name.ends_with(**word)) {
        // 东林区 would be 东, so the shorter word is tried as well.
        let whole = name.strip_suffix(word).filter(long);
        let last = name
            .char_indices()
            .next_back()
            .map(|(at, _)| &name[..at])
            .filter(long);
        if let Some(stem) = whole.or(last) {
            let bare = if word.starts_with("自治") || stem.ends_with('族') {
                without_nationalities(stem)
            } else {
                stem
            };
            forms.push(bare.to_owned());
            match *word {
                "自治州" => forms.push(format!("{bare}州")),
                "自治县" => forms.push(format!("{bare}县")),
                "自治旗" => forms.push(format!("{bare}旗")),
                _ => {}
            }
            // 印江自治县 of 印江土家族苗族自治县.
            if word.starts_with("自治") && bare != stem {
                forms.push(format!("{bare}{word}"));
            }
        }
    }
    forms.extend(
        CUSTOMARY
            .iter()
            .filter(|(_, full)| *full == name)
            .map(|(short, _)| (*short).to_owned()),
    );
    forms
}

/// 双江拉祜族佤族布朗族傣族 → 双江; never down to less than two characters (东乡族 → 东乡).
fn without_nationalities(stem: &str) -> &str {
    let mut rest = stem;
    loop {
        let shorter = NATIONALITIES
            .iter()
            .filter_map(|nationality| rest.strip_suffix(nationality));
        match shorter
            .filter(|shorter| shorter.chars().count() >= 2)
            .min_by_key(|shorter| shorter.len())
        {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    rest.strip_suffix('族')
        .filter(|shorter| shorter.chars().count() >= 2)
        .unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::divisions;

    fn codes(stem: &str) -> Vec<String> {
        divisions().stem(stem).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn stems_of_all_kinds() {
        assert_eq!(codes("常宁")[0], "430482");
        assert_eq!(codes("巴州")[..2], ["652800", "511902"]);
        assert_eq!(codes("朝阳")[0], "211300");
        assert!(codes("朝阳").contains(&"110105".into()));
        assert_eq!(codes("海原")[0], "640522");
        assert_eq!(codes("湖南"), ["430000"]);
        assert_eq!(codes("海南")[0], "460000");
        assert_eq!(codes("襄樊")[0], "420600");
        assert_eq!(codes("神农架")[0], "429021");
        assert_eq!(codes("浦东")[0], "310115");
        assert_eq!(codes("东林"), [""; 0]);
    }

    #[test]
    fn autonomous_divisions_lose_their_nationalities() {
        for (name, short) in [
            ("恩施土家族苗族自治州", "恩施州"),
            ("巴音郭楞蒙古自治州", "巴音郭楞"),
            ("黔东南苗族侗族自治州", "黔东南"),
            ("喀喇沁左翼蒙古族自治县", "喀左"),
            ("昌江黎族自治县", "昌江县"),
            ("昌江黎族自治县", "昌江自治县"),
            ("印江土家族苗族自治县", "印江自治县"),
            ("恩施土家族苗族自治州", "恩施自治州"),
            ("双江拉祜族佤族布朗族傣族自治县", "双江"),
            ("积石山保安族东乡族撒拉族自治县", "积石山"),
            ("龙胜各族自治县", "龙胜"),
            ("东乡族自治县", "东乡"),
            ("鄂伦春自治旗", "鄂伦春旗"),
            ("鄂温克族自治旗", "鄂温克"),
            ("莫力达瓦达斡尔族自治旗", "莫力达瓦"),
            ("内蒙古自治区", "内蒙古"),
            ("新疆维吾尔自治区", "新疆"),
            ("宁夏回族自治区", "宁夏"),
            ("西藏自治区", "西藏"),
            ("香港特别行政区", "香港"),
            ("科尔沁左翼中旗", "科左中旗"),
            ("管城回族区", "管城"),
        ] {
            let full = divisions().named(name)[0];
            assert!(divisions().stem(short).contains(&full), "{short} is not {name}");
        }
    }

    #[test]
    fn stems_are_at_least_two_characters() {
        assert!(
            divisions()
                .stems()
                .all(|(stem, codes)| stem.chars().count() >= 2 && !codes.is_empty())
        );
        assert!(codes("和").is_empty() && codes("赵").is_empty());
        for (_, full) in CUSTOMARY.iter() {
            assert!(!divisions().named(full).is_empty(), "{full}");
        }
        let suffixed: Vec<_> = divisions()
            .stems()
            .map(|(stem, _)| stem)
            .filter(|stem| stem.ends_with('族'))
            .collect();
        assert!(suffixed.is_empty(), "{suffixed:?}");
    }
}
