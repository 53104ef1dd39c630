//! The index as a whole: what is written is found, exactly.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it skips"
)]

mod as_of;
mod concordance;
mod corpus;
mod cursors;
mod exactness;
mod explaining;
mod facets;
mod filters;
mod killing;
mod language;
mod loose;
mod panel;
mod ranking;
mod sections;
mod similar;
mod support;
mod trends;
mod writing;
