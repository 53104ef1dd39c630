//! Portals that shut crawlers out, each in its own way, after the list was read.
//!
//! The reports that came before stay; not one request follows the answer that shuts us out.

use std::collections::BTreeSet;

use super::{
    Sample,
    papers::{Paper, list_page, report_page},
    server::{Hit, Reply, Site},
};

/// Reports that are given before the door is shut.
const GIVEN: usize = 3;

struct Door {
    id: &'static str,
    reason: &'static str,
    shut: fn(&Hit) -> Reply,
}

const DOORS: &[Door] = &[
    Door {
        id: "jsl",
        reason: "blocked:jsl",
        shut: |_| {
            Reply::html("<script>document.cookie=('_')+('_jsl_clearance_s=1');location.href=location.pathname</script>")
                .with_status(521)
                .header("Set-Cookie", "__jsluid_s=5d0f; max-age=31536000; path=/; HttpOnly")
        },
    },
    Door {
        id: "ruishu-412",
        reason: "blocked:js",
        shut: |_| {
            Reply::html("<html><head><meta content=\"x\"><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script></head></html>")
                .with_status(412)
                .header("Set-Cookie", "FSSBBIl1UgzbN7N80S=abc; Path=/; HttpOnly")
        },
    },
    Door {
        id: "ruishu-202",
        reason: "blocked:js",
        shut: |_| {
            Reply::html("<html><script>$_ts={};</script><script src=\"/4QbVtADbnLVIc/c.FxJzG50F.js\"></script></html>").with_status(202)
        },
    },
    Door {
        id: "wangsu",
        reason: "blocked:js",
        shut: |_| {
            Reply::html("<html><head><script src=\"/_ws_sbu/sbu_hc.js\"></script></head><body></body></html>")
                .header("Set-Cookie", "HBB_HC=1; path=/")
        },
    },
    Door {
        id: "wzws-geo",
        reason: "blocked:geo",
        shut: |_| Reply::html("<html><body>WZWS-RAY: 1 reason:GeoBL</body></html>").with_status(403),
    },
    Door {
        id: "wzws-redirect",
        reason: "blocked:geo",
        shut: |_| Reply::redirect("/WZWSREL2Zvb2JhcgA=?wzwschallenge=V1pXUw=="),
    },
    Door {
        id: "edgeone",
        reason: "blocked:waf",
        shut: |_| {
            Reply::html("<html><head><title>403 Forbidden</title></head><body>Protected by Tencent Cloud EdgeOne</body></html>").with_status(403)
        },
    },
    Door {
        id: "aliyun",
        reason: "blocked:waf",
        shut: |_| {
            Reply::html("<html><body>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。<a href=\"https://errors.aliyun.com/\">errors.aliyun.com</a></body></html>")
                .with_status(405)
        },
    },
    Door {
        id: "yunsuo",
        reason: "blocked:waf",
        shut: |_| {
            Reply::html("<html><head><title>创宇盾</title></head><body>当前访问疑似黑客攻击，已被网站管理员设置为拦截 知道创宇云防御</body></html>").with_status(403)
        },
    },
    Door {
        id: "captcha",
        reason: "blocked:captcha",
        shut: |_| {
            Reply::html(
                "<html><head><title>安全验证</title></head><body><p>访问过于频繁，请输入验证码后继续访问</p><img src=\"/captcha.jpg\"><input name=\"code\"></body></html>",
            )
        },
    },
];

pub(super) fn samples() -> Vec<Sample> {
    DOORS
        .iter()
        .enumerate()
        .map(|(n, door)| sample(n, door))
        .collect()
}

fn sample(number: usize, door: &'static Door) -> Sample {
    let papers: Vec<_> = (number * 12..number * 12 + 12)
        .map(|n| (format!("/fzzf/{}.html", 60_001 + n), Paper::new(n)))
        .collect();
    let expected: BTreeSet<_> = papers[..GIVEN].iter().map(|(path, _)| path.clone()).collect();
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => {
            let rows: String = papers.iter().map(|(path, paper)| paper.row(path)).collect();
            Reply::html(list_page(&rows, ""))
        }
        path => match papers[..GIVEN].iter().find(|(known, _)| known == path) {
            Some((_, paper)) => Reply::html(report_page(paper, "<div id=\"zoom\">", "</div>")),
            None => (door.shut)(hit),
        },
    });
    Sample {
        id: format!("shut-{}", door.id),
        status: "blocked",
        reason: door.reason,
        ..Sample::of("auto", door.id, site, "/fzzf/", expected)
    }
}

/// Robots, the list, the reports that were given, and the one answer that shut us out.
pub(super) const MOST_REQUESTS: usize = 2 + GIVEN + 1;
