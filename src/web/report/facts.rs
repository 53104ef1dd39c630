//! What is known of a report beside its text, each value with what it was read from.

use report::{Content, Report, divisions};

use crate::web::{
    labels,
    view::View,
    words::{put, thousands},
};

/// A value of a report.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// What it was read from.
    pub(super) basis: Option<String>,
}

/// What there is to say, in the order of a title page.
pub(super) fn facts(view: &View, report: &Report) -> Vec<Fact> {
    let (w, lang, content) = (view.w, view.lang(), &report.content);
    let mut facts = Vec::new();
    let mut fact = |name: &'static str, value: Option<String>, basis: Option<String>| {
        facts.extend(value.map(|value| Fact { name, value, basis }));
    };
    fact(w.region, region(content), confidence(view, content));
    if content.region_code.is_none() && !content.region_candidates.is_empty() {
        let candidates = content.region_candidates.iter().filter_map(|code| {
            let path = divisions().path(*code);
            let names = [path.province, path.city, path.county];
            let names: String = names.into_iter().flatten().collect();
            (!names.is_empty()).then_some(names)
        });
        let candidates = candidates.collect::<Vec<_>>().join("、");
        fact(w.region, Some(put(w.candidates, &[&candidates])), None);
    }
    let basis = content.year_basis.map(|basis| labels::year_basis(lang, basis));
    let basis = basis.map(|basis| put(w.basis, &[&basis]));
    fact(w.year, content.year.map(|year| year.to_string()), basis);
    fact(w.genre, Some(labels::genre(lang, content.genre).to_owned()), None);
    let kind = content
        .issuer_type
        .map(|kind| labels::issuer_type(lang, kind).to_owned());
    match &content.issuer {
        Some(issuer) => fact(w.issuer, Some(issuer.clone()), kind),
        None => fact(w.issuer_type, kind, None),
    }
    fact(w.document_number, content.document_number.clone(), None);
    fact(w.index_number, content.index_number.clone(), None);
    fact(w.published, content.published.map(|date| date.to_string()), None);
    fact(w.signed, content.signed.map(|date| date.to_string()), None);
    fact(w.source, content.source.clone(), None);
    fact(w.portal, Some(report.portal.clone()), None);
    fact(
        w.retrieved,
        Some(to_the_minute(&report.retrieved_at.to_string())),
        None,
    );
    let version = put(w.version_n, &[&report.version]);
    let status = labels::status(lang, report.status);
    fact(w.status, Some(format!("{status} · {version}")), None);
    fact(w.chars, Some(thousands(content.chars as u64)), None);
    facts
}

/// Name and code.
fn region(content: &Content) -> Option<String> {
    let name = content.area_name.as_ref().or(content.region_name.as_ref())?;
    Some(match content.region_code {
        Some(code) => format!("{name} {code}"),
        None => name.clone(),
    })
}

fn confidence(view: &View, content: &Content) -> Option<String> {
    let confidence = content.region_confidence?;
    Some(put(view.w.confidence, &[&format!("{confidence:.2}")]))
}

/// A moment without its seconds and offset, which is that of China.
pub(super) fn to_the_minute(moment: &str) -> String {
    let minute: String = moment.chars().take(16).collect();
    minute.replace('T', " ")
}

/// Kinds of evidence for the division, with what each says.
pub(super) fn evidence(view: &View, content: &Content) -> Vec<(&'static str, String)> {
    let evidence = content.region_evidence.iter();
    evidence
        .map(|e| {
            let region = divisions().get(e.code).map_or("", |region| region.name);
            let name = labels::signal(view.lang(), &e.signal);
            (name, format!("{} → {region} {}", e.value, e.code))
        })
        .collect()
}
