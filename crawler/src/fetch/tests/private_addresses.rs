//! No spelling, no name server and no redirect leads to an address that is not public.
//!
//! Canaries listen on loopback, which nothing opens: none of them may ever see a connection.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::fetch::test_site::Canary;

/// An address of each block that is not public, and of its edges.
const PRIVATE: &[&str] = &[
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:7f00:1::",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2620:4f:8000::1",
    "3fff::1",
    "3fff:fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456:789a::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
];

/// Near the edges of those blocks, but public.
const PUBLIC: &[&str] = &[
    "1.0.0.1",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2408:8000::1",
    "240e::1",
    "2a00::1",
    "3ffe:ffff::1",
];

/// Ways to write the loopback address in the place of a host. `{port}` is the canary's.
const SPELLINGS: &[&str] = &[
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "http://127.0.0.2:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7F.0x0.0x0.0x1:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0177.0.0.01:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://0x7f.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://１２７.０.０.１:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127。0。0。1:{port}/",
    "http://127．0．0．1:{port}/",
    "http://127｡0｡0｡1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://127.0.0.%31:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[0000::0001]:{port}/",
    "http://[::]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::FFFF:127.0.0.2]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://\t127.0.0.1:{port}/",
    "http:\\\\127.0.0.1:{port}\\",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@www.example.gov.cn/",
    "http://127.0.0.1:{port}/?@www.example.gov.cn/",
    "http://127.0.0.1:{port}\\@www.example.gov.cn/",
    "HTTP://127.0.0.1:{port}/",
];

