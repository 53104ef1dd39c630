//! Citations of reports: what is to be said of one, and the formats that say it.
//!
//! Nothing in a citation is guessed: what a report does not have is left out. Every format names both days, that of
//! publication and that on which the page was fetched, the address, and where the page as it was fetched then is kept.

mod bibtex;
mod csl;
mod gbt7714;
mod ris;

use std::borrow::Cow;

use jiff::civil::Date;
use report::{Genre, Report, Section};

use crate::web::report::{anchor_in_address, id_in_path, is_web_address};

/// A format of citations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// GB/T 7714-2015, as a line of text.
    Gbt7714,
    /// BibTeX, understood by BibLaTeX too.
    Bibtex,
    /// RIS, which most reference managers read.
    Ris,
    /// CSL-JSON, which Zotero, Pandoc and citation processors read.
    Csl,
}

impl Style {
    /// All of them, with their names.
    pub(crate) const ALL: [(Self, &'static str); 4] = [
        (Self::Gbt7714, "gbt7714"),
        (Self::Bibtex, "bibtex"),
        (Self::Ris, "ris"),
        (Self::Csl, "csl"),
    ];

    /// Media type of a file of such citations.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Gbt7714 => "text/plain; charset=utf-8",
            Self::Bibtex => "application/x-bibtex; charset=utf-8",
            Self::Ris => "application/x-research-info-systems; charset=utf-8",
            Self::Csl => "application/vnd.citationstyles.csl+json",
        }
    }

    /// How names of such files end.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Gbt7714 => "txt",
            Self::Bibtex => "bib",
            Self::Ris => "ris",
            Self::Csl => "json",
        }
    }

    /// A file with one citation.
    pub(crate) fn document(self, citation: &Citation<'_>) -> String {
        match self {
            Self::Gbt7714 => format!("{}\n", gbt7714::line(citation)),
            Self::Bibtex => bibtex::entry(citation),
            Self::Ris => format!("{}ER  - \r\n", ris::record(citation)),
            Self::Csl => format!("[{:#}]\n", csl::item(citation)),
        }
    }

    /// One citation, without what sets it apart from others.
    pub(crate) fn one(self, citation: &Citation<'_>) -> String {
        match self {
            Self::Gbt7714 => gbt7714::line(citation),
            Self::Bibtex => bibtex::entry(citation),
            Self::Ris => ris::record(citation),
            Self::Csl => csl::item(citation).to_string(),
        }
    }
}

impl std::str::FromStr for Style {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL
            .iter()
            .find(|(_, code)| *code == text)
            .map(|(style, _)| *style);
        found.ok_or_else(|| {
            let shown: String = text.chars().take(64).collect();
            format!(
                "{shown:?} is none of {}",
                Self::ALL.map(|(_, code)| code).join(", ")
            )
        })
    }
}

/// What of a report a citation says.
#[derive(Clone, Debug)]
pub(crate) struct Citation<'a> {
    report: &'a Report,
    /// What addresses of ours begin with; empty when it is not known.
    base: &'a str,
    section: Option<&'a Section>,
}

impl<'a> Citation<'a> {
    /// Of a report, or of one of its sections. Addresses of ours begin with `base`.
    pub(crate) fn new(report: &'a Report, section: Option<&'a Section>, base: &'a str) -> Self {
        Self {
            report,
            base,
            section,
        }
    }

    fn genre(&self) -> Genre {
        self.report.content.genre
    }

    /// Whether it is a report (技术、工作报告) or an official document, and not just a page of a site.
    fn is_report(&self) -> bool {
        self.genre().is_annual() || matches!(self.genre(), Genre::Plan | Genre::Notice)
    }

    /// The name by which citations refer to it: ASCII, the same for the same report, and different for others.
    fn key(&self) -> String {
        let mut key = "gongbao".to_owned();
        key.push('-');
        for byte in self.report.id.as_str().bytes() {
            match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' => key.push(char::from(byte)),
                other => key.push_str(&format!("_{other:02x}")),
            }
        }
        key
    }

    fn title(&self) -> Cow<'a, str> {
        self.report
            .content
            .title
            .as_deref()
            .map_or(Cow::Borrowed("（无标题）"), plain)
    }

    fn issuer(&self) -> Option<Cow<'a, str>> {
        self.report
            .content
            .issuer
            .as_deref()
            .map(plain)
            .filter(|issuer| !issuer.is_empty())
    }

    fn number(&self) -> Option<Cow<'a, str>> {
        self.report.content.document_number.as_deref().map(plain)
    }

    /// Day of publication; of a document that does not say, the day it was signed.
    fn published(&self) -> Option<Date> {
        self.report.content.published.or(self.report.content.signed)
    }

    /// Day on which the page was fetched.
    fn retrieved(&self) -> Date {
        self.report.retrieved_at.date()
    }

    /// Where it was published, when that is an address of the web.
    fn url(&self) -> Option<&'a str> {
        Some(self.report.url.as_str()).filter(|url| is_web_address(url))
    }

    /// Where the page is kept as it was fetched.
    fn copy(&self) -> String {
        let (id, version) = (id_in_path(&self.report.id), self.report.version);
        format!("{}/api/v1/reports/{id}/snapshot?version={version}", self.base)
    }

    /// Where the section that is cited is shown by us.
    fn section_page(&self) -> Option<String> {
        let page = format!("{}/reports/{}", self.base, id_in_path(&self.report.id));
        Some(format!("{page}#{}", anchor_in_address(self.section?)))
    }

    /// Which section is meant: its path in the outline and its heading.
    fn place(&self) -> Option<String> {
        /// Characters of a heading; those that run on into the text are long.
        const LONGEST: usize = 60;
        let section = self.section?;
        let heading: String = plain(&section.heading).chars().take(LONGEST).collect();
        Some(match heading.is_empty() || section.path.ends_with(&heading) {
            true => plain(&section.path).into_owned(),
            false => format!("{} {heading}", plain(&section.path)),
        })
    }
}

/// A text on one line, without characters that print nothing.
fn plain(text: &str) -> Cow<'_, str> {
    let odd = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{202a}'..='\u{202e}')
    };
    let has_runs = text.trim() != text || text.contains("  ");
    if !has_runs && !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let spaced: String = text.chars().map(|c| if odd(c) { ' ' } else { c }).collect();
    Cow::Owned(spaced.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// An address that stands in a text that ends at white space and means something by braces and backslashes.
fn bare_url(url: &str) -> String {
    let mut bare = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '{' | '}' | '\\' | '"' | '<' | '>' | '^' | '`' | '|' => {
                bare.push_str(&format!("%{:02X}", u32::from(c)))
            }
            c if c.is_whitespace() || c.is_control() => {}
            c => bare.push(c),
        }
    }
    bare
}

#[cfg(test)]
mod tests;
