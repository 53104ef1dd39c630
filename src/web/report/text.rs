//! The text of a report as it is shown: headings, paragraphs and tables, with an anchor for every paragraph and section,
//! and the hits of a query marked and numbered.

use std::{collections::BTreeMap, ops::Range};

use report::Section;

use crate::{
    permalink::escape,
    web::{labels, words::Lang},
};

/// Hits that are numbered and lead to each other; others are marked.
pub(crate) const MAX_NUMBERED: usize = 1000;
/// Characters of a heading in the table of contents.
const LONGEST: usize = 40;

/// A piece of the text.
#[derive(Debug, PartialEq)]
pub(super) enum Block {
    Heading {
        id: String,
        level: u8,
        line: Line,
        runs_on: Vec<Part>,
    },
    Paragraph(Line),
    Table(Vec<Row>),
}

/// A row of a table, which is a line of the text.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) cells: Vec<Vec<Part>>,
}

/// A line of the text.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) parts: Vec<Part>,
}

/// A part of a line.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    /// A section that begins inside a paragraph.
    Anchor(String),
    /// A hit; of one that goes on in another cell, the first part has the number.
    Mark {
        text: String,
        hit: Option<HitLinks>,
    },
}

/// A numbered hit and those beside it.
#[derive(Debug, PartialEq)]
pub(super) struct HitLinks {
    pub(super) n: usize,
    pub(super) previous: Option<usize>,
    pub(super) next: Option<usize>,
}

/// An entry of the table of contents.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) level: u8,
    pub(super) id: String,
    pub(super) text: String,
    /// Of a section of the first level: what it is for.
    pub(super) role: Option<&'static str>,
}

/// The anchor of the paragraph that a character of the text stands in.
pub(crate) fn paragraph_anchor(text: &str, at: usize) -> String {
    let before = text.chars().take(at).enumerate();
    let start = before
        .filter(|(_, c)| *c == '\n')
        .last()
        .map_or(0, |(end, _)| end + 1);
    line_id(start)
}

/// The anchor of the paragraph that begins at a character of the text.
pub(in crate::web) fn line_id(start: usize) -> String {
    format!("p{start}")
}

/// The anchor of a section: where it stands in the outline, which stays the same when text is added before it.
pub(super) fn anchor(section: &Section) -> String {
    let path = section.path.chars();
    let path: String = path.map(|c| if c.is_whitespace() { '_' } else { c }).collect();
    format!("s.{path}")
}

/// The same as it stands behind the `#` of an address.
pub(crate) fn anchor_in_address(section: &Section) -> String {
    escape(&anchor(section)).to_string()
}

/// The headings as a table of contents.
pub(super) fn entries(lang: Lang, text: &str, outline: &[Section]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let (mut rest, mut at) = (text, 0);
    for section in outline.iter().filter(|section| !section.is_inline()) {
        let skipped = section.start.saturating_sub(at);
        let begins = rest
            .char_indices()
            .nth(skipped)
            .map_or(rest.len(), |(byte, _)| byte);
        (rest, at) = (&rest[begins..], at + skipped);
        let says = section.level == 1 && section.role != report::Role::Other;
        entries.push(Entry {
            level: section.level,
            id: anchor(section),
            text: shown(section, rest),
            role: says.then(|| labels::role(lang, section.role)),
        });
    }
    entries
}

/// A heading with its number as the text writes it: 一、 （一） 第三章 ①. `rest` begins with both.
fn shown(section: &Section, rest: &str) -> String {
    /// Characters by which a heading is found behind its number.
    const BEGINS: usize = 6;
    let heading: String = section.heading.chars().take(LONGEST).collect();
    let line = rest.lines().next().unwrap_or_default();
    let begins: String = heading.chars().take(BEGINS).collect();
    match line.find(&begins) {
        _ if heading.is_empty() => section.number.clone(),
        Some(at) => format!("{}{heading}", line[..at].trim_start()),
        None => format!("{} {heading}", section.number),
    }
}

