//! What the extractor is given: a snapshot, and what is known beside it.

use std::sync::Arc;

use jiff::civil::Date;
use report::RegionCode;
use scraper::Selector;

use super::recurrence::Profile;

/// What kind of file a snapshot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Media {
    /// A web page.
    Html,
    /// Plain text, one paragraph a line.
    Text,
}

/// A snapshot to be read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Address it was fetched from, after redirects.
    pub url: &'a str,
    /// What kind of file it is.
    pub media: Media,
    /// Its bytes, content coding removed.
    pub bytes: &'a [u8],
    /// Charset that the Content-Type header names.
    pub charset: Option<&'a str>,
}

/// What is known beside the bytes: from the portal file, from the list row that led to the page, and from the portal's
/// other pages.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Region of the portal, as its file says.
    pub region: Option<RegionCode>,
    /// Name of the portal, as its file says.
    pub site_name: Option<String>,
    /// The portal file's own selectors.
    pub selectors: Selectors,
    /// Title in the list row.
    pub list_title: Option<String>,
    /// Date in the list row.
    pub list_date: Option<Date>,
    /// What recurs on the portal's pages; asked of web pages only.
    pub profile: Option<Arc<Profile>>,
    /// What was read of its files; asked of a page only that says no more than that the document is in them.
    pub attached: Option<Attached>,
}

/// What was read of the files that a document is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// Their text, one paragraph a line.
    pub text: Option<Arc<str>>,
    /// How many of them are pictures of pages.
    pub scans: usize,
}

/// CSS selectors of a portal file for pages that the general rules miss.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selectors {
    /// The element that holds the main text.
    pub content: Option<String>,
    /// The element that holds the title.
    pub title: Option<String>,
    /// Elements to take out before anything is read.
    pub drop: Vec<String>,
}

/// A selector of a portal file is not CSS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} is not a CSS selector: {selector:?}")]
pub struct InvalidSelector {
    /// Key in the portal file: `content`, `title` or `drop`.
    pub key: &'static str,
    /// The selector.
    pub selector: String,
}

impl Selectors {
    /// Checks that every selector can be read.
    ///
    /// # Errors
    /// The first one that cannot.
    pub fn check(&self) -> Result<(), InvalidSelector> {
        let content = self.content.iter().map(|selector| ("content", selector));
        let title = self.title.iter().map(|selector| ("title", selector));
        let drop = self.drop.iter().map(|selector| ("drop", selector));
        for (key, selector) in content.chain(title).chain(drop) {
            if Selector::parse(selector).is_err() {
                return Err(InvalidSelector {
                    key,
                    selector: selector.clone(),
                });
            }
        }
        Ok(())
    }
}
