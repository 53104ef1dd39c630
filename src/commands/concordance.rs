//! `concordance`: every place of a query's strings, in columns, as CSV or JSON.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
    time::Instant,
};

use index::{Concordance, ConcordanceRequest, ConcordanceRow, Reader, SearchError};
use jiff::Timestamp;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::{
    Settings,
    form::Form,
    search::{Paper, clean, explain, open, told},
};
use crate::{
    api::{
        concordance::{COLUMNS, address, answer, line, read_request},
        params::Params,
    },
    cli::ConcordanceArgs,
    export::{
        csv,
        file::{Target, Writing},
        provenance::of_search,
    },
    failure::wrong_call,
};

/// Rows and characters of a side when a person reads.
const USUAL_ROWS: usize = 20;
const USUAL_WIDTH: usize = 20;

pub(super) fn run(settings: &Settings, args: ConcordanceArgs) -> anyhow::Result<ExitCode> {
    let form = Form::read(&args.written)?;
    let is_data = form != Form::Lines;
    let limit = args
        .limit
        .unwrap_or(if is_data { usize::MAX } else { USUAL_ROWS });
    let width = args.width.or((!is_data).then_some(USUAL_WIDTH));
    let mut pairs = args.filters.into_params();
    pairs.extend([("q".to_owned(), args.query), ("mode".to_owned(), args.mode)]);
    let numbers = [("width", width), ("sample", args.sample)];
    pairs.extend(
        numbers
            .into_iter()
            .filter_map(|(name, n)| Some((name.to_owned(), n?.to_string()))),
    );
    pairs.extend(args.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    pairs.extend(args.sort.map(|sort| ("sort".to_owned(), sort)));
    pairs.extend(args.group.map(|group| ("group".to_owned(), group)));
    let most = ConcordanceRequest::MAX_LIMIT;
    let mut request = read_request(&mut Params::from_pairs(pairs), most).map_err(told)?;
    request.limit = limit.clamp(1, most);
    let reader = open(settings)?;
    let target = Target::new(args.written.output.as_deref())?;
    let first = page(&reader, &request)?;
    let mut about = None;
    let mut out = target.begin()?;
    if form == Form::Csv {
        about = Some(provenance(&reader, &request, &first));
        out.write_all(csv::head(COLUMNS, args.written.bom).as_bytes())?;
        let rows = |out: &mut Writing, rows: &[ConcordanceRow]| -> anyhow::Result<()> {
            rows.iter()
                .try_for_each(|row| Ok(out.write_all(line(row).as_bytes())?))
        };
        walk(&reader, &mut request, first, limit, |page| rows(&mut out, page))?;
    } else {
        let mut whole = first.clone();
        whole.rows.clear();
        whole.next_cursor = None;
        walk(&reader, &mut request, first, limit, |page| {
            whole.rows.extend_from_slice(page);
            Ok(())
        })?;
        if form == Form::Json {
            serde_json::to_writer_pretty(&mut out, &answer(&whole).map_err(told)?)?;
            writeln!(out)?;
        } else {
            let is_terminal = args.written.output.is_none() && io::stdout().is_terminal();
            let paper = Paper::new(is_terminal, |name| std::env::var_os(name));
            columns(&mut out, &paper, &whole)?;
        }
    }
    out.finish(about)?;
    Ok(ExitCode::SUCCESS)
}

/// What is laid beside a CSV, which has no place for it.
fn provenance(reader: &Reader, request: &ConcordanceRequest, first: &Concordance) -> Value {
    let (search, now) = (&request.search, Timestamp::now());
    let mut about = of_search(search, first.state, reader.corpus_state().dictionary, now);
    let address = address(request, first.state, now);
    let more = [
        ("query", json!(first.query)),
        ("total", json!(first.total)),
        ("sort", json!(request.sort)),
        ("width", json!(request.width)),
        ("sample", json!(first.sample)),
        ("address", format!("/api/v1/concordance?{address}").into()),
    ];
    about.extend(more.map(|(name, value)| (name.to_owned(), value)));
    about.into()
}

/// One page.
fn page(reader: &Reader, request: &ConcordanceRequest) -> anyhow::Result<Concordance> {
    reader
        .concordance(request, Instant::now())
        .map_err(|error| match error {
            SearchError::Index(error) => error.into(),
            error => wrong_call(explain(&request.search.q, &error)),
        })
}

/// Hands over page after page, up to `limit` rows, all from the state of the first.
fn walk(
    reader: &Reader,
    request: &mut ConcordanceRequest,
    first: Concordance,
    limit: usize,
    mut take: impl FnMut(&[ConcordanceRow]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut left = limit;
    let mut next = first;
    loop {
        let rows = &next.rows[..next.rows.len().min(left)];
        take(rows)?;
        left -= rows.len();
        let Some(cursor) = next.next_cursor.take().filter(|_| left > 0) else {
            return Ok(());
        };
        request.cursor = Some(cursor);
        next = page(reader, request)?;
    }
}

/// The rows below each other, with the matches in one column.
fn columns(out: &mut impl Write, paper: &Paper, found: &Concordance) -> io::Result<()> {
    let Paper { dim, mark, plain, .. } = paper;
    let widest = |part: fn(&ConcordanceRow) -> &str| {
        let widths = found.rows.iter().map(|row| clean(part(row)).width());
        widths.max().unwrap_or_default()
    };
    let [left, matched, right] = [
        widest(|row| &row.left),
        widest(|row| &row.matched),
        widest(|row| &row.right),
    ];
    let spaces = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width()));
    for row in &found.rows {
        let [before, hit, behind] = [&row.left, &row.matched, &row.right].map(|part| clean(part));
        let particulars = [
            row.year.map(|year| year.to_string()).unwrap_or_default(),
            row.region_name.clone().unwrap_or_default(),
            row.path.clone().unwrap_or_default(),
            row.report_id.to_string(),
        ];
        let particulars: Vec<_> = particulars
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| clean(part))
            .collect();
        writeln!(
            out,
            "{}{before} {mark}{hit}{plain}{} {behind}{}  {dim}{}{plain}",
            spaces(&before, left),
            spaces(&hit, matched),
            spaces(&behind, right),
            particulars.join(" ")
        )?;
    }
    let total = found.total.value;
    let shown = found.rows.len();
    match found.sample {
        Some(sample) => writeln!(
            out,
            "{total} occurrences, {} drawn by seed {}, {shown} shown, {} ms",
            sample.size, sample.seed, found.took_ms
        ),
        None => writeln!(out, "{total} occurrences, {shown} shown, {} ms", found.took_ms),
    }
}
