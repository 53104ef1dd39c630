//! The body that a title names as acting: `清河县人民政府办公室关于…`, `县财政局、县教育局印发…`, `市科委等关于…`.
//!
//! A title names its issuer in front of what the issuer does. So the words before an acting word are looked at, from
//! the first acting word on: if they are names of public bodies and nothing else, these issued the document. A title
//! that begins with the act (`关于…`, `印发…`, `转发国务院关于…`) names no issuer: the body inside it is the one whose
//! document is passed on.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::extract::boilerplate::patterns;

/// Characters of a title that are looked at; eight bodies in a row are shorter.
const LOOKED_AT: usize = 160;

patterns! {
    /// What a body does.
    ACT = r"关于|印发|转发|批转|转达|发布|公布|表彰|授予|追授|延长|决定|公告|通告|贯彻|对|令|给|[(（]?(19|20)\d{2}|二[〇○Oo0零]";
    /// What the yearly report of a body is about.
    SUBJECT = r"(行政|部门|政府信息|信息公开|法治|依法行政|预算|决算|“?三公).{0,60}(报告|总结|年报|决算|预算|公开|情况)";
    /// Notes in front of a title, and a year: `【政策文件】`, `(已废止)`, `2023年`.
    NOTE = r#"^(?:[(（\[【〔][^()（）\[\]【】〔〕]{0,40}[)）\]】〕][">]{0,2})?((19|20)\d{2}年度?)?"#;
    /// Other bodies that are not named: `等`, `等五部门`.
    AND_OTHERS = r"等[\p{Han}\d]{0,8}$";
    /// The second name that one body bears: `水务局（海洋局）`.
    SECOND_NAME = r"(局|厅|部|委员会|办公室|中心|院)[(（][\p{Han}]{2,20}[)）]";
    /// One body's name.
    NAME = r"^(中共)?[\p{Han}()（）]{0,40}(国务院|政府|办公室|办公厅|参事室|研究室|委员会|常委会|管委会|[证保]监会|基金会|联合会|协会|总工会|人大|政协|中共中央|办事处|领导小组|指挥部|联席会议|工作专班|秘书局|机制"
           r"|军区|警备区|司令部|军委|总队|支队|大队|中心|法院|检察院|海关|党组|党委|合作社|联合社|公司|银行|分行|部|局|厅|署|\p{Han}委|[府委体法]办)$";
    /// What no name holds.
    NO_NAME = r"^(关于|对|给|落实|转发|转达|印发|批转|贯彻|学习|据)|贯彻|落实|关于|印发|转发|批转|发布|[^供]给|我|本市|本县|本区|的|《|第";
}

/// The body or bodies that a title begins with, as it writes them.
pub(super) fn issuer(title: &str) -> Option<String> {
    let title: String = title.chars().filter(|c| !is_unseen(*c)).take(LOOKED_AT).collect();
    let title: String = title.split_whitespace().collect::<Vec<_>>().join(" ");
    // Brackets are left as they are, they can be part of a name.
    let plain = |c: char| match c {
        '（' | '）' => c.to_string(),
        c => c.nfkc().collect(),
    };
    let title: String = title.chars().map(plain).collect();
    let title = NOTE
        .find(&title)
        .map_or(&*title, |note| title[note.end()..].trim_start());
    let heads = |what: &'static Regex| what.find_iter(title).map(|at| title[..at.start()].trim());
    heads(&ACT).chain(heads(&SUBJECT)).find_map(names)
}

/// The head of a title, if it is one name or several.
fn names(head: &str) -> Option<String> {
    let head = SECOND_NAME.replace_all(head, "$1");
    let head = AND_OTHERS.replace(&head, "");
    let all = !head.is_empty() && head.split(['、', ' ', ',', '，']).all(is_name);
    all.then(|| head.trim().to_owned())
}

