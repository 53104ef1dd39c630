//! Keys, jobs and schedules in a data directory of a test's own.

use crawler::{Portal, PortalStatus, PortalSummary, ReportCounts};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::{Asked, JobFilter, JobSource, JobState, KeyState, Lease, Operations, Progress, Scope};
use crate::portals::PortalSet;

fn now() -> Timestamp {
    "2026-06-01T03:00:00+08:00".parse().unwrap()
}

fn opened() -> (TempDir, Operations) {
    let folder = tempfile::tempdir().unwrap();
    let operations = Operations::open(folder.path()).unwrap();
    (folder, operations)
}

fn asked(portals: &[String]) -> Asked<'_> {
    Asked {
        portals,
        full: false,
        source: JobSource::Request,
        key_id: None,
        scheduled_for: None,
    }
}

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn summary(id: &str, new: u64) -> PortalSummary {
    PortalSummary {
        id: id.to_owned(),
        status: PortalStatus::Ok,
        reason: None,
        fetched: 3,
        not_modified: 0,
        reports: ReportCounts {
            new,
            ..ReportCounts::default()
        },
        attachments: 0,
        failed: Vec::new(),
        traps: Vec::new(),
        seconds: 1.0,
    }
}

#[test]
fn a_key_opens_until_it_expires_or_is_revoked_and_is_kept_nowhere() {
    let (folder, operations) = opened();
    let later = now() + SignedDuration::from_hours(1);
    let key = operations
        .create_key(Scope::Crawl, Some("nightly"), Some(later), now())
        .unwrap();
    let other = operations.create_key(Scope::Read, None, None, now()).unwrap();
    assert!(key.text.starts_with("gb_") && key.text.len() == 67 && key.text != other.text);
    let opened = operations.open_key(&key.text, now()).unwrap().unwrap();
    assert_eq!(
        (opened.id.as_str(), opened.scope),
        (key.id.as_str(), Scope::Crawl)
    );
    assert!(operations.open_key(&key.text, later).unwrap().is_none());
    for wrong in [
        "",
        "gb_",
        &key.text[1..],
        &key.text.to_uppercase(),
        &format!("{} ", key.text),
    ] {
        assert!(operations.open_key(wrong, now()).unwrap().is_none(), "{wrong}");
    }

    // Another process sees a revocation at once.
    let beside = Operations::open(folder.path()).unwrap();
    assert!(beside.revoke_key(&other.id, now()).unwrap());
    assert!(!beside.revoke_key("none", now()).unwrap());
    assert!(operations.open_key(&other.text, now()).unwrap().is_none());
    let states: Vec<_> = operations
        .keys()
        .unwrap()
        .iter()
        .map(|key| key.state(later))
        .collect();
    assert!(states.contains(&KeyState::Expired) && states.contains(&KeyState::Revoked));

    drop((operations, beside));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let secret = &key.text.as_bytes()[3..];
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[test]
fn every_scope_reads_and_admin_does_everything() {
    for scope in Scope::ALL {
        assert!(scope.includes(Scope::Read) && Scope::Admin.includes(scope));
    }
    assert!(!Scope::Read.includes(Scope::Crawl) && !Scope::Export.includes(Scope::Crawl));
    assert!(!Scope::Crawl.includes(Scope::Export) && !Scope::Crawl.includes(Scope::Admin));
}

#[test]
fn no_portal_is_in_two_open_jobs() {
    let (_folder, operations) = opened();
    let first = operations
        .add_job(&asked(&ids(&["a", "b"])), now())
        .unwrap()
        .unwrap();
    assert!(first.is_new && first.job.portals == ["a", "b"]);
    let portals = ids(&["b"]);
    let full = Asked {
        full: true,
        ..asked(&portals)
    };
    let again = operations.add_job(&full, now()).unwrap().unwrap();
    assert!(!again.is_new && again.job.id == first.job.id && again.job.full);
    let mixed = operations
        .add_job(&asked(&ids(&["b", "c"])), now())
        .unwrap()
        .unwrap();
    assert!(mixed.is_new && mixed.job.portals == ["c"]);
    assert_eq!(mixed.elsewhere, [("b".to_owned(), first.job.id)]);

    let running = operations.claim_job("one", now()).unwrap().unwrap();
    assert_eq!(running.id, first.job.id);
    operations.finish_portal(running.id, &summary("b", 1)).unwrap();
    let anew = operations.add_job(&asked(&ids(&["b"])), now()).unwrap().unwrap();
    assert!(anew.is_new);
    let same = operations.add_job(&asked(&ids(&["a"])), now()).unwrap().unwrap();
    assert!(!same.is_new && same.job.state == JobState::Running);
}

#[test]
fn what_somebody_asks_for_comes_before_what_is_scheduled() {
    let (_folder, operations) = opened();
    let scheduled = ids(&["a"]);
    let scheduled = Asked {
        source: JobSource::Schedule,
        scheduled_for: Some(now()),
        ..asked(&scheduled)
    };
    operations.add_job(&scheduled, now()).unwrap();
    operations.add_job(&asked(&ids(&["b"])), now()).unwrap();
    let next = || operations.claim_job("one", now()).unwrap().map(|job| job.portals);
    assert_eq!(next(), Some(ids(&["b"])));
    assert_eq!(next(), Some(ids(&["a"])));
    assert_eq!(next(), None);
}

#[test]
fn a_job_of_a_process_that_is_gone_goes_on_with_what_it_lacks() {
    let (_folder, operations) = opened();
    operations.add_job(&asked(&ids(&["a", "b"])), now()).unwrap();
    operations.add_job(&asked(&ids(&["c"])), now()).unwrap();
    let job = operations.claim_job("one", now()).unwrap().unwrap();
    operations.claim_job("one", now()).unwrap().unwrap();
    operations.finish_portal(job.id, &summary("a", 1)).unwrap();
    let progress = Progress { fetched: 3, known: 9 };
    operations
        .note_progress(&[(job.id, progress, ids(&["a line"]))])
        .unwrap();
    operations.cancel_job(2, now()).unwrap();
    assert_eq!(operations.recover_jobs("one", now()).unwrap(), 0);

    assert_eq!(operations.recover_jobs("two", now()).unwrap(), 2);
    assert_eq!(operations.job(2).unwrap().unwrap().state, JobState::Cancelled);
    let later = now() + SignedDuration::from_hours(1);
    let again = operations.claim_job("two", later).unwrap().unwrap();
    assert_eq!(
        (
            again.id,
            again.started_at,
            again.progress,
            again.results.map(|results| results.len())
        ),
        (job.id, Some(now().into()), progress, Some(1))
    );
    assert_eq!(again.log, Some(ids(&["a line"])));
}

#[test]
fn cancelling_ends_what_waits_and_asks_what_runs() {
    let (_folder, operations) = opened();
    for portal in ["a", "b"] {
        operations.add_job(&asked(&ids(&[portal])), now()).unwrap();
    }
    operations.claim_job("one", now()).unwrap();
    let running = operations.cancel_job(1, now()).unwrap().unwrap();
    assert!(running.state == JobState::Running && running.cancelling);
    assert_eq!(operations.jobs_to_stop().unwrap(), [1]);
    let queued = operations.cancel_job(2, now()).unwrap().unwrap();
    assert_eq!(queued.state, JobState::Cancelled);
    operations
        .finish_job(1, JobState::Cancelled, Some("by request"), now())
        .unwrap();
    operations.finish_job(2, JobState::Done, None, now()).unwrap();
    let of = |state| {
        let filter = JobFilter {
            state: Some(state),
            limit: 10,
            ..JobFilter::default()
        };
        operations.jobs(&filter).unwrap().len()
    };
    assert_eq!((of(JobState::Cancelled), of(JobState::Done)), (2, 0));
    assert!(operations.cancel_job(3, now()).unwrap().is_none());
}

#[test]
fn schedules_are_remembered_until_they_change() {
    let (_folder, operations) = opened();
    let set = |schedule: &str| {
        let text = format!("seeds = [\"https://www.example.gov.cn/\"]\nschedule = \"{schedule}\"");
        PortalSet {
            good: [("a".to_owned(), Portal::parse("a", &text).unwrap())].into(),
            bad: Vec::new(),
        }
    };
    let daily = set("0 3 * * *");
    assert_eq!(
        operations.adopt_schedules(&daily, now()).unwrap()["a"].handled,
        Some(now())
    );
    let hours = SignedDuration::from_hours;
    let later = now() + hours(50);
    assert_eq!(
        operations.adopt_schedules(&daily, later).unwrap()["a"].handled,
        Some(now())
    );
    operations.note_run(&summary("a", 0), later).unwrap();
    let facts = operations.handled(&daily, "a", later).unwrap().unwrap();
    assert_eq!((facts.handled, facts.runs.len()), (Some(later), 1));
    // The clock went back by more than a turn of the schedule: what it said then is not believed.
    let facts = operations.adopt_schedules(&daily, now()).unwrap();
    assert_eq!(facts["a"].handled, Some(now()));
    let changed = operations.adopt_schedules(&set("0 4 * * *"), later).unwrap();
    assert_eq!(changed["a"].handled, Some(later));
}

#[test]
fn news_in_season_are_remembered_longer_than_other_crawls() {
    let (_folder, operations) = opened();
    let text = "seeds = [\"https://www.example.gov.cn/\"]\nschedule = \"0 3 * * 1\"";
    let set = PortalSet {
        good: [("a".to_owned(), Portal::parse("a", text).unwrap())].into(),
        bad: Vec::new(),
    };
    let march: Timestamp = "2026-03-02T03:00:00+08:00".parse().unwrap();
    operations.note_run(&summary("a", 5), march).unwrap();
    for week in 1..40 {
        let at = march + SignedDuration::from_hours(24 * 7 * week);
        operations.note_run(&summary("a", 0), at).unwrap();
    }
    let end = march + SignedDuration::from_hours(24 * 7 * 39);
    let facts = &operations.schedule_facts(&set, end).unwrap()["a"];
    assert!(facts.publishes_in_season && facts.runs.len() == 17, "{facts:?}");

    // The clock is set back: what was written down of days to come is not the newest any more.
    let april = march + SignedDuration::from_hours(24 * 40);
    operations.note_run(&summary("a", 1), april).unwrap();
    let facts = &operations.schedule_facts(&set, april).unwrap()["a"];
    assert_eq!(facts.runs[0].at, april);
    // It was wrong then, and is right again: nothing of what was known is lost, however often it crawled meanwhile.
    for day in 1..20 {
        let at = april + SignedDuration::from_hours(24 * day - 24 * 365);
        operations.note_run(&summary("a", 0), at).unwrap();
    }
    let facts = &operations.schedule_facts(&set, end).unwrap()["a"];
    assert!(facts.publishes_in_season && facts.runs[0].at == end, "{facts:?}");
    assert!(facts.runs.len() >= 17, "{facts:?}");
}

#[test]
fn the_end_of_a_crawl_is_written_down_with_all_that_is_learnt_or_not_at_all() {
    let (folder, operations) = opened();
    let text = "seeds = [\"https://www.example.gov.cn/\"]\nschedule = \"0 3 * * 1\"";
    let set = PortalSet {
        good: [("a".to_owned(), Portal::parse("a", text).unwrap())].into(),
        bad: Vec::new(),
    };
    operations.add_job(&asked(&ids(&["a"])), now()).unwrap();
    let job = operations.claim_job("one", now()).unwrap().unwrap();
    let later = now() + SignedDuration::from_hours(1);
    let db = rusqlite::Connection::open(folder.path().join("catalog.db")).unwrap();
    db.execute_batch(
        "CREATE TRIGGER broken BEFORE INSERT ON schedules BEGIN SELECT RAISE(ABORT, 'broken'); END",
    )
    .unwrap();
    let finish = || operations.finish_crawl(job.id, &summary("a", 2), true, &set, later);
    finish().unwrap_err();
    let n_results = || operations.job(job.id).unwrap().unwrap().results.unwrap().len();
    assert_eq!(n_results(), 0);
    let facts = &operations.schedule_facts(&set, later).unwrap()["a"];
    assert!(facts.runs.is_empty(), "{facts:?}");

    db.execute_batch("DROP TRIGGER broken").unwrap();
    let facts = finish().unwrap().unwrap();
    assert_eq!((facts.handled, facts.runs.len()), (Some(later), 1));
    assert_eq!(n_results(), 1);
}

#[test]
fn a_portal_that_comes_back_is_known_for_a_month() {
    let (_folder, operations) = opened();
    let text = "seeds = [\"https://www.example.gov.cn/\"]\nschedule = \"0 3 * * 1\"";
    let set = PortalSet {
        good: [("a".to_owned(), Portal::parse("a", text).unwrap())].into(),
        bad: Vec::new(),
    };
    let none = PortalSet::default();
    let handled_after = |gone_for: i64, begun: Timestamp| {
        operations.adopt_schedules(&set, begun).unwrap();
        operations.handled(&set, "a", begun).unwrap();
        operations.adopt_schedules(&none, begun).unwrap();
        let back = begun + SignedDuration::from_hours(24 * gone_for);
        // Other portals change while it is away.
        operations.adopt_schedules(&none, back).unwrap();
        operations.adopt_schedules(&set, back).unwrap()["a"].handled
    };
    // A folder that was empty for a moment, or for some weeks, costs nothing.
    assert_eq!(handled_after(0, now()), Some(now()));
    let begun = now() + SignedDuration::from_hours(1);
    assert_eq!(handled_after(29, begun), Some(begun));
    let begun = now() + SignedDuration::from_hours(24 * 100);
    assert_eq!(
        handled_after(31, begun),
        Some(begun + SignedDuration::from_hours(24 * 31))
    );
}

#[test]
fn jobs_of_long_ago_are_forgotten_by_time_and_not_by_a_clock_that_is_wrong() {
    let (_folder, operations) = opened();
    let year = std::time::Duration::from_secs(365 * 86_400);
    let day = |n: i64| now() + SignedDuration::from_hours(24 * n);
    let done = |at| {
        let id = operations
            .add_job(&asked(&ids(&["a"])), at)
            .unwrap()
            .unwrap()
            .job
            .id;
        operations.finish_job(id, JobState::Done, None, at).unwrap();
    };
    let forget = |at| operations.forget_jobs(crawler::Ages::new(year, at)).unwrap();
    (0..30).for_each(|n| done(day(10 * n)));
    assert_eq!(forget(day(300)), 0);
    assert_eq!(forget(day(300 + 366)), 0, "the clock is ahead");
    done(day(300 + 366));
    assert_eq!(forget(day(300 + 366)), 0, "it is ahead, and jobs are done");
    (31..43).for_each(|n| done(day(10 * n)));
    // Day 420: what is from before day 55 goes.
    assert_eq!(forget(day(420)), 6);
    let filter = JobFilter {
        limit: 100,
        ..JobFilter::default()
    };
    let left = operations.jobs(&filter).unwrap();
    assert_eq!(left.last().unwrap().created_at, day(60).into());
}

#[test]
fn one_process_at_a_time_runs_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let lease = Lease::take(folder.path()).unwrap().unwrap();
    assert!(Lease::is_taken(folder.path()).unwrap());
    assert!(Lease::take(folder.path()).unwrap().is_none());
    drop(lease);
    assert!(!Lease::is_taken(folder.path()).unwrap());
}

