//! What is noted of answers, lists and reports.

use report::Content;
use url::Url;

use super::seen::{
    Answered, ColumnSeen, FamilySeen, ListSeen, RegionSeen, ReportSeen, RequestSeen, RobotsSeen, RowSeen,
};
use crate::{
    extract::{decode, explain::Explanation},
    fetch::Answer,
    frontier::StoredRobots,
    lists::{ColumnSign, Found, Mechanism, column_score},
    robots::HostRules,
};

/// Most rows, further pages and columns of a list that are shown.
const MAX_SHOWN: usize = 5;

impl RobotsSeen {
    pub(super) fn of(origin: String, stored: &StoredRobots, agent: &str, url: &Url) -> Self {
        let rules = match stored.status {
            Some(status) => HostRules::from_answer(status, &stored.body, agent),
            None => HostRules::Unreachable {
                reason: stored.fault.clone().unwrap_or_else(|| "no_answer".to_owned()),
            },
        };
        let says = match (rules.check(url), &rules) {
            (Err(refusal), _) => refusal.to_string(),
            (Ok(()), HostRules::Rules(_)) => "allows the page".to_owned(),
            (Ok(()), _) => "there is none, so everything is allowed".to_owned(),
        };
        Self {
            origin,
            status: stored.status,
            fault: stored.fault.clone(),
            says,
            allows: rules.check(url).is_ok(),
            crawl_delay: rules.crawl_delay().map(|delay| delay.as_secs_f64()),
        }
    }
}

impl Answered {
    pub(super) fn of(answer: &Answer, url: &Url, asked: &str) -> Self {
        let decoded = decode(&answer.body, answer.charset());
        Self {
            status: answer.status,
            redirected_to: (url.as_str() != asked).then(|| url.to_string()),
            bytes: answer.body.len(),
            encoding: decoded.encoding,
            declared: answer.charset().map(str::to_owned),
            replaced: decoded.replaced,
        }
    }
}

impl FamilySeen {
    pub(super) fn of(mechanism: &Mechanism) -> Self {
        Self {
            code: mechanism.family.code(),
            sign: mechanism.why.clone(),
        }
    }
}

impl ListSeen {
    pub(super) fn of(found: &Found) -> Self {
        let rows = found.reports.iter().take(MAX_SHOWN).map(|row| RowSeen {
            url: row.url.to_string(),
            title: row.title.clone(),
            date: row.date,
        });
        let (pagers, mut columns): (Vec<_>, Vec<_>) = found.lists.iter().partition(|list| list.is_pager);
        columns.sort_by_key(|list| std::cmp::Reverse(column_score(list.sign)));
        let shown = columns.iter().take(MAX_SHOWN).map(|list| ColumnSeen {
            url: list.url.to_string(),
            name: list.name.clone(),
            why: column_why(list.sign, &list.name),
        });
        let further = pagers.iter().take(MAX_SHOWN).map(|list| RequestSeen {
            url: list.url.to_string(),
            form: list.form.clone(),
        });
        Self {
            family: found.mechanism.as_ref().map(FamilySeen::of),
            auto: None,
            rows: found.reports.len(),
            first_rows: rows.collect(),
            n_further: pagers.len(),
            further: further.collect(),
            n_columns: columns.len(),
            columns: shown.collect(),
            elsewhere: hosts(&found.elsewhere),
            needs_browser: found.needs_browser,
            error_page: None,
        }
    }
}

/// The origins of addresses, those of most first.
fn hosts(urls: &[Url]) -> Vec<(String, usize)> {
    let mut hosts: Vec<(String, usize)> = Vec::new();
    for url in urls {
        let origin = url.origin().ascii_serialization();
        match hosts.iter_mut().find(|(known, _)| *known == origin) {
            Some((_, n)) => *n += 1,
            None => hosts.push((origin, 1)),
        }
    }
    hosts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    hosts.truncate(MAX_SHOWN);
    hosts
}

/// Why a column is followed, for a person.
pub(super) fn column_why(sign: ColumnSign, name: &str) -> String {
    match sign {
        ColumnSign::Name(part) if part == name => "the name of a column of reports".to_owned(),
        ColumnSign::Name(part) => format!("\"{part}\" in its name"),
        ColumnSign::Folder(folder) => format!("folder /{folder}/"),
        ColumnSign::Year => "named for a year".to_owned(),
        ColumnSign::Department => "named for a department or township".to_owned(),
        ColumnSign::Below => "lies below the page".to_owned(),
        ColumnSign::Shown => "the page shows it or sends its visitors there".to_owned(),
        ColumnSign::Entrance => "all that the home page leads to".to_owned(),
        ColumnSign::Told => "named by the list".to_owned(),
    }
}

impl ReportSeen {
    pub(super) fn of(url: &Url, content: &Content, explanation: &Explanation, kept: bool) -> Self {
        /// Characters of the text that are shown.
        const BEGINNING: usize = 60;
        let title = explanation.fields.iter().find(|(name, _)| *name == "title");
        let layer = explanation
            .layer
            .and_then(|layer| serde_json::to_value(layer).ok());
        Self {
            url: url.to_string(),
            title: content.title.clone(),
            title_basis: title.and_then(|(_, choice)| choice.basis),
            genre: content.genre.code(),
            kept,
            year: content.year,
            region: RegionSeen {
                code: content.region_code,
                name: content.region_name.clone(),
                confidence: content.region_confidence,
                evidence: content.region_evidence.clone(),
            },
            issuer: content.issuer.clone(),
            source: content.source.clone(),
            published: content.published,
            signed: content.signed,
            document_number: content.document_number.clone(),
            chars: content.chars,
            begins: content
                .text
                .chars()
                .map(|c| if c == '\n' { ' ' } else { c })
                .take(BEGINNING)
                .collect(),
            found_by: layer.and_then(|layer| layer.as_str().map(str::to_owned)),
            container: explanation.container.clone(),
            attachments: content.attachments.iter().map(|file| file.name.clone()).collect(),
            quality: content.quality.clone(),
        }
    }
}
