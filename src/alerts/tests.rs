//! Alerts over small indexes, and webhooks on loopback, at moments of the tests' own.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use crawler::{Courier, Receipt};
use index::{Reader, Writer, WriterOptions};
use jiff::{SignedDuration, Timestamp};
use report::{Content, Report, Status};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::{
    lookout::{Lookout, Round},
    postman::Postman,
};
use crate::operations::{
    Alert, AlertLetter, Carried, Entry, LeftOut, Looked, MAX_ENTRIES, MAX_WAITING, NewAlert, Operations,
    Scope,
};

fn at(seconds: i64) -> Timestamp {
    let begin: Timestamp = "2026-06-01T03:00:00+08:00".parse().unwrap();
    begin + SignedDuration::from_secs(seconds)
}

/// A data directory with an index of its own and a key.
struct World {
    _folder: TempDir,
    writer: Writer,
    n_commits: u64,
    operations: Operations,
    lookout: Lookout,
    key: String,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("index");
        let small = WriterOptions {
            heap_bytes: 32 << 20,
            threads: 1,
        };
        let writer = Writer::open(&dir, small).unwrap();
        let operations = Operations::open(folder.path()).unwrap();
        let key = operations.create_key(Scope::Read, None, None, at(0)).unwrap();
        Self {
            lookout: Lookout::new(Reader::open(&dir).unwrap(), operations.clone()),
            _folder: folder,
            writer,
            n_commits: 0,
            operations,
            key: key.id,
        }
    }

    fn alert(&self, query: &Value, webhook: Option<&str>, now: Timestamp) -> Alert {
        let new = NewAlert {
            key_id: &self.key,
            name: "法治",
            query: &query.to_string(),
            webhook,
        };
        self.operations.create_alert(&new, now).unwrap().unwrap()
    }

    /// Makes these versions of reports findable: id, version, text, when they were recorded.
    fn commit(&mut self, reports: &[(&str, u32, &str, Timestamp)]) {
        for (id, version, text, recorded) in reports {
            self.writer
                .upsert(&report(id, *version, text, *recorded))
                .unwrap();
        }
        self.n_commits += 1;
        self.writer.commit(self.n_commits).unwrap();
    }

    fn look(&mut self, now: Timestamp) -> Option<Round> {
        self.lookout.look(now, false, &|| false).unwrap()
    }

    /// Report and version of the entries of an alert, the newest first.
    fn found(&self, alert: &Alert) -> Vec<(String, u32)> {
        let (_, entries) = self
            .operations
            .feed(&alert.token, 10_000, at(0))
            .unwrap()
            .unwrap();
        entries
            .into_iter()
            .map(|entry| (entry.report, entry.version))
            .collect()
    }
}

fn report(id: &str, version: u32, text: &str, recorded: Timestamp) -> Report {
    let content = Content {
        title: Some(format!("{id}的报告")),
        text: text.to_owned(),
        ..Content::default()
    };
    Report {
        id: id.parse().unwrap(),
        url: format!("https://www.example.gov.cn/{id}.html"),
        urls: Vec::new(),
        portal: "changning".to_owned(),
        retrieved_at: recorded.into(),
        changed_at: recorded.into(),
        version,
        content_hash: content.hash(),
        status: Status::Live,
        content,
    }
}

fn pairs(expected: &[(&str, u32)]) -> Vec<(String, u32)> {
    expected
        .iter()
        .map(|(id, version)| ((*id).to_owned(), *version))
        .collect()
}

