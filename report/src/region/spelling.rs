//! Names of divisions in Pinyin, as host names and paths spell them: `changning`, `haiyuanxian`.

use std::collections::HashMap;

use super::{Region, RegionCode, stems::short_forms};

#[derive(Debug)]
pub(super) struct Spellings {
    by_letters: HashMap<String, Vec<RegionCode>>,
    syllables: HashMap<RegionCode, Vec<&'static str>>,
}

impl Spellings {
    pub(super) fn new(regions: &[Region]) -> Self {
        let table = include_str!("../../data/spelling.tsv");
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        let syllables: HashMap<RegionCode, Vec<&'static str>> = rows
            .filter_map(|row| row.split_once('\t'))
            .filter_map(|(code, syllables)| Some((code.parse().ok()?, syllables.split(' ').collect())))
            .collect();
        let mut by_letters: HashMap<String, Vec<RegionCode>> = HashMap::new();
        let mut current: Vec<&Region> = regions.iter().filter(|region| region.current).collect();
        current.sort_by_key(|region| (region.level, region.code));
        for region in current {
            let Some(syllables) = syllables.get(&region.code) else {
                continue;
            };
            for letters in spellings(region.name, syllables) {
                let codes = by_letters.entry(letters).or_default();
                if !codes.contains(&region.code) {
                    codes.push(region.code);
                }
            }
        }
        Self {
            by_letters,
            syllables,
        }
    }

    pub(super) fn syllables(&self, code: RegionCode) -> &[&'static str] {
        self.syllables.get(&code).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(&self, letters: &str) -> &[RegionCode] {
        self.by_letters.get(letters).map_or(&[], Vec::as_slice)
    }
}

/// The full name, and every short form that is the beginning of it.
fn spellings(name: &str, syllables: &[&str]) -> Vec<String> {
    let mut out = vec![syllables.concat()];
    for short in short_forms(name) {
        let chars = short.chars().count();
        if name.starts_with(&short) {
            out.push(syllables[..chars.min(syllables.len())].concat());
        }
        // 恩施州 of 恩施土家族苗族自治州.
        if let Some(stem) = short.strip_suffix(['州', '县', '旗'])
            && name.starts_with(stem)
            && let (Some(last), Some(first)) = (syllables.last(), syllables.get(..chars - 1))
        {
            out.push(first.concat() + last);
        }
    }
    // ü is u in some addresses, v in others.
    let plain: Vec<String> = out
        .iter()
        .filter(|letters| letters.contains('v'))
        .map(|letters| letters.replace('v', "u"))
        .collect();
    out.extend(plain);
    out
}

#[cfg(test)]
mod tests {
    use super::super::divisions;

    fn spelled(letters: &str) -> Vec<&'static str> {
        let codes = divisions().spelled(letters).iter();
        codes
            .filter_map(|code| divisions().get(*code))
            .map(|region| region.name)
            .collect()
    }

    #[test]
    fn names_are_found_by_their_spelling() {
        for (letters, names) in [
            ("haiyuan", vec!["海原县"]),
            ("haiyuanxian", vec!["海原县"]),
            ("chongqing", vec!["重庆市"]),
            ("shaanxi", vec!["陕西省"]),
            ("enshizhou", vec!["恩施土家族苗族自治州"]),
            ("jingningxian", vec!["静宁县", "景宁畲族自治县"]),
            ("xiamen", vec!["厦门市"]),
            ("yueqing", vec!["乐清市"]),
            ("lvliang", vec!["吕梁市"]),
            ("luliang", vec!["吕梁市", "陆良县"]),
            ("changning", vec!["长宁区", "常宁市", "长宁县", "昌宁县"]),
            ("hexian", vec!["和县"]),
            ("he", vec![]),
        ] {
            let mut found = spelled(letters);
            let mut names = names;
            found.sort_unstable();
            names.sort_unstable();
            assert_eq!(found, names, "{letters}");
        }
        assert_eq!(spelled("hainan")[0], "海南省", "from the top");
    }

    #[test]
    fn every_division_of_today_can_be_spelled() {
        for region in divisions().iter().filter(|region| region.current) {
            let known = divisions()
                .spellings
                .by_letters
                .values()
                .any(|codes| codes.contains(&region.code));
            assert!(known, "{}", region.name);
        }
    }
}
