//! What is written down of hosts: limits, requests of a day, rests, robots.txt.

use super::{CommandKind, Ended, Recorder};
use crate::{
    frontier::{self, DayCount, StoredRobots},
    politeness::{LimitKey, Rest, Target, Written},
    store::Ingest,
};

impl Recorder {
    /// What was written down of these limits, and of the requests that a host had.
    pub(in crate::crawl) async fn load_limits(
        &self,
        keys: Vec<String>,
        host: &str,
    ) -> Result<(Vec<Option<Written>>, DayCount), Ended> {
        let host = host.to_owned();
        self.send(CommandKind::Read, None, move |records| {
            let limits = frontier::load_limits(records.db, &keys)?;
            Ok((limits, frontier::load_day(records.db, &host)?))
        })
        .await
    }

    /// Remembers until when no request of a target's limits may start, and how many its host had today.
    pub(in crate::crawl) async fn save_request(
        &self,
        target: &Target,
        limit: Written,
        day: Option<DayCount>,
    ) -> Result<(), Ended> {
        let keys: Vec<_> = target.keys().iter().map(|key| key.text()).collect();
        let host = target.host().to_owned();
        self.send(CommandKind::Write, None, move |records| {
            if let Some(day) = day {
                frontier::save_day(records.db, &host, day)?;
            }
            frontier::save_limits(records.db, &keys, &limit)
        })
        .await
    }

    /// Writes down what is left of limits, and how many requests hosts really had, when all requests are over.
    pub(in crate::crawl) async fn settle(
        &self,
        limits: Vec<(LimitKey, Written)>,
        days: Vec<(String, DayCount)>,
    ) -> Result<(), Ended> {
        self.send(CommandKind::Write, None, move |records| {
            for (key, left) in &limits {
                frontier::settle_limit(records.db, &key.text(), left)?;
            }
            let mut days = days.iter();
            days.try_for_each(|(host, count)| frontier::save_day(records.db, host, *count))
        })
        .await
    }

    /// The hosts that were to be left alone.
    pub(in crate::crawl) async fn load_rests(&self) -> Result<Vec<(String, Rest, Written)>, Ended> {
        self.send(CommandKind::Read, None, |records| {
            frontier::load_rests(records.db)
        })
        .await
    }

    /// Remembers that a host is left alone.
    pub(in crate::crawl) async fn save_rest(
        &self,
        host: &str,
        rest: Rest,
        written: Written,
    ) -> Result<(), Ended> {
        let host = host.to_owned();
        self.send(CommandKind::Write, None, move |records| {
            frontier::save_rest(records.db, &host, &rest, &written)
        })
        .await
    }

    /// The last answer for an origin.
    pub(in crate::crawl) async fn load_robots(&self, origin: &str) -> Result<Option<StoredRobots>, Ended> {
        let origin = origin.to_owned();
        self.send(CommandKind::Read, None, move |records| {
            frontier::load_robots(records.db, &origin)
        })
        .await
    }

    /// Remembers an answer, and archives it.
    pub(in crate::crawl) async fn save_robots(
        &self,
        origin: &str,
        robots: StoredRobots,
        ingest: Option<Ingest>,
    ) -> Result<(), Ended> {
        let origin = origin.to_owned();
        self.send(CommandKind::Write, ingest.map(Box::new), move |records| {
            frontier::save_robots(records.db, &origin, &robots)
        })
        .await
    }
}
