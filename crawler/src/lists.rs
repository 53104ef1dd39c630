//! What a list leads to: reports with the title and date of their row, further pages of the list, columns.
//!
//! Pure: a fetched page or an API's answer goes in, links and the next requests come out. Each family of content
//! systems has a file of its own below, with one entry, `read`, that answers `None` when a page bears none of its
//! signs. The portal file may name a family; `auto` asks all of them about every page anew, since one portal often
//! mixes several. What a family says is joined with the ordinary links of the page. An answer of an API is known by
//! its address and its shape, and the next request is derived from the one that was answered, so that nothing has to
//! be remembered between two pages of a list.

mod answer;
mod aside;
mod calls;
mod columns;
mod eportal;
mod feed;
mod files;
mod gkmlpt;
mod hanweb;
mod jpaas;
mod literal;
mod lonsun;
mod names;
mod page;
mod paging;
mod params;
mod rows;
mod said;
mod script;
mod scripted;
mod service;
mod shape;
mod sitemap;
mod trs;
mod ucap;
mod vsb;

use std::{
    borrow::Cow,
    cell::OnceCell,
    collections::{HashMap, HashSet, hash_map::Entry},
};

use jiff::civil::Date;
use scraper::Html;
use url::Url;

use self::calls::Scripts;
pub(crate) use self::{
    columns::{ColumnSign, column_score},
    page::{is_home, is_index_above},
    said::Said,
    shape::{Shape, shape, trap},
};
use crate::{
    extract::{decode, dom},
    fetch::gunzip,
    links::{self, Link},
    portal::Family,
    url::{is_fitter, page_key},
};

/// A page with fewer links may do nothing but send its visitors on.
const FEW_LINKS: usize = 3;

/// Longest site map, unpacked (sitemaps.org).
const MAX_SITEMAP_BYTES: u64 = 50 << 20;

/// Most pages of one list that are read.
pub(crate) const MAX_PAGES: u32 = 2000;

/// The entry of a family.
type Reader = fn(&Listing<'_>) -> Option<Found>;

/// Every family with a mechanism of its own, in the order in which `auto` asks. The first one's mechanism is named.
const READERS: &[(Family, Reader)] = &[
    (Family::Sitemap, sitemap::read),
    (Family::Feed, feed::read),
    (Family::Gkmlpt, gkmlpt::read),
    (Family::Ucap, ucap::read),
    (Family::Lonsun, lonsun::read),
    (Family::Eportal, eportal::read),
    (Family::Hanweb, hanweb::read),
    (Family::Jpaas, jpaas::read),
    (Family::Trs, trs::read),
    (Family::Vsb, vsb::read),
    // What none of the above knows.
    (Family::Static, service::read),
];

/// A list to be read.
pub(crate) struct List<'a> {
    /// Address that answered.
    pub(crate) url: &'a Url,
    /// The form that was sent to it; `None` for GET.
    pub(crate) form: Option<&'a str>,
    /// The page that led here; for an answer, the page that shows it.
    pub(crate) via: Option<&'a Url>,
    /// It is a further page of a list whose first page was read.
    pub(crate) is_further: bool,
    /// Body without content coding.
    pub(crate) body: &'a [u8],
    /// Charset of the Content-Type header.
    pub(crate) charset: Option<&'a str>,
    /// The portal's family.
    pub(crate) family: Family,
    /// A seed of the portal is a home page, so columns are welcome wherever they are linked.
    pub(crate) is_whole_site: bool,
    /// Whether the portal's crawl may fetch an address.
    pub(crate) in_scope: &'a dyn Fn(&Url) -> bool,
}

