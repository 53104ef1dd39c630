//! Which addresses are the same page: the canonical form of a URL.
//!
//! The canonical form is an identity, never an address to fetch: a page is fetched at the URL as it was linked, and
//! known by the canonical form of the URL that answered.

use percent_encoding::percent_decode_str;
use url::Url;

/// Query parameters that only say how or when a visitor came here, or that defeat a cache.
const TRACKING: &[&str] = &["spm", "_", "isappinstalled"];

/// Query parameters that version a file that is served as it lies on disk.
const CACHE_BUSTERS: &[&str] = &["v", "t", "r", "ver", "version", "random", "rnd"];

/// The canonical form of a URL: two URLs with one canonical form are the same page.
///
/// Default port, user information, fragment, session ids in the path, tracking parameters, repeated slashes, index
/// files and the case of percent-escapes don't make a difference. What is not an http(s) URL (such as
/// `import:folder/file.html`) is its own canonical form.
pub fn canonical(url: &str) -> String {
    match Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => canonical_http(&parsed),
        _ => url.to_owned(),
    }
}

/// [`canonical`] of a URL that is known to be http(s).
pub(crate) fn canonical_http(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_matches('.');
    if host.is_empty() {
        return url.as_str().to_owned();
    }
    format!("{}://{host}{}", url.scheme(), after_host(url))
}

/// Port, path and query in canonical form.
fn after_host(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = canonical_path(url.path());
    let query = canonical_query(url.query().unwrap_or_default(), &path);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{port}{path}{mark}{query}")
}

/// What a crawl knows a page by: the canonical form, with `http` and `https`, `www.` and the bare host taken as one.
///
/// Portals link to themselves in all these ways. A report keeps the form it was first met in, since that is an
/// address a reader can open.
pub(crate) fn page_key(url: &Url) -> String {
    let original = behind_gate(url);
    let url = original.as_ref().unwrap_or(url);
    let host = url.host_str().unwrap_or_default().trim_matches('.');
    let category = category(url).map(|id| format!("#{id}")).unwrap_or_default();
    format!("{}{}{category}", without_twin(host), after_host(url))
}

/// The category in the fragment of an address on the disclosure platform of Guangdong, `/gkmlpt/index#1234`: the only
/// kind of page where a fragment tells pages apart.
pub(crate) fn category(url: &Url) -> Option<&str> {
    let id = url.fragment()?.trim_matches('/');
    let is_number = (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    let path = url.path().trim_end_matches('/').to_ascii_lowercase();
    let is_platform = path.contains("/gkmlpt") && !path.contains("/gkmlpt/content/");
    (is_number && is_platform).then_some(id)
}

/// The page that a gate shows in traditional characters: `http://big5.a.gov.cn/gate/big5/www.a.gov.cn/x.html` is
/// `http://www.a.gov.cn/x.html`.
pub(crate) fn behind_gate(url: &Url) -> Option<Url> {
    const GATE: &str = "/gate/big5/";
    let at = url.path().find(GATE)?;
    let inner = &url[url::Position::BeforePath..][at + GATE.len()..];
    let inner = inner
        .strip_prefix("http://")
        .or(inner.strip_prefix("https://"))
        .unwrap_or(inner);
    let original = Url::parse(&format!("{}://{inner}", url.scheme())).ok()?;
    // A gate of a gate would be one more of the same: one is enough to look through.
    let is_host = original.host_str().is_some_and(|host| host.contains('.'));
    (is_host && !original.path().contains(GATE)).then_some(original)
}

/// The host without `www.`, and without the `m.` or `wap.` of its edition for phones.
pub(crate) fn without_twin(host: &str) -> &str {
    let host = without_www(host);
    let phone = ["m.", "wap."].iter().find_map(|twin| host.strip_prefix(twin));
    without_www(phone.filter(|rest| rest.contains('.')).unwrap_or(host))
}

/// Whether the host is the edition for phones of another.
pub(crate) fn is_for_phones(host: &str) -> bool {
    without_twin(host) != without_www(host)
}

/// The host without a leading `www.`, when a whole domain name remains.
pub(crate) fn without_www(mut host: &str) -> &str {
    while let Some(rest) = host.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        host = rest;
    }
    host
}

fn canonical_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut is_folder = true;
    for segment in path.split('/') {
        let segment = without_session(segment);
        if is_session(segment) {
            continue;
        }
        is_folder = segment.is_empty();
        if !is_folder {
            out.push('/');
            out.push_str(&canonical_escapes(segment));
        }
    }
    if is_folder {
        out.push('/');
    }
    let (folder, file) = out.split_at(out.rfind('/').map_or(0, |at| at + 1));
    if is_index_file(file) {
        folder.to_owned()
    } else {
        out
    }
}

