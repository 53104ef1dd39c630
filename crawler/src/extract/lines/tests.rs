//! How nodes become lines: nothing short is lost, nothing inline is torn.

use super::*;
use crate::extract::dom;

fn lines(html: &str) -> Vec<String> {
    let page = dom::parse(html);
    let read = read(
        page.tree.root(),
        Skip {
            hidden: true,
            nodes: &|_| false,
        },
    );
    read.lines.into_iter().map(|line| line.text).collect()
}

#[test]
fn inline_elements_add_nothing_and_lose_nothing() {
    let html = "<p><span>2023</span><span>年</span><span>7</span><span>月</span><span>4</span><span>日</span></p>\
                <p><b>〔</b><span lang=EN-US>2023<o:p></o:p></span><b>〕</b>34<font>号</font></p>";
    assert_eq!(lines(html), ["2023年7月4日", "〔2023〕34号"]);
}

#[test]
fn blocks_and_breaks_end_lines() {
    assert_eq!(
        lines("甲<br>乙<div>丙</div>丁<p>戊<hr>己"),
        ["甲", "乙", "丙", "丁", "戊", "己"]
    );
    assert_eq!(lines("<pre>甲\n  乙\n\n丙</pre>"), ["甲", "乙", "丙"]);
}

#[test]
fn white_space_is_read_as_a_reader_sees_it() {
    assert_eq!(
        lines("<p>\u{3000}\u{3000}&nbsp;&ensp;甲  乙\n\t丙&emsp;</p>"),
        ["甲 乙丙"]
    );
    assert_eq!(
        lines("<p>全面依法\n治县，\n  PM2.5\n浓度</p>"),
        ["全面依法治县， PM2.5 浓度"]
    );
    assert_eq!(lines("<p>甲\u{200b}乙\u{feff}\0丙</p>"), ["甲乙丙"]);
    assert_eq!(lines("<p>&nbsp;</p><p> </p>"), [""; 0]);
}

#[test]
fn rows_of_data_are_lines_of_cells() {
    let html = "<table><tr><th>项目</th><th>数量</th><th>备注</th></tr>\
                <tr><td><p>行政</p><p>许可</p></td><td> 12 </td><td></td></tr><tr><td></td><td>3</td><td>无</td></tr></table>";
    assert_eq!(lines(html), ["项目\t数量\t备注", "行政 许可\t12\t", "\t3\t无"]);
}

#[test]
fn cells_that_span_are_said_once() {
    let html = "<table><tr><td rowspan=2>结果</td><td colspan=2>予以公开</td><td>2</td></tr>\
                <tr><td>不予公开</td><td>其他</td><td></td></tr></table>";
    assert_eq!(lines(html), ["结果\t予以公开\t2", "不予公开\t其他\t"]);
}

#[test]
fn tables_that_lay_out_the_page_are_blocks() {
    let html = "<table><tr><td><ul><li>首页<li>公开</ul></td><td><table><tr><td>正文</td></tr></table></td></tr></table>";
    assert_eq!(lines(html), ["首页", "公开", "正文"]);
}

#[test]
fn unseen_text_is_not_read() {
    let html = "<p>甲</p><script>var x = '乙';</script><style>丙</style><p style='DISPLAY: none'>丁</p><select><option>戊</select>\
                <noscript>己</noscript><!-- 庚 --><p hidden>辛</p>";
    assert_eq!(lines(html), ["甲"]);
}

#[test]
fn words_written_by_script_are_read() {
    let html = "<p>来源：<script>document.write(\"清河县司法局\")</script> \
                <script>if (\"县政府办\" != \"\") { document.write('<span class=\"x\">县政府办</span>') }</script></p>\
                <p>今天是：<script>document.write(new Date().getFullYear() + '年')</script></p>";
    assert_eq!(lines(html), ["来源：清河县司法局 县政府办", "今天是："]);
}

#[test]
fn links_and_headings_are_noted() {
    let page = dom::parse(
        "<h2>标题一</h2><p><a href=a.html>甲乙</a>丙<a name=x>丁</a></p><div class='xl_title'>标题二</div>",
    );
    let read = read(
        page.tree.root(),
        Skip {
            hidden: true,
            nodes: &|_| false,
        },
    );
    let seen: Vec<_> = read
        .lines
        .iter()
        .map(|line| (line.heading, line.titled, line.chars, line.linked, line.links))
        .collect();
    assert_eq!(
        seen,
        [
            (true, false, 3, 0, 0),
            (false, false, 4, 2, 1),
            (false, true, 3, 0, 0)
        ]
    );
}

#[test]
fn comments_mark_the_text() {
    let page = dom::parse("<p>甲</p><!--ZJEG_RSS.content.begin--><p>乙<p>丙<!--ZJEG_RSS.content.end--><p>丁");
    let read = read(
        page.tree.root(),
        Skip {
            hidden: true,
            nodes: &|_| false,
        },
    );
    assert_eq!(read.marked, Some(1..3));
}
