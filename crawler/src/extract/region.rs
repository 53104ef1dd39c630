//! Which region a document is about, and which region's site carries it.
//!
//! Many names are borne by several divisions (鼓楼区 four times, 朝阳 three), sites repost what others issued, and site
//! codes outlive the divisions they were made from. So every trace is a weighted hint for one or several codes
//! (`region/traces.rs`), hints that can mean several divisions are narrowed by what lies around them, and the sum
//! decides. Without a clear winner there is no region, only candidates.

use std::collections::BTreeMap;

use report::{Content, Evidence, Level, RegionCode, divisions};

use super::document::Document;

mod traces;

use self::traces::{Side, Trace};

/// Below this a region is not named.
const THRESHOLD: f64 = 0.5;
/// Most candidates that are listed.
const MAX_CANDIDATES: usize = 8;
/// What the site alone can say about the subject of its pages.
const MOST_FROM_SITE: f64 = 0.55;

/// Fills in the fields of the region.
pub(crate) fn fill(content: &mut Content, document: &Document<'_>) {
    let mut traces = traces::collect(content, document);
    narrow(&mut traces);
    let subject = scores(&traces, Side::Subject);
    content.publisher_region_code = clear_winner(&scores(&traces, Side::Publisher)).map(|(code, _)| code);
    let ranked = ranked(&subject);
    match clear_winner(&subject) {
        Some((code, confidence)) => {
            content.region_code = Some(code);
            content.region_confidence = Some((confidence * 100.0).round() / 100.0);
            content.region_evidence = evidence(&traces, &[code]);
        }
        None => {
            content.region_candidates = ranked
                .iter()
                .map(|(code, _)| *code)
                .take(MAX_CANDIDATES)
                .collect();
            content.region_evidence = evidence(&traces, &content.region_candidates);
        }
    }
}

/// A trace that can mean several divisions means those that the clear traces lie in, or that lie in them.
fn narrow(traces: &mut [Trace]) {
    let table = divisions();
    let clear: Vec<RegionCode> = traces
        .iter()
        .filter(|trace| trace.codes.len() == 1)
        .map(|trace| trace.codes[0])
        .collect();
    for trace in traces.iter_mut().filter(|trace| trace.codes.len() > 1) {
        let support = |code: RegionCode| {
            let related =
                |other: &&RegionCode| table.is_within(code, **other) || table.is_within(**other, code);
            clear.iter().filter(related).count()
        };
        let most = trace
            .codes
            .iter()
            .map(|code| support(*code))
            .max()
            .unwrap_or_default();
        if most > 0 {
            trace.codes.retain(|code| support(*code) == most);
        }
    }
}

/// How strongly the traces speak for each code, 0 to 1: independent hints add up towards certainty.
fn scores(traces: &[Trace], side: Side) -> BTreeMap<RegionCode, f64> {
    let mut doubt: BTreeMap<RegionCode, f64> = BTreeMap::new();
    let mut doubt_of_site: BTreeMap<RegionCode, f64> = BTreeMap::new();
    for trace in traces {
        let share = trace.weight / trace.codes.len() as f64;
        for code in &trace.codes {
            if trace.side == side {
                *doubt.entry(*code).or_insert(1.0) *= 1.0 - share;
            } else if side == Side::Subject {
                *doubt_of_site.entry(*code).or_insert(1.0) *= 1.0 - share * 0.6;
            }
        }
    }
    for (code, site) in doubt_of_site {
        *doubt.entry(code).or_insert(1.0) *= site.max(1.0 - MOST_FROM_SITE);
    }
    doubt
        .into_iter()
        .map(|(code, doubt)| (code, 1.0 - doubt))
        .collect()
}

fn ranked(scores: &BTreeMap<RegionCode, f64>) -> Vec<(RegionCode, f64)> {
    let mut ranked: Vec<(RegionCode, f64)> = scores.iter().map(|(code, score)| (*code, *score)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    ranked
}

/// The best code, if it is good enough and no other comes near; what lies above or below it does not compete, save
/// that of two equal ones the lower is meant.
fn clear_winner(scores: &BTreeMap<RegionCode, f64>) -> Option<(RegionCode, f64)> {
    const NEAR: f64 = 0.85;
    let table = divisions();
    let ranked = ranked(scores);
    let (mut best, mut score) = *ranked.first()?;
    for (code, other) in &ranked[1..] {
        if *other >= 0.97 * score && table.is_within(*code, best) {
            (best, score) = (*code, *other);
        }
    }
    let rival = ranked
        .iter()
        .find(|(code, _)| !table.is_within(best, *code) && !table.is_within(*code, best));
    let rival = rival.map_or(0.0, |(_, score)| *score);
    let confidence = score * (1.0 - 0.5 * (rival / score.max(f64::EPSILON)).powi(2));
    // Traces of one page are never quite independent.
    (score >= THRESHOLD && rival < NEAR * score).then_some((best, confidence.min(0.99)))
}

fn evidence(traces: &[Trace], codes: &[RegionCode]) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    for trace in traces {
        for code in trace.codes.iter().filter(|code| codes.contains(code)) {
            let weight = (trace.weight / trace.codes.len() as f64 * 100.0).round() / 100.0;
            let signal = trace.signal.to_owned();
            let known = out
                .iter()
                .any(|known| known.signal == signal && known.value == trace.value && known.code == *code);
            if !known {
                out.push(Evidence {
                    signal,
                    value: trace.value.clone(),
                    code: *code,
                    weight,
                });
            }
        }
    }
    out.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    out
}

/// Names of the region and of what lies above it.
pub(crate) fn fill_names(content: &mut Content) {
    let table = divisions();
    let path = content
        .region_code
        .map(|code| table.path(code))
        .unwrap_or_default();
    let region = content.region_code.and_then(|code| table.get(code));
    content.region_name = region.map(|region| region.name.to_owned());
    content.province = path.province.map(str::to_owned);
    content.city = path.city.map(str::to_owned);
    content.county = path.county.map(str::to_owned);
}

/// The level that words of self-reference speak of: 我县 and 全县 of a county, 我省 of a province.
pub(crate) fn self_reference(text: &str) -> Option<Level> {
    let count = |words: &[&str]| -> usize { words.iter().map(|word| text.matches(word).count()).sum() };
    let county = count(&["我县", "全县", "我区", "全区", "我旗", "全旗"]);
    let province = count(&["我省", "全省"]);
    let city = count(&["我市", "全市", "我州", "全州"]);
    match (county, city, province) {
        (2.., _, _) if county > city && county > province => Some(Level::County),
        (_, 2.., _) if city > county && city > province => Some(Level::City),
        (_, _, 2..) if province > county && province > city => Some(Level::Province),
        _ => None,
    }
}
