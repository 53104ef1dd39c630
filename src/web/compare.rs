//! Two to four reports side by side: what is known of each, and their sections, with what stands in several marked.
//!
//! ```text
//! id=…&id=… ─▶ reports ─┬─▶ index::shared_stretches ─▶ marked.rs  lines cut where they are shared
//!                       └─▶ align.rs  sections that answer to each other
//! ```
//!
//! `chosen.rs` finds the reports, or versions of one. Ids that cannot be compared are told on the page, with the form that they
//! came from.

mod align;
mod chosen;
mod marked;
mod words;

use askama::Template;
use axum::{extract::State, response::Response};
use index::{AsOf, shared_stretches};
use report::{Report, Role};

use self::{
    align::{Part, align, parts},
    chosen::{Chosen, Wanted, find},
    marked::{Line, Shared, keep_numbers_whole, lines, share},
    words::{CompareWords, letter},
};
use super::{
    labels,
    report::{anchor_in_address, page_path, region_path},
    view::{Asked, View},
    words::{put, thousands},
};
use crate::{
    api::{problem::Problem, search::read_as_of},
    http::App,
};

pub(crate) const PATH: &str = "/compare";
/// Most reports.
const MAX: usize = 4;
/// Characters of a report that are compared.
const MAX_CHARS: usize = 60_000;

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    c: &'static CompareWords,
    heading: String,
    /// What stands for a report, what is in its box.
    boxes: Vec<(&'static str, String)>,
    as_of: Option<String>,
    wrong: Option<String>,
    /// Empty when nothing is compared.
    reports: Vec<Column>,
    /// Name, value of each report, whether they differ.
    facts: Vec<(&'static str, Vec<String>, bool)>,
    rows: Vec<SectionRow>,
    view: View,
}

/// A report.
struct Column {
    letter: &'static str,
    title: String,
    /// Where another version of it stands beside.
    version: Option<String>,
    link: String,
    /// What is left out, in words.
    cut: Option<String>,
}

/// Sections that answer to each other.
struct SectionRow {
    /// What it is called, whether that is Chinese in any language of the pages.
    heading: (String, bool),
    role: Option<&'static str>,
    cells: Vec<Option<Cell>>,
}

/// A section of a report.
struct Cell {
    /// The page of the report, at the section.
    link: String,
    lines: Vec<Line>,
}

pub(crate) async fn page(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let Asked { view, mut params } = asked;
    let as_of = read_as_of(&mut params)?;
    let wanted: Vec<Wanted> = params
        .many("id")
        .iter()
        .filter_map(|text| Wanted::read(text))
        .collect();
    params.finish()?;
    let mut page = ComparePage::new(view, &wanted, as_of);
    if wanted.is_empty() {
        return super::page(&page.view, &page);
    }
    match find(&app, page.c, &wanted, as_of).await? {
        Ok(chosen) => {
            let filled = app.with_index(move |_| {
                page.fill(chosen);
                Ok(page)
            });
            let page = filled.await?;
            super::page(&page.view, &page)
        }
        Err((status, why)) => {
            page.wrong = Some(why);
            let mut response = super::page(&page.view, &page)?;
            *response.status_mut() = status;
            Ok(response)
        }
    }
}

impl ComparePage {
    fn new(view: View, wanted: &[Wanted], as_of: Option<AsOf>) -> Self {
        let (c, lang) = (CompareWords::of(view.lang()), view.lang());
        let id = |nth: usize| wanted.get(nth).map(Wanted::to_string).unwrap_or_default();
        Self {
            c,
            heading: view.w.compare.to_owned(),
            boxes: (0..MAX).map(|nth| (letter(lang, nth), id(nth))).collect(),
            as_of: as_of.map(|as_of| as_of.to_string()),
            wrong: None,
            reports: Vec::new(),
            facts: Vec::new(),
            rows: Vec::new(),
            view,
        }
    }

    fn fill(&mut self, chosen: Vec<Chosen>) {
        let (c, lang) = (self.c, self.view.lang());
        let (reports, moments): (Vec<Report>, Vec<Option<String>>) =
            chosen.into_iter().map(|one| (one.report, one.as_of)).unzip();
        let reports = reports.as_slice();
        let texts: Vec<&str> = reports
            .iter()
            .map(|report| begins(&report.content.text))
            .collect();
        let mut shared = shared_stretches(&texts);
        for (text, shared) in texts.iter().zip(&mut shared) {
            keep_numbers_whole(text, shared);
        }
        let links = reports.iter().zip(&moments).map(|(report, as_of)| {
            let pairs: Vec<_> = as_of.iter().map(|as_of| ("as_of", as_of.as_str())).collect();
            self.view.link(&page_path(report.id.as_str()), &pairs)
        });
        let links: Vec<String> = links.collect();
        let shares: Vec<f64> = texts
            .iter()
            .zip(&shared)
            .map(|(text, shared)| share(text.chars().count(), shared))
            .collect();
        let all: Vec<Vec<Part<'_>>> = reports
            .iter()
            .zip(&texts)
            .map(|(report, text)| parts(text, &report.content.outline))
            .collect();
        let marked = texts.iter().zip(&shared);
        let mut marked: Vec<Vec<Vec<Line>>> = marked
            .zip(&all)
            .map(|((text, shared), parts)| by_part(lines(text, shared, texts.len() - 1), parts))
            .collect();
        let rows = align(&all).into_iter().map(|row| {
            let mut first: Option<&Part<'_>> = None;
            let cells = row.iter().enumerate().map(|(nth, part)| {
                let at = (*part)?;
                let part = all[nth].get(at)?;
                first = first.or(Some(part));
                let lines = marked[nth].get_mut(at).map(std::mem::take).unwrap_or_default();
                let anchor = part.section.map(anchor_in_address);
                let hash = anchor.map_or_else(String::new, |anchor| format!("#{anchor}"));
                Some(Cell {
                    link: format!("{}{hash}", links[nth]),
                    lines,
                })
            });
            let cells: Vec<Option<Cell>> = cells.collect();
            let section = first.and_then(|part| part.section);
            let has_sections = all.iter().flatten().any(|part| part.section.is_some());
            let role = first.and_then(Part::role);
            SectionRow {
                heading: match section {
                    Some(section) if !section.heading.is_empty() => (section.heading.clone(), true),
                    Some(section) => (section.number.clone(), true),
                    None if has_sections => (c.opening.to_owned(), false),
                    None => (c.whole.to_owned(), false),
                },
                role: role
                    .filter(|role| *role != Role::Other)
                    .map(|role| labels::role(lang, role)),
                cells,
            }
        });
        self.rows = rows.collect();
        self.facts = facts(&self.view, reports, &shares, c.shared);
        self.heading = put(c.heading, &[&reports.len()]);
        let columns = reports.iter().zip(links).zip(&texts).enumerate();
        let columns = columns.map(|(nth, ((report, link), text))| {
            // Versions of one report have one title.
            let has_namesake = reports
                .iter()
                .enumerate()
                .any(|(other, one)| other != nth && one.id == report.id);
            Column {
                letter: letter(lang, nth),
                title: self.view.title(&report.content),
                version: has_namesake.then(|| put(self.view.w.version_n, &[&report.version])),
                link,
                cut: (text.len() < report.content.text.len())
                    .then(|| put(c.cut, &[&thousands(MAX_CHARS as u64)])),
            }
        });
        self.reports = columns.collect();
    }
}

/// As much of a text as is compared.
fn begins(text: &str) -> &str {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// Lines by the part that they stand in.
fn by_part(lines: Vec<Line>, parts: &[Part<'_>]) -> Vec<Vec<Line>> {
    let mut all: Vec<Vec<Line>> = parts.iter().map(|_| Vec::new()).collect();
    let mut at = 0;
    for line in lines {
        while parts.get(at + 1).is_some_and(|next| next.start < line.end) {
            at += 1;
        }
        if let Some(lines) = all.get_mut(at) {
            lines.push(line);
        }
    }
    all
}

/// What is known of the reports, line by line; what is known of none is left out.
fn facts(
    view: &View,
    reports: &[Report],
    shares: &[f64],
    shared: &'static str,
) -> Vec<(&'static str, Vec<String>, bool)> {
    let (w, lang) = (view.w, view.lang());
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    let of = |name: &'static str, value: &dyn Fn(&Report) -> Option<String>| {
        let values: Vec<String> = reports
            .iter()
            .map(|report| value(report).unwrap_or_default())
            .collect();
        let differ = values.iter().any(|value| *value != values[0]);
        (name, values, differ)
    };
    let mut facts = vec![
        of(w.region, &|report| Some(region_path(report))),
        of(w.year, &|report| report.content.year.map(|year| year.to_string())),
        of(w.genre, &|report| {
            Some(labels::genre(lang, report.content.genre).to_owned())
        }),
        of(w.issuer, &|report| report.content.issuer.clone()),
        of(w.document_number, &|report| {
            report.content.document_number.clone()
        }),
        of(w.published, &|report| day(report.content.published)),
        of(w.signed, &|report| day(report.content.signed)),
        of(w.portal, &|report| Some(report.portal.clone())),
        of(w.status, &|report| {
            let version = put(w.version_n, &[&report.version]);
            Some(format!("{} · {version}", labels::status(lang, report.status)))
        }),
        of(w.chars, &|report| Some(thousands(report.content.chars as u64))),
    ];
    facts.retain(|(_, values, _)| values.iter().any(|value| !value.is_empty()));
    let shares = shares.iter().map(|share| format!("{:.0} %", share * 100.0));
    facts.push((shared, shares.collect(), false));
    facts
}
