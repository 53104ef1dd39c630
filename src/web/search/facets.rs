//! The facets beside the hits: divisions as a tree, years as bars, the rest by count.

use std::collections::{BTreeMap, BTreeSet};

use index::{Facet, FacetCount};
use report::{RegionCode, divisions};

use crate::web::{
    labels,
    state::PageState,
    words::{Lang, Words, thousands},
};

/// Values of a list that are shown at once.
const SHOWN: usize = 12;

/// Bytes of a query up to which it is repeated in an address for every value.
const MAX_REPEATED: usize = 50;

/// What can be chosen from.
#[derive(Default)]
pub(in crate::web) struct Facets {
    pub(in crate::web) boxes: Vec<FacetBox>,
    /// The page that shows what is chosen.
    pub(in crate::web) path: &'static str,
    /// What the form sends along by which values are chosen that have no link; empty where all have one.
    pub(in crate::web) kept: Vec<(String, String)>,
}

impl Facets {
    /// The facets that have values.
    pub(in crate::web) fn new(
        w: &'static Words,
        state: &PageState,
        counts: &BTreeMap<Facet, Vec<FacetCount>>,
    ) -> Self {
        let boxes = boxes(w, state, counts);
        let mut values = boxes
            .iter()
            .flat_map(|facet| facet.values.iter().chain(&facet.more));
        let has_form = values.any(|value| value.link.is_none());
        Self {
            path: state.path(),
            kept: if has_form { state.without(&[]) } else { Vec::new() },
            boxes,
        }
    }
}

/// A facet as it is shown.
pub(in crate::web) struct FacetBox {
    pub(in crate::web) title: &'static str,
    /// Whether each value has a bar.
    pub(in crate::web) has_bars: bool,
    /// What is seen at once.
    pub(in crate::web) values: Vec<FacetValue>,
    /// What a click shows.
    pub(in crate::web) more: Vec<FacetValue>,
}

/// A value that can be chosen, or is.
pub(in crate::web) struct FacetValue {
    pub(in crate::web) label: String,
    pub(in crate::web) count: String,
    /// The parameter and its value.
    pub(in crate::web) name: &'static str,
    pub(in crate::web) value: String,
    /// Without one it is chosen by the form.
    pub(in crate::web) link: Option<String>,
    pub(in crate::web) on: bool,
    /// How deep it stands in a tree: 0, 1 or 2.
    pub(in crate::web) depth: usize,
    /// Length of its bar, in hundredths of the longest.
    pub(in crate::web) share: u64,
    /// What it says is Chinese in any language of the pages.
    pub(in crate::web) is_name: bool,
}

fn boxes(w: &'static Words, state: &PageState, counts: &BTreeMap<Facet, Vec<FacetCount>>) -> Vec<FacetBox> {
    let of = |facet: Facet| counts.get(&facet).map(Vec::as_slice).unwrap_or_default();
    let list = |facet: Facet, title: &'static str| {
        let values = of(facet).iter().map(|count| FacetValue {
            label: label(w.lang, facet, count),
            ..value(state, facet, count)
        });
        shown(title, values.collect())
    };
    let boxes = [
        shown(w.region, regions(state, of(Facet::Region))),
        years(w.year, state, of(Facet::Year)),
        list(Facet::Genre, w.genre),
        list(Facet::IssuerType, w.issuer_type),
        list(Facet::Section, w.section),
    ];
    let mut boxes = Vec::from(boxes);
    boxes.retain(|facet| !facet.values.is_empty());
    boxes
}

/// A list of which the first values are shown, and those that are chosen.
fn shown(title: &'static str, mut values: Vec<FacetValue>) -> FacetBox {
    // A tail of two is not worth a click.
    let end = if values.len() > SHOWN + 2 {
        SHOWN
    } else {
        values.len()
    };
    let last_on = values.iter().rposition(|value| value.on).map_or(0, |at| at + 1);
    let mut more = values.split_off(end.max(last_on));
    if more.len() <= 2 {
        values.append(&mut more);
    }
    FacetBox {
        title,
        has_bars: false,
        values,
        more,
    }
}

fn value(state: &PageState, facet: Facet, count: &FacetCount) -> FacetValue {
    let name = facet.code();
    let on = state.has(name, &count.value);
    let by_form = !on && state.values("q").map(str::len).sum::<usize>() > MAX_REPEATED;
    FacetValue {
        label: count.label.clone(),
        count: thousands(count.count),
        name,
        value: count.value.clone(),
        link: (!by_form).then(|| state.toggled(name, &count.value)),
        on,
        depth: 0,
        share: 0,
        is_name: false,
    }
}

fn label(lang: Lang, facet: Facet, count: &FacetCount) -> String {
    let known = match facet {
        Facet::Genre => count.value.parse().ok().map(|it| labels::genre(lang, it)),
        Facet::IssuerType => count.value.parse().ok().map(|it| labels::issuer_type(lang, it)),
        Facet::Section => count.value.parse().ok().map(|it| labels::role(lang, it)),
        _ => None,
    };
    known.map_or_else(|| count.label.clone(), str::to_owned)
}

/// Provinces by code; below those that are chosen, and above what is, the next level.
fn regions(state: &PageState, counts: &[FacetCount]) -> Vec<FacetValue> {
    let chosen: BTreeSet<RegionCode> = state
        .values("region")
        .filter_map(|value| index::parse_region(value).ok())
        .collect();
    let mut opened = chosen.clone();
    opened.extend(chosen.iter().flat_map(|code| divisions().ancestors(*code)));
    let counted: BTreeMap<RegionCode, &FacetCount> = counts
        .iter()
        .filter_map(|count| Some((count.value.parse().ok()?, count)))
        .collect();
    let shown = counted.iter().filter_map(|(code, count)| {
        let above = divisions().ancestors(*code).into_iter();
        let above: Vec<RegionCode> = above
            .filter(|above| above != code && counted.contains_key(above))
            .collect();
        above.iter().all(|above| opened.contains(above)).then(|| {
            let value = value(state, Facet::Region, count);
            // One takes the place of those around it, which no form can do.
            let by_form = value.link.is_none() && chosen.is_empty();
            FacetValue {
                link: (!by_form).then(|| state.with_region(*code)),
                on: chosen.contains(code),
                depth: above.len().min(2),
                is_name: true,
                ..value
            }
        })
    });
    shown.collect()
}

/// Years, the newest first, each with its bar.
fn years(title: &'static str, state: &PageState, counts: &[FacetCount]) -> FacetBox {
    let most = counts.iter().map(|count| count.count).max().unwrap_or(1).max(1);
    let mut counts: Vec<&FacetCount> = counts.iter().collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.value.parse::<i32>().unwrap_or(0)));
    let values = counts.into_iter().map(|count| FacetValue {
        share: (count.count * 100).div_ceil(most),
        ..value(state, Facet::Year, count)
    });
    FacetBox {
        has_bars: true,
        ..shown(title, values.collect())
    }
}
