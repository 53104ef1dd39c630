//! Addresses in scripts: what a click calls, where a page sends everybody, and the menus that a script draws.

use std::sync::LazyLock;

use regex::Regex;

/// Most targets of one page's scripts that are followed.
const MAX_TARGETS: usize = 3;

/// Setting the place of the window, or opening one.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\(|window\.open\(|window\.navigate\()\s*(?:encodeURI\(\s*)?['"]([^'"<>\s]{1,500})['"]\s*\)?\s*(\+?)"#,
    )
    .expect("a pattern of this file is valid")
});

/// The address that a click leads to: of a call that opens it, or of any other call that is given a page or a folder.
pub(super) fn of_click(script: &str) -> Option<&str> {
    static PAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\(\s*(?:[^()]{0,100},\s*)?['"]((?:https?://|\.{0,2}/)[^'"<>\s]{0,500}?(?:/|\.(?:s?html?|jhtml|jspx?|aspx|do)(?:\?[^'"<>\s]*)?))['"]"#)
            .expect("a pattern of this file is valid")
    });
    called(script).next().or_else(|| {
        let found = PAGE.captures(script)?;
        found.get(1).map(|found| found.as_str())
    })
}

/// The addresses that the scripts of a page send its visitors to.
pub(super) fn of_page(html: &str) -> impl Iterator<Item = &str> {
    called(html).take(MAX_TARGETS)
}

/// Entries of menus and trees that a script holds as data: `{id:7, name:"法治政府建设", url:"/zwgk/fzzf/"}`; each with its
/// name and address, still escaped.
pub(super) fn entries(script: &str) -> impl Iterator<Item = (&str, &str)> {
    static ENTRY: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        let name = r#"\b(?:name|title|text|label)["']?\s*:\s*["']([^"'{}\n]{1,100})["']"#;
        let address = r#"\b(?:url|href|link)["']?\s*:\s*["']([^"'<>{}\s]{1,500})["']"#;
        // Nothing of another entry between the two.
        let between = r"[^{}]{0,200}?";
        [
            format!("{name}{between}{address}"),
            format!("{address}{between}{name}"),
        ]
        .map(|pattern| Regex::new(&pattern).expect("a pattern of this file is valid"))
    });
    let [name_first, address_first] = &*ENTRY;
    let is_name_first = name_first.is_match(script);
    let entry = if is_name_first { name_first } else { address_first };
    entry.captures_iter(script).filter_map(move |found| {
        let (one, two) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        Some(if is_name_first { (one, two) } else { (two, one) })
    })
}

/// A target that is put together from several parts is not known.
fn called(script: &str) -> impl Iterator<Item = &str> {
    let calls = CALL.captures_iter(script);
    calls.filter_map(|found| {
        let is_whole = found.get(2).is_none_or(|plus| plus.is_empty());
        found.get(1).filter(|_| is_whole).map(|found| found.as_str())
    })
}
