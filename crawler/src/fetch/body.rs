//! Reading a body within its limits: never more bytes than wanted, never slower than is bearable.

use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::{FetchError, Limits, Request};

/// Appends the body of an answer to `response`; true when it was cut.
///
/// # Errors
/// When it is too long, too slow, or breaks off.
pub(super) async fn read(
    answer: &mut Response,
    request: &Request,
    limits: &Limits,
    response: &mut Vec<u8>,
) -> Result<bool, FetchError> {
    let limit = usize::try_from(request.max_bytes).unwrap_or(usize::MAX);
    let too_large = FetchError::TooLarge {
        limit: request.max_bytes,
    };
    let announced = answer.content_length();
    if !request.cut && announced.is_some_and(|length| length > request.max_bytes) {
        return Err(too_large);
    }
    let head = response.len();
    // What was announced may never come, so only a little is reserved for it.
    response.reserve(announced.map_or(0, |length| usize::try_from(length).unwrap_or(0).min(RESERVED)));
    let mut window = Window::new(limits);
    let mut heard = Instant::now();
    loop {
        let idle_until = heard + limits.idle;
        let chunk = match timeout_at(idle_until.min(window.end), answer.chunk()).await {
            Ok(chunk) => chunk.map_err(FetchError::of_body)?,
            Err(_) if Instant::now() >= idle_until => return Err(FetchError::IdleTimeout),
            Err(_) => {
                window.close(limits)?;
                continue;
            }
        };
        let Some(chunk) = chunk else { return Ok(false) };
        heard = Instant::now();
        window.bytes += chunk.len();
        if heard >= window.end {
            window.close(limits)?;
        }
        let room = limit.saturating_sub(response.len() - head);
        if chunk.len() > room {
            if !request.cut {
                return Err(too_large);
            }
            append(response, &chunk[..room]);
            return Ok(true);
        }
        append(response, &chunk);
    }
}

/// Appends without ever holding much more than there is: doubling would cost as much again as the longest body.
pub(super) fn append(whole: &mut Vec<u8>, part: &[u8]) {
    const STEP: usize = 256 << 10;
    if whole.capacity() - whole.len() < part.len() {
        whole.reserve_exact(part.len().max(STEP).max(whole.len() / 8));
    }
    whole.extend_from_slice(part);
}

/// Most bytes that are reserved for a body before it comes.
const RESERVED: usize = 1 << 20;

/// A stretch of time in which a body must not be too slow.
struct Window {
    end: Instant,
    bytes: usize,
}

impl Window {
    fn new(limits: &Limits) -> Self {
        Self {
            end: Instant::now() + limits.slow,
            bytes: 0,
        }
    }

    fn close(&mut self, limits: &Limits) -> Result<(), FetchError> {
        if self.bytes < limits.min_bytes {
            return Err(FetchError::TooSlow);
        }
        *self = Self::new(limits);
        Ok(())
    }
}
