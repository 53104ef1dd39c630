//! `/suggest`: what somebody who is typing may be about to write: divisions, titles and words of the index.
//!
//! Divisions are found by the beginning of a name, or by Pinyin in the usual ways: initials (`cns`), syllables (`changning`)
//! and both mixed (`cning`). A name that several divisions bear is offered once for each, so that who writes 朝阳 is asked which.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use index::{SearchRequest, divisions_called};
use report::{Level, Region, RegionCode, divisions, fold};
use serde::Serialize;

use super::{
    report::page_path,
    view::{Asked, View},
    words::thousands,
};
use crate::{api::problem::Problem, http::App};

/// Characters of a beginning that are looked at.
const MAX_CHARS: usize = 64;
/// Suggestions of each kind.
const MAX_REGIONS: usize = 8;
const MAX_TITLES: usize = 4;
const MAX_WORDS: usize = 5;
/// How long titles may be looked for; without them there are still the others.
const TITLE_BUDGET: Duration = Duration::from_millis(500);

/// What is answered.
#[derive(Debug, Serialize)]
struct Suggestions {
    q: String,
    suggestions: Vec<Suggestion>,
}

/// Something that may be meant.
#[derive(Debug, PartialEq, Serialize)]
struct Suggestion {
    /// `region`, `title` or `word`.
    kind: &'static str,
    text: String,
    /// What tells it from others: the divisions above it, or how many reports have it.
    note: String,
    /// The page that it leads to.
    link: String,
}

pub(crate) async fn suggest(State(app): State<App>, asked: Asked) -> Result<Response, Problem> {
    let Asked { view, mut params } = asked;
    let q = params.one("q")?.unwrap_or_default();
    params.finish()?;
    let beginning: String = q.trim().chars().take(MAX_CHARS).collect();
    let suggestions = match fold(&beginning).is_empty() {
        true => Vec::new(),
        false => {
            let asked_at = Instant::now();
            app.with_index(move |reader| Ok(find(&view, reader, &beginning, asked_at)))
                .await?
        }
    };
    let mut response = Json(Suggestions { q, suggestions }).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    Ok(response)
}

fn find(view: &View, reader: &index::Reader, beginning: &str, asked_at: Instant) -> Vec<Suggestion> {
    let mut found = regions(view, beginning);
    let folded = fold(beginning);
    // The last word may go on; what stands before it is kept.
    let (kept, last) = match beginning.rsplit_once(char::is_whitespace) {
        Some((kept, last)) => (format!("{} ", kept.trim_end()), fold(last)),
        None => (String::new(), folded.clone()),
    };
    match reader.words_beginning(&last, MAX_WORDS + 1) {
        Ok(words) => {
            let others = words
                .into_iter()
                .filter(|(word, _)| *word != last)
                .take(MAX_WORDS);
            found.extend(others.map(|(word, count)| {
                let text = format!("{kept}{word}");
                Suggestion {
                    kind: "word",
                    link: view.link("/", &[("q", &text)]),
                    note: thousands(count),
                    text,
                }
            }));
        }
        Err(error) => tracing::warn!(%error, "no words can be suggested"),
    }
    if folded.chars().nth(1).is_some() {
        found.extend(titles(view, reader, beginning, asked_at));
    }
    found
}

/// Reports with the beginning in their title.
fn titles(view: &View, reader: &index::Reader, beginning: &str, asked_at: Instant) -> Vec<Suggestion> {
    let quoted = beginning.replace('\\', "\\\\").replace('"', "\\\"");
    let request = SearchRequest {
        q: format!("title:\"{quoted}\""),
        limit: MAX_TITLES,
        passages: 1,
        deadline: Some(asked_at + TITLE_BUDGET),
        ..SearchRequest::default()
    };
    // What is being typed need not be a query that can be read.
    let Ok(response) = reader.search(&request, asked_at) else {
        return Vec::new();
    };
    let hits = response.hits.into_iter().filter_map(|hit| {
        let content = hit.report.content;
        Some(Suggestion {
            kind: "title",
            text: content.title?,
            note: content.region_name.unwrap_or_default(),
            link: view.to(&page_path(hit.report.id.as_str())),
        })
    });
    hits.collect()
}

/// Divisions of which the beginning may be the name; those that it is the whole name of come first.
fn regions(view: &View, beginning: &str) -> Vec<Suggestion> {
    let mut codes: Vec<RegionCode> = divisions_called(beginning);
    let current = divisions().iter().filter(|region| region.current);
    let mut begun: Vec<&Region> = match is_letters(beginning) {
        true => {
            let letters = beginning.to_ascii_lowercase();
            current
                .filter(|region| is_spelled(&letters, divisions().syllables(region.code)))
                .collect()
        }
        false => current
            .filter(|region| region.name.starts_with(beginning))
            .collect(),
    };
    begun.sort_by_key(|region| (level(region.level), region.code));
    codes.extend(begun.iter().map(|region| region.code));
    let mut seen = BTreeSet::new();
    codes.retain(|code| seen.insert(*code));
    let shown = codes.into_iter().take(MAX_REGIONS).filter_map(|code| {
        let name = divisions().get(code)?.name;
        let path = divisions().path(code);
        let above = [path.province, path.city, path.county].into_iter().flatten();
        let above: Vec<&str> = above.filter(|above| *above != name).collect();
        Some(Suggestion {
            kind: "region",
            text: name.to_owned(),
            note: above.join(" › "),
            link: view.link("/", &[("region", &code.to_string())]),
        })
    });
    shown.collect()
}

fn level(level: Level) -> u8 {
    match level {
        Level::Province => 0,
        Level::City => 1,
        Level::County => 2,
    }
}

fn is_letters(text: &str) -> bool {
    text.chars().nth(1).is_some() && text.chars().all(|c| c.is_ascii_alphabetic())
}

/// Whether letters begin the spelling of a name, each syllable whole or by its beginning.
fn is_spelled(letters: &str, syllables: &[&str]) -> bool {
    // How many letters the syllables so far can take.
    let mut taken = BTreeSet::from([0]);
    for syllable in syllables {
        let mut further = BTreeSet::new();
        for from in taken {
            let pairs = letters.bytes().skip(from).zip(syllable.bytes());
            let common = pairs.take_while(|(a, b)| a == b).count();
            further.extend(from + 1..=from + common);
        }
        if further.contains(&letters.len()) {
            return true;
        }
        taken = further;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, Uri};

    fn found(beginning: &str) -> Vec<(String, String)> {
        let view = View::of_problem(&Uri::from_static("/suggest"), &HeaderMap::new());
        regions(&view, beginning)
            .into_iter()
            .map(|region| (region.text, region.note))
            .collect()
    }

    #[test]
    fn divisions_are_found_by_name_initials_and_syllables() {
        for beginning in ["常宁", "cns", "changning", "cning", "changnings"] {
            let found = found(beginning);
            assert!(
                found.contains(&("常宁市".to_owned(), "湖南省 › 衡阳市".to_owned())),
                "{beginning}: {found:?}"
            );
        }
        assert_eq!(found("湘")[0].0, "湖南省");
        assert!(found("法治政府").is_empty());
    }

    #[test]
    fn who_writes_a_name_of_several_is_asked_which() {
        let found = found("朝阳");
        for above in ["北京市", "辽宁省"] {
            assert!(found.iter().any(|(_, note)| note.starts_with(above)), "{found:?}");
        }
    }

    #[test]
    fn spellings_take_no_time_however_odd() {
        let letters = "a".repeat(MAX_CHARS);
        assert!(!is_spelled(&format!("{letters}b"), &["aaaaaa"; 15]));
    }
}
