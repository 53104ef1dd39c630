//! Many queries, one table: what each finds and how often it stands there, by region, year and so on.

use super::{
    Layout, Panel, Progress,
    cells::{Filing, Tally},
    count, invalid,
};
use crate::{
    Group, SearchError, SearchRequest, exact::keep, occurrences::Counter, search::Plan, state::State,
};

/// Most queries of a batch.
const MAX_QUERIES: usize = 10_000;

/// A batch of queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRequest {
    /// The reports that all are set against: mode, filters and group, and a query of its own, which has to be met as well.
    pub search: SearchRequest,
    /// Names of the queries, and the queries.
    pub queries: Vec<(String, String)>,
    /// How the table is laid out.
    pub layout: Layout,
}

/// A batch was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct BatchError {
    /// Number of the query that was wrong, from 0; `None` when it is none of them.
    pub query: Option<usize>,
    /// What went wrong.
    #[source]
    pub error: SearchError,
}

/// Asks every query.
pub(crate) fn batch(
    state: &State,
    request: &BatchRequest,
    progress: Progress<'_>,
) -> Result<Panel, BatchError> {
    let of = |query, error| BatchError { query, error };
    let whole = |error: SearchError| of(None, error);
    if request.queries.is_empty() || request.queries.len() > MAX_QUERIES {
        return Err(whole(invalid(
            "queries",
            format!("a batch has 1 to {MAX_QUERIES} queries"),
        )));
    }
    request.layout.check().map_err(whole)?;
    let all = Plan::new(&request.search).map_err(whole)?;
    state.check_as_of(request.search.filters.as_of).map_err(whole)?;
    // All are read before the first is asked.
    let mut plans = Vec::with_capacity(request.queries.len());
    for (nth, (_, q)) in request.queries.iter().enumerate() {
        let search = SearchRequest {
            q: q.clone(),
            // Of near-duplicates the one that is among the denominators is asked.
            group: Group::None,
            ..request.search.clone()
        };
        plans.push(Plan::new(&search).map_err(|error| of(Some(nth), error))?);
    }
    let filing = Filing::new(&request.layout, &request.search.filters, 1);
    let denominator = all
        .docs_by_segment(state)
        .map_err(|error| whole(all.explain(error)))?;
    let counted = state.guard(|| {
        count(state, &denominator, &|_, _| {}, |segment, docs, tally| {
            filing.add_reports(segment, docs, tally);
            Ok(())
        })
    });
    let mut tally: Tally = counted.map_err(|error| whole(all.explain(error)))?;
    let mut without_strings = Vec::new();
    for (nth, plan) in plans.iter().enumerate() {
        let wrong = |error| of(Some(nth), plan.explain(error));
        let mut docs = plan.docs_by_segment(state).map_err(wrong)?;
        for (docs, among) in docs.iter_mut().zip(&denominator) {
            keep(docs, among);
        }
        let counted = state.guard(|| {
            let counter = Counter::of_query(&plan.query)?;
            if counter.is_empty() {
                without_strings.push(nth);
            }
            count(state, &docs, &|_, _| {}, |segment, docs, tally| {
                filing.add_found(segment, docs, &counter, &plan.deadline, tally)
            })
        });
        tally.take_hits(counted.map_err(wrong)?, nth);
        progress(nth as u64 + 1, plans.len() as u64);
    }
    let names = request.queries.iter().map(|(name, _)| name.clone());
    let table = request
        .layout
        .table(
            names.collect(),
            &request.search.filters,
            all.query.echo,
            tally,
            state,
        )
        .map_err(whole)?;
    Ok(Panel {
        without_strings,
        ..table
    })
}
