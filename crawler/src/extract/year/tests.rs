//! The year of reports of every kind, and what must not be taken for it.

use super::*;

fn year(genre: Genre, title: &str, text: &str) -> Option<(i32, YearBasis)> {
    let found = of(genre, Some(title).filter(|title| !title.is_empty()), text, None);
    found.map(|found| found.value)
}

#[test]
fn titles_name_the_year() {
    let title = Some(YearBasis::Title);
    for (genre, text, expected) in [
        (
            Genre::RuleOfLawReport,
            "清河市2020年度法治政府建设工作情况报告",
            2020,
        ),
        (
            Genre::OpenGovernmentReport,
            "清河县政府信息公开工作年度报告（2023）",
            2023,
        ),
        (
            Genre::RuleOfLawReport,
            "清河县二〇二一年法治政府建设情况报告",
            2021,
        ),
        (
            Genre::BudgetReport,
            "关于清河县2023年财政预算执行情况和2024年财政预算草案的报告",
            2023,
        ),
        (Genre::BudgetReport, "清河县2024年部门预算公开", 2024),
        (
            Genre::Notice,
            "关于印发清河县2023年法治政府建设工作要点的通知",
            2023,
        ),
        (
            Genre::RuleOfLawReport,
            "关于贯彻《法治政府建设实施纲要（2021-2025年）》2022年度情况的报告",
            2022,
        ),
    ] {
        assert_eq!(
            year(genre, text, ""),
            Some((expected, YearBasis::Title)),
            "{text}"
        );
    }
    assert_eq!(title, Some(YearBasis::Title));
    for (genre, text) in [
        (Genre::Notice, "关于印发清河县推进法治政府建设实施方案的通知"),
        (Genre::Plan, "清河县生态环境保护规划（2021—2025年）"),
        (Genre::Plan, "清河县“十四五”规划和2035年远景目标纲要"),
        (Genre::Notice, "关于调整油价的通知（2023年4月28日）"),
        (Genre::RuleOfLawReport, "清河县法治政府建设年度报告"),
    ] {
        assert_eq!(year(genre, text, ""), None, "{text}");
    }
}

#[test]
fn texts_name_the_year() {
    let genre = Genre::RuleOfLawReport;
    assert_eq!(
        year(genre, "", "2024年，清河市委、市政府坚持依法行政。"),
        Some((2024, YearBasis::Body))
    );
    assert_eq!(
        year(genre, "", "一年来，全市依法行政。\n三、2025年工作安排"),
        Some((2024, YearBasis::Heading))
    );
    let text = "全市依法行政。截至2021年2月，依据《纲要（2015—2020年）》，2020年办理，2020年审查，2020年培训";
    assert_eq!(year(genre, "", text), Some((2020, YearBasis::Body)));
    assert_eq!(year(Genre::Notice, "", "2024年，清河市"), None);
}

#[test]
fn work_reports_set_the_tasks_of_their_year() {
    let text = "——2022年12月28日在清河县第十九届人民代表大会第二次会议上\n县长 张三\n各位代表：";
    assert_eq!(
        year(Genre::WorkReport, "政府工作报告", text),
        Some((2023, YearBasis::Body))
    );
    let text = "——2023年2月2日在清河县第十八届人民代表大会第三次会议上";
    assert_eq!(
        year(Genre::WorkReport, "政府工作报告", text),
        Some((2023, YearBasis::Body))
    );
}

#[test]
fn publication_is_the_last_resort() {
    let published = Some(Date::constant(2022, 3, 1));
    let found = of(
        Genre::OpenGovernmentReport,
        Some("清河县政府信息公开年度报告"),
        "",
        published,
    );
    assert_eq!(
        found,
        Some(Found::new(
            (2021, YearBasis::Published),
            "published",
            "2022-03-01".to_owned()
        ))
    );
    let late = Some(Date::constant(2022, 9, 1));
    assert_eq!(
        of(
            Genre::OpenGovernmentReport,
            Some("清河县政府信息公开年度报告"),
            "",
            late
        ),
        None
    );
}

