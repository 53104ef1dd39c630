//! Numbers, dates, issuers, regions and genres against 500 hand-labelled rows (`benches/labels/README.md`), and the
//! readers of numbers and dates over the whole table.
//!
//! The labels are digests and codes; the rows come from the shared folder. What is read is what a page's card would
//! hold: the cell of the number, the cells of the dates, and the title with the address. `GONGBAO_LABELS` names a file
//! of other labels of the same table: that of a development sample.

use std::{collections::BTreeMap, env, fs, io::Read as _, path::Path};

use crawler::{Hints, describe};
use data_encoding::HEXLOWER;
use flate2::read::MultiGzDecoder;
use jiff::civil::Date;
use report::{DocumentNumber, dates};
use sha2::{Digest as _, Sha256};

/// The labels, tab separated.
const LABELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/labels/documents.tsv");
/// The table that they label, in the shared folder.
const TABLE: &str = "data/metadata/documents.tsv.gz";
/// Unparsed shapes that are listed.
const SHAPES: usize = 40;
/// Labels that file a date as that of issue (成文), whatever its column.
const ISSUED: [&str; 5] = ["成文", "发文", "印发", "签发", "生成"];

/// Answers of one field against the labels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Rows in which the labels have a value.
    pub(crate) counted: usize,
    /// The same value was given.
    pub(crate) right: usize,
    /// Another value was given.
    pub(crate) wrong: usize,
    /// No value was given.
    pub(crate) missing: usize,
    /// A value was given where there is none.
    pub(crate) invented: usize,
}

impl Tally {
    fn add(&mut self, truth: bool, answer: Option<bool>) {
        self.counted += usize::from(truth);
        match (truth, answer) {
            (true, Some(true)) => self.right += 1,
            (true, Some(false)) => self.wrong += 1,
            (true, None) => self.missing += 1,
            (false, Some(_)) => self.invented += 1,
            (false, None) => {}
        }
    }

    /// Right answers among those given.
    pub(crate) fn precision(&self) -> f64 {
        share(self.right, self.right + self.wrong + self.invented)
    }

    /// Right answers among those there are.
    pub(crate) fn recall(&self) -> f64 {
        share(self.right, self.counted)
    }
}

/// Cells of one kind over the whole table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    /// Cells that are not empty.
    pub(crate) filled: usize,
    /// Of them, read.
    pub(crate) read: usize,
    /// Of the others, those without a year in brackets: numbers of orders and announcements, dates, empty labels.
    pub(crate) unbracketed: usize,
    /// Shapes of the others with their counts, the most frequent first.
    pub(crate) unread: Vec<(String, usize)>,
}

/// All figures of this section.
#[derive(Clone, Debug, Default)]
pub(crate) struct MetadataFigures {
    /// Labelled rows.
    pub(crate) labelled: usize,
    /// By field: number, issued, published, issuer, region, genre.
    pub(crate) fields: Vec<(&'static str, Tally)>,
    /// Labelled rows whose number is an order's or announcement's, and how many of them were taken for a standard one.
    pub(crate) other_numbers: (usize, usize),
    /// Rows of the table.
    pub(crate) rows: usize,
    /// Document numbers over the whole table.
    pub(crate) numbers: Cells,
    /// Dates over the whole table.
    pub(crate) dates: Cells,
    /// Genres over the whole table, by code, of rows with a title.
    pub(crate) genres: BTreeMap<String, usize>,
    /// Rows with a title that names an issuer to the reader.
    pub(crate) issuers: usize,
}

/// What a reader found in one row.
struct Row<'a> {
    url: &'a str,
    title: &'a str,
    issued: &'a str,
    published: &'a str,
    number: &'a str,
}

