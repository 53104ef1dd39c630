//! `search`: the terminal's view of a search.
//!
//! The filters are parameters of the API and are read by the same code. More hits than the API gives on a page are
//! fetched page by page, by the cursor, from one state of the index.

mod paper;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};

use index::{SearchError, SearchRequest, SearchResponse};

use self::paper::Paper;
pub(super) use self::paper::{clean, explain};
use super::Settings;
use crate::{
    api::{
        params::Params,
        problem::Problem,
        search::{answer, read_request},
    },
    cli::SearchArgs,
    failure::wrong_call,
    synonyms,
};

/// Most hits on the terminal.
const MAX_LIMIT: usize = 10_000;

pub(super) fn run(settings: &Settings, args: SearchArgs) -> anyhow::Result<ExitCode> {
    if args.limit > MAX_LIMIT {
        return Err(wrong_call(format!(
            "--limit {} is more than {MAX_LIMIT}; narrow the query, or page through the API",
            args.limit
        )));
    }
    let mut pairs = args.filters.into_params();
    pairs.push(("q".to_owned(), args.query));
    pairs.push(("mode".to_owned(), args.mode));
    pairs.extend(args.sort.map(|sort| ("sort".to_owned(), sort)));
    pairs.extend(args.group.map(|group| ("group".to_owned(), group)));
    pairs.extend(args.facets.into_iter().map(|facet| ("facets".to_owned(), facet)));
    pairs.extend(args.fields.into_iter().map(|field| ("fields".to_owned(), field)));
    let mut request = read_request(&mut Params::from_pairs(pairs)).map_err(told)?;
    settings.data_to_read()?;
    let reader = index::Reader::open(&settings.index_dir())?;
    if let Some(path) = &settings.config.search.synonyms {
        reader.use_synonyms(synonyms::read(path)?);
    }
    let response = match search(&reader, &mut request, args.limit) {
        Ok(response) => response,
        Err(SearchError::Index(error)) => return Err(error.into()),
        Err(error) => return Err(wrong_call(explain(&request.q, &error))),
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.json {
        let value = answer(&response, &request.fields).map_err(told)?;
        serde_json::to_writer_pretty(&mut out, &value)?;
        writeln!(out)?;
        out.flush()?;
    } else {
        let paper = Paper::new(io::stdout().is_terminal(), |name| std::env::var_os(name));
        paper.answer(&mut out, &response)?;
        out.flush()?;
        paper.notes(&mut io::stderr().lock(), &request.q, &response)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The first hits of a search, with the echo, the total and the facets of its first page.
fn search(
    reader: &index::Reader,
    request: &mut SearchRequest,
    limit: usize,
) -> Result<SearchResponse, SearchError> {
    let started = Instant::now();
    request.limit = limit.clamp(1, SearchRequest::MAX_LIMIT);
    let mut whole = reader.search(request, started)?;
    while let Some(cursor) = whole.next_cursor.take().filter(|_| whole.hits.len() < limit) {
        let page = SearchRequest {
            cursor: Some(cursor),
            ..request.clone()
        };
        let page = reader.search(&page, Instant::now())?;
        whole.hits.extend(page.hits);
        whole.next_cursor = page.next_cursor;
    }
    whole.hits.truncate(limit);
    // A cursor belongs to the process that made it, and this one ends here.
    whole.next_cursor = None;
    whole.took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(whole)
}

fn told(problem: Problem) -> anyhow::Error {
    wrong_call(problem.body().detail)
}
