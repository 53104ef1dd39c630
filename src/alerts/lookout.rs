//! What is new for each alert.
//!
//! A round follows each new state of the index. It begins with the moment at which the newest of its reports was recorded:
//! the index takes reports in the order in which they were recorded, so what is not in it yet is not older, however late it comes.
//! That moment is where the next round starts, less a margin for clocks that are set; what is found twice is added once.
//! When the clock was set back, the round starts from what it says now.
//!
//! The rounds are one thread's work, whatever the number of alerts, and a search in them reads only the segments that
//! hold something new. It reads ids first; only what an alert lacks is read whole. Alerts with the same search share it.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use index::{Group, HighlightField, Hit, Reader, SearchError, SearchRequest, Sort};
use jiff::{SignedDuration, Timestamp};
use report::{ChinaMoment, Report, Status};
use serde_json::{Map, Value};

use crate::{
    api::{
        params::{Params, invalid},
        problem::{Code, Problem},
        search::{problem_of, read_request},
    },
    operations::{Entry, LeftOut, Looked, MAX_ENTRIES, MAX_WAITING, Operations, Watched},
};

/// How far a clock may be set back between two rounds.
const MARGIN: SignedDuration = SignedDuration::from_secs(30);

/// How long one search may take.
const BUDGET: Duration = Duration::from_secs(5);

/// What is written down in one transaction: so many alerts, or so many entries.
const MAX_TOGETHER: usize = 100;
const MAX_ENTRIES_TOGETHER: usize = 2_000;

/// Characters of an entry's texts.
const MAX_TITLE: usize = 500;
const MAX_SUMMARY: usize = 400;
const BEGINNING: usize = 200;

/// Parameters of a search that say how its answer looks, not what it finds, or that it never changes.
const OF_ANSWERS: [&str; 7] = ["limit", "cursor", "facets", "sort", "fields", "passages", "as_of"];

/// Looks after all alerts.
pub(super) struct Lookout {
    reader: Reader,
    operations: Operations,
    /// The state of the index that was last looked at.
    seen: Option<u64>,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) n_added: usize,
    /// Alerts that could not be searched for.
    pub(super) n_failed: usize,
}

/// What a search found, or why it could not be made.
type Found<T> = Result<T, String>;

/// What an alert has found.
#[derive(Clone, Debug, Default)]
struct News {
    entries: Vec<Entry>,
    left_out: LeftOut,
}

/// The id of a report that matches, and when it was recorded, in milliseconds since 1970.
type Change = (String, i64);

/// The reports that a search found.
struct Reading {
    entries: Vec<Entry>,
    /// All that were read, when there were more.
    read: Option<HashSet<Change>>,
}

impl Reading {
    /// What of it is news for an alert that does not know these changes.
    fn news(&self, unknown: &[&Change]) -> News {
        let mut left_out = LeftOut::default();
        if let Some(read) = &self.read {
            for (report, at) in unknown.iter().filter(|change| !read.contains(**change)) {
                left_out.count += 1;
                left_out.last = left_out.last.max(Some((*at, report.clone())));
            }
        }
        News {
            entries: self.entries.clone(),
            left_out,
        }
    }
}

/// What the last search found. Alerts with one search stand side by side and share it.
struct Last<T>(Option<(String, Timestamp, Found<T>)>);

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Last<T> {
    fn of(&mut self, query: &str, since: Timestamp, find: impl FnOnce() -> Found<T>) -> &Found<T> {
        let is_it = |last: &(String, Timestamp, Found<T>)| last.0 == query && last.1 == since;
        if !self.0.as_ref().is_some_and(is_it) {
            self.0 = None;
        }
        let (.., found) = self.0.get_or_insert_with(|| (query.to_owned(), since, find()));
        found
    }
}

impl Lookout {
    pub(super) fn new(reader: Reader, operations: Operations) -> Self {
        Self {
            reader,
            operations,
            seen: None,
        }
    }

