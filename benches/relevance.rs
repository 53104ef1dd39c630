//! Measures how well the program answers questions with judged answers.
//!
//! ```text
//! cargo bench --bench relevance                          the sets below ../shared, or the folder that GONGBAO_SHARED names
//! cargo bench --bench relevance -- --data DIR --scorer FILE
//! cargo bench --bench relevance -- --mode words          in another mode than `any`
//! cargo bench --bench relevance -- --run DIR             keeps what was found as TREC runs
//! ```
//!
//! What is measured is the program itself: `gongbao import` reads a set into a data directory of its own, because the
//! frequencies of all texts are part of the ranking, `gongbao serve` answers, and the scorer, a Python script, asks every
//! question over HTTP and prints nDCG@10, MRR@10, Recall@100 and the times. A set is `NAME_corpus.jsonl.gz`,
//! `NAME…_queries.jsonl` and `NAME…_qrels.tsv`. What is not there is left out with a word.
//! `index/examples/ranking` measures the same without HTTP, and chooses the weights.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement prints, and ends where it cannot go on"
)]

use std::{
    env,
    error::Error,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
};

/// Corpora, and the names that their questions and judgments begin with.
const SETS: [(&str, &str); 2] = [("stard", "stard_train"), ("ncpp", "ncpp_a")];

/// What may be given.
struct Settings {
    data: PathBuf,
    scorer: PathBuf,
    mode: String,
    run: Option<PathBuf>,
}

fn main() -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if !settings.scorer.exists() {
        println!("left out: there is no scorer at {}", settings.scorer.display());
        return ExitCode::SUCCESS;
    }
    let mut code = ExitCode::SUCCESS;
    for (corpus, questions) in SETS {
        match measure(&settings, corpus, questions) {
            Ok(true) => {}
            Ok(false) => println!(
                "{questions}: left out, its files are not in {}",
                settings.data.display()
            ),
            Err(error) => {
                eprintln!("{questions}: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn settings() -> Result<Settings, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = env::var_os("GONGBAO_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let mut settings = Settings {
        data: shared.join("data/search"),
        scorer: shared.join("tools/score_search.py"),
        mode: "any".into(),
        run: None,
    };
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--data" => settings.data = value()?.into(),
            "--scorer" => settings.scorer = value()?.into(),
            "--mode" => settings.mode = value()?,
            "--run" => settings.run = Some(value()?.into()),
            // What cargo itself adds.
            "--bench" => {}
            _ => return Err(format!("{arg} is not known; see the head of benches/relevance.rs").into()),
        }
    }
    Ok(settings)
}

/// Imports, serves and asks. `false` when the set is not there.
fn measure(settings: &Settings, corpus: &str, questions: &str) -> Result<bool, Box<dyn Error>> {
    let file = |name: String| settings.data.join(name);
    let corpus = file(format!("{corpus}_corpus.jsonl.gz"));
    let queries = file(format!("{questions}_queries.jsonl"));
    let judgments = file(format!("{questions}_qrels.tsv"));
    if ![&corpus, &queries, &judgments].iter().all(|path| path.exists()) {
        return Ok(false);
    }
    let data = tempfile::tempdir()?;
    let imported = gongbao(data.path()).arg("import").arg(&corpus).output()?;
    // Rows that were refused are said and left out.
    if !imported.status.success() {
        eprint!("{}", String::from_utf8_lossy(&imported.stderr));
    }
    let server = Server::start(data.path())?;
    let mut scorer = Command::new("python3");
    scorer.arg(&settings.scorer).args(["--url", &server.url]);
    scorer
        .arg("--queries")
        .arg(&queries)
        .arg("--qrels")
        .arg(&judgments);
    scorer.args(["--mode", &settings.mode]);
    if let Some(run) = &settings.run {
        scorer.arg("--run").arg(run.join(format!("{questions}.trec")));
    }
    println!("{questions}:");
    let status = scorer.status()?;
    if status.success() {
        Ok(true)
    } else {
        Err(format!("the scorer ended with {status}").into())
    }
}

fn gongbao(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
    command.arg("--data").arg(data).current_dir(data);
    command
}

/// A service that ends with this value.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(data: &Path) -> Result<Self, Box<dyn Error>> {
        let mut child = gongbao(data)
            .args(["serve", "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        let server = Self {
            child,
            url: url.trim().to_owned(),
        };
        if server.url.is_empty() {
            return Err("serve did not say where it answers".into());
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
