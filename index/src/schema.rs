//! The fields of the index: the only place that knows both a report and a document of the engine.

use report::{Genre, IssuerType, RegionCode, Report, ReportId, Role, divisions, fold};
use tantivy::{
    TantivyDocument, Term,
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextFieldIndexing,
        TextOptions,
        document::{DeserializeError, DocumentDeserialize, DocumentDeserializer},
    },
};

use crate::{
    Known,
    analyzer::{CHARS, STRINGS, WORDS},
    body::{Body, SectionRange},
    role_chars,
    similar::{Sketch, Subject},
    texts,
};

/// Written into every commit. Rises with every change of fields, analyzers, folding or dictionary.
pub(crate) const SCHEMA_VERSION: u32 = 5;

/// Names of the fields that are read as columns.
pub(crate) mod column {
    pub(crate) const ID: &str = "id";
    pub(crate) const REGION: &str = "region";
    pub(crate) const YEAR: &str = "year";
    pub(crate) const PUBLISHED: &str = "published";
    pub(crate) const GENRE: &str = "genre";
    pub(crate) const ISSUER_TYPE: &str = "issuer_type";
    pub(crate) const PORTAL: &str = "portal";
    pub(crate) const FLAGGED: &str = "flagged";
    pub(crate) const SECTIONS: &str = "sections";
    pub(crate) const HAN_CHARS: &str = "han_chars";
    pub(crate) const ROLE_CHARS: &str = "role_chars";
    pub(crate) const TEXT_UNITS: &str = "text_units";
    pub(crate) const CHANGED: &str = "changed";
    pub(crate) const SKETCH: &str = "sketch";
    pub(crate) const SUBJECT: &str = "subject";
    pub(crate) const KNOWN_FROM: &str = "known_from";
    pub(crate) const KNOWN_UNTIL: &str = "known_until";
}

/// Handles of all fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    id: Field,
    /// Names one document: the id of a report for its newest version, id and number for one of the past.
    key: Field,
    /// The report as JSON.
    report: Field,
    /// The body ([`Body`]) as it is, for the texts of the segment, as characters, and as words.
    texts: Field,
    pub(crate) chars: Field,
    pub(crate) words: Field,
    /// Short fields in which strings are found exactly; several values are kept apart.
    pub(crate) title: Field,
    pub(crate) issuer: Field,
    pub(crate) docno: Field,
    pub(crate) cites: Field,
    pub(crate) site: Field,
    pub(crate) portal_text: Field,
    pub(crate) region_name: Field,
    pub(crate) province: Field,
    pub(crate) city: Field,
    pub(crate) county: Field,
    /// Columns.
    pub(crate) region: Field,
    pub(crate) year: Field,
    pub(crate) published: Field,
    pub(crate) genre: Field,
    issuer_type: Field,
    portal: Field,
    flagged: Field,
    sections: Field,
    pub(crate) role: Field,
    han_chars: Field,
    role_chars: Field,
    text_units: Field,
    changed: Field,
    sketch: Field,
    subject: Field,
    /// In milliseconds since 1970; the newest version of a report has no `known_until`.
    known_from: Field,
    known_until: Field,
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let mut text = |name: &str, analyzer: &str, option: IndexRecordOption, norms: bool| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(analyzer)
            .set_index_option(option)
            .set_fieldnorms(norms);
        builder.add_text_field(name, TextOptions::default().set_indexing_options(indexing))
    };
    let chars = text("chars", CHARS, IndexRecordOption::WithFreqs, true);
    let words = text("words", WORDS, IndexRecordOption::WithFreqs, true);
    let mut string = |name: &str| text(name, STRINGS, IndexRecordOption::WithFreqsAndPositions, false);
    let (title, issuer, docno) = (string("title"), string("issuer"), string("docno"));
    let (cites, site, portal_text) = (string("cites"), string("site"), string("portal_text"));
    let (region_name, province) = (string("region_name"), string("province"));
    let (city, county) = (string("city"), string("county"));
    let indexed: NumericOptions = (INDEXED | FAST).into();
    let fields = Fields {
        id: builder.add_text_field(column::ID, STRING | FAST),
        key: builder.add_text_field("key", STRING),
        // As text: the engine reads that in one piece, and bytes one by one.
        report: builder.add_text_field("report", STORED),
        texts: builder.add_custom_field("texts", texts::TYPE, serde_json::Value::Null),
        chars,
        words,
        title,
        issuer,
        docno,
        cites,
        site,
        portal_text,
        region_name,
        province,
        city,
        county,
        region: builder.add_u64_field(column::REGION, indexed.clone()),
        year: builder.add_i64_field(column::YEAR, indexed.clone()),
        published: builder.add_i64_field(column::PUBLISHED, indexed.clone()),
        genre: builder.add_u64_field(column::GENRE, indexed.clone()),
        issuer_type: builder.add_u64_field(column::ISSUER_TYPE, FAST),
        portal: builder.add_text_field(column::PORTAL, STRING | FAST),
        flagged: builder.add_u64_field(column::FLAGGED, FAST),
        sections: builder.add_u64_field(column::SECTIONS, FAST),
        role: builder.add_u64_field("role", INDEXED),
        han_chars: builder.add_u64_field(column::HAN_CHARS, FAST),
        role_chars: builder.add_u64_field(column::ROLE_CHARS, FAST),
        text_units: builder.add_u64_field(column::TEXT_UNITS, FAST),
        changed: builder.add_i64_field(column::CHANGED, FAST),
        sketch: builder.add_u64_field(column::SKETCH, FAST),
        subject: builder.add_u64_field(column::SUBJECT, FAST),
        known_from: builder.add_i64_field(column::KNOWN_FROM, FAST),
        known_until: builder.add_i64_field(column::KNOWN_UNTIL, FAST),
    };
    (builder.build(), fields)
}

