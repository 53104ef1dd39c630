//! BibTeX: `@techreport` for reports and official documents, `@misc` for other pages.
//!
//! Fields are those of plain BibTeX, with `date`, `urldate` and `langid` for BibLaTeX, which others leave alone. Text is
//! UTF-8. Braces in a text become commands: they would have to come in pairs, whatever stands before them.

use std::fmt::Write;

use super::{Citation, bare_url};

/// The entry, with a line break at its end.
pub(super) fn entry(citation: &Citation<'_>) -> String {
    let kind = if citation.is_report() {
        "techreport"
    } else {
        "misc"
    };
    let mut entry = format!("@{kind}{{{},\n", citation.key());
    let mut field = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(entry, "  {name} = {{{value}}},");
    };
    if let Some(issuer) = citation.issuer().map(|issuer| escaped(&issuer)) {
        // In braces of its own: a body has no first and last name.
        field("author", &format!("{{{issuer}}}"));
        if citation.is_report() {
            field("institution", &issuer);
        }
    }
    field("title", &format!("{{{}}}", escaped(&citation.title())));
    if citation.is_report() {
        field("type", citation.genre().label());
    }
    if let Some(number) = citation.number() {
        field("number", &escaped(&number));
    }
    if let Some(day) = citation.published() {
        field("year", &format!("{:04}", day.year()));
        field("month", &day.month().to_string());
        field("date", &day.to_string());
    }
    if let Some(place) = citation.place() {
        field("chapter", &escaped(&place));
    }
    if let Some(url) = citation.url() {
        field("url", &bare_url(url));
    }
    field("urldate", &citation.retrieved().to_string());
    let mut note = format!("Archived copy: {}", citation.copy());
    if let Some(page) = citation.section_page() {
        note.push_str(&format!("; section: {page}"));
    }
    field("note", &escaped(&note));
    field("langid", "chinese");
    entry.push_str("}\n");
    entry
}

/// A text in which nothing means anything to LaTeX.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '{' => out.push_str("\\textbraceleft{}"),
            '}' => out.push_str("\\textbraceright{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '$' | '&' | '#' | '_' | '%' => {
                out.push('\\');
                out.push(c);
            }
            // Quotation marks end a value where braces do not hold it.
            '"' => out.push_str("\\textquotedbl{}"),
            c => out.push(c),
        }
    }
    out
}
