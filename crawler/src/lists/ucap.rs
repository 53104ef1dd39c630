//! Lists of UCAP, CMSPRO (开普): the page is a shell, its rows are answered as JSON.
//!
//! Each column is a channel. `/common/search/<channel>?_isAgg=true&_isJson=true&_pageSize=20&page=1` (or `/search/…`,
//! `/searchList/…`) answers with `data.results`, `data.total`. The channel stands in the page's script, or is asked for
//! by the code of the column: `/common/getChannelList?channelCode=c100&websiteCodeName=abc` answers with the channel and
//! those below it. Some portals want a token that their script makes; what a browser would have to run is not asked.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::{
    Found, ListLink, Listing, Mechanism, Source,
    answer::{self, Api},
    calls::{Call, Scripts},
    params,
};
use crate::portal::Family;

const API: Api = Api {
    family: Family::Ucap,
    why: "a search of a channel answered with JSON",
    page: "page",
    document: None,
};

/// Parameters of a search where a script does not give its own.
const QUERY: &str = "_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1";

/// Most channels of one page or answer.
const MAX_CHANNELS: usize = 200;

/// Reads a page or an answer of UCAP.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let path = listing.url.path().to_ascii_lowercase();
    if path.ends_with("/getchannellist") {
        return channels(listing, &answer::parse(listing.text)?);
    }
    if is_search(listing.url)
        && let Some(answer) = answer::parse(listing.text)
    {
        return Some(API.read(listing, &answer));
    }
    shell(listing)
}

/// Whether an address is the search of a channel.
fn is_search(url: &Url) -> bool {
    static PATH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)/(?:search|searchList)/[0-9a-z_-]{1,64}/?$")
            .expect("a pattern of this file is valid")
    });
    PATH.is_match(url.path())
}

/// The searches of the channels that an answer names.
fn channels(listing: &Listing<'_>, answer: &Value) -> Option<Found> {
    let asked = params::get(listing.url.query()?, "channelCode").unwrap_or_default();
    let is_asked = |(_, code): &&(_, String)| *code == asked;
    let codes = answer::all(answer, "channelcode");
    let ids = match codes.iter().find(is_asked) {
        Some((channel, _)) => answer::all(&Value::Object((*channel).clone()), "channelid")
            .into_iter()
            .map(|(_, id)| id)
            .collect(),
        None => answer::all(answer, "channelid")
            .into_iter()
            .map(|(_, id)| id)
            .collect::<Vec<_>>(),
    };
    // The page that asked may have said, behind the address, what its searches look like.
    let template = listing
        .url
        .fragment()
        .and_then(|template| template.strip_prefix("search="));
    let prefix = if listing.url.path().to_ascii_lowercase().contains("/common/") {
        "/common"
    } else {
        ""
    };
    let usual = format!("{prefix}/search/{ID}?{QUERY}");
    let template = template.unwrap_or(&usual);
    let mut known = HashSet::new();
    let ids = ids.into_iter().filter(|id| is_id(id) && known.insert(id.clone()));
    let lists: Vec<_> = ids
        .take(MAX_CHANNELS)
        .filter_map(|id| listing.url.join(&template.replace(ID, &id)).ok())
        .filter_map(|url| first_search(listing, url))
        .collect();
    Some(Found {
        mechanism: Mechanism::new(Family::Ucap, format!("a column with {} channels", lists.len())),
        lists,
        source: Source::Answer,
        ..Found::default()
    })
}

/// Stands for the id of a channel.
const ID: &str = "CHANNEL-ID";

fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// The first page of a search, with what makes its answer JSON.
fn first_search(listing: &Listing<'_>, url: Url) -> Option<ListLink> {
    let mut url = url;
    url.set_fragment(None);
    let query = params::set(url.query().unwrap_or_default(), "_isJson", "true");
    let is_numbered = params::number(&query, "page").is_some();
    let query = if is_numbered {
        query
    } else {
        params::set(&query, "page", "1")
    };
    url.set_query(Some(&query));
    is_search(&url).then(|| listing.first(url, None)).flatten()
}

