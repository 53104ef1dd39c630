//! Lists that a service of no known content system answers with JSON.
//!
//! Disclosure services of counties each have an interface of their own. One whose answer is JSON with rows is read like
//! any other; some pages whose scripts say how they ask are understood too. Of a page that shows no rows, and that no
//! content system explains, the requests are tried that ask for a page by its number or for a list by its name.

use super::{
    Found, ListLink, Listing, Mechanism,
    answer::{self, Api},
    calls::Call,
    paging, params,
};
use crate::portal::Family;

const API: Api = Api {
    family: Family::Static,
    why: "a service that answers with JSON",
    page: "page",
    document: None,
};

/// Parts of the addresses that such pages ask, in lower case, with how they answer.
const SERVICES: &[(&str, Api)] = &[(
    "/api/news/listquery",
    Api {
        family: Family::Static,
        why: "the news service of a disclosure platform",
        page: "pageNo",
        document: Some("../../news/html/?{}.html"),
    },
)];

/// Reads an answer of a service, or a page that asks one.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let path = listing.url.path().to_ascii_lowercase();
    if let Some(answer) = answer::parse(listing.text) {
        let service = SERVICES.iter().find(|(marker, _)| path.ends_with(marker));
        let api = service.map_or(&API, |(_, api)| api);
        return Some(api.read(listing, &answer));
    }
    let scripts = listing.scripts();
    let mut lists = Vec::new();
    for (marker, api) in SERVICES {
        for call in scripts.calls(marker).iter().filter(|call| !call.needs_browser) {
            let Some((mut url, form)) = call.request(listing.url) else {
                continue;
            };
            let pairs = form.as_deref().or(url.query()).unwrap_or_default();
            let is_numbered = params::number(pairs, api.page).is_some();
            let pairs = if is_numbered {
                pairs.to_owned()
            } else {
                params::set(pairs, api.page, "1")
            };
            if form.is_some() {
                lists.extend(listing.first(url, Some(pairs)));
            } else {
                url.set_query(Some(&pairs));
                lists.extend(listing.first(url, None));
            }
        }
    }
    (!lists.is_empty()).then(|| Found {
        is_list: !listing.is_home(),
        mechanism: Mechanism::new(
            Family::Static,
            format!("a page that asks a service for {} lists", lists.len()),
        ),
        lists,
        ..Found::default()
    })
}

/// Most requests of one page that are tried.
const MAX_TRIED: usize = 3;

/// The requests of a page without rows that may be answered with them, as nobody knows.
pub(super) fn tried(listing: &Listing<'_>) -> Option<Found> {
    if listing.is_further || listing.links().iter().any(|link| link.date.is_some()) {
        return None;
    }
    let calls = listing.scripts().all_calls();
    let (hidden, open): (Vec<_>, Vec<_>) = calls
        .into_iter()
        .filter(asks_for_list)
        .partition(|call| call.needs_browser);
    let requests = open.iter().filter_map(|call| call.request(listing.url));
    let lists: Vec<_> = requests
        .filter_map(|(url, form)| listing.first(url, form))
        .map(|list| ListLink {
            is_guess: true,
            ..list
        })
        .take(MAX_TRIED)
        .collect();
    let why = match lists.len() {
        0 => "its requests carry a token that only a browser can make".to_owned(),
        n => format!("a page without rows whose scripts make {n} requests for a list"),
    };
    (!lists.is_empty() || !hidden.is_empty()).then(|| Found {
        needs_browser: lists.is_empty(),
        mechanism: Mechanism::new(Family::Static, why),
        lists,
        ..Found::default()
    })
}

