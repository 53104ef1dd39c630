//! From the bytes of a page to what the document says.
//!
//! [`extract`] is a function of its arguments: no clock, no network, no file. Nothing a page contains can make it
//! panic, hang or grow without bound.
//!
//! ```text
//! bytes ─decode▶ text ─dom▶ tree ─lines▶ lines ─judge▶ which are furniture ─body▶ where the text is ─page┐
//!     title, fields around the text (labels), signature ◀─document──────────────────────────────────────┘
//!       └▶ days, issuer, numbers, site, genre, year, region, quality, attachments ─▶ Content
//! ```
//!
//! Lines that recur on the portal's pages come in with the hints (`recurrence`). Plain text enters at `lines`. Pages
//! that are no document are turned away in `refusal`.

mod attached;
mod attachments;
mod below_head;
mod body;
mod boilerplate;
mod containers;
mod days;
mod decode;
mod document;
pub(crate) mod dom;
mod embedded;
mod evidence;
pub mod explain;
mod genre;
mod images;
mod input;
mod issuer;
mod judge;
mod labels;
mod lines;
mod numbers;
mod page;
mod parts;
mod quality;
pub(crate) mod recurrence;
mod refusal;
mod region;
mod signature;
mod site;
mod title;
mod year;

use jiff::civil::Date;
use report::{Content, Genre};

pub(crate) use self::{attached::extract_file, attachments::leads_to_file};
use self::{
    attached::{Elsewhere, Frame},
    document::Document,
    evidence::{Evidence, Finding},
    explain::Explanation,
    page::Page,
    quality::Known,
    recurrence::Sketch,
    title::Title,
};
pub use self::{
    decode::{Decoded, EncodingBasis, decode},
    dom::parse as parse_html,
    input::{Attached, Hints, InvalidSelector, Media, Selectors, Source},
    recurrence::Profile,
};

/// There is no report in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// Nothing that could be a main text.
    #[error("{url} has no main text")]
    Empty {
        /// Address of the page.
        url: String,
    },
    /// An error page that was served as if it were a document.
    #[error("{url} is an error page: {sign}")]
    SoftError {
        /// Address of the page.
        url: String,
        /// The words that give it away.
        sign: String,
    },
    /// A home page, a list, a search form …
    #[error("{url} is not a document but {kind}")]
    NotAReport {
        /// Address of the page.
        url: String,
        /// What it is instead.
        kind: &'static str,
    },
}

/// Reads a snapshot.
///
/// # Errors
/// Only when there is no body text; every other part may be missing.
pub fn extract(source: &Source<'_>, hints: &Hints) -> Result<Content, ExtractError> {
    with_reading(source, hints, |_, outcome| Ok(outcome?.content))
}

/// Reads a snapshot, and tells why it was read as it was.
pub fn extract_explained(source: &Source<'_>, hints: &Hints) -> (Result<Content, ExtractError>, Explanation) {
    with_reading(source, hints, |snapshot, outcome| {
        let explanation = explain::of(snapshot, outcome.as_ref());
        (outcome.map(|reading| reading.content), explanation)
    })
}

/// A snapshot taken apart.
struct Snapshot<'s> {
    decoded: &'s Decoded,
    document: &'s Document<'s>,
}

/// What was read, and what for.
struct Reading<'d> {
    content: Content,
    /// What speaks for the fields, by their names in JSON.
    evidence: Vec<(&'static str, Evidence<'d>)>,
}

/// Reads a snapshot and hands over the parts, which do not outlive this.
fn with_reading<R>(
    source: &Source<'_>,
    hints: &Hints,
    then: impl FnOnce(&Snapshot<'_>, Result<Reading<'_>, ExtractError>) -> R,
) -> R {
    let decoded = decode(source.bytes, source.charset);
    let mut page = match source.media {
        Media::Html => Page::read(&decoded.text, &hints.selectors, hints.profile.as_deref()),
        Media::Text => Page::plain(&decoded.text),
    };
    let document = Document::cut(&page, source.url, hints);
    let elsewhere = Elsewhere::of(&document, attachments::find(&document));
    let says = document.text();
    let refusal = refusal::reason(&document, elsewhere.is_anything(), source.url);
    let is_nothing = source.media == Media::Html && refusal::says_nothing(&says);
    let refusal = refusal.or_else(|| {
        let url = source.url.to_owned();
        (is_nothing && !elsewhere.has_something()).then_some(ExtractError::Empty { url })
    });
    let attached = hints
        .attached
        .as_ref()
        .filter(|_| elsewhere.only_files && refusal.is_none());
    let Some(attached) = attached else {
        let snapshot = Snapshot {
            decoded: &decoded,
            document: &document,
        };
        let reading = match refusal {
            Some(refusal) => Err(refusal),
            None => read_document(&snapshot, &elsewhere, (&says, says.clone()), 0, source.url),
        };
        return then(&snapshot, reading);
    };
    let document = match &attached.text {
        Some(text) => Frame::of(document).fill(&mut page, text, source.url, hints),
        None => document,
    };
    let text = attached.text.as_deref().unwrap_or(&says).to_owned();
    let snapshot = Snapshot {
        decoded: &decoded,
        document: &document,
    };
    let reading = read_document(&snapshot, &elsewhere, (&says, text), attached.scans, source.url);
    then(&snapshot, reading)
}

