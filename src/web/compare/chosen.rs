//! Which reports are meant: by id, by `id@version`, or by the address of a page or of the API.

use std::fmt;

use axum::http::StatusCode;
use index::AsOf;
use percent_encoding::percent_decode_str;
use report::{Report, ReportId};

use super::{MAX, words::CompareWords};
use crate::{
    api::{
        self,
        problem::{Code, Problem},
        report::read_id,
        versions::{no_version, version, versions},
    },
    http::App,
    web::words::put,
};

/// Characters of an id that are shown.
const MAX_ID: usize = 64;

/// What somebody wrote for a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    id: String,
    /// A version that an address names.
    version: Option<u32>,
}

/// A report, as one of its versions had it.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) report: Report,
    /// The moment as of which its page shows it so; `None` as it is now.
    pub(super) as_of: Option<String>,
}

/// Why nothing is compared: a status, and the reason in the language of the page.
pub(super) type Refusal = (StatusCode, String);

impl Wanted {
    /// Reads an id, `id@version`, or the address of a report or of one of its versions; `None` when nothing is written.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (id, version) = match text.split_once("/reports/") {
            None => (text.to_owned(), None),
            Some((_, behind)) => {
                let path = behind.split(['?', '#']).next().unwrap_or_default();
                let mut segments = path.split('/');
                let id = segments.next().unwrap_or_default();
                let version = match (segments.next(), segments.next()) {
                    (Some("versions"), Some(n)) => n.parse().ok(),
                    _ => None,
                };
                (percent_decode_str(id).decode_utf8_lossy().into_owned(), version)
            }
        };
        (!id.is_empty()).then_some(Self { id, version })
    }

    /// Id and version where the last part says a version. An id may have an `@` of its own.
    fn parted(&self) -> Option<(&str, u32)> {
        match self.version {
            Some(version) => Some((&self.id, version)),
            None => {
                let (id, version) = self.id.rsplit_once('@')?;
                Some((id, version.parse().ok()?))
            }
        }
    }

    async fn find(&self, app: &App, as_of: Option<AsOf>) -> Result<Chosen, Problem> {
        let newest = match self.version {
            None => api::report::find(app, self.id.clone(), as_of).await,
            Some(_) => Err(api::report::missing(&self.id)),
        };
        match (newest, self.parted()) {
            (Err(problem), Some((id, n))) if problem.is(Code::NotFound) => {
                let id = read_id(id)?;
                app.with_catalog(move |catalog, _| of_version(catalog, &id, n))
                    .await
            }
            (newest, _) => newest.map(|report| Chosen {
                report,
                as_of: as_of.map(|as_of| as_of.to_string()),
            }),
        }
    }
}

fn of_version(catalog: &crawler::Catalog, id: &ReportId, n: u32) -> Result<Chosen, Problem> {
    let known = versions(catalog, id)?;
    let info = known.iter().find(|info| info.version == n);
    let info = info.ok_or_else(|| no_version(&n.to_string(), &known))?;
    Ok(Chosen {
        report: version(catalog, id, n)?,
        as_of: Some(info.recorded_at.to_string()),
    })
}

/// As it is written into a box.
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version {
            None => f.write_str(&self.id),
            Some(version) => write!(f, "{}@{version}", self.id),
        }
    }
}

/// The reports that are meant.
pub(super) async fn find(
    app: &App,
    c: &CompareWords,
    wanted: &[Wanted],
    as_of: Option<AsOf>,
) -> Result<Result<Vec<Chosen>, Refusal>, Problem> {
    let refused = |why| Ok(Err((StatusCode::BAD_REQUEST, why)));
    match wanted.len() {
        0 | 1 => return refused(c.too_few.to_owned()),
        n if n > MAX => return refused(put(c.too_many, &[&n])),
        _ => {}
    }
    let mut found: Vec<Chosen> = Vec::with_capacity(wanted.len());
    for one in wanted {
        let shown = one.to_string().chars().take(MAX_ID).collect::<String>();
        match one.find(app, as_of).await {
            Ok(chosen) => {
                let is_same = |other: &Chosen| {
                    (&other.report.id, other.report.version) == (&chosen.report.id, chosen.report.version)
                };
                if found.iter().any(is_same) {
                    return refused(put(c.twice, &[&shown]));
                }
                found.push(chosen);
            }
            Err(problem) if problem.is(Code::NotFound) => {
                let why = match one.parted() {
                    Some((id, n)) => put(
                        c.unknown_version,
                        &[&id.chars().take(MAX_ID).collect::<String>(), &n],
                    ),
                    None => put(c.unknown, &[&shown]),
                };
                return Ok(Err((StatusCode::NOT_FOUND, why)));
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(Ok(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_an_address() {
        for (text, shown) in [
            (" abc ", "abc"),
            ("https://gongbao.example/reports/a%2Fb?q=x#p1", "a/b"),
            ("/reports/abc/diff", "abc"),
            ("abc@2", "abc@2"),
            (
                "https://gongbao.example/api/v1/reports/a%2Fb/versions/3?fields=title",
                "a/b@3",
            ),
            ("/reports/abc/versions/x", "abc"),
        ] {
            assert_eq!(Wanted::read(text).unwrap().to_string(), shown);
        }
        assert_eq!(Wanted::read(" "), None);
        assert_eq!(Wanted::read("abc@2").unwrap().parted(), Some(("abc", 2)));
        assert_eq!(Wanted::read("a@b").unwrap().parted(), None);
    }
}
