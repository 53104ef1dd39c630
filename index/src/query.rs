//! The query language: from text to a tree, and back.
//!
//! ```text
//! or    = and ("OR" and)*
//! and   = run ("AND" run)*
//! run   = unary+                          side by side means AND
//! unary = ("NOT" | "-")* item
//! item  = bare | string | near | field:value | "(" or ")"
//! near  = string "NEAR/n" string
//! ```
//!
//! Bare terms that stand in one run belong together, wherever other items stand between them: they are what `words`
//! requires every word of, and `any` only one. The tree is kept flat (no AND in an AND, no double NOT), so that
//! [`Node`]'s `Display` writes every tree in exactly one way, and reading that gives the tree again.

mod display;
mod field;
mod lexer;
mod parser;
mod slips;
#[cfg(test)]
mod tests;

use crate::{
    Mode, SearchError,
    loose::{self, Loosened, Synonyms},
    response::QueryEcho,
    words::{self, Piece},
};

pub(crate) use field::{FieldName, FieldTest};

/// Most Unicode characters of a query.
pub const MAX_CHARS: usize = 2048;
/// Most terms: words, strings and fields.
pub const MAX_TERMS: usize = 256;
/// Most brackets inside each other.
pub const MAX_NESTING: usize = 32;
/// Greatest distance of `NEAR`.
pub(crate) const MAX_DISTANCE: u32 = 10_000;

/// A node of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// Every report.
    All,
    /// The bare terms of one run. They hold a word, unless the node is part of an `And`.
    Bare(Vec<BareTerm>),
    /// A string, as it stands.
    Exact(Text),
    /// Two strings with at most `distance` folded characters between them.
    Near { left: Text, right: Text, distance: u32 },
    /// A condition on one field.
    Field(Field),
    /// At least two, none of them an `And`.
    And(Vec<Self>),
    /// At least two, none of them an `Or`.
    Or(Vec<Self>),
    /// Never of a `Not`.
    Not(Box<Self>),
}

/// A bare term and the words it was cut into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BareTerm {
    pub(crate) raw: String,
    pub(crate) folded: String,
    pub(crate) pieces: Vec<Piece>,
}

/// A string to be found as it stands; what it folds to is not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) raw: String,
    pub(crate) folded: String,
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: FieldName,
    /// The value as it was written.
    pub(crate) raw: String,
    pub(crate) test: FieldTest,
}

/// A query that was read.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The query as it was written.
    pub(crate) root: Node,
    /// The query with what the mode adds.
    pub(crate) loosened: Option<Loosened>,
    pub(crate) mode: Mode,
    pub(crate) echo: QueryEcho,
}

/// A query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) position: usize,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Wrong {
    fn at(position: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            position,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl From<Wrong> for SearchError {
    fn from(
        Wrong {
            position,
            message,
            hint,
        }: Wrong,
    ) -> Self {
        Self::InvalidQuery {
            position,
            message,
            hint,
        }
    }
}

/// Reads a query.
pub(crate) fn read(q: &str, mode: Mode, synonyms: &Synonyms) -> Result<Query, Wrong> {
    // Counts no further than needed: what comes from outside may be long.
    if q.chars().nth(MAX_CHARS).is_some() {
        return Err(Wrong::at(
            MAX_CHARS,
            format!("the query has more than {MAX_CHARS} characters"),
            "shorten it, or ask several times",
        ));
    }
    let (root, pieces) = match mode {
        _ if q.trim().is_empty() && (q.is_empty() || mode != Mode::Exact) => (Node::All, Vec::new()),
        Mode::Exact => (Node::Exact(Text::new(q, 0)?), Vec::new()),
        Mode::Words | Mode::Any | Mode::Loose => parser::parse(q)?,
    };
    let mut echo = QueryEcho {
        q: q.to_owned(),
        mode,
        parsed: root.to_string(),
        ..QueryEcho::default()
    };
    for piece in pieces {
        let list = if piece.ignored {
            &mut echo.ignored
        } else {
            &mut echo.terms
        };
        list.push(piece.text);
    }
    let loosened = match mode {
        Mode::Loose => Some(loose::loosen(&root, synonyms)?),
        _ => None,
    };
    if let Some(loosened) = &loosened {
        echo.expanded.clone_from(&loosened.added);
        echo.synonyms = Some(synonyms.version().to_owned());
    }
    echo.suggestions = slips::suggestions(q, mode);
    Ok(Query {
        root,
        loosened,
        mode,
        echo,
    })
}

impl Query {
    /// What a report has to match.
    pub(crate) fn asked(&self) -> &Node {
        self.loosened
            .as_ref()
            .map_or(&self.root, |loosened| &loosened.root)
    }
}

impl Node {
    /// Calls `visit` for every leaf that a hit can match, which is those not below a `Not`. `required` tells
    /// whether every hit matches it.
    pub(crate) fn for_each_positive<'a>(&'a self, required: bool, visit: &mut dyn FnMut(&'a Self, bool)) {
        match self {
            Self::And(nodes) => nodes
                .iter()
                .for_each(|node| node.for_each_positive(required, visit)),
            Self::Or(nodes) => nodes.iter().for_each(|node| node.for_each_positive(false, visit)),
            Self::Not(_) => {}
            Self::All | Self::Bare(_) | Self::Exact(_) | Self::Near { .. } | Self::Field(_) => {
                visit(self, required)
            }
        }
    }
}

impl BareTerm {
    pub(crate) fn new(raw: String) -> Self {
        let folded = report::fold(&raw);
        let pieces = words::cut(&folded);
        Self { raw, folded, pieces }
    }

    /// The words that count.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.pieces
            .iter()
            .filter(|piece| !piece.ignored)
            .map(|piece| piece.text.as_str())
    }
}

impl Text {
    /// A string that stands at `position` of the query.
    fn new(raw: &str, position: usize) -> Result<Self, Wrong> {
        let folded = report::fold(raw);
        if folded.is_empty() {
            return Err(Wrong::at(
                position,
                "the string is empty, or nothing but spaces and invisible characters",
                "write at least one visible character",
            ));
        }
        Ok(Self {
            raw: raw.to_owned(),
            folded,
        })
    }
}
