//! One request, one answer: the only file, with those below it, that reaches the network.
//!
//! [`Fetcher::open`] passes a URL through the gate (scheme, port, user information, address after resolution) and
//! gives the [`Lane`] of its host: the checked addresses, one connection, the cookies. [`Fetcher::get`] sends one
//! request on a lane. Redirects are not followed here; whoever follows one opens the gate anew, and asks
//! `robots.txt` and politeness again.
//!
//! A lane is small: what a connection needs is made when it is used, and let go when it was not used for a while, so
//! that thousands of hosts can wait for their turns.

mod body;
mod coding;
mod cookies;
mod courier;
mod error;
mod gate;
mod limits;
mod message;
mod resolve;
mod spool;
mod times;

use std::{
    collections::HashMap,
    net::IpAddr,
    path::PathBuf,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use reqwest::{
    Client,
    header::{self, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use tokio::time::{Instant, timeout_at};
use tower::util::MapResponseLayer;
use url::Url;

pub use self::courier::{Courier, CourierError, Letter, Receipt};
pub(crate) use self::{
    coding::gunzip,
    error::FetchError,
    gate::{PrivateHosts, check_url, host_port},
    limits::Limits,
    message::retry_after,
    resolve::Names,
};
use self::{
    coding::{Bounds, Decoded},
    cookies::Jar,
    message::{header_texts, request_bytes, response_head},
    resolve::Pinned,
    spool::Spool,
    times::{Times, note_passed_on},
};
use crate::politeness::Target;

/// How long an unused connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// How often the tasks behind a request must have had a turn for it to have left: on a connection that was made for
/// it, and on one that there was.
const TURNS: [u32; 2] = [6, 3];

/// Most bytes of status line and headers.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// What the fetcher must know of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct FetchConfig {
    /// The User-Agent header, with the contact in it.
    pub(crate) user_agent: String,
    /// The From header: a mail address.
    pub(crate) from: String,
    /// One request, from connecting to the last byte.
    pub(crate) timeout: Duration,
    /// Hosts that may be private.
    pub(crate) private: PrivateHosts,
    /// Times and speeds.
    pub(crate) limits: Limits,
    /// Who turns names into addresses.
    pub(crate) names: Names,
    /// Folder in which long bodies are put aside while they come.
    pub(crate) spool: PathBuf,
}

/// Sends requests.
pub(crate) struct Fetcher {
    config: FetchConfig,
    tls: rustls::ClientConfig,
    lanes: Arc<Mutex<HashMap<String, Arc<Lane>>>>,
}

/// The way to one `host:port`.
pub(crate) struct Lane {
    /// `host:port`.
    pub(crate) host: String,
    /// The host is one of `allow_private`.
    pub(crate) is_private: bool,
    addresses: Pinned,
    client: Mutex<Option<Used>>,
    cookies: Mutex<Jar>,
    times: Arc<Mutex<Times>>,
}

/// The client of a lane: some 10 kB, with the connection of the lane in it.
struct Used {
    client: Client,
    /// When it was last taken.
    at: Instant,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Address, as it was linked.
    pub(crate) url: Url,
    /// Body of a POST, urlencoded; `None` is a GET.
    pub(crate) form: Option<String>,
    /// The page that linked to it.
    pub(crate) referer: Option<String>,
    /// `If-None-Match`.
    pub(crate) etag: Option<String>,
    /// `If-Modified-Since`.
    pub(crate) last_modified: Option<String>,
    /// Most bytes of the body, as sent and as decoded.
    pub(crate) max_bytes: u64,
    /// A body that is too long is cut instead of refused.
    pub(crate) cut: bool,
}

/// An answer that was read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Status code.
    pub(crate) status: u16,
    /// Headers as received, in order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body without content coding.
    pub(crate) body: Vec<u8>,
    /// The request as sent.
    pub(crate) request: Vec<u8>,
    /// Status line, headers and body as received: transfer coding removed, content coding kept.
    pub(crate) response: Vec<u8>,
    /// Address of the server.
    pub(crate) ip: Option<IpAddr>,
    /// The answer set a cookie that the request had not.
    pub(crate) has_new_cookie: bool,
    /// The body was longer than wanted, and cut.
    pub(crate) is_cut: bool,
}

impl Answer {
    /// The first header of a name (in lower case).
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Charset of the Content-Type header.
    pub(crate) fn charset(&self) -> Option<&str> {
        let parameters = self.header("content-type")?.split(';').skip(1);
        let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case("charset"))?;
        Some(value.trim().trim_matches(['"', '\'']))
    }
}

