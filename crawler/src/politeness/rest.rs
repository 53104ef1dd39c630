//! A host that answers one page after the other with a refusal or a fault of its own is left alone for a while.

use std::time::Duration;

/// Pages in a row after which a host is left alone.
const MAX_BAD: usize = 5;

/// How long a host that refuses us is left alone.
const AFTER_REFUSALS: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a host with faults of its own is left alone: they are mended sooner than minds are changed.
const AFTER_FAULTS: Duration = Duration::from_secs(60 * 60);

/// Whether a status says that we are not wanted.
pub(crate) fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 403 | 406 | 412)
}

/// Bad answers of a host without a good one between them. A page that is tried again counts once, so that some pages
/// that are broken for good do not close a host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streak {
    /// Number of the page, and the answer's status.
    bad: Vec<(i64, u16)>,
}

impl Streak {
    /// Counts an answer with a refusal or a fault of the host's.
    pub(crate) fn add(&mut self, page: i64, status: u16) -> Option<Rest> {
        if self.bad.iter().all(|(known, _)| *known != page) {
            self.bad.push((page, status));
        }
        (self.bad.len() >= MAX_BAD).then(|| self.rest())
    }

    /// The host gave a good answer.
    pub(crate) fn clear(&mut self) {
        self.bad.clear();
    }

    fn rest(&self) -> Rest {
        let n_refusals = self.bad.iter().filter(|(_, status)| is_refusal(*status)).count();
        let is_refusal = 2 * n_refusals > self.bad.len();
        let mut statuses: Vec<_> = self.bad.iter().map(|(_, status)| *status).collect();
        statuses.sort_unstable();
        statuses.dedup();
        let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
        let (word, pause) = if is_refusal {
            ("refused", AFTER_REFUSALS)
        } else {
            ("host_fails", AFTER_FAULTS)
        };
        Rest {
            pause,
            is_refusal,
            reason: format!(
                "{word}: {} pages in a row were answered with {}",
                self.bad.len(),
                statuses.join(", ")
            ),
        }
    }
}

/// How and why a host is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rest {
    /// How long, from the last answer on.
    pub(crate) pause: Duration,
    /// It does not want us; otherwise it has faults of its own.
    pub(crate) is_refusal: bool,
    /// Begins with one stable word.
    pub(crate) reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest_after(statuses: &[u16]) -> Option<Rest> {
        let mut streak = Streak::default();
        let mut pages = 0..;
        statuses
            .iter()
            .find_map(|status| streak.add(pages.next()?, *status))
    }

    #[test]
    fn five_pages_in_a_row_are_enough() {
        assert_eq!(rest_after(&[403, 403, 403, 403]), None);
        let rest = rest_after(&[403, 403, 412, 403, 500]).unwrap();
        assert!(rest.is_refusal);
        assert_eq!(
            rest.reason,
            "refused: 5 pages in a row were answered with 403, 412, 500"
        );
        assert_eq!(rest.pause, AFTER_REFUSALS);
        let rest = rest_after(&[500, 502, 403, 500, 403]).unwrap();
        assert!(!rest.is_refusal && rest.reason.starts_with("host_fails: "));
        assert_eq!(rest.pause, AFTER_FAULTS);
    }

    #[test]
    fn a_page_counts_once_and_a_good_answer_begins_anew() {
        let mut streak = Streak::default();
        for _ in 0..20 {
            assert_eq!(streak.add(1, 500), None);
        }
        for page in 2..5 {
            assert_eq!(streak.add(page, 500), None);
        }
        streak.clear();
        for page in 5..9 {
            assert_eq!(streak.add(page, 500), None);
        }
        assert!(streak.add(9, 500).is_some());
    }
}
