//! Every page of a folder, as JSON Lines.
//!
//! Pages are read in parallel, a bounded number at a time, and written in the order of their paths. Whatever is wrong
//! with one page becomes its line; the others go on.

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use crawler::{Hints, extract};
use rayon::prelude::*;
use report::Report;
use serde::Serialize;
use url::Url;

use super::{as_report, source};
use crate::{failure::wrong_call, progress::Progress};

/// Pages that are read before the first of them is written; bounds what is in memory.
const PAGES_AT_ONCE: usize = 64;
/// Longest file that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// Bad lines of a list of addresses that are named.
const MAX_NAMED: usize = 5;

/// One line of the output.
#[derive(Serialize)]
struct Line<'a> {
    /// Path below the folder.
    file: &'a str,
    #[serde(flatten)]
    report: Option<Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What was read so far.
#[derive(Default)]
struct Counts {
    pages: AtomicU64,
    errors: AtomicU64,
    bytes: AtomicU64,
}

pub(super) fn run(folder: &Path, urls: Option<&Path>) -> anyhow::Result<ExitCode> {
    if !folder.is_dir() {
        return Err(wrong_call(format!("{} is not a folder", folder.display())));
    }
    let urls = urls.map(read_urls).transpose()?.unwrap_or_default();
    let found = Found::below(folder);
    tell_strangers(&urls, folder, &found);
    let started = Instant::now();
    let counts = Counts::default();
    let progress = Progress::of_things("extracting", found.entries.len() as u64);
    let mut out = io::BufWriter::new(io::stdout().lock());
    for entries in found.entries.chunks(PAGES_AT_ONCE) {
        let lines: Vec<Vec<u8>> = entries
            .par_iter()
            .map(|entry| {
                let line = line(folder, entry, &urls, &counts);
                let done = counts.pages.load(Ordering::Relaxed);
                progress.at(done, &format!("{done} of {} pages", found.entries.len()));
                line
            })
            .collect();
        for line in lines {
            out.write_all(&line)?;
        }
    }
    out.flush()?;
    progress.done();
    summary(&counts, &found, started);
    Ok(ExitCode::SUCCESS)
}

fn summary(counts: &Counts, found: &Found, started: Instant) {
    let megabytes = counts.bytes.load(Ordering::Relaxed) as f64 / 1e6;
    let seconds = started.elapsed().as_secs_f64();
    let others = match found.others {
        0 => String::new(),
        others => format!(", {others} left out as no plain files"),
    };
    eprintln!(
        "{} pages, {} of them without a report{others}; {megabytes:.1} MB in {seconds:.1} s, {:.1} MB/s",
        counts.pages.load(Ordering::Relaxed),
        counts.errors.load(Ordering::Relaxed),
        megabytes / seconds.max(1e-6),
    );
}

/// Reads one file to its line of the output.
fn line(folder: &Path, entry: &Entry, urls: &HashMap<String, String>, counts: &Counts) -> Vec<u8> {
    let name = name_below(folder, &entry.path);
    let outcome = match &entry.error {
        Some(error) => Err(error.clone()),
        None => guarded(|| {
            let bytes = read_file(&entry.path)?;
            counts.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            let url = urls
                .get(&name)
                .cloned()
                .unwrap_or_else(|| format!("import:{name}"));
            let content = extract(&source(&url, &name, &bytes), &Hints::default());
            content
                .map(|content| as_report(url.clone(), content))
                .map_err(|error| error.to_string())
        }),
    };
    counts.pages.fetch_add(1, Ordering::Relaxed);
    let (report, error) = match outcome {
        Ok(report) => (Some(report), None),
        Err(error) => {
            counts.errors.fetch_add(1, Ordering::Relaxed);
            (None, Some(error))
        }
    };
    let line = Line {
        file: &name,
        report,
        error,
    };
    let mut out = serde_json::to_vec(&line).unwrap_or_else(|error| {
        tracing::error!("{name}: {error}");
        Vec::new()
    });
    out.push(b'\n');
    out
}

