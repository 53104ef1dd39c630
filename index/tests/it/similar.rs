//! Near-duplicates, what is folded, and what is related, against an evaluation that compares all with all.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    time::{Duration, Instant},
};

use index::{Facet, Filters, Group, Reader, Rebuild, SearchRequest, Similar, Sort, Writer};
use jiff::civil::date;
use report::{Content, Evidence, Report, Role, YearBasis, fold};

use crate::support::{Dice, SMALL, TestIndex, query, report, section};

/// A paragraph of characters that look like chance: nothing in it is in any other.
fn paragraph(dice: &mut Dice, n: usize) -> String {
    let chars = (0..n).map(|_| char::from_u32(0x4e00 + dice.roll(4000) as u32).unwrap());
    chars.collect::<String>() + "。"
}

fn text(dice: &mut Dice) -> String {
    let paragraphs: Vec<_> = (0..8).map(|_| paragraph(dice, 60)).collect();
    paragraphs.join("\n")
}

/// A copy with changes such as copies have: a line before it, one behind it, a few characters, another form.
fn copy(dice: &mut Dice, text: &str) -> String {
    match dice.roll(5) {
        0 => text.to_owned(),
        1 => format!("来源：县政府办公室\n{text}"),
        2 => format!("{text}\n某某县人民政府\n2021年2月22日"),
        3 => text.replace('\n', "\u{3000}\r").replace('。', "．"),
        _ => {
            let mut chars: Vec<char> = text.chars().collect();
            for _ in 0..3 {
                let at = dice.roll(chars.len());
                if chars[at] != '\n' {
                    chars[at] = '改';
                }
            }
            chars.into_iter().collect()
        }
    }
}

/// Runs of five letters of a text, by the letter of the definition.
fn shingles(text: &str) -> HashSet<String> {
    let folded: String = text.split('\n').map(fold).collect();
    let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.windows(5).map(|run| run.iter().collect()).collect()
}

fn similarity(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    a.intersection(b).count() as f64 / a.union(b).count() as f64
}

/// Reports in families of copies; the first three characters of an id name the family.
fn families(seed: u64, n: usize) -> Vec<Report> {
    let mut dice = Dice(seed);
    let mut reports = Vec::new();
    for family in 0..n {
        let original = text(&mut dice);
        let (year, genre) = (2015 + dice.roll(6) as i32, dice.roll(3));
        for member in 0..1 + [0, 0, 0, 1, 2, 5][dice.roll(6)] {
            let body = match member {
                0 => original.clone(),
                _ => copy(&mut dice, &original),
            };
            let words = ["法治政府建设", "营商环境", "政务公开"];
            let title = format!("{}报告{}", dice.pick(&words), "甲".repeat(dice.roll(3)));
            let mut report = report(&format!("{family:03}-{member}"), &title, &body);
            report.content.year = Some(year);
            report.content.genre = report::Genre::ALL[genre];
            report.content.published = dice.chance(70).then(|| date(2021, 1 + dice.roll(12) as i8, 1));
            reports.push(report);
        }
    }
    reports
}

fn family(id: &str) -> &str {
    id.split('-').next().unwrap()
}

fn folded(q: &str, sort: Sort) -> SearchRequest {
    SearchRequest {
        group: Group::Duplicates,
        sort: Some(sort),
        ..query(q)
    }
}

/// A hit and what is folded into it.
type Fold = (String, Vec<String>);

/// Every page of a search.
fn walk(reader: &Reader, request: &SearchRequest, mut between: impl FnMut(usize)) -> (Vec<Fold>, u64) {
    let mut request = request.clone();
    let (mut found, mut total) = (Vec::new(), None);
    for page in 0.. {
        let answer = reader.search(&request, Instant::now()).unwrap();
        assert!(total.is_none_or(|total| total == answer.total.value));
        total = Some(answer.total.value);
        for hit in &answer.hits {
            let duplicates = hit.duplicates.as_ref().unwrap();
            assert_eq!(duplicates.count, duplicates.ids.len() as u64);
            let ids = duplicates.ids.iter().map(ToString::to_string).collect();
            found.push((hit.report.id.to_string(), ids));
        }
        match answer.next_cursor {
            Some(cursor) => request.cursor = Some(cursor),
            None => break,
        }
        between(page);
    }
    (found, total.unwrap())
}

