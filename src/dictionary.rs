//! Dictionaries of panels as people write them: YAML, JSON or CSV, read into what the index counts.
//!
//! ```yaml
//! 环保: [环境保护, 环保]            # a concept and its terms
//! 生态:
//!   terms: [生态]
//!   exclude: [营商生态, 政治生态]   # strings in which the terms of this concept don't count
//! ```
//!
//! JSON has the same shape. Where exclusions are to hold for every concept, concepts stand below `concepts`, and `exclude`
//! beside it, as in the body of `POST /api/v1/panel`. CSV has the columns `concept`, `term` and, if need be, `exclude`. Whatever is
//! wrong is told with its line.

mod csv;
mod tree;
mod yaml;

use std::{fmt::Display, path::Path};

use data_encoding::HEXLOWER;
use index::{Concept, ConceptList, Dictionary, DictionaryError};
use serde_json::json;
use sha2::{Digest, Sha256};

pub(crate) use self::tree::{Tree, Value, Wrong, from_json};
use crate::nearest::instead;

/// Most bytes of a file.
const MAX_BYTES: u64 = 16 << 20;

/// Ready dictionaries, by name.
const EXAMPLES: [(&str, &str); 3] = [
    ("digital", include_str!("../docs/dictionaries/digital.yaml")),
    (
        "environment",
        include_str!("../docs/dictionaries/environment.yaml"),
    ),
    (
        "rule-of-law",
        include_str!("../docs/dictionaries/rule-of-law.yaml"),
    ),
];

/// A dictionary, and the lines that its parts stand on.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) dictionary: Dictionary,
    concepts: Vec<Lines>,
    exclude: Vec<Option<usize>>,
}

#[derive(Debug, Default)]
struct Lines {
    name: Option<usize>,
    terms: Vec<Option<usize>>,
    exclude: Vec<Option<usize>>,
}

/// Reads a file; its format is told by its name.
///
/// # Errors
/// When it cannot be read, or something in it is wrong: with its line, and what to write instead.
pub(crate) fn read_file(path: &Path) -> anyhow::Result<Dictionary> {
    let shown = path.display();
    let text = read_text(path)?;
    let Some(format) = Format::of_name(path) else {
        anyhow::bail!(
            "{shown}: the name of a dictionary ends with .yaml, .yml, .json or .csv; `gongbao panel --example environment` \
             shows one"
        );
    };
    read(&text, format).map_err(|wrong| wrong.in_file(path))
}

/// How a dictionary is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Yaml,
    Json,
    Csv,
}

impl Format {
    /// As the name of a file says.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// As it looks: an object of JSON, a first line with a column of a CSV, else YAML.
    pub(crate) fn of_text(text: &str) -> Self {
        let first = text.trim_start().lines().next().unwrap_or_default();
        let is_column = |cell: &str| ["concept", "term"].contains(&cell.trim().trim_matches('"'));
        match first {
            first if first.starts_with('{') => Self::Json,
            // A comment of YAML.
            first if first.starts_with('#') => Self::Yaml,
            first if first.contains(',') && first.split(',').any(is_column) => Self::Csv,
            _ => Self::Yaml,
        }
    }
}

/// Reads a dictionary.
///
/// # Errors
/// When something in it is wrong: where that is known with its line, and what to write instead.
pub(crate) fn read(text: &str, format: Format) -> Result<Dictionary, Wrong> {
    let read = match format {
        Format::Yaml => yaml::tree(text).and_then(|tree| Read::from_tree(&tree)),
        Format::Json => from_json(text.as_bytes()).and_then(|tree| Read::from_tree(&tree)),
        Format::Csv => csv::read(text),
    }?;
    match read.dictionary.check() {
        Ok(()) => Ok(read.dictionary),
        Err(error) => Err(Wrong::at(read.line_of(&error), error)),
    }
}

/// A file of text that is not too long.
///
/// # Errors
/// When it cannot be read, is too long or not UTF-8.
pub(crate) fn read_text(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let length = std::fs::metadata(path)
        .map_err(|error| anyhow::anyhow!("cannot read {shown}: {error}"))?
        .len();
    anyhow::ensure!(
        length <= MAX_BYTES,
        "{shown} has {length} bytes, more than {MAX_BYTES}"
    );
    let bytes = std::fs::read(path).map_err(|error| anyhow::anyhow!("cannot read {shown}: {error}"))?;
    to_text(bytes).map_err(|wrong| wrong.in_file(path))
}

/// The text of a file, without the mark that it may begin with.
///
/// # Errors
/// When it is not UTF-8.
pub(crate) fn to_text(bytes: Vec<u8>) -> Result<String, Wrong> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = "this is not UTF-8; save the file as UTF-8 (in Excel: \"CSV UTF-8\")";
        Wrong::at(Some(line), message)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// The names of the ready dictionaries.
pub(crate) fn examples() -> impl Iterator<Item = &'static str> {
    EXAMPLES.into_iter().map(|(name, _)| name)
}

/// A ready dictionary.
///
/// # Errors
/// When there is none of this name; names those that there are.
pub(crate) fn example(name: &str) -> anyhow::Result<&'static str> {
    let found = EXAMPLES.iter().find(|(known, _)| *known == name);
    let names = || EXAMPLES.map(|(name, _)| name).join(", ");
    found
        .map(|(_, text)| *text)
        .ok_or_else(|| anyhow::anyhow!("there is no example {name:?}; there are {}", names()))
}

