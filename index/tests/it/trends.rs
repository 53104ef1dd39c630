//! Counts by year, division and genre, with what they are set against, as counting by hand gives them.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io::Write,
    process::{Command, Stdio},
    time::Instant,
};

use index::{
    By, Filters, Group, Measure, Mode, SearchError, SearchRequest, TrendCounts, Trends, TrendsRequest,
};
use report::{Genre, Level, RegionCode, Report, Role, divisions, han_chars};

use crate::{
    concordance::naive,
    corpus::corpus,
    support::{Dice, HOSTILE, TestIndex, query, report},
};

fn request(queries: &[&str], by: By, search: SearchRequest) -> TrendsRequest {
    TrendsRequest {
        queries: queries.iter().map(|q| (*q).to_owned()).collect(),
        search,
        by,
        measure: Measure::Reports,
    }
}

fn ask(index: &TestIndex, request: &TrendsRequest) -> Trends {
    let answer = index.reader.trends(request, Instant::now());
    answer.unwrap_or_else(|error| panic!("{request:?}: {error:?}"))
}

/// The keys of a report; nothing for one without.
fn keys(report: &Report, by: By) -> Vec<String> {
    let content = &report.content;
    let level = match by {
        By::Year => return content.year.iter().map(ToString::to_string).collect(),
        By::Genre => return vec![content.genre.to_string()],
        By::Province => Level::Province,
        By::City => Level::City,
        By::County => Level::County,
    };
    let codes = content.region_code.iter().flat_map(|code| {
        let today = divisions().today(*code);
        if today.is_empty() { vec![*code] } else { today }
    });
    let codes: BTreeSet<RegionCode> = codes
        .flat_map(|code| {
            let above = divisions().ancestors(code);
            if above.is_empty() { vec![code] } else { above }
        })
        .filter(|code| code.level() == level)
        .collect();
    codes.iter().map(ToString::to_string).collect()
}

/// Han characters inside sections of such roles; of the whole text when none are asked for.
fn chars(report: &Report, roles: &[Role]) -> u64 {
    let content = &report.content;
    let is_asked = |at: usize| {
        let mut sections = content
            .outline
            .iter()
            .filter(|section| roles.contains(&section.role));
        roles.is_empty() || sections.any(|section| (section.start..section.end).contains(&at))
    };
    let asked: String = content
        .text
        .chars()
        .enumerate()
        .filter(|(at, _)| is_asked(*at))
        .map(|(_, c)| c)
        .collect();
    han_chars(&asked) as u64
}

/// Counts by key, under `""` those of reports without one.
fn by_hand(
    index: &TestIndex,
    search: &SearchRequest,
    by: By,
    strings: &[&str],
) -> BTreeMap<String, TrendCounts> {
    let everything = SearchRequest {
        q: String::new(),
        mode: Mode::Words,
        ..search.clone()
    };
    let all: HashSet<String> = index.all(&everything).into_iter().collect();
    let hits: HashSet<String> = index.all(search).into_iter().collect();
    let mut counts: BTreeMap<String, TrendCounts> = BTreeMap::new();
    for report in index
        .reports
        .iter()
        .filter(|report| all.contains(report.id.as_str()))
    {
        let mut keys = keys(report, by);
        if keys.is_empty() {
            keys.push(String::new());
        }
        for key in keys {
            let counts = counts.entry(key).or_default();
            counts.reports += 1;
            counts.chars += chars(report, &search.filters.section);
            if hits.contains(report.id.as_str()) {
                counts.reports_with_hit += 1;
                let found = naive(report, strings, &search.filters.section).len() as u64;
                *counts.occurrences.get_or_insert(0) += found;
            }
        }
    }
    for counts in counts.values_mut() {
        counts.occurrences.get_or_insert(0);
    }
    counts
}

#[test]
fn counts_are_those_by_hand() {
    let filters = [
        Filters::default(),
        Filters {
            genre: vec![Genre::ALL[0], Genre::ALL[1]],
            year_from: vec![2017],
            ..Filters::default()
        },
        Filters {
            region: vec!["430000".parse().unwrap(), "510118".parse().unwrap()],
            ..Filters::default()
        },
        Filters {
            section: vec![Role::Problems, Role::Plans],
            ..Filters::default()
        },
    ];
    let asked: [(&str, Mode, &[&str]); 4] = [
        ("甲", Mode::Exact, &["甲"]),
        ("\"甲甲\" OR \"法治\"", Mode::Words, &["甲甲", "法治"]),
        ("\"没有这个\"", Mode::Words, &["没有这个"]),
        ("\"a\" -\"乙\"", Mode::Words, &["a"]),
    ];
    for filters in filters {
        for (q, mode, strings) in asked {
            for by in By::ALL {
                let search = SearchRequest {
                    mode,
                    filters: filters.clone(),
                    ..query(q)
                };
                let answer = ask(&HOSTILE, &request(&[q], *by, search.clone()));
                let mut expected = by_hand(&HOSTILE, &search, *by, strings);
                let without = expected.remove("").unwrap_or(TrendCounts {
                    occurrences: Some(0),
                    ..TrendCounts::default()
                });
                assert_eq!(answer.series[0].without_key, without, "{q} {by} {filters:?}");
                for row in &answer.rows {
                    let empty = TrendCounts {
                        occurrences: Some(0),
                        ..TrendCounts::default()
                    };
                    let counts = expected.remove(&row.key).unwrap_or(empty);
                    assert_eq!(row.counts, counts, "{q} {by} {} {filters:?}", row.key);
                }
                assert!(
                    expected.is_empty(),
                    "{q} {by} {filters:?}: {expected:?} in no row"
                );
                let is_sorted = answer.rows.is_sorted_by_key(|row| &row.key);
                assert!(is_sorted || *by == By::Genre, "{by}");
            }
        }
    }
}

