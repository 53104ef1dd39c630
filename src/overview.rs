//! Portals as whoever runs the service sees them: file, figures, health, next visit.
//!
//! A portal is shown when there is a file for it, good or bad, or when the catalog knows it: one whose file is gone, and
//! the portal of imports. All of them are read by a handful of statements, however many there are.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use crawler::{
    Catalog, KnownPortal, ListRecord, PortalFigures, Schedule,
    health::{AlarmKind, Health, History, RUNS, RunRecord, assess},
};
use jiff::{SignedDuration, Timestamp};
use report::{ChinaTime, RegionCode};

use crate::{
    operations::Operations,
    portals::PortalSet,
    scheduler::{NextRun, next_run},
};

/// More portals than this are read anew in one go.
const MANY: usize = 200;

/// Lists that are shown of one portal.
const MAX_LISTS: usize = 100;

/// The histories of portals as they were last read, each with the number of the last crawl in it. What thousands of
/// portals did is read once, and again of those that have been crawled since.
#[derive(Clone, Debug, Default)]
pub struct Histories(Arc<Mutex<HashMap<String, Read>>>);

/// The number of the last crawl of a portal, and its history up to that.
type Read = (i64, Arc<History>);

impl Histories {
    /// Reads what all portals did up to now, so that nobody who looks at them waits for it.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn read_ahead(&self, data_dir: &Path) -> anyhow::Result<()> {
        self.of(&Catalog::open_to_read(data_dir)?).map(drop)
    }

    /// The histories of all portals, as the catalog has them now.
    fn of(&self, catalog: &Catalog) -> anyhow::Result<BTreeMap<String, Arc<History>>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = catalog.last_runs()?;
        known.retain(|id, (run, _)| last.get(id) == Some(run));
        let missing: Vec<&String> = last.keys().filter(|id| !known.contains_key(*id)).collect();
        let read: Vec<(String, History)> = match missing.len() {
            n if n > MANY => catalog.histories()?.into_iter().collect(),
            _ => {
                let one = |id: &String| Ok((id.clone(), catalog.history(id, RUNS)?));
                missing.into_iter().map(one).collect::<anyhow::Result<_>>()?
            }
        };
        // A crawl that ended in between is in the history already; it is read once more the next time.
        let read = read.into_iter().filter_map(|(id, history)| {
            let run = *last.get(&id)?;
            Some((id, (run, Arc::new(history))))
        });
        known.extend(read);
        let all = known
            .iter()
            .map(|(id, (_, history))| (id.clone(), Arc::clone(history)));
        Ok(all.collect())
    }
}

/// Where the catalog and the service's own tables are, when there are any.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The portal files in force.
    pub portals: &'a PortalSet,
    /// What was crawled; `None` before anything was.
    pub stored: Option<(&'a Catalog, &'a Operations)>,
    /// What was read before.
    pub histories: &'a Histories,
}

/// One portal.
#[derive(Clone, Debug)]
pub struct PortalState {
    /// Its id.
    pub id: String,
    /// Its name, from its file, or what that said when it was last crawled; else its id.
    pub name: String,
    /// Division whose site it is, when its file says so, or said so.
    pub region: Option<RegionCode>,
    /// Its file.
    pub file: FileState,
    /// When it is to be visited: a cron expression in China time.
    pub schedule: Option<String>,
    /// Reports that it carries, those that were removed included.
    pub reports: u64,
    /// When its newest report was first fetched.
    pub last_new_report: Option<ChinaTime>,
    /// Its last crawls that are over.
    pub history: Arc<History>,
    /// A crawl of it was begun and has not come to its end.
    pub is_begun: bool,
    /// What they tell.
    pub health: Health,
    /// Its next visit; `None` without a good file.
    pub next: Option<NextRun>,
    /// Its lists, the liveliest first; only of a portal that is asked for by its id.
    pub lists: Vec<ListRecord>,
}

/// What there is of a portal's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is in force.
    Good,
    /// It cannot be used.
    Bad(String),
    /// There is none; the portal is known from before, or from imports.
    None,
}

/// How a portal is, in one word; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Something is wrong with it, or with its file.
    Alarmed,
    /// Nothing new for longer than is usual, and nothing else.
    Quiet,
    /// It was never crawled.
    NeverRun,
    /// It was crawled, or is, and no crawl came to its end yet: it was stopped, or goes on another day.
    Unfinished,
    /// All is as it was.
    Healthy,
}

