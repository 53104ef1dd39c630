//! Figures about an index, and whether it holds together.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::PathBuf,
};

use report::RegionCode;
use serde::Serialize;
use tantivy::{DocAddress, DocId, SegmentReader, index::SegmentComponent};

use crate::{
    IndexError, body::Body, columns::Columns, engine, matching::Segment, state::State, texts::EXTENSION,
};

/// Figures of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IndexStats {
    /// Reports that can be found.
    pub reports: u64,
    /// Versions of theirs that are not the newest, and are found as of a moment of the past.
    pub past_versions: u64,
    /// Han characters of the reports' texts.
    pub chars: u64,
    /// Watermark of the last commit.
    pub watermark: u64,
    /// Name of the generation.
    pub generation: String,
    /// Segments of the engine.
    pub segments: u64,
    /// Reports that were replaced or removed and still take room until the engine merges their segment.
    pub deleted: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes on disk by part.
    pub bytes_by_part: BTreeMap<String, u64>,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Reports that were read.
    pub reports: u64,
    /// Everything that is wrong; empty when all is well.
    pub problems: Vec<String>,
}

pub(crate) fn stats(state: &State) -> Result<IndexStats, IndexError> {
    let mut stats = IndexStats {
        generation: state.generation.name.clone(),
        watermark: engine::payload(&state.generation.index, &state.generation.path)?.watermark,
        ..IndexStats::default()
    };
    let usage = state.guard(|| Ok(state.searcher.space_usage()?))?;
    for segment in usage.segments() {
        let texts = SegmentComponent::Custom(EXTENSION.to_owned());
        let parts = [
            ("terms", segment.termdict().total()),
            ("postings", segment.postings().total()),
            ("positions", segment.positions().total()),
            ("columns", segment.fast_fields().total()),
            ("lengths", segment.fieldnorms().total()),
            ("reports", segment.store().total()),
            ("deletions", segment.deletes()),
            ("texts", segment.component(texts).total()),
        ];
        for (part, bytes) in parts {
            *stats.bytes_by_part.entry(part.to_owned()).or_default() += bytes.get_bytes();
        }
    }
    stats.bytes = stats.bytes_by_part.values().sum();
    state.guard(|| {
        for Segment { reader, columns, .. } in state.segments() {
            let mut n_reports = 0;
            let shown = newest(reader, columns).inspect(|_| n_reports += 1);
            stats.chars += shown.filter_map(|doc| columns.han_chars.first(doc)).sum::<u64>();
            stats.segments += 1;
            stats.reports += n_reports;
            stats.past_versions += u64::from(reader.num_docs()).saturating_sub(n_reports);
            stats.deleted += u64::from(reader.num_deleted_docs());
        }
        Ok(stats)
    })
}

pub(crate) fn region_counts(state: &State) -> Result<BTreeMap<RegionCode, u64>, IndexError> {
    let counts = state.guard(|| {
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        for Segment { reader, columns, .. } in state.segments() {
            let regions = |doc| columns.regions.values_for_doc(doc);
            for code in newest(reader, columns).flat_map(regions) {
                *counts.entry(code).or_default() += 1;
            }
        }
        Ok(counts)
    })?;
    let coded = counts
        .into_iter()
        .filter_map(|(code, count)| Some((format!("{code:06}").parse().ok()?, count)));
    Ok(coded.collect())
}

/// The reports of a segment, each as its newest version.
fn newest<'a>(reader: &'a SegmentReader, columns: &'a Columns) -> impl Iterator<Item = DocId> + 'a {
    let alive = reader.doc_ids_alive();
    alive.filter(|doc| columns.is_shown(*doc, None))
}

/// The files of the last commit, in order. A segment need not have every file that it may have.
fn live_files(state: &State) -> tantivy::Result<BTreeSet<PathBuf>> {
    let may_be = state.generation.index.load_metas()?.list_segment_files();
    let is_there = |path: &PathBuf| state.generation.path.join(path).exists();
    Ok(may_be.into_iter().filter(is_there).collect())
}

pub(crate) fn verify(state: &State) -> Result<Verification, IndexError> {
    let mut found = Verification::default();
    for path in state.guard(|| live_files(state))? {
        let directory = state.generation.index.directory();
        let checked = state.guard(|| Ok(directory.validate_checksum(&path)?));
        let problem = match checked {
            Ok(true) => continue,
            Ok(false) => "wrong check sum".to_owned(),
            Err(error) => error.to_string(),
        };
        // A later commit may do without it and have removed it meanwhile.
        if state.guard(|| live_files(state))?.contains(&path) {
            found.problems.push(format!("{}: {problem}", path.display()));
        }
    }
    let mut keys = HashSet::new();
    for (segment, reader) in state.searcher.segment_readers().iter().enumerate() {
        for doc in reader.doc_ids_alive() {
            let address = DocAddress::new(segment as u32, doc);
            let report = match state.report(address) {
                Ok(report) => report,
                Err(error) => {
                    found
                        .problems
                        .push(format!("document {doc} of segment {segment}: {error}"));
                    continue;
                }
            };
            let known = state.columns.get(segment).and_then(|columns| columns.known(doc));
            let Some(known) = known else {
                let words = format!("{}: it is not known when it was recorded", report.id);
                found.problems.push(words);
                continue;
            };
            let name = match known.until {
                None => report.id.to_string(),
                Some(_) => format!("{}, version {}", report.id, report.version),
            };
            found.reports += u64::from(known.until.is_none());
            let body = Body::new(&report.content);
            if !state
                .texts
                .get(segment)
                .is_some_and(|texts| texts.holds(doc, &body.text))
            {
                found
                    .problems
                    .push(format!("{name}: the text that is searched is another"));
            }
            let key = state.generation.fields.key_term(&report, known);
            match state.find_term(&key) {
                Ok(Some(other)) if other == address => {}
                Ok(_) => found.problems.push(format!("{name}: not found by its id")),
                Err(error) => found.problems.push(format!("{name}: {error}")),
            }
            if !keys.insert(key) {
                found.problems.push(format!("{name}: stored twice"));
            }
        }
    }
    Ok(found)
}
