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
mod body;
mod check;
mod columns;
mod completion;
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
mod order;
mod phrase;
mod query;
mod rank;
mod reader;
mod request;
mod response;
mod schema;
mod search;
mod sections;
mod similar;
mod snapshot;
mod state;
mod texts;
mod words;
mod writer;

pub use crate::{
    check::{IndexStats, Verification},
    error::{IndexError, SearchError},
    loose::{Synonyms, SynonymsError, divisions_called},
    rank::Weights,
    reader::{Found, Reader},
    request::{Facet, Filters, Group, Mode, QualityFilter, SearchRequest, Sort, UnknownRegion, parse_region},
    response::{
        AddedBy, Addition, Duplicates, FacetCount, Highlight, HighlightField, Hit, Marks, MatchedBy,
        QueryEcho, SearchResponse, Suggestion, Total,
    },
    similar::{NearDuplicate, Related, SharedPassage, Similar},
    snapshot::{Receiving, Snapshot, SnapshotFile},
    words::warm_up,
    writer::{Rebuild, Writer, WriterOptions},
};
