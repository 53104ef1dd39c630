//! The text layer of a PDF.
//!
//! A page has no paragraphs, only glyphs at places. `content` runs a page and `font` tells what its glyphs show; `page`
//! puts them into lines, `grid` the lines of ruled tables into rows; `heads` drops what pages repeat at their edges;
//! `paragraphs` joins the lines that belong together, over the ends of pages. Pages with hardly a character are scans.

mod content;
mod encoding;
mod font;
mod grid;
mod heads;
mod page;
mod paragraphs;

use std::sync::Arc;

use hayro_syntax::{LoadPdfError, Pdf, PdfData};

pub(super) use self::content::{Glyph, Rule, Shown, UNKNOWN};
use self::{content::Shared, page::Block};
use super::{Content, FEW_CHARS, MAX_TEXT_BYTES, reason};

/// Most pages of a document.
const MAX_PAGES: usize = 5_000;

/// Reads the text of a document.
///
/// # Errors
/// When it is damaged, needs a password, or is too much.
pub(super) fn read(bytes: &[u8]) -> Result<Content, &'static str> {
    let begin = bytes.windows(4).position(|at| at == b"%PDF").unwrap_or(0);
    let data: PdfData = Arc::new(bytes[begin..].to_vec()).into();
    let pdf = Pdf::new(data).map_err(|error| match error {
        LoadPdfError::Decryption(_) => reason::ENCRYPTED,
        LoadPdfError::Invalid => reason::DAMAGED,
    })?;
    let pages = pdf.pages();
    if pages.len() > MAX_PAGES {
        return Err(reason::TOO_COMPLEX);
    }
    let mut shared = Shared::default();
    let mut read = Pages::default();
    for page in pages.iter() {
        if !read.push(content::run(page, &mut shared)?) {
            break;
        }
    }
    // Pages without anything on them are what is left of a file that was cut off.
    if !read.shows_anything {
        return Err(reason::DAMAGED);
    }
    Ok(read.text().map_or(Content::Pictures, Content::Text))
}

/// Pages that were read so far.
#[derive(Default)]
pub(super) struct Pages {
    blocks: Vec<Vec<Block>>,
    /// Characters that are known, and those that are not.
    known: usize,
    unknown: usize,
    bytes: usize,
    shows_anything: bool,
}

impl Pages {
    /// Adds a page; false when there are enough.
    pub(super) fn push(&mut self, page: Shown) -> bool {
        for glyph in page.glyphs.iter().filter(|glyph| !glyph.c.is_whitespace()) {
            self.unknown += usize::from(glyph.c == UNKNOWN);
            self.known += usize::from(glyph.c != UNKNOWN);
            self.bytes += glyph.c.len_utf8();
        }
        self.shows_anything |= page.has_pictures || !page.glyphs.is_empty() || !page.rules.is_empty();
        self.blocks.push(page::blocks(page));
        self.bytes <= MAX_TEXT_BYTES
    }

    /// Their text; `None` when there are too few characters, or too few that are known.
    pub(super) fn text(mut self) -> Option<String> {
        // What only a font knows may as well be a picture.
        if self.known < FEW_CHARS * self.blocks.len() || self.known < self.unknown {
            return None;
        }
        heads::drop(&mut self.blocks);
        Some(paragraphs::join(self.blocks).replace(UNKNOWN, ""))
    }
}
