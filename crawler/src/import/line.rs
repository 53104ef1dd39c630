//! One line of JSON Lines: a report as it is given.
//!
//! Any field of a report may be given and then wins over what would be inferred. What only the store can know
//! (`version`, `content_hash`, `changed_at`) and what is counted (`chars`) is checked for its type and then counted anew.

use report::{
    ChinaMoment, ChinaTime, Content, Evidence, Genre, IssuerType, Quality, RegionCode, Report, ReportId,
    Section, Status, YearBasis, divisions,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    extract::{ExtractError, Hints, Media, Source, describe, extract, refresh_derived},
    reading::Reading,
    store::Given,
};

/// Every field a line may have: those of a report, and the page a report is to be read out of.
fn known_fields() -> impl Iterator<Item = &'static str> {
    Report::FIELDS.iter().copied().chain(["html"])
}

/// The parser's word without its own count of lines, which is always 1 here.
fn without_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at byte ")
}

/// Why a line is not a report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// Not UTF-8, or not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// JSON, but no object.
    #[error("a line must be a JSON object, this is {0}")]
    NotAnObject(&'static str),
    /// The line that ends an export: `{"complete":true,"count":…}`.
    #[error("is the last line of an export, which holds no report")]
    EndOfExport,
    /// A field that no report has.
    #[error("unknown field `{field}`{}", nearest.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    UnknownField {
        /// The field.
        field: String,
        /// The known field that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A value of the wrong type, or out of range.
    #[error("field `{field}`: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither `text` nor `html`.
    #[error("neither `text` nor `html` is given")]
    NoText,
    /// There is no report in `html`.
    #[error("field `html`: {0}")]
    Html(#[from] ExtractError),
}

/// A line whose fields have known names, and whose identity was read.
#[derive(Debug)]
pub(crate) struct Line {
    fields: Map<String, Value>,
    pub(crate) url: Option<String>,
    pub(crate) portal: Option<String>,
    pub(crate) given: Given,
}

/// Reads an archived line, whose address was decided when it was imported.
pub(crate) fn read(bytes: &[u8], url: &str, hints: &Hints) -> Result<Reading, LineError> {
    Line::parse(bytes)?.into_reading(url, hints)
}

impl Line {
    /// Reads the JSON and the fields that say which report it is.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, LineError> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| LineError::Json(without_line(&error)))?;
        let mut fields = match value {
            Value::Object(fields) => fields,
            Value::Array(_) => return Err(LineError::NotAnObject("an array")),
            Value::String(_) => return Err(LineError::NotAnObject("a text")),
            Value::Number(_) => return Err(LineError::NotAnObject("a number")),
            Value::Bool(_) | Value::Null => return Err(LineError::NotAnObject("a single word")),
        };
        if fields.len() == 2 && fields.contains_key("complete") && fields.contains_key("count") {
            return Err(LineError::EndOfExport);
        }
        if let Some(field) = fields
            .keys()
            .find(|field| known_fields().all(|known| known != field.as_str()))
        {
            return Err(unknown(field));
        }
        let url: Option<String> = take(&mut fields, "url")?;
        let portal: Option<String> = take(&mut fields, "portal")?;
        for (field, text) in [("url", &url), ("portal", &portal)] {
            let wrong = |text: &String| {
                text.trim().is_empty() || text.trim() != text || text.chars().any(char::is_control)
            };
            if text.as_ref().is_some_and(wrong) {
                return Err(wrong_field(
                    field,
                    "is empty, or holds control characters or white space at its ends",
                ));
            }
        }
        let given = Given {
            id: take::<ReportId>(&mut fields, "id")?,
            urls: take(&mut fields, "urls")?.unwrap_or_default(),
            status: take::<Status>(&mut fields, "status")?,
            retrieved_at: take::<ChinaTime>(&mut fields, "retrieved_at")?,
        };
        take::<u32>(&mut fields, "version")?;
        take::<String>(&mut fields, "content_hash")?;
        take::<u64>(&mut fields, "chars")?;
        take::<ChinaMoment>(&mut fields, "changed_at")?;
        Ok(Self {
            fields,
            url,
            portal,
            given,
        })
    }

    /// The report that the line gives.
    pub(crate) fn into_reading(mut self, url: &str, hints: &Hints) -> Result<Reading, LineError> {
        let fields = &mut self.fields;
        let title = take::<String>(fields, "title")?.filter(|title| !title.trim().is_empty());
        let text: Option<String> = take(fields, "text")?;
        let html: Option<String> = take(fields, "html")?;
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return Err(wrong_field("text", "is empty"));
        }
        let page = html.map(|html| {
            let source = Source {
                url,
                media: Media::Html,
                bytes: html.as_bytes(),
                charset: Some("utf-8"),
            };
            extract(&source, hints)
        });
        let mut content = match (text, page) {
            (None, None) => return Err(LineError::NoText),
            (None, Some(page)) => page?,
            (Some(text), None) => describe(title.as_deref(), &text, url, hints),
            // The page may say more than the text that was taken from it.
            (Some(text), Some(page)) => {
                let page = page.ok().filter(|page| !page.title_inferred).unwrap_or_default();
                let described = describe(title.as_deref().or(page.title.as_deref()), &text, url, hints);
                Content {
                    published: page.published.or(described.published),
                    attachments: page.attachments,
                    ..described
                }
            }
        };
        if let Some(title) = title {
            content.title = Some(title);
            content.title_inferred = false;
        }
        override_fields(fields, &mut content)?;
        Ok(Reading {
            content,
            given: self.given,
        })
    }
}

