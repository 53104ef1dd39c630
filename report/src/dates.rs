//! Dates in every shape official pages write them.
//!
//! `2021年2月22日`, `2021-02-22`, `2021/03/29 11:30:01`, `2021.2.22`, `20230925`, `二〇二一年二月二十二日` (with 〇, ○, O
//! or 0), each with blanks inside, and `02/22/2021` where only one order of month and day is possible or a clock of twelve hours follows. Years run from
//! 1949 to 2100; what is no day of the calendar is no date. Numbers that only look alike are left alone: index numbers
//! (`2026-02-00018`), phone numbers, amounts. A cell that is nothing but a date has more forms (`dates/cell.rs`).

use std::ops::Range;

use jiff::civil::Date;

mod cell;
mod scan;

use scan::Scanner;

/// A date found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateMatch {
    /// Bytes of the text, without a clock time that follows.
    pub range: Range<usize>,
    /// The day.
    pub date: Date,
}

/// Finds all dates in `text`, from left to right.
///
/// Eight digits in a row count only when no letter, digit or other part of a longer number touches them.
pub fn find_all(text: &str) -> impl Iterator<Item = DateMatch> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let (start, found) = text[from..].char_indices().find_map(|(offset, c)| {
            let at = from + offset;
            let starts = scan::is_digit(c) || scan::han_digit(c).is_some();
            starts
                .then(|| date_at(text, at))
                .flatten()
                .map(|found| (at, found))
        })?;
        let (date, end) = found;
        from = end;
        Some(DateMatch {
            range: start..end,
            date,
        })
    })
}

/// Reads the first date in `text`, if there is one.
pub fn first(text: &str) -> Option<Date> {
    find_all(text).next().map(|found| found.date)
}

/// Reads a string that is one date, perhaps in brackets or with a clock time, and nothing else.
///
/// Also reads the ISO forms with `T`, fractions of a second and an offset: the day is the one written, save that
/// midnight in China written in UTC (`T16:00:00Z`) is the day after. Milliseconds since 1970 are a day in China, and
/// the year may have two digits before its 年 (`98年3月5日`).
pub fn parse(text: &str) -> Option<Date> {
    let outer = |c: char| c.is_whitespace() || "()（）[]【】".contains(c) || scan::is_invisible(c);
    let text = text.trim_matches(outer);
    let Some((date, end)) = date_at(text, 0) else {
        return cell::milliseconds(text).or_else(|| cell::short_year(text));
    };
    let time = &text[end..];
    if cell::is_midnight_in_utc(time) {
        return date.tomorrow().ok();
    }
    scan::is_clock_time(time).then_some(date)
}

/// Reads a date that lost its 年, 月 and 日: `202374` can be 2023-07-04 only, `2023111` 2023-01-11 or 2023-11-01.
///
/// All days that the digits can mean, in order; empty when `text` is not four digits of a year and two to four more.
/// A candidate is to be believed only where other evidence names the same day.
pub fn damaged(text: &str) -> Vec<Date> {
    let digits: Option<Vec<i16>> = text.trim().chars().map(scan::digit).collect();
    let Some(digits) = digits.filter(|digits| (6..=8).contains(&digits.len())) else {
        return Vec::new();
    };
    let number = |digits: &[i16]| digits.iter().fold(0, |value, digit| value * 10 + digit);
    let (year, rest) = digits.split_at(4);
    let mut found: Vec<Date> = (1..=2)
        .filter(|&cut| (1..=2).contains(&(rest.len().saturating_sub(cut))))
        .filter_map(|cut| date(number(year), number(&rest[..cut]), number(&rest[cut..])))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// A day of the calendar between 1949 and 2100.
fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    (1949..=2100)
        .contains(&year)
        .then(|| Date::new(year, month, day).ok())
        .flatten()
}

