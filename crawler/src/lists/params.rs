//! Queries and forms as lists of pairs: one is read or set, the others stay as they were written.

use percent_encoding::percent_decode_str;
use url::Url;

/// The value of a parameter, decoded; the case of its name doesn't matter.
pub(super) fn get(pairs: &str, name: &str) -> Option<String> {
    let pair = pairs.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        key.eq_ignore_ascii_case(name).then_some(value)
    })?;
    let spaced = pair.replace('+', " ");
    Some(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// The same as a number.
pub(super) fn number(pairs: &str, name: &str) -> Option<u32> {
    get(pairs, name)?.trim().parse().ok()
}

/// The pairs with one of them set, in its place or at the end. `value` is encoded.
pub(super) fn set(pairs: &str, name: &str, value: &str) -> String {
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut is_set = false;
    let mut out: Vec<_> = pairs
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let key = pair.split('=').next().unwrap_or_default();
            if is_set || !key.eq_ignore_ascii_case(name) {
                return pair.to_owned();
            }
            is_set = true;
            format!("{key}={value}")
        })
        .collect();
    if !is_set {
        out.push(format!("{name}={value}"));
    }
    out.join("&")
}

/// An address with one parameter of its query set.
pub(super) fn with_query(url: &Url, name: &str, value: &str) -> Url {
    let mut url = url.clone();
    let query = set(url.query().unwrap_or_default(), name, value);
    url.set_query(Some(&query));
    url
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_pair_is_read_and_set_and_the_others_stay() {
        let pairs = "col=1&pageNo=2&path=%2F&webname=%E5%B8%B8+x&flag";
        assert_eq!(get(pairs, "pageno").as_deref(), Some("2"));
        assert_eq!(get(pairs, "webname").as_deref(), Some("常 x"));
        assert_eq!(
            (get(pairs, "flag").as_deref(), get(pairs, "page")),
            (Some(""), None)
        );
        assert_eq!(number(pairs, "pageNo"), Some(2));
        assert_eq!(
            set(pairs, "PAGENO", "3"),
            "col=1&pageNo=3&path=%2F&webname=%E5%B8%B8+x&flag"
        );
        assert_eq!(set("", "a", "{\"b\":1}"), "a=%7B%22b%22%3A1%7D");
        let url = Url::parse("http://a.gov.cn/x.jsp").unwrap();
        assert_eq!(
            with_query(&url, "page", "2").as_str(),
            "http://a.gov.cn/x.jsp?page=2"
        );
    }

    proptest! {
        #[test]
        fn what_was_set_is_read(pairs in "[a-c=&%0-9]{0,30}", value in "\\PC{0,10}") {
            let set = set(&pairs, "b", &value);
            prop_assert_eq!(get(&set, "b"), Some(value));
        }
    }
}
