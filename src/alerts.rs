//! Alerts: saved searches whose news go into a feed and to a webhook.
//!
//! ```text
//! index ─ a new state ─▶ Lookout: one search an alert over what was recorded since ─▶ entries (catalog.db) ─▶ feed.atom
//!                                                                                        │
//!                                                            Postman: letters, signed ◀──┘ ─▶ crawler::Courier ─▶ webhooks
//! ```
//!
//! The lookout sees every commit within half a second, whichever process made it. What an alert was looked at for is kept
//! with it, so nothing is lost while no service runs. Of several processes each looks; an entry is added once, and a
//! letter is carried by one.

mod letter;
mod lookout;
mod postman;
mod retry;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use crawler::Courier;
use index::Reader;
use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

pub(crate) use self::{letter::shown_secret, lookout::read_query};
use self::{lookout::Lookout, postman::Postman};
use crate::{config::Config, operations::Operations};

/// How often the index is asked whether it has changed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// After a search that failed, when it is tried again though nothing has changed.
const TRY_AGAIN: Duration = Duration::from_secs(30);

/// What of the configuration alerts need.
#[derive(Clone, Debug, Default)]
pub struct AlertSettings {
    /// What addresses of pages of ours begin with, without a slash at the end; empty when it is not known.
    pub base: String,
    /// `host:port` of webhooks at addresses that are not public.
    pub allow_private: Vec<String>,
}

impl AlertSettings {
    /// Those of a service that listens at `bound`. What a request says of our address is never believed.
    pub fn new(config: &Config, bound: SocketAddr) -> Self {
        let base = match &config.server.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None if bound.ip().is_unspecified() => String::new(),
            None => format!("http://{bound}"),
        };
        Self {
            base,
            allow_private: config.alerts.allow_private.clone(),
        }
    }
}

/// What looks after alerts until `stop`.
///
/// # Errors
/// When TLS cannot be set up.
pub(crate) fn watch(
    reader: Reader,
    operations: Operations,
    settings: &AlertSettings,
    user_agent: &str,
    stop: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let news = Arc::new(Notify::new());
    let postman = Postman {
        operations: operations.clone(),
        courier: Arc::new(Courier::new(user_agent, &settings.allow_private)?),
        base: settings.base.clone(),
        news: Arc::clone(&news),
        queue: Arc::default(),
    };
    let letters = postman.run(stop.clone());
    let looks = look(Lookout::new(reader, operations), news, stop);
    Ok(async {
        tokio::join!(letters, looks);
    })
}

async fn look(mut lookout: Lookout, news: Arc<Notify>, stop: CancellationToken) {
    let mut again_at: Option<Instant> = None;
    while !stop.is_cancelled() {
        let is_forced = again_at.is_some_and(|at| at <= Instant::now());
        let token = stop.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let looked = lookout.look(Timestamp::now(), is_forced, &|| token.is_cancelled());
            (lookout, looked)
        });
        let looked = match looking.await {
            Ok((back, looked)) => {
                lookout = back;
                looked
            }
            Err(error) => {
                tracing::error!(%error, "looking after alerts ended by a fault of this program");
                return;
            }
        };
        match looked {
            Ok(None) => (),
            Ok(Some(round)) => {
                if round.n_added > 0 {
                    tracing::debug!(entries = round.n_added, "alerts have news");
                    news.notify_one();
                }
                again_at = (round.n_failed > 0).then(|| Instant::now() + TRY_AGAIN);
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "alerts cannot be looked after");
                again_at = Some(Instant::now() + TRY_AGAIN);
            }
        }
        tokio::select! {
            () = stop.cancelled() => (),
            () = tokio::time::sleep(LOOK_EVERY) => (),
        }
    }
}

#[cfg(test)]
mod tests;
