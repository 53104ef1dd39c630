//! Outlines as real documents write them, and the laws they keep.

use proptest::prelude::*;

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
    assert_eq!(paths, ["一", "一/1", "二", "二/2", "二/(三)", "二/(三)/5", "二"]);
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
    assert_eq!(
        heading(&format!("(一)加强组织领导{long}。")),
        "加强组织领导各乡镇、各部门要切实履行好法治政府建设主体责任"
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
            (count(1), count(2), numbered(2), count(3), roles)
        })
        .collect();
    use Role::{Achievements, Duties, Other, Plans, Problems};
    assert_eq!(
        counted,
        [
            (3, 15, 15, 44, vec![Achievements, Problems, Plans]),
            (3, 12, 8, 50, vec![Other, Other, Other]),
            (7, 0, 0, 0, vec![Other; 7]),
            (3, 13, 13, 0, vec![Achievements, Problems, Plans]),
            (4, 9, 9, 0, vec![Duties, Achievements, Problems, Plans]),
        ]
    );
}

fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[一二三十]{1,2}[、.][甲乙丙。,]{0,8}",
        "[(（]?[一二十]{1,2}[)）][甲乙丙。,]{0,60}",
        "[\u{3000} ]{0,2}[0-9１]{1,3}[.、][甲乙丙0-9。]{0,6}",
        "[(]?[0-9]{1,2}[)][甲乙丙]{0,6}",
        "[①⑴㈠⒈][甲乙丙]{0,4}",
        "第[一二]{1,2}[章节条][ 甲。]{0,6}",
        "[甲乙丙工作情况问题下一步]{0,50}。?",
        "[甲乙丙]{6,20}",
        ".{0,20}",
    ];
    proptest::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn sections_nest_and_cover(text in texts()) {
        let sections = outline(&text);
        let end = text.chars().count();
        let mut joined: String = text.chars().take(sections.first().map_or(end, |first| first.start)).collect();
        for (at, section) in sections.iter().enumerate() {
            prop_assert!(section.start < section.end && section.end <= end);
            prop_assert!(!section.path.is_empty());
            for later in &sections[at + 1..] {
                prop_assert!(later.start > section.start);
                // Below it and inside, or behind it.
                let inside = later.level > section.level && later.end <= section.end;
                prop_assert!(later.start >= section.end || inside);
                let below = format!("{}/", section.path);
                prop_assert!(later.start >= section.end || later.path.starts_with(&below));
            }
            // The own text of each section, up to the next heading of any level.
            let next = sections.get(at + 1).map_or(end, |next| next.start);
            joined.extend(text.chars().skip(section.start).take(next - section.start));
        }
        prop_assert_eq!(joined, text);
    }
}
