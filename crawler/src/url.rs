//! Which addresses are the same page: the canonical form of a URL.
//!
//! The canonical form is an identity, never an address to fetch: a page is fetched at the URL as it was linked, and
//! known by the canonical form of the URL that answered.

#[cfg(test)]
mod tests;

use percent_encoding::percent_decode_str;
use url::Url;

/// Query parameters that only say how or when a visitor came here, or that defeat a cache.
const TRACKING: &[&str] = &["spm", "_", "isappinstalled"];

/// Values of `from` that say in which application a link was passed on.
const PASSED_ON: &[&str] = &[
    "timeline",
    "singlemessage",
    "groupmessage",
    "message",
    "weixin",
    "wechat",
    "qq",
    "qzone",
    "weibo",
    "app",
];

/// Those of them that no folder tells its pages apart by either.
const VERSIONS: &[&str] = &["v", "ver", "version", "random", "rnd"];

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

/// The spelling of a URL that people are shown: without what its canonical form leaves out, save that an index file
/// keeps its name, since not every server gives it for its folder too. What is not an http(s) URL stays as it is.
pub(crate) fn shown(url: &str) -> String {
    let Some(parsed) = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
    else {
        return url.to_owned();
    };
    let host = parsed.host_str().unwrap_or_default().trim_matches('.');
    if host.is_empty() {
        return url.to_owned();
    }
    format!(
        "{}://{host}{}",
        parsed.scheme(),
        after_host_as(&parsed, folded_path(parsed.path()))
    )
}

/// Whether a spelling of a page's address is fitter to be asked for and shown than another of the same page: the usual
/// edition before the bare name of its host, that before the edition for phones; without a session and the like before
/// with one; then the shorter, then the first by its text. The scheme does not count: it may not work the other way.
pub(crate) fn is_fitter(url: &Url, known: &Url) -> bool {
    let fitness = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        let edition = match host {
            _ if is_for_phones(host) => 2,
            _ if without_www(host) == host => 1,
            _ => 0,
        };
        let text = url[url::Position::BeforeHost..url::Position::AfterQuery].to_owned();
        let is_plain = shown(&url[..url::Position::AfterQuery]).ends_with(&text);
        (edition, !is_plain, text.len(), text)
    };
    fitness(url) < fitness(known)
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
    after_host_as(url, canonical_path(url.path()))
}

/// Port, this path, and the query in canonical form.
fn after_host_as(url: &Url, path: String) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
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
    let out = folded_path(path);
    let (folder, file) = out.split_at(out.rfind('/').map_or(0, |at| at + 1));
    if is_index_file(file) {
        folder.to_owned()
    } else {
        out
    }
}

/// A path without sessions, empty folders and needless escapes.
fn folded_path(path: &str) -> String {
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
    out
}

fn without_session(segment: &str) -> &str {
    match segment.find(';') {
        Some(at) if segment[at + 1..].to_ascii_lowercase().starts_with("jsessionid=") => &segment[..at],
        _ => segment,
    }
}

/// A folder that is no folder but the visitor's session: `(S(lit3py55t21z5v55vlm25s55))` or `(X(1)S(…)F(…))` of ASP.NET.
fn is_session(segment: &str) -> bool {
    const TICKETS: &str = "SAFX";
    let plain;
    let segment = if segment.contains('%') {
        plain = percent_decode_str(segment).decode_utf8_lossy();
        &*plain
    } else {
        segment
    };
    let Some(mut rest) = segment.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return false;
    };
    let is_id = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let mut n_tickets = 0;
    while let Some((ticket, after)) = rest.split_once(')') {
        let is_ticket = ticket.split_once('(').is_some_and(|(letter, id)| {
            letter.len() == 1 && TICKETS.contains(&letter.to_ascii_uppercase()) && is_id(id)
        });
        if !is_ticket {
            return false;
        }
        n_tickets += 1;
        rest = after;
    }
    n_tickets > 0 && rest.is_empty()
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
    let is_folder = path.ends_with('/');
    let kept = query.split('&').filter(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.to_ascii_lowercase();
        let dropped = pair.is_empty()
            || name.starts_with("utm_")
            || is_session_pair(pair)
            || TRACKING.contains(&name.as_str())
            || (name == "from" && PASSED_ON.contains(&value))
            || (is_folder && VERSIONS.contains(&name.as_str()))
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
