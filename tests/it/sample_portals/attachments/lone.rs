//! Rows of a list that lead straight to a file, with no page around it: reports, and files that are none.

use std::collections::BTreeMap;

use super::{
    super::{
        papers::{Paper, list_page},
        samples::{Sample, at},
        server::{Reply, Site},
    },
    DOCX, bytes, file, fixture,
};

/// Path, file, name, media type, status.
const ROWS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "/files/1.pdf",
        "gbk-euc.pdf",
        "1.pdf",
        "application/pdf",
        "indexed",
    ),
    ("/files/2.docx", "report.docx", "2.docx", DOCX, "indexed"),
    (
        "/files/3.doc",
        "report.doc",
        "3.doc",
        "application/msword",
        "indexed",
    ),
    (
        "/files/4.wps",
        "report.doc",
        "4.wps",
        "application/msword",
        "indexed",
    ),
    (
        "/files/5.ofd",
        "report.ofd",
        "5.ofd",
        "application/ofd",
        "indexed",
    ),
    (
        "/files/6.zip",
        "reports.zip",
        "6.zip",
        "application/zip",
        "indexed",
    ),
    (
        "/files/7.pdf",
        "scan.pdf",
        "7.pdf",
        "application/pdf",
        "needs_ocr",
    ),
    (
        "/files/8.rar",
        "old.rar",
        "8.rar",
        "application/vnd.rar",
        "failed",
    ),
    ("/files/9.jpg", "photo.jpg", "9.jpg", "image/jpeg", "needs_ocr"),
    (
        "/files/%C4%EA%B6%C8%B1%A8%B8%E6.doc",
        "report.doc",
        "年度报告.doc",
        "application/msword",
        "indexed",
    ),
];

/// What stands beside them in the list.
const OTHERS: &str = "<li><span>2024-02-27</span><a href=\"/files/form.doc\">清河县政府信息公开申请表</a></li>\
                      <li><span>2024-02-27</span><a href=\"/files/form.jpg\">县领导调研春耕备耕工作</a></li>\
                      <li><span>2024-02-27</span><a href=\"/files/form.apk\">清河县政务服务客户端2023年报告版</a></li>";

pub(super) fn sample() -> Sample {
    let papers: Vec<_> = (0..ROWS.len()).map(Paper::new).collect();
    let files: BTreeMap<_, _> = ROWS
        .iter()
        .map(|(path, _, name, media_type, status)| ((*path).to_owned(), vec![file(name, media_type, status)]))
        .collect();
    let expected = at(files.keys().cloned());
    let site = Site::start(move |hit| match ROWS.iter().find(|row| row.0 == hit.target) {
        Some((_, name, ..)) => bytes(fixture(name)),
        None if hit.path() == "/fzzf/" => {
            let rows = ROWS.iter().zip(&papers).map(|(row, paper)| paper.row(row.0));
            Reply::html(list_page(&(rows.collect::<String>() + OTHERS), ""))
        }
        None => Reply::status(404),
    });
    Sample {
        id: "files-alone".to_owned(),
        files,
        ..Sample::of("auto", "alone", site, "/fzzf/", expected)
    }
}
