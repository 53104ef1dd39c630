//! What paragraphs become on a page, and how an editor's copy from a word processor looks.

/// A part of a report's body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block<'a> {
    Paragraph(&'a str),
    /// Issuer or date at the end of a document, to the right.
    Signature(&'a str),
    /// Rows of cells; the first row is the head.
    Table(Vec<Vec<&'a str>>),
}

/// Gathers neighbouring rows into tables and sets signatures apart.
pub(super) fn blocks<'a>(paragraphs: &[&'a str]) -> Vec<Block<'a>> {
    let mut blocks = Vec::with_capacity(paragraphs.len());
    for (at, &paragraph) in paragraphs.iter().enumerate() {
        let next_is_date = paragraphs.get(at + 1).is_some_and(|next| is_date_line(next));
        if paragraph.contains('\t') {
            let row = paragraph.split('\t').map(str::trim).collect();
            if let Some(Block::Table(rows)) = blocks.last_mut() {
                rows.push(row);
            } else {
                blocks.push(Block::Table(vec![row]));
            }
        } else if is_date_line(paragraph) || (next_is_date && paragraph.chars().count() <= 30) {
            blocks.push(Block::Signature(paragraph));
        } else {
            blocks.push(Block::Paragraph(paragraph));
        }
    }
    blocks
}

/// Whether the line is nothing but a day, `2024年2月18日`.
fn is_date_line(line: &str) -> bool {
    line.strip_suffix('日').is_some_and(|rest| {
        rest.chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '年' | '月'))
            && rest.contains('年')
    })
}

/// Whether a line is a heading of the first level, `一、…` of up to thirty characters.
pub(super) fn is_heading(line: &str) -> bool {
    let mut chars = line
        .trim_start_matches(['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'])
        .chars();
    !line.starts_with('、')
        && chars.next() == Some('、')
        && line.chars().count() <= 30
        && !line.ends_with('。')
}

/// A stretch of text that a word processor would put into a `span` of its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run<'a> {
    pub(super) text: &'a str,
    /// Digits and Latin letters, marked as English.
    pub(super) latin: bool,
}

/// Cuts a paragraph where its script changes, and after the first character of each Chinese stretch, so that single
/// characters such as 年 and 〔 stand alone.
pub(super) fn word_runs(paragraph: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut rest = paragraph;
    while let Some(first) = rest.chars().next() {
        let latin = first.is_ascii();
        let end = rest.find(|c: char| c.is_ascii() != latin).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        if latin {
            runs.push(Run { text: run, latin });
        } else {
            let (one, more) = run.split_at(first.len_utf8());
            runs.extend(
                [one, more]
                    .into_iter()
                    .filter(|text| !text.is_empty())
                    .map(|text| Run { text, latin }),
            );
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_join_into_tables_and_the_end_is_signed() {
        let lines = [
            "一、总体情况",
            "项目\t数",
            "收入\t3",
            "完毕。",
            "泾县人民政府",
            "2024年2月18日",
        ];
        assert_eq!(
            blocks(&lines),
            [
                Block::Paragraph("一、总体情况"),
                Block::Table(vec![vec!["项目", "数"], vec!["收入", "3"]]),
                Block::Paragraph("完毕。"),
                Block::Signature("泾县人民政府"),
                Block::Signature("2024年2月18日"),
            ]
        );
        assert!(is_heading("十二、其他") && !is_heading("、其他") && !is_heading("一是抓紧。"));
    }

    #[test]
    fn runs_give_the_paragraph_back_and_hold_single_characters() {
        let paragraph = "政发〔2023〕5号，增长6.5%。";
        let runs = word_runs(paragraph);
        assert_eq!(runs.iter().map(|run| run.text).collect::<String>(), paragraph);
        assert!(runs.iter().any(|run| run.text == "〕" && !run.latin));
        assert!(runs.iter().any(|run| run.text == "2023" && run.latin));
    }
}
