//! Files are read in a process of their own.
//!
//! The parent starts the program again with a hidden command, writes the bytes to its standard input and waits for two
//! lines of JSON: what the file is, before anything of it is parsed, and what was read. The child limits itself before
//! it reads a byte: address space, processor time, open files, no core. Whatever happens to it, running out of memory
//! or of stack, a panic, a loop, is the outcome of this one file.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rlimit::Resource;
use serde::{Deserialize, Serialize};

use super::{FileOutcome, FileReading, kind::Kind, read, reason};

/// Wall time after which a child is ended.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Most bytes that a child may answer: the text, each character of which JSON may write with six.
const MAX_ANSWER_BYTES: u64 = 6 * super::MAX_TEXT_BYTES as u64 + 4096;

/// Most bytes of its last words that are kept.
const MAX_COMPLAINT_BYTES: u64 = 16 << 10;

/// Stack of the thread that parses, in bytes: nesting that libraries follow by recursion.
const STACK_BYTES: usize = 32 << 20;

/// What a child may use.
#[derive(Clone, Copy, Debug)]
pub struct FileLimits {
    /// Address space in bytes.
    pub memory: u64,
    /// Processor time in seconds.
    pub cpu_seconds: u64,
    /// Files open at once.
    pub open_files: u64,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            memory: 512 << 20,
            cpu_seconds: 30,
            open_files: 16,
        }
    }
}

impl FileLimits {
    /// Lays the limits on the process that calls.
    ///
    /// # Errors
    /// When the system refuses, e.g. as stricter limits hold already.
    pub fn apply(self) -> io::Result<()> {
        for (resource, limit) in [
            (Resource::AS, self.memory),
            (Resource::CPU, self.cpu_seconds),
            (Resource::NOFILE, self.open_files),
            (Resource::CORE, 0),
        ] {
            resource.set(limit, limit)?;
        }
        Ok(())
    }
}

/// Reads files, one process each.
#[derive(Clone, Debug)]
pub struct FileWorker {
    /// Program and arguments of the child; `None` reads in this process.
    command: Option<(PathBuf, Vec<OsString>)>,
    timeout: Duration,
}

impl FileWorker {
    /// Children are `program` with `arguments`, and `--name NAME` behind them where a file has a name; they have to call
    /// [`serve_file`].
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self {
            command: Some((program, arguments)),
            timeout: TIMEOUT,
        }
    }

    /// Reads in this very process: for tests, and where files are trusted.
    pub fn in_process() -> Self {
        Self {
            command: None,
            timeout: TIMEOUT,
        }
    }

    /// The same with another limit of wall time.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Reads a file; blocks until it is read, at most a minute. Fails as an outcome of the file: `crashed`,
    /// `too_complex` (it took all the memory or time there was), `timeout`.
    pub fn read(&self, bytes: &[u8], name: Option<&str>) -> FileReading {
        let failed = |reason| FileReading {
            media_type: Kind::of_signature(bytes).media_type(),
            outcome: FileOutcome::Failed(reason),
        };
        let Some((program, arguments)) = &self.command else {
            return read(bytes, name);
        };
        let mut command = Command::new(program);
        command.args(arguments);
        if let Some(name) = name {
            // A name that begins with a dash is no option.
            command.arg(format!("--name={}", name.replace('\0', "")));
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        match command.spawn() {
            Ok(child) => match self.talk(child, bytes) {
                Ok(reading) => reading,
                Err((media_type, reason)) => FileReading {
                    media_type: media_type.unwrap_or(failed(reason).media_type),
                    outcome: FileOutcome::Failed(reason),
                },
            },
            Err(error) => {
                tracing::error!(program = %program.display(), %error, "cannot start a process to read files in");
                failed(reason::CRASHED)
            }
        }
    }

    /// Gives the bytes to a child and takes its answer; an error is what the child said the file is, and why it said no
    /// more.
    fn talk(
        &self,
        mut child: Child,
        bytes: &[u8],
    ) -> Result<FileReading, (Option<&'static str>, &'static str)> {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (sender, receiver) = mpsc::channel();
        let (answer, complaint, in_time) = thread::scope(|scope| {
            scope.spawn(move || {
                // A child that dies first does not read to the end; its answer tells.
                let _ = stdin.map(|mut stdin| stdin.write_all(bytes));
            });
            let answer = scope.spawn(move || {
                let answer = stdout.map(|stdout| read_up_to(stdout, MAX_ANSWER_BYTES));
                let _ = sender.send(());
                answer.unwrap_or_default()
            });
            let complaint = scope.spawn(move || {
                stderr
                    .map(|stderr| read_up_to(stderr, MAX_COMPLAINT_BYTES))
                    .unwrap_or_default()
            });
            let in_time = receiver.recv_timeout(self.timeout).is_ok();
            // It has said what it had to say, or never will.
            let _ = child.kill();
            (
                answer.join().unwrap_or_default(),
                complaint.join().unwrap_or_default(),
                in_time,
            )
        });
        let _ = child.wait();
        let mut lines = answer.split(|b| *b == b'\n');
        let first = lines
            .next()
            .and_then(|line| serde_json::from_slice::<Head>(line).ok());
        let media_type = first.and_then(|head| Kind::known_media_type(&head.media_type));
        let outcome = lines
            .next()
            .and_then(|line| serde_json::from_slice::<Answer>(line).ok());
        let complaint = String::from_utf8_lossy(&complaint);
        let reason = if !in_time {
            reason::TIMEOUT
        } else if answer.len() as u64 > MAX_ANSWER_BYTES || ran_out(&complaint) {
            reason::TOO_COMPLEX
        } else {
            reason::CRASHED
        };
        let (media_type, outcome) = match (media_type, outcome) {
            (Some(media_type), Some(outcome)) => (media_type, outcome),
            (media_type, _) => {
                tracing::debug!(
                    reason,
                    complaint = complaint.trim(),
                    "a file was not read to the end"
                );
                return Err((media_type, reason));
            }
        };
        let outcome = match outcome {
            Answer::Text(text) => FileOutcome::Text(text),
            Answer::NeedsOcr => FileOutcome::NeedsOcr,
            Answer::Failed(word) => {
                let known = reason::ALL.iter().find(|reason| **reason == word);
                FileOutcome::Failed(known.copied().unwrap_or(reason::CRASHED))
            }
        };
        Ok(FileReading { media_type, outcome })
    }
}

