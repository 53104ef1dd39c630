//! Regions through the front door of the extractor.

use report::{Content, RegionCode, divisions};

use crate::extract::{Hints, Media, Source, describe, extract};

fn titled(title: &str, url: &str) -> Content {
    describe(Some(title), "", url, &Hints::default())
}

fn code(digits: &str) -> RegionCode {
    digits.parse().unwrap()
}

fn digits(codes: &[RegionCode]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

fn page(html: &str) -> Content {
    const TEXT: &str = "<div id=zoom><p>各项任务按期完成，群众满意度进一步提高，工作取得新的成效，合法性审查和行政复议的质量稳步提升，执法队伍的能力不断增强。</p>\
        <p>下一步，将继续完善制度，强化监督检查，确保各项措施落到实处、见到成效，补齐短板弱项，不断提升治理水平。</p></div>";
    let html = html.replace("TEXT", TEXT);
    let source = Source {
        url: "https://www.a.example/1.html",
        media: Media::Html,
        bytes: html.as_bytes(),
        charset: None,
    };
    extract(&source, &Hints::default()).unwrap()
}

/// Titles with the region they are about, `-` for none.
#[test]
fn titles() {
    for (title, expected) in [
        // Short forms.
        ("恩施州2023年度法治政府建设情况报告", "422800"),
        ("黔东南2023年度法治政府建设情况报告", "522600"),
        ("阿坝州2023年政府工作报告", "513200"),
        ("喀左2023年度法治政府建设情况报告", "211324"),
        ("景宁县人民政府关于印发规划的通知", "331127"),
        ("印江自治县2023年度法治政府建设情况报告", "520625"),
        (
            "前郭尔罗斯自治县人民政府关于2023年法治政府建设情况的报告",
            "220721",
        ),
        ("湖南常宁2023年度法治政府建设情况报告", "430482"),
        ("北京朝阳2023年度法治政府建设情况报告", "110105"),
        ("四川巴中巴州区2023年政府工作报告", "511902"),
        ("南京鼓楼区2023年政府工作报告", "320106"),
        ("常宁：法治政府建设开新局", "430482"),
        ("平安建设工作报告", "-"),
        ("平安2023年政府工作报告", "-"),
        ("和2023年政府工作报告", "-"),
        // One stem at several levels.
        ("朝阳市2023年政府工作报告", "211300"),
        ("朝阳县2023年政府工作报告", "211321"),
        ("长沙市2023年政府工作报告", "430100"),
        ("长沙县2023年政府工作报告", "430121"),
        ("长沙2023年政府工作报告", "430100"),
        ("吉林市2023年政府工作报告", "220200"),
        ("海南州2023年政府工作报告", "632500"),
        ("济南市中区2023年政府工作报告", "370103"),
        // Bodies of a county are the county's.
        ("常宁市司法局2023年度法治政府建设工作总结", "430482"),
        ("清河县葛仙庄镇人民政府2023年度法治政府建设情况报告", "130534"),
        ("国家税务总局海原县税务局2023年政府信息公开工作年度报告", "640522"),
        ("国家统计局湖北调查总队2023年政府信息公开工作年度报告", "420000"),
        // Prefectures without counties, divisions directly below a province, cities of the Corps.
        ("东莞市2023年度法治政府建设情况报告", "441900"),
        ("儋州市2023年度法治政府建设情况报告", "460400"),
        ("仙桃市2023年度法治政府建设情况报告", "429004"),
        ("神农架林区2023年政府工作报告", "429021"),
        ("石河子市2023年度法治政府建设情况报告", "659001"),
        // The whole country has no region.
        ("国务院办公厅关于印发2023年政务公开工作要点的通知", "-"),
        ("国务院关于同意常宁市列为国家历史文化名城的批复", "-"),
        ("财政部 税务总局关于延续优惠政策的公告", "-"),
        // Who acts, not who is acted upon or handed on.
        ("湖南省人民政府关于同意常宁市调整规划的批复", "430000"),
        (
            "常宁市人民政府办公室转发湖南省人民政府办公厅关于做好工作的通知",
            "430482",
        ),
        ("转发湖南省人民政府办公厅关于做好工作的通知", "-"),
        ("贯彻落实《湖南省优化营商环境条例》情况报告", "-"),
        ("关于印发《常宁市防汛预案》的通知", "430482"),
        ("关于《常宁市2023年度法治政府建设情况报告》的解读", "430482"),
    ] {
        let found = titled(title, "import:a");
        let region = found.region_code.map_or("-".to_owned(), |code| code.to_string());
        assert_eq!(region, expected, "{title}: {:?}", found.region_evidence);
    }
}

#[test]
fn short_forms_of_several_divisions_stay_open() {
    let found = titled("巴州2023年度法治政府建设情况报告", "import:a");
    assert_eq!(found.region_code, None);
    assert_eq!(digits(&found.region_candidates), ["652800", "511902"]);
    let found = titled(
        "巴州2023年度法治政府建设情况报告",
        "http://www.xjbz.gov.cn/1.html",
    );
    assert_eq!(found.region_code, Some(code("652800")));
}

#[test]
fn functional_areas_have_a_name_and_lie_somewhere() {
    for (title, area, region) in [
        (
            "长沙高新技术产业开发区管理委员会2023年度法治政府建设情况报告",
            "长沙高新技术产业开发区",
            "430100",
        ),
        (
            "常宁市水口山经济开发区管委会2022年度工作总结",
            "常宁市水口山经济开发区",
            "430482",
        ),
        (
            "郑州航空港经济综合实验区2023年度法治政府建设情况报告",
            "郑州航空港经济综合实验区",
            "410100",
        ),
        (
            "新疆生产建设兵团第八师石河子市2023年度法治政府建设情况报告",
            "新疆生产建设兵团第八师",
            "659001",
        ),
        ("雄安新区2023年政府信息公开工作年度报告", "雄安新区", "130600"),
        ("茂名滨海新区管委会2023年度工作总结", "茂名滨海新区", "440900"),
        ("高新区管委会2023年度法治政府建设情况报告", "高新区", "-"),
    ] {
        let found = titled(title, "import:a");
        assert_eq!(found.area_name.as_deref(), Some(area), "{title}");
        let found = found.region_code.map_or("-".to_owned(), |code| code.to_string());
        assert_eq!(found, region, "{title}");
    }
    let found = titled("清河经济开发区管委会2023年度法治政府建设情况报告", "import:a");
    assert_eq!(found.region_code, None);
    assert!(
        found.region_candidates.contains(&code("130534"))
            && found.region_candidates.contains(&code("211204"))
    );
    assert_eq!(
        titled("上海市浦东新区2023年政府工作报告", "import:a").area_name,
        None
    );
}

/// From the title and the address alone.
#[test]
fn addresses() {
    for (title, url, region) in [
        (
            "关于印发工作要点的通知",
            "http://www.hubei.gov.cn/zfwj/1.html",
            "420000",
        ),
        ("关于印发工作要点的通知", "http://www.gd.gov.cn/1.html", "440000"),
        (
            "关于印发工作要点的通知",
            "http://www.wenzhou.gov.cn/1.html",
            "330300",
        ),
        (
            "关于印发工作要点的通知",
            "http://www.haiyuan.gov.cn/1.html",
            "640522",
        ),
        ("关于印发工作要点的通知", "http://www.gov.cn/zhengce/1.htm", "-"),
        ("医疗器械监督管理条例", "http://www.gov.cn/zhengce/1.htm", "-"),
        (
            "关于河南省几个单位违规问题的通报",
            "http://www.gov.cn/zhengce/1.htm",
            "-",
        ),
        // Four divisions are spelled so.
        (
            "关于印发工作要点的通知",
            "http://www.changning.gov.cn/1.html",
            "-",
        ),
        (
            "湖南省常宁市2023年政府工作报告",
            "http://www.changning.gov.cn/1.html",
            "430482",
        ),
        (
            "鼓楼区2023年政府工作报告",
            "http://www.xuzhou.gov.cn/1.html",
            "320302",
        ),
        (
            "上海城市形象片发布",
            "http://www.shanghai.gov.cn/1.html",
            "310000",
        ),
    ] {
        let found = titled(title, url);
        let code = found.region_code.map_or("-".to_owned(), |code| code.to_string());
        assert_eq!(code, region, "{title} {url}: {:?}", found.region_evidence);
    }
}

#[test]
fn reposts_keep_their_subject_and_their_site() {
    let foot = "<div class=footer><p>主办：常宁市人民政府</p><p>网站标识码：4304820003</p></div>";
    for (title, subject) in [
        ("湖南省人民政府关于印发节水行动实施方案的通知", Some("430000")),
        ("国务院办公厅关于印发2023年政务公开工作要点的通知", None),
        ("教育部等五部门关于印发行动方案的通知", None),
        ("常宁市2023年度法治政府建设情况报告", Some("430482")),
        ("2023年度法治政府建设情况报告", Some("430482")),
    ] {
        let found = page(&format!("<h1>{title}</h1>TEXT{foot}"));
        assert_eq!(
            found.region_code,
            subject.map(code),
            "{title}: {:?}",
            found.region_evidence
        );
        assert_eq!(found.publisher_region_code, Some(code("430482")), "{title}");
        assert_eq!(found.region_candidates, [], "{title}");
    }
}

#[test]
fn a_city_carries_the_pages_of_its_counties() {
    let html = "<div>首页 > 衡阳市 > 常宁市 > 政府信息公开</div><h1>2023年度法治政府建设情况报告</h1>TEXT<div class=footer>网站标识码：4304000003</div>";
    let found = page(html);
    assert_eq!(found.region_code, Some(code("430482")));
    assert_eq!(found.publisher_region_code, Some(code("430400")));
}

/// Old codes stand in the codes of sites for ever.
#[test]
fn old_codes_lead_to_their_one_successor() {
    let mut seen = 0;
    for region in divisions().iter().filter(|region| !region.current) {
        let [successor] = region.successors[..] else {
            continue;
        };
        seen += 1;
        let html = format!(
            "<h1>2023年度工作报告</h1>TEXT<div class=footer>网站标识码：{}0003</div>",
            region.code
        );
        assert_eq!(page(&html).publisher_region_code, Some(successor), "{region:?}");
    }
    assert!(seen > 3000, "{seen}");
}

/// Every name that one old division bore leads to what became of it, or to all that became of it.
#[test]
fn old_names_in_old_reports() {
    let (mut ones, mut several) = (0, 0);
    for region in divisions().iter().filter(|region| !region.current) {
        let Some(year) = region.until.filter(|year| *year >= 2000) else {
            continue;
        };
        let same_name = divisions().bearers(region.name);
        let others = same_name.iter().filter(|code| **code != region.code);
        let mut others = others.map(|code| divisions().today(*code));
        let elsewhere = others
            .any(|codes| codes.is_empty() || codes.iter().any(|code| !region.successors.contains(code)));
        if elsewhere || region.name.chars().count() < 3 && region.name.ends_with('区') {
            continue;
        }
        let found = titled(
            &format!("{}{}年度法治政府建设情况报告", region.name, year - 1),
            "import:a",
        );
        match region.successors[..] {
            [] => {}
            [successor] => {
                ones += 1;
                assert_eq!(
                    found.region_code,
                    Some(successor),
                    "{region:?} {:?}",
                    found.region_evidence
                );
            }
            _ => {
                several += 1;
                assert_eq!(found.region_code, None, "{region:?}");
                let mut candidates = found.region_candidates;
                candidates.sort_unstable();
                assert_eq!(candidates, region.successors, "{region:?}");
            }
        }
    }
    assert!(ones > 500 && several > 10, "{ones} {several}");
}

/// A name is borne by one division today and was by another in the year of the report.
#[test]
fn the_year_tells_bearers_of_a_name_apart() {
    let found = titled("江北区2020年度法治政府建设情况报告", "import:a");
    assert_eq!(found.region_code, None);
    assert_eq!(digits(&found.region_candidates), ["330205", "500157"]);
    assert_eq!(
        titled("江北区2026年政府工作报告", "import:a").region_code,
        Some(code("330205"))
    );
    assert_eq!(
        titled("重庆市江北区2020年政府工作报告", "import:a").region_code,
        Some(code("500157"))
    );
    assert_eq!(
        titled("清河区2023年政府工作报告", "import:a").region_code,
        Some(code("211204"))
    );
}

fn told(title: &str, text: &str, url: &str) -> Content {
    describe(Some(title), text, url, &Hints::default())
}

/// The one who acts in the opening is no superior, though guidance is spoken of behind its name.
#[test]
fn who_acts_in_the_opening_is_not_taken_for_a_superior() {
    let title = "2023年度法治政府建设情况报告";
    for opening in [
        "2023年，常宁市坚持以习近平新时代中国特色社会主义思想为指导，法治政府建设取得新成效。现将我市情况报告如下：",
        "2023年，常宁市人民政府在省委、省政府和衡阳市委、市政府的正确领导下，坚持依法行政，现将情况报告如下：",
        "2023年，在衡阳市委、市政府的坚强领导下，常宁市认真落实各项要求，扎实推进法治政府建设。",
    ] {
        assert_eq!(
            told(title, opening, "import:a").region_code,
            Some(code("430482")),
            "{opening}"
        );
    }
    let opening = "2023年，在衡阳市委、市政府和市司法局的坚强领导和有力指导下，各项工作取得进展。";
    assert_eq!(told(title, opening, "import:a").region_code, None);
}

/// A department thanks the government of its own county.
#[test]
fn who_is_thanked_by_its_own_department_counts() {
    let text = "2023年，海原县司法局在海原县委、海原县人民政府的正确领导下，在中卫市司法局的精心指导下，扎实推进工作。\n\
        全县各单位积极配合，我县法治环境持续改善，全县上下形成合力。";
    let found = told("2023年法治政府建设工作总结", text, "import:a");
    assert_eq!(found.region_code, Some(code("640522")));
}

/// Of two regions that issue together, the site says whose page it is.
#[test]
fn joint_issuers_of_two_regions_leave_the_matter_open() {
    for title in [
        "福建省人民政府 广东省人民政府关于加强合作的通知",
        "福建省财政厅、广东省财政厅关于加强合作的通知",
    ] {
        let found = titled(title, "import:a");
        assert_eq!(found.region_code, None, "{title}");
        assert_eq!(digits(&found.region_candidates), ["350000", "440000"], "{title}");
    }
    let title = "福建省人民政府、广东省人民政府关于加强合作的通知";
    let found = titled(title, "https://www.gd.gov.cn/a/1.html");
    assert_eq!(found.region_code, Some(code("440000")));
}

/// An office of the city speaks of a district of it.
#[test]
fn a_city_office_that_speaks_of_a_district_is_the_citys() {
    let title = "市政府关于清河区行政区划调整的通知";
    let found = titled(title, "https://www.huaian.gov.cn/a/1.html");
    assert_eq!(found.region_code, Some(code("320800")));
    assert_eq!(
        titled("市政府关于金山区交通规划的通知", "import:a").region_code,
        None
    );
}

/// The site is all there is, and the text speaks of itself as of a county.
#[test]
fn a_county_site_and_a_text_that_says_our_county() {
    let record = "<body>TEXT<div id=foot>湘公网安备 43048202000013号</div>";
    assert_eq!(page(record).region_code, None);
    let text = "<body><div id=zoom><p>全市各单位按期完成各项任务，群众满意度进一步提高，我市合法性审查和行政复议的质量稳步提升，全市执法队伍能力不断增强。</p>\
        <p>下一步，将继续完善制度，强化监督检查，确保各项措施落到实处、见到成效，补齐短板弱项，不断提升治理水平。</p></div><div id=foot>湘公网安备 43048202000013号</div>";
    assert_eq!(page(text).region_code, Some(code("430482")));
}

/// Steps of a breadcrumb may be drawn apart by dashes.
#[test]
fn a_breadcrumb_with_dashes_names_the_county_on_the_citys_site() {
    let html = "<head><meta name=SiteName content=衡阳市人民政府></head><body><div>首页 - 区县 - 常宁市 - 法治政府建设</div>TEXT";
    assert_eq!(page(html).region_code, Some(code("430482")));
}
