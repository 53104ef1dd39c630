//! Ruled tables.
//!
//! Lines that cross are one table. Its upright and level lines make a grid of squares; squares with no line between them
//! are one cell, so that spans come out as they are drawn. A glyph belongs to the cell its middle is in. A row of cells is
//! a line of text, as in tables of web pages: a cell that spans rows stands in its first one only.

use super::{
    content::{Glyph, Rule},
    page::{Block, Line, Row, lines},
    paragraphs::glue,
};

/// Lines closer than this are one, and lines that miss each other by this much still meet, in points.
const NEAR: f64 = 2.5;

/// Most lines of a page that are looked at; a drawing has more.
const MAX_LINES: usize = 1_500;

/// Most squares of a table.
const MAX_SQUARES: usize = 40_000;

/// Characters of a cell that is a part of the page rather than of a table.
const LONG: usize = 400;

/// Narrowest cell that may be empty, in points; what is narrower is the space between the borders of two cells.
const THINNEST: f64 = 7.0;

/// A line: where it is, and from where to where it goes.
#[derive(Clone, Copy, Debug)]
struct Stroke {
    at: f64,
    from: f64,
    to: f64,
}

pub(super) struct Table {
    pub(super) top: f64,
    /// Sorted places of upright and level lines.
    xs: Vec<f64>,
    ys: Vec<f64>,
    /// For each square, row by row, the first square of its cell.
    cells: Vec<usize>,
    /// Glyphs of each cell, at its first square.
    glyphs: Vec<Vec<Glyph>>,
}

/// Tables, and the glyphs outside of all.
pub(super) fn tables(rules: &[Rule], glyphs: Vec<Glyph>) -> (Vec<Table>, Vec<Glyph>) {
    let level = rules
        .iter()
        .filter(|rule| (rule.x1 - rule.x0).abs() > (rule.y1 - rule.y0).abs());
    let level = level.map(|rule| Stroke {
        at: rule.y0.midpoint(rule.y1),
        from: rule.x0.min(rule.x1),
        to: rule.x0.max(rule.x1),
    });
    let upright = rules
        .iter()
        .filter(|rule| (rule.x1 - rule.x0).abs() < (rule.y1 - rule.y0).abs());
    let upright = upright.map(|rule| Stroke {
        at: rule.x0.midpoint(rule.x1),
        from: rule.y0.min(rule.y1),
        to: rule.y0.max(rule.y1),
    });
    let (level, upright) = (merged(level.collect()), merged(upright.collect()));
    if level.len() < 2 || upright.is_empty() || level.len() + upright.len() > MAX_LINES {
        return (Vec::new(), glyphs);
    }
    let mut tables: Vec<Table> = groups(&level, &upright)
        .into_iter()
        .filter_map(|(level, upright)| Table::new(&level, &upright))
        .collect();
    // The smallest first: a table inside of a frame is the table.
    tables.sort_by(|one, other| one.area().total_cmp(&other.area()));
    let mut free = Vec::new();
    for glyph in glyphs {
        let (x, y) = (glyph.x + glyph.dx / 2.0, glyph.y - glyph.size * 0.35);
        let home = tables
            .iter_mut()
            .find_map(|table| Some((table.square(x, y)?, table)));
        match home {
            Some((square, table)) => table.glyphs[square].push(glyph),
            None => free.push(glyph),
        }
    }
    // A frame around a text, or around nothing, is no table.
    let (kept, frames): (Vec<_>, Vec<_>) = tables.into_iter().partition(|table| {
        table
            .glyphs
            .iter()
            .filter(|cell| cell.iter().any(|glyph| !glyph.c.is_whitespace()))
            .count()
            > 1
    });
    free.extend(
        frames
            .into_iter()
            .flat_map(|table| table.glyphs.into_iter().flatten()),
    );
    (kept, free)
}

/// Lines that lie on each other or follow each other become one; sorted by place.
fn merged(mut strokes: Vec<Stroke>) -> Vec<Stroke> {
    strokes.sort_by(|one, other| one.at.total_cmp(&other.at).then(one.from.total_cmp(&other.from)));
    // First those of one place get the very same, then the ends are joined.
    let mut place = f64::NEG_INFINITY;
    for stroke in &mut strokes {
        if stroke.at - place > NEAR {
            place = stroke.at;
        }
        stroke.at = place;
    }
    strokes.sort_by(|one, other| one.at.total_cmp(&other.at).then(one.from.total_cmp(&other.from)));
    let mut out: Vec<Stroke> = Vec::new();
    for stroke in strokes {
        match out.last_mut() {
            Some(last) if last.at == stroke.at && stroke.from <= last.to + NEAR => {
                last.to = last.to.max(stroke.to)
            }
            _ => out.push(stroke),
        }
    }
    out
}

/// Lines that cross, directly or by others.
fn groups(level: &[Stroke], upright: &[Stroke]) -> Vec<(Vec<Stroke>, Vec<Stroke>)> {
    let mut sets = Sets::new(level.len() + upright.len());
    for (index, line) in level.iter().enumerate() {
        for (other, cross) in upright.iter().enumerate() {
            let meets = (line.from - NEAR..=line.to + NEAR).contains(&cross.at)
                && (cross.from - NEAR..=cross.to + NEAR).contains(&line.at);
            if meets {
                sets.join(index, level.len() + other);
            }
        }
    }
    let mut groups: std::collections::BTreeMap<usize, (Vec<Stroke>, Vec<Stroke>)> =
        std::collections::BTreeMap::new();
    for (index, line) in level.iter().enumerate() {
        groups.entry(sets.first(index)).or_default().0.push(*line);
    }
    for (index, line) in upright.iter().enumerate() {
        groups
            .entry(sets.first(level.len() + index))
            .or_default()
            .1
            .push(*line);
    }
    groups
        .into_values()
        .filter(|(level, upright)| level.len() > 1 && !upright.is_empty())
        .collect()
}

