//! Pages made to cost as much as they can: endless nesting, attributes, entities, lines that look like every field.
//!
//! Each starts with [`OPENING`], which must come through whatever follows: text before a limit is kept.

/// A paragraph that any of the pages opens with.
pub(crate) const OPENING: &str = "2022年，清河县深入推进依法行政，全年审查规范性文件6件、合同41份，开展执法案卷评查120本，办理行政复议案件17件，\
                           法治政府建设取得新的成效，群众满意度进一步提高，现将有关情况报告如下。";

/// What a page repeats behind its opening.
enum Filling {
    /// The same again.
    Repeat(&'static str),
    /// Once, then the same again: what must not be closed.
    Open(&'static str, &'static str),
    /// By its number.
    Numbered(fn(usize) -> String),
    /// So many, whatever the size of the page; then nothing.
    Count(usize, fn(usize) -> String),
}

use Filling::{Count, Numbered, Open, Repeat};

const BOMBS: &[(&str, Filling)] = &[
    ("div, nested", Repeat("<div>")),
    ("div with text, nested", Repeat("<div>甲乙，丙丁。")),
    (
        "section, named, nested",
        Repeat("<section class='content nav'>甲"),
    ),
    ("b, nested", Repeat("<b>")),
    ("b with text, nested", Repeat("<b>甲")),
    ("font, nested", Repeat("<font color=red>甲")),
    ("a, nested", Repeat("<a href=1.html>甲")),
    ("form, nested", Repeat("<form>甲")),
    ("p, unclosed", Repeat("<p>甲乙")),
    ("p and b, unclosed", Repeat("<p><b>甲")),
    ("b closed in the wrong order", Repeat("<b><i>甲</b></i>")),
    ("div and a, crossed", Repeat("<div><a href=1>甲</div></a>")),
    ("end tags without start", Open("<div>", "</p></b></td></a>")),
    ("table, nested", Repeat("<table><tr><td>")),
    (
        "table with text, nested",
        Repeat("<table><tr><td>甲乙，丙丁。</td><td>"),
    ),
    ("cells", Open("<table><tr>", "<td>1")),
    ("rows of two cells", Open("<table>", "<tr><td>甲<td>2")),
    ("rows of empty cells", Open("<table>", "<tr><td><td><td>")),
    (
        "li and a",
        Open("<ul>", "<li><a href=/1/2.html>清河县春耕工作会议召开</a>"),
    ),
    ("li, nested", Repeat("<ul><li>甲")),
    ("select and option", Repeat("<select><option>甲")),
    ("headings", Repeat("<h1>清河县防汛方案</h1>")),
    (
        "headings and titles",
        Repeat("<div class=title>清河县防汛方案</div>"),
    ),
    ("iframes", Repeat("<iframe src=1.pdf></iframe>")),
    ("links to files", Repeat("<p><a href=a.pdf>附件1</a>")),
    ("spans of one character", Repeat("<span>甲</span>")),
    (
        "hidden",
        Repeat("<p style='display:none'>甲</p><p style='color:red'>乙"),
    ),
    ("attributes of one element", Open("<div ", "a1=2 ")),
    (
        "attributes of one element, all different",
        Count(1_000_000, |at| {
            if at == 0 {
                "<div ".to_owned()
            } else {
                format!("a{at} ")
            }
        }),
    ),
    ("one attribute", Open("<div class='", "甲 ")),
    ("one style", Open("<div style='", "color: red; ")),
    ("one name", Open("<", "div")),
    (
        "elements of 20 attributes",
        Count(100_000, |at| {
            let attributes: String = (0..20).map(|n| format!(" a{n}=v{at}")).collect();
            format!("<div{attributes}>甲</div>")
        }),
    ),
    (
        "names of elements, all different",
        Numbered(|at| format!("<x{at}>甲</x{at}>")),
    ),
    (
        "metas",
        Count(100_000, |at| {
            format!("<meta name=n{at} content='清河县人民政府'>")
        }),
    ),
    ("less-than signs", Repeat("<")),
    ("ampersands", Repeat("&")),
    ("entities", Repeat("&amp;&nbsp;&#30002;")),
    ("entities, cut off", Repeat("&#x")),
    ("entities of two characters", Repeat("&NotEqualTilde;")),
    ("comment, unclosed", Open("<!--", "甲-")),
    ("comments", Repeat("<!---->")),
    ("cdata", Repeat("<![CDATA[")),
    ("declarations", Repeat("<!x>")),
    ("script, unclosed", Open("<script>", "var a = '甲';\n")),
    ("scripts", Repeat("<script>document.write('甲')</script>")),
    ("script in script", Open("<script>", "<!--<script>")),
    ("style, unclosed", Open("<style>", ".a{b:c}\n")),
    ("textarea, unclosed", Open("<textarea>", "甲\n")),
    (
        "json in a script",
        Open("<script>window._CONFIG={\"content\":\"", "甲乙\\n丙，"),
    ),
    (
        "json, nested, in a script",
        Open("<script>window._CONFIG=", "{\"content\":["),
    ),
    ("lines, short", Repeat("<p>甲乙丙</p>")),
    ("lines of one character", Repeat("甲<br>")),
    ("lines, empty", Repeat("<br>")),
    (
        "lines of sentences",
        Repeat("<p>全县农业增加值增长3.2%，粮食总产量再创新高。</p>"),
    ),
    ("one line of Han", Repeat("甲乙丙丁")),
    (
        "one line of sentences",
        Repeat("全县农业增加值增长3.2%，粮食总产量再创新高。"),
    ),
    ("one line of white space", Repeat("\u{3000} \t\n")),
    ("parentheses", Repeat("(")),
    ("brackets", Repeat("〔")),
    ("ordinals", Repeat("第")),
    ("document numbers", Repeat("〔2023〕1号")),
    ("document numbers of offices", Repeat("清政发〔2023〕1号、")),
    ("lines of document numbers", Repeat("<p>清政办发〔2023〕12号")),
    (
        "document numbers, all different",
        Numbered(|at| format!("清政发〔2023〕{at}号、")),
    ),
    ("titles", Repeat("《")),
    ("titles, nested", Repeat("《甲〈乙》")),
    (
        "titles, all different",
        Numbered(|at| format!("《清河县办法{at}》")),
    ),
    ("dates", Repeat("2023年1月1日")),
    ("lines of dates", Repeat("<p>2023年1月1日")),
    ("years", Repeat("2023年")),
    ("digits", Repeat("1234567890")),
    ("Han digits", Repeat("二〇二三年十")),
    ("enumeration", Repeat("一是")),
    ("lines of enumeration", Repeat("<p>一、甲<p>（一）乙<p>1.丙")),
    ("points inside a line", Repeat("一是甲。二是乙。")),
    ("places", Repeat("河北省邢台市清河县")),
    ("lines of places", Repeat("<p>清河县人民政府")),
    ("labels", Repeat("<p>发布日期：2023-01-01 来源：县政府办")),
    ("labels in one line", Repeat("来源：县政府办 ")),
    (
        "cards",
        Repeat("<tr><td>索引号：</td><td>000014349/2023-00001</td></tr>"),
    ),
    ("breadcrumbs", Repeat("<p>首页 > 政务公开 > 文件")),
    ("navigation words", Repeat("首页 政务公开 ")),
    (
        "further reading",
        Repeat("<p>相关阅读<p><a href=1>清河县春耕工作会议召开</a><p>甲乙，丙丁。"),
    ),
    ("attachments", Repeat("<p>附件：1.清河县任务分工表")),
    ("records of the site", Repeat("<p>冀ICP备05000000号-1")),
    ("tabs", Repeat("\t")),
    ("combining marks", Open("甲", "\u{301}")),
    ("ligatures that fold to many", Repeat("\u{fdfa}")),
    ("zero bytes", Repeat("\0")),
    ("invisible characters", Repeat("\u{200b}甲\u{feff}")),
];

/// Every page, at most about so many bytes long; one at a time.
pub(crate) fn all(bytes: usize) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    BOMBS
        .iter()
        .map(move |(name, filling)| (*name, page(filling, bytes)))
}

fn page(filling: &Filling, bytes: usize) -> Vec<u8> {
    let mut page = format!(
        "<html><head><meta charset=utf-8><title>清河县2022年法治政府建设情况报告</title></head><body>\
         <h1>清河县2022年法治政府建设情况报告</h1><p>{OPENING}</p><p>{OPENING}</p>\n"
    )
    .into_bytes();
    let room = bytes.saturating_sub(page.len());
    match filling {
        Repeat(unit) => page.extend(unit.bytes().cycle().take(room / unit.len() * unit.len())),
        Open(first, unit) => {
            page.extend(first.bytes());
            page.extend(unit.bytes().cycle().take(room / unit.len() * unit.len()));
        }
        Numbered(unit) => fill(&mut page, bytes, usize::MAX, unit),
        Count(most, unit) => fill(&mut page, bytes, *most, unit),
    }
    page
}

fn fill(page: &mut Vec<u8>, bytes: usize, most: usize, unit: &fn(usize) -> String) {
    for at in 0..most {
        let unit = unit(at);
        if page.len() + unit.len() > bytes {
            break;
        }
        page.extend(unit.bytes());
    }
}
