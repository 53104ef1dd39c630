//! What kind of report a document is.
//!
//! The title decides, and in it the last words: 关于印发政府工作报告的通知 is a notice, 政府工作报告解读 explains. So a title is cut
//! first: quoted titles are taken out of it, remarks in brackets off its end. Then, first match wins: what explains,
//! what orders (and the notice that carries a plan), the yearly reports unless the title speaks *about* one, plans,
//! other official documents, news. A notice is what it is, whatever it transmits; only a plan and the notice that
//! issues it count as one. A text without a title is known by its opening and its parts.

use std::sync::LazyLock;

use regex::Regex;
use report::{Genre, IssuerType};

use super::{
    boilerplate::{beginning, compact, patterns},
    evidence::Found,
};

#[cfg(test)]
mod tests;

patterns! {
    QUOTED = r"《[^《》]*(?:《[^《》]*》[^《》]*)*》";
    /// The whole title in quotation marks, an office before it perhaps.
    ALL_QUOTED = r"^《([^《》]+)》$";
    /// Remarks at the end: (全文), (2023年度), `[一]`.
    REMARK = r"[(（\[【][^()（）\[\]【】]{0,40}[)）\]】]$";
    INTERPRETATION = r"解读|图解|问答|答问|答记者问|一图|图说|读懂|看懂|速览|要点一览|数说|评读|新闻发布会|政策说明|起草说明|编制说明|^关于《》.{0,16}说明$";
    /// Explaining as a duty, not an explanation.
    EXPLAINING = r"(解读|问答|发布会)(工作|制度|机制|回应)";
    /// Titles that end so order, decide, list or announce; no yearly report does.
    ORDER = r"(通知|意见|办法|规定|细则|批复|决定|公告|通告|函|方案|制度|预案|条例|规则|请示|决议|命令|令|通报|措施|公示|清单|目录|名单|分工|分解表?|行动计划|倡议书|答复)$|(令|公告)(\d{4}年)?第?\d{1,4}号$";
    /// Parts of a budget that are called so too.
    OF_BUDGET = r"预算调整方案$|[预决]算(信息)?公开目录$";
    /// A yearly report that is put up for all to see.
    SHOWN = r"(法治政府|依法行政|法治建设|信息公开).{0,16}(报告|总结|年报)的?公示$";
    /// A notice that carries a plan.
    CARRIED_PLAN = r"(印发|转发|批转|发布|公布).{0,80}(规划|(规划|计划|发展|行动|建设|开发|事业)纲要)([(（].{1,24}[)）])?》?([(（].{1,24}[)）])?(的通知)?$";
    ISSUES = r"^(.{0,40}(国务院|人民政府|政府|办公厅|办公室|局|委员会|[市县区省部]委|[厅部]))?(印发|转发|批转|公布|下发|决定废止|决定修改)|(印发|转发|批转|发布)(.{0,40}(制订|制定|修订)的)?《》$"
            r"|^.{0,20}(人民政府|市政府|县政府|区政府|办公厅|办公室)(调整|成立|同意|表彰|决定)";
    /// Bodies whose names hold words of [`ABOUT`].
    BODY = r"(审计|督[查察]|检查|考核|宣传|培训|评审|调研|学习|信访|审查|整改)[\p{Han}]{0,4}?(局|厅|署|办公室|办|室|部|中心|委员会|处|站)";
    /// Speaks about a report, a plan, a budget, and is none.
    ABOUT = r"听取|审议|审查|学习|宣讲|培训|讲话|致辞|热议|讨论|起草|座谈|征求|征集|模板|格式|样式|范本|答复|回复|提案|发言|侧记|综述|点评|名词解释"
            r"|推进会|部署会|动员会|会议精神|会议召开|召开|督导|调研|评估|审计|考核|抽查|督[查察]|检查|反馈|整改|宣传|报送|草案意见|编写|撰写|示范|创建";
    /// Of a part of the year.
    PARTIAL = r"半年|季度|\d月份?(工作|法治|政务|信息|情况)";
    RULE_OF_LAW = r"(法治政府(建设)?|依法行政|法治建设|第一责任人(职责)?|述法|依法治[省市县区州旗镇](工作|建设|情况)).{0,34}(报告|总结|汇报|年报|情况)$";
    OPEN_GOVERNMENT = r"(信息(与政务|和政务|、政务)?公开|政务公开).{0,30}(报告|总结|汇报|年报|情况)$";
    /// Disclosure of other things, or on request.
    OTHER_DISCLOSURE = r"(企业|环境|信用|财务|环保)信息(依法)?公开|依申请公开|公开申请|办事公开";
    WORK = r"^[\p{Han}\d]{0,60}政府(\d{4}年度?)?工作报告$|^政府工作报告([-—–:].*)?$";
    /// Said of a work report: 县长作政府工作报告, 学习政府工作报告.
    WORK_SPOKEN_OF = r"作(的|了)?(题为)?政府工作报告|关于|解读|贯彻|落实|聚焦|围绕|写入|看|谈|说|对政府|话|读|热词|为政府|和政府|向.*报告|工作报告和";
    BUDGET = r"预算执行|(财政|总|部门|单位|政府|收支|年度|本级|[省市县区乡镇]级?|\d年|街道|局|委|办|院|校|中心).{0,6}(预算|决算)|预决算|[“\x22]?三公[”\x22]?.{0,2}经费|[预决]算(草案)?的?报告|预算调整|^[预决]算公开";
    BUDGET_END = r"(报告|草案|预算|决算|公开|说明|情况|报?表|信息|经费|汇编|文本|书|方案|目录|汇总|统计|数据|附件)$";
    NO_BUDGET = r"采购|招标|中标|成交|竣工|工程|审计|绩效(自评|评价|管理|监控)|预算管理|改革|评审|培训|公共资源";
    BULLETIN = r"统计公报$|(经济|人口|农业|单位|产业|污染源|R&D|清查|普查)(资源清查|普查|清查)?.{0,16}公报$";
    NO_BULLETIN = r"(水|环境|资源|质量|灾害|气候|水土保持)(状况|质量|保持)?公报$";
    DEVELOPMENT = r"国民经济(和|与)社会发展.{0,8}计划.{0,16}执行情况|国民经济(和|与)社会发展.{0,12}计划(\(?草案\)?)?.{0,8}报告$";
    PLAN = r"规划.{0,24}纲要$|规划([(（][^()（）]{1,24}[)）])?(纲要|文本)?$|“?十[一二三四五六]五”?.{0,30}(规划|计划|纲要)$|20\d\d年?[—\-–~至]20\d\d年.{0,30}(规划|计划|纲要)$|工作(要点|安排|计划|打算)$|远景目标纲要$";
    /// With its years behind: 培训计划(2021—2023年).
    PLAN_OF_YEARS = r"(规划|[^动]计划|纲要)》?[(（]20\d\d年?[—\-–~至]20\d\d年?[)）]$";
    NOTICE = r"关于.*的(通知|意见|决定|通告|公告|批复|函|通报|请示|决议|复函|实施意见|指导意见|若干意见|建议)|征求意见|征求.{0,40}意见";
    NEWS = r"会议(召开|精神)|召开|举行|举办|调研([^报]|$)|视察|慰问|专访|记者|启动仪式|启动$|开幕|闭幕|座谈会|推进会|动员会|部署会|专题会|走进|纪实|侧记|作(了|题为)?《?政府工作报告|听取|审议|热议"
           r"|圆满|揭牌|荣获|喜获|开班|率队|带队|一行|莅临|传达学习|督导([^报]|$)"
           r"|(开展|组织|参加|参与|启动)[^的]{2,30}(活动|行动|演练|宣讲|宣传|检查|巡查|执法|竞赛|志愿服务)$|签订.{0,30}协议$|签约$|赴.{2,30}(考察|对接|学习|交流|调研|招商)";
    /// What a headline tells, though it ends in the name of a document: 召开会议传达上级通知.
    HEADLINE = r"^.{2,30}(召开|举行|传达学习|审议|听取|带队|率队)[^的]*$";
    /// Columns of news.
    NEWS_COLUMN = r"新闻|要闻|动态|快讯|媒体|时政";
    /// Signs of a report on the rule of law in a text without a title.
    ACHIEVEMENTS = r"(?m)^[一二三四]、.{0,30}(成效|工作开展情况|工作情况|主要做法|举措)";
    PROBLEMS = r"(?m)^[一二三四五]、.{0,20}(存在的?.{0,6}(问题|不足)|不足和原因)";
    PLANS = r"(?m)^[一二三四五六]、.{0,8}(下一步|下步|20\d\d年).{0,12}(工作|打算|安排|计划|思路)";
    /// How other documents open.
    OPENS_WORK = r"各位代表.{0,200}(政府工作|代表.{0,30}政府)|代表.{0,24}政府.{0,20}报告工作";
    OPENS_DISCLOSURE = r"政府信息公开条例.{0,200}(年度报告|年报)";
    OPENS_NOTICE = r"现(将|就|予).{0,80}(通知|印发|通告|公告|意见|公布)(如下|给你们)|现(印发|转发)给你们|提出(如下|以下)意见|请.{0,12}(贯彻|遵照)(执行|落实)|各省、自治区、直辖市"
            r"|(制定|制订|编制)(本(办法|方案|意见|计划|细则|规定|规划|措施|规范|指南|行动|实施|指导)|如下|《)|现提出|现制定|如有意见或建议|^.{0,60}第一章总则|^第一条|^.{0,40}一、总体要求";
}

