//! gongbao (公报): full-text search over published Chinese government reports.

pub mod cli;
pub mod config;
pub mod failure;
pub mod server;
pub mod shutdown;
pub mod http;
mod api;
mod progress;
mod web;
