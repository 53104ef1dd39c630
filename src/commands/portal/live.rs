//! What a portal gave, for a person.

use std::io;

use crawler::{Answered, CheckFailure, ListSeen, LiveCheck, ReportSeen, Step};

use super::paper::{Paper, padded};

/// Columns of the labels of a report.
const LABEL: usize = 12;

/// Columns of a title in a list.
const TITLE: usize = 54;

/// Most reasons for a region that are shown.
const REASONS: usize = 3;

pub(super) fn write(paper: &mut Paper<'_>, live: &LiveCheck) -> io::Result<()> {
    paper.line("")?;
    paper.line("ROBOTS.TXT")?;
    if live.robots.is_empty() {
        paper.line("  not asked for")?;
    }
    for robots in &live.robots {
        let status = robots.status.map(|status| format!(" (status {status})"));
        let delay = robots
            .crawl_delay
            .map(|delay| format!("; wants {delay} s between requests"));
        let (status, delay) = (status.unwrap_or_default(), delay.unwrap_or_default());
        paper.entry(
            2,
            "",
            0,
            &format!("{}: {}{status}{delay}", robots.origin, robots.says),
        )?;
    }
    for step in &live.steps {
        page(paper, step)?;
    }
    if let Some(seen) = &live.report {
        report(paper, seen)?;
    }
    paper.line("")?;
    if live.advice.is_empty() {
        return paper.line("Nothing in the portal file need be changed.");
    }
    paper.line("WHAT TO DO")?;
    live.advice
        .iter()
        .try_for_each(|advice| paper.entry(2, "-", 2, advice))
}

fn page(paper: &mut Paper<'_>, step: &Step) -> io::Result<()> {
    paper.line("")?;
    paper.entry(
        0,
        "",
        0,
        &format!("{} ({})", step.asked_as.to_uppercase(), step.why),
    )?;
    let form = step.form.as_ref().map(|form| format!("  POST {form}"));
    paper.line(&format!("  {}{}", step.url, form.unwrap_or_default()))?;
    if let Some(answer) = &step.answered {
        answered(paper, answer)?;
    }
    if let Some(failure) = &step.failure {
        failed(paper, failure)?;
    }
    step.list.as_ref().map_or(Ok(()), |seen| list(paper, seen))
}

fn answered(paper: &mut Paper<'_>, answer: &Answered) -> io::Result<()> {
    let Answered {
        status,
        redirected_to,
        bytes,
        encoding,
        declared,
        replaced,
    } = answer;
    if let Some(target) = redirected_to {
        paper.line(&format!("  redirected to {target}"))?;
    }
    let declared = match declared {
        Some(declared) if !declared.eq_ignore_ascii_case(encoding) => {
            format!(" (the header says {declared})")
        }
        _ => String::new(),
    };
    let lost = match replaced {
        0 => String::new(),
        n => format!(", {n} characters lost"),
    };
    paper.entry(
        2,
        "",
        0,
        &format!("status {status}, {bytes} bytes, {encoding}{declared}{lost}"),
    )
}

fn failed(paper: &mut Paper<'_>, failure: &CheckFailure) -> io::Result<()> {
    paper.entry(2, "", 0, &format!("{}: {}", failure.code, failure.what))?;
    paper.entry(2, "", 0, &failure.remedy)
}

