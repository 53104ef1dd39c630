//! Pictures are well-formed, show what was counted, and carry nothing that a query brought along.

use index::{QueryEcho, TrendRow, TrendSeries};
use quick_xml::{Reader, events::Event};

use super::*;

fn trends(by: By, measure: Measure, queries: &[&str], keys: &[(&str, &str, u64, u64)]) -> Trends {
    let rows: Vec<TrendRow> = keys
        .iter()
        .map(|(key, label, hits, reports)| TrendRow {
            key: (*key).to_owned(),
            label: (*label).to_owned(),
            counts: TrendCounts {
                reports_with_hit: *hits,
                occurrences: Some(hits * 3),
                reports: *reports,
                chars: reports * 1000,
            },
        })
        .collect();
    let series = queries.iter().map(|q| TrendSeries {
        q: (*q).to_owned(),
        query: QueryEcho::default(),
        rows: rows.clone(),
        without_key: TrendCounts::default(),
    });
    Trends {
        by,
        measure,
        series: series.collect(),
        rows,
        state: None,
        took_ms: 0,
    }
}

fn scaled(scale: Scale) -> Look {
    Look {
        scale: Some(scale),
        ..Look::default()
    }
}

fn of_kind(kind: Kind) -> Look {
    Look {
        kind: Some(kind),
        ..Look::default()
    }
}

/// Names of the elements, and all text; fails when the picture is no XML.
fn read(svg: &str) -> (Vec<String>, String) {
    let mut reader = Reader::from_str(svg);
    let (mut names, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                names.push(tag.name().as_ref().to_owned());
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.as_ref();
                    assert!(!name.starts_with("on") && name != "href" && name != "style");
                }
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(part) => text.push_str(&format!("&{};", &*part)),
            Event::Eof => return (names, text),
            _ => {}
        }
    }
}

const YEARS: [(&str, &str, u64, u64); 4] = [
    ("2019", "2019", 1, 10),
    ("2020", "2020", 0, 0),
    ("2021", "2021", 5, 10),
    ("2022", "2022", 9, 10),
];

#[test]
fn queries_cannot_bring_markup_into_a_picture() {
    let hostile = [
        "<script>alert(1)</script>",
        "\"/><svg onload=alert(1)>",
        "]]><!--\u{0}\u{1b}\u{ffff}&#x3c;",
    ];
    let provinces = [("110000", "<b>京</b>", 1, 2), ("430000", "a&b", 2, 2)];
    let pictures = [
        draw(
            &trends(By::Year, Measure::Reports, &hostile, &YEARS),
            scaled(Scale::Share),
        ),
        draw(
            &trends(By::Year, Measure::Reports, &hostile, &YEARS),
            of_kind(Kind::Bars),
        ),
        draw(
            &trends(By::County, Measure::Occurrences, &hostile, &provinces),
            scaled(Scale::Share),
        ),
        draw(
            &trends(By::Province, Measure::Reports, &hostile[..1], &provinces),
            scaled(Scale::Share),
        ),
    ];
    for svg in pictures {
        let (names, text) = read(&svg.unwrap());
        let known = [
            "svg", "title", "desc", "rect", "text", "line", "polyline", "circle",
        ];
        assert!(
            names.iter().all(|name| known.contains(&name.as_str())),
            "{names:?}"
        );
        assert!(text.contains("&lt;script&gt;"), "{text}");
        let drawn = names
            .iter()
            .find(|name| !["svg", "title", "desc"].contains(&name.as_str()));
        assert_eq!(drawn.unwrap(), "rect", "its own ground comes first");
    }
}