/// Whether a title is that of an interpretation (政策解读).
pub(crate) fn is_interpretation(title: &str) -> bool {
    interpretation(&Cut::new(title)).is_some()
}

/// The kind of a document; `column` is where it stands on its site.
pub(crate) fn of<'d>(
    title: Option<&str>,
    text: &str,
    issuer: Option<IssuerType>,
    column: &str,
) -> Found<'d, Genre> {
    let press = issuer == Some(IssuerType::Media);
    let Some(title) = title else {
        return of_text(text, press);
    };
    if let Some((genre, words)) = of_title(&Cut::new(title), press) {
        return Found::new(genre, "title", words);
    }
    if press {
        return Found::new(Genre::News, "issuer", "");
    }
    match NEWS_COLUMN.find(column) {
        Some(word) => Found::new(Genre::News, "column", word.as_str().to_owned()),
        None => Found::new(Genre::Other, "none", ""),
    }
}

/// A title in compact form, and what is left of it.
struct Cut {
    whole: String,
    /// Without remarks at the end; without the quotation marks around all of it.
    core: String,
    /// The core with quoted titles emptied: 《》.
    outer: String,
    /// The remarks at the end.
    remarks: String,
}

impl Cut {
    fn new(title: &str) -> Self {
        let whole = compact(title);
        let mut core = whole.clone();
        let mut remarks = String::new();
        // Titles have few remarks; each pass shortens the core.
        while let Some(remark) = REMARK.find(&core).filter(|remark| remark.start() > 0) {
            remarks.push_str(remark.as_str());
            core.truncate(remark.start());
        }
        if let Some(quoted) = ALL_QUOTED.captures(&core) {
            core = quoted[1].to_owned();
        }
        let outer = QUOTED.replace_all(&core, "《》").into_owned();
        Self {
            whole,
            core,
            outer,
            remarks,
        }
    }
}

