//! The table of divisions and the questions it answers.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use super::{
    Level, NameMatch, Region, RegionCode, RegionPath, names::NameFinder, spelling::Spellings, stems::Stems,
};

static TABLE: LazyLock<Divisions> =
    LazyLock::new(|| Divisions::parse(include_str!("../../data/divisions.tsv")));

/// The one table of this program, built on first use.
pub fn divisions() -> &'static Divisions {
    &TABLE
}

/// The division table: today's divisions (2026-09) and every code of GB/T 2260 since 1980.
///
/// Functional areas (开发区, 高新区 …) are not divisions, nor are the rows of the standard that only group others
/// (市辖区, 省直辖县级行政区划).
#[derive(Debug)]
pub struct Divisions {
    /// By code.
    regions: Vec<Region>,
    by_name: HashMap<&'static str, Vec<RegionCode>>,
    names: NameFinder,
    stems: Stems,
    pub(super) spellings: Spellings,
}

impl Divisions {
    fn parse(table: &'static str) -> Self {
        let mut regions: Vec<Region> = Vec::new();
        let mut former: Vec<(RegionCode, &'static str)> = Vec::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or_default();
            let (Ok(code), name, since) = (next().parse::<RegionCode>(), next(), next()) else {
                continue;
            };
            if since == "former" {
                former.push((code, name));
                continue;
            }
            let (until, parent, successors) = (next().parse().ok(), next().parse().ok(), next());
            regions.push(Region {
                code,
                name,
                level: code.level(),
                parent,
                current: until.is_none(),
                successors: successors
                    .split(',')
                    .filter_map(|code| code.parse().ok())
                    .collect(),
                former_names: Vec::new(),
                since: since.parse().ok(),
                until,
            });
        }
        regions.sort_by_key(|region| region.code);
        for (code, name) in former {
            if let Ok(at) = regions.binary_search_by_key(&code, |region| region.code) {
                regions[at].former_names.push(name);
            }
        }
        let by_name = index_names(&regions);
        let stems = Stems::new(&regions);
        let telling = stems.telling().filter(|stem| !by_name.contains_key(stem));
        let names = NameFinder::new(by_name.keys().copied().chain(telling));
        let spellings = Spellings::new(&regions);
        Self {
            regions,
            by_name,
            names,
            stems,
            spellings,
        }
    }

    /// The division of a code, current or old.
    pub fn get(&self, code: RegionCode) -> Option<&Region> {
        self.regions
            .binary_search_by_key(&code, |region| region.code)
            .ok()
            .map(|at| &self.regions[at])
    }

