//! What a page shows: its glyphs, each with its place, and the straight lines drawn on it.
//!
//! The content stream is run for the state of text and the matrix only; colours, images and clips do not matter. Forms
//! are run where they are shown. Places are those of the page as it is seen: rotated, y downwards, in points.

use std::{collections::HashMap, rc::Rc};

use hayro_syntax::{
    content::{TypedIter, ops::TypedInstruction as Op},
    object::{Array, Dict, Name, Number, Object, ObjectIdentifier, Stream, String as Bytes, dict::keys},
    page::{Page, Resources},
};

use super::font::Font;
use crate::files::reason;

/// Most glyphs of a page; the rest of it is not read.
const MAX_GLYPHS: usize = 200_000;

/// Most straight lines of a page.
const MAX_RULES: usize = 20_000;

/// Most instructions of a document.
const MAX_STEPS: u64 = 50_000_000;

/// Deepest nesting of forms, and of saved states.
const MAX_DEPTH: usize = 12;
const MAX_SAVED: usize = 200;

/// Thickest shape that is a line, in points.
const THIN: f64 = 3.0;

/// A character that the font does not tell.
pub(in crate::files) const UNKNOWN: char = '\u{fffd}';

/// One character where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::files) struct Glyph {
    /// U+FFFD where the font does not tell.
    pub(in crate::files) c: char,
    /// Where it begins on its baseline.
    pub(in crate::files) x: f64,
    pub(in crate::files) y: f64,
    /// How far it goes.
    pub(in crate::files) dx: f64,
    pub(in crate::files) dy: f64,
    /// Height of the font.
    pub(in crate::files) size: f64,
    /// The page says that it is a running head or a number of a page.
    pub(in crate::files) is_artifact: bool,
}

/// A straight line, across or upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::files) struct Rule {
    pub(in crate::files) x0: f64,
    pub(in crate::files) y0: f64,
    pub(in crate::files) x1: f64,
    pub(in crate::files) y1: f64,
}

#[derive(Default)]
pub(in crate::files) struct Shown {
    pub(in crate::files) glyphs: Vec<Glyph>,
    pub(in crate::files) rules: Vec<Rule>,
    pub(in crate::files) width: f64,
    pub(in crate::files) height: f64,
    pub(in crate::files) has_pictures: bool,
}

/// What pages share.
#[derive(Default)]
pub(super) struct Shared {
    fonts: HashMap<ObjectIdentifier, Rc<Font>>,
    steps: u64,
}

/// Runs a page.
///
/// # Errors
/// When the document has more instructions than are followed.
pub(super) fn run(page: &Page<'_>, shared: &mut Shared) -> Result<Shown, &'static str> {
    let (width, height) = page.render_dimensions();
    let mut machine = Machine {
        shared,
        shown: Shown {
            width: width.into(),
            height: height.into(),
            ..Shown::default()
        },
        state: State {
            ctm: Matrix(page.initial_transform(true).as_coeffs()),
            ..State::default()
        },
        saved: Vec::new(),
        text: Matrix::IDENTITY,
        line: Matrix::IDENTITY,
        marks: Vec::new(),
        path: Path::default(),
    };
    machine.run(page.page_stream().unwrap_or_default(), page.resources(), 0)?;
    let Shown {
        glyphs,
        width,
        height,
        ..
    } = &mut machine.shown;
    // What is outside of the page is not seen.
    let (right, bottom) = (*width + 10.0, *height + 10.0);
    glyphs.retain(|glyph| (-10.0..right).contains(&glyph.x) && (-10.0..bottom).contains(&glyph.y));
    Ok(machine.shown)
}

#[derive(Clone, Copy)]
struct Matrix([f64; 6]);

impl Matrix {
    const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    fn of(numbers: [&Number; 6]) -> Self {
        Self(numbers.map(Number::as_f64))
    }

    fn translation(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This one first, then `next`.
    fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], n) = (self.0, next.0);
        Self([
            a * n[0] + b * n[2],
            a * n[1] + b * n[3],
            c * n[0] + d * n[2],
            c * n[1] + d * n[3],
            e * n[0] + f * n[2] + n[4],
            e * n[1] + f * n[3] + n[5],
        ])
    }

    fn point(self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = self.vector(x, y);
        (dx + self.0[4], dy + self.0[5])
    }

    /// Without the move.
    fn vector(self, x: f64, y: f64) -> (f64, f64) {
        let m = self.0;
        (x * m[0] + y * m[2], x * m[1] + y * m[3])
    }
}

#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    char_space: f64,
    word_space: f64,
    /// 1 is the font's own width.
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            ctm: Matrix::IDENTITY,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// The path that is being drawn: straight pieces of it, in places of the page.
#[derive(Default)]
struct Path {
    start: (f64, f64),
    at: (f64, f64),
    pieces: Vec<Rule>,
}

/// An open piece of marked content.
struct Mark {
    is_artifact: bool,
    /// What its glyphs are to be read as, and which is the first.
    replaced: Option<(String, usize)>,
}

struct Machine<'s> {
    shared: &'s mut Shared,
    shown: Shown,
    state: State,
    saved: Vec<State>,
    /// Text matrix and text line matrix.
    text: Matrix,
    line: Matrix,
    marks: Vec<Mark>,
    path: Path,
}

