//! Dresses the documents as pages and compares what is read with what went in.

use std::{fmt::Write as _, path::Path};

use crawler::{Hints, Media, Source, extract};
use encoding_rs::{GB18030, GBK};
use report::{Content, divisions, fold};
use sha2::{Digest, Sha256};

mod seeds;

use self::seeds::{Piece, SEEDS, Seed};

/// How a template writes the paragraphs of a document.
#[derive(Clone, Copy)]
enum Body {
    Paragraphs,
    /// One element, lines parted by `<br>` and indented by ideographic spaces.
    Breaks,
    /// Every character in an element of its own, as word processors do.
    Spans,
    /// Blocks in blocks, with bold lead-ins.
    Nested,
    /// A table that only lays out the page, one paragraph a row.
    Table,
}

/// The bytes a template is sent as, whatever it says.
#[derive(Clone, Copy)]
enum Encoded {
    Utf8,
    Utf8Mark,
    Gbk,
    Gb18030,
    Utf16,
}

const TEMPLATES: [(&str, Body, Encoded); 10] = [
    ("trs", Body::Paragraphs, Encoded::Gb18030),
    ("hanweb_jcms", Body::Spans, Encoded::Gbk),
    ("hanweb_jpaas", Body::Breaks, Encoded::Utf8),
    ("ucap", Body::Spans, Encoded::Utf8Mark),
    ("vsb", Body::Nested, Encoded::Utf8),
    ("gkmlpt", Body::Paragraphs, Encoded::Utf8),
    ("lonsun", Body::Nested, Encoded::Utf8),
    ("eportal", Body::Table, Encoded::Utf16),
    ("asp_tables", Body::Breaks, Encoded::Gbk),
    ("document_card", Body::Paragraphs, Encoded::Gb18030),
];

/// Cells that are compared of every page.
const CELLS: usize = 15;

/// A document as its file has it.
struct Document {
    seed: Seed,
    lines: Vec<String>,
}

impl Document {
    fn piece(&self, piece: Option<&(Piece, &str)>) -> String {
        let cut = |((line, chars), _): &(Piece, &str)| -> String {
            let chars = chars.clone();
            self.lines[*line]
                .chars()
                .skip(chars.start)
                .take(chars.len())
                .collect()
        };
        piece.map(cut).unwrap_or_default()
    }

    fn text(&self) -> &[String] {
        &self.lines[self.seed.text.clone()]
    }

    fn body(&self, style: Body) -> String {
        let mut out = String::new();
        for line in self.text() {
            let line = line.replace('&', "&amp;").replace('<', "&lt;");
            let write = match style {
                Body::Paragraphs => writeln!(out, "<p style=\"text-indent: 2em\">{line}</p>"),
                Body::Breaks => writeln!(out, "　　{line}<br />"),
                Body::Spans => {
                    let spans = line.chars().map(|c| format!("<span lang=\"EN-US\">{c}</span>"));
                    writeln!(
                        out,
                        "<p class=MsoNormal>{}<o:p></o:p></p>",
                        spans.collect::<String>()
                    )
                }
                Body::Nested => {
                    let (lead, rest) = line.split_at(line.find('。').unwrap_or(0));
                    writeln!(
                        out,
                        "<div><div class=\"para\"><strong>{lead}</strong>{rest}</div></div>"
                    )
                }
                Body::Table => writeln!(out, "<tr><td width=\"600\"><p>{line}</p></td></tr>"),
            };
            write.unwrap();
        }
        match style {
            Body::Breaks => format!("<p>{out}</p>"),
            Body::Nested => format!("<section><div style=\"width:90%\">{out}</div></section>"),
            Body::Table => format!("<table border=\"0\"><tbody>{out}</tbody></table>"),
            Body::Paragraphs | Body::Spans => out,
        }
    }

    /// Puts the document into a template, on its region's own site or on one that says nothing of a region.
    fn dress(&self, template: &str, style: Body, at_home: bool) -> String {
        let seed = &self.seed;
        let name = divisions().get(seed.region.parse().unwrap()).unwrap().name;
        let site = if at_home {
            format!("{name}人民政府")
        } else {
            "政府信息公开平台".to_owned()
        };
        let title = &self.lines[seed.title.clone()];
        let body = self.body(style);
        let json = |text: &str| serde_json::to_string(text).unwrap().replace('/', "\\/");
        [
            ("{{title}}", title.join(" ")),
            ("{{title_broken}}", title.join("<br>")),
            ("{{title_json}}", json(&title.join(" "))),
            ("{{site}}", site),
            ("{{site_id}}", if at_home { seed.site_id } else { "" }.to_owned()),
            ("{{published}}", seed.published.to_owned()),
            ("{{source}}", self.piece(seed.source.as_ref())),
            ("{{issuer}}", self.piece(seed.issuer.as_ref())),
            ("{{number}}", self.piece(seed.number.as_ref())),
            ("{{index}}", seed.index_number.to_owned()),
            ("{{body_json}}", json(&body)),
            ("{{body}}", body),
        ]
        .iter()
        .fold(template.to_owned(), |page, (key, value)| page.replace(key, value))
    }

