//! Lists of Hanweb jpaas: a page names its units, the platform builds each of them on request.
//!
//! An element of the page has the attribute `queryData="{'webId':'1','pageId':'2',…}"`. The rows of the unit come from
//! `GET /api-gateway/jpaas-publish-server/front/page/build/unit?webId=1&pageId=2&…&paramJson={"pageNo":2,"pageSize":15}`
//! as JSON with HTML in it: `{"success":true,"data":{"html":"<ul>…"}}`. The element may hold the first rows already or be
//! an empty place for them; then the first page is asked for too. How many rows there are stands beside them:
//! `<div class="pagination" rows="15" count="38">`, `<span class="total">`.

use std::sync::LazyLock;

use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::{
    Found, ListLink, Listing, MAX_PAGES, Mechanism, Source, params,
    rows::Rows,
    script::{Value, variables},
};
use crate::{extract::dom, links, portal::Family};

/// Where units are built.
const BUILD: &str = "/api-gateway/jpaas-publish-server/front/page/build/unit";

/// What every address of the builder has in its path.
const BUILD_PATH: &str = "page/build/unit";

/// Parameters of a unit that a script may give instead, and what they are when it doesn't.
const PARAMETERS: &[(&str, Option<&str>)] = &[
    ("parseType", Some("bulidstatic")),
    ("webId", None),
    ("tplSetId", None),
    ("pageType", Some("column")),
    ("tagId", None),
    ("editType", Some("null")),
    ("pageId", None),
];

/// Parts of the names of units that are no lists.
const FURNITURE: &[&str] = &[
    "位置",
    "导航",
    "菜单",
    "友情链接",
    "页头",
    "页脚",
    "头部",
    "底部",
    "轮播",
];

/// Rows of a page when none is named.
const PAGE_SIZE: u32 = 15;

/// Most units of one page.
const MAX_UNITS: usize = 20;

/// An answer asks for as many pages behind it: one that fails does not end the list.
const AHEAD: u32 = 10;

/// The units of a page, or the rows in an answer.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    if listing.url.path().contains(BUILD_PATH) {
        return Some(answer(listing));
    }
    let units = units(listing);
    if units.is_empty() {
        return None;
    }
    let base = links::base(listing.tree(), listing.url);
    let mut found = Found {
        is_list: units.len() == 1,
        ..Found::default()
    };
    for (unit, number) in units.iter().zip(0..) {
        let mut rows = Rows::new(listing, &base);
        rows.add_html(&unit.html);
        let rows = rows.into_found();
        let n_rows = rows.reports.len() + rows.elsewhere.len();
        let mut totals = Totals::of(&dom::parse(&unit.pager), n_rows);
        if units.len() == 1 && totals.pages().is_none() {
            totals = Totals::of(listing.tree(), n_rows);
        }
        let lists = unit.requests(listing, &base, &totals);
        found
            .lists
            .extend(lists.map(|list| ListLink { unit: number, ..list }));
        found.reports.extend(rows.reports);
        found.elsewhere.extend(rows.elsewhere);
    }
    found.lists.retain(|list| (listing.in_scope)(&list.url));
    let why = format!(
        "{} units with queryData, {} requests for their rows",
        units.len(),
        found.lists.len()
    );
    found.mechanism = Mechanism::new(Family::Jpaas, why);
    Some(found)
}

/// A unit of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Unit {
    /// Address of the builder with the unit's parameters, as it is written.
    url: String,
    /// Parameters in the order of the page.
    parameters: Vec<(String, String)>,
    /// What stands in the unit already.
    html: String,
    /// The same with the element itself.
    pager: String,
}

fn units(listing: &Listing<'_>) -> Vec<Unit> {
    static UNITS: LazyLock<Selector> = LazyLock::new(|| {
        Selector::parse("[querydata], [data-querydata], [query-data]")
            .expect("a selector of this file is valid CSS")
    });
    let units = listing.tree().select(&UNITS).take(MAX_UNITS);
    let units: Vec<_> = units.filter_map(unit_of).collect();
    if units.is_empty() && listing.text.contains(BUILD_PATH) {
        return unit_of_script(listing).into_iter().collect();
    }
    units
}

