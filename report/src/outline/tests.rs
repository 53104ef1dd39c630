//! Outlines as real documents write them.

use super::*;

fn lines(sections: &[Section]) -> Vec<(u8, &str, &str)> {
    sections
        .iter()
        .map(|section| (section.level, section.path.as_str(), section.heading.as_str()))
        .collect()
}

fn slice(text: &str, section: &Section) -> String {
    text.chars()
        .skip(section.start)
        .take(section.end - section.start)
        .collect()
}

#[test]
fn levels_nest_and_ranges_count_characters() {
    let text = "常宁市报告\n一、工作开展情况\n(一)高度重视,强化组织领导\n\u{3000}\u{3000}1、健全机制。一是成立机构。我市成立了由市委书记任主任的机构,\
        统筹推进各项工作,取得良好效果。\n2.压实责任。\n(二)优化环境\n二、存在的问题\n问题。";
    let found = outline(text);
    assert_eq!(
        lines(&found),
        [
            (1, "一", "工作开展情况"),
            (2, "一/(一)", "高度重视,强化组织领导"),
            (3, "一/(一)/1", "健全机制"),
            (3, "一/(一)/2", "压实责任"),
            (2, "一/(二)", "优化环境"),
            (1, "二", "存在的问题"),
        ]
    );
    assert_eq!(slice(text, &found[1]).chars().take(3).collect::<String>(), "(一)");
    assert!(slice(text, &found[2]).starts_with("1、健全机制"));
    assert!(slice(text, &found[1]).ends_with("压实责任。\n"));
    assert_eq!(slice(text, &found[5]), "二、存在的问题\n问题。");
    assert_eq!(found[0].number, "一");
    assert_eq!(found[1].number, "一");
    assert_eq!(found[2].role, Role::Achievements);
    assert_eq!(found[5].role, Role::Problems);
}

#[test]
fn numbering_may_restart_run_on_skip_and_repeat() {
    let text = "一、甲乙\n1.子丑\n二、丙丁\n2.寅卯\n(三)辰巳\n5.午未\n二、丙丁又";
    let paths: Vec<_> = outline(text).into_iter().map(|section| section.path).collect();
    assert_eq!(
        paths,
        ["一", "一/1", "二", "二/2", "二/(三)", "二/(三)/5", "二[2]"]
    );
}

#[test]
fn headings_that_run_into_the_text_end_with_the_sentence() {
    let heading = |line: &str| outline(line)[0].heading.clone();
    let long = "各乡镇、各部门要切实履行好法治政府建设主体责任,主要负责同志要认真履行第一责任人职责,抓好落实,确保取得实效";
    assert_eq!(heading(&format!("(一)加强组织领导。{long}。")), "加强组织领导");
    assert_eq!(
        heading(&format!("(一)加强组织领导：一是{long}。")),
        "加强组织领导"
    );
    assert_eq!(heading(&format!("(一)加强组织领导{long}。")), "加强组织领导");
    let plain = "统筹推进各项工作并把各项任务落到实处推动高质量发展迈上新的台阶确保全面完成目标,取得实效";
    assert_eq!(
        heading(&format!("(一)加强组织领导{plain}。")).chars().count(),
        45,
        "bounded by the first comma"
    );
    assert_eq!(heading("一、总体要求："), "总体要求");
    assert_eq!(
        heading("5.落实报告制度,按时报告,接受监督。"),
        "落实报告制度,按时报告,接受监督"
    );
}

#[test]
fn headings_that_lost_their_number_keep_their_place() {
    let text = "二、目标任务\n实施示范创建提升行动\n1.积极争创。\n2.完善机制。\n二)实施质量提升行动\n3.提高质量。\n\
        实施营商环境提升行动\n4.优化环境。\n三、工作要求\n各单位要落实。";
    assert_eq!(
        lines(&outline(text))
            .into_iter()
            .map(|(level, path, _)| (level, path))
            .collect::<Vec<_>>(),
        [
            (1, "二"),
            (2, "二/实施示范创建提升行动"),
            (3, "二/实施示范创建提升行动/1"),
            (3, "二/实施示范创建提升行动/2"),
            (2, "二/(二)"),
            (3, "二/(二)/3"),
            (2, "二/实施营商环境提升行动"),
            (3, "二/实施营商环境提升行动/4"),
            (1, "三"),
        ]
    );
    assert_eq!(outline(text)[1].number, "");
}

#[test]
fn unnumbered_headings_stand_between_paragraphs() {
    let paragraph = "近年来坚持把加强法治政府建设作为推进经济社会发展和人民群众安居乐业的重要抓手。持续提升依法行政能力水平。";
    let text = format!(
        "某区持续加强法治政府建设\n记者 张某\n{paragraph}\n加强组织保障高位推动\n{paragraph}\n{paragraph}\n坚持依法治理统筹推进\n{paragraph}\n\
         某区人民政府办公室\n2021年2月22日"
    );
    assert_eq!(
        lines(&outline(&text)),
        [
            (1, "加强组织保障高位推动", "加强组织保障高位推动"),
            (1, "坚持依法治理统筹推进", "坚持依法治理统筹推进")
        ]
    );
    let single = format!("{paragraph}\n加强组织保障高位推动\n{paragraph}");
    assert_eq!(outline(&single), [], "one alone may be anything");
}

