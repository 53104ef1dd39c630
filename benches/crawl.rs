//! Measures the crawl and writes the tables of `docs/crawling.md`.
//!
//! ```text
//! cargo bench --bench crawl                          all tables, printed
//! cargo bench --bench crawl -- --write               … and put into docs/crawling.md
//! cargo bench --bench crawl -- hosts scrapy          only these sections
//! cargo bench --bench crawl -- hosts --hosts 1,10    only these numbers of hosts
//! cargo bench --bench crawl -- --quick               one run of each, fewer pages: to see that it works
//! ```
//!
//! What is measured is the program itself, `gongbao crawl`, from its start to its end, into a data directory on disk:
//! it fetches, archives, extracts and indexes. The portals are a process of their own ([`server`]). Linux only: the
//! costs are read from `/proc`. The peer, PyPI's `scrapy`, is installed into a virtual environment below `target/`,
//! and left out with a word where that fails.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement prints, and ends where it cannot go on"
)]

use std::{env, fs, path::Path, process::ExitCode};

#[path = "crawl/delays.rs"]
mod delays;
#[path = "crawl/hosts.rs"]
mod hosts;
#[path = "extraction/machine.rs"]
mod machine;
#[path = "crawl/memory.rs"]
mod memory;
#[path = "crawl/process.rs"]
mod process;
#[path = "crawl/program.rs"]
mod program;
#[path = "crawl/scrapy.rs"]
mod scrapy;
#[path = "crawl/server.rs"]
mod server;
#[path = "crawl/site.rs"]
mod site;
#[path = "extraction/spread.rs"]
mod spread;
#[path = "crawl/stages.rs"]
mod stages;

/// The tables stand between these lines of the document.
const BEGIN: &str = "<!-- figures: written by `cargo bench --bench crawl -- --write` -->";
const END: &str = "<!-- end of figures -->";

/// How much is measured.
pub(crate) struct Settings {
    /// Numbers of hosts, of those that a section would measure.
    hosts: Option<Vec<usize>>,
    is_quick: bool,
}

impl Settings {
    /// Runs of each kind.
    fn rounds(&self) -> usize {
        if self.is_quick { 1 } else { 3 }
    }

    /// The numbers of hosts to measure.
    fn of(&self, usual: &[usize]) -> Vec<usize> {
        match &self.hosts {
            Some(hosts) => usual.iter().copied().filter(|n| hosts.contains(n)).collect(),
            None => usual.to_vec(),
        }
    }
}

/// Name, and what makes its table.
type Section = (&'static str, fn(&Settings) -> String);

const SECTIONS: &[Section] = &[
    ("hosts", hosts::section),
    ("stages", stages::section),
    ("delays", delays::section),
    ("scrapy", scrapy::section),
    ("memory", memory::section),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some((server::SERVE, rest)) = arguments
        .split_first()
        .map(|(first, rest)| (first.as_str(), rest))
    {
        server::serve(rest);
        return ExitCode::SUCCESS;
    }
    let mut write = false;
    let mut wanted = Vec::new();
    let mut settings = Settings {
        hosts: None,
        is_quick: false,
    };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            // `cargo test --benches`: nothing is to be measured in a build without optimisation.
            "--test" => return ExitCode::SUCCESS,
            "--write" => write = true,
            "--quick" => settings.is_quick = true,
            "--hosts" => {
                let numbers = arguments.next().unwrap_or_default();
                match numbers.split(',').map(str::parse).collect() {
                    Ok(numbers) => settings.hosts = Some(numbers),
                    Err(_) => {
                        eprintln!("--hosts takes numbers, e.g. --hosts 1,10");
                        return ExitCode::from(2);
                    }
                }
            }
            name if SECTIONS.iter().any(|(known, _)| *known == name) => wanted.push(argument),
            other => {
                let known: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
                eprintln!("unknown section {other:?}; there are {}", known.join(", "));
                return ExitCode::from(2);
            }
        }
    }
    if write && (!wanted.is_empty() || settings.is_quick || settings.hosts.is_some()) {
        eprintln!("--write needs all sections in full");
        return ExitCode::from(2);
    }
    if !Path::new("/proc/self/stat").exists() {
        println!("skipped: no /proc to read costs from");
        return ExitCode::SUCCESS;
    }
    let mut out = machine::section();
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            eprintln!("measuring {name}");
            let table = section(&settings);
            println!("{table}");
            out.push('\n');
            out.push_str(&table);
        }
    }
    if write {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/crawling.md");
        let document = fs::read_to_string(&path).expect("docs/crawling.md can be read");
        let document = replaced(&document, &out).expect("docs/crawling.md has the two marks");
        fs::write(&path, document).expect("docs/crawling.md can be written");
        eprintln!("written: {}", path.display());
    }
    ExitCode::SUCCESS
}

/// The document with other tables between its marks.
fn replaced(document: &str, tables: &str) -> Option<String> {
    let (head, rest) = document.split_once(BEGIN)?;
    let (_, tail) = rest.split_once(END)?;
    Some(format!("{head}{BEGIN}\n\n{}\n\n{END}{tail}", tables.trim()))
}
