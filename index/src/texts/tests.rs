//! What is found in texts is what is in them, however they were cut into blocks and merged.

use proptest::prelude::*;

use super::{build::TextsWriter, *};
use crate::deadline::Deadline;

/// So few that some texts have blocks of their own.
const MAX_UNITS: usize = 200;

fn write(texts: &[String]) -> Texts {
    let mut writer = TextsWriter::new(Vec::new(), MAX_UNITS);
    for text in texts {
        let units: Vec<u16> = text.encode_utf16().collect();
        writer.push(units.into_iter()).unwrap();
    }
    read(writer)
}

fn read(writer: TextsWriter<Vec<u8>>) -> Texts {
    Texts::read(&OwnedBytes::new(writer.finish().unwrap())).unwrap()
}

/// Characters from which a string begins, overlapping ones too.
fn places(text: &str, string: &str) -> Vec<u32> {
    let chars: Vec<char> = text.chars().collect();
    let string: Vec<char> = string.chars().collect();
    let places = chars.windows(string.len()).enumerate();
    places
        .filter(|(_, window)| *window == string)
        .map(|(at, _)| at as u32)
        .collect()
}

fn expect(kept: &Texts, texts: &[String], string: &str) {
    let expected: Vec<Vec<u32>> = texts.iter().map(|text| places(text, string)).collect();
    let docs: Vec<DocId> = (0..texts.len() as DocId)
        .filter(|doc| !expected[*doc as usize].is_empty())
        .collect();
    let needle = Needle::new(string);
    let located = kept.locate(&needle);
    assert_eq!(
        located.count,
        expected.iter().map(Vec::len).sum::<usize>(),
        "{string:?}"
    );
    let found = kept.docs(&needle, &located, &Deadline::default()).unwrap();
    assert_eq!(found, docs, "{string:?}");
    assert_eq!(kept.n_docs(&needle, &located), docs.len() as u64);
    let listed = kept.places(&located);
    let mut frequencies = vec![0; docs.len()];
    kept.frequencies(&needle, &located, &docs, |at, count| {
        frequencies[at] += count as usize
    });
    for (doc, expected) in expected.iter().enumerate() {
        let doc = doc as DocId;
        let mut scanned = Vec::new();
        kept.scan(doc, &needle, &mut scanned);
        let here = listed.iter().filter(|(other, _)| *other == doc);
        assert_eq!(here.map(|(_, unit)| *unit).collect::<Vec<_>>(), scanned);
        kept.to_chars(doc, &mut scanned);
        assert_eq!(&scanned, expected, "{string:?} in report {doc}");
        assert_eq!(kept.contains(doc, &needle), !expected.is_empty());
        if let Ok(at) = docs.binary_search(&doc) {
            assert_eq!(frequencies[at], expected.len());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn strings_are_found_where_they_are(
        // Some have no text, some have more than a block, and one in ten characters takes two units.
        texts in prop::collection::vec("(甲|乙|丙|\u{a}|a|甲乙|甲乙|乙甲|😀|\u{20000}){0,120}", 1..30),
        strings in prop::collection::vec("(甲|乙|丙|a|😀|\u{20000}){1,6}", 20),
        gone in prop::collection::vec(any::<bool>(), 30),
    ) {
        let texts: Vec<String> = texts.into_iter().map(|text| format!("{text}\n")).collect();
        let kept = write(&texts);
        for (doc, text) in texts.iter().enumerate() {
            prop_assert!(kept.holds(doc as DocId, text));
        }
        strings.iter().for_each(|string| expect(&kept, &texts, string));

        // Merged with itself, and some reports gone from the second.
        let mut writer = TextsWriter::new(Vec::new(), MAX_UNITS);
        writer.merge(&kept, |_| true).unwrap();
        writer.merge(&kept, |doc| !gone[doc as usize]).unwrap();
        let left = texts.iter().enumerate().filter(|(doc, _)| !gone[*doc]);
        let merged: Vec<String> = texts.iter().chain(left.map(|(_, text)| text)).cloned().collect();
        let kept = read(writer);
        strings.iter().for_each(|string| expect(&kept, &merged, string));
    }
}

#[test]
fn damaged_files_are_refused_or_read_without_harm() {
    let texts = ["甲乙丙\n".repeat(40), "甲😀\n".repeat(30)];
    let mut writer = TextsWriter::new(Vec::new(), MAX_UNITS);
    for text in &texts {
        let units: Vec<u16> = text.encode_utf16().collect();
        writer.push(units.into_iter()).unwrap();
    }
    let bytes = writer.finish().unwrap();
    assert!(Texts::read(&OwnedBytes::new(bytes[..bytes.len() - 1].to_vec())).is_none());
    assert!(Texts::read(&OwnedBytes::new(Vec::new())).is_none());
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Some(kept) = Texts::read(&OwnedBytes::new(damaged)) {
            for string in ["甲", "甲乙", "乙丙", "甲乙丙", "甲😀"] {
                let needle = Needle::new(string);
                let located = kept.locate(&needle);
                kept.n_docs(&needle, &located);
                for doc in 0..3 {
                    kept.contains(doc, &needle);
                    kept.bytes(doc);
                }
            }
        }
    }
}
