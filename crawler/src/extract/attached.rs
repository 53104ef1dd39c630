//! Documents whose text is in a file: below a page that says no more than that, or without any page.
//!
//! The lines of the file are put where the text of the page would stand, so that every reader finds title, number,
//! signature and region where they stand on any other page.

use std::ops::Range;

use report::{Attachment, Content};

use super::{
    Document, Hints, Page,
    attachments::is_all,
    images,
    input::Attached,
    judge,
    labels::Field,
    lines::Lines,
    quality::Known,
    read,
    title::{self, Title},
};

/// What a page has in the place of a text.
pub(super) struct Elsewhere {
    /// Its files.
    pub(super) attachments: Vec<Attachment>,
    /// It says no more than that the document is in them.
    pub(super) only_files: bool,
    /// Pictures in place of a text.
    pub(super) only_images: usize,
}

impl Elsewhere {
    pub(super) fn of(document: &Document<'_>, attachments: Vec<Attachment>) -> Self {
        let text = document.text();
        Self {
            only_files: is_all(&text, &attachments),
            only_images: images::instead_of(&text, document),
            attachments,
        }
    }

    /// Whether there are files, or pictures in place of a text.
    pub(super) fn has_something(&self) -> bool {
        !self.attachments.is_empty() || self.only_images > 0
    }

    /// Whether the document is in pictures or files.
    pub(super) fn is_anything(&self) -> bool {
        self.only_files || self.only_images > 0
    }
}

/// What of a document does not depend on the lines of its text.
pub(super) struct Frame {
    title: Option<Title>,
    range: Range<usize>,
    fields: Vec<Field>,
    fields_above: usize,
}

impl Frame {
    pub(super) fn of(document: Document<'_>) -> Self {
        let Document {
            title,
            range,
            fields,
            fields_above,
            ..
        } = document;
        Self {
            title,
            range,
            fields,
            fields_above,
        }
    }

    /// Puts a text where the page has none; gives the document that stands there now.
    pub(super) fn fill<'a>(
        self,
        page: &'a mut Page,
        text: &str,
        url: &str,
        hints: &'a Hints,
    ) -> Document<'a> {
        let plain = Page::plain(text);
        let above = self.title.as_ref().map_or(0, |title| title.lines.end);
        let at = self.range.start.max(above);
        let range = page.put(at..self.range.end.max(at), plain.lines, plain.judged);
        let title = self.title.or_else(|| own_title(text, hints));
        Document {
            page,
            url: super::document::web_address(url),
            hints,
            title,
            subtitle: range.start..range.start,
            range,
            fields: self.fields,
            fields_above: self.fields_above,
        }
    }
}

impl Page {
    /// Puts lines in the place of others.
    fn put(&mut self, place: Range<usize>, lines: Lines, judged: Vec<judge::Judged>) -> Range<usize> {
        let n_lines = lines.lines.len();
        let all = self.lines.lines.len();
        let place = place.start.min(all)..place.end.min(all);
        let moved = |at: usize| match at {
            at if at < place.start => at,
            at if at >= place.end => at - place.len() + n_lines,
            _ => place.start,
        };
        for span in self.lines.spans.values_mut() {
            *span = moved(span.start)..moved(span.end);
        }
        let nodes = self.lines.links.iter_mut().chain(&mut self.lines.pictures);
        nodes.for_each(|(_, at)| *at = moved(*at));
        self.lines.lines.splice(place.clone(), lines.lines);
        self.judged.splice(place.clone(), judged);
        place.start..place.start + n_lines
    }
}

/// What a text by itself is called.
fn own_title(text: &str, hints: &Hints) -> Option<Title> {
    let title = title::find(&Page::plain(text), hints.list_title.as_deref())?;
    Some(Title { lines: 0..0, ..title })
}

/// Reads a file that is a document by itself. `file` says what is known of it.
///
/// Its title is that of the list that led to it, else the line of its text that stands as one, else its name.
pub(crate) fn extract_file(file: Attachment, url: &str, hints: &Hints) -> Content {
    let Attached { text, scans } = hints.attached.clone().unwrap_or_default();
    let text = text.as_deref().unwrap_or_default();
    let page = Page::plain(text);
    let mut document = Document::cut(&page, url, hints);
    let listed = listed_title(hints);
    let agrees = |title: &Title| listed.is_none() || title.basis == "line_and_head";
    document.title = document.title.take().filter(agrees).or_else(|| {
        let basis = if listed.is_some() { "list" } else { "file_name" };
        Some(Title {
            text: listed.or_else(|| title_in_name(&file.name))?,
            lines: 0..0,
            inferred: true,
            basis,
        })
    });
    let files = [file];
    let known = Known {
        untitled: document.title.is_none(),
        only_files: Some(("", &files)),
        scans,
        ..Known::default()
    };
    let mut content = read(&document, text.to_owned(), known).content;
    content.attachments = files.into();
    content
}

/// The title in the row of the list, when it is whole.
fn listed_title(hints: &Hints) -> Option<String> {
    let title = hints.list_title.as_deref()?.trim();
    let title = without_ending(title);
    let is_cut = title.ends_with("...") || title.ends_with(['…', '⋯']);
    (!is_cut && report::han_chars(title) >= 2).then(|| title.to_owned())
}

/// The name of a file as a title, if it has the words for one.
fn title_in_name(name: &str) -> Option<String> {
    const FEW: usize = 4;
    let name = without_ending(name.trim());
    (report::han_chars(name) >= FEW).then(|| name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A name without the ending by which it tells its kind.
fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending))
            if (2..=4).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            stem.trim_end()
        }
        _ => name,
    }
}
