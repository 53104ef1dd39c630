//! What is different inside a paragraph that was rewritten.
//!
//! Han characters are compared one by one, letters and digits by whole runs, so that a figure or a year is replaced as a
//! whole. One character that two changes happen to leave standing between them is taken into the change: it is no help
//! to a reader.

use std::time::Instant;

use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};
use utoipa::ToSchema;

use super::Op;

/// A piece of a rewritten paragraph. `replace` does not occur: it is a `delete` and an `insert`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Segment {
    pub(crate) op: Op,
    pub(crate) text: String,
}

/// Bytes of two paragraphs up to which they are compared: their pieces take many times the room.
const MAX_BYTES: usize = 1 << 20;

/// Compares two paragraphs; `None` when they are too long, or the time is over before the least difference is found.
pub(super) fn compare(from: &str, to: &str, deadline: Instant) -> Option<Vec<Segment>> {
    if from.len() + to.len() > MAX_BYTES {
        return None;
    }
    let (old, new) = (tokens(from), tokens(to));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline));
    if Instant::now() >= deadline {
        return None;
    }
    let mut out = Pieces::default();
    let last = ops.len().saturating_sub(1);
    for (at, op) in ops.iter().enumerate() {
        match *op {
            DiffOp::Equal { old_index, len, .. } => {
                let same = &old[old_index..old_index + len];
                let is_between = at > 0 && at < last;
                if is_between && len == 1 && same[0].chars().count() == 1 {
                    out.delete(same);
                    out.insert(same);
                } else {
                    out.equal(same);
                }
            }
            DiffOp::Delete {
                old_index, old_len, ..
            } => out.delete(&old[old_index..old_index + old_len]),
            DiffOp::Insert {
                new_index, new_len, ..
            } => out.insert(&new[new_index..new_index + new_len]),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => {
                out.delete(&old[old_index..old_index + old_len]);
                out.insert(&new[new_index..new_index + new_len]);
            }
        }
    }
    Some(out.finish())
}

/// Runs of ASCII letters and digits (`2023`, `12.5`), and every other character by itself.
fn tokens(text: &str) -> Vec<&str> {
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_ascii_alphanumeric() {
            rest.find(|c| !joins(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, behind) = rest.split_at(end);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

/// Gathers pieces: what goes before what comes, until the next piece that stays.
#[derive(Default)]
struct Pieces {
    done: Vec<Segment>,
    gone: String,
    come: String,
}

impl Pieces {
    fn delete(&mut self, tokens: &[&str]) {
        self.gone.extend(tokens.iter().copied());
    }

    fn insert(&mut self, tokens: &[&str]) {
        self.come.extend(tokens.iter().copied());
    }

    fn equal(&mut self, tokens: &[&str]) {
        self.flush();
        self.done.push(Segment {
            op: Op::Equal,
            text: tokens.concat(),
        });
    }

    fn flush(&mut self) {
        for (op, text) in [(Op::Delete, &mut self.gone), (Op::Insert, &mut self.come)] {
            if !text.is_empty() {
                let text = std::mem::take(text);
                self.done.push(Segment { op, text });
            }
        }
    }

    fn finish(mut self) -> Vec<Segment> {
        self.flush();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn shown(from: &str, to: &str) -> String {
        let segments = compare(from, to, Instant::now() + Duration::from_secs(5)).unwrap();
        let shown = segments.iter().map(|Segment { op, text }| match op {
            Op::Delete => format!("[-{text}-]"),
            Op::Insert => format!("{{+{text}+}}"),
            _ => text.clone(),
        });
        shown.collect()
    }

    #[test]
    fn figures_are_replaced_whole() {
        assert_eq!(
            shown("办结案件1204件，增长3.5%。", "办结案件1294件，增长3.5%。"),
            "办结案件[-1204-]{+1294+}件，增长3.5%。"
        );
    }

    #[test]
    fn a_lone_character_between_changes_belongs_to_them() {
        assert_eq!(
            shown("推进甲的乙工作", "推进丙的丁工作"),
            "推进[-甲的乙-]{+丙的丁+}工作"
        );
        assert_eq!(shown("推进工作", "推进法治工作"), "推进{+法治+}工作");
        assert_eq!(shown("", "新"), "{+新+}");
    }

    #[test]
    fn tokens_give_the_text_back() {
        for text in ["", "a1.5%法治 2023年.x", "\u{1f600}é法"] {
            assert_eq!(tokens(text).concat(), text);
        }
        assert_eq!(tokens("增长3.5%。"), ["增", "长", "3.5", "%", "。"]);
    }
}
