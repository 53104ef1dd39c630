//! How a portal that shuts crawlers out answers.
//!
//! Pure: an answer goes in. Nothing is ever solved or evaded; a portal that answers like this is left alone and
//! reported as blocked.

use crate::fetch::Answer;

/// Longest body that is looked through, in bytes.
const WINDOW: usize = 64 << 10;

/// Longest page that is nothing but a challenge, in bytes.
const MAX_CHALLENGE_BYTES: usize = 20 << 10;

/// A way of shutting crawlers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// 加速乐: status 521 and a script that makes a cookie.
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

/// Tells whether an answer shuts us out.
pub(crate) fn signature(answer: &Answer) -> Option<Signature> {
    let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(WINDOW)]);
    let cookies: String = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .map(|(_, value)| value.as_str())
        .collect();
    let location = answer.header("location").unwrap_or_default();
    let is_refusal = matches!(
        answer.status,
        202 | 400 | 403 | 405 | 406 | 412 | 418 | 429 | 493 | 503 | 521 | 555 | 567
    );
    // A real page may speak of any of these; a challenge is short and has a status of its own.
    let is_suspect = is_refusal || (answer.status == 200 && answer.body.len() <= MAX_CHALLENGE_BYTES);
    let says = |words: &[&str]| words.iter().any(|word| body.contains(word));

    if answer.status == 521 || (is_suspect && says(&["__jsl_clearance", "__jsluid_"])) {
        return Some(Signature::Jsl);
    }
    if location.contains("WZWSREL") || (is_refusal && says(&["WZWS", "wzws_", "reason:GeoBL", "GeoBL"])) {
        return Some(Signature::Geo);
    }
    let has_script = says(&["<script", "<SCRIPT"]);
    let is_rs = says(&["$_ts"]) || cookies.contains("FSSBBIl1UgzbN7N80");
    let is_wangsu = says(&["/_ws_sbu/", "HBB_HC", "HOY_TR"]);
    if (answer.status == 412 && has_script) || (is_suspect && has_script && (is_rs || is_wangsu)) {
        return Some(Signature::JsChallenge);
    }
    if is_refusal && says(&["captcha", "验证码", "滑动验证", "人机验证"]) {
        return Some(Signature::Captcha);
    }
    let is_waf_page = says(&[
        "EdgeOne",
        "TencentEdgeOne",
        "errors.aliyun.com",
        "yundun",
        "云盾",
        "云防护",
        "安全防护",
        "Web应用防火墙",
        "WAF",
        "waf",
        "知道创宇",
        "访问被拦截",
        "请求被拦截",
        "拦截提示",
        "安全狗",
        "Access Denied",
    ]);
    (matches!(answer.status, 403 | 405 | 406 | 493 | 567) && is_waf_page).then_some(Signature::Waf)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(of(521, &[("set-cookie", "__jsluid_s=1")], script), Some("jsl"));
        assert_eq!(of(200, &[], script), Some("jsl"));
        assert_eq!(of(412, &[], "<script>$_ts=window['$_ts']</script>"), Some("js"));
        assert_eq!(of(202, &[], "<script>$_ts={}</script>"), Some("js"));
        assert_eq!(
            of(200, &[], "<script src='/_ws_sbu/sbu_hc.js'></script>"),
            Some("js")
        );
        assert_eq!(of(403, &[], "WZWS-RAY reason:GeoBL"), Some("geo"));
        assert_eq!(of(302, &[("location", "/WZWSREL3p3Z2")], ""), Some("geo"));
        assert_eq!(of(403, &[], "您的请求被拦截 云防护"), Some("waf"));
        assert_eq!(of(403, &[], "请输入验证码"), Some("captcha"));
    }

    #[test]
    fn plain_answers_and_pages_that_speak_of_it_are_let_be() {
        assert_eq!(of(403, &[], "<h1>403 Forbidden</h1>nginx"), None);
        assert_eq!(of(412, &[], ""), None);
        assert_eq!(of(404, &[], "WAF"), None);
        let page = format!(
            "<p>关于云盾和验证码的通知</p><script>x</script>{}",
            "报告".repeat(9000)
        );
        assert_eq!(of(200, &[], &page), None);
    }
}
