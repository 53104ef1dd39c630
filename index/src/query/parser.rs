//! From tokens to a tree. Recursion goes no deeper than the limit on brackets.

use report::Folded;

use super::{
    BareTerm, Field, FieldTest, MAX_NESTING, MAX_TERMS, Node, Text, Wrong,
    lexer::{self, Kind, Token},
};
use crate::words::Piece;

/// Reads a query that is not empty. Beside the tree, the pieces of all bare terms in the order in which they stand in the
/// query, which the tree does not tell.
pub(super) fn parse(q: &str) -> Result<(Node, Vec<Piece>), Wrong> {
    let end = q.chars().count();
    let mut parser = Parser {
        tokens: lexer::tokens(q)?.into_iter().peekable(),
        end,
        n_terms: 0,
        pieces: Vec::new(),
    };
    let root = parser.or(0)?;
    match parser.tokens.next() {
        None => Ok((root, parser.pieces)),
        // `or` stops at a closing bracket only.
        Some(token) => Err(Wrong::at(
            token.position,
            "this ) closes nothing",
            "leave it out, or write ( before",
        )),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    /// Characters of the query.
    end: usize,
    n_terms: usize,
    /// What the bare terms were cut into.
    pieces: Vec<Piece>,
}

impl Parser {
    fn or(&mut self, depth: usize) -> Result<Node, Wrong> {
        let mut nodes = vec![self.and(depth)?];
        while self.tokens.next_if(|token| token.kind == Kind::Or).is_some() {
            nodes.push(self.and(depth)?);
        }
        Ok(flat(nodes, Node::Or, |node| match node {
            Node::Or(nodes) => Ok(nodes),
            other => Err(other),
        }))
    }

    fn and(&mut self, depth: usize) -> Result<Node, Wrong> {
        let position = self.position();
        let mut nodes = self.run(depth)?;
        while self.tokens.next_if(|token| token.kind == Kind::And).is_some() {
            nodes.extend(self.run(depth)?);
        }
        if nodes.iter().all(is_left_out) {
            return Err(nothing_left(position));
        }
        Ok(flat(nodes, Node::And, |node| match node {
            Node::And(nodes) => Ok(nodes),
            other => Err(other),
        }))
    }

    /// What stands side by side: its bare terms together, then everything else in order.
    fn run(&mut self, depth: usize) -> Result<Vec<Node>, Wrong> {
        let start = self.position();
        let mut bare = Vec::new();
        let mut others = Vec::new();
        loop {
            match self.tokens.peek().map(|token| &token.kind) {
                None | Some(Kind::Close | Kind::And | Kind::Or) => break,
                Some(Kind::Bare(_)) => {
                    let term = self.bare()?;
                    self.refuse_near(Some(&term.raw))?;
                    bare.push(term);
                }
                Some(_) => match self.unary(depth)? {
                    // Brackets around nothing but bare terms change nothing.
                    Node::Bare(terms) => bare.extend(terms),
                    node => others.push(node),
                },
            }
        }
        if bare.is_empty() && others.is_empty() {
            return Err(self.missing(start));
        }
        if !bare.is_empty() {
            others.insert(0, Node::Bare(bare));
        }
        Ok(others)
    }

    /// An item with any number of `NOT` before it.
    fn unary(&mut self, depth: usize) -> Result<Node, Wrong> {
        let mut negated = false;
        while self.tokens.next_if(|token| token.kind == Kind::Not).is_some() {
            negated = !negated;
        }
        let node = self.item(depth)?;
        Ok(match node {
            node if !negated => node,
            Node::Not(inner) => *inner,
            node => Node::Not(Box::new(node)),
        })
    }

    fn item(&mut self, depth: usize) -> Result<Node, Wrong> {
        let position = self.position();
        if let Some(Kind::Bare(_)) = self.tokens.peek().map(|token| &token.kind) {
            let term = self.bare()?;
            self.refuse_near(Some(&term.raw))?;
            let node = Node::Bare(vec![term]);
            return if is_left_out(&node) {
                Err(nothing_left(position))
            } else {
                Ok(node)
            };
        }
        match self.tokens.next().map(|token| token.kind) {
            Some(Kind::Quoted(raw)) => self.string_or_near(&raw, position),
            Some(Kind::Field {
                name,
                value,
                value_position,
            }) => {
                self.count(position)?;
                let test = FieldTest::read(name, &value, value_position)?;
                self.refuse_near(None)?;
                Ok(Node::Field(Field {
                    name,
                    raw: value,
                    test,
                }))
            }
            Some(Kind::Open) if depth == MAX_NESTING => Err(Wrong::at(
                position,
                format!("more than {MAX_NESTING} brackets inside each other"),
                "leave out brackets that are not needed",
            )),
            Some(Kind::Open) => {
                let node = self.or(depth + 1)?;
                if self.tokens.next_if(|token| token.kind == Kind::Close).is_none() {
                    return Err(Wrong::at(
                        position,
                        "this ( is not closed",
                        "write ) where the group ends",
                    ));
                }
                self.refuse_near(None)?;
                Ok(node)
            }
            Some(Kind::Near(_)) => Err(near_needs_strings(position, EXAMPLE.to_owned())),
            _ => Err(self.missing(position)),
        }
    }

    /// A string, or two with `NEAR` between them.
    fn string_or_near(&mut self, raw: &str, position: usize) -> Result<Node, Wrong> {
        self.count(position)?;
        let left = Text::new(raw, position)?;
        let Some(Kind::Near(distance)) = self.tokens.peek().map(|token| token.kind.clone()) else {
            return Ok(Node::Exact(left));
        };
        let near_position = self.position();
        self.tokens.next();
        let position = self.position();
        let raw = match self.tokens.next().map(|token| token.kind) {
            Some(Kind::Quoted(raw)) => raw,
            Some(Kind::Bare(raw)) => {
                let right = Text::new(&raw, position)?;
                return Err(near_needs_strings(
                    near_position,
                    format!("{left} NEAR/{distance} {right}"),
                ));
            }
            _ => {
                return Err(near_needs_strings(
                    near_position,
                    format!("{left} NEAR/{distance} \"乙\""),
                ));
            }
        };
        self.count(position)?;
        let right = Text::new(&raw, position)?;
        if let Some(Kind::Near(further)) = self.tokens.peek().map(|token| token.kind.clone()) {
            let position = self.position();
            return Err(Wrong::at(
                position,
                "NEAR stands between two strings, not three",
                format!("write {left} NEAR/{distance} {right} AND {right} NEAR/{further} \"…\""),
            ));
        }
        Ok(Node::Near {
            left,
            right,
            distance,
        })
    }

    /// Takes the bare term that comes next.
    fn bare(&mut self) -> Result<BareTerm, Wrong> {
        let position = self.position();
        let Some(Token {
            kind: Kind::Bare(raw),
            ..
        }) = self.tokens.next()
        else {
            return Err(self.missing(position));
        };
        let term = BareTerm::new(raw);
        let mut end = 0;
        for piece in &term.pieces {
            let start = end;
            end += piece.text.len();
            if piece.ignored {
                continue;
            }
            if self.n_terms == MAX_TERMS {
                let before = Folded::new(&term.raw).original_chars(start..end).start;
                return self.count(position + before).map(|()| term);
            }
            self.count(position)?;
        }
        self.pieces.extend(term.pieces.iter().cloned());
        Ok(term)
    }

    /// `NEAR` stands between two strings and nowhere else; `left` is the term before it.
    fn refuse_near(&mut self, left: Option<&str>) -> Result<(), Wrong> {
        let Some(Kind::Near(distance)) = self.tokens.peek().map(|token| token.kind.clone()) else {
            return Ok(());
        };
        let position = self.position();
        self.tokens.next();
        let right = match self.tokens.next().map(|token| token.kind) {
            Some(Kind::Bare(raw) | Kind::Quoted(raw)) => Text::new(&raw, position).ok(),
            _ => None,
        };
        let left = left.and_then(|left| Text::new(left, position).ok());
        let example = match (left, right) {
            (Some(left), Some(right)) => format!("{left} NEAR/{distance} {right}"),
            _ => EXAMPLE.to_owned(),
        };
        Err(near_needs_strings(position, example))
    }

    fn count(&mut self, position: usize) -> Result<(), Wrong> {
        self.n_terms += 1;
        if self.n_terms > MAX_TERMS {
            return Err(Wrong::at(
                position,
                format!("the query has more than {MAX_TERMS} terms"),
                "ask for fewer words, or put what belongs together in quotes",
            ));
        }
        Ok(())
    }

    /// Where the next token stands.
    fn position(&mut self) -> usize {
        self.tokens.peek().map_or(self.end, |token| token.position)
    }

    /// Something had to stand at `position`.
    fn missing(&mut self, position: usize) -> Wrong {
        let (message, hint) = match self.tokens.peek().map(|token| &token.kind) {
            Some(Kind::Close) => (
                "there is nothing before this )",
                "write a term, or leave the brackets out",
            ),
            Some(Kind::And | Kind::Or) => (
                "a term is missing before this operator",
                "write one, or put the operator in quotes to search the word",
            ),
            _ => (
                "the query ends where a term is missing",
                "write a term, or leave out the operator before it",
            ),
        };
        Wrong::at(position, message, hint)
    }
}

/// How `NEAR` is written.
const EXAMPLE: &str = "\"甲\" NEAR/20 \"乙\"";

/// Whether nothing of a node is searched; beside something else that is no fault.
fn is_left_out(node: &Node) -> bool {
    match node {
        Node::Bare(terms) => terms.iter().all(|term| term.words().next().is_none()),
        _ => false,
    }
}

fn nothing_left(position: usize) -> Wrong {
    Wrong::at(
        position,
        "nothing is left to search: punctuation and words such as 的 are not searched as words",
        "put the characters in quotes to find them as they stand",
    )
}

fn near_needs_strings(position: usize, example: String) -> Wrong {
    Wrong::at(
        position,
        "NEAR stands between two strings in quotes",
        format!("write {example}"),
    )
}

/// Joins nodes, taking the parts of those that are of the same kind already.
fn flat(
    nodes: Vec<Node>,
    join: impl FnOnce(Vec<Node>) -> Node,
    open: impl Fn(Node) -> Result<Vec<Node>, Node>,
) -> Node {
    let mut flat = Vec::with_capacity(nodes.len());
    for node in nodes {
        match open(node) {
            Ok(nodes) => flat.extend(nodes),
            Err(node) => flat.push(node),
        }
    }
    match flat.len() {
        1 => flat.remove(0),
        _ => join(flat),
    }
}
