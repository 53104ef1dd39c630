//! How a portal that shuts crawlers out answers.
//!
//! Pure: an answer goes in. The known ways are rows of a table (`signature/ways.rs`): the statuses they come with, and words in the body,
//! the cookies, the headers or the address redirected to, one of which is enough. A page with status 200 must be
//! bare as well, hardly any text and hardly a link, since any real page may speak of captchas and firewalls or carry
//! the script and the cookies of one that let it pass. Nothing is ever solved or evaded; a host
//! that answers like this is left alone and reported as blocked.

mod ways;

use self::ways::{Sign, WAYS};
use crate::fetch::Answer;

/// Longest body that is looked through, in bytes.
const WINDOW: usize = 64 << 10;

/// Most letters that the page of a challenge shows; scripts and styles are not shown.
const MAX_SHOWN: usize = 160;

/// Most links that it has: to try again, to the home page, to whom to ask.
const MAX_LINKS: usize = 3;

/// A way of shutting crawlers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// 加速乐: a script that makes a cookie.
    Jsl,
    /// A script that must run before the page is shown (瑞数, 网宿 and their like).
    JsChallenge,
    /// By the country of the address (网站卫士).
    Geo,
    /// Another firewall's page.
    Waf,
    /// A captcha.
    Captcha,
}

impl Signature {
    /// The signature as one stable word.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Jsl => "jsl",
            Self::JsChallenge => "js",
            Self::Geo => "geo",
            Self::Waf => "waf",
            Self::Captcha => "captcha",
        }
    }
}

/// Words on a page with a captcha of its own, which is no gate: it is asked of who logs in or writes a letter.
const FORMS: &[&str] = &[
    "type=\"password\"",
    "type='password'",
    "登录",
    "登陆",
    "注册",
    "信箱",
    "留言",
    "查询密码",
];

/// Tells whether an answer shuts us out.
pub(crate) fn signature(answer: &Answer) -> Option<Signature> {
    if !WAYS.iter().any(|way| way.statuses.contains(&answer.status)) {
        return None;
    }
    let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(WINDOW)]).to_ascii_lowercase();
    let mut is_bare = None;
    let has = |sign: &Sign| match sign {
        Sign::Body(word) => body.contains(word),
        Sign::Name(word) => has_name(&body, word),
        Sign::Cookie(word) => has_header(answer, |name, value| name == "set-cookie" && value.contains(word)),
        Sign::Header(word) => has_header(answer, |name, value| {
            name != "set-cookie" && format!("{name}: {value}").contains(word)
        }),
        Sign::Location(word) => has_header(answer, |name, value| {
            name == "location" && value.split(['?', '#']).next().unwrap_or_default().contains(word)
        }),
    };
    let way = WAYS.iter().find(|way| {
        way.statuses.contains(&answer.status)
            // Told by the first words of nearly every page, which then need not be looked through for any sign.
            && (!way.is_bare || *is_bare.get_or_insert_with(|| shows_little(&body)))
            && way.signs.iter().any(has)
    })?;
    Some(way.signature)
}

fn has_header(answer: &Answer, fits: impl Fn(&str, &str) -> bool) -> bool {
    answer
        .headers
        .iter()
        .any(|(name, value)| fits(name, &value.to_ascii_lowercase()))
}

/// Whether a name stands in a page with nothing before or behind it that makes it another.
fn has_name(page: &str, name: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    page.match_indices(name)
        .any(|(at, _)| !page[..at].ends_with(is_of_name) && !page[at + name.len()..].starts_with(is_of_name))
}

/// Whether a page, in lower case, is nothing but a gate: hardly any text or links, and no form with a captcha of its
/// own.
fn shows_little(page: &str) -> bool {
    let has_links = || page.matches("<a ").nth(MAX_LINKS).is_some();
    shown_letters(page) <= MAX_SHOWN && !has_links() && !FORMS.iter().any(|word| page.contains(word))
}

