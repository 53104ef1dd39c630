//! What to do about what a look at a portal met.

use std::time::Duration;

use report::QualityFlag;

use super::seen::{Failure, LiveCheck};
use crate::{
    crawl::visit::Visit,
    extract::ExtractError,
    lists,
    portal::{OutOfScope, Portal},
    robots::RobotsRefusal,
};

/// What can be done about a portal that keeps crawlers out.
const IMPORT: &str = "nothing here gets around that: save the pages in a browser and take them in with \
                      `gongbao import FOLDER --portal ID`";

fn failure(code: impl Into<String>, what: impl Into<String>, remedy: impl Into<String>) -> Failure {
    Failure {
        code: code.into(),
        what: what.into(),
        remedy: remedy.into(),
    }
}

/// The answer shuts crawlers out.
pub(super) fn blocked(code: &str, status: u16) -> Failure {
    let how = match code {
        "jsl" | "js" => "asks for a script to be run before it shows anything",
        "geo" => "refuses the country of this machine's address",
        "captcha" => "asks for a captcha",
        "waf" => "has a firewall that refuses crawlers",
        _ => "shuts crawlers out",
    };
    failure(
        format!("blocked:{code}"),
        format!("the portal {how} (status {status})"),
        IMPORT,
    )
}

/// A status that is no page.
pub(super) fn status(status: u16) -> Failure {
    let (what, remedy) = match status {
        404 | 410 => (
            "there is no such page",
            "open the portal in a browser and take the address from there",
        ),
        401 | 403 | 406 | 412 => ("the portal refuses the request", IMPORT),
        429 | 503 => (
            "the portal asks for fewer requests",
            "try again later, with a longer `delay` in [limits]",
        ),
        500..=599 => ("the portal has a fault of its own", "try again later"),
        _ => (
            "the answer is no page",
            "open the address in a browser and see where it leads",
        ),
    };
    failure(
        format!("http_{status}"),
        format!("status {status}: {what}"),
        remedy,
    )
}

/// There was no answer, or none was asked for.
pub(super) fn not_visited(visit: Visit) -> Failure {
    match visit {
        Visit::Robots(RobotsRefusal::Disallowed) => failure(
            "robots",
            "robots.txt forbids this address",
            "name a seed that it allows, or ask the portal; saved pages can be imported",
        ),
        Visit::Robots(refusal @ RobotsRefusal::Closed { .. }) => {
            failure("robots_forbidden", refusal.to_string(), IMPORT)
        }
        Visit::Robots(refusal) => failure(
            "robots_unreachable",
            refusal.to_string(),
            "try again later: without an answer nothing may be fetched",
        ),
        Visit::OutOfScope(OutOfScope::Host) => failure(
            "another_host",
            "it redirects to another host",
            "when the portal has moved, put the new address into `seeds`, or the host into `allow`",
        ),
        Visit::OutOfScope(_) => failure(
            "not_allowed",
            "it redirects to where `allow` and `deny` keep us out",
            "add the new folder to `allow`, or put the new address into `seeds`",
        ),
        Visit::Redirects(code) => failure(
            code,
            "its redirects lead nowhere",
            "open the address in a browser and put the one that it ends at into `seeds`",
        ),
        Visit::Throttled(status, pause) => failure(
            format!("http_{status}"),
            format!(
                "the portal asks for fewer requests, and to wait {}",
                humantime::format_duration(pause)
            ),
            "try again later, with a longer `delay` in [limits]",
        ),
        Visit::Fault(error) => {
            let remedy = match error.code() {
                "private_address" => {
                    "put the host and its port into allow_private of [crawl] in gongbao.toml, if it is meant"
                }
                "dns" => "look for a slip in the name of the host",
                "tls" => "its certificate is not good; try http:// in place of https://",
                "connection_refused" | "no_connection" | "connect_timeout" => {
                    "try http:// or https:// in its place, and the address in a browser; some portals answer to \
                     addresses in China only"
                }
                "too_large" => "raise max_html of [crawl] in gongbao.toml, if such a page is meant",
                _ => "try again later",
            };
            failure(error.code(), error.to_string(), remedy)
        }
        Visit::Blocked(signature, answer, _) => blocked(signature.code(), answer.status),
        Visit::LeftAlone => failure("host_left_alone", "the host shuts crawlers out", IMPORT),
        Visit::NotNow(not_now) => {
            let reason = not_now.reason();
            let (code, what) = reason
                .split_once(": ")
                .unwrap_or((reason.as_str(), reason.as_str()));
            failure(
                code,
                what,
                "try again then; `daily` and `hours` in [limits] say when a portal is asked",
            )
        }
        Visit::Stopped | Visit::NotYet(_) => {
            failure("stopped", "stopped before there was an answer", "call it again")
        }
        Visit::Answer(answer, _) => status(answer.status),
    }
}

/// A crawl was asked to leave the host alone for long.
pub(super) fn asked_to_wait(wait: Duration) -> Failure {
    let wait = Duration::from_secs(wait.as_secs());
    let what = format!(
        "a crawl was asked to leave the host alone for another {}",
        humantime::format_duration(wait)
    );
    failure("asked_to_wait", what, "try again after that")
}

