//! Weighs the traces of a page and decides, or does not.

use std::collections::BTreeMap;

use report::{Evidence, Level, RegionCode, divisions};

use super::{
    confidence,
    national::is_nation,
    traces::{Side, Trace, agrees},
};

/// Below this a region is not named.
const THRESHOLD: f64 = 0.5;
/// Most candidates that are listed; no name is borne by more divisions.
const MAX_CANDIDATES: usize = 16;
/// Most pieces of evidence that are listed.
const MAX_EVIDENCE: usize = 24;
/// A rival as near as this leaves the matter open.
const NEAR: f64 = 0.85;

/// What the traces of a page come to.
pub(super) struct Choice {
    traces: Vec<Trace>,
    subject: Option<(RegionCode, f64)>,
    publisher: Option<RegionCode>,
    candidates: Vec<RegionCode>,
}

impl Choice {
    /// `speaks` is the level at which the text speaks of itself: 我县, 全市.
    pub(super) fn between(mut traces: Vec<Trace>, speaks: Option<Level>) -> Self {
        narrow(&mut traces);
        let publisher_scores = scores(&traces, Side::Publisher);
        let publisher = winner(&publisher_scores).map(|(code, _)| code);
        weigh_below(&mut traces, publisher);
        let scores = subject_scores(&traces, publisher, speaks);
        let open = open_question(&traces, &scores);
        let subject = if open.is_some() { None } else { winner(&scores) };
        let candidates = match (&subject, open) {
            (Some(_), _) => Vec::new(),
            (None, Some(codes)) => codes,
            (None, None) => near_the_top(&scores),
        };
        Self {
            traces,
            subject,
            publisher: publisher.filter(|code| !is_nation(*code)),
            candidates: candidates
                .into_iter()
                .filter(|code| !is_nation(*code))
                .take(MAX_CANDIDATES)
                .collect(),
        }
    }

    /// Whose site it is.
    pub(super) fn publisher(&self) -> Option<RegionCode> {
        self.publisher
    }

    /// What the document is about, and how sure that is. A national document is about no region.
    pub(super) fn subject(&self) -> Option<(RegionCode, f64)> {
        let (code, sum) = self.subject?;
        (!is_nation(code)).then_some((code, (confidence::of(sum) * 100.0).round() / 100.0))
    }

    /// What could not be told apart.
    pub(super) fn candidates(&self) -> Vec<RegionCode> {
        self.candidates.clone()
    }

    /// Every trace that was weighed, those that weigh most first; one that is still open once for each division that
    /// it may mean.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let mut out: Vec<Evidence> = Vec::new();
        for trace in &self.traces {
            let weight = (trace.weight / trace.codes.len() as f64 * 100.0).round() / 100.0;
            for code in &trace.codes {
                let same = |known: &Evidence| {
                    known.signal == trace.signal && known.value == trace.value && known.code == *code
                };
                if !out.iter().any(same) {
                    out.push(Evidence {
                        signal: trace.signal.to_owned(),
                        value: trace.value.clone(),
                        code: *code,
                        weight,
                    });
                }
            }
        }
        out.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        out.truncate(MAX_EVIDENCE);
        out
    }
}

/// A trace that can mean several divisions means those that the clear traces lie in, or that lie in them, if these speak
/// for some of them much more than for the others.
fn narrow(traces: &mut [Trace]) {
    /// How much more support is needed than any other has.
    const MORE: f64 = 1.5;
    // What was narrowed in the first round helps in the second.
    for _ in 0..2 {
        let clear: Vec<(RegionCode, f64)> = traces
            .iter()
            .filter(|trace| trace.codes.len() == 1)
            .map(|trace| (trace.codes[0], trace.weight))
            .collect();
        for trace in traces.iter_mut().filter(|trace| trace.codes.len() > 1) {
            let support: Vec<f64> = trace.codes.iter().map(|code| support(*code, &clear)).collect();
            let most = support.iter().copied().fold(0.0, f64::max);
            if most > 0.0 {
                let mut kept = support.iter().map(|support| support * MORE > most);
                trace.codes.retain(|_| kept.next().unwrap_or(true));
            }
        }
    }
}

/// How much clear traces speak for a code: those for itself, or for what lies above or below it.
fn support(code: RegionCode, clear: &[(RegionCode, f64)]) -> f64 {
    let table = divisions();
    let related = |other: RegionCode| table.is_within(code, other) || table.is_within(other, code);
    clear
        .iter()
        .filter(|(other, _)| related(*other))
        .map(|(_, weight)| weight)
        .sum()
}

/// A superior's document names many divisions below it without being about them: in its text, and the State Council's
/// anywhere but at the beginning of the title.
fn weigh_below(traces: &mut [Trace], publisher: Option<RegionCode>) {
    /// The weight of a name that begins a title.
    const BEGINS: f64 = 0.85;
    let Some(publisher) = publisher else { return };
    let factor = match publisher.level() {
        _ if is_nation(publisher) => 0.5,
        Level::Province => 0.6,
        Level::City | Level::County => return,
    };
    for trace in traces
        .iter_mut()
        .filter(|trace| !trace.codes.contains(&publisher))
    {
        let inside = is_nation(publisher) && trace.signal == "title" && trace.weight < BEGINS;
        if trace.signal == "body" || inside {
            trace.weight *= factor;
        }
    }
}

