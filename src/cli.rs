//! The command line: what can be called and with what.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

mod counting;
mod exporting;
mod occurrences;
mod operating;
mod query;

use self::counting::{BATCH_HELP, PANEL_HELP};
pub use self::counting::{BatchArgs, PanelArgs, TableArgs};
use self::exporting::EXPORT_HELP;
pub use self::exporting::ExportArgs;
use self::occurrences::{CONCORDANCE_HELP, TRENDS_HELP};
pub use self::occurrences::{ConcordanceArgs, TrendsArgs, WrittenArgs};
use self::operating::{BACKUP_HELP, JOBS_HELP, KEYS_HELP, PORTALS_HELP, RESTORE_HELP};
pub use self::operating::{
    BackupArgs, IndexAction, IndexArgs, JobsAction, JobsArgs, KeysAction, KeysArgs, PortalsArgs, RestoreArgs,
};

/// Full-text search over published Chinese government reports (公报).
///
/// Crawls county and city portals, keeps what was fetched, extracts the reports, and searches them exactly.
/// Start with `gongbao demo`.
#[derive(Debug, Parser)]
#[command(
    name = "gongbao",
    version,
    max_term_width = 110,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Configuration file [default: gongbao.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "GONGBAO_CONFIG")]
    pub config: Option<PathBuf>,
    /// Data directory [default: data]
    #[arg(long, global = true, value_name = "DIR", env = "GONGBAO_DATA")]
    pub data: Option<PathBuf>,
    /// What to log to stderr: error, warn, info, debug, trace, or a filter such as crawler=debug
    #[arg(
        long,
        global = true,
        value_name = "FILTER",
        env = "GONGBAO_LOG",
        default_value = "warn,gongbao=info,crawler=info,index=info"
    )]
    pub log: String,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start sample county portals on loopback, crawl, index and serve them
    Demo(DemoArgs),
    /// Write a commented gongbao.toml, portals/example.toml and synonyms.txt
    Init(InitArgs),
    /// Crawl portals once, then index what was found
    Crawl(CrawlArgs),
    /// Take in files: .html .txt .pdf .doc(x) .xls(x) .ofd .zip, .warc .jsonl (also .gz), and folders of them
    Import(ImportArgs),
    /// Show what the extractor reads out of a page, and why
    #[command(after_long_help = EXTRACT_HELP)]
    Extract(ExtractArgs),
    /// Search from the terminal
    #[command(after_long_help = SEARCH_HELP)]
    Search(Box<SearchArgs>),
    /// Write everything that a search finds into a file: a table, JSON Lines or citations
    #[command(after_long_help = EXPORT_HELP)]
    Export(Box<ExportArgs>),
    /// Count the concepts of a dictionary by region, year, genre or section, with denominators
    #[command(after_long_help = PANEL_HELP)]
    Panel(Box<PanelArgs>),
    /// Ask a file of queries and make one table of what they find
    #[command(after_long_help = BATCH_HELP)]
    Batch(Box<BatchArgs>),
    /// Show every place of a query's strings with what stands before and behind it (key word in context)
    #[command(after_long_help = CONCORDANCE_HELP)]
    Concordance(Box<ConcordanceArgs>),
    /// Count reports and occurrences by year, division or genre, with what they are set against; as a table or a chart
    #[command(after_long_help = TRENDS_HELP)]
    Trends(Box<TrendsArgs>),
    /// Show near-duplicates of a report, and what else is about the same thing
    #[command(after_long_help = SIMILAR_HELP)]
    Similar(SimilarArgs),
    /// Show for every region, year and genre whether its report was published, and what is known of it
    #[command(after_long_help = COVERAGE_HELP)]
    Coverage(CoverageArgs),
    /// Serve the API and the web pages
    Serve(ServeArgs),
    /// Check portal files, and what portals give
    Portal(PortalArgs),
    /// Show how all portals are, what is wrong with them and what to do, the worst first
    #[command(after_long_help = PORTALS_HELP)]
    Portals(PortalsArgs),
    /// Derive the index anew, check it, or show its figures
    Index(IndexArgs),
    /// Copy the data directory, also while others write to it; again into the same folder, only what is new
    #[command(after_long_help = BACKUP_HELP)]
    Backup(BackupArgs),
    /// Fill an empty data directory from a backup
    #[command(after_long_help = RESTORE_HELP)]
    Restore(RestoreArgs),
    /// Read a file of a report from stdin: what the crawler starts as a process of its own
    #[command(hide = true)]
    ReadFile(ReadFileArgs),
    /// Make, list and revoke API keys
    #[command(after_long_help = KEYS_HELP)]
    Keys(KeysArgs),
    /// List, ask for and cancel crawls that `serve` runs
    #[command(after_long_help = JOBS_HELP)]
    Jobs(JobsArgs),
    /// Print shell completions
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// `read-file`
#[derive(Debug, Args)]
pub struct ReadFileArgs {
    /// What the file is called
    #[arg(long)]
    pub name: Option<String>,
    /// Address space, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub memory: u64,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Address of the API and the pages
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    /// Stop when everything is crawled and indexed
    #[arg(long, conflicts_with = "sites_only")]
    pub exit_after_crawl: bool,
    /// Only serve the sample portals, for another process to crawl
    #[arg(long)]
    pub sites_only: bool,
    /// Write gongbao.toml and portal files for the sample portals into DIR
    #[arg(long, value_name = "DIR")]
    pub write_config: Option<PathBuf>,
}

