//! Spellings of addresses, and what they come to.

use proptest::prelude::*;

use super::*;

#[test]
fn forms_of_one_page_are_one() {
    let one = "https://www.example.gov.cn/zwgk/t20240328_12.html";
    for other in [
        "https://www.example.gov.cn:443/zwgk/t20240328_12.html#top",
        "https://www.example.gov.cn//zwgk//t20240328_12.html?spm=1.2&utm_source=x",
        "https://user:pw@www.EXAMPLE.gov.cn./zwgk/t20240328_12.html;jsessionid=AB12?_=1712",
        "https://www.example.gov.cn/zwgk/%7420240328_12.html?v=3",
    ] {
        assert_eq!(canonical(other), one, "{other}");
    }
}

#[test]
fn what_is_shown_is_plain_and_can_be_opened() {
    for (url, plain) in [
        (
            "http://a.gov.cn/x//index.html;jsessionid=AB12?v=2#top",
            "http://a.gov.cn/x/index.html",
        ),
        (
            "http://a.gov.cn/x/?v=2&from=timeline&isappinstalled=0",
            "http://a.gov.cn/x/",
        ),
        (
            "http://a.gov.cn/(S(abc0))/show.aspx?id=7&from=list",
            "http://a.gov.cn/show.aspx?id=7&from=list",
        ),
        ("http://a.gov.cn/x/?version=index.html", "http://a.gov.cn/x/"),
        ("import:folder//a.html", "import:folder//a.html"),
    ] {
        assert_eq!(shown(url), plain, "{url}");
        assert_eq!(canonical(url), canonical(plain), "{url}");
    }
}

#[test]
fn of_the_spellings_of_an_address_one_is_the_fittest_whatever_comes_first() {
    let by_fitness = [
        "https://www.a.gov.cn/x/",
        "http://www.a.gov.cn/x/index.html",
        "http://www.a.gov.cn/x/?spm=1",
        "http://a.gov.cn/x/",
        "http://a.gov.cn/x/index.html;jsessionid=AB12",
        "http://m.a.gov.cn/x/",
        "http://wap.a.gov.cn/x/",
    ];
    let urls = by_fitness.map(|url| Url::parse(url).unwrap());
    for (at, url) in urls.iter().enumerate() {
        for (other_at, other) in urls.iter().enumerate() {
            assert_eq!(is_fitter(url, other), at < other_at, "{url} {other}");
        }
    }
}

#[test]
fn a_crawl_takes_twins_for_one_page() {
    let key = |url: &str| page_key(&Url::parse(url).unwrap());
    assert_eq!(key("http://www.a.gov.cn/x/index.html"), "a.gov.cn/x/");
    assert_eq!(key("https://a.gov.cn/x/"), "a.gov.cn/x/");
    assert_eq!(key("http://127.0.0.1:9001/x"), "127.0.0.1:9001/x");
    assert_eq!(key("http://www.cn/a.html"), "www.cn/a.html");
    assert_eq!(key("http://m.a.gov.cn/x.html"), "a.gov.cn/x.html");
    assert_eq!(key("http://www.wap.a.gov.cn/x.html"), "a.gov.cn/x.html");
    assert_eq!(key("http://m.cn/x.html"), "m.cn/x.html");
}

#[test]
fn a_gate_to_traditional_characters_is_looked_through() {
    let key = |url: &str| page_key(&Url::parse(url).unwrap());
    for gate in [
        "http://big5.a.gov.cn/gate/big5/www.a.gov.cn/x/1.html?spm=2",
        "https://www.a.gov.cn/gate/big5/http://www.a.gov.cn/x/1.html",
        "http://big5.b.gov.cn/gate/big5/a.gov.cn/x//1.html",
    ] {
        assert_eq!(key(gate), "a.gov.cn/x/1.html", "{gate}");
    }
    assert_eq!(
        key("http://127.0.0.1:9001/gate/big5/127.0.0.1:9001/x"),
        "127.0.0.1:9001/x"
    );
    assert_eq!(key("http://a.gov.cn/gate/big5/"), "a.gov.cn/gate/big5/");
    assert_eq!(
        key("http://a.gov.cn/gate/big5/a.gov.cn/gate/big5/a.gov.cn/x"),
        "a.gov.cn/gate/big5/a.gov.cn/gate/big5/a.gov.cn/x"
    );
}

