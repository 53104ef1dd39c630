//! Lines to paragraphs.
//!
//! A line goes on in the next one when it is full, that is when the first word of the next would not have fitted behind
//! it, and the next one begins at the left margin. Chinese paragraphs begin indented by two characters; where a document
//! does not indent, a full line that ends a sentence is taken to end its paragraph. The last line of a page goes on in the
//! first of the next page in the same way.

use std::collections::HashMap;

use super::page::{Block, Line};

/// Ends of sentences.
const STOPS: &[char] = &['。', '！', '？', '：'];

/// Margins of the lines of one column of a page.
#[derive(Clone, Copy)]
struct Margins {
    left: f64,
    right: f64,
}

/// The text of a document: a paragraph or a row of a table is a line.
pub(super) fn join(pages: Vec<Vec<Block>>) -> String {
    let margins = margins(&pages);
    let body = body_size(&pages);
    let indents = has_indents(&pages, &margins);
    let mut out = String::new();
    let mut last: Option<(Line, Margins)> = None;
    for (number, page) in pages.into_iter().enumerate() {
        for block in page {
            let line = match block {
                Block::Row(row) => {
                    out.push('\n');
                    out.push_str(&row.text);
                    last = None;
                    continue;
                }
                Block::Line(line) => line,
            };
            let Some(own) = margins.get(&(number, line.column)).copied() else {
                continue;
            };
            let goes_on = last.as_ref().is_some_and(|(before, margins)| {
                goes_on(before, *margins, &line, own, indents) || is_one_title(before, &line, own, body)
            });
            if goes_on {
                let begin = out.rfind('\n').map_or(0, |at| at + 1);
                let mut paragraph = out.split_off(begin);
                glue(&mut paragraph, &line.text);
                out.push_str(&paragraph);
            } else {
                out.push('\n');
                out.push_str(&line.text);
            }
            last = Some((line, own));
        }
    }
    out
}

/// Whether `line` goes on where `before` ended.
fn goes_on(before: &Line, margins: Margins, line: &Line, own: Margins, indents: bool) -> bool {
    let same_column = before.column == line.column;
    let gap = line.y - before.y;
    // Upwards is a new page or column.
    let near = !same_column || gap < 0.0 || gap < 2.6 * before.size.max(line.size);
    let alike = (before.size - line.size).abs() <= 0.12 * before.size;
    let flush = line.left - own.left < 0.9 * line.size;
    let full = before.right + room_needed(&line.text) * before.size > margins.right;
    if !(near && alike && flush && full) || before.is_row || line.is_row {
        return false;
    }
    let ends = before.text.trim_end().ends_with(STOPS);
    indents || !ends
}

/// Whether two lines are one title: both larger than the text, of one size, and centred.
fn is_one_title(before: &Line, line: &Line, own: Margins, body: f64) -> bool {
    /// How much larger, and how far off the middle, in ems.
    const LARGER: f64 = 1.15;
    const OFF: f64 = 1.0;
    let middle = own.left.midpoint(own.right);
    let centred = |line: &Line| (line.left.midpoint(line.right) - middle).abs() < OFF * line.size;
    let gap = line.y - before.y;
    before.column == line.column
        && line.size > LARGER * body
        && (before.size - line.size).abs() < 0.05 * line.size
        && (0.0..2.2 * line.size).contains(&gap)
        && centred(before)
        && centred(line)
}

/// Height of the font that most of the text is set in.
fn body_size(pages: &[Vec<Block>]) -> f64 {
    let mut sizes: HashMap<i64, usize> = HashMap::new();
    for block in pages.iter().flatten() {
        if let Block::Line(line) = block {
            *sizes.entry((line.size * 2.0).round() as i64).or_default() += line.text.chars().count();
        }
    }
    let most = sizes.into_iter().max_by_key(|(size, chars)| (*chars, -size));
    most.map_or(0.0, |(size, _)| size as f64 / 2.0)
}

/// How much room the beginning of a text takes that is not broken, in ems: a character and the stops behind it, or a
/// word.
fn room_needed(text: &str) -> f64 {
    const CLOSING: &[char] = &[
        '，', '。', '、', '；', '：', '？', '！', '）', '》', '”', '’', '」', '】', '〕', '％', '%',
    ];
    const OPENING: &[char] = &['（', '《', '“', '‘', '「', '【', '〔'];
    let mut room: f64 = 0.0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next_if(|c| OPENING.contains(c)) {
        room += if c.is_ascii() { 0.5 } else { 1.0 };
    }
    let Some(first) = chars.next() else { return 1.0 };
    let is_word = |c: &char| c.is_ascii_graphic();
    if is_word(&first) {
        room += 0.5;
        while chars.next_if(is_word).is_some() {
            room += 0.5;
        }
    } else {
        room += 1.0;
    }
    while chars.next_if(|c| CLOSING.contains(c)).is_some() {
        room += 1.0;
    }
    // Lines that are not set to a common width end a little anywhere.
    room.min(20.0) + 0.6
}

