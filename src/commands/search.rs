//! `search`: the terminal's view of a search.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};

use index::{Hit, SearchError, SearchResponse};

use super::Settings;
use crate::{
    api::{
        params::Params,
        problem::Problem,
        search::{answer, read_request},
    },
    cli::SearchArgs,
    failure::wrong_call,
};

pub(super) fn run(settings: &Settings, args: SearchArgs) -> anyhow::Result<ExitCode> {
    let mut pairs = args.filters.into_params();
    pairs.push(("q".to_owned(), args.query));
    pairs.push(("mode".to_owned(), args.mode));
    pairs.push(("limit".to_owned(), args.limit.to_string()));
    pairs.extend(args.sort.map(|sort| ("sort".to_owned(), sort)));
    pairs.extend(args.group.map(|group| ("group".to_owned(), group)));
    let request = read_request(&mut Params::from_pairs(pairs)).map_err(told)?;
    settings.data_to_read()?;
    let reader = index::Reader::open(&settings.index_dir())?;
    let response = match reader.search(&request, Instant::now()) {
        Ok(response) => response,
        Err(SearchError::Index(error)) => return Err(error.into()),
        Err(error) => return Err(wrong_call(explain(&request.q, &error))),
    };
    let mut out = io::stdout().lock();
    if args.json {
        let value = answer(&response, &request.fields).map_err(told)?;
        serde_json::to_writer_pretty(&mut out, &value)?;
        writeln!(out)?;
    } else {
        show(&mut out, &response, io::stdout().is_terminal())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn told(problem: Problem) -> anyhow::Error {
    wrong_call(problem.body().detail)
}

/// The query with a mark under the place that is wrong.
fn explain(query: &str, error: &SearchError) -> String {
    let SearchError::InvalidQuery {
        position,
        message,
        hint,
    } = error
    else {
        return error.to_string();
    };
    // A long query is shown around the place; wide characters take two columns.
    let from = position.saturating_sub(30);
    let shown: String = query
        .chars()
        .skip(from)
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let columns: usize = shown
        .chars()
        .take(position - from)
        .map(|c| if c.is_ascii() { 1 } else { 2 })
        .sum();
    format!("{message}\n  {shown}\n  {}^\n{hint}", " ".repeat(columns))
}

fn show(out: &mut impl Write, response: &SearchResponse, colours: bool) -> io::Result<()> {
    let (strong, dim, mark, plain) = if colours {
        ("\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[0m")
    } else {
        ("", "", "", "")
    };
    for hit in &response.hits {
        let title = hit.report.content.title.as_deref().unwrap_or("（无标题）");
        writeln!(out, "{strong}{}{plain}", clean(title))?;
        writeln!(out, "  {dim}{}{plain}", clean(&particulars(hit)))?;
        for highlight in hit
            .highlights
            .iter()
            .filter(|h| h.field == index::HighlightField::Text)
            .take(2)
        {
            let path = highlight
                .path
                .as_deref()
                .map(|path| format!("[{path}] "))
                .unwrap_or_default();
            writeln!(
                out,
                "  {dim}{path}{plain}{}",
                clean(&unmark(&highlight.html))
                    .replace(START, mark)
                    .replace(END, plain)
            )?;
        }
        let folded = hit.duplicates.as_ref().map_or(0, |folded| folded.count);
        if folded > 0 {
            writeln!(out, "  {dim}and {folded} near-duplicates{plain}")?;
        }
        writeln!(out, "  {dim}{}{plain}\n", clean(&hit.report.url))?;
    }
    let shown = response.hits.len();
    writeln!(
        out,
        "{} reports, {shown} shown, {} ms",
        response.total.value, response.took_ms
    )?;
    if !response.query.ignored.is_empty() {
        writeln!(
            out,
            "not searched for: {}",
            clean(&response.query.ignored.join(" "))
        )?;
    }
    Ok(())
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
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

const START: char = '\u{f0000}';
const END: char = '\u{f0001}';

/// Takes the markup of a highlight away again, leaving signs at the marks.
fn unmark(html: &str) -> String {
    html.replace("<mark>", &START.to_string())
        .replace("</mark>", &END.to_string())
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// Text from a page must not steer the terminal.
pub(super) fn clean(text: &str) -> String {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn pages_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\n"), "a [2Jb ");
    }
}