fn is_name(name: &str) -> bool {
    let brackets = |set: &[char]| name.matches(set).count();
    let closed = brackets(&['(', '（']) == brackets(&[')', '）']);
    closed && name.chars().count() <= 60 && NAME.is_match(name) && !NO_NAME.is_match(name)
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_names_who_acts() {
        for (title, expected) in [
            (
                "清河县人民政府办公室关于印发实施方案的通知",
                "清河县人民政府办公室",
            ),
            (
                "平川市清河区人民政府关于2023年度法治政府建设情况的报告",
                "平川市清河区人民政府",
            ),
            ("清河县司法局2023年度法治政府建设工作总结", "清河县司法局"),
            ("清河县财政局部门决算", "清河县财政局"),
            (
                "中共清河县委办公室 清河县人民政府办公室关于印发方案的通知",
                "中共清河县委办公室 清河县人民政府办公室",
            ),
            ("国务院关于学前教育的若干意见", "国务院"),
            ("国务院、中央军委关于新建机场的批复", "国务院、中央军委"),
            ("清河市水务局(清河市海洋局)关于开展检查的通知", "清河市水务局"),
            (
                "清河市水务局、清河市财政局关于开展检查的通知",
                "清河市水务局、清河市财政局",
            ),
            ("市科委等关于举办讲解大赛的通知", "市科委"),
            ("清河省教育厅等五部门印发《若干措施》的通知", "清河省教育厅"),
            ("县政府办公室转发县信访局关于接访工作意见的通知", "县政府办公室"),
            ("县政府、清河警备区关于征兵工作的通知", "县政府、清河警备区"),
            (
                "清河市应对气候变化工作领导小组办公室关于报送情况的函",
                "清河市应对气候变化工作领导小组办公室",
            ),
            (
                "清河县市场监督管理局发布玩具抽检情况(2018年)",
                "清河县市场监督管理局",
            ),
            (
                "清河省人大常委会关于批准省人民政府调整区划的决定",
                "清河省人大常委会",
            ),
            ("国务院对民航机组的嘉奖令", "国务院"),
            ("国务院给参加建设人员的贺信", "国务院"),
            (
                "2020年清河县人民政府办公室政府信息公开工作年度报告",
                "清河县人民政府办公室",
            ),
            (
                "中共清河县委依法治县委员会办公室关于开展督察的通知",
                "中共清河县委依法治县委员会办公室",
            ),
            (
                "中国（清河）自由贸易试验区管理委员会关于申报项目的通知",
                "中国（清河）自由贸易试验区管理委员会",
            ),
            ("(已废止)清河省人民政府关于公路收费的通知", "清河省人民政府"),
            ("\u{200b}清河省人民政府关于公路收费的通知", "清河省人民政府"),
            ("清河省人民政府\u{3000}关于公路收费的通知", "清河省人民政府"),
        ] {
            assert_eq!(issuer(title).as_deref(), Some(expected), "{title}");
        }
    }

    #[test]
    fn a_body_that_does_not_act_is_not_the_issuer() {
        for title in [
            "",
            "清河市2020年度法治政府建设工作情况报告",
            "转发国务院办公厅关于清理评比活动意见的通知",
            "转发省财政厅关于编制预算意见的通知",
            "印发清河省农业厅职能配置规定的通知",
            "关于印发清河省人民政府工作规则的通知",
            "关于批转省工商局关于年检意见的通知",
            "清河省贯彻落实国务院办公厅关于减负意见的实施方案",
            "对清河市人民政府关于征地请示的批复",
            "县政府新闻发布会介绍粮食生产情况",
            "清河举行新闻发布会介绍平川县人民政府2023年工作",
            "一图读懂《县政府办公室关于绿化的实施意见》",
            "清河市关于推进贸易发展的实施意见",
            "清河县机关事务管理局设立和运行规定",
            "清河县行政执法规定",
            "清河县人民政府行政复议办法",
            "清河市渔港管理办法（市政府令第59号）",
            "2022年清河市政府信息公开工作年度报告",
            "转达国务院领导同志关于灾情的指示",
        ] {
            assert_eq!(issuer(title), None, "{title}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_stands_at_the_beginning(title in "[县市政府办公室局委、等 关于印发通知《》2023年(）]{0,40}") {
            if let Some(name) = issuer(&title) {
                let bare = |text: &str| text.nfkc().filter(|c| !c.is_whitespace()).collect::<String>();
                prop_assert!(!name.is_empty());
                // A note in front and a second name in brackets are left out, everything else is as written.
                if !title.contains(['(', '）']) {
                    prop_assert!(bare(&title).starts_with(&bare(&name)), "{name}");
                }
            }
        }
    }
}
