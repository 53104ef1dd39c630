//! Tables of panels, whoever they are made for: the names of their columns, and the cells of a row.

use index::{PanelBy, PanelRow};

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Text(String),
    Number(i64),
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Columns that a row has with [`of_row`], the first under a name of its own.
pub(crate) fn names(first: &'static str, by: &[PanelBy]) -> Vec<&'static str> {
    let mut names = vec![first];
    for by in by {
        names.extend_from_slice(match by {
            PanelBy::Region => &["region", "region_name"][..],
            PanelBy::Year => &["year"],
            PanelBy::Genre => &["genre", "genre_label"],
            PanelBy::Section => &["section", "section_label"],
        });
    }
    names.extend(["reports", "reports_with_hit", "occurrences", "chars"]);
    names
}

/// The cells of a row.
pub(crate) fn of_row(row: &PanelRow<'_>) -> Vec<Cell> {
    let mut cells = vec![Cell::Text(row.concept.to_owned())];
    let mut text = |text: Option<String>| cells.push(text.into());
    if let Some(region) = row.region {
        text(Some(region.to_string()));
        text(row.region_name.map(str::to_owned));
    }
    if let Some(year) = row.year {
        cells.push(Cell::Number(year.into()));
    }
    let mut text = |text: &str| cells.push(Cell::Text(text.to_owned()));
    if let Some(genre) = row.genre {
        text(genre.code());
        text(genre.label());
    }
    if let Some(role) = row.section {
        text(role.code());
        text(role.label());
    }
    cells.extend([row.reports.into(), row.reports_with_hit.into()]);
    cells.push(row.occurrences.map_or(Cell::Null, Cell::from));
    cells.push(row.chars.into());
    cells
}

/// A row of a CSV file, ended as RFC 4180 says. A cell that has no value is empty.
pub(crate) fn csv_row(cells: &[Cell]) -> String {
    let cells = cells.iter().map(|cell| match cell {
        Cell::Null => String::new(),
        Cell::Text(text) => crate::export::csv::cell(text),
        Cell::Number(number) => number.to_string(),
    });
    format!("{}\r\n", cells.collect::<Vec<_>>().join(","))
}
