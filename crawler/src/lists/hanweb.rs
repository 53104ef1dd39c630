//! Lists of Hanweb (大汉 jcms, jpage): the rows stand as XML in the page, those of further pages in answers of `dataproxy.jsp`.
//!
//! A page has `<datastore>` with one `<record>` a row, most of them in CDATA, and `<nextgroup>` with the address of
//! further rows. Where there is no such address, the script that pages (`jpage`) has what the request needs: rows
//! are asked for by number, `?startrecord=46&endrecord=90&perpage=15`, in a POST whose form names column and unit.
//! Either way an answer is XML again, with the number of all rows or pages, or with nothing behind the last row. Some
//! sites encrypt the ids in `<nextgroup>`: the address is taken as it stands, and an empty answer is the end. Where it
//! brings nothing new and the ids are known, the rows are asked for by number after all ([`other_way`]). The oldest
//! pages have plain rows and a plain link to the next ones, which is followed.

mod config;
mod other_way;
mod store;

use url::Url;

use self::{
    config::Config,
    other_way::OtherWay,
    store::{NextGroup, Store},
};
use super::{Found, ListLink, Listing, MAX_PAGES, Mechanism, Said, Source, page, params, rows::Rows, script};
use crate::{links, portal::Family};

/// An answer asks for as many pages behind it: one that fails does not end the list.
const AHEAD: u32 = 10;

/// Names of the parameter that says which page is asked for.
const PAGE: &[&str] = &["page", "pageno", "pagenum", "currpage", "curpage", "cpage"];

/// The rows in a page or an answer, and the requests for more.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let path = listing.url.path().to_ascii_lowercase();
    let is_xml = ["<?xml", "<datastore"]
        .iter()
        .any(|start| listing.text.trim_start().starts_with(start));
    if path.contains("dataproxy") || (is_xml && store::is_in(listing.text)) {
        return Some(answer(listing));
    }
    page(listing)
}

/// The rows that stand in a page of whatever family.
pub(super) fn rows_in_page(listing: &Listing<'_>) -> Option<Found> {
    let stores = store::stores(listing.text, listing.code());
    let base = links::base(listing.tree(), listing.url);
    let mut rows = Rows::new(listing, &base);
    let records = stores.iter().flat_map(|store| &store.records);
    records.for_each(|record| rows.add_record(record));
    let found = rows.into_found();
    let n_rows = found.reports.len();
    (n_rows > 0).then(|| Found {
        mechanism: Mechanism::new(Family::Hanweb, format!("{n_rows} rows in the page's datastore")),
        ..found
    })
}

fn page(listing: &Listing<'_>) -> Option<Found> {
    let mut stores = store::stores(listing.text, listing.code());
    if let Some(link) = linked_group(listing) {
        match stores.as_mut_slice() {
            [] => stores.push(Store {
                next: NextGroup::Link(link),
                ..Store::default()
            }),
            [only] if only.next == NextGroup::Absent => only.next = NextGroup::Link(link),
            _ => {}
        }
    }
    let configs = config::configs(listing);
    let n_units = stores.len().max(configs.len());
    if n_units == 0 {
        return None;
    }
    let base = links::base(listing.tree(), listing.url);
    let mut rows = Rows::new(listing, &base);
    let mut lists = Vec::new();
    for (unit, number) in (0..n_units).zip(0..) {
        let nothing = Store::default();
        let store = stores.get(unit).unwrap_or(&nothing);
        // Which script pages which rows is only plain when there are as many.
        let config = configs
            .get(unit)
            .filter(|_| stores.is_empty() || stores.len() == configs.len());
        store.records.iter().for_each(|record| rows.add_record(record));
        let more = more(listing, &base, store, config).into_iter();
        lists.extend(more.map(|list| ListLink { unit: number, ..list }));
    }
    lists.retain(|list| (listing.in_scope)(&list.url));
    let n_records: usize = stores.iter().map(|store| store.records.len()).sum();
    let why = format!(
        "{n_records} rows in the page's datastore, {} requests for more",
        lists.len()
    );
    if n_records == 0 && lists.is_empty() {
        return None;
    }
    // Of several lists, nobody knows which one is meant.
    let total = stores.first().and_then(|store| store.total);
    let total = total.or(configs.first().and_then(|config| config.total));
    Some(Found {
        lists,
        said: Said::rows(total).filter(|_| n_units == 1 && n_records > 0),
        is_list: n_units == 1,
        mechanism: Mechanism::new(Family::Hanweb, why),
        ..rows.into_found()
    })
}

