//! `mode=loose`: synonyms, both scripts and other names of divisions, against an evaluation report by report.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use index::{AddedBy, Mode, SearchError, SearchRequest, SearchResponse, Synonyms};

use report::Report;

use crate::support::{Dice, HOSTILE, TestIndex, contains, query, report};

fn loose(q: &str, synonyms: &str) -> SearchRequest {
    SearchRequest {
        mode: Mode::Loose,
        synonyms: Some(Arc::new(Synonyms::parse(synonyms).unwrap())),
        ..query(q)
    }
}

fn found(index: &TestIndex, request: &SearchRequest) -> Vec<String> {
    let mut ids = index.all(request);
    ids.sort();
    ids
}

fn additions(response: &SearchResponse) -> Vec<(&str, &str, AddedBy)> {
    let expanded = response.query.expanded.iter();
    expanded
        .map(|addition| (addition.term.as_str(), addition.added.as_str(), addition.by))
        .collect()
}

#[test]
fn a_synonym_may_stand_in_the_place_of_a_word() {
    let index = TestIndex::new(vec![
        report("a", "环保工作", "推进绿色发展"),
        report("b", "环境保护工作", "推进"),
        report("c", "工作", "推进"),
        report("d", "环境整治和文物保护工作", "无关"),
    ]);
    let file = "环保, 环境保护\n环境保护 => 绿色发展";
    let all = |q: &str| found(&index, &loose(q, file));
    assert_eq!(all("环保"), ["a", "b"]);
    assert_eq!(all("环境保护"), ["a", "b"]);
    assert_eq!(all("工作 环保"), ["a", "b"]);
    assert_eq!(all("-环保"), ["c", "d"], "NOT is the complement");
    assert_eq!(all("\"环保\""), ["a"], "a string in quotes is what it is");
    let response = index.search(&loose("环保 推进", file));
    assert_eq!(additions(&response)[0], ("环保", "环境保护", AddedBy::Synonym));
    assert_eq!(response.query.terms, ["环保", "推进"]);
    assert_eq!(response.query.parsed, "环保 推进");
    let version = Synonyms::parse(file).unwrap().version().to_owned();
    assert_eq!(response.query.synonyms, Some(version));
    assert!(index.search(&query("环保")).query.expanded.is_empty());
    assert_eq!(index.search(&query("环保")).query.synonyms, None);
}

#[test]
fn hits_say_whether_the_words_themselves_occur() {
    let index = TestIndex::new(vec![report("a", "", "环保工作"), report("b", "", "环境保护工作")]);
    let response = index.search(&loose("环保 工作", "环保, 环境保护"));
    let reasons: BTreeMap<_, Vec<_>> = response
        .hits
        .iter()
        .map(|hit| {
            let reasons = hit.matched_by.iter().map(|reason| reason.code());
            (hit.report.id.to_string(), reasons.collect())
        })
        .collect();
    assert_eq!(reasons["a"], ["words", "loose"]);
    assert_eq!(reasons["b"], ["loose"]);
    assert_eq!(
        response.hits[0].report.id.as_str(),
        "a",
        "what was asked for comes first"
    );
    let b = response
        .hits
        .iter()
        .find(|hit| hit.report.id.as_str() == "b")
        .unwrap();
    assert!(
        b.highlights[0].html.contains("<mark>环境保护工作</mark>"),
        "{}",
        b.highlights[0].html
    );
}

#[test]
fn the_longest_term_counts_and_needs_no_punctuation() {
    let index = TestIndex::new(vec![
        report("a", "", "全面推行“双随机、一公开”监管"),
        report("b", "", "部门联合抽查"),
        report("c", "", "双随机抽取，一公开结果"),
        report("d", "", "一公开"),
    ]);
    let file = "双随机、一公开 => 部门联合抽查\n一公开 => 无";
    for q in ["双随机、一公开", "双随机一公开", "双随机 一公开", "“双随机”OR x"] {
        let request = loose(q, file);
        match q {
            "“双随机”OR x" => assert_eq!(found(&index, &request), ["a", "c"]),
            // One word, which the file writes in another way.
            "双随机一公开" => assert_eq!(found(&index, &request), ["a", "b"]),
            _ => assert_eq!(found(&index, &request), ["a", "b", "c"], "{q}"),
        }
        let response = index.search(&request);
        let synonyms = additions(&response);
        let synonyms = synonyms.iter().filter(|(_, _, by)| *by == AddedBy::Synonym);
        if !q.contains("OR") {
            assert!(
                synonyms.clone().all(|(term, _, _)| *term == "双随机一公开"),
                "{q}"
            );
            assert!(
                synonyms.clone().any(|(_, added, _)| *added == "部门联合抽查"),
                "{q}"
            );
        }
    }
}

