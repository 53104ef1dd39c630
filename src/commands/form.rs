//! In which form `concordance` and `trends` write: for a person or for a program.

use std::path::Path;

use crate::failure::wrong_call;

/// A form of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Lines for a person.
    Lines,
    /// Comma-separated values.
    Csv,
    /// The answer of the API.
    Json,
}

impl Form {
    /// What the options say, or else the name of the file: nobody means the lines of a terminal by `counties.csv`.
    ///
    /// # Errors
    /// When the name is that of a form that is not written here; says which there are.
    pub(super) fn read(csv: bool, json: bool, output: Option<&Path>) -> anyhow::Result<Self> {
        match (csv, json) {
            (true, _) => return Ok(Self::Csv),
            (_, true) => return Ok(Self::Json),
            _ => {}
        }
        let suffix = output
            .and_then(Path::extension)
            .and_then(|suffix| suffix.to_str());
        match suffix.map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some(other @ ("jsonl" | "parquet" | "tsv" | "xls" | "xlsx" | "svg" | "png" | "pdf")) => {
                Err(wrong_call(format!(
                    "this writes no .{other}: name a file that ends with .csv or .json; trends --chart draws .svg"
                )))
            }
            _ => Ok(Self::Lines),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_tells_the_form() {
        let form = |name: &str| Form::read(false, false, Some(Path::new(name)));
        assert_eq!(form("a.csv").unwrap(), Form::Csv);
        assert_eq!(form("A.JSON").unwrap(), Form::Json);
        assert_eq!(form("rows.txt").unwrap(), Form::Lines);
        assert_eq!(form("-").unwrap(), Form::Lines);
        assert!(form("a.xlsx").unwrap_err().to_string().contains(".csv"));
        assert_eq!(
            Form::read(true, false, Some(Path::new("a.txt"))).unwrap(),
            Form::Csv
        );
        assert_eq!(Form::read(false, false, None).unwrap(), Form::Lines);
    }
}
