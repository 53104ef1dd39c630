//! Pages a second on one core, beside a peer in the same run.
//!
//! All pages are in memory before the clock runs. Rounds of ours and of the peer alternate; every round reads every
//! page once. Parse is decoding and building the tree, the floor for anything that reads HTML; write is the report as
//! JSON; decide is the rest.

use std::{fs, hint::black_box, path::Path, time::Instant};

use super::{pages, python, spread::Spread};

const ROUNDS: usize = 5;

pub(crate) fn section(shared: &Path) -> String {
    let folder = shared.join("data/extraction");
    let pages = pages::read(&folder);
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    let mut ours = Vec::new();
    let mut ratios = Vec::new();
    let mut peers = Vec::new();
    for _ in 0..ROUNDS {
        ours.push(round(&pages));
        if let Some(seconds) = peer(&folder, None) {
            peers.push(seconds);
            ratios.push(seconds / ours.last().map_or(f64::NAN, Round::total));
        }
    }
    let totals = Spread::of(ours.iter().map(Round::total).collect());
    let part = |of: fn(&Round) -> f64| {
        let spread = Spread::of(
            ours.iter()
                .map(|round| of(round) / round.total() * 100.0)
                .collect(),
        );
        format!("{:.0} %", spread.median)
    };
    let mut out = format!(
        "### Speed\n\n{} pages, {:.1} MB, one core, {ROUNDS} rounds; median (least – most).\n\n| | pages a second | MB/s |\n|---|---|---|\n",
        pages.len(),
        bytes as f64 / 1e6,
    );
    let row = |name: &str, seconds: &Spread| {
        let rate = |unit: f64| {
            let [a, b, c] = [seconds.median, seconds.most, seconds.least].map(|seconds| unit / seconds);
            format!("{a:.1} ({b:.1} – {c:.1})")
        };
        format!(
            "| {name} | {} | {} |\n",
            rate(pages.len() as f64),
            rate(bytes as f64 / 1e6)
        )
    };
    out.push_str(&row("gongbao", &totals));
    if peers.is_empty() {
        out.push_str("\nThe peer was not measured: `pip install trafilatura` makes it so.\n");
    } else {
        let ratio = Spread::of(ratios);
        out.push_str(&row("trafilatura", &Spread::of(peers)));
        out.push_str(&format!(
            "\n{:.1} times the pages a second of trafilatura ({:.1} – {:.1}).\n",
            ratio.median, ratio.least, ratio.most
        ));
    }
    out.push_str(&format!(
        "\nOf our time: parse {}, decide {}, write {}.\n",
        part(|round| round.parse),
        part(|round| round.decide),
        part(|round| round.write),
    ));
    out
}

/// Seconds of one round over all pages.
struct Round {
    parse: f64,
    decide: f64,
    write: f64,
}

impl Round {
    fn total(&self) -> f64 {
        self.parse + self.decide + self.write
    }
}

fn round(pages: &[pages::Page]) -> Round {
    let (mut parse, mut whole, mut write) = (0.0, 0.0, 0.0);
    for page in pages {
        let start = Instant::now();
        black_box(crawler::parse_html(&crawler::decode(&page.bytes, None).text));
        parse += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let content = page.extract();
        whole += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let _ = black_box(content.map(|content| serde_json::to_string(&content)));
        write += start.elapsed().as_secs_f64();
    }
    Round {
        parse,
        decide: whole - parse,
        write,
    }
}

/// Seconds that the peer needs for the pages of a folder; its texts go to a file when one is named.
pub(crate) fn peer(folder: &Path, output: Option<&Path>) -> Option<f64> {
    const SCRIPT: &str = include_str!("peer.py");
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let script = scratch.path().join("peer.py");
    fs::write(&script, SCRIPT).expect("the script can be written");
    let mut arguments = vec![folder.as_os_str()];
    arguments.extend(output.map(Path::as_os_str));
    python::run(&script, &arguments)?.trim().parse().ok()
}
