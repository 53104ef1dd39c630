//! Words and phrases to invent reports from: those of jieba's own dictionary, by how frequent it says they are.

use jieba_rs::Jieba;

use crate::dice::{Dice, Weighted};

/// Characters that words are put together from: the most frequent ones.
const N_CHARS: usize = 3000;
/// Words of two characters that make words of four, and how many get a third character.
const N_DOUBLED: usize = 2000;
const N_LENGTHENED: usize = 12_000;
/// Characters that make a word of three out of one of two.
const ENDINGS: &str = "性化者员会局厅部区县市省率度法权力制处站所院长费金期型线点网台";
/// Words that are drawn from.
const N_WORDS: usize = 60_000;
/// Phrases that many reports share, from the most frequent, in half of all and more, to those in a handful.
const N_PHRASES: usize = 60_000;

pub(crate) struct Vocabulary {
    words: Vec<String>,
    by_word: Weighted,
    phrases: Vec<String>,
    by_phrase: Weighted,
}

impl Vocabulary {
    pub(crate) fn new() -> Self {
        let jieba = Jieba::new();
        let mut words = dictionary(&jieba);
        words.truncate(N_WORDS);
        let by_word = Weighted::zipf(words.len(), 2.7, 1.0);
        let mut dice = Dice::new(1);
        let phrases = (0..N_PHRASES).map(|_| {
            let n_words = 2 + dice.roll(4);
            let words = (0..n_words).map(|_| words[by_word.draw(&mut dice)].as_str());
            words.collect()
        });
        let phrases = phrases.collect();
        Self {
            words,
            by_word,
            phrases,
            by_phrase: Weighted::zipf(N_PHRASES, 4.0, 1.0),
        }
    }

    pub(crate) fn word(&self, dice: &mut Dice) -> &str {
        &self.words[self.by_word.draw(dice)]
    }

    pub(crate) fn phrase(&self, dice: &mut Dice) -> &str {
        &self.phrases[self.by_phrase.draw(dice)]
    }

    /// Some words without regard to how frequent they are: what a report is about.
    pub(crate) fn topic(&self, dice: &mut Dice, n_words: usize) -> Vec<&str> {
        let word = |_| self.words[dice.roll(self.words.len())].as_str();
        (0..n_words).map(word).collect()
    }
}

/// Words of two to four characters, the most frequent ones first.
fn dictionary(jieba: &Jieba) -> Vec<String> {
    let mut chars: Vec<(usize, char)> = ('\u{4e00}'..='\u{9fa5}')
        .map(|c| (jieba.suggest_freq(&c.to_string()), c))
        .collect();
    chars.sort_by_key(|(freq, c)| (std::cmp::Reverse(*freq), *c));
    chars.truncate(N_CHARS);
    let mut twos: Vec<(usize, String)> = Vec::new();
    let mut word = String::new();
    for (_, first) in &chars {
        for (_, second) in &chars {
            word.clear();
            word.extend([*first, *second]);
            if jieba.has_word(&word) {
                twos.push((jieba.suggest_freq(&word), word.clone()));
            }
        }
    }
    let by_frequency = |words: &mut Vec<(usize, String)>| {
        words.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    };
    by_frequency(&mut twos);
    let mut longer = Vec::new();
    let mut add = |word: String| {
        if jieba.has_word(&word) {
            longer.push((jieba.suggest_freq(&word), word));
        }
    };
    for (_, two) in twos.iter().take(N_LENGTHENED) {
        ENDINGS.chars().for_each(|ending| add(format!("{two}{ending}")));
    }
    for (_, first) in twos.iter().take(N_DOUBLED) {
        twos.iter()
            .take(N_DOUBLED)
            .for_each(|(_, second)| add(format!("{first}{second}")));
    }
    twos.extend(longer);
    by_frequency(&mut twos);
    twos.into_iter().map(|(_, word)| word).collect()
}
