//! Progress of a crawl: a bar for each of the busiest portals and a line for all, or log lines.
//!
//! A terminal has room for [`MAX_SHOWN`] bars; a portal that was quiet for a while gives its bar to one that is not.

use std::{
    collections::HashMap,
    io::IsTerminal,
    sync::Mutex,
    time::{Duration, Instant},
};

use crawler::SoFar;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How often plain lines are logged.
const LINES_EVERY: Duration = Duration::from_secs(10);

/// Most portals that are shown at once.
const MAX_SHOWN: usize = 12;

/// A portal that did nothing for so long gives its bar away.
const QUIET: Duration = Duration::from_secs(10);

/// Progress of a crawl of several portals.
pub(crate) struct CrawlProgress {
    /// `None` when stderr is no terminal.
    bars: Option<Bars>,
    state: Mutex<State>,
}

struct Bars {
    all: MultiProgress,
    total: ProgressBar,
}

struct State {
    begun: Instant,
    last_lines: Instant,
    /// Portals that are being crawled.
    active: HashMap<String, Portal>,
    /// Pages of portals that are done.
    done: u64,
}

struct Portal {
    begun: Instant,
    last: Instant,
    so_far: SoFar,
    bar: Option<ProgressBar>,
}

impl CrawlProgress {
    pub(crate) fn new() -> Self {
        let bars = std::io::stderr().is_terminal().then(|| {
            let all = MultiProgress::new();
            let total = all.add(ProgressBar::no_length());
            set_style(&total, "{spinner} {msg}");
            total.enable_steady_tick(Duration::from_millis(200));
            Bars { all, total }
        });
        let now = Instant::now();
        Self {
            bars,
            state: Mutex::new(State {
                begun: now,
                last_lines: now,
                active: HashMap::new(),
                done: 0,
            }),
        }
    }

    /// A page of a portal was visited.
    pub(crate) fn at(&self, id: &str, so_far: SoFar) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        let now = Instant::now();
        let state = &mut *state;
        let portal = state.active.entry(id.to_owned()).or_insert_with(|| Portal {
            begun: now,
            last: now,
            so_far,
            bar: None,
        });
        (portal.last, portal.so_far) = (now, so_far);
        match &self.bars {
            Some(bars) => {
                bars.show(state, id, now);
                bars.total.set_message(format!("crawling {}", state.total(now)));
            }
            None if now.duration_since(state.last_lines) >= LINES_EVERY => {
                state.last_lines = now;
                for line in state.lines(now) {
                    tracing::info!("{line}");
                }
            }
            None => {}
        }
    }

    /// A portal is done.
    pub(crate) fn finished(&self, id: &str) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        if let Some(portal) = state.active.remove(id) {
            state.done += portal.so_far.visited;
            if let (Some(bars), Some(bar)) = (&self.bars, portal.bar) {
                bars.all.remove(&bar);
            }
        }
    }

    /// Takes the bars away.
    pub(crate) fn done(&self) {
        if let Some(bars) = &self.bars {
            bars.total.finish_and_clear();
            // Nothing is lost when the terminal is gone.
            let _ = bars.all.clear();
        }
    }
}

impl Bars {
    /// Shows a portal, in the place of a quiet one when there is no other.
    fn show(&self, state: &mut State, id: &str, now: Instant) {
        let is_shown = |portal: &&mut Portal| portal.bar.is_some();
        if state.active.get_mut(id).filter(is_shown).is_none() {
            let n_shown = state
                .active
                .values()
                .filter(|portal| portal.bar.is_some())
                .count();
            if n_shown >= MAX_SHOWN {
                let mut shown = state.active.values_mut().filter(is_shown);
                let Some(quiet) = shown.find(|portal| now.duration_since(portal.last) >= QUIET) else {
                    return;
                };
                if let Some(bar) = quiet.bar.take() {
                    self.all.remove(&bar);
                }
            }
            let bar = self.all.insert_before(&self.total, ProgressBar::new(0));
            set_style(&bar, "{prefix:20!} [{bar:20}] {msg}");
            bar.set_prefix(id.to_owned());
            if let Some(portal) = state.active.get_mut(id) {
                portal.bar = Some(bar);
            }
        }
        if let Some(portal) = state.active.get(id)
            && let Some(bar) = &portal.bar
        {
            bar.set_length(portal.so_far.visited + portal.so_far.pending);
            bar.set_position(portal.so_far.visited);
            bar.set_message(words(portal.so_far, now.duration_since(portal.begun)));
        }
    }
}

