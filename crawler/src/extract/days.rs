//! When a document was published, and when it was signed.
//!
//! Clocks in the head of a page stopped when its template was made: lines with a day of the week are never read.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;
use report::dates;

use super::{
    boilerplate::{Furniture, compact, is_bare_day, patterns},
    document::Document,
    evidence::{Finding, Found, Origin, Rejected, reject},
    labels::{self, Field, Label},
    signature::Signature,
};

patterns! {
    CLOCK = r"\d{1,2}[:：时]\d{2}";
    /// （2023年2月2日清河县第十七届人民代表大会第三次会议通过）
    ADOPTED = r"通过|批准|修正|修订|会议|施行|生效|废止";
    /// Days in addresses: /202403/t20240328_123.html, /2024-03/28/, /art/2024/3/28/, /20240328/, /202403/28/,
    /// and moments: /20240328102030123/index.html.
    IN_ADDRESS = r"/(?:\d{6}/)?[tP]((?:19|20)\d{2})(\d{2})(\d{2})_|/((?:19|20)\d{2})[-/](\d{1,2})[-/](\d{1,2})/|/((?:19|20)\d{2})(\d{2})(\d{2})/"
                 r"|/((?:19|20)\d{2})(\d{2})/(\d{2})/|/((?:19|20)\d{2})(\d{2})(\d{2})(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?\d{0,3}/index\.";
}

/// First year a page can have been published in.
const EARLIEST: i16 = 1990;

/// Why a date above the text was left.
const CLOCK_OF_HEAD: &str =
    "it stands beside a day of the week: the clock in the head of the page, not the document's date";

/// Why a date below the title was left.
const DAY_OF_ADOPTION: &str = "it says when the document was adopted, not when it was published";

/// Why the value of a label for dates was left.
const NO_DATE: &str = "no date that a page can have can be read from it";

fn plausible(date: Date) -> Option<Date> {
    (EARLIEST..2100).contains(&date.year()).then_some(date)
}

fn read(text: &str) -> Option<Date> {
    // A time stamp is too much of a good thing: 2019-09-07T13:43:45+08:00, 2007-08-20-23:59:59.
    let day = text
        .get(..10)
        .filter(|day| day.is_ascii() && text.len() > 10)
        .and_then(|day| day.parse().ok());
    let whole = dates::parse(text);
    whole.or(day).or_else(|| dates::first(text)).and_then(plausible)
}

/// Day of publication: the page's own declaration, labelled values, the bar below the title, the row of the list,
/// and last the address.
pub(crate) fn published<'d>(document: &'d Document<'_>) -> Finding<'d, Date> {
    // What 国办发〔2017〕47号 asks for, and what the portal of the State Council has in its place.
    const METAS: &[&str] = &["pubdate", "firstpublishedtime"];
    // Left over from the template as often as not.
    const OTHER_METAS: &[&str] = &[
        "article:published_time",
        "publishdate",
        "publish_time",
        "pubtime",
        "apub:time",
        "maketime",
    ];
    let mut rejected = Vec::new();
    // Comments and further articles below a text have dates of their own.
    let (above, below) = document.fields.split_at(document.fields_above);
    let listed = || {
        let row = document.hints.list_title.as_deref().unwrap_or_default();
        Some(Found::new(document.hints.list_date?, "list", row))
    };
    let in_metas = |names: &[&'static str], rejected: &mut Vec<Rejected<'d>>| {
        let mut names = names.iter();
        names.find_map(|name| in_meta(document, name, rejected))
    };
    let found = in_metas(METAS, &mut rejected)
        .or_else(|| labelled(Label::Published, above, "label", &mut rejected))
        .or_else(|| clocked(document))
        .or_else(|| in_bar(document, &mut rejected))
        .or_else(|| in_metas(OTHER_METAS, &mut rejected))
        .or_else(|| labelled(Label::Updated, above, "label", &mut rejected))
        .or_else(|| labelled(Label::Published, below, "label_below", &mut rejected))
        .or_else(|| labelled(Label::Updated, below, "label_below", &mut rejected))
        .or_else(listed)
        .or_else(|| in_address(document));
    Finding { found, rejected }
}

fn in_meta<'d>(
    document: &'d Document<'_>,
    name: &'static str,
    rejected: &mut Vec<Rejected<'d>>,
) -> Option<Found<'d, Date>> {
    let content = document.page.meta(&[name])?;
    let origin = Origin::Meta(name, content);
    match read(content) {
        Some(date) => Some(Found::new(date, "meta", origin)),
        None => {
            reject(rejected, origin, NO_DATE);
            None
        }
    }
}

/// The first field of this label that holds a date.
fn labelled<'d>(
    label: Label,
    fields: &'d [Field],
    basis: &'static str,
    rejected: &mut Vec<Rejected<'d>>,
) -> Option<Found<'d, Date>> {
    let mut fields = fields.iter().filter(|field| field.label == label);
    fields.find_map(|field| {
        let date = read(&field.value);
        if date.is_none() {
            reject(rejected, field.words.as_str(), NO_DATE);
        }
        Some(Found::new(date?, basis, field.words.as_str()))
    })
}

/// A day of making that carries a time of day is the content system's clock.
fn clocked<'d>(document: &'d Document<'_>) -> Option<Found<'d, Date>> {
    let mut made = document
        .fields
        .iter()
        .filter(|field| field.label == Label::Made && CLOCK.is_match(&field.value));
    made.find_map(|field| Some(Found::new(read(&field.value)?, "label", field.words.as_str())))
}

