//! What a text says it is about: its year and its region.
//!
//! A county's reports of two years, or those of two counties, can be alike word for word but for the names and the
//! numbers. They are different reports all the same, and no likeness of their texts makes them duplicates.

use report::{Content, RegionCode, YearBasis, divisions, fold};

/// Evidence that comes from the text and what belongs to it. The rest comes from the site, and one text can be on
/// many sites, or was given with an import: versions of one law are filed under their years, and say nothing of them.
const OF_THE_TEXT: [&str; 5] = ["title", "body", "issuer", "document_number", "index_number"];
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
        let title = content.title.as_deref().map(fold).unwrap_or_default();
        // A law names the year it was changed in, an annual report the year it is about.
        let year = match content.year_basis {
            Some(YearBasis::Title) => content.year,
            Some(YearBasis::Body | YearBasis::Heading) if content.genre.is_annual() => content.year,
            _ => year_in(&title),
        };
        let is_stated = |code: RegionCode| {
            let mut evidence = content.region_evidence.iter();
            let name = content.region_name.as_deref().map(fold).unwrap_or_default();
            evidence.any(|e| e.code == code && OF_THE_TEXT.contains(&e.signal.as_str()))
                || !name.is_empty() && title.contains(&name)
        };
        let today = |code: RegionCode| divisions().today(code).first().copied().unwrap_or(code);
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

/// The year that a folded title names first, as in 2020年; not that of a revision, as in 2018年修正.
fn year_in(title: &str) -> Option<i32> {
    let mut years = title.match_indices('年').filter_map(|(at, sign)| {
        let (rest, digits) = title.as_bytes()[..at].split_last_chunk::<4>()?;
        let is_alone = !rest.last().is_some_and(u8::is_ascii_digit);
        let is_of_revision = title[at + sign.len()..].starts_with(['修', '第']);
        let year = std::str::from_utf8(digits).ok()?.parse().ok()?;
        (is_alone && !is_of_revision && (1900..2100).contains(&year)).then_some(year)
    });
    years.next()
}

#[cfg(test)]
mod tests {
    use report::{Evidence, Genre};

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
            year_basis: year.map(|_| YearBasis::Body),
            genre: Genre::WorkReport,
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
        let old = Subject::of(&content(None, Some("510132"), "title"));
        assert_eq!(old, Subject::of(&content(None, Some("510118"), "body")));
    }

    #[test]
    fn what_was_added_is_not_said_by_the_text() {
        for (basis, signal) in [(YearBasis::Published, "host"), (YearBasis::Given, "given")] {
            let mut content = Content {
                year_basis: Some(basis),
                region_name: Some("常宁市".into()),
                ..content(Some(2020), Some("430482"), signal)
            };
            assert_eq!(Subject::of(&content), Subject::default());
            content.title = Some("常宁市 ２０２１年法治政府建设报告".into());
            let said = Subject {
                year: Some(2021),
                region: Some(430482),
            };
            assert_eq!(Subject::of(&content), said);
        }
    }

    #[test]
    fn the_text_of_a_law_names_the_years_of_its_versions() {
        let law = |basis| Content {
            genre: Genre::Other,
            year_basis: Some(basis),
            ..content(Some(2021), None, "title")
        };
        assert_eq!(Subject::of(&law(YearBasis::Body)), Subject::default());
        assert_eq!(Subject::of(&law(YearBasis::Title)).year, Some(2021));
    }

    #[test]
    fn a_title_names_its_year() {
        assert_eq!(year_in("常宁市2020年度报告(2021年印发)"), Some(2020));
        assert_eq!(year_in("12020年、3年、零二零年、20000年"), None);
        assert_eq!(year_in("年报2019"), None);
        assert_eq!(year_in("1999年"), Some(1999));
        assert_eq!(year_in("计量法实施细则(2018年修正)"), None);
    }
}