/// Runs the reading of one page; a fault of ours ends that page and nothing else.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let told = |panic: Box<dyn Any + Send>| {
        let words = panic.downcast_ref::<&str>().map(ToString::to_string);
        let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
        format!("a fault of the extractor: {}", words.unwrap_or_default())
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| Err(told(panic)))
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it is longer than {} MiB", MAX_BYTES >> 20));
    }
    Ok(bytes)
}

/// Path below the folder, parts apart by `/`; what is not UTF-8 in it is replaced.
fn name_below(folder: &Path, file: &Path) -> String {
    let below = file.strip_prefix(folder).unwrap_or(file);
    below.to_string_lossy().into_owned()
}

/// What lies below a folder.
struct Found {
    /// Pages, and folders that could not be looked into, by path.
    entries: Vec<Entry>,
    /// Things with the name of a page that are none: links, pipes, sockets.
    others: usize,
}

struct Entry {
    path: PathBuf,
    error: Option<String>,
}

impl Found {
    fn below(folder: &Path) -> Self {
        let mut found = Self {
            entries: Vec::new(),
            others: 0,
        };
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            if let Err(error) = found.look_into(&folder, &mut folders) {
                let error = Some(format!("the folder cannot be listed: {error}"));
                found.entries.push(Entry { path: folder, error });
            }
        }
        found.entries.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    fn look_into(&mut self, folder: &Path, folders: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // A link could lead out of the folder or in a circle, and a pipe never ends.
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
            } else if is_page(&path) {
                if kind.is_file() {
                    self.entries.push(Entry { path, error: None });
                } else {
                    self.others += 1;
                }
            }
        }
        Ok(())
    }
}

fn is_page(path: &Path) -> bool {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| matches!(ending.as_str(), "html" | "htm" | "txt"))
}

/// Lines of file, tab, URL; blank lines mean nothing.
fn read_urls(path: &Path) -> anyhow::Result<HashMap<String, String>> {
    let text = fs::read_to_string(path)
        .map_err(|error| wrong_call(format!("cannot read {}: {error}", path.display())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut urls = HashMap::new();
    let mut bad = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let fault = match line.split_once('\t') {
            None => Some("no tab between file and URL"),
            Some((_, url)) if Url::parse(url.trim()).is_err() => Some("no absolute URL after the tab"),
            Some((file, url)) => {
                let url = url.trim().to_owned();
                let before = urls.insert(file.to_owned(), url.clone());
                before
                    .is_some_and(|before| before != url)
                    .then_some("the file has another URL above")
            }
        };
        if let Some(fault) = fault {
            bad.push(format!("{}:{}: {fault}", path.display(), at + 1));
        }
    }
    if bad.is_empty() {
        return Ok(urls);
    }
    let more = match bad.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!("\n… and {more} more"),
    };
    bad.truncate(MAX_NAMED);
    Err(wrong_call(format!("{}{more}", bad.join("\n"))))
}

/// Says that addresses are for files that are not there: such a list was made for another folder.
fn tell_strangers(urls: &HashMap<String, String>, folder: &Path, found: &Found) {
    let names: HashSet<String> = found
        .entries
        .iter()
        .map(|entry| name_below(folder, &entry.path))
        .collect();
    let mut strangers: Vec<&String> = urls.keys().filter(|name| !names.contains(*name)).collect();
    strangers.sort_unstable();
    if let Some(first) = strangers.first() {
        let n = strangers.len();
        eprintln!(
            "warning: {n} of {} URLs are for files that are not here, as {first}",
            urls.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_breaks_the_extractor_is_one_error() {
        let broken = guarded(|| -> Result<(), String> { panic!("index 3 is out of bounds") });
        assert_eq!(
            broken,
            Err("a fault of the extractor: index 3 is out of bounds".to_owned())
        );
        assert_eq!(guarded(|| Ok(1)), Ok(1));
    }
}