/// Genre, title, text, and the year with its basis as they should come out: `2023 title`, `-` for none.
const TRAPS: &[(Genre, &str, &str, &str)] = {
    use Genre::{
        BudgetReport as Budget, DevelopmentReport as Development, Interpretation, News, Notice,
        OpenGovernmentReport as Open, Other, Plan, RuleOfLawReport as Law, StatisticalBulletin as Bulletin,
        WorkReport as Work,
    };
    &[
        // Published in the year after.
        (
            Law,
            "清河县2020年度法治政府建设情况报告",
            "2021年2月22日",
            "2020 title",
        ),
        (
            Open,
            "清河县2022年政府信息公开工作年度报告",
            "现公布如下。2023年1月12日",
            "2022 title",
        ),
        // Spans in titles of plans.
        (
            Law,
            "贯彻《法治政府建设实施纲要(2015—2020年)》2019年度情况的报告",
            "",
            "2019 title",
        ),
        (
            Law,
            "清河县落实《法治清河建设规划（2021－2025年）》情况报告",
            "",
            "-",
        ),
        (Plan, "清河县水利发展规划（2021-2025）", "", "-"),
        (Notice, "关于印发清河县2021年至2023年行动方案的通知", "", "-"),
        // Spans that lost their dash.
        (Plan, "清河县法治政府建设规划（20212025年）", "", "-"),
        (
            Law,
            "清河县法治政府建设情况报告",
            "落实《纲要》20212025年任务。20212025年规划，20212025年方案，20212025年要点。",
            "-",
        ),
        (
            Notice,
            "关于落实法治政府建设实施纲要20212025年任务的通知",
            "",
            "-",
        ),
        // The year that a plan is made for is not what a report is about.
        (
            Law,
            "",
            "全县推进依法行政。2023年培训，2023年考核，2023年审查，截至2024年2月办结，截至2024年2月整改。",
            "2023 body",
        ),
        (
            Law,
            "",
            "全县推进依法行政。截至2025年3月，截至2025年3月底，截止2025年4月。",
            "-",
        ),
        (
            Law,
            "清河县法治政府建设情况报告（截至2024年2月）",
            "2023年，清河县依法行政。",
            "2023 body",
        ),
        (
            Notice,
            "关于公布清河县行政执法主体的通告（截至2022年12月31日）",
            "",
            "-",
        ),
        // Two years in a title.
        (
            Law,
            "清河县2022年法治政府建设工作总结和2023年工作计划",
            "",
            "2022 title",
        ),
        (
            Law,
            "清河县财政局2021年法治建设情况报告及2022年工作安排",
            "",
            "2021 title",
        ),
        (
            Budget,
            "关于清河县2022年财政决算（草案）和2023年上半年预算执行情况的报告",
            "",
            "2022 title",
        ),
        (
            Budget,
            "关于清河县二〇二三年财政预算执行情况和二〇二四年财政预算草案的报告",
            "",
            "2023 title",
        ),
        (
            Development,
            "关于清河县2022年国民经济和社会发展计划执行情况与2023年国民经济和社会发展计划草案的报告",
            "",
            "2022 title",
        ),
        (
            Development,
            "清河县2023年国民经济和社会发展计划及重大项目执行情况和2024年计划草案的报告",
            "",
            "2023 title",
        ),
        (
            Budget,
            "清河县2024年部门预算公开",
            "2023年预算执行情况",
            "2024 title",
        ),
        // No year in the title.
        (
            Law,
            "清河县法治政府建设年度报告",
            "2023年以来，清河县依法行政。",
            "2023 body",
        ),
        (
            Law,
            "清河县法治政府建设年度报告",
            "2022年度清河县依法行政。",
            "2022 body",
        ),
        (
            Law,
            "清河县法治政府建设情况报告",
            "现将2021年度法治政府建设情况报告如下：",
            "2021 body",
        ),
        (
            Open,
            "清河县政府信息公开年度报告",
            "本报告数据统计期限自2022年1月1日起至2022年12月31日止。",
            "2022 body",
        ),
        (
            Open,
            "清河县政府信息公开工作年度报告",
            "根据条例要求，编制2020年度政府信息公开工作报告。",
            "2020 body",
        ),
        (
            Law,
            "清河县法治政府建设年度报告",
            "一年来。\n一、2022年工作情况\n二、2023年工作安排",
            "2022 heading",
        ),
        (
            Law,
            "清河县法治政府建设年度报告",
            "一年来。\n三、2023年工作打算",
            "2022 heading",
        ),
        (
            Law,
            "清河县法治政府建设年度报告",
            "2022年底以来，全县依法行政。",
            "-",
        ),
        // This year and last year.
        (
            Law,
            "",
            "2022年，清河县依法行政。去年培训12次，今年培训20次，比上年增长。",
            "2022 body",
        ),
        (
            Law,
            "清河县2021年法治政府建设报告",
            "今年以来。去年2020年。2020年，2020年。",
            "2021 title",
        ),
        // Spelled years.
        (Law, "清河县二〇二三年度法治政府建设报告", "", "2023 title"),
        (Law, "清河县二○二二年法治政府建设报告", "", "2022 title"),
        (Law, "清河县二O二一年法治政府建设报告", "", "2021 title"),
        (
            Bulletin,
            "清河县二零一九年国民经济和社会发展统计公报",
            "",
            "2019 title",
        ),
        // Full-width digits.
        (Law, "清河县２０２２年法治政府建设报告", "", "2022 title"),
        (Law, "", "２０２４年，清河县依法行政。", "2024 body"),
        // Years of schools.
        (Open, "清河一中2023-2024学年信息公开工作年度报告", "", "-"),
        (Notice, "关于做好2022—2023学年招生工作的通知", "", "-"),
        // Short years.
        (Law, "清河县23年法治政府建设工作总结", "", "2023 title"),
        (Open, "清河县水利局19年度政府信息公开年报", "", "2019 title"),
        (Law, "清河县改革开放40年法治政府建设情况报告", "", "-"),
        (Law, "清河县近10年法治政府建设情况报告", "", "-"),
        // Serial numbers and days.
        (Notice, "清河县人民政府公告2023年第5号", "", "-"),
        (Notice, "转发国发〔2021〕5号文件的通知", "", "-"),
        (Notice, "关于调整油价的通知（2023年4月28日）", "", "-"),
        (Notice, "关于修改《清河县养犬办法》的决定（2021年修订）", "", "-"),
        // A notice or plan that names a year.
        (
            Notice,
            "关于印发《清河县2023年法治政府建设工作要点》的通知",
            "",
            "2023 title",
        ),
        (Plan, "清河县2024年政务公开工作要点", "", "2024 title"),
        (Notice, "关于做好工作的通知", "2023年，清河县。", "-"),
        (Plan, "清河县水利规划", "一、2023年工作", "-"),
        // Others: by their title alone.
        (News, "清河县召开2023年法治政府建设推进会", "", "2023 title"),
        (News, "清河县召开法治政府建设推进会", "2023年，全县。", "-"),
        (
            Interpretation,
            "一图读懂2024年清河县政府工作报告",
            "",
            "2024 title",
        ),
        (Other, "清河县概况", "2020年，2020年，2020年。", "-"),
        // Work reports set the tasks of their year.
        (
            Work,
            "2022年清河县政府工作报告",
            "——2022年12月28日在清河县第十九届人民代表大会第二次会议上",
            "2023 body",
        ),
        (
            Work,
            "清河县政府工作报告",
            "（2023年2月2日在清河县第十九届人民代表大会第三次会议上）",
            "2023 body",
        ),
        (
            Work,
            "2025年清河县政府工作报告",
            "2025年1月14日县长张三在清河县第十九届人民代表大会第五次会议上作",
            "2025 title",
        ),
        (
            Work,
            "清河县2022年政府工作报告",
            "各位代表：\n一、2022年工作回顾\n二、2023年工作安排",
            "2023 heading",
        ),
        (
            Work,
            "政府工作报告",
            "各位代表：\n一、过去五年工作回顾\n二、今后五年目标任务\n三、2022年重点工作",
            "2022 heading",
        ),
        (
            Work,
            "政府工作报告",
            "一、2020年工作回顾\n二、下一步工作",
            "2021 heading",
        ),
        (Work, "1957年清河县政府工作报告", "各位代表", "1957 title"),
        (
            Work,
            "2024年清河县政府工作报告",
            "到2035年目标\n二、2030年远景目标",
            "2024 title",
        ),
    ]
};

