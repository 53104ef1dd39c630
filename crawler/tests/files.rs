//! The text of files: one of each kind, and damaged ones. See `files/README.md` for where they come from.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path};

use crawler::{FileOutcome, FileReading, read_file};
use proptest::prelude::*;

/// Names and bytes of the files, by name.
fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_fixture =
        |path: &std::path::PathBuf| !path.extension().is_some_and(|end| end == "py" || end == "md");
    let mut files: Vec<(String, Vec<u8>)> = entries
        .filter(is_fixture)
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

fn show(reading: &FileReading) -> String {
    let outcome = match &reading.outcome {
        FileOutcome::Text(text) => text.clone(),
        outcome => format!("{outcome:?}\n"),
    };
    format!("{}\n\n{outcome}", reading.media_type)
}

#[test]
fn each_kind_gives_its_text() {
    for (name, bytes) in files() {
        insta::assert_snapshot!(name.clone(), show(&read_file(&bytes, Some(&name))));
    }
}

/// What different programs make of the same report reads the same.
#[test]
fn the_same_report_reads_the_same() {
    let read = |name: &str| {
        let files = files();
        let (_, bytes) = files.iter().find(|(other, _)| other == name).unwrap();
        show(&read_file(bytes, Some(name)))
            .split_once("\n\n")
            .unwrap()
            .1
            .to_owned()
    };
    for (one, others) in [
        (
            "unigb-ucs2.pdf",
            &[
                "gbk-euc.pdf",
                "identity.pdf",
                "object-streams.pdf",
                "no-password.pdf",
            ][..],
        ),
        ("unigb-utf16.pdf", &["gb-euc.pdf", "report.ofd"]),
        ("report.docx", &["report.doc"]),
    ] {
        for other in others {
            assert_eq!(read(one), read(other), "{other}");
        }
    }
}

#[test]
fn the_outline_of_a_file_is_found() {
    let files = files();
    for name in ["report.docx", "report.doc", "unigb-ucs2.pdf", "report.ofd"] {
        let (_, bytes) = files.iter().find(|(other, _)| other == name).unwrap();
        let FileOutcome::Text(text) = read_file(bytes, Some(name)).outcome else {
            panic!("{name}");
        };
        let headings = [
            "一、基本情况\n",
            "（一）完善制度体系\n",
            "二、存在的问题\n",
            "三、下一步打算\n",
        ];
        assert!(
            headings
                .iter()
                .all(|heading| text.contains(&format!("\n{heading}"))),
            "{name}: {text}"
        );
    }
}

#[test]
fn parts_of_a_file_are_enough_to_say_what_it_is() {
    for (name, bytes) in files() {
        let whole = read_file(&bytes, Some(&name));
        for length in [0, 1, 7, bytes.len() / 2, bytes.len().saturating_sub(1)] {
            // No panic, whatever comes of it.
            let reading = read_file(&bytes[..length.min(bytes.len())], Some(&name));
            if whole.media_type == "application/pdf" && length > 10 {
                assert_eq!(reading.media_type, whole.media_type, "{name} {length}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damage_is_never_a_panic(
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let files: Vec<_> = files().into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect();
        let (name, mut bytes) = files[pick.index(files.len())].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let reading = read_file(&bytes, Some(&name));
        // The library that reads workbooks indexes beyond the end of some; elsewhere nothing panics inside.
        prop_assert!(name.contains(".xls") || reading.outcome != FileOutcome::Failed("crashed"));
    }
}
