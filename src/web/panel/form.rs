//! What somebody asks for with the form: which dictionary, how rows are told apart, which reports are counted.
//!
//! A form comes as the query part of an address, with a ready dictionary, or as `multipart/form-data` with one of its own, which may be
//! a file. Both are read alike from then on, by the code that reads the API's. A wrong form is shown again with what is wrong.

use std::path::Path;

use axum::extract::{Multipart, multipart::MultipartError};
use index::{Dictionary, Layout, PanelBy, PanelRequest, SearchRequest, divisions_called, parse_region};
use report::Level;

use crate::{
    api::{
        panel::search,
        params::{Params, invalid},
        problem::{Code, Problem},
    },
    dictionary::{self, Format, Wrong},
};

/// Most rows of a table, as in the API.
const MAX_ROWS: usize = 1_000_000;
/// Characters of a wrong line that are shown.
const MAX_EXCERPT: usize = 120;
/// What a form has besides what a search has.
const OWN: &str = "own";
const EXAMPLE: &str = "example";
const FORMAT: &str = "format";
const DICTIONARY: &str = "dictionary";
const FILE: &str = "file";
/// What rows can be told apart by, in the order of their columns. Years come last: they stand beside each other.
pub(super) const BY: [PanelBy; 4] = [PanelBy::Region, PanelBy::Genre, PanelBy::Section, PanelBy::Year];

/// How the answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Page,
    Csv,
    /// With a byte order mark.
    Excel,
}

/// A form that was filled in.
#[derive(Debug)]
pub(super) struct Form {
    /// The dictionary is one of the reader's own.
    pub(super) is_own: bool,
    /// Name of a ready dictionary; empty without one.
    pub(super) example: String,
    /// A dictionary as it is written.
    pub(super) text: String,
    /// As the name of its file says.
    format: Option<Format>,
    /// What is wrong with the file itself.
    file: Option<Wrong>,
    /// Names and values of all else.
    pairs: Vec<(String, String)>,
}

/// Why there is no table.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Something in the dictionary is wrong.
    Dictionary(Wrong),
    /// A parameter is wrong, or the table too large.
    Other(Problem),
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl Form {
    /// Of the parameters of an address.
    pub(super) fn of_address(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self {
            is_own: false,
            example: String::new(),
            text: String::new(),
            format: None,
            file: None,
            pairs,
        };
        form.is_own = form.take(OWN).as_deref() == Some("1");
        form.example = form.take(EXAMPLE).unwrap_or_default();
        if form.is_own {
            // To begin with.
            form.text = dictionary::example(&form.example).unwrap_or_default().to_owned();
        }
        form
    }

    /// Of a body.
    ///
    /// # Errors
    /// When it is no form, or did not come whole.
    pub(super) async fn receive(mut body: Multipart) -> Result<Self, Problem> {
        let mut form = Self::of_address(Vec::new());
        form.is_own = true;
        while let Some(part) = body.next_field().await.map_err(|error| not_whole(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|error| not_whole(&error))?;
            let text = dictionary::to_text(bytes.to_vec());
            match (name.as_str(), text) {
                (FILE, text) if !file_name.is_empty() || !bytes.is_empty() => match text {
                    Ok(text) => {
                        form.format = Format::of_name(Path::new(&file_name));
                        form.text = text;
                    }
                    Err(wrong) => form.file = Some(wrong),
                },
                (FILE, _) => {}
                // What came from a file stays, in whatever order they are sent.
                (DICTIONARY, Ok(text)) if form.text.is_empty() => form.text = text,
                (DICTIONARY, Ok(_)) => {}
                (_, Ok(text)) => form.pairs.push((name, text)),
                (_, Err(_)) => return Err(invalid(&name, "it is not UTF-8")),
            }
        }
        Ok(form)
    }

    /// All that asks for the same again, as a page.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let pairs = self.pairs.iter().filter(|(name, _)| name != FORMAT);
        std::iter::once((DICTIONARY.to_owned(), self.text.clone()))
            .chain(pairs.cloned())
            .collect()
    }

    /// How the answer is to come.
    ///
    /// # Errors
    /// When it is none of those that there are.
    pub(super) fn answer(&mut self) -> Result<Answer, Problem> {
        match self.take(FORMAT).as_deref() {
            None | Some("") => Ok(Answer::Page),
            Some("csv") => Ok(Answer::Csv),
            Some("excel") => Ok(Answer::Excel),
            Some(_) => Err(invalid(FORMAT, "it is csv or excel, or left out")),
        }
    }

    /// Whether there is something to count.
    pub(super) fn is_filled(&self) -> bool {
        !self.example.is_empty()
    }

    /// What is to be counted.
    ///
    /// # Errors
    /// When the dictionary or a parameter is wrong.
    pub(super) fn request(&self) -> Result<PanelRequest, Trouble> {
        let (search, layout) = self.conditions()?;
        Ok(PanelRequest {
            search,
            dictionary: self.dictionary()?,
            layout,
        })
    }

    /// All but the dictionary.
    ///
    /// # Errors
    /// When a parameter is wrong.
    pub(super) fn conditions(&self) -> Result<(SearchRequest, Layout), Problem> {
        let mut params = Params::from_pairs(self.pairs.iter().map(readable).collect());
        let by = self.by()?;
        params.many("by");
        let level = params.one("level")?;
        let search = search(&mut params)?;
        params.finish()?;
        let is_by_region = by.contains(&PanelBy::Region);
        let level = match level.as_deref() {
            // The form sends it whatever rows are by.
            _ if !is_by_region => None,
            None => Some(Level::Province),
            Some("") => None,
            Some(level) => Some(level.parse().map_err(|error| invalid("level", error))?),
        };
        let layout = Layout {
            by,
            level,
            max_rows: MAX_ROWS,
        };
        Ok((search, layout))
    }

    /// What rows are told apart by, in the order of [`BY`].
    ///
    /// # Errors
    /// When it is none of these.
    pub(super) fn by(&self) -> Result<Vec<PanelBy>, Problem> {
        let mut said = self.pairs.iter().filter(|(name, _)| name == "by").peekable();
        if said.peek().is_none() {
            return Ok(vec![PanelBy::Region, PanelBy::Year]);
        }
        let names = said.flat_map(|(_, value)| value.split(',')).map(str::trim);
        let names = names.filter(|name| !name.is_empty());
        let chosen = names.map(|name| name.parse().map_err(|error| invalid("by", error)));
        let chosen: Vec<PanelBy> = chosen.collect::<Result<_, _>>()?;
        Ok(BY.into_iter().filter(|by| chosen.contains(by)).collect())
    }

    fn dictionary(&self) -> Result<Dictionary, Trouble> {
        if !self.is_own {
            let text = dictionary::example(&self.example);
            let text = text.map_err(|error| invalid(EXAMPLE, error))?;
            return dictionary::read(text, Format::Yaml).map_err(Trouble::Dictionary);
        }
        if let Some(wrong) = &self.file {
            return Err(Trouble::Dictionary(wrong.clone()));
        }
        let format = self.format.unwrap_or_else(|| Format::of_text(&self.text));
        dictionary::read(&self.text, format).map_err(Trouble::Dictionary)
    }

    /// A line of the dictionary, cut where it is long.
    pub(super) fn line(&self, number: usize) -> String {
        let line = self.text.lines().nth(number.saturating_sub(1));
        line.unwrap_or_default().chars().take(MAX_EXCERPT).collect()
    }

    /// What a field says.
    pub(super) fn value(&self, name: &str) -> &str {
        let mut found = self.pairs.iter().filter(|(known, _)| known == name);
        found.next().map_or("", |(_, value)| value)
    }

    /// Whether a field was sent at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == name)
    }

    /// What is sent along with the fields of these names.
    pub(super) fn without(&self, names: &[&str]) -> Vec<(String, String)> {
        let kept = self
            .pairs
            .iter()
            .filter(|(name, value)| !names.contains(&name.as_str()) && !value.is_empty());
        kept.cloned().collect()
    }

    /// All that stands in the address of the table of a ready dictionary.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.is_own.then_some((OWN, "1"));
        let example = Some((EXAMPLE, self.example.as_str())).filter(|(_, name)| !name.is_empty());
        // That none is ticked, or no level chosen, is told by an empty one.
        let is_said = |name: &str, value: &str| !value.is_empty() || ["by", "level"].contains(&name);
        let pairs = self
            .pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        own.into_iter()
            .chain(example)
            .chain(pairs.filter(move |(name, value)| is_said(name, value)))
    }

    /// Takes the last value of a field out.
    fn take(&mut self, name: &str) -> Option<String> {
        let mut last = None;
        self.pairs.retain_mut(|(known, value)| {
            let is_other = known != name;
            if !is_other {
                last = Some(std::mem::take(value));
            }
            is_other
        });
        last
    }
}

