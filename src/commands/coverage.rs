//! `coverage`: the ledger of what was published, found and lost, as a table, CSV or JSON.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;
use crawler::Catalog;
use unicode_width::UnicodeWidthStr;

use super::Settings;
use crate::{
    api::{
        coverage::{Row, read_query, scopes},
        params::Params,
    },
    cli::{CoverageArgs, CoverageFormat},
    export::csv,
    failure::wrong_call,
    portals::PortalSet,
};

/// Columns of the CSV, in order.
const COLUMNS: [&str; 9] = [
    "region_code",
    "region_name",
    "year",
    "genre",
    "state",
    "report_id",
    "url",
    "portal",
    "checked_at",
];

pub(super) fn run(settings: &Settings, args: CoverageArgs) -> anyhow::Result<ExitCode> {
    let format = args.format;
    let query = read_query(&mut Params::from_pairs(args.into_params()))
        .map_err(|problem| wrong_call(problem.body().detail))?;
    let catalog = Catalog::open_to_read(settings.data_to_read()?).context("cannot open the catalog")?;
    let folder = &settings.config.crawl.portals;
    let portals = PortalSet::read(folder)
        .with_context(|| format!("cannot read the portal files in {}", folder.display()))?;
    for (path, error) in &portals.bad {
        tracing::warn!("{} is left out: {error}", path.display());
    }
    let ledger = catalog.ledger(&scopes(&portals), &query)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    begin(&mut out, format)?;
    let mut is_first = true;
    // Region by region: the whole is never in memory.
    for region in ledger.regions() {
        for cell in catalog.cells(&ledger, region)? {
            let row = Row::from(cell);
            *counts.entry(row.state).or_default() += 1;
            write_row(&mut out, format, &row, is_first)?;
            is_first = false;
        }
    }
    if format == CoverageFormat::Json {
        writeln!(out, "]}}")?;
    }
    out.flush()?;
    drop(out);
    if ledger.is_empty() {
        tracing::warn!(
            "no portal stands for a region that was asked for, or no report has a year; name years with --year"
        );
    }
    let counts: Vec<String> = counts.iter().map(|(state, n)| format!("{n} {state}")).collect();
    eprintln!("{} cells: {}", ledger.len(), counts.join(", "));
    Ok(ExitCode::SUCCESS)
}

fn begin(out: &mut impl Write, format: CoverageFormat) -> io::Result<()> {
    match format {
        CoverageFormat::Json => write!(out, "{{\"rows\":["),
        CoverageFormat::Csv => write!(out, "{}\r\n", COLUMNS.join(",")),
        CoverageFormat::Table => writeln!(
            out,
            "{:<7} {} {:<5} {:<23} {:<16} {:<11} report or portal",
            "region",
            padded("name", 20),
            "year",
            "genre",
            "state",
            "checked"
        ),
    }
}

fn write_row(out: &mut impl Write, format: CoverageFormat, row: &Row, is_first: bool) -> anyhow::Result<()> {
    let day = row.checked_at.map(|at| at.date().to_string());
    let name = row.region_name.unwrap_or_default();
    match format {
        CoverageFormat::Json => {
            if !is_first {
                writeln!(out, ",")?;
            }
            serde_json::to_writer(out, row)?;
        }
        CoverageFormat::Csv => {
            let cells = [
                row.region_code.to_string(),
                name.to_owned(),
                row.year.to_string(),
                row.genre.to_string(),
                row.state.to_owned(),
                row.report_id
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                row.url.clone().unwrap_or_default(),
                row.portal.clone().unwrap_or_default(),
                row.checked_at.map(|at| at.to_string()).unwrap_or_default(),
            ];
            write!(out, "{}\r\n", cells.map(|text| csv::cell(&text)).join(","))?;
        }
        CoverageFormat::Table => writeln!(
            out,
            "{:<7} {} {:<5} {:<23} {:<16} {:<11} {}",
            row.region_code.to_string(),
            padded(name, 20),
            row.year,
            row.genre.code(),
            row.state,
            day.unwrap_or_default(),
            super::search::clean(
                row.url
                    .as_ref()
                    .or(row.portal.as_ref())
                    .map_or("", String::as_str)
            ),
        )?,
    }
    Ok(())
}

/// A text as wide as `width` columns of a terminal, in which a Han character takes two.
fn padded(text: &str, width: usize) -> String {
    let spaces = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(spaces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        assert_eq!(padded("常宁市", 8), "常宁市  ");
        assert_eq!(padded("name", 8), "name    ");
    }
}
