//! Trends as pictures: lines by year, bars, and a grid of tiles by province, as SVG.
//!
//! The pictures carry their own white ground and no scripts, styles or fonts, so that they look the same on a page, in a
//! file and in a paper. All text in them goes through the library's escaping, and loses what no XML may hold.

mod bars;
mod canvas;
mod lines;
mod tiles;
mod words;

use index::{By, Measure, TrendCounts, Trends};

use self::words::ChartWords;
pub(crate) use self::words::province;
use crate::language::Lang;

/// Characters of a query that a description of a picture holds.
const MAX_QUERY: usize = 200;

/// A kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A line a query, from year to year.
    Line,
    /// Bars lying below each other, the longest on top; by year in the order of years.
    Bars,
    /// A tile a province-level division, about where it lies.
    Tiles,
}

/// What is shown of the counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scale {
    /// The share: reports in a hundred, or occurrences in 10,000 Han characters.
    #[default]
    Share,
    /// The number.
    Count,
}

/// How something is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// As suits what is counted by when it is `None`.
    pub(crate) kind: Option<Kind>,
    pub(crate) scale: Option<Scale>,
    /// The language of what is written in it; Chinese when it is `None`.
    pub(crate) lang: Option<Lang>,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    words: &'static ChartWords,
    lang: Lang,
    /// What the numbers are.
    unit: &'static str,
    by: By,
    /// Keys and labels, in order.
    keys: Vec<(String, String)>,
    series: Vec<Series>,
}

/// The numbers of one query.
#[derive(Clone, Debug)]
struct Series {
    name: String,
    /// One a key; `None` where there is nothing to be a share of.
    values: Vec<Option<f64>>,
}

impl std::str::FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "line" => Ok(Self::Line),
            "bars" => Ok(Self::Bars),
            "tiles" => Ok(Self::Tiles),
            other => Err(format!("{:?} is none of line, bars, tiles", short(other, 32))),
        }
    }
}

impl std::str::FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "share" => Ok(Self::Share),
            "count" => Ok(Self::Count),
            other => Err(format!("{:?} is none of share, count", short(other, 32))),
        }
    }
}

impl Scale {
    /// The value of the parameter `scale`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Count => "count",
        }
    }
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 3] = [Self::Line, Self::Tiles, Self::Bars];

    /// The value of the parameter `chart`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Bars => "bars",
            Self::Tiles => "tiles",
        }
    }

    /// The kind that suits what is counted by.
    pub(crate) fn usual(by: By, n_series: usize) -> Self {
        match by {
            By::Year => Self::Line,
            By::Province if n_series == 1 => Self::Tiles,
            By::Province | By::City | By::County | By::Genre => Self::Bars,
        }
    }
}

/// Draws trends.
///
/// # Errors
/// When the kind does not suit what is counted by, or the library fails.
pub(crate) fn draw(trends: &Trends, look: Look) -> Result<String, NoChart> {
    let n_series = trends.series.len();
    let kind = look.kind.unwrap_or_else(|| Kind::usual(trends.by, n_series));
    suits(kind, trends.by, n_series).map_err(NoChart::Unsuited)?;
    let (scale, lang) = (look.scale.unwrap_or_default(), look.lang.unwrap_or_default());
    let chart = Chart::new(trends, scale, lang);
    let drawn = match kind {
        Kind::Line => lines::draw(&chart),
        Kind::Bars => bars::draw(&chart),
        Kind::Tiles => tiles::draw(&chart),
    };
    drawn
        .map(|svg| described(&svg, &chart, trends, scale))
        .map_err(NoChart::Failed)
}

