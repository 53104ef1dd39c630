//! What recurs on the pages of a portal, and so belongs to the portal and not to its documents: slogans, names of
//! columns, notes that no general rule knows.
//!
//! [`Sketch`]es of pages, read without any profile, go into [`learn`]; a line that stands on three of ten pages becomes
//! part of the portal's [`Profile`]. Recurring alone proves nothing inside a text: yearly reports of thirty departments
//! share most of their sentences. So there are three guards:
//!
//! * lines in the shape of a document's own parts (headings, salutations, closing words, bodies, days, titles) are
//!   neither learned nor applied;
//! * of a text only the first and last lines can be learned, only if they are no sentences, and not when other text
//!   stands outside of them on more than a tenth of their pages;
//! * a profile only takes lines off both ends of a text ([`peel`]), never a line between lines of text.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
    sync::LazyLock,
};

use regex::Regex;

use super::{
    boilerplate::{compact, patterns},
    document::Document,
    issuer::is_body_name,
    judge::{FURNITURE, Judged, is_link_line},
    lines::Line,
    page::Page,
    title::{has_shape, is_letterhead, is_subtitle, names_a_document},
};

/// Fewer pages of a host than this teach nothing.
pub(crate) const MIN_PAGES: usize = 20;

/// Rounds after which what is text and what recurs must have been told apart; portals need two or three.
const MAX_ROUNDS: usize = 60;

/// Most lines of a profile.
const MAX_LINES: usize = 300;

/// Lines at the beginning and at the end of a text that may be the portal's.
const HEAD: usize = 15;
const TAIL: usize = 40;

/// Lines on each side of a text that are looked at.
const AROUND: usize = 150;

/// Lines of a text that are looked at from either end.
const FAR: usize = 1000;

patterns! {
    /// How lines of documents begin, end, or look: headings, attachments, salutations, closing words, whom to ask, days,
    /// numbers, seals.
    DOCUMENT = r"^([一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\)|第[一二三四五六七八九十百\d]{1,4}(章|节|条|部分)|\d{1,3}[、.)]"
               r"|附(件|表|录|图|注)|目录|前言|抄[送报]|主题词|各位|同志们|尊敬的|特此|此致|敬礼|谢谢|以上|专此|妥否|当否|现予|此[件文复]|暂?无"
               r"|联系(人|电话|地址|方式)|地址:|.{0,4}电话:|邮编|传真|公开(方式|属性|选项|形式|类别)|(主动|依申请)公开)"
               r"|(\d{4}|[〇○零一二三四五六七八九十]{4})年|\d{1,2}月\d{1,2}日|[〔\[(](19|20)\d{2}[〕\])]|[:;,、]$|^\(.*\)$|章\)$|印发$";
    /// A heading that text must follow. Attachments are numbered otherwise.
    HEADING = r"^([一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十]{1,3}(章|节|部分))[^。;]*$";
}

/// Lines that belong to a portal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// In compact form.
    lines: BTreeSet<String>,
}

impl Profile {
    /// A profile of these lines, as far as they may be part of one.
    pub(crate) fn new(lines: impl IntoIterator<Item = String>) -> Self {
        let lines = lines.into_iter().filter(|line| may_recur(line));
        Self {
            lines: lines.take(MAX_LINES).collect(),
        }
    }

    /// The lines, in compact form and in order.
    pub(crate) fn lines(&self) -> impl ExactSizeIterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// This profile and what was learned since. What recurred once stays, so that a profile cannot go back and forth.
    pub(crate) fn grown(&self, learned: BTreeSet<String>) -> Self {
        let new = learned.into_iter().filter(|line| !self.lines.contains(line));
        Self::new(self.lines.iter().cloned().chain(new))
    }

    /// Whether a line, in compact form, belongs to the portal.
    pub(crate) fn contains(&self, line: &str) -> bool {
        self.lines.contains(line)
    }

    /// Whether a line of a title or text is of the portal: what was read without this profile may read otherwise
    /// with it.
    pub(crate) fn touches(&self, title: Option<&str>, text: &str) -> bool {
        let mut lines = title.into_iter().chain(text.lines());
        lines.any(|line| self.contains(&compact(line)))
    }
}

/// Marks the lines that belong to the portal; none of them speaks for main text.
pub(crate) fn mark(profile: Option<&Profile>, lines: &[Line], judged: &mut [Judged]) {
    let Some(profile) = profile else { return };
    for (line, judged) in lines.iter().zip(judged) {
        if profile.contains(&compact(&line.text)) {
            judged.recurring = true;
            judged.weight = judged.weight.min(FURNITURE);
        }
    }
}

/// What a line of a text is to [`peel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The document's own.
    Text,
    /// A heading that text must follow.
    Heading,
    /// The portal's, by its profile.
    Recurring,
    /// Furniture by other rules.
    Foreign,
}

