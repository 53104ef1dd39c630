//! `extract`: what the extractor reads out of a page, or out of every page of a folder.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use crawler::{ExtractError, Hints, Media, Source, explain::Explanation};
use jiff::Timestamp;
use report::{ChinaTime, Content, Report, ReportId, Status};
use serde::Serialize;

use crate::{
    cli::{ExtractArgs, ExtractFormat},
    failure::wrong_call,
};

mod batch;
mod explanation;

/// Portal of a page that was not crawled.
const NO_PORTAL: &str = "import";

pub(super) fn run(args: &ExtractArgs) -> anyhow::Result<ExitCode> {
    match &args.batch {
        Some(folder) => batch::run(folder, args.urls.as_deref()),
        None => one(args),
    }
}

fn one(args: &ExtractArgs) -> anyhow::Result<ExitCode> {
    if args.explain && args.format == ExtractFormat::Markdown {
        return Err(wrong_call("--explain goes with --format json or text"));
    }
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
    let source = source(&url, &name, &bytes);
    let nothing = || format!("nothing to extract from {name}");
    let mut out = io::stdout().lock();
    if args.explain {
        let (outcome, explanation) = crawler::extract_explained(&source, &Hints::default());
        explain(&mut out, args.format, &url, &outcome, &explanation)?;
        out.flush()?;
        return outcome.map(|_| ExitCode::SUCCESS).with_context(nothing);
    }
    let content = crawler::extract(&source, &Hints::default()).with_context(nothing)?;
    match args.format {
        ExtractFormat::Json => write_json(&mut out, &as_report(url, content))?,
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

/// A report with its explanation, or the explanation why there is none.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    report: Option<Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    explain: &'a Explanation,
}

fn explain(
    out: &mut impl Write,
    format: ExtractFormat,
    url: &str,
    outcome: &Result<Content, ExtractError>,
    explanation: &Explanation,
) -> anyhow::Result<()> {
    match format {
        ExtractFormat::Json => {
            let report = outcome.as_ref().ok().cloned();
            let explained = Explained {
                report: report.map(|content| as_report(url.to_owned(), content)),
                error: outcome.as_ref().err().map(ToString::to_string),
                explain: explanation,
            };
            write_json(out, &explained)
        }
        _ => Ok(explanation::write(out, explanation)?),
    }
}

fn write_json(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}

/// A file as a page; without an address of its own it is known by its name.
fn source<'a>(url: &'a str, name: &str, bytes: &'a [u8]) -> Source<'a> {
    Source {
        url,
        media: media_of(name, bytes),
        bytes,
        charset: None,
    }
}

fn as_report(url: String, content: Content) -> Report {
    let now = ChinaTime::from(Timestamp::now());
    Report {
        id: ReportId::derive(NO_PORTAL, &url),
        urls: vec![url.clone()],
        url,
        portal: NO_PORTAL.to_owned(),
        retrieved_at: now,
        changed_at: now.into(),
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