    /// All divisions, current and old, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.regions.iter()
    }

    /// Current divisions directly below a code, by code; the provinces for `None`.
    pub fn children(&self, code: Option<RegionCode>) -> Vec<&Region> {
        // Everything below a code lies behind it in the order of codes.
        let from = code.map_or(0, |code| {
            self.regions.partition_point(|region| region.code <= code)
        });
        let span = code.map_or(u32::MAX, |code| match code.level() {
            Level::Province => 9_999,
            Level::City => 99,
            Level::County => 0,
        });
        let within = |region: &&Region| code.is_none_or(|code| region.code.number() - code.number() <= span);
        let below = self.regions[from..].iter().take_while(within);
        below
            .filter(|region| region.current && region.parent == code)
            .collect()
    }

    /// The code itself and everything above it, from the code upwards; empty for an unknown code.
    pub fn ancestors(&self, code: RegionCode) -> Vec<RegionCode> {
        let mut found = Vec::with_capacity(3);
        let mut next = self.get(code);
        while let Some(region) = next {
            found.push(region.code);
            next = region.parent.and_then(|parent| self.get(parent));
        }
        found
    }

    /// Whether `code` is `above` or lies below it.
    pub fn is_within(&self, code: RegionCode, above: RegionCode) -> bool {
        self.ancestors(code).contains(&above)
    }

    /// Names from the province down to the code.
    pub fn path(&self, code: RegionCode) -> RegionPath {
        let mut path = RegionPath::default();
        for region in self.ancestors(code).into_iter().filter_map(|code| self.get(code)) {
            match region.level {
                Level::Province => path.province = Some(region.name),
                Level::City => path.city = Some(region.name),
                Level::County => path.county = Some(region.name),
            }
        }
        path
    }

    /// Today's codes for a code: itself when current, else its successors (none when unknown).
    pub fn today(&self, code: RegionCode) -> Vec<RegionCode> {
        match self.get(code) {
            Some(region) if region.current => vec![code],
            Some(region) => region.successors.clone(),
            None => Vec::new(),
        }
    }

    /// Divisions with exactly this full name: current ones, then old codes, then those that once bore it.
    pub fn named(&self, name: &str) -> &[RegionCode] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Divisions that go by a name that can be found in running text: those with this full name, and those for which
    /// it is a short form that tells their kind (`恩施州`); current ones first.
    pub fn bearers(&self, name: &str) -> Cow<'_, [RegionCode]> {
        let named = self.named(name);
        let short = if self.stems.tells(name) {
            self.stem(name)
        } else {
            &[]
        };
        if short.is_empty() {
            return Cow::Borrowed(named);
        }
        let mut codes: Vec<RegionCode> = short.to_vec();
        codes.extend(named.iter().filter(|code| !short.contains(code)));
        codes.sort_by_key(|code| !self.get(*code).is_some_and(|region| region.current));
        Cow::Owned(codes)
    }

    /// Full division names in a text, leftmost first, the longest at each place, not overlapping.
    ///
    /// Names old and current, and short forms of autonomous divisions that tell their kind (`恩施州`). Short ones that are also found inside other words (范县 in 示范县, 单县 in 清单县,
    /// 城区, 老城区) count only where what stands before or behind shows that the division is meant.
    pub fn find_names(&self, text: &str) -> Vec<NameMatch> {
        self.names.find(self, text)
    }

    /// Divisions that go by this short form (`常宁`, `恩施州`, `喀左`), current first, then by level from the top.
    ///
    /// Many short forms are words or names of other things (平安, 朝阳, 海南), or belong to several divisions (巴州):
    /// they are hints for somebody who knows the context.
    pub fn stem(&self, stem: &str) -> &[RegionCode] {
        self.stems.get(stem)
    }

    /// Divisions of today whose name, with or without the word for its kind, is spelled like this in Pinyin
    /// (`changning`, `changningshi`), as in addresses; from the top.
    ///
    /// Many spellings belong to several divisions, and the address of a division need not be its spelling.
    pub fn spelled(&self, letters: &str) -> &[RegionCode] {
        self.spellings.get(letters)
    }

    /// The name of a division of today in Pinyin, one syllable a character; empty when it is not known.
    pub fn syllables(&self, code: RegionCode) -> &[&'static str] {
        self.spellings.syllables(code)
    }

    /// All short forms of two or more characters with their divisions, in no particular order.
    pub fn stems(&self) -> impl Iterator<Item = (&str, &[RegionCode])> {
        self.stems.iter()
    }
}

