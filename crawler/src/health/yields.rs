//! Lists that name fewer reports than they did: a portal was redesigned, or columns have moved.

use super::{
    Alarm, AlarmKind, Evidence, RunRecord, Yields,
    baseline::{self, Signs, Usual},
};

/// Of fewer documents, half is no sign: a short list has lost one or two.
const FEWEST: u64 = 4;

pub(super) fn alarm(oldest_first: &[&RunRecord]) -> Option<Alarm> {
    replay(oldest_first).or_else(|| nothing_there(oldest_first))
}

/// The alarm as the runs tell that reached the portal.
pub(super) fn replay(oldest_first: &[&RunRecord]) -> Option<Alarm> {
    baseline::replay(AlarmKind::YieldsDropped, oldest_first, signs)
}

fn signs(run: &Yields, usual: &Usual<'_>) -> Signs {
    let mut signs = Vec::new();
    let mut url = None;
    if run.lists_lost.count > 0 {
        signs.push(Evidence::ListsLost {
            count: run.lists_lost.count,
        });
        url = url.or_else(|| run.lists_lost.first.clone());
    }
    if let Some(usual) = usual
        .median(|yields| Some(yields.rows))
        .filter(|usual| has_halved(run.rows, *usual))
    {
        signs.push(Evidence::Rows { now: run.rows, usual });
    }
    if let Some(usual) = usual
        .median(|yields| Some(yields.lists))
        .filter(|usual| has_halved(run.lists, *usual))
    {
        signs.push(Evidence::Lists {
            now: run.lists,
            usual,
        });
    }
    // Some portals count what they do not show; theirs are always short.
    if run.lists_short.count > 0 && usual.median(|yields| Some(yields.lists_short.count)) == Some(0) {
        signs.push(Evidence::ListsShort {
            count: run.lists_short.count,
        });
        url = url.or_else(|| run.lists_short.first.clone());
    }
    (signs, url)
}

fn has_halved(now: u64, usual: u64) -> bool {
    usual >= FEWEST && now <= usual / 2 || usual > 0 && now == 0
}

/// A run that failed because its lists are not there, although the portal answers.
fn nothing_there(oldest_first: &[&RunRecord]) -> Option<Alarm> {
    let last = oldest_first.last()?;
    let is_lost = |run: &&&RunRecord| super::access::lists_are_gone(run);
    let since = oldest_first.iter().rev().take_while(is_lost).last()?.finished_at;
    let pages = last.yields.as_ref().map(|yields| &yields.lists_lost);
    Some(Alarm {
        kind: AlarmKind::YieldsDropped,
        since,
        evidence: vec![Evidence::Ended {
            reason: last.reason.clone().unwrap_or_default(),
        }],
        url: pages.and_then(|pages| pages.first.clone()),
    })
}
