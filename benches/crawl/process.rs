//! What a process costs, by the accounts of the operating system (Linux, `/proc`).
//!
//! A process that has ended keeps its processor time until it is waited for; its memory and its threads are gone by
//! then, so these are read while it runs.

use std::{
    collections::BTreeMap,
    fs,
    process::Child,
    thread,
    time::{Duration, Instant},
};

/// Units of processor time a second: fixed at 100 for programs, whatever the kernel counts in.
const TICKS: f64 = 100.0;

/// How often the accounts are read.
const EVERY: Duration = Duration::from_millis(20);

/// What a process needed from its start to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of processors, user and system.
    pub(crate) cpu: f64,
    /// Most resident memory, in MiB.
    pub(crate) mib: f64,
    /// Processor time by the name of threads, a little less than all of it.
    pub(crate) threads: BTreeMap<String, f64>,
    pub(crate) succeeded: bool,
}

/// Waits for a process that was just started.
pub(crate) fn watch(mut child: Child) -> Cost {
    let begun = Instant::now();
    let pid = child.id();
    let mut threads: BTreeMap<u32, (String, f64)> = BTreeMap::new();
    let mut cost = Cost::default();
    while !is_over(pid) {
        cost.mib = cost.mib.max(memory(pid, "VmHWM").unwrap_or(0.0));
        if let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) {
            for task in tasks.flatten() {
                if let Some(tid) = task.file_name().to_str().and_then(|name| name.parse().ok())
                    && let Some((name, cpu)) = stat(&format!("/proc/{pid}/task/{tid}/stat"))
                {
                    threads.insert(tid, (name, cpu));
                }
            }
        }
        thread::sleep(EVERY);
    }
    cost.wall = begun.elapsed().as_secs_f64();
    cost.cpu = cpu(pid).unwrap_or(0.0);
    for (name, cpu) in threads.into_values() {
        *cost.threads.entry(name).or_default() += cpu;
    }
    cost.succeeded = child.wait().is_ok_and(|status| status.success());
    cost
}

/// Processor time of a process so far, in seconds.
pub(crate) fn cpu(pid: u32) -> Option<f64> {
    stat(&format!("/proc/{pid}/stat")).map(|(_, cpu)| cpu)
}

/// A line of `/proc/PID/status`, in MiB: `VmRSS`, `VmHWM`.
pub(crate) fn memory(pid: u32, line: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let value = status
        .lines()
        .find_map(|l| l.strip_prefix(line)?.strip_prefix(':'))?;
    let kib: f64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

fn is_over(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_none_or(|(_, rest)| matches!(rest.trim_start().chars().next(), Some('Z' | 'X') | None))
}

/// Name and processor time.
fn stat(path: &str) -> Option<(String, f64)> {
    let stat = fs::read_to_string(path).ok()?;
    let (head, rest) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((name, (ticks(11)? + ticks(12)?) / TICKS))
}
