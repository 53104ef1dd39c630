//! Values that stand in the configuration as texts: lengths of time, sizes, addresses.

use std::{fmt, net::IpAddr, time::Duration};

use crawler::{Hours, MinFree};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};
use url::Url;

/// Reads `2s`, `500ms`, `24h`.
pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map_err(|error| {
        de::Error::custom(format!(
            "{text:?} is no duration such as \"2s\" or \"500ms\": {error}"
        ))
    })
}

/// Reads `22:00-07:00`, several with commas.
pub(super) fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hours>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Hours::parse(&text).map(Some).map_err(de::Error::custom)
}

/// Reads `2GiB`, `5%`, `0`.
pub(super) fn min_free<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MinFree, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Bytes(u64),
        Text(String),
    }
    let text = match Given::deserialize(deserializer)? {
        Given::Bytes(bytes) => bytes.to_string(),
        Given::Text(text) => text,
    };
    let percent = text.trim().strip_suffix('%').map(|n| n.trim().parse::<u8>());
    let read = match percent {
        None => parse_bytes(&text).map(|bytes| MinFree {
            bytes: Some(bytes),
            percent: None,
        }),
        Some(percent) => percent.ok().filter(|&n| n < 100).map(|percent| MinFree {
            bytes: None,
            percent: Some(percent),
        }),
    };
    read.ok_or_else(|| {
        de::Error::custom(format!(
            "{text:?} is no size such as \"2GiB\", and no share such as \"5%\""
        ))
    })
}

/// Reads the address of a web site: http or https, and no more than a path behind the host.
pub(super) fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(&text).ok().filter(is_plain);
    url.map(Some).ok_or_else(|| {
        de::Error::custom(format!(
            "{text:?} is no address such as \"https://search.example.org\""
        ))
    })
}

/// Reads addresses and networks: `10.0.0.1`, `10.0.0.0/8`.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let read = |text: String| {
        let network = text.parse::<IpNet>().ok();
        let network = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        network.ok_or_else(|| {
            de::Error::custom(format!(
                "{text:?} is no address such as \"10.0.0.1\", and no network such as \"10.0.0.0/8\""
            ))
        })
    };
    strings(deserializer)?.into_iter().map(read).collect()
}

/// Reads origins as browsers send them: scheme, host, and port where it is not the usual one.
pub(super) fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let is_origin = |text: &str| {
        let url = Url::parse(text).ok();
        text == "*"
            || url.is_some_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text)
    };
    let read = |text: String| match is_origin(&text) {
        true => Ok(text),
        false => Err(de::Error::custom(format!(
            "{text:?} is no origin such as \"https://app.example.org\", and not \"*\""
        ))),
    };
    strings(deserializer)?.into_iter().map(read).collect()
}

/// Reads `8MiB`, `64 KiB`, `1000` (bytes).
pub(super) fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Visitor;
    impl de::Visitor<'_> for Visitor {
        type Value = u64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a size such as \"8MiB\" or a number of bytes")
        }
        fn visit_i64<E: de::Error>(self, value: i64) -> Result<u64, E> {
            u64::try_from(value).map_err(|_| E::custom("a size is not negative"))
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
            parse_bytes(text)
                .ok_or_else(|| E::custom(format!("{text:?} is no size such as \"8MiB\" or \"64KiB\"")))
        }
    }
    deserializer.deserialize_any(Visitor)
}

fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let factor = match text[digits..].trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}

/// Reads a list, or one text with commas as variables have it.
pub(super) fn strings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Strings {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Strings::deserialize(deserializer)? {
        Strings::List(list) => list,
        Strings::Text(text) => text
            .split(',')
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}
