//! What the script that pages a list has been given: where to ask, which column and unit, how many rows there are.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;
use url::Url;

use super::{ListLink, Listing, MAX_PAGES, params};

/// Rows of a page when none is named.
const PER_PAGE: u32 = 15;

/// Pages that the script asks for at a time.
const GROUP: u32 = 3;

/// Most paging scripts of one page.
const MAX_CALLS: usize = 20;

/// Where rows are asked for when no script says so.
const PROXY: &str = "/module/web/jpage/dataproxy.jsp";

/// The form, in the order in which the script sends it, and what it sends when the page doesn't say.
const FORM: &[(&str, Option<&str>)] = &[
    ("col", Some("1")),
    ("appid", Some("1")),
    ("webid", None),
    ("path", Some("/")),
    ("columnid", None),
    ("sourceContentType", Some("1")),
    ("unitid", None),
    ("webname", None),
    ("permissiontype", Some("0")),
];

/// Settings of one paging script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Config {
    /// Address of the proxy, as it is written.
    proxy: String,
    form: String,
    per_page: u32,
    /// Rows of all pages.
    pub(super) total: Option<u32>,
    /// Pages are asked for by number, with everything in the query.
    is_paged: bool,
}

/// The settings of each paging script in a page.
pub(super) fn configs(listing: &Listing<'_>) -> Vec<Config> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?:\(\s*["']#?([\w-]{1,60})["']\s*\))?\s*\.jpage\s*\("#)
            .expect("a pattern of this file is valid")
    });
    let code = listing.code();
    let has_proxy = listing.text.contains("dataproxy");
    if !has_proxy && !code.contains(".jpage") {
        return Vec::new();
    }
    let calls: Vec<_> = CALL.captures_iter(code).take(MAX_CALLS).collect();
    let mut configs = Vec::new();
    let mut from = 0;
    for call in &calls {
        let Some(whole) = call.get(0) else { continue };
        let end = whole.end() + closing(&code[whole.end()..]);
        // What the call itself says comes first, then what was set before it, then the page.
        let mut settings = Settings::default();
        settings.take(&code[whole.end()..end]);
        settings.take(&code[from..whole.start()]);
        let element = call.get(1).map(|id| id.as_str());
        configs.extend(settings.config(listing, element, calls.len() == 1));
        from = end;
    }
    if calls.is_empty() {
        configs.extend(Settings::default().config(listing, None, true));
    }
    configs
}

/// Where the brackets close that are open at the start of `code`.
fn closing(code: &str) -> usize {
    let mut depth = 1;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'{' | b'[' => depth += 1,
            b')' | b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

/// Settings by their names in lower case; the first of each counts.
#[derive(Debug, Default)]
struct Settings(HashMap<String, String>);

impl Settings {
    /// Reads `name: value`, `name=value` and fields of forms.
    fn take(&mut self, text: &str) {
        const NAMES: &str = "col|appid|webid|path|columnid|sourceContentType|unitid|webname|permissiontype|perPage|totalRecord|proxyUrl";
        static SETTING: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(&format!(
                r#"(?i)\b(?:i_|s_|data-)?({NAMES})["']?\s*[:=]\s*(?:"([^"\n]{{0,300}})"|'([^'\n]{{0,300}})'|([^\s"'&,;<>(){{}}]{{1,300}}))"#
            ))
            .expect("a pattern of this file is valid")
        });
        static FIELD: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(&format!(
                r#"(?i)\b(?:id|name)\s*=\s*["']?({NAMES})["']?\s[^<>]{{0,200}}?\bvalue\s*=\s*["']?([^"'<>\s]{{1,300}})"#
            ))
            .expect("a pattern of this file is valid")
        });
        for pattern in [&*SETTING, &*FIELD] {
            for found in pattern.captures_iter(text) {
                let value = found
                    .iter()
                    .skip(2)
                    .flatten()
                    .next()
                    .map_or("", |value| value.as_str());
                if let (Some(name), false) = (found.get(1), value.is_empty()) {
                    let known = self.0.entry(name.as_str().to_ascii_lowercase());
                    known.or_insert_with(|| value.to_owned());
                }
            }
        }
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.0.get(name)?.trim().parse().ok()
    }

    /// The settings when they suffice for a request. `element` is the id of the element that shows the rows.
    fn config(mut self, listing: &Listing<'_>, element: Option<&str>, is_only: bool) -> Option<Config> {
        if is_only {
            self.take(listing.code());
        }
        let has = |settings: &Self, name: &str| settings.0.contains_key(name);
        if let Some(id) = element.map(|id| id.trim_start_matches(|c: char| !c.is_ascii_digit()))
            && !has(&self, "unitid")
            && !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_digit())
        {
            self.0.insert("unitid".to_owned(), id.to_owned());
        }
        // Last, since the addresses in a page may name the column and the unit in another form.
        if is_only {
            self.take(listing.text);
        }
        if !has(&self, "columnid")
            && let Some(column) = column_of(listing.url)
        {
            self.0.insert("columnid".to_owned(), column.to_owned());
        }
        let is_enough = has(&self, "unitid") || (has(&self, "columnid") && has(&self, "webid"));
        if !is_enough {
            return None;
        }
        let mut form = String::new();
        for (name, default) in FORM {
            let value = self
                .0
                .get(&name.to_ascii_lowercase())
                .map(String::as_str)
                .or(*default);
            if let Some(value) = value {
                // A query in a script is encoded already; anything else is encoded now.
                let value = params::get(&format!("x={value}"), "x").unwrap_or_default();
                form = params::set(&form, name, &value);
            }
        }
        let proxy = self.0.get("proxyurl").filter(|url| url.contains('/')).cloned();
        let proxy = proxy
            .or_else(|| proxy_in(listing.text))
            .unwrap_or_else(|| PROXY.to_owned());
        Some(Config {
            form,
            per_page: self
                .number("perpage")
                .filter(|rows| (1..=500).contains(rows))
                .unwrap_or(PER_PAGE),
            total: self.number("totalrecord"),
            is_paged: proxy.to_ascii_lowercase().contains("morecolumndataproxy"),
            proxy,
        })
    }
}

