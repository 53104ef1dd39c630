//! Writing an archive, reading it back, and what a kill or a damaged disk leaves of it.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use proptest::{collection::vec, option, prelude::*};
use report::Genre;

use super::{record::read_record, *};
use crate::extract::{Hints, Selectors};

const LIMIT: u64 = 1 << 30;

fn encode(end: Position, index: usize, capture: &Capture) -> Vec<u8> {
    ArchiveWriter::encode(end, index, capture, capture.body.digest())
}

fn page(url: &str, body: &str) -> Capture {
    Capture {
        url: url.to_owned(),
        portal: "changning".to_owned(),
        at: "2024-02-27T09:30:00Z".parse().unwrap(),
        recorded_at: None,
        kind: CaptureKind::Page,
        body: CaptureBody::Http {
            request: b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n".to_vec(),
            response: format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}").into_bytes(),
            ip: "192.0.2.7".parse().ok(),
        },
        truncated: None,
        hints: Hints::default(),
        genres: Vec::new(),
        via: None,
        files: Vec::new(),
    }
}

fn write(data_dir: &Path, known: Position, captures: &[Capture]) -> Vec<Location> {
    let mut writer = ArchiveWriter::open(data_dir, known, LIMIT).unwrap();
    append(&mut writer, captures)
}

fn append(writer: &mut ArchiveWriter, captures: &[Capture]) -> Vec<Location> {
    writer.begin(captures[0].at).unwrap();
    let end = writer.end();
    let encoded = captures
        .iter()
        .enumerate()
        .map(|(index, capture)| encode(end, index, capture));
    let locations = encoded.map(|records| writer.append(&records).unwrap()).collect();
    writer.sync().unwrap();
    locations
}

fn found(data_dir: &Path) -> Vec<Found> {
    let scan = Archive::open(data_dir).scan(Position::default()).unwrap();
    scan.collect::<Result<_, _>>().unwrap()
}

fn urls(data_dir: &Path) -> Vec<String> {
    let url = |found| match found {
        Found::Capture(capture, _) => Some(capture.url),
        _ => None,
    };
    found(data_dir).into_iter().filter_map(url).collect()
}

fn file(data_dir: &Path, serial: u32) -> std::path::PathBuf {
    data_dir.join("archive").join(files::name(serial))
}

fn assert_same(a: &Capture, b: &Capture) {
    // Debug tells every field, and `Hints` cannot be compared.
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ -~\r\n%一-十]{0,40}"]
}