    /// Every cell as expected and as read, where they differ.
    fn differences(&self, template: &str, at_home: bool, read: &Content) -> Vec<String> {
        let seed = &self.seed;
        let shown = |key: &str| template.contains(key);
        let named = |piece: &Option<(Piece, &str)>| piece.as_ref().map(|(_, digest)| (*digest).to_owned());
        let digested = |text: &Option<String>| text.as_deref().map(digest);
        let owned = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let level = |level| {
            read.outline
                .iter()
                .filter(|section| section.level == level)
                .count()
        };
        let flags: Vec<String> = read.quality.flags.iter().map(ToString::to_string).collect();
        let day = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
        let cells = [
            (
                "title",
                seed.title_digest.map(str::to_owned),
                digested(&read.title),
            ),
            (
                "enclosed title",
                seed.enclosed_title.map(str::to_owned),
                digested(&read.enclosed_title),
            ),
            (
                "region",
                owned(seed.region),
                read.region_code.map(|code| code.to_string()),
            ),
            ("genre", owned(seed.genre), Some(read.genre.to_string())),
            (
                "year",
                seed.year.map(|year| year.to_string()),
                read.year.map(|year| year.to_string()),
            ),
            (
                "published",
                seed.published.get(..10).map(str::to_owned),
                day(read.published),
            ),
            ("signed", seed.signed.map(str::to_owned), day(read.signed)),
            ("issuer", named(&seed.issuer), digested(&read.issuer)),
            (
                "source",
                named(&seed.source).filter(|_| seed.byline || shown("{{source}}")),
                digested(&read.source),
            ),
            (
                "document number",
                named(&seed.number),
                digested(&read.document_number),
            ),
            (
                "index number",
                owned(seed.index_number).filter(|_| shown("{{index}}")),
                read.index_number.clone(),
            ),
            (
                "site id",
                owned(seed.site_id).filter(|_| at_home),
                read.site_id.clone(),
            ),
            ("flags", Some(seed.flags.join(" ")), Some(flags.join(" "))),
            (
                "headings",
                Some(format!("{:?}", seed.headings)),
                Some(format!("{:?}", [level(1), level(2), level(3)])),
            ),
        ];
        let mut out = Vec::new();
        for (cell, expected, found) in cells {
            if expected != found {
                out.push(format!("{cell}: {found:?} instead of {expected:?}"));
            }
        }
        let (expected, found) = (folded(self.text()), folded(std::slice::from_ref(&read.text)));
        if expected != found {
            let same = expected
                .chars()
                .zip(found.chars())
                .take_while(|(a, b)| a == b)
                .count();
            out.push(format!(
                "text: {} characters instead of {}, the first {same} are right",
                found.chars().count(),
                expected.chars().count(),
            ));
        }
        out
    }
}

fn folded(lines: &[String]) -> String {
    fold(&lines.concat())
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect()
}

fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text);
    bytes.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn documents(folder: &Path) -> Vec<Document> {
    let files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let document = |seed: Seed| {
        let is_it =
            |path: &&std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(seed.file);
        let text = std::fs::read_to_string(files.iter().find(is_it).unwrap()).unwrap();
        let lines = text.lines().map(str::to_owned).collect();
        Document { seed, lines }
    };
    SEEDS.into_iter().map(document).collect()
}

fn encode(page: &str, encoded: Encoded) -> Vec<u8> {
    match encoded {
        Encoded::Utf8 => page.as_bytes().to_vec(),
        Encoded::Utf8Mark => format!("\u{feff}{page}").into_bytes(),
        Encoded::Gbk => GBK.encode(page).0.into_owned(),
        Encoded::Gb18030 => GB18030.encode(page).0.into_owned(),
        Encoded::Utf16 => "\u{feff}"
            .encode_utf16()
            .chain(page.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect(),
    }
}

/// What came out of all templates.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) documents: usize,
    pub(crate) templates: usize,
    pub(crate) pages: usize,
    /// Cells that were compared, the text being one.
    pub(crate) cells: usize,
    /// A line for each cell that is not as it should be.
    pub(crate) wrong: Vec<String>,
}

/// Puts the documents of a folder into every template of another, and compares what is read with what went in.
pub(crate) fn check(seeds: &Path, templates: &Path) -> Outcome {
    let documents = documents(seeds);
    let mut out = Outcome {
        documents: documents.len(),
        templates: TEMPLATES.len(),
        ..Outcome::default()
    };
    for (name, style, encoded) in TEMPLATES {
        let template = std::fs::read_to_string(templates.join(format!("{name}.html"))).unwrap();
        for document in &documents {
            for at_home in [true, false] {
                let page = document.dress(&template, style, at_home);
                let source = Source {
                    url: &format!("https://www.portal.example/zwgk/{name}.html"),
                    media: Media::Html,
                    bytes: &encode(&page, encoded),
                    charset: None,
                };
                let differences = match extract(&source, &Hints::default()) {
                    Ok(content) => document.differences(&template, at_home, &content),
                    Err(error) => vec![error.to_string()],
                };
                let site = if at_home { "own site" } else { "other site" };
                let line = |difference| format!("{name}, {}, {site}: {difference}", document.seed.file);
                out.wrong.extend(differences.into_iter().map(line));
                out.pages += 1;
                out.cells += CELLS;
            }
        }
    }
    out
}