#[test]
fn sessions_make_no_difference() {
    let one = "http://a.example/show.aspx?id=7";
    for other in [
        "http://a.example/(S(lit3py55t21z5v55vlm25s55))/show.aspx?id=7",
        "http://a.example/(S(abc0))/show.aspx?id=7",
        "http://a.example/%28X(1)S(abc0)F(a-b_c)%29/show.aspx?id=7",
        "http://a.example/show.aspx?id=7&PHPSESSID=ab12",
        "http://a.example/show.aspx?ASPSESSIONIDQQ=x&id=7",
        "http://a.example/show.aspx?sid=0a1b2c3d4e5f60718293&id=7",
    ] {
        assert_eq!(canonical(other), one, "{other}");
        assert!(has_session(&Url::parse(other).unwrap()), "{other}");
    }
    for own in [
        "http://a.example/show.aspx?sid=7",
        "http://a.example/show.aspx?sid=1234567890123456",
        "http://a.example/(S())/x",
        "http://a.example/(2023)/x",
        "http://a.example/(a(b)c)/x",
    ] {
        assert_eq!(canonical(own), own, "a number names something");
        assert!(!has_session(&Url::parse(own).unwrap()), "{own}");
    }
}

#[test]
fn a_fragment_counts_where_it_names_a_category() {
    let key = |url: &str| page_key(&Url::parse(url).unwrap());
    assert_eq!(
        key("http://www.a.gov.cn/gkmlpt/index#12"),
        "a.gov.cn/gkmlpt/index#12"
    );
    assert_eq!(key("http://a.gov.cn/gkmlpt/index#top"), "a.gov.cn/gkmlpt/index");
    assert_eq!(key("http://a.gov.cn/x.html#12"), "a.gov.cn/x.html");
    assert_eq!(
        key("http://a.gov.cn/gkmlpt/content/1/2/post_3.html#12"),
        "a.gov.cn/gkmlpt/content/1/2/post_3.html"
    );
}

#[test]
fn index_files_are_their_folder() {
    for file in ["", "index.html", "INDEX.HTM", "index.shtml"] {
        assert_eq!(
            canonical(&format!("http://a.example/x/{file}")),
            "http://a.example/x/",
            "{file}"
        );
    }
    assert_eq!(canonical("http://a.example"), "http://a.example/");
    assert_eq!(
        canonical("http://a.example/x/index_1.html"),
        "http://a.example/x/index_1.html"
    );
}

#[test]
fn what_names_a_document_stays() {
    assert_eq!(
        canonical("http://a.example/show.jsp?id=7&v=2"),
        "http://a.example/show.jsp?id=7&v=2"
    );
    assert_eq!(canonical("http://a.example:8080/x"), "http://a.example:8080/x");
    assert_eq!(canonical("http://www.cn/x"), "http://www.cn/x");
    assert_ne!(
        canonical("http://a.example/x?page=1"),
        canonical("http://a.example/x?page=2")
    );
    assert_eq!(
        canonical("http://a.example/%e4%b8%ad%2f"),
        "http://a.example/%E4%B8%AD%2F"
    );
    assert_eq!(canonical("import:folder/a.html"), "import:folder/a.html");
}

proptest! {
    #[test]
    fn canonical_of_canonical_is_itself(url in "https?://[a-z.]{1,12}(:[0-9]{2,4})?/[ -~]{0,40}") {
        let once = canonical(&url);
        prop_assert_eq!(canonical(&once), once);
    }
}
