//! How often a short string stands in a text, without saying where.
//!
//! Every unit is looked at, many at a time: the loops are plain enough that the compiler makes vector instructions of them,
//! which takes less time than to go from one occurrence to the next where they are frequent.

/// Units that are counted in 16 bits before the sum goes into a wider number.
const LANE: usize = 1 << 14;

/// A string of one or two units that cannot overlap with itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tally {
    One([u16; 1]),
    Two([u16; 2]),
}

impl Tally {
    pub(super) fn new(units: &[u16]) -> Option<Self> {
        match *units {
            [only] => Some(Self::One([only])),
            [first, second] if first != second => Some(Self::Two([first, second])),
            _ => None,
        }
    }

    pub(super) fn units(&self) -> &[u16] {
        match self {
            Self::One(units) => units,
            Self::Two(units) => units,
        }
    }

    /// How often the string stands in a text of little-endian units.
    pub(super) fn count(self, text: &[u8]) -> u32 {
        let (units, _) = text.as_chunks::<2>();
        match self {
            Self::One(string) => {
                let [only] = string.map(u16::to_le_bytes);
                let lanes = units.chunks(LANE);
                lanes.map(|lane| sum(lane.iter().map(|unit| *unit == only))).sum()
            }
            Self::Two(string) => {
                let [first, second] = string.map(u16::to_le_bytes);
                let nexts = units.get(1..).unwrap_or_default();
                let lanes = units.chunks(LANE).zip(nexts.chunks(LANE));
                lanes
                    .map(|(lane, nexts)| {
                        sum(lane
                            .iter()
                            .zip(nexts)
                            .map(|(unit, next)| (*unit == first) & (*next == second)))
                    })
                    .sum()
            }
        }
    }
}

/// How many of at most [`LANE`] hold.
fn sum(holds: impl Iterator<Item = bool>) -> u32 {
    holds.map(u16::from).sum::<u16>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_between_lanes() {
        let text: Vec<u8> = "乙甲"
            .repeat(LANE + 3)
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let count = |string: &str| {
            let units: Vec<u16> = string.encode_utf16().collect();
            Tally::new(&units).map(|tally| tally.count(&text) as usize)
        };
        assert_eq!(count("甲"), Some(LANE + 3));
        assert_eq!(count("甲乙"), Some(LANE + 2));
        assert_eq!(count("甲甲"), None, "it can overlap with itself");
    }
}