/// What folding a list of hits in order gives.
fn expected(ids: &[String]) -> Vec<Fold> {
    let mut folds: Vec<Fold> = Vec::new();
    for id in ids {
        match folds.iter_mut().find(|(first, _)| family(first) == family(id)) {
            Some((_, others)) => others.push(id.clone()),
            None => folds.push((id.clone(), Vec::new())),
        }
    }
    folds
}

#[test]
fn hits_are_folded_by_family_in_every_order() {
    let index = TestIndex::new(families(11, 40));
    for sort in Sort::ALL {
        for (q, limit) in [
            ("", 100),
            ("", 7),
            ("营商环境", 3),
            ("NOT 政务公开", 10),
            ("报告 OR 甲", 1),
        ] {
            let mut request = folded(q, *sort);
            request.limit = limit;
            let flat = SearchRequest {
                group: Group::None,
                ..request.clone()
            };
            let folds = expected(&index.all(&flat));
            let (found, total) = walk(&index.reader, &request, |_| ());
            assert_eq!(found, folds, "{q} {sort} {limit}");
            assert_eq!(total, folds.len() as u64);
            let all: Vec<_> = folds.iter().map(|(first, _)| first.clone()).collect();
            assert_eq!(index.all(&request), all);
        }
    }
    let single = index.search(&query("")).hits;
    assert!(single.iter().all(|hit| hit.duplicates.is_none()));
}

#[test]
fn facets_count_reports_and_filters_come_before_folding() {
    let index = TestIndex::new(families(5, 40));
    let filters = Filters {
        year: vec![2016, 2018],
        ..Filters::default()
    };
    let request = SearchRequest {
        filters,
        facets: vec![Facet::Year, Facet::Genre],
        ..folded("", Sort::Year)
    };
    let flat = SearchRequest {
        group: Group::None,
        ..request.clone()
    };
    assert_eq!(index.search(&request).facets, index.search(&flat).facets);
    let folds = expected(&index.all(&flat));
    assert_eq!(walk(&index.reader, &request, |_| ()).0, folds);
}

#[test]
fn commits_do_not_disturb_a_folded_walk() {
    let index = TestIndex::new(families(3, 30));
    let mut writer = Writer::open(index.dir.path(), SMALL).unwrap();
    let mut request = folded("", Sort::Published);
    request.limit = 4;
    let before = expected(&index.all(&SearchRequest {
        group: Group::None,
        ..request.clone()
    }));
    let (found, _) = walk(&index.reader, &request, |page| {
        let copied = &index.reports[page * 5 % index.reports.len()];
        let mut copy = copied.clone();
        copy.id = format!("{}-new{page}", family(copied.id.as_str()))
            .parse()
            .unwrap();
        writer.upsert(&copy).unwrap();
        writer
            .remove(&index.reports[page * 3 % index.reports.len()].id)
            .unwrap();
        writer.commit(page as u64).unwrap();
    });
    assert_eq!(found, before);
    let after = walk(&index.reader, &request, |_| ()).0;
    assert_ne!(after, before);
    assert_eq!(
        after,
        expected(&index.all(&SearchRequest {
            group: Group::None,
            ..request
        }))
    );
}

/// The families of an index, whatever stands for them.
fn sets(reader: &Reader) -> BTreeSet<BTreeSet<String>> {
    let (found, _) = walk(reader, &folded("", Sort::Year), |_| ());
    found
        .into_iter()
        .map(|(first, others)| others.into_iter().chain([first]).collect())
        .collect()
}

#[test]
fn groups_do_not_depend_on_how_the_reports_came() {
    let mut reports = families(21, 40);
    let index = TestIndex::new(reports.clone());
    let before = sets(&index.reader);
    assert!(before.iter().any(|set| set.len() > 3));
    reports.reverse();
    let other = TestIndex::new(reports.clone());
    assert_eq!(sets(&other.reader), before);
    let mut rebuild = Rebuild::start(other.dir.path(), SMALL).unwrap();
    reports.sort_by_key(|report| report.url.len() + report.content.text.len() % 97);
    for report in &reports {
        rebuild.add(report).unwrap();
    }
    rebuild.publish(9).unwrap();
    assert_eq!(sets(&other.reader), before);
}

