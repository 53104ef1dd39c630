//! Glyphs of a page to lines.
//!
//! Glyphs are turned so that the direction most of them run in is to the right; vertical writing and pages turned on
//! their side become like any other. What runs askew is a watermark. Glyphs inside of ruled tables go to `grid`; the
//! others make lines by their baselines, read in columns where a gutter runs down the page.

use std::ops::Range;

use super::{
    content::{Glyph, Rule, Shown},
    grid,
};

/// A part of a page, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Line(Line),
    /// A row of a table, its cells joined by tabs.
    Row(Row),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// Glyphs on one baseline.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) left: f64,
    pub(super) right: f64,
    /// Down to the baseline.
    pub(super) y: f64,
    /// Height of the font.
    pub(super) size: f64,
    /// Which column it is in: 0 for the whole width, then 1 and 2.
    pub(super) column: u8,
    /// Height of the page.
    pub(super) page: f64,
    /// It stands in columns of a table without rules.
    pub(super) is_row: bool,
}

/// The blocks of a page in reading order.
pub(super) fn blocks(shown: Shown) -> Vec<Block> {
    let Shown {
        mut glyphs,
        mut rules,
        width,
        height,
        ..
    } = shown;
    let artifacts = glyphs.iter().filter(|glyph| glyph.is_artifact).count();
    if artifacts * 3 < glyphs.len() {
        glyphs.retain(|glyph| !glyph.is_artifact);
    }
    let mut turned: [Vec<Glyph>; 4] = Default::default();
    for glyph in glyphs {
        if let Some(turn) = turn_of(&glyph) {
            turned[turn].push(turn_glyph(glyph, turn));
        }
    }
    let main = (0..4).max_by_key(|turn| turned[*turn].len()).unwrap_or(0);
    for rule in &mut rules {
        let ((x0, y0), (x1, y1)) = (
            turn_point(rule.x0, rule.y0, main),
            turn_point(rule.x1, rule.y1, main),
        );
        *rule = Rule { x0, y0, x1, y1 };
    }
    let page = if main % 2 == 0 { height } else { width };
    let (tables, free) = grid::tables(&rules, std::mem::take(&mut turned[main]));
    let mut blocks: Vec<(f64, Block)> = Vec::new();
    let body = columns(free, &tables, page);
    let mut rows: Vec<(f64, Vec<Block>)> = tables
        .into_iter()
        .map(|table| (table.top, table.blocks(page)))
        .collect();
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut rows = rows.into_iter().peekable();
    for line in body {
        while let Some((top, table)) = rows.next_if(|(top, _)| *top < line.y - line.size * 0.5) {
            blocks.extend(table.into_iter().map(|block| (top, block)));
        }
        blocks.push((line.y, Block::Line(line)));
    }
    blocks.extend(rows.flat_map(|(top, table)| table.into_iter().map(move |block| (top, block))));
    let mut blocks: Vec<Block> = blocks.into_iter().map(|(_, block)| block).collect();
    // Text that runs another way stands aside: behind the rest.
    for (turn, glyphs) in turned.into_iter().enumerate() {
        if turn != main {
            blocks.extend(lines(glyphs, 0, page).into_iter().map(Block::Line));
        }
    }
    blocks
}

/// Quarter turns of the direction a glyph runs in; `None` when it is askew.
fn turn_of(glyph: &Glyph) -> Option<usize> {
    /// Most that a line leans, as a share of its length.
    const LEAN: f64 = 0.18;
    let (dx, dy) = (glyph.dx, glyph.dy);
    match (dx.abs(), dy.abs()) {
        (0.0, 0.0) => Some(0),
        (w, h) if h <= w * LEAN => Some(if dx >= 0.0 { 0 } else { 2 }),
        (w, h) if w <= h * LEAN => Some(if dy >= 0.0 { 1 } else { 3 }),
        _ => None,
    }
}

/// Turns a place so that what ran in the direction of `turn` runs to the right, and lines follow downwards.
fn turn_point(x: f64, y: f64, turn: usize) -> (f64, f64) {
    match turn {
        1 => (y, -x),
        2 => (-x, -y),
        3 => (-y, x),
        _ => (x, y),
    }
}

fn turn_glyph(glyph: Glyph, turn: usize) -> Glyph {
    let (x, y) = turn_point(glyph.x, glyph.y, turn);
    let (dx, dy) = turn_point(glyph.dx, glyph.dy, turn);
    Glyph {
        x,
        y,
        dx,
        dy,
        ..glyph
    }
}

