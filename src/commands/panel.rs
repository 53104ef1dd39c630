//! `panel`: a dictionary in, a table out.

mod table;

use std::process::ExitCode;

use index::{Layout, PanelBy, PanelRequest, SearchError, SearchRequest};
use report::Level;
use serde_json::json;

pub(super) use self::table::{Output, Sheet};
use super::{Settings, search::explain};
use crate::{
    api::{panel::search, params::Params},
    cli::{PanelArgs, TableArgs},
    dictionary,
    failure::wrong_call,
    progress::Progress,
    synonyms,
    table::of_row,
};

/// Most rows of a table; what is in memory are those that are not empty.
const MAX_ROWS: usize = 100_000_000;

pub(super) fn run(settings: &Settings, args: PanelArgs) -> anyhow::Result<ExitCode> {
    let wrong = |error: anyhow::Error| wrong_call(error.to_string());
    if let Some(name) = &args.example {
        print!("{}", dictionary::example(name).map_err(wrong)?);
        return Ok(ExitCode::SUCCESS);
    }
    let Some(file) = &args.dictionary else {
        return Err(wrong_call("name a dictionary with --dictionary FILE"));
    };
    let dictionary = dictionary::read_file(file).map_err(wrong)?;
    let request = PanelRequest {
        search: read_search(&args.table, args.query.clone())?,
        dictionary,
        layout: read_layout(&args.by, args.level.as_deref())?,
    };
    let output = Output::new(&args.table)?;
    let reader = open(settings)?;
    let progress = Progress::of_things("counting", 0);
    let panel = reader.panel(&request, &|done, total| {
        progress.of(total);
        progress.at(done, &format!("{done} of {total} reports"));
    });
    progress.done();
    let panel = panel.map_err(|error| match error {
        SearchError::Index(error) => error.into(),
        error => wrong_call(explain(&request.search.q, &error)),
    })?;
    let rows = (0..panel.n_rows())
        .filter_map(|nth| panel.row(nth))
        .map(|row| of_row(&row));
    let about = json!({
        "dictionary": dictionary::to_json(&request.dictionary),
        "dictionary_hash": dictionary::hash(&request.dictionary),
        "query": panel.query,
        "left_out": panel.left_out,
        "notes": panel.notes,
    });
    output.write(
        Sheet::of_panel(&panel),
        rows,
        about,
        &request.search,
        &request.layout,
    )?;
    tell(&panel);
    Ok(ExitCode::SUCCESS)
}

/// Says what is not in the table, and what may not be as it was meant.
pub(super) fn tell(panel: &index::Panel) {
    for note in &panel.notes {
        tracing::warn!("{note}");
    }
    let left = panel.left_out;
    if left.reports > 0 {
        let why = [
            (left.without_region, "about no known division"),
            (
                left.without_level,
                "about a division that lies in none of this level",
            ),
            (left.without_year, "about no known year"),
            (left.without_section, "without a section"),
        ];
        let why: Vec<String> = why
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, why)| format!("{n} {why}"))
            .collect();
        tracing::warn!("{} reports are in no row: {}", left.reports, why.join(", "));
    }
}

/// The index of the data directory, with the synonyms of the configuration.
pub(super) fn open(settings: &Settings) -> anyhow::Result<index::Reader> {
    settings.data_to_read()?;
    let reader = index::Reader::open(&settings.index_dir())?;
    if let Some(path) = &settings.config.search.synonyms {
        reader.use_synonyms(synonyms::read(path)?);
    }
    Ok(reader)
}

/// Which reports are counted: filters, mode and group are the API's, and read by the same code.
pub(super) fn read_search(table: &TableArgs, query: Option<String>) -> anyhow::Result<SearchRequest> {
    let mut pairs = table.filters.clone().into_params();
    pairs.extend(query.map(|query| ("q".to_owned(), query)));
    pairs.push(("mode".to_owned(), table.mode.clone()));
    pairs.extend(table.group.clone().map(|group| ("group".to_owned(), group)));
    search(&mut Params::from_pairs(pairs)).map_err(|problem| wrong_call(problem.body().detail))
}

/// How the table is laid out.
pub(super) fn read_layout(by: &str, level: Option<&str>) -> anyhow::Result<Layout> {
    let names = by.split(',').map(str::trim).filter(|name| !name.is_empty());
    let by = names.map(|name| {
        name.parse::<PanelBy>()
            .map_err(|error| wrong_call(format!("--by: {error}")))
    });
    let level = level.map(|level| {
        let read = level.parse::<Level>();
        read.map_err(|error| wrong_call(format!("--level: {error}")))
    });
    Ok(Layout {
        by: by.collect::<Result<_, _>>()?,
        level: level.transpose()?,
        max_rows: MAX_ROWS,
    })
}
