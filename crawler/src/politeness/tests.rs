//! Turns, one after the other.

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn public(host: &str, address: &str) -> Target {
    Target::new(host, &[address.parse().unwrap()], false)
}

#[test]
fn the_gap_runs_from_start_to_start() {
    let (mut politeness, t0) = (Politeness::default(), Instant::now());
    let host = public("a:443", "8.8.8.8");
    assert_eq!(politeness.claim(&host, Duration::ZERO, t0), Turn::At(t0));
    politeness.start(&host, 2 * SECOND, t0);
    assert_eq!(
        politeness.claim(&host, Duration::ZERO, t0 + 5 * SECOND),
        Turn::Busy,
        "the answer is still being read"
    );
    politeness.finish(&host);
    assert_eq!(
        politeness.claim(&host, Duration::ZERO, t0 + SECOND),
        Turn::At(t0 + 2 * SECOND)
    );
    politeness.finish(&host);
    assert_eq!(
        politeness.claim(&host, Duration::ZERO, t0 + 5 * SECOND),
        Turn::At(t0 + 5 * SECOND)
    );
}

#[test]
fn hosts_on_one_public_address_share_its_limit_and_private_ones_do_not() {
    let (mut politeness, t0) = (Politeness::default(), Instant::now());
    let (one, two) = (public("a:443", "8.8.8.8"), public("b:80", "8.8.8.8"));
    politeness.claim(&one, Duration::ZERO, t0);
    politeness.start(&one, SECOND, t0);
    assert_eq!(politeness.claim(&two, Duration::ZERO, t0), Turn::Busy);
    politeness.finish(&one);
    assert_eq!(politeness.claim(&two, Duration::ZERO, t0), Turn::At(t0 + SECOND));
    let loopback = |host: &str| Target::new(host, &["127.0.0.1".parse().unwrap()], true);
    politeness.claim(&loopback("127.0.0.1:1"), Duration::ZERO, t0);
    assert_eq!(
        politeness.claim(&loopback("127.0.0.1:2"), Duration::ZERO, t0),
        Turn::At(t0)
    );
    let mapped = Target::new("c:80", &["::ffff:8.8.8.8".parse().unwrap()], false);
    assert!(mapped.keys().contains(&one.keys()[1]));
}

#[test]
fn names_share_every_address_that_both_have() {
    let target = |host: &str, addresses: &[&str]| {
        let addresses: Vec<_> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Target::new(host, &addresses, false)
    };
    let first = target("a.example:443", &["203.0.113.7", "2001:db8::7"]);
    for (second, is_shared) in [
        (target("b.example:443", &["203.0.113.7"]), true),
        (target("b.example:80", &["::ffff:203.0.113.7"]), true),
        (
            target("b.example:8080", &["203.0.113.9", "2001:db8:0:0::7"]),
            true,
        ),
        (target("a.example:443", &["203.0.113.9"]), true),
        (target("b.example:443", &["203.0.113.9", "2001:db8::9"]), false),
        (target("a.example:80", &["203.0.113.9"]), false),
    ] {
        let (mut politeness, t0) = (Politeness::default(), Instant::now());
        politeness.claim(&first, SECOND, t0);
        politeness.start(&first, SECOND, t0);
        let busy = politeness.claim(&second, SECOND, t0);
        assert_eq!(busy == Turn::Busy, is_shared, "{second:?}");
        politeness.finish(&first);
        politeness.finish(&second);
        let at = if is_shared { t0 + SECOND } else { t0 };
        assert_eq!(politeness.claim(&second, SECOND, t0), Turn::At(at), "{second:?}");
    }
}

#[test]
fn the_longer_delay_of_two_requests_lies_between_them() {
    let (mut politeness, t0) = (Politeness::default(), Instant::now());
    let host = public("a:443", "8.8.8.8");
    politeness.claim(&host, SECOND, t0);
    politeness.start(&host, SECOND, t0);
    politeness.finish(&host);
    assert_eq!(politeness.claim(&host, 5 * SECOND, t0), Turn::At(t0 + 5 * SECOND));
    politeness.start(&host, 5 * SECOND, t0 + 5 * SECOND);
    politeness.finish(&host);
    assert_eq!(politeness.claim(&host, SECOND, t0), Turn::At(t0 + 10 * SECOND));
}

#[test]
fn a_host_that_asks_for_fewer_requests_gets_fewer() {
    let (mut politeness, t0) = (Politeness::default(), Instant::now());
    let host = public("a:443", "8.8.8.8");
    assert_eq!(politeness.hold(&host, Some(30 * SECOND), SECOND, t0), 30 * SECOND);
    assert_eq!(
        politeness.claim(&host, Duration::ZERO, t0),
        Turn::At(t0 + 30 * SECOND)
    );
    politeness.finish(&host);
    let pauses: Vec<_> = (0..3).map(|_| politeness.hold(&host, None, SECOND, t0)).collect();
    assert_eq!(pauses, [4 * SECOND, 8 * SECOND, 16 * SECOND]);
    politeness.relax(&host);
    assert_eq!(politeness.hold(&host, None, SECOND, t0), 2 * SECOND);
    assert_eq!(
        politeness.hold(&host, Some(48 * 3600 * SECOND), SECOND, t0),
        MAX_HOLD
    );
}

