//! Pages and answers in, rows and requests out.

use super::*;
use crate::lists::ReportLink;

const PAGE_URL: &str = "http://a.gov.cn/col/col77/index.html";

fn record(number: u32) -> String {
    format!(
        "<record><![CDATA[<li><a href=\"/art/2024/2/27/art_77_{number}.html\" title=\"某某县第{number}号报告\">某某县…</a>\
         <span>2024-02-27</span></li>]]></record>"
    )
}

fn store(numbers: std::ops::RangeInclusive<u32>, more: &str) -> String {
    let records: String = numbers.map(record).collect();
    format!("<datastore>{more}<recordset>{records}</recordset></datastore>")
}

fn page(html: &str) -> Found {
    let url = Url::parse(PAGE_URL).unwrap();
    let html = format!("<html><body>{html}</body></html>");
    read(&Listing::of(&url, &html, &|url| {
        url.host_str() == Some("a.gov.cn")
    }))
    .unwrap_or_default()
}

fn answer(url: &str, form: Option<&str>, text: &str) -> Found {
    let (url, via) = (
        Url::parse("http://a.gov.cn").unwrap().join(url).unwrap(),
        Url::parse(PAGE_URL).unwrap(),
    );
    let found = read(&Listing {
        form,
        via: Some(&via),
        is_further: true,
        ..Listing::of(&url, text, &|_| true)
    });
    let found = found.expect("an answer is known by its address");
    assert_eq!(found.source, Source::Answer);
    found
}

fn requests(found: &Found) -> Vec<String> {
    let request = |list: &ListLink| {
        let form = list
            .form
            .as_ref()
            .map(|form| format!(" POST {form}"))
            .unwrap_or_default();
        let guess = if list.is_guess { "?" } else { "" };
        format!("{}{form}{guess}", &list.url[url::Position::BeforePath..])
    };
    found.lists.iter().map(request).collect()
}

const PROXY: &str = "/module/web/jpage/dataproxy.jsp";

#[test]
fn records_of_the_page_and_the_next_group_are_read() {
    let more = "<nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?page=2&appid=1&webid=5&path=/&columnid=77&unitid=9\
                &webname=某某县&permissiontype=0\"></a>]]></nextgroup>";
    for html in [
        format!(
            "<div id=\"9\"><script type=\"text/xml\">{}</script></div>",
            store(1..=3, more)
        ),
        format!("<div id=\"9\">{}</div>", store(1..=3, more)),
        store(
            1..=3,
            &more
                .to_uppercase()
                .replace(
                    "/MODULE/WEB/JPAGE/DATAPROXY.JSP?PAGE=2&APPID=1&WEBID=5&PATH=/&COLUMNID=77&UNITID=9",
                    "/module/web/jpage/dataproxy.jsp?page=2&appid=1&webid=5&path=/&columnid=77&unitid=9",
                )
                .replace("<A HREF", "<a href"),
        ),
    ] {
        let found = page(&html);
        let paths: Vec<_> = found.reports.iter().map(|report| report.url.path()).collect();
        assert_eq!(
            paths,
            [
                "/art/2024/2/27/art_77_1.html",
                "/art/2024/2/27/art_77_2.html",
                "/art/2024/2/27/art_77_3.html"
            ]
        );
        assert_eq!(found.reports[0].title.as_deref(), Some("某某县第1号报告"));
        assert_eq!(found.reports[0].date.unwrap().to_string(), "2024-02-27");
        assert_eq!(found.lists.len(), 1, "{html}");
        assert_eq!((found.lists[0].number, found.lists[0].is_guess), (Some(2), false));
        assert!(requests(&found)[0].starts_with("/module/web/jpage/dataproxy.jsp?page=2&appid=1&webid=5"));
    }
}

