//! 泾县: lists paged by inline script, relative links, official meta tags and a metadata table, `.TRS_Editor`.

use askama::Template;
use axum::http::StatusCode;

use super::{
    blocks::{self, Block, blocks},
    site::{Article, BuildError, Page, Plan, Site, articles},
    texts::{self, Column, Text},
};

const HTML: &str = "text/html; charset=utf-8";
const PER_PAGE: usize = 3;
/// Rows of a column on the hub.
const LATEST: usize = 2;
/// Characters of a title in a list; the whole title is in the link's `title`.
const SHORT: usize = 24;

const CONTACT: &str = "/zwgk/lxwm/index.html";
const NOTICES: &str = "/zwgk/tzgg/index.html";
const MISSING: &str = "/xwzx/202207/t20220701_2299991.html";

struct Frame<'a> {
    title: &'a str,
    column: Option<&'a str>,
}

struct Row {
    href: String,
    title: String,
    short: String,
    date: String,
}

#[derive(Template)]
#[template(path = "demo/jingxian/detail.html")]
struct Detail<'a> {
    frame: Frame<'a>,
    text: &'a Text,
    column_name: &'a str,
    parent: (&'a str, &'a str),
    published: String,
    signed: String,
    description: String,
    blocks: Vec<Block<'a>>,
    newer: Option<(String, &'a str)>,
    older: Option<(String, &'a str)>,
}

#[derive(Template)]
#[template(path = "demo/jingxian/list.html")]
struct List<'a> {
    frame: Frame<'a>,
    column_name: &'a str,
    parent: (&'a str, &'a str),
    columns: &'a [(String, &'static str)],
    rows: Vec<Row>,
    total: usize,
    current: usize,
}

#[derive(Template)]
#[template(path = "demo/jingxian/hub.html")]
struct Hub<'a> {
    frame: Frame<'a>,
    columns: Vec<HubColumn>,
}

struct HubColumn {
    href: String,
    name: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "demo/jingxian/contact.html")]
struct Contact<'a> {
    frame: Frame<'a>,
}

#[derive(Template)]
#[template(path = "demo/jingxian/missing.html")]
struct Missing<'a> {
    frame: Frame<'a>,
}

/// Builds the portal for a port of loopback.
pub(super) fn build(port: u16) -> Result<Site, BuildError> {
    let articles = articles(texts::JINGXIAN, |column, text, number| {
        let (month, day) = (text.published.strftime("%Y%m"), text.published.strftime("%Y%m%d"));
        format!(
            "{}{month}/t{day}_{}.html",
            folder(column),
            2_300_117 + number * 137
        )
    })?;
    let plan = Plan {
        comment: "示例门户：栏目页由脚本分页，正文在 .TRS_Editor 中",
        seeds: vec!["/zwgk/index.html".to_owned()],
        family: "trs",
        allow: &["/zwgk/", "/xwzx/"],
    };
    let mut site = Site::new(
        "jingxian",
        "泾县人民政府网（示例）",
        "341823",
        port,
        plan,
        articles,
    );
    let mut pages = Vec::new();
    for column in texts::JINGXIAN {
        let of_column: Vec<_> = site
            .articles
            .iter()
            .filter(|article| article.column.id == column.id)
            .collect();
        for (at, article) in of_column.iter().enumerate() {
            let neighbour = |at: usize| of_column.get(at).map(|other| sibling(other));
            let newer = at.checked_sub(1).and_then(neighbour);
            let page = Page::new(HTML, detail(article, newer, neighbour(at + 1)).render()?);
            pages.push((article.path.clone(), page.modified(article.text.published)?));
        }
        pages.extend(lists(column, &of_column)?);
    }
    let notices: Vec<_> = site
        .articles
        .iter()
        .filter(|article| article.column.id == "ghjh")
        .collect();
    let rows = notices
        .iter()
        .map(|article| row(article, article.path.clone()))
        .collect();
    pages.push((NOTICES.to_owned(), list_page("通知公告", rows, 1, 0)?));
    for path in ["/index.html", "/zwgk/index.html"] {
        pages.push((path.to_owned(), Page::new(HTML, hub(&site.articles).render()?)));
    }
    let contact = Contact {
        frame: Frame {
            title: "联系我们",
            column: None,
        },
    };
    pages.push((CONTACT.to_owned(), Page::new(HTML, contact.render()?)));
    let missing = Missing {
        frame: Frame {
            title: "页面不存在",
            column: None,
        },
    };
    pages.push((
        MISSING.to_owned(),
        Page {
            status: StatusCode::OK,
            ..Page::new(HTML, missing.render()?)
        },
    ));
    let robots = "User-agent: *\nDisallow: /was5/\nDisallow: /search/\n";
    pages.push(("/robots.txt".to_owned(), Page::new("text/plain", robots)));
    pages.push((
        "/images/trs_site.css".to_owned(),
        Page::new("text/css", include_str!("assets/site.css")),
    ));
    pages.push((
        "/images/page.js".to_owned(),
        Page::new("text/javascript", include_str!("assets/page.js")),
    ));
    for (path, page) in pages {
        site.add(path, page);
    }
    site.look_alikes = vec![CONTACT, NOTICES, MISSING];
    Ok(site)
}

