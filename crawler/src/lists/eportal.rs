//! Lists of the eportal system, mostly of Liaoning: catalogues that are asked for, and columns with a pager of script.
//!
//! A catalogue is filled by `/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet&pageNo=1&pageSize=20
//! &flmc=…&fldm=…`, answered as JSON with `result`. The pager of a column has the addresses of its pages in its scripts,
//! `queryArticleByCondition(this,'/x/21892-2.html')`, and their number in a hidden field, `totalpage="6"`.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;
use url::Url;

use super::{
    Found, ListLink, Listing, MAX_PAGES, Mechanism,
    answer::{self, Api},
    calls::Scripts,
    params,
};
use crate::portal::Family;

const API: Api = Api {
    family: Family::Eportal,
    why: "a catalogue answered with JSON",
    page: "pageNo",
    document: None,
};

/// Most catalogues of one page.
const MAX_LISTS: usize = 200;

/// Reads a page or an answer of eportal.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let is_portlet = listing.url.path().ends_with("/eportal/ui")
        && listing
            .url
            .query()
            .is_some_and(|query| query.contains(".portlet"));
    if is_portlet && let Some(answer) = answer::parse(listing.text) {
        return Some(API.read(listing, &answer));
    }
    let scripts = listing.scripts();
    catalogue(listing, scripts).or_else(|| pager(listing, scripts))
}

/// The requests of a page with a catalogue.
fn catalogue(listing: &Listing<'_>, scripts: &Scripts<'_>) -> Option<Found> {
    let calls = scripts.calls("querylist.portlet");
    let requests = calls
        .iter()
        .filter(|call| !call.needs_browser)
        .filter_map(|call| call.request(listing.url));
    let mut lists = Vec::new();
    for (mut url, form) in requests.take(10) {
        let pairs = form.as_deref().or(url.query()).unwrap_or_default().to_owned();
        for pairs in of_categories(&pairs, scripts) {
            let pairs = with_page(&pairs);
            if form.is_some() {
                lists.extend(listing.first(url.clone(), Some(pairs)));
            } else {
                url.set_query(Some(&pairs));
                lists.extend(listing.first(url.clone(), None));
            }
        }
    }
    lists.truncate(MAX_LISTS);
    (!lists.is_empty()).then(|| Found {
        is_list: !listing.is_home(),
        mechanism: Mechanism::new(
            Family::Eportal,
            format!("a page that asks for {} catalogues", lists.len()),
        ),
        lists,
        ..Found::default()
    })
}

/// A request that leaves the category open stands for one request a category of the page's menu.
fn of_categories(pairs: &str, scripts: &Scripts<'_>) -> Vec<String> {
    let is_open = params::get(pairs, "fldm").is_some_and(|value| value.is_empty());
    let mut known = HashSet::new();
    let codes: Vec<_> = if is_open {
        ["data-fldm", "fldm"]
            .iter()
            .flat_map(|name| scripts.values(name))
            .filter(|code| known.insert(*code))
            .take(MAX_LISTS)
            .collect()
    } else {
        Vec::new()
    };
    if codes.is_empty() {
        return vec![pairs.to_owned()];
    }
    codes
        .iter()
        .map(|code| params::set(pairs, "fldm", code))
        .collect()
}

fn with_page(pairs: &str) -> String {
    let with = |pairs: String, name: &str, value: &str| {
        let is_there = params::number(&pairs, name).is_some();
        if is_there {
            pairs
        } else {
            params::set(&pairs, name, value)
        }
    };
    with(with(pairs.to_owned(), "pageNo", "1"), "pageSize", "20")
}

/// The further pages of a column.
fn pager(listing: &Listing<'_>, scripts: &Scripts<'_>) -> Option<Found> {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        let quote = r#"(?:["']|&quot;|&#39;)"#;
        let pattern = format!(
            r#"(?i)(?:queryArticleByCondition\s*\(\s*this\s*,\s*{quote}|tagname\s*=\s*["'])([^"'<>\s]{{2,500}}?)(?:["']|&quot;|&#39;)"#
        );
        Regex::new(&pattern).expect("a pattern of this file is valid")
    });
    if !scripts.has("queryarticlebycondition") && !scripts.has("article_paging_list_hidden") {
        return None;
    }
    let mut seen = HashSet::new();
    let addresses: Vec<_> = ADDRESS
        .captures_iter(listing.text)
        .take(200)
        .filter_map(|found| listing.url.join(&found[1].replace("&amp;", "&")).ok())
        .filter(|url| (listing.in_scope)(url) && seen.insert(url.clone()))
        .collect();
    let total = scripts.number("totalpage");
    let numbered = addresses
        .iter()
        .find(|url| Numbered::of(url).is_some_and(|page| page.number == 2));
    let numbered = numbered.or_else(|| addresses.iter().find(|url| Numbered::of(url).is_some()));
    let lists: Vec<_> = match (total, numbered.and_then(Numbered::of)) {
        (Some(total), Some(pattern)) => (2..=total.min(MAX_PAGES))
            .map(|n| ListLink::page(pattern.page(n), n - 1))
            .collect(),
        (None, _) => addresses
            .iter()
            .filter_map(|url| {
                Some(ListLink::page(
                    url.clone(),
                    Numbered::of(url)?.number.checked_sub(1)?,
                ))
            })
            .filter(|link| link.number > Some(0))
            .collect(),
        _ => Vec::new(),
    };
    let why = format!(
        "a pager of queryArticleByCondition, {} further pages",
        lists.len()
    );
    Some(Found {
        lists,
        is_list: !listing.is_home(),
        mechanism: Mechanism::new(Family::Eportal, why),
        ..Found::default()
    })
}

