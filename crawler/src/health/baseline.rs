//! What is usual for a portal, and since when something is not.

use jiff::Timestamp;

use super::{Alarm, AlarmKind, Evidence, RunRecord, Yields};

/// Good runs that say what is usual.
const USUAL_RUNS: usize = 6;

/// Good runs of a portal before the one that is looked at, the oldest first.
pub(super) struct Usual<'a>(Vec<&'a Yields>);

impl Usual<'_> {
    /// Median of a figure over the last good runs that have it.
    pub(super) fn median(&self, figure: impl Fn(&Yields) -> Option<u64>) -> Option<u64> {
        let last = self.0.iter().rev().take(USUAL_RUNS);
        let mut figures: Vec<u64> = last.filter_map(|yields| figure(yields)).collect();
        figures.sort_unstable();
        figures.get(figures.len() / 2).copied()
    }
}

/// Signs that something is wrong with a run, and an address to look at.
pub(super) type Signs = (Vec<Evidence>, Option<String>);

/// Plays the runs again, the oldest first, and gives the alarm that stands at the end.
///
/// A run with signs is not good: it does not say what is usual for those after it. When no run without signs is left
/// among them, what was unusual is the usual, and the alarm ends. A run of which nothing can be told changes nothing.
/// Runs that a limit ended are held against their like only.
pub(super) fn replay(
    kind: AlarmKind,
    oldest_first: &[&RunRecord],
    signs: impl Fn(&Yields, &Usual<'_>) -> Signs,
) -> Option<Alarm> {
    let mut good: Vec<(&Yields, bool)> = Vec::new();
    let mut standing: Option<Alarm> = None;
    for run in oldest_first {
        let Some(yields) = run.yields.as_ref().filter(|_| run.is_good()) else {
            continue;
        };
        let is_alike = |(_, is_limited): &&(&Yields, bool)| *is_limited == run.is_limited();
        let usual = Usual(good.iter().filter(is_alike).map(|(yields, _)| *yields).collect());
        let (evidence, url) = signs(yields, &usual);
        if evidence.is_empty() {
            good.push((yields, run.is_limited()));
            standing = None;
            continue;
        }
        let since: Timestamp = standing.map_or(run.finished_at, |alarm| alarm.since);
        standing = Some(Alarm {
            kind,
            since,
            evidence,
            url,
        });
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_the_last_good_runs() {
        let yields: Vec<Yields> = [1, 1, 1, 1, 50, 60, 70, 80, 90, 100]
            .map(|rows| Yields {
                rows,
                ..Yields::default()
            })
            .into();
        let usual = Usual(yields.iter().collect());
        assert_eq!(usual.median(|yields| Some(yields.rows)), Some(80));
        assert_eq!(usual.median(|yields| yields.median_chars), None);
    }
}