/// `init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write
    #[arg(default_value = ".")]
    pub dir: PathBuf,
}

/// `crawl`
#[derive(Debug, Default, Args)]
pub struct CrawlArgs {
    /// Ids of portals (file names without .toml); all when none is named
    #[arg(value_name = "PORTAL")]
    pub portals: Vec<String>,
    /// Only the portals whose schedule says that they are due, for cron and timers; a running `serve` does this itself
    #[arg(long, conflicts_with = "portals")]
    pub due: bool,
    /// Fetch everything again instead of asking whether it changed
    #[arg(long)]
    pub full: bool,
    /// Stop a portal after N requests
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_pages: Option<u64>,
    /// One JSON object a portal on stdout, when it is done
    #[arg(long)]
    pub json: bool,
    /// Fail when another process is writing, instead of waiting
    #[arg(long)]
    pub no_wait: bool,
}

/// `import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files and folders
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// File the reports under this portal
    #[arg(long, value_name = "ID")]
    pub portal: Option<String>,
    /// The summary as one JSON object on stdout
    #[arg(long)]
    pub json: bool,
    /// Fail when another process is writing, instead of waiting
    #[arg(long)]
    pub no_wait: bool,
}

/// Shape of `extract`'s output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExtractFormat {
    /// The report as JSON
    Json,
    /// Its text
    Text,
    /// Its text with headings marked
    Markdown,
}

/// Behind the options of `extract --help`.
const EXTRACT_HELP: &str = "\
Examples:
  gongbao extract page.html --url https://www.example.gov.cn/zwgk/1.html
      The report as JSON: title, text, region, genre, year, dates, numbers, doubts.
  gongbao extract page.html --explain --format text
      For a person: how the bytes were decoded, where the main text was found, which lines
      were dropped and why, where every field was read from, and what was not taken for one.
  gongbao extract page.html --explain | jq .explain.fields.published
      The same for a program, beside the report under \"explain\".
  gongbao extract --batch pages/ --urls urls.tsv > reports.jsonl
      One line a page, by path; a page without a report is {\"file\":…,\"error\":…}.

Exit status: 0 done; 1 no report in the page; 2 the call was wrong.
A batch that got through exits with 0, whatever its single pages held; the last line on
stderr counts them.";

/// `extract`
#[derive(Debug, Args)]
pub struct ExtractArgs {
    /// The page; - or nothing reads stdin
    #[arg(value_name = "FILE", conflicts_with = "batch")]
    pub file: Option<PathBuf>,
    /// Address the page came from
    #[arg(long, conflicts_with = "batch")]
    pub url: Option<String>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "json", conflicts_with = "batch")]
    pub format: ExtractFormat,
    /// Tell why the page was read as it was: as "explain" in the JSON, or alone with --format text
    #[arg(long, conflicts_with = "batch")]
    pub explain: bool,
    /// Every .html, .htm and .txt below DIR, as JSON Lines
    #[arg(long, value_name = "DIR")]
    pub batch: Option<PathBuf>,
    /// Addresses for --batch: lines of file, tab, URL
    #[arg(long, value_name = "TSV", requires = "batch")]
    pub urls: Option<PathBuf>,
}

/// Behind the options of `search --help`.
const SEARCH_HELP: &str = "\
The query:
  法治 营商环境             both words            \"营商环境\"             the string as it stands
  法治 OR 依法              one of them           \"甲\" NEAR/20 \"乙\"     both, at most 20 characters apart
  法治 -转发, NOT 转发      without               title:法治 year:2019..2023   fields and ranges

