//! Queries on the command line. They may begin with a hyphen, which is NOT; two hyphens are an option mistyped.

/// Reads a query. One that begins with two hyphens would be the double NOT of the language, and nobody writes that; an
/// option that the command does not have would silently find nothing.
pub(super) fn read(value: &str) -> Result<String, String> {
    if value.starts_with("--") {
        return Err("the command has no such option (see --help); \
                    a query that is to begin with two hyphens is put in quotes of its own: '\"--…\"'"
            .to_owned());
    }
    Ok(value.to_owned())
}