impl<'a> Row<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let mut cells = line.split('\t').skip(1);
        Some(Self {
            url: cells.next()?,
            title: cells.next()?,
            issued: cells.next()?,
            published: cells.next()?,
            number: cells.next()?,
        })
    }

    fn number(&self) -> Option<DocumentNumber> {
        number(self.number)
    }

    /// Dates of issue and publication; a label inside a cell decides what its date is.
    fn dates(&self) -> (Option<Date>, Option<Date>) {
        let (mut issued, mut published) = (date(self.issued), date(self.published));
        if published.is_some() && ISSUED.iter().any(|label| self.published.contains(label)) {
            issued = issued.or(published.take());
        }
        (issued, published)
    }
}

fn number(cell: &str) -> Option<DocumentNumber> {
    DocumentNumber::of_cell(cell)
}

fn date(cell: &str) -> Option<Date> {
    dates::first(cell)
}

/// Measures.
///
/// # Panics
/// When the table or the labels cannot be read.
pub(crate) fn check(shared: &Path) -> MetadataFigures {
    let table = table(shared);
    let labels = env::var("GONGBAO_LABELS").unwrap_or_else(|_| LABELS.to_owned());
    let labels = fs::read_to_string(labels).expect("the labels can be read");
    let rows: Vec<Row<'_>> = table.lines().skip(1).filter_map(Row::of).collect();
    let mut figures = MetadataFigures {
        rows: rows.len(),
        ..MetadataFigures::default()
    };
    labelled(&mut figures, &rows, &labels);
    whole(&mut figures, &rows);
    figures
}

fn table(shared: &Path) -> String {
    let bytes = fs::read(shared.join(TABLE)).expect("the table can be read");
    let mut table = String::new();
    MultiGzDecoder::new(&*bytes)
        .read_to_string(&mut table)
        .expect("the table is UTF-8 in gzip");
    table
}

fn labelled(figures: &mut MetadataFigures, rows: &[Row<'_>], labels: &str) {
    let [
        mut number,
        mut issued,
        mut published,
        mut issuer,
        mut region,
        mut genre,
    ] = [Tally::default(); 6];
    for line in labels.lines().skip(1) {
        let label: Vec<&str> = line.split('\t').collect();
        let row = label[0].parse().ok().and_then(|at: usize| rows.get(at));
        let row = row.expect("a label names a row of the table");
        figures.labelled += 1;

        let found = row.number();
        number.add(
            label[1] == "standard",
            found.as_ref().map(|found| digest(&found.to_string()) == label[4]),
        );
        if matches!(label[1], "order" | "announcement") {
            figures.other_numbers.0 += 1;
            figures.other_numbers.1 += usize::from(found.is_some());
        }
        let days = row.dates();
        for (tally, truth, day) in [
            (&mut issued, label[5], days.0),
            (&mut published, label[6], days.1),
        ] {
            tally.add(!truth.is_empty(), day.map(|day| day.to_string() == truth));
        }
        let content = describe(Some(row.title), "", row.url, &Hints::default());
        let found = content.issuer.as_deref().map(|name| {
            let name = digest(&name.split_whitespace().collect::<String>());
            name == label[7] || name == label[8]
        });
        issuer.add(!label[7].is_empty(), found);
        let code = content.region_code.map(|code| code.to_string());
        region.add(!label[9].is_empty(), code.map(|code| code == label[9]));
        if !label[10].is_empty() {
            genre.add(true, Some(content.genre.code() == label[10]));
        }
    }
    figures.fields = vec![
        ("document number", number),
        ("issued", issued),
        ("published", published),
        ("issuer", issuer),
        ("region", region),
        ("genre", genre),
    ];
}

fn whole(figures: &mut MetadataFigures, rows: &[Row<'_>]) {
    let mut unread: [BTreeMap<String, usize>; 2] = Default::default();
    for row in rows {
        let date_cells = [row.issued, row.published].map(|cell| (cell, date(cell).is_some()));
        for (cell, read) in date_cells {
            count(&mut figures.dates, &mut unread[0], cell, read);
        }
        count(
            &mut figures.numbers,
            &mut unread[1],
            row.number,
            row.number().is_some(),
        );
        if row.title.is_empty() {
            continue;
        }
        let content = describe(Some(row.title), "", row.url, &Hints::default());
        *figures.genres.entry(content.genre.code().to_owned()).or_default() += 1;
        figures.issuers += usize::from(content.issuer.is_some());
    }
    for (cells, unread) in [&mut figures.dates, &mut figures.numbers].into_iter().zip(unread) {
        cells.unread = unread.into_iter().collect();
        cells
            .unread
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        cells.unread.truncate(SHAPES);
    }
}

fn count(cells: &mut Cells, unread: &mut BTreeMap<String, usize>, cell: &str, read: bool) {
    if cell.trim().is_empty() {
        return;
    }
    cells.filled += 1;
    cells.read += usize::from(read);
    if !read {
        cells.unbracketed += usize::from(!cell.contains(['〔', '[', '(', '（', '【']));
        *unread.entry(shape(cell)).or_default() += 1;
    }
}

/// Han characters as 汉, digits as 9, Latin letters as a, runs as one; blanks and unseen characters as a blank.
fn shape(cell: &str) -> String {
    let mut shape = String::new();
    for c in cell.chars() {
        let sign = match c {
            '\u{4e00}'..='\u{9fff}' | '〇' => '汉',
            c if c.is_numeric() => '9',
            c if c.is_alphabetic() => 'a',
            c if c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}') => {
                ' '
            }
            c => c,
        };
        if !shape.ends_with(sign) {
            shape.push(sign);
        }
    }
    shape
}

