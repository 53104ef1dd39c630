//! The commands that count what stands in reports: `concordance`, `trends`.

use std::path::PathBuf;

use clap::Args;

use super::FilterArgs;

/// Behind the options of `concordance --help`.
pub(super) const CONCORDANCE_HELP: &str = "\
Every occurrence in the text of a report is a row; titles are not looked at. Occurrences of several
strings do not overlap: the leftmost counts, then the longest. The total is exact.

Examples:
  gongbao concordance '\"数字政府\"' --region 43 --sort right
      By what follows: what is said to be built, promoted, lacking.
  gongbao concordance 行政复议 --section problems --sample 200 --seed 7 --csv -o sample.csv
      200 places drawn at random from the sections on problems, the same every time, to be coded by hand.
  gongbao concordance '\"放管服\"' --year-from 2019 --json | jq -r '.rows[] | [.year, .left, .match, .right] | @tsv'
      All rows, for a program.

Exit status: 0 done, also without a row; 1 the index failed; 2 the call or the query was wrong.
Colours are left out where NO_COLOR is set.";

/// `concordance`
#[derive(Debug, Args)]
pub struct ConcordanceArgs {
    /// The query, as for `search`: its words and strings are what is shown
    #[arg(allow_hyphen_values = true, value_parser = super::query::read)]
    pub query: String,
    /// words, any, exact or loose (synonyms and traditional characters too)
    #[arg(long, default_value = "words")]
    pub mode: String,
    /// The filters.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// duplicates: rows of one report of a group of near-duplicates only
    #[arg(long)]
    pub group: Option<String>,
    /// left, left_outwards (read from the match), right, region or year [default: by id of the report]
    #[arg(long)]
    pub sort: Option<String>,
    /// Characters shown before and behind a match, up to 200 [default: 20; 30 with --csv and --json]
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,
    /// Draw N rows at random, up to 10000
    #[arg(long, value_name = "N")]
    pub sample: Option<usize>,
    /// The same number draws the same rows
    #[arg(long, value_name = "S", requires = "sample")]
    pub seed: Option<u64>,
    /// How many rows; 0 for the total alone [default: 20; all with --csv and --json]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// In which form it is written, and where.
    #[command(flatten)]
    pub written: WrittenArgs,
}

/// Behind the options of `trends --help`.
pub(super) const TRENDS_HELP: &str = "\
Counted are reports that match and occurrences in their texts, of how many reports and Han characters
under the same filters. Keys for which nothing was found are listed too: a dash is no report at all,
0 is reports without a hit. Divisions are those of today.

Examples:
  gongbao trends '\"数字政府\"' '\"智慧城市\"' --by year --region 43
      Two queries, year by year, in one table.
  gongbao trends '\"数字政府\"' --by province --year 2023 --chart digital.svg
      The share of reports with the string, province by province, as a picture.
  gongbao trends 行政复议 --by county --region 4304 --section problems --csv -o counties.csv
      County by county, counted in the sections on problems only.

Exit status: 0 done; 1 the index failed; 2 the call or a query was wrong.";

/// `trends`
#[derive(Debug, Args)]
pub struct TrendsArgs {
    /// The queries, as for `search`, up to 20, behind -- when one begins with -; without any, every report is counted
    #[arg(value_name = "QUERY")]
    pub queries: Vec<String>,
    /// year, province, city, county or genre
    #[arg(long, default_value = "year")]
    pub by: String,
    /// reports or occurrences: what the chart shows; both are counted
    #[arg(long, default_value = "reports")]
    pub measure: String,
    /// words, any, exact or loose (synonyms and traditional characters too)
    #[arg(long, default_value = "words")]
    pub mode: String,
    /// The filters.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// duplicates: count a group of near-duplicates once
    #[arg(long)]
    pub group: Option<String>,
    /// Draw a picture (SVG) into FILE
    #[arg(long, value_name = "FILE")]
    pub chart: Option<PathBuf>,
    /// line (by year), bars or tiles (by province) [default: what suits --by]
    #[arg(long, value_name = "KIND", requires = "chart")]
    pub chart_kind: Option<String>,
    /// share (of reports in a hundred, of characters in 10,000) or count [default: share]
    #[arg(long, value_name = "SCALE", requires = "chart")]
    pub scale: Option<String>,
    /// Language of what is written in the picture: zh or en [default: zh]
    #[arg(long, value_name = "LANG", requires = "chart")]
    pub lang: Option<String>,
    /// In which form it is written, and where.
    #[command(flatten)]
    pub written: WrittenArgs,
}

/// How `concordance` and `trends` are written.
#[derive(Debug, Default, Args)]
pub struct WrittenArgs {
    /// Comma-separated values with a line of names; what a FILE that ends with .csv is anyhow
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// The answer of the API, as JSON; what a FILE that ends with .json is anyhow
    #[arg(long)]
    pub json: bool,
    /// Begin a CSV with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    pub bom: bool,
    /// Write to FILE instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
