//! Each rule over made-up runs.

use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use report::ChinaTime;

use super::*;

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

fn at(date: &str) -> Timestamp {
    format!("{date}T03:00:00+08:00").parse().unwrap()
}

/// What a portal of forty reports brings each week.
fn steady() -> Yields {
    Yields {
        rows: 40,
        lists: 4,
        reports: ReportCounts {
            unchanged: 40,
            ..ReportCounts::default()
        },
        seen: 40,
        flagged: 2,
        median_chars: Some(3_000),
        ..Yields::default()
    }
}

/// How a run differs from that.
type Twist = Box<dyn Fn(&mut RunRecord)>;

fn yielding(twist: impl Fn(&mut Yields) + 'static) -> Twist {
    Box::new(move |run| twist(run.yields.as_mut().unwrap()))
}

fn ending(status: PortalStatus, reason: &'static str) -> Twist {
    Box::new(move |run| {
        run.status = status;
        run.reason = Some(reason.to_owned());
        run.yields = Some(Yields::default());
    })
}

fn well() -> Twist {
    Box::new(|_| ())
}

/// Runs a week apart, the oldest first; the last ended at `now`.
fn history(now: Timestamp, twists: &[Twist]) -> History {
    let mut runs: Vec<RunRecord> = Vec::new();
    for (n, twist) in twists.iter().rev().enumerate() {
        let finished_at = now - WEEK * i32::try_from(n).unwrap();
        let mut run = RunRecord {
            started_at: finished_at - 10.minutes(),
            finished_at,
            status: PortalStatus::Ok,
            reason: None,
            yields: Some(steady()),
            verdict: None,
        };
        twist(&mut run);
        runs.push(run);
    }
    History {
        last_success: runs.iter().find(|run| run.is_good()).map(|run| run.finished_at),
        runs,
        older: Vec::new(),
        news: Vec::new(),
    }
}

const NOW: &str = "2026-08-31";

fn alarms(twists: &[Twist]) -> Vec<Alarm> {
    assess(&history(at(NOW), twists), Some(WEEK), at(NOW)).alarms
}

fn kinds(twists: &[Twist]) -> Vec<&'static str> {
    alarms(twists).iter().map(|alarm| alarm.kind.code()).collect()
}

/// Weeks since an alarm stands.
fn weeks(alarm: &Alarm) -> i64 {
    at(NOW).duration_since(alarm.since).as_hours() / (7 * 24)
}

#[test]
fn half_of_the_usual_rows_is_an_alarm_and_less_of_a_drop_is_none() {
    for (rows, expected) in [(40, false), (21, false), (20, true), (1, true), (0, true)] {
        let found = kinds(&[well(), well(), well(), yielding(move |y| y.rows = rows)]);
        assert_eq!(found == ["yields_dropped"], expected, "{rows}: {found:?}");
    }
    // Of three rows, one or two may go.
    let small = |rows: u64| yielding(move |y| (y.rows, y.lists) = (rows, 1));
    assert!(kinds(&[small(3), small(1)]).is_empty());
    assert_eq!(kinds(&[small(3), small(0)]), ["yields_dropped"]);
}

#[test]
fn a_drop_stands_since_its_first_run_until_a_good_one() {
    let dropped = || yielding(|y| y.rows = 5);
    let found = alarms(&[well(), well(), dropped(), dropped(), dropped()]);
    assert_eq!(weeks(&found[0]), 2, "{found:?}");
    assert_eq!(found[0].evidence, [Evidence::Rows { now: 5, usual: 40 }]);
    // A visit that fails does not end it.
    let failed = || ending(PortalStatus::Failed, "timeout");
    assert_eq!(
        kinds(&[well(), dropped(), failed()]),
        ["unreachable", "yields_dropped"]
    );
    assert!(kinds(&[well(), dropped(), failed(), well()]).is_empty());
}

#[test]
fn what_lasted_for_all_runs_that_are_known_is_the_usual() {
    let mut runs: Vec<Twist> = (0..RUNS).map(|_| yielding(|y| y.rows = 5)).collect();
    assert!(kinds(&runs).is_empty());
    runs.insert(0, well());
    assert_eq!(kinds(&runs), ["yields_dropped"]);
}