/// The picture with its language, a title for people (`<title>`), and a description (`<desc>`) of what was counted, and in which
/// state of the corpus, in the words of an address.
fn described(svg: &str, chart: &Chart, trends: &Trends, scale: Scale) -> String {
    // The library's first element is the picture's root.
    let Some((root, drawn)) = svg.split_once('>') else {
        return svg.to_owned();
    };
    let queries = trends.series.iter().map(|series| short(&series.q, MAX_QUERY));
    let queries: Vec<String> = queries.map(|q| format!("q={q}")).collect();
    let mut about = format!(
        "gongbao {}; {}; by={}; measure={}; scale={}",
        env!("CARGO_PKG_VERSION"),
        queries.join("; "),
        trends.by.code(),
        trends.measure.code(),
        scale.code()
    );
    if let Some(state) = trends.state {
        about += &format!("; state={state}");
    }
    let named = chart.series.iter().map(|series| series.name.as_str());
    let named = named.collect::<Vec<_>>().join(chart.lang.pick("、", ", "));
    let title = chart.lang.pick(
        format!("{named}：{}", chart.unit),
        format!("{named}: {}", chart.unit),
    );
    let (title, about) = (escaped(&title), escaped(&about));
    let tag = chart.lang.tag();
    format!("{root} lang=\"{tag}\" xml:lang=\"{tag}\">\n<title>{title}</title>\n<desc>{about}</desc>{drawn}")
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// Whether a kind suits what is counted by and the number of queries.
///
/// # Errors
/// What to ask instead.
pub(crate) fn suits(kind: Kind, by: By, n_series: usize) -> Result<(), &'static str> {
    match kind {
        Kind::Line if by != By::Year => Err("a line runs from year to year: ask by=year, or for bars"),
        Kind::Tiles if by != By::Province => Err("tiles are provinces: ask by=province, or for bars"),
        Kind::Tiles if n_series > 1 => Err("tiles show one query: ask for one, or for bars"),
        Kind::Line | Kind::Bars | Kind::Tiles => Ok(()),
    }
}

/// Why there is no picture.
#[derive(Debug)]
pub(crate) enum NoChart {
    /// It does not suit what was asked; what to ask instead.
    Unsuited(&'static str),
    /// The library failed.
    Failed(anyhow::Error),
}

impl Chart {
    fn new(trends: &Trends, scale: Scale, lang: Lang) -> Self {
        let words = ChartWords::of(lang);
        let value = |counts: &TrendCounts| value(counts, trends.measure, scale);
        let series = trends.series.iter().map(|series| Series {
            name: if series.q.is_empty() {
                words.every_report.to_owned()
            } else {
                short(&series.q, 24)
            },
            values: series.rows.iter().map(|row| value(&row.counts)).collect(),
        });
        let keys = trends.rows.iter().map(|row| {
            let label = words::label(lang, trends.by, &row.key).unwrap_or(&row.label);
            (row.key.clone(), label.to_owned())
        });
        Self {
            words,
            lang,
            unit: words.unit(trends.measure, scale),
            by: trends.by,
            keys: keys.collect(),
            series: series.collect(),
        }
    }

    /// The greatest value; 0 when there is none.
    fn greatest(&self) -> f64 {
        let values = self
            .series
            .iter()
            .flat_map(|series| series.values.iter().flatten());
        values.copied().fold(0.0, f64::max)
    }
}

/// The number to be shown for a key; `None` where there is nothing to be a share of, or nothing was counted.
pub(crate) fn value(counts: &TrendCounts, measure: Measure, scale: Scale) -> Option<f64> {
    let (part, whole, base) = match measure {
        Measure::Reports => (Some(counts.reports_with_hit), counts.reports, 100.0),
        Measure::Occurrences => (counts.occurrences, counts.chars, 10_000.0),
    };
    let part = part? as f64;
    match scale {
        Scale::Count => Some(part),
        Scale::Share => (whole > 0).then(|| part / whole as f64 * base),
    }
}

/// A number as it is written beside a bar.
pub(crate) fn shown(value: f64) -> String {
    match value {
        value if value.fract() == 0.0 => format!("{value:.0}"),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// A text of a picture: the beginning, without what XML cannot hold.
fn short(text: &str, most: usize) -> String {
    let plain = text.chars().map(|c| match c {
        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => ' ',
        c => c,
    });
    let mut plain: Vec<char> = plain.take(most + 1).collect();
    if plain.len() > most {
        plain.truncate(most.saturating_sub(1));
        plain.push('…');
    }
    plain.into_iter().collect()
}

#[cfg(test)]
mod tests;
