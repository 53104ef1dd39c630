//! The extractor through its front door: hints, given texts, attachments, regions.

use jiff::civil::Date;
use report::{Genre, IssuerType, QualityFlag, RegionCode, YearBasis};

use super::*;

fn page(html: &str, hints: &Hints) -> Result<Content, ExtractError> {
    let url = "https://www.qinghe.example/zwgk/1.html";
    extract(
        &Source {
            url,
            media: Media::Html,
            bytes: html.as_bytes(),
            charset: None,
        },
        hints,
    )
}

fn code(code: &str) -> RegionCode {
    code.parse().unwrap()
}

fn region_of(title: &str, text: &str, hints: &Hints) -> (Option<String>, Vec<String>) {
    let content = describe(Some(title), text, "import:a", hints);
    let candidates = content
        .region_candidates
        .iter()
        .map(ToString::to_string)
        .collect();
    (content.region_code.map(|code| code.to_string()), candidates)
}

const BODY: &str = "<p>全县上下认真贯彻落实，各项任务按期完成，群众满意度进一步提高，工作取得新的成效。</p>\
                    <p>下一步，将继续完善制度，强化监督检查，确保各项措施落到实处、见到成效，不断提升治理水平。</p>";

#[test]
fn selectors_of_the_portal_file_win() {
    let html = format!(
        "<h1>站点大标题不是文件标题</h1><div class='a'><b class='t'>清河县防汛方案</b>{BODY}<p class='x'>转发朋友圈有奖，快来参加，名额有限，先到先得。</p></div>\
         <div id='b'><p>旁边一段更长的文字，用来占据版面，它有很多标点，也有很多句子，看上去更像正文，其实不是。</p>{BODY}{BODY}</div>"
    );
    let selectors = Selectors {
        content: Some("div.a".to_owned()),
        title: Some(".t".to_owned()),
        drop: vec![".x".to_owned()],
    };
    assert_eq!(selectors.check(), Ok(()));
    let content = page(
        &html,
        &Hints {
            selectors,
            ..Hints::default()
        },
    )
    .unwrap();
    assert_eq!(content.title.as_deref(), Some("清河县防汛方案"));
    assert!(!content.title_inferred);
    assert_eq!(content.text.lines().count(), 2);
    assert!(!content.text.contains("转发朋友圈"));
}

#[test]
fn selectors_that_are_no_css_are_named() {
    let selectors = Selectors {
        drop: vec![".share".to_owned(), "div[".to_owned()],
        ..Selectors::default()
    };
    let error = selectors.check().unwrap_err();
    assert_eq!(error.to_string(), "drop is not a CSS selector: \"div[\"");
    // Unchecked ones do no harm.
    assert!(
        page(
            BODY,
            &Hints {
                selectors,
                ..Hints::default()
            }
        )
        .is_ok()
    );
}

#[test]
fn the_row_of_the_list_fills_gaps() {
    let hints = Hints {
        list_title: Some("清河县2022年度法治政府建设情况报告".to_owned()),
        list_date: Some(Date::constant(2023, 3, 5)),
        ..Hints::default()
    };
    let content = page(BODY, &hints).unwrap();
    assert_eq!(content.title, hints.list_title);
    assert!(content.title_inferred);
    assert_eq!(
        (content.year, content.year_basis),
        (Some(2022), Some(YearBasis::Title))
    );
    assert_eq!(content.published, hints.list_date);
    let dated = format!("<div>发布日期：2023-03-01</div>{BODY}");
    assert_eq!(
        page(&dated, &hints).unwrap().published,
        Some(Date::constant(2023, 3, 1))
    );
}

#[test]
fn clocks_that_stopped_are_not_read() {
    let html = format!("<div>今天是：2019年10月31日 星期四</div><h1>清河县防汛工作方案</h1>{BODY}");
    assert_eq!(page(&html, &Hints::default()).unwrap().published, None);
}

