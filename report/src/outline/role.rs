//! What a section is for, by its heading and by the sections around it.
//!
//! 法治政府建设 reports have five prescribed parts, in any order: what was done, what is lacking, how the heads did their
//! duty, what is planned, other matters. The same words head the parts of work reports, of reports on the disclosure
//! of information and of summaries. The heading decides; sub-sections say otherwise only in clear words.
//!
//! A heading that names two things (存在的问题及下一步打算) is about the first, its sub-sections about what each names. Where
//! headings of the first level say nothing, their place and first words do: a report that has a part for problems or
//! plans tells before it what was done.

use std::sync::LazyLock;

use regex::Regex;

use super::{Origin, Role, Section, inline::is_number};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are well-formed")
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* static $name: LazyLock<Regex> = LazyLock::new(|| pattern($text));)+
    };
}

/// Headings that name a role by themselves, whatever section they are in.
static STRONG: LazyLock<[(Role, Regex); 4]> = LazyLock::new(|| {
    [
        (
            Role::Duties,
            pattern("履行.*第一责任人|第一责任人.*履行|主要负责人.*履行.*(职责|责任)"),
        ),
        (
            Role::Problems,
            pattern(
                "^(当前|目前|仍|尚|工作|主要)?(仍|还)?(存在|面临)的?(主要|突出|一些)?(问题|不足|困难|短板|差距)|\
                 ^(主要|突出)?(问题|不足|短板)(和|与|及|、)?(问题|不足|原因|短板|差距)?(分析)?$",
            ),
        ),
        (
            Role::Plans,
            pattern(
                "^(今后|下一?(步|阶段|年)|明年|来年).{0,12}(打算|安排|计划|思路|措施|重点|工作|方向|举措)",
            ),
        ),
        (
            Role::Achievements,
            pattern("^(主要|工作|取得的?)(主要)?(工作)?(成效|成绩|举措和成效|做法(和|及|与)成效)$"),
        ),
    ]
});

/// Headings that name a role if the section above has none.
static WEAK: LazyLock<[(Role, Regex); 5]> = LazyLock::new(|| {
    [
        (Role::Duties, pattern("第一责任人")),
        (
            Role::Plans,
            pattern(
                "下一?步|下一?阶段|下一年|今后|明年|来年|努力方向|改进(措施|方向)|整改措施|展望|\
                 (主要|重点)?(工作|任务)?(安排|打算|思路)|(工作|任务|年度|主要)计划|做好.{0,10}各?项?工作$",
            ),
        ),
        (
            Role::Problems,
            pattern(
                "(存在|面临|突出|主要).{0,6}(问题|不足|困难|短板|差距|薄弱)|\
                 (问题|不足|差距|短板|困难)(和|与|及|分析|原因|$)|薄弱环节|不足之处|问题不足|制约因素",
            ),
        ),
        (
            Role::Achievements,
            pattern(
                "成效|成绩|成果|亮点|回顾|总结|做法|举措|(开展|工作|落实|进展|完成|推进|建设|执行|总体)情况|\
                 主要工作|工作措施|经验|过去(一|的一|五|的五)年|情况$",
            ),
        ),
        // Of a year that is named: 2025年重点任务.
        (Role::Plans, pattern("总体要求|目标|任务|重点工作|工作重点|部署")),
    ]
});

patterns! {
    /// What was done with it matters, not what it was: 2023年目标任务完成情况, 工作计划落实情况.
    DONE = "(完成|落实|执行|进展|开展|推进|建设|实施)情况$|回顾$|成效$";
    /// To solve problems is no section about problems: 解决一批群众身边的突出问题.
    REMEDY = "^(着力|聚焦|坚持|围绕|针对|持续|切实|全力|有效)?(解决|破解|整治|化解|推动|推进|加快|强化|加强|问题导向)|^聚焦";
    YEAR = "20\\d\\d年|二[〇○零]..年|今年|今后五年|未来五年";
    /// Parts that are about nothing of all this.
    ELSE = "其他|其它|基本情况|概况|概述|指导思想|基本原则|总体要求|总则|附则|附件|附表|名词解释|适用范围|背景|意义|说明|\
            ^(工作)?要求$|工作要求|保障措施|^结语";
    /// A part that looks back on the whole year.
    REVIEW = "回顾|过去(一|的一|五|的五)年|总结";
    LACKING = "^.{0,60}(存在|面临|有).{0,12}(问题|不足|差距|短板|薄弱|困难)";
    COMING = "^(下一?步|今后|明年|新的一年|20\\d\\d年,?.{0,12}将)";
    LEADERS = "^.{0,40}(履行.{0,12}第一责任人|第一责任人职责)";
}

