//! One report under many addresses.

use super::{
    super::{
        papers::list_page,
        samples::{Sample, with_papers},
        server::{Reply, Site},
    },
    html_of, papers, rows, sample,
};

/// Every report is linked in many spellings of its address.
pub(super) fn spellings() -> Sample {
    let papers = papers(20, 10);
    let expected = with_papers(&papers);
    let site = Site::start(move |hit| {
        let path = hit.path();
        if matches!(path, "/fzzf/" | "/fzzf/index.html") {
            let host = hit.header("host").unwrap_or_default();
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
                    format!("HTTP://{host}{path}"),
                    format!("https://{host}{path}"),
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
pub(super) fn mirrors() -> Sample {
    let papers = papers(40, 8);
    let expected = with_papers(&papers);
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

/// The rows lead to the portal by its name, and again with `www.`, and to its edition for phones.
pub(super) fn twins() -> Sample {
    let papers = papers(180, 8);
    let expected = with_papers(&papers);
    let site = Site::start(move |hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        "/fzzf/" => {
            let host = hit.header("host").unwrap_or_default();
            let mut all = rows(&papers);
            for (path, paper) in &papers {
                for twin in ["www.", "m.", "wap."] {
                    all.push_str(&paper.row(&format!("http://{twin}{host}{path}")));
                }
            }
            Reply::html(list_page(&all, ""))
        }
        path => html_of(&papers, path).map_or_else(|| Reply::status(404), Reply::html),
    });
    sample("twins", site.called("localhost"), expected)
}
