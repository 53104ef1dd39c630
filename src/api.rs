//! The HTTP API below `/api/v1`: a file an endpoint, one for parameters, one for errors.

pub(crate) mod alerts;
pub(crate) mod auth;
pub(crate) mod changes;
pub(crate) mod cite;
pub(crate) mod concordance;
pub(crate) mod coverage;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod jobs;
mod json;
pub(crate) mod limits;
pub(crate) mod openapi;
pub(crate) mod origin;
pub(crate) mod panel;
pub(crate) mod params;
pub(crate) mod portals;
pub(crate) mod problem;
pub(crate) mod regions;
pub(crate) mod report;
pub(crate) mod routes;
pub(crate) mod search;
pub(crate) mod similar;
pub(crate) mod snapshot;
pub(crate) mod trends;
pub(crate) mod versions;
