//! The stretches of paragraphs that are worth showing: those in which most of the strings stand close together.

use super::{Found, passage};

/// Folded characters within which matches are shown in one passage.
const WINDOW: usize = 80;
/// Bytes between matches of one paragraph that are shown in passages of their own: of Chinese characters, as many as
/// two passages show around their matches.
pub(super) const APART: usize = 2 * passage::CONTEXT * 3;

/// The stretch of a paragraph that is worth showing.
pub(super) struct Window {
    /// Number of the paragraph.
    pub(super) paragraph: usize,
    pub(super) matches: Vec<Found>,
    worth: usize,
}

/// The best stretches of a paragraph, at most `max`, with so many bytes between them.
pub(super) fn windows_of(
    paragraph: usize,
    mut matches: Vec<Found>,
    worths: &[usize],
    max: usize,
    apart: usize,
) -> Vec<Window> {
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
        matches.retain(|found| found.bytes.end + apart <= start || end + apart <= found.bytes.start);
        windows.push(window);
    }
    windows
}

/// The stretch of a paragraph with the most worth in matches.
fn best_window(paragraph: usize, matches: &[Found], worths: &[usize]) -> Option<Window> {
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

/// Takes out the window to show next: the one that says most of what `shown` does not say yet, as long as there is such.
pub(super) fn take_best(windows: &mut Vec<Window>, shown: &[bool], worths: &[usize]) -> Option<Window> {
    let gain = |window: &Window| {
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
    let (at, _) = best?;
    Some(windows.remove(at))
}
