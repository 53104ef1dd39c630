//! Lines as the rest of the program knows them.

use super::MAX_TEXT_BYTES;

/// Lines without white space at their ends and without empty ones; tabs between the cells of a row stay. Control
/// characters, characters without width and private ones go; blanks of any kind become plain ones, several become one.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_TEXT_BYTES));
    for line in text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        let begin = out.len();
        let mut gap = false;
        for c in line.chars() {
            match c {
                // The cells of a row are apart, whatever stands around the tab.
                '\t' => {
                    gap = false;
                    out.push('\t');
                }
                _ if c.is_whitespace() => gap = true,
                _ if is_void(c) => {}
                _ => {
                    if gap && out.len() > begin && !out.ends_with('\t') {
                        out.push(' ');
                    }
                    gap = false;
                    out.push(c);
                }
            }
        }
        if out[begin..].chars().all(char::is_whitespace) {
            out.truncate(begin);
        } else {
            out.push('\n');
        }
        if out.len() > MAX_TEXT_BYTES {
            out.truncate(begin);
            break;
        }
    }
    out
}

/// Characters that show nothing: controls, marks of direction and order, and those of fonts' own (U+E000-U+F8FF).
fn is_void(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(
            c,
            '\u{feff}' | '\u{fffc}' | '\u{fffe}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_empty_ones_go() {
        let text = "\u{3000}\u{3000}一、 总体\u{a0}\u{a0}情况 \r\n\r\n\u{feff}\n甲\t 乙 \t\n\t\t\n 丙\u{b}丁";
        assert_eq!(tidy(text), "一、 总体 情况\n甲\t乙\t\n丙\n丁\n");
    }
}
