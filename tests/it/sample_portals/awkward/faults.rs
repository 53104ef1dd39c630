//! Pages that are not there, and do not always say so.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    super::{
        papers::list_page,
        samples::{Sample, told, with_papers},
        server::{Reply, Site},
    },
    html_of, papers, rows, sample,
};

/// Pages that say with status 200 that they are not there, or that one has to log in.
pub(super) fn soft_errors() -> Sample {
    let papers = papers(120, 14);
    let here: Vec<_> = papers[..8].to_vec();
    let expected = with_papers(&here);
    let errors = [
        "<div class=\"err\">抱歉，您访问的页面不存在或已被删除！</div><a href=\"/\">返回首页</a>",
        "<h2>404 Not Found</h2>",
        "<div>系统提示：请先登录后再访问</div>",
        "<p>该信息已失效</p>",
        "<title>错误页面</title><p>找不到您要访问的页面，3秒后返回首页</p>",
        "",
    ];
    let failed = papers[8..].iter().zip(errors).map(|((path, _), error)| {
        let why = if error.is_empty() { "no_text" } else { "soft_404" };
        (path.as_str(), why)
    });
    let failed = told(failed);
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
    Sample {
        failed,
        ..sample("soft-errors", site, expected)
    }
}

/// One page fails at first and then comes; one never comes; the others do.
pub(super) fn unreachable_pages() -> Sample {
    let papers = papers(140, 10);
    let mut expected = with_papers(&papers);
    let (moody, dead) = (papers[3].0.clone(), papers[5].0.clone());
    expected.remove(&dead);
    let failed_once = AtomicBool::new(false);
    let failed = told([(dead.as_str(), "http_500")]);
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => Reply::html(list_page(&rows(&papers), "")),
        path if path == moody && !failed_once.swap(true, Ordering::AcqRel) => Reply::status(502),
        path if path == dead => Reply::status(500),
        path => html_of(&papers, path).map_or_else(|| Reply::status(404), Reply::html),
    });
    Sample {
        status: "partial",
        reason: "pages_failed",
        failed,
        ..sample("unreachable-pages", site, expected)
    }
}
