//! How well near-duplicates are found, and what it costs.
//!
//! ```text
//! cargo run --release --example duplicates -p gongbao-index -- reports.jsonl.gz [generated [cost]]
//! ```
//!
//! Writes the texts of a corpus and edited copies of them, works out for every pair with a common passage how similar
//! it is, and tells of the pairs in each range of similarity which share are near-duplicates to the index. Then it
//! generates so many reports, most with paragraphs that thousands have, some of them copies, and measures searches
//! that fold them; with `cost` only that.

#![allow(clippy::print_stdout, reason = "an example reports on the terminal")]

#[path = "shared/reports.rs"]
mod reports;

use std::{
    collections::{HashMap, HashSet},
    error::Error,
    time::{Duration, Instant},
};

use index::{Facet, Group, Reader, SearchRequest, Writer, WriterOptions};
use report::{Content, Report, fold};

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("which corpus?")?;
    let n_generated: usize = args.next().map_or(Ok(20_000), |text| text.parse())?;
    let texts = read(&path)?;
    if args.next().is_none() {
        quality(&texts)?;
    }
    cost(&texts, n_generated)
}

fn read(path: &str) -> Fallible<Vec<(String, String)>> {
    let rows = reports::rows(path)?.into_iter();
    Ok(rows.map(|row| (row.field("id"), row.field("text"))).collect())
}

/// Numbers that look like chance and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn report(id: &str, text: String) -> Fallible<Report> {
    let content = Content {
        chars: report::han_chars(&text),
        text,
        ..Content::default()
    };
    reports::report(id, format!("https://www.example.gov.cn/{id}.html"), content)
}

