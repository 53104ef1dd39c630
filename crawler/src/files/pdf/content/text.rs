//! The glyphs of a page: where each is shown, and what marked content says that it is to be read as.

use hayro_syntax::object::{Array, Dict, Name, Object, String as Bytes, dict::keys};

use super::{Glyph, MAX_SAVED, Machine, Matrix, State, UNKNOWN};

/// An open piece of marked content.
pub(super) struct Mark {
    is_artifact: bool,
    /// What its glyphs are to be read as, and which is the first.
    replaced: Option<(String, usize)>,
}

impl Machine<'_> {
    pub(super) fn move_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::translation(x, y).then(self.line);
        self.text = self.line;
    }

    pub(super) fn show_all(&mut self, texts: &Array<'_>) {
        for item in texts.iter::<Object<'_>>() {
            match item {
                Object::String(text) => self.show(&text),
                Object::Number(by) => {
                    let by = -by.as_f64() / 1000.0 * self.state.size;
                    let is_vertical = self.state.font.as_ref().is_some_and(|font| font.vertical);
                    self.advance(
                        by * if is_vertical { 1.0 } else { self.state.stretch },
                        is_vertical,
                    );
                }
                _ => {}
            }
        }
    }

    fn advance(&mut self, by: f64, is_vertical: bool) {
        let (x, y) = if is_vertical { (0.0, by) } else { (by, 0.0) };
        self.text = Matrix::translation(x, y).then(self.text);
    }

    pub(super) fn show(&mut self, text: &Bytes<'_>) {
        let Some(font) = self.state.font.clone() else {
            return;
        };
        let is_artifact = self.marks.iter().any(|mark| mark.is_artifact);
        font.codes(text, |code| {
            let State {
                size,
                char_space,
                word_space,
                stretch,
                rise,
                ..
            } = self.state;
            let space = char_space + if code.is_space { word_space } else { 0.0 };
            let width = code.advance / 1000.0 * size;
            let place = self.text.then(self.state.ctm);
            // In vertical writing glyphs hang from their origin.
            let (wide, (dx, dy)) = if font.vertical {
                (-(width.abs() + space), place.vector(0.0, -width.abs()))
            } else {
                ((width + space) * stretch, place.vector(width * stretch, 0.0))
            };
            let (up_x, up_y) = place.vector(0.0, size);
            let (x, y) = place.point(0.0, rise);
            let parts = if code.text.is_empty() {
                1
            } else {
                code.text.chars().count()
            };
            let part = 1.0 / parts as f64;
            let shown = code.text.chars().chain(code.text.is_empty().then_some(UNKNOWN));
            for (index, c) in shown.enumerate().take(8) {
                let at = index as f64 * part;
                let glyph = Glyph {
                    c,
                    x: x + dx * at,
                    y: y + dy * at,
                    dx: dx * part,
                    dy: dy * part,
                    size: up_x.hypot(up_y),
                    is_artifact,
                };
                if glyph.x.is_finite()
                    && glyph.y.is_finite()
                    && glyph.size.is_finite()
                    && dx.is_finite()
                    && dy.is_finite()
                {
                    self.shown.glyphs.push(glyph);
                }
            }
            self.advance(wide, font.vertical);
        });
    }

    pub(super) fn mark(&mut self, tag: &Name<'_>, properties: Option<&Dict<'_>>) {
        if self.marks.len() >= MAX_SAVED {
            return;
        }
        let get = |key: &[u8]| properties?.get::<Name<'_>>(key);
        let is_artifact = &**tag == b"Artifact" && get(b"Type").as_deref() == Some(b"Pagination");
        let replaced = properties.and_then(|dict| dict.get::<Bytes<'_>>(keys::ACTUAL_TEXT));
        let replaced = replaced.map(|text| (text_string(&text), self.shown.glyphs.len()));
        self.marks.push(Mark {
            is_artifact,
            replaced,
        });
    }

    /// Glyphs with a text of their own are read as that text, spread over their places.
    pub(super) fn unmark(&mut self) {
        let Some((text, first)) = self.marks.pop().and_then(|mark| mark.replaced) else {
            return;
        };
        let glyphs = self.shown.glyphs.get(first..).unwrap_or_default();
        let chars: Vec<char> = text
            .chars()
            .filter(|c| !c.is_control() && *c != '\u{ad}')
            .collect();
        let (Some(begin), Some(end)) = (glyphs.first().copied(), glyphs.last().copied()) else {
            return;
        };
        if chars.len() > 4 * glyphs.len() + 8 {
            return;
        }
        let (dx, dy) = (end.x + end.dx - begin.x, end.y + end.dy - begin.y);
        let count = chars.len().max(1) as f64;
        self.shown.glyphs.truncate(first);
        for (index, c) in chars.into_iter().enumerate() {
            let at = index as f64 / count;
            let (x, y) = (begin.x + dx * at, begin.y + dy * at);
            self.shown.glyphs.push(Glyph {
                c,
                x,
                y,
                dx: dx / count,
                dy: dy / count,
                ..begin
            });
        }
    }
}

/// A text string: UTF-16 or UTF-8 with a mark, else about Latin-1.
fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).filter_map(Result::ok).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().copied().map(char::from).collect(),
    }
}
