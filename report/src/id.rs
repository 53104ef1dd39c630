//! What names a report for ever.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// Identity of a report.
///
/// Derived ids are 32 lower-case hex digits of the SHA-256 of portal and URL, so the same address gives the same
/// id again. An id that came with an imported line is kept as it is, within the limits of [`ReportId::from_str`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 200, example = "3f1a9c0b7d5e4f62a18b90c7d6e5f403")]
pub struct ReportId(String);

/// The text cannot be an id: empty, over 200 bytes, or with white space or control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to 200 bytes without white space or control characters, got {0:?}")]
pub struct InvalidReportId(String);

impl ReportId {
    /// The id of the report that `portal` carries at `url` (already in canonical form).
    pub fn derive(portal: &str, url: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(portal.as_bytes());
        hasher.update([0]);
        hasher.update(url.as_bytes());
        Self(HEXLOWER.encode(&hasher.finalize()[..16]))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReportId {
    type Err = InvalidReportId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if text.is_empty() || text.len() > 200 || text.chars().any(odd) {
            return Err(InvalidReportId(text.chars().take(64).collect()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for ReportId {
    type Error = InvalidReportId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ReportId> for String {
    fn from(id: ReportId) -> Self {
        id.0
    }
}

impl fmt::Display for ReportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_address_same_id_and_portals_differ() {
        let a = ReportId::derive("changning", "https://a.example/1.html");
        assert_eq!(a, ReportId::derive("changning", "https://a.example/1.html"));
        assert_ne!(a, ReportId::derive("other", "https://a.example/1.html"));
        assert_eq!(a.as_str().len(), 32);
    }

    #[test]
    fn given_ids_are_bounded() {
        assert!("gwr-2025-210000".parse::<ReportId>().is_ok());
        for bad in ["", "a b", "a\nb", &"x".repeat(201)] {
            assert!(bad.parse::<ReportId>().is_err(), "{bad:?}");
        }
    }
}
