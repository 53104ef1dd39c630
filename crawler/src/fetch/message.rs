//! Requests and answers as the bytes that are archived.

use std::time::{Duration, UNIX_EPOCH};

use reqwest::{
    Response,
    header::{HeaderMap, HeaderName, HeaderValue, LOCATION},
};
use url::Url;

/// A request as it was sent.
pub(super) fn request_bytes(url: &Url, headers: &HeaderMap, form: Option<&str>) -> Vec<u8> {
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let method = if form.is_some() { "POST" } else { "GET" };
    let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
    for (name, value) in headers {
        push_line(&mut bytes, name, value);
    }
    if let Some(form) = form {
        bytes.extend_from_slice(format!("content-length: {}\r\n", form.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(form.unwrap_or_default().as_bytes());
    bytes
}

/// Status line and headers of an answer, up to and with the empty line.
pub(super) fn response_head(answer: &Response) -> Vec<u8> {
    let status = answer.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in answer.headers() {
        // The body is archived without its transfer coding, so a header that names one would be wrong.
        if name != "transfer-encoding" {
            push_line(&mut bytes, name, value);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

fn push_line(bytes: &mut Vec<u8>, name: &HeaderName, value: &HeaderValue) {
    bytes.extend_from_slice(name.as_str().as_bytes());
    bytes.extend_from_slice(b": ");
    bytes.extend_from_slice(value.as_bytes());
    bytes.extend_from_slice(b"\r\n");
}

/// Headers as text: what is not UTF-8 is read as Latin-1, as HTTP once meant it. The bytes of an address in another
/// charset are escaped one by one, since that is what the server knows the page by.
pub(super) fn header_texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text_of(name, value.as_bytes())))
        .collect()
}

fn text_of(name: &HeaderName, value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) if name == LOCATION => {
            percent_encoding::percent_encode(value, percent_encoding::CONTROLS).to_string()
        }
        Err(_) => value.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// How long a host wants to be left alone, from its `Retry-After`: seconds, or a moment. `now` is milliseconds since 1970.
pub(crate) fn retry_after(value: &str, now: i64) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = httpdate::parse_http_date(value)
        .ok()?
        .duration_since(UNIX_EPOCH)
        .ok()?;
    let now = Duration::from_millis(u64::try_from(now).unwrap_or(0));
    Some(moment.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_another_charset_keeps_its_bytes() {
        let gbk = b"/\xb1\xa8\xb8\xe6/ x.html";
        assert_eq!(text_of(&LOCATION, gbk), "/%B1%A8%B8%E6/ x.html");
        assert_eq!(text_of(&LOCATION, "/报告.html".as_bytes()), "/报告.html");
        assert_eq!(text_of(&HeaderName::from_static("server"), b"\xe9"), "é");
    }
}