/// Changes a text: single characters, or whole paragraphs put in the place of others.
fn edited(dice: &mut Dice, text: &str, others: &[(String, String)]) -> String {
    let rate = [2, 5, 10, 20, 30, 40, 50, 80][dice.roll(8)];
    if dice.roll(2) == 0 {
        let change = |c: char| {
            let is_hit = c != '\n' && dice.roll(10_000) < rate * 10;
            let other = char::from_u32(0x4e00 + dice.roll(20_000) as u32);
            other.filter(|_| is_hit).unwrap_or(c)
        };
        return text.chars().map(change).collect();
    }
    let (_, other) = &others[dice.roll(others.len())];
    let other: Vec<&str> = other.split('\n').collect();
    let lines = text.split('\n').map(|line| match dice.roll(1000) < rate * 6 {
        true => other[dice.roll(other.len())],
        false => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs of five letters.
fn runs(text: &str) -> HashSet<[char; 5]> {
    let folded: String = text.split('\n').map(fold).collect();
    let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    letters
        .windows(5)
        .filter_map(|run| <[char; 5]>::try_from(run).ok())
        .collect()
}

/// One in 32.
fn is_picked(run: &[char; 5]) -> bool {
    let mixed = run
        .iter()
        .fold(0_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(*c as u32));
    mixed.wrapping_mul(0x9e37_79b1) >> 27 == 0
}

fn quality(texts: &[(String, String)]) -> Fallible<()> {
    let mut dice = Dice(42);
    let mut reports = Vec::new();
    for (id, text) in texts {
        reports.push(report(id, text.clone())?);
        if text.chars().count() > 500 {
            for copy in 0..2 {
                reports.push(report(&format!("{id}-{copy}"), edited(&mut dice, text, texts))?);
            }
        }
    }
    let dir = tempfile::tempdir()?;
    let reader = index(dir.path(), &reports)?;

    // Pairs with much in common, by a sample of their runs.
    let all: Vec<_> = reports.iter().map(|report| runs(&report.content.text)).collect();
    let mut holders: HashMap<&[char; 5], Vec<usize>> = HashMap::new();
    for (nth, runs) in all.iter().enumerate() {
        let picked = runs.iter().filter(|run| is_picked(run));
        picked.for_each(|run| holders.entry(run).or_default().push(nth));
    }
    let mut common: HashMap<(usize, usize), usize> = HashMap::new();
    for holders in holders.values().filter(|holders| holders.len() <= 40) {
        for (at, left) in holders.iter().enumerate() {
            for right in &holders[at + 1..] {
                *common.entry((*left, *right)).or_default() += 1;
            }
        }
    }
    let n_picked = |nth: usize| all[nth].len() / 32;
    let pairs = common
        .into_iter()
        .filter(|((left, right), n_common)| *n_common * 5 > n_picked(*left).min(n_picked(*right)));
    let mut duplicates: HashMap<String, HashSet<String>> = HashMap::new();
    let begin = Instant::now();
    for report in &reports {
        let found = reader.similar(&report.id, 100, None)?.unwrap_or_default();
        let ids = found.duplicates.iter().map(|other| other.id.to_string());
        duplicates.insert(report.id.to_string(), ids.collect());
    }
    println!(
        "{} reports, {:.1} ms for what is similar to one\n\nsimilarity  pairs  in one group",
        reports.len(),
        begin.elapsed().as_secs_f64() * 1e3 / reports.len() as f64
    );
    let mut steps = [(0_usize, 0_usize); 21];
    for ((left, right), _) in pairs {
        let common = all[left].intersection(&all[right]).count() as f64;
        let similarity = common / (all[left].len() + all[right].len()) as f64;
        let similarity = similarity / (1.0 - similarity);
        let (n_pairs, n_found) = &mut steps[(similarity * 20.0) as usize];
        *n_pairs += 1;
        let found = &duplicates[reports[left].id.as_str()];
        *n_found += usize::from(found.contains(reports[right].id.as_str()));
    }
    for (step, (n_pairs, n_found)) in steps.iter().enumerate().filter(|(_, (n_pairs, _))| *n_pairs > 0) {
        let from = step as f64 / 20.0;
        println!(
            "{from:>10.2} {n_pairs:>6}  {:.4}",
            *n_found as f64 / *n_pairs as f64
        );
    }
    Ok(())
}

fn index(dir: &std::path::Path, reports: &[Report]) -> Fallible<Reader> {
    let mut writer = Writer::open(dir, WriterOptions::default())?;
    for report in reports {
        writer.upsert(report)?;
    }
    writer.commit(1)?;
    writer.close()?;
    Ok(Reader::open(dir)?)
}

fn cost(texts: &[(String, String)], n: usize) -> Fallible<()> {
    let pieces: Vec<&str> = texts
        .iter()
        .flat_map(|(_, text)| text.split(['\n', '，', '。', '、', '；']))
        .filter(|piece| (4..20).contains(&piece.chars().count()))
        .collect();
    let mut dice = Dice(7);
    let passage = |dice: &mut Dice, n: usize| -> String {
        (0..n)
            .map(|_| pieces[dice.roll(pieces.len())])
            .collect::<Vec<_>>()
            .join("，")
    };
    // Forms that many reports fill in: half of each report.
    let forms: Vec<String> = (0..20).map(|_| passage(&mut dice, 20)).collect();
    let mut reports: Vec<Report> = Vec::with_capacity(n);
    for nth in 0..n {
        let text = match dice.roll(10) {
            0 if nth > 0 => format!("{}\n转载", reports[dice.roll(nth)].content.text),
            1..5 => format!("{}\n{}", forms[dice.roll(forms.len())], passage(&mut dice, 20)),
            _ => passage(&mut dice, 40),
        };
        reports.push(report(&format!("r{nth}"), text)?);
    }
    let dir = tempfile::tempdir()?;
    let begin = Instant::now();
    let reader = index(dir.path(), &reports)?;
    println!("\n{n} generated reports indexed in {:.1?}", begin.elapsed());
    let stats = reader.stats()?;
    println!(
        "index {:.1} MB, {:?}",
        stats.bytes as f64 / 1e6,
        stats.bytes_by_part
    );
    let plain = SearchRequest {
        q: "工作".into(),
        facets: vec![Facet::Year],
        ..SearchRequest::default()
    };
    let folding = SearchRequest {
        group: Group::Duplicates,
        ..plain.clone()
    };
    println!("and on the processor, whatever else is at work:");
    for (name, request) in [
        ("warm-up", &plain),
        ("every report a hit", &plain),
        ("folded, the first search of a state", &folding),
        ("folded, later", &folding),
        ("folded, later", &folding),
    ] {
        let (begin, begin_cpu) = (Instant::now(), processor());
        let answer = reader.search(request, begin)?;
        let cpu = processor() - begin_cpu;
        println!(
            "{name}: {} hits in {:.1?}, {cpu:.1?}",
            answer.total.value,
            begin.elapsed()
        );
    }
    let (begin, begin_cpu) = (Instant::now(), processor());
    for nth in 0..100 {
        reader.similar(&reports[nth * n / 100].id, 10, None)?;
    }
    let cpu = processor() - begin_cpu;
    println!("similar: {:.1?}, {:.1?} each", begin.elapsed() / 100, cpu / 100);
    Ok(())
}

/// Time this thread has had on a processor; zero where the system does not tell.
fn processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}