#[test]
fn the_next_visit_is_told_with_its_reason() {
    let (_folder, operations) = opened();
    let portal = |id: &str, schedule: &str| {
        let text = format!("seeds = [\"https://www.example.gov.cn/\"]\n{schedule}");
        (id.to_owned(), Portal::parse(id, &text).unwrap())
    };
    let set = PortalSet {
        good: [
            portal("a", "schedule = \"0 3 * * 1\""),
            portal("b", ""),
            portal("c", ""),
            portal("d", ""),
        ]
        .into(),
        bad: Vec::new(),
    };
    operations.adopt_schedules(&set, now()).unwrap();
    operations.add_job(&asked(&ids(&["c"])), now()).unwrap();
    operations.claim_job("one", now()).unwrap();
    operations.add_job(&asked(&ids(&["d"])), now()).unwrap();
    let runs = operations.next_runs(&set, now()).unwrap();
    let codes: Vec<_> = runs.values().map(|run| run.code).collect();
    assert_eq!(codes, ["schedule", "on_request", "running", "queued"]);
    let days = SignedDuration::from_hours(24 * 7);
    let at = runs["a"].at.unwrap().duration_since(now());
    assert!(at >= days && at < days + SignedDuration::from_mins(5), "{at}");
    assert!(runs["c"].reason.contains("job 1") && runs["d"].reason.contains("job 2"));

    let late = now() + days * 3;
    let run = &operations.next_runs(&set, late).unwrap()["a"];
    assert_eq!((run.at, run.code), (Some(late), "catch_up"));
}