fn listed(trends: &Trends) -> Vec<&str> {
    trends.rows.iter().map(|row| row.key.as_str()).collect()
}

#[test]
fn keys_without_a_report_are_listed() {
    let mut reports = vec![
        report("a", "报告", "法治"),
        report("b", "报告", "法治"),
        report("c", "报告", "别的"),
    ];
    reports[0].content.year = Some(2019);
    reports[0].content.region_code = Some("430482".parse().unwrap());
    reports[1].content.year = Some(2022);
    let index = TestIndex::new(reports);
    let of = |by: By, filters: Filters| {
        ask(
            &index,
            &request(&["法治"], by, SearchRequest { filters, ..query("") }),
        )
    };
    assert_eq!(
        listed(&of(By::Year, Filters::default())),
        ["2019", "2020", "2021", "2022"]
    );
    let wide = Filters {
        year_from: vec![2018],
        year_to: vec![2020],
        ..Filters::default()
    };
    assert_eq!(listed(&of(By::Year, wide)), ["2018", "2019", "2020"]);
    let single = Filters {
        year: vec![2019, 2022],
        ..Filters::default()
    };
    assert_eq!(listed(&of(By::Year, single)), ["2019", "2022"]);
    let ever = Filters {
        year_from: vec![1],
        ..Filters::default()
    };
    assert_eq!(listed(&of(By::Year, ever)), ["2019", "2020", "2021", "2022"]);

    let provinces = of(By::Province, Filters::default());
    assert_eq!(provinces.rows.len(), 34);
    assert_eq!(provinces.series[0].without_key.reports, 2);
    let hunan = provinces.rows.iter().find(|row| row.key == "430000").unwrap();
    assert_eq!(
        (hunan.label.as_str(), hunan.counts.reports_with_hit),
        ("湖南省", 1)
    );
    let in_hunan = |region: &str| Filters {
        region: vec![region.parse().unwrap()],
        ..Filters::default()
    };
    assert_eq!(listed(&of(By::Province, in_hunan("430400"))), ["430000"]);
    let cities = of(By::City, in_hunan("430000"));
    assert_eq!(
        cities.rows.len(),
        divisions().children("430000".parse().ok()).len()
    );
    assert!(cities.rows.iter().all(|row| row.key.starts_with("43")));
    assert!(of(By::County, Filters::default()).rows.len() > 2800);
    assert_eq!(of(By::Genre, Filters::default()).rows.len(), Genre::ALL.len());
}

#[test]
fn several_queries_have_the_same_keys_and_an_empty_one_no_occurrences() {
    let answer = ask(
        &HOSTILE,
        &request(&["甲", "", "\"没有这个\""], By::Year, query("")),
    );
    let series = &answer.series;
    assert_eq!(series[0].rows, answer.rows);
    let keys = |nth: usize| {
        series[nth]
            .rows
            .iter()
            .map(|row| row.key.clone())
            .collect::<Vec<_>>()
    };
    assert!(keys(0) == keys(1) && keys(1) == keys(2));
    for row in &series[1].rows {
        assert_eq!(row.counts.reports_with_hit, row.counts.reports);
        assert_eq!(row.counts.occurrences, None);
    }
    assert!(series[2].rows.iter().all(|row| row.counts.occurrences == Some(0)));
}

#[test]
fn near_duplicates_can_be_counted_once() {
    let text = "全市持续优化营商环境，深化行政审批制度改革，全面推行双随机监管，依法办理行政复议案件，加强行政执法监督。";
    let mut reports = vec![
        report("a", "甲", text),
        report("b", "甲", text),
        report("c", "乙", "营商环境"),
    ];
    for report in &mut reports {
        report.content.year = Some(2020);
    }
    let index = TestIndex::new(reports);
    let search = SearchRequest {
        group: Group::Duplicates,
        ..query("")
    };
    let answer = ask(&index, &request(&["营商环境"], By::Year, search));
    let counts = answer.rows[0].counts;
    assert_eq!(
        (counts.reports_with_hit, counts.occurrences, counts.reports),
        (2, Some(2), 2)
    );
}

