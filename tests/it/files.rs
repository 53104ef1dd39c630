//! Files of reports are read in processes of the program's own.

use std::{fs, path::Path, time::Duration};

use crawler::{FileOutcome, FileWorker, read_file};

fn worker(more: &[&str]) -> FileWorker {
    let arguments = ["read-file"].iter().chain(more).map(Into::into).collect();
    FileWorker::new(env!("CARGO_BIN_EXE_gongbao").into(), arguments)
}

fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crawler/tests/files");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| !path.extension().is_some_and(|end| end == "py" || end == "md"))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn a_process_reads_what_the_library_reads() {
    // The machine may be busy with other tests.
    let worker = worker(&[]).with_timeout(Duration::from_secs(600));
    for (name, bytes) in files() {
        assert_eq!(
            worker.read(&bytes, Some(&name)),
            read_file(&bytes, Some(&name)),
            "{name}"
        );
    }
}

#[test]
fn a_process_without_memory_costs_one_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crawler/tests/files");
    let bytes = fs::read(folder.join("gbk-euc.pdf")).unwrap();
    // Enough to start, too little for the thread that parses and the maps of characters.
    let starved = worker(&["--memory", "24"]).with_timeout(Duration::from_secs(600));
    let reading = starved.read(&bytes, Some("a.pdf"));
    assert_eq!(reading.media_type, "application/pdf");
    assert!(
        matches!(reading.outcome, FileOutcome::Failed("crashed" | "too_complex")),
        "{reading:?}"
    );
    let fed = worker(&[])
        .with_timeout(Duration::from_secs(600))
        .read(&bytes, Some("a.pdf"));
    assert!(matches!(fed.outcome, FileOutcome::Text(_)), "{fed:?}");
}

#[test]
fn the_command_is_hidden() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_gongbao"))
        .arg("--help")
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("read-file"));
}
