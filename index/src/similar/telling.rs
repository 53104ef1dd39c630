//! Reports about the same thing: those that answer best to the most telling words of a report.
//!
//! A word is telling when the report has it often and few others have it. BM25 over these words orders the reports; its
//! scores are divided by the report's own, so that they can be compared from report to report.

use std::collections::HashMap;

use report::Content;
use tantivy::{
    DocAddress, DocSet, Score, Term,
    collector::TopDocs,
    query::{BooleanQuery, BoostQuery, EnableScoring, ExistsQuery, Occur, Query, TermQuery},
    schema::IndexRecordOption,
};

use crate::{body::Body, deadline::Deadline, schema::column, state::State, words};

/// Words that are asked for.
const MAX_WORDS: usize = 24;
/// Words of a report that are looked up to find these, its most frequent ones.
const MAX_LOOKED_UP: usize = 160;
/// Share of the report's own score below which another report has nothing to do with it.
const LEAST: f64 = 0.15;

/// The reports most related to one of them, which is not among them and neither is its group, with their scores as
/// shares of its own.
pub(super) fn related(
    state: &State,
    place: DocAddress,
    content: &Content,
    group: &[DocAddress],
    limit: usize,
    deadline: &Deadline,
) -> tantivy::Result<Vec<(DocAddress, f64)>> {
    let words = telling(state, content)?;
    if words.is_empty() {
        return Ok(Vec::new());
    }
    deadline.check()?;
    let clauses = words.into_iter().map(|(term, boost)| {
        let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
        let query: Box<dyn Query> = Box::new(BoostQuery::new(Box::new(query), boost));
        (Occur::Should, query)
    });
    // Versions of the past say much the same as the newest one.
    let is_past: Box<dyn Query> = Box::new(ExistsQuery::new(column::KNOWN_UNTIL.to_owned(), false));
    let is_past = (Occur::MustNot, is_past);
    let query = BooleanQuery::new(clauses.chain(std::iter::once(is_past)).collect());
    // Members of the group may take all the first places.
    let n_places = limit.saturating_add(group.len().max(1));
    let top = TopDocs::with_limit(n_places).order_by_score();
    let found = state.searcher.search(&query, &top)?;

    deadline.check()?;
    let weight = query.weight(EnableScoring::enabled_from_searcher(&state.searcher))?;
    let mut own = weight.scorer(state.searcher.segment_reader(place.segment_ord), 1.0)?;
    let own = if own.seek(place.doc_id) == place.doc_id {
        f64::from(own.score())
    } else {
        return Ok(Vec::new());
    };
    let mut related = Vec::new();
    for (score, other) in found {
        let share = f64::from(score) / own;
        if other != place && !group.contains(&other) && share >= LEAST {
            let columns = &state.columns[other.segment_ord as usize];
            related.push((share, columns.id(columns.id_rank(other.doc_id))?, other));
        }
    }
    related.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    related.truncate(limit);
    Ok(related
        .into_iter()
        .map(|(share, _, place)| (place, share))
        .collect())
}

/// The most telling words of a report, and how much each counts for.
fn telling(state: &State, content: &Content) -> tantivy::Result<Vec<(Term, Score)>> {
    let body = Body::new(content);
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for range in words::cut_fine(&body.text) {
        let word = &body.text[range];
        if is_worth_a_look(word) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable_by(|(a, n_a), (b, n_b)| {
        let order = n_b.cmp(n_a).then_with(|| b.len().cmp(&a.len()));
        order.then_with(|| a.cmp(b))
    });
    counts.truncate(MAX_LOOKED_UP);

    let n_docs = state.searcher.num_docs() as Score;
    let mut weighed = Vec::new();
    for (word, count) in counts {
        let term = Term::from_field_text(state.generation.fields.words, word);
        let n_with = state.searcher.doc_freq(&term)? as Score;
        let idf = (1.0 + n_docs / (n_with + 1.0)).ln();
        let boost = 1.0 + (count as Score).ln();
        weighed.push((boost * idf, word, term, boost));
    }
    weighed.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    weighed.truncate(MAX_WORDS);
    Ok(weighed
        .into_iter()
        .map(|(_, _, term, boost)| (term, boost))
        .collect())
}

/// Single characters and numbers say little of what a text is about.
fn is_worth_a_look(word: &str) -> bool {
    let mut chars = word.chars();
    let has_two = chars.next().is_some() && chars.next().is_some();
    has_two && !word.chars().any(|c| c.is_ascii_digit())
}