/// The genre that a title names, and the words that do.
fn of_title(title: &Cut, press: bool) -> Option<(Genre, String)> {
    let Cut {
        whole,
        core,
        outer,
        remarks,
    } = title;
    let found = |genre, pattern: &Regex, text: &str| Some((genre, pattern.find(text)?.as_str().to_owned()));
    if let Some(explains) = interpretation(title) {
        return Some((Genre::Interpretation, explains));
    }
    let issues = issues(outer);
    let order = is_order(outer);
    if order
        && !issues
        && let Some(news) = found(Genre::News, &HEADLINE, outer)
    {
        return Some(news);
    }
    if let Some(carried) = found(Genre::Plan, &CARRIED_PLAN, whole) {
        return Some(carried);
    }
    if order && !press {
        return found(Genre::Notice, &ORDER, outer);
    }
    if ISSUES.is_match(outer) && !press {
        return found(Genre::Notice, &ISSUES, outer);
    }
    let about = BODY.replace_all(outer, "");
    let yearly = !order && !ABOUT.is_match(&about) && !whole.contains("征求意见");
    if yearly && let Some(report) = yearly_report(title, press) {
        return Some(report);
    }
    // What is left may still be an official document, or news of one.
    let kinds: [(&Regex, Genre, bool, &str); 5] = [
        (
            &NEWS,
            Genre::News,
            !issues && !PLAN.is_match(core) && !PLAN_OF_YEARS.is_match(whole),
            core,
        ),
        (&PLAN, Genre::Plan, !EXPLAINING.is_match(outer), core),
        (&PLAN_OF_YEARS, Genre::Plan, true, whole),
        (&NOTICE, Genre::Notice, !press, core),
        (&NEWS, Genre::News, true, core),
    ];
    let mut allowed = kinds.iter().filter(|(_, _, allowed, _)| *allowed);
    allowed
        .find_map(|(pattern, genre, _, text)| found(*genre, pattern, text))
        .or_else(|| found(Genre::Notice, &NOTICE, remarks))
}

