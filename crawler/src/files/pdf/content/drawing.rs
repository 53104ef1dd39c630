//! The straight lines of a page: drawn as such, or as thin shapes that are filled.

use hayro_syntax::{content::ops::TypedInstruction as Op, object::Number};

use super::{Machine, Rule};

/// Most straight lines of a page.
const MAX_RULES: usize = 20_000;

/// Thickest shape that is a line, in points.
const THIN: f64 = 3.0;

/// The path that is being drawn: straight pieces of it, in places of the page.
#[derive(Default)]
pub(super) struct Path {
    start: (f64, f64),
    at: (f64, f64),
    pieces: Vec<Rule>,
}

impl Machine<'_> {
    pub(super) fn draw(&mut self, step: &Op<'_, '_>) {
        let point = |x: &Number, y: &Number| self.state.ctm.point(x.as_f64(), y.as_f64());
        match step {
            Op::MoveTo(to) => {
                self.path.start = point(&to.0, &to.1);
                self.path.at = self.path.start;
            }
            Op::LineTo(to) => {
                let to = point(&to.0, &to.1);
                self.piece(to);
            }
            Op::CubicTo(to) => self.path.at = point(&to.4, &to.5),
            Op::ClosePath(_) => self.piece(self.path.start),
            Op::RectPath(rect) => {
                let (x, y) = (rect.0.as_f64(), rect.1.as_f64());
                let (w, h) = (rect.2.as_f64(), rect.3.as_f64());
                let corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)];
                let corners = corners.map(|(x, y)| self.state.ctm.point(x, y));
                (self.path.start, self.path.at) = (corners[0], corners[0]);
                for corner in [corners[1], corners[2], corners[3], corners[0]] {
                    self.piece(corner);
                }
            }
            Op::StrokePath(_) | Op::FillAndStrokeNonZero(_) | Op::FillAndStrokeEvenOdd(_) => {
                self.paint(false)
            }
            Op::CloseAndStrokePath(_)
            | Op::CloseFillAndStrokeNonZero(_)
            | Op::CloseFillAndStrokeEvenOdd(_) => {
                self.piece(self.path.start);
                self.paint(false);
            }
            Op::FillPathNonZero(_) | Op::FillPathNonZeroCompatibility(_) | Op::FillPathEvenOdd(_) => {
                self.paint(true)
            }
            Op::EndPath(_) => self.path.pieces.clear(),
            _ => {}
        }
    }

    fn piece(&mut self, to: (f64, f64)) {
        let from = std::mem::replace(&mut self.path.at, to);
        if self.path.pieces.len() < MAX_RULES {
            self.path.pieces.push(Rule {
                x0: from.0,
                y0: from.1,
                x1: to.0,
                y1: to.1,
            });
        }
    }

    /// Keeps the straight pieces of a path: all when its outline is drawn, the long sides of thin shapes when it is
    /// filled.
    fn paint(&mut self, filled: bool) {
        let pieces = std::mem::take(&mut self.path.pieces);
        let straight = |rule: &Rule| {
            let (w, h) = ((rule.x1 - rule.x0).abs(), (rule.y1 - rule.y0).abs());
            w.is_finite() && h.is_finite() && w.min(h) < 1.0 && w.max(h) >= 4.0
        };
        let room = MAX_RULES.saturating_sub(self.shown.rules.len());
        if !filled {
            self.shown
                .rules
                .extend(pieces.into_iter().filter(straight).take(room));
            return;
        }
        // Sides that have another beside them, closer than a line is thick: each shape is four pieces or so.
        let mut kept = Vec::new();
        for shape in pieces.chunks(4) {
            let x0 = shape.iter().map(|r| r.x0.min(r.x1)).fold(f64::INFINITY, f64::min);
            let x1 = shape
                .iter()
                .map(|r| r.x0.max(r.x1))
                .fold(f64::NEG_INFINITY, f64::max);
            let y0 = shape.iter().map(|r| r.y0.min(r.y1)).fold(f64::INFINITY, f64::min);
            let y1 = shape
                .iter()
                .map(|r| r.y0.max(r.y1))
                .fold(f64::NEG_INFINITY, f64::max);
            if (x1 - x0).min(y1 - y0) <= THIN {
                let (mx, my) = (x0.midpoint(x1), y0.midpoint(y1));
                kept.push(if x1 - x0 > y1 - y0 {
                    Rule {
                        x0,
                        y0: my,
                        x1,
                        y1: my,
                    }
                } else {
                    Rule {
                        x0: mx,
                        y0,
                        x1: mx,
                        y1,
                    }
                });
            }
        }
        self.shown
            .rules
            .extend(kept.into_iter().filter(straight).take(room));
    }
}
