//! Sample portals on loopback, crawled by the program: all of the reports they list, and nothing else.
//!
//! Every portal is a table of pages of its own on a port of its own ([`server`]), with invented reports ([`papers`]).

mod attachments;
mod awkward;
mod documents;
mod families;
mod homes;
mod papers;
mod server;
mod shut;
mod traps;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use self::server::Site;
use crate::support::{gongbao, run};

/// A portal and what a crawl of it must come to.
struct Sample {
    id: String,
    site: Site,
    /// Keys of the portal file besides the seeds.
    toml: String,
    seeds: Vec<String>,
    /// Paths and queries of its reports.
    expected: BTreeSet<String>,
    /// Files of the reports that have any, by path and query of the report.
    files: BTreeMap<String, Vec<File>>,
    /// Hosts beside that of its site that may be asked.
    more_hosts: Vec<String>,
    status: &'static str,
    /// What the reason begins with.
    reason: &'static str,
}

impl Sample {
    /// A portal whose list is complete and works.
    fn of(family: &str, id: &str, site: Site, seed: &str, expected: BTreeSet<String>) -> Self {
        Self {
            id: format!("{id}-{}", if family == "auto" { "auto" } else { "named" }),
            site,
            toml: format!("family = \"{family}\"\n"),
            seeds: vec![seed.to_owned()],
            expected,
            files: BTreeMap::new(),
            more_hosts: Vec::new(),
            status: "ok",
            reason: "",
        }
    }
}

/// A file of a report, and what must become of it.
#[derive(Clone, Debug, PartialEq)]
struct File {
    name: String,
    media_type: Option<String>,
    status: Option<String>,
}

impl File {
    fn of(attachment: &Value) -> Self {
        let text = |key: &str| attachment[key].as_str().map(str::to_owned);
        Self {
            name: text("name").unwrap_or_default(),
            media_type: text("media_type"),
            status: text("status"),
        }
    }
}

/// A crawl of sample portals by the program.
struct Crawl {
    folder: TempDir,
}

impl Crawl {
    fn new(samples: &[Sample], settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("portals")).unwrap();
        for sample in samples {
            let seeds: Vec<_> = sample
                .seeds
                .iter()
                .map(|seed| format!("http://{}{seed}", sample.site.host()))
                .collect();
            let toml = format!(
                "seeds = {seeds:?}\n{}{}",
                sample.toml,
                if sample.toml.contains("[limits]") {
                    ""
                } else {
                    "[limits]\ndelay = \"1ms\"\n"
                }
            );
            fs::write(folder.path().join(format!("portals/{}.toml", sample.id)), toml).unwrap();
        }
        let hosts = samples.iter().flat_map(|sample| {
            let own = std::iter::once(sample.site.host());
            own.chain(sample.more_hosts.iter().cloned())
        });
        let hosts: Vec<_> = hosts.collect();
        let toml = format!("[crawl]\nallow_private = {hosts:?}\n{settings}");
        fs::write(folder.path().join("gongbao.toml"), toml).unwrap();
        Self { folder }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Crawls all portals; their summaries by id.
    fn run(&self) -> BTreeMap<String, Value> {
        let mut command = gongbao(&self.data());
        command
            .arg("--config")
            .arg(self.folder.path().join("gongbao.toml"));
        let done = run(command.args(["crawl", "--json"]));
        assert!(matches!(done.code, Some(0 | 1)), "{done:?}");
        let summaries = done
            .stdout
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        summaries
            .map(|summary| (summary["id"].as_str().unwrap().to_owned(), summary))
            .collect()
    }
}

/// Reports by portal: path and query of each address, and the report.
fn reports(data: &Path) -> BTreeMap<String, Vec<Value>> {
    let reader = index::Reader::open(&data.join("index")).unwrap();
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for report in reader.find_all(&index::SearchRequest::default()).unwrap() {
        let report = serde_json::to_value(report.unwrap()).unwrap();
        all.entry(report["portal"].as_str().unwrap().to_owned())
            .or_default()
            .push(report);
    }
    all
}

/// Path and query of an address.
fn place(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
}