/// The requests of a page that is filled by script.
fn shell(listing: &Listing<'_>) -> Option<Found> {
    let scripts = listing.scripts();
    let mut needs_browser = false;
    let mut usable = |call: &Call| {
        needs_browser |= call.needs_browser;
        !call.needs_browser
    };
    let searches: Vec<_> = ["/search/", "/searchlist/"]
        .iter()
        .flat_map(|marker| scripts.calls(marker))
        .filter(|call| is_ucap_search(call, listing))
        .filter(&mut usable)
        .filter_map(|call| call.request(listing.url))
        .filter(|(_, form)| form.is_none())
        .map(|(url, _)| url)
        .collect();
    let mut lists: Vec<_> = searches
        .iter()
        .filter_map(|url| first_search(listing, url.clone()))
        .collect();
    if lists.is_empty() {
        let template = searches.first().and_then(template);
        let calls = scripts.calls("getchannellist");
        let calls = calls.iter().filter(|call| usable(call));
        lists = calls
            .filter_map(|call| ask_for_channels(listing, scripts, call, template.as_deref()))
            .collect();
    }
    let is_column = scripts.value("channelCode").is_some() && scripts.value("websiteCodeName").is_some();
    let has_sign = scripts.has("ucap") || scripts.has("getchannellist") || !searches.is_empty();
    // What shows its rows needs not be asked for them.
    let has_rows = || listing.links().iter().any(|link| link.date.is_some());
    let is_told = listing.is_named || is_column || has_sign;
    if lists.is_empty() && is_told && !needs_browser && !has_rows() {
        lists = told_channels(listing, scripts);
    }
    if lists.is_empty() && !needs_browser {
        return None;
    }
    lists.truncate(MAX_CHANNELS);
    let why = match lists.is_empty() {
        true => "its requests carry a token that only a browser can make".to_owned(),
        false => format!("a shell that asks for {} channels", lists.len()),
    };
    Some(Found {
        needs_browser: lists.is_empty(),
        lists,
        is_list: !listing.is_home(),
        mechanism: Mechanism::new(Family::Ucap, why),
        ..Found::default()
    })
}

/// A search for words is no search of a channel.
fn is_ucap_search(call: &Call, listing: &Listing<'_>) -> bool {
    const SIGNS: &[&str] = &["_isagg", "_isjson", "_pagesize", "_template", "_rangetime"];
    let all = format!("{}?{}", call.address, call.params).to_ascii_lowercase();
    let last = call
        .address
        .split('?')
        .next()
        .unwrap_or_default()
        .rsplit('/')
        .next();
    let is_channel =
        last.is_some_and(|id| id.len() >= 6 && is_id(id) && id.bytes().any(|b| b.is_ascii_digit()));
    let has_sign = SIGNS.iter().any(|sign| all.contains(sign));
    let is_other = ["searchword", "keyword"].iter().any(|sign| all.contains(sign));
    !is_other && (has_sign || (listing.is_named && is_channel))
}

/// An address of a search without its channel, as a template.
fn template(url: &Url) -> Option<String> {
    let path = url.path();
    let (before, behind) = ["/search/", "/searchList/"].iter().find_map(|marker| {
        let at = path.find(marker)? + marker.len();
        Some(path.split_at(at))
    })?;
    let query = url.query().unwrap_or(QUERY);
    behind
        .trim_matches('/')
        .is_empty()
        .then(|| format!("{before}{ID}?{query}"))
}

/// The request for the channel of a column.
fn ask_for_channels(
    listing: &Listing<'_>,
    scripts: &Scripts<'_>,
    call: &Call,
    template: Option<&str>,
) -> Option<ListLink> {
    let (mut url, form) = call.request(listing.url)?;
    let query = url.query().unwrap_or_default().to_owned();
    let (code, site) = codes(listing, scripts);
    let given = |name: &str| params::get(&query, name).filter(|value| !value.is_empty());
    let code = given("channelCode").or(code)?;
    let mut query = params::set(&query, "channelCode", &code);
    if let Some(site) =
        given("websiteCodeName").or(site.filter(|_| params::get(&query, "websiteCodeName").is_some()))
    {
        query = params::set(&query, "websiteCodeName", &site);
    }
    url.set_query(Some(&query));
    url.set_fragment(template.map(|template| format!("search={template}")).as_deref());
    form.is_none().then(|| listing.first(url, None)).flatten()
}

/// The code of the column and that of the site: `/abc/c100/list.shtml` is c100 of abc.
fn codes(listing: &Listing<'_>, scripts: &Scripts<'_>) -> (Option<String>, Option<String>) {
    let is_code = |text: &str| {
        text.len() >= 4 && text.starts_with('c') && text[1..].bytes().all(|b| b.is_ascii_digit())
    };
    let segments: Vec<_> = listing
        .url
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let at = segments.iter().position(|segment| is_code(segment));
    let code = scripts.value("channelCode").or(at.map(|at| segments[at]));
    let site = ["websiteCodeName", "websiteCode", "siteCodeName"]
        .iter()
        .find_map(|name| scripts.value(name));
    let site = site.or(at.filter(|at| *at > 0).map(|_| segments[0]));
    (code.map(str::to_owned), site.map(str::to_owned))
}

