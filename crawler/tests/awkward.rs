//! Texts that are hard to find on their page: very short ones, lists of names, catalogues of links, pictures.
//!
//! Each case is an invented page with the menu, the feed and the footer of a portal around it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crawler::{ExtractError, Hints, Media, Source, extract};
use report::{Content, QualityFlag};

/// What stands above and below a document: links by the dozen, dated titles, the records of the site.
fn in_portal(title: &str, main: &str) -> String {
    let items = |n: usize, item: &dyn Fn(usize) -> String| (0..n).map(item).collect::<String>();
    let menu = items(20, &|i| format!("<li><a href=/c{i}/>栏目名称{i}</a></li>"));
    let feed = items(10, &|i| {
        format!(
            "<li><a href=/t/{i}.html>关于开展第{i}批培训机构认定工作的公告</a><span>2023-07-{}</span></li>",
            10 + i
        )
    });
    format!(
        "<title>{title}-清河县人民政府</title><div><ul>{menu}</ul></div>{main}<div><h3>通知公告</h3><ul>{feed}</ul></div>\
         <div><p><a href=/map/>网站地图</a></p><p>主办：清河县人民政府</p><p>地址：清河县迎宾路88号　邮编：000000</p>\
         <p>联系电话：0000-0000000</p><p>某ICP备11009999号</p></div>"
    )
}

fn read(html: &str) -> Result<Content, ExtractError> {
    let source = Source {
        url: "https://www.qinghe.example/zwgk/1.html",
        media: Media::Html,
        bytes: html.as_bytes(),
        charset: None,
    };
    extract(&source, &Hints::default())
}

fn paragraphs(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("<p>{line}</p>")).collect()
}

/// A document below its title, and below a bar of date and source if there is one.
fn document(title: &str, bar: &str, text: &str) -> String {
    in_portal(
        title,
        &format!("<div class=x><h1>{title}</h1>{bar}<div class=y>{text}</div></div>"),
    )
}

const BAR: &str = "<div class=z>2023-08-01 10:20:33　来源：县政府办　【打印】【关闭】</div>";

