//! Some reports ranked again and again, with one set of weights after the other: for measurements, for which to search
//! anew each time takes too long.

use report::ReportId;
use tantivy::{DocAddress, DocId, Score};

use super::Plan;
use crate::{IndexError, SearchError, SearchRequest, Weights, rank::Scored, state::State};

/// The first `limit` of these ids, in the order in which a search would rank the reports with these weights.
pub(crate) fn rank_again(
    state: &State,
    request: &SearchRequest,
    ids: &[ReportId],
    weights: Weights,
) -> Result<Vec<ReportId>, SearchError> {
    let mut plan = Plan::new(request)?;
    plan.weights = weights;
    let places = ids.iter().map(|id| Ok(state.find(id)?.map(|place| (place, id))));
    let mut places: Vec<(DocAddress, &ReportId)> = places
        .filter_map(Result::transpose)
        .collect::<Result<_, IndexError>>()?;
    places.sort_unstable();
    places.dedup_by_key(|(place, _)| *place);
    let scored = state.guard(|| {
        let ranking = plan.ranking(state)?;
        let mut scored = Vec::new();
        for (nth, segment) in state.segments().enumerate() {
            let of_segment = places
                .iter()
                .filter(|(place, _)| place.segment_ord as usize == nth);
            let docs: Vec<DocId> = of_segment.map(|(place, _)| place.doc_id).collect();
            scored.push(Scored {
                segment: nth,
                scores: ranking.scores(nth, segment, &docs, &plan.deadline)?,
                docs,
            });
        }
        ranking.raise(&mut scored, &state.texts, &plan.deadline)?;
        Ok(scored)
    })?;
    // Places ascend as the scores do.
    let scores = scored.iter().flat_map(|scored| &scored.scores);
    let mut ranked: Vec<(Score, &ReportId)> = scores.copied().zip(places.iter().map(|(_, id)| *id)).collect();
    ranked.sort_by(|(a, a_id), (b, b_id)| b.total_cmp(a).then_with(|| a_id.cmp(b_id)));
    ranked.truncate(request.limit);
    Ok(ranked.into_iter().map(|(_, id)| id.clone()).collect())
}