fn without_session(segment: &str) -> &str {
    match segment.find(';') {
        Some(at) if segment[at + 1..].to_ascii_lowercase().starts_with("jsessionid=") => &segment[..at],
        _ => segment,
    }
}

/// A folder that is no folder but the visitor's session: `(S(lit3py55t21z5v55vlm25s55))` of ASP.NET.
fn is_session(segment: &str) -> bool {
    let inner = segment
        .strip_prefix("(S(")
        .or_else(|| segment.strip_prefix("(s("));
    inner
        .and_then(|inner| inner.strip_suffix("))"))
        .is_some_and(|id| (20..=30).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Whether an address carries the id of a visitor's session, which its canonical form leaves out.
pub(crate) fn has_session(url: &Url) -> bool {
    let in_path = url
        .path()
        .split('/')
        .any(|segment| is_session(segment) || without_session(segment) != segment);
    let mut pairs = url.query().unwrap_or_default().split('&');
    in_path || pairs.any(is_session_pair)
}

/// A parameter that says which session this is: by its name alone, or by a name that others may have as well and a
/// value that looks made up.
fn is_session_pair(pair: &str) -> bool {
    const NAMES: &[&str] = &["jsessionid", "phpsessid"];
    const WITH_MADE_UP_VALUE: &[&str] = &[
        "sid",
        "sessionid",
        "session_id",
        "session",
        "sess",
        "sessid",
        "cftoken",
        "zenid",
        "oscsid",
    ];
    const LONG: usize = 16;
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name = name.to_ascii_lowercase();
    let is_made_up = value.len() >= LONG
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic())
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    NAMES.contains(&name.as_str())
        || name.starts_with("aspsessionid")
        || (is_made_up && WITH_MADE_UP_VALUE.contains(&name.as_str()))
}

/// A file that a server also gives for the folder it lies in.
pub(crate) fn is_index_file(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    matches!(
        file.as_str(),
        "index.html" | "index.htm" | "index.shtml" | "index.shtm"
    )
}

fn canonical_query(query: &str, path: &str) -> String {
    let is_file = [".html", ".htm", ".shtml"]
        .iter()
        .any(|end| path.to_ascii_lowercase().ends_with(end));
    let kept = query.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        let dropped = pair.is_empty()
            || name.starts_with("utm_")
            || is_session_pair(pair)
            || TRACKING.contains(&name.as_str())
            || (is_file && CACHE_BUSTERS.contains(&name.as_str()));
        !dropped
    });
    kept.map(canonical_escapes).collect::<Vec<_>>().join("&")
}

