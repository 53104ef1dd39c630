//! Politeness as the hosts' own logs show it, while the program is killed again and again.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{gongbao, run};

/// Between two requests to a host.
const DELAY: Duration = Duration::from_millis(800);

/// A request arrives a little later than it starts, one more than another.
const ARRIVAL: Duration = Duration::from_millis(20);

/// Reports of each site.
const REPORTS: usize = 6;

/// One request, as its host saw it.
#[derive(Clone, Debug)]
struct Hit {
    path: String,
    at: Instant,
    answered: Option<Instant>,
}

/// A site with a list of reports that answers slowly and keeps a log.
#[derive(Clone)]
struct LoggingSite {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Hit>>>,
}

impl LoggingSite {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Self {
            address: listener.local_addr().unwrap(),
            log: Arc::default(),
        };
        let served = site.clone();
        // The thread ends with the tests.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = served.clone();
                thread::spawn(move || site.serve(&stream));
            }
        });
        site
    }

    fn serve(&self, stream: &TcpStream) {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        while let Some(request) = lines.next() {
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let number = {
                let mut log = self.log.lock().unwrap();
                log.push(Hit {
                    path: path.clone(),
                    at: Instant::now(),
                    answered: None,
                });
                log.len() - 1
            };
            thread::sleep(Duration::from_millis(100));
            let (status, body) = page(&path);
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            self.log.lock().unwrap()[number].answered = Some(Instant::now());
            let mut stream = stream;
            if stream.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
        }
    }

    fn hits(&self) -> Vec<Hit> {
        self.log.lock().unwrap().clone()
    }

    fn assert_polite(&self) {
        for pair in self.hits().windows(2) {
            let gap = pair[1].at - pair[0].at;
            assert!(gap >= DELAY - ARRIVAL, "{gap:?} between {pair:?}");
            let answered = pair[0].answered;
            assert!(
                answered.is_some_and(|at| pair[1].at >= at),
                "two at once: {pair:?}"
            );
        }
    }
}

fn title(number: usize) -> String {
    format!("某某县人民政府关于{}年度法治政府建设情况的报告", 2010 + number)
}

fn page(path: &str) -> (&'static str, String) {
    if path == "/list/" {
        let rows = (1..=REPORTS).map(|number| {
            let title = title(number);
            format!("<li><a href=\"/{number}.html\">{title}</a><span>2024-02-27</span></li>")
        });
        return ("200 OK", format!("<ul>{}</ul>", rows.collect::<String>()));
    }
    let number = path.trim_matches('/').trim_end_matches(".html").parse();
    let Some(number) = number.ok().filter(|number| (1..=REPORTS).contains(number)) else {
        return ("404 Not Found", String::new());
    };
    let title = title(number);
    let paragraph =
        "全县各级各部门认真贯彻落实法治政府建设实施纲要，依法全面履行政府职能，健全重大行政决策程序。";
    let body = format!("<p>{title}。{paragraph}</p>").repeat(3);
    (
        "200 OK",
        format!(
            "<html><head><title>{title}</title></head><body><h1>{title}</h1><div id=\"zoom\">{body}</div></body></html>"
        ),
    )
}

/// Numbers that look random and are the same in every run.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn gaps_hold_when_the_program_is_killed_and_started_again() {
    let sites = [LoggingSite::start(), LoggingSite::start()];
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("portals")).unwrap();
    // Two portals on the first host, which share its pace.
    for (id, site) in [("one", &sites[0]), ("two", &sites[1]), ("twin", &sites[0])] {
        let text = format!(
            "region = \"430482\"\nseeds = [\"http://{}/list/\"]\n[limits]\ndelay = \"{}ms\"\n",
            site.address,
            DELAY.as_millis()
        );
        fs::write(folder.path().join(format!("portals/{id}.toml")), text).unwrap();
    }
    let allowed = sites.each_ref().map(|site| site.address.to_string());
    let config = folder.path().join("gongbao.toml");
    fs::write(&config, format!("[crawl]\nallow_private = {allowed:?}\n")).unwrap();
    let data = folder.path().join("data");
    let crawl = || {
        let mut command = gongbao(&data);
        command.arg("--config").arg(&config).args(["crawl", "--json"]);
        command
    };
    let mut moments = Sequence(7);
    for _ in 0..6 {
        let n_before = sites[0].hits().len();
        let child = crawl()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Shortly after a request: while it is answered, while the answer is kept, while the next one waits.
        let patience = Instant::now() + Duration::from_secs(60);
        while sites[0].hits().len() == n_before && Instant::now() < patience {
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(Duration::from_millis(moments.below(400)));
        kill(child);
    }
    let last = run(&mut crawl());
    assert_eq!(last.code, Some(0), "{last:?}");
    for line in last.stdout.lines() {
        let summary: Value = serde_json::from_str(line).unwrap();
        // A portal that was done before the last kill is asked anew.
        let n = |which: &str| summary["reports"][which].as_u64().unwrap();
        assert_eq!(n("new") + n("unchanged"), REPORTS as u64, "{summary}");
    }
    for site in &sites {
        site.assert_polite();
        let mut paths: Vec<_> = site.hits().iter().map(|hit| hit.path.clone()).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), REPORTS + 2, "{paths:?}");
    }
}