/// Reads a document: what its page says, and its text.
fn read_document<'d>(
    snapshot: &Snapshot<'d>,
    elsewhere: &Elsewhere,
    (says, text): (&str, String),
    scans: usize,
    url: &str,
) -> Result<Reading<'d>, ExtractError> {
    let Snapshot { decoded, document } = *snapshot;
    let attachments = &elsewhere.attachments;
    if text.is_empty() && !elsewhere.has_something() {
        let url = url.to_owned();
        return Err(ExtractError::Empty { url });
    }
    let another = document
        .url
        .as_ref()
        .and_then(|url| parts::another(&document.page.html, url));
    let known = Known {
        untitled: document.title.is_none(),
        undecoded: decoded
            .is_mojibake()
            .then(|| (decoded.replaced, decoded.text.chars().count())),
        cut: document.page.lines.cut,
        another: another.as_deref(),
        only_files: elsewhere.only_files.then_some((says, &attachments[..])),
        only_images: if attachments.is_empty() {
            elsewhere.only_images
        } else {
            0
        },
        scans,
    };
    let mut reading = read(document, text, known);
    reading.content.attachments = attachments.clone();
    reading.content.encoding = Some(decoded.encoding.to_owned());
    Ok(reading)
}

/// Reads a web page for what may recur on others; `None` for anything else. The profile in the hints is not asked.
pub(crate) fn sketch(source: &Source<'_>, hints: &Hints) -> Option<Sketch> {
    if source.media != Media::Html {
        return None;
    }
    let page = Page::read(&decode(source.bytes, source.charset).text, &hints.selectors, None);
    Some(Sketch::new(&Document::cut(&page, source.url, hints)))
}

/// Reads the metadata of a text that was given and is kept byte for byte. Its title is never inferred.
pub fn describe(title: Option<&str>, text: &str, url: &str, hints: &Hints) -> Content {
    let page = Page::plain(text);
    let mut document = Document::cut(&page, url, hints);
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    document.title = title.map(|title| Title {
        text: title.to_owned(),
        lines: 0..0,
        inferred: false,
        basis: "given",
    });
    let known = Known {
        untitled: document.title.is_none(),
        ..Known::default()
    };
    read(&document, text.to_owned(), known).content
}

/// Reads everything but the text itself.
fn read<'d>(document: &'d Document<'_>, text: String, known: Known<'_>) -> Reading<'d> {
    let mut evidence = Vec::new();
    let title = document.title().map(str::to_owned);
    let published = taken(&mut evidence, "published", days::published(document));
    let own = taken(&mut evidence, "document_number", numbers::own(document));
    let index_number = taken(&mut evidence, "index_number", numbers::index(document));
    let signature = signature::find(document);
    let enclosed_title = title::enclosed::find(document, signature.as_ref());
    let enclosed_title = taken(&mut evidence, "enclosed_title", enclosed_title.into());
    let signed = days::signed(document, signature.as_ref(), published);
    let signed = taken(&mut evidence, "signed", signed);
    let issuer = issuer::issuer(document, signature.as_ref());
    let issuer = taken(&mut evidence, "issuer", issuer);
    let source = taken(&mut evidence, "source", issuer::source(document));
    let site_id = taken(&mut evidence, "site_id", site::id(document));
    let issuer_type = issuer::kind(issuer.as_deref(), source.as_deref());
    let issuer_type = taken(&mut evidence, "issuer_type", issuer_type.into());
    let genre = genre::of(title.as_deref(), &text, issuer_type, &document.column());
    let genre = taken(&mut evidence, "genre", Some(genre).into()).unwrap_or(Genre::Other);
    let year = year::finding(genre, title.as_deref(), &text, published);
    let year = taken(&mut evidence, "year", year);
    let mut content = Content {
        enclosed_title,
        title_inferred: document.title.as_ref().is_some_and(|title| title.inferred),
        genre,
        year: year.map(|(year, _)| year),
        year_basis: year.map(|(_, basis)| basis),
        cites: numbers::cited(&text, own.as_deref()),
        titles_cited: numbers::titles(&text),
        index_number,
        document_number: own,
        published,
        signed,
        site_id,
        quality: quality::of(&text, known),
        title,
        text,
        issuer,
        issuer_type,
        source,
        ..Content::default()
    };
    region::fill(&mut content, document);
    refresh_derived(&mut content);
    Reading { content, evidence }
}

/// What kind of report a row of a list announces, and about which year, by its title and date alone.
pub(crate) fn announced(title: &str, date: Option<Date>) -> Option<(Genre, i32)> {
    let genre = genre::of(Some(title), "", None, "").value;
    let (year, _) = year::finding(genre, Some(title), "", date).found?.value;
    Some((genre, year))
}

/// Takes the value of a field and files what speaks for it.
fn taken<'d, T>(
    evidence: &mut Vec<(&'static str, Evidence<'d>)>,
    field: &'static str,
    finding: Finding<'d, T>,
) -> Option<T> {
    let (value, speaks) = finding.part();
    evidence.push((field, speaks));
    value
}

/// Brings the derived fields into line after any field was overridden: names of the region, outline, count of
/// characters.
pub fn refresh_derived(content: &mut Content) {
    region::fill_names(content);
    content.outline = report::outline::outline(&content.text);
    content.chars = report::han_chars(&content.text);
}

#[cfg(test)]
mod tests;
