//! The order of hits: a key, then the id. Smaller keys come first.

use tantivy::{DocAddress, DocId, Score};

use crate::{Sort, columns::Columns};

/// A hit with what it is ordered by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ranked {
    pub(crate) key: i64,
    pub(crate) id: String,
    pub(crate) segment: usize,
    pub(crate) doc: DocId,
}

impl Ranked {
    /// Where its report is.
    pub(crate) fn address(&self) -> DocAddress {
        DocAddress::new(self.segment as u32, self.doc)
    }
}

/// A place in an order: everything up to and including it has been shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) key: i64,
    pub(crate) id: String,
}

/// The key of a hit, as of a moment.
pub(crate) fn key(sort: Sort, columns: &Columns, doc: DocId, score: Score, as_of: Option<i64>) -> i64 {
    let upwards = |value: Option<i64>| value.unwrap_or(i64::MAX);
    let downwards = |value: Option<i64>| value.map_or(i64::MAX, |value| -value);
    match sort {
        Sort::Relevance => score_key(score),
        Sort::Published => upwards(columns.published.first(doc)),
        Sort::PublishedDescending => downwards(columns.published.first(doc)),
        Sort::Year => upwards(columns.year.first(doc)),
        Sort::YearDescending => downwards(columns.year.first(doc)),
        Sort::Changed => upwards(columns.changed(doc, as_of)),
        Sort::ChangedDescending => downwards(columns.changed(doc, as_of)),
    }
}

/// Scores are never negative, and the bits of such numbers are in the order of the numbers.
fn score_key(score: Score) -> i64 {
    -i64::from(score.max(0.0).to_bits())
}

/// The score that a key by relevance stands for.
pub(crate) fn score_of(sort: Sort, key: i64) -> Score {
    match sort {
        Sort::Relevance => u32::try_from(-key).map_or(0.0, Score::from_bits),
        _ => 0.0,
    }
}

/// The first `limit` hits of one segment behind `after`, in order.
pub(crate) fn first(
    segment: usize,
    columns: &Columns,
    hits: impl Iterator<Item = (DocId, i64)>,
    after: Option<&Place>,
    limit: usize,
) -> std::io::Result<Vec<Ranked>> {
    let behind = after
        .map(|after| columns.rank_behind(&after.id))
        .transpose()?
        .unwrap_or(0);
    // Most hits are ruled out by their keys; what decides among equals costs a look-up each.
    let mut keyed: Vec<(i64, DocId)> = hits.map(|(doc, key)| (key, doc)).collect();
    if let Some(after) = after {
        keyed.retain(|(key, doc)| *key > after.key || *key == after.key && columns.id_rank(*doc) >= behind);
    }
    if keyed.len() > limit {
        let (_, (last, _), _) = keyed.select_nth_unstable_by_key(limit, |(key, _)| *key);
        let last = *last;
        keyed.retain(|(key, _)| *key <= last);
    }
    let ranked = keyed
        .into_iter()
        .map(|(key, doc)| (key, columns.id_rank(doc), doc));
    let mut left: Vec<(i64, u64, DocId)> = ranked.collect();
    if left.len() > limit {
        left.select_nth_unstable(limit);
        left.truncate(limit);
    }
    left.sort_unstable();
    let ranked = left.into_iter().map(|(key, rank, doc)| {
        Ok(Ranked {
            key,
            id: columns.id(rank)?,
            segment,
            doc,
        })
    });
    ranked.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_scores_come_first_and_come_back() {
        let keys = [9.5, 1.25, 1e-30, 0.0].map(score_key);
        assert!(keys.is_sorted());
        assert_eq!(
            keys.map(|key| score_of(Sort::Relevance, key)),
            [9.5, 1.25, 1e-30, 0.0]
        );
        assert!(score_key(f32::NAN) == 0);
    }
}
