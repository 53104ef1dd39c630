//! In which form `concordance` and `trends` write: for a person or for a program.

use std::path::Path;

use crate::{cli::WrittenArgs, failure::wrong_call};

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
    /// When the name is that of a form that is not written here, and then it says which there are; or a byte order mark is
    /// wanted elsewhere than in a CSV.
    pub(super) fn read(args: &WrittenArgs) -> anyhow::Result<Self> {
        let form = match (args.csv, args.json) {
            (true, _) => Self::Csv,
            (_, true) => Self::Json,
            _ => Self::of_name(args.output.as_deref())?,
        };
        if args.bom && form != Self::Csv {
            return Err(wrong_call("--bom is for csv only"));
        }
        Ok(form)
    }

    fn of_name(output: Option<&Path>) -> anyhow::Result<Self> {
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
    use std::path::PathBuf;

    use super::*;

    fn written(csv: bool, bom: bool, output: Option<&str>) -> anyhow::Result<Form> {
        Form::read(&WrittenArgs {
            csv,
            bom,
            output: output.map(PathBuf::from),
            ..WrittenArgs::default()
        })
    }

    #[test]
    fn the_name_of_the_file_tells_the_form() {
        let form = |name| written(false, false, Some(name));
        assert_eq!(form("a.csv").unwrap(), Form::Csv);
        assert_eq!(form("A.JSON").unwrap(), Form::Json);
        assert_eq!(form("rows.txt").unwrap(), Form::Lines);
        assert_eq!(form("-").unwrap(), Form::Lines);
        assert!(form("a.xlsx").unwrap_err().to_string().contains(".csv"));
        assert_eq!(written(true, false, Some("a.txt")).unwrap(), Form::Csv);
        assert_eq!(written(false, false, None).unwrap(), Form::Lines);
    }

    #[test]
    fn a_byte_order_mark_is_for_csv() {
        assert_eq!(written(false, true, Some("a.csv")).unwrap(), Form::Csv);
        assert_eq!(written(true, true, None).unwrap(), Form::Csv);
        for output in [None, Some("a.json"), Some("rows.txt")] {
            let error = written(false, true, output).unwrap_err();
            assert!(error.to_string().contains("--bom"), "{output:?}: {error}");
        }
    }
}
