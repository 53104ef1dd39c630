//! A portal for each kind of file: one report that has such a file, one that points to it and says no more, and one
//! that is nothing but the file.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        papers::{Paper, list_page},
        samples::{Failed, Sample, at},
        server::{Reply, Site},
    },
    DOCX, WORDS, bytes, file, fixture, stub, with_file,
};

/// Path of the report that has a text of its own.
const OWN: &str = "/fzzf/1001.html";
/// Path of the report that points to the file.
const ONLY: &str = "/fzzf/1002.html";

/// A kind of file, or a way in which a file is none.
pub(super) struct Kind {
    id: &'static str,
    /// How its name ends on the portal.
    ending: &'static str,
    /// How it is sent.
    answer: fn() -> Reply,
    media_type: &'static str,
    status: &'static str,
    /// What the summary says of it; nothing of a file that came and was read or is a scan.
    failed: &'static str,
    /// Words in it.
    pub(super) words: &'static str,
    /// Whether it is a report where no page stands around it.
    is_report: bool,
    /// Where no page stands around it, the summary says of it the same.
    is_missed: bool,
    /// How the crawl of its portal ends.
    portal: (&'static str, &'static str),
}

/// A file that is read.
const READ: Kind = Kind {
    id: "",
    ending: "",
    answer: || Reply::status(404),
    media_type: "",
    status: "indexed",
    failed: "",
    words: WORDS,
    is_report: true,
    is_missed: false,
    portal: ("ok", ""),
};

/// A file that came and says nothing.
const UNREAD: Kind = Kind {
    status: "failed",
    words: "",
    ..READ
};

/// What is no file at all.
const NONE: Kind = Kind {
    is_report: false,
    portal: ("partial", ""),
    ..UNREAD
};

const KINDS: &[Kind] = &[
    Kind {
        id: "pdf",
        ending: "pdf",
        answer: || bytes(fixture("gbk-euc.pdf")),
        media_type: "application/pdf",
        ..READ
    },
    Kind {
        id: "docx",
        ending: "docx",
        answer: || bytes(fixture("report.docx")),
        media_type: DOCX,
        ..READ
    },
    Kind {
        id: "doc",
        ending: "doc",
        answer: || bytes(fixture("report.doc")),
        media_type: "application/msword",
        ..READ
    },
    Kind {
        id: "xlsx",
        ending: "xlsx",
        answer: || bytes(fixture("sheet.xlsx")),
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        words: "2023年部门决算公开表",
        ..READ
    },
    Kind {
        id: "xls",
        ending: "xls",
        answer: || bytes(fixture("sheet.xls")),
        media_type: "application/vnd.ms-excel",
        words: "2023年部门决算公开表",
        ..READ
    },
    Kind {
        id: "ofd",
        ending: "ofd",
        answer: || bytes(fixture("report.ofd")),
        media_type: "application/ofd",
        ..READ
    },
    Kind {
        id: "zip",
        ending: "zip",
        answer: || bytes(fixture("reports.zip")),
        media_type: "application/zip",
        ..READ
    },
    Kind {
        id: "zip-of-names-in-gbk",
        ending: "zip",
        answer: || bytes(fixture("reports.zip")),
        media_type: "application/zip",
        words: "决算表.xls",
        ..READ
    },
    Kind {
        id: "zip-in-a-zip",
        ending: "zip",
        answer: || bytes(fixture("bundle.zip")),
        media_type: "application/zip",
        words: "附件内容说明",
        ..READ
    },
    Kind {
        id: "txt",
        ending: "txt",
        answer: || Reply::of("text/plain", fixture("note.txt")),
        media_type: "text/plain",
        words: "群众满意率达96.5%",
        // Rows of lists lead to texts that are no documents, too.
        is_report: false,
        ..READ
    },
    // Bytes go before names and before what the server says.
    Kind {
        id: "pdf-called-doc",
        ending: "doc",
        answer: || Reply::of("application/msword", fixture("gbk-euc.pdf")),
        media_type: "application/pdf",
        ..READ
    },
    Kind {
        id: "docx-called-doc",
        ending: "doc",
        answer: || Reply::of("application/msword", fixture("report.docx")),
        media_type: DOCX,
        ..READ
    },
    Kind {
        id: "doc-called-pdf",
        ending: "pdf",
        answer: || Reply::of("application/pdf", fixture("report.doc")),
        media_type: "application/msword",
        ..READ
    },
    Kind {
        id: "xls-called-xlsx",
        ending: "xlsx",
        answer: || bytes(fixture("sheet.xls")),
        media_type: "application/vnd.ms-excel",
        words: "2023年部门决算公开表",
        ..READ
    },
    Kind {
        id: "pdf-sent-as-html",
        ending: "pdf",
        answer: || Reply::of("text/html; charset=utf-8", fixture("unigb-ucs2.pdf")),
        media_type: "application/pdf",
        ..READ
    },
    // Scans.
    Kind {
        id: "scan",
        ending: "pdf",
        answer: || bytes(fixture("scan.pdf")),
        media_type: "application/pdf",
        status: "needs_ocr",
        ..UNREAD
    },
    Kind {
        id: "picture",
        ending: "jpg",
        answer: || Reply::of("image/jpeg", fixture("photo.jpg")),
        media_type: "image/jpeg",
        status: "needs_ocr",
        ..UNREAD
    },
    Kind {
        id: "picture-called-pdf",
        ending: "pdf",
        answer: || bytes(fixture("photo.jpg")),
        media_type: "image/jpeg",
        status: "needs_ocr",
        ..UNREAD
    },
    // What is not read is named.
    Kind {
        id: "unsupported",
        ending: "rar",
        answer: || bytes(fixture("old.rar")),
        media_type: "application/vnd.rar",
        failed: "unsupported",
        ..UNREAD
    },
    Kind {
        id: "encrypted",
        ending: "pdf",
        answer: || bytes(fixture("password.pdf")),
        media_type: "application/pdf",
        failed: "encrypted",
        ..UNREAD
    },
    Kind {
        id: "corrupt-pdf",
        ending: "pdf",
        answer: || bytes(fixture("truncated.pdf")),
        media_type: "application/pdf",
        failed: "damaged",
        ..UNREAD
    },
    Kind {
        id: "corrupt-docx",
        ending: "docx",
        answer: || {
            let whole = fixture("report.docx");
            bytes(&whole[..whole.len() / 2])
        },
        media_type: "application/zip",
        failed: "damaged",
        ..UNREAD
    },
    Kind {
        id: "corrupt-doc",
        ending: "doc",
        answer: || {
            let whole = fixture("report.doc");
            bytes(&whole[..whole.len() / 8])
        },
        media_type: "application/x-ole-storage",
        failed: "unsupported",
        ..UNREAD
    },
    // What is no file costs the file, not the report.
    Kind {
        id: "html-as-pdf",
        ending: "pdf",
        answer: || Reply::of("application/pdf", fixture("error.pdf")),
        failed: "html_error",
        ..NONE
    },
    Kind {
        id: "empty",
        ending: "pdf",
        answer: || bytes([]),
        failed: "empty",
        ..NONE
    },
    Kind {
        id: "gone",
        ending: "pdf",
        answer: || Reply::status(404),
        failed: "http_404",
        is_missed: true,
        ..NONE
    },
    Kind {
        id: "too-large",
        ending: "pdf",
        answer: || bytes([b"%PDF-1.4".to_vec(), vec![b' '; 300 << 10]].concat()),
        status: "too_large",
        failed: "too_large",
        is_missed: true,
        ..NONE
    },
];

