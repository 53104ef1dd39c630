//! The frontier over runs, hosts and restarts.

use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::{
    catalog::Catalog,
    crawl::PortalStatus,
    politeness::{Moment, Rest, Uptime, Written},
};

fn catalog() -> (Catalog, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (Catalog::open(dir.path()).unwrap(), dir)
}

fn url(path: &str) -> Url {
    Url::parse(&format!("http://a.gov.cn{path}")).unwrap()
}

fn link(path: &str, kind: Kind) -> NewLink {
    NewLink {
        url: url(path),
        form: None,
        kind,
        via: None,
        title: None,
        date: None,
        hops: 1,
        listing: None,
        number: 0,
        is_guess: false,
    }
}

fn begin(db: &Connection, is_full: bool, now: i64) -> Run {
    let waits = Waits { now, longest: 60 };
    begin_run(db, "p", &[url("/")], is_full, now, waits).unwrap()
}

fn take(db: &Connection, run: &Run, now: i64) -> Option<Job> {
    match next(db, run, "a.gov.cn:80", now).unwrap() {
        Next::Job(job) => Some(*job),
        _ => None,
    }
}

fn done(is_report: bool) -> Ending {
    Ending::Done {
        outcome: if is_report { "report" } else { "list" },
        is_report,
        identity: None,
        etag: is_report.then(|| "\"1\"".to_owned()),
        last_modified: None,
    }
}

/// Visits all there is, in order; pages are reports.
fn visit_all(db: &Connection, run: &Run) -> Vec<String> {
    let mut paths = Vec::new();
    while let Some(job) = take(db, run, 10) {
        finish(db, job.id, &done(job.kind == Kind::Page), 10).unwrap();
        paths.push(job.url.trim_start_matches("http://a.gov.cn").to_owned());
    }
    paths
}

#[test]
fn seeds_come_first_then_new_reports_then_lists_then_what_is_known() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let first = begin(db, false, 1);
    for (path, kind) in [
        ("/l1", Kind::List),
        ("/1.html", Kind::Page),
        ("/2.html", Kind::Page),
    ] {
        assert!(add_link(db, &first, &link(path, kind), true).unwrap().is_new);
        assert!(
            !add_link(db, &first, &link(path, kind), true).unwrap().is_new,
            "only once a run"
        );
    }
    assert_eq!(visit_all(db, &first), ["/", "/1.html", "/2.html", "/l1"]);
    end_run(db, first.id, PortalStatus::Ok, None, 20).unwrap();

    let second = begin(db, false, 30);
    assert_ne!(second.id, first.id);
    assert!(
        add_link(db, &second, &link("/1.html", Kind::Page), true)
            .unwrap()
            .is_new,
        "anew in each run"
    );
    add_link(db, &second, &link("/3.html", Kind::Page), true).unwrap();
    add_link(db, &second, &link("/l1", Kind::List), true).unwrap();
    let job = take(db, &second, 40).unwrap();
    assert_eq!((job.kind, job.etag), (Kind::Seed, None));
    assert_eq!(
        visit_all(db, &second),
        ["/", "/3.html", "/l1", "/1.html", "/2.html"]
    );
    let report = count_pending(db, &second).unwrap();
    assert_eq!(report, 0);
}

#[test]
fn an_unfinished_run_is_taken_up_and_a_full_one_takes_over() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let first = begin(db, false, 1);
    add_link(db, &first, &link("/1.html", Kind::Page), true).unwrap();
    let seed = take(db, &first, 5).unwrap();
    finish(db, seed.id, &done(false), 5).unwrap();

    let again = begin(db, false, 100);
    assert_eq!((again.id, again.begun_at, again.n_visited), (first.id, 1, 1));
    assert_eq!(
        take(db, &again, 100).unwrap().url,
        "http://a.gov.cn/1.html",
        "the seed was visited"
    );

    let full = begin(db, true, 200);
    assert!(full.id > first.id && full.is_full);
    assert_eq!(visit_all(db, &full), ["/", "/1.html"]);
    let same = begin(db, false, 300);
    assert_eq!(
        (same.id, same.is_full),
        (full.id, true),
        "a full run is not finished as another"
    );
}

