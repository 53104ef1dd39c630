//! What is usual for a portal, and since when something is not.

use jiff::Timestamp;

use super::{Alarm, AlarmKind, Evidence, RunRecord, Yields};

/// Good runs that say what is usual.
pub(crate) const USUAL_RUNS: usize = 6;

/// Good runs of a portal before the one that is looked at, the oldest first.
pub(super) struct Usual<'a>(&'a [&'a Yields]);

impl Usual<'_> {
    /// Median of a figure over the last good runs that have it.
    pub(super) fn median(&self, figure: impl Fn(&Yields) -> Option<u64>) -> Option<u64> {
        // Thousands of portals are looked at together, each many times: nothing is allocated for it.
        let mut figures = [0; USUAL_RUNS];
        let mut n = 0;
        let last = self.0.iter().rev().take(USUAL_RUNS);
        for (place, found) in figures.iter_mut().zip(last.filter_map(|yields| figure(yields))) {
            *place = found;
            n += 1;
        }
        let figures = figures.get_mut(..n)?;
        figures.sort_unstable();
        figures.get(n / 2).copied()
    }
}

/// Signs that something is wrong with a run, and an address to look at.
pub(super) type Signs = (Vec<Evidence>, Option<String>);

/// Plays the runs again, the oldest first, and gives the alarm that stands at the end.
///
/// A run with signs is not good: it does not say what is usual for those after it. One that was good when it ended stays
/// so, whatever is left of those before it. A run of which nothing can be told changes nothing. Runs that a limit ended
/// are held against their like only.
pub(super) fn replay(
    kind: AlarmKind,
    oldest_first: &[&RunRecord],
    signs: impl Fn(&Yields, &Usual<'_>) -> Signs,
) -> Option<Alarm> {
    // Those that a limit ended, and the others.
    let (mut limited, mut whole): (Vec<&Yields>, Vec<&Yields>) = (Vec::new(), Vec::new());
    let mut standing: Option<Alarm> = None;
    for run in oldest_first {
        let Some(yields) = run.yields.as_ref().filter(|_| run.is_good()) else {
            continue;
        };
        let good = match run.is_limited() {
            true => &mut limited,
            false => &mut whole,
        };
        let (evidence, url) = match run.verdict {
            Some(verdict) if verdict.is_good(kind) => Signs::default(),
            _ => signs(yields, &Usual(good)),
        };
        if evidence.is_empty() {
            good.push(yields);
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
        let yields: Vec<&Yields> = yields.iter().collect();
        let usual = Usual(&yields);
        assert_eq!(usual.median(|yields| Some(yields.rows)), Some(80));
        assert_eq!(usual.median(|yields| yields.median_chars), None);
    }
}