Examples:
  gongbao search '\"双随机、一公开\" -title:转发' --region 43 --year-from 2019
      Hunan and everything below it. Hits show where in the outline a passage stands, and its role.
  gongbao search '放管服 新津县' --mode loose
      Synonyms, abbreviations, traditional characters and former names of divisions too; stderr says which.
  gongbao search 行政复议 --section problems --facets region,year --limit 0
      Only counts: in which regions and years the word stands under existing problems.
  gongbao search 行政复议 --limit 500 --json | jq -r '.hits[].id'
      The answer of the API, with as many hits as wanted.

Exit status: 0 done, also without a hit; 1 the index failed; 2 the call or the query was wrong, with
a mark under the place. Colours are left out where NO_COLOR is set.";

/// `search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// The query: words, "exact strings", OR, NOT, ( ), field:value; empty for every report
    #[arg(default_value = "", allow_hyphen_values = true, value_parser = query::read)]
    pub query: String,
    /// words, any, exact or loose (synonyms and traditional characters too)
    #[arg(long, default_value = "words")]
    pub mode: String,
    /// The filters.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// relevance, published, -published, year, -year, changed or -changed
    #[arg(long, allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// duplicates: one hit for a group of near-duplicates
    #[arg(long)]
    pub group: Option<String>,
    /// How many hits, up to 10000; 0 for counts alone
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
    /// Count values of region, province, year, genre, issuer_type, section (repeatable, or with commas)
    #[arg(long, value_name = "FACETS")]
    pub facets: Vec<String>,
    /// Fields of a hit in --json (repeatable, or with commas) [default: all but text and outline]
    #[arg(long, value_name = "FIELDS", requires = "json")]
    pub fields: Vec<String>,
    /// The answer of the API, as JSON
    #[arg(long)]
    pub json: bool,
}

/// The filters of the API.
#[derive(Clone, Debug, Default, Args)]
pub struct FilterArgs {
    /// Region code; a province or city code takes all below it (repeatable)
    #[arg(long, value_name = "CODE")]
    pub region: Vec<String>,
    /// Genre code (repeatable)
    #[arg(long, value_name = "GENRE")]
    pub genre: Vec<String>,
    /// Year the report is about (repeatable)
    #[arg(long)]
    pub year: Vec<String>,
    /// From this year
    #[arg(long, value_name = "YEAR")]
    pub year_from: Vec<String>,
    /// To this year
    #[arg(long, value_name = "YEAR")]
    pub year_to: Vec<String>,
    /// Published from this day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    pub published_from: Vec<String>,
    /// Published to this day (YYYY-MM-DD)
    #[arg(long, value_name = "DATE")]
    pub published_to: Vec<String>,
    /// government, department, township, party, media or other (repeatable)
    #[arg(long, value_name = "TYPE")]
    pub issuer_type: Vec<String>,
    /// Portal id (repeatable)
    #[arg(long, value_name = "ID")]
    pub portal: Vec<String>,
    /// The query matches inside a section of this role: achievements, problems, plans, duties, other
    #[arg(long, value_name = "ROLE")]
    pub section: Vec<String>,
    /// clean keeps reports without quality flags
    #[arg(long, value_name = "QUALITY")]
    pub quality: Vec<String>,
    /// New, changed or taken down since this day (YYYY-MM-DD, China time) or moment (2024-02-27T08:30:00+08:00)
    #[arg(long, value_name = "TIME")]
    pub changed_since: Vec<String>,
    /// As the corpus was known at the end of this day (YYYY-MM-DD, China time), at this moment, or in this `state` of an
    /// earlier answer
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
}

impl FilterArgs {
    /// The filters as the API's parameters.
    pub fn into_params(self) -> Vec<(String, String)> {
        let named = [
            ("region", self.region),
            ("genre", self.genre),
            ("year", self.year),
            ("year_from", self.year_from),
            ("year_to", self.year_to),
            ("published_from", self.published_from),
            ("published_to", self.published_to),
            ("issuer_type", self.issuer_type),
            ("portal", self.portal),
            ("section", self.section),
            ("quality", self.quality),
            ("changed_since", self.changed_since),
            ("as_of", self.as_of.into_iter().collect()),
        ];
        named
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.to_owned(), value)))
            .collect()
    }
}

