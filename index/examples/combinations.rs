//! Words, operators and facets on a whole corpus, against an evaluation text by text.
//!
//! ```text
//! cargo run --release --example combinations -p gongbao-index -- reports.jsonl.gz [queries]
//! ```
//!
//! Cuts pieces out of the texts and asks for them as bare terms: hits must be the reports that contain every word of
//! `query.terms`. Then it joins strings from the texts with AND, OR, NOT and NEAR, sets filters, and compares hits,
//! totals and the counts of facets with what the folded texts give. Regions, years, genres and kinds of issuing body
//! are dealt out to the reports, since the corpus has few.

#![allow(clippy::print_stdout, reason = "an example reports on the terminal")]

#[path = "shared/reports.rs"]
mod reports;

use std::{collections::BTreeMap, error::Error, time::Instant};

use index::{Facet, Filters, Reader, SearchError, SearchRequest, Writer, WriterOptions};
use report::{Content, Genre, IssuerType, RegionCode, Report, divisions, fold, paragraphs};

type Fallible<T> = Result<T, Box<dyn Error>>;

const FACETS: [Facet; 4] = [Facet::Region, Facet::Year, Facet::Genre, Facet::IssuerType];

fn main() -> Fallible<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which corpus?")?;
    let n_queries: usize = args.next().map_or(Ok(2000), |text| text.parse())?;
    let corpus = Corpus::read(&path)?;
    let dir = tempfile::tempdir()?;
    let mut writer = Writer::open(dir.path(), WriterOptions::default())?;
    for report in &corpus.reports {
        writer.upsert(report)?;
    }
    writer.commit(1)?;
    writer.close()?;
    let reader = Reader::open(dir.path())?;
    let mut wrong = words(&reader, &corpus, n_queries)?;
    wrong += combinations(&reader, &corpus, n_queries / 2)?;
    if wrong > 0 {
        return Err(format!("{wrong} answers are wrong").into());
    }
    Ok(())
}

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

/// Reports and their folded titles and paragraphs.
struct Corpus {
    reports: Vec<Report>,
    parts: Vec<Vec<String>>,
}

impl Corpus {
    fn read(path: &str) -> Fallible<Self> {
        let mut dice = Dice(99);
        let regions = ["430482", "430000", "430400", "510118", "110101", "320100"];
        let (mut all, mut parts) = (Vec::new(), Vec::new());
        for row in reports::rows(path)? {
            let content = Content {
                title: row.given("title"),
                text: row.field("text"),
                year: (dice.roll(5) > 0).then(|| 2010 + dice.roll(14) as i32),
                genre: dice.pick(Genre::ALL),
                issuer_type: (dice.roll(4) > 0).then(|| dice.pick(IssuerType::ALL)),
                region_code: (dice.roll(4) > 0)
                    .then(|| dice.pick(&regions).parse())
                    .transpose()?,
                ..Content::default()
            };
            let title = content.title.as_deref().map(fold);
            let folded = paragraphs(&content.text).map(|paragraph| fold(paragraph.text));
            parts.push(title.into_iter().chain(folded).collect());
            all.push(reports::report(&row.field("id"), row.field("url"), content)?);
        }
        Ok(Self { reports: all, parts })
    }

    /// Some characters of a text, in one paragraph.
    fn cut(&self, dice: &mut Dice, len: usize) -> String {
        loop {
            let text = &self.reports[dice.roll(self.reports.len())].content.text;
            let lines: Vec<&str> = text.split('\n').collect();
            let chars: Vec<char> = lines[dice.roll(lines.len())].chars().collect();
            let start = dice.roll(chars.len());
            let cut: String = chars.iter().skip(start).take(len).collect();
            // Signs that mean something in a query are left to the tests of its language.
            if cut.chars().any(char::is_alphanumeric)
                && !cut.contains(['"', '\\', '“', '”', '「', '」', '(', ')', ':'])
            {
                return cut;
            }
        }
    }

    fn holding(&self, holds: impl Fn(&Report, &[String]) -> bool) -> Vec<&Report> {
        let mut found: Vec<_> = self
            .reports
            .iter()
            .zip(&self.parts)
            .filter(|(report, parts)| holds(report, parts))
            .map(|(report, _)| report)
            .collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        found
    }
}

fn has(parts: &[String], folded: &str) -> bool {
    parts.iter().any(|part| part.contains(folded))
}