#[test]
fn a_restart_keeps_the_gap() {
    let (mut politeness, t0) = (Politeness::default(), Instant::now());
    let host = public("a:443", "8.8.8.8");
    assert!(!politeness.knows(&host.keys()[0]));
    politeness.restore(host.keys()[0].clone(), 2 * SECOND, t0);
    assert_eq!(
        politeness.claim(&host, Duration::ZERO, t0),
        Turn::At(t0 + 2 * SECOND)
    );
}

#[test]
fn turns_are_kept_one_behind_the_other_and_take_nothing() {
    let (mut politeness, t0) = (Politeness::default(), Instant::now());
    let (one, two) = (public("a:443", "8.8.8.8"), public("b:80", "8.8.8.8"));
    politeness.claim(&one, SECOND, t0);
    politeness.start(&one, SECOND, t0);
    politeness.finish(&one);
    assert_eq!(politeness.due(&two, 3 * SECOND, t0), t0 + 3 * SECOND);
    let turns: Vec<_> = [&one, &two, &one]
        .map(|target| politeness.keep_turn(target, 3 * SECOND, t0))
        .to_vec();
    assert_eq!(turns, [t0 + 3 * SECOND, t0 + 6 * SECOND, t0 + 9 * SECOND]);
    // Who waits in place does not wait for them.
    assert_eq!(politeness.claim(&two, 2 * SECOND, t0), Turn::At(t0 + 2 * SECOND));
    politeness.finish(&two);
    // Turns that nobody used have passed by.
    let later = t0 + 60 * SECOND;
    assert_eq!(politeness.keep_turn(&one, SECOND, later), later);
}

#[test]
fn what_is_written_ahead_lets_requests_start_and_is_set_right_afterwards() {
    let (mut politeness, t0) = (Politeness::default(), Instant::now());
    let (one, two) = (public("a:443", "8.8.8.8"), public("b:443", "8.8.8.8"));
    assert!(!politeness.is_written(&one, t0));
    politeness.wrote(&one, t0 + 4 * SECOND);
    assert!(politeness.is_written(&one, t0 + 4 * SECOND));
    assert!(!politeness.is_written(&one, t0 + 5 * SECOND));
    assert!(
        !politeness.is_written(&two, t0),
        "its name is not written down yet"
    );
    politeness.claim(&one, SECOND, t0);
    politeness.start(&one, SECOND, t0);
    politeness.finish(&one);
    let mut left = politeness.overwritten(t0 + SECOND / 4);
    left.sort();
    let expected: Vec<_> = one
        .keys()
        .iter()
        .map(|key| (key.clone(), SECOND * 3 / 4))
        .collect();
    assert_eq!(left, expected);
    assert_eq!(politeness.overwritten(t0 + 4 * SECOND), [], "that is over anyhow");
}

#[test]
fn the_greatest_delay_wins_and_private_hosts_have_no_floor() {
    let ms = Duration::from_millis;
    assert_eq!(effective_delay(ms(20), ms(1000), false, None), ms(1000));
    assert_eq!(effective_delay(ms(20), ms(1000), true, None), ms(20));
    assert_eq!(
        effective_delay(ms(2000), ms(1000), false, Some(ms(5000))),
        ms(5000)
    );
    assert_eq!(effective_delay(ms(2000), ms(1000), true, Some(ms(500))), ms(2000));
}

proptest! {
    #[test]
    fn jitter_is_three_percent_at_most(delay_ms in 0_u64..100_000, chance: u64) {
        let delay = Duration::from_millis(delay_ms);
        let jittered = with_jitter(delay, chance);
        prop_assert!(jittered >= delay && jittered <= delay + delay / 50);
    }

    #[test]
    fn no_two_requests_of_a_host_start_within_its_delay(steps in proptest::collection::vec((0_u64..3, 0_u64..900), 1..60)) {
        let t0 = Instant::now();
        let hosts = [public("a:80", "8.8.8.8"), public("b:80", "8.8.8.8"), public("c:80", "8.8.4.4")];
        let mut politeness = Politeness::default();
        let mut starts: HashMap<LimitKey, Vec<Instant>> = HashMap::new();
        let mut now = t0;
        for (which, pass_ms) in steps {
            now += Duration::from_millis(pass_ms);
            let host = &hosts[usize::try_from(which).unwrap()];
            let Turn::At(at) = politeness.claim(host, Duration::ZERO, now) else { unreachable!("every claim was finished") };
            now = now.max(at);
            politeness.start(host, SECOND, now);
            for key in host.keys() {
                starts.entry(key.clone()).or_default().push(now);
            }
            politeness.finish(host);
        }
        for times in starts.values() {
            prop_assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= SECOND));
        }
    }
}
