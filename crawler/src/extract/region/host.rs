//! Whose site an address belongs to.
//!
//! Only addresses below `gov.cn` say so: each government has one domain there (国办发〔2017〕47号), most of them a spelling
//! of its name, its departments below it (`sfj.cangzhou.gov.cn`), and counties below their prefecture or in a folder of
//! its site. A spelling that several divisions share stands for all of them.

use report::{Level, RegionCode, divisions};
use url::Url;

use super::national::{has_host, nation};

/// A part of an address with the divisions it can stand for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trace {
    pub(super) signal: &'static str,
    pub(super) value: String,
    pub(super) codes: Vec<RegionCode>,
    pub(super) weight: f64,
}

/// Domains that are no spelling of the name, and those of spellings shared by several cities.
const DOMAINS: &[(&str, &str)] = &[
    ("bj", "110000"),
    ("tj", "120000"),
    ("nmg", "150000"),
    ("ln", "210000"),
    ("jl", "220000"),
    ("hlj", "230000"),
    ("sh", "310000"),
    ("js", "320000"),
    ("zj", "330000"),
    ("ah", "340000"),
    ("fj", "350000"),
    ("gd", "440000"),
    ("gxzf", "450000"),
    ("cq", "500000"),
    ("sc", "510000"),
    ("yn", "530000"),
    ("qh", "630000"),
    ("nx", "640000"),
    ("xjbt", "650000"),
    ("gz", "440100"),
    ("sz", "440300"),
    ("dg", "441900"),
    ("zs", "442000"),
    ("sjz", "130100"),
    ("dl", "210200"),
    ("xa", "610100"),
    ("xm", "350200"),
    ("km", "530100"),
    ("my", "510700"),
    ("wlmq", "650100"),
    ("huhhot", "150100"),
    ("harbin", "230100"),
    ("qqhr", "230200"),
    ("hlbe", "150700"),
    ("ordos", "150600"),
    ("bynr", "150800"),
    ("xlgl", "152500"),
    ("lasa", "540100"),
    ("xjbz", "652800"),
    ("xjyl", "654000"),
    ("suzhou", "320500"),
    ("fuzhou", "350100"),
    ("taizhou", "321200"),
    ("yichun", "360900"),
    ("yulin", "450900"),
    ("zgcy", "211300"),
];

/// Abbreviations of provinces that domains put before a spelling: `hnloudi`, `scyibin`.
const PREFIXES: &[(&str, &str)] = &[
    ("hn", "43 41 46"),
    ("sc", "51"),
    ("sd", "37"),
    ("js", "32"),
    ("zj", "33"),
    ("ah", "34"),
    ("gd", "44"),
    ("gx", "45"),
    ("gz", "52"),
    ("yn", "53"),
    ("hb", "42 13"),
    ("ln", "21"),
    ("jl", "22"),
    ("hlj", "23"),
    ("nm", "15"),
    ("nmg", "15"),
    ("fj", "35"),
    ("jx", "36"),
    ("sx", "14 61"),
    ("sn", "61"),
    ("gs", "62"),
    ("qh", "63"),
    ("nx", "64"),
    ("xj", "65"),
    ("xz", "54"),
    ("cq", "50"),
    ("tj", "12"),
    ("bj", "11"),
    ("sh", "31"),
    ("ha", "41"),
    ("he", "13"),
];

/// What the address of a page says.
pub(super) fn traces(url: &Url) -> Vec<Trace> {
    let Some(host) = url.host_str().map(str::to_ascii_lowercase) else {
        return Vec::new();
    };
    let Some(labels) = host.strip_suffix("gov.cn").map(|rest| rest.trim_end_matches('.')) else {
        return Vec::new();
    };
    let mut labels = labels.rsplit('.').filter(|label| !label.is_empty());
    let domain = labels.next().unwrap_or("www");
    let mut out = Vec::new();
    let mut found = if has_host(domain) {
        let codes: Vec<RegionCode> = nation().into_iter().collect();
        Some(Trace {
            signal: "host",
            value: host.clone(),
            codes,
            weight: 0.95,
        })
    } else {
        of_domain(domain).map(|(codes, weight)| Trace {
            signal: "host",
            value: host.clone(),
            codes,
            weight,
        })
    };
    // What lies below: first in the host, then in the folders of the path.
    let folders = url.path_segments().into_iter().flatten().take(3);
    let steps = labels
        .map(|label| ("host", label))
        .chain(folders.map(|folder| ("path", folder)));
    for (signal, step) in steps {
        let Some(above) = &found else { break };
        let codes = within(&spelled(step), &above.codes);
        if !codes.is_empty() {
            let value = if signal == "host" {
                host.clone()
            } else {
                format!("{host}/…/{step}")
            };
            let weight = if signal == "host" {
                above.weight.min(0.8)
            } else {
                0.35
            };
            let below = Trace {
                signal,
                value,
                codes,
                weight,
            };
            out.extend(found.replace(below));
            if signal == "path" {
                break;
            }
        }
    }
    out.extend(found);
    out
}

