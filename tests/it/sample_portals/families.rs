//! One portal of every content system: its list, the answers its scripts ask for, its way to name a document.

mod feeds;
mod hanweb;
mod plain;
mod services;
mod trs;

use std::collections::BTreeMap;

use super::{
    papers::{Paper, page, report_page},
    samples::{Expected, Sample, with_papers},
    server::{Hit, Reply},
};

struct Stock {
    papers: Vec<(String, Paper)>,
    pages: BTreeMap<String, String>,
    validator: Validator,
}

/// What a server says by which a page can be asked for again.
#[derive(Clone, Copy)]
enum Validator {
    None,
    Tag,
    Moment,
}

const MOMENT: &str = "Tue, 27 Feb 2024 02:13:20 GMT";

impl Stock {
    /// `n` reports from number `first` on, at the paths that `path` gives.
    fn new(
        first: usize,
        n: usize,
        (open, close): (&str, &str),
        path: impl Fn(usize, &Paper) -> String,
    ) -> Self {
        let papers: Vec<_> = (first..first + n)
            .map(Paper::new)
            .enumerate()
            .map(|(n, paper)| (path(n, &paper), paper))
            .collect();
        let pages = papers
            .iter()
            .map(|(path, paper)| (path.clone(), report_page(paper, open, close)))
            .collect();
        let validator = [Validator::None, Validator::Tag, Validator::Moment][(first / 5) % 3];
        Self {
            papers,
            pages,
            validator,
        }
    }

    fn expected(&self) -> Expected {
        with_papers(&self.papers)
    }

    /// Rows of a page of `size`, counted from 0.
    fn rows(&self, number: usize, size: usize) -> String {
        self.slice(number * size, size)
            .iter()
            .map(|(path, paper)| paper.row(path))
            .collect()
    }

    fn slice(&self, start: usize, n: usize) -> &[(String, Paper)] {
        let end = (start + n).min(self.papers.len());
        &self.papers[start.min(end)..end]
    }

    /// The page of a report, or 404.
    fn reply(&self, hit: &Hit) -> Reply {
        let tag = format!("W/\"{}-{}\"", hit.target.len(), self.pages.len());
        match (self.pages.get(&hit.target), self.validator) {
            (Some(_), Validator::Tag) if hit.header("if-none-match") == Some(&tag) => Reply::status(304),
            (Some(_), Validator::Moment) if hit.header("if-modified-since") == Some(MOMENT) => {
                Reply::status(304)
            }
            (Some(page), Validator::Tag) => Reply::html(page).header("ETag", tag),
            (Some(page), Validator::Moment) => Reply::html(page).header("Last-Modified", MOMENT),
            (Some(page), Validator::None) => Reply::html(page),
            (None, _) => Reply::html(page("找不到页面", "<h1>404</h1>您访问的页面不存在")).with_status(404),
        }
    }
}

const TRS: (&str, &str) = ("<div class=\"TRS_Editor\">", "</div>");
const ZOOM: (&str, &str) = ("<div id=\"zoom\">", "</div>");
const VSB: (&str, &str) = (
    "<div id=\"vsb_content\"><div class=\"v_news_content\">",
    "</div></div>",
);
const UCAP: (&str, &str) = ("<div id=\"UCAP-CONTENT\"><UCAPCONTENT>", "</UCAPCONTENT></div>");
const HANWEB: (&str, &str) = (
    "<div id=\"zoom\"><!--ZJEG_RSS.content.begin-->",
    "<!--ZJEG_RSS.content.end--></div>",
);

fn hex(n: usize) -> String {
    format!("{:016x}{:016x}", n * 7_919 + 13, (n + 3) * 104_729)
}

/// All of them; named portals say their family, the others leave it to be found.
pub(super) fn samples(named: bool) -> Vec<Sample> {
    let family = |name: &'static str| if named { name } else { "auto" };
    vec![
        plain::static_next(family("static")),
        trs::trs(family("trs")),
        trs::trs_by_element(family("trs"), 1),
        trs::trs_by_element(family("trs"), 2),
        hanweb::hanweb(family("hanweb")),
        hanweb::hanweb_by_post(family("hanweb")),
        hanweb::hanweb_encrypted(family("hanweb")),
        hanweb::hanweb_old(family("hanweb")),
        hanweb::jpaas(family("jpaas")),
        services::ucap(family("ucap")),
        plain::vsb(family("vsb")),
        services::gkmlpt(family("gkmlpt")),
        services::lonsun(family("lonsun"), false),
        services::lonsun(family("lonsun"), true),
        services::eportal(family("eportal")),
        feeds::sitemap(family("sitemap")),
        feeds::feed(family("feed"), false),
        feeds::feed(family("feed"), true),
    ]
}
