//! `crawl --due`: one look at the schedules, and a crawl of what is due; for those who have a timer and no `serve`.
//!
//! An occurrence counts as taken care of when the crawl is over, so that a call that was killed is made up for by the next
//! one. Of a portal that is seen for the first time the next occurrence is the first to count. That nothing is due is only
//! logged, so that a timer can be kept from writing letters about it with `--log warn`.

use std::sync::Arc;

use crawler::PortalSummary;
use jiff::Timestamp;
use report::ChinaTime;

use super::crawl as crawl_portals;
use crate::{
    cli::CrawlArgs,
    commands::Settings,
    failure::wrong_call,
    operations::{Lease, Operations},
    portals::PortalSet,
    scheduler::Plan,
    shutdown::Stop,
};

/// Crawls what is due; `None` when that is nothing.
pub(super) async fn crawl(
    settings: &Settings,
    args: &CrawlArgs,
    stop: &Stop,
) -> anyhow::Result<Option<Vec<PortalSummary>>> {
    let data = settings.data_to_write()?;
    let Some(_lease) = Lease::take(data)? else {
        tracing::info!("nothing to do: a running serve, or another `crawl --due`, looks after the schedules");
        return Ok(None);
    };
    let folder = &settings.config.crawl.portals;
    let portals = PortalSet::read(folder)
        .map_err(|error| wrong_call(format!("cannot read {}: {error}", folder.display())))?;
    for (path, error) in &portals.bad {
        tracing::warn!("{} is left out: {error}", path.display());
    }
    let operations = Operations::open(data)?;
    let now = Timestamp::now();
    let portals = Arc::new(portals);
    let facts = operations.adopt_schedules(&portals, now)?;
    let n_scheduled = facts.len();
    let mut plan = Plan::new(Arc::clone(&portals), facts, now);
    let due = plan.due(now);
    if due.is_empty() {
        match plan.first() {
            Some((id, visit)) => tracing::info!(
                "nothing is due; of {n_scheduled} portals with a schedule {id} is the next, at {}: {}",
                ChinaTime::from(visit.at),
                visit.reason()
            ),
            None => tracing::warn!("no portal file in {} has a schedule", folder.display()),
        }
        return Ok(None);
    }
    for due in &due {
        tracing::info!("{} is due: {}", due.portal, due.visit.reason());
    }
    let args = CrawlArgs {
        portals: due.into_iter().map(|due| due.portal).collect(),
        full: args.full,
        max_pages: args.max_pages,
        json: args.json,
        no_wait: args.no_wait,
        due: false,
    };
    let summaries = crawl_portals(settings, &args, stop).await?;
    if !stop.token.is_cancelled() {
        for id in &args.portals {
            operations.handled(&portals, id, Timestamp::now())?;
        }
    }
    Ok(Some(summaries))
}
