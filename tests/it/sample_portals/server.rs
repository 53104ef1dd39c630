//! A web site on loopback that answers as told, byte for byte, and keeps a log of who asked for what.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Hit {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of the query, or of the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = [query, self.body.as_str()].map(|text| url::form_urlencoded::parse(text.as_bytes()));
        let mut pairs = pairs.into_iter().flatten();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.parameter(name)?.parse().ok()
    }
}

/// What the site does with a request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn html(body: impl AsRef<[u8]>) -> Self {
        Self::of("text/html; charset=utf-8", body)
    }

    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self::of("application/json;charset=UTF-8", body.to_string())
    }

    pub(crate) fn of(media_type: &str, body: impl AsRef<[u8]>) -> Self {
        let mut reply = Self::status(200).header("Content-Type", media_type);
        reply.body = body.as_ref().to_vec();
        reply
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::status(302).header("Location", location)
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

type Answer = dyn Fn(&Hit) -> Reply + Send + Sync;

/// The site; its threads end with the process.
pub(crate) struct Site {
    /// What it is called in the portal file: `localhost`, or the address in numbers.
    name: &'static str,
    port: u16,
    hits: Arc<Mutex<Vec<Hit>>>,
    /// Most requests that were being answered at one time.
    parallel: Arc<AtomicUsize>,
}

impl Site {
    pub(crate) fn start(answer: impl Fn(&Hit) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let hits = Arc::new(Mutex::new(Vec::new()));
        let (busy, parallel) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let answer: Arc<Answer> = Arc::new(answer);
        let (log, most) = (Arc::clone(&hits), Arc::clone(&parallel));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
                let (busy, most) = (Arc::clone(&busy), Arc::clone(&most));
                std::thread::spawn(move || {
                    let _ = serve(stream, &*answer, &log, &busy, &most);
                });
            }
        });
        Self {
            name: "127.0.0.1",
            port,
            hits,
            parallel,
        }
    }

    pub(crate) fn called(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(crate) fn host(&self) -> String {
        format!("{}:{}", self.name, self.port)
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.hits.lock().unwrap().clone()
    }

    pub(crate) fn most_parallel(&self) -> usize {
        self.parallel.load(Ordering::Acquire)
    }
}

fn serve(
    stream: TcpStream,
    answer: &Answer,
    log: &Mutex<Vec<Hit>>,
    busy: &AtomicUsize,
    most: &AtomicUsize,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let Some(hit) = receive(&mut reader)? else {
            return Ok(());
        };
        most.fetch_max(busy.fetch_add(1, Ordering::AcqRel) + 1, Ordering::AcqRel);
        log.lock().unwrap().push(hit.clone());
        let reply = answer(&hit);
        let mut head = format!("HTTP/1.1 {} -\r\n", reply.status).into_bytes();
        for (name, value) in &reply.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        if reply.status != 304 {
            head.extend_from_slice(format!("Content-Length: {}\r\n", reply.body.len()).as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head.extend_from_slice(&reply.body);
        busy.fetch_sub(1, Ordering::AcqRel);
        writer.write_all(&head)?;
    }
}

fn receive(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Hit>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut hit = Hit {
        method,
        target,
        headers,
        body: String::new(),
    };
    let length = hit
        .header("content-length")
        .map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    hit.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(hit))
}
