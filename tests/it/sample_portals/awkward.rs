//! Portals that lie about their encoding, show one page under many addresses, and send visitors round.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    Sample,
    papers::{Paper, list_page, page, report_page},
    server::{Reply, Site},
};

const ZOOM: (&str, &str) = ("<div id=\"zoom\">", "</div>");

/// Reports `first..first + n` at `/fzzf/<month>/<number>.html`.
fn papers(first: usize, n: usize) -> Vec<(String, Paper)> {
    (first..first + n)
        .map(|n| {
            let paper = Paper::new(n);
            (format!("/fzzf/{}/{}.html", paper.month(), 50_001 + n), paper)
        })
        .collect()
}

fn paths(papers: &[(String, Paper)]) -> BTreeSet<String> {
    papers.iter().map(|(path, _)| path.clone()).collect()
}

fn rows(papers: &[(String, Paper)]) -> String {
    papers.iter().map(|(path, paper)| paper.row(path)).collect()
}

fn html_of(papers: &[(String, Paper)], path: &str) -> Option<String> {
    let (_, paper) = papers.iter().find(|(known, _)| known == path)?;
    Some(report_page(paper, ZOOM.0, ZOOM.1))
}

pub(super) fn samples() -> Vec<Sample> {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let utf8 = |text: &str| text.as_bytes().to_vec();
    vec![
        encoded("gbk-called-utf-8", "text/html; charset=utf-8", "utf-8", gbk),
        encoded("gbk-called-nothing", "text/html", "", gbk),
        encoded("utf-8-called-gb2312", "text/html; charset=gb2312", "gb2312", utf8),
        encoded(
            "utf-8-called-latin-1",
            "text/html; charset=ISO-8859-1",
            "gb2312",
            utf8,
        ),
        spellings(),
        mirrors(),
        redirected(),
        cookie_gate(),
        redirected_home(),
        soft_errors(),
        unreachable_pages(),
    ]
}

fn sample(id: &str, site: Site, expected: BTreeSet<String>) -> Sample {
    Sample {
        id: id.to_owned(),
        ..Sample::of("auto", id, site, "/fzzf/", expected)
    }
}

/// All pages in bytes that are not what header and page say they are.
fn encoded(id: &str, media_type: &'static str, declared: &str, encode: fn(&str) -> Vec<u8>) -> Sample {
    let papers = papers(0, 12);
    let expected = paths(&papers);
    let declared = match declared {
        "" => String::new(),
        charset => format!("<meta charset=\"{charset}\">"),
    };
    let site = Site::start(move |hit| {
        let html = match hit.path() {
            "/fzzf/" => list_page(&rows(&papers), ""),
            path => match html_of(&papers, path) {
                Some(html) => html,
                None => return Reply::status(404),
            },
        };
        Reply::of(
            media_type,
            encode(&html.replace("<meta charset=\"utf-8\">", &declared)),
        )
    });
    sample(id, site, expected)
}

/// Every report is linked in many spellings of its address.
fn spellings() -> Sample {
    let papers = papers(20, 10);
    let expected = paths(&papers);
    let site = Site::start(move |hit| {
        let path = hit.path();
        if matches!(path, "/fzzf/" | "/fzzf/index.html") {
            let mut all = String::new();
            for (path, paper) in &papers {
                for link in [
                    path.clone(),
                    format!("{path}?spm=0.0.1"),
                    format!("{path};jsessionid=0A1B2C"),
                    path.replace("/fzzf/", "//fzzf//"),
                    format!("{path}#top"),
                    format!("{path}?_=17120"),
                    format!("../fzzf/./{}", &path[6..]),
                ] {
                    all.push_str(&paper.row(&link));
                }
            }
            return Reply::html(list_page(
                &all,
                "<a href=\"index.html\">1</a><a href=\"/fzzf/index.html?spm=3\">首页</a>",
            ));
        }
        let plain = path.split(';').next().unwrap_or_default().replace("//", "/");
        html_of(&papers, &plain).map_or_else(|| Reply::status(404), Reply::html)
    });
    sample("spellings", site, expected)
}

/// Every report stands in two columns and behind a gate to traditional characters.
fn mirrors() -> Sample {
    let papers = papers(40, 8);
    let expected = paths(&papers);
    let site = Site::start(move |hit| {
        let host = hit.header("host").unwrap_or_default();
        let twin = |path: &str| path.replace("/fzzf/", "/tzgg/");
        match hit.path() {
            "/fzzf/" => {
                let mut all = rows(&papers);
                for (path, paper) in &papers {
                    all.push_str(&paper.row(&twin(path)));
                    all.push_str(&paper.row(&format!("/gate/big5/{host}{path}")));
                }
                Reply::html(list_page(&all, ""))
            }
            path => {
                let html = html_of(&papers, &path.replace("/tzgg/", "/fzzf/"));
                html.map_or_else(
                    || Reply::status(404),
                    |html| Reply::html(html.replace("法治政府建设年度报告</a>", "通知公告</a>")),
                )
            }
        }
    });
    sample("mirrors", site, expected)
}

