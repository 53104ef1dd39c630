//! From signals to one word that says: stop.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Set by the first SIGINT or SIGTERM; a second one ends the process at once.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// For tasks.
    pub token: CancellationToken,
    /// For threads that do not wait in the runtime.
    pub flag: Arc<AtomicBool>,
}

impl Stop {
    /// Listens for signals on the current runtime.
    ///
    /// # Errors
    /// When the signal handlers cannot be installed.
    pub fn on_signals() -> std::io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let stop = Self::default();
        let heard = stop.clone();
        tokio::spawn(async move {
            for first in [true, false] {
                let number = tokio::select! {
                    _ = interrupt.recv() => 2,
                    _ = terminate.recv() => 15,
                };
                if first {
                    tracing::info!("stopping: finishing what is in flight, once more to stop at once");
                    heard.flag.store(true, Ordering::Relaxed);
                    heard.token.cancel();
                } else {
                    std::process::exit(128 + number);
                }
            }
        });
        Ok(stop)
    }

    /// Listens for signals on a thread of its own, for commands without a runtime.
    ///
    /// # Errors
    /// When the signal handlers cannot be installed.
    pub fn on_signals_in_background() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let stop = {
            let _inside = runtime.enter();
            Self::on_signals()?
        };
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
        Ok(stop)
    }
}
