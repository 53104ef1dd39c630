//! The year a report is about.
//!
//! Not the year it was published: reports come out in the year after, or years later, and plans that they quote span
//! several. What counts depends on the genre: a work report sets the tasks of its year, a budget report is about the
//! year that was executed, a notice is about no year unless its title names one.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::civil::Date;
use regex::Regex;
use report::{Genre, YearBasis};

use super::{
    boilerplate::{compact, patterns},
    evidence::Found,
};

patterns! {
    /// A year, or both ends of a span of years.
    YEAR = r"(?:((?:19|20)\d{2})|([二一][〇○零九][〇○零一二三四五六七八九]{2}))年?(?:[-—–~至到]+(?:20)?\d{2,4}年?|年度?|度)?";
    BARE = r"(?:19|20)\d{2}(?:年度?|度)|[二一][〇○零九][〇○零一二三四五六七八九]{2}年";
    SPAN = r"(?:19|20)\d{2}年?[-—–~至到]+(?:20)?\d{2,4}";
    MONTH = r"(?:19|20)\d{2}年\d{1,2}月";
    QUOTED = r"《[^《》\n]{0,160}》";
    /// ——2023年2月2日在清河县第十八届人民代表大会第三次会议上
    DELIVERED = r"((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日,?在.{2,40}会议上";
    OPENING = r"^((?:19|20)\d{2})年(?:度|以来|来)?[,，]";
    HEADING = r"(?m)^[一二三四五六]、((?:19|20)\d{2})年";
    NEXT = r"(?m)^[二三四五六七]、.{0,4}((?:19|20)\d{2})年.{0,10}(?:工作)?(?:安排|打算|计划|思路|重点|目标|任务)";
    EXECUTED = r"((?:19|20)\d{2})年(?:度|财政|本级|全?[省市县区])?.{0,12}(?:执行情况|决算)";
}

/// The year, and what it was read from.
pub(crate) fn of<'d>(
    genre: Genre,
    title: Option<&str>,
    text: &str,
    published: Option<Date>,
) -> Option<Found<'d, (i32, YearBasis)>> {
    // Titles of work reports name now the year reviewed, now the year to come; the day it was given decides.
    let given = (genre == Genre::WorkReport).then(|| delivered(text)).flatten();
    let titled = title.and_then(|title| in_title(genre, &compact(title)));
    let because =
        |basis: YearBasis| move |(year, words): (i32, String)| Found::new((year, basis), basis.code(), words);
    if let Some(given) = given.filter(|(year, _)| titled != Some(*year)) {
        return Some(because(YearBasis::Body)(given));
    }
    if let Some(year) = titled {
        return Some(because(YearBasis::Title)((
            year,
            title.unwrap_or_default().to_owned(),
        )));
    }
    let yearly = matches!(
        genre,
        Genre::RuleOfLawReport
            | Genre::OpenGovernmentReport
            | Genre::WorkReport
            | Genre::BudgetReport
            | Genre::StatisticalBulletin
            | Genre::DevelopmentReport
    );
    if !yearly {
        return None;
    }
    if genre == Genre::WorkReport {
        let day = published?;
        let year = next_of_winter(i32::from(day.year()), day.month());
        return Some(because(YearBasis::Published)((year, day.to_string())));
    }
    let text = QUOTED.replace_all(text, "");
    in_opening(&text)
        .map(because(YearBasis::Body))
        .or_else(|| in_headings(&text).map(because(YearBasis::Heading)))
        .or_else(|| most_used(&text).map(because(YearBasis::Body)))
        .or_else(|| {
            // Yearly reports are due in the first months of the year that follows.
            let day = published.filter(|day| day.month() <= 6)?;
            let year = i32::from(day.year()) - 1;
            Some(because(YearBasis::Published)((year, day.to_string())))
        })
}

