//! Portals: how many are how, and how long ago each was visited.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use crawler::{Catalog, health::AlarmKind};
use jiff::Timestamp;
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, registry::Unit};

use super::Figures;
use crate::{
    operations::Operations,
    overview::{self, Histories, PortalState, Sources},
    portals::SharedPortals,
};

/// Figures of the portals of a data directory.
pub struct PortalMetrics {
    portals: SharedPortals,
    operations: Operations,
    histories: Histories,
    /// Opened when it is first asked.
    catalog: Mutex<Option<Catalog>>,
}

impl fmt::Debug for PortalMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortalMetrics").finish_non_exhaustive()
    }
}

impl PortalMetrics {
    /// Of the portals in force, and of the data directory that `operations` are of.
    pub fn new(portals: SharedPortals, operations: Operations, histories: Histories) -> Self {
        Self {
            portals,
            operations,
            histories,
            catalog: Mutex::new(None),
        }
    }

    fn states(&self, now: Timestamp) -> anyhow::Result<Vec<PortalState>> {
        let mut held = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        let catalog = match held.take() {
            Some(catalog) => catalog,
            None => Catalog::open_to_read(self.operations.data_dir())?,
        };
        let portals = self.portals.get();
        let sources = Sources {
            portals: &portals,
            stored: Some((&catalog, &self.operations)),
            histories: &self.histories,
        };
        let states = overview::all(sources, now)?;
        // One that failed is opened anew the next time.
        *held = Some(catalog);
        Ok(states)
    }
}

/// Portals with each alarm, those without any included.
fn with_alarm(states: &[PortalState]) -> BTreeMap<AlarmKind, usize> {
    let mut counts: BTreeMap<AlarmKind, usize> = AlarmKind::ALL.map(|kind| (kind, 0)).into();
    for alarm in states.iter().flat_map(|state| &state.health.alarms) {
        *counts.entry(alarm.kind).or_default() += 1;
    }
    counts
}

impl Collector for PortalMetrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let now = Timestamp::now();
        let states = match self.states(now) {
            Ok(states) => states,
            Err(error) => {
                tracing::warn!("no figures of the portals: {error:#}");
                return Ok(());
            }
        };
        let mut figures = Figures::new(encoder);
        let n_wrong = self.portals.get().bad.len();
        let help = "Portal files that cannot be used as they are";
        figures.gauge("portal_files_wrong", help, None, n_wrong as f64)?;
        let counts = overview::count(&states).into_iter();
        let by_state = counts.map(|(state, n)| ([("state", state.code())], n as f64));
        figures.gauges("portals", "Portals by how they are", None, by_state)?;
        let alarms = with_alarm(&states).into_iter();
        let alarms = alarms.map(|(kind, n)| ([("alarm", kind.code())], n as f64));
        figures.gauges("portal_alarms", "Portals with an alarm", None, alarms)?;
        let ages = states.iter().filter_map(|state| {
            let age = now
                .duration_since(state.history.last_success?)
                .as_secs_f64()
                .max(0.0);
            Some(([("portal", state.id.clone())], age))
        });
        let help = "Since the last crawl that reached the portal ended";
        figures.gauges("portal_last_success_age", help, Some(&Unit::Seconds), ages)
    }
}
