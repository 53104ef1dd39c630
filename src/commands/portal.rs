//! `portal check`: is a portal file right, and what does the portal give.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use crawler::{CrawlConfig, FileCheck, LiveCheck, LockWait, Portal, Store};
use serde::Serialize;

use self::paper::Paper;
use super::{Settings, crawl::crawl_config, writing::readers};
use crate::{
    cli::{PortalAction, PortalArgs, PortalCheckArgs},
    failure::wrong_call,
    shutdown::Stop,
};

mod live;
mod paper;

pub(super) async fn run(settings: Settings, args: PortalArgs) -> anyhow::Result<ExitCode> {
    let PortalAction::Check(args) = args.action;
    check(&settings, &args).await
}

/// What is said of one file.
#[derive(Serialize)]
struct Checked<'a> {
    file: String,
    /// It can be crawled; when the portal was asked, a report was read too.
    ok: bool,
    #[serde(flatten)]
    check: &'a FileCheck,
    /// What the portal gave; `null` when it was not asked.
    live: Option<&'a LiveCheck>,
}

async fn check(settings: &Settings, args: &PortalCheckArgs) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals().context("cannot listen for signals")?;
    let config = crawl_config(&settings.config);
    let mut all_right = true;
    for path in portal_files(&args.files)? {
        if stop.token.is_cancelled() {
            all_right = false;
            break;
        }
        let check = crawler::check_portal_file(&path, &config);
        let live = match &check.portal {
            Some(portal) if args.live => Some(ask(portal, &config, settings.data(), &stop).await?),
            _ => None,
        };
        let is_read = live.as_ref().is_none_or(|live| live.report.is_some());
        let ok = check.errors.is_empty() && is_read;
        all_right &= ok;
        let checked = Checked {
            file: path.display().to_string(),
            ok,
            check: &check,
            live: live.as_ref(),
        };
        let mut out = io::stdout().lock();
        if args.json {
            serde_json::to_writer(&mut out, &checked)?;
            writeln!(out)?;
        } else {
            write_file(&mut Paper::new(&mut out), &checked)?;
        }
        out.flush()?;
    }
    Ok(ExitCode::from(u8::from(!all_right)))
}

/// Asks the portal, with a store that is gone afterwards.
async fn ask(portal: &Portal, config: &CrawlConfig, data: &Path, stop: &Stop) -> anyhow::Result<LiveCheck> {
    let folder = tempfile::tempdir().context("cannot make a folder for what is fetched")?;
    let scratch = Store::open(folder.path(), readers(&[]), LockWait::Fail, "portal check")?;
    let asked = crawler::check_live(portal, config, scratch, data, stop.token.clone()).await;
    Ok(asked?)
}

/// The files named, and the portal files of the folders named.
fn portal_files(named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let found = files_of(path)
                .map_err(|error| wrong_call(format!("cannot read {}: {error}", path.display())))?;
            if found.is_empty() {
                return Err(wrong_call(format!(
                    "no portal files (.toml) in {}",
                    path.display()
                )));
            }
            files.extend(found);
        } else if path.is_file() {
            files.push(path.clone());
        } else {
            return Err(wrong_call(format!("no portal file {}", path.display())));
        }
    }
    Ok(files)
}

fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn write_file(paper: &mut Paper<'_>, checked: &Checked<'_>) -> io::Result<()> {
    let FileCheck { errors, warnings, .. } = checked.check;
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let verdict = match (errors.len(), warnings.len()) {
        (0, 0) => "right".to_owned(),
        (0, n) => format!("right, with {}", count(n, "warning")),
        (n, 0) => count(n, "error"),
        (n, m) => format!("{}, {}", count(n, "error"), count(m, "warning")),
    };
    paper.line(&format!("{}: {verdict}", checked.file))?;
    for (kind, remarks) in [("error", errors), ("warning", warnings)] {
        for remark in remarks {
            paper.entry(2, kind, 9, &remark.to_string())?;
        }
    }
    checked.live.map_or(Ok(()), |live| live::write(paper, live))
}
