//! Lines that belong to the site, not to the document: navigation, the bar of date and source under a title, what
//! stands below a text.
//!
//! A line is judged by itself, in compact form (NFKC, no white space). Where in the page it stands is for the caller
//! to weigh: 主办单位 is furniture in a footer and text in an invitation.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// What a line of furniture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Furniture {
    /// Where the page stands in the site.
    Breadcrumb,
    /// Links of the site's head, greetings, clocks, switches for accessibility.
    Navigation,
    /// Date, source, author, counters, size of type, buttons.
    Meta,
    /// Who edited or wrote it, below the text.
    Credit,
    /// What comes after a text: sharing, comments, paging, the records of the site.
    Tail,
    /// The heading of further links. A section of a document may be called the same.
    Further,
    /// A line of the imprint, which an invitation may have as well: 主办单位 …
    Imprint,
}

/// Longest line that can be furniture; in characters of the compact form.
const MAX_CHARS: usize = 400;

/// NFKC without white space and control characters; the head of it when the line is long.
pub(crate) fn compact(text: &str) -> String {
    if let Some(out) = compact_usual(text) {
        return out;
    }
    text.chars()
        .take(4 * MAX_CHARS)
        .nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}'))
        .take(MAX_CHARS + 1)
        .collect()
}

/// The same for a text of nothing but usual characters.
fn compact_usual(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len().min(3 * (MAX_CHARS + 1)));
    let mut left = MAX_CHARS + 1;
    // What stays as it is, is copied in runs.
    let (mut run, mut end) = (0, 0);
    for (at, c) in text.char_indices().take(4 * MAX_CHARS) {
        let folded = fold_usual(c)?;
        let is_dropped = matches!(folded, ' ' | '\t' | '\u{200b}' | '\u{feff}');
        if !is_dropped {
            if left == 0 {
                break;
            }
            left -= 1;
        }
        end = at + c.len_utf8();
        if is_dropped || folded != c {
            out.push_str(&text[run..at]);
            run = end;
            if !is_dropped {
                out.push(folded);
            }
        }
    }
    out.push_str(&text[run..end]);
    Some(out)
}

/// The NFKC form of the characters that nearly every line is made of: they fold one by one.
fn fold_usual(c: char) -> Option<char> {
    match c {
        '\u{4e00}'..='\u{9fff}' | ' '..='~' | '\t' | '\u{3001}'..='\u{3011}' => Some(c),
        // Full-width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{a0}' | '\u{2002}' | '\u{2003}' | '\u{3000}' => Some(' '),
        '“' | '”' | '‘' | '’' | '—' | '·' | '\u{200b}' | '\u{feff}' => Some(c),
        _ => None,
    }
}

/// NFKC of a line.
pub(super) fn nfkc(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match fold_usual(c) {
            Some(folded) => out.push(folded),
            None => return line.nfkc().collect(),
        }
    }
    out
}

/// The first characters of a text.
pub(super) fn beginning(text: &str, chars: usize) -> &str {
    let end = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// What kind of furniture a line, in compact form, is, if any.
pub(crate) fn furniture(line: &str) -> Option<Furniture> {
    let chars = line.chars().count();
    if chars == 0 || chars > MAX_CHARS {
        return None;
    }
    // What a pattern for the beginnings of lines can match: hardly any line of a text.
    let begins = BEGINS.is_match(line);
    if is_breadcrumb(line, chars, begins) {
        Some(Furniture::Breadcrumb)
    } else if is_navigation(line, chars, begins) {
        Some(Furniture::Navigation)
    } else if begins && chars <= 40 && CREDIT.is_match(line) {
        Some(Furniture::Credit)
    } else if is_tail(line, chars, begins) {
        Some(Furniture::Tail)
    } else if begins && FURTHER.is_match(line) {
        Some(Furniture::Further)
    } else if is_meta(line, chars) {
        Some(Furniture::Meta)
    } else if begins && chars <= 120 && IMPRINT.is_match(line) {
        Some(Furniture::Imprint)
    } else {
        None
    }
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $($part:literal)+;)+) => {
        $($(#[$doc])* static $name: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(concat!($($part),+)).expect("the pattern is tested")
        });)+
    };
}
pub(crate) use patterns;

