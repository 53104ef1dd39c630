//! Documents whose text is not in the page: pictures or files right below the bar of date and source.
//!
//! Such a page has no sentence to go by, and the heaviest lines are those of a menu or a footer. What is sure is its
//! head: a line that says the title of the page, and the bar below it.

use super::{
    attachments,
    body::{Body, Layer},
    boilerplate::{Furniture, compact},
    images,
    judge::is_link_line,
    page::Page,
    title,
};

/// Text that is shorter is not believed to be the document where it does not stand below the head.
const LITTLE: usize = 120;
/// Lines that the bar is broken into at most.
const BAR: usize = 6;

/// What stands below the head of a page, where that is pictures or files and no text was found there.
pub(crate) fn find(page: &Page) -> Option<Body> {
    let lines = &page.lines.lines;
    let text = page.body.as_ref();
    let known = text.is_some_and(|body| body.layer != Layer::Density);
    let chars = text.map_or(0, |body| super::body::chars(&page.lines, body));
    if known || chars >= LITTLE {
        return None;
    }
    let titles: Vec<_> = title::declared(page, None)
        .iter()
        .map(|title| compact(title))
        .collect();
    let is_bar = |at: &usize| page.judged[*at].furniture == Some(Furniture::Meta) && !page.judged[*at].aside;
    let below = (0..lines.len()).filter(|at| titles.contains(&compact(&lines[*at].text)));
    let start = below
        .map(|at| at + 1..(at + 1 + BAR).min(lines.len()))
        .find_map(|bar| bar.take_while(is_bar).last())?
        + 1;
    if text.is_some_and(|body| body.range.start == start) {
        return None;
    }
    let files = (start..lines.len())
        .take_while(|at| is_link_line(&lines[*at]) && attachments::names_file(&page.html, &page.lines, *at));
    let range = start..start + files.count();
    let shown = !range.is_empty() || images::between(page, &range) > 0;
    shown.then(|| Body {
        frame: range.clone(),
        range,
        node: None,
        layer: Layer::BelowHead,
    })
}
