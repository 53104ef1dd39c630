//! The XML of a workbook's parts.

use std::fmt;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// What ends a sheet.
pub(super) const END_OF_SHEET: &str = "</sheetData></worksheet>";

/// The attribute of a cell in bold.
pub(super) const BOLD: &str = " s=\"1\"";

/// The place of a cell, both counted as the type says: columns from 0, rows from 1. Shown as `A1`.
#[derive(Clone, Copy)]
pub(super) struct Reference {
    pub(super) column: usize,
    pub(super) row: usize,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = [0; 4];
        let (mut left, mut at) = (self.column + 1, letters.len());
        while left > 0 && at > 0 {
            at -= 1;
            letters[at] = b'A' + ((left - 1) % 26) as u8;
            left = (left - 1) / 26;
        }
        for letter in &letters[at..] {
            write!(f, "{}", char::from(*letter))?;
        }
        write!(f, "{}", self.row)
    }
}

/// Where the XML of the nth sheet, counted from 1, is.
pub(super) fn sheet_path(nth: usize) -> String {
    format!("xl/worksheets/sheet{nth}.xml")
}

/// Characters that a column shows.
pub(super) fn width(name: &str) -> u32 {
    match name {
        "title" | "enclosed_title" => 50,
        "url" | "text" => 40,
        "id" => 34,
        "issuer" | "document_number" | "retrieved_at" | "changed_at" | "source" => 26,
        _ => 14,
    }
}

/// Begins a sheet whose first row stays in view.
pub(super) fn begin_sheet(xml: &mut String, is_first: bool, widths: &[u32]) {
    let selected = if is_first { " tabSelected=\"1\"" } else { "" };
    xml.push_str(HEAD);
    xml.push_str(&format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView{selected} workbookViewId=\"0\"><pane ySplit=\"1\" \
         topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>"
    ));
    for (nth, width) in widths.iter().enumerate() {
        let nth = nth + 1;
        xml.push_str(&format!(
            "<col min=\"{nth}\" max=\"{nth}\" width=\"{width}\" customWidth=\"1\"/>"
        ));
    }
    xml.push_str("</cols><sheetData>");
}

/// A text inside an element. What XML cannot hold is written as `_x0000_`, and what looks like that is told apart from it.
pub(super) fn escape(xml: &mut String, text: &str) {
    for (at, c) in text.char_indices() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '_' if looks_escaped(&text.as_bytes()[at..]) => xml.push_str("_x005F_"),
            '\n' | '\t' => xml.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => xml.push_str(&format!("_x{:04X}_", u32::from(c))),
            c => xml.push(c),
        }
    }
}

/// Whether it begins like `_x0000_`.
fn looks_escaped(bytes: &[u8]) -> bool {
    bytes.len() >= 7 && bytes[1] == b'x' && bytes[6] == b'_' && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
}

/// Paths and XML of all parts but the sheets.
pub(super) fn small(sheets: &[String]) -> [(String, String); 5] {
    let each = |write: &dyn Fn(usize, &str) -> String| -> String {
        let numbered = sheets.iter().enumerate();
        numbered.map(|(nth, name)| write(nth + 1, name)).collect()
    };
    let overrides = each(&|nth, _| {
        let path = sheet_path(nth);
        format!("<Override PartName=\"/{path}\" ContentType=\"{TYPES}.worksheet+xml\"/>")
    });
    let listed = each(&|nth, name| format!("<sheet name=\"{name}\" sheetId=\"{nth}\" r:id=\"rId{nth}\"/>"));
    let related = each(&|nth, _| {
        format!(
            "<Relationship Id=\"rId{nth}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{nth}.xml\"/>"
        )
    });
    let styles_id = sheets.len() + 1;
    let part = |path: &str, xml: String| (path.to_owned(), format!("{HEAD}{xml}"));
    [
        part(
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>\
                 <font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill \
                 patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders \
                 count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs \
                 count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs \
                 count=\"2\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"0\" \
                 fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs><cellStyles \
                 count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>"
            ),
        ),
        part(
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{listed}</sheets></workbook>"),
        ),
        part(
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{RELATIONS}\">{related}<Relationship Id=\"rId{styles_id}\" \
                 Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        part(
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        part(
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default \
                 Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default \
                 Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" \
                 ContentType=\"{TYPES}.sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" \
                 ContentType=\"{TYPES}.styles+xml\"/>{overrides}</Types>"
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        let named = |column| Reference { column, row: 7 }.to_string();
        assert_eq!(
            [0, 25, 26, 51, 701, 702].map(named),
            ["A7", "Z7", "AA7", "AZ7", "ZZ7", "AAA7"]
        );
    }

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        let mut xml = String::new();
        escape(&mut xml, "a<&>\u{1}\r_x0041_ _x00_ \u{ffff}\n");
        assert_eq!(xml, "a&lt;&amp;&gt;_x0001__x000D__x005F_x0041_ _x00_ _xFFFF_\n");
    }
}
