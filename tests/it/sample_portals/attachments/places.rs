//! Where pages link their files, what servers call them, and where they lie.
//!
//! Each place is there twice: on a page that says everything itself, and on one that only points to the file.

use std::collections::BTreeMap;

use super::{
    super::{
        papers::{Paper, list_page},
        samples::{File, Sample, at, told},
        server::{Hit, Reply, Site},
    },
    DOCX, bytes, file, fixture, stub, with_file,
};

/// Folder of the pages that only point to a file.
pub(super) const STUBS: &str = "/fzzf/only/";
const OWN: &str = "/fzzf/own/";

const PDF: &str = "application/pdf";

/// How a page links a file.
struct Place {
    /// In the container of the text, behind it.
    inside: &'static str,
    /// Below the container.
    below: &'static str,
    /// What the file is called.
    name: &'static str,
    media_type: &'static str,
}

impl Place {
    const fn inside(inside: &'static str, name: &'static str, media_type: &'static str) -> Self {
        Self {
            inside,
            below: "",
            name,
            media_type,
        }
    }

    const fn below(below: &'static str, name: &'static str, media_type: &'static str) -> Self {
        Self {
            inside: "",
            below,
            name,
            media_type,
        }
    }

    fn files(&self) -> Vec<File> {
        let is_file = !self.name.is_empty();
        is_file
            .then(|| file(self.name, self.media_type, "indexed"))
            .into_iter()
            .collect()
    }
}

const PLACES: &[Place] = &[
    // TRS: the name in `title` or `download`, a decoy beside the address.
    Place::inside(
        "<p><a href=\"./P020260601322559475097.pdf\" title=\"年度报告.pdf\" \
         OLDSRC=\"/protect/P0202606/P020260601/P020260601322559475097.pdf\">点击下载</a></p>",
        "年度报告.pdf",
        PDF,
    ),
    Place::below(
        "<div class=\"fj\">附件下载：<a href=\"./P020260601322559475098.docx\" download=\"年度报告.docx\"><img src=\"/icon.gif\"></a></div>",
        "年度报告.docx",
        DOCX,
    ),
    // Hanweb.
    Place::inside(
        "<p>附件：<a href=\"/module/download/downfile.jsp?classid=0&amp;filename=0123456789abcdef0123456789abcdef.docx\">年度报告.docx</a></p>",
        "年度报告.docx",
        DOCX,
    ),
    // VSB: without `Referer`, a page of errors.
    Place::below(
        "<ul style=\"list-style-type:none;\"><li>附件【<a href=\"/system/_content/download.jsp?urltype=news.DownloadAttachUrl\
         &amp;owner=1234&amp;wbfileid=AB12\" target=\"_blank\">年度报告.docx</a>】已下载<span>12</span>次</li></ul>",
        "年度报告.docx",
        DOCX,
    ),
    // The platform of Guangdong.
    Place::inside(
        "<p><a class=\"nfw-cms-attachment\" href=\"/attachment/0/88/88389/963149.pdf\" alt=\"年度报告.pdf\">年度报告.pdf</a></p>",
        "年度报告.pdf",
        PDF,
    ),
    Place::inside(
        "<p><a href=\"/cms/pub/interact/downloadfile.jsp?filepath=12\">年度报告</a></p>",
        "年度报告",
        DOCX,
    ),
    // Only a script knows the address.
    Place::inside(
        "<p>附件下载：</p><p><a href=\"#\" onclick=\"down('/upload/2024/0227.PDF')\">年度报告</a></p>",
        "年度报告",
        PDF,
    ),
    Place::below(
        "<div>相关附件：<span onclick=\"window.open(&quot;/upload/2024/0228.docx&quot;)\">年度报告</span></div>",
        "年度报告",
        DOCX,
    ),
    Place::inside(
        "<p><a href=\"javascript:down('/upload/2024/0229.docx')\">年度报告</a></p>",
        "年度报告",
        DOCX,
    ),
    // A list of its own beside the text.
    Place::below(
        "<div class=\"fujian\"><h3>相关附件</h3><ul><li><a href=\"/upload/2024/0301.pdf\">1.年度报告</a></li></ul></div>",
        "1.年度报告",
        PDF,
    ),
    // Shown in the page.
    Place::inside(
        "<iframe src=\"/pdfjs/web/viewer.html?file=%2Fupload%2F2024%2F0302.pdf\"></iframe>",
        "0302.pdf",
        PDF,
    ),
    Place::inside(
        "<embed src=\"/upload/2024/0303.pdf\" type=\"application/pdf\">",
        "0303.pdf",
        PDF,
    ),
    // A heading of files without any.
    Place::below("<div>附件下载：</div>", "", ""),
];

/// What the server calls the file whose link only says 点击下载.
const TOLD: &[Place] = &[
    // `Content-Disposition` in GBK, in UTF-8, percent-encoded.
    Place::inside(DOWNLOAD_1, "二〇二三年度报告.docx", DOCX),
    Place::inside(DOWNLOAD_2, "二〇二三年度报告.docx", DOCX),
    Place::inside(DOWNLOAD_3, "二〇二三年度报告.docx", DOCX),
    // In the address: percent-encoded GBK, and as it is.
    Place::inside(
        "<p>附件：<a href=\"/gbk/%B1%A8%B8%E6.docx\">点击下载</a></p>",
        "报告.docx",
        DOCX,
    ),
    Place::inside(
        "<p>附件：<a href=\"/utf/报告.pdf\">点击下载</a></p>",
        "报告.pdf",
        PDF,
    ),
];

