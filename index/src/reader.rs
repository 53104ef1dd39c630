//! The read side.
use std::{collections::BTreeMap, path::Path, time::Instant};

use report::{RegionCode, Report, ReportId};
use serde::Serialize;

use crate::{IndexError, SearchError, SearchRequest, SearchResponse};

/// The read side of an index.
#[derive(Clone)]
pub struct Reader {}

impl Reader {
    /// Opens the index in `dir`.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        let _ = dir;
        todo!()
    }

    /// Takes notice of new commits and generations now.
    pub fn reload(&self) -> Result<(), IndexError> {
        todo!()
    }

    /// Answers a search.
    pub fn search(&self, request: &SearchRequest, now: Instant) -> Result<SearchResponse, SearchError> {
        let _ = (request, now);
        todo!()
    }

    /// Every report that a search finds, in one state of the index; `limit`, `cursor` and `facets` are not read.
    /// Without `sort` they come by id.
    pub fn find_all(&self, request: &SearchRequest) -> Result<Found, SearchError> {
        let _ = request;
        todo!()
    }

    /// The report of an id.
    pub fn get(&self, id: &ReportId) -> Result<Option<Report>, IndexError> {
        let _ = id;
        todo!()
    }

    /// Number of reports of every division that has any, what lies below it included.
    pub fn region_counts(&self) -> Result<BTreeMap<RegionCode, u64>, IndexError> {
        todo!()
    }

    /// Figures.
    pub fn stats(&self) -> Result<IndexStats, IndexError> {
        todo!()
    }

    /// Checks every file and every stored report.
    pub fn verify(&self) -> Result<Verification, IndexError> {
        todo!()
    }
}

/// All reports that a search finds, read one by one.
pub struct Found {}

impl Found {
    /// How many there are in all.
    pub fn total(&self) -> u64 {
        todo!()
    }
}

impl Iterator for Found {
    type Item = Result<Report, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}

/// Figures of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IndexStats {
    /// Reports that can be found.
    pub reports: u64,
    /// Han characters of their texts.
    pub chars: u64,
    /// Watermark of the last commit.
    pub watermark: u64,
    /// Name of the generation.
    pub generation: String,
    /// Segments of the engine.
    pub segments: u64,
    /// Bytes on disk, all parts.
    pub bytes: u64,
    /// Bytes on disk by part.
    pub bytes_by_part: BTreeMap<String, u64>,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Reports that were read.
    pub reports: u64,
    /// Everything that is wrong; empty when all is well.
    pub problems: Vec<String>,
}
