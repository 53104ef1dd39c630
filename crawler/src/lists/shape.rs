//! What the path of an address tells about the page behind it.
//!
//! Pure and cheap: this is looked at for every link. The patterns are those that the content systems of government
//! portals have given their pages for twenty years.

use std::sync::LazyLock;

use regex::RegexSet;
use url::Url;

/// What an address looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One document: the path is made by a content system for each article.
    Document,
    /// A folder, an index file or a column.
    List,
    /// A file to download; photographs among them, since scans are.
    File,
    /// A drawing, script, style sheet, or something else that is no page.
    Asset,
    /// A page; the path does not tell of what kind.
    Page,
}

/// Something about an address that only an endless space of pages has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    /// Over 16 folders deep.
    Depth,
    /// One folder more than three times.
    Repetition,
    /// Over 12 parameters.
    Parameters,
}

impl Trap {
    /// The trap as one stable word.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Depth => "path_too_deep",
            Self::Repetition => "repeated_path",
            Self::Parameters => "too_many_parameters",
        }
    }
}

/// Whether an address lies in a trap.
pub(crate) fn trap(url: &Url) -> Option<Trap> {
    let segments: Vec<_> = url
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    if segments.len() > 16 {
        return Some(Trap::Depth);
    }
    if segments
        .iter()
        .any(|segment| segments.iter().filter(|other| *other == segment).count() > 3)
    {
        return Some(Trap::Repetition);
    }
    (url.query().unwrap_or_default().split('&').count() > 12).then_some(Trap::Parameters)
}

/// Tells the shape of an address.
pub(crate) fn shape(url: &Url) -> Shape {
    let path = url.path().to_ascii_lowercase();
    let file = path.rsplit('/').next().unwrap_or_default();
    let extension = file
        .rsplit_once('.')
        .map(|(_, extension)| extension)
        .unwrap_or_default();
    if FILES.contains(&extension) {
        return Shape::File;
    }
    if ASSETS.contains(&extension) {
        return Shape::Asset;
    }
    let is_document = is_document_folder(&path)
        || (DOCUMENTS.is_match(&path) && !INDEXES.is_match(&path))
        || (has_document_id(url) && !LISTS.is_match(&path));
    if is_document {
        return Shape::Document;
    }
    if file.is_empty() || LISTS.is_match(&path) {
        Shape::List
    } else {
        Shape::Page
    }
}

const FILES: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et", "dps", "ofd", "ceb", "zip", "rar", "7z",
    "gz", "txt", "rtf", "jpg", "jpeg", "tif", "tiff", "mp3", "mp4", "wmv", "avi", "flv", "exe", "apk",
];

const ASSETS: &[&str] = &[
    "css", "js", "json", "png", "gif", "bmp", "webp", "svg", "ico", "woff", "woff2", "ttf", "swf", "map",
];

/// Paths of documents, in lower case.
static DOCUMENTS: LazyLock<RegexSet> = LazyLock::new(|| {
    let year = r"(?:19|20)\d\d";
    let html = r"\.(?:s?html?|jhtml)$";
    patterns(&[
        format!(r"/t{year}[01]\d[0-3]\d_\d+{html}"),
        format!(r"/art/{year}/(?:\d\d?/\d\d?/)?art_[0-9a-f_]+{html}"),
        format!(r"/content(?:_|/post_|/\d+/\d+/post_)[0-9a-z]+{html}"),
        format!(r"/post_\d+{html}"),
        r"/info/\d+/\d+\.htm$".to_owned(),
        format!(r"/[0-9a-f]{{32}}(?:/c)?{html}"),
        format!(r"/[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}{html}"),
        // Numbers of four to twenty digits: serial numbers, time stamps, snowflakes.
        format!(r"/(?:[a-z]{{1,10}}[_-])?\d{{4,20}}{html}"),
        // Folders by year and month, or by day.
        format!(r"/{year}-?(?:0[1-9]|1[0-2])(?:-?[0-3]\d)?/(?:[0-3]?\d/)?[^/]*[0-9a-f]{{2,}}[^/]*{html}"),
        format!(r"/{year}/(?:0?[1-9]|1[0-2])/(?:[0-3]?\d/)?[^/]*[0-9a-f]{{2,}}[^/]*{html}"),
        format!(r"/c\d+/content{html}"),
        r"/artview/(?:\d+/)*\d+(?:\.html?)?$".to_owned(),
        r"/(?:opennesscontent|jczwgk)/show/\d+\.html$".to_owned(),
        r"/public/\d+/\d+\.html$".to_owned(),
        r"/overt_centent/.*\.html?$".to_owned(),
    ])
});

/// A document that has a folder of its own: `/123456/index.html`, but not a month's `/202403/index.html`.
fn is_document_folder(path: &str) -> bool {
    let mut segments = path.rsplit('/');
    let is_index = segments
        .next()
        .is_some_and(|file| file == "index" || file.starts_with("index."));
    let folder = segments.next().unwrap_or_default();
    let is_number = folder.bytes().all(|b| b.is_ascii_digit()) && (5..=20).contains(&folder.len());
    let is_time = matches!(folder.len(), 6 | 8)
        && matches!(&folder[..2], "19" | "20")
        && matches!(
            &folder[4..6],
            "01" | "02" | "03" | "04" | "05" | "06" | "07" | "08" | "09" | "10" | "11" | "12"
        );
    is_index && is_number && !is_time
}