fn in_title(genre: Genre, title: &str) -> Option<i32> {
    if matches!(genre, Genre::BudgetReport | Genre::DevelopmentReport)
        && let Some(executed) = EXECUTED.captures(title)
    {
        return number(&executed[1]);
    }
    // The day of a notice is not what it is about.
    let title = if matches!(genre, Genre::Notice | Genre::Plan) {
        MONTH.replace_all(title, "")
    } else {
        title.into()
    };
    // A quoted plan has its own years, but a title may also quote the whole of what it is about.
    let outside = QUOTED.replace_all(&title, "");
    years(&outside).or_else(|| years(&title))
}

/// The one year that a title names; `None` for several, or for a span.
fn years(title: &str) -> Option<i32> {
    let title = SPAN.replace_all(title, "");
    let mut named: Vec<i32> = BARE
        .find_iter(&title)
        .filter_map(|found| number(found.as_str()))
        .collect();
    named.dedup();
    if let [year] = named[..] {
        return Some(year);
    }
    if !named.is_empty() {
        return None;
    }
    // 清河县政府信息公开工作年度报告(2023)
    let mut bare: Vec<i32> = YEAR
        .find_iter(&title)
        .filter_map(|found| number(found.as_str()))
        .collect();
    bare.dedup();
    if let [year] = bare[..] { Some(year) } else { None }
}

/// Reads the year at the beginning of a string, in either kind of digits.
fn number(text: &str) -> Option<i32> {
    let digits: String = text
        .chars()
        .take(4)
        .map(|c| match c {
            '〇' | '○' | '零' => '0',
            '一' => '1',
            '二' => '2',
            '三' => '3',
            '四' => '4',
            '五' => '5',
            '六' => '6',
            '七' => '7',
            '八' => '8',
            '九' => '9',
            other => other,
        })
        .collect();
    digits.parse().ok().filter(|year| (1990..=2100).contains(year))
}

/// The year of a work report by the day it was given: those of the last months set the tasks of the next year.
fn delivered(text: &str) -> Option<(i32, String)> {
    let head: String = compact(&text.chars().take(600).collect::<String>());
    let parts = DELIVERED.captures(&head)?;
    let month = parts[2].parse().ok()?;
    Some((next_of_winter(number(&parts[1])?, month), parts[0].to_owned()))
}

fn next_of_winter(year: i32, month: i8) -> i32 {
    if month >= 11 { year + 1 } else { year }
}

fn in_opening(text: &str) -> Option<(i32, String)> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(4);
    lines.find_map(|line| {
        let parts = OPENING.captures(line.trim())?;
        Some((number(&parts[1])?, parts[0].to_owned()))
    })
}

fn in_headings(text: &str) -> Option<(i32, String)> {
    let next = || {
        let parts = NEXT.captures_iter(text).last()?;
        Some((number(&parts[1])? - 1, parts[0].to_owned()))
    };
    let own = HEADING.captures(text);
    let own = own.and_then(|parts| Some((number(&parts[1])?, parts[0].to_owned())));
    // A heading with the plans of the next year must not be taken for the year itself.
    own.filter(|(own, _)| next().is_none_or(|(next, _)| *own <= next))
        .or_else(next)
}