/// Margins by page and column. A page with few lines has those of the one before.
fn margins(pages: &[Vec<Block>]) -> HashMap<(usize, u8), Margins> {
    /// Fewest lines that tell margins.
    const ENOUGH: usize = 6;
    let mut out: HashMap<(usize, u8), Margins> = HashMap::new();
    for column in 0..3 {
        let mut known: Option<Margins> = None;
        for (number, page) in pages.iter().enumerate() {
            let lines: Vec<&Line> = lines_of(page, column).collect();
            if lines.is_empty() {
                continue;
            }
            let right = lines
                .iter()
                .map(|line| line.right)
                .fold(f64::NEG_INFINITY, f64::max);
            // Lines behind full ones begin at the margin more often than not.
            let behind_full = lines
                .windows(2)
                .filter(|pair| right - pair[0].right < 1.5 * pair[0].size);
            let behind: Vec<f64> = behind_full.map(|pair| pair[1].left).collect();
            let leftmost = lines.iter().map(|line| line.left).fold(f64::INFINITY, f64::min);
            let left = most_frequent(&behind).unwrap_or(leftmost);
            let mut own = Margins { left, right };
            if let Some(known) = known.filter(|_| lines.len() < ENOUGH) {
                own = Margins {
                    left: known.left.min(leftmost.max(known.left - 30.0)),
                    right: known.right.max(right),
                };
            }
            known = Some(own);
            out.insert((number, column), own);
        }
    }
    out
}

fn lines_of(page: &[Block], column: u8) -> impl Iterator<Item = &Line> {
    page.iter().filter_map(move |block| match block {
        Block::Line(line) if line.column == column => Some(line),
        _ => None,
    })
}

/// The place that most are near to, within 3 points; of equals the leftmost.
fn most_frequent(places: &[f64]) -> Option<f64> {
    let mut sorted = places.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut best = (0, None);
    let mut begin = 0;
    for (index, at) in sorted.iter().enumerate() {
        while at - sorted[begin] > 3.0 {
            begin += 1;
        }
        if index + 1 - begin > best.0 {
            best = (index + 1 - begin, Some(sorted[begin]));
        }
    }
    best.1
}

/// Whether paragraphs begin indented: by two characters or so, behind lines that are not full.
fn has_indents(pages: &[Vec<Block>], margins: &HashMap<(usize, u8), Margins>) -> bool {
    let (mut indented, mut flush) = (0, 0);
    for (number, page) in pages.iter().enumerate() {
        for column in 0..3 {
            let Some(own) = margins.get(&(number, column)) else {
                continue;
            };
            let lines: Vec<&Line> = lines_of(page, column).collect();
            for pair in lines.windows(2) {
                if own.right - pair[0].right < 3.0 * pair[0].size {
                    continue;
                }
                let indent = (pair[1].left - own.left) / pair[1].size;
                // Centred lines are further in.
                indented += usize::from((1.5..3.0).contains(&indent));
                flush += usize::from(indent < 0.5);
            }
        }
    }
    indented > 0 && indented >= flush
}

/// Appends what goes on: Chinese without a blank, words with one.
pub(super) fn glue(text: &mut String, next: &str) {
    let (before, after) = (text.chars().next_back(), next.chars().next());
    if let (Some(before), Some(after)) = (before, after) {
        let is_word = |c: char| c.is_alphabetic() && c < '\u{2e80}';
        if is_word(before) && is_word(after) || matches!(before, ',' | ';') && is_word(after) {
            text.push(' ');
        }
    }
    text.push_str(next);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, left: f64, right: f64, y: f64) -> Block {
        let text = text.to_owned();
        Block::Line(Line {
            text,
            left,
            right,
            y,
            size: 16.0,
            column: 0,
            page: 842.0,
            is_row: false,
        })
    }

    #[test]
    fn lines_that_are_full_go_on() {
        let page = vec![
            line("关于二〇二三年工作的报告", 180.0, 420.0, 100.0),
            line("一、基本情况", 122.0, 218.0, 130.0),
            line("县政府坚持依法行政，全面推进各项", 122.0, 500.0, 160.0),
            line("工作，办理12", 90.0, 500.0, 190.0),
            line("件。", 90.0, 122.0, 220.0),
            line("二、存在问题", 122.0, 218.0, 250.0),
            line("还有不足，主要是在以下各个方面：", 122.0, 498.0, 280.0),
            line("一是认识不够。", 122.0, 230.0, 310.0),
        ];
        let next = vec![
            line("二是力量不足，需要进一步加以充实", 122.0, 500.0, 100.0),
            line("提高。", 90.0, 130.0, 130.0),
        ];
        let text = join(vec![page, next]);
        assert_eq!(
            text.trim(),
            "关于二〇二三年工作的报告\n一、基本情况\n县政府坚持依法行政，全面推进各项工作，办理12件。\n二、存在问题\n\
             还有不足，主要是在以下各个方面：\n一是认识不够。\n二是力量不足，需要进一步加以充实提高。"
        );
    }

    #[test]
    fn without_indents_a_sentence_ends_its_paragraph() {
        let page = vec![
            line("一、基本情况", 90.0, 186.0, 100.0),
            line("县政府坚持依法行政，全面推进各项", 90.0, 500.0, 130.0),
            line("工作，取得了较好的成绩和进展情况。", 90.0, 500.0, 160.0),
            line("下一步继续努力。", 90.0, 220.0, 190.0),
        ];
        let text = join(vec![page]);
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.contains("各项工作，取得"));
    }
}