impl Kind {
    fn linked(&self) -> String {
        format!("/files/P020240227.{}", self.ending)
    }

    fn lone(&self) -> String {
        format!("/files/2023.{}", self.ending)
    }

    /// Path and word of what the summary must tell.
    fn failed(&self) -> Failed {
        let mut paths = vec![self.linked()];
        // Where a page was expected, too.
        paths.extend(self.is_missed.then(|| self.lone()));
        let told = paths.into_iter().filter(|_| !self.failed.is_empty());
        told.map(|path| (path, self.failed.to_owned())).collect()
    }

    /// The reports whose text is that of the file.
    pub(super) fn found(&self) -> BTreeSet<String> {
        let lone = [self.lone()].into_iter().filter(|_| self.is_report);
        lone.chain([ONLY.to_owned()]).collect()
    }
}

pub(super) fn samples() -> (Vec<Sample>, &'static [Kind]) {
    (KINDS.iter().map(sample).collect(), KINDS)
}

fn sample(kind: &'static Kind) -> Sample {
    let papers: Vec<_> = (0..3).map(Paper::new).collect();
    let name = format!("年度报告.{}", kind.ending);
    let (linked, lone) = (kind.linked(), kind.lone());
    let link = format!("<p>附件：<a href=\"{linked}\">{name}</a></p>");
    let expected_file = file(&name, kind.media_type, kind.status);
    let mut files: BTreeMap<_, _> = [OWN, ONLY]
        .map(|path| (path.to_owned(), vec![expected_file.clone()]))
        .into();
    if kind.is_report {
        let name = lone.trim_start_matches("/files/");
        files.insert(lone.clone(), vec![file(name, kind.media_type, kind.status)]);
    }
    let expected = at(files.keys().cloned());
    let site = Site::start(move |hit| match hit.path() {
        "/fzzf/" => {
            let rows: String = [OWN, ONLY, &lone]
                .iter()
                .zip(&papers)
                .map(|(path, paper)| paper.row(path))
                .collect();
            Reply::html(list_page(&rows, ""))
        }
        OWN => Reply::html(with_file(&papers[0], &link, "")),
        ONLY => Reply::html(stub(&papers[1], &link, "")),
        path if path == linked || path == lone => (kind.answer)(),
        _ => Reply::status(404),
    });
    Sample {
        id: format!("kind-{}", kind.id),
        files,
        failed: Some(kind.failed()),
        status: kind.portal.0,
        reason: kind.portal.1,
        ..Sample::of("auto", kind.id, site, "/fzzf/", expected)
    }
}
