//! Moments, written the way readers in China expect them.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::Date,
    tz::{self, TimeZone},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment, shown as RFC 3339 with the offset of China (+08:00) and whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = DateTime, example = "2024-02-28T01:30:00+08:00")]
pub struct ChinaTime(Timestamp);

impl ChinaTime {
    /// The moment as a time stamp, whole seconds.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// The calendar day in China.
    pub fn date(self) -> Date {
        self.0.to_zoned(zone()).date()
    }
}

/// A moment like [`ChinaTime`], to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = DateTime, example = "2024-02-28T01:30:00.123+08:00")]
pub struct ChinaMoment(Timestamp);

/// The text is neither a day nor a moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no day (2024-02-27) and no moment with its offset (2024-02-27T08:30:00+08:00)")]
pub struct InvalidMoment(String);

impl ChinaMoment {
    /// Milliseconds since 1970.
    pub fn as_millisecond(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The moment as a time stamp, whole milliseconds.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for ChinaMoment {
    fn from(time: Timestamp) -> Self {
        // The millisecond that it lies in, before 1970 as well.
        let ms = time.as_nanosecond().div_euclid(1_000_000);
        let whole = i64::try_from(ms)
            .ok()
            .and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Self(whole.unwrap_or(time))
    }
}

impl From<ChinaTime> for ChinaMoment {
    fn from(time: ChinaTime) -> Self {
        Self::from(time.0)
    }
}

impl fmt::Display for ChinaMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.0.to_zoned(zone());
        write!(f, "{}", time.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z"))
    }
}

impl FromStr for ChinaMoment {
    type Err = InvalidMoment;

    /// Reads RFC 3339; a day alone is its first moment in China.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidMoment(text.chars().take(64).collect());
        let time = match text.len() {
            10 => text
                .parse::<Date>()
                .and_then(|day| day.to_zoned(zone()))
                .map(|time| time.timestamp()),
            _ => text.parse::<Timestamp>(),
        };
        time.map(Self::from).map_err(|_| invalid())
    }
}

impl TryFrom<String> for ChinaMoment {
    type Error = InvalidMoment;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ChinaMoment> for String {
    fn from(time: ChinaMoment) -> Self {
        time.to_string()
    }
}

fn zone() -> TimeZone {
    TimeZone::fixed(tz::offset(8))
}

impl From<Timestamp> for ChinaTime {
    fn from(time: Timestamp) -> Self {
        // Whole seconds: the form that is written is the form that is read back.
        Self(Timestamp::from_second(time.as_second()).unwrap_or(time))
    }
}

impl fmt::Display for ChinaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M:%S%:z"))
    }
}

impl FromStr for ChinaTime {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Timestamp>().map(Self::from)
    }
}

impl TryFrom<String> for ChinaTime {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ChinaTime> for String {
    fn from(time: ChinaTime) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_the_offset_of_china() {
        let time: ChinaTime = "2024-02-27T17:30:00.5Z".parse().unwrap();
        assert_eq!(time.to_string(), "2024-02-28T01:30:00+08:00");
        assert_eq!(time.date().to_string(), "2024-02-28");
        assert_eq!(time.to_string().parse::<ChinaTime>().unwrap(), time);
    }

    #[test]
    fn moments_are_days_or_times_to_the_millisecond() {
        let moment = |text: &str| text.parse::<ChinaMoment>().unwrap();
        assert_eq!(
            moment("2024-02-27T17:30:00.1239Z").to_string(),
            "2024-02-28T01:30:00.123+08:00"
        );
        assert_eq!(moment("2024-02-28"), moment("2024-02-28T00:00:00+08:00"));
        assert_eq!(moment("1969-12-31T23:59:59.9999Z").as_millisecond(), -1);
        let time = moment("2024-02-28T01:30:00.123+08:00");
        assert_eq!(time.to_string().parse::<ChinaMoment>().unwrap(), time);
        for bad in ["", "2024", "2024-02-30", "2024-02-28T01:30:00", "yesterday"] {
            assert!(bad.parse::<ChinaMoment>().is_err(), "{bad}");
        }
    }
}
