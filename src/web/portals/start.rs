//! Starting a run from the page of a portal.
//!
//! The key comes in the body of a form, never in an address, and is forgotten with the request. A page of somebody else can
//! send the same form but knows no key, and there is no cookie that would be one, so nothing has to tell the two apart.

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{one::show, page_path, words::PortalWords};
use crate::{
    api::{
        auth::{open, require},
        jobs,
        params::{Params, segment},
        problem::{Code, Problem},
    },
    http::App,
    limits::Peer,
    operations::Scope,
    web::view::{Asked, View},
};

/// `POST /portals/{id}/run`: asks for a job, and leads back to the page of the portal.
pub(crate) async fn start(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    Asked { view, params }: Asked,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
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
    let address = app.limits().address(peer.map(|Extension(peer)| peer), &headers);
    let key = open(&app, address, Some(key.trim().to_owned())).await;
    match key.and_then(|key| require(Scope::Crawl, Some(&key)).map(|()| key)) {
        Ok(key) => {
            let job = jobs::ask(&app, vec![id.clone()], full, Some(&key)).await?.job;
            let back = view.link(&page_path(&id), &[("job", &job.id.to_string())]);
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response())
        }
        Err(problem) => refuse(&app, &view, id, problem).await,
    }
}

/// Whoever mistyped a key finds the form again, at the address of the page.
async fn refuse(app: &App, view: &View, id: String, problem: Problem) -> Result<Response, Problem> {
    let p = PortalWords::of(view.lang());
    let why = match problem.status() {
        StatusCode::UNAUTHORIZED => p.no_key,
        StatusCode::FORBIDDEN => p.no_scope,
        _ => return Err(problem),
    };
    let page = show(app, view.at(&page_path(&id)), id, None, Some(why)).await?;
    let asked = problem.into_response();
    let challenge = asked.headers().get(header::WWW_AUTHENTICATE).cloned();
    let mut response = (asked.status(), page).into_response();
    let headers = response.headers_mut();
    headers.extend(challenge.map(|challenge| (header::WWW_AUTHENTICATE, challenge)));
    Ok(response)
}
