//! `extract`: what the extractor reads out of a page, or out of every page of a folder.

use std::{
    collections::HashMap,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use crawler::{Hints, Media, Source};
use jiff::Timestamp;
use rayon::prelude::*;
use report::{ChinaTime, Content, Report, ReportId, Status};
use serde_json::{Value, json};

use crate::{
    cli::{ExtractArgs, ExtractFormat},
    failure::wrong_call,
};

/// Pages read at once in a batch; bounds what is in memory.
const PAGES_AT_ONCE: usize = 64;
/// Portal of a page that was not crawled.
const NO_PORTAL: &str = "import";

pub(super) fn run(args: &ExtractArgs) -> anyhow::Result<ExitCode> {
    match &args.batch {
        Some(folder) => batch(folder, args.urls.as_deref()),
        None => one(args),
    }
}

fn one(args: &ExtractArgs) -> anyhow::Result<ExitCode> {
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    let mut bytes = Vec::new();
    match file {
        Some(file) => {
            bytes = fs::read(file)
                .map_err(|error| wrong_call(format!("cannot read {}: {error}", file.display())))?;
        }
        None => {
            io::stdin().read_to_end(&mut bytes).context("cannot read stdin")?;
        }
    }
    let name = file.map_or_else(|| "stdin".to_owned(), |file| file.to_string_lossy().into_owned());
    let url = args
        .url
        .clone()
        .unwrap_or_else(|| format!("import:{}", base_name(&name)));
    let media = media_of(&name, &bytes);
    let content =
        read_page(&url, media, &bytes).with_context(|| format!("nothing to extract from {name}"))?;
    let mut out = io::stdout().lock();
    match args.format {
        ExtractFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &as_report(url, content))?;
            writeln!(out)?;
        }
        ExtractFormat::Text => {
            if let Some(title) = &content.title {
                writeln!(out, "{title}\n")?;
            }
            writeln!(out, "{}", content.text)?;
        }
        ExtractFormat::Markdown => write!(out, "{}", markdown(&content))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn read_page(url: &str, media: Media, bytes: &[u8]) -> Result<Content, crawler::ExtractError> {
    crawler::extract(
        &Source {
            url,
            media,
            bytes,
            charset: None,
        },
        &Hints::default(),
    )
}

fn as_report(url: String, content: Content) -> Report {
    Report {
        id: ReportId::derive(NO_PORTAL, &url),
        urls: vec![url.clone()],
        url,
        portal: NO_PORTAL.to_owned(),
        retrieved_at: ChinaTime::from(Timestamp::now()),
        version: 1,
        content_hash: content.hash(),
        status: Status::Live,
        content,
    }
}

/// Plain text by name; without a name that tells, by whether the bytes look like markup.
fn media_of(name: &str, bytes: &[u8]) -> Media {
    let lower = name.to_lowercase();
    if lower.ends_with(".txt") {
        return Media::Text;
    }
    if lower.ends_with(".html") || lower.ends_with(".htm") || lower.ends_with(".shtml") {
        return Media::Html;
    }
    let head = &bytes[..bytes.len().min(4096)];
    if head.contains(&b'<') {
        Media::Html
    } else {
        Media::Text
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn markdown(content: &Content) -> String {
    let mut out = String::new();
    if let Some(title) = &content.title {
        out.push_str(&format!("# {title}\n\n"));
    }
    let mut headings = content
        .outline
        .iter()
        .filter(|section| !section.is_inline())
        .peekable();
    let mut start = 0;
    for line in content.text.split('\n') {
        let end = start + line.chars().count();
        if headings
            .peek()
            .is_some_and(|section| (start..=end).contains(&section.start))
        {
            let level = headings.next().map_or(1, |section| section.level);
            while headings
                .peek()
                .is_some_and(|section| (start..=end).contains(&section.start))
            {
                headings.next();
            }
            out.push_str(&"#".repeat(usize::from(level.min(5)) + 1));
            out.push(' ');
        }
        start = end + 1;
        if !line.trim().is_empty() {
            out.push_str(line.trim_end());
            out.push_str("\n\n");
        }
    }
    out
}

fn batch(folder: &Path, urls: Option<&Path>) -> anyhow::Result<ExitCode> {
    if !folder.is_dir() {
        return Err(wrong_call(format!("{} is not a folder", folder.display())));
    }
    let urls = urls.map(read_urls).transpose()?.unwrap_or_default();
    let files = pages_below(folder)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for some in files.chunks(PAGES_AT_ONCE) {
        let lines: Vec<Value> = some
            .par_iter()
            .map(|file| batch_line(folder, file, &urls))
            .collect();
        for line in lines {
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn batch_line(folder: &Path, file: &Path, urls: &HashMap<String, String>) -> Value {
    let name = file
        .strip_prefix(folder)
        .unwrap_or(file)
        .to_string_lossy()
        .into_owned();
    let url = urls
        .get(&name)
        .cloned()
        .unwrap_or_else(|| format!("import:{name}"));
    let outcome = fs::read(file)
        .map_err(|error| error.to_string())
        .and_then(|bytes| {
            read_page(&url, media_of(&name, &bytes), &bytes).map_err(|error| error.to_string())
        });
    match outcome.map(|content| serde_json::to_value(as_report(url, content))) {
        Ok(Ok(Value::Object(mut report))) => {
            report.insert("file".to_owned(), Value::String(name));
            Value::Object(report)
        }
        Ok(_) => json!({"file": name, "error": "the report cannot be written as JSON"}),
        Err(error) => json!({"file": name, "error": error}),
    }
}

/// Lines of file, tab, URL.
fn read_urls(path: &Path) -> anyhow::Result<HashMap<String, String>> {
    let text = fs::read_to_string(path)
        .map_err(|error| wrong_call(format!("cannot read {}: {error}", path.display())))?;
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| match line.split_once('\t') {
            Some((file, url)) => Ok((file.to_owned(), url.trim().to_owned())),
            None => Err(wrong_call(format!(
                "{}:{}: no tab between file and URL",
                path.display(),
                number + 1
            ))),
        })
        .collect()
}

/// The pages below a folder, by path.
fn pages_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            // A link could lead out of the folder or in a circle.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && is_page(&entry.path()) {
                pages.push(entry.path());
            }
        }
    }
    pages.sort();
    Ok(pages)
}

fn is_page(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    extension.is_some_and(|e| matches!(e.as_str(), "html" | "htm" | "txt"))
}