/// Writes escapes in upper case and unreserved characters (RFC 3986 §2.3) without one.
fn canonical_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let is_escape = rest.len() >= 3 && rest.as_bytes()[1..3].iter().all(u8::is_ascii_hexdigit);
        if !is_escape {
            out.push_str("%25"); // or it might form an escape with what is decoded behind it
            rest = &rest[1..];
            continue;
        }
        let (escape, after) = rest.split_at(3);
        rest = after;
        match percent_decode_str(escape).next() {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&escape.to_ascii_uppercase()),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms_of_one_page_are_one() {
        let one = "https://www.example.gov.cn/zwgk/t20240328_12.html";
        for other in [
            "https://www.example.gov.cn:443/zwgk/t20240328_12.html#top",
            "https://www.example.gov.cn//zwgk//t20240328_12.html?spm=1.2&utm_source=x",
            "https://user:pw@www.EXAMPLE.gov.cn./zwgk/t20240328_12.html;jsessionid=AB12?_=1712",
            "https://www.example.gov.cn/zwgk/%7420240328_12.html?v=3",
        ] {
            assert_eq!(canonical(other), one, "{other}");
        }
    }

    #[test]
    fn a_crawl_takes_twins_for_one_page() {
        let key = |url: &str| page_key(&Url::parse(url).unwrap());
        assert_eq!(key("http://www.a.gov.cn/x/index.html"), "a.gov.cn/x/");
        assert_eq!(key("https://a.gov.cn/x/"), "a.gov.cn/x/");
        assert_eq!(key("http://127.0.0.1:9001/x"), "127.0.0.1:9001/x");
        assert_eq!(key("http://www.cn/a.html"), "www.cn/a.html");
        assert_eq!(key("http://m.a.gov.cn/x.html"), "a.gov.cn/x.html");
        assert_eq!(key("http://www.wap.a.gov.cn/x.html"), "a.gov.cn/x.html");
        assert_eq!(key("http://m.cn/x.html"), "m.cn/x.html");
    }

    #[test]
    fn a_gate_to_traditional_characters_is_looked_through() {
        let key = |url: &str| page_key(&Url::parse(url).unwrap());
        for gate in [
            "http://big5.a.gov.cn/gate/big5/www.a.gov.cn/x/1.html?spm=2",
            "https://www.a.gov.cn/gate/big5/http://www.a.gov.cn/x/1.html",
            "http://big5.b.gov.cn/gate/big5/a.gov.cn/x//1.html",
        ] {
            assert_eq!(key(gate), "a.gov.cn/x/1.html", "{gate}");
        }
        assert_eq!(
            key("http://127.0.0.1:9001/gate/big5/127.0.0.1:9001/x"),
            "127.0.0.1:9001/x"
        );
        assert_eq!(key("http://a.gov.cn/gate/big5/"), "a.gov.cn/gate/big5/");
        assert_eq!(
            key("http://a.gov.cn/gate/big5/a.gov.cn/gate/big5/a.gov.cn/x"),
            "a.gov.cn/gate/big5/a.gov.cn/gate/big5/a.gov.cn/x"
        );
    }

    #[test]
    fn sessions_make_no_difference() {
        let one = "http://a.example/show.aspx?id=7";
        for other in [
            "http://a.example/(S(lit3py55t21z5v55vlm25s55))/show.aspx?id=7",
            "http://a.example/show.aspx?id=7&PHPSESSID=ab12",
            "http://a.example/show.aspx?ASPSESSIONIDQQ=x&id=7",
            "http://a.example/show.aspx?sid=0a1b2c3d4e5f60718293&id=7",
        ] {
            assert_eq!(canonical(other), one, "{other}");
            assert!(has_session(&Url::parse(other).unwrap()), "{other}");
        }
        for own in [
            "http://a.example/show.aspx?sid=7",
            "http://a.example/show.aspx?sid=1234567890123456",
        ] {
            assert_eq!(canonical(own), own, "a number names something");
            assert!(!has_session(&Url::parse(own).unwrap()), "{own}");
        }
    }

    #[test]
    fn a_fragment_counts_where_it_names_a_category() {
        let key = |url: &str| page_key(&Url::parse(url).unwrap());
        assert_eq!(
            key("http://www.a.gov.cn/gkmlpt/index#12"),
            "a.gov.cn/gkmlpt/index#12"
        );
        assert_eq!(key("http://a.gov.cn/gkmlpt/index#top"), "a.gov.cn/gkmlpt/index");
        assert_eq!(key("http://a.gov.cn/x.html#12"), "a.gov.cn/x.html");
        assert_eq!(
            key("http://a.gov.cn/gkmlpt/content/1/2/post_3.html#12"),
            "a.gov.cn/gkmlpt/content/1/2/post_3.html"
        );
    }

    #[test]
    fn index_files_are_their_folder() {
        for file in ["", "index.html", "INDEX.HTM", "index.shtml"] {
            assert_eq!(
                canonical(&format!("http://a.example/x/{file}")),
                "http://a.example/x/",
                "{file}"
            );
        }
        assert_eq!(canonical("http://a.example"), "http://a.example/");
        assert_eq!(
            canonical("http://a.example/x/index_1.html"),
            "http://a.example/x/index_1.html"
        );
    }

    #[test]
    fn what_names_a_document_stays() {
        assert_eq!(
            canonical("http://a.example/show.jsp?id=7&v=2"),
            "http://a.example/show.jsp?id=7&v=2"
        );
        assert_eq!(canonical("http://a.example:8080/x"), "http://a.example:8080/x");
        assert_eq!(canonical("http://www.cn/x"), "http://www.cn/x");
        assert_ne!(
            canonical("http://a.example/x?page=1"),
            canonical("http://a.example/x?page=2")
        );
        assert_eq!(
            canonical("http://a.example/%e4%b8%ad%2f"),
            "http://a.example/%E4%B8%AD%2F"
        );
        assert_eq!(canonical("import:folder/a.html"), "import:folder/a.html");
    }

    proptest! {
        #[test]
        fn canonical_of_canonical_is_itself(url in "https?://[a-z.]{1,12}(:[0-9]{2,4})?/[ -~]{0,40}") {
            let once = canonical(&url);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
