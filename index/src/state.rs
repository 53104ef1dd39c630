//! One state of the index: the segments as of one commit, with their columns.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use report::{Report, ReportId};
use tantivy::{
    DocAddress, DocSet, Index, IndexReader, ReloadPolicy, Searcher, TERMINATED, Term,
    schema::IndexRecordOption,
};

use crate::{
    IndexError,
    columns::Columns,
    engine::{self, guard},
    generation,
    matching::Segment,
    rank::Shown,
    schema::{Fields, Stored},
    similar::{GroupCache, Groups},
    texts::Texts,
};

/// Unpacked blocks of stored reports that are kept for each segment. Reports are read in the order of answers, which is hardly ever
/// that of blocks: more would take memory and save nothing.
const CACHED_BLOCKS: usize = 16;

/// One state of the index; it does not change.
pub(crate) struct State {
    /// Tells states apart: two with the same id hold the same reports.
    pub(crate) id: u64,
    pub(crate) generation: Arc<Opened>,
    pub(crate) searcher: Searcher,
    /// By segment, as in the searcher.
    pub(crate) columns: Vec<Columns>,
    /// Those of this state and of a few others.
    groups: Arc<GroupCache>,
    pub(crate) texts: Vec<Texts>,
    /// What is shown now; counted by the first search that ranks.
    shown: OnceLock<Arc<Shown>>,
    stamps: Stamps,
}

/// A generation that was opened.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) index: Index,
    pub(crate) fields: Fields,
    reader: IndexReader,
}

/// What the files that change with every commit and every generation look like from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamps {
    current: Option<Stamp>,
    meta: Option<Stamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
    /// Both files are replaced by a rename, so a new content is a new file.
    file: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let file = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let file = 0;
        Some(Self {
            modified: metadata.modified().ok(),
            len: metadata.len(),
            file,
        })
    }
}

impl State {
    /// The newest state of the index in `dir`. What of `before` still holds is used again.
    pub(crate) fn load(dir: &Path, before: Option<&Self>) -> Result<Self, IndexError> {
        // A generation may be replaced and removed between the moment its name is read and the moment it is open.
        let mut tries = 3;
        loop {
            tries -= 1;
            let name = generation::current(dir)?.ok_or_else(|| IndexError::Missing(dir.to_owned()))?;
            match Self::load_generation(dir, &name, before) {
                Err(_) if tries > 0 && generation::current(dir)?.as_ref() != Some(&name) => {}
                other => return other,
            }
        }
    }

    fn load_generation(dir: &Path, name: &str, before: Option<&Self>) -> Result<Self, IndexError> {
        let path = dir.join(name);
        // Taken first: what changes while the rest is read is noticed next time.
        let stamps = stamps(dir, &path);
        let generation = match before
            .map(|state| &state.generation)
            .filter(|opened| opened.name == name)
        {
            Some(opened) => {
                guard(&path, || opened.reader.reload())?;
                opened.clone()
            }
            None => {
                let (index, fields) = engine::open(&path)?;
                let builder = index
                    .reader_builder()
                    .reload_policy(ReloadPolicy::Manual)
                    .doc_store_cache_num_blocks(CACHED_BLOCKS);
                let reader = guard(&path, || builder.try_into())?;
                Arc::new(Opened {
                    name: name.to_owned(),
                    path: path.clone(),
                    index,
                    fields,
                    reader,
                })
            }
        };
        let searcher = generation.reader.searcher();
        let columns = guard(&path, || {
            searcher.segment_readers().iter().map(Columns::open).collect()
        })?;
        let texts = guard(&path, || {
            searcher.segment_readers().iter().map(Texts::open).collect()
        })?;
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        for (segment, deletes) in searcher.generation().segments() {
            (segment.uuid_string(), deletes).hash(&mut hasher);
        }
        Ok(Self {
            id: hasher.finish(),
            generation,
            searcher,
            columns,
            groups: before.map(|state| state.groups.clone()).unwrap_or_default(),
            texts,
            shown: OnceLock::new(),
            stamps,
        })
    }

