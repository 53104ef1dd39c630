//! Word documents of Office Open XML (ECMA-376): a ZIP container of XML parts.
//!
//! The main part is walked once. What is open is a stack of frames: a flow of lines (the body, a cell, a text box), a
//! paragraph in it, a table in it. Closing a frame hands its lines to the flow below. What was deleted under tracking,
//! the fallback of what stands there twice, phonetic guides and hidden text are left out; lines of text boxes come behind
//! the paragraph they are anchored in, foot- and endnotes at the very end.

mod numbering;

use self::numbering::{Numbering, Place};
use super::{
    Content,
    package::Package,
    reason,
    rows::row,
    xml::{Element, Node, walk},
};

/// Most frames that are open at once; what is nested deeper is left out.
const MAX_DEPTH: usize = 100;

/// Elements whose content is not shown, or is shown by a sibling.
const SKIPPED: &[&str] = &[
    "del",
    "moveFrom",
    "Fallback",
    "rt",
    "rPrChange",
    "pPrChange",
    "sectPrChange",
    "tblPrChange",
    "numberingChange",
    "sectPr",
    "delText",
    "instrText",
];

/// Reads the text of a document.
///
/// # Errors
/// When it is not a container, has no main part, or holds too much.
pub(super) fn read(bytes: &[u8]) -> Result<Content, &'static str> {
    let mut package = Package::open(bytes)?;
    let main = match main_part(&mut package)? {
        Some(part) => part,
        None => "word/document.xml".to_owned(),
    };
    let body = package.part(&main)?.ok_or(reason::DAMAGED)?;
    let body = crate::extract::decode(&body, None).text;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let numbers = package.text(&format!("{folder}/numbering.xml"))?;
    let styles = package.text(&format!("{folder}/styles.xml"))?;
    let numbering = Numbering::new(&numbers.unwrap_or_default(), &styles.unwrap_or_default());
    let mut lines = lines(&body, numbering);
    for notes in ["footnotes.xml", "endnotes.xml"] {
        if let Some(notes) = package.text(&format!("{folder}/{notes}"))? {
            lines.extend(self::lines(&notes, Numbering::default()));
        }
    }
    let has_pictures = package.has_folder("word/media/");
    Ok(Content::new(lines.join("\n"), has_pictures))
}

/// Where the main part is, by the relations of the whole.
fn main_part(package: &mut Package<'_>) -> Result<Option<String>, &'static str> {
    let Some(relations) = package.text("_rels/.rels")? else {
        return Ok(None);
    };
    let mut main = None;
    walk(&relations, |node| {
        if let Node::Open(element) = node
            && element.name() == "Relationship"
            && element
                .attribute("Type")
                .is_some_and(|kind| kind.ends_with("/officeDocument"))
        {
            main = element
                .attribute("Target")
                .map(|target| target.trim_start_matches('/').to_owned());
        }
    });
    Ok(main.filter(|main| package.has(main)))
}

/// The lines of a part: the main one, or one of notes.
fn lines(xml: &str, numbering: Numbering) -> Vec<String> {
    let mut reader = Reader {
        numbering,
        ..Reader::default()
    };
    walk(xml, |node| reader.step(node));
    while reader.frames.len() > 1 {
        reader.close();
    }
    match reader.frames.pop() {
        Some(Frame::Flow(lines)) => lines,
        _ => Vec::new(),
    }
}

/// What is open.
enum Frame {
    /// Lines so far.
    Flow(Vec<String>),
    /// Text of a paragraph so far, and the lines that come behind it.
    Paragraph(String, Vec<String>),
    /// Cells of the row that is open, and the rows so far.
    Table(Vec<Vec<String>>, Vec<String>),
}

struct Reader {
    frames: Vec<Frame>,
    /// Depth below an element that is left out; 0 outside.
    skipped: usize,
    /// Inside of text that is shown.
    in_text: bool,
    /// The run that is open is hidden.
    hidden: bool,
    /// The cell that is open goes on one above.
    merged: bool,
    numbering: Numbering,
    /// Style and list of the paragraph that is open.
    style: Option<String>,
    place: Place,
    /// What stands before its first character.
    number: String,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            frames: vec![Frame::Flow(Vec::new())],
            skipped: 0,
            in_text: false,
            hidden: false,
            merged: false,
            numbering: Numbering::default(),
            style: None,
            place: Place::default(),
            number: String::new(),
        }
    }
}

impl Reader {
    fn step(&mut self, node: Node<'_>) {
        match node {
            Node::Open(_) if self.skipped > 0 => self.skipped += 1,
            Node::Close(_) if self.skipped > 0 => self.skipped -= 1,
            Node::Open(element) => self.open(&element),
            Node::Close(name) => self.end(name),
            Node::Text(text) if self.in_text && self.skipped == 0 && !self.hidden => self.push(text),
            Node::Text(_) => {}
        }
    }

