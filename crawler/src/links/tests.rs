//! Pages of every make in, links with their words out.

use super::*;

fn read(html: &str) -> Vec<Link> {
    links(
        &Html::parse_document(html),
        &Url::parse("http://a.gov.cn/zwgk/fzzf/index_1.html").unwrap(),
    )
}

#[test]
fn rows_give_title_and_date() {
    let found = read(
        r#"<ul><li><span>[2024-02-27]</span><a href="./t20240227_1.html#top" title="常宁市2023年度法治政府建设工作情况报告">· 常宁市2023年度法治…</a></li>
        <li><a href="../gzbg/t1.html">2023年1月5日政府工作报告</a> 2023-01-09</li></ul>
        <table><tr><td>1</td><td><a href='/x.html'>名称</a></td><td>海政办发〔2023〕34号</td><td>2023年7月4日</td></tr></table>
        <dl><dt><a href="y.html">公报</a></dt><dd>2022/3/1</dd></dl>"#,
    );
    let rows: Vec<_> = found
        .iter()
        .map(|link| {
            (
                link.url.as_str(),
                link.text.as_str(),
                link.date.map(|d| d.to_string()),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                "http://a.gov.cn/zwgk/fzzf/t20240227_1.html",
                "常宁市2023年度法治政府建设工作情况报告",
                Some("2024-02-27".to_owned())
            ),
            (
                "http://a.gov.cn/zwgk/gzbg/t1.html",
                "2023年1月5日政府工作报告",
                Some("2023-01-09".to_owned())
            ),
            ("http://a.gov.cn/x.html", "名称", Some("2023-07-04".to_owned())),
            (
                "http://a.gov.cn/zwgk/fzzf/y.html",
                "公报",
                Some("2022-03-01".to_owned())
            ),
        ]
    );
}

#[test]
fn a_neighbours_date_is_not_ours() {
    let found = read(
        r#"<div><a href="a.html">甲</a><a href="b.html">乙</a><a href="c.html">丙</a> 2024-01-01</div>"#,
    );
    assert!(found.iter().all(|link| link.date.is_none()));
}

#[test]
fn base_scripts_and_odd_schemes() {
    let found = read(
        r#"<base href="/other/"><a href="a.html">a</a><a href="javascript:void(0)" onclick="window.open('b.html')">b</a>
        <a href="javascript:location.href=encodeURI('c.html');">c</a><a href="mailto:x@y">d</a><a href="javascript:void(0)">e</a>
        <a href="//m.a.gov.cn/f.html">f</a><link rel="next" href="index_2.html"><a>no href</a><a href="javascript:;" data-url="h.html">h</a>
        <select><option value="g.html">2</option><option value="7">x</option></select>"#,
    );
    let urls: Vec<_> = found.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "http://a.gov.cn/other/a.html",
            "http://a.gov.cn/other/b.html",
            "http://a.gov.cn/other/c.html",
            "http://m.a.gov.cn/f.html",
            "http://a.gov.cn/other/index_2.html",
            "http://a.gov.cn/other/h.html",
            "http://a.gov.cn/other/g.html",
        ]
    );
    assert!(found[4].is_next);
}

#[test]
fn a_page_made_to_be_slow_is_read_all_the_same() {
    let links = "<a href=\"x.html\">x</a>".repeat(5_000);
    let html = format!(
        "<div><p>{}</p>{links}{}</div>",
        "<span></span>".repeat(100_000),
        "<b>".repeat(2_000)
    );
    let page = crate::extract::dom::parse(&html);
    let url = Url::parse("http://a.gov.cn/").unwrap();
    assert_eq!(super::links(&page, &url).len(), 5_000);
}

#[test]
fn frames_and_refreshes_are_links() {
    let found = read(
        r#"<meta http-equiv="Refresh" content="0; URL='/zwgk/index.html'"><iframe src="list.html"></iframe>
        <meta http-equiv="content-type" content="text/html; url=no">"#,
    );
    let urls: Vec<_> = found
        .iter()
        .map(|link| (link.url.path(), link.is_frame))
        .collect();
    assert_eq!(urls, [("/zwgk/fzzf/list.html", true), ("/zwgk/index.html", true)]);
    let url = Url::parse("http://a.gov.cn/").unwrap();
    let html =
        "<script>if (isPhone) location.href='http://m.a.gov.cn/'; window.location.href = '/cms/home.html';
        location.href='/x/' + id;</script>";
    let targets: Vec<_> = scripted_targets(html, &url).iter().map(Url::to_string).collect();
    assert_eq!(targets, ["http://a.gov.cn/cms/home.html", "http://m.a.gov.cn/"]);
}