#[test]
fn every_version_that_is_recorded_after_an_alert_was_made_is_found_once() {
    let mut world = World::new();
    world.commit(&[("old", 1, "法治政府", at(-5))]);
    let alert = world.alert(&json!({"q": "法治"}), None, at(0));
    let other = world.alert(&json!({"q": "环保"}), None, at(0));
    assert!(world.look(at(1)).is_some());
    assert_eq!(world.look(at(2)), None, "nothing was committed since");

    world.commit(&[("a", 1, "法治政府建设", at(3)), ("b", 1, "别的", at(3))]);
    assert_eq!(
        world.look(at(4)),
        Some(Round {
            n_added: 1,
            n_failed: 0
        })
    );
    world.commit(&[("a", 2, "法治政府建设二", at(5)), ("c", 1, "环保与法治", at(5))]);
    assert_eq!(
        world.look(at(6)),
        Some(Round {
            n_added: 3,
            n_failed: 0
        })
    );
    // Its newest version comes again, with another status: that is no news.
    let mut blocked = report("a", 2, "法治政府建设二", at(5));
    blocked.status = Status::Blocked;
    world.writer.upsert(&blocked).unwrap();
    world.commit(&[]);
    assert_eq!(world.look(at(7)), Some(Round::default()));
    // It is gone, which is no match.
    let mut removed = report("c", 1, "环保与法治", at(8));
    removed.status = Status::Removed;
    removed.version = 2;
    world.writer.upsert(&removed).unwrap();
    world.commit(&[]);
    assert_eq!(world.look(at(9)), Some(Round::default()));

    assert_eq!(world.found(&alert), pairs(&[("c", 1), ("a", 2), ("a", 1)]));
    assert_eq!(world.found(&other), pairs(&[("c", 1)]));
}

#[test]
fn what_comes_late_or_while_nobody_looks_is_found_all_the_same() {
    let mut world = World::new();
    let alert = world.alert(&json!({"q": "法治"}), None, at(0));
    world.commit(&[("a", 1, "法治", at(10))]);
    world.look(at(11));
    // Recorded at once, indexed an hour later, after another service has taken over.
    let dir = world._folder.path().join("index");
    world.lookout = Lookout::new(Reader::open(&dir).unwrap(), world.operations.clone());
    world.commit(&[("b", 1, "法治", at(12)), ("c", 1, "法治", at(3_600))]);
    world.look(at(3_600));
    assert_eq!(world.found(&alert), pairs(&[("c", 1), ("b", 1), ("a", 1)]));
    // The clock is set back by half an hour.
    world.commit(&[("d", 1, "法治", at(1_800))]);
    world.look(at(1_803));
    assert!(world.found(&alert).contains(&("d".to_owned(), 1)));
}

#[test]
fn a_flood_leaves_the_newest_entries_and_brings_none_back() {
    let mut world = World::new();
    let alert = world.alert(&json!({}), None, at(0));
    let ids: Vec<String> = (0..MAX_ENTRIES + 250).map(|n| format!("r{n:05}")).collect();
    let flood: Vec<_> = ids.iter().map(|id| (id.as_str(), 1, "法治", at(5))).collect();
    world.commit(&flood[..600]);
    world.look(at(6));
    world.commit(&flood[600..]);
    world.look(at(7));
    world.commit(&[("last", 1, "法治", at(8))]);
    assert_eq!(
        world.look(at(9)),
        Some(Round {
            n_added: 1,
            n_failed: 0
        })
    );
    let found = world.found(&alert);
    assert_eq!((found.len(), found[0].0.as_str()), (MAX_ENTRIES, "last"));
    assert!(!found.contains(&("r00000".to_owned(), 1)));
}

