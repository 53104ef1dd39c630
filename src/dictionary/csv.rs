//! CSV: a line for each term, with its concept. A line may exclude a string beside its term, or instead of one; without a
//! concept it is excluded from all.

use csv::{ReaderBuilder, StringRecord};
use index::Concept;

use super::{Lines, Read, tree::Wrong};
use crate::nearest::nearest;

const COLUMNS: [&str; 3] = ["concept", "term", "exclude"];

/// Reads a table.
pub(super) fn read(text: &str) -> Result<Read, Wrong> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut places: Option<[Option<usize>; 3]> = None;
    let mut n_columns = 0;
    let mut read = Read::default();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map(|position| position.line() as usize);
            Wrong::at(line, format!("this is no CSV: {error}"))
        })?;
        let line = record.position().map(|position| position.line() as usize);
        if record.iter().any(|cell| cell.trim().contains(['\n', '\r'])) {
            // Most likely everything up to the next quotation mark would be one term.
            return Err(Wrong::at(
                line,
                "a cell goes on in the next line; close its quotation mark",
            ));
        }
        let Some(places) = &places else {
            n_columns = record.len();
            places = Some(columns(&record, line)?);
            continue;
        };
        if let Some(more) = record.iter().skip(n_columns).find(|cell| !cell.trim().is_empty()) {
            return Err(Wrong::at(
                line,
                format!(
                    "{more:?} stands in no column; write one term on each line, and one with a comma in quotes"
                ),
            ));
        }
        let cell = |nth: usize| {
            places[nth]
                .and_then(|place| record.get(place))
                .unwrap_or_default()
                .trim_ascii()
        };
        let [name, term, exclude] = [cell(0), cell(1), cell(2)];
        match (name, term, exclude) {
            ("", "", "") => {}
            ("", "", exclude) => {
                read.dictionary.exclude.push(exclude.to_owned());
                read.exclude.push(line);
            }
            ("", _, _) => {
                return Err(Wrong::at(
                    line,
                    "the term has no concept; name it in the column `concept`",
                ));
            }
            (_, "", "") => {
                return Err(Wrong::at(
                    line,
                    format!("there is no term; write one for {name:?}, or leave the line out"),
                ));
            }
            (name, term, exclude) => read.add(line, name, term, exclude),
        }
    }
    Ok(read)
}

/// Where the columns are.
fn columns(names: &StringRecord, line: Option<usize>) -> Result<[Option<usize>; 3], Wrong> {
    let mut places = [None; 3];
    for (place, name) in names.iter().enumerate() {
        let name = name.trim().to_lowercase();
        let Some(nth) = COLUMNS.iter().position(|known| *known == name) else {
            let other = [';', '\t', '；', '，', '|']
                .into_iter()
                .find(|c| names.len() == 1 && name.contains(*c));
            let instead = match (other, nearest(&name, &COLUMNS)) {
                (Some(other), _) => format!("its parts are parted by {other:?}; write commas"),
                (_, Some(nearest)) => format!("did you mean {nearest:?}?"),
                _ => "the first line names the columns: concept,term and, if need be, exclude".to_owned(),
            };
            return Err(Wrong::unknown(
                line,
                format!("unknown column {name:?}; {instead}"),
            ));
        };
        if places[nth].replace(place).is_some() {
            return Err(Wrong::at(line, format!("the column {name:?} stands twice")));
        }
    }
    match places {
        [Some(_), Some(_), _] => Ok(places),
        _ => Err(Wrong::at(
            line,
            "a column is missing; the first line is: concept,term or concept,term,exclude",
        )),
    }
}

impl Read {
    fn add(&mut self, line: Option<usize>, name: &str, term: &str, exclude: &str) {
        let known = self
            .dictionary
            .concepts
            .iter()
            .position(|concept| concept.name == name);
        let nth = known.unwrap_or_else(|| {
            self.dictionary.concepts.push(Concept {
                name: name.to_owned(),
                ..Concept::default()
            });
            self.concepts.push(Lines {
                name: line,
                ..Lines::default()
            });
            self.concepts.len() - 1
        });
        let (concept, lines) = (&mut self.dictionary.concepts[nth], &mut self.concepts[nth]);
        if !term.is_empty() {
            concept.terms.push(term.to_owned());
            lines.terms.push(line);
        }
        if !exclude.is_empty() {
            concept.exclude.push(exclude.to_owned());
            lines.exclude.push(line);
        }
    }
}