/// Neither http nor a plain web port.
const OTHER: &[(&str, &str)] = &[
    ("http://www.example.gov.cn:22/", "port"),
    ("http://www.example.gov.cn:0/", "port"),
    ("http://www.example.gov.cn:25/", "port"),
    ("http://www.example.gov.cn:53/", "port"),
    ("http://www.example.gov.cn:110/", "port"),
    ("http://www.example.gov.cn:2049/", "port"),
    ("http://www.example.gov.cn:6379/", "port"),
    ("http://www.example.gov.cn:6667/", "port"),
    ("ftp://www.example.gov.cn/", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("file://127.0.0.1/etc/passwd", "scheme"),
    ("gopher://127.0.0.1:6379/_INFO", "scheme"),
    ("dict://127.0.0.1:6379/INFO", "scheme"),
    ("ldap://127.0.0.1/", "scheme"),
    ("javascript:alert(1)", "scheme"),
    ("data:text/html,x", "scheme"),
    ("ws://127.0.0.1/", "scheme"),
    ("http://www.example.gov.cn@127.0.0.1:{port}/", "user_info"),
    ("http://127.0.0.1:{port}@www.example.gov.cn/", "user_info"),
    ("http://:x@127.0.0.1:{port}/", "user_info"),
    ("http://a:b@127.0.0.1:{port}/", "user_info"),
];

fn told(answer: impl Fn(&str) -> Vec<&'static str> + Send + Sync + 'static) -> Names {
    Names::Told(Arc::new(move |name| {
        let addresses = answer(name);
        addresses.into_iter().map(|text| text.parse().unwrap()).collect()
    }))
}

fn fetcher_told(
    opened: &[String],
    answer: impl Fn(&str) -> Vec<&'static str> + Send + Sync + 'static,
) -> Fetcher {
    let limits = Limits {
        connect: Duration::from_millis(200),
        addresses: Duration::ZERO,
        ..Limits::default()
    };
    Fetcher::new(FetchConfig {
        limits,
        names: told(answer),
        ..config(opened)
    })
    .unwrap()
}

/// Opens and gets, as a crawl does.
async fn try_get(fetcher: &Fetcher, url: &str) -> Result<Answer, FetchError> {
    let url = Url::parse(url).unwrap();
    let lane = fetcher.open(&url).await?;
    fetcher.get(&lane, &request(url)).await
}

fn with_port(url: &str, canary: &Canary) -> String {
    url.replace("{port}", &canary.port().to_string())
}

#[tokio::test]
async fn an_address_in_the_url_is_judged_however_it_is_written() {
    let canary = Canary::start().await;
    let fetcher = fetcher_told(&[], |name| panic!("{name} is an address"));
    let mut cases = 0;
    for spelling in SPELLINGS {
        let url = with_port(spelling, &canary);
        assert_eq!(
            try_get(&fetcher, &url).await.unwrap_err().code(),
            "private_address",
            "{url}"
        );
        cases += 1;
    }
    for address in PRIVATE {
        let host = if address.contains(':') {
            format!("[{address}]")
        } else {
            (*address).to_owned()
        };
        for url in [
            format!("http://{host}:{}/", canary.port()),
            format!("https://{host}/"),
        ] {
            assert_eq!(
                try_get(&fetcher, &url).await.unwrap_err().code(),
                "private_address",
                "{url}"
            );
            cases += 1;
        }
    }
    for (url, code) in OTHER {
        let url = with_port(url, &canary);
        assert_eq!(try_get(&fetcher, &url).await.unwrap_err().code(), *code, "{url}");
        cases += 1;
    }
    assert!(cases > 150, "{cases}");
    assert_eq!(canary.accepted(), 0);
}

#[tokio::test]
async fn a_name_is_judged_by_every_address_it_has() {
    let canary = Canary::start().await;
    for address in PRIVATE {
        let address: &'static str = address;
        for answer in [
            vec![address],
            vec!["1.0.0.1", address],
            vec![address, "1.0.0.1"],
            vec!["2400:3200::1", "1.0.0.1", address],
            // Behind more addresses than are used.
            [
                vec!["1.0.0.1"; 3],
                vec!["1.0.0.2", "1.0.0.3", "1.0.0.4", "1.0.0.5", "1.0.0.6"],
                vec!["1.0.0.7", "1.0.0.8", "1.0.0.9", address],
            ]
            .concat(),
        ] {
            let shown = format!("{answer:?}");
            let fetcher = fetcher_told(&[], move |_| answer.clone());
            for host in ["www.example.gov.cn", "www.example.gov.cn.", "政府.example"] {
                let url = format!("http://{host}:{}/", canary.port());
                let refused = try_get(&fetcher, &url).await.unwrap_err();
                assert_eq!(refused.code(), "private_address", "{host} {shown}");
            }
        }
    }
    let fetcher = fetcher_told(&[], |_| PUBLIC.to_vec());
    let url = Url::parse("http://www.example.gov.cn/").unwrap();
    assert!(fetcher.open(&url).await.is_ok(), "all of these are public");
    assert_eq!(canary.accepted(), 0);
}

#[tokio::test]
async fn a_name_that_is_answered_differently_leads_nowhere_else() {
    // An opened name: only what was looked up first is connected to, and it is looked up once.
    let site = TestSite::start(|_| Reply::html("in")).await;
    let canary = Canary::on(&[&format!("127.0.0.2:{}", site.address.port())]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let host = format!("portal.example:{}", site.address.port());
    let limits = Limits::default();
    let names = told(move |_| match counted.fetch_add(1, Ordering::AcqRel) {
        0 => vec!["127.0.0.1"],
        _ => vec!["127.0.0.2"],
    });
    let opened = [host.clone()];
    let fetcher = Fetcher::new(FetchConfig {
        limits,
        names,
        ..config(&opened)
    })
    .unwrap();
    for _ in 0..3 {
        let answer = try_get(&fetcher, &format!("http://{host}/")).await.unwrap();
        assert_eq!(answer.body, b"in");
    }
    assert_eq!((asked.load(Ordering::Acquire), canary.accepted()), (1, 0));

    // Any other name: the second answer is judged as the first was, and what was pinned stays.
    for second in PRIVATE {
        let asked = AtomicUsize::new(0);
        let fetcher = fetcher_told(&[], move |_| match asked.fetch_add(1, Ordering::AcqRel) {
            0 => vec!["1.0.0.1"],
            _ => vec![second],
        });
        let url = Url::parse(&format!("http://www.example.gov.cn:{}/", canary.port())).unwrap();
        let lane = fetcher.open(&url).await.unwrap();
        let refused = fetcher.open(&url).await.err().unwrap();
        assert_eq!(refused.code(), "private_address", "{second}");
        assert_eq!(lane.addresses.get(), ["1.0.0.1".parse::<IpAddr>().unwrap()]);
    }
    assert_eq!(canary.accepted(), 0);
}

#[tokio::test]
async fn a_lane_leads_to_its_own_host_only() {
    let site = TestSite::start(|_| Reply::html("in")).await;
    let other = TestSite::start(|_| Reply::html("other")).await;
    let canary = Canary::start().await;
    let opened = [site.host(), other.host()];
    let fetcher = fetcher_told(&opened, |_| vec!["127.0.0.1"]);
    let lane = fetcher.open(&site.url("/")).await.unwrap();
    for (url, code) in [
        (other.url("/").to_string(), "other_host"),
        (with_port("http://127.0.0.1:{port}/", &canary), "private_address"),
        (with_port("http://[::1]:{port}/", &canary), "private_address"),
        (
            with_port("http://www.example.gov.cn:{port}/", &canary),
            "other_host",
        ),
    ] {
        let asked = request(Url::parse(&url).unwrap());
        assert_eq!(
            fetcher.get(&lane, &asked).await.unwrap_err().code(),
            code,
            "{url}"
        );
    }
    assert_eq!((other.hits().len(), canary.accepted()), (0, 0));
}

#[tokio::test]
async fn what_is_opened_is_one_port_of_one_host() {
    let site = TestSite::start(|_| Reply::html("in")).await;
    let port = site.address.port();
    let canary = Canary::start().await;
    let second = Canary::on(&[&format!("127.0.0.2:{port}")]).await;
    let fetcher = fetcher_told(&[site.host()], |_| vec!["127.0.0.1"]);
    for url in [
        format!("http://127.0.0.1:{}/", canary.port()),
        format!("http://127.0.0.2:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://portal.example:{port}/"),
        format!("http://0.0.0.0:{port}/"),
    ] {
        let refused = try_get(&fetcher, &url).await.unwrap_err();
        assert_eq!(refused.code(), "private_address", "{url}");
    }
    assert_eq!((canary.accepted(), second.accepted()), (0, 0));
    assert!(try_get(&fetcher, &format!("http://127.1:{port}/")).await.is_ok());
    assert_eq!(site.hits().len(), 1);
}
