//! Forms of a date that are believed only where a cell holds nothing else.

use jiff::{Timestamp, civil::Date};

use super::{date, scan::Scanner};
use crate::ChinaTime;

/// Years that a time stamp can mean; other numbers of 13 digits are no time.
const STAMPED: std::ops::RangeInclusive<i16> = 1990..=2100;

/// Milliseconds since 1970 (UTC), as lists in JSON have them: the day in China.
pub(super) fn milliseconds(text: &str) -> Option<Date> {
    const DIGITS: usize = 13;
    if text.len() != DIGITS && text.len() != DIGITS - 1 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let moment = Timestamp::from_millisecond(text.parse().ok()?).ok()?;
    Some(ChinaTime::from(moment).date()).filter(|date| STAMPED.contains(&date.year()))
}

/// Whether the time behind a date is midnight in China, written in UTC: `T16:00:00.000+0000`.
pub(super) fn is_midnight_in_utc(time: &str) -> bool {
    let Some(rest) = time.strip_prefix("T16:00:00") else {
        return false;
    };
    let rest = rest
        .strip_prefix('.')
        .map_or(rest, |rest| rest.trim_start_matches('0'));
    matches!(rest, "Z" | "+00:00" | "+0000" | "+00")
}

/// `98年3月5日`, `九八年三月五日`: years 49 to 99 are of the last century.
pub(super) fn short_year(text: &str) -> Option<Date> {
    let mut scan = Scanner::new(text, 0);
    let year = scan.short_year()?;
    scan.one_of("年")?;
    let month = scan.small_number()?;
    scan.one_of("月")?;
    let day = scan.small_number()?;
    scan.one_of("日号")?;
    let century = if year < 49 { 2000 } else { 1900 };
    date(century + year, month, day).filter(|_| scan.rest().trim().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::dates::{first, parse};

    fn read(text: &str) -> Option<String> {
        parse(text).map(|date| date.to_string())
    }

    #[test]
    fn time_stamps_are_days_in_china() {
        assert_eq!(read("1614009600000").as_deref(), Some("2021-02-23"));
        assert_eq!(read("1614009599999").as_deref(), Some("2021-02-22"));
        assert_eq!(read(" 946656000000 ").as_deref(), Some("2000-01-01"));
        for no_time in [
            "0000000000000",
            "9999999999999",
            "4304820000013",
            "161400960000012",
            "16140096",
        ] {
            assert_eq!(read(no_time), None, "{no_time}");
        }
        assert_eq!(first("编号1614009600000"), None);
        assert_eq!(
            read("2021-02-22T16:00:00.000+0000").as_deref(),
            Some("2021-02-23")
        );
        assert_eq!(read("2021-02-28T16:00:00Z").as_deref(), Some("2021-03-01"));
        assert_eq!(read("2021-02-22T16:00:00+08:00").as_deref(), Some("2021-02-22"));
        assert_eq!(read("2021-02-22T16:30:00Z").as_deref(), Some("2021-02-22"));
    }

    #[test]
    fn years_of_two_digits_stand_before_a_sign_and_alone() {
        assert_eq!(read("98年3月5日").as_deref(), Some("1998-03-05"));
        assert_eq!(read("21 年 2 月 22 日").as_deref(), Some("2021-02-22"));
        assert_eq!(read("（九八年三月五日）").as_deref(), Some("1998-03-05"));
        assert_eq!(read("〇三年十月一日").as_deref(), Some("2003-10-01"));
        for text in [
            "98-03-05",
            "98/3/5",
            "98年2月30日",
            "198年3月5日",
            "98年3月",
            "98年3月5日下午",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(first("98年3月5日"), None);
        assert_eq!(first("历时10年2月3日"), None);
    }

    proptest! {
        #[test]
        fn a_moment_is_the_day_that_clocks_in_china_show(second in 631_152_000i64..4_102_444_800) {
            let shifted = jiff::Timestamp::from_second(second + 8 * 3600).unwrap();
            let expected = shifted.to_zoned(jiff::tz::TimeZone::UTC).date();
            let text = format!("{}", second * 1000 + 999);
            prop_assert_eq!(parse(&text), Some(expected));
        }
    }
}
