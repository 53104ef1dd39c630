//! A tile a province-level division, about where it lies: small and large ones are seen alike.

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, VPos},
};

use super::{
    Chart,
    canvas::{self, DIM, INK, MARGIN, SIZE},
    province, shown,
};
use crate::language::Lang;

/// Pixels of a tile, and between two.
const TILE: i32 = 62;
const GAP: i32 = 4;
/// Size of names in Latin letters, and how many of them a line holds.
const SMALL: i32 = 10;
const MAX_NAME: usize = 12;
const COLUMNS: i32 = 9;
const ROWS: i32 = 8;
/// Pixels of the scale of colours below.
const SCALE: i32 = 44;
/// Ends of the scale.
const LIGHT: RGBColor = RGBColor(0xe8, 0xf1, 0xfa);
const DARK: RGBColor = RGBColor(0x08, 0x45, 0x94);
/// Tiles of divisions without a report.
const EMPTY: RGBColor = RGBColor(0xf0, 0xf0, 0xf0);

/// Code, short name, column and row.
const LAYOUT: [(&str, &str, i32, i32); 34] = [
    ("230000", "黑龙江", 8, 0),
    ("150000", "内蒙古", 6, 1),
    ("220000", "吉林", 8, 1),
    ("650000", "新疆", 0, 2),
    ("620000", "甘肃", 3, 2),
    ("640000", "宁夏", 4, 2),
    ("140000", "山西", 5, 2),
    ("110000", "北京", 6, 2),
    ("120000", "天津", 7, 2),
    ("210000", "辽宁", 8, 2),
    ("630000", "青海", 2, 3),
    ("610000", "陕西", 4, 3),
    ("410000", "河南", 5, 3),
    ("130000", "河北", 6, 3),
    ("370000", "山东", 7, 3),
    ("540000", "西藏", 1, 4),
    ("510000", "四川", 3, 4),
    ("500000", "重庆", 4, 4),
    ("420000", "湖北", 5, 4),
    ("340000", "安徽", 6, 4),
    ("320000", "江苏", 7, 4),
    ("310000", "上海", 8, 4),
    ("530000", "云南", 2, 5),
    ("520000", "贵州", 3, 5),
    ("430000", "湖南", 5, 5),
    ("360000", "江西", 6, 5),
    ("330000", "浙江", 7, 5),
    ("450000", "广西", 4, 6),
    ("440000", "广东", 6, 6),
    ("350000", "福建", 7, 6),
    ("710000", "台湾", 8, 6),
    ("460000", "海南", 4, 7),
    ("820000", "澳门", 5, 7),
    ("810000", "香港", 6, 7),
];

pub(super) fn draw(chart: &Chart) -> anyhow::Result<String> {
    let width = 2 * MARGIN + COLUMNS * (TILE + GAP) - GAP;
    let head = canvas::head_height(chart, width) + 4;
    let foot = head + ROWS * (TILE + GAP);
    let greatest = chart.greatest();
    let value_of = |code: &str| {
        let at = chart.keys.iter().position(|(key, _)| key == code)?;
        *chart.series.first()?.values.get(at)?
    };
    canvas::picture((width, foot + SCALE + MARGIN), |area| {
        canvas::head(area, chart, width)?;
        for (code, name, column, row) in LAYOUT {
            let (x, y) = (MARGIN + column * (TILE + GAP), head + row * (TILE + GAP));
            let value = value_of(code);
            let share = value.map(|value| if greatest > 0.0 { value / greatest } else { 0.0 });
            let ground = share.map_or(EMPTY, between);
            let ink = match share {
                None => DIM,
                Some(share) if share > 0.64 => WHITE,
                Some(_) => INK,
            };
            area.draw(&Rectangle::new([(x, y), (x + TILE, y + TILE)], ground.filled()))?;
            let centre = (HPos::Center, VPos::Center);
            for (line, size, at) in name_of(chart, code, name) {
                canvas::write(area, line, (x + TILE / 2, y + at), size, ink, centre)?;
            }
            let number = value.map_or_else(|| "–".to_owned(), shown);
            canvas::write(area, &number, (x + TILE / 2, y + 44), SIZE - 1, ink, centre)?;
        }
        scale(area, foot + 12, greatest, chart.words.no_report)
    })
}

/// The lines of a tile's name, the size of each, and how far below the upper edge it stands.
fn name_of<'a>(chart: &Chart, code: &str, chinese: &'a str) -> Vec<(&'a str, i32, i32)> {
    match chart.lang {
        Lang::Zh => vec![(chinese, SIZE + 1, 22)],
        Lang::En => {
            let name = province(code).unwrap_or(chinese);
            match name.split_once(' ').filter(|_| name.len() > MAX_NAME) {
                Some((first, second)) => vec![(first, SMALL, 13), (second, SMALL, 26)],
                None => vec![(name, SMALL, 22)],
            }
        }
    }
}

/// The scale of colours: from nothing to the greatest value, and what stands for no report.
fn scale(area: &canvas::Area<'_>, y: i32, greatest: f64, no_report: &str) -> anyhow::Result<()> {
    const STEPS: i32 = 32;
    const STEP: i32 = 6;
    let middle = y + 7;
    canvas::write(
        area,
        "0",
        (MARGIN, middle),
        SIZE - 1,
        DIM,
        (HPos::Left, VPos::Center),
    )?;
    let left = MARGIN + 14;
    for step in 0..STEPS {
        let x = left + step * STEP;
        let colour = between(f64::from(step) / f64::from(STEPS - 1));
        area.draw(&Rectangle::new([(x, y), (x + STEP, y + 14)], colour.filled()))?;
    }
    let right = left + STEPS * STEP;
    let text = shown(greatest);
    canvas::write(
        area,
        &text,
        (right + 6, middle),
        SIZE - 1,
        DIM,
        (HPos::Left, VPos::Center),
    )?;
    let x = right + 80;
    area.draw(&Rectangle::new([(x, y), (x + 14, y + 14)], EMPTY.filled()))?;
    canvas::write(
        area,
        &format!("– {no_report}"),
        (x + 20, middle),
        SIZE - 1,
        DIM,
        (HPos::Left, VPos::Center),
    )
}

/// The colour of a share of the greatest value.
fn between(share: f64) -> RGBColor {
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
    RGBColor(mix(LIGHT.0, DARK.0), mix(LIGHT.1, DARK.1), mix(LIGHT.2, DARK.2))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_province_has_a_place_of_its_own() {
        let provinces: BTreeSet<_> = report::divisions()
            .children(None)
            .into_iter()
            .map(|region| (region.code.to_string(), region.name))
            .collect();
        let laid_out: BTreeSet<_> = LAYOUT.iter().map(|tile| tile.0.to_owned()).collect();
        assert_eq!(laid_out, provinces.iter().map(|(code, _)| code.clone()).collect());
        let places: BTreeSet<_> = LAYOUT.iter().map(|tile| (tile.2, tile.3)).collect();
        assert_eq!(places.len(), LAYOUT.len());
        assert!(places.iter().all(|(x, y)| *x < COLUMNS && *y < ROWS));
        for (code, short, ..) in LAYOUT {
            assert!(
                provinces
                    .iter()
                    .any(|(other, name)| other == code && name.starts_with(short)),
                "{code} {short}"
            );
            assert!(province(code).is_some(), "{code} {short}");
        }
    }
}