/// Whether a child's last words are that it had no memory or no stack left, or no time: then it is killed in silence.
fn ran_out(complaint: &str) -> bool {
    complaint.trim().is_empty()
        || [
            "memory allocation of",
            "overflowed its stack",
            "capacity overflow",
        ]
        .iter()
        .any(|words| complaint.contains(words))
}

/// Reads to the end, keeps at most a byte more than `limit`.
fn read_up_to(mut from: impl Read, limit: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = from.by_ref().take(limit + 1).read_to_end(&mut kept);
    let _ = io::copy(&mut from, &mut io::sink());
    kept
}

#[derive(Deserialize, Serialize)]
struct Head {
    media_type: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Text(String),
    NeedsOcr,
    Failed(String),
}

/// The child's side: reads a file from `input` and writes two lines of JSON to `output`: `{"media_type":…}`, then
/// `{"text":…}`, `"needs_ocr"` or `{"failed":…}`.
///
/// # Errors
/// When input or output fail.
pub fn serve_file(mut input: impl Read, mut output: impl Write, name: Option<&str>) -> io::Result<()> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let kind = Kind::of(&bytes, name);
    let head = Head {
        media_type: kind.media_type().to_owned(),
    };
    write_line(&mut output, &head)?;
    let reading = thread::scope(|scope| {
        let parser = thread::Builder::new().stack_size(STACK_BYTES);
        let parser = parser.spawn_scoped(scope, || read(&bytes, name))?;
        parser.join().map_err(|_| io::Error::other("a reader panicked"))
    })?;
    let answer = match reading.outcome {
        FileOutcome::Text(text) => Answer::Text(text),
        FileOutcome::NeedsOcr => Answer::NeedsOcr,
        FileOutcome::Failed(reason) => Answer::Failed(reason.to_owned()),
    };
    write_line(&mut output, &answer)
}

fn write_line(output: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, value)?;
    output.write_all(b"\n")?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A child that runs a line of shell.
    fn shell(line: &str) -> FileWorker {
        FileWorker::new("/bin/sh".into(), vec!["-c".into(), line.into()])
    }

    fn outcome(line: &str) -> FileOutcome {
        shell(line).read(b"%PDF-1.4", Some("-a.pdf")).outcome
    }

    #[test]
    fn what_a_child_says_is_taken() {
        let head = r#"cat >/dev/null; printf '%s\n' '{"media_type":"application/pdf"}'; "#;
        let text = shell(&format!(r#"{head} printf '%s\n' '{{"text":"一\n"}}'"#)).read(b"", None);
        assert_eq!(text.media_type, "application/pdf");
        assert_eq!(text.outcome, FileOutcome::Text("一\n".to_owned()));
        assert_eq!(
            outcome(&format!(r#"{head} echo '"needs_ocr"'"#)),
            FileOutcome::NeedsOcr
        );
        assert_eq!(
            outcome(&format!(r#"{head} echo '{{"failed":"damaged"}}'"#)),
            FileOutcome::Failed("damaged")
        );
    }

    #[test]
    fn a_child_that_dies_costs_its_file() {
        assert_eq!(
            outcome("echo 'thread panicked' >&2; exit 101"),
            FileOutcome::Failed("crashed")
        );
        assert_eq!(
            outcome("echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$"),
            FileOutcome::Failed("too_complex")
        );
        assert_eq!(outcome("kill -XCPU $$"), FileOutcome::Failed("too_complex"));
        assert_eq!(
            outcome("echo '{\"media_type\":\"x\"}'; echo; echo words >&2"),
            FileOutcome::Failed("crashed")
        );
        let gone = FileWorker::new("/nowhere/at/all".into(), Vec::new()).read(b"%PDF-1.4", None);
        assert_eq!(
            (gone.media_type, gone.outcome),
            ("application/pdf", FileOutcome::Failed("crashed"))
        );
    }

    #[test]
    fn a_child_that_hangs_is_ended() {
        let hangs = shell("exec sleep 600").with_timeout(Duration::from_millis(200));
        // More than fits into a pipe, for a child that does not read.
        let reading = hangs.read(&vec![b'x'; 1 << 20], None);
        assert_eq!(reading.outcome, FileOutcome::Failed("timeout"));
    }

    #[test]
    fn both_sides_agree() {
        let mut out = Vec::new();
        serve_file(&b"one\ntwo"[..], &mut out, Some("a.txt")).unwrap();
        let said = String::from_utf8(out).unwrap();
        let (head, answer) = said.split_once('\n').unwrap();
        assert_eq!(head, r#"{"media_type":"text/plain"}"#);
        assert_eq!(answer, "{\"text\":\"one\\ntwo\\n\"}\n");
    }
}