#[test]
fn rows_in_all_their_forms_are_read() {
    let forms = [
        "<record><![CDATA[<a href='../../art/2024/2/27/art_77_1.html'>某某县第1号报告</a><span>2024-02-27</span>]]></record>",
        "<record>&lt;li&gt;&lt;a href=&quot;/art/2024/2/27/art_77_1.html&quot;&gt;某某县第1号报告&lt;/a&gt;2024-02-27&lt;/li&gt;</record>",
        "<record><li><a href=\"/art/2024/2/27/art_77_1.html\">某某县第1号报告</a><b>2024-02-27</b></li></record>",
        "<record>\n<![CDATA[\n<tr><td><a href=\"/col/col77/\">[公报]</a></td><td><a href=\"/art/2024/2/27/art_77_1.html\">某某县第1号报告</a></td>\
         <td>2024-02-27</td></tr>\n]]>\n</record>",
    ];
    for form in forms {
        let found = page(&format!("<datastore><recordset>{form}</recordset></datastore>"));
        let date = "2024-02-27".parse().ok();
        let row = ReportLink {
            url: Url::parse("http://a.gov.cn/art/2024/2/27/art_77_1.html").unwrap(),
            title: Some("某某县第1号报告".to_owned()),
            date,
        };
        assert_eq!(found.reports, [row], "{form}");
    }
    let bare = page("<datastore><record><![CDATA[<a href=\"x.jsp?n=1\">公报</a>]]></record></datastore>");
    assert_eq!(bare.reports.len(), 1, "a row is a row, however short its title");
    let other = page(
        "<datastore><record><![CDATA[<a href=\"http://b.gov.cn/1.html\">某某市第1号报告</a>]]></record></datastore>",
    );
    assert_eq!((other.reports.len(), other.elsewhere.len()), (0, 1));
}

#[test]
fn rows_in_a_script_are_read() {
    let html = "<script>var dataStore = [\"<li><a href=\\\"\\/art\\/2024\\/2\\/27\\/art_77_1.html\\\">某某县第1号报告<\\/a>2024-02-27<\\/li>\",\
                '<li><a href=\"/art/2024/2/27/art_77_2.html\">某某县第2号报告</a></li>'];</script>";
    assert_eq!(page(html).reports.len(), 2);
}

#[test]
fn a_page_with_all_rows_asks_for_nothing() {
    let more = "<totalrecord>3</totalrecord><totalpage>1</totalpage><nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?page=2\"></a>]]></nextgroup>";
    assert_eq!(page(&store(1..=3, more)).lists, []);
    let script = "<script>$('#9').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:15,totalRecord:3,webid:5});</script>";
    assert_eq!(page(&format!("{}{script}", store(1..=3, ""))).lists, []);
    assert_eq!(page(&store(1..=3, "<nextgroup></nextgroup>")).lists, []);
    assert_eq!(
        page(&store(1..=3, "")).lists,
        [],
        "nothing says where there would be more"
    );
}

#[test]
fn what_the_script_was_given_makes_the_requests() {
    let by_object = "<script>$('#9').jpage({theme:'x', proxyUrl:\"/module/web/jpage/dataproxy.jsp\", perPage: 2, totalRecord:'8',\
                     openCookies:false, ajaxParam:{'col':1,'appid':'1','webid':'5','path':'/','columnid':77,'sourceContentType':1,\
                     'unitid':'9','webname':'某某县','permissiontype':0}});</script>";
    let by_string = "<script>var str = 'col=1&appid=1&webid=5&path=%2F&columnid=77&sourceContentType=1&unitid=9&webname=%E6%9F%90%E6%9F%90%E5%8E%BF&permissiontype=0';\
                     jQuery(\"#9\").jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:2,totalRecord:8,data:str})</script>";
    let by_fields = "<input type=hidden name=\"webid\" value=\"5\"><input type='hidden' id='webname' value='某某县'>\
                     <script>$('#9').jpage({ proxyUrl : '/module/web/jpage/dataproxy.jsp', perPage : 2, totalRecord : 8 });</script>";
    let form = "col=1&appid=1&webid=5&path=%2F&columnid=77&sourceContentType=1&unitid=9&webname=%E6%9F%90%E6%9F%90%E5%8E%BF&permissiontype=0";
    for script in [by_object, by_string, by_fields] {
        let found = page(&format!("{}{script}", store(1..=3, "")));
        assert_eq!(
            requests(&found),
            [
                format!("{PROXY}?startrecord=4&endrecord=6&perpage=2 POST {form}"),
                format!("{PROXY}?startrecord=7&endrecord=9&perpage=2 POST {form}"),
            ],
            "{script}"
        );
    }
    let shell = page(by_object);
    assert_eq!(
        requests(&shell),
        [
            format!("{PROXY}?startrecord=1&endrecord=6&perpage=2 POST {form}"),
            format!("{PROXY}?startrecord=7&endrecord=12&perpage=2 POST {form}"),
        ]
    );
    let unknown = page(&format!(
        "{}{}",
        store(1..=3, ""),
        by_object.replace("totalRecord", "x")
    ));
    assert_eq!(
        requests(&unknown),
        [format!(
            "{PROXY}?startrecord=4&endrecord=6&perpage=2 POST {form}?"
        )]
    );
}