patterns! {
    /// 2023-08-02, [2023/8/2 09:30]
    BARE_DAY = r"^[\[(【]?(19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}(T?\d{1,2}:\d{2}(:\d{2})?)?[\])】]?$";
    /// 您现在的位置: …
    POSITION = r"^[\[(【]?(您|你)?(现在|目前|当前)?(所在|所处)?的?(位置|页面|栏目|频道)[:>]|^(您|你)(现在|当前)?(所)?在"
               r"(的位置|:)|^当前(位置|页面|栏目)|^(您|你)(现在|当前)?的?(位置|所在)(是|:)";
    /// 首页 - 政务公开 - 年度报告
    CRUMBS = r"^首页-.*-";
    WELCOME = r"^(欢迎(光临|访问|您|来到)|今天是|现在是|农历)|^\d{4}年\d{1,2}月\d{1,2}日.{0,3}星期.{0,14}$|^星期.$"
              r"|^(登录|注册|登录/?注册|登录个人中心|个人中心|退出|无障碍(阅读|浏览|版)?|长者(版|模式|助手|专区)?|关怀版"
              r"|适老化|老年人模式|进入老年模式|繁體|简体|繁体|繁|简|EN|English|RSS订阅|RSS|设为首页|加入收藏|收藏本站"
              r"|移动版|手机版|微信|微博|客户端|小程序|邮箱|智能问答|站内搜索|搜索|请输入关键字|全站搜索|\|)$";
    NAV_WORD = r"首页|网站首页|新闻中心|政务公开|政府信息公开|信息公开|政务服务|网上办事|办事服务|政民互动|互动交流|公众参与"
               r"|走进\p{Han}{1,6}|专题专栏|数据开放|数据发布|要闻动态|魅力\p{Han}{1,4}|\p{Han}{1,6}概况|登录个人中心|无障碍阅读"
               r"|长者版|欢迎光临[\p{Han}]{2,20}|市情概况|县情概况|区情概况|机构职能|领导之窗|政策文件|解读回应|营商环境|一网通办";
    /// A part of each of them. Words alone are found much faster than patterns.
    NAV_KEY = r"首页|新闻中心|政务公开|信息公开|政务服务|网上办事|办事服务|政民互动|互动交流|公众参与|走进|专题专栏|数据开放|数据发布|要闻动态"
              r"|魅力|概况|登录个人中心|无障碍阅读|长者版|欢迎光临|机构职能|领导之窗|政策文件|解读回应|营商环境|一网通办";
    /// One item of the bar below a title.
    META_ITEM = r"(?i)(发布(日期|时间|机构|单位|人|者)?|发表(于|时间|日期)?|(信息|加入|发稿|更新|上传|添加|录入|创建|公开|提交|编辑)(时间|日期)|时间|日期)"
                r"(:|于)?\(?\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(T?\d{1,2}[:时]\d{1,2}([:分]\d{1,2}秒?)?(\.\d+)?)?\)?(AM|PM)?"
                r"|(信息|文章|稿件|新闻|内容|资料|文件|数据)?(来源|出处|稿源|作者|撰稿|编辑|责任编辑|责编|审核|校对|初审|复审|终审|供稿|摄影|撰文"
                r"|发布(机构|单位|者|人)|录入(员|者)?|公开(单位|机构))[:/][^:]{0,24}"
                r"|(浏览|点击|阅读|访问|查看|关注|人气|热度)(次数|数|量|率|人数|统计)?[:为]?([\[(]?\d*[\])]?)(次|人次|人)?"
                r"|【?(字体|字号)(大小)?(选择|设置|:)?|[\[(【]?(特大|超大|大|中|小|默认|标准)(号|字)?[\])】]?|字[大中小]|[小大中]字号|颜色|背景色?|护眼"
                r"|[\[(【]?(打印|打印本页|打印本文|打印预览|下载|关闭|关闭窗口|关闭本页|收藏|已收藏|加入收藏|分享|分享到|转发|纠错|我要纠错|复制链接"
                r"|视力保护色?|繁体|语音播报|语音|朗读|听全文|播放|暂停|双击自动滚屏|评论|发表评论|查看评论|我要评论|推荐|我要说说|网友评论)[\])】]?(\d*条)?"
                r"|微信好友|微信|朋友圈|新浪微博|腾讯微博|人人网?|QQ空间|QQ好友|QQ|空间|微博|豆瓣|百度|领英分享|二维码|更多"
                r"|\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(T?\d{1,2}[:时]\d{1,2}([:分]\d{1,2}秒?)?)?(AM|PM)?"
                r"|https?://[a-z0-9.-]+?\.(com|cn|net|org)(\.cn)?(/[a-z0-9./_-]*)?";
    META_LABEL = r"(?i)来源|出处|稿源|作者|编辑|责编|审核|发布|发表于|更新|浏览|点击|阅读|访问|字体|字号|打印|关闭|分享|收藏|大中小|\[大\]|微信|微博"
                 r"|\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?\d{1,2}[:时]\d{2}|^(时间|日期):|(信息|加入|发稿)时间:|评论|纠错|推荐";
    CREDIT = r"^[\[(【〔□■]*(本文|本期|本网|网络?|新闻)?(责任?编辑?|责编|编辑|编审|初审|复审|终审|审核|审校|校对|供稿|撰稿|撰文|摄影|供图|录入|执笔人?"
             r"|作者|文字|来源|信息来源|稿源|文章来源|转载自|转自|出处)(人|员|单位)?[:/|].{0,30}[\])】〕]*$";
    TAIL_HEAD = r"(?i)^[\[(【·•>*▪■]*(扫一扫|扫描二维码|手机(扫码|扫一扫|版|端)?(查看|阅读|浏览)|用手机|分享(至|让更多人看到)|上一(篇|条|页|章)|下一(篇|条|页|章)"
                r"|阅读下一篇|返回(顶部|首页|列表|上一页|上页|目录)|打印本|关闭(窗口|本页|此页)|我要(纠错|评论|分享)|网站地图|关于我们|关于本(站|网)"
                r"|联系我们|版权(所有|声明)|免责声明|法律声明|隐私(声明|保护)|郑重声明|反侵权公告|网站(声明|纠错|标识码|申明|导航)|政府网站(标识码|找错)"
                r"|备案(序)?号|\p{Han}ICP[备证]|\p{Han}公网安备|(copyright|©|\(c\)20|®)|友情链接"
                r"|最新(评论|回复)|热门评论|网友(评论|留言)|我要留言|发表(评论|留言)|添加评论|评论加载|正在读取评论|查看(全部)?评论|文明上网|登录后(发表|评论)"
                r"|标签:|tags?:|trackback|引用(通告|地址)|投诉或建议|网站举报|查看完整版本|页:\[|poweredby|allrightsreserved"
                r"|本贴由|点击(此处)?(查询|收藏)|如果您喜欢|转载请注明|未经.{0,20}(授权|许可).{0,12}转载|浏览次数|欢迎加入本站)";
    TAIL_WHOLE = r"^[\[(【|·•>]*(评论|我要说说|留言|跟帖|回复|顶部|分享到?)[\])】]*[:(]?(\d+条?\)?)?$"
                 r"|^(党政机关|事业单位)$|^(您|你)(觉得|认为|对).{0,8}(本页|本文|此文|该信息|此信息|页面|这篇).{0,16}[?？]$"
                 r"|^(本页|本文|该信息|此信息|本页面|本信息).{0,8}对(您|你)(是否)?(有|有没有)?帮助.{0,3}$|^赞\d*(赏|踩|分享|收藏)[赏分享收藏踩\d]*$";
    FURTHER = r"^[\[(【|·•>]*(相关(链接|附件|文件|文章|报道|阅读|解读|新闻|信息|稿件|推荐|专题|政策|内容|图片|评论|热词|搜索|知识)|相關文章|您可能.{0,8}"
              r"|推荐(阅读|文章)|热门(推荐|文章|排行)|精彩(推荐|图片)|猜你喜欢|更多(新闻|精彩|评论|>)?|最新(文章)?|美图|热点|点击排行|新闻排行|热点排行|阅读排行"
              r"|政策解读|解读材料|图解|关联(文件|阅读)|延伸阅读|附件下载|下载附件|专题信息)"
              r"[\])】]*[:(]?(\d+条?\)?)?(更多)?[>»]*$|^相关(链接|附件|文章|报道|阅读|新闻|专题|解读|文件):";
    IMPRINT = r"(?i)^[\[(【·]*(主办(单位)?:|承办(单位)?:|协办(单位)?:|技术支持|(运行|运营)?(维护|管理)(单位)?:|建议(您)?使用.*(浏览器|分辨率)"
              r"|(投诉|举报)(电话|邮箱):|中文域名:|地址:.*邮编|(联系|值班|服务|监督)电话:)";
    RECORD = r"\p{Han}ICP[备证]\p{Han}{0,2}:?\d|公网安备\p{Han}{0,2}:?\d|网站标识码:?(bm)?\d{8}";
    /// A part of each of them.
    RECORD_KEY = r"ICP|公网安备|网站标识码";
    RIGHTS = r"(?i)allrightsreserved|版权所有|未经.{0,16}(授权|许可).{0,12}(转载|复制|镜像)";
}

