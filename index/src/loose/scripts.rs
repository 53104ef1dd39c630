//! Traditional and simplified characters: the forms of a term in the other script, by the tables of OpenCC.
//!
//! A term is brought to simplified characters and from there to traditional ones, phrase by phrase, so that 干部 becomes
//! 幹部 and not 乾部. A character outside the known phrases becomes everything that it may stand for: 后 may be 後 or 后.
//! Each form comes in the characters of Taiwan and of Hong Kong too, 裏面 as 裡面, since pages are written in all of them.

use std::{collections::HashMap, sync::LazyLock};

/// Forms that the parts of a term are combined to; more parts have their usual form only.
const MAX_COMBINED: usize = 8;

static SCRIPTS: LazyLock<Scripts> = LazyLock::new(Scripts::read);

struct Scripts {
    to_traditional: Table,
    to_simplified: Table,
    /// What characters look like in Taiwan and in Hong Kong.
    regional: [HashMap<char, char>; 2],
}

/// What characters and phrases become, the usual form first.
#[derive(Default)]
struct Table {
    characters: HashMap<char, Vec<char>>,
    phrases: HashMap<String, Vec<&'static str>>,
    /// Characters of the longest phrase that begins with a character.
    longest: HashMap<char, usize>,
}

/// Every other form of a folded term.
pub(super) fn forms(term: &str) -> Vec<String> {
    SCRIPTS.forms(term)
}

/// A text in simplified characters, in its usual form.
pub(super) fn simplified(text: &str) -> String {
    let forms = SCRIPTS.to_simplified.convert(text);
    forms.into_iter().next().unwrap_or_default()
}

/// Loads the tables.
pub(crate) fn warm_up() {
    LazyLock::force(&SCRIPTS);
}

impl Scripts {
    fn read() -> Self {
        let mut to_simplified = Table::new(include_str!("../../data/opencc/TSCharacters.txt"));
        let mut to_traditional = Table::new(include_str!("../../data/opencc/STCharacters.txt"));
        for line in include_str!("../../data/opencc/TSPhrases.txt").lines() {
            if let Some((phrase, forms)) = line.split_once('\t') {
                to_simplified.add(phrase.to_owned(), forms);
            }
        }
        for line in include_str!("../../data/opencc/STPhrases.txt").lines() {
            let (phrase, forms) = match line.split_once('\t') {
                Some((phrase, forms)) => (phrase.to_owned(), forms),
                None => {
                    let usual = line.split(' ').next().unwrap_or_default();
                    (usual.chars().map(|c| to_simplified.usual(c)).collect(), line)
                }
            };
            to_traditional.add(phrase, forms);
        }
        let regional = [
            include_str!("../../data/opencc/TWVariants.txt"),
            include_str!("../../data/opencc/HKVariants.txt"),
        ];
        let regional = regional.map(|table| {
            let table = Table::new(table).characters.into_iter();
            table
                .filter_map(|(c, forms)| forms.first().map(|form| (c, *form)))
                .collect()
        });
        Self {
            to_traditional,
            to_simplified,
            regional,
        }
    }

    fn forms(&self, term: &str) -> Vec<String> {
        let mut forms = self.to_simplified.convert(term);
        for simplified in forms.clone() {
            for traditional in self.to_traditional.convert(&simplified) {
                for variants in &self.regional {
                    let regional = traditional.chars().map(|c| *variants.get(&c).unwrap_or(&c));
                    forms.push(regional.collect());
                }
                forms.push(traditional);
            }
        }
        forms.retain(|form| form != term);
        forms.sort_unstable();
        forms.dedup();
        forms
    }
}

impl Table {
    /// Reads lines of a character, a tab and what it becomes.
    fn new(lines: &'static str) -> Self {
        let rows = lines.lines().filter_map(|line| {
            let (from, forms) = line.split_once('\t')?;
            let forms = forms.split(' ').filter_map(|form| form.chars().next());
            Some((from.chars().next()?, forms.collect()))
        });
        Self {
            characters: rows.collect(),
            ..Self::default()
        }
    }