/// Whether a title says that something is issued.
fn issues(title: &str) -> bool {
    ISSUES.is_match(title) || title.contains("关于")
}

/// Whether a title ends like one that orders, decides, lists or announces.
fn is_order(title: &str) -> bool {
    ORDER.is_match(title) && !OF_BUDGET.is_match(title) && !SHOWN.is_match(title)
}

/// What explains another document, and is none that orders and may be about explaining.
fn interpretation(title: &Cut) -> Option<String> {
    let orders = |title: &str| is_order(title) && issues(title);
    let words = INTERPRETATION
        .find(&title.outer)
        .filter(|_| !orders(&title.outer) && !EXPLAINING.is_match(&title.outer))
        .or_else(|| INTERPRETATION.find(&title.remarks))?;
    // 部门预算编制说明 belongs to the budget.
    let of_budget = words.as_str() == "编制说明" && BUDGET.is_match(&title.outer);
    (!of_budget).then(|| words.as_str().to_owned())
}

/// The yearly reports. The words they are known by may be in a quoted title: 贯彻落实《法治政府建设实施纲要》情况的报告.
fn yearly_report(title: &Cut, press: bool) -> Option<(Genre, String)> {
    static NEXT_YEAR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(及|和|暨|与|、)(下一?步|下一?年度?|明年|今后|20\d\d年度?).{0,16}(计划|安排|打算|思路|要点|重点)$|(公开|公布|发布|公示|全文)$|(_|\||-\p{Han}|--|——).{0,24}$")
            .expect("the pattern is tested")
    });
    // 2023年工作总结及2024年工作计划: what comes first names the whole.
    let core = NEXT_YEAR.replace(&title.core, "");
    let partial = PARTIAL.is_match(&title.core);
    let budget = BUDGET_END.is_match(&title.core) && !NO_BUDGET.is_match(&BODY.replace_all(&title.core, ""));
    let work = !WORK_SPOKEN_OF.is_match(&title.core);
    let disclosure = !partial && !OTHER_DISCLOSURE.is_match(&core) && !BUDGET.is_match(&core);
    let kinds: [(&Regex, Genre, bool, &str); 6] = [
        (&DEVELOPMENT, Genre::DevelopmentReport, true, &title.core),
        (&WORK, Genre::WorkReport, work, &title.core),
        (&RULE_OF_LAW, Genre::RuleOfLawReport, !press && !partial, &core),
        (&OPEN_GOVERNMENT, Genre::OpenGovernmentReport, disclosure, &core),
        (
            &BULLETIN,
            Genre::StatisticalBulletin,
            !NO_BULLETIN.is_match(&title.core),
            &title.core,
        ),
        (&BUDGET, Genre::BudgetReport, budget, &title.core),
    ];
    kinds
        .iter()
        .filter(|(_, _, allowed, _)| *allowed)
        .find_map(|(pattern, genre, _, text)| Some((*genre, pattern.find(text)?.as_str().to_owned())))
}

/// A text without a title is a report on the rule of law when three of its signs are there; other kinds are known by
/// how they open.
fn of_text<'d>(text: &str, press: bool) -> Found<'d, Genre> {
    let opening: String = compact(beginning(text, 400));
    let signs = [
        beginning(&opening, 200).contains("法治政府建设"),
        ACHIEVEMENTS.is_match(text),
        PROBLEMS.is_match(text),
        PLANS.is_match(text),
        text.contains("行政复议"),
        text.contains("合法性审查"),
    ];
    if signs[0] && signs.iter().filter(|sign| **sign).count() >= 3 {
        return Found::new(Genre::RuleOfLawReport, "text", "法治政府建设");
    }
    if press {
        return Found::new(Genre::News, "issuer", "");
    }
    let opens: [(&Regex, Genre); 3] = [
        (&OPENS_WORK, Genre::WorkReport),
        (&OPENS_DISCLOSURE, Genre::OpenGovernmentReport),
        (&OPENS_NOTICE, Genre::Notice),
    ];
    let found = opens
        .iter()
        .find_map(|(pattern, genre)| Some((*genre, pattern.find(&opening)?.as_str().to_owned())));
    match found {
        Some((genre, words)) => Found::new(genre, "text", words),
        None => Found::new(Genre::Other, "none", ""),
    }
}
