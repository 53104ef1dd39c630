//! Writing: replaced, removed, committed, rebuilt, and what happens when things go wrong.

use std::{fs, time::Instant};

use index::{IndexError, Reader, Rebuild, Writer};

use crate::support::{SMALL, TestIndex, query, report};

#[test]
fn readers_and_writers_go_between_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Reader>();
    sent::<index::Found>();
    sent::<Writer>();
    sent::<Rebuild>();
}

#[test]
fn an_id_is_one_report() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), SMALL).unwrap();
    let reader = Reader::open(dir.path()).unwrap();
    let total = |q: &str| reader.search(&query(q), Instant::now()).unwrap().total.value;
    let id = "a".parse().unwrap();
    writer.upsert(&report("a", "甲", "旧文")).unwrap();
    writer.upsert(&report("a", "甲", "新文")).unwrap();
    assert_eq!(
        (total(""), reader.get(&id).unwrap()),
        (0, None),
        "nothing is seen before the commit"
    );
    writer.commit(5).unwrap();
    assert_eq!((total(""), total("\"旧文\""), total("\"新文\"")), (1, 0, 1));
    assert_eq!(reader.get(&id).unwrap(), Some(report("a", "甲", "新文")));
    writer.upsert(&report("a", "甲", "第三版")).unwrap();
    writer.rollback().unwrap();
    writer.remove(&"b".parse().unwrap()).unwrap();
    writer.commit(6).unwrap();
    assert_eq!((total("\"新文\""), total("\"第三版\"")), (1, 0));
    writer.remove(&id).unwrap();
    writer.commit(7).unwrap();
    assert_eq!((total(""), reader.get(&id).unwrap()), (0, None));
}

#[test]
fn the_watermark_comes_with_the_commit() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), SMALL).unwrap();
    assert_eq!(writer.watermark(), 0);
    writer.upsert(&report("a", "甲", "文")).unwrap();
    writer.commit(41).unwrap();
    writer.upsert(&report("b", "乙", "文")).unwrap();
    drop(writer);
    let writer = Writer::open(dir.path(), SMALL).unwrap();
    assert_eq!(writer.watermark(), 41);
    let reader = Reader::open(dir.path()).unwrap();
    let stats = reader.stats().unwrap();
    assert_eq!(
        (stats.reports, stats.watermark),
        (1, 41),
        "what was not committed is gone"
    );
    writer.close().unwrap();
}

#[test]
fn one_writer_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Writer::open(dir.path(), SMALL).unwrap();
    assert!(matches!(
        Writer::open(dir.path(), SMALL),
        Err(IndexError::Locked(_))
    ));
    assert!(matches!(
        Rebuild::start(dir.path(), SMALL),
        Err(IndexError::Locked(_))
    ));
    drop(writer);
    Writer::open(dir.path(), SMALL).unwrap();
}

#[test]
fn a_rebuild_replaces_all_at_once() {
    let index = TestIndex::new(vec![report("a", "甲", "旧"), report("b", "乙", "旧")]);
    let total = |q: &str| index.search(&query(q)).total.value;
    let unfinished = Rebuild::start(index.dir.path(), SMALL).unwrap();
    drop(unfinished);
    assert_eq!(
        generations(&index),
        1,
        "a rebuild that was given up leaves nothing behind"
    );

    let mut rebuild = Rebuild::start(index.dir.path(), SMALL).unwrap();
    for id in ["a", "c", "d"] {
        rebuild.add(&report(id, "丙", "新")).unwrap();
    }
    assert_eq!((total("旧"), total("新")), (2, 0));
    rebuild.publish(9).unwrap();
    assert_eq!(
        (total("旧"), total("新")),
        (0, 3),
        "readers see it without being told"
    );
    assert_eq!(generations(&index), 1, "the old generation is gone");
    let writer = Writer::open(index.dir.path(), SMALL).unwrap();
    assert_eq!(writer.watermark(), 9);
    assert_eq!(total("新"), 3);
}

