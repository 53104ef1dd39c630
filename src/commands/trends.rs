//! `trends`: counts by year, division or genre, as a table, CSV, JSON or a picture.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};

use index::{Measure, QueryEcho, SearchError, TrendCounts, TrendSeries, Trends, TrendsRequest};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Settings,
    coverage::padded,
    form::Form,
    search::{Paper, clean, open, told},
};
use crate::{
    api::{
        params::Params,
        trends::{address, picture, read_picture, read_request, table},
    },
    charts::{Scale, value},
    cli::TrendsArgs,
    export::{file::Target, provenance::of_search},
    failure::wrong_call,
};

pub(super) fn run(settings: &Settings, args: TrendsArgs) -> anyhow::Result<ExitCode> {
    let form = Form::read(&args.written)?;
    let mut pairs = args.filters.into_params();
    pairs.extend(args.queries.into_iter().map(|q| ("q".to_owned(), q)));
    pairs.extend(
        [("by", args.by), ("measure", args.measure), ("mode", args.mode)]
            .map(|(name, value)| (name.to_owned(), value)),
    );
    let optional = [
        ("group", args.group),
        ("chart", args.chart_kind),
        ("scale", args.scale),
        ("lang", args.lang),
    ];
    pairs.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    let mut params = Params::from_pairs(pairs);
    let look = read_picture(&mut params).map_err(told)?;
    let request = read_request(&mut params).map_err(told)?;
    let chart = args.chart.as_deref().map(|path| Target::new(Some(path)));
    let chart = chart.transpose()?;
    let target = Target::new(args.written.output.as_deref())?;
    let reader = open(settings)?;
    let trends = reader
        .trends(&request, Instant::now())
        .map_err(|error| match error {
            SearchError::Index(error) => anyhow::Error::from(error),
            SearchError::InvalidQuery { message, hint, .. } => wrong_call(format!("{message}\n{hint}")),
            SearchError::InvalidQueryOf { ref hint, .. } => wrong_call(format!("{error}\n{hint}")),
            error => wrong_call(error.to_string()),
        })?;
    let about = provenance(&request, &trends, reader.corpus_state().dictionary);
    if let Some(target) = &chart {
        let svg = picture(&trends, look).map_err(told)?;
        let mut out = target.begin()?;
        out.write_all(svg.as_bytes())?;
        out.finish(Some(about.clone()))?;
        if let Target::File(path) = target {
            eprintln!("drawn: {}", path.display());
        }
    }
    let is_wanted = args.chart.is_none() || form != Form::Lines || args.written.output.is_some();
    if !is_wanted {
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = target.begin()?;
    if form == Form::Csv {
        out.write_all(table(&trends, args.written.bom).as_bytes())?;
    } else if form == Form::Json {
        serde_json::to_writer_pretty(&mut out, &trends)?;
        writeln!(out)?;
    } else {
        let is_terminal = args.written.output.is_none() && io::stdout().is_terminal();
        let paper = Paper::new(is_terminal, |name| std::env::var_os(name));
        for series in &trends.series {
            lines(&mut out, &paper, &trends, series)?;
        }
    }
    out.finish((form == Form::Csv).then_some(about))?;
    Ok(ExitCode::SUCCESS)
}

/// What is laid beside a CSV or a picture.
fn provenance(request: &TrendsRequest, trends: &Trends, dictionary: u32) -> Value {
    let (search, now) = (&request.search, Timestamp::now());
    let mut about = of_search(search, trends.state, dictionary, now);
    about.remove("q");
    let address = address(request, trends.state, now);
    let parsed: Vec<&QueryEcho> = trends.series.iter().map(|series| &series.query).collect();
    let more = [
        ("queries", json!(parsed)),
        ("by", json!(request.by)),
        ("measure", json!(request.measure)),
        ("address", format!("/api/v1/trends?{address}").into()),
    ];
    about.extend(more.map(|(name, value)| (name.to_owned(), value)));
    about.into()
}

/// The counts of one query.
fn lines(out: &mut impl Write, paper: &Paper, trends: &Trends, series: &TrendSeries) -> io::Result<()> {
    let Paper {
        strong, dim, plain, ..
    } = paper;
    let name = if series.q.is_empty() {
        "every report"
    } else {
        &series.q
    };
    writeln!(out, "{strong}{}{plain}", clean(name))?;
    writeln!(
        out,
        "  {dim}{:<22} {:<21} {:>9} {:>9} {:>7} {:>11} {:>13} {:>9}{plain}",
        trends.by.code(),
        "",
        "with hit",
        "reports",
        "%",
        "occurrences",
        "characters",
        "per 10000"
    )?;
    let mut n_empty = 0;
    for row in &series.rows {
        // A year without a report is a gap; of divisions most may have none.
        if row.counts.reports == 0 && trends.by != index::By::Year {
            n_empty += 1;
            continue;
        }
        let label = if row.label == row.key { "" } else { &row.label };
        line(out, &row.key, label, &row.counts)?;
    }
    if series.without_key.reports > 0 {
        line(out, "none", "", &series.without_key)?;
    }
    if n_empty > 0 {
        writeln!(
            out,
            "  {dim}{n_empty} without a report; --csv and --json list them{plain}"
        )?;
    }
    writeln!(out)
}

fn line(out: &mut impl Write, key: &str, label: &str, counts: &TrendCounts) -> io::Result<()> {
    let share = |measure| {
        let share = value(counts, measure, Scale::Share);
        share.map_or_else(|| "–".to_owned(), |share| format!("{share:.2}"))
    };
    let occurrences = counts
        .occurrences
        .map_or_else(|| "–".to_owned(), |n| n.to_string());
    writeln!(
        out,
        "  {key:<22} {} {:>9} {:>9} {:>7} {occurrences:>11} {:>13} {:>9}",
        padded(label, 21),
        counts.reports_with_hit,
        counts.reports,
        share(Measure::Reports),
        counts.chars,
        share(Measure::Occurrences)
    )
}
