//! The outline of an official document: 一、 (一) 1. (1).

use serde::{Deserialize, Serialize};

use crate::genre::codes;

codes! {
    /// What a section of a report is for.
    Role {
        /// What was done and achieved (成效).
        Achievements = "achievements", "成效";
        /// What is lacking (存在的问题).
        Problems = "problems", "存在的问题";
        /// What comes next (下一步打算).
        Plans = "plans", "下一步打算";
        /// How the heads of party and government did their duty (第一责任人职责).
        Duties = "duties", "第一责任人职责";
        /// Anything else.
        Other = "other", "其他";
    }
}

/// One heading and the text below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// 1 for 一、, 2 for (一), 3 for 1., 4 for (1) or 一是.
    pub level: u8,
    /// The number as written, without brackets and stops; empty when the heading has none.
    pub number: String,
    /// The heading without its number.
    pub heading: String,
    /// What the section is for; sub-sections inherit the role of their parent.
    pub role: Role,
    /// Numbers from the top, joined by `/`: `一/(二)/3`.
    pub path: String,
    /// First character of the heading in the text.
    pub start: usize,
    /// One past the last character of the section, sub-sections included.
    pub end: usize,
}

/// Reads the outline of `text` (paragraphs end at `\n`).
pub fn outline(text: &str) -> Vec<Section> {
    let _ = text;
    todo!()
}
