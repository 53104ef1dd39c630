//! The read side: searches and look-ups on the newest state of the index.
//!
//! Every call looks whether something was committed or published since the last one (two file look-ups) and loads
//! that first, so what one process commits the others see at once. One thread loads; the others go on with what
//! they have.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, TryLockError},
    time::Instant,
};

use report::{RegionCode, Report, ReportId};
use tantivy::DocAddress;

use crate::{
    BatchError, BatchRequest, Concordance, ConcordanceRequest, CorpusState, IndexError, Marks, Mode, Panel,
    PanelRequest, QueryEcho, SearchError, SearchRequest, SearchResponse, Similar, Synonyms, Trends,
    TrendsRequest,
    check::{self, IndexStats, Verification},
    completion, concordance,
    cursor::Cursors,
    deadline::Deadline,
    panel,
    rank::Weights,
    search, similar,
    state::State,
    trends,
};

/// The read side of an index. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Reader(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    state: RwLock<Arc<State>>,
    /// Held while a newer state is loaded.
    loading: Mutex<()>,
    cursors: Cursors,
    synonyms: RwLock<Arc<Synonyms>>,
}

impl Reader {
    /// Opens the index in `dir`.
    ///
    /// # Errors
    /// When there is no index, when it was written by another version of the program, or when it is damaged.
    pub fn open(dir: &Path) -> Result<Self, IndexError> {
        let state = State::load(dir, None)?;
        Ok(Self(Arc::new(Inner {
            dir: dir.to_owned(),
            state: RwLock::new(Arc::new(state)),
            loading: Mutex::new(()),
            cursors: Cursors::new(),
            synonyms: RwLock::new(Synonyms::built_in()),
        })))
    }

    /// Takes notice of new commits and generations now. Every other call does so by itself, but goes on with the old
    /// state when the new one cannot be loaded.
    ///
    /// # Errors
    /// When the new state cannot be loaded.
    pub fn reload(&self) -> Result<(), IndexError> {
        let _loading = self.0.loading.lock().unwrap_or_else(PoisonError::into_inner);
        self.load()
    }

    /// Uses these synonyms from now on, here and in all clones, for requests that bring none.
    pub fn use_synonyms(&self, synonyms: Arc<Synonyms>) {
        *self.0.synonyms.write().unwrap_or_else(PoisonError::into_inner) = synonyms;
    }

