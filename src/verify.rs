//! Whether a data directory holds together, part by part, and what to do where it does not.
//!
//! Nothing is locked and nothing is written; it may be asked beside whoever writes. Catalog and index are compared at one
//! commit of the index: what the catalog's outbox has after that commit is not expected to be there yet.

mod archive;
mod compare;

use std::path::Path;

use crawler::{Archive, Catalog};
use index::Reader;
use serde::Serialize;

use self::{archive::Checked, compare::compare};
use crate::{operations, progress::Progress};

/// Problems of a part that are told; more would say the same.
const MAX_PROBLEMS: usize = 100;

/// What was checked, and found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Findings {
    /// Nothing is wrong.
    pub(crate) ok: bool,
    /// Only samples were read.
    pub(crate) quick: bool,
    /// Reports of the index that were compared.
    pub(crate) reports: u64,
    /// Captures that were read.
    pub(crate) captures: u64,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// What is worth knowing and not wrong.
    pub(crate) notes: Vec<String>,
}

/// Something that is wrong.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// Where.
    pub(crate) part: Part,
    /// What.
    pub(crate) problem: String,
    /// What to do about it.
    pub(crate) advice: &'static str,
}

/// A part of a data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    Archive,
    Catalog,
    Index,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Catalog => "catalog",
            Self::Index => "index",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Archive => {
                "nothing derives the archive: bring it back from a backup (`gongbao restore` into another data directory). \
                 Without one, `gongbao index rebuild --accept-loss` goes on without what cannot be read"
            }
            Self::Catalog => {
                "`gongbao index rebuild` derives what the catalog says of the archive anew. Keys, jobs and alerts come back \
                 only from a backup, if the file itself is damaged"
            }
            Self::Index => "`gongbao index rebuild` derives the index anew; searches go on meanwhile",
        }
    }
}

impl Findings {
    fn problem(&mut self, part: Part, problem: String) {
        let n_before = self
            .problems
            .iter()
            .filter(|problem| problem.part == part)
            .count();
        let problem = match n_before {
            MAX_PROBLEMS => "and more".to_owned(),
            n if n > MAX_PROBLEMS => return,
            _ => problem,
        };
        self.problems.push(Problem {
            part,
            problem,
            advice: part.advice(),
        });
    }
}

/// Checks the data directory at `data`; a quick check reads samples only.
pub(crate) fn verify(data: &Path, quick: bool) -> anyhow::Result<Findings> {
    let mut found = Findings {
        quick,
        ..Findings::default()
    };
    let index = Reader::open(&data.join("index"))
        .map_err(|error| found.problem(Part::Index, format!("{:#}", anyhow::Error::new(error))))
        .ok();
    let path = data.join("catalog.db");
    let catalog = match path.is_file() {
        false => Err(format!("{} is missing", path.display())),
        true => Catalog::open(data).map_err(|error| format!("{:#}", anyhow::Error::new(error))),
    };
    let catalog = catalog
        .map_err(|problem| found.problem(Part::Catalog, problem))
        .ok();
    if let Some(index) = &index {
        check_index(index, &mut found)?;
    }
    if let Some(catalog) = &catalog
        && let Err(error) = check_catalog(catalog, &mut found)
    {
        found.problem(Part::Catalog, format!("{error:#}"));
    }
    let places = match &catalog {
        None => Vec::new(),
        // What cannot be read was told above.
        Some(catalog) => catalog.places().unwrap_or_default(),
    };
    let archive = Checked {
        archive: Archive::open(data),
        catalog: catalog.as_ref(),
        places,
    };
    archive.lengths(&mut found);
    match quick {
        true => archive.sample(&mut found),
        false => archive.read_all(&mut found)?,
    }
    if let (Some(index), Some(catalog)) = (&index, &catalog)
        && let Err(error) = compare(index, catalog, quick, &mut found)
    {
        found.problem(
            Part::Index,
            format!("cannot be compared with the catalog: {error:#}"),
        );
    }
    found.ok = found.problems.is_empty();
    Ok(found)
}

fn check_index(index: &Reader, found: &mut Findings) -> anyhow::Result<()> {
    if found.quick {
        return Ok(());
    }
    let progress = Progress::open_ended("index");
    progress.at(0, "check sums and documents");
    let checked = index.verify();
    progress.done();
    for problem in checked?.problems {
        found.problem(Part::Index, problem);
    }
    Ok(())
}

fn check_catalog(catalog: &Catalog, found: &mut Findings) -> anyhow::Result<()> {
    let progress = Progress::open_ended("catalog");
    progress.at(0, "pages and tables");
    let complaints = match found.quick {
        true => catalog.quick_check(),
        false => catalog.integrity_check(),
    };
    for complaint in complaints? {
        found.problem(Part::Catalog, complaint);
    }
    for hole in catalog.holes()? {
        found.problem(Part::Catalog, hole);
    }
    if !found.quick {
        let altered = [
            catalog.altered_contents()?,
            catalog.unreadable_texts()?,
            catalog.altered_rows()?,
            operations::altered_rows(catalog.connection())?,
        ];
        for altered in altered.into_iter().flatten() {
            found.problem(Part::Catalog, altered);
        }
    }
    progress.done();
    Ok(())
}

/// Where to look next, in words.
pub(crate) fn advice(found: &Findings) -> Vec<&'static str> {
    let parts = [Part::Archive, Part::Catalog, Part::Index];
    let is_hit = |part: &Part| found.problems.iter().any(|problem| problem.part == *part);
    parts
        .iter()
        .filter(|part| is_hit(part))
        .map(|part| part.advice())
        .collect()
}
