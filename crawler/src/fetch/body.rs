//! Reading a body within its limits: never more bytes than wanted, never slower than is bearable.

use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use super::{FetchError, Limits, Request, spool::Spool};

/// Reads the body of an answer into `body`; true when it was cut.
///
/// # Errors
/// When it is too long, too slow, or breaks off.
pub(super) async fn read(
    answer: &mut Response,
    request: &Request,
    limits: &Limits,
    mut body: Spool<'_>,
) -> Result<bool, FetchError> {
    let limit = usize::try_from(request.max_bytes).unwrap_or(usize::MAX);
    let too_large = FetchError::TooLarge {
        limit: request.max_bytes,
    };
    let announced = answer.content_length();
    if !request.cut && announced.is_some_and(|length| length > request.max_bytes) {
        return Err(too_large);
    }
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
        let Some(chunk) = chunk else {
            body.end().await.map_err(FetchError::Spool)?;
            return Ok(false);
        };
        heard = Instant::now();
        window.bytes += chunk.len();
        if heard >= window.end {
            window.close(limits)?;
        }
        let room = limit.saturating_sub(body.len());
        if chunk.len() > room && !request.cut {
            return Err(too_large);
        }
        let is_cut = chunk.len() > room;
        let part = &chunk[..chunk.len().min(room)];
        body.push(part).await.map_err(FetchError::Spool)?;
        if is_cut {
            body.end().await.map_err(FetchError::Spool)?;
            return Ok(true);
        }
    }
}

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
