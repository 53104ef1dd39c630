//! `jobs`: what `serve` crawls, asked for and looked at from the terminal.

use std::{collections::BTreeSet, io::Write, process::ExitCode, thread, time::Duration};

use anyhow::Context;
use jiff::Timestamp;
use serde_json::json;

use super::Settings;
use crate::{
    cli::{JobsAction, JobsArgs},
    failure::wrong_call,
    operations::{Asked, Job, JobFilter, JobSource, JobState, Lease, Operations},
    portals::PortalSet,
    progress::Progress,
    shutdown::Stop,
};

/// How often a job that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Portals of a job that a line of the list names.
const MAX_NAMED: usize = 3;

pub(super) fn run(settings: &Settings, args: &JobsArgs) -> anyhow::Result<ExitCode> {
    match &args.action {
        JobsAction::List { state, limit, json } => list(settings, state.as_deref(), *limit, *json),
        JobsAction::Run {
            portals,
            full,
            wait,
            json,
        } => ask(settings, portals, *full, *wait, *json),
        JobsAction::Cancel { id } => cancel(settings, *id),
    }
}

fn list(settings: &Settings, state: Option<&str>, limit: u16, as_json: bool) -> anyhow::Result<ExitCode> {
    let state: Option<JobState> = state
        .map(|text| {
            text.parse()
                .map_err(|error| wrong_call(format!("--state: {error}")))
        })
        .transpose()?;
    let filter = JobFilter {
        state,
        limit: usize::from(limit),
        ..JobFilter::default()
    };
    let jobs = Operations::open(settings.data_to_read()?)?.jobs(&filter)?;
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", json!({"jobs": jobs}))?;
        return Ok(ExitCode::SUCCESS);
    }
    if jobs.is_empty() {
        eprintln!(
            "no jobs; `gongbao jobs run PORTAL` asks for one, and `serve` makes one for each visit by schedule"
        );
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "job     state      source    asked for at               fetched  known    portals"
    )?;
    for job in &jobs {
        writeln!(
            out,
            "{:6}  {:9}  {:8}  {}  {:7}  {:7}  {}",
            job.id,
            job.state.code(),
            json!(job.source).as_str().unwrap_or_default(),
            job.created_at,
            job.progress.fetched,
            job.progress.known,
            named(&job.portals)
        )?;
        if let Some(reason) = &job.reason {
            writeln!(out, "        {reason}")?;
        }
    }
    if jobs.iter().any(|job| !job.state.is_over()) && !Lease::is_taken(settings.data())? {
        eprintln!("no `gongbao serve` is running; jobs that are not over wait until one is");
    }
    Ok(ExitCode::SUCCESS)
}

fn named(portals: &[String]) -> String {
    let first: Vec<_> = portals.iter().take(MAX_NAMED).map(String::as_str).collect();
    match portals.len().saturating_sub(MAX_NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn ask(
    settings: &Settings,
    portals: &[String],
    full: bool,
    wait: bool,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let folder = &settings.config.crawl.portals;
    let known = PortalSet::read(folder)
        .map_err(|error| wrong_call(format!("cannot read {}: {error}", folder.display())))?;
    if let Some(id) = portals.iter().find(|id| !known.good.contains_key(*id)) {
        let file = folder.join(format!("{id}.toml"));
        return Err(wrong_call(match known.fault(id) {
            Some(fault) => format!("{}: {fault}", file.display()),
            None => format!("no portal file {}", file.display()),
        }));
    }
    let portals: Vec<String> = portals
        .iter()
        .cloned()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let data = settings.data_to_write()?;
    let operations = Operations::open(data)?;
    let asked = Asked {
        portals: &portals,
        full,
        source: JobSource::Cli,
        key_id: None,
        scheduled_for: None,
    };
    let added = operations
        .add_job(&asked, Timestamp::now())?
        .context("too many jobs wait already; `gongbao jobs list` shows them")?;
    let id = added.job.id;
    if !added.is_new {
        eprintln!("job {id} has that already");
    }
    for (portal, other) in &added.elsewhere {
        eprintln!("{portal} is in job {other} already");
    }
    let is_served = Lease::is_taken(data).context("cannot tell whether a serve is running")?;
    let mut job = added.job;
    if wait && is_served {
        job = follow(&operations, id)?;
    }
    let mut out = std::io::stdout().lock();
    if as_json {
        writeln!(out, "{}", json!(job))?;
    } else if job.state.is_over() {
        for line in job.log.iter().flatten() {
            writeln!(out, "{line}")?;
        }
        let reason = job
            .reason
            .as_ref()
            .map_or_else(String::new, |why| format!(": {why}"));
        writeln!(out, "job {id}: {}{reason}", job.state.code())?;
    } else {
        writeln!(out, "{id}")?;
    }
    if !is_served {
        eprintln!(
            "no `gongbao serve` is running on {}: job {id} waits until one is (`gongbao crawl` crawls without)",
            data.display()
        );
    }
    let is_well = if wait {
        matches!(job.state, JobState::Done | JobState::Blocked)
    } else {
        true
    };
    Ok(ExitCode::from(u8::from(!is_well)))
}

/// Shows how a job goes on until it is over, or whoever looks has seen enough.
fn follow(operations: &Operations, id: i64) -> anyhow::Result<Job> {
    let stop = Stop::on_signals_in_background().context("cannot listen for signals")?;
    let progress = Progress::open_ended("crawling");
    let job = loop {
        let job = operations.job(id)?.context("the job is gone")?;
        if job.state.is_over() || stop.token.is_cancelled() {
            break job;
        }
        let found = match (&job.state, &job.reason) {
            (JobState::Queued, Some(reason)) => format!("job {id} is {reason}"),
            (JobState::Queued, None) => format!("job {id} is in the queue"),
            _ => format!(
                "job {id}: {} pages, {} more known",
                job.progress.fetched,
                job.progress.known.saturating_sub(job.progress.fetched)
            ),
        };
        progress.at(job.progress.fetched, &found);
        thread::sleep(LOOK_EVERY);
    };
    progress.done();
    Ok(job)
}

fn cancel(settings: &Settings, id: i64) -> anyhow::Result<ExitCode> {
    let operations = Operations::open(settings.data_to_read()?)?;
    let before = operations.job(id)?;
    let now = Timestamp::now();
    let Some(mut job) = operations.cancel_job(id, now)? else {
        return Err(wrong_call(format!(
            "no job {id}; `gongbao jobs list` shows their numbers"
        )));
    };
    if job.state == JobState::Running
        && let Some(_lease) = Lease::take(settings.data())?
    {
        // Nobody runs it any more, and while we have the right to nobody begins.
        operations.recover_jobs("", now)?;
        job = operations.job(id)?.unwrap_or(job);
    }
    if before.is_some_and(|job| job.state.is_over()) {
        eprintln!("job {id} was over already: {}", job.state.code());
    } else if job.state.is_over() {
        eprintln!("job {id} is cancelled");
    } else {
        eprintln!("job {id} finishes its pages under way, then it is cancelled");
    }
    Ok(ExitCode::SUCCESS)
}
