//! The language as a whole: what is read, what is refused and where, and that what is written is read again.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn read(q: &str, mode: Mode) -> Result<Query, Wrong> {
    super::read(q, mode, &Synonyms::built_in())
}

fn tree(q: &str) -> Node {
    read(q, Mode::Words)
        .unwrap_or_else(|wrong| panic!("{q}: {wrong:?}"))
        .root
}

fn parsed(q: &str) -> String {
    tree(q).to_string()
}

fn refused(q: &str) -> (usize, String) {
    let wrong = read(q, Mode::Words).expect_err(q);
    assert!(!wrong.hint.is_empty());
    (wrong.position, wrong.message)
}

#[test]
fn operators_bind_as_stated() {
    assert_eq!(parsed("甲 OR 乙 丙"), "甲 OR 乙 丙");
    assert_eq!(parsed("(甲 OR 乙) 丙"), "丙 (甲 OR 乙)");
    assert_eq!(parsed("NOT 甲 乙"), "乙 NOT 甲");
    assert_eq!(parsed("-甲 OR -(乙 丙)"), "NOT 甲 OR NOT (乙 丙)");
    assert_eq!(parsed("甲 AND 乙"), "甲 AND 乙");
    assert_eq!(
        parsed("(甲 乙) (丙)"),
        "甲 乙 丙",
        "brackets around bare terms alone change nothing"
    );
    assert_eq!(parsed("((甲) AND (\"乙\"))"), "甲 \"乙\"");
    assert_eq!(parsed("NOT NOT 甲"), "甲");
    assert_eq!(parsed("NOT (NOT 甲)"), "甲");
    assert_eq!(parsed("---甲"), "NOT 甲");
    assert_eq!(parsed("甲\"乙\"丙"), "甲 丙 \"乙\"");
    assert_eq!(
        parsed("（甲）-乙"),
        "（甲）-乙",
        "brackets of full width and hyphens inside are text"
    );
    assert_eq!(parsed("or not near and"), "or not near and");
}

