//! Scripts as templates have them in, addresses out.

use super::*;

fn pages_at(url: &str, is_named: bool, is_further: bool, script: &str) -> Option<Vec<String>> {
    let url = Url::parse(url).unwrap();
    let html = format!("<html><script>{script}</script></html>");
    let listing = Listing {
        is_named,
        is_further,
        ..Listing::of(&url, &html, &|_| true)
    };
    let found = read(&listing)?;
    let path = |link: &ListLink| format!("{}{}", link.url.path(), if link.is_guess { "?" } else { "" });
    Some(found.lists.iter().map(path).collect())
}

fn pages(script: &str) -> Option<Vec<String>> {
    pages_at("http://a.gov.cn/x/index.html", false, false, script)
}

fn numbers(name: &str, numbers: &[u32], extension: &str) -> Vec<String> {
    let page = |number: &u32| format!("/x/{name}_{number}.{extension}");
    numbers.iter().map(page).collect()
}

#[test]
fn pages_are_counted_from_zero() {
    for script in [
        r#"createPageHTML(3, 0, "index", "html");"#,
        "createPageHTML ( '3','0' , 'index' ,\n 'html' )",
        r#"/* pager */ window.onload=function(){createPageHTML(3,0,"./index",".html",15);}"#,
        "<!--\ncreatePageHTML(3, 0, \"index\", \"html\");\n//-->",
        "//createPageHTML(9, 0, 'index', 'html');\ncreatePageHTML(3,0,'index','html')",
        "var nPageCount = 3; var nCurrIndex = 0; createPageHTML(nPageCount, nCurrIndex, 'index', 'html');",
        "var countPage = 3;//共多少页\nvar currentPage = 0;\nvar ext='html';createPageHTML(countPage,currentPage,\"index\",ext)",
        "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){} createPageHTML(3, 0, 'index', 'html')",
        "createPage(3, 0, 'index', 'html', 'black2', 195)",
        "createPageHtml(parseInt('3'), 0)",
        "createPageHTML('index', 'html', 3, 0)",
    ] {
        assert_eq!(
            pages(script).unwrap(),
            numbers("index", &[1, 2], "html"),
            "{script}"
        );
    }
    assert_eq!(pages("createPageHTML(1,0,'index','html')").unwrap(), [""; 0]);
    assert_eq!(pages("createPageHTML(0,0,'index','html')").unwrap(), [""; 0]);
    assert_eq!(
        pages("createPageHTML('4','1','index','shtml', 9)").unwrap().len(),
        3
    );
    assert_eq!(
        pages("createPageHTML(4000000000, 0, 'index', 'html')")
            .unwrap()
            .len(),
        2000
    );
}

#[test]
fn the_variant_with_an_element_asks_both_ends() {
    for script in [
        "createPageHTML('page_div',3, 1,'fzzf_list','shtml',60);",
        "createPageHTML(\"page_div\", 3 ,0, \"fzzf_list\", \"shtml\", 20)",
    ] {
        let pages = pages_at("http://a.gov.cn/x/fzzf_list.shtml", false, false, script).unwrap();
        assert_eq!(
            pages,
            [
                "/x/fzzf_list_1.shtml?",
                "/x/fzzf_list_2.shtml",
                "/x/fzzf_list_3.shtml?"
            ]
        );
    }
    assert_eq!(
        pages("createPageHTML('page_div',1,1,'index','html',9)").unwrap(),
        [""; 0]
    );
}

#[test]
fn a_first_page_that_calls_itself_one_may_go_on_with_two() {
    let pages = pages("createPageHTML(2, 1, 'index', 'html')").unwrap();
    assert_eq!(pages, ["/x/index_1.html?", "/x/index_2.html?"]);
}

#[test]
fn a_further_page_asks_for_those_behind_it() {
    let script = "createPageHTML(40, 2, 'index', 'html')";
    let pages = pages_at("http://a.gov.cn/x/index_2.html", false, true, script).unwrap();
    assert_eq!(
        pages,
        numbers("index", &[3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "html")
    );
    let seed = pages_at("http://a.gov.cn/x/index_2.html", false, false, script).unwrap();
    assert_eq!((seed.len(), seed[0].as_str()), (40, "/x/index.html"));
}

#[test]
fn templates_that_write_links_by_hand_are_counted() {
    let script = r#"
        var currentPage = 0;//所在页从0开始
        var prevPage = currentPage-1//上一页
        var nextPage = currentPage+1//下一页
        var countPage = 3//共多少页
        document.write("共"+countPage+"页 ");
        if(countPage>1&&currentPage!=(countPage-1))
            document.write("<a href=\"index"+"_" + nextPage + "."+"shtml\">下一页</a>");"#;
    assert_eq!(pages(script).unwrap(), ["/x/index_1.shtml?", "/x/index_2.shtml?"]);
    let goto = "var nPageCount = 2; function go(n){ location.href = 'list_' + (n-1) + '.html'; }";
    assert_eq!(pages(goto).unwrap(), ["/x/list_1.html?"]);
    let records =
        "var m_nRecordCount = \"31\"; var m_nPageSize = 15; s = \"<a href='index_\" + i + \".html'>\";";
    assert_eq!(pages(records).unwrap(), ["/x/index_1.html?", "/x/index_2.html?"]);
}

#[test]
fn a_bare_count_is_believed_when_the_portal_is_known() {
    let script = "var pageCount = 2;";
    assert_eq!(pages(script), None);
    let named = pages_at("http://a.gov.cn/x/", true, false, script).unwrap();
    assert_eq!(named, ["/x/index_1.html?"]);
}

#[test]
fn definitions_and_odd_calls_are_passed_over() {
    for script in [
        "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}",
        "createPageHTML(3, 0, \"../../x\", \"html\")",
        "createPageHTML(title, body)",
        "createPageHTML('标题', '<p>3</p>')",
        "createPageHTML(",
    ] {
        assert_eq!(pages(script), None, "{script}");
    }
}
