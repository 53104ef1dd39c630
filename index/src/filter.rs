//! Conditions beside the query, checked report by report on columns.
//!
//! A check says which groups of conditions a report fails, not only whether: a facet counts the reports that fail
//! nothing but the facet's own group, so that choosing a value does not make the others disappear.

use report::{RegionCode, divisions};
use tantivy::DocId;

use crate::{
    AsOf, Facet, Filters, QualityFilter, SearchError,
    columns::Columns,
    schema::{day_number, genre_number, issuer_type_number, role_number},
};

/// A set of groups of conditions.
pub(crate) type Groups = u16;

const REGION: Groups = 1;
const GENRE: Groups = 1 << 1;
const YEAR: Groups = 1 << 2;
const PUBLISHED: Groups = 1 << 3;
const ISSUER_TYPE: Groups = 1 << 4;
const PORTAL: Groups = 1 << 5;
const SECTION: Groups = 1 << 6;
const QUALITY: Groups = 1 << 7;
const CHANGED: Groups = 1 << 8;
const SHOWN: Groups = 1 << 9;

/// The group that does not narrow a facet.
pub(crate) fn own_group(facet: Facet) -> Groups {
    match facet {
        Facet::Region | Facet::Province => REGION,
        Facet::Year => YEAR,
        Facet::Genre => GENRE,
        Facet::IssuerType => ISSUER_TYPE,
        Facet::Section => SECTION,
    }
}

/// Codes that reports of these divisions, or of those below them, are filed under. Any one is enough.
pub(crate) fn codes_of(codes: &[RegionCode]) -> Vec<u64> {
    let mut filed: Vec<u64> = Vec::new();
    for code in codes {
        let today = divisions().today(*code);
        let codes = if today.is_empty() { vec![*code] } else { today };
        filed.extend(codes.into_iter().map(|code| u64::from(code.number())));
    }
    filed.sort_unstable();
    filed.dedup();
    filed
}

/// Checked conditions.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    regions: Vec<u64>,
    genres: Vec<u64>,
    years: Vec<i64>,
    year_from: Option<i64>,
    year_to: Option<i64>,
    published_from: Option<i64>,
    published_to: Option<i64>,
    issuer_types: Vec<u64>,
    portals: Vec<String>,
    /// One bit for each role; 0 for no condition.
    pub(crate) roles: u8,
    clean: bool,
    changed_since: Option<i64>,
    /// Milliseconds since 1970; `None`: as it is now.
    pub(crate) as_of: Option<i64>,
}

impl Conditions {
    /// Checks filters.
    pub(crate) fn new(filters: &Filters) -> Result<Self, SearchError> {
        if let Some(code) = filters
            .region
            .iter()
            .find(|code| divisions().get(**code).is_none())
        {
            return Err(SearchError::InvalidParameter {
                name: "region",
                message: format!("no division has the code {code}"),
            });
        }
        let days = |dates: &[jiff::civil::Date]| dates.iter().copied().map(day_number).collect::<Vec<_>>();
        let years = |years: &[i32]| years.iter().copied().map(i64::from).collect::<Vec<_>>();
        Ok(Self {
            regions: codes_of(&filters.region),
            genres: filters.genre.iter().copied().map(genre_number).collect(),
            years: years(&filters.year),
            // One of several bounds is enough, so the widest one counts.
            year_from: years(&filters.year_from).into_iter().min(),
            year_to: years(&filters.year_to).into_iter().max(),
            published_from: days(&filters.published_from).into_iter().min(),
            published_to: days(&filters.published_to).into_iter().max(),
            issuer_types: filters
                .issuer_type
                .iter()
                .copied()
                .map(issuer_type_number)
                .collect(),
            portals: filters.portal.clone(),
            roles: filters
                .section
                .iter()
                .fold(0, |bits, role| bits | 1 << role_number(*role)),
            changed_since: filters.changed_since.iter().map(|at| at.as_millisecond()).min(),
            as_of: filters.as_of.map(AsOf::as_millisecond),
            clean: !filters.quality.is_empty() && !filters.quality.contains(&QualityFilter::Any),
        })
    }

    /// Whether no report of a segment can meet them, and none counts for a facet: whoever asks what is new is spared all
    /// that is old.
    pub(crate) fn rules_out(&self, columns: &Columns) -> bool {
        self.changed_since
            .is_some_and(|since| columns.last_change() < since)
            || columns.shows_none(self.as_of)
    }

    /// Prepares to check the reports of one segment.
    pub(crate) fn on<'a>(&'a self, columns: &'a Columns) -> std::io::Result<Checks<'a>> {
        Ok(Checks {
            conditions: self,
            columns,
            shows_all: columns.shows_all(self.as_of),
            portals: columns.portal_ranks(&self.portals)?,
        })
    }
}

/// Conditions on the reports of one segment.
pub(crate) struct Checks<'a> {
    conditions: &'a Conditions,
    columns: &'a Columns,
    shows_all: bool,
    portals: Vec<u64>,
}

impl Checks<'_> {
    /// Groups that a report fails. `roles` are the roles of the sections in which it matches, one bit each; they
    /// are needed only when there is a condition on them.
    pub(crate) fn failed(&self, doc: DocId, roles: u8) -> Groups {
        let Self {
            conditions,
            columns,
            shows_all,
            portals,
        } = self;
        let mut failed = 0;
        let mut require = |group: Groups, asked: bool, holds: &dyn Fn() -> bool| {
            if asked && !holds() {
                failed |= group;
            }
        };
        // No facet is without this one.
        require(SHOWN, !shows_all, &|| columns.is_shown(doc, conditions.as_of));
        require(REGION, !conditions.regions.is_empty(), &|| {
            columns
                .regions
                .values_for_doc(doc)
                .any(|code| conditions.regions.binary_search(&code).is_ok())
        });
        require(GENRE, !conditions.genres.is_empty(), &|| {
            columns
                .genre
                .first(doc)
                .is_some_and(|genre| conditions.genres.contains(&genre))
        });
        let asks_year =
            !conditions.years.is_empty() || conditions.year_from.is_some() || conditions.year_to.is_some();
        require(YEAR, asks_year, &|| {
            columns.year.first(doc).is_some_and(|year| {
                (conditions.years.is_empty() || conditions.years.contains(&year))
                    && within(year, conditions.year_from, conditions.year_to)
            })
        });
        let asks_day = conditions.published_from.is_some() || conditions.published_to.is_some();
        require(PUBLISHED, asks_day, &|| {
            let day = columns.published.first(doc);
            day.is_some_and(|day| within(day, conditions.published_from, conditions.published_to))
        });
        require(ISSUER_TYPE, !conditions.issuer_types.is_empty(), &|| {
            columns
                .issuer_type
                .first(doc)
                .is_some_and(|kind| conditions.issuer_types.contains(&kind))
        });
        require(PORTAL, !conditions.portals.is_empty(), &|| {
            columns
                .portal_rank(doc)
                .is_some_and(|portal| portals.contains(&portal))
        });
        require(SECTION, conditions.roles != 0, &|| conditions.roles & roles != 0);
        require(QUALITY, conditions.clean, &|| {
            columns.flagged.first(doc) == Some(0)
        });
        require(CHANGED, conditions.changed_since.is_some(), &|| {
            let at = columns.changed(doc, conditions.as_of);
            at.is_some_and(|at| within(at, conditions.changed_since, None))
        });
        failed
    }
}

fn within(value: i64, from: Option<i64>, to: Option<i64>) -> bool {
    from.is_none_or(|from| from <= value) && to.is_none_or(|to| value <= to)
}
