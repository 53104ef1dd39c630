//! Reports that are there and say less than they did: their pages are built in another way.

use super::{
    Alarm, AlarmKind, Evidence, RunRecord, Yields,
    baseline::{Signs, Usual, replay},
};

/// Of fewer pages, one that was emptied says nothing of the others.
const FEWEST_PAGES: u64 = 3;

/// This part of known reports without a text, of a hundred, is no accident.
const TEXT_LOST: u64 = 20;

/// By so many of a hundred more reports than usual may lack something.
const FLAGGED_MORE: u64 = 20;

/// Shorter texts are not measured: a list of links can be as long.
const FEWEST_CHARS: u64 = 100;

pub(super) fn alarm(oldest_first: &[&RunRecord]) -> Option<Alarm> {
    replay(AlarmKind::LayoutChanged, oldest_first, signs)
}

fn signs(run: &Yields, usual: &Usual<'_>) -> Signs {
    let mut signs = Vec::new();
    let mut url = None;
    let of = run.seen + run.text_lost.count;
    let lost = percent(run.text_lost.count, of);
    let usually_lost = usual.median(|yields| {
        Some(percent(
            yields.text_lost.count,
            yields.seen + yields.text_lost.count,
        ))
    });
    if of >= FEWEST_PAGES
        && run.text_lost.count >= 2
        && usually_lost.is_some_and(|usual| lost >= usual.saturating_add(TEXT_LOST))
    {
        signs.push(Evidence::TextLost {
            count: run.text_lost.count,
            of,
        });
        url.clone_from(&run.text_lost.first);
    }
    if run.seen < FEWEST_PAGES {
        return (signs, url);
    }
    let median = run.median_chars.zip(usual.median(|yields| yields.median_chars));
    if let Some((now, usual)) = median.filter(|(now, usual)| *usual >= FEWEST_CHARS && *now <= usual / 2) {
        signs.push(Evidence::Median { now, usual });
    }
    let flagged = |yields: &Yields| (yields.seen > 0).then(|| percent(yields.flagged, yields.seen));
    let shares = flagged(run).zip(usual.median(flagged));
    if let Some((now, usual)) = shares.filter(|(now, usual)| *now >= usual.saturating_add(FLAGGED_MORE)) {
        signs.push(Evidence::Flagged { now, usual });
    }
    (signs, url)
}

fn percent(part: u64, of: u64) -> u64 {
    part.saturating_mul(100).checked_div(of).unwrap_or(0)
}