#[test]
fn one_list_that_names_none_is_an_alarm_at_once() {
    let lost = || {
        yielding(|y| {
            y.rows = 39;
            y.lists_lost = Pages {
                count: 1,
                first: Some("https://www.example.gov.cn/fzzf/".to_owned()),
            };
        })
    };
    let found = alarms(&[well(), lost()]);
    assert_eq!(found[0].kind, AlarmKind::YieldsDropped);
    assert_eq!(found[0].evidence, [Evidence::ListsLost { count: 1 }]);
    assert_eq!(found[0].url.as_deref(), Some("https://www.example.gov.cn/fzzf/"));
    assert!(kinds(&[well(), lost(), well()]).is_empty());
    assert_eq!(
        kinds(&[well(), ending(PortalStatus::Failed, "http_404")]),
        ["yields_dropped"]
    );
}

#[test]
fn lists_that_are_always_short_are_no_alarm() {
    let short = || yielding(|y| y.lists_short.count = 1);
    assert_eq!(kinds(&[well(), short()]), ["yields_dropped"]);
    assert!(kinds(&[short(), short(), short()]).is_empty());
}

#[test]
fn a_run_that_a_limit_ended_is_held_against_its_like() {
    let limited = |rows: u64| -> Twist {
        Box::new(move |run| {
            run.reason = Some("max_pages: 100 pages that are known were not asked for".to_owned());
            if let Some(yields) = &mut run.yields {
                yields.rows = rows;
            }
        })
    };
    assert!(kinds(&[well(), well(), limited(5)]).is_empty());
    assert_eq!(kinds(&[limited(20), limited(20), limited(5)]), ["yields_dropped"]);
}

#[test]
fn reports_that_say_less_than_they_did_are_an_alarm() {
    let cases: [(&str, Twist); 5] = [
        ("texts", yielding(|y| y.median_chars = Some(1_400))),
        ("flags", yielding(|y| y.flagged = 12)),
        ("lost", yielding(|y| (y.seen, y.text_lost.count) = (32, 8))),
        ("", yielding(|y| y.median_chars = Some(1_600))),
        ("", yielding(|y| (y.seen, y.text_lost.count) = (39, 1))),
    ];
    for (which, twist) in cases {
        let found = kinds(&[well(), well(), twist]);
        let expected: &[&str] = if which.is_empty() {
            &[]
        } else {
            &["layout_changed"]
        };
        assert_eq!(found, expected, "{which}");
    }
    // Scans that were always scans.
    let scans = || yielding(|y| y.flagged = 40);
    assert!(kinds(&[scans(), scans()]).is_empty());
    // Two reports say nothing of a portal.
    let two = || yielding(|y| (y.seen, y.median_chars) = (2, Some(10)));
    assert!(kinds(&[well(), two()]).is_empty());
}

#[test]
fn portals_that_cannot_be_visited() {
    let block = || {
        ending(
            PortalStatus::Blocked,
            "blocked:challenge: http 412 at https://a.gov.cn/list/",
        )
    };
    let found = alarms(&[well(), block(), block()]);
    assert_eq!((found[0].kind, weeks(&found[0])), (AlarmKind::Blocked, 1));
    assert_eq!(found[0].url.as_deref(), Some("https://a.gov.cn/list/"));
    let silent = || {
        let reason = "robots_unreachable: robots.txt cannot be had for now (connect_timeout)";
        ending(PortalStatus::Failed, reason)
    };
    assert_eq!(kinds(&[well(), silent()]), ["unreachable"]);
    assert_eq!(kinds(&[well(), block(), silent()]), ["blocked", "unreachable"]);
    assert_eq!(kinds(&[silent(), block()]), ["blocked"]);
    assert!(kinds(&[block(), silent(), well()]).is_empty());
    let expired = || {
        let reason = "robots_unreachable: robots.txt cannot be had for now (tls_expired)";
        ending(PortalStatus::Failed, reason)
    };
    let found = alarms(&[well(), expired()]);
    assert_eq!(kinds(&[well(), expired()]), ["certificate"]);
    assert_eq!(
        found[0].evidence,
        [Evidence::Certificate {
            fault: "tls_expired".to_owned()
        }]
    );
    let of_a_list =
        yielding(|y| y.certificate = Some(("tls_wrong_name".to_owned(), "https://b.gov.cn/".to_owned())));
    assert_eq!(kinds(&[well(), of_a_list]), ["certificate"]);
    assert!(kinds(&[expired(), well()]).is_empty());
}

