//! Lists of the disclosure platform of Guangdong (gkmlpt): a page of script over a tree of categories.
//!
//! `/gkmlpt/index` has `window._CONFIG = {SID: '…', TREE: [{id, name, children}]}`; the rows of a category are answered
//! by `/gkmlpt/api/all/<id>?page=1&sid=<SID>`. The fragment of the page's address names the category that is shown; without
//! one those are taken whose names, or those of a category above, say that they may hold reports.

use serde_json::{Map, Value};

use super::{
    Found, ListLink, Listing, Mechanism,
    answer::{self, Api},
    columns, literal, params,
};
use crate::{portal::Family, url::category};

const API: Api = Api {
    family: Family::Gkmlpt,
    why: "the platform's answer about a category",
    page: "page",
    document: None,
};

/// Most categories of one portal that are asked for.
const MAX_CATEGORIES: usize = 300;

/// Deepest category.
const MAX_DEPTH: usize = 20;

/// Parts of the names of categories with reports, besides those of columns.
const NAMES: &[&str] = &["报告", "文件", "通知", "计划", "总结", "统计", "公告"];

/// A category that has rows of its own.
struct Category {
    id: String,
    /// Its name, or that of a category above, says that it may hold reports.
    is_wanted: bool,
}

/// Reads a page or an answer of the platform.
pub(super) fn read(listing: &Listing<'_>) -> Option<Found> {
    let path = listing.url.path();
    if path.contains("/api/all/")
        && let Some(answer) = answer::parse(listing.text)
    {
        return Some(API.read(listing, &answer));
    }
    if path.contains("/content/") {
        return None;
    }
    let config = config(listing.text)?;
    let scripts = listing.scripts();
    let sid = answer::text(&config, "sid").or_else(|| scripts.value("SID").map(str::to_owned));
    let tree = match answer::get(&config, "tree") {
        Some(tree) => Some(tree.clone()),
        None => assigned(listing.text, "TREE").next(),
    };
    let tree = tree.as_ref().and_then(Value::as_array);
    let base = match path.find("/gkmlpt/") {
        Some(at) => format!("{}/gkmlpt/", &path[..at]),
        None => "/gkmlpt/".to_owned(),
    };
    let mut categories = Vec::new();
    let mut elsewhere = Vec::new();
    if let Some(id) = category(listing.url) {
        categories.push(Category {
            id: id.to_owned(),
            is_wanted: true,
        });
    } else {
        gather(tree?, false, 0, listing, &mut categories, &mut elsewhere);
    }
    let is_any_wanted = categories.iter().any(|category| category.is_wanted);
    let taken = categories
        .iter()
        .filter(|category| category.is_wanted || !is_any_wanted);
    let query = params::set("page=1", "sid", &sid.unwrap_or_default());
    let urls = taken.take(MAX_CATEGORIES).filter_map(|category| {
        let url = listing
            .url
            .join(&format!("{base}api/all/{}?{query}", category.id));
        listing.first(url.ok()?, None)
    });
    let mut lists: Vec<_> = urls.collect();
    let why = format!(
        "a tree of {} categories, {} of them asked for",
        categories.len(),
        lists.len()
    );
    lists.extend(elsewhere);
    Some(Found {
        lists,
        is_list: true,
        mechanism: Mechanism::new(Family::Gkmlpt, why),
        ..Found::default()
    })
}

/// The objects and arrays that a script gives a name.
fn assigned<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = Value> + 'a {
    text.match_indices(name).take(10).filter_map(|(at, name)| {
        let rest = text[at + name.len()..].trim_start_matches(['"', '\'', ']', ' ']);
        let value = rest.strip_prefix(['=', ':'])?;
        Some(literal::read(value.trim_start())?.0)
    })
}

/// The object of the platform's page; `None` when it is that of a document.
fn config(text: &str) -> Option<Map<String, Value>> {
    let config = assigned(text, "_CONFIG")
        .filter_map(|config| match config {
            Value::Object(config) => Some(config),
            _ => None,
        })
        .find(|config| {
            ["tree", "sid"]
                .iter()
                .any(|name| answer::get(config, name).is_some())
        })?;
    let detail = answer::get(&config, "detail").and_then(Value::as_object);
    detail.is_none_or(Map::is_empty).then_some(config)
}

/// The categories of a tree that have rows: its leaves, and what has more rows than those below it.
fn gather(
    tree: &[Value],
    is_below_wanted: bool,
    depth: usize,
    listing: &Listing<'_>,
    out: &mut Vec<Category>,
    elsewhere: &mut Vec<ListLink>,
) {
    for node in tree.iter().filter_map(Value::as_object) {
        let text = |names: &[&str]| names.iter().find_map(|name| answer::text(node, name));
        let name = text(&["name", "title", "label", "text", "displayname"]).unwrap_or_default();
        let is_named =
            NAMES.iter().any(|part| name.contains(part)) || columns::is_report_column(&name, listing.url);
        let is_wanted = is_below_wanted || is_named;
        // What another page shows is that page's.
        if let Some(jump) = text(&["jumpurl", "link"]) {
            let url = listing
                .url
                .join(&jump)
                .ok()
                .filter(|url| is_named && (listing.in_scope)(url));
            elsewhere.extend(url.map(ListLink::column));
            continue;
        }
        let children = ["children", "child", "childs", "nodes", "sub"];
        let children = children
            .iter()
            .find_map(|name| answer::get(node, name)?.as_array())
            .filter(|children| !children.is_empty());
        let n_posts = |node: &Value| answer::number(answer::get(node.as_object()?, "postcount")?);
        let n_below =
            children.map(|children| children.iter().filter_map(n_posts).map(u64::from).sum::<u64>());
        let n_own = answer::get(node, "postcount")
            .and_then(answer::number)
            .map(u64::from);
        let has_more = n_below.is_some_and(|below| below > 0 && n_own.is_some_and(|own| own > below));
        let id = text(&["id", "catid", "categoryid", "classifyid", "value", "key"]).filter(|id| is_id(id));
        if let Some(id) = id.filter(|_| children.is_none() || has_more) {
            out.push(Category { id, is_wanted });
        }
        if let Some(children) = children.filter(|_| depth < MAX_DEPTH) {
            gather(children, is_wanted, depth + 1, listing, out, elsewhere);
        }
    }
}