/// The form of a request for rows by number, from the query of one for rows by page.
pub(super) fn form_of(query: &str) -> String {
    FORM.iter().fold(String::new(), |form, (name, default)| {
        let value = params::get(query, name).or(default.map(str::to_owned));
        value.map_or(form.clone(), |value| params::set(&form, name, &value))
    })
}

/// Whether a form names column and unit by numbers.
pub(super) fn has_plain_ids(form: &str) -> bool {
    ["columnid", "unitid"]
        .iter()
        .all(|name| params::number(form, name).is_some())
}

/// The number of the column in `/col/col123/index.html`.
fn column_of(url: &Url) -> Option<&str> {
    let digits = |segment: &'_ str| segment.bytes().all(|b| b.is_ascii_digit());
    url.path()
        .split('/')
        .filter_map(|segment| segment.strip_prefix("col"))
        .find(|rest| !rest.is_empty() && digits(rest))
}

/// The address of the proxy where a page writes it out, up to its query.
fn proxy_in(text: &str) -> Option<String> {
    static PROXY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)["'(=]\s*((?:https?://[\w.:-]{1,100})?/?[\w/.-]{0,100}dataproxy\.(?:jsp|do|action))"#,
        )
        .expect("a pattern of this file is valid")
    });
    Some(PROXY.captures(text)?.get(1)?.as_str().to_owned())
}

impl Config {
    /// The form of a request for rows by number.
    pub(super) fn form(&self) -> &str {
        &self.form
    }

    /// Rows of a page.
    pub(super) fn per_page(&self) -> u32 {
        self.per_page
    }

    /// Column and unit are named by numbers, as requests name them.
    pub(super) fn has_plain_ids(&self) -> bool {
        has_plain_ids(&self.form)
    }

    /// The requests for what stands behind the first `n_rows` rows.
    pub(super) fn requests(
        &self,
        listing: &Listing<'_>,
        base: &Url,
        n_rows: u32,
        total: Option<u32>,
    ) -> Vec<ListLink> {
        // What a further page shows is asked for on behalf of the first.
        let Some(url) = base.join(&self.proxy).ok().filter(|_| !listing.is_further) else {
            return Vec::new();
        };
        if self.is_paged {
            // The page shows the first, if it shows any.
            let page = if n_rows == 0 { 1 } else { 2 };
            return vec![self.by_page(&url, page)];
        }
        let size = if n_rows == 0 {
            self.per_page * GROUP
        } else {
            n_rows
        };
        let last = total.unwrap_or_else(|| n_rows.saturating_add(1));
        (0..MAX_PAGES)
            .map_while(|chunk| {
                let from = n_rows.checked_add(size.checked_mul(chunk)?)?.checked_add(1)?;
                let to = from.checked_add(size - 1)?;
                (from <= last).then(|| ListLink {
                    // Without a total, there may be nothing behind the rows of the page.
                    is_guess: total.is_none() && n_rows > 0,
                    ..self.by_rows(&url, from, to)
                })
            })
            .collect()
    }

    /// Rows by number, by POST as the script does.
    fn by_rows(&self, url: &Url, from: u32, to: u32) -> ListLink {
        let numbers = [
            ("startrecord", from),
            ("endrecord", to),
            ("perpage", self.per_page),
        ];
        let url = numbers.iter().fold(url.clone(), |url, (name, value)| {
            params::with_query(&url, name, &value.to_string())
        });
        let size = to.saturating_sub(from).saturating_add(1);
        ListLink::page(url, (from - 1) / size).with_form(self.form.clone())
    }

    /// A page by number, by GET.
    fn by_page(&self, url: &Url, page: u32) -> ListLink {
        let mut url = params::with_query(url, "page", &page.to_string());
        for pair in self.form.split('&') {
            let (name, _) = pair.split_once('=').unwrap_or((pair, ""));
            if params::get(url.query().unwrap_or_default(), name).is_none() {
                let value = params::get(pair, name).unwrap_or_default();
                url = params::with_query(&url, name, &value);
            }
        }
        ListLink {
            is_guess: page > 1,
            ..ListLink::page(url, page)
        }
    }
}
