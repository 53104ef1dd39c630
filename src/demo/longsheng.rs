//! 龙胜各族自治县: a newer site found by its sitemaps (one of them compressed), `#zoom`, answers to conditional requests.

use std::io::Write;

use askama::Template;
use flate2::{Compression, GzBuilder};
use jiff::civil::DateTime;

use super::{
    blocks::{self, Block, blocks},
    site::{Article, BuildError, Page, Plan, Site, articles},
    texts::{self, Column, Text},
};

const HTML: &str = "text/html; charset=utf-8";
const XML: &str = "application/xml";
/// Other articles of the column that a page links to.
const RELATED: usize = 3;

const CONTACT: &str = "/zwgk/contact.html";
const NOTICES: &str = "/zwgk/tzgg/index.html";
const MISSING: &str = "/zwgk/ghjh/content_1154700000000000001.html";

struct Frame<'a> {
    title: &'a str,
    columns: &'a [Column],
}

#[derive(Template)]
#[template(path = "demo/longsheng/detail.html")]
struct Detail<'a> {
    frame: Frame<'a>,
    column: &'a Column,
    text: &'a Text,
    published: String,
    blocks: Vec<Block<'a>>,
    /// Whether line breaks stand for paragraphs.
    broken_lines: bool,
    related: Vec<(&'a str, &'a str)>,
}

struct Row<'a> {
    href: &'a str,
    title: &'a str,
    date: String,
}

#[derive(Template)]
#[template(path = "demo/longsheng/list.html")]
struct List<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    rows: Vec<Row<'a>>,
}

#[derive(Template)]
#[template(path = "demo/longsheng/plain.html")]
struct Plain<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    lines: &'a [&'a str],
}

/// Builds the portal for a port of loopback.
pub(super) fn build(port: u16) -> Result<Site, BuildError> {
    let articles = articles(texts::LONGSHENG, |column, text, number| {
        let digits = text.published.strftime("%Y%m%d%H%M");
        format!(
            "/zwgk/{}/content_1{digits}{:06}.html",
            column.id,
            number * 4_099 + 17
        )
    })?;
    let plan = Plan {
        comment: "示例门户：由 sitemap.xml 发现页面，支持条件请求",
        seeds: vec!["/sitemap.xml".to_owned()],
        family: "sitemap",
        allow: &["/zwgk/", "/sitemap"],
    };
    let mut site = Site::new(
        "longsheng",
        "龙胜各族自治县人民政府门户网站（示例）",
        "450328",
        port,
        plan,
        articles,
    );
    let newest = site
        .articles
        .iter()
        .map(|article| article.text.published)
        .max()
        .unwrap_or(DateTime::MIN);
    let mut pages = Vec::new();
    for article in &site.articles {
        let page = Page::new(HTML, detail(article, &site.articles).render()?);
        pages.push((article.path.clone(), page.modified(article.text.published)?));
    }
    for column in texts::LONGSHENG {
        pages.push((
            format!("/zwgk/{}/index.html", column.id),
            list(column.name, column.id, &site.articles)?,
        ));
    }
    pages.push((NOTICES.to_owned(), list("通知公告", "ghjh", &site.articles)?));
    let contact = [
        "地址：示例大道3号",
        "电话：0000-0000021",
        "电子邮箱：请使用网站互动栏目",
        "邮政编码：000000",
    ];
    pages.push((CONTACT.to_owned(), plain("联系我们", &contact)?));
    let missing = ["抱歉，您访问的页面不存在。", "该内容可能已经下线，请返回首页。"];
    pages.push((MISSING.to_owned(), plain("404", &missing)?));
    let home = ["本站为示例站点，请从上方栏目进入。"];
    pages.push((
        "/index.html".to_owned(),
        plain("龙胜各族自治县人民政府（示例站点）", &home)?,
    ));

    let base = site.base_url();
    let robots = format!(
        "User-agent: *\nDisallow: /search/\nDisallow: /admin/\nDisallow: /*.action$\n\nSitemap: {base}/sitemap.xml\n"
    );
    pages.push((
        "/robots.txt".to_owned(),
        Page::new("text/plain; charset=utf-8", robots),
    ));
    let day = newest.date().to_string();
    let columns = texts::LONGSHENG
        .iter()
        .map(|column| (format!("{base}/zwgk/{}/", column.id), day.clone()));
    let others = [NOTICES, CONTACT, MISSING].map(|path| (format!("{base}{path}"), day.clone()));
    let reports = site.articles.iter().map(|article| {
        (
            format!("{base}{}", article.path),
            article.text.published.date().to_string(),
        )
    });
    let children = ["/sitemap-columns.xml", "/sitemap-articles.xml.gz"]
        .map(|path| (format!("{base}{path}"), day.clone()));
    let sitemaps = [
        (
            "/sitemap.xml",
            Page::new(XML, sitemap(("sitemapindex", "sitemap"), children)),
        ),
        (
            "/sitemap-columns.xml",
            Page::new(XML, sitemap(("urlset", "url"), columns.chain(others))),
        ),
        (
            "/sitemap-articles.xml.gz",
            Page::new("application/gzip", gzip(&sitemap(("urlset", "url"), reports))?),
        ),
    ];
    for (path, page) in sitemaps {
        pages.push((path.to_owned(), page.modified(newest)?));
    }
    pages.push((
        "/static/css/app.css".to_owned(),
        Page::new("text/css", include_str!("assets/site.css")),
    ));
    for (path, page) in pages {
        site.add(path, page);
    }
    site.look_alikes = vec![CONTACT, NOTICES, MISSING];
    Ok(site)
}

