//! Other rules in `robots.txt`: told once, until the next visit finds them the same.

use super::{Alarm, AlarmKind, Evidence, RunRecord};

pub(super) fn alarm(oldest_first: &[&RunRecord]) -> Option<Alarm> {
    let last = oldest_first.last()?;
    last.yields.as_ref().filter(|yields| yields.robots_changed)?;
    Some(Alarm {
        kind: AlarmKind::RobotsChanged,
        since: last.finished_at,
        evidence: vec![Evidence::Robots],
        url: None,
    })
}
