//! `mode=loose`: what the words of a query find besides themselves.
//!
//! The words of each run are grouped: a term of the synonyms that spans several words (the longest one, from the left)
//! is one group, every other word one of its own. A group matches where all its words occur, or something that was
//! added in their place: a synonym, another name of a division, and all of these in the other script. Groups are made of
//! the same nodes as strings in quotes, so they are matched, shown and ranked like those.

mod regions;
mod scripts;
mod spans;
mod synonyms;

use report::Level;

pub use self::regions::divisions_called;
pub(crate) use self::regions::{Meaning, is_told_alone, listed, meaning};
use self::spans::{Span, spans};
pub use self::synonyms::{Synonyms, SynonymsError};
use crate::{
    query::{BareTerm, Field, FieldName, FieldTest, Node, Text, Wrong},
    response::{AddedBy, Addition},
};

/// Most forms that may be added to a query.
pub(crate) const MAX_ADDED: usize = 1024;

/// A query with everything that is added to it.
#[derive(Clone, Debug)]
pub(crate) struct Loosened {
    pub(crate) root: Node,
    /// The runs of words, and what became of them.
    pub(crate) runs: Vec<Run>,
    /// Everything that was added, in the order of the query.
    pub(crate) added: Vec<Addition>,
}

/// The words of a run, and what stands in their place.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) terms: Vec<BareTerm>,
    pub(crate) node: Node,
    /// Strings that were added, and what finding one counts for beside its term: long ones have more to be found.
    pub(crate) added: Vec<(String, f32)>,
}

/// Loads what loose searches need.
pub(crate) fn warm_up() {
    scripts::warm_up();
    Synonyms::built_in();
}

/// Adds to a query what the mode adds.
pub(crate) fn loosen(root: &Node, synonyms: &Synonyms) -> Result<Loosened, Wrong> {
    let mut loosening = Loosening {
        synonyms,
        runs: Vec::new(),
        added: Vec::new(),
    };
    let root = loosening.node(root)?;
    Ok(Loosened {
        root,
        runs: loosening.runs,
        added: loosening.added,
    })
}

impl Loosened {
    /// What became of a run of words.
    pub(crate) fn run(&self, node: &Node) -> Option<&Run> {
        let Node::Bare(terms) = node else { return None };
        self.runs.iter().find(|run| run.terms == *terms)
    }

    /// Every string that was added to words, as a node of its own, with what finding it counts for.
    pub(crate) fn alternatives(&self) -> impl Iterator<Item = (Node, f32)> {
        let added = self.runs.iter().flat_map(|run| &run.added);
        added.map(|(string, weight)| (exact(string.clone()), *weight))
    }
}

struct Loosening<'a> {
    synonyms: &'a Synonyms,
    runs: Vec<Run>,
    added: Vec<Addition>,
}

