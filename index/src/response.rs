//! What is answered: hits, why they are hits, counts, and where to go on.

mod schema;

use std::{collections::BTreeMap, ops::Range};

use report::{ChinaMoment, Report, ReportId, Role};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{Facet, Mode, request::choices};

/// The answer to a search.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SearchResponse {
    /// How the query was read.
    pub query: QueryEcho,
    /// Number of all hits, on every page the same.
    pub total: Total,
    /// The hits of this page.
    pub hits: Vec<Hit>,
    /// Of each facet asked for: all its values by count, then value.
    pub facets: BTreeMap<Facet, Vec<FacetCount>>,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<String>,
    /// The state of the corpus that this was answered from; as of it, the answer is the same later
    /// ([`CorpusState::state`](crate::CorpusState::state)).
    pub state: Option<ChinaMoment>,
    /// Whole milliseconds from the moment the caller gave to the answer.
    pub took_ms: u64,
}

/// How the query was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueryEcho {
    /// As it came.
    pub q: String,
    /// How bare terms were read.
    pub mode: Mode,
    /// The query as it was understood, in the query language.
    pub parsed: String,
    /// Words that the bare terms were cut into.
    pub terms: Vec<String>,
    /// Pieces of the bare terms that were left out. `terms` and `ignored`, in order, give the folded terms back.
    pub ignored: Vec<String>,
    /// What the mode `loose` added: each is found like the term it was added to.
    pub expanded: Vec<Addition>,
    /// Version of the synonyms that were used; `None` in other modes.
    pub synonyms: Option<String>,
    /// What may be meant otherwise. Nothing of it was done.
    pub suggestions: Vec<Suggestion>,
}

/// Something that the mode `loose` added to a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Addition {
    /// A word of the query as in `terms`, or several that stand side by side, joined; or a condition on a field.
    pub term: String,
    /// What is found in its place: a folded string, or a condition on a field.
    pub added: String,
    /// Why.
    pub by: AddedBy,
}

choices! {
    /// Why something was added to a term.
    pub enum AddedBy {
        /// The file of synonyms says so.
        Synonym = "synonym",
        /// It is the same in traditional or simplified characters.
        Script = "script",
        /// A division has, or had, this name too.
        Region = "region",
    }
}

/// How something is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// How it was read.
    pub message: String,
    /// What to write if something else is meant.
    pub hint: String,
}

/// A query may have been meant otherwise than it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Suggestion {
    /// Unicode characters of the query before the place.
    pub position: usize,
    /// How it was read.
    pub message: String,
    /// What to write if something else is meant.
    pub hint: String,
    /// The same in Chinese, for pages.
    #[serde(skip)]
    pub chinese: Wording,
}

/// A number of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Total {
    /// How many.
    pub value: u64,
    /// Always `eq`: the number is exact.
    pub relation: &'static str,
}

impl Total {
    pub(crate) fn exactly(value: u64) -> Self {
        Self {
            value,
            relation: "eq",
        }
    }
}

/// One report that was found. In JSON: the report without `text` and `outline`, and beside its fields `score`,
/// `matched_by`, `highlights` and `duplicates`.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The whole report.
    pub report: Report,
    /// BM25 score; 0 where the order is not by relevance. Comparable within one answer only.
    pub score: f32,
    /// Which parts of the query it matched.
    pub matched_by: Vec<MatchedBy>,
    /// The title when it matched, then the best passages of the text.
    pub highlights: Vec<Highlight>,
    /// Near-duplicates folded into this hit; `None` when nothing was to be folded.
    pub duplicates: Option<Duplicates>,
}

impl Hit {
    /// The hit as JSON with `text` and `outline`.
    ///
    /// # Errors
    /// When the report cannot be written as JSON, which a number that is not finite would cause.
    pub fn to_map(&self) -> Result<Map<String, Value>, serde_json::Error> {
        let Value::Object(mut map) = serde_json::to_value(&self.report)? else {
            return Err(serde_json::Error::custom("a report is an object"));
        };
        map.insert("score".into(), self.score.into());
        map.insert("matched_by".into(), serde_json::to_value(&self.matched_by)?);
        map.insert("highlights".into(), serde_json::to_value(&self.highlights)?);
        map.insert("duplicates".into(), serde_json::to_value(&self.duplicates)?);
        Ok(map)
    }
}

impl Serialize for Hit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = self.to_map().map_err(S::Error::custom)?;
        map.remove("text");
        map.remove("outline");
        map.serialize(serializer)
    }
}

choices! {
    /// A way in which a report can match.
    pub enum MatchedBy {
        /// It contains every word.
        Words = "words",
        /// It contains a word of a query of which one is enough.
        Any = "any",
        /// It contains every word, or what was added in its place.
        Loose = "loose",
        /// It contains a string as it stands.
        Exact = "exact",
        /// It contains two strings near each other.
        Near = "near",
        /// One of its fields has the value asked for.
        Field = "field",
    }
}

/// A passage of a hit with its matches marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Highlight {
    /// Where the passage stands.
    pub field: HighlightField,
    /// Numbers of the sections around it, as in the outline; `None` before the first heading and in a title.
    pub path: Option<String>,
    /// Heading of the innermost of them.
    pub heading: Option<String>,
    /// Role of the innermost of them.
    pub role: Option<Role>,
    /// The passage with its matches in `<mark>`, everything else escaped.
    pub html: String,
    /// First Unicode character of the passage in the text, or in the title.
    pub start: usize,
    /// One past its last.
    pub end: usize,
    /// First Unicode character of its paragraph in the text; the page of a report has an anchor there. `None` in a title.
    pub paragraph: Option<usize>,
}

/// The places of one report that match a query: ranges of Unicode characters, ascending, none touching another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// In its title.
    pub title: Vec<Range<usize>>,
    /// In its text; never across the end of a paragraph.
    pub text: Vec<Range<usize>>,
}

choices! {
    /// Where a passage stands.
    pub enum HighlightField {
        /// In the title.
        Title = "title",
        /// In the text.
        Text = "text",
    }
}

/// Near-duplicates folded into one hit: those of them that the search found too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Duplicates {
    /// How many, the hit itself not counted.
    pub count: u64,
    /// Which, in the order of hits; at most [`Self::MAX_IDS`].
    pub ids: Vec<ReportId>,
}

impl Duplicates {
    /// Most ids named for one hit.
    pub const MAX_IDS: usize = 1000;
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetCount {
    /// The value as a filter takes it.
    pub value: String,
    /// The value as a reader reads it.
    pub label: String,
    /// Reports that match the query and every other filter.
    pub count: u64,
}
