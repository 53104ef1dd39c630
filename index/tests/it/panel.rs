//! Panels and batches are what counting report by report gives.

mod by_hand;

use index::{
    BatchRequest, Concept, Dictionary, Group, Layout, PanelBy, PanelRequest, SearchError, SearchRequest,
};
use report::{Level, Report, Role, divisions, fold};

use self::by_hand::{counted, expect, make};
use crate::support::{Dice, HOSTILE, PIECES, TestIndex, query, report, section};

fn concept(name: &str, terms: &[&str], exclude: &[&str]) -> Concept {
    let owned = |strings: &[&str]| strings.iter().map(|s| (*s).to_owned()).collect();
    Concept {
        name: name.into(),
        terms: owned(terms),
        exclude: owned(exclude),
    }
}

fn layout(by: &[PanelBy], level: Option<Level>) -> Layout {
    Layout {
        by: by.to_vec(),
        level,
        max_rows: 1_000_000,
    }
}

fn panel(concepts: Vec<Concept>, layout: Layout) -> PanelRequest {
    PanelRequest {
        search: SearchRequest::default(),
        dictionary: Dictionary {
            concepts,
            exclude: Vec::new(),
        },
        layout,
    }
}

#[test]
fn random_panels_are_what_counting_gives() {
    let mut dice = Dice(0x0123_4567_89ab_cdef);
    let bys = [PanelBy::Region, PanelBy::Year, PanelBy::Genre, PanelBy::Section];
    for _ in 0..60 {
        let strings = |dice: &mut Dice, n: usize| -> Vec<String> {
            let string = |dice: &mut Dice| {
                (0..1 + dice.roll(2))
                    .map(|_| dice.pick(PIECES))
                    .collect::<String>()
            };
            let strings = (0..n).map(|_| string(dice));
            strings.filter(|string| !fold(string).is_empty()).collect()
        };
        let concepts = (0..1 + dice.roll(3)).map(|nth| {
            let n_terms = 1 + dice.roll(4);
            let mut terms = strings(&mut dice, n_terms);
            terms.push("甲".into());
            let n_excluded = dice.roll(3);
            Concept {
                name: format!("概念{nth}"),
                terms,
                exclude: strings(&mut dice, n_excluded),
            }
        });
        let concepts = concepts.collect();
        let by: Vec<PanelBy> = bys.iter().copied().filter(|_| dice.chance(40)).collect();
        let level = (by.contains(&PanelBy::Region) && dice.chance(60)).then(|| Level::ALL[dice.roll(3)]);
        let mut request = panel(concepts, layout(&by, level));
        let n_excluded = dice.roll(2);
        request.dictionary.exclude = strings(&mut dice, n_excluded);
        let filters = &mut request.search.filters;
        if dice.chance(30) {
            filters.section = vec![Role::ALL[dice.roll(5)], Role::ALL[dice.roll(5)]];
        }
        if dice.chance(30) {
            filters.year_from = vec![2016];
            filters.year_to = vec![2020];
        }
        if dice.chance(30) {
            filters.region = vec!["430000".parse().unwrap()];
        }
        if dice.chance(30) {
            request.search.q = "法治 OR \"甲\"".into();
        }
        expect(&HOSTILE, &request);
    }
}

fn about(id: &str, region: Option<&str>, year: Option<i32>, text: &str) -> Report {
    let mut report = report(id, "环保环保", text);
    report.content.region_code = region.map(|code| code.parse().unwrap());
    report.content.year = year;
    report
}

