//! The pages about portals: what is wrong and what to do first, then all the others.

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::Response,
};
use crawler::{
    ListRecord, PortalStatus,
    health::{Alarm, AlarmKind, Evidence, RunRecord},
};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use report::{ChinaTime, divisions};

use super::report::is_web_address;
use crate::{
    api::{
        self,
        params::{Params, invalid, segment},
        portals::{days, find, share, with_sources},
        problem::Problem,
    },
    http::App,
    overview::{self, FileState, PortalState, Standing},
};

/// Portals on a page.
const PER_PAGE: usize = 100;

#[derive(Template)]
#[template(path = "portals.html")]
struct PortalsPage {
    /// Label, count, link, and whether it is the one that is shown.
    counts: Vec<(&'static str, usize, String, bool)>,
    alarmed: Vec<PortalBox>,
    others: Vec<PortalBox>,
    /// From, to, and of how many.
    range: (usize, usize, usize),
    previous: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "portal.html")]
struct PortalPage {
    portal: PortalBox,
    facts: Vec<(&'static str, String)>,
    lists: Vec<ListLine>,
    runs: Vec<RunLine>,
}

/// A list of a portal as a row of a table.
struct ListLine {
    url: String,
    /// Whether the address may become a link.
    is_link: bool,
    interval: String,
    /// Visits with news, of how many.
    visits: String,
    last_news: String,
    last_visit: String,
}

/// A portal as it is shown.
struct PortalBox {
    name: String,
    id: String,
    link: String,
    state: &'static str,
    region: String,
    reports: u64,
    alarms: Vec<AlarmBox>,
    last_success: String,
    last_new_report: String,
    next_run: String,
}

struct AlarmBox {
    label: &'static str,
    since: String,
    evidence: Vec<String>,
    action: &'static str,
    url: Option<String>,
}

/// A crawl as a row of a table.
struct RunLine {
    finished: String,
    status: &'static str,
    reason: String,
    figures: [String; 8],
}

/// `/portals`
pub(crate) async fn list(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let mut params = Params::parse(query.as_deref())?;
    let state = params.one("state")?.filter(|state| !state.is_empty());
    let state = state.map(|state| api::portals::standing(&state)).transpose()?;
    let page = params.parsed::<usize>("page")?.pop().unwrap_or(1);
    params.finish()?;
    if !(1..=100_000).contains(&page) {
        return Err(invalid("page", "it is 1 or more"));
    }
    let page = with_sources(&app, move |sources| {
        Ok(PortalsPage::new(
            overview::all(sources, Timestamp::now())?,
            state,
            page,
        ))
    });
    super::page(&page.await?)
}

/// `/portals/{id}`
pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    Params::parse(query.as_deref())?.finish()?;
    let portal = find(&app, segment(path)?).await?;
    super::page(&PortalPage::new(&portal))
}

impl PortalsPage {
    fn new(mut portals: Vec<PortalState>, wanted: Option<Standing>, page: usize) -> Self {
        let link = |state: Option<Standing>, page: usize| {
            let state = state.map(|state| format!("state={}", state.code()));
            let page = (page > 1).then(|| format!("page={page}"));
            let query: Vec<String> = state.into_iter().chain(page).collect();
            match query.is_empty() {
                true => "/portals".to_owned(),
                false => format!("/portals?{}", query.join("&")),
            }
        };
        let all = ("全部", portals.len(), link(None, 1), wanted.is_none());
        let of_each = overview::count(&portals).into_iter().map(|(state, n)| {
            let is_shown = wanted == Some(state);
            (state_label(state), n, link(Some(state), 1), is_shown)
        });
        let counts = std::iter::once(all).chain(of_each).collect();
        portals.retain(|portal| wanted.is_none_or(|wanted| portal.standing() == wanted));
        portals.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
        let total = portals.len();
        let from = ((page - 1) * PER_PAGE).min(total);
        let to = (from + PER_PAGE).min(total);
        let shown = portals.get(from..to).unwrap_or_default();
        let (alarmed, others): (Vec<_>, Vec<_>) = shown
            .iter()
            .map(PortalBox::new)
            .partition(|portal| !portal.alarms.is_empty());
        Self {
            counts,
            alarmed,
            others,
            range: (from + 1, to, total),
            previous: (page > 1).then(|| link(wanted, page - 1)),
            next: (to < total).then(|| link(wanted, page + 1)),
        }
    }
}