impl State {
    /// All portals together.
    fn total(&self, now: Instant) -> String {
        let of = |count: fn(&SoFar) -> u64| -> u64 {
            self.active.values().map(|portal| count(&portal.so_far)).sum()
        };
        let so_far = SoFar {
            visited: self.done + of(|so_far| so_far.visited),
            before: of(|so_far| so_far.before),
            pending: of(|so_far| so_far.pending),
            // They are crawled side by side, so the last one counts.
            left: self
                .active
                .values()
                .map(|portal| portal.so_far.left)
                .max()
                .unwrap_or_default(),
        };
        let n = self.active.len();
        let portals = if n == 1 { "portal" } else { "portals" };
        format!("{n} {portals}: {}", words(so_far, now.duration_since(self.begun)))
    }

    /// The total, and the portals that were busy last.
    fn lines(&self, now: Instant) -> Vec<String> {
        let mut lines = vec![format!("crawling {}", self.total(now))];
        let mut active: Vec<_> = self.active.iter().collect();
        if active.len() > 1 {
            active.sort_by_key(|(id, portal)| (std::cmp::Reverse(portal.last), *id));
            let line = |(id, portal): &(&String, &Portal)| {
                format!("{id}: {}", words(portal.so_far, now.duration_since(portal.begun)))
            };
            lines.extend(active.iter().take(MAX_SHOWN).map(line));
        }
        lines
    }
}

/// How far it is, how fast, and how long it still takes.
fn words(so_far: SoFar, elapsed: Duration) -> String {
    let SoFar {
        visited,
        pending,
        left,
        ..
    } = so_far;
    let mut words = format!("{visited} pages, {pending} more known");
    let here = so_far.visited_here();
    if here > 1 && elapsed >= Duration::from_secs(1) {
        words.push_str(&format!(", {:.1}/s", here as f64 / elapsed.as_secs_f64()));
    }
    if pending > 0 && here > 0 {
        words.push_str(&format!(", about {} left", short(left)));
    }
    words
}

/// A length of time by its largest two units.
fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match seconds {
        86_400.. => format!("{days}d {hours}h"),
        3_600.. => format!("{hours}h {minutes}m"),
        60.. => format!("{minutes}m"),
        _ => format!("{seconds}s"),
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn so_far(visited: u64, pending: u64, left_s: u64) -> SoFar {
        SoFar {
            visited,
            before: 0,
            pending,
            left: Duration::from_secs(left_s),
        }
    }

    #[test]
    fn rate_and_estimate_are_told_when_they_are_known() {
        let after = Duration::from_secs;
        assert_eq!(words(so_far(1, 0, 0), after(0)), "1 pages, 0 more known");
        assert_eq!(
            words(so_far(40, 120, 250), after(80)),
            "40 pages, 120 more known, 0.5/s, about 4m left"
        );
        let resumed = SoFar {
            before: 30,
            ..so_far(40, 120, 250)
        };
        assert!(
            words(resumed, after(10)).contains(" 1.0/s"),
            "what was visited before says nothing of the rate"
        );
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (7_500, "2h 5m"),
            (90_000, "1d 1h"),
        ] {
            assert_eq!(short(after(seconds)), text);
        }
    }

    #[test]
    fn the_busiest_portals_and_all_together_are_told() {
        let begun = Instant::now();
        let portal = |n: u64| Portal {
            begun,
            last: begun + Duration::from_secs(n),
            so_far: so_far(10, n, 2 * n),
            bar: None,
        };
        let state = State {
            begun,
            last_lines: begun,
            active: (0..20).map(|n| (format!("p{n}"), portal(n))).collect(),
            done: 7,
        };
        let lines = state.lines(begun + Duration::from_secs(100));
        assert_eq!(
            lines[0],
            "crawling 20 portals: 207 pages, 190 more known, 2.1/s, about 38s left"
        );
        assert_eq!(lines[1], "p19: 10 pages, 19 more known, 0.1/s, about 38s left");
        assert_eq!(lines.len(), 1 + MAX_SHOWN);
    }
}
