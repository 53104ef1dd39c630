//! The clocks of a crawl: the wall's, which tells dates, and the machine's, which nobody sets.
//!
//! What a crawl writes down of pages and runs is dated by the [`Clock`] that it was given. Pauses between requests
//! follow the clocks of the machine, whatever that one says, and so do those before a further try ([`Steady`]).

use std::{
    fmt, fs,
    sync::{Arc, LazyLock},
    time::Instant,
};

use jiff::Timestamp;

use crate::politeness::{Moment, Uptime};

/// What tells this start of the machine from every other; `None` where the system does not say.
static BOOT: LazyLock<Option<String>> = LazyLock::new(|| {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
});

/// What time it is for a crawl: when pages were fetched, when runs began and ended, how long a page has been gone.
/// Nothing waits for it: it may stand still, or be set.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of the wall.
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// One that says what `tell` says.
    pub fn new(tell: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// Now, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// What a crawl measures its waiting by, and how old its rules are: the clock of the wall as it was when the engine
/// started, and from then on the machine's own. It neither stands still nor jumps; what a process before this one wrote
/// down by its own need not be believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steady {
    /// Milliseconds since 1970.
    wall: i64,
    start: Instant,
}

impl Steady {
    /// One that starts with what the clock says now.
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            wall: clock.now_ms(),
            start: Instant::now(),
        }
    }

    /// Now, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        self.wall.saturating_add(super::to_ms(self.start.elapsed()))
    }
}

/// Now, in milliseconds since 1970, for pauses and for what hosts say of the time.
pub(super) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Now, by both clocks.
pub(super) fn now() -> Moment {
    Moment {
        wall: now_ms(),
        up: uptime(),
    }
}

/// Linux counts hundredths of a second since its start, time asleep included.
fn uptime() -> Option<Uptime> {
    let text = fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let (seconds, hundredths): (i64, i64) = (seconds.parse().ok()?, hundredths.parse().ok()?);
    Some(Uptime {
        boot: BOOT.clone()?,
        ms: seconds.checked_mul(1000)?.checked_add(hundredths * 10)?,
    })
}