/// The year that the text names most, if it does so three times and twice as often as any other.
fn most_used(text: &str) -> Option<(i32, String)> {
    const READ: usize = 60_000;
    let text: String = text.chars().take(READ).collect();
    let text = SPAN.replace_all(&text, "");
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for year in BARE.find_iter(&text).filter_map(|found| number(found.as_str())) {
        *counts.entry(year).or_default() += 1;
    }
    let mut ranked: Vec<(usize, i32)> = counts.into_iter().map(|(year, count)| (count, year)).collect();
    ranked.sort_unstable();
    let (count, year) = ranked.pop()?;
    let second = ranked.pop().map_or(0, |(count, _)| count);
    (count >= 3 && count >= 2 * second).then(|| (year, format!("{year} ×{count}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(genre: Genre, title: &str, text: &str) -> Option<(i32, YearBasis)> {
        let found = of(genre, Some(title).filter(|title| !title.is_empty()), text, None);
        found.map(|found| found.value)
    }

    #[test]
    fn titles_name_the_year() {
        let title = Some(YearBasis::Title);
        for (genre, text, expected) in [
            (
                Genre::RuleOfLawReport,
                "清河市2020年度法治政府建设工作情况报告",
                2020,
            ),
            (
                Genre::OpenGovernmentReport,
                "清河县政府信息公开工作年度报告（2023）",
                2023,
            ),
            (
                Genre::RuleOfLawReport,
                "清河县二〇二一年法治政府建设情况报告",
                2021,
            ),
            (
                Genre::BudgetReport,
                "关于清河县2023年财政预算执行情况和2024年财政预算草案的报告",
                2023,
            ),
            (Genre::BudgetReport, "清河县2024年部门预算公开", 2024),
            (
                Genre::Notice,
                "关于印发清河县2023年法治政府建设工作要点的通知",
                2023,
            ),
            (
                Genre::RuleOfLawReport,
                "关于贯彻《法治政府建设实施纲要（2021-2025年）》2022年度情况的报告",
                2022,
            ),
        ] {
            assert_eq!(
                year(genre, text, ""),
                Some((expected, YearBasis::Title)),
                "{text}"
            );
        }
        assert_eq!(title, Some(YearBasis::Title));
        for (genre, text) in [
            (Genre::Notice, "关于印发清河县推进法治政府建设实施方案的通知"),
            (Genre::Plan, "清河县生态环境保护规划（2021—2025年）"),
            (Genre::Notice, "关于调整油价的通知（2023年4月28日）"),
            (Genre::RuleOfLawReport, "清河县法治政府建设年度报告"),
        ] {
            assert_eq!(year(genre, text, ""), None, "{text}");
        }
    }

    #[test]
    fn texts_name_the_year() {
        let genre = Genre::RuleOfLawReport;
        assert_eq!(
            year(genre, "", "2024年，清河市委、市政府坚持依法行政。"),
            Some((2024, YearBasis::Body))
        );
        assert_eq!(
            year(genre, "", "一年来，全市依法行政。\n三、2025年工作安排"),
            Some((2024, YearBasis::Heading))
        );
        let text =
            "全市依法行政。截至2021年2月，依据《纲要（2015—2020年）》，2020年办理，2020年审查，2020年培训";
        assert_eq!(year(genre, "", text), Some((2020, YearBasis::Body)));
        assert_eq!(year(Genre::Notice, "", "2024年，清河市"), None);
    }

    #[test]
    fn work_reports_set_the_tasks_of_their_year() {
        let text = "——2022年12月28日在清河县第十九届人民代表大会第二次会议上\n县长 张三\n各位代表：";
        assert_eq!(
            year(Genre::WorkReport, "政府工作报告", text),
            Some((2023, YearBasis::Body))
        );
        let text = "——2023年2月2日在清河县第十八届人民代表大会第三次会议上";
        assert_eq!(
            year(Genre::WorkReport, "政府工作报告", text),
            Some((2023, YearBasis::Body))
        );
    }

    #[test]
    fn publication_is_the_last_resort() {
        let published = Some(Date::constant(2022, 3, 1));
        let found = of(
            Genre::OpenGovernmentReport,
            Some("清河县政府信息公开年度报告"),
            "",
            published,
        );
        assert_eq!(
            found,
            Some(Found::new(
                (2021, YearBasis::Published),
                "published",
                "2022-03-01".to_owned()
            ))
        );
        let late = Some(Date::constant(2022, 9, 1));
        assert_eq!(
            of(
                Genre::OpenGovernmentReport,
                Some("清河县政府信息公开年度报告"),
                "",
                late
            ),
            None
        );
    }
}