/// A date without a label above the text: in a bar, or between the title and the text.
fn in_bar<'d>(document: &'d Document<'_>, rejected: &mut Vec<Rejected<'d>>) -> Option<Found<'d, Date>> {
    const REACH: usize = 12;
    const HEAD: usize = 80;
    const MAX_CHARS: usize = 80;
    let title = document.title.as_ref().map(|title| &title.lines);
    let title = title.filter(|lines| !lines.is_empty());
    for (distance, (line, judged)) in document.above().take(HEAD).enumerate() {
        let text = line.text.as_str();
        let at = document.range.start - 1 - distance;
        let below_title = title.is_some_and(|title| at >= title.end)
            && line.chars <= MAX_CHARS
            && !document.subtitle.contains(&at);
        if text.contains("星期") || text.contains("农历") {
            if dates::first(text).is_some() {
                reject(rejected, text, CLOCK_OF_HEAD);
            }
        } else if distance < REACH
            && (judged.furniture == Some(Furniture::Meta) || below_title || is_bare_day(&compact(text)))
            && !judged.aside
            && !is_of_signing(text)
            && let Some(date) = read(text)
        {
            if ADOPTED.is_match(text) {
                reject(rejected, text, DAY_OF_ADOPTION);
            } else {
                return Some(Found::new(date, "bar", text));
            }
        }
    }
    None
}

/// The day in a bar is said to be that of the document.
fn is_of_signing(bar: &str) -> bool {
    let of_signing = |field: &Field| matches!(field.label, Label::Signed | Label::Made);
    labels::fields(bar).iter().any(of_signing)
}

fn in_address<'d>(document: &'d Document<'_>) -> Option<Found<'d, Date>> {
    let url = document.url.as_ref()?;
    Some(Found::new(day_of_path(url.path())?, "address", url.path()))
}

/// The day in the path of an address.
fn day_of_path(path: &str) -> Option<Date> {
    let parts = IN_ADDRESS.captures(path)?;
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
pub(crate) fn signed<'d>(
    document: &'d Document<'_>,
    signature: Option<&Signature<'d>>,
    published: Option<Date>,
) -> Finding<'d, Date> {
    let mut rejected = Vec::new();
    let labelled = |label| {
        let mut fields = document.fields.iter().filter(move |field| field.label == label);
        fields.find_map(|field| {
            // The clock of the content system, which tells when the page was made.
            let clock = CLOCK.is_match(&field.value);
            let date = read(&field.value).filter(|_| !clock)?;
            Some(Found::new(date, "label", field.words.as_str()))
        })
    };
    let card = labelled(Label::Signed).or_else(|| labelled(Label::Made));
    let card = card.filter(|signed| {
        let late = published.is_some_and(|published| signed.value > published);
        if late {
            reject(
                &mut rejected,
                signed.from.clone(),
                "it lies after the day of publication",
            );
        }
        !late
    });
    let day = |found: Option<Found<'d, Date>>| found.map(|found| found.value);
    let confirmed = [
        card.as_ref().map(|card| card.value),
        day(clocked(document)),
        published,
        day(in_address(document)),
    ];
    let dated = signature.filter(|signature| !signature.date.is_empty());
    let below = dated.and_then(|signature| {
        let date = written(&signature.date, &confirmed);
        if date.is_none() {
            let why = "it lost its 年, 月, 日, and no other date of the page says which day is meant";
            reject(&mut rejected, signature.date_line, why);
        }
        Some(Found::new(date?, "signature", signature.date_line))
    });
    let found = below.or(card);
    Finding { found, rejected }
}

/// Reads the date of a signature; one that is only digits must be known from elsewhere.
fn written(date: &str, confirmed: &[Option<Date>]) -> Option<Date> {
    let candidates = dates::damaged(date);
    if candidates.is_empty() {
        return read(date);
    }
    candidates
        .into_iter()
        .find(|date| confirmed.contains(&Some(*date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_every_system_tell_the_day() {
        let day = Date::constant(2024, 3, 28);
        for path in [
            "/xxgk/202403/t20240328_6583952.html",
            "/art/2024/3/28/art_1229_58.html",
            "/c100186/2024-03/28/content_88.shtml",
            "/20240328/5b2c/c.html",
            "/zwgk/20240328/5b2c9d.html",
            "/columns/9a1f/202403/28/7c2e.html",
            "/2024-03-28/1147.html",
            "/web/zwgk/20240328093012345/index.shtml",
        ] {
            assert_eq!(day_of_path(path), Some(day), "{path}");
        }
        for path in [
            "/c100186/202403/49ca549c.shtml",
            "/20241399/1.html",
            "/gkmlpt/content/2/2024/post_2024328.html",
            "/web/zwgk/20240328996012345/index.shtml",
            "/content_1717747978409553920.html",
        ] {
            assert_eq!(day_of_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_damaged_date_needs_a_witness() {
        let day = Date::constant(2023, 7, 4);
        assert_eq!(written("202374", &[None, Some(day)]), Some(day));
        assert_eq!(written("202374", &[None]), None);
        // Digits of other scripts are no digits of a date.
        assert_eq!(written("20237\u{664}", &[Some(day)]), None);
        assert_eq!(written("2023年7月4日", &[None]), Some(day));
    }
}
