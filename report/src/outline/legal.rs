//! Documents cut into 第一编, 第一部分, 第一章, 第一节 and 第一条.
//!
//! A regulation is one whose lines begin with 第…条 more than twice: nothing else numbers it. Plans, accounts and long
//! reports have parts and chapters above 一、: each kind of them that is there moves the other levels down by one.

use super::{
    Marker,
    marker::Kind::{self, Article, Chapter, Part, SubPart, Subdivision},
};
use crate::Paragraph;

/// From the top; articles stand below all of them.
const TIERS: [Kind; 4] = [Part, SubPart, Chapter, Subdivision];

/// Lines up to this many characters can be the heading of a part or chapter.
const LONGEST: usize = 44;

/// Decides which of these numbers count, and sets the levels of a regulation. Returns whether it is one.
pub(super) fn settle(lines: &[Paragraph<'_>], markers: &mut [Option<Marker<'_>>]) -> bool {
    // Two lines that begin with 第一条 may be an accident.
    if count(markers, Article) > 2 {
        let above = [Part, SubPart].map(|tier| u8::from(count(markers, tier) > 0));
        for slot in markers.iter_mut() {
            let Some(marker) = slot else { continue };
            marker.level = match marker.kind {
                Part => 1,
                SubPart => 1 + above[0],
                Chapter => 1 + above[0] + above[1],
                Subdivision => 2 + above[0] + above[1],
                Article => 3 + above[0] + above[1],
                _ => {
                    *slot = None;
                    continue;
                }
            };
        }
        return true;
    }
    let repeated = TIERS.map(|tier| count(markers, tier) > 1);
    for (line, slot) in lines.iter().zip(markers.iter_mut()) {
        let Some(marker) = slot else { continue };
        let tier = TIERS.iter().position(|tier| *tier == marker.kind);
        let heads =
            || line.text.chars().nth(LONGEST).is_none() && !line.text.trim_end().ends_with(['。', '；', ';']);
        if marker.kind == Article || tier.is_some_and(|tier| !repeated[tier] || !heads()) {
            *slot = None;
        }
    }
    false
}

/// Moves the levels of a document with parts and chapters, regulations aside.
pub(super) fn shift(markers: &mut [Option<Marker<'_>>]) {
    let present = TIERS.map(|tier| u8::from(count(markers, tier) > 0));
    let all: u8 = present.iter().sum();
    for marker in markers.iter_mut().flatten() {
        marker.level = match TIERS.iter().position(|tier| *tier == marker.kind) {
            Some(tier) => 1 + present[..tier].iter().sum::<u8>(),
            None => marker.level + all,
        };
    }
}

fn count(markers: &[Option<Marker<'_>>], kind: Kind) -> usize {
    markers
        .iter()
        .flatten()
        .filter(|marker| marker.kind == kind)
        .count()
}