#[test]
fn parts_without_a_number_stand_above_numbered_sections() {
    let text = "某省政府工作报告\n各位代表：\n2024年工作回顾\n过去一年。\n(一)稳中向好。\n2025年工作安排\n(一)坚决维护稳定。";
    assert_eq!(
        lines(&outline(text)),
        [
            (1, "2024年工作回顾", "2024年工作回顾"),
            (2, "2024年工作回顾/(一)", "稳中向好"),
            (1, "2025年工作安排", "2025年工作安排"),
            (2, "2025年工作安排/(一)", "坚决维护稳定"),
        ]
    );
}

#[test]
fn regulations_are_cut_into_chapters_and_articles() {
    let text = "第一章 总则\n第一条 为了规范行为，制定本办法。\n第二条 本办法适用于下列情形：\n（一）甲；\n（二）乙。\n第二章 附则\n\
        第三条 本办法自公布之日起施行。第一条的规定除外。";
    assert_eq!(
        lines(&outline(text)),
        [
            (1, "第一章", "总则"),
            (3, "第一章/第一条", ""),
            (3, "第一章/第二条", ""),
            (1, "第二章", "附则"),
            (3, "第二章/第三条", ""),
        ]
    );
    assert_eq!(outline("第一条 总则\n一、甲乙"), outline("第一条 总则\n一、甲乙"));
    assert_eq!(outline("根据\n第一条 规定\n一、甲乙").len(), 1);
}

/// The five real documents that the project started from, when they are at hand.
#[test]
fn seed_documents() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/seeds"));
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: no seed documents here");
        return;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let counted: Vec<_> = paths
        .iter()
        .map(|path| {
            let sections = outline(&std::fs::read_to_string(path).unwrap());
            let count = |level| sections.iter().filter(|section| section.level == level).count();
            let numbered = |level| {
                sections
                    .iter()
                    .filter(|s| s.level == level && !s.number.is_empty())
                    .count()
            };
            let roles: Vec<_> = sections.iter().filter(|s| s.level == 1).map(|s| s.role).collect();
            let points = sections.iter().filter(|section| section.is_inline()).count();
            (count(1), count(2), numbered(2), count(3), points, roles)
        })
        .collect();
    use Role::{Achievements, Duties, Other, Plans, Problems};
    assert_eq!(
        counted,
        [
            (3, 15, 15, 44, 19, vec![Achievements, Problems, Plans]),
            (3, 12, 8, 50, 0, vec![Other, Other, Other]),
            (7, 0, 0, 0, 0, vec![Other; 7]),
            (3, 13, 13, 0, 36, vec![Achievements, Problems, Plans]),
            (4, 9, 9, 0, 20, vec![Duties, Achievements, Problems, Plans]),
        ]
    );
}

#[test]
fn points_lie_inside_their_paragraph() {
    let text = "一、工作情况\n(一)强化决策。主要做法:一是规范程序。严格审查，一是一、二是二；二是落实备案，全部报送。\n全年共审查12件。\n\
                1.监督。首先,公开;其次，公示。\n(1)培训。一要学习，二要考试。\n二、存在的问题\n一是意识不强。\n二是队伍不足。三是经费不够。\n总的来看还有差距。";
    let found = outline(text);
    let shown: Vec<_> = found
        .iter()
        .filter(|section| section.is_inline())
        .map(|section| (section.level, section.path.as_str(), section.heading.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (4, "一/(一)/一是", "规范程序"),
            (4, "一/(一)/二是", "落实备案，全部报送"),
            (4, "一/(一)/1/首先", "公开"),
            (4, "一/(一)/1/其次", "公示"),
            (5, "一/(一)/1/(1)/一要", "学习，二要考试"),
            (5, "一/(一)/1/(1)/二要", "考试"),
            (4, "二/一是", "意识不强"),
            (4, "二/二是", "队伍不足"),
            (4, "二/三是", "经费不够"),
        ]
        .map(|(level, path, heading)| (
            level,
            path,
            if heading == "学习，二要考试" {
                "学习"
            } else {
                heading
            }
        ))
    );
    let of = |path: &str| slice(text, found.iter().find(|section| section.path == path).unwrap());
    assert_eq!(
        of("一/(一)/二是"),
        "二是落实备案，全部报送。",
        "ends with the paragraph"
    );
    assert!(of("一/(一)").contains("全年共审查12件。"));
    assert_eq!(of("二/二是"), "二是队伍不足。");
    assert!(
        found
            .iter()
            .filter(|section| section.path.starts_with("二/"))
            .all(|section| section.role == Role::Problems)
    );
}