impl Standing {
    /// Every standing, the worst first.
    pub const ALL: [Self; 5] = [
        Self::Alarmed,
        Self::Quiet,
        Self::NeverRun,
        Self::Unfinished,
        Self::Healthy,
    ];

    /// One stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Alarmed => "alarmed",
            Self::Quiet => "quiet",
            Self::NeverRun => "never_run",
            Self::Unfinished => "unfinished",
            Self::Healthy => "healthy",
        }
    }
}

impl PortalState {
    /// How it is.
    pub fn standing(&self) -> Standing {
        let alarms = &self.health.alarms;
        let is_quiet = |alarm: &crawler::health::Alarm| alarm.kind == AlarmKind::NoNewReports;
        match alarms.is_empty() {
            _ if matches!(self.file, FileState::Bad(_)) => Standing::Alarmed,
            false if alarms.iter().all(is_quiet) => Standing::Quiet,
            false => Standing::Alarmed,
            true if self.history.runs.is_empty() && self.is_begun => Standing::Unfinished,
            true if self.history.runs.is_empty() => Standing::NeverRun,
            true => Standing::Healthy,
        }
    }

    /// Its last crawl that is over.
    pub fn last_run(&self) -> Option<&RunRecord> {
        self.history.runs.first()
    }

    /// By what portals are put in order when the worst is to come first.
    pub fn urgency(&self) -> (Standing, Option<AlarmKind>, &str) {
        (
            self.standing(),
            self.health.alarms.first().map(|alarm| alarm.kind),
            &self.id,
        )
    }
}

/// How many portals are how.
pub fn count(portals: &[PortalState]) -> BTreeMap<Standing, usize> {
    let mut counts: BTreeMap<Standing, usize> = Standing::ALL.map(|standing| (standing, 0)).into();
    for portal in portals {
        *counts.entry(portal.standing()).or_default() += 1;
    }
    counts
}

/// All portals, by id.
///
/// # Errors
/// When the catalog cannot be read.
pub fn all(sources: Sources<'_>, now: Timestamp) -> anyhow::Result<Vec<PortalState>> {
    let mut figures = BTreeMap::new();
    let mut histories = BTreeMap::new();
    let mut next = BTreeMap::new();
    let mut begun = BTreeSet::new();
    let mut remembered = HashMap::new();
    if let Some((catalog, operations)) = sources.stored {
        let seen = catalog.portals()?.into_iter();
        figures = seen.map(|figures| (figures.id.clone(), figures)).collect();
        histories = sources.histories.of(catalog)?;
        next = operations.next_runs(sources.portals, now)?;
        begun = catalog.unfinished_runs()?;
        remembered = catalog.known_portals(None)?;
    }
    let bad = sources.portals.bad.iter().filter_map(|(path, _)| stem(path));
    let known = figures.keys().chain(histories.keys());
    let mut ids: Vec<String> = sources.portals.good.keys().chain(known).cloned().collect();
    ids.extend(bad.map(str::to_owned));
    ids.sort_unstable();
    ids.dedup();
    // Thousands of portals have a handful of schedules.
    let mut turns: BTreeMap<String, Option<SignedDuration>> = BTreeMap::new();
    let portals = ids.into_iter().map(|id| {
        let schedule = sources
            .portals
            .good
            .get(&id)
            .and_then(|portal| portal.schedule.as_ref());
        let parts = Parts {
            figures: figures.remove(&id),
            history: histories.remove(&id).unwrap_or_default(),
            next: next.remove(&id),
            is_begun: begun.contains(&id),
            remembered: remembered.remove(&id),
            lists: Vec::new(),
            turn: schedule.and_then(|schedule| {
                *turns
                    .entry(schedule.to_string())
                    .or_insert_with(|| turn(schedule, now))
            }),
        };
        state(sources.portals, id, parts, now)
    });
    Ok(portals.collect())
}

