//! From reports to exact, ranked, explained hits.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::{path::Path, time::Instant};
//! use index::{Reader, SearchRequest};
//!
//! let reader = Reader::open(Path::new("data/index"))?;
//! let request = SearchRequest { q: "\"营商环境\" -title:转发".into(), ..SearchRequest::default() };
//! for hit in reader.search(&request, Instant::now())?.hits {
//!     println!("{} {:?}", hit.report.id, hit.report.content.title);
//! }
//! # Ok(())
//! # }
//! ```

mod analyzer;
mod as_of;
mod body;
mod check;
mod columns;
mod completion;
mod concordance;
mod cursor;
mod deadline;
mod directory;
mod engine;
mod error;
mod exact;
mod facets;
mod filter;
mod generation;
mod highlight;
mod loose;
mod matching;
mod near;
mod occurrences;
mod order;
mod panel;
mod phrase;
mod places;
mod query;
mod rank;
mod reader;
mod request;
mod response;
mod role_chars;
mod schema;
mod search;
mod sections;
mod similar;
mod snapshot;
mod state;
mod texts;
mod trends;
mod words;
mod writer;

pub use crate::{
    as_of::{AsOf, CorpusState, InvalidAsOf, Known},
    check::{IndexStats, Verification},
    concordance::{Concordance, ConcordanceRequest, ConcordanceRow, RowSort, SampleEcho},
    cursor::LIFETIME as CURSOR_LIFETIME,
    error::{IndexError, SearchError},
    loose::{Synonyms, SynonymsError, divisions_called},
    panel::{
        BatchError, BatchRequest, Concept, ConceptList, Dictionary, DictionaryError, First, Layout, LeftOut,
        Panel, PanelBy, PanelRequest, PanelRow,
    },
    query::{MAX_CHARS, MAX_NESTING, MAX_TERMS},
    rank::Weights,
    reader::{Found, Reader, Unread},
    request::{Facet, Filters, Group, Mode, QualityFilter, SearchRequest, Sort, UnknownRegion, parse_region},
    response::{
        AddedBy, Addition, Duplicates, FacetCount, Highlight, HighlightField, Hit, Marks, MatchedBy,
        QueryEcho, SearchResponse, Suggestion, Total, Wording,
    },
    similar::{NearDuplicate, Related, SharedPassage, Similar, shared_stretches},
    snapshot::{Receiving, Snapshot, SnapshotFile},
    trends::{By, Measure, TrendCounts, TrendRow, TrendSeries, Trends, TrendsRequest},
    words::warm_up,
    writer::{Rebuild, Writer, WriterOptions},
};
