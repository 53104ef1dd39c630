//! What something takes: time by the clock, and time of all processors.

use std::{
    fs,
    time::{Duration, Instant},
};

pub(crate) struct Stopwatch {
    at: Instant,
    processors: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self {
            at: Instant::now(),
            processors: processors(),
        }
    }

    pub(crate) fn wall(&self) -> Duration {
        self.at.elapsed()
    }

    /// Time of all processors since [`Self::start`], all threads together.
    pub(crate) fn processors(&self) -> Duration {
        processors().saturating_sub(self.processors)
    }
}

/// User and system time of this process; zero where it cannot be read.
fn processors() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program stands in brackets and may hold spaces. Linux counts hundredths of a second.
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// Time of the processor that this thread has taken: a search is done by the thread that asks for it, and other work on
/// the machine does not count.
pub(crate) fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// Times of many runs.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// Milliseconds that so many per cent of the runs stay below.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The load of the machine at the moment: other work on it lengthens every time.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("unknown").to_owned()
}
