//! Why a page was read as it was.
//!
//! Nothing is decided here: the explanation is put together from what the readers left behind, so it cannot tell
//! another story than theirs.

use report::{Content, Evidence as RegionEvidence, Quality, RegionCode, Report};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    ExtractError, Reading, Snapshot,
    decode::{Decoded, EncodingBasis},
    document::Document,
    evidence::Evidence,
    title,
};

mod blocks;

pub use self::blocks::Block;
pub use super::body::Layer;

/// Longest words that are quoted, in characters.
const MAX_WORDS: usize = 160;

/// Why a page was read as it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// Why there is no report in it, if there is none.
    pub refusal: Option<String>,
    /// How its bytes became text.
    pub encoding: EncodingChoice,
    /// What found the main text; `None` when nothing did.
    pub layer: Option<Layer>,
    /// The element that the main text was taken from, as a short CSS path.
    pub container: Option<String>,
    /// Elements that style hides were read, since hardly anything else is there.
    pub hidden_read: bool,
    /// What the page consists of.
    pub page: PageFigures,
    /// Its lines from the first to the last, in runs of one kind.
    pub blocks: Vec<Block>,
    /// Where the fields come from; without a report there are none.
    #[serde(serialize_with = "as_object")]
    pub fields: Vec<(&'static str, FieldChoice)>,
    /// What speaks for the region.
    pub region: Option<RegionChoice>,
    /// Doubts about the text, with what each was raised for.
    pub quality: Option<Quality>,
}

/// How bytes became text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EncodingChoice {
    /// Name of the encoding, as in [`Decoded::encoding`].
    pub name: &'static str,
    /// What it was chosen for.
    pub basis: EncodingBasis,
    /// Characters that could not be decoded.
    pub replaced: usize,
    /// Their share of all characters, 0 to 1.
    pub share: f64,
}

/// How much of what there is on a page; characters are counted without white space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PageFigures {
    /// Lines.
    pub lines: usize,
    /// Characters.
    pub chars: usize,
    /// Characters of the main text.
    pub text_chars: usize,
    /// Links.
    pub links: usize,
    /// Characters in links.
    pub linked_chars: usize,
}

/// Where the value of a field comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FieldChoice {
    /// The value, as in the report.
    pub value: Value,
    /// What kind of place it was read from.
    pub basis: Option<&'static str>,
    /// The words it was read from.
    pub from: Option<String>,
    /// What looked like a value and was not taken.
    pub rejected: Vec<NotTaken>,
}

/// Words that look like a value and were not taken for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotTaken {
    /// The words.
    pub from: String,
    /// Why not.
    pub why: &'static str,
}

/// What speaks for the region.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RegionChoice {
    /// The region the report is about.
    pub code: Option<RegionCode>,
    /// How sure that is, 0 to 1.
    pub confidence: Option<f64>,
    /// Those that could not be told apart, when there is none.
    pub candidates: Vec<RegionCode>,
    /// The region whose site carries it.
    pub publisher: Option<RegionCode>,
    /// What was read, and how much it weighs.
    pub evidence: Vec<RegionEvidence>,
}

/// Puts the explanation of a snapshot together.
pub(super) fn of(snapshot: &Snapshot<'_>, outcome: Result<&Reading<'_>, &ExtractError>) -> Explanation {
    let document = snapshot.document;
    let body = document.page.body.as_ref();
    let reading = outcome.ok();
    let content = reading.map(|reading| &reading.content);
    Explanation {
        refusal: outcome.err().map(ToString::to_string),
        encoding: encoding(snapshot.decoded),
        layer: body.map(|body| body.layer),
        container: body.and_then(|body| blocks::css_path(&document.page.html, body.node?)),
        hidden_read: document.page.hidden_read,
        page: figures(document),
        blocks: blocks::of(document),
        fields: reading.map_or_else(Vec::new, |reading| fields(document, reading)),
        region: content.map(region),
        quality: content.map(|content| content.quality.clone()),
    }
}

fn encoding(decoded: &Decoded) -> EncodingChoice {
    let chars = decoded.text.chars().count().max(1);
    EncodingChoice {
        name: decoded.encoding,
        basis: decoded.basis,
        replaced: decoded.replaced,
        share: decoded.replaced as f64 / chars as f64,
    }
}

fn figures(document: &Document<'_>) -> PageFigures {
    let lines = &document.page.lines.lines;
    PageFigures {
        lines: lines.len(),
        chars: lines.iter().map(|line| line.chars).sum(),
        text_chars: document.lines().map(|(line, _)| line.chars).sum(),
        links: lines.iter().map(|line| line.links).sum(),
        linked_chars: lines.iter().map(|line| line.linked).sum(),
    }
}

/// The fields in the order of a report.
fn fields(document: &Document<'_>, reading: &Reading<'_>) -> Vec<(&'static str, FieldChoice)> {
    let values = serde_json::to_value(&reading.content).unwrap_or_default();
    let value = |name: &str| values.get(name).cloned().unwrap_or_default();
    let mut out = vec![("title", title_choice(document, value("title")))];
    for (name, evidence) in &reading.evidence {
        out.push((*name, field(value(name), evidence)));
    }
    out.sort_by_key(|(name, _)| Report::FIELDS.iter().position(|field| field == name));
    out
}

fn field(value: Value, evidence: &Evidence<'_>) -> FieldChoice {
    let not_taken = evidence.rejected.iter().map(|rejected| NotTaken {
        from: quoted(&rejected.from.to_string()),
        why: rejected.why,
    });
    FieldChoice {
        value,
        basis: evidence.taken.as_ref().map(|(basis, _)| *basis),
        from: evidence
            .taken
            .as_ref()
            .map(|(_, from)| quoted(&from.to_string()))
            .filter(|words| !words.is_empty()),
        rejected: not_taken.collect(),
    }
}

fn title_choice(document: &Document<'_>, value: Value) -> FieldChoice {
    let Some(title) = &document.title else {
        let mut declared = title::declared(document.page, document.hints.list_title.as_deref());
        declared.dedup();
        let why = "it names the site or a column, or no line of the page confirms it";
        let not_taken = declared.iter().map(|words| NotTaken {
            from: quoted(words),
            why,
        });
        return FieldChoice {
            value,
            basis: None,
            from: None,
            rejected: not_taken.collect(),
        };
    };
    let lines = document.page.lines.lines[title.lines.clone()].iter();
    let lines: Vec<&str> = lines.map(|line| line.text.as_str()).collect();
    FieldChoice {
        value,
        basis: Some(title.basis),
        from: Some(quoted(&lines.join(" / "))).filter(|words| !words.is_empty()),
        rejected: Vec::new(),
    }
}

fn region(content: &Content) -> RegionChoice {
    RegionChoice {
        code: content.region_code,
        confidence: content.region_confidence,
        candidates: content.region_candidates.clone(),
        publisher: content.publisher_region_code,
        evidence: content.region_evidence.clone(),
    }
}

/// Words short enough to be shown.
fn quoted(words: &str) -> String {
    shortened(words, MAX_WORDS)
}

fn shortened(words: &str, most: usize) -> String {
    match words.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.to_owned(),
    }
}

fn as_object<S: Serializer>(
    fields: &[(&'static str, FieldChoice)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(name, field)| (name, field)))
}
