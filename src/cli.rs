//! The command line: what can be called and with what.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

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
    /// Write a commented gongbao.toml and portals/example.toml
    Init(InitArgs),
    /// Crawl portals once, then index what was found
    Crawl(CrawlArgs),
    /// Take in files: .html .txt .pdf .doc(x) .xls(x) .ofd .zip, .warc .jsonl (also .gz), and folders of them
    Import(ImportArgs),
    /// Show what the extractor reads out of a page, and why
    #[command(after_long_help = EXTRACT_HELP)]
    Extract(ExtractArgs),
    /// Search from the terminal
    Search(Box<SearchArgs>),
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

/// `search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// The query: words, "exact strings", OR, NOT, ( ), field:value; empty for every report
    #[arg(default_value = "", allow_hyphen_values = true)]
    pub query: String,
    /// words, any or exact
    #[arg(long, default_value = "words")]
    pub mode: String,
    /// The filters.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// relevance, published, -published, year, -year, changed or -changed
    #[arg(long, allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// How many hits (1-100)
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
    /// The answer of the API, as JSON
    #[arg(long)]
    pub json: bool,
}

/// The filters of the API.
#[derive(Debug, Default, Args)]
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
        ];
        named
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.to_owned(), value)))
            .collect()
    }
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

/// Behind the options of `portals --help`.
const PORTALS_HELP: &str = "\
A portal is `alarmed` when something is wrong with it or its file, `quiet` when only nothing new came
for longer than is usual, `never_run`, or `healthy`. Alarms follow from its last twelve crawls:
blocked, certificate, unreachable, yields_dropped, layout_changed, no_new_reports, robots_changed.

Examples:
  gongbao portals --alarms
      What needs a look: since when, by what signs, and what to do.
  gongbao portals --json
      The same as GET /api/v1/portals, with the figures of the last crawl.";

/// `portals`
#[derive(Debug, Args)]
pub struct PortalsArgs {
    /// Only those that are alarmed or quiet
    #[arg(long)]
    pub alarms: bool,
    /// All of it as one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// `index`
#[derive(Debug, Args)]
pub struct IndexArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub action: IndexAction,
}

/// What to do with the index.
#[derive(Debug, Subcommand)]
pub enum IndexAction {
    /// Derive reports and index anew from the archive; searches go on meanwhile
    Rebuild {
        /// Go on when parts of the archive cannot be read, without the reports in them
        #[arg(long)]
        accept_loss: bool,
        /// Fail when another process is writing, instead of waiting
        #[arg(long)]
        no_wait: bool,
    },
    /// Check archive, catalog and index, and that they say the same; also while others write
    #[command(after_long_help = INDEX_VERIFY_HELP)]
    Verify {
        /// Read samples of the archive, and no check sums of the index
        #[arg(long)]
        quick: bool,
        /// The findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Reports, bytes, segments
    Stats {
        /// The figures as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Behind the options of `keys --help`.
const KEYS_HELP: &str = "\
Scopes: read (searching and reading, where [server] anonymous_read = false asks for a key),
export, crawl (jobs), admin (everything). Each of them reads too.

Examples:
  KEY=$(gongbao keys create --scope crawl --name nightly --expires 90d)
      The key alone on stdout, shown this once: only its hash is kept.
  curl -H \"Authorization: Bearer $KEY\" http://127.0.0.1:8080/api/v1/jobs
  gongbao keys revoke 1f0c9a37d2
      By the id that `keys list` shows. A running serve refuses it from the next request on.";

/// `keys`
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// What to do with keys.
    #[command(subcommand)]
    pub action: KeysAction,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// Make a key and print it, once
    Create {
        /// read, export, crawl or admin
        #[arg(long)]
        scope: String,
        /// What to call it in `keys list`
        #[arg(long)]
        name: Option<String>,
        /// How long it opens anything, such as 90d [default: for good]
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// {"id","key"} instead of the key alone
        #[arg(long)]
        json: bool,
    },
    /// Show all keys, without what makes them keys
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a key open nothing any more
    Revoke {
        /// Its id, as `keys list` shows it
        id: String,
    },
}

/// Behind the options of `jobs --help`.
const JOBS_HELP: &str = "\
A job is a crawl that a running `gongbao serve` does: by the schedule of a portal file, by
POST /api/v1/jobs, or by `jobs run`. It survives a stop or a kill of serve and goes on at its next start.

Examples:
  gongbao jobs run changning --wait
      Puts it into the queue and shows how it goes on; Ctrl-C stops showing, not the job.
  gongbao jobs list
  gongbao jobs cancel 17
      What was fetched is kept.

Exit status of run --wait: 0 done, or the portals shut us out; 1 failed or cancelled, or no serve is
running (the job waits for the next one); 2 the call was wrong.";

/// `jobs`
#[derive(Debug, Args)]
pub struct JobsArgs {
    /// What to do with jobs.
    #[command(subcommand)]
    pub action: JobsAction,
}

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub enum JobsAction {
    /// Show the last jobs
    List {
        /// Only those queued, running, done, failed, cancelled or blocked
        #[arg(long)]
        state: Option<String>,
        /// How many (1-1000)
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask for a crawl of portals
    Run {
        /// Ids of portals (file names without .toml)
        #[arg(value_name = "PORTAL", required = true)]
        portals: Vec<String>,
        /// Fetch everything again instead of asking whether it changed
        #[arg(long)]
        full: bool,
        /// Stay until it is over, and show how far it is
        #[arg(long)]
        wait: bool,
        /// The job as JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop a job; what was fetched is kept
    Cancel {
        /// Its number, as `jobs list` shows it
        id: i64,
    },
}

/// Behind the options of `index verify --help`.
const INDEX_VERIFY_HELP: &str = "\
Checked are: every file of the index against its check sum and every document in it; the catalog's
pages and tables; every capture that the catalog speaks of, at its place in the archive; and that
catalog and index hold the same reports in the same versions. Nothing is locked, nothing is changed.

Exit status: 0 all is well; 1 something is wrong: each problem is named with its part, and what to
do about it; 2 the call was wrong.";

/// Behind the options of `backup --help`.
const BACKUP_HELP: &str = "\
Everything comes along: the archive, the catalog with its keys (as hashes), jobs and alerts, the index.
Portal files and gongbao.toml do not: they are yours, beside the data directory.

Examples:
  gongbao backup /mnt/backup/gongbao
      The first time a whole copy; later what is new. serve, crawls and jobs go on meanwhile.
  gongbao --data /srv/elsewhere restore /mnt/backup/gongbao
      Checks the backup, then makes a data directory of it that answers as this one did.

A backup is whole when backup.json is there: it is written last, and names every file with its
SHA-256. One that was interrupted leaves the last one as it was; the same call goes on.";

/// `backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// An empty folder, or one with an earlier backup of this data directory
    pub dir: PathBuf,
    /// What was copied as one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// Behind the options of `restore --help`.
const RESTORE_HELP: &str = "\
Example:
  gongbao --data /srv/gongbao restore /mnt/backup/gongbao

The data directory has to be empty. Every file of the backup is compared with its SHA-256 before
anything is written. An index that is missing from the backup, or from another version of the
program, is derived anew.";

/// `restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Folder of the backup
    pub dir: PathBuf,
    /// What was restored as one JSON object on stdout
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
