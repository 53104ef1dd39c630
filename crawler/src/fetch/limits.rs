//! How long an answer may take, and how slowly it may come.

use std::time::Duration;

/// The limits of one request besides its size. Tests shorten them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Longest wait for a connection, TLS included.
    pub(crate) connect: Duration,
    /// Longest wait for the end of the headers, once connected.
    pub(crate) first_byte: Duration,
    /// Longest time that a body may stand still.
    pub(crate) idle: Duration,
    /// How long a body may be slower than [`Limits::min_bytes`] allows.
    pub(crate) slow: Duration,
    /// Fewest bytes of a body in that time.
    pub(crate) min_bytes: usize,
    /// How long the addresses of a host are used before its name is looked up again.
    pub(crate) addresses: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(15),
            slow: Duration::from_secs(30),
            min_bytes: 30 << 10, // 1 KiB a second
            addresses: Duration::from_secs(5 * 60),
        }
    }
}