#[test]
fn other_rules_are_told_once() {
    let changed = || yielding(|y| y.robots_changed = true);
    assert_eq!(kinds(&[well(), changed()]), ["robots_changed"]);
    assert!(kinds(&[changed(), well()]).is_empty());
}

#[test]
fn what_a_clock_that_was_ahead_wrote_down_counts_for_nothing() {
    let weekly = [
        "2026-05-04",
        "2026-05-11",
        "2026-05-18",
        "2026-05-25",
        "2026-06-01",
    ];
    assert_eq!(after_news(&weekly, "2026-08-03"), ["no_new_reports"]);
    let ahead = [&weekly[..], &["2031-01-01", "2036-01-01"]].concat();
    assert_eq!(after_news(&ahead, "2026-08-03"), ["no_new_reports"]);
    // Nor do visits to come mean that nothing was found at them.
    let mut history = history(at("2026-08-03"), &[well(), well(), well()]);
    history.news = weekly.iter().rev().map(|day| at(day)).collect();
    for run in &mut history.runs[..2] {
        run.finished_at = at("2031-01-01");
    }
    assert_eq!(assess(&history, Some(WEEK), at("2026-08-03")).alarms, []);
}

/// Alarms on `today` of a portal that was visited every week, whose news came on these days.
fn after_news(news: &[&str], today: &str) -> Vec<&'static str> {
    let mut history = history(at(today), &(0..RUNS).map(|_| well()).collect::<Vec<_>>());
    history.news = news.iter().rev().map(|day| at(day)).collect();
    let health = assess(&history, Some(WEEK), at(today));
    health.alarms.iter().map(|alarm| alarm.kind.code()).collect()
}

#[test]
fn it_is_quiet_when_nothing_came_for_twice_the_usual_time() {
    let monthly = [
        "2026-01-05",
        "2026-02-09",
        "2026-03-09",
        "2026-04-13",
        "2026-05-11",
        "2026-06-08",
    ];
    assert!(after_news(&monthly, "2026-07-20").is_empty());
    assert_eq!(after_news(&monthly, "2026-08-31"), ["no_new_reports"]);
    // What comes weekly may be away for a holiday.
    let weekly = [
        "2026-08-03",
        "2026-08-10",
        "2026-08-17",
        "2026-08-24",
        "2026-08-31",
    ];
    assert!(after_news(&weekly, "2026-09-20").is_empty());
    assert_eq!(after_news(&weekly, "2026-09-28"), ["no_new_reports"]);
    // Of two occasions nothing can be learned.
    assert!(after_news(&monthly[..3], "2026-12-28").is_empty());
}

#[test]
fn a_portal_of_annual_reports_is_not_quiet_because_it_is_august() {
    let annual = [
        "2024-01-15",
        "2024-02-05",
        "2024-03-04",
        "2025-01-13",
        "2025-02-10",
        "2025-03-10",
        "2026-01-19",
        "2026-02-09",
        "2026-03-09",
    ];
    for month in 5..=12 {
        assert!(
            after_news(&annual, &format!("2026-{month:02}-20")).is_empty(),
            "{month}"
        );
    }
    assert!(
        after_news(&annual, "2027-01-18").is_empty(),
        "the season has begun only"
    );
    assert_eq!(after_news(&annual, "2027-03-29"), ["no_new_reports"]);
}

