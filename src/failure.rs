//! What an error means for the exit code.

use std::{io, process::ExitCode};

/// The call itself was wrong: a missing file, a bad option, a query that cannot be read. Exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongCall(pub String);

/// Makes an error that ends the program with exit code 2.
pub fn wrong_call(message: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(WrongCall(message.into()))
}

/// 2 when the call was wrong, else 1.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let wrong = error
        .chain()
        .any(|cause| cause.is::<WrongCall>() || cause.is::<crate::config::ConfigError>());
    ExitCode::from(if wrong { 2 } else { 1 })
}

/// Whether the reader of our output has gone.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let plain = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        plain.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
