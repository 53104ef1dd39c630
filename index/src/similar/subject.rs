//! What a text says it is about: its year and its region.
//!
//! A county's reports of two years, or those of two counties, can be alike word for word but for the names and the
//! numbers. They are different reports all the same, and no likeness of their texts makes them duplicates.

use report::{Content, RegionCode, YearBasis, divisions};

/// Evidence that comes from the text and what belongs to it. The rest comes from the site, and one text can be on
/// many sites.
const OF_THE_TEXT: [&str; 6] = [
    "title",
    "body",
    "issuer",
    "document_number",
    "index_number",
    "given",
];
/// Bits of a year in a packed subject.
const YEAR_BITS: u32 = 16;

/// Year and region as far as the text itself says them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Subject {
    year: Option<u16>,
    region: Option<u32>,
}

impl Subject {
    pub(crate) fn of(content: &Content) -> Self {
        let is_stated = |code: RegionCode| {
            let evidence = &content.region_evidence;
            let of_text = |signal: &str| OF_THE_TEXT.contains(&signal);
            evidence.is_empty() || evidence.iter().any(|e| e.code == code && of_text(&e.signal))
        };
        let today = |code: RegionCode| divisions().today(code).first().copied().unwrap_or(code);
        let is_of_text = content.year_basis != Some(YearBasis::Published);
        let year = content.year.filter(|_| is_of_text);
        Self {
            year: year
                .and_then(|year| u16::try_from(year).ok())
                .filter(|year| *year > 0),
            region: content
                .region_code
                .filter(|code| is_stated(*code))
                .map(|code| today(code).number()),
        }
    }

    /// Both in one, or `None` when they differ in what both say.
    pub(super) fn joined(self, other: Self) -> Option<Self> {
        fn join<T: PartialEq>(a: Option<T>, b: Option<T>) -> Option<Option<T>> {
            match (a, b) {
                (Some(a), Some(b)) => (a == b).then_some(Some(a)),
                (a, b) => Some(a.or(b)),
            }
        }
        Some(Self {
            year: join(self.year, other.year)?,
            region: join(self.region, other.region)?,
        })
    }

    /// One number for both.
    pub(crate) fn pack(self) -> u64 {
        u64::from(self.region.unwrap_or(0)) << YEAR_BITS | u64::from(self.year.unwrap_or(0))
    }

    /// Reads [`Self::pack`].
    pub(super) fn unpack(packed: u64) -> Self {
        let known = |number: u64| (number != 0).then_some(number);
        Self {
            year: known(packed & ((1 << YEAR_BITS) - 1)).map(|year| year as u16),
            region: known(packed >> YEAR_BITS).and_then(|region| u32::try_from(region).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use report::Evidence;

    use super::*;

    fn content(year: Option<i32>, region: Option<&str>, signal: &str) -> Content {
        let code = region.map(|code| code.parse::<RegionCode>().unwrap());
        let evidence = code.map(|code| Evidence {
            signal: signal.into(),
            value: String::new(),
            code,
            weight: 1.0,
        });
        Content {
            year,
            region_code: code,
            region_evidence: evidence.into_iter().collect(),
            ..Content::default()
        }
    }

    #[test]
    fn what_one_says_and_the_other_does_not_parts_nothing() {
        let subject = |year, region| Subject::of(&content(year, region, "title"));
        let (a, b) = (subject(Some(2020), None), subject(None, Some("430482")));
        let both = subject(Some(2020), Some("430482"));
        assert_eq!(a.joined(b), Some(both));
        assert_eq!(subject(Some(2021), None).joined(both), None);
        assert_eq!(both.joined(subject(None, Some("430400"))), None);
        assert_eq!(Subject::unpack(both.pack()), both);
        assert_eq!(Subject::unpack(Subject::default().pack()), Subject::default());
        assert_eq!(subject(Some(-5), None), Subject::default());
    }

    #[test]
    fn what_a_site_adds_is_not_said_by_the_text() {
        let published = Content {
            year_basis: Some(YearBasis::Published),
            ..content(Some(2020), Some("430482"), "host")
        };
        assert_eq!(Subject::of(&published), Subject::default());
        let old = Subject::of(&content(None, Some("510132"), "title"));
        assert_eq!(old, Subject::of(&content(None, Some("510118"), "given")));
    }
}