/// Longest heading that is looked at: longer ones are sentences and name many things.
const LONGEST: usize = 40;

/// The role that a heading of the first level names.
pub(super) fn named(heading: &str) -> Role {
    of(heading, Role::Other)
}

/// The role of a section with this heading in a section of the role `inherited`.
fn of(heading: &str, inherited: Role) -> Role {
    if heading.chars().nth(LONGEST).is_some() {
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
    if heading.starts_with("其他") || heading.starts_with("其它") || heading.starts_with("基本情况") {
        return Role::Other;
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

/// Gives every section its role.
pub(super) fn assign(sections: &mut [Section], origins: &[Origin<'_>]) {
    let firsts: Vec<usize> = (0..sections.len())
        .filter(|&at| origins[at].parent.is_none() && !sections[at].is_inline())
        .collect();
    for &at in &firsts {
        sections[at].role = named(&sections[at].heading);
    }
    by_place(sections, origins, &firsts);
    for at in 0..sections.len() {
        let Some(parent) = origins[at].parent else {
            continue;
        };
        let inherited = sections[parent].role;
        // Only headings next to the top speak for themselves: below, 存在问题 is about some matter of detail.
        let speaks = origins[parent].parent.is_none() && sections[at].level <= sections[parent].level + 1;
        sections[at].role = if speaks && !is_number(&sections[at].number) {
            of(&sections[at].heading, inherited)
        } else {
            inherited
        };
    }
}

/// Sections of the first level whose headings say nothing, in a document where others do.
fn by_place(sections: &mut [Section], origins: &[Origin<'_>], firsts: &[usize]) {
    let place = |sections: &[Section], role| firsts.iter().position(|&at| sections[at].role == role);
    let problems = place(sections, Role::Problems);
    let plans = place(sections, Role::Plans);
    let Some(turn) = problems.into_iter().chain(plans).min() else {
        return;
    };
    let done = place(sections, Role::Achievements);
    let review = firsts
        .iter()
        .any(|&at| sections[at].role == Role::Achievements && REVIEW.is_match(&sections[at].heading));
    for (n, &at) in firsts.iter().enumerate() {
        let section = &sections[at];
        if section.role != Role::Other || ELSE.is_match(&section.heading) {
            continue;
        }
        let opening = opening(origins[at].rest, &section.heading);
        sections[at].role = if LEADERS.is_match(&opening) {
            Role::Duties
        } else if COMING.is_match(&opening) {
            Role::Plans
        } else if problems.is_none() && LACKING.is_match(&opening) {
            Role::Problems
        } else if n < turn && done.is_none() {
            Role::Achievements
        } else if review && plans.is_some_and(|plans| plans < n) {
            // Work reports close with what the government will do about itself.
            Role::Plans
        } else {
            continue;
        };
    }
}

/// The first words below a heading.
fn opening(section: &str, heading: &str) -> String {
    let head: String = section.chars().take(240).collect();
    let text = head.split_once(heading).map_or("", |(_, text)| text);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "。:：.".contains(c));
    text.chars()
        .take(120)
        .map(|c| match c {
            '，' => ',',
            '\n' => ' ',
            c => c,
        })
        .collect()
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
            assert_eq!(named(heading), role, "{heading}");
        }
    }

    #[test]
    fn sections_inherit_unless_they_say_otherwise() {
        let within = of;
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
        assert_eq!(within("巩固突出问题专项治理成果", Role::Plans), Role::Plans);
    }
}
