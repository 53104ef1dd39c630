//! What the tests share: the program as a process, and the HTTP side as a function.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// The program with a data directory, blind to the variables of whoever runs the tests.
pub(crate) fn gongbao(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GONGBAO_") {
            command.env_remove(name);
        }
    }
    // Several services run at once.
    command.env("GONGBAO_SERVER__ADMIN_BIND", "127.0.0.1:0");
    command.arg("--data").arg(data).stdin(Stdio::null());
    command
}

/// Runs to the end; stdout and stderr as text.
pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    Run::from(output)
}

/// What a finished process said.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A process that says on stdout when it is ready, killed when dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) first_line: String,
}

impl Service {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut first_line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut first_line)
            .expect("stdout is text");
        Self {
            child,
            first_line: first_line.trim().to_owned(),
        }
    }

    /// Its number among the processes.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let pid = self.pid().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(told.expect("kill can be called").success());
        self.child.wait().expect("it ends").code()
    }

    /// Sends a request, with a key and a body.
    pub(crate) fn call(
        &self,
        method: &str,
        target: &str,
        key: Option<&str>,
        body: &str,
    ) -> (u16, String, Value) {
        let key = key.map_or_else(String::new, |key| format!("authorization: Bearer {key}\r\n"));
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{key}content-length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(self.authority()).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number");
        (
            status,
            head.to_ascii_lowercase(),
            serde_json::from_str(body).unwrap_or_default(),
        )
    }

    /// Host and port of the address it printed.
    pub(crate) fn authority(&self) -> &str {
        self.first_line
            .trim_start_matches("http://")
            .trim_end_matches('/')
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A data directory with reports of the tests' own in it.
pub(crate) struct Data {
    folder: TempDir,
}

impl Data {
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder can be made"),
        }
    }

    /// Imports JSON lines; they all have to be taken.
    pub(crate) fn with_lines(lines: &[Value]) -> Self {
        let data = Self::empty();
        let run = data.import(lines);
        assert_eq!(run.code, Some(0), "{run:?}");
        data
    }

    pub(crate) fn import(&self, lines: &[Value]) -> Run {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let file = self.file("lines.jsonl", text.as_bytes());
        run(gongbao(&self.dir()).arg("import").arg(file))
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes a file beside the data directory.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("folder");
        std::fs::File::create(&path)
            .expect("file")
            .write_all(bytes)
            .expect("written");
        path
    }

    pub(crate) fn router(&self) -> Router {
        router(&self.dir())
    }
}

/// The HTTP side of a data directory, in which everybody may read.
pub(crate) fn router(data: &Path) -> Router {
    router_with(data, gongbao::portals::SharedPortals::default())
}

/// The same with portal files.
pub(crate) fn router_with(data: &Path, portals: gongbao::portals::SharedPortals) -> Router {
    let reader = index::Reader::open(&data.join("index")).expect("the index opens");
    let service = gongbao::http::Service {
        data_dir: data.to_owned(),
        operations: gongbao::operations::Operations::open(data).expect("the tables open"),
        portals,
        histories: gongbao::overview::Histories::default(),
        anonymous_read: true,
        callers: gongbao::http::Callers::default(),
        alerts: gongbao::alerts::AlertSettings::default(),
        wake: std::sync::Arc::default(),
    };
    gongbao::http::router(reader, service)
}

/// An answer of the HTTP side.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("headers are text"))
    }
}

/// Asks the router, with a method and headers.
pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("the router answers");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 << 20).await.expect("the body ends");
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
    }
}

/// Asks for an address.
pub(crate) async fn get(router: &Router, target: &str) -> Answer {
    ask(
        router,
        Request::get(target).body(Body::empty()).expect("a request"),
    )
    .await
}

/// A text as it stands in an address: what RFC 3986 calls unreserved stays as it is.
pub(crate) fn encode(text: &str) -> String {
    const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(text, RESERVED).to_string()
}

/// The folder of data that a user's checkout does not have; says so when it is absent.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no {} beside this checkout", path.display());
    None
}
