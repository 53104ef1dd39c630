//! A writer is killed, at whatever moment: what is left is one commit, its texts and suffixes included.
//!
//! The writer is this test program itself, started again with a folder in its environment.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use index::{Mode, Reader, SearchRequest, Verification, Writer};

use crate::support::{SMALL, report};

/// Names the folder to write to.
const FOLDER: &str = "GONGBAO_TEST_KILLED_WRITER";
/// Commits are small, so that segments are merged all the time.
const REPORTS_A_COMMIT: u64 = 10;
/// Reports that are written over and over. Most of a commit replaces what an earlier one wrote.
const REPORTS: u64 = 200;
const KILLS: u64 = 12;

/// The text of a report as the nth write leaves it.
fn text(nth: u64) -> String {
    let filler = "持续推进法治政府建设和营商环境优化。".repeat(1 + (nth % 40) as usize);
    format!("第{nth}次写入。{filler}\n完结{nth}。")
}

/// The writes of a commit that ends at `watermark`.
fn write(writer: &mut Writer, watermark: u64) {
    for nth in watermark - REPORTS_A_COMMIT..watermark {
        let id = format!("r{}", nth % REPORTS);
        writer.upsert(&report(&id, "标题", &text(nth))).unwrap();
    }
    writer.commit(watermark).unwrap();
}

/// Writes until it is killed, when it is told where.
#[test]
fn the_writer_that_is_killed() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let mut writer = Writer::open(Path::new(&folder), SMALL).unwrap();
    loop {
        let watermark = writer.watermark() + REPORTS_A_COMMIT;
        write(&mut writer, watermark);
    }
}

/// Exact strings are found in the reports of the last commit, and nowhere else.
fn check(folder: &Path, watermark: u64) {
    let reader = Reader::open(folder).unwrap();
    let Verification { problems, .. } = reader.verify().unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let total = |q: String| {
        let request = SearchRequest {
            q,
            mode: Mode::Exact,
            ..SearchRequest::default()
        };
        reader.search(&request, Instant::now()).unwrap().total.value
    };
    assert_eq!(total("法治政府建设和".into()), watermark.min(REPORTS));
    for nth in watermark.saturating_sub(REPORTS + REPORTS_A_COMMIT)..watermark + REPORTS_A_COMMIT {
        let is_there = (watermark.saturating_sub(REPORTS)..watermark).contains(&nth);
        assert_eq!(
            total(format!("第{nth}次写入")),
            u64::from(is_there),
            "{nth} of {watermark}"
        );
        assert_eq!(
            total(format!("完结{nth}。")),
            u64::from(is_there),
            "{nth} of {watermark}"
        );
    }
}

#[test]
fn a_kill_leaves_the_texts_of_one_commit() {
    let dir = tempfile::tempdir().unwrap();
    let mut watermark = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killing::the_writer_that_is_killed"])
            .env(FOLDER, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Moments spread by a fixed sequence. Whatever they fall on is right.
        std::thread::sleep(Duration::from_millis(60 + (kill * 7_919) % 340));
        assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        // What was under way is taken up, and nothing committed is lost.
        let mut writer = Writer::open(dir.path(), SMALL).unwrap();
        assert!(writer.watermark() >= watermark);
        watermark = writer.watermark();
        check(dir.path(), watermark);
        watermark += REPORTS_A_COMMIT;
        write(&mut writer, watermark);
        writer.close().unwrap();
        check(dir.path(), watermark);
    }
}
