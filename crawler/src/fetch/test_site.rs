//! A tiny web site on loopback for tests: it answers as told, and remembers who asked when.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// Header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// When its last byte was read.
    pub(crate) at: Instant,
    /// When the last part of the answer left.
    pub(crate) answered: Arc<OnceLock<Instant>>,
}

impl Hit {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What the site does with a request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Sent in place of all that stands above.
    raw: Option<Vec<u8>>,
    /// Sent behind that, over and over, with a pause before each.
    drip: Option<(Vec<u8>, Duration)>,
    wait: Duration,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            raw: None,
            drip: None,
            wait: Duration::ZERO,
        }
    }

    pub(crate) fn html(body: &str) -> Self {
        Self::status(200)
            .header("Content-Type", "text/html; charset=utf-8")
            .body(body.as_bytes())
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(302).header("Location", location)
    }

    /// Exactly these bytes, and then the connection is closed.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            raw: Some(bytes.into()),
            ..Self::status(200)
        }
    }

    /// And then these bytes again and again, each time after a pause, until the other side has enough.
    pub(crate) fn drip(mut self, bytes: impl Into<Vec<u8>>, pause: Duration) -> Self {
        self.drip = Some((bytes.into(), pause));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

/// The site. It stops with the runtime of the test.
pub(crate) struct TestSite {
    pub(crate) address: SocketAddr,
    hits: Arc<Mutex<Vec<Hit>>>,
}

impl TestSite {
    pub(crate) async fn start(answer: impl Fn(&Hit) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (Arc::new(answer), Arc::clone(&hits));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                tokio::spawn(async move { serve(stream, &*answer, &seen).await });
            }
        });
        Self { address, hits }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// `host:port`, as `allow_private` has it.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.hits.lock().unwrap().clone()
    }

    /// How often a path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.hits().iter().filter(|hit| hit.path == path).count()
    }
}

async fn serve(mut stream: TcpStream, answer: &(impl Fn(&Hit) -> Reply + ?Sized), seen: &Mutex<Vec<Hit>>) {
    let mut buffer = Vec::new();
    loop {
        while !buffer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match stream.read(&mut byte).await {
                Ok(1) => buffer.push(byte[0]),
                _ => return,
            }
            // Somebody who would like to speak TLS.
            if buffer == [0x16] {
                let _ = stream
                    .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                    .await;
                return;
            }
        }
        let text = String::from_utf8_lossy(&buffer).into_owned();
        buffer.clear();
        let mut lines = text.lines();
        let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut hit = Hit {
            method,
            path,
            headers,
            body: String::new(),
            at: Instant::now(),
            answered: Arc::default(),
        };
        let length = hit
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        hit.body = String::from_utf8(body).unwrap();
        hit.at = Instant::now();
        seen.lock().unwrap().push(hit.clone());
        let reply = answer(&hit);
        tokio::time::sleep(reply.wait).await;
        // Noted before it is sent, since whoever reads it may be quick.
        let _ = hit.answered.set(Instant::now());
        if let Some(raw) = reply.raw {
            let mut sent = stream.write_all(&raw).await;
            while let (Ok(()), Some((bytes, pause))) = (&sent, &reply.drip) {
                tokio::time::sleep(*pause).await;
                sent = stream.write_all(bytes).await;
            }
            return;
        }
        let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if reply.status != 304 {
            head.push_str(&format!("Content-Length: {}\r\n", reply.body.len()));
        }
        head.push_str("\r\n");
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&reply.body).await.is_err() {
            return;
        }
    }
}

/// Listens where nothing may ever connect to.
pub(crate) struct Canary {
    port: u16,
    accepted: Arc<AtomicUsize>,
}

impl Canary {
    /// On both loopback addresses of a port, and on IPv6 where the machine has it.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let canary = Self::new(port);
        canary.watch(listener);
        for address in [format!("127.0.0.2:{port}"), format!("[::1]:{port}")] {
            if let Ok(listener) = TcpListener::bind(&address).await {
                canary.watch(listener);
            }
        }
        canary
    }

    /// On these addresses.
    pub(crate) async fn on(addresses: &[&str]) -> Self {
        let canary = Self::new(addresses[0].parse::<SocketAddr>().unwrap().port());
        for address in addresses {
            canary.watch(TcpListener::bind(address).await.unwrap());
        }
        canary
    }

    fn new(port: u16) -> Self {
        let accepted = Arc::new(AtomicUsize::new(0));
        Self { port, accepted }
    }

    fn watch(&self, listener: TcpListener) {
        let accepted = Arc::clone(&self.accepted);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                accepted.fetch_add(1, Ordering::AcqRel);
            }
        });
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Connections so far.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Acquire)
    }
}
