//! TOML tables whose faults are told with line and key: all of them, not only the first.

use std::{cell::RefCell, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::PortalError;

/// The text of a file, and what has been found wrong with it.
pub(super) struct Source<'a> {
    text: &'a str,
    faults: RefCell<Vec<PortalError>>,
}

/// A string of the file and where it stands.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    pub(super) text: &'a str,
    span: Range<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            faults: RefCell::default(),
        }
    }

    /// Reads the file as TOML; what cannot be read is noted and left out.
    pub(super) fn document(&self) -> Spanned<DeTable<'a>> {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.note(PortalError {
                line: error.span().map(|span| self.line_of(span.start)),
                key: None,
                message: error.message().to_owned(),
            });
        }
        document
    }

    pub(super) fn note(&self, fault: PortalError) {
        self.faults.borrow_mut().push(fault);
    }

    /// Whether nothing was found wrong so far.
    pub(super) fn is_right(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// What was found wrong, in the order of the file; what is not in one line comes last.
    pub(super) fn into_faults(self) -> Vec<PortalError> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| (fault.line.is_none(), fault.line));
        faults.dedup();
        faults
    }

    fn line_of(&self, offset: usize) -> usize {
        let before = self.text.bytes().take(offset);
        before.filter(|byte| *byte == b'\n').count() + 1
    }
}

/// A table of the document. What is wrong with a value is noted in the [`Source`], and the value is as good as absent.
pub(super) struct Table<'a> {
    source: &'a Source<'a>,
    /// Name of the table; empty for the document itself.
    name: &'a str,
    entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    /// The document itself.
    pub(super) fn root(source: &'a Source<'a>, document: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            source,
            name: "",
            entries: document.get_ref(),
        }
    }

    /// Notes every key that is not among `known`.
    pub(super) fn check_keys(&self, known: &[&str]) {
        for key in self.entries.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let name = self.full_name(key.get_ref());
                self.note(Some(key.span()), name, unknown(key.get_ref(), known));
            }
        }
    }

    pub(super) fn string(&self, key: &str) -> Option<&'a str> {
        match self.value(key)?.get_ref() {
            DeValue::String(text) => Some(text),
            other => {
                self.wrong(
                    key,
                    format!("must be a string in quotes, got {}", other.type_str()),
                );
                None
            }
        }
    }

    /// The strings of an array; empty when the key is absent.
    pub(super) fn strings(&self, key: &str) -> Vec<Entry<'a>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let shape = "must be an array of strings, e.g. [\"/zwgk/\"]";
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(key, shape);
            return Vec::new();
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => entries.push(Entry {
                    text,
                    span: item.span(),
                }),
                None => self.note(Some(item.span()), self.full_name(key), shape),
            }
        }
        entries
    }

    /// A whole number above zero.
    pub(super) fn positive(&self, key: &str) -> Option<u64> {
        let number = match self.value(key)?.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            self.wrong(key, "must be a whole number above 0");
        }
        number
    }

    pub(super) fn table(&self, key: &'a str) -> Option<Self> {
        match self.value(key)?.get_ref() {
            DeValue::Table(entries) => Some(Self {
                source: self.source,
                name: key,
                entries,
            }),
            _ => {
                self.wrong(key, format!("must be a table: [{key}]"));
                None
            }
        }
    }

    /// Notes a fault of `key`, at its line when the file has the key.
    pub(super) fn wrong(&self, key: &str, message: impl Into<String>) {
        let span = self.value(key).map(Spanned::span);
        self.note(span, self.full_name(key), message);
    }

    /// Notes a fault that is not in one place.
    pub(super) fn whole(&self, message: impl Into<String>) {
        self.source.note(PortalError::whole(message));
    }

    /// Notes a fault of one entry of the array at `key`.
    pub(super) fn wrong_entry(&self, key: &str, entry: &Entry<'_>, message: impl Into<String>) {
        self.note(Some(entry.span.clone()), self.full_name(key), message);
    }

    fn note(&self, span: Option<Range<usize>>, key: String, message: impl Into<String>) {
        self.source.note(PortalError {
            line: span.map(|span| self.source.line_of(span.start)),
            key: Some(key),
            message: message.into(),
        });
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
