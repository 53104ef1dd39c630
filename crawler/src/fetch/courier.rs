//! Letters to addresses that strangers name: one POST each, through the gate that every page passes.
//!
//! Nothing is kept between two letters: the name is looked up anew for each, no cookie and no connection stays. No
//! redirect is followed and no proxy is asked. Of the answer only the status and `Retry-After` are told: whoever names
//! an address learns nothing of what stands behind it.

use std::{fmt, net::Ipv4Addr, path::PathBuf, time::Duration};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use url::Url;

use super::{
    FetchConfig, FetchError, Fetcher, Limits, Names, PrivateHosts, check_url, host_port, lock, retry_after,
};

/// From looking the name up to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 64 << 10;

/// Carries letters.
pub struct Courier {
    fetcher: Fetcher,
}

/// What is to be carried.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// Where to.
    pub to: &'a str,
    /// Names, in lower case, and values of headers besides the usual ones.
    pub headers: &'a [(&'static str, String)],
    /// JSON.
    pub body: Vec<u8>,
}

/// A letter was taken or not; either way, somebody answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Status code of the answer.
    pub status: u16,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
}

/// Nobody answered, or nobody was asked.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CourierError {
    message: String,
    code: &'static str,
}

impl CourierError {
    /// The fault as one stable word.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<FetchError> for CourierError {
    fn from(error: FetchError) -> Self {
        let message = match &error {
            // What a name resolves to inside of our network, and whether it does, is nobody's business.
            FetchError::PrivateAddress(_) | FetchError::Dns(_) => {
                "it leads to no public address; only `[alerts] allow_private` opens others".to_owned()
            }
            FetchError::Scheme => "only http and https addresses are written to".to_owned(),
            error => error.to_string(),
        };
        Self {
            message,
            code: error.code(),
        }
    }
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Courier")
    }
}

impl Courier {
    /// A courier that signs with `user_agent`. Of addresses that are not public it reaches those in `allow_private`, each
    /// `host:port`. Needs the runtime.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(user_agent: &str, allow_private: &[String]) -> Result<Self, CourierError> {
        Self::with_names(user_agent, allow_private, Names::default())
    }

    fn with_names(user_agent: &str, allow_private: &[String], names: Names) -> Result<Self, CourierError> {
        let config = FetchConfig {
            user_agent: user_agent.to_owned(),
            from: String::new(),
            timeout: TIMEOUT,
            private: PrivateHosts::new(allow_private),
            limits: Limits::default(),
            names,
            // Answers are not kept.
            spool: PathBuf::new(),
        };
        let fetcher = Fetcher::new(config).map_err(|error| CourierError {
            message: format!("TLS cannot be set up: {error}"),
            code: "tls",
        })?;
        Ok(Self { fetcher })
    }

    /// Judges an address by what it says itself, as a courier with this `allow_private` would; what its name leads to is
    /// judged at each letter.
    ///
    /// # Errors
    /// When no letter would be carried there.
    pub fn check(to: &str, allow_private: &[String]) -> Result<(), CourierError> {
        let (to, private) = (parse(to)?, PrivateHosts::new(allow_private));
        check_url(&to, &private)?;
        if is_localhost(&to) && !private.contains(&to) {
            return Err(FetchError::PrivateAddress(Ipv4Addr::LOCALHOST.into()).into());
        }
        Ok(())
    }

    /// Carries a letter. `now` is what a moment in `Retry-After` is held against, in milliseconds since 1970.
    ///
    /// # Errors
    /// When it must not be carried there, or nobody answers in time.
    pub async fn carry(&self, letter: Letter<'_>, now: i64) -> Result<Receipt, CourierError> {
        let to = parse(letter.to)?;
        let host = host_port(&to);
        let carried = tokio::time::timeout(TIMEOUT, self.exchange(to, letter, now)).await;
        lock(&self.fetcher.lanes).remove(&host);
        Ok(carried.unwrap_or(Err(FetchError::Timeout))?)
    }

    async fn exchange(&self, mut to: Url, letter: Letter<'_>, now: i64) -> Result<Receipt, FetchError> {
        let lane = self.fetcher.open(&to).await?;
        let client = self.fetcher.new_client(&lane)?;
        to.set_fragment(None);
        let asked = client.post(to).headers(self.headers(letter.headers));
        let mut answer = asked
            .body(letter.body)
            .send()
            .await
            .map_err(FetchError::of_request)?;
        let receipt = Receipt {
            status: answer.status().as_u16(),
            retry_after: answer
                .headers()
                .get(RETRY_AFTER)
                .and_then(|value| retry_after(value.to_str().ok()?, now)),
        };
        // Hearing a receiver out is polite, up to a point; what it says, or that it breaks off, changes nothing.
        let mut heard = 0;
        while heard < MAX_ANSWER
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            heard += chunk.len();
        }
        Ok(receipt)
    }

    fn headers(&self, given: &[(&'static str, String)]) -> HeaderMap {
        let own = [
            (CONTENT_TYPE, "application/json"),
            (USER_AGENT, self.fetcher.config.user_agent.as_str()),
        ];
        let given = given
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.as_str()));
        own.into_iter()
            .chain(given)
            .filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?)))
            .collect()
    }
}

