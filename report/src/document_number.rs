//! Document numbers (发文字号), e.g. `海政办发〔2023〕34号`.

/// A document number in canonical form: issuer's abbreviation, year in 〔〕, number, 号.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentNumber {
    prefix: String,
    year: u16,
    number: u32,
}

impl DocumentNumber {
    /// Reads a string that is one document number and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let _ = text;
        todo!()
    }

    /// Finds all document numbers in running text, with their byte ranges.
    pub fn find_all(text: &str) -> Vec<(std::ops::Range<usize>, Self)> {
        let _ = text;
        todo!()
    }
}
