//! TOML tables whose faults are told with line and key.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::PortalError;

/// Reads a TOML document.
pub(super) fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, PortalError> {
    DeTable::parse(text).map_err(|error| PortalError {
        line: error.span().map(|span| line_of(text, span.start)),
        key: None,
        message: error.message().to_owned(),
    })
}

/// A table of the document.
pub(super) struct Table<'a> {
    text: &'a str,
    /// Name of the table; empty for the document itself.
    name: &'a str,
    entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    /// The document itself.
    pub(super) fn root(text: &'a str, document: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            text,
            name: "",
            entries: document.get_ref(),
        }
    }

    /// Fails on the first key, in the order of the file, that is not among `known`.
    pub(super) fn check_keys(&self, known: &[&str]) -> Result<(), PortalError> {
        let unknown_keys = self
            .entries
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()));
        match unknown_keys.min_by_key(|key| key.span().start) {
            None => Ok(()),
            Some(key) => Err(PortalError {
                line: Some(line_of(self.text, key.span().start)),
                key: Some(self.full_name(key.get_ref())),
                message: unknown(key.get_ref(), known),
            }),
        }
    }

    pub(super) fn string(&self, key: &str) -> Result<Option<&'a str>, PortalError> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::String(text) => Ok(Some(text)),
                other => Err(self.wrong(
                    key,
                    format!("must be a string in quotes, got {}", other.type_str()),
                )),
            },
        }
    }

    /// The strings of an array; empty when the key is absent.
    pub(super) fn strings(&self, key: &str) -> Result<Vec<String>, PortalError> {
        let Some(value) = self.value(key) else {
            return Ok(Vec::new());
        };
        let not_strings = || self.wrong(key, "must be an array of strings, e.g. [\"/zwgk/\"]");
        let DeValue::Array(items) = value.get_ref() else {
            return Err(not_strings());
        };
        items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned).ok_or_else(not_strings))
            .collect()
    }

    /// A whole number above zero.
    pub(super) fn positive(&self, key: &str) -> Result<Option<u64>, PortalError> {
        let Some(value) = self.value(key) else {
            return Ok(None);
        };
        let number = match value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        match number {
            Some(number) if number > 0 => Ok(Some(number)),
            _ => Err(self.wrong(key, "must be a whole number above 0")),
        }
    }

    pub(super) fn table(&self, key: &'a str) -> Result<Option<Self>, PortalError> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::Table(entries) => Ok(Some(Self {
                    text: self.text,
                    name: key,
                    entries,
                })),
                _ => Err(self.wrong(key, format!("must be a table: [{key}]"))),
            },
        }
    }

    /// An error about `key`, at its line when the file has the key.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) -> PortalError {
        let line = self
            .value(key)
            .map(|value| line_of(self.text, value.span().start));
        PortalError {
            line,
            key: Some(self.full_name(key)),
            message: message.into(),
        }
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn full_name(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}

/// Says that `word` is none of `known`, and names the nearest.
pub(super) fn unknown(word: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 2).max(2));
    match nearest {
        Some((_, candidate)) => format!("{word:?} is unknown; did you mean {candidate:?}?"),
        None => format!("{word:?} is unknown; known are {}", known.join(", ")),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
