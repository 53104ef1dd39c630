//! What kind of report a document is.
//!
//! The title decides. Titles that speak of a report without being one (its interpretation, news of the meeting that
//! heard it, the plan of work) are told apart first.

use std::sync::LazyLock;

use regex::Regex;
use report::{Genre, IssuerType};

use super::{
    boilerplate::{compact, patterns},
    evidence::Found,
};

patterns! {
    INTERPRETATION = r"解读|图解|问答|一图读懂|一图看懂|图说|新闻发布会|政策说明|起草说明|编制说明";
    /// Speaks of a report, a plan, a budget, and is none.
    LOOK_ALIKE = r"征求.{0,12}意见|草案意见|名单|公示|会议(召开|精神)|召开.{0,20}会|印发.*(工作要点|工作安排|实施方案|工作方案)|印发.*通知$|关于(做好|报送|开展|组织|印发|进一步).*的?通知$"
                 r"|讲话|致辞|培训|学习|宣讲";
    RULE_OF_LAW = r"(法治政府建设|依法行政|推进法治建设|法治建设).{0,12}(情况|报告|总结|汇报)|(法治政府建设|依法行政).{0,8}(年报)";
    OPEN_GOVERNMENT = r"政府信息(与政务)?公开(工作)?.{0,8}报告|信息公开(工作)?(年报|年度报告|情况报告|情况年度报告)|信息公开.{0,6}年度.{0,6}报告";
    WORK = r"^(\d{4}年)?.{0,24}政府工作报告([(（].{1,20}[)）])?$|^政府工作报告";
    BUDGET = r"预算执行情况.*预算(草案)?.{0,4}(的?报告)|(财政|总|部门|单位|政府|收支|年度|\d年)决算|(财政|部门|单位|年度|政府|收支|\d年)预算|预决算|[“]?三公[”]?经费|决算(草案)?的?报告|预算执行.{0,12}报告|预算调整";
    BULLETIN = r"国民经济和社会发展统计公报|(经济|人口)普查.{0,6}公报|统计公报";
    DEVELOPMENT = r"国民经济和社会发展计划.{0,4}执行情况|国民经济和社会发展.{0,8}计划(草案)?.{0,8}报告";
    PLAN = r"规划.{0,24}纲要([(（].{1,24}[)）])?$|规划(纲要)?》?([(（].{1,24}[)）])?$|“?十[三四五六]五”?.{0,30}(规划|计划|纲要)》?([(（].{1,24}[)）])?$"
           r"|20\d\d[—\-–~至]20\d\d年.{0,30}(规划|计划|纲要)》?$|(规划|[^动]计划|纲要)》?[(（]20\d\d年?[—\-–~至]20\d\d年?[)）]$|工作(要点|安排|计划)([(（].{1,24}[)）])?$";
    /// A notice that carries a plan.
    CARRIED_PLAN = r"(印发|转发|发布|公布).{0,80}(规划|(规划|发展|行动|建设)纲要)([(（].{1,24}[)）])?》?([(（].{1,24}[)）])?的通知$";
    NOTICE = r"关于.*的(通知|意见|决定|通告|公告|批复|函|通报|请示|决议|复函|实施意见|指导意见|若干意见)|^(.{0,40}(国务院|人民政府|政府|办公厅|办公室|[局厅部委]|委员会))?(印发|转发|批转|公布)"
             r"|(方案|细则|办法|规定|通知|意见|决定|通告|公告|批复|预案|制度|措施|规则|公示|清单|条例|命令|令|通报|目录|答复|行动计划)》?([(（].{1,24}[)）])?$|(令|公告)(\d{4}年)?第?\d{1,4}号$";
    /// No yearly report is called so.
    ORDER = r"(通知|意见|办法|规定|细则|批复|决定|公告|通告|函|方案|制度|预案|条例|规则|请示|通报)》?([(（].{1,24}[)）])?$";
    NEWS = r"会议(召开|精神)|召开.{0,20}会|调研|视察|慰问|专访|记者|启动仪式|开幕|闭幕|座谈会|走进|纪实|侧记";
    /// Columns of news.
    NEWS_COLUMN = r"新闻|要闻|动态|快讯|媒体|时政";
    /// Signs of a report on the rule of law in a text without a title.
    ACHIEVEMENTS = r"(?m)^[一二三四]、.{0,30}(成效|工作开展情况|工作情况|主要做法|举措)";
    PROBLEMS = r"(?m)^[一二三四五]、.{0,20}(存在的?.{0,6}(问题|不足)|不足和原因)";
    PLANS = r"(?m)^[一二三四五六]、.{0,8}(下一步|下步|20\d\d年).{0,12}(工作|打算|安排|计划|思路)";
}