/// Reads a date that begins at `start`; gives its end as well.
fn date_at(text: &str, start: usize) -> Option<(Date, usize)> {
    let before = text[..start].chars().next_back();
    // Inside a longer number, or the last part of one (`1-2021-02-22`).
    if before.is_some_and(|c| scan::is_digit(c) || scan::han_digit(c).is_some()) {
        return None;
    }
    with_han_units(text, start)
        .or_else(|| with_separators(text, start, before))
        .or_else(|| year_last(text, start, before))
        .or_else(|| eight_digits(text, start, before))
}

/// `2021年2月22日`, `二〇二一年二月二十二日`; the 日 may be 号 in speech.
fn with_han_units(text: &str, start: usize) -> Option<(Date, usize)> {
    let mut scan = Scanner::new(text, start);
    let year = scan.year()?;
    scan.one_of("年")?;
    let month = scan.small_number()?;
    scan.one_of("月")?;
    let day = scan.small_number()?;
    scan.one_of("日号")?;
    Some((date(year, month, day)?, scan.end()))
}

/// `2021-02-22`, `2021/3/9`, `2021.2.22`; one kind of separator in both places.
fn with_separators(text: &str, start: usize, before: Option<char>) -> Option<(Date, usize)> {
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || "-/.+_".contains(c)) {
        return None;
    }
    let mut scan = Scanner::new(text, start);
    let year = scan.digits(4)?;
    let separator = scan.one_of("-/.－／．–—")?;
    let month = scan.one_or_two_digits()?;
    let second = scan.one_of("-/.－／．–—")?;
    let day = scan.one_or_two_digits()?;
    let same = separator == second;
    let after = scan.rest().chars().next();
    // A version, an address or an index number goes on.
    let goes_on = match after {
        // The one form in which a clock time follows so: `2026-09-28-21:50:00`.
        Some('-') if scan::is_clock_time(scan.rest().get(..6).unwrap_or_default()) => false,
        Some(c) if "-/_".contains(c) => true,
        Some('.') => scan.rest()[1..].starts_with(|c: char| c.is_ascii_alphanumeric()),
        Some(c) => c.is_ascii_alphabetic() && c != 'T',
        None => false,
    };
    (same && !goes_on)
        .then(|| date(year, month, day))
        .flatten()
        .map(|date| (date, scan.end()))
}

/// `02/22/2021` and `22/2/2021`: month and day in the one order that is possible.
fn year_last(text: &str, start: usize, before: Option<char>) -> Option<(Date, usize)> {
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || "-/.+_:=".contains(c)) {
        return None;
    }
    let mut scan = Scanner::new(text, start);
    let first = scan.one_or_two_digits()?;
    scan.one_of("/／")?;
    let second = scan.one_or_two_digits()?;
    scan.one_of("/／")?;
    let year = scan.digits(4)?;
    let goes_on = scan
        .rest()
        .starts_with(|c: char| c.is_ascii_alphanumeric() || "-/._".contains(c));
    let orders = [date(year, first, second), date(year, second, first)];
    let day = match orders {
        [Some(day), None] | [None, Some(day)] => day,
        [Some(day), Some(other)] if day == other => day,
        // A clock of twelve hours is American: 7/5/2005 9:23:57 PM.
        [Some(day), Some(_)] if is_of_twelve_hours(scan.rest()) => day,
        _ => return None,
    };
    (!goes_on).then_some((day, scan.end()))
}

/// Whether the clock time behind a date has AM or PM.
fn is_of_twelve_hours(rest: &str) -> bool {
    let clock = |c: char| c.is_ascii_digit() || c == ':' || c == ' ';
    let behind = rest.trim_start_matches(clock);
    let sign = behind.get(..2).unwrap_or_default();
    behind.len() < rest.len() && (sign.eq_ignore_ascii_case("am") || sign.eq_ignore_ascii_case("pm"))
}

