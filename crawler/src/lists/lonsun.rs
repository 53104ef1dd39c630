//! Lists of LonSun (龙讯): the rows of a catalogue are a piece of HTML that is asked for.
//!
//! `/public/column/<organ>?type=4&catId=…` shows `/site/label/8888?labelName=publicInfoList&siteId=…&organId=…&catId=…
//! &pageIndex=1&IsAjax=1&dataType=html`, or with `isJson=true` the same as JSON. The site's number stands in
//! `<meta name="SiteId">`, organ and category in the address, and the number of pages in the call that draws the pager.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{
    Found, ListLink, Listing, Mechanism, Source,
    answer::{self, Api},
    calls::Scripts,
    paging::{self, Counts},
    params,
    rows::Rows,
};
use crate::portal::Family;

const API: Api = Api {
    family: Family::Lonsun,
    why: "a label of the site answered with JSON",
    page: "pageIndex",
    document: None,
};

/// The path of the requests, below that of the application.
const LABEL: &str = "/site/label/8888";

/// Names of the labels that are lists.
const LISTS: &[&str] = &["publicinfolist", "searchdatalist", "publiccontentlist"];

/// Parameters of a request where the page does not give its own.
const QUERY: &str = "labelName=publicInfoList&siteId=&organId=&type=4&catId=&pageSize=15&pageIndex=1&isDate=true&dateFormat=yyyy-MM-dd&action=list&IsAjax=1&dataType=html";

/// Reads a page or an answer of LonSun.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    if listing.url.path().to_ascii_lowercase().ends_with(LABEL) {
        return answered(listing);
    }
    shell(listing)
}

fn answered(listing: &Listing<'_>) -> Option<Found> {
    if let Some(answer) = answer::parse(listing.text) {
        return Some(API.read(listing, &answer));
    }
    let mut rows = Rows::new(listing, listing.shown_on());
    rows.add_html(listing.text);
    let counts = Counts {
        rows: rows.len(),
        ..told(listing)
    };
    let lists = paging::further(listing, counts, "pageIndex");
    Some(Found {
        lists,
        source: Source::Answer,
        mechanism: Mechanism::new(
            Family::Lonsun,
            format!("a label of the site answered with {} rows of HTML", counts.rows),
        ),
        ..rows.into_found()
    })
}

/// What a page or a piece of one says about the pages of its list.
fn told(listing: &Listing<'_>) -> Counts {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| {
        let tag = r"(?:\s|&nbsp;|<[^<>]{0,200}>)*";
        let pattern = format!(r"共{tag}(\d{{1,7}}){tag}(页|条)");
        Regex::new(&pattern).expect("a pattern of this file is valid")
    });
    let scripts = listing.scripts();
    let first = |names: &[&str]| names.iter().find_map(|name| scripts.number(name));
    let written = |unit: &str| {
        let mut found = TEXT.captures_iter(listing.text);
        found
            .find(|found| &found[2] == unit)
            .and_then(|found| found[1].parse().ok())
    };
    Counts {
        rows: 0,
        total: first(&["total", "totalCount", "totalRecord", "recordCount"]).or_else(|| written("条")),
        pages: first(&["pageCount", "totalPage", "totalPages", "pageTotal"]).or_else(|| written("页")),
        size: first(&["pageSize"]),
    }
}

