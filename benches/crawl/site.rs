//! The pages that are crawled: invented reports in the dress of a portal, the same in every run.
//!
//! A report is put together from the paragraphs of the sample portals, 3,000 to 6,000 characters long, and stands in
//! a page of 30 to 60 kB with the styles, scripts and links of a usual template. A quarter of the pages is in GBK.
//! Pages are made once; only title and number are written into them when they are asked for.

use std::fmt::Write;

/// How much there is on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// A usual page.
    Full,
    /// Some lines and nothing around them: what is left is the cost of visiting a page.
    Light,
}

impl Weight {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Light => "light",
        }
    }

    pub(crate) fn of(code: &str) -> Self {
        if code == "light" { Self::Light } else { Self::Full }
    }
}

/// Reports that one list page shows.
const PER_LIST: usize = 20;

/// Different pages; beyond these, only title and number differ.
const DIFFERENT: usize = 256;

const FOLDER: &str = "/zwgk/fzzf/";

const TEXTS: &[&str] = &[
    include_str!("../../src/demo/texts/jingxian/fzzf.txt"),
    include_str!("../../src/demo/texts/jingxian/gzbg.txt"),
    include_str!("../../src/demo/texts/longsheng/fzzf.txt"),
    include_str!("../../src/demo/texts/longsheng/ghjh.txt"),
    include_str!("../../src/demo/texts/longsheng/gzbg.txt"),
    include_str!("../../src/demo/texts/yushe/fzzf.txt"),
    include_str!("../../src/demo/texts/yushe/ghjh.txt"),
    include_str!("../../src/demo/texts/yushe/gzbg.txt"),
];

const COUNTIES: &[&str] = &[
    "泾县",
    "榆社县",
    "龙胜县",
    "常宁市",
    "平罗县",
    "新津区",
    "桐城市",
    "望江县",
    "沁源县",
    "灵川县",
    "南陵县",
    "左权县",
];

const BODIES: &[&str] = &[
    "司法局",
    "财政局",
    "教育局",
    "民政局",
    "水利局",
    "商务局",
    "审计局",
    "统计局",
    "林业局",
    "应急管理局",
];

const HEADINGS: &[&str] = &[
    "一、主要工作开展情况",
    "二、主要做法和成效",
    "三、存在的问题和不足",
    "四、下一步工作打算",
];

/// All portals; they differ by titles and in which page stands where.
pub(crate) struct Site {
    templates: Vec<Template>,
    reports: usize,
}

