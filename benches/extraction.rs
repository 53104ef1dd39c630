//! Measures the extractor and writes the tables of `docs/extraction.md`.
//!
//! ```text
//! cargo bench --bench extraction                     all tables, printed
//! cargo bench --bench extraction -- --write          … and put into docs/extraction.md
//! cargo bench --bench extraction -- speed limits     only these sections
//! ```
//!
//! The pages and labels it measures with are not part of the repository: `../shared`, or the folder that
//! `GONGBAO_SHARED` names. Main text is scored by that folder's `score_extraction.py` (Python 3.11). The peer, PyPI's
//! `trafilatura`, is measured in the same run where it is installed, and left out with a word where it is not.
//!
//! One section a module below `extraction/`; each gives Markdown.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a measurement prints, and ends where it cannot go on"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[path = "extraction/bombs.rs"]
mod bombs;
#[path = "extraction/limits.rs"]
mod limits;
#[path = "extraction/machine.rs"]
mod machine;
#[path = "extraction/metadata.rs"]
mod metadata;
#[path = "extraction/pages.rs"]
mod pages;
#[path = "extraction/python.rs"]
mod python;
#[path = "extraction/seeds.rs"]
mod seeds;
#[path = "extraction/speed.rs"]
mod speed;
#[path = "extraction/spread.rs"]
mod spread;
#[path = "extraction/text.rs"]
mod text;

/// The tables stand between these lines of the document.
const BEGIN: &str = "<!-- figures: written by `cargo bench --bench extraction -- --write` -->";
const END: &str = "<!-- end of figures -->";

/// Name, and what makes its table.
type Section = (&'static str, fn(&Path) -> String);

const SECTIONS: &[Section] = &[
    ("text", text::section),
    ("seeds", seeds::section),
    ("metadata", metadata::section),
    ("speed", speed::section),
    ("limits", limits::section),
];

fn main() -> ExitCode {
    let mut write = false;
    let mut wanted = Vec::new();
    for argument in env::args().skip(1) {
        match argument.as_str() {
            // What `cargo bench` and `cargo test --benches` pass.
            "--bench" | "--test" => {}
            "--write" => write = true,
            name if SECTIONS.iter().any(|(known, _)| *known == name) => wanted.push(argument),
            other => {
                let known: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
                eprintln!("unknown section {other:?}; there are {}", known.join(", "));
                return ExitCode::from(2);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = env::var_os("GONGBAO_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    if !shared.is_dir() {
        println!("skipped: no {} to measure with", shared.display());
        return ExitCode::SUCCESS;
    }
    if write && !wanted.is_empty() {
        eprintln!("--write needs all sections");
        return ExitCode::from(2);
    }
    let mut out = machine::section();
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            eprintln!("measuring {name}");
            let table = section(&shared);
            println!("{table}");
            out.push('\n');
            out.push_str(&table);
        }
    }
    if write {
        let path = root.join("docs/extraction.md");
        let document = fs::read_to_string(&path).expect("docs/extraction.md can be read");
        let document = replaced(&document, &out).expect("docs/extraction.md has the two marks");
        fs::write(&path, document).expect("docs/extraction.md can be written");
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
