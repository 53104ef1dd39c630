//! What the coverage ledger says of such a portal, week by week.

use report::{Genre, RegionCode};

use super::*;
use crate::{Cell, CellState, CoverageQuery, PortalScope};

const LAW: Genre = Genre::RuleOfLawReport;

fn law(year: i32) -> String {
    format!("常宁市{year}年法治政府建设年度报告")
}

fn path(year: i32) -> String {
    format!("/{year}1.html")
}

impl World {
    /// Shows a list of the reports of these years, other rows behind them.
    fn announce(&self, years: &[i32], more: &str) {
        let row = |year: &i32| {
            format!(
                "<li><a href=\"{}\">{}</a><span>{}-02-27</span></li>",
                path(*year),
                law(*year),
                year + 1
            )
        };
        let rows: String = years.iter().map(row).collect();
        let page = format!("<html><body><ul>{rows}{more}</ul></body></html>");
        self.set("/list/", Reply::html(&page));
    }

    fn show(&self, year: i32) {
        self.set(&path(year), Reply::html(&report(&law(year))));
    }

    /// The cells of these years.
    fn cells(&self, years: &[i32], genre: Genre) -> Vec<Cell> {
        let store = open(self.dir.path());
        let region: RegionCode = "430482".parse().unwrap();
        let scope = PortalScope {
            id: "p".to_owned(),
            region: Some(region),
            genres: Vec::new(),
        };
        let query = CoverageQuery {
            regions: Vec::new(),
            genres: vec![genre],
            years: years.to_vec(),
        };
        let ledger = store.catalog().ledger(&[scope], &query).unwrap();
        store.catalog().cells(&ledger, region).unwrap()
    }

    fn states(&self, years: &[i32]) -> Vec<&'static str> {
        let cells = self.cells(years, LAW);
        cells.iter().map(|cell| cell.state.code()).collect()
    }
}

#[tokio::test]
async fn the_ledger_says_in_each_week_what_is_known() {
    const YEARS: [i32; 5] = [2019, 2020, 2021, 2022, 2023];
    let world = World::new().await;
    let stub = "<html><head><title>常宁市2022年法治政府建设年度报告</title></head><body><h1>常宁市2022年法治政府建设年度报告</h1>\
                <div id=\"zoom\"><p>详见附件。</p><p>附件：<a href='/2022.pdf'>年度报告.pdf</a></p></div></body></html>";
    assert_eq!(world.states(&YEARS), ["unknown"; 5], "nobody has looked");

    world.announce(&[2020, 2021, 2022], "");
    world.show(2020);
    world.show(2021);
    world.set(&path(2022), Reply::html(stub));
    let summary = world.week().await;
    // The file cannot be had, so the crawl proves nothing; what it is can be told all the same.
    assert_eq!(summary.status, PortalStatus::Partial, "{summary:?}");
    assert_eq!(
        world.states(&YEARS),
        ["unknown", "published", "published", "attachment_only", "unknown"]
    );
    let scan = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    world.set(
        "/2022.pdf",
        Reply::status(200).header("Content-Type", "image/png").body(scan),
    );
    world.week().await;
    assert_eq!(
        world.states(&YEARS),
        [
            "not_found",
            "published",
            "published",
            "attachment_only",
            "not_found"
        ]
    );

    // 2020 is taken down, 2023 comes.
    world.announce(&[2021, 2022, 2023], "");
    world.unset(&path(2020));
    world.show(2023);
    world.week().await;
    assert_eq!(world.states(&YEARS)[1], "published", "it may come back");
    world.week().await;
    let removed = [
        "not_found",
        "removed",
        "published",
        "attachment_only",
        "published",
    ];
    assert_eq!(world.states(&YEARS), removed);

    // A redesigned list takes nothing back, and proves nothing anew.
    let redesigned =
        "<html><head><title>常宁市人民政府</title></head><body><div id=\"app\"></div></body></html>";
    world.set("/list/", Reply::html(redesigned));
    world.week().await;
    world.week().await;
    assert_eq!(world.kinds(), [AlarmKind::YieldsDropped]);
    assert_eq!(world.states(&YEARS), removed);
    assert_eq!(world.state(&path(2021)), Some((Status::Live, 1)));

    world.set("*", Reply::status(403).body(b"Forbidden"));
    world.week().await;
    assert_eq!(
        world.states(&YEARS),
        ["blocked", "removed", "blocked", "blocked", "blocked"]
    );
    world.unset("*");
    world.announce(&[2021, 2022, 2023], "");
    world.week().await;
    assert_eq!(world.states(&YEARS), removed);
}

#[tokio::test]
async fn a_report_that_a_list_names_and_nobody_could_read_is_not_missing() {
    const YEARS: [i32; 6] = [2018, 2019, 2020, 2021, 2022, 2023];
    let world = World::new().await;
    world.announce(&[2023], "");
    world.show(2023);
    world.week().await;
    assert_eq!(world.states(&YEARS)[..5], ["not_found"; 5]);

    // One without a text, one that is shut, one that is broken, one in a file that is too long, and one that is not there.
    world.announce(
        &[2018, 2019, 2020, 2022, 2023],
        "<li><a href=\"/2021.pdf\">常宁市2021年法治政府建设年度报告</a><span>2022-01-20</span></li>",
    );
    let shell = "<html><head><title>常宁市</title></head><body><div id=\"app\"></div></body></html>";
    world.set(&path(2018), Reply::html(shell));
    world.set(&path(2019), Reply::status(403));
    world.set(&path(2020), Reply::status(500));
    let long = vec![b'%'; (1 << 20) + 1];
    let file = Reply::status(200)
        .header("Content-Type", "application/pdf")
        .body(&long);
    world.set("/2021.pdf", file);
    let before = world.clock().now() - SignedDuration::from_secs(2);
    let summary = world.week().await;
    let expected = [
        "unknown",
        "blocked",
        "unknown",
        "attachment_only",
        "not_found",
        "published",
    ];
    assert_eq!(world.states(&YEARS), expected, "{summary:?}");
    let cells = world.cells(&YEARS, LAW);
    for (cell, at) in cells
        .iter()
        .zip([path(2018), path(2019), path(2020), "/2021.pdf".to_owned()])
    {
        assert_eq!(cell.url.as_deref(), Some(world.site.url(&at).as_str()));
        assert!(cell.report.is_none() && cell.checked_at.unwrap().timestamp() >= before);
    }
    // Of other years and genres a row says nothing.
    let other = world.cells(&[2018], Genre::BudgetReport);
    assert_eq!((other[0].state, &other[0].url), (CellState::NotFound, &None));
    // Nor does a list that cannot be had, that there is none.
    world.set("/list/", Reply::status(500));
    world.week().await;
    assert_eq!(world.states(&YEARS), expected);

    // It is read, or not named any more.
    world.announce(&[2018, 2023], "");
    world.show(2018);
    world.week().await;
    assert_eq!(
        world.states(&YEARS),
        [
            "published",
            "not_found",
            "not_found",
            "not_found",
            "not_found",
            "published"
        ]
    );
}
