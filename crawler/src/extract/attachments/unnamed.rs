//! Files whose address does not tell that it leads to one: what stands around the link says so.
//!
//! Content systems serve files at addresses such as `/download?id=55`. A link is taken for such a file when it stands
//! behind 附件: or below a line that says no more than that, and a picture there for a scan. What comes is told by its
//! first bytes, as for any file.

use std::sync::LazyLock;

use regex::Regex;
use scraper::node::Element;
use url::Url;

use super::super::{
    boilerplate::{compact, patterns},
    judge::is_link_line,
    lines::Line,
};

/// Most such files of one document.
pub(super) const MAX: usize = 20;

/// Lines of links below a heading of files.
const MAX_BELOW: usize = 20;

patterns! {
    /// 附件：…, 附件1. …, and what stands alone above a list.
    LABEL = r"^[(（\[【]?(相关|本文)?附件(下载|列表|清单|材料)?[\d一二三四五六七八九十]{0,3}[)）\]】]?([::.、]|$)";
    HEADING = r"^[(（\[【]?(相关|本文)?附件(下载|列表|清单|材料)?[)）\]】]?[::]?$";
    PICTURE = r"(?i)\.(jpe?g|png|tiff?|bmp|gif|webp)$";
    /// The last part of a path that no ending says anything of.
    BARE = r"/[^/.]+$";
    PROGRAM = r"(?i)\.(jspx?|do|action|aspx?|ashx|php|cgi)$";
    SERVES = r"(?i)down|attach|file|upload|fujian|accessor";
    GATE = r"(?i)login|logon|passport|/sso";
}

/// Whether the line at `at`, or one above a list that it belongs to, says that files follow.
pub(super) fn is_labelled(lines: &[Line], at: usize) -> bool {
    let Some(line) = lines.get(at) else { return false };
    if LABEL.is_match(&compact(&line.text)) {
        return true;
    }
    if !is_link_line(line) {
        return false;
    }
    let mut above = lines[..at].iter().rev().take(MAX_BELOW);
    let heading = above.find(|line| !is_link_line(line));
    heading.is_some_and(|line| HEADING.is_match(&compact(&line.text)))
}

/// Where a link leads that is labelled as a file, if that may be one.
pub(super) fn target(element: &Element, base: Option<&Url>) -> Option<String> {
    let url = address(element, base)?;
    let (path, whole) = (url.path(), &url[url::Position::BeforePath..]);
    let is_served = BARE.is_match(path) || PROGRAM.is_match(path) && SERVES.is_match(whole);
    let may_be_file = PICTURE.is_match(path) || is_served && !GATE.is_match(whole);
    may_be_file.then(|| url.to_string())
}

fn address(element: &Element, base: Option<&Url>) -> Option<Url> {
    let href = element.attr("href").map(str::trim)?;
    if element.name() != "a" || href.is_empty() || href.starts_with('#') || href.len() > 2048 {
        return None;
    }
    let mut url = base.map_or_else(|| Url::parse(href).ok(), |base| base.join(href).ok())?;
    url.set_fragment(None);
    let is_here = base.is_some_and(|base| base.path() == url.path() && base.query() == url.query());
    (matches!(url.scheme(), "http" | "https") && !is_here).then_some(url)
}
