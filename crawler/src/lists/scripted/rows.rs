//! Rows whose links call a function of the page: `<a href="javascript:openArt(100)">title</a>`.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;
use scraper::Selector;

use super::{
    MAX_LINKS,
    function::{Function, functions},
};
use crate::{
    links::{self, Link},
    lists::{
        Listing,
        page::{MIN_TITLE_HAN, han_chars},
        script,
    },
};

/// The links with the words of a title that only a function of the page leads anywhere.
pub(in crate::lists) fn rows(listing: &Listing<'_>) -> Vec<Link> {
    static CLICKED: LazyLock<Selector> = LazyLock::new(|| {
        Selector::parse("[onclick], a[href^='javascript:' i]").expect("a selector of this file is valid CSS")
    });
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([A-Za-z_$][\w$]{0,40})\s*\(([^()]{1,300})\)").expect("a pattern of this file is valid")
    });
    let base = links::base(listing.tree(), listing.url);
    let clicked = listing.tree().select(&CLICKED);
    let mut clicked = clicked
        .filter(|element| links::address(*element, &base).is_none())
        .take(MAX_LINKS)
        .peekable();
    if clicked.peek().is_none() {
        return Vec::new();
    }
    let known = script::variables(listing.code());
    let mut by_name: HashMap<&str, Function<'_>> = HashMap::new();
    for function in functions(listing.code()) {
        by_name.entry(function.name).or_insert(function);
    }
    let rows = clicked.filter_map(|element| {
        let scripts = [element.value().attr("onclick"), element.value().attr("href")];
        let mut calls = scripts
            .into_iter()
            .flatten()
            .flat_map(|script| CALL.captures_iter(script));
        let address = calls.find_map(|call| {
            let function = by_name.get(call.get(1)?.as_str())?;
            let arguments = call.get(2)?.as_str().split(',');
            let arguments: Vec<&str> = arguments
                .map(|argument| argument.trim().trim_matches(['"', '\'']))
                .collect();
            function.address_of_row(&arguments, &known, listing)
        })?;
        let link = links::described(element, links::resolve(&base, &address)?);
        (han_chars(&link.text) >= MIN_TITLE_HAN).then_some(link)
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use url::Position;

    use crate::{lists::tests::read, portal::Family};

    fn rows(html: &str) -> Vec<String> {
        let found = read("http://a.gov.cn/zwgk/list.jsp", Family::Auto, html);
        let rows = found.reports.iter();
        rows.map(|row| {
            format!(
                "{} {}",
                &row.url[Position::BeforePath..],
                row.title.clone().unwrap_or_default()
            )
        })
        .collect()
    }

    #[test]
    fn rows_that_call_a_function_lead_where_it_goes() {
        let title = "某某县2023年度法治政府建设情况报告";
        for (link, function, path) in [
            (
                "<a href=\"javascript:openArt(100)\">",
                "function openArt(id){window.open(\"/view.jsp?id=\"+id);}",
                "/view.jsp?id=100",
            ),
            (
                "<a href=\"JavaScript:void(0)\" onclick=\"show('7', '1689032');return false\">",
                "var root='/zwgk'; function show(column, id) { var u = root + '/show.jsp?lmid=' + column; location.href = u + '&id=' + id; }",
                "/zwgk/show.jsp?lmid=7&id=1689032",
            ),
            (
                "<a href='#' onclick='toInfo(\"4a1f6638a0a64a7d9e9b0b1c2d3e4f50\")'>",
                "var toInfo = (id) => { window.location = `/info/${id}.html` }",
                "/info/4a1f6638a0a64a7d9e9b0b1c2d3e4f50.html",
            ),
        ] {
            let html = format!(
                "<script>{function}</script><ul><li>{link}{title}</a> 2024-03-05</li><li>{link}更多</a></li></ul>"
            );
            assert_eq!(rows(&html), [format!("{path} {title}")], "{function}");
        }
        let unknown = format!(
            "<a href='javascript:openArt(100)'>{title}</a><script>function openArt(id){{ajax(id)}}</script>"
        );
        assert!(rows(&unknown).is_empty());
    }
}
