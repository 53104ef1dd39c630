//! What all pictures share: a white ground, text, colours, and the legend.

use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use unicode_width::UnicodeWidthStr;

use super::Chart;

pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const DIM: RGBColor = RGBColor(0x66, 0x66, 0x66);
pub(super) const RULE: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
const FONT: &str = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif";
/// Pixels around everything.
pub(super) const MARGIN: i32 = 16;
/// Pixels from one line of text to the next.
pub(super) const LINE: i32 = 22;
pub(super) const SIZE: i32 = 13;

/// Colours that can be told apart without seeing red or green (Okabe and Ito), the darker ones first.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x55, 0x55, 0x55),
];

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The colour of a series.
pub(super) fn colour(nth: usize) -> RGBColor {
    COLOURS[nth % COLOURS.len()]
}

/// Draws a picture of a size on a white ground.
pub(super) fn picture(
    (width, height): (i32, i32),
    draw: impl FnOnce(&Area<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<String> {
    let mut svg = String::new();
    let size = (width.unsigned_abs(), height.unsigned_abs());
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    area.fill(&WHITE)?;
    draw(&area)?;
    area.present()?;
    drop(area);
    Ok(svg)
}

/// Writes a line of text; `at` is where `anchor` says.
pub(super) fn write(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: i32,
    colour: RGBColor,
    (h, v): (HPos, VPos),
) -> anyhow::Result<()> {
    // The library takes the size of the line, the reader that of the letters.
    let style = TextStyle::from((FONT, f64::from(size) * 1.24).into_font())
        .color(&colour)
        .pos(Pos::new(h, v));
    area.draw(&Text::new(text.to_owned(), at, style))?;
    Ok(())
}

/// The font of what the library writes itself.
pub(super) fn font() -> TextStyle<'static> {
    TextStyle::from((FONT, f64::from(SIZE - 1) * 1.24).into_font()).color(&DIM)
}

/// Pixels that a text takes, about: a Han character as wide as it is high, others a bit more than half.
pub(super) fn width(text: &str, size: i32) -> i32 {
    let columns = i32::try_from(text.width()).unwrap_or(i32::MAX / 64);
    columns * (size + 1) / 2
}

/// Pixels that the lines above a picture take: what the numbers are, and the names of the series.
pub(super) fn head_height(chart: &Chart, width: i32) -> i32 {
    MARGIN + LINE * (1 + legend(chart, width).last().map_or(0, |(_, (_, line))| line + 1))
}

/// Writes the lines above a picture.
pub(super) fn head(area: &Area<'_>, chart: &Chart, width: i32) -> anyhow::Result<()> {
    let middle = (HPos::Left, VPos::Center);
    write(area, chart.unit, (MARGIN, MARGIN + LINE / 2), SIZE, DIM, middle)?;
    for (nth, (x, line)) in legend(chart, width) {
        let y = MARGIN + LINE * (1 + line) + LINE / 2;
        let swatch = [(x, y - 5), (x + 10, y + 5)];
        area.draw(&Rectangle::new(swatch, colour(nth).filled()))?;
        write(area, &chart.series[nth].name, (x + 16, y), SIZE, INK, middle)?;
    }
    Ok(())
}

/// Where the names of the series stand: number, left edge, line.
fn legend(chart: &Chart, most: i32) -> Vec<(usize, (i32, i32))> {
    let (mut x, mut line) = (MARGIN, 0);
    let mut places = Vec::new();
    for (nth, series) in chart.series.iter().enumerate() {
        let taken = 16 + width(&series.name, SIZE) + 20;
        if x > MARGIN && x + taken > most - MARGIN {
            (x, line) = (MARGIN, line + 1);
        }
        places.push((nth, (x, line)));
        x += taken;
    }
    places
}
