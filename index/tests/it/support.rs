//! Small indexes, and what a search must find, worked out the slow way.

use std::{sync::LazyLock, time::Instant};

use index::{Reader, SearchRequest, SearchResponse, Writer, WriterOptions};
use jiff::civil::date;
use report::{
    ChinaMoment, Content, Genre, IssuerType, QualityFlag, Report, Role, Section, Status, fold, paragraphs,
};
use tempfile::TempDir;

pub(crate) const SMALL: WriterOptions = WriterOptions {
    heap_bytes: 32 << 20,
    threads: 1,
};

/// A report with a title and a text, everything else empty.
pub(crate) fn report(id: &str, title: &str, text: &str) -> Report {
    let content = Content {
        title: (!title.is_empty()).then(|| title.to_owned()),
        text: text.to_owned(),
        chars: report::han_chars(text),
        ..Content::default()
    };
    Report {
        id: id.parse().unwrap(),
        url: format!("https://www.example.gov.cn/{id}.html"),
        urls: vec![format!("https://www.example.gov.cn/{id}.html")],
        portal: "test".into(),
        retrieved_at: "2024-01-01T00:00:00Z".parse().unwrap(),
        changed_at: "2024-01-01T00:00:00Z".parse().unwrap(),
        version: 1,
        content_hash: content.hash(),
        status: Status::Live,
        content,
    }
}

pub(crate) fn section(role: Role, level: u8, path: &str, start: usize, end: usize) -> Section {
    let number = path.rsplit('/').next().unwrap_or_default().to_owned();
    Section {
        level,
        number,
        heading: format!("{role}标题"),
        role,
        path: path.into(),
        start,
        end,
    }
}

/// An index in a temporary directory.
pub(crate) struct TestIndex {
    pub(crate) dir: TempDir,
    pub(crate) reader: Reader,
    pub(crate) reports: Vec<Report>,
}

impl TestIndex {
    /// Writes the reports in several commits, every one of them first with another text, and some that are removed
    /// again, so that there are segments and deletions.
    pub(crate) fn new(reports: Vec<Report>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(dir.path(), SMALL).unwrap();
        let commits = reports.chunks(reports.len().div_ceil(4).max(1));
        for (nth, chunk) in commits.enumerate() {
            for report in chunk {
                let mut before = report.clone();
                before.content.text = format!("旧{}\n的文本", report.content.text);
                before.content.year = Some(1900);
                writer.upsert(&before).unwrap();
                if report.id.as_str().ends_with('7') {
                    writer.commit(1).unwrap();
                }
            }
            for report in chunk {
                writer.upsert(report).unwrap();
                let mut gone = report.clone();
                gone.id = format!("gone-{}", report.id).parse().unwrap();
                writer.upsert(&gone).unwrap();
            }
            writer.commit(nth as u64 + 1).unwrap();
            for report in chunk {
                writer
                    .remove(&format!("gone-{}", report.id).parse().unwrap())
                    .unwrap();
            }
            writer.commit(nth as u64 + 1).unwrap();
        }
        let reader = Reader::open(dir.path()).unwrap();
        Self { dir, reader, reports }
    }

    pub(crate) fn search(&self, request: &SearchRequest) -> SearchResponse {
        let answer = self.reader.search(request, Instant::now());
        answer.unwrap_or_else(|error| panic!("{request:?}: {error:?}"))
    }

    /// Ids of everything that a request finds, in order.
    pub(crate) fn all(&self, request: &SearchRequest) -> Vec<String> {
        let found = self
            .reader
            .find_all(request)
            .unwrap_or_else(|error| panic!("{request:?}: {error:?}"));
        found.map(|report| report.unwrap().id.to_string()).collect()
    }

    /// Checks that a request finds just the reports that `holds` says it should, and counts them right.
    pub(crate) fn expect(&self, request: &SearchRequest, holds: impl Fn(&Report) -> bool) {
        let mut expected: Vec<_> = self
            .reports
            .iter()
            .filter(|report| holds(report))
            .map(|report| report.id.to_string())
            .collect();
        expected.sort();
        let mut by_id = request.clone();
        by_id.sort = None;
        assert_eq!(self.all(&by_id), expected, "{request:?}");
        assert_eq!(
            self.search(request).total.value,
            expected.len() as u64,
            "{request:?}"
        );
    }
}

pub(crate) fn query(q: &str) -> SearchRequest {
    SearchRequest {
        q: q.into(),
        limit: 100,
        ..SearchRequest::default()
    }
}

/// Folded title and paragraphs.
pub(crate) fn folded_parts(report: &Report) -> Vec<String> {
    let title = report.content.title.as_deref().map(fold);
    title
        .into_iter()
        .chain(paragraphs(&report.content.text).map(|paragraph| fold(paragraph.text)))
        .collect()
}

/// What exact containment means.
pub(crate) fn contains(report: &Report, folded: &str) -> bool {
    folded_parts(report).iter().any(|part| part.contains(folded))
}