/// A list as a family reads it.
struct Listing<'a> {
    /// Address that answered.
    url: &'a Url,
    /// The form that was sent to it; `None` for GET.
    form: Option<&'a str>,
    /// The page that led here; for an answer, the page that shows it.
    via: Option<&'a Url>,
    /// It is a further page of a list whose first page was read.
    is_further: bool,
    /// The body, decoded.
    text: &'a str,
    /// The portal file names this family: weaker signs will do.
    is_named: bool,
    is_whole_site: bool,
    in_scope: &'a dyn Fn(&Url) -> bool,
    tree: OnceCell<Html>,
    links: OnceCell<Vec<Link>>,
    code: OnceCell<String>,
    scripts: OnceCell<Scripts<'a>>,
}

impl<'a> Listing<'a> {
    /// A first page that was fetched by GET.
    fn of(url: &'a Url, text: &'a str, in_scope: &'a dyn Fn(&Url) -> bool) -> Self {
        Self {
            url,
            form: None,
            via: None,
            is_further: false,
            text,
            is_named: false,
            is_whole_site: false,
            in_scope,
            tree: OnceCell::new(),
            links: OnceCell::new(),
            code: OnceCell::new(),
            scripts: OnceCell::new(),
        }
    }

    /// The body as a page.
    fn tree(&self) -> &Html {
        self.tree.get_or_init(|| dom::parse(self.text))
    }

    /// The links of that page.
    fn links(&self) -> &[Link] {
        self.links.get_or_init(|| links::links(self.tree(), self.url))
    }

    /// The scripts of that page, without comments.
    fn code(&self) -> &str {
        self.code.get_or_init(|| script::code(self.tree()))
    }

    /// What the scripts of that page say.
    fn scripts(&self) -> &Scripts<'a> {
        self.scripts.get_or_init(|| Scripts::new(self.text, self.url))
    }

    /// Where the rows of an answer are shown, so that relative links mean what they mean to a visitor.
    fn shown_on(&self) -> &Url {
        self.via.unwrap_or(self.url)
    }

    /// Whether it is the first page of a site, which has a bit of everything.
    fn is_home(&self) -> bool {
        page::is_home(self.url)
    }

    /// The first request of a list that this page shows, if the crawl may send it. What a request is given to say what
    /// it wants is no trap, however much it is, so only its path is asked about.
    fn first(&self, url: Url, form: Option<String>) -> Option<ListLink> {
        let mut bare = url.clone();
        bare.set_query(None);
        (self.in_scope)(&bare).then(|| ListLink {
            form,
            begins: true,
            ..ListLink::page(url, 1)
        })
    }

    /// A list for tests of what needs little of it.
    #[cfg(test)]
    fn of_test(url: &'a Url, form: Option<&'a str>, text: &'a str) -> Self {
        Self {
            form,
            ..Self::of(url, text, &|_| true)
        }
    }
}

/// What a list leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Links to what may be reports, in the order of the list.
    pub(crate) reports: Vec<ReportLink>,
    /// Links to further lists.
    pub(crate) lists: Vec<ListLink>,
    /// Where rows lead that the crawl may not follow. They tell that the list is not at its end.
    pub(crate) elsewhere: Vec<Url>,
    /// The page asks for its list with something that only a browser can make.
    pub(crate) needs_browser: bool,
    /// Feeds that the page announces. That it does so does not mean that they have all of its list.
    pub(crate) feeds: Vec<Url>,
    /// The page is this one list: it leads to no columns but those below it.
    is_list: bool,
    /// How long the list says that it is.
    pub(crate) said: Option<Said>,
    /// It has more links than are read of one page.
    pub(crate) is_cut: bool,
    /// A web page with hardly a link: a list page has its rows, its pager or its navigation.
    pub(crate) is_bare: bool,
    /// What was read.
    pub(crate) source: Source,
    /// How its rows and further pages were found; `None` when there is nothing.
    pub(crate) mechanism: Option<Mechanism>,
}

/// What a list was read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// A web page, which may have links beside the list.
    #[default]
    Page,
    /// What an API answered: rows and nothing else.
    Answer,
    Sitemap,
    Feed,
}

/// How a list was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mechanism {
    pub(crate) family: Family,
    /// The sign by which it was told, for a person.
    pub(crate) why: String,
}