/// Splits the text into headings, paragraphs and runs of table rows. `marks` are ascending ranges of its characters.
pub(super) fn blocks(text: &str, outline: &[Section], marks: &[Range<usize>]) -> Vec<Block> {
    let of_kind = |is_inline: bool| -> BTreeMap<usize, &Section> {
        let sections = outline.iter().filter(|section| section.is_inline() == is_inline);
        sections.map(|section| (section.start, section)).collect()
    };
    let (headings, points) = (of_kind(false), of_kind(true));
    let mut marker = Marker::new(marks);
    let mut blocks = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let n_chars = line.chars().count();
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let heading = headings.get(&start).or_else(|| headings.get(&(start + indent)));
        let begin = start;
        start += n_chars + 1;
        if line.trim().is_empty() {
            continue;
        }
        let id = line_id(begin);
        if line.contains('\t') {
            let mut at = begin;
            let row = line.split('\t').map(|cell| {
                let parts = marker.parts(cell, at, &points);
                at += cell.chars().count() + 1;
                parts
            });
            let row = Row {
                id,
                cells: row.collect(),
            };
            match blocks.last_mut() {
                Some(Block::Table(rows)) => rows.push(row),
                _ => blocks.push(Block::Table(vec![row])),
            }
            continue;
        }
        let (line, begin) = (line.trim(), begin + indent);
        blocks.push(match heading {
            Some(section) => {
                let (heading, rest) = line.split_at(heading_end(section, line));
                let behind = begin + heading.chars().count();
                Block::Heading {
                    id: anchor(section),
                    level: section.level.saturating_add(1).min(6),
                    line: Line {
                        id,
                        parts: marker.parts(heading, begin, &points),
                    },
                    runs_on: marker.parts(rest, behind, &points),
                }
            }
            None => Block::Paragraph(Line {
                id,
                parts: marker.parts(line, begin, &points),
            }),
        });
    }
    blocks
}

/// Where the heading ends in its line, in bytes: behind its first sentence where the text runs on.
fn heading_end(section: &Section, line: &str) -> usize {
    if section.heading.is_empty() {
        // An article (第三条) has a number only.
        let number = line.find(&section.number).map(|at| at + section.number.len());
        return number.unwrap_or(line.len());
    }
    let Some(at) = line.find(&section.heading) else {
        return line.len();
    };
    let behind = at + section.heading.len();
    let stop = line[behind..]
        .chars()
        .next()
        .filter(|c| "。：:；;.！？".contains(*c));
    behind + stop.map_or(0, char::len_utf8)
}

/// One line with its hits marked and not numbered.
pub(super) fn line(text: &str, marks: &[Range<usize>]) -> Vec<Part> {
    let mut marker = Marker::new(marks);
    marker.numbered = marks.len();
    marker.parts(text, 0, &BTreeMap::new())
}

/// Cuts pieces of the text at hits and anchors, from the first piece to the last.
struct Marker<'a> {
    marks: &'a [Range<usize>],
    /// The first hit that does not lie before what was cut.
    next: usize,
    /// How many hits were numbered.
    numbered: usize,
}

impl<'a> Marker<'a> {
    fn new(marks: &'a [Range<usize>]) -> Self {
        Self {
            marks,
            next: 0,
            numbered: 0,
        }
    }

    /// A piece that begins at a character of the text.
    fn parts(&mut self, piece: &str, begin: usize, points: &BTreeMap<usize, &Section>) -> Vec<Part> {
        let chars: Vec<(usize, char)> = piece.char_indices().collect();
        let end = begin + chars.len();
        let byte = |at: usize| chars.get(at - begin).map_or(piece.len(), |(byte, _)| *byte);
        while self.marks.get(self.next).is_some_and(|mark| mark.end <= begin) {
            self.next += 1;
        }
        let mut parts = Vec::new();
        let mut at = begin;
        let mut points = points.range(begin..end).peekable();
        loop {
            let mark = self.marks.get(self.next).filter(|mark| mark.start < end);
            let mark_at = mark.map_or(end, |mark| mark.start.max(at));
            if let Some((place, section)) = points.next_if(|(place, _)| **place <= mark_at) {
                push_text(&mut parts, &piece[byte(at)..byte(*place)]);
                parts.push(Part::Anchor(anchor(section)));
                at = *place;
                continue;
            }
            push_text(&mut parts, &piece[byte(at)..byte(mark_at)]);
            let Some(mark) = mark else { break };
            let mark_end = mark.end.min(end);
            let text = piece[byte(mark_at)..byte(mark_end)].to_owned();
            let hit = self.number();
            parts.push(Part::Mark { text, hit });
            at = mark_end;
            // An anchor inside a hit stands behind it.
            while let Some((_, section)) = points.next_if(|(place, _)| **place < at) {
                parts.push(Part::Anchor(anchor(section)));
            }
            if mark.end > end {
                break;
            }
            self.next += 1;
        }
        parts
    }

