//! Integration tests: the workspace's shape, whole commands, the HTTP API, the pages, the crawl of the sample portals.

mod api;
mod cli;
mod crawl;
mod dependencies;
mod pages;
mod seeds;
mod support;