impl Fields {
    /// The term by which all versions of a report are removed.
    pub(crate) fn id_term(&self, id: &ReportId) -> Term {
        Term::from_field_text(self.id, id.as_str())
    }

    /// The term by which the newest version of a report is found.
    pub(crate) fn newest_term(&self, id: &ReportId) -> Term {
        Term::from_field_text(self.key, id.as_str())
    }

    /// The term by which a version of a report is found and replaced.
    pub(crate) fn key_term(&self, report: &Report, known: Known) -> Term {
        Term::from_field_text(self.key, &key(report, known))
    }

    /// The document of a version of a report.
    ///
    /// # Errors
    /// When the report cannot be written as JSON.
    pub(crate) fn document(
        &self,
        report: &Report,
        known: Known,
    ) -> Result<TantivyDocument, serde_json::Error> {
        let content = &report.content;
        let mut document = TantivyDocument::new();
        document.add_text(self.id, report.id.as_str());
        document.add_text(self.key, key(report, known));
        document.add_i64(self.known_from, known.from.as_millisecond());
        if let Some(until) = known.until {
            document.add_i64(self.known_until, until.as_millisecond());
        }
        document.add_text(self.report, serde_json::to_string(report)?);

        let body = Body::new(content);
        document.add_custom(self.texts, body.text.as_bytes());
        for field in [self.chars, self.words] {
            document.add_text(field, &body.text);
        }
        for section in &body.sections {
            if let Some(packed) = pack(section) {
                document.add_u64(self.sections, packed);
            }
        }
        for role in Role::ALL
            .iter()
            .filter(|role| body.sections.iter().any(|section| section.role == **role))
        {
            document.add_u64(self.role, role_number(*role));
        }

        let mut string = |field: Field, values: &mut dyn Iterator<Item = &str>| {
            let folded: Vec<_> = values.map(fold).filter(|value| !value.is_empty()).collect();
            if !folded.is_empty() {
                document.add_text(field, folded.join("\n"));
            }
        };
        string(self.title, &mut content.title.as_deref().into_iter());
        string(self.issuer, &mut content.issuer.as_deref().into_iter());
        string(self.docno, &mut content.document_number.as_deref().into_iter());
        string(self.cites, &mut content.cites.iter().map(String::as_str));
        let hosts = std::iter::once(&report.url)
            .chain(&report.urls)
            .filter_map(|url| host(url));
        string(
            self.site,
            &mut content.site_id.as_deref().into_iter().chain(hosts),
        );
        string(self.portal_text, &mut std::iter::once(report.portal.as_str()));
        string(self.region_name, &mut content.region_name.as_deref().into_iter());
        string(self.province, &mut content.province.as_deref().into_iter());
        string(self.city, &mut content.city.as_deref().into_iter());
        string(self.county, &mut content.county.as_deref().into_iter());

        for code in content.region_code.into_iter().flat_map(filed_under) {
            document.add_u64(self.region, code.number().into());
        }
        if let Some(year) = content.year {
            document.add_i64(self.year, year.into());
        }
        if let Some(date) = content.published {
            document.add_i64(self.published, day_number(date));
        }
        document.add_u64(self.genre, genre_number(content.genre));
        if let Some(issuer_type) = content.issuer_type {
            document.add_u64(self.issuer_type, number_in(IssuerType::ALL, issuer_type));
        }
        document.add_text(self.portal, &report.portal);
        document.add_u64(self.flagged, u64::from(!content.quality.flags.is_empty()));
        document.add_u64(self.han_chars, content.chars as u64);
        for packed in role_chars::pack(content) {
            document.add_u64(self.role_chars, packed);
        }
        let text = &body.text[..body.paragraphs];
        document.add_u64(self.text_units, text.encode_utf16().count() as u64);
        document.add_i64(self.changed, report.changed_at.as_millisecond());
        if let Some(sketch) = Sketch::of(text) {
            sketch
                .0
                .iter()
                .for_each(|word| document.add_u64(self.sketch, *word));
            document.add_u64(self.subject, Subject::of(content).pack());
        }
        Ok(document)
    }
}

