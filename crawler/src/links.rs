//! The links of a page, each with the words around it.
//!
//! Pure: a parsed page and its address go in. Links are resolved against `<base>` and the address that answered.
//! A link is an anchor, an area, an option of a drop-down list, a frame, any element that carries an address in `data-url`
//! or opens one when it is clicked, or an entry of a menu that a script draws.

mod row;
mod script;

use std::sync::LazyLock;

use jiff::civil::Date;
use scraper::{ElementRef, Html, Selector, node::Element};
use url::{Host, Url};

use self::row::{
    MAX_ROW_CHARS, date_beside, heading_beside, is_more, main_part, picture_text, row_text, squeeze, text_of,
    without_date,
};

use crate::url::category;

/// Most links of one page that are read.
pub(crate) const MAX_LINKS: usize = 5000;

/// Longest address that is taken for one, in bytes; longer ones are not fetched anyway.
const MAX_URL_BYTES: usize = 2048;

/// Longest title of a link that is kept, in characters.
const MAX_TITLE_CHARS: usize = 300;

/// Most frames and refreshes of one page that are read.
const MAX_FRAMES: usize = 20;

/// Longest script that is looked through for a menu, in bytes.
const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// Attributes that carry an address where a script makes an element a link.
const DATA: &[&str] = &["data-url", "data-href", "data-link"];

/// Classes of links to the next page.
const NEXT_CLASSES: &[&str] = &[
    "next",
    "nextpage",
    "next-page",
    "next_page",
    "page-next",
    "pagenext",
    "page_next",
    "layui-laypage-next",
    "pagination-next",
    "pager-next",
    "pg-next",
    "btn-next",
    "next-btn",
    "icon-next",
    "pn",
];

/// One link.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    /// Where it leads, without a fragment.
    pub(crate) url: Url,
    /// What it says: its text, or its `title` when that is the longer form of the text; of a picture what that says;
    /// of a link that only says "more" the heading beside it.
    pub(crate) text: String,
    /// `rel="next"`.
    pub(crate) is_next: bool,
    /// The date that stands beside it in its row.
    pub(crate) date: Option<Date>,
    /// What the page shows stands there: a frame, or where it sends every visitor at once.
    pub(crate) is_frame: bool,
}

/// All links of a page in the order they stand there.
pub(crate) fn links(page: &Html, page_url: &Url) -> Vec<Link> {
    static ANCHORS: LazyLock<Selector> =
        LazyLock::new(|| css("a, area, link[rel=next], [data-url], [data-href], [data-link], [onclick]"));
    static OPTIONS: LazyLock<Selector> = LazyLock::new(|| css("select option[value]"));
    static FRAMES: LazyLock<Selector> = LazyLock::new(|| css("frame[src], iframe[src]"));
    static REFRESH: LazyLock<Selector> = LazyLock::new(|| css("meta[http-equiv][content]"));
    let base = base(page, page_url);
    let mut links: Vec<_> = page
        .select(&ANCHORS)
        .filter_map(|element| link(element, &base))
        .take(MAX_LINKS)
        .collect();
    // Drop-down lists of pages, years and departments. Any other value of an option is no address.
    let options = page.select(&OPTIONS).take(MAX_LINKS);
    links.extend(options.filter_map(|option| {
        let value = option.value().attr("value").map(str::trim);
        let value = value.filter(|value| is_address(value))?;
        Some(Link {
            url: resolve(&base, value)?,
            text: squeeze(&text_of(option, 40).0),
            is_next: false,
            date: None,
            is_frame: false,
        })
    }));
    links.extend(menus(page, &base).take(MAX_LINKS));
    let frames = page.select(&FRAMES).filter_map(|frame| frame.value().attr("src"));
    let refresh = page.select(&REFRESH).filter_map(|meta| refresh(meta.value()));
    let frames = frames
        .chain(refresh)
        .take(MAX_FRAMES)
        .filter_map(|target| resolve(&base, target.trim()));
    links.extend(frames.map(|url| Link {
        url,
        text: String::new(),
        is_next: false,
        date: None,
        is_frame: true,
    }));
    links
}

