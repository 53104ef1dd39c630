//! A report's page: text with its outline and the hits of a query, metadata with its evidence, versions, and what is like it.
//!
//! `report/text.rs` cuts the text, `facts.rs` says what is known besides. What a later page adds about one report is a
//! section of the template's aside.

mod facts;
mod text;

use askama::Template;
use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};
use crawler::VersionInfo;
use index::{AsOf, Mode, SearchRequest, Similar};
use report::{Report, ReportId};

pub(super) use self::text::line_id;
pub(crate) use self::text::{anchor_in_address, paragraph_anchor};
use self::{
    facts::{Fact, evidence, facts},
    text::{Block, Entry, MAX_NUMBERED, Part, blocks, entries},
};
use super::{
    compare::PATH,
    labels,
    state::PageState,
    view::{Asked, View, query_of},
    words::{put, thousands},
};
use crate::{
    api::{
        self, params::Params, params::segment, problem::Problem, search::read_request, versions::versions,
    },
    cite::{Citation, Style},
    http::App,
    permalink::escape,
};

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    view: View,
    q: String,
    mode: Option<&'static str>,
    as_of: Option<String>,
    title: Vec<Part>,
    plain_title: String,
    title_inferred: bool,
    region_path: String,
    /// Doubts: short, and what they mean.
    flags: Vec<(&'static str, &'static str)>,
    marks: Option<Marked>,
    blocks: Vec<Block>,
    facts: Vec<Fact>,
    evidence: Vec<(&'static str, String)>,
    /// Name of the format, the citation, and the address of it as a file.
    citations: Vec<(&'static str, String, String)>,
    /// Name, address, whether that may become a link, what became of it.
    attachments: Vec<(String, String, bool, Option<&'static str>)>,
    cites: Vec<String>,
    outline: Vec<Entry>,
    urls: Vec<(String, bool)>,
    id: String,
    id_in_path: String,
    /// Newest first; empty when there is but one.
    versions: Vec<VersionLine>,
    duplicates: Vec<LikeLine>,
    related: Vec<LikeLine>,
}

/// What the query found in the text.
struct Marked {
    /// In words: how many places, or why none.
    about: String,
    /// Whether it could be read.
    is_good: bool,
    /// The last hit that can be gone to; 0 for none.
    last: usize,
    /// The search it came from.
    back: String,
}

/// A report like this one.
struct LikeLine {
    title: String,
    link: String,
    /// How similar the texts are.
    share: String,
    /// The page that shows both side by side.
    compare: String,
}

/// Reports of each kind that are listed.
const MAX_LIKE: usize = 8;

/// One version in a list of them.
pub(super) struct VersionLine {
    pub(super) about: String,
    /// The page that compares it with the one before.
    pub(super) diff: Option<String>,
    /// The page as it was fetched then.
    pub(super) snapshot: String,
}

/// Versions as they are listed, newest first.
pub(super) fn version_lines(view: &View, id_in_path: &str, versions: &[VersionInfo]) -> Vec<VersionLine> {
    let line = |info: &VersionInfo| VersionLine {
        about: put(
            view.w.version_about,
            &[&info.version, &info.retrieved_at.date(), &thousands(info.chars)],
        ),
        diff: (info.version > 1).then(|| {
            let (from, to) = ((info.version - 1).to_string(), info.version.to_string());
            let path = format!("/reports/{id_in_path}/diff");
            view.link(&path, &[("from", &from), ("to", &to)])
        }),
        snapshot: format!("/api/v1/reports/{id_in_path}/snapshot?version={}", info.version),
    };
    versions.iter().rev().map(line).collect()
}

pub(crate) async fn page(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    asked: Asked,
) -> Result<Response, Problem> {
    let Asked { view, params } = asked;
    // Of the search that led here the query counts; the rest leads back to it.
    let search = PageState::new("/", params.into_pairs());
    let mut params = Params::from_pairs(search.without(&[]));
    let request = read_request(&mut params)?;
    params.finish()?;
    let as_of = request.filters.as_of;
    let back = search.without(&[]);
    let back: Vec<(&str, &str)> = back
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let back = view.link("/", &back);
    let report = api::report::find(&app, segment(path)?, as_of).await?;
    let marks = match request.q.trim().is_empty() {
        true => None,
        false => {
            let (request, report) = (request.clone(), report.clone());
            let found = app.with_index(move |reader| Ok(reader.marks(&request, &report)));
            Some(found.await?)
        }
    };
    let mut page = ReportPage::new(view, &report, &request, back, marks, &app.service().alerts.base);
    if report.version > 1 || as_of.is_some() {
        let id = report.id.clone();
        let versions = app.with_catalog(move |catalog, _| versions(catalog, &id)).await?;
        page.versions = version_lines(&page.view, &page.id_in_path, &versions);
    }
    // A page without these is better than none.
    if let Ok(similar) = api::similar::find(&app, report.id.clone(), MAX_LIKE).await {
        page.list_similar(&similar);
    }
    super::page(&page.view, &page)
}

/// Whether an address found on a page may become a link of ours.
pub(crate) fn is_web_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// An id as one segment of a path.
pub(crate) fn id_in_path(id: &report::ReportId) -> String {
    escape(id.as_str()).to_string()
}

/// The path of the page of a report.
pub(crate) fn page_path(id: &str) -> String {
    format!("/reports/{}", escape(id))
}

/// The address of the paragraph that begins at a character of a report's text.
pub(crate) fn paragraph_path(id: &ReportId, start: usize) -> String {
    format!("{}#{}", page_path(id.as_str()), line_id(start))
}

/// Names from the province down, joined.
pub(crate) fn region_path(report: &Report) -> String {
    let content = &report.content;
    let names = [&content.province, &content.city, &content.county];
    names
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" › ")
}

/// The report in the formats that are pasted into a text.
fn citations(report: &Report, as_of: Option<AsOf>, base: &str) -> Vec<(&'static str, String, String)> {
    let id = id_in_path(&report.id);
    let citation = Citation::new(report, None, base);
    let shown = [
        (Style::Gbt7714, "GB/T 7714", "gbt7714"),
        (Style::Bibtex, "BibTeX", "bibtex"),
    ];
    let shown = shown.into_iter().map(|(style, name, code)| {
        let as_of = as_of.map(|as_of| ("as_of", as_of.to_string()));
        let pairs = std::iter::once(("format", code))
            .chain(as_of.iter().map(|(name, value)| (*name, value.as_str())));
        let link = format!("/api/v1/reports/{id}/cite?{}", query_of(pairs));
        (name, style.one(&citation).trim().to_owned(), link)
    });
    shown.collect()
}

impl ReportPage {
    fn new(
        view: View,
        report: &Report,
        request: &SearchRequest,
        back: String,
        marks: Option<Result<index::Marks, index::SearchError>>,
        base: &str,
    ) -> Self {
        let (w, lang, content) = (view.w, view.lang(), &report.content);
        let mode = (request.mode != Mode::Words).then(|| request.mode.code());
        let as_of = request.filters.as_of.map(|as_of| as_of.to_string());
        let (marks, marked) = match marks {
            None => (index::Marks::default(), None),
            Some(Ok(marks)) => {
                let marked = Marked {
                    about: match marks.text.len() {
                        0 => w.no_hits.to_owned(),
                        n => view.say(w.n_hits, thousands(n as u64)),
                    },
                    is_good: true,
                    last: marks.text.len().min(MAX_NUMBERED),
                    back,
                };
                (marks, Some(marked))
            }
            Some(Err(_)) => {
                let marked = Marked {
                    about: w.bad_marks.to_owned(),
                    is_good: false,
                    last: 0,
                    back,
                };
                (index::Marks::default(), Some(marked))
            }
        };
        let attachments = content.attachments.iter().map(|a| {
            let name = if a.name.is_empty() { &a.url } else { &a.name };
            let status = a.status.map(|status| labels::attachment(lang, status));
            (name.clone(), a.url.clone(), is_web_address(&a.url), status)
        });
        let plain_title = view.title(content);
        let urls = std::iter::once(&report.url).chain(report.urls.iter().filter(|url| **url != report.url));
        let cites = content.titles_cited.iter().map(|title| format!("《{title}》"));
        Self {
            q: request.q.clone(),
            mode,
            as_of,
            title: text::line(&plain_title, &marks.title),
            plain_title,
            title_inferred: content.title_inferred,
            region_path: region_path(report),
            flags: content
                .quality
                .flags
                .iter()
                .map(|flag| labels::flag(lang, *flag))
                .collect(),
            marks: marked,
            blocks: blocks(&content.text, &content.outline, &marks.text),
            facts: facts(&view, report),
            citations: citations(report, request.filters.as_of, base),
            evidence: evidence(&view, content),
            attachments: attachments.collect(),
            cites: cites.chain(content.cites.iter().cloned()).collect(),
            outline: entries(lang, &content.text, &content.outline),
            urls: urls.map(|url| (url.clone(), is_web_address(url))).collect(),
            id: report.id.to_string(),
            id_in_path: id_in_path(&report.id),
            versions: Vec::new(),
            duplicates: Vec::new(),
            related: Vec::new(),
            view,
        }
    }

    fn list_similar(&mut self, similar: &Similar) {
        let view = &self.view;
        let line = |id: &ReportId, title: Option<&str>, share: String| LikeLine {
            title: title.unwrap_or(view.w.untitled).to_owned(),
            link: view.to(&page_path(id.as_str())),
            share,
            compare: view.link(PATH, &[("id", &self.id), ("id", id.as_str())]),
        };
        let duplicates = similar.duplicates.iter().map(|like| {
            let share = format!("{:.0} %", like.similarity * 100.0);
            line(&like.id, like.title.as_deref(), share)
        });
        let related = similar.related.iter();
        let related = related.map(|like| line(&like.id, like.title.as_deref(), String::new()));
        (self.duplicates, self.related) = (duplicates.collect(), related.collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_web_address("https://www.example.gov.cn/a.html"));
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "import:seeds/a.txt",
            "//x",
            "",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }
}