    /// Whether nothing was committed or published since this state was loaded.
    pub(crate) fn is_current(&self, dir: &Path) -> bool {
        stamps(dir, &self.generation.path) == self.stamps
    }

    /// Its segments, in the order of the searcher.
    pub(crate) fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let readers = self.searcher.segment_readers().iter();
        let fields = &self.generation.fields;
        let read = self.columns.iter().zip(&self.texts);
        readers.zip(read).map(move |(reader, (columns, texts))| Segment {
            reader,
            columns,
            texts,
            fields,
        })
    }

    /// Runs an operation of the engine on this state.
    pub(crate) fn guard<T>(&self, work: impl FnOnce() -> tantivy::Result<T>) -> Result<T, IndexError> {
        guard(&self.generation.path, work)
    }

    /// Groups of near-duplicates among the reports as of a moment. Whoever asks first finds them, and others wait.
    pub(crate) fn groups(&self, as_of: Option<i64>) -> Result<Arc<Groups>, IndexError> {
        let as_of = self.past_view(as_of);
        let find = || {
            let readers = self.searcher.segment_readers();
            Ok(Groups::new(readers, &self.columns, as_of)?)
        };
        self.groups.of((self.id, as_of), || self.guard(find))
    }

    /// What can be shown as of a moment, in numbers.
    pub(crate) fn shown(&self, as_of: Option<i64>) -> tantivy::Result<Arc<Shown>> {
        let as_of = self.past_view(as_of);
        if let (None, Some(shown)) = (as_of, self.shown.get()) {
            return Ok(shown.clone());
        }
        let shown = Shown::new(&self.searcher, &self.columns, &self.generation.fields, as_of)?;
        let shown = Arc::new(shown);
        if as_of.is_none() {
            // Whoever counted at the same time has counted the same.
            let _ = self.shown.set(shown.clone());
        }
        Ok(shown)
    }

    pub(crate) fn damaged(&self, detail: impl Into<String>) -> IndexError {
        IndexError::Damaged {
            path: self.generation.path.clone(),
            detail: detail.into(),
        }
    }

    /// Where the newest version of a report is.
    pub(crate) fn find(&self, id: &ReportId) -> Result<Option<DocAddress>, IndexError> {
        self.find_term(&self.generation.fields.newest_term(id))
    }

    /// Where the document with a key is.
    pub(crate) fn find_term(&self, term: &Term) -> Result<Option<DocAddress>, IndexError> {
        self.guard(|| {
            for (segment, reader) in self.searcher.segment_readers().iter().enumerate() {
                let inverted = reader.inverted_index(term.field())?;
                let Some(mut postings) = inverted.read_postings(term, IndexRecordOption::Basic)? else {
                    continue;
                };
                while postings.doc() != TERMINATED {
                    if !reader.is_deleted(postings.doc()) {
                        return Ok(Some(DocAddress::new(segment as u32, postings.doc())));
                    }
                    postings.advance();
                }
            }
            Ok(None)
        })
    }

    /// The id of a report.
    pub(crate) fn id(&self, address: DocAddress) -> Result<ReportId, IndexError> {
        let columns = self.columns.get(address.segment_ord as usize);
        let id = columns.map(|columns| columns.id(columns.id_rank(address.doc_id)));
        let id = id.and_then(Result::ok).and_then(|id| id.parse().ok());
        id.ok_or_else(|| self.damaged("an id cannot be read"))
    }

    /// Reads a report.
    pub(crate) fn report(&self, address: DocAddress) -> Result<Report, IndexError> {
        let stored = self.stored(address)?;
        serde_json::from_str(&stored)
            .map_err(|error| self.damaged(format!("a stored report cannot be read: {error}")))
    }

    /// The JSON of a report.
    pub(crate) fn stored(&self, address: DocAddress) -> Result<String, IndexError> {
        let Stored(json) = self.guard(|| self.searcher.doc(address))?;
        json.ok_or_else(|| self.damaged("a document holds no report"))
    }
}

fn stamps(dir: &Path, generation: &Path) -> Stamps {
    Stamps {
        current: Stamp::of(&generation::current_file(dir)),
        meta: Stamp::of(&generation.join("meta.json")),
    }
}
