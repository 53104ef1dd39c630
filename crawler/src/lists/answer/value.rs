//! Values of an answer, by names that have many spellings and in the forms that systems write them in.

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde_json::{Map, Value};

/// The value of a name, which stands for all its spellings.
pub(in super::super) fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(name) {
        return Some(value);
    }
    let is_name = |key: &str| {
        let mut letters = key
            .chars()
            .filter(|c| !matches!(c, '_' | '-'))
            .map(|c| c.to_ascii_lowercase());
        name.chars().all(|c| letters.next() == Some(c)) && letters.next().is_none()
    };
    object
        .iter()
        .find(|(key, _)| is_name(key))
        .map(|(_, value)| value)
}

/// A text or a number as a text; none when it is empty.
pub(in super::super) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = match get(object, name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A whole number, also one that is written as a text.
pub(in super::super) fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A day: written, counted in seconds or milliseconds since 1970, or taken apart.
pub(super) fn date(value: &Value) -> Option<Date> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            let is_count = matches!(text.len(), 10 | 13) && text.bytes().all(|b| b.is_ascii_digit());
            if is_count {
                return moment(text.parse().ok()?);
            }
            report::dates::parse(text).or_else(|| report::dates::first(text))
        }
        Value::Number(number) => {
            let number = number.as_i64()?;
            moment(number).or_else(|| report::dates::parse(&number.to_string()))
        }
        Value::Object(object) => date(object.get("time").filter(|time| time.is_number())?),
        Value::Array(parts) => {
            let part = |at: usize| parts.get(at)?.as_i64();
            let (year, month, day) = (part(0)?, part(1)?, part(2)?);
            Date::new(
                i16::try_from(year).ok()?,
                i8::try_from(month).ok()?,
                i8::try_from(day).ok()?,
            )
            .ok()
        }
        _ => None,
    }
}

/// The day in China of a moment in seconds or milliseconds since 1970.
fn moment(count: i64) -> Option<Date> {
    const CHINA: Offset = Offset::constant(8);
    // From 1980 on; what is smaller is a day written as a number.
    let moment = match count {
        315_532_800..=9_999_999_999 => Timestamp::from_second(count),
        315_532_800_000..=9_999_999_999_999 => Timestamp::from_millisecond(count),
        _ => return None,
    };
    Some(CHINA.to_datetime(moment.ok()?).date())
}
