//! Names that content systems give to the parts of a page.

use std::{cmp::Reverse, collections::HashMap, ops::Range, sync::LazyLock};

use ego_tree::NodeId;
use scraper::{Html, node::Element};

use super::{
    body::{overlap, positive},
    dom::attr,
    lines::Lines,
};

/// Ids and classes of main texts, best first, lower case; `*` at the end stands for any rest.
///
/// From pages of government portals built with TRS WCM, UCAP, Hanweb jcms, VSB and others.
const MAIN: &[&str] = &[
    "#ucap-content",
    "ucapcontent",
    ".trs_editor_view",
    ".trs_ueditor",
    ".trs_editor",
    "#zoom",
    "#zoomcon",
    "#vsb_content*",
    ".v_news_content",
    "#ivs_content",
    ".article_content",
    ".wzzw-article",
    ".main-txt",
    ".artile_zw",
    ".xxgk-content",
    ".xxgk_content",
    ".pages_content",
    ".article-body",
    ".article-content",
    ".article-con",
    ".art_con",
    ".contxt",
    ".xl_content",
    ".xl-xqnr",
    ".j-fontcontent",
    ".text-main",
    "#newscontent",
    "#neirong",
    "#info_content",
    "#maintext",
    "#div_zhengwen",
    ".wordsection1",
    ".tyxxy_main",
    ".news_cont_d_wrap",
    "#content",
    ".content",
];

/// A container with less text than this is no frame.
const MIN_CHARS: usize = 80;

/// The last names of [`MAIN`] are given to whole columns as well.
const GENERAL: usize = 2;

/// Parts of ids and classes (split at `-`, `_` and capitals) that are not the main text.
const ASIDE: &[&str] = &[
    "comment",
    "comments",
    "reply",
    "replies",
    "pinglun",
    "share",
    "bshare",
    "bdshare",
    "jiathis",
    "sharebox",
    "related",
    "relate",
    "recommend",
    "recommended",
    "footer",
    "foot",
    "copyright",
    "nav",
    "navbar",
    "menu",
    "sidebar",
    "sidenav",
    "breadcrumb",
    "breadcrumbs",
    "crumb",
    "crumbs",
    "mbx",
    "pagination",
    "pager",
    "ewm",
    "qrcode",
    "erweima",
    "toolbar",
    "links",
    "friendlink",
    "xgwz",
    "xgyd",
    "xglj",
    "xgxw",
    "ranking",
    "hotnews",
    "leftmenu",
    "login",
    "search",
    "popup",
    "ad",
    "ads",
    "advert",
    "weixin",
    "tags",
];

/// Parts of ids and classes that announce the day of publication.
const DAY: &[&str] = &[
    "time", "date", "pubtime", "pbtime", "pubdate", "fbsj", "fbrq", "sj", "rq", "shijian", "riqi",
];

/// Whether a line has an element to itself whose names say that it holds the day of publication.
pub(crate) fn announces_day(page: &Html, lines: &Lines, at: usize) -> bool {
    let mut around = lines.spans.iter().filter(|(_, span)| **span == (at..at + 1));
    around.any(|(node, _)| {
        let element = page.tree.get(*node).and_then(|node| node.value().as_element());
        element.is_some_and(|element| {
            let names = [attr(element, "id"), attr(element, "class")]
                .into_iter()
                .flatten();
            let mut words = names.flat_map(|names| names.split(|c: char| !c.is_ascii_alphanumeric()));
            element.name() == "time" || words.any(|word| DAY.iter().any(|day| word.eq_ignore_ascii_case(day)))
        })
    })
}

/// Whether an element's own names say that it is not the main text.
pub(crate) fn is_aside(element: &Element) -> bool {
    match element.name() {
        "nav" | "footer" | "aside" => return true,
        "body" | "html" | "form" => return false,
        _ => {}
    }
    let names = [attr(element, "id"), attr(element, "class")];
    names.into_iter().flatten().any(|names| {
        names.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
            if ASIDE.iter().any(|aside| word.eq_ignore_ascii_case(aside)) {
                return true;
            }
            let tail = word
                .rfind(|c: char| c.is_ascii_uppercase())
                .map_or("", |at| &word[at..]);
            tail.len() > 3 && ASIDE.iter().any(|aside| tail.eq_ignore_ascii_case(aside))
        })
    })
}

