//! Query parameters, read strictly: what is not known is refused, what is wrong is named.

use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use axum::extract::{Path, rejection::PathRejection};
use percent_encoding::percent_decode_str;

use super::problem::{Code, Problem};
use crate::nearest::instead;

/// The parameters of one request, consumed by name; what is left over at the end was unknown.
#[derive(Debug)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    asked: BTreeSet<&'static str>,
    meant_elsewhere: &'static [(&'static str, &'static str)],
}

impl Params {
    /// Reads the query part of an address.
    ///
    /// # Errors
    /// When a name or value is not UTF-8 after percent-decoding.
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, Problem> {
        let mut pairs = Vec::new();
        for piece in query
            .unwrap_or_default()
            .split('&')
            .filter(|piece| !piece.is_empty())
        {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Self::from_pairs(pairs))
    }

    /// Parameters that come from elsewhere, such as the command line.
    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self {
            pairs,
            asked: BTreeSet::new(),
            meant_elsewhere: &[],
        }
    }

    /// All names and values, in order.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.pairs
    }

    /// The values of a repeatable parameter, in order.
    pub(crate) fn many(&mut self, name: &'static str) -> Vec<String> {
        self.asked.insert(name);
        let (taken, rest) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(n, _)| n == name);
        self.pairs = rest;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// The value of a parameter that stands at most once.
    pub(crate) fn one(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let mut values = self.many(name);
        match values.len() {
            0 | 1 => Ok(values.pop()),
            _ => Err(invalid(name, "it stands more than once")),
        }
    }

    /// The parsed values of a repeatable parameter; empty values are left out, as forms send them.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &'static str) -> Result<Vec<T>, Problem>
    where
        T::Err: Display,
    {
        let filled = self.many(name).into_iter().filter(|value| !value.is_empty());
        filled
            .map(|value| value.parse().map_err(|error: T::Err| invalid(name, error)))
            .collect()
    }

    /// The years of a repeatable parameter.
    pub(crate) fn years(&mut self, name: &'static str) -> Result<Vec<i32>, Problem> {
        let filled = self.many(name).into_iter().filter(|value| !value.is_empty());
        filled
            .map(|text| {
                let year = text.parse().ok().filter(|year| (1..=9999).contains(year));
                let year = year.filter(|year: &i32| year.to_string() == text);
                let shown = || text.chars().take(32).collect::<String>();
                year.ok_or_else(|| invalid(name, format!("{:?} is no year; write one such as 2023", shown())))
            })
            .collect()
    }

    /// Names that are read like others and are not to be suggested to anybody.
    pub(crate) fn conceal(&mut self, names: &[&str]) {
        self.asked.retain(|name| !names.contains(name));
    }

    /// Names that other parts of the interface have and this one has not, with what to do instead.
    pub(crate) fn not_here(&mut self, names: &'static [(&'static str, &'static str)]) {
        self.meant_elsewhere = names;
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When a parameter was given that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        self.refuse_unknown()
    }

    /// As [`Self::finish`], of what was asked for so far.
    ///
    /// # Errors
    /// When a parameter was given that nobody asked for.
    pub(crate) fn refuse_unknown(&self) -> Result<(), Problem> {
        let Some((unknown, _)) = self.pairs.first() else {
            return Ok(());
        };
        let shown: String = unknown.chars().take(64).collect();
        let asked: Vec<&str> = self.asked.iter().copied().collect();
        let told = self.meant_elsewhere.iter().find(|(name, _)| *name == shown);
        // Only what is shown is compared: a name may be as long as the address.
        let instead = match told {
            Some((_, why)) => (*why).to_owned(),
            None if asked.is_empty() => "nothing can be set here".to_owned(),
            None => instead(&shown, &asked),
        };
        let detail = format!("unknown parameter {shown:?}; {instead}");
        Err(Problem::unknown_parameter(detail, asked))
    }
}

/// A parameter with a wrong value.
pub(crate) fn invalid(name: &str, why: impl Display) -> Problem {
    Problem::new(Code::InvalidParameter, format!("parameter {name:?}: {why}"))
}

/// The one variable part of a path; what cannot be decoded names nothing.
pub(crate) fn segment(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let Path(text) = path.map_err(|_| undecodable())?;
    Ok(text)
}

/// The two variable parts of a path; what cannot be decoded names nothing.
pub(crate) fn segments(
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<(String, String), Problem> {
    let Path(parts) = path.map_err(|_| undecodable())?;
    Ok(parts)
}

fn undecodable() -> Problem {
    Problem::new(Code::NotFound, "the address is not UTF-8 after percent-decoding")
}

fn decode(text: &str) -> Result<String, Problem> {
    let is_whole = |rest: &[u8]| {
        rest.get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut signs = text.match_indices('%');
    if let Some((at, _)) = signs.find(|(at, _)| !is_whole(&text.as_bytes()[at + 1..])) {
        let shown: String = text[at..].chars().take(3).collect();
        return Err(Problem::new(
            Code::InvalidParameter,
            format!("{shown:?} in the address is no percent-encoding; write %25 for the sign itself"),
        ));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| {
        Problem::new(
            Code::InvalidParameter,
            "the query part of the address is not UTF-8 after percent-decoding",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_repeats_plus_and_percent() {
        let mut params = Params::parse(Some("region=43&q=%E6%B3%95+%E6%B2%BB&region=11")).unwrap();
        assert_eq!(params.many("region"), ["43", "11"]);
        assert_eq!(params.one("q").unwrap().unwrap(), "法 治");
        assert!(params.finish().is_ok());
    }

    #[test]
    fn a_percent_sign_that_encodes_nothing_is_refused() {
        for query in ["q=%zz", "q=a%2", "q=50%", "q=%u73af", "%=a", "q=%E6%B3%9"] {
            let problem = Params::parse(Some(query)).unwrap_err();
            assert!(problem.body().detail.contains("%25"), "{query}");
        }
        let mut params = Params::parse(Some("q=50%25")).unwrap();
        assert_eq!(params.one("q").unwrap().unwrap(), "50%");
    }

    #[test]
    fn refuses_unknown_repeated_and_undecodable() {
        let mut params = Params::parse(Some("limt=3")).unwrap();
        params.many("limit");
        let detail = params.finish().unwrap_err().body().detail;
        assert!(detail.contains("limit"), "{detail}");
        let mut params = Params::parse(Some(&format!("limi{}=3", "t".repeat(30_000)))).unwrap();
        params.many("limit");
        let detail = params.finish().unwrap_err().body().detail;
        assert!(detail.len() < 200 && detail.contains("\"limit\""), "{detail}");
        assert!(Params::parse(Some("q=a&q=b")).unwrap().one("q").is_err());
        assert!(Params::parse(Some("q=%ff%fe")).is_err());
    }
}
