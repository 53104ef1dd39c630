//! Fields of the query language and what their values ask for.

use jiff::civil::{Date, date};
use report::{Genre, RegionCode, Role, fold};

use super::Wrong;
use crate::{parse_region, request::choices};

choices! {
    /// A field that can be asked for by name.
    pub(crate) enum FieldName {
        /// The title.
        Title = "title",
        /// The issuing body.
        Issuer = "issuer",
        /// The document number.
        Docno = "docno",
        /// Document numbers that are cited.
        Cites = "cites",
        /// Site identification code, or host of an address.
        Site = "site",
        /// Name or code of the region.
        Region = "region",
        /// Name or code of the province.
        Province = "province",
        /// Name or code of the city.
        City = "city",
        /// Name or code of the county.
        County = "county",
        /// Kind of report.
        Genre = "genre",
        /// Report year.
        Year = "year",
        /// Day of publication.
        Published = "published",
        /// Id of the portal.
        Portal = "portal",
        /// Role of a section that the report has.
        Section = "section",
    }
}

impl FieldName {
    /// The field of this name, in capitals or not.
    pub(super) fn find(word: &str) -> Option<Self> {
        word.to_ascii_lowercase().parse().ok()
    }

    /// How a condition on it looks.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Title => "title:法治政府",
            Self::Issuer => "issuer:人民政府",
            Self::Docno => "docno:〔2023〕34号",
            Self::Cites => "cites:中办发〔2016〕71号",
            Self::Site => "site:4304820003 or site:example.gov.cn",
            Self::Region => "region:430482 or region:常宁市",
            Self::Province => "province:湖南省",
            Self::City => "city:衡阳市",
            Self::County => "county:常宁市",
            Self::Genre => "genre:work-report",
            Self::Year => "year:2023, year:2019..2023 or year:..2023",
            Self::Published => "published:2024-02-27, published:2024-02 or published:2023..2024-06-30",
            Self::Portal => "portal:changning",
            Self::Section => "section:problems",
        }
    }
}

/// What a field is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldTest {
    /// It contains this folded string.
    Contains(String),
    /// The report is about this division or one below it.
    Region(RegionCode),
    /// It is one of these kinds.
    Genres(Vec<Genre>),
    /// The report has a section of one of these roles.
    Roles(Vec<Role>),
    /// It lies in this range, both ends included.
    Years(Option<i32>, Option<i32>),
    /// It lies in this range, both ends included.
    Days(Option<Date>, Option<Date>),
}

impl FieldTest {
    /// Reads the value of a field, which stands at `position` of the query.
    pub(super) fn read(name: FieldName, value: &str, position: usize) -> Result<Self, Wrong> {
        let wrong = |message: String| Wrong::at(position, message, format!("write {}", name.example()));
        let folded = fold(value);
        if folded.is_empty() {
            return Err(wrong(format!("the value of {name} is empty")));
        }
        match name {
            FieldName::Region | FieldName::Province | FieldName::City | FieldName::County
                if folded.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                parse_region(&folded)
                    .map(Self::Region)
                    .map_err(|error| wrong(error.to_string()))
            }
            FieldName::Genre => {
                let genres = Genre::ALL.iter().copied();
                let genres: Vec<_> = genres
                    .filter(|genre| names([genre.code(), genre.label()], &folded))
                    .collect();
                let all: Vec<_> = Genre::ALL.iter().map(|genre| genre.code()).collect();
                if genres.is_empty() {
                    return Err(wrong(format!(
                        "no genre is called {value}; there are {}",
                        all.join(", ")
                    )));
                }
                Ok(Self::Genres(genres))
            }
            FieldName::Section => {
                let roles = Role::ALL.iter().copied();
                let roles: Vec<_> = roles
                    .filter(|role| names([role.code(), role.label()], &folded))
                    .collect();
                let all: Vec<_> = Role::ALL.iter().map(|role| role.code()).collect();
                if roles.is_empty() {
                    return Err(wrong(format!(
                        "no section role is called {value}; there are {}",
                        all.join(", ")
                    )));
                }
                Ok(Self::Roles(roles))
            }
            FieldName::Year => {
                let year = |text: &str| {
                    text.parse::<i32>()
                        .ok()
                        .filter(|_| is_year(text))
                        .map(|year| (year, year))
                };
                let (from, to) = range(&folded, year).map_err(wrong)?;
                Ok(Self::Years(from, to))
            }
            FieldName::Published => {
                let (from, to) = range(&folded, days).map_err(wrong)?;
                Ok(Self::Days(from, to))
            }
            _ => Ok(Self::Contains(folded)),
        }
    }
}

/// Whether one of the names of a value contains what was asked for.
fn names(names: [&str; 2], folded: &str) -> bool {
    names.into_iter().any(|name| fold(name).contains(folded))
}

