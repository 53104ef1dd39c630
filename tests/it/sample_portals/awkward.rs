//! Portals with one fault each: encodings that are none of what they are called, one page under many addresses, visitors
//! sent round, pages that are not there.

mod addresses;
mod detours;
mod encodings;
mod faults;

use super::{
    papers::{Paper, report_page},
    samples::{Expected, Sample},
    server::Site,
};

pub(super) use self::detours::Canary;

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

fn rows(papers: &[(String, Paper)]) -> String {
    papers.iter().map(|(path, paper)| paper.row(path)).collect()
}

fn html_of(papers: &[(String, Paper)], path: &str) -> Option<String> {
    let (_, paper) = papers.iter().find(|(known, _)| known == path)?;
    Some(report_page(paper, ZOOM.0, ZOOM.1))
}

fn sample(id: &str, site: Site, expected: Expected) -> Sample {
    Sample {
        id: id.to_owned(),
        ..Sample::of("auto", id, site, "/fzzf/", expected)
    }
}

/// All of them, and a site that none of them may lead to.
pub(super) fn samples() -> (Vec<Sample>, Canary) {
    let canary = Canary::start();
    let mut samples = encodings::samples();
    samples.extend([
        addresses::spellings(),
        addresses::mirrors(),
        addresses::twins(),
        detours::redirected(),
        detours::sent_on(&canary),
        detours::cookie_gate(),
        detours::redirected_home(),
        faults::soft_errors(),
        faults::unreachable_pages(),
    ]);
    (samples, canary)
}
