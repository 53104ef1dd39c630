//! Panels and batches as tables: their columns, their rows, and what they say of themselves.

use index::{CorpusState, Layout, Panel, PanelBy, PanelRow, SearchRequest};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Format,
    provenance::of_search,
    table::{Cell, Column, Kind},
};

/// Name of the sheet of a workbook.
pub(crate) const SHEET: &str = "counts";

/// Formats that tables of counts have.
pub(crate) const FORMATS: [Format; 4] = [Format::Csv, Format::JsonLines, Format::Parquet, Format::Xlsx];

/// The columns of rows as [`cells`] gives them; what is counted stands in the first, `name`.
pub(crate) fn columns(name: &str, by: &[PanelBy]) -> Vec<Column> {
    let mut columns = vec![Column::new(name, Kind::Text)];
    for by in by {
        let named: &[(&str, Kind)] = match by {
            PanelBy::Region => &[("region", Kind::Text), ("region_name", Kind::Text)],
            PanelBy::Year => &[("year", Kind::Int)],
            PanelBy::Genre => &[("genre", Kind::Text), ("genre_label", Kind::Text)],
            PanelBy::Section => &[("section", Kind::Text), ("section_label", Kind::Text)],
        };
        columns.extend(named.iter().map(|(name, kind)| Column::new(*name, *kind)));
    }
    let numbers = ["reports", "reports_with_hit", "occurrences", "chars"];
    columns.extend(numbers.map(|name| Column::new(name, Kind::Int)));
    columns
}

/// The cells of a row.
pub(crate) fn cells(row: &PanelRow<'_>) -> Vec<Cell> {
    let mut cells = vec![text(row.concept)];
    if let Some(region) = row.region {
        cells.push(text(&region.to_string()));
        cells.push(row.region_name.map_or(Cell::Null, text));
    }
    cells.extend(row.year.map(|year| Cell::Int(year.into())));
    if let Some(genre) = row.genre {
        cells.extend([text(genre.code()), text(genre.label())]);
    }
    if let Some(role) = row.section {
        cells.extend([text(role.code()), text(role.label())]);
    }
    cells.extend([number(row.reports), number(row.reports_with_hit)]);
    cells.push(row.occurrences.map_or(Cell::Null, number));
    cells.push(number(row.chars));
    cells
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(number: u64) -> Cell {
    Cell::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// What a table was made from: enough to make it again.
pub(crate) fn provenance(
    panel: &Panel,
    search: &SearchRequest,
    layout: &Layout,
    columns: &[Column],
    corpus: CorpusState,
    now: Timestamp,
) -> Map<String, Value> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut about = of_search(search, panel.state, corpus.dictionary, now);
    let more = [
        ("by", json!(layout.by)),
        ("level", json!(layout.level)),
        ("columns", json!(names)),
        ("rows", json!(panel.n_rows())),
        ("left_out", json!(panel.left_out)),
        ("notes", json!(panel.notes)),
    ];
    about.extend(more.map(|(name, value)| (name.to_owned(), value)));
    about
}
