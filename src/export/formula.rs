//! Texts of strangers that a spreadsheet would run.
//!
//! A cell that begins with `=` is a formula to Excel, LibreOffice and others, and so is one with `+`, `-`, `@`; white
//! space before it, and the wide forms `＝＋－＠`, do not always keep them from that. Tab and carriage return begin a cell of
//! their own where a file is taken apart by line, and so does what follows a line break inside a cell. Each of these
//! places gets a `'`, by which spreadsheets know a text.

use std::borrow::Cow;

/// The text with a `'` before each line that a spreadsheet could take for a formula.
pub(crate) fn defused(text: &str) -> Cow<'_, str> {
    // Of breaks only one before everything else begins a cell; further down it is the end of an empty line.
    let lines = || {
        let lines = text.split_inclusive(is_line_break).enumerate();
        lines.map(|(nth, line)| (line, is_formula(line) || (nth == 0 && line.starts_with('\r'))))
    };
    if !lines().any(|(_, is_formula)| is_formula) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (line, is_formula) in lines() {
        if is_formula {
            out.push('\'');
        }
        out.push_str(line);
    }
    Cow::Owned(out)
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a line begins like a formula, be it behind white space or characters that nobody sees.
fn is_formula(line: &str) -> bool {
    for c in line.chars() {
        match c {
            '=' | '+' | '-' | '@' | '\t' | '＝' | '＋' | '－' | '＠' => return true,
            // What other folds of width and sign would make of it.
            '﹢' | '﹣' | '﹦' | '﹫' | '−' => return true,
            _ if is_line_break(c) => return false,
            _ if c.is_whitespace() || c.is_control() || is_invisible(c) => {}
            _ => return false,
        }
    }
    false
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_begins_a_formula_is_made_a_text() {
        for bad in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\tx",
            "\rx",
            " =1",
            "\u{a0}=1",
            "\u{3000}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "\u{feff}=1",
            "\u{200b}@x",
            "\u{2066}=x",
            "\u{0}=1",
            "−2+3",
        ] {
            assert_eq!(defused(bad), format!("'{bad}"), "{bad:?}");
        }
        assert_eq!(defused("甲\n=1\n乙\n +2"), "甲\n'=1\n乙\n' +2");
        assert_eq!(defused("甲\r=1\r\n=2"), "甲\r'=1\r\n'=2");
        assert_eq!(defused("\r=1"), "'\r'=1");
        assert_eq!(defused("=1\r\n\r\n甲"), "'=1\r\n\r\n甲", "an empty line is none");
        assert_eq!(defused("\n=1"), "\n'=1");
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for good in [
            "",
            "2020年",
            "'=1",
            "a=b",
            "〔2020〕-1",
            "第一章\n第二章",
            "  甲",
            "\n\n",
        ] {
            assert!(
                matches!(defused(good), Cow::Borrowed(same) if same == good),
                "{good:?}"
            );
        }
    }
}
