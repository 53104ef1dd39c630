//! Names that are on every page: `<div id="app">` says nothing about the `id` of a script, and one function's `id` nothing
//! about another's.

use super::{MAX_PLACES, Scripts};

/// Names of attributes that any element may have.
pub(super) const COMMON: &[&str] = &[
    "id", "name", "class", "type", "value", "title", "href", "src", "content",
];

/// How far above a place the head of its function is looked for, in bytes.
const MAX_FUNCTION: usize = 2000;

/// Most functions above a place that are looked at.
const MAX_FUNCTIONS: usize = 8;

impl<'a> Scripts<'a> {
    /// The value of a name in a sum that begins at a place.
    pub(super) fn value_for(&self, name: &str, at: usize) -> Option<&'a str> {
        if !COMMON.contains(&name) {
            return self.value(name);
        }
        if self.is_parameter(name, at) {
            return None;
        }
        let places = self.lower.match_indices(name).take(MAX_PLACES);
        let mut values = places
            .filter(|(at, _)| !self.is_in_tag(*at))
            .filter_map(|(at, _)| self.value_at(at, at + name.len()));
        values.find(|value| !value.trim().is_empty() && !value.contains(['{', '<', '$', '+']))
    }

    /// Whether a place lies within the tag of an element.
    fn is_in_tag(&self, at: usize) -> bool {
        let from = self.text.floor_char_boundary(at.saturating_sub(400));
        let Some(open) = self.text[from..at].rfind(['<', '>']) else {
            return false;
        };
        let tag = &self.lower[from + open..at];
        tag.starts_with('<') && tag[1..].starts_with(|c: char| c.is_ascii_alphabetic())
    }

    /// Whether a name is a parameter of the function around a place, so that no value on the page is its own.
    fn is_parameter(&self, name: &str, at: usize) -> bool {
        let from = self.text.floor_char_boundary(at.saturating_sub(MAX_FUNCTION));
        let before = &self.text[from..at];
        let heads = before.rmatch_indices("function").take(MAX_FUNCTIONS);
        heads
            .filter_map(|(start, _)| {
                let head = &before[start..];
                let (_, parameters) = head[..head.find(')')?].split_once('(')?;
                let is_around = is_open(&head[head.find('{')?..]);
                Some(is_around && parameters.split(',').any(|own| own.trim() == name))
            })
            .any(|is_own| is_own)
    }
}

/// Whether the brace at the beginning of a text is not closed in it.
fn is_open(text: &str) -> bool {
    let mut depth = 0_i32;
    text.bytes().all(|byte| {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        depth > 0
    })
}