fn detail<'a>(article: &'a Article, articles: &'a [Article]) -> Detail<'a> {
    let Article {
        text, column, number, ..
    } = article;
    let others = articles
        .iter()
        .filter(|other| other.column.id == column.id && other.number != *number);
    Detail {
        frame: Frame {
            title: text.title,
            columns: texts::LONGSHENG,
        },
        column,
        text,
        published: text.published.strftime("%Y-%m-%d %H:%M").to_string(),
        blocks: blocks(&text.paragraphs),
        broken_lines: number % 3 == 2,
        related: others
            .take(RELATED)
            .map(|other| (other.path.as_str(), other.text.title))
            .collect(),
    }
}

/// One list page with every article of a column.
fn list(heading: &str, column: &str, articles: &[Article]) -> Result<Page, BuildError> {
    let of_column = articles.iter().filter(|article| article.column.id == column);
    let newest = of_column
        .clone()
        .map(|article| article.text.published)
        .max()
        .unwrap_or(DateTime::MIN);
    let rows = of_column.map(|article| Row {
        href: &article.path,
        title: article.text.title,
        date: article.text.published.date().to_string(),
    });
    let list = List {
        frame: Frame {
            title: heading,
            columns: texts::LONGSHENG,
        },
        heading,
        rows: rows.collect(),
    };
    Page::new(HTML, list.render()?).modified(newest)
}

fn plain(heading: &str, lines: &[&str]) -> Result<Page, BuildError> {
    let frame = Frame {
        title: heading,
        columns: texts::LONGSHENG,
    };
    Ok(Page::new(
        HTML,
        Plain {
            frame,
            heading,
            lines,
        }
        .render()?,
    ))
}

/// A sitemap (sitemaps.org, protocol 0.9) of addresses with their last change; the addresses need no escaping.
fn sitemap((root, entry): (&str, &str), urls: impl IntoIterator<Item = (String, String)>) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    );
    for (url, day) in urls {
        xml += &format!("<{entry}><loc>{url}</loc><lastmod>{day}</lastmod></{entry}>\n");
    }
    xml + &format!("</{root}>\n")
}

fn gzip(text: &str) -> Result<Vec<u8>, BuildError> {
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).map_err(BuildError::Compress)?;
    encoder.finish().map_err(BuildError::Compress)
}
