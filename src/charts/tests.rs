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
            None,
            Scale::Share,
        ),
        draw(
            &trends(By::Year, Measure::Reports, &hostile, &YEARS),
            Some(Kind::Bars),
            Scale::Count,
        ),
        draw(
            &trends(By::County, Measure::Occurrences, &hostile, &provinces),
            None,
            Scale::Share,
        ),
        draw(
            &trends(By::Province, Measure::Reports, &hostile[..1], &provinces),
            None,
            Scale::Share,
        ),
    ];
    for svg in pictures {
        let (names, text) = read(&svg.unwrap());
        let known = ["svg", "desc", "rect", "text", "line", "polyline", "circle"];
        assert!(
            names.iter().all(|name| known.contains(&name.as_str())),
            "{names:?}"
        );
        assert!(text.contains("&lt;script&gt;"), "{text}");
        let drawn = names
            .iter()
            .find(|name| !["svg", "desc"].contains(&name.as_str()));
        assert_eq!(drawn.unwrap(), "rect", "its own ground comes first");
    }
}

#[test]
fn a_line_is_interrupted_where_there_is_no_report() {
    let of = |scale| {
        let svg = draw(
            &trends(By::Year, Measure::Reports, &["法治"], &YEARS),
            None,
            scale,
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
        None,
        Scale::Share,
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
        draw(&by_city, Some(Kind::Line), Scale::Share),
        Err(NoChart::Unsuited(_))
    ));
    assert!(matches!(
        draw(&by_city, Some(Kind::Tiles), Scale::Share),
        Err(NoChart::Unsuited(_))
    ));
    assert!(matches!(
        draw(&by_province, Some(Kind::Tiles), Scale::Share),
        Err(NoChart::Unsuited(_))
    ));
    assert!(draw(&by_city, None, Scale::Share).is_ok(), "without any key");
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
