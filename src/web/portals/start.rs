//! Starting a run from the page of a portal.
//!
//! The key comes in the body of a form, never in an address, and is forgotten with the request. A page of somebody else can
//! send the same form but knows no key, and there is no cookie that would be one, so nothing has to tell the two apart.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;

use super::page_path;
use crate::{
    api::{
        auth::require,
        jobs,
        params::{Params, segment},
        problem::{Code, Problem},
    },
    http::App,
    operations::Scope,
    web::view::Asked,
};

/// `POST /portals/{id}/run`: asks for a job, and leads back to the page of the portal.
pub(crate) async fn start(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    Asked { view, params }: Asked,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    params.finish()?;
    let id = segment(path)?;
    let wrong = || Problem::new(Code::InvalidParameter, "the form did not come whole");
    let body = body.map_err(|_| wrong())?;
    let mut form = Params::parse(Some(std::str::from_utf8(&body).map_err(|_| wrong())?))?;
    let key = form.one("key")?.unwrap_or_default();
    let full = form.one("full")?.is_some_and(|text| text == "1");
    form.finish()?;
    let key = key.trim().to_owned();
    let key = match key.is_empty() {
        true => None,
        false => {
            app.with_operations(move |operations| operations.open_key(&key, Timestamp::now()))
                .await?
        }
    };
    require(Scope::Crawl, key.as_ref())?;
    let job = jobs::ask(&app, vec![id.clone()], full, key.as_ref()).await?.job;
    let back = view.link(&page_path(&id), &[("job", &job.id.to_string())]);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response())
}
