//! An explanation in words, for a person at a terminal.

use std::io::{self, Write};

use crawler::{
    EncodingBasis,
    explain::{Block, EncodingChoice, Explanation, FieldChoice, Layer, RegionChoice},
};
use report::{Quality, divisions};
use serde_json::Value;

/// Writes an explanation.
pub(super) fn write(out: &mut impl Write, explanation: &Explanation) -> io::Result<()> {
    if let Some(refusal) = &explanation.refusal {
        writeln!(out, "NO REPORT\n  {refusal}\n")?;
    }
    writeln!(out, "ENCODING\n  {}\n", encoding(&explanation.encoding))?;
    main_text(out, explanation)?;
    lines(out, &explanation.blocks)?;
    if !explanation.fields.is_empty() {
        writeln!(out, "\nFIELDS")?;
    }
    for (name, choice) in &explanation.fields {
        field(out, name, choice)?;
    }
    if let Some(choice) = &explanation.region {
        region(out, choice)?;
    }
    if let Some(quality) = &explanation.quality {
        doubts(out, quality)?;
    }
    Ok(())
}

fn encoding(choice: &EncodingChoice) -> String {
    let why = match choice.basis {
        EncodingBasis::Bom => "the file begins with its byte order mark",
        EncodingBasis::Utf8 => "the bytes are UTF-8, but for a few at most, whatever labels say",
        EncodingBasis::Meta => "the page declares it, and it decodes as such",
        EncodingBasis::Header => "the header of the answer names it, and it decodes as such",
        EncodingBasis::Guess => "guessed from the bytes; no label fits them",
        EncodingBasis::Lossy => "nothing decodes all of it: this loses least",
    };
    let lost = match choice.replaced {
        0 => "every character decoded".to_owned(),
        n => format!("{n} characters lost ({:.2} %)", choice.share * 100.0),
    };
    format!("{}: {why}; {lost}", choice.name)
}

fn main_text(out: &mut impl Write, explanation: &Explanation) -> io::Result<()> {
    let found = match explanation.layer {
        Some(Layer::PortalSelector) => "the selector of the portal file",
        Some(Layer::Marked) => "comments by which the content system marks it",
        Some(Layer::KnownContainer) => "an element that content systems put main texts in",
        Some(Layer::Density) => "where the sentences are: no known element holds them",
        Some(Layer::BelowHead) => {
            "right below the title and the bar of date and source, where there are only pictures or files"
        }
        Some(Layer::LoneContainer) => {
            "an element that content systems put main texts in, though hardly anything is in it"
        }
        Some(Layer::EmbeddedJson) => "a script of the page that holds the document as data",
        Some(Layer::PlainText) => "the file is plain text: all lines that are not furniture",
        Some(_) | None => "nothing that could be one",
    };
    writeln!(out, "MAIN TEXT\n  found by: {found}")?;
    if let Some(container) = &explanation.container {
        writeln!(out, "  taken from: {container}")?;
    }
    if explanation.hidden_read {
        writeln!(
            out,
            "  hidden elements were read too: hardly anything else is there"
        )?;
    }
    let page = &explanation.page;
    writeln!(
        out,
        "  {} of {} characters on the page; {} links with {} characters\n",
        page.text_chars, page.chars, page.links, page.linked_chars
    )
}

fn lines(out: &mut impl Write, blocks: &[Block]) -> io::Result<()> {
    writeln!(out, "LINES")?;
    for block in blocks {
        let last = block.start + block.lines - 1;
        let place = if block.lines == 1 {
            block.start.to_string()
        } else {
            format!("{}-{last}", block.start)
        };
        let mark = if block.kept { '+' } else { '-' };
        writeln!(out, "{mark} {place:>9}  {:<17} {}", block.reason, block.text)?;
        if let Some(detail) = &block.detail {
            writeln!(out, "{:31}({detail})", "")?;
        }
    }
    Ok(())
}

fn field(out: &mut impl Write, name: &str, choice: &FieldChoice) -> io::Result<()> {
    let value = match &choice.value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    writeln!(out, "  {name:<16} {value}")?;
    if let Some(basis) = choice.basis {
        let from = choice.from.as_deref().map(|words| format!(": {words}"));
        writeln!(out, "{:19}from {}{}", "", told(basis), from.unwrap_or_default())?;
    }
    for rejected in &choice.rejected {
        writeln!(out, "{:19}not {:?}: {}", "", rejected.from, rejected.why)?;
    }
    Ok(())
}

/// What a basis is called; those without a line here speak for themselves.
fn told(basis: &str) -> &str {
    match basis {
        "line_and_head" => "a line above the text that the head of the page agrees with",
        "beginning_of_head" => "a line that the page's <title> begins with",
        "heading_element" => "an element for headings or titles",
        "above_text" => "the line above the text",
        "opening" => "the opening of the text",
        "head" => "the head of the page or the row of the list; no line repeats it",
        "portal_selector" => "the selector of the portal file",
        "meta" => "the head of the page",
        "label" => "a label",
        "label_below" => "a label below the text",
        "label_as_written" => "a label, as written: it has not the form of a number",
        "bar" => "the bar above the text",
        "named_by_title" => "lines that the title of the notice names",
        "behind_signature" => "the lines behind the signature of the notice",
        "line" => "a line of its own",
        "mended_line" => "a damaged line of its own, mended",
        "list" => "the row of the list",
        "comment" => "comments of the content system",
        "none" => "nothing: no rule names a kind",
        other => other,
    }
}

fn region(out: &mut impl Write, choice: &RegionChoice) -> io::Result<()> {
    let named = |code| {
        let name = divisions().get(code).map_or("", |region| region.name);
        format!("{code} {name}")
    };
    let sure = choice.confidence.map(|sure| format!(", confidence {sure:.2}"));
    let about = choice.code.map_or_else(|| "-".to_owned(), named);
    writeln!(out, "\nREGION\n  about {about}{}", sure.unwrap_or_default())?;
    writeln!(
        out,
        "  site of {}",
        choice.publisher.map_or_else(|| "-".to_owned(), named)
    )?;
    if !choice.candidates.is_empty() {
        let names: Vec<String> = choice.candidates.iter().copied().map(named).collect();
        writeln!(out, "  could not be told apart: {}", names.join(", "))?;
    }
    for reason in &choice.evidence {
        let (signal, code) = (&reason.signal, named(reason.code));
        writeln!(
            out,
            "  {:.2}  {signal:<13} {code}: {}",
            reason.weight, reason.value
        )?;
    }
    Ok(())
}

fn doubts(out: &mut impl Write, quality: &Quality) -> io::Result<()> {
    writeln!(out, "\nDOUBTS\n  score {:.2}", quality.score)?;
    for reason in &quality.reasons {
        writeln!(out, "  {:<16} {}", reason.flag.code(), reason.detail)?;
    }
    Ok(())
}
