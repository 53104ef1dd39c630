//! Simulated weeks: a clock that is told what to say, and portals that bring news when they are told to.

mod lists;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crawler::{Portal, Schedule};
use jiff::{SignedDuration, Timestamp};
use report::ChinaTime;

use super::{Facts, Plan, Run, ScheduleClock, next_visit};
use crate::portals::PortalSet;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn at(text: &str) -> Timestamp {
    format!("{text}+08:00").parse().unwrap()
}

fn portals(n: usize, schedule: &str) -> Arc<PortalSet> {
    let portal = |n: usize| {
        let id = format!("p{n}");
        let text = format!("seeds = [\"https://www.example.gov.cn/\"]\nschedule = \"{schedule}\"\n");
        (id.clone(), Portal::parse(&id, &text).unwrap())
    };
    Arc::new(PortalSet {
        good: (0..n).map(portal).collect(),
        bad: Vec::new(),
    })
}

/// A scheduler over some portals. The wall's clock is off by what a test says.
struct World {
    plan: Plan,
    facts: HashMap<String, Facts>,
    clock: ScheduleClock,
    /// The true time, and what the clock of the machine shows at it.
    true_time: Timestamp,
    machine: Instant,
    off: SignedDuration,
    /// The wall's clock stands still here.
    frozen: Option<Timestamp>,
    has_news: fn(Timestamp) -> bool,
    is_paused: fn(Timestamp) -> bool,
    visits: Vec<(Timestamp, String, &'static str)>,
}

impl World {
    fn new(n: usize, schedule: &str, start: &str) -> Self {
        let (portals, start) = (portals(n, schedule), at(start));
        let machine = Instant::now();
        // It was visited in seasons before.
        let facts = Facts {
            known_since: Some(at("2020-01-01T00:00:00")),
            ..Facts::default()
        };
        let known = portals.good.keys().map(|id| (id.clone(), facts.clone()));
        let facts: HashMap<_, _> = known.collect();
        Self {
            plan: Plan::new(portals, facts.clone(), start),
            facts,
            clock: ScheduleClock::new(start, machine),
            true_time: start,
            machine,
            off: SignedDuration::ZERO,
            frozen: None,
            has_news: |_| true,
            is_paused: |_| false,
            visits: Vec::new(),
        }
    }

    /// Looks once a minute for so long; a visit lasts no time.
    fn pass(&mut self, time: SignedDuration) {
        let end = self.true_time + time;
        while self.true_time < end {
            self.true_time += MINUTE;
            self.machine += Duration::from_secs(60);
            let wall = self.frozen.unwrap_or(self.true_time + self.off);
            let now = self.clock.now(wall, self.machine);
            for due in self.plan.due(now) {
                self.visits
                    .push((self.true_time, due.portal.clone(), due.visit.why.code()));
                let facts = self.facts.get_mut(&due.portal).unwrap();
                facts.handled = Some(now);
                let run = Run {
                    at: now,
                    has_news: (self.has_news)(now),
                    is_paused: (self.is_paused)(now),
                };
                facts.runs.insert(0, run);
                facts.runs.truncate(16);
                facts.publishes_in_season |= run.has_news && super::visit::is_in_season(now);
                self.plan.learn(&due.portal, facts.clone(), now);
            }
        }
    }

    fn days(&self) -> Vec<String> {
        let day = |(at, ..): &(Timestamp, String, _)| ChinaTime::from(*at).date().to_string();
        self.visits.iter().map(day).collect()
    }

    fn whys(&self) -> Vec<&'static str> {
        self.visits.iter().map(|(.., why)| *why).collect()
    }
}

#[test]
fn each_occurrence_is_visited_once_a_few_minutes_after_it() {
    let mut world = World::new(20, "0 3 * * *", "2026-06-01T00:00:00");
    world.pass(DAY * 14);
    assert_eq!(world.visits.len(), 20 * 14);
    for (at, ..) in &world.visits {
        let time = ChinaTime::from(*at).to_string();
        assert!(time.contains("T03:0"), "{time}");
    }
    let mut minutes: Vec<_> = world.visits[..20].iter().map(|(at, ..)| *at).collect();
    minutes.dedup();
    assert!(minutes.len() > 2, "all begin at once: {minutes:?}");
}

