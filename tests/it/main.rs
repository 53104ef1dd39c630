//! Integration tests: the workspace's shape, whole commands, the HTTP API, the pages, the crawl of the sample portals.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed, and says what it skips"
)]

mod admin;
mod alerts;
mod api;
mod atom;
mod backup;
mod cli;
mod counting;
mod crawl;
mod dependencies;
mod disk;
mod documentation;
mod export;
mod extract;
mod files;
mod guide;
mod health;
mod history;
mod keys;
mod labelled;
mod limits;
mod openapi;
mod openmetrics;
mod overload;
mod pages;
mod panel;
mod politeness;
mod portal;
mod problems;
mod sample_portals;
mod seeds;
mod support;
mod verify;
