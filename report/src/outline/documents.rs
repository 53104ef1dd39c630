//! Whole documents of every kind, in the order and dress that real ones have: their outlines with the roles.

use super::*;

/// One line a section: level by indent, role, path and heading, and how its text ends.
fn tree(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let line = |section: &Section| {
        let end: String = chars[section.end.saturating_sub(4)..section.end].iter().collect();
        format!(
            "{}{} {} {} …{:?}\n",
            "  ".repeat(usize::from(section.level) - 1),
            section.role.code(),
            section.path,
            section.heading,
            end
        )
    };
    outline(text).iter().map(line).collect()
}

fn roles(text: &str) -> Vec<(String, Role)> {
    let sections = outline(text).into_iter();
    sections.map(|section| (section.path, section.role)).collect()
}

#[test]
fn a_rule_of_law_report_with_its_five_parts_in_another_order() {
    insta::assert_snapshot!(tree(
        "2023年以来，清河县扎实推进法治政府建设。现将有关情况报告如下：\n\
         一、党政主要负责人履行推进法治建设第一责任人职责情况\n\
         (一)带头学习。县政府常务会议学法12次。\n（二）带头部署。\n一是召开推进会。二是印发要点。\n\
         二、主要举措和成效\n（一）优化环境。一是简政放权。取消事项3项；二是减证便民，压缩时限一半。\n全年办件增长。\n\
         1.规范执法。首先，清理证件。其次，评查案卷。\n(1)严格培训。\n①线上培训。\n②线下培训。\n\
         三、存在的不足和原因\n法治意识有待提升：一是学习不够。二是考核不严。\n\
         四、下一年度工作安排\n持续用力。\n五、其他需要报告的情况\n无。\n清河县人民政府\n2024年1月20日"
    ));
}

#[test]
fn a_notice_with_its_scheme_and_lost_characters() {
    insta::assert_snapshot!(tree(
        "各乡镇人民政府：\n《清河县提升行动实施方案》已经县政府同意，现印发给你们，请认真贯彻执行。\n附件：\n1.任务分工表\n2.责任清单\n\
         一、总体要求\n坚持依法行政，全面完成各项任务。\n二、重点任务\n实施示范创建提升行动\n1.积极争创示范。\n2.完善机制。\n\
         二)实施质量提升行动\n3.提高质量。落实审查。\n实施环境提升行动\n4.优化环境，压缩时限。\n(四)实施监督提升行动\n5.强化监督。\n\
         三、工作要求\n(一)加强组织领导各镇、各单位要定人定责，主要负责同志每月要听一次进度，分管同志每周要到现场看一次，问题当周解决。\n\
         二)强化宣传。"
    ));
}

#[test]
fn a_report_on_the_disclosure_of_information() {
    insta::assert_snapshot!(tree(
        "一、总体情况\n本年度公开信息120条。\n二、主动公开政府信息情况\n信息内容\t本年制发件数\n规章\t0\n\
         三、收到和处理政府信息公开申请情况\n一、本年新收政府信息公开申请数量\n12\n(一)予以公开\n8\n四、政府信息公开行政复议、行政诉讼情况\n无。\n\
         五、存在的主要问题及改进情况\n一是更新不及时。二是解读不足。\n六、其他需要报告的事项\n无。"
    ));
}

#[test]
fn a_work_report_with_items_that_begin_with_a_dash() {
    insta::assert_snapshot!(tree(
        "——2024年1月10日在清河县第十九届人民代表大会第三次会议上\n各位代表：\n现在，我代表县人民政府报告工作。\n\
         一、2023年工作回顾\n过去一年，成绩来之不易。\n——经济稳中有进。总量突破百亿。\n——民生持续改善。就业增加。\n\
         二、2024年总体要求和目标任务\n主要目标是：增长6%。\n三、2024年重点工作\n(一)抓项目。一要提速，二要提质。\n\
         四、加强政府自身建设\n坚持过紧日子。"
    ));
}

#[test]
fn accounts_of_a_department_in_parts() {
    insta::assert_snapshot!(tree(
        "第一部分 部门概况\n一、主要职责\n负责水利工作。\n二、机构设置\n第二部分 2023年度决算情况说明\n一、收入支出总体情况\n\
         收入\t支出\n100\t100\n(一)收入情况\n1.财政拨款100万元。\n第三部分 名词解释\n一、财政拨款收入：指从财政取得的资金。"
    ));
}

#[test]
fn headings_without_numbers_have_roles_too() {
    let body =
        "全县各部门坚持依法行政，严格规范公正文明执法，努力提升人民群众的获得感和满意度。全年培训二十场次。";
    let text = format!(
        "{body}\n今年以来工作开展情况\n{body}\n目前存在的主要问题\n{body}\n下一步工作打算\n{body}\n清河县司法局"
    );
    let found: Vec<_> = roles(&text).into_iter().map(|(_, role)| role).collect();
    assert_eq!(found, [Role::Achievements, Role::Problems, Role::Plans]);
}

#[test]
fn a_heading_of_two_things_is_about_the_first_and_its_children_about_what_they_name() {
    let text = "一、工作成效\n好。\n二、存在问题及下一步打算\n(一)存在的问题\n少。\n1.下一步打算\n(二)下一步工作打算\n多。";
    assert_eq!(
        roles(text),
        [
            ("一", Role::Achievements),
            ("二", Role::Problems),
            ("二/(一)", Role::Problems),
            ("二/(一)/1", Role::Problems),
            ("二/(二)", Role::Plans),
        ]
        .map(|(path, role)| (path.to_owned(), role))
    );
}

#[test]
fn headings_that_say_nothing_are_told_by_their_place_and_first_words() {
    let text = "一、强化组织领导\n召开会议。\n二、推进严格执法\n开展培训。\n三、存在的问题\n少。\n四、聚力攻坚\n下一步，清河县将继续努力。\n五、其他事项";
    let found: Vec<_> = roles(text).into_iter().map(|(_, role)| role).collect();
    use Role::{Achievements, Other, Plans, Problems};
    assert_eq!(found, [Achievements, Achievements, Problems, Plans, Other]);
    let text = "一、总体要求\n二、强化组织领导\n三、工作要求";
    assert!(
        roles(text).iter().all(|(_, role)| *role == Other),
        "a scheme has no such parts"
    );
    let text = "一、巩固成果\n虽有进步，但仍存在一些突出问题。\n二、持续用力\n甲。\n三、下一步打算\n乙。";
    let found: Vec<_> = roles(text).into_iter().map(|(_, role)| role).collect();
    assert_eq!(found[2], Plans);
}

#[test]
fn details_below_the_second_level_do_not_speak_for_themselves() {
    let text = "一、下一步打算\n(一)优化环境\n1.突出问题\n整治。\n2.存在的问题\n解决。";
    assert!(roles(text).iter().all(|(_, role)| *role == Role::Plans));
}
