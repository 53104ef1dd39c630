//! What portals have and have not, division by division and year by year.

use std::collections::BTreeMap;

use gongbao::portals::{PortalSet, SharedPortals};
use serde_json::{Value, json};

use super::changing::{ok, portal};
use crate::{
    sample_portals::server::Reply,
    support::{Data, get, gongbao, router_with, run},
};

#[tokio::test]
async fn coverage_tells_what_was_found_and_what_was_not() {
    let portal = portal();
    let rows = |answer: Value| answer["rows"].as_array().unwrap().clone();
    let asked = "/api/v1/coverage?genre=rule-of-law-report&year=2022&year=2023";
    let state = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
        [text("genre"), row["year"].to_string(), text("state")].join(" ")
    };
    // A crawl that was cut short proves nothing.
    let cut = run(gongbao(&portal.data())
        .arg("--config")
        .arg(portal.path("gongbao.toml"))
        .args(["crawl", "--max-pages", "2"]));
    assert_eq!(cut.code, Some(0), "{cut:?}");
    let answer = rows(ok(&get(&portal.router(), asked).await));
    let states: Vec<_> = answer.iter().map(state).collect();
    assert_eq!(states[0], "rule-of-law-report 2022 unknown", "{answer:?}");

    portal.crawl();
    let answer = rows(ok(&get(&portal.router(), asked).await));
    let states: Vec<_> = answer.iter().map(state).collect();
    assert_eq!(
        states,
        [
            "rule-of-law-report 2022 not_found",
            "rule-of-law-report 2023 published"
        ]
    );
    let id = portal.id("法治政府").await;
    assert_eq!(answer[1]["report_id"], id);
    assert_eq!(answer[1]["portal"], "changning");
    for row in &answer {
        assert_eq!(row["region_code"], "430482", "{row}");
        assert!(row["checked_at"].as_str().unwrap().ends_with("+08:00"), "{row}");
    }
    portal.set("/zwgk/1.html", Reply::status(404));
    portal.crawl();
    portal.crawl();
    let all = rows(ok(&get(&portal.router(), "/api/v1/coverage").await));
    let states: BTreeMap<_, _> = all
        .iter()
        .map(|row| (row["genre"].as_str().unwrap(), row))
        .collect();
    assert_eq!(all.len(), 6, "the annual genres, and the one year that was seen");
    for (genre, expected) in [
        ("rule-of-law-report", "removed"),
        ("open-government-report", "published"),
        ("work-report", "not_found"),
    ] {
        assert_eq!(states[genre]["state"], expected, "{all:?}");
    }
    for (query, n) in [("region=43", 6), ("region=430400&year=2023", 6), ("region=11", 0)] {
        let found = rows(ok(
            &get(&portal.router(), &format!("/api/v1/coverage?{query}")).await
        ));
        assert_eq!(found.len(), n, "{query}");
    }
    for (query, code) in [
        ("years=2020", "unknown_parameter"),
        ("year=0", "invalid_parameter"),
        ("genre=x", "invalid_parameter"),
        ("region=999999", "invalid_parameter"),
    ] {
        let answer = get(&portal.router(), &format!("/api/v1/coverage?{query}")).await;
        assert_eq!(answer.json()["code"], code, "{query}");
    }

    let coverage = |format: &str| {
        let told = run(gongbao(&portal.data())
            .arg("--config")
            .arg(portal.path("gongbao.toml"))
            .args(["coverage", "--region", "43", "--format", format]));
        assert_eq!(told.code, Some(0), "{told:?}");
        told
    };
    assert_eq!(coverage("json").json()["rows"], json!(all));
    let csv = coverage("csv").stdout;
    let line = "430482,常宁市,2023,work-report,not_found,,,changning,";
    assert!(csv.lines().count() == 7 && csv.contains(line), "{csv}");
    let table = coverage("table");
    assert!(
        table.stdout.contains("常宁市") && table.stderr.contains("1 removed"),
        "{table:?}"
    );
}

/// An answer of many pieces is one JSON document with every cell in it once.
#[tokio::test]
async fn a_long_ledger_comes_whole() {
    let data = Data::with_lines(&[json!({"id": "a", "url": "https://a.example.gov.cn/1", "text": "甲"})]);
    let counties: Vec<&report::Region> = report::divisions()
        .iter()
        .filter(|region| region.current && region.level == report::Level::County)
        .take(400)
        .collect();
    for county in &counties {
        let file = format!(
            "region = \"{0}\"\nseeds = [\"https://{0}.example.gov.cn/\"]\n",
            county.code
        );
        data.file(&format!("portals/p{}.toml", county.code), file.as_bytes());
    }
    let folder = data.dir().with_file_name("portals");
    let portals = SharedPortals::new(PortalSet::read(&folder).unwrap());
    let router = router_with(&data.dir(), portals);
    let answer = ok(&get(
        &router,
        "/api/v1/coverage?year=2023&year=2022&genre=work-report&genre=budget-report",
    )
    .await);
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows.len(), counties.len() * 4);
    let keys: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["region_code"].as_str().unwrap(), row["year"]))
        .collect();
    assert!(keys.is_sorted());
    assert!(
        rows.iter()
            .all(|row| row["state"] == "unknown" && row["checked_at"].is_null())
    );
    let none = ok(&get(&router, "/api/v1/coverage").await);
    assert_eq!(none, json!({"rows": []}), "no year was seen");
}
