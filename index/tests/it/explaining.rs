//! What a hit says about itself: why it matched, and where.

use index::{Filters, Hit, MatchedBy, Mode, SearchRequest};
use proptest::prelude::*;
use report::{Role, fold};

use crate::support::{Dice, HOSTILE, PIECES, TestIndex, query, report, section, text};

fn plain(html: &str) -> String {
    let bare = html.replace("<mark>", "").replace("</mark>", "");
    let bare = bare
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'");
    bare.replace("&amp;", "&")
}

/// What every highlight must be: the text itself, with nothing of it as markup.
fn check(hit: &Hit) {
    let content = &hit.report.content;
    for highlight in &hit.highlights {
        let source = match highlight.field {
            index::HighlightField::Title => content.title.as_deref().unwrap(),
            index::HighlightField::Text => &content.text,
        };
        let shown: String = source
            .chars()
            .skip(highlight.start)
            .take(highlight.end - highlight.start)
            .collect();
        assert_eq!(plain(&highlight.html), shown);
        let tags = highlight.html.matches('<').count();
        assert_eq!(tags, highlight.html.matches("<mark>").count() * 2);
        assert!(tags >= 2, "a passage shows a match: {highlight:?}");
        assert!(!shown.contains('\n'));
    }
}

#[test]
fn hits_say_why_they_matched() {
    let index = TestIndex::new(vec![
        report("a", "法治政府建设", "优化营商环境"),
        report("b", "财政", "优化\n营商环境和法治"),
    ]);
    let reasons = |q: &str, mode: Mode| -> Vec<(String, Vec<&str>)> {
        let mut hits = index.search(&SearchRequest { mode, ..query(q) }).hits;
        hits.sort_by_key(|hit| hit.report.id.to_string());
        let reasons = |hit: &Hit| hit.matched_by.iter().map(|reason| reason.code()).collect();
        hits.iter()
            .map(|hit| (hit.report.id.to_string(), reasons(hit)))
            .collect()
    };
    let all = |a: &[&'static str], b: &[&'static str]| {
        vec![("a".to_owned(), a.to_vec()), ("b".to_owned(), b.to_vec())]
    };
    assert_eq!(reasons("营商环境 法治", Mode::Words), all(&["words"], &["words"]));
    assert_eq!(reasons("营商环境 天气", Mode::Any), all(&["any"], &["any"]));
    assert_eq!(reasons("营商环境", Mode::Exact), all(&["exact"], &["exact"]));
    assert_eq!(
        reasons("优化 OR \"财政\"", Mode::Words),
        all(&["words"], &["words", "exact"])
    );
    assert_eq!(
        reasons("title:法治 OR \"营商环境\" NEAR/1 \"法治\"", Mode::Words),
        all(&["field"], &["near"])
    );
    assert_eq!(reasons("-天气", Mode::Words), all(&[], &[]));
    assert_eq!(reasons("", Mode::Words), all(&[], &[]));
}

