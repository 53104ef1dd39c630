//! Counting the values of fields among the hits.

use std::collections::BTreeMap;

use report::{Genre, IssuerType, RegionCode, Role, divisions};
use rustc_hash::FxHashMap;
use tantivy::DocId;

use crate::{
    Facet, FacetCount,
    columns::Columns,
    filter::{Groups, own_group},
};

/// Counts of the facets asked for.
#[derive(Default)]
pub(crate) struct Counts(Vec<(Facet, FxHashMap<i64, u64>)>);

impl Counts {
    pub(crate) fn new(facets: &[Facet]) -> Self {
        let mut facets = facets.to_vec();
        facets.sort_unstable();
        facets.dedup();
        Self(
            facets
                .into_iter()
                .map(|facet| (facet, FxHashMap::default()))
                .collect(),
        )
    }

    /// Whether a facet was asked for.
    pub(crate) fn asks(&self, facet: Facet) -> bool {
        self.0.iter().any(|(asked, _)| *asked == facet)
    }

    /// Counts a report that fails the conditions of these groups, in the facets that it fails nothing else for.
    /// Sections are counted by [`Self::add_roles`].
    pub(crate) fn add(&mut self, columns: &Columns, doc: DocId, failed: Groups) {
        for (facet, counts) in &mut self.0 {
            if failed & !own_group(*facet) != 0 {
                continue;
            }
            let mut count = |value: i64| *counts.entry(value).or_default() += 1;
            match facet {
                Facet::Region => columns
                    .regions
                    .values_for_doc(doc)
                    .for_each(|code| count(code as i64)),
                Facet::Province => {
                    let provinces = columns
                        .regions
                        .values_for_doc(doc)
                        .filter(|code| code % 10_000 == 0);
                    provinces.for_each(|code| count(code as i64));
                }
                Facet::Year => columns.year.first(doc).into_iter().for_each(count),
                Facet::Genre => columns
                    .genre
                    .first(doc)
                    .into_iter()
                    .for_each(|genre| count(genre as i64)),
                Facet::IssuerType => {
                    columns
                        .issuer_type
                        .first(doc)
                        .into_iter()
                        .for_each(|kind| count(kind as i64));
                }
                Facet::Section => {}
            }
        }
    }

    /// Counts the roles of the sections in which a report matches, one bit each.
    pub(crate) fn add_roles(&mut self, roles: u8, failed: Groups) {
        if failed & !own_group(Facet::Section) != 0 {
            return;
        }
        for (_, counts) in self.0.iter_mut().filter(|(facet, _)| *facet == Facet::Section) {
            for role in (0..Role::ALL.len()).filter(|role| roles >> role & 1 == 1) {
                *counts.entry(role as i64).or_default() += 1;
            }
        }
    }

    /// The answer: of each facet all values by count, then value.
    pub(crate) fn finish(self) -> BTreeMap<Facet, Vec<FacetCount>> {
        let facets = self.0.into_iter().map(|(facet, counts)| {
            let mut counts: Vec<_> = counts
                .into_iter()
                .map(|(number, count)| {
                    let (value, label) = names(facet, number);
                    FacetCount { value, label, count }
                })
                .collect();
            counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
            (facet, counts)
        });
        facets.collect()
    }
}

/// Value and label of a stored number.
pub(crate) fn names(facet: Facet, number: i64) -> (String, String) {
    let index = usize::try_from(number).unwrap_or(usize::MAX);
    let closed = match facet {
        Facet::Genre => Genre::ALL.get(index).map(|genre| (genre.code(), genre.label())),
        Facet::IssuerType => IssuerType::ALL.get(index).map(|kind| (kind.code(), kind.label())),
        Facet::Section => Role::ALL.get(index).map(|role| (role.code(), role.label())),
        Facet::Region | Facet::Province => {
            let value = format!("{number:06}");
            let region = value
                .parse::<RegionCode>()
                .ok()
                .and_then(|code| divisions().get(code));
            let label = region.map_or_else(|| value.clone(), |region| region.name.to_owned());
            return (value, label);
        }
        Facet::Year => None,
    };
    match closed {
        Some((code, label)) => (code.to_owned(), label.to_owned()),
        None => (number.to_string(), number.to_string()),
    }
}