#[test]
fn what_a_webhook_has_not_taken_is_kept_and_what_is_too_much_is_counted() {
    let world = World::new();
    let alert = world.alert(&json!({}), Some("https://hooks.example/"), at(0));
    let feed_only = world.alert(&json!({}), None, at(0));
    let entries: Vec<Entry> = (0..MAX_WAITING + 30)
        .map(|n| entry(&format!("r{n:06}"), 1))
        .collect();
    let webhook = || {
        let found = world.operations.alert(&alert.token).unwrap().unwrap();
        (found.entries, found.webhook.unwrap())
    };
    note(&world.operations, &alert, &entries[..MAX_ENTRIES + 500]);
    note(&world.operations, &feed_only, &entries[..MAX_ENTRIES + 500]);
    let (n_kept, of_alert) = webhook();
    assert_eq!((n_kept, of_alert.waiting, of_alert.lost), (1_500, 1_500, 0));
    assert_eq!(world.found(&feed_only).len(), MAX_ENTRIES);
    // What was taken need not be kept.
    for _ in 0..3 {
        let due = world.operations.due_letters(1, at(2)).unwrap();
        let letter = world.operations.take_letter(due[0], |_| String::new(), at(2));
        let letter = letter.unwrap().unwrap();
        let settled = world.operations.settle_letter(&letter, &Carried::Taken, at(2));
        settled.unwrap();
    }
    let (n_kept, of_alert) = webhook();
    assert_eq!((n_kept, of_alert.waiting), (1_200, 1_200));
    note(&world.operations, &alert, &entries[MAX_ENTRIES + 500..]);
    let (n_kept, of_alert) = webhook();
    assert_eq!((n_kept, of_alert.waiting, of_alert.lost), (9_730, 9_730, 0));
    // More than is read of a flood, and more than may wait.
    let more: Vec<Entry> = (0..300).map(|n| entry(&format!("s{n:06}"), 1)).collect();
    let looked = Looked {
        alert: alert.id,
        found: Ok(&more),
        left_out: LeftOut { count: 7, last: None },
        up_to: at(0),
    };
    let noted = world.operations.note_looked(&[looked], at(3)).unwrap();
    assert_eq!((noted.n_added, noted.n_lost), (300, 37));
    let (n_kept, of_alert) = webhook();
    assert_eq!((n_kept, of_alert.waiting, of_alert.lost), (10_000, 10_000, 37));
}

#[test]
fn what_a_webhook_misses_that_was_given_up_is_counted() {
    let world = World::new();
    let alert = world.alert(&json!({}), Some("https://hooks.example/"), at(0));
    let entries: Vec<Entry> = (0..1_500).map(|n| entry(&format!("r{n:06}"), 1)).collect();
    note(&world.operations, &alert, &entries);
    give_up(&world.operations, at(1));
    note(&world.operations, &alert, &[]);
    let restarted = world.operations.restart_webhook(&alert.token, at(2)).unwrap();
    let restarted = restarted.unwrap();
    let webhook = restarted.webhook.unwrap();
    assert_eq!(
        (restarted.entries, webhook.waiting, webhook.lost),
        (1_000, 1_000, 500)
    );
    // What had been taken before it was given up is not missed.
    for _ in 0..3 {
        let letter = take(&world.operations, at(3)).unwrap();
        world
            .operations
            .settle_letter(&letter, &Carried::Taken, at(3))
            .unwrap();
    }
    give_up(&world.operations, at(4));
    let more: Vec<Entry> = (0..400).map(|n| entry(&format!("s{n:06}"), 1)).collect();
    note(&world.operations, &alert, &more);
    let webhook = world.operations.alert(&alert.token).unwrap().unwrap().webhook;
    let webhook = webhook.unwrap();
    assert_eq!((webhook.waiting, webhook.lost), (1_000, 600));
}

#[test]
fn what_is_too_much_to_be_read_is_counted_once() {
    let mut world = World::new();
    let alert = world.alert(&json!({}), Some("https://hooks.example/"), at(0));
    world.commit(&[("begin", 1, "法治", at(1))]);
    world.look(at(2));
    give_up(&world.operations, at(3));
    let webhook = |world: &World| {
        let found = world.operations.alert(&alert.token).unwrap().unwrap();
        let webhook = found.webhook.unwrap();
        (webhook.waiting, webhook.lost)
    };
    let ids: Vec<String> = (0..MAX_ENTRIES + 250).map(|n| format!("r{n:05}")).collect();
    let flood: Vec<_> = ids.iter().map(|id| (id.as_str(), 1, "法治", at(5))).collect();
    world.commit(&flood);
    world.look(at(6));
    // The one that was there before has had to go as well.
    assert_eq!(webhook(&world), (1_000, 251));
    for n in 0..3 {
        let id = format!("s{n}");
        world.commit(&[(&id, 1, "法治", at(8 + n))]);
        let round = world.look(at(9 + n)).unwrap();
        assert_eq!(round.n_added, 1);
    }
    assert_eq!(webhook(&world), (1_000, 254), "within the margin for clocks");
}