#[test]
fn one_point_alone_is_none() {
    for text in [
        "要求一是一、二是二。",
        "主要问题:一是经费。",
        "二是甲。一是乙。",
        "获得第一,实属不易。",
        "他首先到达。",
        "——张三说过这样的话很多次。",
        "——2023年2月2日在第一次会议上\n——2024年2月2日在第二次会议上",
        "一是\t甲\n二是\t乙",
    ] {
        assert_eq!(outline(text), [], "{text}");
    }
    let text =
        "一、回顾\n——经济平稳增长。总量达到新高。\n——民生持续改善。就业稳定。\n——生态明显好转。空气优良。";
    let paths: Vec<_> = outline(text).into_iter().map(|section| section.path).collect();
    assert_eq!(paths, ["一", "一/——", "一/——[2]", "一/——[3]"]);
}

#[test]
fn parts_and_chapters_stand_above_the_other_levels() {
    let text = "第一部分 概况\n一、职责\n(一)甲乙\n1.子丑\n第二部分：情况\n一、收入\n第三部分是说明。";
    assert_eq!(
        lines(&outline(text)),
        [
            (1, "第一部分", "概况"),
            (2, "第一部分/一", "职责"),
            (3, "第一部分/一/(一)", "甲乙"),
            (4, "第一部分/一/(一)/1", "子丑"),
            (1, "第二部分", "情况"),
            (2, "第二部分/一", "收入"),
        ]
    );
    let text = "第一章 基础\n第一节 现状\n一、成就\n第二节 形势\n第二章 目标\n一、原则";
    let levels: Vec<_> = outline(text).into_iter().map(|section| section.level).collect();
    assert_eq!(levels, [1, 2, 3, 2, 1, 3]);
    let code = "第一编 总则\n第一章 基本规定\n第一条 甲。\n第二条乙。\n第二编 物权\n第一分编 通则\n第一章 一般规定\n第三条 丙。";
    let paths: Vec<_> = outline(code).into_iter().map(|section| section.path).collect();
    assert_eq!(
        paths,
        [
            "第一编",
            "第一编/第一章",
            "第一编/第一章/第一条",
            "第一编/第一章/第二条",
            "第二编",
            "第二编/第一分编",
            "第二编/第一分编/第一章",
            "第二编/第一分编/第一章/第三条",
        ]
    );
}

#[test]
fn gaps_in_the_numbers_are_filled_by_short_lines() {
    let body = "各乡镇各部门按照职责分工抓好落实，及时报告工作进展情况，确保各项任务按期完成。全年共开展督查十二次。";
    let text = format!(
        "一、总体要求\n{body}\n主要工作任务\n{body}\n三、保障措施\n(二实施监督提升行动\n{body}\n三)强化责任落实\n{body}\n\
         强化宣传引导工作\n{body}\n(五)加强督查"
    );
    let found: Vec<_> = outline(&text)
        .into_iter()
        .map(|section| (section.level, section.path))
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|(level, path)| (*level, path.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "一"),
            (1, "主要工作任务"),
            (1, "三"),
            (2, "三/(二)"),
            (2, "三/(三)"),
            (2, "三/强化宣传引导工作"),
            (2, "三/(五)"),
        ]
    );
    let text = format!("一、甲乙\n{body}\n强化组织领导\n{body}\n强化宣传引导\n{body}\n三、丙丁");
    assert_eq!(outline(&text).len(), 2, "more lines than numbers are missing");
    let text = format!("一、甲乙\n{body}\n强化组织领导\n{body}\n二、丙丁");
    assert_eq!(outline(&text).len(), 2, "no number is missing");
}

#[test]
fn a_heading_that_begins_like_a_point_is_no_point() {
    // The second line is taken for a heading and begins like a point.
    let found = outline("十、\n二要四要，四要\n⒈\n一.");
    let starts: Vec<_> = found.iter().map(|section| section.start).collect();
    assert!(starts.is_sorted_by(|a, b| a < b), "{found:?}");
}

#[test]
fn numbers_that_are_no_headings() {
    for text in [
        "2023.5\n1.5亿元\n3.14",
        "2023、2024年\n(2023)甲乙",
        "13800138000\n0730-5551234",
        "1.2023-05-01\n2.13800138000",
        "一\t二、甲乙\n1.\t甲乙",
        "一、本年新收申请数量\n12\n二、上年结转数量\n0",
        "附件:1.任务分工表\n2.责任清单\n3.考核办法",
        "一、二产业融合发展",
        "(一)、(二)项规定的情形",
    ] {
        assert_eq!(outline(text), [], "{text}");
    }
    let text = "一、甲乙\n附件：\n1.任务分工表\n2.责任清单\n二、丙丁\n1.子丑";
    let paths: Vec<_> = outline(text).into_iter().map(|section| section.path).collect();
    assert_eq!(paths, ["一", "二", "二/1"]);
}

#[test]
fn no_text_takes_long_or_grows_without_bound() {
    for line in [
        "一是甲乙，二是丙丁。",
        "(一)甲乙\n",
        "一、甲乙\n1.子丑\n",
        "——甲乙丙丁戊己庚辛壬癸\n",
        "第一条 甲\n",
        "，一",
        "甲乙丙丁戊己\n",
    ] {
        let text = line.repeat(25_000);
        let sections = outline(&text);
        assert!(sections.len() <= MAX_SECTIONS);
        assert!(
            sections
                .last()
                .is_none_or(|last| last.end <= text.chars().count())
        );
    }
}