/// Whether a title is that of an interpretation (政策解读).
pub(crate) fn is_interpretation(title: &str) -> bool {
    INTERPRETATION.is_match(&compact(title))
}

/// The kind of a document; `column` is where it stands on its site.
pub(crate) fn of<'d>(
    title: Option<&str>,
    text: &str,
    issuer: Option<IssuerType>,
    column: &str,
) -> Found<'d, Genre> {
    let Some(title) = title else {
        return of_text(text, issuer);
    };
    let title = compact(title);
    if let Some(word) = INTERPRETATION.find(&title) {
        return Found::new(Genre::Interpretation, "title", word.as_str().to_owned());
    }
    let look_alike = LOOK_ALIKE.is_match(&title);
    let yearly = !look_alike && !ORDER.is_match(&title);
    // Press articles quote the words of reports in their headlines.
    let press = issuer == Some(IssuerType::Media);
    let kinds: &[(&LazyLock<Regex>, Genre, bool)] = &[
        (&RULE_OF_LAW, Genre::RuleOfLawReport, yearly && !press),
        (&OPEN_GOVERNMENT, Genre::OpenGovernmentReport, yearly),
        (
            &WORK,
            Genre::WorkReport,
            yearly && !title.contains("作政府工作报告"),
        ),
        (&DEVELOPMENT, Genre::DevelopmentReport, yearly),
        (&BULLETIN, Genre::StatisticalBulletin, yearly),
        (&BUDGET, Genre::BudgetReport, yearly),
        (&CARRIED_PLAN, Genre::Plan, true),
        (&NOTICE, Genre::Notice, look_alike),
        (&NEWS, Genre::News, look_alike),
        (&PLAN, Genre::Plan, true),
        (&NOTICE, Genre::Notice, !press),
        (&NEWS, Genre::News, true),
    ];
    let mut allowed = kinds.iter().filter(|(_, _, allowed)| *allowed);
    let found = allowed.find_map(|(pattern, genre, _)| Some((*genre, pattern.find(&title)?)));
    if let Some((genre, words)) = found {
        return Found::new(genre, "title", words.as_str().to_owned());
    }
    if press {
        return Found::new(Genre::News, "issuer", "");
    }
    match NEWS_COLUMN.find(column) {
        Some(word) => Found::new(Genre::News, "column", word.as_str().to_owned()),
        None => Found::new(Genre::Other, "none", ""),
    }
}

/// A text without a title is a report on the rule of law when three of its signs are there.
fn of_text<'d>(text: &str, issuer: Option<IssuerType>) -> Found<'d, Genre> {
    let opening: String = text.chars().take(200).collect();
    let signs = [
        opening.contains("法治政府建设"),
        ACHIEVEMENTS.is_match(text),
        PROBLEMS.is_match(text),
        PLANS.is_match(text),
        text.contains("行政复议"),
        text.contains("合法性审查"),
    ];
    if signs[0] && signs.iter().filter(|sign| **sign).count() >= 3 {
        Found::new(Genre::RuleOfLawReport, "text", "法治政府建设")
    } else if issuer == Some(IssuerType::Media) {
        Found::new(Genre::News, "issuer", "")
    } else {
        Found::new(Genre::Other, "none", "")
    }
}

#[cfg(test)]
mod tests {
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
            ("张三作政府工作报告", Genre::Other),
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
            ("国务院批转农业部关于水库情况的报告", Genre::Notice),
            ("清河省人民政府令第288号", Genre::Notice),
            ("清河县人民政府对第12号提案的答复", Genre::Notice),
            ("清河品牌建设三年行动计划（2021—2023年）", Genre::Notice),
            ("关于2022年政府信息公开工作年度报告公布情况的通报", Genre::Notice),
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
}
