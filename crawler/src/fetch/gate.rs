//! Which addresses may be reached at all.
//!
//! Pure: every request passes here before anything is sent, whether it was linked, redirected to, or named by a site
//! map or `robots.txt`. An address is judged after it was parsed and resolved, so odd spellings of a number
//! (`0x7f.1`, `2130706433`, full-width digits) are judged as the address they stand for.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use url::{Host, Url};

use super::FetchError;

/// Longest URL that is fetched, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// Ports of other protocols that browsers refuse to speak HTTP to (Fetch Standard, "bad port"), without those below
/// 80, which are refused altogether.
const BAD_PORTS: &[u16] = &[
    87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389,
    427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993,
    995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668,
    6669, 6679, 6697, 10080,
];

/// The private hosts that the configuration opens, each `host:port`.
#[derive(Clone, Debug, Default)]
pub(crate) struct PrivateHosts(HashSet<String>);

impl PrivateHosts {
    pub(crate) fn new(hosts: &[String]) -> Self {
        Self(
            hosts
                .iter()
                .map(|host| host.trim().to_ascii_lowercase())
                .collect(),
        )
    }

    /// Whether the host of `url`, with its port, was opened.
    pub(crate) fn contains(&self, url: &Url) -> bool {
        self.has(&host_port(url))
    }

    /// Whether `host:port` was opened.
    pub(crate) fn has(&self, host: &str) -> bool {
        self.0.iter().any(|opened| opened == host)
    }
}

/// The host of a URL and its port, also when it is the usual one: `www.example.gov.cn:443`, `[::1]:80`.
pub(crate) fn host_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

/// Judges what the URL itself says: scheme, length, user information, port, and an address in place of a name.
pub(crate) fn check_url(url: &Url, private: &PrivateHosts) -> Result<(), FetchError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::Scheme);
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(FetchError::UrlTooLong);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::UserInfo);
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(FetchError::Scheme);
    }
    if private.contains(url) {
        return Ok(());
    }
    let port = url.port_or_known_default().unwrap_or(0);
    if port < 80 || BAD_PORTS.contains(&port) {
        return Err(FetchError::Port(port));
    }
    match literal_address(url) {
        Some(address) => check_address(address),
        None => Ok(()),
    }
}

/// The address that stands in place of a host name.
pub(crate) fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// Judges an address that a request would go to.
pub(crate) fn check_address(address: IpAddr) -> Result<(), FetchError> {
    let is_public = match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    };
    if is_public {
        Ok(())
    } else {
        Err(FetchError::PrivateAddress(address))
    }
}

/// Blocks that lead into somebody's own network, or nowhere: all of the IANA IPv4 special-purpose address registry
/// (RFC 6890), multicast, and what is reserved. No portal lives in those few of them that are reachable.
const SPECIAL_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared by carriers, also the metadata of some clouds
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, also the metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112
    (Ipv4Addr::new(192, 52, 193, 0), 24), // AMT
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(192, 175, 48, 0), 24), // AS112
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

/// The only block of global unicast addresses that IANA has opened. What lies outside of it is special: loopback,
/// unique local, link-local, multicast, IPv4 addresses wrapped in several ways (mapped, NAT64 …), discard, SRv6.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Special blocks inside [`GLOBAL_V6`]: the IANA IPv6 special-purpose address registry.
const SPECIAL_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, among them Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_in = |(block, length): &(Ipv4Addr, u8)| {
        (address.to_bits() ^ block.to_bits()).leading_zeros() >= u32::from(*length)
    };
    !SPECIAL_V4.iter().any(is_in)
}

/// As [`is_public_v4`]; the blocks that wrap an IPv4 address are refused whatever they wrap.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let is_in = |(block, length): &(Ipv6Addr, u8)| {
        (address.to_bits() ^ block.to_bits()).leading_zeros() >= u32::from(*length)
    };
    is_in(&GLOBAL_V6) && !SPECIAL_V6.iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str) -> Result<(), &'static str> {
        let url = Url::parse(url).expect(url);
        check_url(
            &url,
            &PrivateHosts::new(&["127.0.0.1:9001".to_owned(), "[::1]:9001".to_owned()]),
        )
        .map_err(|error| error.code())
    }

    #[test]
    fn addresses_of_own_networks_are_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:0:1::1",
        ] {
            let refused = check_address(address.parse().unwrap());
            assert!(matches!(refused, Err(FetchError::PrivateAddress(_))), "{address}");
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.1.1",
            "198.17.1.1",
            "198.20.1.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "240e::1",
            "2408::1",
        ] {
            assert!(check_address(address.parse().unwrap()).is_ok(), "{address}");
        }
    }

    #[test]
    fn odd_spellings_are_judged_as_what_they_stand_for() {
        for url in [
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://127.0.0.1./",
            "http://１２７.0.0.1/",
            "http://127。0。0。1/",
            "http://[::ffff:127.0.0.1]/",
            "http://0/",
            "http://[0:0:0:0:0:0:0:1]/",
            "https://017700000001/",
        ] {
            assert_eq!(check(url), Err("private_address"), "{url}");
        }
    }

    #[test]
    fn only_http_on_ports_of_http() {
        assert_eq!(check("https://www.example.gov.cn:8443/x"), Ok(()));
        assert_eq!(check("http://8.8.8.8/"), Ok(()));
        for url in [
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://a.example/",
            "data:text/html,x",
        ] {
            assert_eq!(check(url), Err("scheme"), "{url}");
        }
        for url in [
            "http://a.example:22/",
            "http://a.example:6379/",
            "http://a.example:25/",
            "http://a.example:0/",
        ] {
            assert_eq!(check(url), Err("port"), "{url}");
        }
        assert_eq!(check("http://user@a.example/"), Err("user_info"));
        assert_eq!(
            check("http://www.example.gov.cn@127.0.0.1:9001/"),
            Err("user_info")
        );
        assert_eq!(
            check(&format!("http://a.example/{}", "x".repeat(2048))),
            Err("url_too_long")
        );
    }

    #[test]
    fn only_the_opened_port_of_a_private_host_is_open() {
        assert_eq!(check("http://127.0.0.1:9001/x"), Ok(()));
        assert_eq!(check("http://[::1]:9001/x"), Ok(()));
        assert_eq!(
            check("http://0x7f000001:9001/x"),
            Ok(()),
            "the same address and port"
        );
        for url in [
            "http://127.0.0.1:9002/",
            "http://127.0.0.1/",
            "http://127.0.0.2:9001/",
        ] {
            assert_eq!(check(url), Err("private_address"), "{url}");
        }
    }
}