#[test]
fn more_columns_are_asked_for_by_page() {
    let html = "<ul id=\"list\"></ul><script>function more(n){ $.get('/module/web/jpage/morecolumndataproxy.jsp?page=' + n + '&webid=5&columnid=77&unitid=9') }</script>";
    let found = page(html);
    assert_eq!(found.lists.len(), 1);
    assert!(
        requests(&found)[0].starts_with("/module/web/jpage/morecolumndataproxy.jsp?page=1&col=1"),
        "{found:?}"
    );
    let rows = "<li><a href=\"/art/2024/2/27/art_77_1.html\">某某县第1号报告</a></li><li><a href=\"/art/2024/2/27/art_77_2.html\">某某县第2号报告</a></li>";
    let first = answer(
        "/module/web/jpage/morecolumndataproxy.jsp?page=1&unitid=9",
        None,
        rows,
    );
    assert_eq!(first.reports.len(), 2);
    assert_eq!(
        requests(&first),
        ["/module/web/jpage/morecolumndataproxy.jsp?page=2&unitid=9?"]
    );
    let json = "{\"html\":\"<li><a href='/art/2024/2/27/art_77_1.html'>某某县第1号报告</a></li>\"}";
    assert_eq!(
        answer("/module/web/jpage/morecolumndataproxy.jsp?page=1", None, json)
            .reports
            .len(),
        1
    );
}

#[test]
fn an_answer_leads_to_the_next_as_it_was_asked_for() {
    let url = "/module/web/jpage/dataproxy.jsp?startrecord=4&endrecord=6&perpage=3";
    let text = |more| format!("<?xml version='1.0' encoding='utf-8'?>{}", store(4..=6, more));
    let known = answer(
        url,
        Some("col=1&unitid=9"),
        &text("<totalrecord>8</totalrecord><totalpage>3</totalpage>"),
    );
    assert_eq!(known.reports.len(), 3);
    assert_eq!(
        requests(&known),
        [format!(
            "{PROXY}?startrecord=7&endrecord=9&perpage=3 POST col=1&unitid=9"
        )]
    );
    let unknown = answer(url, None, &text(""));
    assert_eq!(
        requests(&unknown),
        [format!("{PROXY}?startrecord=7&endrecord=9&perpage=3")]
    );
    let last = answer(url, None, &text("<totalrecord>6</totalrecord>"));
    assert_eq!(last.lists, []);
    let short = answer(
        "/module/web/jpage/dataproxy.jsp?startrecord=4&endrecord=9&perpage=3",
        None,
        &text(""),
    );
    assert_eq!(short.lists, [], "fewer rows than asked for: the last");
    let in_form = answer(
        "/module/web/jpage/dataproxy.jsp",
        Some("startrecord=4&endrecord=6&unitid=9"),
        &text("<totalrecord>7</totalrecord>"),
    );
    assert_eq!(
        requests(&in_form),
        [format!("{PROXY} POST startrecord=7&endrecord=9&unitid=9")]
    );
}