/// Lines of glyphs, read column by column where there are two.
fn columns(glyphs: Vec<Glyph>, tables: &[grid::Table], page: f64) -> Vec<Line> {
    let rows = baselines(glyphs);
    let Some(gutter) = gutter(&rows) else {
        return rows.into_iter().filter_map(|row| line(row, 0, page)).collect();
    };
    let mut out = Vec::new();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let flush = |left: &mut Vec<Glyph>, right: &mut Vec<Glyph>, out: &mut Vec<Line>| {
        out.extend(lines(std::mem::take(left), 1, page));
        out.extend(lines(std::mem::take(right), 2, page));
    };
    let mut last = f64::NEG_INFINITY;
    for row in rows {
        let y = row.first().map_or(last, |glyph| glyph.y);
        if tables.iter().any(|table| (last..y).contains(&table.top)) {
            flush(&mut left, &mut right, &mut out);
        }
        last = y;
        let crosses = |glyph: &Glyph| glyph.x < gutter.start && glyph.x + glyph.dx > gutter.end;
        let inside = |glyph: &Glyph| {
            let middle = glyph.x + glyph.dx / 2.0;
            gutter.contains(&middle) && !glyph.c.is_whitespace()
        };
        if row.iter().any(|glyph| crosses(glyph) || inside(glyph)) {
            flush(&mut left, &mut right, &mut out);
            out.extend(line(row, 0, page));
        } else {
            for glyph in row {
                let side = if glyph.x < gutter.start {
                    &mut left
                } else {
                    &mut right
                };
                side.push(glyph);
            }
        }
    }
    flush(&mut left, &mut right, &mut out);
    out
}

/// A strip near the middle of the page that most lines keep free, while both sides are filled with text.
fn gutter(rows: &[Vec<Glyph>]) -> Option<Range<f64>> {
    /// Fewest lines of a page with columns.
    const FEWEST: usize = 6;
    let spans: Vec<(f64, f64)> = rows.iter().filter_map(|row| extent(row)).collect();
    let left = spans.iter().map(|span| span.0).fold(f64::INFINITY, f64::min);
    let right = spans.iter().map(|span| span.1).fold(f64::NEG_INFINITY, f64::max);
    let width = right - left;
    if rows.len() < FEWEST || width < 100.0 {
        return None;
    }
    // Gaps of each line that are wider than a character.
    let mut gaps: Vec<(f64, f64)> = Vec::new();
    for row in rows {
        let mut end = None;
        let mut row_gaps: Vec<(f64, f64)> = Vec::new();
        for glyph in row.iter().filter(|glyph| !glyph.c.is_whitespace()) {
            if let Some(end) = end.filter(|end| glyph.x - end > 0.8 * glyph.size) {
                row_gaps.push((end, glyph.x));
            }
            end = Some(end.unwrap_or(f64::NEG_INFINITY).max(glyph.x + glyph.dx.max(0.0)));
        }
        let middle = left + width * 0.3..left + width * 0.7;
        gaps.extend(
            row_gaps
                .into_iter()
                .filter(|(begin, end)| *end > middle.start && *begin < middle.end),
        );
    }
    // The narrowest gap in the middle is a candidate; lines of full columns have all the same.
    let mut ends: Vec<f64> = gaps.iter().map(|gap| gap.1).collect();
    ends.sort_by(f64::total_cmp);
    let end = mode(&ends)?;
    let with_gap: Vec<&(f64, f64)> = gaps.iter().filter(|gap| (gap.1 - end).abs() < 3.0).collect();
    let begin = with_gap.iter().map(|gap| gap.0).fold(f64::NEG_INFINITY, f64::max);
    let middle = (begin + end) / 2.0;
    if with_gap.len() < FEWEST - 1
        || with_gap.len() * 5 < rows.len() * 2
        || middle < left + width * 0.35
        || middle > left + width * 0.65
    {
        return None;
    }
    // In a form or a list the left side ends anywhere; columns of text are mostly full.
    let full = with_gap.iter().filter(|gap| begin - gap.0 < 0.12 * width).count();
    (full * 3 > with_gap.len() * 2).then_some(begin..end)
}