fn like(index: &TestIndex, id: &str) -> Similar {
    let found = index.reader.similar(&id.parse().unwrap(), 20, None).unwrap();
    found.unwrap()
}

#[test]
fn near_duplicates_have_their_similarity() {
    let index = TestIndex::new(families(77, 25));
    let texts: BTreeMap<String, &str> = index
        .reports
        .iter()
        .map(|report| (report.id.to_string(), report.content.text.as_str()))
        .collect();
    let runs: BTreeMap<&str, HashSet<String>> = texts
        .iter()
        .map(|(id, text)| (id.as_str(), shingles(text)))
        .collect();
    for id in texts.keys() {
        let found = like(&index, id).duplicates;
        let ids: BTreeSet<_> = found.iter().map(|other| other.id.to_string()).collect();
        let expected: BTreeSet<_> = texts
            .keys()
            .filter(|other| *other != id && family(other) == family(id))
            .cloned()
            .collect();
        assert_eq!(ids, expected, "{id}");
        for other in &found {
            let exact = similarity(&runs[id.as_str()], &runs[other.id.as_str()]);
            assert!((other.similarity - exact).abs() < 1e-4, "{id} {other:?} {exact}");
        }
        assert!(found.is_sorted_by(|a, b| a.similarity >= b.similarity));
    }
    assert_eq!(
        index
            .reader
            .similar(&"nobody".parse().unwrap(), 20, None)
            .unwrap(),
        None
    );
}

#[test]
fn different_years_and_regions_are_never_duplicates() {
    let mut dice = Dice(1);
    let body = text(&mut dice);
    let with = |id: &str, year: Option<i32>, basis: YearBasis, region: Option<(&str, &str)>| {
        let mut report = report(id, "法治政府建设年度报告", &body);
        let Content {
            region_code,
            region_evidence,
            ..
        } = &mut report.content;
        if let Some((code, signal)) = region {
            *region_code = Some(code.parse().unwrap());
            region_evidence.push(Evidence {
                signal: signal.into(),
                value: String::new(),
                code: code.parse().unwrap(),
                weight: 1.0,
            });
        }
        report.content.year = year;
        report.content.year_basis = year.map(|_| basis);
        report
    };
    let index = TestIndex::new(vec![
        with("a", Some(2020), YearBasis::Title, Some(("430482", "title"))),
        with("b", Some(2021), YearBasis::Title, Some(("430482", "title"))),
        with("c", Some(2020), YearBasis::Title, Some(("430481", "body"))),
        // The same as the first, on another site and without a title of its own.
        with("d", Some(2023), YearBasis::Published, Some(("320100", "host"))),
        // A year that was filed with it.
        with("e", Some(2022), YearBasis::Given, None),
    ]);
    let sets = sets(&index.reader);
    let of = |id: &str| sets.iter().find(|set| set.contains(id)).unwrap();
    assert!(!of("a").contains("b") && !of("a").contains("c") && !of("b").contains("c"));
    assert_eq!(
        sets.len(),
        3,
        "what says nothing belongs to one of them: {sets:?}"
    );
    let found = like(&index, "a");
    let related: Vec<_> = found.related.iter().map(|other| other.id.as_str()).collect();
    for other in ["b", "c"] {
        assert!(found.duplicates.iter().all(|one| one.id.as_str() != other));
        assert!(related.contains(&other), "{found:?}");
    }
}

#[test]
fn related_reports_are_about_the_same_thing() {
    let about = |id: &str, what: &str, n: u64| {
        let mut dice = Dice(n);
        let filler = "全面贯彻落实各项工作部署，认真总结经验。";
        let body: Vec<_> = (0..8)
            .map(|nth| format!("{}{what}第{nth}项。{filler}", paragraph(&mut dice, 12)))
            .collect();
        report(id, &format!("关于{what}的报告"), &body.join("\n"))
    };
    let index = TestIndex::new(vec![
        about("w1", "饮用水水源保护", 1),
        about("w2", "饮用水水源污染防治", 2),
        about("w3", "水源地饮用水安全保护", 3),
        about("s1", "义务教育学校招生", 4),
        about("s2", "学校义务教育均衡发展", 5),
        about("f1", "烟花爆竹禁放", 6),
    ]);
    let found = like(&index, "w1");
    assert_eq!(found.duplicates, []);
    let ids: Vec<_> = found.related.iter().map(|other| other.id.as_str()).collect();
    assert_eq!(
        ids[..2].iter().collect::<BTreeSet<_>>(),
        ["w2", "w3"].iter().collect()
    );
    assert!(
        found
            .related
            .iter()
            .all(|other| other.score > 0.0 && other.score < 1.0)
    );
    assert_eq!(like(&index, "s1").related[0].id.as_str(), "s2");
    assert!(found.related.len() <= 5);
    let one = index
        .reader
        .similar(&"w1".parse().unwrap(), 1, None)
        .unwrap()
        .unwrap();
    assert_eq!(one.related, found.related[..1]);
}