#[test]
fn moments_of_a_clock_that_was_ahead_keep_no_letter_and_no_news_back() {
    let mut world = World::new();
    let year = 365 * 86_400;
    let alert = world.alert(&json!({}), Some("https://hooks.example/"), at(year));
    note(&world.operations, &alert, &[entry("a", 1)]);
    let letter = take(&world.operations, at(year)).unwrap();
    assert!(
        take(&world.operations, at(0)).is_some(),
        "the claim is of a year to come"
    );
    let again = Carried::Again {
        at: at(year + 3_600),
        reason: "it answered 500".to_owned(),
    };
    world.operations.settle_letter(&letter, &again, at(year)).unwrap();
    assert!(take(&world.operations, at(year + 1_800)).is_none());
    assert!(
        take(&world.operations, at(10)).is_some(),
        "the next try is in a year"
    );

    // It was made in that year, too, and finds what comes now.
    world.commit(&[("b", 1, "法治", at(20))]);
    world.look(at(21));
    assert!(world.found(&alert).contains(&("b".to_owned(), 1)));
}

#[test]
fn an_alert_whose_key_opens_nothing_is_left_alone() {
    let mut world = World::new();
    let alert = world.alert(&json!({"q": "法治"}), Some("https://hooks.example/"), at(0));
    world.operations.revoke_key(&world.key, at(1)).unwrap();
    world.commit(&[("a", 1, "法治", at(2))]);
    assert_eq!(world.look(at(3)), Some(Round::default()));
    assert!(world.operations.feed(&alert.token, 100, at(3)).unwrap().is_none());
    let entries = [entry("a", 1)];
    note(&world.operations, &alert, &entries);
    assert!(world.operations.due_letters(1, at(4)).unwrap().is_empty());
}

#[test]
fn a_search_that_fails_is_told_of_and_made_again() {
    let mut world = World::new();
    let alert = world.alert(&json!({"q": "NEAR("}), None, at(0));
    world.commit(&[("a", 1, "法治", at(2))]);
    assert_eq!(
        world.look(at(3)),
        Some(Round {
            n_added: 0,
            n_failed: 1
        })
    );
    let seen = world.operations.alert(&alert.token).unwrap().unwrap();
    assert!(seen.problem.is_some(), "{seen:?}");
    assert_eq!(world.operations.watched_alerts(at(4)).unwrap()[0].since, at(0));
}

fn entry(report: &str, version: u32) -> Entry {
    Entry {
        id: 0,
        report: report.to_owned(),
        version,
        title: Some("题".to_owned()),
        source: "https://www.example.gov.cn/1.html".to_owned(),
        author: "changning".to_owned(),
        summary: String::new(),
        at: at(i64::from(version)),
    }
}

fn note(operations: &Operations, alert: &Alert, entries: &[Entry]) {
    let looked = Looked {
        alert: alert.id,
        found: Ok(entries),
        left_out: LeftOut::default(),
        up_to: at(0),
    };
    operations.note_looked(&[looked], at(0)).unwrap();
}

/// Takes up the letter that is due.
fn take(operations: &Operations, now: Timestamp) -> Option<AlertLetter> {
    let due = operations.due_letters(1, now).unwrap().pop()?;
    operations.take_letter(due, |_| "{}".to_owned(), now).unwrap()
}

/// Has the one webhook given up that has something to be sent.
fn give_up(operations: &Operations, now: Timestamp) {
    let letter = take(operations, now).unwrap();
    let reason = "it is gone".to_owned();
    let given_up = Carried::GivenUp { reason };
    operations.settle_letter(&letter, &given_up, now).unwrap();
}