impl Mechanism {
    fn new(family: Family, why: impl Into<String>) -> Option<Self> {
        let why = why.into();
        Some(Self { family, why })
    }
}

/// A link to what may be a report.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReportLink {
    pub(crate) url: Url,
    /// Title in the row.
    pub(crate) title: Option<String>,
    /// Date in the row.
    pub(crate) date: Option<Date>,
}

/// A link to a further list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListLink {
    pub(crate) url: Url,
    /// Body of a POST, urlencoded; `None` is a GET.
    pub(crate) form: Option<String>,
    /// It is another page of the same list.
    pub(crate) is_pager: bool,
    /// Which list of the page that led here, when it has several.
    pub(crate) unit: u32,
    /// Number of that page, when the list tells; the first is 0.
    pub(crate) number: Option<u32>,
    /// It may not be there, and that is no fault.
    pub(crate) is_guess: bool,
    /// It is the first page of a list of its own, which this page shows.
    pub(crate) begins: bool,
    /// What it is called, where it is linked.
    pub(crate) name: String,
    /// Why it is followed, of a column.
    pub(crate) sign: ColumnSign,
}

impl ListLink {
    /// What tells it from others.
    fn key(&self) -> (String, Option<String>) {
        (page_key(&self.url), self.form.clone())
    }

    /// Page `number` of the same list; the first is 0.
    fn page(url: Url, number: u32) -> Self {
        Self {
            number: Some(number),
            ..Self::pager(url)
        }
    }

    /// The same by POST.
    fn with_form(self, form: String) -> Self {
        Self {
            form: Some(form),
            ..self
        }
    }

    fn pager(url: Url) -> Self {
        Self {
            is_pager: true,
            ..Self::column(url)
        }
    }

    /// A column that a mechanism names.
    fn column(url: Url) -> Self {
        Self::named(url, "", ColumnSign::Told)
    }

    /// A column that a page links to.
    fn named(url: Url, name: &str, sign: ColumnSign) -> Self {
        Self {
            url,
            form: None,
            is_pager: false,
            unit: 0,
            number: None,
            is_guess: false,
            begins: false,
            name: name.to_owned(),
            sign,
        }
    }
}

/// Reads a list.
pub(crate) fn read(list: &List<'_>) -> Found {
    let unpacked = list
        .body
        .starts_with(&[0x1f, 0x8b])
        .then(|| gunzip(list.body, MAX_SITEMAP_BYTES).ok())
        .flatten();
    let text = decode(unpacked.as_deref().unwrap_or(list.body), list.charset).text;
    let listing = Listing {
        form: list.form,
        via: list.via,
        is_further: list.is_further,
        is_named: list.family != Family::Auto,
        is_whole_site: list.is_whole_site,
        ..Listing::of(list.url, &text, list.in_scope)
    };
    let mut found = Found::default();
    for (_, reader) in READERS
        .iter()
        .filter(|(family, _)| matches!(list.family, Family::Auto) || list.family == *family)
    {
        match reader(&listing) {
            Some(whole) if whole.source != Source::Page => return whole,
            Some(more) => found.join(more),
            None => {}
        }
    }
    // Rows that stand in the page are rows whatever its family is called.
    if !matches!(
        list.family,
        Family::Auto | Family::Hanweb | Family::Sitemap | Family::Feed
    ) && let Some(rows) = hanweb::rows_in_page(&listing)
    {
        found.join(rows);
    }
    let is_explained = found.mechanism.is_some() || found.needs_browser;
    let tried = (matches!(list.family, Family::Auto | Family::Static) && !is_explained)
        .then(|| service::tried(&listing))
        .flatten();
    if !matches!(list.family, Family::Sitemap | Family::Feed) {
        let ordinary = ordinary(&listing, found.is_list || listing.is_further);
        found.is_bare = ordinary.is_bare;
        found.join(ordinary);
        if found.is_list && !listing.is_home() {
            let name = columns::column_name(listing.tree());
            aside::leave(&mut found, listing.tree(), listing.url, name.as_deref());
        }
        found.is_cut = listing.links().len() >= links::MAX_LINKS;
        found.feeds = feed::feeds(&listing);
        if found.said.is_none() && !listing.is_further && !listing.is_home() {
            found.said = said::of_page(listing.text, found.reports.len());
        }
    }
    // A page that has other links may have no list, whatever its scripts ask for.
    if let Some(tried) = tried
        && (!tried.needs_browser || found.reports.is_empty() && found.lists.is_empty())
    {
        found.join(tried);
    }
    found
}

