//! What stands beside an address in a request: its parameters and its method.

use super::{super::params, MAX_PLACES, Scripts};

/// How far around an address its method and parameters are looked for, in bytes.
const NEAR: usize = 1200;

/// What requests are made with, in lower case.
const CALLERS: &[&str] = &[
    "ajax(",
    "ajax (",
    "axios(",
    "request(",
    ".post(",
    ".get(",
    ".getjson(",
    ".load(",
];

/// What stands beside an address.
#[derive(Default)]
pub(super) struct Beside {
    /// Urlencoded pairs.
    pub(super) params: String,
    pub(super) is_post: bool,
    pub(super) is_json: bool,
}

impl Scripts<'_> {
    /// The parameters and the method that stand beside an address.
    pub(super) fn beside(&self, open: usize, end: usize, needs_browser: &mut bool) -> Beside {
        let begin = self.text.floor_char_boundary(open.saturating_sub(NEAR));
        let before = &self.lower[begin..open];
        // The options of the same request: not what stands before or behind its brackets.
        let start = CALLERS
            .iter()
            .filter_map(|word| Some(begin + before.rfind(word)?));
        let Some(start) = start.filter(|start| is_open(&self.text[*start..open])).max() else {
            return Beside::default();
        };
        let stop = self.text.floor_char_boundary(end + NEAR);
        let stop = ["ajax(", ".post(", ".getjson(", "success", ".then(", "function"]
            .iter()
            .filter_map(|word| self.lower[end..stop].find(word))
            .min()
            .map_or(stop, |at| end + at);
        let near = &self.lower[start..stop];
        let is_post = near.contains(".post(")
            || ["type", "method"].iter().any(|name| {
                near.match_indices(name).any(|(at, _)| {
                    let value = near[at + name.len()..].trim_start_matches(['"', '\'', ' ', ':']);
                    value.starts_with("post")
                })
            });
        let params = self.data(start, open, end, stop, needs_browser);
        Beside {
            params,
            is_post,
            is_json: near.contains("application/json"),
        }
    }

    /// The parameters of a request: `{…}` behind its address, or what `data` is.
    fn data(&self, start: usize, open: usize, end: usize, stop: usize, needs_browser: &mut bool) -> String {
        let behind = self.text[end..stop].trim_start_matches([',', ' ', '\n', '\r', '\t', ')']);
        if behind.starts_with('{') && self.text[end..stop].trim_start().starts_with(',') {
            return self.pairs(stop - behind.len(), needs_browser);
        }
        for (from, to) in [(end, stop), (start, open)] {
            for name in ["data", "params"] {
                let Some(at) = self.lower[from..to].match_indices(name).find_map(|(at, _)| {
                    let at = from + at;
                    let rest = self.text[at + name.len()..to].trim_start_matches(['"', '\'', ' ']);
                    let is_whole = !self.text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                    (is_whole && rest.starts_with(':')).then(|| to - rest[1..].trim_start().len())
                }) else {
                    continue;
                };
                return self.data_at(at, needs_browser);
            }
        }
        String::new()
    }

    /// The parameters written at a place: an object, a sum that is a query, or the name of an object.
    fn data_at(&self, at: usize, needs_browser: &mut bool) -> String {
        let rest = &self.text[at..];
        if rest.starts_with('{') {
            return self.pairs(at, needs_browser);
        }
        if rest.starts_with(['"', '\'', '`']) {
            let query = self.sum(at, needs_browser).0;
            return if query.contains('=') { query } else { String::new() };
        }
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || "_$".contains(c)))
            .unwrap_or(0);
        let name = &self.lower[at..at + length];
        let object = self
            .lower
            .match_indices(name)
            .take(MAX_PLACES)
            .find_map(|(at, _)| {
                let rest = self.text[at + length..]
                    .trim_start()
                    .strip_prefix(['=', ':'])?
                    .trim_start();
                (length > 0 && rest.starts_with('{')).then(|| self.text.len() - rest.len())
            });
        object.map_or(String::new(), |at| self.pairs(at, needs_browser))
    }

    /// The pairs of the object at a place, urlencoded. Only plain values count.
    pub(super) fn pairs(&self, at: usize, needs_browser: &mut bool) -> String {
        let mut out = String::new();
        let mut at = at + 1;
        let end = self.text.floor_char_boundary(at + 4 * NEAR);
        while at < end {
            let rest = self.text[at..].trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            let start = self.text.len() - rest.len();
            if rest.starts_with("//") {
                at = start + rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            if rest.is_empty() || rest.starts_with('}') {
                break;
            }
            let name = rest.trim_start_matches(['"', '\'']);
            let length = name
                .find(|c: char| !(c.is_alphanumeric() || "_$-.".contains(c)))
                .unwrap_or(name.len());
            let (name, behind) = name.split_at(length);
            let Some(value) = behind.trim_start_matches(['"', '\'', ' ']).strip_prefix(':') else {
                break;
            };
            let value = value.trim_start();
            if let Some(inner) = value.strip_prefix('{') {
                at = self.text.len() - inner.len();
                continue;
            }
            let (text, next) = self.sum(self.text.len() - value.len(), needs_browser);
            // What was not understood is passed up to the next pair.
            let skipped = self.text[next..].find([',', '}']);
            at = next + skipped.unwrap_or(self.text.len() - next);
            if !name.is_empty() {
                out = params::set(&out, name, &text);
            }
        }
        out
    }
}

/// Whether the bracket opened at the beginning of a text is not closed in it.
fn is_open(text: &str) -> bool {
    let mut depth = 0_i32;
    for b in text.bytes() {
        match b {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}
