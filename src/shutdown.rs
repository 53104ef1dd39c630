//! From signals to one cancellation token.

use tokio_util::sync::CancellationToken;

/// A token that is cancelled by SIGINT or SIGTERM; a second signal ends the process at once.
///
/// # Errors
/// When the signal handlers cannot be installed.
pub fn on_signals() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        for first in [true, false] {
            let number = tokio::select! {
                _ = interrupt.recv() => 2,
                _ = terminate.recv() => 15,
            };
            if first {
                tracing::info!("stopping: finishing what is in flight, once more to stop at once");
                cancel.cancel();
            } else {
                std::process::exit(128 + number);
            }
        }
    });
    Ok(token)
}
