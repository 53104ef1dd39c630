//! The clocks of a crawl: the wall's, which tells dates, and the machine's, which nobody sets.
//!
//! What a crawl writes down of pages and runs is dated by the [`Clock`] that it was given. Pauses between requests
//! follow the clocks of the machine, whatever that one says.

use std::{
    fmt, fs,
    sync::{Arc, LazyLock},
};

use jiff::Timestamp;

use crate::politeness::{Moment, Uptime};

/// What tells this start of the machine from every other; `None` where the system does not say.
static BOOT: LazyLock<Option<String>> = LazyLock::new(|| {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
});

/// What time it is for a crawl: when pages were fetched, when runs began and ended, how long a page has been gone.
///
/// It must not stand still: what is to be tried again later waits for it.
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
