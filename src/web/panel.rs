//! Panels: a dictionary in, a table out, as a page and as CSV.
//!
//! `panel/form.rs` reads what is asked for, `grid.rs` lays the table out. A ready dictionary stands in the address, so that its table
//! has a permanent link; one of the reader's own is sent as a form, and comes back in the page that answers it. Nothing is kept.

mod form;
mod grid;
mod words;

use std::time::Instant;

use askama::Template;
use axum::{
    extract::{Multipart, State, multipart::MultipartRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use index::{Panel, PanelBy, divisions_called};
use jiff::Timestamp;
use report::{Genre, Level, divisions};
use serde_json::Map;

use self::{
    form::{Answer, BY, Form, Trouble},
    grid::Grid,
    words::PanelWords,
};
use super::{
    labels,
    problems::in_words_of,
    view::{Asked, View},
    words::{put, thousands},
};
use crate::{
    api::{
        origin,
        panel::file,
        problem::{Code, Problem},
        search::{SEARCH_BUDGET, problem_of},
    },
    dictionary,
    export::{CsvOptions, Format},
    http::App,
};

const PATH: &str = "/panel";
/// Fields that the form shows.
const FIELDS: [&str; 8] = [
    "by",
    "level",
    "region",
    "genre",
    "year_from",
    "year_to",
    "q",
    "as_of",
];

/// Code, name, whether it is chosen.
type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "panel.html")]
struct PanelPage {
    p: &'static PanelWords,
    is_own: bool,
    ready_link: String,
    own_link: String,
    action: String,
    /// The ready dictionary in the box of one's own.
    edit_link: Option<String>,
    examples: Vec<Choice>,
    text: String,
    by: Vec<Choice>,
    levels: Vec<Choice>,
    genres: Vec<Choice>,
    region: String,
    years: (String, String),
    q: String,
    as_of: String,
    /// What is sent along.
    kept: Vec<(String, String)>,
    wrong: Option<Wrong>,
    result: Option<Shown>,
    view: View,
}

/// What is wrong, on the page.
struct Wrong {
    heading: &'static str,
    /// The line of the dictionary, by number and text.
    line: Option<(String, String)>,
    /// What is wrong, and what to write, each with its language.
    sentences: Vec<(String, &'static str)>,
    /// Divisions that the name may mean, each with the address that asks for it.
    which: Vec<(String, String)>,
}

/// A table on the page.
struct Shown {
    grid: Grid,
    n_rows: String,
    about: Vec<String>,
    left_out: Option<String>,
    /// What may not be meant in the dictionary, each with its language.
    notes: Vec<(String, &'static str)>,
    hash: String,
    /// Of the table of a ready dictionary: as CSV, as CSV for Excel.
    files: Option<[String; 2]>,
    /// The state of the corpus, and the address that gives the same table later.
    state: Option<(String, String)>,
}

pub(crate) async fn page(State(app): State<App>, Asked { view, params }: Asked) -> Result<Response, Problem> {
    answer(app, view, Form::of_address(params.into_pairs())).await
}

/// The form with a dictionary of the reader's own.
pub(crate) async fn count(
    State(app): State<App>,
    Asked { mut view, params }: Asked,
    body: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    params.finish()?;
    let body = body.map_err(|_| {
        let detail = "a dictionary is sent as the form sends it, as multipart/form-data; \
                      programs send JSON to /api/v1/panel";
        Problem::new(Code::InvalidParameter, detail)
    })?;
    let form = Form::receive(body).await?;
    view.answers(form.fields());
    count_form(app, view, form).await
}

async fn answer(app: App, view: View, mut form: Form) -> Result<Response, Problem> {
    if !form.is_own && form.is_filled() {
        return count_form(app, view, form).await;
    }
    // The form alone; what stands in the address fills it in.
    form.answer()?;
    let page = PanelPage::new(view, &form);
    match form.conditions() {
        Ok(_) => super::page(&page.view, &page),
        Err(problem) => page.tell(&form, Trouble::Other(problem)),
    }
}

async fn count_form(app: App, view: View, mut form: Form) -> Result<Response, Problem> {
    let wanted = form.answer()?;
    let page = PanelPage::new(view, &form);
    let mut request = match form.request() {
        Ok(request) => request,
        Err(trouble) => return page.tell(&form, trouble),
    };
    request.search.deadline = Some(Instant::now() + SEARCH_BUDGET);
    let hash = dictionary::hash(&request.dictionary);
    let view = page.view.clone();
    let is_past = request.search.filters.as_of.is_some();
    let has_years = !(page.years.0.is_empty() && page.years.1.is_empty());
    let made = app.with_index(move |reader| {
        let before = reader.state_id();
        let state = reader.corpus_state().state;
        let panel = reader.panel(&request, &|_, _| {}).map_err(problem_of)?;
        // Of the table only if nothing came in between.
        let state = state.filter(|_| !is_past && reader.state_id() == before);
        let grid = (wanted == Answer::Page).then(|| Grid::new(&view, &panel, has_years));
        Ok((panel, grid, state, reader.corpus_state().dictionary))
    });
    let (panel, grid, state, words) = match made.await {
        Ok(made) => made,
        Err(problem) => return page.tell(&form, Trouble::Other(problem)),
    };
    match grid {
        None => csv(app, panel, words, wanted == Answer::Excel),
        Some(grid) => {
            let mut page = page;
            let state = state.map(|state| state.to_string());
            page.result = Some(Shown::new(&page, &form, &panel, grid, hash, state));
            super::page(&page.view, &page)
        }
    }
}

/// The whole table, sent as it is taken. `words` is the version of the dictionary that cuts words.
fn csv(app: App, panel: Panel, words: u32, has_mark: bool) -> Result<Response, Problem> {
    let options = CsvOptions {
        bom: has_mark,
        ..CsvOptions::default()
    };
    let (state, now) = (panel.state, Timestamp::now());
    let body = file(app, panel, Map::new(), Format::Csv, options)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"panel.csv\""),
    ];
    let mut response = (headers, body).into_response();
    origin::say(response.headers_mut(), state, words, now);
    Ok(response)
}