/// A page, cut where title and number go in.
struct Template {
    pieces: Vec<Vec<u8>>,
    is_gbk: bool,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Site {
    /// Portals of so many reports each.
    pub(crate) fn new(reports: usize, weight: Weight) -> Self {
        let paragraphs = paragraphs();
        let templates = (0..DIFFERENT.min(reports.max(1) * 64))
            .map(|number| template(number, weight, &paragraphs))
            .collect();
        Self { templates, reports }
    }

    /// Pages of a portal: lists and reports.
    pub(crate) fn n_pages(&self) -> usize {
        self.reports + self.n_lists()
    }

    pub(crate) fn n_lists(&self) -> usize {
        self.reports.div_ceil(PER_LIST).max(1)
    }

    /// Path of the first list page.
    pub(crate) fn seed() -> String {
        format!("{FOLDER}index.html")
    }

    /// What a portal answers; `None` for what it does not have.
    pub(crate) fn answer(&self, host: usize, path: &str) -> Option<Answer> {
        if path == "/robots.txt" {
            return Some(Answer {
                content_type: "text/plain",
                body: b"User-agent: *\nDisallow: /admin/\n".to_vec(),
            });
        }
        let name = path.strip_prefix(FOLDER)?;
        if let Some((_, rest)) = name.split_once("/t") {
            let number: usize = rest.strip_suffix(".html")?.split_once('_')?.1.parse().ok()?;
            return (number < self.reports).then(|| self.report(host, number));
        }
        let page = match name {
            "" | "index.html" => 0,
            _ => name.strip_prefix("index_")?.strip_suffix(".html")?.parse().ok()?,
        };
        (page < self.n_lists()).then(|| Answer {
            content_type: "text/html; charset=utf-8",
            body: self.list(host, page).into_bytes(),
        })
    }

    /// The report pages themselves, for measuring a stage alone.
    pub(crate) fn reports(&self, host: usize) -> impl Iterator<Item = Vec<u8>> {
        (0..self.reports).map(move |number| self.report(host, number).body)
    }

    fn report(&self, host: usize, number: usize) -> Answer {
        let template = &self.templates[(host * 37 + number) % self.templates.len()];
        let title = title(host, number);
        let title = if template.is_gbk {
            encoding_rs::GBK.encode(&title).0.into_owned()
        } else {
            title.into_bytes()
        };
        let mut body = Vec::with_capacity(64 << 10);
        for (at, piece) in template.pieces.iter().enumerate() {
            if at > 0 {
                body.extend_from_slice(&title);
            }
            body.extend_from_slice(piece);
        }
        Answer {
            content_type: "text/html",
            body,
        }
    }

    fn list(&self, host: usize, page: usize) -> String {
        let mut html = String::with_capacity(16 << 10);
        let title = "法治政府建设";
        html.push_str(&head(title, "utf-8", &chrome_style(7)));
        html.push_str(&navigation(7));
        html.push_str("<div class=\"list\"><ul>\n");
        for number in (page * PER_LIST)..((page + 1) * PER_LIST).min(self.reports) {
            let _ = writeln!(
                html,
                "<li><a href=\"{}\" title=\"{title}\">{title}</a><span>2024-{:02}-{:02}</span></li>",
                path(number),
                number % 12 + 1,
                number % 28 + 1,
                title = title_of_row(host, number),
            );
        }
        html.push_str("</ul><div class=\"page\">");
        if page + 1 < self.n_lists() {
            let _ = write!(html, "<a href=\"{FOLDER}index_{}.html\">下一页</a>", page + 1);
        }
        html.push_str("</div></div>\n");
        html.push_str(&footer());
        html
    }
}

fn path(number: usize) -> String {
    format!(
        "{FOLDER}2024{:02}/t202403{:02}_{number}.html",
        number % 12 + 1,
        number % 28 + 1
    )
}

fn title(host: usize, number: usize) -> String {
    format!(
        "{}{}{}年度法治政府建设工作情况报告(第{number}号)",
        COUNTIES[host % COUNTIES.len()],
        BODIES[number % BODIES.len()],
        2015 + number % 10,
    )
}

fn title_of_row(host: usize, number: usize) -> String {
    title(host, number)
}

fn paragraphs() -> Vec<&'static str> {
    let mut paragraphs = Vec::new();
    for text in TEXTS {
        for report in text.split("=====") {
            let body = report.split_once("\n\n").map_or("", |(_, body)| body);
            paragraphs.extend(
                body.lines()
                    .filter(|line| line.chars().count() > 60 && !line.contains('\t')),
            );
        }
    }
    paragraphs
}

/// Stands in a page where the title goes.
const HOLE: &str = "\u{1}";

