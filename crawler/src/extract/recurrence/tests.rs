//! What is learned from pages, and what it does to a page.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*, sample};

use super::{super::Hints, *};
use crate::extract::{Content, Media, Source, extract, sketch};

const SLOGAN: &str = "清正廉洁向前走　清河大地展新颜";
const ABOVE: &str = "清河县政务公开数字服务窗口";

/// A document: its title, and text that no other has.
fn body(n: usize) -> String {
    format!(
        "<p>第{n}号河段治理工作按期完成，沿线群众反映良好，水质稳定达标，投诉量比上年下降{n}件。</p>\
         <p>下一步，将围绕第{n}号河段继续完善制度，强化监督检查，确保各项措施落到实处、见到成效。</p>"
    )
}

fn titled(n: usize) -> String {
    format!("清河县第{n}号河段治理情况的报告")
}

fn source(html: &str) -> Source<'_> {
    Source {
        url: "https://www.qinghe.example/1.html",
        media: Media::Html,
        bytes: html.as_bytes(),
        charset: None,
    }
}

fn sketches(pages: impl IntoIterator<Item = String>) -> Vec<Sketch> {
    let hints = Hints::default();
    let sketches = pages
        .into_iter()
        .map(|page| sketch(&source(&page), &hints).unwrap());
    sketches.collect()
}

fn read(html: &str, lines: BTreeSet<String>) -> Content {
    let hints = Hints {
        profile: Some(Arc::new(Profile::new(lines))),
        ..Hints::default()
    };
    extract(&source(html), &hints).unwrap()
}

/// A page of a template with a line above the title and one below the text, both in the container.
fn page(n: usize, below: &str) -> String {
    let title = titled(n);
    format!(
        "<title>{title}</title><div id='zoom'><p>{ABOVE}</p><h1>{title}</h1>{}{below}</div>",
        body(n)
    )
}

#[test]
fn lines_of_the_template_are_learned_and_taken_off() {
    let slogan = format!("<p>{SLOGAN}</p>");
    let learned = learn(&sketches((0..MIN_PAGES).map(|n| page(n, &slogan))));
    assert_eq!(learned, [compact(SLOGAN), ABOVE.to_owned()].into());

    let with = read(&page(99, &slogan), learned.clone());
    assert_eq!(with.title, Some(titled(99)));
    assert_eq!(with.text.lines().count(), 2, "{}", with.text);
    // With a signature on the inner side and a button on the outer one, and without a title in the page.
    let below = format!("<p>清河县水利局</p><p>2024年1月20日</p><p>{SLOGAN}</p><p>打印本页</p>");
    let untitled = format!("<div id='zoom'><p>{ABOVE}</p>{}{below}</div>", body(7));
    let with = read(&untitled, learned.clone());
    assert_eq!(with.title, None);
    assert_eq!(with.text.lines().count(), 4, "{}", with.text);
    assert!(with.text.ends_with("2024年1月20日"));

    // Between lines of text it stays, and nothing else is lost.
    let inside = format!("<p>{SLOGAN}</p><p>全体干部职工要以此为座右铭，长期坚持，见诸行动。</p>");
    let without = read(&page(99, &inside), BTreeSet::new());
    assert_eq!(read(&page(99, &inside), learned.clone()), without);
    assert!(without.text.contains(SLOGAN));
    // A page that says nothing else keeps it.
    let alone = format!("<title>{}</title><div id='zoom'><p>{SLOGAN}</p></div>", titled(3));
    assert_eq!(read(&alone, learned).text, SLOGAN);
}

#[test]
fn a_line_that_was_taken_for_the_title_is_none() {
    let page = |n: usize| {
        format!(
            "<div id='zoom'><h2>{ABOVE}</h2><p>{}</p>{}</div>",
            titled(n),
            body(n)
        )
    };
    let learned = learn(&sketches((0..MIN_PAGES).map(page)));
    assert_eq!(read(&page(30), BTreeSet::new()).title.as_deref(), Some(ABOVE));
    assert_eq!(read(&page(30), learned).title, Some(titled(30)));
}

#[test]
fn too_few_pages_or_too_rare_a_line_teach_nothing() {
    let slogan = format!("<p>{SLOGAN}</p>");
    assert!(learn(&sketches((1..MIN_PAGES).map(|n| page(n, &slogan)))).is_empty());
    let sometimes = |share: usize| {
        move |n: usize| page(n, if n * share % 100 < share { &slogan } else { "" }).replace(ABOVE, &titled(n))
    };
    let sometimes = |share: usize| learn(&sketches((0..100).map(sometimes.clone()(share))));
    assert_eq!(sometimes(30).len(), 1);
    assert_eq!(sometimes(29).len(), 0);
}