/// How strongly the traces of a side speak for each code, 0 to 1: independent hints add up towards certainty.
fn scores(traces: &[Trace], side: Side) -> BTreeMap<RegionCode, f64> {
    let mut doubt: BTreeMap<RegionCode, f64> = BTreeMap::new();
    for trace in traces.iter().filter(|trace| trace.side == side) {
        let share = trace.weight / trace.codes.len() as f64;
        for code in &trace.codes {
            *doubt.entry(*code).or_insert(1.0) *= 1.0 - share;
        }
    }
    doubt
        .into_iter()
        .map(|(code, doubt)| (code, 1.0 - doubt))
        .collect()
}

/// The same for what a document is about. The site speaks too, less so when the document names a place itself, and more
/// so when it names none but says 我县 on a county's site.
fn subject_scores(
    traces: &[Trace],
    publisher: Option<RegionCode>,
    speaks: Option<Level>,
) -> BTreeMap<RegionCode, f64> {
    /// A document that names a place so clearly speaks for itself.
    const NAMES: f64 = 0.4;
    let own = |trace: &&Trace| trace.side == Side::Subject && trace.weight >= NAMES;
    let named = traces
        .iter()
        .filter(own)
        .any(|trace| trace.signal != "body" && trace.signal != "breadcrumb");
    let agreed = publisher.zip(speaks);
    let agreed = agreed.is_some_and(|(code, level)| !is_nation(code) && agrees(code, level));
    let (factor, most) = match (named, agreed) {
        (true, _) => (0.6, 0.55),
        (false, false) => (0.8, 0.76),
        (false, true) => (0.9, 0.8),
    };
    let mut out = scores(traces, Side::Subject);
    let site: BTreeMap<RegionCode, f64> = scores(traces, Side::Publisher)
        .into_iter()
        .map(|(code, score)| (code, (score * factor).min(most)))
        .collect();
    let table = divisions();
    // A prefecture's site carries the pages of its counties: it speaks for those that have a clear trace of their own,
    // or are named in a text that does not name the prefecture.
    let city = publisher.filter(|code| !is_nation(*code) && code.level() == Level::City);
    let silent = |city| {
        !traces
            .iter()
            .any(|trace| trace.signal == "body" && trace.codes.contains(&city))
    };
    let bodies = city.is_some_and(silent);
    let clear: Vec<RegionCode> = traces
        .iter()
        .filter(|trace| trace.side == Side::Subject && trace.codes.len() == 1)
        .filter(|trace| {
            if trace.signal == "body" {
                bodies && trace.weight >= 0.4
            } else {
                trace.weight >= 0.5
            }
        })
        .map(|trace| trace.codes[0])
        .collect();
    for (code, score) in &site {
        let below = clear
            .iter()
            .filter(|below| **below != *code && table.is_within(**below, *code));
        let speaks_for: Vec<RegionCode> = std::iter::once(*code).chain(below.copied()).collect();
        for code in speaks_for {
            let known = out.entry(code).or_insert(0.0);
            *known = 1.0 - (1.0 - *known) * (1.0 - score);
        }
    }
    out
}

/// The codes of a strong trace that can still mean several divisions: no weaker hint at something else, nor at what
/// lies above them, answers that.
fn open_question(traces: &[Trace], scores: &BTreeMap<RegionCode, f64>) -> Option<Vec<RegionCode>> {
    let open = traces
        .iter()
        .filter(|trace| trace.side == Side::Subject && trace.codes.len() > 1 && trace.weight >= THRESHOLD)
        .max_by(|a, b| a.weight.total_cmp(&b.weight))?;
    let best = ranked(scores).first().copied()?;
    let answered = open.codes.contains(&best.0) && winner(scores).is_some()
        || best.1 > open.weight && !open.codes.iter().any(|code| divisions().is_within(*code, best.0));
    (!answered).then(|| open.codes.clone())
}

fn ranked(scores: &BTreeMap<RegionCode, f64>) -> Vec<(RegionCode, f64)> {
    let mut ranked: Vec<(RegionCode, f64)> = scores.iter().map(|(code, score)| (*code, *score)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked
}

fn near_the_top(scores: &BTreeMap<RegionCode, f64>) -> Vec<RegionCode> {
    let ranked = ranked(scores);
    let top = ranked.first().map_or(0.0, |(_, score)| *score);
    let near = ranked.into_iter().filter(|(_, score)| *score >= 0.5 * top);
    near.map(|(code, _)| code).collect()
}

/// The best code, if it is good enough and no other comes near; what lies above or below it does not compete, save
/// that of two equal ones the lower is meant.
fn winner(scores: &BTreeMap<RegionCode, f64>) -> Option<(RegionCode, f64)> {
    let table = divisions();
    let ranked = ranked(scores);
    let (mut best, mut score) = *ranked.first()?;
    for (code, other) in &ranked[1..] {
        if *other >= 0.97 * score && table.is_within(*code, best) {
            (best, score) = (*code, *other);
        }
    }
    let related =
        |code: RegionCode| code == best || table.is_within(best, code) || table.is_within(code, best);
    let rival = ranked.iter().find(|(code, _)| !related(*code));
    let rival = rival.map_or(0.0, |(_, score)| *score);
    let sum = score * (1.0 - 0.5 * (rival / score.max(f64::EPSILON)).powi(2));
    (score >= THRESHOLD && rival < NEAR * score).then_some((best, sum))
}
