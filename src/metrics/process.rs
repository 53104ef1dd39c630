//! The process as the system sees it, under the names that Prometheus' own libraries give. Where the system has no
//! `/proc`, there is nothing to say.

use std::{
    fmt, fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, registry::Unit};

use super::Figures;

/// Memory, time of the processor, open files, and the time of the start.
#[derive(Clone, Copy, Debug)]
pub struct ProcessMetrics;

/// Fields of `/proc/self/stat` from the state on, which follows the name in parentheses.
const UTIME: usize = 11;
const STIME: usize = 12;
const STARTTIME: usize = 19;

impl Collector for ProcessMetrics {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut figures = Figures::new(encoder);
        if let Some(bytes) = status_kib("VmRSS:").map(|kib| kib * 1024.0) {
            let help = "Memory in use that is not swapped out";
            figures.gauge("process_resident_memory", help, Some(&Unit::Bytes), bytes)?;
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            // One of them is the folder itself.
            let n = open.count().saturating_sub(1);
            figures.gauge("process_open_fds", "Open file descriptors", None, n as f64)?;
        }
        if let Ok(limit) = rlimit::Resource::NOFILE.get_soft() {
            figures.gauge(
                "process_max_fds",
                "Most file descriptors that may be open",
                None,
                limit as f64,
            )?;
        }
        let Some(stat) = fs::read_to_string("/proc/self/stat").ok() else {
            return Ok(());
        };
        let fields: Vec<&str> = stat
            .rsplit_once(')')
            .map_or(Vec::new(), |(_, rest)| rest.split_whitespace().collect());
        let per_second = rustix::param::clock_ticks_per_second() as f64;
        let seconds = |field: usize| Some(fields.get(field)?.parse::<f64>().ok()? / per_second);
        if let (Some(user), Some(system)) = (seconds(UTIME), seconds(STIME)) {
            let help = "Time of the processor, for the program and for the system on its behalf";
            figures.counter("process_cpu", help, Some(&Unit::Seconds), user + system)?;
        }
        if let (Some(boot), Some(after)) = (boot_time(), seconds(STARTTIME)) {
            let help = "When the process was started, since 1970";
            figures.gauge("process_start_time", help, Some(&Unit::Seconds), boot + after)?;
        }
        Ok(())
    }
}

/// A line of `/proc/self/status` in KiB.
fn status_kib(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// When the machine was started, in seconds since 1970.
fn boot_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines()
        .find_map(|line| line.strip_prefix("btime "))?
        .trim()
        .parse()
        .ok()
}

/// A moment in seconds since 1970.
pub(super) fn seconds_since_1970(time: SystemTime) -> Option<f64> {
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs_f64())
}
