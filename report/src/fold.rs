//! Folding: which strings count as the same.

/// Folds `text` by the rule of an exact match: NFKC, lower case, no white space or format characters, one form of
/// each bracket, quote, dash and zero.
pub fn fold(text: &str) -> String {
    let _ = text;
    todo!()
}

/// A folded text that knows where each of its characters came from.
#[derive(Clone, Debug)]
pub struct Folded {
    text: String,
    origin: Vec<u32>,
}

impl Folded {
    /// Folds `text`.
    pub fn new(text: &str) -> Self {
        let _ = text;
        todo!()
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Character range of the original text that a byte range of the folded text came from.
    ///
    /// # Panics
    /// When the range does not lie on character boundaries of the folded text.
    pub fn original_chars(&self, bytes: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let _ = (bytes, &self.origin);
        todo!()
    }
}

/// Number of Han characters (Unicode script Han) in `text`.
pub fn han_chars(text: &str) -> usize {
    let _ = text;
    todo!()
}