impl Fetcher {
    /// A fetcher without any connection. Needs the runtime.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new(config: FetchConfig) -> Result<Self, rustls::Error> {
        let fetcher = Self {
            config,
            tls: tls_config()?,
            lanes: Arc::default(),
        };
        let lanes = Arc::downgrade(&fetcher.lanes);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(KEEP_ALIVE / 2).await;
                let Some(lanes) = lanes.upgrade() else { break };
                lock(&lanes).retain(|_, lane| {
                    lane.let_go();
                    !is_spare(lane)
                });
            }
        });
        Ok(fetcher)
    }

    /// Judges what the URL itself says; the address of a host name is judged by [`Self::open`].
    ///
    /// # Errors
    /// When it must not be fetched.
    pub(crate) fn check(&self, url: &Url) -> Result<(), FetchError> {
        gate::check_url(url, &self.config.private)
    }

    /// Whether a host (`host:port`) is one of `allow_private`.
    pub(crate) fn is_private(&self, host: &str) -> bool {
        self.config.private.has(host)
    }

    /// The lane to the host of `url`, with addresses that were checked a short while ago at most.
    ///
    /// # Errors
    /// When the URL or the address of its host must not be fetched, or the name cannot be resolved.
    pub(crate) async fn open(&self, url: &Url) -> Result<Arc<Lane>, FetchError> {
        self.check(url)?;
        let host = host_port(url);
        let known = lock(&self.lanes).get(&host).cloned();
        let lane = match known {
            Some(lane) => lane,
            None => self.new_lane(url, host),
        };
        if lane.addresses.is_stale(self.config.limits.addresses) {
            let found = resolve::resolve(url, &self.config.names).await;
            lane.addresses.pin(found.map_err(FetchError::Dns)?)?;
        }
        Ok(lane)
    }

    /// Lets go of a lane that is not used for as long as `idle`, if it is not to be kept for its cookies.
    pub(crate) fn forget(&self, host: &str, idle: Duration) {
        if idle < KEEP_ALIVE {
            return;
        }
        let mut lanes = lock(&self.lanes);
        if let Some(lane) = lanes.get(host) {
            *lock(&lane.client) = None;
            if is_spare(lane) {
                lanes.remove(host);
            }
        }
    }

    fn new_lane(&self, url: &Url, host: String) -> Arc<Lane> {
        let is_private = self.config.private.contains(url);
        let lane = Lane {
            host: host.clone(),
            is_private,
            addresses: Pinned::new(is_private),
            client: Mutex::default(),
            cookies: Mutex::default(),
            times: Arc::default(),
        };
        Arc::clone(lock(&self.lanes).entry(host).or_insert(Arc::new(lane)))
    }

    fn client(&self, lane: &Lane) -> Result<Client, FetchError> {
        let mut used = lock(&lane.client);
        let client = match used.take() {
            Some(used) => used.client,
            None => self.new_client(lane)?,
        };
        *used = Some(Used {
            client: client.clone(),
            at: Instant::now(),
        });
        Ok(client)
    }

    fn new_client(&self, lane: &Lane) -> Result<Client, FetchError> {
        let noted = Arc::clone(&lane.times);
        Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .http1_only()
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(self.config.limits.connect)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(KEEP_ALIVE)
            .dns_resolver(lane.addresses.clone())
            .connector_layer(MapResponseLayer::new(move |connection| {
                lock(&noted).connected = Some(Instant::now());
                note_passed_on(&noted, TURNS[0]);
                connection
            }))
            .build()
            .map_err(FetchError::Connect)
    }

    /// Sends one request and reads the answer, whatever its status.
    ///
    /// # Errors
    /// When there is no whole answer within the limits.
    pub(crate) async fn get(&self, lane: &Lane, request: &Request) -> Result<Answer, FetchError> {
        let whole = tokio::time::timeout(self.config.timeout, self.exchange(lane, request));
        whole.await.unwrap_or(Err(FetchError::Timeout))
    }

    async fn exchange(&self, lane: &Lane, request: &Request) -> Result<Answer, FetchError> {
        let url = &request.url;
        // An address in place of a name is connected to without asking the resolver, and a lane is checked for its
        // own host only: so both are looked at once more, right before the connection.
        self.check(url)?;
        if lane.host != host_port(url) {
            return Err(FetchError::OtherHost);
        }
        let headers = self.headers(lane, request);
        let sent = request_bytes(url, &headers, request.form.as_deref());
        let mut target = url.clone();
        target.set_fragment(None);
        let client = self.client(lane)?;
        let asked = match &request.form {
            None => client.get(target),
            Some(form) => client.post(target).body(form.clone()),
        };
        let begun = Instant::now();
        note_passed_on(&lane.times, TURNS[1]);
        let mut asked = pin!(asked.headers(headers).send());
        let mut answer = loop {
            let until = lane.connected_since(begun) + self.config.limits.first_byte;
            match timeout_at(until, &mut asked).await {
                Ok(answer) => break answer.map_err(FetchError::of_request)?,
                // The connection took its time; the answer has its own.
                Err(_) if lane.connected_since(begun) + self.config.limits.first_byte > until => {}
                Err(_) => return Err(FetchError::FirstByteTimeout),
            }
        };
        lock(&lane.times).answered = Some(Instant::now());
        let status = answer.status().as_u16();
        let mut response = response_head(&answer);
        if response.len() > MAX_HEAD_BYTES {
            return Err(FetchError::HeadersTooLarge);
        }
        let headers = header_texts(answer.headers());
        let has_new_cookie = take_cookies(lane, &headers);
        let ip = answer.remote_addr().map(|address| address.ip());
        let head = response.len();
        let is_cut = {
            let body = Spool::new(&self.config.spool, &mut response);
            body::read(&mut answer, request, &self.config.limits, body).await?
        };
        let coding = headers
            .iter()
            .find(|(name, _)| name == "content-encoding")
            .map(|(_, value)| value.as_str());
        let bounds = Bounds {
            max_bytes: request.max_bytes,
            is_cut,
            cut: request.cut,
        };
        let Decoded { body, is_cut } = coding::decode(&response[head..], coding, bounds)?;
        Ok(Answer {
            status,
            headers,
            body,
            request: sent,
            response,
            ip,
            has_new_cookie,
            is_cut,
        })
    }

    fn headers(&self, lane: &Lane, request: &Request) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut add = |name: HeaderName, value: &str| {
            // A value that cannot be a header (an odd ETag of the host's) is left out.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        add(header::USER_AGENT, &self.config.user_agent);
        add(header::FROM, &self.config.from);
        add(
            header::ACCEPT,
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        );
        add(header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9");
        add(header::ACCEPT_ENCODING, "gzip");
        if request.form.is_some() {
            add(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded; charset=UTF-8",
            );
        }
        if let Some(referer) = &request.referer {
            add(header::REFERER, referer);
        }
        if let Some(etag) = &request.etag {
            add(header::IF_NONE_MATCH, etag);
        }
        if let Some(moment) = &request.last_modified {
            add(header::IF_MODIFIED_SINCE, moment);
        }
        if let Some(cookie) = lock(&lane.cookies).header(request.url.path(), request.url.scheme() == "https")
        {
            add(header::COOKIE, &cookie);
        }
        headers
    }
}

