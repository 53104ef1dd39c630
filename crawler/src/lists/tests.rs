//! Pages of each list family in, report links and next pages out.

use super::*;

pub(super) fn read(url: &str, family: Family, html: &str) -> Found {
    let url = Url::parse(url).unwrap();
    let host = url.host_str().unwrap().to_owned();
    let in_scope = move |link: &Url| link.host_str() == Some(host.as_str());
    super::read(&List {
        url: &url,
        form: None,
        via: None,
        is_further: false,
        body: html.as_bytes(),
        charset: None,
        family,
        is_whole_site: false,
        in_scope: &in_scope,
    })
}

/// The requests that follow, with their forms.
pub(super) fn asked(found: &Found) -> Vec<String> {
    let requests = found.lists.iter().map(|link| {
        (
            &link.url[url::Position::BeforePath..url::Position::AfterQuery],
            &link.form,
        )
    });
    requests
        .map(|(url, form)| match form {
            None => url.to_owned(),
            Some(form) => format!("{url} POST {form}"),
        })
        .collect()
}

fn paths(found: &Found) -> (Vec<&str>, Vec<&str>) {
    let reports = found.reports.iter().map(|link| link.url.path()).collect();
    (
        reports,
        found
            .lists
            .iter()
            .map(|link| &link.url[url::Position::BeforePath..])
            .collect(),
    )
}

const NAVIGATION: &str = r#"<div class="nav"><a href="/">首页</a><a href="/zwgk/">政务公开</a><a href="/xwzx/">新闻中心</a>
    <a href="/hdjl/">互动交流</a></div>"#;