fn unit_of(element: ElementRef<'_>) -> Option<Unit> {
    let attr = |name| element.value().attr(name);
    let data = attr("querydata")
        .or_else(|| attr("data-querydata"))
        .or_else(|| attr("query-data"))?;
    let parameters = pairs(data);
    let is_furniture = parameters.iter().any(|(name, value)| {
        name == "tagId" && FURNITURE.iter().any(|part| value.contains(part)) && !value.contains("列表")
    });
    if parameters.is_empty() || is_furniture {
        return None;
    }
    let url = attr("url")
        .or_else(|| attr("data-url"))
        .filter(|url| url.contains('/'));
    let is_script = element.value().name() == "script";
    Some(Unit {
        url: url.unwrap_or(BUILD).to_owned(),
        parameters,
        html: if is_script {
            String::new()
        } else {
            element.inner_html()
        },
        pager: element.html(),
    })
}

/// The unit that a script asks for by itself.
fn unit_of_script(listing: &Listing<'_>) -> Option<Unit> {
    static QUERY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"["']([^"'\s<>]{0,200}page/build/unit)(?:\?([^"'\s<>]{0,2000}))?"#)
            .expect("a pattern of this file is valid")
    });
    static SETTING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\b(parseType|webId|tplSetId|pageType|tagId|editType|pageId)["']?\s*[:=]\s*["']([^"'\n<>]{1,200})["']"#)
            .expect("a pattern of this file is valid")
    });
    let found = QUERY.captures(listing.text)?;
    let url = found.get(1)?.as_str();
    let query = found
        .get(2)
        .map_or("", |query| query.as_str())
        .replace("&amp;", "&");
    let set: Vec<_> = SETTING.captures_iter(listing.code()).collect();
    let known = variables(listing.code());
    let value = |name: &str| {
        let of_query = params::get(&query, name).filter(|value| !value.is_empty());
        let of_script = || {
            let of_name = set
                .iter()
                .find(|found| found.get(1).is_some_and(|own| own.as_str() == name));
            Some(of_name?.get(2)?.as_str().to_owned())
        };
        let of_variable = || match known.get(name)? {
            Value::Number(number) => Some(number.to_string()),
            Value::Text(text) => Some((*text).to_owned()),
            Value::Other => None,
        };
        of_query.or_else(of_script).or_else(of_variable)
    };
    value("pageId").and(value("webId"))?;
    let parameters = PARAMETERS.iter().filter_map(|(name, default)| {
        let value = value(name).or(default.map(str::to_owned))?;
        Some(((*name).to_owned(), value))
    });
    Some(Unit {
        url: url.to_owned(),
        parameters: parameters.collect(),
        ..Unit::default()
    })
}

/// Names and values of `{'a':'b',"c":1}`, which is often no JSON.
fn pairs(data: &str) -> Vec<(String, String)> {
    static PAIR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"["']?([A-Za-z_]\w{0,60})["']?\s*:\s*(?:"([^"]{0,500})"|'([^']{0,500})'|([^\s,{}"']{1,200}))"#,
        )
        .expect("a pattern of this file is valid")
    });
    // Some escape it twice.
    let data = data
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("\\\"", "\"");
    let pairs = PAIR.captures_iter(&data).filter_map(|found| {
        let value = found.iter().skip(2).flatten().next()?;
        Some((found.get(1)?.as_str().to_owned(), value.as_str().to_owned()))
    });
    pairs.collect()
}

impl Unit {
    /// The requests for the rows that the page does not show.
    fn requests(&self, listing: &Listing<'_>, base: &Url, totals: &Totals) -> impl Iterator<Item = ListLink> {
        // A further page shows the units of the first.
        let url = base.join(&self.url).ok().filter(|_| !listing.is_further);
        let url = url.map(|url| {
            let with = |url: Url, (name, value): &(String, String)| params::with_query(&url, name, value);
            self.parameters
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "paramJson" | "pageNo" | "pageSize"))
                .fold(url, with)
        });
        let first = if totals.n_rows == 0 { 1 } else { 2 };
        let last = totals.pages().unwrap_or(first).min(MAX_PAGES);
        let size = totals.size.unwrap_or(PAGE_SIZE);
        let is_guess = totals.n_rows > 0 && totals.pages().is_none();
        let pages = url.map(|url| {
            (first..=last).map(move |page| ListLink {
                is_guess,
                ..at_page(&url, page, size)
            })
        });
        pages.into_iter().flatten()
    }
}

/// The request for a page of the unit that `url` names.
fn at_page(url: &Url, page: u32, size: u32) -> ListLink {
    let json = format!("{{\"pageNo\":{page},\"pageSize\":{size}}}");
    ListLink::page(params::with_query(url, "paramJson", &json), page)
}

/// How much there is of a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    /// Rows that were read.
    n_rows: u32,
    /// Rows of a page.
    size: Option<u32>,
    /// Rows of all pages.
    rows: Option<u32>,
    /// All pages.
    pages: Option<u32>,
}

