//! A document cut out of its page: title, text, and the fields that stand around it.

use std::ops::Range;

use url::Url;

use super::{
    Hints, body,
    boilerplate::{Furniture, compact, is_bare_day},
    containers,
    issuer::is_body_name,
    judge::Judged,
    labels::{self, Field, Label},
    lines::Line,
    page::Page,
    recurrence,
    title::{self, Title},
};

/// What the readers of metadata are given.
pub(crate) struct Document<'a> {
    /// The page it stands on.
    pub(crate) page: &'a Page,
    /// Where it was fetched; `None` for an address of an import.
    pub(crate) url: Option<Url>,
    /// What is known beside the page.
    pub(crate) hints: &'a Hints,
    /// Its title.
    pub(crate) title: Option<Title>,
    /// The lines of its text.
    pub(crate) range: Range<usize>,
    /// Lines of it that stand right below the title and apart from the rest: when and where it was given, and by whom.
    pub(crate) subtitle: Range<usize>,
    /// Fields around the text, those above it first.
    pub(crate) fields: Vec<Field>,
    /// How many of them stand above it.
    pub(crate) fields_above: usize,
}

impl<'a> Document<'a> {
    /// Cuts the document out of a page.
    pub(crate) fn cut(page: &'a Page, url: &str, hints: &'a Hints) -> Self {
        let title = title::find(page, hints.list_title.as_deref());
        let mut range = page.body.as_ref().map_or(0..0, |body| body.range.clone());
        if let Some(title) = &title {
            range.start = range.start.max(title.lines.end).min(range.end);
            range.start += title::repeated(page, title, &range);
        }
        range = body::cut_head(&page.lines.lines, &page.judged, range);
        range = body::cut_tail(&page.lines.lines, &page.judged, range);
        range = recurrence::peel_page(page, range);
        let subtitle = subtitle(page, title.as_ref(), range.start);
        let (fields, fields_above) = fields(page, &range);
        Self {
            page,
            url: web_address(url),
            hints,
            title,
            range,
            subtitle,
            fields,
            fields_above,
        }
    }

    /// Lines of the text, each with what was found out about it.
    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = (&'a Line, &'a Judged)> + use<'a> {
        let page: &'a Page = self.page;
        let at = self.subtitle.clone().chain(self.range.clone());
        let lines = at.map(|at| (&page.lines.lines[at], &page.judged[at]));
        lines.filter(|(_, judged)| !judged.aside && !judged.inset)
    }

    /// Lines of the page above the text, the nearest first, those of sidebars among them.
    pub(crate) fn above(&self) -> impl Iterator<Item = (&'a Line, &'a Judged)> + use<'a> {
        let page: &'a Page = self.page;
        page.lines.lines[..self.range.start]
            .iter()
            .zip(&page.judged)
            .rev()
    }

    /// Where the document stands on its site: the column's name and the breadcrumb.
    pub(crate) fn column(&self) -> String {
        let crumb = self
            .above()
            .find(|(_, judged)| judged.furniture == Some(Furniture::Breadcrumb));
        let crumb = crumb.map(|(line, _)| line.text.as_str());
        let parts = [self.page.meta(&["columnname"]), crumb];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The text: one paragraph or table row a line.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<&str> = self.lines().map(|(line, _)| line.text.as_str()).collect();
        lines.join("\n")
    }

    /// The title.
    pub(crate) fn title(&self) -> Option<&str> {
        self.title.as_ref().map(|title| title.text.as_str())
    }
}

/// An address that links can be resolved against; `None` for one of an import.
pub(super) fn web_address(url: &str) -> Option<Url> {
    Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The lines right below a title that say when, where and by whom the document was given.
fn subtitle(page: &Page, title: Option<&Title>, start: usize) -> Range<usize> {
    const MAX_LINES: usize = 3;
    let below = title.map_or(0, |title| title.lines.end);
    let nothing = start..start;
    if below == 0 || below >= start {
        return nothing;
    }
    let mut end = below;
    while end < start && end - below < MAX_LINES && !page.judged[end].is_foreign() {
        let text = &page.lines.lines[end].text;
        // The body that gives a report is named below the day.
        let body = end > below && is_body_name(text);
        let stamp = is_bare_day(&compact(text)) || containers::announces_day(&page.html, &page.lines, end);
        if stamp || !(title::is_subtitle(text) || title::is_note(text) || body) {
            break;
        }
        end += 1;
    }
    if end == below { nothing } else { below..end }
}

/// Reads the fields of the lines around a text, those above it first.
fn fields(page: &Page, text: &Range<usize>) -> (Vec<Field>, usize) {
    const ABOVE: usize = 80;
    const BELOW: usize = 60;
    let lines = &page.lines.lines;
    let above = text.start.saturating_sub(ABOVE)..text.start;
    let below = text.end..(text.end + BELOW).min(lines.len());
    let foot = lines.len().saturating_sub(BELOW).max(below.end)..lines.len();
    let mut out = Vec::new();
    let mut n_above = 0;
    let mut open: Option<(Label, &str)> = None;
    let (below_from, foot_from) = (below.start, foot.start);
    for at in above.chain(below).chain(foot) {
        let (line, judged) = (&lines[at], &page.judged[at]);
        if at == below_from || at == foot_from {
            // A label at the end of one place has no value in the next.
            open = None;
        }
        let told = judged
            .furniture
            .is_some_and(|kind| !matches!(kind, Furniture::Breadcrumb | Furniture::Navigation));
        // Footers are named as such and still hold the imprint.
        let readable = (told || line.row) && (!judged.aside || judged.furniture != Some(Furniture::Meta));
        let found = if readable {
            labels::fields(&line.text)
        } else {
            Vec::new()
        };
        if let Some((label, name)) = open.take()
            && found.is_empty()
            && line.chars <= 60
            && labels::lone_label(&compact(&line.text)).is_none()
            && labels::fields(&line.text).is_empty()
            && judged.furniture != Some(Furniture::Imprint)
        {
            out.push(Field {
                label,
                value: line.text.trim().to_owned(),
                words: format!("{name} {}", line.text),
            });
        }
        if found.is_empty() && !judged.aside {
            open = labels::lone_label(&compact(&line.text)).map(|label| (label, line.text.as_str()));
        }
        out.extend(found);
        if at < text.start {
            n_above = out.len();
        }
    }
    (out, n_above)
}