/// One request as a webhook saw it.
#[derive(Clone, Debug)]
struct Seen {
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A webhook that answers with these statuses, and then with 204; and what it has seen.
async fn webhook(statuses: &[u16]) -> (String, Arc<Mutex<Vec<Seen>>>) {
    let seen = Arc::new(Mutex::new(Vec::<Seen>::new()));
    let statuses = statuses.to_vec();
    let take = move |State(seen): State<Arc<Mutex<Vec<Seen>>>>, headers: HeaderMap, body: Bytes| async move {
        let mut seen = seen.lock().unwrap();
        seen.push(Seen { headers, body });
        StatusCode::from_u16(statuses.get(seen.len() - 1).copied().unwrap_or(204)).unwrap()
    };
    let router = axum::Router::new()
        .route("/hook", post(take))
        .with_state(Arc::clone(&seen));
    let listener = crate::server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(crate::server::serve(
        listener,
        router,
        Default::default(),
        Default::default(),
    ));
    (host, seen)
}

fn postman(operations: &Operations, host: &str) -> Postman {
    Postman {
        operations: operations.clone(),
        courier: Arc::new(Courier::new("gongbao/1.0", &[host.to_owned()]).unwrap()),
        base: "https://search.example".to_owned(),
        news: Arc::new(Notify::new()),
        queue: Arc::default(),
    }
}

/// HMAC-SHA256 by its definition (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|n| key.get(n).copied().unwrap_or(0) ^ byte).collect() };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

#[tokio::test]
async fn a_letter_is_carried_until_it_is_taken_and_then_no_more() {
    let world = World::new();
    let (host, seen) = webhook(&[503, 500]).await;
    let alert = world.alert(&json!({}), Some(&format!("http://{host}/hook")), at(0));
    note(&world.operations, &alert, &[entry("a", 1), entry("b", 1)]);
    let postman = postman(&world.operations, &host);
    let mut taken = Vec::new();
    for (now, is_due) in [
        (1, true),
        (3, false),
        (8, true),
        (12, false),
        (60, true),
        (9_000, false),
    ] {
        let letter = postman.take(at(now)).await.unwrap();
        assert_eq!(letter.is_some(), is_due, "{now}");
        let Some(letter) = letter else { continue };
        // While one carries it, nobody else does.
        assert!(postman.take(at(now)).await.unwrap().is_none());
        // What is found meanwhile waits.
        note(&world.operations, &alert, &[entry("c", 1)]);
        if now < 60 {
            postman.carry(letter, at(now), || at(now)).await;
            let webhook = world
                .operations
                .alert(&alert.token)
                .unwrap()
                .unwrap()
                .webhook
                .unwrap();
            assert_eq!((webhook.failing_since, webhook.waiting), (Some(at(1)), 3));
            assert!(webhook.reason.unwrap().starts_with("it answered 50"));
        } else {
            taken.push(letter.id.clone());
            postman.carry(letter, at(now), || at(now)).await;
            let next = postman.take(at(now)).await.unwrap().unwrap();
            assert!(next.body.contains("\"c\"") && next.id != taken[0]);
            postman.carry(next, at(now), || at(now)).await;
        }
    }
    let webhook = world
        .operations
        .alert(&alert.token)
        .unwrap()
        .unwrap()
        .webhook
        .unwrap();
    assert_eq!(
        (webhook.failing_since, webhook.reason, webhook.waiting),
        (None, None, 0)
    );

    let seen = seen.lock().unwrap().clone();
    assert_eq!(
        seen.len(),
        4,
        "two tries, one that was taken, and what came later"
    );
    let secret = alert.webhook.unwrap().secret;
    for seen in &seen {
        let signed = [
            seen.header("webhook-id").as_bytes(),
            b".",
            seen.header("webhook-timestamp").as_bytes(),
            b".",
            &seen.body,
        ]
        .concat();
        let signature = data_encoding::BASE64.encode(&hmac(&secret, &signed));
        assert_eq!(seen.header("webhook-signature"), format!("v1,{signature}"));
    }
    for again in &seen[1..3] {
        assert_eq!(again.header("webhook-id"), seen[0].header("webhook-id"));
        assert_eq!(again.body, seen[0].body);
        assert_ne!(
            again.header("webhook-timestamp"),
            seen[0].header("webhook-timestamp")
        );
    }
    let body: Value = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(body["alert"], alert.token);
    assert_eq!(
        body["entries"][0],
        json!({
            "id": "a", "version": 1, "title": "题", "url": "https://search.example/reports/a",
            "source": "https://www.example.gov.cn/1.html", "kind": "new", "at": "2026-06-01T03:00:01.000+08:00",
        })
    );
}

#[tokio::test]
async fn a_letter_outlives_the_process_that_carried_it() {
    let world = World::new();
    let alert = world.alert(&json!({}), Some("https://hooks.example/"), at(0));
    note(&world.operations, &alert, &[entry("a", 1)]);
    let lost = take(&world.operations, at(1)).unwrap();
    let beside = Operations::open(Path::new(world.operations.data_dir())).unwrap();
    assert!(take(&beside, at(30)).is_none(), "somebody carries it");
    let again = take(&beside, at(90)).unwrap();
    assert_eq!((&again.id, &again.body), (&lost.id, &lost.body));
    // Removed while it is on its way, an alert leaves nothing.
    assert!(beside.delete_alert(&alert.token).unwrap());
    let done = super::retry::after(
        &again,
        &Ok(Receipt {
            status: 200,
            retry_after: None,
        }),
        at(91),
    );
    beside.settle_letter(&again, &done, at(91)).unwrap();
    assert!(take(&beside, at(9_000)).is_none() && beside.alerts(None).unwrap().is_empty());
}

#[tokio::test]
async fn the_pause_begins_when_the_receiver_has_failed() {
    let world = World::new();
    let (host, _seen) = webhook(&[503]).await;
    world.alert(&json!({}), Some(&format!("http://{host}/hook")), at(0));
    note(
        &world.operations,
        &world.operations.alerts(None).unwrap()[0],
        &[entry("a", 1)],
    );
    let postman = postman(&world.operations, &host);
    let letter = postman.take(at(1)).await.unwrap().unwrap();
    // It took ten seconds to fail, longer than the first pause.
    postman.carry(letter, at(1), || at(11)).await;
    assert!(postman.take(at(14)).await.unwrap().is_none());
    assert!(postman.take(at(18)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_webhook_that_is_gone_is_disabled_and_says_why() {
    let world = World::new();
    let (host, seen) = webhook(&[410]).await;
    let alert = world.alert(&json!({}), Some(&format!("http://{host}/hook")), at(0));
    note(&world.operations, &alert, &[entry("a", 1)]);
    let postman = postman(&world.operations, &host);
    let letter = postman.take(at(1)).await.unwrap().unwrap();
    postman.carry(letter, at(1), || at(1)).await;
    note(&world.operations, &alert, &[entry("b", 1)]);
    assert!(postman.take(at(900_000)).await.unwrap().is_none());
    let webhook = world
        .operations
        .alert(&alert.token)
        .unwrap()
        .unwrap()
        .webhook
        .unwrap();
    assert!(webhook.disabled_at.is_some() && webhook.reason.unwrap().contains("410"));
    assert_eq!(seen.lock().unwrap().len(), 1);
    assert_eq!(world.found(&alert).len(), 2, "the feed goes on");

    // It is there again, says its owner, and gets what it missed.
    let restarted = world.operations.restart_webhook(&alert.token, at(900_001));
    let webhook = restarted.unwrap().unwrap().webhook.unwrap();
    assert_eq!(
        (webhook.disabled_at, webhook.reason, webhook.waiting),
        (None, None, 2)
    );
    let letter = postman.take(at(900_002)).await.unwrap().unwrap();
    postman.carry(letter, at(900_002), || at(900_002)).await;
    let seen = seen.lock().unwrap();
    let body = String::from_utf8_lossy(&seen[1].body);
    assert!(body.contains("\"a\"") && body.contains("\"b\""), "{body}");
}
