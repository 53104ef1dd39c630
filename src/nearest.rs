//! What may have been meant by a name that nobody knows.

/// Names that other services and programs have for what is called otherwise here.
const ELSEWHERE: [(&str, &str); 14] = [
    ("query", "q"),
    ("keyword", "q"),
    ("size", "limit"),
    ("rows", "limit"),
    ("page_size", "limit"),
    ("per_page", "limit"),
    ("page", "cursor"),
    ("offset", "cursor"),
    ("order", "sort"),
    ("order_by", "sort"),
    ("context", "width"),
    ("window", "width"),
    ("group_by", "by"),
    ("axis", "by"),
];

/// The known name that `unknown` is likely to be meant for: one that other programs call so, that differs by a slip of the hand, or
/// that is a part of it. Nothing rather than a name that has nothing to do with it.
pub(crate) fn nearest<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == unknown);
    if let Some(found) = elsewhere.and_then(|(_, name)| known.iter().find(|known| *known == name)) {
        return Some(found);
    }
    let n_chars = unknown.chars().count();
    let slips = |name: &str| {
        let holds = |long: &str, short: &str| short.chars().count() > 3 && long.contains(short);
        match holds(unknown, name) || holds(name, unknown) {
            true => Some(1),
            false => Some(strsim::osa_distance(unknown, name)).filter(|n| *n <= (n_chars / 3).max(1)),
        }
    };
    let likely = known.iter().filter(|name| !name.is_empty() && n_chars > 1);
    let (_, name) = likely
        .filter_map(|name| Some((slips(name)?, *name)))
        .min_by_key(|(slips, _)| *slips)?;
    Some(name)
}

/// What to write in the place of an unknown name: the one that is likely to be meant, or all that there are.
pub(crate) fn instead(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!("known are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_likely_is_suggested() {
        let known = [
            "as_of",
            "by",
            "cursor",
            "format",
            "genre",
            "limit",
            "q",
            "region",
            "sort",
            "title",
            "width",
            "year_from",
        ];
        for (unknown, meant) in [
            ("limt", Some("limit")),
            ("regoin", Some("region")),
            ("regions", Some("region")),
            ("titel", Some("title")),
            ("from", Some("year_from")),
            ("query", Some("q")),
            ("page", Some("cursor")),
            ("context", Some("width")),
            ("asof", Some("as_of")),
            ("facets", None),
            ("colour", None),
            ("a", None),
            ("环保", None),
            ("", None),
        ] {
            assert_eq!(nearest(unknown, &known), meant, "{unknown}");
        }
        assert_eq!(nearest("limit", &["format", "q"]), None);
        assert_eq!(instead("word", &["concept", "term"]), "known are concept, term");
        assert_eq!(instead("terms", &["concept", "term"]), "did you mean \"term\"?");
    }
}
