//! Reports like another: near-duplicates of its text, reports about the same thing, and the passages they share.
//!
//! | part | says |
//! |---|---|
//! | `shingles` | how similar two texts are |
//! | `sketch` | about how similar, from 256 bytes each, which stand in a column |
//! | `subject` | what keeps texts apart that are alike: years and regions |
//! | `pairs`, `groups` | which reports of a state are near-duplicates of each other |
//! | `cache` | which were found last |
//! | `folding` | hits of one group become one |
//! | `telling` | which words say what a report is about |
//! | `passages` | which stretches two texts have in common |

mod cache;
mod folding;
mod groups;
mod pairs;
mod passages;
mod shingles;
mod sketch;
mod subject;
mod telling;

use report::{Report, ReportId};
use serde::Serialize;
use tantivy::DocAddress;
use utoipa::ToSchema;

pub use self::passages::shared_stretches;
pub(crate) use self::{
    cache::GroupCache,
    folding::{Folded, Folding},
    groups::Groups,
    sketch::Sketch,
    subject::Subject,
};
use self::{passages::Letters, shingles::Shingles};
use crate::{IndexError, SearchError, deadline::Deadline, state::State};

/// Reports like another one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Similar {
    /// Its near-duplicates, the most similar first.
    pub duplicates: Vec<NearDuplicate>,
    /// Reports about the same thing that are no near-duplicates, the most related first.
    pub related: Vec<Related>,
    /// What stands in its text and in theirs, in the order of these lists and then of its text.
    pub passages: Vec<SharedPassage>,
}

/// A near-duplicate.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NearDuplicate {
    /// Which report.
    pub id: ReportId,
    /// Its title.
    pub title: Option<String>,
    /// Runs of five letters that both texts have, as a share of those that either has, 0 to 1.
    pub similarity: f64,
}

/// A report about the same thing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Related {
    /// Which report.
    pub id: ReportId,
    /// Its title.
    pub title: Option<String>,
    /// How well it answers to the most telling words of the report, as a share of how well that does itself.
    pub score: f64,
}

/// A stretch that two texts have in common but for punctuation, white space and line ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SharedPassage {
    /// The other report.
    pub id: ReportId,
    /// Its title.
    pub title: Option<String>,
    /// First Unicode character of the passage in the text of the report that was asked about.
    pub start: usize,
    /// One past its last.
    pub end: usize,
    /// First Unicode character of the passage in the other text.
    pub other_start: usize,
    /// One past its last.
    pub other_end: usize,
    /// Letters in common.
    pub chars: usize,
}

/// Reports like that of an id, at most `limit` of each kind; `None` when there is no such report.
pub(crate) fn similar(
    state: &State,
    id: &ReportId,
    limit: usize,
    deadline: &Deadline,
) -> Result<Option<Similar>, SearchError> {
    let explain = |error: IndexError| match deadline.has_passed() {
        true => SearchError::Timeout,
        false => error.into(),
    };
    let Some(place) = state.find(id)? else {
        return Ok(None);
    };
    let report = state.report(place)?;
    let groups = state.groups(None)?;
    let group = groups.of(place);
    let like = nearest(state, place, group, limit);
    let telling = state.guard(|| telling::related(state, place, &report.content, group, limit, deadline));
    let telling = telling.map_err(explain)?;

    let own = Shingles::of(&report.content.text);
    let letters = Letters::of(&report.content.text);
    let seeds = letters.seeds();
    let mut similar = Similar::default();
    let mut passages: Vec<Vec<SharedPassage>> = Vec::new();
    let share = |other: &Report| {
        let shared = letters.shared(&seeds, &Letters::of(&other.content.text));
        shared
            .into_iter()
            .map(|shared| SharedPassage {
                id: other.id.clone(),
                title: other.content.title.clone(),
                start: shared.here.start,
                end: shared.here.end,
                other_start: shared.there.start,
                other_end: shared.there.end,
                chars: shared.letters,
            })
            .collect::<Vec<_>>()
    };
    let check = || state.guard(|| deadline.check()).map_err(explain);
    let mut duplicates = Vec::with_capacity(like.len());
    for place in like {
        check()?;
        let other = state.report(place)?;
        let similarity = own.similarity(&Shingles::of(&other.content.text));
        let shared = share(&other);
        let duplicate = NearDuplicate {
            id: other.id,
            title: other.content.title,
            similarity: rounded(similarity),
        };
        duplicates.push((duplicate, shared));
    }
    duplicates.sort_by(|(a, _), (b, _)| {
        let order = b.similarity.total_cmp(&a.similarity);
        order.then_with(|| a.id.cmp(&b.id))
    });
    for (duplicate, shared) in duplicates {
        similar.duplicates.push(duplicate);
        passages.push(shared);
    }
    for (place, score) in telling {
        check()?;
        let other = state.report(place)?;
        passages.push(share(&other));
        similar.related.push(Related {
            id: other.id,
            title: other.content.title,
            score: rounded(score),
        });
    }
    similar.passages = passages.concat();
    Ok(Some(similar))
}

/// The members of a group that are most like one of them, which is not among them, by their sketches.
fn nearest(state: &State, place: DocAddress, group: &[DocAddress], limit: usize) -> Vec<DocAddress> {
    let sketch = |place: DocAddress| {
        let columns = state.columns.get(place.segment_ord as usize)?;
        pairs::sketch_of(columns, place.doc_id)
    };
    let Some(own) = sketch(place) else {
        return Vec::new();
    };
    let others = group.iter().filter(|other| **other != place);
    let mut ordered: Vec<_> = others
        .filter_map(|other| {
            let sketch = sketch(*other)?;
            Some((own.distance(&sketch), sketch, *other))
        })
        .collect();
    ordered.sort_unstable();
    ordered.truncate(limit);
    ordered.into_iter().map(|(_, _, place)| place).collect()
}

/// To four places behind the point; more would claim to mean something.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}
