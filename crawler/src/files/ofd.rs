//! OFD (GB/T 33190-2016), the page format of Chinese offices: a ZIP container of XML parts.
//!
//! `OFD.xml` names documents, a document names pages, a page holds text objects with their places. Glyphs are turned into
//! lines, rows and paragraphs like those of a PDF.

use super::{
    Content,
    package::Package,
    pdf::{Glyph, Pages, Rule, Shown},
    reason,
    xml::{Element, Node, walk},
};

/// Most pages and documents of a file.
const MAX_PAGES: usize = 5_000;
const MAX_DOCUMENTS: usize = 100;

/// Most glyphs of a page.
const MAX_GLYPHS: usize = 200_000;

/// Points in a millimetre.
const POINTS: f64 = 72.0 / 25.4;

/// Reads the text of all documents in a file.
///
/// # Errors
/// When it is damaged, needs a password, or holds too much.
pub(super) fn read(bytes: &[u8]) -> Result<Content, &'static str> {
    let mut package = Package::open(bytes)?;
    let root = package.text("OFD.xml")?.ok_or(reason::DAMAGED)?;
    if package.has("Encryptions.xml") {
        return Err(reason::ENCRYPTED);
    }
    let mut text = String::new();
    let mut pages = 0;
    for document in texts_of(&root, "DocRoot").into_iter().take(MAX_DOCUMENTS) {
        let Some(xml) = package.text(&resolve("", &document))? else {
            continue;
        };
        let folder = folder(&resolve("", &document));
        let mut read = Pages::default();
        for page in page_locations(&xml) {
            pages += 1;
            if pages > MAX_PAGES {
                return Err(reason::TOO_COMPLEX);
            }
            if let Some(xml) = package.text(&resolve(&folder, &page))? {
                read.push(read_page(&xml, size(texts_of(&xml, "PhysicalBox").first())));
            }
        }
        if let Some(read) = read.text() {
            text.push_str(&read);
            text.push('\n');
        }
    }
    if text.is_empty() {
        // A signed scan: its pages are pictures.
        return if pages > 0 {
            Ok(Content::Pictures)
        } else {
            Err(reason::DAMAGED)
        };
    }
    Ok(Content::Text(text))
}

/// A path as it is written in a part of `folder`, from the root of the container.
fn resolve(folder: &str, path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let joined = match path.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None if folder.is_empty() => path,
        None => format!("{folder}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// Contents of all elements of a name.
fn texts_of(xml: &str, name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut inside = false;
    walk(xml, |node| match node {
        Node::Open(element) if element.name() == name => {
            inside = true;
            out.push(String::new());
        }
        Node::Close(closed) if closed == name => inside = false,
        Node::Text(text) if inside => {
            if let Some(last) = out.last_mut() {
                last.push_str(text);
            }
        }
        _ => {}
    });
    out
}

/// Where the pages of a document are; templates are no pages.
fn page_locations(xml: &str) -> Vec<String> {
    let mut out = Vec::new();
    walk(xml, |node| {
        if let Node::Open(element) = node
            && element.name() == "Page"
        {
            out.extend(element.attribute("BaseLoc"));
        }
    });
    out
}

/// Width and height of a page in points; A4 where it does not say.
fn size(area: Option<&String>) -> (f64, f64) {
    let numbers = area.map(|area| numbers(area)).unwrap_or_default();
    match numbers[..] {
        [_, _, width, height] if width > 0.0 && height > 0.0 => (width * POINTS, height * POINTS),
        _ => (210.0 * POINTS, 297.0 * POINTS),
    }
}

fn numbers(text: &str) -> Vec<f64> {
    let numbers = text
        .split_whitespace()
        .filter_map(|number| number.parse::<f64>().ok());
    numbers.filter(|number| number.is_finite()).take(10_000).collect()
}

/// `5 5 g 3 10` is 5 5 10 10 10.
fn deltas(text: &str) -> Vec<f64> {
    let mut out = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word == "g" {
            let count = words
                .next()
                .and_then(|count| count.parse::<usize>().ok())
                .unwrap_or(0);
            let delta = words
                .next()
                .and_then(|delta| delta.parse::<f64>().ok())
                .unwrap_or(0.0);
            out.extend(std::iter::repeat_n(delta, count.min(10_000)));
        } else if let Ok(delta) = word.parse::<f64>() {
            out.push(delta);
        }
        if out.len() > 10_000 {
            break;
        }
    }
    out
}

/// A text object that is open: where it is, its size and matrix.
#[derive(Clone, Copy)]
struct Object {
    x: f64,
    y: f64,
    size: f64,
    matrix: [f64; 6],
    stretch: f64,
}

impl Object {
    fn of(element: &Element<'_>) -> Self {
        let list = |name: &str| {
            element
                .attribute(name)
                .map(|value| numbers(&value))
                .unwrap_or_default()
        };
        let number = |name: &str| list(name).first().copied();
        let (x, y) = match list("Boundary")[..] {
            [x, y, ..] => (x, y),
            _ => (0.0, 0.0),
        };
        let matrix = <[f64; 6]>::try_from(list("CTM")).unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        Self {
            x,
            y,
            size: number("Size").unwrap_or(4.0),
            matrix,
            stretch: number("HScale").unwrap_or(1.0),
        }
    }

    /// From places of the object to places of the page in points.
    fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let m = self.matrix;
        (
            (x * m[0] + y * m[2] + m[4] + self.x) * POINTS,
            (x * m[1] + y * m[3] + m[5] + self.y) * POINTS,
        )
    }
}

