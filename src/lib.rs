//! gongbao (公报): full-text search over published Chinese government reports.
//!
//! This crate wires the stages together: the command line ([`cli`], [`commands`]), the configuration
//! ([`config`]), the pump from the catalog's outbox into the index ([`pump`]), the HTTP API and the web pages
//! ([`http`]). What the stages do is in the crates `crawler`, `index` and `report`; see ARCHITECTURE.md.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line talks to its user"
)]

pub mod admin;
pub mod alerts;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod disk;
pub mod failure;
pub mod metrics;
pub mod operations;
pub mod overview;
pub mod portals;
pub mod pump;
pub mod scheduler;
pub mod server;
pub mod shutdown;

mod api;
mod atom;
mod backup;
mod catalogs;
mod charts;
mod cite;
mod compare;
mod dictionary;
mod export;
mod language;
mod limits;
mod nearest;
mod open_files;
mod permalink;
mod progress;
mod reload;
mod retention;
mod runner;
mod streaming;
mod synonyms;
mod verify;
mod web;

pub mod http;
