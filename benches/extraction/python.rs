//! Runs Python: the scorer, the peer, and a child whose cost is to be known.

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

/// What a child needed.
pub(crate) struct Cost {
    /// Processor time, user and system.
    pub(crate) seconds: f64,
    /// Peak resident memory.
    pub(crate) mib: f64,
    pub(crate) status: i32,
}

/// Runs a program to its end, its output into a file.
pub(crate) fn measured(program: &str, arguments: &[&OsStr], stdout: &Path) -> Cost {
    const CHILD: &str = "import os, subprocess, sys\n\
        child = subprocess.Popen(sys.argv[2:], stdout=open(sys.argv[1], 'wb'), stderr=subprocess.DEVNULL)\n\
        _, status, used = os.wait4(child.pid, 0)\n\
        print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))";
    let output = Command::new("python3")
        .args(["-c", CHILD])
        .arg(stdout)
        .arg(program)
        .args(arguments)
        .output()
        .expect("python3 runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = printed.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse::<f64>().ok());
    Cost {
        seconds: number().expect("a time"),
        mib: number().expect("a size"),
        status: number().expect("a status") as i32,
    }
}