#[test]
fn a_frequent_schedule_is_not_outrun_by_its_jitter() {
    let mut world = World::new(5, "*/2 * * * *", "2026-06-01T00:00:30");
    world.pass(HOUR);
    let n = world.visits.len();
    assert!((5 * 29..=5 * 30).contains(&n), "{n}");
}

#[test]
fn what_was_missed_asleep_is_made_up_for_once() {
    let mut world = World::new(50, "0 */6 * * *", "2026-06-01T00:30:00");
    world.pass(DAY);
    world.visits.clear();
    // The machine sleeps for ten days; its own clock stands.
    world.true_time += DAY * 10;
    world.pass(MINUTE * 2);
    assert_eq!(world.whys(), ["catch_up"; 50]);
    world.pass(DAY);
    assert_eq!(world.visits.len(), 50 + 50 * 4);
}

#[test]
fn no_jump_of_the_clock_makes_a_storm_or_keeps_a_portal_waiting() {
    for jump in [HOUR, -HOUR, DAY * 365, DAY * -365] {
        for start in [
            "2026-06-02T00:10:00",
            "2026-06-01T03:30:00",
            "2026-06-01T02:30:00",
        ] {
            let mut world = World::new(30, "0 3 * * *", start);
            world.pass(DAY * 3);
            world.visits.clear();
            world.off = jump;
            world.pass(MINUTE * 30);
            assert!(
                world.visits.len() <= 30,
                "{jump} at {start}: {}",
                world.visits.len()
            );
            world.pass(DAY * 3);
            world.off = SignedDuration::ZERO;
            world.pass(MINUTE * 30);
            world.pass(DAY * 3);
            // Seven days, one way and back again: a catch-up each at most, and at most one day without.
            for id in world.facts.keys() {
                let n = world.visits.iter().filter(|(_, portal, _)| portal == id).count();
                assert!((5..=9).contains(&n), "{jump} at {start}: {n} visits of {id}");
            }
        }
    }
}

#[test]
fn a_clock_that_stands_still_keeps_nobody_waiting() {
    let mut world = World::new(10, "0 3 * * *", "2026-06-01T12:00:00");
    world.frozen = Some(world.true_time);
    world.pass(DAY * 7);
    assert_eq!(world.visits.len(), 10 * 7);
    world.frozen = None;
    world.pass(DAY * 7);
    assert_eq!(world.visits.len(), 10 * 14);
}

#[test]
fn in_season_a_portal_that_publishes_then_is_visited_twice_as_often() {
    let mut world = World::new(1, "0 3 * * 1", "2026-01-01T00:00:00");
    world.has_news = |now| ChinaTime::from(now).date().month() == 2;
    world.pass(DAY * 7 * 7);
    // It brings something on 2 February for the first time; Mondays, and from then on Thursdays.
    assert_eq!(
        world.days(),
        [
            "2026-01-05",
            "2026-01-12",
            "2026-01-19",
            "2026-01-26",
            "2026-02-02",
            "2026-02-05",
            "2026-02-09",
            "2026-02-12",
            "2026-02-16"
        ]
    );
    world.visits.clear();
    world.pass(DAY * 7 * 13);
    let may: Vec<_> = world
        .days()
        .into_iter()
        .filter(|day| day.as_str() > "2026-05")
        .collect();
    assert_eq!(may, ["2026-05-11"]);
    assert!(world.whys().contains(&"season") && world.whys().ends_with(&["quiet"]));
}

#[test]
fn out_of_season_every_other_visit_is_left_out_where_nothing_new_comes() {
    let mut world = World::new(1, "0 3 * * *", "2026-06-01T00:00:00");
    world.has_news = |_| false;
    world.pass(DAY * 4);
    assert_eq!(world.visits.len(), 4);
    world.pass(DAY * 20);
    assert_eq!(world.visits.len(), 4 + 10, "{:?}", world.days());

    // News bring back every visit, and a portal that brings some now and then keeps all of them.
    world.has_news = |now| ChinaTime::from(now).date().day() % 3 == 0;
    world.pass(DAY * 8);
    world.visits.clear();
    world.pass(DAY * 30);
    assert_eq!(world.visits.len(), 30);

    // A portal that is seldom visited is never left out.
    let mut world = World::new(1, "0 3 1 * *", "2026-05-02T00:00:00");
    world.has_news = |_| false;
    world.pass(DAY * 240);
    assert_eq!(world.visits.len(), 7, "{:?}", world.days());
}

