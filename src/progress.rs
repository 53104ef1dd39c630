//! Progress of long work: a bar when stderr is a terminal, plain log lines when not.

mod crawl;

use std::{
    io::IsTerminal,
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub(crate) use self::crawl::CrawlProgress;

/// How often a plain line is logged.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Work that is done sooner shows no bar, when its length is known beforehand.
const BAR_AFTER: Duration = Duration::from_secs(2);

/// Progress of one piece of work.
pub(crate) struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    last_line: Mutex<Instant>,
    /// When a bar that is still hidden is shown.
    show_at: Mutex<Option<Instant>>,
}

impl Progress {
    /// Progress over bytes, of which there are `total`.
    pub(crate) fn of_bytes(what: &'static str, total: u64) -> Self {
        let style = "{msg} [{bar:30}] {bytes}/{total_bytes}, {eta} left";
        Self::new(what, ProgressBar::new(total), style)
    }

    /// Progress over a number of things, shown only if they take long.
    pub(crate) fn of_things(what: &'static str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let progress = Self::new(what, bar, "{msg} [{bar:30}] {eta} left");
        if let Ok(mut show_at) = progress.show_at.lock() {
            *show_at = Some(Instant::now() + BAR_AFTER);
        }
        progress
    }

    /// Progress over things whose number is not known before.
    pub(crate) fn open_ended(what: &'static str) -> Self {
        Self::new(what, ProgressBar::no_length(), "{spinner} {msg} {elapsed}")
    }

    fn new(what: &'static str, bar: ProgressBar, style: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            what,
            bar,
            last_line: Mutex::new(Instant::now()),
            show_at: Mutex::new(None),
        }
    }

    /// Tells how far it is, with a word on what was found so far.
    pub(crate) fn at(&self, position: u64, found: &str) {
        if let Some(bar) = &self.bar {
            if let Ok(mut show_at) = self.show_at.lock()
                && show_at.is_some_and(|at| at <= Instant::now())
            {
                *show_at = None;
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_position(position);
            bar.set_message(format!("{}: {found}", self.what));
            return;
        }
        let Ok(mut last) = self.last_line.lock() else {
            return;
        };
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            tracing::info!("{}: {found}", self.what);
        }
    }

    /// Sets how much there is in all.
    pub(crate) fn of(&self, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
    }

    /// Writes a line that stays, above the bar when there is one.
    pub(crate) fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => tracing::warn!("{line}"),
        }
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