/// Old addresses lead to new ones, over up to five steps; one leads round in a circle and one out of http.
fn redirected() -> Sample {
    let papers = papers(60, 8);
    let mut expected = paths(&papers);
    let (lost, _) = papers[7].clone();
    expected.remove(&lost);
    let site = Site::start(move |hit| {
        if hit.path() == "/fzzf/" {
            let old = |n: usize| format!("/old/{n}.html");
            let list: String = papers
                .iter()
                .enumerate()
                .map(|(n, (_, paper))| paper.row(&old(n)))
                .collect();
            return Reply::html(list_page(&list, ""));
        }
        if let Some(n) = hit
            .path()
            .strip_prefix("/old/")
            .and_then(|rest| rest.strip_suffix(".html"))
        {
            let n: usize = n.parse().unwrap();
            return match n {
                0..4 => Reply::redirect(&papers[n].0).with_status([301, 302, 307, 308][n]),
                4 => Reply::redirect("/step/4/1"),
                5 => Reply::redirect("/step/5/0"),
                6 => Reply::redirect(&format!("{}#a", papers[6].0)),
                _ => Reply::redirect("/old/7.html"),
            };
        }
        if let Some(steps) = hit.path().strip_prefix("/step/") {
            let (n, left) = steps.split_once('/').unwrap();
            let (n, left): (usize, usize) = (n.parse().unwrap(), left.parse().unwrap());
            return match left {
                3 => Reply::redirect(&papers[n].0),
                _ => Reply::redirect(&format!("/step/{n}/{}", left + 1)),
            };
        }
        html_of(&papers, hit.path()).map_or_else(|| Reply::status(404), Reply::html)
    });
    Sample {
        status: "partial",
        ..sample("redirected", site, expected)
    }
}

/// Lets in whoever sends back the cookie it sets with a redirect to the same address.
fn cookie_gate() -> Sample {
    let papers = papers(80, 9);
    let expected = paths(&papers);
    let site = Site::start(move |hit| {
        if hit.path() == "/robots.txt" {
            return Reply::status(404);
        }
        if !hit.header("cookie").unwrap_or_default().contains("CT6T=a1b2c3d4") {
            return Reply::redirect(&hit.target).header("Set-Cookie", "CT6T=a1b2c3d4; path=/; HttpOnly");
        }
        match hit.path() {
            "/fzzf/" => Reply::html(list_page(&rows(&papers), "")),
            path => html_of(&papers, path).map_or_else(|| Reply::status(404), Reply::html),
        }
    });
    sample("cookie-gate", site, expected)
}

/// What is not there any more leads to the home page.
fn redirected_home() -> Sample {
    let papers = papers(100, 12);
    let here: Vec<_> = papers[..9].to_vec();
    let expected = paths(&here);
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => Reply::html(list_page(&rows(&papers), "")),
        "/" => Reply::html(page(
            "首页",
            "<div><a href=\"/ywdt/1.html\">要闻</a><p>清河县人民政府门户网站欢迎您</p></div>",
        )),
        path => html_of(&here, path).map_or_else(|| Reply::redirect("/"), Reply::html),
    });
    sample("redirected-home", site, expected)
}

/// Pages that say with status 200 that they are not there, or that one has to log in.
fn soft_errors() -> Sample {
    let papers = papers(120, 14);
    let here: Vec<_> = papers[..8].to_vec();
    let expected = paths(&here);
    let errors = [
        "<div class=\"err\">抱歉，您访问的页面不存在或已被删除！</div><a href=\"/\">返回首页</a>",
        "<h2>404 Not Found</h2>",
        "<div>系统提示：请先登录后再访问</div>",
        "<p>该信息已失效</p>",
        "<title>错误页面</title><p>找不到您要访问的页面，3秒后返回首页</p>",
        "",
    ];
    let gone: Vec<_> = papers[8..].iter().map(|(path, _)| path.clone()).collect();
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => Reply::html(list_page(&rows(&papers), "")),
        path => match gone.iter().position(|known| known == path) {
            Some(n) if errors[n].is_empty() => Reply::html(""),
            Some(n) => Reply::html(format!("<html><body>{}</body></html>", errors[n])),
            None => html_of(&here, path).map_or_else(|| Reply::status(404), Reply::html),
        },
    });
    sample("soft-errors", site, expected)
}

/// One page fails at first and then comes; one never comes; the others do.
fn unreachable_pages() -> Sample {
    let papers = papers(140, 10);
    let mut expected = paths(&papers);
    let (moody, dead) = (papers[3].0.clone(), papers[5].0.clone());
    expected.remove(&dead);
    let failed_once = Arc::new(AtomicBool::new(false));
    let seen = Arc::new(Mutex::new(0));
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => Reply::html(list_page(&rows(&papers), "")),
        path if path == moody && !failed_once.swap(true, Ordering::AcqRel) => Reply::status(502),
        path if path == dead => {
            *seen.lock().unwrap() += 1;
            Reply::status(500)
        }
        path => html_of(&papers, path).map_or_else(|| Reply::status(404), Reply::html),
    });
    Sample {
        status: "partial",
        reason: "pages_failed",
        ..sample("unreachable-pages", site, expected)
    }
}
