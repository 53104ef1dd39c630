//! What every page knows of how it was asked: its language, its own address, and how it links to the others.
//!
//! The language is the parameter `lang` where it stands in the address, else what `Accept-Language` prefers, else
//! Chinese. One that stands in the address is carried along by every link; no cookie keeps it.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts},
};
use percent_encoding::percent_decode_str;
use report::Content;

use super::words::{Lang, Words, put};
use crate::{
    api::{
        params::{Params, invalid},
        problem::Problem,
    },
    permalink::escape,
};

/// The name of the parameter.
pub(crate) const LANG: &str = "lang";

/// Characters of a text that stand for a title that is missing.
const BEGINNING: usize = 30;

/// What a page is called in a language.
type Name = fn(&Words) -> &'static str;

/// The pages that every page leads to: path and name. A new kind of page is added here.
const SECTIONS: &[(&str, Name)] = &[
    ("/", |w| w.search),
    ("/trends", |w| w.trends),
    ("/concordance", |w| w.concordance),
    ("/panel", |w| w.panel),
    ("/compare", |w| w.compare),
    ("/coverage", |w| w.coverage),
    ("/portals", |w| w.portals),
    ("/api", |_| "API"),
];

/// How a page is shown.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// The texts of its language.
    pub(crate) w: &'static Words,
    /// The language stands in the address.
    is_given: bool,
    path: String,
    /// Its parameters without the language.
    pairs: Vec<(String, String)>,
    /// The fields of the form that it answers, if it is no page of an address alone.
    posted: Option<Vec<(String, String)>>,
}

/// A page that was asked for: how it is shown, and the parameters besides.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) view: View,
    pub(crate) params: Params,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut params = Params::parse(parts.uri.query())?;
        let given = params.one(LANG)?.filter(|code| !code.is_empty());
        let given = given.map(|code| code.parse().map_err(|error| invalid(LANG, error)));
        let view = View::new(&parts.uri, &parts.headers, given.transpose()?);
        Ok(Self { view, params })
    }
}

impl View {
    /// For a page that tells of a problem: whatever is wrong with the address, it has a language.
    pub(crate) fn of_problem(uri: &Uri, headers: &HeaderMap) -> Self {
        let given = Params::parse(uri.query())
            .ok()
            .and_then(|mut params| params.many(LANG).pop()?.parse().ok());
        Self::new(uri, headers, given)
    }

    fn new(uri: &Uri, headers: &HeaderMap, given: Option<Lang>) -> Self {
        let lang = given.unwrap_or_else(|| {
            let accepted = headers.get(header::ACCEPT_LANGUAGE);
            preferred(accepted.and_then(|value| value.to_str().ok()).unwrap_or_default())
        });
        let pairs = Params::parse(uri.query()).map(Params::into_pairs);
        let mut pairs = pairs.unwrap_or_default();
        pairs.retain(|(name, value)| name != LANG && !value.is_empty());
        Self {
            w: lang.words(),
            is_given: given.is_some(),
            path: uri.path().to_owned(),
            pairs,
            posted: None,
        }
    }

    pub(crate) fn lang(&self) -> Lang {
        self.w.lang
    }

    /// What says of an element that it is in Chinese where the page is not: it stands in every line of a list.
    pub(crate) fn han(&self) -> &'static str {
        match self.lang() {
            Lang::Zh => "",
            Lang::En => " lang=\"zh-CN\"",
        }
    }

    /// The language where links and forms have to carry it along.
    pub(crate) fn carried(&self) -> Option<&'static str> {
        self.is_given.then(|| self.lang().code())
    }

    /// A page of ours without parameters.
    pub(crate) fn to(&self, path: &str) -> String {
        self.link(path, &[])
    }

    /// A page of ours.
    pub(crate) fn link(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let lang = self.carried().map(|code| (LANG, code));
        let query = query_of(pairs.iter().copied().chain(lang));
        match query.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{query}"),
        }
    }

    /// This page in the other language.
    pub(crate) fn switch(&self) -> String {
        let lang = (LANG, self.lang().other().code());
        let pairs = self
            .pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        format!("{}?{}", self.path, query_of(pairs.chain([lang])))
    }

    /// The same for a page at another address, without parameters.
    pub(crate) fn at(&self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            pairs: Vec::new(),
            ..self.clone()
        }
    }

    /// Says that this page answers a form with these fields: in the other language it is asked for with the same ones.
    pub(crate) fn answers(&mut self, fields: Vec<(String, String)>) {
        self.posted = Some(fields);
    }

    /// The fields of the form that this page answers.
    pub(crate) fn posted(&self) -> Option<&[(String, String)]> {
        self.posted.as_deref()
    }

    /// Name and address of each kind of page, and whether this is one.
    pub(crate) fn sections(&self) -> Vec<(&'static str, String, bool)> {
        let is_here = |path: &str| match path {
            "/" => self.path == "/",
            _ => self.path.starts_with(path),
        };
        SECTIONS
            .iter()
            .map(|(path, name)| (name(self.w), self.to(path), is_here(path)))
            .collect()
    }

    /// All parameters of this page, the language too where it is carried, if it is the page at `path`.
    pub(crate) fn all_pairs(&self, path: &str) -> Option<Vec<(String, String)>> {
        let lang = self.carried().map(|code| (LANG.to_owned(), code.to_owned()));
        (self.path == path).then(|| self.pairs.iter().cloned().chain(lang).collect())
    }

    /// The title of a report; of one without, that it has none and how its text begins, by which it can be told from others.
    pub(crate) fn title(&self, content: &Content) -> String {
        if let Some(title) = &content.title {
            return title.clone();
        }
        let first = content.text.lines().map(str::trim).find(|line| !line.is_empty());
        let Some(first) = first else {
            return self.w.untitled.to_owned();
        };
        let beginning: String = first.chars().take(BEGINNING).collect();
        let rest = if beginning.len() < first.len() { "…" } else { "" };
        self.say(self.w.untitled_as, beginning + rest)
    }

    /// A text with a value in it.
    pub(crate) fn say(&self, pattern: &str, value: impl std::fmt::Display) -> String {
        put(pattern, &[&value])
    }
}

