//! Integration tests: the workspace's shape, whole commands, the HTTP API.

mod dependencies;
