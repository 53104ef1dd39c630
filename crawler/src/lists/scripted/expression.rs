//! Sums of strings, numbers and names, as scripts put addresses together with them.

use std::collections::HashMap;

use super::function::MAX_ADDRESS;

/// A value while a function is followed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) value: Number,
    /// It depends on the page.
    pub(super) is_of_page: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Is(i64),
    Text(String),
}

impl Term {
    pub(super) fn plus(self, other: Self) -> Self {
        let is_of_page = self.is_of_page || other.is_of_page;
        let value = match (self.value, other.value) {
            (Number::Is(a), Number::Is(b)) => Number::Is(a.saturating_add(b)),
            (a, b) => Number::Text(format!("{}{}", a.text(), b.text())),
        };
        Self { value, is_of_page }
    }

    fn minus(self, other: Self) -> Option<Self> {
        let number = |value: &Number| match value {
            Number::Is(number) => Some(*number),
            Number::Text(text) => text.trim().parse().ok(),
        };
        Some(Self {
            value: Number::Is(number(&self.value)?.saturating_sub(number(&other.value)?)),
            is_of_page: self.is_of_page || other.is_of_page,
        })
    }
}

impl Number {
    fn text(&self) -> String {
        match self {
            Self::Is(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// The value of a sum of strings, numbers and names; `None` when there is anything else in it.
pub(super) fn evaluate(expression: &str, terms: &HashMap<&str, Term>) -> Option<Term> {
    let mut rest = expression;
    sum(&mut rest, terms, 0)
}

fn sum(rest: &mut &str, terms: &HashMap<&str, Term>, depth: u32) -> Option<Term> {
    let mut total = operand(rest, terms, depth)?;
    loop {
        *rest = rest.trim_start();
        let sign = rest.chars().next();
        match sign {
            Some('+') | Some('-') => {
                *rest = &rest[1..];
                let next = operand(rest, terms, depth)?;
                total = if sign == Some('+') {
                    total.plus(next)
                } else {
                    total.minus(next)?
                };
            }
            // The end, of an inner sum, of a call's argument.
            None | Some(')' | ',') => return (total.value.text().len() <= MAX_ADDRESS).then_some(total),
            Some(_) => return None,
        }
    }
}

fn operand(rest: &mut &str, terms: &HashMap<&str, Term>, depth: u32) -> Option<Term> {
    *rest = rest.trim_start();
    let first = rest.chars().next()?;
    let of_text = |text: &str| Term {
        value: Number::Text(text.to_owned()),
        is_of_page: false,
    };
    match first {
        '"' | '\'' => {
            let end = rest[1..].find(first)? + 1;
            let text = &rest[1..end];
            *rest = &rest[end + 1..];
            (!text.contains('\\')).then(|| of_text(text))
        }
        '`' => {
            let end = rest[1..].find('`')? + 1;
            let template = &rest[1..end];
            *rest = &rest[end + 1..];
            filled(template, terms)
        }
        '(' if depth < 8 => {
            *rest = &rest[1..];
            let inner = sum(rest, terms, depth + 1)?;
            *rest = rest.trim_start().strip_prefix(')')?;
            Some(inner)
        }
        c if c.is_ascii_digit() => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let number = rest[..end].parse().ok()?;
            *rest = &rest[end..];
            Some(Term {
                value: Number::Is(number),
                is_of_page: false,
            })
        }
        _ => {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.')))
                .unwrap_or(rest.len());
            let name = &rest[..end];
            *rest = &rest[end..];
            let is_conversion = matches!(name, "parseInt" | "Number" | "String" | "encodeURI");
            if is_conversion && depth < 8 {
                *rest = rest.trim_start().strip_prefix('(')?;
                let inner = sum(rest, terms, depth + 1)?;
                *rest = rest.trim_start().strip_prefix(')')?;
                return Some(inner);
            }
            terms.get(name).cloned()
        }
    }
}

/// The value of `list_${n}.html`.
fn filled(template: &str, terms: &HashMap<&str, Term>) -> Option<Term> {
    let mut pieces = template.split("${");
    let mut filled = Term {
        value: Number::Text(pieces.next()?.to_owned()),
        is_of_page: false,
    };
    for piece in pieces {
        let (expression, text) = piece.split_once('}')?;
        filled = filled.plus(evaluate(expression, terms)?);
        filled = filled.plus(Term {
            value: Number::Text(text.to_owned()),
            is_of_page: false,
        });
    }
    Some(filled)
}