#[test]
fn strings_come_in_three_kinds_of_quotes() {
    for q in ["\"甲 乙\"", "“甲 乙”", "「甲 乙」"] {
        assert_eq!(
            tree(q),
            Node::Exact(Text {
                raw: "甲 乙".into(),
                folded: "甲乙".into()
            }),
            "{q}"
        );
    }
    assert_eq!(parsed(r#""a\"b\\c\d""#), r#""a\"b\\c\\d""#);
    assert_eq!(parsed("“他说\"好\"”"), r#""他说\"好\"""#);
    assert_eq!(parsed("\"“甲”\" NEAR/20 「乙」"), "\"“甲”\" NEAR/20 \"乙\"");
}

#[test]
fn fields_take_words_and_strings() {
    assert_eq!(
        parsed("title:法治政府 issuer:\"人民 政府\""),
        "title:法治政府 issuer:\"人民 政府\""
    );
    assert_eq!(parsed("-Year:2019..2023"), "NOT year:2019..2023");
    assert_eq!(
        parsed("12:30 时间:早"),
        "12:30 时间:早",
        "only names of letters are fields"
    );
    assert_eq!(
        parsed("docno:国发〔2023〕1号(试行)"),
        "试行 docno:国发〔2023〕1号"
    );
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (q, position, says) in [
        ("甲 \"乙", 2, "not closed"),
        ("甲 乙”", 3, "no opening"),
        ("甲 (乙", 2, "not closed"),
        ("甲) 乙", 1, "closes nothing"),
        ("甲 ()", 3, "nothing before"),
        ("OR 甲", 0, "missing"),
        ("甲 OR", 4, "ends"),
        ("甲 AND OR 乙", 6, "missing"),
        ("甲 NOT", 5, "ends"),
        ("甲 NEAR/5 乙", 2, "between two strings"),
        ("\"甲\" NEAR/5", 4, "between two strings"),
        ("\"甲\" NEAR \"乙\"", 4, "distance"),
        ("\"甲\" NEAR/99999 \"乙\"", 4, "distance"),
        ("\"甲\" NEAR/99999 \"乙\"", 4, "more than 10000"),
        ("\"甲\" NEAR/x \"乙\"", 4, "needs a distance"),
        ("\"甲\" NEAR/1 \"乙\" NEAR/1 \"丙\"", 15, "between two strings"),
        ("甲 foo:乙", 2, "no field foo"),
        ("甲\0乙", 1, "U+0000"),
        ("title:\u{7}", 6, "U+0007"),
        ("的 AND ，", 0, "nothing is left"),
        ("甲 NOT 的", 6, "nothing is left"),
        ("http://example.org", 0, "no field http"),
        ("甲 year:abc", 7, "cannot read"),
        ("甲 title:", 8, "no value"),
        ("甲 title: 乙", 8, "no value"),
        ("甲 \"\u{200b} \"", 2, "invisible"),
        ("的", 0, "nothing is left"),
        ("，。", 0, "nothing is left"),
        ("甲 OR 的", 5, "nothing is left"),
        ("\u{200b}", 0, "nothing is left"),
        ("甲 title:（）\u{200b} \"\"", 12, "empty"),
    ] {
        let (at, message) = refused(q);
        assert!(at == position && message.contains(says), "{q}: {at} {message}");
    }
}

#[test]
fn wildcards_are_refused_where_they_stand_and_punctuation_is_not() {
    for (q, position) in [
        ("*a*", 0),
        ("a?b*c", 1),
        ("法治*", 2),
        ("*法治", 0),
        ("依法 法*治", 4),
        ("法治 OR (依法 行政*)", 12),
    ] {
        let wrong = read(q, Mode::Words).unwrap_err();
        assert_eq!(wrong.position, position, "{q}: {wrong:?}");
        assert!(
            wrong.message.contains("wildcard") && wrong.hint.contains("quotes"),
            "{q}: {wrong:?}"
        );
    }
    for q in [
        "怎么办?",
        "怎么办？",
        "低保怎么办?找谁",
        "\"a*b\" \"a?b\"",
        "7*24小时",
        "张**",
        "法治 * 政府",
        "法治＊",
        "title:a*b",
    ] {
        assert!(read(q, Mode::Words).is_ok(), "{q}");
    }
    assert!(read("a*", Mode::Exact).is_ok());
}

#[test]
fn hints_say_what_to_write() {
    for (q, hint) in [
        ("titel:法治", "did you mean title:?"),
        ("“法治\"", "write ”"),
        ("\"法治”", "write \" at the end"),
        ("法治」", "write 「"),
        ("法治 NEAR/5 依法", "write \"法治\" NEAR/5 \"依法\""),
        ("\"法治\" NEAR/5 依法", "write \"法治\" NEAR/5 \"依法\""),
        (
            "\"甲\" NEAR/1 \"乙\" NEAR/2 \"丙\"",
            "\"甲\" NEAR/1 \"乙\" AND \"乙\" NEAR/2",
        ),
        ("\"甲\" NEAR \"乙\"", "NEAR/20"),
        ("year:2019-2023", "year:2019..2023"),
    ] {
        let wrong = read(q, Mode::Words).expect_err(q);
        assert!(wrong.hint.contains(hint), "{q}: {}", wrong.hint);
    }
}

#[test]
fn what_is_left_out_may_stand_beside_something_else() {
    for q in ["甲 AND 的", "的 AND 甲", "\"甲\" AND ，", "的 \"甲\""] {
        let query = read(q, Mode::Words).unwrap_or_else(|wrong| panic!("{q}: {wrong:?}"));
        assert_eq!(query.echo.ignored.len(), 1, "{q}");
        assert_eq!(tree(&query.echo.parsed), query.root, "{q}");
    }
}

#[test]
fn words_and_what_is_left_out_are_listed() {
    let query = read("常宁市的法治政府，建设 \"的\"", Mode::Words).unwrap();
    assert_eq!(query.echo.terms, ["常宁市", "法治政府", "建设"]);
    assert_eq!(query.echo.ignored, ["的", ","]);
    // In the order in which they stand, wherever the tree has them.
    let query = read("(甲 OR 的 乙) NOT 丙 (丁 OR 戊，) 己", Mode::Words).unwrap();
    assert_eq!(query.echo.terms, ["甲", "乙", "丙", "丁", "戊", "己"]);
    assert_eq!(query.echo.ignored, ["的", ","]);
    let query = read("\"甲\" 的", Mode::Words).unwrap();
    assert_eq!(
        (query.echo.terms.len(), query.echo.ignored.len()),
        (0, 1),
        "beside a string nothing need be left"
    );
    let all = read(" \u{3000}", Mode::Any).unwrap();
    assert_eq!((all.root, all.echo.parsed), (Node::All, String::new()));
}

#[test]
fn exactly_means_the_whole_query() {
    let query = read("a OR \"b", Mode::Exact).unwrap();
    assert_eq!(
        query.root,
        Node::Exact(Text {
            raw: "a OR \"b".into(),
            folded: "aor\"b".into()
        })
    );
    assert_eq!(query.echo.parsed, r#""a OR \"b""#);
    assert!(read("  ", Mode::Exact).is_err());
    assert_eq!(read("", Mode::Exact).unwrap().root, Node::All);
}

#[test]
fn limits_hold() {
    let deep = |n: usize| format!("{}甲{}", "(".repeat(n), ")".repeat(n));
    assert!(read(&deep(MAX_NESTING), Mode::Words).is_ok());
    assert_eq!(refused(&deep(MAX_NESTING + 1)).0, MAX_NESTING);
    let many = |n: usize| vec!["\"甲\""; n].join(" ");
    assert!(read(&many(MAX_TERMS), Mode::Words).is_ok());
    assert_eq!(refused(&many(MAX_TERMS + 1)).0, MAX_TERMS * 4);
    let unbroken = format!("甲 {}", "天，".repeat(MAX_TERMS + 9));
    assert_eq!(
        refused(&unbroken).0,
        2 + 2 * (MAX_TERMS - 1),
        "the place of the word that is too many"
    );
    assert!(read(&"法".repeat(MAX_CHARS), Mode::Exact).is_ok());
    assert_eq!(refused(&"法".repeat(MAX_CHARS + 1)).0, MAX_CHARS);
}

#[test]
fn hostile_queries_are_answered_at_once() {
    super::words::warm_up();
    for (q, n) in [
        ("(", 1_000_000),
        ("NOT ", 1_000_000),
        ("-", 1_000_000),
        ("\"", 1_000_001),
        ("甲 OR ", 1_000_000),
        ("甲 ", 1_000_000),
        ("法", 100_000),
        ("a", 1 << 20),
        ("*a* a?b*c ", 10_000),
        ("\0", 100_000),
        ("\u{202e}", 100_000),
        ("NOT (", 100_000),
        ("后里干发 ", 100_000),
        ("放管服 ", 100_000),
        ("region:朝阳 ", 10_000),
        ("title:", 100_000),
        ("\\", 100_000),
        ("\"甲\" NEAR/5 ", 100_000),
    ] {
        for n in [n, 2048 / q.chars().count(), 200] {
            let q = q.repeat(n);
            for mode in Mode::ALL {
                // The best of a few: other tests run beside this one, and code that is not optimised is slow.
                let took = (0..5).map(|_| {
                    let begin = Instant::now();
                    let _ = read(&q, *mode);
                    begin.elapsed()
                });
                let best = took.min().unwrap_or_default();
                assert!(best < Duration::from_millis(50), "{q:.20} {mode} took {best:?}");
            }
        }
    }
    assert_eq!(parsed(&format!("{}甲", "NOT ".repeat(500))), "甲");
    assert_eq!(parsed(&format!("{}甲", "-".repeat(501))), "NOT 甲");
}

/// Queries of many shapes, most of them right.
fn queries() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-c甲乙法的，-]{1,4}".prop_map(|word| if word == "-" { "甲".into() } else { word }),
        "[a-c甲乙 \\\\\"”]{0,5}"
            .prop_map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))),
        "[a-c甲\"」]{1,4}".prop_map(|text| format!("“{text}”")),
        ("[甲乙]{1,2}", 0u32..30, "[甲乙]{1,2}").prop_map(|(a, n, b)| format!("\"{a}\" NEAR/{n} 「{b}」")),
        "[a甲 ()]{1,4}".prop_map(|text| format!("title:\"{text}\"")),
        "(year:20[12][0-9]|year:..2020|genre:notice|section:problems|published:2024-02|region:430482)",
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" AND ")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.join(" OR ")),
            inner.clone().prop_map(|part| format!("NOT {part}")),
            inner.clone().prop_map(|part| format!("-{part}")),
            inner.prop_map(|part| format!("({part})")),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(q in queries()) {
        if let Ok(query) = read(&q, Mode::Words) {
            let again = read(&query.echo.parsed, Mode::Words);
            prop_assert_eq!(again.map(|again| again.root), Ok(query.root), "{} as {}", q, query.echo.parsed);
        }
    }

    #[test]
    fn nothing_panics_and_places_lie_in_the_query(q in "[ ()\"“”「」\\\\:.\\-/甲乙的，a-zA-Z0-9]{0,40}|.{0,60}") {
        for mode in Mode::ALL {
            if let Err(wrong) = read(&q, *mode) {
                prop_assert!(wrong.position <= q.chars().count());
                prop_assert!(!wrong.message.is_empty() && !wrong.hint.is_empty());
            }
        }
    }

    #[test]
    fn terms_and_ignored_give_the_bare_text_back(text in "[a-z0-9甲乙法治政府的和，。%+😀]{1,30}") {
        if let Ok(query) = read(&text, Mode::Words) {
            let mut chars: Vec<char> = query.echo.terms.concat().chars().collect();
            chars.extend(query.echo.ignored.concat().chars());
            let mut folded: Vec<char> = report::fold(&text).chars().collect();
            chars.sort_unstable();
            folded.sort_unstable();
            prop_assert_eq!(chars, folded);
        }
    }
}