impl Table {
    fn new(level: &[Stroke], upright: &[Stroke]) -> Option<Self> {
        let ends = |strokes: &[Stroke]| {
            let from = strokes
                .iter()
                .map(|stroke| stroke.from)
                .fold(f64::INFINITY, f64::min);
            (
                from,
                strokes
                    .iter()
                    .map(|stroke| stroke.to)
                    .fold(f64::NEG_INFINITY, f64::max),
            )
        };
        // Sides that are left open are where the lines across end.
        let xs = places(upright, ends(level));
        let ys = places(level, ends(upright));
        let (wide, high) = (xs.len().checked_sub(1)?, ys.len().checked_sub(1)?);
        if wide == 0 || high == 0 || wide * high > MAX_SQUARES {
            return None;
        }
        let mut sets = Sets::new(wide * high);
        for row in 0..high {
            for column in 0..wide {
                let square = row * wide + column;
                let (middle_x, middle_y) =
                    (xs[column].midpoint(xs[column + 1]), ys[row].midpoint(ys[row + 1]));
                if column + 1 < wide && !has_line(upright, xs[column + 1], middle_y) {
                    sets.join(square, square + 1);
                }
                if row + 1 < high && !has_line(level, ys[row + 1], middle_x) {
                    sets.join(square, square + wide);
                }
            }
        }
        let cells = (0..wide * high).map(|square| sets.first(square)).collect();
        Some(Self {
            top: ys[0],
            xs,
            ys,
            cells,
            glyphs: vec![Vec::new(); wide * high],
        })
    }

    fn area(&self) -> f64 {
        let span = |places: &[f64]| {
            places
                .last()
                .zip(places.first())
                .map_or(0.0, |(last, first)| last - first)
        };
        span(&self.xs) * span(&self.ys)
    }

    /// The first square of the cell at a place.
    fn square(&self, x: f64, y: f64) -> Option<usize> {
        let index = |places: &[f64], at: f64| {
            let after = places.partition_point(|place| *place <= at);
            after.checked_sub(1).filter(|_| after < places.len())
        };
        let (column, row) = (index(&self.xs, x)?, index(&self.ys, y)?);
        self.cells.get(row * (self.xs.len() - 1) + column).copied()
    }

    /// Rows from top to bottom. Long texts in cells stay lines.
    pub(super) fn blocks(self, page: f64) -> Vec<Block> {
        let wide = self.xs.len() - 1;
        let mut glyphs = self.glyphs;
        let mut blocks = Vec::new();
        for row in 0..self.ys.len() - 1 {
            let firsts: Vec<usize> = (row * wide..(row + 1) * wide)
                .filter(|square| self.cells[*square] == *square)
                .collect();
            let cells: Vec<Vec<Line>> = firsts
                .iter()
                .map(|square| lines(std::mem::take(&mut glyphs[*square]), 0, page))
                .collect();
            let chars = |cell: &Vec<Line>| cell.iter().map(|line| line.text.chars().count()).sum::<usize>();
            let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
            if filled == 0 {
                continue;
            }
            if filled == 1 || cells.iter().any(|cell| cell.len() > 1 && chars(cell) > LONG) {
                blocks.extend(cells.into_iter().flatten().map(Block::Line));
                continue;
            }
            let width = |square: usize| self.xs[square % wide + 1] - self.xs[square % wide];
            let shown = firsts.iter().zip(&cells);
            let shown = shown.filter(|(square, cell)| !cell.is_empty() || width(**square) > THINNEST);
            let texts = shown.map(|(_, cell)| {
                cell.iter().fold(String::new(), |mut text, line| {
                    glue(&mut text, &line.text);
                    text
                })
            });
            let text = texts.collect::<Vec<_>>().join("\t");
            blocks.push(Block::Row(Row {
                text,
                top: self.ys[row],
                bottom: self.ys[row + 1],
            }));
        }
        blocks
    }
}

/// Distinct places of lines, and of the ends of those across where these stand out.
fn places(strokes: &[Stroke], (from, to): (f64, f64)) -> Vec<f64> {
    let mut places: Vec<f64> = strokes.iter().map(|stroke| stroke.at).collect();
    places.dedup();
    if places.first().is_some_and(|first| first - from > 2.0 * NEAR) {
        places.insert(0, from);
    }
    if places.last().is_some_and(|last| to - last > 2.0 * NEAR) {
        places.push(to);
    }
    places
}

/// Whether a line at `at` goes through `across`.
fn has_line(sorted: &[Stroke], at: f64, across: f64) -> bool {
    let begin = sorted.partition_point(|stroke| stroke.at < at);
    let mut here = sorted[begin..].iter().take_while(|stroke| stroke.at <= at);
    here.any(|stroke| (stroke.from..=stroke.to).contains(&across))
}

/// Disjoint sets; each is known by its first member.
struct Sets(Vec<usize>);

impl Sets {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn first(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.0[one.max(other)] = one.min(other);
    }
}