#[test]
fn a_run_that_a_clock_ahead_began_neither_waits_long_nor_begins_in_the_future() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let first = begin(db, false, 1_000_000);
    let job = take(db, &first, 1_000_000).unwrap();
    let again = Ending::Again {
        not_before: 1_000_050,
    };
    finish(db, job.id, &again, 1_000_000).unwrap();
    // By a right clock the pause stays as it is.
    let same = begin(db, false, 1_000_010);
    assert_eq!((same.id, same.begun_at), (first.id, 1_000_000));
    let until = |run: &Run, now| match next(db, run, "a.gov.cn:80", now).unwrap() {
        Next::NotBefore(until) => Some(until),
        _ => None,
    };
    assert_eq!(until(&same, 1_000_010), Some(1_000_050));
    let back = begin(db, false, 500);
    assert_eq!((back.id, back.begun_at), (first.id, 500));
    assert_eq!(until(&back, 500), Some(560));
    assert_eq!(take(db, &back, 560).unwrap().attempts, 1);
}

#[test]
fn a_page_that_failed_waits_and_is_tried_again() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let run = begin(db, false, 1);
    let job = take(db, &run, 5).unwrap();
    finish(db, job.id, &Ending::Again { not_before: 50 }, 5).unwrap();
    assert!(matches!(
        next(db, &run, "a.gov.cn:80", 49).unwrap(),
        Next::NotBefore(50)
    ));
    assert_eq!(take(db, &run, 50).unwrap().attempts, 1);
    assert!(
        next_jobs(db, &run, "a.gov.cn:80", &[job.id], 2, 50)
            .unwrap()
            .is_empty(),
        "what was taken is not given twice"
    );
    assert_eq!(pending_hosts(db, &run).unwrap(), ["a.gov.cn:80"]);
    finish(
        db,
        job.id,
        &Ending::Failed {
            reason: "http_500".to_owned(),
        },
        60,
    )
    .unwrap();
    assert!(matches!(next(db, &run, "a.gov.cn:80", 70).unwrap(), Next::Empty));
    let summary = summary(db, &run, PortalStatus::Failed, None).unwrap();
    assert_eq!(
        (summary.fetched, summary.failed[0].reason.as_str()),
        (0, "http_500")
    );
}

#[test]
fn the_rest_of_a_list_is_left_out_behind_its_end() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let run = begin(db, false, 1);
    for number in 1..=5 {
        let page = NewLink {
            listing: Some("a.gov.cn/l".to_owned()),
            number,
            ..link(&format!("/l_{number}"), Kind::List)
        };
        add_link(db, &run, &page, true).unwrap();
    }
    assert_eq!(cut_listing(db, &run, "a.gov.cn/l", 2).unwrap(), 3);
    assert_eq!(visit_all(db, &run), ["/", "/l_1", "/l_2"]);
}

#[test]
fn a_full_portal_takes_no_new_addresses_but_knows_the_old_ones() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let run = begin(db, false, 1);
    assert_eq!(
        add_link(db, &run, &link("/1.html", Kind::Page), false).unwrap(),
        Added::default()
    );
    assert!(
        add_link(db, &run, &link("/", Kind::Page), false)
            .unwrap()
            .is_known
    );
    assert_eq!(count_addresses(db, "p").unwrap(), 1);
}

/// A limit written down at a moment by the wall and, on one start of the machine, at the same by the other clock.
fn limit(wall: i64, up: i64, pause_ms: u64) -> Written {
    let up = Some(Uptime {
        boot: "one".to_owned(),
        ms: up,
    });
    Written::new(Moment { wall, up }, Duration::from_millis(pause_ms))
}

#[test]
fn limits_only_move_on() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let keys = ["a:80".to_owned(), "ip 8.8.8.8".to_owned()];
    save_limits(db, &keys, &limit(0, 0, 100)).unwrap();
    save_limits(db, &keys[..1], &limit(0, 0, 50)).unwrap();
    save_limits(db, &keys[1..], &limit(0, 0, 200)).unwrap();
    let expected = [Some(limit(0, 0, 100)), Some(limit(0, 0, 200))];
    assert_eq!(load_limits(db, &keys).unwrap(), expected);
    assert_eq!(load_limits(db, &["b:80".to_owned()]).unwrap(), [None]);
    // The clock of the wall was set back, but time went on.
    let later = limit(-5_000_000, 300, 10);
    save_limits(db, &keys[..1], &later).unwrap();
    assert_eq!(load_limits(db, &keys[..1]).unwrap(), [Some(later)]);
    // After another start only what is written last is known to hold.
    let restarted = Written {
        next_up: None,
        ..limit(0, 0, 7)
    };
    save_limits(db, &keys[..1], &restarted).unwrap();
    assert_eq!(load_limits(db, &keys[..1]).unwrap(), [Some(restarted)]);
}

