//! The table of known ways. The first that fits says why, so the surer ones stand first.

use super::Signature;

/// A known way.
pub(super) struct Way {
    pub(super) signature: Signature,
    pub(super) statuses: &'static [u16],
    /// The page shows hardly anything.
    pub(super) is_bare: bool,
    /// One of them is enough.
    pub(super) signs: &'static [Sign],
}

/// Words of an answer, in lower case.
pub(super) enum Sign {
    Body(&'static str),
    /// In the body as a whole name, not as the beginning of one.
    Name(&'static str),
    /// In a `Set-Cookie` header.
    Cookie(&'static str),
    /// In any header, as `name: value`.
    Header(&'static str),
    /// In the path that the answer redirects to.
    Location(&'static str),
}

use Sign::{Body, Cookie, Header, Location, Name};

/// Statuses of pages.
const SHOWN: &[u16] = &[200, 203];

/// Statuses of redirects.
const REDIRECTS: &[u16] = &[301, 302, 303, 307, 308];

/// Statuses with which a firewall answers in place of the page.
const REFUSALS: &[u16] = &[
    202, 400, 401, 403, 405, 406, 412, 418, 429, 444, 493, 503, 521, 555, 567,
];

/// Those of them that ask for nothing but to go away.
const FORBIDDEN: &[u16] = &[403, 405, 406, 418, 444, 493, 555, 567];

/// Signs of a script that must run.
const SCRIPTS: &[Sign] = &[
    Name("$_ts"),
    Cookie("fssbbil1ugzbn7n80"),
    Body("fssbbil1ugzbn7n80"),
    Body("/_ws_sbu/"),
    Body("hbb_hc"),
    Body("hoy_tr"),
    Cookie("hbb_hc"),
    Cookie("hoy_tr"),
    Body("acw_sc__v2"),
    Body("eo_bot_ssid"),
    Body("/_guard/"),
    Header("cf-mitigated: challenge"),
];

/// The known ways; the first that fits says why.
pub(super) const WAYS: &[Way] = &[
    Way {
        signature: Signature::Jsl,
        statuses: &[521],
        is_bare: false,
        signs: &[Cookie("__jsl"), Body("__jsl"), Body("<script")],
    },
    Way {
        signature: Signature::Jsl,
        statuses: REFUSALS,
        is_bare: false,
        signs: &[Body("__jsl_clearance"), Body("__jsluid")],
    },
    Way {
        signature: Signature::Jsl,
        statuses: SHOWN,
        is_bare: true,
        signs: &[Body("__jsl_clearance"), Body("__jsluid")],
    },
    Way {
        signature: Signature::Geo,
        statuses: REDIRECTS,
        is_bare: false,
        signs: &[Location("wzwsrel")],
    },
    Way {
        signature: Signature::Geo,
        statuses: REFUSALS,
        is_bare: false,
        signs: &[Body("wzws"), Body("geobl"), Header("wzws"), Cookie("wzws_")],
    },
    Way {
        signature: Signature::Geo,
        statuses: SHOWN,
        is_bare: true,
        signs: &[
            Body("wzwsrel"),
            Body("wzws_"),
            Body("wzwschallenge"),
            Cookie("wzws_"),
        ],
    },
    Way {
        signature: Signature::JsChallenge,
        statuses: &[412],
        is_bare: false,
        signs: &[Body("<script")],
    },
    Way {
        signature: Signature::JsChallenge,
        statuses: REFUSALS,
        is_bare: false,
        signs: SCRIPTS,
    },
    Way {
        signature: Signature::JsChallenge,
        statuses: SHOWN,
        is_bare: true,
        signs: SCRIPTS,
    },
    Way {
        signature: Signature::Captcha,
        statuses: REDIRECTS,
        is_bare: false,
        signs: &[
            Location("captcha"),
            Location("antispider"),
            Location("anti_spider"),
            Location("slidervalidate"),
            Location("humanverify"),
            Location("human_verify"),
            Location("verifyhuman"),
        ],
    },
    Way {
        signature: Signature::Captcha,
        statuses: REFUSALS,
        is_bare: false,
        signs: &[
            Body("captcha"),
            Body("验证码"),
            Body("滑动验证"),
            Body("拖动滑块"),
            Body("人机验证"),
            Body("安全验证"),
            Body("人机识别"),
        ],
    },
    Way {
        signature: Signature::Captcha,
        statuses: SHOWN,
        is_bare: true,
        signs: &[
            Body("请输入验证码后"),
            Body("输入验证码以继续"),
            Body("输入验证码继续"),
            Body("请完成安全验证"),
            Body("请完成验证"),
            Body("完成验证后"),
            Body("请进行安全验证"),
            Body("需要进行安全验证"),
            Body("滑动验证"),
            Body("拖动滑块"),
            Body("拖动下方滑块"),
            Body("人机验证"),
            Body("人机识别"),
            Body("确认您不是机器人"),
            Body("访问过于频繁"),
            Body("访问太频繁"),
        ],
    },
    Way {
        signature: Signature::Waf,
        statuses: FORBIDDEN,
        is_bare: false,
        signs: &[
            Body("edgeone"),
            Header("edgeone"),
            Body("eo-log-uuid"),
            Header("eo-log-uuid"),
            Body("errors.aliyun.com"),
            Body("yundun"),
            Header("yundun"),
            Body("云盾"),
            Body("云防护"),
            Body("云锁"),
            Body("安全狗"),
            Body("安全防护"),
            Body("应用防火墙"),
            Body("waf"),
            Header("waf"),
            Body("知道创宇"),
            Body("创宇盾"),
            Body("jiasule"),
            Body("网站卫士"),
            Body("访问被拦截"),
            Body("请求被拦截"),
            Body("访问已被拦截"),
            Body("请求已被拦截"),
            Body("拦截提示"),
            Body("访问被拒绝"),
            Body("疑似攻击"),
            Body("攻击行为"),
            Body("可疑行为"),
            Body("访问异常"),
            Body("request blocked"),
            Body("request has been blocked"),
            Body("access denied"),
        ],
    },
];