const DOWNLOAD_1: &str = "<p>附件：<a href=\"/download.do?id=1\">点击下载</a></p>";
const DOWNLOAD_2: &str = "<p>附件：<a href=\"/download.do?id=2\">点击下载</a></p>";
const DOWNLOAD_3: &str = "<p>附件：<a href=\"/download.do?id=3\">点击下载</a></p>";

pub(super) fn sample() -> Sample {
    portal("places", PLACES, |hit| {
        let is_file = [
            "/module/",
            "/system/",
            "/cms/",
            "/attachment/",
            "/upload/",
            "/fzzf/",
        ]
        .iter()
        .any(|folder| hit.path().starts_with(folder));
        let referer = hit.header("referer").unwrap_or_default();
        if hit.path().starts_with("/system/") && !referer.contains("/fzzf/") {
            return Reply::html("<html><body>系统提示：请从页面下载</body></html>");
        }
        if is_file {
            document(hit)
        } else {
            Reply::status(404)
        }
    })
}

pub(super) fn told_by_servers() -> Sample {
    portal("told", TOLD, |hit| {
        let gbk = encoding_rs::GBK
            .encode("attachment; filename=\"二〇二三年度报告.docx\"")
            .0;
        let disposition = match hit.target.as_str() {
            "/download.do?id=1" => gbk.into_owned(),
            "/download.do?id=2" => "attachment; filename=\"二〇二三年度报告.docx\"".into(),
            "/download.do?id=3" => {
                b"attachment; filename=\"a.docx\"; filename*=UTF-8''%E4%BA%8C%E3%80%87%E4%BA%8C%E4%B8%89%E5%B9%B4%E5%BA%A6%E6%8A%A5%E5%91%8A.docx".into()
            }
            "/gbk/%B1%A8%B8%E6.docx" | "/utf/%E6%8A%A5%E5%91%8A.pdf" => return document(hit),
            _ => return Reply::status(404),
        };
        document(hit).header("Content-Disposition", disposition)
    })
}

/// The file lies on another host of the same domain; one on a foreign host is not asked for, and that is said.
pub(super) fn elsewhere() -> Sample {
    let papers = [Paper::new(0), Paper::new(1), Paper::new(2)];
    let files = Site::start(|hit| match hit.path() {
        "/robots.txt" => Reply::status(404),
        _ => document(hit),
    });
    let near = format!(
        "<p>附件：<a href=\"http://{}/a/2023.docx\">年度报告.docx</a></p>",
        files.host()
    );
    let far = "<p>附件：<a href=\"http://files.qinghe.invalid/a/2023.docx\">年度报告.docx</a></p>";
    let paths = ["/fzzf/own/1.html", "/fzzf/only/1.html", "/fzzf/own/2.html"];
    let known = vec![file("年度报告.docx", DOCX, "indexed")];
    let unknown = vec![file("年度报告.docx", "", "failed")];
    let expected: BTreeMap<_, _> = paths
        .map(str::to_owned)
        .into_iter()
        .zip([known.clone(), known, unknown])
        .collect();
    let host = files.host();
    let site = Site::start(
        move |hit| match paths.iter().position(|path| *path == hit.path()) {
            Some(0) => Reply::html(with_file(&papers[0], &near, "")),
            Some(1) => Reply::html(stub(&papers[1], &near, "")),
            Some(_) => Reply::html(with_file(&papers[2], far, "")),
            None if hit.path() == "/fzzf/" => {
                let rows = paths.iter().zip(&papers).map(|(path, paper)| paper.row(path));
                Reply::html(list_page(&rows.collect::<String>(), ""))
            }
            None => Reply::status(404),
        },
    );
    Sample {
        id: "files-elsewhere".to_owned(),
        more_hosts: vec![host],
        files: expected.clone(),
        failed: told([("/a/2023.docx", "another_host")]),
        ..Sample::of("auto", "elsewhere", site, "/fzzf/", at(expected.into_keys()))
    }
}

/// A file of the kind that its address says.
fn document(hit: &Hit) -> Reply {
    let is_pdf = hit.target.to_ascii_lowercase().ends_with(".pdf");
    bytes(fixture(if is_pdf { "gbk-euc.pdf" } else { "report.docx" }))
}

/// A portal whose pages link files like this, each on two pages.
fn portal(
    id: &str,
    places: &'static [Place],
    other: impl Fn(&Hit) -> Reply + Send + Sync + 'static,
) -> Sample {
    let mut pages = BTreeMap::new();
    let mut rows = String::new();
    let (mut files, mut expected) = (BTreeMap::new(), Vec::new());
    for (n, place) in places.iter().enumerate() {
        let (one, two) = (Paper::new(2 * n), Paper::new(2 * n + 1));
        let own = format!("{OWN}{}.html", 1001 + n);
        rows += &one.row(&own);
        files.insert(own.clone(), place.files());
        expected.push(own.clone());
        pages.insert(own, with_file(&one, place.inside, place.below));
        if place.name.is_empty() {
            continue;
        }
        let only = format!("{STUBS}{}.html", 1001 + n);
        rows += &two.row(&only);
        files.insert(only.clone(), place.files());
        expected.push(only.clone());
        pages.insert(only, stub(&two, place.inside, place.below));
    }
    files.retain(|_, files| !files.is_empty());
    let site = Site::start(move |hit| match (hit.path(), pages.get(hit.path())) {
        ("/robots.txt", _) => Reply::status(404),
        ("/fzzf/", _) => Reply::html(list_page(&rows, "")),
        (_, Some(page)) => Reply::html(page),
        _ => other(hit),
    });
    Sample {
        id: format!("files-{id}"),
        files,
        ..Sample::of("auto", id, site, "/fzzf/", at(expected))
    }
}
