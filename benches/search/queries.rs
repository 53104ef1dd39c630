//! The queries that are measured: strings and words out of the reports themselves, in strata by how many reports have
//! them and how long they are, so that the rare and the common, the short and the long count alike.

use std::time::Instant;

use index::{Mode, Reader, SearchRequest, Sort};
use report::fold;

use crate::{dice::Dice, reports::Reports};

/// Shares of all reports that the strata lie around, half as many to three times as many.
pub(crate) const SHARES: [f64; 5] = [0.0001, 0.001, 0.01, 0.1, 0.5];
/// Characters of exact strings, first and last of each class.
pub(crate) const LENGTHS: [(usize, usize); 4] = [(2, 2), (3, 4), (5, 8), (9, 12)];
/// Words of a query.
pub(crate) const WORDS: [(usize, usize); 3] = [(1, 1), (2, 2), (3, 5)];

/// A query and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) q: String,
    /// Places in [`SHARES`], and in [`LENGTHS`] or [`WORDS`].
    pub(crate) share: usize,
    pub(crate) class: usize,
    pub(crate) total: u64,
}

/// What fills the strata: text of one report that may become a query.
type Cut<'a> = dyn Fn(&mut Dice, &[char], usize) -> Option<String> + 'a;

/// Exact strings, up to `n` for each share and length.
pub(crate) fn strings(reports: &Reports, reader: &Reader, n_reports: usize, n: usize) -> Vec<Asked> {
    let cut = |dice: &mut Dice, text: &[char], class: usize| {
        let (least, most) = LENGTHS[class];
        let n_chars = least + dice.roll(most - least + 1);
        // Half of them out of what many reports share: elsewhere long strings are hardly ever common.
        let phrase: Vec<char> = reports.phrase(dice).chars().collect();
        let text = if dice.percent(50) && phrase.len() >= n_chars {
            &phrase
        } else {
            text
        };
        let start = dice.roll(text.len().saturating_sub(n_chars) + 1);
        let string: String = text.get(start..start + n_chars)?.iter().collect();
        (!string.contains('\n') && string == fold(&string)).then_some(string)
    };
    fill(reports, reader, n_reports, n, LENGTHS.len(), Mode::Exact, &cut)
}

/// Bare terms, up to `n` for each share and number of words.
pub(crate) fn words(reports: &Reports, reader: &Reader, n_reports: usize, n: usize) -> Vec<Asked> {
    let cut = |dice: &mut Dice, text: &[char], class: usize| {
        let (least, most) = WORDS[class];
        let n_words = least + dice.roll(most - least + 1);
        let mut words = Vec::new();
        for _ in 0..n_words {
            // A run of characters as people type them: jieba cuts it again.
            let n_chars = 2 + dice.roll(3);
            let start = dice.roll(text.len().saturating_sub(n_chars) + 1);
            let word: String = text.get(start..start + n_chars)?.iter().collect();
            words.push(word);
        }
        let is_word = |word: &String| word.chars().all(|c| ('\u{4e00}'..='\u{9fa5}').contains(&c));
        words.iter().all(is_word).then(|| words.join(" "))
    };
    fill(reports, reader, n_reports, n, WORDS.len(), Mode::Words, &cut)
}

fn fill(
    reports: &Reports,
    reader: &Reader,
    n_reports: usize,
    n: usize,
    n_classes: usize,
    mode: Mode,
    cut: &Cut<'_>,
) -> Vec<Asked> {
    let mut dice = Dice::new(77);
    let mut asked: Vec<Asked> = Vec::new();
    let mut room = vec![n; SHARES.len() * n_classes];
    // Common long strings are few: most of them are in the first thousand tries or nowhere.
    for _ in 0..30 * n {
        let text: Vec<char> = reports
            .report(dice.roll(n_reports))
            .content
            .text
            .chars()
            .collect();
        for class in (0..n_classes).flat_map(|class| [class; 4]) {
            if (0..SHARES.len()).all(|share| room[share * n_classes + class] == 0) {
                continue;
            }
            let Some(q) = cut(&mut dice, &text, class) else {
                continue;
            };
            let request = SearchRequest {
                q,
                mode,
                limit: 1,
                sort: Some(Sort::Year),
                ..SearchRequest::default()
            };
            // Bare terms of nothing but ignored words are refused.
            let Ok(answer) = reader.search(&request, Instant::now()) else {
                continue;
            };
            let total = answer.total.value;
            let part = total as f64 / n_reports as f64;
            let share = SHARES
                .iter()
                .position(|share| (0.5..3.0).contains(&(part / share)));
            if let Some(share) = share
                && room[share * n_classes + class] > 0
                && asked.iter().all(|other| other.q != request.q)
            {
                room[share * n_classes + class] -= 1;
                asked.push(Asked {
                    q: request.q,
                    share,
                    class,
                    total,
                });
            }
        }
        if room.iter().all(|room| *room == 0) {
            break;
        }
    }
    asked
}
