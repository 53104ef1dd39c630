//! `portals`: how the portals are, the worst first.

use std::{collections::BTreeSet, io::Write, process::ExitCode};

use crawler::{Catalog, health::RUNS};
use jiff::Timestamp;
use report::ChinaTime;

use super::Settings;
use crate::{
    api::portals::{PortalsAnswer, Wanted, days},
    cli::PortalsArgs,
    failure::wrong_call,
    operations::Operations,
    overview::{self, FileState, Histories, PortalState, Sources, Standing},
    portals::PortalSet,
};

pub(super) fn run(settings: &Settings, args: &PortalsArgs) -> anyhow::Result<ExitCode> {
    let folder = &settings.config.crawl.portals;
    let portals = PortalSet::read(folder)
        .map_err(|error| wrong_call(format!("cannot read {}: {error}", folder.display())))?;
    let data = settings.data();
    // Asking makes no catalog where there is none.
    let stored = match Catalog::path(data).is_file() {
        true => Some((Catalog::open_to_read(data)?, Operations::open(data)?)),
        false => None,
    };
    let histories = Histories::default();
    let sources = Sources {
        portals: &portals,
        stored: stored.as_ref().map(|(catalog, operations)| (catalog, operations)),
        histories: &histories,
    };
    let now = Timestamp::now();
    let mut out = std::io::stdout().lock();
    if !args.portals.is_empty() {
        let states = named(sources, &args.portals, now)?;
        match args.json {
            true => {
                let answer = PortalsAnswer::whole(&states);
                writeln!(out, "{}", serde_json::to_string(&answer)?)?;
            }
            false => table(&mut out, states, Shown::Named, now)?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    let states = overview::all(sources, now)?;
    if args.json {
        let wanted = match args.alarms {
            true => Wanted::alarmed(),
            false => Wanted::default(),
        };
        let answer = PortalsAnswer::new(&states, &wanted);
        writeln!(out, "{}", serde_json::to_string(&answer)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if states.is_empty() {
        eprintln!(
            "no portals: no portal files in {}, and nothing was crawled or imported; `gongbao init` writes an example",
            folder.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let shown = if args.alarms { Shown::Alarmed } else { Shown::All };
    table(&mut out, states, shown, now)?;
    Ok(ExitCode::SUCCESS)
}

/// What is wanted of the portals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    All,
    /// Those that need a look.
    Alarmed,
    /// Those that were named, with more of each.
    Named,
}

/// The portals with these ids, by id.
fn named(sources: Sources<'_>, ids: &[String], now: Timestamp) -> anyhow::Result<Vec<PortalState>> {
    let ids: BTreeSet<&String> = ids.iter().collect();
    let one = |id: &String| {
        overview::one(sources, id, RUNS, now)?.ok_or_else(|| {
            wrong_call(format!(
                "no portal has the id {id:?}; `gongbao portals` lists them"
            ))
        })
    };
    ids.into_iter().map(one).collect()
}

/// Why the next visit is when it is, and how often each list has something new; of a portal that is named.
fn write_lists(out: &mut impl Write, state: &PortalState) -> anyhow::Result<()> {
    if let Some(next) = &state.next {
        writeln!(out, "  next visit: {}", next.reason)?;
    }
    for list in &state.lists {
        let interval = match list.interval {
            Some(interval) => format!("about every {} days", days(interval)),
            None => "not known yet how often".to_owned(),
        };
        writeln!(
            out,
            "  list {}: new {interval}; news at {} of {} visits",
            list.url, list.visits_with_news, list.visits
        )?;
    }
    Ok(())
}

/// A line a portal, and what is wrong with it below.
fn table(
    out: &mut impl Write,
    mut states: Vec<PortalState>,
    shown: Shown,
    now: Timestamp,
) -> anyhow::Result<()> {
    let counts: Vec<String> = overview::count(&states)
        .into_iter()
        .map(|(standing, n)| format!("{n} {}", standing.code()))
        .collect();
    writeln!(out, "{}", counts.join(", "))?;
    states.sort_by(|a, b| a.urgency().cmp(&b.urgency()));
    if shown == Shown::Alarmed {
        states.retain(|state| matches!(state.standing(), Standing::Alarmed | Standing::Quiet));
    }
    let width = states
        .iter()
        .map(|state| state.id.len())
        .max()
        .unwrap_or(0)
        .max(6);
    if !states.is_empty() {
        writeln!(
            out,
            "{:width$}  state      reports  visited  new report  next visit",
            "portal"
        )?;
    }
    for state in &states {
        let next = state.next.as_ref();
        let next = match next {
            Some(next) => next.at.map_or_else(|| next.code.to_owned(), date_and_time),
            None => "none".to_owned(),
        };
        writeln!(
            out,
            "{:width$}  {:9}  {:7}  {:>7}  {:>10}  {next}",
            state.id,
            state.standing().code(),
            state.reports,
            ago(state.history.last_success, now),
            ago(state.last_new_report.map(ChinaTime::timestamp), now),
        )?;
        if let FileState::Bad(error) = &state.file {
            writeln!(out, "  portal file: {error}")?;
        }
        for alarm in &state.health.alarms {
            let signs: Vec<String> = alarm.evidence.iter().map(ToString::to_string).collect();
            let url = alarm
                .url
                .as_ref()
                .map_or_else(String::new, |url| format!(" ({url})"));
            let since = ChinaTime::from(alarm.since).date();
            writeln!(out, "  {} since {since}: {}{url}", alarm.kind, signs.join("; "))?;
            writeln!(out, "    {}", alarm.kind.action())?;
        }
        if shown == Shown::Named {
            write_lists(out, state)?;
        }
    }
    Ok(())
}

/// How long ago something was, in the largest unit of which there are two.
fn ago(moment: Option<Timestamp>, now: Timestamp) -> String {
    let Some(moment) = moment else {
        return "never".to_owned();
    };
    let minutes = now.duration_since(moment).as_mins().max(0);
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

fn date_and_time(at: Timestamp) -> String {
    let text = ChinaTime::from(at).to_string();
    text.chars().take(16).collect::<String>().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let now: Timestamp = "2026-08-31T03:00:00+08:00".parse().unwrap();
        let shown = |moment: &str| ago(Some(moment.parse().unwrap()), now);
        assert_eq!(shown("2026-08-31T02:15:00+08:00"), "45 min");
        assert_eq!(shown("2026-08-30T20:00:00+08:00"), "7 h");
        assert_eq!(shown("2026-08-01T03:00:00+08:00"), "30 d");
        assert_eq!(
            shown("2027-08-01T03:00:00+08:00"),
            "0 min",
            "the clock was set back"
        );
        assert_eq!(ago(None, now), "never");
    }
}
