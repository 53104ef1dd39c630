//! Measures searching and indexing, and writes the tables of `docs/search-speed.md`.
//!
//! ```text
//! cargo bench --bench search                                    all tables for 200,000 reports, printed
//! cargo bench --bench search -- --write                         … and put into docs/search-speed.md
//! cargo bench --bench search -- --reports 50000 exact words     only these sections, fewer reports
//! cargo bench --bench search -- --dir /tmp/corpus               indexes are kept there, and used when they are there
//! ```
//!
//! The reports are invented from seeds (`search/reports.rs`), report for report the same on every machine, and so are
//! the queries, cut out of them in strata by how many reports have them (`search/queries.rs`). Searches go through
//! `index::Reader` as the server's do: one client, warm, the first page of ten with an exact total. The peer in the same run is tantivy itself with
//! one field cut by tantivy-jieba (`search/bare.rs`).

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement prints, and ends where it cannot go on"
)]

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use index::{Reader, Writer, WriterOptions};

#[path = "search/bare.rs"]
mod bare;
#[path = "search/cost.rs"]
mod cost;
#[path = "search/counting.rs"]
mod counting;
#[path = "search/dice.rs"]
mod dice;
#[path = "search/hostile.rs"]
mod hostile;
#[path = "search/indexing.rs"]
mod indexing;
#[path = "extraction/machine.rs"]
mod machine;
#[path = "search/panel.rs"]
mod panel;
#[path = "search/queries.rs"]
mod queries;
#[path = "search/reports.rs"]
mod reports;
#[path = "search/searching.rs"]
mod searching;
#[path = "search/vocabulary.rs"]
mod vocabulary;

use crate::{bare::Bare, reports::Reports};

/// The tables stand between these lines of the document.
const BEGIN: &str = "<!-- figures: written by `cargo bench --bench search -- --write` -->";
const END: &str = "<!-- end of figures -->";

/// What is measured.
pub(crate) struct Bench {
    reports: Reports,
    n_reports: usize,
    /// Where the indexes are.
    dir: PathBuf,
    /// Queries of each stratum.
    n_queries: usize,
}

type Section = (&'static str, fn(&Bench) -> Result<String, Box<dyn Error>>);

const SECTIONS: &[Section] = &[
    ("index", indexing::speed),
    ("sizes", indexing::sizes),
    ("exact", searching::exact),
    ("words", searching::words),
    ("cursor", searching::cursor),
    ("panel", panel::panel),
    ("concordance", counting::concordance),
    ("trends", counting::trends),
    ("hostile", hostile::refused),
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (mut write, mut wanted) = (false, Vec::new());
    let (mut n_reports, mut n_queries, mut dir) = (200_000, 30, None);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{argument} takes a value"))
        };
        match argument.as_str() {
            "--bench" => {}
            // `cargo test --benches`: nothing is to be measured in a build without optimisation.
            "--test" => return Ok(()),
            "--write" => write = true,
            "--reports" => n_reports = value()?.parse()?,
            "--queries" => n_queries = value()?.parse()?,
            "--dir" => dir = Some(PathBuf::from(value()?)),
            name if SECTIONS.iter().any(|(known, _)| *known == name) => wanted.push(argument),
            other => {
                let known: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
                return Err(format!("unknown section {other:?}; there are {}", known.join(", ")).into());
            }
        }
    }
    let temporary = tempfile::tempdir()?;
    let bench = Bench {
        reports: Reports::new(),
        n_reports,
        dir: dir
            .unwrap_or_else(|| temporary.path().to_owned())
            .join(n_reports.to_string()),
        n_queries,
    };
    let mut out = machine::section();
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            eprintln!("measuring {name}, load {}", cost::load());
            let table = section(&bench)?;
            println!("{table}");
            out.push('\n');
            out.push_str(&table);
        }
    }
    if write {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/search-speed.md");
        let document = fs::read_to_string(&path)?;
        let marks = document
            .split_once(BEGIN)
            .and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
        let (head, tail) = marks.ok_or("docs/search-speed.md lacks the two marks")?;
        fs::write(&path, format!("{head}{BEGIN}\n\n{}\n\n{END}{tail}", out.trim()))?;
    }
    Ok(())
}

impl Bench {
    /// Our index of all reports; made if it is not there.
    fn ours(&self) -> Result<Reader, Box<dyn Error>> {
        let dir = self.dir.join("ours");
        let done = self.dir.join("ours.done");
        if !done.exists() {
            if dir.exists() {
                fs::remove_dir_all(&dir)?;
            }
            fs::create_dir_all(&self.dir)?;
            let mut writer = Writer::open(&dir, WriterOptions::default())?;
            for nth in 0..self.n_reports {
                writer.upsert(&self.reports.report(nth))?;
                if nth % 10_000 == 9_999 {
                    eprintln!("indexed {} of {}", nth + 1, self.n_reports);
                    writer.commit(nth as u64 + 1)?;
                }
            }
            writer.commit(self.n_reports as u64)?;
            writer.close()?;
            fs::write(done, "")?;
        }
        Ok(Reader::open(&dir)?)
    }

    /// The peer's index of all reports; made if it is not there.
    fn bare(&self) -> Result<Bare, Box<dyn Error>> {
        let dir = self.dir.join("bare");
        let done = self.dir.join("bare.done");
        if !done.exists() {
            if dir.exists() {
                fs::remove_dir_all(&dir)?;
            }
            let texts = (0..self.n_reports).map(|nth| bare::text_of(&self.reports.report(nth)));
            Bare::create(&dir, texts)?;
            fs::write(done, "")?;
        }
        Bare::open(&dir)
    }
}