fn shell(listing: &Listing<'_>) -> Option<Found> {
    let scripts = listing.scripts();
    let organ = organ(listing.url);
    let has_label = scripts.has(LABEL);
    if organ.is_none() && !has_label && !(listing.is_named && scripts.has("labelname")) {
        return None;
    }
    let asked: Vec<_> = scripts
        .calls(LABEL)
        .iter()
        .filter_map(|call| call.request(listing.url))
        .filter_map(|(url, form)| {
            let pairs = form.as_deref().or(url.query()).unwrap_or_default();
            let label = params::get(pairs, "labelName")
                .unwrap_or_default()
                .to_ascii_lowercase();
            (LISTS.contains(&label.as_str()) || label.is_empty()).then_some((url, form))
        })
        .collect();
    let mut is_guess = false;
    let requests = if asked.is_empty() {
        let is_catalogue = organ.is_some() && scripts.value("siteId").is_some();
        is_guess = true;
        let usual = usual(listing.url).filter(|_| is_catalogue || scripts.has("publicinfolist"));
        usual.map(|url| (url, None)).into_iter().collect()
    } else {
        asked
    };
    let lists: Vec<_> = requests
        .into_iter()
        .filter_map(|(mut url, form)| {
            // Parameters stand in the query, in the form, or partly in both.
            let is_form = form.as_deref().is_some_and(|form| !form.is_empty());
            let pairs = form
                .filter(|_| is_form)
                .unwrap_or_else(|| url.query().unwrap_or_default().to_owned());
            let pairs = filled(pairs, listing, scripts, organ.as_deref());
            if is_form {
                return listing.first(url, Some(pairs));
            }
            url.set_query(Some(&pairs));
            listing.first(url, None)
        })
        .map(|link| ListLink { is_guess, ..link })
        .collect();
    if lists.is_empty() {
        return None;
    }
    Some(Found {
        is_list: !listing.is_home(),
        mechanism: Mechanism::new(
            Family::Lonsun,
            format!("a catalogue that asks {LABEL} for {} lists", lists.len()),
        ),
        lists,
        ..Found::default()
    })
}

/// The number of the organ in the address of its catalogue.
fn organ(url: &Url) -> Option<String> {
    let path = url.path();
    let behind = &path[path.find("/public/column/")? + "/public/column/".len()..];
    let organ = behind.split('/').next()?.split('.').next()?;
    (!organ.is_empty() && organ.bytes().all(|b| b.is_ascii_digit())).then(|| organ.to_owned())
}

/// The address of the usual request: the application may lie in a folder.
fn usual(page: &Url) -> Option<Url> {
    let path = page.path();
    let folder = &path[..path.find("/public/column/").unwrap_or(0)];
    let mut url = page.join(&format!("{folder}{LABEL}")).ok()?;
    url.set_query(Some(QUERY));
    Some(url)
}

