//! `portal check`: is a portal file right.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use crawler::{FileCheck, PortalError};
use serde::Serialize;

use self::paper::Paper;
use super::{Settings, crawl::crawl_config};
use crate::{
    cli::{PortalAction, PortalArgs, PortalCheckArgs},
    failure::wrong_call,
};

mod paper;

pub(super) fn run(settings: &Settings, args: PortalArgs) -> anyhow::Result<ExitCode> {
    let PortalAction::Check(args) = args.action;
    check(settings, &args)
}

/// What is said of one file.
#[derive(Serialize)]
struct Checked<'a> {
    file: String,
    /// It can be crawled.
    ok: bool,
    #[serde(flatten)]
    check: &'a FileCheck,
}

fn check(settings: &Settings, args: &PortalCheckArgs) -> anyhow::Result<ExitCode> {
    let config = crawl_config(&settings.config);
    let mut out = io::stdout().lock();
    let mut all_right = true;
    for path in portal_files(&args.files)? {
        let check = crawler::check_portal_file(&path, &config);
        all_right &= check.errors.is_empty();
        let checked = Checked {
            file: path.display().to_string(),
            ok: check.errors.is_empty(),
            check: &check,
        };
        if args.json {
            serde_json::to_writer(&mut out, &checked)?;
            writeln!(out)?;
        } else {
            write_file(&mut Paper::new(&mut out), &checked)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(!all_right)))
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
            paper.entry(2, kind, 9, &told(remark))?;
        }
    }
    Ok(())
}

fn told(remark: &PortalError) -> String {
    remark.to_string()
}
