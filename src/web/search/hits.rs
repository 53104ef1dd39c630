//! A hit as it is shown: what it is, why it is one, and where in the report that stands.

use index::{Highlight, HighlightField, Hit};
use report::Role;

use crate::web::{
    labels,
    report::{paragraph_anchor, region_path},
    state::{PageState, SECTIONS},
    view::{LANG, View, readable},
    words::thousands,
};

/// Characters of a heading beside a passage.
const HEADING_CHARS: usize = 24;

/// A hit.
pub(super) struct HitBox {
    pub(super) id: String,
    /// The title without marks.
    pub(super) plain: String,
    /// Escaped, perhaps with marks.
    pub(super) title: String,
    pub(super) link: String,
    pub(super) region: String,
    /// What else there is to say in few words; whether it is in Chinese in any language of the pages.
    pub(super) facts: Vec<(String, bool)>,
    /// Doubts: short, and what they mean.
    pub(super) flags: Vec<(&'static str, &'static str)>,
    /// Near-duplicates folded into this hit, in words.
    pub(super) duplicates: Option<String>,
    /// Where these are listed.
    pub(super) similar: String,
    pub(super) passages: Vec<Passage>,
}

/// A passage of a hit.
pub(super) struct Passage {
    pub(super) link: String,
    pub(super) path: String,
    pub(super) role: Option<&'static str>,
    /// Escaped, with marks.
    pub(super) html: String,
}

impl HitBox {
    pub(super) fn new(view: &View, state: &PageState, hit: &Hit) -> Self {
        let (w, lang, content) = (view.w, view.lang(), &hit.report.content);
        let highlights = hit.highlights.iter();
        let marked = highlights.clone().find(|h| h.field == HighlightField::Title);
        let plain = view.title(content);
        let link = report_link(view, state, hit.report.id.as_str());
        let genre = labels::genre(lang, content.genre);
        let facts = [
            content.year.map(|year| {
                (
                    lang.pick(format!("{year} 年度"), format!("report year {year}")),
                    false,
                )
            }),
            Some((genre.to_owned(), false)),
            content.issuer.clone().map(|issuer| (issuer, true)),
            content.document_number.clone().map(|number| (number, true)),
            content.published.map(|day| {
                (
                    lang.pick(format!("{day} 发布"), format!("published {day}")),
                    false,
                )
            }),
        ];
        let passages = highlights.filter(|h| h.field == HighlightField::Text);
        let folded = hit.duplicates.as_ref().map_or(0, |folded| folded.count);
        Self {
            id: hit.report.id.to_string(),
            title: marked.map_or_else(|| escape(&plain), |highlight| highlight.html.clone()),
            plain,
            region: region_path(&hit.report),
            facts: facts.into_iter().flatten().collect(),
            flags: content
                .quality
                .flags
                .iter()
                .map(|flag| labels::flag(lang, *flag))
                .collect(),
            duplicates: (folded > 0).then(|| view.say(w.duplicates_of, thousands(folded))),
            similar: format!("{link}#similar"),
            passages: passages
                .map(|highlight| Passage {
                    link: format!("{link}#{}", paragraph_anchor(&content.text, highlight.start)),
                    path: place(highlight),
                    role: highlight
                        .role
                        .filter(|role| *role != Role::Other)
                        .map(|role| labels::role(lang, role)),
                    html: highlight.html.clone(),
                })
                .collect(),
            link,
        }
    }
}

impl HitBox {
    /// Whether something of the query stands in the text.
    pub(super) fn has_marks(&self) -> bool {
        self.passages.iter().any(|passage| passage.html.contains("<mark"))
    }
}

/// The page of a report on which the hits of a query are marked. It takes the whole state along, so that it leads back here.
fn report_link(view: &View, state: &PageState, id: &str) -> String {
    let pairs = state.without(&[LANG, SECTIONS]);
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    readable(&view.link(&crate::web::report::page_path(id), &pairs))
}

/// Where a passage stands: numbers of its sections, then the heading; a heading without a number stands once.
fn place(highlight: &Highlight) -> String {
    let heading = highlight.heading.as_deref().unwrap_or_default();
    let path = highlight.path.as_deref().unwrap_or_default();
    let numbers = path
        .strip_suffix(heading)
        .map_or(path, |above| above.trim_end_matches('/'));
    let heading: String = heading.chars().take(HEADING_CHARS).collect();
    [numbers, &heading]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
