//! As fast as the hosts allow: portals with a delay, which take their time to answer.

use std::{fmt::Write, time::Duration};

use super::{Settings, program::Setup, server::Server, site::Weight};

/// Pages a second that two cores can certainly read; what would be more is measured with light pages.
const MOST: f64 = 60.0;

pub(crate) fn section(settings: &Settings) -> String {
    let mut out = String::from(
        "### With a delay\n\nThe bound is hosts ÷ max(delay, time to answer).\n\n| hosts | delay | time to answer | pages | pages a second, steady | of the bound | processors busy | least gap |\n|---|---|---|---|---|---|---|---|\n",
    );
    for n in settings.of(&[10, 100, 1000]) {
        for delay in [100, 1000] {
            for wait in [0, 50, 200] {
                let bound = n as f64 * 1e3 / f64::from(delay.max(wait));
                let weight = if bound > MOST { Weight::Light } else { Weight::Full };
                let seconds = if settings.is_quick { 4.0 } else { 10.0 };
                let reports = (bound * seconds / n as f64).max(4.0) as usize;
                let mut server = Server::start(n, reports, weight, Duration::from_millis(wait as u64));
                let setup = Setup::new(&server, Duration::from_millis(delay as u64));
                let run = setup.run(&mut server);
                let line = format!(
                    "| {n} | {delay} ms | {wait} ms | {} {} | {:.1} | {:.1} % | {:.2} | {:.0} ms |",
                    run.seen.pages,
                    weight.code(),
                    run.seen.steady,
                    run.seen.steady / bound * 100.0,
                    run.cost.cpu / run.cost.wall,
                    run.seen.least_gap.unwrap_or(f64::NAN) * 1e3,
                );
                eprintln!("{line}");
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out
}
