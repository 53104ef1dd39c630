//! RIS: a tag a line, `TY` first and `ER` last.

use std::fmt::Write;

use report::Genre;

use super::{Citation, bare_url};

/// The record, without the line that ends it.
pub(super) fn record(citation: &Citation<'_>) -> String {
    let kind = match citation.genre() {
        Genre::Notice | Genre::Plan => "GOVDOC",
        _ if citation.is_report() => "RPRT",
        _ => "ELEC",
    };
    let mut record = String::new();
    let mut tag = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(record, "{name}  - {value}\r\n");
    };
    tag("TY", kind);
    tag("ID", &citation.key());
    if let Some(issuer) = citation.issuer() {
        // Before a comma stands the family name.
        tag("AU", &issuer.replace(',', "，"));
        tag("PB", &issuer);
    }
    tag("TI", &citation.title());
    if let Some(day) = citation.published() {
        tag("PY", &format!("{:04}", day.year()));
        tag("DA", &format!("{}/", day.strftime("%Y/%m/%d")));
    }
    if let Some(number) = citation.number() {
        tag("M1", &number);
    }
    if let Some(place) = citation.place() {
        tag("SE", &place);
    }
    tag("M3", citation.genre().label());
    tag("LA", "zh");
    if let Some(url) = citation.url() {
        tag("UR", &bare_url(url));
    }
    tag("Y2", &format!("{}/", citation.retrieved().strftime("%Y/%m/%d")));
    tag("L2", &citation.copy());
    if let Some(page) = citation.section_page() {
        tag("N1", &format!("Section: {page}"));
    }
    tag("DB", "gongbao");
    record
}
