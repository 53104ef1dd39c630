//! Whether the confidence of a region is the share of pages on which it is right, on pages put together from the table
//! of divisions with evidence withheld, copied from elsewhere, or speaking of somebody else.
//!
//! What the pages are made of stands for what portals carry: mostly a government's own reports, some documents of its
//! superiors and of the State Council, and here and there another division in the title.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and shows what it measured"
)]

use std::{fmt::Write, io::Read};

use crawler::{Hints, Media, Source, describe, extract};
use report::{Content, Level, Region, RegionCode, divisions};

/// Numbers that are the same in every run (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    /// True in so many of a hundred cases.
    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

struct World {
    provinces: Vec<&'static Region>,
    cities: Vec<&'static Region>,
    counties: Vec<&'static Region>,
}

impl World {
    fn new() -> Self {
        let level = |level| {
            divisions()
                .iter()
                .filter(move |region| region.current && region.level == level)
                .collect()
        };
        Self {
            provinces: level(Level::Province),
            cities: level(Level::City),
            counties: level(Level::County),
        }
    }

    fn any(&self, chance: &mut Chance) -> &'static Region {
        match chance.below(10) {
            0 => chance.pick(&self.provinces),
            1 | 2 => chance.pick(&self.cities),
            _ => chance.pick(&self.counties),
        }
    }
}

fn full_name(region: &Region) -> String {
    let path = divisions().path(region.code);
    [path.province, path.city, path.county]
        .into_iter()
        .flatten()
        .collect()
}

fn get(code: RegionCode) -> &'static Region {
    divisions().get(code).unwrap()
}

/// A page of the site of a division, and what it is about: `None` for a document of the State Council.
struct Made {
    html: String,
    about: Option<RegionCode>,
}

fn make(world: &World, chance: &mut Chance) -> Made {
    let owner = world.any(chance);
    let other = world.any(chance);
    let above = divisions().ancestors(owner.code);
    let superior = above.get(1).map(|code| get(*code));
    let year = 2016 + chance.below(9);
    let mut about = Some(owner.code);
    let mut silent = false;
    let mut speaker = Some(owner);
    let name = if chance.percent(55) {
        full_name(owner)
    } else {
        owner.name.to_owned()
    };
    let title = match (chance.below(100), superior) {
        (0..60, _) => format!("{name}{year}年度法治政府建设情况报告"),
        (60..66, _) => format!("关于印发{name}{year}年工作要点的通知"),
        (66..69, _) => format!("关于《{name}{year}年度法治政府建设情况报告》的解读"),
        (69..71, _) => format!("关于赴{}学习考察情况的报告", other.name),
        (71..81, _) => format!("{year}年度法治政府建设情况报告"),
        (81..90, Some(superior)) => {
            (about, speaker) = (Some(superior.code), Some(superior));
            format!("{}人民政府关于印发{year}年工作要点的通知", superior.name)
        }
        (90..92, Some(superior)) => {
            // A page that says nothing of itself; one in three is a superior's.
            (speaker, silent) = (None, true);
            if chance.percent(33) {
                about = Some(superior.code);
            }
            format!("关于做好{year}年政务公开工作的通知")
        }
        (92..97, _) => {
            (about, speaker) = (None, None);
            format!("国务院办公厅关于印发{year}年政务公开工作要点的通知")
        }
        _ => "关于做好防汛工作的通知".to_owned(),
    };
    let mut html = String::new();
    head(&mut html, owner, other, silent, chance);
    let _ = write!(html, "<h1>{title}</h1><div id=zoom>");
    text(&mut html, speaker, other, chance);
    html.push_str("</div>");
    if !silent {
        foot(&mut html, owner, chance);
    }
    Made { html, about }
}

/// What stands above a document. Of a page that is silent about its site only the head speaks, which may be copied.
fn head(html: &mut String, owner: &Region, other: &Region, silent: bool, chance: &mut Chance) {
    if silent || chance.percent(25) {
        let copied = chance.percent(8);
        let (id, name) = if copied {
            (other.code, other.name)
        } else {
            (owner.code, owner.name)
        };
        let _ = write!(html, "<meta name=SiteIDCode content={id}0003>");
        if !silent && chance.percent(60) {
            let _ = write!(html, "<meta name=SiteName content={name}人民政府>");
        }
    }
    if !silent && chance.percent(25) {
        let path = divisions().path(owner.code);
        let steps = [path.province, path.city, path.county];
        let steps: Vec<&str> = steps.into_iter().flatten().collect();
        let _ = write!(
            html,
            "<div>首页 &gt; {} &gt; 政府信息公开</div>",
            steps.join(" &gt; ")
        );
    }
}

fn text(html: &mut String, speaker: Option<&Region>, other: &Region, chance: &mut Chance) {
    const LINES: [&str; 4] = [
        "各项任务按期完成，群众满意度进一步提高，工作取得新的成效，合法性审查和行政复议的质量稳步提升。",
        "健全行政决策机制，落实执法公示制度，执法队伍的能力不断增强，营商环境持续优化。",
        "存在的问题主要是基层力量不足，个别单位重视不够，监督手段有待完善。",
        "下一步，将继续完善制度，强化监督检查，确保各项措施落到实处、见到成效，补齐短板弱项。",
    ];
    let superior = speaker.and_then(|region| region.parent).map(get);
    if let Some(superior) = superior.filter(|_| chance.percent(35)) {
        let _ = write!(
            html,
            "<p>在{}委、政府的正确领导下，全面推进依法行政，现将有关情况报告如下。</p>",
            superior.name
        );
    }
    for line in LINES {
        html.push_str("<p>");
        if let Some(speaker) = speaker.filter(|_| chance.percent(40)) {
            let _ = write!(html, "{}不断推进工作。", speaker.name);
        }
        if chance.percent(4) {
            let _ = write!(html, "学习{}的经验做法。", other.name);
        }
        html.push_str(line);
        html.push_str("</p>");
    }
    if let Some(speaker) = speaker.filter(|_| chance.percent(25)) {
        let _ = write!(html, "<p>{}人民政府</p><p>2024年2月3日</p>", speaker.name);
    }
}