impl PanelPage {
    fn new(view: View, form: &Form) -> Self {
        let (p, lang) = (PanelWords::of(view.lang()), view.lang());
        let field = |name: &str| form.value(name).to_owned();
        let level = match form.has("level") {
            true => form.value("level"),
            false => Level::Province.code(),
        };
        let by = form.by().unwrap_or_default();
        let examples = dictionary::examples();
        let edit_link = form.is_filled() && !form.is_own;
        Self {
            p,
            is_own: form.is_own,
            ready_link: view.to(PATH),
            own_link: view.link(PATH, &[("own", "1")]),
            action: view.to(PATH),
            edit_link: edit_link.then(|| {
                let pairs: Vec<_> = std::iter::once(("own", "1")).chain(form.pairs()).collect();
                view.link(PATH, &pairs)
            }),
            examples: examples
                .map(|name| (name, PanelWords::example(lang, name), form.example == name))
                .collect(),
            text: form.text.clone(),
            by: BY
                .into_iter()
                .map(|one| (one.code(), by_name(p, one), by.contains(&one)))
                .collect(),
            levels: [
                ("province", p.province),
                ("city", p.city),
                ("county", p.county),
                ("", p.own_level),
            ]
            .into_iter()
            .map(|(code, name)| (code, name, code == level))
            .collect(),
            genres: Genre::ALL
                .iter()
                .map(|genre| {
                    let is_chosen = form.value("genre") == genre.code();
                    (genre.code(), labels::genre(lang, *genre), is_chosen)
                })
                .collect(),
            region: field("region"),
            years: (field("year_from"), field("year_to")),
            q: field("q"),
            as_of: field("as_of"),
            kept: form.without(&FIELDS),
            wrong: None,
            result: None,
            view,
        }
    }

