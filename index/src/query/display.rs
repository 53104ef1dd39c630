//! A tree written in the query language. Reading it gives the same tree.

use std::fmt::{self, Display, Formatter, Write};

use super::{Field, Node, Text};

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Bare(terms) => {
                for (nth, term) in terms.iter().enumerate() {
                    if nth > 0 {
                        f.write_char(' ')?;
                    }
                    f.write_str(&term.raw)?;
                }
                Ok(())
            }
            Self::Exact(text) => text.fmt(f),
            Self::Near {
                left,
                right,
                distance,
            } => write!(f, "{left} NEAR/{distance} {right}"),
            Self::Field(field) => field.fmt(f),
            Self::And(nodes) => {
                for (nth, node) in nodes.iter().enumerate() {
                    // Bare terms go first in their run: others begin a new one.
                    match node {
                        _ if nth == 0 => {}
                        Self::Bare(_) => f.write_str(" AND ")?,
                        _ => f.write_char(' ')?,
                    }
                    match node {
                        Self::Or(_) => write!(f, "({node})")?,
                        _ => node.fmt(f)?,
                    }
                }
                Ok(())
            }
            Self::Or(nodes) => {
                for (nth, node) in nodes.iter().enumerate() {
                    if nth > 0 {
                        f.write_str(" OR ")?;
                    }
                    node.fmt(f)?;
                }
                Ok(())
            }
            Self::Not(node) => match &**node {
                Self::And(_) | Self::Or(_) => write!(f, "NOT ({node})"),
                Self::Bare(terms) if terms.len() > 1 => write!(f, "NOT ({node})"),
                _ => write!(f, "NOT {node}"),
            },
        }
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        quote(f, &self.raw)
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.name)?;
        let plain = |c: char| !c.is_whitespace() && !"()\"“”「」\\".contains(c);
        if self.raw.chars().all(plain) {
            f.write_str(&self.raw)
        } else {
            quote(f, &self.raw)
        }
    }
}

fn quote(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
