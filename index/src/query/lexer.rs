//! From the characters of a query to tokens with their places.

use std::iter::Peekable;

use super::{Wrong, field::FieldName};

/// A token and the number of characters before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) position: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare term.
    Bare(String),
    /// What stood between quotes.
    Quoted(String),
    /// `field:` and its value.
    Field {
        name: FieldName,
        value: String,
        value_position: usize,
    },
    Near(u32),
    Open,
    Close,
    And,
    Or,
    /// `NOT`, or `-` before an item.
    Not,
}

/// Opening and closing quotes.
pub(super) const QUOTES: [(char, char); 3] = [('"', '"'), ('“', '”'), ('「', '」')];

/// How like the name of a field a word has to be, from 0 to 1, to be taken for a slip.
const LIKE: f64 = 0.75;

type Chars<'a> = Peekable<std::iter::Enumerate<std::str::Chars<'a>>>;

/// Cuts a query into tokens.
pub(super) fn tokens(q: &str) -> Result<Vec<Token>, Wrong> {
    let mut chars: Chars<'_> = q.chars().enumerate().peekable();
    let mut tokens = Vec::new();
    while let Some(&(position, c)) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
            continue;
        }
        let kind = match c {
            '(' => {
                chars.next();
                Kind::Open
            }
            ')' => {
                chars.next();
                Kind::Close
            }
            '-' if is_negation(chars.clone()) => {
                chars.next();
                Kind::Not
            }
            '”' | '」' => {
                let open = if c == '”' { '“' } else { '「' };
                return Err(Wrong::at(
                    position,
                    format!("the closing quote {c} has no opening one"),
                    format!("write {open} where the string begins, or \"…\" around it"),
                ));
            }
            _ => match quoted(&mut chars)? {
                Some(text) => Kind::Quoted(text),
                None => plain(position, &mut chars)?,
            },
        };
        tokens.push(Token { position, kind });
    }
    Ok(tokens)
}

/// Whether the hyphen that comes next stands before an item.
fn is_negation(mut chars: Chars<'_>) -> bool {
    chars.next();
    chars.next().is_some_and(|(_, c)| !c.is_whitespace() && c != ')')
}

/// Reads what stands between quotes; `None` when no quote opens here.
fn quoted(chars: &mut Chars<'_>) -> Result<Option<String>, Wrong> {
    let Some(&(position, open)) = chars.peek() else {
        return Ok(None);
    };
    let Some((_, close)) = QUOTES.into_iter().find(|(quote, _)| *quote == open) else {
        return Ok(None);
    };
    chars.next();
    let mut text = String::new();
    while let Some((_, c)) = chars.next() {
        if c == close {
            return Ok(Some(text));
        }
        // A backslash stands for itself unless something that needs one follows.
        let escaped = |next: char| next == '\\' || next == '"' || next == close;
        match chars.peek() {
            Some(&(_, next)) if c == '\\' && escaped(next) => {
                chars.next();
                text.push(next);
            }
            _ => text.push(c),
        }
    }
    let other = QUOTES.into_iter().flat_map(|(open, close)| [close, open]);
    let other = other
        .filter(|quote| *quote != close)
        .find(|quote| text.contains(*quote));
    let hint = match other {
        Some(other) => format!("{other} does not close {open}: write {close} at the end of the string"),
        None => format!("write {close} at the end of the string, or leave {open} out"),
    };
    Err(Wrong::at(
        position,
        format!("the quote {open} is not closed"),
        hint,
    ))
}

/// Reads a word of the language, a field, or a bare term.
fn plain(position: usize, chars: &mut Chars<'_>) -> Result<Kind, Wrong> {
    let (mut word, mut is_name) = (String::new(), true);
    while let Some((at, c)) = chars.next_if(|(_, c)| continues(*c)) {
        // A field is asked for by a name of letters.
        if c == ':' && is_name && !word.is_empty() {
            return field(position, &word, at + 1, chars);
        }
        is_name &= c.is_ascii_alphabetic() || c == '_';
        word.push(printable(at, c)?);
    }
    match word.as_str() {
        "AND" => Ok(Kind::And),
        "OR" => Ok(Kind::Or),
        "NOT" => Ok(Kind::Not),
        _ => match word.strip_prefix("NEAR") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => near(position, rest),
            _ => match wildcard(&word) {
                Some((at, sign)) => Err(Wrong::at(
                    position + at,
                    format!("{sign} is punctuation, no wildcard"),
                    "leave it out: what is searched is found inside longer words too; in quotes it is the character itself",
                )),
                None => Ok(Kind::Bare(word)),
            },
        },
    }
}

