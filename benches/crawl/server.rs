//! The portals, in a process of their own: the measured one must not pay for them.
//!
//! The bench starts itself again as the server. It listens on one port of 127.0.0.1 for each portal, answers from
//! memory after a given time, and notes when each request came, so that pace and politeness are judged from outside.
//! A word on its input makes it print what it saw, as one line of JSON.

use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    process,
    site::{Site, Weight},
};

/// First word of the arguments that make this process a server.
pub(crate) const SERVE: &str = "--serve";

/// Longest head of a request.
const MAX_HEAD: usize = 16 << 10;

/// What the portals saw since the last reset.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Seen {
    /// Requests for pages, `robots.txt` left out.
    pub(crate) pages: u64,
    /// Requests for `robots.txt`.
    pub(crate) robots: u64,
    /// Connections.
    pub(crate) connections: u64,
    /// Pages a second between the first tenth and the last fifth of the time.
    pub(crate) steady: f64,
    /// Shortest time between two requests to a portal, in seconds.
    pub(crate) least_gap: Option<f64>,
    /// Most requests under way at once at one portal.
    pub(crate) most_at_once: u32,
}

/// The server, as its parent has it.
pub(crate) struct Server {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    pub(crate) ports: Vec<u16>,
    pub(crate) site: Site,
}

impl Server {
    /// Starts portals of so many reports each, which answer after `wait`.
    pub(crate) fn start(hosts: usize, reports: usize, weight: Weight, wait: Duration) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("a path of this program"))
            .args([SERVE, &hosts.to_string(), &reports.to_string(), weight.code()])
            .arg(wait.as_millis().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let commands = child.stdin.take().expect("a pipe");
        let mut answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        answers.read_line(&mut line).expect("the server says its ports");
        let ports = serde_json::from_str(&line).expect("a list of ports");
        Self {
            child,
            commands,
            answers,
            ports,
            site: Site::new(reports, weight),
        }
    }

    /// What was seen since the last time this was asked.
    pub(crate) fn seen(&mut self) -> Seen {
        self.commands.write_all(b"seen\n").expect("the server listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the server answers");
        serde_json::from_str(&line).expect("figures")
    }

    /// Processor time it has used so far, in seconds.
    pub(crate) fn cpu(&self) -> f64 {
        process::cpu(self.child.id()).unwrap_or(0.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Log {
    /// Portal and moment of each request for a page.
    pages: Vec<(u32, Instant)>,
    robots: Vec<(u32, Instant)>,
    connections: u64,
    at_once: Vec<u32>,
    most_at_once: u32,
}

/// Is the server until its input ends.
pub(crate) fn serve(arguments: &[String]) {
    let number = |at: usize| arguments[at].parse::<usize>().expect("a number");
    let (hosts, reports, wait) = (number(0), number(1), Duration::from_millis(number(3) as u64));
    let site = Rc::new(Site::new(reports, Weight::of(&arguments[2])));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async move {
        let log = Rc::new(RefCell::new(Log {
            at_once: vec![0; hosts],
            ..Log::default()
        }));
        let mut ports = Vec::new();
        for host in 0..hosts {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            ports.push(listener.local_addr().expect("a port").port());
            let (site, log) = (Rc::clone(&site), Rc::clone(&log));
            tokio::task::spawn_local(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    log.borrow_mut().connections += 1;
                    let (site, log) = (Rc::clone(&site), Rc::clone(&log));
                    tokio::task::spawn_local(
                        async move { connection(stream, host, &site, &log, wait).await },
                    );
                }
            });
        }
        println!("{}", serde_json::to_string(&ports).expect("numbers are JSON"));
        let (asked, mut asks) = tokio::sync::mpsc::unbounded_channel();
        std::thread::spawn(move || {
            std::io::stdin()
                .lines()
                .map_while(Result::ok)
                .try_for_each(|_| asked.send(()))
        });
        while asks.recv().await.is_some() {
            let seen = log.borrow_mut().take();
            println!("{}", serde_json::to_string(&seen).expect("figures are JSON"));
        }
    });
}

async fn connection(mut stream: TcpStream, host: usize, site: &Site, log: &RefCell<Log>, wait: Duration) {
    let _ = stream.set_nodelay(true);
    let mut head = Vec::new();
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() > MAX_HEAD || !matches!(stream.read_buf(&mut head).await, Ok(1..)) {
                return;
            }
        }
        let now = Instant::now();
        let text = String::from_utf8_lossy(&head);
        let path = text.split(' ').nth(1).unwrap_or_default();
        log.borrow_mut().begin(host, path, now);
        let answer = site.answer(host, path);
        if !wait.is_zero() {
            tokio::time::sleep_until((now + wait).into()).await;
        }
        log.borrow_mut().at_once[host] -= 1;
        let (status, content_type, body) = match answer {
            Some(answer) => ("200 OK", answer.content_type, answer.body),
            None => ("404 Not Found", "text/html", b"<h1>404</h1>".to_vec()),
        };
        let mut bytes = format!(
            "HTTP/1.1 {status}\r\nServer: bench\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nLast-Modified: Tue, 27 Feb 2024 02:13:30 GMT\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(&body);
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

impl Log {
    fn begin(&mut self, host: usize, path: &str, now: Instant) {
        self.at_once[host] += 1;
        self.most_at_once = self.most_at_once.max(self.at_once[host]);
        let list = if path == "/robots.txt" {
            &mut self.robots
        } else {
            &mut self.pages
        };
        list.push((host as u32, now));
    }

    fn take(&mut self) -> Seen {
        let (pages, robots) = (std::mem::take(&mut self.pages), std::mem::take(&mut self.robots));
        let mut last = vec![None; self.at_once.len()];
        let mut least_gap = None;
        let mut all: Vec<_> = pages.iter().chain(&robots).collect();
        all.sort_by_key(|(_, at)| *at);
        for (host, at) in all {
            if let Some(before) = last[*host as usize].replace(*at) {
                let gap = at.duration_since(before).as_secs_f64();
                least_gap = Some(least_gap.map_or(gap, |least: f64| least.min(gap)));
            }
        }
        let steady = match (pages.first(), pages.last()) {
            (Some((_, first)), Some((_, last))) if last > first => {
                let whole = last.duration_since(*first);
                let (from, to) = (*first + whole / 10, *first + whole * 8 / 10);
                let within = pages.iter().filter(|(_, at)| (from..to).contains(at)).count();
                within as f64 / (to - from).as_secs_f64()
            }
            _ => 0.0,
        };
        Seen {
            pages: pages.len() as u64,
            robots: robots.len() as u64,
            connections: std::mem::take(&mut self.connections),
            steady,
            least_gap,
            most_at_once: std::mem::take(&mut self.most_at_once),
        }
    }
}