#[test]
fn answers_by_page_end_with_the_totals_or_without_rows() {
    let next = "<nextgroup><![CDATA[<a href=\"./dataproxy.jsp?page=3&unitid=9\"></a>]]></nextgroup>";
    let at = |page: u32, more: &str| {
        let url = format!("/module/jpage/dataproxy.jsp?page={page}&unitid=9");
        requests(&answer(&url, None, &store(4..=6, more)))
    };
    assert_eq!(at(2, next), ["/module/jpage/dataproxy.jsp?page=3&unitid=9"]);
    assert_eq!(at(2, &format!("{next}<totalpage>2</totalpage>")), [""; 0]);
    assert_eq!(at(2, ""), ["/module/jpage/dataproxy.jsp?page=3&unitid=9?"]);
    assert_eq!(
        at(2, "<totalpage>3</totalpage>"),
        ["/module/jpage/dataproxy.jsp?page=3&unitid=9"]
    );
    assert_eq!(
        at(2, "<totalrecord>6</totalrecord><nextgroup></nextgroup>"),
        [""; 0]
    );
    assert_eq!(at(2, "<nextgroup><![CDATA[]]></nextgroup>"), [""; 0]);
    assert_eq!(at(3, next), [""; 0], "an answer that names itself is the last");
    // Six pages of one row, in groups of three.
    assert_eq!(
        at(
            2,
            &format!("{next}<totalrecord>6</totalrecord><totalpage>6</totalpage>")
        ),
        [""; 0]
    );
    let empty = answer(
        "/module/web/jpage/dataproxy.jsp?page=9",
        None,
        "<?xml version='1.0' encoding='UTF-8'?><datastore/>",
    );
    assert_eq!((empty.reports.len(), empty.lists.len()), (0, 0));
    let page = answer(
        "/module/web/jpage/dataproxy.jsp?page=9",
        None,
        "<html><a href=\"/art/2024/2/27/art_77_1.html\">找不到您要的页面</a></html>",
    );
    assert_eq!((page.reports.len(), page.lists.len()), (0, 0));
}

#[test]
fn encrypted_ids_are_taken_as_they_stand() {
    let more = "<nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?page=1&columnid=Qk%2Bz1w%3D%3D&unitid=aGVsbG8%3D\">下一组</a>]]></nextgroup>";
    let found = page(&store(1..=3, more));
    assert_eq!(
        requests(&found),
        ["/module/web/jpage/dataproxy.jsp?page=1&columnid=Qk%2Bz1w%3D%3D&unitid=aGVsbG8%3D?"]
    );
}

#[test]
fn plain_ids_beside_encrypted_ones_are_used() {
    let more = "<nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?page=1&columnid=Qk%2Bz1w&unitid=aGVsbG8\"></a>]]></nextgroup>";
    let script = "<script>$('#9').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:3,totalRecord:5,webid:5,columnid:77});</script>";
    let found = page(&format!("{}{script}", store(1..=3, more)));
    let requests = requests(&found);
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(
        requests[1].starts_with(&format!("{PROXY}?startrecord=4&endrecord=6&perpage=3 POST ")),
        "{requests:?}"
    );
    assert!(requests.iter().all(|request| request.ends_with('?')));
}

#[test]
fn rows_are_resolved_against_the_page_that_shows_them() {
    let record =
        "<datastore><record><![CDATA[<a href=\"art_77_1.html\">某某县第1号报告</a>]]></record></datastore>";
    let found = answer("/module/web/jpage/dataproxy.jsp?page=2", None, record);
    assert_eq!(found.reports[0].url.path(), "/col/col77/art_77_1.html");
    let url = Url::parse("http://a.gov.cn/module/web/jpage/dataproxy.jsp?page=2&columnid=12").unwrap();
    let found = read(&Listing::of(&url, record, &|_| true)).unwrap();
    assert_eq!(
        found.reports[0].url.path(),
        "/col/col12/art_77_1.html",
        "the request names the column"
    );
    let based = page(&format!("<base href=\"http://a.gov.cn/b/\">{record}"));
    assert_eq!(based.reports[0].url.path(), "/b/art_77_1.html");
}

#[test]
fn several_lists_of_a_page_are_read_each_for_itself() {
    let next = |unit: u32| {
        format!(
            "<nextgroup><![CDATA[<a href=\"/module/web/jpage/dataproxy.jsp?page=2&unitid={unit}\"></a>]]></nextgroup>"
        )
    };
    let found = page(&format!("{}{}", store(1..=2, &next(7)), store(3..=4, &next(8))));
    assert_eq!(
        (found.reports.len(), found.lists.len(), found.is_list),
        (4, 2, false)
    );
    let scripts = "<script>$('#7').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',totalRecord:5,webid:1});\
                   $('#8').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',totalRecord:2,webid:1})</script>";
    let found = page(&format!("{}{}{scripts}", store(1..=2, ""), store(3..=4, "")));
    assert_eq!(found.lists.len(), 2, "{:?}", requests(&found));
    assert!(
        found
            .lists
            .iter()
            .all(|list| list.form.as_ref().unwrap().contains("unitid=7"))
    );
}

