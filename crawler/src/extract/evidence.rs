//! Values with what they were read from, and what was looked at and not believed.
//!
//! Every reader of a field answers with a [`Finding`]. Nothing here is formatted before somebody asks for it: a basis is
//! a word of the program, the words of the page are borrowed from it.

use std::{borrow::Cow, fmt};

/// Where the words of a value stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin<'d> {
    /// Words of the page, of its address or of the row of the list.
    Words(Cow<'d, str>),
    /// A `<meta>` element: its name and what it says.
    Meta(&'static str, &'d str),
}

impl From<String> for Origin<'_> {
    fn from(words: String) -> Self {
        Self::Words(Cow::Owned(words))
    }
}

impl<'d> From<&'d str> for Origin<'d> {
    fn from(words: &'d str) -> Self {
        Self::Words(Cow::Borrowed(words))
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Meta(name, content) => write!(f, "<meta name={name} content=\"{content}\">"),
        }
    }
}

/// A value and why it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<'d, T> {
    /// The value.
    pub(crate) value: T,
    /// What kind of place it was read from, as a code: `meta`, `label`, `bar`, `signature` …
    pub(crate) basis: &'static str,
    /// The words it was read from.
    pub(crate) from: Origin<'d>,
}

impl<'d, T> Found<'d, T> {
    /// A value that was read from these words.
    pub(crate) fn new(value: T, basis: &'static str, from: impl Into<Origin<'d>>) -> Self {
        let from = from.into();
        Self { value, basis, from }
    }
}

/// Words that look like a value and were not taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected<'d> {
    /// The words.
    pub(crate) from: Origin<'d>,
    /// Why not.
    pub(crate) why: &'static str,
}

/// What the reader of one field came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding<'d, T> {
    /// What was taken.
    pub(crate) found: Option<Found<'d, T>>,
    /// What was met on the way and not taken.
    pub(crate) rejected: Vec<Rejected<'d>>,
}

impl<'d, T> Finding<'d, T> {
    /// Parts the value from what speaks for it.
    pub(crate) fn part(self) -> (Option<T>, Evidence<'d>) {
        let (value, taken) = match self.found {
            Some(found) => (Some(found.value), Some((found.basis, found.from))),
            None => (None, None),
        };
        let rejected = self.rejected;
        (value, Evidence { taken, rejected })
    }
}

impl<'d, T> From<Option<Found<'d, T>>> for Finding<'d, T> {
    fn from(found: Option<Found<'d, T>>) -> Self {
        let rejected = Vec::new();
        Self { found, rejected }
    }
}

/// Most rejections that are kept of one field.
const MAX_REJECTED: usize = 20;

/// Notes what was not taken.
pub(crate) fn reject<'d>(rejected: &mut Vec<Rejected<'d>>, from: impl Into<Origin<'d>>, why: &'static str) {
    let from = from.into();
    let new = Rejected { from, why };
    if rejected.len() < MAX_REJECTED && !rejected.contains(&new) {
        rejected.push(new);
    }
}

/// What speaks for the value of one field, and what was left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence<'d> {
    /// Kind of place and words of what was taken.
    pub(crate) taken: Option<(&'static str, Origin<'d>)>,
    /// What was not taken.
    pub(crate) rejected: Vec<Rejected<'d>>,
}