/// Names with their ranks.
type Ranked = Vec<(usize, &'static str)>;

/// [`MAIN`] by what stands before a name (`#` or `.`) and its first letter: ranks and names, best first. Every element
/// of a page is looked up.
static BY_FIRST: LazyLock<HashMap<(char, u8), Ranked>> = LazyLock::new(|| {
    let mut by_first: HashMap<_, Ranked> = HashMap::new();
    for (rank, main) in MAIN.iter().enumerate() {
        let name = main.trim_start_matches(['#', '.']);
        if let (Some(prefix @ ('#' | '.')), Some(first)) = (main.chars().next(), name.bytes().next()) {
            by_first.entry((prefix, first)).or_default().push((rank, name));
        }
    }
    by_first
});

fn rank(element: &Element) -> Option<usize> {
    let is = |prefix: char, name: &str| {
        let first = name.bytes().next()?.to_ascii_lowercase();
        let mut alike = BY_FIRST.get(&(prefix, first))?.iter();
        alike.find_map(|(rank, main)| {
            let is_same = match main.strip_suffix('*') {
                Some(start) => {
                    let head = name.as_bytes().get(..start.len());
                    head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
                }
                None => name.eq_ignore_ascii_case(main),
            };
            is_same.then_some(*rank)
        })
    };
    let by_name = (element.name() == "ucapcontent").then_some(1);
    let by_id = attr(element, "id").and_then(|id| is('#', id.trim()));
    let by_class = attr(element, "class")
        .and_then(|classes| classes.split_whitespace().filter_map(|c| is('.', c)).min());
    [by_name, by_id, by_class].into_iter().flatten().min()
}

/// Whether an element is known to hold nothing but a main text.
pub(crate) fn is_specific(page: &Html, node: NodeId) -> bool {
    let element = page.tree.get(node).and_then(|node| node.value().as_element());
    element
        .and_then(rank)
        .is_some_and(|rank| rank < MAIN.len() - GENERAL)
}

/// Containers that are known to hold nothing but main texts, with their rank.
fn specific<'a>(
    page: &'a Html,
    lines: &'a Lines,
) -> impl Iterator<Item = (usize, NodeId, &'a Range<usize>)> + 'a {
    lines.spans.iter().filter_map(|(node, span)| {
        let element = page.tree.get(*node)?.value().as_element()?;
        let rank = rank(element).filter(|rank| *rank < MAIN.len() - GENERAL)?;
        Some((rank, *node, span))
    })
}

/// Such a container and its lines, whatever it holds here.
///
/// On a page whose document is only an attachment it is next to empty, and the heaviest run of lines lies elsewhere.
pub(crate) fn lone(page: &Html, lines: &Lines) -> Option<(NodeId, Range<usize>)> {
    let order =
        |(rank, node, span): &(usize, NodeId, &Range<usize>)| (*rank, Reverse(span.len()), span.start, *node);
    let (_, node, span) = specific(page, lines).min_by_key(order)?;
    Some((node, span.clone()))
}

/// Lines of such containers that hold a text, in the order of the page.
pub(crate) fn of_texts(page: &Html, lines: &Lines) -> Vec<Range<usize>> {
    const MOST: usize = 50;
    let holds = |span: &Range<usize>| {
        lines.lines[span.clone()]
            .iter()
            .map(|line| line.chars - line.linked)
            .sum::<usize>()
    };
    let texts = specific(page, lines).map(|(_, _, span)| span);
    let mut texts: Vec<_> = texts.filter(|span| holds(span) >= MIN_CHARS).cloned().collect();
    // The spans come in no order: which are left out must not depend on it.
    texts.sort_unstable_by_key(|span| (span.start, Reverse(span.end)));
    texts.dedup();
    texts.truncate(MOST);
    texts
}

/// The known container that holds the core of the text, and its lines; no element for what stands between comments.
///
/// Of several, the smaller one that still has four fifths of the weight of the larger: names are nested, doubled,
/// and given to whole columns.
pub(crate) fn find(
    page: &Html,
    lines: &Lines,
    core: &Range<usize>,
    weights: &[f32],
) -> Option<(Option<NodeId>, Range<usize>)> {
    let total = positive(weights, core);
    let mut found = Vec::new();
    for (node, span) in &lines.spans {
        let Some(element) = page.tree.get(*node).and_then(|node| node.value().as_element()) else {
            continue;
        };
        let Some(rank) = rank(element) else { continue };
        let plain: usize = lines.lines[span.clone()]
            .iter()
            .map(|line| line.chars - line.linked)
            .sum();
        let held = positive(weights, &overlap(span, core));
        if plain >= MIN_CHARS && held >= 0.75 * total {
            found.push((span.clone(), rank, held, Some(*node)));
        }
    }
    if let Some(span) = &lines.marked {
        found.push((span.clone(), 0, positive(weights, &overlap(span, core)), None));
    }
    let most = found.iter().map(|(_, _, held, _)| *held).fold(0.0, f32::max);
    found.retain(|(_, _, held, _)| *held >= 0.8 * most);
    let best = found
        .into_iter()
        .min_by_key(|(span, rank, _, node)| (span.len(), *rank, span.start, *node));
    best.map(|(span, _, _, node)| (node, span))
}