    /// Looks after all alerts, if the index has changed or `is_forced`; `None` when there was nothing to do.
    pub(super) fn look(
        &mut self,
        now: Timestamp,
        is_forced: bool,
        is_over: &dyn Fn() -> bool,
    ) -> anyhow::Result<Option<Round>> {
        // Before the alerts are listed: one that is made from now on is older than the next state.
        let state = self.reader.state_id();
        if self.seen == Some(state) && !is_forced {
            return Ok(None);
        }
        let watched = self.operations.watched_alerts(now)?;
        let mut round = Round::default();
        if !watched.is_empty() {
            // A clock that was ahead may have dated reports in the future.
            let up_to = self.newest()?.min(now);
            let mut batch = Batch::default();
            let (mut changes, mut feeds, mut sent) = (Last::default(), Last::default(), Last::default());
            for alert in &watched {
                if is_over() {
                    return Ok(Some(round));
                }
                let since = since(alert, now);
                let found = match changes.of(&alert.query, since, || self.changes(&alert.query, since)) {
                    Ok(changes) => {
                        let known = match changes.is_empty() {
                            true => HashSet::new(),
                            false => self.operations.known_changes(alert.id, since)?,
                        };
                        let unknown = unknown(alert, changes, &known);
                        let (read, most) = match alert.is_sent {
                            true => (&mut sent, MAX_WAITING),
                            false => (&mut feeds, MAX_ENTRIES),
                        };
                        match first(&unknown) {
                            Some(from) => read
                                .of(&alert.query, from, || self.find(&alert.query, from, most))
                                .as_ref()
                                .map(|reading| reading.news(&unknown))
                                .map_err(Clone::clone),
                            None => Ok(News::default()),
                        }
                    }
                    Err(problem) => Err(problem.clone()),
                };
                round.n_failed += usize::from(found.is_err());
                batch.push(alert.id, found);
                if batch.is_full() {
                    round.n_added += batch.write(&self.operations, up_to, now)?;
                }
            }
            round.n_added += batch.write(&self.operations, up_to, now)?;
        }
        self.seen = Some(state);
        Ok(Some(round))
    }

    /// When the newest report of the index was recorded.
    fn newest(&self) -> anyhow::Result<Timestamp> {
        let request = SearchRequest {
            sort: Some(Sort::ChangedDescending),
            limit: 1,
            ..SearchRequest::default()
        };
        let answer = self.reader.search(&request, Instant::now())?;
        let newest = answer.hits.first().map(|hit| hit.report.changed_at.timestamp());
        Ok(newest.unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// What matches and was recorded at `since` or later: ids and moments.
    fn changes(&self, query: &str, since: Timestamp) -> Found<Vec<Change>> {
        self.reader.find_changes(&request(query, since)?).map_err(told)
    }

    /// What matches and was recorded at `since` or later, in the order in which it was recorded; of more than `most` the
    /// newest.
    fn find(&self, query: &str, since: Timestamp, most: usize) -> Found<Reading> {
        let request = request(query, since)?;
        let now = Instant::now();
        let answer = self.reader.search(&request, now).map_err(told)?;
        let mut entries: Vec<Entry> = answer.hits.iter().filter_map(of_hit).collect();
        let is_cut = answer.total.value > most as u64;
        let mut read = is_cut.then(HashSet::new);
        if answer.total.value > answer.hits.len() as u64 {
            let known: HashSet<(String, u32)> = entries
                .iter()
                .map(|entry| (entry.report.clone(), entry.version))
                .collect();
            for report in self.reader.find_all(&request).map_err(told)?.take(most) {
                let report = report.map_err(|error| {
                    tracing::error!(%error, "an alert's report cannot be read");
                    "the search failed; see the log".to_owned()
                })?;
                if let Some(read) = &mut read {
                    let at = report.changed_at.timestamp().as_millisecond();
                    read.insert((report.id.to_string(), at));
                }
                if !known.contains(&(report.id.to_string(), report.version)) {
                    entries.extend(entry_of(&report, None));
                }
            }
        }
        entries.sort_by(|a, b| (a.at, &a.report).cmp(&(b.at, &b.report)));
        Ok(Reading { entries, read })
    }
}

/// The changes that an alert neither has an entry for nor had one for, or had too many to have one.
fn unknown<'a>(alert: &Watched, changes: &'a [Change], known: &HashSet<Change>) -> Vec<&'a Change> {
    let is_above = |(report, at): &Change| {
        alert
            .floor
            .as_ref()
            .is_none_or(|(floor_at, floor_report)| (at, report) > (floor_at, floor_report))
    };
    let unknown = changes.iter().filter(|change| is_above(change));
    unknown.filter(|change| !known.contains(*change)).collect()
}

/// When the first of some changes was recorded.
fn first(changes: &[&Change]) -> Option<Timestamp> {
    let first = changes.iter().map(|(_, at)| *at).min()?;
    Timestamp::from_millisecond(first).ok()
}

/// The search of an alert for what was recorded at `since` or later, the newest first.
fn request(query: &str, since: Timestamp) -> Result<SearchRequest, String> {
    let query: Map<String, Value> = serde_json::from_str(query).map_err(failed)?;
    let mut request = read_query(&query).map_err(|problem| failed(problem.body().detail))?;
    let asked = request.filters.changed_since.iter().min().copied();
    let since = ChinaMoment::from(since);
    request.filters.changed_since = vec![asked.map_or(since, |asked| asked.max(since))];
    request.sort = Some(Sort::ChangedDescending);
    request.limit = SearchRequest::MAX_LIMIT;
    request.deadline = Some(Instant::now() + BUDGET);
    Ok(request)
}