#[test]
fn a_line_is_interrupted_where_there_is_no_report() {
    let of = |scale| {
        let svg = draw(
            &trends(By::Year, Measure::Reports, &["法治"], &YEARS),
            scaled(scale),
        )
        .unwrap();
        let (names, text) = read(&svg);
        let count = |name: &str| names.iter().filter(|other| *other == name).count();
        (count("circle"), svg.matches("stroke=\"#0072B2\"").count(), text)
    };
    let (dots, lines, text) = of(Scale::Share);
    assert_eq!((dots, lines), (3, 2));
    assert!(
        text.contains("法治") && text.contains("百分比") && text.contains("2022"),
        "{text}"
    );
    let (dots, lines, _) = of(Scale::Count);
    assert_eq!((dots, lines), (4, 1));
}

#[test]
fn bars_stand_by_value_and_tell_nothing_from_none() {
    let keys = [
        ("430100", "长沙市", 1, 10),
        ("430200", "株洲市", 9, 10),
        ("430300", "湘潭市", 0, 0),
    ];
    let svg = draw(
        &trends(By::City, Measure::Reports, &["法治"], &keys),
        Look::default(),
    )
    .unwrap();
    let (_, text) = read(&svg);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
    assert!(at("株洲市") < at("长沙市") && at("长沙市") < at("湘潭市"));
    assert!(at("90") < at("长沙市"));
    assert!(text.trim_end().ends_with('–'));
}

#[test]
fn kinds_that_do_not_suit_are_refused() {
    let by_city = trends(By::City, Measure::Reports, &["a"], &[]);
    let by_province = trends(By::Province, Measure::Reports, &["a", "b"], &[]);
    assert!(matches!(
        draw(&by_city, of_kind(Kind::Line)),
        Err(NoChart::Unsuited(_))
    ));
    assert!(matches!(
        draw(&by_city, of_kind(Kind::Tiles)),
        Err(NoChart::Unsuited(_))
    ));
    assert!(matches!(
        draw(&by_province, of_kind(Kind::Tiles)),
        Err(NoChart::Unsuited(_))
    ));
    assert!(draw(&by_city, Look::default()).is_ok(), "without any key");
}

#[test]
fn shares_are_of_reports_or_characters() {
    let counts = TrendCounts {
        reports_with_hit: 1,
        occurrences: Some(3),
        reports: 4,
        chars: 6000,
    };
    assert_eq!(value(&counts, Measure::Reports, Scale::Share), Some(25.0));
    assert_eq!(value(&counts, Measure::Occurrences, Scale::Share), Some(5.0));
    assert_eq!(value(&counts, Measure::Occurrences, Scale::Count), Some(3.0));
    assert_eq!(
        value(&TrendCounts::default(), Measure::Reports, Scale::Share),
        None
    );
}

#[test]
fn an_english_picture_has_no_word_in_chinese() {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) || "（）：，、".contains(c);
    let provinces = [("110000", "北京市", 1, 2), ("150000", "内蒙古自治区", 0, 0)];
    let genres = [("work-report", "政府工作报告", 1, 2), ("plan", "规划", 1, 1)];
    let many: Vec<String> = (0..60).map(|nth| nth.to_string()).collect();
    let many: Vec<_> = many
        .iter()
        .map(|key| (key.as_str(), key.as_str(), 1, 1))
        .collect();
    for (by, keys) in [
        (By::Year, &YEARS[..]),
        (By::Province, &provinces),
        (By::Genre, &genres),
        (By::City, &many),
    ] {
        for measure in Measure::ALL {
            for scale in [Scale::Share, Scale::Count] {
                let trends = trends(by, *measure, &[""], keys);
                let look = Look {
                    lang: Some(Lang::En),
                    ..scaled(scale)
                };
                let english = draw(&trends, look).unwrap();
                let (_, text) = read(&english);
                assert!(!text.contains(is_han), "{by:?}: {text}");
                assert!(
                    english.starts_with("<svg") && english.contains(" lang=\"en\""),
                    "{english}"
                );
                let (_, text) = read(&draw(&trends, scaled(scale)).unwrap());
                assert!(text.contains("全部报告"), "Chinese when nothing is said: {text}");
            }
        }
    }
}
