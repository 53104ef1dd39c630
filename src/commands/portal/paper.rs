//! Lines for a terminal of 80 columns, in which a Han character takes two.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a line.
const WIDTH: usize = 80;

/// Writes lines that fit.
pub(super) struct Paper<'w> {
    out: &'w mut dyn Write,
}

impl<'w> Paper<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out }
    }

    /// One line as it is, whatever its length: addresses stay whole.
    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// A label and, `label_width` columns behind its start, a text that is broken to fit below itself.
    pub(super) fn entry(
        &mut self,
        indent: usize,
        label: &str,
        label_width: usize,
        text: &str,
    ) -> io::Result<()> {
        let left = indent + label_width;
        let label = format!("{:indent$}{}", "", padded(label, label_width));
        let mut lines = broken(text, WIDTH.saturating_sub(left).max(20)).into_iter();
        self.line(&format!("{label}{}", lines.next().unwrap_or_default()))?;
        lines.try_for_each(|line| self.line(&format!("{:left$}{line}", "")))
    }
}

/// A text filled up with spaces to a width in columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Breaks a text into lines of at most `width` columns: at spaces, and between Han characters. A longer word, such as
/// an address, stays whole on a line of its own.
pub(super) fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if line.width() + piece.trim_end().width() > width && !line.is_empty() {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The parts between which a line may end: words with the spaces behind them, single wide characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, c) in text.char_indices() {
        let may_break = match before {
            None => false,
            Some(' ') => c != ' ',
            // Closing marks stay with what they close.
            Some(last) => {
                !"，。、；：？！）》”’】〕".contains(c) && (is_wide(last) || is_wide(c)) && c != ' '
            }
        };
        if may_break {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces_and_between_han_characters() {
        assert_eq!(broken("one two three", 8), ["one two", "three"]);
        assert_eq!(
            broken("法治政府建设年度报告", 8),
            ["法治政府", "建设年度", "报告"]
        );
        assert_eq!(broken("见《条例》，略", 10), ["见《条", "例》，略"]);
        assert_eq!(
            broken("at https://www.example.gov.cn/a now", 10),
            ["at", "https://www.example.gov.cn/a", "now"]
        );
        assert_eq!(broken("", 10), [""]);
    }

    #[test]
    fn labels_are_padded_by_the_columns_they_take() {
        assert_eq!(padded("公报", 6), "公报  ");
        assert_eq!(padded("longer", 3), "longer");
    }
}