#[test]
fn regions_without_a_report_are_blank_and_years_have_no_gap() {
    let index = TestIndex::new(vec![
        about("a", Some("430482"), Some(2019), "环境保护，环保"),
        about("b", Some("430482"), Some(2022), "没有"),
        about("c", Some("430400"), Some(2022), "环保"),
        about("d", None, Some(2022), "环保"),
        about("e", Some("430481"), None, "环保"),
    ]);
    let mut request = panel(
        vec![concept("环保", &["环境保护", "环保"], &[])],
        layout(&[PanelBy::Region, PanelBy::Year], Some(Level::County)),
    );
    let rows = expect(&index, &request);
    assert_eq!(
        rows.n_rows(),
        2847 * 4,
        "all of today's county-level divisions, in 2019 to 2022"
    );
    let left = rows.left_out;
    assert_eq!(
        (
            left.reports,
            left.without_region,
            left.without_level,
            left.without_year
        ),
        (3, 1, 1, 1)
    );
    let rows = counted(&rows);
    let at = |code: &str, year: i32| rows[&(0, Some(code.parse().unwrap()), Some(year), None, None)];
    assert_eq!(at("430482", 2019), (1, 1, Some(2), 6));
    assert_eq!(
        at("430482", 2022),
        (1, 0, Some(0), 2),
        "a report that says nothing of it: 0"
    );
    assert_eq!(at("430482", 2020), (0, 0, None, 0), "no report: nothing");

    request.search.filters.region = vec!["430400".parse().unwrap()];
    request.search.filters.year_from = vec![2018];
    let table = expect(&index, &request);
    let hengyang = divisions().children(Some("430400".parse().unwrap())).len();
    assert_eq!(
        table.n_rows(),
        hengyang * 5,
        "from the year asked for to the last that was found"
    );

    request.layout.level = Some(Level::City);
    request.search.filters.year = vec![2022];
    let rows = expect(&index, &request);
    assert_eq!(rows.n_rows(), 1);
    assert_eq!(
        counted(&rows).into_values().next(),
        Some((2, 1, Some(1), 4)),
        "counties are part of their city"
    );

    request.layout = layout(&[PanelBy::Region], None);
    request.search.filters.year.clear();
    let rows = counted(&expect(&index, &request));
    assert_eq!(
        rows.len(),
        hengyang + 1,
        "without a level each report counts for its own division"
    );
    assert_eq!(
        rows[&(0, Some("430400".parse().unwrap()), None, None, None)],
        (1, 1, Some(1), 2)
    );
}

#[test]
fn old_divisions_count_for_what_became_of_them() {
    let split = divisions()
        .iter()
        .find(|region| !region.current && region.successors.len() > 1)
        .unwrap();
    let index = TestIndex::new(vec![
        about("a", Some("510132"), Some(2019), "环保"),
        about("b", Some(&split.code.to_string()), Some(2019), "环保"),
    ]);
    let request = panel(
        vec![concept("环保", &["环保"], &[])],
        layout(&[PanelBy::Region], None),
    );
    let rows = counted(&expect(&index, &request));
    assert_eq!(
        rows[&(0, Some("510118".parse().unwrap()), None, None, None)].0,
        1,
        "新津县 is 新津区 today"
    );
    for code in &split.successors {
        assert_eq!(rows[&(0, Some(*code), None, None, None)].0, 1);
    }
    // Of what a division was divided into, only what was asked for has rows.
    let mut request = request;
    request.search.filters.region = vec![split.successors[0]];
    assert_eq!(counted(&make(&index, &request)).len(), 1);
}

#[test]
fn sections_are_counted_by_themselves() {
    let text = "一、成效\n生态好\n二、问题\n生态差，营商生态";
    let mut sectioned = about("a", Some("430482"), Some(2020), text);
    let at = |needle: &str| text[..text.find(needle).unwrap()].chars().count();
    sectioned.content.outline = vec![
        section(Role::Achievements, 1, "一", 0, at("二、")),
        section(Role::Problems, 1, "二", at("二、"), text.chars().count()),
    ];
    let index = TestIndex::new(vec![sectioned, about("b", Some("430482"), Some(2020), "生态")]);
    let mut request = panel(
        vec![concept("生态", &["生态"], &["营商生态"])],
        layout(&[PanelBy::Section], None),
    );
    let table = expect(&index, &request);
    assert_eq!(table.left_out.without_section, 1);
    let rows: Vec<_> = table
        .rows()
        .map(|row| (row.section, row.occurrences, row.chars))
        .collect();
    assert_eq!(
        rows,
        [
            (Some(Role::Achievements), Some(1), 6),
            (Some(Role::Problems), Some(1), 10)
        ]
    );
    request.layout.by.clear();
    assert_eq!(expect(&index, &request).row(0).unwrap().occurrences, Some(3));
    request.search.filters.section = vec![Role::Problems];
    let table = expect(&index, &request);
    let row = table.row(0).unwrap();
    assert_eq!((row.reports, row.occurrences, row.chars), (1, Some(1), 10));
}

#[test]
fn near_duplicates_count_once_when_asked_to() {
    let long: String = (0..400)
        .map(|n| char::from_u32(0x4e00 + n * 7 % 5000).unwrap())
        .collect();
    let copies = (0..3).map(|n| {
        let mut copy = about(
            &format!("r{n}"),
            Some("430482"),
            Some(2020 + n),
            &format!("{long}环保"),
        );
        copy.content.published = Some(jiff::civil::date(2024 - n as i16, 1, 1));
        copy
    });
    let index = TestIndex::new(copies.collect());
    let mut request = panel(
        vec![concept("环保", &["环保"], &[])],
        layout(&[PanelBy::Year], None),
    );
    assert_eq!(
        expect(&index, &request)
            .rows()
            .map(|row| row.reports)
            .sum::<u64>(),
        3
    );
    request.search.group = Group::Duplicates;
    let table = make(&index, &request);
    let rows: Vec<_> = table
        .rows()
        .map(|row| (row.year, row.reports, row.occurrences))
        .collect();
    assert_eq!(rows, [(Some(2022), 1, Some(1))], "the one published first");
}

