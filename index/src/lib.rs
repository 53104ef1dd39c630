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

mod error;
mod reader;
mod request;
mod response;
mod writer;

pub use crate::{
    error::{IndexError, SearchError},
    reader::{Found, IndexStats, Reader, Verification},
    request::{Facet, Filters, Group, Mode, QualityFilter, SearchRequest, Sort, UnknownRegion, parse_region},
    response::{
        Duplicates, FacetCount, Highlight, HighlightField, Hit, MatchedBy, QueryEcho, SearchResponse, Total,
    },
    writer::{Rebuild, Writer, WriterOptions},
};