#[test]
fn texts_of_both_scripts_are_found_from_both() {
    let index = TestIndex::new(vec![
        report("s", "优化营商环境", "发展为了群众，里面有干部的头发"),
        report("t", "優化營商環境", "發展為了群眾，裡面有幹部的頭髮"),
        report("h", "優化營商環境", "發展爲了羣衆，裏面有幹部的頭髮"),
    ]);
    for q in [
        "优化营商环境",
        "優化營商環境",
        "群众",
        "群眾",
        "干部",
        "里面",
        "裡面",
        "头发 发展",
        "为",
    ] {
        assert_eq!(found(&index, &loose(q, "")), ["h", "s", "t"], "{q}");
    }
    assert_eq!(
        found(&index, &loose("放管服", "放管服, 优化营商环境")),
        ["h", "s", "t"]
    );
    assert_eq!(
        found(&index, &loose("優化營商環境", "优化营商环境 => 头发")),
        ["h", "s", "t"]
    );
    let cut_up = index.search(&loose("優化營商環境", ""));
    assert_eq!(cut_up.query.terms.concat(), "優化營商環境");
    let wanted = [
        ("優化", "优化", AddedBy::Script),
        ("營商環境", "营商环境", AddedBy::Script),
    ];
    assert_eq!(
        additions(&cut_up),
        wanted,
        "words, not their characters one by one"
    );
    let response = index.search(&loose("干部", ""));
    assert_eq!(additions(&response), [("干部", "幹部", AddedBy::Script)]);
}

#[test]
fn divisions_are_found_under_their_other_names() {
    let mut old = report("old", "新津县2019年报告", "");
    old.content.region_code = Some("510118".parse().unwrap());
    old.content.region_name = Some("新津区".into());
    let new = report("new", "新津区2021年报告", "");
    let index = TestIndex::new(vec![old, new, report("x", "湖南省报告", "")]);
    assert_eq!(found(&index, &loose("新津县", "")), ["new", "old"]);
    assert_eq!(found(&index, &loose("新津区 报告", "")), ["new", "old"]);
    assert_eq!(found(&index, &loose("湘", "")), ["x"]);
    assert_eq!(found(&index, &loose("新津縣", "")), ["new", "old"]);
    let traditional = TestIndex::new(vec![report("t", "新津縣報告", "")]);
    assert_eq!(found(&traditional, &loose("新津区", "")), ["t"]);
    assert_eq!(
        found(&index, &query("county:新津县")),
        [""; 0],
        "a name is a string in other modes"
    );
    assert_eq!(found(&index, &loose("county:新津县", "")), ["old"]);
    let response = index.search(&loose("county:新津县", ""));
    assert_eq!(
        additions(&response),
        [("county:新津县", "county:510118", AddedBy::Region)]
    );
    let suggested = |q: &str| index.search(&loose(q, "")).query.suggestions;
    let which = suggested("法治 朝阳");
    assert_eq!(which[0].position, 3);
    assert!(which[0].hint.contains("北京市朝阳区 110105") && which[0].hint.contains("211300"));
    assert!(suggested("region:朝阳")[0].hint.contains("110105"));
    assert!(suggested("新津县")[0].hint.contains("510118"));
}

/// What a word of the random texts adds, by the file beside it.
const FILE: &str = "甲, 法治\n放管服 => 建设, pm2.5\n法治政府 => 😀\n人民政府, 34号";

fn added(word: &str) -> Vec<&'static str> {
    match word {
        "甲" => vec!["法治"],
        "法治" => vec!["甲"],
        "放管服" => vec!["建设", "pm2.5"],
        "法治政府" => vec!["😀"],
        "人民政府" => vec!["34号"],
        _ => Vec::new(),
    }
}

