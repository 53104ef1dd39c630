//! Cells of comma-separated values (RFC 4180), none of which a spreadsheet takes for a formula.

/// A row, ended as the standard says.
pub(crate) fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell. One that would begin a formula gets a `'` before it.
pub(crate) fn cell(text: &str) -> String {
    let guard = if begins_formula(text) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

/// Whether a spreadsheet may take a cell for a formula: also behind spaces, which some leave out, and in full width.
fn begins_formula(text: &str) -> bool {
    let first = text.trim_start_matches(|c: char| c.is_whitespace() && !matches!(c, '\t' | '\r' | '\n'));
    first.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_neither_split_nor_run() {
        assert_eq!(cell("常宁市"), "常宁市");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("-x,y"), "\"'-x,y\"");
        for formula in ["=1+1", "+1", "@SUM(A1)", " =1", "\u{a0}\u{3000}=1", "＝1", "\t1"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        assert_eq!(row(["a", "b\nc"]), "a,\"b\nc\"\r\n");
    }
}