impl Machine<'_> {
    fn run(&mut self, stream: &[u8], resources: &Resources<'_>, depth: usize) -> Result<(), &'static str> {
        let mut steps = TypedIter::new(stream);
        let mut fonts: HashMap<Vec<u8>, Rc<Font>> = HashMap::new();
        while let Some(step) = steps.next() {
            self.shared.steps += 1;
            if self.shared.steps > MAX_STEPS {
                return Err(reason::TOO_COMPLEX);
            }
            if self.shown.glyphs.len() >= MAX_GLYPHS {
                break;
            }
            match step {
                Op::SaveState(_) if self.saved.len() < MAX_SAVED => self.saved.push(self.state.clone()),
                Op::RestoreState(_) => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
                Op::Transform(m) => {
                    self.state.ctm = Matrix::of([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5]).then(self.state.ctm);
                }
                Op::BeginText(_) => (self.text, self.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
                Op::CharacterSpacing(n) => self.state.char_space = n.0.as_f64(),
                Op::WordSpacing(n) => self.state.word_space = n.0.as_f64(),
                Op::HorizontalScaling(n) => self.state.stretch = n.0.as_f64() / 100.0,
                Op::TextLeading(n) => self.state.leading = n.0.as_f64(),
                Op::TextRise(n) => self.state.rise = n.0.as_f64(),
                Op::TextFont(font) => {
                    self.state.size = font.1.as_f64();
                    let known = fonts.get(&**font.0).cloned();
                    self.state.font = known.or_else(|| self.font(&resources.get_font(font.0)?));
                    if let Some(loaded) = &self.state.font {
                        fonts.insert(font.0.to_vec(), loaded.clone());
                    }
                }
                Op::NextLine(by) => self.move_line(by.0.as_f64(), by.1.as_f64()),
                Op::NextLineAndSetLeading(by) => {
                    self.state.leading = -by.1.as_f64();
                    self.move_line(by.0.as_f64(), by.1.as_f64());
                }
                Op::NextLineUsingLeading(_) => self.move_line(0.0, -self.state.leading),
                Op::SetTextMatrix(m) => {
                    self.line = Matrix::of([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5]);
                    self.text = self.line;
                }
                Op::ShowText(text) => self.show(text.0),
                Op::NextLineAndShowText(text) => {
                    self.move_line(0.0, -self.state.leading);
                    self.show(text.0);
                }
                Op::ShowTextWithParameters(text) => {
                    (self.state.word_space, self.state.char_space) = (text.0.as_f64(), text.1.as_f64());
                    self.move_line(0.0, -self.state.leading);
                    self.show(text.2);
                }
                Op::ShowTexts(texts) => self.show_all(texts.0),
                Op::XObject(name) if depth < MAX_DEPTH => {
                    if let Some(form) = resources.get_x_object(name.0) {
                        self.form(&form, resources, depth)?;
                    }
                }
                Op::BeginMarkedContent(mark) => self.mark(mark.0, None),
                Op::BeginMarkedContentWithProperties(mark) => {
                    let properties = match mark.1 {
                        Object::Dict(dict) => Some(dict.clone()),
                        Object::Name(name) => resources.properties.get::<Dict<'_>>(name),
                        _ => None,
                    };
                    self.mark(mark.0, properties.as_ref());
                }
                Op::EndMarkedContent(_) => self.unmark(),
                Op::InlineImage(_) | Op::Shading(_) => self.shown.has_pictures = true,
                step => self.draw(&step),
            }
        }
        Ok(())
    }

    fn font(&mut self, dict: &Dict<'_>) -> Option<Rc<Font>> {
        match dict.obj_id() {
            Some(id) => Some(
                self.shared
                    .fonts
                    .entry(id)
                    .or_insert_with(|| Rc::new(Font::new(dict)))
                    .clone(),
            ),
            None => Some(Rc::new(Font::new(dict))),
        }
    }

    /// Runs a form where it is shown; images are none.
    fn form(&mut self, form: &Stream<'_>, outer: &Resources<'_>, depth: usize) -> Result<(), &'static str> {
        let dict = form.dict();
        if dict.get::<Name<'_>>(keys::SUBTYPE).as_deref() != Some(b"Form") {
            self.shown.has_pictures = true;
            return Ok(());
        }
        let Ok(stream) = form.decoded_data() else {
            return Ok(());
        };
        let (state, saved) = (self.state.clone(), self.saved.len());
        if let Some(matrix) = dict.get::<[f64; 6]>(keys::MATRIX) {
            self.state.ctm = Matrix(matrix).then(self.state.ctm);
        }
        let own = dict.get::<Dict<'_>>(keys::RESOURCES).map(Resources::new);
        self.run(&stream, own.as_ref().unwrap_or(outer), depth + 1)?;
        self.state = state;
        self.saved.truncate(saved);
        Ok(())
    }

    fn move_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::translation(x, y).then(self.line);
        self.text = self.line;
    }

    fn show_all(&mut self, texts: &Array<'_>) {
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

    fn show(&mut self, text: &Bytes<'_>) {
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

    fn mark(&mut self, tag: &Name<'_>, properties: Option<&Dict<'_>>) {
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
    fn unmark(&mut self) {
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

    fn draw(&mut self, step: &Op<'_, '_>) {
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
