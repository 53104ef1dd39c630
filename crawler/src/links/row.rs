//! The words around a link: its row, the date in it, the heading it belongs to.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use scraper::ElementRef;

/// Longest text of a list row, in characters; what is longer is no row.
pub(super) const MAX_ROW_CHARS: usize = 300;

/// Most nodes of a row that are looked at.
const MAX_ROW_NODES: usize = 500;

/// How far above a link its row is looked for.
const MAX_ROW_LEVELS: usize = 5;

/// How far above a link the heading is looked for that it says "more" of.
const MAX_HEADING_LEVELS: usize = 3;

/// Longest such heading, in characters.
const MAX_HEADING_CHARS: usize = 24;

/// Most cells of a row that are looked at.
const MAX_CELLS: usize = 50;

/// Links that say nothing but that there is more of what the heading beside them names.
const MORE: &[&str] = &[
    "更多",
    "查看更多",
    "更多内容",
    "more",
    "全部",
    "查看全部",
    "进入栏目",
    "点击更多",
];

/// The text of the row that an anchor stands in: the largest element around it that holds no other link and is not
/// long. `None` when the anchor stands alone in running text.
pub(super) fn row_text(anchor: ElementRef<'_>) -> Option<String> {
    let mut row = None;
    for ancestor in anchor
        .ancestors()
        .filter_map(ElementRef::wrap)
        .take(MAX_ROW_LEVELS)
    {
        if matches!(
            ancestor.value().name(),
            "body" | "html" | "ul" | "ol" | "table" | "tbody"
        ) {
            break;
        }
        let (text, anchors) = text_of(ancestor, MAX_ROW_CHARS + 1);
        if anchors > 2 || text.chars().count() > MAX_ROW_CHARS {
            break;
        }
        row = Some(text);
    }
    row
}

/// Whether a text is nothing but arrows that point on.
pub(super) fn is_arrow(text: &str) -> bool {
    const ARROWS: &[&str] = &[">", ">>", "›", "››", "»", "→", "▶", "►"];
    ARROWS.contains(&text)
}

/// Whether a link only says that there is more.
pub(super) fn is_more(text: &str) -> bool {
    let word = text
        .trim_matches(|c: char| c.is_whitespace() || "[]【】()（）.…+>»›·|".contains(c))
        .to_lowercase();
    MORE.contains(&word.as_str())
}

/// The heading beside a link that only says "more".
pub(super) fn heading_beside(anchor: ElementRef<'_>, own: &str) -> Option<String> {
    let around = anchor.ancestors().filter_map(ElementRef::wrap);
    for ancestor in around.take(MAX_HEADING_LEVELS) {
        let (text, _) = text_of(ancestor, MAX_ROW_CHARS);
        let beside = squeeze(&text.replacen(own, " ", 1));
        if !beside.is_empty() {
            return (beside.chars().count() <= MAX_HEADING_CHARS).then_some(beside);
        }
    }
    None
}

/// The cell of a row that says most of it, without white space around.
pub(super) fn main_part(row: ElementRef<'_>, text: &str) -> Option<String> {
    let cells = row.children().filter_map(ElementRef::wrap).take(MAX_CELLS);
    let cells = cells.map(|cell| squeeze(&text_of(cell, MAX_ROW_CHARS).0));
    let longest = cells.max_by_key(|cell| cell.chars().count())?;
    (longest.chars().count() * 2 > text.chars().count()).then_some(longest)
}

/// The text below an element up to a length, with a space where another element begins, and the anchors passed.
pub(super) fn text_of(element: ElementRef<'_>, max_chars: usize) -> (String, usize) {
    let (mut text, mut anchors, mut chars) = (String::new(), 0, 0);
    for node in element.descendants().take(MAX_ROW_NODES) {
        if let Some(part) = node.value().as_text() {
            let is_code = node
                .parent()
                .and_then(ElementRef::wrap)
                .is_some_and(|parent| matches!(parent.value().name(), "script" | "style"));
            if is_code {
                continue;
            }
            // A text may be as long as the page, and be looked at for each link beside it.
            let part = first_chars(part, max_chars + 1);
            chars += part.chars().count() + 1;
            text.push_str(part);
        } else if let Some(inner) = node.value().as_element() {
            if inner.name() == "a" {
                anchors += 1;
            }
            text.push(' ');
        }
        if chars > max_chars {
            break;
        }
    }
    (text, anchors)
}

/// The beginning of a text.
pub(super) fn first_chars(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .map_or(text, |(end, _)| &text[..end])
}

/// What a picture in a link says in place of a text.
pub(super) fn picture_text(element: ElementRef<'_>) -> Option<String> {
    let mut nodes = element.descendants().take(MAX_ROW_NODES);
    nodes.find_map(|node| {
        let picture = node.value().as_element().filter(|inner| inner.name() == "img")?;
        let said = ["alt", "title"].iter().find_map(|name| picture.attr(name));
        said.map(squeeze).filter(|said| !said.is_empty())
    })
}

/// The date that stands in the row beside a link.
pub(super) fn date_beside(row: &str, anchor: &str) -> Option<Date> {
    let beside = row.replacen(anchor, " ", 1);
    report::dates::first(&squeeze(&beside)).or_else(|| split_date(&beside))
}

/// Parts a title from the date that stands before or behind it within one link, in an element of its own.
pub(super) fn without_date(text: &str) -> Option<(&str, Date)> {
    static ENDS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        let day = r"[\[(（【]?\s*((?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?)\s*[\])）】]?(?:\s+\d{1,2}:\d\d(?::\d\d)?)?";
        [format!(r"\s{day}$"), format!(r"^{day}\s")]
            .map(|pattern| Regex::new(&pattern).expect("a pattern of this file is valid"))
    });
    ENDS.iter().find_map(|end| {
        let found = end.captures(text)?;
        let (whole, day) = (found.get(0)?, found.get(1)?);
        let date = report::dates::first(day.as_str())?;
        let rest = if whole.start() == 0 {
            &text[whole.end()..]
        } else {
            &text[..whole.start()]
        };
        Some((rest.trim(), date)).filter(|(rest, _)| !rest.is_empty())
    })
}

/// A date whose day is drawn large above year and month: `28 2024-03`.
fn split_date(text: &str) -> Option<Date> {
    static SPLIT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|\s)(\d{1,2})\s+(20\d\d)\s*[-/.年]\s*(\d{1,2})(?:\s*月)?(?:\s|$)")
            .expect("a pattern of this file is valid")
    });
    let found = SPLIT.captures(text)?;
    let number = |at: usize| found.get(at)?.as_str().parse::<i16>().ok();
    Date::new(
        number(2)?,
        i8::try_from(number(3)?).ok()?,
        i8::try_from(number(1)?).ok()?,
    )
    .ok()
}

/// Without marks before and white space around and between.
pub(super) fn squeeze(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words
        .join(" ")
        .trim_start_matches(['·', '•', '●', '■', '◆', '►', '>', '-', ' '])
        .to_owned()
}
