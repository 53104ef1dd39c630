//! The groups of the states that were asked for last.
//!
//! A walk may read a state for a quarter of an hour, and while reports come in there is a new state every few seconds.
//! Groups are small beside an index, but not that many times over, so those of a few states are kept and others are
//! found again when a walk goes on.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::Groups;

/// States of which groups are kept.
const MAX_STATES: usize = 16;

/// A state, and the moment in milliseconds since 1970 as of which its reports are grouped; `None`: as they are.
pub(crate) type View = (u64, Option<i64>);

/// Groups by state, the one asked for last at the end.
#[derive(Default)]
pub(crate) struct GroupCache(Mutex<VecDeque<(View, Arc<Groups>)>>);

impl GroupCache {
    /// The groups of a state, found by `find` where they are not known. Others wait meanwhile: they mostly ask for the
    /// same.
    ///
    /// # Errors
    /// That of `find`.
    pub(crate) fn of<E>(
        &self,
        state: View,
        find: impl FnOnce() -> Result<Groups, E>,
    ) -> Result<Arc<Groups>, E> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|(id, _)| *id == state);
        let groups = match at.and_then(|at| known.remove(at)) {
            Some((_, groups)) => groups,
            None => Arc::new(find()?),
        };
        known.push_back((state, groups.clone()));
        while known.len() > MAX_STATES {
            known.pop_front();
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_states_asked_for_last_are_kept() {
        let cache = GroupCache::default();
        let is_known = |state: u64| {
            let mut known = true;
            let find = || {
                known = false;
                Ok::<_, ()>(Groups::default())
            };
            cache.of((state, None), find).unwrap();
            known
        };
        for state in 0..MAX_STATES as u64 {
            assert!(!is_known(state));
        }
        assert!(is_known(0) && !is_known(100));
        assert!(is_known(0), "it was asked for since");
        assert!(!is_known(1));
        assert_eq!(cache.of((7_000, None), || Err("no")).unwrap_err(), "no");
    }
}