#[test]
fn a_day_drawn_apart_is_read() {
    let found = read(r#"<li><a href="a.html">标题</a><p><b>28</b><i>2024-03</i></p></li>"#);
    assert_eq!(
        found[0].date.map(|date| date.to_string()),
        Some("2024-03-28".to_owned())
    );
}

#[test]
fn elements_that_scripts_make_links_are_links() {
    let found = read(
        r#"<ul class="menu"><li data-url="/zwgk/sfj/"><a href="javascript:;">县司法局</a></li>
        <li onclick="show(this,'./czj/list.html')">县财政局</li><li data-url="17">别的</li>
        <li onclick="location.href='/x/' + id">拼出来的</li></ul>
        <select><option value="/zwgk/2023/">2023年</option><option value="">请选择</option></select>"#,
    );
    let rows: Vec<_> = found
        .iter()
        .map(|link| (link.url.path(), link.text.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("/zwgk/sfj/", "县司法局"),
            ("/zwgk/fzzf/czj/list.html", "县财政局"),
            ("/zwgk/2023/", "2023年"),
        ]
    );
}

#[test]
fn pictures_titles_and_headings_say_what_a_link_without_words_leads_to() {
    let found = read(
        r#"<a href="a/"><img src="x.png" alt="政务公开"></a><a href="b/" title="统计公报"></a>
        <map><area href="c/" alt="法治政府建设"></map>
        <div class="head"><h3>政府工作报告</h3><a href="d/">更多&gt;&gt;</a></div>"#,
    );
    let texts: Vec<_> = found.iter().map(|link| link.text.as_str()).collect();
    assert_eq!(texts, ["政务公开", "统计公报", "法治政府建设", "政府工作报告"]);
}

#[test]
fn a_day_within_the_link_is_its_date_and_no_part_of_its_title() {
    let found = read(
        r#"<li><a href="a.html"><span>某县2023年法治政府建设年度报告</span><em>2024-01-30</em></a></li>
        <li><a href="b.html"><i>[2023.02.03]</i> 某县2022年预算执行报告</a></li>
        <li><a href="c.html">2023年1月5日政府工作报告</a></li>"#,
    );
    let rows: Vec<_> = found
        .iter()
        .map(|link| (link.text.as_str(), link.date.map(|date| date.to_string())))
        .collect();
    assert_eq!(
        rows,
        [
            ("某县2023年法治政府建设年度报告", Some("2024-01-30".to_owned())),
            ("某县2022年预算执行报告", Some("2023-02-03".to_owned())),
            ("2023年1月5日政府工作报告", None),
        ]
    );
}

#[test]
fn menus_that_scripts_draw_are_links() {
    let found = read(
        r#"<script>var zNodes = [{ id:1, pId:0, name:"法定主动公开内容", open:true, url:"/zwgk/nr/", children:[
            {"id":2,"name":"法治政府建设","url":"\/zwgk\/fz\/"}]}, { id:3, name:"无页面" }, { id:4, name:"图标", icon:"a.png" }];</script>
        <script>var tree = [{'href': './tj.html', 'text': '统计公报'}];</script>"#,
    );
    let rows: Vec<_> = found
        .iter()
        .map(|link| (link.url.path(), link.text.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("/zwgk/nr/", "法定主动公开内容"),
            ("/zwgk/fz/", "法治政府建设"),
            ("/zwgk/fzzf/tj.html", "统计公报"),
        ]
    );
}

#[test]
fn rows_pagers_and_menus_that_a_script_opens_are_links() {
    let found = read(
        r##"<table><tr onclick="window.open('t20240227_1.html')"><td>1</td><td>某某县2023年法治政府建设报告</td><td>2024-02-27</td></tr></table>
        <li onclick="toDetail('./t20240227_3.html')" title="某某县统计公报">某某县… <i>2024-02-28</i></li>
        <select><option value="?page=2">2</option><option value="list.jsp?page=3">3</option><option value="x y">4</option></select>
        <a class="next" href="?page=9"><i></i></a><a class="next" href="/more.html">更多通知</a>"##,
    );
    let of = |path: &str| found.iter().find(|link| link.url.path() == path).unwrap();
    let row = of("/zwgk/fzzf/t20240227_1.html");
    assert_eq!(
        (row.text.as_str(), row.date.unwrap().to_string().as_str()),
        ("某某县2023年法治政府建设报告", "2024-02-27")
    );
    assert_eq!(of("/zwgk/fzzf/t20240227_3.html").text, "某某县统计公报");
    let queries: Vec<_> = found
        .iter()
        .filter_map(|link| Some((link.url.query()?, link.is_next)))
        .collect();
    assert_eq!(queries, [("page=9", true), ("page=2", false), ("page=3", false)]);
    assert!(!of("/more.html").is_next);
}

#[test]
fn what_is_long_is_not_copied_for_every_link() {
    let anchors = "<a href='x.html'>x</a>".repeat(5_000);
    let long = "长".repeat(500_000);
    let folder = "/x".repeat(500_000);
    for html in [
        format!("<div>{long}{anchors}</div>"),
        format!("<base href='http://b.gov.cn{folder}/'>{anchors}"),
        format!("<a href='{folder}.html'>x</a>{anchors}"),
        format!("<a href='x.html' title='{long}'>长长</a>{anchors}"),
    ] {
        let page = crate::extract::dom::parse(&html);
        let url = Url::parse("http://a.gov.cn/").unwrap();
        let found = super::links(&page, &url);
        assert!((4_999..=5_001).contains(&found.len()), "{}", found.len());
        for link in found {
            assert_eq!(link.url.as_str(), "http://a.gov.cn/x.html");
            assert!(link.text.chars().count() <= MAX_TITLE_CHARS);
        }
    }
}
