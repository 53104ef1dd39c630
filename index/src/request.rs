//! What is asked: the query, its mode, filters, order and page.

use std::{sync::Arc, time::Instant};

use jiff::civil::Date;
use report::{ChinaMoment, Genre, IssuerType, RegionCode, Role, divisions, fold};
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    AsOf,
    loose::{Meaning, Synonyms, listed, meaning},
};

/// Declares an enum whose variants have one code each, read with `parse` and written with `code`.
macro_rules! choices {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        $vis enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every value.
            $vis const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code used in requests and answers.
            $vis fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.code() == text).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|value| value.code()).collect();
                    format!("{:?} is none of {}", text.chars().take(64).collect::<String>(), all.join(", "))
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        /// The codes, which no derive sees behind a macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|value| value.code())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use choices;

choices! {
    /// How bare terms are read.
    #[derive(Default)]
    pub enum Mode {
        /// Every word of the bare terms occurs.
        #[default]
        Words = "words",
        /// One word is enough.
        Any = "any",
        /// The whole query is one string; operators are not read.
        Exact = "exact",
        /// Every word occurs, or a synonym of it, in traditional or simplified characters.
        Loose = "loose",
    }
}

choices! {
    /// The order of hits; nulls come last both ways, ties are broken by id.
    pub enum Sort {
        /// Best first.
        Relevance = "relevance",
        /// By day of publication, earliest first.
        Published = "published",
        /// By day of publication, latest first.
        PublishedDescending = "-published",
        /// By report year, earliest first.
        Year = "year",
        /// By report year, latest first.
        YearDescending = "-year",
        /// By when it changed last, earliest first.
        Changed = "changed",
        /// By when it changed last, latest first.
        ChangedDescending = "-changed",
    }
}

choices! {
    /// A field whose values are counted.
    pub enum Facet {
        /// Every division that a hit is about or lies in.
        Region = "region",
        /// Province-level divisions.
        Province = "province",
        /// Report year.
        Year = "year",
        /// Kind of report.
        Genre = "genre",
        /// Kind of issuing body.
        IssuerType = "issuer_type",
        /// Roles of the sections in which the whole query matches.
        Section = "section",
    }
}

choices! {
    /// Whether near-duplicates are folded into one hit.
    pub enum Group {
        /// Every report is a hit.
        None = "none",
        /// One hit for a group of near-duplicates, the first in the order asked for.
        Duplicates = "duplicates",
    }
}

choices! {
    /// Which texts are wanted.
    pub enum QualityFilter {
        /// All.
        Any = "any",
        /// Those without a quality flag.
        Clean = "clean",
    }
}

/// Conditions beside the query. Each one that is empty lets everything pass; in each, one value is enough.
/// A report without a year or date never meets a condition on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Divisions, each with everything below it; an old code stands for its successors.
    pub region: Vec<RegionCode>,
    /// Kinds of report.
    pub genre: Vec<Genre>,
    /// Report years.
    pub year: Vec<i32>,
    /// First report year.
    pub year_from: Vec<i32>,
    /// Last report year.
    pub year_to: Vec<i32>,
    /// First day of publication.
    pub published_from: Vec<Date>,
    /// Last day of publication.
    pub published_to: Vec<Date>,
    /// Kinds of issuing body.
    pub issuer_type: Vec<IssuerType>,
    /// Portals, by id.
    pub portal: Vec<String>,
    /// Keeps reports in which the whole query matches inside one section of such a role.
    pub section: Vec<Role>,
    /// Clean texts only, or any.
    pub quality: Vec<QualityFilter>,
    /// Keeps reports that have changed since: their newest version, be it the first, was recorded at this moment or
    /// after it, or they were found to be gone for good.
    pub changed_since: Vec<ChinaMoment>,
    /// Searches the versions that were the newest known at this moment, in the place of those that are now.
    pub as_of: Option<AsOf>,
}

/// A search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchRequest {
    /// The query; empty for every report.
    pub q: String,
    /// How its bare terms are read.
    pub mode: Mode,
    /// Conditions beside the query.
    pub filters: Filters,
    /// Order of the hits; `None`: by relevance, or latest first when the query is empty.
    pub sort: Option<Sort>,
    /// Hits on a page, 1 to [`SearchRequest::MAX_LIMIT`].
    pub limit: usize,
    /// Where to go on, from `next_cursor` of the page before. No part of what is asked.
    #[serde(skip)]
    pub cursor: Option<String>,
    /// Fields whose values are counted.
    pub facets: Vec<Facet>,
    /// Whether near-duplicates are folded.
    pub group: Group,
    /// What the mode `loose` adds; `None`: what the reader was told to use.
    #[serde(serialize_with = "by_version")]
    pub synonyms: Option<Arc<Synonyms>>,
    /// Most passages of the text shown for a hit, 1 to [`SearchRequest::MAX_PASSAGES`].
    pub passages: usize,
    /// When to give up. No part of what is asked.
    #[serde(skip)]
    pub deadline: Option<Instant>,
    /// Fields the caller will show. Nothing is done with them here, save that a cursor belongs to them too.
    pub fields: Vec<String>,
}

impl SearchRequest {
    /// Most hits on a page.
    pub const MAX_LIMIT: usize = 100;
    /// Most passages of a hit.
    pub const MAX_PASSAGES: usize = 10;
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            q: String::new(),
            mode: Mode::Words,
            filters: Filters::default(),
            sort: None,
            limit: 20,
            cursor: None,
            facets: Vec::new(),
            group: Group::None,
            synonyms: None,
            passages: 3,
            deadline: None,
            fields: Vec::new(),
        }
    }
}

/// A search belongs to the synonyms that it was begun with.
fn by_version<S: Serializer>(synonyms: &Option<Arc<Synonyms>>, serializer: S) -> Result<S::Ok, S::Error> {
    synonyms
        .as_ref()
        .map(|synonyms| synonyms.version())
        .serialize(serializer)
}

/// The text is no code of a known division.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no division code; {hint}")]
pub struct UnknownRegion {
    text: String,
    hint: String,
}

/// Reads a region filter: the code of a division of today or of the past, six digits, or the first two or four of
/// a province's or a city's.
///
/// # Errors
/// When no division has that code.
pub fn parse_region(text: &str) -> Result<RegionCode, UnknownRegion> {
    let padded = match text.len() {
        2 => format!("{text}0000"),
        4 => format!("{text}00"),
        _ => text.to_owned(),
    };
    padded
        .parse()
        .ok()
        .filter(|code| divisions().get(*code).is_some())
        .ok_or_else(|| UnknownRegion {
            text: text.chars().take(32).collect(),
            hint: match meaning(&fold(text), None) {
                Meaning::Nothing => "write six digits, or the first two or four of a province or city".into(),
                Meaning::One(codes) => format!("write the code of {}", listed(&codes)),
                Meaning::Several(codes) => format!("write the code of one of {}", listed(&codes)),
            },
        })
}