#[test]
fn loose_means_every_word_or_what_was_added_to_it() {
    let words = ["甲", "法治", "放管服", "法治政府", "人民政府", "建设", "乙", "a"];
    let mut dice = Dice(77);
    for _ in 0..150 {
        let asked: Vec<&str> = (0..1 + dice.roll(3)).map(|_| dice.pick(&words)).collect();
        let request = loose(&asked.join(" "), FILE);
        let plain = query(&asked.join(" "));
        // Neighbours may make a longer term of the file.
        let joined = asked.concat();
        if asked.len() > 1 && !added(&joined).is_empty() {
            continue;
        }
        HOSTILE.expect(&request, |report| {
            asked
                .iter()
                .all(|word| contains(report, word) || added(word).iter().any(|added| contains(report, added)))
        });
        let (strict, loose) = (found(&HOSTILE, &plain), found(&HOSTILE, &request));
        assert!(strict.iter().all(|id| loose.contains(id)), "{asked:?}");
    }
}

/// What a report has to contain by the answer alone.
fn matches_by_echo(response: &SearchResponse, report: &Report) -> bool {
    let echo = &response.query;
    let has = |text: &str| contains(report, text);
    let is_added = |term: &str| echo.expanded.iter().any(|a| a.term == term && has(&a.added));
    let mut is_there: Vec<bool> = echo
        .terms
        .iter()
        .map(|word| has(word) || is_added(word))
        .collect();
    for from in 0..echo.terms.len() {
        for to in from + 2..=echo.terms.len() {
            if is_added(&echo.terms[from..to].concat()) {
                is_there[from..to].fill(true);
            }
        }
    }
    is_there.iter().all(|there| *there)
}

#[test]
fn the_answer_says_all_that_is_needed_to_count_again() {
    let words = [
        "甲",
        "法治",
        "政府",
        "放管服",
        "建设",
        "县",
        "人民政府",
        "后",
        "a",
        "34号",
        "的",
        "縣",
        "建設",
    ];
    let file = "甲乙, 法治, 「放管服」\n政府建设 => 甲, 县人民政府\n人民政府后 => 😀\n放管服 => 一、, 建设";
    let mut dice = Dice(4242);
    for _ in 0..150 {
        let asked: Vec<&str> = (0..1 + dice.roll(4)).map(|_| dice.pick(&words)).collect();
        if asked.iter().all(|word| *word == "的") {
            continue;
        }
        let request = loose(&asked.join(["", " "][dice.roll(2)]), file);
        let response = HOSTILE.search(&request);
        HOSTILE.expect(&request, |report| matches_by_echo(&response, report));
    }
}

#[test]
fn additions_have_a_limit() {
    let many: Vec<String> = (0..100).map(|n| format!("词{n}")).collect();
    let lines: String = (0..20).map(|n| format!("w{n} => {}\n", many.join(","))).collect();
    let words: Vec<String> = (0..20).map(|n| format!("w{n}")).collect();
    let request = loose(&words.join(" "), &lines);
    let error = HOSTILE.reader.search(&request, Instant::now()).unwrap_err();
    assert!(
        matches!(error, SearchError::InvalidQuery { .. }) && error.to_string().contains("1024"),
        "{error}"
    );
}

#[test]
fn a_cursor_belongs_to_the_synonyms_of_its_first_page() {
    let reports = (0..5).map(|n| report(&format!("r{n}"), "环保", ""));
    let index = TestIndex::new(reports.collect());
    let request = SearchRequest {
        limit: 2,
        ..loose("环保", "环保, 生态")
    };
    let cursor = index.search(&request).next_cursor;
    let next = SearchRequest { cursor, ..request };
    assert_eq!(index.search(&next).hits.len(), 2);
    let other = SearchRequest {
        synonyms: loose("", "环保, 绿色").synonyms,
        ..next.clone()
    };
    let error = index.reader.search(&other, Instant::now()).unwrap_err();
    assert!(matches!(error, SearchError::CursorInvalid));
    // The reader's own synonyms are part of a request that names none.
    let unnamed = SearchRequest {
        synonyms: None,
        cursor: None,
        ..next
    };
    index
        .reader
        .use_synonyms(Arc::new(Synonyms::parse("环保, 生态").unwrap()));
    let response = index.search(&unnamed);
    assert_eq!(response.query.expanded[0].added, "生态");
    index
        .reader
        .use_synonyms(Arc::new(Synonyms::parse("环保, 绿色").unwrap()));
    let resumed = SearchRequest {
        cursor: response.next_cursor,
        ..unnamed
    };
    assert!(index.reader.search(&resumed, Instant::now()).is_err());
}
