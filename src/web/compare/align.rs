//! Sections of reports that answer to each other: first by what they are for and what they are called, then by what they are for
//! alone, in order. What answers to nothing has a row of its own, behind the section that it follows.

use report::{Role, Section};

/// Sections of a report that are told apart; what follows belongs to the last.
const MAX_PARTS: usize = 60;
/// Characters of a heading that are compared.
const LONGEST: usize = 40;
/// How alike headings are from which on they are the same, 0 to 1.
const ALIKE: f64 = 0.6;

/// How alike they are when they have a word in common.
const A_WORD: f64 = 0.2;

/// A part of a report: an outermost section, or what stands before the first.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// The first character of it in the text.
    pub(super) start: usize,
    /// `None`: the opening, or a text without sections.
    pub(super) section: Option<&'a Section>,
}

/// Parts that answer to each other: of each report its number there, or none.
pub(super) type Row = Vec<Option<usize>>;

/// The parts of a text, in order.
pub(super) fn parts<'a>(text: &str, outline: &'a [Section]) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut end = 0;
    for section in outline.iter().filter(|section| !section.is_inline()) {
        if (section.start >= end || parts.is_empty()) && parts.len() < MAX_PARTS {
            parts.push(Part {
                start: section.start,
                section: Some(section),
            });
            end = section.end;
        }
    }
    let first = parts.first().map_or(usize::MAX, |part| part.start);
    if text.chars().take(first).any(|c| !c.is_whitespace()) {
        parts.insert(
            0,
            Part {
                start: 0,
                section: None,
            },
        );
    }
    parts
}

impl Part<'_> {
    /// What it is for.
    pub(super) fn role(&self) -> Option<Role> {
        let role = self.section.map(|section| section.role);
        role.filter(|role| *role != Role::Other)
    }

    fn heading(&self) -> Vec<char> {
        let heading = self.section.map_or("", |section| section.heading.as_str());
        let heading = heading.chars().filter(|c| !c.is_whitespace());
        heading.take(LONGEST).collect()
    }
}

/// Pairs of neighbours that two headings have in common, as a share of theirs, 0 to 1 (Dice's coefficient). By characters:
/// strsim's divides by the number of bytes.
fn alike(a: &[char], b: &[char]) -> f64 {
    if a == b {
        return 1.0;
    }
    let mut left: Vec<&[char]> = b.windows(2).collect();
    let n_pairs = a.len().saturating_sub(1) + left.len();
    let mut common = 0;
    for pair in a.windows(2) {
        if let Some(at) = left.iter().position(|other| *other == pair) {
            left.swap_remove(at);
            common += 2;
        }
    }
    f64::from(common) / n_pairs.max(1) as f64
}

/// Puts parts of reports into rows, in the order of the first report.
pub(super) fn align(reports: &[Vec<Part<'_>>]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (nth, parts) in reports.iter().enumerate() {
        let found = places(reports, &rows, nth);
        // Where each row of before stands now, with the new ones between them.
        let mut behind: Vec<Vec<usize>> = vec![Vec::new(); rows.len() + 1];
        let mut last = 0;
        for (part, place) in found.iter().enumerate() {
            match place {
                Some(row) => {
                    rows[*row][nth] = Some(part);
                    last = row + 1;
                }
                None => behind[last].push(part),
            }
        }
        let alone = |part: usize| -> Row {
            (0..reports.len())
                .map(|report| (report == nth).then_some(part))
                .collect()
        };
        let mut grown = Vec::with_capacity(rows.len() + parts.len());
        for (at, new) in behind.into_iter().enumerate() {
            if let Some(row) = at.checked_sub(1).and_then(|at| rows.get_mut(at)) {
                grown.push(std::mem::take(row));
            }
            grown.extend(new.into_iter().map(alone));
        }
        rows = grown;
    }
    rows
}

/// The row of each part of a report, if there is one for it.
fn places(reports: &[Vec<Part<'_>>], rows: &[Row], nth: usize) -> Vec<Option<usize>> {
    // A row is known by the first report that is in it.
    let known: Vec<Option<&Part<'_>>> = rows
        .iter()
        .map(|row| {
            let mut filled = row.iter().zip(reports);
            filled.find_map(|(part, parts)| parts.get((*part)?))
        })
        .collect();
    let parts = &reports[nth];
    let mut found: Vec<Option<usize>> = vec![None; parts.len()];
    let mut taken = vec![false; rows.len()];
    let mut settle = |likeness: &dyn Fn(&Part<'_>, &Part<'_>) -> f64| {
        for (part, place) in parts.iter().zip(&mut found).filter(|(_, place)| place.is_none()) {
            let mut best: Option<(usize, f64)> = None;
            for (row, known) in known.iter().enumerate().filter(|(row, _)| !taken[*row]) {
                let likeness = known.map_or(0.0, |known| likeness(known, part));
                if likeness >= ALIKE && best.is_none_or(|(_, best)| likeness > best) {
                    best = Some((row, likeness));
                }
            }
            if let Some((row, _)) = best {
                (*place, taken[row]) = (Some(row), true);
            }
        }
    };
    let named_alike = |a: &Part<'_>, b: &Part<'_>| match (a.section, b.section) {
        (None, None) => 1.0,
        (Some(_), Some(_)) => alike(&a.heading(), &b.heading()),
        _ => 0.0,
    };
    let same_role = |a: &Part<'_>, b: &Part<'_>| a.role() == b.role();
    let for_the_same = |a: &Part<'_>, b: &Part<'_>| a.role().is_some() && same_role(a, b);
    settle(&|a, b| if same_role(a, b) { named_alike(a, b) } else { 0.0 });
    // Of those for the same, what has some word in common before what has none.
    settle(&|a, b| {
        if for_the_same(a, b) {
            ALIKE - A_WORD + named_alike(a, b)
        } else {
            0.0
        }
    });
    settle(&|a, b| f64::from(u8::from(for_the_same(a, b))));
    settle(&named_alike);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(texts: &[&str]) -> Vec<Vec<String>> {
        let outlines: Vec<Vec<Section>> = texts.iter().map(|text| report::outline::outline(text)).collect();
        let reports: Vec<Vec<Part<'_>>> = texts
            .iter()
            .zip(&outlines)
            .map(|(text, outline)| parts(text, outline))
            .collect();
        let name = |(part, parts): (&Option<usize>, &Vec<Part<'_>>)| match part {
            None => "-".to_owned(),
            Some(part) => parts[*part]
                .section
                .map_or("0".to_owned(), |section| section.number.clone()),
        };
        let rows = align(&reports);
        rows.iter()
            .map(|row| row.iter().zip(&reports).map(name).collect())
            .collect()
    }

    #[test]
    fn sections_answer_to_each_other_by_role_and_then_by_name() {
        let rows = shown(&[
            "现将情况报告如下。\n一、主要成效\n甲。\n二、存在的问题\n乙。\n三、下一步工作打算\n丙。",
            "一、队伍建设情况\n子。\n二、取得的成效\n卯。\n三、存在问题和不足\n丑。\n四、下一步计划\n寅。",
        ]);
        assert_eq!(
            rows,
            [["-", "一"], ["0", "-"], ["一", "二"], ["二", "三"], ["三", "四"]]
        );
        let named = shown(&[
            "一、依法行政\n甲。\n二、队伍建设\n乙。",
            "一、队伍建设\n丙。\n二、依法行政\n丁。",
            "没有标题。",
        ]);
        assert_eq!(named, [["-", "-", "0"], ["一", "二", "-"], ["二", "一", "-"]]);
    }
}
