//! Which rows a table has: all regions and years that were asked for or lie between those found, with a report or without.

use std::collections::BTreeSet;

use report::{Genre, divisions};

use super::{
    Layout, PanelBy,
    cells::{Cell, Tally, is_within},
};
use crate::{
    Filters,
    filter::codes_of,
    schema::{genre_number, role_number},
};

/// The values that rows are told apart by.
#[derive(Debug)]
pub(super) struct Axes(Vec<Axis>);

#[derive(Debug)]
enum Axis {
    Regions(Vec<u32>),
    Years(Vec<i32>),
    Genres(Vec<u8>),
    Roles(Vec<u8>),
}

impl Axis {
    fn len(&self) -> usize {
        match self {
            Self::Regions(values) => values.len(),
            Self::Years(values) => values.len(),
            Self::Genres(values) | Self::Roles(values) => values.len(),
        }
    }
}

impl Axes {
    pub(super) fn new(layout: &Layout, filters: &Filters, tally: &Tally) -> Self {
        let axes = layout.by.iter().map(|by| match by {
            PanelBy::Region => Axis::Regions(regions(layout, filters, tally)),
            PanelBy::Year => Axis::Years(years(filters, tally)),
            PanelBy::Genre => Axis::Genres(genres(filters, tally)),
            PanelBy::Section => Axis::Roles(roles(filters, tally)),
        });
        Self(axes.collect())
    }

    /// Cells of a table: 1 when rows are told apart by nothing but the concept.
    pub(super) fn n_cells(&self) -> usize {
        self.0
            .iter()
            .fold(1, |product: usize, axis| product.saturating_mul(axis.len()))
    }

    /// A cell, the last axis changing from one to the next.
    pub(super) fn cell(&self, mut nth: usize) -> Cell {
        let mut cell = Cell::default();
        for axis in self.0.iter().rev() {
            let at = nth % axis.len().max(1);
            nth /= axis.len().max(1);
            match axis {
                Axis::Regions(values) => cell.region = values.get(at).copied(),
                Axis::Years(values) => cell.year = values.get(at).copied(),
                Axis::Genres(values) => cell.genre = values.get(at).copied(),
                Axis::Roles(values) => cell.role = values.get(at).copied(),
            }
        }
        cell
    }
}

/// All divisions of today in the regions asked for, of one level or of all, and whatever else a report is about.
fn regions(layout: &Layout, filters: &Filters, tally: &Tally) -> Vec<u32> {
    let asked = codes_of(&filters.region);
    let is_asked = |number: u64| {
        asked.is_empty()
            || asked.iter().any(|asked| {
                is_within(number, *asked) || (layout.level.is_some() && is_within(*asked, number))
            })
    };
    let mut regions: BTreeSet<u32> = divisions()
        .iter()
        .filter(|region| region.current && layout.level.is_none_or(|level| region.level == level))
        .map(|region| region.code.number())
        .filter(|number| is_asked(u64::from(*number)))
        .collect();
    regions.extend(tally.totals.keys().filter_map(|cell| cell.region));
    regions.into_iter().collect()
}

/// The years asked for; where that leaves an end open, to the first or last that a report is about.
fn years(filters: &Filters, tally: &Tally) -> Vec<i32> {
    let found = || tally.totals.keys().filter_map(|cell| cell.year);
    let from = filters.year_from.iter().copied().min();
    let to = filters.year_to.iter().copied().max();
    let is_within = |year: &i32| from.is_none_or(|from| from <= *year) && to.is_none_or(|to| *year <= to);
    if !filters.year.is_empty() {
        let asked: BTreeSet<i32> = filters.year.iter().copied().filter(is_within).collect();
        return asked.into_iter().collect();
    }
    let first = from.or_else(|| found().min());
    let last = to.or_else(|| found().max());
    match (first, last) {
        (Some(first), Some(last)) => (first..=last).collect(),
        _ => Vec::new(),
    }
}

fn genres(filters: &Filters, tally: &Tally) -> Vec<u8> {
    let asked = filters.genre.iter().copied().map(genre_number);
    let asked: BTreeSet<u8> = asked.filter_map(|genre| u8::try_from(genre).ok()).collect();
    closed(
        asked,
        tally.totals.keys().filter_map(|cell| cell.genre),
        Genre::ALL.len(),
    )
}

fn roles(filters: &Filters, tally: &Tally) -> Vec<u8> {
    let asked = filters.section.iter().copied().map(role_number);
    let asked: BTreeSet<u8> = asked.filter_map(|role| u8::try_from(role).ok()).collect();
    closed(
        asked,
        tally.totals.keys().filter_map(|cell| cell.role),
        report::Role::ALL.len(),
    )
}

/// The values of a closed list that were asked for, or found when none was.
fn closed(asked: BTreeSet<u8>, found: impl Iterator<Item = u8>, n: usize) -> Vec<u8> {
    let values = match asked.is_empty() {
        true => found.collect(),
        false => asked,
    };
    values
        .into_iter()
        .filter(|value| usize::from(*value) < n)
        .collect()
}
