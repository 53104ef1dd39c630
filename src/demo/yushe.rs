//! 榆社县: an old static site in GBK, tables for layout, 下一页 in its lists, headers that lie about the encoding.

use askama::Template;
use encoding_rs::GBK;

use super::{
    blocks::{self, Block, blocks},
    site::{Article, BuildError, Page, Plan, Site, articles},
    texts::{self, Column, Text},
};

const PER_PAGE: usize = 4;

const CONTACT: &str = "/zwgk/lxfs.html";
const NOTICES: &str = "/zwgk/tzgg/index.html";
const MISSING: &str = "/zwgk/2022-05/16/content_990.html";

/// How a page declares its encoding; all are GBK in truth.
#[derive(Clone, Copy)]
enum Declared {
    /// `gb2312` in the page, nothing in the header.
    InPage,
    /// `utf-8` in the header, `gb2312` in the page.
    WronglyInHeader,
    /// `GBK` in the header, nothing in the page.
    InHeader,
}

#[derive(Template)]
#[template(path = "demo/yushe/detail.html")]
struct Detail<'a> {
    title: &'a str,
    meta_charset: bool,
    columns: &'a [Column],
    column: &'a Column,
    text: &'a Text,
    published: String,
    blocks: Vec<Block<'a>>,
    /// Whether the text looks as if pasted from a word processor.
    word: bool,
}

struct Row {
    href: String,
    title: String,
    date: String,
}

#[derive(Template)]
#[template(path = "demo/yushe/list.html")]
struct List<'a> {
    title: &'a str,
    meta_charset: bool,
    columns: &'a [Column],
    column_name: &'a str,
    rows: Vec<Row>,
    count: usize,
    current: usize,
    total: usize,
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "demo/yushe/plain.html")]
struct Plain<'a> {
    title: &'a str,
    meta_charset: bool,
    columns: &'a [Column],
    heading: &'a str,
    lines: &'a [&'a str],
}

/// Builds the portal for a port of loopback.
pub(super) fn build(port: u16) -> Result<Site, BuildError> {
    let articles = articles(texts::YUSHE, |_, text, number| {
        format!(
            "/zwgk/{}/content_{}.html",
            text.published.strftime("%Y-%m/%d"),
            1_102 + number * 7
        )
    })?;
    let plan = Plan {
        comment: "示例门户：静态老站，GBK 编码，列表靠“下一页”翻页",
        seeds: texts::YUSHE
            .iter()
            .map(|column| format!("/zwgk/{}/index.html", column.id))
            .collect(),
        family: "static",
        allow: &["/zwgk/"],
    };
    let mut site = Site::new(
        "yushe",
        "榆社县人民政府网站（示例）",
        "140721",
        port,
        plan,
        articles,
    );
    let mut pages = Vec::new();
    for article in &site.articles {
        pages.push((article.path.clone(), detail(article)?));
    }
    for column in texts::YUSHE {
        let of_column: Vec<_> = site
            .articles
            .iter()
            .filter(|article| article.column.id == column.id)
            .collect();
        pages.extend(lists(column, &of_column)?);
    }
    let notices = site.articles.iter().filter(|article| article.column.id == "ghjh");
    let notices: Vec<_> = notices
        .map(|article| row(article, article.path.clone()))
        .collect();
    pages.push((NOTICES.to_owned(), list_page("通知公告", notices, (1, 1), 0)?));
    let contact = [
        "地址：示例街2号县政府院内",
        "电话：0000-0000011",
        "传真：0000-0000012",
        "值班时间：全天",
    ];
    pages.push((CONTACT.to_owned(), plain("联系方式", &contact)?));
    let missing = [
        "对不起，您访问的页面不存在或者已经删除。",
        "请点击网站首页重新查找。",
    ];
    pages.push((MISSING.to_owned(), plain("系统提示", &missing)?));
    let home = ["本站为示例站点，栏目见左侧。"];
    pages.push((
        "/index.html".to_owned(),
        plain("榆社县人民政府（示例站点）", &home)?,
    ));
    let robots = "User-agent: *\r\nDisallow: /admin/\r\n";
    pages.push(("/robots.txt".to_owned(), Page::new("text/plain", robots)));
    pages.push((
        "/css/main.css".to_owned(),
        Page::new("text/css", include_str!("assets/site.css")),
    ));
    for (path, page) in pages {
        site.add(path, page);
    }
    site.look_alikes = vec![CONTACT, NOTICES, MISSING];
    Ok(site)
}