/// What the engine keeps of a document: the JSON of its report, when there is one. The engine's own type for documents would
/// copy it twice.
pub(crate) struct Stored(pub(crate) Option<String>);

impl DocumentDeserialize for Stored {
    fn deserialize<'de, D: DocumentDeserializer<'de>>(mut document: D) -> Result<Self, DeserializeError> {
        let report = document.next_field::<String>()?;
        Ok(Self(report.map(|(_, json)| json)))
    }
}

/// What names the document of a version.
fn key(report: &Report, known: Known) -> String {
    match known.until {
        None => report.id.to_string(),
        // There is no white space in an id, so this is none.
        Some(_) => format!("{} {}", report.id, report.version),
    }
}

/// Every code that a report of this region is filed under: today's codes for it and all that lies above them. A code
/// that no longer exists and has no known successor stays as it is.
pub(crate) fn filed_under(code: RegionCode) -> Vec<RegionCode> {
    let mut today = divisions().today(code);
    if today.is_empty() {
        today.push(code);
    }
    let mut codes: Vec<_> = today
        .iter()
        .flat_map(|code| divisions().ancestors(*code))
        .collect();
    if codes.is_empty() {
        codes.push(code);
    }
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Days from 1970-01-01.
pub(crate) fn day_number(date: jiff::civil::Date) -> i64 {
    // The civil calendar of this type ends before 10,000, far from any overflow.
    date.since(jiff::civil::date(1970, 1, 1))
        .map_or(0, |span| span.get_days().into())
}

/// The number a value of a closed list is stored as.
fn number_in<T: Copy + PartialEq>(all: &[T], value: T) -> u64 {
    all.iter()
        .position(|other| *other == value)
        .map_or(u64::MAX, |at| at as u64)
}

pub(crate) fn genre_number(genre: Genre) -> u64 {
    number_in(Genre::ALL, genre)
}

pub(crate) fn issuer_type_number(issuer_type: IssuerType) -> u64 {
    number_in(IssuerType::ALL, issuer_type)
}

pub(crate) fn role_number(role: Role) -> u64 {
    number_in(Role::ALL, role)
}

/// Bits of a place in a body, twice in a packed section.
const PLACE_BITS: u32 = 30;

/// One number for a section; `None` where the body is too long to be counted so.
fn pack(section: &SectionRange) -> Option<u64> {
    let fits = section.start >> PLACE_BITS == 0 && section.end >> PLACE_BITS == 0;
    let role = role_number(section.role) << (2 * PLACE_BITS);
    fits.then_some(role | u64::from(section.start) << PLACE_BITS | u64::from(section.end))
}

/// Reads [`pack`].
pub(crate) fn unpack(packed: u64) -> Option<SectionRange> {
    let place = |bits: u32| (packed >> bits & ((1 << PLACE_BITS) - 1)) as u32;
    let role = *Role::ALL.get((packed >> (2 * PLACE_BITS)) as usize)?;
    Some(SectionRange {
        role,
        start: place(PLACE_BITS),
        end: place(0),
    })
}

/// Host and port of a URL.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_survive_packing() {
        for role in Role::ALL {
            let section = SectionRange {
                role: *role,
                start: 5,
                end: (1 << PLACE_BITS) - 1,
            };
            assert_eq!(unpack(pack(&section).unwrap()), Some(section));
        }
        assert_eq!(
            pack(&SectionRange {
                role: Role::Other,
                start: 0,
                end: 1 << PLACE_BITS
            }),
            None
        );
        assert_eq!(unpack(u64::MAX), None);
    }

    #[test]
    fn old_codes_are_filed_under_todays() {
        let code = |text: &str| text.parse::<RegionCode>().unwrap();
        let filed = |text: &str| {
            filed_under(code(text))
                .iter()
                .map(RegionCode::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(filed("430482"), ["430000", "430400", "430482"]);
        // 新津县 became 新津区 in 2020.
        assert_eq!(filed("510132"), ["510000", "510100", "510118"]);
        assert_eq!(filed("999999"), ["999999"], "an unknown code stands for itself");
    }

    #[test]
    fn days_and_hosts_are_read() {
        assert_eq!(day_number(jiff::civil::date(1970, 1, 2)), 1);
        assert_eq!(day_number(jiff::civil::date(2024, 2, 29)), 19782);
        assert!(day_number(jiff::civil::date(-9999, 1, 1)) < -4_000_000);
        assert_eq!(
            host("https://u:p@www.a.gov.cn:8443/x?y"),
            Some("www.a.gov.cn:8443")
        );
        assert_eq!(host("import:folder/a.html"), None);
    }
}