impl Totals {
    /// Reads what stands beside `n_rows` rows.
    fn of(html: &Html, n_rows: usize) -> Self {
        static PAGINATION: LazyLock<Selector> = LazyLock::new(|| {
            Selector::parse("[count], [data-count], [data-total]")
                .expect("a selector of this file is valid CSS")
        });
        static TOTAL: LazyLock<Selector> = LazyLock::new(|| {
            Selector::parse(".total, .totalPage, .total-page, .allPage")
                .expect("a selector of this file is valid CSS")
        });
        let mut totals = Self {
            n_rows: u32::try_from(n_rows).unwrap_or(u32::MAX),
            ..Self::default()
        };
        if let Some(element) = html.select(&PAGINATION).next() {
            let number = |names: &[&str]| {
                names
                    .iter()
                    .find_map(|name| element.value().attr(name)?.trim().parse::<u32>().ok())
            };
            let size = number(&["rows", "data-rows", "data-size"]).filter(|size| *size > 0);
            let count = number(&["count", "data-count", "data-total"]);
            totals.set(size, count);
        }
        if totals.pages().is_none() {
            for element in html.select(&TOTAL) {
                let text: String = element.text().collect();
                let number = text
                    .split(|c: char| !c.is_ascii_digit())
                    .find_map(|digits| digits.parse().ok());
                let Some(number) = number else { continue };
                if text.contains('页') || number < totals.n_rows {
                    totals.pages = Some(number);
                } else {
                    totals.rows = Some(number);
                }
            }
        }
        totals
    }

    /// What a pagination says: rows of a page, and of all pages. Some mean the number of pages, some the reverse.
    fn set(&mut self, size: Option<u32>, count: Option<u32>) {
        match (size, count) {
            (Some(size), Some(count)) if size > count && count == self.n_rows && count > 0 => {
                self.rows = Some(size);
                self.size = Some(count);
            }
            (size, Some(count)) if count > 0 && count < self.n_rows => {
                self.size = size.or(self.size);
                self.pages = Some(count);
            }
            (size, count) => {
                self.size = size.or(self.size);
                self.rows = count;
            }
        }
    }

    /// Number of all pages.
    fn pages(&self) -> Option<u32> {
        let size = self.size.unwrap_or(PAGE_SIZE.max(self.n_rows)).max(1);
        self.pages.or(self.rows.map(|rows| rows.div_ceil(size)))
    }
}

fn answer(listing: &Listing<'_>) -> Found {
    let query = listing.url.query().unwrap_or_default();
    let asked = params::get(query, "paramJson").unwrap_or_default();
    let asked = pairs(&asked);
    let number = |name: &str| {
        let of_json = asked.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        of_json
            .and_then(|(_, value)| value.parse().ok())
            .or_else(|| params::number(query, name))
    };
    let (page, size) = (number("pageNo").unwrap_or(1), number("pageSize"));
    let html = html_of(listing.text);
    let mut rows = Rows::new(listing, listing.shown_on());
    rows.add_html(&html);
    let rows = rows.into_found();
    let mut totals = Totals::of(&dom::parse(&html), rows.reports.len() + rows.elsewhere.len());
    totals.size = totals.size.or(size);
    let last = match totals.pages() {
        _ if totals.n_rows == 0 => 0,
        Some(pages) => pages.min(page.saturating_add(AHEAD)),
        None => page.saturating_add(1),
    };
    let size = totals.size.unwrap_or(PAGE_SIZE);
    let lists = (page.saturating_add(1)..=last.min(MAX_PAGES)).map(|page| ListLink {
        is_guess: totals.pages().is_none(),
        ..at_page(listing.url, page, size)
    });
    let total = totals.rows.map(|rows| format!(" of {rows}")).unwrap_or_default();
    Found {
        lists: lists.collect(),
        source: Source::Answer,
        mechanism: Mechanism::new(
            Family::Jpaas,
            format!("an answer with {}{total} rows", totals.n_rows),
        ),
        ..rows
    }
}

/// The HTML in an answer: `data.html`, `data` itself, or the answer when it is no JSON.
fn html_of(text: &str) -> String {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(text.trim()) else {
        let is_page = text.contains("<html") || text.contains("<HTML");
        return if is_page { String::new() } else { text.to_owned() };
    };
    let data = &json["data"];
    let html = [&data["html"], data, &json["html"]]
        .into_iter()
        .find_map(|value| value.as_str());
    html.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