/// Compares what was found with what is there; says all that differs.
fn check(samples: &[Sample], summaries: &BTreeMap<String, Value>, data: &Path) {
    let found = reports(data);
    let mut wrong = Vec::new();
    for sample in samples {
        let id = &sample.id;
        let summary = &summaries[id];
        let (status, reason) = (
            summary["status"].as_str().unwrap(),
            summary["reason"].as_str().unwrap_or_default(),
        );
        if status != sample.status || !reason.starts_with(sample.reason) {
            wrong.push(format!(
                "{id}: {status} {reason:?}, not {} {:?}; {summary}",
                sample.status, sample.reason
            ));
        }
        let got: BTreeSet<String> = found
            .get(id)
            .into_iter()
            .flatten()
            .map(|report| place(report["url"].as_str().unwrap()))
            .collect();
        let missing: Vec<_> = sample.expected.difference(&got).collect();
        let more: Vec<_> = got.difference(&sample.expected).collect();
        if !missing.is_empty() || !more.is_empty() {
            wrong.push(format!(
                "{id}: {} of {} found; missing {:?}; not reports {:?}; {} requests",
                got.len(),
                sample.expected.len(),
                &missing[..missing.len().min(3)],
                &more[..more.len().min(3)],
                sample.site.hits().len()
            ));
        }
        for report in found.get(id).into_iter().flatten() {
            let place = place(report["url"].as_str().unwrap());
            let files = report["attachments"].as_array().into_iter().flatten();
            let files: Vec<_> = files.map(File::of).collect();
            if sample.files.get(&place).map_or(&[][..], Vec::as_slice) != files {
                let expected = sample.files.get(&place);
                wrong.push(format!("{id}: files of {place} are {files:?}, not {expected:?}"));
            }
        }
        if sample.site.most_parallel() > 1 {
            wrong.push(format!("{id}: {} requests at once", sample.site.most_parallel()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_content_system_gives_all_its_reports() {
    let samples: Vec<_> = [true, false].into_iter().flat_map(families::samples).collect();
    let crawl = Crawl::new(&samples, "");
    let summaries = crawl.run();
    check(&samples, &summaries, &crawl.data());

    let before: Vec<_> = samples.iter().map(|sample| sample.site.hits().len()).collect();
    let again = crawl.run();
    check(&samples, &again, &crawl.data());
    for (sample, before) in samples.iter().zip(before) {
        let summary = &again[&sample.id];
        assert_eq!(
            (&summary["reports"]["new"], &summary["reports"]["changed"]),
            (&Value::from(0), &Value::from(0)),
            "{summary}"
        );
        let known = &sample.site.hits()[..before];
        let has_validator = |hit: &server::Hit| {
            hit.header("if-none-match")
                .or(hit.header("if-modified-since"))
                .is_some()
        };
        let details = sample.site.hits()[before..]
            .iter()
            .filter(|hit| sample.expected.contains(&hit.target))
            .cloned()
            .collect::<Vec<_>>();
        let conditional = details.iter().filter(|hit| has_validator(hit)).count();
        assert!(known.iter().all(|hit| !has_validator(hit)), "{}", sample.id);
        assert_eq!(summary["not_modified"], conditional, "{summary}");
        assert!(
            conditional == 0 || conditional == sample.expected.len(),
            "{}: {conditional}",
            sample.id
        );
    }
}

#[test]
fn wrong_encodings_many_spellings_and_detours_lose_nothing() {
    let samples = awkward::samples();
    let crawl = Crawl::new(&samples, "retries = 1\n");
    let summaries = crawl.run();
    check(&samples, &summaries, &crawl.data());
    let twins = &reports(&crawl.data())["mirrors"];
    assert!(
        twins
            .iter()
            .all(|report| report["urls"].as_array().unwrap().len() == 2),
        "{twins:?}"
    );
}

#[test]
fn a_portal_that_shuts_us_out_is_left_alone_and_named() {
    let samples = shut::samples();
    let crawl = Crawl::new(&samples, "");
    let summaries = crawl.run();
    check(&samples, &summaries, &crawl.data());
    for sample in &samples {
        let hits = sample.site.hits();
        assert!(hits.len() <= shut::MOST_REQUESTS, "{}: {hits:?}", sample.id);
    }
}

#[test]
fn endless_spaces_are_named_and_cost_little() {
    const MOST_REQUESTS: usize = 700;
    let samples = traps::samples();
    let crawl = Crawl::new(&samples, "");
    let summaries = crawl.run();
    check(&samples, &summaries, &crawl.data());
    for sample in &samples {
        let n_requests = sample.site.hits().len();
        assert!(
            n_requests <= MOST_REQUESTS,
            "{}: {n_requests} requests",
            sample.id
        );
    }
}

#[test]
fn a_home_page_leads_to_every_report_and_to_nothing_that_looks_like_one() {
    let samples = homes::samples();
    let crawl = Crawl::new(&samples, "");
    let summaries = crawl.run();
    check(&samples, &summaries, &crawl.data());
    for sample in &samples {
        let n_requests = sample.site.hits().len();
        assert!(
            n_requests <= homes::MOST_REQUESTS,
            "{}: {n_requests} requests",
            sample.id
        );
    }
}