#[test]
fn a_crawl_that_a_limit_of_the_day_stopped_goes_on_day_by_day() {
    let mut world = World::new(1, "0 3 * * 1", "2026-06-01T00:00:00");
    world.is_paused = |now| ChinaTime::from(now).date().day() < 4;
    world.pass(DAY * 14);
    assert_eq!(
        world.days(),
        [
            "2026-06-01",
            "2026-06-02",
            "2026-06-03",
            "2026-06-04",
            "2026-06-08"
        ]
    );
    assert_eq!(
        world.whys(),
        ["schedule", "goes_on", "goes_on", "goes_on", "schedule"]
    );
    let time = ChinaTime::from(world.visits[2].0).to_string();
    assert!(time.contains("T03:0"), "{time}");

    // Nothing is gained on a schedule of every few hours.
    let mut world = World::new(1, "0 */6 * * *", "2026-06-01T00:30:00");
    world.is_paused = |_| true;
    world.pass(DAY * 2);
    assert_eq!(world.whys(), ["schedule"; 8]);
}

#[test]
fn a_visit_once_a_year_is_not_lost_to_a_clock_that_was_a_year_ahead() {
    let schedule = Schedule::parse("0 3 1 3 *").unwrap();
    let now = at("2026-02-01T00:00:00");
    let next = |handled: &str| {
        let facts = Facts {
            handled: Some(at(handled)),
            known_since: Some(at("2020-01-01T00:00:00")),
            ..Facts::default()
        };
        let visit = next_visit("changning", &schedule, &facts, now).unwrap();
        ChinaTime::from(visit.occurrence).date().to_string()
    };
    assert_eq!(next("2027-02-01T00:00:00"), "2026-03-01");
    // Ahead by some weeks, as a visit by hand on the day before the clock was set right.
    assert_eq!(next("2026-03-02T00:00:00"), "2027-03-01");
}

#[test]
fn the_reason_says_what_the_visit_rests_on() {
    let schedule = Schedule::parse("0 3 * * 1").unwrap();
    let now = at("2026-06-03T00:00:00");
    let mut facts = Facts {
        handled: Some(at("2026-06-01T03:00:00")),
        ..Facts::default()
    };
    let said = |facts: &Facts, now| {
        let visit = next_visit("changning", &schedule, facts, now).unwrap();
        (
            ChinaTime::from(visit.occurrence).date().to_string(),
            visit.why.to_string(),
        )
    };
    let (day, why) = said(&facts, now);
    assert!(day == "2026-06-08" && why.contains("`0 3 * * 1`"), "{day} {why}");
    facts.runs = vec![
        Run {
            at: at("2026-06-01T04:00:00"),
            has_news: false,
            is_paused: false
        };
        4
    ];
    let (day, why) = said(&facts, now);
    assert!(day == "2026-06-15" && why.contains("2026-06-08"), "{day} {why}");
    let (day, why) = said(&facts, at("2026-06-20T00:00:00"));
    assert!(day == "2026-06-15" && why.contains("missed"), "{day} {why}");
}

#[test]
fn what_is_due_of_thousands_of_portals_is_told_at_once() {
    let set = portals(3_000, "0 3 * * 1");
    let facts: HashMap<_, _> = set.good.keys().map(|id| (id.clone(), Facts::default())).collect();
    let mut plan = Plan::new(set, facts, at("2026-06-03T00:00:00"));
    let asked = Instant::now();
    assert!(plan.due(at("2026-06-05T00:00:00")).is_empty());
    assert_eq!(plan.due(at("2026-06-08T03:06:00")).len(), 3_000);
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
}
