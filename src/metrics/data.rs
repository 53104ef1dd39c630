//! The data directory: index, catalog, archive, and room on the disk.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crawler::Catalog;
use index::Reader;
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, registry::Unit};

use super::{Figures, process::seconds_since_1970};
use crate::disk::Disk;

/// Figures of a data directory.
pub struct DataMetrics {
    data: PathBuf,
    reader: Reader,
    disk: Disk,
    /// Opened when it is first asked.
    catalog: Mutex<Option<Catalog>>,
}

impl fmt::Debug for DataMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataMetrics")
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}

/// What the catalog says.
struct Waiting {
    /// Rows of the outbox, those included that the index has.
    outbox: u64,
    /// The last that there ever was.
    end: u64,
}

impl DataMetrics {
    /// Of the data directory at `data`, whose index `reader` reads.
    pub fn new(data: PathBuf, reader: Reader, disk: Disk) -> Self {
        Self {
            data,
            reader,
            disk,
            catalog: Mutex::new(None),
        }
    }

    fn waiting(&self) -> anyhow::Result<Option<Waiting>> {
        let mut held = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        // Asking makes no catalog where there is none.
        if held.is_none() && !self.data.join("catalog.db").is_file() {
            return Ok(None);
        }
        let catalog = match held.take() {
            Some(catalog) => catalog,
            None => Catalog::open(&self.data)?,
        };
        let waiting = Waiting {
            outbox: catalog.outbox_len()?,
            end: catalog.outbox_end()?,
        };
        // One that failed is opened anew the next time.
        *held = Some(catalog);
        Ok(Some(waiting))
    }

    fn index(&self, figures: &mut Figures<'_>, waiting: Option<&Waiting>) -> fmt::Result {
        let stats = match self.reader.stats() {
            Ok(stats) => stats,
            Err(error) => {
                tracing::warn!(%error, "no figures of the index");
                return Ok(());
            }
        };
        figures.gauge(
            "index_documents",
            "Reports that can be found",
            None,
            stats.reports as f64,
        )?;
        let deleted = "Replaced or removed reports that still take room in the index";
        figures.gauge("index_deleted_documents", deleted, None, stats.deleted as f64)?;
        figures.gauge(
            "index_segments",
            "Segments of the index",
            None,
            stats.segments as f64,
        )?;
        figures.gauge(
            "index_size",
            "Index on disk",
            Some(&Unit::Bytes),
            stats.bytes as f64,
        )?;
        figures.gauge(
            "index_watermark",
            "Number of the last change of the catalog that the index has",
            None,
            stats.watermark as f64,
        )?;
        if let Some(waiting) = waiting {
            let behind = waiting.end.saturating_sub(stats.watermark);
            let help = "Changes of the catalog that the index does not have yet";
            figures.gauge("index_watermark_lag", help, None, behind as f64)?;
        }
        let meta = self.data.join("index").join(&stats.generation).join("meta.json");
        let committed = fs::metadata(meta).and_then(|meta| meta.modified()).ok();
        if let Some(at) = committed.and_then(seconds_since_1970) {
            let help = "When the index was last committed to, since 1970";
            figures.gauge("index_commit_time", help, Some(&Unit::Seconds), at)?;
        }
        Ok(())
    }
}

impl Collector for DataMetrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut figures = Figures::new(encoder);
        let waiting = self.waiting().unwrap_or_else(|error| {
            tracing::warn!("no figures of the catalog: {error:#}");
            None
        });
        self.index(&mut figures, waiting.as_ref())?;
        if let Some(waiting) = &waiting {
            let help = "Rows of the catalog's outbox, those of the last commit included";
            figures.gauge("catalog_outbox_rows", help, None, waiting.outbox as f64)?;
            let bytes = length(&self.data.join("catalog.db")) + length(&self.data.join("catalog.db-wal"));
            figures.gauge(
                "catalog_size",
                "Catalog on disk",
                Some(&Unit::Bytes),
                bytes as f64,
            )?;
        }
        let archive = fs::read_dir(self.data.join("archive"))
            .into_iter()
            .flatten()
            .flatten();
        let archive: Vec<u64> = archive.map(|file| length(&file.path())).collect();
        let bytes: u64 = archive.iter().sum();
        figures.gauge(
            "archive_size",
            "Archive on disk",
            Some(&Unit::Bytes),
            bytes as f64,
        )?;
        figures.gauge(
            "archive_files",
            "Files of the archive",
            None,
            archive.len() as f64,
        )?;
        if let Some((free, needed)) = self.disk.room() {
            let help = "Free on the disk of the data directory";
            figures.gauge("disk_free", help, Some(&Unit::Bytes), free as f64)?;
            let help = "Free room below which crawls, imports and jobs stop";
            figures.gauge("disk_min_free", help, Some(&Unit::Bytes), needed as f64)?;
            let help = "1 while they are stopped for want of room";
            figures.gauge("disk_full", help, None, f64::from(u8::from(free < needed)))?;
        }
        Ok(())
    }
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}
