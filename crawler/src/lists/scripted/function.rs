//! Functions of a page that set the window's address, followed assignment by assignment.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use super::{
    Listing,
    expression::{Number, Term, evaluate},
};
use crate::lists::script::Value;

/// Longest function that is read, in bytes.
const MAX_BODY: usize = 4000;

/// Longest address that is put together, in bytes.
pub(super) const MAX_ADDRESS: usize = 2000;

/// Fields of the object that a pager hands over.
const PAGE_FIELDS: &[&str] = &["curr", "page", "current", "pageNumber", "pageNum", "pageNo"];

/// A function with parameters.
#[derive(Debug)]
pub(super) struct Function<'a> {
    pub(super) name: &'a str,
    /// The first parameter.
    parameter: &'a str,
    /// All of them, as they are written.
    parameters: &'a str,
    body: &'a str,
}

/// The functions of a page that have a name and parameters.
pub(super) fn functions(code: &str) -> impl Iterator<Item = Function<'_>> {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| {
        let arguments = r"\(\s*(([\w$]+)[^)]{0,100})\)\s*";
        Regex::new(&format!(
            r"(?:function\s+([\w$]+)\s*{arguments}|\b([\w$]+)\s*[:=]\s*function\s*{arguments}|\b([\w$]+)\s*[:=]\s*{arguments}=>\s*)\{{"
        ))
        .expect("a pattern of this file is valid")
    });
    HEAD.captures_iter(code).filter_map(move |head| {
        let mut names = head.iter().skip(1).flatten();
        let mut next = || names.next().map(|name| name.as_str());
        let (name, parameters, parameter) = (next()?, next()?, next()?);
        let rest = &code[head.get(0)?.end()..];
        let rest = &rest[..rest.floor_char_boundary(MAX_BODY)];
        Some(Function {
            name,
            parameter,
            parameters,
            body: &rest[..end_of_block(rest)],
        })
    })
}

impl<'a> Function<'a> {
    /// Where the function goes when it is called with a page's number.
    pub(super) fn address(
        &self,
        page: u32,
        known: &HashMap<&str, Value<'_>>,
        listing: &Listing<'_>,
    ) -> Option<String> {
        let page = Number::Is(i64::from(page));
        // Some pagers hand over an object that has it.
        let fields = PAGE_FIELDS
            .iter()
            .map(|field| format!("{}.{field}", self.parameter));
        let fields: Vec<_> = fields.collect();
        let names = fields.iter().map(String::as_str).chain([self.parameter]);
        let given: Vec<_> = names.map(|name| (name, page.clone())).collect();
        self.leads_to(&given, known, listing)
    }

    /// Where it goes when it is called with what the link of a row says.
    pub(super) fn address_of_row(
        &self,
        arguments: &[&str],
        known: &HashMap<&str, Value<'_>>,
        listing: &Listing<'_>,
    ) -> Option<String> {
        let parameters = self.parameters.split(',').map(str::trim);
        let given = parameters.zip(arguments.iter().map(|text| Number::Text((*text).to_owned())));
        self.leads_to(&given.collect::<Vec<_>>(), known, listing)
    }

    /// Where it goes, if that depends on what it is given.
    fn leads_to(
        &self,
        given: &[(&str, Number)],
        known: &HashMap<&str, Value<'_>>,
        listing: &Listing<'_>,
    ) -> Option<String> {
        static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"^\s*(?:(?:if|else)\b[^=]{0,200}?)?(?:(?:var|let|const)\s+)?([\w$.]+)\s*(\+?=)\s*([^=].*)$",
            )
            .expect("a pattern of this file is valid")
        });
        static OPENING: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"\b(?:location\.(?:assign|replace)|window\.open)\s*\(\s*(.+)$")
                .expect("a pattern of this file is valid")
        });
        let mut terms: HashMap<&str, Term> = HashMap::new();
        for (name, value) in known {
            let value = match value {
                Value::Number(number) => Number::Is(i64::from(*number)),
                Value::Text(text) => Number::Text((*text).to_owned()),
                Value::Other => continue,
            };
            terms.insert(
                name,
                Term {
                    value,
                    is_of_page: false,
                },
            );
        }
        let path = Term {
            value: Number::Text(listing.url.path().to_owned()),
            is_of_page: false,
        };
        for name in ["location.pathname", "window.location.pathname"] {
            terms.insert(name, path.clone());
        }
        for (name, value) in given {
            let value = value.clone();
            let is_of_page = true;
            terms.insert(name, Term { value, is_of_page });
        }
        let mut address = None;
        for statement in statements(self.body) {
            let target = if let Some(found) = ASSIGNMENT.captures(statement) {
                let name = found.get(1)?.as_str();
                let Some(mut term) = evaluate(found.get(3)?.as_str(), &terms) else {
                    continue;
                };
                if found.get(2).is_some_and(|sign| sign.as_str() == "+=") {
                    let Some(before) = terms.get(name) else { continue };
                    term = before.clone().plus(term);
                }
                let is_location =
                    name == "location" || name.ends_with("location") || name.ends_with("location.href");
                if !is_location {
                    // `if (n > last) n = last` doesn't hold for the pages that are linked.
                    let is_kept = name == self.parameter && !term.is_of_page;
                    if !is_kept {
                        terms.insert(name, term);
                    }
                    continue;
                }
                term
            } else if let Some(found) = OPENING.captures(statement) {
                let Some(term) = evaluate(found.get(1)?.as_str(), &terms) else {
                    continue;
                };
                term
            } else {
                continue;
            };
            if let Term {
                value: Number::Text(text),
                is_of_page: true,
            } = target
            {
                address = Some(text);
            }
        }
        address.filter(|address| !address.is_empty() && address.len() <= MAX_ADDRESS)
    }
}

/// Where the block ends that `code` begins in.
fn end_of_block(code: &str) -> usize {
    let (mut depth, mut quote) = (1, None);
    for (at, byte) in code.bytes().enumerate() {
        match (byte, quote) {
            (mark, Some(open)) if mark == open => quote = None,
            (_, Some(_)) => {}
            (b'"' | b'\'' | b'`', None) => quote = Some(byte),
            (b'{', None) => depth += 1,
            (b'}', None) => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

/// The statements of a body, those in blocks included.
fn statements(body: &str) -> Vec<&str> {
    let (mut found, mut from, mut quote) = (Vec::new(), 0, None);
    for (at, byte) in body.bytes().enumerate() {
        match (byte, quote) {
            (mark, Some(open)) if mark == open => quote = None,
            (_, Some(_)) => {}
            (b'"' | b'\'' | b'`', None) => quote = Some(byte),
            (b';' | b'{' | b'}' | b'\n', None) => {
                found.push(&body[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&body[from..]);
    found
}
