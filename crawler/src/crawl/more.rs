//! Where a portal may name its reports when no page of it leads to one: feeds that its pages announce, and the site
//! maps in its robots.txt. They are not asked for otherwise, since a site map has everything that a portal ever
//! published, and its lists have the reports with their titles.

use std::{collections::BTreeSet, sync::Arc};

use url::Url;

use super::{
    Shared,
    portal::{PortalRun, lock},
    recorder::Ended,
};
use crate::{
    frontier::{Kind, NewLink},
    portal::Family,
    robots,
};

/// Adds such lists to a run that has come to its end; true when there is something to visit.
pub(super) async fn lists_elsewhere(shared: &Arc<Shared>, portal: &PortalRun) -> Result<bool, Ended> {
    if portal.portal.family != Family::Auto {
        return Ok(false);
    }
    let (so_far, _) = shared.recorder.progress(&portal.run).await?;
    let reports = so_far.reports;
    if reports.new + reports.changed + reports.unchanged > 0 {
        return Ok(false);
    }
    let mut urls = std::mem::take(&mut *lock(&portal.memory.announced));
    let origins: BTreeSet<String> = portal
        .portal
        .seeds
        .iter()
        .map(|seed| seed.origin().ascii_serialization())
        .collect();
    for origin in origins {
        let stored = shared.recorder.load_robots(&origin).await?;
        let answer = stored.filter(|stored| stored.status.is_some_and(|status| status / 100 == 2));
        urls.extend(
            answer
                .into_iter()
                .flat_map(|stored| robots::sitemaps(&stored.body)),
        );
    }
    urls.retain(|url| portal.scope.check(url).is_ok());
    if urls.is_empty() {
        return Ok(false);
    }
    tracing::info!(
        portal.id = portal.portal.id,
        "portal {}: no page leads to a report; {} feeds and site maps that it announces are asked for",
        portal.portal.id,
        urls.len()
    );
    let lists = urls.into_iter().map(list).collect();
    shared.recorder.add_lists(&portal.run, lists).await
}

/// A list that may not be there.
fn list(url: Url) -> NewLink {
    NewLink {
        url,
        form: None,
        kind: Kind::List,
        via: None,
        title: None,
        date: None,
        hops: 0,
        listing: None,
        number: 0,
        is_guess: true,
    }
}