    fn open(&mut self, element: &Element<'_>) {
        let name = element.name();
        let is_off = || {
            element
                .attribute("val")
                .is_some_and(|val| matches!(&*val, "0" | "false" | "off"))
        };
        // Separators of notes are notes themselves.
        let is_separator = matches!(name, "footnote" | "endnote") && element.attribute("type").is_some();
        if SKIPPED.contains(&name) || is_separator || self.frames.len() > MAX_DEPTH {
            self.skipped = 1;
            return;
        }
        match name {
            "p" => {
                self.frames.push(Frame::Paragraph(String::new(), Vec::new()));
                (self.style, self.place) = (None, Place::default());
                self.number.clear();
            }
            "pStyle" => self.style = element.attribute("val"),
            "numId" | "ilvl" => self.place.take(element),
            "tbl" => self.frames.push(Frame::Table(Vec::new(), Vec::new())),
            "tc" => {
                self.merged = false;
                self.frames.push(Frame::Flow(Vec::new()));
            }
            "txbxContent" => self.frames.push(Frame::Flow(Vec::new())),
            "vMerge" => self.merged = element.attribute("val").is_none_or(|val| val != "restart"),
            "r" => self.hidden = false,
            "vanish" => self.hidden = !is_off(),
            "t" => self.in_text = true,
            "tab" | "ptab" if !self.hidden => self.push(" "),
            "br" | "cr" if !self.hidden => self.push("\n"),
            "noBreakHyphen" if !self.hidden => self.push("-"),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" | "tbl" | "txbxContent" | "tc" => self.close(),
            "tr" => self.end_row(),
            "pPr" => {
                self.number = self.numbering.next(&self.place, self.style.as_deref());
            }
            "t" => self.in_text = false,
            "r" => self.hidden = false,
            _ => {}
        }
    }

    /// Adds to the paragraph that is open.
    fn push(&mut self, text: &str) {
        if let Some(Frame::Paragraph(paragraph, _)) = self.frames.last_mut() {
            if !self.number.is_empty() && !text.trim().is_empty() {
                paragraph.push_str(&std::mem::take(&mut self.number));
            }
            paragraph.push_str(text);
        }
    }

    /// Closes the innermost frame; the outermost stays.
    fn close(&mut self) {
        if self.frames.len() < 2 {
            return;
        }
        match self.frames.pop() {
            Some(Frame::Paragraph(text, behind)) => {
                let shown = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
                let shown = shown.map(str::to_owned).chain(behind);
                self.hand_down(shown.collect());
            }
            Some(Frame::Table(open, mut rows)) => {
                rows.extend(row(open));
                self.hand_down(rows);
            }
            Some(Frame::Flow(lines)) => match self.frames.last_mut() {
                Some(Frame::Table(cells, _)) if !self.merged => cells.push(lines),
                Some(Frame::Table(..)) => self.merged = false,
                Some(Frame::Paragraph(_, behind)) => behind.extend(lines),
                Some(Frame::Flow(below)) => below.extend(lines),
                None => {}
            },
            None => {}
        }
    }

    fn hand_down(&mut self, lines: Vec<String>) {
        match self.frames.last_mut() {
            Some(Frame::Flow(below) | Frame::Paragraph(_, below) | Frame::Table(_, below)) => {
                below.extend(lines)
            }
            None => {}
        }
    }

    fn end_row(&mut self) {
        if let Some(Frame::Table(cells, rows)) = self.frames.last_mut() {
            rows.extend(row(std::mem::take(cells)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> String {
        lines(
            &format!("<w:document><w:body>{body}</w:body></w:document>"),
            Numbering::default(),
        )
        .join("|")
    }

    fn p(text: &str) -> String {
        format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    }

    #[test]
    fn what_is_shown_is_read_once() {
        let body = "<w:p><w:r><w:t>一、</w:t></w:r><w:ins><w:r><w:t>新</w:t></w:r></w:ins>\
            <w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>走</w:t></w:r></w:moveFrom>\
            <w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r><w:r><w:t>的</w:t><w:br/><w:t>行</w:t></w:r></w:p>";
        assert_eq!(text(body), "一、新的|行");
        let boxed = format!(
            "<w:p><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>{0}</w:txbxContent></wps:txbx>\
             </mc:Choice><mc:Fallback><v:textbox><w:txbxContent>{0}</w:txbxContent></v:textbox></mc:Fallback>\
             </mc:AlternateContent></w:r><w:r><w:t>后</w:t></w:r></w:p>",
            p("框")
        );
        assert_eq!(text(&boxed), "前后|框");
    }

    #[test]
    fn rows_are_lines_unless_they_lay_out_the_page() {
        let row = |cells: &[String]| {
            let cells: String = cells.iter().map(|cell| format!("<w:tc>{cell}</w:tc>")).collect();
            format!("<w:tbl><w:tr>{cells}</w:tr></w:tbl>")
        };
        assert_eq!(
            text(&row(&[p("项目"), p("甲") + &p("乙"), p("")])),
            "项目\t甲 乙\t"
        );
        assert_eq!(text(&row(&[p("标题") + &p("正文")])), "标题|正文");
        let long = "长".repeat(201);
        assert_eq!(
            text(&row(&[p("项目"), p("甲") + &p(&long)])),
            format!("项目|甲|{long}")
        );
        let merged = format!("<w:tcPr><w:vMerge/></w:tcPr>{}", p(""));
        assert_eq!(text(&row(&[merged, p("甲"), p("乙")])), "甲\t乙");
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = "<w:tbl><w:tr><w:tc>".repeat(100_000) + &p("深");
        assert_eq!(text(&deep), "");
    }
}