/// One portal with its last `n_runs` runs; `None` for an id that nobody knows.
///
/// # Errors
/// When the catalog cannot be read.
pub fn one(
    sources: Sources<'_>,
    id: &str,
    n_runs: usize,
    now: Timestamp,
) -> anyhow::Result<Option<PortalState>> {
    let portal = sources.portals.good.get(id);
    let mut parts = Parts {
        turn: portal.and_then(|portal| turn(portal.schedule.as_ref()?, now)),
        ..Parts::default()
    };
    if let Some((catalog, operations)) = sources.stored {
        parts.figures = catalog.portal(id)?;
        parts.history = Arc::new(catalog.history(id, n_runs.max(RUNS))?);
        parts.is_begun = catalog.unfinished_runs()?.contains(id);
        parts.remembered = catalog.known_portals(Some(id))?.remove(id);
        parts.lists = catalog.lists(id, MAX_LISTS)?;
        if let Some(portal) = portal {
            let alone = PortalSet {
                good: [(id.to_owned(), portal.clone())].into(),
                bad: Vec::new(),
            };
            parts.next = operations.next_runs(&alone, now)?.remove(id);
        }
    }
    let is_known = portal.is_some()
        || sources.portals.fault(id).is_some()
        || parts.figures.is_some()
        || !parts.history.runs.is_empty();
    Ok(is_known.then(|| state(sources.portals, id.to_owned(), parts, now)))
}

/// What the catalog and the scheduler know of a portal.
#[derive(Default)]
struct Parts {
    figures: Option<PortalFigures>,
    history: Arc<History>,
    next: Option<NextRun>,
    is_begun: bool,
    /// What its file said when it was last crawled.
    remembered: Option<KnownPortal>,
    lists: Vec<ListRecord>,
    /// Time between two visits by its schedule.
    turn: Option<SignedDuration>,
}

fn state(set: &PortalSet, id: String, parts: Parts, now: Timestamp) -> PortalState {
    let portal = set.good.get(&id);
    let Parts {
        figures,
        history,
        next,
        is_begun,
        remembered,
        lists,
        turn,
    } = parts;
    let (name, region) = match (portal, remembered) {
        (Some(portal), _) => (portal.name.clone(), portal.region),
        (None, Some(known)) => (known.name, known.region),
        (None, None) => (id.clone(), None),
    };
    let file = match (portal, set.fault(&id)) {
        // Its last good version may be in force still.
        (_, Some(fault)) => FileState::Bad(fault.to_string()),
        (Some(_), None) => FileState::Good,
        (None, None) => FileState::None,
    };
    PortalState {
        name,
        region,
        schedule: portal.and_then(|portal| Some(portal.schedule.as_ref()?.to_string())),
        reports: figures.as_ref().map_or(0, |figures| figures.reports),
        last_new_report: figures.and_then(|figures| figures.last_new_report),
        health: assess(&history, turn, now),
        next: next.or_else(|| portal.map(|portal| next_run(portal, None, None, now))),
        lists,
        file,
        history,
        is_begun,
        id,
    }
}

/// Time between two visits by the schedule.
fn turn(schedule: &Schedule, now: Timestamp) -> Option<SignedDuration> {
    let next = schedule.after(now)?;
    Some(schedule.after(next)?.duration_since(next))
}

fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_is_read_again_when_a_crawl_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(folder.path()).unwrap();
        let run = |portal: &str, at: i64| {
            let sql =
                "INSERT INTO crawl_runs (portal, started_at, finished_at, is_full, last_version, status)
                       VALUES (?1, ?2, ?2 + 1, 0, 0, 'ok')";
            catalog.connection().execute(sql, (portal, at)).unwrap();
        };
        let histories = Histories::default();
        let n_runs = || -> Vec<(String, usize)> {
            let read = histories.of(&catalog).unwrap().into_iter();
            read.map(|(id, history)| (id, history.runs.len())).collect()
        };
        assert_eq!(n_runs(), []);
        run("a", 1_000);
        run("b", 1_000);
        assert_eq!(n_runs(), [("a".to_owned(), 1), ("b".to_owned(), 1)]);
        run("b", 2_000);
        assert_eq!(n_runs(), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
        // What is read ahead is the same.
        let ahead = Histories::default();
        ahead.read_ahead(folder.path()).unwrap();
        let known = |histories: &Histories| -> BTreeMap<String, i64> {
            let known = histories.0.lock().unwrap();
            known.iter().map(|(id, (run, _))| (id.clone(), *run)).collect()
        };
        assert_eq!(known(&ahead), known(&histories));
        // As after a rebuild over another data directory.
        catalog
            .connection()
            .execute("DELETE FROM crawl_runs WHERE portal = 'a'", ())
            .unwrap();
        assert_eq!(n_runs(), [("b".to_owned(), 2)]);
    }
}
