//! From a portal file to archived pages to reports.

mod extract;

pub use crate::extract::{
    Decoded, ExtractError, Hints, InvalidSelector, Media, Selectors, Source, decode, describe, extract,
    refresh_derived,
};