/// Puts what is given in the place of what was inferred.
fn override_fields(fields: &mut Map<String, Value>, content: &mut Content) -> Result<(), LineError> {
    region(fields, content)?;
    refresh_derived(content);

    put(fields, "title_inferred", &mut content.title_inferred)?;
    put_some(fields, "region_name", &mut content.region_name)?;
    put_some(fields, "province", &mut content.province)?;
    put_some(fields, "city", &mut content.city)?;
    put_some(fields, "county", &mut content.county)?;
    if let Some(code) = take::<RegionCode>(fields, "publisher_region_code")? {
        content.publisher_region_code = Some(known("publisher_region_code", code)?);
    }
    if let Some(outline) = take::<Vec<Section>>(fields, "outline")? {
        let n_chars = content.text.chars().count();
        if let Some(section) = outline
            .iter()
            .find(|section| section.start > section.end || section.end > n_chars)
        {
            let reason = format!(
                "section {:?} ends beyond the text or before it starts",
                section.path
            );
            return Err(wrong_field("outline", &reason));
        }
        content.outline = outline;
    }
    put_some(fields, "issuer", &mut content.issuer)?;
    put_some::<IssuerType>(fields, "issuer_type", &mut content.issuer_type)?;
    put_some(fields, "source", &mut content.source)?;
    put::<Genre>(fields, "genre", &mut content.genre)?;
    if let Some(year) = take::<i32>(fields, "year")? {
        if !(1..=9999).contains(&year) {
            return Err(wrong_field("year", "is not between 1 and 9999"));
        }
        content.year = Some(year);
        content.year_basis = Some(YearBasis::Given);
    }
    put_some::<YearBasis>(fields, "year_basis", &mut content.year_basis)?;
    put_some(fields, "document_number", &mut content.document_number)?;
    put_some(fields, "index_number", &mut content.index_number)?;
    put(fields, "cites", &mut content.cites)?;
    put(fields, "titles_cited", &mut content.titles_cited)?;
    put_some(fields, "published", &mut content.published)?;
    put_some(fields, "signed", &mut content.signed)?;
    put_some(fields, "site_id", &mut content.site_id)?;
    put_some(fields, "encoding", &mut content.encoding)?;
    put_some(fields, "enclosed_title", &mut content.enclosed_title)?;
    put_some(fields, "area_name", &mut content.area_name)?;
    put::<Quality>(fields, "quality", &mut content.quality)?;
    put(fields, "attachments", &mut content.attachments)
}

/// A given region: by its code, or by a name that only one division of today has.
fn region(fields: &mut Map<String, Value>, content: &mut Content) -> Result<(), LineError> {
    let code = match take::<RegionCode>(fields, "region_code")? {
        Some(code) => Some(known("region_code", code)?),
        None => match fields.get("region_name") {
            Some(Value::String(name)) if content.region_name.as_ref() != Some(name) => Some(named(name)?),
            _ => None,
        },
    };
    if let Some(code) = code {
        content.region_code = Some(code);
        content.region_confidence = Some(1.0);
        content.region_candidates = Vec::new();
        content.region_evidence = vec![Evidence {
            signal: "given".to_owned(),
            value: code.to_string(),
            code,
            weight: 1.0,
        }];
    }
    put_some(fields, "region_confidence", &mut content.region_confidence)?;
    put::<Vec<Evidence>>(fields, "region_evidence", &mut content.region_evidence)?;
    if let Some(candidates) = take::<Vec<RegionCode>>(fields, "region_candidates")? {
        for &code in &candidates {
            known("region_candidates", code)?;
        }
        content.region_candidates = candidates;
    }
    Ok(())
}

fn known(field: &'static str, code: RegionCode) -> Result<RegionCode, LineError> {
    match divisions().get(code) {
        Some(_) => Ok(code),
        None => Err(wrong_field(
            field,
            &format!("{code} is no division of today or of the past"),
        )),
    }
}

fn named(name: &str) -> Result<RegionCode, LineError> {
    let codes = divisions().named(name);
    let mut current = codes
        .iter()
        .filter(|&&code| divisions().get(code).is_some_and(|region| region.current));
    match (current.next(), current.next(), codes) {
        (Some(&code), None, _) | (None, None, &[code]) => Ok(code),
        (None, ..) => Err(wrong_field(
            "region_name",
            &format!("{name:?} is no division; give `region_code`"),
        )),
        _ => Err(wrong_field(
            "region_name",
            &format!("{name:?} names several divisions; give `region_code`"),
        )),
    }
}

/// Takes a field out; `null` is as good as absent.
fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &'static str,
) -> Result<Option<T>, LineError> {
    match fields.remove(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => serde_json::from_value(value)
            .map(Some)
            .map_err(|error| wrong_field(field, &error.to_string())),
    }
}

fn put<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &'static str,
    place: &mut T,
) -> Result<(), LineError> {
    if let Some(value) = take(fields, field)? {
        *place = value;
    }
    Ok(())
}

fn put_some<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    field: &'static str,
    place: &mut Option<T>,
) -> Result<(), LineError> {
    if let Some(value) = take(fields, field)? {
        *place = Some(value);
    }
    Ok(())
}

fn wrong_field(field: &'static str, reason: &str) -> LineError {
    LineError::Field {
        field,
        reason: reason.chars().take(300).collect(),
    }
}

fn unknown(field: &str) -> LineError {
    let field: String = field.chars().take(64).collect();
    let nearest = known_fields()
        .map(|known| (strsim::damerau_levenshtein(known, &field), known))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, known)| known);
    LineError::UnknownField { field, nearest }
}