/// Index files and their further pages, in lower case.
static INDEXES: LazyLock<RegexSet> = LazyLock::new(|| {
    patterns(&[
        r"/(?:index|default|list|more|page)(?:[_-]?\d+)*\.[a-z]+$".to_owned(),
        r"_list(?:_\d+)?\.s?html?$".to_owned(),
    ])
});

/// Paths of lists and columns, in lower case.
static LISTS: LazyLock<RegexSet> = LazyLock::new(|| {
    patterns(&[
        r"/(?:index|default|list|more|node|column|channel)(?:[_-]?\d+)*\.[a-z]+$".to_owned(),
        r"_list(?:_\d+)?\.s?html?$".to_owned(),
        r"/(?:col|column|channel|list|node|class|category)/".to_owned(),
        r"(?:list|column|channel|more)[a-z]*\.(?:jsp|do|action|aspx?|php|jspx)$".to_owned(),
        // No extension: most likely a folder.
        r"/[^/.]*$".to_owned(),
    ])
});

fn patterns(patterns: &[String]) -> RegexSet {
    RegexSet::new(patterns).expect("the patterns of this file are valid")
}

/// Dynamic pages name their document in the query.
fn has_document_id(url: &Url) -> bool {
    const NAMES: &[&str] = &[
        "id",
        "wzid",
        "messagekey",
        "articleid",
        "newsid",
        "infoid",
        "contentid",
        "docid",
        "artid",
        "news_id",
        "aid",
    ];
    let file = url.path().rsplit('/').next().unwrap_or_default();
    file.contains('.')
        && url.query_pairs().any(|(name, value)| {
            let is_id = value.len() >= 2 && value.bytes().any(|b| b.is_ascii_digit());
            NAMES.contains(&name.to_ascii_lowercase().as_str()) && is_id
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Shape {
        shape(&Url::parse(&format!("http://a.gov.cn{path}")).unwrap())
    }

    #[test]
    fn documents_of_every_dialect_are_known() {
        for path in [
            "/zwgk/202403/t20240328_6583952.html",
            "/zwgk/202403/t20240328_6583952.shtml",
            "/art/2023/7/4/art_1234_567890.html",
            "/art/2023/art_0a1b2c3d.html",
            "/zwgk/content_1717747978409553920.html",
            "/2024-02/27/content_9.shtml",
            "/gkmlpt/content/6/6083/post_6083123.html",
            "/info/1007/2345.htm",
            "/zbxzf/xzfwj/202404/49cafe0123456789abcdef0123456549.shtml",
            "/20240229/49cafe0123456789abcdef0123456549/c.html",
            "/fdzdgknr/1763099724496809986.html",
            "/columns/0b0a5a5c-1111-2222-3333-444455556666/202301/05/0b0a5a5c-1111-2222-3333-444455556667.html",
            "/2024-03-01/88213.html",
            "/123456/index.html",
            "/c100186/content.html",
            "/zfxxgk_x/artview/195/172227.html?nbYear=2021",
            "/pageView/subArticle.html?lmid=1&wzid=20",
            "/News_showGkmlNews.action?messagekey=189769",
            "/public/6614/89213.html",
            "/show.jsp?id=77",
        ] {
            assert_eq!(of(path), Shape::Document, "{path}");
        }
    }

    #[test]
    fn lists_files_and_assets_are_told_apart() {
        for path in [
            "/",
            "/zwgk/",
            "/zwgk",
            "/zwgk/fzzf/index.html",
            "/zwgk/index_12.html",
            "/col/col1234/index.html",
            "/zwgk_list_2.shtml",
            "/zwgk/index_2024.html",
            "/202403/index.html",
            "/list.jsp?id=12",
            "/zwgk/list/page2.html",
            "/more.html",
        ] {
            assert_eq!(of(path), Shape::List, "{path}");
        }
        assert_eq!(of("/P020260601322559475097.PDF"), Shape::File);
        assert_eq!(of("/x/logo.png"), Shape::Asset);
        assert_eq!(of("/zwgk/about.html"), Shape::Page);
        assert_eq!(of("/slug/12.htm"), Shape::Page);
    }

    #[test]
    fn traps_are_seen() {
        let trap = |path: &str| trap(&Url::parse(&format!("http://a.gov.cn{path}")).unwrap());
        assert_eq!(trap("/a/a/a/x.html"), None);
        assert_eq!(trap("/a/a/a/a/x.html"), Some(Trap::Repetition));
        assert_eq!(
            trap(&format!(
                "/{}",
                (0..20).map(|n| format!("{n}/")).collect::<String>()
            )),
            Some(Trap::Depth)
        );
        assert_eq!(trap(&format!("/x?{}", "a=1&".repeat(13))), Some(Trap::Parameters));
    }
}