/// What `NEAR` means: at most so many characters between two matches that do not overlap, in one paragraph.
pub(crate) fn near(parts: &[String], left: &str, right: &str, distance: usize) -> bool {
    let starts = |part: &[char], needle: &[char]| -> Vec<usize> {
        part.windows(needle.len())
            .enumerate()
            .filter(|(_, window)| *window == needle)
            .map(|(at, _)| at)
            .collect()
    };
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    parts.iter().any(|part| {
        let part: Vec<char> = part.chars().collect();
        let rights = starts(&part, &right);
        starts(&part, &left).into_iter().any(|l| {
            rights.iter().any(|r| {
                let close = |first: usize, len: usize, second: usize| {
                    first + len <= second && second - (first + len) <= distance
                };
                close(l, left.len(), *r) || close(*r, right.len(), l)
            })
        })
    })
}

/// Numbers that look like chance and are the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.roll(from.len())]
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}

/// Pieces that texts are thrown together from: what folding, segmenting and neighbourhood may trip over.
pub(crate) const PIECES: &[&str] = &[
    "甲",
    "乙",
    "甲",
    "乙",
    "甲甲",
    "法治",
    "政府",
    "法治政府",
    "建设",
    "县人民政府",
    "的",
    "了",
    "和",
    "，",
    "。",
    "、",
    "（试行）",
    "〔2023〕",
    "【２０２３】",
    "[2023]",
    "34号",
    "“放管服”",
    "「放管服」",
    "\"放管服\"",
    "—",
    "－",
    "-",
    "――",
    "○",
    "〇",
    "零",
    "Ａ",
    "a",
    "A",
    "PM2.5",
    "ｐｍ２．５",
    "①",
    "㎡",
    "m2",
    "½",
    "ﬁ",
    "e\u{301}",
    "é",
    "\u{301}",
    "😀",
    "👨\u{200d}👩\u{200d}👧",
    "\u{200b}",
    "\u{ad}",
    "\u{feff}",
    " ",
    "\u{3000}",
    "\t",
    "\u{a0}",
    "𠀀",
    "⼈",
    "人",
    "㈠",
    "(一)",
    "一",
    "<b>",
    "&",
    "'",
    "\\",
    ":",
    "OR",
    "NOT",
    "NEAR",
    "%",
    "98.38%",
    "\r",
    "\u{0}",
    "İ",
    "ß",
    "ẞ",
    "ſ",
    "ك",
    "あ",
];

pub(crate) fn text(dice: &mut Dice, max_pieces: usize) -> String {
    let n = dice.roll(max_pieces + 1);
    (0..n).map(|_| dice.pick(PIECES)).collect()
}

/// A corpus of hostile texts with all kinds of metadata.
pub(crate) static HOSTILE: LazyLock<TestIndex> = LazyLock::new(|| {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let regions = [
        "430482", "430000", "430400", "510132", "510118", "110101", "429004", "320100", "999999",
    ];
    let reports = (0..240).map(|nth| {
        let title = if dice.chance(85) {
            text(&mut dice, 5)
        } else {
            String::new()
        };
        let paragraphs: Vec<_> = (0..dice.roll(6)).map(|_| text(&mut dice, 14)).collect();
        let mut report = report(&format!("r{nth:03}"), &title, &paragraphs.join("\n"));
        report.portal = dice.pick(&["changning", "haiyuan", "import"]).into();
        report.changed_at = moment(dice.roll(40));
        let content = &mut report.content;
        content.genre = Genre::ALL[dice.roll(4)];
        content.year = dice.chance(80).then(|| 2015 + dice.roll(10) as i32);
        content.published = dice
            .chance(70)
            .then(|| date(2020 + dice.roll(4) as i16, 1 + dice.roll(12) as i8, 15));
        content.issuer_type = dice.chance(60).then(|| IssuerType::ALL[dice.roll(3)]);
        content.region_code = dice.chance(80).then(|| dice.pick(&regions).parse().unwrap());
        content.issuer = dice.chance(50).then(|| text(&mut dice, 3));
        content.document_number = dice
            .chance(30)
            .then(|| format!("海政办发〔2023〕{}号", dice.roll(40)));
        content.cites = (0..dice.roll(3))
            .map(|_| format!("国发〔2021〕{}号", dice.roll(20)))
            .collect();
        if dice.chance(20) {
            content.quality.flags.push(QualityFlag::ALL[dice.roll(3)]);
        }
        content.outline = outline(&mut dice, &content.text);
        report
    });
    TestIndex::new(reports.collect())
});

/// One of a few moments, some of them a millisecond apart.
pub(crate) fn moment(nth: usize) -> ChinaMoment {
    let ms = 1_700_000_000_000 + nth as i64 / 4 * 100_000 + nth as i64 % 4;
    jiff::Timestamp::from_millisecond(ms).unwrap().into()
}

/// Sections over whole paragraphs, some inside others.
pub(crate) fn outline(dice: &mut Dice, text: &str) -> Vec<Section> {
    let starts: Vec<usize> = paragraphs(text).map(|paragraph| paragraph.char).collect();
    let n_chars = text.chars().count();
    let mut sections = Vec::new();
    for (nth, start) in starts.iter().enumerate() {
        if dice.chance(60) {
            let end = starts.get(nth + 1 + dice.roll(2)).copied().unwrap_or(n_chars);
            let role = Role::ALL[dice.roll(Role::ALL.len())];
            sections.push(section(
                role,
                1 + dice.roll(2) as u8,
                &format!("{nth}"),
                *start,
                end,
            ));
        }
    }
    sections
}