/// Gives the parameters that a script left open the values of the page, and leaves out those that stay empty.
fn filled(pairs: String, listing: &Listing<'_>, scripts: &Scripts<'_>, organ: Option<&str>) -> String {
    let page = listing.url.query().unwrap_or_default();
    let mut pairs = pairs;
    for (name, is_needed) in [
        ("labelName", true),
        ("siteId", true),
        ("organId", true),
        ("type", false),
        ("catId", false),
        ("catIds", false),
        ("cId", false),
        ("action", false),
    ] {
        if params::get(&pairs, name).is_some_and(|value| !value.is_empty()) {
            continue;
        }
        let own = params::get(page, name).filter(|value| !value.is_empty());
        let value = match name {
            "labelName" => Some("publicInfoList".to_owned()),
            "organId" => organ
                .map(str::to_owned)
                .or(own)
                .or_else(|| scripts.value(name).map(str::to_owned)),
            "catId" | "catIds" | "cId" | "type" | "action" => own,
            _ => scripts.value(name).map(str::to_owned).or(own),
        };
        if let Some(value) = value.filter(|_| is_needed || name != "cId") {
            pairs = params::set(&pairs, name, &value);
        }
    }
    let kept = pairs
        .split('&')
        .filter(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty()));
    let pairs = kept.collect::<Vec<_>>().join("&");
    let is_numbered = params::number(&pairs, "pageIndex").is_some();
    if is_numbered {
        pairs
    } else {
        params::set(&pairs, "pageIndex", "1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::{asked, read};

    const CATALOGUE: &str = "http://a.gov.cn/public/column/6596221?type=4&action=list&nav=3&catId=7065111";

    #[test]
    fn a_catalogue_asks_for_its_rows() {
        let html = "<html><head><meta name='SiteId' content='6786551'></head><body><div id='list'></div></body></html>";
        let usual = "/site/label/8888?labelName=publicInfoList&siteId=6786551&organId=6596221&type=4&catId=7065111&pageSize=15&pageIndex=1\
                     &isDate=true&dateFormat=yyyy-MM-dd&action=list&IsAjax=1&dataType=html";
        for family in [Family::Auto, Family::Lonsun] {
            assert_eq!(asked(&read(CATALOGUE, family, html)), [usual]);
        }
        let in_folder = CATALOGUE.replace("/public/", "/zwgk/public/");
        assert_eq!(
            asked(&read(&in_folder, Family::Auto, html)),
            [format!("/zwgk{usual}")]
        );
        let script = "<meta content='6786551' name='siteid'><script>Ls.ajax({url: '/site/label/8888?IsAjax=1&dataType=html&_=' + Math.random(),
            data: {labelName: 'publicInfoList', siteId: siteId, pageSize: 20, pageIndex: pageIndex, action: 'list', organId: '6596221', type: 4, catId: '', cId: '', keyWords: '',
            result: '暂无', file: '/c3/publicInfoList_newest'}})</script>";
        assert_eq!(
            asked(&read(CATALOGUE, Family::Auto, script)),
            [
                "/site/label/8888?IsAjax=1&dataType=html&_=0&labelName=publicInfoList&siteId=6786551&pageSize=20&pageIndex=1&action=list&organId=6596221\
              &type=4&catId=7065111&result=%E6%9A%82%E6%97%A0&file=%2Fc3%2FpublicInfoList_newest"
            ]
        );
        let post = "<script>var siteId = '12'; $.post('/site/label/8888', {labelName: 'publicInfoList', siteId: siteId, pageIndex: 1})</script>";
        assert_eq!(
            asked(&read(CATALOGUE, Family::Auto, post)),
            [
                "/site/label/8888 POST labelName=publicInfoList&siteId=12&pageIndex=1&organId=6596221&type=4&catId=7065111&action=list"
            ]
        );
        assert_eq!(
            read("http://a.gov.cn/xwzx/index.html", Family::Auto, html).mechanism,
            None
        );
    }

    #[test]
    fn answers_of_html_give_rows_and_the_next_pages() {
        let request = "http://a.gov.cn/site/label/8888?labelName=publicInfoList&organId=1&pageSize=2&pageIndex=1&dataType=html";
        let row = |n: u32| {
            format!(
                "<li><a href='/public/1/{n}.html' title='某某县第{n}年度法治报告'>某某县第{n}年度…</a><span class='date'>2024-02-28</span></li>"
            )
        };
        let rows = format!("<ul class='xxgk_nav_list'>{}{}</ul>", row(11), row(12));
        let next =
            |n: u32| request["http://a.gov.cn".len()..].replace("pageIndex=1", &format!("pageIndex={n}"));
        for pager in [
            "<script>Ls.pagination('#page', {pageIndex: 1, pageCount: 3, total: 5})</script>",
            "<div id='page' data-page-count='3' data-total='5'></div>",
            "<input type='hidden' id='pageCount' value='3'>",
            "<span>共 <b>5</b> 条</span>",
            "<div>共3页</div><a href='javascript:;'>下一页</a>",
        ] {
            let found = read(request, Family::Auto, &format!("{rows}{pager}"));
            assert_eq!(
                found.reports.iter().map(|row| row.url.path()).collect::<Vec<_>>(),
                ["/public/1/11.html", "/public/1/12.html"]
            );
            assert_eq!(found.reports[0].title.as_deref(), Some("某某县第11年度法治报告"));
            assert_eq!(asked(&found), [next(2), next(3)], "{pager}");
        }
        assert_eq!(
            asked(&read(request, Family::Auto, &rows)),
            [next(2)],
            "a full page may have a next one"
        );
        assert_eq!(asked(&read(request, Family::Auto, &row(11))), [""; 0]);
        assert_eq!(
            asked(&read(request, Family::Auto, "<p>暂无相关信息</p>")),
            [""; 0]
        );
    }

    #[test]
    fn answers_of_json_are_read_too() {
        let request =
            "http://a.gov.cn/site/label/8888?labelName=searchDataList&isJson=true&pageSize=2&pageIndex=1";
        let json = r#"{"status": 1, "data": {"pageIndex": 1, "pageSize": 2, "pageCount": 2, "total": 3, "data": [
            {"title": "某某县<font color='red'>法治</font>报告", "link": "http://a.gov.cn/public/1/11.html", "createDate": "2024-02-28"},
            {"title": "某某县工作报告", "link": "/public/1/12.html", "createDate": "2024-02-27"}]}}"#;
        let found = read(request, Family::Lonsun, json);
        assert_eq!(found.reports[0].title.as_deref(), Some("某某县法治报告"));
        assert_eq!(
            asked(&found),
            [request["http://a.gov.cn".len()..].replace("pageIndex=1", "pageIndex=2")]
        );
    }
}
