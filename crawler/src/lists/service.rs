//! Lists that a service of no known content system answers with JSON.
//!
//! Disclosure services of counties each have an interface of their own. One whose answer is JSON with rows is read like
//! any other; some pages whose scripts say how they ask are understood too.

use super::{
    Found, Listing, Mechanism,
    answer::{self, Api},
    params,
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
}
