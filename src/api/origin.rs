//! Headers that say where an answer comes from, for formats that have no place for it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{Timestamp, tz, tz::TimeZone};
use report::{ChinaMoment, ChinaTime};

use crate::export::Format;

/// Bytes of a header of ours at most; proxies refuse answers with long ones.
const MAX_HEADER: usize = 2_000;

/// Says which state of the corpus an answer was read from, when and by which version of the program.
pub(crate) fn say(headers: &mut HeaderMap, state: Option<ChinaMoment>, now: Timestamp) {
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
