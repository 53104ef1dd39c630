//! Paragraphs of a text, with their places.

/// One paragraph of a text, without the `\n` that ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paragraph<'a> {
    /// The paragraph.
    pub text: &'a str,
    /// Its first byte in the whole text.
    pub byte: usize,
    /// Its first Unicode character in the whole text.
    pub char: usize,
    /// Its number of Unicode characters.
    pub chars: usize,
}

/// Walks over the paragraphs of `text`, the empty ones included. They end at `\n` and nowhere else; a `\n` at the
/// very end opens no further paragraph.
pub fn paragraphs(text: &str) -> impl Iterator<Item = Paragraph<'_>> {
    let (mut byte, mut char) = (0, 0);
    text.split_inclusive('\n').map(move |line| {
        let n_chars = line.chars().count();
        let (text, chars) = line
            .strip_suffix('\n')
            .map_or((line, n_chars), |text| (text, n_chars - 1));
        let paragraph = Paragraph {
            text,
            byte,
            char,
            chars,
        };
        byte += line.len();
        char += n_chars;
        paragraph
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_bytes_and_characters() {
        let text = "常宁市\n\n\r二、a\n";
        let found: Vec<_> = paragraphs(text)
            .map(|p| (p.text, p.byte, p.char, p.chars))
            .collect();
        assert_eq!(
            found,
            [("常宁市", 0, 0, 3), ("", 10, 4, 0), ("\r二、a", 11, 5, 4)]
        );
        assert_eq!(paragraphs("").count(), 0);
        assert_eq!(paragraphs("\n").count(), 1);
    }
}