#[test]
fn passages_name_their_section() {
    let text = "前言\n一、成效\n优化营商环境。\n二、问题\n（一）短板\n营商环境有待优化，营商环境不好。";
    let at = |needle: &str| text[..text.find(needle).unwrap()].chars().count();
    let mut one = report("a", "营商环境报告", text);
    one.content.outline = vec![
        section(Role::Achievements, 1, "一", at("一、"), at("二、")),
        section(Role::Problems, 1, "二", at("二、"), text.chars().count()),
        section(Role::Problems, 2, "二/(一)", at("（一）"), text.chars().count()),
    ];
    let index = TestIndex::new(vec![one]);
    let hit = index.search(&query("营商环境 优化")).hits.remove(0);
    check(&hit);
    let shown: Vec<_> = hit
        .highlights
        .iter()
        .map(|h| {
            (
                h.path.as_deref(),
                h.role.map(Role::code),
                h.html.as_str(),
                h.start,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (None, None, "<mark>营商环境</mark>报告", 0),
            (
                Some("一"),
                Some("achievements"),
                "<mark>优化营商环境</mark>。",
                at("优化")
            ),
            (
                Some("二/(一)"),
                Some("problems"),
                "<mark>营商环境</mark>有待<mark>优化</mark>，<mark>营商环境</mark>不好。",
                at("营商环境有待")
            ),
        ]
    );
    let filters = Filters {
        section: vec![Role::Problems],
        ..Filters::default()
    };
    let hit = index
        .search(&SearchRequest {
            filters,
            ..query("营商环境")
        })
        .hits
        .remove(0);
    let paths: Vec<_> = hit.highlights.iter().skip(1).map(|h| h.path.as_deref()).collect();
    assert_eq!(paths, [Some("二/(一)")]);
}

#[test]
fn as_many_passages_are_shown_as_are_asked_for() {
    // One paragraph that holds the whole text, as some portals have it, and some short ones.
    let long: Vec<_> = (0..9)
        .map(|nth| format!("第{nth}处营商环境。{}", "另行说明，".repeat(60)))
        .collect();
    let text = format!("{}\n优化营商环境。", long.concat());
    let index = TestIndex::new(vec![report("a", "营商环境", &text)]);
    for passages in 1..=10 {
        let request = SearchRequest {
            passages,
            ..query("优化 OR 营商环境")
        };
        let hit = index.search(&request).hits.remove(0);
        check(&hit);
        let texts: Vec<_> = hit.highlights.iter().skip(1).collect();
        assert_eq!(texts.len(), passages, "{texts:?}");
        assert!(
            texts[0].html.starts_with("<mark>优化营商环境</mark>"),
            "the best comes first"
        );
        for (at, one) in texts.iter().enumerate() {
            assert!(
                texts[at + 1..]
                    .iter()
                    .all(|other| one.end <= other.start || other.end <= one.start)
            );
        }
    }
    for passages in [0, 11] {
        let answer = index.reader.search(
            &SearchRequest {
                passages,
                ..query("")
            },
            std::time::Instant::now(),
        );
        assert!(matches!(
            answer,
            Err(index::SearchError::InvalidParameter { name: "passages", .. })
        ));
    }
}

/// The passages of the only hit, without its title.
fn passages(text: &str, request: &SearchRequest) -> Vec<String> {
    let index = TestIndex::new(vec![report("a", "", text)]);
    let hit = index.search(request).hits.remove(0);
    check(&hit);
    hit.highlights.into_iter().map(|shown| shown.html).collect()
}

#[test]
fn every_spelling_is_shown() {
    let far = "\n无关的一段。\n";
    let text = ["2023", "２０２３", "2 0 2 3"].join(far);
    let shown = passages(
        &text,
        &SearchRequest {
            passages: 10,
            ..query("2023")
        },
    );
    assert_eq!(
        shown,
        [
            "<mark>2023</mark>",
            "<mark>２０２３</mark>",
            "<mark>2 0 2 3</mark>"
        ]
    );
    let text = ["建设和建设。", "推进建设。", "推进5G建设。", "ＧＤＰ增长。"].join(far);
    let one = |q| SearchRequest {
        mode: Mode::Any,
        passages: 1,
        ..query(q)
    };
    assert_eq!(passages(&text, &one("5G 建设")), ["推进<mark>5G建设</mark>。"]);
    assert_eq!(passages(&text, &one("gdp 推进")), ["<mark>ＧＤＰ</mark>增长。"]);
}

#[test]
fn passages_of_near_show_what_is_near() {
    let apart = format!("合作{}共赢。", "，另".repeat(20));
    let text = format!("共赢。\n{apart}\n坚持共赢，加强合作。\n合作。");
    let shown = passages(&text, &query("\"合作\" NEAR/5 \"共赢\""));
    assert_eq!(shown, ["坚持<mark>共赢</mark>，加强<mark>合作</mark>。"]);
    let shown = passages(&text, &query("\"合作\" NEAR/5 \"共赢\" 合作"));
    assert_eq!(shown[0], "坚持<mark>共赢</mark>，加强<mark>合作</mark>。");
    assert_eq!(shown.len(), 3);
}

#[test]
fn no_passage_is_lost_to_another() {
    // Nowhere so far from the next that two whole passages fit.
    let sentence = format!("要优化营商环境，{}。", "继续努力".repeat(20));
    for passages in 1..=10 {
        let request = SearchRequest {
            passages,
            ..query("营商环境")
        };
        let index = TestIndex::new(vec![report("a", "", &sentence.repeat(12))]);
        let hit = index.search(&request).hits.remove(0);
        check(&hit);
        assert_eq!(hit.highlights.len(), passages);
        for (at, one) in hit.highlights.iter().enumerate() {
            let others = &hit.highlights[at + 1..];
            assert!(
                others
                    .iter()
                    .all(|other| one.end <= other.start || other.end <= one.start)
            );
        }
    }
}

#[test]
fn a_frequent_word_hides_no_other() {
    let text = format!("{}。依法治理。", "发展，".repeat(3_000));
    let one = SearchRequest {
        passages: 1,
        ..query("发展 依法治理")
    };
    let shown = passages(&text, &one).remove(0);
    assert!(
        shown.contains("<mark>依法治理</mark>") || shown.contains("<mark>依法</mark>"),
        "{shown}"
    );
}

#[test]
fn passages_come_from_the_sections_asked_for() {
    let text = "一是营商环境好。二是营商环境\u{200b}差，要改。三是营商环境更好。";
    let at = |needle: &str| text[..text.find(needle).unwrap()].chars().count();
    let mut one = report("a", "报告", text);
    one.content.outline = vec![
        section(Role::Achievements, 4, "一", 0, at("二是")),
        section(Role::Problems, 4, "二", at("二是"), at("三是")),
        section(Role::Plans, 4, "三", at("三是"), text.chars().count()),
    ];
    let index = TestIndex::new(vec![one]);
    for role in [Role::Achievements, Role::Problems, Role::Plans] {
        let filters = Filters {
            section: vec![role],
            ..Filters::default()
        };
        let hit = index
            .search(&SearchRequest {
                filters,
                ..query("营商环境")
            })
            .hits
            .remove(0);
        check(&hit);
        assert_eq!(hit.highlights[0].role, Some(role));
    }
}

#[test]
fn the_original_spelling_is_marked() {
    let index = TestIndex::new(vec![report(
        "a",
        "",
        "依据《海政办发【 2023 】34号》<b>执行\u{200b}</b>",
    )]);
    let hit = index.search(&query("“〔2023〕34号”")).hits.remove(0);
    assert_eq!(
        hit.highlights[0].html,
        "依据《海政办发<mark>【 2023 】34号</mark>》&lt;b&gt;执行\u{200b}&lt;/b&gt;"
    );
}

#[test]
fn json_leaves_text_and_outline_out() {
    let answer = HOSTILE.search(&SearchRequest {
        limit: 3,
        ..query("甲")
    });
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["total"]["relation"], "eq");
    assert_eq!(json["query"]["mode"], "words");
    let hit = json["hits"][0].as_object().unwrap();
    for field in [
        "id",
        "title",
        "region_code",
        "quality",
        "score",
        "matched_by",
        "highlights",
        "duplicates",
    ] {
        assert!(hit.contains_key(field), "{field}");
    }
    assert!(!hit.contains_key("text") && !hit.contains_key("outline"));
    assert!(answer.hits[0].to_map().unwrap().contains_key("text"));
    assert!(json["next_cursor"].is_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn highlights_are_the_text_itself(seed in any::<u64>()) {
        let mut dice = Dice(seed | 1);
        let needle = text(&mut dice, 2);
        prop_assume!(!fold(&needle).is_empty());
        let modes = [Mode::Exact, Mode::Words, Mode::Any];
        let passages = 1 + dice.roll(10);
        let request = SearchRequest { mode: modes[dice.roll(3)], passages, ..query(&needle) };
        let Ok(answer) = HOSTILE.reader.search(&request, std::time::Instant::now()) else { return Ok(()) };
        for hit in &answer.hits {
            check(hit);
            prop_assert!(hit.highlights.len() <= 1 + passages);
            if request.mode == Mode::Exact {
                prop_assert!(!hit.highlights.is_empty(), "{:?} in {:?}", needle, hit.report.content);
                prop_assert_eq!(&hit.matched_by, &[MatchedBy::Exact]);
            }
        }
        let _ = PIECES;
    }
}
