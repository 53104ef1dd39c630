//! The portal files in force.

use std::fmt;

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder};

use super::Figures;
use crate::portals::SharedPortals;

/// Counts portal files.
#[derive(Debug)]
pub struct PortalFileMetrics(pub SharedPortals);

impl Collector for PortalFileMetrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let set = self.0.get();
        let mut figures = Figures::new(encoder);
        figures.gauge("portals", "Portals in force", None, set.good.len() as f64)?;
        let help = "Portal files that cannot be used as they are";
        figures.gauge("portal_files_wrong", help, None, set.bad.len() as f64)
    }
}