/// Reads `a`, `a..b`, `a..` or `..b`, each end standing for a first and a last value.
fn range<T: PartialOrd + Copy>(
    text: &str,
    read: impl Fn(&str) -> Option<(T, T)>,
) -> Result<(Option<T>, Option<T>), String> {
    let end = |text: &str| match text {
        "" => Ok(None),
        _ => read(text)
            .map(Some)
            .ok_or_else(|| format!("cannot read {text:?}")),
    };
    let (from, to) = match text.split_once("..") {
        Some((from, to)) => (end(from)?, end(to)?),
        None => (end(text)?, end(text)?),
    };
    let (from, to) = (from.map(|(first, _)| first), to.map(|(_, last)| last));
    match (from, to) {
        (None, None) => Err("a range needs one end at least".into()),
        (Some(from), Some(to)) if from > to => Err("the range ends before it begins".into()),
        ends => Ok(ends),
    }
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// First and last day of `2024`, `2024-02` or `2024-02-27`.
fn days(text: &str) -> Option<(Date, Date)> {
    let mut parts = text.splitn(3, '-').map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| digits && part.len() <= 4)
    });
    let year = parts
        .next()?
        .filter(|_| text.find('-').unwrap_or(text.len()) == 4)?;
    let month = parts.next();
    let day = parts.next();
    match (month, day) {
        (None, _) => Some((date(year, 1, 1), date(year, 12, 31))),
        (Some(month), None) => {
            let first = Date::new(year, i8::try_from(month?).ok()?, 1).ok()?;
            Some((first, first.last_of_month()))
        }
        (Some(month), Some(day)) => {
            let day = Date::new(year, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?).ok()?;
            Some((day, day))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: FieldName, value: &str) -> Result<FieldTest, Wrong> {
        FieldTest::read(name, value, 0)
    }

    #[test]
    fn ranges_have_one_end_or_two() {
        let years = |text| match read(FieldName::Year, text) {
            Ok(FieldTest::Years(from, to)) => Some((from, to)),
            _ => None,
        };
        assert_eq!(years("2020"), Some((Some(2020), Some(2020))));
        assert_eq!(years("2019..2023"), Some((Some(2019), Some(2023))));
        assert_eq!(years("..2023"), Some((None, Some(2023))));
        assert_eq!(years("２０１９.."), Some((Some(2019), None)));
        for wrong in [
            "..",
            "202",
            "20200",
            "2023..2019",
            "2019..2020..2021",
            "abcd",
            "2019-2020",
            "+202",
        ] {
            assert_eq!(years(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_months_and_years_are_ranges_of_days() {
        let days = |text| match read(FieldName::Published, text) {
            Ok(FieldTest::Days(from, to)) => Some((from, to)),
            _ => None,
        };
        let day = |y, m, d| Some(date(y, m, d));
        assert_eq!(days("2024-02-27"), Some((day(2024, 2, 27), day(2024, 2, 27))));
        assert_eq!(days("2024-02"), Some((day(2024, 2, 1), day(2024, 2, 29))));
        assert_eq!(days("2023..2024-06"), Some((day(2023, 1, 1), day(2024, 6, 30))));
        assert_eq!(days("..2024"), Some((None, day(2024, 12, 31))));
        for wrong in [
            "2024-13",
            "2024-02-30",
            "24-02-01",
            "2024-02-01-05",
            "2024-",
            "--",
            "99999",
            "2024/02/01",
        ] {
            assert_eq!(days(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_of_closed_lists_go_by_code_or_label() {
        assert_eq!(
            read(FieldName::Genre, "Work-Report"),
            Ok(FieldTest::Genres(vec![Genre::WorkReport]))
        );
        assert_eq!(
            read(FieldName::Genre, "统计公报"),
            Ok(FieldTest::Genres(vec![Genre::StatisticalBulletin]))
        );
        assert_eq!(
            read(FieldName::Section, "problems"),
            Ok(FieldTest::Roles(vec![Role::Problems]))
        );
        assert!(
            read(FieldName::Genre, "poem")
                .unwrap_err()
                .message
                .contains("work-report")
        );
        assert!(read(FieldName::Section, "problem area").is_err());
    }

    #[test]
    fn regions_go_by_code_or_name() {
        let code = |text: &str| FieldTest::Region(text.parse().unwrap());
        assert_eq!(read(FieldName::Region, "430482"), Ok(code("430482")));
        assert_eq!(read(FieldName::Province, "43"), Ok(code("430000")));
        assert_eq!(
            read(FieldName::Region, "常宁"),
            Ok(FieldTest::Contains("常宁".into()))
        );
        assert!(read(FieldName::Region, "999999").is_err());
        assert!(read(FieldName::Title, "\u{200b}").is_err());
    }
}
