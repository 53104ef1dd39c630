//! When a portal is to be visited: a cron expression of five fields, in China time.

use std::{fmt, sync::Arc};

use croner::{Cron, Direction, parser};
use jiff::{Timestamp, civil::DateTime};

use super::CHINA;

/// A moment to look for occurrences from, when an expression is read: any will do.
const SOME_DAY: DateTime = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0);

/// The fields of an expression, and what they take.
const FIELDS: [(&str, &str); 5] = [
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of month", "1 to 31, or L for the last"),
    ("month", "1 to 12 or JAN to DEC"),
    ("day of week", "0 to 7 (0 and 7 are Sunday) or SUN to SAT"),
];

/// The occurrences of a cron expression: minute, hour, day of month, month, day of week. China has no summer time, so
/// each comes once.
#[derive(Clone, Debug)]
pub struct Schedule {
    text: String,
    cron: Arc<Cron>,
}

impl Schedule {
    /// Reads an expression such as `0 3 * * 1`.
    ///
    /// # Errors
    /// What is wrong, and what to write instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let help = "minute, hour, day of month, month and day of week are needed, e.g. \"0 3 * * 1\"";
        if fields.len() != 5 {
            return Err(format!("{text:?} is no cron expression: {help}"));
        }
        let normal = fields.join(" ");
        let parser = parser::CronParser::builder()
            .seconds(parser::Seconds::Disallowed)
            .year(parser::Year::Disallowed)
            .build();
        let cron = parser.parse(&normal).map_err(|error| {
            // Which field is wrong shows when it stands alone.
            let wrong = fields.iter().zip(FIELDS).enumerate().find(|(n, (field, _))| {
                let mut alone = ["*"; 5];
                alone[*n] = field;
                parser.parse(&alone.join(" ")).is_err()
            });
            match wrong {
                Some((_, (field, (name, range)))) => format!(
                    "{text:?} is no cron expression: {field:?} is no {name}; write {range}, * for all of them, a list \
                     such as 1,3, a range such as 1-3, or */2 for every other one, e.g. \"0 3 * * 1\" for Monday at 3"
                ),
                None => format!("{text:?} is no cron expression: {error}; {help}"),
            }
        })?;
        let schedule = Self {
            text: normal,
            cron: Arc::new(cron),
        };
        if schedule.find(SOME_DAY, Direction::Forward).is_none() {
            return Err(format!("{text:?} names a day that no year has"));
        }
        Ok(schedule)
    }

    /// The first occurrence after a moment.
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        self.find(CHINA.to_datetime(moment), Direction::Forward)
    }

    /// The last occurrence up to a moment, this moment included.
    pub fn up_to(&self, moment: Timestamp) -> Option<Timestamp> {
        let next_second = moment.as_second().checked_add(1)?;
        let next_second = Timestamp::from_second(next_second).ok()?;
        self.find(CHINA.to_datetime(next_second), Direction::Backward)
    }

    fn find(&self, from: DateTime, direction: Direction) -> Option<Timestamp> {
        let found = match direction {
            Direction::Forward => self.cron.find_next_occurrence(&from, false),
            Direction::Backward => self.cron.find_previous_occurrence(&from, false),
        };
        CHINA.to_timestamp(found.ok()?).ok()
    }
}

/// The expression, with one blank between its fields.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("{text}+08:00").parse().unwrap()
    }

    #[test]
    fn occurrences_are_in_china_time() {
        let weekly = Schedule::parse("0 3 * *  MON").unwrap();
        assert_eq!(weekly.to_string(), "0 3 * * MON");
        let monday = at("2026-11-23T03:00:00");
        assert_eq!(weekly.after(at("2026-11-22T23:59:59")), Some(monday));
        assert_eq!(weekly.after(monday), Some(at("2026-11-30T03:00:00")));
        assert_eq!(weekly.up_to(monday), Some(monday));
        let just_before = at("2026-11-23T02:59:59");
        assert_eq!(weekly.up_to(just_before), Some(at("2026-11-16T03:00:00")));
        // Half a second after the occurrence is after it.
        let half = monday + jiff::SignedDuration::from_millis(500);
        assert_eq!(weekly.up_to(half), Some(monday));
        assert_eq!(weekly.after(half), Some(at("2026-11-30T03:00:00")));
        let leap = Schedule::parse("0 0 29 2 *").unwrap();
        assert_eq!(leap.after(monday), Some(at("2028-02-29T00:00:00")));
    }

    #[test]
    fn what_is_no_expression_or_never_comes_is_refused() {
        for wrong in [
            "",
            "0 3 * *",
            "0 0 3 * * 1",
            "@daily",
            "60 3 * * 1",
            "0 24 * * 1",
            "0 3 * * 1-9",
            "x 3 * * 1",
            "*/0 * * * *",
            "0 0 30 2 *",
            "0 0 31 4,6 *",
        ] {
            let error = Schedule::parse(wrong).unwrap_err();
            assert!(error.contains(wrong), "{wrong}: {error}");
        }
        for (wrong, field) in [
            ("61 3 * * 1", "\"61\" is no minute; write 0 to 59"),
            ("0 24 * * 1", "\"24\" is no hour"),
            ("0 3 32 * *", "\"32\" is no day of month"),
            ("0 3 * XYZ *", "\"XYZ\" is no month"),
            ("0 3 * * 1-9", "\"1-9\" is no day of week"),
        ] {
            let error = Schedule::parse(wrong).unwrap_err();
            assert!(
                error.contains(field) && error.contains("\"0 3 * * 1\""),
                "{error}"
            );
        }
        for right in ["*/5 * * * *", "0 3 1,15 * *", "30 22 * JAN-APR 1-5", "0 3 L * *"] {
            Schedule::parse(right).unwrap();
        }
    }
}
