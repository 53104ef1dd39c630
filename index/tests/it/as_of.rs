//! Answers as of a moment: what was answered then is answered later, whatever came in between.

use std::{collections::BTreeMap, time::Instant};

use index::{
    AsOf, Facet, Filters, Group, Known, Mode, Reader, Rebuild, SearchError, SearchRequest, SearchResponse,
    Sort, Writer,
};
use jiff::Timestamp;
use report::{ChinaMoment, Genre, Report, Role};

use crate::support::{Dice, SMALL, outline, query, report, text};

/// Versions of reports as they are recorded, and the index that follows.
struct World {
    dir: tempfile::TempDir,
    writer: Writer,
    reader: Reader,
    dice: Dice,
    clock: i64,
    /// All versions of each report with the moments at which they were recorded.
    versions: BTreeMap<String, Vec<(Report, ChinaMoment)>>,
}

impl World {
    fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let writer = Writer::open(dir.path(), SMALL).unwrap();
        let reader = Reader::open(dir.path()).unwrap();
        Self {
            dir,
            writer,
            reader,
            dice: Dice(seed),
            clock: 1_700_000_000_000,
            versions: BTreeMap::new(),
        }
    }

    /// Records another version of some reports at one moment, and puts them into the index.
    fn record(&mut self) {
        self.clock += 1 + self.dice.roll(3) as i64 * 50_000_000;
        let now: ChinaMoment = Timestamp::from_millisecond(self.clock).unwrap().into();
        let mut ids: Vec<String> = (0..1 + self.dice.roll(4))
            .map(|_| format!("r{:02}", self.dice.roll(24)))
            .collect();
        ids.sort();
        ids.dedup();
        for id in ids {
            let dice = &mut self.dice;
            let versions = self.versions.entry(id.clone()).or_default();
            // Copies of a text that others have too are near-duplicates.
            let body = match dice.chance(30) {
                true => "全县深入推进法治政府建设，优化营商环境，规范行政执法，加强行政复议，化解行政争议。"
                    .repeat(3),
                false => text(dice, 14),
            };
            let mut next = report(&id, &text(dice, 4), &format!("{body}\n{}", text(dice, 10)));
            next.version = versions.len() as u32 + 1;
            next.changed_at = now;
            next.portal = dice.pick(&["changning", "haiyuan"]).into();
            next.content.genre = Genre::ALL[dice.roll(3)];
            next.content.year = dice.chance(80).then(|| 2019 + dice.roll(4) as i32);
            next.content.region_code = dice
                .chance(80)
                .then(|| dice.pick(&["430482", "510118", "110101"]).parse().unwrap());
            next.content.outline = outline(dice, &next.content.text);
            self.writer.put(&next, Known::since(now)).unwrap();
            if let Some((before, from)) = versions.last() {
                let known = Known {
                    from: *from,
                    until: Some(now),
                };
                self.writer.put(before, known).unwrap();
            }
            versions.push((next, now));
        }
    }

    /// The same versions in a new generation: other segments, other documents.
    fn rebuild(&mut self) {
        let dir = self.dir.path();
        let stolen = Writer::open(tempfile::tempdir().unwrap().path(), SMALL).unwrap();
        drop(std::mem::replace(&mut self.writer, stolen));
        let mut rebuild = Rebuild::start(dir, SMALL).unwrap();
        for versions in self.versions.values() {
            let next = versions.iter().skip(1).map(|(_, from)| Some(*from)).chain([None]);
            for ((report, from), until) in versions.iter().zip(next) {
                rebuild.put(report, Known { from: *from, until }).unwrap();
            }
        }
        rebuild.publish(1).unwrap();
        self.writer = Writer::open(dir, SMALL).unwrap();
    }

    fn search(&self, request: &SearchRequest) -> SearchResponse {
        let answer = self.reader.search(request, Instant::now());
        answer.unwrap_or_else(|error| panic!("{request:?}: {error:?}"))
    }
}

fn requests() -> Vec<SearchRequest> {
    let facets = vec![
        Facet::Region,
        Facet::Province,
        Facet::Year,
        Facet::Genre,
        Facet::Section,
    ];
    let with = |q: &str, change: &dyn Fn(&mut SearchRequest)| {
        let mut request = SearchRequest {
            facets: facets.clone(),
            ..query(q)
        };
        change(&mut request);
        request
    };
    let plain = |q: &str| with(q, &|_| ());
    let filtered = |q: &str, filters: Filters| with(q, &move |request| request.filters = filters.clone());
    vec![
        plain(""),
        plain("法治"),
        plain("甲 OR 政府"),
        plain("NOT 甲"),
        plain("-title:法 (县 OR \"建设\")"),
        plain("year:2020..2021"),
        plain("\"法治政府\" NEAR/9 \"建设\""),
        with("法治政府 建设 甲乙", &|request| request.mode = Mode::Any),
        with("行政复议", &|request| request.mode = Mode::Loose),
        with("法治", &|request| request.group = Group::Duplicates),
        with("", &|request| request.sort = Some(Sort::Changed)),
        filtered(
            "甲",
            Filters {
                section: vec![Role::Problems, Role::Plans],
                ..Filters::default()
            },
        ),
        filtered(
            "",
            Filters {
                region: vec!["430000".parse().unwrap()],
                portal: vec!["changning".into()],
                ..Filters::default()
            },
        ),
        filtered(
            "",
            Filters {
                changed_since: vec![Timestamp::from_millisecond(1_700_200_000_000).unwrap().into()],
                ..Filters::default()
            },
        ),
    ]
}

