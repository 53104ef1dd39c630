//! `export`: everything that a search finds, into a file or to stdout.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use index::SearchError;
use jiff::Timestamp;

use super::{Settings, search::explain};
use crate::{
    api::{export::read_order, params::Params, problem::Problem},
    cli::ExportArgs,
    export::{Export, ExportError, Format, file::Target},
    failure::wrong_call,
    progress::Progress,
    synonyms,
};

pub(super) fn run(settings: &Settings, args: ExportArgs) -> anyhow::Result<ExitCode> {
    let output = args
        .output
        .clone()
        .filter(|path| path.as_path() != Path::new("-"));
    let format = match (&args.format, output.as_deref().and_then(named_format)) {
        (Some(format), _) => format.clone(),
        (None, Some(format)) => format.code().to_owned(),
        (None, None) => {
            let known = Format::ALL.map(|(_, code)| code).join(", ");
            return Err(wrong_call(format!(
                "which format? Name one with --format: {known}"
            )));
        }
    };
    let mut params = Params::from_pairs(args.into_params(&format));
    let mut order = read_order(&mut params).map_err(told)?;
    if let Some(url) = &settings.config.server.public_url {
        url.as_str().trim_end_matches('/').clone_into(&mut order.base);
    }
    if output.is_none() && order.format.is_binary() && io::stdout().is_terminal() {
        return Err(wrong_call(format!(
            "{format} is not for a terminal; name a file with -o"
        )));
    }
    let target = Target::new(output.as_deref())?;
    settings.data_to_read()?;
    let reader = index::Reader::open(&settings.index_dir())?;
    if let Some(path) = &settings.config.search.synonyms {
        reader.use_synonyms(synonyms::read(path)?);
    }
    let mut export = match Export::begin(&reader, &order, Timestamp::now()) {
        Ok(export) => export,
        Err(ExportError::Search(SearchError::Index(error))) => return Err(error.into()),
        Err(ExportError::Search(error)) => return Err(wrong_call(explain(&order.request.q, &error))),
        Err(ExportError::Format(error)) => return Err(error),
    };
    let total = export.remaining();
    let progress = Progress::of_things("exporting", total);
    let report = |left: u64| progress.at(total - left, &format!("{} of {total} reports", total - left));
    let written = write(&target, &mut export, report);
    progress.done();
    written?;
    if let Some(warning) = export.warning() {
        tracing::warn!("{warning}");
    }
    match (&output, target.sidecar()) {
        (Some(path), Some(sidecar)) => eprintln!(
            "{total} reports in {}; where they come from is in {}",
            path.display(),
            sidecar.display()
        ),
        _ => eprintln!("{total} reports"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the whole export; `progress` is told how many reports are left.
fn write(target: &Target, export: &mut Export, mut progress: impl FnMut(u64)) -> anyhow::Result<()> {
    let mut out = target.begin()?;
    while let Some(piece) = export.piece()? {
        out.write_all(&piece)?;
        progress(export.remaining());
    }
    out.finish(Some(export.provenance().to_json()))
}

/// The format that the name of a file tells.
fn named_format(path: &Path) -> Option<Format> {
    Format::of_suffix(path.extension()?.to_str()?)
}

fn told(problem: Problem) -> anyhow::Error {
    wrong_call(problem.body().detail)
}
