//! Real documents in the dress of ten content systems.
//!
//! The documents are kept beside the repository in `../shared/seeds`, or the test is skipped. Each is cut out of its
//! file by line numbers, put into every page of `templates/` and must come out again: the same text, and of every
//! field what the page shows. Names and titles are given as digests, since the texts belong to their publishers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

#[path = "templates/dress.rs"]
mod dress;

#[test]
fn documents_survive_every_template() {
    let seeds = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/seeds"));
    if !seeds.is_dir() {
        println!("skipped: no {}", seeds.display());
        return;
    }
    let templates = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/templates"));
    let outcome = dress::check(seeds, templates);
    assert_eq!(outcome.pages, 2 * outcome.documents * outcome.templates);
    assert!(outcome.wrong.is_empty(), "\n{}", outcome.wrong.join("\n"));
}