impl Declared {
    fn of(number: usize) -> Self {
        match number % 3 {
            0 => Self::WronglyInHeader,
            1 => Self::InPage,
            _ => Self::InHeader,
        }
    }

    fn is_in_page(self) -> bool {
        !matches!(self, Self::InHeader)
    }

    fn page(self, html: &str) -> Page {
        let content_type = match self {
            Self::InPage => "text/html",
            Self::WronglyInHeader => "text/html; charset=utf-8",
            Self::InHeader => "text/html; charset=GBK",
        };
        Page::new(content_type, GBK.encode(html).0.into_owned())
    }
}

fn detail(article: &Article) -> Result<Page, BuildError> {
    let Article {
        text, column, number, ..
    } = article;
    let declared = Declared::of(*number);
    let detail = Detail {
        title: text.title,
        meta_charset: declared.is_in_page(),
        columns: texts::YUSHE,
        column,
        text,
        published: text.published.strftime("%Y-%m-%d %H:%M").to_string(),
        blocks: blocks(&text.paragraphs),
        word: number % 4 == 1,
    };
    Ok(declared.page(&detail.render()?))
}

/// The list pages of a column: `index.html`, `index_2.html` …, linked by 下一页.
fn lists(column: &Column, articles: &[&Article]) -> Result<Vec<(String, Page)>, BuildError> {
    let total = articles.len().div_ceil(PER_PAGE);
    let mut pages = Vec::new();
    for (at, part) in articles.chunks(PER_PAGE).enumerate() {
        let below = |path: &str| format!("..{}", path.strip_prefix("/zwgk").unwrap_or(path));
        let mut rows: Vec<_> = part
            .iter()
            .map(|article| row(article, below(&article.path)))
            .collect();
        if column.id == "xwzx" {
            rows.push(Row {
                href: below(MISSING),
                title: "县城供水管网抢修停水的提示".to_owned(),
                date: "2022-05-16".to_owned(),
            });
        }
        let page = list_page(column.name, rows, (at + 1, total), articles.len())?;
        pages.push((format!("/zwgk/{}/{}", column.id, list_file(at + 1)), page));
    }
    Ok(pages)
}

fn list_file(number: usize) -> String {
    if number == 1 {
        "index.html".to_owned()
    } else {
        format!("index_{number}.html")
    }
}

fn list_page(
    name: &str,
    rows: Vec<Row>,
    (current, total): (usize, usize),
    count: usize,
) -> Result<Page, BuildError> {
    let list = List {
        title: name,
        meta_charset: true,
        columns: texts::YUSHE,
        column_name: name,
        count: count.max(rows.len()),
        rows,
        current,
        total,
        previous: (current > 1).then(|| list_file(current - 1)),
        next: (current < total).then(|| list_file(current + 1)),
    };
    Ok(Declared::InPage.page(&list.render()?))
}

fn plain(heading: &str, lines: &[&str]) -> Result<Page, BuildError> {
    let plain = Plain {
        title: heading,
        meta_charset: true,
        columns: texts::YUSHE,
        heading,
        lines,
    };
    Ok(Declared::InPage.page(&plain.render()?))
}

fn row(article: &Article, href: String) -> Row {
    Row {
        href,
        title: article.text.title.to_owned(),
        date: article.text.published.date().to_string(),
    }
}
