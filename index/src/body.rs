//! The characters of a report in the order in which they are indexed, and where its sections lie among them.
//!
//! One string holds every folded paragraph of the text and the folded title, each ended by `\n`, which no folded
//! text contains. A position in the index is the number of a character of this string, so two characters follow each
//! other there exactly when they do in one paragraph or in the title, and nothing can match across a `\n`.
//!
//! The title is written twice and headings once more: that is how they weigh more in the ranking, as copies
//! of whole paragraphs or of their beginnings they contain nothing that the report does not. Numbered items of a list,
//! such as a law's, stand in the outline too, but they head nothing: they are not copied.

use report::{Content, Folded, Paragraph, Role, Section, fold, paragraphs};

/// How often the title counts against once in the text.
const TITLE_COPIES: usize = 2;
/// Characters of a heading that count twice; run-in headings are longer than that only by their text.
const HEADING_CHARS: usize = 40;
/// Headings that count twice; a report with more is a table.
const MAX_HEADINGS: usize = 300;

/// The searchable characters of one report.
pub(crate) struct Body {
    /// Folded paragraphs, headings and, last, the title, each ended by `\n`.
    pub(crate) text: String,
    /// Bytes of `text` that are paragraphs.
    pub(crate) paragraphs: usize,
    /// Where the sections lie, in characters of `text`.
    pub(crate) sections: Vec<SectionRange>,
}

/// The place of one section of a report in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SectionRange {
    pub(crate) role: Role,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A paragraph and its place in the body.
struct Placed<'a> {
    source: Paragraph<'a>,
    /// First byte and character of the folded paragraph in the body.
    byte: usize,
    char: usize,
    /// Folded characters.
    chars: usize,
}

impl Body {
    pub(crate) fn new(content: &Content) -> Self {
        let mut text = String::with_capacity(content.text.len() + 256);
        let mut placed = Vec::new();
        let content_chars = content.text.chars().count();
        let mut n_chars = 0;
        for source in paragraphs(&content.text) {
            let folded = fold(source.text);
            let chars = folded.chars().count();
            placed.push(Placed {
                source,
                byte: text.len(),
                char: n_chars,
                chars,
            });
            n_chars += chars + 1;
            text.push_str(&folded);
            text.push('\n');
        }
        let is_sound = |section: &&Section| section.start <= section.end && section.end <= content_chars;
        let mut positions = Positions::new(&placed);
        let sections = content.outline.iter().filter(is_sound).filter_map(|section| {
            Some(SectionRange {
                role: section.role,
                start: positions.of(section.start)?,
                end: positions.of(section.end)?,
            })
        });
        let sections: Vec<_> = sections.collect();

        let mut list = List::default();
        let headings: Vec<_> = content
            .outline
            .iter()
            .filter(|section| !section.is_inline())
            .take(MAX_HEADINGS)
            .filter_map(|section| Some((section.level, heading_paragraph(&placed, &text, section.start)?)))
            .filter(|(level, paragraph)| !list.has(*level, paragraph))
            .map(|(_, paragraph)| heading(paragraph))
            .collect();
        let title = fold(content.title.as_deref().unwrap_or_default());
        let n_bytes = text.len();
        for copy in headings
            .into_iter()
            .chain(std::iter::repeat_n(title, TITLE_COPIES))
        {
            text.push_str(&copy);
            text.push('\n');
        }
        Self {
            text,
            paragraphs: n_bytes,
            sections,
        }
    }
}

/// The paragraph that the character at `offset` of the text belongs to.
fn paragraph_at<'p, 'a>(placed: &'p [Placed<'a>], offset: usize) -> Option<&'p Placed<'a>> {
    placed[..placed.partition_point(|p| p.source.char <= offset)].last()
}

/// Finds characters of the text in the body. Sections can begin inside a paragraph, and a long one can have very many:
/// it is folded once for all that follow one another.
struct Positions<'p, 'a> {
    placed: &'p [Placed<'a>],
    /// The paragraph last asked for, by its first character, and where each of its folded characters came from.
    folded: Option<(usize, Vec<usize>)>,
}

