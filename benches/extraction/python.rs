//! Runs Python: the scorer and the peer.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

/// What a script prints; `None` when it, or Python, fails.
pub(crate) fn run<A: AsRef<OsStr>>(script: &Path, arguments: &[A]) -> Option<String> {
    let output = Command::new("python3")
        .arg(script)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
