//! The year a report is about.
//!
//! Not the year it was published: reports come out in the year after, or years later, and plans that they quote span
//! several. What counts depends on the genre: a work report sets the tasks of its year, budgets and development reports
//! are about the year that was executed, a notice or a plan is about no year unless its title names one. So it is with
//! news, explanations and everything else: a year in the title, or none.
//!
//! Years in a title are read first: not those of spans, of serial numbers, of a day. Of a yearly report the text speaks
//! when the title does not: its opening, its headings, the year it names most. The day of publication is the last
//! resort, and only in the months when such reports are due. Han and full-width digits are turned into plain ones
//! before anything is read.

use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};

use jiff::civil::Date;
use regex::{Captures, Regex};
use report::{Genre, YearBasis};

use super::{
    boilerplate::{beginning, compact, patterns},
    evidence::{Finding, Found, reject},
};

patterns! {
    /// 二〇二三年, 二○二三年, 二O二三年, １９９２年.
    SPELLED = r"[一二][〇○零九OoΟＯ0][〇○零OoΟＯ0一二三四五六七八九]{2}[年-]|[０-９]{4}";
    YEAR = r"(?:19|20)\d{2}年度?|(?:19|20)\d{2}度";
    /// Both ends: 2021—2025年, 2021年至2025年, 2023-2024学年, and 20212025年 that lost its dash.
    SPAN = r"(?:19|20)\d{2}年?[-—–―−~～至到]+(?:20)?\d{2,4}(?:学?年)?|(?:19|20)\d{2}(?:19|20)\d{2}(?:学?年)";
    /// A year that stands alone in brackets, or begins a title.
    ALONE = r"[(（\[【]((?:19|20)\d{2})[)）\]】]|^((?:19|20)\d{2})[^\d年.-]";
    /// 23年度, of a title that names no full year.
    SHORT = r"(?:^|[^\d第近前后])([012]\d)年度?(?:[^来间内以周前后多]|$)";
    /// 2023年第5号, 〔2023〕5号: serial numbers; (2021年修订): of a text, not of what it is about.
    SERIAL = r"(?:19|20)\d{2}年第\d{1,4}号|[〔\[【(（﹝](?:19|20)\d{2}[〕\]】)）﹞]\d{1,5}号|(?:19|20)\d{2}年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:修订|修正|修改)";
    /// A day, or a time up to which: 2024年2月, 截至2024年, 2023年底前, 2035年远景目标.
    DAY = r"(?:19|20)\d{2}年(?:远景|愿景|中长期)|(?:19|20)\d{2}年\d{1,2}月(?:\d{1,2}日)?|截(?:至|止到?)(?:19|20)\d{2}年(?:底|末)?|(?:19|20)\d{2}年[底末]?[之以]?前";
    UP_TO = r"(?:截(?:至|止到?)|到|至)(?:19|20)\d{2}年(?:底|末|\d{1,2}月(?:底|末|\d{1,2}日)?)?";
    QUOTED = r"《[^《》\n]{0,160}》";
    /// Years whose plans are named beside what was done: 和2024年工作计划, 与2024年预算草案.
    AHEAD = r"((?:19|20)\d{2})年度?[^\d]{0,20}?(?:计划|安排|打算|思路|预算|草案|目标|要点|部署)";
    /// ——2023年2月2日在清河县第十八届人民代表大会第三次会议上
    DELIVERED = r"((?:19|20)\d{2})年(\d{1,2})月(\d{1,2})日[^。]{0,40}?在.{0,40}(?:会[议議]|大会)(?:第.次(?:全体)?会议)?上?";
    OPENING = r"^((?:19|20)\d{2})年(?:度|以来|来)?(?:[,，、:：]|[^\d月底末初前后春夏秋冬至到起\-—–~])";
    /// 现将2022年度…情况报告如下; 根据…编制2022年度报告; 2022年1月1日至12月31日.
    REPORTED = r"现(?:就|将|对|把)[^。\n]{0,40}?((?:19|20)\d{2})年[^。\n]{0,60}(?:报告|汇报|总结|公布|公开|说明|通报)|((?:19|20)\d{2})年1月1日(?:起)?[至到\-—–~]+(?:(?:19|20)\d{2}年)?12月31日|(?:编制|撰写|形成)(?:了|的|本|[^。\n\d]){0,12}((?:19|20)\d{2})年(?:度)?[^。\n]{0,24}报告";
    HEADING = r"(?m)^\s*(?:[一二三四五六]、|[(（][一二三四五六][)）])?[^\d\n。]{0,6}((?:19|20)\d{2})年[^。\n]{0,40}$";
    NEXT = r"(?m)^\s*[一二三四五六七八]?、?[^\d\n。]{0,6}((?:19|20)\d{2})年[^\n。]{0,16}(?:安排|打算|计划|思路|重点|目标|任务|总体要求|部署)[^。\n]{0,12}$";
    /// A heading that looks back: 一、2022年工作回顾.
    REVIEW = r"(?m)^\s*[一二三四]?、?[^\d\n。]{0,6}((?:19|20)\d{2})年[^\n。]{0,12}(?:回顾|总结|工作情况)[^。\n]{0,8}$";
    EXECUTED = r"((?:19|20)\d{2})年[^\d]{0,30}?(?:执行情况|执行|决算)";
}

