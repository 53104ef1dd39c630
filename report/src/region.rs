//! Administrative divisions (行政区划) of the table in `data/divisions.tsv`.

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::genre::codes;

/// A division code of six digits (GB/T 2260), e.g. `430482`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its code.
    pub code: RegionCode,
    /// Its full name, e.g. `常宁市`.
    pub name: &'static str,
    /// Its level.
    pub level: Level,
    /// The division above it; `None` for a province.
    pub parent: Option<RegionCode>,
    /// Whether the code is in use today.
    pub current: bool,
    /// Of an old code: today's codes of what became of it, several for a split, empty when unknown.
    pub successors: Vec<RegionCode>,
}

/// Names of a region and of what lies above it.
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

/// The division table.
#[derive(Debug)]
pub struct Divisions {}

/// The one table of this program, built on first use.
pub fn divisions() -> &'static Divisions {
    todo!()
}

impl Divisions {
    /// The division of a code, current or old.
    pub fn get(&self, code: RegionCode) -> Option<&Region> {
        let _ = code;
        todo!()
    }

    /// All divisions, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        std::iter::empty()
    }

    /// Current divisions directly below a code, by code; the provinces for `None`.
    pub fn children(&self, code: Option<RegionCode>) -> Vec<&Region> {
        let _ = code;
        todo!()
    }

    /// The code itself and everything above it, from the code upwards.
    pub fn ancestors(&self, code: RegionCode) -> Vec<RegionCode> {
        let _ = code;
        todo!()
    }

    /// Names from the province down to the code.
    pub fn path(&self, code: RegionCode) -> RegionPath {
        let _ = code;
        todo!()
    }

    /// Today's codes for a code: itself when current, else its successors.
    pub fn today(&self, code: RegionCode) -> Vec<RegionCode> {
        let _ = code;
        todo!()
    }

    /// Divisions with exactly this full name, current first, then old.
    pub fn named(&self, name: &str) -> &[RegionCode] {
        let _ = name;
        todo!()
    }

    /// Full division names in a text, leftmost first, the longest at each place, not overlapping.
    pub fn find_names(&self, text: &str) -> Vec<NameMatch> {
        let _ = text;
        todo!()
    }
}