/// What begins like furniture of any kind.
static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
    let patterns = [
        &POSITION,
        &CRUMBS,
        &WELCOME,
        &CREDIT,
        &TAIL_HEAD,
        &TAIL_WHOLE,
        &FURTHER,
        &IMPRINT,
    ];
    let patterns = patterns.map(|pattern| format!("(?:{})", pattern.as_str()));
    Regex::new(&patterns.join("|")).expect("each of them is one")
});

/// A whole sentence is more than furniture, unless it is short.
fn is_tail(line: &str, chars: usize, begins: bool) -> bool {
    let phrase = chars <= 120 && (chars <= 60 || !line.contains('。'));
    is_record(line)
        || begins && TAIL_WHOLE.is_match(line)
        || phrase && (begins && TAIL_HEAD.is_match(line) || RIGHTS.is_match(line))
}

/// Whether a line, in compact form, holds a record of the site: ICP备, 公网安备, 网站标识码.
pub(crate) fn is_record(line: &str) -> bool {
    RECORD_KEY.is_match(line) && RECORD.is_match(line)
}

/// Whether a line, in compact form, is a day as content systems write it: documents write 年月日.
pub(crate) fn is_bare_day(line: &str) -> bool {
    BARE_DAY.is_match(line)
}

fn is_breadcrumb(line: &str, chars: usize, begins: bool) -> bool {
    if chars > 160 || line.contains('。') {
        return false;
    }
    if begins && (POSITION.is_match(line) || CRUMBS.is_match(line)) {
        return true;
    }
    let arrows = arrows(line);
    arrows >= 2
        || arrows == 1 && (line.starts_with("首页") || line.starts_with("主页") || line.ends_with("正文"))
}

