//! A portal as a table of pages, and what it answers to a request.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::{civil::DateTime, fmt::rfc2822, tz::TimeZone};

use super::{
    ExpectedReport,
    texts::{Column, Text, TextError},
};

/// Builds the site for the port it will be served on.
pub(super) type Builder = fn(u16) -> Result<Site, BuildError>;

/// A sample site cannot be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("failed to render a sample page")]
    Render(#[from] askama::Error),
    #[error("failed to compress a sample sitemap")]
    Compress(#[source] std::io::Error),
    #[error("the time {0} is outside of what HTTP can say")]
    Time(DateTime),
}

/// A portal in full.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) region_code: &'static str,
    port: u16,
    /// Of the portal file: comment, seeds as paths, family and allowed prefixes.
    pub(super) plan: Plan,
    pub(super) articles: Vec<Article>,
    /// By path; a folder's page is at its `index.html`.
    pages: BTreeMap<String, Page>,
    /// Paths of pages that are not reports, see [`super::SampleSites::not_reports`].
    pub(super) look_alikes: Vec<&'static str>,
}

/// How the portal is to be crawled.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) comment: &'static str,
    pub(super) seeds: Vec<String>,
    pub(super) family: &'static str,
    pub(super) allow: &'static [&'static str],
}

/// A report and where it stands.
#[derive(Debug)]
pub(super) struct Article {
    pub(super) column: Column,
    pub(super) text: Text,
    pub(super) path: String,
    /// Position on the site, from 0.
    pub(super) number: usize,
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    pub(super) modified: Option<Modified>,
}

/// Validators of a page, made as nginx makes them: time and length.
#[derive(Clone, Debug)]
pub(super) struct Modified {
    etag: String,
    last_modified: String,
    seconds: i64,
}

/// All texts of the columns with the path that `path` gives them.
pub(super) fn articles(
    columns: &[Column],
    path: impl Fn(&Column, &Text, usize) -> String,
) -> Result<Vec<Article>, TextError> {
    let mut articles = Vec::new();
    for column in columns {
        for text in column.texts()? {
            let number = articles.len();
            articles.push(Article {
                column: *column,
                path: path(column, &text, number),
                text,
                number,
            });
        }
    }
    Ok(articles)
}

impl Page {
    /// A page without validators.
    pub(super) fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            content_type,
            body: body.into(),
            modified: None,
        }
    }

    /// The page with an `ETag` and a `Last-Modified`, given in China time.
    pub(super) fn modified(mut self, at: DateTime) -> Result<Self, BuildError> {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let timestamp = at.to_zoned(zone).map_err(|_| BuildError::Time(at))?.timestamp();
        let last_modified = rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&timestamp)
            .map_err(|_| BuildError::Time(at))?;
        let seconds = timestamp.as_second();
        let etag = format!("\"{seconds:x}-{:x}\"", self.body.len());
        self.modified = Some(Modified {
            etag,
            last_modified,
            seconds,
        });
        Ok(self)
    }
}

impl Modified {
    /// Whether the request already holds this version (RFC 9110, section 13.2.2).
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(tags) = text(header::IF_NONE_MATCH) {
            let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
            return tags
                .split(',')
                .any(|tag| tag.trim() == "*" || bare(tag) == self.etag);
        }
        let since = text(header::IF_MODIFIED_SINCE);
        let since = since.and_then(|since| rfc2822::DateTimeParser::new().parse_timestamp(since).ok());
        since.is_some_and(|since| since.as_second() >= self.seconds)
    }
}

impl Site {
    pub(super) fn new(
        id: &'static str,
        name: &'static str,
        region_code: &'static str,
        port: u16,
        plan: Plan,
        articles: Vec<Article>,
    ) -> Self {
        Self {
            id,
            name,
            region_code,
            port,
            plan,
            articles,
            pages: BTreeMap::new(),
            look_alikes: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, path: impl Into<String>, page: Page) {
        self.pages.insert(path.into(), page);
    }

    /// `127.0.0.1:PORT`.
    pub(super) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.host())
    }

    pub(super) fn portal_toml(&self) -> String {
        let list = |items: &mut dyn Iterator<Item = String>| {
            items
                .map(|item| format!("\"{item}\""))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let base = self.base_url();
        let seeds = list(&mut self.plan.seeds.iter().map(|path| format!("{base}{path}")));
        let allow = list(&mut self.plan.allow.iter().map(|prefix| (*prefix).to_owned()));
        format!(
            "# {comment}\n\
             id = \"{id}\"\n\
             name = \"{name}\"\n\
             region = \"{region}\"\n\
             seeds = [{seeds}]\n\
             family = \"{family}\"\n\
             allow = [{allow}]\n\
             \n\
             [limits]\n\
             max_pages = 200\n\
             delay = \"100ms\"\n",
            comment = self.plan.comment,
            id = self.id,
            name = self.name,
            region = self.region_code,
            family = self.plan.family,
        )
    }

    pub(super) fn expected(&self) -> Vec<ExpectedReport> {
        let base = self.base_url();
        let articles = self.articles.iter();
        articles
            .map(|Article { text, path, .. }| ExpectedReport {
                portal: self.id,
                url: format!("{base}{path}"),
                title: text.title,
                genre: text.genre,
                year: text.year,
                region_code: self.region_code,
                published: text.published.date(),
                source: text.source,
                document_number: text.document_number,
                index_number: text.index_number,
                text: text.paragraphs.join("\n"),
            })
            .collect()
    }

    pub(super) fn not_reports(&self) -> Vec<String> {
        self.look_alikes
            .iter()
            .map(|path| format!("{}{path}", self.base_url()))
            .collect()
    }

    /// The page at a path; a folder gives its index page.
    pub(super) fn page(&self, path: &str) -> Option<&Page> {
        match path.strip_suffix('/') {
            Some(folder) => self.pages.get(&format!("{folder}/index.html")),
            None => self.pages.get(path),
        }
    }

    #[cfg(test)]
    pub(super) fn pages(&self) -> impl Iterator<Item = (&String, &Page)> {
        self.pages.iter()
    }
}

/// The site as a service.
pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new().fallback(answer).with_state(site)
}

async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(page) = site.page(request.uri().path()) else {
        let gone = "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>404</title></head>\
                    <body><h1>404 Not Found</h1></body></html>";
        return (
            StatusCode::NOT_FOUND,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            gone,
        )
            .into_response();
    };
    let mut response = Response::builder();
    if let Some(modified) = &page.modified {
        response = response
            .header(header::ETAG, &modified.etag)
            .header(header::LAST_MODIFIED, &modified.last_modified);
        if modified.is_known(request.headers()) {
            return finish(response.status(StatusCode::NOT_MODIFIED).body(Body::empty()));
        }
    }
    response = response
        .status(page.status)
        .header(header::CONTENT_TYPE, page.content_type);
    finish(response.body(Body::from(page.body.clone())))
}

fn finish(response: axum::http::Result<Response>) -> Response {
    response.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
