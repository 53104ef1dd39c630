//! What the sample portals share: what a crawl of one must come to, the crawl itself, and the comparison.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use super::{papers::Paper, server::Site};
use crate::support::{gongbao, run};

/// Reports of a portal by path and query, each with what it says where that is known.
pub(super) type Expected = BTreeMap<String, Option<Paper>>;

/// Path and query of what could not be had, and why as one word.
pub(super) type Failed = BTreeSet<(String, String)>;

/// What a summary must say.
pub(super) fn told<'a>(failed: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Failed> {
    let failed = failed.into_iter();
    Some(
        failed
            .map(|(place, why)| (place.to_owned(), why.to_owned()))
            .collect(),
    )
}

/// Reports at these places that say what these papers say.
pub(super) fn with_papers(papers: &[(String, Paper)]) -> Expected {
    let each = papers.iter().cloned();
    each.map(|(path, paper)| (path, Some(paper))).collect()
}

/// Reports at these places, whatever they say.
pub(super) fn at(places: impl IntoIterator<Item = String>) -> Expected {
    places.into_iter().map(|place| (place, None)).collect()
}

/// A portal and what a crawl of it must come to.
pub(super) struct Sample {
    pub(super) id: String,
    pub(super) site: Site,
    /// Keys of the portal file besides the seeds.
    pub(super) toml: String,
    pub(super) seeds: Vec<String>,
    pub(super) expected: Expected,
    /// Files of the reports that have any, by path and query of the report.
    pub(super) files: BTreeMap<String, Vec<File>>,
    /// Hosts beside that of its site that may be asked.
    pub(super) more_hosts: Vec<String>,
    pub(super) status: &'static str,
    /// What the reason begins with.
    pub(super) reason: &'static str,
    /// What the summary must say could not be had, and why; `None` when that is not the question.
    pub(super) failed: Option<Failed>,
    /// What the summary must name as endless.
    pub(super) traps: &'static [&'static str],
    /// Most requests to its site.
    pub(super) most_requests: usize,
}

impl Sample {
    /// A portal whose list is complete and works.
    pub(super) fn of(family: &str, id: &str, site: Site, seed: &str, expected: Expected) -> Self {
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
            failed: told([]),
            traps: &[],
            most_requests: 1000,
        }
    }
}

/// A file of a report, and what must become of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) media_type: Option<String>,
    pub(super) status: Option<String>,
}

impl File {
    pub(super) fn of(attachment: &Value) -> Self {
        let text = |key: &str| attachment[key].as_str().map(str::to_owned);
        Self {
            name: text("name").unwrap_or_default(),
            media_type: text("media_type"),
            status: text("status"),
        }
    }
}

/// A crawl of sample portals by the program.
pub(super) struct Crawl {
    folder: TempDir,
}

impl Crawl {
    pub(super) fn new(samples: &[Sample], settings: &str) -> Self {
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

    pub(super) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Crawls all portals; their summaries by id.
    pub(super) fn run(&self) -> BTreeMap<String, Value> {
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
pub(super) fn reports(data: &Path) -> BTreeMap<String, Vec<Value>> {
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
pub(super) fn place(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
}

/// Crawls these portals; what was found must be what is there.
pub(super) fn crawl(samples: &[Sample], settings: &str) -> (Crawl, BTreeMap<String, Value>) {
    let crawl = Crawl::new(samples, settings);
    let summaries = crawl.run();
    check(samples, &summaries, &crawl.data());
    (crawl, summaries)
}

/// Compares what was found with what is there; says all that differs.
pub(super) fn check(samples: &[Sample], summaries: &BTreeMap<String, Value>, data: &Path) {
    let found = reports(data);
    let wrong: Vec<_> = samples
        .iter()
        .flat_map(|sample| {
            let reports = found.get(&sample.id).map_or(&[][..], Vec::as_slice);
            let told = summary_faults(sample, &summaries[&sample.id]);
            let faults = told.into_iter().chain(report_faults(sample, reports));
            faults
                .map(|fault| format!("{}: {fault}", sample.id))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with how a crawl ended, and with how it went about.
fn summary_faults(sample: &Sample, summary: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let (status, reason) = (
        summary["status"].as_str().unwrap(),
        summary["reason"].as_str().unwrap_or_default(),
    );
    if status != sample.status || !reason.starts_with(sample.reason) {
        wrong.push(format!("not {} {:?}; {summary}", sample.status, sample.reason));
    }
    let traps = summary["traps"].as_array().unwrap().iter();
    let traps: BTreeSet<_> = traps.map(|trap| trap["reason"].as_str().unwrap()).collect();
    if traps != sample.traps.iter().copied().collect() {
        wrong.push(format!("traps {traps:?}, not {:?}", sample.traps));
    }
    let failed = summary["failed"].as_array().unwrap().iter().map(|what| {
        let text = |name: &str| what[name].as_str().unwrap();
        (place(text("url")), text("reason").to_owned())
    });
    let failed: Failed = failed.collect();
    if sample.failed.as_ref().is_some_and(|expected| *expected != failed) {
        wrong.push(format!("failed {failed:?}, not {:?}", sample.failed));
    }
    let n_requests = sample.site.hits().len();
    if n_requests > sample.most_requests {
        wrong.push(format!("{n_requests} requests, not {}", sample.most_requests));
    }
    if sample.site.most_parallel() > 1 {
        wrong.push(format!("{} requests at once", sample.site.most_parallel()));
    }
    wrong
}

/// What is wrong with the reports that were found.
fn report_faults(sample: &Sample, reports: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let by_place: BTreeMap<_, _> = reports
        .iter()
        .map(|report| (place(report["url"].as_str().unwrap()), report))
        .collect();
    let missing: Vec<_> = sample
        .expected
        .keys()
        .filter(|path| !by_place.contains_key(*path))
        .collect();
    let more: Vec<_> = by_place
        .keys()
        .filter(|path| !sample.expected.contains_key(*path))
        .collect();
    if !missing.is_empty() || !more.is_empty() {
        wrong.push(format!(
            "{} of {} found; missing {:?}; not reports {:?}; {} requests",
            by_place.len(),
            sample.expected.len(),
            &missing[..missing.len().min(3)],
            &more[..more.len().min(3)],
            sample.site.hits().len()
        ));
    }
    for (path, report) in by_place {
        let files = report["attachments"].as_array().into_iter().flatten();
        let files: Vec<_> = files.map(File::of).collect();
        let expected = sample.files.get(&path).map_or(&[][..], Vec::as_slice);
        if expected != files {
            wrong.push(format!("files of {path} are {files:?}, not {expected:?}"));
        }
        let Some(Some(paper)) = sample.expected.get(&path) else {
            continue;
        };
        for (name, said) in [
            ("title", &paper.title),
            ("text", &paper.paragraphs.join("\n")),
            ("published", &paper.date),
        ] {
            if report[name].as_str() != Some(said) {
                wrong.push(format!("{name} of {path} is {}, not {said:?}", report[name]));
            }
        }
    }
    wrong
}