/// All of an answer that has to be the same later.
fn essence(answer: &SearchResponse) -> String {
    let hits: Vec<_> = answer
        .hits
        .iter()
        .map(|hit| {
            let marks: Vec<_> = hit.highlights.iter().map(|highlight| &highlight.html).collect();
            (
                &hit.report,
                hit.score.to_bits(),
                &hit.matched_by,
                marks,
                &hit.duplicates,
            )
        })
        .collect();
    format!(
        "{:?} {:?} {:?} {hits:?}",
        answer.state, answer.total, answer.facets
    )
}

#[test]
fn an_answer_is_the_same_later_as_of_its_state() {
    for seed in [1, 0x9e37_79b9_7f4a_7c15, 77] {
        let mut world = World::new(seed);
        let requests = requests();
        let mut told: Vec<(AsOf, Vec<String>)> = Vec::new();
        for step in 0..40 {
            // Several moments may share a commit; a moment is never in two.
            for _ in 0..1 + world.dice.roll(3) {
                world.record();
            }
            world.writer.commit(step + 1).unwrap();
            let answers: Vec<_> = requests.iter().map(|request| world.search(request)).collect();
            let state = world.reader.corpus_state().state.unwrap();
            assert!(answers.iter().all(|answer| answer.state == Some(state)));
            assert!(told.last().is_none_or(|(last, _)| *last < state.into()));
            told.push((state.into(), answers.iter().map(essence).collect()));
        }
        let n_past: usize = world.versions.values().map(|versions| versions.len() - 1).sum();
        assert_eq!(world.reader.stats().unwrap().past_versions, n_past as u64);
        for rebuilt in [false, true] {
            if rebuilt {
                world.rebuild();
            }
            for (state, answers) in &told {
                for (request, then) in requests.iter().zip(answers) {
                    let mut request = request.clone();
                    request.filters.as_of = Some(*state);
                    let now = essence(&world.search(&request));
                    assert!(*then == now, "{request:?}\n{then}\n{now}");
                }
            }
            let verified = world.reader.verify().unwrap();
            assert_eq!(verified.problems, Vec::<String>::new());
            assert_eq!(verified.reports, world.versions.len() as u64);
        }
    }
}

#[test]
fn a_walk_as_of_a_moment_is_whole_and_belongs_to_it() {
    let mut world = World::new(5);
    (0..60).for_each(|_| world.record());
    world.writer.commit(1).unwrap();
    let middle = world
        .versions
        .values()
        .map(|versions| versions[0].1)
        .max()
        .unwrap();
    let whole = SearchRequest {
        filters: Filters {
            as_of: Some(middle.into()),
            ..Filters::default()
        },
        ..query("")
    };
    let all: Vec<_> = world
        .search(&whole)
        .hits
        .iter()
        .map(|hit| hit.report.clone())
        .collect();
    let mut walked = Vec::new();
    let mut request = SearchRequest { limit: 5, ..whole };
    loop {
        let page = world.search(&request);
        walked.extend(page.hits.into_iter().map(|hit| hit.report));
        let Some(cursor) = page.next_cursor else { break };
        request.cursor = Some(cursor);
    }
    assert!(walked.len() > 5 && walked == all);
    assert!(all.iter().all(|report| report.changed_at <= middle));
    let found = world.reader.find_all(&request).unwrap();
    assert_eq!(found.corpus_state().state, Some(middle));
    assert_eq!(found.count(), all.len());
    request.cursor = world
        .search(&SearchRequest {
            cursor: None,
            ..request.clone()
        })
        .next_cursor;
    request.filters.as_of = None;
    let other = world.reader.search(&request, Instant::now());
    assert!(matches!(other, Err(SearchError::CursorInvalid)));
}

#[test]
fn before_the_first_report_there_is_nothing_to_answer_from() {
    let mut world = World::new(9);
    let mut request = query("");
    request.filters.as_of = Some("2023-01-01".parse().unwrap());
    let told = |world: &World| match world.reader.search(&request, Instant::now()).unwrap_err() {
        SearchError::InvalidParameter { name, message } => format!("{name}: {message}"),
        other => panic!("{other:?}"),
    };
    assert_eq!(world.search(&query("")).state, None);
    assert_eq!(world.reader.corpus_state().state, None);
    assert!(told(&world).contains("nothing was recorded yet"));
    world.record();
    world.writer.commit(1).unwrap();
    let first = world
        .versions
        .values()
        .map(|versions| versions[0].1)
        .min()
        .unwrap();
    assert_eq!(
        told(&world),
        format!(
            "as_of: nothing was known at 2023-01-01T23:59:59.999+08:00; the first report was recorded at {first}"
        )
    );
}