#[track_caller]
fn assert_text(html: &str, lines: &[&str]) {
    let content = read(html).unwrap();
    assert_eq!(content.text.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn a_list_of_names_between_sentences_is_text() {
    let mut lines = vec!["根据招聘公告，经笔试、面试、体检、考察，现将拟聘用人员公示如下："];
    lines.extend([
        "王建国",
        "李秀英",
        "张伟",
        "刘洋",
        "陈静",
        "杨帆",
        "赵磊",
        "黄敏",
        "周涛",
        "吴霞",
        "徐强",
        "孙丽",
    ]);
    lines.extend([
        "公示期为2023年8月1日至8月7日，监督电话：0000-0000001。",
        "清河县教育局",
        "2023年8月1日",
    ]);
    assert_text(
        &document("清河县拟聘用教师公示", BAR, &paragraphs(&lines)),
        &lines,
    );
}

#[test]
fn a_catalogue_of_links_above_the_signature_is_text() {
    let names: Vec<String> = (1..=8)
        .map(|i| format!("{i}.清河县人民政府关于印发第{i}号管理办法的通知（清政发〔2015〕{i}号）"))
        .collect();
    let head =
        "根据清理工作的有关规定，现将继续有效的规范性文件目录予以公布，未列入的不再作为行政管理的依据。";
    let linked: String = names
        .iter()
        .map(|name| format!("<p><a href=/g/>{name}</a></p>"))
        .collect();
    let sign = ["清河县人民政府", "2023年1月5日"];
    let html = document(
        "清河县现行有效规范性文件目录",
        BAR,
        &format!("<p>{head}</p>{linked}{}", paragraphs(&sign)),
    );
    let lines: Vec<&str> = std::iter::once(head)
        .chain(names.iter().map(String::as_str))
        .chain(sign)
        .collect();
    assert_text(&html, &lines);
}

#[test]
fn links_below_a_text_without_a_signature_stay_out() {
    let text = "6月5日，清河县召开防汛抗旱工作会议，安排部署当前防汛抗旱工作，副县长出席会议并讲话，各乡镇负责人参加会议。";
    let links: String = (0..5)
        .map(|i| format!("<p><a href=/n/{i}>清河县开展第{i}次安全检查</a></p>"))
        .collect();
    let html = document(
        "清河县召开防汛抗旱工作会议",
        BAR,
        &format!("<p>{text}</p>{links}"),
    );
    assert_text(&html, &[text]);
}

#[test]
fn one_sentence_and_its_signature() {
    let lines = [
        "根据有关规定，现对张明同志拟任县林业局副局长进行公示，公示期为2023年6月1日至6月8日，受理电话00000。",
        "中共清河县委组织部",
        "2023年5月31日",
    ];
    assert_text(&document("任前公示", BAR, &paragraphs(&lines)), &lines);
}

#[test]
fn a_short_notice_without_a_bar_is_no_list() {
    let lines = [
        "因迎宾桥维修，自2023年9月1日起，2路、5路公交车临时绕行滨河路，恢复时间另行通知。",
        "特此公告。",
        "清河县交通运输局",
        "2023年8月30日",
    ];
    assert_text(
        &document("关于调整城区公交线路的公告", "", &paragraphs(&lines)),
        &lines,
    );
    assert_text(
        &document("关于调整城区公交线路的公告", "", &paragraphs(&lines[..1])),
        &lines[..1],
    );
}

#[test]
fn names_below_the_head_are_a_document() {
    let lines = [
        "（共18名，按姓氏笔画为序）",
        "丁一　马二　王三　王四　石五　田六",
        "冯七　朱八　刘九　李十　吴一　何二",
    ];
    assert_text(
        &document("2022年度清河县劳动模范名单", BAR, &lines.join("<br>")),
        &lines,
    );
}

#[test]
fn the_words_above_a_list_make_no_document() {
    let row = |i: usize| {
        format!(
            "<li><a href=/t/{i}>《清河县第{i}号管理办法》解读</a><span>2023-07-{}</span></li>",
            10 + i
        )
    };
    let list: String = (0..12).map(row).collect();
    let words = "<p>本栏目公开县政府及各部门的政策解读信息，欢迎社会各界查阅、监督。</p>";
    let letter = |i: usize| {
        format!(
            "<li><a href=/x/{i}>关于路灯的问题</a> <span>已回复</span> <span>2023-07-{}</span></li>",
            10 + i
        )
    };
    let letters: String = (0..8).map(letter).collect();
    for (title, main) in [
        ("政策解读", format!("{words}<ul>{list}</ul>")),
        ("县长信箱", format!("<ul>{letters}</ul>")),
    ] {
        let refused = read(&document(title, "", &main));
        assert!(
            matches!(refused, Err(ExtractError::NotAReport { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn pictures_below_the_head_are_to_be_read_by_eye() {
    let title = "一图读懂清河县2023年政府工作报告";
    for name in ["y", "TRS_Editor"] {
        let pictures = format!("<div class={name}><p><img src=/u/1.jpg></p><p><img src=/u/2.jpg></p></div>");
        let content = read(&document(title, BAR, &pictures)).unwrap();
        assert_eq!(content.title.as_deref(), Some(title));
        assert!(
            content.quality.flags.contains(&QualityFlag::NeedsOcr),
            "{content:?}"
        );
        assert_eq!(content.text, "");
    }
    // Without a bar, a picture may stand above any list.
    let banner = read(&document("清河县公告公示栏", "", "<img src=/u/1.jpg>"));
    assert!(
        matches!(banner, Err(ExtractError::NotAReport { .. })),
        "{banner:?}"
    );
}

#[test]
fn files_below_the_head_are_the_document() {
    let names = [
        "县司法局2023年部门预算.pdf",
        "县水利局2023年部门预算.pdf",
        "县教育局2023年部门预算.pdf",
    ];
    let files: String = names
        .iter()
        .map(|name| format!("<p><a href=/f/{name}>{name}</a></p>"))
        .collect();
    for name in ["y", "TRS_Editor"] {
        let html = document(
            "清河县2023年部门预算公开",
            BAR,
            &format!("<div class={name}>{files}</div>"),
        );
        assert_text(&html, &names);
        assert_eq!(read(&html).unwrap().attachments.len(), 3);
    }
}

#[test]
fn votes_and_messages_of_readers_stay_out() {
    let lines = [
        "为广泛听取群众意见，现面向社会公开征集2023年民生实事项目，欢迎社会各界踊跃参与，提出宝贵意见和建议。",
        "征集内容包括教育、医疗、养老、交通、环境整治等群众普遍关心、受益面广、当年能够完成的项目，时间截至11月30日。",
        "来信请寄清河县人民政府办公室督查室，或者通过县政府门户网站提交，我们将认真研究、及时反馈。",
    ];
    let below = "<div><p>您觉得本页内容对您有帮助吗？</p><label>非常满意</label><label>满意</label></div>\
                 <div><h3>网友留言</h3><p>热心网友：希望多修几个停车场，县城停车太难了，每天下班都找不到车位，建议在老体育场建停车场。</p></div>";
    let html = document(
        "清河县民生实事项目征集公告",
        BAR,
        &format!("{}</div>{below}<div>", paragraphs(&lines)),
    );
    assert_text(&html, &lines);
}

/// A text that is shorter than the furniture around it.
const NOTICE: [&str; 5] = [
    "各乡镇卫生院：",
    "经研究决定继续开展农村妇女免费健康筛查，现将有关事项通知如下：",
    "一、筛查时间：2023年5月至10月。",
    "清河县卫生健康局",
    "2023年4月25日",
];

#[test]
fn links_below_the_signature_of_a_short_text_stay_out() {
    let links = "<ul><li><a href=/q1>清河县第四批名单</a></li><li><a href=/q2>清河县管理办法</a></li><li><a href=/q3>清河县举办活动</a></li></ul>";
    let text = format!("<div id=zoom>{}{links}</div>", paragraphs(&NOTICE));
    assert_text(&document("清河县关于开展免费健康筛查的通知", BAR, &text), &NOTICE);
}

#[test]
fn an_element_called_content_may_hold_the_whole_page() {
    let title = "清河县关于开展免费健康筛查的通知";
    let page = in_portal("", "").replace("<title>-清河县人民政府</title>", "");
    let main = format!("<h1>{title}</h1>{BAR}<div>{}</div>", paragraphs(&NOTICE));
    assert_text(
        &format!("<title>{title}</title><div class=content>{main}{page}</div>"),
        &NOTICE,
    );
}

#[test]
fn files_listed_below_a_text_belong_to_it() {
    let mut lines = NOTICE.to_vec();
    lines.push("附件：1.筛查任务表.xls");
    let file = "<p>附件：<a href=/f/1.xls>1.筛查任务表.xls</a></p>";
    let text = format!("{}{file}", paragraphs(&NOTICE));
    assert_text(&document("清河县关于开展免费健康筛查的通知", BAR, &text), &lines);
}

#[test]
fn names_of_elements_do_not_hide_a_document_below_its_title() {
    let title = "清河县关于开展免费健康筛查的通知";
    let main = format!(
        "<div class=search-main><h1>{title}</h1>{BAR}<div class=y>{}</div></div>",
        paragraphs(&NOTICE)
    );
    assert_text(&in_portal(title, &main), &NOTICE);
}
