//! Lists whose pages are links, in whatever disguise, and those of VSB, which count down.

use super::*;

#[tokio::test]
async fn plain_lists_are_paged_by_links_menus_and_functions() {
    for pager in [
        "<a href=\"list.jsp?id=7&page={next}\">下一页</a>",
        "<select onchange=\"location.href=this.value\"><option value=\"list.jsp?id=7&page=2\">2</option>         <option value=\"list.jsp?id=7&page=3\">3</option></select>",
        "<a href=\"javascript:goPage(2)\">2</a><a href=\"javascript:goPage(3)\">末页</a>         <script>function goPage(n){ window.location.href = 'list.jsp?id=7&page=' + n; }</script>",
        "<a href=\"javascript:;\" onclick=\"location.href='list.jsp?id=7&page={next}'\">下一页</a>",
    ] {
        let answer = move |hit: &Hit| {
            let number: usize = match hit.path.strip_prefix("/xxgk/list.jsp?id=7")? {
                "" => 1,
                page => page.strip_prefix("&page=")?.parse().ok()?,
            };
            let parts = [&TRS[..3], &TRS[3..6], &TRS[6..]];
            let pager = if number < 3 || !pager.contains("{next}") {
                pager
            } else {
                ""
            };
            page(&(rows(parts.get(number - 1)?) + &pager.replace("{next}", &(number + 1).to_string())))
        };
        let pages = ["/xxgk/list.jsp?id=7&page=2", "/xxgk/list.jsp?id=7&page=3"];
        all_is_found("static", "/xxgk/list.jsp?id=7", &TRS, &pages, answer).await;
    }
}

#[tokio::test]
async fn a_list_that_shares_whole_pages_with_another_is_read_to_its_end() {
    let answer = |hit: &Hit| {
        let next = |number: usize| format!("<a href=\"index_{number}.html\">下一页</a>");
        let (column, file) = hit
            .path
            .strip_prefix("/zwgk/")
            .map_or(("", ""), |rest| rest.split_once('/').unwrap_or((rest, "")));
        match (column, file) {
            ("", "") => page("<a href=\"/zwgk/gzbg/\">政府工作报告</a><a href=\"/zwgk/zfwj/\">政府文件</a>"),
            ("gzbg", "") => page(&(rows(&TRS[..2]) + &next(1))),
            ("gzbg", "index_1.html") => page(&(rows(&TRS[2..4]) + &next(2))),
            ("gzbg", "index_2.html") => page(&rows(&TRS[4..6])),
            ("zfwj", "") => page(&(rows(&TRS[..2]) + &next(1))),
            ("zfwj", "index_1.html") => page(&(rows(&TRS[2..4]) + &next(2))),
            ("zfwj", "index_2.html") => page(&(rows(&TRS[4..6]) + &next(3))),
            ("zfwj", "index_3.html") => page(&rows(&TRS[6..])),
            _ => None,
        }
    };
    let pages = [
        "/zwgk/gzbg/",
        "/zwgk/gzbg/index_1.html",
        "/zwgk/gzbg/index_2.html",
        "/zwgk/zfwj/",
        "/zwgk/zfwj/index_1.html",
        "/zwgk/zfwj/index_2.html",
        "/zwgk/zfwj/index_3.html",
    ];
    all_is_found("static", "/zwgk/", &TRS, &pages, answer).await;
}

#[tokio::test]
async fn rows_and_columns_that_a_script_opens_are_followed() {
    let answer = |hit: &Hit| match hit.path.as_str() {
        "/zwgk/" => page(
            "<ul><li data-url=\"/zwgk/fzzf/\">法治政府建设</li><li data-url=\"/zwgk/tjgb/\">统计公报</li></ul>",
        ),
        "/zwgk/fzzf/" => {
            let row = |path: &&str| {
                format!(
                    "<tr onclick=\"window.open('{path}')\"><td>{}</td><td>2024-02-27</td></tr>",
                    title(path)
                )
            };
            page(&format!(
                "<table>{}</table>",
                TRS.iter().map(row).collect::<String>()
            ))
        }
        "/zwgk/tjgb/" => page("<p>暂无信息</p>"),
        _ => None,
    };
    all_is_found("static", "/zwgk/", &TRS, &["/zwgk/fzzf/", "/zwgk/tjgb/"], answer).await;
}

#[tokio::test]
async fn vsb() {
    let lists = ["/zwgk/fzzf.htm", "/zwgk/fzzf/2.htm", "/zwgk/fzzf/1.htm"];
    all_is_found("vsb", lists[0], &FIVE, &lists[1..], |hit| {
        let pager = |number: u32| format!("<table><tr><td>共5条&nbsp;{number}/3&nbsp;</td></tr></table>");
        let next = "<a href='fzzf/2.htm'>下页</a><a href='fzzf/1.htm'>尾页</a>";
        let unpublished = "<li><a href='/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1007&wbnewsid=9'>某某县尚未发布的法治政府建设报告</a>2024-02-28</li>";
        match hit.path.as_str() {
            "/zwgk/fzzf.htm" => page(&format!("{}{unpublished}{}{next}", rows(&FIVE[..2]), pager(1))),
            "/zwgk/fzzf/2.htm" => page(&format!("{}{}<a href='../fzzf.htm'>上页</a><a href='1.htm'>下页</a>", rows(&FIVE[2..4]), pager(2))),
            "/zwgk/fzzf/1.htm" => page(&format!("{}{}<a href='2.htm'>上页</a>", rows(&FIVE[4..]), pager(3))),
            _ => None,
        }
    })
    .await;
}