fn not_whole(error: &MultipartError) -> Problem {
    Problem::new(
        Code::InvalidParameter,
        format!("the form did not come whole: {}", error.body_text()),
    )
}

/// A pair as the API reads it: a division may be named.
fn readable((name, value): &(String, String)) -> (String, String) {
    let value = value.trim();
    let named = || match divisions_called(value).as_slice() {
        [one] => one.to_string(),
        // Read as a code, it is told which may be meant.
        _ => value.to_owned(),
    };
    let value = match name.as_str() {
        "region" if !value.is_empty() && parse_region(value).is_err() => named(),
        _ => value.to_owned(),
    };
    (name.clone(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(query: &str) -> Form {
        Form::of_address(Params::parse(Some(query)).unwrap().into_pairs())
    }

    #[test]
    fn a_division_may_be_named_and_years_come_last() {
        let form =
            form("example=environment&by=year&by=region&region=%E6%B9%96%E5%8D%97&year_from=2020&year_to=");
        let request = form.request().unwrap();
        assert_eq!(request.layout.by, [PanelBy::Region, PanelBy::Year]);
        assert_eq!(request.layout.level, Some(Level::Province));
        let region: Vec<String> = request
            .search
            .filters
            .region
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(region, ["430000"]);
        assert_eq!(request.search.filters.year_from, [2020]);
    }

    #[test]
    fn nothing_ticked_is_not_the_same_as_nothing_said() {
        let by = |query: &str| form(query).request().unwrap().layout;
        assert_eq!(by("example=digital&by=&level=county").by, []);
        assert_eq!(by("example=digital&by=&level=county").level, None);
        assert_eq!(by("example=digital&level=").level, None);
        assert_eq!(by("example=digital").by, [PanelBy::Region, PanelBy::Year]);
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for query in [
            "example=colour",
            "example=digital&by=colour",
            "example=digital&limit=4",
            "example=digital&level=town",
        ] {
            assert!(matches!(form(query).request(), Err(Trouble::Other(_))), "{query}");
        }
        assert!(form("format=pdf").answer().is_err());
    }
}