/// The most frequent of sorted places, within 3 points.
fn mode(sorted: &[f64]) -> Option<f64> {
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

fn extent(row: &[Glyph]) -> Option<(f64, f64)> {
    let shown = || row.iter().filter(|glyph| !glyph.c.is_whitespace());
    let left = shown().map(|glyph| glyph.x).min_by(f64::total_cmp)?;
    let right = shown()
        .map(|glyph| glyph.x + glyph.dx.max(0.0))
        .max_by(f64::total_cmp)?;
    Some((left, right))
}

/// Lines of glyphs from top to bottom.
pub(super) fn lines(glyphs: Vec<Glyph>, column: u8, page: f64) -> Vec<Line> {
    baselines(glyphs)
        .into_iter()
        .filter_map(|row| line(row, column, page))
        .collect()
}

/// Glyphs on about one baseline, from left to right; rows from top to bottom.
fn baselines(mut glyphs: Vec<Glyph>) -> Vec<Vec<Glyph>> {
    /// How far from a baseline glyphs stand that belong to it, as a share of the font's height: raised and lowered ones.
    const OFF: f64 = 0.42;
    glyphs.sort_by(|one, other| one.y.total_cmp(&other.y));
    let mut rows: Vec<Vec<Glyph>> = Vec::new();
    // Baseline and size of the row that is open: those of its largest glyph.
    let (mut y, mut size) = (f64::NEG_INFINITY, 0.0);
    for glyph in glyphs {
        match rows.last_mut() {
            Some(row) if (glyph.y - y).abs() < OFF * glyph.size.max(size) => {
                if glyph.size > size * 1.05 {
                    (y, size) = (glyph.y, glyph.size);
                }
                row.push(glyph);
            }
            _ => {
                (y, size) = (glyph.y, glyph.size);
                rows.push(vec![glyph]);
            }
        }
    }
    for row in &mut rows {
        row.sort_by(|one, other| one.x.total_cmp(&other.x));
        // Bold letters are sometimes the same ones printed twice.
        row.dedup_by(|next, kept| {
            next.c == kept.c && (next.x - kept.x).abs() < 0.12 * kept.size && !next.c.is_whitespace()
        });
    }
    rows
}

/// The text of a row of glyphs; `None` when it shows nothing.
fn line(row: Vec<Glyph>, column: u8, page: f64) -> Option<Line> {
    let (left, right) = extent(&row)?;
    let mut sizes: Vec<f64> = row
        .iter()
        .filter(|glyph| !glyph.c.is_whitespace())
        .map(|glyph| glyph.size)
        .collect();
    sizes.sort_by(f64::total_cmp);
    let size = sizes[sizes.len() / 2];
    let y = row.iter().map(|glyph| glyph.y).max_by(f64::total_cmp)?;
    let (text, is_row) = text(&row);
    Some(Line {
        text,
        is_row,
        left,
        right,
        y,
        size,
        column,
        page,
    })
}

/// Characters from left to right, with blanks where there are gaps; tabs where a line stands in columns of a table
/// without rules, and whether it does.
fn text(row: &[Glyph]) -> (String, bool) {
    /// Gap between columns, in ems.
    const COLUMN: f64 = 0.9;
    // Stretches that follow each other closely: how far from the one before, and what they say.
    let mut parts: Vec<(f64, String)> = Vec::new();
    let mut last: Option<Glyph> = None;
    let mut blank = false;
    for glyph in row {
        if glyph.c.is_whitespace() {
            blank |= glyph.dx > 0.0;
            continue;
        }
        let mut away = None;
        if let Some(before) = last {
            let size = before.size.min(glyph.size);
            let gap = (glyph.x - before.x - before.dx.max(0.0)) / size;
            let narrow = |c: char| c.is_alphanumeric() && c < '\u{2e80}';
            let wide = match (narrow(before.c), narrow(glyph.c)) {
                (true, true) => 0.2,
                (false, false) => 0.75,
                // Word processors set a quarter of an em between Chinese and Latin.
                _ => 0.55,
            };
            // A blank that is printed over is none.
            away = (gap > wide || blank && gap > 0.1).then_some(gap);
        }
        match (&mut parts.last_mut(), away) {
            (Some((_, part)), None) => part.push(glyph.c),
            _ => parts.push((away.unwrap_or_default(), glyph.c.to_string())),
        }
        blank = false;
        last = Some(*glyph);
    }
    let far = parts.iter().filter(|(away, _)| *away > COLUMN).count();
    // Single characters far from each other are a title.
    let is_table = far >= 2
        && parts
            .iter()
            .filter(|(_, part)| part.chars().nth(1).is_some())
            .count()
            * 2
            > parts.len();
    let mut out = String::new();
    for (away, part) in parts {
        if !out.is_empty() {
            out.push(if is_table && away > COLUMN { '\t' } else { ' ' });
        }
        out.push_str(&part);
    }
    (out, is_table)
}
