//! The hours of the day in which a portal may be asked, in China time.

use std::fmt;

use jiff::{Timestamp, tz::Offset};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// China time, which has had no summer time since 1991.
pub(crate) const CHINA: Offset = jiff::tz::offset(8);

/// Windows of the day in which requests may start; one may run over midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// First minute, and the minute behind the last.
    windows: Vec<(u16, u16)>,
}

impl Hours {
    /// Reads windows such as `22:00-07:00` or `12:00-13:00, 22:00-07:00`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let windows = text.split(',').map(|window| {
            let times = window.split_once('-');
            let times = times.and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
            match times {
                Some((from, to)) if from != to && from < DAY => Ok((from, to)),
                Some(_) => Err(format!(
                    "{window:?} begins where it ends; a whole day is \"00:00-24:00\""
                )),
                None => Err(format!(
                    "{window:?} is no window of hours; write e.g. \"22:00-07:00\", several with commas"
                )),
            }
        });
        Ok(Self {
            windows: windows.collect::<Result<_, _>>()?,
        })
    }

    /// Whether a request may start at this moment.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        let time = CHINA.to_datetime(now).time();
        // At most 23 * 60 + 59.
        let minute = u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        self.windows.iter().any(|(from, to)| {
            if from < to {
                (*from..*to).contains(&minute)
            } else {
                minute >= *from || minute < *to
            }
        })
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (from, to)) in self.windows.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            let (from_hour, to_hour) = (from / 60, to / 60);
            write!(
                f,
                "{comma}{from_hour:02}:{:02}-{to_hour:02}:{:02}",
                from % 60,
                to % 60
            )?;
        }
        Ok(())
    }
}

/// The minute of the day of `7:00`, `07:00` or `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u16>().ok()).flatten()
    };
    let minute = number(hours, 1..=2)? * 60 + number(minutes, 2..=2).filter(|minutes| *minutes < 60)?;
    (minute <= DAY).then_some(minute)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A moment by its time of day in China.
    fn at(time: &str) -> Timestamp {
        format!("2024-02-27T{time}:00+08:00").parse().unwrap()
    }

    fn open(hours: &str, time: &str) -> bool {
        Hours::parse(hours).unwrap().is_open(at(time))
    }

    #[test]
    fn a_window_may_run_over_midnight() {
        for time in ["22:00", "23:59", "00:00", "06:59"] {
            assert!(open("22:00-07:00", time), "{time}");
        }
        for time in ["07:00", "12:00", "21:59"] {
            assert!(!open("22:00-07:00", time), "{time}");
        }
    }

    #[test]
    fn there_may_be_several_windows() {
        let hours = "12:00-13:00, 22:00-7:00";
        assert!(open(hours, "12:30") && open(hours, "03:00"));
        assert!(!open(hours, "13:00") && !open(hours, "08:00"));
        assert_eq!(
            Hours::parse(hours).unwrap().to_string(),
            "12:00-13:00, 22:00-07:00"
        );
        assert!(open("00:00-24:00", "00:00") && open("00:00-24:00", "23:59"));
        assert!(open("20:00-00:00", "23:59") && !open("20:00-00:00", "00:00"));
    }

    #[test]
    fn what_is_no_window_says_what_to_write() {
        for text in [
            "",
            "22",
            "22:00",
            "22:00-25:00",
            "22:60-23:00",
            "a-b",
            "22:00-07:00,",
            "22:00–07:00",
            "-",
            "+1:00-2:00",
        ] {
            assert!(Hours::parse(text).unwrap_err().contains("22:00-07:00"), "{text}");
        }
        for text in ["08:00-08:00", "24:00-07:00"] {
            assert!(Hours::parse(text).unwrap_err().contains("00:00-24:00"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn turned_round_a_window_is_open_when_it_was_closed(from in 0_u16..1440, to in 0_u16..1440, minute in 0_i64..1440) {
            prop_assume!(from != to);
            let now = at("00:00") + jiff::SignedDuration::from_mins(minute);
            let window = |from, to| Hours { windows: vec![(from, to)] }.is_open(now);
            prop_assert_ne!(window(from, to), window(to, from));
        }

        #[test]
        fn no_text_makes_it_fail(text in ".{0,20}") {
            let _ = Hours::parse(&text);
        }
    }
}