    /// The page with what is wrong.
    ///
    /// # Errors
    /// What is no fault of the form.
    fn tell(mut self, form: &Form, trouble: Trouble) -> Result<Response, Problem> {
        let (p, status) = (
            self.p,
            match &trouble {
                Trouble::Dictionary(_) => StatusCode::BAD_REQUEST,
                Trouble::Other(problem) => problem.status(),
            },
        );
        self.wrong = Some(match trouble {
            Trouble::Dictionary(wrong) => Wrong {
                heading: p.wrong_dictionary,
                line: wrong.line.map(|line| (put(p.line, &[&line]), form.line(line))),
                sentences: vec![in_words_of(&self.view, wrong.message)],
                which: Vec::new(),
            },
            Trouble::Other(problem) if status == StatusCode::BAD_REQUEST || problem.is(Code::Timeout) => {
                let body = problem.body();
                Wrong {
                    heading: p.wrong,
                    line: None,
                    sentences: std::iter::once(body.detail)
                        .chain(body.hint)
                        .map(|text| in_words_of(&self.view, text))
                        .collect(),
                    which: which(&self.view, form),
                }
            }
            Trouble::Other(problem) => return Err(problem),
        });
        let mut response = super::page(&self.view, &self)?;
        *response.status_mut() = status;
        Ok(response)
    }
}

/// The divisions that bear the name in the form, if several do; none for a dictionary that is sent with the form, which has no address.
fn which(view: &View, form: &Form) -> Vec<(String, String)> {
    let codes = divisions_called(form.value("region").trim());
    if form.is_own || codes.len() < 2 {
        return Vec::new();
    }
    let named = codes.into_iter().map(|code| {
        let path = divisions().path(code);
        let names = [path.province, path.city, path.county];
        let code = code.to_string();
        let others = form.pairs().filter(|(name, _)| *name != "region");
        let pairs: Vec<_> = others.chain([("region", code.as_str())]).collect();
        (names.into_iter().flatten().collect(), view.link(PATH, &pairs))
    });
    named.collect()
}

fn by_name(p: &'static PanelWords, by: PanelBy) -> &'static str {
    match by {
        PanelBy::Region => p.by_region,
        PanelBy::Year => p.by_year,
        PanelBy::Genre => p.by_genre,
        PanelBy::Section => p.by_section,
    }
}

impl Shown {
    fn new(
        page: &PanelPage,
        form: &Form,
        panel: &Panel,
        grid: Grid,
        hash: String,
        state: Option<String>,
    ) -> Self {
        let (p, view) = (page.p, &page.view);
        let number = |n: usize| thousands(n as u64);
        let mut about = Vec::new();
        if grid.n_blank > 0 {
            about.push(put(p.blank_left, &[&number(grid.n_blank)]));
        }
        if grid.n_left > 0 {
            about.push(put(p.rows_left, &[&number(grid.n_lines), &number(grid.n_left)]));
        }
        if grid.has_earlier {
            about.push(put(p.years_left, &[&grid.years.len()]));
        }
        let link = |more: &[(&str, &str)]| {
            let pairs: Vec<_> = form.pairs().chain(more.iter().copied()).collect();
            view.link(PATH, &pairs)
        };
        Self {
            n_rows: put(p.n_rows, &[&number(panel.n_rows())]),
            about,
            left_out: left_out(page, panel),
            notes: panel
                .notes
                .iter()
                .map(|note| in_words_of(view, note.clone()))
                .collect(),
            hash: put(p.hash, &[&hash]),
            files: (!form.is_own).then(|| [link(&[("format", "csv")]), link(&[("format", "excel")])]),
            state: state
                .filter(|_| !form.is_own)
                .map(|state| (state.clone(), link(&[("as_of", &state)]))),
            grid,
        }
    }
}

/// Which reports are in no row, in words.
fn left_out(page: &PanelPage, panel: &Panel) -> Option<String> {
    let (p, left) = (page.p, panel.left_out);
    let why = [
        (p.without_region, left.without_region),
        (p.without_level, left.without_level),
        (p.without_year, left.without_year),
        (p.without_section, left.without_section),
    ];
    let why = why.into_iter().filter(|(_, n)| *n > 0);
    let why: Vec<String> = why.map(|(words, n)| put(words, &[&thousands(n)])).collect();
    let (stop, comma) = page.view.lang().pick(("。", "，"), (".", ", "));
    let begins = put(p.left_out, &[&thousands(left.reports)]);
    let space = page.view.lang().pick("", " ");
    (left.reports > 0).then(|| format!("{begins}{space}{}{stop}", why.join(comma)))
}
