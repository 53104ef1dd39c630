//! Reports, questions and judgments, and an index of the reports.

use std::{
    collections::{HashMap, HashSet},
    error::Error,
    fs,
    path::Path,
};

use index::{Reader, Writer, WriterOptions};
use report::Content;
use serde_json::Value;
use tempfile::TempDir;

use crate::reports;

/// Stands in an id between that of a row and its number among the rows of this id.
const COPY: &str = ".row";

/// A set of reports that is indexed, and the questions about them.
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) reader: Reader,
    /// Ids and titles of the reports that have one.
    pub(crate) titles: Vec<(String, String)>,
    pub(crate) questions: Vec<Question>,
    _dir: TempDir,
}

/// A question with a judgment.
pub(crate) struct Question {
    pub(crate) text: String,
    /// Ids of right reports and their grades.
    pub(crate) right: HashMap<String, f64>,
    /// In which of the five parts it is when weights are tried on questions that did not help to choose them.
    pub(crate) fold: usize,
}

impl Set {
    /// Indexes a corpus. With `apart`, rows of one id are reports of their own, otherwise the later replaces the earlier.
    pub(crate) fn read(corpus: &str, apart: bool) -> Result<Self, Box<dyn Error>> {
        let dir = tempfile::tempdir()?;
        let mut writer = Writer::open(dir.path(), WriterOptions::default())?;
        let (mut ids, mut titles) = (HashSet::new(), Vec::new());
        for row in reports::rows(corpus)? {
            let title = row.given("title");
            let mut id = row.field("id");
            let mut copy = 1;
            while !ids.insert(id.clone()) && apart {
                copy += 1;
                id = format!("{}{COPY}{copy}", row.field("id"));
            }
            titles.extend(title.iter().map(|title| (id.clone(), title.clone())));
            let content = Content {
                title,
                text: row.field("text"),
                ..Content::default()
            };
            writer.upsert(&reports::report(&id, row.field("url"), content)?)?;
        }
        writer.commit(1)?;
        writer.close()?;
        let name = Path::new(corpus).file_name().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            reader: Reader::open(dir.path())?,
            titles,
            questions: Vec::new(),
            _dir: dir,
        })
    }

    /// Reads questions and keeps those with a judgment.
    pub(crate) fn read_questions(&mut self, questions: &str, judgments: &str) -> Result<(), Box<dyn Error>> {
        let mut judged: HashMap<String, HashMap<String, f64>> = HashMap::new();
        for line in fs::read_to_string(judgments)?.lines() {
            let parts: Vec<_> = line.split_whitespace().collect();
            if let [question, _, report, grade] = parts.as_slice()
                && *grade != "0"
            {
                let right = judged.entry((*question).into()).or_default();
                right.insert((*report).into(), grade.parse()?);
            }
        }
        for line in fs::read_to_string(questions)?.lines() {
            let row: Value = serde_json::from_str(line)?;
            if let Some(right) = judged.remove(row["id"].as_str().unwrap_or_default()) {
                self.questions.push(Question {
                    text: plain(row["text"].as_str().unwrap_or_default()),
                    right,
                    fold: self.questions.len() % 5,
                });
            }
        }
        Ok(())
    }

    /// The grades of what was found.
    pub(crate) fn gains(&self, question: &Question, found: &[String]) -> Vec<f64> {
        let grade = |id: &String| {
            let id = id.split(COPY).next().unwrap_or(id);
            question.right.get(id).copied().unwrap_or(0.0)
        };
        found.iter().map(grade).collect()
    }
}

/// A text without anything that the query language would read.
pub(crate) fn plain(text: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '.' | '%');
    let kept: String = text.chars().map(|c| if kept(c) { c } else { ' ' }).collect();
    let words = kept.split_whitespace().map(str::to_lowercase);
    words.collect::<Vec<_>>().join(" ")
}
