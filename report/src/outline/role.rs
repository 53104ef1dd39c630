//! What a section is for, by its heading.
//!
//! 法治政府建设 reports have five prescribed parts: what was done, what is lacking, how the heads did their duty, what
//! is planned, other matters. The same words head the parts of work reports and summaries.

use std::sync::LazyLock;

use regex::Regex;

use super::Role;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are well-formed")
}

/// Headings that name a role by themselves, whatever section they are in.
static STRONG: LazyLock<[(Role, Regex); 3]> = LazyLock::new(|| {
    [
        (
            Role::Duties,
            pattern("履行.*第一责任人|第一责任人.*履行|主要负责人.*履行.*(职责|责任)"),
        ),
        (
            Role::Problems,
            pattern(
                "^(当前|目前|仍|尚|工作|主要)?(仍|还)?(存在|面临)的?(主要|突出|一些)?(问题|不足|困难|短板|差距)",
            ),
        ),
        (
            Role::Plans,
            pattern(
                "^(今后|下一?(步|阶段|年)|明年|来年).{0,12}(打算|安排|计划|思路|措施|重点|工作|方向|举措)",
            ),
        ),
    ]
});

/// Headings of the first two levels that name a role if the section above has none.
static WEAK: LazyLock<[(Role, Regex); 5]> = LazyLock::new(|| {
    [
        (Role::Duties, pattern("第一责任人")),
        (
            Role::Plans,
            pattern(
                "下一?步|下一?阶段|下一年|今后|明年|来年|努力方向|改进(措施|方向)|\
                 (主要|重点)?(工作|任务)?(安排|打算|思路)|(工作|任务|年度|主要)计划",
            ),
        ),
        (
            Role::Problems,
            pattern(
                "(存在|面临|突出|主要).{0,6}(问题|不足|困难|短板|差距|薄弱)|\
                 (问题|不足|差距|短板|困难)(和|与|及|分析|原因|$)|薄弱环节|不足之处",
            ),
        ),
        (
            Role::Achievements,
            pattern(
                "成效|成绩|成果|亮点|回顾|总结|做法|举措|(开展|工作|落实|进展|完成|推进|建设|执行|总体|实施)情况|\
                 主要工作|工作措施|经验|过去(一年|五年)",
            ),
        ),
        // Of a year that is named: 2025年重点任务.
        (Role::Plans, pattern("总体要求|目标|任务|重点工作|工作重点|部署")),
    ]
});

/// What was done with it matters, not what it was: 2023年目标任务完成情况.
static DONE: LazyLock<Regex> =
    LazyLock::new(|| pattern("(完成|落实|执行|进展|开展|推进|建设|实施)情况$|回顾$|成效$"));

/// To solve problems is no section about problems: 解决一批群众身边的突出问题.
static REMEDY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "^(着力|聚焦|坚持|围绕|针对|持续|切实|全力|有效)?(解决|破解|整治|化解|推动|推进|加快|强化|加强|问题导向)|^聚焦",
    )
});

static YEAR: LazyLock<Regex> = LazyLock::new(|| pattern("20\\d\\d年|今年|今后五年|未来五年"));

/// Longest heading that is looked at: longer ones are sentences and name many things.
const LONGEST: usize = 40;

/// The role of a section with this heading, given that of the section above.
pub(super) fn of(heading: &str, level: u8, parent: Option<Role>) -> Role {
    let inherited = parent.unwrap_or(Role::Other);
    if level > 2 || heading.chars().nth(LONGEST).is_some() {
        return inherited;
    }
    if let Some((role, _)) = STRONG.iter().find(|(_, pattern)| pattern.is_match(heading)) {
        return *role;
    }
    if inherited != Role::Other {
        return inherited;
    }
    if DONE.is_match(heading) {
        return Role::Achievements;
    }
    let known = WEAK.len() - usize::from(!YEAR.is_match(heading));
    // 存在的问题和下一步打算 is about problems first. At the same place the order of the list decides.
    let remedy = REMEDY.is_match(heading);
    let found = WEAK[..known]
        .iter()
        .filter(|(role, _)| !(remedy && *role == Role::Problems))
        .filter_map(|(role, pattern)| Some((pattern.find(heading)?.start(), *role)));
    found
        .min_by_key(|(at, _)| *at)
        .map_or(Role::Other, |(_, role)| role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_real_reports() {
        for (heading, role) in [
            ("工作开展情况", Role::Achievements),
            ("主要成效", Role::Achievements),
            ("2024年全市法治政府建设工作成效和举措", Role::Achievements),
            ("2024年工作回顾", Role::Achievements),
            ("推进法治政府建设的主要举措和成效", Role::Achievements),
            ("2023年主要工作", Role::Achievements),
            ("总体情况", Role::Achievements),
            ("2023年目标任务完成情况", Role::Achievements),
            ("存在的主要问题", Role::Problems),
            ("存在的问题", Role::Problems),
            ("存在的问题和不足", Role::Problems),
            ("存在的主要问题及改进情况", Role::Problems),
            ("法治政府建设存在的不足和原因", Role::Problems),
            ("存在问题和下一步打算", Role::Problems),
            ("困难和问题", Role::Problems),
            ("下一步工作打算", Role::Plans),
            ("下步工作打算", Role::Plans),
            ("2025年工作安排", Role::Plans),
            ("2025年重点任务", Role::Plans),
            ("2025年主要工作安排", Role::Plans),
            ("今后工作思路", Role::Plans),
            ("2025年政府工作总体要求和主要目标", Role::Plans),
            ("第一责任人职责", Role::Duties),
            ("党政主要负责人履行法治政府建设第一责任人职责情况", Role::Duties),
            ("其他需要报告的情况", Role::Other),
            ("总体要求", Role::Other),
            ("目标任务", Role::Other),
            ("工作要求", Role::Other),
            ("解决一批群众身边的突出生态环境问题", Role::Other),
            ("实施银龄人才行动计划", Role::Other),
            ("巩固行政应诉突出工作", Role::Other),
        ] {
            assert_eq!(of(heading, 1, None), role, "{heading}");
        }
    }

    #[test]
    fn sections_inherit_unless_they_say_otherwise() {
        let within = |heading, parent| of(heading, 2, Some(parent));
        assert_eq!(
            within("坚持问题导向,解决突出问题", Role::Achievements),
            Role::Achievements
        );
        assert_eq!(within("存在的问题", Role::Achievements), Role::Problems);
        assert_eq!(within("下一步工作打算", Role::Problems), Role::Plans);
        assert_eq!(
            within("主要负责人履行推进法治建设第一责任人职责情况", Role::Achievements),
            Role::Duties
        );
        assert_eq!(of("巩固突出问题专项治理成果", 3, None), Role::Other);
        assert_eq!(of("突出问题", 3, Some(Role::Plans)), Role::Plans);
    }
}