/// The year, and what it was read from.
pub(crate) fn finding<'d>(
    genre: Genre,
    title: Option<&str>,
    text: &str,
    published: Option<Date>,
) -> Finding<'d, (i32, YearBasis)> {
    let found = of(genre, title, text, published);
    let mut rejected = Vec::new();
    if found.is_none()
        && let Some(span) = title.and_then(|title| SPAN.find(title))
    {
        let why = "a span of years is not the year of a report";
        reject(&mut rejected, span.as_str().to_owned(), why);
    }
    Finding { found, rejected }
}

fn of<'d>(
    genre: Genre,
    title: Option<&str>,
    text: &str,
    published: Option<Date>,
) -> Option<Found<'d, (i32, YearBasis)>> {
    let because =
        |basis: YearBasis| move |(year, words): (i32, String)| Found::new((year, basis), basis.code(), words);
    let titled = title.and_then(|title| in_title(genre, &plain(&compact(title))));
    let titled = titled.map(|year| (year, title.unwrap_or_default().to_owned()));
    if genre == Genre::WorkReport {
        return of_work_report(titled, text, published).map(|(basis, found)| because(basis)(found));
    }
    if let Some(found) = titled {
        return Some(because(YearBasis::Title)(found));
    }
    let yearly = matches!(
        genre,
        Genre::RuleOfLawReport
            | Genre::OpenGovernmentReport
            | Genre::BudgetReport
            | Genre::StatisticalBulletin
            | Genre::DevelopmentReport
    );
    if !yearly {
        return None;
    }
    let text = plain(beginning(text, READ));
    let text = QUOTED.replace_all(&text, "");
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

/// Characters of a text that are read.
const READ: usize = 60_000;

/// The year whose tasks a work report sets. Titles name now the year reviewed, now the year to come; the day it was
/// given decides, then the headings of its parts.
fn of_work_report(
    titled: Option<(i32, String)>,
    text: &str,
    published: Option<Date>,
) -> Option<(YearBasis, (i32, String))> {
    let text = plain(beginning(text, READ));
    let given = delivered(&text);
    // 今后五年 and far goals name later years, so what was reviewed goes first.
    let ahead = || {
        let year_of = |parts: Captures<'_>| Some((number(&parts[1])?, parts[0].trim().to_owned()));
        let past = REVIEW.captures(&text).and_then(year_of);
        past.map(|(year, words)| (year + 1, words))
            .or_else(|| NEXT.captures(&text).and_then(year_of))
    };
    let sets = given
        .map(|found| (YearBasis::Body, found))
        .or_else(|| ahead().map(|found| (YearBasis::Heading, found)));
    match (sets, titled) {
        // Years apart, the text cites something else.
        (Some((basis, found)), Some(title)) if found.0 != title.0 && (found.0 - title.0).abs() <= 1 => {
            Some((basis, found))
        }
        (_, Some(title)) => Some((YearBasis::Title, title)),
        (Some(sets), None) => Some(sets),
        (None, None) => {
            let day = published?;
            let year = next_of_winter(i32::from(day.year()), day.month());
            Some((YearBasis::Published, (year, day.to_string())))
        }
    }
}

/// Years in Han or full-width digits as plain ones: 二〇二三年 is 2023年.
fn plain(text: &str) -> Cow<'_, str> {
    SPELLED.replace_all(text, |parts: &Captures<'_>| {
        parts[0].chars().map(digit).collect::<String>()
    })
}

fn digit(c: char) -> char {
    match c {
        '〇' | '○' | '零' | 'O' | 'o' | 'Ο' | 'Ｏ' => '0',
        '一' => '1',
        '二' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        '０'..='９' => char::from(b'0' + (u32::from(c) - u32::from('０')) as u8),
        other => other,
    }
}

fn in_title(genre: Genre, title: &str) -> Option<i32> {
    let title = SERIAL.replace_all(title, "");
    if matches!(genre, Genre::BudgetReport | Genre::DevelopmentReport)
        && let Some(executed) = EXECUTED.captures(&SPAN.replace_all(&title, ""))
    {
        return number(&executed[1]);
    }
    // The day of a document is not what it is about.
    let title = DAY.replace_all(&title, "");
    // A quoted plan has its own years, but a title may also quote the whole of what it is about.
    let outside = QUOTED.replace_all(&title, "");
    let yearly = !matches!(genre, Genre::Notice | Genre::Plan);
    let found = years(&outside, yearly).or_else(|| years(&title, yearly));
    let report = yearly && !matches!(genre, Genre::News | Genre::Interpretation | Genre::Other);
    found.or_else(|| report.then(|| short(&outside)).flatten())
}