fn told(error: SearchError) -> String {
    failed(problem_of(error).body().detail)
}

fn failed(why: impl std::fmt::Display) -> String {
    format!("the search cannot be made: {why}")
}

/// From when on reports may be news for an alert.
fn since(alert: &Watched, now: Timestamp) -> Timestamp {
    let created_at = match alert.created_at {
        // The clock was ahead when it was made; kept to that, it would find nothing until then.
        ahead if ahead > now => Timestamp::MIN,
        created_at => created_at,
    };
    let looked_to = alert.since.min(now).saturating_sub(MARGIN);
    looked_to.map_or(created_at, |from| from.max(created_at))
}

/// Reads the search of an alert: the parameters of `/search`, each a text or a number, or a list of these.
///
/// # Errors
/// When one is unknown or wrong.
pub(crate) fn read_query(query: &Map<String, Value>) -> Result<SearchRequest, Problem> {
    let mut pairs = Vec::new();
    for (name, value) in query {
        if OF_ANSWERS.contains(&name.as_str()) {
            let detail = format!("parameter {name:?} has no place in the search of an alert");
            return Err(Problem::new(Code::UnknownParameter, detail));
        }
        let values = match value {
            Value::Array(values) => values.as_slice(),
            Value::Null => &[],
            value => std::slice::from_ref(value),
        };
        for value in values {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => {
                    return Err(invalid(
                        name,
                        "it is neither a text nor a number, nor a list of these",
                    ));
                }
            };
            pairs.push((name.clone(), text));
        }
    }
    let mut params = Params::from_pairs(pairs);
    let request = read_request(&mut params)?;
    params.conceal(&OF_ANSWERS);
    params.finish()?;
    if request.group != Group::None {
        return Err(invalid("group", "an alert tells of every report; leave it out"));
    }
    Ok(request)
}

fn of_hit(hit: &Hit) -> Option<Entry> {
    let passage = hit
        .highlights
        .iter()
        .find(|highlight| highlight.field == HighlightField::Text)
        .map(|highlight| (highlight.start, highlight.end));
    entry_of(&hit.report, passage)
}

/// A report as an entry: with the passage in which it matches, or its beginning. `None` when it is gone.
fn entry_of(report: &Report, passage: Option<(usize, usize)>) -> Option<Entry> {
    if report.status == Status::Removed {
        return None;
    }
    let content = &report.content;
    let (start, end) = passage.unwrap_or((0, BEGINNING));
    let n_chars = end.saturating_sub(start).min(MAX_SUMMARY);
    Some(Entry {
        id: 0,
        report: report.id.to_string(),
        version: report.version,
        title: content.title.as_deref().map(|title| cut(title, MAX_TITLE)),
        source: report.url.clone(),
        author: cut(content.issuer.as_deref().unwrap_or(&report.portal), MAX_TITLE),
        summary: content.text.chars().skip(start).take(n_chars).collect(),
        at: report.changed_at.timestamp(),
    })
}

fn cut(text: &str, n_chars: usize) -> String {
    text.chars().take(n_chars).collect()
}

/// What was found, until it is written down.
#[derive(Default)]
struct Batch {
    found: Vec<(i64, Found<News>)>,
    n_entries: usize,
}

impl Batch {
    fn push(&mut self, alert: i64, found: Found<News>) {
        self.n_entries += found.as_ref().map_or(0, |news| news.entries.len());
        self.found.push((alert, found));
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MAX_TOGETHER || self.n_entries >= MAX_ENTRIES_TOGETHER
    }

    fn write(&mut self, operations: &Operations, up_to: Timestamp, now: Timestamp) -> anyhow::Result<usize> {
        let looked: Vec<Looked<'_>> = self
            .found
            .iter()
            .map(|(alert, found)| Looked {
                alert: *alert,
                found: found
                    .as_ref()
                    .map(|news| news.entries.as_slice())
                    .map_err(Clone::clone),
                left_out: found
                    .as_ref()
                    .map_or_else(|_| LeftOut::default(), |news| news.left_out.clone()),
                up_to,
            })
            .collect();
        let noted = operations.note_looked(&looked, now)?;
        if noted.n_lost > 0 {
            tracing::warn!(
                entries = noted.n_lost,
                "too many entries wait for webhooks, so the oldest are dropped; `lost` of an alert says how many"
            );
        }
        *self = Self::default();
        Ok(noted.n_added)
    }
}
