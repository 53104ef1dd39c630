//! The archive against what the catalog says of it.

use std::{fs, iter::Peekable};

use crawler::{Archive, Catalog, Found, Location, Position};

use super::{Findings, Part};
use crate::progress::Progress;

/// Captures that a quick check reads.
const SAMPLE: usize = 200;

/// The archive, and what the catalog says of it.
pub(super) struct Checked<'a> {
    pub(super) archive: Archive,
    pub(super) catalog: Option<&'a Catalog>,
    /// In the order of the archive.
    pub(super) places: Vec<Location>,
}

impl Checked<'_> {
    /// Whether the files are there, and as long as they have to be.
    pub(super) fn lengths(&self, found: &mut Findings) {
        for of_file in self.places.chunk_by(|a, b| a.file == b.file) {
            let Some(first) = of_file.first() else { continue };
            let end = of_file
                .iter()
                .map(|place| place.offset.saturating_add(place.length));
            let end = end.max().unwrap_or(0);
            let path = self.archive.path(first);
            let n = of_file.len();
            match fs::metadata(&path) {
                Err(error) => found.problem(
                    Part::Archive,
                    format!("{}: {error}; the catalog has {n} captures there", path.display()),
                ),
                Ok(file) if file.len() < end => {
                    let length = file.len();
                    let cut = of_file
                        .iter()
                        .filter(|place| place.offset + place.length > length);
                    let n = cut.count();
                    found.problem(
                        Part::Archive,
                        format!(
                            "{}: {length} bytes, the catalog knows {end}; {n} captures are cut off",
                            path.display()
                        ),
                    );
                }
                Ok(_) => (),
            }
        }
    }

    /// Reads some captures, evenly spread.
    pub(super) fn sample(&self, found: &mut Findings) {
        let step = self.places.len().div_ceil(SAMPLE).max(1);
        for place in self.places.iter().step_by(step) {
            match self.archive.read(place) {
                Ok(_) => found.captures += 1,
                // A file that is missing or too short was told above.
                Err(_) if self.is_cut(place) => (),
                Err(error) => found.problem(Part::Archive, format!("{error} ({})", self.whose(place))),
            }
        }
    }

    /// Reads all, and looks whether what the catalog speaks of stands where it says.
    pub(super) fn read_all(&self, found: &mut Findings) -> anyhow::Result<()> {
        let progress = Progress::of_bytes("reading the archive", 0);
        let mut places = self.places.iter().peekable();
        let mut scan = self.archive.scan(Position::default())?;
        while let Some(piece) = scan.next() {
            match piece {
                Err(error) => found.problem(Part::Archive, format!("{:#}", anyhow::Error::new(error))),
                Ok(Found::Capture(_, at)) => {
                    found.captures += 1;
                    self.pass(&mut places, Some(&at), found);
                }
                Ok(Found::Damaged(at)) => {
                    let path = self.archive.path(&at);
                    found.problem(
                        Part::Archive,
                        format!("{}: {} damaged bytes at {}", path.display(), at.length, at.offset),
                    );
                }
                // Written when the process was killed: never acknowledged, cut off or passed over by the next writer.
                Ok(Found::Incomplete(_)) => (),
            }
            let (done, total) = scan.progress();
            progress.of(total);
            progress.at(done, &format!("{} captures", found.captures));
        }
        self.pass(&mut places, None, found);
        progress.done();
        Ok(())
    }

    /// Goes on to the places from `at` on; those before it have no capture.
    fn pass<'p>(
        &self,
        places: &mut Peekable<impl Iterator<Item = &'p Location>>,
        at: Option<&Location>,
        found: &mut Findings,
    ) {
        let key = |place: &Location| (place.file, place.offset);
        while let Some(place) = places.next_if(|place| at.is_none_or(|at| key(place) <= key(at))) {
            if at == Some(place) || self.is_cut(place) {
                continue;
            }
            let path = self.archive.path(place);
            let whose = self.whose(place);
            found.problem(
                Part::Archive,
                format!(
                    "{}: no whole capture at {}, where {whose} was read",
                    path.display(),
                    place.offset
                ),
            );
        }
    }

    /// Whether the file is missing or ends before the place does.
    fn is_cut(&self, place: &Location) -> bool {
        let length = fs::metadata(self.archive.path(place)).map_or(0, |file| file.len());
        length < place.offset.saturating_add(place.length)
    }

    fn whose(&self, place: &Location) -> String {
        let whose = self.catalog.and_then(|catalog| catalog.at_place(place).ok());
        whose.unwrap_or_else(|| "a capture".to_owned())
    }
}