/// What a dictionary says, in one shape whatever file it comes from. Concepts stay in order.
pub(crate) fn to_json(dictionary: &Dictionary) -> serde_json::Value {
    let concepts: Vec<_> = dictionary
        .concepts
        .iter()
        .map(|concept| json!({"name": concept.name, "terms": concept.terms, "exclude": concept.exclude}))
        .collect();
    json!({"concepts": concepts, "exclude": dictionary.exclude})
}

/// A number for what a dictionary says, the same for every file that says the same.
pub(crate) fn hash(dictionary: &Dictionary) -> String {
    let said = to_json(dictionary).to_string();
    format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(said)))
}

impl Read {
    /// Reads concepts, or concepts with what they all exclude.
    pub(crate) fn from_tree(tree: &Tree) -> Result<Self, Wrong> {
        let Value::Map(entries) = &tree.value else {
            return Err(Wrong::at(
                tree.line,
                format!(
                    "this is {}; write concepts with their terms, as in 环保: [环境保护, 环保]",
                    tree.what()
                ),
            ));
        };
        let mut read = Self::default();
        if !entries.iter().any(|(key, _)| key.text == "concepts") {
            // Counted as a concept it would exclude nothing, and nobody would notice.
            if let Some((key, _)) = entries
                .iter()
                .find(|(key, value)| key.text == "exclude" && !matches!(value.value, Value::Map(_)))
            {
                let message = "\"exclude\" stands beside the names of concepts; to exclude from all, put these below \"concepts:\", \
                               to exclude from one, write it below its name";
                return Err(Wrong::at(key.line, message));
            }
            read.add_concepts(tree)?;
            return Ok(read);
        }
        for (nth, (key, value)) in entries.iter().enumerate() {
            if entries[..nth].iter().any(|(before, _)| before.text == key.text) {
                return Err(Wrong::at(key.line, format!("{:?} stands twice", key.text)));
            }
            match key.text.as_str() {
                "concepts" => read.add_concepts(value)?,
                "exclude" => read.add_exclude(value)?,
                option @ ("by" | "level" | "filters") => {
                    let message = format!(
                        "{option:?} is no part of a dictionary; on the command line write it as an option, in a request beside \
                         the dictionary"
                    );
                    return Err(Wrong::unknown(key.line, message));
                }
                other => {
                    let message = format!(
                        "unknown key {other:?}; {}",
                        instead(other, &["concepts", "exclude"])
                    );
                    return Err(Wrong::unknown(key.line, message));
                }
            }
        }
        Ok(read)
    }

    /// Adds concepts: names with their terms.
    pub(crate) fn add_concepts(&mut self, tree: &Tree) -> Result<(), Wrong> {
        let Value::Map(entries) = &tree.value else {
            let message = format!(
                "concepts are {}; write an object of names and lists of terms, as in {{\"环保\": [\"环境保护\", \"环保\"]}}",
                tree.what()
            );
            return Err(Wrong::at(tree.line, message));
        };
        for (key, value) in entries {
            let mut concept = Concept {
                name: key.text.clone(),
                ..Concept::default()
            };
            let mut lines = Lines {
                name: key.line,
                ..Lines::default()
            };
            let of = |list: &str| format!("{list} of {:?}", key.text);
            match &value.value {
                Value::Map(parts) => {
                    for (nth, (part, value)) in parts.iter().enumerate() {
                        if parts[..nth].iter().any(|(before, _)| before.text == part.text) {
                            let message =
                                format!("{}: {:?} stands twice; write one list", key.text, part.text);
                            return Err(Wrong::at(part.line, message));
                        }
                        let (strings, places) = match part.text.as_str() {
                            "terms" => (&mut concept.terms, &mut lines.terms),
                            "exclude" => (&mut concept.exclude, &mut lines.exclude),
                            other => {
                                let instead = instead(other, &["terms", "exclude"]);
                                let message = format!("{}: unknown key {other:?}; {instead}", key.text);
                                return Err(Wrong::unknown(part.line, message));
                            }
                        };
                        value.strings(&of(&part.text), strings, places)?;
                    }
                }
                _ => value.strings(&of("terms"), &mut concept.terms, &mut lines.terms)?,
            }
            self.dictionary.concepts.push(concept);
            self.concepts.push(lines);
        }
        Ok(())
    }

    /// Adds strings that are excluded from every concept.
    pub(crate) fn add_exclude(&mut self, tree: &Tree) -> Result<(), Wrong> {
        tree.strings("exclude", &mut self.dictionary.exclude, &mut self.exclude)
    }

    fn line_of(&self, error: &DictionaryError) -> Option<usize> {
        let Some(lines) = error.concept.map(|nth| self.concepts.get(nth)) else {
            return error.string.and_then(|(_, nth)| *self.exclude.get(nth)?);
        };
        let lines = lines?;
        match error.string {
            Some((ConceptList::Terms, nth)) => *lines.terms.get(nth)?,
            Some((ConceptList::Exclude, nth)) => *lines.exclude.get(nth)?,
            None => lines.name,
        }
    }
}

impl Wrong {
    fn in_file(&self, path: &Path) -> anyhow::Error {
        let path = path.display();
        match self.line {
            Some(line) => anyhow::anyhow!("{path}:{line}: {}", self.message),
            None => anyhow::anyhow!("{path}: {}", self.message),
        }
    }

    /// Something wrong on a line.
    pub(crate) fn at(line: Option<usize>, message: impl Display) -> Self {
        Self {
            line,
            is_unknown_key: false,
            message: message.to_string(),
        }
    }

    fn unknown(line: Option<usize>, message: impl Display) -> Self {
        Self {
            is_unknown_key: true,
            ..Self::at(line, message)
        }
    }
}

#[cfg(test)]
mod tests;
