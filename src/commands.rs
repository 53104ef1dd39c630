//! One file a command: wires stages, no logic of its own.

mod backup;
mod batch;
mod completions;
mod concordance;
mod coverage;
mod crawl;
mod demo;
mod export;
mod extract;
mod form;
mod import;
mod index;
mod init;
mod jobs;
mod keys;
mod panel;
mod portal;
mod portals;
mod read_file;
mod search;
mod serve;
mod similar;
mod trends;
pub(crate) mod writing;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context;

use crate::{
    cli::{Cli, Command},
    config::{Config, LogFormat},
    failure::wrong_call,
};

/// Runs the command of a command line.
///
/// # Errors
/// Whatever made it fail; [`crate::failure::exit_code`] tells what the process exits with.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        // These need no configuration and work beside a broken one.
        Command::Completions { shell } => return completions::completions(*shell),
        Command::Man => return completions::man(),
        Command::Init(args) => return init::run(args),
        Command::Extract(args) => return extract::run(args),
        Command::ReadFile(args) => return read_file::run(args),
        _ => (),
    }
    let settings = Settings::read(&cli)?;
    match cli.command {
        Command::Demo(args) => block_on(demo::run(settings, args)),
        Command::Crawl(args) => block_on(crawl::run(settings, args)),
        Command::Serve(args) => block_on(serve::run(settings, args)),
        Command::Import(args) => import::run(&settings, args),
        Command::Search(args) => search::run(&settings, *args),
        Command::Export(args) => export::run(&settings, *args),
        Command::Concordance(args) => concordance::run(&settings, *args),
        Command::Trends(args) => trends::run(&settings, *args),
        Command::Panel(args) => panel::run(&settings, *args),
        Command::Batch(args) => batch::run(&settings, *args),
        Command::Similar(args) => similar::run(&settings, &args),
        Command::Coverage(args) => coverage::run(&settings, args),
        Command::Portal(args) => block_on(portal::run(settings, args)),
        Command::Index(args) => index::run(&settings, args),
        Command::Keys(args) => keys::run(&settings, &args),
        Command::Portals(args) => portals::run(&settings, &args),
        Command::Jobs(args) => jobs::run(&settings, &args),
        Command::Backup(args) => backup::backup(&settings, &args),
        Command::Restore(args) => backup::restore(&settings, &args),
        Command::Completions { .. }
        | Command::Man
        | Command::Init(_)
        | Command::Extract(_)
        | Command::ReadFile(_) => Ok(ExitCode::SUCCESS),
    }
}

/// How the log is to look. A configuration that is wrong is told later, by whoever needs it.
pub fn log_format(cli: &Cli) -> LogFormat {
    Settings::read(cli).map_or(LogFormat::Text, |settings| settings.config.log.format)
}

fn block_on(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start the async runtime")?;
    let outcome = runtime.block_on(command);
    // A search that nobody waits for any more does not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// The configuration with the flags laid over it.
struct Settings {
    config: Config,
    /// Whether a data directory was named by flag or variable.
    data_given: bool,
}

impl Settings {
    fn read(cli: &Cli) -> anyhow::Result<Self> {
        let usual = PathBuf::from("gongbao.toml");
        let path = cli.config.clone().or_else(|| usual.is_file().then_some(usual));
        let mut config = Config::load(path.as_deref(), std::env::vars_os().filter_map(utf8))?;
        if let Some(data) = &cli.data {
            config.data.dir.clone_from(data);
        }
        Ok(Self {
            config,
            data_given: cli.data.is_some(),
        })
    }

    fn data(&self) -> &std::path::Path {
        &self.config.data.dir
    }

    /// The data directory, made when it is not there.
    fn data_to_write(&self) -> anyhow::Result<&std::path::Path> {
        let dir = self.data();
        std::fs::create_dir_all(dir).with_context(|| {
            format!(
                "cannot create data directory {} (choose one with --data)",
                dir.display()
            )
        })?;
        whole(dir)
    }

    /// The data directory, an error when nothing was ever written there.
    fn data_to_read(&self) -> anyhow::Result<&std::path::Path> {
        let dir = self.data();
        if !dir.is_dir() {
            return Err(wrong_call(format!(
                "no data directory at {}; crawl or import something first, or name another with --data",
                dir.display()
            )));
        }
        whole(dir)
    }

    fn index_dir(&self) -> PathBuf {
        self.data().join("index")
    }
}

/// An error when `dir` is a data directory that was only partly restored.
fn whole(dir: &std::path::Path) -> anyhow::Result<&std::path::Path> {
    if crate::backup::is_unfinished(dir) {
        anyhow::bail!(
            "a restore to {} was interrupted; empty it and call `gongbao restore` again",
            dir.display()
        );
    }
    Ok(dir)
}

fn utf8((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}