/// Where a column lies; the news lie beside the open-government columns.
fn folder(column: &Column) -> String {
    if column.id == "xwzx" {
        "/xwzx/".to_owned()
    } else {
        format!("/zwgk/{}/", column.id)
    }
}

fn parent(column: &str) -> (&'static str, &'static str) {
    if column == "xwzx" {
        ("/xwzx/index.html", "新闻中心")
    } else {
        ("/zwgk/index.html", "政务公开")
    }
}

/// The address of an article from another article of its column, and its title.
fn sibling(article: &Article) -> (String, &'static str) {
    let below = article
        .path
        .strip_prefix(&folder(&article.column))
        .unwrap_or(&article.path);
    (format!("../{below}"), article.text.title)
}

fn detail<'a>(
    article: &'a Article,
    newer: Option<(String, &'a str)>,
    older: Option<(String, &'a str)>,
) -> Detail<'a> {
    let Article { text, column, .. } = article;
    Detail {
        frame: Frame {
            title: text.title,
            column: Some(column.name),
        },
        text,
        column_name: column.name,
        parent: parent(column.id),
        published: text.published.strftime("%Y-%m-%d %H:%M").to_string(),
        signed: text.signed.map(|day| day.to_string()).unwrap_or_default(),
        description: text
            .paragraphs
            .concat()
            .chars()
            .filter(|c| *c != '\t')
            .take(50)
            .collect(),
        blocks: blocks(&text.paragraphs),
        newer,
        older,
    }
}

/// The list pages of a column: `index.html`, `index_1.html` …, with nothing but a script to tell how many.
fn lists(column: &Column, articles: &[&Article]) -> Result<Vec<(String, Page)>, BuildError> {
    let folder = folder(column);
    let total = articles.len().div_ceil(PER_PAGE);
    let mut pages = Vec::new();
    for (current, part) in articles.chunks(PER_PAGE).enumerate() {
        let below = |path: &str| format!("./{}", path.strip_prefix(&folder).unwrap_or(path));
        let mut rows: Vec<_> = part
            .iter()
            .map(|article| row(article, below(&article.path)))
            .collect();
        if column.id == "xwzx" {
            rows.push(Row {
                href: below(MISSING),
                title: "县融媒体中心关于演播系统停机维护的公告".to_owned(),
                short: "县融媒体中心关于演播系统停机维护的公告".to_owned(),
                date: "2022-07-01".to_owned(),
            });
        }
        let file = if current == 0 {
            "index.html".to_owned()
        } else {
            format!("index_{current}.html")
        };
        pages.push((
            format!("{folder}{file}"),
            list_page(column.name, rows, total, current)?,
        ));
    }
    Ok(pages)
}

fn list_page(name: &str, rows: Vec<Row>, total: usize, current: usize) -> Result<Page, BuildError> {
    let columns: Vec<_> = texts::JINGXIAN
        .iter()
        .map(|column| (folder(column) + "index.html", column.name))
        .collect();
    let list = List {
        frame: Frame {
            title: name,
            column: Some(name),
        },
        column_name: name,
        parent: ("/zwgk/index.html", "政务公开"),
        columns: &columns,
        rows,
        total,
        current,
    };
    Ok(Page::new(HTML, list.render()?))
}

fn hub(articles: &[Article]) -> Hub<'_> {
    let columns = texts::JINGXIAN.iter().map(|column| {
        let latest = articles
            .iter()
            .filter(|article| article.column.id == column.id)
            .take(LATEST);
        HubColumn {
            href: folder(column) + "index.html",
            name: column.name,
            rows: latest.map(|article| row(article, article.path.clone())).collect(),
        }
    });
    Hub {
        frame: Frame {
            title: "政务公开",
            column: None,
        },
        columns: columns.collect(),
    }
}

fn row(article: &Article, href: String) -> Row {
    let title = article.text.title;
    let mut short: String = title.chars().take(SHORT).collect();
    if short.len() < title.len() {
        short.push('…');
    }
    Row {
        href,
        title: title.to_owned(),
        short,
        date: article.text.published.date().to_string(),
    }
}