impl Loosening<'_> {
    fn node(&mut self, node: &Node) -> Result<Node, Wrong> {
        let mut all = |nodes: &[Node]| nodes.iter().map(|node| self.node(node)).collect::<Result<_, _>>();
        Ok(match node {
            Node::And(nodes) => Node::And(all(nodes)?),
            Node::Or(nodes) => Node::Or(all(nodes)?),
            Node::Not(node) => Node::Not(Box::new(self.node(node)?)),
            Node::Bare(terms) => self.run(terms)?,
            Node::Field(field) => self.field(field)?,
            Node::All | Node::Exact(_) | Node::Near { .. } => node.clone(),
        })
    }

    fn run(&mut self, terms: &[BareTerm]) -> Result<Node, Wrong> {
        if let Some(run) = self.runs.iter().find(|run| run.terms == terms) {
            return Ok(run.node.clone());
        }
        let mut groups: Vec<Node> = Vec::new();
        let mut added = Vec::new();
        for span in spans(terms, self.synonyms) {
            groups.push(self.group(&span, &mut added)?);
        }
        let node = match groups.len() {
            0 => Node::All,
            1 => groups.remove(0),
            _ => Node::And(groups),
        };
        added.sort_by(|a: &(String, f32), b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        added.dedup_by(|b, a| a.0 == b.0);
        self.runs.push(Run {
            terms: terms.to_vec(),
            node: node.clone(),
            added,
        });
        Ok(node)
    }

    /// All words, or something in their place.
    fn group(&mut self, span: &Span<'_>, added: &mut Vec<(String, f32)>) -> Result<Node, Wrong> {
        let Span { words, key } = span;
        let term = &words.concat();
        let mut alternatives = Vec::new();
        let mut instead = Vec::new();
        let synonyms = self.synonyms;
        if let Some(entry) = synonyms.of(key) {
            // The file may write the term in another way than the query: with punctuation, in the other script.
            let is_new = |own: &&String| words.iter().any(|word| !own.contains(word));
            for synonym in entry.own.iter().filter(is_new).chain(&entry.synonyms) {
                self.add(term, synonym, AddedBy::Synonym, &mut instead)?;
            }
        }
        // Words that jieba cut to pieces because they are in traditional characters are looked up as they were meant.
        let is_cut_up = words.len() > 1 && scripts::simplified(term) != *term;
        for name in regions::other_names(key) {
            self.add(term, name, AddedBy::Region, &mut instead)?;
        }
        let mut each = Vec::with_capacity(words.len());
        for word in words {
            let mut forms = vec![(*word).to_owned()];
            if !is_cut_up {
                self.add_scripts(word, word, &mut forms)?;
            }
            alternatives.extend(forms[1..].iter().map(|form| (form.clone(), share(word, form))));
            each.push(forms);
        }
        for synonym in instead.clone() {
            self.add_scripts(term, &synonym, &mut instead)?;
        }
        if is_cut_up {
            self.add_scripts(term, term, &mut instead)?;
        }
        instead.retain(|form| form != term);
        alternatives.extend(instead.iter().map(|form| (form.clone(), share(term, form))));
        // Together they count for no more than the term.
        let n = alternatives.len() as f32;
        added.extend(alternatives.into_iter().map(|(form, share)| (form, share / n)));
        let mut nodes: Vec<Node> = match &mut each[..] {
            [forms] => std::mem::take(forms).into_iter().map(exact).collect(),
            each => {
                let all = each
                    .iter_mut()
                    .map(|forms| any_of(std::mem::take(forms).into_iter().map(exact).collect()));
                vec![Node::And(all.collect())]
            }
        };
        nodes.extend(instead.into_iter().map(exact));
        Ok(any_of(nodes))
    }

    /// A division that goes by another name today, or by a short one.
    fn field(&mut self, field: &Field) -> Result<Node, Wrong> {
        let as_written = Node::Field(field.clone());
        let FieldTest::Contains(name) = &field.test else {
            return Ok(as_written);
        };
        let level = match field.name {
            FieldName::Region => None,
            FieldName::Province => Some(Level::Province),
            FieldName::City => Some(Level::City),
            FieldName::County => Some(Level::County),
            _ => return Ok(as_written),
        };
        let Meaning::One(codes) = meaning(name, level) else {
            return Ok(as_written);
        };
        let mut nodes = vec![as_written];
        for code in codes {
            let added = Field {
                name: field.name,
                raw: code.to_string(),
                test: FieldTest::Region(code),
            };
            let term = format!("{}:{name}", field.name);
            self.add(&term, &added.to_string(), AddedBy::Region, &mut Vec::new())?;
            nodes.push(Node::Field(added));
        }
        Ok(any_of(nodes))
    }

    /// Adds a text in the other script to a term: the term itself, or what was added to it.
    fn add_scripts(&mut self, term: &str, text: &str, forms: &mut Vec<String>) -> Result<(), Wrong> {
        for form in scripts::forms(text) {
            if form != term {
                self.add(term, &form, AddedBy::Script, forms)?;
            }
        }
        Ok(())
    }

    /// Notes that `added` was added to `term`, and puts it among the forms of its group.
    fn add(&mut self, term: &str, added: &str, by: AddedBy, forms: &mut Vec<String>) -> Result<(), Wrong> {
        if !forms.iter().any(|form| form == added) {
            forms.push(added.to_owned());
        }
        if self
            .added
            .iter()
            .any(|known| known.term == term && known.added == added)
        {
            return Ok(());
        }
        if self.added.len() == MAX_ADDED {
            return Err(Wrong {
                position: 0,
                message: format!(
                    "the words of the query have more than {MAX_ADDED} synonyms and other forms"
                ),
                hint: "ask for fewer words, put some of them in quotes, or use mode=words".into(),
            });
        }
        self.added.push(Addition {
            term: term.to_owned(),
            added: added.to_owned(),
            by,
        });
        Ok(())
    }
}

/// What finding `form` in the place of `term` counts for.
fn share(term: &str, form: &str) -> f32 {
    let ratio = term.chars().count() as f32 / form.chars().count().max(1) as f32;
    ratio.min(1.0)
}

/// A folded string, to be found as it stands.
fn exact(folded: String) -> Node {
    Node::Exact(Text {
        raw: folded.clone(),
        folded,
    })
}

fn any_of(mut nodes: Vec<Node>) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => Node::Or(nodes),
    }
}