prop_compose! {
    fn capture()(
        url in "(https://a.example/|import:)[!-~一-十]{0,40}",
        (portal, via, list_title, site_name) in (text(), option::of(text()), option::of(text()), option::of(text())),
        (content, title, drop) in (option::of(text()), option::of(text()), vec(text(), 0..3)),
        seconds in 0i64..4_000_000_000,
        recorded in option::of(0i64..4_000_000_000_000),
        kind in proptest::sample::select(&[
            CaptureKind::Page, CaptureKind::List, CaptureKind::Sitemap, CaptureKind::Robots, CaptureKind::Attachment,
            CaptureKind::Line,
        ][..]),
        truncated in proptest::sample::select(&[
            None, Some(Truncated::Length), Some(Truncated::Time), Some(Truncated::Disconnect),
        ][..]),
        genres in vec(proptest::sample::select(Genre::ALL), 0..3),
        list_date in option::of(Just(jiff::civil::date(2024, 2, 29))),
        files in vec(("[a-z0-9:_]{1,9}", text()), 0..3),
        region in option::of(Just("430482".parse().unwrap())),
        body in prop_oneof![
            (vec(any::<u8>(), 0..200), vec(any::<u8>(), 0..3000), any::<Option<[u8; 4]>>()).prop_map(
                |(request, response, ip)| CaptureBody::Http { request, response, ip: ip.map(Into::into) }
            ),
            (text(), vec(any::<u8>(), 0..3000))
                .prop_map(|(media_type, bytes)| CaptureBody::Resource { media_type, bytes }),
        ],
    ) -> Capture {
        Capture {
            url, portal, kind, body, truncated, genres, via,
            files: files.into_iter().map(|(version, url)| FileRef { url, version }).collect(),
            at: jiff::Timestamp::from_second(seconds).unwrap().into(),
            recorded_at: recorded.map(|ms| jiff::Timestamp::from_millisecond(ms).unwrap().into()),
            hints: Hints { region, site_name, list_title, list_date, selectors: Selectors { content, title, drop }, profile: None, attached: None },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(captures in vec(capture(), 1..6)) {
        let dir = tempfile::tempdir().unwrap();
        let locations = write(dir.path(), Position::default(), &captures);
        let archive = Archive::open(dir.path());
        let scanned = found(dir.path());
        prop_assert_eq!(scanned.len(), captures.len());
        for ((capture, location), found) in captures.iter().zip(&locations).zip(&scanned) {
            assert_same(&archive.read(location).unwrap(), capture);
            let Found::Capture(scanned, at) = found else { panic!("{found:?}") };
            assert_same(scanned, capture);
            prop_assert_eq!(at, location);
        }
    }

    #[test]
    fn no_bytes_panic_the_reader(bytes in vec(any::<u8>(), 0..400), cut in 0usize..400, flip in 0usize..4000) {
        let mut input = bytes.as_slice();
        while let Ok(Some(_)) = read_record(&mut input) {}
        let mut records = encode(Position::default(), 0, &page("https://a.example/", "一"));
        let n_bytes = records.len();
        records[flip % n_bytes] ^= 0x20;
        records.truncate(n_bytes - cut.min(n_bytes));
        records.extend_from_slice(&bytes);
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("archive")).unwrap();
        fs::write(file(dir.path(), 1), records).unwrap();
        found(dir.path());
        ArchiveWriter::open(dir.path(), Position::default(), LIMIT).unwrap();
    }
}

#[test]
fn a_torn_tail_is_cut_wherever_it_was_torn() {
    let dir = tempfile::tempdir().unwrap();
    let locations = write(
        dir.path(),
        Position::default(),
        &[
            page("https://a.example/1", "一"),
            page("https://a.example/2", "二"),
            page("https://a.example/3", "三"),
        ],
    );
    let path = file(dir.path(), 1);
    let whole = fs::read(&path).unwrap();
    // Every length within the last capture, known to the catalog up to the one before.
    let last = locations[2];
    let mut members = members::Members::open(&path, last.offset).unwrap();
    let mut ends = vec![last.offset];
    while let Some(members::Member::Whole(_, span)) = members.next().unwrap() {
        ends.push(span.end);
    }
    assert_eq!(ends.len(), 4, "response, request and metadata");
    for length in last.offset..whole.len() as u64 {
        fs::write(&path, &whole[..length as usize]).unwrap();
        let writer = ArchiveWriter::open(dir.path(), last.into(), LIMIT).unwrap();
        let kept = ends.iter().copied().filter(|&end| end <= length).max().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), kept, "torn at {length}");
        assert_eq!(
            writer.end(),
            Position {
                file: 1,
                offset: kept
            }
        );
        assert_eq!(urls(dir.path()), ["https://a.example/1", "https://a.example/2"]);
    }
    // What is appended after that is found, and the unfinished group is not taken for its beginning.
    let fourth = write(dir.path(), last.into(), &[page("https://a.example/4", "四")]);
    assert_eq!(
        urls(dir.path()),
        [
            "https://a.example/1",
            "https://a.example/2",
            "https://a.example/4"
        ]
    );
    assert_eq!(
        Archive::open(dir.path()).read(&fourth[0]).unwrap().url,
        "https://a.example/4"
    );
}

#[test]
fn a_file_torn_in_its_first_record_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    write(
        dir.path(),
        Position::default(),
        &[page("https://a.example/1", "一")],
    );
    fs::OpenOptions::new()
        .write(true)
        .open(file(dir.path(), 1))
        .unwrap()
        .set_len(20)
        .unwrap();
    write(
        dir.path(),
        Position::default(),
        &[page("https://a.example/1", "一")],
    );
    assert_eq!(urls(dir.path()), ["https://a.example/1"]);
    let bytes = fs::read(file(dir.path(), 1)).unwrap();
    let first = read_record(&mut io::BufReader::new(flate2::read::GzDecoder::new(&bytes[..])))
        .unwrap()
        .unwrap();
    assert_eq!(
        (first.kind.as_str(), first.fields.get("WARC-Filename")),
        ("warcinfo", Some("gongbao-000001.warc.gz"))
    );
}

#[test]
fn damage_costs_no_whole_record_and_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let captures: Vec<_> = (0..4)
        .map(|n| page(&format!("https://a.example/{n}"), "正文"))
        .collect();
    let locations = write(dir.path(), Position::default(), &captures);
    let path = file(dir.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[locations[1].offset as usize + 30] ^= 0xff;
    fs::write(&path, &bytes).unwrap();

    let writer = ArchiveWriter::open(dir.path(), Position::default(), LIMIT).unwrap();
    assert_eq!(writer.end(), locations[3].end(), "nothing was cut");
    assert_eq!(
        urls(dir.path()),
        [
            "https://a.example/0",
            "https://a.example/2",
            "https://a.example/3"
        ]
    );
    let damaged = |found: &Found| matches!(found, Found::Damaged(at) if at.offset == locations[1].offset);
    assert!(found(dir.path()).iter().any(damaged));
    assert!(matches!(
        Archive::open(dir.path()).read(&locations[1]),
        Err(ArchiveError::Damaged { .. })
    ));
}

