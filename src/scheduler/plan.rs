//! The next visit of every portal, kept until something changes it.
//!
//! Looking at all portals each second must cost nothing: a decision is made again when what it rests on changed, when its
//! visit comes due, and for all portals when the clock went back.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;

use super::{Facts, Visit, next_visit};
use crate::portals::PortalSet;

/// A portal that is to be visited now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The portal.
    pub portal: String,
    /// The visit.
    pub visit: Visit,
}

/// The next visits of a set of portals.
#[derive(Debug, Default)]
pub struct Plan {
    portals: Arc<PortalSet>,
    facts: HashMap<String, Facts>,
    visits: HashMap<String, Visit>,
    last: Option<Timestamp>,
}

impl Plan {
    /// Plans for these portals. `facts` are those of portals that have a schedule.
    pub fn new(portals: Arc<PortalSet>, facts: HashMap<String, Facts>, now: Timestamp) -> Self {
        let mut plan = Self {
            portals,
            facts,
            visits: HashMap::new(),
            last: None,
        };
        plan.decide_all(now);
        plan
    }

    /// Whether it was made for this very set.
    pub fn is_of(&self, portals: &Arc<PortalSet>) -> bool {
        Arc::ptr_eq(&self.portals, portals)
    }

    /// The portals it was made for.
    pub fn portals(&self) -> &PortalSet {
        &self.portals
    }

    /// The visits of a portal up to now were taken care of.
    pub fn handled(&mut self, portal: &str, now: Timestamp) {
        if let Some(facts) = self.facts.get_mut(portal) {
            facts.handled = Some(now);
            self.decide(portal, now);
        }
    }

    /// What is known of a portal has changed.
    pub fn learn(&mut self, portal: &str, facts: Facts, now: Timestamp) {
        self.facts.insert(portal.to_owned(), facts);
        self.decide(portal, now);
    }

    /// The visits that are due, by portal. They stay due until [`learn`](Self::learn) hears that they were taken care of.
    pub fn due(&mut self, now: Timestamp) -> Vec<Due> {
        if self.last.is_some_and(|last| now < last) {
            self.decide_all(now);
        }
        self.last = Some(now);
        let is_due = |visit: &Visit| visit.at <= now;
        let ids: Vec<String> = self
            .visits
            .iter()
            .filter(|(_, visit)| is_due(visit))
            .map(|(id, _)| id.clone())
            .collect();
        let mut due = Vec::new();
        for id in ids {
            // It may be late by now, and says so then.
            self.decide(&id, now);
            if let Some(visit) = self.visits.get(&id).filter(|visit| is_due(visit)) {
                due.push(Due {
                    visit: visit.clone(),
                    portal: id,
                });
            }
        }
        due.sort_by(|a, b| (a.visit.at, &a.portal).cmp(&(b.visit.at, &b.portal)));
        due
    }

    /// The first visit to come or due.
    pub fn first(&self) -> Option<(&str, &Visit)> {
        let first = self
            .visits
            .iter()
            .min_by(|(a, one), (b, other)| (one.at, a).cmp(&(other.at, b)));
        first.map(|(id, visit)| (id.as_str(), visit))
    }

    fn decide_all(&mut self, now: Timestamp) {
        let portals = Arc::clone(&self.portals);
        for id in portals.good.keys() {
            self.decide(id, now);
        }
    }

    fn decide(&mut self, id: &str, now: Timestamp) {
        let portal = self.portals.good.get(id);
        let known = portal
            .and_then(|portal| portal.schedule.as_ref())
            .zip(self.facts.get_mut(id));
        let visit = known.and_then(|(schedule, facts)| {
            // What is not believed today must not be weighed again at every look: it would stay ahead of them all.
            facts.handled = Some(facts.handled_by(schedule, now));
            next_visit(id, schedule, facts, now)
        });
        match visit {
            Some(visit) => self.visits.insert(id.to_owned(), visit),
            None => self.visits.remove(id),
        };
    }
}