/// There is no report on a page.
pub(super) fn no_report(error: &ExtractError) -> Failure {
    let code = match error {
        ExtractError::SoftError { .. } => "soft_error",
        ExtractError::NotAReport { .. } => "not_a_report",
        _ => "no_text",
    };
    let remedy = match error {
        ExtractError::SoftError { .. } => "the portal serves an error page in place of the document",
        ExtractError::NotAReport { .. } => "a crawl passes over it, or follows its links",
        _ => "name the element that holds the text: content = \"…\" in [extract]",
    };
    failure(code, error.to_string(), remedy)
}

/// An answer that is no web page.
pub(super) fn no_page() -> Failure {
    failure(
        "other_media",
        "the answer is no web page",
        "a crawl passes over it",
    )
}

/// What to do about all of it: only what a portal file or a person can change.
pub(super) fn of(portal: &Portal, check: &LiveCheck) -> Vec<String> {
    let mut advice: Vec<String> = Vec::new();
    let lists = || check.steps.iter().filter_map(|step| step.list.as_ref());
    let mut failures = check.steps.iter().filter(|step| step.failure.is_some());
    if check.report.is_none()
        && let Some(step) = failures.next_back()
        && let Some(failure) = &step.failure
    {
        advice.push(match step.asked_as {
            "report" => {
                "none of the first rows is a report: name the page of a column of reports as seed".to_owned()
            }
            _ => format!("{}: {}", failure.what, failure.remedy),
        });
    }
    let n_rows: usize = lists().map(|list| list.rows).sum();
    let has_ways = lists().any(|list| list.n_columns + list.n_further > 0);
    let has_list = lists().next().is_some();
    if lists().any(|list| list.needs_browser) {
        advice.push(format!(
            "its rows are asked for by a script with what only a browser makes: {IMPORT}"
        ));
    } else if let Some(sign) = lists().find_map(|list| list.error_page.as_ref()) {
        advice.push(format!(
            "the page says that it is an error page (\"{sign}\"): take the address from a browser"
        ));
    } else if has_list && n_rows == 0 && !has_ways {
        advice.push(
            "the page has neither rows nor columns: its list may be filled by a script of a kind that is not known; \
             name the page of a single column as seed, or its site map"
                .to_owned(),
        );
    } else if has_list && n_rows == 0 {
        advice.push(
            "no list with reports was reached: name the page of a column of reports as seed".to_owned(),
        );
    }
    let other = lists().find_map(|list| {
        list.auto
            .as_ref()
            .filter(|auto| list.family.as_ref() != Some(auto))
    });
    if let Some(other) = other {
        let (written, code, sign) = (portal.family.code(), other.code, &other.sign);
        advice.push(format!(
            "family = \"{written}\" is written, but the list looks like {code:?} ({sign}): write family = \"auto\""
        ));
    }
    let elsewhere = lists().flat_map(|list| &list.elsewhere).max_by_key(|(_, n)| *n);
    if let Some((origin, n)) = elsewhere.filter(|(_, n)| *n >= n_rows.max(1)) {
        let mut allow = portal.allow.clone();
        allow.push(format!("{origin}/"));
        advice.push(format!(
            "{n} rows lead to {origin}, which is not crawled; to take them in write allow = {allow:?}"
        ));
    }
    if let Some(robots) = check
        .robots
        .iter()
        .find(|robots| robots.crawl_delay.is_some_and(|delay| delay >= 10.0))
    {
        let delay = robots.crawl_delay.unwrap_or_default();
        advice.push(format!(
            "robots.txt asks for {delay} s between two requests: a crawl of 1,000 pages takes {:.1} hours",
            delay / 3.6
        ));
    }
    advice.extend(of_report(portal, check));
    let seeds_home = portal.seeds.iter().any(lists::is_home);
    if seeds_home && check.report.is_some() && portal.limits.max_pages.is_none() {
        advice.push(
            "a home page as seed means the whole site: bound the first crawl with max_pages in [limits]"
                .to_owned(),
        );
    }
    advice
}

fn of_report(portal: &Portal, check: &LiveCheck) -> Vec<String> {
    let mut advice = Vec::new();
    let Some(report) = &check.report else {
        return advice;
    };
    let has = |flag| report.quality.flags.contains(&flag);
    if report.found_by.as_deref() == Some("density") {
        let element = report.container.as_deref().unwrap_or("…");
        advice.push(format!(
            "the main text was found only by where the sentences are ({element}): when it is not the right one, write \
             content = \"…\" in [extract]"
        ));
    }
    if has(QualityFlag::NoTitle) {
        advice.push(
            "no title was found: write title = \"…\" in [extract], the element that holds it".to_owned(),
        );
    }
    if report.region.code.is_none() && portal.region.is_none() {
        advice.push(
            "the region could not be told: write region = \"…\", the code of the government".to_owned(),
        );
    }
    if !report.kept {
        advice.push(format!(
            "`genres` leaves out {:?}, the genre of this report",
            report.genre
        ));
    }
    advice
}