    fn add(&mut self, phrase: String, forms: &'static str) {
        if let Some(first) = phrase.chars().next() {
            let longest = self.longest.entry(first).or_default();
            *longest = phrase.chars().count().max(*longest);
        }
        self.phrases.insert(phrase, forms.split(' ').collect());
    }

    fn usual(&self, c: char) -> char {
        let forms = self.characters.get(&c);
        forms.and_then(|forms| forms.first()).copied().unwrap_or(c)
    }

    /// What a text may become, the usual form first: the longest phrases from the left, the rest character by character.
    fn convert(&self, text: &str) -> Vec<String> {
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let byte = |at: usize| chars.get(at).map_or(text.len(), |(byte, _)| *byte);
        let mut whole = vec![String::with_capacity(text.len())];
        let mut at = 0;
        while let Some((_, c)) = chars.get(at) {
            let longest = self.longest.get(c).copied().unwrap_or_default();
            let phrase = (at + 2..=(at + longest).min(chars.len()))
                .rev()
                .find_map(|end| Some((end, self.phrases.get(&text[byte(at)..byte(end)])?)));
            let (end, forms) = match (phrase, self.characters.get(c)) {
                (Some((end, forms)), _) => (end, forms.iter().map(|form| (*form).to_owned()).collect()),
                (None, Some(forms)) => (at + 1, forms.iter().map(char::to_string).collect()),
                (None, None) => (at + 1, vec![c.to_string()]),
            };
            match &forms[..] {
                // Only few parts have a choice: a long term is written in one go.
                [usual, rest @ ..] if rest.is_empty() || whole.len() * forms.len() > MAX_COMBINED => {
                    whole.iter_mut().for_each(|before| before.push_str(usual));
                }
                forms => {
                    let combined = forms
                        .iter()
                        .flat_map(|form| whole.iter().map(move |before| format!("{before}{form}")));
                    whole = combined.collect();
                }
            }
            at = end;
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(term: &str, wanted: &[&str], unwanted: &[&str]) {
        let forms = forms(term);
        for form in wanted {
            assert!(
                forms.iter().any(|found| found == form),
                "{term}: {forms:?} lacks {form}"
            );
        }
        for form in unwanted {
            assert!(
                forms.iter().all(|found| found != form),
                "{term}: {forms:?} has {form}"
            );
        }
    }

    #[test]
    fn phrases_decide_what_a_character_becomes() {
        has("营商环境", &["營商環境"], &[]);
        has("干部", &["幹部"], &["乾部", "干部"]);
        has("发展", &["發展"], &["髮展"]);
        has("头发", &["頭髮"], &["頭發"]);
        has("里面", &["裏面", "裡面"], &[]);
        has("台湾", &["臺灣", "台灣"], &[]);
        has("为民", &["爲民", "為民"], &[]);
        has("说明", &["說明", "説明"], &[]);
    }

    #[test]
    fn characters_alone_become_all_they_may_stand_for() {
        has("后", &["後"], &["后"]);
        has("干", &["幹", "乾"], &[]);
    }

    #[test]
    fn traditional_terms_lead_to_simplified_ones_and_to_each_other() {
        has("優化營商環境", &["优化营商环境"], &["優化營商環境"]);
        has("裡面", &["里面", "裏面"], &[]);
        has("乾隆", &[], &["干隆"]);
        has("群眾", &["群众", "羣衆"], &[]);
    }

    #[test]
    fn what_both_scripts_write_alike_has_no_other_form() {
        for same in ["法治", "2023", "pm2.5", "", "，"] {
            assert_eq!(forms(same), [""; 0], "{same}");
        }
    }

    proptest! {
        #[test]
        fn forms_are_few_and_as_long_as_the_term(term in "[里后干发台面云于只系复历]{1,40}|.{0,40}") {
            let found = forms(&term);
            prop_assert!(found.len() <= 3 * MAX_COMBINED * MAX_COMBINED);
            prop_assert!(found.iter().all(|form| form.chars().count() == term.chars().count()));
        }
    }
}
