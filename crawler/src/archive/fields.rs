//! Named fields: WARC headers, and the `application/warc-fields` of metadata records.

/// Names and values in the order they were written; a name may occur several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Adds a field at the end.
    pub(crate) fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// The first value of a name, whatever its case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a name, whatever its case.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Writes `Name: value` lines. Values must not hold line breaks; see [`escape`].
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for (name, value) in &self.0 {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }

    /// Reads `Name: value` lines until the text ends. Lines that begin with white space continue the value before
    /// them (WARC 1.0 allowed that); what has no colon is passed over.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut fields = Self::default();
        for line in text.split(|&byte| byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = fields.0.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push(name.trim(), value.trim());
            }
        }
        fields
    }
}

/// Makes any text fit for a field: control characters, `%` and white space at the ends become percent-escapes of
/// their UTF-8 bytes. [`unescape`] gives the text back.
pub(crate) fn escape(text: &str) -> String {
    let inner = text.trim().len();
    let start = text.len() - text.trim_start().len();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let at_the_ends = inner == 0 || at < start || at >= start + inner;
        if c == '%' || c.is_control() || (at_the_ends && c.is_whitespace()) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Undoes [`escape`].
pub(crate) fn unescape(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_survives_a_field(text in any::<String>()) {
            let mut fields = Fields::default();
            fields.push("list-title", escape(&text));
            let mut out = Vec::new();
            fields.write(&mut out);
            prop_assert_eq!(unescape(Fields::parse(&out).get("List-Title").unwrap()), text);
        }
    }

    #[test]
    fn folded_lines_and_bare_line_feeds_are_read() {
        let fields = Fields::parse(b"WARC-Type: response\nX: a\r\n  b\nnonsense\nx: c");
        assert_eq!(fields.get("warc-type"), Some("response"));
        assert_eq!(fields.all("X").collect::<Vec<_>>(), ["a b", "c"]);
    }
}