impl<'p, 'a> Positions<'p, 'a> {
    fn new(placed: &'p [Placed<'a>]) -> Self {
        Self { placed, folded: None }
    }

    /// Place in the body of the character at `offset` of the text. Where that character was dropped: of the next.
    fn of(&mut self, offset: usize) -> Option<u32> {
        let paragraph = paragraph_at(self.placed, offset)?;
        let inside = offset - paragraph.source.char;
        let before = if inside == 0 {
            0
        } else if inside >= paragraph.source.chars {
            paragraph.chars
        } else {
            let known = self
                .folded
                .take()
                .filter(|(char, _)| *char == paragraph.source.char);
            let (_, sources) = self
                .folded
                .insert(known.unwrap_or_else(|| (paragraph.source.char, sources(paragraph.source.text))));
            sources.partition_point(|source| *source < inside)
        };
        u32::try_from(paragraph.char + before).ok()
    }
}

/// For each folded character of a paragraph, the character of the paragraph that it came from.
fn sources(paragraph: &str) -> Vec<usize> {
    let folded = Folded::new(paragraph);
    folded
        .as_str()
        .char_indices()
        .map(|(byte, c)| folded.original_chars(byte..byte + c.len_utf8()).start)
        .collect()
}

/// The folded paragraph that begins at `offset` of the text, when one begins there.
fn heading_paragraph<'b>(placed: &[Placed<'_>], body: &'b str, offset: usize) -> Option<&'b str> {
    let paragraph = paragraph_at(placed, offset).filter(|p| p.source.char == offset)?;
    body[paragraph.byte..].split('\n').next()
}

/// The heading that a folded paragraph is, or begins with.
fn heading(paragraph: &str) -> String {
    let end = paragraph.find('。').unwrap_or(paragraph.len());
    paragraph[..end].chars().take(HEADING_CHARS).collect()
}

/// Tells the items of a list from headings, paragraph after paragraph: all but the last end with a semicolon.
#[derive(Default)]
struct List {
    /// Level of the item before, if it says that another follows.
    goes_on: Option<u8>,
}

impl List {
    fn has(&mut self, level: u8, paragraph: &str) -> bool {
        let is_last = self.goes_on == Some(level);
        self.goes_on = paragraph.ends_with(';').then_some(level);
        is_last || self.goes_on.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(role: Role, start: usize, end: usize) -> Section {
        Section {
            level: 1,
            number: "一".into(),
            heading: String::new(),
            role,
            path: "一".into(),
            start,
            end,
        }
    }

    fn slice(body: &Body, range: &SectionRange) -> String {
        body.text
            .chars()
            .skip(range.start as usize)
            .take((range.end - range.start) as usize)
            .collect()
    }

    #[test]
    fn sections_are_found_among_folded_characters() {
        let text = "前 言\n\n一、成 效\u{200b}。\n做了①些事。二是：不足\n三、打算";
        let offset = |needle: &str| text[..text.find(needle).unwrap()].chars().count();
        let n_chars = text.chars().count();
        let content = Content {
            title: Some("报 告".into()),
            text: text.into(),
            outline: vec![
                section(Role::Achievements, offset("一、"), offset("二是")),
                section(Role::Problems, offset("二是"), offset("三、")),
                section(Role::Plans, offset("三、"), n_chars),
                section(Role::Other, 900, 901),
            ],
            ..Content::default()
        };
        let body = Body::new(&content);
        assert_eq!(
            body.text,
            "前言\n\n一、成效。\n做了1些事。二是:不足\n三、打算\n一、成效\n三、打算\n报告\n报告\n"
        );
        let texts: Vec<_> = body.sections.iter().map(|range| slice(&body, range)).collect();
        assert_eq!(texts, ["一、成效。\n做了1些事。", "二是:不足\n", "三、打算"]);
    }

    #[test]
    fn items_of_a_list_are_not_copied_as_headings() {
        let text = "一、措施\n（一）巡查；\n（二）封存；\n（三）关停。\n二、罚则";
        let offset = |needle: &str| text[..text.find(needle).unwrap()].chars().count();
        let item = |needle: &str| Section {
            level: 2,
            ..section(Role::Other, offset(needle), offset("二、罚则"))
        };
        let content = Content {
            text: text.into(),
            outline: vec![
                section(Role::Other, 0, offset("二、罚则")),
                item("（一）"),
                item("（二）"),
                item("（三）"),
                section(Role::Other, offset("二、罚则"), text.chars().count()),
            ],
            ..Content::default()
        };
        let body = Body::new(&content);
        assert_eq!(&body.text[body.paragraphs..], "一、措施\n二、罚则\n\n\n");
    }

    #[test]
    fn an_empty_report_has_an_empty_body() {
        let body = Body::new(&Content::default());
        assert_eq!(body.text, "\n\n");
        assert!(body.sections.is_empty());
    }
}