#[test]
fn traps() {
    let wrong: Vec<_> = TRAPS
        .iter()
        .filter_map(|(genre, title, text, expected)| {
            let found = year(*genre, title, text)
                .map_or("-".to_owned(), |(year, basis)| format!("{year} {}", basis.code()));
            (found != *expected).then_some((title, text, found, expected))
        })
        .collect();
    assert_eq!(wrong, []);
}

#[test]
fn only_reports_that_are_due_take_the_year_before_their_publication() {
    let of = |genre, title, month| {
        let found = of(genre, Some(title), "", Some(Date::constant(2024, month, 15)));
        found.map(|found| found.value)
    };
    let published = |year| Some((year, YearBasis::Published));
    assert_eq!(
        of(Genre::RuleOfLawReport, "清河县法治政府建设报告", 3),
        published(2023)
    );
    assert_eq!(
        of(Genre::RuleOfLawReport, "清河县法治政府建设报告", 9),
        None,
        "re-published late"
    );
    assert_eq!(
        of(Genre::OpenGovernmentReport, "清河县政府信息公开年报", 6),
        published(2023)
    );
    assert_eq!(of(Genre::OpenGovernmentReport, "清河县政府信息公开年报", 7), None);
    assert_eq!(of(Genre::WorkReport, "政府工作报告", 1), published(2024));
    assert_eq!(of(Genre::WorkReport, "政府工作报告", 12), published(2025));
    assert_eq!(of(Genre::Notice, "关于做好工作的通知", 3), None);
    assert_eq!(of(Genre::Other, "清河县概况", 3), None);
}