#[test]
fn wrong_requests_are_told() {
    let ask = |queries: &[&str]| {
        HOSTILE
            .reader
            .trends(&request(queries, By::Year, query("")), Instant::now())
    };
    assert!(matches!(
        ask(&[]),
        Err(SearchError::InvalidParameter { name: "q", .. })
    ));
    assert!(matches!(
        ask(&["甲"; 21]),
        Err(SearchError::InvalidParameter { name: "q", .. })
    ));
    assert!(matches!(
        ask(&["甲", "(乙"]),
        Err(SearchError::InvalidQueryOf { nth: 2, .. })
    ));
}

/// Counts as a researcher would: folds, splits at line ends, and counts what an alternation finds, by year.
const BY_PYTHON: &str = r#"
import collections, json, re, sys, unicodedata
FORMS = {**dict.fromkeys('〔【〖{', '['), **dict.fromkeys('〕】〗}', ']'), **dict.fromkeys('“”„「」『』', '"'),
         **dict.fromkeys('‘’', "'"), **dict.fromkeys('—–―‒−', '-'), '○': '〇'}
def fold(text):
    text = ''.join(c.lower() for c in unicodedata.normalize('NFKC', text))
    kept = (c for c in text if not c.isspace() and unicodedata.category(c) != 'Cf')
    return ''.join(FORMS.get(c, c) for c in kept)
asked = json.load(sys.stdin)
folded = [(year, [fold(line) for line in text.split('\n')]) for year, text in asked['reports']]
for strings in asked['queries']:
    strings = sorted((fold(string) for string in strings), key=len, reverse=True)
    pattern = re.compile('|'.join(map(re.escape, strings)))
    counts = collections.Counter()
    for year, lines in folded:
        found = sum(len(pattern.findall(line)) for line in lines)
        counts[year] += found
        counts[-year] += found > 0
    print(json.dumps(counts))
"#;

#[test]
fn counts_over_real_texts_are_those_of_python() {
    let Some(mut reports) = corpus() else { return };
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3");
        return;
    }
    // Unoptimised code takes its time.
    let step = if cfg!(debug_assertions) { 12 } else { 1 };
    let mut nth = 0;
    reports.retain(|_| {
        nth += 1;
        nth % step == 0
    });
    for (nth, report) in reports.iter_mut().enumerate() {
        // Titles are not counted, and must not decide what matches here.
        report.content.title = None;
        report.content.year = Some(2015 + (nth % 9) as i32);
    }
    let mut dice = Dice(4711);
    let mut queries: Vec<Vec<String>> = Vec::new();
    while queries.len() < 100 {
        let strings: Vec<String> = (0..1 + dice.roll(4))
            .map(|_| {
                let text = &reports[dice.roll(reports.len())].content.text;
                let lines: Vec<&str> = text.lines().collect();
                let chars: Vec<char> = lines[dice.roll(lines.len().max(1))].chars().collect();
                let start = dice.roll(chars.len().max(1));
                chars.iter().skip(start).take(1 + dice.roll(4)).collect()
            })
            .collect();
        let is_plain =
            |string: &String| string.chars().count() > 0 && string.chars().all(char::is_alphanumeric);
        if strings.iter().all(is_plain) {
            queries.push(strings);
        }
    }
    let texts = reports
        .iter()
        .map(|report| (report.content.year, &report.content.text));
    let asked = serde_json::json!({"queries": queries, "reports": texts.collect::<Vec<_>>()});
    let mut python = Command::new("python3")
        .args(["-X", "utf8", "-c", BY_PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python
        .stdin
        .take()
        .unwrap()
        .write_all(asked.to_string().as_bytes())
        .unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let expected = String::from_utf8(output.stdout).unwrap();
    let index = TestIndex::new(reports);
    assert_eq!(expected.lines().count(), queries.len());
    for (strings, line) in queries.iter().zip(expected.lines()) {
        let counts: BTreeMap<i64, u64> = serde_json::from_str(line).unwrap();
        let quoted: Vec<String> = strings.iter().map(|string| format!("\"{string}\"")).collect();
        let answer = ask(&index, &request(&[&quoted.join(" OR ")], By::Year, query("")));
        for row in &answer.rows {
            let year: i64 = row.key.parse().unwrap();
            let of = |key: i64| counts.get(&key).copied().unwrap_or(0);
            let found = (row.counts.occurrences, row.counts.reports_with_hit);
            assert_eq!(found, (Some(of(year)), of(-year)), "{strings:?} {year}");
        }
    }
}