/// The one year that a title names; `None` for a span. Of several, the one that no plan is made for.
fn years(title: &str, yearly: bool) -> Option<i32> {
    let title = SPAN.replace_all(title, "");
    let named = all(&YEAR, &title);
    match named[..] {
        [year] => return Some(year),
        [] => {}
        // 2023年工作总结及2024年工作计划
        _ if yearly => {
            let ahead: Vec<i32> = all(&AHEAD, &title);
            let mut past = named.iter().filter(|year| !ahead.contains(year));
            return past.next().copied().filter(|_| past.next().is_none());
        }
        _ => return None,
    }
    // 清河县政府信息公开工作年度报告(2023)
    let alone = ALONE.captures_iter(&title);
    let mut alone: Vec<i32> = alone
        .filter_map(|parts| number(parts.get(1).or_else(|| parts.get(2))?.as_str()))
        .collect();
    alone.dedup();
    if let [year] = alone[..] { Some(year) } else { None }
}

/// All the years that a pattern finds, repetitions left out.
fn all(pattern: &Regex, text: &str) -> Vec<i32> {
    let mut years: Vec<i32> = pattern
        .find_iter(text)
        .filter_map(|found| number(found.as_str()))
        .collect();
    years.sort_unstable();
    years.dedup();
    years
}

/// 23年法治政府建设工作总结
fn short(title: &str) -> Option<i32> {
    let parts = SHORT.captures(title)?;
    parts[1].parse::<i32>().ok().map(|year| 2000 + year)
}

/// Reads the year at the beginning of a string.
fn number(text: &str) -> Option<i32> {
    let digits: String = text.chars().take(4).collect();
    digits.parse().ok().filter(|year| (1949..=2100).contains(year))
}

/// The year of a work report by the day it was given: those of the last months set the tasks of the next year.
fn delivered(text: &str) -> Option<(i32, String)> {
    let head: String = compact(beginning(text, 600));
    let parts = DELIVERED.captures(&head)?;
    let month = parts[2].parse().ok()?;
    Some((next_of_winter(number(&parts[1])?, month), parts[0].to_owned()))
}

fn next_of_winter(year: i32, month: i8) -> i32 {
    if month >= 11 { year + 1 } else { year }
}

fn in_opening(text: &str) -> Option<(i32, String)> {
    let opening = beginning(text, 1_000);
    let mut lines = opening.lines().filter(|line| !line.trim().is_empty()).take(4);
    let first = lines.find_map(|line| {
        let parts = OPENING.captures(line.trim())?;
        Some((number(&parts[1])?, parts[0].to_owned()))
    });
    first.or_else(|| {
        let opening = SPAN.replace_all(opening, |parts: &Captures<'_>| {
            // The span of one year in days is no span of years.
            if parts[0].contains('日') {
                parts[0].to_owned()
            } else {
                String::new()
            }
        });
        let parts = REPORTED.captures(&opening)?;
        let year = parts.iter().skip(1).flatten().next()?;
        Some((number(year.as_str())?, parts[0].to_owned()))
    })
}

fn in_headings(text: &str) -> Option<(i32, String)> {
    let next = || {
        let parts = NEXT.captures_iter(text).last()?;
        Some((number(&parts[1])? - 1, parts[0].trim().to_owned()))
    };
    let own = HEADING
        .captures_iter(text)
        .find(|parts| !SPAN.is_match(&parts[0]));
    let own = own.and_then(|parts| Some((number(&parts[1])?, parts[0].trim().to_owned())));
    // A heading with the plans of the next year must not be taken for the year itself.
    own.filter(|(own, _)| next().is_none_or(|(next, _)| *own <= next))
        .or_else(next)
}

/// The year that the text names most, if it does so three times and twice as often as any other.
fn most_used(text: &str) -> Option<(i32, String)> {
    let text = SPAN.replace_all(text, "");
    let text = UP_TO.replace_all(&text, "");
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for year in YEAR.find_iter(&text).filter_map(|found| number(found.as_str())) {
        *counts.entry(year).or_default() += 1;
    }
    let mut ranked: Vec<(usize, i32)> = counts.into_iter().map(|(year, count)| (count, year)).collect();
    ranked.sort_unstable();
    let (count, year) = ranked.pop()?;
    let second = ranked.pop().map_or(0, |(count, _)| count);
    (count >= 3 && count >= 2 * second).then(|| (year, format!("{year} ×{count}")))
}

#[cfg(test)]
mod tests;
