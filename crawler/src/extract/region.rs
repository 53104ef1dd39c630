//! Which region a document is about, and which region's site carries it.
//!
//! Many names are borne by several divisions (鼓楼区 four times, 朝阳 three), sites repost what others issued, and site
//! codes outlive the divisions they were made from. So every trace is a weighted hint for one or several codes, in
//! today's codes:
//!
//! ```text
//! traces     what the document says: title, issuer, numbers, text    ──▶ subject
//! publisher  what the site says: codes, name, address, imprint       ──▶ publisher, and weakly subject
//! places     names in a text;  host  names in an address;  national  bodies without a region;  area  开发区 …
//! choice     narrows what can mean several divisions by what lies around it, adds up, and decides or does not
//! confidence what the sum has come to mean
//! ```
//!
//! Without a clear winner there is no region, only candidates.

use report::{Content, divisions};

use super::document::Document;

mod area;
mod choice;
mod confidence;
mod host;
mod national;
mod places;
mod publisher;
mod traces;

#[cfg(test)]
mod tests;

use self::{choice::Choice, traces::Traces};

/// Fills in the fields of the region.
pub(crate) fn fill(content: &mut Content, document: &Document<'_>) {
    use jiff::civil::Date;
    let mut traces = Traces {
        traces: Vec::new(),
        year: content
            .year
            .or_else(|| content.published.map(|day: Date| i32::from(day.year()))),
        area: None,
        level: traces::self_reference(&content.text),
    };
    traces.document(content, document);
    traces.site(content, document);
    content.area_name = traces.area.take();
    let choice = Choice::between(traces.traces, traces.level);
    content.publisher_region_code = choice.publisher();
    (content.region_code, content.region_confidence) = choice.subject().unzip();
    content.region_candidates = choice.candidates();
    content.region_evidence = choice.evidence();
}

/// Names of the region and of what lies above it.
pub(crate) fn fill_names(content: &mut Content) {
    let table = divisions();
    let path = content
        .region_code
        .map(|code| table.path(code))
        .unwrap_or_default();
    let region = content.region_code.and_then(|code| table.get(code));
    content.region_name = region.map(|region| region.name.to_owned());
    content.province = path.province.map(str::to_owned);
    content.city = path.city.map(str::to_owned);
    content.county = path.county.map(str::to_owned);
}
