//! How an answer looks on a terminal: titles and passages with their matches, where a passage stands, facets, notes.
//!
//! Colours only where a person sees them, and never where `NO_COLOR` is set. Texts from pages lose what would steer a
//! terminal.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, Write},
};

use index::{AddedBy, FacetCount, Highlight, HighlightField, Hit, SearchError, SearchResponse};
use report::Role;
use unicode_width::UnicodeWidthChar;

/// Values shown of a facet.
const MAX_VALUES: usize = 12;
/// Additions shown of a term.
const MAX_ADDITIONS: usize = 12;
/// Columns of a query around the place that is wrong.
const AROUND: usize = 30;

/// Where and how an answer is written.
#[derive(Debug, Default)]
pub(super) struct Paper {
    strong: &'static str,
    dim: &'static str,
    mark: &'static str,
    plain: &'static str,
}

impl Paper {
    /// For a terminal or something else; `variable` looks environment variables up.
    pub(super) fn new(is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = variable("TERM").is_some_and(|term| term == "dumb");
        if !is_terminal || no_color || is_dumb {
            return Self::default();
        }
        Self {
            strong: "\x1b[1m",
            dim: "\x1b[2m",
            mark: "\x1b[1;31m",
            plain: "\x1b[0m",
        }
    }

    /// The hits, the facets, and how many there are.
    pub(super) fn answer(&self, out: &mut impl Write, response: &SearchResponse) -> io::Result<()> {
        for hit in &response.hits {
            self.hit(out, hit)?;
        }
        for (facet, counts) in &response.facets {
            self.facet(out, facet.code(), counts)?;
        }
        let (total, shown) = (response.total.value, response.hits.len());
        writeln!(out, "{total} reports, {shown} shown, {} ms", response.took_ms)
    }

    fn hit(&self, out: &mut impl Write, hit: &Hit) -> io::Result<()> {
        let Self {
            strong, dim, plain, ..
        } = self;
        let in_title = hit.highlights.iter().find(|h| h.field == HighlightField::Title);
        let title = match in_title {
            Some(highlight) => self.marked(&highlight.html, strong),
            None => clean(hit.report.content.title.as_deref().unwrap_or("（无标题）")),
        };
        writeln!(out, "{strong}{title}{plain}")?;
        writeln!(out, "  {dim}{}{plain}", clean(&particulars(hit)))?;
        let passages = hit.highlights.iter().filter(|h| h.field == HighlightField::Text);
        for highlight in passages {
            let place = clean(&place(highlight));
            let space = if place.is_empty() { "" } else { " " };
            writeln!(
                out,
                "  {dim}{place}{plain}{space}{}",
                self.marked(&highlight.html, "")
            )?;
        }
        let folded = hit.duplicates.as_ref().map_or(0, |folded| folded.count);
        if folded > 0 {
            writeln!(out, "  {dim}and {folded} near-duplicates{plain}")?;
        }
        writeln!(
            out,
            "  {dim}{}  {}{plain}\n",
            clean(hit.report.id.as_str()),
            clean(&hit.report.url)
        )
    }

    fn facet(&self, out: &mut impl Write, name: &str, counts: &[FacetCount]) -> io::Result<()> {
        let Self {
            strong, dim, plain, ..
        } = self;
        writeln!(out, "{strong}{name}{plain}")?;
        for count in counts.iter().take(MAX_VALUES) {
            let value = if count.value == count.label {
                ""
            } else {
                &count.value
            };
            writeln!(
                out,
                "  {:>7}  {} {dim}{}{plain}",
                count.count,
                clean(&count.label),
                clean(value)
            )?;
        }
        if counts.len() > MAX_VALUES {
            writeln!(
                out,
                "  {dim}{} more; --json has all{plain}",
                counts.len() - MAX_VALUES
            )?;
        }
        writeln!(out)
    }

    /// What was left out, what was added, and what may have been meant otherwise.
    pub(super) fn notes(&self, out: &mut impl Write, q: &str, response: &SearchResponse) -> io::Result<()> {
        let query = &response.query;
        if !query.ignored.is_empty() {
            writeln!(out, "not searched for: {}", clean(&query.ignored.join(" ")))?;
        }
        let mut by_term: BTreeMap<(usize, &str), Vec<&str>> = BTreeMap::new();
        let mut n_scripts = 0;
        for addition in &query.expanded {
            if addition.by == AddedBy::Script {
                n_scripts += 1;
                continue;
            }
            let first = query
                .expanded
                .iter()
                .position(|other| other.term == addition.term);
            let key = (first.unwrap_or_default(), addition.term.as_str());
            by_term.entry(key).or_default().push(&addition.added);
        }
        for ((_, term), added) in by_term {
            let shown = added[..added.len().min(MAX_ADDITIONS)].join(" ");
            let more = if added.len() > MAX_ADDITIONS { " …" } else { "" };
            writeln!(out, "also for {}: {}{more}", clean(term), clean(&shown))?;
        }
        if n_scripts > 0 {
            writeln!(
                out,
                "also in the other script: {n_scripts} forms (--json lists them)"
            )?;
        }
        for suggestion in &query.suggestions {
            let message = format!("note: {}", suggestion.message);
            writeln!(
                out,
                "{}",
                pointed(q, suggestion.position, &message, &suggestion.hint)
            )?;
        }
        Ok(())
    }