/// Runs of the signs between the steps of a breadcrumb.
fn arrows(line: &str) -> usize {
    let (mut runs, mut within) = (0, false);
    for c in line.chars() {
        let is_arrow = matches!(c, '>' | '»' | '›');
        runs += usize::from(is_arrow && !within);
        within = is_arrow;
    }
    runs
}

/// Whether a line is little beside words of menus: seven of ten characters.
fn is_navigation(line: &str, chars: usize, begins: bool) -> bool {
    if begins && chars <= 80 && WELCOME.is_match(line) {
        return true;
    }
    if !NAV_KEY.is_match(line) {
        return false;
    }
    let (mut words, mut beside, mut end) = (0, 0, 0);
    for word in NAV_WORD.find_iter(line) {
        words += 1;
        beside += line[end..word.start()].chars().count();
        end = word.end();
        if beside * 10 > chars * 3 {
            return false;
        }
    }
    beside += line[end..].chars().count();
    words >= 2 && beside * 10 <= chars * 3
}

/// A bar of items and next to nothing else.
fn is_meta(line: &str, chars: usize) -> bool {
    // The time of a meeting is no bar.
    let appointed = line.contains("上午") || line.contains("下午");
    if chars > 160 || line.contains('。') || appointed || !META_LABEL.is_match(line) {
        return false;
    }
    let rest = META_ITEM.replace_all(line, "");
    let rest = rest.chars().filter(|c| c.is_alphanumeric()).count();
    rest <= 8 && rest * 3 <= chars
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn usual_lines_fold_as_any_other(text in "[\u{20}-\u{7e}\u{a0}-\u{ff}\u{2000}-\u{203f}\u{3000}-\u{303f}一-龥\u{ff00}-\u{ff64}\u{300}①]{0,40}") {
            let nfkc: String = text.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}')).collect();
            prop_assert_eq!(compact(&text), nfkc);
        }
    }

    #[test]
    fn every_pattern_holds_a_key() {
        for (pattern, key) in [(&NAV_WORD, &NAV_KEY), (&RECORD, &RECORD_KEY)] {
            let mut parts = pattern.as_str().split('|');
            assert!(parts.all(|part| key.is_match(part)), "{pattern:?}");
        }
    }

    #[test]
    fn long_lines_are_cut() {
        for line in ["甲".repeat(5000), "①".repeat(5000)] {
            assert_eq!(compact(&line).chars().count(), MAX_CHARS + 1);
        }
    }

    #[test]
    fn furniture_is_told_by_its_words() {
        use Furniture::{Breadcrumb, Credit, Further, Imprint, Meta, Navigation, Tail};
        for (line, kind) in [
            (
                "当前页面: 首页 > 政务公开 > 司法局 > 法治政府建设年度报告",
                Breadcrumb,
            ),
            ("您现在的位置：首页>>新闻中心", Breadcrumb),
            ("首页 > 政府信息公开", Breadcrumb),
            ("首页 - 区县 - 清河县 - 法治政府建设", Breadcrumb),
            (
                "欢迎光临清河县人民政府门户网 登录个人中心 无障碍阅读 长者版",
                Navigation,
            ),
            (
                "首页 政府信息公开 新闻中心 网上办事 政民互动 走进清河",
                Navigation,
            ),
            ("今天是：2019年10月31日 星期四", Navigation),
            ("2019年12月3日星期二 农历十一月初八", Navigation),
            ("发布日期:2024-02-27 09:28信息来源:清河区司法局 【字体:", Meta),
            (
                "时间：2023-07-04　来源：县政府办　浏览次数：35　字体：【大 中 小】 打印",
                Meta,
            ),
            ("【字体：大　中　小】", Meta),
            ("分享到：", Tail),
            ("2022年02月13日07:48 | 来源：清河日报", Meta),
            ("（责任编辑：李明）", Credit),
            ("来源：清河日报    编辑：王芳", Credit),
            ("扫一扫在手机打开当前页", Tail),
            ("相关链接", Further),
            ("返回顶部", Tail),
            ("附件下载:", Further),
            ("主办：清河县人民政府办公室", Imprint),
            ("湘公网安备 43048202000013号", Tail),
            ("网站标识码：4304820003", Tail),
            ("Copyright © 2000-2006 All rights reserved.", Tail),
            ("上一篇：关于做好防汛工作的通知", Tail),
        ] {
            assert_eq!(furniture(&compact(line)), Some(kind), "{line}");
        }
    }

    #[test]
    fn text_of_documents_is_not_furniture() {
        for line in [
            "一、工作开展情况",
            "2021年2月22日",
            "各乡镇人民政府，县政府各部门：",
            "(此件公开发布)",
            "时间：上午8:30—9:20",
            "时间：2023年7月4日上午9:00",
            "受理→审查→决定→送达",
            "地点：县政府三楼会议室",
            "附件：1.清河县2023年法治政府建设工作要点",
            "清河县人民政府办公室",
            "全县新增省级绿色工厂14家，其中城关镇3家。",
            "3、推进简政放权。进一步清理审批事项，大力推进“互联网+政务服务”，压缩审批时间。",
            "（一）主动公开情况",
            "地址：清河县人民路1号，联系电话：0000-0000000",
            "网络作品未经权利人许可不得转载。县文化执法部门全年开展检查12次，查处侵犯著作权的网站3家，责令改正5家，并向社会公布了典型案例和举报方式。",
            "信息内容\t本年制发件数\t本年废止件数\t现行有效件数",
        ] {
            assert_eq!(furniture(&compact(line)), None, "{line}");
        }
    }
}
