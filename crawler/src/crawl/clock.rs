//! The clocks of a crawl: the wall's, which tells dates, and the machine's, which nobody sets.

use std::{fs, sync::LazyLock};

use jiff::Timestamp;

use crate::politeness::{Moment, Uptime};

/// What tells this start of the machine from every other; `None` where the system does not say.
static BOOT: LazyLock<Option<String>> = LazyLock::new(|| {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
});

/// Now, in milliseconds since 1970: the one place of a crawl that reads the clock of the wall.
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
