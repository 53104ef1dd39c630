//! Administrative divisions (行政区划): codes, names, what lies above what, and what became of the old ones.
//!
//! `region/table.rs` reads `data/divisions.tsv`, `region/names.rs` finds full names in running text,
//! `region/stems.rs` knows the short forms that people write instead, and `region/spelling.rs` how addresses spell them.

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::genre::codes;

mod names;
mod spelling;
mod stems;
mod table;

pub use table::{Divisions, divisions};

/// A division code of six digits (GB/T 2260), e.g. `430482`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9]{6}$", example = "430482")]
pub struct RegionCode(u32);

/// The text is not six digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a region code has six digits, got {0:?}")]
pub struct InvalidRegionCode(String);

impl RegionCode {
    /// The code as a number, 110000 and up.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The level that the digits tell: `xx0000` province, `xxxx00` city, else county.
    pub fn level(self) -> Level {
        match (self.0 % 10_000, self.0 % 100) {
            (0, _) => Level::Province,
            (_, 0) => Level::City,
            _ => Level::County,
        }
    }
}

impl FromStr for RegionCode {
    type Err = InvalidRegionCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<u32>() {
            Ok(number)
                if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) && number >= 100_000 =>
            {
                Ok(Self(number))
            }
            _ => Err(InvalidRegionCode(text.chars().take(32).collect())),
        }
    }
}

impl TryFrom<String> for RegionCode {
    type Error = InvalidRegionCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.to_string()
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

codes! {
    /// Level of a division.
    Level {
        /// Province, autonomous region, municipality, special region.
        Province = "province", "省级";
        /// Prefecture-level.
        City = "city", "地级";
        /// County-level.
        County = "county", "县级";
    }
}

/// One division, of today or of the past.
///
/// A code means the last division that bore it: 419001 is 济源市, though it was 义马市 until 1994.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its code.
    pub code: RegionCode,
    /// Its full name, e.g. `常宁市`.
    pub name: &'static str,
    /// Its level.
    pub level: Level,
    /// The division above it; `None` for a province. For an old code, that of its time, which may be old as well.
    pub parent: Option<RegionCode>,
    /// Whether the code is in use today.
    pub current: bool,
    /// Of an old code: today's codes of what became of it, several for a split, empty when unknown.
    pub successors: Vec<RegionCode>,
    /// Names that the same division bore before, at this code or another, since 1980; e.g. `襄樊市` of 襄阳市.
    /// Those that live on as the name of an old code (`新津县`) are found there.
    pub former_names: Vec<&'static str>,
    /// First year in which the code had this name, counted from 1980; `None` when not recorded.
    pub since: Option<u16>,
    /// Last year in which the code had this name; `None` when it is current.
    pub until: Option<u16>,
}

/// Names of a region and of what lies above it.
///
/// A county-level division directly below a province or municipality has no city; 东莞市 and the three other cities
/// without county level have no county.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionPath {
    /// Province-level name.
    pub province: Option<&'static str>,
    /// Prefecture-level name.
    pub city: Option<&'static str>,
    /// County-level name.
    pub county: Option<&'static str>,
}

/// A division name found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameMatch {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Every division, current first, that bears this name.
    pub codes: Vec<RegionCode>,
}
