//! Portals that shut crawlers out, each in its own way, after the list was read.
//!
//! The reports that came before stay; not one request follows the answer that shuts us out.

use super::{
    papers::{Paper, list_page, report_page},
    samples::{Sample, with_papers},
    server::{Hit, Reply, Site},
};

/// Reports that are given before the door is shut.
const GIVEN: usize = 3;

struct Door {
    id: &'static str,
    reason: &'static str,
    shut: fn(&Hit) -> Reply,
    /// Answers by which it is known to be shut.
    tries: usize,
}

/// Whatever stands in place of a page; one is enough.
const fn door(id: &'static str, reason: &'static str, shut: fn(&Hit) -> Reply) -> Door {
    Door {
        id,
        reason,
        shut,
        tries: 1,
    }
}

const DOORS: &[Door] = &[
    door("jsl", "blocked:jsl", |_| {
        Reply::html(
            "<script>document.cookie=('_')+('_jsl_clearance_s=1');location.href=location.pathname</script>",
        )
        .with_status(521)
        .header(
            "Set-Cookie",
            "__jsluid_s=5d0f; max-age=31536000; path=/; HttpOnly",
        )
    }),
    door("ruishu-412", "blocked:js", |_| {
        Reply::html("<html><head><meta content=\"x\"><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script></head></html>")
                .with_status(412)
                .header("Set-Cookie", "FSSBBIl1UgzbN7N80S=abc; Path=/; HttpOnly")
    }),
    door("ruishu-202", "blocked:js", |_| {
        Reply::html(
            "<html><script>$_ts={};</script><script src=\"/4QbVtADbnLVIc/c.FxJzG50F.js\"></script></html>",
        )
        .with_status(202)
    }),
    door("wangsu", "blocked:js", |_| {
        Reply::html("<html><head><script src=\"/_ws_sbu/sbu_hc.js\"></script></head><body></body></html>")
            .header("Set-Cookie", "HBB_HC=1; path=/")
    }),
    door("wzws-geo", "blocked:geo", |_| {
        Reply::html("<html><body>WZWS-RAY: 1 reason:GeoBL</body></html>").with_status(403)
    }),
    door("wzws-redirect", "blocked:geo", |_| {
        Reply::redirect("/WZWSREL2Zvb2JhcgA=?wzwschallenge=V1pXUw==")
    }),
    door("edgeone", "blocked:waf", |_| {
        Reply::html("<html><head><title>403 Forbidden</title></head><body>Protected by Tencent Cloud EdgeOne</body></html>").with_status(403)
    }),
    door("aliyun", "blocked:waf", |_| {
        Reply::html("<html><body>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。<a href=\"https://errors.aliyun.com/\">errors.aliyun.com</a></body></html>")
                .with_status(405)
    }),
    door("yunsuo", "blocked:waf", |_| {
        Reply::html("<html><head><title>创宇盾</title></head><body>当前访问疑似黑客攻击，已被网站管理员设置为拦截 知道创宇云防御</body></html>").with_status(403)
    }),
    door("captcha", "blocked:captcha", |_| {
        Reply::html(
            "<html><head><title>安全验证</title></head><body><p>访问过于频繁，请输入验证码后继续访问</p><img src=\"/captcha.jpg\"><input name=\"code\"></body></html>",
        )
    }),
    // A plain refusal may be meant for one page; five in a row are meant for us.
    Door {
        id: "refused",
        reason: "blocked:refused",
        shut: |_| Reply::html("<html><body>Forbidden</body></html>").with_status(403),
        tries: 5,
    },
    door("yundun", "blocked:waf", |_| {
        Reply::html("<html><body>您的请求疑似攻击行为，已被云盾拦截</body></html>").with_status(403)
    }),
];

pub(super) fn samples() -> Vec<Sample> {
    let doors = DOORS.iter().enumerate().map(|(n, door)| sample(n, door));
    doors.chain([401, 403].map(at_robots)).collect()
}

fn sample(number: usize, door: &'static Door) -> Sample {
    let papers: Vec<_> = (number * 12..number * 12 + 12)
        .map(|n| (format!("/fzzf/{}.html", 60_001 + n), Paper::new(n)))
        .collect();
    let expected = with_papers(&papers[..GIVEN]);
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
        failed: None,
        // robots.txt, the list, what was given, and what shut us out.
        most_requests: 2 + GIVEN + door.tries,
        ..Sample::of("auto", door.id, site, "/fzzf/", expected)
    }
}

/// Not even the rules may be read.
fn at_robots(status: u16) -> Sample {
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(status),
        _ => Reply::html(list_page(&Paper::new(0).row("/fzzf/1.html"), "")),
    });
    Sample {
        id: format!("shut-robots-{status}"),
        status: "blocked",
        reason: "blocked:robots",
        failed: None,
        most_requests: 1,
        ..Sample::of("auto", "robots", site, "/fzzf/", with_papers(&[]))
    }
}
