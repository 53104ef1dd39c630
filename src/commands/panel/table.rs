//! Tables as files: rows of named cells, and beside a file what it was made from.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use index::{Layout, Panel, SearchRequest};
use jiff::Timestamp;
use report::ChinaTime;
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::{
    cli::{TableArgs, TableFormat},
    failure::wrong_call,
    table::{Cell, csv_row, names},
};

/// The names of columns: ASCII, at most 32 characters.
pub(in crate::commands) struct Sheet(pub(in crate::commands) Vec<&'static str>);

impl Sheet {
    /// The columns of a panel.
    pub(in crate::commands) fn of_panel(panel: &Panel) -> Self {
        Self(names("concept", &panel.by))
    }
}

/// Where a table goes, and as what.
pub(in crate::commands) struct Output {
    path: Option<PathBuf>,
    format: TableFormat,
    bom: bool,
}

impl Output {
    /// What the command line says.
    ///
    /// # Errors
    /// When the name of the file says nothing of its format, or its folder is not there.
    pub(in crate::commands) fn new(args: &TableArgs) -> anyhow::Result<Self> {
        let path = args.output.clone();
        let extension = path.as_ref().and_then(|path| path.extension()?.to_str());
        let format = match (args.format, extension.map(str::to_ascii_lowercase).as_deref()) {
            (Some(format), _) => format,
            (None, Some("jsonl")) => TableFormat::Jsonl,
            (None, Some("csv") | None) => TableFormat::Csv,
            (None, Some(other)) => {
                return Err(wrong_call(format!(
                    "which format is .{other}? Say it with --format csv or --format jsonl"
                )));
            }
        };
        if let Some(path) = &path
            && (path.is_dir() || !folder(path).is_dir())
        {
            return Err(wrong_call(format!(
                "cannot write to {}: it is a folder, or in one that is not there",
                path.display()
            )));
        }
        Ok(Self {
            path,
            format,
            bom: args.bom,
        })
    }

    /// Writes the table. A file takes its name when all of it is there; beside it stands what it was made from.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(in crate::commands) fn write(
        &self,
        sheet: Sheet,
        rows: impl Iterator<Item = Vec<Cell>>,
        about: Value,
        search: &SearchRequest,
        layout: &Layout,
    ) -> anyhow::Result<()> {
        let Some(path) = &self.path else {
            let mut out = io::BufWriter::new(io::stdout().lock());
            self.rows(&mut out, &sheet, rows)?;
            return Ok(out.flush()?);
        };
        let failed = || format!("cannot write {}", path.display());
        let file = NamedTempFile::new_in(folder(path)).with_context(failed)?;
        let mut out = io::BufWriter::new(file);
        let n_rows = self.rows(&mut out, &sheet, rows).with_context(failed)?;
        let file = out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .with_context(failed)?;
        let provenance = provenance(&sheet, n_rows, about, search, layout)?;
        persist(file, path).with_context(failed)?;
        let mut beside = NamedTempFile::new_in(folder(path)).with_context(failed)?;
        serde_json::to_writer_pretty(&mut beside, &provenance).with_context(failed)?;
        writeln!(beside).with_context(failed)?;
        let mut name = path.clone().into_os_string();
        name.push(".provenance.json");
        persist(beside, Path::new(&name)).with_context(failed)?;
        eprintln!("{n_rows} rows in {}", path.display());
        Ok(())
    }

    fn rows(
        &self,
        out: &mut impl Write,
        sheet: &Sheet,
        rows: impl Iterator<Item = Vec<Cell>>,
    ) -> anyhow::Result<u64> {
        let Sheet(names) = sheet;
        let mut n_rows = 0;
        match self.format {
            TableFormat::Csv => {
                if self.bom {
                    write!(out, "\u{feff}")?;
                }
                write!(out, "{}\r\n", names.join(","))?;
                for row in rows {
                    out.write_all(csv_row(&row).as_bytes())?;
                    n_rows += 1;
                }
            }
            TableFormat::Jsonl => {
                for row in rows {
                    let values = row.into_iter().map(|cell| match cell {
                        Cell::Null => Value::Null,
                        Cell::Text(text) => text.into(),
                        Cell::Number(number) => number.into(),
                    });
                    let named: Map<String, Value> =
                        names.iter().map(|name| (*name).to_owned()).zip(values).collect();
                    serde_json::to_writer(&mut *out, &named)?;
                    writeln!(out)?;
                    n_rows += 1;
                }
                writeln!(out, "{}", json!({"complete": true, "count": n_rows}))?;
            }
        }
        Ok(n_rows)
    }
}

/// What the file was made from: enough to make it again.
fn provenance(
    sheet: &Sheet,
    n_rows: u64,
    about: Value,
    search: &SearchRequest,
    layout: &Layout,
) -> anyhow::Result<Value> {
    let mut filters = serde_json::to_value(&search.filters)?;
    if let Value::Object(filters) = &mut filters {
        filters
            .retain(|_, value| !value.is_null() && value.as_array().is_none_or(|values| !values.is_empty()));
    }
    let mut provenance = json!({
        "program": "gongbao",
        "version": env!("CARGO_PKG_VERSION"),
        "created_at": ChinaTime::from(Timestamp::now()),
        "q": search.q,
        "mode": search.mode,
        "group": search.group,
        "filters": filters,
        "by": layout.by,
        "level": layout.level,
        "columns": sheet.0,
        "rows": n_rows,
    });
    if let (Value::Object(provenance), Value::Object(about)) = (&mut provenance, about) {
        provenance.extend(about);
    }
    Ok(provenance)
}

fn folder(path: &Path) -> &Path {
    let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