    /// A request with all that it is answered by.
    fn whole<'a>(&self, request: &'a SearchRequest) -> Cow<'a, SearchRequest> {
        if request.mode != Mode::Loose || request.synonyms.is_some() {
            return Cow::Borrowed(request);
        }
        let synonyms = self.0.synonyms.read().unwrap_or_else(PoisonError::into_inner);
        Cow::Owned(SearchRequest {
            synonyms: Some(Arc::clone(&synonyms)),
            ..request.clone()
        })
    }

    /// Tells states of the index apart: another number means that something was committed or published.
    pub fn state_id(&self) -> u64 {
        self.state().id
    }

    /// What searches are answered from now, with the versions of dictionary and schema. An answer that is given as of a
    /// moment, or by a cursor, is given from another one: it says so itself.
    pub fn corpus_state(&self) -> CorpusState {
        self.state().corpus_state(None)
    }

    /// Answers a search. `now` is the moment it was asked: cursors expire by it, and the time taken counts from it.
    ///
    /// # Errors
    /// When the query, a parameter or the cursor cannot be used, or the index fails.
    pub fn search(&self, request: &SearchRequest, now: Instant) -> Result<SearchResponse, SearchError> {
        search::search(&self.state(), &self.0.cursors, &self.whole(request), now)
    }

    /// Key word in context: the occurrences of a query's strings, a page of them in order, and how many there are. `now` as
    /// in [`Self::search`].
    ///
    /// # Errors
    /// As [`Self::search`]; also when the query has no string that could stand in a text.
    pub fn concordance(
        &self,
        request: &ConcordanceRequest,
        now: Instant,
    ) -> Result<Concordance, SearchError> {
        let request = match self.whole(&request.search) {
            Cow::Borrowed(_) => Cow::Borrowed(request),
            Cow::Owned(search) => Cow::Owned(ConcordanceRequest {
                search,
                ..request.clone()
            }),
        };
        concordance::concordance(&self.state(), &self.0.cursors, &request, now)
    }

    /// How many reports and occurrences queries have by year, division or kind of report, of how many reports and
    /// characters. `now` is the moment that the time taken counts from.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn trends(&self, request: &TrendsRequest, now: Instant) -> Result<Trends, SearchError> {
        let search = self.whole(&request.search);
        trends::trends(&self.state(), request, &search, now)
    }

    /// Every report that a search finds, read from one state of the index. `limit`, `cursor` and `facets` are not
    /// heeded. Without `sort` the reports come by id, in the order of code points.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn find_all(&self, request: &SearchRequest) -> Result<Found, SearchError> {
        let state = self.state();
        let (addresses, query) = search::find_all(&state, &self.whole(request))?;
        let corpus_state = state.corpus_state(request.filters.as_of);
        Ok(Found {
            state,
            addresses: addresses.into_iter(),
            query,
            corpus_state,
        })
    }

    /// The ids of every report that a search finds, each with the moment of its last change in milliseconds since 1970.
    /// The reports themselves are not read. `limit`, `cursor` and `facets` are not heeded.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn find_changes(&self, request: &SearchRequest) -> Result<Vec<(String, i64)>, SearchError> {
        search::find_changes(&self.state(), &self.whole(request))
    }

    /// Makes a panel. `progress` is told how many reports of how many were read, from any thread.
    ///
    /// # Errors
    /// When the dictionary, the query or a parameter cannot be used, when the table would have too many rows, when the
    /// time is over, or when the index fails.
    pub fn panel(
        &self,
        request: &PanelRequest,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Panel, SearchError> {
        let search = self.whole(&request.search).into_owned();
        let request = PanelRequest {
            search,
            ..request.clone()
        };
        panel::panel(&self.state(), &request, progress)
    }

    /// Asks many queries and makes one table of the answers. `progress` is told how many were asked.
    ///
    /// # Errors
    /// As [`Self::panel`]; a query that is wrong is named by its number.
    pub fn batch(
        &self,
        request: &BatchRequest,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Panel, BatchError> {
        let search = self.whole(&request.search).into_owned();
        let request = BatchRequest {
            search,
            ..request.clone()
        };
        panel::batch(&self.state(), &request, progress)
    }

    /// Ids of the first `limit` reports that a search finds, ranked with these weights: for measurements of the
    /// ranking. `cursor` and `facets` are not heeded.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn find_first(&self, request: &SearchRequest, weights: Weights) -> Result<Vec<String>, SearchError> {
        search::find_first(&self.state(), request, weights)
    }

    /// The first `limit` of these ids in the order in which a search would rank the reports with these weights: for
    /// measurements that try many weights. Whether the query matches them is not asked.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn rank_again(
        &self,
        request: &SearchRequest,
        ids: &[ReportId],
        weights: Weights,
    ) -> Result<Vec<ReportId>, SearchError> {
        search::rank_again(&self.state(), request, ids, weights)
    }

    /// The report of an id.
    ///
    /// # Errors
    /// When the index fails.
    pub fn get(&self, id: &ReportId) -> Result<Option<Report>, IndexError> {
        let state = self.state();
        state.find(id)?.map(|address| state.report(address)).transpose()
    }

    /// The places of a report that the query of a request matches. Filters are not heeded, nor whether the report is a hit.
    ///
    /// # Errors
    /// When the query cannot be read.
    pub fn marks(&self, request: &SearchRequest, report: &Report) -> Result<Marks, SearchError> {
        search::marks(&self.whole(request), report)
    }

    /// The words of the indexed texts that begin with a folded string, each with the number of reports that have it,
    /// the most frequent first, at most `limit`. Where very many words begin so, the first of them by code point are
    /// looked at.
    ///
    /// # Errors
    /// When the index fails.
    pub fn words_beginning(&self, beginning: &str, limit: usize) -> Result<Vec<(String, u64)>, IndexError> {
        completion::words(&self.state(), beginning, limit)
    }

    /// Reports like that of an id: near-duplicates, and reports about the same thing, at most `limit` of each; `None`
    /// when there is no such report.
    ///
    /// # Errors
    /// When the index fails, or the time is over.
    pub fn similar(
        &self,
        id: &ReportId,
        limit: usize,
        deadline: Option<Instant>,
    ) -> Result<Option<Similar>, SearchError> {
        similar::similar(&self.state(), id, limit, &Deadline::new(deadline))
    }

    /// Number of reports of every division that has any, what lies below it included. Reports of a division of the
    /// past count for its successors.
    ///
    /// # Errors
    /// When the index fails.
    pub fn region_counts(&self) -> Result<BTreeMap<RegionCode, u64>, IndexError> {
        check::region_counts(&self.state())
    }

    /// Figures.
    ///
    /// # Errors
    /// When the index fails.
    pub fn stats(&self) -> Result<IndexStats, IndexError> {
        check::stats(&self.state())
    }

    /// Reads everything: the check sums of all files, every stored report, and whether each is found by its id.
    ///
    /// # Errors
    /// When the check itself cannot be made. What it finds is no error but part of its result.
    pub fn verify(&self) -> Result<Verification, IndexError> {
        check::verify(&self.state())
    }

    /// The newest state that can be had without waiting.
    fn state(&self) -> Arc<State> {
        let state = self.current();
        if state.is_current(&self.0.dir) {
            return state;
        }
        match self.0.loading.try_lock() {
            Err(TryLockError::WouldBlock) => return state,
            Err(TryLockError::Poisoned(_)) | Ok(_) if self.current().is_current(&self.0.dir) => {}
            Err(TryLockError::Poisoned(_)) | Ok(_) => {
                if let Err(error) = self.load() {
                    tracing::error!(%error, "failed to load the newest state of the index; the last one stays in use");
                }
            }
        }
        self.current()
    }

    fn current(&self) -> Arc<State> {
        self.0
            .state
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn load(&self) -> Result<(), IndexError> {
        let state = State::load(&self.0.dir, Some(&self.current()))?;
        *self.0.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
        Ok(())
    }
}

