//! Weeks in which such a portal cannot be visited, or asks for other manners.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::atomic::AtomicBool,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use super::*;

#[tokio::test]
async fn a_portal_that_shuts_us_out_is_blocked_until_it_lets_us_in() {
    let world = World::new().await;
    world.week().await;
    world.publish(&PATHS[1..]);
    world.unset(PATHS[0]);
    world.week().await;
    world.week().await;
    assert_eq!(world.state(PATHS[0]), Some((Status::Removed, 1)));
    world.set("*", Reply::status(403).body(b"Forbidden"));
    let summary = world.week().await;
    assert_eq!(summary.status, PortalStatus::Blocked, "{summary:?}");
    assert_eq!(world.kinds(), [AlarmKind::Blocked]);
    assert_eq!(world.state(PATHS[1]), Some((Status::Blocked, 1)));
    assert_eq!(
        world.state(PATHS[0]),
        Some((Status::Removed, 1)),
        "it is gone all the same"
    );
    assert_eq!(world.told(PATHS[1]), Some(Status::Blocked));

    // That it cannot be reached either does not mean that it lets us in.
    world.set("*", Reply::status(503));
    let summary = world.week().await;
    assert_eq!(summary.status, PortalStatus::Failed, "{summary:?}");
    assert_eq!(world.kinds(), [AlarmKind::Blocked, AlarmKind::Unreachable]);
    assert_eq!(world.state(PATHS[1]), Some((Status::Blocked, 1)));

    world.unset("*");
    world.week().await;
    assert_eq!(world.kinds(), []);
    assert_eq!(world.state(PATHS[1]), Some((Status::Live, 1)));
    assert_eq!(world.told(PATHS[1]), Some(Status::Live));
    assert_eq!(world.state(PATHS[0]), Some((Status::Removed, 1)));
}

#[tokio::test]
async fn a_portal_that_is_silent_is_unreachable_and_keeps_its_reports() {
    let world = World::new().await;
    world.week().await;
    world.set("*", Reply::raw(""));
    world.week().await;
    assert_eq!(world.kinds(), [AlarmKind::Unreachable], "{:?}", world.alarms());
    assert_eq!(world.state(PATHS[0]), Some((Status::Live, 1)));
    world.unset("*");
    world.week().await;
    assert_eq!(world.kinds(), []);
}

#[tokio::test]
async fn other_rules_for_robots_are_told_for_one_visit() {
    let world = World::new().await;
    world.week().await;
    world.set("/robots.txt", Reply::html("User-agent: *\nDisallow: /1001.html"));
    world.week().await;
    assert_eq!(world.kinds(), [AlarmKind::RobotsChanged]);
    world.set(
        "/robots.txt",
        Reply::html("# since Monday\nUser-agent: *\nDisallow: /1001.html"),
    );
    world.week().await;
    assert_eq!(world.kinds(), []);
}

#[tokio::test]
async fn a_robots_file_that_begins_to_forbid_is_told_and_kept_to() {
    let world = World::new().await;
    world.week().await;
    let forbids_pages = "User-agent: *\nDisallow: /100";
    world.set("/robots.txt", Reply::html(forbids_pages));
    let n_asked = world.site.count(PATHS[0]);
    world.week().await;
    assert_eq!(world.kinds(), [AlarmKind::RobotsChanged]);
    assert_eq!(world.site.count(PATHS[0]), n_asked, "it is not asked for");
    assert_eq!(
        world.state(PATHS[0]),
        Some((Status::Live, 1)),
        "what was had is kept"
    );
    let alarms = world.alarms();
    assert_eq!(alarms[0].evidence, [Evidence::Robots]);
    world.week().await;
    assert_eq!(world.kinds(), [], "told once");

    world.set("/robots.txt", Reply::html("User-agent: *\nDisallow: /"));
    let n_asked = world.site.count("/list/");
    let summary = world.week().await;
    assert_eq!(summary.status, PortalStatus::Blocked, "{summary:?}");
    assert_eq!(world.kinds(), [AlarmKind::Blocked, AlarmKind::RobotsChanged]);
    assert_eq!(world.site.count("/list/"), n_asked);
    world.unset("/robots.txt");
    world.week().await;
    assert_eq!(world.kinds(), [AlarmKind::RobotsChanged], "it allows again");
    world.week().await;
    assert_eq!(world.kinds(), []);
}

/// Speaks TLS with a certificate that ran out years ago, until it is told to hand everything over to a site.
fn expired(site: SocketAddr, is_renewed: &Arc<AtomicBool>) -> SocketAddr {
    let mut certificate = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    certificate.not_before = rcgen::date_time_ymd(2019, 1, 1);
    certificate.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let chain = vec![certificate.self_signed(&key).unwrap().der().clone()];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let (config, is_renewed) = (Arc::new(config), Arc::clone(is_renewed));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            if is_renewed.load(Ordering::Acquire) {
                let mut onward = TcpStream::connect(site).unwrap();
                let (mut from, mut to) = (onward.try_clone().unwrap(), stream.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut from, &mut to));
                thread::spawn(move || std::io::copy(&mut stream, &mut onward));
            } else {
                let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                // Whoever looks at the certificate ends it.
                let _ = tls.complete_io(&mut stream);
            }
        }
    });
    address
}

#[tokio::test]
async fn a_certificate_that_ran_out_is_an_alarm_until_the_portal_is_visited_again() {
    let world = World::new().await;
    let is_renewed = Arc::new(AtomicBool::new(true));
    let host = expired(world.site.address, &is_renewed).to_string();
    let visit = async || {
        let portals = vec![portal("p", &format!("https://{host}/list/"), "")];
        let config = CrawlConfig {
            clock: world.clock(),
            retries: 0,
            allow_private: vec![host.clone()],
            ..config(&[])
        };
        let summary = run(world.dir.path(), portals, &config, false).await.remove(0);
        world.pass(WEEK);
        summary
    };
    // The site speaks no TLS, and is visited without.
    let summary = visit().await;
    assert_eq!(
        (summary.status, summary.reports.new),
        (PortalStatus::Ok, 6),
        "{summary:?}"
    );
    is_renewed.store(false, Ordering::Release);
    let summary = visit().await;
    assert_eq!(summary.status, PortalStatus::Failed, "{summary:?}");
    visit().await;
    let alarms = world.alarms();
    assert_eq!(world.kinds(), [AlarmKind::Certificate]);
    let fault = "tls_expired".to_owned();
    assert_eq!(alarms[0].evidence, [Evidence::Certificate { fault }]);
    let since = world.clock().now().duration_since(alarms[0].since);
    assert!(
        since > SignedDuration::from_secs(WEEK),
        "since the first visit: {since}"
    );
    is_renewed.store(true, Ordering::Release);
    assert_eq!(visit().await.reports.unchanged, 6);
    assert_eq!(world.kinds(), []);
}
