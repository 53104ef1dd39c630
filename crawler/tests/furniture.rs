//! What stands around a document, and how the page is built, does not change the text.
//!
//! One invented document is put into pages that differ in markup and in furniture; the text must come out the same,
//! line by line.

use crawler::{Hints, Media, Source, extract};
use proptest::{prelude::*, sample::subsequence};

const TITLE: &str = "清河县2022年法治政府建设情况报告";

/// Paragraphs, headings, a signature: as many as a case takes, from the first.
const PARAGRAPHS: &[&str] = &[
    "2022年，在县委的坚强领导下，全县深入推进依法行政，法治政府建设取得新的成效，现将有关情况报告如下。",
    "一、主要工作",
    "（一）健全制度",
    "全年制定规范性文件6件，审查合同41份，废止与上位法不一致的文件3件，全部按照规定备案。",
    "县政府常务会议专题研究依法行政工作4次，听取有关部门报告，及时解决困难和问题；组织领导干部学法8次，参加人数达到320人。",
    "（二）规范执法",
    "开展行政执法案卷评查，抽查案卷120本，对发现的问题逐项整改。推行说理式执法，群众满意度明显提高。",
    "二、存在的问题",
    "有的部门对法治建设重视不够，执法力量不足，基层法治机构人员少、任务重的矛盾还比较突出。",
    "三、下一步打算",
    "继续加强队伍建设，完善考核办法，把法治建设成效纳入年度考核，推动各项任务落到实处，为全县高质量发展提供保障。",
    "清河县人民政府",
    "2023年2月10日",
];

/// How the page is built.
#[derive(Clone, Copy, Debug)]
enum Markup {
    Paragraphs,
    Breaks,
    Divs,
    /// Every paragraph in boxes of its own.
    Boxes,
    Rows,
    Unclosed,
    Spans,
    Bare,
}

const MARKUPS: &[Markup] = &[
    Markup::Paragraphs,
    Markup::Breaks,
    Markup::Divs,
    Markup::Boxes,
    Markup::Rows,
    Markup::Unclosed,
    Markup::Spans,
    Markup::Bare,
];

/// What stands around the document.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Furniture {
    Navigation,
    SidebarBefore,
    SidebarAfter,
    Hot,
    Feed,
    Comments,
    Footer,
    /// Behind the last paragraph, in the same element.
    Related,
    Neighbours,
    Share,
    /// Between two paragraphs.
    Box,
}

const FURNITURE: &[Furniture] = &[
    Furniture::Navigation,
    Furniture::SidebarBefore,
    Furniture::SidebarAfter,
    Furniture::Hot,
    Furniture::Feed,
    Furniture::Comments,
    Furniture::Footer,
    Furniture::Related,
    Furniture::Neighbours,
    Furniture::Share,
    Furniture::Box,
];

const NEWS: &[&str] = &[
    "全县春耕备耕工作现场会在城关镇召开",
    "县领导调研重点项目建设情况",
    "我县举办第三届群众文化艺术节",
    "清河县多措并举优化营商环境",
    "县委理论学习中心组开展专题学习",
    "我县中小学校园安全检查全面展开",
    "清河县入选全省农村公路示范县",
    "全县安全生产工作会议召开",
];

fn list(n: usize, item: impl Fn(usize, &str) -> String) -> String {
    (0..n).map(|at| item(at, NEWS[at % NEWS.len()])).collect()
}

fn furniture(kind: Furniture) -> String {
    match kind {
        Furniture::Navigation => {
            let items = list(60, |at, _| format!("<li><a href='/c{at}/'>栏目{at}</a></li>"));
            format!("<div><ul>{items}</ul></div>")
        }
        Furniture::SidebarBefore | Furniture::SidebarAfter => {
            let items = list(15, |at, title| format!("<li><a href='/n/{at}.html'>{title}</a></li>"));
            format!("<div><div>要闻</div><ul>{items}</ul></div>")
        }
        Furniture::Hot => {
            let items = list(8, |at, title| {
                format!("<li><a href='/h/{at}.html'>{title}，群众纷纷点赞！请看本台记者发来的报道</a></li>")
            });
            format!("<div><h3>热门</h3><ul>{items}</ul></div>")
        }
        Furniture::Feed => list(5, |at, title| {
            format!(
                "<div><h3><a href='/f/{at}.html'>{title}</a></h3><p>本报讯 {title}，有关部门负责人参加，会议对下一阶段工作作出部署，要求抓好落实。</p><span>2023-03-1{at}</span></div>"
            )
        }),
        Furniture::Comments => {
            let items = list(5, |at, _| {
                format!(
                    "<div><span>网友{at}</span><span>2023-03-1{at} 10:2{at}</span><p>写得很好，希望多做一些实事，让大家都得到实惠！</p><a href='#'>回复</a> <a href='#'>赞(3)</a></div>"
                )
            });
            format!("<div><h3>网友评论</h3>{items}</div>")
        }
        Furniture::Footer => "<div><p>主办：清河县人民政府办公室　承办：清河县大数据中心</p><p>网站标识码：1305340001　冀ICP备05000000号-1</p>\
             <p>地址：清河县长江西街1号　邮编：054800　联系电话：0319-0000000</p><p>版权所有，未经书面授权禁止转载、摘编、复制或建立镜像。如有违反，追究法律责任。</p>\
             <p><a href=a>网站地图</a> | <a href=b>关于我们</a></p></div>"
            .to_owned(),
        Furniture::Related => {
            let items = list(5, |at, title| format!("<p>·<a href='/r/{at}.html'>{title}</a> 2023-03-0{at}</p>"));
            format!("<p>相关新闻：</p>{items}")
        }
        Furniture::Neighbours => {
            "<div>上一篇：<a href=1>关于做好春季防火工作的通知</a></div><div>下一篇：<a href=2>没有了</a></div>".to_owned()
        }
        Furniture::Share => "<div>分享到：<a href=a>微信</a><a href=b>微博</a><a href=c>QQ空间</a></div>".to_owned(),
        Furniture::Box => {
            let items = list(4, |at, title| format!("<li><a href='/b/{at}.html'>{title}</a></li>"));
            format!("<div><b>相关阅读</b><ul>{items}</ul></div>")
        }
    }
}