    /// The links of the hit that is cut now, unless it has them already or comes too late.
    fn number(&mut self) -> Option<HitLinks> {
        let last = self.marks.len().min(MAX_NUMBERED);
        let n = self.next + 1;
        if n <= self.numbered || n > last {
            return None;
        }
        self.numbered = n;
        Some(HitLinks {
            n,
            previous: (n > 1).then(|| n - 1),
            next: (n < last).then_some(n + 1),
        })
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_a_paragraph_are_no_headings_and_have_anchors() {
        let text = "一、问题\n一是甲乙。二是丙丁。";
        let outline = report::outline::outline(text);
        assert_eq!(outline.len(), 3);
        let blocks = blocks(text, &outline, &[]);
        let [Block::Heading { id, .. }, Block::Paragraph(line)] = &blocks[..] else {
            panic!("{blocks:?}")
        };
        assert_eq!((id.as_str(), line.id.as_str()), ("s.一", "p5"));
        assert_eq!(
            line.parts,
            [
                Part::Anchor("s.一/一是".into()),
                Part::Text("一是甲乙。".into()),
                Part::Anchor("s.一/二是".into()),
                Part::Text("二是丙丁。".into()),
            ]
        );
    }

    #[test]
    fn the_table_of_contents_has_numbers_as_they_are_written() {
        for (text, expected) in [
            (
                "一、总体\n甲。\n（一）健全制度。乙。\n1.完善机制\n丙。",
                ["一、总体", "（一）健全制度", "1.完善机制"].as_slice(),
            ),
            (
                "第一章 总则\n第一条 为了治理，制定本办法。\n第二条 本办法适用于全县。\n第二章 附则\n第三条 本办法由县政府解释。\n第四条 本办法自公布之日起施行。",
                &[
                    "第一章 总则",
                    "第一条",
                    "第二条",
                    "第二章 附则",
                    "第三条",
                    "第四条",
                ],
            ),
            (
                "第一部分 概况\n一、职责\n甲。\n第二部分 收支\n二、决算\n乙。",
                &["第一部分 概况", "一、职责", "第二部分 收支", "二、决算"],
            ),
        ] {
            let entries = entries(Lang::Zh, text, &report::outline::outline(text));
            let shown: Vec<_> = entries.iter().map(|entry| entry.text.as_str()).collect();
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn a_heading_ends_where_the_text_runs_on() {
        let text = "一、总体\n1.甲乙。丙丁。\n2.戊己。庚辛。";
        let marked = Range { start: 10, end: 11 };
        let blocks = blocks(text, &report::outline::outline(text), &[marked]);
        let [_, Block::Heading { line, runs_on, .. }, _] = &blocks[..] else {
            panic!("{blocks:?}")
        };
        assert_eq!(line.parts, [Part::Text("1.甲乙。".into())]);
        assert!(
            matches!(&runs_on[..], [Part::Mark { .. }, Part::Text(_)]),
            "{runs_on:?}"
        );
    }

    #[test]
    fn rows_of_a_table_stay_together() {
        let blocks = blocks("a\n1\t2\n3\t4\nb", &[], &[]);
        assert!(
            matches!(&blocks[..], [Block::Paragraph(_), Block::Table(rows), Block::Paragraph(_)] if rows.len() == 2 && rows[1].id == "p6")
        );
    }

    #[test]
    fn hits_are_numbered_once_and_lead_to_each_other() {
        // The second goes over the end of a cell.
        let blocks = blocks(" 甲乙丙\n丁\t戊己", &[], &[1..2, 5..8]);
        let mark = |text: &str, hit| Part::Mark {
            text: text.to_owned(),
            hit,
        };
        let links = |n, previous, next| Some(HitLinks { n, previous, next });
        let [Block::Paragraph(line), Block::Table(rows)] = &blocks[..] else {
            panic!("{blocks:?}")
        };
        assert_eq!(
            line.parts,
            [mark("甲", links(1, None, Some(2))), Part::Text("乙丙".into())]
        );
        assert_eq!(rows[0].cells[0], [mark("丁", links(2, Some(1), None))]);
        assert_eq!(rows[0].cells[1], [mark("戊", None), Part::Text("己".into())]);
    }

    #[test]
    fn paragraphs_are_found_by_a_character_of_the_text() {
        let text = "甲\n\n乙丙";
        assert_eq!(paragraph_anchor(text, 0), "p0");
        assert_eq!(paragraph_anchor(text, 4), "p3");
    }
}
