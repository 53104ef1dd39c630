//! Numbers that stand by themselves: in a cell of a page's card, or on a line of their own.
//!
//! There a label may be glued to the number (`发文字号：`), or the end of the title, and a number that lost its brackets
//! can still be read. A number that the cell only cites (`根据国发〔2012〕24号`) is another document's.

use super::{DocumentNumber, digit, is_blank, is_close, is_open, prefix};

/// Words before a number of another document.
const CITING: [&str; 14] = [
    "根据", "依据", "依照", "按照", "遵照", "参照", "参见", "落实", "贯彻", "执行", "废止", "修改", "以及",
    "《",
];

/// Years that a damaged number can have: older documents were not printed by machines that lose brackets.
const DAMAGED_YEARS: std::ops::RangeInclusive<u16> = 2000..=2100;

impl DocumentNumber {
    /// Reads the cell of a card that is to hold the document's own number.
    ///
    /// The first of several numbers counts. `None` for an empty cell, an order's or announcement's number
    /// (`第12号`), and a number that is only cited.
    pub fn of_cell(cell: &str) -> Option<Self> {
        if let Some(number) = Self::parse(cell) {
            return Some(number);
        }
        let Some((range, number)) = Self::find_all(cell).into_iter().next() else {
            return Self::repair(value(cell));
        };
        let before = &cell[..range.start];
        let cited = CITING.iter().any(|word| before.contains(word));
        (!cited).then_some(number)
    }

    /// Reads a number that lost characters on its way to the page: `海政办发〔202334` is `海政办发〔2023〕34号`.
    ///
    /// For a line of its own only: in running text `纲要20212025` would be taken for one. Also accepts undamaged
    /// numbers. A result should be checked against the page's metadata where there are any.
    pub fn repair(line: &str) -> Option<Self> {
        let bare: String = line.chars().filter(|&c| !is_blank(c)).collect();
        let at = bare.find(|c| is_open(c) || digit(c).is_some())?;
        let (prefix, rest) = bare.split_at(at);
        let opened = rest.starts_with(is_open);
        let rest = rest.trim_start_matches(is_open);
        let (body, ended) = rest.strip_suffix('号').map_or((rest, false), |body| (body, true));
        let mut digits = String::new();
        for c in body.chars() {
            match digit(c) {
                Some(d) => digits.push(char::from(b'0' + d)),
                None if is_close(c) || c == '第' => {}
                // 号 in the wrong place: 晋政发〔2014〕号16.
                None if c == '号' && opened && digits.len() == 4 => {}
                None => return None,
            }
        }
        let (year, number) = (digits.get(..4)?.parse().ok()?, digits.get(4..)?);
        // Without a bracket and without 号 only the last character of the abbreviation speaks for a number.
        let signs =
            opened || ended || prefix.ends_with(['发', '函', '办', '字', '规', '府', '电', '综', '通']);
        let fits = matches!(number.len(), 1..=4) && !number.starts_with('0') && DAMAGED_YEARS.contains(&year);
        let prefix_fits = prefix::is_plausible(prefix) && prefix.chars().count() <= 12;
        if !(signs && fits && prefix_fits) {
            return None;
        }
        Some(Self {
            prefix: prefix.to_owned(),
            year,
            number: number.parse().ok()?,
        })
    }
}

/// What stands behind a label of a few characters and its colon.
fn value(cell: &str) -> &str {
    const LABEL: usize = 24;
    match cell.find([':', '：']) {
        Some(at) if at <= LABEL => cell[at..].trim_start_matches([':', '：']),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_labels_and_the_end_of_the_title() {
        for (cell, expected) in [
            ("海政办发〔2023〕34号", "海政办发〔2023〕34号"),
            ("发文字号：海政办发〔2023〕34号", "海政办发〔2023〕34号"),
            ("发文字号海政办发〔2023〕34号", "海政办发〔2023〕34号"),
            ("文 号: 海政办发 〔 2023 〕 34 号", "海政办发〔2023〕34号"),
            (
                "发文字号：\u{200b}海政办发(2023〕034号〔〕",
                "海政办发〔2023〕34号",
            ),
            ("海政办发〔２０２３〕３4号", "海政办发〔2023〕34号"),
            ("方案的通知海政办发〔2023〕34号", "海政办发〔2023〕34号"),
            (
                "海政办发〔2023〕34号、海党办发〔2023〕5号",
                "海政办发〔2023〕34号",
            ),
            ("海政办发〔2023〕34号（此件公开发布）", "海政办发〔2023〕34号"),
            ("（海政办发〔2023〕34号）", "海政办发〔2023〕34号"),
            ("发文字号：海政办发〔2023〕34", "海政办发〔2023〕34号"),
            ("海政办发〔2023〕号34", "海政办发〔2023〕34号"),
        ] {
            let number = DocumentNumber::of_cell(cell).map(|number| number.to_string());
            assert_eq!(number.as_deref(), Some(expected), "{cell}");
        }
        for cell in [
            "",
            "发文字号：",
            "无",
            "清河省人民政府令第304号",
            "公告2018年第14号",
            "第12号",
            "640522001/2023-00346",
            "2023-07-04",
            "根据海政办发〔2023〕34号",
            "关于废止海政办发〔1998〕8号",
            "《清河县实施方案》（海政办发〔2023〕34号）",
            "其他〔2022〕86号",
            "工作通知〔2020〕1928号",
            "规划纲要20212025",
        ] {
            assert_eq!(DocumentNumber::of_cell(cell), None, "{cell}");
        }
    }

    #[test]
    fn damaged_numbers_are_repaired_on_a_line_of_their_own() {
        let repaired = |line| DocumentNumber::repair(line).map(|number| number.to_string());
        assert_eq!(repaired("海政办发〔202334").unwrap(), "海政办发〔2023〕34号");
        assert_eq!(
            repaired(" 广安区府办发〔202026 ").unwrap(),
            "广安区府办发〔2020〕26号"
        );
        assert_eq!(repaired("泉港政综〔202465号").unwrap(), "泉港政综〔2024〕65号");
        assert_eq!(
            repaired("国办公开办函202130").unwrap(),
            "国办公开办函〔2021〕30号"
        );
        assert_eq!(repaired("海政办发2023〕34号").unwrap(), "海政办发〔2023〕34号");
        assert_eq!(repaired("海政办发〔2023〕34号").unwrap(), "海政办发〔2023〕34号");
        for line in [
            "纲要20212025",
            "发展规划纲要(20212025年)",
            "202374",
            "海原县2023",
            "海政办发〔2023",
            "海政办发〔2023〕号",
            "共3201人",
            "一、2023年",
            "海政办发〔202305",
        ] {
            assert_eq!(repaired(line), None, "{line}");
        }
    }
}
