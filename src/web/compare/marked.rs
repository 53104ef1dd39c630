//! The text of a report cut into lines, and these where it begins or ends to stand in others too.

use std::ops::Range;

/// Whether something stands in other reports too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    No,
    /// In one or more of several.
    Some,
    All,
}

/// A piece of a line.
#[derive(Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) shared: Shared,
}

/// A line of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    /// Its first character in the text.
    pub(super) start: usize,
    /// One past its last.
    pub(super) end: usize,
    pub(super) pieces: Vec<Piece>,
}

/// Shortens stretches of a text so that none begins or ends inside a number.
pub(super) fn keep_numbers_whole(text: &str, shared: &mut [Vec<Range<usize>>]) {
    let digits: Vec<bool> = text.chars().map(|c| c.is_ascii_digit()).collect();
    let is_inside = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| digits.get(at));
        before == Some(&true) && digits.get(at) == Some(&true)
    };
    for range in shared.iter_mut().flatten() {
        while range.start < range.end && is_inside(range.start) {
            range.start += 1;
        }
        while range.start < range.end && is_inside(range.end) {
            range.end -= 1;
        }
    }
    for ranges in shared {
        ranges.retain(|range| !range.is_empty());
    }
}

/// Stretches of a text, ascending and apart, with how many other texts have them.
fn layers(shared: &[Vec<Range<usize>>]) -> Vec<(Range<usize>, usize)> {
    let ranges = shared.iter().flatten();
    let mut turns: Vec<(usize, isize)> = ranges.flat_map(|at| [(at.start, 1), (at.end, -1)]).collect();
    turns.sort_unstable();
    let mut layers = Vec::new();
    let (mut depth, mut from) = (0_isize, 0);
    for (at, turn) in turns {
        if let Ok(depth) = usize::try_from(depth)
            && depth > 0
            && at > from
        {
            layers.push((from..at, depth));
        }
        depth += turn;
        from = at;
    }
    layers
}

/// Cuts a text. `shared` are the stretches that stand in each of the others.
pub(super) fn lines(text: &str, shared: &[Vec<Range<usize>>], n_others: usize) -> Vec<Line> {
    let layers = layers(shared);
    let mut next = layers.iter().peekable();
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let chars: Vec<char> = line.chars().collect();
        let end = start + chars.len();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut push = |range: Range<usize>, shared: Shared| {
            let text: String = chars[range.start - start..range.end - start].iter().collect();
            match pieces.last_mut() {
                _ if text.is_empty() => {}
                Some(last) if last.shared == shared => last.text.push_str(&text),
                _ => pieces.push(Piece { text, shared }),
            }
        };
        // Blanks before a paragraph are of its layout; marked, they would look like text.
        let mut at = start + chars.iter().take_while(|c| c.is_whitespace()).count();
        while let Some((range, depth)) = next.peek().filter(|(range, _)| range.start < end) {
            let from = range.start.clamp(at, end);
            let to = range.end.clamp(from, end);
            push(at..from, Shared::No);
            let is_all = *depth >= n_others;
            push(from..to, if is_all { Shared::All } else { Shared::Some });
            at = to;
            if range.end > end {
                break;
            }
            next.next();
        }
        push(at..end, Shared::No);
        if !line.trim().is_empty() {
            lines.push(Line { start, end, pieces });
        }
        start = end + 1;
    }
    lines
}

/// Characters of a text that stand in another, as a share of all, 0 to 1.
pub(super) fn share(n_chars: usize, shared: &[Vec<Range<usize>>]) -> f64 {
    let covered: usize = layers(shared).iter().map(|(range, _)| range.len()).sum();
    covered as f64 / n_chars.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(range: Range<usize>) -> Vec<Range<usize>> {
        Vec::from([range])
    }

    #[test]
    fn no_number_is_cut() {
        let text = "件125件结案件20";
        let mut shared = [one(2..9), one(1..3)];
        keep_numbers_whole(text, &mut shared);
        assert_eq!(shared, [one(4..8), Vec::new()]);
    }

    #[test]
    fn lines_are_cut_where_more_or_fewer_have_them() {
        let piece = |text: &str, shared| Piece {
            text: text.to_owned(),
            shared,
        };
        // The first goes over the end of a line.
        let shared = [one(1..6), vec![2..4, 7..8]];
        let found = lines("甲乙丙\n丁戊己庚\n\n辛", &shared, 2);
        assert_eq!(
            found[0].pieces,
            [
                piece("甲", Shared::No),
                piece("乙", Shared::Some),
                piece("丙", Shared::All)
            ]
        );
        assert_eq!(
            found[1].pieces,
            [
                piece("丁戊", Shared::Some),
                piece("己", Shared::No),
                piece("庚", Shared::Some)
            ]
        );
        assert_eq!(found[2].pieces, [piece("辛", Shared::No)]);
        assert_eq!((found[2].start, found[2].end, found.len()), (10, 11, 3));
        assert!((share(12, &shared) - 0.5).abs() < 1e-9);
    }
}