fn is_id(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::tests::{asked, read};

    const PAGE: &str = r#"<div id="app"></div><script>window._CONFIG = { SID: '755001', IS_TOP: !1, // comment
        TREE: [{"id": 1, "name": "机构职能", "jump_url": "", "children": []},
               {id: '2', name: '法定主动公开内容', children: [{id: 21, name: '领导之窗', children: null}, {id: 22, name: '法治政府建设', post_count: 4,},],},
               {"id": 3, "name": "年报", "jump_url": "/zwgk/nb/"}],
        SERVICE_AREA_ID: 1, DETAIL: null };</script>"#;

    #[test]
    fn categories_that_may_hold_reports_are_asked_for() {
        for family in [Family::Auto, Family::Gkmlpt] {
            let found = read("http://a.gov.cn/gkmlpt/index", family, PAGE);
            assert_eq!(
                asked(&found),
                [
                    "/gkmlpt/api/all/21?page=1&sid=755001",
                    "/gkmlpt/api/all/22?page=1&sid=755001",
                    "/zwgk/nb/"
                ]
            );
        }
        let found = read("http://a.gov.cn/xx/gkmlpt/index#1", Family::Auto, PAGE);
        assert_eq!(
            asked(&found),
            ["/xx/gkmlpt/api/all/1?page=1&sid=755001"],
            "the seed names one"
        );
        let unnamed = "<script>_CONFIG={SID:'7',TREE:[{id:1,name:'甲',post_count:9,children:[{id:2,name:'乙',post_count:3}]}]}";
        assert_eq!(
            asked(&read("http://a.gov.cn/gkmlpt/index", Family::Auto, unnamed)),
            ["/gkmlpt/api/all/1?page=1&sid=7", "/gkmlpt/api/all/2?page=1&sid=7"],
            "no name tells, so all are; the upper one has rows of its own"
        );
    }

    #[test]
    fn the_tree_may_stand_apart() {
        let page = "<script>window._CONFIG = {'SID': '9'}; var TREE = [{id: 5, title: '工作报告'}];</script>";
        assert_eq!(
            asked(&read("http://a.gov.cn/gkmlpt/index", Family::Auto, page)),
            ["/gkmlpt/api/all/5?page=1&sid=9"]
        );
    }

    #[test]
    fn a_document_of_the_platform_is_no_list() {
        let page = PAGE.replace("DETAIL: null", "DETAIL: {\"id\": 1, \"content\": \"<p>x</p>\"}");
        assert_eq!(
            read("http://a.gov.cn/gkmlpt/index", Family::Auto, &page).lists,
            []
        );
        assert_eq!(
            read(
                "http://a.gov.cn/gkmlpt/content/6/1/post_1.html",
                Family::Auto,
                PAGE
            )
            .lists,
            []
        );
    }

    #[test]
    fn answers_give_rows_and_the_next_pages() {
        let json = r#"{"classify": {"id": 22, "post_count": 5, "children": [{"name": "x", "url": "/y"}]}, "articles": [
            {"id": 1, "title": "某某市2023年度法治报告", "url": "http://a.gov.cn/gkmlpt/content/1/2/post_1.html", "created_at": "2024-03-01 10:00:00"},
            {"id": 2, "title": "某某市2022年度法治报告", "url": "", "post_url": "/gkmlpt/content/1/2/post_2.html", "created_at": 1677600000}]}"#;
        let found = read(
            "http://a.gov.cn/gkmlpt/api/all/22?page=1&sid=755001",
            Family::Auto,
            json,
        );
        assert_eq!(
            found.reports.iter().map(|row| row.url.path()).collect::<Vec<_>>(),
            [
                "/gkmlpt/content/1/2/post_1.html",
                "/gkmlpt/content/1/2/post_2.html"
            ]
        );
        assert_eq!(found.reports[1].date.unwrap().to_string(), "2023-03-01");
        assert_eq!(
            asked(&found),
            [
                "/gkmlpt/api/all/22?page=2&sid=755001",
                "/gkmlpt/api/all/22?page=3&sid=755001"
            ]
        );
        let last = r#"{"classify": {"post_count": 5}, "articles": [{"title": "某某市2021年度法治报告", "url": "/gkmlpt/content/1/2/post_3.html"}]}"#;
        assert_eq!(
            asked(&read(
                "http://a.gov.cn/gkmlpt/api/all/22?page=3&sid=755001",
                Family::Auto,
                last
            )),
            [""; 0]
        );
        let empty = r#"{"classify": {"post_count": 0}, "articles": []}"#;
        let found = read(
            "http://a.gov.cn/gkmlpt/api/all/23?page=1&sid=755001",
            Family::Auto,
            empty,
        );
        assert_eq!(
            (found.lists.len(), found.mechanism.unwrap().family),
            (0, Family::Gkmlpt)
        );
    }
}