/// Yearly reports of departments after one model: what recurs is the document.
#[test]
fn what_forms_have_in_common_is_text() {
    let page = |n: usize| {
        let signed = [
            "",
            "<p>清河县司法局</p><p>2024年1月20日</p><p>（此件公开发布）</p>",
        ][n % 2];
        let end = ["本机关无其他需要报告的事项", "无其他需要报告的事项。"][n % 3 / 2];
        format!(
            "<title>清河县第{n}局政府信息公开工作年度报告</title><div id='zoom'><h1>政府信息公开工作年度报告</h1>\
             <p>清河县人民政府文件</p><p>各乡镇人民政府，县政府各部门：</p><p>第一部分 概况</p><p>一、总体情况</p>\
             <p>本报告根据《中华人民共和国政府信息公开条例》编制，数据统计期限为全年。</p><p>（一）主动公开</p>\
             <p>全年主动公开政府信息{n}条。</p><p>主动公开目录健全、渠道畅通</p><p>二、存在的主要问题</p><p>公开意识有待提高，公开内容有待丰富。</p>\
             <table border=1><tr><td>信息内容</td><td>本年制发件数</td></tr><tr><td>规章</td><td>0</td></tr></table>\
             <p>六、其他需要报告的事项</p><p>{end}</p>{signed}</div>"
        )
    };
    let learned = learn(&sketches((0..40).map(page)));
    assert_eq!(learned, BTreeSet::new());
    // Nor would it be taken off if it had been.
    let all = page(1).replace("<p>", "\n").replace("</p>", "\n");
    let all = all.lines().map(compact).collect();
    for n in 0..6 {
        let without = read(&page(n), BTreeSet::new());
        let with = read(&page(n), Clone::clone(&all));
        assert_eq!((with.title, with.text), (without.title, without.text));
    }
}

#[test]
fn parts_of_documents_are_never_the_portals() {
    for line in [
        "一、总体情况",
        "（二）存在的问题",
        "第三部分　名词解释",
        "附件：1.任务分工表",
        "各位代表：",
        "各乡镇人民政府，县政府各部门：",
        "特此通知",
        "此件公开发布",
        "（此件公开发布）",
        "公开方式：主动公开",
        "联系人：王芳　联系电话：0000-0000000",
        "清河县人民政府办公室",
        "清河县水利局（章）",
        "2024年1月20日",
        "二〇二四年一月二十日",
        "清河县人民政府办公室　2024年1月20日印发",
        "清政办发〔2024〕3号",
        "清河县人民政府文件",
        "政府信息公开工作年度报告",
        "县长　张三",
        "无其他需要报告的事项",
    ] {
        assert!(!may_recur(&compact(line)), "{line}");
    }
    for line in [SLOGAN, ABOVE, "清河县融媒体中心出品", "我为清河代言"] {
        assert!(may_recur(&compact(line)), "{line}");
    }
}

#[test]
fn a_profile_only_grows() {
    let set = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let slogan = &compact(SLOGAN);
    let first = Profile::new(set(&[slogan]));
    assert_eq!(first.grown(BTreeSet::new()), first);
    assert_eq!(first.grown(set(&[slogan])), first);
    let second = first.grown(set(&[ABOVE]));

    assert_eq!(second.lines().collect::<BTreeSet<_>>(), [ABOVE, slogan].into());
    let many = (0..2 * MAX_LINES).map(|n| format!("政务窗口甲{n}")).collect();
    let full = second.grown(many);
    assert_eq!(full.lines().len(), MAX_LINES);
    assert!(full.contains(slogan) && full.contains(ABOVE));
    assert!(full.touches(None, &format!("正文\n {SLOGAN} \n")) && full.touches(Some(ABOVE), ""));
    assert!(!full.touches(Some("标题"), "正文"));
}

proptest! {
    #[test]
    fn the_order_of_pages_does_not_matter(
        pages in vec(vec(0..12_u64, 0..8), 15..30),
        order in any::<sample::Index>(),
    ) {
        let sketch = |lines: &Vec<u64>| Sketch {
            known: lines.iter().map(|line| (*line, line.to_string())).collect(),
            text: lines.iter().map(|line| (*line, if *line == 11 { Role::Foreign } else { Role::Text })).collect(),
        };
        let mut pages: Vec<_> = pages.iter().map(sketch).collect();
        let learned = learn(&pages);
        prop_assert!(pages.len() >= MIN_PAGES || learned.is_empty());
        for line in &learned {
            let n = pages.iter().filter(|page| page.known.values().any(|known| known == line)).count();
            prop_assert!(n * 10 >= pages.len() * 3);
        }
        let middle = order.index(pages.len());
        pages.rotate_left(middle);
        pages[..middle].reverse();
        prop_assert_eq!(learn(&pages), learned);
    }

    #[test]
    fn only_ends_are_taken_off(roles in vec(0..4_usize, 0..80)) {
        let roles: Vec<_> = roles.into_iter().map(|role| [Role::Text, Role::Heading, Role::Recurring, Role::Foreign][role]).collect();
        let kept = peel(0..roles.len(), |at| roles[at]);
        let own = |at: &usize| matches!(roles[*at], Role::Text | Role::Heading);
        prop_assert!(kept.end <= roles.len());
        prop_assert!((0..roles.len()).filter(own).all(|at| kept.contains(&at)));
        prop_assert!(kept.is_empty() == roles.is_empty());
        if !roles.contains(&Role::Recurring) {
            prop_assert_eq!(kept, 0..roles.len());
        }
    }
}
