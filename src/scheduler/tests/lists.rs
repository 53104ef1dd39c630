//! What the season and the liveliest list make of a schedule.

use crawler::LiveliestList;

use super::*;

const URL: &str = "https://www.example.gov.cn/zwgk/";

fn list(days: i64, last_visit: &str) -> LiveliestList {
    LiveliestList {
        url: URL.to_owned(),
        interval: SignedDuration::from_hours(24 * days),
        last_visit: at(last_visit),
    }
}

/// Days of the visits from `now` on, each made when it is due, and their reasons.
fn days(expression: &str, mut facts: Facts, now: &str, n: usize) -> Vec<(String, &'static str)> {
    let schedule = Schedule::parse(expression).unwrap();
    let mut now = at(now);
    facts.handled = Some(now);
    let visits = (0..n).map(|_| {
        let visit = next_visit("changning", &schedule, &facts, now).unwrap();
        now = visit.at;
        facts.handled = Some(now);
        (
            ChinaTime::from(visit.occurrence).date().to_string(),
            visit.why.code(),
        )
    });
    visits.collect()
}

#[test]
fn a_portal_that_was_never_visited_is_visited_more_often_in_its_first_season() {
    let season = |expression, start| {
        let visits = days(expression, Facts::default(), start, 12).into_iter();
        visits
            .filter(|(day, why)| *why == "season" && day.as_str() < "2027-05")
            .map(|(day, _)| day)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        season("0 3 1 * *", "2026-12-05T00:00:00"),
        ["2027-01-16", "2027-02-15", "2027-03-16", "2027-04-16"],
        "monthly"
    );
    assert_eq!(
        season("0 3 1 6 *", "2026-12-05T00:00:00"),
        ["2027-01-04", "2027-02-04", "2027-03-07", "2027-04-07"],
        "once a year, in June"
    );
    assert_eq!(
        season("0 3 * * 1", "2026-12-05T00:00:00")[..2],
        ["2027-01-07", "2027-01-14"],
        "weekly"
    );
    assert!(season("0 3 * * *", "2026-12-05T00:00:00").is_empty(), "daily");

    // What it was visited for in May was no season; one that it was visited in and brought nothing is enough.
    for (since, expected) in [("2026-05-01", "season"), ("2026-01-20", "schedule")] {
        let facts = Facts {
            known_since: Some(at(&format!("{since}T03:00:00"))),
            ..Facts::default()
        };
        let visits = days("0 3 1 * *", facts, "2027-01-02T00:00:00", 1);
        assert_eq!(visits[0].1, expected, "{since}");
    }
    let schedule = Schedule::parse("0 3 1 * *").unwrap();
    let visit = next_visit(
        "changning",
        &schedule,
        &Facts::default(),
        at("2027-01-02T00:00:00"),
    )
    .unwrap();
    assert!(visit.reason().contains("its first season"), "{}", visit.reason());
}

#[test]
fn in_season_a_lively_list_is_read_as_often_as_it_changes_within_bounds() {
    let facts = |days| Facts {
        known_since: Some(at("2020-01-01T00:00:00")),
        publishes_in_season: true,
        liveliest: Some(list(days, "2027-02-01T03:00:00")),
        ..Facts::default()
    };
    let of = |interval| {
        let visits = days("0 3 1 * *", facts(interval), "2027-02-01T12:00:00", 5).into_iter();
        visits
            .take_while(|(_, why)| *why == "season")
            .map(|(day, _)| day)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(10), ["2027-02-11"]);
    assert_eq!(of(9), ["2027-02-10", "2027-02-19"]);
    // Not more than four times as often as the schedule says, not less than twice.
    assert_eq!(of(1), ["2027-02-08", "2027-02-15", "2027-02-22"]);
    assert_eq!(of(300), ["2027-02-15"]);
}

#[test]
fn out_of_season_the_liveliest_list_says_whether_a_visit_is_left_out() {
    let schedule = Schedule::parse("0 3 * * 1").unwrap();
    let run = |day: &str, has_news| Run {
        at: at(&format!("{day}T03:10:00")),
        has_news,
        is_paused: false,
    };
    let quiet: Vec<Run> = ["2026-08-31", "2026-08-24", "2026-08-17", "2026-08-10"]
        .map(|day| run(day, false))
        .into();
    let visit = |runs: &[Run], interval: i64| {
        let facts = Facts {
            handled: Some(at("2026-08-31T03:02:00")),
            known_since: Some(at("2020-01-01T00:00:00")),
            runs: runs.to_vec(),
            liveliest: Some(list(interval, "2026-08-31T03:05:00")),
            ..Facts::default()
        };
        next_visit("changning", &schedule, &facts, at("2026-09-01T00:00:00")).unwrap()
    };
    for (interval, code) in [(7, "schedule"), (28, "schedule"), (60, "quiet"), (366, "quiet")] {
        let visit = visit(&quiet, interval);
        assert_eq!(visit.why.code(), code, "{interval}");
        let list = format!("its liveliest list, {URL}, has something new about every {interval} days");
        assert!(visit.reason().ends_with(&list), "{}", visit.reason());
    }
    // The first news bring every visit back, whatever was learned.
    let mut news = quiet.clone();
    news[0].has_news = true;
    assert_eq!(visit(&news, 366).why.code(), "schedule");
    // What was noted while the clock was ahead is neither a visit nor news.
    news[0] = run("2031-01-01", true);
    news.extend([run("2026-08-03", false)]);
    assert_eq!(
        visit(&news, 366).why.code(),
        "schedule",
        "it was not visited since"
    );
    news.insert(1, run("2026-08-31", false));
    assert_eq!(visit(&news, 366).why.code(), "quiet");
}