impl PortalBox {
    fn new(portal: &PortalState) -> Self {
        let region = portal.region.and_then(|code| divisions().get(code));
        let mut alarms: Vec<AlarmBox> = portal.health.alarms.iter().map(AlarmBox::new).collect();
        if let FileState::Bad(error) = &portal.file {
            alarms.insert(0, AlarmBox::of_file(error));
        }
        let next = portal.next.as_ref();
        Self {
            name: portal.name.clone(),
            id: portal.id.clone(),
            link: format!("/portals/{}", utf8_percent_encode(&portal.id, NON_ALPHANUMERIC)),
            state: state_label(portal.standing()),
            region: region.map_or_else(String::new, |region| region.name.to_owned()),
            reports: portal.reports,
            alarms,
            last_success: portal
                .history
                .last_success
                .map_or_else(never, |at| time(at.into())),
            last_new_report: portal.last_new_report.map_or_else(never, time),
            next_run: match next {
                Some(next) => match next.at {
                    Some(at) => time(at.into()),
                    None => next_label(next.code).to_owned(),
                },
                None => "无（没有可用的门户文件）".to_owned(),
            },
        }
    }
}

impl AlarmBox {
    fn new(alarm: &Alarm) -> Self {
        let url = alarm.url.clone().filter(|url| is_web_address(url));
        Self {
            label: alarm_label(alarm.kind),
            since: time(alarm.since.into()),
            evidence: alarm.evidence.iter().map(in_words).collect(),
            action: action(alarm.kind),
            url,
        }
    }

    fn of_file(error: &str) -> Self {
        Self {
            label: "门户文件有误",
            since: String::new(),
            evidence: vec![error.to_owned()],
            action: "运行 gongbao portal check 查看全部错误并改正；改正前不会采集。",
            url: None,
        }
    }
}

impl PortalPage {
    fn new(portal: &PortalState) -> Self {
        let shown = PortalBox::new(portal);
        let mut facts = vec![
            ("状态", shown.state.to_owned()),
            ("报告", shown.reports.to_string()),
            ("最近成功采集", shown.last_success.clone()),
            ("最近新报告", shown.last_new_report.clone()),
            ("下次采集", shown.next_run.clone()),
        ];
        if let Some(next) = &portal.next {
            facts.push(("缘由", next_label(next.code).to_owned()));
        }
        if let Some(list) = portal.next.as_ref().and_then(|next| next.list.as_ref()) {
            facts.push((
                "最活跃的列表",
                format!("{}，{}", list.url, interval(list.interval)),
            ));
        }
        if let Some(schedule) = &portal.schedule {
            facts.push(("采集计划", format!("{schedule}（北京时间）")));
        }
        if let Some(cadence) = portal.health.cadence {
            let season = if cadence.is_seasonal {
                "，仅在一至四月"
            } else {
                ""
            };
            facts.push(("更新间隔", format!("通常 {} 天{season}", cadence.days)));
        }
        if let Some(region) = portal.region {
            facts.push(("地区", format!("{} {region}", shown.region)));
        }
        Self {
            facts,
            lists: portal.lists.iter().map(ListLine::new).collect(),
            runs: portal.history.runs.iter().map(RunLine::new).collect(),
            portal: shown,
        }
    }
}

impl ListLine {
    fn new(list: &ListRecord) -> Self {
        Self {
            is_link: is_web_address(&list.url),
            url: list.url.clone(),
            interval: list.interval.map_or_else(|| "尚不清楚".to_owned(), interval),
            visits: format!("{} / {}", list.visits_with_news, list.visits),
            last_news: list.last_news.map_or_else(never, |at| time(at.into())),
            last_visit: time(list.last_visit.into()),
        }
    }
}

/// How often a list has something new.
fn interval(time: SignedDuration) -> String {
    match days(time) {
        days if days < 1.0 => "约每天多次有新报告".to_owned(),
        days => format!("约每 {days:.0} 天有新报告"),
    }
}

