//! The stretches of paragraphs that are worth showing: those in which most of the strings stand close together.

use report::Paragraph;

use super::{Found, passage};

/// Folded characters within which matches are shown in one passage.
const WINDOW: usize = 80;
/// Bytes between matches of one paragraph that are shown in passages of their own: of Chinese characters, as many as
/// two passages show around their matches.
const APART: usize = 2 * passage::CONTEXT * 3;

/// The stretch of a paragraph that is worth showing.
pub(super) struct Window<'a> {
    pub(super) paragraph: Paragraph<'a>,
    pub(super) matches: Vec<Found>,
    worth: usize,
}

/// The best stretches of a paragraph, so far apart that the passages around them do not meet.
pub(super) fn windows_of<'a>(
    paragraph: Paragraph<'a>,
    mut matches: Vec<Found>,
    worths: &[usize],
    max: usize,
) -> Vec<Window<'a>> {
    let mut windows = Vec::new();
    while windows.len() < max
        && let Some(window) = best_window(paragraph, &matches, worths)
    {
        let start = window
            .matches
            .iter()
            .map(|found| found.bytes.start)
            .min()
            .unwrap_or(0);
        let end = window
            .matches
            .iter()
            .map(|found| found.bytes.end)
            .max()
            .unwrap_or(0);
        matches.retain(|found| found.bytes.end + APART <= start || end + APART <= found.bytes.start);
        windows.push(window);
    }
    windows
}

/// The stretch of a paragraph with the most worth in matches.
fn best_window<'a>(paragraph: Paragraph<'a>, matches: &[Found], worths: &[usize]) -> Option<Window<'a>> {
    // Folded characters have up to four bytes, nearly all of them three.
    let reach = WINDOW * 3;
    let mut counts = vec![0_u32; worths.len()];
    let (mut worth, mut best, mut end) = (0, (0, 0..0), 0);
    for start in 0..matches.len() {
        let limit = matches[start].bytes.start + reach;
        while end < matches.len() && (end == start || matches[end].bytes.end <= limit) {
            counts[matches[end].string] += 1;
            if counts[matches[end].string] == 1 {
                worth += worths[matches[end].string];
            }
            end += 1;
        }
        if worth > best.0 {
            best = (worth, start..end);
        }
        let first = matches[start].string;
        counts[first] -= 1;
        if counts[first] == 0 {
            worth -= worths[first];
        }
    }
    let (worth, range) = best;
    (worth > 0).then(|| Window {
        paragraph,
        matches: matches[range].to_vec(),
        worth,
    })
}

/// The windows to show, best first: each shows strings that those before do not, as long as there are such.
pub(super) fn choose<'a>(mut windows: Vec<Window<'a>>, worths: &[usize], max: usize) -> Vec<Window<'a>> {
    let mut shown = vec![false; worths.len()];
    let mut chosen: Vec<Window<'a>> = Vec::new();
    while chosen.len() < max {
        let gain = |window: &Window<'_>| {
            let mut strings: Vec<_> = window.matches.iter().map(|found| found.string).collect();
            strings.sort_unstable();
            strings.dedup();
            strings
                .iter()
                .filter(|string| !shown[**string])
                .map(|string| worths[*string])
                .sum::<usize>()
        };
        let best = windows
            .iter()
            .enumerate()
            .max_by_key(|(nth, window)| (gain(window), window.worth, std::cmp::Reverse(*nth)));
        let Some((at, _)) = best else { break };
        let window = windows.remove(at);
        window.matches.iter().for_each(|found| shown[found.string] = true);
        chosen.push(window);
    }
    chosen
}