/// A piece of text that is open: where it begins, and the steps to the characters behind the first.
struct Code {
    x: f64,
    y: f64,
    dx: Vec<f64>,
    dy: Vec<f64>,
    text: String,
}

fn read_page(xml: &str, (width, height): (f64, f64)) -> Shown {
    let mut shown = Shown {
        width,
        height,
        ..Shown::default()
    };
    let mut object: Option<Object> = None;
    let mut code: Option<Code> = None;
    // Places stay as they were where a piece does not say.
    let (mut x, mut y) = (0.0, 0.0);
    let mut path: Option<(Object, String)> = None;
    let mut in_path = false;
    walk(xml, |node| match node {
        Node::Open(element) => match element.name() {
            "TextObject" => {
                object = Some(Object::of(&element));
                (x, y) = (0.0, 0.0);
            }
            "TextCode" => {
                let number = |name: &str| element.attribute(name)?.trim().parse::<f64>().ok();
                (x, y) = (number("X").unwrap_or(x), number("Y").unwrap_or(y));
                let steps = |name: &str| {
                    element
                        .attribute(name)
                        .map(|steps| deltas(&steps))
                        .unwrap_or_default()
                };
                code = Some(Code {
                    x,
                    y,
                    dx: steps("DeltaX"),
                    dy: steps("DeltaY"),
                    text: String::new(),
                });
            }
            "PathObject" => path = Some((Object::of(&element), String::new())),
            "AbbreviatedData" => in_path = true,
            _ => {}
        },
        Node::Text(text) => {
            if let Some(code) = &mut code {
                code.text.push_str(text);
            } else if let (true, Some((_, data))) = (in_path, &mut path) {
                data.push_str(text);
            }
        }
        Node::Close("TextCode") => {
            if let (Some(object), Some(code)) = (&object, code.take()) {
                set(object, &code, &mut shown.glyphs);
            }
        }
        Node::Close("TextObject") => object = None,
        Node::Close("AbbreviatedData") => in_path = false,
        Node::Close("PathObject") => {
            if let Some((object, data)) = path.take() {
                draw(&object, &data, &mut shown.rules);
            }
        }
        Node::Close(_) => {}
    });
    shown
}

/// Sets the characters of a piece of text.
fn set(object: &Object, code: &Code, glyphs: &mut Vec<Glyph>) {
    let (mut x, mut y) = (code.x, code.y);
    let chars: Vec<char> = code.text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let down = code.dx.is_empty() && !code.dy.is_empty();
    for (index, c) in chars.iter().enumerate() {
        if glyphs.len() >= MAX_GLYPHS {
            return;
        }
        let half = if *c < '\u{2000}' { 0.5 } else { 1.0 };
        let width = object.size * object.stretch * half;
        let step_x = code
            .dx
            .get(index)
            .copied()
            .unwrap_or(if down { 0.0 } else { width });
        let step_y = code
            .dy
            .get(index)
            .copied()
            .unwrap_or(if down { object.size } else { 0.0 });
        let from = object.point(x, y);
        // As wide as the character is, where the next one stands further off.
        let to = if down {
            object.point(x, y + object.size)
        } else {
            object.point(x + width.min(step_x.max(width * 0.2)), y)
        };
        let up = object.point(x, y - object.size);
        let size = (up.0 - from.0).hypot(up.1 - from.1);
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        if from.0.is_finite() && from.1.is_finite() && size.is_finite() && dx.is_finite() && dy.is_finite() {
            glyphs.push(Glyph {
                c: *c,
                x: from.0,
                y: from.1,
                dx,
                dy,
                size,
                is_artifact: false,
            });
        }
        x += step_x;
        y += step_y;
    }
}

/// Keeps the straight lines of a path: `M 0 0 L 10 0 C`.
fn draw(object: &Object, data: &str, rules: &mut Vec<Rule>) {
    const MAX_RULES: usize = 20_000;
    let mut words = data.split_whitespace();
    let (mut start, mut at) = ((0.0, 0.0), (0.0, 0.0));
    while let Some(word) = words.next() {
        let mut number = || {
            words
                .next()
                .and_then(|word| word.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        let to = match word {
            "S" | "M" | "L" => object.point(number(), number()),
            "C" => start,
            "Q" => {
                let _control = [number(), number()];
                object.point(number(), number())
            }
            "B" => {
                let _controls = [number(), number(), number(), number()];
                object.point(number(), number())
            }
            _ => continue,
        };
        let (w, h) = ((to.0 - at.0).abs(), (to.1 - at.1).abs());
        if matches!(word, "L" | "C")
            && w.min(h) < 1.0
            && w.max(h) >= 4.0
            && w.max(h).is_finite()
            && rules.len() < MAX_RULES
        {
            rules.push(Rule {
                x0: at.0,
                y0: at.1,
                x1: to.0,
                y1: to.1,
            });
        }
        at = to;
        if matches!(word, "S" | "M") {
            start = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_may_be_written_short() {
        assert_eq!(deltas("5 g 3 4.5 6"), [5.0, 4.5, 4.5, 4.5, 6.0]);
        assert_eq!(deltas("g 99999999 1").len(), 10_000);
    }

    #[test]
    fn paths_are_relative_to_their_part() {
        assert_eq!(
            resolve("Doc_0", "Pages/Page_0/Content.xml"),
            "Doc_0/Pages/Page_0/Content.xml"
        );
        assert_eq!(resolve("Doc_0", "/Doc_1/Document.xml"), "Doc_1/Document.xml");
        assert_eq!(resolve("a/b", "../../../../c"), "c");
    }
}