/// First 12 hex digits of the SHA-256.
fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..6])
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// The tables in Markdown.
pub(crate) fn section(shared: &Path) -> String {
    render(&check(shared))
}

/// Writes the figures as Markdown tables.
pub(crate) fn render(figures: &MetadataFigures) -> String {
    let mut out = format!(
        "### Metadata: {} hand-labelled rows\n\n\
         | field | counted | right | wrong | missing | invented | precision | recall |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
        figures.labelled
    );
    for (name, tally) in &figures.fields {
        out += &format!(
            "| {name} | {} | {} | {} | {} | {} | {:.4} | {:.4} |\n",
            tally.counted,
            tally.right,
            tally.wrong,
            tally.missing,
            tally.invented,
            tally.precision(),
            tally.recall(),
        );
    }
    let (other, taken) = figures.other_numbers;
    out += &format!(
        "\nNumbers of orders and announcements: {other}, of which {taken} were taken for document numbers.\n\n\
         ### Metadata: all {} rows of the table\n\n\
         | cells | filled | read | share |\n|---|--:|--:|--:|\n",
        figures.rows
    );
    for (name, cells) in [("document numbers", &figures.numbers), ("dates", &figures.dates)] {
        let share = share(cells.read, cells.filled);
        out += &format!("| {name} | {} | {} | {share:.4} |\n", cells.filled, cells.read);
    }
    out += &format!(
        "\nOf the {} numbers left unread {} have no year in brackets: orders, announcements, empty labels.\n",
        figures.numbers.filled - figures.numbers.read,
        figures.numbers.unbracketed
    );
    let genres: Vec<String> = figures
        .genres
        .iter()
        .map(|(code, n)| format!("{code} {n}"))
        .collect();
    out += &format!(
        "\nTitles that name an issuer: {}. Genres of titles: {}.\n",
        figures.issuers,
        genres.join(", ")
    );
    for (name, cells) in [("numbers", &figures.numbers), ("dates", &figures.dates)] {
        if cells.unread.is_empty() {
            continue;
        }
        out += &format!(
            "\nShapes of {name} left unread (汉 Han, 9 digits, a letters, each a run):\n\n| shape | cells |\n|---|--:|\n"
        );
        for (shape, n) in &cells.unread {
            out += &format!("| `{}` | {n} |\n", shape.replace('|', "\\|"));
        }
    }
    out
}
