//! Time and memory of pages that are large or were made to hurt, each read by a process of its own.

use std::{ffi::OsStr, fs, path::Path};

use super::{bombs, python};

/// Size of a page at full strength, in bytes: as much as is read of any page.
const FULL: usize = 8 << 20;
/// Rows of the table.
const SHOWN: usize = 12;

pub(crate) fn section(_: &Path) -> String {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let mut rows: Vec<Row> = bombs::all(FULL)
        .map(|(name, page)| Row::measure(scratch.path(), name, &page))
        .collect();
    rows.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let most = |of: fn(&Row) -> f64| rows.iter().map(of).fold(0.0, f64::max);
    let mut out = format!(
        "### Large pages and bombs\n\n{} pages of {} MiB made to cost as much as they can, each read by `gongbao extract` once: none needs more than {:.2} s or {:.0} MiB, and {} keep the text before. The slowest, below an ordinary page of that size:\n\n",
        rows.len(),
        FULL >> 20,
        most(|row| row.seconds),
        most(|row| row.mib),
        rows.iter().filter(|row| row.opening_kept).count(),
    );
    out.push_str("| page | MB | seconds | peak MiB | text before kept |\n|---|---|---|---|---|\n");
    let report = Row::measure(scratch.path(), "a report of 8 MiB", &long_report());
    for row in std::iter::once(&report).chain(rows.iter().take(SHOWN)) {
        out.push_str(&row.to_markdown());
    }
    let lost: Vec<_> = rows
        .iter()
        .filter(|row| !row.opening_kept)
        .map(|row| row.name)
        .collect();
    if !lost.is_empty() {
        out.push_str(&format!("\nLost: {}.\n", lost.join(", ")));
    }
    out
}

struct Row {
    name: &'static str,
    bytes: usize,
    /// Processor time, user and system.
    seconds: f64,
    /// Peak resident memory.
    mib: f64,
    opening_kept: bool,
}

impl Row {
    fn measure(scratch: &Path, name: &'static str, page: &[u8]) -> Self {
        let (file, output) = (scratch.join("page.html"), scratch.join("out.json"));
        fs::write(&file, page).expect("the page can be written");
        let arguments: [&OsStr; 2] = ["extract".as_ref(), file.as_os_str()];
        let cost = python::measured(env!("CARGO_BIN_EXE_gongbao"), &arguments, &output);
        let read = fs::read_to_string(&output).unwrap_or_default();
        Self {
            name,
            bytes: page.len(),
            seconds: cost.seconds,
            mib: cost.mib,
            opening_kept: cost.status == 0 && read.contains(bombs::OPENING),
        }
    }

    fn to_markdown(&self) -> String {
        format!(
            "| {} | {:.1} | {:.2} | {:.0} | {} |\n",
            self.name,
            self.bytes as f64 / 1e6,
            self.seconds,
            self.mib,
            if self.opening_kept { "yes" } else { "no" },
        )
    }
}

/// A report with headings, paragraphs and tables, of the largest size that is read.
fn long_report() -> Vec<u8> {
    let mut page = format!(
        "<html><head><meta charset=utf-8><title>清河县2023年政府工作报告</title></head><body><div id=zoom><h1>清河县2023年政府工作报告</h1><p>{}</p>",
        bombs::OPENING
    );
    let mut number = 0;
    while page.len() < FULL - 1000 {
        number += 1;
        page.push_str(&format!("<p>（一）第{number}项工作</p>"));
        for part in 0..5 {
            page.push_str(&format!(
                "<p>全县完成投资{}亿元，同比增长{}.{part}%，其中平川镇新建道路{number}公里，惠及群众{}户，清河县人民政府办公室印发文件{part}件。</p>",
                number * 3 % 97,
                number % 13,
                number * 7 % 1999,
            ));
        }
        page.push_str("<table><tr><td>项目</td><td>数量</td></tr><tr><td>道路</td><td>12</td></tr></table>");
    }
    page.push_str("</div></body></html>");
    page.into_bytes()
}