impl RunLine {
    fn new(run: &RunRecord) -> Self {
        let figures = match &run.yields {
            None => std::array::from_fn(|_| "–".to_owned()),
            Some(yields) => {
                let reports = &yields.reports;
                let flagged = share(yields.flagged, yields.seen);
                [
                    yields.rows.to_string(),
                    reports.new.to_string(),
                    reports.changed.to_string(),
                    reports.unchanged.to_string(),
                    reports.removed.to_string(),
                    yields
                        .median_chars
                        .map_or_else(|| "–".to_owned(), |n| n.to_string()),
                    flagged.map_or_else(|| "–".to_owned(), |share| format!("{:.0}%", share * 100.0)),
                    yields.failed.to_string(),
                ]
            }
        };
        Self {
            finished: time(run.finished_at.into()),
            status: match run.status {
                PortalStatus::Ok => "完成",
                PortalStatus::Partial => "部分完成",
                PortalStatus::Failed => "失败",
                PortalStatus::Blocked => "被拒绝",
            },
            reason: run.reason.clone().unwrap_or_default(),
            figures,
        }
    }
}

fn never() -> String {
    "从未".to_owned()
}

/// To the minute, in China time.
fn time(at: ChinaTime) -> String {
    at.to_string()
        .chars()
        .take(16)
        .collect::<String>()
        .replace('T', " ")
}

fn state_label(state: Standing) -> &'static str {
    match state {
        Standing::Alarmed => "有警报",
        Standing::Quiet => "久无更新",
        Standing::NeverRun => "从未采集",
        Standing::Unfinished => "采集未完",
        Standing::Healthy => "正常",
    }
}

fn next_label(code: &str) -> &'static str {
    match code {
        "schedule" => "按采集计划",
        "catch_up" => "补上错过的采集",
        "season" => "年报季加密采集",
        "quiet" => "久无更新，跳过一次",
        "goes_on" => "接着上次未完的采集",
        "queued" => "已在队列中",
        "running" => "正在采集",
        "on_request" => "仅按请求采集",
        _ => "见接口说明",
    }
}

fn alarm_label(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Blocked => "被门户拒绝",
        AlarmKind::Certificate => "证书有问题",
        AlarmKind::Unreachable => "无法访问",
        AlarmKind::YieldsDropped => "列表条目骤减",
        AlarmKind::LayoutChanged => "页面版式变化",
        AlarmKind::NoNewReports => "久无更新",
        AlarmKind::RobotsChanged => "robots.txt 有变",
    }
}

/// What to do about an alarm.
fn action(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Blocked => {
            "用浏览器打开门户；在门户文件中放慢（delay、daily、hours），或联系主办单位。采集成功前，其报告仍可检索，状态为 blocked。"
        }
        AlarmKind::Certificate => {
            "用浏览器打开该地址；若门户已更换域名，改正 seeds；否则待证书更新后自行解除。"
        }
        AlarmKind::Unreachable => {
            "用浏览器打开种子地址；若门户已迁移，改正门户文件的 seeds；否则等待下次采集。"
        }
        AlarmKind::YieldsDropped => {
            "运行 gongbao portal check 文件 --live，并用浏览器打开列表；若已改版或搬迁，改正 seeds、family 或 allow。已采集的报告不会丢失。"
        }
        AlarmKind::LayoutChanged => {
            "对照原网页查看报告，用 gongbao extract --url 检查，在门户文件的 [extract] 中写明 content 或 title。旧版本均已保留。"
        }
        AlarmKind::NoNewReports => {
            "用浏览器打开门户；若已有新报告，找到所在栏目并加入 seeds；否则门户确无更新，出现新报告后自行解除。"
        }
        AlarmKind::RobotsChanged => "查看 robots.txt：新禁止的地址不再采集。下次采集后自行解除。",
    }
}

fn in_words(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Ended { reason } => format!("最近一次采集的结果：{reason}"),
        Evidence::Rows { now, usual } => format!("列表共列出 {now} 条，通常 {usual} 条"),
        Evidence::Lists { now, usual } => format!("有内容的列表 {now} 个，通常 {usual} 个"),
        Evidence::ListsLost { count } => format!("{count} 个列表原有内容，现在没有"),
        Evidence::ListsShort { count } => format!("{count} 个列表少于其自称的条数"),
        Evidence::TextLost { count, of } => format!("{of} 个已知报告页面中，{count} 个已无正文"),
        Evidence::Median { now, usual } => format!("报告汉字数中位数 {now}，通常 {usual}"),
        Evidence::Flagged { now, usual } => format!("可能有缺失的报告占 {now}%，通常 {usual}%"),
        Evidence::Quiet { days, usual } => format!("{days} 天没有新报告，通常每 {usual} 天一次"),
        Evidence::Robots => "robots.txt 的规则与上次采集时不同".to_owned(),
        Evidence::Certificate { fault } => format!("证书无效：{fault}"),
    }
}