/// Whether a request is one for a page of a list, and not a search for words.
fn asks_for_list(call: &Call) -> bool {
    const WORDS: &[&str] = &["searchword", "keyword", "keywords", "wd", "q"];
    let (path, query) = call.address.split_once('?').unwrap_or((&call.address, ""));
    let of_either = |is: &dyn Fn(&str) -> bool| is(query) || is(&call.params);
    let file = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_script = [".js", ".css"].iter().any(|ending| file.ends_with(ending));
    let is_list = of_either(&paging::is_numbered) || file.contains("list");
    is_list
        && !is_script
        && !WORDS
            .iter()
            .any(|word| of_either(&|pairs| params::get(pairs, word).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::{asked, read};

    #[test]
    fn a_page_that_asks_a_service_is_read() {
        let script = "$.ajax({url: '/zfxxgk/api/news/listQuery?column=fbdate&order=desc&syh=' + syh + '&titleLike=', data: {pageSize: 20}})</script><i data-syh='371601'>";
        let request =
            "/zfxxgk/api/news/listQuery?column=fbdate&order=desc&syh=371601&titleLike=&pageSize=20&pageNo=1";
        assert_eq!(
            asked(&read(
                "http://a.gov.cn/zfxxgk/index.html",
                Family::Auto,
                &format!("<script>{script}")
            )),
            [request]
        );
        let json = r#"{"success": true, "result": {"records": [{"id": "17", "title": "某某县2023年度法治报告", "fbdate": 1709049600000},
            {"id": 18, "title": "某某县2022年度法治报告", "fbdate": "1677513600000"}], "pages": 2, "total": 22, "size": 20, "current": 1}}"#;
        let found = read(&format!("http://a.gov.cn{request}"), Family::Auto, json);
        let urls: Vec<_> = found
            .reports
            .iter()
            .map(|row| &row.url[url::Position::BeforePath..])
            .collect();
        assert_eq!(urls, ["/zfxxgk/news/html/?17.html", "/zfxxgk/news/html/?18.html"]);
        assert_eq!(asked(&found), [request.replace("pageNo=1", "pageNo=2")]);
    }

    #[test]
    fn a_page_without_rows_is_filled_by_what_its_scripts_ask_for() {
        let plain = "/api/list.do?columnId=77&pageNo=1&pageSize=15";
        for (script, request) in [
            (
                "$.getJSON(\"/api/list.do?columnId=77&pageNo=1&pageSize=15\",function(d){render(d)})",
                plain,
            ),
            (
                "$.getJSON('/api/list.do', {columnId: 77, pageNo: 1, pageSize: 15}, draw)",
                plain,
            ),
            (
                "var id = 77; $.ajax({type: 'get', dataType: 'json', url: '/api/list.do', data: {columnId: id, pageNo: page, pageSize: 15}, success: draw})",
                plain,
            ),
            (
                "fetch(`/api/list.do?columnId=77&pageNo=${pageNo}&pageSize=15`).then(r => r.json()).then(draw)",
                plain,
            ),
            (
                "$.post('/api/queryNews', {columnId: 77, pageNo: 1}, draw)",
                "/api/queryNews POST columnId=77&pageNo=1",
            ),
        ] {
            let page = format!("<h1>法治政府建设</h1><ul id=list></ul><script>{script}</script>");
            let found = read("http://a.gov.cn/fzzf/", Family::Auto, &page);
            assert_eq!(asked(&found), [request], "{script}");
            assert!(found.lists[0].is_guess && found.lists[0].begins);
            let rows = "<li><a href=\"/x/1.html\">某某县2023年度法治报告</a>2024-02-28</li>";
            let shown = read("http://a.gov.cn/fzzf/", Family::Auto, &format!("{page}{rows}"));
            assert_eq!(asked(&shown), [""; 0], "its rows stand there");
        }
        for script in [
            "$.get('/api/weather.do?city=77', draw)",
            "var word = cache.get('list'); $.getJSON('/s/list.do?searchWord=' + word, draw)",
        ] {
            let page = format!("<ul id=list></ul><script>{script}</script>");
            assert_eq!(
                asked(&read("http://a.gov.cn/fzzf/", Family::Auto, &page)),
                [""; 0],
                "{script}"
            );
        }
        let hidden =
            "<ul id=list></ul><script>$.getJSON('/api/list.do?pageNo=1&sign=' + sign(77), draw)</script>";
        assert!(read("http://a.gov.cn/fzzf/", Family::Auto, hidden).needs_browser);
    }
}
