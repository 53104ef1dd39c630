//! YAML, as far as dictionaries need it: one document of names, lists and texts. What is not in quotes is a text as well, as it
//! is written, so that 5G, 12345 and 007 are terms. Words that other readers of YAML take for true or false (no, on …) need
//! quotes, so that a file says the same to all of them; anchors and tags have no place here.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::tree::{Key, Tree, Value, Wrong};

/// A dictionary is no deeper.
const MAX_DEPTH: usize = 8;

/// Reads a document.
pub(super) fn tree(text: &str) -> Result<Tree, Wrong> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            Wrong::at(
                Some(error.marker().line()),
                format!("this is no YAML: {}", error.info()),
            )
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.root.unwrap_or(Tree {
        line: None,
        value: Value::Map(Vec::new()),
    }))
}

/// Lists and maps that are open, the innermost last.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Tree>,
}

struct Open {
    tree: Tree,
    /// The name whose value comes next.
    key: Option<Key>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Wrong> {
        let line = Some(span.start.line());
        let begin = |value| Tree { line, value };
        match event {
            Event::Alias(_) => Err(Wrong::at(
                line,
                "* and & of YAML have no place here; write the text out",
            )),
            Event::Scalar(text, style, anchor, tag) => {
                plain(line, anchor, tag.is_some())?;
                self.add(begin(match style {
                    ScalarStyle::Plain => unquoted(text.into_owned()),
                    _ => Value::Text(text.into_owned()),
                }))
            }
            Event::SequenceStart(anchor, tag) => {
                plain(line, anchor, tag.is_some())?;
                self.open(begin(Value::List(Vec::new())))
            }
            Event::MappingStart(anchor, tag) => {
                plain(line, anchor, tag.is_some())?;
                self.open(begin(Value::Map(Vec::new())))
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.add(open.tree),
                None => Ok(()),
            },
            Event::DocumentStart(_) if self.root.is_some() => Err(Wrong::at(
                line,
                "a second document begins here; a dictionary is one",
            )),
            _ => Ok(()),
        }
    }

    fn open(&mut self, tree: Tree) -> Result<(), Wrong> {
        if self.open.len() == MAX_DEPTH {
            return Err(Wrong::at(
                tree.line,
                "lists and names lie too deep inside each other",
            ));
        }
        if let Some(Open {
            tree: Tree {
                value: Value::Map(_), ..
            },
            key: None,
        }) = self.open.last()
        {
            return Err(not_a_name(tree.line));
        }
        self.open.push(Open { tree, key: None });
        Ok(())
    }

    fn add(&mut self, tree: Tree) -> Result<(), Wrong> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(tree);
            return Ok(());
        };
        match &mut open.tree.value {
            Value::List(list) => list.push(tree),
            Value::Map(entries) => match (open.key.take(), tree.value) {
                (Some(key), value) => entries.push((
                    key,
                    Tree {
                        line: tree.line,
                        value,
                    },
                )),
                (None, Value::Text(text)) => {
                    open.key = Some(Key {
                        line: tree.line,
                        text,
                    });
                }
                (None, Value::Bool(word)) => {
                    return Err(Wrong::at(
                        tree.line,
                        format!("the name {word} is true or false to YAML; write it in quotes"),
                    ));
                }
                (None, _) => return Err(not_a_name(tree.line)),
            },
            _ => {}
        }
        Ok(())
    }
}

/// What is not in quotes: a text, unless YAML has another use for the word.
fn unquoted(text: String) -> Value {
    // YAML 1.1, which most readers keep to, knows these words in lower case, capitals, and with one capital.
    let lower = text.to_ascii_lowercase();
    let is_cased = text == lower || text == text.to_ascii_uppercase() || {
        let mut chars = text.chars();
        chars.next().is_some_and(|first| first.is_ascii_uppercase())
            && !chars.as_str().contains(|c: char| c.is_ascii_uppercase())
    };
    match lower.as_str() {
        "" | "~" => Value::Null,
        "null" if is_cased => Value::Null,
        "true" | "false" | "yes" | "no" | "on" | "off" if is_cased => Value::Bool(text),
        _ => Value::Text(text),
    }
}

fn not_a_name(line: Option<usize>) -> Wrong {
    Wrong::at(line, "a name is missing; write it before the colon")
}

fn plain(line: Option<usize>, anchor: usize, has_tag: bool) -> Result<(), Wrong> {
    match anchor > 0 || has_tag {
        true => Err(Wrong::at(
            line,
            "& and ! of YAML have no place here; put the text in quotes",
        )),
        false => Ok(()),
    }
}
