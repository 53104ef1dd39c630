//! When portals are visited, and why then.
//!
//! ```text
//! schedule of the portal file ─┐
//! what was taken care of ──────┼─▶ next_visit ─▶ Visit { at, occurrence, why } ─▶ Plan: what is due
//! what the last crawls brought ┘        ▲
//!                                 now (ScheduleClock)
//! ```
//!
//! Everything here is a function of what it is given: no clock, no database, no portal file is read. [`visit`] decides
//! for one portal, [`plan`] keeps the decisions for all of them, so that a look at thousands of portals costs a comparison
//! each, [`next`] tells them to whoever asks, and [`clock`] says what time it is when the clock of the machine jumps or
//! stands still.

pub mod clock;
pub mod next;
pub mod plan;
pub mod visit;

pub use self::{
    clock::ScheduleClock,
    next::{NextRun, OpenJob, next_run},
    plan::{Due, Plan},
    visit::{Facts, Run, Visit, Why, next_visit},
};

#[cfg(test)]
mod tests;
