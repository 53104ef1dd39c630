//! The texts of the pages about portals in both languages: states, alarms, what they rest on, and what to do.

use crawler::{
    PortalStatus,
    health::{AlarmKind, Evidence},
};
use jiff::SignedDuration;

use crate::{
    api::portals::days,
    operations::JobState,
    overview::Standing,
    web::words::{Lang, put},
};

macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)+) => {
        /// The texts in one language.
        #[derive(Debug)]
        pub(super) struct PortalWords {
            $(pub(super) $name: &'static str,)+
        }

        static ZH: PortalWords = PortalWords { $($name: $zh,)+ };
        static EN: PortalWords = PortalWords { $($name: $en,)+ };
    };
}

words! {
    about: "有问题的门户排在最前，并写明依据与处理办法。", "Portals that need somebody come first, with the evidence and what to do.";
    by_state: "按状态筛选", "By state";
    all: "全部", "All";
    none: "没有符合条件的门户。门户文件放在配置的 portals 文件夹中；gongbao init 会写出一个示例。", "No portal is like this. Portal files are in the folder named by the configuration; gongbao init writes an example.";
    portal: "门户", "Portal";
    state: "状态", "State";
    reports: "报告", "Reports";
    last_success: "最近成功采集", "Last success";
    last_new_report: "最近新报告", "Last new report";
    next_run: "下次采集", "Next run";
    why: "缘由", "Why then";
    liveliest: "最活跃的列表", "Liveliest list";
    schedule: "采集计划", "Schedule";
    china_time: "{}（北京时间）", "{} (China time)";
    cadence: "更新间隔", "New reports";
    every_days: "通常 {} 天", "usually every {} days";
    in_season: "，仅在一至四月", ", in January to April only";
    region: "地区", "Division";
    since: "自 {} 起", "since {}";
    n_portals: "第 {}–{} 个，共 {} 个", "Portals {}–{} of {}";
    lists: "列表", "Lists";
    list: "列表", "List";
    interval: "更新", "New reports";
    visits: "有新报告的采集", "Visits with news";
    last_news: "最近新报告", "Last news";
    last_visit: "最近采集", "Last visit";
    runs: "最近的采集", "Last runs";
    no_runs: "还没有完成过采集。", "No run has ended yet.";
    ended: "结束", "Ended";
    result: "结果", "Result";
    rows: "列表条目", "Rows";
    new: "新", "New";
    changed: "变更", "Changed";
    unchanged: "未变", "Unchanged";
    removed: "移除", "Removed";
    median: "汉字数中位", "Median of Han characters";
    flagged: "有疑点", "With doubts";
    failed: "失败页面", "Failed pages";
    never: "从未", "never";
    no_file: "无（没有可用的门户文件）", "none (no portal file that can be used)";
    unclear: "尚不清楚", "not known yet";
    often: "约每天多次有新报告", "news several times a day";
    every: "约每 {} 天有新报告", "news about every {} days";
    bad_file: "门户文件有误", "The portal file is wrong";
    mend_file: "运行 gongbao portal check 查看全部错误并改正；改正前不会采集。", "Run gongbao portal check, which names all that is wrong, and mend it; until then it is not crawled.";
    jobs: "采集任务", "Jobs";
    job: "任务", "Job";
    progress: "进度", "Progress";
    pages_of: "{} / {} 页", "{} / {} pages";
    asked_at: "提出", "Asked for";
    started: "开始", "Started";
    no_jobs: "没有采集任务。", "There are no jobs.";
    open_jobs: "进行中与等待中的任务", "Jobs under way and waiting";
    run_now: "立即采集", "Start a run";
    run_about: "须有 crawl 权限的密钥（gongbao keys create --scope crawl）。密钥只随此表单发送，不写入网址，也不会保存。", "Needs a key of scope crawl (gongbao keys create --scope crawl). It is sent with this form only, is in no address, and is not kept.";
    key: "密钥", "Key";
    full: "全部重新抓取", "Fetch everything again";
    start: "开始采集", "Start";
    no_key: "密钥无效、已过期或已吊销，未开始采集。", "This key is not known, has expired or was revoked; nothing was started.";
    no_scope: "此密钥无权开始采集：须有 crawl 权限。", "This key may not start runs: it needs the scope crawl.";
    asked_for: "已提出：任务 {}。本页可刷新查看进度。", "Asked for: job {}. Reload this page to see how far it is.";
}