/// The search of the channel that a page names without saying how it asks for it.
fn told_channels(listing: &Listing<'_>, scripts: &Scripts<'_>) -> Vec<ListLink> {
    let mut known = HashSet::new();
    let ids = scripts
        .values("channelId")
        .filter(|id| is_id(id) && id.len() >= 4 && known.insert(*id));
    let urls = ids.filter_map(|id| listing.url.join(&format!("/common/search/{id}?{QUERY}")).ok());
    let guess = |link| ListLink {
        is_guess: true,
        ..link
    };
    let lists: Vec<_> = urls
        .filter_map(|url| first_search(listing, url))
        .map(guess)
        .collect();
    if !lists.is_empty() {
        return lists;
    }
    let (code, site) = codes(listing, scripts);
    let (Some(code), Some(site)) = (code, site) else {
        return Vec::new();
    };
    let query = params::set(&params::set("", "channelCode", &code), "websiteCodeName", &site);
    let url = listing.url.join(&format!("/common/getChannelList?{query}")).ok();
    let link = url.and_then(|url| listing.first(url, None));
    link.map(guess).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::{asked, read};

    const SHELL: &str = "http://a.gov.cn/abc/c100186/list.shtml";

    #[test]
    fn shells_tell_how_they_ask() {
        let search = "/common/search/0123456789abcdef0123456789abcdef?_isAgg=true&_isJson=true&_pageSize=20&_template=index&_rangeTimeGte=&page=1";
        for script in [
            "var channelId='0123456789abcdef0123456789abcdef'; var page = 1;
             $.get('/common/search/' + channelId + '?_isAgg=true&_isJson=true&_pageSize=20&_template=index&_rangeTimeGte=&page=' + page)",
            "<div data-url='/common/search/0123456789abcdef0123456789abcdef?_isAgg=true&amp;_isJson=true&amp;_pageSize=20&amp;_template=index&amp;_rangeTimeGte=&amp;page=1'>",
            "const channelId = \"0123456789abcdef0123456789abcdef\"; fetch(`/common/search/${channelId}?_isAgg=true&_isJson=true&_pageSize=${pageSize}&_template=index&_rangeTimeGte=&page=${page}`)",
        ] {
            for family in [Family::Auto, Family::Ucap] {
                assert_eq!(asked(&read(SHELL, family, &format!("<script>{script}"))), [search], "{script}");
            }
        }
        let csrc = "$.ajax({url: '/searchList/ab12?_isAgg=true', data: {_isJson: true, page: 1}})";
        assert_eq!(
            asked(&read(SHELL, Family::Auto, &format!("<script>{csrc}"))),
            ["/searchList/ab12?_isAgg=true&_isJson=true&page=1"]
        );
    }

    #[test]
    fn a_column_is_asked_for_by_its_code() {
        let request = "/common/getChannelList?channelCode=c100186&websiteCodeName=abc";
        for script in [
            "$.get('/common/getChannelList?channelCode=c100186&websiteCodeName=abc')",
            "var channelCode = 'c100186', websiteCodeName = 'abc'; u = '/common/getChannelList?channelCode=' + channelCode + '&websiteCodeName=' + websiteCodeName",
            "$.getJSON('/common/getChannelList', {channelCode: code, websiteCodeName: site}, show)",
            "<input type='hidden' id='channelCode' value='c100186'><script>$.get('/common/getChannelList?channelCode=' + $('#channelCode').val() + '&websiteCodeName=')</script>",
        ] {
            let found = read(SHELL, Family::Auto, &format!("<script>{script}"));
            let asked = asked(&found);
            assert!(
                asked == [request] || asked == [request.replace("&websiteCodeName=abc", "&websiteCodeName=")],
                "{script}: {asked:?}"
            );
        }
        let named = "<div data-channel-code='c100186' data-websitecodename='abc'></div><script src='/js/list.js'></script>";
        assert_eq!(
            asked(&read("http://a.gov.cn/x/nb.html", Family::Auto, named)),
            [request]
        );
        let static_list = "<script>var channelId = '0123abcd';</script><li><a href='1234.html'>某某县法治政府建设年度报告</a>2024-02-27</li>";
        assert_eq!(
            asked(&read(SHELL, Family::Ucap, static_list)),
            [""; 0],
            "it shows its rows"
        );
        assert_eq!(
            asked(&read(SHELL, Family::Ucap, "<div id='app'></div>")),
            [request],
            "the address tells"
        );
        assert_eq!(read(SHELL, Family::Auto, "<div id='app'></div>").mechanism, None);
        assert_eq!(
            asked(&read(
                "http://a.gov.cn/x.html",
                Family::Ucap,
                "var channelId = '0123abcd';"
            )),
            ["/common/search/0123abcd?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1"]
        );
    }

    #[test]
    fn channels_lead_to_searches() {
        let url = "http://a.gov.cn/common/getChannelList?channelCode=c100&websiteCodeName=abc";
        let search = |id: &str| {
            format!("/common/search/{id}?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1")
        };
        for (json, ids) in [
            (
                r#"{"results": {"channelId": "aa11", "channelCode": "c100", "children": []}}"#,
                vec!["aa11"],
            ),
            (r#"{"channelId": "aa11"}"#, vec!["aa11"]),
            (
                r#"{"data": [{"channelId": "aa11", "displayName": "年报"}, {"channelId": "bb22"}]}"#,
                vec!["aa11", "bb22"],
            ),
            (
                r#"{"results": {"channelId": "root", "channelCode": "c1", "children": [{"channelCode": "c99", "channelId": "other"},
                    {"channelCode": "c100", "channelId": "aa11", "children": [{"channelId": "bb22", "channelCode": "c101"}]}]}}"#,
                vec!["aa11", "bb22"],
            ),
        ] {
            let expected: Vec<_> = ids.into_iter().map(search).collect();
            assert_eq!(asked(&read(url, Family::Auto, json)), expected, "{json}");
        }
        let shell = "url = '/getChannelList?channelCode=c100'; list = '/searchList/' + id + '?_isAgg=true&_isJson=true&_pageSize=18&page=' + p";
        let found = read("http://a.gov.cn/csrc/c100/list.shtml", Family::Auto, shell);
        let next = read(
            found.lists[0].url.as_str(),
            Family::Auto,
            r#"{"results": {"channelId": "aa11"}}"#,
        );
        assert_eq!(
            asked(&next),
            ["/searchList/aa11?_isAgg=true&_isJson=true&_pageSize=18&page=1"]
        );
    }

    #[test]
    fn a_channel_is_no_id_of_an_element() {
        let shell = "<div id=\"app\" v-cloak></div><script>new Vue({el: '#app', data: {type: 'ogi'}});
            $.get(\"/common/getChannelList?channelCode=c100&websiteCodeName=abc\", function(r){ load(r[0].channelId); });
            function load(id){ $.get(\"/common/search/\" + id + \"?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=\" + page, draw); }</script>";
        let url = "http://a.gov.cn/abc/c100/list.shtml";
        for shell in [
            shell.to_owned(),
            format!("{shell}<script>var menu = {{id: 'm1'}};</script>"),
        ] {
            let found = read(url, Family::Auto, &shell);
            assert_eq!(
                asked(&found),
                ["/common/getChannelList?channelCode=c100&websiteCodeName=abc"],
                "{shell}"
            );
        }
        let bound = shell
            .replace("function load(id){", "var id = 'aa11bb22';")
            .replace("draw); }", "draw);");
        assert_eq!(
            asked(&read(url, Family::Auto, &bound)),
            ["/common/search/aa11bb22?_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1"],
            "a script says which it is"
        );
    }

    #[test]
    fn answers_give_rows_and_the_next_pages() {
        let json = r#"{"data": {"channelId": "aa11", "page": 1, "rows": 2, "total": 5, "results": [
            {"title": "某某县2023年度<em>法治</em>报告", "url": "/abc/c1/202402/0123456789abcdef0123456789abcdef.shtml", "publishedTimeStr": "2024-02-28 10:00:00", "channelName": "年报"},
            {"title": "某某县2022年度法治报告", "url": "//a.gov.cn/abc/c1/202302/1123456789abcdef0123456789abcdef.shtml", "publishedTime": 1677600000000}]}}"#;
        let found = read(
            "http://a.gov.cn/common/search/aa11?_isJson=true&_pageSize=2&page=1",
            Family::Auto,
            json,
        );
        assert_eq!(found.reports.len(), 2);
        assert_eq!(found.reports[1].date.unwrap().to_string(), "2023-03-01");
        assert_eq!(
            asked(&found),
            [
                "/common/search/aa11?_isJson=true&_pageSize=2&page=2",
                "/common/search/aa11?_isJson=true&_pageSize=2&page=3"
            ]
        );
        assert_eq!(found.mechanism.unwrap().family, Family::Ucap);
    }

    #[test]
    fn a_token_of_the_browser_is_not_made() {
        let script = "$.get('/common/search/aa11?' + makeToken() + '&_isAgg=true&_isJson=true&page=1')";
        let found = read(SHELL, Family::Auto, &format!("<script>{script}"));
        assert!(found.needs_browser && found.lists.is_empty());
        assert!(found.mechanism.unwrap().why.contains("token"));
    }

    #[test]
    fn searches_for_words_are_none() {
        let script =
            "location.href = '/search/index?searchWord=' + word; <script src='/search/a.js'></script>";
        assert_eq!(
            read("http://a.gov.cn/x/list.shtml", Family::Auto, script).mechanism,
            None
        );
    }
}
