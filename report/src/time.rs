//! Moments, written the way readers in China expect them.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::Date,
    tz::{self, TimeZone},
};
use serde::{Deserialize, Serialize};

/// A moment, shown as RFC 3339 with the offset of China (+08:00) and whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
}
