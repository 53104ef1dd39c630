//! Lines from year to year. Where there is nothing to be a share of, a line is interrupted.

use plotters::prelude::*;

use super::{
    Chart,
    canvas::{self, DIM, MARGIN, RULE, colour},
    shown,
};

const WIDTH: i32 = 840;
const HEIGHT: i32 = 440;
/// Years that are all named below the picture.
const MAX_NAMED: usize = 15;

pub(super) fn draw(chart: &Chart) -> anyhow::Result<String> {
    let years: Vec<i32> = chart
        .keys
        .iter()
        .filter_map(|(key, _)| key.parse().ok())
        .collect();
    canvas::picture((WIDTH, HEIGHT), |area| {
        canvas::head(area, chart, WIDTH)?;
        let (Some(first), Some(last)) = (years.first(), years.last()) else {
            return Ok(());
        };
        let head = canvas::head_height(chart, WIDTH);
        let top = match chart.greatest() {
            greatest if greatest > 0.0 => greatest * 1.08,
            _ => 1.0,
        };
        // One year alone has no width.
        let (from, to) = if first == last {
            (first - 1, last + 1)
        } else {
            (*first, *last)
        };
        let mut plot = ChartBuilder::on(area)
            .margin(MARGIN)
            .margin_top(head + 8)
            .x_label_area_size(28)
            .y_label_area_size(56)
            .build_cartesian_2d(from..to, 0.0..top)?;
        plot.configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(RULE)
            .axis_style(DIM)
            .x_labels((to - from + 1).unsigned_abs().min(MAX_NAMED as u32) as usize)
            .x_label_formatter(&|year| year.to_string())
            .y_labels(6)
            .y_label_formatter(&|value| shown(*value))
            .label_style(canvas::font())
            .draw()?;
        for (nth, series) in chart.series.iter().enumerate() {
            let colour = colour(nth);
            let mut points: Vec<Option<(i32, f64)>> = Vec::new();
            for (year, value) in years.iter().zip(&series.values) {
                // A year that is not there interrupts too.
                if points
                    .last()
                    .copied()
                    .flatten()
                    .is_some_and(|(last, _)| last + 1 < *year)
                {
                    points.push(None);
                }
                points.push(value.map(|value| (*year, value)));
            }
            for line in points.split(Option::is_none).filter(|line| !line.is_empty()) {
                plot.draw_series(LineSeries::new(
                    line.iter().flatten().copied(),
                    colour.stroke_width(2),
                ))?;
            }
            let dots = points
                .iter()
                .flatten()
                .map(|at| Circle::new(*at, 3, colour.filled()));
            plot.draw_series(dots)?;
        }
        Ok(())
    })
}
