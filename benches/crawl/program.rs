//! Runs `gongbao crawl` over the portals of a server, each time into a new data directory.

use std::{
    env,
    fmt::Write,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::{
    process::{self, Cost},
    server::{Seen, Server},
    site::Site,
};

/// Names another build of the program, to be measured in place of this one.
const PROGRAM: &str = "GONGBAO_PROGRAM";

/// One crawl.
pub(crate) struct Run {
    pub(crate) cost: Cost,
    pub(crate) seen: Seen,
    /// Processor time of the server meanwhile.
    pub(crate) server_cpu: f64,
    /// What was kept on disk, in bytes: archive, catalog, index.
    pub(crate) disk: [u64; 3],
}

impl Run {
    pub(crate) fn rate(&self) -> f64 {
        self.seen.pages as f64 / self.cost.wall
    }

    /// Milliseconds of processor a page.
    pub(crate) fn cpu_ms(&self) -> f64 {
        self.cost.cpu * 1e3 / self.seen.pages as f64
    }
}

/// Configuration and portal files for the portals of a server.
pub(crate) struct Setup {
    folder: TempDir,
}

impl Setup {
    /// As many requests at once as there are hosts.
    pub(crate) fn new(server: &Server, delay: Duration) -> Self {
        Self::with(server, delay, &format!("concurrency = {}\n", server.ports.len()))
    }

    /// As many requests at once as the program has by itself.
    pub(crate) fn usual(server: &Server, delay: Duration) -> Self {
        Self::with(server, delay, "")
    }

    fn with(server: &Server, delay: Duration, settings: &str) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
        let portals = folder.path().join("portals");
        fs::create_dir(&portals).expect("a folder");
        let mut allowed = String::new();
        for (host, port) in server.ports.iter().enumerate() {
            let _ = write!(allowed, "\"127.0.0.1:{port}\", ");
            let text = format!(
                "name = \"县人民政府门户网站\"\nseeds = [\"http://127.0.0.1:{port}{}\"]\n[limits]\ndelay = \"{}ms\"\n",
                Site::seed(),
                delay.as_millis()
            );
            fs::write(portals.join(format!("p{host:04}.toml")), text).expect("a portal file");
        }
        let text = format!("[crawl]\n{settings}allow_private = [{allowed}]\n");
        fs::write(folder.path().join("gongbao.toml"), text).expect("a configuration");
        Self { folder }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts a crawl.
    pub(crate) fn start(&self) -> Child {
        let _ = fs::remove_dir_all(self.data());
        let at = |name: &str| File::create(self.folder.path().join(name)).expect("a file");
        Command::new(env::var_os(PROGRAM).unwrap_or_else(|| env!("CARGO_BIN_EXE_gongbao").into()))
            .arg("--config")
            .arg(self.folder.path().join("gongbao.toml"))
            .arg("--data")
            .arg(self.data())
            .args(["crawl", "--json"])
            .stdin(Stdio::null())
            .stdout(at("out"))
            .stderr(at("log"))
            .spawn()
            .expect("the program starts")
    }

    /// Crawls all portals to their ends.
    pub(crate) fn run(&self, server: &mut Server) -> Run {
        server.seen();
        let before = server.cpu();
        let cost = process::watch(self.start());
        let seen = server.seen();
        let expected = (server.site.n_pages() * server.ports.len()) as u64;
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(cost.succeeded, "the crawl failed: {log}");
        assert_eq!(seen.pages, expected, "pages that were asked for; {log}");
        assert_eq!(seen.most_at_once, 1, "requests at once to a host");
        Run {
            cost,
            seen,
            server_cpu: server.cpu() - before,
            disk: ["archive", "catalog.db", "index"].map(|name| size(&self.data().join(name))),
        }
    }
}

fn size(path: &Path) -> u64 {
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| size(&entry.path())).sum()
    } else {
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    }
}
