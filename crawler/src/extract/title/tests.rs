//! Titles in every dress.

use crate::extract::{Hints, Media, Source, extract};

const TEXT: &str = "<p>各乡镇人民政府：</p><p>为切实做好今年的防汛工作，确保人民群众生命财产安全，现将有关事项通知如下。</p>\
                    <p>一、压实责任。各乡镇主要负责人对本辖区防汛工作负总责，逐级落实包保责任，不留空白。</p>";

/// Title, and whether no line of the page shows it.
fn title(head: &str, lines: &str, list_title: Option<&str>) -> Option<(String, bool)> {
    let html =
        format!("<html><head>{head}</head><body>{lines}<div class=\"TRS_Editor\">{TEXT}</div></body></html>");
    let source = Source {
        url: "https://www.qinghe.example/a.html",
        media: Media::Html,
        bytes: html.as_bytes(),
        charset: Some("utf-8"),
    };
    let hints = Hints {
        list_title: list_title.map(str::to_owned),
        ..Hints::default()
    };
    let content = extract(&source, &hints).unwrap();
    Some((content.title?, content.title_inferred))
}

const NOTICE: &str = "清河县人民政府关于做好2024年防汛工作的通知";

#[test]
fn names_of_site_and_column_are_no_part_of_a_title() {
    let site = "<meta name=SiteName content=\"清河县人民政府\"><meta name=ColumnName content=\"政府文件\">";
    for head in [
        format!("<title>{NOTICE}_清河县人民政府</title>"),
        format!("<title>{NOTICE}-清河县人民政府门户网站</title>"),
        format!("<title>{NOTICE} | 清河网</title>"),
        format!("<title>{NOTICE} - 政府文件 - 清河县水利局</title>"),
        format!("<title>{NOTICE}_齐山市人民政府_内容页</title>"),
        format!("{site}<title>清河县人民政府　政府文件　{NOTICE}</title>"),
        format!(
            "{site}<title>{NOTICE} 政府文件 清河县人民政府</title><meta name=ArticleTitle content=\"{NOTICE}\">"
        ),
        format!("<meta name=ArticleTitle content=\"{NOTICE}_清河县人民政府\">"),
    ] {
        assert_eq!(title(&head, "", None), Some((NOTICE.to_owned(), true)), "{head}");
        let shown = format!("<div>清河县人民政府</div><h1>{NOTICE}</h1>");
        assert_eq!(
            title(&head, &shown, None),
            Some((NOTICE.to_owned(), false)),
            "{head}"
        );
    }
    // A dash is also a part of titles.
    let plan = "清河县防汛抗旱规划（2021-2025年）";
    assert_eq!(
        title(&format!("<title>{plan}-清河县水利局</title>"), "", None),
        Some((plan.to_owned(), true))
    );
}

#[test]
fn a_page_whose_head_names_only_the_site_has_no_title() {
    for head in [
        "<title>清河县人民政府</title>",
        "<title>清河县人民政府门户网站 - 政务公开</title>",
        "<meta name=SiteName content=\"齐山市教育信息中心\"><title>齐山市教育信息中心</title>",
        "<meta name=ArticleTitle content=\"文章标题\"><title>网站名称</title>",
        "<meta name=ColumnName content=\"规划计划和工作总结\"><title>规划计划和工作总结</title>",
        "",
    ] {
        let lines = "<div>清河县人民政府</div><div><a href=/>首页</a> | <a href=/a>政务</a></div>";
        assert_eq!(title(head, lines, None), None, "{head}");
    }
}

#[test]
fn titles_that_were_cut_are_completed() {
    let begun: String = NOTICE.chars().take(12).collect();
    let shown = format!("<div class=x>{NOTICE}</div><div>发布日期：2024-04-08</div>");
    assert_eq!(
        title("", &shown, Some(&format!("{begun}..."))),
        Some((NOTICE.to_owned(), false))
    );
    assert_eq!(
        title(&format!("<title>{begun}…</title>"), &shown, None),
        Some((NOTICE.to_owned(), false))
    );
    // Of a page that shows none, the longer of two.
    let head = format!("<meta name=ArticleTitle content=\"{begun}…\"><title>{NOTICE}_清河网</title>");
    assert_eq!(title(&head, "", None), Some((NOTICE.to_owned(), true)));
    assert_eq!(title("", "", Some(NOTICE)), Some((NOTICE.to_owned(), true)));
}

#[test]
fn broken_titles_are_put_together() {
    for lines in [
        "<h2>清河县人民政府关于做好<br>2024年防汛工作的通知</h2>",
        "<div class=bt><p>清河县人民政府关于做好</p><p>2024年防汛工作的通知</p></div>",
        "<table><tr><td align=center><b>清河县人民政府<br>关于做好2024年防汛工作的通知</b></td></tr></table>",
        "<h2>清河县人民政府<br>关于做好2024年防汛工作的<br>通　知</h2>",
    ] {
        assert_eq!(
            title("", lines, None),
            Some((NOTICE.to_owned(), false)),
            "{lines}"
        );
    }
}
