//! Bars that lie below each other, so that names of any length can stand before them.

use index::By;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

use super::{
    Chart,
    canvas::{self, DIM, INK, LINE, MARGIN, SIZE, colour},
    short, shown,
};

const WIDTH: i32 = 840;
/// Keys that are shown; of more, those with the greatest values.
const MAX_KEYS: usize = 40;
/// Characters of a label.
const MAX_LABEL: usize = 36;
/// Pixels of a bar, and of the gap between the bars of two keys.
const BAR: i32 = 15;
const GAP: i32 = 8;
/// Pixels kept for the numbers behind the bars.
const NUMBERS: i32 = 70;

pub(super) fn draw(chart: &Chart) -> anyhow::Result<String> {
    let (keys, n_left) = order(chart);
    let labels: Vec<String> = keys.iter().map(|at| label(chart, *at)).collect();
    let n_series = i32::try_from(chart.series.len()).unwrap_or(1).max(1);
    let row = n_series * BAR + GAP;
    let head = canvas::head_height(chart, WIDTH) + 4;
    let n_rows = i32::try_from(keys.len()).unwrap_or_default();
    let foot = if n_left > 0 { LINE } else { 0 };
    let height = head + n_rows * row + foot + MARGIN;
    let widest = labels.iter().map(|label| canvas::width(label, SIZE)).max();
    let left = MARGIN + widest.unwrap_or_default() + 8;
    let most = f64::from(WIDTH - MARGIN - NUMBERS - left);
    let greatest = chart.greatest();
    canvas::picture((WIDTH, height), |area| {
        canvas::head(area, chart, WIDTH)?;
        for ((at, label), nth) in keys.iter().zip(&labels).zip(0..) {
            let top = head + nth * row;
            let middle = (left - 8, top + (row - GAP) / 2);
            canvas::write(area, label, middle, SIZE, INK, (HPos::Right, VPos::Center))?;
            for ((number, series), line) in chart.series.iter().enumerate().zip(0..) {
                let top = top + line * BAR;
                let value = series.values.get(*at).copied().flatten();
                let length = match value {
                    Some(value) if greatest > 0.0 => (value / greatest * most).round() as i32,
                    _ => 0,
                };
                if length > 0 {
                    let bar = [(left, top + 1), (left + length, top + BAR - 1)];
                    area.draw(&Rectangle::new(bar, colour(number).filled()))?;
                }
                // No report at all is not the same as none with a hit.
                let text = value.map_or_else(|| "–".to_owned(), shown);
                let at = (left + length + 6, top + BAR / 2);
                canvas::write(area, &text, at, SIZE - 1, DIM, (HPos::Left, VPos::Center))?;
            }
        }
        if n_left > 0 {
            let (before, behind) = chart.words.left_out;
            let text = format!("{before}{n_left}{behind}");
            let at = (left, head + n_rows * row + LINE / 2);
            canvas::write(area, &text, at, SIZE - 1, DIM, (HPos::Left, VPos::Center))?;
        }
        Ok(())
    })
}

/// Which keys are shown in which order, and how many are not. Years keep theirs.
fn order(chart: &Chart) -> (Vec<usize>, usize) {
    let greatest = |at: usize| {
        let values = chart.series.iter().filter_map(|series| *series.values.get(at)?);
        values.fold(-1.0, f64::max)
    };
    let mut keys: Vec<(f64, usize)> = (0..chart.keys.len()).map(|at| (greatest(at), at)).collect();
    let n_keys = keys.len();
    keys.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    keys.truncate(MAX_KEYS);
    if chart.by == By::Year {
        keys.sort_by_key(|(_, at)| *at);
    }
    let n_left = n_keys - keys.len();
    (keys.into_iter().map(|(_, at)| at).collect(), n_left)
}

/// The name of a key; where several have the same, with its code.
fn label(chart: &Chart, at: usize) -> String {
    let Some((key, label)) = chart.keys.get(at) else {
        return String::new();
    };
    let is_shared = chart.keys.iter().filter(|(_, other)| other == label).count() > 1;
    match is_shared {
        true => short(&format!("{label} {key}"), MAX_LABEL),
        false => short(label, MAX_LABEL),
    }
}