/// The entries of menus and trees that scripts of the page hold as data.
fn menus<'a>(page: &'a Html, base: &'a Url) -> impl Iterator<Item = Link> + 'a {
    static SCRIPTS: LazyLock<Selector> = LazyLock::new(|| css("script:not([src])"));
    let scripts = page.select(&SCRIPTS).flat_map(|script| script.text());
    let entries = scripts
        .filter(|script| script.len() <= MAX_SCRIPT_BYTES)
        .flat_map(script::entries);
    entries.filter_map(|(name, address)| {
        let address = address.replace("\\/", "/");
        let url = Some(&address).filter(|address| is_address(address))?;
        Some(Link {
            url: resolve(base, url)?,
            text: squeeze(name),
            is_next: false,
            date: None,
            is_frame: false,
        })
    })
}

/// The address in `<meta http-equiv="refresh" content="0; url=…">`.
fn refresh(meta: &Element) -> Option<&str> {
    let is_refresh = meta
        .attr("http-equiv")
        .is_some_and(|name| name.trim().eq_ignore_ascii_case("refresh"));
    let content = meta.attr("content").filter(|_| is_refresh)?;
    let at = content.to_ascii_lowercase().find("url=")?;
    content
        .get(at + 4..)
        .map(|target| target.trim_matches(['"', '\'', ' ']))
}

/// The address of a page's first link, as it is written.
pub(crate) fn first_href(page: &Html) -> Option<String> {
    static HREF: LazyLock<Selector> = LazyLock::new(|| css("[href]"));
    let element = page.select(&HREF).next()?;
    Some(element.value().attr("href")?.trim().to_owned())
}

/// Where a page without links of its own sends its visitors by script; the twin for telephones comes last.
pub(crate) fn scripted_targets(html: &str, page_url: &Url) -> Vec<Url> {
    let targets = script::of_page(html).filter_map(|target| resolve(page_url, target));
    let mut targets: Vec<_> = targets.collect();
    let is_for_telephones = |url: &Url| match url.host() {
        Some(Host::Domain(name)) => name.starts_with("m.") || name.starts_with("wap."),
        _ => false,
    };
    targets.sort_by_key(is_for_telephones);
    targets
}

fn css(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector of this file is valid CSS")
}

/// What the links of a page are resolved against.
pub(crate) fn base(page: &Html, page_url: &Url) -> Url {
    static BASE: LazyLock<Selector> = LazyLock::new(|| css("base[href]"));
    let href = page
        .select(&BASE)
        .next()
        .and_then(|element| element.value().attr("href"));
    // Every link is joined with it, so a long one would be copied as often as there are links.
    href.and_then(|href| page_url.join(href.trim()).ok())
        .filter(|base| matches!(base.scheme(), "http" | "https") && base.as_str().len() <= MAX_URL_BYTES)
        .unwrap_or_else(|| page_url.clone())
}

fn link(element: ElementRef<'_>, base: &Url) -> Option<Link> {
    address(element, base).map(|url| described(element, url))
}

/// Where an element leads, as far as its attributes tell.
pub(crate) fn address(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let href = element.value().attr("href").map(str::trim);
    let href = href.filter(|_| is_anchor(element)).unwrap_or_default();
    let is_script =
        href.is_empty() || href.starts_with('#') || href.to_ascii_lowercase().starts_with("javascript:");
    let href = if is_script { target(element, href)? } else { href };
    resolve(base, href)
}

fn is_anchor(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "a" | "area" | "link")
}