#[test]
fn other_pages_are_passed_over() {
    for html in [
        "<ul><li><a href=\"/art/2024/2/27/art_77_1.html\">某某县第1号报告</a></li></ul>",
        "<?xml version='1.0'?><rss/>",
        "",
    ] {
        assert_eq!(page(html), Found::default());
    }
}

/// The first request of what was found, as the crawl sends and remembers it.
fn next(found: &Found) -> (String, Option<String>) {
    let list = found.lists.first().expect("there is more");
    (
        list.url[url::Position::BeforePath..].to_owned(),
        list.form.clone(),
    )
}

#[test]
fn rows_are_asked_for_by_number_when_the_next_group_brings_nothing_new() {
    let group = |page: u32| {
        format!(
            "<nextgroup><![CDATA[<a href=\"{PROXY}?page={page}&webid=5&path=/&columnid=77&unitid=9&webname=x\"></a>]]></nextgroup>"
        )
    };
    let script = "<script>$('#9').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:3,totalRecord:7,webid:5,columnid:77,unitid:9,webname:'x'});</script>";
    let form =
        "col=1&appid=1&webid=5&path=%2F&columnid=77&sourceContentType=1&unitid=9&webname=x&permissiontype=0";
    let nothing = "<datastore><recordset></recordset></datastore>".to_owned();
    for (html, is_known) in [
        (store(1..=3, &group(2)), false),
        (format!("{}{script}", store(1..=3, &group(2))), true),
    ] {
        let (url, none) = next(&page(&html));
        assert_eq!(none, None);
        // The server knows no pages: it answers with the same rows again, or with none.
        for same in [store(1..=3, ""), nothing.clone()] {
            let by_number = answer(&url, None, &same);
            let request = &by_number.lists[0];
            assert!(request.begins);
            assert_eq!(request.is_guess, !is_known);
            let (url, posted) = next(&by_number);
            let per_page = if is_known { 3 } else { 15 };
            assert!(
                url.starts_with(&format!("{PROXY}?startrecord=4&endrecord=6&perpage={per_page}#")),
                "{url}"
            );
            assert_eq!(posted.as_deref(), Some(form));
            let rows = answer(&url, Some(form), &store(4..=6, ""));
            assert_eq!(rows.reports.len(), 3);
            let (url_7, posted) = next(&rows);
            assert!(url_7.contains("startrecord=7&endrecord=9"), "{url_7}");
            assert_eq!(posted.as_deref(), Some(form));
            assert_eq!(answer(&url_7, Some(form), &store(7..=7, "")).lists, []);
            // No POST: the same by GET.
            let (url, posted) = next(&answer(&url, Some(form), &nothing));
            assert!(
                url.contains(&format!("startrecord=4&endrecord=6&perpage={per_page}&{form}#")),
                "{url}"
            );
            assert_eq!(posted, None);
            assert_eq!(answer(&url, None, &nothing).lists, [], "there is no third way");
        }
        // What brings new rows is followed to its end.
        let (url, _) = next(&answer(&url, None, &store(4..=6, "")));
        assert!(url.contains("page=3"), "{url}");
        let rest = answer(&url, None, &nothing);
        assert_eq!(
            rest.lists.len(),
            usize::from(is_known),
            "one row is said to be missing"
        );
    }
    // Pages that are numbered from the one at hand.
    let (url, _) = next(&page(&store(1..=3, &group(1))));
    let (url, _) = next(&answer(&url, None, &store(1..=3, "")));
    assert!(url.contains("page=2"), "{url}");
    let (url, _) = next(&answer(&url, None, &store(1..=3, "")));
    assert!(url.contains("startrecord=4"), "{url}");
}

#[test]
fn the_oldest_pages_link_to_their_next_rows() {
    let link = "<ul><li><a href='/art/2024/2/27/art_77_1.html'>某某县第一号报告</a></li></ul>\
                <a href=\"/module/jpage/dataproxy.jsp?page=2&appid=1&webid=3&path=/&columnid=77&unitid=9&webname=x\">下一页</a>";
    let found = page(link);
    assert_eq!(
        requests(&found),
        ["/module/jpage/dataproxy.jsp?page=2&appid=1&webid=3&path=/&columnid=77&unitid=9&webname=x"]
    );
    assert_eq!(
        requests(&page(&link.replace("下一页", "2"))),
        requests(&found),
        "pages may be numbered"
    );
}