/// Whether a request finds just these reports, and counts them right.
fn is_right(reader: &Reader, request: &SearchRequest, expected: &[&Report]) -> Fallible<bool> {
    let found: Vec<_> = reader
        .find_all(request)?
        .map(|report| report.map(|report| report.id))
        .collect::<Result<_, _>>()?;
    let total = reader.search(request, Instant::now())?.total.value;
    let is_right = found.iter().eq(expected.iter().map(|report| &report.id)) && total == found.len() as u64;
    if !is_right {
        println!("wrong: {request:?}: {total}, not {}", expected.len());
    }
    Ok(is_right)
}

fn words(reader: &Reader, corpus: &Corpus, n_queries: usize) -> Fallible<usize> {
    let mut dice = Dice(2);
    let (mut n_asked, mut n_hits, mut n_wrong) = (0, 0, 0);
    let begin = Instant::now();
    while n_asked < n_queries {
        let pieces: Vec<_> = (0..1 + dice.roll(3))
            .map(|_| {
                let len = 1 + dice.roll(12);
                corpus.cut(&mut dice, len)
            })
            .collect();
        let request = SearchRequest {
            q: pieces.join(" "),
            ..SearchRequest::default()
        };
        let terms = match reader.search(&request, Instant::now()) {
            Ok(answer) => answer.query.terms,
            // Nothing but words that are left out, or signs that mean something.
            Err(SearchError::InvalidQuery { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        // A cut may have become a query of another form.
        let operates = |word: &str| word.starts_with('-') || ["AND", "OR", "NOT"].contains(&word);
        if terms.is_empty() || request.q.split_whitespace().any(operates) {
            continue;
        }
        let expected = corpus.holding(|_, parts| terms.iter().all(|term| has(parts, term)));
        n_wrong += usize::from(!is_right(reader, &request, &expected)?);
        n_hits += expected.len();
        n_asked += 1;
    }
    println!(
        "{n_asked} queries of words, {n_hits} hits, {n_wrong} wrong, {:.1?}",
        begin.elapsed()
    );
    Ok(n_wrong)
}

/// A query and what it means.
enum Q {
    Exact(String),
    Near(String, usize, String),
    And(Vec<Q>),
    Or(Vec<Q>),
    Not(Box<Q>),
}

impl Q {
    fn throw(corpus: &Corpus, dice: &mut Dice, depth: usize) -> Self {
        let string = |dice: &mut Dice| {
            let len = dice.pick(&[1, 2, 2, 2, 3, 4, 8]);
            corpus.cut(dice, len)
        };
        if depth == 0 || dice.roll(4) == 0 {
            return match dice.roll(4) {
                0 => Self::Near(string(dice), dice.pick(&[0, 1, 5, 20, 100]), string(dice)),
                _ => Self::Exact(string(dice)),
            };
        }
        let mut parts = || {
            (0..2 + dice.roll(2))
                .map(|_| Self::throw(corpus, dice, depth - 1))
                .collect()
        };
        match parts() {
            parts if depth.is_multiple_of(2) => Self::And(parts),
            mut parts if parts.len() == 3 => {
                let last = parts.pop();
                let not = last.map(|part| Self::Not(Box::new(part)));
                Self::Or(parts.into_iter().chain(not).collect())
            }
            parts => Self::Or(parts),
        }
    }

    fn write(&self) -> String {
        let join = |parts: &[Self], by: &str| parts.iter().map(Self::write).collect::<Vec<_>>().join(by);
        match self {
            Self::Exact(text) => format!("\"{text}\""),
            Self::Near(left, n, right) => format!("\"{left}\" NEAR/{n} \"{right}\""),
            Self::And(parts) => format!("({})", join(parts, " ")),
            Self::Or(parts) => format!("({})", join(parts, " OR ")),
            Self::Not(part) => format!("NOT {}", part.write()),
        }
    }

    fn holds(&self, parts: &[String]) -> bool {
        match self {
            Self::Exact(text) => has(parts, &fold(text)),
            Self::Near(left, n, right) => {
                let (left, right) = (fold(left), fold(right));
                let either = |part: &&String| part.contains(&left) && part.contains(&right);
                parts.iter().filter(either).any(|part| {
                    let (lefts, rights) = (places(part, &left), places(part, &right));
                    follows(&lefts, &rights, *n) || follows(&rights, &lefts, *n)
                })
            }
            Self::And(all) => all.iter().all(|q| q.holds(parts)),
            Self::Or(any) => any.iter().any(|q| q.holds(parts)),
            Self::Not(q) => !q.holds(parts),
        }
    }
}

/// Characters of a paragraph at which a string stands: from, to.
fn places(part: &str, needle: &str) -> Vec<(usize, usize)> {
    let chars: Vec<char> = part.chars().collect();
    let needle: Vec<char> = needle.chars().collect();
    let starts = chars
        .windows(needle.len())
        .enumerate()
        .filter(|(_, run)| *run == needle);
    starts.map(|(start, _)| (start, start + needle.len())).collect()
}

fn follows(first: &[(usize, usize)], second: &[(usize, usize)], n: usize) -> bool {
    first
        .iter()
        .any(|(_, end)| second.iter().any(|(start, _)| end <= start && start - end <= n))
}

/// Divisions that a report counts for.
fn regions(report: &Report) -> Vec<String> {
    let codes = report.content.region_code.into_iter();
    let codes = codes.flat_map(|code| divisions().ancestors(code));
    codes.map(|code| code.to_string()).collect()
}

/// Whether a report meets the filters but for those on the field of a facet.
fn meets(report: &Report, filters: &Filters, except: Option<Facet>) -> bool {
    let content = &report.content;
    let asked = |facet: Facet, is_empty: bool| except != Some(facet) && !is_empty;
    let region = |code: &RegionCode| regions(report).contains(&code.to_string());
    (!asked(Facet::Region, filters.region.is_empty()) || filters.region.iter().any(region))
        && (!asked(Facet::Year, filters.year.is_empty())
            || content.year.is_some_and(|year| filters.year.contains(&year)))
        && (!asked(Facet::Genre, filters.genre.is_empty()) || filters.genre.contains(&content.genre))
        && (!asked(Facet::IssuerType, filters.issuer_type.is_empty())
            || content
                .issuer_type
                .is_some_and(|kind| filters.issuer_type.contains(&kind)))
}

fn values(report: &Report, facet: Facet) -> Vec<String> {
    let content = &report.content;
    match facet {
        Facet::Region => regions(report),
        Facet::Year => content.year.iter().map(ToString::to_string).collect(),
        Facet::Genre => vec![content.genre.code().to_owned()],
        _ => content
            .issuer_type
            .iter()
            .map(|kind| kind.code().to_owned())
            .collect(),
    }
}

fn combinations(reader: &Reader, corpus: &Corpus, n_queries: usize) -> Fallible<usize> {
    let mut dice = Dice(3);
    let (mut n_hits, mut n_counts, mut n_wrong) = (0, 0, 0);
    let begin = Instant::now();
    for _ in 0..n_queries {
        let depth = 1 + dice.roll(3);
        let q = Q::throw(corpus, &mut dice, depth);
        let mut filters = Filters::default();
        for _ in 0..dice.roll(4) {
            match dice.roll(4) {
                0 => filters
                    .region
                    .push(dice.pick(&["430000", "430482", "510100", "110000"]).parse()?),
                1 => filters.year.extend((0..4).map(|_| 2010 + dice.roll(14) as i32)),
                2 => filters.genre.extend((0..4).map(|_| dice.pick(Genre::ALL))),
                _ => filters.issuer_type.push(dice.pick(IssuerType::ALL)),
            }
        }
        let request = SearchRequest {
            q: q.write(),
            filters: filters.clone(),
            facets: FACETS.to_vec(),
            ..SearchRequest::default()
        };
        let matching = corpus.holding(|_, parts| q.holds(parts));
        let hits: Vec<_> = matching
            .iter()
            .copied()
            .filter(|report| meets(report, &filters, None))
            .collect();
        n_wrong += usize::from(!is_right(reader, &request, &hits)?);
        n_hits += hits.len();
        let answer = reader.search(&request, Instant::now())?;
        for facet in FACETS {
            let mut expected: BTreeMap<String, u64> = BTreeMap::new();
            let counted = matching
                .iter()
                .filter(|report| meets(report, &filters, Some(facet)));
            for value in counted.flat_map(|report| values(report, facet)) {
                *expected.entry(value).or_default() += 1;
            }
            let found = answer.facets[&facet]
                .iter()
                .map(|count| (count.value.clone(), count.count));
            let found: BTreeMap<String, u64> = found.collect();
            n_counts += found.len();
            if found != expected {
                println!("wrong: {facet} of {request:?}");
                n_wrong += 1;
            }
        }
    }
    println!(
        "{n_queries} combinations, {n_hits} hits, {n_counts} counts, {n_wrong} wrong, {:.1?}",
        begin.elapsed()
    );
    Ok(n_wrong)
}