#[test]
fn an_archive_shorter_than_the_catalog_knows_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let locations = write(
        dir.path(),
        Position::default(),
        &[page("https://a.example/1", "一")],
    );
    let known = locations[0].end();
    fs::OpenOptions::new()
        .write(true)
        .open(file(dir.path(), 1))
        .unwrap()
        .set_len(known.offset - 1)
        .unwrap();
    let error = ArchiveWriter::open(dir.path(), known, LIMIT).unwrap_err();
    assert!(matches!(error, ArchiveError::Shorter { .. }), "{error}");
    fs::remove_file(file(dir.path(), 1)).unwrap();
    assert!(matches!(
        ArchiveWriter::open(dir.path(), known, LIMIT),
        Err(ArchiveError::Shorter { length: 0, .. })
    ));
}

#[test]
fn files_are_closed_at_their_size_and_read_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = ArchiveWriter::open(dir.path(), Position::default(), 2000).unwrap();
    for n in 0..12 {
        append(&mut writer, &[page(&format!("https://a.example/{n}"), "正文")]);
    }
    let serials = files::serials(&dir.path().join("archive")).unwrap();
    assert!(serials.len() > 2, "{serials:?}");
    assert_eq!(serials, (1..=serials.len() as u32).collect::<Vec<_>>());
    let expected: Vec<_> = (0..12).map(|n| format!("https://a.example/{n}")).collect();
    assert_eq!(urls(dir.path()), expected);
    assert!(fs::metadata(file(dir.path(), 1)).unwrap().len() < 4000);
}

#[test]
fn a_batch_that_is_taken_back_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = ArchiveWriter::open(dir.path(), Position::default(), LIMIT).unwrap();
    append(&mut writer, &[page("https://a.example/1", "一")]);
    let before = fs::read(file(dir.path(), 1)).unwrap();
    append(
        &mut writer,
        &[
            page("https://a.example/2", "二"),
            page("https://a.example/3", "三"),
        ],
    );
    writer.roll_back();
    assert_eq!(fs::read(file(dir.path(), 1)).unwrap(), before);
    append(&mut writer, &[page("https://a.example/4", "四")]);
    assert_eq!(urls(dir.path()), ["https://a.example/1", "https://a.example/4"]);
}

#[test]
fn record_ids_are_never_the_same_and_always_the_same() {
    let ids = |place: usize| {
        let records = encode(Position::default(), place, &page("https://a.example/1", "一"));
        let mut input = io::BufReader::new(flate2::bufread::MultiGzDecoder::new(records.as_slice()));
        let mut ids = Vec::new();
        while let Some(record) = read_record(&mut input).unwrap() {
            ids.push(record.id().unwrap().to_owned());
        }
        ids
    };
    let mut all = [ids(0), ids(1)].concat();
    assert_eq!(ids(0), all[..3]);
    assert!(
        all.iter()
            .all(|id| id.len() == "<urn:uuid:00000000-0000-0000-0000-000000000000>".len())
    );
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 6);
}

#[test]
fn foreign_records_are_read() {
    let body = "HTTP/1.1 200 OK\n\n<p>一";
    let record = format!(
        "\r\n\r\nWARC/1.0\nwarc-type: Response\nWARC-Target-URI: <https://a.example/x>\n\
         WARC-Date: 2019-01-01T00:00:00Z\nX-Long: a\n  b\nContent-Length: {}\n\n{body}\n\n",
        body.len()
    );
    let two = format!("{record}{record}");
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(two.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let mut plain = two.as_bytes();
    let mut packed = io::BufReader::new(flate2::bufread::MultiGzDecoder::new(&gz[..]));
    let inputs: [&mut dyn io::BufRead; 2] = [&mut plain, &mut packed];
    for mut input in inputs {
        for _ in 0..2 {
            let record = read_record(&mut input).unwrap().unwrap();
            assert_eq!(
                (record.kind.as_str(), record.target()),
                ("response", Some("https://a.example/x"))
            );
            assert_eq!(record.date().unwrap().to_string(), "2019-01-01T08:00:00+08:00");
            assert_eq!(record.block, body.as_bytes());
        }
        assert_eq!(read_record(&mut input).unwrap(), None);
    }
}

#[test]
fn oversize_and_endless_records_cost_no_memory() {
    let header = |length: u64| format!("WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: {length}\r\n\r\n");
    let long = record::MAX_BLOCK + 1;
    let zeros = io::repeat(0).take(long);
    let next = format!("\r\n\r\n{}x\r\n\r\n", header(1));
    let mut input = io::BufReader::new(io::Cursor::new(header(long)).chain(zeros).chain(next.as_bytes()));
    let first = read_record(&mut input).unwrap().unwrap();
    assert!(first.oversize && first.block.is_empty());
    assert_eq!(read_record(&mut input).unwrap().unwrap().block, b"x");

    let mut endless = io::BufReader::new(b"WARC/1.1\r\n".chain(io::repeat(b'a').take(200 << 20)));
    assert!(
        read_record(&mut endless)
            .unwrap_err()
            .to_string()
            .contains("header")
    );
    assert!(read_record(&mut header(u64::MAX).as_bytes()).is_err());
}

impl From<Location> for Position {
    fn from(location: Location) -> Self {
        Self {
            file: location.file,
            offset: location.offset,
        }
    }
}
