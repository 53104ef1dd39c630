//! TRS WCM: a script writes the pager, with the pages first or an element.

use super::{
    super::{
        papers::list_page,
        samples::Sample,
        server::{Reply, Site},
    },
    Stock, TRS, hex,
};

pub(super) fn trs(family: &str) -> Sample {
    let stock = Stock::new(30, 34, TRS, |n, paper| {
        format!(
            "/xxgk/fdzdgk/fzzf/{}/t{}_65839{n:02}.html",
            paper.month(),
            paper.day()
        )
    });
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let number = match hit.path() {
            "/xxgk/fdzdgk/fzzf/" | "/xxgk/fdzdgk/fzzf/index.html" => 0,
            "/xxgk/fdzdgk/fzzf/index_1.html" => 1,
            "/xxgk/fdzdgk/fzzf/index_2.html" => 2,
            "/xxgk/fdzdgk/fzzf/index_3.html" => 3,
            _ => return stock.reply(hit),
        };
        let rows: String = stock
            .slice(number * 10, 10)
            .iter()
            .map(|(path, paper)| paper.row(&path.replace("/xxgk/fdzdgk/fzzf/", "./")))
            .collect();
        let below = format!(
            "<div class=\"page\"><script>\n  createPageHTML(4, {number}, \"index\", \"html\");\n</script></div>"
        );
        Reply::html(list_page(&rows, &below))
    });
    Sample::of(family, "trs", site, "/xxgk/fdzdgk/fzzf/index.html", expected)
}

pub(super) fn trs_by_element(family: &str, second: usize) -> Sample {
    let stock = Stock::new(65, 47, TRS, |n, _| format!("/{}.shtml", hex(n)));
    let expected = stock.expected();
    let site = Site::start(move |hit| {
        let number = (0..3).find(|n| {
            let suffix = if *n == 0 {
                String::new()
            } else {
                format!("_{}", n + second - 1)
            };
            hit.path() == format!("/fzzf/fzzf_list{suffix}.shtml")
        });
        let Some(number) = number else {
            return stock.reply(hit);
        };
        let below = format!(
            "<div id=\"page_div\"></div><script>createPageHTML('page_div',3, {},'fzzf_list','shtml',47);</script>",
            number + 1
        );
        Reply::html(list_page(&stock.rows(number, 20), &below))
    });
    Sample::of(
        family,
        &format!("trs-element-{second}"),
        site,
        "/fzzf/fzzf_list.shtml",
        expected,
    )
}