fn index_names(regions: &[Region]) -> HashMap<&'static str, Vec<RegionCode>> {
    let mut by_name: HashMap<&'static str, Vec<RegionCode>> = HashMap::new();
    let current = regions.iter().filter(|region| region.current);
    let old = regions.iter().filter(|region| !region.current);
    for region in current.chain(old) {
        by_name.entry(region.name).or_default().push(region.code);
    }
    for region in regions {
        for name in &region.former_names {
            by_name.entry(name).or_default().push(region.code);
        }
    }
    by_name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        text.parse().unwrap()
    }

    fn named(name: &str) -> Vec<String> {
        divisions().named(name).iter().map(ToString::to_string).collect()
    }

    fn today(text: &str) -> Vec<String> {
        divisions()
            .today(code(text))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn path(text: &str) -> [Option<&'static str>; 3] {
        let path = divisions().path(code(text));
        [path.province, path.city, path.county]
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = include_str!("../../data/divisions.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .count();
        let former: usize = divisions().iter().map(|region| region.former_names.len()).sum();
        assert_eq!(divisions().iter().count() + former, rows);
        assert_eq!((divisions().iter().count(), former), (6666, 145));
    }

    #[test]
    fn numbers_of_current_divisions() {
        let count = |level| {
            divisions()
                .iter()
                .filter(|region| region.current && region.level == level)
                .count()
        };
        assert_eq!(count(Level::Province), 34);
        assert_eq!(count(Level::City), 333);
        assert_eq!(count(Level::County), 2847);
        assert_eq!(divisions().children(None).len(), 34);
    }

    #[test]
    fn tree_is_closed() {
        for region in divisions().iter() {
            assert_eq!(
                region.parent.is_none(),
                region.level == Level::Province,
                "{region:?}"
            );
            if let Some(parent) = region.parent {
                let parent = divisions().get(parent).expect("the parent is in the table");
                assert!(parent.current || !region.current, "{region:?}");
                assert_eq!(
                    divisions().children(Some(parent.code)).contains(&region),
                    region.current
                );
            }
            for successor in &region.successors {
                assert!(
                    divisions().get(*successor).is_some_and(|region| region.current),
                    "{region:?}"
                );
            }
            assert!(region.successors.is_empty() || !region.current, "{region:?}");
        }
    }

    #[test]
    fn paths_leave_out_what_is_not_there() {
        assert_eq!(path("430482"), [Some("湖南省"), Some("衡阳市"), Some("常宁市")]);
        assert_eq!(path("110105"), [Some("北京市"), None, Some("朝阳区")]);
        assert_eq!(path("419001"), [Some("河南省"), None, Some("济源市")]);
        assert_eq!(path("441900"), [Some("广东省"), Some("东莞市"), None]);
        assert_eq!(path("211300"), [Some("辽宁省"), Some("朝阳市"), None]);
        assert_eq!(path("650000"), [Some("新疆维吾尔自治区"), None, None]);
        assert_eq!(
            path("371202"),
            [Some("山东省"), Some("莱芜市"), Some("莱城区")],
            "as it was then"
        );
        assert_eq!(path("999999"), [None, None, None]);
        assert_eq!(
            divisions().ancestors(code("430482")),
            [code("430482"), code("430400"), code("430000")]
        );
        assert_eq!(
            divisions().ancestors(code("110105")),
            [code("110105"), code("110000")]
        );
        assert!(divisions().is_within(code("640522"), code("640000")));
        assert!(!divisions().is_within(code("640522"), code("640400")));
    }

    #[test]
    fn old_codes_lead_to_todays() {
        for (old, new) in [
            ("510132", "510118"), // 新津县
            ("642222", "640522"), // 海原县, first in 固原地区
            ("640421", "640522"), // then in 固原市
            ("320684", "320614"), // 海门市
            ("370634", "370614"), // 长岛县
            ("370684", "370614"), // 蓬莱市
            ("410322", "410308"), // 孟津县
            ("410306", "410308"), // 吉利区
            ("350427", "350405"), // 沙县
            ("431121", "431181"), // 祁阳县
            ("330103", "330105"), // 下城区
            ("440182", "440114"), // 花都市
            ("222403", "222403"), // in use
        ] {
            assert_eq!(today(old), [new], "{old}");
        }
        assert_eq!(today("130521"), ["130502", "130503"], "邢台县 was split");
        assert_eq!(today("330104"), ["330102", "330114"], "江干区 was split");
        assert_eq!(
            today("371200"),
            ["370116", "370117"],
            "莱芜市 became two districts"
        );
        assert_eq!(today("130171"), [""; 0], "a development zone");
    }

    /// Every old division is known by the year in which it ended, also those that ended after the standard's last
    /// revision.
    #[test]
    fn old_codes_know_their_last_year() {
        for (old, year) in [
            ("510132", 2020), // 新津县
            ("320684", 2020), // 海门市
            ("350427", 2021), // 沙县
            ("431121", 2021), // 祁阳县
            ("410322", 2021), // 孟津县
            ("500105", 2025), // 江北区
            ("540422", 2023), // 米林县
            ("371200", 2019), // 莱芜市
            ("110228", 2015), // 密云县
        ] {
            assert_eq!(divisions().get(code(old)).unwrap().until, Some(year), "{old}");
        }
    }

    #[test]
    fn a_code_given_away_means_its_last_holder() {
        assert_eq!(divisions().get(code("419001")).unwrap().name, "济源市");
        assert_eq!(named("义马市"), ["411281", "412502"]);
        assert_eq!(divisions().get(code("469025")).unwrap().name, "白沙黎族自治县");
        assert_eq!(named("定安县")[0], "469021");
        assert!(
            divisions()
                .iter()
                .all(|region| !["市辖区", "县", "省直辖县级行政区划"].contains(&region.name))
        );
    }

    #[test]
    fn names_old_and_new() {
        assert_eq!(named("常宁市"), ["430482"]);
        assert_eq!(named("新津县")[0], "510132");
        assert_eq!(named("襄樊市")[0], "420600");
        assert_eq!(named("信都区"), ["130503"]);
        assert_eq!(named("朝阳区")[..2], ["110105", "220104"]);
        assert_eq!(named("巴州区"), ["511902"]);
        assert_eq!(named("常宁"), [""; 0]);
        let since = divisions().get(code("510118")).unwrap().since;
        assert_eq!(since, Some(2020));
    }

    #[test]
    fn county_names_of_several_cities() {
        let shared: Vec<_> = divisions()
            .iter()
            .filter(|region| region.current && region.level == Level::County)
            .filter(|region| {
                let codes = divisions().named(region.name).iter();
                let above: std::collections::BTreeSet<_> = codes
                    .filter_map(|code| divisions().get(*code))
                    .filter(|other| {
                        other.current && other.level == Level::County && other.name == region.name
                    })
                    .map(|other| other.parent)
                    .collect();
                above.len() > 1
            })
            .map(|region| region.name)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        assert_eq!(shared.len(), 28, "{shared:?}");
        assert!(
            ["鼓楼区", "市中区", "铁西区", "西湖区", "通州区", "南山区"]
                .iter()
                .all(|name| shared.contains(name))
        );
    }
}
