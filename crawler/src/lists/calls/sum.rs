//! Sums of texts and names, as scripts put addresses together: `'/search/' + id + '?page=' + page`.

use super::{
    super::{literal, params},
    Scripts,
    common_names::COMMON,
};

/// Longest address that is put together, in bytes.
const MAX_ADDRESS: usize = 2000;

/// The page that a script asks for first.
const FIRST_PAGE: &str = "1";

/// Rows of a page where a script does not tell.
const USUAL_SIZE: &str = "20";

/// A part of a sum.
enum Piece {
    Text(String),
    /// A name, or what a function of a name gives.
    Name(String),
    /// An element by its id, whose value is asked for.
    Element(String),
    /// What only a browser can tell.
    Unknown,
}

impl Scripts<'_> {
    /// The text of `"…" + name + "…"` from its first operand, and where it ends.
    pub(super) fn sum(&self, from: usize, needs_browser: &mut bool) -> (String, usize) {
        let mut out = String::new();
        let mut at = from;
        while let Some((piece, end)) = self.operand(at) {
            match piece {
                Piece::Text(text) => out.push_str(&text),
                Piece::Name(name) => out.push_str(&self.named(&name, at)),
                Piece::Element(id) => out.push_str(self.value(&id).unwrap_or_default()),
                Piece::Unknown => *needs_browser = true,
            }
            at = end;
            let rest = self.text[at..].trim_start();
            let Some(next) = rest.strip_prefix('+') else { break };
            if out.len() > MAX_ADDRESS {
                break;
            }
            at = self.text.len() - next.trim_start().len();
        }
        out.truncate(out.floor_char_boundary(MAX_ADDRESS));
        (out, at)
    }

    /// One operand of a sum and where it ends.
    fn operand(&self, at: usize) -> Option<(Piece, usize)> {
        let rest = &self.text[at..];
        if rest.starts_with(['"', '\'', '`']) {
            // No address is long; a quote that is never closed must not cost the whole page.
            let near = &rest[..rest.floor_char_boundary(MAX_ADDRESS)];
            let (text, length) = literal::string(near)?;
            let text = if rest.starts_with('`') {
                self.filled(&text, at)
            } else {
                text
            };
            return Some((Piece::Text(text), at + length));
        }
        let rest = &rest[..rest.floor_char_boundary(200)];
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || "_$.".contains(c)))
            .unwrap_or(rest.len());
        let (name, behind) = rest.split_at(length);
        if let Some(inner) = behind.strip_prefix('(') {
            let close = inner.find(')')?;
            let (argument, mut end) = (&inner[..close], at + length + close + 2);
            let piece = self.function(name, argument.trim());
            // What is done with the result, such as `.val()`, changes nothing.
            while let Some(chained) = self.text[end..].strip_prefix('.') {
                let length = chained.find(|c: char| !(c.is_alphanumeric() || "_$".contains(c)));
                end += 1 + length.unwrap_or(chained.len());
                if let Some(inner) = self.text[end..].strip_prefix('(') {
                    let near = &inner[..inner.floor_char_boundary(100)];
                    end += near.find(')')? + 2;
                }
            }
            return Some((piece, end));
        }
        let piece = match name {
            "true" | "false" => Piece::Text(name.to_owned()),
            "null" | "undefined" => Piece::Text(String::new()),
            _ if name.bytes().all(|b| b.is_ascii_digit()) => Piece::Text(name.to_owned()),
            _ => Piece::Name(name.rsplit('.').next().unwrap_or(name).to_owned()),
        };
        (!name.is_empty()).then_some((piece, at + length))
    }

    /// What a function gives: of a name its value, of an element what is written on it, of the address a parameter.
    fn function(&self, name: &str, argument: &str) -> Piece {
        let bare = argument.trim_matches(['"', '\'', '#', '[', ']', '.']);
        let lower = name.to_ascii_lowercase();
        let is_quoted = argument.starts_with(['"', '\'']);
        if is_quoted && (lower.contains("param") || lower.contains("query") || lower.contains("url")) {
            let query = self.page.query().unwrap_or_default();
            return Piece::Text(params::get(query, bare).unwrap_or_default());
        }
        if lower.contains("random") || lower.contains("time") || lower.contains("date") {
            return Piece::Text("0".to_owned());
        }
        let is_lookup =
            is_quoted && (name.ends_with('$') || lower.contains("element") || lower.contains("jquery"));
        let is_plain = name.is_empty()
            || ["encode", "escape", "string", "parseint", "number"]
                .iter()
                .any(|f| lower.contains(f));
        if is_plain && bare.bytes().all(|b| b.is_ascii_digit()) {
            return Piece::Text(bare.to_owned());
        }
        if is_lookup || is_plain {
            let end = bare.find(|c: char| !(c.is_alphanumeric() || "_-$".contains(c)));
            let name = bare[..end.unwrap_or(bare.len())].to_owned();
            return if is_lookup && COMMON.contains(&name.as_str()) {
                Piece::Element(name)
            } else {
                Piece::Name(name)
            };
        }
        Piece::Unknown
    }

    /// A template with the values of its names.
    fn filled(&self, template: &str, at: usize) -> String {
        let mut parts = template.split("${");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            let name = name.trim().rsplit('.').next().unwrap_or_default();
            out.push_str(&self.named(name, at));
            out.push_str(rest);
        }
        out
    }

    /// The value of a name in an address that stands at a place.
    fn named(&self, name: &str, at: usize) -> String {
        let lower = name.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let is_size = has(&["size", "rows", "limit"]);
        let is_page = has(&["page", "curr", "index"]) && !is_size && !lower.ends_with("id");
        if is_page || matches!(&*lower, "n" | "p" | "num") {
            return FIRST_PAGE.to_owned();
        }
        let otherwise = if is_size { USUAL_SIZE } else { "" };
        self.value_for(name, at).unwrap_or(otherwise).to_owned()
    }

    /// What stands before the opening quote of an address and is added to it: a path of the application, maybe.
    pub(super) fn added_before(&self, open: usize) -> Option<String> {
        let before = self.text[..open].trim_end().strip_suffix('+')?.trim_end();
        let belongs = |c: char| c.is_alphanumeric() || "_$.\"'/:-".contains(c);
        let operand = &before[before.trim_end_matches(belongs).len()..];
        let text = if operand.ends_with(['"', '\'']) {
            operand.trim_matches(['"', '\'']).to_owned()
        } else {
            self.named(operand.rsplit('.').next().unwrap_or_default(), open)
        };
        (text.starts_with('/') || text.starts_with("http")).then_some(text)
    }
}