/// The address of the next rows as a plain link of the page has it: that of the next page, or of the second.
fn linked_group(listing: &Listing<'_>) -> Option<String> {
    if !listing.text.contains("dataproxy") {
        return None;
    }
    let is_group = |url: &Url| url.path().to_ascii_lowercase().contains("dataproxy");
    let mut links = listing.links().iter().filter(|link| is_group(&link.url));
    let next = links.clone().find(|link| page::is_next(link));
    let link = next.or_else(|| links.find(|link| page::page_number(&link.text) == Some(2)))?;
    Some(link.url.to_string())
}

/// The requests for what stands behind the rows of a page.
fn more(listing: &Listing<'_>, base: &Url, store: &Store, config: Option<&Config>) -> Vec<ListLink> {
    let n_rows = u32::try_from(store.records.len()).unwrap_or(u32::MAX);
    let total = store.total.or(config.and_then(|config| config.total));
    if total.is_some_and(|total| total <= n_rows) {
        return Vec::new();
    }
    if let NextGroup::Link(link) = &store.next {
        let mut lists: Vec<_> = next_group(base, link, store, None).into_iter().collect();
        for list in &mut lists {
            if let Some(way) = OtherWay::new(&list.url, base, store, config, total) {
                way.note_on(&mut list.url);
            }
        }
        // Behind an encrypted address there is often nothing; the script may know the plain ids.
        if let Some(config) = config.filter(|config| config.has_plain_ids())
            && lists.iter().all(|list| list.is_guess)
            && total.is_some()
        {
            let requests = config.requests(listing, base, n_rows, total);
            lists.extend(requests.into_iter().map(|list| ListLink {
                is_guess: true,
                ..list
            }));
        }
        return lists;
    }
    let Some(config) = config else { return Vec::new() };
    if total.is_none() && store.next == NextGroup::Empty {
        return Vec::new();
    }
    config.requests(listing, base, n_rows, total)
}

/// The address in `<nextgroup>`, unless the list ends before it.
fn next_group(base: &Url, link: &str, store: &Store, own: Option<&Url>) -> Option<ListLink> {
    let url = base.join(link).ok()?;
    let query = url.query().unwrap_or_default();
    let number = PAGE.iter().find_map(|name| params::number(query, name));
    let is_over = number
        .zip(store.pages)
        .is_some_and(|(number, pages)| number > pages);
    let bare = |url: &Url| url[..url::Position::AfterQuery].to_owned();
    let is_own = own.is_some_and(|own| bare(own) == bare(&url));
    if is_over || is_own || number.is_some_and(|number| number > MAX_PAGES) {
        return None;
    }
    let is_encrypted = ["columnid", "unitid"]
        .iter()
        .filter_map(|name| params::get(query, name))
        .any(|id| !id.bytes().all(|b| b.is_ascii_digit()));
    Some(ListLink {
        number,
        is_guess: is_encrypted,
        ..ListLink::pager(url)
    })
}

fn answer(listing: &Listing<'_>) -> Found {
    let store = store::answer(listing.text);
    let fallback = column_page(listing);
    let base = match &fallback {
        Some(column) if listing.via.is_none() => column,
        _ => listing.shown_on(),
    };
    let mut rows = Rows::new(listing, base);
    store.records.iter().for_each(|record| rows.add_record(record));
    let n_rows = u32::try_from(store.records.len()).unwrap_or(u32::MAX);
    let way = OtherWay::of(listing.url);
    let mut lists = match (&way, n_rows) {
        (None, 0) => Vec::new(),
        (Some(way), _) if way.is_stale(base, &store) => way.taken(listing, &store),
        (Some(way), _) => {
            let mut lists = behind(listing, &store, n_rows);
            let way = way.clone().further(base, &store);
            lists.iter_mut().for_each(|list| way.note_on(&mut list.url));
            lists
        }
        (None, _) => behind(listing, &store, n_rows),
    };
    lists.retain(|list| (listing.in_scope)(&list.url));
    let total = store
        .total
        .map(|total| format!(" of {total}"))
        .unwrap_or_default();
    Found {
        lists,
        source: Source::Answer,
        mechanism: Mechanism::new(Family::Hanweb, format!("an answer with {n_rows}{total} rows")),
        ..rows.into_found()
    }
}

