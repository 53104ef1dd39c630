//! What is written in pictures, in both languages.

use index::{By, Measure};

use super::Scale;
use crate::{language::Lang, web::labels};

/// The texts of pictures in one language.
#[derive(Debug)]
pub(super) struct ChartWords {
    share_of_reports: &'static str,
    reports: &'static str,
    share_of_chars: &'static str,
    occurrences: &'static str,
    pub(super) every_report: &'static str,
    /// Behind a dash: what it stands for.
    pub(super) no_report: &'static str,
    /// Around the number of keys that are left out.
    pub(super) left_out: (&'static str, &'static str),
}

static ZH: ChartWords = ChartWords {
    share_of_reports: "占报告总数的百分比（%）",
    reports: "报告数（篇）",
    share_of_chars: "每万汉字出现次数",
    occurrences: "出现次数",
    every_report: "全部报告",
    no_report: "没有报告",
    left_out: ("另有 ", " 项未列出"),
};

static EN: ChartWords = ChartWords {
    share_of_reports: "Share of all reports (%)",
    reports: "Number of reports",
    share_of_chars: "Occurrences per 10,000 Han characters",
    occurrences: "Number of occurrences",
    every_report: "All reports",
    no_report: "no report",
    left_out: ("", " more are not shown"),
};

impl ChartWords {
    pub(super) fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }

    /// What the numbers are.
    pub(super) fn unit(&self, measure: Measure, scale: Scale) -> &'static str {
        match (measure, scale) {
            (Measure::Reports, Scale::Share) => self.share_of_reports,
            (Measure::Reports, Scale::Count) => self.reports,
            (Measure::Occurrences, Scale::Share) => self.share_of_chars,
            (Measure::Occurrences, Scale::Count) => self.occurrences,
        }
    }
}

/// What a key is called in a language, where that is not what it is called in Chinese.
pub(super) fn label(lang: Lang, by: By, key: &str) -> Option<&'static str> {
    match (lang, by) {
        (Lang::Zh, _) => None,
        (_, By::Genre) => key.parse().ok().map(|genre| labels::genre(lang, genre)),
        (_, By::Province) => province(key),
        // Cities and counties have names in Chinese only.
        (_, By::Year | By::City | By::County) => None,
    }
}

/// The English name of a province-level division, by its code.
pub(crate) fn province(code: &str) -> Option<&'static str> {
    let found = PROVINCES.iter().find(|(known, _)| *known == code);
    found.map(|(_, name)| *name)
}

const PROVINCES: [(&str, &str); 34] = [
    ("110000", "Beijing"),
    ("120000", "Tianjin"),
    ("130000", "Hebei"),
    ("140000", "Shanxi"),
    ("150000", "Inner Mongolia"),
    ("210000", "Liaoning"),
    ("220000", "Jilin"),
    ("230000", "Heilongjiang"),
    ("310000", "Shanghai"),
    ("320000", "Jiangsu"),
    ("330000", "Zhejiang"),
    ("340000", "Anhui"),
    ("350000", "Fujian"),
    ("360000", "Jiangxi"),
    ("370000", "Shandong"),
    ("410000", "Henan"),
    ("420000", "Hubei"),
    ("430000", "Hunan"),
    ("440000", "Guangdong"),
    ("450000", "Guangxi"),
    ("460000", "Hainan"),
    ("500000", "Chongqing"),
    ("510000", "Sichuan"),
    ("520000", "Guizhou"),
    ("530000", "Yunnan"),
    ("540000", "Tibet"),
    ("610000", "Shaanxi"),
    ("620000", "Gansu"),
    ("630000", "Qinghai"),
    ("640000", "Ningxia"),
    ("650000", "Xinjiang"),
    ("710000", "Taiwan"),
    ("810000", "Hong Kong"),
    ("820000", "Macao"),
];
