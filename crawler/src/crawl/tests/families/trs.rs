//! TRS WCM: pages counted by a script, and what stands behind the last.

use super::*;

#[tokio::test]
async fn trs_counts_from_zero() {
    let answer = |hit: &Hit| {
        let script =
            |current: u32| format!("<script>createPageHTML(3, {current}, \"index\", \"html\");</script>");
        match hit.path.as_str() {
            "/zwgk/fzzf/" => page(&(rows(&TRS[..3]) + &script(0))),
            "/zwgk/fzzf/index_1.html" => page(&(rows(&TRS[3..6]) + &script(1))),
            "/zwgk/fzzf/index_2.html" => page(&(rows(&TRS[6..]) + &script(2))),
            _ => None,
        }
    };
    let pages = ["/zwgk/fzzf/index_1.html", "/zwgk/fzzf/index_2.html"];
    all_is_found("trs", "/zwgk/fzzf/", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn trs_with_an_element_may_begin_with_one_or_two() {
    for first in [1, 2] {
        let answer = move |hit: &Hit| {
            let script = |current: u32| {
                format!("<script>createPageHTML('page_div', 3, {current}, 'fzzf_list', 'shtml', 20)</script>")
            };
            let number = hit.path.strip_prefix("/zwgk/fzzf_list")?.strip_suffix(".shtml")?;
            let number: usize = match number.strip_prefix('_') {
                None => 0,
                Some(number) => (number.parse::<usize>().ok()? + 1).checked_sub(first)?,
            };
            let parts = [&TRS[..3], &TRS[3..6], &TRS[6..]];
            // Where the second page is `_2`, `_1` is the first once more.
            page(&(rows(parts.get(number)?) + &script(number as u32 + 1)))
        };
        let pages = [
            "/zwgk/fzzf_list_1.shtml",
            "/zwgk/fzzf_list_2.shtml",
            "/zwgk/fzzf_list_3.shtml",
        ];
        all_is_found("trs", "/zwgk/fzzf_list.shtml", &TRS, &pages, answer).await;
    }
}

#[tokio::test]
async fn trs_templates_that_write_their_links_by_hand() {
    let answer = |hit: &Hit| {
        let script = |current: u32| {
            format!(
                "<script>\nvar currentPage = {current};//当前页\nvar countPage = 3//共多少页\nvar nextPage = currentPage+1\n\
                 if(countPage>1)document.write(\"<a href=\\\"index\"+\"_\" + nextPage + \".\"+\"htm\\\">下一页</a>\");\n</script>"
            )
        };
        match hit.path.as_str() {
            "/zwgk/fzzf/index.htm" => page(&(rows(&TRS[..3]) + &script(0))),
            "/zwgk/fzzf/index_1.htm" => page(&(rows(&TRS[3..6]) + &script(1))),
            "/zwgk/fzzf/index_2.htm" => page(&(rows(&TRS[6..]) + &script(2))),
            _ => None,
        }
    };
    let pages = ["/zwgk/fzzf/index_1.htm", "/zwgk/fzzf/index_2.htm"];
    all_is_found("trs", "/zwgk/fzzf/index.htm", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn stubs_and_repeated_pages_end_a_list() {
    // The script promises far more pages than there are: behind the last, stubs or the first page once more.
    for stub in [true, false] {
        let answer = move |hit: &Hit| {
            let script = "<script>createPageHTML(40, 0, \"index\", \"html\");</script>";
            let page_of = |part: &[&str]| page(&(rows(part) + script));
            match hit.path.as_str() {
                "/zwgk/fzzf/" => page_of(&TRS[..4]),
                "/zwgk/fzzf/index_1.html" => page_of(&TRS[4..]),
                path if path.starts_with("/zwgk/fzzf/index_") && stub => Some(Reply::html(
                    "<html><head><meta http-equiv=\"refresh\" content=\"0;url=/zwgk/\"></head><body>暂无内容</body></html>",
                )),
                path if path.starts_with("/zwgk/fzzf/index_") => page_of(&TRS[..4]),
                _ => None,
            }
        };
        let mut pages = vec!["/zwgk/fzzf/index_1.html", "/zwgk/fzzf/index_2.html"];
        // One stub may be an accident.
        pages.extend(stub.then_some("/zwgk/fzzf/index_3.html"));
        all_is_found("trs", "/zwgk/fzzf/", &TRS, &pages, answer).await;
    }
}

#[tokio::test]
async fn pages_behind_the_end_that_send_home_are_none() {
    let answer = |hit: &Hit| match hit.path.as_str() {
        "/zwgk/fzzf/list.html" => {
            page(&(rows(&TRS) + "<script>createPageHTML('div', 2, 1, 'list', 'html', 9)</script>"))
        }
        "/zwgk/fzzf/list_1.html" | "/zwgk/fzzf/list_2.html" => Some(Reply::redirect("/")),
        "/" => page(
            "<a href=\"/zwgk/\">信息公开</a><a href=\"/gsgg/202401/t20240101_9.html\">关于召开县人民代表大会的通知公告</a>",
        ),
        _ => None,
    };
    let pages = ["/zwgk/fzzf/list_1.html", "/zwgk/fzzf/list_2.html", "/", "/"];
    all_is_found("trs", "/zwgk/fzzf/list.html", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn rows_that_lead_elsewhere_do_not_end_a_list() {
    let answer = |hit: &Hit| {
        let script = "<script>createPageHTML(4, 0, \"index\", \"html\");</script>";
        let foreign = |n: u32| {
            format!(
                "<ul><li><a href=\"http://other.example/{n}00{n}.html\">某某市人民政府关于第{n}号事项的通知</a></li></ul>{script}"
            )
        };
        match hit.path.as_str() {
            "/zwgk/fzzf/" => page(&(rows(&TRS[..3]) + script)),
            "/zwgk/fzzf/index_1.html" => page(&foreign(1)),
            "/zwgk/fzzf/index_2.html" => page(&foreign(2)),
            "/zwgk/fzzf/index_3.html" => page(&(rows(&TRS[3..]) + script)),
            _ => None,
        }
    };
    let pages = [
        "/zwgk/fzzf/index_1.html",
        "/zwgk/fzzf/index_2.html",
        "/zwgk/fzzf/index_3.html",
    ];
    all_is_found("trs", "/zwgk/fzzf/", &TRS, &pages, answer).await;
}