/// Whether the name is loopback whatever a name server says (RFC 6761, 6.3).
fn is_localhost(url: &Url) -> bool {
    let name = url.domain().unwrap_or_default();
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

fn parse(to: &str) -> Result<Url, CourierError> {
    Url::parse(to).map_err(|error| CourierError {
        message: format!("it is no address: {error}"),
        code: "no_address",
    })
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, sync::Arc};

    use super::*;
    use crate::fetch::test_site::{Canary, Reply, TestSite};

    fn letter<'a>(to: &'a str, headers: &'a [(&'static str, String)]) -> Letter<'a> {
        Letter {
            to,
            headers,
            body: b"{\"a\":1}".to_vec(),
        }
    }

    #[tokio::test]
    async fn a_letter_is_posted_once_and_the_receipt_tells_how_it_was_taken() {
        let site = TestSite::start(|hit| match hit.path.as_str() {
            "/busy" => Reply::status(503).header("Retry-After", "7"),
            "/gone" => Reply::redirect("/elsewhere"),
            "/chatty" => Reply::raw("HTTP/1.1 200 OK\r\n\r\n").drip(vec![b'x'; 16 << 10], Duration::ZERO),
            _ => Reply::status(204).header("Set-Cookie", "a=b"),
        })
        .await;
        let courier = Courier::new("gongbao/1.0", &[site.host()]).unwrap();
        let headers = [("webhook-id", "msg_1".to_owned())];
        for (path, status, pause) in [
            ("/in", 204, None),
            ("/busy", 503, Some(Duration::from_secs(7))),
            ("/gone", 302, None),
            ("/chatty", 200, None),
            ("/in", 204, None),
        ] {
            let to = site.url(path);
            let receipt = courier.carry(letter(to.as_str(), &headers), 0).await.unwrap();
            assert_eq!((receipt.status, receipt.retry_after), (status, pause), "{path}");
        }
        let hits = site.hits();
        let paths: Vec<_> = hits.iter().map(|hit| hit.path.as_str()).collect();
        assert_eq!(paths, ["/in", "/busy", "/gone", "/chatty", "/in"]);
        for hit in &hits {
            assert_eq!((hit.method.as_str(), hit.body.as_str()), ("POST", "{\"a\":1}"));
            assert_eq!(hit.header("content-type"), Some("application/json"));
            assert_eq!(hit.header("webhook-id"), Some("msg_1"));
            assert_eq!(hit.header("cookie"), None);
        }
        assert!(lock(&courier.fetcher.lanes).is_empty());
    }

    #[tokio::test]
    async fn a_name_that_leads_into_our_network_is_not_written_to() {
        let canary = Canary::start().await;
        let names = Names::Told(Arc::new(|name: &str| -> Vec<IpAddr> {
            let addresses: &[&str] = match name {
                "mixed.example" => &["8.8.8.8", "127.0.0.1"],
                "metadata.example" => &["169.254.169.254"],
                "mapped.example" => &["::ffff:127.0.0.1"],
                _ => &["127.0.0.1"],
            };
            addresses.iter().map(|text| text.parse().unwrap()).collect()
        }));
        let courier = Courier::with_names("gongbao/1.0", &[], names).unwrap();
        for name in ["mixed.example", "metadata.example", "mapped.example", "localhost"] {
            let to = format!("http://{name}:{}/", canary.port());
            let refused = courier.carry(letter(&to, &[]), 0).await.unwrap_err();
            assert_eq!(refused.code(), "private_address", "{name}");
            assert!(!refused.to_string().contains("127."), "{refused}");
        }
        assert_eq!(canary.accepted(), 0);
    }
}