impl PortalWords {
    pub(super) fn of(lang: Lang) -> &'static Self {
        lang.pick(&ZH, &EN)
    }
}

pub(super) fn standing(lang: Lang, state: Standing) -> &'static str {
    let (zh, en) = match state {
        Standing::Alarmed => ("有警报", "Alarmed"),
        Standing::Quiet => ("久无更新", "Quiet"),
        Standing::NeverRun => ("从未采集", "Never run"),
        Standing::Unfinished => ("采集未完", "Unfinished"),
        Standing::Healthy => ("正常", "Healthy"),
    };
    lang.pick(zh, en)
}

pub(super) fn job_state(lang: Lang, state: JobState) -> &'static str {
    let (zh, en) = match state {
        JobState::Queued => ("等待中", "queued"),
        JobState::Running => ("进行中", "running"),
        JobState::Done => ("完成", "done"),
        JobState::Failed => ("失败", "failed"),
        JobState::Cancelled => ("已取消", "cancelled"),
        JobState::Blocked => ("被门户拒绝", "blocked"),
    };
    lang.pick(zh, en)
}

pub(super) fn run_status(lang: Lang, status: PortalStatus) -> &'static str {
    let (zh, en) = match status {
        PortalStatus::Ok => ("完成", "ok"),
        PortalStatus::Partial => ("部分完成", "partial"),
        PortalStatus::Failed => ("失败", "failed"),
        PortalStatus::Blocked => ("被拒绝", "blocked"),
    };
    lang.pick(zh, en)
}

/// Why the next run is when it is.
pub(super) fn next_run(lang: Lang, code: &str) -> &'static str {
    let (zh, en) = match code {
        "schedule" => ("按采集计划", "by schedule"),
        "catch_up" => ("补上错过的采集", "makes up for a run that was missed"),
        "season" => ("年报季加密采集", "more often in the season of annual reports"),
        "quiet" => (
            "久无更新，跳过一次",
            "left out once, as nothing new came for long",
        ),
        "goes_on" => ("接着上次未完的采集", "goes on where the last one stopped"),
        "queued" => ("已在队列中", "queued"),
        "running" => ("正在采集", "running"),
        "on_request" => ("仅按请求采集", "on request only"),
        _ => ("见接口说明", "see the API"),
    };
    lang.pick(zh, en)
}

pub(super) fn alarm(lang: Lang, kind: AlarmKind) -> &'static str {
    let (zh, en) = match kind {
        AlarmKind::Blocked => ("被门户拒绝", "The portal shuts us out"),
        AlarmKind::Certificate => ("证书有问题", "Its certificate is wrong"),
        AlarmKind::Unreachable => ("无法访问", "It cannot be reached"),
        AlarmKind::YieldsDropped => ("列表条目骤减", "Lists yield less than they did"),
        AlarmKind::LayoutChanged => ("页面版式变化", "Pages look different"),
        AlarmKind::NoNewReports => ("久无更新", "Nothing new for long"),
        AlarmKind::RobotsChanged => ("robots.txt 有变", "robots.txt has changed"),
    };
    lang.pick(zh, en)
}