#[test]
fn shared_passages_are_where_they_are_said_to_be() {
    let mut dice = Dice(9);
    let shared: Vec<_> = (0..4).map(|nth| paragraph(&mut dice, 40 + nth * 40)).collect();
    let odd = |text: &str| text.replace('。', "\u{200b} ！\n").replace('a', "ａ");
    let mut reports = Vec::new();
    for nth in 0..3 {
        let mut parts: Vec<String> = (0..5).map(|_| paragraph(&mut dice, 90)).collect();
        for (at, passage) in shared.iter().enumerate() {
            let passage = if nth == 1 { odd(passage) } else { passage.clone() };
            parts.insert((at * 2 + nth) % parts.len(), passage);
        }
        let mut report = report(&format!("p{nth}"), "饮用水水源保护条例", &parts.join("\n"));
        report.content.outline = vec![section(Role::Other, 1, "一", 0, 10)];
        reports.push(report);
    }
    let index = TestIndex::new(reports);
    let found = like(&index, "p0");
    let letters = |text: &str, start: usize, end: usize| -> String {
        let part: String = text.chars().skip(start).take(end - start).collect();
        let folded: String = part.split('\n').map(fold).collect();
        folded.chars().filter(|c| c.is_alphanumeric()).collect()
    };
    for other in ["p1", "p2"] {
        let passages: Vec<_> = found.passages.iter().filter(|p| p.id.as_str() == other).collect();
        let theirs = index
            .reports
            .iter()
            .find(|report| report.id.as_str() == other)
            .unwrap();
        let mut seen = String::new();
        for passage in &passages {
            let here = letters(&index.reports[0].content.text, passage.start, passage.end);
            let there = letters(&theirs.content.text, passage.other_start, passage.other_end);
            assert_eq!(here, there);
            assert_eq!(here.chars().count(), passage.chars);
            assert!(passage.chars >= 50);
            seen += &here;
        }
        for passage in &shared[1..] {
            let passage = passage.trim_end_matches('。');
            assert!(seen.contains(passage), "{other} lacks {passage}");
        }
    }
    let begin = Instant::now();
    let late = index.reader.similar(&"p0".parse().unwrap(), 5, Some(begin));
    assert!(matches!(late, Err(index::SearchError::Timeout)));
    let in_time = begin + Duration::from_secs(3600);
    assert!(
        index
            .reader
            .similar(&"p0".parse().unwrap(), 5, Some(in_time))
            .is_ok()
    );
}

/// A text of which characters were lost, three in a hundred, as when a page is read badly: single ones, anywhere.
fn damaged(dice: &mut Dice, text: &str) -> String {
    text.chars()
        .filter(|c| *c == '\n' || dice.roll(100) >= 3)
        .collect()
}

#[test]
fn copies_that_lost_characters_are_still_copies() {
    let mut dice = Dice(34);
    let mut reports = Vec::new();
    for family in 0..100 {
        let paragraphs: Vec<_> = (0..40).map(|_| paragraph(&mut dice, 60)).collect();
        let original = paragraphs.join("\n");
        let copy = damaged(&mut dice, &original);
        reports.push(report(&format!("{family:03}-0"), "法治政府建设报告", &original));
        reports.push(report(&format!("{family:03}-1"), "法治政府建设报告", &copy));
    }
    let index = TestIndex::new(reports);
    let sets = sets(&index.reader);
    let whole = sets.iter().filter(|set| set.len() == 2).count();
    assert!(sets.iter().all(|set| {
        let families: BTreeSet<&str> = set.iter().map(|id| family(id)).collect();
        families.len() == 1
    }));
    assert!(whole >= 95, "{whole} of 100");
}
