//! The identification code of the site (网站标识码).

use std::sync::LazyLock;

use regex::Regex;

use super::{
    boilerplate::{compact, patterns},
    document::Document,
    evidence::{Finding, Found, Origin, reject},
};

patterns! {
    CODE = r"^(bm\d{8}|[1-9]\d{9})$";
    IN_FOOTER = r"标识码:?((?:bm)?\d{8,10})";
}

/// The code in the footer, which was written for this site, or else in the head, if the head was not copied from
/// another site: then its `SiteDomain` is not where the page was fetched.
pub(crate) fn id<'d>(document: &'d Document<'_>) -> Finding<'d, String> {
    const META: &str = "siteidcode";
    let mut rejected = Vec::new();
    let footer = in_footer(document);
    let footer = footer.map(|(code, line)| Found::new(code, "footer", line));
    let found = footer.or_else(|| {
        let content = document.page.meta(&[META])?;
        let origin = Origin::Meta(META, content);
        let code = content.trim().to_ascii_lowercase();
        if !CODE.is_match(&code) {
            reject(
                &mut rejected,
                origin,
                "it is not ten digits that begin with a division",
            );
        } else if !is_at_home(document) {
            reject(
                &mut rejected,
                origin,
                "the head of the page was copied from another site",
            );
        } else {
            return Some(Found::new(code, "meta", origin));
        }
        None
    });
    Finding { found, rejected }
}

/// The code in the footer with its line.
fn in_footer<'d>(document: &'d Document<'_>) -> Option<(String, &'d str)> {
    const REACH: usize = 80;
    let mut lines = document.page.lines.lines.iter().rev().take(REACH);
    lines.find_map(|line| {
        let compacted = compact(&line.text);
        let code = IN_FOOTER.captures(&compacted)?.get(1)?.as_str();
        CODE.is_match(code).then(|| (code.to_owned(), line.text.as_str()))
    })
}

/// Whether a code stands in the footer, which was written for this site.
pub(crate) fn is_in_footer(document: &Document<'_>, code: &str) -> bool {
    in_footer(document).is_some_and(|(own, _)| own == code)
}

fn is_at_home(document: &Document<'_>) -> bool {
    let host = document
        .url
        .as_ref()
        .and_then(|url| url.host_str())
        .map(str::to_ascii_lowercase);
    let (Some(host), Some(domain)) = (host, document.page.meta(&["sitedomain"])) else {
        return true;
    };
    // A site under test or on an address of its own cannot be compared.
    if host.parse::<std::net::IpAddr>().is_ok() || host == "localhost" || !domain.contains('.') {
        return true;
    }
    let domain = domain.trim().to_ascii_lowercase();
    let domain = domain.split("://").last().unwrap_or_default();
    let domain = domain.split(['/', ':']).next().unwrap_or_default();
    let bare = |name: &str| {
        name.trim_start_matches("www.")
            .trim_start_matches("m.")
            .to_owned()
    };
    let (host, domain) = (bare(&host), bare(domain));
    host == domain || host.ends_with(&format!(".{domain}")) || domain.ends_with(&format!(".{host}"))
}
