//! Headers that say where an answer comes from, for formats that have no place for it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{Timestamp, tz, tz::TimeZone};
use report::{ChinaMoment, ChinaTime};

use crate::export::Format;

/// Bytes of a header of ours at most; proxies refuse answers with long ones.
const MAX_HEADER: usize = 2_000;

/// Says which state of the corpus an answer was read from, when and by which versions of the program and of the dictionary that cuts
/// words.
pub(crate) fn say(headers: &mut HeaderMap, state: Option<ChinaMoment>, dictionary: u32, now: Timestamp) {
    let state = state.map(|state| state.to_string()).unwrap_or_default();
    put(
        headers,
        [
            (
                HeaderName::from_static("gongbao-version"),
                env!("CARGO_PKG_VERSION").to_owned(),
            ),
            (
                HeaderName::from_static("gongbao-created"),
                ChinaTime::from(now).to_string(),
            ),
            (HeaderName::from_static("gongbao-state"), state),
            (
                HeaderName::from_static("gongbao-dictionary"),
                dictionary.to_string(),
            ),
        ],
    );
}

/// Says what file an answer is, and under which name it may be kept.
pub(crate) fn name_file(headers: &mut HeaderMap, format: Format, now: Timestamp) {
    let moment = now.to_zoned(TimeZone::fixed(tz::offset(8)));
    let name = format!("gongbao-{}.{}", moment.strftime("%Y%m%d-%H%M%S"), format.suffix());
    put(
        headers,
        [
            (header::CONTENT_TYPE, format.media_type().to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ),
        ],
    );
}

/// Names the page that shows the same, as of the same state; nothing where its address is too long for a header.
pub(crate) fn relate(headers: &mut HeaderMap, page: &str) {
    let link = format!("<{page}>; rel=\"related\"");
    if link.len() <= MAX_HEADER
        && let Ok(link) = HeaderValue::from_str(&link)
    {
        headers.append(header::LINK, link);
    }
}

/// Adds headers; those that are too long, or hold what no header may, are left out.
pub(crate) fn put(headers: &mut HeaderMap, values: impl IntoIterator<Item = (HeaderName, String)>) {
    for (name, value) in values {
        if value.len() <= MAX_HEADER
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            headers.insert(name, value);
        }
    }
}
