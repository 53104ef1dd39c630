//! Reports that are asked for by their titles with a word dropped.
//!
//! Of each title, one word is left out, another with each report. The report, or another with the same title, has to be
//! among the first three. A question that fits more than three titles, because what told them apart was left out, is
//! counted in the second figure only.

use std::{
    collections::{HashMap, HashSet},
    error::Error,
    time::Instant,
};

use index::{Mode, SearchRequest, Weights};

use crate::set::{Set, plain};

/// Asks in the modes `words` and `any` and prints the shares.
pub(crate) fn ask(set: &Set, every: usize, weights: Weights) -> Result<(), Box<dyn Error>> {
    let titles: HashMap<&str, &str> = set
        .titles
        .iter()
        .map(|(id, title)| (id.as_str(), title.as_str()))
        .collect();
    let plain_titles: HashSet<String> = titles.values().map(|title| plain(title)).collect();
    for mode in [Mode::Words, Mode::Any] {
        let (mut n, mut n_found, mut n_clear, mut n_clear_found) = (0, 0, 0, 0);
        for (nth, (_, title)) in set.titles.iter().enumerate().step_by(every) {
            let Some(q) = without_a_word(set, title, nth)? else {
                continue;
            };
            let request = SearchRequest {
                q: q.clone(),
                mode,
                limit: 3,
                ..SearchRequest::default()
            };
            let found = set.reader.find_first(&request, weights)?;
            let is_found = found
                .iter()
                .any(|id| titles.get(id.as_str()) == Some(&title.as_str()));
            let fits = |title: &&String| q.split(' ').all(|part| title.contains(part));
            let is_clear = plain_titles.iter().filter(fits).take(4).count() < 4;
            n += 1;
            n_found += u32::from(is_found);
            n_clear += u32::from(is_clear);
            n_clear_found += u32::from(is_clear && is_found);
            if is_clear && !is_found && n_clear - n_clear_found <= 10 {
                println!("  {mode} {q}: not {title}");
            }
        }
        let share = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole.max(1));
        println!(
            "{} {mode}: {n_clear_found} of {n_clear}, {:.2} %; with those that fit more titles {n_found} of {n}, {:.2} %",
            set.name,
            share(n_clear_found, n_clear),
            share(n_found, n),
        );
    }
    Ok(())
}

/// A title without one of its words; `None` when there is only one.
fn without_a_word(set: &Set, title: &str, nth: usize) -> Result<Option<String>, Box<dyn Error>> {
    let q = plain(title);
    if q.is_empty() {
        return Ok(None);
    }
    let request = SearchRequest {
        q: q.clone(),
        limit: 1,
        ..SearchRequest::default()
    };
    // A title of nothing but words that are left out is refused.
    let Ok(answer) = set.reader.search(&request, Instant::now()) else {
        return Ok(None);
    };
    let words = answer.query.terms;
    if words.len() < 2 {
        return Ok(None);
    }
    // Where folding changed a word, it is not found in the title.
    let dropped = &words[nth % words.len()];
    Ok(q.contains(dropped.as_str())
        .then(|| q.replacen(dropped.as_str(), " ", 1)))
}