#[test]
fn links_become_attachments() {
    let html = format!(
        "<base href='https://files.qinghe.example/a/'><div class='nav'><a href='/guide.pdf'>指南</a></div><h1>清河县防汛工作方案</h1>\
         <div id='zoom'>{BODY}<p>附件：1.<a href='P01.pdf'>任务分工表</a></p><p>2.<a href='#' onclick=\"down('/f/2.XLSX')\">统计表</a></p>\
         <p><a href='javascript:alert(1)'>点击</a><a href='page.html'>更多说明</a><a href='P01.pdf'>点击下载</a></p></div>\
         <iframe src='/v/3.pdf?x=1'></iframe>"
    );
    let content = page(&html, &Hints::default()).unwrap();
    let found: Vec<_> = content
        .attachments
        .iter()
        .map(|file| (file.url.as_str(), file.name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("https://files.qinghe.example/a/P01.pdf", "任务分工表"),
            ("https://files.qinghe.example/f/2.XLSX", "统计表"),
            ("https://files.qinghe.example/v/3.pdf?x=1", "3.pdf"),
        ]
    );
    assert!(content.text.contains("附件：1.任务分工表"));
    assert_eq!(content.quality.flags, []);
}

#[test]
fn a_given_text_is_kept_and_its_title_never_inferred() {
    let text = "  清河县2020年度法治政府建设工作报告\n\n2020年，全县依法行政。\n扫一扫在手机打开当前页\n";
    let content = describe(None, text, "import:a", &Hints::default());
    assert_eq!(content.text, text);
    assert_eq!(content.title, None);
    assert_eq!(content.quality.flags, [QualityFlag::NoTitle]);
    let content = describe(Some(" 清河县法治报告 "), text, "import:a", &Hints::default());
    assert_eq!(
        (content.title.as_deref(), content.title_inferred),
        (Some("清河县法治报告"), false)
    );
    assert_eq!(describe(Some(""), "", "import:a", &Hints::default()).text, "");
}

#[test]
fn derived_fields_follow_what_they_are_derived_from() {
    let mut content = describe(
        Some("常宁市2020年度法治政府建设工作报告"),
        "一、成效\n好。",
        "import:a",
        &Hints::default(),
    );
    assert_eq!(
        (content.county.as_deref(), content.city.as_deref()),
        (Some("常宁市"), Some("衡阳市"))
    );
    content.region_code = Some(code("640522"));
    content.text = "一、存在的问题\n（一）不足\n二、打算".to_owned();
    refresh_derived(&mut content);
    assert_eq!(content.region_name.as_deref(), Some("海原县"));
    assert_eq!(
        (content.province.as_deref(), content.city.as_deref()),
        (Some("宁夏回族自治区"), Some("中卫市"))
    );
    assert_eq!((content.outline.len(), content.chars), (3, 12));
    content.region_code = None;
    refresh_derived(&mut content);
    assert_eq!(
        (content.region_name, content.province, content.county),
        (None, None, None)
    );
}

#[test]
fn names_that_several_divisions_bear_are_told_apart_by_what_lies_around_them() {
    let title = "朝阳区2023年度法治政府建设年度报告";
    let none = Hints::default();
    assert_eq!(
        region_of(title, "", &none),
        (None, vec!["110105".to_owned(), "220104".to_owned()])
    );
    let text = "北京市委、市政府印发《北京市法治政府建设实施意见》。";
    assert_eq!(region_of(title, text, &none).0.as_deref(), Some("110105"));
    let portal = Hints {
        region: Some(code("220104")),
        ..Hints::default()
    };
    assert_eq!(region_of(title, "", &portal).0.as_deref(), Some("220104"));
    assert_eq!(
        region_of("四川省巴中市巴州区法治政府建设报告", "", &none)
            .0
            .as_deref(),
        Some("511902")
    );
    assert_eq!(region_of("关于巴州法治建设的报告", "", &none), (None, vec![]));
}

#[test]
fn superiors_are_not_the_subject() {
    let text = "近年来，在衡阳市委、市政府的正确领导和衡阳市司法局的大力支持下，常宁市扎实推进依法行政。常宁市各乡镇积极落实。";
    assert_eq!(
        region_of("法治政府建设工作报告", text, &Hints::default())
            .0
            .as_deref(),
        Some("430482")
    );
}

#[test]
fn old_names_and_codes_mean_what_became_of_them() {
    assert_eq!(
        region_of("新津县2018年度法治政府建设情况报告", "", &Hints::default())
            .0
            .as_deref(),
        Some("510118")
    );
    let html = format!("<meta name=SiteIDCode content=5101320017><h1>关于做好防汛工作的通知</h1>{BODY}");
    let content = page(&html, &Hints::default()).unwrap();
    assert_eq!(content.publisher_region_code, Some(code("510118")));
    // The site alone is a weak witness, but no other speaks.
    assert_eq!(content.region_code, Some(code("510118")));
    assert!(content.region_confidence.unwrap() < 0.7);
}

