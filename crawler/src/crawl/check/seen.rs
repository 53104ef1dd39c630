//! What a look at a portal gives, as it is told to people and programs.

use jiff::civil::Date;
use report::{Evidence, Quality, RegionCode};
use serde::Serialize;

/// What a look at a portal gave.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LiveCheck {
    /// `robots.txt` of every origin that was asked.
    pub robots: Vec<RobotsSeen>,
    /// The pages that were asked for, in order.
    pub steps: Vec<Step>,
    /// The first report; `None` when none was reached.
    pub report: Option<ReportSeen>,
    /// What to do, most important first; empty when nothing need be done.
    pub advice: Vec<String>,
}

/// What `robots.txt` of an origin says to us.
#[derive(Clone, Debug, Serialize)]
pub struct RobotsSeen {
    /// Scheme, host and port.
    pub origin: String,
    /// Status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// Why there was none.
    pub fault: Option<String>,
    /// What follows from it for the page that was asked for.
    pub says: String,
    /// Whether that page may be fetched.
    pub allows: bool,
    /// Seconds it wants between two requests.
    pub crawl_delay: Option<f64>,
}

/// One page that was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Its address.
    pub url: String,
    /// Body of a POST; `None` is a GET.
    pub form: Option<String>,
    /// What it was asked for as: `list` or `report`.
    pub asked_as: &'static str,
    /// Why it was asked for.
    pub why: String,
    /// The answer, if there was one.
    pub answered: Option<Answered>,
    /// Why it cannot be used.
    pub failure: Option<Failure>,
    /// What a list gives.
    pub list: Option<ListSeen>,
}

/// An answer.
#[derive(Clone, Debug, Serialize)]
pub struct Answered {
    /// Its status.
    pub status: u16,
    /// Where redirects led; `None` when nowhere else.
    pub redirected_to: Option<String>,
    /// Length of the body.
    pub bytes: usize,
    /// Encoding of its text.
    pub encoding: &'static str,
    /// Encoding that the header names.
    pub declared: Option<String>,
    /// Characters that could not be decoded.
    pub replaced: usize,
}

/// Why a page cannot be used, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// One word, as in the summary of a crawl.
    pub code: String,
    /// What it is.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// What a list gives.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ListSeen {
    /// What it was taken for; `None` when nothing was found.
    pub family: Option<FamilySeen>,
    /// What `family = "auto"` would take it for, when the portal file names a family.
    pub auto: Option<FamilySeen>,
    /// Rows that lead to reports.
    pub rows: usize,
    /// The first of them.
    pub first_rows: Vec<RowSeen>,
    /// Requests for further pages of the list.
    pub n_further: usize,
    /// The first of them.
    pub further: Vec<RequestSeen>,
    /// Columns it leads to.
    pub n_columns: usize,
    /// The most promising of them.
    pub columns: Vec<ColumnSeen>,
    /// Hosts that rows lead to and the portal file leaves out, with the number of rows.
    pub elsewhere: Vec<(String, usize)>,
    /// Its rows are asked for by a script with what only a browser makes.
    pub needs_browser: bool,
    /// It is an error page; the words that say so.
    pub error_page: Option<String>,
}

/// How a list was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FamilySeen {
    /// Code of the family.
    pub code: &'static str,
    /// By what sign.
    pub sign: String,
}

/// A row of a list.
#[derive(Clone, Debug, Serialize)]
pub struct RowSeen {
    /// Where it leads.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// Its date.
    pub date: Option<Date>,
}

/// A request for more of a list.
#[derive(Clone, Debug, Serialize)]
pub struct RequestSeen {
    /// Its address.
    pub url: String,
    /// Body of a POST; `None` is a GET.
    pub form: Option<String>,
}

/// A column.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnSeen {
    /// Where it lies.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// Why it is followed.
    pub why: String,
}

/// A report as it was read.
#[derive(Clone, Debug, Serialize)]
pub struct ReportSeen {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
    /// What the title was read from.
    pub title_basis: Option<&'static str>,
    /// Its genre.
    pub genre: &'static str,
    /// Whether `genres` of the portal file keeps it.
    pub kept: bool,
    /// The year it is about.
    pub year: Option<i32>,
    /// The region it is about.
    pub region: RegionSeen,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Where the page says it comes from.
    pub source: Option<String>,
    /// Day of publication.
    pub published: Option<Date>,
    /// Day of signature.
    pub signed: Option<Date>,
    /// Its document number.
    pub document_number: Option<String>,
    /// Han characters of its text.
    pub chars: usize,
    /// The beginning of its text.
    pub begins: String,
    /// How the main text was found, as one word.
    pub found_by: Option<String>,
    /// The element it was taken from.
    pub container: Option<String>,
    /// Names of the files that belong to it.
    pub attachments: Vec<String>,
    /// Doubts about it, with what each was raised for.
    pub quality: Quality,
}

/// The region of a report.
#[derive(Clone, Debug, Serialize)]
pub struct RegionSeen {
    /// Its code.
    pub code: Option<RegionCode>,
    /// Its name.
    pub name: Option<String>,
    /// How sure that is, 0 to 1.
    pub confidence: Option<f64>,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
}