/// The page that shows the rows of an answer, as far as the request tells.
fn column_page(listing: &Listing<'_>) -> Option<Url> {
    let pairs = [listing.url.query(), listing.form];
    let column = pairs
        .iter()
        .flatten()
        .find_map(|pairs| params::number(pairs, "columnid"))?;
    listing.url.join(&format!("/col/col{column}/index.html")).ok()
}

/// The requests for what stands behind an answer, derived from the one that was answered.
fn behind(listing: &Listing<'_>, store: &Store, n_rows: u32) -> Vec<ListLink> {
    let query = listing.url.query().unwrap_or_default();
    let get =
        |name| params::number(query, name).or_else(|| params::number(listing.form.unwrap_or_default(), name));
    if let (Some(start), Some(end)) = (get("startrecord"), get("endrecord")) {
        return chunks(listing, start, end, store, n_rows);
    }
    let own = PAGE.iter().find_map(|name| Some((*name, get(name)?)));
    let is_last = match (own, store.pages, store.total) {
        (Some((_, page)), Some(pages), _) if page >= pages => true,
        // More rows than a page has: these are groups of pages.
        (Some((_, page)), Some(pages), Some(total)) if n_rows > total.div_ceil(pages.max(1)) => {
            page >= total.div_ceil(n_rows)
        }
        (Some((_, page)), None, Some(total)) => page.saturating_mul(n_rows) >= total,
        (None, _, Some(total)) => n_rows >= total,
        _ => false,
    };
    match (&store.next, own) {
        _ if is_last => Vec::new(),
        (NextGroup::Link(link), _) => next_group(listing.url, link, store, Some(listing.url))
            .into_iter()
            .collect(),
        // An empty `<nextgroup>` is the end, unless the totals say that it is not.
        (NextGroup::Empty, _) if store.pages.is_none() && store.total.is_none() => Vec::new(),
        (_, Some((name, page))) if page < MAX_PAGES => {
            let is_known = store.pages.is_some() || store.total.is_some();
            vec![ListLink {
                is_guess: !is_known,
                ..with(listing, &[(name, page + 1)], page + 1)
            }]
        }
        _ => Vec::new(),
    }
}

/// The rows behind those that were asked for by number.
fn chunks(listing: &Listing<'_>, start: u32, end: u32, store: &Store, n_rows: u32) -> Vec<ListLink> {
    let Some(size) = end.checked_sub(start).map(|size| size.saturating_add(1)) else {
        return Vec::new();
    };
    let total = store
        .total
        .or(OtherWay::of(listing.url).and_then(|way| way.total));
    let last = match total {
        Some(total) => total,
        // The rows end here, or there is at least one more.
        None if n_rows < size => return Vec::new(),
        None => end.saturating_add(1),
    };
    let own = start.saturating_sub(1) / size;
    (1..=AHEAD)
        .map_while(|ahead| {
            let from = start.checked_add(size.checked_mul(ahead)?)?;
            let to = from.checked_add(size - 1)?;
            let number = own.checked_add(ahead)?;
            (from <= last && number <= MAX_PAGES)
                .then(|| with(listing, &[("startrecord", from), ("endrecord", to)], number))
        })
        .collect()
}

/// The request that was answered with other numbers, each where it stood.
fn with(listing: &Listing<'_>, numbers: &[(&str, u32)], number: u32) -> ListLink {
    let (mut url, mut form) = (listing.url.clone(), listing.form.map(str::to_owned));
    for (name, value) in numbers {
        let value = value.to_string();
        match &mut form {
            Some(form) if params::get(form, name).is_some() => *form = params::set(form, name, &value),
            _ => url = params::with_query(&url, name, &value),
        }
    }
    ListLink {
        form,
        ..ListLink::page(url, number)
    }
}

#[cfg(test)]
mod tests;