fn list(paper: &mut Paper<'_>, list: &ListSeen) -> io::Result<()> {
    match &list.family {
        Some(family) => paper.entry(2, "family", 8, &format!("{}: {}", family.code, family.sign))?,
        None => paper.line("  family  none: no rows and no further pages")?,
    }
    if let Some(sign) = &list.error_page {
        paper.entry(2, "", 0, &format!("it says that it is an error page: {sign}"))?;
    }
    if list.rows > 0 {
        paper.line(&format!("  {} rows that may be reports", list.rows))?;
        for row in &list.first_rows {
            let title = cut(row.title.as_deref().unwrap_or("(no title)"), TITLE);
            let date = row
                .date
                .map_or_else(|| "no date".to_owned(), |date| date.to_string());
            paper.line(&format!("    {} {date}", padded(&title, TITLE)))?;
            paper.line(&format!("      {}", row.url))?;
        }
    }
    if list.n_further > 0 {
        paper.line(&format!("  {} further pages or requests", list.n_further))?;
        for further in &list.further {
            let form = further.form.as_ref().map(|form| format!("  POST {form}"));
            paper.line(&format!("    {}{}", further.url, form.unwrap_or_default()))?;
        }
    }
    if list.n_columns > 0 {
        paper.line(&format!("  {} columns, the most promising first", list.n_columns))?;
        for column in &list.columns {
            let name = if column.name.is_empty() {
                "(no name)"
            } else {
                &column.name
            };
            paper.entry(4, &cut(name, 24), 26, &column.why)?;
            paper.line(&format!("      {}", column.url))?;
        }
    }
    for (origin, n) in &list.elsewhere {
        paper.entry(2, "", 0, &format!("{n} rows lead to {origin}, which is left out"))?;
    }
    Ok(())
}

fn report(paper: &mut Paper<'_>, seen: &ReportSeen) -> io::Result<()> {
    paper.line("")?;
    paper.line("WHAT WAS READ")?;
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let day = |date: Option<jiff::civil::Date>| or_none(date.map(|date| date.to_string()));
    let title_from = seen
        .title_basis
        .map(|basis| format!("  (from {})", basis.replace('_', " ")));
    let region = match (&seen.region.code, &seen.region.name) {
        (Some(code), name) => format!(
            "{code} {}, confidence {:.2}",
            name.as_deref().unwrap_or_default(),
            seen.region.confidence.unwrap_or_default()
        ),
        _ => "-".to_owned(),
    };
    let container = match (&seen.found_by, &seen.container) {
        (Some(by), Some(element)) => format!("{element}  (found by {})", by.replace('_', " ")),
        (Some(by), None) => format!("found by {}", by.replace('_', " ")),
        _ => "-".to_owned(),
    };
    let kept = if seen.kept { "" } else { ", left out by `genres`" };
    let rows = [
        (
            "title",
            format!(
                "{}{}",
                or_none(seen.title.clone()),
                title_from.unwrap_or_default()
            ),
        ),
        ("genre", format!("{}{kept}", seen.genre)),
        ("year", or_none(seen.year.map(|year| year.to_string()))),
        ("region", region),
    ];
    for (label, value) in rows {
        paper.entry(2, label, LABEL, &value)?;
    }
    for reason in seen.region.evidence.iter().take(REASONS) {
        let text = format!(
            "{:.2} {}: {} ({})",
            reason.weight, reason.signal, reason.value, reason.code
        );
        paper.entry(2 + LABEL, "", 0, &text)?;
    }
    let rows = [
        ("issuer", or_none(seen.issuer.clone())),
        ("source", or_none(seen.source.clone())),
        ("published", day(seen.published)),
        ("signed", day(seen.signed)),
        ("number", or_none(seen.document_number.clone())),
        ("text", format!("{} Han characters: {}…", seen.chars, seen.begins)),
        ("taken from", container),
        (
            "files",
            if seen.attachments.is_empty() {
                "-".to_owned()
            } else {
                seen.attachments.join("; ")
            },
        ),
        ("quality", format!("{:.2}", seen.quality.score)),
    ];
    for (label, value) in rows {
        paper.entry(2, label, LABEL, &value)?;
    }
    for reason in &seen.quality.reasons {
        paper.entry(
            2 + LABEL,
            "",
            0,
            &format!("{}: {}", reason.flag.code(), reason.detail),
        )?;
    }
    Ok(())
}

/// A text of at most so many columns, with a mark where it was cut.
fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width - 1;
    let mut kept: String = text
        .chars()
        .take_while(|c| {
            let taken = c.width().unwrap_or(0);
            let fits = taken <= left;
            left = left.saturating_sub(taken);
            fits
        })
        .collect();
    kept.push('…');
    kept
}