fn template(number: usize, weight: Weight, paragraphs: &[&str]) -> Template {
    let mut random = Random(number as u64 + 1);
    let is_gbk = number % 4 == 3;
    let charset = if is_gbk { "gb2312" } else { "utf-8" };
    let is_full = weight == Weight::Full;
    let mut html = head(
        HOLE,
        charset,
        if is_full {
            chrome_style(number)
        } else {
            String::new()
        }
        .as_str(),
    );
    if is_full {
        html.push_str(&navigation(number));
    }
    let _ = write!(
        html,
        "<div class=\"main\"><div class=\"crumbs\">当前位置:<a href=\"/\">首页</a> &gt; <a href=\"{FOLDER}\">法治政府建设</a></div>\n\
         <h1 class=\"title\">{HOLE}</h1><div class=\"info\"><span>发布时间:2024-03-{:02} 09:{:02}</span><span>来源:县司法局</span>\
         <span>浏览次数:<i id=\"hits\"></i></span><span>字体:[大 中 小]</span></div>\n<div class=\"content\" id=\"zoom\">\n",
        number % 28 + 1,
        number % 60,
    );
    let wanted = if is_full { 3000 + random.below(3000) } else { 200 };
    let mut n_chars = 0;
    let paragraph = |html: &mut String, text: &str| {
        let _ = writeln!(
            html,
            "<p style=\"text-indent:2em;line-height:28pt;margin:0cm 0cm 0pt;text-align:justify\"><span style=\"font-family:仿宋_GB2312;\
             font-size:16pt\">{text}</span></p>"
        );
        text.chars().count()
    };
    for (at, heading) in HEADINGS.iter().enumerate() {
        n_chars += paragraph(&mut html, heading);
        while n_chars < wanted * (at + 1) / HEADINGS.len() {
            n_chars += paragraph(&mut html, paragraphs[random.below(paragraphs.len())]);
        }
    }
    paragraph(&mut html, "县司法局");
    paragraph(&mut html, "2024年1月21日");
    html.push_str("</div>\n<div class=\"share\"><a href=\"javascript:window.print()\">打印</a><a href=\"javascript:window.close()\">关闭</a></div></div>\n");
    html.push_str(&footer());
    let bytes = if is_gbk {
        encoding_rs::GBK.encode(&html).0.into_owned()
    } else {
        html.into_bytes()
    };
    let pieces = bytes
        .split(|byte| *byte == HOLE.as_bytes()[0])
        .map(<[u8]>::to_vec)
        .collect();
    Template { pieces, is_gbk }
}

fn head(title: &str, charset: &str, style: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset={charset}\">\n<title>{title}</title>\n\
         <meta name=\"SiteName\" content=\"县人民政府门户网站\">\n<meta name=\"ColumnName\" content=\"法治政府建设\">\n{style}</head>\n<body>\n"
    )
}

/// Styles and scripts, as they stand in pages.
fn chrome_style(number: usize) -> String {
    let mut style = String::from("<style type=\"text/css\">\n");
    for rule in 0..60 + number % 60 {
        let _ = writeln!(
            style,
            ".col-{rule} .item{{float:left;width:{}px;height:30px;line-height:30px;background:url(/images/bg{rule}.png) no-repeat 0 0;color:#333}}",
            rule * 7 % 400
        );
    }
    style.push_str("</style>\n<script type=\"text/javascript\">\n");
    for function in 0..30 + number % 30 {
        let _ = writeln!(
            style,
            "function show{function}(id){{var e=document.getElementById('tab'+id);if(e&&e.style.display=='none'){{e.style.display='block'}}else{{e.style.display='none'}}}}"
        );
    }
    style.push_str("</script>\n");
    style
}

fn navigation(number: usize) -> String {
    const COLUMNS: &[&str] = &[
        "首页",
        "政务公开",
        "政府信息公开指南",
        "办事服务",
        "互动交流",
        "走进本县",
        "机构设置",
        "领导之窗",
        "人事信息",
        "规划计划",
        "统计数据",
        "财政资金",
        "重点领域",
        "公共监管",
        "应急管理",
        "建议提案",
        "政策解读",
        "新闻发布",
    ];
    let mut html = String::from(
        "<div class=\"header\"><div class=\"logo\"><img src=\"/images/logo.png\" alt=\"县人民政府门户网站\"></div><ul class=\"nav\">\n",
    );
    for at in 0..90 + number % 50 {
        let column = COLUMNS[at % COLUMNS.len()];
        let _ = writeln!(
            html,
            "<li class=\"col-{at}\"><a href=\"http://www.example.com/zwgk/lm{at}/\" target=\"_blank\">{column}</a></li>"
        );
    }
    html.push_str("</ul></div>\n");
    html
}

fn footer() -> String {
    "<div class=\"footer\"><p>主办:县人民政府办公室 承办:县政务服务数据管理局</p><p>网站标识码:3418230001 皖ICP备05000000号 \
     皖公网安备34182302000000号</p><p>联系电话:0563-0000000 地址:县城稼祥路1号</p></div>\n</body></html>\n"
        .to_owned()
}

/// SplitMix64: the same pages in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}