/// The link of an element that leads to an address, with the words around it.
pub(crate) fn described(element: ElementRef<'_>, url: Url) -> Link {
    let attr = |name: &str| element.value().attr(name).map(str::trim);
    let (raw, _) = text_of(element, MAX_ROW_CHARS);
    let text = squeeze(&raw);
    let title = squeeze(row::first_chars(
        attr("title").unwrap_or_default(),
        MAX_TITLE_CHARS,
    ));
    let words_of = |value: &str, words: &[&str]| {
        let mut own = value.split_whitespace();
        own.any(|own| words.iter().any(|word| own.eq_ignore_ascii_case(word)))
    };
    let has_word = |name: &str, words: &[&str]| words_of(attr(name).unwrap_or_default(), words);
    // An arrow drawn by a style sheet says nothing else; the sheet may draw it on what is within the link.
    let draws_next = || {
        let inner = element.children().filter_map(ElementRef::wrap).next();
        let inner = inner.and_then(|inner| inner.value().attr("class"));
        has_word("class", NEXT_CLASSES) || inner.is_some_and(|class| words_of(class, NEXT_CLASSES))
    };
    let is_next = has_word("rel", &["next"]) || (text.is_empty() && draws_next());
    // Nothing but an arrow, and nothing that says where to.
    let text = match raw.trim() {
        arrow if text.is_empty() && title.is_empty() && row::is_arrow(arrow) => arrow.to_owned(),
        _ => text,
    };
    // The day may stand within the link, beside its title.
    let (text, inner) = match without_date(&text) {
        Some((rest, date)) => (rest.to_owned(), Some(date)),
        None => (text, None),
    };
    // A row beside whose title stand a number and an office.
    let text = match is_anchor(element) || !title.is_empty() {
        true => text,
        false => main_part(element, &text).unwrap_or(text),
    };
    let date = inner.or_else(|| row_text(element).and_then(|row| date_beside(&row, &raw)));
    let mut text = longer_form(text, title);
    if text.is_empty() {
        text = picture_text(element)
            .or_else(|| attr("alt").map(squeeze))
            .unwrap_or_default();
    } else if is_more(&text) {
        text = heading_beside(element, &raw).unwrap_or(text);
    }
    Link {
        url,
        text,
        is_next,
        date,
        is_frame: false,
    }
}

/// Where an element leads that has no `href` of its own, or one that only calls a script.
fn target<'a>(element: ElementRef<'a>, href: &'a str) -> Option<&'a str> {
    let attr = |name: &str| element.value().attr(name).map(str::trim);
    let data = DATA
        .iter()
        .find_map(|name| attr(name).filter(|value| is_address(value)));
    data.or_else(|| attr("onclick").and_then(script::of_click))
        .or_else(|| script::of_click(href))
}

/// Whether the value of an attribute is an address and not a number or a name.
fn is_address(value: &str) -> bool {
    let is_path = ["/", "./", "../", "?", "http://", "https://"]
        .iter()
        .any(|start| value.starts_with(start));
    let is_page = [
        ".htm", ".shtm", ".jhtm", ".jsp", ".asp", ".php", ".do?", ".action",
    ]
    .iter()
    .any(|ending| value.contains(ending));
    value.len() > 1 && (is_path || is_page)
}

/// An address that a link of a page with this base has; `None` when it is none that is fetched.
pub(crate) fn resolve(base: &Url, href: &str) -> Option<Url> {
    let mut url = base.join(href).ok()?;
    if category(&url).is_none() {
        url.set_fragment(None);
    }
    (matches!(url.scheme(), "http" | "https") && url.as_str().len() <= MAX_URL_BYTES).then_some(url)
}

/// The `title` when it is the whole of a text that was cut for the list (`…`), else the text.
fn longer_form(text: String, title: String) -> String {
    let stem = text.trim_end_matches(['.', '…', '⋯']).trim_end();
    let is_cut = stem.len() < text.len();
    if text.is_empty()
        || (is_cut && title.starts_with(stem))
        || (title.len() > text.len() && title.starts_with(&text))
    {
        if title.is_empty() { text } else { title }
    } else {
        text
    }
}

#[cfg(test)]
mod tests;