/// The imprint; a county's pages may lie on the site of its city.
fn foot(html: &mut String, owner: &'static Region, chance: &mut Chance) {
    let site = owner
        .parent
        .filter(|_| owner.level == Level::County && chance.percent(12))
        .map_or(owner, get);
    html.push_str("<div class=footer>");
    if chance.percent(30) {
        let _ = write!(html, "<p>网站标识码：{}0003</p>", site.code);
    }
    if chance.percent(25) {
        let _ = write!(html, "<p>京公网安备 {}02000013号</p>", site.code);
    }
    if chance.percent(35) {
        let _ = write!(html, "<p>主办：{}人民政府</p>", site.name);
    }
    html.push_str("</div>");
}

fn read(html: &str) -> Content {
    let source = Source {
        url: "https://www.a.example/1.html",
        media: Media::Html,
        bytes: html.as_bytes(),
        charset: None,
    };
    extract(&source, &Hints::default()).unwrap()
}

/// Pages by their confidence: how many, how many of them right, and the sum of what was stated.
#[derive(Default)]
struct Bins([(f64, f64, f64); FROM.len()]);

/// Where each bin begins.
const FROM: [f64; 6] = [0.0, 0.6, 0.7, 0.8, 0.9, 0.97];

impl Bins {
    fn add(&mut self, confidence: f64, right: bool) {
        let at = FROM.iter().rposition(|from| confidence >= *from).unwrap();
        let (pages, rights, stated) = &mut self.0[at];
        *pages += 1.0;
        *rights += f64::from(u8::from(right));
        *stated += confidence;
    }

    /// In each bin with some pages the share that is right is near what is stated; overall hardly any is wrong.
    fn check(&self) {
        const SOME: f64 = 20.0;
        for (from, (pages, rights, stated)) in FROM.iter().zip(self.0) {
            println!(
                "from {from}: {pages} pages, right {:.3}, stated {:.3}",
                rights / pages,
                stated / pages
            );
            assert!(
                pages < SOME || (rights / pages - stated / pages).abs() <= 0.05,
                "from {from}"
            );
        }
        let (all, right) = self
            .0
            .iter()
            .fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
        println!("precision {:.4}", right / all);
        assert!(right / all >= 0.99);
    }

    fn right(&self) -> f64 {
        self.0.iter().map(|(_, rights, _)| rights).sum()
    }
}

#[test]
fn confidence_is_the_share_that_is_right() {
    const PAGES: usize = 4000;
    let (world, mut chance) = (World::new(), Chance(20_260_911));
    let mut bins = Bins::default();
    let mut about_a_region = 0.0;
    for _ in 0..PAGES {
        let made = make(&world, &mut chance);
        about_a_region += f64::from(u8::from(made.about.is_some()));
        let found = read(&made.html);
        if let Some(code) = found.region_code {
            bins.add(found.region_confidence.unwrap(), made.about == Some(code));
        }
    }
    bins.check();
    assert!(bins.right() / about_a_region > 0.95);
}

/// Titles and addresses of documents of provincial governments and the State Council, from beside the repository.
#[test]
fn titles_and_addresses_of_real_documents() {
    const PATH: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/metadata/documents.tsv.gz"
    );
    /// A few thousand of them are enough.
    const EVERY: usize = 8;
    let Ok(file) = std::fs::File::open(PATH) else {
        println!("skipped: no {PATH}");
        return;
    };
    let mut table = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut table)
        .unwrap();
    let rows = table
        .lines()
        .skip(1)
        .map(|row| row.split('\t').collect::<Vec<_>>());
    let rows: Vec<_> = rows
        .filter(|row| row.len() > 2 && !row[2].is_empty())
        .step_by(EVERY)
        .collect();
    let mut bins = Bins::default();
    let (mut provincial, mut national_wrong) = (0.0, 0);
    for row in &rows {
        let province = match row[0] {
            "Guangdong" => "440000",
            "Hainan" => "460000",
            "Shanghai" => "310000",
            "Sichuan" => "510000",
            "State Council" => "",
            _ => continue,
        };
        let found = describe(Some(row[2]), "", row[1], &Hints::default());
        provincial += f64::from(u8::from(!province.is_empty()));
        let Some(code) = found.region_code else { continue };
        let right = province
            .parse()
            .is_ok_and(|province| divisions().is_within(code, province));
        national_wrong += u32::from(province.is_empty());
        bins.add(found.region_confidence.unwrap(), right);
    }
    assert!(rows.len() > 2000);
    bins.check();
    println!("recall {:.4}", bins.right() / provincial);
    assert_eq!(national_wrong, 0, "documents of the State Council have no region");
    assert!(bins.right() / provincial > 0.98);
}
