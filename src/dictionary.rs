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

pub(crate) use self::tree::{Tree, Value, Wrong, from_json, nearest};

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
        let has_concepts = entries
            .iter()
            .any(|(key, value)| key.text == "concepts" && matches!(value.value, Value::Map(_)));
        if !has_concepts {
            read.add_concepts(tree)?;
            return Ok(read);
        }
        for (key, value) in entries {
            match key.text.as_str() {
                "concepts" => read.add_concepts(value)?,
                "exclude" => read.add_exclude(value)?,
                other => {
                    let message = format!(
                        "unknown key {other:?}; {}",
                        nearest(other, &["concepts", "exclude"])
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
                    for (part, value) in parts {
                        let (strings, places) = match part.text.as_str() {
                            "terms" => (&mut concept.terms, &mut lines.terms),
                            "exclude" => (&mut concept.exclude, &mut lines.exclude),
                            other => {
                                let nearest = nearest(other, &["terms", "exclude"]);
                                let message = format!("{}: unknown key {other:?}; {nearest}", key.text);
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
mod tests {
    use super::*;

    fn read_named(name: &str, text: &str) -> Result<Dictionary, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let prefix = folder.path().display().to_string();
        read_file(&path).map_err(|error| error.to_string().replace(&format!("{prefix}/"), ""))
    }

    #[test]
    fn the_three_formats_say_the_same() {
        let yaml = read_named(
            "a.yaml",
            "# x\n环保: [环境保护, \"环 保\"]\n生态:\n  terms:\n    - 生态\n  exclude: [营商生态]\n数字: 5G\n",
        );
        let json = read_named(
            "a.json",
            r#"{"环保": ["环境保护", "环 保"], "生态": {"terms": ["生态"], "exclude": ["营商生态"]}, "数字": "5G"}"#,
        );
        let csv = read_named(
            "a.csv",
            "\u{feff}concept,term,exclude\r\n环保,环境保护,\r\n环保,环 保,\r\n生态,生态,营商生态\r\n数字,5G,\r\n",
        );
        let yaml = yaml.unwrap();
        assert_eq!(yaml.concepts.len(), 3);
        assert_eq!(json.unwrap(), yaml);
        assert_eq!(csv.unwrap(), yaml);
        let hashed = hash(&yaml);
        let general = read_named("b.yml", "exclude: [营商生态]\nconcepts:\n  环保: [环保]\n").unwrap();
        assert_eq!((general.exclude.len(), general.concepts.len()), (1, 1));
        assert_ne!(hash(&general), hashed);
    }

    #[test]
    fn a_format_is_told_by_its_looks() {
        for (text, format) in [
            ("环保: [a, b]", Format::Yaml),
            ("# concept, term\n环保: [a]", Format::Yaml),
            ("\n {\"环保\": [\"a\"]}", Format::Json),
            ("concept,term\n环保,a\n", Format::Csv),
            ("\"term\",\"concept\"\r\n", Format::Csv),
            ("", Format::Yaml),
        ] {
            assert_eq!(Format::of_text(text), format, "{text:?}");
        }
    }

    #[test]
    fn ready_dictionaries_can_be_read() {
        for (name, text) in EXAMPLES {
            let dictionary =
                read_named("a.yaml", example(name).unwrap()).unwrap_or_else(|error| panic!("{error}"));
            assert!(dictionary.notes().is_empty(), "{name}: {:?}", dictionary.notes());
            assert!(!text.is_empty());
        }
        assert!(example("colour").unwrap_err().to_string().contains("environment"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (name, text, told) in [
            ("a.yaml", "环保:\n  - 环保\n  - ' '\n", "a.yaml:3: term 2"),
            (
                "a.yaml",
                "环保: []\n",
                "a.yaml:1: the concept \"环保\" has no terms",
            ),
            (
                "a.yaml",
                "环保: [a]\n环保: [b]\n",
                "a.yaml:2: the concept \"环保\" stands twice",
            ),
            (
                "a.yaml",
                "环保:\n  term: [a]\n",
                "a.yaml:2: 环保: unknown key \"term\"; did you mean \"terms\"?",
            ),
            ("a.yaml", "环保: [a\n生态: [b]\n", "a.yaml:"),
            ("a.yaml", "- a\n", "a.yaml:1: this is a list"),
            ("a.yaml", "环保: [&x a, *x]\n", "a.yaml:1: "),
            ("a.yaml", "a: {terms: {b: [c]}}\n", "a.yaml:1: terms of \"a\""),
            ("a.yaml", "", "a.yaml: there is no concept"),
            ("a.yaml", "a: [b]\n---\nc: [d]\n", "a.yaml:2: "),
            ("a.json", "{\"环保\": [\"环保\",\n]}", "a.json:2: "),
            ("a.json", "{\"环保\": [\"环保\", 5]}", "write it in quotes"),
            ("a.json", "{\"环保\": [\"a\"], \"环保\": [\"b\"]}", "stands twice"),
            ("a.csv", "concept,word\na,b\n", "a.csv:1: unknown column \"word\""),
            ("a.csv", "concept,exclude\na,b\n", "a.csv:1: "),
            ("a.csv", "concept,term\n环保,环保\n环保,\n", "a.csv:3: "),
            (
                "a.csv",
                "concept,term\n环保,\"环\n保\u{3000}\"\n环保,\u{200b}\n",
                "a.csv:4: term 2",
            ),
            ("a.csv", "concept,term\n", "a.csv: there is no concept"),
            ("a.txt", "a", ".yaml"),
        ] {
            let error = read_named(name, text).unwrap_err();
            assert!(error.contains(told), "{text:?}: {error}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, b"concept,term\n\xbb\xb7\xb1\xa3,a\n").unwrap();
        assert!(
            read_file(&path)
                .unwrap_err()
                .to_string()
                .contains(":2: this is not UTF-8")
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        let deep = format!("a: {}{}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(read_named("a.yaml", &deep).is_err());
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(read_named("a.json", &deep).is_err());
    }
}
