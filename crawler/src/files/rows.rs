//! Rows of tables that are read from word processors.

/// The lines of a row: one with its cells joined by tabs, unless the table is there to lay out the page.
pub(super) fn row(cells: Vec<Vec<String>>) -> Vec<String> {
    /// Characters of a cell that is part of a page rather than of a table, if it has several paragraphs.
    const LONG: usize = 200;
    let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
    let chars = |cell: &[String]| cell.iter().map(|line| line.chars().count()).sum::<usize>();
    if filled <= 1 || cells.iter().any(|cell| cell.len() > 1 && chars(cell) > LONG) {
        return cells.into_iter().flatten().collect();
    }
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| cell.join(" ").replace('\t', " "))
        .collect();
    vec![cells.join("\t")]
}
