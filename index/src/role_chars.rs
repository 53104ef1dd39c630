//! How many Han characters of a report lie inside sections of which roles: what counts in such sections are set against.
//!
//! Sections lie inside each other, and one inside another may have a role of its own, so that a character can be in
//! sections of several roles. Kept are numbers of characters by the whole *set* of roles they are in; those in sections of
//! any of some roles are then the sum over the sets that have one of these, whichever roles are asked for.

use report::{Content, Role, Section, han_chars};

use crate::schema::role_number;

/// Bits of a number of characters in a packed value; the set of roles stands above it.
const CHARS_BITS: u32 = 32;

/// One number for each set of roles that characters of the report are in.
pub(crate) fn pack(content: &Content) -> Vec<u64> {
    let text = &content.text;
    let n_chars = text.chars().count();
    let is_sound = |section: &&Section| section.start <= section.end && section.end <= n_chars;
    let mut edges: Vec<(usize, usize, i32)> = Vec::with_capacity(content.outline.len() * 2);
    for section in content.outline.iter().filter(is_sound) {
        let role = role_number(section.role) as usize;
        edges.extend([(section.start, role, 1), (section.end, role, -1)]);
    }
    edges.sort_unstable();
    let mut open = vec![0_i32; Role::ALL.len()];
    let mut sums = vec![0_u64; 1 << Role::ALL.len()];
    let (mut rest, mut at) = (text.as_str(), 0);
    for (place, role, change) in edges {
        if at < place {
            let split = rest.char_indices().nth(place - at);
            let (piece, behind) = rest.split_at(split.map_or(rest.len(), |(byte, _)| byte));
            let is_open = |(role, open): (usize, &i32)| usize::from(*open > 0) << role;
            let set: usize = open.iter().enumerate().map(is_open).sum();
            if set != 0 {
                sums[set] += han_chars(piece) as u64;
            }
            (rest, at) = (behind, place);
        }
        open[role] += change;
    }
    let found = sums.into_iter().zip(0_u64..).filter(|(chars, _)| *chars > 0);
    found.map(|(chars, set)| set << CHARS_BITS | chars).collect()
}

/// The characters inside sections of any of some roles, one bit each.
pub(crate) fn sum(packed: impl Iterator<Item = u64>, roles: u8) -> u64 {
    let among = packed.filter(|packed| packed >> CHARS_BITS & u64::from(roles) != 0);
    among.map(|packed| packed & ((1 << CHARS_BITS) - 1)).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn section(role: Role, start: usize, end: usize) -> Section {
        Section {
            level: 1,
            number: String::new(),
            heading: String::new(),
            role,
            path: String::new(),
            start,
            end,
        }
    }

    proptest! {
        #[test]
        fn every_character_counts_once_for_any_choice_of_roles(
            text in "[甲乙a○😀\u{20000}\n]{0,40}",
            sections in prop::collection::vec((0..Role::ALL.len(), 0_usize..45, 0_usize..45), 0..6),
            roles in 0_u8..32,
        ) {
            let n_chars = text.chars().count();
            let content = Content {
                outline: sections.iter().map(|(role, start, end)| section(Role::ALL[*role], *start, *end)).collect(),
                text: text.clone(),
                ..Content::default()
            };
            let is_in = |at: usize| sections.iter().any(|(role, start, end)| {
                roles >> role & 1 == 1 && (*start..*end).contains(&at) && *end <= n_chars
            });
            let expected: usize = text
                .chars()
                .enumerate()
                .filter(|(at, _)| is_in(*at))
                .map(|(_, c)| han_chars(&c.to_string()))
                .sum();
            prop_assert_eq!(sum(pack(&content).into_iter(), roles), expected as u64);
        }
    }
}
