//! Numbers, dates, issuers, regions and genres of 500 hand-labelled rows (`benches/labels/README.md`): the least that
//! the readers must reach.

use crate::support::shared;

#[expect(dead_code, reason = "the tables of the bench are not printed here")]
#[path = "../../benches/extraction/metadata.rs"]
mod metadata;

#[test]
fn metadata_is_what_a_reader_finds() {
    let Some(table) = shared("data/metadata/documents.tsv.gz") else {
        return;
    };
    let folder = table.ancestors().nth(3).unwrap();
    let figures = metadata::check(folder);
    for (field, precision, recall) in [
        ("document number", 0.995, 0.995),
        ("issued", 0.995, 0.995),
        ("published", 0.995, 0.995),
        ("issuer", 0.99, 0.9),
        ("region", 0.99, 0.9),
        ("genre", 0.95, 0.95),
    ] {
        let (_, tally) = figures.fields.iter().find(|(name, _)| *name == field).unwrap();
        let reached = tally.precision() >= precision && tally.recall() >= recall;
        assert!(reached, "{field}\n{}", metadata::render(&figures));
    }
    let (_, numbers) = figures.fields[0];
    assert_eq!(
        (numbers.invented, figures.other_numbers.1),
        (0, 0),
        "no number is made up"
    );
}
