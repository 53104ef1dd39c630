//! What can be counted from the command line: panels of a dictionary, batches of queries.

use std::path::PathBuf;

use clap::Args;

use super::FilterArgs;

/// Behind the options of `panel --help`.
pub(super) const PANEL_HELP: &str = "\
A dictionary names concepts and their terms, in YAML, JSON or CSV (concept,term[,exclude]):
  环保: [环境保护, 环保]
  生态:
    terms: [生态]
    exclude: [营商生态, 政治生态]
Terms are found as they stand, in the text, not in titles: without overlap, from the left, the longest first.

Examples:
  gongbao panel --example environment > environment.yaml
      A dictionary to begin with; there are environment, digital and rule-of-law.
  gongbao panel --dictionary environment.yaml --level county --region 43 -o panel.csv
      Every county of Hunan in every year. Without a report, `reports` is 0 and `occurrences` empty.
  gongbao panel --dictionary environment.yaml --level county -o panel.parquet
      The same of the whole country, for pandas or R: .parquet and .xlsx carry their types, and what they were made from.
  gongbao panel --dictionary environment.yaml --by year,section --genre work-report
      By year and by what sections are for: achievements, problems, plans, duties, other.

Exit status: 0 done; 1 the index failed; 2 the call or the dictionary was wrong, with the line.";

/// `panel`
#[derive(Debug, Args)]
pub struct PanelArgs {
    /// The dictionary: .yaml, .yml, .json or .csv
    #[arg(long, value_name = "FILE", required_unless_present = "example")]
    pub dictionary: Option<PathBuf>,
    /// Print a ready dictionary and end: environment, digital or rule-of-law
    #[arg(long, value_name = "NAME", conflicts_with = "dictionary")]
    pub example: Option<String>,
    /// What rows are told apart by besides the concept: region, year, genre, section; \"\" for nothing
    #[arg(long, value_name = "NAMES", default_value = "region,year")]
    pub by: String,
    /// Divisions of which level rows are for: province, city or county [default: each report's own]
    #[arg(long)]
    pub level: Option<String>,
    /// Count only reports that this query finds
    #[arg(long, short = 'q', value_name = "QUERY", allow_hyphen_values = true, value_parser = super::query::read)]
    pub query: Option<String>,
    /// What is counted and where it goes.
    #[command(flatten)]
    pub table: TableArgs,
}

/// Behind the options of `batch --help`.
pub(super) const BATCH_HELP: &str = "\
The file has a query on each line, or is a CSV (name ending with .csv) with the columns q and, if need be, name.
Empty lines and lines that begin with # are passed over.

For each query: how many reports it finds (reports_with_hit), how often its words and strings stand in their
texts (occurrences), of how many reports and Han characters, and the first year, day and division.

Examples:
  gongbao batch queries.txt --by year -o queries.csv
      One row for each query and year.
  gongbao batch queries.txt --by region --level county --region 43
      When and where a phrase came up first: first_published of each county.";

/// `batch`
#[derive(Debug, Args)]
pub struct BatchArgs {
    /// Queries, one a line, or a CSV of them
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What rows are told apart by besides the query: region, year, genre, section [default: nothing]
    #[arg(long, value_name = "NAMES", default_value = "", hide_default_value = true)]
    pub by: String,
    /// Divisions of which level rows are for: province, city or county [default: each report's own]
    #[arg(long)]
    pub level: Option<String>,
    /// What is counted and where it goes.
    #[command(flatten)]
    pub table: TableArgs,
}

/// What `panel` and `batch` have in common.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// How queries are read: words, any, exact or loose
    #[arg(long, default_value = "words")]
    pub mode: String,
    /// duplicates: of near-duplicates only the one published first counts
    #[arg(long)]
    pub group: Option<String>,
    /// The filters.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// Write to this file, and beside it FILE.provenance.json with what was asked [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the table [default: by the name of the file, else csv]
    #[arg(long, value_name = "FORMAT", value_parser = ["csv", "jsonl", "parquet", "xlsx"])]
    pub format: Option<String>,
    /// Begin a CSV with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    pub bom: bool,
}