#[test]
fn what_is_wrong_is_refused() {
    let good = || panel(vec![concept("a", &["甲"], &[])], layout(&[PanelBy::Year], None));
    let refused = |request: PanelRequest| match HOSTILE.reader.panel(&request, &|_, _| {}) {
        Err(SearchError::InvalidParameter { name, message }) => (name, message),
        other => panic!("{request:?}: {other:?}"),
    };
    let mut twice = good();
    twice.layout.by.push(PanelBy::Year);
    assert_eq!(refused(twice).0, "by");
    let mut level = good();
    level.layout.level = Some(Level::City);
    assert_eq!(refused(level).0, "level");
    let mut many = good();
    many.layout.by.push(PanelBy::Region);
    many.layout.max_rows = 1000;
    assert!(refused(many).1.contains("rows"));
    let mut empty = good();
    empty.dictionary.exclude.push("\u{200b}".into());
    assert_eq!(refused(empty).0, "exclude");
    let mut late = good();
    late.search.deadline = Some(std::time::Instant::now());
    assert!(matches!(
        HOSTILE.reader.panel(&late, &|_, _| {}),
        Err(SearchError::Timeout)
    ));
    let mut wrong = good();
    wrong.search.q = "(".into();
    assert!(matches!(
        HOSTILE.reader.panel(&wrong, &|_, _| {}),
        Err(SearchError::InvalidQuery { .. })
    ));
}

#[test]
fn progress_goes_to_the_end() {
    let told = std::sync::Mutex::new(Vec::new());
    let request = panel(vec![concept("a", &["甲"], &[])], layout(&[], None));
    let tell = |done, total| told.lock().unwrap().push((done, total));
    HOSTILE.reader.panel(&request, &tell).unwrap();
    let n = HOSTILE.reports.len() as u64;
    assert!(told.into_inner().unwrap().contains(&(n, n)));
}

#[test]
fn a_batch_counts_what_each_query_finds() {
    let mut dated = about("c", Some("510118"), Some(2018), "环保 环境保护");
    dated.content.published = Some(jiff::civil::date(2019, 3, 1));
    let index = TestIndex::new(vec![
        about("a", Some("430482"), Some(2019), "环境保护，环保\n保护环境"),
        about("b", Some("430482"), Some(2020), "没有"),
        dated,
    ]);
    let queries = [
        "\"环保\"",
        "环保 OR 保护",
        "环境 -没有",
        "title:环保 year:2020",
        "",
    ];
    let request = |by: &[PanelBy]| BatchRequest {
        search: SearchRequest::default(),
        queries: queries
            .iter()
            .map(|q| ((*q).to_owned(), (*q).to_owned()))
            .collect(),
        layout: layout(by, None),
    };
    let whole = index.reader.batch(&request(&[]), &|_, _| {}).unwrap();
    let rows: Vec<_> = whole
        .rows()
        .map(|row| (row.reports, row.reports_with_hit, row.occurrences))
        .collect();
    // Where only a field is asked for, or nothing, there is no string that could occur.
    assert_eq!(
        rows,
        [
            (3, 3, Some(2)),
            (3, 3, Some(5)),
            (3, 2, Some(3)),
            (3, 1, None),
            (3, 3, None)
        ]
    );
    let first = whole.row(0).unwrap().first;
    assert_eq!(
        (first.year, first.region),
        (Some(2018), Some("510118".parse().unwrap()))
    );
    assert_eq!(first.published, Some(jiff::civil::date(2019, 3, 1)));
    let years = index
        .reader
        .batch(&request(&[PanelBy::Year]), &|_, _| {})
        .unwrap();
    let rows: Vec<_> = years
        .rows()
        .take(3)
        .map(|row| (row.year, row.occurrences))
        .collect();
    assert_eq!(
        rows,
        [
            (Some(2018), Some(1)),
            (Some(2019), Some(1)),
            (Some(2020), Some(0))
        ]
    );

    let mut wrong = request(&[]);
    wrong.queries[3].1 = "(".into();
    let error = index.reader.batch(&wrong, &|_, _| {}).unwrap_err();
    assert_eq!(error.query, Some(3));
    let mut base = request(&[]);
    base.search.q = "没有".into();
    let based = index.reader.batch(&base, &|_, _| {}).unwrap();
    assert_eq!(
        based.row(0).unwrap().reports_with_hit,
        1,
        "what is asked beside has to be met"
    );
    assert_eq!(index.search(&query("没有")).total.value, 1);
}