/// A page with the first paragraphs of the document.
fn page(markup: Markup, around: &[Furniture], paragraphs: usize, wrappers: usize) -> String {
    let has = |kind| around.contains(&kind);
    let put = |kind| if has(kind) { furniture(kind) } else { String::new() };
    let mut body = String::new();
    for (at, text) in PARAGRAPHS[..paragraphs].iter().enumerate() {
        if at == 4 && paragraphs > 8 {
            body.push_str(&put(Furniture::Box));
        }
        body.push_str(&match markup {
            Markup::Paragraphs => format!("<p>{text}</p>\n"),
            Markup::Breaks | Markup::Bare => format!("　　{text}<br>\n<br>"),
            Markup::Divs => format!("<div>{text}</div>"),
            Markup::Boxes => format!("<div><div><div><p>{text}</p></div></div></div>"),
            Markup::Rows => format!("<tr><td>{text}</td></tr>"),
            Markup::Unclosed => format!("<p>{text}"),
            Markup::Spans => {
                let spans: String = text
                    .chars()
                    .map(|c| format!("<span lang=EN-US>{c}</span>"))
                    .collect();
                format!("<p>{spans}</p>")
            }
        });
    }
    let body = match markup {
        Markup::Rows => format!("<table>{body}</table>"),
        _ => body,
    };
    let body = format!("{body}{}{}", put(Furniture::Share), put(Furniture::Related));
    let head = format!("<h1>{TITLE}</h1><div>发布日期：2023-02-15 09:30　来源：县司法局　浏览次数：35</div>");
    let text = match markup {
        Markup::Bare => format!("{head}{body}"),
        _ => format!("<div>{head}<div>{body}</div></div>"),
    };
    let (open, close) = ("<div>".repeat(wrappers), "</div>".repeat(wrappers));
    format!(
        "<html><head><title>{TITLE}_清河县人民政府</title></head><body>{open}{}{}{text}{}{}{}{}{}{}{close}</body></html>",
        put(Furniture::Navigation),
        put(Furniture::SidebarBefore),
        put(Furniture::Neighbours),
        put(Furniture::SidebarAfter),
        put(Furniture::Hot),
        put(Furniture::Feed),
        put(Furniture::Comments),
        put(Furniture::Footer),
    )
}

fn text(html: &str) -> String {
    let source = Source {
        url: "https://www.qinghe.example/zwgk/1.html",
        media: Media::Html,
        bytes: html.as_bytes(),
        charset: None,
    };
    extract(&source, &Hints::default()).map_or_else(|error| error.to_string(), |content| content.text)
}

#[test]
fn one_piece_of_furniture_changes_nothing() {
    let mut wrong = Vec::new();
    for markup in MARKUPS {
        for paragraphs in [2, 4, 7, PARAGRAPHS.len()] {
            let expected = PARAGRAPHS[..paragraphs].join("\n");
            let alone = FURNITURE.iter().map(std::slice::from_ref);
            for around in alone.chain([&[][..], FURNITURE]) {
                let found = text(&page(*markup, around, paragraphs, 1));
                if found != expected {
                    wrong.push(format!("{markup:?} {paragraphs} {around:?}:\n{found}\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} pages\n{}", wrong.len(), wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn furniture_and_markup_do_not_change_the_text(
        markup in proptest::sample::select(MARKUPS),
        around in subsequence(FURNITURE, 0..=FURNITURE.len()),
        paragraphs in 2..=PARAGRAPHS.len(),
        wrappers in 0_usize..6,
        upper in any::<bool>(),
    ) {
        let mut html = page(markup, &around, paragraphs, wrappers);
        if upper {
            html = html.replace("<div", "<DIV").replace("</div", "</DIV").replace("<p>", "<P>").replace("<li", "<LI");
        }
        prop_assert_eq!(text(&html), PARAGRAPHS[..paragraphs].join("\n"));
    }
}