fn generations(index: &TestIndex) -> usize {
    let names = fs::read_dir(index.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("gen-"))
        .count()
}

#[test]
fn walks_go_on_over_a_rebuild() {
    let index = TestIndex::new((0..9).map(|nth| report(&format!("r{nth}"), "甲", "旧")).collect());
    let mut request = query("甲");
    request.limit = 5;
    let now = Instant::now();
    request.cursor = index.reader.search(&request, now).unwrap().next_cursor;
    let mut rebuild = Rebuild::start(index.dir.path(), SMALL).unwrap();
    rebuild.add(&report("x", "甲", "新")).unwrap();
    rebuild.publish(1).unwrap();
    drop(Writer::open(index.dir.path(), SMALL).unwrap());
    assert_eq!(index.search(&query("甲")).total.value, 1);
    let rest = index.reader.search(&request, now).unwrap();
    assert_eq!((rest.total.value, rest.hits.len()), (9, 4));
}

#[test]
fn another_version_is_refused_by_name() {
    for number in [r#"\"schema\":"#, r#"\"dictionary\":"#] {
        let dir = tempfile::tempdir().unwrap();
        Writer::open(dir.path(), SMALL).unwrap().commit(3).unwrap();
        let meta = dir.path().join("gen-000001/meta.json");
        let text = fs::read_to_string(&meta).unwrap();
        assert!(text.contains(number));
        let other = text.replace(number, &format!("{number}9"));
        fs::write(&meta, other).unwrap();
        for error in [
            Writer::open(dir.path(), SMALL).err(),
            Reader::open(dir.path()).err(),
        ] {
            let error = error.unwrap();
            assert!(matches!(error, IndexError::SchemaVersion { .. }), "{error:?}");
            assert!(error.to_string().contains("gongbao index rebuild"), "{error}");
        }
        // A rebuild asks nothing of the old one.
        Rebuild::start(dir.path(), SMALL).unwrap().publish(0).unwrap();
        Reader::open(dir.path()).unwrap();
    }
}

#[test]
fn there_may_be_no_index_yet() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Reader::open(dir.path()), Err(IndexError::Missing(_))));
    assert!(matches!(
        Reader::open(&dir.path().join("nowhere")),
        Err(IndexError::Missing(_))
    ));
}

#[test]
fn damage_is_found_and_is_no_panic() {
    let reports = || {
        (0..50)
            .map(|nth| report(&format!("r{nth}"), "甲", "优化营商环境\n".repeat(nth).as_str()))
            .collect()
    };
    let index = TestIndex::new(reports());
    let whole = index.reader.verify().unwrap();
    assert_eq!(
        (whole.reports, whole.problems.len()),
        (50, 0),
        "{:?}",
        whole.problems
    );
    drop(index);

    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    for nth in 0..24 {
        let index = TestIndex::new(reports());
        let TestIndex { dir, reader, .. } = index;
        drop(reader);
        let mut files: Vec<_> = fs::read_dir(dir.path().join("gen-000001"))
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect();
        files.retain(|file| {
            file.extension()
                .is_some_and(|e| ["store", "idx", "term", "fast", "pos"].iter().any(|x| e == *x))
        });
        files.sort();
        let file = &files[nth % files.len()];
        let bytes = fs::read(file).unwrap();
        let damaged = match nth % 2 {
            0 => bytes[..bytes.len() * (nth + 1) / 30].to_vec(),
            _ => bytes
                .iter()
                .enumerate()
                .map(|(at, byte)| if at == bytes.len() / 2 { byte ^ 0x55 } else { *byte })
                .collect(),
        };
        fs::write(file, damaged).unwrap();
        // Either it cannot be opened, or the check names it; searching never brings the process down.
        if let Ok(reader) = Reader::open(dir.path()) {
            let _ = reader.search(&query("营商环境"), Instant::now());
            let _ = reader.search(&query(""), Instant::now());
            assert!(
                reader.verify().is_ok_and(|found| !found.problems.is_empty()),
                "{file:?}"
            );
        }
    }
    std::panic::set_hook(hook);
}
