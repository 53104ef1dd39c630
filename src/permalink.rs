//! The address that stands for a search: the same query, filters and order again, whoever opens it; and how what is not ours stands in
//! an address.

use index::{Group, Mode, SearchRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::Value;

/// All but the characters that RFC 3986 (2.3) never reserves.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as one segment of a path, one name or value of a query, or a fragment.
pub(crate) fn escape(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// The query part of the address of a search, without page, facets and fields; empty when nothing is asked.
pub(crate) fn query(request: &SearchRequest) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
    if !request.q.is_empty() {
        put("q", &request.q);
    }
    if request.mode != Mode::default() {
        put("mode", request.mode.code());
    }
    // By what they are called in requests: a filter that is new is here too.
    if let Ok(Value::Object(filters)) = serde_json::to_value(&request.filters) {
        for (name, value) in &filters {
            match value {
                Value::Array(values) => values.iter().for_each(|value| put(name, &text(value))),
                Value::Null => {}
                value => put(name, &text(value)),
            }
        }
    }
    if let Some(sort) = request.sort {
        put("sort", sort.code());
    }
    if request.group != Group::None {
        put("group", request.group.code());
    }
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{params::Params, search::read_request};

    #[test]
    fn an_address_reads_back_as_the_same_search() {
        let asked = "q=%22%E5%8F%8C%E9%9A%8F%E6%9C%BA%22+-a%26b&mode=any&region=43&region=110105&year=2020&year_from=2019\
                     &published_to=2024-02-28&issuer_type=party&portal=a+b&section=plans&quality=clean\
                     &changed_since=2024-02-28T01:30:00%2B08:00&sort=-year&group=duplicates&genre=plan";
        let read = |query: &str| {
            let mut params = Params::parse(Some(query)).unwrap();
            let request = read_request(&mut params).unwrap();
            params.finish().unwrap();
            request
        };
        let request = read(asked);
        let address = query(&request);
        assert_eq!(read(&address), request, "{address}");
        assert_eq!(query(&read(&address)), address);
        assert_eq!(query(&SearchRequest::default()), "");
    }
}