#[test]
fn days_without_a_visit_do_not_make_a_portal_quiet() {
    let weekly = [
        "2026-08-03",
        "2026-08-10",
        "2026-08-17",
        "2026-08-24",
        "2026-08-31",
    ];
    let mut history = history(at("2026-08-31"), &[well(), well(), well()]);
    history.news = weekly.iter().rev().map(|day| at(day)).collect();
    assert!(assess(&history, Some(WEEK), at("2026-12-01")).alarms.is_empty());
}

#[test]
fn the_worst_comes_first() {
    let mut sorted = AlarmKind::ALL.to_vec();
    sorted.sort();
    assert_eq!(sorted, AlarmKind::ALL);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// A portal whose figures only waver as those of living portals do, and whose news keep coming, has no alarm, at any
    /// time of any year.
    #[test]
    fn a_steady_portal_has_no_alarm(
        rows in 8_u64..2_000,
        waver in prop::collection::vec((0_u64..=25, 0_u64..=20, 0_u64..=8, prop::bool::weighted(0.1)), 1..=RUNS),
        chars in 150_u64..20_000,
        flagged in 0_u64..=50,
        gap_days in 1_i64..30,
        day in 0_i64..3_000,
        fails in prop::bool::ANY,
    ) {
        let now = at("2020-01-01") + SignedDuration::from_hours(day * 24);
        let mut twists: Vec<Twist> = waver.iter().copied().map(|(fewer, shorter, more_flagged, is_partial)| {
            let twist: Twist = Box::new(move |run: &mut RunRecord| {
                if is_partial {
                    run.status = PortalStatus::Partial;
                    run.reason = Some("pages_failed".to_owned());
                }
                let rows = rows - rows * fewer / 100;
                run.yields = Some(Yields {
                    rows,
                    lists: 1 + rows / 100,
                    seen: rows,
                    flagged: (rows * flagged / 100 + rows * more_flagged / 100).min(rows),
                    median_chars: Some(chars - chars * shorter / 100),
                    ..Yields::default()
                });
            });
            twist
        }).collect();
        if fails {
            twists.insert(0, ending(PortalStatus::Failed, "timeout"));
        }
        let mut history = history(now, &twists);
        history.news = (0..NEWS).map(|n| now - SignedDuration::from_hours(24 * gap_days * i64::try_from(n).unwrap())).collect();
        let health = assess(&history, Some(WEEK), now);
        prop_assert!(health.alarms.is_empty(), "{:?}", health.alarms);
    }

    /// Whatever the figures are, there is at most one alarm of a kind, each says why, and none is from the future.
    #[test]
    fn alarms_are_sound_whatever_the_runs_were(
        runs in prop::collection::vec((0_u8..4, 0_u64..100, 0_u64..5, prop::option::of(0_u64..10_000), prop::bool::ANY), 0..20),
        news in prop::collection::vec(0_i64..2_000, 0..20),
    ) {
        let twists: Vec<Twist> = runs.into_iter().map(|(status, rows, lost, median_chars, robots_changed)| {
            let twist: Twist = Box::new(move |run: &mut RunRecord| {
                run.status = [PortalStatus::Ok, PortalStatus::Partial, PortalStatus::Failed, PortalStatus::Blocked][usize::from(status)];
                run.yields = Some(Yields {
                    rows, lists: lost, seen: rows, flagged: lost, median_chars, robots_changed,
                    lists_lost: Pages { count: lost, first: None },
                    text_lost: Pages { count: lost, first: None },
                    ..Yields::default()
                });
            });
            twist
        }).collect();
        let now = at(NOW);
        let mut history = history(now, &twists);
        let mut days = news;
        days.sort_unstable();
        history.news = days.iter().map(|days| now - SignedDuration::from_hours(24 * days)).collect();
        let health = assess(&history, None, now);
        let mut kinds: Vec<_> = health.alarms.iter().map(|alarm| alarm.kind).collect();
        let n = kinds.len();
        kinds.dedup();
        prop_assert_eq!(kinds.len(), n);
        for alarm in &health.alarms {
            prop_assert!(!alarm.evidence.is_empty() && alarm.since <= now, "{alarm:?}, {}", ChinaTime::from(alarm.since));
        }
    }
}