/// A wildcard of other search engines, and how many characters of the word stand before it: a `*` beside a letter, a `?` between
/// two of ASCII. Left alone are `**`, which stands for what was blotted out, `7*24`, and the `?` of a question.
fn wildcard(word: &str) -> Option<(usize, char)> {
    if !word.contains(['*', '?']) {
        return None;
    }
    let chars: Vec<char> = word.chars().collect();
    let mut places = chars.iter().enumerate();
    let found = places.find(|(at, c)| {
        let before = at.checked_sub(1).and_then(|at| chars.get(at).copied());
        let behind = chars.get(at + 1).copied();
        let both = |is: fn(char) -> bool| before.is_some_and(is) && behind.is_some_and(is);
        match c {
            '*' => {
                let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                let is_repeated = before == Some('*') || behind == Some('*');
                (is_letter(before) || is_letter(behind)) && !is_repeated && !both(|c| c.is_ascii_digit())
            }
            '?' => both(|c| c.is_ascii_alphanumeric()),
            _ => false,
        }
    });
    found.map(|(at, c)| (at, *c))
}

/// A control character outside quotes came from somewhere else than a keyboard.
fn printable(at: usize, c: char) -> Result<char, Wrong> {
    if !c.is_control() {
        return Ok(c);
    }
    Err(Wrong::at(
        at,
        format!("the control character U+{:04X} is part of no word", u32::from(c)),
        "leave it out, or put it in quotes to find it as it stands",
    ))
}

/// Whether a bare term goes on with this character.
fn continues(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c, '(' | ')')
        && QUOTES.into_iter().all(|(open, close)| c != open && c != close)
}

fn field(position: usize, word: &str, value_position: usize, chars: &mut Chars<'_>) -> Result<Kind, Wrong> {
    let Some(name) = FieldName::find(word) else {
        let names: Vec<_> = FieldName::ALL.iter().map(|name| name.code()).collect();
        let likeness = |name: &&str| strsim::jaro_winkler(&word.to_ascii_lowercase(), name);
        let nearest = names
            .iter()
            .copied()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let nearest = nearest.filter(|name| likeness(name) > LIKE);
        return Err(Wrong::at(
            position,
            format!("there is no field {}", shown(word)),
            format!(
                "{}fields are {}; write \"{}:…\" in quotes to search the characters as they are",
                nearest
                    .map(|name| format!("did you mean {name}:? "))
                    .unwrap_or_default(),
                names.join(", "),
                shown(word)
            ),
        ));
    };
    let value = match quoted(chars)? {
        Some(text) => text,
        None => {
            let mut text = String::new();
            while let Some((at, c)) = chars.next_if(|(_, c)| continues(*c)) {
                text.push(printable(at, c)?);
            }
            text
        }
    };
    if value.is_empty() {
        return Err(Wrong::at(
            value_position,
            format!("{name}: has no value", name = name.code()),
            format!("write it right behind the colon, {}", name.example()),
        ));
    }
    Ok(Kind::Field {
        name,
        value,
        value_position,
    })
}

/// A word as it may stand in a message.
fn shown(word: &str) -> String {
    let mut shown: String = word.chars().take(32).collect();
    if shown.len() < word.len() {
        shown.push('…');
    }
    shown
}

fn near(position: usize, rest: &str) -> Result<Kind, Wrong> {
    let distance = rest.strip_prefix('/').and_then(|digits| digits.parse().ok());
    match distance.filter(|distance| *distance <= super::MAX_DISTANCE) {
        Some(distance) => Ok(Kind::Near(distance)),
        None => Err(Wrong::at(
            position,
            match rest.strip_prefix('/') {
                Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                    format!(
                        "the distance of NEAR/{} is more than {}",
                        shown(digits),
                        super::MAX_DISTANCE
                    )
                }
                _ => "NEAR needs a distance".to_owned(),
            },
            format!(
                "write NEAR/20 for at most 20 characters between the strings, {} at most; \"NEAR\" in quotes is the word",
                super::MAX_DISTANCE
            ),
        )),
    }
}
