//! What elements are for the reader of a page.

use ego_tree::NodeRef;
use scraper::{Node, node::Element};

use crate::extract::dom::attr;

pub(super) fn is_link(element: &Element) -> bool {
    element.name() == "a" && attr(element, "href").is_some()
}

/// Elements whose text nobody sees, or that offer choices in place of text.
pub(super) fn is_unread(name: &str) -> bool {
    matches!(
        name,
        "head"
            | "script"
            | "style"
            | "title"
            | "select"
            | "noscript"
            | "textarea"
            | "iframe"
            | "object"
            | "noembed"
            | "svg"
            | "audio"
            | "video"
            | "datalist"
            | "map"
    )
}

/// Whether an element starts a line of its own.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "td"
            | "tr"
            | "table"
            | "li"
            | "ul"
            | "ol"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "body"
            | "html"
            | "tbody"
            | "thead"
            | "tfoot"
            | "th"
            | "caption"
            | "dl"
            | "dt"
            | "dd"
            | "dir"
            | "menu"
            | "center"
            | "form"
            | "fieldset"
            | "legend"
            | "pre"
            | "listing"
            | "blockquote"
            | "address"
            | "article"
            | "aside"
            | "section"
            | "header"
            | "footer"
            | "nav"
            | "main"
            | "figure"
            | "figcaption"
            | "details"
            | "summary"
            | "dialog"
            | "hgroup"
            | "search"
            | "option"
            | "ucapcontent"
            | "ucaptitle"
    )
}

/// Whether the element's id or class speaks of a title (标题, biaoti).
pub(super) fn is_titled(element: &Element) -> bool {
    if matches!(element.name(), "body" | "html") {
        return false;
    }
    if element.name() == "ucaptitle" {
        return true;
    }
    [attr(element, "id"), attr(element, "class")]
        .into_iter()
        .flatten()
        .any(|names| {
            names.split_whitespace().any(|name| {
                ["title", "biaoti", "headline", "arti_tit", "wzbt"]
                    .iter()
                    .any(|word| holds(name, word))
                    || name.eq_ignore_ascii_case("bt")
                    || name.eq_ignore_ascii_case("tit")
            })
        })
}

pub(super) fn is_hidden(element: &Element) -> bool {
    if matches!(element.name(), "template" | "noframes") || attr(element, "hidden").is_some() {
        return true;
    }
    let says = |style| says(style, "display:none") || says(style, "visibility:hidden");
    attr(element, "style").is_some_and(says)
}

/// Whether a style holds these words, whatever its case and white space.
fn says(style: &str, words: &str) -> bool {
    let first = words.as_bytes().first();
    style.bytes().enumerate().any(|(at, byte)| {
        first == Some(&byte.to_ascii_lowercase()) && {
            let mut rest = style[at..].chars().filter(|c| !c.is_whitespace());
            let mut words = words.chars();
            words.all(|word| rest.next().is_some_and(|c| c.eq_ignore_ascii_case(&word)))
        }
    })
}

/// Whether a name holds a word, whatever its case.
fn holds(name: &str, word: &str) -> bool {
    let mut parts = name.as_bytes().windows(word.len());
    parts.any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// A row whose cells are data, not parts of the page: more than one cell, none with a table, a form or a list in it,
/// with many links, or with more text than a cell of data has.
pub(super) fn is_data_row(row: NodeRef<'_, Node>) -> bool {
    let cells = row
        .children()
        .filter(|cell| cell.value().as_element().is_some_and(|e| is_cell(e.name())));
    cells.clone().count() >= 2 && cells.into_iter().all(is_data_cell)
}

fn is_data_cell(cell: NodeRef<'_, Node>) -> bool {
    const MAX_NODES: usize = 400;
    const MAX_BLOCKS: usize = 12;
    const MAX_LINKS: usize = 6;
    const MAX_BYTES: usize = 1800;
    let (mut blocks, mut links, mut bytes) = (0, 0, 0);
    for (seen, node) in cell.descendants().skip(1).enumerate() {
        match node.value() {
            Node::Text(text) => bytes += text.trim().len(),
            Node::Element(element) => match element.name() {
                "table" | "form" | "ul" | "h1" | "h2" | "h3" => return false,
                "a" => links += 1,
                name => blocks += usize::from(is_block(name) || name == "br"),
            },
            _ => {}
        }
        if seen >= MAX_NODES || blocks > MAX_BLOCKS || links > MAX_LINKS || bytes > MAX_BYTES {
            return false;
        }
    }
    true
}

pub(super) fn is_cell(name: &str) -> bool {
    name == "td" || name == "th"
}