/// The links that any page has.
fn ordinary(listing: &Listing<'_>, is_list: bool) -> Found {
    let called = scripted::rows(listing);
    let links = match called.is_empty() {
        true => Cow::Borrowed(listing.links()),
        false => Cow::Owned([listing.links(), &called].concat()),
    };
    let name = columns::column_name(listing.tree());
    let scripted = scripted::pages(listing);
    let setting = page::Setting {
        is_list: is_list || scripted.is_some(),
        is_whole_site: listing.is_whole_site,
        name: name.as_deref(),
    };
    let mut found = page::read(&links, listing.url, listing.in_scope, setting);
    let n_own = links.iter().filter(|link| (listing.in_scope)(&link.url)).count();
    found.is_bare = n_own < FEW_LINKS;
    if found.is_bare {
        let targets = links::scripted_targets(listing.text, listing.url);
        let targets = targets.into_iter().filter(|target| (listing.in_scope)(target));
        let shown = targets.map(|target| ListLink::named(target, "", ColumnSign::Shown));
        found.lists.extend(shown);
    }
    let mut called = String::new();
    if let Some((pages, why)) = scripted {
        called = format!(" ({why})");
        found.join(Found {
            lists: pages,
            ..Found::default()
        });
    }
    let n_pagers = found.lists.iter().filter(|list| list.is_pager).count();
    if !found.reports.is_empty() || n_pagers > 0 {
        let why = format!(
            "{} rows of links, {n_pagers} links to further pages{called}",
            found.reports.len()
        );
        found.mechanism = Mechanism::new(Family::Static, why);
    }
    found
}

impl Found {
    /// Adds what else was found on a page; what is known already is not added again.
    fn join(&mut self, more: Self) {
        let mut known: HashMap<_, _> = self
            .reports
            .iter()
            .map(|link| page_key(&link.url))
            .zip(0..)
            .collect();
        for link in more.reports {
            match known.entry(page_key(&link.url)) {
                Entry::Occupied(at) => self.reports[*at.get()].improve(link),
                Entry::Vacant(free) => {
                    free.insert(self.reports.len());
                    self.reports.push(link);
                }
            }
        }
        // A mechanism knows all pages; what the page shows beside it are the same.
        let is_told = self
            .lists
            .iter()
            .any(|list| list.is_pager && !list.is_guess && !list.begins);
        let mut known: HashSet<_> = self.lists.iter().map(ListLink::key).collect();
        let more_lists = more
            .lists
            .into_iter()
            .filter(|list| !(is_told && list.is_pager && !list.begins));
        self.lists
            .extend(more_lists.filter(|list| known.insert(list.key())));
        self.elsewhere.extend(more.elsewhere);
        self.is_list |= more.is_list;
        self.said = self.said.or(more.said);
        self.needs_browser |= more.needs_browser;
        self.mechanism = self.mechanism.take().or(more.mechanism);
    }
}

impl ReportLink {
    /// A page may be linked twice, from a picture and from its title: the better title is kept, and the fitter spelling
    /// of its address.
    fn improve(&mut self, Self { url, title, date }: Self) {
        if is_fitter(&url, &self.url) {
            self.url = url;
        }
        let chars = |title: &Option<String>| title.as_ref().map_or(0, |title| title.chars().count());
        if chars(&title) > chars(&self.title) {
            self.title = title;
        }
        self.date = self.date.or(date);
    }
}

#[cfg(test)]
mod tests;
