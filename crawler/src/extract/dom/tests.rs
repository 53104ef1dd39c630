//! Bombs, broken markup and odd pages through the bounded parser.

use proptest::prelude::*;
use scraper::Selector;

use super::*;

/// The tree in short: names, texts, brackets for children.
fn shape(html: &str) -> String {
    fn write(node: ego_tree::NodeRef<'_, Node>, out: &mut String) {
        match node.value() {
            Node::Element(element) => {
                out.push_str(element.name());
                if node.has_children() {
                    out.push('(');
                    for child in node.children() {
                        write(child, out);
                        out.push(' ');
                    }
                    out.truncate(out.trim_end().len());
                    out.push(')');
                }
            }
            Node::Text(text) => out.push_str(&text.replace(BREAK, "¶")),
            _ => {}
        }
    }
    let page = parse(html);
    let body = page.select(&Selector::parse("body").unwrap()).next();
    let mut out = String::new();
    if let Some(body) = body {
        write(*body, &mut out);
    }
    out
}

fn text(html: &str) -> String {
    parse(html)
        .tree
        .nodes()
        .filter_map(|node| Some(node.value().as_text()?.to_string()))
        .collect()
}

#[test]
fn end_tags_are_implied() {
    assert_eq!(shape("<p>甲<p>乙<div>丙</div>"), "body(p(甲) p(乙) div(丙))");
    assert_eq!(
        shape("<ul><li>甲<ul><li>乙</ul><li>丙</ul>丁"),
        "body(ul(li(甲 ul(li(乙))) li(丙)) 丁)"
    );
    assert_eq!(
        shape("<dl><dt>甲<dd>乙<dt>丙</dl>"),
        "body(dl(dt(甲) dd(乙) dt(丙)))"
    );
    assert_eq!(
        shape("<table><tr><td>甲<td>乙<tr><td>丙</table>丁"),
        "body(table(tr(td(甲) td(乙)) tr(td(丙))) 丁)"
    );
}

#[test]
fn stray_end_tags_reach_no_further_than_their_cell() {
    assert_eq!(
        shape("<div><table><tr><td>甲</div></p>乙</td><td>丙</td></tr></table>丁</div>"),
        "body(div(table(tr(td(甲¶乙) td(丙))) 丁))"
    );
    assert_eq!(shape("<div>甲</span></ul></table>乙</div>"), "body(div(甲乙))");
    assert_eq!(shape("甲</p>乙</br>丙"), "body(甲¶乙¶丙)");
}

#[test]
fn inline_elements_may_end_inside_blocks() {
    assert_eq!(shape("<b><p>甲</b>乙</p>丙"), "body(b(p(甲乙)) 丙)");
    assert_eq!(
        shape("<font>甲<font>乙</font>丙</font>丁"),
        "body(font(甲 font(乙) 丙) 丁)"
    );
    assert_eq!(shape("<a href=1>甲<a href=2>乙</a>丙"), "body(a(甲) a(乙) 丙)");
}

#[test]
fn rows_outside_of_cells_and_cells_outside_of_tables_keep_their_text() {
    assert_eq!(
        shape("<table><div>甲</div><tr><td>乙</table>"),
        "body(table(div(甲) tr(td(乙))))"
    );
    assert_eq!(shape("甲<td>乙<tr>丙"), "body(甲¶乙¶丙)");
    assert_eq!(
        shape("<table><tr><td>甲</td></tr><table><tr><td>乙</table>丙"),
        "body(table(tr(td(甲))) table(tr(td(乙))) 丙)"
    );
}

#[test]
fn the_body_goes_on_after_its_end() {
    assert_eq!(
        shape("<html><head><title>题</title></head></html><body><p>甲</body></html><p>乙"),
        "body(p(甲) p(乙))"
    );
    assert_eq!(shape("<meta charset=gbk>甲"), "body(甲)");
    assert_eq!(shape("<head><meta name=a><p>甲"), "body(p(甲))");
}

#[test]
fn what_closes_itself_holds_nothing() {
    assert_eq!(
        shape("<svg><path d=1 /><path d=2 /></svg>甲<o:p/>乙"),
        "body(svg(path path) 甲 o:p 乙)"
    );
    assert_eq!(
        shape("<div/>甲<br/>乙<img src=a>丙"),
        "body(div(甲 br 乙 img 丙))"
    );
}