fn rows(paths: &[&str]) -> String {
    let row = |path: &&str| {
        format!(r#"<li><a href="{path}">某某县人民政府关于{path}的通知</a><span>2024-02-27</span></li>"#)
    };
    paths.iter().map(row).collect()
}

#[test]
fn a_list_gives_its_rows_and_its_further_pages() {
    let html = format!(
        r#"{NAVIGATION}<ul>{}</ul><a href="index_1.html">2</a><a href="index_1.html">下一页</a><a href="index_9.html">尾页</a>
        <a href="/zwgk/tjgb/">统计公报</a><a href="2023/">2023年</a><div><a href="/gywm.html">关于我们</a></div>"#,
        rows(&[
            "a.html",
            "b.html",
            "c.html",
            "./202402/t20240227_1.html",
            "/other/art_1.html"
        ])
    );
    let found = read("http://a.gov.cn/zwgk/fzzf/", Family::Auto, &html);
    let (reports, lists) = paths(&found);
    assert_eq!(
        reports,
        [
            "/zwgk/fzzf/a.html",
            "/zwgk/fzzf/b.html",
            "/zwgk/fzzf/c.html",
            "/zwgk/fzzf/202402/t20240227_1.html",
            "/other/art_1.html"
        ]
    );
    assert_eq!(
        lists,
        ["/zwgk/fzzf/index_1.html", "/zwgk/fzzf/2023/"],
        "other columns are not this list's"
    );
    assert_eq!(
        found.reports[0].title.as_deref(),
        Some("某某县人民政府关于a.html的通知")
    );
    assert_eq!(found.reports[0].date.unwrap().to_string(), "2024-02-27");
    assert!(found.lists[0].is_pager && !found.lists[1].is_pager);
}

#[test]
fn arrows_and_elements_that_load_more_lead_on_within_a_list_only() {
    let list = rows(&["a.html", "b.html", "c.html"]);
    for pager in [
        r#"<a class="pn" href="list_2.html">&gt;</a><a href="list_2.html">&gt;&gt;</a>"#,
        r#"<a href="list_2.html">››</a>"#,
        r#"<a href="list_2.html">→</a>"#,
        r#"<a class="page-next" href="list_2.html"></a>"#,
        r#"<a href="list_2.html"><i class="icon-next"></i></a>"#,
        r#"<div id="more" data-url="list_2.html" onclick="load()">加载更多</div>"#,
        r#"<button data-href="list_2.html">点击加载更多</button>"#,
        r#"<a href="javascript:;" onclick="location.href='list_2.html'">&gt;</a>"#,
    ] {
        let found = read(
            "http://a.gov.cn/fzzf/list_1.html",
            Family::Auto,
            &format!("<ul>{list}</ul>{pager}"),
        );
        assert_eq!(paths(&found).1, ["/fzzf/list_2.html"], "{pager}");
        assert!(found.lists[0].is_pager, "{pager}");
    }
    let found = read(
        "http://a.gov.cn/fzzf/list_1.html",
        Family::Auto,
        &format!(
            r#"<ul>{list}</ul><h3>公报</h3><a href="/tjgb/">&gt;&gt;</a><a href="/zwgk/list.html">&gt;</a>"#
        ),
    );
    assert!(
        found.lists.iter().all(|list| !list.is_pager),
        "{:?}",
        paths(&found).1
    );
}

#[test]
fn a_home_page_leads_to_the_columns_of_reports_only() {
    let html = format!(
        r#"{NAVIGATION}<a href="/fdzdgk/czyjs/">财政</a><a href="http://www.other.gov.cn/zwgk/">政务公开</a>
        <a href="/t20240328_65.html">县政府召开常务会议研究部署重点工作</a>"#
    );
    let found = read("http://a.gov.cn/index.html", Family::Auto, &html);
    let (reports, lists) = paths(&found);
    assert_eq!(reports, ["/t20240328_65.html"]);
    assert_eq!(lists, ["/zwgk/", "/fdzdgk/czyjs/"]);
}

#[test]
fn a_hub_leads_to_its_own_columns_too() {
    let html =
        format!(r#"{NAVIGATION}<a href="/zwgk/zcjy/">建议提案</a><a href="fzzf/index.html">法治建设</a>"#);
    let found = read("http://a.gov.cn/zwgk/index.html", Family::Static, &html);
    assert_eq!(paths(&found).1, ["/zwgk/zcjy/", "/zwgk/fzzf/index.html"]);
}

#[test]
fn a_short_list_is_no_hub() {
    let html = format!(
        r#"{NAVIGATION}<a href="/zwgk/">信息公开</a><a href="/zwgk/tjgb/">统计公报</a><ul>{}</ul>"#,
        rows(&["a.html", "b.html"])
    );
    let found = read("http://a.gov.cn/zwgk/fzzf/index.html", Family::Auto, &html);
    assert_eq!(
        (found.reports.len(), paths(&found).1),
        (2, vec![]),
        "the way up and to other columns is not taken"
    );
}

#[test]
fn what_only_sends_on_is_followed() {
    let refresh = r#"<meta http-equiv="refresh" content="0;url=/zwgk/index.html">"#;
    let script = "<script>location.href='/cms/index.html'</script>";
    let frame = r#"<iframe src="fzzf_list.html"></iframe>"#;
    for (html, path) in [
        (refresh, "/zwgk/index.html"),
        (script, "/cms/index.html"),
        (frame, "/fzzf_list.html"),
    ] {
        assert_eq!(paths(&read("http://a.gov.cn/", Family::Auto, html)).1, [path]);
    }
}

#[test]
fn numbers_of_queries_and_files_are_pages() {
    let html = r#"<a href="list.jsp?col=7&page=2">2</a><a href="list.jsp?col=7&page=3">[3]</a>
        <a href="other.jsp?page=2">2</a><a href="/2019/">2019</a>"#;
    let found = read("http://a.gov.cn/x/list.jsp?col=7", Family::Static, html);
    let pagers: Vec<_> = found
        .lists
        .iter()
        .filter(|list| list.is_pager)
        .map(|list| list.url.query().unwrap())
        .collect();
    assert_eq!(pagers, ["col=7&page=2", "col=7&page=3"]);
}

#[test]
fn pagers_of_every_kind_are_followed() {
    let pagers = |html: &str| {
        let html = format!(
            "{NAVIGATION}<ul>{}</ul>{html}",
            rows(&["a.html", "b.html", "c.html"])
        );
        let found = read("http://a.gov.cn/zwgk/fzzf/", Family::Static, &html);
        let pagers: Vec<_> = found.lists.iter().filter(|list| list.is_pager).collect();
        pagers
            .iter()
            .map(|list| list.url[url::Position::BeforePath..].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pagers("<a href='list_2.html'>下一页 &gt;</a>"),
        ["/zwgk/fzzf/list_2.html"]
    );
    assert_eq!(
        pagers("<a href='?page=2'>&gt;&gt;下一页</a>"),
        ["/zwgk/fzzf/?page=2"]
    );
    assert_eq!(
        pagers("<a class='next' href='p2.html'><i></i></a>"),
        ["/zwgk/fzzf/p2.html"]
    );
    assert_eq!(
        pagers("<a href='page/2/'>2</a><a href='page/3/'>3</a>"),
        ["/zwgk/fzzf/page/2/", "/zwgk/fzzf/page/3/"]
    );
    assert_eq!(
        pagers("<a href='list_1.html'>2</a><a href='2019/'>2019</a><a href='/zwgk/2/'>2</a>"),
        ["/zwgk/fzzf/list_1.html"]
    );
    assert_eq!(
        pagers(
            "<select onchange='location=this.value'><option value='index.html'>1</option><option value='?p=2'>第2页</option></select>"
        ),
        ["/zwgk/fzzf/?p=2"]
    );
    assert_eq!(
        pagers(
            "<a href='javascript:go(2)'>下页</a><a href='javascript:go(3)'>尾页</a><script>function go(n){location.href='list_'+n+'.html'}</script>"
        ),
        ["/zwgk/fzzf/list_2.html", "/zwgk/fzzf/list_3.html"]
    );
}

#[test]
fn a_script_that_counts_pages_is_believed_under_auto_and_trs() {
    let html = format!(
        "<ul>{}</ul><script>createPageHTML(3, 0, \"index\", \"html\")</script>",
        rows(&["a.html"])
    );
    for family in [Family::Auto, Family::Trs] {
        let found = read("http://a.gov.cn/zwgk/fzzf/index.html", family, &html);
        assert_eq!(
            paths(&found).1,
            ["/zwgk/fzzf/index_1.html", "/zwgk/fzzf/index_2.html"]
        );
        assert_eq!(found.lists[1].number, Some(2));
    }
    assert_eq!(
        read("http://a.gov.cn/zwgk/fzzf/index.html", Family::Static, &html).lists,
        []
    );
}

#[test]
fn rows_in_a_datastore_are_read_whatever_the_family() {
    let html = "<script type='text/xml'><datastore><recordset><record><![CDATA[<a href='/art/2024/2/27/art_1_2.html'>某某县\
                法治政府建设年度报告</a>]]></record></recordset></datastore></script><script>createPageHTML(2,0,'index','html')</script>";
    for family in [Family::Auto, Family::Trs, Family::Static, Family::Jpaas] {
        let found = read("http://a.gov.cn/col/col1/index.html", family, html);
        assert_eq!(paths(&found).0, ["/art/2024/2/27/art_1_2.html"], "{family:?}");
    }
    let trs = read("http://a.gov.cn/col/col1/index.html", Family::Trs, html);
    assert_eq!(trs.mechanism.unwrap().family, Family::Trs);
}

#[test]
fn one_page_linked_twice_is_one_report_with_the_better_title() {
    let html = r#"<a href="/art/2024/2/27/art_1_2.html"><img src="x.jpg"></a>
        <li><a href="/art/2024/2/27/art_1_2.html?spm=1">常宁市2023年度法治政府建设工作情况报告</a> 2024-02-27</li>"#;
    let found = read("http://a.gov.cn/col/col1/index.html", Family::Auto, html);
    assert_eq!(found.reports.len(), 1);
    assert_eq!(
        found.reports[0].title.as_deref(),
        Some("常宁市2023年度法治政府建设工作情况报告")
    );
    assert!(found.reports[0].date.is_some());
}

#[test]
fn site_maps_are_known_by_themselves() {
    let xml = "<?xml version='1.0'?><urlset><url><loc>http://a.gov.cn/x.html</loc></url>\
               <url><loc>http://b.gov.cn/x.html</loc></url><url><loc>http://a.gov.cn/x.pdf</loc></url></urlset>";
    let found = read("http://a.gov.cn/sitemap.xml", Family::Auto, xml);
    assert_eq!(
        (paths(&found).0, found.source),
        (vec!["/x.html"], Source::Sitemap)
    );
    let html = rows(&["a.html"]);
    assert_eq!(
        read("http://a.gov.cn/sitemap.xml", Family::Sitemap, &html),
        Found::default()
    );
}

#[test]
fn a_packed_site_map_is_unpacked() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(b"<urlset><url><loc>http://a.gov.cn/x.html</loc></url></urlset>")
        .unwrap();
    let body = encoder.finish().unwrap();
    let url = Url::parse("http://a.gov.cn/sitemap.xml.gz").unwrap();
    let list = List {
        url: &url,
        form: None,
        via: None,
        is_further: false,
        body: &body,
        charset: None,
        family: Family::Sitemap,
        is_whole_site: false,
        in_scope: &|_| true,
    };
    assert_eq!(super::read(&list).reports.len(), 1);
}

#[test]
fn of_a_page_with_endless_links_the_first_are_read() {
    let row = |n: usize| format!("<li><a href=\"/t20240227_{n}.html\">某某县法治政府建设年度报告</a></li>");
    let html: String = (0..20_000).map(row).collect();
    let found = read("http://a.gov.cn/list/", Family::Auto, &html);
    assert_eq!((found.reports.len(), found.is_cut), (links::MAX_LINKS, true));
    let html: String = (0..100).map(row).collect();
    assert!(!read("http://a.gov.cn/list/", Family::Auto, &html).is_cut);
}

/// Prints what hostile pages cost: `cargo test --release -p gongbao-crawler --lib cost_of_hostile_lists -- --ignored --nocapture`.
#[test]
#[ignore = "measures; run alone"]
fn cost_of_hostile_lists() {
    let size = 8 << 20;
    let fill = |unit: &str| unit.repeat(size / unit.len());
    for (name, html) in [
        ("nested div", fill("<div>")),
        ("nested list items", fill("<ul><li>")),
        ("nested bold", fill("<b>")),
        ("links", fill("<a href=x.html>x</a>")),
        (
            "rows",
            fill("<li><a href=/t20240227_1.html>某某县法治政府建设年度报告</a>2024-02-27</li>"),
        ),
        (
            "links beside a long text",
            format!(
                "{}{}",
                "长".repeat(size / 6),
                "<a href=x.html>x</a>".repeat(size / 40)
            ),
        ),
        (
            "options",
            fill("<select><option value=x.html>2</option></select>"),
        ),
        (
            "one attribute",
            format!("<a href='/{}'>x</a>", "x".repeat(size - 100)),
        ),
        ("attributes", format!("<a {}>x</a>", "a=1 ".repeat(size / 5))),
        (
            "scripts",
            fill("<script>createPageHTML(3,0,'index','html')</script>"),
        ),
        (
            "open script",
            format!("<script>{}", "createPageHTML(".repeat(size / 16)),
        ),
        (
            "locations",
            format!("<url>{}", "<loc>http://a.gov.cn/1.html</loc>".repeat(size / 40)),
        ),
    ] {
        let begun = std::time::Instant::now();
        let found = read("http://a.gov.cn/list/", Family::Auto, &html);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .unwrap_or_default()
            .to_owned();
        println!(
            "{name}: {:?}, {} rows, {peak}",
            begun.elapsed(),
            found.reports.len()
        );
    }
}
