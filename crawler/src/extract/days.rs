//! When a document was published, and when it was signed.
//!
//! Clocks in the head of a page stopped when its template was made: lines with a day of the week are never read.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use report::dates;

use super::{
    boilerplate::{Furniture, patterns},
    document::Document,
    labels::{Field, Label},
    signature::Signature,
};

patterns! {
    /// A date that lost its 年, 月, 日.
    DIGITS = r"^(20\d{2})(\d{2,4})$";
    CLOCK = r"\d{1,2}[:：时]\d{2}";
    /// Days in addresses: /202403/t20240328_123.html, /2024-03/28/, /art/2024/3/28/, /20240328/.
    IN_ADDRESS = r"/(?:\d{6}/)?[tP]((?:19|20)\d{2})(\d{2})(\d{2})_|/((?:19|20)\d{2})[-/](\d{1,2})[-/](\d{1,2})/|/((?:19|20)\d{2})(\d{2})(\d{2})/";
}

/// First year a page can have been published in.
const EARLIEST: i16 = 1990;

fn plausible(date: Date) -> Option<Date> {
    (EARLIEST..2100).contains(&date.year()).then_some(date)
}

fn read(text: &str) -> Option<Date> {
    // A time stamp is too much of a good thing: 2019-09-07T13:43:45+08:00, 2007-08-20-23:59:59.
    let day = text
        .get(..10)
        .filter(|day| day.is_ascii() && text.len() > 10)
        .and_then(|day| day.parse().ok());
    day.or_else(|| dates::first(text)).and_then(plausible)
}

/// Day of publication: the page's own declaration, labelled values, the bar below the title, the row of the list,
/// and last the address.
pub(crate) fn published(document: &Document<'_>) -> Option<Date> {
    const METAS: &[&str] = &[
        "pubdate",
        "publishdate",
        "firstpublishedtime",
        "article:published_time",
        "publish_time",
        "pubtime",
        "apub:time",
        "maketime",
    ];
    let meta = METAS.iter().find_map(|name| read(document.page.meta(&[name])?));
    let labelled = |label, fields: &[Field]| {
        let fields = fields.iter().filter(|field| field.label == label);
        fields.filter_map(|field| read(&field.value)).next()
    };
    // Comments and further articles below a text have dates of their own.
    let (above, below) = document.fields.split_at(document.fields_above);
    meta.or_else(|| labelled(Label::Published, above))
        .or_else(|| clocked(document))
        .or_else(|| in_bar(document))
        .or_else(|| labelled(Label::Updated, above))
        .or_else(|| labelled(Label::Published, below))
        .or_else(|| labelled(Label::Updated, below))
        .or(document.hints.list_date)
        .or_else(|| in_address(document))
}

/// A day of making that carries a time of day is the content system's clock.
fn clocked(document: &Document<'_>) -> Option<Date> {
    let made = document
        .fields
        .iter()
        .filter(|field| field.label == Label::Made && CLOCK.is_match(&field.value));
    made.filter_map(|field| read(&field.value)).next()
}

/// A date without a label in the bar above the text.
fn in_bar(document: &Document<'_>) -> Option<Date> {
    const REACH: usize = 12;
    let bars = document
        .above()
        .take(REACH)
        .filter(|(_, judged)| judged.furniture == Some(Furniture::Meta) && !judged.aside);
    bars.filter(|(line, _)| !line.text.contains("星期") && !line.text.contains("农历"))
        .find_map(|(line, _)| read(&line.text))
}

fn in_address(document: &Document<'_>) -> Option<Date> {
    let url = document.url.as_ref()?;
    let parts = IN_ADDRESS.captures(url.path())?;
    let numbers: Vec<i16> = parts
        .iter()
        .skip(1)
        .flatten()
        .filter_map(|part| part.as_str().parse().ok())
        .collect();
    let [year, month, day] = numbers[..] else {
        return None;
    };
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    plausible(date)
}

/// Day of signature: the date below the name of the issuing body, else what the card says.
///
/// A card may repeat the page's own date in this cell, so one after the day of publication is not believed.
pub(crate) fn signed(
    document: &Document<'_>,
    signature: Option<&Signature>,
    published: Option<Date>,
) -> Option<Date> {
    let labelled = |label| {
        let fields = document.fields.iter().filter(move |field| field.label == label);
        fields
            .filter(|field| !CLOCK.is_match(&field.value))
            .find_map(|field| read(&field.value))
    };
    let card = labelled(Label::Signed).or_else(|| labelled(Label::Made));
    let card = card.filter(|signed| published.is_none_or(|published| *signed <= published));
    let confirmed = [card, clocked(document), published, in_address(document)];
    signature
        .and_then(|signature| written(&signature.date, &confirmed))
        .or(card)
}

/// Reads the date of a signature; one that is only digits must be known from elsewhere.
fn written(date: &str, confirmed: &[Option<Date>]) -> Option<Date> {
    let Some(damaged) = DIGITS.captures(date) else {
        return read(date);
    };
    let readings = readings(&damaged[1], &damaged[2]);
    readings.into_iter().find(|date| confirmed.contains(&Some(*date)))
}

/// Every date that the digits can have been: 74 is July 4, 1112 is November 12, 111 is January 11 or November 1.
fn readings(year: &str, digits: &str) -> Vec<Date> {
    let year: i16 = year.parse().unwrap_or_default();
    let cuts = (1..digits.len()).filter(|cut| *cut <= 2 && digits.len() - cut <= 2);
    let date = |cut: usize| Date::new(year, digits[..cut].parse().ok()?, digits[cut..].parse().ok()?).ok();
    cuts.filter_map(date).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_dates_have_several_readings() {
        let day = |month, day| Date::new(2023, month, day).unwrap();
        assert_eq!(readings("2023", "74"), [day(7, 4)]);
        assert_eq!(readings("2023", "111"), [day(1, 11), day(11, 1)]);
        assert_eq!(readings("2023", "0704"), [day(7, 4)]);
        assert_eq!(readings("2023", "99"), [day(9, 9)]);
        assert!(readings("2023", "00").is_empty());
    }

    #[test]
    fn a_damaged_date_needs_a_witness() {
        let day = Date::constant(2023, 7, 4);
        assert_eq!(written("202374", &[None, Some(day)]), Some(day));
        assert_eq!(written("202374", &[None]), None);
        assert_eq!(written("2023年7月4日", &[None]), Some(day));
    }
}