#[test]
fn scripts_and_entities_are_read_as_browsers_do() {
    assert_eq!(
        shape("<script>if (a<b) document.write('<p>甲')</script>乙&amp;&lt;&#8212;&nbsp;丙"),
        "body(乙&<—\u{a0}丙)"
    );
    assert_eq!(
        shape("<select><option>甲<option>乙<p>丙"),
        "body(select(option(甲) option(乙)) p(丙))"
    );
}

#[test]
fn depth_is_bounded_and_the_text_is_kept() {
    for (open, close) in [
        ("<div>", "</div>"),
        ("<ul><li>", "</li></ul>"),
        ("<table><tr><td>", "</table>"),
        ("<b>", "</b>"),
    ] {
        let html = format!("{}甲{}乙{}", open.repeat(20_000), "<p>丙", close.repeat(20_000));
        let page = parse(&html);
        let deepest = page
            .tree
            .nodes()
            .map(|node| node.ancestors().take(2 * MAX_DEPTH).count())
            .max()
            .unwrap();
        assert!(deepest <= MAX_DEPTH + 4, "{open}: {deepest}");
        let text: String = text(&html).chars().filter(|c| *c != BREAK).collect();
        assert_eq!(text, "甲丙乙", "{open}");
    }
}

#[test]
fn nodes_are_bounded_and_the_text_is_kept() {
    let html = "<i>甲</i>".repeat(200_000);
    let page = parse(&html);
    assert!(page.tree.nodes().count() <= MAX_NODES + 16);
    assert_eq!(text(&html).matches('甲').count(), 200_000);
}

#[test]
fn links_over_the_bound_do_not_turn_into_text() {
    let many = "<li><a href=x>甲</a>".repeat(200_000);
    let kept = text(&format!("<ul>{many}</ul><p>尾"));
    assert!(kept.matches('甲').count() < 150_000);
    assert!(kept.ends_with('尾'));
}

#[test]
fn attributes_are_bounded() {
    let many: String = (0..200_000).map(|i| format!(" a{i}=v{i}")).collect();
    let page = parse(&format!("<p class=c{many}>甲</p>"));
    let paragraph = page.select(&Selector::parse("p.c").unwrap()).next().unwrap();
    assert_eq!(paragraph.value().attrs.len(), MAX_ATTRIBUTES);
    assert_eq!(paragraph.attr("a5"), Some("v5"));
    assert_eq!(paragraph.attr("a62"), Some("v62"));
}

#[test]
fn odd_input_is_read() {
    assert_eq!(shape(""), "");
    assert_eq!(shape("\0甲\0"), "body(\0甲\0)");
    assert_eq!(text(&"甲。".repeat(300_000)).chars().count(), 600_000);
    let long = format!("{}<p>尾", "甲".repeat(MAX_BYTES));
    assert!(text(&long).len() <= MAX_BYTES);
    for html in [
        "<",
        "</",
        "<!--",
        "<a",
        "<a b",
        "<a b=\"",
        "<![CDATA[甲",
        "<?xml",
        "&",
        "&#xffffffff;",
        "<textarea>甲",
    ] {
        parse(html);
    }
}

proptest! {
    /// Whatever the tags, every text is there, in order.
    #[test]
    fn no_text_is_lost_or_moved(tags in prop::collection::vec(prop::sample::select(vec![
        "<p>", "</p>", "<div>", "</div>", "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<tbody>", "<li>", "<ul>", "</ul>",
        "<b>", "</b>", "<a href=x>", "</a>", "<span class=t>", "</span>", "<br>", "<h1>", "</h1>", "<form>", "</form>", "<font>", "</font>",
        "<body>", "</body>", "</html>", "<head>", "</head>", "<!-- c -->", "<o:p/>", "<img>", "<select>", "<option>", "<dd>", "</dl>", "<caption>",
        "<center>", "</center>", "<th>", "</th>", "<meta name=a>", "<pre>", "</pre>", "<ins x='>'>",
    ]), 0..60)) {
        let mut html = String::new();
        let mut want = String::new();
        for (at, tag) in tags.iter().enumerate() {
            html.push_str(tag);
            html.push_str(&format!("第{at}段"));
            want.push_str(&format!("第{at}段"));
        }
        let got: String = text(&html).chars().filter(|c| *c != BREAK).collect();
        prop_assert_eq!(got, want);
    }

    #[test]
    fn any_bytes_can_be_parsed(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        parse(&String::from_utf8_lossy(&bytes));
    }
}