/// All reports that a search finds, read one by one from one state of the index.
pub struct Found {
    state: Arc<State>,
    addresses: std::vec::IntoIter<DocAddress>,
    query: QueryEcho,
    corpus_state: CorpusState,
}

impl Found {
    /// How many are still to come; at first, how many there are.
    pub fn remaining(&self) -> u64 {
        self.addresses.len() as u64
    }

    /// How the query was read.
    pub fn query(&self) -> &QueryEcho {
        &self.query
    }

    /// What they are read from.
    pub fn corpus_state(&self) -> CorpusState {
        self.corpus_state
    }

    /// The next report, to be fetched by whoever has time.
    pub fn next_unread(&mut self) -> Option<Unread> {
        self.addresses.next().map(|address| Unread {
            state: Arc::clone(&self.state),
            address,
        })
    }
}

/// A report that was found and not yet fetched.
pub struct Unread {
    state: Arc<State>,
    address: DocAddress,
}

impl Unread {
    /// The report as it is stored: the JSON of a [`Report`]. For who hands it on, or needs little of it; reading
    /// the JSON takes as long again as fetching it.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn fetch(self) -> Result<String, IndexError> {
        self.state.stored(self.address)
    }
}

impl Iterator for Found {
    type Item = Result<Report, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.addresses.next().map(|address| self.state.report(address))
    }
}
