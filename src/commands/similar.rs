//! `similar`: near-duplicates of a report, reports about the same thing, and what stands in both texts.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use index::{SharedPassage, Similar};
use report::{Report, ReportId};

use super::{Settings, search::clean};
use crate::{cli::SimilarArgs, failure::wrong_call};

/// Passages shown of a report, the longest.
const MAX_PASSAGES: usize = 3;
/// Characters shown of a passage.
const MAX_CHARS: usize = 60;

pub(super) fn run(settings: &Settings, args: &SimilarArgs) -> anyhow::Result<ExitCode> {
    settings.data_to_read()?;
    let missing = || {
        let shown: String = args.id.chars().take(64).collect();
        wrong_call(format!(
            "no report has the id {shown:?}; `gongbao search` shows the ids of what it finds"
        ))
    };
    let id: ReportId = args.id.parse().map_err(|_| missing())?;
    let reader = index::Reader::open(&settings.index_dir())?;
    let found = reader.similar(&id, args.limit.into(), None)?;
    let (Some(similar), Some(report)) = (found, reader.get(&id)?) else {
        return Err(missing());
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &similar)?;
        writeln!(out)?;
    } else {
        show(&mut out, &report, &similar)?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes both lists for a person.
fn show(out: &mut impl Write, report: &Report, similar: &Similar) -> io::Result<()> {
    let duplicates = similar.duplicates.iter();
    let duplicates = duplicates.map(|like| (&like.id, &like.title, like.similarity));
    let related = similar.related.iter();
    let related = related.map(|like| (&like.id, &like.title, like.score));
    let lists: [(&str, Vec<_>); 2] = [
        ("Near-duplicates", duplicates.collect()),
        ("About the same thing", related.collect()),
    ];
    for (name, reports) in lists {
        writeln!(out, "{name}: {}", reports.len())?;
        for (id, title, share) in reports {
            let title = title.as_deref().unwrap_or("（无标题）");
            writeln!(out, "  {share:.2}  {}", clean(title))?;
            writeln!(out, "        {}", clean(id.as_str()))?;
            passages(out, report, similar, id)?;
        }
    }
    Ok(())
}

/// The longest passages that a report shares with another.
fn passages(out: &mut impl Write, report: &Report, similar: &Similar, other: &ReportId) -> io::Result<()> {
    let shared = similar.passages.iter().filter(|passage| passage.id == *other);
    let mut shared: Vec<&SharedPassage> = shared.collect();
    shared.sort_by_key(|passage| (std::cmp::Reverse(passage.chars), passage.start));
    for passage in shared.iter().take(MAX_PASSAGES) {
        let n_chars = passage.end.saturating_sub(passage.start);
        let text = report.content.text.chars().skip(passage.start).take(n_chars);
        let text: String = text.take(MAX_CHARS).collect();
        let more = if n_chars > MAX_CHARS { "…" } else { "" };
        writeln!(
            out,
            "        in both, {} characters: {}{more}",
            passage.chars,
            clean(&text)
        )?;
    }
    if shared.len() > MAX_PASSAGES {
        writeln!(
            out,
            "        {} more passages in both; --json has all",
            shared.len() - MAX_PASSAGES
        )?;
    }
    Ok(())
}