/// Behind the options of `similar --help`.
const SIMILAR_HELP: &str = "\
Near-duplicates say nearly the same, letter by letter; the share is that of runs of five letters that
both texts have. What is about the same thing answers to the most telling words of the report.
Reports of another year or region are never near-duplicates, however alike they are.

Examples:
  gongbao similar 4ab1f0c2d3e45566
      Both lists, with the longest passages that stand in both texts.
  gongbao search '\"法治政府建设\"' --json | jq -r '.hits[].id' | xargs -n 1 gongbao similar --json
      The answer of the API for every hit: GET /api/v1/reports/{id}/similar.

Exit status: 0 done, also when nothing is like it; 1 the index failed; 2 there is no such report.";

/// `similar`
#[derive(Debug, Args)]
pub struct SimilarArgs {
    /// Id of the report, as `search` shows it
    #[arg(value_name = "ID")]
    pub id: String,
    /// How many of each kind, up to 100
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub limit: u8,
    /// The answer of the API, as JSON
    #[arg(long)]
    pub json: bool,
}

/// Behind the options of `coverage --help`.
const COVERAGE_HELP: &str = "\
States:
  published        a report of this region, year and genre is there
  attachment_only  it is there as a file that a page only points to
  removed          it was there and was taken down
  blocked          it was there, or may be, and the portal has since shut us out
  not_found        a complete crawl of a portal of the region did not find it
  unknown          nobody has looked, or not well enough

A region has rows when a portal stands for it: by `region` in its file or, without that, when
over half of its reports are about the region.

Examples:
  gongbao coverage --region 43 --genre rule-of-law-report
      Every county of Hunan that a portal stands for, over all years that were seen.
  gongbao coverage --year 2023 --format csv > coverage.csv";

/// Shape of `coverage`'s output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// Lines for a person
    Table,
    /// Comma-separated values with a line of names
    Csv,
    /// The answer of the API
    Json,
}

/// `coverage`
#[derive(Debug, Args)]
pub struct CoverageArgs {
    /// Region code; a province or city code takes all below it (repeatable) [default: all]
    #[arg(long, value_name = "CODE")]
    pub region: Vec<String>,
    /// Genre code (repeatable) [default: those that are published every year]
    #[arg(long, value_name = "GENRE")]
    pub genre: Vec<String>,
    /// Year the report is about (repeatable) [default: from the earliest to the latest that was seen]
    #[arg(long)]
    pub year: Vec<String>,
    /// Shape of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: CoverageFormat,
}

impl CoverageArgs {
    /// What is asked for, as the API's parameters.
    pub fn into_params(self) -> Vec<(String, String)> {
        let named = [
            ("region", self.region),
            ("genre", self.genre),
            ("year", self.year),
        ];
        named
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.to_owned(), value)))
            .collect()
    }
}

/// `serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address of the API and the pages [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", env = "GONGBAO_BIND")]
    pub bind: Option<SocketAddr>,
    /// Listen where others can reach it although there is no key
    #[arg(long)]
    pub insecure: bool,
}

/// `portal`
#[derive(Debug, Args)]
pub struct PortalArgs {
    /// What to do with portal files.
    #[command(subcommand)]
    pub action: PortalAction,
}

/// What to do with portal files.
#[derive(Debug, Subcommand)]
pub enum PortalAction {
    /// Say what is wrong in portal files, and what to write instead
    #[command(after_long_help = PORTAL_CHECK_HELP)]
    Check(PortalCheckArgs),
}

/// Behind the options of `portal check --help`.
const PORTAL_CHECK_HELP: &str = "\
Examples:
  gongbao portal check portals/changning.toml
      Every error with its line and what to write, and what is right but hardly meant.
  gongbao portal check portals
      All portal files of a folder.
  gongbao portal check portals/changning.toml --live
      Asks the portal too, at the pace of a crawl: robots.txt, the first seed, a list below it,
      the first report; shows what was understood, by what sign, and what to write instead.
      Nothing is kept, and a crawl may run beside it.

Exit status: 0 all files are right, and with --live a report was read; 1 a file has errors, or
no report was reached; 2 the call was wrong. Warnings don't count as errors.";

/// `portal check`
#[derive(Debug, Args)]
pub struct PortalCheckArgs {
    /// Portal files, and folders of them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Ask the portal too: what the first list and the first report give
    #[arg(long)]
    pub live: bool,
    /// One JSON object a file on stdout
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
