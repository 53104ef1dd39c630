//! What a beginning may be the beginning of: words of the index, for somebody who is still typing.
//!
//! The words of a segment stand in its dictionary in order, so those with one beginning lie side by side.

use rustc_hash::FxHashMap;

use crate::{IndexError, state::State};

/// Words looked at in one segment.
const MAX_LOOKED_AT: usize = 4096;

/// Words that begin with a folded string, with the number of reports that have them, the most frequent first.
pub(crate) fn words(state: &State, beginning: &str, limit: usize) -> Result<Vec<(String, u64)>, IndexError> {
    if beginning.is_empty() {
        return Ok(Vec::new());
    }
    let field = state.generation.fields.words;
    state.guard(|| {
        let mut counts: FxHashMap<String, u64> = FxHashMap::default();
        for reader in state.searcher.segment_readers() {
            let index = reader.inverted_index(field)?;
            let mut words = index.terms().range().ge(beginning).into_stream()?;
            let mut n_looked_at = 0;
            while n_looked_at < MAX_LOOKED_AT
                && words.advance()
                && words.key().starts_with(beginning.as_bytes())
            {
                n_looked_at += 1;
                if let Ok(word) = std::str::from_utf8(words.key()) {
                    *counts.entry(word.to_owned()).or_default() += u64::from(words.value().doc_freq);
                }
            }
        }
        let mut words: Vec<_> = counts.into_iter().collect();
        words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        words.truncate(limit);
        Ok(words)
    })
}
