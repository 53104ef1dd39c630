//! The index against the catalog, at one commit of the index.

use std::collections::HashSet;

use crawler::{Catalog, Op};
use index::{Reader, SearchRequest};
use report::Report;

use super::{Findings, Part};
use crate::progress::Progress;

/// Rows of the outbox that are read at once.
const BATCH: usize = 256;

/// Times that a commit may come in between.
const TRIES: u32 = 10;

/// Whether every report of the catalog is in the index as it stands there, and no other.
pub(super) fn compare(
    index: &Reader,
    catalog: &Catalog,
    quick: bool,
    found: &mut Findings,
) -> anyhow::Result<()> {
    let mut tries = TRIES;
    let (reports, watermark) = loop {
        tries -= 1;
        let before = index.stats()?.watermark;
        let reports = index.find_all(&SearchRequest::default())?;
        if before == index.stats()?.watermark {
            break (reports, before);
        }
        anyhow::ensure!(
            tries > 0,
            "it is committed to all the time; try again in a moment"
        );
    };
    // From here on the catalog is read as it stands now.
    let _moment = catalog.connection().unchecked_transaction()?;
    let end = catalog.outbox_end()?;
    if watermark > end {
        let words =
            format!("it has change {watermark}, the catalog knows {end}: they do not belong together");
        found.problem(Part::Index, words);
        return Ok(());
    }
    let (waiting, n_waiting, has_gap) = waiting(catalog, watermark, end)?;
    if has_gap {
        let words = "it lacks changes that wait no more; the next crawl or import derives it anew";
        found.problem(Part::Index, words.to_owned());
        return Ok(());
    }
    if n_waiting > 0 {
        found.notes.push(format!(
            "{n_waiting} changes wait to be indexed; whoever writes does it, or the next crawl or import"
        ));
    }
    let n_indexed = reports.remaining();
    if quick {
        let n_catalog = catalog.count()?;
        found.reports = n_indexed;
        if n_waiting == 0 && n_indexed != n_catalog {
            let words = format!("{n_indexed} reports, the catalog has {n_catalog}");
            found.problem(Part::Index, words);
        }
        return Ok(());
    }
    let progress = Progress::of_things("comparing", n_indexed);
    // Both come by id.
    let mut indexed = reports.peekable();
    let extra = |report: &Report, found: &mut Findings| {
        if !waiting.contains(report.id.as_str()) {
            let words = format!("report {} is not in the catalog", report.id);
            found.problem(Part::Index, words);
        }
    };
    catalog.for_each_report(|report| {
        let mut same = None;
        while let Some(next) = indexed.next_if(|next| next.as_ref().map_or(true, |next| next.id <= report.id))
        {
            match next {
                // Told by the check of the documents.
                Err(_) => (),
                Ok(next) if next.id == report.id => same = Some(next == report),
                Ok(next) => extra(&next, found),
            }
        }
        found.reports += 1;
        progress.at(found.reports, &format!("{} reports", found.reports));
        if same != Some(true) && !waiting.contains(report.id.as_str()) {
            let what = match same {
                Some(_) => "is otherwise in the catalog",
                None => "is missing",
            };
            found.problem(Part::Index, format!("report {} {what}", report.id));
        }
        anyhow::Ok(())
    })?;
    for next in indexed.flatten() {
        extra(&next, found);
    }
    progress.done();
    Ok(())
}

/// Ids of reports with changes after `watermark`, how many changes these are, and whether one is missing.
fn waiting(catalog: &Catalog, watermark: u64, end: u64) -> anyhow::Result<(HashSet<String>, u64, bool)> {
    let mut ids = HashSet::new();
    let (mut seq, mut n) = (watermark, 0);
    loop {
        let rows = catalog.outbox_after(seq, BATCH)?;
        if rows.is_empty() {
            return Ok((ids, n, seq != end));
        }
        for (number, op) in rows {
            if number != seq + 1 {
                return Ok((ids, n, true));
            }
            let id = match op {
                Op::Upsert(report) => report.id.to_string(),
                Op::Past(past) => past.report.id.to_string(),
                Op::Remove(id) => id.to_string(),
            };
            ids.insert(id);
            (seq, n) = (number, n + 1);
        }
    }
}
