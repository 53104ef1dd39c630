//! A strict reader of the OpenMetrics 1.0 text format: what a line must not be is an error with that line.

use std::collections::{BTreeMap, BTreeSet};

/// One line with a value.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// The samples of one name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) unit: String,
    pub(crate) samples: Vec<Sample>,
}

/// Reads a whole exposition.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, Family>, String> {
    let body = text
        .strip_suffix("# EOF\n")
        .ok_or("the last line is not `# EOF`")?;
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut helped = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut current: Option<String> = None;
    for line in body.lines() {
        let wrong = |what: &str| format!("{what}: {line:?}");
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (keyword, name) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            let value = words.next().ok_or(wrong("nothing follows the name"))?;
            if !is_name(name) {
                return Err(wrong("not a name"));
            }
            if current.as_deref() != Some(name) {
                if families.contains_key(name) {
                    return Err(wrong("a family stands in two places"));
                }
                families.insert(name.to_owned(), Family::default());
                current = Some(name.to_owned());
            }
            let family = families.get_mut(name).ok_or(wrong("no family"))?;
            if !family.samples.is_empty() {
                return Err(wrong("a description after a sample"));
            }
            match keyword {
                "TYPE" if family.kind.is_empty() => {
                    let kinds = [
                        "gauge",
                        "counter",
                        "histogram",
                        "info",
                        "summary",
                        "stateset",
                        "unknown",
                    ];
                    if !kinds.contains(&value) {
                        return Err(wrong("no such type"));
                    }
                    value.clone_into(&mut family.kind);
                }
                "UNIT" if family.unit.is_empty() => {
                    if !name.ends_with(&format!("_{value}")) {
                        return Err(wrong("the name does not end in the unit"));
                    }
                    value.clone_into(&mut family.unit);
                }
                "HELP" if helped.insert(name.to_owned()) => {
                    unescape(value).ok_or(wrong("an escape that is none"))?;
                }
                _ => return Err(wrong("a description that is none, or is there twice")),
            }
            continue;
        }
        let sample = sample(line).ok_or(wrong("not a sample"))?;
        let name = current.as_ref().ok_or(wrong("a sample of no family"))?;
        let family = families.get_mut(name).ok_or(wrong("no family"))?;
        let suffix = sample.name.strip_prefix(name.as_str());
        let fits = match family.kind.as_str() {
            "gauge" => suffix == Some("") && !sample.value.is_nan(),
            "counter" => suffix == Some("_total") && sample.value >= 0.0,
            "info" => suffix == Some("_info") && sample.value == 1.0,
            "histogram" => match suffix {
                Some("_bucket") => sample.labels.contains_key("le"),
                Some("_sum" | "_count") => !sample.labels.contains_key("le"),
                _ => false,
            },
            _ => false,
        };
        if !fits {
            return Err(wrong("a sample that its type does not have"));
        }
        if !seen.insert((sample.name.clone(), sample.labels.clone())) {
            return Err(wrong("twice"));
        }
        family.samples.push(sample);
    }
    for (name, family) in &families {
        if family.kind == "histogram" {
            histogram(name, family)?;
        }
    }
    Ok(families)
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let first = bytes.next();
    first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn unescape(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        plain.push(match char {
            '\\' => match chars.next()? {
                '\\' => '\\',
                '"' => '"',
                'n' => '\n',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        let mut inner = inner;
        while !inner.starts_with('}') {
            let (label, after) = inner.split_once("=\"")?;
            let mut escaped = false;
            let close = after.find(|char| {
                let closes = char == '"' && !escaped;
                escaped = char == '\\' && !escaped;
                closes
            })?;
            let is_new = labels
                .insert(label.to_owned(), unescape(&after[..close])?)
                .is_none();
            if !is_name(label) || !is_new {
                return None;
            }
            inner = &after[close + 1..];
            match inner.strip_prefix(',') {
                Some(more) if !more.starts_with('}') => inner = more,
                Some(_) => return None,
                None => (),
            }
        }
        rest = &inner[1..];
    }
    let value = rest.strip_prefix(' ')?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        "NaN" => f64::NAN,
        number
            if number
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')) =>
        {
            number.parse().ok()?
        }
        _ => return None,
    };
    is_name(name).then(|| Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

/// Classes that rise, up to one without an upper end that holds all.
fn histogram(name: &str, family: &Family) -> Result<(), String> {
    let mut classes: BTreeMap<BTreeMap<String, String>, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in family
        .samples
        .iter()
        .filter(|sample| sample.name.ends_with("_bucket"))
    {
        let mut labels = sample.labels.clone();
        let end = labels.remove("le").unwrap_or_default();
        let end = if end == "+Inf" {
            f64::INFINITY
        } else {
            end.parse().map_err(|_| format!("{name}: le={end:?}"))?
        };
        classes.entry(labels).or_default().push((end, sample.value));
    }
    for (labels, classes) in &classes {
        let rises = classes
            .windows(2)
            .all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        let count = family
            .samples
            .iter()
            .find(|sample| sample.name.ends_with("_count") && &sample.labels == labels)
            .map(|sample| sample.value);
        let last = classes.last();
        if !rises || last.map(|last| last.0) != Some(f64::INFINITY) || last.map(|last| last.1) != count {
            return Err(format!("{name} {labels:?}: {classes:?}, {count:?} in all"));
        }
    }
    Ok(())
}

#[test]
fn what_is_no_openmetrics_is_refused() {
    let good = "# HELP a_seconds b \\\\ c\n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds{x=\"1\\\"2\",y=\"\"} 1e-3\n# EOF\n";
    let families = parse(good).unwrap();
    assert_eq!(families["a_seconds"].samples[0].labels["x"], "1\"2");
    let bad = [
        "# TYPE a gauge\na 1\n",
        "# TYPE a gauge\na 1\n# EOF\n# EOF\n",
        "# TYPE a gauge\na 1\na 1\n# EOF\n",
        "# TYPE a counter\na 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"1} 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"\\t\"} 1\n# EOF\n",
        "# TYPE a gauge\na one\n# EOF\n",
        "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
        "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n",
        "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n# EOF\n",
    ];
    for text in bad {
        assert!(parse(text).is_err(), "{text}");
    }
}