/// Takes the portal's lines off both ends of a text, and furniture that they left there. Never takes all, nor the
/// line below a heading.
pub(crate) fn peel(range: Range<usize>, role: impl Fn(usize) -> Role) -> Range<usize> {
    let is_outer = |at: &usize| matches!(role(*at), Role::Recurring | Role::Foreign);
    let head = range.start..range.end.min(range.start + HEAD);
    let tail = range.start.max(range.end.saturating_sub(TAIL))..range.end;
    if !head
        .clone()
        .chain(tail.clone())
        .any(|at| role(at) == Role::Recurring)
    {
        return range;
    }
    let start = head.clone().find(|at| !is_outer(at)).unwrap_or(head.end);
    let last = tail.clone().rev().find(|at| !is_outer(at));
    let mut end = last.map_or(tail.start, |last| last + 1);
    if start >= end {
        return range;
    }
    if role(end - 1) == Role::Heading
        && let Some(below) = (end..range.end).find(|at| role(*at) == Role::Recurring)
    {
        end = below + 1;
    }
    start..end
}

/// [`peel`] for lines of a page.
pub(crate) fn peel_page(page: &Page, range: Range<usize>) -> Range<usize> {
    peel(range, |at| {
        let (line, judged) = (&page.lines.lines[at], &page.judged[at]);
        if judged.recurring && may_end_a_text(line) {
            Role::Recurring
        } else if judged.is_foreign() {
            Role::Foreign
        } else {
            text_role(line)
        }
    })
}

fn text_role(line: &Line) -> Role {
    if line.chars <= 60 && HEADING.is_match(&compact(&line.text)) {
        Role::Heading
    } else {
        Role::Text
    }
}

/// Whether a line, in compact form, can belong to a portal: it is not one of those that documents are made of.
fn may_recur(line: &str) -> bool {
    (4..=200).contains(&line.chars().count())
        && !DOCUMENT.is_match(line)
        && !is_body_name(line)
        && !names_a_document(line)
        && !is_letterhead(line)
        && !is_subtitle(line)
}

/// Whether a line of the portal's may be taken off a text: it is no sentence.
fn may_end_a_text(line: &Line) -> bool {
    !line.row && has_shape(&line.text) && !line.text.ends_with(['！', '!', '？', '?', '…', '”'])
}

/// What of a page is needed to learn from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sketch {
    /// Lines that may belong to the portal, each once.
    known: BTreeMap<u64, String>,
    /// The lines of the text.
    text: Vec<(u64, Role)>,
}

impl Sketch {
    /// Sketches a document and the page around it, both read without a profile.
    pub(crate) fn new(document: &Document<'_>) -> Self {
        let page = document.page;
        let (lines, text) = (&page.lines.lines, document.range.clone());
        let near = text.start.saturating_sub(AROUND)..lines.len().min(text.end + AROUND);
        let titles = [page.meta(&["articletitle"]), document.hints.list_title.as_deref()];
        let titles: Vec<String> = titles.into_iter().flatten().map(compact).collect();
        let mut sketch = Self::default();
        for at in near.filter(|at| *at < text.start + FAR || at + FAR >= text.end) {
            let (line, judged) = (&lines[at], &page.judged[at]);
            let compacted = compact(&line.text);
            let key = hash(&compacted);
            let may_be_the_portals = if text.contains(&at) {
                let role = if judged.is_foreign() {
                    Role::Foreign
                } else {
                    text_role(line)
                };
                sketch.text.push((key, role));
                (at < text.start + HEAD || at + TAIL >= text.end) && may_end_a_text(line)
            } else {
                !line.row && !is_link_line(line)
            };
            if may_be_the_portals
                && !judged.is_foreign()
                && may_recur(&compacted)
                && !titles.contains(&compacted)
            {
                sketch.known.insert(key, compacted);
            }
        }
        sketch
    }

    /// The lines that stand between lines of text when `recurring` ones are taken off both ends.
    fn inner(&self, recurring: &HashMap<u64, usize>) -> HashSet<u64> {
        let kept = peel(0..self.text.len(), |at| match self.text[at] {
            (key, Role::Text | Role::Heading) if recurring.contains_key(&key) => Role::Recurring,
            (_, role) => role,
        });
        self.text[kept].iter().map(|(key, _)| *key).collect()
    }
}

/// The lines that recur on pages of one host; their order does not matter.
pub(crate) fn learn(pages: &[Sketch]) -> BTreeSet<String> {
    if pages.len() < MIN_PAGES {
        return BTreeSet::new();
    }
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for key in pages.iter().flat_map(|page| page.known.keys()) {
        *counts.entry(*key).or_default() += 1;
    }
    counts.retain(|_, count| *count * 10 >= pages.len() * 3);
    // What turns out to be text may uncover other text further in.
    for _ in 0..MAX_ROUNDS {
        let mut inner: HashMap<u64, usize> = HashMap::new();
        for key in pages.iter().flat_map(|page| page.inner(&counts)) {
            *inner.entry(key).or_default() += 1;
        }
        let before = counts.len();
        counts.retain(|key, count| inner.get(key).is_none_or(|inner| *inner * 10 <= *count));
        if counts.len() == before {
            let known = pages.iter().flat_map(|page| &page.known);
            let recurring = known.filter(|(key, _)| counts.contains_key(key));
            return recurring.map(|(_, line)| line.clone()).collect();
        }
    }
    // Pages that uncover line after line were made to; they teach nothing.
    BTreeSet::new()
}

fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