/// The query part of an address.
pub(crate) fn query_of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    pairs.join("&")
}

/// An address with the Han letters in it as they are, a third as long (RFC 3987, 3.2): for addresses that stand on a page a
/// hundred times. Browsers encode them again. Not for headers.
pub(super) fn readable(address: &str) -> String {
    let mut readable = String::with_capacity(address.len());
    let mut rest = address;
    while let Some(at) = rest.find('%') {
        readable.push_str(&rest[..at]);
        rest = &rest[at..];
        // Three bytes are a letter of the basic plane; all else stays as it is.
        let (letter, length) = match rest.get(..9).and_then(letter) {
            Some(letter) => (letter, 9),
            None => ('%', 1),
        };
        readable.push(letter);
        rest = &rest[length..];
    }
    readable + rest
}

/// The Han letter that nine characters such as `%E6%B3%95` stand for.
fn letter(encoded: &str) -> Option<char> {
    let text = percent_decode_str(encoded).decode_utf8().ok()?;
    let mut chars = text.chars();
    chars
        .next()
        .filter(|c| chars.next().is_none() && matches!(c, '\u{3400}'..='\u{9fff}'))
}

/// The language of ours that an `Accept-Language` (RFC 9110, 12.5.4) likes best.
fn preferred(accepted: &str) -> Lang {
    let mut best = (0.0, Lang::Zh);
    for range in accepted.split(',').take(32) {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let weight = weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
        let primary = tag.split('-').next().unwrap_or_default();
        let lang = match primary {
            "zh" | "*" => Lang::Zh,
            "en" => Lang::En,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, lang);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_han_letters_are_written_as_they_are() {
        let hostile =
            "/?q=%22%3E%3Cb%3E%E6%B3%95%E6%B2%BB%E3%80%80%E2%80%AE%F0%A0%80%80%E6%B3&year=2020#p%E6%AE%B5";
        assert_eq!(
            readable(hostile),
            "/?q=%22%3E%3Cb%3E法治%E3%80%80%E2%80%AE%F0%A0%80%80%E6%B3&year=2020#p段"
        );
        assert_eq!(readable("%"), "%");
        assert_eq!(readable("100%é"), "100%é");
    }

    #[test]
    fn the_language_is_what_the_reader_likes_best() {
        for (accepted, lang) in [
            ("", Lang::Zh),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("en-US,en;q=0.5", Lang::En),
            ("de,en;q=0.7,zh;q=0.3", Lang::En),
            ("fr", Lang::Zh),
            ("en;q=0.2, zh;q=0.4", Lang::Zh),
            ("en;q=nonsense", Lang::Zh),
        ] {
            assert_eq!(preferred(accepted), lang, "{accepted}");
        }
    }

    #[test]
    fn a_language_in_the_address_is_carried_along() {
        let uri: Uri = "/portals?state=alarmed&lang=en".parse().unwrap();
        let view = View::new(&uri, &HeaderMap::new(), Some(Lang::En));
        assert_eq!(view.link("/", &[("q", "法")]), "/?q=%E6%B3%95&lang=en");
        assert_eq!(view.switch(), "/portals?state=alarmed&lang=zh");
        let silent = View::new(&"/".parse().unwrap(), &HeaderMap::new(), None);
        assert_eq!(silent.to("/coverage"), "/coverage");
        assert_eq!(silent.switch(), "/?lang=en");
    }
}