/// What to do about an alarm.
pub(super) fn action(lang: Lang, kind: AlarmKind) -> &'static str {
    let (zh, en) = match kind {
        AlarmKind::Blocked => (
            "用浏览器打开门户；在门户文件中放慢（delay、daily、hours），或联系主办单位。采集成功前，其报告仍可检索，状态为 blocked。",
            "Open the portal in a browser; slow down in its file (delay, daily, hours), or write to whoever runs it. Until a run succeeds its reports can be found, with status blocked.",
        ),
        AlarmKind::Certificate => (
            "用浏览器打开该地址；若门户已更换域名，改正 seeds；否则待证书更新后自行解除。",
            "Open the address in a browser; if the portal has moved, mend its seeds; else this ends when the certificate is renewed.",
        ),
        AlarmKind::Unreachable => (
            "用浏览器打开种子地址；若门户已迁移，改正门户文件的 seeds；否则等待下次采集。",
            "Open the seeds in a browser; if the portal has moved, mend the seeds in its file; else wait for the next run.",
        ),
        AlarmKind::YieldsDropped => (
            "运行 gongbao portal check 文件 --live，并用浏览器打开列表；若已改版或搬迁，改正 seeds、family 或 allow。已采集的报告不会丢失。",
            "Run gongbao portal check FILE --live, and open the list in a browser; if it looks different or has moved, mend seeds, family or allow. What was fetched is not lost.",
        ),
        AlarmKind::LayoutChanged => (
            "对照原网页查看报告，用 gongbao extract --url 检查，在门户文件的 [extract] 中写明 content 或 title。旧版本均已保留。",
            "Hold reports against their pages, look with gongbao extract --url, and name content or title in [extract] of the portal file. Old versions are kept.",
        ),
        AlarmKind::NoNewReports => (
            "用浏览器打开门户；若已有新报告，找到所在栏目并加入 seeds；否则门户确无更新，出现新报告后自行解除。",
            "Open the portal in a browser; if there are new reports, find their column and add it to seeds; else there is nothing new, and this ends when there is.",
        ),
        AlarmKind::RobotsChanged => (
            "查看 robots.txt：新禁止的地址不再采集。下次采集后自行解除。",
            "Look at robots.txt: what it forbids now is not fetched any more. This ends with the next run.",
        ),
    };
    lang.pick(zh, en)
}

/// What an alarm rests on.
pub(super) fn evidence(lang: Lang, evidence: &Evidence) -> String {
    let say = |zh, en, values: &[&dyn std::fmt::Display]| put(lang.pick(zh, en), values);
    match evidence {
        Evidence::Ended { reason } => say("最近一次采集的结果：{}", "The last run ended with: {}", &[reason]),
        Evidence::Rows { now, usual } => say(
            "列表共列出 {} 条，通常 {} 条",
            "Lists named {} rows, usually {}",
            &[now, usual],
        ),
        Evidence::Lists { now, usual } => say(
            "有内容的列表 {} 个，通常 {} 个",
            "{} lists have something in them, usually {}",
            &[now, usual],
        ),
        Evidence::ListsLost { count } => say(
            "{} 个列表原有内容，现在没有",
            "{} lists had something in them, and have nothing now",
            &[count],
        ),
        Evidence::ListsShort { count } => say(
            "{} 个列表少于其自称的条数",
            "{} lists are shorter than they say",
            &[count],
        ),
        Evidence::TextLost { count, of } => say(
            "{} 个已知报告页面中，{} 个已无正文",
            "Of {} known pages of reports, {} have no text any more",
            &[of, count],
        ),
        Evidence::Median { now, usual } => say(
            "报告汉字数中位数 {}，通常 {}",
            "The median of Han characters in a report is {}, usually {}",
            &[now, usual],
        ),
        Evidence::Flagged { now, usual } => say(
            "文本有疑点的报告占 {}%，通常 {}%",
            "{}% of the reports have doubts about their text, usually {}%",
            &[now, usual],
        ),
        Evidence::Quiet { days, usual } => say(
            "{} 天没有新报告，通常每 {} 天一次",
            "No new report for {} days, usually one every {} days",
            &[days, usual],
        ),
        Evidence::Robots => say(
            "robots.txt 的规则与上次采集时不同",
            "The rules of robots.txt are not those of the last run",
            &[],
        ),
        Evidence::Certificate { fault } => say("证书无效：{}", "The certificate is not valid: {}", &[fault]),
    }
}

/// How often a list has something new.
pub(super) fn interval(w: &PortalWords, time: SignedDuration) -> String {
    match days(time) {
        days if days < 1.0 => w.often.to_owned(),
        days => put(w.every, &[&format!("{days:.0}")]),
    }
}