/// `20230925`, standing alone.
fn eight_digits(text: &str, start: usize, before: Option<char>) -> Option<(Date, usize)> {
    let touches = |c: char| c.is_alphanumeric() && !crate::fold::is_han(c) || "-/._+%#&=".contains(c);
    if before.is_some_and(touches) {
        return None;
    }
    let mut scan = Scanner::new(text, start);
    let year = scan.digits(4)?;
    let (month, day) = (scan.two_digits()?, scan.two_digits()?);
    let after = scan.rest().chars().next();
    // Amounts: 20230925元, 20230925,00.
    let rest = scan.rest();
    let grouped = rest
        .strip_prefix(',')
        .is_some_and(|rest| rest.starts_with(scan::is_digit));
    let amount = grouped || after.is_some_and(|c| touches(c) || "元万亿个人户件号".contains(c));
    (!amount)
        .then(|| date(year, month, day))
        .flatten()
        .map(|date| (date, scan.end()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<String> {
        find_all(text).map(|found| found.date.to_string()).collect()
    }

    #[test]
    fn every_shape_is_read() {
        for text in [
            "2021年2月22日",
            "2021年02月22日",
            "2021 年 2 月 22 日",
            "２０２１年２月２２日",
            "2021-02-22",
            "2021-2-22",
            "2021/02/22",
            "2021.2.22",
            "2021．2．22",
            "20210222",
            "二〇二一年二月二十二日",
            "二○二一年二月二十二日",
            "二O二一年二月廿二日",
            "二0二一年二月二十二日",
            "二Ｏ二一年 二月 二十二日",
            "二零二一年二月二十二日",
            "(2021年2月22日)",
            "（2021年2月22日）",
            "2021-02-22 09:56",
            "2021-02-22 09:56:34",
            "2021/02/22 11:30:01",
            "2021-02-22T09:56:34+08:00",
            "2021-02-22T09:56:34.123Z",
            "2021-02-22-21:50:00",
            "2021年2月22日 9时30分",
            "02/22/2021",
            "22/2/2021 09:56",
            "2/22/2021 9:56:05 PM",
            "2021-02-22 9:56 AM",
            "\u{3000}2021年2月22日\u{200b}",
        ] {
            assert_eq!(
                parse(text).map(|date| date.to_string()).as_deref(),
                Some("2021-02-22"),
                "{text}"
            );
            assert_eq!(all(text), ["2021-02-22"], "{text}");
        }
        assert_eq!(all("二○一一年四月八日"), ["2011-04-08"]);
        assert_eq!(all("一九九八年十月三十日"), ["1998-10-30"]);
        assert_eq!(all("二〇二〇年十二月十日"), ["2020-12-10"]);
    }

    #[test]
    fn month_comes_first_before_a_clock_of_twelve_hours() {
        assert_eq!(parse("7/5/2005 9:23:57 PM"), date(2005, 7, 5));
        assert_eq!(first("发布时间：7/5/2005 9:23 am"), date(2005, 7, 5));
        assert_eq!(parse("7/5/2005 9:23:57"), None);
    }

    #[test]
    fn what_is_no_date_is_left_alone() {
        for text in [
            "2021-13-40",
            "2021年2月30日",
            "2023-02-29",
            "1948年12月31日",
            "2101年1月1日",
            "2026-02-00018",
            "640522001/2023-00346",
            "20191202-189769",
            "11532329015178442p-/2023-0516006",
            "QZ04101-0105-2024-00210",
            "0105-2024-10-12-3",
            "192.168.2021.2.22",
            "v2021.2.22.1",
            "2021-02/22",
            "3/4/2021",
            "13/22/2021",
            "1/22/2021/5",
            "5/1/22/2021",
            "30/2/2021",
            "2021年2月",
            "2015—2020年",
            "纲要20212025",
            "43048202000013号",
            "电话07341234567",
            "20210222元",
            "完成20210222个",
            "202102223",
            "共12021年2月22日",
            "202374",
            "十二月二十二日",
        ] {
            assert_eq!(all(text), [""; 0], "{text}");
            assert_eq!(parse(text), None, "{text}");
        }
        for text in [
            "2021年2月22日星期一",
            "发布日期:2021-02-22",
            "2021-02-22 来源",
            "",
            "2021-02-22 25",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_found_in_running_text() {
        let text = "发布日期:2024-02-27 09:28信息来源:巴州区司法局";
        let found: Vec<_> = find_all(text).collect();
        assert_eq!(&text[found[0].range.clone()], "2024-02-27");
        assert_eq!(first(text), Some(jiff::civil::date(2024, 2, 27)));
        assert_eq!(
            all("自2015年1月1日起至2020年12月31日止"),
            ["2015-01-01", "2020-12-31"]
        );
        assert_eq!(all("2021.2.22。"), ["2021-02-22"]);
        assert_eq!(all("于2021.2.22.发布"), ["2021-02-22"]);
        assert_eq!(all("t20240328公布于20240328，"), ["2024-03-28"]);
        assert_eq!(all("2021-02-22至2021-03-01"), ["2021-02-22", "2021-03-01"]);
        assert_eq!(first("没有日期"), None);
    }

    #[test]
    fn damaged_dates_have_candidates() {
        let of = |text| damaged(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of("202374"), ["2023-07-04"]);
        assert_eq!(of("2023111"), ["2023-01-11", "2023-11-01"]);
        assert_eq!(of("2023704"), ["2023-07-04"]);
        assert_eq!(of("20230704"), ["2023-07-04"]);
        assert_eq!(of("20237"), [""; 0]);
        assert_eq!(of("20212025"), [""; 0]);
        assert_eq!(of("2023年7"), [""; 0]);
    }

    proptest! {
        #[test]
        fn written_dates_read_back(year in 1949i16..=2100, month in 1i8..=12, day in 1i8..=28, zero in "[〇○O0零]") {
            let date = Date::new(year, month, day).unwrap();
            let han = |number: i16| {
                let digits = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"].map(str::to_owned);
                let (tens, ones) = (number as usize / 10, number as usize % 10);
                let tens = match tens { 0 => String::new(), 1 => "十".to_owned(), tens => format!("{}十", digits[tens]) };
                tens + &digits[ones]
            };
            let characters: String = year.to_string().chars().map(|c| {
                let digit = c.to_digit(10).unwrap() as i16;
                if digit == 0 { zero.clone() } else { han(digit) }
            }).collect();
            let fullwidth: String = format!("{year}年{month}月{day}日")
                .chars()
                .map(|c| c.to_digit(10).map_or(c, |digit| char::from_u32('０' as u32 + digit).unwrap()))
                .collect();
            for text in [
                format!("{year}年{month}月{day}日"),
                format!("{year} 年{month:02}月 {day:02}日"),
                format!("({year}年{month}月{day}日)"),
                fullwidth,
                format!("{characters}年{}月{}日", han(month.into()), han(day.into())),
                format!("{year}-{month:02}-{day:02}"),
                format!("{year}.{month}.{day}"),
                format!("{year}/{month}/{day} 8:05"),
                format!("{year}-{month:02}-{day:02} 23:59:59"),
                format!("{year}{month:02}{day:02}"),
            ] {
                prop_assert_eq!(parse(&text), Some(date), "{}", text);
                prop_assert_eq!(first(&format!("在{text}，")), Some(date), "{}", text);
            }
            let american = format!("{month}/{day}/{year}");
            let told = day > 12 || i16::from(day) == i16::from(month);
            prop_assert_eq!(parse(&american), told.then_some(date));
        }

        #[test]
        fn strange_text_is_read_without_harm(text in "\\PC{0,60}") {
            let _ = (find_all(&text).count(), parse(&text), damaged(&text));
        }

        #[test]
        fn any_text_is_read_without_harm(text in "[0-9０二〇十年月日号\\-/. :T年月a\n（）廿]{0,40}") {
            let mut end = 0;
            for found in find_all(&text) {
                prop_assert!(found.range.start >= end);
                end = found.range.end;
                prop_assert_eq!(parse(&text[found.range]), Some(found.date));
            }
            let (_, _) = (parse(&text), damaged(&text));
        }
    }
}
