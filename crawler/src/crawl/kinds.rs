//! Whether a page is a document or a list, when the way that led to it and the page itself do not agree.
//!
//! A column may consist of its one report; a link with the words of a title may lead to a column with a long
//! introduction. Neither the address nor the text tells alone: what a page says about its publication counts more
//! than its links, and its links count more than a name. At the address of a folder most is asked for: no row, no
//! column below, the title of a document and a sign that it was issued.

use report::{Content, Genre, YearBasis};
use url::Url;

use crate::{
    frontier::{Job, Kind},
    lists::{Found, Shape, is_home, is_index_above, shape},
};

/// Fewer links to reports than a list has.
const FEW_REPORTS: usize = 3;

/// Fewest rows with a date of a page that is a list, whatever it says above them.
const MIN_DATED_ROWS: usize = 5;

/// Fewest Han characters of a document whose title could be the name of a column; an introduction is shorter.
const MIN_CHARS: usize = 300;

/// Whether a page that was asked for as a list may be a document, by its address and its links.
pub(super) fn may_be_document(url: &Url, found: &Found) -> bool {
    let has_pager = found.lists.iter().any(|list| list.is_pager);
    match shape(url) {
        _ if found.lists.iter().any(|list| list.begins) => false,
        Shape::Document => true,
        Shape::Page => found.reports.len() < FEW_REPORTS && !has_pager,
        Shape::List => {
            let has_columns = found.lists.iter().any(|list| is_index_above(url, &list.url));
            !is_home(url) && found.reports.is_empty() && !has_pager && !has_columns
        }
        Shape::File | Shape::Asset => false,
    }
}

/// Whether it is one, by what was read out of it.
pub(super) fn is_document(job: &Job, url: &Url, found: &Found, content: &Content) -> bool {
    if job.listing.is_some() {
        // A further page of a list is a list, or nothing.
        return false;
    }
    let is_dated = content.published.is_some();
    let has_rows = !found.reports.is_empty();
    // A column has a name and perhaps an introduction; of a document at least its title or its day is told.
    let is_known_kind = !matches!(content.genre, Genre::Other | Genre::News);
    if shape(url) == Shape::List {
        let is_issued = is_dated || content.signed.is_some();
        // `法治政府建设年度报告` may be the column, `2023年法治政府建设年度报告` hardly is.
        let is_titled = content.year_basis == Some(YearBasis::Title);
        let is_long = content.chars >= MIN_CHARS && content.year.is_some();
        return content.title.is_some()
            && match is_known_kind {
                true => is_titled || is_issued && is_long,
                false => is_titled && is_issued,
            };
    }
    if found.reports.len() >= FEW_REPORTS {
        // Rows beside a document: the newest ones of its column.
        return is_dated && content.year.is_some();
    }
    if job.kind == Kind::Seed {
        return true;
    }
    content.title.is_some() && (is_dated || is_known_kind && !has_rows)
}

/// Whether a page that was asked for as a document, and has a text, may be a list: nothing says when the text was
/// published, neither there nor in the row that led to it.
pub(super) fn may_be_list(job: &Job, url: &Url, content: &Content) -> bool {
    let is_dated = content.published.is_some() || content.signed.is_some() || job.list_date.is_some();
    let is_numbered = content.document_number.is_some() || content.index_number.is_some();
    matches!(shape(url), Shape::Page | Shape::List) && !is_dated && !is_numbered && content.year.is_none()
}

/// Whether it is one, by its links.
pub(super) fn is_list(found: &Found) -> bool {
    let has_pager = found.lists.iter().any(|list| list.is_pager);
    let dated = found.reports.iter().filter(|row| row.date.is_some()).count();
    dated >= MIN_DATED_ROWS || has_pager && found.reports.len() >= FEW_REPORTS
}