#[test]
fn requests_are_counted_by_the_day_of_china() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let at = |time: &str| time.parse::<jiff::Timestamp>().unwrap();
    assert_eq!(
        load_day(db, "a:80")
            .unwrap()
            .at(at("2024-02-27T00:00:00+08:00"))
            .requests,
        0
    );
    let evening = at("2024-02-27T23:59:59+08:00");
    let count = (0..3).fold(load_day(db, "a:80").unwrap().at(evening), |count, _| count.and(1));
    save_day(db, "a:80", count).unwrap();
    let stored = load_day(db, "a:80").unwrap();
    assert_eq!(stored, count);
    assert_eq!(stored.at(at("2024-02-27T00:00:00+08:00")).requests, 3);
    assert_eq!(
        stored.at(at("2024-02-28T00:00:00+08:00")).requests,
        0,
        "a new day"
    );
    let set_back = stored.at(at("2024-02-01T12:00:00+08:00"));
    assert_eq!(
        set_back.requests, 3,
        "a clock that was set back gives nothing for free"
    );
    assert_eq!(
        set_back.at(at("2024-02-02T12:00:00+08:00")).requests,
        0,
        "nor does it block for long"
    );
    assert_eq!(load_day(db, "b:80").unwrap(), DayCount::default());
    assert!(stored.and(2).covers(stored) && !stored.covers(stored.and(1)));
    assert!(
        !stored.and(2).covers(stored.at(at("2024-02-28T00:00:00+08:00"))),
        "of another day"
    );
}

#[test]
fn rests_are_remembered() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let rest = Rest {
        pause: Duration::from_millis(90),
        is_refusal: true,
        reason: "refused: so".to_owned(),
    };
    save_rest(db, "a:80", &rest, &limit(1, 1, 50)).unwrap();
    save_rest(db, "a:80", &rest, &limit(2, 2, 90)).unwrap();
    assert_eq!(
        load_rests(db).unwrap(),
        [("a:80".to_owned(), rest, limit(2, 2, 90))]
    );
}

#[test]
fn forms_to_one_address_are_requests_of_their_own() {
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let run = begin(db, false, 1);
    let post = |form: &str| NewLink {
        form: Some(form.to_owned()),
        listing: Some("a.gov.cn/list".to_owned()),
        ..link("/proxy.jsp?x=1", Kind::List)
    };
    for form in ["page=1", "page=2", "page=1"] {
        add_link(db, &run, &post(form), true).unwrap();
    }
    add_link(db, &run, &link("/proxy.jsp?x=1", Kind::List), true).unwrap();
    let mut forms = Vec::new();
    while let Some(job) = take(db, &run, 10) {
        assert!(job.kind == Kind::Seed || job.is_at(&url("/proxy.jsp?x=1")));
        finish(db, job.id, &done(false), 10).unwrap();
        forms.extend((job.kind == Kind::List).then_some(job.form));
    }
    assert_eq!(
        forms,
        [Some("page=1".to_owned()), Some("page=2".to_owned()), None]
    );
}

#[test]
fn lists_of_a_run_that_was_left_for_long_are_read_again() {
    const DAY: i64 = 24 * 3_600_000;
    let (catalog, _dir) = catalog();
    let db = catalog.connection();
    let run = begin(db, false, 1);
    add_link(db, &run, &link("/l1", Kind::List), true).unwrap();
    assert_eq!(visit_all(db, &run), ["/", "/l1"]);
    add_link(db, &run, &link("/1.html", Kind::Page), true).unwrap();
    // The process was killed, and comes back on the next day, then after a week.
    let next_day = begin(db, false, DAY);
    assert_eq!(next_day.id, run.id);
    assert_eq!(visit_all(db, &next_day), ["/1.html"]);
    let next_week = begin(db, false, 7 * DAY);
    assert_eq!(next_week.id, run.id);
    assert_eq!(visit_all(db, &next_week), ["/", "/l1"], "but not its reports");
}