/// Whether a lane is used by nobody, and has nothing that another would not have.
fn is_spare(lane: &Arc<Lane>) -> bool {
    Arc::strong_count(lane) == 1 && lock(&lane.client).is_none() && lock(&lane.cookies).is_empty()
}

impl Lane {
    /// Lets go of a client that was not used for a while. A request under way keeps its own.
    fn let_go(&self) {
        let mut used = lock(&self.client);
        if used.as_ref().is_some_and(|used| used.at.elapsed() >= KEEP_ALIVE) {
            *used = None;
        }
    }

    /// When a request begun at `begun` had a connection at the earliest.
    fn connected_since(&self, begun: Instant) -> Instant {
        let connected = lock(&self.times).connected;
        connected.map_or(begun, |connected| connected.max(begun))
    }

    /// When the host has heard of the last request at the latest, if that was begun at `begun`. The host counts from
    /// there. A request leaves when there is a connection and the runtime has come to it; it may lie on the way, or
    /// before a host that is busy, for as long as this answer took longer than the fastest of the last ones.
    pub(crate) fn heard_by(&self, begun: Instant) -> Instant {
        let earliest = self.connected_since(begun);
        lock(&self.times).heard_by(earliest)
    }

    /// The politeness limits of a request on this lane.
    pub(crate) fn target(&self) -> Target {
        Target::new(&self.host, &self.addresses.get(), self.is_private)
    }
}

/// TLS 1.2 and 1.3 by ring, trusting the certificate authorities of the system.
fn tls_config() -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        // Plain http still works, and https fails host by host with a reason.
        tracing::warn!("no certificate authorities found on this system, so no https host can be trusted");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn take_cookies(lane: &Lane, headers: &[(String, String)]) -> bool {
    let now = SystemTime::now();
    let mut jar = lock(&lane.cookies);
    let mut has_new = false;
    for (_, value) in headers.iter().filter(|(name, _)| name == "set-cookie") {
        has_new |= jar.set(value, now);
    }
    has_new
}

/// The lock even if a holder panicked: what it guards is whole between any two calls.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod test_site;
#[cfg(test)]
mod tests;