/// An address that has the number of its page in it.
struct Numbered<'a> {
    url: &'a Url,
    number: u32,
}

impl<'a> Numbered<'a> {
    /// `/x/21892-2.html`, or `/eportal/ui?pageId=9&currentPage=2`.
    fn of(url: &'a Url) -> Option<Self> {
        let number = match params::number(url.query().unwrap_or_default(), "currentPage") {
            Some(number) => number,
            None => file_number(url.path())?.1,
        };
        Some(Self { url, number })
    }

    fn page(&self, number: u32) -> Url {
        let mut url = self.url.clone();
        let query = url.query().unwrap_or_default();
        if params::number(query, "currentPage").is_some() {
            let query = params::set(query, "currentPage", &number.to_string());
            url.set_query(Some(&query));
        } else if let Some((before, _, behind)) = file_number(self.url.path()) {
            url.set_path(&format!("{before}{number}{behind}"));
        }
        url
    }
}

/// A path taken apart at the number of its file: `/x/21892-`, 2, `.html`.
fn file_number(path: &str) -> Option<(&str, u32, &str)> {
    let dot = path.rfind('.')?;
    let from = path[..dot].rfind(['-', '_'])? + 1;
    let digits = &path[from..dot];
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some((&path[..from], digits.parse().ok()?, &path[dot..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::{asked, read};

    const PAGE: &str = "http://a.gov.cn/web/zwgk/xxgkml/index.shtml";
    const REQUEST: &str = "/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet&pageNo=1&pageSize=20&flmc=tcfl&fldm=353";

    #[test]
    fn a_catalogue_asks_for_its_rows() {
        for script in [
            "url = '/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet&pageNo=' + pageNo + '&pageSize=20&flmc=tcfl&fldm=353'",
            "var fldm = '353'; $.ajax({type: 'get', url: '/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet',
              data: {pageNo: pageNo, pageSize: pageSize, flmc: 'tcfl', fldm: fldm}, success: show})",
            "<li data-fldm='353'>函</li><script>u='/eportal/ui?moduleId=5&portal.url=/portlet/xxgkml!queryList.portlet&pageNo=1&pageSize=20&flmc=tcfl&fldm=' + code</script>",
        ] {
            for family in [Family::Auto, Family::Eportal] {
                assert_eq!(asked(&read(PAGE, family, &format!("<script>{script}"))), [REQUEST], "{script}");
            }
        }
    }

    #[test]
    fn answers_give_rows_and_the_next_pages() {
        let json = r#"{"result": [{"title": "某某市2023年度法治报告", "url": "/web/zwgk/2024022810112233/index.shtml", "date": "2024-02-28"},
            {"title": "某某市2022年度法治报告", "url": "/web/zwgk/2023022810112233/index.shtml", "fbsj": "2023-02-28"}], "totalCount": 41, "success": true}"#;
        let found = read(&format!("http://a.gov.cn{REQUEST}"), Family::Auto, json);
        assert_eq!(found.reports.len(), 2);
        assert_eq!(found.reports[1].date.unwrap().to_string(), "2023-02-28");
        assert_eq!(asked(&found).len(), 20, "two rows a page is what it gives");
        assert_eq!(asked(&found)[0], REQUEST.replace("pageNo=1", "pageNo=2"));
    }

    #[test]
    fn the_pager_of_a_column_is_followed() {
        let pager = |pages: &str| {
            format!(
                "<input type='hidden' name='article_paging_list_hidden' moduleid='21892' totalpage='4'>{pages}"
            )
        };
        let html = pager("<a onclick=\"queryArticleByCondition(this,'/web/zwgk/21892-2.html')\" tagname=\"/web/zwgk/21892-2.html\">下一页</a>
            <a tagname='/web/zwgk/21892-4.html'>尾页</a>");
        assert_eq!(
            asked(&read(PAGE, Family::Auto, &html)),
            [
                "/web/zwgk/21892-2.html",
                "/web/zwgk/21892-3.html",
                "/web/zwgk/21892-4.html"
            ]
        );
        let html = pager(
            "<a onclick=\"queryArticleByCondition(this,'/eportal/ui?pageId=9&amp;currentPage=2&amp;moduleId=7&amp;staticRequest=yes')\">2</a>",
        );
        assert_eq!(
            asked(&read(PAGE, Family::Eportal, &html))[2],
            "/eportal/ui?pageId=9&currentPage=4&moduleId=7&staticRequest=yes"
        );
        let html = "<a onclick=\"queryArticleByCondition(this,'x-2.html')\">2</a><a onclick=\"queryArticleByCondition(this,'x-3.html')\">3</a>
            <a onclick=\"queryArticleByCondition(this,'x-1.html')\">首页</a>";
        assert_eq!(
            asked(&read(PAGE, Family::Auto, html)),
            ["/web/zwgk/xxgkml/x-2.html", "/web/zwgk/xxgkml/x-3.html"]
        );
    }
}
