//! The corpus as it was known at a moment.
//!
//! Every version of a report is a document of its own, with the span in which it was the newest: from the moment when it
//! was recorded until the next one was. A search shows the newest versions, and with `as_of` those that were the newest
//! then. Versions are recorded at moments that grow, and a commit holds all that were recorded at a moment or none, so
//! the moment of the newest version names all that the index holds: it is the *state* that an answer is given from, and
//! asked for as of that state, the index gives the same answer again, whatever was recorded since.
//!
//! What is shown is told in one place, [`Columns::is_shown`](crate::columns::Columns::is_shown), which conditions beside the
//! query ask of every document.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use report::{ChinaMoment, InvalidMoment};
use serde::{Deserialize, Serialize};

use crate::{SearchError, schema::SCHEMA_VERSION, state::State, words::DICTIONARY_VERSION};

/// Name of the parameter.
const AS_OF: &str = "as_of";
/// Length of a day in milliseconds; China has no summer time.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The span in which a version of a report is the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// When it was recorded.
    pub from: ChinaMoment,
    /// When the next version was; `None` while there is none.
    pub until: Option<ChinaMoment>,
}

impl Known {
    /// The span of the newest version, which was recorded at this moment.
    pub fn since(from: ChinaMoment) -> Self {
        Self { from, until: None }
    }
}

/// A moment as of which a search is answered: a state of the corpus ([`CorpusState::state`]), any other moment, or a day,
/// which stands for its last millisecond in China.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AsOf(ChinaMoment);

/// The text names no moment as of which an answer can be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAsOf {
    /// It is neither a day nor a moment.
    #[error("{0}, and no `state` of an answer")]
    Malformed(#[from] InvalidMoment),
    /// It is yet to come.
    #[error(
        "{asked} is yet to come, and the answer as of then can still change; it is {now} now, and as of today the answer \
         has all that is known"
    )]
    Future {
        /// What was asked for.
        asked: String,
        /// The moment at which it was.
        now: ChinaMoment,
    },
}

impl AsOf {
    /// Reads a state, a moment or a day, at `now`. Today stands for all that is known so far.
    ///
    /// # Errors
    /// When it is none of these, or is yet to come.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, InvalidAsOf> {
        let as_of = text.parse()?;
        // Of a day, its first moment.
        let begin: ChinaMoment = text.parse()?;
        if begin.timestamp() > now {
            return Err(InvalidAsOf::Future {
                asked: text.to_owned(),
                now: now.into(),
            });
        }
        Ok(as_of)
    }

    /// The moment.
    pub fn moment(self) -> ChinaMoment {
        self.0
    }

    /// Milliseconds since 1970.
    pub(crate) fn as_millisecond(self) -> i64 {
        self.0.as_millisecond()
    }
}

impl From<ChinaMoment> for AsOf {
    fn from(moment: ChinaMoment) -> Self {
        Self(moment)
    }
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for AsOf {
    type Err = InvalidMoment;

    /// Reads RFC 3339; a day alone is its last millisecond in China.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment: ChinaMoment = text.parse()?;
        let is_day = text.len() == 10;
        let end = moment.as_millisecond().saturating_add(DAY - 1);
        let end = Timestamp::from_millisecond(end).ok().filter(|_| is_day);
        Ok(Self(end.map_or(moment, ChinaMoment::from)))
    }
}

impl TryFrom<String> for AsOf {
    type Error = InvalidMoment;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AsOf> for String {
    fn from(as_of: AsOf) -> Self {
        as_of.to_string()
    }
}

/// What an answer was given from. With the version of the program, which the caller knows, it says how to get the same
/// answer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CorpusState {
    /// Everything that was recorded up to and including this moment, and nothing else: what `as_of` takes. `None` where
    /// nothing was recorded yet.
    pub state: Option<ChinaMoment>,
    /// Version of the dictionary that cuts words.
    pub dictionary: u32,
    /// Version of the fields, analyzers and folding of the index.
    pub schema: u32,
}

impl State {
    /// The first and the last moment at which a version was recorded, in milliseconds since 1970; `None` when there is
    /// none.
    fn recorded(&self) -> Option<(i64, i64)> {
        let recorded = self.columns.iter().filter_map(|columns| columns.recorded());
        recorded.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// What an answer as of a moment, or as of now, is given from.
    pub(crate) fn corpus_state(&self, as_of: Option<AsOf>) -> CorpusState {
        let newest = self.recorded().map(|(_, last)| last);
        let asked = as_of.map_or(i64::MAX, AsOf::as_millisecond);
        CorpusState {
            state: newest.and_then(|newest| moment(newest.min(asked))),
            dictionary: DICTIONARY_VERSION,
            schema: SCHEMA_VERSION,
        }
    }

    /// `as_of` in milliseconds since 1970, if that is another view of this state than the one of now.
    pub(crate) fn past_view(&self, as_of: Option<i64>) -> Option<i64> {
        as_of.filter(|at| self.recorded().is_some_and(|(_, last)| *at < last))
    }

    /// Checks that something was recorded by a moment.
    ///
    /// # Errors
    /// When nothing was, with the moment when the first was.
    pub(crate) fn check_as_of(&self, as_of: Option<AsOf>) -> Result<(), SearchError> {
        let Some(as_of) = as_of else { return Ok(()) };
        let message = match self.recorded() {
            Some((first, _)) if first <= as_of.as_millisecond() => return Ok(()),
            Some((first, _)) => {
                let first = moment(first).map(|at| at.to_string()).unwrap_or_default();
                format!("nothing was known at {as_of}; the first report was recorded at {first}")
            }
            None => "nothing was recorded yet, so there is no state to answer from".to_owned(),
        };
        Err(SearchError::InvalidParameter { name: AS_OF, message })
    }
}

/// A moment that was stored in milliseconds.
fn moment(ms: i64) -> Option<ChinaMoment> {
    Timestamp::from_millisecond(ms).ok().map(ChinaMoment::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_last_moment_in_china_and_what_is_to_come_is_refused() {
        let now: Timestamp = "2026-03-01T15:59:00Z".parse().unwrap();
        let read = |text: &str| AsOf::read(text, now).map(|as_of| as_of.to_string());
        assert_eq!(read("2026-02-28").unwrap(), "2026-02-28T23:59:59.999+08:00");
        // It is 23:59 in China.
        assert_eq!(read("2026-03-01").unwrap(), "2026-03-01T23:59:59.999+08:00");
        let state = "2026-03-01T12:00:00.123+08:00";
        assert_eq!(read(state).unwrap(), state);
        for future in ["2026-03-02", "2026-03-02T00:00:00+08:00", "9999-12-31"] {
            let error = read(future).unwrap_err().to_string();
            assert!(error.contains("2026-03-01T23:59:00.000+08:00"), "{error}");
        }
        for odd in ["", "2026-3-1", "now", "2026-03-01T12:00:00", "43"] {
            assert!(
                matches!(AsOf::read(odd, now), Err(InvalidAsOf::Malformed(_))),
                "{odd}"
            );
        }
    }
}
