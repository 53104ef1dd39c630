//! What answers without measure cost in memory.

use super::*;

/// Prints the growth: `cargo test -p gongbao-crawler --lib memory_of_bombs -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "measures; run alone"]
async fn memory_of_bombs() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1 << 20];
    for _ in 0..64 {
        encoder.write_all(&block).unwrap();
    }
    let member = encoder.finish().unwrap();
    // Ten megabytes that are ten gigabytes, member by member.
    let bomb = member.repeat((10 << 20) / member.len());
    let flood = "x".repeat(1 << 20);
    let head = |more: &str| format!("HTTP/1.1 200 OK\r\n{more}\r\n").into_bytes();
    let packed = |more: &str| [head(&format!("Content-Encoding: gzip\r\n{more}")), bomb.clone()].concat();
    let cases = [
        ("packed bomb", Reply::raw(packed(""))),
        (
            "packed bomb with a length",
            Reply::raw(packed(&format!("Content-Length: {}\r\n", bomb.len()))),
        ),
        (
            "a gigabyte with a length",
            Reply::raw(head("Content-Length: 1073741824\r\n")).drip(flood.as_str(), Duration::ZERO),
        ),
        (
            "a gigabyte without",
            Reply::raw(head("")).drip(flood.as_str(), Duration::ZERO),
        ),
        (
            "headers",
            Reply::raw(head(&format!("X: {}\r\n", "x".repeat(50 << 20)))),
        ),
    ];
    for (name, reply) in cases {
        let site = TestSite::start(move |_| reply.clone()).await;
        let fetcher = fetcher(&[site.host()]);
        for (what, max_bytes) in [("page", 8 << 20), ("file", 64 << 20)] {
            let lane = fetcher.open(&site.url("/")).await.unwrap();
            // Begins to measure the peak anew.
            let _ = std::fs::write("/proc/self/clear_refs", "5");
            let before = resident();
            let asked = Request {
                max_bytes,
                ..request(site.url("/"))
            };
            let error = fetcher.get(&lane, &asked).await.unwrap_err();
            println!(
                "{name} as a {what}: {}, {before} kB before, peak {} kB",
                error.code(),
                peak()
            );
        }
    }
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with(name))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse().ok())
        .unwrap_or(0)
}

fn resident() -> u64 {
    status("VmRSS")
}

fn peak() -> u64 {
    status("VmHWM")
}