#[test]
fn the_title_of_a_list_row_comes_on_one_line_and_without_markup() {
    let hints = Hints {
        list_title: Some("<b>清河县</b>防汛工作\n方案".to_owned()),
        ..Hints::default()
    };
    let content = page(BODY, &hints).unwrap();
    assert_eq!(content.title.as_deref(), Some("清河县防汛工作 方案"));
}

#[test]
fn departments_are_told_from_governments() {
    let html = format!("<h1>常宁市司法局2022年度法治政府建设工作总结</h1>{BODY}");
    let content = page(&html, &Hints::default()).unwrap();
    assert_eq!(content.issuer.as_deref(), Some("常宁市司法局"));
    assert_eq!(content.issuer_type, Some(IssuerType::Department));
    assert_eq!(content.genre, Genre::RuleOfLawReport);
}

#[test]
fn undecodable_pages_are_flagged() {
    let mut bytes = "<h1>清河县防汛工作方案</h1><p>".as_bytes().to_vec();
    for at in 0..400_u32 {
        bytes.extend("防汛，".as_bytes());
        bytes.push(if at % 2 == 0 { 0xff } else { 0x81 });
    }
    let source = Source {
        url: "https://a.example/",
        media: Media::Html,
        bytes: &bytes,
        charset: Some("utf-8"),
    };
    let content = extract(&source, &Hints::default()).unwrap();
    assert!(content.quality.flags.contains(&QualityFlag::Mojibake));
}

#[test]
fn the_lines_of_a_plain_text_end_as_its_program_ended_them() {
    let paragraphs = [
        "清河县防汛工作方案",
        "请认真贯彻执行。",
        "各项任务按期完成，成效明显。",
    ];
    for end in ["\n", "\r\n", "\r"] {
        let text = paragraphs.join(end);
        let source = Source {
            url: "import:a/b.txt",
            media: Media::Text,
            bytes: text.as_bytes(),
            charset: None,
        };
        let content = extract(&source, &Hints::default()).unwrap();
        assert_eq!(content.title.as_deref(), Some(paragraphs[0]), "{end:?}");
        assert_eq!(content.text, paragraphs[1..].join("\n"), "{end:?}");
    }
}

#[test]
fn a_plain_text_is_read_to_its_end_however_long_it_is() {
    let paragraph = "全县上下认真贯彻落实，各项任务按期完成。\n";
    let text = paragraph.repeat((8 << 20) / paragraph.len() + 2);
    let page = Page::plain(&text);
    assert!(!page.lines.cut);
    assert_eq!(page.body.map(|body| body.range.len()), Some(text.lines().count()));
}

proptest::proptest! {
    /// Nothing that comes over the wire can make it panic.
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600)) {
        let source = Source { url: "https://a.example/", media: Media::Html, bytes: &bytes, charset: None };
        let _ = extract(&source, &Hints::default());
        let _ = extract(&Source { media: Media::Text, ..source }, &Hints::default());
        let _ = describe(None, &String::from_utf8_lossy(&bytes), "x", &Hints::default());
    }

    /// Pages made of the words that the rules look for.
    #[test]
    fn any_words_are_survived(words in proptest::collection::vec(proptest::sample::select(vec![
        "<p>", "</p>", "<table><tr><td>", "<td>", "<h1>", "<br>", "\n", " ", "索引号", "文号：", "发布日期:", "2023-07-04", "2023年", "13月45日",
        "来源：", "【字体：", "海原县", "朝阳", "人民政府", "关于", "的通知", "〔2023〕", "34号", "号", "《", "》", "一、", "（一）", "附件：", "首页 > ", "相关链接",
        "扫一扫", "ICP备1号", "网站标识码：6405220001", "。", "，", "我县", "全市", "的领导下", "在", "会议上", "——2023年2月30日", "<a href=x.pdf>", "</a>",
        "<script>document.write('x')</script>", "<!--ZJEG_RSS.content.begin-->", "<!--ZJEG_RSS.content.end-->", "20212025年)", "202374", "99999年", "<meta name=PubDate content=9999-99-99>",
    ]), 0..60)) {
        let text = words.concat();
        let source = Source { url: "https://a.example/t20231399_1.html", media: Media::Html, bytes: text.as_bytes(), charset: None };
        let _ = extract(&source, &Hints::default());
        let _ = extract(&Source { media: Media::Text, ..source }, &Hints::default());
    }
}
