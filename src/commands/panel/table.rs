//! Where a table goes, and in which format.

use std::io::{self, IsTerminal, Write};

use serde_json::{Map, Value};

use crate::{
    cli::TableArgs,
    export::{
        CsvOptions, Format,
        counts::{FORMATS, SHEET},
        file::Target,
        table::{self, Cell, Column},
    },
    failure::wrong_call,
};

/// Bytes after which what was made is written.
const PIECE: usize = 256 << 10;

/// Where a table goes, and in which format.
pub(in crate::commands) struct Output {
    target: Target,
    format: Format,
    csv: CsvOptions,
}

impl Output {
    /// What the command line says.
    ///
    /// # Errors
    /// When the name of the file says nothing of its format, or nothing can be written there.
    pub(in crate::commands) fn new(args: &TableArgs) -> anyhow::Result<Self> {
        let target = Target::new(args.output.as_deref())?;
        let suffix = args.output.as_ref().and_then(|path| path.extension()?.to_str());
        let named = args.format.as_deref().and_then(|format| format.parse().ok());
        let format = match (named, suffix) {
            (Some(format), _) => Some(format),
            (None, None) => Some(Format::Csv),
            (None, Some(suffix)) => Format::of_suffix(suffix),
        };
        let Some(format) = format.filter(|format| FORMATS.contains(format)) else {
            let codes = FORMATS.map(Format::code).join(", ");
            return Err(wrong_call(format!(
                "which format is .{}? Say it with --format: {codes}",
                suffix.unwrap_or_default()
            )));
        };
        if args.bom && format != Format::Csv {
            return Err(wrong_call("--bom is for csv only"));
        }
        if matches!(target, Target::Stdout) && format.is_binary() && io::stdout().is_terminal() {
            let code = format.code();
            return Err(wrong_call(format!(
                "{code} is not for a terminal; name a file with -o"
            )));
        }
        let csv = CsvOptions {
            bom: args.bom,
            ..CsvOptions::default()
        };
        Ok(Self { target, format, csv })
    }

    /// Writes the table. A file takes its name when all of it is there; beside it stands what it was made from.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(in crate::commands) fn write(
        &self,
        columns: &[Column],
        rows: impl Iterator<Item = Vec<Cell>>,
        about: Map<String, Value>,
    ) -> anyhow::Result<()> {
        let about = Value::Object(about);
        let mut table = table::begin(self.format, SHEET, columns, &about, self.csv)?;
        let mut out = self.target.begin()?;
        let (mut n_rows, mut piece) = (0_u64, Vec::new());
        for row in rows {
            table.row(&row, &mut piece)?;
            n_rows += 1;
            if piece.len() >= PIECE {
                out.write_all(&piece)?;
                piece.clear();
            }
        }
        table.end(&mut piece)?;
        out.write_all(&piece)?;
        out.finish(Some(about))?;
        if let Target::File(path) = &self.target {
            eprintln!("{n_rows} rows in {}", path.display());
        }
        Ok(())
    }
}
