//! `batch`: a file of queries in, one table out.

use std::{path::Path, process::ExitCode};

use index::{BatchRequest, SearchError};
use serde_json::json;

use super::{
    Settings,
    panel::{Output, Sheet, open, read_layout, read_search, tell},
    search::explain,
};
use crate::{
    cli::BatchArgs,
    dictionary::read_text,
    failure::wrong_call,
    progress::Progress,
    table::{Cell, names, of_row},
};

/// A query of the file.
struct Asked {
    line: usize,
    name: String,
    q: String,
}

pub(super) fn run(settings: &Settings, args: BatchArgs) -> anyhow::Result<ExitCode> {
    let text = read_text(&args.file).map_err(|error| wrong_call(error.to_string()))?;
    let is_csv = args
        .file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let asked = match is_csv {
        true => table(&text),
        false => Ok(lines(&text)),
    };
    let asked = asked.map_err(|(line, why)| wrong_at(&args.file, line, &why))?;
    if asked.is_empty() {
        return Err(wrong_call(format!(
            "{}: there is no query in it",
            args.file.display()
        )));
    }
    let request = BatchRequest {
        search: read_search(&args.table, None)?,
        queries: asked
            .iter()
            .map(|asked| (asked.name.clone(), asked.q.clone()))
            .collect(),
        layout: read_layout(&args.by, args.level.as_deref())?,
    };
    let output = Output::new(&args.table)?;
    let reader = open(settings)?;
    let progress = Progress::of_things("asking", asked.len() as u64);
    let found = reader.batch(&request, &|done, total| {
        progress.at(done, &format!("{done} of {total} queries"))
    });
    progress.done();
    let panel = found.map_err(|error| {
        let asked = error.query.and_then(|nth| asked.get(nth));
        match (error.error, asked) {
            (SearchError::Index(error), _) => error.into(),
            (error, Some(asked)) => wrong_at(&args.file, asked.line, &explain(&asked.q, &error)),
            (error, None) => wrong_call(error.to_string()),
        }
    })?;
    let mut columns = names("name", &panel.by);
    columns.insert(1, "q");
    columns.extend([
        "first_year",
        "first_published",
        "first_region",
        "first_region_name",
    ]);
    let n_cells = panel.n_rows() / asked.len();
    let rows = (0..panel.n_rows()).filter_map(|nth| {
        let row = panel.row(nth)?;
        let mut cells = of_row(&row);
        cells.insert(1, Cell::Text(asked.get(nth.checked_div(n_cells)?)?.q.clone()));
        let first = row.first;
        let region = first.region.and_then(|code| report::divisions().get(code));
        cells.push(first.year.map_or(Cell::Null, |year| Cell::Number(year.into())));
        cells.push(first.published.map(|day| day.to_string()).into());
        cells.push(first.region.map(|code| code.to_string()).into());
        cells.push(region.map(|region| region.name.to_owned()).into());
        Some(cells)
    });
    let about = json!({"left_out": panel.left_out, "queries": request.queries});
    output.write(Sheet(columns), rows, about, &request.search, &request.layout)?;
    tell(&panel);
    Ok(ExitCode::SUCCESS)
}

fn wrong_at(path: &Path, line: usize, why: &str) -> anyhow::Error {
    wrong_call(format!("{}:{line}: {why}", path.display()))
}

/// A query a line, which is its name as well.
fn lines(text: &str) -> Vec<Asked> {
    let queries = text.lines().map(str::trim).zip(1..);
    queries
        .filter(|(q, _)| !q.is_empty() && !q.starts_with('#'))
        .map(|(q, line)| Asked {
            line,
            name: q.to_owned(),
            q: q.to_owned(),
        })
        .collect()
}

/// A CSV with the columns `q` and, if need be, `name`.
fn table(text: &str) -> Result<Vec<Asked>, (usize, String)> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut q_at, mut name_at) = (None, None);
    let mut asked = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, |position| position.line() as usize);
            (line, format!("this is no CSV: {error}"))
        })?;
        let line = record.position().map_or(1, |position| position.line() as usize);
        let Some(q_at) = q_at else {
            for (place, name) in record.iter().enumerate() {
                match name.trim().to_lowercase().as_str() {
                    "q" => q_at = Some(place),
                    "name" => name_at = Some(place),
                    other => return Err((line, format!("unknown column {other:?}; there are q and name"))),
                }
            }
            if q_at.is_none() {
                return Err((line, "the first line has no column q".into()));
            }
            continue;
        };
        let cell = |place: usize| record.get(place).unwrap_or_default().trim();
        let q = cell(q_at).to_owned();
        if q.is_empty() {
            return Err((line, "there is no query in the column q".into()));
        }
        let name = name_at
            .map(cell)
            .filter(|name| !name.is_empty())
            .unwrap_or(&q)
            .to_owned();
        asked.push(Asked { line, name, q });
    }
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(asked: Vec<Asked>) -> Vec<(usize, String, String)> {
        asked
            .into_iter()
            .map(|asked| (asked.line, asked.name, asked.q))
            .collect()
    }

    #[test]
    fn queries_are_read_with_their_lines() {
        let read = shown(lines("# x\n\n \"营商环境\" \n法治 -转发\n"));
        let expected = [(3, "\"营商环境\""), (4, "法治 -转发")];
        assert_eq!(read, expected.map(|(line, q)| (line, q.to_owned(), q.to_owned())));
        let read = table("name,q\n甲,\"\"\"营商\n环境\"\"\"\n,法治\n")
            .ok()
            .map(shown)
            .unwrap();
        assert_eq!(read[0], (2, "甲".into(), "\"营商\n环境\"".into()));
        assert_eq!(read[1], (4, "法治".into(), "法治".into()));
    }

    #[test]
    fn wrong_tables_are_told_with_the_line() {
        for (text, line, word) in [
            ("name,query\n", 1, "query"),
            ("name\n", 1, "column q"),
            ("q,name\na,b\n,c\n", 3, "no query"),
        ] {
            let (at, why) = table(text).err().unwrap();
            assert_eq!(at, line, "{why}");
            assert!(why.contains(word), "{why}");
        }
    }
}
