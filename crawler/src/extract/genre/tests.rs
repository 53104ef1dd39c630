//! Titles of all kinds and their look-alikes.

use super::*;

#[test]
fn titles_tell_the_genre() {
    for (title, genre) in [
        ("清河市2020年度法治政府建设工作情况报告", Genre::RuleOfLawReport),
        (
            "平川市清河区人民政府关于2023年度法治政府建设情况的报告",
            Genre::RuleOfLawReport,
        ),
        ("清河县司法局2022年度推进法治建设工作总结", Genre::RuleOfLawReport),
        (
            "清河县2023年政府信息公开工作年度报告",
            Genre::OpenGovernmentReport,
        ),
        (
            "清河县教育局政府信息公开年度报告（2022年）",
            Genre::OpenGovernmentReport,
        ),
        (
            "清河县司法局2023年法治政府建设年度报告公示",
            Genre::RuleOfLawReport,
        ),
        ("清河县法治政府建设示范县候选名单公示", Genre::Notice),
        ("清河县开展宪法宣传进乡村活动", Genre::News),
        ("清河县赴平川市对接对口帮扶工作", Genre::News),
        ("清河县与平川市签订东西部协作协议", Genre::News),
        ("清河县人民政府关于组织开展绿化活动的通知", Genre::Notice),
        ("清河县人民法院工作报告", Genre::Other),
        ("清河县人大常委会2023年工作报告", Genre::Other),
        ("2023年清河县政府工作报告", Genre::WorkReport),
        ("政府工作报告", Genre::WorkReport),
        (
            "关于清河县2023年财政预算执行情况和2024年财政预算草案的报告",
            Genre::BudgetReport,
        ),
        ("清河县2022年度部门决算公开", Genre::BudgetReport),
        (
            "清河县2023年国民经济和社会发展统计公报",
            Genre::StatisticalBulletin,
        ),
        (
            "关于清河县2023年国民经济和社会发展计划执行情况与2024年国民经济和社会发展计划草案的报告",
            Genre::DevelopmentReport,
        ),
        (
            "清河县国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要",
            Genre::Plan,
        ),
        ("张三作政府工作报告", Genre::News),
        ("清河县“十四五”生态环境保护规划", Genre::Plan),
        (
            "清河县人民政府办公室关于印发清河县推进法治政府建设“八大行动”实施方案的通知",
            Genre::Notice,
        ),
        ("清河县2020年度法治政府建设工作安排", Genre::Plan),
        ("关于做好2023年度法治政府建设年度报告工作的通知", Genre::Notice),
        (
            "【政策解读】关于《清河县2023年度法治政府建设工作总结的报告》的政策解读",
            Genre::Interpretation,
        ),
        ("清河县突发事件应急预案", Genre::Notice),
        ("清河县召开法治政府建设推进会", Genre::News),
        ("关于推进政府预算信息公开的指导意见", Genre::Notice),
        (
            "清河县人民政府办公室关于印发清河县“十四五”水利发展规划的通知",
            Genre::Plan,
        ),
        (
            "关于印发《清河县中长期水利规划（2012—2020年）》的通知",
            Genre::Plan,
        ),
        ("印发清河县软件产业行动纲要（2003—2005年）的通知", Genre::Plan),
        (
            "清河县“十四五”规划领导小组办公室关于公布课题遴选结果的公告",
            Genre::Notice,
        ),
        (
            "县政府办公室印发《清河县政务公开考核评估实施方案》",
            Genre::Notice,
        ),
        ("《清河县公共数据管理办法》", Genre::Notice),
        ("清河风光", Genre::Other),
    ] {
        assert_eq!(of(Some(title), "", None, "").value, genre, "{title}");
    }
}

#[test]
fn press_articles_are_news() {
    let title = "平川市清河区持续加强法治政府建设 提高行政机关依法行政水平";
    assert_eq!(
        of(Some(title), "", Some(IssuerType::Media), "").value,
        Genre::News
    );
    assert_eq!(
        of(Some("“板凳会”上话家常"), "", None, "首页>新闻中心>清河要闻"),
        Found::new(Genre::News, "column", "新闻".to_owned())
    );
}

#[test]
fn a_report_without_a_title_is_known_by_its_parts() {
    let text = "2024年，清河市扎实推进法治政府建设。\n一、2024年工作成效和举措\n行政复议\n二、存在的问题\n三、2025年工作安排";
    assert_eq!(of(None, text, None, "").value, Genre::RuleOfLawReport);
    assert_eq!(of(None, "清河市今年粮食丰收。", None, "").value, Genre::Other);
}

/// Invented titles in the shapes of real ones, each kind among its look-alikes.
#[test]
fn titles_of_all_kinds_and_their_look_alikes() {
    let rows = include_str!("titles.tsv")
        .lines()
        .filter_map(|row| row.split_once('\t'));
    let wrong: Vec<_> = rows
        .map(|(genre, title)| (genre, of(Some(title), "", None, "").value.code(), title))
        .filter(|(genre, found, _)| genre != found)
        .collect();
    assert_eq!(wrong, []);
    assert!(include_str!("titles.tsv").lines().count() >= 200);
}

#[test]
fn other_texts_without_a_title_are_known_by_how_they_open() {
    for (text, genre) in [
        (
            "各位代表：\n现在，我代表县人民政府，向大会报告工作，请予审议。",
            Genre::WorkReport,
        ),
        (
            "根据《中华人民共和国政府信息公开条例》规定，现公布清河县2022年政府信息公开年度报告。",
            Genre::OpenGovernmentReport,
        ),
        (
            "各乡镇人民政府：\n《清河县防汛方案》已经县政府同意，现印发给你们，请认真贯彻执行。",
            Genre::Notice,
        ),
        ("清河县今年粮食丰收。", Genre::Other),
    ] {
        assert_eq!(of(None, text, None, "").value, genre, "{text}");
    }
    let press = Some(IssuerType::Media);
    assert_eq!(
        of(None, "各位代表：现在，我代表县人民政府报告工作。", press, "").value,
        Genre::News
    );
}
