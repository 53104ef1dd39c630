//! Five real documents in the dress of ten content systems.

use std::path::Path;

#[path = "../../crawler/tests/templates/dress.rs"]
mod dress;

pub(crate) fn section(shared: &Path) -> String {
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/crawler/tests/templates");
    let outcome = dress::check(&shared.join("seeds"), Path::new(templates));
    let mut out = format!(
        "### Known documents in ten templates\n\n{} documents in {} templates, each on its region's own site and on one that says nothing of a region: {} pages. Of {} cells (title, enclosed title, region, genre, year, both dates, issuer, source, both numbers, site id, flags, headings, text) {} are as they should be.\n",
        outcome.documents,
        outcome.templates,
        outcome.pages,
        outcome.cells,
        outcome.cells - outcome.wrong.len(),
    );
    for line in &outcome.wrong {
        out.push_str(&format!("\n- {line}"));
    }
    out
}