    /// A highlight with its marks in colour; `after` is what goes on behind a mark.
    fn marked(&self, html: &str, after: &str) -> String {
        const START: char = '\u{f0000}';
        const END: char = '\u{f0001}';
        let text = html
            .replace("<mark>", &START.to_string())
            .replace("</mark>", &END.to_string())
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&");
        let end = format!("{}{after}", self.plain);
        clean(&text).replace(START, self.mark).replace(END, &end)
    }
}

/// `[一/(二) 存在的问题 · problems]`
fn place(highlight: &Highlight) -> String {
    let path = highlight.path.as_deref().unwrap_or_default();
    let heading = highlight.heading.as_deref().unwrap_or_default();
    let heading: String = heading.chars().take(24).collect();
    let numbers = path
        .strip_suffix(heading.as_str())
        .unwrap_or(path)
        .trim_end_matches('/');
    let role = highlight.role.filter(|role| *role != Role::Other);
    let role = role.map(|role| format!("· {}", role.code())).unwrap_or_default();
    let parts = [numbers, &heading, &role];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("[{}]", parts.join(" ")),
    }
}

fn particulars(hit: &Hit) -> String {
    let content = &hit.report.content;
    let region = [&content.province, &content.city, &content.county]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>();
    let parts = [
        Some(region.join(" ")).filter(|region| !region.is_empty()),
        content.year.map(|year| year.to_string()),
        Some(content.genre.label().to_owned()),
        content.document_number.clone(),
        content.published.map(|day| day.to_string()),
        Some(
            hit.matched_by
                .iter()
                .map(|reason| reason.code())
                .collect::<Vec<_>>()
                .join("+"),
        )
        .filter(|reasons| !reasons.is_empty()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The query with a mark under the place that is wrong.
pub(in super::super) fn explain(query: &str, error: &SearchError) -> String {
    match error {
        SearchError::InvalidQuery {
            position,
            message,
            hint,
        } => pointed(query, *position, message, hint),
        error => error.to_string(),
    }
}

fn pointed(query: &str, position: usize, message: &str, hint: &str) -> String {
    // A long query is shown around the place; wide characters take two columns.
    let from = position.saturating_sub(AROUND);
    let shown: Vec<char> = clean(query).chars().skip(from).take(2 * AROUND).collect();
    let before = shown.iter().take(position - from);
    let columns: usize = before.map(|c| c.width().unwrap_or_default()).sum();
    let shown: String = shown.into_iter().collect();
    format!("{message}\n  {shown}\n  {}^\n{hint}", " ".repeat(columns))
}

/// Text from a page must not steer the terminal.
pub(in super::super) fn clean(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use index::{Addition, QueryEcho, Suggestion, Total};

    use super::*;

    fn response(query: QueryEcho) -> SearchResponse {
        SearchResponse {
            query,
            total: Total {
                value: 0,
                relation: "eq",
            },
            hits: Vec::new(),
            facets: BTreeMap::new(),
            next_cursor: None,
            took_ms: 0,
        }
    }

    #[test]
    fn an_error_points_at_its_place() {
        let error = SearchError::InvalidQuery {
            position: 3,
            message: "nothing after AND".to_owned(),
            hint: "write a word".to_owned(),
        };
        assert_eq!(
            explain("法治 (", &error),
            "nothing after AND\n  法治 (\n       ^\nwrite a word"
        );
        let far = SearchError::InvalidQuery {
            position: 2000,
            message: String::new(),
            hint: String::new(),
        };
        assert!(explain(&"法".repeat(2000), &far).contains(&format!("\n  {}^", " ".repeat(60))));
    }

    #[test]
    fn pages_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\n"), "a [2Jb ");
        let paper = Paper::new(true, |_| None);
        let shown = paper.marked("&lt;b&gt;\u{1b}[2J<mark>x</mark>", "");
        assert_eq!(shown, "<b> [2J\u{1b}[1;31mx\u{1b}[0m");
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        let with = |name: &'static str, value: &'static str| {
            Paper::new(true, move |asked| (asked == name).then(|| value.into())).mark
        };
        assert_eq!(Paper::new(false, |_| None).mark, "");
        assert_eq!((with("NO_COLOR", "1"), with("TERM", "dumb")), ("", ""));
        assert_ne!(with("NO_COLOR", ""), "");
        assert_ne!(with("TERM", "xterm"), "");
    }

    #[test]
    fn notes_tell_what_was_added_and_what_may_be_meant() {
        let addition = |term: &str, added: &str, by| Addition {
            term: term.into(),
            added: added.into(),
            by,
        };
        let query = QueryEcho {
            expanded: vec![
                addition("环保", "环境保护", AddedBy::Synonym),
                addition("环保", "環保", AddedBy::Script),
            ],
            suggestions: vec![Suggestion {
                position: 3,
                message: "or is read as a word".into(),
                hint: "write OR".into(),
            }],
            ..QueryEcho::default()
        };
        let mut out = Vec::new();
        let paper = Paper::default();
        paper.notes(&mut out, "环保 or 生态", &response(query)).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains("also for 环保: 环境保护\n") && text.contains("1 forms"),
            "{text}"
        );
        assert!(text.contains("环保 or 生态\n       ^\nwrite OR"), "{text}");
    }
}
