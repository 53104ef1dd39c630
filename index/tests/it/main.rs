//! The index as a whole: what is written is found, exactly.

mod corpus;
mod cursors;
mod exactness;
mod explaining;
mod filters;
mod language;
mod sections;
mod support;
mod writing;
