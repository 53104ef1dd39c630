//! Commands of whoever runs the service: portals, index, keys, jobs, backups.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Behind the options of `portals --help`.
pub(super) const PORTALS_HELP: &str = "\
A portal is `alarmed` when something is wrong with it or its file, `quiet` when only nothing new came
for longer than is usual, `never_run`, `unfinished` (no crawl of it has come to its end yet), or
`healthy`. Alarms follow from its last twelve crawls:
blocked, certificate, unreachable, yields_dropped, layout_changed, no_new_reports, robots_changed.

Examples:
  gongbao portals --alarms
      What needs a look: since when, by what signs, and what to do.
  gongbao portals changning
      One portal: why its next visit is when it is, and how often each of its lists has something new.
  gongbao portals --json
      The same as GET /api/v1/portals, with the figures of the last crawl.";

/// `portals`
#[derive(Debug, Args)]
pub struct PortalsArgs {
    /// Only these, each with its lists and why it is visited next when it is
    #[arg(value_name = "PORTAL", conflicts_with = "alarms")]
    pub portals: Vec<String>,
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
pub(super) const KEYS_HELP: &str = "\
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
pub(super) const JOBS_HELP: &str = "\
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
pub(super) const BACKUP_HELP: &str = "\
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
pub(super) const RESTORE_HELP: &str = "\
Example:
  gongbao --data /srv/gongbao restore /mnt/backup/gongbao

The data directory has to be empty. Every file of the backup is compared with its SHA-256 before
anything is written. When the backup was made without an index, or with one of another version of
the program, the index is derived anew.";

/// `restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Folder of the backup
    pub dir: PathBuf,
    /// What was restored as one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}