/// Letters outside of tags, scripts and styles, up to one more than matter.
fn shown_letters(page: &str) -> usize {
    let (mut letters, mut rest) = (0, page);
    while letters <= MAX_SHOWN {
        let (text, after) = rest.split_once('<').unwrap_or((rest, ""));
        letters += text.chars().filter(|c| c.is_alphanumeric()).count();
        if after.is_empty() {
            break;
        }
        let end = [("script", "</script"), ("style", "</style"), ("!--", "-->")]
            .into_iter()
            .find_map(|(tag, end)| after.starts_with(tag).then_some(end))
            .unwrap_or(">");
        let Some((_, behind)) = after.split_once(end) else {
            break;
        };
        rest = behind;
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers = &'static [(&'static str, &'static str)];

    fn of(status: u16, headers: &[(&str, &str)], body: &str) -> Option<&'static str> {
        let answer = Answer {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
            request: Vec::new(),
            response: Vec::new(),
            ip: None,
            has_new_cookie: false,
            is_cut: false,
        };
        signature(&answer).map(Signature::code)
    }

    #[test]
    fn every_known_way_has_a_name() {
        let script = "<script>document.cookie=('__jsl_clearance_s=')</script>";
        let rows: &[(u16, Headers, &str, &str)] = &[
            (521, &[("set-cookie", "__jsluid_s=1; path=/")], script, "jsl"),
            (521, &[("set-cookie", "__jsluid_h=1; path=/")], "", "jsl"),
            (521, &[], "<script>eval(function(p,a,c,k){})</script>", "jsl"),
            (200, &[], script, "jsl"),
            (412, &[], "<script>$_ts=window['$_ts']</script>", "js"),
            (412, &[], "<html><SCRIPT src='/x.js'></SCRIPT></html>", "js"),
            (202, &[], "<script>$_ts={}</script>", "js"),
            (
                200,
                &[],
                "<meta id='9DhefwqGPrzGxEp9hPaoag'><script>$_ts={}</script>",
                "js",
            ),
            (
                202,
                &[("set-cookie", "FSSBBIl1UgzbN7N80S=abc; Path=/")],
                "<html></html>",
                "js",
            ),
            (400, &[("set-cookie", "FSSBBIl1UgzbN7N80T=abc; Path=/")], "", "js"),
            (200, &[], "<script src='/_ws_sbu/sbu_hc.js'></script>", "js"),
            (200, &[("set-cookie", "HBB_HC=1")], "<script>go()</script>", "js"),
            (200, &[], "<script>document.cookie='HOY_TR='+x</script>", "js"),
            (
                200,
                &[],
                "<script>var arg1='A';setCookie('acw_sc__v2',x)</script>",
                "js",
            ),
            (503, &[("cf-mitigated", "challenge")], "Just a moment", "js"),
            (403, &[], "WZWS-RAY reason:GeoBL", "geo"),
            (403, &[("wzws-ray", "12-34")], "", "geo"),
            (403, &[("set-cookie", "wzws_cid=1")], "", "geo"),
            (
                302,
                &[("location", "/WZWSREL3p3Z2su?wzwschallenge=V1")],
                "",
                "geo",
            ),
            (200, &[], "<script>location='/WZWSREL3p3Z2'</script>", "geo"),
            (403, &[], "您的请求被拦截 云防护", "waf"),
            (403, &[("server", "TencentEdgeOne")], "", "waf"),
            (567, &[], "<a>Restricted Access</a> EdgeOne", "waf"),
            (
                405,
                &[],
                "<div data-spm='x'><img src='https://errors.aliyun.com/x'>",
                "waf",
            ),
            (406, &[], "您的访问疑似攻击，腾讯云Web应用防火墙", "waf"),
            (403, &[], "当前访问因为安全规则被阻断，由知道创宇提供", "waf"),
            (403, &[("x-waf-uuid", "1")], "403 Forbidden", "waf"),
            (403, &[], "请输入验证码", "captcha"),
            (429, &[], "<img src='/captcha.png'>", "captcha"),
            (
                302,
                &[("location", "https://x.gov.cn/captcha/?from=/zwgk/")],
                "",
                "captcha",
            ),
            (307, &[("location", "/waf_captcha")], "", "captcha"),
            (
                200,
                &[],
                "<p>您的访问过于频繁，请输入验证码后继续访问</p><img src=a>",
                "captcha",
            ),
            (
                200,
                &[],
                "<title>人机验证</title><div id='slider'></div>",
                "captcha",
            ),
        ];
        for (status, headers, body, why) in rows {
            assert_eq!(
                of(*status, headers, body),
                Some(*why),
                "{status} {headers:?} {body}"
            );
        }
    }

    #[test]
    fn plain_answers_and_pages_that_speak_of_it_are_let_be() {
        let report = format!(
            "<h1>2023年法治政府建设情况的报告</h1><p>{}</p><p>加强云盾、WAF等安全防护，门户网站启用人机验证和验证码。</p>",
            "全县各级各部门认真贯彻落实法治政府建设实施纲要。".repeat(10)
        );
        let long = format!(
            "<p>关于云盾和验证码的通知</p><script>$_ts=1</script>{}",
            "报告".repeat(9000)
        );
        let list = format!(
            "<script src='/_ws_sbu/sbu_hc.js'></script><script>var $_ts=1;</script><ul>{}</ul>",
            "<li><a href='1.html'>2023年法治政府建设报告</a></li>".repeat(5)
        );
        let rows: &[(u16, Headers, &str)] = &[
            (403, &[], "<h1>403 Forbidden</h1>nginx"),
            (412, &[], ""),
            (404, &[], "WAF 验证码"),
            (500, &[], "WAF"),
            (521, &[], "error code: 521"),
            (429, &[], "Too Many Requests"),
            (503, &[], "<h1>503 Service Unavailable</h1>"),
            (302, &[("set-cookie", "CT6T=1; path=/"), ("location", "/")], ""),
            (302, &[("location", "/login?next=/captcha")], ""),
            (200, &[("set-cookie", "__jsluid_h=1")], &report),
            (200, &[("set-cookie", "FSSBBIl1UgzbN7N80S=1")], &report),
            (200, &[], &report),
            (200, &[], &long),
            (200, &[("set-cookie", "HOY_TR=1")], &list),
            (200, &[("set-cookie", "wzws_cid=1")], &list),
            (200, &[], &list),
            (
                200,
                &[],
                "<script>var $_tsx=1,a$_ts=2</script><p>某某县人民政府</p>",
            ),
            (
                200,
                &[],
                "<form>用户名<input>密码<input type=\"password\">验证码<input></form>拖动滑块登录",
            ),
            (
                200,
                &[],
                "<form>写信标题 内容 <img src=captcha> 请完成验证</form>县长信箱",
            ),
            (200, &[], ""),
        ];
        for (status, headers, body) in rows {
            assert_eq!(of(*status, headers, body), None, "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn unclosed_and_huge_pages_are_looked_through_once() {
        for body in [
            "<script>".repeat(20_000),
            "<".repeat(WINDOW),
            format!("<!--{}", "x".repeat(WINDOW)),
        ] {
            assert_eq!(of(200, &[], &body), None);
        }
    }
}
