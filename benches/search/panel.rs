//! How long a panel takes from a cold start: the files out of the memory of the system, the index not yet open.

use std::{error::Error, fmt::Write, fs, path::Path};

use index::{Concept, Dictionary, Layout, PanelBy, PanelRequest, Reader, SearchRequest};
use report::Level;
use rustix::fs::{Advice, fadvise};

use crate::{
    Bench,
    cost::{self, Stopwatch},
    dice::Dice,
};

const CONCEPTS: usize = 20;
/// 200 terms in all.
const TERMS: usize = 10;

/// Panels of counties and years.
pub(crate) fn panel(bench: &Bench) -> Result<String, Box<dyn Error>> {
    drop(bench.ours()?);
    let mut out = format!(
        "### Panels, {} reports × {} terms, county × year, cold (load {})\n\n\
         | terms | occurrences | rows | seconds | processor seconds |\n|---|---|---|---|---|\n",
        bench.n_reports,
        CONCEPTS * TERMS,
        cost::load()
    );
    for (name, percent) in [("words", 100), ("words and phrases", 50), ("phrases", 0)] {
        let dictionary = dictionary(bench, percent);
        forget(&bench.dir.join("ours"))?;
        let watch = Stopwatch::start();
        let reader = Reader::open(&bench.dir.join("ours"))?;
        let request = PanelRequest {
            search: SearchRequest::default(),
            dictionary,
            layout: Layout {
                by: vec![PanelBy::Region, PanelBy::Year],
                level: Some(Level::County),
                max_rows: usize::MAX,
            },
        };
        let panel = reader.panel(&request, &|_, _| {})?;
        let occurrences: u64 = panel.rows().filter_map(|row| row.occurrences).sum();
        writeln!(
            out,
            "| {name} | {occurrences} | {} | {:.2} | {:.2} |",
            panel.n_rows(),
            watch.wall().as_secs_f64(),
            watch.processors().as_secs_f64()
        )?;
    }
    Ok(out)
}

/// Terms of which so many of a hundred are single words, the others phrases.
fn dictionary(bench: &Bench, percent: usize) -> Dictionary {
    let mut dice = Dice::new(7);
    let concepts = (0..CONCEPTS).map(|nth| {
        let mut terms: Vec<String> = Vec::new();
        while terms.len() < TERMS {
            let term = match dice.percent(percent) {
                true => bench.reports.word(&mut dice),
                false => bench.reports.phrase(&mut dice),
            };
            if term.chars().count() > 1 && !terms.iter().any(|known| known == term) {
                terms.push(term.to_owned());
            }
        }
        Concept {
            name: format!("concept {nth}"),
            terms,
            exclude: Vec::new(),
        }
    });
    Dictionary {
        concepts: concepts.collect(),
        exclude: Vec::new(),
    }
}

/// Has the system read the files of a folder from the disk again.
fn forget(dir: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            forget(&path)?;
        } else {
            let file = fs::File::open(&path)?;
            file.sync_all()?;
            fadvise(&file, 0, None, Advice::DontNeed)?;
        }
    }
    Ok(())
}
