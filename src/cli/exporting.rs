//! `export`: its arguments and what its `--help` teaches.

use std::{convert::Infallible, path::PathBuf};

use clap::Args;

use super::FilterArgs;

/// Behind the options of `export --help`.
pub(super) const EXPORT_HELP: &str = "\
Formats:
  csv      one row a report, UTF-8; --bom for Excel     jsonl    whole reports, text and outline included
  parquet  the same columns for pandas, R, Stata        xlsx     the same in Excel, long texts cut
  bibtex, ris, gbt7714, csl                             citations

Without --sort the reports come by id. A file is there when it is whole, and never half; beside it
comes FILE.provenance.json with query, filters, time, versions, and its SHA-256. What goes to stdout
is whole when the exit status is 0. A text that a spreadsheet would run as a formula gets a ' before it
in csv and xlsx; --keep-formulas leaves it as it is.

Examples:
  gongbao export '\"双随机、一公开\"' --region 43 -o hunan.csv
      Every report of Hunan that has the string; the format is read from the name.
  gongbao export --genre work-report --year-from 2019 --format parquet --fields id,region_code,year,title,text -o work.parquet
      The texts of all work reports since 2019, for counting in pandas or R.
  gongbao export 数字政府 --format jsonl | jq -r 'select(.id) | [.id, .title] | @tsv'
      The last line is {\"complete\":true,\"count\":N}.
  gongbao export 行政复议 --section problems -o literature.bib

Exit status: 0 done, also when nothing was found; 1 it failed, and no file was written; 2 the call or
the query was wrong.";

/// `export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The query, as for `search`; empty for every report
    #[arg(default_value = "", allow_hyphen_values = true, value_parser = super::query::read)]
    pub query: String,
    /// csv, jsonl, parquet, xlsx, bibtex, ris, gbt7714 or csl [default: what the name of the file ends with]
    #[arg(long)]
    pub format: Option<String>,
    /// Where to write [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Fields of a report (repeatable, or with commas) [default: all; in tables without text and what is no single value]
    #[arg(long, value_name = "FIELDS")]
    pub fields: Vec<String>,
    /// words, any, exact or loose (synonyms and traditional characters too)
    #[arg(long, default_value = "words")]
    pub mode: String,
    /// The filters.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// relevance, published, -published, year, -year, changed or -changed [default: by id]
    #[arg(long, allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// duplicates: one report for a group of near-duplicates
    #[arg(long)]
    pub group: Option<String>,
    /// Begin a CSV file with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    pub bom: bool,
    /// In csv and xlsx, write texts that begin like a formula as they are
    #[arg(long)]
    pub keep_formulas: bool,
    /// What `search` has and people try here; there is no value of it.
    #[arg(long, hide = true, value_name = "N", value_parser = no_limit)]
    pub limit: Option<Infallible>,
}

fn no_limit(_: &str) -> Result<Infallible, String> {
    Err(
        "an export has no limit: it holds all that the search finds; narrow the query or its filters"
            .to_owned(),
    )
}

impl ExportArgs {
    /// What is asked for, as the API's parameters, in this format.
    pub fn into_params(self, format: &str) -> Vec<(String, String)> {
        let one = |name: &str, value: String| (name.to_owned(), value);
        let mut pairs = self.filters.into_params();
        pairs.push(one("q", self.query));
        pairs.push(one("mode", self.mode));
        pairs.push(one("format", format.to_owned()));
        pairs.extend(self.sort.map(|sort| one("sort", sort)));
        pairs.extend(self.group.map(|group| one("group", group)));
        pairs.extend(self.fields.into_iter().map(|field| one("fields", field)));
        pairs.extend(self.bom.then(|| one("bom", "true".to_owned())));
        pairs.extend(
            self.keep_formulas
                .then(|| one("formula_guard", "false".to_owned())),
        );
        pairs
    }
}