/// The divisions that a domain directly below `gov.cn` can stand for, and how sure that is.
fn of_domain(label: &str) -> Option<(Vec<RegionCode>, f64)> {
    let known = DOMAINS
        .iter()
        .find(|(labels, _)| labels.split(' ').any(|known| known == label));
    if let Some((_, code)) = known {
        return Some((code.parse().into_iter().collect(), 0.9));
    }
    let spelled = spelled(label);
    if let Some(first) = spelled.first() {
        let level = first.level();
        let top: Vec<RegionCode> = spelled
            .iter()
            .copied()
            .filter(|code| code.level() == level)
            .collect();
        let weight = match (level, spelled.len()) {
            (Level::Province, _) => 0.9,
            (Level::City, 1) => 0.85,
            (Level::City, _) => 0.75,
            (Level::County, _) => 0.75,
        };
        return Some((top, weight));
    }
    let (codes, weight) = PREFIXES
        .iter()
        .filter_map(|(prefix, provinces)| {
            let rest = label.strip_prefix(prefix)?;
            let codes: Vec<RegionCode> = self::spelled(rest)
                .into_iter()
                .filter(|code| code.level() != Level::Province)
                .filter(|code| {
                    provinces
                        .split(' ')
                        .any(|digits| code.to_string().starts_with(digits))
                })
                .collect();
            (!codes.is_empty()).then_some((codes, 0.75))
        })
        .next()?;
    Some((codes, weight))
}

/// Divisions spelled like this; two or three letters are abbreviations of many things.
fn spelled(letters: &str) -> Vec<RegionCode> {
    const SHORTEST: usize = 4;
    if letters.len() < SHORTEST {
        return Vec::new();
    }
    divisions().spelled(letters).to_vec()
}

/// Those of the codes that lie below one of the others; all of them below the country.
fn within(codes: &[RegionCode], above: &[RegionCode]) -> Vec<RegionCode> {
    let lies = |code: &&RegionCode| {
        above.iter().any(|above| {
            **code != *above
                && (divisions().is_within(**code, *above)
                    || super::national::is_nation(*above) && code.level() == Level::Province)
        })
    };
    codes.iter().filter(lies).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Vec<(String, &'static str)> {
        let traces = traces(&Url::parse(url).unwrap());
        traces
            .into_iter()
            .flat_map(|trace| {
                trace
                    .codes
                    .into_iter()
                    .map(move |code| (code.to_string(), trace.signal))
            })
            .collect()
    }

    #[test]
    fn addresses_of_governments() {
        for (url, expected) in [
            ("http://www.hubei.gov.cn/a/b.html", vec!["420000"]),
            ("http://www.gd.gov.cn/", vec!["440000"]),
            ("https://www.shanxi.gov.cn/", vec!["140000"]),
            ("https://www.shaanxi.gov.cn/", vec!["610000"]),
            ("https://www.wenzhou.gov.cn/art/1.html", vec!["330300"]),
            ("https://sfj.cangzhou.gov.cn/", vec!["130900"]),
            ("http://www.haiyuan.gov.cn/", vec!["640522"]),
            ("http://www.hnloudi.gov.cn/", vec!["431300"]),
            // In Hunan; three others are spelled so.
            ("http://www.hnchangning.gov.cn/", vec!["430482"]),
            (
                "http://www.changning.gov.cn/",
                vec!["310105", "430482", "511524", "530524"],
            ),
            (
                "http://admin.shaoyang.gov.cn/xinshao/202105/1.html",
                vec!["430500", "430522"],
            ),
            ("http://www.hainan.gov.cn/", vec!["460000"]),
            ("http://www.gov.cn/zhengce/1.htm", vec!["100000"]),
            ("https://gkml.samr.gov.cn/", vec!["100000"]),
            ("https://guangdong.chinatax.gov.cn/", vec!["100000", "440000"]),
            ("http://www.qinghe.example/", vec![]),
            ("http://www.zw.gov.cn/", vec![]),
            ("http://10.0.0.1/", vec![]),
        ] {
            let found: Vec<String> = of(url).into_iter().map(|(code, _)| code).collect();
            assert_eq!(found, expected, "{url}");
        }
        assert_eq!(of("http://admin.shaoyang.gov.cn/xinshao/1.html")[1].1, "path");
    }
}
